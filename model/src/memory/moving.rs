//! How bytes get into files of memory and out again, and how many there are.

use super::seals::{ADD_SEALS, NOT_KEPT};
use super::terms::*;
use crate::clause::Aspect::{Atomicity, Blocking, Error, Exclusion, Lifetime, Ordering};
use crate::clause::Duty::{Shall, Unspecified};
use crate::clause::Force::{Obliges, Permits};
use crate::clause::{Clause, Envelope, Num, Source, effect, effect_of, extension, linux, posix};
use crate::descriptor::{FTRUNCATE, LEFT, LEN, LSEEK, PREAD, PWRITE, READ, READV, WRITE, WRITEV};
use crate::errno::Errno::{EBADF, EINVAL};
use crate::file::{NEAR, NOT_REGULAR};
use crate::operation::Operation;

const READS: &[&Operation] = &[&READ, &READV, &PREAD];
const WRITES: &[&Operation] = &[&WRITE, &WRITEV, &PWRITE];

const MEMFD: Source = linux("memfd_create(2)", "DESCRIPTION");
const LOCKED: Source = linux("mm/shmem.c", "6.18, shmem_file_write_iter");
const POSITION: Source = linux("fs/file.c", "6.18, fdget_pos");

pub(super) static LOOKING: &[Clause] = &[
    Clause {
        id: "memory.move.unspecified",
        on: &[&READ, &READV, &PREAD, &WRITE, &WRITEV, &PWRITE, &LSEEK],
        force: Permits,
        duty: Unspecified,
        aspect: Ordering,
        source: posix("read()", "DESCRIPTION"),
        text: "What comes of reading, writing or an offset of shared memory is not said.",
        guards: &[A_MEMORY, NOT_REGULAR],
        envelope: Envelope::Anything,
        effects: &[],
    },
    extension(
        "memory.read.looks",
        READS,
        (
            Ordering,
            MEMFD,
            "A read begins at the offset of the description, or where it is told to.",
        ),
        &[A_MEMORY, NOT_REGULAR, READABLE, NOT_LOOKED, FROM_THE_FIRST, WITHIN, ITS_TURN],
        Envelope::Step(Num::N(0), Num::N(0)),
        &[effect(&LOOK)],
    ),
    extension(
        "memory.write.looks",
        WRITES,
        (
            Ordering,
            MEMFD,
            "A write begins at the offset of the description, or where it is told to.",
        ),
        &[A_MEMORY, NOT_REGULAR, WRITABLE, NOT_LOOKED, FROM_THE_FIRST, WITHIN, ITS_TURN],
        Envelope::Step(Num::N(0), Num::N(0)),
        &[effect(&LOOK)],
    ),
    extension(
        "memory.offset.blocks",
        &[&READ, &READV, &WRITE, &WRITEV, &LSEEK],
        (Exclusion, POSITION, "Calls that go by one offset take turns, if the file was opened."),
        &[A_MEMORY, NOT_REGULAR, NOT_LOOKED, NOT_ITS_TURN],
        Envelope::Sleep,
        &[],
    ),
];

pub(super) static MOVING: &[Clause] = &[
    extension(
        "memory.read.receives",
        READS,
        (
            Ordering,
            MEMFD,
            "A read receives what was written last to each place, or zero where nothing was.",
        ),
        &[A_MEMORY, NOT_REGULAR, LOOKED, SOME_TO_COME],
        Envelope::Step(Num::Of(&LEAST_TO_COME), Num::Of(&TO_COME)),
        &[effect_of(&RECEIVE, Num::Chosen)],
    ),
    extension(
        "memory.read.returns",
        READS,
        (
            Ordering,
            MEMFD,
            "A read returns once it has all that it asked for, or all that there is.",
        ),
        &[A_MEMORY, NOT_REGULAR, LOOKED, NONE_TO_COME],
        Envelope::Exactly(&RECEIVED),
        &[effect(&GO_ON)],
    ),
    extension(
        "memory.write.puts",
        WRITES,
        (
            Ordering,
            MEMFD,
            "A write puts its bytes in from where it begins, and makes the file as long as it needs.",
        ),
        &[A_MEMORY, NOT_REGULAR, LOOKED, SOME_LEFT, NOBODY_MIDWAY, UNSEALED],
        Envelope::Step(Num::Of(&LEAST_LEFT), Num::Of(&LEFT)),
        &[effect_of(&PUT, Num::Chosen)],
    ),
    extension(
        "memory.write.blocks",
        &[&WRITE, &WRITEV, &PWRITE, &FTRUNCATE, &ADD_SEALS],
        (
            Blocking,
            LOCKED,
            "What changes a file waits for a write that is midway: writes do not mix.",
        ),
        &[A_MEMORY, NOT_REGULAR, SOMEBODY_MIDWAY],
        Envelope::Sleep,
        &[],
    ),
    extension(
        "memory.write.returns",
        WRITES,
        (Atomicity, MEMFD, "A write returns once all of its bytes are in."),
        &[A_MEMORY, NOT_REGULAR, LOOKED, NONE_LEFT],
        Envelope::Count(Num::Of(&LEN), Num::Of(&LEN)),
        &[effect(&GO_ON)],
    ),
];

pub(super) static REFUSED: &[Clause] = &[
    extension(
        "memory.read.err.ebadf",
        READS,
        (Error, linux("read(2)", "ERRORS"), "What is not open for reading is not read."),
        &[A_MEMORY, NOT_REGULAR, NOT_READABLE],
        Envelope::Error(EBADF),
        &[],
    ),
    extension(
        "memory.write.err.ebadf",
        WRITES,
        (Error, linux("write(2)", "ERRORS"), "What is not open for writing is not written."),
        &[A_MEMORY, NOT_REGULAR, NOT_WRITABLE],
        Envelope::Error(EBADF),
        &[],
    ),
    Clause {
        id: "memory.move.err.einval.negative",
        on: &[&PREAD, &PWRITE],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("pread()", "ERRORS"),
        text: "Nothing has a byte before its first, not even what has no offset at all.",
        guards: &[BEFORE_THE_FIRST],
        envelope: Envelope::Error(EINVAL),
        effects: &[],
    },
    extension(
        "memory.move.err.einval.beyond",
        &[&READ, &READV, &PREAD, &WRITE, &WRITEV, &PWRITE],
        (
            Error,
            linux("fs/read_write.c", "6.18, rw_verify_area"),
            "Nothing is asked for or put behind the greatest offset, 2⁶³ − 1.",
        ),
        &[A_MEMORY, NOT_REGULAR, NOT_LOOKED, ITS_TURN, TOO_FAR],
        Envelope::Error(EINVAL),
        &[],
    ),
    extension(
        "memory.lseek.sets",
        &[&LSEEK],
        (
            Lifetime,
            linux("lseek(2)", "DESCRIPTION"),
            "The offset belongs to the description, may lie behind the end, and is told.",
        ),
        &[A_MEMORY, NOT_REGULAR, SOMEWHERE, ITS_TURN],
        Envelope::Exactly(&OFFSET),
        &[effect(&SEEK)],
    ),
    extension(
        "memory.lseek.err.einval",
        &[&LSEEK],
        (Error, linux("lseek(2)", "ERRORS"), "An offset is none below 0, nor above 2⁶³ − 1."),
        &[A_MEMORY, NOT_REGULAR, LEADS_NOWHERE, ITS_TURN],
        Envelope::Error(EINVAL),
        &[],
    ),
];

pub(super) static SIZE: &[Clause] = &[
    Clause {
        id: "memory.ftruncate.sets",
        on: &[&FTRUNCATE],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("ftruncate()", "DESCRIPTION"),
        text: "The size is as asked, any number of times: what is cut off is lost, and what is added is zero.",
        guards: &[A_MEMORY, WRITABLE, A_LENGTH, NEAR, NOBODY_MIDWAY, NOT_KEPT],
        envelope: Envelope::Nothing,
        effects: &[effect(&RESIZE)],
    },
    Clause {
        id: "memory.ftruncate.err.einval",
        on: &[&FTRUNCATE],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("ftruncate()", "ERRORS"),
        text: "Nothing has a negative length, not even what has no length at all.",
        guards: &[NO_LENGTH],
        envelope: Envelope::Error(EINVAL),
        effects: &[],
    },
    Clause {
        id: "memory.ftruncate.err.einval.reading",
        on: &[&FTRUNCATE],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("ftruncate()", "ERRORS"),
        text: "What is not open for writing gets no other length.",
        guards: &[A_MEMORY, NOT_WRITABLE],
        envelope: Envelope::Error(EINVAL),
        effects: &[],
    },
    Clause {
        id: "memory.ftruncate.err.ebadf",
        on: &[&FTRUNCATE],
        force: Permits,
        duty: Shall,
        aspect: Error,
        source: posix("ftruncate()", "ERRORS"),
        text: "That it is not open for writing may be told as such.",
        guards: &[A_MEMORY, NOT_WRITABLE],
        envelope: Envelope::Error(EBADF),
        effects: &[],
    },
];
