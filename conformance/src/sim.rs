//! The simulated system: the model run forward under a random scheduler, behind the same interface
//! as real processes. Every history that it makes must be accepted, unless a fault is planted in it.
//!
//! Sleeping and waking are explicit: a call that has fallen asleep goes on only when it is woken.
//! A sound kernel wakes everybody who could go on.

mod every;
mod kernel;
mod lens;
mod met;
mod off;
mod spoil;
mod stale;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use ipc_model::clause::Envelope;
use ipc_model::operation::Actor;
use ipc_model::outcome::{Outcome, Value};
use ipc_model::profile::{Numbers, Profile};
use ipc_model::spec::Spec;
use ipc_model::step::Step;
use ipc_model::view::Choice;
use ipc_model::world::{Activity, Life, World};

pub use self::every::Every;
pub use self::kernel::Kernel;
pub use self::lens::bent;
pub use self::met::Met;
pub use self::stale::Graves;
use crate::alarms::Alarms;
use crate::bindings::Bindings;
use crate::faults::{Fault, Slip, Startled, Wakes, Wrong};
use crate::history::{End, Event, EventKind, Head, History, Proof};
use crate::program::Program;
use crate::schedule::Schedule;
use crate::stage::Pick;
use crate::system::{System, SystemError};

/// Things that happen in a run for each of its calls, at most: only a planted fault makes one go on for
/// ever.
const MOST: usize = 1000;

/// A system that is the model itself.
pub struct Simulated<P> {
    profile: &'static Profile,
    numbers: Numbers,
    pick: P,
    fault: Option<&'static Fault>,
    rules: Option<Arc<Spec>>,
    met: Option<Met>,
}

impl<P: Pick> Simulated<P> {
    /// A system that does what `profile` allows, choices being drawn from `pick`.
    pub fn new(profile: &'static Profile, numbers: Numbers, pick: P) -> Simulated<P> {
        Simulated { profile, numbers, pick, fault: None, rules: None, met: None }
    }

    /// The same, with the rules of its profile and numbers made already.
    pub fn by(self, rules: Arc<Spec>) -> Simulated<P> {
        Simulated { rules: Some(rules), ..self }
    }

    /// The same with a fault planted in it.
    pub fn with(self, fault: &'static Fault) -> Simulated<P> {
        Simulated { fault: Some(fault), ..self }
    }

    /// The same, and it notes what of the rules its runs come near to.
    pub fn noting(self) -> Simulated<P> {
        Simulated { met: Some(Met::default()), ..self }
    }

    /// What it has noted.
    pub fn met(self) -> Met {
        self.met.unwrap_or_default()
    }
}

impl<P: Pick> System for Simulated<P> {
    fn numbers(&self) -> Numbers {
        self.numbers
    }

    fn name(&self) -> String {
        match self.fault {
            Some(fault) => format!("simulated {} with {}", self.profile.name, fault.name),
            None => format!("simulated {}", self.profile.name),
        }
    }

    fn be_patient(&mut self, _: u32) {}

    fn run(&mut self, program: &Program) -> Result<History, SystemError> {
        let nofile = program.nofile.map_or(self.numbers.nofile, u64::from);
        let numbers = Numbers { nofile, ..self.numbers };
        let spec = match &self.rules {
            Some(rules) if rules.numbers == numbers => Arc::clone(rules),
            Some(rules) => Arc::new(rules.with_numbers(numbers)),
            None => Arc::new(Spec::new(self.profile, numbers)),
        };
        // Making the rules takes time, and programs share them.
        self.rules = Some(Arc::clone(&spec));
        let bent = self.fault.and_then(|fault| bent(&spec, &fault.slips));
        let spec = bent.as_ref().unwrap_or(&spec);
        let head = Head {
            system: self.name(),
            numbers,
            program: program.to_string(),
            actors: program.actors.clone(),
            roots: program.roots(),
        };
        let world = World::new(program.actors.len(), &head.roots, 3);
        let run = Run {
            kernel: Kernel { spec, slips: self.fault.map_or(&[], |fault| &fault.slips) },
            program,
            schedule: Schedule::new(program),
            bindings: Bindings::new(program),
            graves: Graves::default(),
            asleep: vec![false; program.actors.len()],
            world,
            events: Vec::new(),
            alarms: Alarms::default(),
            reported: vec![false; program.actors.len()],
            pick: &mut self.pick,
            met: self.met.as_mut(),
        };
        let (events, end) = run.finish();
        Ok(History { head, events, end })
    }
}

struct Run<'a, P> {
    kernel: Kernel<'a>,
    program: &'a Program,
    schedule: Schedule<'a>,
    bindings: Bindings,
    world: World,
    /// What stale references lead to.
    graves: Graves,
    /// Whose call has fallen asleep and has not been woken.
    asleep: Vec<bool>,
    events: Vec<Event>,
    /// Which timers are to expire yet, as far as the program can tell.
    alarms: Alarms,
    /// Whose end has been told.
    reported: Vec<bool>,
    pick: &'a mut P,
    met: Option<&'a mut Met>,
}

impl Startled {
    /// What the caller is told.
    pub fn outcome(self, world: &World, actor: Actor) -> Outcome {
        let gives = world.in_call(actor).map(|call| call.call.operation.gives);
        match self {
            Startled::Nothing => Outcome::Success(spoil::nothing(gives)),
            Startled::Error(errno) => Outcome::Failure(errno),
        }
    }
}

/// One thing that can happen next.
#[derive(Clone, Copy)]
enum Next<'a> {
    Begin(u16),
    Return(Actor),
    Handler(u8),
    Step(Step<'a>),
    Sleep(Step<'a>),
    End(u8),
}

impl<'a, P: Pick> Run<'a, P> {
    fn finish(mut self) -> (Vec<Event>, End) {
        for _ in 0..MOST * (1 + self.program.lines.len()) {
            self.note();
            let next = self.possible();
            match next.first() {
                None if self.be_still() || self.time_passes() => {}
                None => return (self.events, End::Complete),
                // They can do nothing but fall asleep: in which order makes no difference.
                Some(first) if next.iter().all(|next| matches!(next, Next::Sleep(_))) => {
                    self.happen(*first);
                }
                Some(_) => {
                    let chosen = next[self.pick.below(next.len() as u64) as usize];
                    self.happen(chosen);
                }
            }
        }
        let busy = (0..self.asleep.len() as u8).map(Actor::first);
        let busy = busy.filter(|actor| self.world.in_call(*actor).is_some()).collect();
        (self.events, End::Deadline { busy })
    }

    fn note(&mut self) {
        if let Some(met) = &mut self.met {
            met.note(self.kernel.spec, &self.world);
        }
    }

    fn possible(&self) -> Vec<Next<'a>> {
        let mut next = Vec::new();
        for process in 0..self.world.processes.len() as u8 {
            let actor = Actor::first(process);
            let life = self.world.process(process).map(|process| process.life);
            match self.world.activity(actor) {
                Activity::Running
                    if life == Some(Life::Live)
                        && !self.world.is_stopped(process)
                        && self.world.next_handler(process).is_none() =>
                {
                    next.extend(self.schedule.next(process).map(Next::Begin));
                }
                Activity::Returning(_) if self.world.may_return(actor) => {
                    next.push(Next::Return(actor));
                }
                Activity::Returning(_) => {}
                Activity::InCall(_) if !self.asleep[usize::from(process)] => {
                    next.extend(self.kernel.sleep(&self.world, actor).map(Next::Sleep));
                }
                Activity::InCall(_) | Activity::Running | Activity::Gone => {}
            }
            if self.world.next_handler(process).is_some() && life == Some(Life::Live) {
                next.push(Next::Handler(process));
            }
            let over = matches!(life, Some(Life::Zombie(_) | Life::Reaped));
            if over && !self.reported[usize::from(process)] {
                next.push(Next::End(process));
            }
        }
        let awake = |step: &Step<'_>| step.unasked || !self.asleep[usize::from(step.actor.process)];
        let steps = self.kernel.steps(&self.world, &self.graves).into_iter();
        let due = |step: &Step<'_>| !step.unasked || !self.is_about_to_begin(step.actor);
        next.extend(steps.filter(awake).filter(due).map(Next::Step));
        // Who always takes the first lets one process after the other go as far as it can.
        next.sort_by_key(|next| (self.whose(next), matches!(next, Next::Sleep(_))));
        next
    }

    /// Whether the process is new and has not begun: agents let no handler run until it has.
    fn is_about_to_begin(&self, actor: Actor) -> bool {
        let lives = |process: &ipc_model::world::Process| process.life == Life::Live;
        let begun = Outcome::Success(Value::Begun);
        self.world.process(actor.process).is_some_and(lives)
            && *self.world.activity(actor) == Activity::Returning(begun)
    }

    fn whose(&self, next: &Next<'_>) -> u8 {
        match next {
            Next::Begin(line) => self.program.lines[usize::from(*line)].actor,
            Next::Return(actor) => actor.process,
            Next::Step(step) | Next::Sleep(step) => step.actor.process,
            Next::Handler(process) | Next::End(process) => *process,
        }
    }

    fn happen(&mut self, next: Next<'a>) {
        match next {
            Next::Begin(line) => {
                let actor = Actor::first(self.program.lines[usize::from(line)].actor);
                let call = self.bindings.resolve(self.program, line);
                self.schedule.stir();
                self.schedule.began(line);
                self.asleep[usize::from(actor.process)] = false;
                self.tell(EventKind::Call { actor, line, call: call.clone() });
                self.kernel.spec.call(&mut self.world, actor, Arc::new(call));
            }
            Next::Return(actor) => self.give_back(actor),
            Next::Handler(process) => {
                if let Some(info) = self.world.next_handler(process) {
                    self.world.handle(process, &info);
                    // What begins anew looks anew; what is to return was woken by the delivery.
                    let call = self.world.in_call(Actor::first(process));
                    if call.is_some_and(|call| !call.interrupted) {
                        self.asleep[usize::from(process)] = false;
                    }
                    self.tell(EventKind::Handled { actor: Actor::first(process), info });
                }
            }
            Next::Step(step) => self.step(&step),
            Next::Sleep(step) => {
                self.asleep[usize::from(step.actor.process)] = true;
                self.kernel.make(&mut self.world, &self.graves, &step, Choice::default());
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

    fn step(&mut self, step: &Step<'a>) {
        if let Some(met) = &mut self.met {
            met.note_step(step);
        }
        let mut count = self.pick.within(self.kernel.counts(&self.world, step));
        if matches!(step.clause.envelope, Envelope::Newborn) {
            let line = self.schedule.current(step.actor.process).map(usize::from);
            let child = line.and_then(|line| self.program.lines[line].child);
            count = child.map_or(count, u64::from);
        }
        let stale = |slip: &Slip| matches!(slip.wrong, Wrong::Stale);
        let before = self.kernel.slips.iter().any(stale).then(|| self.world.clone());
        let choice = Choice { count, probed: None };
        self.kernel.make(&mut self.world, &self.graves, step, choice);
        if let Some(before) = before {
            self.graves.dig(&before, &self.world);
        }
        self.wake(step);
    }

    /// After a step, those who sleep and can go on are woken; or not, as the fault has it.
    fn wake(&mut self, step: &Step<'a>) {
        // What changes nothing enables nobody.
        if !self.asleep.contains(&true) || step.clause.effects.is_empty() {
            return;
        }
        let asleep = |actor: &Actor| self.asleep[usize::from(actor.process)];
        let steps = self.kernel.steps(&self.world, &self.graves);
        let mut woken: Vec<Actor> = steps.iter().map(|step| step.actor).filter(asleep).collect();
        woken.dedup();
        for wrong in self.kernel.slips_in(step.clause) {
            match wrong {
                Wrong::Wakes(Wakes::Nobody) => woken.clear(),
                Wrong::Wakes(Wakes::One) if !woken.is_empty() => {
                    let one = self.pick.below(woken.len() as u64) as usize;
                    woken = vec![woken[one]];
                }
                Wrong::Startles(startled) => self.startle(&woken, startled),
                _ => {}
            }
        }
        for actor in woken {
            self.asleep[usize::from(actor.process)] = false;
        }
    }

    /// The first of those who sleep and cannot go on answers all the same.
    fn startle(&mut self, able: &[Actor], startled: Startled) {
        let actors = (0..self.asleep.len() as u8).map(Actor::first);
        let mut unable = actors.filter(|actor| {
            let asleep = self.asleep[usize::from(actor.process)];
            asleep && !able.contains(actor) && self.world.in_call(*actor).is_some()
        });
        let Some(actor) = unable.next() else { return };
        let outcome = startled.outcome(&self.world, actor);
        self.asleep[usize::from(actor.process)] = false;
        self.world.set_activity(actor, Activity::Returning(outcome));
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
            // Who was stopped may have its answer, and cannot tell.
            let held = self.world.is_stopped(process)
                && matches!(self.world.activity(actor), Activity::Returning(_));
            if let Some(call) = self.world.in_call_mut(actor) {
                call.slept = true;
            }
            if held || self.world.in_call(actor).is_some() {
                asleep.push(actor);
                if let Some(line) = self.schedule.current(process) {
                    self.schedule.asleep(line);
                }
            }
        }
        self.tell(EventKind::Quiescent { asleep, proof: Proof::Proven });
        self.note();
        !self.possible().is_empty()
    }

    /// Nothing can happen until time has passed: those wake who sleep for so long and no longer. False
    /// when there is nobody, or when those who should do not; or a timer should have expired.
    fn time_passes(&mut self) -> bool {
        let timed = |process: &u8| {
            let call = self.world.in_call(Actor::first(*process));
            call.is_some_and(|call| call.call.timeout().is_some())
        };
        let timed: Vec<u8> = (0..self.asleep.len() as u8).filter(timed).collect();
        let steps = self.kernel.steps(&self.world, &self.graves);
        let able = |process: &u8| steps.iter().any(|step| step.actor == Actor::first(*process));
        let able: Vec<u8> = timed.iter().copied().filter(able).collect();
        if able.is_empty() && !(timed.is_empty() && self.alarms.awaited().is_empty()) {
            let in_call = |actor: &Actor| {
                let held = self.world.is_stopped(actor.process)
                    && matches!(self.world.activity(*actor), Activity::Returning(_));
                held || self.world.in_call(*actor).is_some()
            };
            let actors = (0..self.asleep.len() as u8).map(Actor::first);
            let asleep = actors.filter(in_call).collect();
            self.tell(EventKind::Quiescent { asleep, proof: Proof::Expired });
        }
        for process in &able {
            self.asleep[usize::from(*process)] = false;
        }
        !able.is_empty()
    }

    fn tell(&mut self, kind: EventKind) {
        let ticket = self.events.len() as u64 + 1;
        self.alarms.note(ticket, &kind);
        self.events.push(Event { ticket, kind });
    }
}
