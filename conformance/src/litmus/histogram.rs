//! The histogram: what is allowed, and how often each was seen; and what was seen and is not
//! allowed.

use std::time::{Duration, Instant};

use ipc_model::profile::{Numbers, Profile};
use ipc_model::spec::Spec;

use super::ending::Ending;
use super::fast;
use super::outcomes::{Allowed, Limit, Unbounded, enumerate};
use super::plan::Plan;
use crate::history::End;
use crate::program::Program;
use crate::real::RealOptions;
use crate::system::{System, SystemError};

/// Runs line by line that are made to find out why nobody goes on.
const CONFIRMING: u64 = 20;

/// What many runs of one program came to.
#[derive(Clone, PartialEq, Debug)]
pub struct Histogram {
    /// What is allowed, and how often it was seen.
    pub allowed: Vec<(Ending, u64)>,
    /// What is not, and how often it was seen.
    pub forbidden: Vec<(Ending, u64)>,
    /// Why there was less to see than was asked for, if so.
    pub trouble: Option<String>,
    /// How long the runs took.
    pub took: Duration,
    /// How they were made.
    pub way: Way,
}

/// How a program is run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Way {
    /// By actors that are told everything at once.
    Fast(Plan),
    /// Line by line, since somebody may have to be found asleep, or for another reason.
    ByLine(&'static str),
}

/// A program with everything that it may come to.
#[derive(Debug)]
pub struct Question<'p> {
    /// The program.
    pub program: &'p Program,
    /// Everything that it may come to.
    pub allowed: Allowed,
    /// How it is run on the machine itself.
    pub way: Way,
}

impl<'p> Question<'p> {
    /// Enumerates what a program may come to on a system with these numbers.
    pub fn new(
        profile: &'static Profile,
        numbers: Numbers,
        program: &'p Program,
    ) -> Result<Question<'p>, Unbounded> {
        let nofile = program.nofile.map_or(numbers.nofile, u64::from);
        let spec = Spec::new(profile, Numbers { nofile, ..numbers });
        let allowed = enumerate(&spec, program, Limit::default())?;
        let way = Plan::of(&spec, program, &allowed).map_or_else(Way::ByLine, Way::Fast);
        Ok(Question { program, allowed, way })
    }

    /// The lines that an ending is told by: those that stand together and those below, or all.
    pub fn told(&self) -> Vec<usize> {
        let first = usize::from(self.program.together.start);
        (first..self.program.lines.len()).collect()
    }

    /// Runs the program so many times on `system`, line by line.
    pub fn ask(
        &self,
        system: &mut dyn System,
        iterations: u64,
        stop: &dyn Fn() -> bool,
    ) -> Result<Histogram, SystemError> {
        let began = Instant::now();
        let mut endings: Vec<(Ending, u64)> = Vec::new();
        let mut trouble = None;
        for _ in 0..iterations {
            if stop() {
                break;
            }
            let history = system.run(self.program)?;
            match &history.end {
                End::Complete => {}
                End::Deadline { .. } => trouble = Some("the deadline came".to_owned()),
                End::Broken { reason } => trouble = Some(reason.clone()),
            }
            if trouble.is_some() {
                break;
            }
            let ending = Ending::of(self.program, &history);
            match endings.iter_mut().find(|(known, _)| known.same(&ending)) {
                Some((_, count)) => *count += 1,
                None => endings.push((ending, 1)),
            }
        }
        let way = Way::ByLine("as asked");
        Ok(self.histogram(endings, trouble, began.elapsed(), way))
    }

    /// Runs the program so many times on this machine, of which the numbers are. `make` makes what
    /// runs programs line by line, where that is needed: if the fast way stops because nobody goes
    /// on, some runs line by line tell who is asleep, with proof.
    pub fn ask_real(
        &self,
        make: &dyn Fn() -> Result<Box<dyn System>, SystemError>,
        options: &RealOptions,
        numbers: Numbers,
        (iterations, seed): (u64, u64),
        stop: &dyn Fn() -> bool,
    ) -> Result<Histogram, SystemError> {
        let Way::Fast(plan) = &self.way else { return self.ask(&mut *make()?, iterations, stop) };
        let mut fast = self.ask_fast(plan, options, numbers, (iterations, seed), stop)?;
        if fast.trouble.is_some() && fast.forbidden.is_empty() {
            fast.forbidden = self.ask(&mut *make()?, CONFIRMING, stop)?.forbidden;
        }
        Ok(fast)
    }

    /// Runs the program so many times on this machine, the fast way, by this plan.
    pub fn ask_fast(
        &self,
        plan: &Plan,
        options: &RealOptions,
        numbers: Numbers,
        (iterations, seed): (u64, u64),
        stop: &dyn Fn() -> bool,
    ) -> Result<Histogram, SystemError> {
        let began = Instant::now();
        let ran = fast::run(plan, self.program, options, numbers, (iterations, seed), stop)?;
        let way = Way::Fast(plan.clone());
        Ok(self.histogram(ran.endings, ran.trouble, began.elapsed(), way))
    }

    fn histogram(
        &self,
        seen: Vec<(Ending, u64)>,
        trouble: Option<String>,
        took: Duration,
        way: Way,
    ) -> Histogram {
        let mut allowed: Vec<(Ending, u64)> =
            self.allowed.endings.iter().map(|ending| (ending.clone(), 0)).collect();
        let mut forbidden = Vec::new();
        for (ending, count) in seen {
            match allowed.iter_mut().find(|(known, _)| known.same(&ending)) {
                Some((_, known)) => *known += count,
                None => forbidden.push((ending, count)),
            }
        }
        Histogram { allowed, forbidden, trouble, took, way }
    }

    /// The allowed ending that has most in common with this one.
    pub fn nearest(&self, ending: &Ending) -> Option<&Ending> {
        let differences =
            |known: &&Ending| known.differing(ending).len() + known.differing_actors(ending);
        self.allowed.endings.iter().min_by_key(differences)
    }
}

impl Histogram {
    /// How many runs were made.
    pub fn iterations(&self) -> u64 {
        self.allowed.iter().chain(&self.forbidden).map(|(_, count)| count).sum()
    }

    /// How many of the allowed endings were seen.
    pub fn seen(&self) -> usize {
        self.allowed.iter().filter(|(_, count)| *count > 0).count()
    }

    /// Iterations a second.
    pub fn rate(&self) -> f64 {
        self.iterations() as f64 / self.took.as_secs_f64().max(1e-9)
    }
}
