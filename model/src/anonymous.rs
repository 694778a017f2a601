//! What the calls that every object answers say to files that have no name and no type: counters,
//! interest lists and signals that are read, and processes as far as they are no exception. They are Linux's, and so are these rules; they belong to the mechanism of
//! descriptors.

use crate::clause::Aspect::{Blocking, Error, Lifetime, Ordering};
use crate::clause::Cond::{All, Any, Eq};
use crate::clause::{Clause, Envelope, Guard, Num, Number, Source, extension, linux, number};
use crate::descriptor::{
    A_FREE_ONE, FOREIGN_STATUS, FTRUNCATE, LSEEK, NONBLOCK, NONE_FREE, OPEN, PREAD, PWRITE, READS,
    SETFL, SLEPT, WRITES,
};
use crate::errno::Errno::{EACCES, EAGAIN, EBADF, EINVAL, EMFILE, ENXIO, EPIPE, ESPIPE};
use crate::fifo::{BY_PATH, PLAIN, REOPEN};
use crate::name::{MAY_BECOME, UNPRIVILEGED};
use crate::object::Kind;
use crate::pipe::{
    ASKS, BLOCKED, DEADLY, DIES, GETPIPE_SZ, IGNORED, OUT_IS_FULL, OUT_IS_PIPE, OUT_IS_READ,
    OUT_UNREAD, PENDS, SETPIPE_SZ, SPLICE, TEE,
};
use crate::view::View;
use crate::world::Object;

/// Whether the call's descriptor leads to such a file.
pub fn is(v: &View<'_>) -> bool {
    v.object().kind().map(Kind::file_type) == Some("0")
}

static ANONYMOUS: Number =
    number("typeless(fd)", "1 if the descriptor leads to a file of no type.", |v| u64::from(is(v)));
static AT_ZERO: Number = number(
    "placeless(fd)",
    "1 if the descriptor leads to a file of no type that stands for no process.",
    |v| u64::from(is(v) && !matches!(v.object(), Object::Pidfd(_))),
);
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
/// `O_NONBLOCK` of the input is not asked for (Linux 6.18 `fs/splice.c`, `do_splice`).
static NO_WAITING: Number =
    number("no waiting", "1 if SPLICE_F_NONBLOCK is given or O_NONBLOCK set on the second.", |v| {
        u64::from(v.flag("SPLICE_F_NONBLOCK") || (NONBLOCK.read)(&v.other(1)) != 0)
    });

/// It is a file without a type.
pub const TYPELESS: Guard =
    Guard { name: "it is a file of no type", cond: Eq(Num::Of(&ANONYMOUS), Num::N(1)) };
const PLACELESS: Guard = Guard {
    name: "it is a file of no type that stands for no process",
    cond: Eq(Num::Of(&AT_ZERO), Num::N(1)),
};
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
const TO_A_PIPE: Guard = Guard {
    name: "from a file of no type to a pipe, the first open for reading and the second for writing",
    cond: All(&[
        Eq(Num::Of(&ANONYMOUS), Num::N(1)),
        Eq(Num::Of(&READS), Num::N(1)),
        Eq(Num::Of(&OUT_IS_PIPE), Num::N(1)),
        Eq(Num::Of(&OUT_WRITES), Num::N(1)),
    ]),
};
const MAY_WAIT: Guard = Guard {
    name: "nothing forbids to wait for room, or it waits already",
    cond: Any(&[Eq(Num::Of(&NO_WAITING), Num::N(0)), Eq(Num::Of(&SLEPT), Num::N(1))]),
};
const MAY_NOT_WAIT: Guard = Guard {
    name: "SPLICE_F_NONBLOCK is given or O_NONBLOCK set on the pipe, and it does not wait already",
    cond: All(&[Eq(Num::Of(&NO_WAITING), Num::N(1)), Eq(Num::Of(&SLEPT), Num::N(0))]),
};
const TO_PIPE: Source = linux("fs/splice.c", "6.18, splice_file_to_pipe");

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
        &[PLACELESS],
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
        &[PLACELESS],
        Envelope::Error(ESPIPE),
        &[],
    ),
    extension(
        "descriptor.ftruncate.err.einval.typeless",
        &[&FTRUNCATE],
        (Error, linux("ftruncate(2)", "ERRORS"), "It has no length that could be set."),
        &[PLACELESS],
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
        "descriptor.splice.blocks",
        &[&SPLICE],
        (Blocking, TO_PIPE, "It waits for room in the pipe before it looks what it would move."),
        &[TO_A_PIPE, ASKS, OUT_IS_READ, OUT_IS_FULL, MAY_WAIT],
        Envelope::Sleep,
        &[],
    ),
    extension(
        "descriptor.splice.err.eagain",
        &[&SPLICE],
        (Error, TO_PIPE, "It is refused where the pipe has no room and it may not wait."),
        &[TO_A_PIPE, ASKS, OUT_IS_READ, OUT_IS_FULL, MAY_NOT_WAIT],
        Envelope::Error(EAGAIN),
        &[],
    ),
    extension(
        "descriptor.splice.sigpipe.kills",
        &[&SPLICE],
        (
            Error,
            TO_PIPE,
            "Where nobody can read the pipe it raises SIGPIPE, which ends the caller.",
        ),
        &[TO_A_PIPE, ASKS, OUT_UNREAD, DEADLY],
        Envelope::Never,
        DIES,
    ),
    extension(
        "descriptor.splice.epipe.ignored",
        &[&SPLICE],
        (Error, TO_PIPE, "A caller that ignores SIGPIPE is told EPIPE."),
        &[TO_A_PIPE, ASKS, OUT_UNREAD, IGNORED],
        Envelope::Error(EPIPE),
        &[],
    ),
    extension(
        "descriptor.splice.epipe.pending",
        &[&SPLICE],
        (
            Error,
            TO_PIPE,
            "A caller that blocks SIGPIPE is told EPIPE, and the signal stays pending.",
        ),
        &[TO_A_PIPE, ASKS, OUT_UNREAD, BLOCKED],
        Envelope::Error(EPIPE),
        PENDS,
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
        &[PLACELESS, PLAIN, A_FREE_ONE, MAY_BECOME],
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
        &[PLACELESS, PLAIN, A_FREE_ONE, UNPRIVILEGED],
        Envelope::Error(EACCES),
        &[],
    ),
    extension(
        "descriptor.reopen.err.emfile",
        &[&REOPEN],
        (Error, linux("open(2)", "ERRORS"), "Without a free descriptor nothing is opened."),
        &[PLACELESS, NONE_FREE],
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
        &[PLACELESS, BY_PATH, A_FREE_ONE],
        Envelope::Anything,
        &[],
    ),
];
