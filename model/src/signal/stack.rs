//! The alternate stack, on which handlers run that ask for it: `sigaltstack`.

use super::terms::mine;
use crate::clause::Aspect::{Error, Lifetime};
use crate::clause::Cond::{Any, Eq};
use crate::clause::Duty::Shall;
use crate::clause::Force::Obliges;
use crate::clause::{
    Action, Answer, Clause, Envelope, Guard, Num, Number, action, effect, extension, linux, number,
    posix,
};
use crate::errno::Errno::{EINVAL, ENOMEM};
use crate::operation::{Gives, Operation, Param};
use crate::outcome::{Stack, Value};

/// What is asked for: none, one of that size without a flag, one of a single byte, and one of the first
/// size with these flags.
pub const STACKS: &[&str] = &["SS_DISABLE", "SIGSTKSZ", "1", "SS_ONSTACK", "-1"];
/// What is told: whether there is one.
const TOLD: &[&str] = &["SS_DISABLE", "0"];

/// `int sigaltstack(const stack_t *ss, NULL)`, outside handlers.
pub static SIGALTSTACK: Operation = Operation {
    name: "sigaltstack",
    params: &[Param::Word(STACKS)],
    gives: Gives::Nothing,
    c: "sigaltstack(%0)",
};

/// `int sigaltstack(NULL, stack_t *oss)`, outside handlers: the flags.
pub static SIGALTSTACK_ASK: Operation = Operation {
    name: "sigaltstack",
    params: &[Param::Command("ss_flags")],
    gives: Gives::Word(TOLD),
    c: "sigaltstack(NULL, &ss)",
};

static ASKED: Number = number(
    "stack",
    "0 for SS_DISABLE, 1 for one that is large enough, 2 for one of a byte, 3 for SS_ONSTACK, 4 for flags that there are not.",
    |v| v.arg(0) as u64,
);

const DISABLES: Guard =
    Guard { name: "SS_DISABLE is the flag", cond: Eq(Num::Of(&ASKED), Num::N(0)) };
const LARGE_ENOUGH: Guard = Guard {
    name: "no flag is given, and the size is MINSIGSTKSZ or more",
    cond: Eq(Num::Of(&ASKED), Num::N(1)),
};
const TOO_SMALL: Guard = Guard {
    name: "no flag is given, and the size is less than MINSIGSTKSZ",
    cond: Eq(Num::Of(&ASKED), Num::N(2)),
};
const ON_STACK: Guard =
    Guard { name: "SS_ONSTACK is the flag", cond: Eq(Num::Of(&ASKED), Num::N(3)) };
const NO_FLAGS: Guard =
    Guard { name: "the flags are none that there are", cond: Eq(Num::Of(&ASKED), Num::N(4)) };
const NOT_DISABLE: Guard = Guard {
    name: "a flag is given that is not SS_DISABLE",
    cond: Any(&[Eq(Num::Of(&ASKED), Num::N(3)), Eq(Num::Of(&ASKED), Num::N(4))]),
};

static SET: Action = action("there is an alternate stack", |c, _| {
    if let Some(process) = c.process() {
        process.signals.stack = true;
    }
});
static DISABLE: Action = action("there is no alternate stack", |c, _| {
    if let Some(process) = c.process() {
        process.signals.stack = false;
    }
});
/// The handler that is to run next runs where it asks to.
pub(super) static PUT_ON_STACK: Action =
    action("it runs on the alternate stack, if it asks for it and there is one", |c, _| {
        let Some(process) = c.process() else { return };
        let there = process.signals.stack;
        if let Some(frame) = process.signals.frames.last_mut()
            && frame.stack == Stack::Usual
            && frame.asks
            && there
        {
            frame.stack = Stack::Alternate;
        }
    });

static FLAGS: Answer = Answer {
    name: "whether there is an alternate stack",
    value: |v| Value::Word(mine(v).is_some_and(|signals| signals.stack).into()),
};

pub(super) static CLAUSES: &[Clause] = &[
    Clause {
        id: "signal.altstack.sets",
        on: &[&SIGALTSTACK],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("sigaltstack()", "DESCRIPTION"),
        text: "The process has an alternate stack, which a child has too, and nothing behind exec.",
        guards: &[LARGE_ENOUGH],
        envelope: Envelope::Nothing,
        effects: &[effect(&SET)],
    },
    Clause {
        id: "signal.altstack.disables",
        on: &[&SIGALTSTACK],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("sigaltstack()", "DESCRIPTION, SS_DISABLE"),
        text: "It has none any more, whether it had one or not.",
        guards: &[DISABLES],
        envelope: Envelope::Nothing,
        effects: &[effect(&DISABLE)],
    },
    Clause {
        id: "signal.altstack.err.enomem",
        on: &[&SIGALTSTACK],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("sigaltstack()", "ERRORS"),
        text: "One that is too small is refused, and what there was stays.",
        guards: &[TOO_SMALL],
        envelope: Envelope::Error(ENOMEM),
        effects: &[],
    },
    Clause {
        id: "signal.altstack.err.einval",
        on: &[&SIGALTSTACK],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("sigaltstack()", "ERRORS"),
        text: "A flag but SS_DISABLE is refused, and what there was stays.",
        guards: &[NOT_DISABLE],
        envelope: Envelope::Error(EINVAL),
        effects: &[],
    },
    extension(
        "signal.altstack.sets.onstack",
        &[&SIGALTSTACK],
        (
            Lifetime,
            linux("sigaltstack(2)", "BUGS"),
            "SS_ONSTACK is a flag that may be given too, and says nothing.",
        ),
        &[ON_STACK],
        Envelope::Nothing,
        &[effect(&SET)],
    ),
    extension(
        "signal.altstack.err.einval.unknown",
        &[&SIGALTSTACK],
        (Error, linux("sigaltstack(2)", "ERRORS"), "A flag that there is not is refused."),
        &[NO_FLAGS],
        Envelope::Error(EINVAL),
        &[],
    ),
    Clause {
        id: "signal.altstack.tells",
        on: &[&SIGALTSTACK_ASK],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("sigaltstack()", "DESCRIPTION"),
        text: "It is told whether there is an alternate stack.",
        guards: &[],
        envelope: Envelope::Exactly(&FLAGS),
        effects: &[],
    },
];
