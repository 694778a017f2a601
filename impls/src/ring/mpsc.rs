//! Several producers, each with a lane of its own, and one consumer.

use std::os::fd::BorrowedFd;
use std::time::Duration;

use super::error::{OpenError, RecvError};
use super::flow::{Nothing, Peer, Place, Receiver, Woken, sleep_until};
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
        let sources = (0..lanes.count()).map(|number| Source::join(&lanes, number));
        let sources = sources.collect::<Result<_, _>>()?;
        Ok(MpscConsumer { sources, turn: 0, spin: Spin::default(), claim })
    }
}

/// Receives the messages of all producers, by turns. Dropped, it closes.
#[derive(Debug)]
pub struct MpscConsumer {
    sources: Vec<Source>,
    /// Who is asked first.
    turn: usize,
    spin: Spin,
    claim: Claim,
}

#[derive(Debug)]
struct Source {
    lane: MappedLane,
    receiver: Receiver,
    /// The death of its producer was told, and no successor was seen yet.
    told: bool,
    /// What it has stored is nonsense, and that was told: it is not asked any more.
    broken: bool,
}

impl Source {
    fn join(lanes: &Lanes, number: u64) -> Result<Source, OpenError> {
        let lane = lanes.lane(number);
        let receiver = Receiver::join(lane.lane()).map_err(|_| OpenError::Corrupt)?;
        Ok(Source { lane, receiver, told: false, broken: false })
    }

    /// Whether nothing comes from here unless another producer takes the lane.
    fn is_over(&mut self) -> bool {
        self.broken
            || self.told
            || !self.lane.producer_joined()
            || self.receiver.peek(self.lane.lane()) == Err(Nothing::End)
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
        loop {
            if let Some((lane, place)) = self.ask_all()? {
                let source = &mut self.sources[lane];
                message.resize(place.length, 0);
                sync::copy_out(place.payload(source.lane.lane().words), message);
                source.receiver.consume(place);
                source.receiver.release(source.lane.lane());
                self.turn = lane + 1;
                return Ok(Some(Received { lane, length: place.length }));
            }
            let joined = self.sources.iter().any(|source| source.lane.producer_joined());
            if joined && self.sources.iter_mut().all(Source::is_over) {
                return Ok(None);
            }
            let Some(deadline) = wait else { return Err(RecvError::Empty) };
            match self.sleep(deadline) {
                Woken::Ready => {}
                Woken::Late => return Err(RecvError::TimedOut),
                Woken::Dead => self.bury()?,
            }
        }
    }

    /// The next message, of whom it is the turn.
    fn ask_all(&mut self) -> Result<Option<(usize, Place)>, RecvError> {
        let count = self.sources.len();
        for number in (0..count).map(|step| (self.turn + step) % count) {
            let source = &mut self.sources[number];
            match source.receiver.peek(source.lane.lane()) {
                Ok(place) => return Ok(Some((number, place))),
                Err(Nothing::Empty | Nothing::End) => {}
                Err(Nothing::Corrupt) if source.broken => {}
                Err(Nothing::Corrupt) => {
                    source.broken = true;
                    return Err(RecvError::PeerCorrupt);
                }
                Err(Nothing::Successor) => {
                    if !std::mem::take(&mut source.told) {
                        return Err(RecvError::PeerDied);
                    }
                    // Its own records are behind the mark.
                    return self.ask_all();
                }
            }
        }
        Ok(None)
    }

    fn sleep(&mut self, deadline: Deadline) -> Woken {
        let MpscConsumer { sources, spin, .. } = self;
        let moved = || sources.iter().any(Source::has_moved);
        sleep_until(moved, sources[0].lane.lane().data, &Any(sources), spin, deadline)
    }

    /// Tells of one that has died, and all of whose messages were received.
    fn bury(&mut self) -> Result<(), RecvError> {
        for source in &mut self.sources {
            if source.is_dead() && !source.has_moved() {
                source.told = true;
                return Err(RecvError::PeerDied);
            }
        }
        Ok(())
    }
}

impl Source {
    fn has_moved(&self) -> bool {
        !self.broken && self.receiver.has_moved(self.lane.lane())
    }

    /// Whether its producer has died, and nobody was told.
    fn is_dead(&self) -> bool {
        !self.told && !self.broken && !self.lane.producer_left() && self.lane.producer().is_dead()
    }
}

/// Dead as soon as one of them is.
struct Any<'a>(&'a [Source]);

impl Peer for Any<'_> {
    fn is_dead(&self) -> bool {
        self.0.iter().any(Source::is_dead)
    }
}

impl Drop for MpscConsumer {
    fn drop(&mut self) {
        // A child that was forked has this too, and it is not its to close.
        if self.claim.is_mine() {
            for source in &mut self.sources {
                source.receiver.close(source.lane.lane());
            }
        }
    }
}
