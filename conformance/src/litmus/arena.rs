//! The memory that the controller, the runner and the actors of a litmus program share: how far
//! each actor is, and what came of each line in each iteration.
//!
//! Results are kept short: a line's values are written down once each, and an iteration names them
//! by number. A line's values are written by its actor alone, and read when all actors are gone.

use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::sync::atomic::{AtomicI32, AtomicI64, AtomicU16, AtomicU32, Ordering};

use ipc_model::operation::Param;
use memmap2::MmapRaw;
use nix::sys::memfd::{MFdFlags, memfd_create};

use crate::program::{Operand, Program};

/// The most different values of one line.
pub const VALUES: usize = 64;
/// A line's number in an iteration in which it has not begun, and in which it has not returned.
pub const NOT_BEGUN: u16 = 0;
/// See [`NOT_BEGUN`].
pub const IN_CALL: u16 = 1;
/// The number of a line's first value.
pub const FIRST: u16 = 2;
/// How an actor ended that did not end.
pub const ALIVE: i32 = -1;
/// The progress of an actor that has ended: nobody need wait for it.
pub const ENDED: u32 = u32::MAX;

/// Words that are written by different processes do not share a line of the cache.
const APART: usize = 128;
const ACTOR_WORDS: usize = 3;
const HEAD_WORDS: usize = 5;

/// The sizes that everything follows from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shape {
    actors: usize,
    /// For each line the most bytes that it receives.
    receives: Vec<usize>,
    iterations: usize,
}

impl Shape {
    /// What so many iterations of a program need.
    pub fn of(program: &Program, iterations: usize) -> Shape {
        let received = |line: &crate::program::Line| -> u64 {
            let pairs = line.operation.params.iter().zip(&line.args);
            pairs
                .map(|pair| match pair {
                    (Param::Receive, Operand::Number(n)) => *n as u64,
                    (Param::ReceiveVector, Operand::Vector(parts)) => parts.iter().sum(),
                    _ => 0,
                })
                .sum()
        };
        let receives = program.lines.iter().map(|line| received(line) as usize).collect();
        Shape { actors: program.actors.len(), receives, iterations }
    }

    fn words(&self) -> usize {
        HEAD_WORDS + ACTOR_WORDS * self.actors
    }

    fn ends_at(&self) -> usize {
        self.words() * APART
    }

    fn tables_at(&self) -> usize {
        self.ends_at() + self.iterations * self.actors * size_of::<AtomicI32>()
    }

    fn table_size(&self) -> usize {
        VALUES * size_of::<Value>()
    }

    fn results_at(&self) -> usize {
        self.tables_at().next_multiple_of(APART) + self.receives.len() * self.table_size()
    }

    fn bytes_at(&self) -> usize {
        self.results_at() + self.iterations * self.receives.len() * size_of::<AtomicU16>()
    }

    fn len(&self) -> usize {
        self.bytes_at() + VALUES * self.receives.iter().sum::<usize>()
    }
}

/// A value of a line, its bytes aside.
#[repr(C)]
struct Value {
    /// 0 is no value; see [`Seen`].
    kind: AtomicU32,
    len: AtomicU32,
    number: AtomicI64,
}

/// What a line gave, as it is written down.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Seen<'a> {
    /// Which kind of value, from 1; what the numbers mean is for the two ends to know.
    pub kind: u32,
    /// A number, 0 where there is none.
    pub number: i64,
    /// Bytes received.
    pub bytes: &'a [u8],
}

/// A word that all can see.
#[derive(Clone, Copy, Debug)]
pub enum Word {
    /// How many iterations may have begun.
    Go,
    /// Not 0: nobody goes on to the next iteration.
    Stop,
    /// How many iterations are over, of all.
    Done,
    /// What went wrong: see [`super::runner`].
    Trouble,
    /// Not 0: the controller wants no more iterations.
    Enough,
    /// How many of its lines an actor has got through, of all iterations of the batch.
    Progress(usize),
    /// How many times an actor has come to the lines that stand together.
    Arrived(usize),
    /// The process that plays an actor.
    Pid(usize),
}

/// The shared memory, mapped.
pub struct Arena {
    raw: MmapRaw,
    shape: Shape,
}

impl Arena {
    /// Makes fresh memory, in which nothing has happened.
    pub fn create(shape: Shape) -> io::Result<(Arena, OwnedFd)> {
        let fd = memfd_create("ipc-conformance-litmus", MFdFlags::MFD_CLOEXEC)?;
        nix::unistd::ftruncate(&fd, shape.len() as i64)?;
        Ok((Arena::of(shape, fd.as_fd())?, fd))
    }

    /// Maps what [`Arena::create`] made.
    pub fn of(shape: Shape, fd: impl AsFd) -> io::Result<Arena> {
        let raw = memmap2::MmapOptions::new().map_raw(fd.as_fd().as_raw_fd())?;
        if raw.len() < shape.len() {
            return Err(io::Error::other("the shared memory is too small"));
        }
        Ok(Arena { raw, shape })
    }

    /// The object of type `T` at byte `at`.
    fn at<T>(&self, at: usize) -> &T {
        assert!(at + size_of::<T>() <= self.raw.len() && at.is_multiple_of(align_of::<T>()));
        // SAFETY: within the mapping as asserted.
        let place = unsafe { self.raw.as_ptr().add(at) };
        // SAFETY: aligned as asserted, for a mapping begins at a page; alive as long as `self`; `T`
        // is one of the atomics above or made of them, which any bytes are a value of.
        unsafe { &*place.cast::<T>() }
    }

    /// A word.
    pub fn word(&self, word: Word) -> &AtomicU32 {
        let index = match word {
            Word::Go => 0,
            Word::Stop => 1,
            Word::Done => 2,
            Word::Trouble => 3,
            Word::Enough => 4,
            Word::Progress(actor) => HEAD_WORDS + ACTOR_WORDS * actor,
            Word::Arrived(actor) => HEAD_WORDS + ACTOR_WORDS * actor + 1,
            Word::Pid(actor) => HEAD_WORDS + ACTOR_WORDS * actor + 2,
        };
        self.at(index * APART)
    }

    /// Reads a word; what its writer did before is seen.
    pub fn get(&self, word: Word) -> u32 {
        self.word(word).load(Ordering::Acquire)
    }

    /// Writes a word; who reads it sees what was done before.
    pub fn set(&self, word: Word, value: u32) {
        self.word(word).store(value, Ordering::Release);
    }

    /// Makes everything ready for a batch; nobody else uses the arena meanwhile.
    pub fn rewind(&self) {
        self.set(Word::Go, 0);
        self.set(Word::Stop, 0);
        for actor in 0..self.shape.actors {
            for word in [Word::Progress(actor), Word::Arrived(actor), Word::Pid(actor)] {
                self.set(word, 0);
            }
        }
    }

    /// How an actor ended in an iteration.
    pub fn end(&self, iteration: usize, actor: usize) -> &AtomicI32 {
        let index = iteration * self.shape.actors + actor;
        self.at(self.shape.ends_at() + index * size_of::<AtomicI32>())
    }

    /// What came of a line in an iteration: [`NOT_BEGUN`], [`IN_CALL`] or the number of a value.
    pub fn result(&self, iteration: usize, line: usize) -> &AtomicU16 {
        let index = iteration * self.shape.receives.len() + line;
        self.at(self.shape.results_at() + index * size_of::<AtomicU16>())
    }

    /// The number of a line's value, which is written down if it is new; `None` if there are too
    /// many.
    pub fn number(&self, line: usize, seen: Seen<'_>) -> Option<u16> {
        for index in 0..VALUES {
            let value = self.value(line, index);
            let number = FIRST + index as u16;
            if value.kind.load(Ordering::Relaxed) == 0 {
                // SAFETY: only the line's actor comes here, and it holds no other reference.
                unsafe { self.bytes(line, index, seen.bytes.len()) }.copy_from_slice(seen.bytes);
                value.len.store(seen.bytes.len() as u32, Ordering::Relaxed);
                value.number.store(seen.number, Ordering::Relaxed);
                value.kind.store(seen.kind, Ordering::Release);
                return Some(number);
            }
            if self.seen(line, number) == Some(seen) {
                return Some(number);
            }
        }
        None
    }

    /// The value of a line that has this number.
    pub fn seen(&self, line: usize, number: u16) -> Option<Seen<'_>> {
        let index = usize::from(number.checked_sub(FIRST)?);
        let value = self.value(line, index);
        let kind = value.kind.load(Ordering::Acquire);
        let len = value.len.load(Ordering::Relaxed) as usize;
        // SAFETY: a value that has a kind is not written to any more.
        let bytes = unsafe { self.bytes(line, index, len) };
        (kind != 0).then(|| Seen { kind, number: value.number.load(Ordering::Relaxed), bytes })
    }

    fn value(&self, line: usize, index: usize) -> &Value {
        assert!(index < VALUES && line < self.shape.receives.len());
        let table = self.shape.tables_at().next_multiple_of(APART) + line * self.shape.table_size();
        self.at(table + index * size_of::<Value>())
    }

    /// The bytes of a value.
    ///
    /// # Safety
    ///
    /// Nobody may use them otherwise meanwhile.
    #[allow(clippy::mut_from_ref)] // the memory is another's as much as ours, `self` guards none of it
    unsafe fn bytes(&self, line: usize, index: usize, len: usize) -> &mut [u8] {
        let before: usize = self.shape.receives[..line].iter().sum();
        let most = self.shape.receives[line];
        assert!(len <= most && index < VALUES);
        let at = self.shape.bytes_at() + VALUES * before + index * most;
        // SAFETY: within the mapping, which was made for all values of all lines.
        let start = unsafe { self.raw.as_mut_ptr().add(at) };
        // SAFETY: as long as asserted, bytes need no alignment, and the caller sees to the rest.
        unsafe { std::slice::from_raw_parts_mut(start, len) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arena() -> Arena {
        let text = "A: pipe -> r w\nA: read r 16\nA: write w 3\nA: readv r 8,8\n";
        let program = crate::text::parse("test", text).expect("a program");
        Arena::create(Shape::of(&program, 7)).expect("memory").0
    }

    #[test]
    fn a_value_keeps_its_number_and_another_gets_another() {
        let arena = arena();
        let seen = |kind, number, bytes| Seen { kind, number, bytes };
        let values =
            [seen(1, 0, &b"abc"[..]), seen(1, 0, b"abd"), seen(2, 0, b""), seen(2, -1, b"")];
        for line in [1, 3] {
            let numbers = values.map(|value| arena.number(line, value).expect("there is room"));
            assert_eq!(numbers, [FIRST, FIRST + 1, FIRST + 2, FIRST + 3]);
            assert_eq!(values.map(|value| arena.number(line, value)), numbers.map(Some));
            assert_eq!(numbers.map(|number| arena.seen(line, number)), values.map(Some));
        }
        assert_eq!((arena.seen(0, FIRST), arena.seen(1, IN_CALL)), (None, None));
    }

    #[test]
    fn there_is_an_end_to_the_values() {
        let arena = arena();
        let number = |n: usize| arena.number(2, Seen { kind: 1, number: n as i64, bytes: &[] });
        assert!((0..VALUES).all(|n| number(n).is_some()));
        assert_eq!(number(VALUES), None);
    }

    #[test]
    fn nothing_lies_where_something_else_does() {
        let arena = arena();
        for iteration in 0..7 {
            (0..4).for_each(|line| arena.result(iteration, line).store(7, Ordering::Relaxed));
            arena.end(iteration, 0).store(9, Ordering::Relaxed);
        }
        arena.number(3, Seen { kind: 1, number: 1, bytes: &[0xff; 16] });
        assert_eq!(arena.get(Word::Pid(0)), 0);
        assert!((0..7).all(|i| arena.end(i, 0).load(Ordering::Relaxed) == 9));
        assert!((0..7).all(|i| arena.result(i, 3).load(Ordering::Relaxed) == 7));
        assert_eq!(arena.seen(2, FIRST), None);
    }
}
