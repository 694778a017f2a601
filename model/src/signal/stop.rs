//! Stopping and going on: what `SIGCONT` and the signals that stop do beyond being pending.

use super::send::{SENDS, pend};
use super::state::is_stop;
use super::terms::*;
use super::wait::{SIGTIMEDWAIT, SIGWAITINFO};
use super::{KILL_SIGNALS, SENT, SIGACTION, SIGACTION_HANDLER};
use crate::clause::Aspect::{Error, Lifetime};
use crate::clause::Duty::{May, Shall, Unspecified};
use crate::clause::Force::{Obliges, Permits};
use crate::clause::{Action, Clause, Envelope, action, effect, posix};
use crate::epoll::{EPOLL_PWAIT, EPOLL_PWAIT_MASK, EPOLL_PWAIT2, EPOLL_WAIT};
use crate::errno::Errno::EINVAL;
use crate::operation::{Operation, Param};
use crate::process::resume;
use crate::timer::{EVENTS, SIGNALLED};
use crate::view::Change;

/// The calls that Linux ends when who waits in them is stopped and goes on (signal(7), Interruption of
/// system calls and library functions by stop signals).
pub static CUT_BY_STOPS: &[&Operation] =
    &[&SIGWAITINFO, &SIGTIMEDWAIT, &EPOLL_WAIT, &EPOLL_PWAIT, &EPOLL_PWAIT_MASK, &EPOLL_PWAIT2];

/// Whether that word of a call names a signal that stops by default: to be sent, now or by a timer.
pub fn names_a_stop(param: &Param, word: i64) -> bool {
    let before = match param {
        Param::Word(words) if *words == KILL_SIGNALS => SENT,
        Param::Word(words) if *words == EVENTS => SIGNALLED,
        _ => return false,
    };
    let place = usize::try_from(word).ok().and_then(|word| word.checked_sub(before));
    place.is_some_and(|place| is_stop(place as u8))
}

static CANCEL: Action = action("what it takes away is pending there no more", |c, _| {
    let view = c.view();
    let (Some(signal), Some(target)) = (sent(&view), view.addressee()) else { return };
    let members: Vec<u8> = c.world.members(target).collect();
    for member in members {
        if let Some(process) = c.world.process_mut(member) {
            process.signals.cancel_for(signal);
        }
    }
});
static RESUME: Action = action("the target goes on", |c, _| {
    if let Some(target) = c.view().addressee()
        && let Some(process) = c.world.process_mut(target)
    {
        resume(process);
    }
});
static PEND_ONCE: Action = action("the signal is pending there, once", |c, _| pend_once(c));

fn pend_once(c: &mut Change<'_>) {
    let view = c.view();
    if view.holds(&NOT_AGAIN.cond) {
        let loses = view.holds(&NOTHING_IS_KEPT.cond);
        pend(c, loses);
    }
}

pub(super) static CLAUSES: &[Clause] = &[
    Clause {
        id: "signal.send.resumes",
        on: SENDS,
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("2.4.1 Signal Generation and Delivery", "SIGCONT"),
        text: "SIGCONT makes who is stopped go on, even where it is blocked or ignored, and takes away what would stop it.",
        guards: &[IT_RESUMES],
        envelope: Envelope::Nothing,
        effects: &[effect(&CANCEL), effect(&RESUME), effect(&PEND_ONCE)],
    },
    Clause {
        id: "signal.send.cancels",
        on: SENDS,
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("2.4.1 Signal Generation and Delivery", "SIGCONT"),
        text: "SIGCONT takes away the signals that stop where they are pending, and each of these takes away SIGCONT.",
        guards: &[IT_CANCELS],
        envelope: Envelope::Nothing,
        effects: &[effect(&CANCEL), effect(&PEND_ONCE)],
    },
    Clause {
        id: "signal.sigaction.err.einval",
        on: &[&SIGACTION_HANDLER],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("sigaction()", "ERRORS"),
        text: "SIGSTOP cannot be caught.",
        guards: &[CANNOT_BE],
        envelope: Envelope::Error(EINVAL),
        effects: &[],
    },
    Clause {
        id: "signal.sigaction.err.einval.ignore",
        on: &[&SIGACTION],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("sigaction()", "ERRORS"),
        text: "SIGSTOP cannot be ignored.",
        guards: &[TO_IGNORE, CANNOT_BE],
        envelope: Envelope::Error(EINVAL),
        effects: &[],
    },
    Clause {
        id: "signal.sigaction.err.einval.default",
        on: &[&SIGACTION],
        force: Obliges,
        duty: May,
        aspect: Error,
        source: posix("sigaction()", "ERRORS"),
        text: "That SIGSTOP has its default need not be said, and may be refused.",
        guards: &[TO_DEFAULT, CANNOT_BE],
        envelope: Envelope::Error(EINVAL),
        effects: &[],
    },
    Clause {
        id: "signal.sigaction.unspecified.default",
        on: &[&SIGACTION],
        force: Permits,
        duty: Unspecified,
        aspect: Lifetime,
        source: posix("sigaction()", "ERRORS"),
        text: "It need not be refused.",
        guards: &[TO_DEFAULT, CANNOT_BE],
        envelope: Envelope::Nothing,
        effects: &[],
    },
];
