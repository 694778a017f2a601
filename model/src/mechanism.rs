//! The registration: every mechanism that the model has, in one list.

use crate::clause::Clause;
use crate::operation::Operation;
use crate::{descriptor, epoll, eventfd, fifo, memory, name, pipe, poll, process, signal};

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
}

/// All of them, in the order of the book.
pub static MECHANISMS: &[Mechanism] = &[
    Mechanism {
        name: "descriptor",
        operations: descriptor::OPERATIONS,
        extensions: &[],
        clauses: descriptor::CLAUSES,
    },
    Mechanism {
        name: "pipe",
        operations: pipe::OPERATIONS,
        extensions: &[],
        clauses: pipe::CLAUSES,
    },
    Mechanism {
        name: "name",
        operations: name::OPERATIONS,
        extensions: &[],
        clauses: name::CLAUSES,
    },
    Mechanism {
        name: "fifo",
        operations: fifo::OPERATIONS,
        extensions: &[&fifo::REOPEN],
        clauses: fifo::CLAUSES,
    },
    Mechanism {
        name: "poll",
        operations: poll::OPERATIONS,
        extensions: &[],
        clauses: poll::CLAUSES,
    },
    Mechanism {
        name: "eventfd",
        operations: eventfd::OPERATIONS,
        extensions: eventfd::OPERATIONS,
        clauses: eventfd::CLAUSES,
    },
    Mechanism {
        name: "epoll",
        operations: epoll::OPERATIONS,
        extensions: epoll::OPERATIONS,
        clauses: epoll::CLAUSES,
    },
    Mechanism {
        name: "memory",
        operations: memory::OPERATIONS,
        extensions: &[&memory::MEMFD_CREATE],
        clauses: memory::CLAUSES,
    },
    Mechanism {
        name: "process",
        operations: process::OPERATIONS,
        extensions: &[],
        clauses: process::CLAUSES,
    },
    Mechanism {
        name: "signal",
        operations: signal::OPERATIONS,
        extensions: &[],
        clauses: signal::CLAUSES,
    },
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

/// The clause of that id, in whatever profile.
pub fn clause(id: &str) -> Option<&'static Clause> {
    clauses().find(|clause| clause.id == id)
}
