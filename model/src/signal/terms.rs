//! The numbers and guards of the signal clauses.

use super::send::is_for_a_thread;
use super::state::{Pending, bit, is_realtime, undone_by};
use super::{KILL_SIGNALS, SENT, SIGCONT, SIGNALS, SIGPIPE, SIGQUEUE, SIGSTOP, Signals};
use crate::clause::Cond::{All, Eq, Lt};
use crate::clause::{Guard, Num, Number, number};
use crate::operation::Param;
use crate::profile::Selection;
use crate::view::View;
use crate::world::{Life, Process};

/// The signal state of the caller.
pub(super) fn mine<'a>(v: &View<'a>) -> Option<&'a Signals> {
    v.process().map(|process| &process.signals)
}

fn of_mine(v: &View<'_>, set: fn(&Signals) -> u32, signal: u8) -> u64 {
    u64::from(mine(v).is_some_and(|signals| set(signals) & bit(signal) != 0))
}

/// The signal that the call sends, if it sends one of those that programs speak of.
pub(super) fn sent(v: &View<'_>) -> Option<u8> {
    let place = word(v)?.checked_sub(SENT)?;
    (place < SIGNALS.len()).then_some(place as u8)
}

fn word(v: &View<'_>) -> Option<usize> {
    let sends =
        |param: &Param| matches!(param, Param::Word(words) if words.len() == KILL_SIGNALS.len());
    v.call?.call.find(sends).map(|word| word as usize)
}

/// Whom the call sends a signal to, if it lives.
pub(super) fn receiver<'a>(v: &View<'a>) -> Option<&'a Process> {
    let process = v.world.process(v.addressee()?)?;
    (process.life == Life::Live).then_some(process)
}

fn with_receiver(v: &View<'_>, is: impl Fn(&Signals, u8) -> bool) -> u64 {
    let both = receiver(v).zip(sent(v));
    u64::from(both.is_some_and(|(process, signal)| is(&process.signals, signal)))
}

/// The set that the call names.
pub(super) fn asked(v: &View<'_>) -> u32 {
    v.call.and_then(|call| call.call.find(|param| matches!(param, Param::Flags(_)))).unwrap_or(0)
        as u32
}

/// The mask behind the call.
pub(super) fn new_mask(v: &View<'_>) -> u32 {
    let old = mine(v).map_or(0, |signals| signals.blocked);
    match v.arg(0) {
        0 => old | asked(v),
        1 => old & !asked(v),
        _ => asked(v),
    }
}

/// Whether the caller holds `SIGPIPE` back, or has a handler for it.
pub static SIGPIPE_BLOCKED: Number =
    number("held(SIGPIPE)", "1 if the caller blocks SIGPIPE, or catches it.", |v| {
        of_mine(v, |signals| signals.blocked | signals.caught, SIGPIPE)
    });
/// Whether the caller ignores `SIGPIPE`.
pub static SIGPIPE_IGNORED: Number =
    number("ignored(SIGPIPE)", "1 if the caller ignores SIGPIPE.", |v| {
        of_mine(v, |signals| signals.ignored, SIGPIPE)
    });
static IS_SIGNAL: Number =
    number("signal", "1 if the call sends a signal that there is.", |v| sent(v).is_some().into());
static IS_NONE: Number = number("no signal", "1 if the number is no signal's.", |v| {
    u64::from(word(v).is_some_and(|word| word >= SENT) && sent(v).is_none())
});
static LIVES: Number =
    number("lives", "1 if whom it is sent to has not ended.", |v| u64::from(receiver(v).is_some()));
static THERE: Number = number("there", "1 if whom it is sent to is known to the system.", |v| {
    u64::from(v.addressee().is_some_and(|number| v.world.is_known(number)))
});
static UNDOES: Number = number(
    "undoes",
    "1 if one that it takes away is pending there, or it makes the target go on.",
    |v| {
        let pends = |number: u8, signal| {
            let pending = v.world.process(number).map_or(0, |place| place.signals.pending);
            pending & undone_by(signal) != 0
        };
        let undoes = |(process, signal): (&Process, u8)| {
            let mut members = v.addressee().into_iter().flat_map(|one| v.world.members(one));
            members.any(|one| pends(one, signal)) || signal == SIGCONT && process.stopped
        };
        u64::from(receiver(v).zip(sent(v)).is_some_and(undoes))
    },
);
static RESUMES: Number = number("resumes", "1 if it makes the target go on.", |v| {
    let resumes = |process: &Process, signal| signal == SIGCONT && process.stopped;
    u64::from(receiver(v).zip(sent(v)).is_some_and(|(process, signal)| resumes(process, signal)))
});
static NOTHING_DONE: Number =
    number("ignored", "1 if there it does nothing.", |v| with_receiver(v, Signals::does_nothing));
static HELD: Number = number("blocked", "1 if there it is blocked.", |v| {
    with_receiver(v, |signals, signal| signals.blocked & bit(signal) != 0)
});
static AGAIN: Number = number("pending", "1 if there it is pending already.", |v| {
    // What is for the thread and what is for the process are apart where the one is first.
    let apart = v.spec.profile.signals == Selection::ThreadFirst;
    let thread = v.call.is_some_and(|call| is_for_a_thread(call.call.operation));
    with_receiver(v, |signals, signal| {
        let same = |p: &Pending| p.signal == signal && (!apart || p.thread == thread);
        signals.queue.iter().any(same)
    })
});
static REALTIME: Number = number("realtime", "1 if it is a real-time signal.", |v| {
    u64::from(sent(v).is_some_and(is_realtime))
});
static CAUGHT: Number = number("caught", "1 if there a handler is for it.", |v| {
    with_receiver(v, |signals, signal| signals.caught & bit(signal) != 0)
});
static LIMITED: Number = number("limited", "1 if nothing more queues there.", |v| {
    with_receiver(v, |signals, _| signals.limited)
});
static BY_KILL: Number =
    number("by kill", "1 if it is sent with nothing along with it, and to the process.", |v| {
        let operation = v.call.map(|call| call.call.operation);
        u64::from(operation.is_some_and(|one| !is_for_a_thread(one) && one != &SIGQUEUE))
    });
static DISPOSITION: Number =
    number("disposition", "0 for SIG_DFL, 1 for SIG_IGN.", |v| v.arg(1) as u64);
static FIXED: Number = number("fixed", "1 if nothing can be done about the signal.", |v| {
    u64::from(v.arg(0) == i64::from(SIGSTOP))
});
static HOW_IT_CHANGES: Number =
    number("how", "0 for SIG_BLOCK, 1 for SIG_UNBLOCK, 2 for SIG_SETMASK.", |v| v.arg(0) as u64);
static LETS_THROUGH: Number =
    number("let through", "Pending signals that the new mask lets through, as a set.", |v| {
        mine(v).map_or(0, |signals| signals.behind(new_mask(v)).into())
    });

const LIVE: Guard =
    Guard { name: "the target has not ended", cond: Eq(Num::Of(&LIVES), Num::N(1)) };
pub(super) const ENDED: Guard = Guard {
    name: "a signal for a target that has ended",
    cond: All(&[
        Eq(Num::Of(&IS_SIGNAL), Num::N(1)),
        Eq(Num::Of(&THERE), Num::N(1)),
        Eq(Num::Of(&LIVES), Num::N(0)),
    ]),
};
pub(super) const A_SIGNAL: Guard = Guard {
    name: "a signal for a target that has not ended",
    cond: All(&[Eq(Num::Of(&IS_SIGNAL), Num::N(1)), LIVE.cond, Eq(Num::Of(&UNDOES), Num::N(0))]),
};
pub(super) const IT_RESUMES: Guard =
    Guard { name: "SIGCONT for who is stopped", cond: Eq(Num::Of(&RESUMES), Num::N(1)) };
pub(super) const IT_CANCELS: Guard = Guard {
    name: "a signal that takes away one that is pending there, and the target does not go on by it",
    cond: All(&[Eq(Num::Of(&UNDOES), Num::N(1)), Eq(Num::Of(&RESUMES), Num::N(0))]),
};
pub(super) const NO_SIGNAL: Guard = Guard {
    name: "no signal has the number, and the target is there",
    cond: All(&[Eq(Num::Of(&IS_NONE), Num::N(1)), Eq(Num::Of(&THERE), Num::N(1))]),
};
pub(super) const NO_SIGNAL_TO_NOBODY: Guard = Guard {
    name: "no signal has the number, and the target is not there",
    cond: All(&[Eq(Num::Of(&IS_NONE), Num::N(1)), Eq(Num::Of(&THERE), Num::N(0))]),
};
pub(super) const DOES_NOTHING: Guard =
    Guard { name: "it does nothing there", cond: Eq(Num::Of(&NOTHING_DONE), Num::N(1)) };
pub(super) const DOES_SOMETHING: Guard = Guard {
    name: "it does something there, or is blocked",
    cond: crate::clause::Cond::Any(&[
        Eq(Num::Of(&NOTHING_DONE), Num::N(0)),
        Eq(Num::Of(&HELD), Num::N(1)),
    ]),
};
pub(super) const BLOCKED_THERE: Guard =
    Guard { name: "it is blocked there", cond: Eq(Num::Of(&HELD), Num::N(1)) };
pub(super) const NOT_BLOCKED_THERE: Guard =
    Guard { name: "it is not blocked there", cond: Eq(Num::Of(&HELD), Num::N(0)) };
pub(super) const FIRST_OR_REALTIME: Guard = Guard {
    name: "it is not pending there yet, or is a real-time signal",
    cond: crate::clause::Cond::Any(&[
        Eq(Num::Of(&AGAIN), Num::N(0)),
        Eq(Num::Of(&REALTIME), Num::N(1)),
    ]),
};
pub(super) const MAY_QUEUE: Guard = Guard {
    name: "there signals queue, or this one is ordinary and need not",
    cond: crate::clause::Cond::Any(&[
        Eq(Num::Of(&LIMITED), Num::N(0)),
        All(&[Eq(Num::Of(&REALTIME), Num::N(0)), Eq(Num::Of(&BY_KILL), Num::N(1))]),
    ]),
};
pub(super) const QUEUE_IS_FULL: Guard = Guard {
    name: "nothing queues there, and this one would have to",
    cond: All(&[
        Eq(Num::Of(&LIMITED), Num::N(1)),
        Eq(Num::Of(&REALTIME), Num::N(1)),
        Eq(Num::Of(&BY_KILL), Num::N(0)),
    ]),
};
pub(super) const NOTHING_IS_KEPT: Guard = Guard {
    name: "nothing queues there, and this is an ordinary one by sigqueue or raise",
    cond: All(&[
        Eq(Num::Of(&LIMITED), Num::N(1)),
        Eq(Num::Of(&REALTIME), Num::N(0)),
        Eq(Num::Of(&BY_KILL), Num::N(0)),
    ]),
};
pub(super) const REALTIME_BY_KILL: Guard = Guard {
    name: "nothing queues there, and this is a real-time one by kill",
    cond: All(&[
        Eq(Num::Of(&LIMITED), Num::N(1)),
        Eq(Num::Of(&REALTIME), Num::N(1)),
        Eq(Num::Of(&BY_KILL), Num::N(1)),
    ]),
};
pub(super) const NOT_AGAIN: Guard =
    Guard { name: "it is not pending there yet", cond: Eq(Num::Of(&AGAIN), Num::N(0)) };
pub(super) const PENDING_ALREADY: Guard =
    Guard { name: "it is pending there already", cond: Eq(Num::Of(&AGAIN), Num::N(1)) };
pub(super) const ORDINARY_AGAIN: Guard = Guard {
    name: "an ordinary signal that is pending there already",
    cond: All(&[Eq(Num::Of(&AGAIN), Num::N(1)), Eq(Num::Of(&REALTIME), Num::N(0))]),
};
pub(super) const REALTIME_AGAIN: Guard = Guard {
    name: "a real-time signal that is pending there already, and has no handler",
    cond: All(&[
        Eq(Num::Of(&AGAIN), Num::N(1)),
        Eq(Num::Of(&REALTIME), Num::N(1)),
        Eq(Num::Of(&CAUGHT), Num::N(0)),
    ]),
};
pub(super) const TO_DEFAULT: Guard =
    Guard { name: "the default is asked for", cond: Eq(Num::Of(&DISPOSITION), Num::N(0)) };
pub(super) const TO_IGNORE: Guard =
    Guard { name: "ignoring is asked for", cond: Eq(Num::Of(&DISPOSITION), Num::N(1)) };
pub(super) const CAN_BE: Guard =
    Guard { name: "it is not SIGSTOP", cond: Eq(Num::Of(&FIXED), Num::N(0)) };
pub(super) const CANNOT_BE: Guard =
    Guard { name: "it is SIGSTOP", cond: Eq(Num::Of(&FIXED), Num::N(1)) };
pub(super) const BLOCKS: Guard =
    Guard { name: "it blocks", cond: Eq(Num::Of(&HOW_IT_CHANGES), Num::N(0)) };
pub(super) const UNBLOCKS: Guard = Guard {
    name: "it unblocks, and lets nothing through",
    cond: All(&[Eq(Num::Of(&HOW_IT_CHANGES), Num::N(1)), Eq(Num::Of(&LETS_THROUGH), Num::N(0))]),
};
pub(super) const SETS: Guard = Guard {
    name: "it sets the mask, and lets nothing through",
    cond: All(&[Eq(Num::Of(&HOW_IT_CHANGES), Num::N(2)), Eq(Num::Of(&LETS_THROUGH), Num::N(0))]),
};
pub(super) const DELIVERS: Guard = Guard {
    name: "it lets a pending signal through",
    cond: All(&[Lt(Num::N(0), Num::Of(&HOW_IT_CHANGES)), Lt(Num::N(0), Num::Of(&LETS_THROUGH))]),
};
