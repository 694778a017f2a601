//! Threads, as far as signals know of them. A thread is called by the number that the system has for it.

use std::mem::MaybeUninit;

use nix::libc;

use crate::errno::{Errno, Result, int};
use crate::signal::set_of;

/// What a thread runs: from what it is told to what it leaves.
pub type Start = extern "C" fn(*mut libc::c_void) -> *mut libc::c_void;

/// `int pthread_create(pthread_t *thread, NULL, start, told)`.
///
/// Errors and source: POSIX.1-2024 `pthread_create()`.
///
/// # Safety
///
/// The function takes what it is told for what it is, whenever it runs.
pub unsafe fn create(start: Start, told: *mut libc::c_void) -> Result<libc::pthread_t> {
    let mut thread = MaybeUninit::uninit();
    // SAFETY: the call fills the place that it is given; the caller answers for the function.
    failed(unsafe { libc::pthread_create(thread.as_mut_ptr(), std::ptr::null(), start, told) })?;
    // SAFETY: the call succeeded, and so has filled it.
    Ok(unsafe { thread.assume_init() })
}

/// `int pthread_join(pthread_t thread, NULL)`.
///
/// Errors and source: POSIX.1-2024 `pthread_join()`.
///
/// # Safety
///
/// This process has made the thread, and nobody has joined it.
pub unsafe fn join(thread: libc::pthread_t) -> Result<()> {
    // SAFETY: the caller answers for the thread; a null pointer asks for nothing.
    failed(unsafe { libc::pthread_join(thread, std::ptr::null_mut()) })
}

/// `int pthread_kill(pthread_t thread, int sig)`.
///
/// Errors and source: POSIX.1-2024 `pthread_kill()`.
///
/// # Safety
///
/// This process has made the thread, and nobody has joined it.
pub unsafe fn kill(thread: libc::pthread_t, signal: i32) -> Result<()> {
    // SAFETY: the caller answers for the thread.
    failed(unsafe { libc::pthread_kill(thread, signal) })
}

/// The same for a thread of this process by its number, which it has for as long as it runs.
///
/// Errors and source: `tgkill(2)` of Linux man-pages 6.9.
pub fn kill_by_number(thread: libc::pid_t, signal: i32) -> Result<()> {
    let process = std::process::id() as libc::pid_t;
    // SAFETY: takes numbers and no memory.
    int(unsafe { libc::syscall(libc::SYS_tgkill, process, thread, signal) } as i32).map(drop)
}

/// `int pthread_sigmask(int how, const sigset_t *set, NULL)`.
///
/// Errors and source: POSIX.1-2024 `pthread_sigmask()`.
pub fn sigmask(how: i32, signals: &[i32]) -> Result<()> {
    let set = set_of(signals)?;
    // SAFETY: the pointer is to a whole `sigset_t`.
    failed(unsafe { libc::pthread_sigmask(how, &raw const set, std::ptr::null_mut()) })
}

/// The number of the calling thread (`gettid(2)` of Linux man-pages 6.9).
pub fn id() -> libc::pid_t {
    // SAFETY: takes nothing and cannot fail.
    unsafe { libc::syscall(libc::SYS_gettid) as libc::pid_t }
}

/// These calls return the error and leave `errno` alone.
fn failed(error: i32) -> Result<()> {
    if error == 0 { Ok(()) } else { Err(Errno(error)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicI32, Ordering};

    static SEEN: AtomicI32 = AtomicI32::new(0);

    extern "C" fn tells_its_number(_: *mut libc::c_void) -> *mut libc::c_void {
        SEEN.store(id(), Ordering::Release);
        std::ptr::null_mut()
    }

    #[test]
    fn a_thread_has_a_number_of_its_own_and_is_gone_once_it_is_joined() {
        // SAFETY: the function looks at nothing that it is told.
        let thread = unsafe { create(tells_its_number, std::ptr::null_mut()) }.expect("a thread");
        // SAFETY: it was just made here, and is joined below.
        unsafe { kill(thread, 0) }.expect("it is known, whether it has ended or not");
        // SAFETY: it was just made here.
        unsafe { join(thread) }.expect("it ends");
        let seen = SEEN.load(Ordering::Acquire);
        assert!(seen > 0 && seen != id());
        // Who joins may be told before the system has forgotten the number, but not for long.
        let gone = || kill_by_number(seen, 0) == Err(Errno(libc::ESRCH));
        let until = std::time::Instant::now() + std::time::Duration::from_secs(10);
        while !gone() && std::time::Instant::now() < until {
            std::thread::yield_now();
        }
        assert!(gone());
    }
}
