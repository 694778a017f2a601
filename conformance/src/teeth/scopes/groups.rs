//! Small worlds of process groups.

use crate::worlds::{PLAIN, Scope};

/// A parent and two children, and nothing between them.
const THREE: Scope = Scope { processes: 3, start: &["A: fork", "A: fork"], bytes: 0, ..PLAIN };

pub(super) static GROUPS: &[Scope] = &[
    Scope {
        name: "groups-set",
        text: "Groups that begin, are joined, left and asked about, by their members, parents and others.",
        start: &["A: fork", "B: fork"],
        calls: &[
            "A: setpgid B A,B,C",
            "B: setpgid C A,B,C",
            "B: setpgid 0 0,-1",
            "C: setpgid A,C B,C",
            "A: getpgid B,C",
            "C: getpgrp",
            "B: exec",
            "B: _exit 0",
            "A: waitpid B",
        ],
        ..THREE
    },
    Scope {
        name: "groups-born",
        text: "Processes that begin in the group of their parent, and other programs that stay there.",
        start: &[],
        calls: &["*: fork", "*: setpgid 0 0", "*: getpgrp", "*: exec", "A: setpgid B B"],
        ..THREE
    },
    Scope {
        name: "groups-waited-for",
        text: "A parent that waits for its children by their groups, which they leave.",
        calls: &[
            "B: _exit 1",
            "C: _exit 2",
            "A: setpgid B B",
            "C: setpgid 0 0",
            "B: setpgid B A",
            "A: waitpid 0 0,WNOHANG,WNOWAIT",
            "A: waitpid group B 0,WNOHANG",
            "A: waitid P_PGID B WEXITED,WEXITED|WNOWAIT,WNOHANG",
        ],
        ..THREE
    },
    Scope {
        name: "groups-sent-to",
        text: "Signals for groups whose members do about them what they like.",
        start: &["A: fork", "A: fork", "A: setpgid B B", "A: setpgid C B"],
        calls: &[
            "A: killpg B SIGUSR1,0,-1",
            "B: kill 0 SIGUSR1",
            "B: sigaction SIGUSR1 handler 0 0",
            "C: sigprocmask SIG_BLOCK,SIG_UNBLOCK SIGUSR1",
            "C: sigpending",
            "C: setpgid 0 0",
            "A: wait",
        ],
        ..THREE
    },
    Scope {
        name: "groups-ended",
        text: "SIGKILL for groups, that of the caller and another, and groups in which nobody is any more.",
        start: &["A: fork", "A: fork", "A: setpgid B B"],
        calls: &[
            "A: killpg B SIGKILL,0,-1",
            "B: kill 0 SIGKILL",
            "A: setpgid C B",
            "C: kill 0 SIGKILL,-1",
            "A: waitpid B",
            "A: wait",
        ],
        ..THREE
    },
    Scope {
        name: "groups-of-others",
        text: "Who has become another user sends to groups of its own, of others, and of both.",
        start: &[
            "A: fork",
            "A: fork",
            "A: sigaction SIGUSR1 handler 0 0",
            "B: sigaction SIGUSR1 handler 0 0",
            "C: setuid nobody",
            "A: setpgid B B",
        ],
        calls: &[
            "C: killpg A,B SIGUSR1,SIGCONT,0,-1",
            "C: sigprocmask SIG_BLOCK SIGUSR1",
            "C: setpgid 0 0",
            "A: kill B SIGSTOP",
            "B: _exit 0",
            "A: waitpid B",
        ],
        ..THREE
    },
    Scope {
        name: "groups-asleep",
        text: "Members of a group that wait for a signal, of which all are woken.",
        start: &[
            "A: fork",
            "A: fork",
            "A: setpgid B B",
            "A: setpgid C B",
            "B: sigprocmask SIG_BLOCK SIGUSR1",
            "C: sigprocmask SIG_BLOCK SIGUSR1",
        ],
        calls: &[
            "A: killpg B SIGUSR1,SIGWINCH",
            "B: sigwait SIGUSR1",
            "C: sigwait SIGUSR1",
            "C: setpgid 0 0",
            "A: waitpid group B 0",
            "A: waitpid C",
        ],
        ..THREE
    },
    Scope {
        name: "everybody-sent-to",
        text: "Signals for everybody, from who may send them to all and from who may not, to who does about them what it likes.",
        start: &["A: fork", "A: fork", "C: setuid nobody"],
        calls: &[
            "A: kill -1 SIGUSR1,0,-1",
            "B: kill -1 SIGKILL",
            "C: kill -1 SIGUSR1,SIGCONT,-1",
            "A: sigaction SIGUSR1 handler 0 0",
            "B: sigaction SIGUSR1 handler 0 0",
            "C: sigprocmask SIG_BLOCK,SIG_UNBLOCK SIGUSR1",
            "A: kill B SIGSTOP",
            "B: _exit 0",
            "A: waitpid B",
        ],
        ..THREE
    },
];
