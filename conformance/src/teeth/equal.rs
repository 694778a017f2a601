//! Why a fault that nothing refused is the same as none: in every world of the small scopes, the faulty
//! kernel can do nothing that the sound one could not have done, and is not stuck where that is obliged.
//!
//! Then it never leaves the worlds of the sound one, and what holds of one step holds of any number.
//! Where a step makes a difference it is asked besides whether any history tells it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use ipc_model::clause::{Clause, Envelope};
use ipc_model::mechanism;
use ipc_model::operation::{Actor, Operation};
use ipc_model::poll::READY;
use ipc_model::process::STOPPED;
use ipc_model::spec::{Spec, befalls};
use ipc_model::step::Step;
use ipc_model::timer::EXPIRY;
use ipc_model::view::View;
use ipc_model::world::{InCall, World};
use serde::Serialize;

use super::asleep::wakings;
use super::histories::{Side, each_pair};
use super::scopes::{MOST, PAIRS, scopes};
use super::sound::{Sound, outcomes, steps_of};
use crate::faults::{Fault, Slip, Wrong};
use crate::sim::{Graves, Kernel, bent};
use crate::worlds::{Space, each};

/// Why a fault is the same as none, or is not known to be.
#[derive(Clone, Debug, Serialize)]
pub enum Equal {
    /// In all of so many worlds it makes no difference; in so many of them it had to do with a call.
    Shown {
        /// Worlds.
        worlds: usize,
        /// Those in which the clause could have been used.
        met: usize,
    },
    /// A step makes a difference, but no history of the scopes tells it.
    Alike {
        /// Worlds, each with those that the sound kernel may be in instead.
        pairs: usize,
        /// Those in which a step makes a difference.
        met: usize,
    },
    /// Because of this.
    Written(&'static str),
    /// It makes one: there should be a program that shows it.
    Differs(String),
    /// The scopes have no world in which the clause could be used.
    NotMet,
}

impl Equal {
    /// Whether it is a reason.
    pub fn is_reason(&self) -> bool {
        !matches!(self, Equal::Differs(_) | Equal::NotMet)
    }
}

/// For each fault whether it is the same as none, found by so many workers.
pub fn same(rules: &Spec, faults: &[&'static Fault], jobs: usize) -> Vec<Equal> {
    let (worlds, sums) = each_scope(rules, faults, jobs, &by_step);
    let equal = |(fault, found): (&&'static Fault, Found)| match (fault.unseen, found) {
        (Some(sentence), _) => Equal::Written(sentence),
        (None, Found { differs: Some(how), .. }) => Equal::Differs(how),
        (None, Found { met: 0, .. }) => Equal::NotMet,
        (None, Found { met, .. }) => Equal::Shown { worlds, met },
    };
    let mut all: Vec<Equal> = faults.iter().zip(sums).map(equal).collect();
    let differs = |place: &usize| matches!(all[*place], Equal::Differs(_));
    let places: Vec<usize> = (0..all.len()).filter(differs).collect();
    let told: Vec<&'static Fault> = places.iter().map(|place| faults[*place]).collect();
    let (pairs, sums) = each_scope(rules, &told, jobs, &by_history);
    for (place, found) in places.into_iter().zip(sums) {
        all[place] = match found {
            Found { differs: Some(how), .. } => Equal::Differs(how),
            Found { met: 0, .. } => continue,
            Found { met, .. } => Equal::Alike { pairs, met },
        };
    }
    all
}

/// Goes through a scope with those faults that are open still: how much was gone through.
type Look = dyn Fn(&Space<'_>, &[&'static Fault], &[AtomicBool], &mut [Found]) -> usize + Sync;

/// What is found of each fault in all scopes.
fn each_scope(
    rules: &Spec,
    faults: &[&'static Fault],
    jobs: usize,
    look: &Look,
) -> (usize, Vec<Found>) {
    let sums: Mutex<Vec<Found>> = Mutex::new(faults.iter().map(|_| Found::default()).collect());
    let settled: Vec<AtomicBool> =
        faults.iter().map(|fault| AtomicBool::new(fault.unseen.is_some())).collect();
    let (next, all) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let work = || {
        while let Some(scope) = scopes().nth(next.fetch_add(1, Ordering::Relaxed)) {
            if settled.iter().all(|settled| settled.load(Ordering::Relaxed)) {
                return;
            }
            let spec = Spec::new(rules.profile, scope.numbers);
            let space = Space::new(scope, &spec);
            let is_open = |(fault, settled): (&&'static Fault, &AtomicBool)| {
                !settled.load(Ordering::Relaxed) && may_meet(&space, fault)
            };
            if !faults.iter().zip(&settled).any(is_open) {
                continue;
            }
            let mut mine: Vec<Found> = faults.iter().map(|_| Found::default()).collect();
            let count = look(&space, faults, &settled, &mut mine);
            all.fetch_add(count, Ordering::Relaxed);
            let mut sums = sums.lock().unwrap_or_else(PoisonError::into_inner);
            for (sum, mine) in sums.iter_mut().zip(mine) {
                sum.met += mine.met;
                let told = mine.differs.map(|how| format!("{how}, in {}", scope.name));
                // Whoever was first, the same is told every time.
                sum.differs = [sum.differs.take(), told].into_iter().flatten().min();
            }
        }
    };
    thread::scope(|scope| (0..jobs.max(1)).for_each(|_| drop(scope.spawn(work))));
    (all.into_inner(), sums.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// Whether what is wrong can have to do with anything in a scope: what is called there, or what befalls
/// processes and is called by nobody.
fn may_meet(space: &Space<'_>, fault: &Fault) -> bool {
    let called = |on: &Operation| mechanism::operations().any(|one| one == on);
    let mut operations = fault.slips.iter().flat_map(|slip| slip.clause.on);
    operations.any(|on| space.calls(on) || !called(on))
}

/// The rules as those of the faults have them that are about readiness.
fn all_bent(spec: &Spec, faults: &[&'static Fault]) -> Vec<Option<Spec>> {
    faults.iter().map(|fault| bent(spec, &fault.slips)).collect()
}

fn by_step(
    space: &Space<'_>,
    faults: &[&'static Fault],
    settled: &[AtomicBool],
    found: &mut [Found],
) -> usize {
    let bent = all_bent(space.spec, faults);
    let concerned = Concerned::of(faults);
    let look = &mut |world: &World| {
        let sound = Sound::of(space.spec, world);
        for at in concerned.in_world(world) {
            let fault = faults[at];
            if !settled[at].load(Ordering::Relaxed) {
                let rules = bent[at].as_ref().unwrap_or(space.spec);
                compare(&sound, rules, &fault.slips, &mut found[at]);
                settled[at].fetch_or(found[at].differs.is_some(), Ordering::Relaxed);
            }
        }
    };
    each(space, MOST, look).0
}

fn by_history(
    space: &Space<'_>,
    faults: &[&'static Fault],
    settled: &[AtomicBool],
    found: &mut [Found],
) -> usize {
    let bent = all_bent(space.spec, faults);
    let concerned = Concerned::of(faults);
    let rules = |at: usize| bent[at].as_ref().unwrap_or(space.spec);
    let kernels = faults.iter().enumerate();
    let kernels = kernels.map(|(at, fault)| Kernel { spec: rules(at), slips: &fault.slips });
    let mut sides: Vec<Side<'_, '_>> = kernels.map(|kernel| Side::new(space, kernel)).collect();
    each_pair(space, PAIRS, &mut |beside, pair| {
        let sound = Sound::of(space.spec, pair.world());
        for at in concerned.in_world(pair.world()) {
            let fault = faults[at];
            if settled[at].load(Ordering::Relaxed) {
                continue;
            }
            let mut step = Found::default();
            compare(&sound, rules(at), &fault.slips, &mut step);
            if step.differs.is_some() {
                found[at].met += 1;
                found[at].differs = sides[at].told(beside, pair);
                settled[at].fetch_or(found[at].differs.is_some(), Ordering::Relaxed);
            }
        }
    })
}

/// Which faults have to do with which operation: of thousands a world concerns a few.
struct Concerned {
    /// By the place of the operation in memory, and its name nowhere: there is one of each.
    by_operation: BTreeMap<usize, Vec<usize>>,
    /// Those that all who ask what is ready see.
    ready: Vec<usize>,
}

impl Concerned {
    fn of(faults: &[&'static Fault]) -> Concerned {
        let mut concerned = Concerned { by_operation: BTreeMap::new(), ready: Vec::new() };
        for (at, fault) in faults.iter().enumerate() {
            let operations = fault.slips.iter().flat_map(|slip| slip.clause.on);
            for operation in operations {
                let those = concerned.by_operation.entry(place(operation)).or_default();
                if those.last() != Some(&at) {
                    those.push(at);
                }
            }
            if fault.slips.iter().any(|slip| slip.clause.on.contains(&&READY)) {
                concerned.ready.push(at);
            }
        }
        concerned
    }

    /// The faults that a call or a death of this world may have to do with, in their order.
    fn in_world(&self, world: &World) -> Vec<usize> {
        let actors = (0..world.processes.len() as u8).map(Actor::first);
        let operations = actors.flat_map(|actor| operations(world, actor));
        let theirs = operations.filter_map(|operation| self.by_operation.get(&place(operation)));
        let mut all: Vec<usize> = theirs.flatten().chain(&self.ready).copied().collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

fn place(operation: &'static Operation) -> usize {
    std::ptr::from_ref(operation) as usize
}

#[derive(Default)]
pub(super) struct Found {
    pub(super) met: usize,
    pub(super) differs: Option<String>,
}

/// Compares what the kernel with the slips may do in a world with what the sound one may.
fn compare<'a>(sound: &Sound<'a>, rules: &'a Spec, slips: &'a [Slip], found: &mut Found) {
    let kernel = Kernel { spec: rules, slips };
    let asks = slips.iter().any(|slip| slip.clause.on.contains(&&READY));
    let is_waking = |slip: &Slip| matches!(slip.wrong, Wrong::Wakes(_) | Wrong::Startles(_));
    for process in 0..sound.world.processes.len() as u8 {
        let actor = Actor::first(process);
        let mut about = operations(sound.world, actor);
        if asks && sound.world.in_call(actor).is_some_and(|call| !call.call.watches().is_empty()) {
            asking(&kernel, sound, actor, found);
        }
        if !about.any(|operation| slips.iter().any(|slip| is_about(slip, operation))) {
            continue;
        }
        if slips.iter().any(is_waking) {
            wakings(&kernel, sound, actor, found);
        } else if slips.iter().any(|slip| matches!(slip.wrong, Wrong::Stale)) {
            stale(&kernel, sound, actor, found);
        } else {
            steps(&kernel, sound, actor, found);
        }
    }
}

/// Whether what is wrong has to do with this operation.
fn is_about(slip: &Slip, operation: &'static Operation) -> bool {
    let other = match slip.wrong {
        Wrong::Borrowed(other) => other.on.contains(&operation),
        _ => true,
    };
    other && slip.clause.on.contains(&operation)
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
    let keeps = all.iter().any(|operation| **operation != EXPIRY);
    let stopped = world.is_stopped(actor.process);
    let of = |call: &InCall| if stopped { &STOPPED } else { call.operation() };
    let call = world.in_call(actor).filter(|_| !keeps).map(of);
    all.into_iter().chain(call)
}

fn steps(kernel: &Kernel<'_>, sound: &Sound<'_>, actor: Actor, found: &mut Found) {
    let (spec, world) = (sound.spec, sound.world);
    let unasked: Vec<&'static Operation> = befalls(world, actor.process).collect();
    // Whether it applies as it should, and as it does.
    let applies = |clause: &Clause| {
        let view = match clause.on.iter().any(|operation| unasked.contains(operation)) {
            true => View::unasked(spec, world, actor.process),
            false => View::new(spec, world, actor),
        };
        let should = clause.guards.iter().all(|guard| view.holds(&guard.cond));
        (should, kernel.is_enabled(&view, clause))
    };
    let both: Vec<(bool, bool)> = kernel.slips.iter().map(|slip| applies(slip.clause)).collect();
    if !both.iter().any(|(should, does)| *should || *does) {
        return;
    }
    found.met += 1;
    let only_when = kernel.slips.iter().all(|slip| bends(&slip.wrong));
    if only_when && both.iter().all(|(should, does)| should == does) {
        return;
    }
    found.differs = difference(kernel, sound, actor, &Graves::default());
}

fn bends(wrong: &Wrong) -> bool {
    matches!(wrong, Wrong::Unguarded(_) | Wrong::Off(..) | Wrong::Never | Wrong::Unless(_))
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

/// What histories of one scope tell of some faults: how often a step made a difference, and how it
/// was told.
#[cfg(test)]
pub(super) fn in_scope<const N: usize>(
    name: &str,
    faults: &[&'static Fault; N],
) -> [(usize, Option<String>); N] {
    let scope = scopes().find(|scope| scope.name == name).expect("there is that scope");
    let spec = Spec::new(scope.profile, scope.numbers);
    let settled = [const { AtomicBool::new(false) }; N];
    let mut found: Vec<Found> = faults.iter().map(|_| Found::default()).collect();
    by_history(&Space::new(scope, &spec), faults, &settled, &mut found);
    std::array::from_fn(|at| (found[at].met, found[at].differs.take()))
}

/// How many faults of each reason.
pub(super) fn reasons<'a>(all: impl Iterator<Item = &'a Equal>) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::from([("missed", 0), ("not met", 0)]);
    for equal in all {
        let word = match equal {
            Equal::Shown { .. } => "shown equal",
            Equal::Alike { .. } => "told by no history",
            Equal::Written(_) => "explained",
            Equal::Differs(_) => "missed",
            Equal::NotMet => "not met",
        };
        *counts.entry(word).or_insert(0) += 1;
    }
    counts
}
