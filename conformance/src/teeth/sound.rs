//! A world, and what the sound kernel may do in it, without what nobody can see.

use std::cell::OnceCell;

use ipc_model::operation::Actor;
use ipc_model::spec::Spec;
use ipc_model::step::Step;
use ipc_model::view::Choice;
use ipc_model::world::{Activity, Description, Life, Object, Signals, World};

use crate::sim::{Graves, Kernel};

/// A world, and what the sound kernel may do in it.
pub(super) struct Sound<'a> {
    pub(super) spec: &'a Spec,
    pub(super) world: &'a World,
    /// The steps of each process.
    pub(super) steps: Vec<Vec<Step<'a>>>,
    /// Who has been asleep for some time and may be.
    pub(super) asleep: Vec<Actor>,
    /// Of each process what the rules alone say, and what was worked out of it.
    alone: Vec<Alone<'a>>,
}

/// What is asked of one process again and again, for every fault.
struct Alone<'a> {
    steps: Vec<Step<'a>>,
    obliged: OnceCell<bool>,
    reached: OnceCell<Vec<World>>,
}

impl<'a> Sound<'a> {
    pub(super) fn of(spec: &'a Spec, world: &'a World) -> Sound<'a> {
        let actors = (0..world.processes.len() as u8).map(Actor::first);
        let mut steps: Vec<Vec<Step<'a>>> = actors.clone().map(|_| Vec::new()).collect();
        for step in (Kernel { spec, slips: &[] }).steps(world, &Graves::default()) {
            steps[usize::from(step.actor.process)].push(step);
        }
        let asleep = actors.filter(|actor| {
            let slept = world.in_call(*actor).is_some_and(|call| call.slept);
            slept && spec.sleeps(world, *actor).is_some()
        });
        let alone = |process| Alone {
            steps: spec.steps_of(world, process),
            obliged: OnceCell::new(),
            reached: OnceCell::new(),
        };
        let alone = (0..world.processes.len() as u8).map(alone).collect();
        Sound { spec, world, steps, asleep: asleep.collect(), alone }
    }

    /// What the rules alone let the process do.
    pub(super) fn rules_steps(&self, process: u8) -> &[Step<'a>] {
        &self.alone[usize::from(process)].steps
    }

    /// Whether the actor may not stay asleep.
    pub(super) fn obliged(&self, actor: Actor) -> bool {
        let alone = &self.alone[usize::from(actor.process)];
        *alone.obliged.get_or_init(|| self.spec.obliged(self.world, actor))
    }

    pub(super) fn steps_of(&self, actor: Actor) -> &[Step<'a>] {
        &self.steps[usize::from(actor.process)]
    }

    /// Whether a step of the actor, or several without anybody else's between, lead to this world.
    pub(super) fn leads_to(&self, actor: Actor, to: &World) -> bool {
        let alone = &self.alone[usize::from(actor.process)];
        alone.reached.get_or_init(|| self.reached(actor)).contains(to)
    }

    fn reached(&self, actor: Actor) -> Vec<World> {
        let kernel = Kernel { spec: self.spec, slips: &[] };
        let mut fresh = vec![self.world.clone()];
        // Nothing may happen as well.
        let mut still = self.world.clone();
        plain(&mut still);
        let mut known = vec![still];
        while let Some(world) = fresh.pop() {
            for step in steps_of(&kernel, &world, actor) {
                for after in outcomes(&kernel, &Graves::default(), &world, &step) {
                    if known.contains(&after) {
                        continue;
                    }
                    if known.len() <= FAR {
                        fresh.push(after.clone());
                    }
                    known.push(after);
                }
            }
        }
        known
    }
}

/// Worlds that one call or death can come to by itself, at most.
const FAR: usize = 100;

pub(super) fn steps_of<'a>(kernel: &Kernel<'a>, world: &World, actor: Actor) -> Vec<Step<'a>> {
    let mut steps = kernel.steps(world, &Graves::default());
    steps.retain(|step| step.actor == actor);
    steps
}

/// The worlds that a step can lead to.
pub(super) fn outcomes(
    kernel: &Kernel<'_>,
    graves: &Graves,
    world: &World,
    step: &Step<'_>,
) -> Vec<World> {
    let (lo, hi) = kernel.counts(world, step);
    let one = |count| {
        let mut after = world.clone();
        kernel.make(&mut after, graves, step, Choice { count, probed: None });
        plain(&mut after);
        after
    };
    (lo..=hi).map(one).collect()
}

/// Nothing is left of what a free place was about.
pub(super) fn forget_the_free(world: &mut World) {
    let free = world.descriptions.iter_mut().skip(1).filter(|place| place.references == 0);
    free.for_each(|place| *place = Description::default());
}

/// Without what nobody can see: places at the ends that are free, and what those who die were about.
fn plain(after: &mut World) {
    while after.descriptions.last().is_some_and(|last| last.references == 0) {
        after.descriptions.pop();
    }
    while after.objects.last().is_some_and(|last| **last == Object::None) {
        after.objects.pop();
    }
    forget_the_free(after);
    for process in 0..after.processes.len() as u8 {
        let life = after.process(process).map(|process| process.life);
        if matches!(life, Some(Life::Dying(_) | Life::Zombie(_) | Life::Reaped))
            && let Some(process) = after.process_mut(process)
        {
            process.activity = Activity::Gone;
            process.signals = Signals::default();
        }
    }
}
