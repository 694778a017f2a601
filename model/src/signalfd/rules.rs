//! The rules of signals that are read.

use super::terms::*;
use super::{SIGNALFD, SIGNALFD_READ, SIGNALFD_SET};
use crate::clause::Aspect::{Blocking, Error, Lifetime, Ordering, Readiness};
use crate::clause::Force::ObligesWhen;
use crate::clause::{Clause, Envelope, Num, Source, effect, effect_of, extension, linux};
use crate::descriptor::{
    A_FREE_ONE, FIONREAD, IS_OPEN, LOWEST, NONE_FREE, NOT_OPEN, READ, READV, WRITE, WRITEV,
};
use crate::epoll::EPOLL_ADD;
use crate::errno::Errno::{EAGAIN, EBADF, EINVAL, EMFILE, ENOTTY};
use crate::eventfd::{MAY_NOT_WAIT, MAY_WAIT};
use crate::lasting::{Ending, Lasting, Place};
use crate::poll::{IN, Law, READY};

const PAGE: Source = linux("signalfd(2)", "DESCRIPTION");
const ERRORS: Source = linux("signalfd(2)", "ERRORS");

pub(super) static CREATION: &[Clause] = &[
    extension(
        "signalfd.signalfd.creates",
        &[&SIGNALFD],
        (Lifetime, PAGE, "A set comes on the lowest free descriptor, its flags as asked."),
        &[KNOWN_FLAGS, A_FREE_ONE],
        Envelope::Exactly(&LOWEST),
        &[effect(&CREATE)],
    ),
    extension(
        "signalfd.signalfd.err.einval",
        &[&SIGNALFD, &SIGNALFD_SET],
        (Error, ERRORS, "A flag that is not known is refused."),
        &[UNKNOWN_FLAG],
        Envelope::Error(EINVAL),
        &[],
    ),
    extension(
        "signalfd.signalfd.err.emfile",
        &[&SIGNALFD],
        (Error, ERRORS, "Without a free descriptor there is no set."),
        &[KNOWN_FLAGS, NONE_FREE],
        Envelope::Error(EMFILE),
        &[],
    ),
    extension(
        "signalfd.set.changes",
        &[&SIGNALFD_SET],
        (
            Lifetime,
            PAGE,
            "The set of one that there is becomes another, for all who share it, and its descriptor is told.",
        ),
        &[A_SIGNALFD, KNOWN_FLAGS],
        Envelope::Count(Num::Of(&FD), Num::Of(&FD)),
        &[effect(&SET)],
    ),
    extension(
        "signalfd.set.err.einval",
        &[&SIGNALFD_SET],
        (Error, ERRORS, "What is none of these has no set that could be changed."),
        &[IS_OPEN, NO_SIGNALFD],
        Envelope::Error(EINVAL),
        &[],
    ),
];

pub(super) static READS: &[Clause] = &[
    Clause {
        force: ObligesWhen(AWARE),
        ..extension(
            "signalfd.read.takes",
            &[&SIGNALFD_READ],
            (
                Ordering,
                PAGE,
                "A read takes what is pending of the set for whoever reads, and no handler runs; of the signals for the thread the lowest is first, then that of those for the process.",
            ),
            &[A_SIGNALFD, SOME_PENDING, ROOM],
            Envelope::Step(Num::N(0), Num::Of(&LAST_CHOICE)),
            &[effect_of(&TAKE, Num::Chosen)],
        )
    },
    extension(
        "signalfd.read.tells",
        &[&SIGNALFD_READ],
        (
            Lifetime,
            PAGE,
            "It tells which were taken, how each was sent and by whom, and the value that came with it, as many as there is room for.",
        ),
        &[A_SIGNALFD, THROUGH],
        Envelope::Exactly(&INFOS),
        &[],
    ),
    extension(
        "signalfd.read.blocks",
        &[&SIGNALFD_READ],
        (
            Blocking,
            PAGE,
            "While none of the set is pending it waits; to change the set wakes nobody in another process.",
        ),
        &[A_SIGNALFD, ENOUGH, NONE_TAKEN, NONE_SEEN, MAY_WAIT],
        Envelope::Sleep,
        &[],
    ),
    extension(
        "signalfd.read.err.eagain",
        &[&SIGNALFD_READ],
        (Error, PAGE, "With O_NONBLOCK it is refused while none of the set is pending."),
        &[A_SIGNALFD, ENOUGH, NONE_TAKEN, NONE_PENDING, MAY_NOT_WAIT],
        Envelope::Error(EAGAIN),
        &[],
    ),
    extension(
        "signalfd.read.err.einval",
        &[&SIGNALFD_READ, &READ],
        (Error, PAGE, "A read without room for one is refused, whatever is pending."),
        &[A_SIGNALFD, TOO_SMALL],
        Envelope::Error(EINVAL),
        &[],
    ),
    extension(
        "signalfd.readv.err.einval",
        &[&READV],
        (Error, PAGE, "So is one into several buffers that together have no room for one."),
        &[A_SIGNALFD, SOME_ASKED, TOO_SMALL],
        Envelope::Error(EINVAL),
        &[],
    ),
    extension(
        "signalfd.readv.nothing",
        &[&READV],
        (
            Readiness,
            linux("fs/read_write.c", "6.18, vfs_readv"),
            "A read into buffers without room is none.",
        ),
        &[A_SIGNALFD, NONE_ASKED],
        Envelope::Data(Num::N(0), Num::N(0)),
        &[],
    ),
];

pub(super) static OTHERWISE: &[Clause] = &[
    extension(
        "signalfd.call.err.ebadf",
        &[&SIGNALFD_SET, &SIGNALFD_READ],
        (Error, ERRORS, "A descriptor that is not open is refused."),
        &[NOT_OPEN, KNOWN_FLAGS],
        Envelope::Error(EBADF),
        &[],
    ),
    extension(
        "signalfd.write.err.einval",
        &[&WRITE, &WRITEV],
        (Error, linux("write(2)", "ERRORS"), "Nothing can be written to it."),
        &[A_SIGNALFD],
        Envelope::Error(EINVAL),
        &[],
    ),
    extension(
        "signalfd.fionread.err.enotty",
        &[&FIONREAD],
        (Error, linux("ioctl(2)", "ERRORS"), "It does not tell how many bytes it has."),
        &[A_SIGNALFD],
        Envelope::Error(ENOTTY),
        &[],
    ),
    extension(
        "signalfd.read.undefined.bytes",
        &[&READ, &READV],
        (Ordering, PAGE, "The bytes that tell of a signal are not described here."),
        &[A_SIGNALFD, ENOUGH],
        Envelope::Anything,
        &[],
    ),
    extension(
        "signalfd.read.undefined.elsewhere",
        &[&SIGNALFD_READ],
        (Error, PAGE, "What is read of something else is no signal."),
        &[IS_OPEN, NO_SIGNALFD],
        Envelope::Anything,
        &[],
    ),
    extension(
        "signalfd.epoll.undefined",
        &[&EPOLL_ADD],
        (
            Readiness,
            linux("signalfd(2)", "epoll(7) semantics"),
            "In an interest list it is the signals of who registered it that wake, and of who asks that are told: this is not described here.",
        ),
        &[SECOND_IS_ONE],
        Envelope::Anything,
        &[],
    ),
];

pub(super) static READINESS: &[Clause] = &[Clause {
    force: ObligesWhen(AWARE),
    ..extension(
        "signalfd.ready.in",
        &[&READY],
        (Readiness, PAGE, "It is readable when something of the set is pending for whoever asks."),
        &[A_SIGNALFD, SOME_PENDING],
        Envelope::Is(IN),
        &[],
    )
}];

/// What it promises when it is ready.
pub static LAW: &[Law] =
    &[Law { kind: "signalfd", event: IN, operation: &SIGNALFD_READ, with: &[Num::N(1)] }];

/// How long what it keeps lasts.
pub const LASTING: &[Lasting] = &[Lasting {
    kind: "signalfd",
    part: "set",
    ends: Ending::LastClose,
    place: Place::Memory,
    source: linux("signalfd(2)", "fork(2) semantics"),
}];
