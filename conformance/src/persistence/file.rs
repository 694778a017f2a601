//! Regular files.

use super::{NONE, Row};

/// What lasts of a regular file.
pub(super) const ROWS: &[Row] = &[
    Row {
        kind: "regular file",
        part: "name",
        made: &["A: open \"r\" O_RDWR O_CREAT 0 0600 -> x"],
        held: &["x"],
        removed: Some("unlink \"r\""),
        asked: &["K: fork -> B", "B: stat \"r\""],
        ..NONE
    },
    Row {
        kind: "regular file",
        part: "bytes",
        hands: "nobody; they are asked for by its name",
        made: &["A: open \"r\" O_RDWR O_CREAT 0 0600 -> x", "A: write x 5"],
        held: &["x"],
        asked: &["K: fork -> B", "B: open \"r\" O_RDONLY 0 -> y", "B: read y 8"],
        ..NONE
    },
    Row {
        kind: "regular file",
        part: "bytes",
        hands: "a process that has it open",
        shared: true,
        made: &[
            "A: open \"r\" O_RDWR O_CREAT 0 0600 -> x",
            "A: write x 5",
            "B: open \"r\" O_RDONLY 0 -> y",
        ],
        held: &["x"],
        removed: Some("unlink \"r\""),
        asked: &["B: read y 8"],
        ..NONE
    },
    Row {
        kind: "regular file",
        part: "offset",
        hands: "a child",
        shared: true,
        made: &[
            "A: open \"r\" O_RDWR O_CREAT 0 0600 -> x",
            "A: write x 5",
            "A: fork -> B",
            "A: lseek x 3 SEEK_SET",
        ],
        held: &["x"],
        asked: &["B: lseek x 0 SEEK_CUR"],
        ..NONE
    },
];
