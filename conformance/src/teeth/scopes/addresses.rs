//! Small worlds of sockets that are named and connected by name.

use ipc_model::profile::Numbers;

use crate::worlds::{PLAIN, Scope, TINY};

const LISTENER: &[&str] =
    &["A: socket SOCK_STREAM 0", "A: bind 0 n", "A: fork", "B: close 0", "B: socket SOCK_STREAM 0"];

pub(super) static ADDRESSES: &[Scope] = &[
    Scope {
        name: "addresses-made",
        text: "One process that makes sockets of every type, flags and all, and lets them listen and accept.",
        processes: 1,
        start: &["A: socket SOCK_STREAM 0", "A: bind 0 n"],
        calls: &[
            "A: socket SOCK_STREAM,SOCK_DGRAM,SOCK_SEQPACKET 0,SOCK_NONBLOCK,SOCK_CLOEXEC",
            "A: listen 0,1 0",
            "A: connect 1 n",
            "A: accept4 0,1 0,SOCK_NONBLOCK,SOCK_CLOEXEC",
            "A: fcntl 1,2 F_GETFL",
            "A: fcntl 1,2 F_GETFD",
            "A: fcntl 0 F_SETFL O_NONBLOCK",
            "A: close 1,2",
        ],
        bytes: 0,
        ..PLAIN
    },
    Scope {
        name: "addresses-apart",
        text: "One process with a stream or records that have no connection, or listen, and all that is asked of them.",
        processes: 1,
        numbers: Numbers { nofile: 2, ..TINY },
        start: &[],
        calls: &[
            "A: socket SOCK_STREAM,SOCK_SEQPACKET SOCK_NONBLOCK",
            "A: bind 0 n",
            "A: listen 0 0",
            "A: connect 1 n",
            "A: send 0,1 0,1 MSG_NOSIGNAL",
            "A: recv 0,1 0,1 0",
            "A: read 0 0,1",
            "A: writev 0 0",
            "A: ioctl 0 FIONREAD",
            "A: shutdown 0,1 SHUT_RD,SHUT_WR",
            "A: poll 0:POLLIN|POLLOUT 0",
            "A: poll 1:POLLIN|POLLOUT 0",
            "A: lseek 0 0 SEEK_SET",
            "A: ftruncate 0 0",
            "A: close 1",
        ],
        bytes: 1,
        ..PLAIN
    },
    Scope {
        name: "addresses-given",
        text: "One process that gives names, in a directory and in none, to sockets of several types, twice or where something is.",
        processes: 1,
        start: &["A: mkfifo f 644", "A: mkdir d 700"],
        calls: &[
            "A: socket SOCK_STREAM,SOCK_DGRAM SOCK_NONBLOCK",
            "A: bind 0,1 n,@n,f,x/n,f/n",
            "A: connect 0,1 n,@n,f,x,x/n,f/n",
            "A: listen 0 0",
            "A: unlink n",
            "A: close 0",
            "A: stat n",
        ],
        numbers: Numbers { nofile: 2, ..TINY },
        bytes: 0,
        ..PLAIN
    },
    Scope {
        name: "addresses-as-files",
        text: "One process with the name of a socket, which it opens, cuts, links and asks about.",
        processes: 1,
        start: &["A: socket SOCK_STREAM 0"],
        calls: &[
            "A: umask 77",
            "A: bind 0 n",
            "A: open n O_RDONLY,O_RDWR 0,O_DIRECTORY",
            "A: open n O_RDONLY O_CREAT 0,O_EXCL 600",
            "A: truncate n",
            "A: stat n",
            "A: link n o",
            "A: rename n o",
            "A: mkfifo n 644",
            "A: listen 0 0",
            "A: socket SOCK_STREAM 0",
            "A: connect 1 n,o",
        ],
        numbers: Numbers { nofile: 2, ..TINY },
        bytes: 0,
        ..PLAIN
    },
    Scope {
        name: "addresses-of-another",
        text: "One who has become nobody, and the names and directories of another.",
        start: &[
            "A: mkdir d 700",
            "A: umask 0",
            "A: socket SOCK_STREAM 0",
            "A: bind 0 m",
            "A: umask 22",
            "A: listen 0 1",
            "A: socket SOCK_STREAM 0",
            "A: bind 1 n",
            "A: listen 1 1",
            "A: socket SOCK_STREAM SOCK_NONBLOCK",
        ],
        processes: 1,
        calls: &[
            "A: setuid nobody",
            "A: connect 2 m,n,d/n",
            "A: bind 2 o,d/n",
            "A: open m,n O_RDONLY,O_WRONLY 0",
        ],
        bytes: 0,
        ..PLAIN
    },
    Scope {
        name: "addresses-no-sockets",
        text: "One process with a pipe, what is closed, and no descriptor left.",
        processes: 1,
        start: &["A: pipe"],
        calls: &[
            "A: socket SOCK_STREAM 0",
            "A: bind 0,1,2 n",
            "A: listen 0,1,2 0",
            "A: connect 0,1,2 n",
            "A: accept4 0,1,2 0",
            "A: close fd",
        ],
        numbers: Numbers { nofile: 3, ..TINY },
        bytes: 0,
        ..PLAIN
    },
    Scope {
        name: "addresses-asleep",
        text: "One that accepts or asks, and waits, and another that connects and goes.",
        start: LISTENER,
        calls: &[
            "A: listen 0 0,1",
            "A: accept4 0 0",
            "A: poll 0:POLLIN 0,-1",
            "A: fcntl 0 F_SETFL 0,O_NONBLOCK",
            "A: shutdown 0 SHUT_RD",
            "A: close fd",
            "B: connect 0 n",
            "B: socket SOCK_STREAM 0,SOCK_NONBLOCK",
            "B: close 0",
        ],
        numbers: Numbers { nofile: 2, ..TINY },
        bytes: 0,
        ..PLAIN
    },
    Scope {
        name: "addresses-listed",
        text: "A socket that listens in an interest list that is told of news.",
        start: &[
            "A: socket SOCK_STREAM SOCK_NONBLOCK",
            "A: bind 0 n",
            "A: listen 0 1",
            "A: epoll_create1 0",
            "A: epoll_ctl 1 EPOLL_CTL_ADD 0 EPOLLIN|EPOLLET",
            "A: fork",
            "B: close 0",
        ],
        calls: &[
            "A: epoll_wait 1 1 0,-1",
            "A: accept4 0 0",
            "A: close 2",
            "B: socket SOCK_STREAM SOCK_NONBLOCK",
            "B: connect 0 n",
            "B: close 0",
        ],
        bytes: 0,
        ..PLAIN
    },
    Scope {
        name: "addresses-beside-a-sleeper",
        text: "Sockets that are made, named, connected and accepted while somebody sleeps elsewhere.",
        start: &["A: pipe", "A: fork"],
        calls: &[
            "A: socket SOCK_STREAM SOCK_NONBLOCK",
            "A: bind 2 n,@n",
            "A: listen 2 0",
            "A: connect 3 n",
            "A: accept4 2 0",
            "A: close 3",
            "B: read 0 1",
        ],
        numbers: Numbers { nofile: 5, ..TINY },
        pipes: 2,
        bytes: 0,
        ..PLAIN
    },
    Scope {
        name: "addresses-of-datagrams",
        text: "One process with three datagram sockets, of which two have names, connected over and over and shut down.",
        processes: 1,
        start: &[
            "A: socket SOCK_DGRAM SOCK_NONBLOCK",
            "A: bind 0 n",
            "A: socket SOCK_DGRAM SOCK_NONBLOCK",
            "A: bind 1 m",
            "A: socket SOCK_DGRAM SOCK_NONBLOCK",
        ],
        calls: &[
            "A: connect 0,1,2 n,m",
            "A: send 0,1,2 1 0",
            "A: recv 0,1 1 0,MSG_PEEK",
            "A: poll 0:POLLIN|POLLOUT 0",
            "A: poll 2:POLLIN|POLLOUT 0",
            "A: shutdown 0 SHUT_RD",
            "A: close 1",
        ],
        bytes: 2,
        ..PLAIN
    },
];
