//! What the parent of a process does about `SIGCHLD`, for who ends and who is stopped.

use crate::clause::Cond::Eq;
use crate::clause::{Guard, Num, Number, number};
use crate::signal::{SIGCHLD, Signals, bit};
use crate::view::View;
use crate::world::Life;

/// The signal state of the parent, if it lives.
fn parents<'a>(v: &View<'a>) -> Option<&'a Signals> {
    let parent = v.world.process(v.process()?.parent?)?;
    (parent.life == Life::Live).then_some(&parent.signals)
}

pub(super) fn of_parents(v: &View<'_>, is: fn(&Signals) -> bool) -> u64 {
    parents(v).is_some_and(is).into()
}

static IGNORED: Number = number("ignored(SIGCHLD)", "1 if its parent ignores SIGCHLD.", |v| {
    of_parents(v, |signals| signals.ignored & bit(SIGCHLD) != 0)
});
static CAUGHT: Number = number("caught(SIGCHLD)", "1 if its parent catches SIGCHLD.", |v| {
    of_parents(v, |signals| signals.caught & bit(SIGCHLD) != 0)
});
static BLOCKED: Number = number("blocked(SIGCHLD)", "1 if its parent blocks SIGCHLD.", |v| {
    of_parents(v, |signals| signals.blocked & bit(SIGCHLD) != 0)
});
static PENDING: Number =
    number("pending(SIGCHLD)", "1 if SIGCHLD is pending at its parent already.", |v| {
        of_parents(v, |signals| signals.pending & bit(SIGCHLD) != 0)
    });

pub(super) const NOT_IGNORED: Guard =
    Guard { name: "SIGCHLD is not ignored there", cond: Eq(Num::Of(&IGNORED), Num::N(0)) };
pub(super) const IS_IGNORED: Guard =
    Guard { name: "SIGCHLD is ignored there", cond: Eq(Num::Of(&IGNORED), Num::N(1)) };
pub(super) const IS_BLOCKED: Guard =
    Guard { name: "SIGCHLD is blocked there", cond: Eq(Num::Of(&BLOCKED), Num::N(1)) };
pub(super) const NOT_CAUGHT: Guard =
    Guard { name: "SIGCHLD is not caught there", cond: Eq(Num::Of(&CAUGHT), Num::N(0)) };
pub(super) const PENDS: Guard =
    Guard { name: "SIGCHLD is pending there", cond: Eq(Num::Of(&PENDING), Num::N(1)) };
