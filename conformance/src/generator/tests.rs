//! What programs are made of.

use std::collections::BTreeSet;

use ipc_model::mechanism;
use ipc_model::operation::Operation;
use ipc_model::profile::{LINUX, Numbers, POSIX2024, Profile};

use super::*;
use crate::checker::{Budget, check};
use crate::history::EventKind;
use crate::seed::Seeded;
use crate::sim::Simulated;
use crate::system::System;
use crate::tally::Mix;

fn spec(profile: &'static Profile) -> Spec {
    Spec::new(profile, Numbers::EXAMPLE)
}

fn programs(spec: &Spec, count: u64) -> impl Iterator<Item = Program> {
    (0..count).map(move |number| generate(spec, Shape::default(), &mut Seeded::new(7, number)))
}

fn calls(program: &Program, operations: &[&'static Operation]) -> usize {
    program.lines.iter().filter(|line| operations.contains(&line.operation)).count()
}

fn mix(programs: impl Iterator<Item = Program>) -> Mix {
    let mut system = Simulated::new(&LINUX, Numbers::EXAMPLE, Seeded::new(8, 0));
    let mut mix = Mix::default();
    programs.for_each(|program| mix.add(&system.run(&program).expect("it runs")));
    mix
}

/// The mix that the goals of speed are stated for.
fn is_good(mix: Mix) {
    let part = |part: u64, of: u64| part as f64 / of as f64;
    assert!(part(mix.calls, mix.histories) >= 36.0, "{mix:?}");
    assert!(part(mix.moved, mix.transfers) >= 0.6, "{mix:?}");
    assert!(part(mix.asleep, mix.calls) >= 0.1, "{mix:?}");
    assert!(part(mix.forks + mix.dups + mix.deaths, mix.calls) >= 0.05, "{mix:?}");
}

#[test]
fn programs_have_the_mix_that_was_promised() {
    is_good(mix(programs(&spec(&LINUX), 1000)));
}

#[test]
fn programs_of_pipes_alone_have_it_too() {
    let spec = spec(&LINUX);
    let alone = [&pipe::MAKER, &descriptor::MAKER, &process::MAKER, &signal::MAKER];
    let one = |n| made(&spec, Shape::default(), alone.to_vec(), &mut Seeded::new(7, n));
    is_good(mix((0..1000).map(one)));
}

#[test]
fn a_third_of_the_programs_has_fifos_and_half_of_them_asks_what_is_ready() {
    let spec = spec(&LINUX);
    let (mut fifos, mut asking) = (0, 0);
    for program in programs(&spec, 1000) {
        fifos += u64::from(calls(&program, ipc_model::fifo::OPERATIONS) > 0);
        asking += u64::from(calls(&program, ipc_model::poll::OPERATIONS) > 0);
    }
    assert!((280..390).contains(&fifos) && (400..560).contains(&asking), "{fifos} {asking}");
}

/// What takes a namespace that not everybody can have, and would have whole programs skipped; and threads,
/// of which no program by chance keeps to what is modelled.
const BY_SCENARIOS_ALONE: [&str; 9] = [
    "mount MS_BIND",
    "mount MS_REMOUNT",
    "unshare CLONE_NEWNS",
    "pthread_sigmask",
    "kill -1",
    "pthread_create",
    "pthread_kill",
    "pthread_exit",
    "pthread_join",
];

#[test]
fn every_operation_is_called() {
    let spec = spec(&LINUX);
    let mut called = BTreeSet::new();
    for program in programs(&spec, 3000) {
        called.extend(program.lines.iter().map(|line| line.operation.key()));
    }
    let missing: Vec<String> =
        mechanism::operations().map(Operation::key).filter(|key| !called.contains(key)).collect();
    assert_eq!(missing, BY_SCENARIOS_ALONE);
}

/// Somebody waits in an open, and another comes.
#[test]
fn opens_meet() {
    let spec = spec(&LINUX);
    let mut system = Simulated::new(&LINUX, Numbers::EXAMPLE, Seeded::new(8, 0));
    let (mut waited, mut met) = (0, 0);
    for program in programs(&spec, 600) {
        let history = system.run(&program).expect("it runs");
        let mut waits = BTreeSet::new();
        let is_open = |process: u8, events: &[crate::history::Event]| {
            let last = events.iter().rev().find_map(|event| match &event.kind {
                EventKind::Call { actor, call, .. } if actor.process == process => Some(call),
                _ => None,
            });
            last.is_some_and(|call| ipc_model::fifo::OPERATIONS.contains(&call.operation))
        };
        for (index, event) in history.events.iter().enumerate() {
            match &event.kind {
                EventKind::Quiescent { asleep, .. } => {
                    let opening = asleep.iter().map(|actor| actor.process);
                    let opening = opening.filter(|p| is_open(*p, &history.events[..index]));
                    waited += opening.filter(|process| waits.insert(*process)).count();
                }
                EventKind::Return { actor, .. } => met += usize::from(waits.remove(&actor.process)),
                _ => {}
            }
        }
    }
    assert!(waited > 120 && met * 3 > waited * 2, "{waited} waited, {met} met");
}

#[test]
fn what_is_generated_conforms_to_the_rules_that_it_was_made_by() {
    let spec = spec(&LINUX);
    let mut system = Simulated::new(&LINUX, Numbers::EXAMPLE, Seeded::new(9, 0));
    for program in programs(&spec, 300) {
        let history = system.run(&program).expect("it runs");
        let judgement = check(&spec, &history, Budget::default());
        assert!(judgement.conforms(), "{program}\n{:?}", judgement.verdict);
    }
}

/// The base leaves so much open that not all of it can always be tried.
#[test]
fn nothing_that_is_generated_by_the_base_is_refused() {
    let spec = spec(&POSIX2024);
    let mut system = Simulated::new(&POSIX2024, Numbers::EXAMPLE, Seeded::new(9, 0));
    let budget = Budget { moves: 5_000, worlds: 5_000, ..Budget::default() };
    let mut conforming = 0;
    for program in programs(&spec, 100) {
        let history = system.run(&program).expect("it runs");
        let judgement = check(&spec, &history, budget);
        assert!(judgement.deviation().is_none(), "{program}\n{:?}", judgement.verdict);
        conforming += u64::from(judgement.conforms());
    }
    assert!(conforming > 80, "{conforming}");
}

#[test]
fn the_base_is_asked_for_nothing_that_it_lacks() {
    for program in programs(&spec(&POSIX2024), 500) {
        let beyond = program.lines.iter().find(|line| mechanism::is_extension(line.operation));
        assert_eq!(beyond.map(|line| line.operation.key()), None);
    }
}
