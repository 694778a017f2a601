//! Files of memory without a name, and those that are opened once more by a descriptor.

use super::MEMFD_CREATE;
use super::making::*;
use super::seals::NOT_CUT_KEPT;
use crate::clause::Aspect::{Error, Lifetime};
use crate::clause::{Clause, Envelope, Source, effect, extension, linux};
use crate::descriptor::{A_FREE_ONE, NONE_FREE};
use crate::errno::Errno::{EACCES, EINVAL, EMFILE};
use crate::fifo::REOPEN;
use crate::file::NOT_REGULAR_OR_UNMOUNTED;

const PAGE: Source = linux("memfd_create(2)", "DESCRIPTION");
const ERRORS: Source = linux("memfd_create(2)", "ERRORS");

pub(super) static CLAUSES: &[Clause] = &[
    extension(
        "memory.memfd.creates",
        &[&MEMFD_CREATE],
        (
            Lifetime,
            PAGE,
            "An empty file comes on the lowest free descriptor, open for both, and lives as long as something leads to it; two of one name are two.",
        ),
        &[KNOWN, NOT_AT_ODDS, SHORT_NAME, A_FREE_ONE],
        Envelope::Exactly(&LOWEST),
        &[effect(&MAKE)],
    ),
    extension(
        "memory.memfd.err.einval",
        &[&MEMFD_CREATE],
        (Error, ERRORS, "A flag that is not known is refused."),
        &[UNKNOWN],
        Envelope::Error(EINVAL),
        &[],
    ),
    extension(
        "memory.memfd.err.einval.exec",
        &[&MEMFD_CREATE],
        (Error, PAGE, "MFD_EXEC and MFD_NOEXEC_SEAL are not asked for together."),
        &[AT_ODDS],
        Envelope::Error(EINVAL),
        &[],
    ),
    extension(
        "memory.memfd.err.einval.name",
        &[&MEMFD_CREATE],
        (Error, ERRORS, "A name of more than 249 bytes is refused."),
        &[LONG_NAME],
        Envelope::Error(EINVAL),
        &[],
    ),
    extension(
        "memory.memfd.err.emfile",
        &[&MEMFD_CREATE],
        (Error, ERRORS, "Without a free descriptor there is no file."),
        &[KNOWN, NOT_AT_ODDS, SHORT_NAME, NONE_FREE],
        Envelope::Error(EMFILE),
        &[],
    ),
    extension(
        "memory.reopen.opens",
        &[&REOPEN],
        (
            Lifetime,
            linux("proc_pid_fd(5)", "DESCRIPTION"),
            "Memory can be opened once more by who its permission bits let: a description with an offset of its own.",
        ),
        &[THERE, PLAIN, MAY, A_FREE_ONE, NOT_CUT_KEPT, NOT_REGULAR_OR_UNMOUNTED],
        Envelope::Exactly(&LOWEST),
        &[effect(&OPEN_IT), effect(&CUT)],
    ),
    extension(
        "memory.reopen.err.eacces",
        &[&REOPEN],
        (
            Error,
            linux("open(2)", "ERRORS"),
            "Memory whose permission bits do not let the caller is not opened.",
        ),
        &[THERE, PLAIN, MAY_NOT],
        Envelope::Error(EACCES),
        &[],
    ),
    extension(
        "memory.reopen.unspecified.path",
        &[&REOPEN],
        (
            Lifetime,
            linux("open(2)", "O_PATH"),
            "What a descriptor that stands for the name of memory is good for is not said here.",
        ),
        &[THERE, TO_NAME],
        Envelope::Anything,
        &[],
    ),
];
