//! When nothing moves any more: by proof, or by having waited.

use std::collections::BTreeMap;
use std::io;
use std::time::Instant;

use ipc_model::operation::Actor;
use nix::libc;

use super::calls::driver_of;
use super::fleet::Hand;
use super::player::Stage;
use super::quiet::{Look, Sleep, Window};
use super::run::Run;
use crate::history::{Event, EventKind, Proof};

/// Looks at least, before what seems asleep counts as asleep without proof.
const TRIES: u32 = 16;

impl Run<'_> {
    /// Whether nobody moves, which is recorded then.
    ///
    /// It may have been we who were given no processor for so long: patience is over only when there
    /// was nothing new at `tries` looks as well.
    pub(super) fn is_still(&mut self, tries: u32) -> io::Result<bool> {
        if self.is_expecting() {
            return Ok(false);
        }
        let callers: Vec<usize> = self.those(|run, actor| run.actors[actor].call.is_some());
        let proof = if self.options.proof || callers.is_empty() { self.prove()? } else { None };
        let waited = || tries > TRIES && self.since.elapsed() >= self.options.patience;
        let Some(proof) = proof.or_else(|| waited().then_some(Proof::Waited)) else {
            return Ok(false);
        };
        // While they sleep nobody else draws: this ticket is behind all of their calls.
        let ticket = self.fleet.board().draw();
        self.receive()?;
        self.bury()?;
        if self.changed {
            return Ok(false);
        }
        let asleep: Vec<Actor> = callers.iter().map(|actor| Actor::first(*actor as u8)).collect();
        for actor in &asleep {
            let line = self.schedule.current(actor.process);
            line.into_iter().for_each(|line| self.schedule.asleep(line));
        }
        self.tell(ticket, EventKind::Quiescent { asleep, proof });
        Ok(true)
    }

    /// Whether something is on its way that no look can show: a birth, or a death.
    fn is_expecting(&mut self) -> bool {
        if self.actors.iter().any(|player| player.doomed || player.stage == Stage::Coming) {
            return true;
        }
        // A `fork` whose caller died in it may have made a child or not. Only time can tell, and if
        // it tells wrong, the end of all agents sets it right.
        let orphan = |run: &Self, actor: usize| {
            let made = |line: &&crate::program::Line| line.child.map(usize::from) == Some(actor);
            let parent = run.program.lines.iter().find(made).map(|line| usize::from(line.actor));
            run.actors[actor].stage == Stage::Forking
                && parent.is_some_and(|parent| run.actors[parent].stage == Stage::Gone)
        };
        let orphans = self.those(orphan);
        if orphans.is_empty() {
            return false;
        }
        self.tainted = true;
        if self.since.elapsed() >= self.options.patience {
            orphans.into_iter().for_each(|actor| self.never(actor));
        }
        true
    }

    fn those(&self, is: impl Fn(&Self, usize) -> bool) -> Vec<usize> {
        (0..self.actors.len()).filter(|actor| is(self, *actor)).collect()
    }

    /// Two looks at everybody who is in a call, and at those who may have been sent a signal; of those
    /// who were proven to sleep before, only whether they have moved since. Behind the first looks and
    /// before the states are read there was an instant at which all of them were asleep.
    ///
    /// Where all have one processor between them, we too, nobody can be about to be run by another:
    /// while we look, whoever was woken is in this one's queue already, and shows as running. So of one
    /// that has not moved since its state was read, a look at its call tells as much as its state.
    fn prove(&mut self) -> io::Result<Option<Proof>> {
        let watched = self.those(|run, actor| {
            let player = &run.actors[actor];
            player.call.is_some() || player.suspect && player.stage == Stage::Live
        });
        let alone = self.options.cpu.is_some();
        let (known, fresh): (Vec<usize>, Vec<usize>) =
            watched.iter().partition(|actor| self.last_count(**actor).is_some());
        let mut first = Vec::new();
        for actor in &fresh {
            match self.look(*actor) {
                Look::Asleep(count) => first.push(count),
                other => return Ok(self.unproven(other)),
            }
        }
        // One that is being woken on another processor still shows its call, but not this state.
        for actor in if alone { &fresh } else { &watched } {
            let window = self.actors[*actor].hand.as_mut().and_then(|hand| hand.window());
            if !window.is_some_and(|window| window.waits()) {
                return Ok(None);
            }
        }
        for actor in known {
            let before = self.last_count(actor);
            let now = match (alone, self.actors[actor].hand.as_mut().and_then(Hand::window)) {
                (true, _) => match self.look(actor) {
                    Look::Asleep(count) => Some(count),
                    _ => None,
                },
                (false, window) => window.and_then(Window::count),
            };
            if now != before {
                self.actors[actor].slept = None;
                return Ok(self.unproven(Look::Moving));
            }
        }
        for (actor, before) in fresh.iter().zip(&first) {
            match self.look(*actor) {
                Look::Asleep(count) if count == *before => {}
                Look::Asleep(_) => return Ok(self.unproven(Look::Moving)),
                other => return Ok(self.unproven(other)),
            }
        }
        for (actor, count) in fresh.into_iter().zip(first) {
            let player = &mut self.actors[actor];
            player.slept = player.call.as_ref().map(|(line, _)| (*line, count));
        }
        Ok(Some(Proof::Proven))
    }

    /// How often an actor had been given a processor when it was proven to sleep in its present call.
    fn last_count(&self, actor: usize) -> Option<u64> {
        let player = &self.actors[actor];
        let (line, _) = player.call.as_ref()?;
        let (slept, count) = player.slept?;
        (slept == *line).then_some(count)
    }

    fn unproven(&mut self, look: Look) -> Option<Proof> {
        if look == Look::Moving {
            self.since = Instant::now();
        }
        None
    }

    fn look(&mut self, actor: usize) -> Look {
        let player = &mut self.actors[actor];
        let expected = match &player.call {
            Some((_, call)) => driver_of(call.operation)
                .and_then(|(_, driver)| driver.sleeps_in)
                .map(|number| Sleep { number, first: Some(player.first) }),
            // It waits for a command, at an address of its own.
            None => Some(Sleep { number: libc::SYS_futex, first: None }),
        };
        let window = player.hand.as_mut().and_then(|hand| hand.window());
        window.map_or(Look::Unknown, |window| window.look(expected))
    }
}

/// Takes out what was only waited for and has turned out otherwise: somebody who was said to sleep
/// had returned already, and the report was still on its way.
pub(super) fn drop_mistaken(events: &mut Vec<Event>) {
    let mut in_call = BTreeMap::new();
    events.retain(|event| match &event.kind {
        EventKind::Call { actor, .. } => {
            in_call.insert(*actor, true);
            true
        }
        EventKind::Return { actor, .. } => {
            in_call.insert(*actor, false);
            true
        }
        EventKind::Quiescent { asleep, proof: Proof::Waited } => {
            asleep.iter().all(|actor| in_call.get(actor) == Some(&true))
        }
        _ => true,
    });
}
