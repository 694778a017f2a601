//! The memory that the controller and the agents share: the board, and for every slot a region with
//! the last command, the last report, and the bytes that its calls move.
//!
//! A new process has none of it mapped, and takes a fault for what it touches. A fault by reading maps
//! the pages around it as well (64 KiB on Linux), so a region has what every process needs at its
//! beginning.

use std::io;
use std::os::fd::{AsFd, OwnedFd};

use ipc_impls::mutex::raw::RawMutex;
use ipc_model::mutex::ROBUST;
use memmap2::MmapRaw;
use nix::sys::memfd::{MFdFlags, memfd_create};

use super::board::{Board, SLOTS};
use super::handled::Notes;
use super::layout::DATA_MAX;
use super::mail::{Bell, Gate, Mail};
use super::mounts::Mounts;
use super::segments::Segments;
use super::wire::{BATCH_MAX, COMMAND_MAX, LIST_MAX, REPORT_MAX};

/// What one fault by reading maps: the pages between two multiples of this.
const WINDOW: usize = 64 * 1024;
/// How many bytes of a call's are worth a look ahead: what a pipe holds, and a little.
const TOUCHED: usize = 72 * 1024;
const REPORT: usize = 64;
/// How many reports, and how long a list, have their place near the beginning.
const FEW: usize = 16;
const SHORT: usize = 4096;
const COMMAND: usize = REPORT + FEW * REPORT_MAX;
const NEAR: usize = COMMAND + COMMAND_MAX;
const DATA: usize = (NEAR + SHORT).next_multiple_of(4096);
const LIST: usize = DATA + DATA_MAX;
const REPORTS: usize = LIST + LIST_MAX;
const HANDLED: usize = REPORTS + BATCH_MAX * REPORT_MAX;
const REGION: usize = (HANDLED + size_of::<Notes>()).next_multiple_of(WINDOW);
const LEN: usize = WINDOW + SLOTS * REGION;
const BELL: usize = size_of::<Board>().next_multiple_of(64);
const GATE: usize = BELL + 64;
const MUTEXES: usize = GATE + 64;
const SEGMENTS: usize = (MUTEXES + size_of::<[RawMutex; ROBUST]>()).next_multiple_of(64);
const _: () = assert!(size_of::<Bell>() <= GATE - BELL && size_of::<Gate>() <= MUTEXES - GATE);
const MOUNTS: usize = SEGMENTS + size_of::<Segments>();
const _: () = assert!(MOUNTS + size_of::<Mounts>() <= WINDOW);
const _: () = assert!(HANDLED.is_multiple_of(align_of::<Notes>()));
const _: () = assert!(size_of::<Mail>() <= REPORT && DATA < WINDOW);

/// The shared memory, mapped.
pub struct Mapping {
    raw: MmapRaw,
}

impl Mapping {
    /// Makes fresh memory; nothing of it is touched, so it costs no pages yet.
    pub fn create() -> io::Result<(Mapping, OwnedFd)> {
        let fd = memfd_create("ipc-conformance-board", MFdFlags::MFD_CLOEXEC)?;
        nix::unistd::ftruncate(&fd, LEN as i64)?;
        Ok((Mapping::of(fd.as_fd())?, fd))
    }

    /// Maps what [`Mapping::create`] made.
    pub fn of(fd: impl AsFd) -> io::Result<Mapping> {
        use std::os::fd::AsRawFd;
        let raw = memmap2::MmapOptions::new().map_raw(fd.as_fd().as_raw_fd())?;
        if raw.len() < LEN {
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

    /// The bell.
    pub fn bell(&self) -> &Bell {
        // SAFETY: the mapping is large enough, see the constants.
        let place = unsafe { self.raw.as_ptr().add(BELL) };
        // SAFETY: as for the board, behind which it lies, at a multiple of its alignment.
        unsafe { &*place.cast::<Bell>() }
    }

    /// The gate.
    pub fn gate(&self) -> &Gate {
        // SAFETY: the mapping is large enough, see the constants.
        let place = unsafe { self.raw.as_ptr().add(GATE) };
        // SAFETY: as for the board, behind which it lies, at a multiple of its alignment.
        unsafe { &*place.cast::<Gate>() }
    }

    /// The mutexes that programs share, of which the kernel is told.
    pub fn mutexes(&self) -> &[RawMutex; ROBUST] {
        // SAFETY: the mapping is large enough, see the constants.
        let place = unsafe { self.raw.as_ptr().add(MUTEXES) };
        // SAFETY: as for the board, behind which they lie, at a multiple of their alignment.
        unsafe { &*place.cast::<[RawMutex; ROBUST]>() }
    }

    /// The numbers of segments.
    pub fn segments(&self) -> &Segments {
        // SAFETY: the mapping is large enough, see the constants.
        let place = unsafe { self.raw.as_ptr().add(SEGMENTS) };
        // SAFETY: as for the board, behind which it lies, at a multiple of its alignment.
        unsafe { &*place.cast::<Segments>() }
    }

    /// What is known of mounts.
    pub fn mounts(&self) -> &Mounts {
        // SAFETY: the mapping is large enough, see the constants.
        let place = unsafe { self.raw.as_ptr().add(MOUNTS) };
        // SAFETY: as for the board, behind which it lies, at a multiple of its alignment.
        unsafe { &*place.cast::<Mounts>() }
    }

    /// The counts of a slot's commands and reports.
    pub fn mail(&self, slot: usize) -> &Mail {
        // SAFETY: as for the board; a region begins with it.
        unsafe { &*self.region(slot).cast::<Mail>() }
    }

    /// The notes of the slot's handlers.
    pub(super) fn notes(&self, slot: usize) -> &Notes {
        // SAFETY: within the region, see the constants.
        let place = unsafe { self.region(slot).add(HANDLED) };
        // SAFETY: as for the board: aligned, zeros at first, and only ever used by atomics.
        unsafe { &*place.cast::<Notes>() }
    }

    /// The slot's command.
    ///
    /// # Safety
    ///
    /// Nobody else may use it meanwhile: it is the agent's from a command's count to its report's
    /// count, and the controller's from the report to the next command.
    #[allow(clippy::mut_from_ref)] // the memory is another's as much as ours, `self` guards none of it
    pub unsafe fn command(&self, slot: usize) -> &mut [u8] {
        // SAFETY: the place is within a region, and the caller sees to the rest.
        unsafe { self.part(slot, COMMAND, COMMAND_MAX) }
    }

    /// The slot's list of calls: the place for long ones, or for others.
    ///
    /// # Safety
    ///
    /// As for [`Mapping::command`].
    #[allow(clippy::mut_from_ref)] // as above
    pub unsafe fn list(&self, slot: usize, far: bool) -> &mut [u8] {
        let (start, len) = if far { (LIST, LIST_MAX) } else { (NEAR, SHORT) };
        // SAFETY: the place is within a region, and the caller sees to the rest.
        unsafe { self.part(slot, start, len) }
    }

    /// The place of the slot's report number `place` since its last command.
    ///
    /// # Safety
    ///
    /// Nobody else may use it meanwhile: it is the agent's from a command's count until that report
    /// is counted, and the controller's from then to the next command. An agent that was just made or
    /// has just become another program reports before it is sent a command.
    #[allow(clippy::mut_from_ref)] // as above
    pub unsafe fn report(&self, slot: usize, place: usize) -> &mut [u8] {
        assert!(place < BATCH_MAX, "there are no more reports than calls in a list");
        let start = if place < FEW { REPORT } else { REPORTS } + place * REPORT_MAX;
        // SAFETY: the place is within a region, and the caller sees to the rest.
        unsafe { self.part(slot, start, REPORT_MAX) }
    }

    /// `len` of the bytes that the slot's calls move, at most [`DATA_MAX`] with those before them.
    ///
    /// # Safety
    ///
    /// Nobody else may use them meanwhile: they are the agent's from a command's count until the
    /// report that tells of them is counted, and the controller's from then to the next command.
    #[allow(clippy::mut_from_ref)] // as above
    pub unsafe fn area(&self, slot: usize, start: usize, len: usize) -> &mut [u8] {
        assert!(start + len <= DATA_MAX, "no calls move more than {DATA_MAX} bytes");
        // SAFETY: the place is within a region, and the caller sees to the rest.
        unsafe { self.part(slot, DATA + start, len) }
    }

    /// Maps what [`Mapping::area`] gives in as few faults as can be; of much only the beginning, for
    /// most that ask for much get little.
    pub fn touch(&self, slot: usize, start: usize, len: usize) {
        // SAFETY: within the region, as for `area`.
        let first = unsafe { self.region(slot).add(DATA + start) };
        let to_border = WINDOW - first.addr() % WINDOW;
        let borders = std::iter::successors(Some(to_border), |at| Some(at + WINDOW));
        let places = std::iter::once(0).chain(borders);
        for at in places.take_while(|at| *at < len.min(TOUCHED)) {
            // SAFETY: within what `area` gives.
            let place = unsafe { first.add(at) };
            // SAFETY: as above; one byte, which is read for its page alone.
            unsafe { place.read_volatile() };
        }
    }

    #[allow(clippy::mut_from_ref)] // as above
    unsafe fn part(&self, slot: usize, start: usize, len: usize) -> &mut [u8] {
        // SAFETY: within the region, as the constants say.
        let start = unsafe { self.region(slot).add(start) };
        // SAFETY: as above; bytes need no alignment, and the caller sees to it that there is no other
        // reference.
        unsafe { std::slice::from_raw_parts_mut(start, len) }
    }

    fn region(&self, slot: usize) -> *mut u8 {
        assert!(slot < SLOTS, "there are {SLOTS} slots");
        // SAFETY: the mapping is large enough for every slot's region, see `of`.
        unsafe { self.raw.as_mut_ptr().add(WINDOW + slot * REGION) }
    }
}
