//! Files of memory: shared memory objects by name, and such without one.

use std::ffi::CStr;
use std::os::fd::RawFd;

use nix::libc;

use crate::errno::{Result, int};

/// `int memfd_create(const char *name, unsigned int flags)`: `flags` are `MFD_*` bits.
///
/// Errors and source: `memfd_create(2)` of Linux man-pages 6.9; not in POSIX.
pub fn memfd_create(name: &CStr, flags: u32) -> Result<RawFd> {
    // SAFETY: the name ends with a zero byte and is only read.
    int(unsafe { libc::memfd_create(name.as_ptr(), flags) })
}

/// `int shm_open(const char *name, int oflag, mode_t mode)`: `flags` are `O_*` bits, `mode` are
/// permission bits, less the caller's mask.
///
/// Errors and source: POSIX.1-2024 `shm_open()`.
pub fn shm_open(name: &CStr, flags: i32, mode: u32) -> Result<RawFd> {
    // SAFETY: the name ends with a zero byte and is only read.
    int(unsafe { libc::shm_open(name.as_ptr(), flags, mode) })
}

/// `int shm_unlink(const char *name)`.
///
/// Errors and source: POSIX.1-2024 `shm_unlink()`.
pub fn shm_unlink(name: &CStr) -> Result<()> {
    // SAFETY: the name ends with a zero byte and is only read.
    int(unsafe { libc::shm_unlink(name.as_ptr()) }).map(drop)
}

/// `int fcntl(int fildes, F_ADD_SEALS, int seals)`: `seals` are `F_SEAL_*` bits.
///
/// Errors and source: `fcntl(2)` of Linux man-pages 6.9; not in POSIX.
pub fn add_seals(fd: RawFd, seals: i32) -> Result<()> {
    // SAFETY: takes numbers and no memory.
    int(unsafe { libc::fcntl(fd, libc::F_ADD_SEALS, seals) }).map(drop)
}

/// `int fcntl(int fildes, F_GET_SEALS)`, as `F_SEAL_*` bits.
///
/// Errors and source: `fcntl(2)` of Linux man-pages 6.9; not in POSIX.
pub fn seals(fd: RawFd) -> Result<i32> {
    // SAFETY: takes numbers and no memory.
    int(unsafe { libc::fcntl(fd, libc::F_GET_SEALS) })
}
