//! Delivery: a pending signal that is not blocked ends its process or calls a handler; and what becomes
//! of the call that the handler interrupts.

use super::stack::PUT_ON_STACK;
use super::terms::mine;
use super::{CUT_BY_STOPS, SA_RESTART};
use crate::clause::Aspect::{Atomicity, Error, Lifetime};
use crate::clause::Cond::{Eq, Lt};
use crate::clause::Duty::{Extension, ImplDefined, Shall};
use crate::clause::Force::{Obliges, Permits};
use crate::clause::{
    Action, Clause, Envelope, Guard, Num, Number, action, effect, effect_of, linux, number, posix,
};
use crate::errno::Errno::EINTR;
use crate::mechanism::{Interrupted, interrupted};
use crate::operation::{Actor, Gives, Operation};
use crate::outcome::{Signal, Status};
use crate::process::{die, stop};
use crate::thread;
use crate::view::{Change, View};
use crate::world::{Activity, InCall};

const CUTS_BY_STOP: &str = "signal.delivery.stops.cuts";

/// What happens to a process that a signal is pending for: no call of anybody's.
pub static DELIVERY: Operation =
    Operation { name: "delivery", params: &[], gives: Gives::Nothing, c: "(delivery)" };

/// What any call is once a handler has interrupted it.
pub static INTERRUPTION: Operation =
    Operation { name: "interruption", params: &[], gives: Gives::Nothing, c: "(interruption)" };

/// What the delivery of a signal can come to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// The process ends.
    Ends,
    /// A handler is called, and whatever goes on goes on.
    Calls,
    /// A handler is called, and the call is to return.
    Interrupts,
    /// A handler is called, and the call begins anew.
    Restarts,
    /// As that, where the standard leaves it open.
    MayRestart,
    /// The process is stopped, and whatever goes on goes on behind that.
    Stops,
    /// The process is stopped, and the call is one that Linux ends behind that.
    Cuts,
}

/// The call that the process is in, if a handler can interrupt it.
fn open_to_interruption<'a>(v: &View<'a>) -> Option<&'a InCall> {
    let call = v.world.in_call(v.actor)?;
    let sleeps = |clause: &Clause| matches!(clause.envelope, Envelope::Sleep);
    let may_sleep = || v.spec.clauses(call.call.operation).iter().any(sleeps);
    (!call.interrupted && call.taken.is_empty() && may_sleep()).then_some(call)
}

/// Whether the delivery of a caught signal, with these flags, can come to that.
fn fits(v: &View<'_>, flags: u32, way: Way) -> bool {
    let Some(call) = open_to_interruption(v) else { return way == Way::Calls };
    let how = interrupted(call.call.operation);
    let restarts = flags & SA_RESTART != 0 && call.done == 0;
    let begun = call.has_begun() || mine(v).is_some_and(|signals| signals.saved.is_some());
    match way {
        Way::Ends | Way::Stops | Way::Cuts => false,
        Way::Calls => !begun || how == Interrupted::Continues,
        Way::Interrupts => match how {
            Interrupted::Continues => false,
            Interrupted::Restarts => !restarts,
            Interrupted::Open | Interrupted::Never => true,
        },
        Way::Restarts => begun && restarts && how == Interrupted::Restarts,
        Way::MayRestart => begun && restarts && how == Interrupted::Open,
    }
}

/// Whether Linux ends the call behind a stop.
fn is_over(call: &InCall) -> bool {
    call.done > 0 || CUT_BY_STOPS.contains(&call.call.operation)
}

/// Whether the delivery of a signal that stops can come to that.
fn stops_by(v: &View<'_>, way: Way) -> bool {
    let lent = mine(v).is_some_and(|signals| signals.saved.is_some());
    let seen = |call: &&InCall| {
        call.slept || call.has_begun() && (is_over(call) || call.holds.is_some()) || lent
    };
    let cuts = open_to_interruption(v).filter(seen).is_some();
    way == if cuts { Way::Cuts } else { Way::Stops }
}

/// The pending signals that may be the next to be delivered, and whose delivery can come to that.
fn those(v: &View<'_>, way: Way) -> Vec<usize> {
    let Some(signals) = mine(v) else { return Vec::new() };
    let next = signals.next_of(!signals.blocked, v.spec.profile.signals).into_iter();
    let comes = |place: &usize| match signals.queue.get(*place) {
        Some(pending) => match signals.handler(pending.signal) {
            Some(handler) => fits(v, handler.flags, way),
            None if signals.stops(pending.signal) => stops_by(v, way),
            None => way == Way::Ends,
        },
        None => false,
    };
    next.filter(comes).collect()
}

fn count(v: &View<'_>, way: Way) -> u64 {
    those(v, way).len() as u64
}

macro_rules! counts {
    ($($number:ident, $last:ident, $name:literal, $text:literal, $way:expr;)*) => {$(
        static $number: Number = number($name, $text, |v| count(v, $way));
        static $last: Number =
            number(concat!("last ", $name), "The last of those, counted from 0.", |v| {
                count(v, $way).saturating_sub(1)
            });
    )*};
}

counts! {
    ENDS, LAST_ENDS, "deadly", "Signals that may be next, and end the process.", Way::Ends;
    CALLS, LAST_CALLS, "caught", "Signals that may be next, and whose handler runs beside what goes on.", Way::Calls;
    INTERRUPTS, LAST_INTERRUPTS, "interrupting", "Signals that may be next, and whose handler interrupts.", Way::Interrupts;
    RESTARTS, LAST_RESTARTS, "restarting", "Signals that may be next, and behind whose handler the call begins anew.", Way::Restarts;
    MAY_RESTART, LAST_MAY, "perhaps restarting", "The same, where the call need not.", Way::MayRestart;
    STOPS, LAST_STOPS, "stopping", "Signals that may be next, and stop the process.", Way::Stops;
    CUTS, LAST_CUTS, "cutting", "Signals that may be next, and stop the process in a call that Linux ends behind that.", Way::Cuts;
}
static DONE: Number = number("done", "How much the interrupted call has moved.", |v| {
    v.call.map_or(0, |call| call.done)
});

const SOME_DEADLY: Guard =
    Guard { name: "one that ends the process may be next", cond: Lt(Num::N(0), Num::Of(&ENDS)) };
const SOME_CAUGHT: Guard = Guard {
    name: "one that is caught may be next, and no call is under way that it interrupts",
    cond: Lt(Num::N(0), Num::Of(&CALLS)),
};
const SOME_INTERRUPTING: Guard = Guard {
    name: "one that is caught may be next, and the call may wait and does not begin anew",
    cond: Lt(Num::N(0), Num::Of(&INTERRUPTS)),
};
const SOME_RESTARTING: Guard = Guard {
    name: "one that is caught with SA_RESTART may be next, and the call has moved nothing",
    cond: Lt(Num::N(0), Num::Of(&RESTARTS)),
};
const SOME_PERHAPS: Guard = Guard {
    name: "one that is caught with SA_RESTART may be next, and the call is one of which it is left open",
    cond: Lt(Num::N(0), Num::Of(&MAY_RESTART)),
};
const SOME_STOPPING: Guard = Guard {
    name: "one that stops may be next, and no call is under way of which Linux lets it be seen",
    cond: Lt(Num::N(0), Num::Of(&STOPS)),
};
const SOME_CUTTING: Guard = Guard {
    name: "one that stops may be next, and a call is under way of which Linux lets it be seen",
    cond: Lt(Num::N(0), Num::Of(&CUTS)),
};
const NOTHING_MOVED: Guard =
    Guard { name: "nothing was moved", cond: Eq(Num::Of(&DONE), Num::N(0)) };
const SOMETHING_MOVED: Guard =
    Guard { name: "something was moved", cond: Lt(Num::N(0), Num::Of(&DONE)) };

/// The place in the queue of the choice of that number.
fn chosen(c: &Change<'_>, way: Way, n: u64) -> Option<usize> {
    those(&c.view(), way).get(n as usize).copied()
}

static END: Action = action("it ends by the choice number %", |c, n| {
    let Some(place) = chosen(c, Way::Ends, n) else { return };
    let Some(taken) = c.process().and_then(|process| process.signals.take(place)) else { return };
    let status = Status::Signaled(Signal::named(taken.signal));
    let process = c.world.leader(c.actor.process);
    thread::end_with(c.world, process);
    c.world.abandon(Actor::first(process));
    die(c.world.process_mut(process), status);
});

fn call_handler(c: &mut Change<'_>, way: Way, n: u64) -> bool {
    let Some(place) = chosen(c, way, n) else { return false };
    if let Some(process) = c.process() {
        process.signals.call_handler(place);
    }
    true
}

static CALL: Action = action("the handler of the choice number % is to run", |c, n| {
    call_handler(c, Way::Calls, n);
});
static INTERRUPT: Action =
    action("the handler of the choice number % is to run, and the call to return", |c, n| {
        let actor = c.actor;
        if call_handler(c, Way::Interrupts, n)
            && let Some(call) = c.world.in_call_mut(actor)
        {
            call.interrupted = true;
        }
    });

fn stop_by(c: &mut Change<'_>, way: Way, n: u64) -> bool {
    let Some(place) = chosen(c, way, n) else { return false };
    let Some(process) = c.process() else { return false };
    let Some(taken) = process.signals.take(place) else { return false };
    process.signals.owed = false;
    stop(process, Signal::named(taken.signal));
    if c.spec.clauses(&DELIVERY).iter().any(|clause| clause.id == CUTS_BY_STOP) {
        cut_beside(c);
    }
    true
}

/// Where a stop cuts calls it cuts those of the other threads as well.
fn cut_beside(c: &mut Change<'_>) {
    let beside: Vec<u8> = c.world.members(c.actor.process).collect();
    for other in beside.into_iter().filter(|other| *other != c.actor.process) {
        let actor = Actor::first(other);
        let view = View { call: c.world.in_call(actor), ..View::unasked(c.spec, c.world, other) };
        if stops_by(&view, Way::Cuts) {
            let change = &mut Change { world: c.world, actor, subject: None, ..*c };
            cut(change);
        }
    }
}

/// The call is to return, or begins anew.
fn cut(c: &mut Change<'_>) {
    let actor = c.actor;
    match c.world.in_call_mut(actor) {
        Some(call) if is_over(call) => call.interrupted = true,
        _ => {
            if let Some(process) = c.process() {
                process.signals.give_back();
            }
            begin_anew(c);
        }
    }
}

static STOP: Action = action("it is stopped by the choice number %", |c, n| {
    stop_by(c, Way::Stops, n);
});
static STOP_IN_CALL: Action = action("it is stopped by the choice number %", |c, n| {
    stop_by(c, Way::Cuts, n);
});
static CUT: Action = action(
    "it is stopped by the choice number %, and the call is to return or begins anew",
    |c, n| {
        if stop_by(c, Way::Cuts, n) {
            cut(c);
        }
    },
);

fn begin_anew(c: &mut Change<'_>) {
    let actor = c.actor;
    c.world.let_go(actor);
    if let Some(call) = c.world.in_call(actor).map(|call| InCall::new(call.call.clone())) {
        c.world.set_activity(actor, Activity::InCall(call));
    }
}

static RESTART: Action =
    action("the handler of the choice number % is to run, and the call begins anew", |c, n| {
        if call_handler(c, Way::Restarts, n) {
            begin_anew(c);
        }
    });
static PERHAPS_RESTART: Action =
    action("the handler of the choice number % is to run, and the call begins anew", |c, n| {
        if call_handler(c, Way::MayRestart, n) {
            begin_anew(c);
        }
    });
static LET_GO: Action = action("it lets go of what it held", |c, _| {
    let actor = c.actor;
    c.world.let_go(actor);
});

pub(super) static CLAUSES: &[Clause] = &[
    Clause {
        id: "signal.delivery.ends",
        on: &[&DELIVERY],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("2.4.3 Signal Actions", "SIG_DFL"),
        text: "A signal that is not blocked and has its default ends the process, whatever it is doing; of real-time signals the lowest is first.",
        guards: &[SOME_DEADLY],
        envelope: Envelope::Step(Num::N(0), Num::Of(&LAST_ENDS)),
        effects: &[effect_of(&END, Num::Chosen)],
    },
    Clause {
        id: "signal.delivery.calls",
        on: &[&DELIVERY],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("2.4.3 Signal Actions", "Pointer to a Function"),
        text: "One that is caught has its handler called, on the alternate stack if SA_ONSTACK asks for it and there is one, with its own signal and those of sa_mask blocked until the handler returns.",
        guards: &[SOME_CAUGHT],
        envelope: Envelope::Step(Num::N(0), Num::Of(&LAST_CALLS)),
        effects: &[effect_of(&CALL, Num::Chosen), effect(&PUT_ON_STACK)],
    },
    Clause {
        id: "signal.delivery.interrupts",
        on: &[&DELIVERY],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("2.4.4 Signal Effects on Other Functions", "interrupted"),
        text: "A call that waits is interrupted by the handler.",
        guards: &[SOME_INTERRUPTING],
        envelope: Envelope::Step(Num::N(0), Num::Of(&LAST_INTERRUPTS)),
        effects: &[effect_of(&INTERRUPT, Num::Chosen), effect(&PUT_ON_STACK)],
    },
    Clause {
        id: "signal.delivery.restarts",
        on: &[&DELIVERY],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("sigaction()", "SA_RESTART"),
        text: "With SA_RESTART a call that has moved nothing begins anew behind the handler.",
        guards: &[SOME_RESTARTING],
        envelope: Envelope::Step(Num::N(0), Num::Of(&LAST_RESTARTS)),
        effects: &[effect_of(&RESTART, Num::Chosen), effect(&PUT_ON_STACK)],
    },
    Clause {
        id: "signal.delivery.restarts.perhaps",
        on: &[&DELIVERY],
        force: Permits,
        duty: ImplDefined,
        aspect: Error,
        source: posix("select()", "ERRORS, EINTR"),
        text: "Whether a call begins anew that waits for so long and no longer is left open.",
        guards: &[SOME_PERHAPS],
        envelope: Envelope::Step(Num::N(0), Num::Of(&LAST_MAY)),
        effects: &[effect_of(&PERHAPS_RESTART, Num::Chosen), effect(&PUT_ON_STACK)],
    },
    Clause {
        id: "signal.delivery.stops",
        on: &[&DELIVERY],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("2.4.3 Signal Actions", "SIG_DFL"),
        text: "SIGSTOP, and SIGTSTP that has its default, stop the process, and a call that it is in goes on behind that.",
        guards: &[SOME_STOPPING],
        envelope: Envelope::Step(Num::N(0), Num::Of(&LAST_STOPS)),
        effects: &[effect_of(&STOP, Num::Chosen)],
    },
    Clause {
        id: "signal.delivery.stops.continues",
        on: &[&DELIVERY],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("2.4.4 Signal Effects on Other Functions", "stop the process"),
        text: "That is so too where the call sleeps, has moved something, holds something or has a mask of its own, and whichever it is.",
        guards: &[SOME_CUTTING],
        envelope: Envelope::Step(Num::N(0), Num::Of(&LAST_CUTS)),
        effects: &[effect_of(&STOP_IN_CALL, Num::Chosen)],
    },
    Clause {
        id: CUTS_BY_STOP,
        on: &[&DELIVERY],
        force: Obliges,
        duty: Extension,
        aspect: Error,
        source: linux(
            "signal(7)",
            "Interruption of system calls and library functions by stop signals",
        ),
        text: "A call that has moved something is over then, and so are some others, as if a handler had interrupted them; one that is not begins anew, without what it held and with the old mask first.",
        guards: &[SOME_CUTTING],
        envelope: Envelope::Step(Num::N(0), Num::Of(&LAST_CUTS)),
        effects: &[effect_of(&CUT, Num::Chosen)],
    },
    Clause {
        id: "signal.interrupted.eintr",
        on: &[&INTERRUPTION],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("read()", "DESCRIPTION, interrupted by a signal"),
        text: "A call that is interrupted before it has moved anything fails with EINTR, once the handler has returned.",
        guards: &[NOTHING_MOVED],
        envelope: Envelope::Error(EINTR),
        effects: &[effect(&LET_GO)],
    },
    Clause {
        id: "signal.interrupted.partial",
        on: &[&INTERRUPTION],
        force: Obliges,
        duty: Shall,
        aspect: Atomicity,
        source: posix("write()", "DESCRIPTION, interrupted by a signal"),
        text: "A call that is interrupted once it has moved something tells how much.",
        guards: &[SOMETHING_MOVED],
        envelope: Envelope::Count(Num::Of(&DONE), Num::Of(&DONE)),
        effects: &[effect(&LET_GO)],
    },
];
