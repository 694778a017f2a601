//! The scopes that there are.

use ipc_model::profile::{LINUX, Numbers, POSIX2024};

use super::scope::Scope;
use super::sometimes::*;

/// Pages of two bytes, a pipe of two pages, and two bytes that go in at once.
pub const TINY: Numbers = {
    let mut numbers = Numbers::EXAMPLE;
    numbers.page_size = 2;
    numbers.pipe_buf = 2;
    numbers.nofile = 3;
    numbers.pipe_capacity = 4;
    numbers
};

/// Two processes, one with each end.
pub const WRITER_AND_READER: &[&str] = &["A: pipe", "A: fork", "A: close 0", "B: close 1"];

/// What most scopes have in common.
pub const PLAIN: Scope = Scope {
    name: "",
    text: "",
    profile: &LINUX,
    numbers: TINY,
    processes: 2,
    start: WRITER_AND_READER,
    calls: &[],
    pipes: 1,
    bytes: 5,
    sometimes: &[],
    large: false,
    states: 0,
    transitions: 0,
};

const SHORT_WRITES: Scope = Scope {
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

const LONG_WRITES: Scope = Scope {
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

const THREE_PROCESSES: Scope = Scope {
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
    states: 29_876,
    transitions: 119_201,
    ..PLAIN
};

const SIGNALS: Scope = Scope {
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
    states: 16_448,
    transitions: 44_319,
    ..PLAIN
};

const NONBLOCK: Scope = Scope {
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

const TWO_PIPES: Scope = Scope {
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

const WAITS: Scope = Scope {
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
    states: 33_730,
    transitions: 147_205,
    ..PLAIN
};

const DESCRIPTORS: Scope = Scope {
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

const PACKETS: Scope = Scope {
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

const CAPACITIES: Scope = Scope {
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

const SPLICES: Scope = Scope {
    name: "splices",
    text: "A process that moves bytes from one pipe to another, between a writer and a reader.",
    numbers: Numbers { nofile: 4, ..TINY },
    processes: 3,
    start: &[
        "A: pipe",
        "A: pipe",
        "A: fork",
        "A: fork",
        "A: close 0",
        "A: close 2",
        "A: close 3",
        "B: close 1",
        "B: close 2",
        "C: close 0",
        "C: close 1",
        "C: close 3",
    ],
    calls: &[
        "A: write 1 1,3",
        "A: close 1",
        "B: splice 0 3 3 0,SPLICE_F_NONBLOCK",
        "B: close 3",
        "C: read 2 2",
        "C: close 2",
    ],
    pipes: 2,
    bytes: 5,
    sometimes: &[
        &SPLICED,
        &NOTHING_MORE,
        &MAY_NOT_RELAY,
        &READER_WAKES,
        &WRITER_WAKES,
        &END,
        &TWO_WRITES,
        &KILLED_BY_SIGPIPE,
        &LOST,
    ],
    states: 29_047,
    transitions: 110_024,
    ..PLAIN
};

const SPLICED_PACKETS: Scope = Scope {
    name: "spliced-packets",
    text: "Packets that are moved from one pipe to another, whole or in parts.",
    start: &[
        "A: pipe2 O_DIRECT",
        "A: pipe",
        "A: fork",
        "A: fork",
        "A: close 0",
        "A: close 2",
        "A: close 3",
        "B: close 1",
        "B: close 2",
        "C: close 0",
        "C: close 1",
        "C: close 3",
    ],
    calls: &["A: write 1 2,3", "B: splice 0 3 1,3 0", "B: write 3 1", "C: read 2 1,3"],
    sometimes: &[&SPLICED, &PACKET_SPLIT, &PACKET_CUT, &PACKET_ENDS, &MIXED],
    states: 20_916,
    transitions: 62_339,
    ..SPLICES
};

const TEES: Scope = Scope {
    name: "tees",
    text: "A process that copies bytes from one pipe to another, and one that takes them away.",
    calls: &[
        "A: write 1 3",
        "A: close 1",
        "B: tee 0 3 1,3 0",
        "B: splice 0 3 1 0",
        "B: close 3",
        "C: read 0 2",
        "C: read 2 2",
    ],
    start: &[
        "A: pipe",
        "A: pipe",
        "A: fork",
        "A: fork",
        "A: close 0",
        "A: close 2",
        "A: close 3",
        "B: close 1",
        "B: close 2",
        "C: close 1",
        "C: close 3",
    ],
    sometimes: &[&COPIED, &TEE_OF_NOTHING, &READER_WAKES, &WRITER_WAKES, &END, &TWO_WRITES],
    states: 43_854,
    transitions: 151_689,
    ..SPLICES
};

const RELAYS: Scope = Scope {
    name: "relays",
    text: "One process that splices and tees from either end of a pipe to itself and to another.",
    processes: 1,
    start: &["A: pipe", "A: pipe"],
    calls: &[
        "A: write 1 1",
        "A: splice 0,1 1,3 0,1 0,SPLICE_F_NONBLOCK",
        "A: tee 0,1 1,3 0,1 0,SPLICE_F_NONBLOCK",
        "A: close 2,3",
        "A: sigaction SIGPIPE SIG_IGN",
        "A: sigprocmask SIG_BLOCK SIGPIPE",
    ],
    bytes: 2,
    sometimes: &[&MAY_NOT_RELAY, &NOBODY_READS, &PENDING, &WRONG_END, &KILLED_BY_SIGPIPE],
    states: 5_277,
    transitions: 9_992,
    ..SPLICES
};

/// Two times the half of the maximum is the maximum.
const COUNTERS: Scope = Scope {
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

const INTERESTS: Scope = Scope {
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

const OPENS: Scope = Scope {
    name: "opens",
    text: "Three processes, alike, that open and close the ends of a FIFO, waiting or not.",
    processes: 3,
    numbers: Numbers { nofile: 1, ..TINY },
    start: &["A: mkfifo f 644", "A: fork", "A: fork"],
    calls: &[
        "*: open f O_RDONLY 0",
        "*: open f O_WRONLY 0,O_NONBLOCK",
        "*: read 0 1",
        "*: close 0",
    ],
    sometimes: &[
        &RENDEZVOUS,
        &MET_IN_PASSING,
        &NOBODY_THERE,
        &GENERATION,
        &END,
        &NONE_FREE,
        &WOKEN_BY_END,
    ],
    bytes: 0,
    states: 40_779,
    transitions: 178_734,
    ..PLAIN
};

const NAMES: Scope = Scope {
    name: "names",
    text: "A FIFO whose name goes and comes, is moved and given twice, while others open it.",
    processes: 2,
    numbers: Numbers { nofile: 1, ..TINY },
    start: &["A: fork"],
    calls: &[
        "A: mkfifo f 644",
        "A: unlink f,g",
        "A: rename f g",
        "A: link g f",
        "A: open f O_WRONLY 0,O_NONBLOCK",
        "B: open f,g O_RDONLY 0,O_NONBLOCK",
        "B: read 0 2",
        "A: write 0 1",
        "*: close 0",
    ],
    sometimes: &[&RENDEZVOUS, &NOBODY_THERE, &GENERATION, &TWO_OF_A_NAME, &READER_WAKES, &LOST],
    pipes: 3,
    bytes: 1,
    states: 34_507,
    transitions: 115_159,
    ..PLAIN
};

const DIRECTORIES: Scope = Scope {
    name: "directories",
    text: "Directories, a link that leads to itself, and files, moved and removed by a process that may give up what it may do.",
    processes: 1,
    numbers: Numbers { nofile: 1, name_max: 1, ..TINY },
    start: &[],
    calls: &[
        "A: mkdir d,e 755",
        "A: mkdir d/d 700",
        "A: mkfifo f 600",
        "A: symlink l l",
        "A: link d,f d/g",
        "A: unlink d,f",
        "A: rmdir d,f",
        "A: rename d e,d/d",
        "A: rename f d",
        "A: stat f/f,l/f,ff,d/f",
        "A: open f O_RDWR 0",
        "A: setuid nobody",
    ],
    states: 30_872,
    transitions: 60_616,
    ..PLAIN
};

const ASKS: Scope = Scope {
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

const ASKS_TWICE: Scope = Scope {
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

const GENERATIONS: Scope = Scope {
    name: "generations",
    text: "A FIFO that is asked about over its generations, by readers old and new.",
    processes: 3,
    numbers: Numbers { nofile: 1, ..TINY },
    start: &["A: mkfifo f 644", "A: fork", "A: fork"],
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

const MEMORY: Scope = Scope {
    name: "memory",
    text: "A file of memory between two processes that share one description, and have one of their own.",
    numbers: Numbers { nofile: 2, ..TINY },
    start: &[
        "A: shm_open /x O_RDWR O_CREAT 600",
        "A: shm_open /x O_RDWR 0 600",
        "A: shm_unlink /x",
        "A: fork",
    ],
    calls: &[
        "A: write 0 2",
        "A: pwrite 1 1 1",
        "A: ftruncate 0 0,1",
        "A: lseek 0 0 SEEK_SET",
        "B: read 0 2",
        "B: pread 1 2 0",
        "B: write 0 2",
        "B: lseek 0 -1 SEEK_CUR",
        "B: _exit 0",
    ],
    bytes: 4,
    sometimes: &[&TORN, &WHOLE_AGAIN, &WAITED_FOR_ITS_TURN, &CUT_UNDER_A_READ],
    states: 14_911,
    transitions: 36_950,
    ..PLAIN
};

const ONE_MEMORY: Scope = Scope {
    name: "one-memory",
    text: "One process and one descriptor, of memory, of a counter or of nothing.",
    processes: 1,
    numbers: Numbers { nofile: 1, ..TINY },
    start: &[],
    calls: &[
        "A: memfd_create x 0,O_APPEND",
        "A: shm_open /x O_RDONLY O_CREAT 600",
        "A: eventfd 1 0",
        "A: read 0 1,2",
        "A: write 0 1",
        "A: pread 0 0,1 -1,0,9223372036854775807",
        "A: pwrite 0 1 -1,0",
        "A: ftruncate 0 -1,0,2",
        "A: lseek 0 -1,0 SEEK_SET",
        "A: fstat 0 st_size",
        "A: ioctl 0 FIONREAD",
        "A: fcntl 0 F_SETFL 0,O_DIRECT",
        "A: fcntl 0 F_GETPIPE_SZ",
        "A: close 0",
    ],
    bytes: 3,
    states: 2_804,
    transitions: 4_782,
    ..PLAIN
};

const SHARED_NAMES: Scope = Scope {
    name: "shared-names",
    text: "Names of shared memory that are made, opened, cut and removed by who may and who may not.",
    numbers: Numbers { nofile: 1, ..TINY },
    start: &["A: fork"],
    calls: &[
        "*: shm_open /x,/ O_RDWR O_CREAT,O_CREAT|O_EXCL 600",
        "*: shm_open /x O_RDWR 0,O_TRUNC 600",
        "A: shm_open /x O_RDONLY 0 600",
        "A: memfd_create x 0,O_APPEND",
        "*: shm_unlink /x",
        "A: pwrite 0 1 0",
        "*: fstat 0 st_size",
        "*: close 0",
        "B: setuid nobody",
    ],
    bytes: 1,
    sometimes: &[&GENERATION_OF_MEMORY],
    states: 36_322,
    transitions: 153_512,
    ..PLAIN
};

/// All of them.
pub static SCOPES: &[Scope] = &[
    SHORT_WRITES,
    LONG_WRITES,
    THREE_PROCESSES,
    SIGNALS,
    NONBLOCK,
    TWO_PIPES,
    WAITS,
    DESCRIPTORS,
    PACKETS,
    CAPACITIES,
    SPLICES,
    SPLICED_PACKETS,
    TEES,
    RELAYS,
    COUNTERS,
    INTERESTS,
    OPENS,
    NAMES,
    DIRECTORIES,
    ASKS,
    ASKS_TWICE,
    GENERATIONS,
    MEMORY,
    ONE_MEMORY,
    SHARED_NAMES,
    Scope {
        name: "opens-posix",
        profile: &POSIX2024,
        states: 40_779,
        transitions: 180_064,
        ..OPENS
    },
    Scope { name: "asks-posix", profile: &POSIX2024, states: 41_169, transitions: 178_825, ..ASKS },
    Scope {
        name: "generations-posix",
        profile: &POSIX2024,
        states: 23_843,
        transitions: 97_190,
        ..GENERATIONS
    },
    Scope {
        name: "one-pipe-posix",
        profile: &POSIX2024,
        bytes: 4,
        states: 26_266,
        transitions: 81_613,
        ..SHORT_WRITES
    },
    Scope {
        name: "long-writes-posix",
        profile: &POSIX2024,
        calls: &["A,B: write 1 2,3", "C: read 0 1,3", "A,B: close 1", "C: close 0"],
        bytes: 5,
        states: 9_816,
        transitions: 41_082,
        ..LONG_WRITES
    },
    Scope {
        name: "signals-posix",
        profile: &POSIX2024,
        bytes: 5,
        states: 13_659,
        transitions: 41_949,
        ..SIGNALS
    },
    Scope {
        name: "nonblock-posix",
        profile: &POSIX2024,
        bytes: 5,
        states: 20_800,
        transitions: 99_616,
        ..NONBLOCK
    },
    Scope {
        name: "descriptors-posix",
        profile: &POSIX2024,
        states: 77_331,
        transitions: 151_670,
        ..DESCRIPTORS
    },
    Scope {
        name: "one-pipe-large",
        numbers: Numbers { nofile: 4, ..TINY },
        calls: &["*: read fd 0,1,3", "*: write fd 0,1,2", "*: close fd", "*: dup fd"],
        states: 861_569,
        transitions: 2_949_032,
        large: true,
        ..SHORT_WRITES
    },
    Scope {
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
    },
    Scope {
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
    },
];
