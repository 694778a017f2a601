//! What is in a ring, and who has which side of it.
//!
//! A message lies in one piece, after a word that says how long it is. Where there is no room for that
//! before the end of the memory, the rest up to there is left empty, and taken out along with it.

use std::collections::VecDeque;

use super::{CAPACITY, CONSUMER, COUNT, HEADER, PRODUCER};
use crate::payload::{Data, Run, Tag};

/// All rings, by number. One that nobody has touched need not be there.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Rings(Vec<Ring>);

/// A ring.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Ring {
    /// Who has the producer's side, and who the consumer's.
    pub sides: [Side; 2],
    /// The bytes of all messages, oldest first.
    pub data: Data,
    /// What lies there, oldest first.
    pub records: VecDeque<Record>,
    /// Where the next record begins, if there is room for it in one piece.
    pub tail: u64,
    /// The producer has taken over from one that died, and has not marked that.
    pub owes: bool,
    /// The consumer was told that a producer died, and has met no mark since.
    pub told: bool,
}

/// A side of a ring.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Side {
    /// The process that can use it.
    pub owner: Option<u8>,
    /// The processes that count as it, as bits by number: its owner, and children that were made of one
    /// that did.
    pub holders: u32,
    /// Somebody has had it.
    pub joined: bool,
    /// It was closed, and that is for good.
    pub closed: bool,
}

/// What lies in a ring.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Record {
    /// The length of the message; none for a mark: here a producer took over from one that died.
    pub message: Option<u64>,
    /// How many bytes of the ring it takes, with what is left empty before it.
    pub size: u64,
}

impl Rings {
    /// The ring of that number; none of one that nobody has touched.
    pub fn at(&self, place: usize) -> Option<&Ring> {
        self.0.get(place)
    }

    /// The ring of that number, to be changed.
    pub fn at_mut(&mut self, place: usize) -> Option<&mut Ring> {
        if place >= COUNT {
            return None;
        }
        if self.0.is_empty() {
            self.0.resize(COUNT, Ring::default());
        }
        self.0.get_mut(place)
    }

    /// All that somebody has touched, by number.
    pub fn iter(&self) -> impl Iterator<Item = &Ring> {
        self.0.iter()
    }

    /// The sides that a process counts as: the numbers of their rings, and which.
    pub fn held_by(&self, process: u8) -> impl Iterator<Item = (usize, usize)> {
        self.0.iter().enumerate().flat_map(move |(place, ring)| {
            let sides = ring.sides.iter().enumerate();
            let held = sides.filter(move |(_, side)| side.is_held_by(process));
            held.map(move |(side, _)| (place, side))
        })
    }

    /// A process counts as all that its parent counts as.
    pub fn inherit(&mut self, parent: u8, child: u8) {
        let sides = self.0.iter_mut().flat_map(|ring| &mut ring.sides);
        for side in sides.filter(|side| side.is_held_by(parent)) {
            side.holders |= bit(child);
        }
    }
}

fn bit(process: u8) -> u32 {
    1_u32.checked_shl(process.into()).unwrap_or(0)
}

impl Side {
    /// Whether a process counts as this side.
    pub fn is_held_by(&self, process: u8) -> bool {
        self.holders & bit(process) != 0
    }

    /// Whether whoever had it has died, and nobody took over.
    pub fn is_dead(&self) -> bool {
        self.joined && !self.closed && self.holders == 0
    }

    /// A process has it from now on.
    pub fn take(&mut self, process: u8) {
        *self = Side { owner: Some(process), holders: bit(process), joined: true, ..*self };
    }

    /// Nobody has it any more, nor will.
    pub fn close(&mut self) {
        *self = Side { owner: None, holders: 0, closed: true, ..*self };
    }

    /// A process does not count as this side any more.
    pub fn let_go(&mut self, process: u8) {
        self.holders &= !bit(process);
        self.owner = self.owner.filter(|owner| *owner != process);
    }
}

impl Ring {
    /// Bytes that a message of that length takes now, with what is left empty before it.
    fn size(&self, length: u64) -> u64 {
        let size = HEADER + length.next_multiple_of(HEADER);
        let to_end = CAPACITY - self.tail % CAPACITY;
        if size > to_end { to_end + size } else { size }
    }

    /// Whether there is room for a message of that length.
    pub fn takes(&self, length: u64) -> bool {
        let used: u64 = self.records.iter().map(|record| record.size).sum();
        used + self.size(length) <= CAPACITY
    }

    fn put(&mut self, message: Option<u64>) {
        let size = self.size(message.unwrap_or(0));
        self.records.push_back(Record { message, size });
        self.tail = (self.tail + size) % CAPACITY;
    }

    /// Puts a message in: the first bytes of that payload.
    pub fn send(&mut self, tag: Tag, length: u64) {
        self.put(Some(length));
        self.data.push(Run::Of { tag, from: 0, len: length });
    }

    /// Puts a mark in.
    pub fn mark(&mut self) {
        self.put(None);
        self.owes = false;
    }

    /// Takes the oldest record out.
    pub fn pass(&mut self) {
        if let Some(Record { message: Some(length), .. }) = self.records.pop_front() {
            self.data.take(length);
        }
    }

    /// A process takes a side.
    pub fn join(&mut self, side: usize, process: u8) {
        match side {
            PRODUCER => self.owes = self.sides[PRODUCER].joined,
            _ => self.told = false,
        }
        let place = side.min(CONSUMER);
        self.sides[place].take(process);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ring::LONGEST;

    #[test]
    fn a_message_lies_in_one_piece() {
        let mut ring = Ring::default();
        ring.send(1, 40);
        ring.send(2, 40);
        assert!(ring.takes(24) && !ring.takes(25));
        ring.pass();
        // The rest up to the end is left empty, so there are 80 bytes, and 48 of them in one piece.
        assert!(ring.takes(40) && !ring.takes(41));
        ring.send(3, 40);
        assert_eq!(ring.records.back(), Some(&Record { message: Some(40), size: 80 }));
        assert_eq!((ring.tail, ring.data.len()), (48, 80));
    }

    #[test]
    fn the_longest_fits_twice_and_nothing_behind_it() {
        let mut ring = Ring::default();
        for tag in 0..2 {
            assert!(ring.takes(LONGEST));
            ring.send(tag, LONGEST);
        }
        assert!(!ring.takes(0));
        ring.pass();
        assert!(ring.takes(LONGEST));
    }

    #[test]
    fn a_side_is_dead_when_the_last_who_counts_as_it_is_gone() {
        let mut rings = Rings::default();
        let ring = rings.at_mut(1).expect("there are two");
        assert!(!ring.sides[PRODUCER].is_dead());
        ring.join(PRODUCER, 3);
        rings.inherit(3, 4);
        assert_eq!(rings.held_by(4).collect::<Vec<_>>(), [(1, PRODUCER)]);
        let ring = rings.at_mut(1).expect("as above");
        let side = &mut ring.sides[PRODUCER];
        side.let_go(3);
        assert!(!side.is_dead() && side.owner.is_none());
        side.let_go(4);
        assert!(side.is_dead());
        ring.join(PRODUCER, 0);
        assert!(ring.owes && !ring.sides[PRODUCER].is_dead());
        ring.sides[PRODUCER].close();
        assert!(!ring.sides[PRODUCER].is_dead());
    }
}
