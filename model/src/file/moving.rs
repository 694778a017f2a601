//! How bytes get into regular files and out again. The standard has each read and write in one instant;
//! on Linux who reads beside a write may see a part of it.

use super::rule;
use super::terms::{FAR_AWAY, NEAR, REGULAR};
use crate::clause::Aspect::{Atomicity, Blocking, Error, Exclusion, Lifetime, Ordering};
use crate::clause::Duty::{Extension, Shall, Unspecified};
use crate::clause::{Clause, Envelope, Num, Source, effect, effect_of, linux, posix};
use crate::descriptor::{FTRUNCATE, LEN, LSEEK, PREAD, PWRITE, READ, READV, WRITE, WRITEV};
use crate::errno::Errno::{EBADF, EINVAL};
use crate::memory::bytes::*;
use crate::operation::Operation;

const READS: &[&Operation] = &[&READ, &READV, &PREAD];
const WRITES: &[&Operation] = &[&WRITE, &WRITEV, &PWRITE];
const AT_ONCE: Source = posix("2.9.7", "Thread Interactions with File Operations");

pub(super) static MOVING: &[Clause] = &[
    rule(
        "file.read.looks",
        READS,
        Shall,
        (
            Ordering,
            posix("read()", "DESCRIPTION"),
            "A read begins at the offset of the description, or where it is told to.",
        ),
        &[REGULAR, READABLE, NOT_LOOKED, FROM_THE_FIRST, NEAR, ITS_TURN],
        Envelope::Step(Num::N(0), Num::N(0)),
        &[effect(&LOOK)],
    ),
    rule(
        "file.write.looks",
        WRITES,
        Shall,
        (
            Ordering,
            posix("write()", "DESCRIPTION"),
            "A write begins at the offset of the description, or where it is told to.",
        ),
        &[REGULAR, WRITABLE, NOT_LOOKED, FROM_THE_FIRST, NEAR, ITS_TURN],
        Envelope::Step(Num::N(0), Num::N(0)),
        &[effect(&LOOK)],
    ),
    rule(
        "file.offset.blocks",
        &[&READ, &READV, &WRITE, &WRITEV, &LSEEK],
        Shall,
        (Exclusion, AT_ONCE, "Calls that go by one offset take turns."),
        &[REGULAR, NOT_LOOKED, NOT_ITS_TURN],
        Envelope::Sleep,
        &[],
    ),
    rule(
        "file.read.receives",
        READS,
        Shall,
        (
            Atomicity,
            AT_ONCE,
            "A read receives what was written last to each place, or zero where nothing was, all of it in one instant.",
        ),
        &[REGULAR, LOOKED, SOME_TO_COME],
        Envelope::Step(Num::Of(&TO_COME), Num::Of(&TO_COME)),
        &[effect_of(&RECEIVE_WHOLE, Num::Chosen)],
    ),
    rule(
        "file.read.receives.parts",
        READS,
        Extension,
        (
            Atomicity,
            linux("mm/filemap.c", "6.18, filemap_read"),
            "A read receives that, and beside others one part after the other.",
        ),
        &[REGULAR, LOOKED, SOME_TO_COME],
        Envelope::Step(Num::Of(&LEAST_TO_COME), Num::Of(&TO_COME)),
        &[effect_of(&RECEIVE, Num::Chosen)],
    ),
    rule(
        "file.read.returns",
        READS,
        Shall,
        (
            Ordering,
            posix("read()", "DESCRIPTION"),
            "A read returns with all that it asked for, or all that there is.",
        ),
        &[REGULAR, LOOKED, NONE_TO_COME],
        Envelope::Exactly(&RECEIVED),
        &[effect(&GO_ON)],
    ),
    rule(
        "file.write.puts",
        WRITES,
        Shall,
        (
            Atomicity,
            AT_ONCE,
            "A write puts its bytes in from where it begins, all of them in one instant, and makes the file as long as it needs.",
        ),
        &[REGULAR, LOOKED, SOME_LEFT],
        Envelope::Step(Num::Of(&crate::descriptor::LEFT), Num::Of(&crate::descriptor::LEFT)),
        &[effect_of(&PUT, Num::Chosen)],
    ),
    rule(
        "file.write.puts.parts",
        WRITES,
        Extension,
        (
            Atomicity,
            linux("mm/filemap.c", "6.18, generic_perform_write"),
            "A write puts them in, and beside others one part after the other; writes do not mix.",
        ),
        &[REGULAR, LOOKED, SOME_LEFT, NOBODY_MIDWAY],
        Envelope::Step(Num::Of(&LEAST_LEFT), Num::Of(&crate::descriptor::LEFT)),
        &[effect_of(&PUT, Num::Chosen)],
    ),
    rule(
        "file.write.blocks",
        &[&WRITE, &WRITEV, &PWRITE, &FTRUNCATE],
        Extension,
        (
            Blocking,
            linux("fs/ext4/file.c", "6.18, ext4_buffered_write_iter"),
            "What changes a file waits for a write that is midway.",
        ),
        &[REGULAR, SOMEBODY_MIDWAY],
        Envelope::Sleep,
        &[],
    ),
    rule(
        "file.write.returns",
        WRITES,
        Shall,
        (
            Atomicity,
            posix("write()", "DESCRIPTION"),
            "A write returns once all of its bytes are in.",
        ),
        &[REGULAR, LOOKED, NONE_LEFT],
        Envelope::Count(Num::Of(&LEN), Num::Of(&LEN)),
        &[effect(&GO_ON)],
    ),
];

pub(super) static REFUSED: &[Clause] = &[
    rule(
        "file.read.err.ebadf",
        READS,
        Shall,
        (Error, posix("read()", "ERRORS"), "What is not open for reading is not read."),
        &[REGULAR, NOT_READABLE],
        Envelope::Error(EBADF),
        &[],
    ),
    rule(
        "file.write.err.ebadf",
        WRITES,
        Shall,
        (Error, posix("write()", "ERRORS"), "What is not open for writing is not written."),
        &[REGULAR, NOT_WRITABLE],
        Envelope::Error(EBADF),
        &[],
    ),
    rule(
        "file.lseek.sets",
        &[&LSEEK],
        Shall,
        (
            Lifetime,
            posix("lseek()", "DESCRIPTION"),
            "The offset belongs to the description, may lie behind the end, and is told.",
        ),
        &[REGULAR, SOMEWHERE, NEAR, ITS_TURN],
        Envelope::Exactly(&OFFSET),
        &[effect(&SEEK)],
    ),
    rule(
        "file.lseek.err.einval",
        &[&LSEEK],
        Shall,
        (Error, posix("lseek()", "ERRORS"), "An offset is none below 0."),
        &[REGULAR, LEADS_NOWHERE, NEAR, ITS_TURN],
        Envelope::Error(EINVAL),
        &[],
    ),
    rule(
        "file.far.unspecified",
        &[&READ, &READV, &PREAD, &WRITE, &WRITEV, &PWRITE, &FTRUNCATE, &LSEEK],
        Unspecified,
        (
            Error,
            posix("<limits.h>", "FILESIZEBITS"),
            "How far a file can reach is its file system's: what comes of what lies behind the first 2³² bytes is not said here.",
        ),
        &[REGULAR, FAR_AWAY],
        Envelope::Anything,
        &[],
    ),
];
