//! The protocol of one lane: one side puts records in, the other takes them out, in order.
//!
//! A record is a word that says what it is, and its payload, filled up to whole words. It lies in one
//! piece; if there is no room for that before the end, a record of padding fills the end. Positions
//! count bytes from the beginning of time, so they never come round.
//!
//! Each position is stored by its own side alone, and each side keeps a copy of its own that it
//! believes in place of the memory. Whatever comes from the other side is read once, into a copy, and
//! the copy is checked: see [`Corrupt`]. Nothing that a peer stores can lead outside of `words`.
//!
//! No side waits for the other while it has something to do. Before it sleeps it arms a bell, looks
//! once more, and sleeps on the bell; the other side looks at the bell behind each step, and rings it
//! only if it is armed. A process that is killed between its step and its ringing leaves a sleeper:
//! so sleep is cut into slices, and behind each one it is asked whether the other side still lives.

use std::time::Duration;

use crate::sync::{
    AtomicU32, AtomicU64, Deadline, Futex, Ordering, Spin, Word, publish_fence, sleep_fence,
};

/// Bytes of the word before each payload.
pub const HEADER: u64 = 8;
/// Smallest and largest capacity in bytes; it is a power of two.
pub const CAPACITIES: std::ops::RangeInclusive<u64> = 32..=1 << 30;

/// A record with payload.
const MESSAGE: u64 = 1;
/// What fills the end of the memory.
const PADDING: u64 = 2;
/// A mark without payload: here another producer took over from one that had died.
const SUCCESSOR: u64 = 3;

/// A bit of [`Flow::left`]: the producer will put nothing in any more.
const PRODUCER: u32 = 1;
/// A bit of [`Flow::left`]: the consumer will take nothing out any more.
const CONSUMER: u32 = 2;

/// What the two sides share beside the payload. All zeros is an empty lane.
#[repr(C, align(128))]
pub struct Flow {
    tail: Line<AtomicU64>,
    head: Line<AtomicU64>,
    /// Armed while the consumer sleeps, or is about to. Read often, written seldom: it lies apart
    /// from the positions.
    pub data: Futex,
    /// Armed while the producer sleeps, or is about to.
    pub room: Futex,
    left: AtomicU32,
    /// How many producers there have been, and how many consumers.
    joined: [AtomicU32; 2],
}

/// Bytes that each lane has for it.
pub const FLOW_SIZE: u64 = 512;

/// Alone in its pair of lines of the cache.
#[repr(C, align(128))]
struct Line<T>(T);

impl Flow {
    /// An empty lane.
    pub fn new() -> Flow {
        Flow {
            tail: Line(AtomicU64::new(0)),
            head: Line(AtomicU64::new(0)),
            data: Futex::new(0),
            room: Futex::new(0),
            left: AtomicU32::new(0),
            joined: [AtomicU32::new(0), AtomicU32::new(0)],
        }
    }

    /// Whether there has been a producer.
    pub fn producer_joined(&self) -> bool {
        self.joined[0].load(Ordering::Relaxed) != 0
    }

    /// Whether there has been a consumer.
    pub fn consumer_joined(&self) -> bool {
        self.joined[1].load(Ordering::Relaxed) != 0
    }

    /// Whether the producer has closed.
    pub fn producer_left(&self) -> bool {
        self.left.load(Ordering::Acquire) & PRODUCER != 0
    }

    /// Whether the consumer has closed.
    pub fn consumer_left(&self) -> bool {
        self.left.load(Ordering::Relaxed) & CONSUMER != 0
    }

    /// Makes the lane as new. Nobody may have a side of it.
    pub fn renew(&self) {
        self.tail.0.store(0, Ordering::Relaxed);
        self.head.0.store(0, Ordering::Relaxed);
        self.data.swap(0, Ordering::Relaxed);
        self.room.swap(0, Ordering::Relaxed);
        self.left.store(0, Ordering::Relaxed);
        self.joined.iter().for_each(|count| count.store(0, Ordering::Relaxed));
    }
}

impl Default for Flow {
    fn default() -> Flow {
        Flow::new()
    }
}

/// A lane as one side sees it.
#[derive(Clone, Copy)]
pub struct Lane<'a> {
    /// What is shared beside the payload.
    pub flow: &'a Flow,
    /// The payload: a power of two of words, within [`CAPACITIES`].
    pub words: &'a [Word],
    /// Armed while the consumer sleeps, or is about to. It may be the bell of several lanes.
    pub data: &'a Futex,
}

impl Lane<'_> {
    fn capacity(&self) -> u64 {
        self.words.len() as u64 * 8
    }

    fn index(&self, position: u64) -> usize {
        (position / 8) as usize & (self.words.len() - 1)
    }

    /// Bytes between two positions, if one side can be there while the other is here.
    fn distance(&self, from: u64, to: u64) -> Result<u64, Corrupt> {
        let distance = to.wrapping_sub(from);
        let possible = distance <= self.capacity() && distance.is_multiple_of(8);
        possible.then_some(distance).ok_or(Corrupt)
    }

    fn leave(&self, side: u32) {
        self.flow.left.fetch_or(side, Ordering::Release);
        publish_fence();
        ring(self.data);
        ring(&self.flow.room);
    }
}

/// The other side has stored something that it never stores while it keeps to the protocol.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Corrupt;

/// Why nothing was put in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refused {
    /// There is no room now.
    Full,
    /// There never will be: it is more than half of the capacity.
    TooLong,
    /// The consumer has closed.
    Closed,
    /// See [`Corrupt`].
    Corrupt,
}

/// Why nothing was taken out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Nothing {
    /// There is nothing now.
    Empty,
    /// Nothing will come any more: the producer has closed.
    End,
    /// A producer had died here, and another goes on.
    Successor,
    /// See [`Corrupt`].
    Corrupt,
}

/// Why a wait is over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Woken {
    /// There may be something to do.
    Ready,
    /// The deadline has passed.
    Late,
    /// The other side has died, and what it had done has been seen to the end.
    Dead,
}

/// What is known of the other side beside what it stores.
pub trait Peer {
    /// Whether it is proven that it has died, and nobody has taken over from it.
    fn is_dead(&self) -> bool;

    /// How long to sleep at most before that is asked again.
    fn look_every(&self) -> Duration {
        LONGEST_SLICE
    }
}

/// Where a payload lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// Index of the word before it.
    word: usize,
    /// Bytes of the payload.
    pub length: usize,
    /// Bytes of the padding before the record.
    skipped: u64,
}

impl Place {
    /// The same with a shorter payload.
    ///
    /// # Panics
    ///
    /// If it is longer.
    pub fn shortened(self, length: usize) -> Place {
        assert!(length <= self.length, "more bytes than there is room for");
        Place { length, ..self }
    }

    /// The words of the payload.
    pub fn payload<'a>(&self, words: &'a [Word]) -> &'a [Word] {
        let first = self.word + 1;
        &words[first..first + self.length.div_ceil(8)]
    }
}

/// Bytes that a record with so much payload takes.
fn record_size(length: usize) -> Option<u64> {
    u64::try_from(length).ok()?.checked_next_multiple_of(8)?.checked_add(HEADER)
}

/// The most payload that a record can have.
pub fn longest(capacity: u64) -> usize {
    (capacity / 2 - HEADER) as usize
}

/// The word before a payload. It tells its own place, so that what is left of an earlier lap is not
/// taken for a record.
fn header(kind: u64, length: u64, position: u64) -> u64 {
    (position / 8 % (1 << 28)) << 36 | kind << 32 | length
}

/// Kind and length of a record, of what was read at `position`.
fn parse(word: u64, position: u64) -> Option<(u64, u64)> {
    let (kind, length) = (word >> 32 & 0xf, word & 0xffff_ffff);
    (header(kind, length, position) == word).then_some((kind, length))
}

/// The side that puts records in.
#[derive(Debug)]
pub struct Sender {
    /// Up to here records are written.
    next: u64,
    /// Up to here the consumer was told of them.
    published: u64,
    /// Up to here the consumer was seen to have taken them out.
    head: u64,
    /// It has to be told of a producer that died.
    succeeds: bool,
    broken: bool,
}

impl Sender {
    /// Takes up where the last producer was. There must be no other now.
    pub fn join(lane: Lane<'_>) -> Result<Sender, Corrupt> {
        let next = lane.flow.tail.0.load(Ordering::Relaxed);
        let head = lane.flow.head.0.load(Ordering::Acquire);
        if !next.is_multiple_of(8) {
            return Err(Corrupt);
        }
        lane.distance(head, next)?;
        let before = lane.flow.joined[0].fetch_add(1, Ordering::Relaxed);
        // Where the last one has closed, nobody has died.
        let closed = lane.flow.left.fetch_and(!PRODUCER, Ordering::Relaxed) & PRODUCER != 0;
        // Whoever died may have published without ringing.
        ring(lane.data);
        Ok(Sender { next, published: next, head, succeeds: before != 0 && !closed, broken: false })
    }

    /// Room for so much payload in one piece. What was there before is still in it.
    pub fn reserve(&mut self, lane: Lane<'_>, length: usize) -> Result<Place, Refused> {
        if self.broken {
            return Err(Refused::Corrupt);
        }
        if lane.flow.consumer_left() {
            return Err(Refused::Closed);
        }
        let size = record_size(length).filter(|size| *size <= lane.capacity() / 2);
        let size = size.ok_or(Refused::TooLong)?;
        if self.succeeds {
            let mark = self.place(lane, 0, HEADER)?;
            self.write(lane, mark, SUCCESSOR);
            self.succeeds = false;
            // The message itself may have to wait for room, or its sender may die.
            self.publish(lane);
        }
        self.place(lane, length, size)
    }

    /// Room for a record of `size` bytes, with so much payload.
    fn place(&mut self, lane: Lane<'_>, length: usize, size: u64) -> Result<Place, Refused> {
        let word = lane.index(self.next);
        let before_end = (lane.words.len() - word) as u64 * 8;
        let (word, skipped) = if size <= before_end { (word, 0) } else { (0, before_end) };
        if self.free(lane) < size + skipped {
            self.look(lane).map_err(|Corrupt| Refused::Corrupt)?;
            if self.free(lane) < size + skipped {
                return Err(Refused::Full);
            }
        }
        Ok(Place { word, length, skipped })
    }

    fn free(&self, lane: Lane<'_>) -> u64 {
        lane.capacity() - self.next.wrapping_sub(self.head)
    }

    /// How far the consumer has come. What it has taken out may be overwritten.
    fn look(&mut self, lane: Lane<'_>) -> Result<(), Corrupt> {
        let head = lane.flow.head.0.load(Ordering::Acquire);
        let sane = lane.distance(head, self.next).and(lane.distance(self.head, head));
        if sane.is_err() {
            self.broken = true;
            self.close(lane);
            return Err(Corrupt);
        }
        self.head = head;
        Ok(())
    }

    /// Writes the record around a payload that is there. The consumer is not told yet.
    pub fn stage(&mut self, lane: Lane<'_>, place: Place) {
        self.write(lane, place, MESSAGE);
    }

    fn write(&mut self, lane: Lane<'_>, place: Place, kind: u64) {
        if place.skipped > 0 {
            let padding = header(PADDING, place.skipped - HEADER, self.next);
            lane.words[lane.index(self.next)].write(padding);
            self.next = self.next.wrapping_add(place.skipped);
        }
        lane.words[place.word].write(header(kind, place.length as u64, self.next));
        let size = (place.length as u64).next_multiple_of(8) + HEADER;
        self.next = self.next.wrapping_add(size);
    }

    /// Tells the consumer of all records that are staged.
    pub fn publish(&mut self, lane: Lane<'_>) {
        if self.published == self.next {
            return;
        }
        self.published = self.next;
        lane.flow.tail.0.store(self.next, Ordering::Release);
        publish_fence();
        ring_if_armed(lane.data);
    }

    /// Puts nothing in any more. The consumer finds the end behind what was published.
    pub fn close(&mut self, lane: Lane<'_>) {
        lane.leave(PRODUCER);
    }

    /// Waits until there may be room for `length`: until the consumer has moved or closed.
    pub fn wait(
        &mut self,
        lane: Lane<'_>,
        length: usize,
        peer: &impl Peer,
        spin: &mut Spin,
        deadline: Deadline,
    ) -> Woken {
        let seen = self.head;
        let moved =
            || lane.flow.head.0.load(Ordering::Relaxed) != seen || lane.flow.consumer_left();
        let ready = sleep_until(moved, &lane.flow.room, peer, spin, deadline);
        // What the dead one has taken out makes room all the same.
        if ready == Woken::Dead && self.reserve(lane, length) != Err(Refused::Full) {
            return Woken::Ready;
        }
        ready
    }
}

/// The side that takes records out.
#[derive(Debug)]
pub struct Receiver {
    /// Up to here records were taken out.
    next: u64,
    /// Up to here the producer was told of that.
    released: u64,
    /// Up to here the producer was seen to have put them in.
    tail: u64,
    /// The producer was seen to have closed.
    ended: bool,
    broken: bool,
}

impl Receiver {
    /// Takes up where the last consumer was. There must be no other now.
    pub fn join(lane: Lane<'_>) -> Result<Receiver, Corrupt> {
        let next = lane.flow.head.0.load(Ordering::Relaxed);
        let tail = lane.flow.tail.0.load(Ordering::Acquire);
        if !next.is_multiple_of(8) {
            return Err(Corrupt);
        }
        lane.distance(next, tail)?;
        lane.flow.joined[1].fetch_add(1, Ordering::Relaxed);
        ring(&lane.flow.room);
        Ok(Receiver { next, released: next, tail, ended: false, broken: false })
    }

    /// Where the next payload lies. It stays there until [`Receiver::release`].
    pub fn peek(&mut self, lane: Lane<'_>) -> Result<Place, Nothing> {
        if self.broken {
            return Err(Nothing::Corrupt);
        }
        if self.next == self.tail {
            // Whether there is an end is asked first: what was published before it must be seen.
            self.ended = lane.flow.producer_left();
            self.look(lane)?;
            if self.next == self.tail {
                return Err(if self.ended { Nothing::End } else { Nothing::Empty });
            }
        }
        self.parse(lane).inspect_err(|nothing| {
            if *nothing == Nothing::Corrupt {
                self.give_up(lane);
            }
        })
    }

    /// How far the producer has come. What it has published may be read.
    fn look(&mut self, lane: Lane<'_>) -> Result<(), Nothing> {
        let tail = lane.flow.tail.0.load(Ordering::Acquire);
        if lane.distance(self.next, tail).is_err() {
            self.give_up(lane);
            return Err(Nothing::Corrupt);
        }
        self.tail = tail;
        Ok(())
    }

    fn parse(&mut self, lane: Lane<'_>) -> Result<Place, Nothing> {
        // At most one record of padding lies before another record.
        for skipped in [false, true] {
            let word = lane.index(self.next);
            let (kind, length) =
                parse(lane.words[word].read(), self.next).ok_or(Nothing::Corrupt)?;
            let size = length.next_multiple_of(8) + HEADER;
            let before_end = (lane.words.len() - word) as u64 * 8;
            if size > self.tail.wrapping_sub(self.next).min(before_end) {
                return Err(Nothing::Corrupt);
            }
            match kind {
                MESSAGE => return Ok(Place { word, length: length as usize, skipped: 0 }),
                SUCCESSOR if length == 0 => {
                    self.next = self.next.wrapping_add(size);
                    return Err(Nothing::Successor);
                }
                PADDING if size == before_end && !skipped => {
                    self.next = self.next.wrapping_add(size);
                    if self.next == self.tail {
                        return Err(Nothing::Corrupt);
                    }
                }
                _ => return Err(Nothing::Corrupt),
            }
        }
        Err(Nothing::Corrupt)
    }

    fn give_up(&mut self, lane: Lane<'_>) {
        self.broken = true;
        self.close(lane);
    }

    /// Goes back before the mark that [`Receiver::peek`] has just told of and gone past.
    pub fn step_back(&mut self) {
        self.next = self.next.wrapping_sub(HEADER);
    }

    /// Goes on behind `place`, which [`Receiver::peek`] gave. The producer is not told yet.
    pub fn consume(&mut self, place: Place) {
        let size = (place.length as u64).next_multiple_of(8) + HEADER;
        self.next = self.next.wrapping_add(size);
    }

    /// Tells the producer of all room that was made.
    pub fn release(&mut self, lane: Lane<'_>) {
        if self.released == self.next {
            return;
        }
        self.released = self.next;
        lane.flow.head.0.store(self.next, Ordering::Release);
        publish_fence();
        ring_if_armed(&lane.flow.room);
    }

    /// Takes nothing out any more. The producer is refused from now on.
    pub fn close(&mut self, lane: Lane<'_>) {
        lane.leave(CONSUMER);
    }

    /// Whether the producer has done anything since it was looked at.
    pub fn has_moved(&self, lane: Lane<'_>) -> bool {
        lane.flow.tail.0.load(Ordering::Relaxed) != self.tail
            || lane.flow.producer_left() != self.ended
    }

    /// Waits until there may be a record: until the producer has moved or closed.
    pub fn wait(
        &mut self,
        lane: Lane<'_>,
        peer: &impl Peer,
        spin: &mut Spin,
        deadline: Deadline,
    ) -> Woken {
        let moved = || self.has_moved(lane);
        let ready = sleep_until(moved, lane.data, peer, spin, deadline);
        // What the dead one has published is there all the same.
        if ready == Woken::Dead && moved() { Woken::Ready } else { ready }
    }
}

/// The first slice of a sleep, which is doubled up to the longest.
const FIRST_SLICE: Duration = Duration::from_millis(1);
pub(super) const LONGEST_SLICE: Duration = Duration::from_millis(16);

/// Waits until `ready`, the deadline, or the proof of a death. Whoever makes it ready rings `bell`.
pub fn sleep_until(
    ready: impl Fn() -> bool,
    bell: &Futex,
    peer: &impl Peer,
    spin: &mut Spin,
    deadline: Deadline,
) -> Woken {
    // Whoever makes it ready again and again for nothing does not hold us longer.
    if deadline.slice(None).is_none() {
        return Woken::Late;
    }
    if spin.until(&ready) {
        return Woken::Ready;
    }
    let longest = peer.look_every();
    let mut slice = FIRST_SLICE.min(longest);
    loop {
        bell.swap(1, Ordering::Relaxed);
        sleep_fence();
        if ready() {
            bell.swap(0, Ordering::Relaxed);
            return Woken::Ready;
        }
        let Some(timeout) = deadline.slice(Some(slice)) else { return Woken::Late };
        bell.wait(1, timeout);
        if ready() {
            return Woken::Ready;
        }
        if peer.is_dead() {
            return Woken::Dead;
        }
        slice = (slice * 2).min(longest);
    }
}

fn ring_if_armed(bell: &Futex) {
    if bell.load(Ordering::Relaxed) != 0 && bell.swap(0, Ordering::Relaxed) != 0 {
        bell.wake();
    }
}

/// Rings whether it is armed or not: somebody may have died between disarming and ringing.
fn ring(bell: &Futex) {
    bell.swap(0, Ordering::Relaxed);
    bell.wake();
}
