//! Processes and their tables of descriptors.

use ipc_model::profile::POSIX2024;

use super::PLAIN;
use crate::worlds::scope::Scope;
use crate::worlds::sometimes::*;

pub(super) const THREE_PROCESSES: Scope = Scope {
    name: "three-processes",
    text: "Processes, all alike, that are born and killed around one pipe.",
    processes: 3,
    calls: &["*: fork", "*: read 0 1", "*: write 1 5", "*: kill other SIGKILL"],
    bytes: 5,
    sometimes: &[
        &READER_WAKES,
        &END,
        &WOKEN_BY_END,
        &KILLED_ASLEEP,
        &CUT_BY_DEATH,
        &WRITER_WAKES,
        &KILLED_BY_SIGPIPE,
        &WRONG_END,
        &LOST,
    ],
    states: 29_911,
    transitions: 119_251,
    ..PLAIN
};

pub(super) const THREE_PROCESSES_LARGE: Scope = Scope {
    name: "three-processes-large",
    start: &["A: pipe"],
    calls: &[
        "*: fork",
        "*: close fd",
        "*: read 0 1",
        "*: write 1 2",
        "*: _exit 0",
        "*: kill other SIGKILL",
    ],
    sometimes: &[
        &READER_WAKES,
        &END,
        &WOKEN_BY_END,
        &KILLED_ASLEEP,
        &KILLED_BY_SIGPIPE,
        &WRONG_END,
        &LOST,
    ],
    bytes: 4,
    states: 2_386_670,
    transitions: 11_203_846,
    large: true,
    ..THREE_PROCESSES
};

pub(super) const WAITS: Scope = Scope {
    name: "waits",
    text: "Processes that fork, end, kill and wait for each other, a parent's death included.",
    processes: 3,
    start: &[],
    calls: &[
        "*: fork",
        "*: _exit 0,1",
        "*: waitpid other",
        "*: kill other SIGKILL,0",
        "*: kill self SIGKILL",
    ],
    sometimes: &[&TOLD_OF_END, &NO_CHILD, &KILLED_ASLEEP],
    states: 34_131,
    transitions: 147_868,
    ..PLAIN
};

pub(super) const CHILDREN: Scope = Scope {
    name: "children",
    text: "A parent that waits for two children in every way, and is told of their ends, or drops them.",
    processes: 3,
    start: &["A: fork", "A: fork"],
    calls: &[
        "B: _exit 1",
        "C: _exit 2",
        "A: sigaction SIGCHLD handler 0,SA_NOCLDWAIT 0",
        "A: sigaction SIGCHLD SIG_IGN",
        "A: sigprocmask SIG_BLOCK,SIG_UNBLOCK SIGCHLD",
        "A: wait",
        "A: waitpid B",
        "A: waitid P_ALL WEXITED|WNOHANG,WEXITED|WNOWAIT",
    ],
    bytes: 0,
    sometimes: &[&NO_CHILD],
    states: 3_886,
    transitions: 10_504,
    ..PLAIN
};

pub(super) const CHILDREN_POSIX: Scope = Scope {
    name: "children-posix",
    profile: &POSIX2024,
    states: 4_534,
    transitions: 12_899,
    ..CHILDREN
};

pub(super) const DESCRIPTORS: Scope = Scope {
    name: "descriptors",
    text: "One process and its table: duplicates, flags, limits, wrong ends, another program.",
    processes: 1,
    start: &[],
    calls: &[
        "A: pipe2 0,O_CLOEXEC|O_NONBLOCK,O_APPEND,O_CLOFORK",
        "A: pipe",
        "A: close 0,1,2",
        "A: dup 0,1",
        "A: dup2 0,1 1,3",
        "A: dup3 0,1 1,3 0,O_CLOEXEC",
        "A: fcntl 0,1 F_SETFD 0,FD_CLOEXEC",
        "A: fcntl 0,1 F_GETFD",
        "A: fcntl 0,1 F_SETFL 0,O_NONBLOCK",
        "A: fcntl 0,1 F_GETFL",
        "A: fstat 0,1",
        "A: lseek 0,1 0 SEEK_CUR",
        "A: read 0,1 0,1",
        "A: write 0,1 0,1",
        "A: exec",
    ],
    pipes: 2,
    bytes: 1,
    sometimes: &[&NONE_FREE, &WRONG_END, &READ_REFUSED, &END, &LOST],
    states: 77_304,
    transitions: 150_963,
    ..PLAIN
};

pub(super) const DESCRIPTORS_POSIX: Scope = Scope {
    name: "descriptors-posix",
    profile: &POSIX2024,
    large: true,
    states: 77_331,
    transitions: 151_670,
    ..DESCRIPTORS
};

pub(super) const MEMBERS: Scope = Scope {
    name: "members",
    text: "A child that is put into groups, leaves them, and is waited for by its group.",
    start: &["A: fork"],
    calls: &[
        "A: setpgid B A,B",
        "B: setpgid 0 0,-1",
        "A: getpgid B",
        "B: getpgrp",
        "A: killpg B 0,-1,SIGUSR1",
        "B: kill 0 0",
        "A: waitpid group B 0,WNOHANG",
        "A: waitpid 0 WNOHANG,WNOWAIT",
        "B: exec",
        "B: _exit 0",
    ],
    bytes: 0,
    states: 1_275,
    transitions: 4_246,
    ..PLAIN
};
