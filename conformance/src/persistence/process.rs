//! What a process has to itself.

use super::{NONE, Row};

/// What lasts of it.
pub(super) const ROWS: &[Row] = &[
    Row {
        kind: "process",
        part: "a descriptor",
        made: &["A: pipe -> r w"],
        held: &["r"],
        asked: &["A: fcntl r F_GETFL"],
        ..NONE
    },
    Row {
        kind: "process",
        part: "umask",
        made: &["A: umask 0027"],
        asked: &["A: umask 0077"],
        ..NONE
    },
    Row {
        kind: "process",
        part: "mask, and a pending signal",
        made: &["A: sigprocmask SIG_BLOCK SIGPIPE", "A: pipe -> r w", "A: close r", "A: write w 1"],
        asked: &["A: sigpending"],
        ..NONE
    },
    Row {
        kind: "process",
        part: "`SIG_IGN`",
        made: &["A: sigaction SIGPIPE SIG_IGN", "A: pipe -> r w", "A: close r"],
        asked: &["A: write w 1"],
        ..NONE
    },
];
