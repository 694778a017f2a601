//! The rings that programs share: the controller makes them, and they come to every agent as
//! descriptors out of the programs' way. An agent has a description of its own for each side that it
//! takes, which are out of the way as well.

use std::io;
use std::os::fd::{AsRawFd as _, BorrowedFd, RawFd};
use std::time::Duration;

use ipc_impls::errno::Errno;
use ipc_impls::ring::{Consumer, OpenError, Producer, SpscRing};
use ipc_impls::shm::{self, AttachError};
use ipc_model::ring::{CAPACITY, COUNT, PRODUCER};
use nix::libc;

use super::layout::{RING_FD, SIDE_FD};
use crate::program::Program;

/// What is said where there are none.
pub const NO_RINGS: &str = "rings in shared memory";

/// How often an agent that sleeps looks by itself whether the other side lives.
const LOOK_EVERY: Duration = Duration::from_millis(1);

/// The rings, as the controller has them.
pub struct Rings([SpscRing; COUNT]);

impl Rings {
    /// New ones, if this system can have such rings.
    pub fn create() -> Option<Rings> {
        let all: Vec<SpscRing> =
            (0..COUNT).map(|_| SpscRing::create(CAPACITY as usize).ok()).collect::<Option<_>>()?;
        all.try_into().ok().map(Rings)
    }

    /// Their descriptors, to be handed on.
    pub fn fds(&self) -> Vec<RawFd> {
        self.0.iter().map(|ring| ring.fd().as_raw_fd()).collect()
    }

    /// Makes them as new, once nobody is left who has a side of one.
    pub fn renew(&self) -> io::Result<()> {
        let refused = |error: OpenError| io::Error::other(error.to_string());
        self.0.iter().try_for_each(|ring| ring.renew().map_err(refused))
    }
}

/// Whether a program uses them.
pub fn are_used_by(program: &Program) -> bool {
    let is_about = |operation| ipc_model::ring::OPERATIONS.contains(&operation);
    program.lines.iter().any(|line| is_about(line.operation))
}

/// The sides that an agent has.
#[derive(Default)]
pub struct Sides {
    producers: [Option<Producer>; COUNT],
    consumers: [Option<Consumer>; COUNT],
}

impl Sides {
    /// Takes a side, by whichever numbers of descriptors are free beyond the programs'.
    pub fn open(&mut self, place: usize, side: usize) -> Result<(), Errno> {
        shm::number_from(SIDE_FD);
        // SAFETY: whoever made this process has put the ring there, and nothing ever closes it.
        let fd = unsafe { BorrowedFd::borrow_raw(RING_FD + place as RawFd) };
        let ring = SpscRing::attach(fd).map_err(|error| errno(OpenError::Attach(error)))?;
        if side == PRODUCER {
            let mut producer = ring.producer().map_err(errno)?;
            producer.look_every(LOOK_EVERY);
            self.producers[place] = Some(producer);
        } else {
            let mut consumer = ring.consumer().map_err(errno)?;
            consumer.look_every(LOOK_EVERY);
            self.consumers[place] = Some(consumer);
        }
        Ok(())
    }

    /// Closes a side; false if this process does not have it.
    pub fn close(&mut self, place: usize, side: usize) -> bool {
        match side {
            PRODUCER => self.producers[place].take().map(Producer::close).is_some(),
            _ => self.consumers[place].take().map(Consumer::close).is_some(),
        }
    }

    /// The producer's side of a ring, if this process has it.
    pub fn producer(&mut self, place: usize) -> Option<&mut Producer> {
        self.producers[place].as_mut()
    }

    /// The consumer's side of a ring, if this process has it.
    pub fn consumer(&mut self, place: usize) -> Option<&mut Consumer> {
        self.consumers[place].as_mut()
    }

    /// In a child that was just made: it has what its parent has, and must not use it.
    pub fn be_of_a_child(&mut self) {
        self.producers.iter_mut().for_each(|side| std::mem::forget(side.take()));
        self.consumers.iter_mut().for_each(|side| std::mem::forget(side.take()));
    }

    /// Closes all.
    pub fn clear(&mut self) {
        *self = Sides::default();
    }
}

fn errno(error: OpenError) -> Errno {
    match error {
        OpenError::Taken => Errno(libc::EBUSY),
        OpenError::Closed => Errno(libc::EPIPE),
        OpenError::Attach(AttachError::System(errno)) => errno,
        _ => Errno(libc::EBADMSG),
    }
}
