//! Processes that have others on descriptors.

use super::PLAIN;
use crate::worlds::scope::Scope;
use crate::worlds::sometimes::*;

pub(super) const PLACELESS: Scope = Scope {
    name: "placeless",
    text: "One that has itself and its signals on descriptors, and asks them for what files have.",
    processes: 1,
    start: &["A: pidfd_open A 0", "A: signalfd SIGUSR1 0", "A: sigprocmask SIG_BLOCK SIGUSR1"],
    calls: &[
        "A: signalfd SIGUSR1 O_APPEND",
        "A: signalfd 0,1 set SIGUSR1 0,O_APPEND",
        "A: signalfd_read 1 0,1",
        "A: pidfd_open A O_APPEND",
        "A: pidfd_send_signal 0,1 SIGUSR1,0,-1",
        "A: waitid_pidfd -1,0,1",
        "A: read 0,1 0,1",
        "A: readv 0,1 0,1+1",
        "A: write 0,1 0",
        "A: pread 0,1 1 0",
        "A: lseek 0,1 1 SEEK_SET",
        "A: ftruncate 0,1 -1,0",
        "A: ioctl 0,1 FIONREAD",
        "A: fcntl 0,1 F_SETFL O_NONBLOCK,O_DIRECT",
        "A: setrlimit RLIMIT_SIGPENDING 0",
        "A: sigqueue A SIGUSR1 1",
        "A: close 0,1",
    ],
    bytes: 0,
    states: 2_934,
    transitions: 5_826,
    ..PLAIN
};

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
