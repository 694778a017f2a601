//! Several producers, each with a lane of its own, and one consumer.

use std::os::fd::BorrowedFd;
use std::time::Duration;

use super::error::{OpenError, RecvError};
use super::flow::{Lane, Peer as _};
use super::gather::{Gatherer, Missing, Origin};
use super::lanes::{Lanes, MappedLane};
use super::producer::Producer;
use crate::shm::{AttachError, Claim, Kind};
use crate::sync::{self, Deadline, Spin};

/// A ring with several producers and one consumer: see the [module](super). Messages of one producer
/// are in order; of two producers nothing is said.
#[derive(Debug)]
pub struct MpscRing(Lanes);

impl MpscRing {
    /// A new ring for so many producers at a time, at most 64, with at least so many bytes for each.
    pub fn create(producers: usize, capacity: usize) -> Result<MpscRing, AttachError> {
        Lanes::create(Kind::Mpsc, producers as u64, capacity).map(MpscRing)
    }

    /// The ring that somebody else has made, by a descriptor of it, which is not kept.
    pub fn attach(fd: BorrowedFd<'_>) -> Result<MpscRing, AttachError> {
        Lanes::attach(fd, Kind::Mpsc).map(MpscRing)
    }

    /// A descriptor to hand on. It is closed by `exec` unless `FD_CLOEXEC` is cleared in the child.
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.0.fd()
    }

    /// A number that no other ring has.
    pub fn generation(&self) -> u128 {
        self.0.generation()
    }

    /// Takes a lane that nobody has: a fresh one, or that of one that has closed or died.
    pub fn producer(&self) -> Result<Producer, OpenError> {
        let lanes = Lanes::attach(self.0.fd(), Kind::Mpsc)?;
        for number in 0..lanes.count() {
            if let Some(claim) = lanes.claim_producer(number)? {
                return Producer::join(&lanes, number, claim);
            }
        }
        Err(OpenError::Taken)
    }

    /// Takes the side of the consumer: the first, or in the place of one that died.
    pub fn consumer(&self) -> Result<MpscConsumer, OpenError> {
        let lanes = Lanes::attach(self.0.fd(), Kind::Mpsc)?;
        let claim = lanes.claim_consumer()?;
        if (0..lanes.count()).all(|number| lanes.lane(number).consumer_left()) {
            return Err(OpenError::Closed);
        }
        let origins = (0..lanes.count()).map(|number| lanes.lane(number));
        let lanes = Gatherer::join(origins, Spin::default()).map_err(|_| OpenError::Corrupt)?;
        Ok(MpscConsumer { lanes, claim })
    }
}

/// Receives the messages of all producers, by turns. Dropped, it closes.
#[derive(Debug)]
pub struct MpscConsumer {
    lanes: Gatherer<MappedLane>,
    claim: Claim,
}

impl Origin for MappedLane {
    fn lane(&self) -> Lane<'_> {
        MappedLane::lane(self)
    }

    fn producer_is_dead(&self) -> bool {
        self.producer().is_dead()
    }
}

impl From<Missing> for RecvError {
    fn from(missing: Missing) -> RecvError {
        match missing {
            Missing::Empty => RecvError::Empty,
            Missing::Late => RecvError::TimedOut,
            Missing::Died => RecvError::PeerDied,
            Missing::Corrupt => RecvError::PeerCorrupt,
        }
    }
}

/// Where a message came from, beside its length.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Received {
    /// The number of the producer's lane.
    pub lane: usize,
    /// Bytes of the message.
    pub length: usize,
}

impl MpscConsumer {
    /// Receives a message; `message` has its bytes then. Sleeps while there is none. `None` is the
    /// end: there have been producers, and all have closed or died. Another may still join.
    ///
    /// `PeerDied` and `PeerCorrupt` are told once of each producer; the others go on.
    pub fn recv(&mut self, message: &mut Vec<u8>) -> Result<Option<Received>, RecvError> {
        self.recv_until(message, Some(Deadline::NEVER))
    }

    /// Receives a message if there is one.
    pub fn try_recv(&mut self, message: &mut Vec<u8>) -> Result<Option<Received>, RecvError> {
        self.recv_until(message, None)
    }

    /// Receives a message; sleeps at most that long while there is none.
    pub fn recv_timeout(
        &mut self,
        message: &mut Vec<u8>,
        timeout: Duration,
    ) -> Result<Option<Received>, RecvError> {
        self.recv_until(message, Some(Deadline::after(timeout)))
    }

    fn recv_until(
        &mut self,
        message: &mut Vec<u8>,
        wait: Option<Deadline>,
    ) -> Result<Option<Received>, RecvError> {
        let Some((lane, place)) = self.lanes.peek(wait)? else { return Ok(None) };
        message.resize(place.length, 0);
        sync::copy_out(place.payload(self.lanes.lane(lane).words), message);
        self.lanes.consume(lane, place);
        Ok(Some(Received { lane, length: place.length }))
    }
}

impl Drop for MpscConsumer {
    fn drop(&mut self) {
        // A child that was forked has this too, and it is not its to close.
        if self.claim.is_mine() {
            self.lanes.close();
        }
    }
}
