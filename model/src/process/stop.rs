//! Who is stopped, and who goes on; and what their parents are sent of it.

use super::end::tell_of;
use super::parent::{IS_BLOCKED, IS_IGNORED, NOT_CAUGHT, NOT_IGNORED, PENDS, of_parents};
use crate::clause::Aspect::{Blocking, Lifetime};
use crate::clause::Cond::Eq;
use crate::clause::Duty::{ImplDefined, Shall, Unspecified};
use crate::clause::Force::{Obliges, Permits};
use crate::clause::{Action, Clause, Envelope, Guard, Num, Number, action, effect, number, posix};
use crate::operation::{Gives, Operation};
use crate::outcome::{Signal, Status};
use crate::view::Change;
use crate::world::Process;

/// What any call is while its process is stopped.
pub static STOPPED: Operation =
    Operation { name: "stopped", params: &[], gives: Gives::Nothing, c: "(stopped)" };

/// What the parent is sent of who was stopped, or goes on: no call of anybody's.
pub static NEWS: Operation =
    Operation { name: "news", params: &[], gives: Gives::Nothing, c: "(news)" };

/// The process is stopped by that signal.
pub(crate) fn stop(process: &mut Process, signal: Signal) {
    process.stopped = true;
    process.news = Some(Status::Stopped(signal));
    process.untold.push(Status::Stopped(signal));
}

/// The process goes on, if it was stopped.
pub(crate) fn resume(process: &mut Process) {
    if std::mem::take(&mut process.stopped) {
        process.news = Some(Status::Continued);
        process.untold.push(Status::Continued);
    }
}

static AT_REST: Number = number("stopped", "1 if its process is stopped.", |v| {
    v.world.is_stopped(v.actor.process).into()
});
static WANTED: Number =
    number("wanted", "1 if its parent has not ended, and has not said SA_NOCLDSTOP.", |v| {
        of_parents(v, |signals| !signals.stops_untold)
    });

const IS_STOPPED: Guard =
    Guard { name: "its process is stopped", cond: Eq(Num::Of(&AT_REST), Num::N(1)) };
const IS_WANTED: Guard = Guard {
    name: "its parent has not ended, and has not said SA_NOCLDSTOP",
    cond: Eq(Num::Of(&WANTED), Num::N(1)),
};
const IS_NOT_WANTED: Guard = Guard {
    name: "its parent has ended, or has said SA_NOCLDSTOP",
    cond: Eq(Num::Of(&WANTED), Num::N(0)),
};

fn told(c: &mut Change<'_>) -> Option<Status> {
    let process = c.process()?;
    (!process.untold.is_empty()).then(|| process.untold.remove(0))
}

static TELL: Action = action("SIGCHLD is pending at its parent, once", |c, _| {
    if let Some(status) = told(c) {
        tell_of(c, status, true);
    }
});
static TELL_AGAIN: Action = action("SIGCHLD is pending at its parent once more", |c, _| {
    if let Some(status) = told(c) {
        tell_of(c, status, false);
    }
});
static FORGET: Action = action("nothing is sent", |c, _| {
    told(c);
});

const AT_ONCE: Envelope = Envelope::Step(Num::N(0), Num::N(0));

pub(super) static CLAUSES: &[Clause] = &[
    Clause {
        id: "process.stop.blocks",
        on: &[&STOPPED],
        force: Permits,
        duty: Shall,
        aspect: Blocking,
        source: posix("2.4.4 Signal Effects on Other Functions", "stop the process"),
        text: "Who is stopped does nothing, whatever call it is in.",
        guards: &[IS_STOPPED],
        envelope: Envelope::Sleep,
        effects: &[],
    },
    Clause {
        id: "process.stop.tells",
        on: &[&NEWS],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("<signal.h>", "SIGCHLD"),
        text: "The parent of who is stopped, or goes on, is sent SIGCHLD, which says so.",
        guards: &[IS_WANTED, NOT_IGNORED],
        envelope: AT_ONCE,
        effects: &[effect(&TELL)],
    },
    Clause {
        id: "process.stop.tells.again",
        on: &[&NEWS],
        force: Permits,
        duty: ImplDefined,
        aspect: Lifetime,
        source: posix("wait()", "DESCRIPTION, SIGCHLD"),
        text: "Where SIGCHLD is pending already, it may be pending once more.",
        guards: &[IS_WANTED, NOT_IGNORED, PENDS],
        envelope: AT_ONCE,
        effects: &[effect(&TELL_AGAIN)],
    },
    Clause {
        id: "process.stop.tells.discards",
        on: &[&NEWS],
        force: Permits,
        duty: Unspecified,
        aspect: Lifetime,
        source: posix("2.4.1 Signal Generation and Delivery", "blocked and ignored"),
        text: "Where SIGCHLD has its default, which is to do nothing, and is blocked, it may leave no trace.",
        guards: &[IS_WANTED, NOT_IGNORED, IS_BLOCKED, NOT_CAUGHT],
        envelope: AT_ONCE,
        effects: &[effect(&FORGET)],
    },
    Clause {
        id: "process.stop.drops",
        on: &[&NEWS],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("2.4.3 Signal Actions", "SIG_IGN"),
        text: "A parent that ignores SIGCHLD is sent nothing.",
        guards: &[IS_WANTED, IS_IGNORED],
        envelope: AT_ONCE,
        effects: &[effect(&FORGET)],
    },
    Clause {
        id: "process.stop.drops.pends",
        on: &[&NEWS],
        force: Permits,
        duty: Unspecified,
        aspect: Lifetime,
        source: posix("2.4.1 Signal Generation and Delivery", "blocked and ignored"),
        text: "Where it blocks SIGCHLD as well, that may be pending.",
        guards: &[IS_WANTED, IS_IGNORED, IS_BLOCKED],
        envelope: AT_ONCE,
        effects: &[effect(&TELL)],
    },
    Clause {
        id: "process.stop.untold",
        on: &[&NEWS],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("sigaction()", "SA_NOCLDSTOP"),
        text: "With SA_NOCLDSTOP nothing is sent of who is stopped or goes on.",
        guards: &[IS_NOT_WANTED],
        envelope: AT_ONCE,
        effects: &[effect(&FORGET)],
    },
];
