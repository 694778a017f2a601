//! Signals, so far as pipes need them: what becomes of `SIGPIPE`.

use crate::clause::Aspect::{Error, Lifetime};
use crate::clause::Cond::{All, Eq, Lt};
use crate::clause::Duty::Shall;
use crate::clause::Force::Obliges;
use crate::clause::{
    Action, Answer, Clause, Envelope, Guard, Num, Number, action, effect, number, posix,
};
use crate::operation::{Gives, Operation, Param};
use crate::outcome::Value;
use crate::process::DIE_OF_SIGPIPE;
use crate::view::View;
use crate::world::Signals;

/// The signals that programs speak of here, as flags of a set and as words.
pub const SIGNALS: &[&str] = &["SIGPIPE"];
/// The dispositions that `sigaction` sets here.
pub const DISPOSITIONS: &[&str] = &["SIG_DFL", "SIG_IGN"];
/// What `sigprocmask` does with the set.
pub const HOW: &[&str] = &["SIG_BLOCK", "SIG_UNBLOCK"];

/// `int sigaction(int sig, const struct sigaction *act, NULL)`.
pub static SIGACTION: Operation = Operation {
    name: "sigaction",
    params: &[Param::Word(SIGNALS), Param::Word(DISPOSITIONS)],
    gives: Gives::Nothing,
    c: "sigaction(%0, %1)",
};

/// `int sigprocmask(int how, const sigset_t *set, NULL)`.
pub static SIGPROCMASK: Operation = Operation {
    name: "sigprocmask",
    params: &[Param::Word(HOW), Param::Flags(SIGNALS)],
    gives: Gives::Nothing,
    c: "sigprocmask(%0, {%1})",
};

/// `int sigpending(sigset_t *set)`.
pub static SIGPENDING: Operation = Operation {
    name: "sigpending",
    params: &[],
    gives: Gives::Flags(SIGNALS),
    c: "sigpending(&set)",
};

/// What programs can call here.
pub static OPERATIONS: &[&Operation] = &[&SIGACTION, &SIGPROCMASK, &SIGPENDING];

fn signals(v: &View<'_>) -> Signals {
    v.process().map_or_else(Signals::default, |process| process.signals)
}

/// Signals of the call's set that are pending and would end the process once they are let through.
fn deadly(v: &View<'_>) -> u64 {
    let state = signals(v);
    u64::from(asked(v) & state.pending & !state.ignored)
}

/// The set that `sigprocmask` is given.
fn asked(v: &View<'_>) -> u32 {
    v.arg(1) as u32
}

/// Whether the caller blocks `SIGPIPE`.
pub static SIGPIPE_BLOCKED: Number =
    number("blocked(SIGPIPE)", "1 if the caller blocks SIGPIPE.", |v| {
        u64::from(signals(v).blocked & 1)
    });
/// Whether the caller ignores `SIGPIPE`.
pub static SIGPIPE_IGNORED: Number =
    number("ignored(SIGPIPE)", "1 if the caller ignores SIGPIPE.", |v| {
        u64::from(signals(v).ignored & 1)
    });
static DISPOSITION: Number =
    number("disposition", "0 for SIG_DFL, 1 for SIG_IGN.", |v| v.arg(1) as u64);
static HOW_IT_CHANGES: Number =
    number("how", "0 for SIG_BLOCK, 1 for SIG_UNBLOCK.", |v| v.arg(0) as u64);
static LETS_DIE: Number =
    number("deadly", "Pending signals in the set that would end the caller.", deadly);

const TO_DEFAULT: Guard =
    Guard { name: "the default is asked for", cond: Eq(Num::Of(&DISPOSITION), Num::N(0)) };
const TO_IGNORE: Guard =
    Guard { name: "ignoring is asked for", cond: Eq(Num::Of(&DISPOSITION), Num::N(1)) };
const BLOCKS: Guard = Guard { name: "it blocks", cond: Eq(Num::Of(&HOW_IT_CHANGES), Num::N(0)) };
const LETS_THROUGH: Guard = Guard {
    name: "it unblocks, and nothing deadly is pending",
    cond: All(&[Eq(Num::Of(&HOW_IT_CHANGES), Num::N(1)), Eq(Num::Of(&LETS_DIE), Num::N(0))]),
};
const LETS_IN_DEATH: Guard = Guard {
    name: "it unblocks, and something deadly is pending",
    cond: All(&[Eq(Num::Of(&HOW_IT_CHANGES), Num::N(1)), Lt(Num::N(0), Num::Of(&LETS_DIE))]),
};

static PENDING: Answer =
    Answer { name: "the pending signals", value: |v| Value::Flags(signals(v).pending) };

static DEFAULT: Action = action("the signal has its default again", |c, _| {
    let bit = 1_u32.wrapping_shl(c.view().arg(0) as u32);
    if let Some(process) = c.process() {
        process.signals.ignored &= !bit;
    }
});
static IGNORE: Action = action("the signal is ignored, and none is pending", |c, _| {
    let bit = 1_u32.wrapping_shl(c.view().arg(0) as u32);
    if let Some(process) = c.process() {
        process.signals.ignored |= bit;
        process.signals.pending &= !bit;
    }
});
static BLOCK: Action = action("the set is blocked", |c, _| {
    let set = asked(&c.view());
    if let Some(process) = c.process() {
        process.signals.blocked |= set;
    }
});
static UNBLOCK: Action = action("the set is let through, what was pending with it", |c, _| {
    let set = asked(&c.view());
    if let Some(process) = c.process() {
        process.signals.blocked &= !set;
        process.signals.pending &= !set;
    }
});
/// `SIGPIPE` is pending.
pub static PEND_SIGPIPE: Action = action("SIGPIPE is pending", |c, _| {
    if let Some(process) = c.process() {
        process.signals.pending |= 1;
    }
});

/// The clauses, in the order of the page.
pub static CLAUSES: &[&[Clause]] = &[RULES];

static RULES: &[Clause] = &[
    Clause {
        id: "signal.sigaction.default",
        on: &[&SIGACTION],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("sigaction()", "DESCRIPTION"),
        text: "The signal has its default action from here on.",
        guards: &[TO_DEFAULT],
        envelope: Envelope::Nothing,
        effects: &[effect(&DEFAULT)],
    },
    Clause {
        id: "signal.sigaction.ignores",
        on: &[&SIGACTION],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("2.4.3 Signal Actions", "SIG_IGN"),
        text: "The signal is ignored from here on, and one that was pending is gone.",
        guards: &[TO_IGNORE],
        envelope: Envelope::Nothing,
        effects: &[effect(&IGNORE)],
    },
    Clause {
        id: "signal.sigprocmask.adds",
        on: &[&SIGPROCMASK],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("pthread_sigmask()", "DESCRIPTION"),
        text: "The set is added to the mask.",
        guards: &[BLOCKS],
        envelope: Envelope::Nothing,
        effects: &[effect(&BLOCK)],
    },
    Clause {
        id: "signal.sigprocmask.removes",
        on: &[&SIGPROCMASK],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("pthread_sigmask()", "DESCRIPTION"),
        text: "The set is taken out of the mask.",
        guards: &[LETS_THROUGH],
        envelope: Envelope::Nothing,
        effects: &[effect(&UNBLOCK)],
    },
    Clause {
        id: "signal.sigprocmask.delivers",
        on: &[&SIGPROCMASK],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("pthread_sigmask()", "DESCRIPTION"),
        text: "A pending signal that is let through is delivered before the call returns, and ends the process.",
        guards: &[LETS_IN_DEATH],
        envelope: Envelope::Never,
        effects: &[effect(&UNBLOCK), effect(&DIE_OF_SIGPIPE)],
    },
    Clause {
        id: "signal.sigpending.tells",
        on: &[&SIGPENDING],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("sigpending()", "DESCRIPTION"),
        text: "It tells which signals are blocked and pending.",
        guards: &[],
        envelope: Envelope::Exactly(&PENDING),
        effects: &[],
    },
];
