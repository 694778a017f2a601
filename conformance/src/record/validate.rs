//! What every history must be, whatever the system did: one that the harness can have seen.

use std::collections::BTreeSet;
use std::fmt;

use ipc_model::operation::{Actor, Arg, Call, Gives};
use ipc_model::outcome::{Info, Outcome, Value};
use ipc_model::signal::SIGNALS;

use crate::history::{End, Event, EventKind, Head, History};
use crate::program::{Operand, Program};
use crate::text::parse;

/// Why a history cannot have happened: a fault of whoever recorded or changed it, and never of the
/// system.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Invalid {
    /// The event that is impossible, by index; none if it is the head.
    pub event: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.event {
            Some(event) => write!(f, "event {}", event + 1)?,
            None => f.write_str("head")?,
        }
        write!(f, ": {}; {}", self.message, self.help)
    }
}

impl std::error::Error for Invalid {}

/// Whether a history can have been seen: tickets ascend; every return has its call, and no actor is
/// in two; nobody acts before birth or after death; calls are those of the program.
pub fn validate(history: &History) -> Result<(), Invalid> {
    let program = program_of(&history.head).map_err(|message| Invalid {
        event: None,
        message,
        help: "record the history again".to_owned(),
    })?;
    validate_run(history, &program)
}

/// As [`validate`], for the history of a run of `program`, which need not be read from the head then.
pub fn validate_run(history: &History, program: &Program) -> Result<(), Invalid> {
    let mut replay = Replay::new(program);
    for (index, event) in history.events.iter().enumerate() {
        replay.event(event).map_err(|message| Invalid {
            event: Some(index),
            message,
            help: "the file was changed, or the harness is at fault: record it again".to_owned(),
        })?;
    }
    let last = history.events.last();
    let quiet = last.is_some_and(|event| matches!(event.kind, EventKind::Quiescent { .. }));
    if history.end == End::Complete && !quiet {
        return Err(Invalid {
            event: history.events.len().checked_sub(1),
            message: "the run is called complete, but nobody has seen that it came to rest".into(),
            help: "the last events are missing: record it again".to_owned(),
        });
    }
    Ok(())
}

fn program_of(head: &Head) -> Result<Program, String> {
    let program = parse("program", &head.program).map_err(|error| {
        format!("line {} of the program cannot be read: {}", error.line, error.message)
    })?;
    if program.actors != head.actors || program.roots() != head.roots {
        return Err("the actors are not those of the program".to_owned());
    }
    Ok(program)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Life {
    /// Its birth has not been asked for.
    Unborn,
    /// Somebody is forking it, or has.
    Expected,
    Alive,
    Ended,
}

/// What the events so far make of one process.
struct Process {
    life: Life,
    /// The line of its last call, and whether it is in it.
    line: Option<u16>,
    calling: bool,
}

struct Replay<'a> {
    program: &'a Program,
    processes: Vec<Process>,
    ticket: Option<u64>,
}

impl<'a> Replay<'a> {
    fn new(program: &'a Program) -> Replay<'a> {
        let life = |alive| if alive { Life::Alive } else { Life::Unborn };
        let roots = program.roots();
        let process =
            |index| Process { life: life(roots.contains(&index)), line: None, calling: false };
        let processes = (0..program.actors.len() as u8).map(process).collect();
        Replay { program, processes, ticket: None }
    }

    fn event(&mut self, event: &Event) -> Result<(), String> {
        if let Some(before) = self.ticket.filter(|before| *before >= event.ticket) {
            return Err(format!("ticket {} comes behind ticket {before}", event.ticket));
        }
        self.ticket = Some(event.ticket);
        match &event.kind {
            EventKind::Call { actor, line, call } => self.call(*actor, *line, call),
            EventKind::Return { actor, outcome, .. } => self.returned(*actor, outcome),
            EventKind::Handled { actor, info } => self.handled(*actor, info),
            EventKind::Ended { process, .. } => {
                let (name, process) = self.process(Actor::first(*process))?;
                match process.life {
                    Life::Unborn => Err(format!("{name} ends before it is born")),
                    Life::Ended => Err(format!("{name} ends twice")),
                    Life::Expected | Life::Alive => {
                        (process.life, process.calling) = (Life::Ended, false);
                        Ok(())
                    }
                }
            }
            EventKind::Quiescent { asleep, .. } => self.quiescent(asleep),
        }
    }

    /// The process of an actor, and its name.
    fn process(&mut self, actor: Actor) -> Result<(&'a str, &mut Process), String> {
        let index = usize::from(actor.process);
        match (self.program.actors.get(index), self.processes.get_mut(index)) {
            (Some(name), _) if actor.thread != 0 => {
                Err(format!("{name} has no thread {}", actor.thread))
            }
            (Some(name), Some(process)) => Ok((name, process)),
            _ => Err(format!("there is no actor {index}")),
        }
    }

    fn call(&mut self, actor: Actor, line: u16, call: &Call) -> Result<(), String> {
        let program = self.program;
        let (name, process) = self.process(actor)?;
        let number = u32::from(line) + 1;
        match process.life {
            Life::Unborn | Life::Expected => {
                return Err(format!("{name} calls before it has begun"));
            }
            Life::Ended => return Err(format!("{name} calls after its end")),
            Life::Alive if process.calling => {
                return Err(format!("{name} is in two calls at once"));
            }
            Life::Alive => {}
        }
        let stated = program.lines.get(usize::from(line));
        let Some(stated) = stated.filter(|stated| stated.actor == actor.process) else {
            return Err(format!("{name} has no line {number} in the program"));
        };
        if let Some(before) = process.line.filter(|before| *before >= line) {
            return Err(format!("{name} calls line {number} after line {}", u32::from(before) + 1));
        }
        let agree = stated.operation == call.operation
            && stated.args.len() == call.args.len()
            && stated.args.iter().zip(&call.args).all(|(operand, arg)| agrees(operand, arg));
        if !agree {
            let text = program.line_text(usize::from(line));
            return Err(format!("line {number} of the program is `{text}`, and not {call}"));
        }
        if call.operation.sends() && call.tag != number {
            return Err(format!("the payload of line {number} is marked {}", call.tag));
        }
        (process.line, process.calling) = (Some(line), true);
        if let Some(child) = stated.child {
            self.processes[usize::from(child)].life = Life::Expected;
        }
        Ok(())
    }

    fn handled(&mut self, actor: Actor, info: &Info) -> Result<(), String> {
        let (name, process) = self.process(actor)?;
        match process.life {
            Life::Unborn | Life::Expected => {
                return Err(format!("{name} handles before it begins"));
            }
            Life::Ended => return Err(format!("{name} handles after its end")),
            Life::Alive => {}
        }
        let known = usize::from(info.signal) < SIGNALS.len();
        let sender = info.from.is_none_or(|from| usize::from(from) < self.processes.len());
        match known && sender {
            true => Ok(()),
            false => Err(format!("{name} handles {info}, which is nothing that a program sends")),
        }
    }

    fn returned(&mut self, actor: Actor, outcome: &Outcome) -> Result<(), String> {
        let program = self.program;
        let (name, process) = self.process(actor)?;
        let begun = *outcome == Outcome::Success(Value::Begun);
        match (process.life, begun) {
            (Life::Expected, true) => {
                process.life = Life::Alive;
                return Ok(());
            }
            (Life::Unborn, true) => return Err(format!("{name} begins, but nobody forks it")),
            (Life::Alive, true) => return Err(format!("{name} begins twice")),
            (Life::Ended, _) => return Err(format!("{name} returns after its end")),
            (Life::Unborn | Life::Expected | Life::Alive, false) => {}
        }
        let Some(line) = process.line.filter(|_| process.calling) else {
            return Err(format!("{name} returns, but is in no call"));
        };
        process.calling = false;
        let line = &program.lines[usize::from(line)];
        match outcome {
            Outcome::Success(value) if !can_give(line.operation.gives, line.child, value) => {
                Err(format!("`{}` cannot give {value}", line.operation.key()))
            }
            _ => Ok(()),
        }
    }

    fn quiescent(&mut self, asleep: &[Actor]) -> Result<(), String> {
        let mut sleepers = BTreeSet::new();
        for actor in asleep {
            let (name, process) = self.process(*actor)?;
            if !process.calling {
                return Err(format!("{name} is said to sleep, but is in no call"));
            }
            if !sleepers.insert(actor.process) {
                return Err(format!("{name} is said to sleep twice"));
            }
        }
        let named = |index: &usize| sleepers.contains(&(*index as u8));
        let awake = |index: &usize| self.processes[*index].calling && !named(index);
        match (0..self.processes.len()).find(awake) {
            Some(index) => Err(format!(
                "nothing can move any more, but {} is in a call and not said to sleep",
                self.program.actors[index],
            )),
            None => Ok(()),
        }
    }
}

/// Whether an argument can be what the program states; a name can be any descriptor.
fn agrees(operand: &Operand, arg: &Arg) -> bool {
    match (operand, arg) {
        (Operand::Name(_), Arg::Fd(_)) | (Operand::Command, Arg::Command) => true,
        (Operand::Number(stated), Arg::Number(number)) => stated == number,
        (Operand::Vector(stated), Arg::Vector(parts)) => stated == parts,
        (Operand::Flags(stated), Arg::Flags(flags)) => stated == flags,
        (Operand::Process(stated), Arg::Process(process)) => stated == process,
        (Operand::Path(stated), Arg::Path(path)) => stated == path,
        (Operand::Watches(stated), Arg::Watches(watches)) => {
            let asked = stated.iter().map(|(_, asked)| asked);
            asked.eq(watches.iter().map(|(_, asked)| asked))
        }
        _ => false,
    }
}

/// Whether a value is of the kind that the call gives.
fn can_give(gives: Gives, child: Option<u8>, value: &Value) -> bool {
    match (gives, value) {
        (Gives::Fd | Gives::TargetFd, Value::Fds(fds)) => fds.len() == 1,
        (Gives::Fds, Value::Fds(fds)) => fds.len() == 2,
        (Gives::Process, Value::Child(process)) => child == Some(*process),
        (Gives::Nothing | Gives::Message, Value::Nothing)
        | (Gives::Sent | Gives::Number | Gives::Mode, Value::Number(_))
        | (Gives::Data | Gives::Message | Gives::Passed(_), Value::Data(_))
        | (Gives::Passed(_), Value::Passed(_))
        | (Gives::Flags(_), Value::Flags(_))
        | (Gives::Word(_), Value::Word(_))
        | (Gives::Ready(_), Value::Ready(_))
        | (Gives::Events(_), Value::Events(_))
        | (Gives::Waited, Value::Waited(..) | Value::Nothing)
        | (Gives::Group, Value::Group(_))
        | (Gives::Info(_), Value::Info(_))
        | (Gives::Infos(_), Value::Infos(_))
        | (Gives::Status, Value::Status(_)) => true,
        _ => false,
    }
}
