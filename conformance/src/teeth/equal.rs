//! Why a fault that nothing refused is the same as none: in every world of the small scopes, the faulty
//! kernel can do nothing that the sound one could not have done, and is not stuck where that is obliged.
//!
//! Then it never leaves the worlds of the sound one, and what holds of one step holds of any number.
//! Where a step makes a difference it is asked besides whether any history tells it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use ipc_model::mechanism;
use ipc_model::operation::Operation;
use ipc_model::spec::Spec;
use ipc_model::world::World;
use serde::Serialize;

use super::histories::{Side, each_pair};
use super::scopes::{MOST, PAIRS, scopes};
use super::step::{Compared, Found};
use crate::faults::Fault;
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
    same_within(rules, faults, jobs, &|_| true)
}

/// The same of those scopes alone.
pub(super) fn same_within(
    rules: &Spec,
    faults: &[&'static Fault],
    jobs: usize,
    is_meant: &(dyn Fn(&str) -> bool + Sync),
) -> Vec<Equal> {
    let is_meant = |scope| scopes().nth(scope).is_some_and(|scope| is_meant(scope.name));
    let unexplained = |scope, at: usize| is_meant(scope) && faults[at].unseen.is_none();
    let (worlds, sums) =
        each_scope(rules, faults, jobs, &unexplained, &|space, open| by_step(space, open));
    // Histories differ only where steps do; and one that differs is enough.
    let told: Vec<AtomicBool> = faults.iter().map(|_| AtomicBool::new(false)).collect();
    let untold = |scope: usize, at: usize| {
        sums[at].scopes.contains(&scope) && !told[at].load(Ordering::Relaxed)
    };
    let (pairs, histories) = each_scope(rules, faults, jobs, &untold, &|space, open| {
        let (count, found) = by_history(space, open);
        for (fault, found) in open.iter().zip(&found) {
            let at = faults.iter().position(|one| std::ptr::eq(*one, *fault));
            let told = at.map(|at| &told[at]);
            told.map(|told| told.fetch_or(found.differs.is_some(), Ordering::Relaxed));
        }
        (count, found)
    });
    let equal = |((fault, steps), histories): ((&&'static Fault, &Sum), Sum)| match (
        fault.unseen,
        &steps.differs,
        histories.differs,
    ) {
        (Some(sentence), _, _) => Equal::Written(sentence),
        (None, Some(_), Some(how)) => Equal::Differs(how),
        (None, Some(how), None) if histories.met == 0 => Equal::Differs(how.clone()),
        (None, Some(_), None) => Equal::Alike { pairs, met: histories.met },
        (None, None, _) if steps.met == 0 => Equal::NotMet,
        (None, None, _) => Equal::Shown { worlds, met: steps.met },
    };
    faults.iter().zip(&sums).zip(histories).map(equal).collect()
}

/// Goes through a scope with the faults that are open there: how much was gone through, and what was
/// found of each.
type Look<'l> = dyn Fn(&Space<'_>, &[&'static Fault]) -> (usize, Vec<Found>) + Sync + 'l;

/// What is found of a fault in all scopes.
#[derive(Clone, Default)]
struct Sum {
    met: usize,
    differs: Option<String>,
    /// Those in which it differs.
    scopes: Vec<usize>,
}

/// What is found of each fault in all scopes in which it is open.
fn each_scope(
    rules: &Spec,
    faults: &[&'static Fault],
    jobs: usize,
    is_open: &(dyn Fn(usize, usize) -> bool + Sync),
    look: &Look<'_>,
) -> (usize, Vec<Sum>) {
    let sums = Mutex::new(vec![Sum::default(); faults.len()]);
    let (next, all) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let work = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(scope) = scopes().nth(number) else { return };
            let spec = Spec::new(rules.profile, scope.numbers);
            let space = Space::new(scope, &spec);
            let meets = |at: &usize| is_open(number, *at) && may_meet(&space, faults[*at]);
            let open: Vec<usize> = (0..faults.len()).filter(meets).collect();
            if open.is_empty() {
                continue;
            }
            let those: Vec<&'static Fault> = open.iter().map(|at| faults[*at]).collect();
            let (count, found) = look(&space, &those);
            all.fetch_add(count, Ordering::Relaxed);
            let mut sums = sums.lock().unwrap_or_else(PoisonError::into_inner);
            for (at, found) in open.into_iter().zip(found) {
                let sum = &mut sums[at];
                sum.met += found.met;
                let Some(how) = found.differs else { continue };
                let told = format!("{how}, in {}", scope.name);
                // Whoever was first, the same is told every time.
                sum.differs = sum.differs.take().into_iter().chain([told]).min();
                sum.scopes.push(number);
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

fn by_step(space: &Space<'_>, faults: &[&'static Fault]) -> (usize, Vec<Found>) {
    let compared = Compared::new(space.spec, faults);
    let mut sums: Vec<Found> = faults.iter().map(|_| Found::default()).collect();
    let look = &mut |world: &World| {
        let mut all = Vec::new();
        let is_open = |at: usize| sums[at].differs.is_none();
        compared.compare(world, &is_open, &mut |at, found| all.push((at, found)));
        for (at, found) in all {
            sums[at].met += found.met;
            sums[at].differs = found.differs;
        }
    };
    let count = each(space, MOST, look).0;
    (count, sums)
}

fn by_history(space: &Space<'_>, faults: &[&'static Fault]) -> (usize, Vec<Found>) {
    let compared = Compared::new(space.spec, faults);
    let mut sums: Vec<Found> = faults.iter().map(|_| Found::default()).collect();
    let kernels = (0..faults.len()).map(|at| compared.kernel(at));
    let mut sides: Vec<Side<'_, '_>> = kernels.map(|kernel| Side::new(space, kernel)).collect();
    let count = each_pair(space, PAIRS, &mut |beside, pair| {
        let mut differ = Vec::new();
        let is_open = |at: usize| sums[at].differs.is_none();
        compared.compare(pair.world(), &is_open, &mut |at, found| {
            differ.extend(found.differs.map(|_| at));
        });
        for at in differ {
            sums[at].met += 1;
            sums[at].differs = sides[at].told(beside, pair);
        }
        sums.iter().any(|found| found.differs.is_none())
    });
    (count, sums)
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
    let (_, found) = by_history(&Space::new(scope, &spec), faults);
    let mut found = found.into_iter();
    faults.map(|_| found.next().map(|found| (found.met, found.differs)).unwrap_or_default())
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
