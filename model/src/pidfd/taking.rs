//! A descriptor of another process: `pidfd_getfd`.

use super::terms::{A_PIDFD, NO_PIDFD};
use super::{PIDFD_GETFD, process};
use crate::clause::Aspect::{Error, Lifetime};
use crate::clause::Cond::{All, Eq};
use crate::clause::{
    Action, Clause, Envelope, Guard, Num, Number, Source, action, effect, extension, linux, number,
};
use crate::descriptor::{A_FREE_ONE, LOWEST, NONE_FREE};
use crate::errno::Errno::{EBADF, EINVAL, EMFILE, EPERM, ESRCH};
use crate::view::View;
use crate::world::{Entry, Life, Process};

const TAKING: Source = linux("pidfd_getfd(2)", "DESCRIPTION");
const ERRORS: Source = linux("pidfd_getfd(2)", "ERRORS");

fn other<'a>(v: &View<'a>) -> Option<&'a Process> {
    v.world.process(process(v)?)
}

/// What the other has at that number.
fn wanted(v: &View<'_>) -> Option<Entry> {
    v.world.entry(process(v)?, v.arg(1))
}

/// Whether a debugger's right is the caller's (Linux 6.18.44 `kernel/ptrace.c`, `__ptrace_may_access`).
fn may_look(v: &View<'_>) -> bool {
    let (Some(own), Some(other)) = (v.process(), other(v)) else { return false };
    let itself = process(v) == Some(v.actor.process);
    itself || !own.user.nobody || other.user.nobody && !other.user.undumpable
}

static RIGHT: Number =
    number("right", "1 if the caller may look into the process.", |v| may_look(v).into());
static WANTED: Number =
    number("open there", "1 if the process has such a descriptor.", |v| wanted(v).is_some().into());
static LIVES: Number = number("has files", "1 if it has not ended.", |v| {
    other(v).is_some_and(|other| matches!(other.life, Life::Live | Life::Dying(_))).into()
});
static ENDS: Number = number("ends", "1 if it is ending, or has ended.", |v| {
    other(v).is_some_and(|other| !matches!(other.life, Life::Live)).into()
});
static GONE: Number = number("gone", "1 if it was waited for.", |v| {
    other(v).is_some_and(|other| matches!(other.life, Life::Reaped)).into()
});
static A_FLAG: Number =
    number("a flag", "1 if a flag is given.", |v| u64::from(v.flag("O_CLOEXEC")));

const NO_FLAG: Guard = Guard { name: "no flag is given", cond: Eq(Num::Of(&A_FLAG), Num::N(0)) };
const SOME_FLAG: Guard = Guard { name: "a flag is given", cond: Eq(Num::Of(&A_FLAG), Num::N(1)) };
const MAY_LOOK: Guard =
    Guard { name: "the caller may look into it", cond: Eq(Num::Of(&RIGHT), Num::N(1)) };
const MAY_NOT_LOOK: Guard = Guard {
    name: "it was not waited for, and the caller may not look into it",
    cond: All(&[Eq(Num::Of(&GONE), Num::N(0)), Eq(Num::Of(&RIGHT), Num::N(0))]),
};
const HAS_FILES: Guard = Guard { name: "it has not ended", cond: Eq(Num::Of(&LIVES), Num::N(1)) };
const IT_ENDS: Guard =
    Guard { name: "it is ending, or has ended", cond: Eq(Num::Of(&ENDS), Num::N(1)) };
const WAITED_FOR: Guard = Guard { name: "it was waited for", cond: Eq(Num::Of(&GONE), Num::N(1)) };
const OPEN_THERE: Guard =
    Guard { name: "the descriptor is open there", cond: Eq(Num::Of(&WANTED), Num::N(1)) };
const NOT_OPEN_THERE: Guard =
    Guard { name: "the descriptor is not open there", cond: Eq(Num::Of(&WANTED), Num::N(0)) };

static TAKE: Action = action("the lowest free descriptor shares it, marked FD_CLOEXEC", |c, _| {
    if let Some(entry) = wanted(&c.view()) {
        c.give(entry.description, true);
    }
});

pub(super) static CLAUSES: &[Clause] = &[
    extension(
        "pidfd.getfd.takes",
        &[&PIDFD_GETFD],
        (
            Lifetime,
            TAKING,
            "The lowest free descriptor shares the description that the process has at the number, as by dup; it is marked FD_CLOEXEC.",
        ),
        &[NO_FLAG, A_PIDFD, MAY_LOOK, HAS_FILES, OPEN_THERE, A_FREE_ONE],
        Envelope::Exactly(&LOWEST),
        &[effect(&TAKE)],
    ),
    extension(
        "pidfd.getfd.err.einval",
        &[&PIDFD_GETFD],
        (Error, ERRORS, "There is no flag, and whoever is meant, one is refused."),
        &[SOME_FLAG],
        Envelope::Error(EINVAL),
        &[],
    ),
    extension(
        "pidfd.getfd.err.ebadf",
        &[&PIDFD_GETFD],
        (Error, ERRORS, "What does not stand for a process is refused."),
        &[NO_FLAG, NO_PIDFD],
        Envelope::Error(EBADF),
        &[],
    ),
    extension(
        "pidfd.getfd.err.ebadf.there",
        &[&PIDFD_GETFD],
        (Error, ERRORS, "A number at which the process has nothing is refused."),
        &[NO_FLAG, A_PIDFD, MAY_LOOK, HAS_FILES, NOT_OPEN_THERE],
        Envelope::Error(EBADF),
        &[],
    ),
    extension(
        "pidfd.getfd.err.eperm",
        &[&PIDFD_GETFD],
        (
            Error,
            linux("ptrace(2)", "Ptrace access mode checking"),
            "Who may not look into the process, ended or not, is refused before the number is seen: who has become another user, save where both have and the other has run its program anew since.",
        ),
        &[NO_FLAG, A_PIDFD, MAY_NOT_LOOK],
        Envelope::Error(EPERM),
        &[],
    ),
    extension(
        "pidfd.getfd.err.emfile",
        &[&PIDFD_GETFD],
        (Error, ERRORS, "Without a free descriptor nothing is taken."),
        &[NO_FLAG, A_PIDFD, MAY_LOOK, HAS_FILES, OPEN_THERE, NONE_FREE],
        Envelope::Error(EMFILE),
        &[],
    ),
    extension(
        "pidfd.getfd.err.esrch",
        &[&PIDFD_GETFD],
        (Error, ERRORS, "Of a process that was waited for nothing can be taken."),
        &[NO_FLAG, A_PIDFD, WAITED_FOR],
        Envelope::Error(ESRCH),
        &[],
    ),
    extension(
        "pidfd.getfd.err.esrch.ended",
        &[&PIDFD_GETFD],
        (
            Error,
            linux("kernel/pid.c", "6.18, __pidfd_fget"),
            "Nor of one that has ended, and while it ends its descriptors may be gone all at once.",
        ),
        &[NO_FLAG, A_PIDFD, MAY_LOOK, IT_ENDS],
        Envelope::Error(ESRCH),
        &[],
    ),
];
