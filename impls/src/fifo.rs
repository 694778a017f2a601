//! FIFOs: made, and opened like any file.

use std::ffi::CStr;
use std::os::fd::RawFd;

use nix::libc;

use crate::errno::{Result, int};

/// `int mkfifo(const char *path, mode_t mode)`: `mode` are permission bits, less the caller's mask.
///
/// Errors and source: POSIX.1-2024 `mkfifo()`.
pub fn mkfifo(path: &CStr, mode: u32) -> Result<()> {
    // SAFETY: the path ends with a zero byte and is only read.
    int(unsafe { libc::mkfifo(path.as_ptr(), mode) }).map(drop)
}

/// `int open(const char *path, int oflag)`: `flags` are `O_*` bits, without `O_CREAT`.
///
/// Errors and source: POSIX.1-2024 `open()`.
pub fn open(path: &CStr, flags: i32) -> Result<RawFd> {
    // SAFETY: the path ends with a zero byte and is only read; without `O_CREAT` there is no mode.
    int(unsafe { libc::open(path.as_ptr(), flags & !libc::O_CREAT) })
}
