//! A world, and what the sound kernel may do in it, without what nobody can see.

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
        Sound { spec, world, steps, asleep: asleep.collect() }
    }

    pub(super) fn steps_of(&self, actor: Actor) -> &[Step<'a>] {
        &self.steps[usize::from(actor.process)]
    }

    /// Whether a step of the actor, or several without anybody else's between, lead to this world.
    pub(super) fn leads_to(&self, actor: Actor, to: &World) -> bool {
        let kernel = Kernel { spec: self.spec, slips: &[] };
        let mut known = Vec::new();
        let mut fresh = vec![self.world.clone()];
        // Nothing may happen as well.
        let mut still = self.world.clone();
        plain(&mut still);
        if still == *to {
            return true;
        }
        while let Some(world) = fresh.pop() {
            for step in steps_of(&kernel, &world, actor) {
                for after in outcomes(&kernel, &Graves::default(), &world, &step) {
                    if after == *to {
                        return true;
                    }
                    if !known.contains(&after) && known.len() < FAR {
                        known.push(after.clone());
                        fresh.push(after);
                    }
                }
            }
        }
        false
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
            process.threads.iter_mut().for_each(|thread| *thread = Activity::Gone);
            process.signals = Signals::default();
        }
    }
}
