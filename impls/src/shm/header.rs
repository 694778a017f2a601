//! The first page: what the file is. It is read once, into a copy, and the copy is checked.

use std::fmt;

use nix::libc;

use crate::errno::Errno;
use crate::sync::{AtomicU64, Ordering};

/// Bytes before whatever the protocol keeps.
pub(crate) const PAGE: u64 = 4096;
/// Words of the first page that have a meaning.
pub const WORDS: usize = 13;

const MAGIC: u64 = u64::from_le_bytes(*b"ipcshm\r\n");
/// Files of another major version are laid out otherwise; those of a later minor version may be
/// attached to.
const MAJOR: u64 = 1;
const MINOR: u64 = 0;
/// Says how this machine counts: read by one of the other byte order it is another number.
const MACHINE: u64 = 0x0102_0304_0506_0708 ^ ((usize::BITS as u64) << 8);

/// Where each thing is. The magic number is first in the file and written last.
#[derive(Clone, Copy)]
enum At {
    Magic,
    Version,
    Kind,
    Machine,
    HeaderSize,
    Total,
    Capacity,
    Slots,
    PidNamespace,
    Boot,
    BootHigh,
    Generation,
    GenerationHigh,
}

/// What lies behind the first page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A mutex whose owner is found dead by the kernel.
    RobustMutex,
    /// A mutex whose owner is found dead by its lock.
    PortableMutex,
    /// A ring with one producer.
    Spsc,
    /// A ring with a lane for each of several producers.
    Mpsc,
}

impl Kind {
    fn number(self) -> u64 {
        match self {
            Kind::RobustMutex => 1,
            Kind::PortableMutex => 2,
            Kind::Spsc => 3,
            Kind::Mpsc => 4,
        }
    }

    pub(crate) fn has_rings(self) -> bool {
        matches!(self, Kind::Spsc | Kind::Mpsc)
    }
}

/// Why a file cannot be made, or attached to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum AttachError {
    /// It is no file of ours: it begins with another number.
    Foreign,
    /// Whoever makes it is not through with it, or has died over it.
    Unfinished,
    /// It is laid out as an earlier version does it: that one.
    Older(u32),
    /// It is laid out as a later version does it: that one.
    Newer(u32),
    /// It is something else of ours, with that number.
    OtherKind(u64),
    /// It was made by a machine that counts otherwise.
    OtherMachine,
    /// It was made before this machine was started the last time.
    OtherBoot,
    /// Its numbers of processes are those of another namespace.
    OtherNamespace,
    /// It has fewer bytes than it says.
    Truncated {
        /// Bytes that it says, or needs at least.
        needed: u64,
        /// Bytes that it has.
        found: u64,
    },
    /// It could be cut while it is mapped: it lacks a seal.
    Unsealed,
    /// What it says in that place cannot be.
    Malformed(&'static str),
    /// There is no such size.
    BadSize,
    /// This system cannot `membarrier(2)`.
    NoBarrier,
    /// A system call failed.
    System(Errno),
}

impl fmt::Display for AttachError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AttachError::Foreign => f.write_str("this is no shared segment of ours"),
            AttachError::Unfinished => f.write_str("whoever makes this segment is not through yet"),
            AttachError::Older(found) => write!(f, "layout {found} is older than {MAJOR}"),
            AttachError::Newer(found) => write!(f, "layout {found} is newer than {MAJOR}"),
            AttachError::OtherKind(found) => write!(f, "the segment is of another kind ({found})"),
            AttachError::OtherMachine => f.write_str("another kind of machine made the segment"),
            AttachError::OtherBoot => f.write_str("the segment was made before the last boot"),
            AttachError::OtherNamespace => {
                f.write_str("the segment was made in another namespace of processes")
            }
            AttachError::Truncated { needed, found } => {
                write!(f, "the segment has {found} bytes and needs {needed}")
            }
            AttachError::Unsealed => {
                f.write_str("the segment can still be cut: it lacks F_SEAL_SHRINK, _GROW or _SEAL")
            }
            AttachError::Malformed(what) => write!(f, "the segment tells an impossible {what}"),
            AttachError::BadSize => f.write_str("there is no segment of that size"),
            AttachError::NoBarrier => f.write_str("this system has no membarrier(2)"),
            AttachError::System(errno) => write!(f, "a call for the segment failed: {errno}"),
        }
    }
}

impl std::error::Error for AttachError {}

impl From<Errno> for AttachError {
    fn from(errno: Errno) -> AttachError {
        AttachError::System(errno)
    }
}

/// What a first page that was checked says.
///
/// Invariant: `total` is at least a page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Header {
    kind: Kind,
    /// Bytes of the file.
    pub(crate) total: u64,
    /// Bytes of payload in a ring or behind a mutex. What can be is for the protocol to say.
    pub(crate) capacity: u64,
    /// How many there may be of what the protocol counts. As above.
    pub(crate) slots: u64,
    namespace: u64,
    boot: u128,
    /// Drawn when the file was made: no two files have the same.
    pub(crate) generation: u128,
}

impl Header {
    pub(crate) fn new(
        kind: Kind,
        total: u64,
        capacity: u64,
        slots: u64,
    ) -> Result<Header, AttachError> {
        let mut generation = [0; 16];
        // SAFETY: so many bytes are there to be written.
        let drawn = unsafe { libc::getrandom(generation.as_mut_ptr().cast(), 16, 0) };
        crate::errno::size(drawn)?;
        let Place { namespace, boot } = Place::here()?;
        let generation = u128::from_le_bytes(generation);
        Ok(Header { kind, total, capacity, slots, namespace, boot, generation })
    }

    pub(crate) fn write(&self, words: &[AtomicU64; WORDS]) {
        let put = |at: At, value| words[at as usize].store(value, Ordering::Relaxed);
        put(At::Version, MAJOR << 32 | MINOR);
        put(At::Kind, self.kind.number());
        put(At::Machine, MACHINE);
        put(At::HeaderSize, PAGE);
        put(At::Total, self.total);
        put(At::Capacity, self.capacity);
        put(At::Slots, self.slots);
        put(At::PidNamespace, self.namespace);
        put(At::Boot, self.boot as u64);
        put(At::BootHigh, (self.boot >> 64) as u64);
        put(At::Generation, self.generation as u64);
        put(At::GenerationHigh, (self.generation >> 64) as u64);
        words[At::Magic as usize].store(MAGIC, Ordering::Release);
    }

    pub(crate) fn read(
        words: &[AtomicU64; WORDS],
        kind: Kind,
        length: u64,
    ) -> Result<Header, AttachError> {
        let mut copy = [0; WORDS];
        // The magic number comes first: who sees it sees all that was written before it.
        for (copy, word) in copy.iter_mut().zip(words) {
            *copy = word.load(Ordering::Acquire);
        }
        check(&copy, kind, length, &Place::here()?)
    }
}

/// What the words of a first page say to one who expects `kind` in a file of `length` bytes: why they
/// are refused, or nothing.
pub fn parse(words: &[u64; WORDS], kind: Kind, length: u64) -> Result<(), AttachError> {
    check(words, kind, length, &Place::here()?).map(drop)
}

fn check(
    words: &[u64; WORDS],
    kind: Kind,
    length: u64,
    here: &Place,
) -> Result<Header, AttachError> {
    let get = |at: At| words[at as usize];
    match get(At::Magic) {
        MAGIC => {}
        0 => return Err(AttachError::Unfinished),
        _ => return Err(AttachError::Foreign),
    }
    // Of another machine nothing else could be read.
    if get(At::Machine) != MACHINE {
        return Err(AttachError::OtherMachine);
    }
    let major = (get(At::Version) >> 32) as u32;
    match u64::from(major) {
        0..MAJOR => return Err(AttachError::Older(major)),
        MAJOR => {}
        _ => return Err(AttachError::Newer(major)),
    }
    if get(At::Kind) != kind.number() {
        return Err(AttachError::OtherKind(get(At::Kind)));
    }
    let wide = |low, high| u128::from(get(low)) | u128::from(get(high)) << 64;
    let header = Header {
        kind,
        total: get(At::Total),
        capacity: get(At::Capacity),
        slots: get(At::Slots),
        namespace: get(At::PidNamespace),
        boot: wide(At::Boot, At::BootHigh),
        generation: wide(At::Generation, At::GenerationHigh),
    };
    if header.boot != here.boot {
        return Err(AttachError::OtherBoot);
    }
    if kind == Kind::RobustMutex && header.namespace != here.namespace {
        return Err(AttachError::OtherNamespace);
    }
    if get(At::HeaderSize) != PAGE {
        return Err(AttachError::Malformed("size of the first page"));
    }
    if header.total < PAGE {
        return Err(AttachError::Malformed("total size"));
    }
    if header.total > length {
        return Err(AttachError::Truncated { needed: header.total, found: length });
    }
    Ok(header)
}

/// Where this process runs.
struct Place {
    namespace: u64,
    boot: u128,
}

impl Place {
    fn here() -> Result<Place, AttachError> {
        use std::os::unix::fs::MetadataExt as _;
        let namespace = std::fs::metadata("/proc/self/ns/pid").map_err(super::os)?.ino();
        let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").map_err(super::os)?;
        let digits: String = boot.chars().filter(char::is_ascii_hexdigit).collect();
        let boot = u128::from_str_radix(&digits, 16);
        Ok(Place { namespace, boot: boot.map_err(|_| AttachError::System(Errno(libc::EIO)))? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENGTH: u64 = 2 * PAGE;

    fn written() -> [u64; WORDS] {
        let words = [const { AtomicU64::new(0) }; WORDS];
        let header = Header::new(Kind::Spsc, LENGTH, 64, 1).expect("this system tells where it is");
        header.write(&words);
        words.map(AtomicU64::into_inner)
    }

    #[test]
    fn what_was_written_is_accepted() {
        assert_eq!(parse(&written(), Kind::Spsc, LENGTH), Ok(()));
    }

    #[test]
    fn each_thing_that_is_otherwise_is_refused_by_its_name() {
        let with = |at: At, value| {
            let mut words = written();
            words[at as usize] = value;
            parse(&words, Kind::Spsc, LENGTH)
        };
        assert_eq!(with(At::Magic, 0), Err(AttachError::Unfinished));
        assert_eq!(with(At::Magic, 1), Err(AttachError::Foreign));
        assert_eq!(with(At::Version, 1), Err(AttachError::Older(0)));
        assert_eq!(with(At::Version, 2 << 32), Err(AttachError::Newer(2)));
        assert_eq!(with(At::Version, 1 << 32 | 7), Ok(()));
        assert_eq!(with(At::Kind, 9), Err(AttachError::OtherKind(9)));
        assert_eq!(with(At::Machine, MACHINE.swap_bytes()), Err(AttachError::OtherMachine));
        assert_eq!(with(At::Boot, 0), Err(AttachError::OtherBoot));
        assert_eq!(with(At::BootHigh, 0), Err(AttachError::OtherBoot));
        assert!(matches!(with(At::HeaderSize, 8), Err(AttachError::Malformed(_))));
        assert!(matches!(with(At::Total, 0), Err(AttachError::Malformed(_))));
        let longer = AttachError::Truncated { needed: LENGTH + 1, found: LENGTH };
        assert_eq!(with(At::Total, LENGTH + 1), Err(longer));
    }

    #[test]
    fn only_owners_that_the_kernel_finds_are_bound_to_a_namespace() {
        let mut words = written();
        words[At::PidNamespace as usize] = 0;
        assert_eq!(parse(&words, Kind::Spsc, LENGTH), Ok(()));
        words[At::Kind as usize] = Kind::RobustMutex.number();
        assert_eq!(parse(&words, Kind::RobustMutex, LENGTH), Err(AttachError::OtherNamespace));
    }
}
