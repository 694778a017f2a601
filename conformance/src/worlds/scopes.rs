//! The scopes that there are.

mod addresses;
mod file;
mod locks;
mod mapping;
mod memory;
mod names;
mod passing;
mod pidfd;
mod pipes;
mod processes;
mod readiness;
mod relays;
mod ring;
mod segment;
mod signalfd;
mod signals;
mod sockets;
mod thread;
mod timer;

use ipc_model::profile::{LINUX, Numbers};

use super::scope::Scope;

/// Pages of two bytes, a pipe of two pages, and two bytes that go in at once, in a stream as well.
pub const TINY: Numbers = {
    let mut numbers = Numbers::EXAMPLE;
    numbers.page_size = 2;
    numbers.pipe_buf = 2;
    numbers.nofile = 3;
    numbers.pipe_capacity = 4;
    numbers.stream_piece = 2;
    numbers
};

/// Two processes, one with each end.
pub const WRITER_AND_READER: &[&str] = &["A: pipe", "A: fork", "A: close 0", "B: close 1"];

/// Three processes and a FIFO that nobody has opened.
const THREE_AND_A_FIFO: &[&str] = &["A: mkfifo f 644", "A: fork", "A: fork"];

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

/// All of them.
pub static SCOPES: &[Scope] = &[
    pipes::SHORT_WRITES,
    pipes::LONG_WRITES,
    processes::THREE_PROCESSES,
    pipes::SIGNALS,
    pipes::NONBLOCK,
    pipes::TWO_PIPES,
    processes::WAITS,
    processes::CHILDREN,
    processes::MEMBERS,
    processes::DESCRIPTORS,
    pipes::PACKETS,
    pipes::CAPACITIES,
    relays::SPLICES,
    relays::SPLICED_PACKETS,
    relays::TEES,
    relays::RELAYS,
    readiness::COUNTERS,
    readiness::INTERESTS,
    names::OPENS,
    names::NAMES,
    names::DIRECTORIES,
    names::OPENED,
    names::MOUNTED,
    readiness::ASKS,
    readiness::ASKS_TWICE,
    readiness::GENERATIONS,
    memory::MEMORY,
    memory::ONE_MEMORY,
    memory::SHARED_NAMES,
    memory::SEALED,
    file::REGULAR,
    file::NAMED,
    file::MOUNTED,
    mapping::MAPPED,
    mapping::ONE_MAPPING,
    locks::LOCKS,
    locks::TIMED_LOCKS,
    locks::PORTABLE_LOCKS,
    ring::RINGS,
    ring::RING_SUCCESSORS,
    ring::RING_HEIRS,
    segment::SEGMENTS,
    segment::ONE_SEGMENT,
    signals::SENDERS,
    signals::STACKS,
    signals::STOPPERS,
    thread::THREADS,
    timer::TIMERS,
    signalfd::SIGNALS_READ,
    pidfd::HELD,
    pidfd::PLACELESS,
    sockets::STREAM,
    sockets::RECORDS,
    sockets::DATAGRAMS,
    sockets::NONBLOCK,
    passing::STREAM,
    passing::RECORDS,
    passing::ROUND,
    passing::TOLD,
    file::REGULAR_POSIX,
    names::OPENS_POSIX,
    sockets::STREAM_POSIX,
    sockets::RECORDS_POSIX,
    sockets::TOLD_POSIX,
    sockets::MESSAGES_POSIX,
    addresses::CONNECTS,
    addresses::NAMES,
    addresses::ROOM,
    addresses::DATAGRAMS,
    addresses::ALONE,
    passing::TOLD_POSIX,
    pipes::REFUSALS_POSIX,
    readiness::ASKS_POSIX,
    readiness::GENERATIONS_POSIX,
    pipes::SHORT_WRITES_POSIX,
    pipes::LONG_WRITES_POSIX,
    pipes::SIGNALS_POSIX,
    signals::SENDERS_POSIX,
    processes::CHILDREN_POSIX,
    pipes::NONBLOCK_POSIX,
    processes::DESCRIPTORS_POSIX,
    pipes::SHORT_WRITES_LARGE,
    pipes::LONG_WRITES_LARGE,
    processes::THREE_PROCESSES_LARGE,
];
