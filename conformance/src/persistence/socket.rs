//! Sockets.

use super::{NONE, Row};

/// What lasts of a pair of sockets.
pub(super) const ROWS: &[Row] = &[
    Row {
        kind: "socket",
        part: "messages",
        hands: "a child with the receiving end",
        shared: true,
        made: &["A: socketpair SOCK_DGRAM 0 -> s t", "A: send s 5 0", "A: fork -> B", "B: close s"],
        held: &["s", "t"],
        asleep: &["recv s 8 0"],
        asked: &["B: recv t 8 MSG_DONTWAIT"],
        ..NONE
    },
    Row {
        kind: "socket",
        part: "a connection",
        hands: "nobody; a child has the other end",
        made: &["A: socketpair SOCK_STREAM 0 -> s t", "A: fork -> B", "B: close s"],
        held: &["s", "t"],
        asleep: &["recv s 8 0"],
        asked: &["B: recv t 8 MSG_DONTWAIT"],
        ..NONE
    },
    Row {
        kind: "socket",
        part: "a connection",
        hands: "a child with both ends",
        shared: true,
        made: &["A: socketpair SOCK_SEQPACKET 0 -> s t", "A: fork -> B"],
        held: &["s", "t"],
        asleep: &["recv s 8 0"],
        asked: &["B: recv t 8 MSG_DONTWAIT"],
        ..NONE
    },
    Row {
        kind: "socket",
        part: "`SHUT_WR`",
        hands: "a child",
        shared: true,
        made: &["A: socketpair SOCK_STREAM 0 -> s t", "A: shutdown s SHUT_WR", "A: fork -> B"],
        held: &["s", "t"],
        asleep: &["recv s 8 0"],
        asked: &["B: send s 1 MSG_NOSIGNAL"],
        ..NONE
    },
];
