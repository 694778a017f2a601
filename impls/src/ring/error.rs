//! What can go wrong with a ring.

use std::fmt;
use std::io;

use crate::errno::Errno;
use crate::shm::AttachError;

/// Why a side cannot be taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum OpenError {
    /// The ring cannot be mapped.
    Attach(AttachError),
    /// A process that lives has that side, or all lanes.
    Taken,
    /// That side has closed, and that is for good.
    Closed,
    /// The positions cannot be.
    Corrupt,
}

/// Why nothing was sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum SendError {
    /// There is no room now (`EAGAIN`).
    Full,
    /// There was no room until the deadline (`ETIMEDOUT`).
    TimedOut,
    /// The message is longer than any that fits (`EMSGSIZE`).
    TooLong,
    /// The consumer has closed (`EPIPE`).
    Closed,
    /// The consumer has died, and the ring is full (`ECONNRESET`).
    PeerDied,
    /// The consumer does not keep to the protocol (`EBADMSG`).
    PeerCorrupt,
}

/// Why nothing was received.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum RecvError {
    /// There is nothing now (`EAGAIN`).
    Empty,
    /// There was nothing until the deadline (`ETIMEDOUT`).
    TimedOut,
    /// The producer has died, and all that it had sent was received (`ECONNRESET`).
    PeerDied,
    /// The producer does not keep to the protocol (`EBADMSG`).
    PeerCorrupt,
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OpenError::Attach(error) => error.fmt(f),
            OpenError::Taken => f.write_str("a living process has that side of the ring"),
            OpenError::Closed => f.write_str("that side of the ring has closed"),
            OpenError::Corrupt => f.write_str("the ring tells impossible positions"),
        }
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SendError::Full => "the ring is full",
            SendError::TimedOut => "the ring was full until the deadline",
            SendError::TooLong => "the message is longer than half of the ring",
            SendError::Closed => "the consumer has closed",
            SendError::PeerDied => "the consumer has died",
            SendError::PeerCorrupt => "the consumer does not keep to the protocol",
        })
    }
}

impl fmt::Display for RecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            RecvError::Empty => "the ring is empty",
            RecvError::TimedOut => "the ring was empty until the deadline",
            RecvError::PeerDied => "the producer has died",
            RecvError::PeerCorrupt => "the producer does not keep to the protocol",
        })
    }
}

impl std::error::Error for OpenError {}
impl std::error::Error for SendError {}
impl std::error::Error for RecvError {}

impl From<AttachError> for OpenError {
    fn from(error: AttachError) -> OpenError {
        OpenError::Attach(error)
    }
}

impl From<Errno> for OpenError {
    fn from(errno: Errno) -> OpenError {
        OpenError::Attach(AttachError::System(errno))
    }
}

impl From<SendError> for io::Error {
    fn from(error: SendError) -> io::Error {
        let kind = match error {
            SendError::Full => io::ErrorKind::WouldBlock,
            SendError::TimedOut => io::ErrorKind::TimedOut,
            SendError::TooLong => io::ErrorKind::InvalidInput,
            SendError::Closed => io::ErrorKind::BrokenPipe,
            SendError::PeerDied => io::ErrorKind::ConnectionReset,
            SendError::PeerCorrupt => io::ErrorKind::InvalidData,
        };
        io::Error::new(kind, error)
    }
}

impl From<RecvError> for io::Error {
    fn from(error: RecvError) -> io::Error {
        let kind = match error {
            RecvError::Empty => io::ErrorKind::WouldBlock,
            RecvError::TimedOut => io::ErrorKind::TimedOut,
            RecvError::PeerDied => io::ErrorKind::ConnectionReset,
            RecvError::PeerCorrupt => io::ErrorKind::InvalidData,
        };
        io::Error::new(kind, error)
    }
}
