//! The rules of segments.

use super::terms::*;
use super::{REMOVE, SET_MODE, SHMAT, SHMDT, SHMGET, STAT_ATTACHES, STAT_MODE, STAT_SIZE};
use crate::clause::Aspect::{Error, Exclusion, Lifetime, Persistence};
use crate::clause::Duty::{ImplDefined, Shall, Undefined, Unspecified};
use crate::clause::Force::{Obliges, Permits};
use crate::clause::{
    Aspect, Clause, Duty, Effect, Envelope, Guard, Num, effect, extension, linux, posix,
};
use crate::errno::Errno::{EACCES, EEXIST, EINVAL, ENOENT, EPERM};
use crate::operation::Operation;

/// A rule of the base.
const fn base(
    id: &'static str,
    on: &'static [&'static Operation],
    (aspect, page, section, text): (Aspect, &'static str, &'static str, &'static str),
    guards: &'static [Guard],
    envelope: Envelope,
    effects: &'static [Effect],
) -> Clause {
    let source = posix(page, section);
    Clause { id, on, force: Obliges, duty: Shall, aspect, source, text, guards, envelope, effects }
}

/// Something that the base leaves open.
const fn open(
    id: &'static str,
    on: &'static [&'static Operation],
    (duty, page, section, text): (Duty, &'static str, &'static str, &'static str),
    guards: &'static [Guard],
) -> Clause {
    let about = (Lifetime, page, section, text);
    let clause = base(id, on, about, guards, Envelope::Anything, &[]);
    Clause { force: Permits, duty, ..clause }
}

const ONE_STEP: Envelope = Envelope::Step(Num::N(0), Num::N(0));
const GET: &[&Operation] = &[&SHMGET];
const ATTACHES: &[&Operation] = &[&SHMAT];
const DETACHES: &[&Operation] = &[&SHMDT];
const STATS: &[&Operation] = &[&STAT_ATTACHES, &STAT_SIZE, &STAT_MODE];
const CHANGES: &[&Operation] = &[&REMOVE, &SET_MODE];

pub(super) static GETTING: &[Clause] = &[
    base(
        "segment.shmget.makes",
        GET,
        (
            Persistence,
            "shmget()",
            "DESCRIPTION",
            "Without a key, or with IPC_CREAT and a key that is free, there is a new segment of zeros, with the size, the owner and the permission bits that are asked for, attached by nobody.",
        ),
        &[NOT_YET, NEW, A_SIZE],
        ONE_STEP,
        &[effect(&MAKE)],
    ),
    base(
        "segment.shmget.finds",
        GET,
        (
            Persistence,
            "shmget()",
            "DESCRIPTION",
            "A key stands for the same segment for everybody.",
        ),
        &[NOT_YET, OLD, OLD_WILL_DO, LARGE_ENOUGH, IS_GRANTED],
        ONE_STEP,
        &[effect(&FIND)],
    ),
    base(
        "segment.shmget.tells",
        GET,
        (
            Lifetime,
            "shmget()",
            "RETURN VALUE",
            "The identifier of the segment is told, the same one to everybody.",
        ),
        &[LOOKED],
        Envelope::Exactly(&IDENTIFIER),
        &[effect(&TELL)],
    ),
    base(
        "segment.shmget.err.eexist",
        GET,
        (
            Exclusion,
            "shmget()",
            "ERRORS",
            "With IPC_CREAT and IPC_EXCL one of all that try makes the segment, and the others are refused.",
        ),
        &[NOT_YET, OLD, ONLY_NEW],
        Envelope::Error(EEXIST),
        &[],
    ),
    base(
        "segment.shmget.err.enoent",
        GET,
        (Error, "shmget()", "ERRORS", "Without IPC_CREAT a key that is free is refused."),
        &[NOT_YET, FREE],
        Envelope::Error(ENOENT),
        &[],
    ),
    base(
        "segment.shmget.err.einval.size",
        GET,
        (
            Error,
            "shmget()",
            "ERRORS",
            "No segment is made of no bytes, nor of more than there can be.",
        ),
        &[NOT_YET, NEW, NO_SIZE],
        Envelope::Error(EINVAL),
        &[],
    ),
    base(
        "segment.shmget.err.einval.small",
        GET,
        (
            Error,
            "shmget()",
            "ERRORS",
            "A segment that is smaller than what is asked for is not given.",
        ),
        &[NOT_YET, OLD, TOO_SMALL],
        Envelope::Error(EINVAL),
        &[],
    ),
    base(
        "segment.shmget.err.eacces",
        GET,
        (
            Error,
            "shmget()",
            "ERRORS",
            "A segment whose permission bits do not grant what is asked for is not given.",
        ),
        &[NOT_YET, OLD, NOT_GRANTED],
        Envelope::Error(EACCES),
        &[],
    ),
    open(
        "segment.shmget.unspecified.size",
        GET,
        (ImplDefined, "shmget()", "ERRORS", "How large a segment may be is the system's to say."),
        &[NOT_YET, NEW, LARGE_SIZE],
    ),
];

pub(super) static ATTACHING: &[Clause] = &[
    base(
        "segment.shmat.attaches",
        ATTACHES,
        (
            Lifetime,
            "shmat()",
            "DESCRIPTION",
            "The segment is mapped whole at the address, rounded down with SHM_RND, for reading only with SHM_RDONLY; it may be attached more than once.",
        ),
        &[VALID, INSIDE, ON_A_PAGE, FREE_PLACE, MAY_ATTACH],
        Envelope::Exactly(&ADDRESS),
        &[effect(&ATTACH)],
    ),
    base(
        "segment.shmat.err.einval.id",
        ATTACHES,
        (Error, "shmat()", "ERRORS", "What no identifier stands for cannot be attached."),
        &[INVALID],
        Envelope::Error(EINVAL),
        &[],
    ),
    base(
        "segment.shmat.err.einval.page",
        ATTACHES,
        (
            Error,
            "shmat()",
            "ERRORS",
            "Nothing is attached within a page, unless it is to be rounded.",
        ),
        &[NOT_ON_A_PAGE],
        Envelope::Error(EINVAL),
        &[],
    ),
    base(
        "segment.shmat.err.einval.taken",
        ATTACHES,
        (Error, "shmat()", "ERRORS", "Nothing is attached where something is mapped."),
        &[VALID, INSIDE, TAKEN_PLACE],
        Envelope::Error(EINVAL),
        &[],
    ),
    base(
        "segment.shmat.err.eacces",
        ATTACHES,
        (
            Error,
            "shmat()",
            "ERRORS",
            "A segment is not attached for what its permission bits do not let the caller.",
        ),
        &[VALID, MAY_NOT_ATTACH],
        Envelope::Error(EACCES),
        &[],
    ),
    open(
        "segment.shmat.unspecified.remap",
        ATTACHES,
        (
            Unspecified,
            "shmat()",
            "DESCRIPTION",
            "There is no SHM_REMAP here, and what it does is not said.",
        ),
        &[TO_REPLACE],
    ),
    open(
        "segment.shmat.undefined.outside",
        ATTACHES,
        (
            Undefined,
            "shmat()",
            "DESCRIPTION",
            "What lies outside of the window is not the program's.",
        ),
        &[NOT_INSIDE],
    ),
];

pub(super) static DETACHING: &[Clause] = &[
    base(
        "segment.shmdt.detaches",
        DETACHES,
        (
            Lifetime,
            "shmdt()",
            "DESCRIPTION",
            "What is attached at the address is not mapped any more; one that is removed goes with the last that has it attached.",
        ),
        &[DT_INSIDE, HERE],
        Envelope::Nothing,
        &[effect(&DETACH)],
    ),
    base(
        "segment.shmdt.err.einval",
        DETACHES,
        (Error, "shmdt()", "ERRORS", "Where no segment is attached none can be detached."),
        &[DT_INSIDE, NOT_HERE],
        Envelope::Error(EINVAL),
        &[],
    ),
    open(
        "segment.shmdt.undefined.outside",
        DETACHES,
        (
            Undefined,
            "shmdt()",
            "DESCRIPTION",
            "What lies outside of the window is not the program's.",
        ),
        &[DT_NOT_INSIDE],
    ),
];

pub(super) static CONTROLLING: &[Clause] = &[
    base(
        "segment.rmid.removes",
        &[&REMOVE],
        (
            Persistence,
            "shmctl()",
            "IPC_RMID",
            "The key is free at once; the bytes are there for all that have them attached, until the last of them detaches.",
        ),
        &[VALID, OWNER],
        Envelope::Nothing,
        &[effect(&REMOVE_IT)],
    ),
    base(
        "segment.set.sets",
        &[&SET_MODE],
        (Lifetime, "shmctl()", "IPC_SET", "The permission bits are these from now on."),
        &[VALID, OWNER],
        Envelope::Nothing,
        &[effect(&SET)],
    ),
    base(
        "segment.change.err.eperm",
        CHANGES,
        (
            Error,
            "shmctl()",
            "ERRORS",
            "Who is not the owner, and not privileged, may not change it.",
        ),
        &[VALID, NOT_OWNER],
        Envelope::Error(EPERM),
        &[],
    ),
    base(
        "segment.stat.attaches",
        &[&STAT_ATTACHES],
        (
            Lifetime,
            "<sys/shm.h>",
            "shm_nattch",
            "How often it is attached: by each process as often as it has attached or inherited it, and not detached.",
        ),
        &[VALID, MAY_READ, WHOLE],
        Envelope::Exactly(&HOW_OFTEN),
        &[],
    ),
    open(
        "segment.stat.attaches.unspecified",
        &[&STAT_ATTACHES],
        (
            Unspecified,
            "<sys/shm.h>",
            "shm_nattch",
            "How often one is attached is not said that is mapped in parts.",
        ),
        &[VALID, MAY_READ, IN_PARTS],
    ),
    extension(
        "segment.stat.attaches.parts",
        &[&STAT_ATTACHES],
        (
            Lifetime,
            linux("ipc/shm.c", "6.18, shm_open"),
            "Each part counts, and parts that became alike again may count still, but no page twice.",
        ),
        &[VALID, MAY_READ, IN_PARTS],
        Envelope::Count(SO_MANY, AT_MOST),
        &[],
    ),
    base(
        "segment.stat.size",
        &[&STAT_SIZE],
        (Lifetime, "<sys/shm.h>", "shm_segsz", "Its size is what was asked for when it was made."),
        &[VALID, MAY_READ],
        Envelope::Exactly(&ITS_SIZE),
        &[],
    ),
    base(
        "segment.stat.mode",
        &[&STAT_MODE],
        (Lifetime, "<sys/shm.h>", "shm_perm", "Its permission bits are those that were set last."),
        &[VALID, MAY_READ],
        Envelope::Exactly(&ITS_MODE),
        &[],
    ),
    base(
        "segment.stat.err.eacces",
        STATS,
        (Error, "shmctl()", "ERRORS", "Who may not read a segment is told nothing of it."),
        &[VALID, MAY_NOT_READ],
        Envelope::Error(EACCES),
        &[],
    ),
    base(
        "segment.ctl.err.einval",
        &[&REMOVE, &SET_MODE, &STAT_ATTACHES, &STAT_SIZE, &STAT_MODE],
        (Error, "shmctl()", "ERRORS", "An identifier that stands for nothing is refused."),
        &[INVALID],
        Envelope::Error(EINVAL),
        &[],
    ),
    open(
        "segment.id.unspecified.removed",
        &[&SHMAT, &REMOVE, &SET_MODE, &STAT_ATTACHES, &STAT_SIZE, &STAT_MODE],
        (
            Unspecified,
            "shmctl()",
            "IPC_RMID",
            "What an identifier is good for that was removed is not said while the segment is attached.",
        ),
        &[REMOVED],
    ),
];
