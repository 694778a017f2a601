//! What runs programs: the real system, and others behind the same interface.

use std::fmt;

use crate::history::{History, Numbers};
use crate::program::Program;

/// Something that programs can be run on.
pub trait System {
    /// The numbers of this system.
    fn numbers(&self) -> Numbers;

    /// The system in words, for reports.
    fn name(&self) -> String;

    /// From now on, wait so many times as long before taking silence for sleep. 1 is as usual.
    fn be_patient(&mut self, times: u32);

    /// What a program needs that cannot be had here, though no rule says that it must: such a program
    /// is not run, and counted as unsupported.
    fn lacks(&self, program: &Program) -> Option<String> {
        let _ = program;
        None
    }

    /// Runs a program once and tells what happened.
    fn run(&mut self, program: &Program) -> Result<History, SystemError>;
}

/// Why a system could not run a program at all. Never blamed on the system under test.
#[derive(Debug)]
pub struct SystemError {
    /// What was being done.
    pub doing: String,
    /// What went wrong.
    pub cause: String,
}

impl fmt::Display for SystemError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.doing, self.cause)
    }
}

impl std::error::Error for SystemError {}
