//! Small worlds of interest lists and counters.

use ipc_model::profile::Numbers;

use crate::worlds::{PLAIN, Scope, TINY};

pub(super) static LISTS: &[Scope] = &[
    Scope {
        name: "typeless",
        text: "A counter, a list and a pipe, asked by who may give up its privilege for what pipes have.",
        numbers: Numbers { nofile: 5, ..TINY },
        processes: 1,
        start: &["A: eventfd 0 0", "A: epoll_create1 0", "A: pipe"],
        calls: &[
            "A: lseek 0,1 0 SEEK_CUR",
            "A: fcntl 0,1 F_GETPIPE_SZ",
            "A: fcntl 0,1 F_SETPIPE_SZ 4",
            "A: fcntl 0 F_SETFL 0,O_NONBLOCK,O_DIRECT",
            "A: splice 0,2 1,3 0,1 0",
            "A: tee 0,2 1,3 0,1 0",
            "A: reopen 0,1,2,4 O_RDONLY,O_WRONLY,O_RDWR 0,O_NONBLOCK,O_PATH",
            "A: write 3 1",
            "A: setuid nobody",
            "A: close 2,4",
        ],
        bytes: 1,
        ..PLAIN
    },
    Scope {
        name: "lists",
        text: "Two lists and a counter, registered with each other as they may be and as they may not.",
        numbers: Numbers { nofile: 4, ..TINY },
        processes: 1,
        start: &["A: epoll_create1 0", "A: eventfd 1 0", "A: epoll_create1 0"],
        calls: &[
            "A: epoll_create1 0,O_APPEND",
            "A: epoll_ctl 0,1,3 EPOLL_CTL_ADD 0,1,2,3 EPOLLIN,EPOLLIN|EPOLLEXCLUSIVE,EPOLLONESHOT|EPOLLEXCLUSIVE",
            "A: epoll_ctl 2 EPOLL_CTL_ADD 0,1 EPOLLIN",
            "A: epoll_ctl 0,1,3 EPOLL_CTL_MOD 0,1,2,3 EPOLLOUT,EPOLLIN|EPOLLEXCLUSIVE",
            "A: epoll_ctl 0,1,3 EPOLL_CTL_DEL 0,1,2,3",
            "A: epoll_wait 0,1,3 0,1,2 0,1",
            "A: read 0 0,1",
            "A: readv 0 1+1",
            "A: write 0 0,1",
            "A: writev 0 1+1",
            "A: ioctl 0 FIONREAD",
            "A: close 3",
        ],
        bytes: 2,
        ..PLAIN
    },
    Scope {
        name: "held-back",
        text: "One that waits for events with a mask, while another sends it what is ignored, or is not, and counts.",
        numbers: Numbers { nofile: 2, ..TINY },
        processes: 2,
        start: &[
            "A: eventfd 0 EFD_NONBLOCK",
            "A: epoll_create1 0",
            "A: epoll_ctl 1 EPOLL_CTL_ADD 0 EPOLLIN",
            "A: fork",
            "A: sigprocmask SIG_BLOCK SIGCHLD|SIGUSR1",
        ],
        calls: &[
            "A: epoll_pwait 0,1 1 -1,0,5 mask 0,SIGCHLD",
            "A: epoll_pwait 1,2 0 -1 mask 0",
            "B: kill A SIGCHLD,SIGUSR1",
            "B: epoll_wait 1 1 -1",
            "A: sigaction SIGUSR1 SIG_IGN",
            "B: write 0 8",
            "A: read 0 8",
            "A: sigpending",
        ],
        bytes: 16,
        ..PLAIN
    },
    Scope {
        name: "lists-waited-for",
        text: "A list that two wait for, in a call of its own and in poll, while a third fills and changes it.",
        numbers: Numbers { nofile: 4, ..TINY },
        processes: 3,
        start: &["A: eventfd 0 0", "A: eventfd 1 0", "A: epoll_create1 0", "A: fork", "A: fork"],
        calls: &[
            "A: epoll_ctl 2 EPOLL_CTL_ADD 0 EPOLLIN,EPOLLIN|EPOLLET,EPOLLIN|EPOLLEXCLUSIVE",
            "A: epoll_ctl 2 EPOLL_CTL_ADD 1 EPOLLIN",
            "A: epoll_ctl 2 EPOLL_CTL_MOD 0 EPOLLIN",
            "A: epoll_ctl 2 EPOLL_CTL_DEL 0",
            "A: epoll_create1 0",
            "A: eventfd_write 0 1",
            "A: eventfd_read 0",
            "A: epoll_wait 2 1 0",
            "B: epoll_wait 2 1 -1,1",
            "C: epoll_wait 2 2 -1",
            "C: poll 2:POLLIN -1",
        ],
        bytes: 0,
        ..PLAIN
    },
    Scope {
        name: "news",
        text: "A pipe of which only news is told, to those who wait for it while others read.",
        processes: 3,
        start: &[
            "A: pipe",
            "A: epoll_create1 0",
            "A: epoll_ctl 2 EPOLL_CTL_ADD 0 EPOLLIN|EPOLLET",
            "A: fork",
            "A: fork",
        ],
        calls: &[
            "A: write 1 1,2",
            "A: read 0 1",
            "B: epoll_wait 2 1 -1,1,0",
            "C: epoll_wait 2 1 -1",
            "C: poll 2:POLLIN -1,1,0",
        ],
        bytes: 3,
        ..PLAIN
    },
    Scope {
        name: "odd-bytes",
        text: "A counter to which buffers of eight bytes are written, of fewer and of more.",
        start: &["A: eventfd 0 0", "A: fork"],
        calls: &[
            "A: write 0 7,8,9",
            "A: writev 0 7,8,8+8,0+8,8+0,8+7,8+9,8+8+8",
            "A: fcntl 0 F_SETFL 0,O_NONBLOCK",
            "B: eventfd_read 0",
            "B: eventfd_write 0 -1000",
            "B: read 0 8",
        ],
        bytes: 24,
        ..PLAIN
    },
    Scope {
        name: "buffers-waited-for",
        text: "Two that wait for a counter to which a third writes buffers.",
        processes: 3,
        start: &["A: eventfd 0 0", "A: pipe", "A: fork", "A: fork"],
        calls: &[
            "A: write 0 8",
            "A: writev 0 8,8+8",
            "B,C: eventfd_read 0",
            "C: read 1 1",
            "A: close 0",
        ],
        bytes: 16,
        ..PLAIN
    },
];
