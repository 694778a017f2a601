//! One producer, one consumer.

use std::os::fd::BorrowedFd;

use super::consumer::Consumer;
use super::error::OpenError;
use super::lanes::Lanes;
use super::producer::Producer;
use crate::shm::{AttachError, Kind};

/// A ring with one producer and one consumer: see the [module](super).
#[derive(Debug)]
pub struct SpscRing(Lanes);

impl SpscRing {
    /// A new ring of at least so many bytes, a power of two. A message takes its own bytes, filled up to
    /// a multiple of eight, and eight more; it can take half of the ring.
    pub fn create(capacity: usize) -> Result<SpscRing, AttachError> {
        Lanes::create(Kind::Spsc, 1, capacity).map(SpscRing)
    }

    /// The ring that somebody else has made, by a descriptor of it, which is not kept.
    pub fn attach(fd: BorrowedFd<'_>) -> Result<SpscRing, AttachError> {
        Lanes::attach(fd, Kind::Spsc).map(SpscRing)
    }

    /// A descriptor to hand on. It is closed by `exec` unless `FD_CLOEXEC` is cleared in the child.
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.0.fd()
    }

    /// Bytes of the ring.
    pub fn capacity(&self) -> usize {
        self.0.capacity() as usize
    }

    /// A number that no other ring has.
    pub fn generation(&self) -> u128 {
        self.0.generation()
    }

    /// Takes the side of the producer: the first, or in the place of one that died.
    pub fn producer(&self) -> Result<Producer, OpenError> {
        let lanes = Lanes::attach(self.0.fd(), Kind::Spsc)?;
        // Whoever has closed may still be at giving up its lock.
        if lanes.lane(0).producer_left() {
            return Err(OpenError::Closed);
        }
        let claim = lanes.claim_producer(0)?.ok_or(OpenError::Taken)?;
        if lanes.lane(0).producer_left() {
            return Err(OpenError::Closed);
        }
        Producer::join(&lanes, 0, claim)
    }

    /// Takes the side of the consumer: the first, or in the place of one that died.
    pub fn consumer(&self) -> Result<Consumer, OpenError> {
        let lanes = Lanes::attach(self.0.fd(), Kind::Spsc)?;
        if lanes.lane(0).consumer_left() {
            return Err(OpenError::Closed);
        }
        let claim = lanes.claim_consumer()?;
        if lanes.lane(0).consumer_left() {
            return Err(OpenError::Closed);
        }
        Consumer::join(&lanes, claim)
    }

    /// Makes the ring as new: what is in it is lost, and what was closed is open again. Refused while a
    /// living process has a side.
    pub fn renew(&self) -> Result<(), OpenError> {
        let lanes = Lanes::attach(self.0.fd(), Kind::Spsc)?;
        let _producer = lanes.claim_producer(0)?.ok_or(OpenError::Taken)?;
        let _consumer = lanes.claim_consumer()?;
        lanes.lane(0).renew();
        Ok(())
    }
}
