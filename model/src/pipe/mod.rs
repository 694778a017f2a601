//! Pipes: bytes in order from those who can write to those who can read, and an end when nobody can.

mod act;
mod read;
mod terms;
mod write;

use std::collections::VecDeque;

use self::act::{CAPACITY, CREATE, ENDS, FILL};
pub use self::terms::STORED;
use self::terms::*;
use crate::clause::Aspect::{Error, Lifetime, Readiness};
use crate::clause::Duty::{Extension, May, Shall, Unspecified};
use crate::clause::Force::{Obliges, Permits};
use crate::clause::{Clause, Envelope, effect, linux, posix};
use crate::descriptor::{FIONREAD, LSEEK};
use crate::errno::Errno::{EBADF, EINVAL, EMFILE, ESPIPE};
use crate::operation::{Gives, Operation, Param};
use crate::payload::{Data, Run};
use crate::world::Description;

/// The flags of `pipe2`; `O_APPEND` stands for one that it does not take.
pub const PIPE_FLAGS: &[&str] = &["O_CLOEXEC", "O_NONBLOCK", "O_CLOFORK", "O_APPEND"];

/// `int pipe(int fildes[2])`.
pub static PIPE: Operation =
    Operation { name: "pipe", params: &[], gives: Gives::Fds, c: "pipe(fds)" };

/// `int pipe2(int fildes[2], int flag)`.
pub static PIPE2: Operation = Operation {
    name: "pipe2",
    params: &[Param::Flags(PIPE_FLAGS)],
    gives: Gives::Fds,
    c: "pipe2(fds, %0)",
};

/// `int fcntl(int fd, F_GETPIPE_SZ)`: the capacity in bytes.
pub static GETPIPE_SZ: Operation = Operation {
    name: "fcntl",
    params: &[Param::Fd, Param::Command("F_GETPIPE_SZ")],
    gives: Gives::Number,
    c: "fcntl(%0, F_GETPIPE_SZ)",
};

/// What programs can call here.
pub static OPERATIONS: &[&Operation] = &[&PIPE, &PIPE2, &GETPIPE_SZ];

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
}

/// A page of a pipe: bytes `start..end` of it are stored.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Slot {
    /// The first byte that has not been read.
    pub start: u32,
    /// One behind the last that was written.
    pub end: u32,
}

impl Pipe {
    /// A description of this pipe has come to be.
    pub fn opened(&mut self, description: &Description) {
        self.readers += u16::from(description.reads);
        self.writers += u16::from(description.writes);
    }

    /// A description of this pipe is gone.
    pub fn closed(&mut self, description: &Description) {
        self.readers = self.readers.saturating_sub(u16::from(description.reads));
        self.writers = self.writers.saturating_sub(u16::from(description.writes));
        if self.readers == 0 && self.writers == 0 {
            (self.data, self.slots) = (Data::new(), VecDeque::new());
        }
    }

    /// How many of `n` bytes go in at once into pages of `page` bytes (Linux, fs/pipe.c,
    /// pipe_write). What is over whole pages goes into the last page if all of it fits there, but
    /// only at the first try (`fresh`); the rest takes free pages.
    pub fn page_room(&self, n: u64, page: u64, fresh: bool) -> u64 {
        let free = (self.capacity / page.max(1)).saturating_sub(self.slots.len() as u64);
        let merged = self.merges(n, page, fresh);
        merged + (n - merged).min(free * page)
    }

    fn merges(&self, n: u64, page: u64, fresh: bool) -> u64 {
        let over = n % page.max(1);
        let fits = self.slots.back().is_some_and(|last| u64::from(last.end) + over <= page);
        if fresh && fits { over } else { 0 }
    }

    /// Puts `run`, a piece of a write that has `left` bytes to go, behind the others.
    fn append(&mut self, run: Run, left: u64, pages: Option<(u64, bool)>) {
        let mut n = run.len();
        self.data.push(run);
        let Some((page, fresh)) = pages else { return };
        let merged = self.merges(left, page, fresh).min(n);
        if let Some(last) = self.slots.back_mut() {
            last.end += merged as u32;
        }
        n -= merged;
        while n > 0 {
            let filled = n.min(page);
            self.slots.push_back(Slot { start: 0, end: filled as u32 });
            n -= filled;
        }
    }

    /// Takes the `n` oldest bytes out.
    fn take(&mut self, n: u64) {
        let mut n = self.data.take(n).len();
        while n > 0 {
            let Some(first) = self.slots.front_mut() else { return };
            let taken = n.min(u64::from(first.end - first.start));
            first.start += taken as u32;
            n -= taken;
            if first.start == first.end {
                self.slots.pop_front();
            }
        }
    }
}

/// The clauses, in the order of the page.
pub static CLAUSES: &[&[Clause]] = &[
    CREATION,
    read::CLAUSES,
    write::SHORT_WRITES,
    write::LONG_WRITES,
    write::NOBODY_READS,
    write::NOTHING_OR_WRONG,
    ASKING,
];

static CREATION: &[Clause] = &[
    Clause {
        id: "pipe.pipe.creates",
        on: &[&PIPE],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("pipe()", "DESCRIPTION"),
        text: "A pipe comes with two descriptions, on the two lowest free descriptors, reading end first, both flags clear.",
        guards: &[TWO_FREE],
        envelope: Envelope::Exactly(&ENDS),
        effects: &[effect(&CREATE)],
    },
    Clause {
        id: "pipe.pipe.err.emfile",
        on: &[&PIPE],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("pipe()", "ERRORS"),
        text: "Without two free descriptors there is no pipe.",
        guards: &[NOT_TWO_FREE],
        envelope: Envelope::Error(EMFILE),
        effects: &[],
    },
    Clause {
        id: "pipe.pipe2.creates",
        on: &[&PIPE2],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("pipe2()", "DESCRIPTION"),
        text: "As pipe, and O_CLOEXEC and O_NONBLOCK are set on both ends as asked.",
        guards: &[TWO_FREE, KNOWN_FLAGS, NO_CLOFORK],
        envelope: Envelope::Exactly(&ENDS),
        effects: &[effect(&CREATE)],
    },
    Clause {
        id: "pipe.pipe2.err.emfile",
        on: &[&PIPE2],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("pipe2()", "ERRORS"),
        text: "Without two free descriptors there is no pipe.",
        guards: &[NOT_TWO_FREE, KNOWN_FLAGS, NO_CLOFORK],
        envelope: Envelope::Error(EMFILE),
        effects: &[],
    },
    Clause {
        id: "pipe.pipe2.err.einval",
        on: &[&PIPE2],
        force: Permits,
        duty: May,
        aspect: Error,
        source: posix("pipe2()", "ERRORS"),
        text: "A flag that is not known is refused.",
        guards: &[UNKNOWN_FLAG],
        envelope: Envelope::Error(EINVAL),
        effects: &[],
    },
    Clause {
        id: "pipe.pipe2.unspecified.flag",
        on: &[&PIPE2],
        force: Permits,
        duty: Unspecified,
        aspect: Error,
        source: posix("pipe2()", "ERRORS"),
        text: "What an unknown flag does, where it is not refused, is not said.",
        guards: &[UNKNOWN_FLAG],
        envelope: Envelope::Anything,
        effects: &[],
    },
    Clause {
        id: "pipe.pipe2.clofork",
        on: &[&PIPE2],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("pipe2()", "DESCRIPTION"),
        text: "O_CLOFORK sets FD_CLOFORK on both ends.",
        guards: &[TWO_FREE, KNOWN_FLAGS, ASKS_CLOFORK],
        envelope: Envelope::Exactly(&ENDS),
        effects: &[effect(&CREATE)],
    },
    Clause {
        id: "pipe.pipe2.absent.clofork",
        on: &[&PIPE2],
        force: Obliges,
        duty: Extension,
        aspect: Lifetime,
        source: linux("pipe(2)", "DESCRIPTION"),
        text: "There is no O_CLOFORK.",
        guards: &[KNOWN_FLAGS, ASKS_CLOFORK],
        envelope: Envelope::Absent("O_CLOFORK"),
        effects: &[],
    },
];

static ASKING: &[Clause] = &[
    Clause {
        id: "pipe.lseek.err.espipe",
        on: &[&LSEEK],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("lseek()", "ERRORS"),
        text: "A pipe has no offset.",
        guards: &[A_PIPE],
        envelope: Envelope::Error(ESPIPE),
        effects: &[],
    },
    Clause {
        id: "pipe.fionread.tells",
        on: &[&FIONREAD],
        force: Obliges,
        duty: Extension,
        aspect: Readiness,
        source: linux("pipe(7)", "I/O on pipes and FIFOs"),
        text: "It tells how many bytes are stored, at either end.",
        guards: &[A_PIPE],
        envelope: Envelope::Exactly(&FILL),
        effects: &[],
    },
    Clause {
        id: "pipe.getpipe-sz.tells",
        on: &[&GETPIPE_SZ],
        force: Obliges,
        duty: Extension,
        aspect: Readiness,
        source: linux("F_GETPIPE_SZ(2const)", "DESCRIPTION"),
        text: "It tells the capacity, the same at either end.",
        guards: &[A_PIPE],
        envelope: Envelope::Exactly(&CAPACITY),
        effects: &[],
    },
    Clause {
        id: "pipe.getpipe-sz.err.ebadf",
        on: &[&GETPIPE_SZ],
        force: Obliges,
        duty: Extension,
        aspect: Error,
        source: linux("fcntl(2)", "ERRORS"),
        text: "A descriptor that is not open is refused.",
        guards: &[crate::descriptor::NOT_OPEN],
        envelope: Envelope::Error(EBADF),
        effects: &[],
    },
];
