//! The protocol of several lanes with one consumer: whose turn it is, when it sleeps, and what it is
//! told of each producer. All lanes have one bell.

use super::flow::{Corrupt, Lane, Nothing, Peer, Place, Receiver, Woken, sleep_until};
use crate::sync::{Deadline, Spin};

/// A lane, as its consumer has it.
pub trait Origin {
    /// The lane.
    fn lane(&self) -> Lane<'_>;

    /// Whether its producer is proven to have died, and nobody has taken over from it.
    fn producer_is_dead(&self) -> bool;
}

/// Why there is no message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Missing {
    /// There is none now.
    Empty,
    /// There was none until the deadline.
    Late,
    /// A producer has died, and all that it had sent was taken out. It is told once of each.
    Died,
    /// A producer does not keep to the protocol. It is told once of each.
    Corrupt,
}

/// The side that takes records out of several lanes, by turns.
#[derive(Debug)]
pub struct Gatherer<O> {
    sources: Vec<Source<O>>,
    /// Who is asked first.
    turn: usize,
    spin: Spin,
}

#[derive(Debug)]
struct Source<O> {
    origin: O,
    receiver: Receiver,
    /// The death of its producer was told, and no successor was seen yet.
    told: bool,
    /// What it has stored is nonsense, and that was told: it is not asked any more.
    broken: bool,
    /// Its producer had closed and there was no more, when it was asked last. It is not asked for this
    /// alone: whatever a look finds is new only once.
    ended: bool,
}

impl<O: Origin> Gatherer<O> {
    /// Takes up where the last consumer was, in each lane. There must be no other now.
    pub fn join(origins: impl Iterator<Item = O>, spin: Spin) -> Result<Gatherer<O>, Corrupt> {
        let source = |origin: O| {
            let receiver = Receiver::join(origin.lane())?;
            Ok(Source { origin, receiver, told: false, broken: false, ended: false })
        };
        let sources = origins.map(source).collect::<Result<_, Corrupt>>()?;
        Ok(Gatherer { sources, turn: 0, spin })
    }

    /// The lane of that number.
    pub fn lane(&self, number: usize) -> Lane<'_> {
        self.sources[number].origin.lane()
    }

    /// Where the next payload lies, and in which lane; without a deadline only if there is one now.
    /// Nothing is the end: there have been producers, and all have closed or died.
    pub fn peek(&mut self, wait: Option<Deadline>) -> Result<Option<(usize, Place)>, Missing> {
        loop {
            if let Some(found) = self.ask_all()? {
                return Ok(Some(found));
            }
            let joined = self.sources.iter().any(Source::has_joined);
            if joined && self.sources.iter().all(Source::is_over) {
                return Ok(None);
            }
            let deadline = wait.ok_or(Missing::Empty)?;
            match self.sleep(deadline) {
                Woken::Ready => {}
                Woken::Late => return Err(Missing::Late),
                Woken::Dead => self.bury()?,
            }
        }
    }

    /// Goes on behind what [`Gatherer::peek`] gave, and tells the producer of the room.
    pub fn consume(&mut self, number: usize, place: Place) {
        let source = &mut self.sources[number];
        source.receiver.consume(place);
        source.receiver.release(source.origin.lane());
        self.turn = number + 1;
    }

    /// Takes nothing out any more. All producers are refused from now on.
    pub fn close(&mut self) {
        for source in &mut self.sources {
            source.receiver.close(source.origin.lane());
        }
    }

    /// The next record, of whom it is the turn.
    fn ask_all(&mut self) -> Result<Option<(usize, Place)>, Missing> {
        let count = self.sources.len();
        for number in (0..count).map(|step| (self.turn + step) % count) {
            let source = &mut self.sources[number];
            let found = source.receiver.peek(source.origin.lane());
            source.ended = found == Err(Nothing::End);
            match found {
                Ok(place) => return Ok(Some((number, place))),
                Err(Nothing::Empty | Nothing::End) => {}
                Err(Nothing::Corrupt) if source.broken => {}
                Err(Nothing::Corrupt) => {
                    source.broken = true;
                    return Err(Missing::Corrupt);
                }
                Err(Nothing::Successor) => {
                    // The mark is passed: who takes over from here is not told again, and the producer
                    // has its room, though nothing may come behind it before it has that.
                    source.receiver.release(source.origin.lane());
                    if !std::mem::take(&mut source.told) {
                        return Err(Missing::Died);
                    }
                    // Its own records are behind the mark.
                    return self.ask_all();
                }
            }
        }
        Ok(None)
    }

    fn sleep(&mut self, deadline: Deadline) -> Woken {
        let Gatherer { sources, spin, .. } = self;
        let moved = || sources.iter().any(Source::has_moved);
        let bell = sources[0].origin.lane().data;
        sleep_until(moved, bell, &Any(sources), spin, deadline)
    }

    /// Tells of one that has died, and all of whose records were taken out.
    fn bury(&mut self) -> Result<(), Missing> {
        for source in &mut self.sources {
            if source.is_dead() && !source.has_moved() {
                source.told = true;
                return Err(Missing::Died);
            }
        }
        Ok(())
    }
}

impl<O: Origin> Source<O> {
    fn has_joined(&self) -> bool {
        self.origin.lane().flow.producer_joined()
    }

    /// Whether nothing comes from here unless another producer takes the lane.
    fn is_over(&self) -> bool {
        self.broken || self.told || self.ended || !self.has_joined()
    }

    fn has_moved(&self) -> bool {
        !self.broken && self.receiver.has_moved(self.origin.lane())
    }

    /// Whether its producer has died, and nobody was told.
    fn is_dead(&self) -> bool {
        let left = self.origin.lane().flow.producer_left();
        !self.told && !self.broken && !left && self.origin.producer_is_dead()
    }
}

/// Dead as soon as one of them is.
struct Any<'a, O>(&'a [Source<O>]);

impl<O: Origin> Peer for Any<'_, O> {
    fn is_dead(&self) -> bool {
        self.0.iter().any(Source::is_dead)
    }
}
