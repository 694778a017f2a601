//! Names of shared memory: a space of their own, for everybody.

use super::making::*;
use super::{SHM_OPEN, SHM_UNLINK};
use crate::clause::Aspect::{Error, Exclusion, Lifetime, Persistence};
use crate::clause::Duty::{Extension, Shall, Undefined};
use crate::clause::Force::{Obliges, Permits};
use crate::clause::{Aspect, Clause, Effect, Envelope, Guard, effect, linux, posix};
use crate::descriptor::{A_FREE_ONE, NONE_FREE};
use crate::errno::Errno::{EACCES, EEXIST, EINVAL, EMFILE, ENOENT};
use crate::operation::Operation;

/// A rule of the base about names of shared memory.
const fn named(
    id: &'static str,
    on: &'static [&'static Operation],
    (aspect, section, text): (Aspect, &'static str, &'static str),
    guards: &'static [Guard],
    envelope: Envelope,
    effects: &'static [Effect],
) -> Clause {
    let source = posix("shm_open()", section);
    Clause { id, on, force: Obliges, duty: Shall, aspect, source, text, guards, envelope, effects }
}

pub(super) static CLAUSES: &[Clause] = &[
    named(
        "memory.shm-open.creates",
        &[&SHM_OPEN],
        (
            Persistence,
            "DESCRIPTION",
            "With O_CREAT a name that is free gets an empty object, its mode less the mask; whatever the mode, this open succeeds, and the descriptor has FD_CLOEXEC.",
        ),
        &[A_WORD, NOT_THERE, TO_CREATE, A_FREE_ONE],
        Envelope::Exactly(&LOWEST),
        &[effect(&MAKE_NAMED)],
    ),
    named(
        "memory.shm-open.opens",
        &[&SHM_OPEN],
        (
            Lifetime,
            "DESCRIPTION",
            "A name stands for the same object for everybody; each open is a description of its own, with FD_CLOEXEC, and O_TRUNC cuts the object to nothing.",
        ),
        &[THERE, TO_OPEN_TOO, MAY, A_FREE_ONE],
        Envelope::Exactly(&LOWEST),
        &[effect(&OPEN_IT), effect(&CUT)],
    ),
    named(
        "memory.shm-open.err.eexist",
        &[&SHM_OPEN],
        (
            Exclusion,
            "ERRORS",
            "With O_CREAT and O_EXCL one of all that try makes the object, and the others are refused.",
        ),
        &[THERE, TO_CREATE_ONLY],
        Envelope::Error(EEXIST),
        &[],
    ),
    named(
        "memory.shm-open.err.enoent",
        &[&SHM_OPEN],
        (Error, "ERRORS", "Without O_CREAT a name that is free is refused."),
        &[A_WORD, NOT_THERE, NOT_TO_CREATE],
        Envelope::Error(ENOENT),
        &[],
    ),
    named(
        "memory.shm-open.err.eacces",
        &[&SHM_OPEN],
        (Error, "ERRORS", "An object whose mode does not let the caller is not opened, nor cut."),
        &[THERE, TO_OPEN_TOO, MAY_NOT],
        Envelope::Error(EACCES),
        &[],
    ),
    named(
        "memory.shm-open.err.einval",
        &[&SHM_OPEN],
        (Error, "ERRORS", "A name that names nothing is not supported."),
        &[ONLY_A_SLASH],
        Envelope::Error(EINVAL),
        &[],
    ),
    named(
        "memory.shm-open.err.emfile",
        &[&SHM_OPEN],
        (Error, "ERRORS", "Without a free descriptor nothing is opened, nor made."),
        &[NONE_FREE],
        Envelope::Error(EMFILE),
        &[],
    ),
    Clause {
        id: "memory.shm-open.err.eacces.protected",
        on: &[&SHM_OPEN],
        force: Permits,
        duty: Extension,
        aspect: Error,
        source: linux("proc_sys_fs(5)", "protected_regular"),
        text: "With O_CREAT, an object of another user may be kept from being opened.",
        guards: &[THERE, TO_CREATE, OF_ANOTHER],
        envelope: Envelope::Error(EACCES),
        effects: &[],
    },
    Clause {
        duty: Undefined,
        force: Permits,
        ..named(
            "memory.shm-open.undefined.excl",
            &[&SHM_OPEN],
            (Exclusion, "DESCRIPTION", "What O_EXCL does without O_CREAT is undefined."),
            &[EXCL_ONLY],
            Envelope::Anything,
            &[],
        )
    },
    Clause {
        duty: Undefined,
        force: Permits,
        ..named(
            "memory.shm-open.undefined.trunc",
            &[&SHM_OPEN],
            (Lifetime, "DESCRIPTION", "What O_TRUNC does with O_RDONLY is undefined."),
            &[CUTS_UNWRITTEN],
            Envelope::Anything,
            &[],
        )
    },
    Clause {
        source: posix("shm_unlink()", "DESCRIPTION"),
        ..named(
            "memory.shm-unlink.removes",
            &[&SHM_UNLINK],
            (
                Persistence,
                "",
                "The name is gone at once; the object lives until nothing leads to it, and a new one may have the name.",
            ),
            &[THERE, MAY_REMOVE],
            Envelope::Nothing,
            &[effect(&UNLINK)],
        )
    },
    Clause {
        source: posix("shm_unlink()", "ERRORS"),
        ..named(
            "memory.shm-unlink.err.enoent",
            &[&SHM_UNLINK],
            (Error, "", "A name that is free cannot be removed."),
            &[NOT_THERE],
            Envelope::Error(ENOENT),
            &[],
        )
    },
    Clause {
        source: posix("shm_unlink()", "ERRORS"),
        ..named(
            "memory.shm-unlink.err.eacces",
            &[&SHM_UNLINK],
            (Error, "", "Who may not remove a name is refused."),
            &[THERE, MAY_NOT_REMOVE],
            Envelope::Error(EACCES),
            &[],
        )
    },
];
