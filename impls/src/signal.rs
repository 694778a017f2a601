//! Signals: dispositions, the mask, and what is pending. Signals are plain numbers.

use std::mem::MaybeUninit;

use nix::libc;

use crate::errno::{Result, int};

/// What a process does about a signal, so far as no handler is concerned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Disposition {
    /// `SIG_DFL`.
    Default,
    /// `SIG_IGN`.
    Ignore,
}

/// `int sigaction(int sig, const struct sigaction *act, NULL)`.
///
/// Errors and source: POSIX.1-2024 `sigaction()`.
pub fn sigaction(signal: i32, disposition: Disposition) -> Result<()> {
    // SAFETY: all zeros is a valid `sigaction`: no flags, an empty mask, `SIG_DFL`.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = match disposition {
        Disposition::Default => libc::SIG_DFL,
        Disposition::Ignore => libc::SIG_IGN,
    };
    // SAFETY: the pointer is to a whole `sigaction` that names no handler.
    int(unsafe { libc::sigaction(signal, &raw const action, std::ptr::null_mut()) }).map(drop)
}

/// `int sigprocmask(int how, const sigset_t *set, NULL)`: `how` is `SIG_BLOCK`, `SIG_UNBLOCK` or
/// `SIG_SETMASK`.
///
/// Errors and source: POSIX.1-2024 `sigprocmask()`, for a process with one thread.
pub fn sigprocmask(how: i32, signals: &[i32]) -> Result<()> {
    let set = set_of(signals)?;
    // SAFETY: the pointer is to a whole `sigset_t`.
    int(unsafe { libc::sigprocmask(how, &raw const set, std::ptr::null_mut()) }).map(drop)
}

/// `int sigpending(sigset_t *set)`: which of `asked` are pending.
///
/// Errors and source: POSIX.1-2024 `sigpending()`.
pub fn sigpending(asked: &[i32]) -> Result<Vec<i32>> {
    let mut set = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: `sigpending` fills the set that it is given.
    int(unsafe { libc::sigpending(set.as_mut_ptr()) })?;
    // SAFETY: the call succeeded, and so has filled it.
    let set = unsafe { set.assume_init() };
    // SAFETY: `sigismember` only looks at an initialised set.
    let pending = |signal: &i32| unsafe { libc::sigismember(&raw const set, *signal) } == 1;
    Ok(asked.iter().copied().filter(pending).collect())
}

fn set_of(signals: &[i32]) -> Result<libc::sigset_t> {
    let mut set = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: `sigemptyset` initialises the set that it is given.
    unsafe { libc::sigemptyset(set.as_mut_ptr()) };
    // SAFETY: initialised by `sigemptyset`, which fails for no set.
    let mut set = unsafe { set.assume_init() };
    for signal in signals {
        // SAFETY: the set is initialised.
        int(unsafe { libc::sigaddset(&raw mut set, *signal) })?;
    }
    Ok(set)
}
