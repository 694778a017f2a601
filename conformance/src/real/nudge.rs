//! How a sleeping agent is got out of its call once its program is over: a signal with a handler that
//! does nothing makes the call return, and the agent is as good as new for less than another would cost.
//!
//! The signal is one that is ignored by default, for behind `exec` there is no handler until the agent
//! is there; that no program of ours can name, block or ask about; and that nobody else sends.

use nix::libc;

use super::life::Life;

const SIGNAL: libc::c_int = libc::SIGURG;

/// From now on a nudge makes a sleeping call of this process return.
pub(super) fn be_roused() {
    extern "C" fn nothing(_: libc::c_int) {}
    // SAFETY: all zeros is a valid `sigaction`: an empty mask, and no `SA_RESTART`.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = nothing as *const () as libc::sighandler_t;
    // SAFETY: the handler does nothing, which it may do anywhere.
    unsafe { libc::sigaction(SIGNAL, &raw const action, std::ptr::null_mut()) };
}

/// Nudges a process that sleeps in a call.
pub(super) fn rouse(life: &Life) {
    life.signal(SIGNAL);
}
