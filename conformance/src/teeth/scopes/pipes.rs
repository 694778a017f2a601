//! Small worlds of pipes and processes.

use ipc_model::profile::Numbers;

use crate::worlds::{PLAIN, Scope, TINY, WRITER_AND_READER};

const TWO_PIPES_OF_THREE: &[&str] = &["A: pipe", "A: pipe", "A: fork", "A: fork"];

/// Two pipes of a page or two, and room for no further descriptor.
const PAIR: Scope = Scope {
    numbers: Numbers { nofile: 4, ..TINY },
    processes: 3,
    start: TWO_PIPES_OF_THREE,
    pipes: 2,
    bytes: 8,
    ..PLAIN
};

pub(super) static PIPES: &[Scope] = &[
    Scope {
        name: "late-writes",
        text: "A writer, and one that reads and sets O_NONBLOCK under it.",
        start: &["A: pipe", "A: fork", "A: close 0"],
        calls: &[
            "A: write 1 1,5",
            "B: read 0 1,3",
            "B: fcntl 1 F_SETFL 0,O_NONBLOCK",
            "B: close 0",
        ],
        bytes: 7,
        ..PLAIN
    },
    Scope {
        name: "late-packets",
        text: "A writer of packets, and one that reads and sets O_NONBLOCK under it.",
        start: &["A: pipe2 O_DIRECT", "A: fork", "A: close 0"],
        calls: &[
            "A: write 1 1,5",
            "B: read 0 3",
            "B: fcntl 1 F_SETFL O_DIRECT,O_NONBLOCK|O_DIRECT",
            "B: close 0",
        ],
        bytes: 7,
        ..PLAIN
    },
    Scope {
        name: "late-tees",
        text: "One that moves and copies a byte at a time, and one at all the other ends.",
        start: &["A: pipe", "A: pipe", "A: fork", "A: close 2"],
        calls: &[
            "A: splice 0 3 1 0",
            "A: tee 0 3 1 0,SPLICE_F_NONBLOCK",
            "B: write 1 1",
            "B: read 0 1",
            "B: write 3 2",
            "B: read 2 2",
            "B: close 2",
        ],
        processes: 2,
        ..PAIR
    },
    Scope {
        name: "packets",
        text: "Packets and plain bytes, flags set at any time by a process that shares the ends.",
        processes: 3,
        start: &["A: pipe", "A: fork", "A: fork", "A: close 0", "B: close 1"],
        calls: &[
            "A: write 1 1,2,5",
            "B: read 0 1,3",
            "C: fcntl fd F_SETFL 0,O_NONBLOCK,O_DIRECT,O_NONBLOCK|O_DIRECT",
            "C: close fd",
        ],
        bytes: 8,
        ..PLAIN
    },
    Scope {
        name: "splice",
        text: "From one pipe to another, with a writer at the one and a reader at the other.",
        calls: &[
            "A: splice 0 3 1,3 0,SPLICE_F_NONBLOCK",
            "B: write 1 1,3",
            "C: read 2 1,3",
            "C: write 3 2",
            "B: close 1",
            "C: close 2",
            "*: fcntl 3 F_SETFL 0,O_NONBLOCK",
        ],
        start: &[
            "A: pipe",
            "A: pipe",
            "A: fork",
            "A: fork",
            "A: close 1",
            "A: close 2",
            "B: close 2",
            "B: close 0",
            "C: close 0",
            "C: close 1",
        ],
        ..PAIR
    },
    Scope {
        name: "tee",
        text: "The same with copies.",
        calls: &[
            "A: tee 0 3 1,3 0,SPLICE_F_NONBLOCK",
            "B: write 1 1,3",
            "B: read 0 1,3",
            "C: read 2 1,3",
            "C: write 3 2",
            "B: close 1",
            "C: close 2",
            "*: fcntl 3 F_SETFL 0,O_NONBLOCK",
        ],
        start: &[
            "A: pipe",
            "A: pipe",
            "A: fork",
            "A: fork",
            "A: close 1",
            "A: close 2",
            "B: close 2",
            "C: close 0",
            "C: close 1",
        ],
        ..PAIR
    },
    Scope {
        name: "taken",
        text: "Two that move and copy between the same pipes, and one that takes and fills.",
        calls: &[
            "A: splice 0 3 2 0",
            "B: tee 0 3 2 0",
            "C: write 1 2",
            "C: read 0 2",
            "C: write 3 2",
            "C: read 2 2",
        ],
        ..PAIR
    },
    Scope {
        name: "over-signals",
        text: "Splice and tee into a pipe that nobody can read, whatever becomes of SIGPIPE.",
        processes: 2,
        start: &["A: pipe", "A: pipe", "A: fork", "A: close 2", "B: close 0", "B: close 3"],
        calls: &[
            "A: splice 0 3 1,2 0",
            "A: tee 0 3 2 0",
            "A: sigaction SIGPIPE SIG_IGN,SIG_DFL",
            "A: sigprocmask SIG_BLOCK,SIG_UNBLOCK SIGPIPE",
            "A: sigpending",
            "B: write 1 2",
            "B: close fd",
        ],
        ..PAIR
    },
    Scope {
        name: "sizes",
        text: "Capacities changed under a writer and a reader, up to a limit.",
        numbers: Numbers { pipe_max: 8, ..TINY },
        processes: 3,
        start: &["A: pipe", "A: fork", "A: fork", "A: close 0", "B: close 1"],
        calls: &[
            "A: write 1 1,2,5",
            "B: read 0 1,3",
            "C: fcntl 1 F_SETPIPE_SZ 0,3,4,5,8,9,-1",
            "C: fcntl 0 F_GETPIPE_SZ",
        ],
        bytes: 8,
        ..PLAIN
    },
    Scope {
        name: "sizes-beyond",
        text: "The same by one with the privilege to go beyond it, the pages of all pipes limited.",
        numbers: Numbers { pipe_max: 8, beyond_pipe_max: true, beyond_pipe_pages: false, ..TINY },
        calls: &[
            "A: write 1 1,2,5",
            "B: read 0 1,3",
            "A: fcntl 1 F_SETPIPE_SZ 0,4,8,16,-1",
            "A: fcntl 1 F_GETPIPE_SZ",
        ],
        bytes: 8,
        ..PLAIN
    },
    Scope {
        name: "refused",
        text: "One process that calls everything with the wrong ends and with what is closed.",
        processes: 1,
        numbers: Numbers { nofile: 3, pipe_max: 8, ..TINY },
        start: &["A: pipe"],
        calls: &[
            "A: read 0,1,2 0,1",
            "A: write 0,1,2 0,1",
            "A: splice 0,1,2 0,1,2 0,1 0",
            "A: tee 0,1,2 0,1,2 0,1 0",
            "A: pread 0,1,2 1 0",
            "A: pwrite 0,1,2 1 0",
            "A: ftruncate 0,1,2 0",
            "A: lseek 0,1,2 0 SEEK_CUR",
            "A: fstat 0,1,2",
            "A: ioctl 0,1,2 FIONREAD",
            "A: fcntl 0,1,2 F_GETPIPE_SZ",
            "A: fcntl 0,1,2 F_SETPIPE_SZ 0,4,16,-1",
            "A: fcntl 0,1,2 F_GETFL",
            "A: fcntl 0,1,2 F_SETFL 0,O_NONBLOCK",
            "A: fcntl 0,1,2 F_GETFD",
            "A: fcntl 0,1,2 F_SETFD 0,FD_CLOEXEC",
            "A: close 0,1,2",
            "A: dup 0,1,2",
            "A: dup2 0,1,2 0,2,3",
            "A: dup3 0,1,2 0,2,3 0,O_CLOEXEC",
            "A: sigaction SIGPIPE SIG_IGN,SIG_DFL",
        ],
        bytes: 2,
        ..PLAIN
    },
    Scope {
        name: "bystanders",
        text: "Everything that one process can do while others sleep in a read, a write or a wait.",
        processes: 4,
        start: &["A: pipe", "A: fork", "A: fork"],
        calls: &[
            "A: waitpid B,C,D",
            "B: read 0 1",
            "B: write 1 5",
            "C: write 1 1",
            "C: read 0 2",
            "C: fork",
            "C: exec",
            "C: _exit 0",
            "C: kill other 0,SIGKILL",
            "C: kill self SIGKILL",
            "C: close fd",
            "C: dup 0,1",
            "C: dup2 0 1,2",
            "C: dup3 1 0,2 0,O_CLOEXEC",
            "C: pipe",
            "C: pipe2 O_NONBLOCK",
            "C: fcntl 0,1 F_SETFD 0,FD_CLOEXEC",
            "C: fcntl 0,1 F_SETFL 0,O_NONBLOCK",
            "C: sigaction SIGPIPE SIG_IGN,SIG_DFL",
            "C: sigprocmask SIG_BLOCK,SIG_UNBLOCK SIGPIPE",
        ],
        pipes: 2,
        numbers: Numbers { nofile: 4, ..TINY },
        bytes: 5,
        ..PLAIN
    },
    Scope {
        name: "ends",
        text: "Descriptors that go with exec, exit and death, under a reader and a writer.",
        start: WRITER_AND_READER,
        processes: 3,
        calls: &[
            "A: fcntl fd F_SETFD 0,FD_CLOEXEC",
            "A: dup 1",
            "A: dup3 1 2 O_CLOEXEC",
            "A: exec",
            "A: _exit 0",
            "A: fork",
            "*: kill other SIGKILL",
            "A: write 1 5",
            "B: read 0 1,3",
            "*: waitpid other",
        ],
        bytes: 5,
        ..PLAIN
    },
    Scope {
        name: "waited-signals",
        text: "One waits for a child that writes what nobody can read, whatever becomes of SIGPIPE.",
        processes: 3,
        start: &["A: pipe", "A: fork", "A: fork", "A: close 0", "B: close 0"],
        calls: &[
            "A: waitpid B",
            "B: write 1 1,5",
            "B: sigaction SIGPIPE SIG_IGN,SIG_DFL",
            "B: sigprocmask SIG_BLOCK,SIG_UNBLOCK SIGPIPE",
            "C: read 0 1",
            "C: close 0",
        ],
        bytes: 6,
        ..PLAIN
    },
    Scope {
        name: "waited-packets",
        text: "One waits for a child that writes packets, while a third reads and sets flags.",
        processes: 3,
        start: &["A: pipe", "A: fork", "A: fork", "A: close 0", "A: close 1", "B: close 0"],
        calls: &[
            "A: waitpid B",
            "B: write 1 1,2,5",
            "C: read 0 1,3",
            "C: fcntl 1 F_SETFL 0,O_NONBLOCK,O_DIRECT,O_NONBLOCK|O_DIRECT",
        ],
        bytes: 7,
        ..PLAIN
    },
    Scope {
        name: "waited-over",
        text: "One waits for a child that moves and copies between pipes that others take from.",
        calls: &[
            "A: waitpid B",
            "B: splice 0 3 1 0",
            "B: tee 0 3 1 0",
            "B: sigaction SIGPIPE SIG_IGN,SIG_DFL",
            "B: sigprocmask SIG_BLOCK,SIG_UNBLOCK SIGPIPE",
            "C: write 1 1",
            "C: read 0 1",
            "C: write 3 2",
            "C: read 2 2",
            "C: close 2",
        ],
        start: &[
            "A: pipe",
            "A: pipe",
            "A: fork",
            "A: fork",
            "A: close 0",
            "A: close 1",
            "A: close 2",
            "A: close 3",
            "B: close 1",
            "B: close 2",
        ],
        ..PAIR
    },
    Scope {
        name: "two-readers",
        text: "Two readers and two writers of one pipe, whose ends are closed and whose flags change.",
        processes: 4,
        start: &["A: pipe", "A: fork", "A: fork", "A: fork", "C: close 0", "D: close 0"],
        calls: &[
            "A,B: read 0 1",
            "C,D: write 1 2,3",
            "C,D: close 1",
            "A,B: close fd",
            "A: fcntl fd F_SETFL 0,O_NONBLOCK",
        ],
        bytes: 5,
        ..PLAIN
    },
];
