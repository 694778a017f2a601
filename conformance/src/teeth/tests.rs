use ipc_model::profile::{LINUX, POSIX2024};

use super::equal::same_within;
use super::*;
use crate::faults::fault;

const PLAN: Plan =
    Plan { profile: &LINUX, random: 100, seed: 0, jobs: 2, control: true, explain: false };

/// The committed page, and of it the grades: the letters of each clause.
fn committed() -> (String, Vec<(String, String)>) {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/figures/teeth.md");
    let page = std::fs::read_to_string(page).expect("the page is in the repository");
    let row = |line: &str| {
        let (clause, rest) = line.strip_prefix("| `")?.split_once("` | ")?;
        let (letters, _) = rest.split_once(" | ")?;
        let is_grade = letters.chars().count() == 3 && letters.chars().all(|c| "ced–".contains(c));
        is_grade.then(|| (clause.to_owned(), letters.to_owned()))
    };
    let grades = page.lines().filter_map(row).collect();
    (page, grades)
}

/// Every known deviation, and of each clause the first fault that is caught: what the page of the book
/// has as caught still is, and no grade is lower than there.
#[test]
fn what_was_caught_is_caught_and_no_grade_falls() {
    let (page, committed) = committed();
    let (_, survivors) = page.split_once("| clause | not refused").expect("what survives is told");
    let names = survivors.lines().filter_map(|line| {
        let (clause, rest) = line.strip_prefix("| `")?.split_once("` | ")?;
        let short = rest.split(" | ").next()?.split('`').skip(1).step_by(2);
        Some(short.map(move |name| match name.split_once(':') {
            Some((kind, rest)) => format!("{kind}:{clause}:{rest}"),
            None => format!("{name}:{clause}"),
        }))
    });
    let survivors: BTreeSet<String> = names.flatten().collect();
    assert!(survivors.iter().all(|name| fault(name).is_some()), "what survives is a fault");
    let is_caught = |fault: &&Fault| !survivors.contains(&fault.name);
    let (mut meant, mut clauses) = (BTreeSet::new(), BTreeSet::new());
    for fault in FAULTS.iter().filter(|fault| fault.kind() != "named").filter(is_caught) {
        if clauses.insert(fault.slips[0].clause.id) {
            meant.insert(fault.name.as_str());
        }
    }
    let is_meant = |fault: &Fault| fault.kind() == "named" || meant.contains(fault.name.as_str());
    let matrix = run(&PLAN, is_meant);
    assert_eq!(matrix.control.refused, [""; 0]);
    let missed = matrix.rows.iter().filter(|row| row.caught.is_none());
    let missed: Vec<&str> = missed.map(|row| row.fault.as_str()).collect();
    assert_eq!(missed, [""; 0]);
    let spec = Spec::new(&LINUX, Numbers::EXAMPLE);
    let now = grades(&spec, &matrix);
    assert_eq!(committed.len(), now.len());
    for (clause, letters) in committed {
        let grade = now.iter().find(|grade| grade.clause == clause).expect("it is a clause");
        let fell =
            letters.chars().zip(grade.letters().chars()).any(|(was, is)| was != '–' && is == '–');
        assert!(!fell, "{clause} was {letters} and is {}", grade.letters());
    }
}

/// What no program shows although it is no fault that is the same as none must not pass.
#[test]
fn a_fault_that_is_missed_is_no_pass() {
    let planted = fault("data-altered:pipe.read.full").expect("there is that fault");
    let spec = Spec::new(&LINUX, Numbers::EXAMPLE);
    let equal = same_within(&spec, &[planted], 2, &|scope| scope == "taken").remove(0);
    assert!(matches!(equal, Equal::Differs(_)), "{equal:?}");
    let row = Row { fault: planted.name.clone(), clause: "x", caught: None, equal: Some(equal) };
    assert!(!row.is_settled());
}

/// A step that makes a difference is looked at by history, and there is a history or there is none.
#[test]
fn what_a_history_tells_is_told_from_what_none_tells() {
    let names = [
        "guard-ignored:pipe.splice.epipe.pending:nobody-can-read-the-second",
        "guard-ignored:pipe.splice.finds:it-asks-for-bytes",
    ];
    let faults = names.map(|name| fault(name).expect("there is that fault"));
    let found = equal::in_scope("relays", &faults);
    let told = found.map(|(met, how)| (met > 0, how.is_some()));
    assert_eq!(told, [(true, true), (true, false)]);
}

/// FreeBSD's two-way pipes are refused under `linux`, and left open by the base.
#[test]
fn a_pipe_that_goes_both_ways_is_a_difference_of_profiles() {
    let name = "deviation-25-two-way";
    let few = Plan { random: 0, control: false, ..PLAN };
    let linux = run(&few, |fault| fault.name == name);
    assert!(linux.rows[0].caught.is_some());
    let base = run(&Plan { profile: &POSIX2024, ..few }, |fault| fault.name == name);
    assert!(base.rows[0].caught.is_none(), "{:?}", base.rows[0]);
}

/// A run that is left out because the sound kernel does not come near to what is wrong would have been
/// the sound kernel's.
#[test]
fn what_is_not_run_would_have_been_the_same() {
    let spec = Arc::new(Spec::new(&LINUX, Numbers::EXAMPLE));
    let probes = probes(&PLAN, &spec);
    let bench = Bench::new(&PLAN, &spec);
    let (mut left_out, mut made) = (0, 0);
    for (at, fault) in FAULTS.iter().filter(|fault| fault.is_in(&bench.spec)).enumerate() {
        let concerned: Vec<&Probe> =
            probes.iter().filter(|probe| concerns(fault, &probe.program)).collect();
        let Some(probe) = concerned.get(at % concerned.len().max(1)) else { continue };
        let number = at as u64 % probe.times;
        if bench.met_in(&probe.program, number).may_differ(&fault.slips) {
            made += 1;
            continue;
        }
        left_out += 1;
        let run = |mut system: Simulated<Seeded>| {
            system.run(&probe.program).expect("it can be run").events
        };
        let sound = || bench.sound(&probe.program, number).1;
        let case = format!("{} on {}, run {number}", fault.name, probe.name);
        assert_eq!(run(sound()), run(sound().with(fault)), "{case}");
    }
    assert!(left_out > 1000 && made > 1000, "{left_out} left out, {made} made");
}
