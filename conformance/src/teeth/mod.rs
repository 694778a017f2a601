//! The matrix: every fault is planted in the simulated kernel, scenarios and random programs are run
//! against it, and what refuses it first is written down. The sound kernel runs the same programs under
//! the same seeds and must not be refused.

mod asleep;
mod beside;
mod equal;
mod grades;
mod histories;
mod page;
mod scopes;
mod sound;
mod step;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::Hash as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;

use ipc_model::operation::{Gives, Operation};
use ipc_model::pipe::SETPIPE_SZ;
use ipc_model::poll::READY;
use ipc_model::process::{DEATH, NEWS};
use ipc_model::profile::{Numbers, Profile};
use ipc_model::socket::garbage::COLLECTION;
use ipc_model::socket::{GATHERING, SENDMSG};
use ipc_model::spec::Spec;
use ipc_model::timer::EXPIRY;
use serde::Serialize;

pub use self::equal::{Equal, same};
pub use self::grades::{Grades, grades};
pub use self::page::{page, rows, summary};
use crate::alarms;
use crate::checker::{Budget, Judgement, Marker, Verdict, check};
use crate::faults::{FAULTS, Fault};
use crate::generator::{Shape, generate};
use crate::history::{EventKind, Head, History};
use crate::overlap::overlapping;
use crate::program::{Line, Mention, Program};
use crate::scenario;
use crate::seed::Seeded;
use crate::shrink::shrink;
use crate::sim::{Met, Simulated};
use crate::system::System;
use crate::trial::Claims;

/// How often a scenario is run against a fault, each time under another schedule.
const SCHEDULES: u64 = 8;
/// And one that leaves open which of several clauses is used.
const OPEN: u64 = 48;
/// And one that names the fault's clause among those: the order of things has to be met.
const NAMED: u64 = 96;
/// Runs of one candidate for a smaller program.
const TRIES: u64 = 6;
/// Candidates for a smaller program, at most.
const CANDIDATES: u32 = 400;
/// Of more systematic faults than that, only some have a small program sought for them.
const SHRUNK: usize = 400;

/// What the checker may spend on a run: the sound kernel's are decided with far less.
const BUDGET: Budget = Budget { moves: 50_000, worlds: 20_000, ..Budget::USUAL };

/// What is to be tried.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// By which rules.
    pub profile: &'static Profile,
    /// Random programs, where no scenario shows the fault.
    pub random: u64,
    /// Their seed, and the scheduler's.
    pub seed: u64,
    /// Workers.
    pub jobs: usize,
    /// Whether the sound kernel is tried on everything as well, and must be refused nothing.
    pub control: bool,
    /// Whether to find a small program for each fault that is refused, and for each that is not why it
    /// is the same as none.
    pub explain: bool,
}

/// The plan, and the rules that it is carried out by.
struct Bench<'a> {
    plan: &'a Plan,
    spec: Arc<Spec>,
    /// The same rules for who may have pipes beyond the limit, but not of any number of pages.
    privileged: Arc<Spec>,
    /// The marks of histories that were not refused: many faults lead to the same ones.
    passed: Mutex<HashSet<u128>>,
}

/// The numbers of who may have pipes beyond the limit, but not of any number of pages.
const PRIVILEGED: Numbers =
    Numbers { beyond_pipe_max: true, beyond_pipe_pages: false, ..Numbers::EXAMPLE };

/// A program, and the name that it is told by.
pub(crate) struct Probe {
    name: String,
    program: Program,
    /// How often it is run.
    times: u64,
    /// What the sound kernel comes near to in each run.
    met: OnceLock<Vec<Met>>,
}

/// What became of a fault.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// Its name.
    pub fault: String,
    /// The clause that it is in, the first of several.
    pub clause: &'static str,
    /// What refused it first.
    pub caught: Option<Caught>,
    /// Why it is the same as no fault, if nothing refused it.
    pub equal: Option<Equal>,
}

/// The first refusal.
#[derive(Clone, Debug, Serialize)]
pub struct Caught {
    /// By which program: a scenario's name, or a random program's number.
    pub by: String,
    /// How many calls had been made.
    pub after: usize,
    /// How many calls the smallest program has that shows it, if one was sought.
    pub calls: Option<usize>,
    /// The clauses that it was laid to.
    pub laid_to: Vec<&'static str>,
}

/// What the sound kernel showed.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Control {
    /// Runs.
    pub runs: u64,
    /// Those that were refused, by what was run.
    pub refused: Vec<String>,
    /// Those that could not be decided.
    pub undecided: u64,
    /// How often each clause was used on an accepted run.
    pub used: BTreeMap<&'static str, u64>,
    /// The clauses without which an accepted run is refused.
    pub missed: BTreeSet<&'static str>,
}

/// The whole matrix.
#[derive(Clone, Debug, Serialize)]
pub struct Matrix {
    /// A row for every fault, in their order.
    pub rows: Vec<Row>,
    /// The sound kernel under the same programs and seeds.
    pub control: Control,
}

/// Runs the faults that are meant, and the sound kernel.
pub fn run(plan: &Plan, meant: impl Fn(&Fault) -> bool) -> Matrix {
    let spec = Arc::new(Spec::new(plan.profile, Numbers::EXAMPLE));
    let bench = Bench::new(plan, &spec);
    let faults: Vec<&'static Fault> =
        FAULTS.iter().filter(|fault| fault.is_in(&spec) && meant(fault)).collect();
    let every = faults.len().div_ceil(SHRUNK).max(1);
    let probes = probes(plan, &spec);
    let control = Mutex::new(Control::default());
    let rows: Vec<Mutex<Option<Row>>> = faults.iter().map(|_| Mutex::new(None)).collect();
    // The control is one job among the others, and the first, for it takes longest.
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..plan.jobs.max(1) {
            scope.spawn(|| {
                loop {
                    let job = next.fetch_add(1, Ordering::Relaxed);
                    match job.checked_sub(1) {
                        None if !plan.control => {}
                        None => *locked(&control) = controlled(&bench, &probes),
                        Some(job) => {
                            let Some(fault) = faults.get(job) else { break };
                            let shrinks = fault.kind() == "named" || job.is_multiple_of(every);
                            *locked(&rows[job]) = Some(row(&bench, &probes, fault, shrinks));
                        }
                    }
                }
            });
        }
    });
    let done =
        rows.into_iter().filter_map(|row| row.into_inner().unwrap_or_else(PoisonError::into_inner));
    let mut rows: Vec<Row> = done.collect();
    if plan.explain {
        explain(&bench, &faults, &mut rows);
    }
    let control = control.into_inner().unwrap_or_else(PoisonError::into_inner);
    Matrix { rows, control }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The scenarios that the profile has something to say of, then random programs: of three one is run
/// step by step, one with little of its order, and one without.
fn probes(plan: &Plan, spec: &Spec) -> Vec<Probe> {
    let mut probes = Vec::new();
    for scenario in scenario::all() {
        let Ok(program) = scenario.program() else { continue };
        if Claims::of(&program, plan.profile).unsupported.is_none() {
            let times = if program.may_cover.is_empty() { SCHEDULES } else { OPEN };
            let name = scenario.name.to_owned();
            probes.push(Probe { name, program, times, met: OnceLock::new() });
        }
    }
    for number in 0..plan.random {
        let mut pick = Seeded::new(plan.seed, number);
        let program = generate(spec, Shape::default(), &mut pick);
        let program = match number % 3 {
            0 => program,
            1 => overlapping(program, &mut pick),
            _ => Program { stepwise: false, ..program },
        };
        let name = format!("random {number}");
        probes.push(Probe { name, program, times: 1, met: OnceLock::new() });
    }
    probes
}

impl<'a> Bench<'a> {
    fn new(plan: &'a Plan, spec: &Arc<Spec>) -> Bench<'a> {
        let privileged = Arc::new(Spec::new(plan.profile, PRIVILEGED));
        Bench { plan, spec: Arc::clone(spec), privileged, passed: Mutex::default() }
    }

    /// One run of a program on the sound kernel.
    fn tried(&self, program: &Program, number: u64) -> Option<(History, Judgement)> {
        let (spec, mut system) = self.sound(program, number);
        let history = system.run(program).ok()?;
        let judgement = judged(spec, &history);
        Some((history, judgement))
    }

    /// One run on a kernel with a fault, if it is refused. What was not refused once is not judged
    /// again.
    fn refused(
        &self,
        fault: &'static Fault,
        program: &Program,
        number: u64,
    ) -> Option<(History, Judgement)> {
        let (spec, sound) = self.sound(program, number);
        let history = sound.with(fault).run(program).ok()?;
        let mark = mark(&history);
        if locked(&self.passed).contains(&mark) {
            return None;
        }
        let judgement = judged(spec, &history);
        if judgement.deviation().is_none() {
            locked(&self.passed).insert(mark);
            return None;
        }
        Some((history, judgement))
    }

    /// The sound kernel as it is for the run of this number, and its rules.
    fn sound(&self, program: &Program, number: u64) -> (&Arc<Spec>, Simulated<Seeded>) {
        let pick = Seeded::new(self.plan.seed, number);
        // Who asks for another capacity does so with the privilege every second time.
        let resizes = |line: &Line| line.operation == &SETPIPE_SZ;
        let is_privileged = number % 2 == 1 && program.lines.iter().any(resizes);
        let spec = if is_privileged { &self.privileged } else { &self.spec };
        let sound = Simulated::new(self.plan.profile, spec.numbers, pick);
        (spec, sound.by(Arc::clone(spec)))
    }

    /// What the sound kernel comes near to in each run that a fault may be sought in.
    fn met<'p>(&self, probe: &'p Probe) -> &'p [Met] {
        probe.met.get_or_init(|| {
            let times = if probe.program.may_cover.is_empty() { probe.times } else { NAMED };
            (0..times).map(|number| self.met_in(&probe.program, number)).collect()
        })
    }

    fn met_in(&self, program: &Program, number: u64) -> Met {
        let mut system = self.sound(program, number).1.noting();
        // What it has noted is all that is wanted, and a program that cannot be run has none.
        let _ = system.run(program);
        system.met()
    }
}

fn judged(spec: &Spec, history: &History) -> Judgement {
    match history.head.numbers == spec.numbers {
        true => check(spec, history, BUDGET),
        false => check(&spec.with_numbers(history.head.numbers), history, BUDGET),
    }
}

/// All that a judgement rests on.
fn mark(history: &History) -> u128 {
    let mut marker = Marker::default();
    let Head { numbers, roots, .. } = &history.head;
    (numbers, roots, &history.events, &history.end).hash(&mut marker);
    marker.mark()
}

/// The scenarios that name the clause come first: they were written for it.
fn row(bench: &Bench<'_>, probes: &[Probe], fault: &'static Fault, shrinks: bool) -> Row {
    let clause = fault.slips.first().map_or("", |slip| slip.clause.id);
    let names = |all: &[Mention]| all.iter().any(|mention| mention.clause == clause);
    let may = |probe: &&Probe| names(&probe.program.may_cover);
    let does = |probe: &&Probe| may(probe) || names(&probe.program.covers);
    let others = |probe: &&Probe| !does(probe) && concerns(fault, &probe.program);
    let times = |probe: &Probe| if may(&probe) { NAMED } else { probe.times };
    let named = probes.iter().filter(does).map(|probe| (probe, times(probe)));
    let order = named.chain(probes.iter().filter(others).map(|probe| (probe, probe.times)));
    let caught = order.into_iter().find_map(|(probe, times)| {
        // The other runs are those of the sound kernel, which is tried by itself.
        let met = bench.met(probe);
        let differs = |number: &u64| met[*number as usize].may_differ(&fault.slips);
        let runs = (0..times).filter(differs);
        let mut runs = runs.filter_map(|number| bench.refused(fault, &probe.program, number));
        let (history, judgement) = runs.next()?;
        let mut caught = caught(probe, &history, &judgement)?;
        if shrinks && bench.plan.explain {
            caught.calls = Some(smallest(bench, fault, &probe.program));
        }
        Some(caught)
    });
    Row { fault: fault.name.clone(), clause, caught, equal: None }
}

/// Whether the program calls what the fault is in: a death is somebody's in every program, and so may be
/// news of a child; timers expire where there are any; what is ready is asked by all calls that tell it.
fn concerns(fault: &Fault, program: &Program) -> bool {
    let asks = |line: &Line| matches!(line.operation.gives, Gives::Ready(_) | Gives::Events(_));
    let calls = |on: &Operation| {
        let is_asked = on == &READY;
        program.lines.iter().any(|line| line.operation == on || is_asked && asks(line))
    };
    let mut operations = fault.slips.iter().flat_map(|slip| slip.clause.on);
    let expires = |on: &Operation| on == &EXPIRY && alarms::are_used_by(program);
    let passes = |on: &Operation| {
        let of_these = [&GATHERING, &COLLECTION].contains(&on);
        of_these && program.lines.iter().any(|line| line.operation == &SENDMSG)
    };
    operations.any(|on| [&DEATH, &NEWS].contains(on) || expires(on) || passes(on) || calls(on))
}

fn caught(probe: &Probe, history: &History, judgement: &Judgement) -> Option<Caught> {
    let deviation = judgement.deviation()?;
    let events = &history.events[..=deviation.event];
    let is_call = |event: &&crate::history::Event| matches!(event.kind, EventKind::Call { .. });
    let after = events.iter().filter(is_call).count();
    Some(Caught { by: probe.name.clone(), after, calls: None, laid_to: deviation.about() })
}

/// How many calls the smallest program has that is found to show the fault.
fn smallest(bench: &Bench<'_>, fault: &'static Fault, program: &Program) -> usize {
    let mut left = CANDIDATES;
    let small = shrink(program, &mut |program| {
        left = left.saturating_sub(1);
        let mut runs = (0..TRIES).take_while(|_| left > 0);
        runs.any(|number| bench.refused(fault, program, number).is_some())
    });
    small.lines.len()
}

/// The sound kernel on every program, as often and under the same seeds as one with a fault.
fn controlled(bench: &Bench<'_>, probes: &[Probe]) -> Control {
    let mut control = Control::default();
    for probe in probes {
        for number in 0..probe.times {
            let run = bench.tried(&probe.program, number);
            let Some((history, judgement)) = run else { continue };
            if judgement.deviation().is_none() {
                locked(&bench.passed).insert(mark(&history));
            }
            control.runs += 1;
            match judgement.verdict {
                Verdict::Conforms => {
                    control.missed.extend(grades::missed(
                        &bench.spec,
                        &history,
                        &judgement,
                        &control.missed,
                    ));
                    for (id, count) in &judgement.used {
                        *control.used.entry(id).or_insert(0) += count;
                    }
                }
                Verdict::Deviates(_) => control.refused.push(format!("{} ({number})", probe.name)),
                Verdict::Inconclusive(_) => control.undecided += 1,
            }
        }
    }
    control
}

/// Says why each fault that nothing refused is the same as none.
fn explain(bench: &Bench<'_>, faults: &[&'static Fault], rows: &mut [Row]) {
    let survivors: Vec<usize> = (0..rows.len()).filter(|row| rows[*row].caught.is_none()).collect();
    let meant: Vec<&Fault> = survivors.iter().map(|row| faults[*row]).collect();
    for (row, equal) in survivors.into_iter().zip(same(&bench.spec, &meant, bench.plan.jobs)) {
        rows[row].equal = Some(equal);
    }
}

impl Row {
    /// Whether it was caught, or is known to be no fault at all.
    pub fn is_settled(&self) -> bool {
        self.caught.is_some() || self.equal.as_ref().is_some_and(Equal::is_reason)
    }
}

impl Matrix {
    /// Whether every fault is settled and the sound kernel was never refused.
    pub fn is_good(&self) -> bool {
        self.rows.iter().all(Row::is_settled) && self.control.refused.is_empty()
    }
}
