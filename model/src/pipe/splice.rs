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
    v.entries().nth(1).unwrap_or(View { subject: None, ..*v })
}

fn room(v: &View<'_>) -> u64 {
    pipe(&output(v)).map_or(0, |pipe| pipe.free(v.spec.numbers.page_size))
}

static OUT_OPEN: Number =
    number("open(out)", "1 if the second descriptor is open.", |v| (OPEN.read)(&output(v)));
static OUT_WRITES: Number =
    number("writes(out)", "1 if it is open for writing.", |v| (WRITES.read)(&output(v)));
static OUT_IS_PIPE: Number =
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
const OUT_IS_READ: Guard =
    Guard { name: "somebody can read the second", cond: Lt(Num::N(0), Num::Of(&OUT_READERS)) };
const OUT_UNREAD: Guard =
    Guard { name: "nobody can read the second", cond: Eq(Num::Of(&OUT_READERS), Num::N(0)) };
const OUT_HAS_ROOM: Guard =
    Guard { name: "the second has a free page", cond: Lt(Num::N(0), Num::Of(&ROOM)) };
const OUT_IS_FULL: Guard =
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

/// A rule that both calls have; it is not one obligation but two, which can be broken apart.
const fn rule(
    id: &'static str,
    on: &'static [&'static Operation],
    text: &'static str,
    guards: &'static [Guard],
    envelope: Envelope,
) -> Clause {
    let (force, aspect) = match envelope {
        Envelope::Sleep => (Permits, Blocking),
        Envelope::Step(..) => (Obliges, Blocking),
        _ => (Obliges, Error),
    };
    let source = linux("fs/splice.c", "6.18, ipipe_prep and opipe_prep");
    Clause { id, on, force, duty: Extension, aspect, source, text, guards, envelope, effects: &[] }
}

/// A rule about signals, data or errors with a page of the manual.
const fn cited(clause: Clause, page: &'static str, part: &'static str) -> Clause {
    Clause { source: linux(page, part), ..clause }
}

const fn doing(clause: Clause, effects: &'static [Effect]) -> Clause {
    Clause { effects, ..clause }
}

const NOTHING: Envelope = Envelope::Count(Num::N(0), Num::N(0));
const ON_SPLICE: &[&Operation] = &[&SPLICE];
const ON_TEE: &[&Operation] = &[&TEE];

/// `splice`.
pub(super) static SPLICES: &[Clause] = &[
    doing(
        rule(
            "pipe.splice.finds",
            ON_SPLICE,
            "It finds that something is stored, or that nobody can write, and does not look again while it waits for room.",
            &[PAIR, ASKS, INPUT_NOT_FOUND, DATA_OR_END],
            Envelope::Step(Num::N(0), Num::N(0)),
        ),
        &[effect_of(&FIND, Num::N(1))],
    ),
    doing(
        rule(
            "pipe.splice.finds.again",
            ON_SPLICE,
            "Where others have taken what it found while it waited for room, it looks for input again.",
            &[PAIR, ASKS, INPUT_FOUND, EMPTY, A_WRITER, OUT_IS_READ, OUT_HAS_ROOM, MAY_WAIT],
            Envelope::Step(Num::N(0), Num::N(0)),
        ),
        &[effect_of(&FIND, Num::N(0))],
    ),
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
    Clause {
        aspect: Eof,
        ..cited(
            rule(
                "pipe.splice.eof",
                ON_SPLICE,
                "At end-of-file nothing moves.",
                &[PAIR, ASKS, INPUT_FOUND, EMPTY, NO_WRITER, OUT_IS_READ, OUT_HAS_ROOM],
                NOTHING,
            ),
            "splice(2)",
            "RETURN VALUE",
        )
    },
    rule(
        "pipe.splice.blocks.empty",
        ON_SPLICE,
        "It waits first until something is stored or nobody can write, whatever becomes of the second pipe.",
        &[PAIR, ASKS, INPUT_NOT_FOUND, EMPTY, A_WRITER, MAY_WAIT],
        Envelope::Sleep,
    ),
    rule(
        "pipe.splice.blocks.full",
        ON_SPLICE,
        "It waits then until the second pipe has a free page, whatever becomes of the first.",
        &[PAIR, ASKS, ROOM_NOT_FOUND, OUT_IS_READ, OUT_IS_FULL, MAY_WAIT],
        Envelope::Sleep,
    ),
    rule(
        "pipe.splice.err.eagain.empty",
        ON_SPLICE,
        "It is refused where nothing is stored and it may not wait.",
        &[PAIR, ASKS, EMPTY, A_WRITER, MAY_NOT_WAIT],
        Envelope::Error(EAGAIN),
    ),
    rule(
        "pipe.splice.err.eagain.full",
        ON_SPLICE,
        "It is refused where the second pipe has no free page and it may not wait.",
        &[PAIR, ASKS, ROOM_NOT_FOUND, OUT_IS_READ, OUT_IS_FULL, MAY_NOT_WAIT],
        Envelope::Error(EAGAIN),
    ),
    doing(
        rule(
            "pipe.splice.sigpipe.kills",
            ON_SPLICE,
            "Where nobody can read the second pipe it raises SIGPIPE, which ends the caller.",
            &[PAIR, ASKS, INPUT_FOUND, OUT_UNREAD, DEADLY],
            Envelope::Never,
        ),
        &[effect(&DIE_OF_SIGPIPE)],
    ),
    rule(
        "pipe.splice.epipe.ignored",
        ON_SPLICE,
        "A caller that ignores SIGPIPE is told EPIPE.",
        &[PAIR, ASKS, INPUT_FOUND, OUT_UNREAD, IGNORED],
        Envelope::Error(EPIPE),
    ),
    doing(
        rule(
            "pipe.splice.epipe.pending",
            ON_SPLICE,
            "A caller that blocks SIGPIPE is told EPIPE, and the signal stays pending.",
            &[PAIR, ASKS, INPUT_FOUND, OUT_UNREAD, BLOCKED],
            Envelope::Error(EPIPE),
        ),
        &[effect(&PEND_SIGPIPE)],
    ),
    cited(
        rule(
            "pipe.splice.zero",
            ON_SPLICE,
            "To move no bytes succeeds at once, whatever the descriptors are.",
            &[ASKS_NOTHING],
            NOTHING,
        ),
        "fs/splice.c",
        "6.18, splice",
    ),
    cited(
        rule(
            "pipe.splice.err.ebadf",
            ON_SPLICE,
            "A descriptor that is not open is refused.",
            &[ASKS, NOT_BOTH_OPEN],
            Envelope::Error(EBADF),
        ),
        "splice(2)",
        "ERRORS",
    ),
    cited(
        rule(
            "pipe.splice.err.ebadf.end",
            ON_SPLICE,
            "The wrong end of a pipe is refused.",
            &[ASKS, WRONG_END],
            Envelope::Error(EBADF),
        ),
        "splice(2)",
        "ERRORS",
    ),
    cited(
        rule(
            "pipe.splice.err.einval",
            ON_SPLICE,
            "A pipe cannot be moved into itself.",
            &[ASKS, ONE_PIPE],
            Envelope::Error(EINVAL),
        ),
        "splice(2)",
        "ERRORS",
    ),
];

/// `tee`.
pub(super) static TEES: &[Clause] = &[
    doing(
        rule(
            "pipe.tee.finds",
            ON_TEE,
            "It finds that something is stored, or that nobody can write, and does not look again.",
            &[PAIR, ASKS, INPUT_NOT_FOUND, DATA_OR_END],
            Envelope::Step(Num::N(0), Num::N(0)),
        ),
        &[effect_of(&FIND, Num::N(1))],
    ),
    Clause {
        force: Permits,
        ..doing(
            rule(
                "pipe.tee.finds.room",
                ON_TEE,
                "It finds that the second pipe has a free page, and does not look again.",
                &[PAIR, ASKS, ROOM_NOT_FOUND, OUT_HAS_ROOM],
                Envelope::Step(Num::N(0), Num::N(0)),
            ),
            &[effect_of(&FIND, Num::N(2))],
        )
    },
    rule(
        "pipe.tee.late.input",
        ON_TEE,
        "Where others have taken what it found while it waited for room, it says 0 as at end-of-file.",
        &[PAIR, ASKS, INPUT_FOUND, EMPTY, A_WRITER, OUT_IS_READ, OUT_HAS_ROOM],
        NOTHING,
    ),
    rule(
        "pipe.tee.late.room",
        ON_TEE,
        "Where others have taken the page that it found, it says 0 as at end-of-file.",
        &[PAIR, ASKS, ROOM_FOUND, OUT_IS_READ, OUT_IS_FULL],
        NOTHING,
    ),
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
        aspect: Eof,
        ..cited(
            rule(
                "pipe.tee.eof",
                ON_TEE,
                "At end-of-file nothing is copied.",
                &[PAIR, ASKS, INPUT_FOUND, EMPTY, NO_WRITER, OUT_IS_READ, OUT_HAS_ROOM],
                NOTHING,
            ),
            "tee(2)",
            "RETURN VALUE",
        )
    },
    rule(
        "pipe.tee.blocks.empty",
        ON_TEE,
        "It waits first until something is stored or nobody can write, whatever becomes of the second pipe.",
        &[PAIR, ASKS, INPUT_NOT_FOUND, EMPTY, A_WRITER, MAY_WAIT],
        Envelope::Sleep,
    ),
    rule(
        "pipe.tee.blocks.full",
        ON_TEE,
        "It waits then until the second pipe has a free page, whatever becomes of the first.",
        &[PAIR, ASKS, ROOM_NOT_FOUND, OUT_IS_READ, OUT_IS_FULL, MAY_WAIT],
        Envelope::Sleep,
    ),
    rule(
        "pipe.tee.err.eagain.empty",
        ON_TEE,
        "It is refused where nothing is stored and it may not wait.",
        &[PAIR, ASKS, INPUT_NOT_FOUND, EMPTY, A_WRITER, MAY_NOT_WAIT],
        Envelope::Error(EAGAIN),
    ),
    rule(
        "pipe.tee.err.eagain.full",
        ON_TEE,
        "It is refused where the second pipe has no free page and it may not wait.",
        &[PAIR, ASKS, ROOM_NOT_FOUND, OUT_IS_READ, OUT_IS_FULL, MAY_NOT_WAIT],
        Envelope::Error(EAGAIN),
    ),
    doing(
        rule(
            "pipe.tee.sigpipe.kills",
            ON_TEE,
            "Where nobody can read the second pipe it raises SIGPIPE, which ends the caller.",
            &[PAIR, ASKS, INPUT_FOUND, OUT_UNREAD, DEADLY],
            Envelope::Never,
        ),
        &[effect(&DIE_OF_SIGPIPE)],
    ),
    rule(
        "pipe.tee.epipe.ignored",
        ON_TEE,
        "A caller that ignores SIGPIPE is told EPIPE.",
        &[PAIR, ASKS, INPUT_FOUND, OUT_UNREAD, IGNORED],
        Envelope::Error(EPIPE),
    ),
    doing(
        rule(
            "pipe.tee.epipe.pending",
            ON_TEE,
            "A caller that blocks SIGPIPE is told EPIPE, and the signal stays pending.",
            &[PAIR, ASKS, INPUT_FOUND, OUT_UNREAD, BLOCKED],
            Envelope::Error(EPIPE),
        ),
        &[effect(&PEND_SIGPIPE)],
    ),
    cited(
        rule(
            "pipe.tee.zero",
            ON_TEE,
            "To copy no bytes succeeds at once, whatever the descriptors are.",
            &[ASKS_NOTHING],
            NOTHING,
        ),
        "fs/splice.c",
        "6.18, tee",
    ),
    cited(
        rule(
            "pipe.tee.err.ebadf",
            ON_TEE,
            "A descriptor that is not open is refused.",
            &[ASKS, NOT_BOTH_OPEN],
            Envelope::Error(EBADF),
        ),
        "fs/splice.c",
        "6.18, tee",
    ),
    cited(
        rule(
            "pipe.tee.err.ebadf.end",
            ON_TEE,
            "The wrong end of a pipe is refused.",
            &[ASKS, WRONG_END],
            Envelope::Error(EBADF),
        ),
        "fs/splice.c",
        "6.18, do_tee",
    ),
    cited(
        rule(
            "pipe.tee.err.einval",
            ON_TEE,
            "A pipe cannot be copied into itself.",
            &[ASKS, ONE_PIPE],
            Envelope::Error(EINVAL),
        ),
        "tee(2)",
        "ERRORS",
    ),
];
