//! The rules of counters: how they are made, read and written, and when they are ready.

use super::terms::*;
use super::{EVENTFD, EVENTFD_READ, EVENTFD_WRITE};
use crate::clause::Aspect::{Atomicity, Blocking, Error, Lifetime, Ordering, Readiness};
use crate::clause::{Clause, Envelope, Num, Source, effect, effect_of, extension, linux};
use crate::descriptor::{A_FREE_ONE, DONE, LOWEST, NONE_FREE, READ, READV, WRITE, WRITEV};
use crate::errno::Errno::{EAGAIN, EINVAL, EMFILE};
use crate::operation::Operation;
use crate::poll::{IN, Law, OUT, READY};

const PAGE: Source = linux("eventfd(2)", "DESCRIPTION");
const ERRORS: Source = linux("eventfd(2)", "ERRORS");
const READERS: &[&Operation] = &[&EVENTFD_READ, &READ, &READV];
const WRITERS: &[&Operation] = &[&EVENTFD_WRITE, &WRITE];

pub(super) static CREATION: &[Clause] = &[
    extension(
        "eventfd.eventfd.creates",
        &[&EVENTFD],
        (
            Lifetime,
            PAGE,
            "A counter comes on the lowest free descriptor, open for both, its flags as asked.",
        ),
        &[KNOWN_FLAGS, A_FREE_ONE],
        Envelope::Exactly(&LOWEST),
        &[effect(&CREATE)],
    ),
    extension(
        "eventfd.eventfd.err.einval",
        &[&EVENTFD],
        (Error, ERRORS, "A flag that is not known is refused."),
        &[UNKNOWN_FLAG],
        Envelope::Error(EINVAL),
        &[],
    ),
    extension(
        "eventfd.eventfd.err.emfile",
        &[&EVENTFD],
        (Error, ERRORS, "Without a free descriptor there is no counter."),
        &[KNOWN_FLAGS, NONE_FREE],
        Envelope::Error(EMFILE),
        &[],
    ),
];

pub(super) static READS: &[Clause] = &[
    extension(
        "eventfd.read.takes",
        READERS,
        (
            Atomicity,
            PAGE,
            "A read takes all that the counter has come to, and tells it in eight bytes.",
        ),
        &[A_COUNTER, PLAIN, ENOUGH, SOMETHING],
        Envelope::Exactly(&ALL),
        &[effect(&TAKE_ALL)],
    ),
    extension(
        "eventfd.read.semaphore",
        READERS,
        (Atomicity, PAGE, "With EFD_SEMAPHORE a read takes one, and tells 1."),
        &[A_COUNTER, ONE_BY_ONE, ENOUGH, SOMETHING],
        Envelope::Exactly(&ONE),
        &[effect_of(&TAKE, Num::N(1))],
    ),
    extension(
        "eventfd.read.blocks",
        READERS,
        (Blocking, PAGE, "A read waits while the counter is 0."),
        &[A_COUNTER, ENOUGH, NOTHING, MAY_WAIT],
        Envelope::Sleep,
        &[],
    ),
    extension(
        "eventfd.read.err.eagain",
        READERS,
        (Error, PAGE, "With O_NONBLOCK, a read is refused while the counter is 0."),
        &[A_COUNTER, ENOUGH, NOTHING, MAY_NOT_WAIT],
        Envelope::Error(EAGAIN),
        &[],
    ),
    extension(
        "eventfd.read.err.einval",
        &[&READ],
        (Error, PAGE, "A read of fewer than eight bytes is refused, whatever the counter."),
        &[A_COUNTER, TOO_FEW],
        Envelope::Error(EINVAL),
        &[],
    ),
    extension(
        "eventfd.readv.err.einval",
        &[&READV],
        (Error, PAGE, "So is one into several buffers that together have fewer."),
        &[A_COUNTER, SOME_ASKED, TOO_FEW],
        Envelope::Error(EINVAL),
        &[],
    ),
    extension(
        "eventfd.readv.nothing",
        &[&READV],
        (
            Readiness,
            linux("fs/read_write.c", "6.18, vfs_readv"),
            "A read into buffers without room is none.",
        ),
        &[A_COUNTER, NONE_ASKED],
        Envelope::Data(Num::N(0), Num::N(0)),
        &[],
    ),
];

pub(super) static WRITES: &[Clause] = &[
    extension(
        "eventfd.write.adds",
        &[&EVENTFD_WRITE],
        (Atomicity, PAGE, "A write adds its number to the counter."),
        &[A_COUNTER, A_NUMBER, FITS],
        Envelope::Nothing,
        &[effect_of(&ADD, Num::Of(&ADDEND))],
    ),
    extension(
        "eventfd.write.adds.bytes",
        &[&WRITE],
        (Atomicity, PAGE, "A write of eight bytes adds the number that they are."),
        &[A_COUNTER, A_NUMBER, FITS],
        Envelope::Count(Num::N(8), Num::N(8)),
        &[effect_of(&ADD, Num::Of(&ADDEND))],
    ),
    extension(
        "eventfd.write.blocks",
        WRITERS,
        (
            Blocking,
            PAGE,
            "A write that would bring the counter above its maximum waits for a read.",
        ),
        &[A_COUNTER, A_NUMBER, FITS_NOT, MAY_WAIT],
        Envelope::Sleep,
        &[],
    ),
    extension(
        "eventfd.write.err.eagain",
        WRITERS,
        (
            Error,
            PAGE,
            "With O_NONBLOCK, a write that would bring the counter above its maximum is refused.",
        ),
        &[A_COUNTER, A_NUMBER, FITS_NOT, MAY_NOT_WAIT],
        Envelope::Error(EAGAIN),
        &[],
    ),
    extension(
        "eventfd.write.err.einval.number",
        WRITERS,
        (Error, PAGE, "The greatest number of eight bytes is refused, whatever the counter."),
        &[A_COUNTER, NO_NUMBER],
        Envelope::Error(EINVAL),
        &[],
    ),
    extension(
        "eventfd.write.err.einval.short",
        &[&WRITE],
        (Error, PAGE, "A write of fewer than eight bytes is refused."),
        &[A_COUNTER, TOO_SHORT],
        Envelope::Error(EINVAL),
        &[],
    ),
    extension(
        "eventfd.write.err.einval.long",
        &[&WRITE],
        (
            Error,
            linux("fs/eventfd.c", "6.9, eventfd_write"),
            "A write of more than eight bytes is refused.",
        ),
        &[A_COUNTER, TOO_LONG],
        Envelope::Error(EINVAL),
        &[],
    ),
];

const LOOP: Source = linux("fs/read_write.c", "6.18, do_loop_readv_writev");

pub(super) static VECTORS: &[Clause] = &[
    extension(
        "eventfd.writev.step",
        &[&WRITEV],
        (Ordering, LOOP, "Each buffer is a write of its own, one after the other."),
        &[A_COUNTER, SOME_LEFT, A_NUMBER, FITS],
        Envelope::Step(Num::N(8), Num::N(8)),
        &[effect_of(&ADD, Num::Of(&ADDEND)), effect(&ADVANCE)],
    ),
    extension(
        "eventfd.writev.done",
        &[&WRITEV],
        (Ordering, LOOP, "When all buffers are written, the bytes of all are told."),
        &[A_COUNTER, NONE_LEFT],
        Envelope::Count(Num::Of(&DONE), Num::Of(&DONE)),
        &[],
    ),
    extension(
        "eventfd.writev.short",
        &[&WRITEV],
        (Ordering, LOOP, "A buffer that is refused ends the call, which tells those before it."),
        &[A_COUNTER, SOME_DONE, SOME_LEFT, WOULD_BE_REFUSED],
        Envelope::Count(Num::Of(&DONE), Num::Of(&DONE)),
        &[],
    ),
    extension(
        "eventfd.writev.blocks",
        &[&WRITEV],
        (
            Blocking,
            LOOP,
            "A buffer that would bring the counter above its maximum waits for a read.",
        ),
        &[A_COUNTER, SOME_LEFT, A_NUMBER, FITS_NOT, MAY_WAIT],
        Envelope::Sleep,
        &[],
    ),
    extension(
        "eventfd.writev.err.eagain",
        &[&WRITEV],
        (Error, LOOP, "With O_NONBLOCK, a first buffer that would bring it there is refused."),
        &[A_COUNTER, SOME_LEFT, NONE_DONE, A_NUMBER, FITS_NOT, MAY_NOT_WAIT],
        Envelope::Error(EAGAIN),
        &[],
    ),
    extension(
        "eventfd.writev.err.einval",
        &[&WRITEV],
        (
            Error,
            LOOP,
            "A first buffer is refused that is not eight bytes, however many follow, or the greatest number.",
        ),
        &[A_COUNTER, SOME_LEFT, NONE_DONE, NO_NUMBER_AT_ALL],
        Envelope::Error(EINVAL),
        &[],
    ),
];

const READY_SOURCE: Source = linux("eventfd(2)", "poll(2), select(2), and similar");

pub(super) static READINESS: &[Clause] = &[
    extension(
        "eventfd.ready.in",
        &[&READY],
        (Readiness, READY_SOURCE, "A counter is readable when it is not 0."),
        &[A_COUNTER, SOMETHING],
        Envelope::Is(IN),
        &[],
    ),
    extension(
        "eventfd.ready.out",
        &[&READY],
        (Readiness, READY_SOURCE, "A counter is writable when 1 can be added."),
        &[A_COUNTER, ONE_CAN_BE_ADDED],
        Envelope::Is(OUT),
        &[],
    ),
];

/// What a counter promises when it is ready.
pub static LAW: &[Law] = &[
    Law { kind: "eventfd", event: IN, operation: &READ, with: &[Num::N(8)] },
    Law { kind: "eventfd", event: OUT, operation: &EVENTFD_WRITE, with: &[Num::N(1)] },
];
