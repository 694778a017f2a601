//! Small worlds of children, and of what their parents are told.

use ipc_model::profile::Numbers;

use crate::worlds::{PLAIN, Scope, TINY};

/// A parent and two children, and nothing between them.
const THREE: Scope = Scope { processes: 3, start: &["A: fork", "A: fork"], bytes: 0, ..PLAIN };

pub(super) static CHILDREN: &[Scope] = &[
    Scope {
        name: "waited-for-by-any-way",
        text: "Two children that end, and a parent that waits in every way.",
        calls: &[
            "B: _exit 1",
            "C: raise SIGUSR1",
            "A: wait",
            "A: waitpid B options 0,WNOHANG,WNOWAIT",
            "A: waitpid -1 WNOHANG,WNOWAIT",
            "A: waitid P_PID B WEXITED|WNOWAIT,WEXITED,WNOHANG,WEXITED|WNOHANG",
            "A: waitid P_ALL WEXITED|WNOWAIT,WEXITED|WNOHANG,WNOHANG",
        ],
        ..THREE
    },
    Scope {
        name: "told-of-children",
        text: "Two children that end, and a parent that is told by SIGCHLD, or holds it back.",
        calls: &[
            "B: _exit 1",
            "C: _exit 2",
            "A: sigaction SIGCHLD handler 0,SA_RESTART,SA_NOCLDWAIT 0",
            "A: sigprocmask SIG_BLOCK,SIG_UNBLOCK SIGCHLD",
            "A: sigpending",
            "A: waitpid -1 0,WNOHANG",
            "A: waitid P_ALL WEXITED",
        ],
        ..THREE
    },
    Scope {
        name: "children-dropped",
        text: "Children of which nothing is left, and what was there before.",
        calls: &[
            "B: _exit 1",
            "C: _exit 2",
            "A: sigaction SIGCHLD SIG_IGN,SIG_DFL",
            "A: sigprocmask SIG_BLOCK SIGCHLD",
            "A: sigpending",
            "A: waitpid B",
            "A: waitid P_PID B WEXITED",
            "A: wait",
            "A: kill B 0",
        ],
        ..THREE
    },
    Scope {
        name: "children-dropped-over-exec",
        text: "What is said of children over fork and exec.",
        start: &["A: fork"],
        calls: &[
            "A: sigaction SIGCHLD handler SA_NOCLDWAIT,SA_RESETHAND 0",
            "A: sigaction SIGCHLD SIG_IGN",
            "A: exec",
            "A: wait",
            "*: fork",
            "*: _exit 0",
        ],
        ..THREE
    },
    Scope {
        name: "waited-for-beside-a-sleeper",
        text: "A child that ends while SIGCHLD is held back, beside one that sleeps.",
        calls: &[
            "B: pause",
            "C: _exit 1",
            "A: sigprocmask SIG_BLOCK SIGCHLD",
            "A: wait",
            "A: waitid P_ALL WEXITED|WNOWAIT,WEXITED",
        ],
        ..THREE
    },
    Scope {
        name: "orphaned",
        text: "A child that loses its parent, beside one that waits.",
        start: &["A: fork", "B: fork"],
        calls: &[
            "A: sigaction SIGCHLD handler 0 0",
            "A: wait",
            "B: wait",
            "B: _exit 0",
            "C: _exit 1",
        ],
        ..THREE
    },
    Scope {
        name: "stopped",
        text: "One that is stopped and goes on, whatever it does about that.",
        start: &["A: fork"],
        calls: &[
            "A: kill B SIGSTOP,SIGTSTP,SIGCONT",
            "B: sigaction SIGTSTP handler 0 0",
            "B: sigaction SIGSTOP SIG_IGN,SIG_DFL",
            "B: sigaction SIGSTOP handler 0 0",
            "B: sigprocmask SIG_BLOCK SIGTSTP|SIGCONT|SIGSTOP",
            "B: sigpending",
            "B: raise SIGSTOP",
        ],
        processes: 2,
        ..THREE
    },
    Scope {
        name: "told-of-stops",
        text: "One that is stopped, goes on and ends, and a parent that waits for all of it and is told.",
        start: &["A: fork"],
        calls: &[
            "A: kill B SIGSTOP,SIGCONT,SIGKILL",
            "A: sigaction SIGCHLD handler 0,SA_NOCLDSTOP 0",
            "A: sigprocmask SIG_BLOCK SIGCHLD",
            "A: sigpending",
            "A: waitpid B options WUNTRACED,WCONTINUED|WNOHANG,WNOHANG",
            "A: waitid P_ALL WSTOPPED|WNOHANG|WNOWAIT,WSTOPPED|WNOHANG",
        ],
        processes: 2,
        ..THREE
    },
    Scope {
        name: "stops-ignored",
        text: "One that is stopped and goes on beside one that sleeps, and a parent that ignores SIGCHLD, or blocks it as well.",
        calls: &[
            "A: kill B SIGSTOP,SIGCONT",
            "A: sigaction SIGCHLD SIG_IGN",
            "A: sigprocmask SIG_BLOCK SIGCHLD",
            "A: sigpending",
            "A: _exit 0",
            "C: kill B SIGSTOP,SIGCONT",
            "C: pause",
        ],
        ..THREE
    },
    Scope {
        name: "told-when-the-parent-ends",
        text: "Two children that are to be sent a signal when their parent ends, and one of that parent.",
        processes: 4,
        start: &["A: pipe", "A: fork", "B: fork", "B: fork"],
        calls: &[
            "C: prctl PR_SET_PDEATHSIG 0,SIGUSR1,SIGKILL,-1",
            "D: prctl PR_SET_PDEATHSIG SIGUSR1",
            "A,C: prctl PR_GET_PDEATHSIG",
            "C: sigprocmask SIG_BLOCK SIGUSR1",
            "C: sigpending",
            "D: pause",
            "B: _exit 0",
            "A: waitpid B",
        ],
        numbers: Numbers { nofile: 2, ..TINY },
        ..THREE
    },
    Scope {
        name: "held-when-the-parent-ends",
        text: "A parent that ends with a mutex and as a side of a ring, and a child that is to be sent a signal.",
        start: &["A: fork", "B: fork"],
        calls: &[
            "B: mutex_lock 0",
            "B: ring_open 0 producer",
            "B: _exit 0",
            "A: mutex_trylock 0",
            "A: ring_open 0 producer,consumer",
            "A: ring_tryrecv 0",
            "C: prctl PR_SET_PDEATHSIG SIGUSR1",
            "C: sigprocmask SIG_BLOCK SIGUSR1",
            "C: sigpending",
            "C: pause",
        ],
        numbers: Numbers { nofile: 0, ..TINY },
        pipes: 0,
        ..THREE
    },
    Scope {
        name: "stopped-in-a-call",
        text: "Stops that come in the middle of calls.",
        start: &["A: pipe", "A: fork"],
        calls: &[
            "A: kill B SIGSTOP,SIGCONT",
            "A: read 0 3",
            "B: write 1 2,5",
            "B: sigprocmask SIG_BLOCK SIGUSR1",
            "B: sigwaitinfo SIGUSR1",
            "B: pause",
        ],
        processes: 2,
        bytes: 5,
        numbers: Numbers { nofile: 4, ..TINY },
        ..THREE
    },
];
