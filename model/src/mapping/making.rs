//! How mappings are made and removed.

use super::terms::*;
use super::{LOAD, MMAP, MMAP_ANONYMOUS, MMAP_ANYWHERE, MPROTECT, MSYNC, MUNMAP, STORE};
use crate::clause::Aspect::{Error, Lifetime, Persistence};
use crate::clause::Duty::{Shall, Undefined, Unspecified};
use crate::clause::Force::{Obliges, Permits};
use crate::clause::{
    Aspect, Clause, Duty, Effect, Envelope, Guard, effect, extension, linux, posix,
};
use crate::descriptor::not_open;
use crate::errno::Errno::{EACCES, EINVAL, ENODEV, ENOMEM, EOVERFLOW, EPERM};
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

const ALL: &[&Operation] = &[&MMAP, &MMAP_ANONYMOUS, &MMAP_ANYWHERE];
const FILES: &[&Operation] = &[&MMAP, &MMAP_ANYWHERE];

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
        &[INSIDE, ON_A_PAGE, SOME_LENGTH, A_TYPE, OFF_FITS, A_FILE, MAY_MAP, NOT_SEALED],
        Envelope::Nothing,
        &[effect(&MAP)],
    ),
    base(
        "mapping.mmap.chooses",
        &[&MMAP_ANYWHERE],
        (
            Lifetime,
            "mmap()",
            "DESCRIPTION",
            "Without an address the system chooses a place in which nothing is.",
        ),
        &[INSIDE, SOME_LENGTH, A_TYPE, OFF_FITS, A_FILE, MAY_MAP, NOT_SEALED],
        Envelope::Exactly(&NEXT_PLACE),
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
        ALL,
        (Error, "mmap()", "ERRORS", "Nothing is mapped of no length."),
        &[INSIDE, NO_LENGTH],
        Envelope::Error(EINVAL),
        &[],
    ),
    base(
        "mapping.mmap.err.einval.type",
        ALL,
        (Error, "mmap()", "ERRORS", "What is neither shared nor private is not mapped."),
        &[INSIDE, NO_TYPE],
        Envelope::Error(EINVAL),
        &[],
    ),
    base(
        "mapping.mmap.err.einval.page",
        &[&MMAP, &MMAP_ANONYMOUS],
        (Error, "mmap()", "ERRORS", "Nothing is mapped from within a page on."),
        &[INSIDE, NOT_ON_A_PAGE],
        Envelope::Error(EINVAL),
        &[],
    ),
    base(
        "mapping.mmap.err.einval.offset",
        FILES,
        (Error, "mmap()", "ERRORS", "No file is mapped from within a page of it on."),
        &[INSIDE, OFF_WITHIN_PAGE],
        Envelope::Error(EINVAL),
        &[],
    ),
    not_open("mapping.mmap.err.ebadf", FILES, "mmap()"),
    base(
        "mapping.mmap.err.eacces",
        FILES,
        (
            Error,
            "mmap()",
            "ERRORS",
            "What is not open for reading is not mapped, nor what is to be written and shared and is not open for writing.",
        ),
        &[INSIDE, MAY_NOT_MAP, NOTHING_THERE],
        Envelope::Error(EACCES),
        &[],
    ),
    extension(
        "mapping.mmap.err.eperm",
        FILES,
        (
            Error,
            linux("mmap(2)", "ERRORS"),
            "What is sealed against writing is not mapped to be written and shared; what is shared for reading cannot be made writable.",
        ),
        &[INSIDE, ON_A_PAGE, SOME_LENGTH, A_TYPE, OFF_FITS, MAY_MAP, IS_SEALED],
        Envelope::Error(EPERM),
        &[],
    ),
    base(
        "mapping.mmap.err.enodev",
        FILES,
        (Error, "mmap()", "ERRORS", "What has no bytes at offsets is not mapped."),
        &[INSIDE, NO_FILE, NOTHING_THERE],
        Envelope::Error(ENODEV),
        &[],
    ),
    open(
        base(
            "mapping.mmap.unspecified.there",
            &[&MMAP],
            (
                Lifetime,
                "mmap()",
                "RETURN VALUE",
                "What is left of what was mapped there is not said where the file is the reason to refuse.",
            ),
            &[INSIDE, NO_SUCH_FILE, SOMETHING_THERE],
            Envelope::Anything,
            &[],
        ),
        Unspecified,
    ),
    extension(
        "mapping.mmap.err.eacces.kept",
        &[&MMAP],
        (
            Lifetime,
            linux("mm/mmap.c", "6.18, do_mmap"),
            "What was mapped there is left if the file is not open for what is asked for.",
        ),
        &[INSIDE, MAY_NOT_MAP, SOMETHING_THERE],
        Envelope::Error(EACCES),
        &[],
    ),
    extension(
        "mapping.mmap.err.enodev.kept",
        &[&MMAP],
        (
            Lifetime,
            linux("mm/mmap.c", "6.18, do_mmap"),
            "What was mapped there is left if the file has no bytes at offsets.",
        ),
        &[INSIDE, NO_FILE, NO_SOCKET, SOMETHING_THERE],
        Envelope::Error(ENODEV),
        &[],
    ),
    extension(
        "mapping.mmap.err.enodev.removed",
        &[&MMAP],
        (
            Lifetime,
            linux("net/socket.c", "6.18, sock_mmap"),
            "A socket refuses once what was mapped there has been removed.",
        ),
        &[INSIDE, ON_A_PAGE, SOME_LENGTH, A_TYPE, OFF_FITS, A_SOCKET, SOMETHING_THERE],
        Envelope::Error(ENODEV),
        &[effect(&UNMAP)],
    ),
    open(
        base(
            "mapping.mmap.unspecified.offset",
            FILES,
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
        FILES,
        (Error, linux("mm/mmap.c", "6.18, do_mmap"), "An offset that no page can have is refused."),
        &[INSIDE, OFF_TOO_FAR],
        Envelope::Error(EOVERFLOW),
        &[],
    ),
];

const RANGES: &[&Operation] = &[&MUNMAP, &MPROTECT, &MSYNC];

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
            "mapping.range.unspecified.page",
            RANGES,
            (Error, "munmap()", "ERRORS", "Whether it must begin with a page is not said."),
            &[INSIDE, NOT_ON_A_PAGE],
            Envelope::Anything,
            &[],
        ),
        Unspecified,
    ),
    extension(
        "mapping.range.err.einval.page",
        RANGES,
        (Error, linux("mmap(2)", "ERRORS"), "What does not begin with a page is refused."),
        &[INSIDE, NOT_ON_A_PAGE],
        Envelope::Error(EINVAL),
        &[],
    ),
    open(
        base(
            "mapping.call.undefined.outside",
            &[&MMAP, &MMAP_ANONYMOUS, &MMAP_ANYWHERE, &MUNMAP, &MPROTECT, &MSYNC, &LOAD, &STORE],
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

pub(super) static CHANGING: &[Clause] = &[
    base(
        "mapping.mprotect.sets",
        &[&MPROTECT],
        (
            Lifetime,
            "mprotect()",
            "DESCRIPTION",
            "Every page that has a byte there allows what is asked for from now on, and nothing else.",
        ),
        &[INSIDE, ON_A_PAGE, NO_OBSTACLE],
        Envelope::Nothing,
        &[effect(&PROTECT)],
    ),
    open(
        base(
            "mapping.mprotect.unspecified.part",
            &[&MPROTECT],
            (
                Error,
                "mprotect()",
                "DESCRIPTION",
                "Which pages have been changed is not said where some are not mapped or cannot be had.",
            ),
            &[INSIDE, ON_A_PAGE, AN_OBSTACLE],
            Envelope::Anything,
            &[],
        ),
        Unspecified,
    ),
    extension(
        "mapping.mprotect.err.enomem",
        &[&MPROTECT],
        (
            Error,
            linux("mprotect(2)", "ERRORS"),
            "What is not mapped cannot be protected; pages before it are.",
        ),
        &[INSIDE, ON_A_PAGE, A_GAP],
        Envelope::Error(ENOMEM),
        &[effect(&PROTECT)],
    ),
    extension(
        "mapping.mprotect.err.eacces",
        &[&MPROTECT],
        (
            Error,
            linux("mprotect(2)", "ERRORS"),
            "What is shared of a file that is not open for writing cannot be made writable; pages before it are.",
        ),
        &[INSIDE, ON_A_PAGE, A_DENIAL],
        Envelope::Error(EACCES),
        &[effect(&PROTECT)],
    ),
    base(
        "mapping.msync.syncs",
        &[&MSYNC],
        (
            Persistence,
            "msync()",
            "DESCRIPTION",
            "It returns once what was to be written is, or is to be; what is seen is the same.",
        ),
        &[INSIDE, ON_A_PAGE, ONE_WAY, NO_OBSTACLE],
        Envelope::Nothing,
        &[],
    ),
    base(
        "mapping.msync.err.einval",
        &[&MSYNC],
        (Error, "msync()", "ERRORS", "It is written now or later, and not both."),
        &[INSIDE, BOTH_WAYS],
        Envelope::Error(EINVAL),
        &[],
    ),
    open(
        base(
            "mapping.msync.unspecified.way",
            &[&MSYNC],
            (Error, "msync()", "ERRORS", "What it is to be neither now nor later is not said."),
            &[INSIDE, NO_WAY],
            Envelope::Anything,
            &[],
        ),
        Unspecified,
    ),
    base(
        "mapping.msync.err.enomem",
        &[&MSYNC],
        (Error, "msync()", "ERRORS", "What is not mapped cannot be written anywhere."),
        &[INSIDE, ON_A_PAGE, ONE_WAY, A_GAP],
        Envelope::Error(ENOMEM),
        &[],
    ),
];
