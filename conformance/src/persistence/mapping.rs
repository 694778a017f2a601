//! Mappings.

use super::{NONE, Row};

/// What lasts of a mapping, and what it makes last.
pub(super) const ROWS: &[Row] = &[
    Row {
        kind: "process",
        part: "a mapping",
        made: &[
            "A: memfd_create \"m\" 0 -> x",
            "A: write x 5",
            "A: mmap 0 4096 PROT_READ MAP_SHARED x 0",
        ],
        held: &["x"],
        asked: &["A: load 0 5"],
        ..NONE
    },
    Row {
        kind: "S_IFREG",
        part: "bytes, without one",
        hands: "a child that has it mapped, and not open",
        shared: true,
        made: &[
            "A: memfd_create \"m\" 0 -> x",
            "A: write x 5",
            "A: fork -> B",
            "B: mmap 0 4096 PROT_READ MAP_SHARED x 0",
            "B: close x",
        ],
        held: &["x"],
        asked: &["B: load 0 5"],
        ..NONE
    },
];
