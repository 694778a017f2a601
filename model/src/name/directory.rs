//! Directories as open files: who opens one has it open for reading, reads no bytes, and is in nobody's way.

use super::terms::spot;
use super::{allows, rules::rule};
use crate::clause::Aspect::{Error, Lifetime, Ordering, Readiness};
use crate::clause::Cond::{All, Any, Eq};
use crate::clause::Duty::{Extension, May, Shall, Unspecified};
use crate::clause::Force::{Obliges, Permits};
use crate::clause::{
    Action, Clause, Envelope, Guard, Num, Number, Source, action, by_sort, effect, extension,
    linux, number, posix,
};
use crate::descriptor::{
    A_FREE_ONE, FIONREAD, FOREIGN_STATUS, FSTAT_SIZE, FTRUNCATE, LOWEST, LSEEK, PREAD, PWRITE,
    READ, READV, SETFL, WRITE, WRITEV,
};
use crate::epoll::{EPOLL_ADD, EPOLL_DEL, EPOLL_MOD};
use crate::errno::Errno::{EACCES, EBADF, EINVAL, EISDIR, ENOTDIR, ENOTTY, EPERM};
use crate::fifo::{ACCESS, BY_PATH, OPEN, PLAIN, REOPEN, TO_BE_WRITTEN};
use crate::operation::{Operation, Param};
use crate::pipe::{ASKS, ASKS_NOTHING, GETPIPE_SZ, SETPIPE_SZ, SPLICE, TEE};
use crate::poll::{IN, OUT, READY};
use crate::view::View;
use crate::world::{Description, Object, World};

/// The object that a call opens, by its path or by its descriptor, if there is one.
fn target(v: &View<'_>) -> Option<u16> {
    match v.call?.call.operation {
        operation if *operation == REOPEN => v.description().map(|description| description.object),
        // Who has entered a FIFO is at that, whatever has come to its name.
        _ => spot(v).filter(|_| v.call.is_some_and(|call| call.holds.is_none()))?.object,
    }
}

fn is_directory(world: &World, object: Option<u16>) -> bool {
    object.is_some_and(|object| matches!(world.object_at(object), Object::Directory(_)))
}

/// The call's descriptor leads to a directory.
pub static IS_DIRECTORY: Number =
    by_sort("directory(fd)", "1 if the descriptor leads to a directory.", |v| {
        u64::from(
            matches!(v.object(), Object::Directory(_)) && v.description().is_some_and(|d| !d.path),
        )
    });
static SECOND_IS: Number =
    number("directory(fd')", "1 if the second descriptor leads to a directory.", |v| {
        let open = v.description().is_some_and(|d| !d.path);
        u64::from(open && (IS_DIRECTORY.read)(&v.other(1)) == 1)
    });
static OPENED: Number = number("opens a directory", "1 if what is opened is a directory.", |v| {
    u64::from(is_directory(v.world, target(v)))
});
static NO_DIRECTORY: Number = number(
    "must be a directory",
    "1 if O_DIRECTORY is asked for, and what is opened is there and no directory.",
    |v| {
        let found = target(v);
        u64::from(v.flag("O_DIRECTORY") && found.is_some() && !is_directory(v.world, found))
    },
);
static CUTS: Number =
    number("cuts", "1 if O_TRUNC is asked for.", |v| u64::from(v.flag("O_TRUNC")));
static READS_ONLY: Number = number("reads only", "1 if O_RDONLY is asked for.", |v| {
    let word = v.call.and_then(|call| call.call.find(|param| *param == Param::Word(ACCESS)));
    u64::from(word == Some(0))
});
static READABLE: Number =
    number("readable", "1 if its permission bits let the caller read.", |v| {
        let node = target(v).and_then(|object| v.world.object_at(object).node());
        let may = |node| v.process().is_none_or(|p| allows(node, &v.spec.numbers, p.user, 4));
        u64::from(node.is_none_or(may))
    });

const A_DIRECTORY: Guard =
    Guard { name: "it is a directory", cond: Eq(Num::Of(&IS_DIRECTORY), Num::N(1)) };
const SECOND_A_DIRECTORY: Guard =
    Guard { name: "the second is a directory", cond: Eq(Num::Of(&SECOND_IS), Num::N(1)) };
const TO_A_DIRECTORY: Guard =
    Guard { name: "it leads to a directory", cond: Eq(Num::Of(&OPENED), Num::N(1)) };
const TO_ANOTHER: Guard = Guard {
    name: "O_DIRECTORY is asked for, and it leads to something else",
    cond: Eq(Num::Of(&NO_DIRECTORY), Num::N(1)),
};
const TO_BE_READ: Guard = Guard {
    name: "for reading only, and not to be cut",
    cond: All(&[Eq(Num::Of(&READS_ONLY), Num::N(1)), Eq(Num::Of(&CUTS), Num::N(0))]),
};
const TO_BE_CUT_OR_NAMED: Guard = Guard {
    name: "O_PATH is asked for, or O_TRUNC and for reading only",
    cond: Any(&[
        BY_PATH.cond,
        All(&[Eq(Num::Of(&READS_ONLY), Num::N(1)), Eq(Num::Of(&CUTS), Num::N(1))]),
    ]),
};
const MAY_READ: Guard = Guard {
    name: "its permission bits let the caller read",
    cond: Eq(Num::Of(&READABLE), Num::N(1)),
};
const MAY_NOT_READ: Guard = Guard {
    name: "its permission bits do not let the caller read",
    cond: Eq(Num::Of(&READABLE), Num::N(0)),
};

static OPEN_IT: Action = action("the lowest free descriptor leads to it", |c, _| {
    let view = c.view();
    let Some(object) = target(&view) else { return };
    let (nonblock, cloexec) = (view.flag("O_NONBLOCK"), view.flag("O_CLOEXEC"));
    let opened = Description { object, reads: true, nonblock, serial: true, ..Default::default() };
    let description = c.world.add_description(opened);
    c.give(description, cloexec);
});

const READINESS: &[&Operation] = &[&READY];

/// A directory may be ready so.
const fn perhaps(id: &'static str, event: u32, text: &'static str) -> Clause {
    Clause {
        id,
        on: READINESS,
        force: Permits,
        duty: Unspecified,
        aspect: Readiness,
        source: posix("poll()", "DESCRIPTION"),
        text,
        guards: &[A_DIRECTORY],
        envelope: Envelope::Is(event),
        effects: &[],
    }
}

const POLLED: Source = linux("include/linux/poll.h", "6.18, DEFAULT_POLLMASK");

pub(super) static OPENING: &[Clause] = &[
    Clause {
        id: "name.open.directory.opens",
        on: &[&OPEN, &REOPEN],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("open()", "DESCRIPTION"),
        text: "A directory is opened for reading, at once, and stays what it is until it is closed, whatever becomes of its name.",
        guards: &[TO_A_DIRECTORY, PLAIN, TO_BE_READ, MAY_READ, A_FREE_ONE],
        envelope: Envelope::Exactly(&LOWEST),
        effects: &[effect(&OPEN_IT)],
    },
    rule(
        "name.open.directory.err.eacces",
        &[&OPEN, &REOPEN],
        (
            Error,
            "open()",
            "ERRORS",
            "A directory whose permission bits do not let the caller read is not opened.",
        ),
        &[TO_A_DIRECTORY, PLAIN, TO_BE_READ, MAY_NOT_READ],
        Envelope::Error(EACCES),
    ),
    rule(
        "name.open.err.enotdir",
        &[&OPEN, &REOPEN],
        (Error, "open()", "ERRORS", "With O_DIRECTORY nothing but a directory is opened."),
        &[TO_ANOTHER],
        Envelope::Error(ENOTDIR),
    ),
    extension(
        "name.reopen.err.eisdir",
        &[&REOPEN],
        (Error, linux("open(2)", "ERRORS"), "A directory is not opened once more for writing."),
        &[TO_A_DIRECTORY, TO_BE_WRITTEN],
        Envelope::Error(EISDIR),
        &[],
    ),
    Clause {
        id: "name.open.unspecified.directory",
        on: &[&OPEN, &REOPEN],
        force: Permits,
        duty: Unspecified,
        aspect: Lifetime,
        source: posix("open()", "DESCRIPTION"),
        text: "What a directory is good for that is cut as it is opened for reading, or only named, is not said here.",
        guards: &[TO_A_DIRECTORY, TO_BE_CUT_OR_NAMED],
        envelope: Envelope::Anything,
        effects: &[],
    },
];

pub(super) static OPENED_ONES: &[Clause] = &[
    Clause {
        id: "name.directory.unspecified.read",
        on: &[&READ, &READV, &PREAD],
        force: Permits,
        duty: Unspecified,
        aspect: Error,
        source: posix("read()", "ERRORS"),
        text: "Whether the bytes of a directory can be read, and which they are, is not said.",
        guards: &[A_DIRECTORY],
        envelope: Envelope::Anything,
        effects: &[],
    },
    extension(
        "name.directory.read.err.eisdir",
        &[&READ, &PREAD],
        (Error, linux("read(2)", "ERRORS"), "A directory has no bytes, not even none."),
        &[A_DIRECTORY],
        Envelope::Error(EISDIR),
        &[],
    ),
    extension(
        "name.directory.readv.err.eisdir",
        &[&READV],
        (Error, linux("read(2)", "ERRORS"), "A directory has no bytes for several buffers either."),
        &[A_DIRECTORY, ASKS],
        Envelope::Error(EISDIR),
        &[],
    ),
    extension(
        "name.directory.readv.zero",
        &[&READV],
        (
            Ordering,
            linux("fs/read_write.c", "6.18, vfs_readv"),
            "Who asks for no bytes in several buffers gets them.",
        ),
        &[A_DIRECTORY, ASKS_NOTHING],
        Envelope::Data(Num::N(0), Num::N(0)),
        &[],
    ),
    rule(
        "name.directory.write.err.ebadf",
        &[&WRITE, &WRITEV, &PWRITE],
        (Error, "write()", "ERRORS", "A directory is not open for writing."),
        &[A_DIRECTORY],
        Envelope::Error(EBADF),
    ),
    rule(
        "name.directory.ftruncate.err.einval",
        &[&FTRUNCATE],
        (
            Error,
            "ftruncate()",
            "ERRORS",
            "A directory is not open for writing, and gets no length.",
        ),
        &[A_DIRECTORY],
        Envelope::Error(EINVAL),
    ),
    Clause {
        force: Permits,
        duty: May,
        ..rule(
            "name.directory.ftruncate.err.ebadf",
            &[&FTRUNCATE],
            (
                Error,
                "ftruncate()",
                "ERRORS",
                "That it is not open for writing may be told as such.",
            ),
            &[A_DIRECTORY],
            Envelope::Error(EBADF),
        )
    },
    extension(
        "name.directory.fionread.err.enotty",
        &[&FIONREAD],
        (Error, linux("ioctl(2)", "ERRORS"), "Nothing in a directory is to be read."),
        &[A_DIRECTORY],
        Envelope::Error(ENOTTY),
        &[],
    ),
    extension(
        "name.directory.pipe-size.err.ebadf",
        &[&GETPIPE_SZ, &SETPIPE_SZ],
        (Error, linux("fs/pipe.c", "6.18, pipe_fcntl"), "A directory has no capacity."),
        &[A_DIRECTORY],
        Envelope::Error(EBADF),
        &[],
    ),
    extension(
        "name.directory.epoll.err.eperm",
        &[&EPOLL_ADD, &EPOLL_MOD, &EPOLL_DEL],
        (Error, linux("epoll_ctl(2)", "ERRORS"), "A directory cannot be waited for."),
        &[SECOND_A_DIRECTORY],
        Envelope::Error(EPERM),
        &[],
    ),
    Clause {
        id: "name.directory.fstat.size",
        on: &[&FSTAT_SIZE],
        force: Permits,
        duty: Unspecified,
        aspect: Lifetime,
        source: posix("<sys/stat.h>", "st_size"),
        text: "Which size is told of a directory is not said.",
        guards: &[A_DIRECTORY],
        envelope: Envelope::Anything,
        effects: &[],
    },
    Clause {
        id: "name.directory.unspecified",
        on: &[&LSEEK],
        force: Permits,
        duty: Unspecified,
        aspect: Ordering,
        source: posix("lseek()", "DESCRIPTION"),
        text: "What an offset in a directory is, is not said here.",
        guards: &[A_DIRECTORY],
        envelope: Envelope::Anything,
        effects: &[],
    },
    Clause {
        id: "name.directory.unspecified.splice",
        on: &[&SPLICE, &TEE],
        force: Permits,
        duty: Extension,
        aspect: Ordering,
        source: linux("splice(2)", "DESCRIPTION"),
        text: "What is moved between a directory and a pipe is not said here.",
        guards: &[A_DIRECTORY],
        envelope: Envelope::Anything,
        effects: &[],
    },
    Clause {
        id: "name.directory.unspecified.flag",
        on: &[&SETFL],
        force: Permits,
        duty: Unspecified,
        aspect: Error,
        source: posix("fcntl()", "DESCRIPTION"),
        text: "Whether a directory takes O_DIRECT is not said.",
        guards: &[A_DIRECTORY, FOREIGN_STATUS],
        envelope: Envelope::Anything,
        effects: &[],
    },
    perhaps("name.directory.ready.in.perhaps", IN, "A directory may be readable."),
    perhaps("name.directory.ready.out.perhaps", OUT, "A directory may be writable."),
    extension(
        "name.directory.ready.in",
        &[&READY],
        (Readiness, POLLED, "A directory is always readable."),
        &[A_DIRECTORY],
        Envelope::Is(IN),
        &[],
    ),
    extension(
        "name.directory.ready.out",
        &[&READY],
        (Readiness, POLLED, "A directory is always writable."),
        &[A_DIRECTORY],
        Envelope::Is(OUT),
        &[],
    ),
];
