//! Timers that a process makes: `timer_create` and its kin, of `CLOCK_MONOTONIC`.
//!
//! What numbers a system gives them is nobody's business: programs number them from 0, each timer having
//! the lowest number that is free.

use super::terms::*;
use super::{Armed, EVENTS, Notice};
use crate::clause::Aspect::{Error, Lifetime, Ordering};
use crate::clause::Duty::{May, Shall, Undefined, Unspecified};
use crate::clause::Force::{Obliges, Permits};
use crate::clause::{
    Action, Answer, Clause, Envelope, Num, action, effect, extension, linux, posix,
};
use crate::errno::Errno::{EAGAIN, EINVAL};
use crate::operation::{Gives, Operation, Param};
use crate::outcome::Value;

/// `int timer_create(CLOCK_MONOTONIC, struct sigevent *evp, timer_t *timerid)`: what to do, and the value
/// that comes with the signal; tells the number of the timer.
pub static TIMER_CREATE: Operation = Operation {
    name: "timer_create",
    params: &[Param::Command("CLOCK_MONOTONIC"), Param::Word(EVENTS), Param::Number],
    gives: Gives::Number,
    c: "timer_create(%0, {%1, %2})",
};

/// `int timer_settime(timer_t timerid, 0, const struct itimerspec *new, struct itimerspec *old)`: the time
/// and the interval in milliseconds, of which -1 is no time; tells `old->it_value` in nanoseconds.
pub static TIMER_SETTIME: Operation = Operation {
    name: "timer_settime",
    params: &[Param::Number, Param::Number, Param::Number],
    gives: Gives::Number,
    c: "timer_settime(%0, 0, {%1 ms, %2 ms})",
};

/// `int timer_gettime(timer_t timerid, struct itimerspec *now)`: tells `now->it_value` in nanoseconds.
pub static TIMER_GETTIME: Operation = Operation {
    name: "timer_gettime",
    params: &[Param::Number, Param::Command("it_value")],
    gives: Gives::Number,
    c: "timer_gettime(%0, &now), now.%1",
};

/// The same, and tells `now->it_interval` in nanoseconds.
pub static TIMER_INTERVAL: Operation = Operation {
    name: "timer_gettime",
    params: &[Param::Number, Param::Command("it_interval")],
    gives: Gives::Number,
    c: "timer_gettime(%0, &now), now.%1",
};

/// `int timer_getoverrun(timer_t timerid)`.
pub static TIMER_GETOVERRUN: Operation = Operation {
    name: "timer_getoverrun",
    params: &[Param::Number],
    gives: Gives::Number,
    c: "timer_getoverrun(%0)",
};

/// `int timer_delete(timer_t timerid)`.
pub static TIMER_DELETE: Operation = Operation {
    name: "timer_delete",
    params: &[Param::Number],
    gives: Gives::Nothing,
    c: "timer_delete(%0)",
};

static ABOUT_ONE: &[&Operation] =
    &[&TIMER_SETTIME, &TIMER_GETTIME, &TIMER_INTERVAL, &TIMER_GETOVERRUN, &TIMER_DELETE];

const LEFT: Envelope = Envelope::Count(Num::Of(&LEAST), Num::Of(&MOST));

static NUMBER: Answer = Answer {
    name: "the lowest number that no timer has",
    value: |v| Value::Number(mine(v).map_or(0, |timers| timers.lowest()) as i64),
};
static INTERVAL: Answer = Answer {
    name: "its interval",
    value: |v| Value::Number(named(v).map_or(0, |timer| timer.armed.interval) as i64),
};

static MAKE: Action = action("there is a timer, which is not armed", |c, _| {
    let view = c.view();
    let signal = (view.arg(1) as u8).checked_sub(1);
    let notice = signal.map(|signal| Notice { signal, value: view.arg(2) as i32 });
    if let Some(process) = c.process() {
        process.timers.add(notice);
    }
});
static ARM: Action = action("it is to expire when the time has passed", |c, _| {
    let view = c.view();
    let ((left, interval), since, number) = (time(&view), now(&view), view.arg(0));
    if let Some(timer) = c.process().and_then(|process| process.timers.get_mut(number)) {
        timer.armed = Armed::new(left, interval, since);
        (timer.held, timer.still) = (false, Armed::default());
    }
});
static DISARM: Action = action("it is not to expire", |c, _| {
    let number = c.view().arg(0);
    if let Some(timer) = c.process().and_then(|process| process.timers.get_mut(number)) {
        timer.armed = Armed::default();
        timer.held = false;
    }
});
static DISARM_STILL: Action =
    action("it is not to expire, and goes on telling what was left", |c, _| {
        let number = c.view().arg(0);
        if let Some(timer) = c.process().and_then(|process| process.timers.get_mut(number)) {
            let armed = std::mem::take(&mut timer.armed);
            if armed != Armed::default() {
                timer.still = armed;
            }
        }
    });
static DELETE: Action = action("the timer is gone", |c, _| {
    let number = c.view().arg(0);
    if let Some(process) = c.process() {
        process.timers.remove(number);
    }
});

pub(super) static CLAUSES: &[Clause] = &[
    Clause {
        id: "timer.create.makes",
        on: &[&TIMER_CREATE],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("timer_create()", "DESCRIPTION"),
        text: "A timer is made for the caller, and is not armed.",
        guards: &[AN_EVENT, MAY_QUEUE],
        envelope: Envelope::Exactly(&NUMBER),
        effects: &[effect(&MAKE)],
    },
    extension(
        "timer.create.err.einval",
        &[&TIMER_CREATE],
        (Error, linux("timer_create(2)", "ERRORS"), "What is no signal cannot be sent."),
        &[NO_EVENT, MAY_QUEUE],
        Envelope::Error(EINVAL),
        &[],
    ),
    Clause {
        id: "timer.create.err.eagain",
        on: &[&TIMER_CREATE],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("timer_create()", "ERRORS"),
        text: "Where no signal may queue, no timer can be made.",
        guards: &[NOTHING_QUEUES],
        envelope: Envelope::Error(EAGAIN),
        effects: &[],
    },
    Clause {
        id: "timer.settime.sets",
        on: &[&TIMER_SETTIME],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("timer_settime()", "DESCRIPTION"),
        text: "The timer is armed for a time, whatever it was armed for, and then for the interval again and again; what was left is told.",
        guards: &[IS_KNOWN, ARMS, NOTHING_PENDS],
        envelope: LEFT,
        effects: &[effect(&ARM)],
    },
    Clause {
        id: "timer.settime.cancels",
        on: &[&TIMER_SETTIME],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("timer_settime()", "DESCRIPTION"),
        text: "With a time of 0 it is disarmed, whatever the interval is.",
        guards: &[IS_KNOWN, DISARMS, NOTHING_PENDS, SENDS_SOMETHING],
        envelope: LEFT,
        effects: &[effect(&DISARM)],
    },
    Clause {
        id: "timer.settime.cancels.quiet",
        on: &[&TIMER_SETTIME],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("timer_gettime()", "DESCRIPTION"),
        text: "So is one that sends nothing, and 0 is told of it from then on.",
        guards: &[IS_KNOWN, DISARMS, SENDS_NOTHING],
        envelope: LEFT,
        effects: &[effect(&DISARM)],
    },
    extension(
        "timer.settime.cancels.still",
        &[&TIMER_SETTIME],
        (
            Lifetime,
            linux("kernel/time/posix-timers.c", "6.18, common_timer_get"),
            "One that sends nothing is disarmed, and what was left may go on being told of it, as if it were armed.",
        ),
        &[IS_KNOWN, DISARMS, SENDS_NOTHING],
        LEFT,
        &[effect(&DISARM_STILL)],
    ),
    Clause {
        id: "timer.settime.err.einval",
        on: &[&TIMER_SETTIME],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("timer_settime()", "ERRORS"),
        text: "What is no time is refused, and the timer is as it was.",
        guards: &[IS_KNOWN, NO_TIME_AT_ALL],
        envelope: Envelope::Error(EINVAL),
        effects: &[],
    },
    Clause {
        id: "timer.settime.unspecified.pending",
        on: &[&TIMER_SETTIME],
        force: Permits,
        duty: Unspecified,
        aspect: Lifetime,
        source: posix("timer_settime()", "DESCRIPTION"),
        text: "What becomes of a signal of it that is pending is not said.",
        guards: &[IS_KNOWN, SOMETHING_PENDS],
        envelope: Envelope::Anything,
        effects: &[],
    },
    Clause {
        id: "timer.gettime.tells",
        on: &[&TIMER_GETTIME],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("timer_gettime()", "DESCRIPTION"),
        text: "It is told how much time is left until the timer expires, and 0 if it is not armed.",
        guards: &[IS_KNOWN],
        envelope: LEFT,
        effects: &[],
    },
    Clause {
        id: "timer.gettime.interval",
        on: &[&TIMER_INTERVAL],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("timer_gettime()", "DESCRIPTION"),
        text: "The interval is told as it was given.",
        guards: &[IS_KNOWN],
        envelope: Envelope::Exactly(&INTERVAL),
        effects: &[],
    },
    Clause {
        id: "timer.getoverrun.none",
        on: &[&TIMER_GETOVERRUN],
        force: Obliges,
        duty: Shall,
        aspect: Ordering,
        source: posix("timer_getoverrun()", "DESCRIPTION"),
        text: "Of a timer that has not expired again while its signal was pending, 0 is told.",
        guards: &[IS_KNOWN, IS_SLOW],
        envelope: Envelope::Count(Num::N(0), Num::N(0)),
        effects: &[],
    },
    Clause {
        id: "timer.getoverrun.counts",
        on: &[&TIMER_GETOVERRUN],
        force: Obliges,
        duty: Shall,
        aspect: Ordering,
        source: posix("timer_getoverrun()", "DESCRIPTION"),
        text: "It is told how often it has expired while its signal was pending.",
        guards: &[IS_KNOWN, IS_RAPID],
        envelope: Envelope::Count(Num::N(0), Num::Of(&MOST_OVERRUN)),
        effects: &[],
    },
    Clause {
        id: "timer.delete.deletes",
        on: &[&TIMER_DELETE],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("timer_delete()", "DESCRIPTION"),
        text: "The timer is there no more, and does not expire.",
        guards: &[IS_KNOWN, NOTHING_PENDS],
        envelope: Envelope::Nothing,
        effects: &[effect(&DELETE)],
    },
    Clause {
        id: "timer.delete.unspecified.pending",
        on: &[&TIMER_DELETE],
        force: Permits,
        duty: Unspecified,
        aspect: Lifetime,
        source: posix("timer_delete()", "DESCRIPTION"),
        text: "What becomes of a signal of it that is pending is not said.",
        guards: &[IS_KNOWN, SOMETHING_PENDS],
        envelope: Envelope::Anything,
        effects: &[],
    },
    Clause {
        id: "timer.err.einval",
        on: ABOUT_ONE,
        force: Obliges,
        duty: May,
        aspect: Error,
        source: posix("timer_settime()", "ERRORS"),
        text: "A number that no timer of the caller has is refused.",
        guards: &[IS_UNKNOWN],
        envelope: Envelope::Error(EINVAL),
        effects: &[],
    },
    Clause {
        id: "timer.undefined.unknown",
        on: ABOUT_ONE,
        force: Permits,
        duty: Undefined,
        aspect: Lifetime,
        source: posix("timer_settime()", "ERRORS"),
        text: "It need not be: what comes of it then is not said.",
        guards: &[IS_UNKNOWN],
        envelope: Envelope::Anything,
        effects: &[],
    },
];
