//! Mappings of memory.

use nix::libc;

use crate::errno::{Errno, Result, int};

/// `void *mmap(void *addr, size_t len, int prot, int flags, int fildes, off_t off)`, for its success:
/// with `MAP_FIXED` what it gives is `addr`.
///
/// Errors and source: POSIX.1-2024 `mmap()`.
///
/// # Safety
///
/// Nothing that anybody relies on lies in `addr..addr + len`, whole pages.
pub unsafe fn mmap(
    addr: usize,
    len: usize,
    prot: i32,
    flags: i32,
    fildes: i32,
    off: i64,
) -> Result<()> {
    // SAFETY: the caller has nothing there.
    let at = unsafe { libc::mmap(addr as *mut libc::c_void, len, prot, flags, fildes, off) };
    if at == libc::MAP_FAILED { Err(Errno::last()) } else { Ok(()) }
}

/// `int mprotect(void *addr, size_t len, int prot)`.
///
/// Errors and source: POSIX.1-2024 `mprotect()`.
///
/// # Safety
///
/// As for [`mmap`].
pub unsafe fn mprotect(addr: usize, len: usize, prot: i32) -> Result<()> {
    // SAFETY: the caller has nothing there.
    int(unsafe { libc::mprotect(addr as *mut libc::c_void, len, prot) }).map(drop)
}

/// `int msync(void *addr, size_t len, int flags)`.
///
/// Errors and source: POSIX.1-2024 `msync()`.
///
/// # Safety
///
/// As for [`mmap`]: `MS_INVALIDATE` may change what is there.
pub unsafe fn msync(addr: usize, len: usize, flags: i32) -> Result<()> {
    // SAFETY: the caller has nothing there.
    int(unsafe { libc::msync(addr as *mut libc::c_void, len, flags) }).map(drop)
}

/// `int munmap(void *addr, size_t len)`.
///
/// Errors and source: POSIX.1-2024 `munmap()`.
///
/// # Safety
///
/// As for [`mmap`].
pub unsafe fn munmap(addr: usize, len: usize) -> Result<()> {
    // SAFETY: the caller has nothing there.
    int(unsafe { libc::munmap(addr as *mut libc::c_void, len) }).map(drop)
}
