//! Taking an event: whether a world is ready for it, and what it leaves behind.

use std::sync::Arc;

use super::Search;
use crate::checker::guide::Guide;
use crate::checker::place::{Place, bit};
use crate::history::{Event, EventKind, Proof};
use ipc_model::operation::Actor;
use ipc_model::outcome::Status;
use ipc_model::world::{Activity, Life, World};

/// What became of an event in a world.
pub(super) enum Taken {
    Yes,
    No,
    /// Not yet: something must come first, or at the same time.
    NotYet,
}

impl Search<'_> {
    /// Takes an event if the world is ready for it.
    pub(super) fn take(&mut self, place: &mut Place, happened: &Event) -> Taken {
        let world = &mut place.world;
        match &happened.kind {
            EventKind::Call { actor, call, .. } => match world.activity(*actor) {
                Activity::Running if world.is_stopped(actor.process) => Taken::NotYet,
                Activity::Running => {
                    self.spec.call(world, *actor, Arc::new(call.clone()));
                    self.begin(place, *actor);
                    Taken::Yes
                }
                _ => Taken::No,
            },
            EventKind::Return { actor, outcome, .. } => match world.activity(*actor) {
                Activity::Returning(answer) if answer.same(outcome) && world.may_return(*actor) => {
                    world.set_activity(*actor, Activity::Running);
                    Taken::Yes
                }
                Activity::Returning(answer)
                    if answer.same(outcome) && is_held_up(world, actor.process) =>
                {
                    Taken::NotYet
                }
                Activity::Returning(_) => Taken::No,
                _ => Taken::NotYet,
            },
            EventKind::Handled { actor, info } => match world.next_handler(actor.process) {
                Some(_) if world.handle(actor.process, info) => Taken::Yes,
                // Another may be called before that one runs.
                Some(_) | None => Taken::NotYet,
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
        place.begin(actor.process);
        let process = usize::from(actor.process);
        if let Some(current) = place.current.get_mut(process) {
            *current = number;
        }
        let Some(known) = self.moves.future.calls.get(number as usize) else { return };
        let bit = bit(actor.process);
        let picky = known.returned.is_some_and(|returned| Guide::is_picky(returned.outcome));
        if picky || known.asleep_at.is_some() {
            place.picky |= bit;
        } else {
            place.picky &= !bit;
        }
    }

    /// Whether everyone who is said to sleep may, and nobody else is on the way to anything.
    pub(super) fn is_still(&self, world: &World, asleep: &[Actor], proof: Proof) -> bool {
        if is_astir(world, asleep, proof) {
            return false;
        }
        let sleeps = |world: &World, actor: &Actor| {
            self.excused.contains(actor)
                || world.is_stopped(actor.process)
                || self.spec.sleeps(world, *actor).is_some()
        };
        match proof {
            Proof::Proven | Proof::Waited => asleep.iter().all(|actor| sleeps(world, actor)),
            Proof::Expired => {
                let world = crate::checker::settled(world.clone(), asleep, proof);
                asleep.iter().all(|actor| sleeps(&world, actor))
            }
        }
    }

    /// Everyone who sleeps has slept from now on, each by its clause; but not in a call that begins when
    /// its process, which is stopped, goes on.
    pub(super) fn settle(&mut self, world: &mut World, happened: &Event) {
        let EventKind::Quiescent { asleep, .. } = &happened.kind else { return };
        for actor in asleep {
            if let Some(clause) = self.spec.sleeps(world, *actor) {
                self.used.push(clause.id);
            }
            let stopped = world.is_stopped(actor.process);
            if let Some(call) = world.in_call_mut(*actor).filter(|_| !stopped) {
                call.slept = true;
            }
        }
    }
}

/// Whether who has its answer is stopped, or may still be, and goes on before it can tell.
fn is_held_up(world: &World, process: u8) -> bool {
    world.process(process).is_some_and(|process| process.stopped || process.signals.owed)
}

/// Whether somebody dies, a signal or a handler is on its way, or somebody is in a call and not among
/// the sleepers; and a timer that is to expire, where it was waited for until it must have.
pub(super) fn is_astir(world: &World, asleep: &[Actor], proof: Proof) -> bool {
    let late = proof == Proof::Expired && world.awaits_timers();
    let moves = late || world.processes.iter().any(|process| process.is_astir());
    let actors = (0..world.processes.len() as u8).map(Actor::first);
    let mut awake = actors.filter(|actor| !asleep.contains(actor));
    moves || awake.any(|actor| world.in_call(actor).is_some())
}

fn matches(seen: Option<Status>, how: Status) -> bool {
    seen.is_none_or(|status| status == how)
}
