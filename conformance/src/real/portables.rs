//! The portable mutexes that programs share: the controller makes them, and they come to every agent as
//! descriptors out of the programs' way. An agent has a handle of one, and with it a lock, from the call
//! that takes it until the one that gives it back, or until it is refused.

use std::io;
use std::os::fd::{AsRawFd as _, BorrowedFd, RawFd};

use ipc_impls::mutex::{LockError, ShmMutex};
use ipc_impls::shm::{self, AttachError};
use ipc_model::mutex::{MUTEX_CONSISTENT, MUTEX_UNLOCK, OPERATIONS, PORTABLE, ROBUST};

use super::layout::{PORTABLE_FD, SIDE_FD};
use crate::program::{Operand, Program};

/// What is said where there are none.
pub const NO_PORTABLES: &str = "portable mutexes";

/// The mutexes, as the controller has them.
pub struct Portables([ShmMutex<u64>; PORTABLE]);

impl Portables {
    /// New ones, if this system can have such mutexes.
    pub fn create() -> Option<Portables> {
        let all: Vec<ShmMutex<u64>> =
            (0..PORTABLE).map(|_| ShmMutex::create_portable(0).ok()).collect::<Option<_>>()?;
        all.try_into().ok().map(Portables)
    }

    /// Their descriptors, to be handed on.
    pub fn fds(&self) -> Vec<RawFd> {
        self.0.iter().map(|mutex| mutex.fd().as_raw_fd()).collect()
    }

    /// Makes them as new, once nobody is left who has one.
    pub fn renew(&mut self) -> io::Result<()> {
        let refused = |error: LockError| io::Error::other(error.to_string());
        self.0.iter_mut().try_for_each(|mutex| mutex.renew().map_err(refused))
    }
}

/// Whether a program takes one of them.
pub fn are_used_by(program: &Program) -> bool {
    program.lines.iter().any(|line| {
        let takes = ![&MUTEX_UNLOCK, &MUTEX_CONSISTENT].contains(&line.operation);
        let portable =
            |operand: &Operand| matches!(operand, Operand::Number(n) if *n >= ROBUST as i64);
        OPERATIONS.contains(&line.operation) && takes && line.args.first().is_some_and(portable)
    })
}

/// The handles that an agent has.
#[derive(Default)]
pub struct Handles([Option<ShmMutex<u64>>; PORTABLE]);

impl Handles {
    /// A handle of a mutex, and so a lock of this process's own: that which it has, or a new one by
    /// whichever numbers of descriptors are free beyond the programs'.
    pub fn open(&mut self, place: usize) -> Result<&mut ShmMutex<u64>, AttachError> {
        let handle = &mut self.0[place];
        match handle {
            Some(handle) => Ok(handle),
            None => {
                shm::number_from(SIDE_FD);
                // SAFETY: whoever made this process has put it there, and nothing ever closes it.
                let fd = unsafe { BorrowedFd::borrow_raw(PORTABLE_FD + place as RawFd) };
                Ok(handle.insert(ShmMutex::attach(fd)?))
            }
        }
    }

    /// The handle of a mutex that this process has.
    pub fn of(&mut self, place: usize) -> Option<&mut ShmMutex<u64>> {
        self.0[place].as_mut()
    }

    /// Gives up the handle, and its lock with it.
    pub fn close(&mut self, place: usize) {
        self.0[place] = None;
    }

    /// In a child that was just made: it has its parent's locks, and no handles.
    pub fn be_of_a_child(&mut self) {
        self.0.iter_mut().for_each(|handle| std::mem::forget(handle.take()));
    }

    /// Gives back all.
    pub fn clear(&mut self) {
        for handle in &mut self.0 {
            if let Some(mut handle) = handle.take() {
                drop(handle.kept());
            }
        }
    }
}
