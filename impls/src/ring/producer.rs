//! The side of a ring that sends.

use std::io;
use std::time::Duration;

use super::error::{OpenError, SendError};
use super::flow::{Peer as _, Place, Refused, Sender, Woken, longest};
use super::lanes::{Lanes, MappedLane};
use crate::shm::Claim;
use crate::sync::{self, Deadline, Spin, Word};

/// Sends messages to the consumer. Dropped, it closes.
#[derive(Debug)]
pub struct Producer {
    lane: MappedLane,
    sender: Sender,
    spin: Spin,
    claim: Claim,
}

impl Producer {
    pub(super) fn join(lanes: &Lanes, number: u64, claim: Claim) -> Result<Producer, OpenError> {
        let lane = lanes.lane(number);
        let sender = Sender::join(lane.lane()).map_err(|_| OpenError::Corrupt)?;
        Ok(Producer { lane, sender, spin: Spin::default(), claim })
    }

    /// The most bytes that a message can have: half of the ring, less eight.
    pub fn longest(&self) -> usize {
        longest(self.lane.lane().words.len() as u64 * 8)
    }

    /// Sends a message; sleeps while there is no room for it.
    pub fn send(&mut self, message: &[u8]) -> Result<(), SendError> {
        self.send_until(message, Some(Deadline::NEVER))
    }

    /// Sends a message if there is room for it.
    pub fn try_send(&mut self, message: &[u8]) -> Result<(), SendError> {
        self.send_until(message, None)
    }

    /// Sends a message; sleeps at most that long while there is no room for it.
    pub fn send_timeout(&mut self, message: &[u8], timeout: Duration) -> Result<(), SendError> {
        self.send_until(message, Some(Deadline::after(timeout)))
    }

    /// Sends a message; sleeps until the deadline at most while there is no room for it, and not at all
    /// without one.
    pub fn send_until(&mut self, message: &[u8], wait: Option<Deadline>) -> Result<(), SendError> {
        let place = self.reserve(message.len(), wait)?;
        self.put(place, message);
        self.flush();
        Ok(())
    }

    /// Puts a message in of which the consumer is not told before [`Producer::flush`]: telling it of
    /// many at once costs as much as of one. `Full` leaves what was staged before as it is.
    pub fn stage(&mut self, message: &[u8]) -> Result<(), SendError> {
        let place = self.reserve(message.len(), None)?;
        self.put(place, message);
        Ok(())
    }

    /// Tells the consumer of all that was staged.
    #[inline]
    pub fn flush(&mut self) {
        self.sender.publish(self.lane.lane());
    }

    /// Room for a message of so many bytes, to be written in place.
    pub fn try_grant(&mut self, length: usize) -> Result<Grant<'_>, SendError> {
        let place = self.reserve(length, None)?;
        Ok(Grant { producer: self, place })
    }

    /// As [`Producer::try_grant`]; sleeps while there is no room.
    pub fn grant(&mut self, length: usize) -> Result<Grant<'_>, SendError> {
        let place = self.reserve(length, Some(Deadline::NEVER))?;
        Ok(Grant { producer: self, place })
    }

    /// While it sleeps it asks so often whether the consumer still lives, 16 milliseconds if nothing is said:
    /// a death is told the sooner, the more often this is woken for nothing.
    ///
    /// # Panics
    ///
    /// If the period is zero.
    pub fn look_every(&mut self, period: Duration) {
        assert!(!period.is_zero(), "it sleeps between two looks");
        self.lane.look_every(period);
    }

    /// Sends nothing more: the consumer finds the end behind the last message.
    pub fn close(self) {}

    /// Whether there was a consumer, and it has died without another in its place.
    pub fn consumer_is_dead(&self) -> bool {
        self.lane.consumer().is_dead() && !self.lane.consumer_left()
    }

    #[inline]
    fn put(&mut self, place: Place, message: &[u8]) {
        let lane = self.lane.lane();
        sync::copy_in(place.payload(lane.words), message);
        self.sender.stage(lane, place);
    }

    #[inline]
    fn reserve(&mut self, length: usize, wait: Option<Deadline>) -> Result<Place, SendError> {
        match self.sender.reserve(self.lane.lane(), length) {
            Ok(place) => Ok(place),
            Err(refused) => self.reserve_slowly(refused, length, wait),
        }
    }

    #[cold]
    fn reserve_slowly(
        &mut self,
        mut refused: Refused,
        length: usize,
        wait: Option<Deadline>,
    ) -> Result<Place, SendError> {
        let lane = self.lane.lane();
        loop {
            match refused {
                Refused::TooLong => return Err(SendError::TooLong),
                Refused::Closed => return Err(SendError::Closed),
                Refused::Corrupt => return Err(SendError::PeerCorrupt),
                Refused::Full => {}
            }
            let Some(deadline) = wait else { return Err(SendError::Full) };
            // The consumer may be asleep over what it was not told of.
            self.sender.publish(lane);
            let peer = self.lane.consumer();
            match self.sender.wait(lane, length, &peer, &mut self.spin, deadline) {
                Woken::Ready => {}
                Woken::Late => return Err(SendError::TimedOut),
                Woken::Dead => return Err(SendError::PeerDied),
            }
            match self.sender.reserve(lane, length) {
                Ok(place) => return Ok(place),
                Err(again) => refused = again,
            }
        }
    }
}

impl Drop for Producer {
    fn drop(&mut self) {
        // A child that was forked has this too, and it is not its to close.
        if self.claim.is_mine() {
            self.flush();
            self.sender.close(self.lane.lane());
        }
    }
}

/// A stream of bytes: each write is one message or several, as long as they can be.
impl io::Write for Producer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = bytes.len().min(self.longest());
        // A message without bytes would be read as the end.
        if length > 0 {
            self.send(&bytes[..length])?;
        }
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        Producer::flush(self);
        Ok(())
    }
}

/// Room in the ring that is this producer's until it is committed. Dropped, it is given back.
#[derive(Debug)]
pub struct Grant<'a> {
    producer: &'a mut Producer,
    place: Place,
}

impl Grant<'_> {
    /// Bytes that it has.
    pub fn len(&self) -> usize {
        self.place.length
    }

    /// Whether it is for a message without bytes.
    pub fn is_empty(&self) -> bool {
        self.place.length == 0
    }

    fn words(&self) -> &[Word] {
        self.place.payload(self.producer.lane.lane().words)
    }

    /// Copies bytes to the beginning.
    ///
    /// # Panics
    ///
    /// If there are more than it has room for.
    pub fn write(&mut self, bytes: &[u8]) {
        assert!(bytes.len() <= self.place.length, "more bytes than were granted");
        sync::copy_in(self.words(), bytes);
    }

    /// The memory itself. What is in it is whatever was there before.
    ///
    /// # Safety
    ///
    /// The consumer, and everybody else who has the ring mapped, keeps to the protocol: nobody stores
    /// to it, or loads from it, before this is committed.
    pub unsafe fn as_mut_slice(&mut self) -> &mut [u8] {
        let first = self.words().as_ptr().cast_mut().cast::<u8>();
        // SAFETY: the words are in the mapping and have that many bytes; they may be written through
        // a shared reference, for they are atomic. Nobody else touches them, says the caller.
        unsafe { std::slice::from_raw_parts_mut(first, self.place.length) }
    }

    /// Sends the first `length` bytes.
    ///
    /// # Panics
    ///
    /// If there are not as many.
    pub fn commit(self, length: usize) {
        self.producer.sender.stage(self.producer.lane.lane(), self.place.shortened(length));
        self.producer.flush();
    }

    /// As [`Grant::commit`], but the consumer is not told before [`Producer::flush`].
    ///
    /// # Panics
    ///
    /// As for [`Grant::commit`].
    pub fn stage(self, length: usize) {
        self.producer.sender.stage(self.producer.lane.lane(), self.place.shortened(length));
    }
}
