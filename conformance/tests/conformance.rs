//! This machine, on trial: every scenario is a test by its own name, and a few random programs.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ipc_conformance::generator::Shape;
use ipc_conformance::lines::transcript;
use ipc_conformance::program::Program;
use ipc_conformance::real::{Real, RealOptions};
use ipc_conformance::renamed;
use ipc_conformance::render;
use ipc_conformance::scenario::{self, Scenario};
use ipc_conformance::strategy::Programs;
use ipc_conformance::system::System;
use ipc_conformance::trial::{Rules, Status, Trial, attempt};
use ipc_model::profile::{LINUX, Profile};
use libtest_mimic::{Arguments, Failed, Trial as Test};
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner};

/// What this machine is held to.
static PROFILE: &Profile = &LINUX;
/// Random programs in a test run; campaigns run the many.
const RANDOM: u32 = 300;

fn main() {
    let lacking = lacking();
    let scenarios = scenario::all().map(test).chain(scenario::all().filter_map(over_fifos));
    let mut tests: Vec<Test> = scenarios.map(unless_lacking(&lacking)).collect();
    tests.push(Test::test("random/programs-conform", random));
    tests.push(Test::test("random/programs-conform-without-proof-of-sleep", without_proof));
    tests.push(Test::test("scenarios/every-reachable-clause-is-exercised", exercised));
    let conclusion = libtest_mimic::run(&Arguments::from_args(), tests);
    idle().clear();
    conclusion.exit();
}

/// Those that are started and at rest: what a test has left in order the next one takes.
static IDLE: Mutex<Vec<Real>> = Mutex::new(Vec::new());

fn idle() -> MutexGuard<'static, Vec<Real>> {
    IDLE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A program on a system that is used again unless it could not be run.
fn tried(program: &Program) -> Result<Trial, Failed> {
    let waiting = idle().pop();
    let mut system = match waiting {
        Some(system) => system,
        None => start(RealOptions::default())?,
    };
    let trial = attempt(&mut system, program, &Rules::of(PROFILE))?;
    idle().push(system);
    Ok(trial)
}

fn start(options: RealOptions) -> Result<Real, Failed> {
    let program = env!("CARGO_BIN_EXE_ipc-conformance").into();
    Ok(Real::start(RealOptions { program, ..options })?)
}

/// The scenarios that need what cannot be had here, and what that is.
fn lacking() -> BTreeMap<&'static str, String> {
    let Ok(system) = start(RealOptions::default()) else { return BTreeMap::new() };
    let lacks = |scenario: Scenario| {
        let program = scenario.program().ok()?;
        Some((scenario.name, system.lacks(&program)?))
    };
    scenario::all().filter_map(lacks).collect()
}

/// Such a test is counted as ignored, with the reason beside its name, also with FIFOs for its pipes.
fn unless_lacking(lacking: &BTreeMap<&'static str, String>) -> impl Fn(Test) -> Test {
    let over_fifos = |name: &str| lacking.get(name.strip_prefix("fifo/")?);
    move |test| match lacking.get(test.name()).or_else(|| over_fifos(test.name())) {
        Some(why) => test.with_kind(why).with_ignored_flag(true),
        None => test,
    }
}

fn test(scenario: Scenario) -> Test {
    Test::test(scenario.name, move || {
        let program = scenario.program()?;
        let trial = tried(&program)?;
        match trial.status(&program, &Rules::of(PROFILE)) {
            Status::Conforms => Ok(()),
            // Listed with its reason, counted as such by the suite's own report, and shown here to
            // be just that.
            Status::Contradiction(ids) if ids == ["pipe.pipe2.clofork"] => Ok(()),
            status => Err(failed(&status, scenario.name, &trial)),
        }
    })
}

/// The scenario with FIFOs for its pipes, where that makes sense.
fn over_fifos(scenario: Scenario) -> Option<Test> {
    let program = renamed::over_fifos(&scenario.program().ok()?)?;
    let name = format!("fifo/{}", scenario.name);
    Some(Test::test(name.clone(), move || {
        let trial = tried(&program)?;
        match trial.status(&program, &Rules::of(PROFILE)) {
            Status::Conforms => Ok(()),
            status => Err(failed(&status, &name, &trial)),
        }
    }))
}

fn failed(status: &Status, name: &str, trial: &Trial) -> Failed {
    told(status, name, trial).into()
}

fn told(status: &Status, name: &str, trial: &Trial) -> String {
    let what = match status {
        Status::Deviates => render::card(name, trial, &[]),
        _ => transcript(&trial.history),
    };
    format!("{} {}\n{what}", status.word(), status.detail())
}

fn random() -> Result<(), Failed> {
    conforms(&mut start(RealOptions::default())?, RANDOM)
}

/// The way of other systems: silence is taken for sleep.
fn without_proof() -> Result<(), Failed> {
    let patience = std::time::Duration::from_millis(20);
    conforms(&mut start(RealOptions { proof: false, patience, ..RealOptions::default() })?, 3)
}

fn conforms(system: &mut Real, cases: u32) -> Result<(), Failed> {
    let programs =
        Programs { shape: Shape::default(), profile: PROFILE, numbers: system.numbers() };
    let config = Config {
        cases,
        rng_seed: RngSeed::Fixed(20_241_123),
        failure_persistence: None,
        ..Config::default()
    };
    let system = std::cell::RefCell::new(system);
    let tested = TestRunner::new(config).run(&programs, |program| {
        if let Some(why) = system.borrow().lacks(&program) {
            return Err(TestCaseError::reject(why));
        }
        let trial = attempt(&mut **system.borrow_mut(), &program, &Rules::of(PROFILE));
        let trial = trial.map_err(|error| TestCaseError::fail(error.to_string()))?;
        match trial.status(&program, &Rules::of(PROFILE)) {
            Status::Conforms => Ok(()),
            status => Err(TestCaseError::fail(told(&status, "a random program", &trial))),
        }
    });
    tested.map_err(|error| match error {
        TestError::Fail(reason, _) => reason.to_string().into(),
        TestError::Abort(reason) => format!("given up: {reason}").into(),
    })
}

/// Every clause that this machine can reach is exercised by some scenario, save those that depend on
/// who wins a race or on what the system chooses, which are listed in `may-cover` lines; and those
/// that the scenario which covers them was judged to leave open on this machine, for want of a
/// privilege for example. A clause that no scenario names is missing all the same.
fn exercised() -> Result<(), Failed> {
    let rules = Rules::of(PROFILE);
    let mut system = start(RealOptions::default())?;
    let mut seen: Vec<&'static str> = Vec::new();
    let mut optional: Vec<String> = Vec::new();
    let mut left_open: Vec<String> = Vec::new();
    for scenario in scenario::all() {
        let program = scenario.program()?;
        if system.lacks(&program).is_some() {
            let named = program.covers.iter().chain(&program.may_cover);
            left_open.extend(named.map(|mention| mention.clause.clone()));
            continue;
        }
        let trial = attempt(&mut system, &program, &rules)?;
        seen.extend(trial.judgement.used.keys());
        optional.extend(program.may_cover.iter().map(|mention| mention.clause.clone()));
        let status = trial.status(&program, &rules);
        if !status.is_red() && !status.is_incomplete() {
            left_open.extend(program.covers.iter().map(|mention| mention.clause.clone()));
        }
    }
    let spec = ipc_model::spec::Spec::new(PROFILE, system.numbers());
    let clauses = spec.all();
    let unseen = || clauses.iter().map(|clause| clause.id).filter(|id| !seen.contains(id));
    let is_in = |list: &[String], id: &str| list.iter().any(|other| other == id);
    let open: Vec<&str> =
        unseen().filter(|id| !is_in(&optional, id) && is_in(&left_open, id)).collect();
    if !open.is_empty() {
        println!("{} clauses are out of reach on this machine: {}", open.len(), open.join(" "));
    }
    let missing: Vec<&str> =
        unseen().filter(|id| !is_in(&optional, id) && !is_in(&left_open, id)).collect();
    if missing.is_empty() { Ok(()) } else { Err(missing.join(" ").into()) }
}
