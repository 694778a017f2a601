//! Processes that read signals.

use super::PLAIN;
use crate::worlds::scope::Scope;
use crate::worlds::sometimes::*;

pub(super) const SIGNALS_READ: Scope = Scope {
    name: "signals-read",
    text: "One that sends and changes the set, and one that reads and waits in other ways.",
    start: &["A: signalfd SIGUSR1 0", "A: fork", "B: sigprocmask SIG_BLOCK SIGUSR1|SIGRTMIN"],
    calls: &[
        "A: kill B SIGUSR1",
        "A: sigqueue B SIGRTMIN 1",
        "A: signalfd 0 set SIGUSR1,SIGRTMIN 0",
        "A: fcntl 0 F_SETFL 0,O_NONBLOCK",
        "B: sigtimedwait SIGRTMIN 0",
        "B: signalfd_read 0 1,2",
    ],
    bytes: 0,
    sometimes: &[&SIGNALS_READ_ASLEEP, &OVERLOOKED],
    states: 5_552,
    transitions: 15_216,
    ..PLAIN
};
