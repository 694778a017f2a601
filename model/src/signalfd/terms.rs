//! The numbers, answers and actions of signals that are read.

use super::{SIGINFO, SIGNALFD_READ, Watched};
use crate::clause::Cond::{All, Any, Eq, Le, Lt};
use crate::clause::{Action, Answer, Guard, Num, Number, action, by_sort, number};
use crate::descriptor::LEN;
use crate::operation::Actor;
use crate::outcome::Value;
use crate::signal::{Pending, Signals};
use crate::view::{Change, View};
use crate::world::{InCall, Object};

fn watched<'a>(v: &View<'a>) -> Option<&'a Watched> {
    match v.object() {
        Object::Watched(watched) => Some(watched),
        _ => None,
    }
}

fn mine<'a>(v: &View<'a>) -> Option<&'a Signals> {
    v.process().map(|process| &process.signals)
}

fn taken<'a>(v: &View<'a>) -> &'a [Pending] {
    v.call.map_or(&[], |call| &call.taken)
}

/// The pending signals of the set that may be the next to be taken, by their places.
fn next(v: &View<'_>) -> Vec<usize> {
    let selection = v.spec.profile.signals;
    let both = watched(v).zip(mine(v));
    both.map_or_else(Vec::new, |(watched, signals)| signals.next_of(watched.set, selection))
}

/// How many signals the call has room for.
fn places(v: &View<'_>) -> u64 {
    match v.call {
        Some(call) if call.call.operation == &SIGNALFD_READ => call.call.number(1) as u64,
        _ => (LEN.read)(v) / SIGINFO,
    }
}

/// Whether the descriptor leads there.
pub static IS_SIGNALFD: Number =
    by_sort("signalfd(fd)", "1 if the descriptor leads to signals that are read.", |v| {
        u64::from(watched(v).is_some())
    });
static OTHER_IS_SIGNALFD: Number =
    number("signalfd(fd')", "1 if the second descriptor leads there.", |v| {
        u64::from(watched(&v.other(1)).is_some())
    });
static BAD_FLAG: Number =
    number("bad flag", "1 if a flag is set that is not known.", |v| u64::from(v.flag("O_APPEND")));
/// The number of the call's descriptor.
pub(super) static FD: Number =
    number("fd", "The number of the descriptor.", |v| v.arg(0).max(0) as u64);
static PLACES: Number = number("places", "How many signals the buffer has room for.", places);
static TAKEN: Number = number("taken", "How many the call has taken.", |v| taken(v).len() as u64);
static CHOICES: Number =
    number("choices", "Pending signals of the set that may be taken next.", |v| {
        next(v).len() as u64
    });
/// The last of those that may be taken next.
pub(super) static LAST_CHOICE: Number = number("last", "The last of those, counted from 0.", |v| {
    (next(v).len() as u64).saturating_sub(1)
});
static OVERLOOKED: Number = number(
    "overlooked",
    "1 if the caller was asleep when another process changed the set, and no signal has come since.",
    |v| {
        let (Some(watched), Some(signals)) = (watched(v), mine(v)) else { return 0 };
        let now = (v.actor.process, signals.queue.len() as u8);
        u64::from(v.call.is_some_and(|call| call.slept) && watched.overlooked.contains(&now))
    },
);

pub(super) const A_SIGNALFD: Guard =
    Guard { name: "it leads to signals that are read", cond: Eq(Num::Of(&IS_SIGNALFD), Num::N(1)) };
pub(super) const NO_SIGNALFD: Guard =
    Guard { name: "it does not", cond: Eq(Num::Of(&IS_SIGNALFD), Num::N(0)) };
pub(super) const SECOND_IS_ONE: Guard = Guard {
    name: "the second leads to signals that are read",
    cond: Eq(Num::Of(&OTHER_IS_SIGNALFD), Num::N(1)),
};
pub(super) const KNOWN_FLAGS: Guard =
    Guard { name: "every flag is known", cond: Eq(Num::Of(&BAD_FLAG), Num::N(0)) };
pub(super) const UNKNOWN_FLAG: Guard =
    Guard { name: "a flag is unknown", cond: Eq(Num::Of(&BAD_FLAG), Num::N(1)) };
pub(super) const TOO_SMALL: Guard =
    Guard { name: "the buffer has no room for one", cond: Eq(Num::Of(&PLACES), Num::N(0)) };
pub(super) const ENOUGH: Guard =
    Guard { name: "the buffer has room for one", cond: Lt(Num::N(0), Num::Of(&PLACES)) };
pub(super) const SOME_ASKED: Guard =
    Guard { name: "it is about bytes", cond: Lt(Num::N(0), Num::Of(&LEN)) };
pub(super) const NONE_ASKED: Guard =
    Guard { name: "it is about no bytes", cond: Eq(Num::Of(&LEN), Num::N(0)) };
pub(super) const SOME_PENDING: Guard = Guard {
    name: "one of the set is pending for the caller",
    cond: Lt(Num::N(0), Num::Of(&CHOICES)),
};
pub(super) const NONE_PENDING: Guard =
    Guard { name: "none of the set is pending", cond: Eq(Num::Of(&CHOICES), Num::N(0)) };
pub(super) const ROOM: Guard =
    Guard { name: "there is room for one more", cond: Lt(Num::Of(&TAKEN), Num::Of(&PLACES)) };
pub(super) const NONE_TAKEN: Guard =
    Guard { name: "none is taken", cond: Eq(Num::Of(&TAKEN), Num::N(0)) };
/// The call has what it can have.
pub(super) const THROUGH: Guard = Guard {
    name: "one at least is taken, and none more of the set is pending or there is no more room",
    cond: All(&[
        Lt(Num::N(0), Num::Of(&TAKEN)),
        Any(&[Eq(Num::Of(&CHOICES), Num::N(0)), Le(Num::Of(&PLACES), Num::Of(&TAKEN))]),
    ]),
};
/// Whoever is asleep is woken by signals, and by its own process alone when the set changes.
pub(super) const AWARE: Guard = Guard {
    name: "the caller was not asleep when another process changed the set, or a signal has come since",
    cond: Eq(Num::Of(&OVERLOOKED), Num::N(0)),
};
pub(super) const NONE_SEEN: Guard = Guard {
    name: "none of the set is pending, or the caller was asleep when another process made it so",
    cond: Any(&[NONE_PENDING.cond, Eq(Num::Of(&OVERLOOKED), Num::N(1))]),
};

pub(super) static INFOS: Answer = Answer {
    name: "the signals that were taken, how each was sent, by whom, and with what",
    value: |v| {
        let own = v.actor.process;
        Value::Infos(taken(v).iter().map(|one| one.told(own)).collect())
    },
};

pub(super) static CREATE: Action = action("signals of that set can be read", |c, _| {
    let view = c.view();
    let (cloexec, nonblock) = (view.flag("SFD_CLOEXEC"), view.flag("SFD_NONBLOCK"));
    let watched = Watched { set: view.arg(0) as u32, ..Watched::default() };
    c.open_new(Object::Watched(watched), nonblock, cloexec);
});
pub(super) static SET: Action = action("the set is the new one", |c, _| {
    let set = c.view().arg(2) as u32;
    let overlooked = asleep_over(c, set);
    if let Some(Object::Watched(watched)) = c.object() {
        *watched = Watched { set, overlooked };
    }
});

/// The other processes that are asleep while something of that set is pending for them.
fn asleep_over(c: &Change<'_>, set: u32) -> Vec<(u8, u8)> {
    let own = c.actor.process;
    let others = (0_u8..).zip(&c.world.processes).filter(|(number, _)| *number != own);
    let asleep = |number: u8| {
        let slept = |call: &InCall| call.slept;
        c.world.in_call(Actor::first(number)).is_some_and(slept)
    };
    let over =
        others.filter(|(number, process)| process.signals.pending & set != 0 && asleep(*number));
    over.map(|(number, process)| (number, process.signals.queue.len() as u8)).collect()
}

pub(super) static TAKE: Action = action("the choice number % is pending no more", |c, n| {
    let place = next(&c.view()).get(n as usize).copied();
    let (actor, own) = (c.actor, c.actor.process);
    let taken = place.and_then(|place| c.process()?.signals.take(place));
    let Some(taken) = taken else { return };
    if let Some(call) = c.world.in_call_mut(actor) {
        call.taken.push(taken);
    }
    if let Some(Object::Watched(watched)) = c.object() {
        watched.overlooked.retain(|(process, _)| *process != own);
    }
});
