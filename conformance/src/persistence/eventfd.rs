//! Event counters.

use super::{NONE, Row};

/// What lasts of a counter.
pub(super) const ROWS: &[Row] = &[Row {
    kind: "eventfd",
    part: "count",
    hands: "a child",
    shared: true,
    made: &["A: eventfd 3 0 -> x", "A: fork -> B"],
    held: &["x"],
    asleep: &["eventfd_write x -2"],
    asked: &["B: eventfd_read x"],
    ..NONE
}];
