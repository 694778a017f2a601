//! The end of a process: by `_exit` or a signal; and what its parent is sent.

use super::parent::{IS_BLOCKED, IS_IGNORED, NOT_CAUGHT, NOT_IGNORED, PENDS, of_parents};
use super::pdeath::HEIRS;
use super::terms::{next_to_go, open_fds};
use crate::clause::Aspect::{Eof, Lifetime};
use crate::clause::Cond::{All, Eq, Lt};
use crate::clause::Duty::{ImplDefined, Shall, Unspecified};
use crate::clause::Force::{Obliges, Permits};
use crate::clause::{
    Action, Clause, Envelope, Guard, Num, Number, action, effect, effect_of, number, posix,
};
use crate::mapping::UNMAP_ALL;
use crate::mutex::HAS_NONE;
use crate::operation::{Gives, Operation, Param};
use crate::outcome::{Code, Signal, Status};
use crate::ring::HOLDS_NONE;
use crate::signal::{Pending, SIGCHLD, Signals, bit};
use crate::view::Change;
use crate::world::{Life, Process};

/// `void _exit(int status)`.
pub static EXIT: Operation =
    Operation { name: "_exit", params: &[Param::Number], gives: Gives::Never, c: "_exit(%0)" };

/// What happens to a process that is to end: no call of anybody's, a step of the system's own.
pub static DEATH: Operation =
    Operation { name: "death", params: &[], gives: Gives::Nothing, c: "(death)" };

static OPEN_FDS: Number = number("open", "Descriptors that the process still has.", open_fds);
static FIRST_CHOICE: Number =
    number("first", "Which of the open ones may go next, counted from 0: the first.", |v| {
        next_to_go(v, |_| true).0
    });
static LAST_CHOICE: Number =
    number("last", "The last of those that may go next.", |v| next_to_go(v, |_| true).1);
static TRACE: Number =
    number("told", "1 if its parent has not ended, and catches or blocks SIGCHLD.", |v| {
        of_parents(v, |signals| (signals.caught | signals.blocked) & bit(SIGCHLD) != 0)
    });
static DROPPED: Number =
    number("dropped", "1 if its parent leaves nothing of children that end.", |v| {
        of_parents(v, Signals::drops_children)
    });
static STATUS_ASKED: Number =
    number("status", "The low eight bits of the argument.", |v| v.arg(0) as u64 & 0xff);

const HAS_FDS: Guard =
    Guard { name: "it has descriptors", cond: Lt(Num::N(0), Num::Of(&OPEN_FDS)) };
pub(super) const NO_FDS: Guard =
    Guard { name: "it has no descriptor", cond: Eq(Num::Of(&OPEN_FDS), Num::N(0)) };
const HAS_NO_FDS: Guard = Guard {
    name: "it has no descriptor, and no child is to be told",
    cond: All(&[Eq(Num::Of(&OPEN_FDS), Num::N(0)), Eq(Num::Of(&HEIRS), Num::N(0))]),
};
const NO_TRACE: Guard = Guard {
    name: "its parent has ended, or does nothing about SIGCHLD and does not block it",
    cond: Eq(Num::Of(&TRACE), Num::N(0)),
};
const IS_TOLD: Guard =
    Guard { name: "its parent catches or blocks SIGCHLD", cond: Eq(Num::Of(&TRACE), Num::N(1)) };
const KEPT: Guard = Guard {
    name: "its parent keeps children that end, or has ended",
    cond: Eq(Num::Of(&DROPPED), Num::N(0)),
};
const DROPS: Guard = Guard {
    name: "its parent ignores SIGCHLD, or has said SA_NOCLDWAIT",
    cond: Eq(Num::Of(&DROPPED), Num::N(1)),
};

static CLOSE_ONE: Action =
    action("the descriptor at place % lets go of its description", |c, n| {
        let process = c.actor.process;
        let chosen = c.world.open_fds(process).nth(n as usize);
        if let Some((fd, _)) = chosen {
            c.world.remove(process, fd as i64);
        }
    });
static BURY: Action = action("it has ended, and its children have no parent", |c, _| {
    bury(c, Life::Zombie);
});
static VANISH: Action = action("nothing is left of it, and its children have no parent", |c, _| {
    bury(c, |_| Life::Reaped);
});
static TELL: Action = action("SIGCHLD is pending at its parent, once", |c, _| tell(c, true));
static TELL_AGAIN: Action = action("SIGCHLD is pending at its parent once more", |c, _| {
    tell(c, false);
});
static DIE_OF_EXIT: Action = action("it ends with status %", |c, status| {
    let process = c.world.leader(c.actor.process);
    die(c.world.process_mut(process), Status::Exited(status as u8));
});
/// The caller is to end by `SIGPIPE`.
pub static DIE_OF_SIGPIPE: Action = action("it ends by SIGPIPE", |c, _| {
    let process = c.world.leader(c.actor.process);
    die(c.world.process_mut(process), Status::Signaled(Signal::SIGPIPE));
});
/// The process is to end so, if it has not begun to.
pub(crate) fn die(victim: Option<&mut Process>, status: Status) {
    if let Some(process) = victim
        && process.life == Life::Live
    {
        process.life = Life::Dying(status);
        process.stopped = false;
        process.news = None;
        process.untold.clear();
    }
}

fn bury(c: &mut Change<'_>, left: fn(Status) -> Life) {
    let dead = c.actor.process;
    (UNMAP_ALL.run)(c, 0);
    if let Some(process) = c.process()
        && let Life::Dying(status) = process.life
    {
        process.life = left(status);
    }
    for number in 0..c.world.processes.len() as u8 {
        let orphan = c.world.process(number).is_some_and(|p| p.parent == Some(dead));
        if orphan && let Some(process) = c.world.process_mut(number) {
            process.parent = None;
        }
    }
}

/// What its parent is told by a signal.
fn tell(c: &mut Change<'_>, once: bool) {
    if let Some(Life::Dying(status)) = c.process().map(|process| process.life) {
        tell_of(c, status, once);
    }
}

/// That is sent to its parent.
pub(super) fn tell_of(c: &mut Change<'_>, status: Status, once: bool) {
    let Some(parent) = c.process().and_then(|process| process.parent) else { return };
    let from = Some(c.actor.process);
    let Some(parent) = c.world.process_mut(parent).filter(|parent| parent.life == Life::Live)
    else {
        return;
    };
    if once && parent.signals.pending & bit(SIGCHLD) != 0 {
        return;
    }
    let code = Code::Child(status);
    parent.signals.pend(Pending {
        signal: SIGCHLD,
        code,
        value: 0,
        from,
        thread: false,
        timer: None,
    });
}

pub(super) static CLAUSES: &[Clause] = &[
    Clause {
        id: "process.exit.ends",
        on: &[&EXIT],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("_exit()", "DESCRIPTION"),
        text: "The process ends with this status.",
        guards: &[],
        envelope: Envelope::Never,
        effects: &[effect_of(&DIE_OF_EXIT, Num::Of(&STATUS_ASKED))],
    },
    Clause {
        id: "process.death.closes",
        on: &[&DEATH],
        force: Obliges,
        duty: Shall,
        aspect: Eof,
        source: posix("_exit()", "Consequences of Process Termination"),
        text: "A process that ends, in whatever way, closes its descriptors.",
        guards: &[HAS_FDS],
        envelope: Envelope::Step(Num::Of(&FIRST_CHOICE), Num::Of(&LAST_CHOICE)),
        effects: &[effect_of(&CLOSE_ONE, Num::Chosen)],
    },
    Clause {
        id: "process.death.ends",
        on: &[&DEATH],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("_exit()", "Consequences of Process Termination"),
        text: "Once they are closed it has ended, and its parent can learn how.",
        guards: &[HAS_NO_FDS, HAS_NONE, HOLDS_NONE, KEPT, NO_TRACE],
        envelope: Envelope::Step(Num::N(0), Num::N(0)),
        effects: &[effect(&BURY)],
    },
    Clause {
        id: "process.death.tells",
        on: &[&DEATH],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("_exit()", "Consequences of Process Termination"),
        text: "Its parent is sent SIGCHLD then, which says how it ended.",
        guards: &[HAS_NO_FDS, HAS_NONE, HOLDS_NONE, KEPT, IS_TOLD],
        envelope: Envelope::Step(Num::N(0), Num::N(0)),
        effects: &[effect(&TELL), effect(&BURY)],
    },
    Clause {
        id: "process.death.tells.again",
        on: &[&DEATH],
        force: Permits,
        duty: ImplDefined,
        aspect: Lifetime,
        source: posix("wait()", "DESCRIPTION, SIGCHLD"),
        text: "Where SIGCHLD is pending already, it may be pending once more.",
        guards: &[HAS_NO_FDS, HAS_NONE, HOLDS_NONE, KEPT, PENDS],
        envelope: Envelope::Step(Num::N(0), Num::N(0)),
        effects: &[effect(&TELL_AGAIN), effect(&BURY)],
    },
    Clause {
        id: "process.death.tells.discards",
        on: &[&DEATH],
        force: Permits,
        duty: Unspecified,
        aspect: Lifetime,
        source: posix("2.4.1 Signal Generation and Delivery", "blocked and ignored"),
        text: "Where SIGCHLD is blocked and does nothing, it may leave no trace.",
        guards: &[HAS_NO_FDS, HAS_NONE, HOLDS_NONE, KEPT, IS_BLOCKED, NOT_CAUGHT],
        envelope: Envelope::Step(Num::N(0), Num::N(0)),
        effects: &[effect(&BURY)],
    },
    Clause {
        id: "process.death.drops",
        on: &[&DEATH],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("_exit()", "Consequences of Process Termination"),
        text: "Where its parent ignores SIGCHLD nothing is left of it, and nothing is sent.",
        guards: &[HAS_NO_FDS, HAS_NONE, HOLDS_NONE, DROPS, IS_IGNORED],
        envelope: Envelope::Step(Num::N(0), Num::N(0)),
        effects: &[effect(&VANISH)],
    },
    Clause {
        id: "process.death.drops.pends",
        on: &[&DEATH],
        force: Permits,
        duty: Unspecified,
        aspect: Lifetime,
        source: posix("2.4.1 Signal Generation and Delivery", "blocked and ignored"),
        text: "Where SIGCHLD is ignored and blocked, it may be pending.",
        guards: &[HAS_NO_FDS, HAS_NONE, HOLDS_NONE, DROPS, IS_IGNORED, IS_BLOCKED],
        envelope: Envelope::Step(Num::N(0), Num::N(0)),
        effects: &[effect(&TELL), effect(&VANISH)],
    },
    Clause {
        id: "process.death.drops.tells",
        on: &[&DEATH],
        force: Obliges,
        duty: Unspecified,
        aspect: Lifetime,
        source: posix("sigaction()", "SA_NOCLDWAIT"),
        text: "Where its parent has said SA_NOCLDWAIT nothing is left of it, and SIGCHLD is sent.",
        guards: &[HAS_NO_FDS, HAS_NONE, HOLDS_NONE, DROPS, NOT_IGNORED],
        envelope: Envelope::Step(Num::N(0), Num::N(0)),
        effects: &[effect(&TELL), effect(&VANISH)],
    },
    Clause {
        id: "process.death.drops.quietly",
        on: &[&DEATH],
        force: Permits,
        duty: Unspecified,
        aspect: Lifetime,
        source: posix("sigaction()", "SA_NOCLDWAIT"),
        text: "With SA_NOCLDWAIT nothing need be sent.",
        guards: &[HAS_NO_FDS, HAS_NONE, HOLDS_NONE, DROPS, NOT_IGNORED],
        envelope: Envelope::Step(Num::N(0), Num::N(0)),
        effects: &[effect(&VANISH)],
    },
];
