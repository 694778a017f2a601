//! Litmus tests of the memory itself: the classic ones, between processes that have the same memory
//! mapped at different addresses. What is allowed, [`ipc_model::order`] says; here they are run,
//! millions of times, and what comes of them is counted (as litmus7 does for threads: Alglave,
//! Maranget, Sarkar, Sewell, "Litmus: running tests against hardware", TACAS 2011).
//!
//! Read in this order: `code` makes the accesses, `actor` runs batches of them, `arena` is the memory
//! with what is counted, [`runner`] makes the processes, [`run`] starts it and judges.

mod actor;
mod arena;
mod code;
mod edge;
pub mod page;
pub mod report;
pub mod run;
pub mod runner;
mod wide;

use std::collections::BTreeSet;
use std::time::Duration;

use ipc_model::order::compile::{Machine, X86_64};
use ipc_model::order::machine::{State, Stores};
use ipc_model::order::shapes::Classic;
use ipc_model::order::test::Outcome;
use ipc_model::order::verdict::Verdict;

use crate::stage::Pick;
use crate::trial::Status;

/// What many runs of one test came to.
#[derive(Clone, PartialEq, Debug)]
pub struct Counted {
    /// What is allowed, and how often it was seen.
    pub allowed: Vec<(Outcome, u64)>,
    /// What is not, and how often it was seen.
    pub forbidden: Vec<(Outcome, u64)>,
    /// Why there was less to see than was asked for, if so.
    pub trouble: Option<String>,
    /// How long the runs took.
    pub took: Duration,
}

/// A test with everything that it may come to on a machine.
#[derive(Clone, Debug)]
pub struct Question {
    /// The test.
    pub classic: Classic,
    /// On which machine.
    pub machine: &'static Machine,
    /// What it may come to.
    pub verdict: Verdict,
    /// What both the machine and the language allow.
    pub allowed: BTreeSet<Outcome>,
}

/// One test, and what came of asking.
#[derive(Debug)]
pub struct Answer {
    /// The test.
    pub classic: Classic,
    /// What it may come to and what it came to; or why it was not asked.
    pub told: Result<(Question, Counted), String>,
}

impl Question {
    /// What a test may come to on this machine; or why nobody knows.
    pub fn new(classic: Classic) -> Result<Question, String> {
        let name = std::env::consts::ARCH;
        let machine = Machine::named(name)
            .ok_or_else(|| format!("there is no model of the memory of {name}"))?;
        Ok(Question::on(machine, classic))
    }

    fn on(machine: &'static Machine, classic: Classic) -> Question {
        let verdict = Verdict::of(machine, &classic.test());
        let allowed = verdict.allowed();
        Question { classic, machine, verdict, allowed }
    }

    /// Runs the test so many times on the machine of [`ipc_model::order::machine`] that has buffers
    /// of stores, with a scheduler that `pick` is.
    pub fn simulate(
        classic: Classic,
        iterations: u64,
        pick: &mut impl Pick,
        stop: &dyn Fn() -> bool,
    ) -> (Question, Counted) {
        let began = std::time::Instant::now();
        let question = Question::on(&X86_64, classic);
        let test = X86_64.compile(&classic.test());
        let mut seen = Vec::new();
        for _ in 0..iterations {
            if stop() {
                break;
            }
            let mut state = State::begin(&test, Stores::Buffered);
            loop {
                let mut next = state.next(&test);
                if next.is_empty() {
                    break;
                }
                let chosen = pick.below(next.len() as u64) as usize;
                state = next.swap_remove(chosen);
            }
            seen.push((state.outcome(&test), 1));
        }
        let counted = question.judge(seen, None, began.elapsed());
        (question, counted)
    }

    /// Tells what is allowed from what is not.
    fn judge(
        &self,
        seen: impl IntoIterator<Item = (Outcome, u64)>,
        trouble: Option<String>,
        took: Duration,
    ) -> Counted {
        let mut allowed: Vec<(Outcome, u64)> =
            self.allowed.iter().map(|outcome| (outcome.clone(), 0)).collect();
        let mut forbidden: Vec<(Outcome, u64)> = Vec::new();
        for (outcome, count) in seen {
            let known = allowed.iter_mut().chain(&mut forbidden).find(|(one, _)| *one == outcome);
            match known {
                Some((_, known)) => *known += count,
                None => forbidden.push((outcome, count)),
            }
        }
        Counted { allowed, forbidden, trouble, took }
    }

    /// Who forbids an ending: names of models.
    pub fn forbidden_by(&self, outcome: &Outcome) -> String {
        let machine = !self.verdict.machine.contains(outcome);
        let language = self.verdict.language.as_ref().is_some_and(|all| !all.contains(outcome));
        let rc11 = ipc_model::order::axioms::RC11.name;
        match (machine, language) {
            (true, true) => format!("{} and {rc11}", self.machine.model.name),
            (true, false) => self.machine.model.name.to_owned(),
            (false, _) => rc11.to_owned(),
        }
    }
}

impl Counted {
    /// How many runs were made.
    pub fn iterations(&self) -> u64 {
        self.allowed.iter().chain(&self.forbidden).map(|(_, count)| count).sum()
    }

    /// How many of the allowed endings were seen.
    pub fn seen(&self) -> usize {
        self.allowed.iter().filter(|(_, count)| *count > 0).count()
    }

    /// How often an ending was seen.
    pub fn count(&self, outcome: &Outcome) -> u64 {
        let mut all = self.allowed.iter().chain(&self.forbidden);
        all.find(|(one, _)| one == outcome).map_or(0, |(_, count)| *count)
    }

    /// Iterations a second.
    pub fn rate(&self) -> f64 {
        self.iterations() as f64 / self.took.as_secs_f64().max(1e-9)
    }
}

impl Answer {
    /// What became of it.
    pub fn status(&self) -> Status {
        match &self.told {
            Err(why) => Status::Unsupported(why.clone()),
            Ok((_, counted)) if !counted.forbidden.is_empty() => Status::Deviates,
            Ok((_, Counted { trouble: Some(why), .. })) => Status::Inconclusive(why.clone()),
            Ok((_, counted)) if counted.iterations() == 0 => Status::NotRun,
            Ok(_) => Status::Conforms,
        }
    }
}

#[cfg(test)]
mod tests {
    use ipc_model::order::shapes::classic;
    use ipc_model::order::verdict::endings;

    use super::*;

    fn question(name: &str) -> Question {
        Question::on(&X86_64, classic(name).expect("there is that test"))
    }

    /// What a machine does that leaves out a fence, told by what the test with its fence may come to.
    #[test]
    fn a_missing_fence_is_told_as_forbidden_with_the_models_that_forbid_it() {
        for (sound, faulty, by) in [
            ("SB+machine-fence", "SB+machine", "x86-TSO"),
            ("SB+sc-fence", "SB+relaxed", "x86-TSO and RC11"),
            ("R+sc-fence", "R+acqrel-fence", "x86-TSO and RC11"),
        ] {
            let compiled = X86_64.compile(&classic(faulty).expect("it is there").test());
            let seen = endings(X86_64.model, &compiled, None).into_iter().map(|one| (one, 7));
            let question = question(sound);
            let counted = question.judge(seen, None, Duration::from_secs(1));
            let asked = question.classic.asked();
            assert_eq!(counted.forbidden, [(asked.clone(), 7)], "{sound}");
            assert_eq!(question.forbidden_by(&asked), by);
            assert_eq!(counted.count(&asked), 7);
            let answer = Answer { classic: question.classic, told: Ok((question, counted)) };
            assert_eq!(answer.status(), Status::Deviates);
        }
    }

    #[test]
    fn what_was_cut_short_or_not_begun_is_no_pass() {
        let question = question("SB+machine");
        let seen = [(question.classic.asked(), 5)];
        let status = |counted| {
            let (classic, told) = (question.classic, Ok((question.clone(), counted)));
            Answer { classic, told }.status()
        };
        let judge = |seen: &[(Outcome, u64)], trouble: Option<&str>| {
            question.judge(seen.to_vec(), trouble.map(str::to_owned), Duration::from_secs(1))
        };
        assert_eq!(status(judge(&seen, None)), Status::Conforms);
        assert_eq!(status(judge(&seen, Some("late"))), Status::Inconclusive("late".to_owned()));
        assert_eq!(status(judge(&[], None)), Status::NotRun);
        let unsupported = Answer { classic: question.classic, told: Err("why".to_owned()) };
        assert_eq!(unsupported.status(), Status::Unsupported("why".to_owned()));
    }

    /// The simulated machine has a scheduler of its own, and comes to all that is allowed.
    #[test]
    fn the_simulated_machine_comes_to_what_is_allowed_and_to_nothing_else() {
        let mut pick = crate::seed::Seeded::new(1, 1);
        let mut missed = 0;
        for one in ipc_model::order::shapes::classics() {
            let (_, counted) = Question::simulate(one, 500, &mut pick, &|| false);
            assert_eq!(counted.forbidden, [], "{}", one.name());
            assert_eq!(counted.iterations(), 500, "{}", one.name());
            missed += counted.allowed.len() - counted.seen();
            let several = one.shape.threads.len() > 2;
            assert!(several || counted.seen() == counted.allowed.len(), "{}", one.name());
        }
        assert!(missed < 20, "{missed} endings were never seen");
    }
}
