//! What is in a pipe, and in which pages it lies.
//!
//! Linux keeps a ring of slots, a page each, and what fits, what is merged and what goes along with
//! `splice` follows from them (fs/pipe.c, fs/splice.c). Where room is no matter of pages there are none.

use std::collections::VecDeque;

use crate::name::Node;
use crate::object::{Kind, feed};
use crate::payload::{Data, Run};
use crate::world::Description;

/// A pipe: what is in it, and who could still put in or take out.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Pipe {
    /// The bytes, oldest first.
    pub data: Data,
    /// Where they lie, when room is a matter of pages; empty otherwise.
    pub slots: VecDeque<Slot>,
    /// How many bytes it holds at most, if the system told.
    pub capacity: u64,
    /// Descriptions open for reading.
    pub readers: u16,
    /// Descriptions open for writing.
    pub writers: u16,
    /// It is a FIFO: it has a name, or had one.
    pub named: bool,
    /// Its permissions and owner.
    pub node: Node,
}

/// A page of a pipe: bytes `start..end` of it are stored.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Slot {
    /// The first byte that has not been read.
    pub start: u32,
    /// One behind the last that was written.
    pub end: u32,
    /// A later write may go in behind: not where the page is shared, and not behind a packet.
    pub open: bool,
    /// It is a packet: no read goes past it, and what a read leaves of it is lost.
    pub packet: bool,
}

/// How a write is laid into pages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Layout {
    /// Bytes in a page.
    pub page: u64,
    /// It has neither slept nor moved anything, and so looks at the last page first.
    pub fresh: bool,
    /// Every page that it takes is a packet.
    pub packets: bool,
}

impl Slot {
    fn len(&self) -> u64 {
        u64::from(self.end - self.start)
    }
}

impl Kind for Pipe {
    fn file_type(&self) -> &'static str {
        "S_IFIFO"
    }

    fn opened(&mut self, description: &Description) {
        self.readers += u16::from(description.reads);
        self.writers += u16::from(description.writes);
    }

    fn closed(&mut self, description: &Description) {
        self.readers = self.readers.saturating_sub(u16::from(description.reads));
        self.writers = self.writers.saturating_sub(u16::from(description.writes));
        if self.readers == 0 && self.writers == 0 {
            (self.data, self.slots) = (Data::new(), VecDeque::new());
        }
    }

    fn news(&self, before: &Pipe) -> u32 {
        u32::from(before.data.len() < self.data.len()) << crate::poll::IN
    }

    fn front(&self) -> Option<&Data> {
        Some(&self.data)
    }

    fn node(&self) -> Option<&Node> {
        Some(&self.node)
    }

    fn node_mut(&mut self) -> Option<&mut Node> {
        Some(&mut self.node)
    }

    fn outline(&self, mix: &mut dyn std::hash::Hasher) {
        feed(&self.data.len(), mix);
        feed(&Pipe { data: Data::new(), ..self.clone() }, mix);
    }
}

impl Pipe {
    /// How many pages of `page` bytes are free.
    pub fn free(&self, page: u64) -> u64 {
        (self.capacity / page.max(1)).saturating_sub(self.slots.len() as u64)
    }

    /// How many of `n` bytes go in at once (Linux, fs/pipe.c, pipe_write). What is over whole pages
    /// goes into the last page if all of it fits there, but only at the first try; the rest takes free
    /// pages.
    pub fn page_room(&self, n: u64, layout: Layout) -> u64 {
        let merged = self.merged(n, layout);
        merged + (n - merged).min(self.free(layout.page) * layout.page)
    }

    /// How many of `n` bytes go into the last page.
    pub fn merged(&self, n: u64, layout: Layout) -> u64 {
        let over = n % layout.page.max(1);
        let takes = |last: &Slot| last.open && u64::from(last.end) + over <= layout.page;
        if layout.fresh && self.slots.back().is_some_and(takes) { over } else { 0 }
    }

    /// How many bytes a read of `n` bytes is told, and how many go out for it: it ends at the first
    /// packet, which goes out whole (Linux, fs/pipe.c, pipe_read).
    pub fn reach(&self, n: u64) -> (u64, u64) {
        let (mut told, mut gone) = (0, 0);
        for slot in &self.slots {
            let here = slot.len().min(n - told);
            told += here;
            gone += if slot.packet { slot.len() } else { here };
            if slot.packet || told == n {
                return (told, gone);
            }
        }
        let all = n.min(self.data.len());
        (all, all)
    }

    /// Whether a read of `n` bytes comes to a packet.
    pub fn meets_packet(&self, n: u64) -> bool {
        let mut left = n;
        for slot in &self.slots {
            if left == 0 || slot.packet {
                return left > 0;
            }
            left = left.saturating_sub(slot.len());
        }
        false
    }

    /// The pages, or parts of them, that carry the first `n` bytes into `free` pages of another pipe
    /// (Linux, fs/splice.c). What is only a part, or is `shared` with this pipe, takes nothing more.
    pub fn portion(&self, n: u64, free: u64, shared: bool) -> Vec<Slot> {
        let mut left = n;
        let mut slots = Vec::new();
        for slot in self.slots.iter().take(usize::try_from(free).unwrap_or(usize::MAX)) {
            if left == 0 {
                break;
            }
            let here = slot.len().min(left);
            let open = slot.open && here == slot.len() && !shared;
            slots.push(Slot { end: slot.start + here as u32, open, ..*slot });
            left -= here;
        }
        slots
    }

    /// Puts what another pipe gave behind the others.
    pub(super) fn accept(&mut self, data: &Data, slots: Vec<Slot>) {
        data.runs().for_each(|run| self.data.push(run.clone()));
        self.slots.extend(slots);
    }

    /// Puts `run`, a piece of a write that has `left` bytes to go, behind the others.
    pub(super) fn append(&mut self, run: Run, left: u64, layout: Option<Layout>) {
        let mut n = run.len();
        self.data.push(run);
        let Some(layout) = layout else { return };
        let merged = self.merged(left, layout).min(n);
        if let Some(last) = self.slots.back_mut() {
            last.end += merged as u32;
        }
        n -= merged;
        while n > 0 {
            let filled = n.min(layout.page);
            let (end, packet) = (filled as u32, layout.packets);
            self.slots.push_back(Slot { start: 0, end, open: !packet, packet });
            n -= filled;
        }
    }

    /// Takes the `n` oldest bytes out.
    pub(super) fn take(&mut self, n: u64) -> Data {
        let taken = self.data.take(n);
        let mut n = taken.len();
        while n > 0 {
            let Some(first) = self.slots.front_mut() else { break };
            let out = n.min(first.len());
            first.start += out as u32;
            n -= out;
            if first.start == first.end {
                self.slots.pop_front();
            }
        }
        taken
    }
}

/// How many bytes some pages hold.
pub(super) fn held(slots: &[Slot]) -> u64 {
    slots.iter().map(Slot::len).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: Layout = Layout { page: 4096, fresh: true, packets: false };

    fn pipe(writes: &[(u64, bool)]) -> Pipe {
        let mut pipe = Pipe { capacity: 65_536, ..Pipe::default() };
        for (tag, (len, packets)) in writes.iter().enumerate() {
            let run = Run::Of { tag: tag as u32 + 1, from: 0, len: *len };
            pipe.append(run, *len, Some(Layout { packets: *packets, ..PAGE }));
        }
        pipe
    }

    #[test]
    fn a_read_goes_up_to_the_first_packet_and_loses_the_rest_of_it() {
        let pipe = pipe(&[(4096, false), (10, true), (10, true)]);
        assert_eq!(pipe.reach(4096), (4096, 4096));
        assert_eq!(pipe.reach(4100), (4100, 4106));
        assert_eq!(pipe.reach(9000), (4106, 4106));
        assert!(!pipe.meets_packet(4096) && pipe.meets_packet(4097));
    }

    #[test]
    fn a_packet_goes_into_a_page_that_was_open() {
        let pipe = pipe(&[(10, false), (20, true), (4096, true), (7, true)]);
        let lengths: Vec<u64> = pipe.slots.iter().map(Slot::len).collect();
        assert_eq!(lengths, [30, 4096, 7]);
        assert!(!pipe.slots[0].packet && pipe.slots[1].packet);
    }

    #[test]
    fn a_part_of_a_page_and_a_shared_page_take_no_more() {
        let pipe = pipe(&[(5000, false)]);
        let open = |n, shared| {
            let slots = pipe.portion(n, 9, shared);
            slots.into_iter().map(|slot| (slot.len(), slot.open)).collect::<Vec<_>>()
        };
        assert_eq!(open(5000, false), [(4096, true), (904, true)]);
        assert_eq!(open(4100, false), [(4096, true), (4, false)]);
        assert_eq!(open(9000, true), [(4096, false), (904, false)]);
        assert_eq!(held(&pipe.portion(9000, 1, false)), 4096);
    }

    #[test]
    fn bytes_that_go_from_pipe_to_pipe_are_the_same_bytes() {
        let (mut from, mut to) = (pipe(&[(5000, false), (3, true)]), pipe(&[(9, false)]));
        let whole = from.data.bytes();
        let slots = from.portion(4500, 15, false);
        let moved = from.take(held(&slots));
        to.accept(&moved, slots);
        to.take(9);
        assert_eq!([to.data.bytes(), from.data.bytes()].concat(), whole);
        assert_eq!(held(from.slots.make_contiguous()), from.data.len());
    }
}
