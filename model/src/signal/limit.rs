//! The limit of what may queue: `setrlimit(RLIMIT_SIGPENDING)`, down to nothing. Linux counts what is
//! pending for all processes of a user, so no other limit is the same on any two machines.

use super::send::{LOSE, SENDS};
use super::terms::*;
use crate::clause::Aspect::{Error, Lifetime};
use crate::clause::{Action, Clause, Envelope, Source, action, effect, extension, linux};
use crate::errno::Errno::EAGAIN;
use crate::operation::{Gives, Operation, Param};

/// What may be pending at most.
const LIMITS: &[&str] = &["0"];

/// `int setrlimit(RLIMIT_SIGPENDING, const struct rlimit *rlim)`: the soft limit is none.
pub static SETRLIMIT: Operation = Operation {
    name: "setrlimit",
    params: &[Param::Command("RLIMIT_SIGPENDING"), Param::Word(LIMITS)],
    gives: Gives::Nothing,
    c: "setrlimit(%0, %1)",
};

static LIMIT: Action = action("nothing queues there any more", |c, _| {
    if let Some(process) = c.process() {
        process.signals.limited = true;
    }
});

const PAGE: Source = linux("getrlimit(2)", "RLIMIT_SIGPENDING");
const KERNEL: Source = linux("kernel/signal.c", "6.18, __send_signal_locked");

pub(super) static CLAUSES: &[Clause] = &[
    extension(
        "signal.limit.sets",
        &[&SETRLIMIT],
        (Lifetime, PAGE, "From here on nothing queues for the process, nor for its children."),
        &[],
        Envelope::Nothing,
        &[effect(&LIMIT)],
    ),
    extension(
        "signal.limit.err.eagain",
        SENDS,
        (Error, PAGE, "A real-time signal that may not queue is refused, but not to kill."),
        &[A_SIGNAL, DOES_SOMETHING, QUEUE_IS_FULL],
        Envelope::Error(EAGAIN),
        &[],
    ),
    extension(
        "signal.limit.loses",
        SENDS,
        (
            Lifetime,
            KERNEL,
            "An ordinary signal that may not queue is pending all the same, without its sender, its code and its value.",
        ),
        &[A_SIGNAL, DOES_SOMETHING, NOTHING_IS_KEPT, NOT_AGAIN],
        Envelope::Nothing,
        &[effect(&LOSE)],
    ),
    extension(
        "signal.limit.once",
        SENDS,
        (
            Lifetime,
            KERNEL,
            "So is a real-time signal that kill sends, as if it were an ordinary one.",
        ),
        &[A_SIGNAL, DOES_SOMETHING, REALTIME_BY_KILL, NOT_AGAIN],
        Envelope::Nothing,
        &[effect(&LOSE)],
    ),
    extension(
        "signal.limit.collapses",
        SENDS,
        (Lifetime, KERNEL, "If it is pending already, it stays pending as often as it was."),
        &[A_SIGNAL, DOES_SOMETHING, REALTIME_BY_KILL, PENDING_ALREADY],
        Envelope::Nothing,
        &[],
    ),
];
