//! What is promised of a power cut, each with who promises it.

use crate::clause::{Source, linux, posix};

/// A rule about what is there after a power cut.
#[derive(Debug)]
pub struct Promise {
    /// Its name, never used for another.
    pub id: &'static str,
    /// Who gives it.
    pub source: Source,
    /// The rule, in a sentence.
    pub text: &'static str,
}

impl PartialEq for Promise {
    fn eq(&self, other: &Promise) -> bool {
        self.id == other.id
    }
}

pub(super) static FSYNC: Promise = Promise {
    id: "power.fsync.keeps",
    source: posix("fsync", "DESCRIPTION, Synchronized Input and Output"),
    text: "When `fsync` has returned, what was written to the file before, and its size, is there.",
};
pub(super) static FSYNC_STORES: Promise = Promise {
    id: "power.fsync.keeps.stores",
    source: linux("fsync(2)", "DESCRIPTION"),
    text: "When `fsync` or `fdatasync` has returned, what was stored to the file through a shared \
           mapping before is there as well.",
};
pub(super) static FDATASYNC: Promise = Promise {
    id: "power.fdatasync.keeps",
    source: posix("fdatasync", "DESCRIPTION"),
    text: "When `fdatasync` has returned, what was written to the file before is there, and as much \
           of its size as is needed to read it.",
};
pub(super) static MSYNC: Promise = Promise {
    id: "power.msync.keeps",
    source: posix("msync", "DESCRIPTION, MS_SYNC"),
    text: "When `msync` with `MS_SYNC` has returned, what was stored to these pages before is there, \
           by whatever process and through whatever mapping. Of a page to which nothing was stored \
           nothing is promised, not even that the file reaches that far.",
};
pub(super) static DSYNC: Promise = Promise {
    id: "power.o-dsync.keeps",
    source: posix("open", "DESCRIPTION, O_DSYNC"),
    text: "When a write through a descriptor with `O_DSYNC` has returned, what it wrote is there.",
};
pub(super) static UNSYNCED: Promise = Promise {
    id: "power.unsynced.one-of",
    source: linux("ext4(5)", "data=ordered"),
    text: "Each sector that is not promised is as it was when it was last promised, or as it was \
           after any later change; within the size of the file it may be zeros if nothing in it was \
           ever promised.",
};
pub(super) static DIRECTORY: Promise = Promise {
    id: "power.directory.fsync.keeps",
    source: linux("fsync(2)", "DESCRIPTION"),
    text: "When `fsync` of a directory has returned, the names are there that were in it then, and \
           those that were not are not, unless they were changed later.",
};
pub(super) static ORDER: Promise = Promise {
    id: "power.names.in-order",
    source: linux("ext4(5)", "journal"),
    text: "The names are those that there were at one moment since they were last promised: a change \
           is there only if all before it are.",
};
pub(super) static FIFO: Promise = Promise {
    id: "power.fifo.empty",
    source: posix("mkfifo", "RATIONALE; write, pipes and FIFOs"),
    text: "A FIFO that is there has no bytes in it, whoever had it open when the power went.",
};
pub(super) static RESTART: Promise = Promise {
    id: "power.restart.keeps",
    source: linux("ext4(5)", "journal"),
    text: "What was there after a restart is there after the next, unless it was changed.",
};

/// All of them.
pub static PROMISES: &[&Promise] = &[
    &FSYNC,
    &FSYNC_STORES,
    &FDATASYNC,
    &MSYNC,
    &DSYNC,
    &UNSYNCED,
    &DIRECTORY,
    &ORDER,
    &FIFO,
    &RESTART,
];
