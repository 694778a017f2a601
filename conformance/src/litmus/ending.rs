//! What came of a litmus program: for each line how it ended, for each actor how it did.

use std::fmt::Write as _;

use ipc_model::operation::Gives;
use ipc_model::outcome::{Outcome, Status, Value};

use crate::history::{EventKind, History};
use crate::program::Program;

/// What came of one run.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Ending {
    /// For each line of the program.
    pub lines: Vec<Fate>,
    /// For each actor, if it ended, how; nothing in that where it could not be learnt.
    pub actors: Vec<Option<Option<Status>>>,
}

/// What came of one line.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Fate {
    /// It did not begin: its actor ended, or slept, before its turn.
    NotBegun,
    /// Its actor has begun the call. At the end of a run: it is asleep in it.
    InCall,
    /// Its actor ended in it.
    Ended,
    /// It returned. Numbers of descriptors are left out: [`plain`].
    Returned(Outcome),
}

/// The outcome without the numbers of descriptors, which are no matter of order.
pub fn plain(outcome: &Outcome) -> Outcome {
    match outcome {
        Outcome::Success(Value::Fds(_)) => Outcome::NOTHING,
        other => other.clone(),
    }
}

impl Ending {
    /// Nothing has happened yet.
    pub fn unbegun(program: &Program) -> Ending {
        Ending {
            lines: vec![Fate::NotBegun; program.lines.len()],
            actors: vec![None; program.actors.len()],
        }
    }

    /// What a history, whose run is complete, shows.
    pub fn of(program: &Program, history: &History) -> Ending {
        let mut ending = Ending::unbegun(program);
        let mut current: Vec<Option<usize>> = vec![None; program.actors.len()];
        for event in &history.events {
            match &event.kind {
                EventKind::Call { actor, line, .. } => {
                    current[usize::from(actor.process)] = Some(usize::from(*line));
                    ending.lines[usize::from(*line)] = Fate::InCall;
                }
                EventKind::Return { outcome: Outcome::Success(Value::Begun), .. } => {}
                EventKind::Return { actor, outcome, .. } => {
                    if let Some(line) = current[usize::from(actor.process)].take() {
                        ending.lines[line] = Fate::Returned(plain(outcome));
                    }
                }
                EventKind::Ended { process, status } => ending.end(program, *process, *status),
                EventKind::Handled { .. } | EventKind::Quiescent { .. } => {}
            }
        }
        ending
    }

    /// An actor has ended, and so has the line that it was in.
    pub fn end(&mut self, program: &Program, actor: u8, status: Option<Status>) {
        self.actors[usize::from(actor)] = Some(status);
        let own = program.lines.iter().zip(&mut self.lines).filter(|(line, _)| line.actor == actor);
        own.filter(|(_, fate)| **fate == Fate::InCall).for_each(|(_, fate)| *fate = Fate::Ended);
    }

    /// Whether nobody could tell the two apart.
    pub fn same(&self, other: &Ending) -> bool {
        self.differing(other).is_empty() && self.differing_actors(other) == 0
    }

    /// How many actors ended differently, so far as that could be learnt.
    pub fn differing_actors(&self, other: &Ending) -> usize {
        let pairs = self.actors.iter().zip(&other.actors);
        let unlike = |pair: &(&Option<Option<Status>>, &Option<Option<Status>>)| match pair {
            (Some(None), Some(_)) | (Some(_), Some(None)) => false,
            (a, b) => a != b,
        };
        pairs.filter(unlike).count()
    }

    /// The lines that came out differently.
    pub fn differing(&self, other: &Ending) -> Vec<usize> {
        let pairs = self.lines.iter().zip(&other.lines).enumerate();
        pairs.filter(|(_, (a, b))| !a.same(b)).map(|(line, _)| line).collect()
    }

    /// Whether somebody is asleep.
    pub fn sleeps(&self) -> bool {
        self.lines.contains(&Fate::InCall)
    }

    /// In words: these lines, and whoever was ended by a signal.
    pub fn display(&self, program: &Program, lines: &[usize]) -> String {
        let mut text = String::new();
        for line in lines {
            let gives = program.lines[*line].operation.gives;
            let fate = self.lines[*line].display(gives);
            let _ = write!(text, "{}{}={fate}", gap(&text), program.label(*line));
        }
        for (name, status) in program.actors.iter().zip(&self.actors) {
            if let Some(Some(status @ Status::Signaled(_))) = status {
                let _ = write!(text, "{}{name} {status}", gap(&text));
            }
        }
        text
    }
}

fn gap(text: &str) -> &'static str {
    if text.is_empty() { "" } else { "  " }
}

impl Fate {
    fn same(&self, other: &Fate) -> bool {
        match (self, other) {
            (Fate::Returned(a), Fate::Returned(b)) => a.same(b),
            _ => self == other,
        }
    }

    fn display(&self, gives: Gives) -> String {
        match self {
            Fate::NotBegun => "not begun".to_owned(),
            Fate::InCall => "asleep".to_owned(),
            Fate::Ended => "never".to_owned(),
            Fate::Returned(Outcome::Success(Value::Data(data))) if data.is_empty() => {
                "end of file".to_owned()
            }
            Fate::Returned(Outcome::Success(Value::Data(data))) => format!("{{{data}}}"),
            Fate::Returned(outcome) => outcome.display(gives),
        }
    }
}
