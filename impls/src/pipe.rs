//! Pipes.

use std::os::fd::RawFd;

use nix::libc;

use crate::errno::{Result, int, size as bytes};

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

/// `int fcntl(int fd, F_SETPIPE_SZ, int size)`: sets the capacity in bytes, and returns what it is then.
///
/// Errors and source: `F_SETPIPE_SZ(2const)` of Linux man-pages 6.9; not in POSIX.
#[doc(alias = "F_SETPIPE_SZ")]
pub fn set_capacity(fd: RawFd, size: i32) -> Result<i32> {
    // SAFETY: `F_SETPIPE_SZ` takes an `int`.
    int(unsafe { libc::fcntl(fd, libc::F_SETPIPE_SZ, size) })
}

/// `ssize_t splice(int fd_in, NULL, int fd_out, NULL, size_t size, unsigned int flags)`: moves bytes
/// from the one to the other, one of them a pipe at least; 0 is end of file.
///
/// Errors, `SIGPIPE` and source: `splice(2)` of Linux man-pages 6.9; not in POSIX.
pub fn splice(from: RawFd, to: RawFd, size: usize, flags: u32) -> Result<usize> {
    let no_offset = std::ptr::null_mut();
    // SAFETY: takes numbers; the offsets are not there.
    bytes(unsafe { libc::splice(from, no_offset, to, no_offset, size, flags) })
}

/// `ssize_t tee(int fd_in, int fd_out, size_t size, unsigned int flags)`: copies bytes from pipe to
/// pipe, and leaves them in the first; 0 is end of file.
///
/// Errors, `SIGPIPE` and source: `tee(2)` of Linux man-pages 6.9; not in POSIX.
pub fn tee(from: RawFd, to: RawFd, size: usize, flags: u32) -> Result<usize> {
    // SAFETY: takes numbers and no memory.
    bytes(unsafe { libc::tee(from, to, size, flags) })
}
