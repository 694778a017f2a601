//! Signals, so far as pipes need them: what becomes of `SIGPIPE`.

use crate::operation::{Gives, Operation, Param};

/// The signals that programs speak of here, as flags of a set and as words.
pub const SIGNALS: &[&str] = &["SIGPIPE"];
/// The dispositions that `sigaction` sets here.
pub const DISPOSITIONS: &[&str] = &["SIG_DFL", "SIG_IGN"];
/// What `sigprocmask` does with the set.
pub const HOW: &[&str] = &["SIG_BLOCK", "SIG_UNBLOCK"];

/// `int sigaction(int sig, const struct sigaction *act, NULL)`.
pub static SIGACTION: Operation = Operation {
    name: "sigaction",
    params: &[Param::Word(SIGNALS), Param::Word(DISPOSITIONS)],
    gives: Gives::Nothing,
    c: "sigaction(%0, %1)",
};

/// `int sigprocmask(int how, const sigset_t *set, NULL)`.
pub static SIGPROCMASK: Operation = Operation {
    name: "sigprocmask",
    params: &[Param::Word(HOW), Param::Flags(SIGNALS)],
    gives: Gives::Nothing,
    c: "sigprocmask(%0, {%1})",
};

/// `int sigpending(sigset_t *set)`.
pub static SIGPENDING: Operation = Operation {
    name: "sigpending",
    params: &[],
    gives: Gives::Flags(SIGNALS),
    c: "sigpending(&set)",
};

/// What programs can call here.
pub static OPERATIONS: &[&Operation] = &[&SIGACTION, &SIGPROCMASK, &SIGPENDING];
