//! The search: depth first, a world and a place in the history at a time.

mod mend;
mod moments;

use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use ipc_model::operation::Actor;
use ipc_model::outcome::Status;
use ipc_model::spec::Spec;
use ipc_model::world::{Activity, Life, World};

use super::diagnose;
use super::future::Future;
use super::guide::Guide;
use super::moves::{Move, Moves};
use super::order::Order;
use super::place::Place;
use super::refute::refute;
use super::{Budget, Deviation, Judgement, Verdict};
use crate::history::{End, Event, EventKind, History, Proof};

/// Descriptors that every process is given before its program begins: 0, 1 and 2.
const GIVEN: usize = 3;
/// Worlds that are kept to say what was allowed where the search got no further.
const STUCK: usize = 64;
/// Moves that a search is given before anything else is thought of.
const SOON: u64 = 2_000;
/// Deviations after which a history is left alone.
const ENOUGH: usize = 8;

/// A place to go on from.
struct Branch {
    place: Place,
    /// Which of its moves comes next.
    next: usize,
    /// How many bytes it takes, roughly.
    weight: usize,
    /// How many clauses had been used.
    used: usize,
}

pub(super) struct Search<'a> {
    pub(super) spec: &'a Spec,
    pub(super) history: &'a History,
    pub(super) moves: Moves<'a>,
    budget: Budget,
    made: u64,
    /// How many moves this sweep may come to.
    limit: u64,
    /// What the bytes tell of the order; made when it is first needed.
    guide: Option<Guide>,
    branches: Vec<Branch>,
    /// How many bytes the branches take, roughly.
    weight: usize,
    dead: HashSet<u128, BuildHasherDefault<AsItIs>>,
    used: Vec<&'static str>,
    /// A run came to something that nobody judges.
    open_ended: bool,
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

/// What became of an event in a world.
enum Taken {
    Yes,
    No,
    /// Not yet: something must come first, or at the same time.
    NotYet,
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
            guide: None,
            branches: Vec::new(),
            weight: 0,
            dead: HashSet::default(),
            used: Vec::new(),
            open_ended: false,
            furthest: 0,
            stuck: Vec::new(),
            remember: false,
            refutation: None,
            excused: Vec::new(),
        }
    }

    pub(super) fn judge(mut self) -> Judgement {
        if let Some(operation) = self.unspoken() {
            let reason =
                format!("profile {} does not speak of {operation}", self.spec.profile.name);
            return self.judgement(Verdict::Inconclusive(reason));
        }
        let head = &self.history.head;
        let mut start = Place::new(World::new(head.actors.len(), &head.roots, GIVEN));
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
        if self.stroll(start.clone(), false) {
            return Ok(());
        }
        if self.guide.is_none() {
            self.guide = Some(Guide::new(Order::of(self.history, &self.moves.future)));
        }
        if self.stroll(start.clone(), true) {
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
            if self.stroll_at_other_moments(start) || self.mend(start) {
                return Ok(());
            }
        }
        self.sweep(start.clone(), false, self.budget.moves)
    }

    /// Takes the likeliest way at every event, and keeps nothing to come back to: most histories that
    /// conform are through with that. False proves nothing.
    fn stroll(&mut self, mut place: Place, guided: bool) -> bool {
        let used = self.used.len();
        self.limit = self.made + self.budget.moves;
        while let Some(happened) = self.history.events.get(place.event) {
            let way = match self.take(&mut place, happened) {
                Taken::Yes => {
                    place.event += 1;
                    continue;
                }
                Taken::No => None,
                Taken::NotYet => self.likeliest(&mut place, happened, guided),
            };
            match way {
                Some(Way::Still) => {
                    self.settle(&mut place.world, happened);
                    place.event += 1;
                }
                Some(Way::Unseen(step)) if !step.is_open_ended() && !self.is_spent() => {
                    self.step(&mut place, &step);
                }
                _ => {
                    self.used.truncate(used);
                    return false;
                }
            }
        }
        true
    }

    /// The first of [`Search::ways`], found without the others where it answers the caller.
    fn likeliest(&mut self, place: &mut Place, happened: &Event, guided: bool) -> Option<Way<'a>> {
        match &happened.kind {
            EventKind::Return { actor, .. } if guided => {
                self.guided(place, *actor).or_else(|| self.first(place, happened))
            }
            EventKind::Return { actor, .. } => {
                let answer = self.moves.answer(place, *actor);
                answer.map(Way::Unseen).or_else(|| self.first(place, happened))
            }
            EventKind::Quiescent { asleep, proof }
                if self.is_still(&place.world, asleep, *proof) =>
            {
                Some(Way::Still)
            }
            _ => self.first(place, happened),
        }
    }

    fn guided(&mut self, place: &mut Place, wanted: Actor) -> Option<Way<'a>> {
        let guide = self.guide.as_ref()?;
        guide.toward(&mut self.moves, place, wanted).map(Way::Unseen)
    }

    fn first(&mut self, place: &Place, happened: &Event) -> Option<Way<'a>> {
        self.ways(place, happened).into_iter().next()
    }

    fn sweep(&mut self, start: Place, remember: bool, moves: u64) -> Result<(), Option<String>> {
        self.branches.clear();
        self.weight = 0;
        self.dead.clear();
        self.stuck.clear();
        self.remember = remember;
        self.moves.sampled = false;
        self.open_ended = false;
        let used = self.used.len();
        self.limit = self.made + moves;
        self.branches.push(Branch { place: start, next: 0, weight: 0, used });
        while let Some(branch) = self.branches.pop() {
            self.weight -= branch.weight;
            if self.follow(branch) {
                return Ok(());
            }
            if self.is_spent() {
                let Budget { moves, worlds, bytes } = self.budget;
                let (at, all) = (self.furthest + 1, self.history.events.len());
                return Err(Some(format!(
                    "{moves} moves, {worlds} worlds or {bytes} bytes of them were not enough to pass \
                     event {at} of {all}"
                )));
            }
        }
        self.used.truncate(used);
        if self.open_ended {
            return Err(Some("it does what the standard leaves open without a list".to_owned()));
        }
        if self.moves.sampled {
            return Err(Some("a hidden step may go in too many ways to try them all".to_owned()));
        }
        Err(None)
    }

    /// Goes on from a branch until the end, or until nothing fits.
    fn follow(&mut self, branch: Branch) -> bool {
        let Branch { mut place, mut next, used, .. } = branch;
        self.used.truncate(used);
        while let Some(happened) = self.history.events.get(place.event) {
            if next == 0 {
                match self.take(&mut place, happened) {
                    Taken::Yes => {
                        place.event += 1;
                        continue;
                    }
                    Taken::No => {
                        self.arrived(&place);
                        return false;
                    }
                    Taken::NotYet => self.arrived(&place),
                }
            }
            let mut ways = self.ordered_ways(&mut place, happened);
            if next >= ways.len() {
                return false;
            }
            if ways.len() > next + 1 {
                if next == 0 && !self.dead.insert(place.mark()) {
                    return false;
                }
                self.keep(&place, next + 1);
            }
            match ways.swap_remove(next) {
                Way::Unseen(step) if step.is_open_ended() => {
                    // It may be what happened: whatever else is found, this is no deviation.
                    self.open_ended = true;
                    return false;
                }
                Way::Unseen(_) if self.is_spent() => return false,
                Way::Unseen(step) => self.step(&mut place, &step),
                Way::Still => {
                    self.settle(&mut place.world, happened);
                    place.event += 1;
                }
            }
            next = 0;
        }
        true
    }

    /// All ways, the one that the bytes tell before the others.
    fn ordered_ways(&mut self, place: &mut Place, happened: &Event) -> Vec<Way<'a>> {
        let mut ways = self.ways(place, happened);
        let EventKind::Return { actor, .. } = &happened.kind else { return ways };
        let Some(Way::Unseen(told)) = self.guided(place, *actor) else { return ways };
        let same = |way: &Way<'a>| matches!(way, Way::Unseen(step) if step.is_same(&told));
        match ways.iter().position(same) {
            Some(at) => ways[..=at].rotate_right(1),
            None => ways.insert(0, Way::Unseen(told)),
        }
        ways
    }

    fn is_spent(&self) -> bool {
        self.made >= self.limit
            || self.branches.len() > self.budget.worlds
            || self.weight > self.budget.bytes
    }

    fn keep(&mut self, place: &Place, next: usize) {
        let (used, weight) = (self.used.len(), place.weight());
        self.weight += weight;
        self.branches.push(Branch { place: place.clone(), next, weight, used });
    }

    fn step(&mut self, place: &mut Place, step: &Move<'_>) {
        self.made += 1;
        self.used.push(step.step.clause.id);
        let consulted = self.spec.consulted(&place.world, &step.step, step.choice);
        self.used.extend(consulted.into_iter().map(|clause| clause.id));
        step.make(self.spec, &mut place.world);
    }

    /// The search is at an event in a world that cannot take it as it is.
    fn arrived(&mut self, place: &Place) {
        self.furthest = self.furthest.max(place.event);
        if self.remember && place.event == self.furthest && self.stuck.len() < STUCK {
            self.stuck.push((place.clone(), self.used.clone()));
        }
    }

    /// Takes an event if the world is ready for it.
    fn take(&mut self, place: &mut Place, happened: &Event) -> Taken {
        let world = &mut place.world;
        match &happened.kind {
            EventKind::Call { actor, call, .. } => match world.activity(*actor) {
                Activity::Running => {
                    self.spec.call(world, *actor, Arc::new(call.clone()));
                    self.begin(place, *actor);
                    Taken::Yes
                }
                _ => Taken::No,
            },
            EventKind::Return { actor, outcome, .. } => match world.activity(*actor) {
                Activity::Returning(answer) if answer.same(outcome) => {
                    world.set_activity(*actor, Activity::Running);
                    Taken::Yes
                }
                Activity::Returning(_) => Taken::No,
                _ => Taken::NotYet,
            },
            EventKind::Ended { process, status } => {
                match world.process(*process).map(|process| process.life) {
                    Some(Life::Zombie(how)) if matches(*status, how) => Taken::Yes,
                    Some(Life::Reaped) => Taken::Yes,
                    Some(Life::Zombie(_)) | None => Taken::No,
                    Some(_) => Taken::NotYet,
                }
            }
            EventKind::Quiescent { .. } => Taken::NotYet,
        }
    }

    /// The next call has begun, and this actor is in it.
    fn begin(&mut self, place: &mut Place, actor: Actor) {
        let number = place.begun;
        place.begun += 1;
        let process = usize::from(actor.process);
        if let Some(current) = place.current.get_mut(process) {
            *current = number;
        }
        let Some(known) = self.moves.future.calls.get(number as usize) else { return };
        let bit = 1_u64.checked_shl(actor.process.into()).unwrap_or(0);
        let picky = known.returned.is_some_and(|returned| Guide::is_picky(returned.outcome));
        if picky || known.asleep_at.is_some() {
            place.picky |= bit;
        } else {
            place.picky &= !bit;
        }
    }

    /// The ways to go on at an event, the likelier first.
    fn ways(&mut self, place: &Place, happened: &Event) -> Vec<Way<'a>> {
        let (still, moves) = match &happened.kind {
            EventKind::Return { actor, .. } => (false, self.moves.before(place, Some(*actor))),
            EventKind::Ended { process, .. } => {
                (false, self.moves.before(place, Some(Actor::first(*process))))
            }
            EventKind::Quiescent { asleep, proof } => {
                let moves = match is_astir(&place.world, asleep) {
                    true => self.moves.before(place, None),
                    false => self.moves.settling(place, asleep),
                };
                (self.is_still(&place.world, asleep, *proof), moves)
            }
            EventKind::Call { .. } => (false, Vec::new()),
        };
        still.then_some(Way::Still).into_iter().chain(moves.into_iter().map(Way::Unseen)).collect()
    }

    /// Whether everyone who is said to sleep may, and nobody else is on the way to anything.
    fn is_still(&self, world: &World, asleep: &[Actor], proof: Proof) -> bool {
        if is_astir(world, asleep) {
            return false;
        }
        let sleeps = |world: &World, actor: &Actor| {
            self.excused.contains(actor) || self.spec.sleeps(world, *actor).is_some()
        };
        match proof {
            Proof::Proven | Proof::Waited => asleep.iter().all(|actor| sleeps(world, actor)),
            Proof::Expired => {
                let world = super::settled(world.clone(), asleep, proof);
                asleep.iter().all(|actor| sleeps(&world, actor))
            }
        }
    }

    /// Everyone who sleeps has slept from now on, each by its clause.
    fn settle(&mut self, world: &mut World, happened: &Event) {
        let EventKind::Quiescent { asleep, .. } = &happened.kind else { return };
        for actor in asleep {
            if let Some(clause) = self.spec.sleeps(world, *actor) {
                self.used.push(clause.id);
            }
            if let Some(call) = world.in_call_mut(*actor) {
                call.slept = true;
            }
        }
    }
}

/// Whether somebody dies, or is in a call and not among the sleepers.
fn is_astir(world: &World, asleep: &[Actor]) -> bool {
    let dies = world.processes.iter().any(|process| matches!(process.life, Life::Dying(_)));
    let actors = (0..world.processes.len() as u8).flat_map(|process| world.threads(process));
    let mut awake = actors.filter(|actor| !asleep.contains(actor));
    dies || awake.any(|actor| world.in_call(actor).is_some())
}

fn matches(seen: Option<Status>, how: Status) -> bool {
    seen.is_none_or(|status| status == how)
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
