//! What a child is sent when its parent ends, if it has asked for that (Linux `PR_SET_PDEATHSIG`).

use super::end::{NO_FDS, die};
use crate::clause::Aspect::{Error, Lifetime};
use crate::clause::Cond::{All, Eq, Lt};
use crate::clause::{
    Action, Answer, Clause, Envelope, Guard, Num, Number, Source, action, effect, effect_of,
    extension, linux, number,
};
use crate::errno::Errno::EINVAL;
use crate::mutex::HAS_NONE;
use crate::operation::{Gives, Operation, Param};
use crate::outcome::{Code, Signal, Status, Value};
use crate::process::DEATH;
use crate::ring::HOLDS_NONE;
use crate::signal::{NOBODY, Pending, SIGNALS, is_realtime};
use crate::view::View;
use crate::world::{Life, Process};

/// What can be asked for: `0` for nothing, and a number that is no signal's.
pub const PDEATH_SIGNALS: &[&str] =
    &["0", "SIGKILL", "SIGUSR1", "SIGUSR2", "SIGTERM", "SIGWINCH", "SIGRTMIN", "-1"];
/// The place of `SIGKILL`.
const SIGKILL: u8 = 1;

/// `int prctl(PR_SET_PDEATHSIG, unsigned long sig)`.
pub static SET_PDEATHSIG: Operation = Operation {
    name: "prctl",
    params: &[Param::Command("PR_SET_PDEATHSIG"), Param::Word(PDEATH_SIGNALS)],
    gives: Gives::Nothing,
    c: "prctl(PR_SET_PDEATHSIG, %1)",
};

/// `int prctl(PR_GET_PDEATHSIG, int *sig)`.
pub static GET_PDEATHSIG: Operation = Operation {
    name: "prctl",
    params: &[Param::Command("PR_GET_PDEATHSIG")],
    gives: Gives::Word(PDEATH_SIGNALS),
    c: "prctl(PR_GET_PDEATHSIG, &sig)",
};

const SETTING: Source = linux("PR_SET_PDEATHSIG(2const)", "DESCRIPTION");
const TELLING: Source = linux("PR_GET_PDEATHSIG(2const)", "DESCRIPTION");

fn nobody(v: &View<'_>, process: u8) -> bool {
    v.world.process(process).is_some_and(|process| process.user.nobody)
}

/// The children that are to be sent a signal when the process ends, by number. It is sent as by the process,
/// which may have become another user (Linux 6.18 `kernel/exit.c`, `forget_original_parent`).
fn heirs(v: &View<'_>) -> Vec<u8> {
    let own = v.actor.process;
    let asks = |process: &Process| process.pdeath.is_some_and(|word| word != 0);
    let is_child = |process: &Process| process.parent == Some(own) && process.life == Life::Live;
    let may = |number: u8| !nobody(v, own) || nobody(v, number);
    let heir = |number: &u8| {
        may(*number) && v.world.process(*number).is_some_and(|p| is_child(p) && asks(p))
    };
    (0..v.world.processes.len() as u8).filter(heir).collect()
}

/// How many children are to be sent a signal yet.
pub(super) static HEIRS: Number = number(
    "children to tell",
    "Living children that have asked for a signal when it ends, and may be sent it by it.",
    |v| heirs(v).len() as u64,
);
static LAST_HEIR: Number = number("last child", "The last of those, counted from 0.", |v| {
    (heirs(v).len() as u64).saturating_sub(1)
});
static NO_SIGNAL: Number = number("no signal", "1 if the number is no signal's.", |v| {
    u64::from(v.arg(1) + 1 == PDEATH_SIGNALS.len() as i64)
});
static KNOWN: Number =
    number("known", "1 if it is known what the caller has asked for, or its child was.", |v| {
        v.process().is_some_and(|process| process.pdeath.is_some()).into()
    });

const SOME_TO_TELL: Guard =
    Guard { name: "a child is to be told", cond: Lt(Num::N(0), Num::Of(&HEIRS)) };
const HOLDS_NOTHING: Guard = Guard {
    name: "it has no descriptor, no mutex and no side of a ring",
    cond: All(&[NO_FDS.cond, HAS_NONE.cond, HOLDS_NONE.cond]),
};
const A_SIGNAL_OR_NONE: Guard =
    Guard { name: "a signal, or none", cond: Eq(Num::Of(&NO_SIGNAL), Num::N(0)) };
const NOT_A_SIGNAL: Guard =
    Guard { name: "no signal has the number", cond: Eq(Num::Of(&NO_SIGNAL), Num::N(1)) };
const IS_KNOWN: Guard = Guard {
    name: "it has asked, or was made by one of the program",
    cond: Eq(Num::Of(&KNOWN), Num::N(1)),
};
const NOT_KNOWN: Guard = Guard {
    name: "it has not asked, and was there from the start",
    cond: Eq(Num::Of(&KNOWN), Num::N(0)),
};

static ASK: Action = action("this is what it is to be sent when its parent ends", |c, _| {
    let word = c.view().arg(1) as u8;
    if let Some(process) = c.process() {
        process.pdeath = Some(word);
    }
});
/// A child has asked for nothing.
pub(super) static CHILD_ASKS_NOTHING: Action =
    action("the child is to be sent nothing when its parent ends", |c, child| {
        if let Some(process) = c.world.process_mut(child as u8) {
            process.pdeath = Some(0);
        }
    });
/// What the caller has asked for is forgotten.
pub static ASKS_NOTHING: Action =
    action("it is to be sent nothing when its parent ends", |c, _| {
        if let Some(process) = c.process() {
            process.pdeath = Some(0);
        }
    });
static TELL_HEIR: Action =
    action("the child at place % is sent what it has asked for, and has no parent", |c, place| {
        let heir = heirs(&c.view()).get(place as usize).copied();
        let from = Some(c.actor.process);
        let Some(process) = heir.and_then(|heir| c.world.process_mut(heir)) else { return };
        process.parent = None;
        match process.pdeath {
            Some(SIGKILL) => die(Some(process), Status::Signaled(Signal::SIGKILL)),
            Some(word) => send(process, word, from),
            None => {}
        }
    });

/// An ordinary signal is pending once for the process, whatever is for the thread; where nothing queues, of
/// one that would not is kept that it is.
fn send(process: &mut Process, word: u8, from: Option<u8>) {
    let name = PDEATH_SIGNALS.get(usize::from(word));
    let Some(place) = SIGNALS.iter().position(|signal| Some(signal) == name) else { return };
    let (signal, signals) = (place as u8, &mut process.signals);
    let again = signals.queue.iter().any(|pending| pending.signal == signal && !pending.thread);
    if again && (!is_realtime(signal) || signals.limited) {
        return;
    }
    let from = if signals.limited && is_realtime(signal) { Some(NOBODY) } else { from };
    let code = Code::SI_USER;
    signals.pend(Pending { signal, code, value: 0, from, thread: false, timer: None });
}

static ASKED_FOR: Answer = Answer {
    name: "what it has asked for",
    value: |v| Value::Word(v.process().and_then(|process| process.pdeath).unwrap_or(0)),
};

pub(super) static CLAUSES: &[Clause] = &[
    extension(
        "process.pdeathsig.sends",
        &[&DEATH],
        (
            Lifetime,
            linux("kernel/exit.c", "6.18, forget_original_parent"),
            "Before it has ended, each child that has asked is sent its signal, as by kill of the process itself; that it may not be sent is told to nobody.",
        ),
        &[SOME_TO_TELL, HOLDS_NOTHING],
        Envelope::Step(Num::N(0), Num::Of(&LAST_HEIR)),
        &[effect_of(&TELL_HEIR, Num::Chosen)],
    ),
    extension(
        "process.pdeathsig.sets",
        &[&SET_PDEATHSIG],
        (
            Lifetime,
            SETTING,
            "The caller is to be sent that signal when its parent ends, or none; exec keeps that, a child has nothing of it, and who becomes another user neither.",
        ),
        &[A_SIGNAL_OR_NONE],
        Envelope::Nothing,
        &[effect(&ASK)],
    ),
    extension(
        "process.pdeathsig.err.einval",
        &[&SET_PDEATHSIG],
        (
            Error,
            linux("PR_SET_PDEATHSIG(2const)", "ERRORS"),
            "A number that is no signal's is refused, and what was asked for stays.",
        ),
        &[NOT_A_SIGNAL],
        Envelope::Error(EINVAL),
        &[],
    ),
    extension(
        "process.pdeathsig.tells",
        &[&GET_PDEATHSIG],
        (Lifetime, TELLING, "It tells what the caller has asked for, 0 for nothing."),
        &[IS_KNOWN],
        Envelope::Exactly(&ASKED_FOR),
        &[],
    ),
    extension(
        "process.pdeathsig.unspecified.root",
        &[&GET_PDEATHSIG],
        (
            Lifetime,
            TELLING,
            "What was asked for in a process before the program began is not said here.",
        ),
        &[NOT_KNOWN],
        Envelope::Anything,
        &[],
    ),
];
