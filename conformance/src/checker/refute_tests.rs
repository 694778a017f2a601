use std::collections::HashSet;

use ipc_model::outcome::{Outcome, Value};
use ipc_model::payload::{Data, Run, byte};
use ipc_model::profile::{LINUX, Numbers};
use ipc_model::spec::Spec;

use super::future::Future;
use super::naive::{self, Found};
use super::refute::{contradiction, refute};
use super::tests::of_crowd;
use super::{Budget, Name, Verdict, check};
use crate::crowd::Crowd;
use crate::generator::{Shape, generate};
use crate::history::{EventKind, History};
use crate::seed::Seeded;
use crate::sim::Simulated;
use crate::system::System;
use crate::text::parse;

const LARGE: Crowd =
    Crowd { processes: 12, calls: 1_000, bytes: (8, 64), capacity: 65_536, nonblock: false };

/// No byte that is sent is like another: then every piece is what it seems to be.
fn is_told_apart(history: &History) -> bool {
    let mut seen = HashSet::new();
    history.events.iter().all(|event| match &event.kind {
        EventKind::Call { call, .. } if call.operation.sends() => {
            (0..call.len()).all(|at| seen.insert(byte(call.tag, at)))
        }
        _ => true,
    })
}

/// What is refuted has no run, says the enumerator; and this is about something.
#[test]
fn no_tiny_history_with_a_run_is_refuted() {
    let spec = naive::spec(&LINUX);
    let mut refuted = 0;
    for seed in 0..4_000 {
        let Some(history) = naive::history(&LINUX, seed, 1 + seed % 2) else { continue };
        let certain = if is_told_apart(&history) { 1 } else { 12 };
        let Some(found) = contradiction(&spec, &history, &Future::of(&history), certain) else {
            continue;
        };
        let told = naive::enumerate(&spec, &history);
        let shown = crate::lines::transcript(&history);
        assert_ne!(told, Found::Run, "seed {seed}: {found:?}\n{shown}");
        refuted += u64::from(told == Found::NoRun);
    }
    assert!(refuted >= 60, "{refuted} refuted");
}

#[test]
fn what_the_model_does_is_never_refuted() {
    let spec = Spec::new(&LINUX, Numbers::EXAMPLE);
    for seed in 0..1_000 {
        let program = generate(&spec, Shape::default(), &mut Seeded::new(seed, 10));
        let mut system = Simulated::new(&LINUX, Numbers::EXAMPLE, Seeded::new(seed, 11));
        let history = system.run(&program).expect("the simulated system runs every program");
        let found = contradiction(&spec, &history, &Future::of(&history), 12);
        assert_eq!(found, None, "seed {seed}\n{program}");
    }
    for seed in 0..4 {
        for (bytes, nonblock) in [((1, 8), false), ((8, 64), false), ((8, 64), true)] {
            let (spec, history) = of_crowd(Crowd { bytes, nonblock, ..LARGE }, seed);
            assert_eq!(contradiction(&spec, &history, &Future::of(&history), 12), None);
        }
    }
}

/// The answers of all who received something.
fn received(history: &mut History) -> Vec<&mut Data> {
    let data = history.events.iter_mut().filter_map(|event| match &mut event.kind {
        EventKind::Return { outcome: Outcome::Success(Value::Data(data)), .. } => Some(data),
        _ => None,
    });
    data.filter(|data| !data.is_empty()).collect()
}

fn altered(data: &Data) -> Data {
    let mut bytes = data.bytes();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    [Run::Raw(bytes)].into_iter().collect()
}

type Change = fn(&mut [&mut Data]);

/// What can be done to a crowd's history, and what that is called.
const CHANGES: [(Name, Change); 4] = [
    (Name::Lost, |all| {
        all[all.len() / 2].take(1);
    }),
    (Name::Corrupt, |all| *all[all.len() / 2] = altered(all[all.len() / 2])),
    (Name::Duplicated, |all| *all[all.len() / 2] = all[all.len() / 3].clone()),
    (Name::Reordered, |all| {
        let other = std::mem::take(all[all.len() / 3]);
        *all[all.len() / 3] = std::mem::replace(all[all.len() / 2], other);
    }),
];

#[test]
fn what_is_wrong_in_a_crowd_is_told_without_a_search() {
    for seed in 0..3 {
        for (name, change) in CHANGES {
            let (spec, mut history) = of_crowd(LARGE, seed);
            change(&mut received(&mut history));
            let judgement = check(&spec, &history, Budget::default());
            let Verdict::Deviates(found) = &judgement.verdict else {
                panic!("{name}, seed {seed}: {:?}", judgement.verdict);
            };
            let anomaly = found[0].anomaly.as_ref().expect("it is about bytes");
            // What was received early may be what had not been sent.
            let fits =
                anomaly.name == name || name == Name::Reordered && anomaly.name == Name::Invented;
            assert!(fits, "{name}, seed {seed}: {anomaly:?}");
            assert!(anomaly.events[0].0 < anomaly.events[1].0, "{anomaly:?}");
            assert!(judgement.moves < 20_000, "{} moves", judgement.moves);
        }
    }
}

/// A byte is missing, and each of these may be why: nothing is said.
#[test]
fn what_may_have_gone_elsewhere_is_not_refuted() {
    let elsewhere = [
        ("a reader that was killed", "A: fork -> C\nC: read r 1\nB: kill C SIGKILL\n"),
        ("a copy", "A: pipe -> p q\nA: tee r q 1 0\nA: read p 1\n"),
        ("another pipe", "A: pipe -> p q\nA: write q 1\nA: read p 1\n"),
        ("a flag", "A: fcntl r F_SETFL O_NONBLOCK\n"),
    ];
    let refuted = |more: &str| {
        let text = format!(
            "order stepwise\nA: pipe -> r w\nA: fork -> B\n{more}A: write w 40\nA: close w\n\
             A: read r 20\nB: close w\nA: read r 100\nA: read r 9\n"
        );
        let program = parse("elsewhere", &text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        let mut system = Simulated::new(&LINUX, Numbers::EXAMPLE, Seeded::new(1, 1));
        let mut history = system.run(&program).expect("the simulated system runs every program");
        for data in received(&mut history) {
            if data.len() == 20 {
                data.take(1);
                break;
            }
        }
        let spec = Spec::new(&LINUX, Numbers::EXAMPLE);
        refute(&spec, &history, &Future::of(&history)).is_some()
    };
    assert!(refuted(""), "nothing else can have it");
    for (what, more) in elsewhere {
        assert!(!refuted(more), "{what}");
    }
}
