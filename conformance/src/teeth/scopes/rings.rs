//! Small worlds of rings.

use ipc_model::profile::Numbers;

use crate::worlds::{PLAIN, Scope, TINY};

const BARE: Scope = Scope { numbers: Numbers { nofile: 0, ..TINY }, pipes: 0, bytes: 0, ..PLAIN };

pub(super) static RINGS: &[Scope] = &[
    Scope {
        name: "rings-of-others",
        text: "One who has both sides, and one who has none and asks for all.",
        start: &["A: fork", "A: ring_open 0 producer", "A: ring_open 0 consumer"],
        calls: &[
            "A: ring_trysend 0 56",
            "A: ring_tryrecv 0",
            "A: exec",
            "B: ring_trysend 0 56,57",
            "B: ring_tryrecv 0",
            "B: ring_close 0 producer,consumer",
            "B: ring_open 0 producer",
        ],
        ..BARE
    },
    Scope {
        name: "rings-in-time",
        text: "Who sends and receives for a while, and closes.",
        start: &["A: fork", "A: ring_open 0 producer", "B: ring_open 0 consumer"],
        calls: &[
            "A: ring_timedsend 0 56 -1,0,1",
            "A: ring_close 0 producer",
            "B: ring_timedrecv 0 -1,0,1",
            "B: ring_close 0 consumer",
        ],
        ..BARE
    },
    Scope {
        name: "rings-of-the-killed",
        text: "A producer that waits for a consumer that dies, and for the next.",
        processes: 3,
        start: &["A: fork", "A: fork", "A: ring_open 0 producer", "B: ring_open 0 consumer"],
        calls: &[
            "A: ring_send 0 56",
            "B: _exit 0",
            "C: ring_open 0 consumer",
            "C: ring_recv 0",
            "C: exec",
        ],
        ..BARE
    },
    Scope {
        name: "marks-and-a-sleeper",
        text: "As ring-successors: who waits for a message, and a producer that takes over from itself.",
        start: &["A: fork", "A: ring_open 0 consumer"],
        calls: &["A: ring_recv 0", "B: ring_open 0 producer", "B: ring_trysend 0 56", "B: exec"],
        ..BARE
    },
    Scope {
        name: "marks",
        text: "Who takes over from itself as another program, and marks it, where there is room.",
        start: &["A: fork", "B: ring_open 0 consumer"],
        calls: &[
            "A: ring_open 0 producer",
            "A: ring_send 0 0",
            "A: ring_trysend 0 48,57",
            "A: exec",
            "B: ring_tryrecv 0",
        ],
        ..BARE
    },
];
