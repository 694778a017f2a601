//! Processes with timers.

use super::PLAIN;
use crate::worlds::scope::Scope;
use crate::worlds::sometimes::*;

pub(super) const TIMERS: Scope = Scope {
    name: "timers",
    text: "One that arms the timer that it has and one that it has made, and waits; and one that sends beside them.",
    start: &[
        "A: timer_create CLOCK_MONOTONIC SIGUSR1 1",
        "A: sigaction SIGALRM handler 0 0",
        "A: sigprocmask SIG_BLOCK SIGUSR1",
        "A: fork",
    ],
    calls: &[
        "A: setitimer ITIMER_REAL 0,1,-1 0",
        "A: timer_settime 0,1 0,1,3600000,-1 0",
        "A: sigtimedwait SIGUSR1 0,-1",
        "A: pause",
        "B: kill A SIGUSR1,SIGALRM",
    ],
    bytes: 0,
    sometimes: &[&TIMER_EXPIRED, &TIMER_WAKES],
    states: 3_863,
    transitions: 14_626,
    ..PLAIN
};
