//! The registration: every mechanism that the model has, in one list.

use crate::clause::{Clause, Number};
use crate::lasting::Lasting;
use crate::operation::Operation;
use crate::poll::Law;
use crate::world::{Description, InCall, World};
use crate::{
    descriptor, epoll, eventfd, fifo, file, mapping, memory, mutex, name, pidfd, pipe, poll,
    process, ring, segment, signal, signalfd, socket, thread, timer,
};

/// What a mechanism brings.
pub struct Mechanism {
    /// Its name, as in file names and at the head of its clause ids.
    pub name: &'static str,
    /// The calls that it adds to programs.
    pub operations: &'static [&'static Operation],
    /// Those of them that the base standard does not have.
    pub extensions: &'static [&'static Operation],
    /// Its clauses, in the order of its page, in the groups that its files keep.
    pub clauses: &'static [&'static [Clause]],
    /// Numbers that are 1 where the first descriptor of a call leads to one of its objects; of those of
    /// all mechanisms at most one is, for a descriptor leads to one object.
    pub kinds: &'static [&'static Number],
    /// Only its own calls make its objects, as those of what has no call of POSIX are.
    pub makes_its_own: bool,
    /// What its objects promise when they are ready.
    pub law: &'static [Law],
    /// How long the parts of what it keeps last.
    pub lasting: &'static [Lasting],
    /// What ends when something else does.
    pub ends: Option<&'static Ends>,
    /// What becomes of its calls when a handler interrupts them, where they do not begin anew with
    /// `SA_RESTART` and fail without.
    pub interrupted: &'static [(&'static Operation, Interrupted)],
}

/// What becomes of a call that waits when a handler interrupts it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Interrupted {
    /// With `SA_RESTART` it begins anew, without it fails.
    Restarts,
    /// It fails, whatever the flags.
    Never,
    /// With `SA_RESTART` it may do either.
    Open,
    /// It goes on waiting.
    Continues,
}

/// What ends, in a mechanism, when something else does.
pub struct Ends {
    /// With a description to which nothing refers any more: its place, and what it was. Its object is
    /// still there.
    pub with_description: fn(&mut World, u16, &Description),
    /// With a call that will not be answered, for its thread is gone.
    pub with_call: fn(&mut World, &InCall),
}

/// A mechanism that brings nothing.
const NONE: Mechanism = Mechanism {
    name: "",
    operations: &[],
    extensions: &[],
    clauses: &[],
    kinds: &[],
    makes_its_own: false,
    law: &[],
    lasting: &[],
    ends: None,
    interrupted: &[],
};

/// All of them, in the order of the book.
pub static MECHANISMS: &[Mechanism] = &[
    Mechanism {
        name: "descriptor",
        operations: descriptor::OPERATIONS,
        clauses: descriptor::CLAUSES,
        ..NONE
    },
    Mechanism {
        name: "pipe",
        operations: pipe::OPERATIONS,
        clauses: pipe::CLAUSES,
        kinds: &[&pipe::IS_PIPE],
        law: pipe::LAW,
        lasting: pipe::LASTING,
        ..NONE
    },
    Mechanism {
        name: "name",
        operations: name::OPERATIONS,
        extensions: name::EXTENSIONS,
        clauses: name::CLAUSES,
        kinds: &[&name::IS_DIRECTORY],
        lasting: name::LASTING,
        ..NONE
    },
    Mechanism {
        name: "fifo",
        operations: fifo::OPERATIONS,
        extensions: &[&fifo::REOPEN],
        clauses: fifo::CLAUSES,
        lasting: fifo::LASTING,
        ..NONE
    },
    Mechanism {
        name: "poll",
        operations: poll::OPERATIONS,
        clauses: poll::CLAUSES,
        interrupted: poll::INTERRUPTED,
        ..NONE
    },
    Mechanism {
        name: "eventfd",
        operations: eventfd::OPERATIONS,
        extensions: eventfd::OPERATIONS,
        clauses: eventfd::CLAUSES,
        kinds: &[&eventfd::IS_COUNTER],
        law: eventfd::LAW,
        lasting: eventfd::LASTING,
        ..NONE
    },
    Mechanism {
        name: "epoll",
        operations: epoll::OPERATIONS,
        extensions: epoll::OPERATIONS,
        clauses: epoll::CLAUSES,
        kinds: &[&epoll::IS_LIST],
        law: epoll::LAW,
        lasting: epoll::LASTING,
        ends: Some(&epoll::ENDS),
        interrupted: epoll::INTERRUPTED,
        ..NONE
    },
    Mechanism {
        name: "memory",
        operations: memory::OPERATIONS,
        extensions: &[&memory::MEMFD_CREATE, &memory::ADD_SEALS, &memory::GET_SEALS],
        clauses: memory::CLAUSES,
        kinds: &[&memory::IS_MEMORY],
        lasting: memory::LASTING,
        law: memory::LAW,
        ..NONE
    },
    Mechanism {
        name: "file",
        operations: file::OPERATIONS,
        clauses: file::CLAUSES,
        lasting: file::LASTING,
        ..NONE
    },
    Mechanism {
        name: "mapping",
        operations: mapping::OPERATIONS,
        extensions: &[&mapping::MREMAP],
        clauses: mapping::CLAUSES,
        lasting: mapping::LASTING,
        ..NONE
    },
    Mechanism {
        name: "mutex",
        operations: mutex::OPERATIONS,
        clauses: mutex::CLAUSES,
        lasting: mutex::LASTING,
        ends: Some(&mutex::ENDS),
        interrupted: mutex::INTERRUPTED,
        ..NONE
    },
    Mechanism {
        name: "ring",
        operations: ring::OPERATIONS,
        clauses: ring::CLAUSES,
        lasting: ring::LASTING,
        interrupted: ring::INTERRUPTED,
        ..NONE
    },
    Mechanism {
        name: "segment",
        operations: segment::OPERATIONS,
        clauses: segment::CLAUSES,
        lasting: segment::LASTING,
        ..NONE
    },
    Mechanism {
        name: "process",
        operations: process::OPERATIONS,
        clauses: process::CLAUSES,
        lasting: process::LASTING,
        ..NONE
    },
    Mechanism {
        name: "signal",
        operations: signal::OPERATIONS,
        extensions: &[&signal::SETRLIMIT],
        clauses: signal::CLAUSES,
        interrupted: signal::INTERRUPTED,
        ..NONE
    },
    Mechanism {
        name: "thread",
        operations: thread::OPERATIONS,
        clauses: thread::CLAUSES,
        interrupted: thread::INTERRUPTED,
        ..NONE
    },
    Mechanism {
        name: "timer",
        operations: timer::OPERATIONS,
        extensions: &[&timer::SETITIMER, &timer::GETITIMER, &timer::GETITIMER_INTERVAL],
        clauses: timer::CLAUSES,
        ..NONE
    },
    Mechanism {
        name: "signalfd",
        operations: signalfd::OPERATIONS,
        extensions: signalfd::OPERATIONS,
        clauses: signalfd::CLAUSES,
        kinds: &[&signalfd::IS_SIGNALFD],
        law: signalfd::LAW,
        lasting: signalfd::LASTING,
        ..NONE
    },
    Mechanism {
        name: "pidfd",
        operations: pidfd::OPERATIONS,
        extensions: pidfd::OPERATIONS,
        clauses: pidfd::CLAUSES,
        kinds: &[&pidfd::IS_PIDFD],
        law: pidfd::LAW,
        lasting: pidfd::LASTING,
        ..NONE
    },
    Mechanism {
        name: "socket",
        operations: socket::OPERATIONS,
        clauses: socket::CLAUSES,
        kinds: &[&socket::IS_SOCKET],
        makes_its_own: true,
        law: socket::LAW,
        lasting: socket::LASTING,
        ends: Some(&socket::ENDS),
        ..NONE
    },
];

/// How many objects with bytes of their own a call makes, where it makes any.
pub fn makes(operation: &Operation) -> usize {
    // Each end of a pair of sockets is one.
    if operation == &socket::SOCKETPAIR { 2 } else { 1 }
}

/// Every operation there is, in the order of [`MECHANISMS`].
pub fn operations() -> impl Iterator<Item = &'static Operation> {
    MECHANISMS.iter().flat_map(|mechanism| mechanism.operations.iter().copied())
}

/// Whether the base standard does not have the operation.
pub fn is_extension(operation: &'static Operation) -> bool {
    MECHANISMS.iter().any(|mechanism| mechanism.extensions.contains(&operation))
}

/// Every clause there is, of whatever profile, in the order of the pages.
pub fn clauses() -> impl Iterator<Item = &'static Clause> {
    MECHANISMS.iter().flat_map(|mechanism| mechanism.clauses.iter().copied().flatten())
}

/// What every kind of object promises when it is ready.
pub fn law() -> impl Iterator<Item = &'static Law> {
    MECHANISMS.iter().flat_map(|mechanism| mechanism.law)
}

/// The numbers of which at most one is 1 for a call, in every mechanism.
pub fn kinds() -> impl Iterator<Item = &'static Number> {
    MECHANISMS.iter().flat_map(|mechanism| mechanism.kinds.iter().copied())
}

/// Whether no call can meet the guards of both, for they demand that its descriptor leads to objects of
/// two kinds.
pub fn exclude_each_other(one: &Clause, other: &Clause) -> bool {
    let of = |clause: &Clause| kinds().filter(|kind| clause.demands(kind)).collect::<Vec<_>>();
    let (one, other) = (of(one), of(other));
    one.iter().any(|kind| other.iter().any(|second| kind != second))
}

/// How long the parts of what every mechanism keeps last.
pub fn lasting() -> impl Iterator<Item = &'static Lasting> {
    MECHANISMS.iter().flat_map(|mechanism| mechanism.lasting)
}

/// What ends when something else does, in every mechanism.
pub fn ends() -> impl Iterator<Item = &'static Ends> {
    MECHANISMS.iter().filter_map(|mechanism| mechanism.ends)
}

/// What becomes of a call of that operation when a handler interrupts it.
pub fn interrupted(operation: &'static Operation) -> Interrupted {
    let mut all = MECHANISMS.iter().flat_map(|mechanism| mechanism.interrupted);
    let own = all.find(|(known, _)| *known == operation);
    own.map_or(Interrupted::Restarts, |(_, how)| *how)
}

/// The clause of that id, in whatever profile.
pub fn clause(id: &str) -> Option<&'static Clause> {
    clauses().find(|clause| clause.id == id)
}
