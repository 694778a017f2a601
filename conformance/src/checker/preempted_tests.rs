//! Crowds as real processes make them: one runs while the others stay in their calls, pipes fill up, and
//! bytes are named by what had been reported before them.

use ipc_model::outcome::{Outcome, Value};
use ipc_model::payload::{Data, Run};
use ipc_model::profile::{LINUX, Numbers};
use ipc_model::spec::Spec;

use super::search::Search;
use super::sources::told_anew;
use super::{Budget, Verdict, check};
use crate::history::{EventKind, History};
use crate::real::decode::named_by_reader;
use crate::seed::{Bursts, Seeded};
use crate::sim::Simulated;
use crate::stress::{Load, stress};
use crate::system::System;

fn spec() -> Spec {
    Spec::new(&LINUX, Numbers::EXAMPLE)
}

fn preempted(processes: u8, calls: u16, seed: u64) -> History {
    let program = stress(Load { processes, calls, pipes: 1 }, &mut Seeded::new(seed, 0));
    let mut system = Simulated::new(&LINUX, Numbers::EXAMPLE, Bursts::new(Seeded::new(seed, 1)));
    system.run(&program).expect("the simulated system runs every program")
}

fn received(history: &mut History) -> impl Iterator<Item = &mut Data> {
    history.events.iter_mut().filter_map(|event| match &mut event.kind {
        EventKind::Return { outcome: Outcome::Success(Value::Data(data)), .. } => Some(data),
        _ => None,
    })
}

/// Pipes fill up, and how much room there is then hangs on who had slept before: nothing tells but the
/// times.
#[test]
fn a_crowd_that_is_preempted_is_followed() {
    for (processes, calls, seeds) in [(4, 300, 0..2), (12, 500, 3..5), (32, 100, 0..2)] {
        for seed in seeds {
            let history = preempted(processes, calls, seed);
            let judgement = check(&spec(), &history, Budget::default());
            assert_eq!(judgement.verdict, Verdict::Conforms, "{processes} processes, {seed}");
        }
    }
}

/// Few bytes are named wrong, and by the names alone the search is led astray.
#[test]
fn a_crowd_whose_bytes_are_named_wrong_is_followed() {
    let mut astray = false;
    for (processes, calls, seeds) in [(4, 300, 0..3), (12, 200, 0..3)] {
        for seed in seeds {
            let history = named_by_reader(preempted(processes, calls, seed));
            let judgement = check(&spec(), &history, Budget::default());
            assert_eq!(judgement.verdict, Verdict::Conforms, "{processes} processes, {seed}");
            let few = Budget { moves: 10_000, ..Budget::default() };
            let by_name = || Search::new(&spec(), &history, few).judge();
            astray = astray || by_name().verdict != Verdict::Conforms;
        }
    }
    assert!(astray, "no name led astray");
}

#[test]
fn bytes_that_are_named_anew_are_the_same_bytes() {
    let spec = spec();
    let mut history = named_by_reader(preempted(12, 200, 1));
    let search = Search::new(&spec, &history, Budget::default());
    let mut told = told_anew(&history, &search.moves.future).expect("some names are wrong");
    assert_ne!(told, history);
    let bytes = |history: &mut History| -> Vec<Vec<u8>> {
        received(history).map(|data| data.bytes()).collect()
    };
    assert_eq!(bytes(&mut told), bytes(&mut history));
    for event in &told.events {
        if let EventKind::Return { outcome: Outcome::Success(Value::Data(data)), .. } = &event.kind
        {
            assert!(data.runs().all(|run| matches!(run, Run::Of { .. })), "{data}");
        }
    }
}

#[test]
fn a_byte_lost_or_changed_in_a_preempted_crowd_is_refused() {
    for (seed, lost) in [(0, false), (0, true), (1, false), (1, true)] {
        let mut history = preempted(12, 100, seed);
        let data = received(&mut history).filter(|data| data.len() > 8).nth(50);
        let data = data.expect("much is received");
        let mut bytes = data.bytes();
        if lost {
            bytes.remove(0);
        } else {
            bytes[0] ^= 1;
        }
        *data = [Run::Raw(bytes)].into_iter().collect();
        let judgement = check(&spec(), &named_by_reader(history), Budget::default());
        let verdict = &judgement.verdict;
        assert!(matches!(verdict, Verdict::Deviates(_)), "{seed} {lost}: {verdict:?}");
    }
}
