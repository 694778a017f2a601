//! Runs a model in every interleaving.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::sync;

/// The most times that a thread loses the processor at a point of its own choosing while it could
/// go on, unless `IPC_LOOM_FULL` is set: then there is no bound.
pub const PREEMPTIONS: usize = 3;

/// Runs `body` in every interleaving with so many preemptions, the second number if `IPC_LOOM_FULL`
/// is set, and says how many executions that took. It is for models that have no end without a bound.
pub fn explore_within(preemptions: [usize; 2], body: impl Fn() + Send + Sync + 'static) -> usize {
    let executions = Arc::new(AtomicUsize::new(0));
    let mut model = loom::model::Builder::new();
    let full = std::env::var_os("IPC_LOOM_FULL").is_some();
    model.preemption_bound = Some(preemptions[usize::from(full)]);
    model.max_branches = 10_000;
    model.check({
        let executions = Arc::clone(&executions);
        move || {
            executions.fetch_add(1, Ordering::Relaxed);
            body();
        }
    });
    executions.load(Ordering::Relaxed)
}

/// Runs `body` in every interleaving, and counts the executions by what it returned. The counts are
/// kept outside of the model's run: an outcome is a fact about the set of executions, not about one.
pub fn outcomes<T: Ord + Send + 'static>(
    body: impl Fn() -> T + Send + Sync + 'static,
) -> BTreeMap<T, usize> {
    let seen = Arc::new(Mutex::new(BTreeMap::new()));
    let mut model = loom::model::Builder::new();
    model.preemption_bound = match std::env::var_os("IPC_LOOM_FULL") {
        Some(_) => None,
        None => Some(PREEMPTIONS),
    };
    model.check({
        let seen = Arc::clone(&seen);
        move || {
            let outcome = body();
            *seen.lock().unwrap_or_else(PoisonError::into_inner).entry(outcome).or_default() += 1;
        }
    });
    std::mem::take(&mut seen.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Fewer executions than this mean that loom was not let loose on the program.
pub fn assert_explored<T>(seen: &BTreeMap<T, usize>, floor: usize) {
    let executions: usize = seen.values().sum();
    assert!(executions >= floor, "only {executions} executions, expected at least {floor}");
}

/// Each place with an ordering that `caught` comes by, weakened, makes it catch something.
pub fn assert_each_site_is_needed(caught: impl Fn() -> bool + Copy) {
    let sites = sync::sites(|| assert!(!caught()));
    assert!(sites.len() >= 4, "the orderings were not found: {sites:?}");
    let unneeded = sites.into_iter().filter(|site| !sync::weakened(site, caught));
    let unneeded: Vec<String> = unneeded.map(ToString::to_string).collect();
    assert_eq!(unneeded, [""; 0], "Relaxed here, and nothing notices");
}
