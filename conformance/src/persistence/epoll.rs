//! Interest lists.

use super::{NONE, Row};

/// What lasts of an interest list.
pub(super) const ROWS: &[Row] = &[
    Row {
        kind: "epoll",
        part: "registrations",
        hands: "a child, and what is watched as well",
        shared: true,
        made: &[
            "A: epoll_create1 0 -> x",
            "A: eventfd 1 0 -> e",
            "A: epoll_ctl x EPOLL_CTL_ADD e EPOLLIN",
            "A: fork -> B",
        ],
        held: &["x", "e"],
        asked: &["B: epoll_wait x 1 0"],
        ..NONE
    },
    Row {
        kind: "epoll",
        part: "registrations",
        hands: "a child, but not what is watched",
        made: &[
            "A: epoll_create1 0 -> x",
            "A: eventfd 1 0 -> e",
            "A: epoll_ctl x EPOLL_CTL_ADD e EPOLLIN",
            "A: fork -> B",
            "B: close e",
        ],
        held: &["x", "e"],
        asked: &["B: epoll_wait x 1 0"],
        ..NONE
    },
    Row {
        kind: "epoll",
        part: "registrations",
        hands: "a child, and what is watched, unready, as well",
        shared: true,
        made: &[
            "A: epoll_create1 0 -> x",
            "A: eventfd 0 0 -> e",
            "A: epoll_ctl x EPOLL_CTL_ADD e EPOLLIN",
            "A: fork -> B",
        ],
        held: &["x", "e"],
        asleep: &["epoll_wait x 1 -1", "eventfd_read e"],
        asked: &["B: epoll_ctl x EPOLL_CTL_MOD e EPOLLOUT"],
        ..NONE
    },
];
