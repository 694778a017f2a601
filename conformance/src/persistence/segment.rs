//! Segments of System V shared memory.

use super::{NONE, Row};

/// What lasts of a segment.
pub(super) const ROWS: &[Row] = &[
    Row {
        kind: "segment",
        part: "key",
        made: &["A: shmget KEY_A 4096 IPC_CREAT 0600"],
        removed: Some("shmctl 0 IPC_RMID"),
        asked: &["K: fork -> B", "B: shmget KEY_A 0 0 0600"],
        ..NONE
    },
    Row {
        kind: "segment",
        part: "bytes",
        hands: "nobody; they are asked for by its identifier",
        made: &[
            "A: shmget KEY_A 4096 IPC_CREAT 0600",
            "A: shmat 0 0 0",
            "A: store 0 5",
            "A: shmdt 0",
        ],
        removed: Some("shmctl 0 IPC_RMID"),
        asked: &["K: fork -> B", "B: shmat 0 0 0", "B: load 0 5"],
        ..NONE
    },
    Row {
        kind: "segment",
        part: "bytes",
        hands: "a child that has it attached",
        shared: true,
        made: &[
            "A: shmget KEY_A 4096 IPC_CREAT 0600",
            "A: shmat 0 0 0",
            "A: store 0 5",
            "A: fork -> B",
        ],
        removed: Some("shmctl 0 IPC_RMID"),
        asked: &["B: load 0 5"],
        ..NONE
    },
];
