//! Who is alive: a lock on a byte of the file, which the kernel drops when its holder dies.
//!
//! The lock is of an open file description (`F_OFD_SETLK`), so it must be a description that nobody
//! else has: [`super::Segment::attach`] opens one, closed by `exec`. A process that is forked while
//! such a lock is held keeps it: it counts as its parent until it has ended or called `exec`.

use std::os::fd::AsRawFd as _;
use std::sync::Arc;

use nix::libc;

use super::Segment;
use super::forks::{forks, watch};
use crate::errno::{self, Errno, Result};

/// A claim on one byte, given up when it is dropped or its process has died.
#[derive(Debug)]
pub(crate) struct Claim {
    segment: Arc<Segment>,
    byte: u64,
    holder: u32,
}

impl Claim {
    /// The claim, unless somebody else has it.
    pub(crate) fn take(segment: &Arc<Segment>, byte: u64) -> Result<Option<Claim>> {
        match lock(segment, libc::F_OFD_SETLK, libc::F_WRLCK, byte) {
            Ok(_) => Ok(Some(Claim { segment: Arc::clone(segment), byte, holder: watch() })),
            Err(Errno(libc::EAGAIN | libc::EACCES)) => Ok(None),
            Err(errno) => Err(errno),
        }
    }
}

impl Claim {
    /// Whether this is the process that took it, and no child of it: a child has the same lock, and
    /// would give up its parent's.
    #[inline]
    pub(crate) fn is_mine(&self) -> bool {
        forks() == self.holder
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if !self.is_mine() {
            return;
        }
        // Nothing can be done about a failure; the kernel drops it with the descriptor.
        let _ = lock(&self.segment, libc::F_OFD_SETLK, libc::F_UNLCK, self.byte);
    }
}

/// Whether somebody else has the claim on `byte`: who asks must not have it by the same description.
/// A system that does not answer has proven nobody dead.
pub(crate) fn is_claimed(segment: &Segment, byte: u64) -> bool {
    lock(segment, libc::F_OFD_GETLK, libc::F_WRLCK, byte) != Ok(libc::F_UNLCK)
}

fn lock(segment: &Segment, command: i32, kind: i32, byte: u64) -> Result<i32> {
    let mut lock = libc::flock {
        l_type: kind as libc::c_short,
        l_whence: libc::SEEK_SET as libc::c_short,
        l_start: byte as libc::off_t,
        l_len: 1,
        l_pid: 0,
    };
    // SAFETY: the lock is there to be read and written.
    errno::int(unsafe { libc::fcntl(segment.file.as_raw_fd(), command, &raw mut lock) })?;
    Ok(lock.l_type.into())
}
