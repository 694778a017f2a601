//! Readiness, counters and interest lists.

use ipc_model::profile::{Numbers, POSIX2024};

use super::{PLAIN, THREE_AND_A_FIFO, TINY};
use crate::worlds::scope::Scope;
use crate::worlds::sometimes::*;

pub(super) const ASKS: Scope = Scope {
    name: "asks",
    text: "A pipe whose ends are asked about by processes that wait and that do not.",
    processes: 3,
    start: &["A: pipe", "A: fork", "A: fork", "A: close 0", "B: close 1", "C: close 0"],
    calls: &[
        "A: write 1 1,2",
        "A: close 1",
        "B: read 0 1,3",
        "B: close 0",
        "B: poll 0:POLLIN,0:0 -1,0",
        "C: poll 1:POLLOUT,1:0 -1",
        "C: select 1:writefds 0",
        "C: close 1",
    ],
    sometimes: &[
        &POLL_WOKEN_BY_DATA,
        &POLL_WOKEN_BY_ROOM,
        &POLL_WOKEN_BY_HUP,
        &POLL_WOKEN_BY_ERR,
        &POLL_NOTHING,
        &KILLED_BY_SIGPIPE,
        &LOST,
    ],
    bytes: 4,
    states: 51_945,
    transitions: 203_760,
    ..PLAIN
};

pub(super) const ASKS_POSIX: Scope =
    Scope { name: "asks-posix", profile: &POSIX2024, states: 41_169, transitions: 178_825, ..ASKS };

pub(super) const ASKS_TWICE: Scope = Scope {
    name: "asks-two",
    text: "Two pipes in one question, and others who take away what made one ready.",
    processes: 3,
    numbers: Numbers { nofile: 4, ..TINY },
    start: &["A: pipe", "A: pipe", "A: fork", "A: fork", "B: close 1", "B: close 3"],
    calls: &["A: write 1,3 1", "B: poll 0:POLLIN+2:POLLIN -1,0", "C: read 0,2 1", "*: close 1,3"],
    sometimes: &[&POLL_WOKEN_BY_DATA, &POLL_WOKEN_BY_HUP, &POLL_IN_VAIN, &POLL_NOTHING],
    pipes: 2,
    bytes: 2,
    states: 140_934,
    transitions: 561_777,
    large: true,
    ..PLAIN
};

pub(super) const GENERATIONS: Scope = Scope {
    name: "generations",
    text: "A FIFO that is asked about over its generations, by readers old and new.",
    processes: 3,
    numbers: Numbers { nofile: 1, ..TINY },
    start: THREE_AND_A_FIFO,
    calls: &[
        "A: open f O_WRONLY O_NONBLOCK",
        "A: write 0 1",
        "A: close 0",
        "B,C: open f O_RDONLY O_NONBLOCK",
        "B,C: poll 0:POLLIN -1,0",
        "B,C: read 0 1",
        "B,C: close 0",
    ],
    sometimes: &[
        &GENERATION,
        &NOBODY_THERE,
        &POLL_WOKEN_BY_DATA,
        &POLL_WOKEN_BY_HUP,
        &POLL_IN_VAIN,
        &POLL_NOTHING,
        &END,
    ],
    bytes: 1,
    states: 17_179,
    transitions: 67_108,
    ..PLAIN
};

pub(super) const GENERATIONS_POSIX: Scope = Scope {
    name: "generations-posix",
    profile: &POSIX2024,
    states: 23_843,
    transitions: 97_190,
    ..GENERATIONS
};

/// Two times the half of the maximum is the maximum.
pub(super) const COUNTERS: Scope = Scope {
    name: "counter",
    text: "A counter that two processes share, read and written up to its maximum.",
    start: &["A: eventfd 0 0", "A: eventfd 2 EFD_SEMAPHORE", "A: fork"],
    calls: &[
        "*: eventfd_read 0,1",
        "*: eventfd_write 0 9223372036854775807,-2,-1",
        "A: fcntl 0 F_SETFL 0,O_NONBLOCK",
        "A: read 1 7",
        "A: eventfd 0 0",
        "A: close 2",
        "B: readv 0,1 0,3+4",
        "B: close 0",
    ],
    bytes: 0,
    sometimes: &[&NUMBER_WAKES, &ROOM_WAKES],
    states: 11_820,
    transitions: 38_392,
    ..PLAIN
};

pub(super) const INTERESTS: Scope = Scope {
    name: "interests",
    text: "A pipe whose reader waits for it by an interest list, in every way there is to be registered.",
    start: &["A: pipe", "A: epoll_create1 0", "A: fork", "A: close 0", "A: close 2", "B: close 1"],
    calls: &[
        "A: write 1 1",
        "A: close 1",
        "B: read 0 1",
        "B: epoll_ctl 2 EPOLL_CTL_ADD 0 EPOLLIN,EPOLLIN|EPOLLET,EPOLLIN|EPOLLEXCLUSIVE",
        "B: epoll_ctl 2 EPOLL_CTL_MOD 0 EPOLLOUT,EPOLLIN|EPOLLET|EPOLLONESHOT",
        "B: epoll_ctl 2 EPOLL_CTL_DEL 0",
        "B: epoll_wait 2 1,2 0,-1",
    ],
    bytes: 3,
    sometimes: &[&TOLD_AWAKE, &TOLD_ASLEEP, &TOLD_NOTHING],
    states: 7_563,
    transitions: 20_950,
    ..PLAIN
};
