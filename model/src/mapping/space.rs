//! What a process has mapped, and where.

use std::collections::BTreeSet;

use super::terms::PLACE;
use crate::memory::{Content, File};
use crate::payload::{Data, Tag};
use crate::world::{Object, World};

/// The memory of a process that it has mapped itself.
///
/// Invariant: the pieces are in order, none is empty, no two overlap, and no two neighbours could be one.
/// Pages and bytes of its own lie within pieces that are private.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Space {
    pieces: Vec<Piece>,
    /// Pages of files that it has a copy of, by their addresses.
    pages: BTreeSet<u64>,
    /// The bytes of those, and of private pages that no file is behind, by address.
    bytes: Content,
    /// How many places the system has chosen for it.
    chosen: u8,
}

/// What is taken out of one place to be put into another.
pub(super) struct Taken {
    pieces: Vec<Piece>,
    pages: Vec<u64>,
    bytes: Content,
    len: u64,
}

/// A range of addresses that differ in nothing.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Piece {
    /// The first address, a multiple of the page size.
    pub(super) from: u64,
    /// The first address behind it, likewise.
    pub(super) to: u64,
    /// `PROT_READ`.
    pub(super) read: bool,
    /// `PROT_WRITE`.
    pub(super) write: bool,
    /// `PROT_WRITE` can be had.
    pub(super) writable: bool,
    /// `MAP_PRIVATE`.
    pub(super) private: bool,
    /// The file that is seen, if there is one.
    pub(super) object: Option<u16>,
    /// Where in the file the first address lies.
    pub(super) offset: u64,
    /// How many bytes the file had when it was mapped.
    pub(super) size: u64,
}

/// What comes of touching a byte.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Touch {
    /// It goes.
    Fine,
    /// Nothing is mapped there.
    Unmapped,
    /// It is not allowed.
    Forbidden,
    /// The page lies behind the end of the file.
    Behind,
}

impl Piece {
    /// Where in the file an address lies.
    pub(super) fn position(&self, at: u64) -> u64 {
        self.offset.wrapping_add(at.wrapping_sub(self.from))
    }

    /// What of it lies from one address to another.
    fn within(&self, from: u64, to: u64) -> Option<Piece> {
        let (low, high) = (self.from.max(from), self.to.min(to));
        if low >= high {
            return None;
        }
        let offset = if self.object.is_some() { self.position(low) } else { 0 };
        Some(Piece { from: low, to: high, offset, ..*self })
    }

    /// Whether the other begins where it ends, and differs in nothing else.
    fn goes_on_as(&self, other: &Piece) -> bool {
        let offset = if self.object.is_some() { self.position(self.to) } else { 0 };
        self.to == other.from && Piece { from: self.to, to: other.to, offset, ..*self } == *other
    }
}

impl Space {
    /// Whether nothing is mapped.
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// The objects that are seen, one for each piece.
    pub fn objects(&self) -> impl Iterator<Item = u16> + '_ {
        self.pieces.iter().filter_map(|piece| piece.object)
    }

    /// Everything but which bytes are its own, and with what stands for an object in its place.
    pub fn outline(&self) -> impl std::hash::Hash {
        let pieces: Vec<Piece> =
            self.pieces.iter().map(|p| Piece { object: p.object.map(|_| 0), ..*p }).collect();
        (pieces, self.pages.clone(), self.bytes.written(), self.chosen)
    }

    /// Over how many addresses the object is mapped.
    pub(crate) fn reach(&self, object: u16) -> u64 {
        let of = |piece: &&Piece| piece.object == Some(object);
        self.pieces.iter().filter(of).map(|piece| piece.to - piece.from).sum()
    }

    /// The object that lies on both sides of an address.
    pub(crate) fn across(&self, at: u64) -> Option<u16> {
        self.pieces.iter().find(|piece| piece.from < at && at < piece.to)?.object
    }

    /// Whether the object is shared where it can be stored to, or could be allowed to be.
    pub(crate) fn stores_to(&self, object: u16) -> bool {
        let stores =
            |piece: &Piece| piece.object == Some(object) && !piece.private && piece.writable;
        self.pieces.iter().any(stores)
    }

    /// Whether something is mapped from one address to the other.
    pub(crate) fn is_taken(&self, from: u64, to: u64) -> bool {
        self.pieces.iter().any(|piece| piece.from < to && from < piece.to)
    }

    /// What is left of whatever was mapped from its first byte on at that address: from where to where,
    /// and of which object.
    pub(crate) fn begun_at(&self, at: u64) -> impl Iterator<Item = (u64, u64, u16)> + '_ {
        let begun = move |piece: &&Piece| piece.from.checked_sub(piece.offset) == Some(at);
        let parts = self.pieces.iter().filter(begun);
        parts.filter_map(|piece| Some((piece.from, piece.to, piece.object?)))
    }

    pub(super) fn at(&self, at: u64) -> Option<&Piece> {
        self.pieces.iter().find(|piece| (piece.from..piece.to).contains(&at))
    }

    /// Whether the process has bytes of its own in the page at that address.
    pub(super) fn is_own(&self, piece: &Piece, page: u64) -> bool {
        piece.private && (piece.object.is_none() || self.pages.contains(&page))
    }

    /// Where the place begins that the system chooses next.
    pub(super) fn next_place(&self) -> u64 {
        PLACE * (u64::from(self.chosen) + 1)
    }

    /// The last place that the system has chosen, from where to where, if something is mapped there.
    pub fn last_place(&self) -> Option<(u64, u64)> {
        let begin = PLACE * u64::from(self.chosen);
        let end = self.end_of_place(begin);
        (self.chosen > 0 && end > begin).then_some((begin, end))
    }

    /// The system has chosen a place.
    pub(super) fn choose(&mut self) {
        self.chosen = self.chosen.saturating_add(1);
    }

    /// Nothing is left of what the system has chosen.
    pub(super) fn begin_anew(&mut self) {
        self.chosen = 0;
    }

    /// Where what is mapped in the place around an address ends, or its beginning where nothing is.
    pub(super) fn end_of_place(&self, at: u64) -> u64 {
        let begin = at - at % PLACE;
        let inside = |piece: &&Piece| (begin..begin + PLACE).contains(&piece.from);
        self.pieces.iter().filter(inside).map(|piece| piece.to).max().unwrap_or(begin)
    }

    /// The piece that ends so far behind an address is longer from now on.
    pub(super) fn grow(&mut self, from: u64, old: u64, new: u64) {
        if let Some(piece) = self.pieces.iter_mut().find(|piece| piece.to == from + old) {
            piece.to = from + new;
        }
        self.join();
    }

    /// What is mapped from an address on, of the old length, as it is if it has the new one: with its
    /// own pages, as far as there are.
    pub(super) fn taken(&self, from: u64, old: u64, new: u64) -> Taken {
        let end = from.saturating_add(new);
        let begun = self.pieces.iter().find(|piece| (piece.from..piece.to).contains(&from));
        let whole = begun.map(|piece| Piece { to: piece.to.max(end), ..*piece });
        let kept = from.saturating_add(old.min(new));
        let pages = self.pages.range(from..kept.max(from)).copied().collect();
        let mut bytes = Content::default();
        bytes.lay(from, &self.bytes, from, kept.saturating_sub(from));
        let pieces = whole.and_then(|piece| piece.within(from, end)).into_iter().collect();
        Taken { pieces, pages, bytes, len: new }
    }

    /// Puts what was taken at one address to another, where nothing is.
    pub(super) fn put(&mut self, taken: Taken, from: u64, to: u64) {
        for piece in taken.pieces {
            self.add(Piece { from: to, to: to + (piece.to - piece.from), ..piece });
        }
        let pages = taken.pages.iter().map(|page| page - from + to);
        self.pages.extend(pages);
        self.bytes.lay(to, &taken.bytes, from, taken.len);
    }

    /// One more piece, where nothing is.
    pub(super) fn add(&mut self, piece: Piece) {
        if piece.from >= piece.to {
            return;
        }
        let place = self.pieces.partition_point(|other| other.from < piece.from);
        self.pieces.insert(place, piece);
        self.join();
    }

    /// From one address to the other nothing is mapped any more.
    pub(crate) fn remove(&mut self, from: u64, to: u64) {
        if from >= to {
            return;
        }
        let parts = |piece: &Piece| [piece.within(0, from), piece.within(to, u64::MAX)];
        self.pieces = self.pieces.iter().flat_map(parts).flatten().collect();
        self.disown(from, to);
    }

    /// From one address to the other no page is its own any more.
    fn disown(&mut self, from: u64, to: u64) {
        self.pages.retain(|page| !(from..to).contains(page));
        self.bytes.clear(from, to);
    }

    /// What is mapped from one address to the other, up to the first place where nothing is, or where
    /// what is asked for cannot be had, allows that from now on.
    pub(super) fn protect(&mut self, from: u64, to: u64, read: bool, write: bool) {
        if from >= to {
            return;
        }
        let mut pieces = Vec::new();
        let mut next = from;
        for piece in self.pieces.drain(..) {
            let within = piece.within(from, to);
            pieces
                .extend([piece.within(0, from), piece.within(to, u64::MAX)].into_iter().flatten());
            pieces.extend(within.map(|part| {
                match part.from == next && (part.writable || !write) {
                    true => {
                        next = part.to;
                        Piece { read, write, ..part }
                    }
                    false => part,
                }
            }));
        }
        pieces.sort_by_key(|piece| piece.from);
        self.pieces = pieces;
        self.join();
    }

    /// The first address from one to the other at which nothing is mapped.
    pub(super) fn gap(&self, from: u64, to: u64) -> Option<u64> {
        let mut next = from;
        for piece in self.pieces.iter().filter_map(|piece| piece.within(from, to)) {
            if piece.from > next {
                break;
            }
            next = piece.to;
        }
        (next < to).then_some(next)
    }

    /// The first from which on `PROT_WRITE` cannot be had.
    pub(super) fn read_only(&self, from: u64, to: u64) -> Option<u64> {
        let mut pieces = self.pieces.iter().filter_map(|piece| piece.within(from, to));
        pieces.find(|piece| !piece.writable).map(|piece| piece.from)
    }

    fn join(&mut self) {
        let mut joined: Vec<Piece> = Vec::new();
        for piece in self.pieces.drain(..) {
            match joined.last_mut().filter(|last| last.goes_on_as(&piece)) {
                Some(last) => last.to = piece.to,
                None => joined.push(piece),
            }
        }
        self.pieces = joined;
    }

    /// The page at an address is its own from now on, as it is in the file.
    pub(super) fn copy(&mut self, piece: &Piece, page: u64, len: u64, file: &File) {
        if self.pages.insert(page) {
            self.bytes.lay(page, &file.content, piece.position(page), len);
        }
    }

    /// Bytes of a payload are stored in what is its own.
    pub(super) fn store(&mut self, at: u64, tag: Tag, from: u64, len: u64) {
        self.bytes.write(at, tag, from, len);
    }

    /// Bytes of its own.
    pub(super) fn load(&self, at: u64, len: u64) -> Data {
        self.bytes.read(at, len)
    }
}

/// The file of that number.
pub(super) fn file(world: &World, object: u16) -> Option<&File> {
    match world.object_at(object) {
        Object::Memory(file) => Some(file),
        _ => None,
    }
}

/// What comes of touching an address, to store or to load.
pub(super) fn touch(world: &World, process: u8, at: i64, page: u64, stores: bool) -> Touch {
    let Ok(at) = u64::try_from(at) else { return Touch::Unmapped };
    let Some(space) = world.process(process).map(|process| &process.space) else {
        return Touch::Unmapped;
    };
    let Some(piece) = space.at(at) else { return Touch::Unmapped };
    if !(piece.write || piece.read && !stores) {
        return Touch::Forbidden;
    }
    let start = at - at % page;
    let end = piece.object.and_then(|object| file(world, object)).map(|file| file.size);
    match end {
        Some(end) if !space.is_own(piece, start) && piece.position(start) >= end => Touch::Behind,
        _ => Touch::Fine,
    }
}

/// An object is so long from now on, and no longer: of pages that lie whole behind that nobody has a
/// copy any more (Linux `mm/memory.c`, 6.18, `unmap_mapping_range`).
pub(crate) fn cut_off(world: &mut World, object: u16, size: u64, page: u64) {
    let end = size.div_ceil(page) * page;
    for number in 0..world.processes.len() as u8 {
        let pieces: Vec<Piece> = match world.process(number) {
            Some(process) if !process.space.pages.is_empty() => {
                let of = |piece: &&Piece| piece.object == Some(object) && piece.private;
                process.space.pieces.iter().filter(of).copied().collect()
            }
            _ => continue,
        };
        for piece in pieces {
            let first = piece.from + end.saturating_sub(piece.offset);
            if let Some(process) = world.process_mut(number).filter(|_| first < piece.to) {
                process.space.disown(first, piece.to);
            }
        }
    }
}
