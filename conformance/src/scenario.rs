//! Scenarios: programs as text that must exercise what they claim. They have no expected result: the
//! model decides what is right.

use std::collections::BTreeSet;

use ipc_model::mechanism;
use ipc_model::profile::{Numbers, Profile};
use ipc_model::spec::Spec;

use crate::checker::{Budget, check};
use crate::program::Program;
use crate::sim::Simulated;
use crate::stage::Pick;
use crate::system::System;
use crate::text::{TextError, parse};

/// Every scenario's name and text, by name.
static TEXTS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/scenarios.rs"));

/// A program that ships with the suite.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    /// Its folder and file: `pipe/bytes-in-order`.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
}

/// All of them, by name.
pub fn all() -> impl Iterator<Item = Scenario> {
    TEXTS.iter().map(|(name, text)| Scenario { name, text })
}

impl Scenario {
    /// The program, with every clause that it names being one.
    pub fn program(&self) -> Result<Program, TextError> {
        program(&format!("{}.ipc", self.name), self.text)
    }
}

/// Reads a program whose clauses must exist.
pub fn program(source_name: &str, text: &str) -> Result<Program, TextError> {
    let program = parse(source_name, text)?;
    for mention in program.covers.iter().chain(&program.may_cover) {
        if mechanism::clause(&mention.clause).is_none() {
            return Err(unknown_clause(source_name, text, &mention.clause, mention.at as usize));
        }
    }
    Ok(program)
}

fn unknown_clause(source_name: &str, text: &str, id: &str, at: usize) -> TextError {
    let line = text.lines().nth(at.saturating_sub(1)).unwrap_or("");
    let from = line.find(id).unwrap_or(0);
    let help = match crate::text::nearest(id, mechanism::clauses().map(|clause| clause.id)) {
        Some(near) => format!("did you mean {near}?"),
        None => "`list clauses` lists them".to_owned(),
    };
    TextError::new(source_name, at, line, from..from + id.len())
        .saying(format!("there is no clause {id}"), help)
}

/// Takes every choice that there is, one run after the other.
#[derive(Default)]
struct Odometer {
    taken: Vec<(u64, u64)>,
    place: usize,
}

impl Odometer {
    /// Sets the wheels for the next run; false when all have been.
    fn turn(&mut self) -> bool {
        self.place = 0;
        while let Some((value, bound)) = self.taken.pop() {
            if value + 1 < bound {
                self.taken.push((value + 1, bound));
                return true;
            }
        }
        false
    }
}

impl Pick for &mut Odometer {
    fn below(&mut self, bound: u64) -> u64 {
        if self.place == self.taken.len() {
            self.taken.push((0, bound));
        }
        let (value, _) = self.taken[self.place];
        self.place += 1;
        value
    }
}

/// What every run of a program under a profile exercises.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Forced {
    /// The clauses that every run uses.
    pub clauses: BTreeSet<&'static str>,
    /// Runs that were made.
    pub runs: usize,
    /// Whether these were all there are.
    pub complete: bool,
}

/// Runs the program on the model in every way there is, up to `most` ways, and tells which clauses
/// every run used: those that its order edges force.
pub fn forced(program: &Program, profile: &'static Profile, most: usize) -> Forced {
    let mut odometer = Odometer::default();
    let mut forced: Option<BTreeSet<&'static str>> = None;
    let mut runs = 0;
    loop {
        let mut system = Simulated::new(profile, Numbers::EXAMPLE, &mut odometer);
        let history = system.run(program).expect("the simulated system runs every program");
        let spec = Spec::new(profile, history.head.numbers);
        let used = check(&spec, &history, Budget::default()).used;
        let used: BTreeSet<&'static str> = used.into_keys().collect();
        forced = Some(match forced {
            Some(before) => before.intersection(&used).copied().collect(),
            None => used,
        });
        runs += 1;
        let more = odometer.turn();
        if !more || runs >= most {
            return Forced { clauses: forced.unwrap_or_default(), runs, complete: !more };
        }
    }
}
