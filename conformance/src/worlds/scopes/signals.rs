//! Processes that talk by signals.

use ipc_model::profile::POSIX2024;

use super::PLAIN;
use crate::worlds::scope::Scope;
use crate::worlds::sometimes::*;

pub(super) const SENDERS: Scope = Scope {
    name: "senders",
    text: "One that sends, and one that holds back, waits, catches and is interrupted.",
    calls: &[
        "A: kill B SIGUSR1,SIGRTMIN",
        "A: sigqueue B SIGRTMIN 1",
        "A: write 1 1",
        "B: sigaction SIGUSR1 handler 0,SA_RESTART 0",
        "B: sigprocmask SIG_BLOCK,SIG_UNBLOCK SIGUSR1|SIGRTMIN",
        "B: sigtimedwait SIGRTMIN 0,-1",
        "B: sigsuspend 0",
        "B: read 0 1",
    ],
    bytes: 1,
    sometimes: &[&READER_WAKES, &INTERRUPTED, &VALUE_TAKEN, &ENDED_BY_SIGNAL],
    states: 8_157,
    transitions: 21_996,
    ..PLAIN
};

pub(super) const SENDERS_POSIX: Scope = Scope {
    name: "senders-posix",
    profile: &POSIX2024,
    states: 9_015,
    transitions: 25_624,
    ..SENDERS
};

pub(super) const STACKS: Scope = Scope {
    name: "stacks",
    text: "One that has an alternate stack or not, and a handler that asks for it or does not.",
    calls: &[
        "B: sigaltstack SS_DISABLE,SIGSTKSZ,1,SS_ONSTACK,-1",
        "B: sigaltstack ss_flags",
        "B: sigaction SIGUSR1 handler 0,SA_ONSTACK 0",
        "B: raise SIGUSR1",
        "B: exec",
        "A: write 1 1",
        "B: read 0 1",
    ],
    bytes: 0,
    states: 90,
    transitions: 142,
    ..PLAIN
};

pub(super) const STOPPERS: Scope = Scope {
    name: "stoppers",
    text: "A child that is stopped and goes on, ignores what it may, and is waited for.",
    start: &["A: fork"],
    calls: &[
        "A: kill B SIGSTOP,SIGCONT,SIGTSTP,SIGWINCH",
        "A: waitid P_ALL WEXITED|WSTOPPED|WNOHANG,WCONTINUED,0",
        "B: sigaction SIGSTOP SIG_DFL,SIG_IGN",
        "B: sigaction SIGTSTP SIG_IGN",
        "B: sigprocmask SIG_SETMASK SIGTSTP|SIGWINCH,0",
        "B: _exit 0",
    ],
    bytes: 0,
    states: 29_636,
    transitions: 93_918,
    ..PLAIN
};
