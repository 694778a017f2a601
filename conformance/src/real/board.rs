//! The board: the one counter that orders all events, and for every slot the call that its agent made
//! last. It lies in memory that the controller and all agents share, so that it outlives an agent
//! that is killed in its call.

use crate::sync::{AtomicU32, AtomicU64, Ordering};

/// How many agents there can be at a time.
pub const SLOTS: usize = 32;

/// Shared by the controller and every agent; all zeros is a fresh one.
///
/// Invariant: `tickets` only grows. A slot's words are written by one process at a time: by its
/// agent, or by the controller while the slot has none.
#[repr(C)]
pub struct Board {
    tickets: AtomicU64,
    slots: [Slot; SLOTS],
}

#[repr(C)]
struct Slot {
    /// The ticket of the last call, 0 if there was none.
    call: AtomicU64,
    /// The line of that call.
    line: AtomicU32,
}

/// A call that was about to be made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Announced {
    /// Its line in the program, by index.
    pub line: u16,
    /// Its ticket, never 0.
    pub ticket: u64,
}

impl Board {
    /// A board without any ticket drawn.
    pub fn new() -> Board {
        Board {
            tickets: AtomicU64::new(0),
            slots: std::array::from_fn(|_| Slot {
                call: AtomicU64::new(0),
                line: AtomicU32::new(0),
            }),
        }
    }

    /// Draws the next ticket, from 1. If one event is over before another begins, its ticket is
    /// lower, whoever drew them.
    pub fn draw(&self) -> u64 {
        self.tickets.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// Draws a ticket for the call in `line` and leaves word of it.
    pub fn announce(&self, slot: usize, line: u16) -> u64 {
        let slot = &self.slots[slot];
        // The old ticket must not stand by the new line: whoever sees that line sees no old ticket.
        slot.call.store(0, Ordering::Relaxed);
        slot.line.store(u32::from(line), Ordering::Release);
        let ticket = self.draw();
        slot.call.store(ticket, Ordering::Release);
        ticket
    }

    /// The last call that was announced in a slot.
    pub fn announced(&self, slot: usize) -> Option<Announced> {
        let slot = &self.slots[slot];
        let ticket = slot.call.load(Ordering::Acquire);
        let line = slot.line.load(Ordering::Acquire) as u16;
        // If the ticket still stands, the line that was read between is its own.
        let same = slot.call.load(Ordering::Relaxed) == ticket;
        (ticket != 0 && same).then_some(Announced { line, ticket })
    }

    /// Forgets the last call of a slot that has no agent, or an idle one.
    pub fn clear(&self, slot: usize) {
        self.slots[slot].call.store(0, Ordering::Relaxed);
    }
}

impl Default for Board {
    fn default() -> Board {
        Board::new()
    }
}
