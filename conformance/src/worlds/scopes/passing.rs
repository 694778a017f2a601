//! Descriptors that are passed over sockets.

use ipc_model::profile::{Numbers, POSIX2024};

use super::{PLAIN, TINY};
use crate::worlds::scope::Scope;
use crate::worlds::sometimes::*;

/// One has a socket and the end of a pipe to write to, the other what they lead to.
const APART: &[&str] = &[
    "A: socketpair SOCK_STREAM 0",
    "A: pipe",
    "A: fork",
    "A: close 1",
    "A: close 2",
    "B: close 0",
    "B: close 3",
];

pub(super) const STREAM: Scope = Scope {
    name: "passed-stream",
    text: "The end of a pipe that is passed over a stream, received or lost, while who reads the pipe waits for its end.",
    start: APART,
    calls: &[
        "A: sendmsg 0 1 MSG_NOSIGNAL none,3",
        "A: write 3 1",
        "B: recvmsg 1 0,2 0,MSG_PEEK 1",
        "B: recv 1 1 0",
        "B: read 2 1",
        "*: close fd",
    ],
    pipes: 3,
    bytes: 2,
    numbers: Numbers { nofile: 4, ..TINY },
    sometimes: &[&READER_WAKES, &END, &WOKEN_BY_END, &KILLED_BY_SIGPIPE],
    large: true,
    states: 59_803,
    transitions: 166_753,
    ..PLAIN
};

pub(super) const RECORDS: Scope = Scope {
    name: "passed-records",
    text: "The end of a pipe that is passed with records and without, to who has little room.",
    start: &[
        "A: socketpair SOCK_SEQPACKET 0",
        "A: pipe",
        "A: fork",
        "A: close 1",
        "A: close 2",
        "B: close 0",
        "B: close 3",
    ],
    calls: &[
        "A: sendmsg 0 1 MSG_NOSIGNAL none,3,3+3",
        "B: recvmsg 1 1 0,MSG_CMSG_CLOEXEC 0,2",
        "B: read 2 1",
        "*: close fd",
    ],
    large: true,
    sometimes: &[&READER_WAKES, &END, &WOKEN_BY_END],
    states: 114_709,
    transitions: 322_421,
    ..STREAM
};

pub(super) const ROUND: Scope = Scope {
    name: "passed-round",
    text: "Sockets that are passed over themselves, with the end of a pipe in them.",
    processes: 1,
    start: &["A: socketpair SOCK_DGRAM 0", "A: pipe2 O_NONBLOCK"],
    calls: &[
        "A: sendmsg 0 1 MSG_DONTWAIT 1,3",
        "A: recvmsg 1 1 MSG_DONTWAIT 1",
        "A: read 2 1",
        "A: close 0,1,3,4",
    ],
    pipes: 3,
    bytes: 2,
    numbers: Numbers { nofile: 5, ..TINY },
    sometimes: &[&READ_REFUSED, &END],
    states: 2_912,
    transitions: 5_330,
    ..PLAIN
};

pub(super) const TOLD: Scope = Scope {
    name: "passed-told",
    text: "One process that passes the ends of a pipe to itself, with little room and few descriptors.",
    processes: 1,
    start: &["A: socketpair SOCK_SEQPACKET 0", "A: pipe2 O_NONBLOCK", "A: close 2"],
    calls: &[
        "A: sendmsg 0 2 MSG_DONTWAIT none,3+3,9",
        "A: recvmsg 1 1,2 MSG_DONTWAIT,MSG_DONTWAIT|MSG_PEEK 1,2",
        "A: close 2,4",
    ],
    pipes: 3,
    bytes: 4,
    numbers: Numbers { nofile: 5, ..TINY },
    sometimes: &[&READ_REFUSED],
    states: 356,
    transitions: 660,
    ..PLAIN
};

pub(super) const TOLD_POSIX: Scope = Scope {
    name: "passed-told-posix",
    text: "One process that passes the end of a pipe to itself, and is told at once whatever it does.",
    profile: &POSIX2024,
    processes: 1,
    start: &["A: socketpair SOCK_STREAM 0", "A: pipe2 O_NONBLOCK"],
    calls: &[
        "A: sendmsg 0 1 MSG_DONTWAIT none,3,2+3,9",
        "A: recvmsg 1 1,2 MSG_DONTWAIT 2",
        "A: read 2 1",
        "A: close 3,4,5",
    ],
    pipes: 3,
    bytes: 2,
    numbers: Numbers { nofile: 6, ..TINY },
    sometimes: &[&READ_REFUSED, &END],
    states: 5_463,
    transitions: 9_266,
    ..PLAIN
};
