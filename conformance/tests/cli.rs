//! The program as people meet it: what it prints, and its exit status.

use std::fs;
use std::io::Write as _;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{SigHandler, Signal};
use serde_json::Value;

/// A folder that is the current one of what is run in it, and gone when the test is over.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("ipc-cli-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder");
        Folder(path)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ipc-conformance"));
        command.args(line.split_whitespace()).current_dir(&self.0).stdin(Stdio::null());
        command
    }

    fn run(&self, line: &str) -> Said {
        Said::of(self.command(line).output().expect("the program runs"))
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).expect("the folder is there");
        let name = |entry: std::io::Result<fs::DirEntry>| entry.expect("an entry").file_name();
        entries.map(|entry| name(entry).to_string_lossy().into_owned()).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[derive(Debug)]
struct Said {
    status: Option<i32>,
    out: String,
    err: String,
}

impl Said {
    fn of(output: Output) -> Said {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("it speaks UTF-8");
        Said { status: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// One error and nothing else, with exit status 2.
    #[track_caller]
    fn refuses(&self, word: &str) {
        assert_eq!(self.status, Some(2), "{self:#?}");
        assert_eq!(self.err.matches("error:").count(), 1, "{self:#?}");
        assert!(self.err.contains(word), "no {word:?} in {self:#?}");
        assert!(!self.err.contains("panicked"), "{self:#?}");
    }
}

fn report(path: &Path) -> Value {
    let text = fs::read_to_string(path).expect("the report is there");
    serde_json::from_str(&text).expect("the report is JSON")
}

#[test]
fn it_helps() {
    let folder = Folder::new("help");
    let said = folder.run("--help");
    assert_eq!(said.status, Some(0));
    for code in ["0  ", "1  ", "2  ", "4  ", "5  ", "6  ", "70  ", "130  "] {
        assert!(said.out.contains(&format!("\n  {code}")), "no {code:?} in {}", said.out);
    }
    insta::assert_snapshot!("help", said.out);
    let said = folder.run("run --help");
    assert_eq!(said.status, Some(0));
    insta::assert_snapshot!("help-run", said.out);
}

#[test]
fn what_is_malformed_is_refused_with_a_remedy() {
    let folder = Folder::new("malformed");
    fs::write(folder.path("covers.ipc"), "covers pipe.read.eoff\nA: pipe -> r w\n").unwrap();
    fs::write(folder.path("syntax.ipc"), "A: pipe -> r w\nA: raed r 1\n").unwrap();
    fs::write(folder.path("cut.jsonl"), "{\"format\":\"ipc-history\"").unwrap();
    folder.run("fly").refuses("unrecognized subcommand");
    folder.run("run --fast").refuses("--fast");
    folder.run("run --profile solaris").refuses("posix2024");
    folder.run("run --seed pi").refuses("decimal or 0x");
    folder.run("run --budget 5d").refuses("90s");
    folder.run("run --deadline 0").refuses("1..=86400");
    folder.run("explain pipe.read.eoff").refuses("did you mean pipe.read.eof?");
    folder.run("explain nonsense").refuses("list clauses");
    folder.run("replay nowhere.ipc").refuses("cannot read nowhere.ipc");
    folder.run("replay covers.ipc").refuses("covers.ipc:1:8");
    folder.run("replay syntax.ipc").refuses("syntax.ipc:2:4");
    folder.run("check cut.jsonl").refuses("cut.jsonl:1");
    folder.run("check nowhere.jsonl").refuses("cannot read nowhere.jsonl");
    folder.run("run --out .").refuses("covers.ipc:1:8");
}

#[test]
fn what_cannot_be_written_is_known_before_anything_is_run() {
    let folder = Folder::new("unwritable");
    folder
        .run("run capacity --json nowhere/report.json")
        .refuses("cannot write nowhere/report.json");
    folder.run("run capacity --json .").refuses("cannot write");
    folder.run("litmus --until-seen").refuses("--memory leaves those out");
    folder.run("litmus SB+machine --system sim --until-seen").refuses("leave one of the two out");
    folder.run("record pipe/capacity -o nowhere/h.jsonl").refuses("cannot write nowhere/h.jsonl");
    let said = folder.run("run capacity --json /dev/full");
    said.refuses("No space left on device");
    assert!(Path::new("/dev/full").exists());
    let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("it is there");
    let output = folder.command("list clauses").stdout(full).output().expect("it runs");
    Said::of(output).refuses("cannot write to standard output");
    assert_eq!(folder.names(), [""; 0]);
}

#[test]
fn nothing_selected_is_no_pass() {
    let said = Folder::new("nothing").run("run nonsense");
    assert_eq!(said.status, Some(4), "{said:#?}");
    assert!(said.err.contains("nothing to run"), "{said:#?}");
}

#[test]
fn scenarios_and_random_programs_conform_and_are_reported() {
    let folder = Folder::new("conforms");
    let said = folder.run("run --system sim --random 50 --seed 7 --json report.json");
    assert_eq!(said.status, Some(0), "{said:#?}");
    assert!(said.out.contains("random      50 programs: conforms 50; seed 0x7"), "{said:#?}");
    assert!(said.out.contains("A skip, unsupported or inconclusive is not a pass."));
    let report = report(&folder.path("report.json"));
    assert_eq!(report["schema"], "ipc-conformance-report/1");
    assert_eq!(report["conclusion"], "conforms");
    assert_eq!(report["complete"], true);
    assert_eq!(report["random"]["programs"], 50);
    assert_eq!(report["seed"], "0x7");
    let all = report["scenarios"].as_array().expect("a list");
    assert_eq!(report["summary"]["conforms"], all.len() - 1);
    assert_eq!(report["summary"]["contradiction"], 1);
    let contradiction = |clause: &&Value| clause["status"] == "contradiction";
    let clauses = report["clauses"].as_array().expect("a list");
    let listed: Vec<&Value> = clauses.iter().filter(contradiction).map(|it| &it["id"]).collect();
    let known = [
        "pipe.pipe2.clofork",
        "pipe.fstat.stamp.marked.nameless",
        "name.unlink.err.eperm",
        "file.read.receives",
        "file.write.puts",
        "process.waitpid.clears",
        "process.waitid.blocks.ended",
        "process.waitid.nothing.ended",
        "signal.kill.all.self",
        "signal.kill.all.sent",
        "signal.altstack.err.einval",
        "signal.delivery.stops.continues",
        "timer.settime.cancels.quiet",
        "socket.listen.err.edestaddrreq",
        "socket.connect.err.eopnotsupp",
        "socket.recv.err.enotconn.stream",
        "socket.shutdown.err.enotconn.apart",
    ];
    assert_eq!(listed, known);
    assert_eq!(folder.names(), ["report.json"]);
}

#[test]
fn a_program_of_a_seed_is_always_the_same() {
    let folder = Folder::new("seed");
    let run = |line: &str| {
        let said = folder.run(line);
        assert_eq!(said.status, Some(0), "{said:#?}");
        let timeless = said.out.lines().filter(|line| !line.starts_with("result"));
        timeless.map(|line| format!("{line}\n")).collect::<String>()
    };
    let once = run("run nothing --system sim --random 40 --seed 9 --jobs 1");
    assert_eq!(once, run("run nothing --system sim --random 40 --seed 0x9 --jobs 3"));
    assert_ne!(once, run("run nothing --system sim --random 40 --seed 10"));
    assert_ne!(once, run("run nothing --system sim --random 40 --seed 9 --from 20"));
}

#[test]
fn a_random_program_is_replayed_by_its_name() {
    let folder = Folder::new("named");
    let said = folder.run("replay random:0x9:3 --system sim");
    assert_eq!(said.status, Some(0), "{said:?}");
    assert!(said.out.contains("random:0x9:3: conforms"), "{said:?}");
    assert_eq!(said.out, folder.run("replay random:9:3 --system sim").out.replace(":9:", ":0x9:"));
    for bad in ["random:", "random:9", "random:x:3", "random:9:-1"] {
        folder.run(&format!("replay {bad}")).refuses(&format!("cannot read {bad}"));
    }
}

#[test]
fn this_machine_conforms() {
    let folder = Folder::new("real");
    let said = folder.run("run eof --random 20 --seed 1");
    assert_eq!(said.status, Some(0), "{said:#?}");
    let line = said.out.lines().find(|line| line.starts_with("random")).expect("it counts them");
    assert!(line.starts_with("random      20 programs: conforms "), "{said:#?}");
    // Where it may not have what some need, these are counted as that.
    let bad = ["deviates", "inconclusive", "broken", "not-run"].map(|word| line.contains(word));
    assert_eq!(bad, [false; 4], "{said:#?}");
}

#[test]
fn a_fault_is_found_shrunk_stored_and_replayed() {
    let folder = Folder::new("fault");
    let fault = "--fault eof-sleeps";
    let line = format!("run no-such-name --random 60 --seed 2 --json report.json {fault}");
    let said = folder.run(&line);
    assert_eq!(said.status, Some(1), "{said:#?}");
    let first = said.out.lines().next().expect("it says something");
    assert!(first.starts_with("pipe.read.eof: "), "{first}");
    assert!(first.ends_with("is asleep, allowed {0 bytes}"), "{first}");
    let stored: Vec<PathBuf> = fs::read_dir(folder.path("ipc-regressions"))
        .expect("programs were stored")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    let name = stored[0].file_name().expect("it has a name").to_string_lossy();
    assert!(name.starts_with("pipe.read.eof-") && name.ends_with(".ipc"), "{name}");
    let text = fs::read_to_string(&stored[0]).expect("it can be read");
    let calls = text.lines().filter(|line| line.contains(": ")).count();
    assert!(calls <= 6, "{text}");
    let report = report(&folder.path("report.json"));
    assert_eq!(report["conclusion"], "deviates");
    assert_eq!(report["exit_status"], 1);
    assert_eq!(report["deviations"][0]["headline"], first);
    let path = report["deviations"][0]["replay"].as_str().expect("it was stored").to_owned();
    assert_eq!(report["deviations"][0]["history"][0]["format"], "ipc-history");

    assert_eq!(folder.run(&format!("replay {path} {fault}")).status, Some(1));
    assert_eq!(folder.run(&format!("replay {path} --times 3")).status, Some(0));
    let again = folder.run(&format!("run {name} {fault}"));
    assert_eq!(again.status, Some(1), "{again:#?}");
    assert!(again.out.contains("stored      1: conforms 0, deviates 1"), "{again:#?}");
    let fixed = folder.run(&format!("run {name}"));
    assert_eq!(fixed.status, Some(0), "{fixed:#?}");
    assert!(fixed.out.contains("stored      1: conforms 1"), "{fixed:#?}");
}

#[test]
fn sleep_that_was_waited_for_is_told_to_be_suspect() {
    let folder = Folder::new("suspect");
    let program = "A: pipe -> r w\nA: close w\nA: read r 1\n";
    fs::write(folder.path("late.ipc"), program).unwrap();
    let said = folder.run("replay late.ipc --no-proof --fault eof-sleeps");
    assert_eq!(said.status, Some(1), "{said:#?}");
    assert!(said.out.contains("waited for, not proven, in more than one run"), "{said:#?}");
}

#[test]
fn a_scenario_that_does_not_exercise_what_it_covers_is_red() {
    let folder = Folder::new("not-exercised");
    fs::write(folder.path("idle.ipc"), "covers pipe.read.eof\nA: pipe -> r w\n").unwrap();
    let said = folder.run("replay idle.ipc --system sim");
    assert_eq!(said.status, Some(1), "{said:#?}");
    assert!(said.out.contains("idle.ipc: not-exercised: pipe.read.eof"), "{said:#?}");
}

#[test]
fn what_shows_nothing_is_no_pass() {
    let folder = Folder::new("shows-nothing");
    let said = folder.run("replay pipe/close-on-fork-flag --system sim");
    assert_eq!(said.status, Some(5), "{said:#?}");
    assert!(said.out.contains("contradiction: pipe.pipe2.clofork"), "{said:#?}");
    let said = folder.run("replay pipe/capacity --system sim --profile posix2024");
    assert_eq!(said.status, Some(5), "{said:#?}");
    assert!(said.out.contains("pipe/capacity: unsupported"), "{said:#?}");
}

#[test]
fn histories_are_recorded_and_judged_elsewhere() {
    let folder = Folder::new("histories");
    let said = folder.run("record pipe/bytes-in-order -o good.jsonl --system sim");
    assert_eq!(said.status, Some(0), "{said:#?}");
    let good = fs::read_to_string(folder.path("good.jsonl")).expect("it was written");
    assert_eq!(folder.run("check good.jsonl").out, "good.jsonl: conforms\n");
    let said = folder.run("check --text good.jsonl");
    assert_eq!(said.status, Some(0), "{said:#?}");
    assert!(said.out.starts_with("ipc-history-text 1\nsystem "), "{said:#?}");
    assert!(said.out.contains(" w2[0..4]") && said.out.ends_with("end complete\n"), "{said:#?}");

    let bad = good.replacen("\"w2[0..4]\"", "\"w2[1..5]\"", 1);
    assert_ne!(good, bad);
    fs::write(folder.path("bad.jsonl"), bad).unwrap();
    let said = folder.run("check good.jsonl bad.jsonl");
    assert_eq!(said.status, Some(1), "{said:#?}");
    assert!(said.out.contains("good.jsonl: conforms\n"), "{said:#?}");
    assert!(said.out.contains("bad.jsonl: deviates\n"), "{said:#?}");
    assert!(said.out.contains("ipc-conformance check --profile linux bad.jsonl"), "{said:#?}");

    fs::write(folder.path("cut.jsonl"), good.trim_end().rsplit_once('\n').unwrap().0).unwrap();
    folder.run("check good.jsonl cut.jsonl").refuses("cut off");
}

#[test]
fn an_interrupt_ends_it_in_order() {
    let folder = Folder::new("interrupt");
    let mut command = folder.command("run nothing --random 10000000 --json report.json");
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().expect("it starts");
    let pid = nix::unistd::Pid::from_raw(child.id() as i32);
    wait_for(|| started_an_agent(child.id()));
    nix::sys::signal::kill(pid, Signal::SIGINT).expect("it is there");
    let said = Said::of(child.wait_with_output().expect("it ends"));
    assert_eq!(said.status, Some(130), "{said:#?}");
    assert!(said.out.contains("result      interrupted"), "{said:#?}");
    assert_eq!(folder.names(), ["report.json"]);
    let report = report(&folder.path("report.json"));
    assert_eq!(report["complete"], false);
    assert_eq!(report["conclusion"], "interrupted");
}

#[test]
fn whoever_is_ended_on_the_way_leaves_nothing_beside_its_files() {
    let lines = [
        ("teeth --page page.md --json matrix.json --random 20 --jobs 2", Signal::SIGTERM),
        ("teeth --page page.md --random 20 --jobs 2", Signal::SIGINT),
        ("run nothing --random 10000000 --json report.json", Signal::SIGKILL),
    ];
    for (line, signal) in lines {
        let folder = Folder::new("ended");
        let mut command = folder.command(line);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let heed = || {
            // Who tests in the background may ignore it, and so would the child.
            // SAFETY: no handler is installed.
            unsafe { nix::sys::signal::signal(Signal::SIGINT, SigHandler::SigDfl) }?;
            Ok(())
        };
        // SAFETY: what is called between fork and exec is one system call.
        unsafe { command.pre_exec(heed) };
        let mut child = command.spawn().expect("it starts");
        // Whatever is checked first has been: the workers are there.
        wait_for(|| threads(child.id()) > 1);
        let pid = nix::unistd::Pid::from_raw(child.id() as i32);
        nix::sys::signal::kill(pid, signal).expect("it is there");
        let status = child.wait().expect("it ends");
        assert_eq!(status.signal(), Some(signal as i32), "{line}");
        assert_eq!(folder.names(), [""; 0], "{line}");
    }
}

#[test]
fn a_small_world_is_explored() {
    let folder = Folder::new("explore");
    let said = folder.run("explore signals-posix");
    assert_eq!(said.status, Some(0), "{said:#?}");
    let holds = said.out.lines().filter(|line| line.starts_with("  always      holds"));
    assert!(holds.count() >= 10 && said.out.contains(", as pinned\n"), "{said:#?}");
    assert!(said.out.contains("  sometimes   seen   SIGPIPE ends a writer\n"), "{said:#?}");
    assert!(said.out.contains("pipe.read.zero: never: it asks for no bytes\n"), "{said:#?}");
    assert_eq!(folder.run("explore").out, folder.run("list scopes").out);
    assert_eq!(folder.run("explore waits --most 50").status, Some(5), "it is cut off");
    folder.run("explore one-pipe flatland").refuses("there are one-pipe, long-writes");
    folder.run("explore waits --most 0").refuses("--most");
}

#[test]
fn a_small_world_is_walked_through_by_a_script() {
    let folder = Folder::new("walk");
    let walk = |words: &[u8]| {
        let mut command = folder.command("explore one-pipe --walk");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let mut input = child.stdin.take().expect("it is piped");
        input.write_all(words).expect("it listens");
        drop(input);
        Said::of(child.wait_with_output().expect("it ends"))
    };
    let said = walk(b"6\n1\n2\n1\n1\np\nback\nq\n");
    assert_eq!(said.status, Some(0), "{said:#?}");
    assert_eq!(said.out, ipc_conformance::worlds::walk_example());
    let ended = walk(b"6\n");
    assert_eq!(ended.status, Some(0), "{ended:#?}");
    assert!(ended.out.ends_with("\n> \n"), "{ended:#?}");
    walk(b"\xff\n").refuses("standard input");
    folder.run("explore --walk").refuses("name one scope");
    folder.run("explore one-pipe waits --walk").refuses("name one scope");
}

/// How many threads a process has.
fn threads(pid: u32) -> usize {
    fs::read_dir(format!("/proc/{pid}/task")).map_or(0, Iterator::count)
}

/// Whether a process has a child, so that its handlers are in place.
fn started_an_agent(pid: u32) -> bool {
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else { return false };
    threads.flatten().any(|thread| {
        let children = fs::read_to_string(thread.path().join("children"));
        children.is_ok_and(|children| !children.trim().is_empty())
    })
}

fn wait_for(condition: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !condition() {
        assert!(Instant::now() < deadline, "it never came");
        std::thread::yield_now();
    }
}
