//! Pipes: bytes in order from those who can write to those who can read, and an end when nobody can.

mod act;
mod offset;
mod packet;
mod read;
mod size;
mod splice;
mod stamps;
mod store;
mod terms;
mod write;

use self::act::{CAPACITY, CREATE, ENDS, FILL};
pub use self::size::SETPIPE_SZ;
pub use self::splice::{
    DIES, MAY_NOT_WAIT as SPLICE_MAY_NOT_WAIT, MAY_WAIT as SPLICE_MAY_WAIT, OUT_IS_FULL,
    OUT_IS_PIPE, OUT_IS_READ, OUT_UNREAD, PENDS, SPLICE, SPLICE_FLAGS, TEE,
};
pub(crate) use self::stamps::over;
pub use self::stamps::{
    FSTAT_ATIME, FSTAT_MTIME, FUTIMENS, MOMENTS, Stamped, Stamps, forget_marks, mark_all,
};
pub use self::store::{Layout, Pipe, Slot};
use self::terms::*;
pub use self::terms::{
    ASKS, ASKS_NOTHING, BLOCKED, DEADLY, EMPTY, IGNORED, IS_PIPE, NO_READER, NO_WRITER, PIPE_ROOM,
    READABLE, SOMETHING, STORED, WRITABLE,
};
use crate::clause::Aspect::{Error, Lifetime, Readiness};
use crate::clause::Duty::{Extension, May, Shall, Unspecified};
use crate::clause::Force::{Obliges, Permits};
use crate::clause::{Clause, Envelope, Num, effect, linux, posix};
use crate::descriptor::{FIONREAD, READ, WRITE};
use crate::errno::Errno::{EBADF, EINVAL, EMFILE};
use crate::lasting::{Ending, Lasting, Place};
use crate::operation::{Gives, Operation, Param};
use crate::poll::{ERR, HUP, IN, Law, OUT};

/// The flags of `pipe2`; `O_APPEND` stands for one that it does not take.
pub const PIPE_FLAGS: &[&str] = &["O_CLOEXEC", "O_NONBLOCK", "O_CLOFORK", "O_APPEND", "O_DIRECT"];

/// `int pipe(int fildes[2])`.
pub static PIPE: Operation =
    Operation { name: "pipe", params: &[], gives: Gives::Fds, c: "pipe(fds)" };

/// `int pipe2(int fildes[2], int flag)`.
pub static PIPE2: Operation = Operation {
    name: "pipe2",
    params: &[Param::Flags(PIPE_FLAGS)],
    gives: Gives::Fds,
    c: "pipe2(fds, %0)",
};

/// `int fcntl(int fd, F_GETPIPE_SZ)`: the capacity in bytes.
pub static GETPIPE_SZ: Operation = Operation {
    name: "fcntl",
    params: &[Param::Fd, Param::Command("F_GETPIPE_SZ")],
    gives: Gives::Number,
    c: "fcntl(%0, F_GETPIPE_SZ)",
};

/// What programs can call here.
pub static OPERATIONS: &[&Operation] = &[
    &PIPE,
    &PIPE2,
    &GETPIPE_SZ,
    &SETPIPE_SZ,
    &SPLICE,
    &TEE,
    &FUTIMENS,
    &FSTAT_ATIME,
    &FSTAT_MTIME,
];

/// The clauses, in the order of the page.
pub static CLAUSES: &[&[Clause]] = &[
    CREATION,
    read::CLAUSES,
    write::SHORT_WRITES,
    write::LONG_WRITES,
    write::NOBODY_READS,
    write::NOTHING_OR_WRONG,
    packet::READS,
    packet::WRITES,
    offset::CLAUSES,
    ASKING,
    size::CLAUSES,
    splice::SPLICES,
    splice::SPLICES_TOO,
    splice::TEES,
    splice::TEES_TOO,
    stamps::CLAUSES,
];

/// What either end of a pipe promises when it is ready, whether it has a name or none.
pub static LAW: &[Law] = &[
    Law { kind: "S_IFIFO", event: IN, operation: &READ, with: &[Num::N(1)] },
    Law { kind: "S_IFIFO", event: OUT, operation: &WRITE, with: &[Num::Of(&PIPE_BUF)] },
    Law { kind: "S_IFIFO", event: HUP, operation: &READ, with: &[Num::N(1)] },
    Law { kind: "S_IFIFO", event: ERR, operation: &WRITE, with: &[Num::Of(&PIPE_BUF)] },
];

static CREATION: &[Clause] = &[
    Clause {
        id: "pipe.pipe.creates",
        on: &[&PIPE],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("pipe()", "DESCRIPTION"),
        text: "A pipe comes with two descriptions, on the two lowest free descriptors, reading end first, both flags clear.",
        guards: &[TWO_FREE],
        envelope: Envelope::Exactly(&ENDS),
        effects: &[effect(&CREATE)],
    },
    Clause {
        id: "pipe.pipe.err.emfile",
        on: &[&PIPE],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("pipe()", "ERRORS"),
        text: "Without two free descriptors there is no pipe.",
        guards: &[NOT_TWO_FREE],
        envelope: Envelope::Error(EMFILE),
        effects: &[],
    },
    Clause {
        id: "pipe.pipe2.creates",
        on: &[&PIPE2],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("pipe2()", "DESCRIPTION"),
        text: "As pipe, and O_CLOEXEC and O_NONBLOCK are set on both ends as asked.",
        guards: &[TWO_FREE, KNOWN_FLAGS, NO_CLOFORK],
        envelope: Envelope::Exactly(&ENDS),
        effects: &[effect(&CREATE)],
    },
    Clause {
        id: "pipe.pipe2.err.emfile",
        on: &[&PIPE2],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("pipe2()", "ERRORS"),
        text: "Without two free descriptors there is no pipe.",
        guards: &[NOT_TWO_FREE, KNOWN_FLAGS],
        envelope: Envelope::Error(EMFILE),
        effects: &[],
    },
    Clause {
        id: "pipe.pipe2.err.einval",
        on: &[&PIPE2],
        force: Permits,
        duty: May,
        aspect: Error,
        source: posix("pipe2()", "ERRORS"),
        text: "A flag that is not known is refused.",
        guards: &[UNKNOWN_FLAG],
        envelope: Envelope::Error(EINVAL),
        effects: &[],
    },
    Clause {
        id: "pipe.pipe2.unspecified.flag",
        on: &[&PIPE2],
        force: Permits,
        duty: Unspecified,
        aspect: Error,
        source: posix("pipe2()", "ERRORS"),
        text: "What an unknown flag does, where it is not refused, is not said.",
        guards: &[UNKNOWN_FLAG],
        envelope: Envelope::Anything,
        effects: &[],
    },
    Clause {
        id: "pipe.pipe2.clofork",
        on: &[&PIPE2],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("pipe2()", "DESCRIPTION"),
        text: "O_CLOFORK sets FD_CLOFORK on both ends.",
        guards: &[TWO_FREE, KNOWN_FLAGS, ASKS_CLOFORK],
        envelope: Envelope::Exactly(&ENDS),
        effects: &[effect(&CREATE)],
    },
    Clause {
        id: "pipe.pipe2.absent.clofork",
        on: &[&PIPE2],
        force: Obliges,
        duty: Extension,
        aspect: Lifetime,
        source: linux("pipe(2)", "DESCRIPTION"),
        text: "There is no O_CLOFORK.",
        guards: &[KNOWN_FLAGS, ASKS_CLOFORK],
        envelope: Envelope::Absent("O_CLOFORK"),
        effects: &[],
    },
];

static ASKING: &[Clause] = &[
    Clause {
        id: "pipe.fionread.tells",
        on: &[&FIONREAD],
        force: Obliges,
        duty: Extension,
        aspect: Readiness,
        source: linux("pipe(7)", "I/O on pipes and FIFOs"),
        text: "It tells how many bytes are stored, at either end.",
        guards: &[A_PIPE],
        envelope: Envelope::Exactly(&FILL),
        effects: &[],
    },
    Clause {
        id: "pipe.getpipe-sz.tells",
        on: &[&GETPIPE_SZ],
        force: Obliges,
        duty: Extension,
        aspect: Readiness,
        source: linux("F_GETPIPE_SZ(2const)", "DESCRIPTION"),
        text: "It tells the capacity, the same at either end.",
        guards: &[A_PIPE],
        envelope: Envelope::Exactly(&CAPACITY),
        effects: &[],
    },
    Clause {
        id: "pipe.getpipe-sz.err.ebadf",
        on: &[&GETPIPE_SZ],
        force: Obliges,
        duty: Extension,
        aspect: Error,
        source: linux("fcntl(2)", "ERRORS"),
        text: "A descriptor that is not open is refused.",
        guards: &[crate::descriptor::NOT_OPEN],
        envelope: Envelope::Error(EBADF),
        effects: &[],
    },
];

/// How long what a pipe keeps lasts.
pub const LASTING: &[Lasting] = &[
    Lasting {
        kind: "pipe",
        part: "bytes",
        ends: Ending::LastClose,
        place: Place::Memory,
        source: posix("close", "DESCRIPTION"),
    },
    Lasting {
        kind: "pipe",
        part: "a writer",
        ends: Ending::LastClose,
        place: Place::Memory,
        source: posix("read", "DESCRIPTION"),
    },
    Lasting {
        kind: "pipe",
        part: "a reader",
        ends: Ending::LastClose,
        place: Place::Memory,
        source: posix("write", "DESCRIPTION"),
    },
    Lasting {
        kind: "pipe",
        part: "`O_NONBLOCK`",
        ends: Ending::LastClose,
        place: Place::Memory,
        source: posix("fcntl", "DESCRIPTION"),
    },
    Lasting {
        kind: "pipe",
        part: "size",
        ends: Ending::LastClose,
        place: Place::Memory,
        source: linux("fcntl(2)", "F_SETPIPE_SZ"),
    },
];
