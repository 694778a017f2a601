//! Processes on descriptors (`pidfd`): who is meant stays meant, however often its number is used again.
//!
//! Not in POSIX. What other files of no type answer, [`crate::anonymous`] says; of what a process on a
//! descriptor answers in another way, the rules are here.

mod rules;
mod taking;
mod terms;

use std::hash::Hasher;

pub use self::rules::{LASTING, LAW};
pub use self::terms::IS_PIDFD;
use crate::clause::Clause;
use crate::object::Kind;
use crate::operation::{Gives, Operation, Param};
use crate::signal::KILL_SIGNALS;
use crate::view::View;
use crate::world::Object;

/// The flags of `pidfd_open`; `O_APPEND` stands for one that it does not take.
pub const PIDFD_FLAGS: &[&str] = &["PIDFD_NONBLOCK", "O_APPEND"];

/// The flags of `pidfd_getfd`, which takes none: `O_CLOEXEC` stands for one.
pub const GETFD_FLAGS: &[&str] = &["O_CLOEXEC"];

/// A process that a descriptor stands for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Pidfd {
    /// Which.
    pub process: u8,
}

impl Kind for Pidfd {
    fn file_type(&self) -> &'static str {
        "0"
    }

    fn name(&self) -> &'static str {
        "pidfd"
    }

    fn processes(&self) -> Vec<u8> {
        vec![self.process]
    }

    fn outline(&self, mix: &mut dyn Hasher) {
        mix.write_u8(0);
    }
}

/// `int pidfd_open(pid_t pid, unsigned int flags)`.
pub static PIDFD_OPEN: Operation = Operation {
    name: "pidfd_open",
    params: &[Param::Process, Param::Flags(PIDFD_FLAGS)],
    gives: Gives::Fd,
    c: "pidfd_open(%0, %1)",
};

/// `int pidfd_send_signal(int pidfd, int sig, NULL, 0)`.
pub static PIDFD_SEND_SIGNAL: Operation = Operation {
    name: "pidfd_send_signal",
    params: &[Param::Fd, Param::Word(KILL_SIGNALS)],
    gives: Gives::Nothing,
    c: "pidfd_send_signal(%0, %1, NULL, 0)",
};

/// `int waitid(P_PIDFD, id_t fd, siginfo_t *info, WEXITED)`: how it ended.
pub static WAITID_PIDFD: Operation = Operation {
    name: "waitid_pidfd",
    params: &[Param::Fd],
    gives: Gives::Status,
    c: "waitid(P_PIDFD, %0, &info, WEXITED)",
};

/// `int pidfd_getfd(int pidfd, int targetfd, unsigned int flags)`: the target is a number of the other's.
pub static PIDFD_GETFD: Operation = Operation {
    name: "pidfd_getfd",
    params: &[Param::Fd, Param::TargetFd, Param::Flags(GETFD_FLAGS)],
    gives: Gives::Fd,
    c: "pidfd_getfd(%0, %1, %2)",
};

/// What programs can call here.
pub static OPERATIONS: &[&Operation] =
    &[&PIDFD_OPEN, &PIDFD_SEND_SIGNAL, &WAITID_PIDFD, &PIDFD_GETFD];

/// The clauses, in the order of the page.
pub static CLAUSES: &[&[Clause]] = &[
    rules::CREATION,
    rules::SENDING,
    rules::WAITING,
    taking::CLAUSES,
    rules::OTHERWISE,
    rules::READINESS,
];

/// The process that the call's descriptor stands for.
pub fn process(v: &View<'_>) -> Option<u8> {
    match v.object() {
        Object::Pidfd(pidfd) => Some(pidfd.process),
        _ => None,
    }
}
