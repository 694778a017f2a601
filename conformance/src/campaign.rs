//! A campaign: many random programs, dealt to workers by their numbers.
//!
//! Program *n* of seed *s* is the same wherever it is made, so a campaign can be split, and one of
//! its programs can be run again by itself.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ipc_model::operation::Gives;
use ipc_model::outcome::{Outcome, Value};
use ipc_model::profile::Profile;
use ipc_model::spec::Spec;

use crate::generator::{Shape, generate};
use crate::history::{EventKind, History, Proof};
use crate::program::Program;
use crate::seed::Seeded;
use crate::shrink::shrink;
use crate::system::{System, SystemError};
use crate::trial::{Status, Trial, attempt, same_matter};

/// Deviations after which a campaign is ended: they are likely the same.
const ENOUGH: usize = 5;
/// How often a program that deviates is run again to see how often it does.
const AGAIN: u32 = 5;
/// Runs of one candidate for a smaller program, at most.
const RUNS: u32 = 40;

/// What is to be run.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// By whose rules programs are made and judged.
    pub profile: &'static Profile,
    /// How large they are.
    pub shape: Shape,
    /// Which ones.
    pub seed: u64,
    /// The first program's number.
    pub from: u64,
    /// How many.
    pub count: u64,
    /// Workers, one thread and one system each.
    pub jobs: usize,
}

/// What a campaign showed.
#[derive(Default, Debug)]
pub struct Tally {
    /// Programs that were run and conform.
    pub conforming: u64,
    /// Programs that could not be decided, by reason.
    pub inconclusive: BTreeMap<String, u64>,
    /// Programs that the harness could not run, by reason.
    pub broken: BTreeMap<String, u64>,
    /// What was refused.
    pub deviations: Vec<Found>,
    /// What the programs were made of.
    pub mix: Mix,
    /// How often each clause was used.
    pub used: BTreeMap<&'static str, u64>,
    /// How long it took.
    pub time: Duration,
}

/// A program that deviates.
#[derive(Debug)]
pub struct Found {
    /// Its number.
    pub number: u64,
    /// The program.
    pub program: Program,
    /// What it showed.
    pub trial: Trial,
}

/// What programs were made of.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Mix {
    /// Processes that took part.
    pub processes: u64,
    /// Calls made.
    pub calls: u64,
    /// Calls that were seen asleep.
    pub slept: u64,
    /// Calls that were to move bytes.
    pub transfers: u64,
    /// Those of them that moved some.
    pub moved: u64,
    /// Calls that make, end or share: `fork`, `dup` and their like, and deaths.
    pub shared: u64,
    /// Stillness that was waited for and not proven.
    pub unproven: u64,
}

/// How a campaign gets at its systems, and how it is told to end early.
pub struct Means<'a> {
    /// Makes the system of worker *n*.
    pub system: &'a (dyn Fn(usize) -> Result<Box<dyn System>, SystemError> + Sync),
    /// No further program is begun once this is set.
    pub stop: &'a AtomicBool,
    /// Is told, from time to time, how many programs have been run.
    pub progress: &'a (dyn Fn(u64) + Sync),
}

impl Plan {
    /// Program `number` of the campaign.
    pub fn program(&self, spec: &Spec, number: u64) -> Program {
        generate(spec, self.shape, &mut Seeded::new(self.seed, number))
    }

    /// Runs it.
    pub fn run(&self, means: &Means<'_>) -> Result<Tally, SystemError> {
        let start = Instant::now();
        let next = AtomicU64::new(self.from);
        let done = AtomicU64::new(0);
        let tally = Mutex::new(Tally::default());
        let work = |worker: usize| -> Result<(), SystemError> {
            let mut system = (means.system)(worker)?;
            let mut own = Tally::default();
            while !means.stop.load(Ordering::Relaxed) {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= self.from + self.count || own.deviations.len() >= ENOUGH {
                    break;
                }
                self.one(system.as_mut(), number, &mut own);
                (means.progress)(done.fetch_add(1, Ordering::Relaxed) + 1);
            }
            tally.lock().expect("no worker panics with it").add(own);
            Ok(())
        };
        let ended: Vec<Result<(), SystemError>> = std::thread::scope(|scope| {
            let workers: Vec<_> =
                (0..self.jobs.max(1)).map(|worker| scope.spawn(move || work(worker))).collect();
            workers.into_iter().map(|worker| worker.join().expect("a worker ended")).collect()
        });
        ended.into_iter().collect::<Result<Vec<()>, _>>()?;
        let mut tally = tally.into_inner().expect("no worker panics with it");
        tally.deviations.sort_by_key(|found| found.number);
        tally.time = start.elapsed();
        Ok(tally)
    }

    fn one(&self, system: &mut dyn System, number: u64, tally: &mut Tally) {
        let spec = Spec::new(self.profile, system.numbers());
        let program = self.program(&spec, number);
        let trial = match attempt(system, &program, self.profile) {
            Ok(trial) => trial,
            Err(error) => {
                *tally.broken.entry(error.to_string()).or_insert(0) += 1;
                return;
            }
        };
        tally.mix.count(&trial.history);
        for (clause, times) in &trial.judgement.used {
            *tally.used.entry(clause).or_insert(0) += times;
        }
        match trial.status(&program, self.profile) {
            Status::Deviates => tally.deviations.push(Found { number, program, trial }),
            Status::Inconclusive(reason) => *tally.inconclusive.entry(reason).or_insert(0) += 1,
            Status::Broken(reason) => *tally.broken.entry(reason).or_insert(0) += 1,
            _ => tally.conforming += 1,
        }
    }
}

impl Tally {
    /// Programs that were run.
    pub fn programs(&self) -> u64 {
        let undecided: u64 = self.inconclusive.values().chain(self.broken.values()).sum();
        self.conforming + undecided + self.deviations.len() as u64
    }

    fn add(&mut self, other: Tally) {
        self.conforming += other.conforming;
        self.deviations.extend(other.deviations);
        self.mix.add(other.mix);
        for (reason, count) in other.inconclusive {
            *self.inconclusive.entry(reason).or_insert(0) += count;
        }
        for (reason, count) in other.broken {
            *self.broken.entry(reason).or_insert(0) += count;
        }
        for (clause, count) in other.used {
            *self.used.entry(clause).or_insert(0) += count;
        }
    }
}

impl Mix {
    fn add(&mut self, other: Mix) {
        self.processes += other.processes;
        self.calls += other.calls;
        self.slept += other.slept;
        self.transfers += other.transfers;
        self.moved += other.moved;
        self.shared += other.shared;
        self.unproven += other.unproven;
    }

    fn count(&mut self, history: &History) {
        self.processes += history.head.actors.len() as u64;
        let mut asleep: Vec<bool> = vec![false; history.head.actors.len()];
        let mut transfers = asleep.clone();
        for event in &history.events {
            match &event.kind {
                EventKind::Call { actor, call, .. } => {
                    asleep[usize::from(actor.process)] = false;
                    self.calls += 1;
                    transfers[usize::from(actor.process)] = !call.is_empty();
                    self.transfers += u64::from(!call.is_empty());
                    let gives = call.operation.gives;
                    let shares = matches!(
                        gives,
                        Gives::Fd | Gives::TargetFd | Gives::Process | Gives::Never
                    );
                    self.shared += u64::from(shares || call.operation.name == "kill");
                }
                EventKind::Return { actor, outcome: Outcome::Success(value), .. } => {
                    let moved = match value {
                        Value::Number(n) => *n > 0,
                        Value::Data(data) => !data.is_empty(),
                        _ => false,
                    };
                    self.moved += u64::from(moved && transfers[usize::from(actor.process)]);
                }
                EventKind::Quiescent { asleep: now, proof } => {
                    self.unproven += u64::from(*proof == Proof::Waited);
                    for actor in now {
                        let before = &mut asleep[usize::from(actor.process)];
                        self.slept += u64::from(!*before);
                        *before = true;
                    }
                }
                EventKind::Return { .. } | EventKind::Ended { .. } => {}
            }
        }
    }
}

/// The smallest program that shows the same deviation. One that does not always show it is run so
/// often that a program of the same kind would have shown it with 99 in 100.
pub fn smallest(
    system: &mut dyn System,
    program: &Program,
    trial: &Trial,
    profile: &'static Profile,
) -> (Program, Trial) {
    let Some(deviation) = trial.deviation().cloned() else {
        return (program.clone(), trial.clone());
    };
    let mut last = (program.clone(), trial.clone());
    let shows = |system: &mut dyn System, candidate: &Program| -> Option<Trial> {
        let trial = attempt(system, candidate, profile).ok()?;
        trial.deviation().is_some_and(|other| same_matter(other, &deviation)).then_some(trial)
    };
    let seen = (0..AGAIN).filter(|_| shows(system, program).is_some()).count() as f64;
    let rate = ((seen + 0.5) / (f64::from(AGAIN) + 1.0)).min(0.99);
    let runs = ((0.01_f64.ln() / (1.0 - rate).ln()).ceil() as u32).clamp(1, RUNS);
    let smallest = shrink(program, &mut |candidate| {
        let found = (0..runs).find_map(|_| shows(system, candidate));
        let shown = found.is_some();
        if let Some(trial) = found {
            last = (candidate.clone(), trial);
        }
        shown
    });
    debug_assert_eq!(smallest, last.0);
    last
}
