//! Signals that are read (`signalfd`): a descriptor with a set of signals, of which a read takes what is
//! pending for whoever reads.
//!
//! Not in POSIX. What every file without a name of any type answers, [`crate::anonymous`] says.

mod rules;
mod terms;

use std::hash::Hasher;

pub use self::rules::{LASTING, LAW};
pub use self::terms::IS_SIGNALFD;
use crate::clause::Clause;
use crate::object::{Kind, feed};
use crate::operation::{Gives, Operation, Param};
use crate::signal::SIGNALS;

/// The flags of `signalfd`; `O_APPEND` stands for one that it does not take.
pub const SIGNALFD_FLAGS: &[&str] = &["SFD_CLOEXEC", "SFD_NONBLOCK", "O_APPEND"];

/// How many bytes tell of one signal.
pub const SIGINFO: u64 = 128;

/// A set of signals that can be read.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Watched {
    /// The set, by index in [`SIGNALS`].
    pub set: u32,
    /// Who was asleep when another process changed the set so that something was pending of it, and how
    /// many signals were pending there in all: until there are more, nothing wakes it.
    pub overlooked: Vec<(u8, u8)>,
}

impl Kind for Watched {
    fn file_type(&self) -> &'static str {
        "0"
    }

    fn name(&self) -> &'static str {
        "signalfd"
    }

    fn processes(&self) -> Vec<u8> {
        self.overlooked.iter().map(|(process, _)| *process).collect()
    }

    fn outline(&self, mix: &mut dyn Hasher) {
        feed(&self.set, mix);
        self.overlooked.iter().for_each(|(_, pending)| mix.write_u8(*pending));
    }
}

/// `int signalfd(-1, const sigset_t *mask, int flags)`.
pub static SIGNALFD: Operation = Operation {
    name: "signalfd",
    params: &[Param::Flags(SIGNALS), Param::Flags(SIGNALFD_FLAGS)],
    gives: Gives::Fd,
    c: "signalfd(-1, {%0}, %1)",
};

/// `int signalfd(int fd, const sigset_t *mask, int flags)` of one that there is: its number.
pub static SIGNALFD_SET: Operation = Operation {
    name: "signalfd",
    params: &[
        Param::Fd,
        Param::Command("set"),
        Param::Flags(SIGNALS),
        Param::Flags(SIGNALFD_FLAGS),
    ],
    gives: Gives::Number,
    c: "signalfd(%0, {%2}, %3)",
};

/// `ssize_t read(int fd, struct signalfd_siginfo infos[], size_t n * sizeof *infos)`: what was taken.
pub static SIGNALFD_READ: Operation = Operation {
    name: "signalfd_read",
    params: &[Param::Fd, Param::Number],
    gives: Gives::Infos(SIGNALS),
    c: "read(%0, infos, %1 * sizeof *infos)",
};

/// What programs can call here.
pub static OPERATIONS: &[&Operation] = &[&SIGNALFD, &SIGNALFD_SET, &SIGNALFD_READ];

/// The clauses, in the order of the page.
pub static CLAUSES: &[&[Clause]] =
    &[rules::CREATION, rules::READS, rules::OTHERWISE, rules::READINESS];
