//! Pipes: short and long writes, many ends, packets, and pages.

use ipc_model::profile::{Numbers, POSIX2024};

use super::{PLAIN, TINY};
use crate::worlds::scope::Scope;
use crate::worlds::sometimes::*;

pub(super) const SHORT_WRITES: Scope = Scope {
    name: "one-pipe",
    text: "A pipe from one process to another, short writes, ends that are shared and closed.",
    calls: &["B: read fd 1,3", "A: write fd 1,2", "*: close fd", "*: dup fd"],
    sometimes: &[
        &READER_WAKES,
        &WRITER_WAKES,
        &END,
        &WOKEN_BY_END,
        &SHORT_READ,
        &TWO_WRITES,
        &NONE_FREE,
        &KILLED_BY_SIGPIPE,
        &LOST,
    ],
    states: 46_521,
    transitions: 136_684,
    ..PLAIN
};

pub(super) const SHORT_WRITES_POSIX: Scope = Scope {
    name: "one-pipe-posix",
    profile: &POSIX2024,
    bytes: 4,
    states: 26_266,
    transitions: 81_613,
    ..SHORT_WRITES
};

pub(super) const SHORT_WRITES_LARGE: Scope = Scope {
    name: "one-pipe-large",
    numbers: Numbers { nofile: 4, ..TINY },
    calls: &["*: read fd 0,1,3", "*: write fd 0,1,2", "*: close fd", "*: dup fd"],
    states: 861_569,
    transitions: 2_949_032,
    large: true,
    ..SHORT_WRITES
};

pub(super) const LONG_WRITES: Scope = Scope {
    name: "long-writes",
    text: "Writers, alike, that may write more than the pipe holds.",
    processes: 3,
    start: &["A: pipe", "A: fork", "A: fork", "A: close 0", "B: close 0", "C: close 1"],
    calls: &["A,B: write 1 2,5", "C: read 0 1,3", "A,B: close 1", "C: close 0"],
    bytes: 14,
    sometimes: &[
        &READER_WAKES,
        &WRITER_WAKES,
        &END,
        &SHORT_READ,
        &TWO_WRITES,
        &BETWEEN,
        &KILLED_BY_SIGPIPE,
        &LOST,
    ],
    states: 35_272,
    transitions: 128_504,
    ..PLAIN
};

pub(super) const LONG_WRITES_POSIX: Scope = Scope {
    name: "long-writes-posix",
    profile: &POSIX2024,
    calls: &["A,B: write 1 2,3", "C: read 0 1,3", "A,B: close 1", "C: close 0"],
    bytes: 5,
    states: 9_816,
    transitions: 41_082,
    ..LONG_WRITES
};

pub(super) const LONG_WRITES_LARGE: Scope = Scope {
    name: "long-writes-large",
    numbers: Numbers { pipe_capacity: 6, ..TINY },
    processes: 4,
    start: &[
        "A: pipe",
        "A: fork",
        "A: fork",
        "A: fork",
        "A: close 0",
        "B: close 0",
        "C: close 1",
        "D: close 1",
    ],
    calls: &["A,B: write 1 1,2,7", "C,D: read 0 1,3", "*: close fd"],
    bytes: 14,
    states: 430_461,
    transitions: 2_098_776,
    large: true,
    ..LONG_WRITES
};

pub(super) const SIGNALS: Scope = Scope {
    name: "signals",
    text: "Writes that nobody can read, with SIGPIPE ignored, blocked, both or neither.",
    calls: &[
        "A: write 1 1,5",
        "A: sigaction SIGPIPE SIG_IGN,SIG_DFL",
        "A: sigprocmask SIG_BLOCK,SIG_UNBLOCK SIGPIPE",
        "A: sigpending",
        "A: fork",
        "B: read 0 1",
        "B: close 0",
    ],
    processes: 3,
    bytes: 6,
    sometimes: &[&NOBODY_READS, &PENDING, &KILLED_BY_SIGPIPE, &CUT_SHORT, &WRITER_WAKES, &LOST],
    states: 16_886,
    transitions: 45_242,
    ..PLAIN
};

pub(super) const SIGNALS_POSIX: Scope = Scope {
    name: "signals-posix",
    profile: &POSIX2024,
    bytes: 5,
    states: 13_935,
    transitions: 42_530,
    ..SIGNALS
};

pub(super) const REFUSALS_POSIX: Scope = Scope {
    name: "refusals-posix",
    text: "One process with a pipe, of which it asks what a pipe does not have.",
    profile: &POSIX2024,
    processes: 1,
    start: &["A: pipe"],
    calls: &[
        "A: pread 0,1 1 0",
        "A: pwrite 0,1 1 0",
        "A: ftruncate 0,1 0",
        "A: sigaction SIGSTOP SIG_IGN,SIG_DFL",
        "A: poll 0:POLLIN 0,5",
        "A: write 1 1",
        "A: close 0",
    ],
    bytes: 2,
    sometimes: &[],
    states: 90,
    transitions: 168,
    ..PLAIN
};

pub(super) const NONBLOCK: Scope = Scope {
    name: "nonblock",
    text: "O_NONBLOCK set and cleared by a process that shares the ends, at any time.",
    processes: 3,
    start: &["A: pipe", "A: fork", "A: fork", "A: close 0", "B: close 1"],
    calls: &[
        "A: write 1 1,2,5",
        "B: read 0 1,3",
        "C: fcntl fd F_SETFL 0,O_NONBLOCK",
        "C: close fd",
    ],
    bytes: 9,
    sometimes: &[
        &READ_REFUSED,
        &WRITE_REFUSED,
        &LATE_REFUSED,
        &PARTIAL,
        &CUT_SHORT,
        &READER_WAKES,
        &WRITER_WAKES,
    ],
    states: 29_376,
    transitions: 115_264,
    ..PLAIN
};

pub(super) const NONBLOCK_POSIX: Scope = Scope {
    name: "nonblock-posix",
    profile: &POSIX2024,
    bytes: 5,
    states: 20_800,
    transitions: 99_616,
    ..NONBLOCK
};

pub(super) const TWO_PIPES: Scope = Scope {
    name: "two-pipes",
    text: "A pipe to and a pipe from another process: both may wait for each other.",
    numbers: Numbers { nofile: 4, ..TINY },
    start: &[
        "A: pipe",
        "A: pipe",
        "A: fork",
        "A: close 0",
        "A: close 3",
        "B: close 1",
        "B: close 2",
    ],
    calls: &[
        "A: write 1 2",
        "B: read 0 1,2",
        "B: write 3 2",
        "A: read 2 1,2",
        "*: close fd",
        "*: _exit 0",
    ],
    pipes: 2,
    bytes: 12,
    sometimes: &[
        &READER_WAKES,
        &WRITER_WAKES,
        &END,
        &WOKEN_BY_END,
        &TWO_WRITES,
        &KILLED_BY_SIGPIPE,
        &LOST,
    ],
    states: 20_857,
    transitions: 59_280,
    ..PLAIN
};

pub(super) const PACKETS: Scope = Scope {
    name: "packets",
    text: "A pipe of packets, O_DIRECT being set and cleared, and reads of less or more.",
    start: &["A: pipe2 O_DIRECT", "A: fork", "A: close 0", "B: close 1"],
    calls: &[
        "A: write 1 1,2,5",
        "A: fcntl 1 F_SETFL 0,O_DIRECT,O_NONBLOCK|O_DIRECT",
        "A: close 1",
        "B: read 0 1,3",
        "B: close 0",
    ],
    bytes: 7,
    sometimes: &[
        &PACKET_ENDS,
        &PACKET_CUT,
        &MIXED,
        &READER_WAKES,
        &WRITER_WAKES,
        &END,
        &KILLED_BY_SIGPIPE,
        &LOST,
    ],
    states: 8_268,
    transitions: 23_892,
    ..PLAIN
};

pub(super) const CAPACITIES: Scope = Scope {
    name: "capacities",
    text: "A pipe of one, two or four pages, of more or fewer at any time.",
    processes: 3,
    start: &["A: pipe", "A: fork", "A: fork", "A: close 0", "B: close 1", "C: close 1"],
    calls: &[
        "A: write 1 1,2,5",
        "A: close 1",
        "B: read 0 1,3",
        "C: fcntl 0,9 F_SETPIPE_SZ 1,4,8,16,-1",
        "C: fcntl 0,9 F_GETPIPE_SZ",
    ],
    numbers: Numbers { pipe_max: 8, beyond_pipe_pages: false, ..TINY },
    bytes: 7,
    sometimes: &[&GROWS_UNDER_SLEEPER, &BUSY, &READER_WAKES, &WRITER_WAKES, &SHORT_READ, &END],
    states: 29_666,
    transitions: 128_278,
    ..PLAIN
};
