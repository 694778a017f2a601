//! Changing the capacity: `F_SETPIPE_SZ`.

use super::terms::{A_PIPE, pipe};
use crate::clause::Aspect::{Error, Readiness};
use crate::clause::Cond::{All, Any, Eq, Le, Lt};
use crate::clause::Duty::Extension;
use crate::clause::Force::{Obliges, ObligesWhen, Permits};
use crate::clause::{
    Action, Clause, Envelope, Guard, Num, Number, action, effect_of, linux, number,
};
use crate::descriptor::NOT_OPEN;
use crate::errno::Errno::{EBADF, EBUSY, EINVAL, ENOMEM, EPERM};
use crate::operation::{Gives, Operation, Param};
use crate::view::View;
use crate::world::Object;

/// `int fcntl(int fd, F_SETPIPE_SZ, int size)`: the capacity in bytes, from now on.
pub static SETPIPE_SZ: Operation = Operation {
    name: "fcntl",
    params: &[Param::Fd, Param::Command("F_SETPIPE_SZ"), Param::Number],
    gives: Gives::Number,
    c: "fcntl(%0, F_SETPIPE_SZ, %2)",
};

/// What is asked for, made a power of two and a page at least; 0 where that is too much for the
/// kernel's `unsigned int` (Linux, fs/pipe.c, round_pipe_size).
fn rounded(v: &View<'_>) -> u64 {
    match u64::from(v.arg(2) as u32) {
        0x8000_0001.. => 0,
        size => size.max(v.spec.numbers.page_size).next_power_of_two(),
    }
}

static ROUNDED: Number =
    number("size", "What is asked for, as a power of two of pages; 0 if too much.", rounded);
static CAPACITY: Number =
    number("capacity", "The bytes of all its pages.", |v| pipe(v).map_or(0, |p| p.capacity));
static IN_USE: Number = number("in use", "The bytes of the pages that hold something.", |v| {
    pipe(v).map_or(0, |pipe| pipe.slots.len() as u64 * v.spec.numbers.page_size)
});
static PIPE_MAX: Number =
    number("pipe-max-size", "The most without privilege.", |v| v.spec.numbers.pipe_max);
/// Who has become nobody has no privilege left.
fn has(v: &View<'_>, privilege: bool) -> u64 {
    u64::from(privilege && !v.process().is_some_and(|process| process.user.nobody))
}

static BEYOND_MAX: Number = number("beyond max", "1 if the caller may go beyond it.", |v| {
    has(v, v.spec.numbers.beyond_pipe_max)
});
static BEYOND_PAGES: Number =
    number("beyond pages", "1 if the pages of all the user's pipes are no limit.", |v| {
        has(v, v.spec.numbers.beyond_pipe_pages)
    });

const POSSIBLE: Guard =
    Guard { name: "the size is a possible one", cond: Lt(Num::N(0), Num::Of(&ROUNDED)) };
const IMPOSSIBLE: Guard =
    Guard { name: "no pipe is so large", cond: Eq(Num::Of(&ROUNDED), Num::N(0)) };
const ENOUGH_PAGES: Guard =
    Guard { name: "what is stored has its pages", cond: Le(Num::Of(&IN_USE), Num::Of(&ROUNDED)) };
const TOO_FEW_PAGES: Guard =
    Guard { name: "more pages are in use", cond: Lt(Num::Of(&ROUNDED), Num::Of(&IN_USE)) };
const NO_MORE: Guard =
    Guard { name: "it does not grow", cond: Le(Num::Of(&ROUNDED), Num::Of(&CAPACITY)) };
const MORE: Guard = Guard { name: "it grows", cond: Lt(Num::Of(&CAPACITY), Num::Of(&ROUNDED)) };
const ALLOWED: Guard = Guard {
    name: "so much is allowed",
    cond: Any(&[Le(Num::Of(&ROUNDED), Num::Of(&PIPE_MAX)), Eq(Num::Of(&BEYOND_MAX), Num::N(1))]),
};
const FORBIDDEN: Guard = Guard {
    name: "it is beyond pipe-max-size, without privilege",
    cond: All(&[Lt(Num::Of(&PIPE_MAX), Num::Of(&ROUNDED)), Eq(Num::Of(&BEYOND_MAX), Num::N(0))]),
};
const BEYOND: Guard =
    Guard { name: "it is beyond pipe-max-size", cond: Lt(Num::Of(&PIPE_MAX), Num::Of(&ROUNDED)) };
const COUNTED: Guard = Guard {
    name: "the pages of all the user's pipes are limited",
    cond: Eq(Num::Of(&BEYOND_PAGES), Num::N(0)),
};
/// How many pages the user's other pipes have, and whether there is memory for a very long ring, no
/// history tells.
const NOTHING_IN_THE_WAY: Guard = Guard {
    name: "neither the user's pages nor memory can be in the way",
    cond: All(&[Le(Num::Of(&ROUNDED), Num::Of(&PIPE_MAX)), Eq(Num::Of(&BEYOND_PAGES), Num::N(1))]),
};

static RESIZE: Action = action("the capacity is % bytes", |c, size| {
    if let Some(Object::Pipe(pipe)) = c.object() {
        pipe.capacity = size;
    }
});

/// The clauses.
pub(super) static CLAUSES: &[Clause] = &[
    Clause {
        id: "pipe.setpipe-sz.keeps",
        on: &[&SETPIPE_SZ],
        force: Obliges,
        duty: Extension,
        aspect: Readiness,
        source: linux("F_SETPIPE_SZ(2const)", "DESCRIPTION"),
        text: "A capacity that is not greater is set, rounded up to a power of two of pages, and told.",
        guards: &[A_PIPE, POSSIBLE, NO_MORE, ENOUGH_PAGES],
        envelope: Envelope::Count(Num::Of(&ROUNDED), Num::Of(&ROUNDED)),
        effects: &[effect_of(&RESIZE, Num::Of(&ROUNDED))],
    },
    Clause {
        id: "pipe.setpipe-sz.grows",
        on: &[&SETPIPE_SZ],
        force: ObligesWhen(NOTHING_IN_THE_WAY),
        duty: Extension,
        aspect: Readiness,
        source: linux("F_SETPIPE_SZ(2const)", "DESCRIPTION"),
        text: "A greater capacity is set, rounded up to a power of two of pages, and told.",
        guards: &[A_PIPE, POSSIBLE, MORE, ALLOWED],
        envelope: Envelope::Count(Num::Of(&ROUNDED), Num::Of(&ROUNDED)),
        effects: &[effect_of(&RESIZE, Num::Of(&ROUNDED))],
    },
    Clause {
        id: "pipe.setpipe-sz.err.ebusy",
        on: &[&SETPIPE_SZ],
        force: Obliges,
        duty: Extension,
        aspect: Error,
        source: linux("F_SETPIPE_SZ(2const)", "ERRORS"),
        text: "Fewer pages than are in use, however little is in them, are refused.",
        guards: &[A_PIPE, POSSIBLE, TOO_FEW_PAGES],
        envelope: Envelope::Error(EBUSY),
        effects: &[],
    },
    Clause {
        id: "pipe.setpipe-sz.err.eperm.max",
        on: &[&SETPIPE_SZ],
        force: Obliges,
        duty: Extension,
        aspect: Error,
        source: linux("F_SETPIPE_SZ(2const)", "ERRORS"),
        text: "To grow beyond pipe-max-size needs a privilege.",
        guards: &[A_PIPE, POSSIBLE, MORE, FORBIDDEN],
        envelope: Envelope::Error(EPERM),
        effects: &[],
    },
    Clause {
        id: "pipe.setpipe-sz.err.eperm.pages",
        on: &[&SETPIPE_SZ],
        force: Permits,
        duty: Extension,
        aspect: Error,
        source: linux("pipe(7)", "/proc files"),
        text: "To grow beyond what all pipes of the user may have together needs a privilege.",
        guards: &[A_PIPE, POSSIBLE, MORE, ALLOWED, COUNTED],
        envelope: Envelope::Error(EPERM),
        effects: &[],
    },
    Clause {
        id: "pipe.setpipe-sz.err.enomem",
        on: &[&SETPIPE_SZ],
        force: Permits,
        duty: Extension,
        aspect: Error,
        source: linux("fs/pipe.c", "6.18, pipe_resize_ring"),
        text: "There may be no memory for a ring beyond pipe-max-size.",
        guards: &[A_PIPE, POSSIBLE, MORE, ALLOWED, BEYOND],
        envelope: Envelope::Error(ENOMEM),
        effects: &[],
    },
    Clause {
        id: "pipe.setpipe-sz.err.einval",
        on: &[&SETPIPE_SZ],
        force: Obliges,
        duty: Extension,
        aspect: Error,
        source: linux("fs/pipe.c", "6.18, round_pipe_size"),
        text: "More than two to the power of 31 bytes, as which a negative size counts, are refused.",
        guards: &[A_PIPE, IMPOSSIBLE],
        envelope: Envelope::Error(EINVAL),
        effects: &[],
    },
    Clause {
        id: "pipe.setpipe-sz.err.ebadf",
        on: &[&SETPIPE_SZ],
        force: Obliges,
        duty: Extension,
        aspect: Error,
        source: linux("fcntl(2)", "ERRORS"),
        text: "A descriptor that is not open is refused.",
        guards: &[NOT_OPEN],
        envelope: Envelope::Error(EBADF),
        effects: &[],
    },
];
