//! Small worlds of threads.

use crate::worlds::{PLAIN, Scope};

pub(super) static THREADS: &[Scope] = &[
    Scope {
        name: "threads-sent-to",
        text: "A process with two threads, each sent to by itself and by the other, alone and together.",
        start: &["A: pthread_create", "A: pthread_sigmask SIG_BLOCK SIGUSR1"],
        calls: &[
            "A: kill A SIGUSR1",
            "A: pthread_kill B SIGUSR1,SIGWINCH",
            "A: sigpending",
            "B: pthread_sigmask SIG_BLOCK,SIG_UNBLOCK SIGUSR1",
            "B: sigtimedwait SIGUSR1 0",
            "B: sigaction SIGUSR1 SIG_IGN,SIG_DFL",
        ],
        bytes: 0,
        ..PLAIN
    },
    Scope {
        name: "threads-made-beside-sleep",
        text: "A process that makes a thread while another thread of it sleeps.",
        processes: 3,
        start: &["A: pthread_create", "B: pthread_sigmask SIG_BLOCK SIGUSR1"],
        calls: &[
            "A: pthread_create",
            "A: kill A SIGUSR1",
            "B: sigtimedwait SIGUSR1 -1",
            "C: pthread_sigmask SIG_BLOCK SIGUSR1",
            "C: sigpending",
        ],
        bytes: 0,
        ..PLAIN
    },
    Scope {
        name: "threads-made",
        text: "A process that makes a thread with whatever mask, waits for it, and sends to it.",
        start: &[],
        calls: &[
            "A: pthread_sigmask SIG_BLOCK,SIG_UNBLOCK SIGUSR1",
            "A: pthread_create",
            "A: pthread_join B",
            "A: pthread_kill A SIGUSR1,0",
            "B: pthread_kill A SIGUSR1",
            "B: sigpending",
            "B: pthread_exit",
        ],
        bytes: 0,
        ..PLAIN
    },
];
