//! The runner: the process that makes the processes of a test, and collects them.
//!
//! ```text
//! controller ──exec──► runner ──fork──► one process for each of the test's
//! ```
//! Each is killed when the one before it ends (`PR_SET_PDEATHSIG`), so that nothing outlives the
//! controller; and it is the runner that ends and collects processes that do not go on. What happened is in the arena, on the runner's standard input.

use std::ffi::CStr;
use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

use ipc_impls::process::{Forked, Status, exit, fork, waitpid};
use ipc_model::order::shapes::{Classic, Way, classic};
use ipc_model::order::test::Test;
use memmap2::{MmapOptions, MmapRaw};

use super::super::runner::{be_plain, ends_with, processors};
use super::actor::{Scene, play};
use super::arena::{Arena, Word};
use super::edge::Link;
use crate::real::AgentFault;
use crate::real::life::Life;

/// The hidden subcommand that is the runner.
pub const MEMORY: &CStr = c"__memory";

/// How much further down than the one before a process has the memory.
const ASIDE: usize = 1 << 20;
/// How often to look whether somebody goes on.
const LOOK: Duration = Duration::from_millis(20);
/// The exit status of a runner that has said what went wrong.
const TROUBLED: i32 = 81;

/// What can go wrong, as it is written down.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Trouble {
    /// A process could not be made.
    Fork = 1,
    /// The memory could not be mapped.
    Map,
    /// A process ended before its time.
    Ended,
    /// There are too few processors.
    Processors,
    /// Nobody went on until the deadline.
    Late,
    /// A call failed by which a message is passed.
    Call,
}

impl Trouble {
    /// What a word says.
    pub(super) fn of(word: u32) -> Option<Trouble> {
        use Trouble::{Call, Ended, Fork, Late, Map, Processors};
        let all = [Fork, Map, Ended, Processors, Late, Call];
        all.into_iter().find(|one| *one as u32 == word)
    }
}

/// What the runner is told, word by word.
pub(super) struct Orders {
    pub(super) name: String,
    pub(super) iterations: u64,
    pub(super) seed: u64,
    /// How long nobody may go on.
    pub(super) deadline: Duration,
    pub(super) fault: Option<AgentFault>,
    /// Who has started it.
    pub(super) parent: u32,
}

impl Orders {
    pub(super) fn words(&self) -> Vec<String> {
        let fault = self.fault.map_or("none", AgentFault::name).to_owned();
        let deadline = self.deadline.as_millis() as u64;
        let numbers = [self.iterations, self.seed, deadline, self.parent.into()];
        let mut words = vec![self.name.clone(), fault];
        words.extend(numbers.iter().map(u64::to_string));
        words
    }

    fn read(words: &[&CStr]) -> Option<Orders> {
        let words: Option<Vec<&str>> = words.iter().map(|word| word.to_str().ok()).collect();
        let [name, fault, iterations, seed, deadline, parent] = words?[..] else { return None };
        Some(Orders {
            name: name.to_owned(),
            iterations: iterations.parse().ok()?,
            seed: seed.parse().ok()?,
            deadline: Duration::from_millis(deadline.parse().ok()?),
            fault: AgentFault::parse(fault),
            parent: parent.parse().ok()?,
        })
    }
}

/// Runs the runner; its exit status.
pub fn memory_main(args: &[&CStr]) -> i32 {
    let Some(orders) = Orders::read(args) else { return 2 };
    let Some(one) = classic(&orders.name) else { return 2 };
    if !ends_with(orders.parent) {
        return 2;
    }
    be_plain();
    // SAFETY: the controller has put the arena there; it is open until the end.
    let memory = unsafe { BorrowedFd::borrow_raw(0) };
    let Ok(arena) = Arena::of(memory) else { return 2 };
    match run(&orders, one, &arena, memory) {
        Ok(()) => 0,
        Err(trouble) => {
            arena.set(Word::Trouble, trouble as u32);
            TROUBLED
        }
    }
}

fn run(
    orders: &Orders,
    classic: Classic,
    arena: &Arena,
    memory: BorrowedFd<'_>,
) -> Result<(), Trouble> {
    let test = &classic.test();
    let mut link = match classic.flavour.way {
        Way::Through(edge) => Some(Link::make(edge).map_err(|_| Trouble::Call)?),
        _ => None,
    };
    let processors = processors();
    if processors.len() < test.threads.len() {
        return Err(Trouble::Processors);
    }
    let own = std::process::id();
    let mut children = Vec::new();
    for actor in 0..test.threads.len() {
        // SAFETY: this process has one thread.
        match unsafe { fork() } {
            Ok(Forked::Child) if ends_with(own) => {
                be_actor(orders, (classic, test), memory, &processors, (actor, &mut link))
            }
            Ok(Forked::Child) => exit(Trouble::Ended as i32),
            Ok(Forked::Parent(pid)) => children.push(Life::of(pid)),
            Err(_) => {
                end(&children);
                return Err(Trouble::Fork);
            }
        }
    }
    collect(children, arena, orders.deadline)
}

fn be_actor(
    orders: &Orders,
    (classic, test): (Classic, &Test),
    memory: BorrowedFd<'_>,
    processors: &[usize],
    (actor, link): (usize, &mut Option<Link>),
) -> ! {
    let Ok((arena, _aside)) = map_aside(memory, actor) else { exit(Trouble::Map as i32) };
    if link.as_mut().is_some_and(|link| link.own().is_err()) {
        exit(Trouble::Call as i32);
    }
    let (iterations, seed, fault) = (orders.iterations, orders.seed, orders.fault);
    let scene = Scene { classic, test, arena, iterations, seed, fault, processors };
    play(&scene, actor, link.as_ref());
    exit(0)
}

/// Maps the memory where no other process has it: each has kept another amount of addresses free
/// first.
fn map_aside(memory: BorrowedFd<'_>, actor: usize) -> std::io::Result<(Arena, MmapRaw)> {
    let aside = MmapRaw::from(MmapOptions::new().len((actor + 1) * ASIDE).map_anon()?);
    Ok((Arena::of(memory)?, aside))
}

/// Waits for the end of all. If one ends before its time, the others would wait for ever; and none
/// ends if one does not go on.
fn collect(mut left: Vec<Life>, arena: &Arena, deadline: Duration) -> Result<(), Trouble> {
    let (mut done, mut since) = (0, Instant::now());
    while let Some(first) = left.first() {
        first.wait(Instant::now() + LOOK);
        let (ended, others): (Vec<Life>, Vec<Life>) = left.into_iter().partition(Life::ended);
        left = others;
        let wrong = ended.iter().map(|child| trouble(waitpid(child.pid))).fold(None, Option::or);
        let now = arena.get(Word::Done);
        if now != done || !ended.is_empty() {
            (done, since) = (now, Instant::now());
        }
        let late = || (since.elapsed() > deadline).then_some(Trouble::Late);
        if let Some(wrong) = wrong.or_else(late) {
            end(&left);
            return Err(wrong);
        }
    }
    Ok(())
}

/// What the end of a process says went wrong.
fn trouble(ended: ipc_impls::errno::Result<Option<Status>>) -> Option<Trouble> {
    match ended {
        Ok(Some(Status::Exited(0))) => None,
        Ok(Some(Status::Exited(code))) if i32::from(code) == Trouble::Map as i32 => {
            Some(Trouble::Map)
        }
        Ok(Some(Status::Exited(code))) if i32::from(code) == Trouble::Call as i32 => {
            Some(Trouble::Call)
        }
        _ => Some(Trouble::Ended),
    }
}

/// Ends and collects children.
fn end(children: &[Life]) {
    for child in children {
        child.kill();
        let _ = waitpid(child.pid);
    }
}
