//! The side of a ring that receives.

use std::io;
use std::time::Duration;

use super::error::{OpenError, RecvError};
use super::flow::{Nothing, Peer as _, Place, Receiver, Woken};
use super::lanes::{Lanes, MappedLane};
use crate::shm::Claim;
use crate::sync::{self, Deadline, Spin, Word};

/// Receives the messages of the producer. Dropped, it closes.
#[derive(Debug)]
pub struct Consumer {
    lane: MappedLane,
    receiver: Receiver,
    spin: Spin,
    /// The death of the producer was told, and no successor was seen yet.
    told: bool,
    /// Bytes of the next message that were read as part of a stream.
    read: usize,
    claim: Claim,
}

impl Consumer {
    pub(super) fn join(lanes: &Lanes, claim: Claim) -> Result<Consumer, OpenError> {
        let lane = lanes.lane(0);
        let receiver = Receiver::join(lane.lane()).map_err(|_| OpenError::Corrupt)?;
        Ok(Consumer { lane, receiver, spin: Spin::default(), told: false, read: 0, claim })
    }

    /// Receives a message and gives its length; `message` has its bytes then. Sleeps while there is
    /// none. `None` is the end: the producer has closed.
    pub fn recv(&mut self, message: &mut Vec<u8>) -> Result<Option<usize>, RecvError> {
        self.recv_until(message, Some(Deadline::NEVER))
    }

    /// Receives a message if there is one.
    pub fn try_recv(&mut self, message: &mut Vec<u8>) -> Result<Option<usize>, RecvError> {
        self.recv_until(message, None)
    }

    /// Receives a message; sleeps at most that long while there is none.
    pub fn recv_timeout(
        &mut self,
        message: &mut Vec<u8>,
        timeout: Duration,
    ) -> Result<Option<usize>, RecvError> {
        self.recv_until(message, Some(Deadline::after(timeout)))
    }

    /// Receives a message; sleeps until the deadline at most while there is none, and not at all
    /// without one.
    pub fn recv_until(
        &mut self,
        message: &mut Vec<u8>,
        wait: Option<Deadline>,
    ) -> Result<Option<usize>, RecvError> {
        let Some(place) = self.next(wait)? else { return Ok(None) };
        self.take(place, message);
        self.receiver.release(self.lane.lane());
        Ok(Some(place.length))
    }

    /// Receives up to `most` messages that are there, one after the other, and gives how many. The
    /// producer is told once of all the room. Sleeps while there is none; 0 is the end.
    pub fn recv_batch(
        &mut self,
        most: usize,
        mut each: impl FnMut(&[u8]),
    ) -> Result<usize, RecvError> {
        let (mut count, mut message) = (0, Vec::new());
        while count < most {
            let place = match count {
                0 => self.next(Some(Deadline::NEVER))?,
                _ => self.next_of_batch(),
            };
            let Some(place) = place else { break };
            self.take(place, &mut message);
            each(&message);
            count += 1;
        }
        self.receiver.release(self.lane.lane());
        Ok(count)
    }

    /// The next message, if there is one behind those of a batch. What else there is is told the next
    /// time: what was received comes first.
    fn next_of_batch(&mut self) -> Option<Place> {
        match self.receiver.peek(self.lane.lane()) {
            Ok(place) => Some(place),
            Err(Nothing::Successor) => {
                self.receiver.step_back();
                None
            }
            Err(Nothing::Empty | Nothing::End | Nothing::Corrupt) => None,
        }
    }

    /// The next message, where it lies, if there is one. It is received by [`Message::consume`]:
    /// whoever dies before that leaves it to its successor.
    pub fn try_peek(&mut self) -> Result<Option<Message<'_>>, RecvError> {
        let place = self.next(None)?;
        Ok(place.map(|place| Message { consumer: self, place }))
    }

    /// As [`Consumer::try_peek`]; sleeps while there is none.
    pub fn peek(&mut self) -> Result<Option<Message<'_>>, RecvError> {
        let place = self.next(Some(Deadline::NEVER))?;
        Ok(place.map(|place| Message { consumer: self, place }))
    }

    /// While it sleeps it asks so often whether the producer still lives, 16 milliseconds if nothing is said:
    /// a death is told the sooner, the more often this is woken for nothing.
    ///
    /// # Panics
    ///
    /// If the period is zero.
    pub fn look_every(&mut self, period: Duration) {
        assert!(!period.is_zero(), "it sleeps between two looks");
        self.lane.look_every(period);
    }

    /// Receives nothing more: the producer is refused.
    pub fn close(self) {}

    /// Whether there was a producer, and it has died without another in its place. There may still be
    /// messages of it.
    pub fn producer_is_dead(&self) -> bool {
        self.lane.producer().is_dead() && !self.lane.producer_left()
    }

    #[inline]
    fn take(&mut self, place: Place, message: &mut Vec<u8>) {
        // Bytes that are there already need not be cleared first.
        message.resize(place.length, 0);
        sync::copy_out(place.payload(self.lane.lane().words), message);
        self.consume(place);
    }

    fn consume(&mut self, place: Place) {
        self.receiver.consume(place);
        self.read = 0;
    }

    #[inline]
    fn next(&mut self, wait: Option<Deadline>) -> Result<Option<Place>, RecvError> {
        match self.receiver.peek(self.lane.lane()) {
            Ok(place) => Ok(Some(place)),
            Err(nothing) => self.next_slowly(nothing, wait),
        }
    }

    #[cold]
    fn next_slowly(
        &mut self,
        mut nothing: Nothing,
        wait: Option<Deadline>,
    ) -> Result<Option<Place>, RecvError> {
        let lane = self.lane.lane();
        loop {
            match nothing {
                Nothing::End => return Ok(None),
                Nothing::Corrupt => return Err(RecvError::PeerCorrupt),
                Nothing::Successor => {
                    // Whoever takes over from here is not told again.
                    self.receiver.release(lane);
                    if !std::mem::take(&mut self.told) {
                        return Err(RecvError::PeerDied);
                    }
                }
                Nothing::Empty => {
                    // The producer may be asleep for room that it was not told of.
                    self.receiver.release(lane);
                    let Some(deadline) = wait else { return Err(RecvError::Empty) };
                    let peer = self.lane.producer();
                    match self.receiver.wait(lane, &peer, &mut self.spin, deadline) {
                        Woken::Ready => {}
                        Woken::Late => return Err(RecvError::TimedOut),
                        Woken::Dead => {
                            self.told = true;
                            return Err(RecvError::PeerDied);
                        }
                    }
                }
            }
            match self.receiver.peek(lane) {
                Ok(place) => return Ok(Some(place)),
                Err(again) => nothing = again,
            }
        }
    }
}

impl Drop for Consumer {
    fn drop(&mut self) {
        // A child that was forked has this too, and it is not its to close.
        if self.claim.is_mine() {
            self.receiver.close(self.lane.lane());
        }
    }
}

/// A stream of bytes. A message that is read in part is released when the rest was read.
impl io::Read for Consumer {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        if bytes.is_empty() {
            return Ok(0);
        }
        loop {
            let Some(place) = self.next(Some(Deadline::NEVER))? else { return Ok(0) };
            let mut message = vec![0; place.length];
            sync::copy_out(place.payload(self.lane.lane().words), &mut message);
            let rest = &message[self.read..];
            let count = rest.len().min(bytes.len());
            bytes[..count].copy_from_slice(&rest[..count]);
            self.read += count;
            if self.read == place.length {
                self.consume(place);
                self.receiver.release(self.lane.lane());
            }
            // A message without bytes is not the end.
            if count > 0 {
                return Ok(count);
            }
        }
    }
}

/// A message in the ring.
#[derive(Debug)]
pub struct Message<'a> {
    consumer: &'a mut Consumer,
    place: Place,
}

impl Message<'_> {
    /// Bytes that it has.
    pub fn len(&self) -> usize {
        self.place.length
    }

    /// Whether it has no bytes.
    pub fn is_empty(&self) -> bool {
        self.place.length == 0
    }

    fn words(&self) -> &[Word] {
        self.place.payload(self.consumer.lane.lane().words)
    }

    /// Copies its first bytes, as many as there is room for, and gives how many.
    pub fn copy_to(&self, bytes: &mut [u8]) -> usize {
        let count = self.place.length.min(bytes.len());
        sync::copy_out(self.words(), &mut bytes[..count]);
        count
    }

    /// The memory itself.
    ///
    /// # Safety
    ///
    /// The producer, and everybody else who has the ring mapped, keeps to the protocol: nobody stores
    /// to it while this is there.
    pub unsafe fn as_slice(&self) -> &[u8] {
        let first = self.words().as_ptr().cast::<u8>();
        // SAFETY: the words are in the mapping and have that many bytes. Nobody stores, says the caller.
        unsafe { std::slice::from_raw_parts(first, self.place.length) }
    }

    /// Receives it, and tells the producer of the room.
    pub fn consume(self) {
        self.consumer.consume(self.place);
        self.consumer.receiver.release(self.consumer.lane.lane());
    }
}
