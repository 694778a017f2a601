//! Waiting: `sigwait`, `sigwaitinfo`, `sigtimedwait` take what is pending, and no handler runs.

use super::SIGNALS;
use super::state::{Pending, bit};
use super::terms::*;
use crate::clause::Aspect::{Blocking, Error, Lifetime, Ordering};
use crate::clause::Cond::{All, Eq, Lt};
use crate::clause::Duty::{Shall, Undefined, Unspecified};
use crate::clause::Force::{Obliges, ObligesWhen, Permits};
use crate::clause::{
    Action, Answer, Clause, Envelope, Guard, Num, Number, action, effect_of, number, posix,
};
use crate::errno::Errno::EAGAIN;
use crate::operation::{Call, Gives, Operation, Param};
use crate::outcome::{Code, Value};
use crate::poll::{NO_TIME, OVERDUE, SOME_TIME, TIME_LEFT};
use crate::view::View;

/// `int sigwait(const sigset_t *set, int *sig)`.
pub static SIGWAIT: Operation = Operation {
    name: "sigwait",
    params: &[Param::Flags(SIGNALS)],
    gives: Gives::Word(SIGNALS),
    c: "sigwait({%0}, &sig)",
};

/// `int sigwaitinfo(const sigset_t *set, siginfo_t *info)`.
pub static SIGWAITINFO: Operation = Operation {
    name: "sigwaitinfo",
    params: &[Param::Flags(SIGNALS)],
    gives: Gives::Info(SIGNALS),
    c: "sigwaitinfo({%0}, &info)",
};

/// `int sigtimedwait(const sigset_t *set, siginfo_t *info, const struct timespec *timeout)` with the
/// timeout in milliseconds; a negative one is no timeout at all.
pub static SIGTIMEDWAIT: Operation = Operation {
    name: "sigtimedwait",
    params: &[Param::Flags(SIGNALS), Param::Timeout],
    gives: Gives::Info(SIGNALS),
    c: "sigtimedwait({%0}, &info, %1 ms)",
};

static ALL_OF_THEM: &[&Operation] = &[&SIGWAIT, &SIGWAITINFO, &SIGTIMEDWAIT];

/// Whether it is a call that waits for that signal.
pub(crate) fn waits_for(call: &Call, signal: u8) -> bool {
    let set = call.find(|param| matches!(param, Param::Flags(_))).unwrap_or(0) as u32;
    ALL_OF_THEM.contains(&call.operation) && set & bit(signal) != 0
}

/// The pending signals of the set that may be the next to be taken, by their places.
fn next(v: &View<'_>) -> Vec<usize> {
    let selection = v.spec.profile.signals;
    mine(v).map_or_else(Vec::new, |signals| signals.next_of(asked(v), selection))
}

static CHOICES: Number =
    number("choices", "Pending signals of the set that may be taken next.", |v| {
        next(v).len() as u64
    });
static LAST_CHOICE: Number = number("last", "The last of those, counted from 0.", |v| {
    (next(v).len() as u64).saturating_sub(1)
});
static UNBLOCKED: Number =
    number("unblocked", "Signals of the set that are not blocked, as a set.", |v| {
        mine(v).map_or(0, |signals| (asked(v) & !signals.blocked).into())
    });
static TAKEN: Number = number("taken", "1 once a signal is taken.", |v| {
    u64::from(v.call.is_some_and(|call| !call.taken.is_empty()))
});
static NO_TIMEOUT: Number =
    number("no timeout", "1 if the timeout is a null pointer.", |v| u64::from(v.arg(1) < 0));

const NONE_TAKEN: Guard = Guard { name: "none is taken", cond: Eq(Num::Of(&TAKEN), Num::N(0)) };
const ONE_TAKEN: Guard = Guard { name: "one is taken", cond: Eq(Num::Of(&TAKEN), Num::N(1)) };
const ALL_BLOCKED: Guard =
    Guard { name: "all of the set are blocked", cond: Eq(Num::Of(&UNBLOCKED), Num::N(0)) };
const SOME_UNBLOCKED: Guard = Guard {
    name: "one of the set is not blocked",
    cond: All(&[NONE_TAKEN.cond, Lt(Num::N(0), Num::Of(&UNBLOCKED))]),
};
const SOME_PENDING: Guard = Guard {
    name: "one of the set is pending",
    cond: All(&[NONE_TAKEN.cond, Lt(Num::N(0), Num::Of(&CHOICES))]),
};
const NONE_PENDING: Guard = Guard {
    name: "none of the set is pending",
    cond: All(&[NONE_TAKEN.cond, Eq(Num::Of(&CHOICES), Num::N(0))]),
};
const ENDLESS: Guard =
    Guard { name: "the timeout is a null pointer", cond: Eq(Num::Of(&NO_TIMEOUT), Num::N(1)) };

static WHICH: Answer = Answer {
    name: "the signal that was taken",
    value: |v| match v.call.and_then(|call| call.taken.first()) {
        Some(taken) => Value::Word(taken.signal),
        None => Value::Nothing,
    },
};
static INFO: Answer = Answer {
    name: "the signal that was taken, how it was sent, by whom, and with what",
    value: |v| match v.call.and_then(|call| call.taken.first()) {
        // The GNU C library tells of SI_TKILL as if it were SI_USER, but not to handlers.
        Some(taken) if taken.code == Code::SI_TKILL => Value::Info(
            Pending { code: Code::Unsaid, ..*taken }.told(v.world.leader(v.actor.process)),
        ),
        Some(taken) => Value::Info(taken.told(v.world.leader(v.actor.process))),
        None => Value::Nothing,
    },
};

static TAKE: Action = action("the choice number % is pending no more", |c, n| {
    let place = next(&c.view()).get(n as usize).copied();
    let actor = c.actor;
    let taken = place.and_then(|place| c.process()?.signals.take(place));
    if let (Some(taken), Some(call)) = (taken, c.world.in_call_mut(actor)) {
        call.taken.push(taken);
    }
});

pub(super) static CLAUSES: &[Clause] = &[
    Clause {
        id: "signal.wait.takes",
        on: ALL_OF_THEM,
        force: Obliges,
        duty: Shall,
        aspect: Ordering,
        source: posix("sigtimedwait()", "DESCRIPTION"),
        text: "A signal of the set that is pending is taken, and no handler runs; of real-time signals the lowest, and of one number the oldest.",
        guards: &[SOME_PENDING, ALL_BLOCKED],
        envelope: Envelope::Step(Num::N(0), Num::Of(&LAST_CHOICE)),
        effects: &[effect_of(&TAKE, Num::Chosen)],
    },
    Clause {
        id: "signal.wait.tells",
        on: &[&SIGWAIT],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("sigwait()", "DESCRIPTION"),
        text: "It tells which was taken.",
        guards: &[ONE_TAKEN],
        envelope: Envelope::Exactly(&WHICH),
        effects: &[],
    },
    Clause {
        id: "signal.wait.tells.info",
        on: &[&SIGWAITINFO, &SIGTIMEDWAIT],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("sigtimedwait()", "DESCRIPTION"),
        text: "It tells which was taken, how it was sent and by whom, and the value that came with it.",
        guards: &[ONE_TAKEN],
        envelope: Envelope::Exactly(&INFO),
        effects: &[],
    },
    Clause {
        id: "signal.wait.blocks",
        on: ALL_OF_THEM,
        force: Permits,
        duty: Shall,
        aspect: Blocking,
        source: posix("sigtimedwait()", "DESCRIPTION"),
        text: "While none of the set is pending it waits.",
        guards: &[NONE_PENDING, ALL_BLOCKED, TIME_LEFT],
        envelope: Envelope::Sleep,
        effects: &[],
    },
    Clause {
        id: "signal.wait.nothing",
        on: &[&SIGTIMEDWAIT],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("sigtimedwait()", "DESCRIPTION"),
        text: "With a timeout of 0 it tells at once that none is pending.",
        guards: &[NONE_PENDING, ALL_BLOCKED, NO_TIME],
        envelope: Envelope::Error(EAGAIN),
        effects: &[],
    },
    Clause {
        id: "signal.wait.expires",
        on: &[&SIGTIMEDWAIT],
        force: ObligesWhen(OVERDUE),
        duty: Shall,
        aspect: Error,
        source: posix("sigtimedwait()", "ERRORS"),
        text: "When the timeout has passed and none is pending, it tells so.",
        guards: &[NONE_PENDING, ALL_BLOCKED, SOME_TIME],
        envelope: Envelope::Error(EAGAIN),
        effects: &[],
    },
    Clause {
        id: "signal.wait.undefined.unblocked",
        on: ALL_OF_THEM,
        force: Permits,
        duty: Undefined,
        aspect: Lifetime,
        source: posix("sigwait()", "DESCRIPTION"),
        text: "What is waited for must be blocked.",
        guards: &[SOME_UNBLOCKED],
        envelope: Envelope::Anything,
        effects: &[],
    },
    Clause {
        id: "signal.wait.unspecified.timeout",
        on: &[&SIGTIMEDWAIT],
        force: Permits,
        duty: Unspecified,
        aspect: Blocking,
        source: posix("sigtimedwait()", "DESCRIPTION"),
        text: "What no timeout means is not said.",
        guards: &[ENDLESS, NONE_TAKEN],
        envelope: Envelope::Anything,
        effects: &[],
    },
];
