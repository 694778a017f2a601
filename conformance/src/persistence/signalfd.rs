//! Signals that are read.

use super::{NONE, Row};

/// What lasts of them.
pub(super) const ROWS: &[Row] = &[Row {
    kind: "signalfd",
    part: "set",
    hands: "a child",
    shared: true,
    made: &[
        "A: signalfd SIGUSR1 0 -> x",
        "A: fork -> B",
        "B: sigprocmask SIG_BLOCK SIGUSR1",
        "B: raise SIGUSR1",
    ],
    held: &["x"],
    asleep: &["signalfd_read x 1"],
    asked: &["B: signalfd_read x 1"],
    ..NONE
}];
