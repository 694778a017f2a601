//! Profiles: `posix2024` is the base and allows all that POSIX leaves open; every other only restricts
//! it, save for listed contradictions. The platform is a value.

mod linux;

pub use self::linux::LINUX;
use crate::clause::{Clause, Source, Standard};
use crate::mechanism;
use crate::operation::Operation;
use crate::outcome::Code;

/// What a family of systems promises.
#[derive(Debug)]
pub struct Profile {
    /// As on the command line.
    pub name: &'static str,
    /// One sentence.
    pub text: &'static str,
    /// Which documents' clauses are in it.
    pub standards: &'static [Standard],
    /// What is promised of the room in a pipe.
    pub room: Room,
    /// In which order a dying process loses its descriptors.
    pub death: Order,
    /// Which of several pending signals is first.
    pub signals: Selection,
    /// The `si_code` of what `raise` sends.
    pub raised: Code,
    /// The `si_code` of what the system sends of itself.
    pub raised_by_system: Code,
    /// Permissions of the base that these systems do not use.
    pub denies: &'static [Denial],
    /// Obligations of the base that these systems do not keep.
    pub contradicts: &'static [Denial],
}

impl Profile {
    /// Whether a clause is in it.
    pub fn has(&self, clause: &Clause) -> bool {
        let mut out = self.denies.iter().chain(self.contradicts);
        self.standards.contains(&clause.source.standard)
            && clause.on.iter().any(|operation| self.may_speak_of(operation))
            && !out.any(|denial| denial.clause == clause.id)
    }

    /// Whether it has a clause about an operation.
    pub fn speaks_of(&self, operation: &'static Operation) -> bool {
        let about = |clause: &Clause| clause.on.contains(&operation) && self.has(clause);
        self.may_speak_of(operation) && mechanism::clauses().any(about)
    }

    /// Whether it can have a clause about an operation: an extension is none of the base's.
    pub(crate) fn may_speak_of(&self, operation: &'static Operation) -> bool {
        self.standards.contains(&Standard::Linux) || !mechanism::is_extension(operation)
    }
}

/// What is promised of the room in a pipe.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Room {
    /// Only that an empty pipe takes `PIPE_BUF` bytes.
    Promised,
    /// Exactly what whole pages in a ring of slots give.
    PageSlots,
}

/// An order that is promised, or not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    /// Any.
    Any,
    /// First those whose description others share, in ascending order; then the others, in descending
    /// order.
    SharedFirst,
}

/// Which of several pending signals is delivered, or taken, first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Selection {
    /// Any ordinary one, or the lowest of the real-time ones.
    Any,
    /// The lowest of those for the thread; without any, the lowest of those for the process.
    ThreadFirst,
}

/// A clause of the base that a profile takes out, and why.
#[derive(Clone, Copy, Debug)]
pub struct Denial {
    /// The clause.
    pub clause: &'static str,
    /// What shows it.
    pub source: Source,
    /// One sentence.
    pub text: &'static str,
}

/// Numbers that differ from machine to machine, probed on the one that a history comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Numbers {
    /// Bytes in a page.
    pub page_size: u64,
    /// Bytes that go into a pipe at once (`PIPE_BUF`).
    pub pipe_buf: u64,
    /// Descriptors that a process may have: its soft `RLIMIT_NOFILE` while the program runs.
    pub nofile: u64,
    /// Bytes of a new pipe, if the system tells.
    pub pipe_capacity: u64,
    /// Bytes that a pipe may be made to hold without privilege (`/proc/sys/fs/pipe-max-size`).
    pub pipe_max: u64,
    /// The processes may go beyond `pipe_max` (`CAP_SYS_RESOURCE`).
    pub beyond_pipe_max: bool,
    /// The pages that a user's pipes have in all are no limit for the processes (`CAP_SYS_RESOURCE`
    /// or `CAP_SYS_ADMIN`).
    pub beyond_pipe_pages: bool,
    /// The processes are asked for no permission of any file (`CAP_DAC_OVERRIDE`), and may become
    /// another user (`CAP_SETUID`).
    pub privileged: bool,
    /// Bytes in the name of a file, at most (`NAME_MAX`).
    pub name_max: u64,
    /// Bytes in a path, at most, with the zero byte behind it (`PATH_MAX`).
    pub path_max: u64,
    /// Where programs have their files a read marks no stamp (Linux `mount(2)`, `MS_NOATIME`).
    pub noatime: bool,
    /// Bytes of a long send that go into a stream between sockets of one machine at once, where it is
    /// always the same number; 0 where it is not, or is not known.
    pub stream_piece: u64,
}

impl Numbers {
    /// What an ordinary Linux system on x86-64 answers: for examples and tests of the model.
    pub const EXAMPLE: Numbers = Numbers {
        page_size: 4096,
        pipe_buf: 4096,
        nofile: 64,
        pipe_capacity: 65_536,
        pipe_max: 1 << 20,
        beyond_pipe_max: false,
        beyond_pipe_pages: true,
        privileged: true,
        name_max: 255,
        path_max: 4096,
        noatime: false,
        stream_piece: 36_544,
    };
}

/// POSIX.1-2024 and nothing else.
pub static POSIX2024: Profile = Profile {
    name: "posix2024",
    text: "POSIX.1-2024: all that it requires, and everything that it leaves open.",
    standards: &[Standard::Posix2024, Standard::Own],
    room: Room::Promised,
    death: Order::Any,
    signals: Selection::Any,
    raised: Code::Unsaid,
    raised_by_system: Code::Unsaid,
    denies: &[],
    contradicts: &[],
};

/// All of them; the first is the base.
pub static PROFILES: &[&Profile] = &[&POSIX2024, &LINUX];

impl Profile {
    /// The profile of that name.
    pub fn named(name: &str) -> Option<&'static Profile> {
        PROFILES.iter().copied().find(|profile| profile.name == name)
    }
}
