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

/// `void *mmap(NULL, size_t len, int prot, int flags, int fildes, off_t off)`: where the system likes; gives
/// the address.
///
/// Errors and source: POSIX.1-2024 `mmap()`.
pub fn mmap_anywhere(len: usize, prot: i32, flags: i32, fildes: i32, off: i64) -> Result<usize> {
    let flags = flags & !libc::MAP_FIXED;
    // SAFETY: without `MAP_FIXED` nothing that is mapped is replaced.
    let at = unsafe { libc::mmap(std::ptr::null_mut(), len, prot, flags, fildes, off) };
    if at == libc::MAP_FAILED { Err(Errno::last()) } else { Ok(at.addr()) }
}

/// `void *mremap(void *old_address, size_t old_size, size_t new_size, int flags, void *new_address)`: gives
/// the address; `new` is looked at with `MREMAP_FIXED` alone.
///
/// Errors and source: `mremap(2)` of Linux man-pages 6.9; not in POSIX.
///
/// # Safety
///
/// As for [`mmap`], of the old place and, with `MREMAP_FIXED`, of the new one.
pub unsafe fn mremap(
    (old, old_len): (usize, usize),
    new_len: usize,
    flags: i32,
    new: usize,
) -> Result<usize> {
    let (old, new) = (old as *mut libc::c_void, new as *mut libc::c_void);
    // SAFETY: the caller has nothing in either place.
    let at = unsafe { libc::mremap(old, old_len, new_len, flags, new) };
    if at == libc::MAP_FAILED { Err(Errno::last()) } else { Ok(at.addr()) }
}
