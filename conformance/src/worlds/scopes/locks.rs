//! Mutexes.

use ipc_model::profile::Numbers;

use super::{PLAIN, TINY};
use crate::worlds::scope::Scope;
use crate::worlds::sometimes::*;

pub(super) const LOCKS: Scope = Scope {
    name: "locks",
    text: "Three processes, all alike, that take one mutex from each other, die over it, and mend it or not.",
    numbers: Numbers { nofile: 0, ..TINY },
    processes: 3,
    start: &["A: fork", "A: fork"],
    calls: &[
        "*: mutex_lock 0",
        "*: mutex_trylock 0",
        "*: mutex_unlock 0",
        "*: mutex_consistent 0",
        "*: exec",
        "*: _exit 0",
        "A: kill other SIGKILL",
    ],
    pipes: 0,
    bytes: 0,
    sometimes: &[&TAKEN_ASLEEP, &OWNER_DIED, &OWNER_DIED_ASLEEP, &ALL_IS_LOST, &NOBODY_WAKES],
    states: 19_454,
    transitions: 87_277,
    ..PLAIN
};

pub(super) const TIMED_LOCKS: Scope = Scope {
    name: "timed-locks",
    text: "Two processes that wait for two mutexes, for ever, for a while or not at all.",
    numbers: Numbers { nofile: 0, ..TINY },
    start: &["A: fork"],
    calls: &[
        "*: mutex_lock 0",
        "*: mutex_timedlock 0,1 -1,0,1",
        "*: mutex_trylock 1",
        "*: mutex_unlock 0,1",
        "*: mutex_consistent 0",
        "*: kill other SIGKILL",
    ],
    pipes: 0,
    bytes: 0,
    sometimes: &[&TAKEN_ASLEEP, &TOO_LATE, &OWNER_DIED],
    states: 5_701,
    transitions: 19_130,
    ..PLAIN
};

pub(super) const PORTABLE_LOCKS: Scope = Scope {
    name: "portable-locks",
    text: "Two processes, and a child of one, that take a portable mutex from each other and die over it.",
    numbers: Numbers { nofile: 0, ..TINY },
    processes: 3,
    start: &["A: fork"],
    calls: &[
        "A,B: mutex_lock 4",
        "C: mutex_trylock 4",
        "*: mutex_unlock 4",
        "A: mutex_consistent 4",
        "B: fork",
        "B,C: exec",
        "B,C: _exit 0",
    ],
    pipes: 0,
    bytes: 0,
    sometimes: &[&TAKEN_ASLEEP, &OWNER_DIED, &OWNER_DIED_ASLEEP, &ALL_IS_LOST],
    states: 3_298,
    transitions: 12_659,
    ..PLAIN
};
