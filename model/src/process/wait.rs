//! The wait family: what a parent is told of its children.

use super::group::{
    WAITID_PGID, WAITPID_GROUP, WAITPID_OWN_GROUP, is_asked, lingers, waits_for_a_group,
};
use crate::clause::Aspect::{Blocking, Error, Lifetime};
use crate::clause::Cond::{All, Eq, Lt};
use crate::clause::Duty::{Extension, Shall, Unspecified};
use crate::clause::Force::{Obliges, Permits};
use crate::clause::{
    Action, Answer, Clause, Envelope, Guard, Num, Number, action, effect_of, linux, number, posix,
};
use crate::errno::Errno::{ECHILD, EINVAL};
use crate::operation::{Gives, Operation, Param};
use crate::outcome::{Status, Value};
use crate::signal::{SIGCHLD, bit};
use crate::view::{Change, View};
use crate::world::{Life, Process};

/// What `waitpid` is asked for besides; it does not know the last.
pub const WAIT_OPTIONS: &[&str] = &["WNOHANG", "WUNTRACED", "WCONTINUED", "WNOWAIT"];
/// What `waitid` is asked for.
pub const WAITID_OPTIONS: &[&str] = &["WEXITED", "WSTOPPED", "WCONTINUED", "WNOHANG", "WNOWAIT"];

/// `pid_t waitpid(pid_t pid, int *stat_loc, 0)`.
pub static WAITPID: Operation = Operation {
    name: "waitpid",
    params: &[Param::Process],
    gives: Gives::Status,
    c: "waitpid(%0, &status, 0)",
};

/// `pid_t waitpid(pid_t pid, int *stat_loc, int options)`.
pub static WAITPID_OPTIONS: Operation = Operation {
    name: "waitpid",
    params: &[Param::Process, Param::Command("options"), Param::Flags(WAIT_OPTIONS)],
    gives: Gives::Waited,
    c: "waitpid(%0, &status, %2)",
};

/// `pid_t waitpid(-1, int *stat_loc, int options)`.
pub static WAITPID_ANY: Operation = Operation {
    name: "waitpid",
    params: &[Param::Command("-1"), Param::Flags(WAIT_OPTIONS)],
    gives: Gives::Waited,
    c: "waitpid(-1, &status, %1)",
};

/// `pid_t wait(int *stat_loc)`.
pub static WAIT: Operation =
    Operation { name: "wait", params: &[], gives: Gives::Waited, c: "wait(&status)" };

/// `int waitid(P_PID, id_t id, siginfo_t *infop, int options)`.
pub static WAITID_PID: Operation = Operation {
    name: "waitid",
    params: &[Param::Command("P_PID"), Param::Process, Param::Flags(WAITID_OPTIONS)],
    gives: Gives::Waited,
    c: "waitid(P_PID, %1, &info, %2)",
};

/// `int waitid(P_ALL, 0, siginfo_t *infop, int options)`.
pub static WAITID_ALL: Operation = Operation {
    name: "waitid",
    params: &[Param::Command("P_ALL"), Param::Flags(WAITID_OPTIONS)],
    gives: Gives::Waited,
    c: "waitid(P_ALL, 0, &info, %1)",
};

static WAITS: &[&Operation] = &[
    &WAITPID,
    &WAITPID_OPTIONS,
    &WAITPID_ANY,
    &WAIT,
    &WAITID_PID,
    &WAITID_ALL,
    &WAITPID_OWN_GROUP,
    &WAITPID_GROUP,
    &WAITID_PGID,
];
static WITH_OPTIONS: &[&Operation] = &[
    &WAITPID_OPTIONS,
    &WAITPID_ANY,
    &WAITID_PID,
    &WAITID_ALL,
    &WAITPID_OWN_GROUP,
    &WAITPID_GROUP,
    &WAITID_PGID,
];
static WAITIDS: &[&Operation] = &[&WAITID_PID, &WAITID_ALL, &WAITID_PGID];

fn is_waitid(v: &View<'_>) -> bool {
    v.call.is_some_and(|call| WAITIDS.contains(&call.call.operation))
}

/// The children of the caller that the call asks about, by number.
fn asked<'a>(v: &View<'a>) -> impl Iterator<Item = (u8, &'a Process)> + use<'a> {
    let of_a_group = waits_for_a_group(v);
    let (view, wanted) = (*v, v.target().filter(|_| !of_a_group));
    let is_wanted = move |number| wanted.is_none_or(|wanted| wanted == number);
    children(v).filter(move |(number, child)| is_wanted(*number) && is_asked(&view, child))
}

/// The children of the caller that nobody has waited for, by number.
fn children<'a>(v: &View<'a>) -> impl Iterator<Item = (u8, &'a Process)> + use<'a> {
    let own = v.actor.process;
    let born = |life| !matches!(life, Life::Unborn | Life::Reaped);
    let all = (0..).zip(v.world.processes.iter().map(AsRef::as_ref));
    all.filter(move |(_, process)| process.parent == Some(own) && born(process.life))
}

/// What the call can tell of a child.
fn news(v: &View<'_>, child: &Process) -> Option<Status> {
    match child.life {
        Life::Zombie(status) => (!is_waitid(v) || v.flag("WEXITED")).then_some(status),
        _ => child.news.filter(|news| match news {
            Status::Stopped(_) => v.flag("WUNTRACED") || v.flag("WSTOPPED"),
            _ => v.flag("WCONTINUED"),
        }),
    }
}

/// What the call can tell, child by child.
fn told(v: &View<'_>) -> Vec<(u8, Status)> {
    asked(v).filter_map(|(number, child)| Some((number, news(v, child)?))).collect()
}

/// Whether all children that the call asks about have ended, and it does not ask how.
fn is_hopeless(v: &View<'_>) -> bool {
    let mut all = asked(v).peekable();
    all.peek().is_some()
        && all.all(|(_, child)| matches!(child.life, Life::Zombie(_)) && news(v, child).is_none())
}

fn has_ended(child: &Process) -> bool {
    matches!(child.life, Life::Zombie(_)) || child.news.is_some()
}

static ASKED: Number = number("asked about", "Children of the caller that it asks about.", |v| {
    // Who sleeps need not notice that nobody is left.
    (asked(v).count() as u64).max(lingers(v).into())
});
static READY: Number =
    number("ready", "Those of them of which there is something to tell.", |v| told(v).len() as u64);
static LAST_READY: Number = number("last", "The last of those, counted from 0.", |v| {
    (told(v).len() as u64).saturating_sub(1)
});
static HOPELESS: Number =
    number("hopeless", "1 if all of them have ended, and it does not ask for that.", |v| {
        is_hopeless(v).into()
    });
static HURRIED: Number = number("WNOHANG", "1 if it is not to wait.", |v| v.flag("WNOHANG").into());
static LEAVES: Number =
    number("WNOWAIT", "1 if what is told can be told again.", |v| v.flag("WNOWAIT").into());
static UNKNOWN: Number =
    number("unknown", "1 if the options are none of the call's, or too few.", |v| {
        let some = ["WEXITED", "WSTOPPED", "WCONTINUED"].iter().any(|name| v.flag(name));
        u64::from(if is_waitid(v) { !some } else { v.flag("WNOWAIT") })
    });
static CLEARED: Number = number(
    "cleared",
    "1 if SIGCHLD is blocked and pending, and of one child at most there is something to tell, or it is pending for each.",
    |v| {
        let held =
            |signals: &crate::signal::Signals| signals.blocked & signals.pending & bit(SIGCHLD);
        let Some(signals) = v.process().map(|own| &own.signals).filter(|own| held(own) != 0) else {
            return 0;
        };
        let queued = signals.queue.iter().filter(|pending| pending.signal == SIGCHLD).count();
        let ended = children(v).filter(|(_, child)| has_ended(child)).count();
        u64::from(queued > 1 || ended <= 1)
    },
);
static DROPPED: Number = number(
    "dropped",
    "1 if the caller leaves nothing of children that end, and has one that has not.",
    |v| {
        let drops = v.process().is_some_and(|own| own.signals.drops_children());
        u64::from(drops && children(v).next().is_some())
    },
);

const KNOWN_OPTIONS: Guard =
    Guard { name: "the options are the call's", cond: Eq(Num::Of(&UNKNOWN), Num::N(0)) };
const UNKNOWN_OPTIONS: Guard = Guard {
    name: "an option is not the call's, or none says what for",
    cond: Eq(Num::Of(&UNKNOWN), Num::N(1)),
};
const SOME_READY: Guard = Guard {
    name: "of a child that it asks about there is something to tell",
    cond: Lt(Num::N(0), Num::Of(&READY)),
};
const NONE_READY: Guard = Guard {
    name: "there is nothing to tell of the children that it asks about",
    cond: All(&[
        Lt(Num::N(0), Num::Of(&ASKED)),
        Eq(Num::Of(&READY), Num::N(0)),
        Eq(Num::Of(&HOPELESS), Num::N(0)),
    ]),
};
const ALL_ENDED: Guard = Guard {
    name: "all children that it asks about have ended, and it does not ask for that",
    cond: Eq(Num::Of(&HOPELESS), Num::N(1)),
};
const NO_CHILD: Guard =
    Guard { name: "it asks about no child of the caller", cond: Eq(Num::Of(&ASKED), Num::N(0)) };
const TAKES: Guard = Guard { name: "without WNOWAIT", cond: Eq(Num::Of(&LEAVES), Num::N(0)) };
const LEAVES_IT: Guard = Guard { name: "with WNOWAIT", cond: Eq(Num::Of(&LEAVES), Num::N(1)) };
const MAY_WAIT: Guard = Guard { name: "without WNOHANG", cond: Eq(Num::Of(&HURRIED), Num::N(0)) };
const IS_HURRIED: Guard = Guard { name: "with WNOHANG", cond: Eq(Num::Of(&HURRIED), Num::N(1)) };
const CLEARS: Guard = Guard {
    name: "SIGCHLD is blocked and pending, and of no other child there is something to tell",
    cond: Eq(Num::Of(&CLEARED), Num::N(1)),
};
const CLEARS_NOTHING: Guard = Guard {
    name: "SIGCHLD is not blocked and pending, or there is something to tell of others",
    cond: Eq(Num::Of(&CLEARED), Num::N(0)),
};
const NONE_DROPPED: Guard = Guard {
    name: "the caller keeps children that end, or has none",
    cond: Eq(Num::Of(&DROPPED), Num::N(0)),
};
const SOME_DROPPED: Guard = Guard {
    name: "nothing is left of the caller's children when they end, and one has not",
    cond: Eq(Num::Of(&DROPPED), Num::N(1)),
};

static WHO_AND_HOW: Answer = Answer {
    name: "how the child ended, and which it was where the call tells",
    value: |v| {
        let silent = v.call.is_some_and(|call| call.call.operation.gives == Gives::Status);
        match told(v).get(v.chosen.count as usize) {
            Some((_, status)) if silent => Value::Status(*status),
            Some((child, status)) => Value::Waited(Some(*child), *status),
            None => Value::Nothing,
        }
    },
};

fn chosen(c: &Change<'_>, n: u64) -> Option<u8> {
    told(&c.view()).get(n as usize).map(|(child, _)| *child)
}

static REAP: Action = action(
    "what became of the child number % is told, and of one that has ended nothing is left",
    |c, n| {
        if let Some(child) = chosen(c, n)
            && let Some(process) = c.world.process_mut(child)
        {
            match process.life {
                Life::Zombie(_) => process.life = Life::Reaped,
                _ => process.news = None,
            }
        }
    },
);
static CLEAR: Action = action("SIGCHLD of the child number % is pending no more", |c, n| {
    let child = chosen(c, n);
    let Some(own) = c.process() else { return };
    let is_sigchld = |pending: &crate::signal::Pending| pending.signal == SIGCHLD;
    let several = own.signals.queue.iter().filter(|one| is_sigchld(one)).count() > 1;
    match own.signals.queue.iter().position(|one| is_sigchld(one) && one.from == child) {
        Some(place) if several => drop(own.signals.take(place)),
        _ => own.signals.discard(SIGCHLD),
    }
});

pub(super) static CLAUSES: &[Clause] = &[
    Clause {
        id: "process.waitpid.tells",
        on: WAITS,
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("wait()", "DESCRIPTION"),
        text: "The parent is told how a child ended, once; of which of several is left open.",
        guards: &[SOME_READY, KNOWN_OPTIONS, TAKES, CLEARS_NOTHING],
        envelope: Envelope::Among(Num::N(0), Num::Of(&LAST_READY), &WHO_AND_HOW),
        effects: &[effect_of(&REAP, Num::Chosen)],
    },
    Clause {
        id: "process.waitpid.clears",
        on: WAITS,
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("wait()", "DESCRIPTION, SIGCHLD"),
        text: "SIGCHLD that is blocked and pending for that child is pending no more.",
        guards: &[SOME_READY, KNOWN_OPTIONS, TAKES, CLEARS],
        envelope: Envelope::Among(Num::N(0), Num::Of(&LAST_READY), &WHO_AND_HOW),
        effects: &[effect_of(&CLEAR, Num::Chosen), effect_of(&REAP, Num::Chosen)],
    },
    Clause {
        id: "process.waitid.keeps",
        on: WAITIDS,
        force: Permits,
        duty: Unspecified,
        aspect: Lifetime,
        source: posix("wait()", "DESCRIPTION, SIGCHLD"),
        text: "Behind waitid it may stay pending.",
        guards: &[SOME_READY, KNOWN_OPTIONS, TAKES, CLEARS],
        envelope: Envelope::Among(Num::N(0), Num::Of(&LAST_READY), &WHO_AND_HOW),
        effects: &[effect_of(&REAP, Num::Chosen)],
    },
    Clause {
        id: "process.waitpid.keeps",
        on: WAITS,
        force: Obliges,
        duty: Extension,
        aspect: Lifetime,
        source: linux("kernel/exit.c", "6.18, wait_task_zombie"),
        text: "SIGCHLD stays pending.",
        guards: &[SOME_READY, KNOWN_OPTIONS, TAKES, CLEARS],
        envelope: Envelope::Among(Num::N(0), Num::Of(&LAST_READY), &WHO_AND_HOW),
        effects: &[effect_of(&REAP, Num::Chosen)],
    },
    Clause {
        id: "process.waitid.leaves",
        on: WAITIDS,
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("waitid()", "WNOWAIT"),
        text: "With WNOWAIT it is told, and can be told again.",
        guards: &[SOME_READY, KNOWN_OPTIONS, LEAVES_IT],
        envelope: Envelope::Among(Num::N(0), Num::Of(&LAST_READY), &WHO_AND_HOW),
        effects: &[],
    },
    Clause {
        id: "process.waitpid.blocks",
        on: WAITS,
        force: Permits,
        duty: Shall,
        aspect: Blocking,
        source: posix("wait()", "DESCRIPTION"),
        text: "The parent waits for a child that has not ended.",
        guards: &[NONE_READY, KNOWN_OPTIONS, MAY_WAIT],
        envelope: Envelope::Sleep,
        effects: &[],
    },
    Clause {
        id: "process.waitpid.blocks.all",
        on: WAITS,
        force: Permits,
        duty: Unspecified,
        aspect: Blocking,
        source: posix("wait()", "DESCRIPTION, SA_NOCLDWAIT"),
        text: "Where nothing is left of children that end, it may wait for all to end, whichever it asks about.",
        guards: &[NO_CHILD, KNOWN_OPTIONS, MAY_WAIT, SOME_DROPPED],
        envelope: Envelope::Sleep,
        effects: &[],
    },
    Clause {
        id: "process.waitpid.nothing",
        on: WITH_OPTIONS,
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("wait()", "WNOHANG"),
        text: "With WNOHANG it does not wait, and tells nothing.",
        guards: &[NONE_READY, KNOWN_OPTIONS, IS_HURRIED],
        envelope: Envelope::Nothing,
        effects: &[],
    },
    Clause {
        id: "process.waitid.blocks.ended",
        on: WAITIDS,
        force: Permits,
        duty: Shall,
        aspect: Blocking,
        source: posix("waitid()", "ERRORS"),
        text: "Without WEXITED it waits as well for children that have ended, which is for ever.",
        guards: &[ALL_ENDED, KNOWN_OPTIONS, MAY_WAIT],
        envelope: Envelope::Sleep,
        effects: &[],
    },
    Clause {
        id: "process.waitid.nothing.ended",
        on: WAITIDS,
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("waitid()", "WNOHANG"),
        text: "With WNOHANG it tells nothing of them.",
        guards: &[ALL_ENDED, KNOWN_OPTIONS, IS_HURRIED],
        envelope: Envelope::Nothing,
        effects: &[],
    },
    Clause {
        id: "process.waitid.err.echild.ended",
        on: WAITIDS,
        force: Obliges,
        duty: Extension,
        aspect: Error,
        source: linux("kernel/exit.c", "6.18, wait_consider_task"),
        text: "Without WEXITED a child that has ended is none.",
        guards: &[ALL_ENDED, KNOWN_OPTIONS],
        envelope: Envelope::Error(ECHILD),
        effects: &[],
    },
    Clause {
        id: "process.waitpid.err.echild",
        on: WAITS,
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("wait()", "ERRORS"),
        text: "Who is no child of the caller, or was waited for before, cannot be waited for.",
        guards: &[NO_CHILD, KNOWN_OPTIONS, NONE_DROPPED],
        envelope: Envelope::Error(ECHILD),
        effects: &[],
    },
    Clause {
        id: "process.waitpid.err.echild.early",
        on: WAITS,
        force: Permits,
        duty: Unspecified,
        aspect: Error,
        source: posix("wait()", "ERRORS"),
        text: "That is so too where children of the caller live of which nothing will be left.",
        guards: &[NO_CHILD, KNOWN_OPTIONS, SOME_DROPPED],
        envelope: Envelope::Error(ECHILD),
        effects: &[],
    },
    Clause {
        id: "process.waitpid.err.einval",
        on: WITH_OPTIONS,
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("wait()", "ERRORS"),
        text: "Options that are not the call's are refused, and so are those of waitid that ask for nothing.",
        guards: &[UNKNOWN_OPTIONS],
        envelope: Envelope::Error(EINVAL),
        effects: &[],
    },
    Clause {
        id: "process.waitpid.err.einval.last",
        on: WITH_OPTIONS,
        force: Permits,
        duty: Unspecified,
        aspect: Error,
        source: posix("2.3 Error Numbers", "several errors"),
        text: "That there is no such child may be told first.",
        guards: &[UNKNOWN_OPTIONS, NO_CHILD],
        envelope: Envelope::Error(ECHILD),
        effects: &[],
    },
];
