//! The memory that the processes of a test share: the words that they use, many of each; their
//! registers of each iteration; words to wait for each other by; and how often each ending was seen.

use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use ipc_model::order::test::{Observed, Outcome, Test};
use memmap2::MmapRaw;
use nix::sys::memfd::{MFdFlags, memfd_create};

use super::code::{PLACES, STRANGE};

/// The most processes.
pub(super) const ACTORS: usize = 4;
/// Iterations of one batch: each has words of its own.
pub(super) const CELLS: usize = 2048;
/// The most bytes from one word to the same word of the next iteration.
pub(super) const STRIDE: usize = 128;
/// What is observed, at most; two bits each.
const OBSERVED: usize = 6;
const CODES: usize = 1 << (2 * OBSERVED);

/// Words that are written by different processes do not share a line of the cache.
const APART: usize = 128;
const HEAD_WORDS: usize = 4;
const ACTOR_WORDS: usize = 4;
const PAGE: usize = 4096;
const COUNTS: usize = ((HEAD_WORDS + ACTOR_WORDS * ACTORS) * APART).next_multiple_of(PAGE);
const ROWS: usize = COUNTS + ACTORS * CODES * size_of::<u64>();
const WORDS: usize = ROWS + ACTORS * CELLS * size_of::<u32>();
/// The words of one place, and so much more that no word has a place in its page that another word
/// of its iteration has: processors take such accesses for the same at first.
const WORDS_OF_ONE: usize = CELLS * STRIDE + 3 * APART;
const LEN: usize = (WORDS + PLACES * WORDS_OF_ONE).next_multiple_of(PAGE);

/// A word that all can see.
#[derive(Clone, Copy, Debug)]
pub(super) enum Word {
    /// How many batches may have begun.
    Go,
    /// Not 0: the controller wants no more batches.
    Enough,
    /// How many batches are over.
    Done,
    /// What went wrong: see [`super::runner::Trouble`].
    Trouble,
    /// How many batches a process has been through.
    Ran(usize),
    /// How many batches a process is ready for.
    Ready(usize),
    /// How many iterations a process has been through, where it tells; counted round.
    Step(usize),
}

/// The shared memory, mapped.
pub(super) struct Arena {
    raw: MmapRaw,
}

impl Arena {
    /// Makes fresh memory, in which nothing has happened.
    pub(super) fn create() -> io::Result<(Arena, OwnedFd)> {
        let fd = memfd_create("ipc-conformance-memory", MFdFlags::MFD_CLOEXEC)?;
        nix::unistd::ftruncate(&fd, LEN as i64)?;
        Ok((Arena::of(fd.as_fd())?, fd))
    }

    /// Maps what [`Arena::create`] made.
    pub(super) fn of(fd: impl AsFd) -> io::Result<Arena> {
        let raw = memmap2::MmapOptions::new().map_raw(fd.as_fd().as_raw_fd())?;
        if raw.len() < LEN {
            return Err(io::Error::other("the shared memory is too small"));
        }
        Ok(Arena { raw })
    }

    /// The object of type `T` at byte `at`.
    fn at<T>(&self, at: usize) -> &T {
        assert!(at + size_of::<T>() <= self.raw.len() && at.is_multiple_of(align_of::<T>()));
        // SAFETY: within the mapping as asserted.
        let place = unsafe { self.raw.as_ptr().add(at) };
        // SAFETY: aligned as asserted, for a mapping begins at a page; alive as long as `self`; `T` is
        // an atomic, which any bytes are a value of.
        unsafe { &*place.cast::<T>() }
    }

    fn word(&self, word: Word) -> &AtomicU32 {
        let index = match word {
            Word::Go => 0,
            Word::Enough => 1,
            Word::Done => 2,
            Word::Trouble => 3,
            Word::Ran(actor) => HEAD_WORDS + ACTOR_WORDS * actor,
            Word::Ready(actor) => HEAD_WORDS + ACTOR_WORDS * actor + 1,
            Word::Step(actor) => HEAD_WORDS + ACTOR_WORDS * actor + 3,
        };
        self.at(index * APART)
    }

    /// Reads a word; what its writer did before is seen.
    pub(super) fn get(&self, word: Word) -> u32 {
        self.word(word).load(Ordering::Acquire)
    }

    /// Writes a word; who reads it sees what was done before.
    pub(super) fn set(&self, word: Word, value: u32) {
        self.word(word).store(value, Ordering::Release);
    }

    /// Where a process has the memory mapped.
    pub(super) fn address(&self, actor: usize) -> &AtomicU64 {
        self.at((HEAD_WORDS + ACTOR_WORDS * actor + 2) * APART)
    }

    /// Where the memory is in this process.
    pub(super) fn own_address(&self) -> u64 {
        self.raw.as_ptr().addr() as u64
    }

    /// The registers of a process in an iteration of the batch.
    pub(super) fn row(&self, actor: usize, cell: usize) -> &AtomicU32 {
        self.at(ROWS + (actor * CELLS + cell) * size_of::<u32>())
    }

    /// Where the words of each place begin.
    pub(super) fn places(&self) -> [*mut u32; PLACES] {
        std::array::from_fn(|place| {
            // SAFETY: within the mapping, as the constants say.
            unsafe { self.raw.as_mut_ptr().add(WORDS + place * WORDS_OF_ONE) }.cast()
        })
    }

    /// The word of a place in an iteration, where the words are so far apart.
    pub(super) fn cell(&self, place: usize, cell: usize, stride: usize) -> &AtomicU32 {
        self.at(WORDS + place * WORDS_OF_ONE + cell * stride)
    }

    /// The word that lies so many bytes behind the first of a place.
    pub(super) fn part(&self, place: usize, at: usize) -> &AtomicU32 {
        self.at(WORDS + place * WORDS_OF_ONE + at)
    }

    /// How often a process has counted an ending.
    pub(super) fn count(&self, actor: usize, code: usize) -> &AtomicU64 {
        self.at(COUNTS + (actor * CODES + code) * size_of::<u64>())
    }

    /// How often each ending was counted, by all.
    pub(super) fn counts(&self, test: &Test) -> Vec<(Outcome, u64)> {
        let observed = test.observed().len();
        let sum = |code| -> u64 {
            (0..ACTORS).map(|actor| self.count(actor, code).load(Ordering::Relaxed)).sum()
        };
        let codes = (0..CODES).map(|code| (code, sum(code))).filter(|(_, sum)| *sum > 0);
        codes.map(|(code, sum)| (outcome(code, observed), sum)).collect()
    }
}

fn outcome(code: usize, observed: usize) -> Outcome {
    Outcome((0..observed).map(|at| (code >> (2 * at) & 3) as u8).collect())
}

/// How an ending is put together of registers and words.
pub(super) struct Observer {
    /// Of each thing observed: whose register, and its place in the row.
    registers: Vec<(usize, u32)>,
    last: Vec<usize>,
}

impl Observer {
    pub(super) fn of(test: &Test) -> Observer {
        let observed = test.observed();
        assert!(observed.len() <= OBSERVED && test.threads.len() <= ACTORS);
        assert!(test.places() <= PLACES && test.steps().all(|s| s.writes() < Some(STRANGE as u8)));
        let mut observer = Observer { registers: Vec::new(), last: Vec::new() };
        for one in observed {
            match one {
                Observed::Register(thread, register) => {
                    observer.registers.push((thread, 2 * register as u32));
                }
                Observed::Last(place) => observer.last.push(place.0.into()),
            }
        }
        observer
    }

    /// The ending of an iteration that is over, as a number.
    #[inline]
    pub(super) fn code(&self, arena: &Arena, cell: usize, stride: usize) -> usize {
        let mut code = 0;
        let mut at = 0;
        for (actor, shift) in &self.registers {
            let row = arena.row(*actor, cell).load(Ordering::Relaxed);
            code |= (row >> shift & 3) << at;
            at += 2;
        }
        for place in &self.last {
            let value = arena.cell(*place, cell, stride).load(Ordering::Relaxed);
            code |= value.min(STRANGE) << at;
            at += 2;
        }
        code as usize
    }
}

#[cfg(test)]
mod tests {
    use ipc_model::order::shapes::{classic, classics};

    use super::*;

    #[test]
    fn every_ending_is_told_from_every_other() {
        let (arena, _memory) = Arena::create().expect("memory");
        for one in classics() {
            let observer = Observer::of(&one.test());
            let mut codes = std::collections::BTreeMap::new();
            ipc_model::order::execution::candidates(&one.test(), |_, ending| {
                let observed = one.test().observed();
                (0..ACTORS).for_each(|actor| arena.row(actor, 7).store(0, Ordering::Relaxed));
                for (what, value) in observed.iter().zip(&ending.0) {
                    let value = u32::from(*value);
                    match what {
                        Observed::Register(thread, register) => {
                            let row = arena.row(*thread, 7);
                            row.fetch_or(value << (2 * register), Ordering::Relaxed);
                        }
                        Observed::Last(place) => {
                            arena.cell(place.0.into(), 7, 64).store(value, Ordering::Relaxed);
                        }
                    }
                }
                let code = observer.code(&arena, 7, 64);
                assert_eq!(outcome(code, observed.len()), ending, "{}", one.name());
                codes.insert(code, ending);
            });
            assert!(!codes.is_empty());
        }
    }

    #[test]
    fn a_value_that_nobody_wrote_is_no_ending_of_the_model() {
        let (arena, _memory) = Arena::create().expect("memory");
        let test = classic("2+2W+machine").expect("it is there").test();
        arena.cell(1, 0, 4).store(77, Ordering::Relaxed);
        let code = Observer::of(&test).code(&arena, 0, 4);
        arena.count(2, code).store(5, Ordering::Relaxed);
        assert_eq!(arena.counts(&test), [(Outcome(vec![0, STRANGE as u8]), 5)]);
    }

    #[test]
    fn nothing_lies_where_something_else_does() {
        let (arena, _memory) = Arena::create().expect("memory");
        for place in 0..PLACES {
            (0..CELLS).for_each(|cell| arena.cell(place, cell, STRIDE).store(1, Ordering::Relaxed));
        }
        for actor in 0..ACTORS {
            assert!((0..CELLS).all(|cell| arena.row(actor, cell).load(Ordering::Relaxed) == 0));
            (0..CELLS).for_each(|cell| arena.row(actor, cell).store(!0, Ordering::Relaxed));
            (0..CODES).for_each(|code| arena.count(actor, code).store(!0, Ordering::Relaxed));
            arena.address(actor).store(!0, Ordering::Relaxed);
        }
        let words = [Word::Go, Word::Enough, Word::Done, Word::Trouble, Word::Ran(3)];
        assert!(words.iter().all(|word| arena.get(*word) == 0));
        let is_one = |place, cell| arena.cell(place, cell, STRIDE).load(Ordering::Relaxed) == 1;
        assert!((0..PLACES).all(|place| (0..CELLS).all(|cell| is_one(place, cell))));
        let ends = arena.places().map(|place| place.addr() as u64 - arena.own_address());
        assert!(ends[2] as usize + CELLS * STRIDE <= LEN, "{ends:?}");
    }
}
