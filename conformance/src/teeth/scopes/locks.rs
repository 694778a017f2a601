//! Small worlds of mutexes.

use ipc_model::profile::Numbers;

use crate::worlds::{PLAIN, Scope, TINY};

pub(super) static LOCKS: &[Scope] = &[
    Scope {
        name: "locks-and-sleepers",
        text: "Everything that is done to mutexes, while another sleeps in a read.",
        numbers: Numbers { nofile: 2, ..TINY },
        start: &["A: pipe", "A: fork"],
        calls: &[
            "A: mutex_lock 0",
            "A: mutex_trylock 0,1",
            "A: mutex_timedlock 0 0,1",
            "A: mutex_unlock 0,1",
            "A: mutex_consistent 0,1",
            "A: exec",
            "B: read 0 1",
            "B: mutex_trylock 0",
            "B: mutex_consistent 0",
        ],
        bytes: 1,
        ..PLAIN
    },
    Scope {
        name: "locks-of-the-killed",
        text: "Three who wait for one mutex and kill each other.",
        numbers: Numbers { nofile: 0, ..TINY },
        processes: 3,
        start: &["A: fork", "A: fork"],
        calls: &[
            "*: mutex_lock 0",
            "A: mutex_timedlock 0 1",
            "*: mutex_unlock 0",
            "*: kill other SIGKILL",
        ],
        pipes: 0,
        bytes: 0,
        ..PLAIN
    },
];
