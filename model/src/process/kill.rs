//! `kill` with SIGKILL, and with no signal at all; the other signals are [`crate::signal`]'s.

use super::end::die;
use crate::clause::Aspect::{Error, Lifetime};
use crate::clause::Cond::{All, Eq};
use crate::clause::Duty::Shall;
use crate::clause::Force::Obliges;
use crate::clause::{Action, Clause, Envelope, Guard, Num, Number, action, effect, number, posix};
use crate::errno::Errno::ESRCH;
use crate::operation::{Gives, Operation, Param};
use crate::outcome::{Signal, Status};
use crate::pidfd::PIDFD_SEND_SIGNAL;
use crate::signal::{KILL_SIGNALS, RAISE, SIGQUEUE};
use crate::thread::PTHREAD_KILL;

/// `int kill(pid_t pid, int sig)`.
pub static KILL: Operation = Operation {
    name: "kill",
    params: &[Param::Process, Param::Word(KILL_SIGNALS)],
    gives: Gives::Nothing,
    c: "kill(%0, %1)",
};

static THERE: Number = number("there", "1 if the target is known to the system.", |v| {
    u64::from(v.addressee().is_some_and(|target| v.world.is_known(target)))
});
static MYSELF: Number = number("self", "1 if the target is the caller.", |v| {
    let own = v.world.leader(v.actor.process);
    u64::from(v.addressee().is_some_and(|target| v.world.leader(target) == own))
});
static SIGNAL: Number = number("signal", "0 for SIGKILL, 1 for none, more for others.", |v| {
    v.call.and_then(|call| call.call.find(|param| matches!(param, Param::Word(_)))).unwrap_or(2)
        as u64
});
const OTHER_THERE: Guard = Guard {
    name: "another process, known to the system",
    cond: All(&[Eq(Num::Of(&THERE), Num::N(1)), Eq(Num::Of(&MYSELF), Num::N(0))]),
};
const IT_IS_THERE: Guard =
    Guard { name: "known to the system", cond: Eq(Num::Of(&THERE), Num::N(1)) };
const BY_SIGKILL: Guard = Guard { name: "by SIGKILL", cond: Eq(Num::Of(&SIGNAL), Num::N(0)) };
const BY_NOTHING: Guard = Guard { name: "by no signal", cond: Eq(Num::Of(&SIGNAL), Num::N(1)) };
const IT_IS_ME: Guard = Guard { name: "the caller itself", cond: Eq(Num::Of(&MYSELF), Num::N(1)) };
const NOT_THERE: Guard =
    Guard { name: "not known to the system", cond: Eq(Num::Of(&THERE), Num::N(0)) };

static DIE_OF_SIGKILL: Action = action("it ends by SIGKILL", |c, _| {
    let process = c.world.leader(c.actor.process);
    die(c.world.process_mut(process), Status::Signaled(Signal::SIGKILL));
});
static KILL_TARGET: Action = action("the target ends by SIGKILL", |c, _| {
    if let Some(target) = c.view().addressee() {
        die(c.world.process_mut(target), Status::Signaled(Signal::SIGKILL));
    }
});

pub(super) static CLAUSES: &[Clause] = &[
    Clause {
        id: "process.kill.kills",
        on: &[&KILL, &SIGQUEUE, &PIDFD_SEND_SIGNAL],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("kill()", "DESCRIPTION"),
        text: "SIGKILL ends the target, whatever it is doing; one that has ended already stays as it is.",
        guards: &[OTHER_THERE, BY_SIGKILL],
        envelope: Envelope::Nothing,
        effects: &[effect(&KILL_TARGET)],
    },
    Clause {
        id: "process.kill.self",
        on: &[&KILL, &RAISE, &SIGQUEUE, &PIDFD_SEND_SIGNAL],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("kill()", "DESCRIPTION"),
        text: "A process can end itself by SIGKILL, and does not return.",
        guards: &[IT_IS_ME, BY_SIGKILL],
        envelope: Envelope::Never,
        effects: &[effect(&DIE_OF_SIGKILL)],
    },
    Clause {
        id: "process.kill.asks",
        on: &[&KILL, &RAISE, &SIGQUEUE, &PIDFD_SEND_SIGNAL, &PTHREAD_KILL],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("kill()", "DESCRIPTION"),
        text: "Signal 0 does nothing, and tells that the target is there, ended or not.",
        guards: &[IT_IS_THERE, BY_NOTHING],
        envelope: Envelope::Nothing,
        effects: &[],
    },
    Clause {
        id: "process.kill.err.esrch",
        on: &[&KILL, &SIGQUEUE],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("kill()", "ERRORS"),
        text: "Who was waited for is not there any more.",
        guards: &[NOT_THERE],
        envelope: Envelope::Error(ESRCH),
        effects: &[],
    },
];
