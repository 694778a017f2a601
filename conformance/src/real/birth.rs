//! How agents are born: `fork`, by the system call that the C library's `fork()` makes.
//!
//! What the library does around it is for processes with threads, handlers and buffered output, of
//! which agents have none; and each page that it writes to must be copied, in parent and child.

use ipc_impls::errno::Errno;
use ipc_impls::process::Forked;
use nix::libc;

/// `fork()` without the C library's part in it.
///
/// # Safety
///
/// As for [`ipc_impls::process::fork`]; and no handler of `pthread_atfork` is run.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64"))]
pub(super) unsafe fn fork() -> Result<Forked, Errno> {
    // SAFETY: no memory is shared, and the child goes on with a copy of this stack. On these
    // architectures the flags come first.
    match unsafe {
        libc::syscall(libc::SYS_clone, libc::SIGCHLD as usize, 0_usize, 0_usize, 0_usize, 0_usize)
    } {
        -1 => Err(Errno::last()),
        0 => Ok(Forked::Child),
        pid => Ok(Forked::Parent(pid as libc::pid_t)),
    }
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64")))]
pub(super) use ipc_impls::process::fork;
