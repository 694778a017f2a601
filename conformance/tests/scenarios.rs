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

/// `covers` takes only what the order edges force, whatever the system chooses among.
#[test]
fn what_a_scenario_covers_is_forced() {
    let spec = Spec::new(&LINUX, Numbers::EXAMPLE);
    let known: BTreeSet<&str> = spec.all().iter().map(|clause| clause.id).collect();
    let scenarios: Vec<Scenario> = scenario::all().collect();
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for worker in 0..workers {
            let (known, own) = (&known, scenarios.iter().skip(worker).step_by(workers));
            scope.spawn(move || own.for_each(|scenario| is_forced(scenario, known)));
        }
    });
}

fn is_forced(scenario: &Scenario, known: &BTreeSet<&str>) {
    let program = scenario.program().unwrap_or_else(|error| panic!("{error}"));
    let forced = forced(&program, &LINUX, 600);
    for mention in program.covers.iter().filter(|m| known.contains(m.clause.as_str())) {
        assert!(
            forced.clauses.contains(mention.clause.as_str()),
            "{}: {} is not exercised in every one of {} runs of the model",
            scenario.name,
            mention.clause,
            forced.runs
        );
    }
}
