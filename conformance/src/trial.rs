//! A trial: a program is run once, and what was seen is judged.

use ipc_model::profile::Profile;
use ipc_model::spec::Spec;

use crate::checker::{Budget, Deviation, Judgement, Verdict, check};
use crate::history::History;
use crate::program::Program;
use crate::record::validate;
use crate::system::{System, SystemError};

/// How much longer is waited before a deviation counts that rests on sleep that was not proven.
const PATIENCE: u32 = 10;

/// What a run of a program showed, and what the model says of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Trial {
    /// The evidence.
    pub history: History,
    /// The word.
    pub judgement: Judgement,
}

/// The status of a trial, in the words of the reports. Only [`Status::Conforms`] is a pass.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Status {
    /// Some run of the model shows just this, and what was to be exercised was.
    Conforms,
    /// No run of the model shows this.
    Deviates,
    /// It conforms, but these clauses were to be exercised and were not.
    NotExercised(Vec<String>),
    /// It conforms to a listed contradiction: these obligations of the base the profile does not keep.
    Contradiction(Vec<String>),
    /// The profile has none of the clauses that it is about.
    Unsupported,
    /// It could not be decided.
    Inconclusive(String),
    /// The harness could not run it.
    Broken(String),
}

impl Status {
    /// One word.
    pub fn word(&self) -> &'static str {
        match self {
            Status::Conforms => "conforms",
            Status::Deviates => "deviates",
            Status::NotExercised(_) => "not-exercised",
            Status::Contradiction(_) => "contradiction",
            Status::Unsupported => "unsupported",
            Status::Inconclusive(_) => "inconclusive",
            Status::Broken(_) => "broken",
        }
    }

    /// What there is to say beside the word.
    pub fn detail(&self) -> Option<String> {
        match self {
            Status::NotExercised(ids) | Status::Contradiction(ids) => Some(ids.join(" ")),
            Status::Inconclusive(reason) | Status::Broken(reason) => Some(reason.clone()),
            Status::Conforms | Status::Deviates | Status::Unsupported => None,
        }
    }
}

/// Runs a program and judges what was seen. A deviation that rests on sleep that was only waited for
/// counts if it is there again with much more patience; otherwise nothing is decided.
pub fn attempt(
    system: &mut dyn System,
    program: &Program,
    profile: &'static Profile,
) -> Result<Trial, SystemError> {
    let first = once(system, program, profile)?;
    if !first.judgement.deviation().is_some_and(|deviation| deviation.suspect) {
        return Ok(first);
    }
    system.be_patient(PATIENCE);
    let again = once(system, program, profile);
    system.be_patient(1);
    let mut again = again?;
    if again.judgement.deviation().is_none() {
        let reason = "a sleep that was waited for, not proven, did not last".to_owned();
        again.judgement.verdict = Verdict::Inconclusive(reason);
    }
    Ok(again)
}

fn once(
    system: &mut dyn System,
    program: &Program,
    profile: &'static Profile,
) -> Result<Trial, SystemError> {
    let history = system.run(program)?;
    validate(&history).map_err(|invalid| SystemError {
        doing: "reading what the agents told".to_owned(),
        cause: invalid.to_string(),
    })?;
    let spec = Spec::new(profile, history.head.numbers);
    let judgement = check(&spec, &history, Budget::default());
    Ok(Trial { history, judgement })
}

impl Trial {
    /// The status of a program that is to exercise what it `covers`.
    pub fn status(&self, program: &Program, profile: &'static Profile) -> Status {
        match &self.judgement.verdict {
            Verdict::Deviates(_) => return Status::Deviates,
            Verdict::Inconclusive(reason) => return Status::Inconclusive(reason.clone()),
            Verdict::Conforms => {}
        }
        let spec = Spec::new(profile, self.history.head.numbers);
        let known = |id: &str| spec.all().iter().any(|clause| clause.id == id);
        let named = program.covers.iter().map(|mention| mention.clause.clone());
        let (inside, outside): (Vec<String>, Vec<String>) = named.partition(|id| known(id));
        let missing: Vec<String> = inside
            .iter()
            .filter(|id| !self.judgement.used.contains_key(id.as_str()))
            .cloned()
            .collect();
        let listed = |id: &String| profile.contradicts.iter().any(|denial| denial.clause == *id);
        if !missing.is_empty() {
            Status::NotExercised(missing)
        } else if outside.iter().any(listed) {
            Status::Contradiction(outside.into_iter().filter(listed).collect())
        } else if inside.is_empty() && !outside.is_empty() {
            Status::Unsupported
        } else {
            Status::Conforms
        }
    }

    /// The first deviation.
    pub fn deviation(&self) -> Option<&Deviation> {
        self.judgement.deviation()
    }
}

/// Whether two deviations are about the same: some clause that was allowed in the one was in the other.
pub fn same_matter(one: &Deviation, other: &Deviation) -> bool {
    let in_other = |id: &str| other.allowed.iter().any(|allowed| allowed.clause == id);
    one.allowed.iter().any(|allowed| in_other(allowed.clause))
        || (one.allowed.is_empty() && other.allowed.is_empty())
}
