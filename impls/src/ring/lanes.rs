//! Where the lanes of a ring lie in its file, and who holds which side.

use std::ops::Deref;
use std::os::fd::BorrowedFd;
use std::ptr::NonNull;
use std::sync::Arc;
use std::time::Duration;

use super::error::OpenError;
use super::flow::{CAPACITIES, FLOW_SIZE, Flow, LONGEST_SLICE, Lane, Peer};
use crate::shm::{AttachError, Claim, Kind, PAGE, Segment, Shared, is_claimed};
use crate::sync::{self, Futex, Word};

/// More lanes than this make a consumer look at too many words.
pub(super) const MOST_LANES: u64 = 64;
/// The byte that the consumer of a ring has a lock on; the producers have those behind it.
const CONSUMER: u64 = 1;
const FIRST_PRODUCER: u64 = 2;

// SAFETY: all of it is atomic, and any bytes are one.
unsafe impl Shared for Flow {}

const _: () = assert!(size_of::<Flow>() <= FLOW_SIZE as usize);

/// A ring that is mapped.
///
/// Invariant: all lanes of `layout` are in the segment.
#[derive(Clone, Debug)]
pub(super) struct Lanes {
    segment: Arc<Segment>,
    layout: Layout,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Layout {
    lanes: u64,
    capacity: u64,
}

impl Layout {
    fn new(lanes: u64, capacity: u64) -> Option<Layout> {
        let possible = (1..=MOST_LANES).contains(&lanes)
            && CAPACITIES.contains(&capacity)
            && capacity.is_power_of_two();
        possible.then_some(Layout { lanes, capacity })
    }

    fn flow(&self, lane: u64) -> u64 {
        PAGE + lane * FLOW_SIZE
    }

    fn words(&self, lane: u64) -> u64 {
        self.flow(self.lanes).next_multiple_of(PAGE) + lane * self.capacity
    }

    fn total(&self) -> u64 {
        self.words(self.lanes).next_multiple_of(PAGE)
    }
}

impl Lanes {
    /// A new ring. The capacity is rounded up to what there is.
    pub(super) fn create(kind: Kind, lanes: u64, capacity: usize) -> Result<Lanes, AttachError> {
        // Without it nobody could attach, this process included.
        if !sync::register_fence() {
            return Err(AttachError::NoBarrier);
        }
        let capacity = (capacity as u64).max(*CAPACITIES.start()).checked_next_power_of_two();
        let layout = capacity.and_then(|capacity| Layout::new(lanes, capacity));
        let layout = layout.ok_or(AttachError::BadSize)?;
        let Layout { lanes, capacity } = layout;
        let segment = Segment::create(kind, layout.total(), capacity, lanes)?;
        Ok(Lanes { segment: Arc::new(segment), layout })
    }

    /// A ring that is there, mapped once more.
    pub(super) fn attach(fd: BorrowedFd<'_>, kind: Kind) -> Result<Lanes, AttachError> {
        let segment = Segment::attach(fd, kind)?;
        let header = segment.header();
        let layout = Layout::new(header.slots, header.capacity);
        let layout = layout.ok_or(AttachError::Malformed("number or size of lanes"))?;
        if layout.total() > header.total || (kind == Kind::Spsc && layout.lanes != 1) {
            return Err(AttachError::Malformed("number or size of lanes"));
        }
        Ok(Lanes { segment: Arc::new(segment), layout })
    }

    pub(super) fn fd(&self) -> BorrowedFd<'_> {
        self.segment.fd()
    }

    pub(super) fn generation(&self) -> u128 {
        self.segment.header().generation
    }

    pub(super) fn capacity(&self) -> u64 {
        self.layout.capacity
    }

    pub(super) fn count(&self) -> u64 {
        self.layout.lanes
    }

    /// The side of the consumer, of all lanes.
    pub(super) fn claim_consumer(&self) -> Result<Claim, OpenError> {
        Claim::take(&self.segment, CONSUMER)?.ok_or(OpenError::Taken)
    }

    /// The side of the producer of that lane, unless somebody has it.
    pub(super) fn claim_producer(&self, lane: u64) -> Result<Option<Claim>, OpenError> {
        Ok(Claim::take(&self.segment, FIRST_PRODUCER + lane)?)
    }

    pub(super) fn lane(&self, lane: u64) -> MappedLane {
        assert!(lane < self.layout.lanes);
        let flow: &Flow = self.segment.at(self.layout.flow(lane));
        let first: &Flow = self.segment.at(self.layout.flow(0));
        let count = (self.layout.capacity / 8) as usize;
        let words: &[Word] = self.segment.slice(self.layout.words(lane), count);
        MappedLane {
            flow: NonNull::from(flow),
            words: NonNull::from(words),
            data: NonNull::from(&first.data),
            segment: Arc::clone(&self.segment),
            number: lane,
            look_every: LONGEST_SLICE,
        }
    }
}

/// A lane, found once.
///
/// Invariant: what is pointed at lies in the mapping of `segment`.
#[derive(Debug)]
pub(super) struct MappedLane {
    flow: NonNull<Flow>,
    words: NonNull<[Word]>,
    data: NonNull<Futex>,
    segment: Arc<Segment>,
    number: u64,
    look_every: Duration,
}

// SAFETY: all that is pointed at is atomic, and stays as long as the segment, which may be sent.
unsafe impl Send for MappedLane {}
// SAFETY: as above.
unsafe impl Sync for MappedLane {}

impl MappedLane {
    #[inline]
    pub(super) fn lane(&self) -> Lane<'_> {
        Lane {
            // SAFETY: it lies in the mapping, which stays as long as `self`.
            flow: unsafe { self.flow.as_ref() },
            // SAFETY: as above.
            words: unsafe { self.words.as_ref() },
            // SAFETY: as above.
            data: unsafe { self.data.as_ref() },
        }
    }

    /// From now on whoever sleeps here asks so often whether the other side lives.
    pub(super) fn look_every(&mut self, period: Duration) {
        self.look_every = period;
    }

    /// The producer of this lane, as its consumer knows it.
    pub(super) fn producer(&self) -> impl Peer + '_ {
        self.side(move || {
            let joined = self.lane().flow.producer_joined();
            joined && !is_claimed(&self.segment, FIRST_PRODUCER + self.number)
        })
    }

    /// The consumer, as a producer knows it.
    pub(super) fn consumer(&self) -> impl Peer + '_ {
        self.side(move || {
            self.lane().flow.consumer_joined() && !is_claimed(&self.segment, CONSUMER)
        })
    }

    fn side<F: Fn() -> bool>(&self, is_dead: F) -> Side<F> {
        Side { is_dead, look_every: self.look_every }
    }
}

impl Deref for MappedLane {
    type Target = Flow;

    fn deref(&self) -> &Flow {
        self.lane().flow
    }
}

/// A side that is dead if there was one, and nobody has its claim.
struct Side<F> {
    is_dead: F,
    look_every: Duration,
}

impl<F: Fn() -> bool> Peer for Side<F> {
    fn is_dead(&self) -> bool {
        (self.is_dead)()
    }

    fn look_every(&self) -> Duration {
        self.look_every
    }
}
