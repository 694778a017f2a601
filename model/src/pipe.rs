//! Pipes: bytes in order from those who can write to those who can read, and an end when nobody can.

use std::collections::VecDeque;

use crate::clause::Aspect::{Atomicity, Blocking, Eof, Error, Lifetime, Ordering, Readiness};
use crate::clause::Cond::{All, Any, Eq, Le, Lt};
use crate::clause::Duty::{Extension, May, Shall, Unspecified};
use crate::clause::Force::{Obliges, ObligesWhen, Permits};
use crate::clause::{
    Action, Answer, Clause, Envelope, Guard, Num, Number, action, effect, effect_of, linux, number,
    posix,
};
use crate::descriptor::{
    DONE, FIONREAD, FREE_FDS, LEFT, LEN, LSEEK, NONBLOCK, READ, READS, READV, SLEPT, WRITE, WRITES,
    WRITEV,
};
use crate::errno::Errno::{EAGAIN, EBADF, EINVAL, EMFILE, EPIPE, ESPIPE};
use crate::operation::{Gives, Operation, Param};
use crate::outcome::Value;
use crate::payload::{Data, Run};
use crate::process::DIE_OF_SIGPIPE;
use crate::profile::Room;
use crate::signal::{PEND_SIGPIPE, SIGPIPE_BLOCKED, SIGPIPE_IGNORED};
use crate::view::{Change, View};
use crate::world::{Description, Entry, Object};

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

fn pipe<'a>(v: &View<'a>) -> Option<&'a Pipe> {
    match v.object() {
        Object::Pipe(pipe) => Some(pipe),
        Object::None => None,
    }
}

fn pages(v: &View<'_>) -> Option<(u64, bool)> {
    let fresh = v.num(&Num::Of(&DONE)) == 0 && v.num(&Num::Of(&SLEPT)) == 0;
    match v.spec.profile.room {
        Room::PageSlots => Some((v.spec.numbers.page_size.max(1), fresh)),
        Room::Promised => None,
    }
}

/// The bytes of the call that surely go in now.
fn sure(v: &View<'_>) -> u64 {
    let Some(pipe) = pipe(v) else { return 0 };
    let left = v.num(&Num::Of(&LEFT));
    match pages(v) {
        Some((page, fresh)) => pipe.page_room(left, page, fresh),
        None if pipe.data.is_empty() => left.min(v.spec.numbers.pipe_buf),
        None => 0,
    }
}

/// The bytes of the call that may go in now.
fn most(v: &View<'_>) -> u64 {
    match pages(v) {
        Some(_) => sure(v),
        None => v.num(&Num::Of(&LEFT)),
    }
}

static IS_PIPE: Number =
    number("pipe(fd)", "1 if the descriptor leads to a pipe.", |v| u64::from(pipe(v).is_some()));
static STORED: Number =
    number("|data|", "The bytes in the pipe.", |v| pipe(v).map_or(0, |p| p.data.len()));
static READERS: Number = number("readers", "Descriptions open for reading it.", |v| {
    pipe(v).map_or(0, |pipe| u64::from(pipe.readers))
});
static WRITERS: Number = number("writers", "Descriptions open for writing it.", |v| {
    pipe(v).map_or(0, |pipe| u64::from(pipe.writers))
});
static PIPE_BUF: Number =
    number("PIPE_BUF", "The bytes that go in at once.", |v| v.spec.numbers.pipe_buf);
static SURE: Number = number("sure", "The bytes of the call that surely go in now.", sure);
static MOST: Number = number("most", "The bytes of the call that may go in now.", most);
static GRAIN: Number =
    number("grain", "The least that goes in where something does.", |v| {
        match v.spec.profile.room {
            Room::PageSlots => most(v),
            Room::Promised => 1,
        }
    });
static BAD_FLAG: Number = number("bad flag", "1 if a flag is set that pipes do not know.", |v| {
    u64::from(v.flag("O_APPEND"))
});
static CLOFORK: Number =
    number("clofork", "1 if O_CLOFORK is asked for.", |v| u64::from(v.flag("O_CLOFORK")));

const A_PIPE: Guard = Guard { name: "it is a pipe", cond: Eq(Num::Of(&IS_PIPE), Num::N(1)) };
const READABLE: Guard = Guard {
    name: "a pipe, open for reading",
    cond: All(&[Eq(Num::Of(&IS_PIPE), Num::N(1)), Eq(Num::Of(&READS), Num::N(1))]),
};
const WRITABLE: Guard = Guard {
    name: "a pipe, open for writing",
    cond: All(&[Eq(Num::Of(&IS_PIPE), Num::N(1)), Eq(Num::Of(&WRITES), Num::N(1))]),
};
const READS_NOT: Guard = Guard {
    name: "a pipe, not open for reading",
    cond: All(&[Eq(Num::Of(&IS_PIPE), Num::N(1)), Eq(Num::Of(&READS), Num::N(0))]),
};
const WRITES_NOT: Guard = Guard {
    name: "a pipe, not open for writing",
    cond: All(&[Eq(Num::Of(&IS_PIPE), Num::N(1)), Eq(Num::Of(&WRITES), Num::N(0))]),
};
const ASKS: Guard = Guard { name: "it asks for bytes", cond: Lt(Num::N(0), Num::Of(&LEN)) };
const ASKS_NOTHING: Guard =
    Guard { name: "it asks for no bytes", cond: Eq(Num::Of(&LEN), Num::N(0)) };
const ENOUGH: Guard =
    Guard { name: "as much is stored", cond: Le(Num::Of(&LEN), Num::Of(&STORED)) };
const SOME_LESS: Guard = Guard {
    name: "something is stored, but less",
    cond: All(&[Lt(Num::N(0), Num::Of(&STORED)), Lt(Num::Of(&STORED), Num::Of(&LEN))]),
};
const EMPTY: Guard = Guard { name: "nothing is stored", cond: Eq(Num::Of(&STORED), Num::N(0)) };
const A_READER: Guard = Guard { name: "somebody can read", cond: Lt(Num::N(0), Num::Of(&READERS)) };
const NO_READER: Guard = Guard { name: "nobody can read", cond: Eq(Num::Of(&READERS), Num::N(0)) };
const A_WRITER: Guard =
    Guard { name: "somebody can write", cond: Lt(Num::N(0), Num::Of(&WRITERS)) };
const NO_WRITER: Guard = Guard { name: "nobody can write", cond: Eq(Num::Of(&WRITERS), Num::N(0)) };
const MAY_WAIT: Guard =
    Guard { name: "O_NONBLOCK is clear", cond: Eq(Num::Of(&NONBLOCK), Num::N(0)) };
const MAY_NOT_WAIT: Guard =
    Guard { name: "O_NONBLOCK is set", cond: Eq(Num::Of(&NONBLOCK), Num::N(1)) };
const SLEEPS_ON: Guard = Guard {
    name: "O_NONBLOCK was set when the call had slept or moved something",
    cond: All(&[
        Eq(Num::Of(&NONBLOCK), Num::N(1)),
        Any(&[Lt(Num::N(0), Num::Of(&SLEPT)), Lt(Num::N(0), Num::Of(&DONE))]),
    ]),
};
const WAS_AWAKE: Guard =
    Guard { name: "the call has not been asleep", cond: Eq(Num::Of(&SLEPT), Num::N(0)) };
const SHORT: Guard =
    Guard { name: "no more than PIPE_BUF", cond: Le(Num::Of(&LEN), Num::Of(&PIPE_BUF)) };
const LONG: Guard =
    Guard { name: "more than PIPE_BUF", cond: Lt(Num::Of(&PIPE_BUF), Num::Of(&LEN)) };
const ALL_MAY_FIT: Guard =
    Guard { name: "all of it may fit", cond: Le(Num::Of(&LEN), Num::Of(&MOST)) };
const ALL_SURELY_FITS: Guard =
    Guard { name: "all of it surely fits", cond: Le(Num::Of(&LEN), Num::Of(&SURE)) };
const SOME_MAY_FIT: Guard =
    Guard { name: "something may fit", cond: Lt(Num::N(0), Num::Of(&MOST)) };
const SOME_SURELY_FITS: Guard =
    Guard { name: "something surely fits", cond: Lt(Num::N(0), Num::Of(&SURE)) };
const MAY_NOT_FIT: Guard =
    Guard { name: "all of it may fail to fit", cond: Lt(Num::Of(&SURE), Num::Of(&LEN)) };
const CANNOT_FIT: Guard =
    Guard { name: "all of it cannot fit", cond: Lt(Num::Of(&MOST), Num::Of(&LEN)) };
const NOTHING_SURELY_FITS: Guard =
    Guard { name: "perhaps nothing fits", cond: Eq(Num::Of(&SURE), Num::N(0)) };
const NOTHING_FITS: Guard = Guard { name: "nothing fits", cond: Eq(Num::Of(&MOST), Num::N(0)) };
const SOME_LEFT: Guard =
    Guard { name: "something is left to move", cond: Lt(Num::N(0), Num::Of(&LEFT)) };
const ALL_MOVED: Guard = Guard { name: "all of it has moved", cond: Eq(Num::Of(&LEFT), Num::N(0)) };
const NONE_MOVED: Guard = Guard { name: "nothing has moved", cond: Eq(Num::Of(&DONE), Num::N(0)) };
const SOME_MOVED: Guard =
    Guard { name: "something has moved", cond: Lt(Num::N(0), Num::Of(&DONE)) };
const DEADLY: Guard = Guard {
    name: "SIGPIPE is neither blocked nor ignored",
    cond: All(&[
        Eq(Num::Of(&SIGPIPE_BLOCKED), Num::N(0)),
        Eq(Num::Of(&SIGPIPE_IGNORED), Num::N(0)),
    ]),
};
const IGNORED: Guard = Guard {
    name: "SIGPIPE is ignored, not blocked",
    cond: All(&[
        Eq(Num::Of(&SIGPIPE_BLOCKED), Num::N(0)),
        Eq(Num::Of(&SIGPIPE_IGNORED), Num::N(1)),
    ]),
};
const BLOCKED: Guard =
    Guard { name: "SIGPIPE is blocked", cond: Eq(Num::Of(&SIGPIPE_BLOCKED), Num::N(1)) };
const BLOCKED_IGNORED: Guard = Guard {
    name: "SIGPIPE is blocked and ignored",
    cond: All(&[
        Eq(Num::Of(&SIGPIPE_BLOCKED), Num::N(1)),
        Eq(Num::Of(&SIGPIPE_IGNORED), Num::N(1)),
    ]),
};
const TWO_FREE: Guard =
    Guard { name: "two descriptors are free", cond: Le(Num::N(2), Num::Of(&FREE_FDS)) };
const NOT_TWO_FREE: Guard =
    Guard { name: "fewer than two descriptors are free", cond: Lt(Num::Of(&FREE_FDS), Num::N(2)) };
const KNOWN_FLAGS: Guard =
    Guard { name: "every flag is known", cond: Eq(Num::Of(&BAD_FLAG), Num::N(0)) };
const UNKNOWN_FLAG: Guard =
    Guard { name: "a flag is unknown", cond: Eq(Num::Of(&BAD_FLAG), Num::N(1)) };
const NO_CLOFORK: Guard =
    Guard { name: "O_CLOFORK is not asked for", cond: Eq(Num::Of(&CLOFORK), Num::N(0)) };
const ASKS_CLOFORK: Guard =
    Guard { name: "O_CLOFORK is asked for", cond: Eq(Num::Of(&CLOFORK), Num::N(1)) };

static ENDS: Answer = Answer { name: "the two lowest free descriptors", value: ends };
static CAPACITY: Answer = Answer {
    name: "the capacity",
    value: |v| Value::Number(pipe(v).map_or(0, |pipe| pipe.capacity) as i64),
};
static FILL: Answer = Answer {
    name: "the bytes stored",
    value: |v| Value::Number(pipe(v).map_or(0, |pipe| pipe.data.len()) as i64),
};

fn ends(v: &View<'_>) -> Value {
    Value::Fds(v.world.lowest_free(v.actor.process, 2, v.spec.numbers.nofile))
}

static CREATE: Action = action("a pipe, with a reading and a writing end", |c, _| create(c));
static APPEND: Action = action("the next % bytes of the call go in, behind the others", append);
static TAKE: Action = action("the oldest % bytes go out", |c, n| {
    if let Some(Object::Pipe(pipe)) = c.object() {
        pipe.take(n);
    }
});
static ADVANCE: Action = action("the call has moved % bytes more", |c, n| {
    if let Some(call) = c.world.in_call_mut(c.actor) {
        call.done += n;
    }
});

fn create(c: &mut Change<'_>) {
    let view = c.view();
    let Value::Fds(fds) = ends(&view) else { return };
    let (cloexec, nonblock) = (view.flag("O_CLOEXEC"), view.flag("O_NONBLOCK"));
    let capacity = c.chosen.probed.unwrap_or(c.spec.numbers.pipe_capacity);
    let object = c.world.add_object(Object::Pipe(Pipe { capacity, ..Pipe::default() }));
    for (fd, reads) in fds.into_iter().zip([true, false]) {
        let end = Description { object, reads, writes: !reads, nonblock, references: 0 };
        let description = c.world.add_description(end);
        c.world.install(c.actor.process, i64::from(fd), Entry { description, cloexec });
    }
}

fn append(c: &mut Change<'_>, n: u64) {
    let view = c.view();
    let Some(call) = view.call else { return };
    let run = Run::Of { tag: call.call.tag, from: call.done, len: n };
    let (left, pages) = (call.call.len().saturating_sub(call.done), pages(&view));
    if let Some(Object::Pipe(pipe)) = c.object() {
        pipe.append(run, left, pages);
    }
}

/// The clauses.
pub static CLAUSES: &[Clause] = &[
    // Creation.
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
    // Reading.
    Clause {
        id: "pipe.read.full",
        on: &[&READ, &READV],
        force: Obliges,
        duty: Shall,
        aspect: Ordering,
        source: posix("read()", "DESCRIPTION"),
        text: "Where enough is stored, a read takes as much as it asks for, oldest first.",
        guards: &[READABLE, ASKS, ENOUGH],
        envelope: Envelope::Data(Num::Of(&LEN), Num::Of(&LEN)),
        effects: &[effect_of(&TAKE, Num::Chosen)],
    },
    Clause {
        id: "pipe.read.short",
        on: &[&READ, &READV],
        force: Obliges,
        duty: Shall,
        aspect: Blocking,
        source: posix("read()", "RETURN VALUE"),
        text: "Where less is stored, a read takes that and does not wait for more.",
        guards: &[READABLE, SOME_LESS],
        envelope: Envelope::Data(Num::Of(&STORED), Num::Of(&STORED)),
        effects: &[effect_of(&TAKE, Num::Chosen)],
    },
    Clause {
        id: "pipe.read.eof",
        on: &[&READ, &READV],
        force: Obliges,
        duty: Shall,
        aspect: Eof,
        source: posix("read()", "DESCRIPTION"),
        text: "An empty pipe that nobody can write to any more is at end-of-file.",
        guards: &[READABLE, ASKS, EMPTY, NO_WRITER],
        envelope: Envelope::Data(Num::N(0), Num::N(0)),
        effects: &[],
    },
    Clause {
        id: "pipe.read.blocks",
        on: &[&READ, &READV],
        force: Permits,
        duty: Shall,
        aspect: Blocking,
        source: posix("read()", "DESCRIPTION"),
        text: "A read of an empty pipe waits while somebody can write to it.",
        guards: &[READABLE, ASKS, EMPTY, A_WRITER, MAY_WAIT],
        envelope: Envelope::Sleep,
        effects: &[],
    },
    Clause {
        id: "pipe.read.blocks.late-nonblock",
        on: &[&READ, &READV],
        force: Permits,
        duty: Unspecified,
        aspect: Blocking,
        source: posix("fcntl()", "DESCRIPTION"),
        text: "A read that is asleep when O_NONBLOCK is set may go on waiting.",
        guards: &[READABLE, ASKS, EMPTY, A_WRITER, SLEEPS_ON],
        envelope: Envelope::Sleep,
        effects: &[],
    },
    Clause {
        id: "pipe.read.err.eagain",
        on: &[&READ, &READV],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("read()", "ERRORS"),
        text: "With O_NONBLOCK, a read of an empty pipe that somebody can write to is refused.",
        guards: &[READABLE, ASKS, EMPTY, A_WRITER, MAY_NOT_WAIT, WAS_AWAKE],
        envelope: Envelope::Error(EAGAIN),
        effects: &[],
    },
    Clause {
        id: "pipe.read.err.eagain.late",
        on: &[&READ, &READV],
        force: Permits,
        duty: Unspecified,
        aspect: Error,
        source: posix("fcntl()", "DESCRIPTION"),
        text: "A read that is asleep when O_NONBLOCK is set may be refused when it wakes.",
        guards: &[READABLE, ASKS, EMPTY, A_WRITER, SLEEPS_ON],
        envelope: Envelope::Error(EAGAIN),
        effects: &[],
    },
    Clause {
        id: "pipe.read.zero",
        on: &[&READ, &READV],
        force: Obliges,
        duty: Shall,
        aspect: Blocking,
        source: posix("read()", "DESCRIPTION"),
        text: "A read of no bytes returns 0 at once and does nothing.",
        guards: &[READABLE, ASKS_NOTHING],
        envelope: Envelope::Data(Num::N(0), Num::N(0)),
        effects: &[],
    },
    Clause {
        id: "pipe.read.err.ebadf",
        on: &[&READ, &READV],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("read()", "ERRORS"),
        text: "The writing end is refused.",
        guards: &[READS_NOT],
        envelope: Envelope::Error(EBADF),
        effects: &[],
    },
    Clause {
        id: "pipe.read.unspecified.duplex",
        on: &[&READ, &READV],
        force: Permits,
        duty: Unspecified,
        aspect: Ordering,
        source: posix("pipe()", "DESCRIPTION"),
        text: "Whether the writing end can be read as well is not said.",
        guards: &[READS_NOT],
        envelope: Envelope::Anything,
        effects: &[],
    },
    // Writing at most PIPE_BUF bytes.
    Clause {
        id: "pipe.write.atomic",
        on: &[&WRITE, &WRITEV],
        force: ObligesWhen(ALL_SURELY_FITS),
        duty: Shall,
        aspect: Atomicity,
        source: posix("write()", "DESCRIPTION"),
        text: "A write of at most PIPE_BUF bytes goes in whole, nothing between its bytes.",
        guards: &[WRITABLE, ASKS, A_READER, SHORT, ALL_MAY_FIT],
        envelope: Envelope::Count(Num::Of(&LEN), Num::Of(&LEN)),
        effects: &[effect_of(&APPEND, Num::Of(&LEN))],
    },
    Clause {
        id: "pipe.write.atomic.blocks",
        on: &[&WRITE, &WRITEV],
        force: Permits,
        duty: Shall,
        aspect: Blocking,
        source: posix("write()", "DESCRIPTION"),
        text: "A write that may fail to fit waits for room.",
        guards: &[WRITABLE, ASKS, A_READER, SHORT, MAY_NOT_FIT, MAY_WAIT],
        envelope: Envelope::Sleep,
        effects: &[],
    },
    Clause {
        id: "pipe.write.atomic.blocks.late-nonblock",
        on: &[&WRITE, &WRITEV],
        force: Permits,
        duty: Unspecified,
        aspect: Blocking,
        source: posix("fcntl()", "DESCRIPTION"),
        text: "A write that is asleep when O_NONBLOCK is set may go on waiting.",
        guards: &[WRITABLE, ASKS, A_READER, SHORT, MAY_NOT_FIT, SLEEPS_ON],
        envelope: Envelope::Sleep,
        effects: &[],
    },
    Clause {
        id: "pipe.write.atomic.err.eagain",
        on: &[&WRITE, &WRITEV],
        force: ObligesWhen(CANNOT_FIT),
        duty: Shall,
        aspect: Error,
        source: posix("write()", "DESCRIPTION"),
        text: "With O_NONBLOCK, a write of at most PIPE_BUF bytes that does not fit whole is refused, and nothing goes in.",
        guards: &[WRITABLE, ASKS, A_READER, SHORT, MAY_NOT_FIT, MAY_NOT_WAIT, WAS_AWAKE],
        envelope: Envelope::Error(EAGAIN),
        effects: &[],
    },
    Clause {
        id: "pipe.write.atomic.err.eagain.late",
        on: &[&WRITE, &WRITEV],
        force: Permits,
        duty: Unspecified,
        aspect: Error,
        source: posix("fcntl()", "DESCRIPTION"),
        text: "A write that is asleep when O_NONBLOCK is set may be refused when it wakes.",
        guards: &[WRITABLE, ASKS, A_READER, SHORT, MAY_NOT_FIT, SLEEPS_ON],
        envelope: Envelope::Error(EAGAIN),
        effects: &[],
    },
    // Writing more.
    Clause {
        id: "pipe.write.long.step",
        on: &[&WRITE, &WRITEV],
        force: ObligesWhen(SOME_SURELY_FITS),
        duty: Shall,
        aspect: Atomicity,
        source: posix("write()", "DESCRIPTION"),
        text: "A longer write moves in pieces, between which others may come.",
        guards: &[WRITABLE, A_READER, LONG, SOME_LEFT, SOME_MAY_FIT, MAY_WAIT],
        envelope: Envelope::Step(
            Num::Min(&Num::Of(&LEFT), &Num::Of(&GRAIN)),
            Num::Min(&Num::Of(&LEFT), &Num::Of(&MOST)),
        ),
        effects: &[effect_of(&APPEND, Num::Chosen), effect_of(&ADVANCE, Num::Chosen)],
    },
    Clause {
        id: "pipe.write.long.done",
        on: &[&WRITE, &WRITEV],
        force: Obliges,
        duty: Shall,
        aspect: Atomicity,
        source: posix("write()", "RETURN VALUE"),
        text: "A longer write that has moved everything says so, and not before.",
        guards: &[WRITABLE, LONG, ALL_MOVED],
        envelope: Envelope::Count(Num::Of(&LEN), Num::Of(&LEN)),
        effects: &[],
    },
    Clause {
        id: "pipe.write.long.blocks",
        on: &[&WRITE, &WRITEV],
        force: Permits,
        duty: Shall,
        aspect: Blocking,
        source: posix("write()", "DESCRIPTION"),
        text: "A longer write waits while perhaps nothing fits.",
        guards: &[WRITABLE, A_READER, LONG, SOME_LEFT, NOTHING_SURELY_FITS, MAY_WAIT],
        envelope: Envelope::Sleep,
        effects: &[],
    },
    Clause {
        id: "pipe.write.long.blocks.late-nonblock",
        on: &[&WRITE, &WRITEV],
        force: Permits,
        duty: Unspecified,
        aspect: Blocking,
        source: posix("fcntl()", "DESCRIPTION"),
        text: "A longer write that is asleep when O_NONBLOCK is set may go on waiting.",
        guards: &[WRITABLE, A_READER, LONG, SOME_LEFT, NOTHING_SURELY_FITS, SLEEPS_ON],
        envelope: Envelope::Sleep,
        effects: &[],
    },
    Clause {
        id: "pipe.write.long.step.late-nonblock",
        on: &[&WRITE, &WRITEV],
        force: ObligesWhen(SOME_SURELY_FITS),
        duty: Unspecified,
        aspect: Atomicity,
        source: posix("fcntl()", "DESCRIPTION"),
        text: "A longer write that is asleep when O_NONBLOCK is set still moves what fits when it wakes.",
        guards: &[WRITABLE, A_READER, LONG, SOME_LEFT, SOME_MAY_FIT, SLEEPS_ON],
        envelope: Envelope::Step(
            Num::Min(&Num::Of(&LEFT), &Num::Of(&GRAIN)),
            Num::Min(&Num::Of(&LEFT), &Num::Of(&MOST)),
        ),
        effects: &[effect_of(&APPEND, Num::Chosen), effect_of(&ADVANCE, Num::Chosen)],
    },
    Clause {
        id: "pipe.write.long.late-nonblock.partial",
        on: &[&WRITE, &WRITEV],
        force: Permits,
        duty: Unspecified,
        aspect: Error,
        source: posix("fcntl()", "DESCRIPTION"),
        text: "A longer write that is asleep when O_NONBLOCK is set may give up with what it has moved.",
        guards: &[WRITABLE, A_READER, LONG, SOME_LEFT, SOME_MOVED, SLEEPS_ON],
        envelope: Envelope::Count(Num::Of(&DONE), Num::Of(&DONE)),
        effects: &[],
    },
    Clause {
        id: "pipe.write.long.err.eagain.late",
        on: &[&WRITE, &WRITEV],
        force: Permits,
        duty: Unspecified,
        aspect: Error,
        source: posix("fcntl()", "DESCRIPTION"),
        text: "A longer write that is asleep when O_NONBLOCK is set may be refused when it wakes with nothing moved.",
        guards: &[WRITABLE, A_READER, LONG, NONE_MOVED, NOTHING_SURELY_FITS, SLEEPS_ON],
        envelope: Envelope::Error(EAGAIN),
        effects: &[],
    },
    Clause {
        id: "pipe.write.long.nonblock",
        on: &[&WRITE, &WRITEV],
        force: ObligesWhen(SOME_SURELY_FITS),
        duty: Shall,
        aspect: Atomicity,
        source: posix("write()", "DESCRIPTION"),
        text: "With O_NONBLOCK, a longer write puts in what fits, and says how much.",
        guards: &[WRITABLE, A_READER, LONG, NONE_MOVED, SOME_MAY_FIT, MAY_NOT_WAIT, WAS_AWAKE],
        envelope: Envelope::Count(Num::Max(&Num::Of(&GRAIN), &Num::Of(&SURE)), Num::Of(&MOST)),
        effects: &[effect_of(&APPEND, Num::Chosen)],
    },
    Clause {
        id: "pipe.write.long.err.eagain",
        on: &[&WRITE, &WRITEV],
        force: ObligesWhen(NOTHING_FITS),
        duty: Shall,
        aspect: Error,
        source: posix("write()", "DESCRIPTION"),
        text: "With O_NONBLOCK, a longer write of which nothing fits is refused.",
        guards: &[
            WRITABLE,
            A_READER,
            LONG,
            NONE_MOVED,
            NOTHING_SURELY_FITS,
            MAY_NOT_WAIT,
            WAS_AWAKE,
        ],
        envelope: Envelope::Error(EAGAIN),
        effects: &[],
    },
    // Writing when nobody can read.
    Clause {
        id: "pipe.write.sigpipe.kills",
        on: &[&WRITE, &WRITEV],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("write()", "ERRORS"),
        text: "A write that nobody can read raises SIGPIPE in the writer, which ends it.",
        guards: &[WRITABLE, ASKS, NO_READER, NONE_MOVED, DEADLY],
        envelope: Envelope::Never,
        effects: &[effect(&DIE_OF_SIGPIPE)],
    },
    Clause {
        id: "pipe.write.epipe.ignored",
        on: &[&WRITE, &WRITEV],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("write()", "ERRORS"),
        text: "A writer that ignores SIGPIPE is told EPIPE.",
        guards: &[WRITABLE, ASKS, NO_READER, NONE_MOVED, IGNORED],
        envelope: Envelope::Error(EPIPE),
        effects: &[],
    },
    Clause {
        id: "pipe.write.epipe.pending",
        on: &[&WRITE, &WRITEV],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("write()", "ERRORS"),
        text: "A writer that blocks SIGPIPE is told EPIPE, and the signal stays pending.",
        guards: &[WRITABLE, ASKS, NO_READER, NONE_MOVED, BLOCKED],
        envelope: Envelope::Error(EPIPE),
        effects: &[effect(&PEND_SIGPIPE)],
    },
    Clause {
        id: "pipe.write.epipe.discarded",
        on: &[&WRITE, &WRITEV],
        force: Permits,
        duty: Unspecified,
        aspect: Error,
        source: posix("2.4.1 Signal Generation and Delivery", "signal both blocked and ignored"),
        text: "A signal that is both blocked and ignored may be discarded at once.",
        guards: &[WRITABLE, ASKS, NO_READER, NONE_MOVED, BLOCKED_IGNORED],
        envelope: Envelope::Error(EPIPE),
        effects: &[],
    },
    Clause {
        id: "pipe.write.long.cut.kills",
        on: &[&WRITE, &WRITEV],
        force: Obliges,
        duty: Unspecified,
        aspect: Error,
        source: posix("write()", "ERRORS"),
        text: "A longer write that loses its last reader raises SIGPIPE, which ends the writer.",
        guards: &[WRITABLE, NO_READER, SOME_MOVED, SOME_LEFT, DEADLY],
        envelope: Envelope::Never,
        effects: &[effect(&DIE_OF_SIGPIPE)],
    },
    Clause {
        id: "pipe.write.long.cut.quiet",
        on: &[&WRITE, &WRITEV],
        force: Permits,
        duty: Unspecified,
        aspect: Error,
        source: posix("write()", "RETURN VALUE"),
        text: "A longer write that loses its last reader may tell how much it moved without SIGPIPE.",
        guards: &[WRITABLE, NO_READER, SOME_MOVED, SOME_LEFT],
        envelope: Envelope::Count(Num::Of(&DONE), Num::Of(&DONE)),
        effects: &[],
    },
    Clause {
        id: "pipe.write.long.cut.counts",
        on: &[&WRITE, &WRITEV],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("write()", "RETURN VALUE"),
        text: "A longer write that loses its last reader, SIGPIPE being ignored, tells how much it moved.",
        guards: &[WRITABLE, NO_READER, SOME_MOVED, SOME_LEFT, IGNORED],
        envelope: Envelope::Count(Num::Of(&DONE), Num::Of(&DONE)),
        effects: &[],
    },
    Clause {
        id: "pipe.write.long.cut.pending",
        on: &[&WRITE, &WRITEV],
        force: Obliges,
        duty: Unspecified,
        aspect: Error,
        source: posix("write()", "RETURN VALUE"),
        text: "A longer write that loses its last reader, SIGPIPE being blocked, tells how much it moved, and the signal stays pending.",
        guards: &[WRITABLE, NO_READER, SOME_MOVED, SOME_LEFT, BLOCKED],
        envelope: Envelope::Count(Num::Of(&DONE), Num::Of(&DONE)),
        effects: &[effect(&PEND_SIGPIPE)],
    },
    // Writing nothing, or at the wrong end.
    Clause {
        id: "pipe.write.zero",
        on: &[&WRITE, &WRITEV],
        force: Obliges,
        duty: Unspecified,
        aspect: Blocking,
        source: posix("write()", "DESCRIPTION"),
        text: "A write of no bytes returns 0 at once and does nothing, whether anybody can read or not.",
        guards: &[WRITABLE, ASKS_NOTHING],
        envelope: Envelope::Count(Num::N(0), Num::N(0)),
        effects: &[],
    },
    Clause {
        id: "pipe.write.unspecified.zero",
        on: &[&WRITE, &WRITEV],
        force: Permits,
        duty: Unspecified,
        aspect: Blocking,
        source: posix("write()", "DESCRIPTION"),
        text: "What a write of no bytes to a pipe does is not said.",
        guards: &[WRITABLE, ASKS_NOTHING],
        envelope: Envelope::Anything,
        effects: &[],
    },
    Clause {
        id: "pipe.write.err.ebadf",
        on: &[&WRITE, &WRITEV],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("write()", "ERRORS"),
        text: "The reading end is refused.",
        guards: &[WRITES_NOT],
        envelope: Envelope::Error(EBADF),
        effects: &[],
    },
    Clause {
        id: "pipe.write.unspecified.duplex",
        on: &[&WRITE, &WRITEV],
        force: Permits,
        duty: Unspecified,
        aspect: Ordering,
        source: posix("pipe()", "DESCRIPTION"),
        text: "Whether the reading end can be written as well is not said.",
        guards: &[WRITES_NOT],
        envelope: Envelope::Anything,
        effects: &[],
    },
    // Asking.
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
