//! The registration: every mechanism that the model has, in one list.

use crate::clause::Clause;
use crate::operation::Operation;
use crate::poll::Law;
use crate::world::{Description, InCall, World};
use crate::{descriptor, epoll, eventfd, fifo, mapping, memory, name, pipe, poll, process, signal};

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
    /// What its objects promise when they are ready.
    pub law: &'static [Law],
    /// What ends when something else does.
    pub ends: Option<&'static Ends>,
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
const NONE: Mechanism =
    Mechanism { name: "", operations: &[], extensions: &[], clauses: &[], law: &[], ends: None };

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
        law: pipe::LAW,
        ..NONE
    },
    Mechanism { name: "name", operations: name::OPERATIONS, clauses: name::CLAUSES, ..NONE },
    Mechanism {
        name: "fifo",
        operations: fifo::OPERATIONS,
        extensions: &[&fifo::REOPEN],
        clauses: fifo::CLAUSES,
        ..NONE
    },
    Mechanism { name: "poll", operations: poll::OPERATIONS, clauses: poll::CLAUSES, ..NONE },
    Mechanism {
        name: "eventfd",
        operations: eventfd::OPERATIONS,
        extensions: eventfd::OPERATIONS,
        clauses: eventfd::CLAUSES,
        law: eventfd::LAW,
        ..NONE
    },
    Mechanism {
        name: "epoll",
        operations: epoll::OPERATIONS,
        extensions: epoll::OPERATIONS,
        clauses: epoll::CLAUSES,
        law: epoll::LAW,
        ends: Some(&epoll::ENDS),
    },
    Mechanism {
        name: "memory",
        operations: memory::OPERATIONS,
        extensions: &[&memory::MEMFD_CREATE],
        clauses: memory::CLAUSES,
        law: memory::LAW,
        ..NONE
    },
    Mechanism {
        name: "mapping",
        operations: mapping::OPERATIONS,
        clauses: mapping::CLAUSES,
        ..NONE
    },
    Mechanism {
        name: "process",
        operations: process::OPERATIONS,
        clauses: process::CLAUSES,
        ..NONE
    },
    Mechanism { name: "signal", operations: signal::OPERATIONS, clauses: signal::CLAUSES, ..NONE },
];

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

/// What ends when something else does, in every mechanism.
pub fn ends() -> impl Iterator<Item = &'static Ends> {
    MECHANISMS.iter().filter_map(|mechanism| mechanism.ends)
}

/// The clause of that id, in whatever profile.
pub fn clause(id: &str) -> Option<&'static Clause> {
    clauses().find(|clause| clause.id == id)
}
