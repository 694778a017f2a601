//! Memory that has a descriptor: files of memory, with a name (`shm_open`) or without (`memfd_create`),
//! which are read, written, cut and extended.
//!
//! A call that moves bytes looks where to begin, moves them, and returns: each is an instant of its own.
//! While nobody else is in a call on the same file it moves all of them at once; else, as many at a time
//! as it likes, the first ones first, so that who reads meanwhile may see a part.

mod content;
mod elsewhere;
mod making;
mod moving;
mod named;
mod nameless;
mod seals;
mod terms;

use std::hash::Hasher;

pub use self::content::Content;
pub use self::elsewhere::LAW;
pub use self::seals::{ADD_SEALS, GET_SEALS, SEALS};
/// How bytes are moved, for what else has bytes at offsets.
pub(crate) mod bytes {
    pub(crate) use super::terms::{
        A_MEMORY, FROM_THE_FIRST, GO_ON, ITS_TURN, LEADS_NOWHERE, LEAST_LEFT, LEAST_TO_COME, LOOK,
        LOOKED, NOBODY_MIDWAY, NONE_LEFT, NONE_TO_COME, NOT_ITS_TURN, NOT_LOOKED, NOT_READABLE,
        NOT_WRITABLE, OFFSET, PUT, READABLE, RECEIVE, RECEIVE_WHOLE, RECEIVED, SEEK, SOME_LEFT,
        SOME_TO_COME, SOMEBODY_MIDWAY, SOMEWHERE, TO_COME, WRITABLE,
    };
}
/// How files are opened, for what else can be.
pub(crate) mod opening {
    pub(crate) use super::making::{
        CUT, CUTS_UNWRITTEN, MAY, MAY_NOT, OPEN_IT, PLAIN, TO_NAME, access,
    };
}
pub use self::terms::IS_MEMORY;
pub(crate) use self::terms::TOUCHES;
pub(crate) use self::terms::{is_written_midway, reaches, resize};
use crate::clause::{Clause, linux, posix};
use crate::fifo::ACCESS;
use crate::lasting::{Ending, Lasting, Place};
use crate::name::Node;
use crate::object::{Kind, feed};
use crate::operation::{Gives, Operation, Param};
use crate::view::View;
use crate::world::Object;

/// The flags of `memfd_create`; `O_APPEND` stands for one that it does not take.
pub const MEMFD_FLAGS: &[&str] =
    &["MFD_CLOEXEC", "MFD_ALLOW_SEALING", "O_APPEND", "MFD_NOEXEC_SEAL", "MFD_EXEC"];
/// The flags of `shm_open`.
pub const SHM_FLAGS: &[&str] = &["O_CREAT", "O_EXCL", "O_TRUNC"];
/// How shared memory can be opened: the first and the last of the ways of opening a file.
pub const SHM_ACCESS: &[&str] = &[ACCESS[0], ACCESS[2]];

/// A file of memory: whatever has a size and bytes at offsets.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct File {
    /// Its permissions and owner.
    pub node: Node,
    /// How many bytes it has.
    pub size: u64,
    /// Its bytes.
    pub content: Content,
    /// How it came to be.
    pub origin: Origin,
    /// What is not done to it any more: bits by index in [`SEALS`].
    pub seals: u8,
}

/// How a file came to be, which says where it is and who knows it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Origin {
    /// Without a name: by `memfd_create`, or as what a mapping or a segment has.
    Nameless,
    /// By `shm_open`: in the memory of the system, with a name of its own kind.
    Shared,
    /// In a directory: a regular file, on whatever file system that is.
    Directory,
}

impl Kind for File {
    fn file_type(&self) -> &'static str {
        "S_IFREG"
    }

    fn name(&self) -> &'static str {
        if self.is_regular() { "regular file" } else { self.file_type() }
    }

    fn is_special(&self) -> bool {
        self.is_regular()
    }

    fn node(&self) -> Option<&Node> {
        Some(&self.node)
    }

    fn node_mut(&mut self) -> Option<&mut Node> {
        Some(&mut self.node)
    }

    fn outline(&self, mix: &mut dyn Hasher) {
        feed(&(self.node, self.size, self.origin, self.seals, self.content.written()), mix);
    }
}

impl File {
    /// An empty one, to which no seal is added.
    pub fn new(node: Node, origin: Origin) -> File {
        File { node, size: 0, content: Content::default(), origin, seals: seals::SEAL }
    }

    /// Whether it is one that has its names in directories.
    pub fn is_regular(&self) -> bool {
        self.origin == Origin::Directory
    }

    /// The size is this from now on. What is cut off is lost; what was stored behind the end before is
    /// there where the file is longer now (see the findings).
    pub fn resize(&mut self, size: u64) {
        if size <= self.size {
            self.content.clear(size, u64::MAX);
        }
        self.size = size;
    }
}

/// `int memfd_create(const char *name, unsigned int flags)`.
pub static MEMFD_CREATE: Operation = Operation {
    name: "memfd_create",
    params: &[Param::Path, Param::Flags(MEMFD_FLAGS)],
    gives: Gives::Fd,
    c: "memfd_create(%0, %1)",
};

/// `int shm_open(const char *name, int oflag, mode_t mode)`.
pub static SHM_OPEN: Operation = Operation {
    name: "shm_open",
    params: &[Param::SharedName, Param::Word(SHM_ACCESS), Param::Flags(SHM_FLAGS), Param::Mode],
    gives: Gives::Fd,
    c: "shm_open(%0, %1|%2, %3)",
};

/// `int shm_unlink(const char *name)`.
pub static SHM_UNLINK: Operation = Operation {
    name: "shm_unlink",
    params: &[Param::SharedName],
    gives: Gives::Nothing,
    c: "shm_unlink(%0)",
};

/// What programs can call here.
pub static OPERATIONS: &[&Operation] =
    &[&MEMFD_CREATE, &SHM_OPEN, &SHM_UNLINK, &ADD_SEALS, &GET_SEALS];

/// Whether the call's descriptor leads to memory by the description that came with it when it was made
/// without a name: no open has set that up.
pub fn was_never_opened(v: &View<'_>) -> bool {
    let serial = v.description().is_none_or(|description| description.serial);
    matches!(v.object(), Object::Memory(_)) && !serial
}

/// Whether what the operation makes holds bytes that can be received more than once.
pub fn lasts(operation: &'static Operation) -> bool {
    let anonymous = &crate::mapping::MMAP_ANONYMOUS;
    let regular = &crate::file::CREATE;
    [&MEMFD_CREATE, &SHM_OPEN, regular, anonymous, &crate::segment::SHMGET].contains(&operation)
}

/// Whether the clause is about files of memory and regular files alone.
pub fn is_of_memory(clause: &Clause) -> bool {
    ["memory", "file"].contains(&clause.mechanism())
}

/// Calls that write.
const MOVES_OUT: &[&Operation] =
    &[&crate::descriptor::WRITE, &crate::descriptor::WRITEV, &crate::descriptor::PWRITE];

/// The clauses, in the order of the page.
pub static CLAUSES: &[&[Clause]] = &[
    nameless::CLAUSES,
    named::CLAUSES,
    moving::LOOKING,
    moving::MOVING,
    moving::REFUSED,
    moving::SIZE,
    seals::CLAUSES,
    elsewhere::CLAUSES,
    elsewhere::READINESS,
];

/// How long what a file of memory keeps lasts.
pub const LASTING: &[Lasting] = &[
    Lasting {
        kind: "S_IFREG",
        part: "name",
        ends: Ending::Unlink,
        place: Place::Memory,
        source: posix("shm_unlink", "DESCRIPTION"),
    },
    Lasting {
        kind: "S_IFREG",
        part: "bytes, with a name",
        ends: Ending::UnlinkAndLastClose,
        place: Place::Memory,
        source: posix("shm_unlink", "DESCRIPTION"),
    },
    Lasting {
        kind: "S_IFREG",
        part: "bytes, without one",
        ends: Ending::LastClose,
        place: Place::Memory,
        source: linux("memfd_create(2)", "DESCRIPTION"),
    },
    Lasting {
        kind: "S_IFREG",
        part: "offset",
        ends: Ending::LastClose,
        place: Place::Memory,
        source: posix("close", "DESCRIPTION"),
    },
];
