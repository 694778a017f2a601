//! The simulated system: the model run forward under a random scheduler, behind the same interface
//! as real processes. Every history that it makes must be accepted.

use std::sync::Arc;

use ipc_model::clause::Envelope;
use ipc_model::operation::Actor;
use ipc_model::outcome::{Outcome, Value};
use ipc_model::profile::{Numbers, Profile};
use ipc_model::spec::Spec;
use ipc_model::step::Step;
use ipc_model::view::Choice;
use ipc_model::world::{Activity, Life, World};

use crate::bindings::Bindings;
use crate::history::{End, Event, EventKind, Head, History, Proof};
use crate::program::Program;
use crate::schedule::Schedule;
use crate::stage::Pick;
use crate::system::{System, SystemError};

/// A system that is the model itself.
pub struct Simulated<P> {
    profile: &'static Profile,
    numbers: Numbers,
    pick: P,
}

impl<P: Pick> Simulated<P> {
    /// A system that does what `profile` allows, choices being drawn from `pick`.
    pub fn new(profile: &'static Profile, numbers: Numbers, pick: P) -> Simulated<P> {
        Simulated { profile, numbers, pick }
    }
}

impl<P: Pick> System for Simulated<P> {
    fn numbers(&self) -> Numbers {
        self.numbers
    }

    fn name(&self) -> String {
        format!("simulated {}", self.profile.name)
    }

    fn be_patient(&mut self, _: u32) {}

    fn run(&mut self, program: &Program) -> Result<History, SystemError> {
        let nofile = program.nofile.map_or(self.numbers.nofile, u64::from);
        let numbers = Numbers { nofile, ..self.numbers };
        let spec = Spec::new(self.profile, numbers);
        let head = Head {
            system: self.name(),
            numbers,
            program: program.to_string(),
            actors: program.actors.clone(),
            roots: program.roots(),
        };
        let world = World::new(program.actors.len(), &head.roots, 3);
        let run = Run {
            spec: &spec,
            program,
            schedule: Schedule::new(program),
            bindings: Bindings::new(program),
            world,
            events: Vec::new(),
            reported: vec![false; program.actors.len()],
            pick: &mut self.pick,
        };
        let events = run.finish();
        Ok(History { head, events, end: End::Complete })
    }
}

struct Run<'a, P> {
    spec: &'a Spec,
    program: &'a Program,
    schedule: Schedule<'a>,
    bindings: Bindings,
    world: World,
    events: Vec<Event>,
    /// Whose end has been told.
    reported: Vec<bool>,
    pick: &'a mut P,
}

/// One thing that can happen next.
enum Next<'a> {
    Begin(u16),
    Return(Actor),
    Step(Step<'a>),
    End(u8),
}

impl<'a, P: Pick> Run<'a, P> {
    fn finish(mut self) -> Vec<Event> {
        loop {
            let mut next = self.possible();
            if next.is_empty() {
                if !self.be_still() {
                    return self.events;
                }
                continue;
            }
            let chosen = self.pick.below(next.len() as u64) as usize;
            self.happen(next.swap_remove(chosen));
        }
    }

    fn possible(&self) -> Vec<Next<'a>> {
        let mut next = Vec::new();
        for process in 0..self.world.processes.len() as u8 {
            let actor = Actor::first(process);
            let life = self.world.process(process).map(|process| process.life);
            match self.world.activity(actor) {
                Activity::Running if life == Some(Life::Live) => {
                    next.extend(self.schedule.next(process).map(Next::Begin));
                }
                Activity::Returning(_) => next.push(Next::Return(actor)),
                Activity::InCall(_) | Activity::Running | Activity::Gone => {}
            }
            let over = matches!(life, Some(Life::Zombie(_) | Life::Reaped));
            if over && !self.reported[usize::from(process)] {
                next.push(Next::End(process));
            }
        }
        let steps = self.spec.steps(&self.world).into_iter();
        next.extend(steps.filter(|step| !step.is_open_ended()).map(Next::Step));
        // Who always takes the first lets one process after the other go as far as it can.
        next.sort_by_key(|next| self.whose(next));
        next
    }

    fn whose(&self, next: &Next<'_>) -> u8 {
        match next {
            Next::Begin(line) => self.program.lines[usize::from(*line)].actor,
            Next::Return(actor) => actor.process,
            Next::Step(step) => step.actor.process,
            Next::End(process) => *process,
        }
    }

    fn happen(&mut self, next: Next<'a>) {
        match next {
            Next::Begin(line) => {
                let actor = Actor::first(self.program.lines[usize::from(line)].actor);
                let call = self.bindings.resolve(self.program, line);
                self.schedule.stir();
                self.schedule.began(line);
                self.tell(EventKind::Call { actor, line, call: call.clone() });
                self.spec.call(&mut self.world, actor, Arc::new(call));
            }
            Next::Return(actor) => self.give_back(actor),
            Next::Step(step) => {
                let mut count = self.pick.within(self.spec.counts(&self.world, &step));
                if matches!(step.clause.envelope, Envelope::Newborn) {
                    let line = self.schedule.current(step.actor.process).map(usize::from);
                    let child = line.and_then(|line| self.program.lines[line].child);
                    count = child.map_or(count, u64::from);
                }
                self.spec.make(&mut self.world, &step, Choice { count, probed: None });
            }
            Next::End(process) => {
                let status = match self.world.process(process).map(|process| process.life) {
                    Some(Life::Zombie(status)) => Some(status),
                    _ => None,
                };
                self.reported[usize::from(process)] = true;
                self.schedule.ended(process);
                self.tell(EventKind::Ended { process, status });
            }
        }
    }

    fn give_back(&mut self, actor: Actor) {
        let Activity::Returning(outcome) = self.world.activity(actor).clone() else { return };
        self.world.set_activity(actor, Activity::Running);
        if outcome == Outcome::Success(Value::Begun) {
            let makes = |line: &&crate::program::Line| line.child == Some(actor.process);
            if let Some(line) = self.program.lines.iter().find(makes) {
                self.bindings.inherit(actor.process, line.actor);
            }
        } else if let Some(line) = self.schedule.current(actor.process) {
            self.bindings.bind(self.program, line, &outcome);
            self.schedule.returned(line);
        }
        self.tell(EventKind::Return { actor, outcome, probed: None });
    }

    /// Nothing can happen: whoever is in a call is asleep. False when no line can begin after that.
    fn be_still(&mut self) -> bool {
        let mut asleep = Vec::new();
        for process in 0..self.world.processes.len() as u8 {
            let actor = Actor::first(process);
            if let Some(call) = self.world.in_call_mut(actor) {
                call.slept = true;
                asleep.push(actor);
                if let Some(line) = self.schedule.current(process) {
                    self.schedule.asleep(line);
                }
            }
        }
        self.tell(EventKind::Quiescent { asleep, proof: Proof::Proven });
        !self.possible().is_empty()
    }

    fn tell(&mut self, kind: EventKind) {
        let ticket = self.events.len() as u64 + 1;
        self.events.push(Event { ticket, kind });
    }
}
