//! Processes. The agent itself is the process that forks, becomes another program, and ends.

use ipc_impls::errno::Errno;
use ipc_impls::process::{self as sys, Forked};
use ipc_model::process::{EXEC, EXIT, FORK, KILL, WAITPID};
use nix::libc;

use super::signal::{hold_back, let_through, sent};
use super::{Driver, answer, nothing};
use crate::real::birth::fork;
use crate::real::wire::Answer;

pub(super) static DRIVERS: &[Driver] = &[
    Driver::new(&FORK, |agent, step| {
        // No handler leaves its note in the parent's place, nor one before the child has begun.
        let before = hold_back();
        // SAFETY: agents have one thread.
        let forked = unsafe { fork() };
        match forked {
            Ok(Forked::Child) => {
                agent.hold_back(before);
                agent.begin(step.child.into())
            }
            Ok(Forked::Parent(pid)) => {
                let_through(before);
                Answer::Child(pid)
            }
            Err(errno) => {
                let_through(before);
                Answer::Failed(errno)
            }
        }
    }),
    Driver::new(&EXEC, |agent, _| match agent.exec() {
        Ok(never) => match never {},
        Err(errno) => Answer::Failed(errno),
    }),
    Driver::new(&EXIT, |_, step| sys::exit(step.number(0) as i32)),
    Driver::new(&WAITPID, |_, step| {
        answer(sys::waitpid(step.pid(0)), |status| status.map_or(Answer::Nothing, Answer::Status))
    })
    .sleeps_in(libc::SYS_wait4),
    Driver::new(&KILL, |_, step| {
        match step.pid(0) {
            // Whole groups, the harness among them, are never meant.
            pid if pid <= 1 => Answer::Failed(Errno(libc::ESRCH)),
            pid => nothing(sys::kill(pid, sent(step.word(1)))),
        }
    }),
];
