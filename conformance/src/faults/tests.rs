use std::collections::BTreeSet;

use ipc_model::mechanism;

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

#[test]
fn every_known_deviation_can_be_planted_or_waits_for_something() {
    for deviation in deviations() {
        assert!(deviation.link.starts_with("https://"), "{}", deviation.name);
        assert!(deviation.name.starts_with(&format!("deviation-{}-", deviation.number)));
        let planted = fault(deviation.name).is_some();
        assert_ne!(planted, matches!(deviation.planting, Planting::Waits(_)), "{}", deviation.name);
    }
}
