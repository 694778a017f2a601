//! Regular files: what has a name in a directory and bytes at offsets.
//!
//! Their bytes, size and mappings are as those of [`crate::memory`], whose object they share; here is how
//! they come to be and are opened, and what the standard says of them that it does not say of memory.

mod moving;
mod terms;

use self::terms::*;
pub(crate) use self::terms::{NEAR, NOT_REGULAR, NOT_REGULAR_OR_UNMOUNTED, is_regular};
use crate::clause::Aspect::{Error, Exclusion, Lifetime, Persistence};
use crate::clause::Duty::{Extension, Shall, Undefined, Unspecified};
use crate::clause::Force::Permits;
use crate::clause::{
    Aspect, Clause, Duty, Effect, Envelope, Guard, Source, effect, extension, linux, posix,
};
use crate::descriptor::{A_FREE_ONE, LOWEST, SETFL};
use crate::errno::Errno::{EACCES, EEXIST, EINVAL, EISDIR, EROFS};
use crate::fifo::{ACCESS, OPEN, REOPEN, TRUNCATE, WRITE_ALLOWED, WRITE_FORBIDDEN};
use crate::lasting::{Ending, Lasting, Place};
use crate::memory::opening::{CUT, CUTS_UNWRITTEN, MAY, MAY_NOT, OPEN_IT, PLAIN, TO_NAME};
use crate::memory::{ADD_SEALS, GET_SEALS};
use crate::name::{
    A_DIRECTORY, ALLOWED_DIRECTORY, IS_READONLY, IS_THERE, NO_SUCH_NAME, NOT_READONLY, REACHED,
    SOMETHING_MOUNTED,
};
use crate::operation::{Gives, Operation, Param};

/// The flags of `open` beside `O_CREAT`.
pub const CREATE_FLAGS: &[&str] = &["O_EXCL", "O_TRUNC", "O_NONBLOCK", "O_CLOEXEC"];

/// `int open(const char *path, int oflag, mode_t mode)` with `O_CREAT`.
pub static CREATE: Operation = Operation {
    name: "open",
    params: &[
        Param::Path,
        Param::Word(ACCESS),
        Param::Command("O_CREAT"),
        Param::Flags(CREATE_FLAGS),
        Param::Mode,
    ],
    gives: Gives::Fd,
    c: "open(%0, %1|O_CREAT|%3, %4)",
};

/// What programs can call here.
pub static OPERATIONS: &[&Operation] = &[&CREATE];

/// The clauses, in the order of the page.
pub static CLAUSES: &[&[Clause]] =
    &[CREATION, OPENING, CUTTING, moving::MOVING, moving::REFUSED, ELSEWHERE];

/// A rule with its duty, its sentence, its guards and what is answered.
const fn rule(
    id: &'static str,
    on: &'static [&'static Operation],
    duty: Duty,
    (aspect, source, text): (Aspect, Source, &'static str),
    guards: &'static [Guard],
    envelope: Envelope,
    effects: &'static [Effect],
) -> Clause {
    Clause { duty, ..extension(id, on, (aspect, source, text), guards, envelope, effects) }
}

static CREATION: &[Clause] = &[
    rule(
        "file.open.creates",
        &[&CREATE],
        Shall,
        (
            Persistence,
            posix("open()", "O_CREAT"),
            "Where there is no file an empty one is made, which stays until its names are removed; the mask takes bits from its mode, and whatever the mode, this open succeeds.",
        ),
        &[REACHED, NO_SUCH_NAME, ALLOWED_DIRECTORY, NOT_READONLY, A_FREE_ONE],
        Envelope::Exactly(&LOWEST),
        &[effect(&MAKE)],
    ),
    rule(
        "file.open.err.eexist",
        &[&CREATE],
        Shall,
        (
            Exclusion,
            posix("open()", "O_EXCL"),
            "With O_EXCL one of all that try makes the file, and the others are refused, whatever the name stands for, a link to nothing included.",
        ),
        &[REACHED, IS_THERE, TO_MAKE_ONLY],
        Envelope::Error(EEXIST),
        &[],
    ),
    rule(
        "file.open.err.eisdir",
        &[&CREATE],
        Shall,
        (Error, posix("open()", "ERRORS"), "A directory is refused, also for reading."),
        &[REACHED, IS_THERE, A_DIRECTORY, TO_OPEN_TOO],
        Envelope::Error(EISDIR),
        &[],
    ),
];

static OPENING: &[Clause] = &[
    rule(
        "file.open.opens",
        &[&OPEN, &CREATE],
        Shall,
        (
            Lifetime,
            posix("open()", "DESCRIPTION"),
            "A file that is there is opened at once, each time as a description with an offset of its own, and stays while it is open, whatever becomes of its names; O_TRUNC cuts it to nothing.",
        ),
        &[TO_A_FILE, PLAIN, MAY, CAN_BE_WRITTEN, A_FREE_ONE],
        Envelope::Exactly(&LOWEST),
        &[effect(&OPEN_IT), effect(&CUT)],
    ),
    rule(
        "file.open.err.eacces",
        &[&OPEN, &CREATE],
        Shall,
        (
            Error,
            posix("open()", "ERRORS"),
            "A file whose permission bits do not let the caller is not opened, nor cut.",
        ),
        &[TO_A_FILE, PLAIN, MAY_NOT],
        Envelope::Error(EACCES),
        &[],
    ),
    rule(
        "file.open.err.erofs",
        &[&OPEN, &CREATE],
        Shall,
        (
            Error,
            posix("open()", "ERRORS"),
            "A file that is seen by a mount for reading only is not opened for writing, nor cut.",
        ),
        &[TO_A_FILE, PLAIN, CANNOT_BE_WRITTEN],
        Envelope::Error(EROFS),
        &[],
    ),
    rule(
        "file.open.undefined.trunc",
        &[&OPEN, &CREATE],
        Undefined,
        (
            Lifetime,
            posix("open()", "O_TRUNC"),
            "What O_TRUNC does to a file that is opened for reading only is undefined.",
        ),
        &[TO_A_FILE, PLAIN, CUTS_UNWRITTEN],
        Envelope::Anything,
        &[],
    ),
    rule(
        "file.open.unspecified.path",
        &[&OPEN],
        Unspecified,
        (
            Lifetime,
            posix("open()", "DESCRIPTION"),
            "What a descriptor that stands for the name alone is good for is not said here.",
        ),
        &[TO_A_FILE, TO_NAME],
        Envelope::Anything,
        &[],
    ),
    rule(
        "file.reopen.unspecified.mounted",
        &[&REOPEN],
        Extension,
        (
            Error,
            linux("proc_pid_fd(5)", "DESCRIPTION"),
            "Whether what is open was seen by a mount for reading only is not said here.",
        ),
        &[REGULAR, SOMETHING_MOUNTED],
        Envelope::Anything,
        &[],
    ),
];

static CUTTING: &[Clause] = &[
    rule(
        "file.truncate.cuts",
        &[&TRUNCATE],
        Shall,
        (
            Lifetime,
            posix("truncate()", "DESCRIPTION"),
            "The file that the path stands for is cut to nothing, for all that have it open or mapped.",
        ),
        &[TO_A_FILE, WRITE_ALLOWED, NOT_READONLY, NOBODY_MIDWAY],
        Envelope::Nothing,
        &[effect(&CUT_WHOLE)],
    ),
    rule(
        "file.truncate.blocks",
        &[&TRUNCATE],
        Extension,
        (
            Aspect::Blocking,
            linux("fs/open.c", "6.18, do_truncate"),
            "A cut waits for a write that is midway.",
        ),
        &[TO_A_FILE, SOMEBODY_MIDWAY],
        Envelope::Sleep,
        &[],
    ),
    rule(
        "file.truncate.err.eacces",
        &[&TRUNCATE],
        Shall,
        (Error, posix("truncate()", "ERRORS"), "Who may not write to a file does not cut it."),
        &[TO_A_FILE, WRITE_FORBIDDEN],
        Envelope::Error(EACCES),
        &[],
    ),
    rule(
        "file.truncate.err.erofs",
        &[&TRUNCATE],
        Shall,
        (Error, posix("truncate()", "ERRORS"), "Nor does anybody by a mount for reading only."),
        &[TO_A_FILE, IS_READONLY],
        Envelope::Error(EROFS),
        &[],
    ),
];

static ELSEWHERE: &[Clause] = &[
    Clause {
        force: Permits,
        ..rule(
            "file.seals.err.einval",
            &[&ADD_SEALS, &GET_SEALS],
            Extension,
            (Error, linux("F_GET_SEALS(2const)", "ERRORS"), "A file system may know no seals."),
            &[REGULAR],
            Envelope::Error(EINVAL),
            &[],
        )
    },
    rule(
        "file.setfl.unspecified.direct",
        &[&SETFL],
        Unspecified,
        (
            Lifetime,
            posix("fcntl()", "DESCRIPTION"),
            "What O_DIRECT does to a file, and whether it is taken, is not said.",
        ),
        &[REGULAR, DIRECT],
        Envelope::Anything,
        &[],
    ),
];

/// How long what a regular file keeps lasts.
pub const LASTING: &[Lasting] = &[
    Lasting {
        kind: "regular file",
        part: "name",
        ends: Ending::Unlink,
        place: Place::Medium,
        source: posix("unlink", "DESCRIPTION"),
    },
    Lasting {
        kind: "regular file",
        part: "bytes",
        ends: Ending::UnlinkAndLastClose,
        place: Place::Medium,
        source: posix("unlink", "DESCRIPTION"),
    },
    Lasting {
        kind: "regular file",
        part: "offset",
        ends: Ending::LastClose,
        place: Place::Memory,
        source: posix("close", "DESCRIPTION"),
    },
];
