//! Event counters (`eventfd`): a number that writes add to and reads take, all of it or one at a time.
//!
//! Not in POSIX. What every file without a name of any type answers, [`crate::anonymous`] says.

mod rules;
mod terms;

use std::hash::Hasher;

pub use self::rules::{LASTING, LAW};
use self::terms::{A_COUNTER, NOT_A_COUNTER};
pub use self::terms::{ADDEND, COUNT, IS_COUNTER, MAY_NOT_WAIT, MAY_WAIT};
use crate::clause::Aspect::Error;
use crate::clause::{Clause, Envelope, extension, linux};
use crate::descriptor::{FIONREAD, IS_OPEN, NOT_OPEN};
use crate::errno::Errno::{EBADF, ENOTTY};
use crate::object::{Kind, feed};
use crate::operation::{Gives, Operation, Param};
use crate::poll::{IN, OUT};

/// The most that a counter can come to by writes: 2⁶⁴ − 2.
pub const MOST: u64 = u64::MAX - 1;

/// The flags of `eventfd`; `O_APPEND` stands for one that it does not take.
pub const EVENTFD_FLAGS: &[&str] = &["EFD_CLOEXEC", "EFD_NONBLOCK", "EFD_SEMAPHORE", "O_APPEND"];

/// A counter.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Counter {
    /// What it has come to.
    pub count: u64,
    /// `EFD_SEMAPHORE`: a read takes one.
    pub semaphore: bool,
}

impl Kind for Counter {
    fn file_type(&self) -> &'static str {
        "0"
    }

    fn name(&self) -> &'static str {
        "eventfd"
    }

    fn news(&self, before: &Counter) -> u32 {
        u32::from(before.count < self.count) << IN | u32::from(self.count < before.count) << OUT
    }

    fn outline(&self, mix: &mut dyn Hasher) {
        feed(self, mix);
    }
}

/// `int eventfd(unsigned int initval, int flags)`.
pub static EVENTFD: Operation = Operation {
    name: "eventfd",
    params: &[Param::Number, Param::Flags(EVENTFD_FLAGS)],
    gives: Gives::Fd,
    c: "eventfd(%0, %1)",
};

/// `int eventfd_read(int fd, eventfd_t *value)`: the value. Those above 2⁶³ − 1 are told as the negative
/// number with the same bits.
pub static EVENTFD_READ: Operation = Operation {
    name: "eventfd_read",
    params: &[Param::Fd],
    gives: Gives::Number,
    c: "eventfd_read(%0, &value)",
};

/// `int eventfd_write(int fd, eventfd_t value)`; a negative number is the value with the same bits.
pub static EVENTFD_WRITE: Operation = Operation {
    name: "eventfd_write",
    params: &[Param::Fd, Param::Number],
    gives: Gives::Nothing,
    c: "eventfd_write(%0, %1)",
};

/// What programs can call here.
pub static OPERATIONS: &[&Operation] = &[&EVENTFD, &EVENTFD_READ, &EVENTFD_WRITE];

/// The clauses, in the order of the page.
pub static CLAUSES: &[&[Clause]] =
    &[rules::CREATION, rules::READS, rules::WRITES, rules::VECTORS, ELSEWHERE, rules::READINESS];

static ELSEWHERE: &[Clause] = &[
    extension(
        "eventfd.call.err.ebadf",
        &[&EVENTFD_READ, &EVENTFD_WRITE],
        (Error, linux("read(2)", "ERRORS"), "A descriptor that is not open is refused."),
        &[NOT_OPEN],
        Envelope::Error(EBADF),
        &[],
    ),
    extension(
        "eventfd.fionread.err.enotty",
        &[&FIONREAD],
        (
            Error,
            linux("ioctl(2)", "ERRORS"),
            "A counter does not tell how many bytes it has, for it has none.",
        ),
        &[A_COUNTER],
        Envelope::Error(ENOTTY),
        &[],
    ),
    extension(
        "eventfd.call.undefined.elsewhere",
        &[&EVENTFD_READ, &EVENTFD_WRITE],
        (
            Error,
            linux("eventfd(2)", "NOTES"),
            "What the library makes of eight bytes of something else is not said.",
        ),
        &[IS_OPEN, NOT_A_COUNTER],
        Envelope::Anything,
        &[],
    ),
];
