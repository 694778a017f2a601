//! The protocol of the word that is the mutex.
//!
//! The word names its owner, so an owner that dies leaves its name; what says that it died differs
//! (see [`Proof`]). Whoever finds a dead owner's name takes the word over and is told.
//!
//! Who finds the word taken sets [`WAITERS`] and sleeps on what it then holds. While the bit is there
//! the owner releases and wakes in one call of the kernel, so no death can part the two; and it wakes
//! all, for one alone might die before it has taken the word. If the bit is not there, nobody sleeps.

use std::time::Duration;

use crate::sync::{Deadline, Futex, Ordering, Spin};

/// Somebody sleeps, or is about to.
pub const WAITERS: u32 = 1 << 31;
/// The owner has died. The kernel sets this bit in place of the name (`FUTEX_OWNER_DIED`).
pub const DIED: u32 = 1 << 30;
/// In place of a name: what the mutex guards was lost for good. It is a single bit, for
/// `FUTEX_WAKE_OP` can set no other, and more than any process number.
pub const LOST: u32 = 1 << 29;
/// Where the name is.
pub const OWNER: u32 = LOST - 1;

/// Who locks, and how a dead owner is found out.
pub trait Proof {
    /// The name: not 0, within [`OWNER`], and no other living owner's.
    fn name(&self) -> u32;

    /// From now on, should we die while the word has our name, that will be found out.
    fn begin(&self, word: &Futex);

    /// No more.
    fn end(&self);

    /// How long to sleep before [`Proof::is_dead`] is asked. `None`: whoever finds out wakes us.
    fn slice(&self) -> Option<Duration>;

    /// Whether whoever had that name has died.
    fn is_dead(&self, name: u32) -> bool;
}

/// The word is ours.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Locked {
    /// Nobody died.
    Clean,
    /// The last owner died while it had the word.
    OwnerDied,
}

/// The word is not ours.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refused {
    /// Somebody has it now.
    Busy,
    /// Somebody had it until the deadline.
    Late,
    /// We have it already.
    Deadlock,
    /// Nobody will have it any more.
    Lost,
}

/// Takes the word; without a deadline only if nobody has it.
#[inline]
pub fn lock(
    word: &Futex,
    proof: &impl Proof,
    spin: &mut Spin,
    wait: Option<Deadline>,
) -> Result<Locked, Refused> {
    proof.begin(word);
    let result = match word.compare_exchange(0, proof.name(), Ordering::Acquire) {
        Ok(_) => Ok(Locked::Clean),
        Err(seen) => lock_slowly(word, proof, spin, wait, seen),
    };
    if result.is_err() {
        proof.end();
    }
    result
}

#[cold]
#[inline(never)]
fn lock_slowly(
    word: &Futex,
    proof: &impl Proof,
    spin: &mut Spin,
    wait: Option<Deadline>,
    mut seen: u32,
) -> Result<Locked, Refused> {
    let name = proof.name();
    loop {
        if seen & LOST != 0 {
            return Err(Refused::Lost);
        }
        if seen & OWNER == name {
            return Err(Refused::Deadlock);
        }
        if seen & OWNER == 0 {
            match word.compare_exchange(seen, name | seen & WAITERS, Ordering::Acquire) {
                Ok(_) if seen & DIED != 0 => return Ok(Locked::OwnerDied),
                Ok(_) => return Ok(Locked::Clean),
                Err(now) => seen = now,
            }
            continue;
        }
        // Here too, for others may keep it busy without our ever sleeping.
        let Some(deadline) = wait.filter(|deadline| deadline.slice(None).is_some()) else {
            // Nobody is refused for a dead owner's sake, for whoever never waits would be for ever.
            if proof.is_dead(seen & OWNER) {
                seen = bury(word, seen);
                continue;
            }
            return Err(if wait.is_some() { Refused::Late } else { Refused::Busy });
        };
        if spin.until(|| word.load(Ordering::Relaxed) & OWNER == 0) {
            seen = word.load(Ordering::Relaxed);
            continue;
        }
        seen = sleep(word, proof, deadline, seen);
    }
}

/// Sleeps over `seen`, and gives what is there then.
fn sleep(word: &Futex, proof: &impl Proof, deadline: Deadline, seen: u32) -> u32 {
    let waited = seen | WAITERS;
    if seen != waited
        && let Err(now) = word.compare_exchange(seen, waited, Ordering::Relaxed)
    {
        return now;
    }
    let Some(timeout) = deadline.slice(proof.slice()) else { return waited };
    word.wait(waited, timeout);
    let now = word.load(Ordering::Relaxed);
    if now == waited && proof.is_dead(waited & OWNER) {
        return bury(word, waited);
    }
    now
}

/// Takes the dead owner's name away that was seen, and gives what is there then.
///
/// Who comes first does; the others find that out by themselves. What the dead one did is before its
/// death, and so before whatever the next owner does, whoever that is.
fn bury(word: &Futex, seen: u32) -> u32 {
    let _ = word.compare_exchange(seen, DIED | seen & WAITERS, Ordering::Release);
    word.load(Ordering::Relaxed)
}

/// Gives the word back; `lost` says that nobody shall have it any more. Says whether it was ours.
#[inline]
pub fn unlock(word: &Futex, proof: &impl Proof, lost: bool) -> bool {
    let name = proof.name();
    let ours = if lost {
        word.load(Ordering::Relaxed) & !WAITERS == name
    } else {
        match word.compare_exchange(name, 0, Ordering::Release) {
            Ok(_) => {
                proof.end();
                return true;
            }
            Err(seen) => seen & !WAITERS == name,
        }
    };
    if ours {
        word.set_and_wake(if lost { LOST } else { 0 });
    }
    proof.end();
    ours
}
