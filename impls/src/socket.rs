//! Sockets: connected pairs on one machine.

use std::os::fd::RawFd;

use nix::libc;

use crate::errno::{Result, int, size};

/// `int socketpair(AF_UNIX, int type, 0, int socket_vector[2])`: `kind` is `SOCK_STREAM`, `SOCK_DGRAM` or
/// `SOCK_SEQPACKET`, with `SOCK_*` flags.
///
/// Errors and source: POSIX.1-2024 `socketpair()`.
pub fn socketpair(kind: i32) -> Result<[RawFd; 2]> {
    let mut fds = [-1; 2];
    // SAFETY: `socketpair` writes two `int`s.
    int(unsafe { libc::socketpair(libc::AF_UNIX, kind, 0, fds.as_mut_ptr()) })?;
    Ok(fds)
}

/// `ssize_t send(int socket, const void *buffer, size_t length, int flags)`: how many bytes were sent.
///
/// Errors, `SIGPIPE` and source: POSIX.1-2024 `send()`.
pub fn send(fd: RawFd, buffer: &[u8], flags: i32) -> Result<usize> {
    // SAFETY: the pointer and the length are those of a slice that is only read.
    size(unsafe { libc::send(fd, buffer.as_ptr().cast(), buffer.len(), flags) })
}

/// `ssize_t recv(int socket, void *buffer, size_t length, int flags)`: how many bytes were received; 0 is
/// the end, or a message of no bytes.
///
/// Errors and source: POSIX.1-2024 `recv()`.
pub fn recv(fd: RawFd, buffer: &mut [u8], flags: i32) -> Result<usize> {
    // SAFETY: the pointer and the length are those of a slice that nobody else has.
    size(unsafe { libc::recv(fd, buffer.as_mut_ptr().cast(), buffer.len(), flags) })
}

/// `int shutdown(int socket, int how)`: `how` is `SHUT_RD`, `SHUT_WR` or `SHUT_RDWR`.
///
/// Errors and source: POSIX.1-2024 `shutdown()`.
pub fn shutdown(fd: RawFd, how: i32) -> Result<()> {
    // SAFETY: takes numbers and no memory.
    int(unsafe { libc::shutdown(fd, how) }).map(drop)
}

/// `int getsockopt(int socket, SOL_SOCKET, SO_SNDBUF, int *value, socklen_t *size)`: how much of what was
/// sent may be unreceived, as the system counts it.
///
/// Errors and source: POSIX.1-2024 `getsockopt()`.
#[doc(alias = "SO_SNDBUF")]
pub fn send_buffer(fd: RawFd) -> Result<i32> {
    let (mut value, mut len) = (0_i32, size_of::<i32>() as libc::socklen_t);
    let (level, option) = (libc::SOL_SOCKET, libc::SO_SNDBUF);
    // SAFETY: the value is an `int`, and its size is said.
    int(unsafe { libc::getsockopt(fd, level, option, (&raw mut value).cast(), &raw mut len) })?;
    Ok(value)
}

/// `int setsockopt(int socket, SOL_SOCKET, SO_SNDBUF, const int *value, sizeof(int))`: Linux doubles the
/// value (`socket(7)`).
///
/// Errors and source: POSIX.1-2024 `setsockopt()`.
#[doc(alias = "SO_SNDBUF")]
pub fn set_send_buffer(fd: RawFd, value: i32) -> Result<()> {
    let (level, option) = (libc::SOL_SOCKET, libc::SO_SNDBUF);
    let size = size_of::<i32>() as libc::socklen_t;
    // SAFETY: the value is an `int`, and its size is said.
    int(unsafe { libc::setsockopt(fd, level, option, (&raw const value).cast(), size) }).map(drop)
}
