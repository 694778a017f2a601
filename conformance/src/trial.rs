//! A trial: one program on one system, judged; and what that makes of a scenario.

use std::collections::BTreeSet;

use ipc_model::mechanism;
use ipc_model::profile::{Denial, Numbers, PROFILES, Profile};
use ipc_model::spec::Spec;

use crate::checker::{Budget, Judgement, Verdict, check};
use crate::history::{End, History};
use crate::program::Program;
use crate::record::validate_run;
use crate::seed::Seeded;
use crate::sim::Simulated;
use crate::stage::First;
use crate::system::{System, SystemError};

/// How many times as long a run waits that has to confirm a sleep without proof.
const PATIENT: u32 = 10;
/// How many runs of the model are made, at most, to see one that goes another way.
const WITNESSES: u64 = 32;

/// A run and what the model says of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Trial {
    /// What happened.
    pub history: History,
    /// What the model says.
    pub judgement: Judgement,
}

/// By which rules trials are judged, and how hard the checker tries.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// The profile.
    pub profile: &'static Profile,
    /// The checker's budget.
    pub budget: Budget,
}

impl Rules {
    /// A profile with the usual budget.
    pub fn of(profile: &'static Profile) -> Rules {
        Rules { profile, budget: Budget::default() }
    }

    /// Judges a history that can have happened.
    pub fn judge(&self, history: &History) -> Judgement {
        check(&Spec::new(self.profile, history.head.numbers), history, self.budget)
    }
}

/// Runs a program once and judges what happened. A history that cannot have happened is the
/// harness's fault, and an error.
pub fn try_once(
    system: &mut dyn System,
    program: &Program,
    rules: &Rules,
) -> Result<Trial, SystemError> {
    let history = system.run(program)?;
    validate_run(&history, program).map_err(|invalid| SystemError {
        doing: "recording a history".to_owned(),
        cause: invalid.to_string(),
    })?;
    let judgement = rules.judge(&history);
    Ok(Trial { history, judgement })
}

/// As [`try_once`]; but a deviation that rests on sleep without proof counts only if it is seen
/// again with ten times the patience, and is inconclusive otherwise.
pub fn attempt(
    system: &mut dyn System,
    program: &Program,
    rules: &Rules,
) -> Result<Trial, SystemError> {
    let mut first = try_once(system, program, rules)?;
    if !first.is_suspect() {
        return Ok(first);
    }
    system.be_patient(PATIENT);
    let again = try_once(system, program, rules);
    system.be_patient(1);
    let again = again?;
    if again.judgement.deviation().is_some() {
        return Ok(again);
    }
    let reason = format!("somebody seemed asleep, but not with {PATIENT} times the patience");
    first.judgement.verdict = Verdict::Inconclusive(reason);
    Ok(first)
}

impl Trial {
    /// Whether it deviates for nothing but a sleep without proof.
    pub fn is_suspect(&self) -> bool {
        self.judgement.deviation().is_some_and(|deviation| deviation.suspect)
    }

    /// What became of `program`, of which this is a run: what it covers must have been exercised,
    /// where the profile does not leave that open.
    pub fn status(&self, program: &Program, rules: &Rules) -> Status {
        let claims = Claims::of(program, rules.profile);
        match (self.bare_status(), claims.unsupported.clone()) {
            (_, Some(why)) => Status::Unsupported(why),
            (Status::Conforms, None) => claims.met(program, self, rules),
            (other, None) => other,
        }
    }

    /// What became of a program that claims nothing.
    pub fn bare_status(&self) -> Status {
        match (&self.judgement.verdict, &self.history.end) {
            (Verdict::Conforms, _) => Status::Conforms,
            (Verdict::Deviates(_), _) => Status::Deviates,
            (Verdict::Inconclusive(_), End::Broken { reason }) => Status::Broken(reason.clone()),
            (Verdict::Inconclusive(reason), _) => Status::Inconclusive(reason.clone()),
        }
    }
}

/// What became of a program. Only `Conforms` is a pass.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Status {
    /// Some run of the model shows just this, and all that the program covers was exercised.
    Conforms,
    /// No run of the model shows this.
    Deviates,
    /// It conforms without having exercised these clauses that it covers.
    NotExercised(Vec<String>),
    /// It conforms save for these clauses, which the profile is known not to keep.
    Contradiction(Vec<&'static str>),
    /// It could not be decided, for this reason.
    Inconclusive(String),
    /// Nothing that it covers is in the profile: why.
    Unsupported(String),
    /// The harness failed, in this way; never blamed on the system.
    Broken(String),
    /// It was not begun.
    NotRun,
}

impl Status {
    /// The words of all of them, in the order in which they are counted.
    pub const WORDS: [&'static str; 8] = [
        "conforms",
        "deviates",
        "not-exercised",
        "contradiction",
        "inconclusive",
        "unsupported",
        "broken",
        "not-run",
    ];

    /// Its word.
    pub fn word(&self) -> &'static str {
        let place = match self {
            Status::Conforms => 0,
            Status::Deviates => 1,
            Status::NotExercised(_) => 2,
            Status::Contradiction(_) => 3,
            Status::Inconclusive(_) => 4,
            Status::Unsupported(_) => 5,
            Status::Broken(_) => 6,
            Status::NotRun => 7,
        };
        Status::WORDS[place]
    }

    /// What there is to say besides the word; empty if nothing.
    pub fn detail(&self) -> String {
        match self {
            Status::Conforms | Status::Deviates | Status::NotRun => String::new(),
            Status::NotExercised(ids) => ids.join(" "),
            Status::Contradiction(ids) => ids.join(" "),
            Status::Inconclusive(why) | Status::Unsupported(why) | Status::Broken(why) => {
                why.clone()
            }
        }
    }

    /// Whether it shows that something is wrong: the system, or a scenario.
    pub fn is_red(&self) -> bool {
        matches!(self, Status::Deviates | Status::NotExercised(_))
    }

    /// Whether nothing is known of what should be.
    pub fn is_incomplete(&self) -> bool {
        matches!(self, Status::Inconclusive(_) | Status::Broken(_) | Status::NotRun)
    }
}

/// What a program must exercise under a profile.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Claims {
    /// The clauses that it covers and that the profile has.
    pub required: Vec<String>,
    /// The clauses that it covers and that the profile is known not to keep.
    pub contradicted: Vec<&'static str>,
    /// Why there is nothing to run it for, if there is not.
    pub unsupported: Option<String>,
}

impl Claims {
    /// What `program` claims, under `profile`.
    pub fn of(program: &Program, profile: &'static Profile) -> Claims {
        let has = |id: &str| mechanism::clause(id).is_some_and(|clause| profile.has(clause));
        let covered = || program.covers.iter().map(|mention| mention.clause.as_str());
        let required: Vec<String> = covered().filter(|id| has(id)).map(Into::into).collect();
        let contradicted: Vec<&'static str> = covered()
            .filter_map(|id| denial(profile.contradicts, id))
            .map(|denial| denial.clause)
            .collect();
        let left = required.is_empty() && contradicted.is_empty();
        let unspoken =
            program.lines.iter().find(|line| !profile.speaks_of(line.operation)).map(|line| {
                format!("profile {} does not speak of {}", profile.name, line.operation.key())
            });
        let outside = covered().next().filter(|_| left).map(|id| why_not(profile, id));
        let unsupported = outside.or(unspoken);
        Claims { required, contradicted, unsupported }
    }

    /// What became of `program`, whose claims these are and of which this is a run that conforms.
    /// What the profile leaves open need not be exercised; but where nothing was, nothing was shown.
    fn met(&self, program: &Program, trial: &Trial, rules: &Rules) -> Status {
        let used = |id: &&String| trial.judgement.used.contains_key(id.as_str());
        let missing: Vec<&String> = self.required.iter().filter(|id| !used(id)).collect();
        if !missing.is_empty() {
            let red = not_left_open(program, trial.history.head.numbers, rules, &missing);
            if !red.is_empty() {
                return Status::NotExercised(red);
            }
        }
        if !self.contradicted.is_empty() {
            return Status::Contradiction(self.contradicted.clone());
        }
        if !missing.is_empty() && missing.len() == self.required.len() {
            return Status::Unsupported(format!(
                "profile {} leaves open what it covers, and this system went another way",
                rules.profile.name
            ));
        }
        Status::Conforms
    }
}

/// Those of the clauses that are not merely forced by another profile, or on another machine, and left
/// open by this one.
fn not_left_open(
    program: &Program,
    numbers: Numbers,
    rules: &Rules,
    clauses: &[&String],
) -> Vec<String> {
    let here = forced(program, numbers, rules, clauses);
    let there = |profile| {
        let rules = Rules { profile, ..*rules };
        forced(program, Numbers::EXAMPLE, &rules, clauses)
    };
    let elsewhere: BTreeSet<String> = PROFILES.iter().flat_map(|profile| there(*profile)).collect();
    let red = clauses.iter().filter(|id| here.contains(*id) || !elsewhere.contains(**id));
    red.map(|id| (*id).clone()).collect()
}

/// Those of the clauses that every run of the model is seen to use.
fn forced(program: &Program, numbers: Numbers, rules: &Rules, clauses: &[&String]) -> Vec<String> {
    let mut left = clauses.to_vec();
    for number in 0..WITNESSES {
        // The first takes whatever comes first, and so never sleeps where it need not.
        let trial = match number.checked_sub(1) {
            None => try_once(&mut Simulated::new(rules.profile, numbers, First), program, rules),
            Some(number) => {
                let pick = Seeded::new(0, number);
                try_once(&mut Simulated::new(rules.profile, numbers, pick), program, rules)
            }
        };
        let Ok(trial) = trial else { break };
        if trial.judgement.conforms() {
            left.retain(|id| trial.judgement.used.contains_key(id.as_str()));
        }
        if left.is_empty() {
            break;
        }
    }
    left.into_iter().cloned().collect()
}

/// The entry of a profile's list about a clause.
pub fn denial<'a>(list: &'a [Denial], id: &str) -> Option<&'a Denial> {
    list.iter().find(|denial| denial.clause == id)
}

fn why_not(profile: &'static Profile, id: &str) -> String {
    match (denial(profile.denies, id), mechanism::clause(id)) {
        (Some(denial), _) => format!("{id}: {}", denial.text),
        (None, Some(clause)) => {
            let source = ipc_model::print::source(&clause.source);
            format!("{id} is not in profile {}: {source}", profile.name)
        }
        (None, None) => format!("there is no clause {id}"),
    }
}

#[cfg(test)]
mod tests {
    use ipc_model::operation::Actor;
    use ipc_model::profile::{LINUX, POSIX2024};

    use super::*;
    use crate::history::{Event, EventKind, Proof};
    use crate::scenario;

    fn named(name: &str) -> Program {
        let found = scenario::all().find(|scenario| scenario.name == name);
        let program = found.map(|scenario| scenario.program());
        program.expect("there is that scenario").unwrap_or_else(|error| panic!("{error}"))
    }

    fn status(name: &str, profile: &'static Profile) -> Status {
        let program = named(name);
        let rules =
            Rules { profile, budget: Budget { moves: 5_000, worlds: 5_000, ..Budget::USUAL } };
        let mut system = Simulated::new(profile, Numbers::EXAMPLE, First);
        let trial = attempt(&mut system, &program, &rules);
        trial.expect("the simulated system runs").status(&program, &rules)
    }

    #[test]
    fn every_scenario_does_on_the_model_what_it_claims() {
        for scenario in scenario::all() {
            let status = status(scenario.name, &LINUX);
            let good = matches!(status, Status::Conforms | Status::Contradiction(_));
            assert!(good, "{scenario:?}: {status:?}");
        }
    }

    /// The base leaves open what Linux forces, and more than can always be tried in full.
    #[test]
    fn no_scenario_is_red_where_less_is_promised() {
        for scenario in scenario::all() {
            let status = status(scenario.name, &POSIX2024);
            assert!(!status.is_red(), "{scenario:?}: {status:?}");
        }
    }

    #[test]
    fn a_listed_contradiction_is_neither_a_pass_nor_a_failure() {
        let status = status("pipe/close-on-fork-flag", &LINUX);
        assert_eq!(status, Status::Contradiction(vec!["pipe.pipe2.clofork"]));
        assert!(!status.is_red() && !status.is_incomplete());
    }

    #[test]
    fn what_another_profile_has_is_unsupported() {
        let Status::Unsupported(why) = status("pipe/close-on-fork-flag-absent", &POSIX2024) else {
            panic!("POSIX has the flag");
        };
        assert!(why.starts_with("pipe.pipe2.absent.clofork is not in profile posix2024"), "{why}");
    }

    #[test]
    fn a_clause_that_was_not_used_is_named() {
        let program = named("pipe/bytes-in-order");
        let mut system = Simulated::new(&LINUX, Numbers::EXAMPLE, First);
        let mut trial = try_once(&mut system, &program, &Rules::of(&LINUX)).expect("it runs");
        assert_eq!(trial.status(&program, &Rules::of(&LINUX)), Status::Conforms);
        trial.judgement.used.remove("pipe.read.short");
        let status = trial.status(&program, &Rules::of(&LINUX));
        assert_eq!(status, Status::NotExercised(vec!["pipe.read.short".to_owned()]));
        assert!(status.is_red());
    }

    /// A system whose reader seems asleep at the end of file, so many times.
    struct Drowsy {
        times: u32,
        patience: u32,
        ran_with: Vec<u32>,
    }

    impl System for Drowsy {
        fn numbers(&self) -> Numbers {
            Numbers::EXAMPLE
        }

        fn name(&self) -> String {
            "drowsy".to_owned()
        }

        fn run(&mut self, program: &Program) -> Result<History, SystemError> {
            let mut history = Simulated::new(&LINUX, Numbers::EXAMPLE, First).run(program)?;
            self.ran_with.push(self.patience);
            if self.times > 0 {
                self.times -= 1;
                // The last return, and the rest after it, never came.
                history.events.truncate(history.events.len() - 2);
                let asleep = vec![Actor::first(0)];
                let ticket = 1000;
                let kind = EventKind::Quiescent { asleep, proof: Proof::Waited };
                history.events.push(Event { ticket, kind });
            }
            Ok(history)
        }

        fn be_patient(&mut self, times: u32) {
            self.patience = times;
        }
    }

    fn drowsy(times: u32) -> (Status, Vec<u32>) {
        let text = "A: pipe -> r w\nA: close w\nA: read r 1\n";
        let program = crate::text::parse("test", text).expect("a program");
        let mut system = Drowsy { times, patience: 1, ran_with: vec![] };
        let trial = attempt(&mut system, &program, &Rules::of(&LINUX)).expect("it runs");
        (trial.bare_status(), system.ran_with)
    }

    #[test]
    fn sleep_without_proof_counts_when_it_is_seen_again_with_more_patience() {
        assert_eq!(drowsy(0), (Status::Conforms, vec![1]));
        assert_eq!(drowsy(2), (Status::Deviates, vec![1, 10]));
        let (status, ran_with) = drowsy(1);
        assert!(matches!(status, Status::Inconclusive(_)), "{status:?}");
        assert_eq!(ran_with, [1, 10]);
    }
}
