//! Names.

use super::{NONE, Row};

/// What lasts of names.
pub(super) const ROWS: &[Row] = &[
    Row {
        kind: "S_IFDIR",
        part: "name",
        made: &["A: mkdir \"d\" 0700"],
        removed: Some("rmdir \"d\""),
        asked: &["K: fork -> B", "B: stat \"d\""],
        ..NONE
    },
    Row {
        kind: "S_IFLNK",
        part: "name",
        made: &["A: mkdir \"d\" 0700", "A: symlink \"d\" \"l\""],
        removed: Some("unlink \"l\""),
        asked: &["K: fork -> B", "B: stat \"l\""],
        ..NONE
    },
];
