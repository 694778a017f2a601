//! Small worlds of timers.

use ipc_model::profile::Numbers;

use crate::worlds::{PLAIN, Scope, TINY};

/// One process, and another that is not there.
const ALONE: Scope = Scope { start: &[], bytes: 0, ..PLAIN };

pub(super) static TIMERS: &[Scope] = &[
    Scope {
        name: "alarms",
        text: "The timer that every process has, armed and asked about in every way, over fork and exec.",
        calls: &[
            "A: alarm 0,3600",
            "A: setitimer ITIMER_REAL 0,1,3600000,-1 0,1800000",
            "A: getitimer it_value",
            "A: getitimer it_interval",
            "A: sigaction SIGALRM handler 0 0",
            "A: exec",
        ],
        ..ALONE
    },
    Scope {
        name: "alarms-held-back",
        text: "An alarm that is held back, sent by others as well, ignored, and waited for.",
        start: &["A: fork", "A: sigprocmask SIG_BLOCK SIGALRM"],
        calls: &[
            "A: alarm 0",
            "A: setitimer ITIMER_REAL 1 0,3600000",
            "A: sigtimedwait SIGALRM 0,-1",
            "A: sigaction SIGALRM SIG_DFL,SIG_IGN",
            "A: sigpending",
            "B: kill A SIGALRM",
            "B: getitimer it_value",
        ],
        bytes: 0,
        ..PLAIN
    },
    Scope {
        name: "alarms-in-calls",
        text: "An alarm that comes while a process waits for something else.",
        numbers: Numbers { nofile: 4, ..TINY },
        start: &["A: pipe", "A: fork", "A: sigaction SIGALRM handler 0,SA_RESTART 0"],
        calls: &[
            "A: setitimer ITIMER_REAL 1 0",
            "A: read 0 1",
            "A: pause",
            "A: sigaction SIGALRM SIG_DFL",
            "B: write 1 1",
            "A: waitpid B",
        ],
        bytes: 1,
        ..PLAIN
    },
    Scope {
        name: "timers-made",
        text: "Timers that are made, armed, asked about and deleted in every way, by numbers that are there or not.",
        calls: &[
            "A: timer_create CLOCK_MONOTONIC SIGEV_NONE,SIGUSR1,-1 1",
            "A: timer_settime 0 0,1,3600000,-1 0,1800000",
            "A: timer_gettime 0 it_value",
            "A: timer_gettime 0 it_interval",
            "A: timer_getoverrun 0",
            "A: timer_delete 0",
            "A: sigprocmask SIG_BLOCK SIGUSR1",
        ],
        ..ALONE
    },
    Scope {
        name: "two-timers",
        text: "Two timers with one signal, their values, and what is left of them by exec and a limit.",
        start: &["A: sigprocmask SIG_BLOCK SIGUSR1"],
        calls: &[
            "A: timer_create CLOCK_MONOTONIC SIGUSR1 1,2",
            "A: timer_settime 0,1 1,3600000 0",
            "A: timer_gettime 1 it_value",
            "A: timer_delete 0",
            "A: sigtimedwait SIGUSR1 0",
            "A: setrlimit RLIMIT_SIGPENDING 0",
            "A: exec",
        ],
        ..ALONE
    },
    Scope {
        name: "timers-and-sleepers",
        text: "Timers of one process, and another that sleeps.",
        start: &["A: pipe", "A: fork", "A: sigprocmask SIG_BLOCK SIGUSR1|SIGALRM"],
        calls: &[
            "A: alarm 0,3600",
            "A: setitimer ITIMER_REAL 0,1 0",
            "A: timer_create CLOCK_MONOTONIC SIGEV_NONE,SIGUSR1 1",
            "A: timer_settime 0 0,1 0,1",
            "A: timer_getoverrun 0",
            "A: timer_delete 0",
            "A: sigtimedwait SIGUSR1 0",
            "B: read 0 1",
        ],
        bytes: 0,
        ..PLAIN
    },
    Scope {
        name: "timers-ignored",
        text: "Timers whose signal is ignored or not, and that expire again or not.",
        start: &["A: timer_create CLOCK_MONOTONIC SIGUSR1 1"],
        calls: &[
            "A: timer_settime 0 0,1 0,1,3600000",
            "A: timer_gettime 0 it_value",
            "A: sigaction SIGUSR1 SIG_IGN,SIG_DFL",
            "A: sigaction SIGUSR1 handler 0 0",
            "A: sigprocmask SIG_BLOCK,SIG_UNBLOCK SIGUSR1",
            "A: sigtimedwait SIGUSR1 0",
        ],
        ..ALONE
    },
];
