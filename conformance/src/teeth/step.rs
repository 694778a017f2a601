//! What a kernel with slips may do in one world, beside what the sound one may.

use std::collections::HashMap;

use ipc_model::clause::{Clause, Envelope};
use ipc_model::operation::{Actor, Operation};
use ipc_model::poll::READY;
use ipc_model::process::STOPPED;
use ipc_model::socket::garbage::COLLECTION;
use ipc_model::spec::{Spec, befalls};
use ipc_model::step::Step;
use ipc_model::timer::EXPIRY;
use ipc_model::view::View;
use ipc_model::world::{InCall, World};

use super::asleep::wakings;
use super::sound::{Sound, outcomes, steps_of};
use crate::faults::{Fault, Slip, Wrong};
use crate::sim::{Graves, Kernel, bent};

#[derive(Default)]
pub(super) struct Found {
    pub(super) met: usize,
    pub(super) differs: Option<String>,
}

/// Some faults, and what each of them has to do with: of thousands a world concerns a few.
pub(super) struct Compared<'a> {
    spec: &'a Spec,
    faults: &'a [&'static Fault],
    /// The rules as those have them that are about readiness.
    bent: Vec<Option<Spec>>,
    /// By the clause that has to apply, or to apply but for one guard.
    by_clause: HashMap<&'static str, Vec<usize>>,
    /// Those that closed descriptors have to do with.
    stale: Vec<usize>,
    /// Those that all who ask what is ready see.
    ready: Vec<usize>,
}

/// A process, and what has to do with it.
struct Here<'s, 'a> {
    sound: &'s Sound<'a>,
    actor: Actor,
    /// What it is about.
    about: Vec<&'static Operation>,
    /// The clauses about that which apply, and those that one guard alone keeps from it.
    near: Vec<(&'static str, Option<usize>)>,
}

impl<'a> Compared<'a> {
    pub(super) fn new(spec: &'a Spec, faults: &'a [&'static Fault]) -> Compared<'a> {
        let bent = faults.iter().map(|fault| bent(spec, &fault.slips)).collect();
        let (mut by_clause, mut stale, mut ready) = (HashMap::new(), Vec::new(), Vec::new());
        for (at, fault) in faults.iter().enumerate() {
            if fault.slips.iter().any(|slip| slip.clause.on.contains(&&READY)) {
                ready.push(at);
            }
            if fault.slips.iter().any(|slip| matches!(slip.wrong, Wrong::Stale)) {
                stale.push(at);
            }
            for slip in &fault.slips {
                by_clause.entry(slip.clause.id).or_insert_with(Vec::new).push(at);
            }
        }
        Compared { spec, faults, bent, by_clause, stale, ready }
    }

    /// The kernel with this fault.
    pub(super) fn kernel(&self, at: usize) -> Kernel<'_> {
        let spec = self.bent[at].as_ref().unwrap_or(self.spec);
        Kernel { spec, slips: &self.faults[at].slips }
    }

    /// Compares what the kernel with each of the faults that are open may do in a world with what the
    /// sound one may: tells `note` how those differ that have anything to do with it.
    pub(super) fn compare(
        &self,
        world: &World,
        is_open: &dyn Fn(usize) -> bool,
        note: &mut dyn FnMut(usize, Found),
    ) {
        let mut sound = None;
        let mut sums: Vec<(usize, Found)> = Vec::new();
        for process in 0..world.processes.len() as u8 {
            let actor = Actor::first(process);
            let about: Vec<&'static Operation> = operations(world, actor).collect();
            if about.is_empty() {
                continue;
            }
            let near = near(self.spec, world, actor, &about);
            let mut concerned = self.concerned(world, actor, &about, &near);
            concerned.retain(|at| is_open(*at));
            if concerned.is_empty() {
                continue;
            }
            let sound = sound.get_or_insert_with(|| Sound::of(self.spec, world));
            let here = Here { sound, actor, about, near };
            for at in concerned {
                let place = sums.iter().position(|(other, _)| *other == at).unwrap_or(sums.len());
                if place == sums.len() {
                    sums.push((at, Found::default()));
                }
                here.compare(&self.kernel(at), &mut sums[place].1);
            }
        }
        sums.into_iter().for_each(|(at, found)| note(at, found));
    }

    /// The faults that a process may have to do with, in their order.
    fn concerned(
        &self,
        world: &World,
        actor: Actor,
        about: &[&'static Operation],
        near: &[(&'static str, Option<usize>)],
    ) -> Vec<usize> {
        let of = |(clause, _): &(&'static str, _)| self.by_clause.get(clause);
        let mut all: Vec<usize> = near.iter().filter_map(of).flatten().copied().collect();
        let slips = |at: usize| &self.faults[at].slips;
        let stale = |at: &&usize| slips(**at).iter().any(|slip| is_about(slip, about));
        all.extend(self.stale.iter().filter(stale));
        if asks(world, actor) {
            all.extend(&self.ready);
        }
        all.sort_unstable();
        all.dedup();
        all
    }
}

impl Here<'_, '_> {
    fn compare(&self, kernel: &Kernel<'_>, found: &mut Found) {
        let Here { sound, actor, .. } = *self;
        let slips = kernel.slips;
        let is_ready = |slip: &Slip| slip.clause.on.contains(&&READY);
        let is_waking = |slip: &Slip| matches!(slip.wrong, Wrong::Wakes(_) | Wrong::Startles(_));
        if slips.iter().any(is_ready) && asks(sound.world, actor) {
            asking(kernel, sound, actor, found);
        }
        if !slips.iter().any(|slip| is_about(slip, &self.about)) {
            return;
        }
        if slips.iter().any(is_waking) {
            wakings(kernel, sound, actor, found);
        } else if slips.iter().any(|slip| matches!(slip.wrong, Wrong::Stale)) {
            stale(kernel, sound, actor, found);
        } else {
            self.steps(kernel, found);
        }
    }

    fn steps(&self, kernel: &Kernel<'_>, found: &mut Found) {
        // Whether it applies as it should, and as it does.
        let both: Vec<(bool, bool)> =
            kernel.slips.iter().map(|slip| self.applies(kernel, slip)).collect();
        if !both.iter().any(|(should, does)| *should || *does) {
            return;
        }
        found.met += 1;
        let only_when = kernel.slips.iter().all(|slip| slip.wrong.bends());
        if only_when && both.iter().all(|(should, does)| should == does) {
            return;
        }
        let differs = || difference(kernel, self.sound, self.actor, &Graves::default());
        found.differs = found.differs.take().or_else(differs);
    }

    /// Whether the clause of a slip applies as it should, and as this kernel has it.
    fn applies(&self, kernel: &Kernel<'_>, slip: &Slip) -> (bool, bool) {
        let (spec, world) = (self.sound.spec, self.sound.world);
        let clause = slip.clause;
        let mut near =
            self.near.iter().filter(|(id, _)| *id == clause.id).map(|(_, but_for)| but_for);
        let near = near.next();
        let should = near == Some(&None);
        let alone = kernel.slips.len() == 1;
        if alone && (!slip.wrong.bends() || near.is_none()) {
            return (should, should);
        }
        let mut befalls = befalls(world, self.actor.process);
        let view = match befalls.any(|operation| clause.on.contains(&operation)) {
            true => View::unasked(spec, world, self.actor.process),
            false => View::new(spec, world, self.actor),
        };
        (should, kernel.is_enabled(&view, clause))
    }
}

/// The clauses about these operations which apply to a process, and those that one guard alone keeps
/// from it.
fn near(
    spec: &Spec,
    world: &World,
    actor: Actor,
    about: &[&'static Operation],
) -> Vec<(&'static str, Option<usize>)> {
    let unasked: Vec<&'static Operation> = befalls(world, actor.process).collect();
    let mut all = Vec::new();
    for operation in about {
        let view = match unasked.contains(operation) {
            true => View::unasked(spec, world, actor.process),
            false => View::new(spec, world, actor),
        };
        spec.near(operation, &view, &mut |clause, but_for| all.push((clause, but_for)));
    }
    all
}

/// Whether somebody asks what is ready.
fn asks(world: &World, actor: Actor) -> bool {
    let sends = |call: &InCall| call.call.operation.sends();
    world.in_call(actor).is_some_and(|call| !sends(call) && !call.call.watches().is_empty())
}

/// Whether what is wrong has to do with one of these operations.
fn is_about(slip: &Slip, operations: &[&'static Operation]) -> bool {
    operations.iter().any(|operation| {
        let other = match slip.wrong {
            Wrong::Borrowed(other) => other.on.contains(operation),
            _ => true,
        };
        other && slip.clause.on.contains(operation)
    })
}

/// The same with a call that asks what is ready, where that is wrong.
fn asking(kernel: &Kernel<'_>, sound: &Sound<'_>, actor: Actor, found: &mut Found) {
    found.met += 1;
    let world = sound.world;
    let mine = steps_of(kernel, world, actor);
    let obliged = sound.obliged(actor);
    let stuck = obliged && (mine.is_empty() || kernel.spec.sleeps(world, actor).is_some());
    let other = mine.iter().any(|step| {
        let all = outcomes(kernel, &Graves::default(), world, step);
        all.iter().any(|after| !sound.leads_to(actor, after))
    });
    let how = if stuck { "asleep though obliged" } else { "another outcome" };
    if stuck || other {
        let call = world.in_call(actor).map(|call| call.call.to_string());
        found.differs = Some(format!("{how}: {}", call.unwrap_or_default()));
    }
}

/// What a process is about: what befalls it, or its call's operation; a timer that may expire keeps nobody
/// from its call.
fn operations(world: &World, actor: Actor) -> impl Iterator<Item = &'static Operation> + use<> {
    let all: Vec<&'static Operation> = befalls(world, actor.process).collect();
    let keeps = all.iter().any(|operation| **operation != EXPIRY && **operation != COLLECTION);
    let stopped = world.is_stopped(actor.process);
    let of = |call: &InCall| if stopped { &STOPPED } else { call.operation() };
    let call = world.in_call(actor).filter(|_| !keeps).map(of);
    all.into_iter().chain(call)
}

/// What the kernel may do that the sound one may not, or does not that it must.
fn difference(
    kernel: &Kernel<'_>,
    sound: &Sound<'_>,
    actor: Actor,
    graves: &Graves,
) -> Option<String> {
    let world = sound.world;
    let how = |what: &str| {
        let call = world.in_call(actor).map(|call| call.call.to_string());
        Some(format!("{what}: {}", call.unwrap_or("a death".to_owned())))
    };
    // Nobody judges what is done where anything may be.
    let rules = sound.rules_steps(actor.process);
    if rules.iter().any(Step::is_open_ended) {
        return None;
    }
    let is_slipped = |clause: &Clause| kernel.slips_in(clause).next().is_some();
    if sleeps_by_slip(kernel, world, actor) && sound.obliged(actor) {
        return how("asleep though obliged");
    }
    let own = actor.process..actor.process + 1;
    let mut mine = kernel.slipped(rules.to_vec(), world, graves, own);
    mine.retain(|step| step.actor == actor);
    let theirs = sound.steps_of(actor);
    if mine.is_empty() && !theirs.is_empty() {
        let obliged = theirs.iter().any(|step| step.unasked) || sound.obliged(actor);
        return if obliged { how("stuck") } else { None };
    }
    let differs = mine.iter().filter(|step| is_slipped(step.clause)).any(|step| {
        let all = outcomes(kernel, graves, world, step);
        all.iter().any(|after| !sound.leads_to(actor, after))
    });
    if differs { how("another outcome") } else { None }
}

/// Whether a slip lets the call fall asleep.
fn sleeps_by_slip(kernel: &Kernel<'_>, world: &World, actor: Actor) -> bool {
    let sleeps = |slip: &Slip| matches!(slip.clause.envelope, Envelope::Sleep);
    if !kernel.slips.iter().any(sleeps) {
        return false;
    }
    let step = kernel.sleep(world, actor);
    step.is_some_and(|step| {
        matches!(step.clause.envelope, Envelope::Sleep)
            && kernel.slips_in(step.clause).next().is_some()
    })
}

/// The same with a call whose descriptor is closed: whatever it may have led to.
fn stale(kernel: &Kernel<'_>, sound: &Sound<'_>, actor: Actor, found: &mut Found) {
    for graves in Graves::possible(sound.world, actor) {
        found.met += 1;
        found.differs = found.differs.take().or(difference(kernel, sound, actor, &graves));
    }
}
