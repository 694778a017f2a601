//! Rings.

use super::{NONE, Row};

/// What lasts of having a side: whoever asks for it is told that somebody has it, or takes it.
pub(super) const ROWS: &[Row] = &[Row {
    kind: "process",
    part: "a side of a ring",
    made: &["A: eventfd 0 0 -> x", "A: ring_open 0 producer"],
    held: &["x"],
    asleep: &["eventfd_read x"],
    asked: &["K: ring_open 0 producer"],
    ..NONE
}];
