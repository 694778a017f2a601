//! Descriptors: the table, `dup`, flags, and the calls that every object answers.

use std::io::{IoSlice, IoSliceMut};
use std::os::fd::RawFd;

use nix::libc;

use crate::errno::{Result, int, size};

/// `ssize_t read(int fildes, void *buf, size_t nbyte)`: up to `buffer.len()` bytes; 0 is end of file.
///
/// Errors and source: POSIX.1-2024 `read()`.
pub fn read(fd: RawFd, buffer: &mut [u8]) -> Result<usize> {
    // SAFETY: the pointer and the length are those of one exclusively borrowed slice.
    size(unsafe { libc::read(fd, buffer.as_mut_ptr().cast(), buffer.len()) })
}

/// `ssize_t readv(int fildes, const struct iovec *iov, int iovcnt)`: fills the buffers in order; 0 is
/// end of file.
///
/// Errors and source: POSIX.1-2024 `readv()`.
pub fn readv(fd: RawFd, buffers: &mut [IoSliceMut<'_>]) -> Result<usize> {
    // SAFETY: `IoSliceMut` has the layout of `iovec`, and each names an exclusively borrowed slice.
    size(unsafe { libc::readv(fd, buffers.as_ptr().cast(), buffers.len() as i32) })
}

/// `ssize_t write(int fildes, const void *buf, size_t nbyte)`: how many bytes went, from the first on.
///
/// Errors, `SIGPIPE` and source: POSIX.1-2024 `write()`.
pub fn write(fd: RawFd, buffer: &[u8]) -> Result<usize> {
    // SAFETY: the pointer and the length are those of one borrowed slice.
    size(unsafe { libc::write(fd, buffer.as_ptr().cast(), buffer.len()) })
}

/// `ssize_t writev(int fildes, const struct iovec *iov, int iovcnt)`: how many bytes went, in order.
///
/// Errors, `SIGPIPE` and source: POSIX.1-2024 `writev()`.
pub fn writev(fd: RawFd, buffers: &[IoSlice<'_>]) -> Result<usize> {
    // SAFETY: `IoSlice` has the layout of `iovec`, and each names a borrowed slice.
    size(unsafe { libc::writev(fd, buffers.as_ptr().cast(), buffers.len() as i32) })
}

/// `int close(int fildes)`.
///
/// Errors and source: POSIX.1-2024 `close()`.
pub fn close(fd: RawFd) -> Result<()> {
    // SAFETY: takes a number and no memory; that the number is meant is the caller's business.
    int(unsafe { libc::close(fd) }).map(drop)
}

/// `int dup(int fildes)`: the lowest free number, for the same open file description.
///
/// Errors and source: POSIX.1-2024 `dup()`.
pub fn dup(fd: RawFd) -> Result<RawFd> {
    // SAFETY: takes a number and no memory.
    int(unsafe { libc::dup(fd) })
}

/// `int dup2(int fildes, int fildes2)`: `target`, which is closed first if it was open.
///
/// Errors and source: POSIX.1-2024 `dup2()`.
pub fn dup2(fd: RawFd, target: RawFd) -> Result<RawFd> {
    // SAFETY: takes numbers and no memory.
    int(unsafe { libc::dup2(fd, target) })
}

/// `int dup3(int fildes, int fildes2, int flag)`: as [`dup2`], with `O_CLOEXEC` in `flags` for the new
/// descriptor; the same number twice is `EINVAL`.
///
/// Errors and source: POSIX.1-2024 `dup3()`.
pub fn dup3(fd: RawFd, target: RawFd, flags: i32) -> Result<RawFd> {
    // SAFETY: takes numbers and no memory.
    int(unsafe { libc::dup3(fd, target, flags) })
}

/// `int fcntl(int fildes, F_GETFL)`: access mode and status flags, as `O_*` bits.
///
/// Errors and source: POSIX.1-2024 `fcntl()`.
pub fn getfl(fd: RawFd) -> Result<i32> {
    // SAFETY: `F_GETFL` takes no third argument.
    int(unsafe { libc::fcntl(fd, libc::F_GETFL) })
}

/// `int fcntl(int fildes, F_SETFL, int flags)`: status flags, as `O_*` bits; they are the description's.
///
/// Errors and source: POSIX.1-2024 `fcntl()`.
pub fn setfl(fd: RawFd, flags: i32) -> Result<()> {
    // SAFETY: `F_SETFL` takes an `int`.
    int(unsafe { libc::fcntl(fd, libc::F_SETFL, flags) }).map(drop)
}

/// `int fcntl(int fildes, F_GETFD)`: the descriptor's own flags, as `FD_*` bits.
///
/// Errors and source: POSIX.1-2024 `fcntl()`.
pub fn getfd(fd: RawFd) -> Result<i32> {
    // SAFETY: `F_GETFD` takes no third argument.
    int(unsafe { libc::fcntl(fd, libc::F_GETFD) })
}

/// `int fcntl(int fildes, F_SETFD, int flags)`: the descriptor's own flags, as `FD_*` bits.
///
/// Errors and source: POSIX.1-2024 `fcntl()`.
pub fn setfd(fd: RawFd, flags: i32) -> Result<()> {
    // SAFETY: `F_SETFD` takes an `int`.
    int(unsafe { libc::fcntl(fd, libc::F_SETFD, flags) }).map(drop)
}

/// `int fstat(int fildes, struct stat *buf)`: the file type, `st_mode & S_IFMT`.
///
/// Errors and source: POSIX.1-2024 `fstat()`.
pub fn file_type(fd: RawFd) -> Result<libc::mode_t> {
    Ok(fstat(fd)?.st_mode & libc::S_IFMT)
}

/// `int fstat(int fildes, struct stat *buf)`: the size in bytes, `st_size`.
///
/// Errors and source: POSIX.1-2024 `fstat()`.
pub fn file_size(fd: RawFd) -> Result<i64> {
    Ok(fstat(fd)?.st_size)
}

/// `int fstat(int fildes, struct stat *buf)`: when the file was last read and written, `st_atim` and
/// `st_mtim`, in seconds.
///
/// Errors and source: POSIX.1-2024 `fstat()`.
pub fn file_times(fd: RawFd) -> Result<[i64; 2]> {
    let stat = fstat(fd)?;
    Ok([stat.st_atime, stat.st_mtime])
}

/// `int futimens(int fildes, const struct timespec times[2])`: when the file was last read and written,
/// in seconds.
///
/// Errors and source: POSIX.1-2024 `futimens()`.
pub fn set_file_times(fd: RawFd, seconds: [i64; 2]) -> Result<()> {
    let times = seconds.map(|tv_sec| libc::timespec { tv_sec, tv_nsec: 0 });
    // SAFETY: the pointer is to two times, which are only read.
    int(unsafe { libc::futimens(fd, times.as_ptr()) }).map(drop)
}

fn fstat(fd: RawFd) -> Result<libc::stat> {
    let mut stat = std::mem::MaybeUninit::<libc::stat>::uninit();
    // SAFETY: the pointer is to a `stat` that the call may fill.
    int(unsafe { libc::fstat(fd, stat.as_mut_ptr()) })?;
    // SAFETY: `fstat` succeeded, and so has filled it.
    Ok(unsafe { stat.assume_init() })
}

/// `off_t lseek(int fildes, off_t offset, int whence)`: the new offset in bytes.
///
/// Errors and source: POSIX.1-2024 `lseek()`.
pub fn lseek(fd: RawFd, offset: i64, whence: i32) -> Result<i64> {
    // SAFETY: takes numbers and no memory.
    let returned = unsafe { libc::lseek(fd, offset, whence) };
    if returned == -1 { Err(crate::errno::Errno::last()) } else { Ok(returned) }
}

/// `ssize_t pread(int fildes, void *buf, size_t nbyte, off_t offset)`: as [`read`], from `offset` on.
///
/// Errors and source: POSIX.1-2024 `pread()`.
pub fn pread(fd: RawFd, buffer: &mut [u8], offset: i64) -> Result<usize> {
    // SAFETY: the pointer and the length are those of one exclusively borrowed slice.
    size(unsafe { libc::pread(fd, buffer.as_mut_ptr().cast(), buffer.len(), offset) })
}

/// `ssize_t pwrite(int fildes, const void *buf, size_t nbyte, off_t offset)`: as [`write`], from
/// `offset` on.
///
/// Errors and source: POSIX.1-2024 `pwrite()`.
pub fn pwrite(fd: RawFd, buffer: &[u8], offset: i64) -> Result<usize> {
    // SAFETY: the pointer and the length are those of one borrowed slice.
    size(unsafe { libc::pwrite(fd, buffer.as_ptr().cast(), buffer.len(), offset) })
}

/// `int ftruncate(int fildes, off_t length)`.
///
/// Errors and source: POSIX.1-2024 `ftruncate()`.
pub fn ftruncate(fd: RawFd, length: i64) -> Result<()> {
    // SAFETY: takes numbers and no memory.
    int(unsafe { libc::ftruncate(fd, length) }).map(drop)
}

/// `int ioctl(int fd, FIONREAD, int *n)`: how many bytes are stored and not yet read.
///
/// Errors and source: `ioctl_tty(2)` and `pipe(7)` of Linux man-pages 6.9; not in POSIX.
#[doc(alias = "FIONREAD")]
pub fn fionread(fd: RawFd) -> Result<i32> {
    let mut stored = 0;
    // SAFETY: `FIONREAD` writes one `int` through its argument.
    int(unsafe { libc::ioctl(fd, libc::FIONREAD, &raw mut stored) })?;
    Ok(stored)
}
