//! What other calls say to files of memory, and what they are ready for.

use super::terms::{A_MEMORY, AHEAD, ONE_MEMORY, THE_SIZE};
use crate::clause::Aspect::{Error, Lifetime, Ordering, Readiness};
use crate::clause::Cond::Eq;
use crate::clause::Duty::{Shall, Unspecified};
use crate::clause::Force::{Obliges, Permits};
use crate::clause::{Clause, Envelope, Guard, Num, Number, extension, linux, number, posix};
use crate::descriptor::{FIONREAD, FOREIGN_STATUS, FSTAT, FSTAT_SIZE, READ, SETFL, WRITE};
use crate::epoll::{EPOLL_ADD, EPOLL_DEL, EPOLL_MOD};
use crate::errno::Errno::{EBADF, EINVAL, EPERM};
use crate::file::NOT_REGULAR;
use crate::pipe::{GETPIPE_SZ, SETPIPE_SZ, SPLICE, TEE};
use crate::poll::{IN, Law, OUT, READY};
use crate::world::Object;

static KNOWN_SIZE: Number = number(
    "sized(fd)",
    "1 if the descriptor is open and leads to no memory, nor a directory.",
    |v| {
        let told = matches!(v.object(), Object::Memory(_) | Object::Directory(_));
        u64::from(v.subject.is_some() && !told)
    },
);
static SECOND: Number = number("memory(fd')", "1 if the second descriptor leads to memory.", |v| {
    let open = v.description().is_some_and(|d| !d.path);
    let memory = matches!(v.other(1).object(), Object::Memory(_));
    u64::from(open && memory && v.other(1).description().is_some_and(|d| !d.path))
});

const NO_MEMORY: Guard = Guard {
    name: "it is open, and no memory, nor a directory",
    cond: Eq(Num::Of(&KNOWN_SIZE), Num::N(1)),
};
const MEMORY_SECOND: Guard =
    Guard { name: "the second is memory", cond: Eq(Num::Of(&SECOND), Num::N(1)) };

pub(super) static CLAUSES: &[Clause] = &[
    Clause {
        id: "memory.fstat.size",
        on: &[&FSTAT_SIZE],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("<sys/stat.h>", "st_size"),
        text: "The size of memory is how many bytes it has.",
        guards: &[A_MEMORY],
        envelope: Envelope::Exactly(&THE_SIZE),
        effects: &[],
    },
    Clause {
        id: "memory.fstat.size.unspecified",
        on: &[&FSTAT_SIZE],
        force: Permits,
        duty: Unspecified,
        aspect: Lifetime,
        source: posix("<sys/stat.h>", "st_size"),
        text: "Which size is told of what is no file of bytes is not said.",
        guards: &[NO_MEMORY],
        envelope: Envelope::Count(Num::N(0), Num::N(i64::MAX as u64)),
        effects: &[],
    },
    extension(
        "memory.fstat.size.none",
        &[&FSTAT_SIZE],
        (Lifetime, linux("inode(7)", "st_size"), "What is no file of bytes has none."),
        &[NO_MEMORY],
        Envelope::Count(Num::N(0), Num::N(0)),
        &[],
    ),
    Clause {
        id: "memory.fstat.type.unspecified",
        on: &[&FSTAT],
        force: Permits,
        duty: Unspecified,
        aspect: Readiness,
        source: posix("<sys/stat.h>", "S_TYPESHM"),
        text: "Which type of file is told of memory is not said.",
        guards: &[A_MEMORY, NOT_REGULAR],
        envelope: Envelope::Anything,
        effects: &[],
    },
    extension(
        "memory.fionread.tells",
        &[&FIONREAD],
        (
            Readiness,
            linux("fs/ioctl.c", "6.18, file_ioctl"),
            "What is between the offset and the end is told as an int, less than none behind the end.",
        ),
        &[A_MEMORY],
        Envelope::Exactly(&AHEAD),
        &[],
    ),
    extension(
        "memory.setfl.err.einval",
        &[&SETFL],
        (
            Error,
            linux("mm/shmem.c", "6.18, shmem_file_open"),
            "A file that was made without a name takes O_DIRECT only once it was opened.",
        ),
        &[A_MEMORY, NOT_REGULAR, FOREIGN_STATUS],
        Envelope::Error(EINVAL),
        &[],
    ),
    extension(
        "memory.pipe-size.err.ebadf",
        &[&GETPIPE_SZ, &SETPIPE_SZ],
        (Error, linux("fs/pipe.c", "6.18, pipe_fcntl"), "Memory has no capacity."),
        &[A_MEMORY],
        Envelope::Error(EBADF),
        &[],
    ),
    extension(
        "memory.splice.unspecified",
        &[&SPLICE, &TEE],
        (
            Ordering,
            linux("splice(2)", "DESCRIPTION"),
            "What is moved between memory and a pipe is not said here.",
        ),
        &[ONE_MEMORY],
        Envelope::Anything,
        &[],
    ),
    extension(
        "memory.epoll.err.eperm",
        &[&EPOLL_ADD, &EPOLL_MOD, &EPOLL_DEL],
        (Error, linux("epoll_ctl(2)", "ERRORS"), "What is always ready cannot be waited for."),
        &[MEMORY_SECOND],
        Envelope::Error(EPERM),
        &[],
    ),
];

/// What memory promises when it is ready.
pub static LAW: &[Law] = &[
    Law { kind: "S_IFREG", event: IN, operation: &READ, with: &[Num::N(1)] },
    Law { kind: "S_IFREG", event: OUT, operation: &WRITE, with: &[Num::N(4096)] },
];

pub(super) static READINESS: &[Clause] = &[
    Clause {
        id: "memory.ready.in",
        on: &[&READY],
        force: Obliges,
        duty: Shall,
        aspect: Readiness,
        source: posix("poll()", "DESCRIPTION"),
        text: "Memory is always readable, also where it is not open for reading.",
        guards: &[A_MEMORY],
        envelope: Envelope::Is(IN),
        effects: &[],
    },
    Clause {
        id: "memory.ready.out",
        on: &[&READY],
        force: Obliges,
        duty: Shall,
        aspect: Readiness,
        source: posix("poll()", "DESCRIPTION"),
        text: "Memory is always writable, also where it is not open for writing.",
        guards: &[A_MEMORY],
        envelope: Envelope::Is(OUT),
        effects: &[],
    },
];
