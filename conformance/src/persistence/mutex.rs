//! Mutexes.

use super::{NONE, Row};

/// What lasts of having a mutex: whoever asks is told that another has it, or that its owner died.
pub(super) const ROWS: &[Row] = &[
    Row {
        kind: "process",
        part: "a mutex",
        made: &["A: eventfd 0 0 -> x", "A: mutex_lock 0"],
        held: &["x"],
        asleep: &["eventfd_read x"],
        asked: &["K: mutex_trylock 0"],
        ..NONE
    },
    Row {
        kind: "process",
        part: "a portable mutex",
        made: &["A: eventfd 0 0 -> x", "A: mutex_lock 4"],
        held: &["x"],
        asleep: &["eventfd_read x"],
        asked: &["K: mutex_trylock 4"],
        ..NONE
    },
];
