//! Pipes.

use super::{NONE, Row};

/// What lasts of a pipe.
pub(super) const ROWS: &[Row] = &[
    Row {
        kind: "pipe",
        part: "bytes",
        hands: "a child with both ends",
        shared: true,
        made: &["A: pipe2 O_NONBLOCK -> r w", "A: write w 5", "A: fork -> B"],
        held: &["r", "w"],
        asked: &["B: read r 8"],
        ..NONE
    },
    Row {
        kind: "pipe",
        part: "bytes",
        hands: "a child with the reading end",
        shared: true,
        made: &["A: pipe -> r w", "A: write w 5", "A: fork -> B", "B: close w"],
        held: &["r", "w"],
        asleep: &["write w 131072", "splice r w 131072 0"],
        asked: &["B: read r 5"],
        ..NONE
    },
    Row {
        kind: "pipe",
        part: "a writer",
        hands: "nobody; a child has the reading end",
        made: &["A: pipe2 O_NONBLOCK -> r w", "A: fork -> B", "B: close w"],
        held: &["r", "w"],
        asked: &["B: read r 8"],
        ..NONE
    },
    Row {
        kind: "pipe",
        part: "a writer",
        hands: "a child with both ends",
        shared: true,
        made: &["A: pipe2 O_NONBLOCK -> r w", "A: fork -> B"],
        held: &["r", "w"],
        asked: &["B: read r 8"],
        ..NONE
    },
    Row {
        kind: "pipe",
        part: "a reader",
        hands: "nobody; a child has the writing end",
        made: &["A: pipe -> r w", "A: fork -> B", "B: close r", "B: sigaction SIGPIPE SIG_IGN"],
        held: &["r", "w"],
        asleep: &["read r 8"],
        asked: &["B: write w 1"],
        ..NONE
    },
    Row {
        kind: "pipe",
        part: "`O_NONBLOCK`",
        hands: "a child",
        shared: true,
        made: &["A: pipe -> r w", "A: fork -> B", "A: fcntl r F_SETFL O_NONBLOCK"],
        held: &["r", "w"],
        asked: &["B: fcntl r F_GETFL"],
        ..NONE
    },
    Row {
        kind: "pipe",
        part: "size",
        hands: "a child",
        shared: true,
        made: &["A: pipe -> r w", "A: fcntl r F_SETPIPE_SZ 8192", "A: fork -> B"],
        held: &["r", "w"],
        asleep: &["read r 8"],
        asked: &["B: fcntl w F_GETPIPE_SZ"],
        ..NONE
    },
];
