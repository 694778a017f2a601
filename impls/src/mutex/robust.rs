//! Owners that the kernel finds when they die.
//!
//! The kernel looks at a list that the C library keeps for each thread, and at one word more: that
//! which the thread is about to take or to release (`list_op_pending`). That word is told here, from
//! before it is taken until after it was released; the list itself would have to lie in the shared
//! memory, beside each word, where a peer could make it lead anywhere.

use std::cell::Cell;
use std::marker::PhantomData;
use std::mem::offset_of;
use std::sync::atomic::{Ordering, compiler_fence};
use std::time::Duration;

use nix::libc;

use super::LockError;
use super::word::{OWNER, Proof};
use crate::shm::{forks, watch};
use crate::sync::Futex;

/// As `struct robust_list_head` of `<linux/futex.h>`.
#[repr(C)]
struct Head {
    list: *mut libc::c_void,
    /// From an entry of the list to its word, in bytes.
    futex_offset: libc::c_long,
    list_op_pending: *mut libc::c_void,
}

thread_local! {
    static CURRENT: Cell<Known> = const {
        Cell::new(Known { number: 0, forks: 0, head: std::ptr::null_mut(), offset: 0 })
    };
}

#[derive(Clone, Copy, Debug)]
struct Known {
    /// 0 while it was never asked for.
    number: u32,
    /// Of the process in which it was asked for.
    forks: u32,
    head: *mut Head,
    /// From an entry of the list to its word, in bytes.
    offset: libc::c_long,
}

/// This thread as an owner.
#[derive(Debug)]
pub(super) struct Thread {
    known: Known,
    /// It is this thread only: it is neither sent nor shared.
    here: PhantomData<*mut ()>,
}

impl Thread {
    /// This thread, if the kernel can be told of one word more.
    #[inline]
    pub(super) fn current(word: &Futex) -> Result<Thread, LockError> {
        let mut known = CURRENT.get();
        if known.number == 0 || known.forks != forks() {
            Thread::ask()?;
            known = CURRENT.get();
        }
        let thread = Thread { known, here: PhantomData };
        let pending = thread.pending();
        // We have one already: this, maybe by another mapping, or another.
        if !pending.is_null() {
            let ours = word.load(Ordering::Relaxed) & OWNER == known.number;
            return Err(if ours { LockError::Deadlock } else { LockError::NotRobust });
        }
        Ok(thread)
    }

    #[cold]
    fn ask() -> Result<(), LockError> {
        let forks = watch();
        let (mut head, mut size) = (std::ptr::null_mut::<Head>(), 0_usize);
        // SAFETY: both are there to be written; 0 is this thread.
        let asked =
            unsafe { libc::syscall(libc::SYS_get_robust_list, 0, &raw mut head, &raw mut size) };
        if asked != 0 || size != size_of::<Head>() || head.is_null() {
            return Err(LockError::NotRobust);
        }
        // SAFETY: this asks for a number.
        let number = unsafe { libc::gettid() } as u32;
        if number == 0 || number > OWNER {
            return Err(LockError::NotRobust);
        }
        let at = head.wrapping_byte_add(offset_of!(Head, futex_offset));
        // SAFETY: the head is there; the C library has set this field once.
        let offset = unsafe { at.cast::<libc::c_long>().read() };
        let known = Known { number, forks, head, offset };
        if CURRENT.get().number != 0 {
            // This is a child, and what was pending is its parent's.
            Thread { known, here: PhantomData }.set_pending(std::ptr::null_mut());
        }
        CURRENT.set(known);
        Ok(())
    }

    /// This thread, which has been asked for before.
    #[inline]
    pub(super) fn again() -> Thread {
        Thread { known: CURRENT.get(), here: PhantomData }
    }

    /// This thread, if it has been asked for in this process.
    #[inline]
    pub(super) fn known() -> Option<Thread> {
        let known = CURRENT.get();
        let is_here = known.number != 0 && known.forks == forks();
        is_here.then_some(Thread { known, here: PhantomData })
    }

    #[inline]
    fn pending_at(&self) -> *mut *mut libc::c_void {
        self.known.head.wrapping_byte_add(offset_of!(Head, list_op_pending)).cast()
    }

    #[inline]
    fn pending(&self) -> *mut libc::c_void {
        // SAFETY: the head is the C library's, for as long as the thread lives; only this thread and
        // the kernel use this field.
        unsafe { self.pending_at().read_volatile() }
    }

    #[inline]
    fn set_pending(&self, entry: *mut libc::c_void) {
        // What is before it in the program is before it for the kernel, which looks when we are dead.
        compiler_fence(Ordering::SeqCst);
        // SAFETY: as above. The kernel takes any address, and the C library sets it anew each time.
        unsafe { self.pending_at().write_volatile(entry) };
        compiler_fence(Ordering::SeqCst);
    }

    #[inline]
    fn entry(&self, word: &Futex) -> *mut libc::c_void {
        let offset = self.known.offset as isize;
        std::ptr::from_ref(word).cast::<u8>().wrapping_offset(-offset).cast_mut().cast()
    }
}

impl Proof for Thread {
    #[inline]
    fn name(&self) -> u32 {
        self.known.number
    }

    #[inline]
    fn begin(&self, word: &Futex) {
        self.set_pending(self.entry(word));
    }

    #[inline]
    fn end(&self) {
        self.set_pending(std::ptr::null_mut());
    }

    /// The kernel wakes one of those who sleep over a dead owner. Should that one die as well before it
    /// has the word, the others find the word by themselves.
    fn slice(&self) -> Option<Duration> {
        Some(Duration::from_millis(250))
    }

    fn is_dead(&self, _: u32) -> bool {
        false
    }
}
