//! Threads that die as a process does that is killed: between two steps, and nothing of it is undone.
//!
//! A step is whatever others could see: a store, a waking, a call of the kernel. A death before a load
//! is one before the next step.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use loom::thread::{self, ThreadId};

use crate::sync::Futex;

/// What unwinds a thread that dies.
struct Died;

#[derive(Clone, Copy)]
struct Mortal {
    thread: ThreadId,
    left: usize,
}

// Loom runs all threads of a model on the thread that started it.
thread_local! {
    static MORTAL: Cell<Option<Mortal>> = const { Cell::new(None) };
    static DEATHS: Cell<usize> = const { Cell::new(0) };
}

/// Runs `life` on this thread, which dies when it would take one step more than `steps`. Says whether
/// it lived. There is one mortal at a time.
///
/// Nothing that `life` owns may tell loom of its end: the dead do not tidy up.
pub fn mortal(steps: usize, life: impl FnOnce()) -> bool {
    MORTAL.set(Some(Mortal { thread: thread::current().id(), left: steps }));
    let lived = match catch_unwind(AssertUnwindSafe(life)) {
        Ok(()) => true,
        Err(death) if death.is::<Died>() => false,
        Err(panic) => resume_unwind(panic),
    };
    MORTAL.set(None);
    DEATHS.set(DEATHS.get() + usize::from(!lived));
    lived
}

/// How many mortals have died since this was asked the last time.
pub fn deaths() -> usize {
    DEATHS.take()
}

pub(crate) fn step() {
    let Some(mortal) = MORTAL.get() else { return };
    if thread::current().id() != mortal.thread {
        return;
    }
    if mortal.left == 0 {
        resume_unwind(Box::new(Died));
    }
    MORTAL.set(Some(Mortal { left: mortal.left - 1, ..mortal }));
}

/// A step of the mortal's own that no atomic takes: a store to memory that the kernel looks at.
pub fn private_step() {
    step();
}

/// What Linux does to the word that a thread which died had pending, as `handle_futex_death` in
/// `kernel/futex/core.c` has it: a word with its name is marked and one sleeper is woken; of a word
/// without a name one sleeper is woken.
pub fn bury(word: &Futex, name: u32) {
    const WAITERS: u32 = 1 << 31;
    const DIED: u32 = 1 << 30;
    word.bury(|value| match value & !(WAITERS | DIED) {
        0 if value == 0 => (value, true),
        owner if owner == name => (value & WAITERS | DIED, value & WAITERS != 0),
        _ => (value, false),
    });
}
