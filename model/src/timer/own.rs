//! The timer that every process has: `alarm`, and `setitimer` and `getitimer` of `ITIMER_REAL`.

use super::Armed;
use super::terms::*;
use crate::clause::Aspect::{Error, Lifetime};
use crate::clause::Duty::Shall;
use crate::clause::Force::Obliges;
use crate::clause::{
    Action, Answer, Clause, Envelope, Num, Source, action, effect, extension, linux, posix,
};
use crate::errno::Errno::EINVAL;
use crate::operation::{Gives, Operation, Param};
use crate::outcome::Value;

/// `unsigned alarm(unsigned seconds)`: tells the seconds that were left.
pub static ALARM: Operation =
    Operation { name: "alarm", params: &[Param::Number], gives: Gives::Number, c: "alarm(%0)" };

/// `int setitimer(ITIMER_REAL, const struct itimerval *new, struct itimerval *old)`: the time and the
/// interval in milliseconds, of which -1 is no time; tells `old->it_value` in nanoseconds.
pub static SETITIMER: Operation = Operation {
    name: "setitimer",
    params: &[Param::Command("ITIMER_REAL"), Param::Number, Param::Number],
    gives: Gives::Number,
    c: "setitimer(%0, {%1 ms, %2 ms})",
};

/// `int getitimer(ITIMER_REAL, struct itimerval *now)`: tells `now->it_value` in nanoseconds.
pub static GETITIMER: Operation = Operation {
    name: "getitimer",
    params: &[Param::Command("it_value")],
    gives: Gives::Number,
    c: "getitimer(ITIMER_REAL, &now), now.%0",
};

/// The same, and tells `now->it_interval` in nanoseconds.
pub static GETITIMER_INTERVAL: Operation = Operation {
    name: "getitimer",
    params: &[Param::Command("it_interval")],
    gives: Gives::Number,
    c: "getitimer(ITIMER_REAL, &now), now.%0",
};

const LEFT: Envelope = Envelope::Count(Num::Of(&LEAST), Num::Of(&MOST));
const PAGE: Source = linux("getitimer(2)", "DESCRIPTION");

static INTERVAL: Answer = Answer {
    name: "its interval",
    value: |v| Value::Number(mine(v).map_or(0, |timers| timers.own.interval) as i64),
};

static ARM: Action = action("SIGALRM is to be sent when the time has passed", |c, _| {
    let (left, interval) = time(&c.view());
    let since = now(&c.view());
    if let Some(process) = c.process() {
        process.timers.own = Armed::new(left, interval, since);
        process.signals.alarm_rests = false;
    }
});
static DISARM: Action = action("no SIGALRM is to be sent", |c, _| {
    if let Some(process) = c.process() {
        process.timers.own = Armed::default();
        process.signals.alarm_rests = false;
    }
});

pub(super) static CLAUSES: &[Clause] = &[
    Clause {
        id: "timer.alarm.sets",
        on: &[&ALARM],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("alarm()", "DESCRIPTION"),
        text: "SIGALRM is to be sent after so many seconds, and no earlier request counts any more; the seconds that were left of it are told.",
        guards: &[ARMS],
        envelope: LEFT,
        effects: &[effect(&ARM)],
    },
    Clause {
        id: "timer.alarm.cancels",
        on: &[&ALARM],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("alarm()", "DESCRIPTION"),
        text: "With 0 no SIGALRM is to be sent, and it is told in the same way what was left.",
        guards: &[CANCELS],
        envelope: LEFT,
        effects: &[effect(&DISARM)],
    },
    extension(
        "timer.setitimer.sets",
        &[&SETITIMER],
        (
            Lifetime,
            PAGE,
            "The same timer is armed for a time, and then for the interval again and again, each time once its SIGALRM was taken; what was left is told.",
        ),
        &[ARMS],
        LEFT,
        &[effect(&ARM)],
    ),
    extension(
        "timer.setitimer.cancels",
        &[&SETITIMER],
        (Lifetime, PAGE, "With a time of 0 it is disarmed, whatever the interval is."),
        &[DISARMS],
        LEFT,
        &[effect(&DISARM)],
    ),
    extension(
        "timer.setitimer.err.einval",
        &[&SETITIMER],
        (
            Error,
            linux("getitimer(2)", "ERRORS"),
            "What is no time is refused, and the timer is as it was.",
        ),
        &[NO_TIME_AT_ALL],
        Envelope::Error(EINVAL),
        &[],
    ),
    extension(
        "timer.getitimer.tells",
        &[&GETITIMER],
        (
            Lifetime,
            PAGE,
            "It is told how much time is left until the timer expires, and 0 if it is not armed.",
        ),
        &[],
        LEFT,
        &[],
    ),
    extension(
        "timer.getitimer.interval",
        &[&GETITIMER_INTERVAL],
        (Lifetime, PAGE, "The interval is told as it was given."),
        &[],
        Envelope::Exactly(&INTERVAL),
        &[],
    ),
];
