//! The search: depth first, a world and a place in the history at a time.

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use ipc_model::operation::Actor;
use ipc_model::outcome::Status;
use ipc_model::spec::Spec;
use ipc_model::world::{Activity, Life, World};

use super::diagnose;
use super::moves::{Future, Move, Moves};
use super::{Budget, Deviation, Judgement, Verdict};
use crate::history::{End, Event, EventKind, History};

/// Descriptors that every process is given before its program begins: 0, 1 and 2.
const GIVEN: usize = 3;
/// Worlds that are kept to say what was allowed where the search got no further.
const STUCK: usize = 64;
/// Deviations after which a history is left alone.
const ENOUGH: usize = 8;

/// A world to go on from.
struct Branch {
    world: World,
    event: usize,
    /// Which of its moves comes next.
    next: usize,
    /// How many clauses had been used.
    used: usize,
}

pub(super) struct Search<'a> {
    pub(super) spec: &'a Spec,
    pub(super) history: &'a History,
    moves: Moves<'a>,
    budget: Budget,
    made: u64,
    /// How many moves this sweep may come to.
    limit: u64,
    branches: Vec<Branch>,
    dead: HashSet<u128>,
    used: Vec<&'static str>,
    /// A run came to something that nobody judges.
    open_ended: bool,
    /// The furthest event that was reached, and the worlds that could not take it.
    furthest: usize,
    stuck: Vec<(World, Vec<&'static str>)>,
    /// Whether to keep them.
    remember: bool,
    /// Sleepers that should have returned, and are not asked again.
    excused: Vec<Actor>,
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
            branches: Vec::new(),
            dead: HashSet::new(),
            used: Vec::new(),
            open_ended: false,
            furthest: 0,
            stuck: Vec::new(),
            remember: false,
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
        let world = World::new(head.actors.len(), &head.roots, GIVEN);
        let mut start = (world, 0);
        let mut deviations: Vec<Deviation> = Vec::new();
        loop {
            match self.explore(start.0, start.1) {
                Ok(()) => break,
                Err(Some(reason)) if deviations.is_empty() => {
                    return self.judgement(Verdict::Inconclusive(reason));
                }
                Err(Some(_)) => break,
                Err(None) => {}
            }
            let (deviation, world) = diagnose::diagnose(&self, self.furthest, &self.stuck);
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
            start = (world, self.furthest + usize::from(!asleep));
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
        let mut used = BTreeMap::new();
        for id in self.used {
            *used.entry(id).or_insert(0) += 1;
        }
        Judgement { verdict, used, moves: self.made }
    }

    /// Looks for one run from here to the end. `Err(None)`: there is none; `Err(Some)`: unknown.
    fn explore(&mut self, world: World, event: usize) -> Result<(), Option<String>> {
        self.furthest = event;
        if self.stroll(world.clone(), event) {
            return Ok(());
        }
        let first = self.sweep(world.clone(), event, false);
        if first == Err(None) {
            // Once more, to see what was allowed at the furthest event.
            return self.sweep(world, event, true);
        }
        first
    }

    /// Takes the likeliest way at every event, and keeps nothing to come back to: most histories that
    /// conform are through with that. False proves nothing.
    fn stroll(&mut self, mut world: World, mut event: usize) -> bool {
        let used = self.used.len();
        self.limit = self.made + self.budget.moves;
        while let Some(happened) = self.history.events.get(event) {
            let way = match self.take(&mut world, happened) {
                Taken::Yes => {
                    event += 1;
                    continue;
                }
                Taken::No => None,
                Taken::NotYet => self.likeliest(&world, happened),
            };
            match way {
                Some(Way::Still) => {
                    self.settle(&mut world, happened);
                    event += 1;
                }
                Some(Way::Unseen(step)) if !step.is_open_ended() && !self.is_spent() => {
                    self.step(&mut world, &step);
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
    fn likeliest(&mut self, world: &World, happened: &Event) -> Option<Way<'a>> {
        match &happened.kind {
            EventKind::Return { actor, .. } => {
                let answer = self.moves.answer(world, *actor);
                answer.map(Way::Unseen).or_else(|| self.ways(world, happened).into_iter().next())
            }
            EventKind::Quiescent { asleep, .. } if self.is_still(world, asleep) => Some(Way::Still),
            _ => self.ways(world, happened).into_iter().next(),
        }
    }

    fn sweep(&mut self, world: World, event: usize, remember: bool) -> Result<(), Option<String>> {
        self.branches.clear();
        self.dead.clear();
        self.stuck.clear();
        self.remember = remember;
        self.moves.sampled = false;
        self.open_ended = false;
        let used = self.used.len();
        self.limit = self.made + self.budget.moves;
        self.branches.push(Branch { world, event, next: 0, used });
        while let Some(branch) = self.branches.pop() {
            if self.follow(branch) {
                return Ok(());
            }
            if self.is_spent() {
                let Budget { moves, worlds } = self.budget;
                let (at, all) = (self.furthest + 1, self.history.events.len());
                return Err(Some(format!(
                    "{moves} moves or {worlds} worlds were not enough to pass event {at} of {all}"
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
        let Branch { mut world, mut event, mut next, used } = branch;
        self.used.truncate(used);
        while let Some(happened) = self.history.events.get(event) {
            if next == 0 {
                match self.take(&mut world, happened) {
                    Taken::Yes => {
                        event += 1;
                        continue;
                    }
                    Taken::No => {
                        self.arrived(&world, event);
                        return false;
                    }
                    Taken::NotYet => self.arrived(&world, event),
                }
            }
            let mut ways = self.ways(&world, happened);
            if next >= ways.len() {
                return false;
            }
            if ways.len() > next + 1 {
                if next == 0 && !self.fresh(&world, event) {
                    return false;
                }
                self.keep(&world, event, next + 1);
            }
            match ways.swap_remove(next) {
                Way::Unseen(step) if step.is_open_ended() => {
                    // It may be what happened: whatever else is found, this is no deviation.
                    self.open_ended = true;
                    return false;
                }
                Way::Unseen(_) if self.is_spent() => return false,
                Way::Unseen(step) => self.step(&mut world, &step),
                Way::Still => {
                    self.settle(&mut world, happened);
                    event += 1;
                }
            }
            next = 0;
        }
        true
    }

    fn is_spent(&self) -> bool {
        self.made >= self.limit || self.branches.len() > self.budget.worlds
    }

    fn keep(&mut self, world: &World, event: usize, next: usize) {
        let used = self.used.len();
        self.branches.push(Branch { world: world.clone(), event, next, used });
    }

    fn step(&mut self, world: &mut World, step: &Move<'a>) {
        self.made += 1;
        self.used.push(step.step.clause.id);
        step.make(self.spec, world);
    }

    /// Whether the search has not been here; from now on it has.
    fn fresh(&mut self, world: &World, event: usize) -> bool {
        let hash = |salt: u64| {
            let mut hasher = DefaultHasher::new();
            (salt, event, world).hash(&mut hasher);
            u128::from(hasher.finish())
        };
        self.dead.insert(hash(1) << 64 | hash(2))
    }

    /// The search is at an event in a world that cannot take it as it is.
    fn arrived(&mut self, world: &World, event: usize) {
        self.furthest = self.furthest.max(event);
        if self.remember && event == self.furthest && self.stuck.len() < STUCK {
            self.stuck.push((world.clone(), self.used.clone()));
        }
    }

    /// Takes an event if the world is ready for it.
    fn take(&mut self, world: &mut World, happened: &Event) -> Taken {
        match &happened.kind {
            EventKind::Call { actor, call, .. } => match world.activity(*actor) {
                Activity::Running => {
                    self.spec.call(world, *actor, Arc::new(call.clone()));
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

    /// The ways to go on at an event, the likelier first.
    fn ways(&mut self, world: &World, happened: &Event) -> Vec<Way<'a>> {
        let (still, moves) = match &happened.kind {
            EventKind::Return { actor, .. } => (false, self.moves.before(world, Some(*actor))),
            EventKind::Ended { process, .. } => {
                (false, self.moves.before(world, Some(Actor::first(*process))))
            }
            EventKind::Quiescent { asleep, .. } => {
                let moves = match is_astir(world, asleep) {
                    true => self.moves.before(world, None),
                    false => self.moves.settling(world, asleep),
                };
                (self.is_still(world, asleep), moves)
            }
            EventKind::Call { .. } => (false, Vec::new()),
        };
        still.then_some(Way::Still).into_iter().chain(moves.into_iter().map(Way::Unseen)).collect()
    }

    /// Whether everyone who is said to sleep may, and nobody else is on the way to anything.
    fn is_still(&self, world: &World, asleep: &[Actor]) -> bool {
        !is_astir(world, asleep)
            && asleep.iter().all(|actor| {
                self.excused.contains(actor) || self.spec.sleeps(world, *actor).is_some()
            })
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
