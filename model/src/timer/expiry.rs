//! Expiry: what comes of a timer when its time has passed; and what comes of timers in `exec`.

use super::terms::{mine, signals};
use crate::clause::Aspect::Lifetime;
use crate::clause::Cond::{Eq, Lt};
use crate::clause::Duty::{ImplDefined, Shall};
use crate::clause::Force::{Obliges, Permits};
use crate::clause::{
    Action, Clause, Envelope, Guard, Num, Number, Standard, action, effect, effect_of, number,
    posix,
};
use crate::operation::{Gives, Operation};
use crate::outcome::Code;
use crate::process::resume;
use crate::profile::Selection;
use crate::signal::{NOBODY, Pending, SIGALRM, SIGCONT};
use crate::view::{Change, View};
use crate::world::Process;

/// What happens to a process of which a timer is armed for a short time: no call of anybody's.
pub static EXPIRY: Operation =
    Operation { name: "expiry", params: &[], gives: Gives::Nothing, c: "(expiry)" };

static OWN: Number = number("own", "1 if the timer that every process has may expire.", |v| {
    // What goes on and on rests each time until its signal was taken.
    v.process().is_some_and(|process| process.timers.own_may_expire(&process.signals)).into()
});
static AGAIN: Number = number("again", "1 if SIGALRM is pending where alarms come.", |v| {
    // What was sent to the thread is apart where that is first.
    let apart = v.spec.profile.signals == Selection::ThreadFirst;
    let same = |p: &Pending| p.signal == SIGALRM && !(apart && p.thread);
    signals(v).is_some_and(|signals| signals.queue.iter().any(same)).into()
});

fn sending(v: &View<'_>) -> Vec<u8> {
    let sends = |process: &Process| process.timers.sends_next(&process.signals).collect();
    v.process().map_or_else(Vec::new, sends)
}

fn ending(v: &View<'_>) -> Vec<u8> {
    mine(v).map_or_else(Vec::new, |timers| timers.ends_next().collect())
}

static SENDING: Number =
    number("sending", "Timers that may expire, and send a signal.", |v| sending(v).len() as u64);
static LAST_SENDING: Number = number("last sending", "The last of those, counted from 0.", |v| {
    (sending(v).len() as u64).saturating_sub(1)
});
static ENDING: Number =
    number("ending", "Timers that may expire, and send nothing.", |v| ending(v).len() as u64);
static LAST_ENDING: Number = number("last ending", "The last of those, counted from 0.", |v| {
    (ending(v).len() as u64).saturating_sub(1)
});

const OWN_EXPIRES: Guard = Guard {
    name: "the timer that every process has is armed for a short time",
    cond: Eq(Num::Of(&OWN), Num::N(1)),
};
const FIRST: Guard = Guard { name: "no SIGALRM is pending", cond: Eq(Num::Of(&AGAIN), Num::N(0)) };
const ONCE_MORE: Guard = Guard { name: "SIGALRM is pending", cond: Eq(Num::Of(&AGAIN), Num::N(1)) };
const ONE_SENDS: Guard = Guard {
    name: "one that was made and sends a signal is armed for a short time, and has none pending",
    cond: Lt(Num::N(0), Num::Of(&SENDING)),
};
const ONE_ENDS: Guard = Guard {
    name: "one that was made and sends nothing is armed for a short time",
    cond: Lt(Num::N(0), Num::Of(&ENDING)),
};

static ALARM: Action = action("SIGALRM is pending", |c, _| {
    let code = match c.spec.profile.raised_by_system {
        Code::Unsaid => Code::Unsaid,
        _ => Code::SI_KERNEL,
    };
    let from = Some(NOBODY);
    if let Some(process) = c.process() {
        let what = Pending { signal: SIGALRM, code, value: 0, from, thread: false, timer: None };
        process.signals.pend(what);
    }
});
static OWN_PASSES: Action = action(
    "its time has passed; where it has an interval it goes on once SIGALRM was taken",
    |c, _| {
        if let Some(process) = c.process() {
            process.timers.own.expire();
            process.signals.alarm_rests = process.timers.own.interval > 0;
        }
    },
);

static SEND: Action = action("the choice number % has sent its signal", |c, n| {
    let Some(number) = sending(&c.view()).get(n as usize).copied() else { return };
    let Some(process) = c.process() else { return };
    let Some(timer) = process.timers.get_mut(number.into()) else { return };
    let Some(notice) = timer.notice else { return };
    let kept = std::mem::take(&mut timer.held);
    if !kept {
        timer.armed.expire();
    }
    // Linux keeps for later what of a timer that goes on was ignored.
    timer.held = timer.armed.interval > 0 && process.signals.drops(notice.signal);
    // That was when the time had passed, not when what was kept is sent.
    if !kept {
        process.signals.cancel_for(notice.signal);
        if notice.signal == SIGCONT {
            resume(process);
        }
    }
    process.signals.pend(Pending {
        signal: notice.signal,
        code: Code::SI_TIMER,
        value: notice.value,
        from: Some(NOBODY),
        thread: false,
        timer: Some(number),
    });
});
static PASS: Action = action("the time of the choice number % has passed", |c, n| {
    let number = ending(&c.view()).get(n as usize).copied();
    let Some(process) = c.process() else { return };
    if let Some(timer) = number.and_then(|number| process.timers.get_mut(number.into())) {
        timer.armed.expire();
    }
});

static SENT: Number = number("sent", "Pending signals that timers have sent.", |v| {
    let own = |one: &&Pending| one.timer.is_some();
    signals(v).map_or(0, |signals| signals.queue.iter().filter(own).count() as u64)
});
/// Where it matters what becomes of them.
pub(crate) const TIMERS_HAVE_SENT: Guard =
    Guard { name: "what a timer has sent is pending", cond: Lt(Num::N(0), Num::Of(&SENT)) };

/// What timers have sent is taken back.
pub(crate) static TAKE_BACK: Action = action("what timers have sent is pending no more", |c, _| {
    if let Some(process) = c.process() {
        process.signals.forget_timers();
    }
});
/// Behind `exec` no timer is there that was made; on Linux neither are their signals.
pub(crate) static FORGET: Action = action("the timers that it has made are gone", |c, _| forget(c));

fn forget(c: &mut Change<'_>) {
    let linux = c.spec.profile.standards.contains(&Standard::Linux);
    let Some(process) = c.process() else { return };
    process.timers.made.clear();
    if linux {
        process.signals.forget_timers();
    }
}

pub(super) static CLAUSES: &[Clause] = &[
    Clause {
        id: "timer.expiry.alarm",
        on: &[&EXPIRY],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("alarm()", "DESCRIPTION"),
        text: "When the time has passed, now or later, SIGALRM is sent to the process.",
        guards: &[OWN_EXPIRES, FIRST],
        envelope: Envelope::Step(Num::N(0), Num::N(0)),
        effects: &[effect(&OWN_PASSES), effect(&ALARM)],
    },
    Clause {
        id: "timer.expiry.alarm.again",
        on: &[&EXPIRY],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("2.4.1 Signal Generation and Delivery", "a subsequent occurrence"),
        text: "If one is pending already, it stays the only one.",
        guards: &[OWN_EXPIRES, ONCE_MORE],
        envelope: Envelope::Step(Num::N(0), Num::N(0)),
        effects: &[effect(&OWN_PASSES)],
    },
    Clause {
        id: "timer.expiry.alarm.queues",
        on: &[&EXPIRY],
        force: Permits,
        duty: ImplDefined,
        aspect: Lifetime,
        source: posix("2.4.1 Signal Generation and Delivery", "a subsequent occurrence"),
        text: "If one is pending already, it may be pending twice.",
        guards: &[OWN_EXPIRES, ONCE_MORE],
        envelope: Envelope::Step(Num::N(0), Num::N(0)),
        effects: &[effect(&OWN_PASSES), effect(&ALARM)],
    },
    Clause {
        id: "timer.expiry.sends",
        on: &[&EXPIRY],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("timer_create()", "DESCRIPTION, SIGEV_SIGNAL"),
        text: "When its time has passed, now or later, a timer sends its signal with its value; while that is pending it sends no other, and SIGCONT and what stops act as if somebody had sent them.",
        guards: &[ONE_SENDS],
        envelope: Envelope::Step(Num::N(0), Num::Of(&LAST_SENDING)),
        effects: &[effect_of(&SEND, Num::Chosen)],
    },
    Clause {
        id: "timer.expiry.nothing",
        on: &[&EXPIRY],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("2.4.1 Signal Generation and Delivery", "SIGEV_NONE"),
        text: "With SIGEV_NONE nothing is sent.",
        guards: &[ONE_ENDS],
        envelope: Envelope::Step(Num::N(0), Num::Of(&LAST_ENDING)),
        effects: &[effect_of(&PASS, Num::Chosen)],
    },
];
