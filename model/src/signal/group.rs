//! Sending to process groups, and to everybody: each process is sent the signal as by `kill`.

use super::KILL_SIGNALS;
use super::terms::sent;
use crate::clause::Aspect::{Error, Lifetime};
use crate::clause::Cond::{All, Eq, Lt};
use crate::clause::Duty::{Extension, Shall, Unspecified};
use crate::clause::Force::{Obliges, Permits};
use crate::clause::{
    Action, Clause, Effect, Envelope, Guard, Num, Number, action, effect_of, linux, number, posix,
};
use crate::errno::Errno::{EINVAL, EPERM, ESRCH};
use crate::operation::{Gives, Operation, Param};
use crate::process::{KILL, members_of_named};
use crate::signal::{SENT, SIGCONT};
use crate::spec::enabled;
use crate::view::{Change, Choice, View};
use crate::world::{InCall, Life};

/// `int killpg(pid_t pgrp, int sig)`, which is `kill(-pgrp, sig)`.
pub static KILL_GROUP: Operation = Operation {
    name: "killpg",
    params: &[Param::Process, Param::Word(KILL_SIGNALS)],
    gives: Gives::Nothing,
    c: "kill(-%0, %1)",
};

/// `int kill(0, int sig)`: to the caller's own group.
pub static KILL_OWN_GROUP: Operation = Operation {
    name: "kill",
    params: &[Param::Command("0"), Param::Word(KILL_SIGNALS)],
    gives: Gives::Nothing,
    c: "kill(0, %1)",
};

/// `int kill(-1, int sig)`: to everybody whom the caller may send it.
pub static KILL_ALL: Operation = Operation {
    name: "kill",
    params: &[Param::Command("-1"), Param::Word(KILL_SIGNALS)],
    gives: Gives::Nothing,
    c: "kill(-1, %1)",
};

/// The calls that send to several processes.
pub static SENDS_TO_SEVERAL: &[&Operation] = &[&KILL_GROUP, &KILL_OWN_GROUP, &KILL_ALL];
/// Those of them that send to groups.
static SENDS_TO_GROUPS: &[&Operation] = &[&KILL_GROUP, &KILL_OWN_GROUP];

/// Whether the caller may send that signal to a process: to its own user's, and SIGCONT to anybody in its
/// session, which all are.
fn may_be_sent(v: &View<'_>, target: u8) -> bool {
    let nobody = |number| v.world.process(number).is_some_and(|process| process.user.nobody);
    !nobody(v.actor.process) || nobody(target) || sent(v) == Some(SIGCONT)
}

fn is_for_all(v: &View<'_>) -> bool {
    v.call.is_some_and(|call| call.call.operation == &KILL_ALL)
}

/// Everybody whom the call is for, ended or not: the group, or all but the caller, for whom there is a
/// rule of its own.
fn meant(v: &View<'_>) -> Vec<u8> {
    if !is_for_all(v) {
        return members_of_named(v).collect();
    }
    let there = |number: u8| {
        v.world.process(number).is_some_and(|p| {
            !matches!(p.life, Life::Unborn | Life::Reaped) && p.thread_of.is_none()
        })
    };
    let all = 0..v.world.processes.len() as u8;
    all.filter(|number| *number != v.actor.process && there(*number)).collect()
}

/// Those of them whom the caller may send the signal to.
fn permitted(v: &View<'_>) -> Vec<u8> {
    meant(v).into_iter().filter(|member| may_be_sent(v, *member)).collect()
}

/// Those of them who are still to be sent it: the caller itself once all others have been.
fn left(v: &View<'_>) -> Vec<u8> {
    let seen = |member: &u8| v.call.is_some_and(|call| call.seen.contains(&u32::from(*member)));
    let mut left = permitted(v);
    left.retain(|member| !seen(member));
    if left.len() > 1 {
        left.retain(|member| *member != v.actor.process);
    }
    left
}

/// Who may be the next, each with every rule of `kill` by which the signal may be sent to it.
fn ways<'a>(v: &View<'a>) -> Vec<(u8, &'a Clause)> {
    ways_to(v, left(v))
}

/// The same of the caller, once everybody else was sent it.
fn own_ways<'a>(v: &View<'a>) -> Vec<(u8, &'a Clause)> {
    let is_due = is_for_all(v) && !was_sent(v) && left(v).is_empty();
    if is_due { ways_to(v, vec![v.actor.process]) } else { Vec::new() }
}

/// Whether the caller was sent it.
fn was_sent(v: &View<'_>) -> bool {
    v.call.is_some_and(|call| call.seen.contains(&v.actor.process.into()))
}

fn ways_to<'a>(v: &View<'a>, members: Vec<u8>) -> Vec<(u8, &'a Clause)> {
    let Some(call) = v.call else { return Vec::new() };
    let mut ways = Vec::new();
    for member in members {
        let mut at = InCall::clone(call);
        at.seen.push(member.into());
        let view = View { call: Some(&at), ..*v };
        let sends =
            |clause: &&Clause| matches!(clause.envelope, Envelope::Nothing | Envelope::Never);
        let rules = v.spec.clauses(&KILL).iter().filter(sends);
        ways.extend(rules.filter(|rule| enabled(&view, rule)).map(|rule| (member, rule)));
    }
    ways
}

/// The rule of `kill` by which the choice of that number is sent the signal, if the clause sends it.
pub(crate) fn sent_by(clause: &Clause, v: &View<'_>, n: u64) -> Option<&'static str> {
    let sends = |by: &Action| clause.effects.iter().any(|effect| std::ptr::eq(effect.action, by));
    let ways = match (sends(&SEND), sends(&SEND_OWN)) {
        (true, _) => ways(v),
        (_, true) => own_ways(v),
        _ => return None,
    };
    ways.get(n as usize).map(|(_, rule)| rule.id)
}

static MEMBERS: Number =
    number("members", "Processes of the group that were not waited for.", |v| {
        members_of_named(v).count() as u64
    });
static PERMITTED: Number =
    number("permitted", "Those of them that the caller may send the signal to.", |v| {
        permitted(v).len() as u64
    });
static WAYS: Number = number(
    "next",
    "Ways to go on: who may be sent it next, by each of the rules of kill that hold.",
    |v| ways(v).len() as u64,
);
static LAST_WAY: Number = number("last next", "The last of those, counted from 0.", |v| {
    (ways(v).len() as u64).saturating_sub(1)
});
static OWN_WAYS: Number = number(
    "caller's turn",
    "Ways to send it to the caller, once everybody else was sent it.",
    |v| own_ways(v).len() as u64,
);
static LAST_OWN_WAY: Number =
    number("caller's last way", "The last of those, counted from 0.", |v| {
        (own_ways(v).len() as u64).saturating_sub(1)
    });
static OWN_SENT: Number =
    number("caller sent", "1 if the caller was sent it.", |v| u64::from(was_sent(v)));
static DONE: Number = number("sent", "Processes that were sent it.", |v| {
    v.call.map_or(0, |call| call.seen.len() as u64)
});
static NO_SIGNAL: Number = number("no signal", "1 if the number is no signal's.", |v| {
    u64::from(v.arg(1) >= SENT as i64 && sent(v).is_none())
});

const SOME_LEFT: Guard = Guard {
    name: "somebody of the group is left who may be sent it",
    cond: Lt(Num::N(0), Num::Of(&WAYS)),
};
const ALL_SENT: Guard = Guard {
    name: "all who may be sent it have been, and that is somebody",
    cond: All(&[Eq(Num::Of(&WAYS), Num::N(0)), Lt(Num::N(0), Num::Of(&DONE))]),
};
const OTHERS_SENT: Guard = Guard {
    name: "all others who may be sent it have been",
    cond: All(&[Eq(Num::Of(&WAYS), Num::N(0)), Eq(Num::Of(&OWN_SENT), Num::N(0))]),
};
const OWN_TURN: Guard = Guard {
    name: "all others who may be sent it have been, and the caller has not",
    cond: Lt(Num::N(0), Num::Of(&OWN_WAYS)),
};
const EVERYBODY_SENT: Guard =
    Guard { name: "the caller was sent it, the last", cond: Eq(Num::Of(&OWN_SENT), Num::N(1)) };
const NOBODY_THERE: Guard = Guard {
    name: "nobody is in the group",
    cond: All(&[Eq(Num::Of(&MEMBERS), Num::N(0)), Eq(Num::Of(&DONE), Num::N(0))]),
};
const SOMEBODY_THERE: Guard =
    Guard { name: "somebody is in the group", cond: Lt(Num::N(0), Num::Of(&MEMBERS)) };
const NONE_PERMITTED: Guard = Guard {
    name: "the caller may send it to nobody there",
    cond: All(&[Eq(Num::Of(&PERMITTED), Num::N(0)), Eq(Num::Of(&DONE), Num::N(0))]),
};
const A_SIGNAL_OR_NONE: Guard =
    Guard { name: "a signal, or none", cond: Eq(Num::Of(&NO_SIGNAL), Num::N(0)) };
const NOT_A_SIGNAL: Guard =
    Guard { name: "no signal has the number", cond: Eq(Num::Of(&NO_SIGNAL), Num::N(1)) };

static SEND: Action = action("it is sent as by kill, by the choice number %", |c, n| {
    let way = way(&ways(&c.view()), n);
    send(c, way);
});
static SEND_OWN: Action =
    action("it is sent to the caller as by kill, by the choice number %", |c, n| {
        let way = way(&own_ways(&c.view()), n);
        send(c, way);
    });

fn way(ways: &[(u8, &Clause)], n: u64) -> Option<(u8, &'static [Effect])> {
    ways.get(n as usize).map(|(member, rule)| (*member, rule.effects))
}

fn send(c: &mut Change<'_>, way: Option<(u8, &'static [Effect])>) {
    let (Some((member, effects)), actor) = (way, c.actor) else { return };
    if let Some(call) = c.world.in_call_mut(actor) {
        call.seen.push(member.into());
    }
    c.spec.apply(c.world, actor, effects, Choice::default());
    if c.process().is_some_and(|process| process.life != Life::Live) {
        c.world.abandon(actor);
    }
}

pub(super) static CLAUSES: &[Clause] = &[
    Clause {
        id: "signal.killpg.sends",
        on: SENDS_TO_GROUPS,
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("kill()", "DESCRIPTION"),
        text: "A signal for a group is sent as by kill to all in it who may be sent it, ended or not; to the caller itself last.",
        guards: &[SOME_LEFT],
        envelope: Envelope::Step(Num::N(0), Num::Of(&LAST_WAY)),
        effects: &[effect_of(&SEND, Num::Chosen)],
    },
    Clause {
        id: "signal.killpg.sent",
        on: SENDS_TO_GROUPS,
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("kill()", "RETURN VALUE"),
        text: "It succeeds if one at least could be sent it.",
        guards: &[ALL_SENT],
        envelope: Envelope::Nothing,
        effects: &[],
    },
    Clause {
        id: "signal.killpg.err.esrch",
        on: SENDS_TO_GROUPS,
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("kill()", "ERRORS"),
        text: "A group in which nobody is any more is not there.",
        guards: &[NOBODY_THERE],
        envelope: Envelope::Error(ESRCH),
        effects: &[],
    },
    Clause {
        id: "signal.killpg.err.eperm",
        on: SENDS_TO_GROUPS,
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("kill()", "ERRORS"),
        text: "Who may send it to nobody of the group is refused.",
        guards: &[SOMEBODY_THERE, NONE_PERMITTED, A_SIGNAL_OR_NONE],
        envelope: Envelope::Error(EPERM),
        effects: &[],
    },
    Clause {
        id: "signal.killpg.err.einval",
        on: SENDS_TO_GROUPS,
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("kill()", "ERRORS"),
        text: "A number that is no signal's is refused.",
        guards: &[SOMEBODY_THERE, NOT_A_SIGNAL],
        envelope: Envelope::Error(EINVAL),
        effects: &[],
    },
    Clause {
        id: "signal.killpg.err.einval.first",
        on: SENDS_TO_GROUPS,
        force: Permits,
        duty: Unspecified,
        aspect: Error,
        source: posix("2.3 Error Numbers", "several errors"),
        text: "It may be refused before it is looked whether the group is there.",
        guards: &[NOBODY_THERE, NOT_A_SIGNAL],
        envelope: Envelope::Error(EINVAL),
        effects: &[],
    },
    Clause {
        id: "signal.kill.all.sends",
        on: &[&KILL_ALL],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("kill()", "DESCRIPTION"),
        text: "A signal for everybody is sent as by kill to all others who may be sent it, ended or not.",
        guards: &[SOME_LEFT],
        envelope: Envelope::Step(Num::N(0), Num::Of(&LAST_WAY)),
        effects: &[effect_of(&SEND, Num::Chosen)],
    },
    Clause {
        id: "signal.kill.all.self",
        on: &[&KILL_ALL],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("kill()", "DESCRIPTION"),
        text: "And to the caller, who is one of all.",
        guards: &[OWN_TURN],
        envelope: Envelope::Step(Num::N(0), Num::Of(&LAST_OWN_WAY)),
        effects: &[effect_of(&SEND_OWN, Num::Chosen)],
    },
    Clause {
        id: "signal.kill.all.sent",
        on: &[&KILL_ALL],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("kill()", "RETURN VALUE"),
        text: "It succeeds once everybody was sent it.",
        guards: &[EVERYBODY_SENT],
        envelope: Envelope::Nothing,
        effects: &[],
    },
    Clause {
        id: "signal.kill.all.others",
        on: &[&KILL_ALL],
        force: Obliges,
        duty: Extension,
        aspect: Lifetime,
        source: linux("kernel/signal.c", "6.18, kill_something_info"),
        text: "The caller is not sent it, and it succeeds also if the others may not be sent it; those that run the program count as well.",
        guards: &[OTHERS_SENT, A_SIGNAL_OR_NONE],
        envelope: Envelope::Nothing,
        effects: &[],
    },
    Clause {
        id: "signal.kill.all.err.einval",
        on: &[&KILL_ALL],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("kill()", "ERRORS"),
        text: "A number that is no signal's is refused.",
        guards: &[NOT_A_SIGNAL],
        envelope: Envelope::Error(EINVAL),
        effects: &[],
    },
];
