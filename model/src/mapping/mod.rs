//! Mappings: the parts of a process's memory through which files of memory are seen, and those that are
//! its own. They are made, removed, loaded from and stored to.
//!
//! Programs have a *window* each, a range of addresses in which nothing is but what they map there
//! themselves (`MAP_FIXED`). An address is how many bytes it is from the window's beginning. Where the
//! system chooses a place, programs call the first byte of it by a number of its own. An access
//! that is refused is told by its signal, as a call's failure is by its errno.

mod making;
mod remap;
mod space;
mod terms;
mod touching;

pub use self::space::Space;
pub(crate) use self::space::cut_off;
pub use self::terms::PLACE;
pub(crate) use self::terms::{UNMAP_ALL, attach, touches};
use crate::clause::{Clause, posix};
use crate::lasting::{Ending, Lasting, Place};
use crate::operation::{Gives, Operation, Param};

/// How many pages a program's window has.
pub const WINDOW_PAGES: u64 = 16;
/// What can be allowed of a mapping; `0` is nothing.
pub const PROTECTIONS: &[&str] = &["PROT_READ", "PROT_WRITE"];
/// Whose the bytes are that are stored.
pub const MAP_TYPES: &[&str] = &["MAP_SHARED", "MAP_PRIVATE", "0"];

/// `void *mmap(void *addr, size_t len, int prot, MAP_FIXED|MAP_ANONYMOUS|type, -1, 0)`.
pub static MMAP_ANONYMOUS: Operation = Operation {
    name: "mmap",
    params: &[
        Param::Number,
        Param::Number,
        Param::Flags(PROTECTIONS),
        Param::Word(MAP_TYPES),
        Param::Command("MAP_ANONYMOUS"),
    ],
    gives: Gives::Nothing,
    c: "mmap(window + %0, %1, %2, MAP_FIXED|%3|%4, -1, 0)",
};

/// `void *mmap(void *addr, size_t len, int prot, MAP_FIXED|type, int fildes, off_t off)`.
pub static MMAP: Operation = Operation {
    name: "mmap",
    params: &[
        Param::Number,
        Param::Number,
        Param::Flags(PROTECTIONS),
        Param::Word(MAP_TYPES),
        Param::Fd,
        Param::Number,
    ],
    gives: Gives::Nothing,
    c: "mmap(window + %0, %1, %2, MAP_FIXED|%3, %4, %5)",
};

/// `void *mmap(NULL, size_t len, int prot, int type, int fildes, off_t off)`: where the system likes.
pub static MMAP_ANYWHERE: Operation = Operation {
    name: "mmap",
    params: &[
        Param::Command("NULL"),
        Param::Number,
        Param::Flags(PROTECTIONS),
        Param::Word(MAP_TYPES),
        Param::Fd,
        Param::Number,
    ],
    gives: Gives::Number,
    c: "mmap(NULL, %1, %2, %3, %4, %5)",
};

/// `void *mremap(void *old_address, size_t old_size, size_t new_size, int flags, void *new_address)`.
pub static MREMAP: Operation = Operation {
    name: "mremap",
    params: &[
        Param::Number,
        Param::Number,
        Param::Number,
        Param::Flags(&["MREMAP_MAYMOVE", "MREMAP_FIXED"]),
        Param::Number,
    ],
    gives: Gives::Number,
    c: "mremap(window + %0, %1, %2, %3, window + %4)",
};

/// How what was stored is to get to where it lasts.
pub const SYNC_FLAGS: &[&str] = &["MS_SYNC", "MS_ASYNC", "MS_INVALIDATE"];

/// `int mprotect(void *addr, size_t len, int prot)`.
pub static MPROTECT: Operation = Operation {
    name: "mprotect",
    params: &[Param::Number, Param::Number, Param::Flags(PROTECTIONS)],
    gives: Gives::Nothing,
    c: "mprotect(window + %0, %1, %2)",
};

/// `int msync(void *addr, size_t len, int flags)`.
pub static MSYNC: Operation = Operation {
    name: "msync",
    params: &[Param::Number, Param::Number, Param::Flags(SYNC_FLAGS)],
    gives: Gives::Nothing,
    c: "msync(window + %0, %1, %2)",
};

/// `int munmap(void *addr, size_t len)`.
pub static MUNMAP: Operation = Operation {
    name: "munmap",
    params: &[Param::Number, Param::Number],
    gives: Gives::Nothing,
    c: "munmap(window + %0, %1)",
};

/// Bytes are loaded from an address on.
pub static LOAD: Operation = Operation {
    name: "load",
    params: &[Param::Number, Param::Receive],
    gives: Gives::Data,
    c: "memcpy(buf, window + %0, %1)",
};

/// Bytes are stored from an address on.
pub static STORE: Operation = Operation {
    name: "store",
    params: &[Param::Number, Param::Send],
    gives: Gives::Nothing,
    c: "memcpy(window + %0, buf, %1)",
};

/// What programs can call here.
pub static OPERATIONS: &[&Operation] =
    &[&MMAP_ANONYMOUS, &MMAP_ANYWHERE, &MMAP, &MUNMAP, &MPROTECT, &MSYNC, &MREMAP, &LOAD, &STORE];

/// The clauses, in the order of the page.
pub static CLAUSES: &[&[Clause]] =
    &[making::MAKING, making::REMOVING, making::CHANGING, remap::CLAUSES, touching::CLAUSES];

/// How long mappings last.
pub const LASTING: &[Lasting] = &[Lasting {
    kind: "process",
    part: "a mapping",
    ends: Ending::Image,
    place: Place::Memory,
    source: posix("exec", "DESCRIPTION"),
}];
