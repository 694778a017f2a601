use std::collections::BTreeSet;

use ipc_model::mechanism;
use ipc_model::operation::Operation;
use ipc_model::payload::{Tag, source};

use super::*;

#[test]
fn every_fault_has_a_name_of_its_own() {
    let names: BTreeSet<&str> = FAULTS.iter().map(|fault| fault.name.as_str()).collect();
    assert_eq!(names.len(), FAULTS.len());
    assert!(FAULTS.iter().all(|fault| !fault.slips.is_empty()));
    for name in names {
        assert_eq!(fault(name).map(|found| found.name.as_str()), Some(name));
    }
}

/// What is read off the data needs no line for a clause: every clause that is judged has faults.
#[test]
fn every_clause_has_faults_of_its_own() {
    use ipc_model::clause::Envelope;
    let has: BTreeSet<&str> = systematic().iter().map(|fault| fault.slips[0].clause.id).collect();
    let lacking: Vec<&str> = mechanism::clauses()
        .filter(|clause| !matches!(clause.envelope, Envelope::Anything))
        .map(|clause| clause.id)
        .filter(|id| !has.contains(id))
        .collect();
    assert_eq!(lacking, [""; 0]);
}

/// Of all calls that both clauses are about, only `write` is left, and the eight bytes that would be
/// refused are those of a line that no program has.
#[test]
fn no_payload_is_the_number_that_is_refused() {
    let starts = "done-though-refused:eventfd.write.err.einval.number:";
    let mut borrowed = 0;
    for fault in FAULTS.iter().filter(|fault| fault.name.starts_with(starts)) {
        let Wrong::Borrowed(other) = fault.slips[0].wrong else { panic!("{}", fault.name) };
        let both = |on: &&&Operation| other.on.contains(*on);
        let shared: Vec<&str> =
            fault.slips[0].clause.on.iter().filter(both).map(|on| on.name).collect();
        match fault.unseen {
            Some(_) => assert_eq!(shared, ["write"], "{}", fault.name),
            None => assert_ne!(shared, ["write"], "{}", fault.name),
        }
        borrowed += usize::from(fault.unseen.is_some());
    }
    assert_eq!(borrowed, 1);
    let (line, _) = source([0xff; 8]);
    assert!(line > Tag::from(u16::MAX), "{line}");
}

#[test]
fn every_known_deviation_can_be_planted_or_waits_for_something() {
    for deviation in deviations() {
        assert!(deviation.link.starts_with("https://"), "{}", deviation.name);
        assert!(deviation.name.starts_with(&format!("deviation-{}-", deviation.number)));
        let planted = fault(deviation.name).is_some();
        assert_ne!(planted, matches!(deviation.planting, Planting::Waits(_)), "{}", deviation.name);
    }
}
