//! Pipes.

use std::os::fd::RawFd;

use nix::libc;

use crate::errno::{Result, int};

/// `int pipe(int fildes[2])`: the read end and the write end.
///
/// Errors and source: POSIX.1-2024 `pipe()`.
pub fn pipe() -> Result<[RawFd; 2]> {
    let mut fds = [-1; 2];
    // SAFETY: `pipe` writes two `int`s.
    int(unsafe { libc::pipe(fds.as_mut_ptr()) })?;
    Ok(fds)
}

/// `int pipe2(int fildes[2], int flag)`: as [`pipe()`], with `O_*` bits for both ends.
///
/// Errors and source: POSIX.1-2024 `pipe2()`.
pub fn pipe2(flags: i32) -> Result<[RawFd; 2]> {
    let mut fds = [-1; 2];
    // SAFETY: `pipe2` writes two `int`s.
    int(unsafe { libc::pipe2(fds.as_mut_ptr(), flags) })?;
    Ok(fds)
}

/// `int fcntl(int fd, F_GETPIPE_SZ)`: the capacity in bytes.
///
/// Errors and source: `F_GETPIPE_SZ(2const)` of Linux man-pages 6.9; not in POSIX.
#[doc(alias = "F_GETPIPE_SZ")]
pub fn capacity(fd: RawFd) -> Result<i32> {
    // SAFETY: `F_GETPIPE_SZ` takes no third argument.
    int(unsafe { libc::fcntl(fd, libc::F_GETPIPE_SZ) })
}
