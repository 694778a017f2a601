//! When nothing moves any more: by proof, or by having waited.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::time::{Duration, Instant};

use ipc_model::operation::{Actor, Call};
use ipc_model::process::SET_PDEATHSIG;
use ipc_model::signal::{SENT, SIGCHLD};
use nix::libc;

use super::calls::driver_of;
use super::fleet::Hand;
use super::nudge;
use super::player::{Stage, catches, sends};
use super::quiet::{Absences, Look, Sleep, Window};
use super::run::Run;
use crate::history::{Event, EventKind, Proof};
use crate::program::Operand;

/// Somebody who was proven to sleep: in which call, and a number that changes when it moves.
pub(super) struct Sleeper {
    actor: usize,
    line: Option<u16>,
    mark: u64,
    /// It looks again by itself.
    looks: bool,
}

/// All who were proven to sleep at one instant.
pub(super) struct Rest(Vec<Sleeper>);

impl Rest {
    /// Whether the same sleep, in the same calls, and nobody has moved but those who look by themselves.
    fn is_before(&self, now: &[Sleeper]) -> bool {
        let same = |(was, is): (&Sleeper, &Sleeper)| {
            let rested = was.mark == is.mark || is.looks;
            (was.actor, was.line) == (is.actor, is.line) && rested
        };
        self.0.len() == now.len() && self.0.iter().zip(now).all(same)
    }

    /// Whether all who look by themselves have moved since.
    fn have_looked(&self, now: &[Sleeper]) -> bool {
        self.0.iter().zip(now).all(|(was, is)| !is.looks || was.mark != is.mark)
    }
}

/// Whether who sleeps in that call looks again by itself.
fn looks_again(call: &Call) -> bool {
    driver_of(call.operation).is_some_and(|(_, driver)| (driver.looks_again)(call))
}

/// The part of its patience that one look can use up: it may have been we who were given no processor
/// for so long.
const SHARE: u32 = 16;

impl Run<'_> {
    /// Whether nobody moves, which is recorded then.
    pub(super) fn is_still(&mut self) -> io::Result<bool> {
        let waited = self.wait_on();
        if self.is_expecting(waited) {
            return Ok(false);
        }
        // Somebody whose time is over moves though nobody has woken it: then a ticket was drawn.
        let by_itself = self.alarms.is_some() || self.awaits_time().is_some();
        let begun = by_itself.then(|| self.fleet.board().draw());
        let callers: Vec<usize> = self.those(|run, actor| run.actors[actor].call.is_some());
        let proof = if self.options.proof || callers.is_empty() { self.prove()? } else { None };
        // A proof that has just failed may have seen somebody move.
        let waited = waited && self.spent >= self.options.patience;
        let Some(proof) = proof.or_else(|| waited.then_some(Proof::Waited)) else {
            return Ok(false);
        };
        // While they sleep nobody else draws: this ticket is behind all of their calls.
        let ticket = self.fleet.board().draw();
        if begun.is_some_and(|begun| begun + 1 != ticket) {
            return Ok(false);
        }
        self.receive()?;
        // Who was proven to sleep has not ended, nor has anybody whom nobody could end.
        if proof != Proof::Proven {
            self.bury()?;
        }
        if self.changed {
            return Ok(false);
        }
        for actor in &callers {
            let line = self.schedule.current(*actor as u8);
            line.into_iter().for_each(|line| self.schedule.asleep(line));
        }
        // Who is stopped may not have come to its call, or may be on its way back from it.
        let calls = |actor: &&usize| !self.stops || self.has_called(**actor);
        let asleep = callers.iter().filter(calls).map(|actor| Actor::first(*actor as u8)).collect();
        let halted = callers.iter().filter(|actor| self.actors[**actor].halted);
        self.halted.extend(halted.map(|actor| (ticket, Actor::first(*actor as u8))));
        self.tell(ticket, EventKind::Quiescent { asleep, proof });
        Ok(true)
    }

    /// Whether an actor has announced the call that was issued to it.
    fn has_called(&self, actor: usize) -> bool {
        let player = &self.actors[actor];
        let announced = self.fleet.board().announced(player.slot);
        let line = player.call.as_ref().map(|(line, _)| *line);
        announced.is_some_and(|open| Some(open.line) == line && open.ticket > player.seen)
    }

    /// Something moves: patience begins anew.
    pub(super) fn stirs(&mut self) {
        let now = Instant::now();
        (self.since, self.looked, self.spent) = (now, now, Duration::ZERO);
    }

    /// Whether patience is over.
    fn wait_on(&mut self) -> bool {
        let now = Instant::now();
        self.spent += now.duration_since(self.looked).min(self.options.patience / SHARE);
        self.looked = now;
        self.spent >= self.options.patience
    }

    /// Whether something is on its way that no look can show: a birth, or a death.
    fn is_expecting(&mut self, waited: bool) -> bool {
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
        if waited {
            orphans.into_iter().for_each(|actor| self.never(actor));
        }
        true
    }

    pub(super) fn those(&self, is: impl Fn(&Self, usize) -> bool) -> Vec<usize> {
        (0..self.actors.len()).filter(|actor| is(self, *actor)).collect()
    }

    /// Looks at everybody who is in a call, and at those who may have been sent a signal.
    fn prove(&mut self) -> io::Result<Option<Proof>> {
        let mut lines = self.program.lines.iter();
        // What SIGKILL comes to is told of otherwise.
        let other = |line: &crate::program::Line| matches!(line.args.get(1), Some(Operand::Number(word)) if *word >= SENT as i64);
        let told = |line: &crate::program::Line| catches(line, SIGCHLD);
        let asks = |line: &crate::program::Line| line.operation == &SET_PDEATHSIG;
        let may = |line: &crate::program::Line| {
            sends(line.operation) && other(line) || told(line) || asks(line)
        };
        let sends = lines.any(may) || self.stops;
        let sends = sends || self.alarms.is_some();
        let watched = self.those(|run, actor| {
            let player = &run.actors[actor];
            let touched = player.suspect || sends;
            player.call.is_some() || touched && player.stage == Stage::Live
        });
        let marks = match self.options.cpu {
            Some(_) => self.prove_at_once(&watched)?,
            None => self.prove_by_two_looks(&watched)?,
        };
        let Some(marks) = marks else { return Ok(None) };
        let sleepers = watched.iter().zip(marks).map(|(actor, mark)| self.sleeper(*actor, mark));
        let sleepers = sleepers.collect();
        Ok(self.have_looked(sleepers)?.then_some(Proof::Proven))
    }

    fn sleeper(&self, actor: usize, mark: u64) -> Sleeper {
        let call = self.actors[actor].call.as_ref();
        let looks = call.is_some_and(|(_, call)| looks_again(call));
        Sleeper { actor, line: call.map(|(line, _)| *line), mark, looks }
    }

    /// Whether nobody of those who sleep now will go on by itself.
    ///
    /// Whoever looks again by itself may find what others had done before they fell asleep. So it has to
    /// be seen asleep twice and to have moved in between, while the others did not: then it has looked
    /// for all that they did, and has found nothing. It is nudged, so that this takes no time.
    fn have_looked(&mut self, sleepers: Vec<Sleeper>) -> io::Result<bool> {
        if !sleepers.iter().any(|sleeper| sleeper.looks) {
            return Ok(true);
        }
        let before = self.rest.take().filter(|rest| rest.is_before(&sleepers));
        if before.as_ref().is_some_and(|rest| rest.have_looked(&sleepers)) {
            return Ok(true);
        }
        if before.is_none() {
            for sleeper in sleepers.iter().filter(|sleeper| sleeper.looks) {
                let player = &self.actors[sleeper.actor];
                // A call behind this one is not to be interrupted.
                if let (true, Some(hand)) = (player.queue.is_empty(), &player.hand) {
                    nudge::rouse(&hand.life);
                }
            }
        }
        self.rest = before.or(Some(Rest(sleepers)));
        Ok(false)
    }

    /// Where all have one processor between them, we too, nobody moves while we have it. So one look
    /// at each will do, if it was not taken from us between the first and the last; and whoever was
    /// woken before is in this processor's queue, and shows as running.
    ///
    /// Only the state tells who waits for an event. It need not be read again of one that was proven
    /// to sleep in this call and has not moved since.
    fn prove_at_once(&mut self, watched: &[usize]) -> io::Result<Option<Vec<u64>>> {
        let begun = Absences::so_far()?;
        let mut marks = Vec::with_capacity(watched.len());
        for actor in watched {
            let mark = match self.look(*actor) {
                Look::Asleep(mark) => mark,
                other => return Ok(self.unproven(other)),
            };
            if self.last_mark(*actor) != Some(mark) && !self.waits(*actor) {
                return Ok(None);
            }
            marks.push(mark);
        }
        if Absences::so_far()? != begun {
            return Ok(None);
        }
        self.remember(watched, &marks);
        Ok(Some(marks))
    }

    /// Two looks at each; of those who were proven to sleep before, only whether they have moved
    /// since. Behind the first looks and before the states are read there was an instant at which all
    /// of them were asleep.
    fn prove_by_two_looks(&mut self, watched: &[usize]) -> io::Result<Option<Vec<u64>>> {
        let is_known = |actor: &usize| {
            let call = self.actors[*actor].call.as_ref();
            let looks = call.is_some_and(|(_, call)| looks_again(call));
            !looks && self.last_mark(*actor).is_some()
        };
        let (known, fresh): (Vec<usize>, Vec<usize>) = watched.iter().partition(|a| is_known(a));
        let mut first = Vec::new();
        for actor in &fresh {
            match self.look(*actor) {
                Look::Asleep(mark) => first.push(mark),
                other => return Ok(self.unproven(other)),
            }
        }
        // One that is being woken on another processor still shows its call, but not this state.
        if !watched.iter().all(|actor| self.waits(*actor)) {
            return Ok(None);
        }
        let mut marks = BTreeMap::new();
        for actor in known {
            let window = self.actors[actor].hand.as_mut().and_then(Hand::window);
            let count = window.and_then(Window::count);
            if count != self.last_mark(actor) {
                self.actors[actor].slept = None;
                return Ok(self.unproven(Look::Moving));
            }
            marks.insert(actor, count.unwrap_or(0));
        }
        for (actor, before) in fresh.iter().zip(&first) {
            match self.look(*actor) {
                Look::Asleep(mark) if mark == *before => {}
                Look::Asleep(_) => return Ok(self.unproven(Look::Moving)),
                other => return Ok(self.unproven(other)),
            }
        }
        self.remember(&fresh, &first);
        marks.extend(fresh.into_iter().zip(first));
        Ok(Some(watched.iter().filter_map(|actor| marks.get(actor).copied()).collect()))
    }

    /// Whether what an actor is in is sleep that an event ends, or it is stopped.
    pub(super) fn waits(&mut self, actor: usize) -> bool {
        let window = self.actors[actor].hand.as_mut().and_then(Hand::window);
        window.is_some_and(|window| window.waits())
    }

    fn remember(&mut self, proven: &[usize], marks: &[u64]) {
        for (actor, mark) in proven.iter().zip(marks) {
            let player = &mut self.actors[*actor];
            player.slept = player.call.as_ref().map(|(line, _)| (*line, *mark));
        }
    }

    /// By what it is known whether an actor has moved since it was proven to sleep in its present call.
    fn last_mark(&self, actor: usize) -> Option<u64> {
        let player = &self.actors[actor];
        let (line, _) = player.call.as_ref()?;
        let (slept, mark) = player.slept?;
        (slept == *line).then_some(mark)
    }

    fn unproven<T>(&mut self, look: Look) -> Option<T> {
        if look == Look::Moving {
            self.stirs();
        }
        None
    }

    fn look(&mut self, actor: usize) -> Look {
        let player = &mut self.actors[actor];
        let expected = match &player.call {
            Some((_, call)) => driver_of(call.operation)
                .and_then(|(_, driver)| Some((driver.sleeps_in?, driver.first_is_told)))
                .map(|(number, told)| Sleep { number, first: told.then_some(player.first) }),
            // It waits for a command, at an address of its own.
            None => Some(Sleep { number: libc::SYS_futex, first: None }),
        };
        let window = player.hand.as_mut().and_then(|hand| hand.window());
        let alone = self.options.cpu.is_some();
        let stopped = window.filter(|_| self.stops).and_then(|own| own.look_for_a_stop(alone));
        player.halted = stopped.is_some();
        stopped
            .unwrap_or_else(|| window.map_or(Look::Unknown, |window| window.look(expected, alone)))
    }
}

/// Says of those who were stopped when nothing moved whether they were in a call then. Only their
/// tickets tell: who is stopped behind its call has drawn one and cannot report it.
pub(super) fn say_of_the_stopped(events: &mut [Event], halted: &[(u64, Actor)]) {
    if halted.is_empty() {
        return;
    }
    let mut in_call = BTreeSet::new();
    for event in events {
        match &mut event.kind {
            EventKind::Call { actor, .. } => {
                in_call.insert(*actor);
            }
            EventKind::Return { actor, .. } => {
                in_call.remove(actor);
            }
            EventKind::Quiescent { asleep, .. } => {
                let then = halted.iter().filter(|(ticket, _)| *ticket == event.ticket);
                for (_, actor) in then {
                    asleep.retain(|other| other != actor);
                    asleep.extend(in_call.get(actor));
                }
                asleep.sort_unstable();
            }
            _ => {}
        }
    }
}

/// Takes out what was only waited for and has turned out otherwise: somebody who was said to sleep
/// had returned already, and the report was still on its way.
pub(super) fn drop_mistaken(events: &mut Vec<Event>) {
    let waited = |event: &Event| matches!(&event.kind, EventKind::Quiescent { proof, .. } if *proof != Proof::Proven);
    if !events.iter().any(waited) {
        return;
    }
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
        EventKind::Quiescent { asleep, proof: Proof::Waited | Proof::Expired } => {
            asleep.iter().all(|actor| in_call.get(actor) == Some(&true))
        }
        _ => true,
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use ipc_model::outcome::{Outcome, Value};

    #[test]
    fn who_is_stopped_is_in_a_call_if_its_tickets_say_so() {
        let actor = Actor::first;
        let call = || Call { operation: &ipc_model::process::GETPGID, args: vec![], tag: 0 };
        let calls = |ticket, of| {
            let kind = EventKind::Call { actor: actor(of), line: 0, call: call() };
            Event { ticket, kind }
        };
        let returns = |ticket, of| {
            let outcome = Outcome::Success(Value::Nothing);
            Event { ticket, kind: EventKind::Return { actor: actor(of), outcome, probed: None } }
        };
        let rests = |ticket, asleep: &[u8]| {
            let asleep = asleep.iter().copied().map(Actor::first).collect();
            Event { ticket, kind: EventKind::Quiescent { asleep, proof: Proof::Proven } }
        };
        // At 4 nobody knew: A was on its way back, B had not left word of its call.
        let mut events =
            vec![calls(1, 0), calls(2, 1), returns(3, 0), rests(4, &[0]), rests(5, &[0])];
        say_of_the_stopped(&mut events, &[(4, actor(0)), (4, actor(1))]);
        assert_eq!(events[3..], [rests(4, &[1]), rests(5, &[0])], "of 5 nothing is said");
    }
}
