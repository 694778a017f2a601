//! The segments of the system, and who has them attached.

use crate::mapping::Space;
use crate::memory::File;
use crate::world::{Object, World};

/// Every segment that there was, in the order in which they were made.
///
/// Invariant: no two that are not removed have the same key, no two the same number, and one whose bytes
/// are gone is removed.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Segments {
    all: Vec<Segment>,
}

/// A segment.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Segment {
    /// Its key, by index in [`super::KEYS`]; one without a key has none to be found by.
    pub key: Option<u8>,
    /// By which its identifier goes in programs, once somebody was told it.
    pub number: Option<u8>,
    /// Its bytes, a file of memory; 0 once they are gone.
    pub object: u16,
    /// Its identifier was removed.
    pub removed: bool,
    /// A part of it was unmapped or protected apart from the rest, so that how often it is attached is
    /// not said.
    pub torn: bool,
}

impl Segments {
    /// Each.
    pub fn iter(&self) -> impl Iterator<Item = &Segment> {
        self.all.iter()
    }

    /// By place, as they were made.
    pub(super) fn at(&self, place: usize) -> Option<&Segment> {
        self.all.get(place)
    }

    /// By place, to be changed.
    pub(super) fn at_mut(&mut self, place: usize) -> Option<&mut Segment> {
        self.all.get_mut(place)
    }

    /// One more; its place.
    pub(super) fn add(&mut self, segment: Segment) -> usize {
        self.all.push(segment);
        self.all.len() - 1
    }

    /// The place of the one that the condition holds for.
    pub(super) fn place(&self, wanted: impl Fn(&Segment) -> bool) -> Option<usize> {
        self.all.iter().position(wanted)
    }

    /// The number that is told next.
    pub(super) fn next(&self) -> u8 {
        self.all.iter().filter(|segment| segment.number.is_some()).count() as u8
    }

    /// Whether bytes are kept though nobody may have them attached.
    pub(crate) fn keep(&self, object: u16) -> bool {
        self.all.iter().any(|segment| segment.object == object && !segment.removed)
    }

    /// Whether the object is a segment's.
    pub(crate) fn has(&self, object: u16) -> bool {
        object != 0 && self.all.iter().any(|segment| segment.object == object)
    }

    /// The object is gone.
    pub(crate) fn lose(&mut self, object: u16) {
        let of = |segment: &&mut Segment| segment.object == object;
        self.all.iter_mut().filter(of).for_each(|segment| segment.object = 0);
    }
}

/// The bytes of a segment.
pub(super) fn file<'a>(world: &'a World, segment: &Segment) -> Option<&'a File> {
    match world.object_at(segment.object) {
        Object::Memory(file) => Some(file),
        _ => None,
    }
}

/// How often an object is attached, by whomever.
pub(super) fn attaches(world: &World, object: u16) -> u64 {
    let of = |space: &Space| space.objects().filter(|seen| *seen == object).count() as u64;
    world.processes.iter().map(|process| of(&process.space)).sum()
}

/// What a process has mapped is cut at these addresses: segments that lie on both sides are torn.
pub(crate) fn tear(world: &mut World, process: u8, (from, to): (u64, u64)) {
    if world.segments.all.is_empty() {
        return;
    }
    let Some(space) = world.process(process).map(|process| &process.space) else { return };
    let cut: Vec<u16> = [from, to].into_iter().filter_map(|at| space.across(at)).collect();
    for object in cut.into_iter().filter(|object| *object != 0) {
        let segments = std::sync::Arc::make_mut(&mut world.segments);
        let of = |segment: &&mut Segment| segment.object == object;
        segments.all.iter_mut().filter(of).for_each(|segment| segment.torn = true);
    }
}
