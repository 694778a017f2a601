//! Regular files: opened so that they come to be.

use std::ffi::CStr;
use std::os::fd::RawFd;

use nix::libc;

use crate::errno::{Result, int};

/// `int open(const char *path, int oflag, mode_t mode)` with `O_CREAT`: `flags` are further `O_*` bits,
/// `mode` are permission bits, less the caller's mask.
///
/// Errors and source: POSIX.1-2024 `open()`.
pub fn create(path: &CStr, flags: i32, mode: u32) -> Result<RawFd> {
    // SAFETY: the path ends with a zero byte and is only read.
    int(unsafe { libc::open(path.as_ptr(), flags | libc::O_CREAT, mode) })
}
