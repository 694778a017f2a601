//! Sockets.

use super::{NONE, Row};

/// What lasts of sockets.
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
        part: "what messages carry",
        hands: "a child with the receiving end",
        shared: true,
        made: &[
            "A: socketpair SOCK_DGRAM 0 -> s t",
            "A: memfd_create \"m\" 0 -> m",
            "A: write m 3",
            "A: sendmsg s 1 0 m",
            "A: fork -> B",
            "B: close s",
            "B: close m",
        ],
        held: &["s", "t", "m"],
        asleep: &["recv s 8 0"],
        asked: &["B: recvmsg t 8 MSG_DONTWAIT 1 -> x", "B: pread x 8 0"],
        ..NONE
    },
    Row {
        kind: "socket",
        part: "what messages carry",
        hands: "nobody; a child has the sending end, and reads the pipe",
        made: &[
            "A: socketpair SOCK_DGRAM 0 -> s t",
            "A: pipe2 O_NONBLOCK -> r w",
            "A: sendmsg s 1 0 w",
            "A: close w",
            "A: fork -> B",
            "A: close r",
            "A: close s",
            "B: close t",
        ],
        held: &["t"],
        asleep: &["recv t 8 0"],
        asked: &["B: read r 1"],
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
    Row {
        kind: "socket",
        part: "a connection that waits",
        hands: "nobody; a child has connected",
        made: &[
            "A: socket SOCK_STREAM 0 -> l",
            "A: bind l \"n\"",
            "A: listen l 1",
            "A: fork -> B",
            "B: close l",
            "B: socket SOCK_STREAM 0 -> s",
            "B: connect s \"n\"",
        ],
        held: &["l"],
        asleep: &["pause"],
        asked: &["B: recv s 1 MSG_DONTWAIT"],
        ..NONE
    },
    Row {
        kind: "name of a socket",
        part: "name",
        made: &["A: socket SOCK_STREAM 0 -> l", "A: bind l \"n\"", "A: listen l 1"],
        held: &["l"],
        asleep: &["accept4 l 0 -> c"],
        removed: Some("unlink \"n\""),
        asked: &["K: fork -> B", "B: stat \"n\""],
        ..NONE
    },
    Row {
        kind: "socket",
        part: "name in no directory",
        made: &["A: socket SOCK_STREAM 0 -> l", "A: bind l \"@n\"", "A: listen l 1"],
        held: &["l"],
        asleep: &["accept4 l 0 -> c"],
        asked: &["K: fork -> B", "B: socket SOCK_STREAM 0 -> s", "B: bind s \"@n\""],
        ..NONE
    },
    Row {
        kind: "socket",
        part: "name in no directory",
        hands: "a child with the socket",
        shared: true,
        made: &[
            "A: socket SOCK_STREAM 0 -> l",
            "A: bind l \"@n\"",
            "A: listen l 1",
            "A: fork -> B",
        ],
        held: &["l"],
        asleep: &["accept4 l 0 -> c"],
        asked: &["K: fork -> C", "C: socket SOCK_STREAM 0 -> s", "C: connect s \"@n\""],
        ..NONE
    },
];
