//! Memory that processes share by a protocol: a sealed file of memory whose first page says what it
//! is, and locks that say who is alive.
//!
//! The file is made by `memfd_create(2)` and handed on as a descriptor: left open across `exec`, or
//! sent in an `SCM_RIGHTS` message. Whoever attaches opens it once more, by `/proc/self/fd`, so that
//! its locks are its own.

mod claim;
mod forks;
mod header;

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd as _, BorrowedFd, FromRawFd as _, RawFd};
use std::sync::atomic::{AtomicI32, Ordering};

use memmap2::{MmapOptions, MmapRaw};
use nix::libc;

use crate::errno::{self, Errno};
use crate::sync::{self, AtomicU64};

pub(crate) use claim::{Claim, is_claimed};
pub(crate) use forks::{forked, forks, watch};
pub use header::{AttachError, Kind, WORDS, parse};
pub(crate) use header::{Header, PAGE};

/// The seals without which nobody attaches: a file that could be cut under a mapping would send
/// `SIGBUS` to whoever looks.
const SEALS: i32 = libc::F_SEAL_SHRINK | libc::F_SEAL_GROW | libc::F_SEAL_SEAL;

/// A mapping of such a file, and a description of its own.
///
/// Invariant: the mapping is `header.total` bytes of a file of at least that size, which is sealed.
#[derive(Debug)]
pub(crate) struct Segment {
    file: File,
    map: MmapRaw,
    header: Header,
}

impl Segment {
    /// A new file of zeros, whose first page says what it is.
    pub(crate) fn create(
        kind: Kind,
        total: u64,
        capacity: u64,
        slots: u64,
    ) -> Result<Segment, AttachError> {
        let header = Header::new(kind, total, capacity, slots)?;
        let file = memory_file(total)?;
        let segment = Segment { map: map(&file, total)?, file, header };
        segment.header.write(header_words(&segment.map));
        Ok(segment)
    }

    /// The same file once more: a description and a mapping of its own. Nothing that the file says
    /// is believed before it is checked.
    pub(crate) fn attach(fd: BorrowedFd<'_>, kind: Kind) -> Result<Segment, AttachError> {
        let path = format!("/proc/self/fd/{}", fd.as_raw_fd());
        let file = File::options().read(true).write(true).open(path).map_err(os)?;
        let file = numbered(file)?;
        // SAFETY: this asks for a number.
        let seals = unsafe { libc::fcntl(file.as_raw_fd(), libc::F_GET_SEALS) };
        // A file that cannot have seals has none.
        if seals == -1 || seals & SEALS != SEALS {
            return Err(AttachError::Unsealed);
        }
        let length = file.metadata().map_err(os)?.len();
        if length < PAGE {
            return Err(AttachError::Truncated { needed: PAGE, found: length });
        }
        let first = map(&file, PAGE)?;
        let header = Header::read(header_words(&first), kind, length)?;
        let segment = Segment { map: map(&file, header.total)?, file, header };
        if kind.has_rings() && !sync::register_fence() {
            return Err(AttachError::NoBarrier);
        }
        Ok(segment)
    }

    pub(crate) fn header(&self) -> &Header {
        &self.header
    }

    pub(crate) fn fd(&self) -> BorrowedFd<'_> {
        std::os::fd::AsFd::as_fd(&self.file)
    }

    /// What lies `offset` bytes into the file.
    ///
    /// # Panics
    ///
    /// If that is outside of the file, or not aligned.
    pub(crate) fn at<T: Shared>(&self, offset: u64) -> &T {
        &self.slice(offset, 1)[0]
    }

    /// So many of them, one behind the other.
    ///
    /// # Panics
    ///
    /// As for [`Segment::at`].
    pub(crate) fn slice<T: Shared>(&self, offset: u64, count: usize) -> &[T] {
        let offset = usize::try_from(offset).expect("offsets are checked when the file is mapped");
        let end = size_of::<T>().checked_mul(count).and_then(|size| size.checked_add(offset));
        assert!(end.is_some_and(|end| end <= self.map.len()), "outside of the mapping");
        assert!(offset.is_multiple_of(align_of::<T>()), "not aligned");
        let first = self.map.as_ptr().wrapping_add(offset).cast::<T>();
        // SAFETY: so many of them are in the mapping, which stays as long as `self`; it is aligned to
        // a page, so they are aligned; they are `Shared`, so any bytes will do, and others may store.
        unsafe { std::slice::from_raw_parts(first, count) }
    }
}

/// What may lie in memory that others store to at any time.
///
/// # Safety
///
/// Any bytes are a valid one, and every part of it is atomic.
pub(crate) unsafe trait Shared {}

// SAFETY: it is atomic, and any bytes are one.
unsafe impl Shared for sync::Word {}
// SAFETY: as above.
unsafe impl Shared for sync::Futex {}
// SAFETY: as above.
unsafe impl Shared for sync::AtomicU32 {}

fn header_words(map: &MmapRaw) -> &[AtomicU64; WORDS] {
    assert!(map.len() >= size_of::<[AtomicU64; WORDS]>());
    // SAFETY: they are in the mapping, which is aligned to a page; they are atomic, and any bytes will do.
    unsafe { &*map.as_ptr().cast() }
}

fn map(file: &File, size: u64) -> Result<MmapRaw, AttachError> {
    let size = usize::try_from(size).map_err(|_| AttachError::Malformed("total size"))?;
    MmapOptions::new().len(size).map_raw(file).map_err(os)
}

/// The lowest number that a descriptor of a shared file has here.
static FROM: AtomicI32 = AtomicI32::new(0);

/// From now on this process has the descriptors of whatever it attaches above all lower numbers, for
/// programs that give out the low ones themselves. The limit on descriptors must be above it.
pub fn number_from(lowest: RawFd) {
    FROM.store(lowest, Ordering::Relaxed);
}

fn numbered(file: File) -> Result<File, AttachError> {
    let lowest = FROM.load(Ordering::Relaxed);
    if file.as_raw_fd() >= lowest {
        return Ok(file);
    }
    // SAFETY: this takes numbers.
    let fd = errno::int(unsafe { libc::fcntl(file.as_raw_fd(), libc::F_DUPFD_CLOEXEC, lowest) })?;
    // SAFETY: it was just made, and nobody else knows it.
    Ok(unsafe { File::from_raw_fd(fd) })
}

fn memory_file(size: u64) -> Result<File, AttachError> {
    // SAFETY: the name ends with a zero byte and is only read.
    let fd = errno::int(unsafe {
        libc::memfd_create(c"ipc".as_ptr(), libc::MFD_CLOEXEC | libc::MFD_ALLOW_SEALING)
    })?;
    // SAFETY: it was just made, and nobody else knows it.
    let file = unsafe { File::from_raw_fd(fd) };
    file.set_len(size).map_err(os)?;
    // SAFETY: this takes a number.
    errno::int(unsafe { libc::fcntl(fd, libc::F_ADD_SEALS, SEALS) })?;
    Ok(file)
}

fn os(error: io::Error) -> AttachError {
    AttachError::System(error.raw_os_error().map_or(Errno(libc::EIO), Errno))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptors_are_numbered_from_where_it_is_said() {
        let made = Segment::create(Kind::Spsc, 3 * PAGE, 64, 1).expect("there is memory");
        number_from(300);
        let attached = Segment::attach(made.fd(), Kind::Spsc);
        number_from(0);
        assert!(attached.expect("it is one").file.as_raw_fd() >= 300);
    }
}
