//! The rules of mutexes: how they are taken and given back, and what becomes of them at an end.

use super::terms::*;
use super::{
    LOCKS, MUTEX_CONSISTENT, MUTEX_LOCK, MUTEX_TIMEDLOCK, MUTEX_TRYLOCK, MUTEX_UNLOCK, OPERATIONS,
};
use crate::clause::Aspect::{Blocking, Error, Exclusion, Lifetime};
use crate::clause::Duty::Shall;
use crate::clause::Force::{Obliges, ObligesWhen, Permits};
use crate::clause::{
    Aspect, Clause, Effect, Envelope, Guard, Num, Source, effect, effect_of, extension, own, posix,
};
use crate::errno::Errno::{
    EBUSY, EDEADLK, EINVAL, ENOLCK, ENOTRECOVERABLE, EOWNERDEAD, EPERM, ETIMEDOUT,
};
use crate::lasting::{Ending, Lasting, Place};
use crate::operation::Operation;
use crate::poll::{NO_TIME, OVERDUE, SOME_TIME, TIME_LEFT};
use crate::process::{DEATH, EXEC};

const LOCK: &str = "pthread_mutex_lock()";
const TIMED: &str = "pthread_mutex_timedlock()";
const ROBUST: &str = "pthread_mutexattr_getrobust()";
const MENDING: &str = "pthread_mutex_consistent()";
const PROMISED: Source = own("mutex", "What is promised");
const KERNEL: Source = own("mutex", "Two ways to find a dead owner");
const WAITERS: &[&Operation] = &[&MUTEX_LOCK, &MUTEX_TIMEDLOCK];

/// A promise that POSIX makes of a robust mutex as well.
const fn base(
    id: &'static str,
    on: &'static [&'static Operation],
    (aspect, page, section, text): (Aspect, &'static str, &'static str, &'static str),
    guards: &'static [Guard],
    envelope: Envelope,
    effects: &'static [Effect],
) -> Clause {
    let source = posix(page, section);
    let force = match envelope {
        Envelope::Sleep => Permits,
        _ => Obliges,
    };
    Clause { id, on, force, duty: Shall, aspect, source, text, guards, envelope, effects }
}

pub(super) static LOCKING: &[Clause] = &[
    base(
        "mutex.lock.takes",
        LOCKS,
        (Exclusion, LOCK, "DESCRIPTION", "Who locks what nobody has has it, and nobody else does."),
        &[CAN_HAVE, NOBODYS, SOUND],
        Envelope::Nothing,
        &[effect(&TAKE)],
    ),
    Clause {
        force: ObligesWhen(IS_WOKEN),
        ..base(
            "mutex.lock.owner-died",
            LOCKS,
            (
                Exclusion,
                LOCK,
                "ERRORS",
                "The first to lock after its owner has died has it, and is told, once.",
            ),
            &[CAN_HAVE, OWNER_DIED],
            Envelope::Error(EOWNERDEAD),
            &[effect(&TAKE)],
        )
    },
    base(
        "mutex.lock.err.enotrecoverable",
        LOCKS,
        (Error, LOCK, "ERRORS", "What is lost nobody can have any more."),
        &[CAN_HAVE, LOST],
        Envelope::Error(ENOTRECOVERABLE),
        &[],
    ),
    base(
        "mutex.lock.err.edeadlk",
        WAITERS,
        (Error, LOCK, "ERRORS", "Who has it already is refused and does not wait for itself."),
        &[MINE],
        Envelope::Error(EDEADLK),
        &[],
    ),
    extension(
        "mutex.trylock.err.edeadlk",
        &[&MUTEX_TRYLOCK],
        (Error, PROMISED, "Who only tries is told as well that it has it already."),
        &[MINE],
        Envelope::Error(EDEADLK),
        &[],
    ),
    extension(
        "mutex.lock.err.enolck",
        LOCKS,
        (
            Error,
            KERNEL,
            "Where the kernel finds the dead, who has another such mutex is refused, whatever this one is.",
        ),
        &[HAS_ANOTHER],
        Envelope::Error(ENOLCK),
        &[],
    ),
];

pub(super) static WAITING: &[Clause] = &[
    base(
        "mutex.lock.blocks",
        WAITERS,
        (Blocking, LOCK, "DESCRIPTION", "While another has it, who locks it waits."),
        &[CAN_HAVE, ANOTHERS, TIME_LEFT],
        Envelope::Sleep,
        &[],
    ),
    extension(
        "mutex.lock.blocks.unwoken",
        WAITERS,
        (
            Blocking,
            PROMISED,
            "Who waits for a dead owner's mutex may wait on, for a bounded time, where whoever was woken has died too.",
        ),
        &[MAY_MISS_IT],
        Envelope::Sleep,
        &[],
    ),
    base(
        "mutex.trylock.err.ebusy",
        &[&MUTEX_TRYLOCK],
        (Error, LOCK, "ERRORS", "Who only tries is refused while another has it."),
        &[CAN_HAVE, ANOTHERS],
        Envelope::Error(EBUSY),
        &[],
    ),
    base(
        "mutex.timedlock.err.etimedout.now",
        &[&MUTEX_TIMEDLOCK],
        (Error, TIMED, "DESCRIPTION", "Without any time, who would wait is refused at once."),
        &[CAN_HAVE, ANOTHERS, NO_TIME],
        Envelope::Error(ETIMEDOUT),
        &[],
    ),
    Clause {
        force: ObligesWhen(OVERDUE),
        ..base(
            "mutex.timedlock.err.etimedout",
            &[&MUTEX_TIMEDLOCK],
            (
                Error,
                TIMED,
                "DESCRIPTION",
                "When its time has passed and another still has it, who waits is refused, and not before.",
            ),
            &[CAN_HAVE, ANOTHERS, SOME_TIME],
            Envelope::Error(ETIMEDOUT),
            &[],
        )
    },
];

pub(super) static UNLOCKING: &[Clause] = &[
    base(
        "mutex.unlock.releases",
        &[&MUTEX_UNLOCK],
        (Exclusion, LOCK, "DESCRIPTION", "Who unlocks it has it no more, and who waits goes on."),
        &[MINE, CONSISTENT],
        Envelope::Nothing,
        &[effect(&RELEASE)],
    ),
    base(
        "mutex.unlock.loses",
        &[&MUTEX_UNLOCK],
        (
            Lifetime,
            ROBUST,
            "DESCRIPTION",
            "What is unlocked after a death without being made consistent is lost, for those who wait as well.",
        ),
        &[MINE, TOLD],
        Envelope::Nothing,
        &[effect(&RELEASE), effect(&LOSE)],
    ),
    base(
        "mutex.unlock.err.eperm",
        &[&MUTEX_UNLOCK],
        (
            Error,
            LOCK,
            "ERRORS",
            "Who does not have it cannot unlock it, a child of its owner included.",
        ),
        &[NOT_MINE],
        Envelope::Error(EPERM),
        &[],
    ),
    base(
        "mutex.consistent.mends",
        &[&MUTEX_CONSISTENT],
        (
            Lifetime,
            MENDING,
            "DESCRIPTION",
            "Who was told of a death can say that all is in order again.",
        ),
        &[MINE, TOLD],
        Envelope::Nothing,
        &[effect(&MEND)],
    ),
    base(
        "mutex.consistent.err.einval",
        &[&MUTEX_CONSISTENT],
        (Error, MENDING, "ERRORS", "What its owner was told no death of is not made consistent."),
        &[MINE, CONSISTENT],
        Envelope::Error(EINVAL),
        &[],
    ),
    extension(
        "mutex.consistent.err.eperm",
        &[&MUTEX_CONSISTENT],
        (Error, PROMISED, "Who does not have it cannot make it consistent."),
        &[NOT_MINE],
        Envelope::Error(EPERM),
        &[],
    ),
];

pub(super) static ENDING: &[Clause] = &[
    base(
        "mutex.death.tells",
        &[&DEATH],
        (
            Lifetime,
            ROBUST,
            "DESCRIPTION",
            "A process that ends, in whatever way, has the kernel's mutex no more, and whoever waits for it goes on.",
        ),
        &[HAS_ONE],
        Envelope::Step(Num::N(0), Num::N(0)),
        &[effect(&ORPHAN)],
    ),
    extension(
        "mutex.exec.tells",
        &[&EXEC],
        (
            Lifetime,
            PROMISED,
            "A process that becomes another program has the kernel's mutex no more, as if it had ended.",
        ),
        &[HAS_ONE],
        Envelope::Step(Num::N(0), Num::N(0)),
        &[effect(&ORPHAN)],
    ),
    extension(
        "mutex.death.lets-go",
        &[&DEATH],
        (
            Lifetime,
            KERNEL,
            "A process that ends counts as the owner of no portable mutex any more; with the last that counts as it an owner has died, and whoever waits finds out.",
        ),
        &[COUNTS_AS_ONE],
        Envelope::Step(Num::N(0), Num::Of(&LAST_COUNTED)),
        &[effect_of(&LET_GO, Num::Chosen)],
    ),
    extension(
        "mutex.exec.lets-go",
        &[&EXEC],
        (
            Lifetime,
            KERNEL,
            "A process that becomes another program counts as the owner of no portable mutex any more, as if it had ended.",
        ),
        &[COUNTS_AS_ONE],
        Envelope::Step(Num::N(0), Num::Of(&LAST_COUNTED)),
        &[effect_of(&LET_GO, Num::Chosen)],
    ),
];

pub(super) static ELSEWHERE: &[Clause] = &[extension(
    "mutex.call.undefined.outside",
    OPERATIONS,
    (
        Lifetime,
        PROMISED,
        "There are no other mutexes than those that are there from the beginning.",
    ),
    &[NO_SUCH],
    Envelope::Anything,
    &[],
)];

/// How long what a process has lasts.
pub const LASTING: &[Lasting] = &[
    Lasting {
        kind: "process",
        part: "a mutex",
        ends: Ending::Image,
        place: Place::Memory,
        source: PROMISED,
    },
    Lasting {
        kind: "process",
        part: "a portable mutex",
        ends: Ending::Image,
        place: Place::Memory,
        source: KERNEL,
    },
];
