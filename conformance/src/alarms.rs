//! Which timers are to expire soon, as far as the calls of a program tell: for them it has to be waited
//! before a program is over. Nothing is judged by it.

use std::collections::BTreeMap;

use ipc_model::operation::{Arg, Call};
use ipc_model::outcome::{Outcome, Value};
use ipc_model::process::EXEC;
use ipc_model::signal::{
    SIGACTION, SIGALRM, SIGCHLD, SIGCONT, SIGSTOP, SIGTSTP, SIGWAIT, SIGWINCH,
};
use ipc_model::timer::{
    self, ALARM, LONG, MS, SECOND, SETITIMER, TIMER_CREATE, TIMER_DELETE, TIMER_SETTIME,
};

use crate::history::EventKind;
use crate::program::{Line, Operand, Program};

/// A timer that was armed for a short time, and of which nothing has been heard.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Awaited {
    /// Whose it is.
    pub process: u8,
    /// Its number, where it was made.
    timer: Option<i64>,
    /// Which signal it sends, by index in `ipc_model::signal::SIGNALS`.
    pub signal: u8,
    /// For how many milliseconds it was armed.
    pub time: u64,
    /// The ticket of the return of the call that has armed it.
    pub since: u64,
}

/// What is known of all timers of a program.
#[derive(Debug, Default)]
pub struct Alarms {
    /// The calls that processes are in.
    open: BTreeMap<u8, Call>,
    /// What timers that were made send, by process and number.
    made: BTreeMap<(u8, i64), u8>,
    armed: Vec<Awaited>,
    /// Processes that have had a timer that goes on and on.
    restless: Vec<u8>,
}

/// Whether a program has timers at all.
pub fn are_used_by(program: &Program) -> bool {
    program.lines.iter().any(|line| timer::OPERATIONS.contains(&line.operation))
}

/// Whether a signal may have come in a program of which nothing is seen: it may have been ignored, or
/// another may have taken it away.
pub fn may_leave_no_trace(program: &Program, signal: u8) -> bool {
    let fades = [SIGWINCH, SIGCHLD, SIGCONT, SIGTSTP, SIGSTOP].contains(&signal);
    let name = Operand::Number(signal.into());
    let disposes = |line: &Line| line.operation == &SIGACTION && line.args.first() == Some(&name);
    fades || program.lines.iter().any(disposes)
}

impl Alarms {
    /// Something has happened.
    pub fn note(&mut self, ticket: u64, kind: &EventKind) {
        match kind {
            EventKind::Call { actor, call, .. } => {
                self.open.insert(actor.process, call.clone());
            }
            EventKind::Return { actor, outcome: Outcome::Success(value), .. } => {
                if let Some(call) = self.open.remove(&actor.process) {
                    self.learn(ticket, actor.process, &call, value);
                }
            }
            EventKind::Return { actor, .. } => drop(self.open.remove(&actor.process)),
            EventKind::Handled { actor, info } => self.heard(actor.process, info.signal),
            EventKind::Ended { process, .. } => self.armed.retain(|one| one.process != *process),
            EventKind::Quiescent { .. } => {}
        }
    }

    fn learn(&mut self, ticket: u64, process: u8, call: &Call, value: &Value) {
        let set = |value: i64, interval: i64, unit: u64| {
            (value.max(0) as u64 * unit, interval.max(0) as u64 * unit)
        };
        let (key, signal, (time, interval)) = match call.operation {
            op if op == &ALARM => (None, SIGALRM, set(call.number(0), 0, SECOND)),
            op if op == &SETITIMER => (None, SIGALRM, set(call.number(1), call.number(2), MS)),
            op if op == &TIMER_CREATE => {
                if let (Value::Number(number), Some(Arg::Number(event))) = (value, call.args.get(1))
                {
                    let signal = u8::try_from(event - 1).ok();
                    signal.map(|signal| self.made.insert((process, *number), signal));
                }
                return;
            }
            op if op == &TIMER_SETTIME => {
                let number = call.number(0);
                let Some(signal) = self.made.get(&(process, number)) else { return };
                (Some(number), *signal, set(call.number(1), call.number(2), MS))
            }
            op if op == &TIMER_DELETE => {
                self.made.remove(&(process, call.number(0)));
                return self.disarm(process, Some(call.number(0)));
            }
            op if op == &EXEC => {
                self.made.retain(|(of, _), _| *of != process);
                return self.armed.retain(|one| one.process != process || one.timer.is_none());
            }
            // Of the words that calls tell, only those of this one are signals.
            op if op == &SIGWAIT => {
                if let Value::Word(signal) = value {
                    self.heard(process, *signal);
                }
                return;
            }
            _ => return self.told(process, value),
        };
        self.disarm(process, key);
        // One that goes on and on is never done.
        if 0 < time && 0 < interval && interval < LONG {
            self.restless.push(process);
        } else if 0 < time && time < LONG {
            let since = ticket;
            self.armed.push(Awaited { process, timer: key, signal, time: time / MS, since });
        }
    }

    fn told(&mut self, process: u8, value: &Value) {
        match value {
            Value::Info(info) => self.heard(process, info.signal),
            Value::Infos(infos) => infos.iter().for_each(|info| self.heard(process, info.signal)),
            _ => {}
        }
    }

    fn disarm(&mut self, process: u8, timer: Option<i64>) {
        self.armed.retain(|one| (one.process, one.timer) != (process, timer));
    }

    fn heard(&mut self, process: u8, signal: u8) {
        let is = |one: &Awaited| (one.process, one.signal) == (process, signal);
        if let Some(place) = self.armed.iter().position(is) {
            self.armed.remove(place);
        }
    }

    /// Whether a timer may do something to a process at any moment.
    pub fn may_disturb(&self, process: u8) -> bool {
        self.restless.contains(&process) || self.armed.iter().any(|one| one.process == process)
    }

    /// Those of which nothing has been heard.
    pub fn awaited(&self) -> &[Awaited] {
        &self.armed
    }
}

#[cfg(test)]
mod tests {
    use ipc_model::operation::Actor;
    use ipc_model::outcome::{Code, Info, Stack};

    use super::*;
    use crate::text::parse;

    const A: Actor = Actor::first(0);

    /// All calls of the program's one actor succeed, and tell this.
    fn after(text: &str, value: i64) -> Alarms {
        let program = parse("a", text).expect("it is a program");
        let mut alarms = Alarms::default();
        for (place, line) in program.lines.iter().enumerate() {
            let args = line.args.iter().map(|arg| match arg {
                Operand::Number(number) => Arg::Number(*number),
                _ => Arg::Command,
            });
            let call = Call { operation: line.operation, args: args.collect(), tag: 0 };
            alarms.note(0, &EventKind::Call { actor: A, line: place as u16, call });
            let outcome = Outcome::Success(Value::Number(value));
            alarms.note(7, &EventKind::Return { actor: A, outcome, probed: None });
        }
        alarms
    }

    fn handled(signal: u8) -> EventKind {
        let info =
            Info { signal, code: Code::SI_TIMER, value: 0, from: None, stack: Stack::Unsaid };
        EventKind::Handled { actor: A, info }
    }

    #[test]
    fn only_short_times_are_waited_for_and_each_until_it_is_heard_of() {
        assert!(after("A: alarm 3600\n", 0).awaited().is_empty());
        let on_and_on = after("A: setitimer ITIMER_REAL 5 1\n", 0);
        assert!(on_and_on.awaited().is_empty() && on_and_on.may_disturb(0));
        let mut alarms = after("A: setitimer ITIMER_REAL 5 0\n", 0);
        assert_eq!((alarms.awaited()[0].time, alarms.awaited()[0].since), (5, 7));
        alarms.note(9, &handled(SIGALRM + 1));
        assert_eq!(alarms.awaited().len(), 1);
        alarms.note(9, &handled(SIGALRM));
        assert!(alarms.awaited().is_empty());
        assert!(after("A: setitimer ITIMER_REAL 5 0\nA: alarm 0\n", 0).awaited().is_empty());
    }

    #[test]
    fn timers_are_told_apart_by_number_and_go_with_exec() {
        let made = "A: timer_create CLOCK_MONOTONIC SIGUSR1 1\nA: timer_settime 3 5 0\n";
        let alarms = after(made, 3);
        assert_eq!(alarms.awaited()[0].signal, 1);
        assert!(after(&format!("{made}A: timer_delete 3\n"), 3).awaited().is_empty());
        assert!(after(&format!("{made}A: exec\n"), 3).awaited().is_empty());
        let silent = "A: timer_create CLOCK_MONOTONIC SIGEV_NONE 1\nA: timer_settime 3 5 0\n";
        assert!(after(silent, 3).awaited().is_empty());
    }

    #[test]
    fn what_is_ignored_somewhere_may_leave_no_trace() {
        let program = parse("a", "A: sigaction SIGUSR1 SIG_IGN\n").expect("it is a program");
        assert!(may_leave_no_trace(&program, 1) && !may_leave_no_trace(&program, SIGALRM));
        assert!(may_leave_no_trace(&program, SIGCHLD));
    }
}
