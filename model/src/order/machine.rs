//! Two machines that run a test step by step: one that interleaves, and one with a buffer of stores
//! for each process (the abstract machine of Owens, Sarkar, Sewell, "A better x86 memory model:
//! x86-TSO", 2009, section 3). They say what [`super::axioms`] says, by other means.

use std::collections::{BTreeSet, VecDeque};

use super::test::{Observed, Outcome, Place, Step, Test};

/// How stores reach the memory.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Stores {
    /// At once: sequential consistency.
    AtOnce,
    /// Through a buffer, first in, first out, that its own process sees: x86-TSO.
    Buffered,
}

/// A process on the way.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
struct Processor {
    /// How many steps it has made.
    done: usize,
    registers: Vec<u8>,
    buffer: VecDeque<(Place, u8)>,
}

/// A test on the way.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct State {
    memory: Vec<u8>,
    processors: Vec<Processor>,
    stores: Stores,
}

impl State {
    /// Before the first step.
    pub fn begin(test: &Test, stores: Stores) -> State {
        let processors = vec![Processor::default(); test.threads.len()];
        State { memory: vec![0; test.places()], processors, stores }
    }

    /// Everything that may happen next, each by itself. Steps are those of a machine: their orders
    /// are not looked at. Nothing is left to happen when the list is empty.
    pub fn next(&self, test: &Test) -> Vec<State> {
        let mut all = Vec::new();
        for (at, processor) in self.processors.iter().enumerate() {
            if !processor.buffer.is_empty() {
                let mut next = self.clone();
                next.drain(at);
                all.push(next);
            }
            if let Some(step) = test.threads[at].get(processor.done) {
                all.extend(self.after(at, *step));
            }
        }
        all
    }

    /// The oldest buffered store of a process reaches the memory.
    fn drain(&mut self, at: usize) {
        if let Some((place, value)) = self.processors[at].buffer.pop_front() {
            self.memory[usize::from(place.0)] = value;
        }
    }

    /// What a step leads to; nothing while it has to wait for the buffer.
    fn after(&self, at: usize, step: Step) -> Option<State> {
        let waits = matches!(step, Step::Fence(_) | Step::Exchange(..));
        if waits && !self.processors[at].buffer.is_empty() {
            return None;
        }
        let mut next = self.clone();
        let processor = &mut next.processors[at];
        processor.done += 1;
        if let (Some(place), true) = (step.place(), step.reads()) {
            let own = processor.buffer.iter().rev().find(|(known, _)| *known == place);
            let value = own.map_or(self.memory[usize::from(place.0)], |(_, value)| *value);
            processor.registers.push(value);
        }
        if let Some((place, value)) = step.place().zip(step.writes()) {
            processor.buffer.push_back((place, value));
            if waits || self.stores == Stores::AtOnce {
                next.drain(at);
            }
        }
        Some(next)
    }

    /// What is observed at the end.
    pub fn outcome(&self, test: &Test) -> Outcome {
        let value = |one: &Observed| match one {
            Observed::Register(thread, register) => {
                self.processors[*thread].registers.get(*register).copied().unwrap_or(0)
            }
            Observed::Last(place) => self.memory[usize::from(place.0)],
        };
        Outcome(test.observed().iter().map(value).collect())
    }
}

/// Everything that a test may come to.
pub fn run(test: &Test, stores: Stores) -> BTreeSet<Outcome> {
    let mut ends = BTreeSet::new();
    let mut known = BTreeSet::new();
    let mut left = vec![State::begin(test, stores)];
    while let Some(state) = left.pop() {
        let next = state.next(test);
        if next.is_empty() {
            ends.insert(state.outcome(test));
        }
        left.extend(next.into_iter().filter(|state| known.insert(state.clone())));
    }
    ends
}
