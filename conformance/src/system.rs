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

    /// Runs a program once and tells what happened.
    fn run(&mut self, program: &Program) -> Result<History, SystemError>;

    /// From now on waits so many times as long as usual before it takes somebody for asleep without
    /// proof. Systems that never have to wait take no notice.
    fn be_patient(&mut self, _times: u32) {}
}

impl<S: System + ?Sized> System for Box<S> {
    fn numbers(&self) -> Numbers {
        (**self).numbers()
    }

    fn name(&self) -> String {
        (**self).name()
    }

    fn run(&mut self, program: &Program) -> Result<History, SystemError> {
        (**self).run(program)
    }

    fn be_patient(&mut self, times: u32) {
        (**self).be_patient(times);
    }
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
