//! How mappings are made and removed.

use super::terms::*;
use super::{LOAD, MMAP, MMAP_ANONYMOUS, MUNMAP, STORE};
use crate::clause::Aspect::{Error, Lifetime};
use crate::clause::Duty::{Shall, Undefined, Unspecified};
use crate::clause::Force::{Obliges, Permits};
use crate::clause::{
    Aspect, Clause, Duty, Effect, Envelope, Guard, effect, extension, linux, posix,
};
use crate::descriptor::not_open;
use crate::errno::Errno::{EACCES, EINVAL, ENODEV, EOVERFLOW};
use crate::operation::Operation;

/// A rule of the base.
pub(super) const fn base(
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
pub(super) const fn open(clause: Clause, duty: Duty) -> Clause {
    Clause { force: Permits, duty, envelope: Envelope::Anything, effects: &[], ..clause }
}

const BOTH: &[&Operation] = &[&MMAP, &MMAP_ANONYMOUS];

pub(super) static MAKING: &[Clause] = &[
    base(
        "mapping.mmap.maps",
        &[&MMAP],
        (
            Lifetime,
            "mmap()",
            "DESCRIPTION",
            "Pages of memory are mapped in place of what was mapped there, until they are unmapped, whatever becomes of the descriptor and of the name.",
        ),
        &[INSIDE, ON_A_PAGE, SOME_LENGTH, A_TYPE, OFF_FITS, A_FILE, MAY_MAP],
        Envelope::Nothing,
        &[effect(&MAP)],
    ),
    base(
        "mapping.mmap.anonymous",
        &[&MMAP_ANONYMOUS],
        (
            Lifetime,
            "mmap()",
            "MAP_ANONYMOUS",
            "Fresh pages of zeros are mapped in place of what was mapped there, for the caller and the children that it shares them with.",
        ),
        &[INSIDE, ON_A_PAGE, SOME_LENGTH, A_TYPE],
        Envelope::Nothing,
        &[effect(&MAP)],
    ),
    base(
        "mapping.mmap.err.einval.length",
        BOTH,
        (Error, "mmap()", "ERRORS", "Nothing is mapped of no length."),
        &[INSIDE, NO_LENGTH],
        Envelope::Error(EINVAL),
        &[],
    ),
    base(
        "mapping.mmap.err.einval.type",
        BOTH,
        (Error, "mmap()", "ERRORS", "What is neither shared nor private is not mapped."),
        &[INSIDE, NO_TYPE],
        Envelope::Error(EINVAL),
        &[],
    ),
    base(
        "mapping.mmap.err.einval.page",
        BOTH,
        (Error, "mmap()", "ERRORS", "Nothing is mapped from within a page on."),
        &[INSIDE, NOT_ON_A_PAGE],
        Envelope::Error(EINVAL),
        &[],
    ),
    base(
        "mapping.mmap.err.einval.offset",
        &[&MMAP],
        (Error, "mmap()", "ERRORS", "No file is mapped from within a page of it on."),
        &[INSIDE, OFF_WITHIN_PAGE],
        Envelope::Error(EINVAL),
        &[],
    ),
    not_open("mapping.mmap.err.ebadf", &[&MMAP], "mmap()"),
    base(
        "mapping.mmap.err.eacces",
        &[&MMAP],
        (
            Error,
            "mmap()",
            "ERRORS",
            "What is not open for reading is not mapped, nor what is to be written and shared and is not open for writing.",
        ),
        &[INSIDE, MAY_NOT_MAP],
        Envelope::Error(EACCES),
        &[],
    ),
    base(
        "mapping.mmap.err.enodev",
        &[&MMAP],
        (Error, "mmap()", "ERRORS", "What has no bytes at offsets is not mapped."),
        &[INSIDE, NO_FILE],
        Envelope::Error(ENODEV),
        &[],
    ),
    open(
        base(
            "mapping.mmap.unspecified.offset",
            &[&MMAP],
            (
                Error,
                "mmap()",
                "ERRORS",
                "How an offset is refused that no byte can have is not said.",
            ),
            &[INSIDE, OFF_TOO_FAR],
            Envelope::Anything,
            &[],
        ),
        Unspecified,
    ),
    extension(
        "mapping.mmap.err.eoverflow",
        &[&MMAP],
        (Error, linux("mm/mmap.c", "6.18, do_mmap"), "An offset that no page can have is refused."),
        &[INSIDE, OFF_TOO_FAR],
        Envelope::Error(EOVERFLOW),
        &[],
    ),
];

pub(super) static REMOVING: &[Clause] = &[
    base(
        "mapping.munmap.removes",
        &[&MUNMAP],
        (
            Lifetime,
            "munmap()",
            "DESCRIPTION",
            "Every page that has a byte there is not mapped any more, and where nothing is mapped nothing happens.",
        ),
        &[INSIDE, ON_A_PAGE, SOME_LENGTH],
        Envelope::Nothing,
        &[effect(&UNMAP)],
    ),
    base(
        "mapping.munmap.err.einval.length",
        &[&MUNMAP],
        (Error, "munmap()", "ERRORS", "Nothing is unmapped of no length."),
        &[INSIDE, NO_LENGTH],
        Envelope::Error(EINVAL),
        &[],
    ),
    open(
        base(
            "mapping.munmap.unspecified.page",
            &[&MUNMAP],
            (Error, "munmap()", "ERRORS", "Whether it must begin with a page is not said."),
            &[INSIDE, NOT_ON_A_PAGE],
            Envelope::Anything,
            &[],
        ),
        Unspecified,
    ),
    extension(
        "mapping.munmap.err.einval.page",
        &[&MUNMAP],
        (Error, linux("mmap(2)", "ERRORS"), "Nothing is unmapped from within a page on."),
        &[INSIDE, NOT_ON_A_PAGE],
        Envelope::Error(EINVAL),
        &[],
    ),
    open(
        base(
            "mapping.call.undefined.outside",
            &[&MMAP, &MMAP_ANONYMOUS, &MUNMAP, &LOAD, &STORE],
            (
                Lifetime,
                "mmap()",
                "DESCRIPTION",
                "What lies outside of the window is not the program's.",
            ),
            &[NOT_INSIDE],
            Envelope::Anything,
            &[],
        ),
        Undefined,
    ),
];
