//! Rings.

use ipc_model::profile::Numbers;

use super::{PLAIN, TINY};
use crate::worlds::scope::Scope;
use crate::worlds::sometimes::*;

pub(super) const RINGS: Scope = Scope {
    name: "rings",
    text: "A producer and a consumer of one ring that wait for each other, try, and close.",
    numbers: Numbers { nofile: 0, ..TINY },
    start: &["A: fork", "A: ring_open 0 producer", "B: ring_open 0 consumer"],
    calls: &[
        "A: ring_send 0 0,40,56",
        "A: ring_trysend 0 56,57",
        "A: ring_close 0 producer",
        "B: ring_recv 0",
        "B: ring_tryrecv 0",
        "B: ring_close 0 consumer",
    ],
    pipes: 0,
    bytes: 0,
    sometimes: &[&MESSAGE_WAKES, &SPACE_WAKES, &EMPTY_MESSAGE, &ENDED_ASLEEP],
    ..PLAIN
};

pub(super) const RING_SUCCESSORS: Scope = Scope {
    name: "ring-successors",
    text: "A consumer, and two who take over from each other as its producer and die.",
    numbers: Numbers { nofile: 0, ..TINY },
    processes: 3,
    start: &["A: fork", "A: fork", "A: ring_open 0 consumer"],
    calls: &[
        "A: ring_recv 0",
        "A: ring_tryrecv 0",
        "A: kill other SIGKILL",
        "B,C: ring_open 0 producer",
        "B,C: ring_send 0 56",
        "B,C: exec",
    ],
    pipes: 0,
    bytes: 0,
    sometimes: &[&MESSAGE_WAKES, &DEATH_TOLD_ASLEEP, &DEATH_TOLD_BEFORE, &MARK_PASSED],
    ..PLAIN
};

pub(super) const RING_HEIRS: Scope = Scope {
    name: "ring-heirs",
    text: "Two who take both sides of a ring, and the child of either, which counts as them.",
    numbers: Numbers { nofile: 0, ..TINY },
    processes: 3,
    start: &["A: fork"],
    calls: &[
        "*: ring_open 0 producer,consumer",
        "*: ring_timedsend 0 56 -1,0,1",
        "A: ring_timedrecv 0 -1,0,1",
        "*: ring_close 0 producer",
        "A: fork",
        "*: _exit 0",
    ],
    pipes: 0,
    bytes: 0,
    sometimes: &[&SPACE_WAKES, &DEATH_TOLD_ASLEEP],
    ..PLAIN
};
