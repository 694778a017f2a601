//! What the shipped files call `crate::sync`, here in loom's hands. This file alone knows loom's
//! atomics; the shipped crates have one of the same names over the machine's.
//!
//! Each place that names an ordering can be weakened to `Relaxed` from outside, one at a time: the
//! planted bug that shows whether a check notices what the ordering is for. See [`weakened`]. A fence
//! and a waking are such places too: weakened, they are left out.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::panic::Location;
use std::time::Duration;

use loom::cell::UnsafeCell;
pub use loom::sync::atomic::{Ordering, fence};
use loom::sync::{Condvar, Mutex, atomic};

use crate::death::step;

/// A place in a shipped file that names an ordering, or wakes.
pub type Site = &'static Location<'static>;

// Loom runs all threads of a model on the thread that started it, so these belong to one test.
thread_local! {
    static SITES: RefCell<BTreeSet<Site>> = const { RefCell::new(BTreeSet::new()) };
    static WEAKENED: Cell<Option<Site>> = const { Cell::new(None) };
    static NOBODY_SLEEPS: Cell<bool> = const { Cell::new(false) };
    static WEAKENED_AT: RefCell<String> = const { RefCell::new(String::new()) };
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

/// As [`weakened`], for a place as it is written: `file.rs:line:column`.
pub fn weakened_at<T>(site: &str, check: impl FnOnce() -> T) -> T {
    WEAKENED_AT.with_borrow_mut(|named| site.clone_into(named));
    let result = check();
    WEAKENED_AT.take();
    result
}

#[track_caller]
fn at_site(order: Ordering) -> Ordering {
    if order == Ordering::Relaxed || is_weakened() { Ordering::Relaxed } else { order }
}

/// Whether this place is the one that is weakened.
#[track_caller]
fn is_weakened() -> bool {
    let site = Location::caller();
    SITES.with_borrow_mut(|sites| sites.insert(site));
    let named = || WEAKENED_AT.with_borrow(|named| !named.is_empty() && site.to_string() == *named);
    WEAKENED.get() == Some(site) || named()
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
                step();
                self.0.store(value, at_site(order));
            }

            /// Adds `value`, and gives what was there before.
            #[track_caller]
            pub fn fetch_add(&self, value: $value, order: Ordering) -> $value {
                step();
                self.0.fetch_add(value, at_site(order))
            }

            /// Sets the bits of `value`, and gives what was there before.
            #[track_caller]
            pub fn fetch_or(&self, value: $value, order: Ordering) -> $value {
                step();
                self.0.fetch_or(value, at_site(order))
            }

            /// Clears the bits that are not in `value`, and gives what was there before.
            #[track_caller]
            pub fn fetch_and(&self, value: $value, order: Ordering) -> $value {
                step();
                self.0.fetch_and(value, at_site(order))
            }
        }
    )* };
}

atomics!(AtomicU32: u32, AtomicU64: u64);

/// A word of payload. Whoever reads or writes it while another may write it has lost: loom sees to
/// that, where the shipped one could not tell.
#[derive(Debug)]
pub struct Word(UnsafeCell<u64>);

impl Word {
    /// A word that holds `value`.
    pub fn new(value: u64) -> Word {
        Word(UnsafeCell::new(value))
    }

    /// What is there.
    pub fn read(&self) -> u64 {
        // SAFETY: loom stops the execution if anybody might write.
        self.0.with(|value| unsafe { *value })
    }

    /// Puts `value` there.
    pub fn write(&self, value: u64) {
        step();
        // SAFETY: loom stops the execution if anybody else looks.
        self.0.with_mut(|place| unsafe { *place = value });
    }
}

/// As the shipped one: orders a store before a later load, as far as somebody sleeps.
#[track_caller]
pub fn publish_fence() {
    if !NOBODY_SLEEPS.get() && !is_weakened() {
        fence(Ordering::SeqCst);
    }
}

/// Runs a model in which nobody sleeps. There a [`publish_fence`] is nothing, as it is on the machine:
/// what it orders beside, as fences do, must not be needed.
pub fn nobody_sleeps(model: impl FnOnce()) {
    NOBODY_SLEEPS.set(true);
    model();
    NOBODY_SLEEPS.set(false);
}

/// As the shipped one. There the two sides of a pair are made equally strong by `membarrier(2)`.
#[track_caller]
pub fn sleep_fence() {
    if !is_weakened() {
        fence(Ordering::SeqCst);
    }
}

/// The kernel's queue of sleepers at a word. A sleeper is woken for no reason but those of the kernel:
/// who is forgotten sleeps for ever, and loom says so.
#[derive(Debug)]
pub struct Futex {
    word: atomic::AtomicU32,
    /// How many sleeps end because their time has passed: see [`Futex::expire`].
    expired: Mutex<u32>,
    sleepers: Condvar,
}

impl Futex {
    /// A word that holds `value`.
    pub fn new(value: u32) -> Futex {
        Futex {
            word: atomic::AtomicU32::new(value),
            expired: Mutex::new(0),
            sleepers: Condvar::new(),
        }
    }

    /// The value.
    #[track_caller]
    pub fn load(&self, order: Ordering) -> u32 {
        self.word.load(at_site(order))
    }

    /// Puts `value` there, and gives what was there before.
    #[track_caller]
    pub fn swap(&self, value: u32, order: Ordering) -> u32 {
        step();
        self.word.swap(value, at_site(order))
    }

    /// Puts `new` there if `current` is there; what was there either way.
    #[track_caller]
    pub fn compare_exchange(&self, current: u32, new: u32, success: Ordering) -> Result<u32, u32> {
        step();
        self.word.compare_exchange(current, new, at_site(success), Ordering::Relaxed)
    }

    /// Sleeps while `expected` is there. The kernel looks at the word as it is, not as it was.
    pub fn wait(&self, expected: u32, _: Option<Duration>) {
        step();
        let mut expired = self.expired.lock().expect("nobody panics in here");
        if self.word.fetch_or(0, Ordering::Relaxed) != expected {
            return;
        }
        if *expired > 0 {
            *expired -= 1;
        } else {
            drop(self.sleepers.wait(expired).expect("nobody panics in here"));
        }
    }

    /// Wakes all that sleep here.
    #[track_caller]
    pub fn wake(&self) {
        if !is_weakened() {
            step();
            let _queue = self.expired.lock().expect("nobody panics in here");
            self.sleepers.notify_all();
        }
    }

    /// Puts `value` there and wakes all that sleep here, in one step.
    #[track_caller]
    pub fn set_and_wake(&self, value: u32) {
        step();
        let _queue = self.expired.lock().expect("nobody panics in here");
        self.word.swap(value, at_site(Ordering::Release));
        self.sleepers.notify_all();
    }

    /// What the kernel does to the word of one that has died: see [`crate::death`].
    pub(crate) fn bury(&self, rule: impl Fn(u32) -> (u32, bool)) {
        let _queue = self.expired.lock().expect("nobody panics in here");
        let mut seen = self.word.fetch_or(0, Ordering::Relaxed);
        let wakes = loop {
            let (value, wakes) = rule(seen);
            if value == seen {
                break wakes;
            }
            match self.word.compare_exchange(seen, value, Ordering::AcqRel, Ordering::Relaxed) {
                Ok(_) => break wakes,
                Err(now) => seen = now,
            }
        };
        if wakes {
            self.sleepers.notify_one();
        }
    }

    /// The time of all sleeps has passed, and that of so many to come. In a model time passes when
    /// somebody has died, and no earlier: else it would hide a waking that is lost.
    pub fn expire(&self, sleeps: u32) {
        let mut expired = self.expired.lock().expect("nobody panics in here");
        *expired += sleeps;
        self.sleepers.notify_all();
    }
}

/// No time but that of [`Futex::expire`].
#[derive(Clone, Copy, Debug)]
pub struct Deadline;

impl Deadline {
    /// For ever.
    pub const NEVER: Deadline = Deadline;

    /// As much as is asked for.
    pub fn slice(&self, at_most: Option<Duration>) -> Option<Option<Duration>> {
        Some(at_most)
    }
}

/// To look again is to have come later: nothing is found by it that is not found without.
#[derive(Debug, Default)]
pub struct Spin;

impl Spin {
    /// Never looks.
    pub fn until(&mut self, _: impl FnMut() -> bool) -> bool {
        false
    }
}
