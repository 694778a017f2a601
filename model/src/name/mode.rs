//! How the permission bits of what is open become others.

use super::FCHMOD;
use super::rules::rule;
use crate::clause::Aspect::{Error, Lifetime};
use crate::clause::Cond::{All, Eq};
use crate::clause::Duty::{May, Unspecified};
use crate::clause::Force::Permits;
use crate::clause::{
    Action, Clause, Envelope, Guard, Num, Number, action, effect_of, extension, linux, number,
};
use crate::descriptor::{OPEN, not_open};
use crate::errno::Errno::{EINVAL, EPERM};
use crate::name::MODE_ASKED;
use crate::object::Object;

static BITS: Number =
    number("bits(fd)", "1 if what the descriptor leads to has permission bits of its own.", |v| {
        u64::from(v.object().node().is_some())
    });
static ITS_OWNER: Number =
    number("its owner", "1 if it is the caller's, or the caller is privileged.", |v| {
        let Some(user) = v.process().map(|process| process.user) else { return 1 };
        let all = v.spec.numbers.privileged && !user.nobody;
        u64::from(all || v.object().node().is_none_or(|node| node.nobodys == user.nobody))
    });
static STAYS: Number = number(
    "bits kept",
    "1 if F_SEAL_EXEC keeps its bits for execution from becoming what is asked for.",
    |v| {
        let asked = (MODE_ASKED.read)(v) as u16;
        u64::from(matches!(v.object(), Object::Memory(file)
            if file.keeps_execution() && (file.node.mode ^ asked) & 0o111 != 0))
    },
);
static NAMELESS: Number = number("pipe(fd)", "1 if it is a pipe without a name.", |v| {
    u64::from(matches!(v.object(), Object::Pipe(pipe) if !pipe.named))
});
static MOUNTS: Number = number("mounts", "1 if something is mounted, wherever it is seen.", |v| {
    u64::from(!v.world.mounts.is_empty())
});

const HAS_BITS: Guard =
    Guard { name: "it has permission bits", cond: Eq(Num::Of(&BITS), Num::N(1)) };
const NO_BITS: Guard = Guard {
    name: "it is open, and has no permission bits",
    cond: All(&[Eq(Num::Of(&OPEN), Num::N(1)), Eq(Num::Of(&BITS), Num::N(0))]),
};
/// What the descriptor leads to is the caller's to change.
pub const ITS: Guard = Guard {
    name: "it is the caller's, or the caller is privileged",
    cond: Eq(Num::Of(&ITS_OWNER), Num::N(1)),
};
/// It is not.
pub const ANOTHERS: Guard = Guard {
    name: "it is another's, and the caller is not privileged",
    cond: Eq(Num::Of(&ITS_OWNER), Num::N(0)),
};
const FREE: Guard = Guard { name: "no seal keeps its bits", cond: Eq(Num::Of(&STAYS), Num::N(0)) };
const KEPT: Guard = Guard { name: "a seal keeps its bits", cond: Eq(Num::Of(&STAYS), Num::N(1)) };
const A_PIPE: Guard =
    Guard { name: "it is a pipe without a name", cond: Eq(Num::Of(&NAMELESS), Num::N(1)) };
/// Something is mounted, wherever it is seen.
pub const SOMETHING_MOUNTED: Guard =
    Guard { name: "something is mounted", cond: Eq(Num::Of(&MOUNTS), Num::N(1)) };

static SET: Action = action("its permission bits are %", |c, mode| {
    if let Some(node) = c.object().and_then(Object::node_mut) {
        node.mode = mode as u16 & 0o777;
    }
});

pub(super) static CLAUSES: &[Clause] = &[
    Clause {
        effects: &[effect_of(&SET, Num::Of(&MODE_ASKED))],
        ..rule(
            "name.fchmod.sets",
            &[&FCHMOD],
            (
                Lifetime,
                "fchmod()",
                "DESCRIPTION",
                "The permission bits of what is open are others from now on, the mask aside; what is open stays so.",
            ),
            &[HAS_BITS, ITS, FREE],
            Envelope::Nothing,
        )
    },
    rule(
        "name.fchmod.err.eperm",
        &[&FCHMOD],
        (Error, "fchmod()", "ERRORS", "The bits of what is another's stay as they are."),
        &[HAS_BITS, ANOTHERS],
        Envelope::Error(EPERM),
    ),
    extension(
        "name.fchmod.err.eperm.sealed",
        &[&FCHMOD],
        (
            Error,
            linux("F_GET_SEALS(2const)", "F_SEAL_EXEC"),
            "With F_SEAL_EXEC the bits for execution stay as they are, and the others with them.",
        ),
        &[HAS_BITS, KEPT],
        Envelope::Error(EPERM),
        &[],
    ),
    Clause {
        force: Permits,
        duty: May,
        ..rule(
            "name.fchmod.err.einval",
            &[&FCHMOD],
            (Error, "fchmod()", "ERRORS", "A pipe may have no bits that could be set."),
            &[A_PIPE],
            Envelope::Error(EINVAL),
        )
    },
    not_open("name.fchmod.err.ebadf", &[&FCHMOD], "fchmod()"),
    Clause {
        force: Permits,
        duty: Unspecified,
        ..rule(
            "name.fchmod.unspecified",
            &[&FCHMOD],
            (
                Error,
                "fchmod()",
                "ERRORS",
                "What becomes of the bits of what has none of its own is not said.",
            ),
            &[NO_BITS],
            Envelope::Anything,
        )
    },
    extension(
        "name.fchmod.unspecified.mounted",
        &[&FCHMOD],
        (
            Error,
            linux("fchmod(2)", "ERRORS"),
            "Whether what is open was seen by a mount for reading only is not said here.",
        ),
        &[HAS_BITS, SOMETHING_MOUNTED],
        Envelope::Anything,
        &[],
    ),
];
