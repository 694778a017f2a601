//! The numbers and guards of the timer clauses.

use super::{ALARM, Armed, EVENTS, MS, Moment, SECOND, SETITIMER, Timer, Timers};
use crate::clause::Cond::{All, Eq, Le, Lt};
use crate::clause::{Guard, Num, Number, number};
use crate::signal::Signals;
use crate::view::View;

/// The timers of the caller.
pub(super) fn mine<'a>(v: &View<'a>) -> Option<&'a Timers> {
    v.process().map(|process| &process.timers)
}

/// The signals of the caller.
pub(super) fn signals<'a>(v: &View<'a>) -> Option<&'a Signals> {
    v.process().map(|process| &process.signals)
}

/// The timer that the call names.
pub(super) fn named<'a>(v: &View<'a>) -> Option<&'a Timer> {
    mine(v)?.get(v.arg(0))
}

/// When the call was made, as far as that was probed.
pub(super) fn now(v: &View<'_>) -> Moment {
    Moment::probed(v.chosen.probed)
}

/// How the timer that a call is about is armed, and in which unit the call tells.
fn asked(v: &View<'_>) -> (Armed, u64) {
    let operation = v.call.map(|call| call.call.operation);
    let rests = signals(v).is_some_and(|signals| signals.alarm_rests);
    let own = mine(v).filter(|_| !rests).map_or(Armed::default(), |timers| timers.own);
    match operation {
        Some(op) if op == &ALARM => (own, SECOND),
        Some(op) if op == &SETITIMER || op == &super::GETITIMER => (own, 1_000),
        _ => (named(v).map_or(Armed::default(), |timer| timer.armed), 1),
    }
}

/// What the call can tell of the time that is left, in what it tells it in.
fn told(v: &View<'_>) -> (u64, u64) {
    let (armed, unit) = asked(v);
    let (least, most) = match named(v).map(|timer| timer.still) {
        Some(still) if armed == Armed::default() => {
            let (least, most) = still.left_at(now(v), unit);
            (if least <= unit { 0 } else { least }, most)
        }
        _ => armed.left_at(now(v), unit),
    };
    let seconds = if unit == SECOND { SECOND } else { 1 };
    (least / seconds, most / seconds)
}

pub(super) static LEAST: Number =
    number("least left", "What is left of the time at least, by the monotonic clock.", |v| {
        told(v).0
    });
pub(super) static MOST: Number =
    number("most left", "What is left of the time at most, by the monotonic clock.", |v| told(v).1);
/// What the call arms the timer for, in nanoseconds.
pub(super) fn time(v: &View<'_>) -> (u64, u64) {
    let ms = |index| u64::try_from(v.arg(index)).unwrap_or(0).saturating_mul(MS);
    match v.call.map(|call| call.call.operation) {
        Some(op) if op == &ALARM => (u64::try_from(v.arg(0)).unwrap_or(0) * SECOND, 0),
        _ => (ms(1), ms(2)),
    }
}

static TIME: Number =
    number("time", "What the timer is armed for, in nanoseconds; 0 if it is not.", |v| time(v).0);
static NO_TIME: Number =
    number("no time", "1 if what it is armed for is no time.", |v| u64::from(v.arg(1) < 0));
static KNOWN: Number =
    number("timer", "1 if the caller has a timer of that number.", |v| named(v).is_some().into());
static PENDS: Number = number("pends", "1 if a signal of that timer is pending.", |v| {
    let own = |one: &crate::signal::Pending| one.timer.map(i64::from) == Some(v.arg(0));
    signals(v).is_some_and(|signals| signals.queue.iter().any(own)).into()
});
static EVENT: Number =
    number("event", "What is to be done, by its place: 0 is nothing.", |v| v.arg(1) as u64);
static LIMITED: Number = number("limited", "1 if nothing more queues for the caller.", |v| {
    signals(v).is_some_and(|signals| signals.limited).into()
});
static RAPID: Number = number("rapid", "1 if it expires again and again in a short time.", |v| {
    named(v).is_some_and(|timer| timer.armed.is_rapid()).into()
});

pub(super) static MOST_OVERRUN: Number = number(
    "most overrun",
    "How often a timer can have overrun: in a world without a clock once, else any number of times.",
    |v| if now(v).is_known() { i32::MAX as u64 } else { 1 },
);

pub(super) const ARMS: Guard =
    Guard { name: "a time is given", cond: Lt(Num::N(0), Num::Of(&TIME)) };
pub(super) const DISARMS: Guard = Guard {
    name: "the time is 0",
    cond: All(&[Eq(Num::Of(&TIME), Num::N(0)), Eq(Num::Of(&NO_TIME), Num::N(0))]),
};
/// Of `alarm`, which is given nothing else.
pub(super) const CANCELS: Guard =
    Guard { name: "the time is 0", cond: Eq(Num::Of(&TIME), Num::N(0)) };
pub(super) const NO_TIME_AT_ALL: Guard =
    Guard { name: "what is given is no time", cond: Eq(Num::Of(&NO_TIME), Num::N(1)) };
pub(super) const IS_KNOWN: Guard =
    Guard { name: "there is such a timer", cond: Eq(Num::Of(&KNOWN), Num::N(1)) };
pub(super) const IS_UNKNOWN: Guard =
    Guard { name: "there is no such timer", cond: Eq(Num::Of(&KNOWN), Num::N(0)) };
static QUIET: Number = number("quiet", "1 if the timer that the call names sends nothing.", |v| {
    u64::from(named(v).is_some_and(|timer| timer.notice.is_none()))
});
pub(super) const SENDS_NOTHING: Guard =
    Guard { name: "it sends nothing", cond: Eq(Num::Of(&QUIET), Num::N(1)) };
pub(super) const SENDS_SOMETHING: Guard =
    Guard { name: "it sends a signal", cond: Eq(Num::Of(&QUIET), Num::N(0)) };
pub(super) const NOTHING_PENDS: Guard =
    Guard { name: "no signal of it is pending", cond: Eq(Num::Of(&PENDS), Num::N(0)) };
pub(super) const SOMETHING_PENDS: Guard =
    Guard { name: "a signal of it is pending", cond: Eq(Num::Of(&PENDS), Num::N(1)) };
pub(super) const AN_EVENT: Guard = Guard {
    name: "it is to send a signal or nothing",
    cond: Lt(Num::Of(&EVENT), Num::N(EVENTS.len() as u64 - 1)),
};
pub(super) const NO_EVENT: Guard = Guard {
    name: "no signal has the number",
    cond: Le(Num::N(EVENTS.len() as u64 - 1), Num::Of(&EVENT)),
};
pub(super) const MAY_QUEUE: Guard =
    Guard { name: "signals queue", cond: Eq(Num::Of(&LIMITED), Num::N(0)) };
pub(super) const NOTHING_QUEUES: Guard =
    Guard { name: "nothing queues", cond: Eq(Num::Of(&LIMITED), Num::N(1)) };
pub(super) const IS_RAPID: Guard =
    Guard { name: "it expires again soon", cond: Eq(Num::Of(&RAPID), Num::N(1)) };
pub(super) const IS_SLOW: Guard =
    Guard { name: "it does not expire again, or not soon", cond: Eq(Num::Of(&RAPID), Num::N(0)) };
