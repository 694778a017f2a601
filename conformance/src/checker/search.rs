//! The search: depth first, a world and a place in the history at a time.

mod mend;
mod moments;
mod stroll;
mod sweep;
mod take;

use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use ipc_model::operation::Actor;
use ipc_model::spec::Spec;
use ipc_model::world::World;

use super::diagnose;
use super::future::Future;
use super::guide::Guide;
use super::moves::{Move, Moves};
use super::order::Order;
use super::place::Place;
use super::refute::refute;
use super::{Budget, Deviation, Judgement, Verdict};
use crate::history::{End, Event, EventKind, History};
use sweep::Branch;
use take::{Taken, is_astir};

/// Descriptors that every process is given before its program begins: 0, 1 and 2.
const GIVEN: usize = 3;
/// Moves that a search is given before anything else is thought of.
const SOON: u64 = 2_000;
/// Deviations after which a history is left alone.
const ENOUGH: usize = 8;

pub(super) struct Search<'a> {
    pub(super) spec: &'a Spec,
    pub(super) history: &'a History,
    pub(super) moves: Moves<'a>,
    budget: Budget,
    made: u64,
    /// How many moves this sweep may come to.
    limit: u64,
    /// Whether the likeliest way at every event leads to the end, once that has been tried.
    plain: Option<bool>,
    /// What the bytes tell of the order; made when it is first needed.
    guide: Option<Guide>,
    branches: Vec<Branch>,
    /// How many bytes the branches take, roughly.
    weight: usize,
    dead: HashSet<u128, BuildHasherDefault<AsItIs>>,
    used: Vec<&'static str>,
    /// A run came to something that nobody judges, by this clause.
    open_ended: Option<&'static str>,
    /// The furthest event that was reached, and the worlds that could not take it.
    furthest: usize,
    stuck: Vec<(Place, Vec<&'static str>)>,
    /// Whether to keep them.
    remember: bool,
    /// What no run explains, though the search was not through.
    refutation: Option<Deviation>,
    /// Sleepers that should have returned, and are not asked again.
    pub(super) excused: Vec<Actor>,
}

/// One way to go on at an event.
enum Way<'a> {
    /// Something unseen happens first.
    Unseen(Move<'a>),
    /// All is still, as the event says.
    Still,
}

impl<'a> Search<'a> {
    pub(super) fn new(spec: &'a Spec, history: &'a History, budget: Budget) -> Search<'a> {
        Search {
            spec,
            history,
            moves: Moves { spec, future: Future::of(history), sampled: false },
            budget,
            made: 0,
            limit: 0,
            plain: None,
            guide: None,
            branches: Vec::new(),
            weight: 0,
            dead: HashSet::default(),
            used: Vec::new(),
            open_ended: None,
            furthest: 0,
            stuck: Vec::new(),
            remember: false,
            refutation: None,
            excused: Vec::new(),
        }
    }

    /// Whether the likeliest way at every event leads to the end.
    pub(super) fn is_plain(&mut self) -> bool {
        let start = self.start();
        let plain = self.unspoken().is_none() && self.stroll(start, false);
        self.plain = Some(plain);
        plain
    }

    fn start(&self) -> Place {
        let head = &self.history.head;
        Place::new(World::new(head.actors.len(), &head.roots, GIVEN))
    }

    pub(super) fn judge(mut self) -> Judgement {
        if let Some(operation) = self.unspoken() {
            let reason =
                format!("profile {} does not speak of {operation}", self.spec.profile.name);
            return self.judgement(Verdict::Inconclusive(reason));
        }
        let mut start = self.start();
        let mut deviations: Vec<Deviation> = Vec::new();
        loop {
            match self.explore(&start) {
                Ok(()) => break,
                Err(Some(reason)) if deviations.is_empty() => {
                    return self.judgement(Verdict::Inconclusive(reason));
                }
                Err(Some(_)) => break,
                Err(None) => {}
            }
            if let Some(refutation) = self.refutation.take() {
                deviations.push(refutation);
                break;
            }
            let (deviation, adopted) = diagnose::diagnose(&self, self.furthest, &self.stuck);
            if let Some((_, used)) = self.stuck.first() {
                self.used.clone_from(used);
            }
            // A sleeper who should have returned is left out; the others are still asked.
            let event = &self.history.events[self.furthest].kind;
            let asleep = matches!(event, EventKind::Quiescent { .. });
            if asleep {
                self.excused.push(deviation.actor);
            }
            deviations.push(Deviation { follows: !deviations.is_empty(), ..deviation });
            let event = self.furthest + usize::from(!asleep);
            start = Place { event, ..adopted };
            if deviations.len() >= ENOUGH {
                break;
            }
        }
        if !deviations.is_empty() {
            return self.judgement(Verdict::Deviates(deviations));
        }
        let verdict = match &self.history.end {
            End::Complete => Verdict::Conforms,
            End::Deadline { .. } => {
                Verdict::Inconclusive("the deadline came before the end".to_owned())
            }
            End::Broken { reason } => {
                Verdict::Inconclusive(format!("the harness failed: {reason}"))
            }
        };
        self.judgement(verdict)
    }

    /// A call of the history that the profile has no clause for.
    fn unspoken(&self) -> Option<String> {
        self.history.events.iter().find_map(|event| match &event.kind {
            EventKind::Call { call, .. } if self.spec.clauses(call.operation).is_empty() => {
                Some(call.operation.key())
            }
            _ => None,
        })
    }

    fn judgement(self, verdict: Verdict) -> Judgement {
        // Few clauses are used often: they are counted by place before they are compared by name.
        let mut counts: Vec<(&'static str, u64)> = Vec::new();
        for id in self.used {
            match counts.iter_mut().find(|(known, _)| std::ptr::eq(*known, id)) {
                Some((_, count)) => *count += 1,
                None => counts.push((id, 1)),
            }
        }
        let mut used = BTreeMap::new();
        for (id, count) in counts {
            *used.entry(id).or_insert(0) += count;
        }
        Judgement { verdict, used, moves: self.made }
    }

    /// Looks for one run from here to the end. `Err(None)`: there is none; `Err(Some)`: unknown.
    fn explore(&mut self, start: &Place) -> Result<(), Option<String>> {
        self.furthest = start.event;
        // It may have been tried from the start.
        if self.plain.take().unwrap_or_else(|| self.stroll(start.clone(), false)) {
            return Ok(());
        }
        if self.guide.is_none() {
            self.guide = Some(Guide::new(Order::of(self.history, &self.moves.future)));
        }
        if self.stroll(start.clone(), true) {
            return Ok(());
        }
        if self.sleepily(|search| search.stroll(start.clone(), true)) {
            return Ok(());
        }
        let soon = self.sweep(start.clone(), false, SOON.min(self.budget.moves));
        let found = match soon {
            Err(Some(_)) => self.explore_at_length(start),
            found => found,
        };
        if found == Err(None) && self.refutation.is_none() {
            // Once more, to see what was allowed at the furthest event.
            return self.sweep(start.clone(), true, self.budget.moves);
        }
        found
    }

    /// What is not soon found or refused.
    fn explore_at_length(&mut self, start: &Place) -> Result<(), Option<String>> {
        if start.event == 0 {
            self.refutation = refute(self.spec, self.history, &self.moves.future);
            if self.refutation.is_some() {
                return Err(None);
            }
            let moves = self.budget.moves / 4;
            if self.stroll_at_other_moments(start, moves)
                || self.sleepily(|search| search.stroll_at_other_moments(start, moves))
                || self.mend(start)
            {
                return Ok(());
            }
        }
        self.sweep(start.clone(), false, self.budget.moves)
    }

    /// Does something while the guide takes those who find no room to have slept.
    fn sleepily(&mut self, act: impl FnOnce(&mut Self) -> bool) -> bool {
        let set = |search: &mut Self, sleepy| {
            if let Some(guide) = &mut search.guide {
                guide.sleepy = sleepy;
            }
        };
        set(self, true);
        let done = act(self);
        set(self, false);
        done
    }

    fn is_spent(&self) -> bool {
        self.made >= self.limit
            || self.branches.len() > self.budget.worlds
            || self.weight > self.budget.bytes
    }

    fn step(&mut self, place: &mut Place, step: &Move<'_>) {
        self.made += 1;
        self.used.push(step.step.clause.id);
        let consulted = self.spec.consulted(&place.world, &step.step, step.choice);
        self.used.extend(consulted.into_iter().map(|clause| clause.id));
        step.make(self.spec, &mut place.world);
    }

    /// The ways to go on at an event, the likelier first.
    fn ways(&mut self, place: &Place, happened: &Event) -> Vec<Way<'a>> {
        let (still, moves) = match &happened.kind {
            EventKind::Return { actor, .. } => (false, self.moves.before(place, Some(*actor))),
            EventKind::Handled { actor, info } => {
                (false, self.moves.before_handler(place, *actor, info))
            }
            EventKind::Ended { process, .. } => {
                (false, self.moves.before(place, Some(Actor::first(*process))))
            }
            EventKind::Quiescent { asleep, proof } => {
                let moves = match is_astir(&place.world, asleep, *proof) || self.moves.future.stops
                {
                    true => self.moves.before(place, None),
                    false => self.moves.settling(place, asleep),
                };
                (self.is_still(&place.world, asleep, *proof), moves)
            }
            EventKind::Call { actor, .. } if place.world.is_stopped(actor.process) => {
                (false, self.moves.before(place, None))
            }
            EventKind::Call { .. } => (false, Vec::new()),
        };
        still.then_some(Way::Still).into_iter().chain(moves.into_iter().map(Way::Unseen)).collect()
    }
}

/// For keys that are hashes themselves.
#[derive(Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u128(&mut self, mark: u128) {
        self.0 = mark as u64;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
