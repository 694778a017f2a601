//! Histories to be judged: of crowds, and what was made of them.

use ipc_conformance::checker::Verdict;
use ipc_conformance::crowd::{Crowd, crowd};
use ipc_conformance::history::{EventKind, History};
use ipc_conformance::seed::Seeded;
use ipc_conformance::sim::Simulated;
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
pub(crate) fn lossy(mut history: History) -> History {
    let full: Vec<&mut Data> = received(&mut history).filter(|data| !data.is_empty()).collect();
    let middle = full.len() / 2;
    if let Some(data) = full.into_iter().nth(middle) {
        data.take(1);
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
