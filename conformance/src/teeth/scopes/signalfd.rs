//! Small worlds of signals that are read.

use ipc_model::profile::Numbers;

use crate::worlds::{PLAIN, Scope, TINY};

pub(super) static SIGNALS_READ: &[Scope] = &[
    Scope {
        name: "signals-read-or-not",
        text: "Sets of signals beside a pipe, made, changed, closed and read in every way, and others that sleep.",
        numbers: Numbers { nofile: 4, ..TINY },
        start: &[
            "A: signalfd SIGUSR1 0",
            "A: pipe",
            "A: fork",
            "A: sigprocmask SIG_BLOCK SIGUSR1",
            "B: sigprocmask SIG_BLOCK SIGUSR1",
        ],
        calls: &[
            "A: signalfd SIGUSR1 0,SFD_NONBLOCK,O_APPEND",
            "A: signalfd 0,1,3 set SIGUSR1 0,O_APPEND",
            "A: signalfd_read 0 0,1",
            "A: read 0 0,127",
            "A: readv 0 0+0,1+126",
            "A: write 0 1",
            "A: raise SIGUSR1",
            "A: close 0",
            "B: signalfd_read 0 1",
            "B: read 1 1",
        ],
        bytes: 1,
        ..PLAIN
    },
    Scope {
        name: "signals-read-closed",
        text: "Reads and changes of what is closed, with something pending or not.",
        start: &["A: signalfd SIGUSR1 0", "A: fork", "A: sigprocmask SIG_BLOCK SIGUSR1"],
        calls: &[
            "A: signalfd 0 set SIGUSR1,SIGUSR2 0,O_APPEND",
            "A: signalfd_read 0 0,1",
            "A: raise SIGUSR1",
            "A: close 0",
            "B: poll 0:POLLIN -1",
        ],
        bytes: 0,
        ..PLAIN
    },
    Scope {
        name: "signals-read-waited-for",
        text: "Two that wait for signals, one by a read and one that asks, and a third that sends and changes the set.",
        processes: 3,
        start: &[
            "A: signalfd SIGUSR1 0",
            "A: sigprocmask SIG_BLOCK SIGUSR1|SIGUSR2",
            "A: fork",
            "A: fork",
            "B: sigaction SIGTERM handler 0 0",
        ],
        calls: &[
            "A: kill B,C SIGUSR1,SIGUSR2",
            "A: kill B SIGTERM",
            "A: signalfd 0 set SIGUSR1,SIGUSR2 0",
            "A: signalfd 0 0",
            "B: signalfd_read 0 2",
            "C: select 0:readfds -1",
            "C: sigtimedwait SIGUSR1 0",
        ],
        bytes: 0,
        ..PLAIN
    },
    Scope {
        name: "signals-read-in-order",
        text: "Several signals that are pending at a time, of which a read takes one or more.",
        start: &[
            "A: signalfd SIGUSR1|SIGRTMIN 0",
            "A: fork",
            "B: sigprocmask SIG_BLOCK SIGUSR1|SIGRTMIN",
        ],
        calls: &[
            "A: kill B SIGUSR1",
            "A: sigqueue B SIGRTMIN 1,2",
            "B: raise SIGRTMIN",
            "B: signalfd_read 0 1,2",
            "A: fcntl 0 F_SETFL 0,O_NONBLOCK",
        ],
        bytes: 0,
        ..PLAIN
    },
];
