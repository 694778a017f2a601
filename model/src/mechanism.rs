//! The registration: every mechanism that the model has, in one list.

use crate::operation::Operation;
use crate::{descriptor, pipe, process, signal};

/// What a mechanism brings.
pub struct Mechanism {
    /// Its name, as in file names and at the head of its clause ids.
    pub name: &'static str,
    /// The calls that it adds to programs.
    pub operations: &'static [&'static Operation],
}

/// All of them, in the order of the book.
pub static MECHANISMS: &[Mechanism] = &[
    Mechanism { name: "descriptor", operations: descriptor::OPERATIONS },
    Mechanism { name: "pipe", operations: pipe::OPERATIONS },
    Mechanism { name: "process", operations: process::OPERATIONS },
    Mechanism { name: "signal", operations: signal::OPERATIONS },
];

/// Every operation there is, in the order of [`MECHANISMS`].
pub fn operations() -> impl Iterator<Item = &'static Operation> {
    MECHANISMS.iter().flat_map(|mechanism| mechanism.operations.iter().copied())
}
