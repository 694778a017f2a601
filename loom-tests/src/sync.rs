//! What the shipped files call `crate::sync`, here in loom's hands. This file alone knows loom's
//! atomics; the shipped crates have one of the same names over the machine's.
//!
//! Each place that names an ordering can be weakened to `Relaxed` from outside, one at a time: the
//! planted bug that shows whether a check notices what the ordering is for. See [`weakened`].

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::panic::Location;

use loom::sync::atomic;
pub use loom::sync::atomic::{Ordering, fence};

/// A place in a shipped file that names an ordering.
pub type Site = &'static Location<'static>;

// Loom runs all threads of a model on the thread that started it, so these belong to one test.
thread_local! {
    static SITES: RefCell<BTreeSet<Site>> = const { RefCell::new(BTreeSet::new()) };
    static WEAKENED: Cell<Option<Site>> = const { Cell::new(None) };
}

/// Runs `check` as things are, and says which places with an ordering above `Relaxed` it came by.
pub fn sites(check: impl FnOnce()) -> BTreeSet<Site> {
    SITES.take();
    check();
    SITES.take()
}

/// What `check` gives while one place is `Relaxed`.
pub fn weakened<T>(site: Site, check: impl FnOnce() -> T) -> T {
    WEAKENED.set(Some(site));
    let result = check();
    WEAKENED.set(None);
    result
}

#[track_caller]
fn at_site(order: Ordering) -> Ordering {
    let site = Location::caller();
    if order == Ordering::Relaxed || WEAKENED.get() == Some(site) {
        return Ordering::Relaxed;
    }
    SITES.with_borrow_mut(|sites| sites.insert(site));
    order
}

macro_rules! atomics {
    ($($name:ident: $value:ty),*) => { $(
        /// As in `std`, so far as the shipped files need it.
        #[derive(Debug)]
        pub struct $name(atomic::$name);

        impl $name {
            /// An atomic that holds `value`.
            pub fn new(value: $value) -> Self {
                $name(atomic::$name::new(value))
            }

            /// The value.
            #[track_caller]
            pub fn load(&self, order: Ordering) -> $value {
                self.0.load(at_site(order))
            }

            /// Puts `value` there.
            #[track_caller]
            pub fn store(&self, value: $value, order: Ordering) {
                self.0.store(value, at_site(order));
            }

            /// Adds `value`, and gives what was there before.
            #[track_caller]
            pub fn fetch_add(&self, value: $value, order: Ordering) -> $value {
                self.0.fetch_add(value, at_site(order))
            }
        }
    )* };
}

atomics!(AtomicU32: u32, AtomicU64: u64);
