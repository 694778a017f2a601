//! What the calls that every object answers say to files that have no name and no type: counters and
//! interest lists. They are Linux's, and so are these rules; they belong to the mechanism of
//! descriptors.

use crate::clause::Aspect::{Error, Lifetime, Ordering};
use crate::clause::Cond::{All, Any, Eq};
use crate::clause::{Clause, Envelope, Guard, Num, Number, extension, linux, number};
use crate::descriptor::{
    A_FREE_ONE, FOREIGN_STATUS, FTRUNCATE, LSEEK, NONE_FREE, OPEN, PREAD, PWRITE, READS, SETFL,
    WRITES,
};
use crate::errno::Errno::{EACCES, EBADF, EINVAL, EMFILE, ENXIO, ESPIPE};
use crate::fifo::{BY_PATH, PLAIN, REOPEN};
use crate::name::{MAY_BECOME, UNPRIVILEGED};
use crate::object::Kind;
use crate::pipe::{ASKS, GETPIPE_SZ, SETPIPE_SZ, SPLICE, TEE};
use crate::view::View;
use crate::world::Object;

/// Whether the call's descriptor leads to such a file.
pub fn is(v: &View<'_>) -> bool {
    v.object().kind().map(Kind::file_type) == Some("0")
}

static ANONYMOUS: Number =
    number("typeless(fd)", "1 if the descriptor leads to a file of no type.", |v| u64::from(is(v)));
static OUT_ANONYMOUS: Number =
    number("typeless(out)", "1 if the second descriptor does.", |v| u64::from(is(&v.other(1))));
static OUT_OPEN: Number =
    number("open(out)", "1 if the second descriptor is open.", |v| (OPEN.read)(&v.other(1)));
static OUT_WRITES: Number =
    number("writes(out)", "1 if it is open for writing.", |v| (WRITES.read)(&v.other(1)));
/// Before it looks at the input, `splice` waits for room in a pipe.
static OUT_WAITS: Number =
    number("waits(out)", "1 if the second is a pipe that is full, or that nobody can read.", |v| {
        match v.other(1).object() {
            Object::Pipe(pipe) => {
                u64::from(pipe.readers == 0 || pipe.free(v.spec.numbers.page_size) == 0)
            }
            _ => 0,
        }
    });
/// It is a file without a type.
pub const TYPELESS: Guard =
    Guard { name: "it is a file of no type", cond: Eq(Num::Of(&ANONYMOUS), Num::N(1)) };
const ONE_TYPELESS: Guard = Guard {
    name: "from or to a file of no type, the first open for reading and the second for writing",
    cond: All(&[
        Any(&[Eq(Num::Of(&ANONYMOUS), Num::N(1)), Eq(Num::Of(&OUT_ANONYMOUS), Num::N(1))]),
        Eq(Num::Of(&OPEN), Num::N(1)),
        Eq(Num::Of(&OUT_OPEN), Num::N(1)),
        Eq(Num::Of(&READS), Num::N(1)),
        Eq(Num::Of(&OUT_WRITES), Num::N(1)),
    ]),
};
const ROOM: Guard = Guard {
    name: "the second is no pipe, or has room and a reader",
    cond: Eq(Num::Of(&OUT_WAITS), Num::N(0)),
};
const NO_ROOM: Guard = Guard {
    name: "the second is a pipe without room or without a reader",
    cond: Eq(Num::Of(&OUT_WAITS), Num::N(1)),
};
/// The clauses.
pub static CLAUSES: &[Clause] = &[
    extension(
        "descriptor.lseek.typeless",
        &[&LSEEK],
        (
            Ordering,
            linux("fs/read_write.c", "6.0, noop_llseek"),
            "A file of no type is always at 0.",
        ),
        &[TYPELESS],
        Envelope::Count(Num::N(0), Num::N(0)),
        &[],
    ),
    extension(
        "descriptor.pread.err.espipe",
        &[&PREAD, &PWRITE],
        (
            Error,
            linux("fs/read_write.c", "6.18, ksys_pread64"),
            "It has no offset to read or write at.",
        ),
        &[TYPELESS],
        Envelope::Error(ESPIPE),
        &[],
    ),
    extension(
        "descriptor.ftruncate.err.einval.typeless",
        &[&FTRUNCATE],
        (Error, linux("ftruncate(2)", "ERRORS"), "It has no length that could be set."),
        &[TYPELESS],
        Envelope::Error(EINVAL),
        &[],
    ),
    extension(
        "descriptor.setfl.err.einval.direct",
        &[&SETFL],
        (
            Error,
            linux("F_SETFL(2const)", "ERRORS"),
            "O_DIRECT is refused by files that do not have it.",
        ),
        &[TYPELESS, FOREIGN_STATUS],
        Envelope::Error(EINVAL),
        &[],
    ),
    extension(
        "descriptor.pipe-size.err.ebadf",
        &[&GETPIPE_SZ, &SETPIPE_SZ],
        (Error, linux("fs/pipe.c", "6.18, pipe_fcntl"), "What is no pipe has no capacity."),
        &[TYPELESS],
        Envelope::Error(EBADF),
        &[],
    ),
    extension(
        "descriptor.splice.err.einval",
        &[&SPLICE],
        (Error, linux("splice(2)", "ERRORS"), "Nothing is moved from or to a file of no type."),
        &[ONE_TYPELESS, ASKS, ROOM],
        Envelope::Error(EINVAL),
        &[],
    ),
    extension(
        "descriptor.splice.unspecified.room",
        &[&SPLICE],
        (
            Ordering,
            linux("fs/splice.c", "6.18, splice_file_to_pipe"),
            "What it does where it would have to wait for room first is not said here.",
        ),
        &[ONE_TYPELESS, ASKS, NO_ROOM],
        Envelope::Anything,
        &[],
    ),
    extension(
        "descriptor.tee.err.einval",
        &[&TEE],
        (Error, linux("tee(2)", "ERRORS"), "Nothing is copied from or to what is no pipe."),
        &[ONE_TYPELESS, ASKS],
        Envelope::Error(EINVAL),
        &[],
    ),
    extension(
        "descriptor.reopen.err.enxio",
        &[&REOPEN],
        (
            Lifetime,
            linux("fs/inode.c", "6.18, no_open"),
            "A file of no type cannot be opened once more.",
        ),
        &[TYPELESS, PLAIN, A_FREE_ONE, MAY_BECOME],
        Envelope::Error(ENXIO),
        &[],
    ),
    extension(
        "descriptor.reopen.err.eacces",
        &[&REOPEN],
        (
            Error,
            linux("fs/anon_inodes.c", "6.18, anon_inode_mnt"),
            "A file of no type is root's alone: who is not privileged is told so first.",
        ),
        &[TYPELESS, PLAIN, A_FREE_ONE, UNPRIVILEGED],
        Envelope::Error(EACCES),
        &[],
    ),
    extension(
        "descriptor.reopen.err.emfile",
        &[&REOPEN],
        (Error, linux("open(2)", "ERRORS"), "Without a free descriptor nothing is opened."),
        &[TYPELESS, NONE_FREE],
        Envelope::Error(EMFILE),
        &[],
    ),
    extension(
        "descriptor.reopen.unspecified.path",
        &[&REOPEN],
        (
            Ordering,
            linux("open(2)", "O_PATH"),
            "What a name of a file without one is good for is not said here.",
        ),
        &[TYPELESS, BY_PATH, A_FREE_ONE],
        Envelope::Anything,
        &[],
    ),
];
