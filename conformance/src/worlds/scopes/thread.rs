//! Processes with several threads.

use super::PLAIN;
use crate::worlds::scope::Scope;
use crate::worlds::sometimes::*;

pub(super) const THREADS: Scope = Scope {
    name: "threads",
    text: "A process with two threads, one of which holds back and waits; the process and each are sent to.",
    start: &["A: sigaction SIGUSR1 handler 0 0", "A: pthread_create"],
    calls: &[
        "A: kill A SIGUSR1",
        "A: pthread_kill B SIGUSR1",
        "A: pthread_join B",
        "B: pthread_sigmask SIG_BLOCK,SIG_UNBLOCK SIGUSR1",
        "B: sigtimedwait SIGUSR1 0,-1",
        "B: pthread_exit",
    ],
    bytes: 0,
    sometimes: &[&THREAD_TAKES, &THREAD_JOINED],
    states: 380,
    transitions: 1_108,
    ..PLAIN
};
