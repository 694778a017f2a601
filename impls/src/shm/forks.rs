//! Whether this is still the process that took something: a child has it too, and it is not its own.

use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};

use nix::libc;

/// How often this process is a child of one that had asked.
static FORKS: AtomicU32 = AtomicU32::new(0);

/// Counts forks from now on. A process that is made without the C library is not noticed.
pub(crate) fn watch() -> u32 {
    static HANDLER: Once = Once::new();
    extern "C" fn child() {
        FORKS.fetch_add(1, Ordering::Relaxed);
    }
    HANDLER.call_once(|| {
        // SAFETY: the handler may run in the child of a process with threads: it only counts.
        unsafe { libc::pthread_atfork(None, None, Some(child)) };
    });
    forks()
}

/// This process is a child that was made without the C library.
pub(crate) fn forked() {
    FORKS.fetch_add(1, Ordering::Relaxed);
}

/// A number that is another one in a child.
#[inline]
pub(crate) fn forks() -> u32 {
    FORKS.load(Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_has_another_number() {
        let before = watch();
        // SAFETY: the child calls nothing but what a handler of signals may call.
        let child = unsafe { libc::fork() };
        if child == 0 {
            // SAFETY: it ends the child.
            unsafe { libc::_exit(i32::from(forks() != before)) };
        }
        let mut status = 0;
        // SAFETY: the status is there to be written.
        unsafe { libc::waitpid(child, &raw mut status, 0) };
        assert!(libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 1, "{status:#x}");
        assert_eq!(forks(), before);
    }
}
