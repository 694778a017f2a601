//! Readiness: what a descriptor is ready for, and the calls that ask and wait for it.
//!
//! *Ready* means that a stated call would not wait, with nobody in between. For every kind of object
//! there are rules that say when; they are clauses about [`READY`], which nobody calls. The calls that
//! ask look at their descriptors one after the other, as systems do.

mod law;
mod ready;
mod terms;

pub use self::law::Law;
pub use self::ready::{ERR, HUP, IN, NVAL, OUT, PRI, READY};
use self::terms::*;
pub use self::terms::{
    LOOK_AGAIN, NO_TIME, OVERDUE, SOME_TIME, TIME_LEFT, bits, finds, looked, looks_at,
};
use crate::clause::Aspect::{Blocking, Error, Readiness};
use crate::clause::Duty::{Shall, Unspecified};
use crate::clause::Force::{Obliges, ObligesWhen, Permits};
use crate::clause::{Clause, Envelope, Num, effect, effect_of, posix};
use crate::errno::Errno::EBADF;
use crate::mechanism::Interrupted;
use crate::operation::{Gives, Operation, Param};
use crate::signal::SIGNALS;

/// What a descriptor can be ready for. The last three are no events: `events!` says that a system wrote
/// to the part of the array that is the caller's, `early!` that it told that the time was up and it was
/// not, `count!` that it told another number of descriptors than it marked.
pub const EVENTS: &[&str] = &[
    "POLLIN", "POLLOUT", "POLLPRI", "POLLERR", "POLLHUP", "POLLNVAL", "events!", "early!", "count!",
];
/// What `select` can be asked about a descriptor; the marks are as for `poll`.
pub const SETS: &[&str] = &["readfds", "writefds", "errorfds", "early!", "count!"];

/// `int poll(struct pollfd fds[], nfds_t nfds, int timeout)`; -1 waits for ever.
pub static POLL: Operation = Operation {
    name: "poll",
    params: &[Param::Watches(EVENTS), Param::Timeout],
    gives: Gives::Ready(EVENTS),
    c: "poll(%0, %1)",
};

/// `int ppoll(struct pollfd fds[], nfds_t nfds, const struct timespec *timeout, const sigset_t *mask)`
/// with the timeout in milliseconds and no mask.
pub static PPOLL: Operation = Operation {
    name: "ppoll",
    params: &[Param::Watches(EVENTS), Param::Timeout],
    gives: Gives::Ready(EVENTS),
    c: "ppoll(%0, %1 ms, NULL)",
};

/// `int select(int nfds, fd_set *readfds, fd_set *writefds, fd_set *errorfds, struct timeval *timeout)`
/// with the timeout in milliseconds.
pub static SELECT: Operation = Operation {
    name: "select",
    params: &[Param::Watches(SETS), Param::Timeout],
    gives: Gives::Ready(SETS),
    c: "select(%0, %1 ms)",
};

/// `int pselect(...)`, as `select`, with no mask.
pub static PSELECT: Operation = Operation {
    name: "pselect",
    params: &[Param::Watches(SETS), Param::Timeout],
    gives: Gives::Ready(SETS),
    c: "pselect(%0, %1 ms, NULL)",
};

/// `ppoll` with a mask.
pub static PPOLL_MASK: Operation = Operation {
    name: "ppoll",
    params: &[
        Param::Watches(EVENTS),
        Param::Timeout,
        Param::Command("mask"),
        Param::Flags(SIGNALS),
    ],
    gives: Gives::Ready(EVENTS),
    c: "ppoll(%0, %1 ms, {%3})",
};

/// `pselect` with a mask.
pub static PSELECT_MASK: Operation = Operation {
    name: "pselect",
    params: &[Param::Watches(SETS), Param::Timeout, Param::Command("mask"), Param::Flags(SIGNALS)],
    gives: Gives::Ready(SETS),
    c: "pselect(%0, %1 ms, {%3})",
};

/// What programs can call here.
pub static OPERATIONS: &[&Operation] =
    &[&POLL, &PPOLL, &PPOLL_MASK, &SELECT, &PSELECT, &PSELECT_MASK];

/// What becomes of these calls when a handler interrupts them: whether they begin anew is left open.
pub const INTERRUPTED: &[(&Operation, Interrupted)] = &[
    (&POLL, Interrupted::Open),
    (&PPOLL, Interrupted::Open),
    (&SELECT, Interrupted::Open),
    (&PPOLL_MASK, Interrupted::Open),
    (&PSELECT, Interrupted::Open),
    (&PSELECT_MASK, Interrupted::Open),
];

/// The clauses, in the order of the page.
pub static CLAUSES: &[&[Clause]] = &[ready::CLAUSES, ASKING, SELECTING];

static ALL: &[&Operation] = &[&POLL, &PPOLL, &PPOLL_MASK, &SELECT, &PSELECT, &PSELECT_MASK];
static SELECTS: &[&Operation] = &[&SELECT, &PSELECT, &PSELECT_MASK];

static ASKING: &[Clause] = &[
    Clause {
        id: "poll.ask.looks",
        on: ALL,
        force: Obliges,
        duty: Shall,
        aspect: Readiness,
        source: posix("poll()", "DESCRIPTION"),
        text: "The descriptors are looked at one after the other, and what each is ready for is kept.",
        guards: &[SOME_UNSEEN, ALL_OPEN],
        envelope: Envelope::Step(Num::N(0), Num::Of(&WAYS)),
        effects: &[effect_of(&LOOK, Num::Chosen)],
    },
    Clause {
        id: "poll.ask.answers",
        on: ALL,
        force: Obliges,
        duty: Shall,
        aspect: Readiness,
        source: posix("poll()", "DESCRIPTION"),
        text: "When one was ready, it is told what each was found ready for, and nothing that was not asked for but errors and hang-ups.",
        guards: &[ALL_SEEN, SOME_FOUND],
        envelope: Envelope::Exactly(&FOUND),
        effects: &[],
    },
    Clause {
        id: "poll.ask.again",
        on: ALL,
        force: Obliges,
        duty: Shall,
        aspect: Blocking,
        source: posix("poll()", "DESCRIPTION"),
        text: "Who waits looks again as soon as one becomes ready.",
        guards: &[ALL_SEEN, NONE_FOUND, READY_NOW],
        envelope: Envelope::Step(Num::N(0), Num::N(0)),
        effects: &[effect(&LOOK_AGAIN)],
    },
    Clause {
        id: "poll.ask.again.perhaps",
        on: ALL,
        force: Permits,
        duty: Unspecified,
        aspect: Blocking,
        source: posix("poll()", "DESCRIPTION"),
        text: "Who waits may look again where one may be ready.",
        guards: &[ALL_SEEN, NONE_FOUND, MAY_BE_READY],
        envelope: Envelope::Step(Num::N(0), Num::N(0)),
        effects: &[effect(&LOOK_AGAIN)],
    },
    Clause {
        id: "poll.ask.nothing",
        on: ALL,
        force: Obliges,
        duty: Shall,
        aspect: Readiness,
        source: posix("poll()", "DESCRIPTION"),
        text: "With a timeout of 0 it tells at once that none was ready.",
        guards: &[ALL_SEEN, NONE_FOUND, NO_TIME],
        envelope: Envelope::Exactly(&FOUND),
        effects: &[],
    },
    Clause {
        id: "poll.ask.expires",
        on: ALL,
        force: ObligesWhen(OVERDUE),
        duty: Shall,
        aspect: Blocking,
        source: posix("poll()", "DESCRIPTION"),
        text: "When the timeout has passed and none was ready, it tells so, and not before; it does not wait for ever.",
        guards: &[ALL_SEEN, NONE_FOUND, SOME_TIME],
        envelope: Envelope::Exactly(&FOUND),
        effects: &[],
    },
    Clause {
        id: "poll.ask.blocks",
        on: ALL,
        force: Permits,
        duty: Shall,
        aspect: Blocking,
        source: posix("poll()", "DESCRIPTION"),
        text: "While none is ready it waits.",
        guards: &[ALL_SEEN, NONE_FOUND, TIME_LEFT],
        envelope: Envelope::Sleep,
        effects: &[],
    },
];

static SELECTING: &[Clause] = &[Clause {
    id: "poll.select.err.ebadf",
    on: SELECTS,
    force: Obliges,
    duty: Shall,
    aspect: Error,
    source: posix("select()", "ERRORS"),
    text: "A set with a descriptor that is not open is refused.",
    guards: &[NOT_ALL_OPEN],
    envelope: Envelope::Error(EBADF),
    effects: &[],
}];
