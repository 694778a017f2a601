//! Scenarios: programs as text that must exercise what they claim. They have no expected result: the
//! model decides what is right.

use std::collections::BTreeSet;
use std::sync::Arc;

use ipc_model::mechanism;
use ipc_model::profile::{Numbers, Profile};
use ipc_model::spec::Spec;

use crate::checker::{Budget, check};
use crate::program::Program;
use crate::sim::{Every, Simulated};
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
    let mut every = Every::default();
    let mut forced: Option<BTreeSet<&'static str>> = None;
    let mut runs = 0;
    let nofile = program.nofile.map_or(Numbers::EXAMPLE.nofile, u64::from);
    let spec = Arc::new(Spec::new(profile, Numbers { nofile, ..Numbers::EXAMPLE }));
    loop {
        let system = Simulated::new(profile, Numbers::EXAMPLE, &mut every);
        let mut system = system.by(Arc::clone(&spec));
        let history = system.run(program).expect("the simulated system runs every program");
        let used = check(&spec, &history, Budget::default()).used;
        let used: BTreeSet<&'static str> = used.into_keys().collect();
        forced = Some(match forced {
            Some(before) => before.intersection(&used).copied().collect(),
            None => used,
        });
        runs += 1;
        let more = every.turn();
        if !more || runs >= most {
            return Forced { clauses: forced.unwrap_or_default(), runs, complete: !more };
        }
    }
}
