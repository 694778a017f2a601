//! Small worlds of descriptors that are passed over sockets.

use ipc_model::profile::Numbers;

use crate::worlds::{PLAIN, Scope, TINY};

/// One process, a pair and a pipe.
const STREAM: &[&str] = &["A: socketpair SOCK_STREAM 0", "A: pipe2 O_NONBLOCK"];
const RECORDS: &[&str] = &["A: socketpair SOCK_SEQPACKET 0", "A: pipe2 O_NONBLOCK"];

pub(super) static PASSED: &[Scope] = &[
    Scope {
        name: "passed-stream-received",
        text: "Descriptors that come along with a stream, received in every way.",
        numbers: Numbers { nofile: 6, ..TINY },
        processes: 1,
        start: STREAM,
        calls: &[
            "A: sendmsg 0 0,1 MSG_DONTWAIT none,3,3+2,9",
            "A: sendmsg 9,3 1 MSG_DONTWAIT none,3",
            "A: recvmsg 1 0,1,2 MSG_DONTWAIT,MSG_DONTWAIT|MSG_PEEK,MSG_DONTWAIT|MSG_CMSG_CLOEXEC 0,1,2",
            "A: recvmsg 9,3 1 MSG_DONTWAIT 1",
            "A: recv 1 0,2 MSG_DONTWAIT",
            "A: fcntl 4 F_GETFD",
            "A: read 2 1",
            "A: dup 2",
            "A: close 3,4,5",
        ],
        pipes: 3,
        bytes: 2,
        ..PLAIN
    },
    Scope {
        name: "passed-records-received",
        text: "Descriptors that come along with records, received in every way.",
        numbers: Numbers { nofile: 6, ..TINY },
        processes: 1,
        start: RECORDS,
        calls: &[
            "A: sendmsg 0 1,2 MSG_DONTWAIT none,3,3+2,9",
            "A: recvmsg 1 0,1,2 MSG_DONTWAIT,MSG_DONTWAIT|MSG_PEEK,MSG_DONTWAIT|MSG_CMSG_CLOEXEC 0,1,2",
            "A: recv 1 1 MSG_DONTWAIT",
            "A: fcntl 4 F_GETFD",
            "A: read 2 1",
            "A: dup 2",
            "A: close 0,3,4,5",
        ],
        pipes: 3,
        bytes: 2,
        ..PLAIN
    },
    Scope {
        name: "passed-beside-sleepers",
        text: "Descriptors that are passed beside who waits for one, and who waits for the end of the pipe.",
        numbers: Numbers { nofile: 5, ..TINY },
        processes: 3,
        start: &[
            "A: socketpair SOCK_STREAM 0",
            "A: pipe",
            "A: fork",
            "A: fork",
            "A: close 1",
            "A: close 2",
            "B: close 0",
            "B: close 2",
            "B: close 3",
            "C: close 0",
            "C: close 1",
            "C: close 3",
        ],
        calls: &[
            "A: sendmsg 0 1 MSG_DONTWAIT none,3",
            "A: close 0,3",
            "B: recvmsg 1 1 0 0,1",
            "B: recv 1 1 0",
            "B: close 0,1",
            "C: read 2 1",
        ],
        pipes: 3,
        bytes: 1,
        ..PLAIN
    },
    Scope {
        name: "passed-records-beside-a-sleeper",
        text: "Records with descriptors, received and cut off beside who waits for room.",
        numbers: Numbers { nofile: 4, ..TINY },
        start: &["A: socketpair SOCK_SEQPACKET 0", "A: fork", "A: close 1", "B: close 0"],
        calls: &[
            "A: sendmsg 0 2 0 none,0",
            "B: recvmsg 1 1,2 MSG_DONTWAIT,MSG_DONTWAIT|MSG_PEEK 0,1",
            "B: dup 1",
        ],
        bytes: 6,
        ..PLAIN
    },
    Scope {
        name: "passed-and-reset",
        text: "Who receives with room for descriptors what was reset or shut out.",
        numbers: Numbers { nofile: 6, ..TINY },
        processes: 1,
        start: &[
            "A: socketpair SOCK_STREAM 0",
            "A: socketpair SOCK_SEQPACKET 0",
            "A: socketpair SOCK_DGRAM 0",
        ],
        calls: &[
            "A: sendmsg 0,1,2,3 1 MSG_DONTWAIT|MSG_NOSIGNAL none,4",
            "A: recvmsg 1,3,5 1 MSG_DONTWAIT 0,1",
            "A: shutdown 5 SHUT_RD",
            "A: close 0,2",
        ],
        pipes: 3,
        bytes: 3,
        ..PLAIN
    },
    Scope {
        name: "passed-round-beside-a-sleeper",
        text: "A socket that is passed over itself with the end of a pipe, beside who reads that.",
        numbers: Numbers { nofile: 4, ..TINY },
        start: &[
            "A: socketpair SOCK_DGRAM 0",
            "A: pipe",
            "A: fork",
            "A: close 2",
            "B: close 0",
            "B: close 1",
            "B: close 3",
        ],
        calls: &["A: sendmsg 0 1 MSG_DONTWAIT 1,3", "A: close 0,1,3", "B: read 2 1"],
        pipes: 3,
        bytes: 2,
        ..PLAIN
    },
];
