//! Owners that hold a lock on a byte of the file, which the kernel drops when their process dies.
//!
//! A slot is used again when its owner is gone. Its generation is counted up by each owner that takes
//! it, so a name is that of one owner only: the name of the one before is that of a dead one.

use std::sync::Arc;
use std::time::Duration;

use nix::libc;

use super::word::{OWNER, Proof};
use super::{SLOTS, SLOTS_AT};
use crate::errno::Errno;
use crate::shm::{AttachError, Claim, Segment, is_claimed};
use crate::sync::{AtomicU32, Futex, Ordering};

/// A slot that is ours.
#[derive(Debug)]
pub(super) struct Slot {
    segment: Arc<Segment>,
    name: u32,
    /// Kept as long as the name is in use.
    claim: Claim,
}

/// How many generations a slot can have before the first comes round.
const GENERATIONS: u32 = 1 << 19;

fn name(slot: u32, generation: u32) -> u32 {
    // Not 0, for the slots are counted from 1.
    (slot + 1) | ((generation % GENERATIONS) << 10)
}

const _: () = assert!(SLOTS < 1 << 10 && GENERATIONS << 10 == OWNER + 1);

impl Slot {
    /// A slot that nobody has.
    pub(super) fn take(segment: &Arc<Segment>) -> Result<Slot, AttachError> {
        for slot in 0..SLOTS as u32 {
            if let Some(claim) = Claim::take(segment, byte(slot))? {
                let generation = generation(segment, slot).fetch_add(1, Ordering::Relaxed);
                let name = name(slot, generation.wrapping_add(1));
                return Ok(Slot { segment: Arc::clone(segment), name, claim });
            }
        }
        Err(AttachError::System(Errno(libc::EAGAIN)))
    }

    /// Whether this is the process that took it, and no child of it.
    #[inline]
    pub(super) fn is_mine(&self) -> bool {
        self.claim.is_mine()
    }
}

fn byte(slot: u32) -> u64 {
    u64::from(slot) + 1
}

fn generation(segment: &Segment, slot: u32) -> &AtomicU32 {
    segment.at(SLOTS_AT + u64::from(slot) * 4)
}

impl Proof for Slot {
    #[inline]
    fn name(&self) -> u32 {
        self.name
    }

    fn begin(&self, _: &Futex) {}

    fn end(&self) {}

    fn slice(&self) -> Option<Duration> {
        Some(Duration::from_millis(10))
    }

    fn is_dead(&self, owner: u32) -> bool {
        // A name that nobody can have is nobody's.
        let Some(slot) = (owner % (1 << 10)).checked_sub(1).filter(|slot| u64::from(*slot) < SLOTS)
        else {
            return true;
        };
        let now = generation(&self.segment, slot).load(Ordering::Relaxed);
        name(slot, now) != owner || !is_claimed(&self.segment, byte(slot))
    }
}
