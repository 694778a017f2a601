//! Sockets on one machine: pairs, and those that are connected by name.

use std::ffi::CStr;
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

/// `int socket(AF_UNIX, int type, 0)`: `kind` as for [`socketpair`].
///
/// Errors and source: POSIX.1-2024 `socket()`.
pub fn socket(kind: i32) -> Result<RawFd> {
    // SAFETY: takes numbers and no memory.
    int(unsafe { libc::socket(libc::AF_UNIX, kind, 0) })
}

/// `int bind(int socket, const struct sockaddr *address, socklen_t address_len)`: the socket is called so.
///
/// Errors and source: POSIX.1-2024 `bind()`.
pub fn bind(fd: RawFd, name: &Name) -> Result<()> {
    let (address, len) = name.raw();
    // SAFETY: the pointer and the length are those of an address that is only read.
    int(unsafe { libc::bind(fd, address, len) }).map(drop)
}

/// `int listen(int socket, int backlog)`.
///
/// Errors and source: POSIX.1-2024 `listen()`.
pub fn listen(fd: RawFd, backlog: i32) -> Result<()> {
    // SAFETY: takes numbers and no memory.
    int(unsafe { libc::listen(fd, backlog) }).map(drop)
}

/// `int connect(int socket, const struct sockaddr *address, socklen_t address_len)`: to the socket that is
/// called so.
///
/// Errors and source: POSIX.1-2024 `connect()`.
pub fn connect(fd: RawFd, name: &Name) -> Result<()> {
    let (address, len) = name.raw();
    // SAFETY: the pointer and the length are those of an address that is only read.
    int(unsafe { libc::connect(fd, address, len) }).map(drop)
}

/// `int accept4(int socket, NULL, NULL, int flag)`: with `SOCK_*` flags for the new descriptor.
///
/// Errors and source: POSIX.1-2024 `accept()`.
#[doc(alias = "accept")]
pub fn accept4(fd: RawFd, flags: i32) -> Result<RawFd> {
    // SAFETY: without places for an address the call writes no memory.
    int(unsafe { libc::accept4(fd, std::ptr::null_mut(), std::ptr::null_mut(), flags) })
}

/// What a socket is called: a path, or on Linux a name in no directory (`unix(7)`, *abstract*).
pub struct Name {
    address: libc::sockaddr_un,
    len: libc::socklen_t,
}

impl Name {
    /// A path; `None` if it is longer than an address can be.
    pub fn path(path: &CStr) -> Option<Name> {
        Name::new(path.to_bytes_with_nul())
    }

    /// A name in no directory: any bytes, of which each counts; `None` if there are too many.
    pub fn nowhere(name: &[u8]) -> Option<Name> {
        Name::new(&[b"\0", name].concat())
    }

    fn new(bytes: &[u8]) -> Option<Name> {
        // SAFETY: all of its fields are numbers, and 0 is one.
        let mut address: libc::sockaddr_un = unsafe { std::mem::zeroed() };
        address.sun_family = libc::AF_UNIX as libc::sa_family_t;
        let place = address.sun_path.get_mut(..bytes.len())?;
        for (to, from) in place.iter_mut().zip(bytes) {
            *to = *from as libc::c_char;
        }
        let len = std::mem::offset_of!(libc::sockaddr_un, sun_path) + bytes.len();
        Some(Name { address, len: len as libc::socklen_t })
    }

    fn raw(&self) -> (*const libc::sockaddr, libc::socklen_t) {
        ((&raw const self.address).cast(), self.len)
    }
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

/// The most descriptors that one call passes on here.
pub const PASSED_MAX: usize = 16;

/// A control message with descriptors: they lie right behind its header, as `CMSG_DATA` has it.
#[repr(C)]
struct Control {
    header: libc::cmsghdr,
    fds: [RawFd; PASSED_MAX],
}

impl Control {
    fn new() -> Control {
        // SAFETY: a header is numbers, for which zero is a value.
        let header = unsafe { std::mem::zeroed() };
        Control { header, fds: [-1; PASSED_MAX] }
    }
}

/// The length of a control message with so many descriptors in it (`CMSG_LEN`).
const fn control_len(fds: usize) -> usize {
    std::mem::offset_of!(Control, fds) + fds * size_of::<RawFd>()
}

/// A message of one buffer and, where there is room for descriptors, a control message with as much.
fn message(iov: &mut libc::iovec, control: &mut Control, fds: usize) -> libc::msghdr {
    // SAFETY: a message is numbers and pointers, for which zero is a value.
    let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
    (message.msg_iov, message.msg_iovlen) = (iov, 1);
    if fds > 0 {
        message.msg_control = (&raw mut *control).cast();
        message.msg_controllen = control_len(fds) as _;
    }
    message
}

/// `ssize_t sendmsg(int socket, const struct msghdr *message, int flags)` with one buffer, and these
/// descriptors ([`PASSED_MAX`] at most) as `SCM_RIGHTS`: how many bytes were sent.
///
/// Errors, `SIGPIPE` and source: POSIX.1-2024 `sendmsg()`.
#[doc(alias = "SCM_RIGHTS")]
pub fn sendmsg(fd: RawFd, buffer: &mut [u8], passed: &[RawFd], flags: i32) -> Result<usize> {
    assert!(passed.len() <= PASSED_MAX, "{} descriptors are too many", passed.len());
    let mut control = Control::new();
    control.header.cmsg_len = control_len(passed.len()) as _;
    (control.header.cmsg_level, control.header.cmsg_type) = (libc::SOL_SOCKET, libc::SCM_RIGHTS);
    control.fds[..passed.len()].copy_from_slice(passed);
    let mut iov = libc::iovec { iov_base: buffer.as_mut_ptr().cast(), iov_len: buffer.len() };
    let message = message(&mut iov, &mut control, passed.len());
    // SAFETY: the message tells of a buffer that is only read, and of control data that are.
    size(unsafe { libc::sendmsg(fd, &raw const message, flags) })
}

/// What [`recvmsg`] received.
pub struct Message {
    /// How many bytes.
    pub len: usize,
    /// How many descriptors.
    pub passed: usize,
    /// What is said of it (`msg_flags`).
    pub flags: i32,
}

/// `ssize_t recvmsg(int socket, struct msghdr *message, int flags)` with one buffer, and room for as many
/// descriptors as `passed` has places ([`PASSED_MAX`] at most), which those that come are put into.
///
/// Errors and source: POSIX.1-2024 `recvmsg()`.
#[doc(alias = "SCM_RIGHTS")]
pub fn recvmsg(fd: RawFd, buffer: &mut [u8], passed: &mut [RawFd], flags: i32) -> Result<Message> {
    assert!(passed.len() <= PASSED_MAX, "{} descriptors are too many", passed.len());
    let mut control = Control::new();
    let mut iov = libc::iovec { iov_base: buffer.as_mut_ptr().cast(), iov_len: buffer.len() };
    let mut message = message(&mut iov, &mut control, passed.len());
    // SAFETY: the message tells of a buffer that nobody else has, and of one for control data.
    let len = size(unsafe { libc::recvmsg(fd, &raw mut message, flags) })?;
    // Where none came there is no header either.
    let told: usize = message.msg_controllen as _;
    let whole = told >= control_len(0) && control.header.cmsg_type == libc::SCM_RIGHTS;
    let bytes: usize = if whole { control.header.cmsg_len as _ } else { 0 };
    let came = (bytes.saturating_sub(control_len(0)) / size_of::<RawFd>()).min(passed.len());
    passed[..came].copy_from_slice(&control.fds[..came]);
    Ok(Message { len, passed: came, flags: message.msg_flags })
}
