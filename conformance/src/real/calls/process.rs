//! Processes. The agent itself is the process that forks, becomes another program, and ends.

use ipc_impls::errno::{Errno, Result};
use ipc_impls::process::{self as sys, Forked, Status};
use ipc_model::process::{
    EXEC, EXIT, FORK, GET_PDEATHSIG, GETPGID, GETPGRP, KILL, PDEATH_SIGNALS, SET_PDEATHSIG,
    SETPGID, SETPGID_OWN, WAIT, WAIT_OPTIONS, WAITID_ALL, WAITID_OPTIONS, WAITID_PGID, WAITID_PID,
    WAITPID, WAITPID_ANY, WAITPID_GROUP, WAITPID_OPTIONS, WAITPID_OWN_GROUP,
};
use ipc_model::signal::KILL_SIGNALS;
use nix::libc;

use super::signal::{hold_back, let_through, sent};
use super::{Driver, answer, nothing};
use crate::real::birth::fork;
use crate::real::wire::Answer;

pub(super) static DRIVERS: &[Driver] = &[
    Driver::new(&FORK, |agent, step| {
        // No handler leaves its note in the parent's place, nor one before the child has begun.
        let before = hold_back();
        // SAFETY: agents have one thread, or the others wait for commands or sleep in a call, and hold
        // no lock: programs with threads make one call after the other.
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
    Driver::new(&WAITPID_OPTIONS, |_, step| waited(step.pid(0), step.bits(2)))
        .sleeps_in(libc::SYS_wait4),
    Driver::new(&WAITPID_ANY, |_, step| waited(-1, step.bits(1))).sleeps_at(libc::SYS_wait4),
    Driver::new(&WAIT, |_, _| told(sys::wait())).sleeps_at(libc::SYS_wait4),
    Driver::new(&WAITID_PID, |_, step| {
        let options = options(WAITID_OPTIONS, step.bits(2));
        told(sys::waitid(libc::P_PID, step.pid(1), options))
    })
    .sleeps_at(libc::SYS_waitid),
    Driver::new(&WAITID_ALL, |_, step| {
        told(sys::waitid(libc::P_ALL, 0, options(WAITID_OPTIONS, step.bits(1))))
    })
    .sleeps_at(libc::SYS_waitid),
    Driver::new(&WAITPID_OWN_GROUP, |_, step| waited(0, step.bits(1))).sleeps_at(libc::SYS_wait4),
    Driver::new(&WAITPID_GROUP, |_, step| waited(-named(step.pid(1)), step.bits(2)))
        .sleeps_at(libc::SYS_wait4),
    Driver::new(&WAITID_PGID, |_, step| {
        let options = options(WAITID_OPTIONS, step.bits(2));
        told(sys::waitid(libc::P_PGID, named(step.pid(1)), options))
    })
    .sleeps_at(libc::SYS_waitid),
    Driver::new(&SETPGID, |_, step| nothing(sys::setpgid(named(step.pid(0)), named(step.pid(1))))),
    Driver::new(&SETPGID_OWN, |_, step| nothing(sys::setpgid(0, [0, -1][step.word(1)]))),
    Driver::new(&GETPGID, |_, step| answer(sys::getpgid(named(step.pid(0))), Answer::Group)),
    Driver::new(&GETPGRP, |_, _| Answer::Group(sys::getpgrp())),
    // A process that the zygote has made was to end with it: whoever asks for something else is not used again.
    Driver::new(&SET_PDEATHSIG, |_, step| nothing(sys::set_pdeathsig(pdeath(step.word(1)))))
        .lasting(),
    Driver::new(&GET_PDEATHSIG, |_, _| {
        let word = |signal| (0..PDEATH_SIGNALS.len()).position(|word| pdeath(word) == signal);
        answer(sys::pdeathsig(), |signal| {
            Answer::Word(word(signal).map_or(u8::MAX, |word| word as u8))
        })
    }),
    Driver::new(&KILL, |_, step| {
        match step.pid(0) {
            // Whole groups, the harness among them, are never meant.
            pid if pid <= 1 => Answer::Failed(Errno(libc::ESRCH)),
            pid => nothing(sys::kill(pid, sent(step.word(1)))),
        }
    }),
];

/// The number of a signal that is asked for.
fn pdeath(word: usize) -> i32 {
    let name = PDEATH_SIGNALS.get(word);
    let place = KILL_SIGNALS.iter().position(|known| Some(known) == name);
    place.map_or(-1, sent)
}

fn waited(pid: i32, set: u32) -> Answer {
    told(sys::waitpid_with(pid, options(WAIT_OPTIONS, set)))
}

fn told(result: Result<Option<(i32, Status)>>) -> Answer {
    answer(result, |told| told.map_or(Answer::Nothing, |(pid, status)| Answer::Waited(pid, status)))
}

/// The number of who is named; no process has that of who is not there, and least of all is the caller
/// meant.
pub(super) fn named(pid: i32) -> i32 {
    if pid > 1 { pid } else { libc::pid_t::MAX }
}

/// The value of options by name.
fn options(words: &[&str], set: u32) -> i32 {
    let value = |word: &str| match word {
        "WNOHANG" => libc::WNOHANG,
        "WUNTRACED" => libc::WUNTRACED,
        "WSTOPPED" => libc::WSTOPPED,
        "WCONTINUED" => libc::WCONTINUED,
        "WEXITED" => libc::WEXITED,
        "WNOWAIT" => libc::WNOWAIT,
        _ => 0,
    };
    let named = words.iter().enumerate().filter(|(bit, _)| set & (1 << bit) != 0);
    named.fold(0, |all, (_, word)| all | value(word))
}
