//! Event counters; not in POSIX.

use std::os::fd::RawFd;

use nix::libc;

use crate::errno::{Result, int, size};

/// `int eventfd(unsigned int initval, int flags)`: `flags` are `EFD_*` bits.
///
/// Errors and source: `eventfd(2)` of Linux man-pages 6.9; not in POSIX.
pub fn eventfd(initval: u32, flags: i32) -> Result<RawFd> {
    // SAFETY: takes numbers and no memory.
    int(unsafe { libc::eventfd(initval, flags) })
}

/// `int eventfd_read(int fd, eventfd_t *value)`: the value, read as eight bytes; how many came is not
/// looked at, as the library does not tell it either.
///
/// Errors and source: `eventfd(2)` of Linux man-pages 6.9; not in POSIX.
pub fn eventfd_read(fd: RawFd) -> Result<u64> {
    let mut value = 0_u64;
    // SAFETY: the pointer is to eight bytes that the call may fill.
    size(unsafe { libc::read(fd, (&raw mut value).cast(), size_of::<u64>()) })?;
    Ok(value)
}

/// `int eventfd_write(int fd, eventfd_t value)`: the value, written as eight bytes.
///
/// Errors and source: `eventfd(2)` of Linux man-pages 6.9; not in POSIX.
pub fn eventfd_write(fd: RawFd, value: u64) -> Result<()> {
    // SAFETY: the pointer is to eight bytes that are only read.
    size(unsafe { libc::write(fd, (&raw const value).cast(), size_of::<u64>()) }).map(drop)
}
