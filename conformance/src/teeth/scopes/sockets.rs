//! Small worlds of pairs of sockets.

use ipc_model::profile::Numbers;

use crate::worlds::{PLAIN, Scope, TINY};

/// One process with both ends, and another.
const STREAM: &[&str] = &["A: socketpair SOCK_STREAM 0", "A: fork", "B: close 0"];
const RECORDS: &[&str] = &["A: socketpair SOCK_SEQPACKET 0", "A: fork", "B: close 0"];
const DATAGRAMS: &[&str] = &["A: socketpair SOCK_DGRAM 0", "A: fork", "B: close 0"];

pub(super) static SOCKETS: &[Scope] = &[
    Scope {
        name: "sockets-made",
        text: "Pairs that are made of every type, beside a pipe, and all that is asked of them and of what is closed.",
        numbers: Numbers { nofile: 4, ..TINY },
        start: &["A: pipe"],
        calls: &[
            "A: socketpair SOCK_STREAM,SOCK_DGRAM,SOCK_SEQPACKET 0,SOCK_NONBLOCK,SOCK_CLOEXEC",
            "A: fcntl 2 F_GETFL",
            "A: fcntl 2 F_GETFD",
            "A: send 1,2 1 MSG_NOSIGNAL",
            "A: recv 0,3 1 MSG_DONTWAIT",
            "A: shutdown 0,3 SHUT_RD",
            "A: ioctl 3 FIONREAD",
            "A: lseek 2 0 SEEK_SET",
            "A: pread 2 1 0",
            "A: pwrite 2 1 0",
            "A: ftruncate 2 0",
            "A: fcntl 2 F_SETFL O_DIRECT",
            "A: fcntl 2 F_GETPIPE_SZ",
            "A: fcntl 2 F_SETPIPE_SZ 4",
            "A: reopen 2 O_RDWR 0",
            "A: dup 2",
            "A: close fd",
        ],
        pipes: 3,
        bytes: 2,
        ..PLAIN
    },
    Scope {
        name: "sockets-signals",
        text: "A stream that cannot be sent to, with SIGPIPE ignored, blocked or neither.",
        start: STREAM,
        calls: &[
            "A: send 0 0,1,5 0,MSG_NOSIGNAL",
            "A: writev 0 0,1",
            "A: sigaction SIGPIPE SIG_IGN,SIG_DFL",
            "A: sigprocmask SIG_BLOCK,SIG_UNBLOCK SIGPIPE",
            "A: sigpending",
            "A: close 1",
            "A: shutdown 0 SHUT_WR",
            "B: recv 1 9 0",
            "B: shutdown 1 SHUT_RD",
            "B: close 1",
        ],
        bytes: 6,
        ..PLAIN
    },
    Scope {
        name: "sockets-stream-read",
        text: "A stream received in every way, with O_NONBLOCK or without.",
        start: STREAM,
        calls: &[
            "A: send 0 0,1,2 MSG_NOSIGNAL",
            "B: recv 1 0,1,3 0,MSG_DONTWAIT,MSG_PEEK",
            "B: read 1 0,1",
            "B: readv 1 0+1",
            "B: fcntl 1 F_SETFL 0,O_NONBLOCK",
            "B: ioctl 1 FIONREAD",
            "A: shutdown 0 SHUT_WR",
            "A: close 0,1",
        ],
        bytes: 4,
        ..PLAIN
    },
    Scope {
        name: "sockets-records-read",
        text: "Records received in every way, with O_NONBLOCK or without.",
        start: RECORDS,
        calls: &[
            "A: send 0 0,1,2 0",
            "B: recv 1 0,1,3 0,MSG_DONTWAIT,MSG_PEEK",
            "B: read 1 0,1",
            "B: fcntl 1 F_SETFL 0,O_NONBLOCK",
            "B: ioctl 1 FIONREAD",
            "B: send 1 1 0",
            "A: close 0,1",
        ],
        bytes: 4,
        ..PLAIN
    },
    Scope {
        name: "sockets-datagrams-read",
        text: "Datagrams received in every way, with O_NONBLOCK or without, and shut out.",
        start: DATAGRAMS,
        calls: &[
            "A: send 0 0,1,2 0",
            "B: recv 1 0,1,3 0,MSG_DONTWAIT,MSG_PEEK",
            "B: fcntl 1 F_SETFL 0,O_NONBLOCK",
            "B: ioctl 1 FIONREAD",
            "B: send 1 1 0",
            "B: shutdown 1 SHUT_RD,SHUT_RDWR",
            "A: close 0,1",
        ],
        bytes: 4,
        ..PLAIN
    },
    Scope {
        name: "sockets-full",
        text: "A stream and records that fill the buffer, which one asks about and another empties.",
        start: STREAM,
        calls: &[
            "A: send 0 1,2,5 MSG_NOSIGNAL,MSG_DONTWAIT|MSG_NOSIGNAL",
            "A: fcntl 0 F_SETFL 0,O_NONBLOCK",
            "A: poll 0:POLLOUT 0",
            "B: recv 1 1,9 MSG_DONTWAIT",
            "B: shutdown 1 SHUT_RD",
            "A: close 1",
            "B: close 1",
        ],
        bytes: 7,
        ..PLAIN
    },
    Scope {
        name: "sockets-full-of-records",
        text: "Records that fill the buffer or are too long for it.",
        start: RECORDS,
        calls: &[
            "A: send 0 0,4,5,3 0,MSG_DONTWAIT",
            "A: poll 0:POLLOUT 0",
            "B: recv 1 9 MSG_DONTWAIT",
            "B: shutdown 1 SHUT_RD",
            "A: close 1",
            "B: close 1",
        ],
        bytes: 9,
        ..PLAIN
    },
    Scope {
        name: "sockets-full-of-datagrams",
        text: "Datagrams that fill the buffer or are too long for it, and to nobody.",
        start: DATAGRAMS,
        calls: &[
            "A: send 0 0,4,5 0,MSG_DONTWAIT",
            "A: shutdown 0 SHUT_WR",
            "B: recv 1 9 MSG_DONTWAIT",
            "B: send 1 1 0",
            "A: recv 0 1 MSG_DONTWAIT",
            "A: shutdown 1 SHUT_RD",
            "A: close 1",
            "B: close 1",
        ],
        bytes: 9,
        ..PLAIN
    },
    Scope {
        name: "sockets-asked",
        text: "One that asks whether a stream is ready, and waits, and another at the other end.",
        start: STREAM,
        calls: &[
            "A: poll 0:POLLIN|POLLOUT 0",
            "A: poll 0:POLLIN -1",
            "A: recv 0 9 MSG_DONTWAIT",
            "A: send 0 1 MSG_NOSIGNAL",
            "A: shutdown 0 SHUT_RD,SHUT_WR",
            "A: close 1",
            "B: send 1 1 MSG_NOSIGNAL",
            "B: shutdown 1 SHUT_RD,SHUT_WR",
            "B: close 1",
        ],
        bytes: 2,
        ..PLAIN
    },
    Scope {
        name: "sockets-asked-of-datagrams",
        text: "One that asks whether datagrams are ready, and waits, and another at the other end.",
        start: DATAGRAMS,
        calls: &[
            "A: poll 0:POLLIN|POLLOUT 0",
            "A: poll 0:POLLIN -1",
            "A: recv 0 9 MSG_DONTWAIT",
            "A: fcntl 0 F_SETFL 0,O_NONBLOCK",
            "A: shutdown 0 SHUT_RD,SHUT_WR",
            "A: close 1",
            "B: send 1 0 0",
            "B: shutdown 1 SHUT_RD,SHUT_WR",
            "B: close 1",
        ],
        bytes: 2,
        ..PLAIN
    },
    Scope {
        name: "sockets-listed",
        text: "A stream in an interest list that is told of news.",
        numbers: Numbers { nofile: 4, ..TINY },
        start: &[
            "A: socketpair SOCK_STREAM 0",
            "A: epoll_create1 0",
            "A: epoll_ctl 2 EPOLL_CTL_ADD 0 EPOLLIN|EPOLLET",
            "A: fork",
            "A: close 1",
            "B: close 0",
        ],
        calls: &[
            "A: epoll_wait 2 1 0,-1",
            "A: recv 0 1 MSG_DONTWAIT",
            "B: send 1 1 MSG_NOSIGNAL",
            "B: shutdown 1 SHUT_WR",
            "B: close 1",
        ],
        bytes: 2,
        ..PLAIN
    },
    Scope {
        name: "sockets-cut-beside-a-sleeper",
        text: "A stream that is cut while somebody sleeps elsewhere.",
        numbers: Numbers { nofile: 4, ..TINY },
        start: &["A: pipe", "A: socketpair SOCK_STREAM 0", "A: fork", "A: close 3", "B: close 2"],
        calls: &[
            "A: send 2 1,5 0",
            "A: recv 2 1 0",
            "A: sigprocmask SIG_BLOCK SIGPIPE",
            "B: close 3",
            "B: shutdown 3 SHUT_RD",
            "B: read 0 1",
        ],
        pipes: 2,
        bytes: 6,
        ..PLAIN
    },
    Scope {
        name: "sockets-made-beside-a-sleeper",
        text: "A pair that is made while somebody sleeps elsewhere.",
        numbers: Numbers { nofile: 4, ..TINY },
        start: &["A: pipe", "A: fork"],
        calls: &["A: socketpair SOCK_STREAM 0", "B: read 0 1"],
        pipes: 2,
        bytes: 1,
        ..PLAIN
    },
    Scope {
        name: "sockets-two-to-nobody",
        text: "Two that send datagrams to nobody by one socket, which may be shut down.",
        start: &["A: socketpair SOCK_DGRAM 0", "A: close 1", "A: fork"],
        calls: &[
            "A: send 0 1,5 0",
            "A: writev 0 0",
            "A: recv 0 1 MSG_DONTWAIT",
            "B: send 0 1 0",
            "*: shutdown 0 SHUT_WR",
        ],
        bytes: 3,
        ..PLAIN
    },
    Scope {
        name: "sockets-reset-beside-a-sleeper",
        text: "Records to a socket that is closed unread while somebody sleeps elsewhere.",
        numbers: Numbers { nofile: 4, ..TINY },
        start: &[
            "A: pipe",
            "A: socketpair SOCK_SEQPACKET 0",
            "A: fork",
            "A: close 3",
            "B: close 2",
        ],
        calls: &["A: send 2 1 0", "A: recv 2 1 0", "B: close 3", "B: read 0 1"],
        pipes: 2,
        bytes: 3,
        ..PLAIN
    },
    Scope {
        name: "sockets-refused-beside-a-sleeper",
        text: "Datagrams to nobody while somebody sleeps elsewhere.",
        numbers: Numbers { nofile: 4, ..TINY },
        start: &["A: pipe", "A: socketpair SOCK_DGRAM 0", "A: fork", "A: close 3", "B: close 2"],
        calls: &[
            "A: send 2 1 0",
            "A: recv 2 1 MSG_DONTWAIT",
            "B: send 3 1 0",
            "B: close 3",
            "B: read 0 1",
        ],
        pipes: 2,
        bytes: 3,
        ..PLAIN
    },
    Scope {
        name: "sockets-shared",
        text: "Two that receive from one end, and one that sends and closes the other.",
        processes: 3,
        start: &[
            "A: socketpair SOCK_SEQPACKET 0",
            "A: fork",
            "A: fork",
            "A: close 1",
            "B: close 0",
            "C: close 0",
        ],
        calls: &["A: send 0 0,1 0", "A: close 0", "B,C: recv 1 2 0", "B: shutdown 1 SHUT_RD"],
        bytes: 2,
        ..PLAIN
    },
];
