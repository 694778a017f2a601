//! Small worlds of children, and of what their parents are told.

use crate::worlds::{PLAIN, Scope};

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
];
