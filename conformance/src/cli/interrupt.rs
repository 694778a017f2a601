//! Ctrl-C: the first one asks for an orderly end, the second one ends at once.

use std::sync::atomic::{AtomicBool, Ordering};

use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

extern "C" fn note(_: nix::libc::c_int) {
    INTERRUPTED.store(true, Ordering::Relaxed);
}

/// From now on the first `SIGINT` or `SIGTERM` only sets what this gives. What is started by `exec`
/// does not inherit it.
pub(super) fn listen() -> &'static AtomicBool {
    let flags = SaFlags::SA_RESTART | SaFlags::SA_RESETHAND;
    let action = SigAction::new(SigHandler::Handler(note), flags, SigSet::empty());
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        // SAFETY: the handler only stores to an atomic, which is safe in a handler of signals.
        // Without the handler the signal ends the program, as it always has: an error changes nothing.
        let _ = unsafe { sigaction(signal, &action) };
    }
    &INTERRUPTED
}
