//! What is reported, and when who waits for it wakes.

use super::terms::*;
use super::{EPOLL_WAIT, WAITS};
use crate::clause::Aspect::{Blocking, Error, Exclusion, Ordering, Readiness};
use crate::clause::Force::{ObligesWhen, Permits};
use crate::clause::{Clause, Envelope, Num, Source, effect, effect_of, extension, linux};
use crate::descriptor::{FIONREAD, IS_OPEN, NOT_OPEN, READ, READV, WRITE, WRITEV};
use crate::errno::Errno::{EBADF, EINVAL};
use crate::lasting::{Ending, Lasting, Place};
use crate::poll::{IN, LOOK_AGAIN, Law, NO_TIME, OVERDUE, READY, SOME_TIME, TIME_LEFT};

const WAIT: Source = linux("epoll_wait(2)", "DESCRIPTION");

pub(super) static WAITING: &[Clause] = &[
    extension(
        "epoll.wait.looks",
        WAITS,
        (
            Readiness,
            WAIT,
            "The registrations are looked at one after the other, those that were left out before first, and what each is ready for is kept.",
        ),
        &[A_LIST, PLACE, SOME_UNSEEN],
        Envelope::Step(Num::N(0), ONE_WAY),
        &[effect_of(&LOOK, Num::Chosen)],
    ),
    extension(
        "epoll.wait.answers",
        WAITS,
        (
            Readiness,
            WAIT,
            "When all have been looked at, each that was found ready is told once, with what was found.",
        ),
        &[A_LIST, PLACE, ALL_SEEN, SOME_FOUND, ROOM_LEFT],
        Envelope::Exactly(&FOUND),
        &[],
    ),
    extension(
        "epoll.wait.answers.full",
        WAITS,
        (
            Ordering,
            linux("epoll_wait(2)", "NOTES"),
            "As soon as as many were found as there is place for they are told, and the others that are ready come first next time.",
        ),
        &[A_LIST, PLACE, SOME_FOUND, NO_ROOM_LEFT],
        Envelope::Exactly(&FOUND),
        &[effect(&PASS)],
    ),
    extension(
        "epoll.wait.again",
        WAITS,
        (Blocking, WAIT, "Who waits looks again as soon as one is to be reported."),
        &[A_LIST, PLACE, ALL_SEEN, NONE_FOUND, READY_NOW],
        Envelope::Step(Num::N(0), Num::N(0)),
        &[effect(&LOOK_AGAIN)],
    ),
    Clause {
        force: Permits,
        ..extension(
            "epoll.wait.again.perhaps",
            WAITS,
            (
                Exclusion,
                linux("epoll_ctl(2)", "EPOLLEXCLUSIVE"),
                "Who waits may look again where there may be news, or where another was told that waits with EPOLLEXCLUSIVE.",
            ),
            &[A_LIST, PLACE, ALL_SEEN, NONE_FOUND, MAY_BE_READY, NOT_TRIED],
            Envelope::Step(Num::N(0), Num::N(0)),
            &[effect(&TRY_AGAIN)],
        )
    },
    extension(
        "epoll.wait.nothing",
        WAITS,
        (Readiness, WAIT, "With a timeout of 0 it tells at once that none was ready."),
        &[A_LIST, PLACE, ALL_SEEN, NONE_FOUND, NO_TIME],
        Envelope::Exactly(&FOUND),
        &[],
    ),
    Clause {
        force: ObligesWhen(OVERDUE),
        ..extension(
            "epoll.wait.expires",
            WAITS,
            (
                Blocking,
                WAIT,
                "When the timeout has passed and none was ready, it tells so, and not before; it does not wait for ever.",
            ),
            &[A_LIST, PLACE, ALL_SEEN, NONE_FOUND, SOME_TIME],
            Envelope::Exactly(&FOUND),
            &[],
        )
    },
    extension(
        "epoll.wait.blocks",
        WAITS,
        (Blocking, WAIT, "While none is to be reported it waits."),
        &[A_LIST, PLACE, ALL_SEEN, NONE_FOUND, TIME_LEFT],
        Envelope::Sleep,
        &[],
    ),
    extension(
        "epoll.wait.err.einval",
        WAITS,
        (
            Error,
            linux("epoll_wait(2)", "ERRORS"),
            "Without place for an event, or of something that is no interest list, it is refused.",
        ),
        &[IS_OPEN, WRONG],
        Envelope::Error(EINVAL),
        &[],
    ),
    extension(
        "epoll.wait.err.ebadf",
        WAITS,
        (Error, linux("epoll_wait(2)", "ERRORS"), "A descriptor that is not open is refused."),
        &[NOT_OPEN],
        Envelope::Error(EBADF),
        &[],
    ),
    Clause {
        force: Permits,
        ..extension(
            "epoll.wait.err.einval.first",
            WAITS,
            (
                Error,
                linux("epoll_wait(2)", "ERRORS"),
                "That there is no place for an event may be seen before that the descriptor is not open.",
            ),
            &[NOT_OPEN, NO_PLACE],
            Envelope::Error(EINVAL),
            &[],
        )
    },
];

pub(super) static OTHERWISE: &[Clause] = &[
    extension(
        "epoll.ready.in",
        &[&READY],
        (
            Readiness,
            linux("epoll(7)", "Questions and answers"),
            "An interest list is readable when something in it is to be reported.",
        ),
        &[A_LIST, SURELY_READY],
        Envelope::Is(IN),
        &[],
    ),
    Clause {
        force: Permits,
        ..extension(
            "epoll.ready.in.perhaps",
            &[&READY],
            (
                Readiness,
                linux("epoll(7)", "Questions and answers"),
                "It may be where there may be news.",
            ),
            &[A_LIST, PERHAPS_READY],
            Envelope::Is(IN),
            &[],
        )
    },
    extension(
        "epoll.transfer.err.einval",
        &[&READ, &READV, &WRITE, &WRITEV, &FIONREAD],
        (Error, linux("read(2)", "ERRORS"), "An interest list holds no bytes and takes none."),
        &[A_LIST],
        Envelope::Error(EINVAL),
        &[],
    ),
];

/// What an interest list promises when it is ready: place for one event is enough.
pub static LAW: &[Law] =
    &[Law { kind: "epoll", event: IN, operation: &EPOLL_WAIT, with: &[Num::N(1)] }];

/// How long what an interest list keeps lasts.
pub const LASTING: &[Lasting] = &[Lasting {
    kind: "epoll",
    part: "registrations",
    ends: Ending::LastClose,
    place: Place::Memory,
    source: linux("epoll(7)", "Questions and answers, 6"),
}];
