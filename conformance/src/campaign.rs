//! A campaign: many programs on many workers, each with a system of its own. Stored programs come
//! first, then scenarios, then random programs; what deviates is shrunk by the worker that met it.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use ipc_model::profile::Numbers;
use ipc_model::spec::Spec;

use crate::generator::{Shape, generate};
use crate::overlap::overlapping;
use crate::program::Program;
use crate::seed::{self, Seeded};
use crate::shrink::shrink;
use crate::store;
use crate::system::{System, SystemError};
use crate::tally::Tally;
use crate::trial::{Claims, Rules, Status, Trial, attempt};

/// How often the caller is told how far it is.
const TICK: Duration = Duration::from_millis(200);
/// After how many programs a worker adds its counts to those of all.
const BATCH: u64 = 32;
/// One random program in so many is not stepwise.
const OVERLAPPING: u64 = 4;
/// Deviations that are shrunk and shown, at most, one for each set of clauses.
const SHOWN: usize = 5;
/// How often a program that deviates is run again to see how often it does.
const AGAIN: u32 = 5;
/// Runs of one candidate for a smaller program, at most.
const RUNS: u32 = 40;
/// How long smaller programs are looked for.
const SHRINKING: Duration = Duration::from_secs(15);
/// A worker whose system fails as often in a row gives up.
const FAILURES: u32 = 5;

/// Makes the system of a worker, in the worker's own thread.
pub type MakeSystem<'a> = &'a (dyn Fn(usize) -> Result<Box<dyn System>, SystemError> + Sync);

/// What is to be tried.
pub struct Plan<'a> {
    /// By which rules.
    pub rules: Rules,
    /// Programs that have names, in this order.
    pub named: &'a [Named],
    /// Which random programs come then.
    pub random: Random,
    /// Workers.
    pub jobs: usize,
    /// Where failing random programs are stored.
    pub folder: &'a Path,
}

/// A program that has a name.
#[derive(Clone, Debug)]
pub struct Named {
    /// The scenario's name, or the file's.
    pub name: String,
    /// Whether it was found by an earlier campaign, and stored.
    pub stored: bool,
    /// The program.
    pub program: Program,
}

/// Random programs: number `n` of a seed is always the same program, for the same profile on a
/// system with the same numbers.
#[derive(Clone, Copy, Debug)]
pub struct Random {
    /// The seed.
    pub seed: u64,
    /// The first program's number.
    pub from: u64,
    /// How many, at most.
    pub count: u64,
    /// How large.
    pub shape: Shape,
    /// When no more are begun.
    pub until: Option<Instant>,
}

impl Random {
    /// Program `number`.
    pub fn program(&self, spec: &Spec, number: u64) -> Program {
        let mut pick = Seeded::new(self.seed, number);
        if number % OVERLAPPING != OVERLAPPING - 1 {
            return generate(spec, self.shape, &mut pick);
        }
        // Some of its calls will not be made: more than the model shows fall asleep for good.
        let shape = Shape { calls: self.shape.calls + self.shape.calls / 7, ..self.shape };
        overlapping(generate(spec, shape, &mut pick), &mut pick)
    }

    /// What program `number` is called where programs have names: `random:SEED:NUMBER`.
    pub fn name(&self, number: u64) -> String {
        format!("random:{:#x}:{number}", self.seed)
    }

    /// The program that is called so, alone: how it is made, and its number.
    pub fn named(name: &str) -> Option<(Random, u64)> {
        let (seed, number) = name.strip_prefix("random:")?.split_once(':')?;
        let (seed, number) = (seed::read(seed)?, number.parse().ok()?);
        let random = Random { seed, from: number, count: 1, shape: Shape::default(), until: None };
        Some((random, number))
    }
}

/// How far a campaign is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Progress {
    /// Programs that are done.
    pub done: u64,
    /// Programs in all.
    pub total: u64,
    /// Programs that deviate, or do not exercise what they cover.
    pub red: u64,
}

/// What a campaign has shown.
#[derive(Clone, Debug, Default)]
pub struct Results {
    /// The system and its numbers, if it could be started.
    pub system: Option<(String, Numbers)>,
    /// What became of each named program, in their order.
    pub named: Vec<Option<Status>>,
    /// Counts over the named programs.
    pub named_tally: Tally,
    /// Counts over the random programs.
    pub random_tally: Tally,
    /// What deviates, the named programs first.
    pub findings: Vec<Finding>,
    /// Why workers could not start or went on no longer.
    pub failures: Vec<String>,
    /// It was ended from outside.
    pub interrupted: bool,
}

/// A program that deviates.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The scenario's or the file's name, or that of the random program.
    pub name: String,
    /// Whether it is a scenario or a stored program.
    pub is_named: bool,
    /// The program that was run last, as small as it could be made.
    pub program: Program,
    /// That run.
    pub trial: Trial,
    /// How many calls it had when it was found, if it was made smaller.
    pub shrunk_from: Option<usize>,
    /// What to give to `replay`: a file's or a scenario's name; none if it could not be stored.
    pub replay: Option<String>,
}

/// Runs the plan. `tick` is called now and then by this thread; `stop` ends it early.
pub fn run(
    plan: &Plan<'_>,
    make: MakeSystem<'_>,
    stop: &AtomicBool,
    tick: &mut dyn FnMut(&Progress),
) -> Results {
    let results = Results { named: vec![None; plan.named.len()], ..Results::default() };
    let campaign = Campaign {
        plan,
        make,
        stop,
        next: AtomicU64::new(0),
        done: AtomicU64::new(0),
        red: AtomicU64::new(0),
        met: Mutex::default(),
        shared: Mutex::new(Shared { results, working: plan.jobs }),
        changed: Condvar::new(),
    };
    thread::scope(|scope| {
        for worker in 0..plan.jobs {
            let campaign = &campaign;
            scope.spawn(move || campaign.work(worker));
        }
        campaign.watch(tick);
    });
    campaign.into_results()
}

struct Campaign<'a> {
    plan: &'a Plan<'a>,
    make: MakeSystem<'a>,
    stop: &'a AtomicBool,
    /// The number of the next program to be dealt.
    next: AtomicU64,
    done: AtomicU64,
    red: AtomicU64,
    /// Which deviations of random programs have been met, by clauses.
    met: Mutex<BTreeSet<Vec<&'static str>>>,
    shared: Mutex<Shared>,
    /// A worker has ended.
    changed: Condvar,
}

struct Shared {
    results: Results,
    working: usize,
}

/// Says that a worker has ended, however it ends.
struct Leaving<'a>(&'a Campaign<'a>);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.0.shared().working -= 1;
        self.0.changed.notify_all();
    }
}

impl Campaign<'_> {
    /// A worker that panicked has said so; what it had not added yet is lost, and no more.
    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn watch(&self, tick: &mut dyn FnMut(&Progress)) {
        let mut shared = self.shared();
        while shared.working > 0 {
            let waited = self.changed.wait_timeout(shared, TICK);
            drop(waited.unwrap_or_else(PoisonError::into_inner));
            tick(&Progress {
                done: self.done.load(Ordering::Relaxed),
                total: (self.plan.named.len() as u64).saturating_add(self.plan.random.count),
                red: self.red.load(Ordering::Relaxed),
            });
            shared = self.shared();
        }
    }

    fn into_results(self) -> Results {
        let interrupted = self.stopped();
        let shared = self.shared.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut results = shared.results;
        results.interrupted = interrupted;
        let place = |finding: &Finding| {
            let named = self.plan.named.iter().position(|named| named.name == finding.name);
            named.unwrap_or(usize::MAX)
        };
        results.findings.sort_by_key(place);
        results
    }

    fn work(&self, worker: usize) {
        let _leaving = Leaving(self);
        let system = match (self.make)(worker) {
            Ok(system) => system,
            Err(error) => return self.shared().results.failures.push(error.to_string()),
        };
        let numbers = system.numbers();
        self.shared().results.system.get_or_insert((system.name(), numbers));
        let spec = Spec::new(self.plan.rules.profile, numbers);
        let mut worker =
            Worker { campaign: self, system, spec, tally: Tally::default(), failed: 0 };
        while let Some(number) = self.deal() {
            match self.plan.named.get(number as usize) {
                Some(named) => worker.named(number as usize, named),
                None => {
                    let index = number - self.plan.named.len() as u64;
                    worker.random(self.plan.random.from.wrapping_add(index));
                }
            }
            self.done.fetch_add(1, Ordering::Relaxed);
            if worker.failed >= FAILURES {
                break;
            }
        }
        worker.hand_in();
    }

    /// The number of a program that nobody has begun; none if it is time to end.
    fn deal(&self) -> Option<u64> {
        if self.stopped() {
            return None;
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let index = match number.checked_sub(self.plan.named.len() as u64) {
            None => return Some(number),
            Some(index) => index,
        };
        let random = &self.plan.random;
        let in_time = random.until.is_none_or(|until| Instant::now() < until);
        (index < random.count && in_time).then_some(number)
    }
}

struct Worker<'a> {
    campaign: &'a Campaign<'a>,
    system: Box<dyn System>,
    spec: Spec,
    /// What has not been added to the counts of all yet.
    tally: Tally,
    /// How often the system has failed in a row.
    failed: u32,
}

impl Worker<'_> {
    fn named(&mut self, index: usize, named: &Named) {
        let rules = &self.campaign.plan.rules;
        if let Some(why) = Claims::of(&named.program, rules.profile).unsupported {
            return self.conclude(index, Status::Unsupported(why), None);
        }
        if let Some(why) = self.system.lacks(&named.program) {
            return self.conclude(index, Status::Unsupported(why), None);
        }
        match self.attempt(&named.program) {
            Some(Ok(trial)) => {
                let status = trial.status(&named.program, rules);
                if status == Status::Deviates {
                    self.campaign.shared().results.findings.push(Finding {
                        name: named.name.clone(),
                        is_named: true,
                        program: named.program.clone(),
                        trial: trial.clone(),
                        shrunk_from: None,
                        replay: Some(named.name.clone()),
                    });
                }
                self.conclude(index, status, Some(&trial));
            }
            Some(Err(error)) => self.conclude(index, Status::Broken(error.to_string()), None),
            None => {}
        }
    }

    fn conclude(&self, index: usize, status: Status, trial: Option<&Trial>) {
        self.campaign.red.fetch_add(u64::from(status.is_red()), Ordering::Relaxed);
        let results = &mut self.campaign.shared().results;
        match trial {
            Some(trial) => results.named_tally.add(trial),
            None => results.named_tally.count(&status),
        }
        results.named[index] = Some(status);
    }

    fn random(&mut self, number: u64) {
        let program = self.campaign.plan.random.program(&self.spec, number);
        let status = self.tried(number, program);
        self.tally.name(&status, || self.campaign.plan.random.name(number));
        if self.tally.programs() >= BATCH {
            self.hand_in();
        }
    }

    /// Tries a random program and counts what became of it.
    fn tried(&mut self, number: u64, program: Program) -> Status {
        let status = match self.system.lacks(&program) {
            Some(why) => Status::Unsupported(why),
            None => match self.attempt(&program) {
                Some(Ok(trial)) => {
                    self.tally.add(&trial);
                    let status = trial.bare_status();
                    if status == Status::Deviates {
                        self.campaign.red.fetch_add(1, Ordering::Relaxed);
                        self.found(number, program, trial);
                    }
                    return status;
                }
                Some(Err(error)) => Status::Broken(error.to_string()),
                None => Status::NotRun,
            },
        };
        self.tally.count(&status);
        status
    }

    fn hand_in(&mut self) {
        let tally = std::mem::take(&mut self.tally);
        self.campaign.shared().results.random_tally.merge(tally);
    }

    /// A trial; none if the campaign was ended meanwhile, for then the run may have been cut off.
    fn attempt(&mut self, program: &Program) -> Option<Result<Trial, SystemError>> {
        let trial = attempt(&mut *self.system, program, &self.campaign.plan.rules);
        self.failed = if trial.is_err() { self.failed + 1 } else { 0 };
        if self.failed == FAILURES
            && let Err(error) = &trial
        {
            self.campaign.shared().results.failures.push(error.to_string());
        }
        (!self.campaign.stopped()).then_some(trial)
    }

    /// The first of its kind is made smaller, stored and shown.
    fn found(&mut self, number: u64, program: Program, trial: Trial) {
        let Some(deviation) = trial.judgement.deviation() else { return };
        let kind = deviation.about();
        {
            let mut met = self.campaign.met.lock().unwrap_or_else(PoisonError::into_inner);
            if met.len() >= SHOWN || !met.insert(kind.clone()) {
                return;
            }
        }
        let random = &self.campaign.plan.random;
        let name = random.name(number);
        let before = program.lines.len();
        let (program, trial) = self.shrunk(program, trial, &kind);
        let clause = kind.first().copied().unwrap_or("unknown");
        let profile = self.campaign.plan.rules.profile.name;
        let remark = format!("{name}, profile {profile}, on {}", trial.history.head.system);
        let stored = store::save(self.campaign.plan.folder, clause, &program, &remark);
        let results = &mut self.campaign.shared().results;
        let replay = match stored {
            Ok(path) => Some(path.display().to_string()),
            Err(error) => {
                let folder = self.campaign.plan.folder.display();
                results.failures.push(format!("cannot store a program in {folder}: {error}"));
                None
            }
        };
        let shrunk_from = (program.lines.len() < before).then_some(before);
        let is_named = false;
        results.findings.push(Finding { name, is_named, program, trial, shrunk_from, replay });
    }

    /// The smallest program that is found to deviate about one of the same clauses, and its run. One
    /// that does not always show it is run so often that a program of its kind would have shown it
    /// with 99 in 100.
    fn shrunk(&mut self, program: Program, trial: Trial, kind: &[&str]) -> (Program, Trial) {
        let seen = (0..AGAIN).filter(|_| self.shows(&program, kind).is_some()).count() as f64;
        let rate = ((seen + 0.5) / (f64::from(AGAIN) + 1.0)).min(0.99);
        let runs = ((0.01_f64.ln() / (1.0 - rate).ln()).ceil() as u32).clamp(1, RUNS);
        let mut last = (program.clone(), trial);
        let until = Instant::now() + SHRINKING;
        shrink(&program, &mut |smaller| {
            let mut tries = (0..runs).take_while(|_| Instant::now() < until);
            let found = tries.find_map(|_| self.shows(smaller, kind));
            let shown = found.is_some();
            if let Some(trial) = found {
                last = (smaller.clone(), trial);
            }
            shown
        });
        last
    }

    /// A run that deviates about one of these clauses; one try.
    fn shows(&mut self, program: &Program, kind: &[&str]) -> Option<Trial> {
        let trial = self.attempt(program)?.ok()?;
        let about = trial.judgement.deviation()?.about();
        about.iter().any(|id| kind.contains(id)).then_some(trial)
    }
}
