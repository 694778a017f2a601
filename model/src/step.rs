//! Steps: what can happen next in a world. One list for all who run the model: the checker, the
//! simulated system, the generator and the explorers.

use crate::clause::{Clause, Envelope};
use crate::operation::Actor;
use crate::poll;
use crate::process::KILL;
use crate::signal;
use crate::spec::Spec;
use crate::view::{Choice, View};
use crate::world::{Activity, World};

/// Something that can happen now, and that nobody sees as it does: in a call, in the death of a process,
/// or because a signal comes.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// Whose call, or the first thread of who dies, or of whom the signal comes to.
    pub actor: Actor,
    /// By which clause.
    pub clause: &'a Clause,
    /// It belongs to no call, but to the death of the process or to a signal.
    pub unasked: bool,
}

impl Step<'_> {
    /// Whether it makes what may happen a matter of nobody's judgement.
    pub fn is_open_ended(&self) -> bool {
        matches!(self.clause.envelope, Envelope::Anything)
    }
}

impl Spec {
    /// Every step of every call and every unasked one, falling asleep aside.
    pub fn steps(&self, world: &World) -> Vec<Step<'_>> {
        let mut steps = Vec::new();
        for process in 0..world.processes.len() as u8 {
            self.add_steps_of(world, process, &mut steps);
        }
        steps
    }

    /// Those of them that are one process's.
    pub fn steps_of(&self, world: &World, process: u8) -> Vec<Step<'_>> {
        let mut steps = Vec::new();
        self.add_steps_of(world, process, &mut steps);
        steps
    }

    fn add_steps_of<'s>(&'s self, world: &World, process: u8, steps: &mut Vec<Step<'s>>) {
        let actor = Actor::first(process);
        if matches!(world.activity(actor), Activity::InCall(_)) {
            let acts = |clause: &Clause| !matches!(clause.envelope, Envelope::Sleep);
            let all = self.all_enabled(world, actor, acts);
            steps.extend(all.map(|clause| Step { actor, clause, unasked: false }));
        }
        steps.extend(self.unasked(world, process));
    }

    /// The steps of a process that dies, or that a signal comes to.
    pub fn unasked<'s>(
        &'s self,
        world: &World,
        process: u8,
    ) -> impl Iterator<Item = Step<'s>> + use<'s> {
        let actor = Actor::first(process);
        self.due(world, process).into_iter().map(move |clause| Step {
            actor,
            clause,
            unasked: true,
        })
    }

    /// The counts that a step can have: from the first to the second, both included.
    pub fn counts(&self, world: &World, step: &Step<'_>) -> (u64, u64) {
        match (&step.clause.envelope, step.unasked) {
            (Envelope::Step(lo, hi), true) => {
                let view = View::unasked(self, world, step.actor.process);
                (view.num(lo), view.num(hi))
            }
            (_, true) => (0, 0),
            (_, false) => self.range(world, step.actor, step.clause),
        }
    }

    /// The clauses that decide what the step finds, besides the one that it is made by.
    pub fn consulted(&self, world: &World, step: &Step<'_>, choice: Choice) -> Vec<&Clause> {
        let view = View::new(self, world, step.actor);
        match step.unasked {
            false if poll::looks_at(step.clause) => poll::looked(self, &view, choice.count),
            false => {
                let rule = signal::sent_by(step.clause, &view, choice.count);
                self.clauses(&KILL).iter().filter(|clause| Some(clause.id) == rule).collect()
            }
            true => Vec::new(),
        }
    }

    /// The step is made.
    pub fn make(&self, world: &mut World, step: &Step<'_>, choice: Choice) {
        if step.unasked {
            self.befall(world, step.actor.process, step.clause, choice);
        } else {
            self.take(world, step.actor, step.clause, choice);
        }
    }
}
