//! Control channels: connected `SOCK_SEQPACKET` sockets, one message a packet.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd, RawFd};

use nix::errno::Errno;
use nix::sys::socket::{AddressFamily, MsgFlags, SockFlag, SockType, recv, send, socketpair};

/// What a channel had for its reader.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Received {
    /// A message of so many bytes.
    Message(usize),
    /// Nothing for now.
    Nothing,
    /// The other end is gone.
    Closed,
}

/// Two connected ends, both close-on-exec.
pub fn pair() -> io::Result<(OwnedFd, OwnedFd)> {
    Ok(socketpair(AddressFamily::Unix, SockType::SeqPacket, None, SockFlag::SOCK_CLOEXEC)?)
}

/// Sends one message. `SIGPIPE` is never raised: its disposition is none of the harness's business.
pub fn put(fd: RawFd, message: &[u8]) -> io::Result<()> {
    loop {
        match send(fd, message, MsgFlags::MSG_NOSIGNAL) {
            Err(Errno::EINTR) => {}
            other => return Ok(other.map(drop)?),
        }
    }
}

/// Waits for one message.
pub fn get(fd: RawFd, buffer: &mut [u8]) -> io::Result<Received> {
    receive(fd, buffer, MsgFlags::empty())
}

/// Takes one message if there is one.
pub fn try_get(fd: RawFd, buffer: &mut [u8]) -> io::Result<Received> {
    receive(fd, buffer, MsgFlags::MSG_DONTWAIT)
}

fn receive(fd: RawFd, buffer: &mut [u8], flags: MsgFlags) -> io::Result<Received> {
    loop {
        return match recv(fd, buffer, flags) {
            Ok(0) | Err(Errno::ECONNRESET) => Ok(Received::Closed),
            Ok(n) => Ok(Received::Message(n)),
            Err(Errno::EAGAIN) => Ok(Received::Nothing),
            Err(Errno::EINTR) => continue,
            Err(errno) => Err(errno.into()),
        };
    }
}

/// Sends one byte with descriptors beside it.
pub fn put_fds(fd: BorrowedFd<'_>, fds: &[RawFd]) -> io::Result<()> {
    use nix::sys::socket::{ControlMessage, sendmsg};
    let rights = [ControlMessage::ScmRights(fds)];
    let byte = [io::IoSlice::new(&[0])];
    sendmsg::<()>(fd.as_raw_fd(), &byte, &rights, MsgFlags::MSG_NOSIGNAL, None)?;
    Ok(())
}

/// Waits for what [`put_fds`] sends, at most `N` descriptors; they are close-on-exec.
pub fn get_fds(fd: RawFd) -> io::Result<Vec<OwnedFd>> {
    use nix::sys::socket::{ControlMessageOwned, recvmsg};
    use std::os::fd::FromRawFd;
    let mut byte = [0];
    let mut parts = [io::IoSliceMut::new(&mut byte)];
    let mut space = nix::cmsg_space!([RawFd; 64]);
    let message = recvmsg::<()>(fd, &mut parts, Some(&mut space), MsgFlags::MSG_CMSG_CLOEXEC)?;
    let mut received = Vec::new();
    for control in message.cmsgs()? {
        if let ControlMessageOwned::ScmRights(fds) = control {
            // SAFETY: the kernel has just installed these descriptors for us, nobody else knows them.
            received.extend(fds.into_iter().map(|fd| unsafe { OwnedFd::from_raw_fd(fd) }));
        }
    }
    Ok(received)
}
