//! A mutex between processes that survives the death of its owner at any instruction.
//!
//! ```
//! use ipc_impls::mutex::{LockError, ShmMutex};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut mutex = ShmMutex::create([0_u64; 2])?;
//! // In another process, with the descriptor that it was handed:
//! let mut other = ShmMutex::<[u64; 2]>::attach(mutex.fd())?;
//!
//! let mut guard = mutex.lock()?;
//! assert_eq!(other.try_lock().err(), Some(LockError::Deadlock)); // it is this very thread
//! guard.set([1, 2]);
//! drop(guard);
//! assert_eq!(other.lock()?.get(), [1, 2]);
//! # Ok(())
//! # }
//! ```
//!
//! # What is promised
//!
//! - At most one guard at a time, of all processes that keep to the protocol.
//! - If an owner dies, whoever locks next is told ([`Guard::owner_died`]), once. It says
//!   [`Guard::make_consistent`], or the mutex is lost for all and for good when the guard is dropped.
//!   An owner that becomes another program by `exec` has died, as far as the mutex is concerned; a child
//!   of an owner has nothing.
//! - Who has it is told so, waiting or trying, and nobody else can give it back.
//! - Nobody sleeps on while the mutex is free: to release and to wake is one call of the kernel, so no
//!   death can come between the two. Of those who wait for a dead owner one is woken; should that one
//!   die as well, the others look for themselves, a quarter of a second later at most.
//! - Nothing in the shared memory is a pointer, so a peer that stores nonsense there spoils the mutex and
//!   what it guards, and nothing else.
//!
//! # Two ways to find a dead owner
//!
//! [`ShmMutex::create`] makes a mutex whose dead owners the kernel finds (`set_robust_list(2)`), at once,
//! at the end of the thread as of the process. There the owner's name is its thread number, so all
//! processes must be in one namespace; who is in another is refused. A thread can have one such guard at
//! a time, and must not use a robust `pthread_mutex_t` meanwhile: the kernel is told of one word only.
//!
//! [`ShmMutex::create_portable`] makes one whose owners each have a lock on the file. Whoever waits looks
//! every few milliseconds whether the owner still has it. This works across namespaces, and any
//! number of such guards can be had; an owner is a handle, so a thread that ends without dropping its
//! handle is not found out before its process has ended. A child that was forked counts as each handle
//! that its parent had then, until the child has ended, has called `exec`, or locks by that handle
//! itself: while it does, its parent's death is not found out.

mod portable;
pub mod raw;
mod robust;
pub mod word;

use std::fmt;
use std::marker::PhantomData;
use std::os::fd::BorrowedFd;
use std::ptr::NonNull;
use std::sync::Arc;
use std::time::Duration;

use crate::shm::{AttachError, Kind, PAGE, Segment, forks};
use crate::sync::{self, Deadline, Futex, Ordering, Spin, Word};
use portable::Slot;
use robust::Thread;
use word::{Locked, Proof as _, Refused};

/// What may be guarded: any bytes are one, and none of its bytes is padding.
///
/// # Safety
///
/// That is so.
pub unsafe trait Plain: Copy + 'static {}

macro_rules! plain {
    ($($name:ty),*) => { $(
        // SAFETY: any bytes are a number, and it has no others.
        unsafe impl Plain for $name {}
    )* };
}

plain!(u8, u16, u32, u64, u128, i8, i16, i32, i64, i128, f32, f64);

// SAFETY: an array has no bytes between its elements.
unsafe impl<T: Plain, const N: usize> Plain for [T; N] {}

/// Why the mutex is not ours.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum LockError {
    /// Somebody has it (`EBUSY`).
    Busy,
    /// Somebody had it until the deadline (`ETIMEDOUT`).
    TimedOut,
    /// This owner has it already (`EDEADLK`). With owners that the kernel finds, the owner is the thread.
    Deadlock,
    /// An owner has died, and what it left was not made consistent (`ENOTRECOVERABLE`).
    Lost,
    /// This thread has another mutex of which the kernel is to be told, or none can be told of.
    NotRobust,
}

impl fmt::Display for LockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            LockError::Busy => "somebody has the mutex",
            LockError::TimedOut => "somebody had the mutex until the deadline",
            LockError::Deadlock => "this owner has the mutex already",
            LockError::Lost => "an owner died, and what it left was not made consistent",
            LockError::NotRobust => "the kernel cannot be told of this mutex in this thread now",
        })
    }
}

impl std::error::Error for LockError {}

impl From<Refused> for LockError {
    fn from(refused: Refused) -> LockError {
        match refused {
            Refused::Busy => LockError::Busy,
            Refused::Late => LockError::TimedOut,
            Refused::Deadlock => LockError::Deadlock,
            Refused::Lost => LockError::Lost,
        }
    }
}

/// The word; beside it portable owners have their generations; the data begins at the next page.
const SLOTS_AT: u64 = PAGE + 128;
const DATA_AT: u64 = 2 * PAGE;
/// How many handles of a portable mutex there may be at a time.
const SLOTS: u64 = 512;

const _: () = assert!(SLOTS_AT + SLOTS * 4 <= DATA_AT);

/// A handle of a mutex, and of the data that it guards.
///
/// Invariant: the word lies in the mapping of the segment.
#[derive(Debug)]
pub struct ShmMutex<T> {
    segment: Arc<Segment>,
    word: NonNull<Futex>,
    owner: Owner,
    spin: Spin,
    /// There is a guard, or there was one that was forgotten.
    held: bool,
    /// What the guard knew that was kept.
    kept: Option<Kept>,
    data: PhantomData<T>,
}

// SAFETY: the word is atomic, and stays as long as the segment, which may be sent.
unsafe impl<T: Send> Send for ShmMutex<T> {}

/// A guard that is not there, but may be again.
#[derive(Clone, Copy, Debug)]
struct Kept {
    forks: u32,
    died: bool,
    lost: bool,
}

#[derive(Debug)]
enum Owner {
    Thread,
    Slot(Slot),
}

impl<T: Plain> ShmMutex<T> {
    /// A new mutex over `data`, whose dead owners the kernel finds.
    pub fn create(data: T) -> Result<ShmMutex<T>, AttachError> {
        ShmMutex::create_as(Kind::RobustMutex, data)
    }

    /// A new mutex over `data`, whose dead owners are found by their locks.
    pub fn create_portable(data: T) -> Result<ShmMutex<T>, AttachError> {
        ShmMutex::create_as(Kind::PortableMutex, data)
    }

    fn create_as(kind: Kind, data: T) -> Result<ShmMutex<T>, AttachError> {
        let size = size_of::<T>() as u64;
        let total = size.checked_next_multiple_of(PAGE).and_then(|size| size.checked_add(DATA_AT));
        let total = total.ok_or(AttachError::BadSize)?;
        let segment = Segment::create(kind, total, size, SLOTS)?;
        let mutex = ShmMutex::open(segment, kind)?;
        mutex.store(data);
        Ok(mutex)
    }

    /// The mutex that somebody else has made, by a descriptor of it, which is not kept.
    pub fn attach(fd: BorrowedFd<'_>) -> Result<ShmMutex<T>, AttachError> {
        match Segment::attach(fd, Kind::RobustMutex) {
            Err(AttachError::OtherKind(_)) => {
                ShmMutex::open(Segment::attach(fd, Kind::PortableMutex)?, Kind::PortableMutex)
            }
            segment => ShmMutex::open(segment?, Kind::RobustMutex),
        }
    }

    fn open(segment: Segment, kind: Kind) -> Result<ShmMutex<T>, AttachError> {
        let header = segment.header();
        if header.capacity != size_of::<T>() as u64 || header.slots != SLOTS {
            return Err(AttachError::Malformed("size of the data"));
        }
        let needed = DATA_AT + header.capacity.next_multiple_of(8);
        if header.total < needed {
            return Err(AttachError::Malformed("total size"));
        }
        let segment = Arc::new(segment);
        let owner = match kind {
            // Its lock is of a description that is not handed on: whoever is handed one has it too.
            Kind::PortableMutex => {
                Owner::Slot(Slot::take(&Arc::new(Segment::attach(segment.fd(), kind)?))?)
            }
            _ => Owner::Thread,
        };
        let word = NonNull::from(segment.at::<Futex>(PAGE));
        let (spin, data) = (Spin::default(), PhantomData);
        Ok(ShmMutex { segment, word, owner, spin, held: false, kept: None, data })
    }

    /// A descriptor to hand on. It is closed by `exec` unless `FD_CLOEXEC` is cleared in the child.
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.segment.fd()
    }

    // These are inlined because a guard that is handed over in memory is stored in pieces and loaded
    // as a whole, which takes longer than both exchanges of the word.

    /// `pthread_mutex_lock()`: sleeps while somebody has it.
    #[inline(always)]
    pub fn lock(&mut self) -> Result<Guard<'_, T>, LockError> {
        self.lock_until(Some(Deadline::NEVER))
    }

    /// `pthread_mutex_trylock()`.
    #[inline(always)]
    pub fn try_lock(&mut self) -> Result<Guard<'_, T>, LockError> {
        self.lock_until(None)
    }

    /// `pthread_mutex_clocklock()`: sleeps at most that long.
    #[inline]
    pub fn lock_timeout(&mut self, timeout: Duration) -> Result<Guard<'_, T>, LockError> {
        self.lock_until(Some(Deadline::after(timeout)))
    }

    /// Sleeps until the deadline at most while somebody has it, and not at all without one.
    #[inline(always)]
    pub fn lock_until(&mut self, wait: Option<Deadline>) -> Result<Guard<'_, T>, LockError> {
        let ShmMutex { segment, word, owner, spin, .. } = self;
        // SAFETY: it lies in the mapping, which stays as long as `self`.
        let word = unsafe { word.as_ref() };
        let locked = match owner {
            Owner::Thread => raw::lock(word, spin, wait)?,
            Owner::Slot(slot) => {
                if !slot.is_mine() {
                    *slot = own_slot(segment)?;
                }
                word::lock(word, slot, spin, wait)?
            }
        };
        self.held = true;
        let died = locked == Locked::OwnerDied;
        Ok(Guard { mutex: self, forks: forks(), died, lost: false, here: PhantomData })
    }

    /// The guard that was kept ([`Guard::keep`]), if this is the owner still: this process, and this
    /// thread if the kernel finds the dead.
    pub fn kept(&mut self) -> Option<Guard<'_, T>> {
        let Kept { forks, died, lost } = self.kept.filter(|kept| kept.forks == forks())?;
        // SAFETY: it lies in the mapping, which stays as long as `self`.
        let word = unsafe { self.word.as_ref() };
        let name = match &self.owner {
            Owner::Thread => Thread::known()?.name(),
            Owner::Slot(slot) => slot.name(),
        };
        if word.load(Ordering::Relaxed) & word::OWNER != name {
            return None;
        }
        self.kept = None;
        Some(Guard { mutex: self, forks, died, lost, here: PhantomData })
    }

    /// Makes the mutex as new, lost or not. Refused while somebody has it.
    pub fn renew(&mut self) -> Result<(), LockError> {
        match self.try_lock().map(|mut guard| guard.make_consistent()) {
            Err(LockError::Lost) => {
                // SAFETY: it lies in the mapping, which stays as long as `self`.
                unsafe { self.word.as_ref() }.swap(0, Ordering::Release);
                Ok(())
            }
            renewed => renewed,
        }
    }

    fn words(&self) -> &[Word] {
        self.segment.slice(DATA_AT, size_of::<T>().div_ceil(8))
    }

    fn load(&self) -> T {
        let mut value = std::mem::MaybeUninit::<T>::zeroed();
        let first = value.as_mut_ptr().cast::<u8>();
        // SAFETY: so many bytes are there, and were set to zero.
        let bytes = unsafe { std::slice::from_raw_parts_mut(first, size_of::<T>()) };
        sync::copy_out(self.words(), bytes);
        // SAFETY: it is `Plain`, so any bytes are one.
        unsafe { value.assume_init() }
    }

    fn store(&self, value: T) {
        let first = (&raw const value).cast::<u8>();
        // SAFETY: so many bytes are there, and none of them is padding: it is `Plain`.
        let bytes = unsafe { std::slice::from_raw_parts(first, size_of::<T>()) };
        sync::copy_in(self.words(), bytes);
    }
}

/// In a child that has its parent's handle: a name of its own. From then on it does not count as its
/// parent by this handle.
#[cold]
fn own_slot(segment: &Segment) -> Result<Slot, LockError> {
    let own = Segment::attach(segment.fd(), Kind::PortableMutex);
    own.and_then(|own| Slot::take(&Arc::new(own))).map_err(|_| LockError::NotRobust)
}

impl<T> Drop for ShmMutex<T> {
    fn drop(&mut self) {
        // The guard was forgotten: at the end of its thread the kernel will look at the word. Whatever
        // else were mapped there then, it would store to.
        if self.held {
            std::mem::forget(Arc::clone(&self.segment));
        }
    }
}

/// The mutex is ours until this is dropped.
#[derive(Debug)]
pub struct Guard<'a, T: Plain> {
    mutex: &'a mut ShmMutex<T>,
    forks: u32,
    /// The last owner died, and what it left was not made consistent yet.
    died: bool,
    lost: bool,
    /// The owner may be this thread: this is neither sent nor shared.
    here: PhantomData<*mut ()>,
}

impl<T: Plain> Guard<'_, T> {
    /// The data, copied: a peer that does not keep to the protocol may store to it at any time.
    pub fn get(&self) -> T {
        self.mutex.load()
    }

    /// Stores the data.
    pub fn set(&mut self, value: T) {
        self.mutex.store(value);
    }

    /// The data itself.
    ///
    /// # Safety
    ///
    /// Everybody who has the memory mapped keeps to the protocol: nobody stores to the data, or loads
    /// from it, without the mutex.
    pub unsafe fn as_mut(&mut self) -> &mut T {
        let first = self.mutex.words().as_ptr().cast_mut().cast::<T>();
        // SAFETY: it is in the mapping, at a page, has the size, and is `Plain`; it may be written
        // through a shared reference, for the words are atomic. Nobody else touches it, says the caller.
        unsafe { &mut *first }
    }

    /// `EOWNERDEAD`: the last owner died while it had the mutex, and the data is as it left it.
    pub fn owner_died(&self) -> bool {
        self.died
    }

    /// `pthread_mutex_consistent()`: the data is in order again.
    pub fn make_consistent(&mut self) {
        self.died = false;
    }

    /// Goes on having the mutex without a guard: [`ShmMutex::kept`] gives it again, in a later call.
    pub fn keep(self) {
        let mut guard = std::mem::ManuallyDrop::new(self);
        let kept = Kept { forks: guard.forks, died: guard.died, lost: guard.lost };
        guard.mutex.kept = Some(kept);
    }

    /// Leaves the mutex lost for all and for good.
    pub fn lose(mut self) {
        self.lost = true;
    }
}

impl<T: Plain> Drop for Guard<'_, T> {
    #[inline(always)]
    fn drop(&mut self) {
        self.mutex.held = false;
        // SAFETY: it lies in the mapping, which stays as long as the mutex.
        let word = unsafe { self.mutex.word.as_ref() };
        let lost = self.lost || self.died;
        // A child that was forked has this too, and it is not its to release.
        if self.forks != forks() {
            return;
        }
        match &self.mutex.owner {
            Owner::Thread => word::unlock(word, &Thread::again(), lost),
            Owner::Slot(slot) => word::unlock(word, slot, lost),
        };
    }
}
