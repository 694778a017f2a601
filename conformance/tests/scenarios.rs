//! What must hold of the scenarios before any system has run them.

use std::collections::BTreeSet;
use std::thread;

use ipc_conformance::scenario::{self, Scenario, forced};
use ipc_model::profile::{LINUX, Numbers};
use ipc_model::spec::Spec;

#[test]
fn every_scenario_is_well_formed() {
    let mut count = 0;
    for scenario in scenario::all() {
        let program = scenario.program().unwrap_or_else(|error| panic!("{error}"));
        assert!(!program.covers.is_empty(), "{} claims nothing", scenario.name);
        count += 1;
    }
    assert!(count >= 50, "{count} scenarios");
}

#[test]
fn every_clause_is_cited() {
    let mut cited = BTreeSet::new();
    for scenario in scenario::all() {
        let program = scenario.program().unwrap_or_else(|error| panic!("{error}"));
        let all = program.covers.into_iter().chain(program.may_cover);
        cited.extend(all.map(|mention| mention.clause));
    }
    let spec = Spec::new(&LINUX, Numbers::EXAMPLE);
    let missing: Vec<&str> =
        spec.all().iter().map(|clause| clause.id).filter(|id| !cited.contains(*id)).collect();
    assert_eq!(missing, [""; 0]);
}

/// Runs of the model for one scenario: most have fewer, and those are all there are.
const MOST: usize = 600;

/// `covers` takes only what the order edges force, whatever the system chooses among.
#[test]
fn what_a_scenario_covers_is_forced() {
    let spec = Spec::new(&LINUX, Numbers::EXAMPLE);
    let known: BTreeSet<&str> = spec.all().iter().map(|clause| clause.id).collect();
    let scenarios: Vec<Scenario> = scenario::all().collect();
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let wrong: Vec<String> = thread::scope(|scope| {
        let own = |worker| {
            let (known, own) = (&known, scenarios.iter().skip(worker).step_by(workers));
            scope.spawn(move || own.flat_map(|one| not_forced(one, known)).collect::<Vec<_>>())
        };
        let all: Vec<_> = (0..workers).map(own).collect();
        all.into_iter().flat_map(|worker| worker.join().expect("it does not panic")).collect()
    });
    assert_eq!(wrong, [""; 0]);
}

/// What it covers and need not use.
fn not_forced(scenario: &Scenario, known: &BTreeSet<&str>) -> Vec<String> {
    let program = scenario.program().unwrap_or_else(|error| panic!("{error}"));
    let forced = forced(&program, &LINUX, MOST);
    let covered = program.covers.iter().map(|mention| mention.clause.as_str());
    let free = covered.filter(|id| known.contains(id) && !forced.clauses.contains(*id));
    let told = |id| {
        let name = scenario.name;
        format!("{name}: {id} is not exercised in every one of {} runs of the model", forced.runs)
    };
    free.map(told).collect()
}
