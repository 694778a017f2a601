//! Seals: what is not done to a file of memory any more, by whomever, once it was said so
//! (Linux `fcntl(2)`, *File Sealing*).

use super::terms::*;
use super::{File, MOVES_OUT};
use crate::clause::Aspect::{Error, Exclusion, Lifetime, Ordering};
use crate::clause::Cond::{All, Eq};
use crate::clause::{
    Action, Answer, Clause, Envelope, Guard, Num, Number, action, effect, extension, linux, number,
};
use crate::descriptor::{FTRUNCATE, not_open};
use crate::errno::Errno::{EBUSY, EINVAL, EPERM};
use crate::fifo::REOPEN;
use crate::operation::{Gives, Operation, Param};
use crate::outcome::Value;
use crate::view::View;
use crate::world::Object;

/// The seals, as `F_GET_SEALS` names them.
pub const SEALS: &[&str] = &[
    "F_SEAL_SEAL",
    "F_SEAL_SHRINK",
    "F_SEAL_GROW",
    "F_SEAL_WRITE",
    "F_SEAL_FUTURE_WRITE",
    "F_SEAL_EXEC",
];
/// No seal is added any more. A file that was not made to be sealed has it from the start.
pub(super) const SEAL: u8 = 1;
const SHRINK: u8 = 2;
pub(super) const GROW: u8 = 4;
const WRITE: u8 = 8;
const FUTURE_WRITE: u8 = 16;
/// Its bits for execution stay as they are.
pub(super) const EXEC: u8 = 32;

/// `int fcntl(int fildes, F_ADD_SEALS, int seals)`.
pub static ADD_SEALS: Operation = Operation {
    name: "fcntl",
    params: &[Param::Fd, Param::Command("F_ADD_SEALS"), Param::Flags(SEALS)],
    gives: Gives::Nothing,
    c: "fcntl(%0, F_ADD_SEALS, %2)",
};

/// `int fcntl(int fildes, F_GET_SEALS)`.
pub static GET_SEALS: Operation = Operation {
    name: "fcntl",
    params: &[Param::Fd, Param::Command("F_GET_SEALS")],
    gives: Gives::Flags(SEALS),
    c: "fcntl(%0, F_GET_SEALS)",
};

impl File {
    /// Whether nothing new may write to it.
    pub(crate) fn is_write_sealed(&self) -> bool {
        self.seals & (WRITE | FUTURE_WRITE) != 0
    }

    /// Whether its bits for execution stay as they are.
    pub(crate) fn keeps_execution(&self) -> bool {
        self.seals & EXEC != 0
    }
}

fn has(v: &View<'_>, seal: u8) -> bool {
    file(v).is_some_and(|file| file.seals & seal != 0)
}

/// Whether what can be executed is to stay so.
fn is_to_stay_executable(v: &View<'_>) -> bool {
    v.flag("F_SEAL_EXEC") && file(v).is_some_and(|file| file.node.mode & 0o111 != 0)
}

/// Whether somebody has it mapped so that it is written, or could be allowed to be.
fn is_stored_to(v: &View<'_>) -> bool {
    let Some(object) = v.description().map(|description| description.object) else { return false };
    v.world.processes.iter().any(|process| process.space.stores_to(object))
}

static OTHER_KIND: Number =
    number("sealable(fd)", "1 if it is open, and memory.", |v| u64::from(file(v).is_some()));
static OPENED: Number =
    number("open(fd)", "1 if the descriptor is open.", |v| u64::from(v.description().is_some()));
static SEALED: Number = number("sealed", "1 if it has F_SEAL_SEAL.", |v| u64::from(has(v, SEAL)));
static BUSY: Number = number(
    "busy",
    "1 if it is to have F_SEAL_WRITE and has not, and it is mapped shared where it could be stored to.",
    |v| {
        let write = v.flag("F_SEAL_WRITE") || is_to_stay_executable(v);
        u64::from(write && !has(v, WRITE) && is_stored_to(v))
    },
);
static EXECUTABLE: Number =
    number("stays executable", "1 if F_SEAL_EXEC is asked for, and it can be executed.", |v| {
        u64::from(is_to_stay_executable(v))
    });
static KEPT: Number =
    number("size kept", "1 if a seal keeps it from having the size that is asked for.", |v| {
        let size = file(v).map_or(0, |file| file.size);
        let asked = v.arg(1).max(0) as u64;
        u64::from(asked < size && has(v, SHRINK) || asked > size && has(v, GROW))
    });
static CUT_KEPT: Number =
    number("cut kept", "1 if O_TRUNC is asked for, and a seal keeps it from being cut.", |v| {
        let some = file(v).is_some_and(|file| file.size > 0);
        u64::from(v.flag("O_TRUNC") && some && has(v, SHRINK))
    });

pub(super) const NOT_CUT_KEPT: Guard = Guard {
    name: "no seal keeps it from being cut as asked",
    cond: Eq(Num::Of(&CUT_KEPT), Num::N(0)),
};
const A_CUT_KEPT: Guard =
    Guard { name: "a seal keeps it from being cut", cond: Eq(Num::Of(&CUT_KEPT), Num::N(1)) };
pub(super) const NOT_KEPT: Guard =
    Guard { name: "no seal keeps its size", cond: Eq(Num::Of(&KEPT), Num::N(0)) };
const IS_KEPT: Guard = Guard { name: "a seal keeps its size", cond: Eq(Num::Of(&KEPT), Num::N(1)) };
const OPEN_TO_SEALS: Guard =
    Guard { name: "it can be sealed further", cond: Eq(Num::Of(&SEALED), Num::N(0)) };
const NO_MORE_SEALS: Guard =
    Guard { name: "it cannot be sealed further", cond: Eq(Num::Of(&SEALED), Num::N(1)) };
const NOT_BUSY: Guard =
    Guard { name: "nobody could store to it", cond: Eq(Num::Of(&BUSY), Num::N(0)) };
const IS_BUSY: Guard =
    Guard { name: "somebody could store to it", cond: Eq(Num::Of(&BUSY), Num::N(1)) };
const STAYS_EXECUTABLE: Guard = Guard {
    name: "it can be executed, and is to stay so",
    cond: Eq(Num::Of(&EXECUTABLE), Num::N(1)),
};
const IS_DATA: Guard = Guard {
    name: "it cannot be executed, or need not stay so",
    cond: Eq(Num::Of(&EXECUTABLE), Num::N(0)),
};
const NO_MEMORY: Guard = Guard {
    name: "it is open, and no memory",
    cond: All(&[Eq(Num::Of(&OPENED), Num::N(1)), Eq(Num::Of(&OTHER_KIND), Num::N(0))]),
};
const ANY_NOT_WRITABLE: Guard = Guard {
    name: "open, and not for writing",
    cond: All(&[
        Eq(Num::Of(&OPENED), Num::N(1)),
        Eq(Num::Of(&crate::descriptor::WRITES), Num::N(0)),
    ]),
};

static ITS_SEALS: Answer = Answer {
    name: "its seals",
    value: |v| Value::Flags(file(v).map_or(0, |file| file.seals.into())),
};
static ADD: Action = action("it has these seals too", |c, _| {
    let asked = c.view().arg(2) as u8;
    if let Some(Object::Memory(file)) = c.object() {
        file.seals |= asked;
    }
});
static ADD_ALL: Action = action("and all that keep it from changing", |c, _| {
    if let Some(Object::Memory(file)) = c.object() {
        file.seals |= SHRINK | GROW | WRITE | FUTURE_WRITE;
    }
});

pub(super) static CLAUSES: &[Clause] = &[
    extension(
        "memory.seals.adds",
        &[&ADD_SEALS],
        (
            Lifetime,
            linux("F_GET_SEALS(2const)", "F_ADD_SEALS"),
            "Seals are the file's, for all that have it open, and are never taken away.",
        ),
        &[A_MEMORY, WRITABLE, OPEN_TO_SEALS, IS_DATA, NOT_BUSY, NOBODY_MIDWAY],
        Envelope::Nothing,
        &[effect(&ADD)],
    ),
    extension(
        "memory.seals.adds.exec",
        &[&ADD_SEALS],
        (
            Lifetime,
            linux("mm/memfd.c", "6.18, memfd_add_seals"),
            "With F_SEAL_EXEC a file that can be executed has all seals that keep it from changing.",
        ),
        &[A_MEMORY, WRITABLE, OPEN_TO_SEALS, STAYS_EXECUTABLE, NOT_BUSY, NOBODY_MIDWAY],
        Envelope::Nothing,
        &[effect(&ADD), effect(&ADD_ALL)],
    ),
    extension(
        "memory.seals.gets",
        &[&GET_SEALS],
        (
            Lifetime,
            linux("F_GET_SEALS(2const)", "F_GET_SEALS"),
            "They are told to everybody; what was not made to be sealed has F_SEAL_SEAL.",
        ),
        &[A_MEMORY],
        Envelope::Exactly(&ITS_SEALS),
        &[],
    ),
    extension(
        "memory.seals.err.eperm.sealed",
        &[&ADD_SEALS],
        (
            Error,
            linux("F_GET_SEALS(2const)", "ERRORS"),
            "With F_SEAL_SEAL there is no seal more, not even one that is there.",
        ),
        &[A_MEMORY, NO_MORE_SEALS],
        Envelope::Error(EPERM),
        &[],
    ),
    extension(
        "memory.seals.err.eperm.reading",
        &[&ADD_SEALS],
        (
            Error,
            linux("F_GET_SEALS(2const)", "ERRORS"),
            "Who has it not open for writing adds no seal.",
        ),
        &[ANY_NOT_WRITABLE],
        Envelope::Error(EPERM),
        &[],
    ),
    extension(
        "memory.seals.err.ebusy",
        &[&ADD_SEALS],
        (
            Exclusion,
            linux("F_GET_SEALS(2const)", "ERRORS"),
            "It is not sealed against writing while it is mapped shared where it could be stored to, and gets no other seal then either.",
        ),
        &[A_MEMORY, WRITABLE, OPEN_TO_SEALS, IS_BUSY],
        Envelope::Error(EBUSY),
        &[],
    ),
    extension(
        "memory.seals.err.einval",
        &[&GET_SEALS],
        (Error, linux("F_GET_SEALS(2const)", "ERRORS"), "What is no memory has no seals."),
        &[NO_MEMORY],
        Envelope::Error(EINVAL),
        &[],
    ),
    extension(
        "memory.seals.err.einval.add",
        &[&ADD_SEALS],
        (
            Error,
            linux("F_GET_SEALS(2const)", "ERRORS"),
            "What is no memory, and open for writing, cannot be sealed.",
        ),
        &[NO_MEMORY, WRITABLE],
        Envelope::Error(EINVAL),
        &[],
    ),
    not_open("memory.seals.err.ebadf", &[&ADD_SEALS, &GET_SEALS], "fcntl()"),
    extension(
        "memory.ftruncate.err.eperm",
        &[&FTRUNCATE],
        (
            Error,
            linux("ftruncate(2)", "ERRORS"),
            "With F_SEAL_SHRINK it gets no shorter, with F_SEAL_GROW no longer.",
        ),
        &[A_MEMORY, WRITABLE, A_LENGTH, IS_KEPT],
        Envelope::Error(EPERM),
        &[],
    ),
    extension(
        "memory.reopen.err.eperm",
        &[&REOPEN],
        (
            Error,
            linux("open(2)", "ERRORS"),
            "What F_SEAL_SHRINK keeps from being cut is not opened to be cut.",
        ),
        &[A_MEMORY, super::making::PLAIN, super::making::MAY, A_CUT_KEPT],
        Envelope::Error(EPERM),
        &[],
    ),
    extension(
        "memory.write.err.eperm",
        MOVES_OUT,
        (
            Error,
            linux("mm/shmem.c", "6.18, shmem_write_begin"),
            "With F_SEAL_WRITE or F_SEAL_FUTURE_WRITE nothing is written, with F_SEAL_GROW nothing that begins in a page and ends in it behind the end.",
        ),
        &[A_MEMORY, LOOKED, SOME_LEFT, SEALED_OFF],
        Envelope::Error(EPERM),
        &[],
    ),
    extension(
        "memory.write.unspecified.grow",
        MOVES_OUT,
        (
            Ordering,
            linux("mm/shmem.c", "6.18, shmem_write_begin"),
            "How much is written up to an end that F_SEAL_GROW keeps differs between releases, where that is in another page.",
        ),
        &[A_MEMORY, LOOKED, SOME_LEFT, CUT_SHORT],
        Envelope::Anything,
        &[],
    ),
];
