//! What is loaded from mappings and stored to them, and what refuses that.

use super::making::{base, open};
use super::terms::*;
use super::{LOAD, STORE};
use crate::clause::Aspect::{Atomicity, Error, Ordering};
use crate::clause::Duty::Unspecified;
use crate::clause::{Clause, Envelope, Num, effect_of, extension, linux};
use crate::errno::Errno::{SIGBUS, SIGSEGV};
use crate::operation::Operation;

const ACCESSES: &[&Operation] = &[&LOAD, &STORE];

pub(super) static CLAUSES: &[Clause] = &[
    open(
        base(
            "mapping.touch.unspecified",
            ACCESSES,
            (
                Ordering,
                "mmap()",
                "DESCRIPTION",
                "What is seen is not said where the size of the file has changed since it was mapped, behind its end, where it is mapped privately and the page was not stored to, or where it can only be written.",
            ),
            &[INSIDE, SOME_LEFT, NOT_SAID],
            Envelope::Anything,
            &[],
        ),
        Unspecified,
    ),
    extension(
        "mapping.store.unspecified.tail",
        &[&STORE],
        (
            Ordering,
            linux("mmap(2)", "NOTES"),
            "What becomes of what is stored behind the end of a regular file, in its last page, differs between file systems.",
        ),
        &[INSIDE, SOME_LEFT, IN_THE_TAIL],
        Envelope::Anything,
        &[],
    ),
    base(
        "mapping.load.loads",
        &[&LOAD],
        (
            Ordering,
            "mmap()",
            "DESCRIPTION",
            "What is loaded is what was stored or written last to each place, by whoever shares it.",
        ),
        &[INSIDE, SOME_REACH],
        Envelope::Step(LEAST_REACH, ALL_REACH),
        &[effect_of(&LOAD_SOME, Num::Chosen)],
    ),
    base(
        "mapping.load.returns",
        &[&LOAD],
        (
            Atomicity,
            "mmap()",
            "DESCRIPTION",
            "Bytes are loaded one after the other, the first ones first.",
        ),
        &[INSIDE, NONE_LEFT],
        Envelope::Exactly(&LOADED),
        &[],
    ),
    base(
        "mapping.store.stores",
        &[&STORE],
        (
            Ordering,
            "mmap()",
            "DESCRIPTION",
            "What is stored in shared pages is in the file for everybody, and in private ones for nobody else.",
        ),
        &[INSIDE, SOME_REACH],
        Envelope::Step(LEAST_REACH, ALL_REACH),
        &[effect_of(&STORE_SOME, Num::Chosen)],
    ),
    base(
        "mapping.store.returns",
        &[&STORE],
        (
            Atomicity,
            "mmap()",
            "DESCRIPTION",
            "Bytes are stored one after the other, the first ones first.",
        ),
        &[INSIDE, NONE_LEFT],
        Envelope::Nothing,
        &[],
    ),
    base(
        "mapping.touch.sigsegv.unmapped",
        ACCESSES,
        (Error, "munmap()", "DESCRIPTION", "To touch what is not mapped raises SIGSEGV."),
        &[INSIDE, SOME_LEFT, UNMAPPED],
        Envelope::Error(SIGSEGV),
        &[],
    ),
    base(
        "mapping.touch.sigsegv.forbidden",
        ACCESSES,
        (
            Error,
            "mmap()",
            "DESCRIPTION",
            "To store without PROT_WRITE, or to touch what nothing is allowed of, raises SIGSEGV.",
        ),
        &[INSIDE, SOME_LEFT, FORBIDDEN],
        Envelope::Error(SIGSEGV),
        &[],
    ),
    base(
        "mapping.touch.sigbus",
        ACCESSES,
        (
            Error,
            "mmap()",
            "DESCRIPTION",
            "To touch a page that lies whole behind the end of the file raises SIGBUS.",
        ),
        &[INSIDE, SOME_LEFT, BEHIND],
        Envelope::Error(SIGBUS),
        &[],
    ),
];
