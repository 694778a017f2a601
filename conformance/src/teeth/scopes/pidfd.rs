//! Small worlds of processes on descriptors.

use ipc_model::profile::Numbers;

use crate::worlds::{PLAIN, Scope, TINY};

pub(super) static HELD: &[Scope] = &[
    Scope {
        name: "held-or-not",
        text: "A process on a descriptor beside a pipe, opened, asked about, closed and sent to in every way.",
        numbers: Numbers { nofile: 4, ..TINY },
        start: &["A: fork", "A: pidfd_open B 0", "A: pipe"],
        calls: &[
            "A: pidfd_open A,B 0,PIDFD_NONBLOCK,O_APPEND",
            "A: pidfd_send_signal 0,1,3 SIGUSR1,0,-1",
            "A: waitid_pidfd 0,1,3",
            "A: fcntl 3 F_SETFL 0,O_NONBLOCK",
            "A: waitpid B",
            "A: close 0",
            "B: sigaction SIGUSR1 SIG_IGN,SIG_DFL",
            "B: _exit 0",
        ],
        bytes: 1,
        ..PLAIN
    },
    Scope {
        name: "held-file",
        text: "What files have and a process on a descriptor has not, closed or not.",
        numbers: Numbers { nofile: 4, ..TINY },
        processes: 1,
        start: &["A: pidfd_open A 0", "A: pipe"],
        calls: &[
            "A: read 0 0,1",
            "A: readv 0 0,1+1",
            "A: write 0 0,1",
            "A: writev 0 1+1",
            "A: pread 0 1 0",
            "A: pwrite 0 1 0",
            "A: lseek 0 0,1 SEEK_SET,SEEK_CUR",
            "A: ftruncate 0 -1,0,1",
            "A: ioctl 0 FIONREAD",
            "A: waitid_pidfd -1,0,1",
            "A: splice 0 2 1 0",
            "A: close 0",
        ],
        bytes: 1,
        ..PLAIN
    },
    Scope {
        name: "held-taken-from",
        text: "Descriptors of another that are taken by number, there or not, of who lives and of who has ended.",
        numbers: Numbers { nofile: 4, ..TINY },
        start: &["A: pipe", "A: fork", "A: close 0", "A: pidfd_open B 0"],
        calls: &[
            "A: pidfd_getfd 0,1,3 0,1,2 0,O_CLOEXEC",
            "A: fcntl 2 F_GETFD",
            "A: write 2 1",
            "A: close 0,2",
            "A: exec",
            "A: waitpid B",
            "B: fcntl 1 F_SETFL O_NONBLOCK",
            "B: close 0,1",
            "B: _exit 0",
        ],
        bytes: 1,
        ..PLAIN
    },
    Scope {
        name: "held-by-others",
        text: "Those who have become another user, and take of each other and of who has not.",
        processes: 3,
        start: &[
            "A: fork",
            "A: fork",
            "B: pidfd_open A 0",
            "B: pidfd_open C 0",
            "A: pipe",
            "C: pipe",
        ],
        calls: &[
            "A: setuid nobody",
            "A: _exit 0",
            "B: setuid nobody",
            "B: pidfd_getfd 0,1 0 0,O_CLOEXEC",
            "C: setuid nobody",
            "C: exec",
            "C: _exit 0",
            "A: waitpid C",
        ],
        bytes: 0,
        ..PLAIN
    },
    Scope {
        name: "held-waited-for",
        text: "A child that is waited for and asked about by its descriptor, and others that come to an end or send.",
        processes: 4,
        start: &[
            "A: fork",
            "A: fork",
            "A: fork",
            "A: pidfd_open B 0",
            "C: pidfd_open B 0",
            "A: sigaction SIGUSR1 handler 0 0",
            "D: pidfd_open B 0",
        ],
        calls: &[
            "A: waitid_pidfd 0",
            "A: waitpid C",
            "B: _exit 0",
            "C: poll 0:POLLIN -1",
            "D: pidfd_open B 0",
            "D: pidfd_send_signal 0 0,SIGWINCH,SIGKILL",
            "D: waitid_pidfd 0",
            "D: kill A SIGUSR1",
        ],
        bytes: 0,
        ..PLAIN
    },
    Scope {
        name: "held-hung-up",
        text: "Who polls for the end, or for no more than a hang-up, while the parent waits.",
        processes: 3,
        start: &["A: fork", "A: fork", "A: pidfd_open B 0", "C: pidfd_open B 0"],
        calls: &[
            "A: waitid_pidfd 0",
            "A: select 0:readfds|writefds 0",
            "B: _exit 0",
            "C: poll 0:POLLIN,0:0 -1,0",
        ],
        bytes: 0,
        ..PLAIN
    },
];
