//! Rings.

use ipc_model::profile::Numbers;

use super::{PLAIN, TINY};
use crate::worlds::scope::Scope;
use crate::worlds::sometimes::*;

/// Nothing but rings.
const BARE: Scope = Scope { numbers: Numbers { nofile: 0, ..TINY }, pipes: 0, bytes: 0, ..PLAIN };

pub(super) const RINGS: Scope = Scope {
    name: "rings",
    text: "A producer and a consumer of one ring that wait for each other, try, and close.",
    start: &["A: fork", "A: ring_open 0 producer", "B: ring_open 0 consumer"],
    calls: &[
        "A: ring_send 0 24,56",
        "A: ring_trysend 0 56,57",
        "A: ring_close 0 producer",
        "B: ring_recv 0",
        "B: ring_tryrecv 0",
        "B: ring_close 0 consumer",
    ],
    sometimes: &[&MESSAGE_WAKES, &SPACE_WAKES, &ENDED_ASLEEP],
    states: 5_387,
    transitions: 16_011,
    ..BARE
};

pub(super) const RING_SUCCESSORS: Scope = Scope {
    name: "ring-successors",
    text: "A consumer, and a producer that becomes another program and takes over from itself.",
    start: &["A: fork", "A: ring_open 0 consumer"],
    calls: &["A: ring_recv 0", "B: ring_open 0 producer", "B: ring_trysend 0 56", "B: exec"],
    sometimes: &[&MESSAGE_WAKES, &DEATH_TOLD_ASLEEP, &DEATH_TOLD_BEFORE, &MARK_PASSED],
    large: true,
    states: 34_668,
    transitions: 86_442,
    ..BARE
};

pub(super) const RING_HEIRS: Scope = Scope {
    name: "ring-heirs",
    text: "A producer with a child, either of which ends, and a consumer that waits for a while.",
    processes: 3,
    start: &["A: fork", "A: ring_open 0 producer", "B: ring_open 0 consumer"],
    calls: &[
        "A: fork",
        "A: ring_trysend 0 56",
        "A,C: _exit 0",
        "C: exec",
        "B: ring_timedrecv 0 -1,0,1",
        "B: ring_open 0 producer",
    ],
    sometimes: &[&MESSAGE_WAKES, &DEATH_TOLD_ASLEEP],
    states: 3_258,
    transitions: 10_840,
    ..BARE
};
