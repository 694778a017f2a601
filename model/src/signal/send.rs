//! Sending: `kill`, `raise`, `sigqueue`.

use super::KILL_SIGNALS;
use super::state::{NOBODY, Pending, bit};
use super::terms::*;
use crate::clause::Aspect::{Error, Lifetime};
use crate::clause::Duty::{ImplDefined, Shall, Unspecified};
use crate::clause::Force::{Obliges, Permits};
use crate::clause::{Action, Clause, Envelope, action, effect, posix};
use crate::errno::Errno::EINVAL;
use crate::operation::{Gives, Operation, Param};
use crate::outcome::Code;
use crate::pidfd::PIDFD_SEND_SIGNAL;
use crate::process::KILL;
use crate::profile::Selection;
use crate::thread::{self, PTHREAD_KILL};
use crate::view::Change;

/// `int raise(int sig)`.
pub static RAISE: Operation = Operation {
    name: "raise",
    params: &[Param::Word(KILL_SIGNALS)],
    gives: Gives::Nothing,
    c: "raise(%0)",
};

/// `int sigqueue(pid_t pid, int signo, const union sigval value)`.
pub static SIGQUEUE: Operation = Operation {
    name: "sigqueue",
    params: &[Param::Process, Param::Word(KILL_SIGNALS), Param::Number],
    gives: Gives::Nothing,
    c: "sigqueue(%0, %1, %2)",
};

pub(super) static SENDS: &[&Operation] =
    &[&KILL, &RAISE, &SIGQUEUE, &PIDFD_SEND_SIGNAL, &PTHREAD_KILL];

/// Whether the call sends to a thread, and not to a process.
pub(super) fn is_for_a_thread(operation: &'static Operation) -> bool {
    operation == &RAISE || operation == &PTHREAD_KILL
}

static PEND: Action = action("the signal is pending there", |c, _| pend(c, false));
pub(super) static LOSE: Action =
    action("the signal is pending there, and nothing else is kept of it", |c, _| pend(c, true));

pub(super) fn pend(c: &mut Change<'_>, loses: bool) {
    let view = c.view();
    let (Some(signal), Some(target), Some(call)) = (sent(&view), view.addressee(), view.call)
    else {
        return;
    };
    let (own, sender) = (target == c.actor.process, c.world.leader(c.actor.process));
    let within = c.world.leader(target) == sender;
    let operation = call.call.operation;
    let (code, value) = if operation == &SIGQUEUE {
        (Code::SI_QUEUE, call.call.number(2) as i32)
    } else if is_for_a_thread(operation) {
        (c.spec.profile.raised, 0)
    } else {
        (Code::SI_USER, 0)
    };
    let from = (!within).then_some(sender);
    let thread = is_for_a_thread(operation);
    let another = !thread && thread::another_takes(c.world, c.actor.process, signal);
    let Some(process) = c.world.process_mut(target) else { return };
    let whole = Pending { signal, code, value, from, thread, timer: None };
    let bare = Pending { code: Code::SI_USER, value: 0, from: Some(NOBODY), ..whole };
    process.signals.pend(if loses { bare } else { whole });
    // One at least of what is not blocked is delivered before a call returns that sends to its own.
    process.signals.owed |= own && !another && process.signals.deliverable() != 0;
    // What is sent to the process by another thread than the one whose place it has.
    if within
        && !own
        && !thread
        && !another
        && let Some(caller) = c.process()
    {
        caller.signals.owed |=
            !caller.signals.drops(signal) && caller.signals.blocked & bit(signal) == 0;
    }
}

/// `SIGPIPE` is pending, once.
pub static PEND_SIGPIPE: Action = action("SIGPIPE is pending", |c, _| {
    let code = c.spec.profile.raised_by_system;
    let apart = c.spec.profile.signals == Selection::ThreadFirst;
    let Some(process) = c.process() else { return };
    let signals = &mut process.signals;
    let same = |one: &Pending| one.signal == super::SIGPIPE && (one.thread || !apart);
    if !signals.queue.iter().any(same) {
        let thread = true;
        let signal = super::SIGPIPE;
        signals.pend(Pending { signal, code, value: 0, from: None, thread, timer: None });
    }
    signals.owed |= signals.deliverable() != 0;
});

pub(super) static CLAUSES: &[Clause] = &[
    Clause {
        id: "signal.send.pends",
        on: SENDS,
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("2.4.1 Signal Generation and Delivery", "pending"),
        text: "A signal that was sent is pending until it is delivered or taken; real-time signals queue, each with its value.",
        guards: &[A_SIGNAL, DOES_SOMETHING, FIRST_OR_REALTIME, MAY_QUEUE],
        envelope: Envelope::Nothing,
        effects: &[effect(&PEND)],
    },
    Clause {
        id: "signal.send.collapses",
        on: SENDS,
        force: Obliges,
        duty: ImplDefined,
        aspect: Lifetime,
        source: posix("2.4.1 Signal Generation and Delivery", "a subsequent occurrence"),
        text: "An ordinary signal that is pending may be sent again, and is pending once.",
        guards: &[A_SIGNAL, DOES_SOMETHING, ORDINARY_AGAIN],
        envelope: Envelope::Nothing,
        effects: &[],
    },
    Clause {
        id: "signal.send.queues",
        on: SENDS,
        force: Permits,
        duty: ImplDefined,
        aspect: Lifetime,
        source: posix("2.4.1 Signal Generation and Delivery", "a subsequent occurrence"),
        text: "An ordinary signal that is sent again may be pending twice.",
        guards: &[A_SIGNAL, DOES_SOMETHING, ORDINARY_AGAIN],
        envelope: Envelope::Nothing,
        effects: &[effect(&PEND)],
    },
    Clause {
        id: "signal.send.once",
        on: SENDS,
        force: Permits,
        duty: Unspecified,
        aspect: Lifetime,
        source: posix("sigqueue()", "DESCRIPTION, SA_SIGINFO"),
        text: "Without a handler that asks for values, a real-time signal need not queue.",
        guards: &[A_SIGNAL, DOES_SOMETHING, REALTIME_AGAIN],
        envelope: Envelope::Nothing,
        effects: &[],
    },
    Clause {
        id: "signal.send.discards",
        on: SENDS,
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("2.4.3 Signal Actions", "SIG_IGN"),
        text: "A signal that does nothing and is not blocked leaves no trace.",
        guards: &[A_SIGNAL, DOES_NOTHING, NOT_BLOCKED_THERE],
        envelope: Envelope::Nothing,
        effects: &[],
    },
    Clause {
        id: "signal.send.discards.blocked",
        on: SENDS,
        force: Permits,
        duty: Unspecified,
        aspect: Lifetime,
        source: posix("2.4.1 Signal Generation and Delivery", "blocked and ignored"),
        text: "One that does nothing and is blocked may leave no trace either.",
        guards: &[A_SIGNAL, DOES_NOTHING, BLOCKED_THERE],
        envelope: Envelope::Nothing,
        effects: &[],
    },
    Clause {
        id: "signal.send.ended",
        on: SENDS,
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("kill()", "RATIONALE"),
        text: "A signal can be sent to who has ended and was not waited for, and does nothing.",
        guards: &[ENDED],
        envelope: Envelope::Nothing,
        effects: &[],
    },
    Clause {
        id: "signal.send.err.einval",
        on: SENDS,
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("kill()", "ERRORS"),
        text: "A number that is no signal's is refused.",
        guards: &[NO_SIGNAL],
        envelope: Envelope::Error(EINVAL),
        effects: &[],
    },
    Clause {
        id: "signal.send.err.einval.first",
        on: &[&KILL, &SIGQUEUE],
        force: Permits,
        duty: Unspecified,
        aspect: Error,
        source: posix("kill()", "ERRORS"),
        text: "It may be refused before it is looked whether the target is there.",
        guards: &[NO_SIGNAL_TO_NOBODY],
        envelope: Envelope::Error(EINVAL),
        effects: &[],
    },
];
