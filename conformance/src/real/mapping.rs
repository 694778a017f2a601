//! The memory that the controller and the agents share: the board, and an area for every slot through
//! which the bytes of its calls go.

use std::io;
use std::os::fd::{AsFd, OwnedFd};

use memmap2::MmapRaw;
use nix::sys::memfd::{MFdFlags, memfd_create};

use super::board::{Board, SLOTS};
use super::layout::DATA_MAX;

const AREAS: usize = 4096;
const _: () = assert!(size_of::<Board>() <= AREAS);

/// The shared memory, mapped.
pub struct Mapping {
    raw: MmapRaw,
}

impl Mapping {
    /// Makes fresh memory; nothing of it is touched, so it costs no pages yet.
    pub fn create() -> io::Result<(Mapping, OwnedFd)> {
        let fd = memfd_create("ipc-conformance-board", MFdFlags::MFD_CLOEXEC)?;
        nix::unistd::ftruncate(&fd, (AREAS + SLOTS * DATA_MAX) as i64)?;
        Ok((Mapping::of(fd.as_fd())?, fd))
    }

    /// Maps what [`Mapping::create`] made.
    pub fn of(fd: impl AsFd) -> io::Result<Mapping> {
        use std::os::fd::AsRawFd;
        let raw = memmap2::MmapOptions::new().map_raw(fd.as_fd().as_raw_fd())?;
        if raw.len() < AREAS + SLOTS * DATA_MAX {
            return Err(io::Error::other("the board is too small"));
        }
        Ok(Mapping { raw })
    }

    /// The board.
    pub fn board(&self) -> &Board {
        // SAFETY: the mapping is page-aligned, large enough (checked above), lives as long as `self`,
        // starts as zeros, which are a valid `Board`, and is only ever used as one, by atomics.
        unsafe { &*self.raw.as_ptr().cast::<Board>() }
    }

    /// The first `len` bytes of a slot's area, at most [`DATA_MAX`].
    ///
    /// # Safety
    ///
    /// Nobody else may use that area meanwhile: it is the agent's from a command to its report, and
    /// the controller's from the report to the next command.
    #[allow(clippy::mut_from_ref)] // the memory is another's as much as ours, `self` guards none of it
    pub unsafe fn area(&self, slot: usize, len: usize) -> &mut [u8] {
        assert!(slot < SLOTS && len <= DATA_MAX, "an area is of one slot and of {DATA_MAX} bytes");
        // SAFETY: the mapping is large enough for every slot's area, see `of`.
        let start = unsafe { self.raw.as_mut_ptr().add(AREAS + slot * DATA_MAX) };
        // SAFETY: within the mapping as asserted, bytes need no alignment, and the caller sees to it
        // that there is no other reference.
        unsafe { std::slice::from_raw_parts_mut(start, len) }
    }
}
