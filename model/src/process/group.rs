//! Process groups: who is in which, and how that changes. What is sent to one is [`crate::signal`]'s.
//!
//! A group is named after the process that it began with, which leads it. It lives as long as anybody is in
//! it who has not been waited for, its leader or not. A process that nobody has made leads a group.

use super::terms::life;
use super::wait::{WAIT_OPTIONS, WAITID_OPTIONS};
use crate::clause::Aspect::{Error, Lifetime};
use crate::clause::Cond::{All, Eq, Lt};
use crate::clause::Duty::{Shall, Unspecified};
use crate::clause::Force::{Obliges, Permits};
use crate::clause::{
    Action, Answer, Clause, Envelope, Guard, Num, Number, action, effect, number, posix,
};
use crate::errno::Errno::{EACCES, ECHILD, EINVAL, EPERM, ESRCH};
use crate::operation::{Gives, Operation, Param};
use crate::outcome::Value;
use crate::signal::{KILL_GROUP, KILL_OWN_GROUP};
use crate::view::View;
use crate::world::{InCall, Life, Process};

/// What `setpgid` is given for the caller itself: the group that is named after it, and none.
pub const PGIDS: &[&str] = &["0", "-1"];

/// `int setpgid(pid_t pid, pid_t pgid)`.
pub static SETPGID: Operation = Operation {
    name: "setpgid",
    params: &[Param::Process, Param::Process],
    gives: Gives::Nothing,
    c: "setpgid(%0, %1)",
};

/// `int setpgid(0, pid_t pgid)`.
pub static SETPGID_OWN: Operation = Operation {
    name: "setpgid",
    params: &[Param::Command("0"), Param::Word(PGIDS)],
    gives: Gives::Nothing,
    c: "setpgid(0, %1)",
};

/// `pid_t getpgid(pid_t pid)`.
pub static GETPGID: Operation =
    Operation { name: "getpgid", params: &[Param::Process], gives: Gives::Group, c: "getpgid(%0)" };

/// `pid_t getpgrp(void)`.
pub static GETPGRP: Operation =
    Operation { name: "getpgrp", params: &[], gives: Gives::Group, c: "getpgrp()" };

/// `pid_t waitpid(0, int *stat_loc, int options)`.
pub static WAITPID_OWN_GROUP: Operation = Operation {
    name: "waitpid",
    params: &[Param::Command("0"), Param::Flags(WAIT_OPTIONS)],
    gives: Gives::Waited,
    c: "waitpid(0, &status, %1)",
};

/// `pid_t waitpid(-pgid, int *stat_loc, int options)`.
pub static WAITPID_GROUP: Operation = Operation {
    name: "waitpid",
    params: &[Param::Command("group"), Param::Process, Param::Flags(WAIT_OPTIONS)],
    gives: Gives::Waited,
    c: "waitpid(-%1, &status, %2)",
};

/// `int waitid(P_PGID, id_t id, siginfo_t *infop, int options)`.
pub static WAITID_PGID: Operation = Operation {
    name: "waitid",
    params: &[Param::Command("P_PGID"), Param::Process, Param::Flags(WAITID_OPTIONS)],
    gives: Gives::Waited,
    c: "waitid(P_PGID, %1, &info, %2)",
};

/// The calls that wait for a child of a group.
static GROUP_WAITS: &[&Operation] = &[&WAITPID_OWN_GROUP, &WAITPID_GROUP, &WAITID_PGID];

/// Every call that names groups, sets them, or tells of them.
pub static ABOUT_GROUPS: &[&Operation] = &[
    &SETPGID,
    &SETPGID_OWN,
    &GETPGID,
    &GETPGRP,
    &WAITPID_OWN_GROUP,
    &WAITPID_GROUP,
    &WAITID_PGID,
    &KILL_GROUP,
    &KILL_OWN_GROUP,
];

/// The group that the call is about: the one that it names, or else the caller's own.
fn named(v: &View<'_>) -> Option<u8> {
    let own = || v.process().map(|process| process.group);
    let place = if v.call?.call.operation == &SETPGID { 1 } else { 0 };
    let mut params = v.call?.call.operation.params.iter().enumerate();
    let process = params.by_ref().filter(|(_, param)| **param == Param::Process).nth(place);
    process.map_or_else(own, |(index, _)| Some(v.arg(index) as u8))
}

/// Who is in a group and was not waited for, by number.
fn members<'a>(v: &View<'a>, group: u8) -> impl Iterator<Item = u8> + use<'a> {
    let there = |life| !matches!(life, Life::Unborn | Life::Reaped);
    let all = (0..).zip(v.world.processes.iter().map(AsRef::as_ref));
    let inside = move |(_, process): &(u8, &Process)| {
        process.group == group && there(process.life) && process.thread_of.is_none()
    };
    all.filter(inside).map(|(number, _)| number)
}

/// Who is in the group that the call is about.
pub(crate) fn members_of_named<'a>(v: &View<'a>) -> impl Iterator<Item = u8> + use<'a> {
    let view = *v;
    named(v).into_iter().flat_map(move |group| members(&view, group))
}

/// Whether the call asks about a child, as far as that hangs on its group.
pub(super) fn is_asked(v: &View<'_>, child: &Process) -> bool {
    !waits_for_a_group(v) || named(v) == Some(child.group)
}

pub(super) fn waits_for_a_group(v: &View<'_>) -> bool {
    v.call.is_some_and(|call| GROUP_WAITS.contains(&call.call.operation))
}

/// Whether the call waits for a group, has slept, and need not notice that no child is left in it.
pub(super) fn lingers(v: &View<'_>) -> bool {
    let slept = |call: &InCall| call.slept && !call.interrupted;
    waits_for_a_group(v) && v.call.is_some_and(slept)
}

/// Whose group is to change: the process that is named, or else the caller.
fn mover(v: &View<'_>) -> Option<u8> {
    Some(v.target().unwrap_or(v.actor.process))
}

fn of_mover<'a>(v: &View<'a>) -> Option<&'a Process> {
    v.world.process(mover(v)?)
}

/// The process that the call asks about, or else the caller.
fn of_asked<'a>(v: &View<'a>) -> Option<&'a Process> {
    of_mover(v).filter(|process| !matches!(process.life, Life::Unborn | Life::Reaped))
}

fn is_child(v: &View<'_>) -> bool {
    let mine = |process: &Process| {
        process.parent == Some(v.actor.process) && !matches!(process.life, Life::Reaped)
    };
    mover(v) != Some(v.actor.process) && of_mover(v).is_some_and(mine)
}

static MINE: Number = number(
    "own",
    "1 if the process is the caller, or a child of it that was not waited for.",
    |v| u64::from(mover(v) == Some(v.actor.process) || is_child(v)),
);
static EXECED: Number = number(
    "another program",
    "1 if it is a child, and runs another program since its birth.",
    |v| u64::from(is_child(v) && of_mover(v).is_some_and(|process| process.execed)),
);
static GROUP: Number = number(
    "group",
    "1 if somebody is in the group, or it is named after the process itself.",
    |v| {
        let itself = || mover(v);
        let group = match v.call.map(|call| call.call.operation) {
            Some(operation) if operation == &SETPGID_OWN => itself(),
            _ => named(v),
        };
        let there = |group| Some(group) == itself() || members(v, group).next().is_some();
        u64::from(group.is_some_and(there))
    },
);
static NEGATIVE: Number = number("no group", "1 if the number is no group's.", |v| {
    let own = v.call.is_some_and(|call| call.call.operation == &SETPGID_OWN);
    u64::from(own && v.arg(1) == 1)
});
static THERE: Number = number("there", "1 if the process is known to the system.", |v| {
    u64::from(!matches!(life(v, mover(v)), Life::Unborn | Life::Reaped))
});
static LEFT_BEHIND: Number =
    number("left", "1 if it waits for a group, sleeps, and no child is left in the group.", |v| {
        let own = v.actor.process;
        let child = |process: &Process| {
            process.parent == Some(own) && !matches!(process.life, Life::Unborn | Life::Reaped)
        };
        let mut all = v.world.processes.iter().filter(|process| child(process));
        u64::from(lingers(v) && !all.any(|process| is_asked(v, process)))
    });

const ITS_OWN: Guard = Guard {
    name: "the caller, or a child of it that runs the program that it was born with",
    cond: All(&[Eq(Num::Of(&MINE), Num::N(1)), Eq(Num::Of(&EXECED), Num::N(0))]),
};
const A_STRANGER: Guard =
    Guard { name: "neither the caller nor a child of it", cond: Eq(Num::Of(&MINE), Num::N(0)) };
const RUNS_ANOTHER: Guard =
    Guard { name: "a child that has called exec", cond: Eq(Num::Of(&EXECED), Num::N(1)) };
const A_GROUP: Guard = Guard {
    name: "the group is there, or is to begin with the process",
    cond: Eq(Num::Of(&GROUP), Num::N(1)),
};
const NO_GROUP: Guard = Guard {
    name: "nobody is in the group, and it is not to begin with the process",
    cond: Eq(Num::Of(&GROUP), Num::N(0)),
};
const A_NUMBER: Guard =
    Guard { name: "the number can be a group's", cond: Eq(Num::Of(&NEGATIVE), Num::N(0)) };
const NO_NUMBER: Guard =
    Guard { name: "the number is negative", cond: Eq(Num::Of(&NEGATIVE), Num::N(1)) };
const KNOWN: Guard = Guard { name: "known to the system", cond: Eq(Num::Of(&THERE), Num::N(1)) };
const UNKNOWN: Guard =
    Guard { name: "not known to the system", cond: Eq(Num::Of(&THERE), Num::N(0)) };
const NONE_IS_LEFT: Guard = Guard {
    name: "it sleeps, and no child of the caller is left in the group",
    cond: Lt(Num::N(0), Num::Of(&LEFT_BEHIND)),
};

static ITS_GROUP: Answer = Answer {
    name: "the group of the process",
    value: |v| of_asked(v).map_or(Value::Nothing, |process| Value::Group(Some(process.group))),
};
static JOIN: Action = action("the process is in that group", |c, _| {
    let view = c.view();
    let own = view.call.is_some_and(|call| call.call.operation == &SETPGID_OWN);
    let group = if own { mover(&view) } else { named(&view) };
    if let (Some(mover), Some(group)) = (mover(&view), group)
        && let Some(process) = c.world.process_mut(mover)
    {
        process.group = group;
    }
});
/// The child that was made is in its parent's group.
pub(super) static INHERIT_GROUP: Action =
    action("the child is in the group of its parent", |c, child| {
        let Some(group) = c.process().map(|parent| parent.group) else { return };
        if let Some(child) = c.world.process_mut(child as u8) {
            child.group = group;
        }
    });
/// Its parent cannot set its group any more.
pub(super) static RUN_ANOTHER: Action =
    action("its parent cannot set its group any more, and its user may look into it", |c, _| {
        if let Some(process) = c.process() {
            process.execed = process.parent.is_some();
            process.user.undumpable = false;
        }
    });

pub(super) static CLAUSES: &[Clause] = &[
    Clause {
        id: "process.setpgid.joins",
        on: &[&SETPGID, &SETPGID_OWN],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("setpgid()", "DESCRIPTION"),
        text: "The caller, or a child of it, joins a group, or begins the one that is named after it.",
        guards: &[ITS_OWN, A_GROUP, A_NUMBER],
        envelope: Envelope::Nothing,
        effects: &[effect(&JOIN)],
    },
    Clause {
        id: "process.setpgid.err.esrch",
        on: &[&SETPGID],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("setpgid()", "ERRORS"),
        text: "Who is neither the caller nor a child of it cannot be moved.",
        guards: &[A_STRANGER],
        envelope: Envelope::Error(ESRCH),
        effects: &[],
    },
    Clause {
        id: "process.setpgid.err.eacces",
        on: &[&SETPGID],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("setpgid()", "ERRORS"),
        text: "A child that has called exec cannot be moved by its parent.",
        guards: &[RUNS_ANOTHER],
        envelope: Envelope::Error(EACCES),
        effects: &[],
    },
    Clause {
        id: "process.setpgid.err.eperm",
        on: &[&SETPGID],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("setpgid()", "ERRORS"),
        text: "Nobody joins a group in which nobody is, but the one that is named after it.",
        guards: &[ITS_OWN, NO_GROUP],
        envelope: Envelope::Error(EPERM),
        effects: &[],
    },
    Clause {
        id: "process.setpgid.err.eperm.first",
        on: &[&SETPGID],
        force: Permits,
        duty: Unspecified,
        aspect: Error,
        source: posix("2.3 Error Numbers", "several errors"),
        text: "That may be told first.",
        guards: &[NO_GROUP],
        envelope: Envelope::Error(EPERM),
        effects: &[],
    },
    Clause {
        id: "process.setpgid.err.einval",
        on: &[&SETPGID_OWN],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("setpgid()", "ERRORS"),
        text: "A negative number is no group's.",
        guards: &[NO_NUMBER],
        envelope: Envelope::Error(EINVAL),
        effects: &[],
    },
    Clause {
        id: "process.getpgid.tells",
        on: &[&GETPGID, &GETPGRP],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("getpgid()", "DESCRIPTION"),
        text: "It tells the group of a process, ended or not.",
        guards: &[KNOWN],
        envelope: Envelope::Exactly(&ITS_GROUP),
        effects: &[],
    },
    Clause {
        id: "process.getpgid.err.esrch",
        on: &[&GETPGID],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("getpgid()", "ERRORS"),
        text: "Who was waited for is not there any more.",
        guards: &[UNKNOWN],
        envelope: Envelope::Error(ESRCH),
        effects: &[],
    },
    Clause {
        id: "process.waitpid.err.echild.left",
        on: GROUP_WAITS,
        force: Permits,
        duty: Unspecified,
        aspect: Error,
        source: posix("wait()", "ERRORS"),
        text: "Who waits for a group may be told when no child of it is left there, or sleep on.",
        guards: &[NONE_IS_LEFT],
        envelope: Envelope::Error(ECHILD),
        effects: &[],
    },
];
