//! Moves: what could have happened, unseen, before the next event.

use ipc_model::clause::{Clause, Envelope};
use ipc_model::operation::Actor;
use ipc_model::outcome::{Outcome, Value};
use ipc_model::payload::{Data, Run};
use ipc_model::spec::Spec;
use ipc_model::step::Step;
use ipc_model::view::Choice;
use ipc_model::world::{Activity, InCall, World};

use crate::history::{EventKind, History};

/// An unseen step that can be made now, and how far it goes.
#[derive(Clone, Copy)]
pub(super) struct Move<'a> {
    pub(super) step: Step<'a>,
    pub(super) choice: Choice,
}

impl<'a> Move<'a> {
    fn of_call(actor: Actor, clause: &'a Clause, choice: Choice) -> Move<'a> {
        Move { step: Step { actor, clause, death: false }, choice }
    }

    /// Makes the move.
    pub(super) fn make(&self, spec: &Spec, world: &mut World) {
        spec.make(world, &self.step, self.choice);
    }

    /// Whether it makes what may happen a matter of nobody's judgement.
    pub(super) fn is_open_ended(&self) -> bool {
        self.step.is_open_ended()
    }
}

/// What is known of the calls in a history, by line.
pub(super) struct Future<'a> {
    /// The event of the return, and what it returned.
    returns: Vec<Option<(&'a Outcome, Option<u64>)>>,
    /// Which processes end in the course of the history.
    ends: Vec<bool>,
    /// Which processes begin.
    begins: Vec<bool>,
    /// How much of each line's payload is seen to come out somewhere.
    seen: Vec<u64>,
}

impl<'a> Future<'a> {
    pub(super) fn of(history: &'a History) -> Future<'a> {
        let mut future = Future {
            returns: Vec::new(),
            ends: vec![false; history.head.actors.len()],
            begins: vec![false; history.head.actors.len()],
            seen: Vec::new(),
        };
        let mut in_call: Vec<(Actor, u16)> = Vec::new();
        for event in &history.events {
            match &event.kind {
                EventKind::Call { actor, line, .. } => {
                    in_call.retain(|(other, _)| other != actor);
                    in_call.push((*actor, *line));
                }
                EventKind::Return { actor, outcome, probed } => {
                    if let Outcome::Success(Value::Data(data)) = outcome {
                        future.sees(data);
                    }
                    if *outcome == Outcome::Success(Value::Begun) {
                        future.begins[usize::from(actor.process)] = true;
                    }
                    if let Some(at) = in_call.iter().position(|(other, _)| other == actor) {
                        let line = usize::from(in_call.swap_remove(at).1);
                        if future.returns.len() <= line {
                            future.returns.resize(line + 1, None);
                        }
                        future.returns[line] = Some((outcome, *probed));
                    }
                }
                EventKind::Ended { process, .. } => future.ends[usize::from(*process)] = true,
                EventKind::Quiescent { .. } => {}
            }
        }
        future
    }

    fn sees(&mut self, data: &Data) {
        for run in data.runs() {
            let Run::Of { tag, from, len } = run else { continue };
            let line = (*tag as usize).saturating_sub(1);
            if self.seen.len() <= line {
                self.seen.resize(line + 1, 0);
            }
            self.seen[line] = self.seen[line].max(from + len);
        }
    }

    /// How far a call is known to come: by what it returns, or by what others receive of it.
    fn reaches(&self, call: &InCall) -> Option<u64> {
        match self.outcome(call) {
            Some((Outcome::Success(Value::Number(n)), _)) => u64::try_from(*n).ok(),
            _ => self.seen.get((call.call.tag as usize).checked_sub(1)?).copied(),
        }
    }

    /// What a call will be seen to return: its line is one less than its tag.
    fn outcome(&self, call: &InCall) -> Option<(&'a Outcome, Option<u64>)> {
        *self.returns.get((call.call.tag as usize).checked_sub(1)?)?
    }

    fn ends(&self, actor: Actor) -> bool {
        self.ends.get(usize::from(actor.process)).copied().unwrap_or(false)
    }

    fn begins(&self, process: u64) -> bool {
        self.begins.get(process as usize).copied().unwrap_or(false)
    }
}

/// How many counts of a wide range are tried.
const TRIED: u64 = 64;

/// The moves of one search, and whether one was passed over.
pub(super) struct Moves<'a> {
    pub(super) spec: &'a Spec,
    pub(super) future: Future<'a>,
    /// A range was too wide to try every count in it: a refusal proves nothing.
    pub(super) sampled: bool,
}

impl<'a> Moves<'a> {
    /// Every move in `world` that can bring about `wanted`'s return or else its own process's
    /// progress: the likelier first.
    pub(super) fn before(&mut self, world: &World, wanted: Option<Actor>) -> Vec<Move<'a>> {
        let mut found = Vec::new();
        let mut unlikely = Vec::new();
        if let Some(actor) = wanted {
            self.answers(world, actor, &mut found);
            self.steps(world, actor, &mut found, &mut unlikely);
        }
        let actors = actors(world);
        self.deaths(world, &mut found);
        for actor in actors.iter().filter(|actor| Some(**actor) != wanted) {
            self.steps(world, *actor, &mut found, &mut unlikely);
            self.answers(world, *actor, &mut found);
        }
        found.append(&mut unlikely);
        for actor in actors {
            self.falls_asleep(world, actor, &mut found);
        }
        // What nobody judges comes last: everything else might explain the history as well.
        found.sort_by_key(Move::is_open_ended);
        found
    }

    /// A way for the call to take effect with the outcome that it is seen to have, if there is one now.
    pub(super) fn answer(&mut self, world: &World, actor: Actor) -> Option<Move<'a>> {
        let mut found = Vec::new();
        self.answers(world, actor, &mut found);
        found.into_iter().find(|answer| !answer.is_open_ended())
    }

    /// The steps of the sleepers, and nothing else: what can happen on the way to stillness.
    pub(super) fn settling(&mut self, world: &World, asleep: &[Actor]) -> Vec<Move<'a>> {
        let (mut found, mut unlikely) = (Vec::new(), Vec::new());
        for actor in asleep {
            self.steps(world, *actor, &mut found, &mut unlikely);
        }
        found.append(&mut unlikely);
        found
    }

    /// The ways in which a call can take its effect with the outcome that it is seen to have.
    fn answers(&mut self, world: &World, actor: Actor, found: &mut Vec<Move<'a>>) {
        let Activity::InCall(call) = world.activity(actor) else { return };
        let seen = self.future.outcome(call);
        let spec = self.spec;
        for clause in spec.enabled_among(world, actor, Clause::answers) {
            match (seen, &clause.envelope) {
                (Some(_), Envelope::Never) => {}
                (Some((outcome, probed)), _) => {
                    if let Some(choice) = self.spec.admits(world, actor, clause, outcome) {
                        let choice = Choice { probed, ..choice };
                        found.push(Move::of_call(actor, clause, choice));
                    }
                }
                // Its caller ended before it could tell.
                (None, _) if self.future.ends(actor) => {
                    self.each_choice(world, actor, clause, found);
                }
                (None, _) => {}
            }
        }
    }

    /// The steps that a call can take on the way. Where there is one of exactly the amount that the
    /// call is known to move in the end, that one is likely and all others are not.
    fn steps(
        &mut self,
        world: &World,
        actor: Actor,
        likely: &mut Vec<Move<'a>>,
        unlikely: &mut Vec<Move<'a>>,
    ) {
        let Activity::InCall(call) = world.activity(actor) else { return };
        let spec = self.spec;
        let is_step = |clause: &Clause| matches!(clause.envelope, Envelope::Step(..));
        for clause in spec.enabled_among(world, actor, is_step) {
            let (lo, hi) = self.spec.range(world, actor, clause);
            let known = self.future.reaches(call).map(|n| n.saturating_sub(call.done));
            if lo == hi {
                self.each_choice(world, actor, clause, likely);
                continue;
            }
            if let Some(count) = known.filter(|count| (lo..=hi).contains(count)) {
                let choice = Choice { count, probed: None };
                likely.push(Move::of_call(actor, clause, choice));
            }
            self.each_choice(world, actor, clause, unlikely);
        }
    }

    /// The steps of the dying.
    fn deaths(&self, world: &World, found: &mut Vec<Move<'a>>) {
        for process in 0..world.processes.len() as u8 {
            for step in self.spec.deaths(world, process) {
                let (lo, hi) = self.spec.counts(world, &step);
                let choice = |count| Choice { count, probed: None };
                found.extend((lo..=hi).map(|count| Move { step, choice: choice(count) }));
            }
        }
    }

    /// A call that could fall asleep now, and has not.
    fn falls_asleep(&self, world: &World, actor: Actor, found: &mut Vec<Move<'a>>) {
        let Activity::InCall(call) = world.activity(actor) else { return };
        if !call.slept
            && let Some(clause) = self.spec.sleeps(world, actor)
        {
            found.push(Move::of_call(actor, clause, Choice::default()));
        }
    }

    /// Every count of the clause's range; of a wide one the ends and what is near them.
    fn each_choice(
        &mut self,
        world: &World,
        actor: Actor,
        clause: &'a Clause,
        found: &mut Vec<Move<'a>>,
    ) {
        let (lo, hi) = self.spec.range(world, actor, clause);
        let newborn = matches!(clause.envelope, Envelope::Newborn);
        if newborn {
            let born = (0..world.processes.len() as u64).filter(|n| self.future.begins(*n));
            let unborn = |n: &u64| {
                world.process(*n as u8).is_some_and(|p| p.life == ipc_model::world::Life::Unborn)
            };
            for count in born.filter(unborn).chain([lo]) {
                let choice = Choice { count, probed: None };
                found.push(Move::of_call(actor, clause, choice));
            }
            return;
        }
        if lo > hi {
            return;
        }
        let wide = hi - lo >= TRIED;
        self.sampled |= wide;
        let counts: Vec<u64> = if wide {
            (hi - TRIED / 2..=hi).rev().chain((lo..=lo + TRIED / 2).rev()).collect()
        } else {
            (lo..=hi).rev().collect()
        };
        for count in counts {
            let choice = Choice { count, probed: None };
            found.push(Move::of_call(actor, clause, choice));
        }
    }
}

/// Every thread that is in a call.
fn actors(world: &World) -> Vec<Actor> {
    let each = |(process, all): (usize, &std::sync::Arc<ipc_model::world::Process>)| {
        let threads = all.threads.iter().enumerate();
        let in_call = threads.filter(|(_, activity)| matches!(activity, Activity::InCall(_)));
        in_call
            .map(|(thread, _)| Actor { process: process as u8, thread: thread as u8 })
            .collect::<Vec<_>>()
    };
    world.processes.iter().enumerate().flat_map(each).collect()
}
