//! What the mutex promises, in small: an unguarded cell beside the word is the judge.

use std::time::Duration;

use crate::death;
use crate::sync::{AtomicU32, Deadline, Futex, Ordering, Spin};
use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::thread;

use super::word::{Locked, OWNER, Proof, Refused, lock, unlock};
use crate::Model;

pub(crate) const MODELS: &[Model] = &[
    Model {
        name: "two owners exclude each other",
        preemptions: [2, 3],
        steps: 1,
        floor: 10,
        run: |_| exclusion(1, 2),
    },
    Model {
        name: "an owner dies, and one waits",
        preemptions: [2, 3],
        steps: 60,
        floor: 100,
        run: |step| kernel(step, 1, 2, false),
    },
    Model {
        name: "an owner dies, and two wait",
        preemptions: [2, 3],
        steps: 60,
        floor: 1000,
        run: |step| kernel(step, 2, 1, false),
    },
    Model {
        name: "an owner dies and is found by its lock, and two wait",
        preemptions: [2, 3],
        steps: 60,
        floor: 1000,
        run: portable,
    },
    Model {
        name: "what is lost is lost for all",
        preemptions: [2, 3],
        steps: 60,
        floor: 500,
        run: |step| kernel(step, 2, 1, true),
    },
    Model {
        name: "who has it already is told so",
        preemptions: [2, 3],
        steps: 1,
        floor: 1,
        run: |_| deadlock(),
    },
    Model {
        name: "an owner dies and is found by its lock, and two only try",
        preemptions: [2, 3],
        steps: 60,
        floor: 50,
        run: tried,
    },
];

struct Shared {
    word: Futex,
    data: UnsafeCell<u32>,
    /// As the lock of the mortal's slot.
    dead: AtomicU32,
}

impl Shared {
    fn new() -> Arc<Shared> {
        Arc::new(Shared { word: Futex::new(0), data: UnsafeCell::new(0), dead: AtomicU32::new(0) })
    }

    fn increment(&self) {
        // SAFETY: loom stops the execution if somebody else is here.
        self.data.with_mut(|data| unsafe { *data += 1 });
    }

    fn value(&self) -> u32 {
        // SAFETY: loom stops the execution if somebody may write.
        self.data.with(|data| unsafe { *data })
    }
}

const MORTAL: u32 = 1;

/// One owner. What its thread would tell the kernel is told to nobody else.
struct Owner<'a> {
    name: u32,
    pending: &'a std::cell::Cell<bool>,
    /// Where the locks of dead owners are looked up, if the kernel does not tell.
    dead: Option<&'a AtomicU32>,
}

impl Proof for Owner<'_> {
    fn name(&self) -> u32 {
        self.name
    }

    fn begin(&self, _: &Futex) {
        death::private_step();
        self.pending.set(true);
    }

    fn end(&self) {
        death::private_step();
        self.pending.set(false);
    }

    fn slice(&self) -> Option<Duration> {
        None
    }

    fn is_dead(&self, name: u32) -> bool {
        name == MORTAL && self.dead.is_some_and(|dead| dead.load(Ordering::Acquire) != 0)
    }
}

/// Locks, increments and unlocks; says whether an owner had died, or nothing if all was lost.
fn turn(shared: &Shared, owner: &Owner<'_>, lose: bool) -> Option<Locked> {
    match lock(&shared.word, owner, &mut Spin, Some(Deadline::NEVER)) {
        Ok(locked) => {
            shared.increment();
            let lost = lose && locked == Locked::OwnerDied;
            assert!(unlock(&shared.word, owner, lost));
            Some(locked)
        }
        Err(refused) => {
            assert_eq!(refused, Refused::Lost);
            None
        }
    }
}

/// What survivors saw.
#[derive(Default)]
struct Seen {
    turns: u32,
    deaths: u32,
    lost: u32,
}

fn survivor(shared: &Shared, name: u32, turns: u32, lose: bool, by_lock: bool) -> Seen {
    let pending = std::cell::Cell::new(false);
    let dead = by_lock.then_some(&shared.dead);
    let owner = Owner { name, pending: &pending, dead };
    let mut seen = Seen::default();
    for _ in 0..turns {
        match turn(shared, &owner, lose) {
            Some(locked) => {
                seen.turns += 1;
                seen.deaths += u32::from(locked == Locked::OwnerDied);
            }
            None => seen.lost += 1,
        }
    }
    assert!(!pending.get());
    seen
}

fn exclusion(others: u32, turns: u32) {
    let shared = Shared::new();
    let threads: Vec<_> = (0..others)
        .map(|other| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || survivor(&shared, 2 + other, turns, false, false))
        })
        .collect();
    survivor(&shared, MORTAL, turns, false, false);
    for thread in threads {
        thread.join().expect("it ends");
    }
    assert_eq!(shared.value(), (others + 1) * turns);
}

/// A mortal, and others that wait for it; the kernel finds out that it has died.
fn kernel(step: usize, others: u32, turns: u32, lose: bool) {
    let shared = Shared::new();
    judge(&shared, step, others, turns, lose, false);
}

/// The same without the kernel's help: the lock of the dead is free, and time passes for who sleeps.
fn portable(step: usize) {
    let shared = Shared::new();
    judge(&shared, step, 2, 1, false, true);
}

fn judge(shared: &Arc<Shared>, step: usize, others: u32, turns: u32, lose: bool, by_lock: bool) {
    let threads: Vec<_> = (0..others)
        .map(|other| {
            let shared = Arc::clone(shared);
            thread::spawn(move || survivor(&shared, 2 + other, turns, lose, by_lock))
        })
        .collect();
    let pending = std::cell::Cell::new(false);
    let owner = Owner { name: MORTAL, pending: &pending, dead: None };
    let lived = death::mortal(step, || {
        turn(shared, &owner, false);
    });
    let held = shared.word.load(Ordering::Relaxed) & OWNER == MORTAL;
    if pending.get() && !by_lock {
        death::bury(&shared.word, MORTAL);
    }
    if by_lock {
        shared.dead.store(1, Ordering::Release);
        shared.word.expire(others + 1);
    }
    let mut all = Seen::default();
    for thread in threads {
        let seen = thread.join().expect("it ends, for nobody sleeps on");
        all.turns += seen.turns;
        all.deaths += seen.deaths;
        all.lost += seen.lost;
    }
    assert!(all.deaths <= 1, "a death is told once");
    assert!(!lived || all.deaths == 0, "a death is told of who lives");
    assert_eq!(all.turns + all.lost, others * turns);
    assert!(all.lost == 0 || all.deaths == 1, "lost without a death");
    let dead = by_lock.then_some(&shared.dead);
    let heir = Owner { name: MORTAL + others + 1, pending: &pending, dead };
    let last = lock(&shared.word, &heir, &mut Spin, Some(Deadline::NEVER));
    if lose && all.deaths == 1 {
        assert!(held);
        assert_eq!(last, Err(Refused::Lost), "somebody has it again");
        return;
    }
    let told = all.deaths + u32::from(last.expect("nobody lost it") == Locked::OwnerDied);
    assert_eq!(told, u32::from(held), "the death of an owner is told once, and no other");
    let written = shared.value() - all.turns;
    assert!(written <= 1 && (!lived || written == 1), "{written}");
    assert!(unlock(&shared.word, &heir, false));
}

fn deadlock() {
    let shared = Shared::new();
    let pending = std::cell::Cell::new(false);
    let owner = Owner { name: MORTAL, pending: &pending, dead: None };
    let lock = || lock(&shared.word, &owner, &mut Spin, Some(Deadline::NEVER));
    assert_eq!(lock(), Ok(Locked::Clean));
    assert_eq!(lock(), Err(Refused::Deadlock));
    assert!(unlock(&shared.word, &owner, false));
    assert!(!unlock(&shared.word, &owner, false), "it is not ours any more");
}

/// Two that only try come when the owner is dead: neither is refused for its sake.
fn tried(step: usize) {
    let shared = Shared::new();
    let pending = std::cell::Cell::new(false);
    let owner = Owner { name: MORTAL, pending: &pending, dead: None };
    let lived = death::mortal(step, || {
        turn(&shared, &owner, false);
    });
    let held = shared.word.load(Ordering::Relaxed) & OWNER == MORTAL;
    shared.dead.store(1, Ordering::Release);
    let other = thread::spawn({
        let shared = Arc::clone(&shared);
        move || tries(&shared, 3)
    });
    let told = [tries(&shared, 2), other.join().expect("it ends")];
    assert!(told.iter().any(Option::is_some), "refused for one that is dead");
    let deaths = told.iter().filter(|told| **told == Some(Locked::OwnerDied)).count();
    assert_eq!(deaths, usize::from(held), "the death of an owner is told once, and no other");
    assert!(!lived || deaths == 0, "a death is told of who lives");
}

/// Takes it, increments and gives it back, if it need not wait for it.
fn tries(shared: &Shared, name: u32) -> Option<Locked> {
    let pending = std::cell::Cell::new(false);
    let owner = Owner { name, pending: &pending, dead: Some(&shared.dead) };
    let locked = lock(&shared.word, &owner, &mut Spin, None);
    if locked.is_err() {
        assert_eq!(locked, Err(Refused::Busy));
        return None;
    }
    shared.increment();
    assert!(unlock(&shared.word, &owner, false));
    locked.ok()
}
