//! From pipe to pipe: `splice` moves what is stored, `tee` copies it.
//!
//! The first descriptor is the call's subject; what is said of the second is said by numbers of its
//! own. Both calls look for input first and for room then, and only then take the locks of both pipes
//! and see what there is (Linux, fs/splice.c, splice_pipe_to_pipe and link_pipe). What was found may be
//! gone by then: `splice` looks again, `tee` says 0.

use super::store::held;
use super::terms::{
    A_WRITER, ASKS, ASKS_NOTHING, BLOCKED, DEADLY, EMPTY, IGNORED, IS_PIPE, NO_WRITER, STORED,
    WRITERS, pipe,
};
use crate::clause::Aspect::{Blocking, Eof, Error, Ordering};
use crate::clause::Cond::{All, Any, Eq, Lt};
use crate::clause::Duty::Extension;
use crate::clause::Force::{Obliges, Permits};
use crate::clause::{
    Action, Clause, Effect, Envelope, Guard, Num, Number, action, effect, effect_of, linux, number,
};
use crate::descriptor::{LEN, NONBLOCK, OPEN, READS, SLEPT, WRITES};
use crate::errno::Errno::{EAGAIN, EBADF, EINVAL, EPIPE};
use crate::operation::{Gives, Operation, Param};
use crate::process::DIE_OF_SIGPIPE;
use crate::signal::PEND_SIGPIPE;
use crate::view::{Change, View};
use crate::world::Object;

/// The flags of `splice` and `tee`.
pub const SPLICE_FLAGS: &[&str] = &["SPLICE_F_NONBLOCK"];

/// `ssize_t splice(int fd_in, NULL, int fd_out, NULL, size_t size, unsigned int flags)`.
pub static SPLICE: Operation = Operation {
    name: "splice",
    params: &[Param::Fd, Param::Fd, Param::Receive, Param::Flags(SPLICE_FLAGS)],
    gives: Gives::Sent,
    c: "splice(%0, NULL, %1, NULL, %2, %3)",
};

/// `ssize_t tee(int fd_in, int fd_out, size_t size, unsigned int flags)`.
pub static TEE: Operation = Operation {
    name: "tee",
    params: &[Param::Fd, Param::Fd, Param::Receive, Param::Flags(SPLICE_FLAGS)],
    gives: Gives::Sent,
    c: "tee(%0, %1, %2, %3)",
};

/// The call as its second descriptor sees it.
fn output<'a>(v: &View<'a>) -> View<'a> {
    v.other(1)
}

fn room(v: &View<'_>) -> u64 {
    pipe(&output(v)).map_or(0, |pipe| pipe.free(v.spec.numbers.page_size))
}

static OUT_OPEN: Number =
    number("open(out)", "1 if the second descriptor is open.", |v| (OPEN.read)(&output(v)));
static OUT_WRITES: Number =
    number("writes(out)", "1 if it is open for writing.", |v| (WRITES.read)(&output(v)));
/// Whether the second descriptor leads to a pipe.
pub static OUT_IS_PIPE: Number =
    number("pipe(out)", "1 if it leads to a pipe.", |v| (IS_PIPE.read)(&output(v)));
static SAME: Number = number("same", "1 if both lead to one object.", |v| {
    let object = |v: &View<'_>| v.description().map(|description| description.object);
    u64::from(object(v) == object(&output(v)))
});
static OUT_READERS: Number =
    number("readers(out)", "Descriptions open for reading the second pipe.", |v| {
        pipe(&output(v)).map_or(0, |pipe| u64::from(pipe.readers))
    });
static ROOM: Number = number("room(out)", "The free pages of the second pipe.", room);
static PORTION: Number =
    number("portion", "The bytes wanted that are stored and whose pages find room.", |v| {
        let len = v.num(&Num::Of(&LEN));
        pipe(v).map_or(0, |pipe| held(&pipe.portion(len, room(v), false)))
    });
static NO_WAITING: Number =
    number("no waiting", "1 if SPLICE_F_NONBLOCK is given or O_NONBLOCK set on either.", |v| {
        let set = (NONBLOCK.read)(v) != 0 || (NONBLOCK.read)(&output(v)) != 0;
        u64::from(v.flag("SPLICE_F_NONBLOCK") || set)
    });

static FOUND: Number =
    number("found", "0, 1 once it has found input, 2 once it has found room as well.", |v| {
        v.call.map_or(0, |call| u64::from(call.found))
    });

const PAIR: Guard = Guard {
    name: "from a pipe, open for reading, to another, open for writing",
    cond: All(&[
        Eq(Num::Of(&IS_PIPE), Num::N(1)),
        Eq(Num::Of(&READS), Num::N(1)),
        Eq(Num::Of(&OUT_IS_PIPE), Num::N(1)),
        Eq(Num::Of(&OUT_WRITES), Num::N(1)),
        Eq(Num::Of(&SAME), Num::N(0)),
    ]),
};
const ONE_PIPE: Guard = Guard {
    name: "from a pipe, open for reading, to itself, open for writing",
    cond: All(&[
        Eq(Num::Of(&IS_PIPE), Num::N(1)),
        Eq(Num::Of(&READS), Num::N(1)),
        Eq(Num::Of(&OUT_WRITES), Num::N(1)),
        Eq(Num::Of(&SAME), Num::N(1)),
    ]),
};
const NOT_BOTH_OPEN: Guard = Guard {
    name: "a descriptor is not open",
    cond: Any(&[Eq(Num::Of(&OPEN), Num::N(0)), Eq(Num::Of(&OUT_OPEN), Num::N(0))]),
};
const WRONG_END: Guard = Guard {
    name: "both are open, but not the first for reading and the second for writing",
    cond: All(&[
        Eq(Num::Of(&OPEN), Num::N(1)),
        Eq(Num::Of(&OUT_OPEN), Num::N(1)),
        Any(&[Eq(Num::Of(&READS), Num::N(0)), Eq(Num::Of(&OUT_WRITES), Num::N(0))]),
    ]),
};
const SOME_STORED: Guard =
    Guard { name: "something is stored", cond: Lt(Num::N(0), Num::Of(&STORED)) };
const DATA_OR_END: Guard = Guard {
    name: "something is stored, or nobody can write",
    cond: Any(&[Lt(Num::N(0), Num::Of(&STORED)), Eq(Num::Of(&WRITERS), Num::N(0))]),
};
const INPUT_NOT_FOUND: Guard =
    Guard { name: "it has not found input", cond: Eq(Num::Of(&FOUND), Num::N(0)) };
const INPUT_FOUND: Guard =
    Guard { name: "it has found input", cond: Lt(Num::N(0), Num::Of(&FOUND)) };
const ROOM_NOT_FOUND: Guard =
    Guard { name: "it has found input, and not yet room", cond: Eq(Num::Of(&FOUND), Num::N(1)) };
const ROOM_FOUND: Guard =
    Guard { name: "it has found input and room", cond: Eq(Num::Of(&FOUND), Num::N(2)) };
/// Somebody can read the second pipe.
pub const OUT_IS_READ: Guard =
    Guard { name: "somebody can read the second", cond: Lt(Num::N(0), Num::Of(&OUT_READERS)) };
/// Nobody can read the second pipe.
pub const OUT_UNREAD: Guard =
    Guard { name: "nobody can read the second", cond: Eq(Num::Of(&OUT_READERS), Num::N(0)) };
const OUT_HAS_ROOM: Guard =
    Guard { name: "the second has a free page", cond: Lt(Num::N(0), Num::Of(&ROOM)) };
/// The second pipe has no free page.
pub const OUT_IS_FULL: Guard =
    Guard { name: "the second has no free page", cond: Eq(Num::Of(&ROOM), Num::N(0)) };
/// It may wait: that is looked at once, before it waits.
pub const MAY_WAIT: Guard = Guard {
    name: "neither flag forbids waiting, or it waits already",
    cond: Any(&[Eq(Num::Of(&NO_WAITING), Num::N(0)), Eq(Num::Of(&SLEPT), Num::N(1))]),
};
/// It may not wait, and does not yet.
pub const MAY_NOT_WAIT: Guard = Guard {
    name: "SPLICE_F_NONBLOCK or O_NONBLOCK is set, and it does not wait already",
    cond: All(&[Eq(Num::Of(&NO_WAITING), Num::N(1)), Eq(Num::Of(&SLEPT), Num::N(0))]),
};

static MOVE: Action =
    action("the oldest % bytes go over with their pages", |c, n| carry(c, n, false));
static COPY: Action =
    action("the oldest % bytes are there as well, their pages shared", |c, n| carry(c, n, true));

static FIND: Action = action("it has found %", |c, found| {
    if let Some(call) = c.world.in_call_mut(c.actor) {
        call.found = found as u8;
    }
});

fn carry(c: &mut Change<'_>, n: u64, copy: bool) {
    let view = c.view();
    let (Some(from), Some(to)) = (pipe(&view), output(&view).subject) else { return };
    let slots = from.portion(n, room(&view), copy);
    let n = held(&slots);
    let mut front = from.data.clone();
    let data = front.take(n);
    if let (false, Some(Object::Pipe(from))) = (copy, c.object()) {
        from.take(n);
    }
    if let Some(Object::Pipe(to)) = c.world.object_mut(to) {
        to.accept(&data, slots);
    }
}

/// A rule that both calls have.
const fn rule(
    id: &'static str,
    on: &'static [&'static Operation],
    text: &'static str,
    guards: &'static [Guard],
    envelope: Envelope,
    effects: &'static [Effect],
) -> Clause {
    let (force, aspect) = match envelope {
        Envelope::Sleep => (Permits, Blocking),
        Envelope::Step(..) => (Obliges, Blocking),
        Envelope::Count(..) => (Obliges, Eof),
        _ => (Obliges, Error),
    };
    let source = linux("fs/splice.c", "6.18, splice and tee");
    Clause { id, on, force, duty: Extension, aspect, source, text, guards, envelope, effects }
}

const NOTHING: Envelope = Envelope::Count(Num::N(0), Num::N(0));
const GOES_ON: Envelope = Envelope::Step(Num::N(0), Num::N(0));
const FINDS_INPUT: &[Effect] = &[effect_of(&FIND, Num::N(1))];
/// SIGPIPE ends the caller.
pub const DIES: &[Effect] = &[effect(&DIE_OF_SIGPIPE)];
/// SIGPIPE stays pending.
pub const PENDS: &[Effect] = &[effect(&PEND_SIGPIPE)];
const ON_SPLICE: &[&Operation] = &[&SPLICE];
const ON_TEE: &[&Operation] = &[&TEE];

/// What holds of both. Under two ids each: either call can break the rule alone.
const fn common(on: &'static [&'static Operation], ids: [&'static str; 13]) -> [Clause; 13] {
    let [finds, eof, empty, full, none, no_room, kills, ignored, pending, ids @ ..] = ids;
    let [zero, closed, end, itself] = ids;
    [
        rule(
            finds,
            on,
            "It finds that something is stored, or that nobody can write, and goes on to look for room.",
            &[PAIR, ASKS, INPUT_NOT_FOUND, DATA_OR_END],
            GOES_ON,
            FINDS_INPUT,
        ),
        rule(
            eof,
            on,
            "At end-of-file it says 0.",
            &[PAIR, ASKS, INPUT_FOUND, EMPTY, NO_WRITER, OUT_IS_READ, OUT_HAS_ROOM],
            NOTHING,
            &[],
        ),
        rule(
            empty,
            on,
            "It waits first until something is stored or nobody can write, whatever becomes of the second pipe.",
            &[PAIR, ASKS, INPUT_NOT_FOUND, EMPTY, A_WRITER, MAY_WAIT],
            Envelope::Sleep,
            &[],
        ),
        rule(
            full,
            on,
            "It waits then until the second pipe has a free page, whatever becomes of the first.",
            &[PAIR, ASKS, ROOM_NOT_FOUND, OUT_IS_READ, OUT_IS_FULL, MAY_WAIT],
            Envelope::Sleep,
            &[],
        ),
        rule(
            none,
            on,
            "It is refused where nothing is stored and it may not wait.",
            &[PAIR, ASKS, INPUT_NOT_FOUND, EMPTY, A_WRITER, MAY_NOT_WAIT],
            Envelope::Error(EAGAIN),
            &[],
        ),
        rule(
            no_room,
            on,
            "It is refused where the second pipe has no free page and it may not wait.",
            &[PAIR, ASKS, ROOM_NOT_FOUND, OUT_IS_READ, OUT_IS_FULL, MAY_NOT_WAIT],
            Envelope::Error(EAGAIN),
            &[],
        ),
        rule(
            kills,
            on,
            "Where nobody can read the second pipe it raises SIGPIPE, which ends the caller.",
            &[PAIR, ASKS, INPUT_FOUND, OUT_UNREAD, DEADLY],
            Envelope::Never,
            DIES,
        ),
        rule(
            ignored,
            on,
            "A caller that ignores SIGPIPE is told EPIPE.",
            &[PAIR, ASKS, INPUT_FOUND, OUT_UNREAD, IGNORED],
            Envelope::Error(EPIPE),
            &[],
        ),
        rule(
            pending,
            on,
            "A caller that blocks SIGPIPE is told EPIPE, and the signal stays pending.",
            &[PAIR, ASKS, INPUT_FOUND, OUT_UNREAD, BLOCKED],
            Envelope::Error(EPIPE),
            PENDS,
        ),
        rule(
            zero,
            on,
            "With no bytes asked for it succeeds at once, whatever the descriptors are.",
            &[ASKS_NOTHING],
            NOTHING,
            &[],
        ),
        rule(
            closed,
            on,
            "A descriptor that is not open is refused.",
            &[ASKS, NOT_BOTH_OPEN],
            Envelope::Error(EBADF),
            &[],
        ),
        rule(
            end,
            on,
            "The wrong end of a pipe is refused.",
            &[ASKS, WRONG_END],
            Envelope::Error(EBADF),
            &[],
        ),
        rule(
            itself,
            on,
            "From a pipe to itself is refused.",
            &[ASKS, ONE_PIPE],
            Envelope::Error(EINVAL),
            &[],
        ),
    ]
}

/// What only `splice` does.
pub(super) static SPLICES: &[Clause] = &[
    Clause {
        id: "pipe.splice.moves",
        on: ON_SPLICE,
        force: Obliges,
        duty: Extension,
        aspect: Ordering,
        source: linux("splice(2)", "DESCRIPTION"),
        text: "As much as is wanted, is stored and finds a page moves over, oldest first, each page or part of one into a page of its own.",
        guards: &[PAIR, ASKS, INPUT_FOUND, SOME_STORED, OUT_IS_READ, OUT_HAS_ROOM],
        envelope: Envelope::Count(Num::Of(&PORTION), Num::Of(&PORTION)),
        effects: &[effect_of(&MOVE, Num::Chosen)],
    },
    rule(
        "pipe.splice.finds.again",
        ON_SPLICE,
        "Where others have taken what it found while it waited for room, it looks for input again.",
        &[PAIR, ASKS, INPUT_FOUND, EMPTY, A_WRITER, OUT_IS_READ, OUT_HAS_ROOM],
        GOES_ON,
        &[effect_of(&FIND, Num::N(0))],
    ),
];

/// What `splice` does as `tee` does.
pub(super) static SPLICES_TOO: &[Clause] = &common(
    ON_SPLICE,
    [
        "pipe.splice.finds",
        "pipe.splice.eof",
        "pipe.splice.blocks.empty",
        "pipe.splice.blocks.full",
        "pipe.splice.err.eagain.empty",
        "pipe.splice.err.eagain.full",
        "pipe.splice.sigpipe.kills",
        "pipe.splice.epipe.ignored",
        "pipe.splice.epipe.pending",
        "pipe.splice.zero",
        "pipe.splice.err.ebadf",
        "pipe.splice.err.ebadf.end",
        "pipe.splice.err.einval",
    ],
);

/// What only `tee` does.
pub(super) static TEES: &[Clause] = &[
    Clause {
        id: "pipe.tee.copies",
        on: ON_TEE,
        force: Obliges,
        duty: Extension,
        aspect: Ordering,
        source: linux("tee(2)", "DESCRIPTION"),
        text: "As much as is wanted, is stored and finds a page is in the second pipe as well, and the first keeps it.",
        guards: &[PAIR, ASKS, INPUT_FOUND, SOME_STORED, OUT_IS_READ, OUT_HAS_ROOM],
        envelope: Envelope::Count(Num::Of(&PORTION), Num::Of(&PORTION)),
        effects: &[effect_of(&COPY, Num::Chosen)],
    },
    Clause {
        force: Permits,
        ..rule(
            "pipe.tee.finds.room",
            ON_TEE,
            "It finds that the second pipe has a free page, and does not look again.",
            &[PAIR, ASKS, ROOM_NOT_FOUND, OUT_HAS_ROOM],
            GOES_ON,
            &[effect_of(&FIND, Num::N(2))],
        )
    },
    rule(
        "pipe.tee.late.input",
        ON_TEE,
        "Where others have taken what it found while it waited for room, it says 0 as at end-of-file.",
        &[PAIR, ASKS, INPUT_FOUND, EMPTY, A_WRITER, OUT_IS_READ, OUT_HAS_ROOM],
        NOTHING,
        &[],
    ),
    rule(
        "pipe.tee.late.room",
        ON_TEE,
        "Where others have taken the page that it found, it says 0 as at end-of-file.",
        &[PAIR, ASKS, ROOM_FOUND, OUT_IS_READ, OUT_IS_FULL],
        NOTHING,
        &[],
    ),
];

/// What `tee` does as `splice` does.
pub(super) static TEES_TOO: &[Clause] = &common(
    ON_TEE,
    [
        "pipe.tee.finds",
        "pipe.tee.eof",
        "pipe.tee.blocks.empty",
        "pipe.tee.blocks.full",
        "pipe.tee.err.eagain.empty",
        "pipe.tee.err.eagain.full",
        "pipe.tee.sigpipe.kills",
        "pipe.tee.epipe.ignored",
        "pipe.tee.epipe.pending",
        "pipe.tee.zero",
        "pipe.tee.err.ebadf",
        "pipe.tee.err.ebadf.end",
        "pipe.tee.err.einval",
    ],
);
