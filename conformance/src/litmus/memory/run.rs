//! The controller's side: it starts a runner, waits for its end, and judges what was counted.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use ipc_model::order::shapes::Classic;
use ipc_model::order::test::Outcome;

use super::arena::{Arena, Word};
use super::runner::{MEMORY, Orders, Trouble};
use super::{Counted, Question};
use crate::litmus::runner::processors;
use crate::real::RealOptions;
use crate::real::life::{Life, because};
use crate::system::SystemError;

/// How often to look whether it is enough.
const LOOK: Duration = Duration::from_millis(20);

/// Why the test cannot be run here, if so: each process needs a processor of its own, for on one
/// processor nothing is ever seen out of order.
pub fn obstacle(classic: Classic) -> Option<String> {
    let (needed, there) = (classic.shape.threads.len(), processors().len());
    let plural = if there == 1 { "" } else { "s" };
    (needed > there).then(|| {
        format!("needs {needed} processors, and there is a right to {there} processor{plural}")
    })
}

/// Whether what has been counted so far is enough.
pub type Enough<'a> = dyn Fn(&[(Outcome, u64)]) -> bool + 'a;

impl Question {
    /// Runs the test so many times on this machine, or until `stop` says, of what has been counted
    /// so far, that it is enough.
    pub fn ask(
        &self,
        options: &RealOptions,
        (iterations, seed): (u64, u64),
        stop: &Enough<'_>,
    ) -> Result<Counted, SystemError> {
        let began = Instant::now();
        let failed = |error| because("running a litmus test of the memory", error);
        let (arena, memory) = Arena::create().map_err(failed)?;
        let orders = Orders {
            name: self.classic.name(),
            iterations,
            seed,
            deadline: options.deadline,
            fault: options.fault,
            parent: std::process::id(),
        };
        let mut command = Command::new(&options.program);
        command
            .arg(OsStr::from_bytes(MEMORY.to_bytes()))
            .args(orders.words())
            // A group of its own: what a terminal sends to ours does not reach it.
            .process_group(0)
            .stdin(Stdio::from(memory))
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut runner = command.spawn().map_err(failed)?;
        // The runner itself keeps the deadline; twice as long without a word and it hangs.
        let test = self.classic.test();
        let enough = || stop(&arena.counts(&test));
        let late = !over(&Life::of(runner.id() as i32), &arena, 2 * options.deadline, &enough);
        let status = runner.wait().map_err(failed)?;
        let trouble = match Trouble::of(arena.get(Word::Trouble)) {
            _ if late => Some("the process that runs it hangs".to_owned()),
            Some(Trouble::Late) => {
                Some(format!("nobody went on for {:.1} s", options.deadline.as_secs_f64()))
            }
            Some(trouble) => Some(told(trouble).to_owned()),
            None if !status.success() => Some(format!("the process that runs it ended: {status}")),
            None => self.same_address(&arena),
        };
        Ok(self.judge(arena.counts(&test), trouble, began.elapsed()))
    }

    /// What is to be said if two processes had the memory at the same address.
    fn same_address(&self, arena: &Arena) -> Option<String> {
        let actors = 0..self.classic.shape.threads.len();
        let address = |actor: usize| arena.address(actor).load(Ordering::Relaxed);
        let all: BTreeSet<u64> = actors.clone().map(address).filter(|at| *at != 0).collect();
        (all.len() != actors.len())
            .then(|| "two processes had the memory mapped at the same address".to_owned())
    }
}

/// Waits for the runner's end; false if it was by force, since nothing went on until the deadline.
fn over(life: &Life, arena: &Arena, deadline: Duration, stop: &dyn Fn() -> bool) -> bool {
    let (mut done, mut since) = (0, Instant::now());
    while !life.wait(Instant::now() + LOOK) {
        if stop() {
            arena.set(Word::Enough, 1);
        }
        let now = arena.get(Word::Done);
        if now != done {
            (done, since) = (now, Instant::now());
        } else if since.elapsed() > deadline {
            life.kill();
            return false;
        }
    }
    true
}

fn told(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::Fork => "a process could not be made",
        Trouble::Map => "the memory could not be mapped once more: is there a limit on addresses?",
        Trouble::Ended => "a process ended before its time: has somebody killed it?",
        Trouble::Processors => "there are fewer processors than a moment ago",
        Trouble::Late => "nobody went on",
        Trouble::Call => "a call failed by which a message is passed: is /proc there?",
    }
}
