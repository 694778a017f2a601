//! Whether it matters that sleepers are not woken as they should be.

use ipc_model::clause::Clause;
use ipc_model::operation::Actor;
use ipc_model::spec::{Spec, obliges};
use ipc_model::view::View;
use ipc_model::world::{Activity, Life, World};

use super::histories::Stand;
use super::sound::{Sound, outcomes, steps_of};
use super::step::Found;
use crate::faults::{Wakes, Wrong};
use crate::sim::{Graves, Kernel};

/// Steps that are followed after the one that does not wake, at most.
const LONG: u32 = 12;

/// Whether it matters who is woken after the steps of the clauses with slips.
pub(super) fn wakings(kernel: &Kernel<'_>, sound: &Sound<'_>, actor: Actor, found: &mut Found) {
    let asleep: Vec<Actor> = sound.asleep.iter().copied().filter(|other| *other != actor).collect();
    if asleep.is_empty() {
        return;
    }
    let plain = Kernel { spec: sound.spec, slips: &[] };
    for step in sound.steps_of(actor) {
        let wakes = |wrong: &Wrong| matches!(wrong, Wrong::Wakes(_) | Wrong::Startles(_));
        for wrong in kernel.slips_in(step.clause).filter(wakes) {
            found.met += 1;
            let waking = Waking { spec: sound.spec, clause: step.clause.id, wrong };
            for after in outcomes(&plain, &Graves::default(), sound.world, step) {
                if found.differs.is_none() && waking.matters(&after, &asleep, actor) {
                    let call = asleep.iter().find_map(|actor| after.in_call(*actor));
                    let call = call.map(|call| call.call.to_string()).unwrap_or_default();
                    found.differs = Some(format!("a sleeper in {call}"));
                }
            }
        }
    }
}

/// A clause after whose effects the waking is wrong.
struct Waking<'a> {
    spec: &'a Spec,
    clause: &'static str,
    wrong: Wrong,
}

/// Who sleeps, and who runs.
#[derive(Clone)]
struct People {
    asleep: Vec<Actor>,
    awake: Vec<Actor>,
}

impl Waking<'_> {
    fn matters(&self, after: &World, asleep: &[Actor], actor: Actor) -> bool {
        // Who dies is owed no answer, and goes on whether it is woken or not.
        let lives = |process: u8| after.process(process).is_some_and(|p| p.life == Life::Live);
        let there = |sleeper: &Actor| after.in_call(*sleeper).is_some() && lives(sleeper.process);
        let asleep: Vec<Actor> = asleep.iter().copied().filter(there).collect();
        let able = |sleeper: &&Actor| self.is_able(after, **sleeper);
        if let Wrong::Startles(_) = self.wrong {
            return asleep.iter().filter(able).count() < asleep.len();
        }
        let people = People { asleep, awake: vec![actor] };
        self.woken(after, people).into_iter().any(|people| self.is_lost(after, people, LONG))
    }

    fn is_able(&self, world: &World, sleeper: Actor) -> bool {
        !steps_of(&Kernel { spec: self.spec, slips: &[] }, world, sleeper).is_empty()
    }

    /// Who may be woken after a step of the clause: one way each.
    fn woken(&self, world: &World, people: People) -> Vec<People> {
        let able = people.asleep.iter().copied().filter(|sleeper| self.is_able(world, *sleeper));
        let able: Vec<Actor> = able.collect();
        if able.is_empty() || matches!(self.wrong, Wrong::Wakes(Wakes::Nobody)) {
            return vec![people];
        }
        let one = |woken: Actor| {
            let mut people = people.clone();
            people.asleep.retain(|sleeper| *sleeper != woken);
            people.awake.push(woken);
            people
        };
        able.into_iter().map(one).collect()
    }

    /// Whether those who are awake may come to rest while a sleeper is owed an answer. Any effect of
    /// another clause wakes all.
    fn is_lost(&self, world: &World, people: People, left: u32) -> bool {
        if !people.asleep.iter().any(|sleeper| must(self.spec, world, *sleeper)) {
            return false;
        }
        let kernel = Kernel { spec: self.spec, slips: &[] };
        let mut rests = true;
        for actor in people.awake.clone() {
            for step in steps_of(&kernel, world, actor) {
                rests = false;
                let quiet = step.clause.effects.is_empty();
                if !quiet && step.clause.id != self.clause {
                    continue;
                }
                for after in outcomes(&kernel, &Graves::default(), world, &step) {
                    let next = match quiet {
                        true => vec![people.clone()],
                        false => self.woken(&after, people.clone()),
                    };
                    let mut next = next.into_iter();
                    if left == 0 || next.any(|people| self.is_lost(&after, people, left - 1)) {
                        return true;
                    }
                }
            }
            if self.spec.sleeps(world, actor).is_some() {
                let mut people = people.clone();
                people.awake.retain(|other| *other != actor);
                if left == 0 || self.is_lost(world, people, left - 1) {
                    return true;
                }
            }
        }
        rests
    }
}

fn must(spec: &Spec, world: &World, actor: Actor) -> bool {
    let view = View::new(spec, world, actor);
    spec.enabled(world, actor).into_iter().any(|clause| obliges(&view, clause))
}

/// After a step by this clause, those who sleep and can go on are woken; or not, as the slip has it:
/// one way each.
pub(super) fn woken(kernel: &Kernel<'_>, clause: &Clause, after: Stand) -> Vec<Stand> {
    if after.asleep == 0 || clause.effects.is_empty() {
        return vec![after];
    }
    let asleep = |process: &u8| after.asleep & 1 << process != 0;
    let asleep: Vec<u8> = (0..after.world.processes.len() as u8).filter(asleep).collect();
    let is_able = |process: &u8| !steps_of(kernel, &after.world, Actor::first(*process)).is_empty();
    let able: Vec<u8> = asleep.iter().copied().filter(is_able).collect();
    let wake = |all: &[u8]| {
        let set = all.iter().fold(0_u32, |set, process| set | 1 << process);
        Stand { asleep: after.asleep & !set, ..after.clone() }
    };
    for wrong in kernel.slips_in(clause) {
        match wrong {
            Wrong::Wakes(Wakes::Nobody) => return vec![after],
            Wrong::Wakes(Wakes::One) if !able.is_empty() => {
                return able.iter().map(|process| wake(&[*process])).collect();
            }
            Wrong::Startles(startled) => {
                let mut stand = wake(&able);
                let unable = asleep.iter().copied().map(Actor::first).find(|actor| {
                    !able.contains(&actor.process) && after.world.in_call(*actor).is_some()
                });
                if let Some(actor) = unable {
                    let outcome = startled.outcome(&after.world, actor);
                    stand.asleep &= !(1 << actor.process);
                    stand.world.set_activity(actor, Activity::Returning(outcome));
                }
                return vec![stand];
            }
            _ => {}
        }
    }
    vec![wake(&able)]
}
