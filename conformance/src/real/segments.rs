//! The segments of System V shared memory that programs make: in a namespace of their own, which goes
//! with the last process in it, so that nothing is left whoever is killed.
//!
//! Identifiers are the system's to choose. By which numbers programs call them is told by a list that
//! all agents share: an identifier gets the next number when it is first told, and keeps it.

use ipc_model::segment::SHMGET;
use nix::libc;

use crate::program::Program;
use crate::sync::{AtomicU32, Ordering};

/// What there is not where no namespace can be had: `unshare(CLONE_NEWIPC)` takes `CAP_SYS_ADMIN`.
pub const NO_NAMESPACE: &str = "a namespace of System V IPC for ourselves";

/// Whether a program makes segments, or asks for one.
pub(super) fn are_made_by(program: &Program) -> bool {
    program.lines.iter().any(|line| *line.operation == SHMGET)
}

/// How many segments a program can make.
pub const MOST: usize = 256;

/// Identifiers by number; all zeros is an empty list.
///
/// Invariant: a place that was given is not given anew before the list is cleared, which is done by the
/// controller while no program runs.
#[repr(C)]
pub struct Segments {
    ours: AtomicU32,
    /// One more than the identifier, 0 where there is none yet.
    ids: [AtomicU32; MOST],
}

impl Segments {
    /// This process and its children have a namespace to themselves from now on, if that can be.
    pub fn take_namespace(&self) {
        // SAFETY: takes a number; what the processes of the harness have of System V IPC is nothing.
        let done = unsafe { libc::unshare(libc::CLONE_NEWIPC) } == 0;
        self.ours.store(u32::from(done), Ordering::Release);
    }

    /// Whether there is such a namespace.
    pub fn are_ours(&self) -> bool {
        self.ours.load(Ordering::Acquire) != 0
    }

    /// The identifier that has a number.
    pub fn id(&self, number: usize) -> Option<i32> {
        let told = self.ids.get(number)?.load(Ordering::Acquire);
        told.checked_sub(1).map(|id| id as i32)
    }

    /// The number of an identifier; none where there are too many.
    pub fn number(&self, id: i32) -> Option<usize> {
        let own = id as u32 + 1;
        self.ids.iter().position(|place| {
            let taken = place.compare_exchange(0, own, Ordering::AcqRel, Ordering::Acquire);
            taken.is_ok() || taken == Err(own)
        })
    }

    /// Whether a number was given.
    pub fn is_used(&self) -> bool {
        self.id(0).is_some()
    }

    /// No number is given.
    pub fn forget(&self) {
        self.ids.iter().for_each(|id| id.store(0, Ordering::Release));
    }

    /// Removes every segment of the namespace, if it is ours.
    pub fn clear(&self) -> u32 {
        if !self.are_ours() {
            return 0;
        }
        let all = ipc_impls::segment::all();
        all.into_iter().filter(|id| ipc_impls::segment::remove(*id).is_ok()).count() as u32
    }
}
