//! Killed controllers and killed zygotes leave no process behind: shown by killing them, while an
//! agent sleeps in a call that will never return.
//!
//! Without the usual harness, for the controller that is killed is this same program, told by its
//! first argument.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use ipc_conformance::history::{End, Event, EventKind};
use ipc_conformance::real::life::Life;
use ipc_conformance::real::shared::left;
use ipc_conformance::real::{Real, RealOptions};
use ipc_conformance::system::System;
use ipc_conformance::text::parse;
use ipc_model::outcome::Outcome;
use libtest_mimic::{Arguments, Failed, Trial};
use nix::libc;

const CONTROLLER: &str = "run-a-program-that-sleeps";
const DEADLINE: Duration = Duration::from_secs(30);
/// A reader that nobody will ever wake, and a child that sleeps too.
const SLEEPERS: &str = "A: pipe -> r w\nA: fork -> B\nA: read r 1\nB: readv r 1,1\n";
/// The same, each in the first of a list of calls.
const LISTS: &str = "A: pipe -> r w\nA: fork -> B\nA: read r 1\nB: readv r 1,1\nA: lseek r 0 SEEK_CUR\n\
                     B: read r 1\nA: read r 1\n";

/// Two that nobody forked.
const ROOTS: &str = "A: pipe -> r w\nA: read r 1\nB: pipe -> r w\nB: readv r 1,1\n";

/// Two that sleep, each in a process group of its own that the zygote knows nothing of.
const GROUPS: &str = "A: pipe -> r w\nA: fork -> B\nB: setpgid 0 0\nA: fork -> C\nA: setpgid C B\n\
                      B: fork -> D\nA: setpgid 0 0\nC: _exit 0\nA: read r 1\nB: _exit 0\n\
                      D: after B.3 readv r 1,1\n";

/// Two that sleep, and a name of shared memory.
const SHARED: &str = "A: shm_open \"/x\" O_RDWR O_CREAT 0600 -> m\nA: write m 9\nA: pipe -> r w\n\
                      A: fork -> B\nA: read r 1\nB: readv r 1,1\n";

fn main() {
    let mut args = std::env::args();
    if args.nth(1).as_deref() == Some(CONTROLLER) {
        return sleep_for_ever(&args.next().expect("a program"));
    }
    let trials = vec![
        Trial::test("a_killed_controller_leaves_nothing", a_killed_controller_leaves_nothing),
        Trial::test("an_interrupted_controller_leaves_nothing", an_interrupted_one_leaves_nothing),
        Trial::test(
            "a_killed_zygote_takes_its_agents_along",
            a_killed_zygote_takes_its_agents_along,
        ),
        Trial::test("both_killed_at_once_leave_nothing", both_killed_at_once_leave_nothing),
        Trial::test("all_three_killed_at_once_leave_no_root", all_three_killed_leave_no_root),
        Trial::test("groups_of_programs_are_apart_from_the_harness", groups_are_apart),
        Trial::test("a_dropped_system_leaves_nothing", a_dropped_system_leaves_nothing),
        Trial::test("a_deadline_ends_the_run_and_the_next_is_as_new", a_deadline_ends_the_run),
        Trial::test("a_root_that_sleeps_at_the_end_plays_again", a_sleeping_root_plays_again),
        Trial::test("a_run_after_a_killed_zygote_is_as_new", a_run_after_a_killed_zygote),
        Trial::test("names_of_shared_memory_go_with_their_program", shared_names_go_at_the_end),
        Trial::test("names_of_shared_memory_go_with_the_killed", shared_names_go_with_the_killed),
        Trial::test("segments_go_with_their_program", segments_go_with_their_program),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn options() -> RealOptions {
    RealOptions { program: env!("CARGO_BIN_EXE_ipc-conformance").into(), ..RealOptions::default() }
}

/// As the controller: without proof, sleep lasts as long as patience does.
fn sleep_for_ever(text: &str) {
    // Should the test that started this go away without a word, so does this.
    nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGKILL).expect("it can be set");
    // A shell that puts the test behind it with `&` has SIGINT ignored, and that would be inherited.
    let usual = nix::sys::signal::SigHandler::SigDfl;
    // SAFETY: nothing of this process handles the signal.
    unsafe { nix::sys::signal::signal(nix::sys::signal::Signal::SIGINT, usual) }
        .expect("it can be set");
    let long = 4 * DEADLINE;
    let options = RealOptions { proof: false, patience: long, deadline: long, ..options() };
    let mut real = Real::start(options).expect("the real system starts");
    let _ = real.run(&parse("sleepers", text).expect("a program"));
}

/// Where a family has its temporary files, and nobody else: what is left there nobody else sweeps away.
/// Removed with all that is in it.
struct Tmp(PathBuf);

impl Tmp {
    fn new() -> io::Result<Tmp> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("ipc-janitor-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path)?;
        Ok(Tmp(path))
    }

    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.0).into_iter().flatten().flatten();
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
    }
}

impl Drop for Tmp {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A controller whose agents are asleep, and everybody it has made.
struct Family {
    controller: Child,
    zygote: Life,
    others: Vec<Life>,
}

impl Family {
    fn start(text: &str, tmp: &Tmp) -> io::Result<Family> {
        let this = std::env::current_exe()?;
        let mut command = Command::new(this);
        command.args([CONTROLLER, text]).stdout(Stdio::null()).env("TMPDIR", &tmp.0);
        let mut controller = command.spawn()?;
        let pid = controller.id() as i32;
        let deadline = Instant::now() + DEADLINE;
        loop {
            let family = descendants(pid);
            let asleep = |call: i64| family.iter().any(|pid| sleeps_in(*pid, call));
            let asleep = asleep(libc::SYS_read) && asleep(libc::SYS_readv);
            let child = |of: i32| family.iter().copied().find(|p| parent(*p) == Some(of));
            let zygote = child(pid).and_then(child);
            let others = family.iter().copied().filter(|pid| Some(*pid) != zygote);
            let others: Vec<Life> = others.map(Life::of).collect();
            // An anchor and two agents, once those are gone that have nothing left but to exit.
            let living = others.iter().filter(|life| !life.ended()).count();
            if let (true, 3, Some(zygote)) = (asleep, living, zygote) {
                let scratch = format!("ipc-conformance-{pid}-0");
                assert!(tmp.names().contains(&scratch), "{scratch} is not among {:?}", tmp.names());
                return Ok(Family { controller, zygote: Life::of(zygote), others });
            }
            if Instant::now() > deadline {
                controller.kill()?;
                controller.wait()?;
                let error = format!("not two agents asleep, and nobody else: {living} live");
                return Err(io::Error::other(error));
            }
            std::thread::yield_now();
        }
    }

    /// Everybody but the controller is gone in time, and so is the directory that programs had.
    fn ends(self, tmp: &Tmp) -> Result<(), Failed> {
        let deadline = Instant::now() + DEADLINE;
        self.ends_by(deadline, || {
            while !tmp.names().is_empty() && Instant::now() < deadline {
                std::thread::yield_now();
            }
        })?;
        match &tmp.names()[..] {
            [] => Ok(()),
            names => Err(format!("{names:?} are left behind").into()),
        }
    }

    /// Everybody but the controller is gone in time; `then` comes before the controller's end.
    fn ends_by(mut self, deadline: Instant, then: impl FnOnce()) -> Result<(), Failed> {
        let mut all = self.others.iter().chain([&self.zygote]);
        let left = all.find(|life| !life.wait(deadline)).map(|life| life.pid);
        if left.is_none() {
            then();
        }
        let _ = self.controller.kill();
        self.controller.wait()?;
        match left {
            Some(pid) => Err(format!("process {pid} is left behind").into()),
            None => Ok(()),
        }
    }
}

fn a_killed_controller_leaves_nothing() -> Result<(), Failed> {
    for text in [SLEEPERS, LISTS, GROUPS] {
        let tmp = Tmp::new()?;
        let mut family = Family::start(text, &tmp)?;
        family.controller.kill()?;
        family.ends(&tmp)?;
    }
    Ok(())
}

fn an_interrupted_one_leaves_nothing() -> Result<(), Failed> {
    for text in [SLEEPERS, LISTS, GROUPS] {
        let tmp = Tmp::new()?;
        let family = Family::start(text, &tmp)?;
        let interrupted = ipc_impls::process::kill(family.controller.id() as i32, libc::SIGINT);
        interrupted.map_err(|errno| errno.to_string())?;
        family.ends(&tmp)?;
    }
    Ok(())
}

fn a_killed_zygote_takes_its_agents_along() -> Result<(), Failed> {
    for text in [SLEEPERS, LISTS, GROUPS] {
        let tmp = Tmp::new()?;
        let family = Family::start(text, &tmp)?;
        family.zygote.kill();
        family.ends(&tmp)?;
    }
    Ok(())
}

fn both_killed_at_once_leave_nothing() -> Result<(), Failed> {
    for text in [LISTS, GROUPS] {
        let tmp = Tmp::new()?;
        let mut family = Family::start(text, &tmp)?;
        // Stopped, the controller cannot help.
        ipc_impls::process::kill(family.controller.id() as i32, libc::SIGSTOP)
            .map_err(|errno| errno.to_string())?;
        family.zygote.kill();
        family.controller.kill()?;
        family.ends(&tmp)?;
    }
    Ok(())
}

fn all_three_killed_leave_no_root() -> Result<(), Failed> {
    let tmp = Tmp::new()?;
    let mut family = Family::start(ROOTS, &tmp)?;
    let above = parent(family.zygote.pid);
    let is_above = |life: &&Life| Some(life.pid) == above;
    let anchor = family.others.iter().find(is_above).ok_or("nobody is the zygote's parent")?;
    // Stopped, none of them can help.
    for pid in [family.controller.id() as i32, family.zygote.pid, anchor.pid] {
        ipc_impls::process::kill(pid, libc::SIGSTOP).map_err(|errno| errno.to_string())?;
    }
    anchor.kill();
    family.controller.kill()?;
    family.zygote.kill();
    family.ends_by(Instant::now() + DEADLINE, || ())?;
    // Nobody was left to remove their directory: the next run does, and leaves none of its own.
    let mut next = Family::start(ROOTS, &tmp)?;
    assert_eq!(tmp.names().len(), 1, "{:?}", tmp.names());
    next.controller.kill()?;
    next.ends(&tmp)
}

/// Nobody but the anchor is where a program could send signals to the harness, whatever groups it makes.
fn groups_are_apart() -> Result<(), Failed> {
    let tmp = Tmp::new()?;
    let mut family = Family::start(GROUPS, &tmp)?;
    let (controller, anchor) = (family.controller.id() as i32, parent(family.zygote.pid));
    let own = group(family.zygote.pid);
    assert_eq!(own, anchor, "the anchor leads a group");
    assert_ne!(group(controller), own);
    let agents = family.others.iter().filter(|life| Some(life.pid) != anchor);
    let groups: Vec<Option<i32>> = agents.map(|life| group(life.pid)).collect();
    assert!(groups.len() > 1 && !groups.contains(&own), "{groups:?}");
    assert!(!groups.contains(&group(controller)), "{groups:?}");
    family.controller.kill()?;
    family.ends(&tmp)
}

fn a_dropped_system_leaves_nothing() -> Result<(), Failed> {
    let mut real = Real::start(options())?;
    real.run(&parse("sleepers", SLEEPERS)?)?;
    let zygote = real.zygote().ok_or("no zygote")?;
    let family: Vec<Life> = descendants(zygote).into_iter().chain([zygote]).map(Life::of).collect();
    assert!(family.len() >= 2, "a zygote and an agent at least");
    drop(real);
    match family.iter().find(|life| !life.ended()) {
        Some(life) => Err(format!("process {} is left behind", life.pid).into()),
        None => Ok(()),
    }
}

fn a_deadline_ends_the_run() -> Result<(), Failed> {
    let hour = Duration::from_secs(3600);
    let options = RealOptions {
        proof: false,
        patience: hour,
        deadline: Duration::from_millis(500),
        ..options()
    };
    let mut real = Real::start(options)?;
    let first = real.zygote();
    let history = real.run(&parse("sleepers", SLEEPERS)?)?;
    assert!(matches!(&history.end, End::Deadline { busy } if busy.len() == 2), "{history:?}");
    assert_eq!(real.zygote(), None, "a zygote whose agents are busy is not kept");
    let history = real.run(&parse("quiet", "A: pipe -> r w\n")?)?;
    assert_eq!(history.end, End::Complete);
    assert_ne!(real.zygote(), first);
    Ok(())
}

fn a_sleeping_root_plays_again() -> Result<(), Failed> {
    let mut real = Real::start(options())?;
    let program = parse("sleepers", SLEEPERS)?;
    let mut families = Vec::new();
    for _ in 0..3 {
        assert_eq!(real.run(&program)?.end, End::Complete);
        families.push(descendants(real.zygote().ok_or("no zygote")?));
    }
    assert_eq!(families[0].len(), 1, "a root: {families:?}");
    assert!(families.iter().all(|family| *family == families[0]), "{families:?}");
    Ok(())
}

fn a_run_after_a_killed_zygote() -> Result<(), Failed> {
    let mut real = Real::start(options())?;
    let program = parse("quiet", "A: pipe -> r w\n")?;
    real.run(&program)?;
    let zygote = Life::of(real.zygote().ok_or("no zygote")?);
    zygote.kill();
    assert!(zygote.wait(Instant::now() + DEADLINE), "the zygote does not end");
    assert_eq!(real.run(&program)?.end, End::Complete);
    assert_ne!(real.zygote(), Some(zygote.pid));
    Ok(())
}

fn shared_names_go_at_the_end() -> Result<(), Failed> {
    let mut real = Real::start(options())?;
    let history = real.run(&parse("shared", SHARED)?)?;
    let directory = directory_of(real.zygote().ok_or("no zygote")?)?;
    assert_eq!(history.end, End::Complete);
    assert_eq!(left(&directory)?, [""; 0]);
    Ok(())
}

/// A key that one program has left behind is free for the next; both are in a namespace that ours is not.
fn segments_go_with_their_program() -> Result<(), Failed> {
    let mut real = Real::start(options())?;
    let zygote = real.zygote().ok_or("no zygote")?;
    let ours = std::fs::read_link("/proc/self/ns/ipc")?;
    if std::fs::read_link(format!("/proc/{zygote}/ns/ipc"))? == ours {
        eprintln!("no namespace can be had here, and no segment is made");
        return Ok(());
    }
    let text = "A: shmget KEY_A 4096 IPC_CREAT|IPC_EXCL 0600\nA: shmat 0 0 0\nA: store 0 8\n\
                A: load 0 8\n";
    let program = parse("segments", text)?;
    for _ in 0..3 {
        let history = real.run(&program)?;
        assert_eq!(history.end, End::Complete);
        let failed = |event: &Event| {
            matches!(&event.kind, EventKind::Return { outcome: Outcome::Failure(_), .. })
        };
        assert!(!history.events.iter().any(failed), "{:?}", history.events);
    }
    Ok(())
}

/// Whoever is killed, the others remove the names.
fn shared_names_go_with_the_killed() -> Result<(), Failed> {
    let both = |family: &mut Family| {
        // Stopped, the controller cannot help.
        let stopped = ipc_impls::process::kill(family.controller.id() as i32, libc::SIGSTOP);
        family.zygote.kill();
        stopped.is_ok() && family.controller.kill().is_ok()
    };
    let ways: [&dyn Fn(&mut Family) -> bool; 2] =
        [&|family| family.controller.kill().is_ok(), &both];
    for kill in ways {
        let tmp = Tmp::new()?;
        let mut family = Family::start(SHARED, &tmp)?;
        let directory = directory_of(family.zygote.pid)?;
        assert_eq!(left(&directory)?.len(), 1, "the name that the program has made");
        assert!(kill(&mut family), "they can be killed");
        family.ends(&tmp)?;
        let deadline = Instant::now() + DEADLINE;
        while !left(&directory)?.is_empty() || directory.exists() {
            assert!(Instant::now() < deadline, "left behind: {:?}", left(&directory)?);
            std::thread::yield_now();
        }
    }
    Ok(())
}

/// The directory that a fleet's programs have to themselves.
fn directory_of(zygote: i32) -> io::Result<PathBuf> {
    std::fs::read_link(format!("/proc/{zygote}/cwd"))
}

fn descendants(of: i32) -> Vec<i32> {
    let mut parents = BTreeMap::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let pid = entry.file_name().to_string_lossy().parse().ok();
        if let Some((pid, parent)) = pid.and_then(|pid| Some((pid, parent(pid)?))) {
            parents.insert(pid, parent);
        }
    }
    let descends = |pid: &i32| {
        let up = |pid: &i32| parents.get(pid).copied();
        std::iter::successors(up(pid), up).take(parents.len()).any(|above| above == of)
    };
    parents.keys().copied().filter(|pid| descends(pid)).collect()
}

fn parent(pid: i32) -> Option<i32> {
    stat(pid, 4)
}

fn group(pid: i32) -> Option<i32> {
    stat(pid, 5)
}

/// A field of `/proc/PID/stat`, by its number in `proc_pid_stat(5)`.
fn stat(pid: i32, field: usize) -> Option<i32> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.split_ascii_whitespace().nth(field - 3)?.parse().ok()
}

fn sleeps_in(pid: i32, call: i64) -> bool {
    let text = std::fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("syscall"));
    let number = text.ok().and_then(|text| text.split(' ').next()?.parse::<i64>().ok());
    number == Some(call)
}
