//! The runner: the process that makes the actors of a litmus program, batch after batch.
//!
//! ```text
//! controller ──exec──► runner ──fork──► root ──fork──► the other actors
//! ```
//! Each is killed when the one before it ends (`PR_SET_PDEATHSIG`), so that nothing outlives the
//! controller; the root ends last of all in every run of a program that is run so. What happened is
//! in the [`Arena`], on the runner's standard input.

use std::ffi::CStr;
use std::ops::Range;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use ipc_impls::process::{Forked, exit, fork};
use ipc_impls::signal::{self, Disposition};
use ipc_model::payload;
use nix::libc;
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

use super::actor::{Player, Scene, TROUBLED, Trouble, all_alive, give_up, step};
use super::arena::{Arena, FIRST, Shape, Word};
use super::plan::{Plan, Reuse};
use super::value;
use crate::program::{Operand, Program};
use crate::real::AgentFault;
use crate::real::agent::{Agent, close_range, limit_descriptors};
use crate::real::fault::perform;
use crate::real::layout::{BOARD_FD, FIRST_FD, HARNESS_FD_BASE, HARNESS_FD_END};
use crate::real::life::Life;
use crate::real::mapping::Mapping;
use crate::real::wire::Answer;
use crate::seed::Seeded;

/// The hidden subcommand that is the runner.
pub const LITMUS: &CStr = c"__litmus";

/// Sets of what the root makes, at most, for one batch.
const SETS: usize = 100;
/// Iterations of a batch in which the same processes, or the same root, do everything.
const ROUNDS: usize = 500;
/// How long a batch lasts, at most and about: the next one may find its processors less busy.
const SLICE: Duration = Duration::from_millis(100);
/// How often one root makes the others, where descriptors are used up.
const GROUPS: usize = 4;

/// What the runner is told, word by word, behind the program's text.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Orders {
    pub(super) plan: Plan,
    pub(super) iterations: usize,
    pub(super) seed: u64,
    pub(super) capacity: u64,
    pub(super) deadline: Duration,
    pub(super) fault: Option<AgentFault>,
    /// Who has started it.
    pub(super) parent: u32,
}

impl Orders {
    pub(super) fn words(&self) -> Vec<String> {
        let Orders { plan, iterations, seed, capacity, deadline, fault, parent } = self;
        let (root, makes, forks) = (plan.root, plan.makes, plan.forks);
        let numbers =
            [root as u64, makes as u64, forks as u64, *iterations as u64, *seed, *capacity];
        let mut words: Vec<String> = numbers.iter().map(u64::to_string).collect();
        words.push(deadline.as_millis().to_string());
        words.push(parent.to_string());
        words.push(plan.reuse.word().to_owned());
        words.push(fault.map_or("none", AgentFault::name).to_owned());
        words
    }

    fn read(words: &[&str]) -> Option<Orders> {
        let [numbers @ .., reuse, fault] = words else { return None };
        let numbers: Option<Vec<u64>> = numbers.iter().map(|word| word.parse().ok()).collect();
        let [root, makes, forks, iterations, seed, capacity, deadline, parent] = numbers?[..]
        else {
            return None;
        };
        let (root, makes, forks) = (root as usize, makes as usize, forks as usize);
        Some(Orders {
            plan: Plan { root, makes, forks, reuse: Reuse::parse(reuse)? },
            iterations: iterations as usize,
            seed,
            capacity,
            deadline: Duration::from_millis(deadline),
            fault: AgentFault::parse(fault),
            parent: parent as u32,
        })
    }
}

/// Runs the runner; its exit status.
pub fn litmus_main(args: &[&CStr]) -> i32 {
    let words: Option<Vec<&str>> = args.iter().map(|arg| arg.to_str().ok()).collect();
    let Some([text, orders @ ..]) = words.as_deref() else { return 2 };
    let Some(orders) = Orders::read(orders) else { return 2 };
    let Ok(program) = crate::text::parse("litmus", text) else { return 2 };
    if !ends_with(orders.parent) {
        return 2;
    }
    be_plain();
    // SAFETY: the controller has put the arena there; it is open until it is mapped.
    let memory = unsafe { BorrowedFd::borrow_raw(0) };
    let Ok(arena) = Arena::of(Shape::of(&program, orders.iterations), memory) else { return 2 };
    let Some(mut agent) = take_places(orders.fault) else {
        arena.set(Word::Trouble, Trouble::Make.word(0));
        return TROUBLED;
    };
    let (plan, capacity, deadline) = (orders.plan.clone(), orders.capacity, orders.deadline);
    let scene = Scene { program: &program, plan, arena, capacity, deadline, looks: 0 };
    run(scene, &mut agent, &orders)
}

/// Asks to be killed when the parent ends; false if it has already.
pub(super) fn ends_with(parent: u32) -> bool {
    let asked = nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGKILL).is_ok();
    asked && std::os::unix::process::parent_id() == parent
}

/// Leaves nothing of what the controller's surroundings may have set.
pub(super) fn be_plain() {
    close_range(FIRST_FD, i32::MAX);
    for number in 1..=libc::SIGRTMAX() {
        let _ = signal::sigaction(number, Disposition::Default);
    }
    let _ = signal::sigprocmask(libc::SIG_SETMASK, &[]);
    // SAFETY: takes numbers and no memory.
    unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) };
}

/// The hands of all actors, with the memory that their calls move bytes through; and `/dev/null` as
/// everybody's standard streams.
fn take_places(fault: Option<AgentFault>) -> Option<Agent> {
    limit_descriptors(u32::MAX);
    let (_, memory) = Mapping::create().ok()?;
    ipc_impls::descriptor::dup3(memory.as_raw_fd(), BOARD_FD, 0).ok()?;
    drop(memory);
    let null = std::fs::File::options().read(true).write(true).open("/dev/null").ok()?;
    for standard in 0..FIRST_FD {
        ipc_impls::descriptor::dup3(null.as_raw_fd(), standard, 0).ok()?;
    }
    drop(null);
    let most = HARNESS_FD_BASE as u32 - 1;
    limit_descriptors(most);
    Agent::new(0, most, fault)
}

fn run(mut scene: Scene<'_>, agent: &mut Agent, orders: &Orders) -> i32 {
    let all = processors();
    let size = Size::of(scene.program, orders.plan.reuse);
    let mut first = 0;
    for batch in 0.. {
        let left = orders.iterations - first;
        if left == 0 || (first > 0 && scene.arena.get(Word::Enough) != 0) {
            break;
        }
        let iterations = first..first + left.min(size.groups * size.rounds);
        all_alive(&scene, iterations.clone());
        let places = places(&all, batch);
        scene.looks = if places.len() == 1 { 0 } else { u32::MAX };
        let random = Seeded::new(orders.seed, batch as u64);
        let own = std::process::id();
        // SAFETY: this process has one thread.
        match unsafe { fork() } {
            Ok(Forked::Child) if ends_with(own) => {
                be_root(&scene, agent, iterations, size, &places, random)
            }
            Ok(Forked::Child) => exit(2),
            Ok(Forked::Parent(pid)) => {
                if !over(&scene, pid) {
                    scene.arena.set(Word::Trouble, Trouble::Late.word(0));
                }
            }
            Err(_) => scene.arena.set(Word::Trouble, Trouble::Fork.word(0)),
        }
        let done = scene.arena.get(Word::Done) as usize;
        // A root that ended without a word has gone no further, which must not go on for ever.
        if scene.arena.get(Word::Trouble) != 0 || done == first {
            return TROUBLED;
        }
        first = done;
    }
    0
}

/// How large a batch is.
#[derive(Clone, Copy)]
struct Size {
    /// How often the root makes the other actors.
    groups: usize,
    /// How many iterations those live for.
    rounds: usize,
    /// How many sets of what the root makes there are for them.
    sets: usize,
}

impl Size {
    fn of(program: &Program, reuse: Reuse) -> Size {
        let each: usize = program.lines.iter().map(|line| line.binds.len()).sum();
        let sets = ((HARNESS_FD_BASE as usize - 100) / each.max(1)).clamp(1, SETS);
        let (groups, rounds, sets) = match reuse {
            Reuse::All => (1, ROUNDS, 1),
            Reuse::Processes => (GROUPS, sets, sets),
            Reuse::Root => (ROUNDS, 1, 1),
            Reuse::Nothing => (1, 1, 1),
        };
        Size { groups, rounds, sets }
    }
}

/// Waits for the end of the root, by force when nothing goes on until the deadline, and collects
/// everybody; whether it ended by itself.
fn over(scene: &Scene<'_>, pid: libc::pid_t) -> bool {
    let life = Life::of(pid);
    let mut done = scene.arena.get(Word::Done);
    let mut in_time = true;
    while in_time && !life.wait(Instant::now() + scene.deadline) {
        let now = scene.arena.get(Word::Done);
        in_time = now != done;
        done = now;
    }
    if !in_time {
        life.kill();
    }
    // All of them end with the root: whoever is left then has been sent `SIGKILL`.
    // SAFETY: a null status is allowed.
    while unsafe { libc::waitpid(-1, std::ptr::null_mut(), 0) } > 0 {}
    in_time
}

/// The root's part: makes what is needed and the others, and leads the iterations.
fn be_root(
    scene: &Scene<'_>,
    agent: &mut Agent,
    iterations: Range<usize>,
    size: Size,
    places: &[CpuSet],
    mut random: Seeded,
) -> ! {
    pin(places, scene.plan.root);
    let until = Instant::now() + SLICE;
    let mut first = iterations.start;
    while first < iterations.end {
        let rounds = size.rounds.min(iterations.end - first);
        group(scene, agent, first, (rounds, size.sets), until, places, &mut random);
        first += rounds;
        if is_over(scene, until) || scene.arena.get(Word::Done) as usize != first {
            break;
        }
        close_range(FIRST_FD, HARNESS_FD_BASE - 1);
        close_range(HARNESS_FD_END, i32::MAX);
    }
    exit(0)
}

/// Whether a batch shall end now.
fn is_over(scene: &Scene<'_>, until: Instant) -> bool {
    Instant::now() > until || scene.arena.get(Word::Enough) != 0
}

/// Some iterations by the same processes, up to the first in which one of them ends.
fn group(
    scene: &Scene<'_>,
    agent: &mut Agent,
    first: usize,
    (rounds, sets): (usize, usize),
    until: Instant,
    places: &[CpuSet],
    random: &mut Seeded,
) {
    scene.arena.rewind();
    agent.begin(scene.plan.root);
    let sets = sets.min(rounds);
    let names: Vec<Vec<i32>> = (first..first + sets).map(|at| make(scene, agent, at)).collect();
    if sets < rounds {
        copy_results(scene, first, rounds);
    }
    let own = std::process::id();
    let mut children = Vec::new();
    for line in &scene.program.lines[scene.plan.makes..scene.plan.forks] {
        let actor = usize::from(line.child.unwrap_or_default());
        let random = Seeded::new(random.draw(), actor as u64);
        // SAFETY: this process has one thread.
        match unsafe { fork() } {
            Ok(Forked::Child) if ends_with(own) => {
                agent.begin(actor);
                pin(places, actor);
                follow(Player::new(scene, agent, (actor, first), names, random), rounds, sets)
            }
            Ok(Forked::Child) => exit(2),
            Ok(Forked::Parent(pid)) => {
                scene.arena.set(Word::Pid(actor), pid as u32);
                children.push((actor, pid));
            }
            Err(_) => give_up(&scene.arena, Trouble::Fork, 0),
        }
    }
    let random = Seeded::new(random.draw(), scene.plan.root as u64);
    let root = Player::new(scene, agent, (scene.plan.root, first), names, random);
    lead(root.with_children(children), scene, first, (rounds, sets), until);
}

fn lead(
    mut root: Player<'_, '_>,
    scene: &Scene<'_>,
    first: usize,
    (rounds, sets): (usize, usize),
    until: Instant,
) {
    for round in 0..rounds {
        scene.arena.set(Word::Go, round as u32 + 1);
        let through = root.iterate(round, round % sets).and_then(|()| root.await_all(round));
        // Somebody has said why.
        let Ok(all_live) = through else { exit(TROUBLED) };
        scene.arena.set(Word::Done, (first + round + 1) as u32);
        if !all_live || round + 1 == rounds || is_over(scene, until) {
            root.dismiss(round);
            return;
        }
    }
}

/// The part of the others. They end when they are told to, and not when they are through: an end
/// that comes by itself is something else.
fn follow(mut player: Player<'_, '_>, rounds: usize, sets: usize) -> ! {
    for round in 0..rounds {
        let go = player.await_go(round).and_then(|()| player.iterate(round, round % sets));
        if go.is_err() {
            exit(0);
        }
    }
    let _ = player.await_go(rounds);
    exit(0)
}

/// Runs the lines above the forks for one set, from iteration `at` on, and gives the descriptors by
/// name.
fn make(scene: &Scene<'_>, agent: &mut Agent, at: usize) -> Vec<i32> {
    let mut names = vec![-1; scene.program.names.len()];
    for line in 0..scene.plan.makes {
        let text = &scene.program.lines[line];
        let (mut step, driver) = step(scene.program, line);
        for (arg, operand) in text.args.iter().enumerate() {
            if let Operand::Name(name) = operand {
                step.args[arg][0] = names[usize::from(*name)].into();
            }
        }
        if text.operation.sends() {
            payload::fill(step.tag, 0, agent.area(text.sends() as usize));
        }
        let answer = perform(agent, driver, &step);
        match &answer {
            Answer::Failed(_) | Answer::Absent(_) => give_up(&scene.arena, Trouble::Make, line),
            Answer::Fd(_) | Answer::Fds(_) => {
                for (name, fd) in text.binds.iter().zip(answer.fds()) {
                    names[usize::from(*name)] = *fd;
                }
            }
            _ => {}
        }
        let probed = driver.probe.and_then(|probe| probe(&answer));
        if probed.is_some_and(|capacity| capacity != scene.capacity) {
            give_up(&scene.arena, Trouble::Capacity, line);
        }
        let received = answer.received();
        let seen = value::seen(&answer, agent.area(received), None);
        match scene.arena.number(line, seen) {
            Some(number) => scene.arena.result(at, line).store(number, Ordering::Release),
            None => give_up(&scene.arena, Trouble::Values, line),
        }
    }
    for line in scene.plan.makes..scene.plan.forks {
        scene.arena.result(at, line).store(FIRST, Ordering::Release);
    }
    names
}

/// What was made once was made for all iterations of the batch.
fn copy_results(scene: &Scene<'_>, first: usize, rounds: usize) {
    for line in 0..scene.plan.forks {
        let made = scene.arena.result(first, line).load(Ordering::Relaxed);
        for round in 1..rounds {
            scene.arena.result(first + round, line).store(made, Ordering::Relaxed);
        }
    }
}

/// The processors that this process may use, one by one.
pub(super) fn processors() -> Vec<usize> {
    let may = sched_getaffinity(Pid::from_raw(0));
    let is_ours = |cpu: &usize| may.is_ok_and(|set| set.is_set(*cpu).unwrap_or(false));
    (0..CpuSet::count()).filter(is_ours).collect()
}

/// Where the actors of a batch run: each on a processor of its own as far as there are some,
/// anywhere, or all on one. None of these shows all orders.
fn places(all: &[usize], batch: usize) -> Vec<CpuSet> {
    let set = |cpus: &[usize]| {
        let mut set = CpuSet::new();
        for cpu in cpus {
            let _ = set.set(*cpu);
        }
        set
    };
    match batch % 4 {
        _ if all.is_empty() => Vec::new(),
        0 | 1 => (0..all.len()).map(|cpu| set(&[all[(cpu + batch) % all.len()]])).collect(),
        2 => vec![set(all); 2],
        _ => vec![set(&[all[batch / 4 % all.len()]])],
    }
}

fn pin(places: &[CpuSet], actor: usize) {
    if let Some(place) = places.get(actor % places.len().max(1)) {
        let _ = sched_setaffinity(Pid::from_raw(0), place);
    }
}
