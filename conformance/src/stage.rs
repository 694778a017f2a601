//! The model run forward: what may come next, and one thing that does.

use std::sync::Arc;

use ipc_model::operation::{Actor, Call};
use ipc_model::spec::Spec;
use ipc_model::view::Choice;
use ipc_model::world::{Activity, Life, World};

/// A world, and the rules that it runs by. Every choice is asked of the caller.
pub struct Stage<'a> {
    /// The rules.
    pub spec: &'a Spec,
    /// The world.
    pub world: World,
}

/// Picks a number below the one given, which is never 0.
pub trait Pick {
    /// A number below `bound`.
    fn below(&mut self, bound: u64) -> u64;

    /// A number from the first to the second; the first where there is none between.
    fn within(&mut self, (lo, hi): (u64, u64)) -> u64 {
        if lo < hi { lo + self.below(hi - lo + 1) } else { lo }
    }
}

/// Always the first: the same run every time.
#[derive(Clone, Copy, Debug)]
pub struct First;

impl Pick for First {
    fn below(&mut self, _: u64) -> u64 {
        0
    }
}

impl<'a> Stage<'a> {
    /// An actor makes a call, and everything happens that then can, up to stillness.
    pub fn perform(&mut self, actor: Actor, call: Call, pick: &mut dyn Pick) {
        self.spec.call(&mut self.world, actor, Arc::new(call));
        self.settle(actor.process, pick);
    }

    /// Everything happens that can, one thing at a time and the process's first, until every call has
    /// returned or sleeps.
    pub fn settle(&mut self, process: u8, pick: &mut dyn Pick) {
        let mut first = process;
        while let Some(process) = self.once(first, pick) {
            first = process;
        }
        self.sleep();
    }

    /// One thing happens, if anything can: by the first who can do any, who is told.
    fn once(&mut self, first: u8, pick: &mut dyn Pick) -> Option<u8> {
        let all = self.world.processes.len() as u8;
        (first..all).chain(0..first).find(|process| self.acts(*process, pick))
    }

    /// One thing happens by a process, if anything can.
    fn acts(&mut self, process: u8, pick: &mut dyn Pick) -> bool {
        let actor = Actor::first(process);
        if let Some(info) = self.world.next_handler(process)
            && self.world.process(process).is_some_and(|process| process.life == Life::Live)
        {
            return self.world.handle(process, &info);
        }
        if self.world.may_return(actor) {
            self.world.set_activity(actor, Activity::Running);
        }
        let mut steps = self.spec.steps_of(&self.world, process);
        steps.retain(|step| !step.is_open_ended());
        if steps.is_empty() {
            return false;
        }
        let step = steps[pick.below(steps.len() as u64) as usize];
        let count = pick.within(self.spec.counts(&self.world, &step));
        self.spec.make(&mut self.world, &step, Choice { count, probed: None });
        true
    }

    /// Everyone who can only sleep does.
    fn sleep(&mut self) {
        for process in 0..self.world.processes.len() as u8 {
            let actor = Actor::first(process);
            if let Some(call) = self.world.in_call_mut(actor) {
                call.slept = true;
            }
        }
    }

    /// Whether the process is there and between two calls.
    pub fn is_idle(&self, process: u8) -> bool {
        let life = self.world.process(process).map(|process| process.life);
        life == Some(Life::Live)
            && !self.world.is_stopped(process)
            && *self.world.activity(Actor::first(process)) == Activity::Running
    }

    /// Whether the process is asleep in a call.
    pub fn is_asleep(&self, process: u8) -> bool {
        self.world.in_call(Actor::first(process)).is_some()
    }
}
