//! Small worlds of signals.

use ipc_model::profile::Numbers;

use crate::worlds::{PLAIN, Scope, TINY};

/// Two processes, and nothing between them.
const TWO: Scope = Scope { start: &["A: fork"], bytes: 0, ..PLAIN };

/// Two processes and a pipe.
const WITH_A_PIPE: Scope = Scope {
    numbers: Numbers { nofile: 4, ..TINY },
    start: &["A: pipe", "A: fork"],
    bytes: 5,
    ..PLAIN
};

pub(super) static SIGNALS: &[Scope] = &[
    Scope {
        name: "limited",
        text: "Two that may both have nothing queued, each sent to in every way, by itself and by the other.",
        start: &["A: fork", "B: sigprocmask SIG_BLOCK SIGUSR1|SIGRTMIN"],
        calls: &[
            "A: kill B SIGUSR1,SIGRTMIN",
            "A: sigqueue B SIGUSR1,SIGRTMIN 1",
            "B: raise SIGUSR1,SIGRTMIN",
            "B: setrlimit RLIMIT_SIGPENDING 0",
            "B: sigtimedwait SIGUSR1|SIGRTMIN 0,-1",
            "B: sigaction SIGRTMIN SIG_IGN,SIG_DFL",
            "A: waitpid B",
        ],
        ..TWO
    },
    Scope {
        name: "sent",
        text: "One that sends, and one that holds back and asks.",
        calls: &[
            "A: kill B SIGUSR1,SIGWINCH,-1",
            "A: sigqueue B SIGUSR1,SIGRTMIN 1",
            "B: sigprocmask SIG_BLOCK,SIG_UNBLOCK SIGUSR1|SIGWINCH|SIGRTMIN",
            "B: sigpending",
            "B: sigaction SIGUSR1 SIG_DFL,SIG_IGN",
            "A: waitpid B",
        ],
        ..TWO
    },
    Scope {
        name: "sent-again",
        text: "One that sends values, and one that holds back and takes them.",
        start: &["A: fork", "B: sigprocmask SIG_BLOCK SIGUSR1|SIGRTMIN"],
        calls: &[
            "A: kill B SIGUSR1,SIGRTMIN",
            "A: sigqueue B SIGRTMIN 1,2",
            "B: sigtimedwait SIGUSR1|SIGRTMIN 0,1",
            "B: sigaction SIGUSR1 SIG_DFL,SIG_IGN",
        ],
        ..TWO
    },
    Scope {
        name: "waited-for",
        text: "One that waits for what it blocks, and what it does not wait for.",
        start: &["A: fork", "B: sigprocmask SIG_BLOCK SIGUSR1|SIGRTMIN|SIGWINCH"],
        calls: &[
            "A: kill B SIGUSR1,SIGUSR2,SIGWINCH",
            "B: sigwait SIGUSR1",
            "B: sigwaitinfo SIGUSR1|SIGWINCH",
            "B: sigaction SIGWINCH SIG_DFL",
            "B: sigaction SIGUSR2 handler 0 0",
        ],
        ..TWO
    },
    Scope {
        name: "chosen",
        text: "Several signals that are pending at a time, of which one is first.",
        start: &["A: fork", "B: sigprocmask SIG_BLOCK SIGUSR1|SIGUSR2|SIGRTMIN|SIGRTMIN+1"],
        calls: &[
            "A: kill B SIGUSR1,SIGRTMIN+1",
            "A: sigqueue B SIGRTMIN 1",
            "B: sigprocmask SIG_SETMASK 0",
            "B: sigwait SIGUSR1|SIGUSR2|SIGRTMIN|SIGRTMIN+1",
            "B: raise SIGUSR2,0,-1",
            "A: waitpid B",
        ],
        ..TWO
    },
    Scope {
        name: "caught",
        text: "Handlers of every kind, and signals that come to them one after the other.",
        calls: &[
            "A: kill B SIGUSR1,SIGRTMIN",
            "B: sigaction SIGUSR1 handler 0,SA_RESETHAND SIGRTMIN",
            "B: sigaction SIGRTMIN handler 0,SA_NODEFER 0",
            "B: sigaction SIGUSR1 SIG_IGN",
            "B: sigprocmask SIG_BLOCK,SIG_UNBLOCK SIGUSR1|SIGRTMIN",
            "B: raise SIGUSR1",
            "B: exec",
        ],
        ..TWO
    },
    Scope {
        name: "on-another-stack",
        text: "Handlers of the usual stack and the alternate one, beside one that sleeps.",
        calls: &[
            "A: pause",
            "B: sigaltstack SS_DISABLE,SIGSTKSZ,1,SS_ONSTACK,-1",
            "B: sigaltstack ss_flags",
            "B: sigaction SIGUSR1 handler 0,SA_ONSTACK 0",
            "B: raise SIGUSR1",
            "B: exec",
        ],
        ..TWO
    },
    Scope {
        name: "interrupted-on-another-stack",
        text: "A read that handlers of both stacks interrupt, or behind which it begins anew.",
        start: &[
            "A: pipe",
            "A: fork",
            "B: sigaltstack SIGSTKSZ",
            "B: sigaction SIGUSR1 handler SA_ONSTACK 0",
            "B: sigaction SIGUSR2 handler SA_ONSTACK|SA_RESTART 0",
        ],
        calls: &[
            "A: kill B SIGUSR1,SIGUSR2",
            "A: write 1 1",
            "B: read 0 2",
            "B: poll 0:POLLIN -1",
            "B: sigaltstack SS_DISABLE",
        ],
        ..WITH_A_PIPE
    },
    Scope {
        name: "interrupted",
        text: "Reads and writes that a handler interrupts, or behind which they begin anew.",
        start: &[
            "A: pipe",
            "A: fork",
            "B: sigaction SIGUSR1 handler 0 0",
            "B: sigaction SIGUSR2 handler SA_RESTART 0",
        ],
        calls: &[
            "A: kill B SIGUSR1,SIGUSR2",
            "A: read 0 4",
            "B: sigaction SIGUSR1 handler 0 0",
            "A: write 1 1",
            "B: read 0 2",
            "B: write 1 1,5",
        ],
        ..WITH_A_PIPE
    },
    Scope {
        name: "interrupted-asking",
        text: "Calls that ask what is ready, with masks of their own, and pauses.",
        start: &[
            "A: pipe",
            "A: fork",
            "B: sigaction SIGUSR1 handler SA_RESTART 0",
            "B: sigprocmask SIG_BLOCK SIGUSR1",
        ],
        calls: &[
            "A: kill B SIGUSR1",
            "A: write 1 1",
            "A: read 0 1",
            "B: sigprocmask SIG_UNBLOCK SIGUSR1",
            "B: sigpending",
            "B: poll 0:POLLIN -1",
            "B: ppoll 0:POLLIN -1,0 mask 0,SIGUSR1",
            "B: pause",
            "B: sigsuspend 0,SIGUSR1",
        ],
        bytes: 1,
        ..WITH_A_PIPE
    },
    Scope {
        name: "interrupted-opening",
        text: "An open of a FIFO that waits for a reader, and that a handler interrupts.",
        start: &[
            "A: mkfifo f 644",
            "A: fork",
            "B: sigaction SIGUSR1 handler SA_RESTART 0",
            "B: sigaction SIGUSR2 handler 0 0",
        ],
        calls: &[
            "A: kill B SIGUSR1,SIGUSR2",
            "A: open f O_WRONLY O_NONBLOCK",
            "A: close 0",
            "B: open f O_RDONLY 0",
            "B: close 0",
        ],
        bytes: 0,
        ..WITH_A_PIPE
    },
    Scope {
        name: "interrupted-waiting",
        text: "A wait for a child that a handler interrupts.",
        start: &[
            "A: fork",
            "B: fork",
            "B: sigaction SIGUSR1 handler SA_RESTART 0",
            "B: sigaction SIGUSR2 handler 0 0",
        ],
        processes: 3,
        calls: &["A: kill B SIGUSR1,SIGUSR2", "B: waitpid C", "C: _exit 0"],
        ..TWO
    },
    Scope {
        name: "caught-sigpipe",
        text: "A pipe whose reader goes, and a writer that catches SIGPIPE, or does not.",
        start: &["A: pipe", "A: fork", "B: close 0"],
        calls: &[
            "B: sigaction SIGPIPE handler 0,SA_RESETHAND 0",
            "B: sigprocmask SIG_BLOCK,SIG_UNBLOCK SIGPIPE",
            "B: write 1 1,5",
            "A: close 0",
        ],
        ..WITH_A_PIPE
    },
];
