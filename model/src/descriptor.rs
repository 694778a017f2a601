//! Descriptors and open file descriptions: the table, `dup`, flags, and the calls that every object
//! answers (`read`, `write`, `close`, `fstat`, `lseek`).

use crate::clause::Aspect::{Atomicity, Error, Lifetime, Readiness};
use crate::clause::Cond::{Eq, Le, Lt, Not};
use crate::clause::Duty::{Extension, Shall, Unspecified};
use crate::clause::Force::{Obliges, Permits};
use crate::clause::{
    Action, Answer, Clause, Effect, Envelope, Guard, Num, Number, Standard, action, effect, linux,
    number, posix,
};
use crate::errno::Errno::{EBADF, EINVAL, EMFILE};
use crate::object::Kind;
use crate::operation::{Gives, Operation, Param};
use crate::outcome::Value;
use crate::view::{Change, View};
use crate::world::Entry;

/// The flags that a descriptor itself can carry.
pub const FD_FLAGS: &[&str] = &["FD_CLOEXEC"];
/// The status flags and access modes that `F_GETFL` tells of. `O_RDONLY` is no bit: it is the
/// absence of the two others.
pub const STATUS_FLAGS: &[&str] = &["O_WRONLY", "O_RDWR", "O_NONBLOCK", "O_DIRECT", "O_PATH"];
/// The status flags that `F_SETFL` can change here.
pub const SETTABLE_FLAGS: &[&str] = &["O_NONBLOCK", "O_DIRECT"];
/// The file types that `fstat` tells apart; `0` is none of them.
pub const FILE_TYPES: &[&str] =
    &["S_IFIFO", "S_IFREG", "S_IFDIR", "S_IFCHR", "S_IFBLK", "S_IFSOCK", "0"];
/// Where `lseek` counts from.
pub const WHENCE: &[&str] = &["SEEK_SET", "SEEK_CUR", "SEEK_END"];

/// `ssize_t read(int fildes, void *buf, size_t nbyte)`.
pub static READ: Operation = Operation {
    name: "read",
    params: &[Param::Fd, Param::Receive],
    gives: Gives::Data,
    c: "read(%0, buf, %1)",
};

/// `ssize_t readv(int fildes, const struct iovec *iov, int iovcnt)`.
pub static READV: Operation = Operation {
    name: "readv",
    params: &[Param::Fd, Param::ReceiveVector],
    gives: Gives::Data,
    c: "readv(%0, %1)",
};

/// `ssize_t write(int fildes, const void *buf, size_t nbyte)`.
pub static WRITE: Operation = Operation {
    name: "write",
    params: &[Param::Fd, Param::Send],
    gives: Gives::Sent,
    c: "write(%0, buf, %1)",
};

/// `ssize_t writev(int fildes, const struct iovec *iov, int iovcnt)`.
pub static WRITEV: Operation = Operation {
    name: "writev",
    params: &[Param::Fd, Param::SendVector],
    gives: Gives::Sent,
    c: "writev(%0, %1)",
};

/// `int close(int fildes)`.
pub static CLOSE: Operation =
    Operation { name: "close", params: &[Param::Fd], gives: Gives::Nothing, c: "close(%0)" };

/// `int dup(int fildes)`.
pub static DUP: Operation =
    Operation { name: "dup", params: &[Param::Fd], gives: Gives::Fd, c: "dup(%0)" };

/// `int dup2(int fildes, int fildes2)`.
pub static DUP2: Operation = Operation {
    name: "dup2",
    params: &[Param::Fd, Param::TargetFd],
    gives: Gives::TargetFd,
    c: "dup2(%0, %1)",
};

/// `int dup3(int fildes, int fildes2, int flag)`.
pub static DUP3: Operation = Operation {
    name: "dup3",
    params: &[Param::Fd, Param::TargetFd, Param::Flags(&["O_CLOEXEC"])],
    gives: Gives::TargetFd,
    c: "dup3(%0, %1, %2)",
};

/// `int fcntl(int fildes, F_GETFL)`.
pub static GETFL: Operation = Operation {
    name: "fcntl",
    params: &[Param::Fd, Param::Command("F_GETFL")],
    gives: Gives::Flags(STATUS_FLAGS),
    c: "fcntl(%0, F_GETFL)",
};

/// `int fcntl(int fildes, F_SETFL, int flags)`.
pub static SETFL: Operation = Operation {
    name: "fcntl",
    params: &[Param::Fd, Param::Command("F_SETFL"), Param::Flags(SETTABLE_FLAGS)],
    gives: Gives::Nothing,
    c: "fcntl(%0, F_SETFL, %2)",
};

/// `int fcntl(int fildes, F_GETFD)`.
pub static GETFD: Operation = Operation {
    name: "fcntl",
    params: &[Param::Fd, Param::Command("F_GETFD")],
    gives: Gives::Flags(FD_FLAGS),
    c: "fcntl(%0, F_GETFD)",
};

/// `int fcntl(int fildes, F_SETFD, int flags)`.
pub static SETFD: Operation = Operation {
    name: "fcntl",
    params: &[Param::Fd, Param::Command("F_SETFD"), Param::Flags(FD_FLAGS)],
    gives: Gives::Nothing,
    c: "fcntl(%0, F_SETFD, %2)",
};

/// `int fstat(int fildes, struct stat *buf)`, of which the file type is told.
pub static FSTAT: Operation = Operation {
    name: "fstat",
    params: &[Param::Fd],
    gives: Gives::Word(FILE_TYPES),
    c: "fstat(%0, &st)",
};

/// `int fstat(int fildes, struct stat *buf)`, of which the size is told.
pub static FSTAT_SIZE: Operation = Operation {
    name: "fstat",
    params: &[Param::Fd, Param::Command("st_size")],
    gives: Gives::Number,
    c: "fstat(%0, &st), st.st_size",
};

/// `off_t lseek(int fildes, off_t offset, int whence)`.
pub static LSEEK: Operation = Operation {
    name: "lseek",
    params: &[Param::Fd, Param::Number, Param::Word(WHENCE)],
    gives: Gives::Number,
    c: "lseek(%0, %1, %2)",
};

/// `ssize_t pread(int fildes, void *buf, size_t nbyte, off_t offset)`.
pub static PREAD: Operation = Operation {
    name: "pread",
    params: &[Param::Fd, Param::Receive, Param::Number],
    gives: Gives::Data,
    c: "pread(%0, buf, %1, %2)",
};

/// `ssize_t pwrite(int fildes, const void *buf, size_t nbyte, off_t offset)`.
pub static PWRITE: Operation = Operation {
    name: "pwrite",
    params: &[Param::Fd, Param::Send, Param::Number],
    gives: Gives::Sent,
    c: "pwrite(%0, buf, %1, %2)",
};

/// `int ftruncate(int fildes, off_t length)`.
pub static FTRUNCATE: Operation = Operation {
    name: "ftruncate",
    params: &[Param::Fd, Param::Number],
    gives: Gives::Nothing,
    c: "ftruncate(%0, %1)",
};

/// `int ioctl(int fd, FIONREAD, int *n)`: how many bytes are stored.
pub static FIONREAD: Operation = Operation {
    name: "ioctl",
    params: &[Param::Fd, Param::Command("FIONREAD")],
    gives: Gives::Number,
    c: "ioctl(%0, FIONREAD, &n)",
};

/// What programs can call here.
pub static OPERATIONS: &[&Operation] = &[
    &READ,
    &READV,
    &WRITE,
    &WRITEV,
    &CLOSE,
    &DUP,
    &DUP2,
    &DUP3,
    &GETFL,
    &SETFL,
    &GETFD,
    &SETFD,
    &FSTAT_SIZE,
    &FSTAT,
    &LSEEK,
    &PREAD,
    &PWRITE,
    &FTRUNCATE,
    &FIONREAD,
];

// The numbers that conditions here and elsewhere are made of.

/// Whether the call's descriptor is open.
pub static OPEN: Number =
    number("open(fd)", "1 if the descriptor is open.", |v| u64::from(v.subject.is_some()));
/// Whether the call's descriptor is open for reading.
pub static READS: Number = number("reads(fd)", "1 if it is open for reading.", |v| {
    v.description().map_or(0, |description| u64::from(description.reads))
});
/// Whether the call's descriptor is open for writing.
pub static WRITES: Number = number("writes(fd)", "1 if it is open for writing.", |v| {
    v.description().map_or(0, |description| u64::from(description.writes))
});
/// Whether the call's description is non-blocking.
pub static NONBLOCK: Number = number("nonblock", "1 if O_NONBLOCK is set.", |v| {
    v.description().map_or(0, |description| u64::from(description.nonblock))
});
/// How many bytes the call asks to move.
pub static LEN: Number =
    number("len", "The bytes that the call asks for.", |v| v.call.map_or(0, |c| c.call.len()));
/// How many bytes the call has moved.
pub static DONE: Number =
    number("done", "The bytes that the call has moved.", |v| v.call.map_or(0, |c| c.done));
/// How many bytes the call has still to move.
pub static LEFT: Number = number("left", "The bytes that the call has still to move.", |v| {
    v.call.map_or(0, |call| call.call.len().saturating_sub(call.done))
});
/// Whether the call has been asleep.
pub static SLEPT: Number =
    number("slept", "1 if the call has been asleep.", |v| v.call.map_or(0, |c| u64::from(c.slept)));
/// How many descriptors the caller could still get.
pub static FREE_FDS: Number = number("free", "Descriptors that the caller may still open.", |v| {
    let limit = v.spec.numbers.nofile;
    v.world.lowest_free(v.actor.process, 2, limit).len() as u64
});
/// The descriptor that is named second.
pub static TARGET: Number =
    number("target", "The descriptor named second; huge if negative.", |v| v.arg(1) as u64);
/// The descriptor that is named first.
pub static FIRST: Number =
    number("fd", "The descriptor named first; huge if negative.", |v| v.arg(0) as u64);
/// The limit on descriptors.
pub static NOFILE: Number =
    number("OPEN_MAX", "One more than the greatest descriptor.", |v| v.spec.numbers.nofile);

static FOREIGN: Number =
    number("foreign", "1 if a flag is asked for that is no status flag here.", |v| {
        let known = v.spec.profile.standards.contains(&Standard::Linux);
        let refuses = crate::anonymous::is(v) || crate::memory::was_never_opened(v);
        u64::from((!known || refuses) && v.flag("O_DIRECT"))
    });

/// The descriptor is open.
pub const IS_OPEN: Guard =
    Guard { name: "the descriptor is open", cond: Eq(Num::Of(&OPEN), Num::N(1)) };
/// The descriptor is not open.
pub const NOT_OPEN: Guard =
    Guard { name: "the descriptor is not open", cond: Eq(Num::Of(&OPEN), Num::N(0)) };
/// A call on it may wait.
pub const MAY_WAIT: Guard =
    Guard { name: "O_NONBLOCK is clear", cond: Eq(Num::Of(&NONBLOCK), Num::N(0)) };
/// A call on it may not wait.
pub const MAY_NOT_WAIT: Guard =
    Guard { name: "O_NONBLOCK is set", cond: Eq(Num::Of(&NONBLOCK), Num::N(1)) };
/// There is room in the descriptor table.
pub const A_FREE_ONE: Guard =
    Guard { name: "a descriptor is free", cond: Lt(Num::N(0), Num::Of(&FREE_FDS)) };
/// There is no room in the descriptor table.
pub const NONE_FREE: Guard =
    Guard { name: "no descriptor is free", cond: Eq(Num::Of(&FREE_FDS), Num::N(0)) };
const IN_RANGE: Guard =
    Guard { name: "the target is a possible one", cond: Lt(Num::Of(&TARGET), Num::Of(&NOFILE)) };
const OUT_OF_RANGE: Guard = Guard {
    name: "the target is not a possible one",
    cond: Le(Num::Of(&NOFILE), Num::Of(&TARGET)),
};
const SAME: Guard =
    Guard { name: "both are the same", cond: Eq(Num::Of(&FIRST), Num::Of(&TARGET)) };
const DIFFERENT: Guard =
    Guard { name: "they differ", cond: Not(&Eq(Num::Of(&FIRST), Num::Of(&TARGET))) };
const KNOWN_STATUS: Guard =
    Guard { name: "every flag is a status flag", cond: Eq(Num::Of(&FOREIGN), Num::N(0)) };
/// A flag is asked for that the object does not have.
pub const FOREIGN_STATUS: Guard =
    Guard { name: "a flag is no status flag", cond: Eq(Num::Of(&FOREIGN), Num::N(1)) };
static LOWEST: Answer = Answer { name: "the lowest free descriptor", value: lowest };
static THE_TARGET: Answer =
    Answer { name: "the target", value: |v| Value::Fds(vec![v.arg(1) as i32]) };
static STATUS: Answer = Answer { name: "access mode and status flags", value: status_flags };
static CLOEXEC: Answer = Answer { name: "FD_CLOEXEC or 0", value: fd_flags };
static TYPE: Answer = Answer { name: "the object's type", value: file_type };

fn lowest(v: &View<'_>) -> Value {
    Value::Fds(v.world.lowest_free(v.actor.process, 1, v.spec.numbers.nofile))
}

fn status_flags(v: &View<'_>) -> Value {
    let description = v.description().copied().unwrap_or_default();
    let mode = match (description.reads, description.writes) {
        (true, true) => 2,
        (false, true) => 1,
        _ => 0,
    };
    let set = u32::from(description.nonblock) << 2
        | u32::from(description.direct) << 3
        | u32::from(description.path) << 4;
    Value::Flags(mode | set)
}

fn fd_flags(v: &View<'_>) -> Value {
    let entry = v.world.entry(v.actor.process, v.arg(0));
    Value::Flags(u32::from(entry.is_some_and(|entry| entry.cloexec)))
}

fn file_type(v: &View<'_>) -> Value {
    let index = |name| FILE_TYPES.iter().position(|known| *known == name).unwrap_or(0) as u8;
    Value::Word(index(v.object().kind().map_or("S_IFCHR", Kind::file_type)))
}

static RELEASE: Action = action("the descriptor lets go of its description", |c, _| {
    let fd = c.view().arg(0);
    c.world.remove(c.actor.process, fd);
});
static SHARE_LOWEST: Action =
    action("the lowest free descriptor shares the description", |c, _| {
        if let Value::Fds(fds) = lowest(&c.view())
            && let Some(fd) = fds.first()
        {
            share_as(c, i64::from(*fd), false);
        }
    });
static SHARE_TARGET: Action =
    action("the target lets go of what it had and shares the description", |c, cloexec| {
        let target = c.view().arg(1);
        c.world.remove(c.actor.process, target);
        share_as(c, target, cloexec != 0);
    });
static SET_STATUS: Action = action("the description's flags are as asked", |c, _| {
    let (nonblock, direct) = (c.view().flag("O_NONBLOCK"), c.view().flag("O_DIRECT"));
    if let Some(subject) = c.subject
        && let Some(description) = c.world.descriptions.get_mut(usize::from(subject))
    {
        (description.nonblock, description.direct) = (nonblock, direct);
    }
});
static SET_CLOEXEC: Action = action("the descriptor's FD_CLOEXEC is as asked", |c, _| {
    let (fd, cloexec) = (c.view().arg(0) as usize, c.view().flag("FD_CLOEXEC"));
    if let Some(Some(entry)) = c.process().and_then(|process| process.table.get_mut(fd)) {
        entry.cloexec = cloexec;
    }
});

fn share_as(c: &mut Change<'_>, fd: i64, cloexec: bool) {
    if let Some(description) = c.subject {
        c.world.install(c.actor.process, fd, Entry { description, cloexec });
    }
}

static ASKED_CLOEXEC: Number =
    number("cloexec", "1 if O_CLOEXEC was asked for.", |v| u64::from(v.flag("O_CLOEXEC")));

/// Whether a call takes descriptors that stand for a name as well (Linux open(2), `O_PATH`).
pub fn is_for_names(operation: &'static Operation) -> bool {
    [&CLOSE, &DUP, &DUP2, &DUP3, &GETFL, &GETFD, &SETFD, &FSTAT, &FSTAT_SIZE, &crate::fifo::REOPEN]
        .contains(&operation)
}

/// What every call with a descriptor answers when it is not open.
pub const fn not_open(
    id: &'static str,
    on: &'static [&'static Operation],
    page: &'static str,
) -> Clause {
    Clause {
        id,
        on,
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix(page, "ERRORS"),
        text: "A descriptor that is not open is refused.",
        guards: &[NOT_OPEN],
        envelope: Envelope::Error(EBADF),
        effects: &[],
    }
}

/// The clauses, in the order of the page.
pub static CLAUSES: &[&[Clause]] = &[RULES, crate::anonymous::CLAUSES];

static RULES: &[Clause] = &[
    Clause {
        id: "descriptor.close.releases",
        on: &[&CLOSE],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("close()", "DESCRIPTION"),
        text: "Closing a descriptor lets go of its description, and the last one closes that.",
        guards: &[IS_OPEN],
        envelope: Envelope::Nothing,
        effects: &[effect(&RELEASE)],
    },
    not_open("descriptor.close.err.ebadf", &[&CLOSE], "close()"),
    Clause {
        id: "descriptor.dup.shares",
        on: &[&DUP],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("dup()", "DESCRIPTION"),
        text: "The lowest free descriptor becomes a second name of the same description, open across exec.",
        guards: &[IS_OPEN, A_FREE_ONE],
        envelope: Envelope::Exactly(&LOWEST),
        effects: &[effect(&SHARE_LOWEST)],
    },
    Clause {
        id: "descriptor.dup.err.emfile",
        on: &[&DUP],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("dup()", "ERRORS"),
        text: "Without a free descriptor there is no duplicate.",
        guards: &[IS_OPEN, NONE_FREE],
        envelope: Envelope::Error(EMFILE),
        effects: &[],
    },
    not_open("descriptor.dup.err.ebadf", &[&DUP], "dup()"),
    Clause {
        id: "descriptor.dup2.replaces",
        on: &[&DUP2],
        force: Obliges,
        duty: Shall,
        aspect: Atomicity,
        source: posix("dup()", "DESCRIPTION"),
        text: "The target is closed and becomes a second name of the description in one step.",
        guards: &[IS_OPEN, IN_RANGE, DIFFERENT],
        envelope: Envelope::Exactly(&THE_TARGET),
        effects: &[effect(&SHARE_TARGET)],
    },
    Clause {
        id: "descriptor.dup2.same",
        on: &[&DUP2],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("dup()", "DESCRIPTION"),
        text: "A descriptor duplicated onto itself stays as it is.",
        guards: &[IS_OPEN, SAME],
        envelope: Envelope::Exactly(&THE_TARGET),
        effects: &[],
    },
    Clause {
        id: "descriptor.dup2.err.range",
        on: &[&DUP2],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("dup()", "ERRORS"),
        text: "A target beyond the limit is refused.",
        guards: &[IS_OPEN, OUT_OF_RANGE],
        envelope: Envelope::Error(EBADF),
        effects: &[],
    },
    not_open("descriptor.dup2.err.ebadf", &[&DUP2], "dup()"),
    Clause {
        id: "descriptor.dup3.replaces",
        on: &[&DUP3],
        force: Obliges,
        duty: Shall,
        aspect: Atomicity,
        source: posix("dup()", "DESCRIPTION"),
        text: "As dup2, and FD_CLOEXEC is as asked.",
        guards: &[IS_OPEN, IN_RANGE, DIFFERENT],
        envelope: Envelope::Exactly(&THE_TARGET),
        effects: &[Effect { action: &SHARE_TARGET, amount: Num::Of(&ASKED_CLOEXEC) }],
    },
    Clause {
        id: "descriptor.dup3.err.same",
        on: &[&DUP3],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("dup()", "ERRORS"),
        text: "A descriptor cannot be duplicated onto itself.",
        guards: &[SAME],
        envelope: Envelope::Error(EINVAL),
        effects: &[],
    },
    Clause {
        id: "descriptor.dup3.err.range",
        on: &[&DUP3],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("dup()", "ERRORS"),
        text: "A target beyond the limit is refused.",
        guards: &[IS_OPEN, OUT_OF_RANGE],
        envelope: Envelope::Error(EBADF),
        effects: &[],
    },
    not_open("descriptor.dup3.err.ebadf", &[&DUP3], "dup()"),
    Clause {
        id: "descriptor.getfl.tells",
        on: &[&GETFL],
        force: Obliges,
        duty: Shall,
        aspect: Readiness,
        source: posix("fcntl()", "DESCRIPTION"),
        text: "It tells the access mode and the status flags of the description.",
        guards: &[IS_OPEN],
        envelope: Envelope::Exactly(&STATUS),
        effects: &[],
    },
    not_open("descriptor.getfl.err.ebadf", &[&GETFL], "fcntl()"),
    Clause {
        id: "descriptor.setfl.sets",
        on: &[&SETFL],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("fcntl()", "DESCRIPTION"),
        text: "The status flags belong to the description: whoever shares it sees the change.",
        guards: &[IS_OPEN, KNOWN_STATUS],
        envelope: Envelope::Nothing,
        effects: &[effect(&SET_STATUS)],
    },
    Clause {
        id: "descriptor.setfl.err.einval",
        on: &[&SETFL],
        force: Permits,
        duty: Unspecified,
        aspect: Error,
        source: posix("fcntl()", "DESCRIPTION"),
        text: "A flag that is not among the status flags may be refused.",
        guards: &[IS_OPEN, FOREIGN_STATUS],
        envelope: Envelope::Error(EINVAL),
        effects: &[],
    },
    Clause {
        id: "descriptor.setfl.unspecified.flag",
        on: &[&SETFL],
        force: Permits,
        duty: Unspecified,
        aspect: Lifetime,
        source: posix("fcntl()", "DESCRIPTION"),
        text: "What a flag does that is not among the status flags is not said.",
        guards: &[IS_OPEN, FOREIGN_STATUS],
        envelope: Envelope::Anything,
        effects: &[],
    },
    not_open("descriptor.setfl.err.ebadf", &[&SETFL], "fcntl()"),
    Clause {
        id: "descriptor.getfd.tells",
        on: &[&GETFD],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("fcntl()", "DESCRIPTION"),
        text: "It tells the flag of this descriptor alone.",
        guards: &[IS_OPEN],
        envelope: Envelope::Exactly(&CLOEXEC),
        effects: &[],
    },
    not_open("descriptor.getfd.err.ebadf", &[&GETFD], "fcntl()"),
    Clause {
        id: "descriptor.setfd.sets",
        on: &[&SETFD],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("fcntl()", "DESCRIPTION"),
        text: "FD_CLOEXEC belongs to the descriptor: its duplicates keep theirs.",
        guards: &[IS_OPEN],
        envelope: Envelope::Nothing,
        effects: &[effect(&SET_CLOEXEC)],
    },
    not_open("descriptor.setfd.err.ebadf", &[&SETFD], "fcntl()"),
    Clause {
        id: "descriptor.fstat.type",
        on: &[&FSTAT],
        force: Obliges,
        duty: Shall,
        aspect: Readiness,
        source: posix("fstat()", "DESCRIPTION"),
        text: "It tells the type of the object.",
        guards: &[IS_OPEN],
        envelope: Envelope::Exactly(&TYPE),
        effects: &[],
    },
    not_open("descriptor.fstat.err.ebadf", &[&FSTAT, &FSTAT_SIZE], "fstat()"),
    not_open("descriptor.lseek.err.ebadf", &[&LSEEK], "lseek()"),
    not_open("descriptor.pread.err.ebadf", &[&PREAD], "pread()"),
    not_open("descriptor.pwrite.err.ebadf", &[&PWRITE], "pwrite()"),
    not_open("descriptor.ftruncate.err.ebadf", &[&FTRUNCATE], "ftruncate()"),
    Clause {
        id: "descriptor.ftruncate.err.einval",
        on: &[&FTRUNCATE],
        force: Permits,
        duty: Shall,
        aspect: Error,
        source: posix("ftruncate()", "ERRORS"),
        text: "A descriptor that is not open may be refused with EINVAL as well.",
        guards: &[NOT_OPEN],
        envelope: Envelope::Error(EINVAL),
        effects: &[],
    },
    not_open("descriptor.read.err.ebadf", &[&READ, &READV], "read()"),
    not_open("descriptor.write.err.ebadf", &[&WRITE, &WRITEV], "write()"),
    Clause {
        id: "descriptor.fionread.err.ebadf",
        on: &[&FIONREAD],
        force: Obliges,
        duty: Extension,
        aspect: Error,
        source: linux("ioctl(2)", "ERRORS"),
        text: "A descriptor that is not open is refused.",
        guards: &[NOT_OPEN],
        envelope: Envelope::Error(EBADF),
        effects: &[],
    },
];
