//! Processes that have others on descriptors.

use super::PLAIN;
use crate::worlds::scope::Scope;
use crate::worlds::sometimes::*;

pub(super) const HELD: Scope = Scope {
    name: "held",
    text: "A parent that waits for its child by a descriptor, the child, and a third that has the child on one too.",
    processes: 3,
    start: &["A: fork", "A: fork", "A: pidfd_open B 0", "C: pidfd_open B PIDFD_NONBLOCK"],
    calls: &[
        "A: waitid_pidfd 0",
        "A: waitpid B",
        "A: fcntl 0 F_SETFL 0,O_NONBLOCK",
        "A: pidfd_open B 0",
        "B: _exit 3",
        "C: pidfd_send_signal 0 SIGKILL,SIGUSR1,0",
        "C: waitid_pidfd 0",
        "C: pidfd_open B 0",
    ],
    bytes: 0,
    sometimes: &[&PARENT_TOLD],
    states: 33_516,
    transitions: 132_240,
    ..PLAIN
};
