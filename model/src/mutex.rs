//! Mutexes between processes (`ipc_impls::mutex`): one holder at a time, and an answer when it dies.
//!
//! They are no kernel's. A few lie in memory that all processes of a program share from the beginning,
//! and are numbered; nothing makes them and no descriptor leads to them. Where POSIX promises the same of
//! a robust mutex that checks errors and is shared between processes, it is cited.
//!
//! They are of two kinds, which differ in who finds an owner dead. Of the first the kernel does, and
//! wakes somebody. The others are portable: an owner has a lock, for as long as it has the mutex or
//! waits for it, and who waits looks for itself whether it still has. A child has its parent's lock too.

mod rules;
mod terms;

pub use self::rules::LASTING;
pub(crate) use self::terms::{HAS_NONE, INHERIT_LOCKS};
use crate::clause::Clause;
use crate::mechanism::{Ends, Interrupted};
use crate::operation::{Gives, Operation, Param};
use crate::world::{InCall, World};

/// How many there are.
pub const COUNT: usize = ROBUST + PORTABLE;
/// How many of them, from the first, whose dead owners the kernel finds.
pub const ROBUST: usize = 4;
/// How many behind these whose owners are proven dead by their locks.
pub const PORTABLE: usize = 2;

/// All of them, by number.
pub type Mutexes = [Mutex; COUNT];

/// A mutex.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Mutex {
    /// Which process has it.
    pub owner: Option<u8>,
    /// The processes that count as its owner where it is portable, as bits by number: the owner, and
    /// children that were made while it had the mutex.
    pub holders: u32,
    /// What is known of what it guards.
    pub state: State,
    /// Its owner died, and so may have whoever was woken for that: others need not know.
    pub missed: bool,
}

impl Mutex {
    /// Whether nobody has it, or counts as who had it.
    pub fn is_free(&self) -> bool {
        self.owner.is_none() && self.holders == 0
    }

    /// Whether a process counts as its owner, where it is portable.
    pub fn is_held_by(&self, process: u8) -> bool {
        self.holders & bit(process) != 0
    }

    /// A process does not count as its owner any more; with the last the owner has died.
    pub fn let_go(&mut self, process: u8) {
        self.holders &= !bit(process);
        self.owner = self.owner.filter(|owner| *owner != process);
        if self.is_free() {
            self.state = State::Died;
        }
    }
}

fn bit(process: u8) -> u32 {
    1_u32.checked_shl(process.into()).unwrap_or(0)
}

/// What is known of what a mutex guards.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum State {
    /// Nothing to the contrary.
    #[default]
    Sound,
    /// Its owner has died, and nobody was told.
    Died,
    /// Its owner was told that the last one had died, and has not made it consistent.
    Told,
    /// It is lost for all and for good.
    Lost,
}

/// `ShmMutex::lock`: `int pthread_mutex_lock(pthread_mutex_t *)`.
pub static MUTEX_LOCK: Operation = Operation {
    name: "mutex_lock",
    params: &[Param::Number],
    gives: Gives::Nothing,
    c: "mutex_lock(&mutex[%0])",
};

/// `ShmMutex::try_lock`: `int pthread_mutex_trylock(pthread_mutex_t *)`.
pub static MUTEX_TRYLOCK: Operation = Operation {
    name: "mutex_trylock",
    params: &[Param::Number],
    gives: Gives::Nothing,
    c: "mutex_trylock(&mutex[%0])",
};

/// `ShmMutex::lock_timeout`: `int pthread_mutex_clocklock(pthread_mutex_t *, CLOCK_MONOTONIC, …)`, with
/// the time from now on.
pub static MUTEX_TIMEDLOCK: Operation = Operation {
    name: "mutex_timedlock",
    params: &[Param::Number, Param::Timeout],
    gives: Gives::Nothing,
    c: "mutex_timedlock(&mutex[%0], %1 ms)",
};

/// The end of a `Guard`: `int pthread_mutex_unlock(pthread_mutex_t *)`.
pub static MUTEX_UNLOCK: Operation = Operation {
    name: "mutex_unlock",
    params: &[Param::Number],
    gives: Gives::Nothing,
    c: "mutex_unlock(&mutex[%0])",
};

/// `Guard::make_consistent`: `int pthread_mutex_consistent(pthread_mutex_t *)`.
pub static MUTEX_CONSISTENT: Operation = Operation {
    name: "mutex_consistent",
    params: &[Param::Number],
    gives: Gives::Nothing,
    c: "mutex_consistent(&mutex[%0])",
};

/// What becomes of these calls when a handler interrupts them: nothing, they wait on.
pub const INTERRUPTED: &[(&Operation, Interrupted)] =
    &[(&MUTEX_LOCK, Interrupted::Continues), (&MUTEX_TIMEDLOCK, Interrupted::Continues)];

/// What programs can call here.
pub static OPERATIONS: &[&Operation] =
    &[&MUTEX_LOCK, &MUTEX_TRYLOCK, &MUTEX_TIMEDLOCK, &MUTEX_UNLOCK, &MUTEX_CONSISTENT];

/// Those that take a mutex.
pub const LOCKS: &[&Operation] = &[&MUTEX_LOCK, &MUTEX_TRYLOCK, &MUTEX_TIMEDLOCK];

/// The clauses, in the order of the page.
pub static CLAUSES: &[&[Clause]] =
    &[rules::LOCKING, rules::WAITING, rules::UNLOCKING, rules::ENDING, rules::ELSEWHERE];

/// What ends with something else.
pub const ENDS: Ends = Ends { with_description: |_, _, _| {}, with_call: missed };

/// Of those who wait for a dead owner's mutex the kernel wakes one. Should that one die as well, the
/// others look by themselves, but nobody says when. Those who look anyway wait for nobody's waking.
fn missed(world: &mut World, call: &InCall) {
    if !LOCKS.contains(&call.call.operation) {
        return;
    }
    let robust = named(call).filter(|place| *place < ROBUST);
    if let Some(mutex) = robust.and_then(|place| world.mutexes.get_mut(place)) {
        mutex.missed |= mutex.state == State::Died;
    }
}

/// The place of the mutex that a call names.
fn named(call: &InCall) -> Option<usize> {
    usize::try_from(call.call.number(0)).ok().filter(|place| *place < COUNT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_has_died_when_the_last_who_counts_as_it_is_gone() {
        let mut mutex = Mutex { owner: Some(3), holders: bit(3) | bit(5), ..Mutex::default() };
        mutex.let_go(3);
        assert_eq!((mutex.owner, mutex.state), (None, State::Sound));
        assert!(!mutex.is_free() && mutex.is_held_by(5) && !mutex.is_held_by(3));
        mutex.let_go(5);
        assert!(mutex.is_free() && mutex.state == State::Died);
    }

    #[test]
    fn an_owner_has_it_though_its_child_is_gone() {
        let mut mutex = Mutex { owner: Some(3), holders: bit(3) | bit(5), ..Mutex::default() };
        mutex.let_go(5);
        assert_eq!((mutex.owner, mutex.state), (Some(3), State::Sound));
    }
}
