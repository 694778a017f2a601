//! Pairs of sockets.

use ipc_model::profile::{Numbers, POSIX2024};

use super::{PLAIN, TINY};
use crate::worlds::scope::Scope;
use crate::worlds::sometimes::*;

pub(super) const STREAM: Scope = Scope {
    name: "sockets-stream",
    text: "A stream each way between two processes, that is shut down and closed.",
    start: &["A: socketpair SOCK_STREAM 0", "A: fork", "A: close 1", "B: close 0"],
    calls: &[
        "A: send 0 1,4 MSG_NOSIGNAL",
        "B: recv 1 1,3 0",
        "B: write 1 2",
        "A: read 0 2",
        "*: shutdown fd SHUT_RD,SHUT_WR",
        "*: close fd",
    ],
    bytes: 6,
    sometimes: &[
        &READER_WAKES,
        &WRITER_WAKES,
        &END,
        &WOKEN_BY_END,
        &SHORT_READ,
        &TWO_WRITES,
        &NOBODY_READS,
        &KILLED_BY_SIGPIPE,
        &RESET,
        &LOST,
    ],
    large: true,
    states: 156_826,
    transitions: 451_537,
    ..PLAIN
};

pub(super) const STREAM_POSIX: Scope = Scope {
    name: "sockets-stream-posix",
    profile: &POSIX2024,
    bytes: 4,
    sometimes: &[&READER_WAKES, &END, &WOKEN_BY_END, &RESET, &LOST],
    large: true,
    states: 112_239,
    transitions: 351_065,
    ..STREAM
};

pub(super) const RECORDS: Scope = Scope {
    name: "sockets-records",
    text: "Records each way, some without bytes, received in part or looked at.",
    start: &["A: socketpair SOCK_SEQPACKET 0", "A: fork", "A: close 1", "B: close 0"],
    calls: &[
        "A: send 0 0,2 0",
        "B: recv 1 0,1,3 0",
        "B: recv 1 1 MSG_PEEK",
        "B: write 1 1",
        "A: read 0 1",
        "*: shutdown fd SHUT_RDWR",
        "*: close fd",
    ],
    bytes: 4,
    sometimes: &[&READER_WAKES, &END, &WOKEN_BY_END, &NOBODY_READS, &RESET, &LOST],
    states: 10_768,
    transitions: 31_579,
    ..PLAIN
};

pub(super) const RECORDS_POSIX: Scope = Scope {
    name: "sockets-records-posix",
    profile: &POSIX2024,
    calls: &[
        "A: send 0 1,2 0",
        "B: recv 1 1,3 0",
        "B: write 1 1",
        "A: read 0 1",
        "*: shutdown fd SHUT_RDWR",
        "*: close fd",
    ],
    bytes: 3,
    sometimes: &[&READER_WAKES, &END, &WOKEN_BY_END, &RESET, &LOST],
    large: true,
    states: 5_165,
    transitions: 14_540,
    ..RECORDS
};

pub(super) const DATAGRAMS: Scope = Scope {
    name: "sockets-datagrams",
    text: "Datagrams each way, and to nobody.",
    start: &["A: socketpair SOCK_DGRAM 0", "A: fork", "A: close 1", "B: close 0"],
    calls: &[
        "A: send 0 0,2 0",
        "B: recv 1 1,3 0",
        "B: send 1 1 0",
        "A: recv 0 1 0,MSG_DONTWAIT",
        "*: shutdown fd SHUT_RD,SHUT_WR",
        "*: close fd",
    ],
    bytes: 4,
    sometimes: &[&READER_WAKES, &WOKEN_BY_END, &READ_REFUSED, &NOBODY_READS, &LOST],
    large: true,
    states: 49_804,
    transitions: 146_466,
    ..PLAIN
};

pub(super) const NONBLOCK: Scope = Scope {
    name: "sockets-nonblock",
    text: "A stream of which more is sent than fits, with O_NONBLOCK set and cleared under it.",
    start: &["A: socketpair SOCK_STREAM 0", "A: fork", "B: close 0"],
    calls: &[
        "A: write 0 1,5",
        "B: recv 1 4 0,MSG_DONTWAIT",
        "B: close 1",
        "A: fcntl 0 F_SETFL 0,O_NONBLOCK",
        "A: close 1",
    ],
    bytes: 7,
    sometimes: &[&READ_REFUSED, &WRITE_REFUSED, &PARTIAL, &READER_WAKES],
    states: 16_798,
    transitions: 47_828,
    ..PLAIN
};

pub(super) const TOLD_POSIX: Scope = Scope {
    name: "sockets-told-posix",
    text: "One process with both ends of a stream, which is told at once whatever it does.",
    profile: &POSIX2024,
    processes: 1,
    start: &["A: socketpair SOCK_STREAM 0"],
    calls: &[
        "A: send 0 0,1,5 MSG_DONTWAIT|MSG_NOSIGNAL",
        "A: send 0 1 MSG_DONTWAIT",
        "A: send 1 1 MSG_DONTWAIT|MSG_NOSIGNAL",
        "A: recv 0,1 0,1 MSG_DONTWAIT",
        "A: recv 1 1 MSG_DONTWAIT|MSG_PEEK",
        "A: sigaction SIGPIPE SIG_IGN",
        "A: sigprocmask SIG_BLOCK SIGPIPE",
        "A: shutdown 1 SHUT_RD",
        "A: close 1",
    ],
    bytes: 3,
    sometimes: &[&READ_REFUSED, &WRITE_REFUSED, &RESET, &LOST, &END],
    states: 1_847,
    transitions: 3_508,
    ..PLAIN
};

pub(super) const MESSAGES_POSIX: Scope = Scope {
    name: "sockets-messages-posix",
    text: "One process with pairs of records and of datagrams, which is told at once whatever it does.",
    profile: &POSIX2024,
    numbers: Numbers { nofile: 4, ..TINY },
    processes: 1,
    start: &["A: socketpair SOCK_SEQPACKET 0", "A: socketpair SOCK_DGRAM 0"],
    calls: &[
        "A: send 0,2 2,5 MSG_DONTWAIT|MSG_NOSIGNAL",
        "A: recv 1,3 1 MSG_DONTWAIT",
        "A: send 1 1 MSG_DONTWAIT|MSG_NOSIGNAL",
        "A: shutdown 2 SHUT_WR",
        "A: close 1",
    ],
    bytes: 3,
    sometimes: &[&READ_REFUSED, &WRITE_REFUSED, &LOST],
    states: 228,
    transitions: 392,
    ..PLAIN
};
