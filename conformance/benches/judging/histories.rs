//! Histories to be judged: of crowds, and what was made of them.

use ipc_conformance::checker::Verdict;
use ipc_conformance::crowd::{Crowd, crowd};
use ipc_conformance::history::{EventKind, History};
use ipc_conformance::seed::{Bursts, Seeded};
use ipc_conformance::sim::Simulated;
use ipc_conformance::stress::{Load, stress};
use ipc_conformance::system::System;
use ipc_model::outcome::{Outcome, Value};
use ipc_model::payload::{Data, Run};
use ipc_model::profile::{LINUX, Numbers};

/// The numbers of a system whose pipes hold as much as the crowd's.
pub(crate) fn numbers(shape: Crowd) -> Numbers {
    Numbers { pipe_capacity: shape.capacity, ..Numbers::EXAMPLE }
}

/// What a crowd does on the model.
pub(crate) fn of_crowd(shape: Crowd, seed: u64) -> History {
    let program = crowd(shape, &mut Seeded::new(3, seed));
    let mut system = Simulated::new(&LINUX, numbers(shape), Seeded::new(4, seed));
    system.run(&program).expect("it runs")
}

/// What a program of `stress` does on the model, one process going on and on for a while.
pub(crate) fn of_preempted(processes: u8, calls: u16, seed: u64) -> History {
    let program = stress(Load { processes, calls, pipes: 1 }, &mut Seeded::new(5, seed));
    let pick = Bursts::new(Seeded::new(6, seed));
    Simulated::new(&LINUX, Numbers::EXAMPLE, pick).run(&program).expect("it runs")
}

/// Every piece of data that was received, to be changed.
fn received(history: &mut History) -> impl Iterator<Item = &mut Data> {
    history.events.iter_mut().filter_map(|event| match &mut event.kind {
        EventKind::Return { outcome: Outcome::Success(Value::Data(data)), .. } => Some(data),
        _ => None,
    })
}

/// The same, every call sending the same bytes, so that none says where it comes from.
pub(crate) fn equal_bytes(mut history: History) -> History {
    for event in &mut history.events {
        if let EventKind::Call { call, .. } = &mut event.kind {
            call.tag = 1;
        }
    }
    for data in received(&mut history) {
        *data = (0..data.len()).map(|_| Run::Of { tag: 1, from: 0, len: 1 }).collect();
    }
    history
}

/// The same with a byte missing in the middle.
pub(crate) fn lossy(history: History) -> History {
    changed(history, LOST.1)
}

/// What can be done to a history: which answers are changed, and how.
pub(crate) type Alteration = (&'static str, fn(&mut [&mut Data]));

const LOST: Alteration = ("a byte lost", |all| {
    all[all.len() / 2].take(1);
});

/// Everything that is done to the histories of crowds.
pub(crate) const ALTERATIONS: [Alteration; 4] = [
    LOST,
    ("a byte altered", |all| {
        let data = &mut all[all.len() / 2];
        let mut bytes = data.bytes();
        bytes[0] ^= 1;
        **data = [Run::Raw(bytes)].into_iter().collect();
    }),
    ("a read duplicated", |all| *all[all.len() / 2] = all[all.len() / 3].clone()),
    ("two reads swapped", |all| {
        let other = std::mem::take(all[all.len() / 3]);
        *all[all.len() / 3] = std::mem::replace(all[all.len() / 2], other);
    }),
];

/// The same after an alteration.
pub(crate) fn changed(mut history: History, change: fn(&mut [&mut Data])) -> History {
    let mut full: Vec<&mut Data> = received(&mut history).filter(|data| !data.is_empty()).collect();
    if !full.is_empty() {
        change(&mut full);
    }
    history
}

/// A verdict in a word.
pub(crate) fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Conforms => "conforms",
        Verdict::Deviates(_) => "deviates",
        Verdict::Inconclusive(_) => "inconclusive",
    }
}
