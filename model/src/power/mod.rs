//! Power cuts: what is on a medium when the power comes back.
//!
//! A file is pages, each of one content. What a call promised to bring to the medium is there; of what
//! was done since then, each sector of each page may be as it was after any of the changes, for the
//! system writes back when it likes. Names change in the order in which they were changed. Whoever has
//! ended by then makes no difference: nothing here asks who did something.
//!
//! The medium is kept apart from [`crate::world::World`]: no history goes on over a power cut, and no
//! clause of a running system asks what is on a medium.

mod judge;
mod medium;
mod promise;

use std::fmt;

pub use judge::{Broken, Seen, SeenFile};
pub use medium::{File, Medium, Names, Page};
pub use promise::{PROMISES, Promise};

/// Bytes of a page.
pub const PAGE: usize = 4096;
/// Bytes that a medium takes whole or not at all.
pub const SECTOR: usize = 512;
/// Pages of a file, at most.
pub const MAX_PAGES: u8 = 4;

/// A name in the one directory that there is.
pub type Name = char;

/// What a page, or a sector of one, has in it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Content {
    /// It lies beyond the end of the file.
    Absent,
    /// Zeros.
    Zero,
    /// What the step of this number put there.
    Tag(u32),
    /// Something that nobody put there.
    Foreign,
}

/// A call, or a few that only make sense together: a file is opened for each, and closed or unmapped
/// after it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Call {
    /// `open` with `O_CREAT|O_EXCL`.
    Create(Name),
    /// `mkfifo`.
    MakeFifo(Name),
    /// `unlink`.
    Unlink(Name),
    /// `rename`.
    Rename(Name, Name),
    /// `fsync` of the directory.
    SyncDirectory,
    /// `pwrite` of a page.
    Write(Name, u8),
    /// The same, through a descriptor with `O_DSYNC`.
    WriteDsync(Name, u8),
    /// A page is stored to through a shared mapping.
    Store(Name, u8),
    /// `ftruncate` to so many pages.
    Truncate(Name, u8),
    /// `fsync` of a file.
    Fsync(Name),
    /// `fdatasync`.
    Fdatasync(Name),
    /// `msync` with `MS_SYNC` of a page of a shared mapping that is made for it.
    Msync(Name, u8),
    /// A FIFO is opened for both, written to, and kept open by somebody until the power goes.
    Hold(Name),
}

/// Why a step does nothing: the medium would refuse it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Refused;

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Call::Create(name) => write!(f, "create {name}"),
            Call::MakeFifo(name) => write!(f, "mkfifo {name}"),
            Call::Unlink(name) => write!(f, "unlink {name}"),
            Call::Rename(from, to) => write!(f, "rename {from} {to}"),
            Call::SyncDirectory => write!(f, "fsync ."),
            Call::Write(name, page) => write!(f, "pwrite {name} {page}"),
            Call::WriteDsync(name, page) => write!(f, "pwrite-dsync {name} {page}"),
            Call::Store(name, page) => write!(f, "store {name} {page}"),
            Call::Truncate(name, pages) => write!(f, "ftruncate {name} {pages}"),
            Call::Fsync(name) => write!(f, "fsync {name}"),
            Call::Fdatasync(name) => write!(f, "fdatasync {name}"),
            Call::Msync(name, page) => write!(f, "msync {name} {page}"),
            Call::Hold(name) => write!(f, "hold {name}"),
        }
    }
}

impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Content::Absent => write!(f, "nothing"),
            Content::Zero => write!(f, "zeros"),
            Content::Tag(step) => write!(f, "what step {step} wrote"),
            Content::Foreign => write!(f, "what nobody wrote"),
        }
    }
}
