//! Processes on descriptors.

use super::{NONE, Row};

/// What lasts of them.
pub(super) const ROWS: &[Row] = &[Row {
    kind: "pidfd",
    part: "who is meant",
    hands: "a child",
    shared: true,
    made: &["A: fork -> C", "A: pidfd_open C 0 -> x", "A: fcntl x F_SETFD 0", "A: fork -> B"],
    held: &["x"],
    asleep: &["waitid_pidfd x"],
    asked: &["B: pidfd_send_signal x 0"],
    ..NONE
}];
