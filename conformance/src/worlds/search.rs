//! All states of a scope, breadth first: the first way that is found to anything is a shortest one.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};

use super::always::{ALWAYS, Check};
use super::coverage::Coverage;
use super::fingerprint::Fingerprint;
use super::here::Here;
use super::sometimes::Sometimes;
use super::space::{Action, Edge, Space, State};

/// What was found.
pub struct Explored {
    /// States, those that differ in names only being one.
    pub states: usize,
    /// What leads from one to another, or to itself.
    pub transitions: u64,
    /// Steps to the farthest state, by the shortest way.
    pub depth: u32,
    /// States in which nothing can happen but that a call is made.
    pub at_rest: usize,
    /// Whether these were all there are.
    pub complete: bool,
    /// What must happen at some time, and whether it did.
    pub sometimes: Vec<(&'static Sometimes, bool)>,
    /// The clauses that were used.
    pub used: BTreeSet<&'static str>,
    /// Those of the same calls that were not, and why.
    pub unused: Vec<(&'static str, String)>,
    /// What does not hold.
    pub failure: Option<Counterexample>,
}

impl Explored {
    /// Whether everything was seen, holds, and happens.
    pub fn is_good(&self) -> bool {
        self.complete && self.failure.is_none() && self.sometimes.iter().all(|(_, seen)| *seen)
    }
}

/// A shortest way to where something does not hold.
pub struct Counterexample {
    /// What should hold always.
    pub property: &'static str,
    /// Why it does not.
    pub reason: String,
    /// The way there and the world at its end, one thing a line.
    pub trace: String,
}

/// Explores a space, but no more than `most` states of it.
pub fn explore(space: &Space<'_>, most: usize) -> Explored {
    let mut search = Search {
        space,
        known: HashMap::default(),
        parents: Vec::new(),
        coverage: Coverage::new(space),
        sometimes: space.scope.sometimes.iter().map(|one| (*one, false)).collect(),
        broken: None,
        transitions: 0,
        at_rest: 0,
    };
    let (depth, complete) = search.run(most);
    let failure = search.broken.take().map(|broken| search.counterexample(broken));
    let (used, unused) = search.coverage.told();
    Explored {
        states: search.parents.len(),
        transitions: search.transitions,
        depth,
        at_rest: search.at_rest,
        complete,
        sometimes: search.sometimes,
        used,
        unused,
        failure,
    }
}

struct Search<'s, 'a> {
    space: &'s Space<'a>,
    known: HashMap<Fingerprint, u32, BuildHasherDefault<Folded>>,
    /// For each state the one that it was first reached from.
    parents: Vec<u32>,
    coverage: Coverage<'a>,
    sometimes: Vec<(&'static Sometimes, bool)>,
    broken: Option<BrokenAt<'a>>,
    transitions: u64,
    at_rest: usize,
}

/// Where something does not hold: in a state, or in what happens next there.
struct BrokenAt<'a> {
    state: u32,
    then: Option<Action<'a>>,
    property: &'static str,
    reason: String,
}

impl<'a> Search<'_, 'a> {
    /// Goes through the states, and gives how far it came and whether that was all.
    fn run(&mut self, most: usize) -> (u32, bool) {
        let mut level = VecDeque::from([(0, self.space.first())]);
        self.known.insert(self.space.fingerprint(&level[0].1), 0);
        self.parents.push(0);
        let mut depth = 0;
        loop {
            let mut next = VecDeque::new();
            for (number, state) in level.drain(..) {
                self.visit(number, &state, most, &mut next);
            }
            if self.broken.is_some() {
                return (depth, false);
            }
            if next.is_empty() {
                return (depth, self.parents.len() <= most);
            }
            if self.parents.len() > most {
                return (depth + 1, false);
            }
            depth += 1;
            level = next;
        }
    }

    fn visit(
        &mut self,
        number: u32,
        state: &State,
        most: usize,
        next: &mut VecDeque<(u32, State)>,
    ) {
        if self.broken.as_ref().is_some_and(|broken| broken.then.is_none()) {
            return;
        }
        let here = Here::look(self.space, state);
        for always in ALWAYS {
            if let Check::State(holds) = always.check
                && let Err(reason) = holds(self.space, &here)
            {
                let property = always.name;
                self.broken = Some(BrokenAt { state: number, then: None, property, reason });
                return;
            }
        }
        // What is broken in a state of this level is found by a shorter way than what comes next.
        if self.broken.is_some() || self.parents.len() > most {
            return;
        }
        self.at_rest += usize::from(here.is_at_rest());
        self.coverage.look(self.space, &here);
        for action in self.space.actions(&here) {
            self.take(number, state, &action, next);
            if self.broken.is_some() {
                return;
            }
        }
    }

    fn take(
        &mut self,
        number: u32,
        before: &State,
        action: &Action<'a>,
        next: &mut VecDeque<(u32, State)>,
    ) {
        self.transitions += 1;
        self.coverage.use_of(self.space, before, action);
        let (after, seen) = self.space.follow(before, action);
        let edge = Edge { before, action, after: &after, seen };
        for always in ALWAYS {
            if let Check::Edge(holds) = always.check
                && let Err(reason) = holds(self.space, &edge)
            {
                let (property, then) = (always.name, Some(action.clone()));
                self.broken = Some(BrokenAt { state: number, then, property, reason });
                return;
            }
        }
        for (sometimes, seen) in &mut self.sometimes {
            *seen = *seen || (sometimes.seen)(&edge);
        }
        let fresh = self.parents.len() as u32;
        if *self.known.entry(self.space.fingerprint(&after)).or_insert(fresh) == fresh {
            self.parents.push(number);
            next.push_back((fresh, after));
        }
    }

    /// Goes the way once more and writes down what happens.
    fn counterexample(&self, broken: BrokenAt<'a>) -> Counterexample {
        let mut way = vec![broken.state];
        while *way.last().expect("it has a first") != 0 {
            way.push(self.parents[*way.last().expect("it has a first") as usize]);
        }
        let mut trace = String::new();
        let mut state = self.space.first();
        for number in way.iter().rev().skip(1) {
            let here = Here::look(self.space, &state);
            let leads = |action: &Action<'a>| {
                let (after, seen) = self.space.follow(&state, action);
                let found = self.known.get(&self.space.fingerprint(&after)) == Some(number);
                found.then_some((after, seen))
            };
            let all = self.space.actions(&here);
            let taken = all.iter().find_map(|action| Some((action, leads(action)?)));
            let (action, (after, seen)) = taken.expect("the way was gone before");
            trace.push_str(&super::trace::line(&state, action, &seen));
            state = after;
        }
        if let Some(action) = &broken.then {
            // The way leads to a state like that in which it was found, perhaps under other names.
            let here = Here::look(self.space, &state);
            let breaks = |action: &Action<'a>| {
                let (after, seen) = self.space.follow(&state, action);
                let edge = Edge { before: &state, action, after: &after, seen };
                let holds = |check: &Check| match check {
                    Check::Edge(holds) => holds(self.space, &edge).is_ok(),
                    Check::State(_) => true,
                };
                !ALWAYS.iter().all(|always| holds(&always.check))
            };
            let all = self.space.actions(&here);
            let action = all.iter().find(|action| breaks(action)).unwrap_or(action);
            let (after, seen) = self.space.follow(&state, action);
            trace.push_str(&super::trace::line(&state, action, &seen));
            state = after;
        }
        trace.push_str(&super::trace::world(&state));
        Counterexample { property: broken.property, reason: broken.reason, trace }
    }
}

/// A fingerprint is hashed already.
#[derive(Default)]
struct Folded(u64);

impl Hasher for Folded {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks_exact(8) {
            self.0 ^= u64::from_le_bytes(chunk.try_into().expect("eight bytes"));
        }
    }

    fn write_u64(&mut self, n: u64) {
        self.0 ^= n;
    }

    fn write_usize(&mut self, _: usize) {}
}
