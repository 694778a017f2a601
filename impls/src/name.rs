//! Names: what stands in directories, and who one is to files. Paths are relative to the working
//! directory unless they begin with `/`.

use std::ffi::CStr;
use std::os::fd::RawFd;

use nix::libc;

use crate::errno::{Result, int};

/// `int mkdir(const char *path, mode_t mode)`: `mode` are permission bits, less the caller's mask.
///
/// Errors and source: POSIX.1-2024 `mkdir()`.
pub fn mkdir(path: &CStr, mode: u32) -> Result<()> {
    // SAFETY: the path ends with a zero byte and is only read.
    int(unsafe { libc::mkdir(path.as_ptr(), mode) }).map(drop)
}

/// `int rmdir(const char *path)`.
///
/// Errors and source: POSIX.1-2024 `rmdir()`.
pub fn rmdir(path: &CStr) -> Result<()> {
    // SAFETY: the path ends with a zero byte and is only read.
    int(unsafe { libc::rmdir(path.as_ptr()) }).map(drop)
}

/// `int unlink(const char *path)`.
///
/// Errors and source: POSIX.1-2024 `unlink()`.
pub fn unlink(path: &CStr) -> Result<()> {
    // SAFETY: the path ends with a zero byte and is only read.
    int(unsafe { libc::unlink(path.as_ptr()) }).map(drop)
}

/// `int link(const char *path1, const char *path2)`: the second becomes a name of what the first names.
///
/// Errors and source: POSIX.1-2024 `link()`.
pub fn link(path: &CStr, new: &CStr) -> Result<()> {
    // SAFETY: both paths end with a zero byte and are only read.
    int(unsafe { libc::link(path.as_ptr(), new.as_ptr()) }).map(drop)
}

/// `int symlink(const char *path1, const char *path2)`: the second stands for the text of the first.
///
/// Errors and source: POSIX.1-2024 `symlink()`.
pub fn symlink(target: &CStr, new: &CStr) -> Result<()> {
    // SAFETY: both paths end with a zero byte and are only read.
    int(unsafe { libc::symlink(target.as_ptr(), new.as_ptr()) }).map(drop)
}

/// `int rename(const char *old, const char *new)`.
///
/// Errors and source: POSIX.1-2024 `rename()`.
pub fn rename(old: &CStr, new: &CStr) -> Result<()> {
    // SAFETY: both paths end with a zero byte and are only read.
    int(unsafe { libc::rename(old.as_ptr(), new.as_ptr()) }).map(drop)
}

/// `int truncate(const char *path, off_t length)`: `length` in bytes.
///
/// Errors and source: POSIX.1-2024 `truncate()`.
pub fn truncate(path: &CStr, length: i64) -> Result<()> {
    // SAFETY: the path ends with a zero byte and is only read.
    int(unsafe { libc::truncate(path.as_ptr(), length) }).map(drop)
}

/// `int stat(const char *path, struct stat *buf)`: the permission bits, `st_mode & 0777`.
///
/// Errors and source: POSIX.1-2024 `stat()`.
pub fn mode(path: &CStr) -> Result<u32> {
    let mut stat = std::mem::MaybeUninit::<libc::stat>::uninit();
    // SAFETY: the path ends with a zero byte, and the pointer is to a `stat` that the call may fill.
    int(unsafe { libc::stat(path.as_ptr(), stat.as_mut_ptr()) })?;
    // SAFETY: `stat` succeeded, and so has filled it.
    Ok(unsafe { stat.assume_init() }.st_mode & 0o777)
}

/// `int fchmod(int fildes, mode_t mode)`: `mode` are permission bits.
///
/// Errors and source: POSIX.1-2024 `fchmod()`.
pub fn fchmod(fd: RawFd, mode: u32) -> Result<()> {
    // SAFETY: takes numbers and no memory.
    int(unsafe { libc::fchmod(fd, mode) }).map(drop)
}

/// `mode_t umask(mode_t cmask)`: the mask until now. It cannot fail.
///
/// Source: POSIX.1-2024 `umask()`.
pub fn umask(mask: u32) -> u32 {
    // SAFETY: takes a number and no memory.
    unsafe { libc::umask(mask) }
}

/// Makes the process the user and group `id` and nothing else, for good: `setgroups`, `setresgid`,
/// `setresuid`.
///
/// Errors: `EPERM` without privilege. Source: POSIX.1-2024 `setresuid()`, `setresgid()`; `setgroups(2)`
/// of Linux man-pages 6.9.
pub fn become_user(id: u32) -> Result<()> {
    // SAFETY: no group is read from a list of length 0.
    int(unsafe { libc::setgroups(0, std::ptr::null()) })?;
    // SAFETY: takes numbers and no memory.
    int(unsafe { libc::setresgid(id, id, id) })?;
    // SAFETY: takes numbers and no memory.
    int(unsafe { libc::setresuid(id, id, id) }).map(drop)
}

/// `int mount(const char *source, const char *target, NULL, MS_BIND, NULL)`: the directory `source` is
/// seen at the place of the directory `target` too, by all in the caller's mount namespace.
///
/// Errors and source: `mount(2)` of Linux man-pages 6.9; not in POSIX.
pub fn bind(source: &CStr, target: &CStr) -> Result<()> {
    // SAFETY: both paths end with a zero byte and are only read; null is allowed for the others.
    int(unsafe {
        libc::mount(
            source.as_ptr(),
            target.as_ptr(),
            std::ptr::null(),
            libc::MS_BIND,
            std::ptr::null(),
        )
    })
    .map(drop)
}

/// `int mount(NULL, const char *target, NULL, MS_BIND|MS_REMOUNT|flags, NULL)`: what is seen by that
/// mount, and by no other, has these `MS_*` flags from now on.
///
/// Errors and source: `mount(2)` of Linux man-pages 6.9; not in POSIX.
pub fn remount(target: &CStr, flags: libc::c_ulong) -> Result<()> {
    // SAFETY: the path ends with a zero byte and is only read; null is allowed for the others.
    int(unsafe {
        libc::mount(
            std::ptr::null(),
            target.as_ptr(),
            std::ptr::null(),
            libc::MS_BIND | libc::MS_REMOUNT | flags,
            std::ptr::null(),
        )
    })
    .map(drop)
}

/// `int unshare(CLONE_NEWNS)`: the process has what is mounted to itself from now on.
///
/// Errors and source: `unshare(2)` of Linux man-pages 6.9; not in POSIX.
pub fn unshare_mounts() -> Result<()> {
    // SAFETY: takes a number and no memory.
    int(unsafe { libc::unshare(libc::CLONE_NEWNS) }).map(drop)
}
