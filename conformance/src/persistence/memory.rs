//! Files of memory.

use super::{NONE, Row};

/// What lasts of a file of memory.
pub(super) const ROWS: &[Row] = &[
    Row {
        kind: "S_IFREG",
        part: "name",
        made: &["A: shm_open \"/m\" O_RDWR O_CREAT 0600 -> x"],
        held: &["x"],
        removed: Some("shm_unlink \"/m\""),
        asked: &["K: fork -> B", "B: shm_open \"/m\" O_RDONLY 0 0600 -> y"],
        ..NONE
    },
    Row {
        kind: "S_IFREG",
        part: "bytes, with a name",
        hands: "nobody; they are asked for by its name",
        made: &["A: shm_open \"/m\" O_RDWR O_CREAT 0600 -> x", "A: write x 5"],
        held: &["x"],
        asked: &["K: fork -> B", "B: shm_open \"/m\" O_RDONLY 0 0600 -> y", "B: read y 8"],
        ..NONE
    },
    Row {
        kind: "S_IFREG",
        part: "bytes, with a name",
        hands: "a process that has it open",
        shared: true,
        made: &[
            "A: shm_open \"/m\" O_RDWR O_CREAT 0600 -> x",
            "A: write x 5",
            "B: shm_open \"/m\" O_RDONLY 0 0600 -> y",
        ],
        held: &["x"],
        removed: Some("shm_unlink \"/m\""),
        asked: &["B: read y 8"],
        ..NONE
    },
    Row {
        kind: "S_IFREG",
        part: "bytes, without one",
        hands: "a child",
        shared: true,
        made: &["A: memfd_create \"m\" 0 -> x", "A: write x 5", "A: fork -> B"],
        held: &["x"],
        asked: &["B: pread x 8 0"],
        ..NONE
    },
    Row {
        kind: "S_IFREG",
        part: "offset",
        hands: "a child",
        shared: true,
        made: &[
            "A: memfd_create \"m\" 0 -> x",
            "A: write x 5",
            "A: fork -> B",
            "A: lseek x 3 SEEK_SET",
        ],
        held: &["x"],
        asked: &["B: lseek x 0 SEEK_CUR"],
        ..NONE
    },
];
