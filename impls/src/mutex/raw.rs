//! The mutex without the memory and without the guard.
//!
//! For those who have shared memory already, and who keep to themselves what a [`super::Guard`] would
//! know: bindings of other languages, and programs that lock in one place and unlock in another. It is
//! the mutex of [`super::ShmMutex::create`], with the same promises.
//!
//! ```
//! use ipc_impls::mutex::LockError;
//! use ipc_impls::mutex::raw::{Holder, Locked, RawMutex};
//!
//! let mutex = RawMutex::new(); // usually in memory that processes share, where zeros are a new one
//! let mut holder = Holder::default();
//! // SAFETY: it is unlocked before its memory goes.
//! assert_eq!(unsafe { holder.lock(&mutex) }, Ok(Locked::Clean));
//! // SAFETY: as above.
//! assert_eq!(unsafe { holder.try_lock(&mutex) }, Err(LockError::Deadlock));
//! assert!(holder.unlock(&mutex));
//! assert!(!holder.unlock(&mutex));
//! ```

use super::LockError;
use super::robust::Thread;
use super::word::{self, Proof as _, WAITERS};
use crate::sync::{Deadline, Futex, Ordering, Spin};

pub use super::word::Locked;

/// The word that is a mutex; zeros are one that nobody has.
#[derive(Debug)]
#[repr(transparent)]
pub struct RawMutex(Futex);

/// What a thread knows of the mutex that it has, if it has one, and of how long it waits.
#[derive(Debug, Default)]
pub struct Holder {
    spin: Spin,
    /// The last owner died, and what it left was not made consistent yet.
    died: bool,
}

impl RawMutex {
    /// One that nobody has.
    pub fn new() -> RawMutex {
        RawMutex(Futex::new(0))
    }

    /// Makes it as new, lost or not: nobody may have it, or wait for it.
    pub fn renew(&self) {
        self.0.swap(0, Ordering::Release);
    }
}

impl Default for RawMutex {
    fn default() -> RawMutex {
        RawMutex::new()
    }
}

impl Holder {
    /// As [`super::ShmMutex::lock`].
    ///
    /// # Safety
    ///
    /// As for [`Holder::lock_until`].
    pub unsafe fn lock(&mut self, mutex: &RawMutex) -> Result<Locked, LockError> {
        // SAFETY: the caller keeps to it.
        unsafe { self.lock_until(mutex, Some(Deadline::NEVER)) }
    }

    /// As [`super::ShmMutex::try_lock`].
    ///
    /// # Safety
    ///
    /// As for [`Holder::lock_until`].
    pub unsafe fn try_lock(&mut self, mutex: &RawMutex) -> Result<Locked, LockError> {
        // SAFETY: the caller keeps to it.
        unsafe { self.lock_until(mutex, None) }
    }

    /// Sleeps until the deadline at most; without one, not at all.
    ///
    /// # Safety
    ///
    /// The mutex stays where it is until this thread has unlocked it or has ended: when it ends, the
    /// kernel looks at the word and may store to it.
    pub unsafe fn lock_until(
        &mut self,
        mutex: &RawMutex,
        wait: Option<Deadline>,
    ) -> Result<Locked, LockError> {
        let locked = lock(&mutex.0, &mut self.spin, wait)?;
        self.died = locked == Locked::OwnerDied;
        Ok(locked)
    }

    /// As [`super::Guard::make_consistent`]; whether there was anything to say, the mutex being this
    /// thread's.
    pub fn make_consistent(&mut self, mutex: &RawMutex) -> bool {
        Holder::has(mutex) && std::mem::take(&mut self.died)
    }

    /// As the end of a [`super::Guard`]: the mutex is lost if it was not made consistent. Whether it was
    /// this thread's.
    pub fn unlock(&mut self, mutex: &RawMutex) -> bool {
        let Some(thread) = Thread::known().filter(|_| Holder::has(mutex)) else { return false };
        word::unlock(&mutex.0, &thread, std::mem::take(&mut self.died))
    }

    /// Whether this thread has the mutex.
    pub fn has(mutex: &RawMutex) -> bool {
        let owner = mutex.0.load(Ordering::Relaxed) & !WAITERS;
        Thread::known().is_some_and(|thread| owner == thread.name())
    }
}

/// Takes the word for this thread.
#[inline]
pub(super) fn lock(
    word: &Futex,
    spin: &mut Spin,
    wait: Option<Deadline>,
) -> Result<Locked, LockError> {
    Ok(word::lock(word, &Thread::current(word)?, spin, wait)?)
}

/// Says that this process is the child of one that may have had a mutex. The C library's `fork()` says
/// so by itself; who makes processes by the system call does not.
pub fn forked() {
    crate::shm::forked();
}
