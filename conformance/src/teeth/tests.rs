use ipc_model::profile::{LINUX, POSIX2024};

use super::*;
use crate::faults::fault;

const PLAN: Plan = Plan { profile: &LINUX, random: 60, seed: 0, jobs: 2, explain: false };

/// Every known deviation, and every eleventh of the systematic faults: whatever the page of the book
/// has as caught still is.
#[test]
fn what_was_caught_is_caught_and_the_sound_kernel_is_not_refused() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/figures/teeth.md");
    let page = std::fs::read_to_string(page).expect("the page is in the repository");
    let survives = |name: &str| {
        page.contains(&format!("\n| `{name}` | no difference"))
            || page.contains(&format!("\n| `{name}` | MISSED"))
            || page.contains(&format!("\n| `{name}` | WITHOUT"))
    };
    let sample: BTreeSet<&str> =
        FAULTS.iter().step_by(11).map(|fault| fault.name.as_str()).collect();
    let is_meant = |fault: &Fault| {
        let named = fault.kind() == "named";
        (named || sample.contains(fault.name.as_str())) && !survives(&fault.name)
    };
    let matrix = run(&PLAN, is_meant);
    assert_eq!(matrix.control.refused, [""; 0]);
    let missed = matrix.rows.iter().filter(|row| row.caught.is_none());
    let missed: Vec<&str> = missed.map(|row| row.fault.as_str()).collect();
    assert_eq!(missed, [""; 0]);
    assert!(matrix.rows.len() > 60, "{} faults", matrix.rows.len());
}

/// What no program shows although it is no fault that is the same as none must not pass.
#[test]
fn a_fault_that_is_missed_is_no_pass() {
    let planted = fault("errno:pipe.read.err.ebadf").expect("there is that fault");
    let spec = Spec::new(&LINUX, Numbers::EXAMPLE);
    let equal = same(&spec, &[planted], 2).remove(0);
    assert!(matches!(equal, Equal::Differs(_)), "{equal:?}");
    let row = Row { fault: planted.name.clone(), clause: "x", caught: None, equal: Some(equal) };
    assert!(!row.is_settled());
}

/// FreeBSD's two-way pipes are refused under `linux`, and left open by the base.
#[test]
fn a_pipe_that_goes_both_ways_is_a_difference_of_profiles() {
    let name = "deviation-25-two-way";
    let linux = run(&Plan { random: 0, ..PLAN }, |fault| fault.name == name);
    assert!(linux.rows[0].caught.is_some());
    let base = run(&Plan { profile: &POSIX2024, random: 0, ..PLAN }, |fault| fault.name == name);
    assert!(base.rows[0].caught.is_none(), "{:?}", base.rows[0]);
}
