//! FIFOs.

use super::{NONE, Row};

/// What lasts of a FIFO.
pub(super) const ROWS: &[Row] = &[
    Row {
        kind: "FIFO",
        part: "name",
        made: &["A: mkfifo \"f\" 0600", "A: open \"f\" O_RDWR 0 -> x"],
        held: &["x"],
        asleep: &["read x 1", "write x 131072"],
        removed: Some("unlink \"f\""),
        asked: &["K: fork -> B", "B: stat \"f\""],
        ..NONE
    },
    Row {
        kind: "FIFO",
        part: "name",
        hands: "nobody has it open",
        made: &["A: mkfifo \"f\" 0600"],
        asleep: &["open \"f\" O_RDONLY 0 -> x", "open \"f\" O_WRONLY 0 -> x"],
        removed: Some("unlink \"f\""),
        asked: &["K: fork -> B", "B: stat \"f\""],
        ..NONE
    },
    Row {
        kind: "FIFO",
        part: "bytes",
        made: &["A: mkfifo \"f\" 0600", "A: open \"f\" O_RDWR 0 -> x", "A: write x 5"],
        held: &["x"],
        asleep: &["write x 131072"],
        asked: &["K: fork -> B", "B: open \"f\" O_RDONLY O_NONBLOCK -> y", "B: read y 5"],
        ..NONE
    },
    Row {
        kind: "FIFO",
        part: "bytes",
        hands: "a process that has it open",
        shared: true,
        made: &[
            "A: mkfifo \"f\" 0600",
            "A: open \"f\" O_RDWR 0 -> x",
            "A: write x 5",
            "B: open \"f\" O_RDONLY O_NONBLOCK -> y",
        ],
        held: &["x"],
        asleep: &["write x 131072"],
        removed: Some("unlink \"f\""),
        asked: &["B: read y 5"],
    },
];
