//! The rules of processes on descriptors.
//!
//! A signal is sent by the rules of [`crate::signal`], and `SIGKILL` by those of [`crate::process`].

use super::terms::*;
use super::{PIDFD_OPEN, PIDFD_SEND_SIGNAL, WAITID_PIDFD};
use crate::clause::Aspect::{Blocking, Error, Lifetime, Ordering, Readiness};
use crate::clause::{Clause, Envelope, Source, effect, extension, linux};
use crate::descriptor::{
    A_FREE_ONE, FIONREAD, FTRUNCATE, LOWEST, LSEEK, NONE_FREE, PREAD, PWRITE, READ, READV, WRITE,
    WRITEV,
};
use crate::errno::Errno::{
    EAGAIN, EBADF, ECHILD, EINVAL, EMFILE, ENOTTY, EOPNOTSUPP, ESPIPE, ESRCH,
};
use crate::eventfd::{MAY_NOT_WAIT, MAY_WAIT};
use crate::fifo::REOPEN;
use crate::lasting::{Ending, Lasting, Place};
use crate::poll::{HUP, IN, Law, READY};

const OPENING: Source = linux("pidfd_open(2)", "DESCRIPTION");
const OPEN_ERRORS: Source = linux("pidfd_open(2)", "ERRORS");
const SEND_ERRORS: Source = linux("pidfd_send_signal(2)", "ERRORS");
const WAIT: Source = linux("waitid(2)", "P_PIDFD");
const FILES: Source = linux("fs/pidfs.c", "6.18, pidfs_file_operations");

pub(super) static CREATION: &[Clause] = &[
    extension(
        "pidfd.open.opens",
        &[&PIDFD_OPEN],
        (
            Lifetime,
            OPENING,
            "The process is on the lowest free descriptor, ended or not, until it was waited for; it is marked FD_CLOEXEC.",
        ),
        &[KNOWN_FLAGS, IT_IS_THERE, A_FREE_ONE],
        Envelope::Exactly(&LOWEST),
        &[effect(&OPEN_IT)],
    ),
    extension(
        "pidfd.open.err.einval",
        &[&PIDFD_OPEN],
        (Error, OPEN_ERRORS, "A flag that is not known is refused, whoever is meant."),
        &[UNKNOWN_FLAG],
        Envelope::Error(EINVAL),
        &[],
    ),
    extension(
        "pidfd.open.err.esrch",
        &[&PIDFD_OPEN],
        (Error, OPEN_ERRORS, "Who was waited for is not there any more."),
        &[KNOWN_FLAGS, NOT_THERE],
        Envelope::Error(ESRCH),
        &[],
    ),
    extension(
        "pidfd.open.err.emfile",
        &[&PIDFD_OPEN],
        (Error, OPEN_ERRORS, "Without a free descriptor nothing is opened."),
        &[KNOWN_FLAGS, IT_IS_THERE, NONE_FREE],
        Envelope::Error(EMFILE),
        &[],
    ),
];

pub(super) static SENDING: &[Clause] = &[
    extension(
        "pidfd.send.err.esrch",
        &[&PIDFD_SEND_SIGNAL],
        (
            Error,
            SEND_ERRORS,
            "Nothing is sent to a process that was waited for, whatever has its number now, and whatever was to be sent.",
        ),
        &[A_PIDFD, WAS_WAITED_FOR],
        Envelope::Error(ESRCH),
        &[],
    ),
    extension(
        "pidfd.send.err.ebadf",
        &[&PIDFD_SEND_SIGNAL],
        (Error, SEND_ERRORS, "What does not stand for a process is refused."),
        &[NO_PIDFD],
        Envelope::Error(EBADF),
        &[],
    ),
];

pub(super) static WAITING: &[Clause] = &[
    extension(
        "pidfd.waitid.tells",
        &[&WAITID_PIDFD],
        (Lifetime, WAIT, "The parent is told how the child ended, once."),
        &[CHILD_ENDED],
        Envelope::Exactly(&HOW_IT_ENDED),
        &[effect(&REAP)],
    ),
    extension(
        "pidfd.waitid.blocks",
        &[&WAITID_PIDFD],
        (Blocking, WAIT, "The parent waits for a child that has not ended."),
        &[CHILD_LIVES, MAY_WAIT],
        Envelope::Sleep,
        &[],
    ),
    extension(
        "pidfd.waitid.err.eagain",
        &[&WAITID_PIDFD],
        (
            Error,
            linux("pidfd_open(2)", "PIDFD_NONBLOCK"),
            "With O_NONBLOCK it is refused while the child has not ended.",
        ),
        &[CHILD_LIVES, MAY_NOT_WAIT],
        Envelope::Error(EAGAIN),
        &[],
    ),
    extension(
        "pidfd.waitid.err.echild",
        &[&WAITID_PIDFD],
        (
            Error,
            WAIT,
            "Who is no child of the caller, or was waited for before, cannot be waited for.",
        ),
        &[A_PIDFD, NOT_MY_CHILD],
        Envelope::Error(ECHILD),
        &[],
    ),
    extension(
        "pidfd.waitid.err.ebadf",
        &[&WAITID_PIDFD],
        (
            Error,
            linux("kernel/exit.c", "6.18, kernel_waitid_prepare"),
            "What does not stand for a process is refused.",
        ),
        &[NO_PIDFD, NOT_NEGATIVE],
        Envelope::Error(EBADF),
        &[],
    ),
    extension(
        "pidfd.waitid.err.einval",
        &[&WAITID_PIDFD],
        (
            Error,
            linux("kernel/exit.c", "6.18, kernel_waitid_prepare"),
            "A negative number is refused as no number of a descriptor.",
        ),
        &[A_NEGATIVE_ONE],
        Envelope::Error(EINVAL),
        &[],
    ),
];

pub(super) static OTHERWISE: &[Clause] = &[
    extension(
        "pidfd.read.err.einval",
        &[&READ, &READV, &WRITE, &WRITEV, &PREAD, &PWRITE],
        (Error, FILES, "Nothing can be read from it, or written to it."),
        &[A_PIDFD],
        Envelope::Error(EINVAL),
        &[],
    ),
    extension(
        "pidfd.lseek.err.espipe",
        &[&LSEEK],
        (Ordering, FILES, "It has no offset."),
        &[A_PIDFD],
        Envelope::Error(ESPIPE),
        &[],
    ),
    extension(
        "pidfd.ftruncate.err.eopnotsupp",
        &[&FTRUNCATE],
        (
            Error,
            linux("fs/pidfs.c", "6.18, pidfs_setattr"),
            "Its length cannot be set: the call is none for it.",
        ),
        &[A_PIDFD, LENGTH],
        Envelope::Error(EOPNOTSUPP),
        &[],
    ),
    extension(
        "pidfd.ftruncate.err.einval",
        &[&FTRUNCATE],
        (
            Error,
            linux("fs/open.c", "6.18, do_ftruncate"),
            "It was not opened as what may be large: of more than that it is not asked whether it can be.",
        ),
        &[A_PIDFD, LARGE_LENGTH],
        Envelope::Error(EINVAL),
        &[],
    ),
    extension(
        "pidfd.fionread.err.enotty",
        &[&FIONREAD],
        (Error, linux("ioctl(2)", "ERRORS"), "It does not tell how many bytes it has."),
        &[A_PIDFD],
        Envelope::Error(ENOTTY),
        &[],
    ),
    extension(
        "pidfd.reopen.undefined",
        &[&REOPEN],
        (
            Lifetime,
            linux("fs/pidfs.c", "6.18, pidfs_export_open"),
            "What comes of opening it once more is not described here.",
        ),
        &[A_PIDFD],
        Envelope::Anything,
        &[],
    ),
];

pub(super) static READINESS: &[Clause] = &[
    extension(
        "pidfd.ready.in",
        &[&READY],
        (Readiness, OPENING, "It is readable once its process has ended."),
        &[A_PIDFD, HAS_ENDED],
        Envelope::Is(IN),
        &[],
    ),
    extension(
        "pidfd.ready.hup",
        &[&READY],
        (
            Readiness,
            linux("pidfd_open(2)", "POLLHUP"),
            "It is hung up as well once its process was waited for.",
        ),
        &[A_PIDFD, WAS_WAITED_FOR],
        Envelope::Is(HUP),
        &[],
    ),
];

/// What it promises when it is ready.
pub static LAW: &[Law] = &[
    Law { kind: "pidfd", event: IN, operation: &WAITID_PIDFD, with: &[] },
    Law { kind: "pidfd", event: HUP, operation: &WAITID_PIDFD, with: &[] },
];

/// How long what it keeps lasts.
pub const LASTING: &[Lasting] = &[Lasting {
    kind: "pidfd",
    part: "who is meant",
    ends: Ending::LastClose,
    place: Place::Memory,
    source: linux("pidfd_open(2)", "DESCRIPTION"),
}];
