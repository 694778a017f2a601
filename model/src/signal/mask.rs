//! Dispositions and the mask: `sigaction`, `sigprocmask`, `sigpending`, `sigsuspend`, `pause`.

use super::state::{Handler, Pending, bit};
use super::terms::*;
use super::{DISPOSITIONS, HOW, SA_FLAGS, SIGNALS};
use crate::clause::Aspect::{Blocking, Error, Lifetime};
use crate::clause::Cond::{Eq, Not};
use crate::clause::Duty::Shall;
use crate::clause::Force::{Obliges, Permits};
use crate::clause::{
    Action, Answer, Clause, Envelope, Guard, Num, Number, action, effect, extension, linux, number,
    posix,
};
use crate::epoll::{A_LIST, ALL_SEEN, EPOLL_PWAIT_MASK, NONE_FOUND, PLACE};
use crate::operation::{Gives, Operation, Param};
use crate::outcome::Value;
use crate::poll::{NO_TIME, PPOLL_MASK, PSELECT_MASK};
use crate::view::Change;

/// `int sigaction(int sig, const struct sigaction *act, NULL)`, without a handler.
pub static SIGACTION: Operation = Operation {
    name: "sigaction",
    params: &[Param::Word(SIGNALS), Param::Word(DISPOSITIONS)],
    gives: Gives::Nothing,
    c: "sigaction(%0, %1)",
};

/// `int sigaction(int sig, const struct sigaction *act, NULL)`, with a handler that notes that it ran,
/// with `SA_SIGINFO` besides these flags, and with `sa_mask`.
pub static SIGACTION_HANDLER: Operation = Operation {
    name: "sigaction",
    params: &[
        Param::Word(SIGNALS),
        Param::Command("handler"),
        Param::Flags(SA_FLAGS),
        Param::Flags(SIGNALS),
    ],
    gives: Gives::Nothing,
    c: "sigaction(%0, handler, %2, {%3})",
};

/// `int sigprocmask(int how, const sigset_t *set, NULL)`.
pub static SIGPROCMASK: Operation = Operation {
    name: "sigprocmask",
    params: &[Param::Word(HOW), Param::Flags(SIGNALS)],
    gives: Gives::Nothing,
    c: "sigprocmask(%0, {%1})",
};

/// `int pthread_sigmask(int how, const sigset_t *set, NULL)`: the same, where a process has several threads.
pub static PTHREAD_SIGMASK: Operation = Operation {
    name: "pthread_sigmask",
    params: &[Param::Word(HOW), Param::Flags(SIGNALS)],
    gives: Gives::Nothing,
    c: "pthread_sigmask(%0, {%1})",
};

static CHANGES: &[&Operation] = &[&SIGPROCMASK, &PTHREAD_SIGMASK];

/// `int sigpending(sigset_t *set)`.
pub static SIGPENDING: Operation = Operation {
    name: "sigpending",
    params: &[],
    gives: Gives::Flags(SIGNALS),
    c: "sigpending(&set)",
};

/// `int sigsuspend(const sigset_t *sigmask)`.
pub static SIGSUSPEND: Operation = Operation {
    name: "sigsuspend",
    params: &[Param::Flags(SIGNALS)],
    gives: Gives::Nothing,
    c: "sigsuspend({%0})",
};

/// `int pause(void)`.
pub static PAUSE: Operation =
    Operation { name: "pause", params: &[], gives: Gives::Nothing, c: "pause()" };

/// The calls that wait with a mask of their own.
static WITH_A_MASK: &[&Operation] = &[&SIGSUSPEND, &PPOLL_MASK, &PSELECT_MASK, &EPOLL_PWAIT_MASK];

static SWAPPED: Number = number("swapped", "1 once the mask of the call is in place.", |v| {
    mine(v).is_some_and(|signals| signals.saved.is_some()).into()
});

static MASK_TO_COME: Number =
    number("mask to come", "1 if the call has a mask that is not in place yet.", |v| {
        let swapped = mine(v).is_some_and(|signals| signals.saved.is_some());
        let has_one = v.call.is_some_and(|call| call.call.operation == &SIGSUSPEND);
        u64::from(has_one && !swapped)
    });

const NOT_SWAPPED: Guard =
    Guard { name: "the old mask is in place", cond: Eq(Num::Of(&SWAPPED), Num::N(0)) };
const NO_MASK_TO_COME: Guard = Guard {
    name: "the mask of the call is in place, if it has one",
    cond: Eq(Num::Of(&MASK_TO_COME), Num::N(0)),
};

static COMES_TO_NOTHING: Number = number(
    "comes to nothing",
    "1 if epoll_pwait has a mask that lets a pending signal through about which nothing is done.",
    |v| {
        let is_such = v.call.is_some_and(|call| call.call.operation == &EPOLL_PWAIT_MASK);
        let Some(signals) = mine(v).filter(|signals| is_such && signals.saved.is_none()) else {
            return 0;
        };
        let mask = asked(v);
        let idle = |one: &Pending| signals.does_nothing(one.signal) && mask & bit(one.signal) == 0;
        signals.queue.iter().any(idle).into()
    },
);
const NONE_COMES_TO_NOTHING: Guard = Guard {
    name: "no pending signal that does nothing is let through by epoll_pwait",
    cond: Eq(Num::Of(&COMES_TO_NOTHING), Num::N(0)),
};
const SOME_COMES_TO_NOTHING: Guard = Guard {
    name: "its mask lets a pending signal through about which nothing is done",
    cond: Eq(Num::Of(&COMES_TO_NOTHING), Num::N(1)),
};
const IT_WAITS: Guard = Guard { name: "the timeout is not 0", cond: Not(&NO_TIME.cond) };

static PENDING: Answer = Answer {
    name: "the pending signals",
    value: |v| Value::Flags(mine(v).map_or(0, |signals| signals.pending & signals.blocked)),
};

/// The signal that the call names first.
fn named(c: &Change<'_>) -> u8 {
    c.view().arg(0) as u8
}

/// This is done about the signal from now on, in every thread.
fn dispose(c: &mut Change<'_>, ignore: bool, handler: Option<Handler>) {
    let signal = named(c);
    let members: Vec<u8> = c.world.members(c.actor.process).collect();
    for member in members {
        if let Some(process) = c.world.process_mut(member) {
            process.signals.dispose(signal, ignore, handler);
        }
    }
}

static DEFAULT: Action = action("the signal has its default again", |c, _| {
    dispose(c, false, None);
});
static IGNORE: Action = action("the signal is ignored, and none is pending", |c, _| {
    dispose(c, true, None);
});
static CATCH: Action = action("the signal has a handler", |c, _| {
    let (signal, view) = (named(c), c.view());
    let handler = Handler { signal, flags: view.arg(2) as u32, mask: view.arg(3) as u32 };
    dispose(c, false, Some(handler));
});
static MASK: Action = action("the mask is the new one", |c, _| {
    let mask = new_mask(&c.view());
    if let Some(process) = c.process() {
        process.signals.let_through(mask);
        process.signals.owed = false;
    }
});
static LET_THROUGH: Action = action(
    "the mask is the new one, and something is delivered before the call returns",
    |c, _| {
        let mask = new_mask(&c.view());
        if let Some(process) = c.process() {
            process.signals.let_through(mask);
        }
    },
);
static SWAP: Action = action("the mask is that of the call, until it returns", |c, _| swap(c));
static SWAP_AND_RETURN: Action =
    action("the mask is that of the call until it returns, which it is to do", |c, _| {
        swap(c);
        let actor = c.actor;
        if let Some(call) = c.world.in_call_mut(actor) {
            call.interrupted = true;
        }
    });

fn swap(c: &mut Change<'_>) {
    let mask = asked(&c.view());
    if let Some(process) = c.process() {
        process.signals.saved = Some(process.signals.blocked);
        process.signals.let_through(mask);
        process.signals.owed = false;
    }
}

pub(super) static CLAUSES: &[Clause] = &[
    Clause {
        id: "signal.sigaction.default",
        on: &[&SIGACTION],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("sigaction()", "DESCRIPTION"),
        text: "The signal has its default action from here on; one that was pending is gone if the default does nothing.",
        guards: &[TO_DEFAULT, CAN_BE],
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
        guards: &[TO_IGNORE, CAN_BE],
        envelope: Envelope::Nothing,
        effects: &[effect(&IGNORE)],
    },
    Clause {
        id: "signal.sigaction.catches",
        on: &[&SIGACTION_HANDLER],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("2.4.3 Signal Actions", "Pointer to a Function"),
        text: "The signal has a handler from here on; one that is pending stays so.",
        guards: &[CAN_BE],
        envelope: Envelope::Nothing,
        effects: &[effect(&CATCH)],
    },
    Clause {
        id: "signal.sigprocmask.adds",
        on: CHANGES,
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("pthread_sigmask()", "DESCRIPTION"),
        text: "The set is added to the mask.",
        guards: &[BLOCKS],
        envelope: Envelope::Nothing,
        effects: &[effect(&MASK)],
    },
    Clause {
        id: "signal.sigprocmask.removes",
        on: CHANGES,
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("pthread_sigmask()", "DESCRIPTION"),
        text: "The set is taken out of the mask.",
        guards: &[UNBLOCKS],
        envelope: Envelope::Nothing,
        effects: &[effect(&MASK)],
    },
    Clause {
        id: "signal.sigprocmask.sets",
        on: CHANGES,
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("pthread_sigmask()", "DESCRIPTION"),
        text: "The set is the mask.",
        guards: &[SETS],
        envelope: Envelope::Nothing,
        effects: &[effect(&MASK)],
    },
    Clause {
        id: "signal.sigprocmask.delivers",
        on: CHANGES,
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("pthread_sigmask()", "DESCRIPTION"),
        text: "Of the pending signals that are let through one at least is delivered before the call returns.",
        guards: &[DELIVERS],
        envelope: Envelope::Nothing,
        effects: &[effect(&LET_THROUGH)],
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
    Clause {
        id: "signal.mask.swaps",
        on: WITH_A_MASK,
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("pselect()", "DESCRIPTION, sigmask"),
        text: "The set is the mask while the call waits, and the old mask is back when it returns.",
        guards: &[NOT_SWAPPED, NONE_COMES_TO_NOTHING],
        envelope: Envelope::Step(Num::N(0), Num::N(0)),
        effects: &[effect(&SWAP)],
    },
    extension(
        "signal.mask.swaps.interrupts",
        &[&EPOLL_PWAIT_MASK],
        (
            Error,
            linux("fs/eventpoll.c", "6.18, ep_poll"),
            "Where epoll_pwait would wait, a pending signal that its mask lets through interrupts it even if nothing is done about it.",
        ),
        &[NOT_SWAPPED, SOME_COMES_TO_NOTHING, A_LIST, PLACE, ALL_SEEN, NONE_FOUND, IT_WAITS],
        Envelope::Step(Num::N(0), Num::N(0)),
        &[effect(&SWAP_AND_RETURN)],
    ),
    Clause {
        id: "signal.suspend.blocks",
        on: &[&SIGSUSPEND, &PAUSE],
        force: Permits,
        duty: Shall,
        aspect: Blocking,
        source: posix("sigsuspend()", "DESCRIPTION"),
        text: "It waits until a handler has run, or the process ends.",
        guards: &[NO_MASK_TO_COME],
        envelope: Envelope::Sleep,
        effects: &[],
    },
];
