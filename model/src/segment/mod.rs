//! System V shared memory: segments that have a key, or none, and an identifier, are attached and
//! detached, and last until they are removed.
//!
//! Which identifier a system gives is its own affair. Programs call them by numbers, in the order in which
//! they are first told: the first one is 0, and none is used again. A `shmget` finds or makes a segment,
//! and then tells its number: each is an instant of its own.
//!
//! What is attached lies in the window of mappings, and is loaded from and stored to as they are.

mod rules;
mod table;
mod terms;

pub(crate) use self::table::tear;
pub use self::table::{Segment, Segments};
use crate::clause::{Clause, posix};
use crate::lasting::{Ending, Lasting, Place};
use crate::operation::{Gives, Operation, Param};

/// By what a segment can be found: by nothing, or by one of two keys.
pub const KEYS: &[&str] = &["IPC_PRIVATE", "KEY_A", "KEY_B"];
/// The flags of `shmget`.
pub const SHMGET_FLAGS: &[&str] = &["IPC_CREAT", "IPC_EXCL"];
/// The flags of `shmat`.
pub const SHMAT_FLAGS: &[&str] = &["SHM_RDONLY", "SHM_RND", "SHM_REMAP"];

/// `int shmget(key_t key, size_t size, int shmflg)`.
pub static SHMGET: Operation = Operation {
    name: "shmget",
    params: &[Param::Word(KEYS), Param::Number, Param::Flags(SHMGET_FLAGS), Param::Mode],
    gives: Gives::Number,
    c: "shmget(%0, %1, %2|%3)",
};

/// `void *shmat(int shmid, const void *shmaddr, int shmflg)`.
pub static SHMAT: Operation = Operation {
    name: "shmat",
    params: &[Param::Number, Param::Number, Param::Flags(SHMAT_FLAGS)],
    gives: Gives::Number,
    c: "shmat(id[%0], window + %1, %2)",
};

/// `int shmdt(const void *shmaddr)`.
pub static SHMDT: Operation = Operation {
    name: "shmdt",
    params: &[Param::Number],
    gives: Gives::Nothing,
    c: "shmdt(window + %0)",
};

/// `int shmctl(int shmid, IPC_RMID, NULL)`.
pub static REMOVE: Operation = Operation {
    name: "shmctl",
    params: &[Param::Number, Param::Command("IPC_RMID")],
    gives: Gives::Nothing,
    c: "shmctl(id[%0], %1, NULL)",
};

/// `int shmctl(int shmid, IPC_SET, struct shmid_ds *buf)`, the permission bits.
pub static SET_MODE: Operation = Operation {
    name: "shmctl",
    params: &[Param::Number, Param::Command("IPC_SET"), Param::Mode],
    gives: Gives::Nothing,
    c: "shmctl(id[%0], %1, &(struct shmid_ds){.shm_perm.mode = %2})",
};

/// `int shmctl(int shmid, IPC_STAT, struct shmid_ds *buf)`, how often it is attached.
pub static STAT_ATTACHES: Operation = Operation {
    name: "shmctl",
    params: &[Param::Number, Param::Command("shm_nattch")],
    gives: Gives::Number,
    c: "(shmctl(id[%0], IPC_STAT, &ds), ds.%1)",
};

/// `int shmctl(int shmid, IPC_STAT, struct shmid_ds *buf)`, its size.
pub static STAT_SIZE: Operation = Operation {
    name: "shmctl",
    params: &[Param::Number, Param::Command("shm_segsz")],
    gives: Gives::Number,
    c: "(shmctl(id[%0], IPC_STAT, &ds), ds.%1)",
};

/// `int shmctl(int shmid, IPC_STAT, struct shmid_ds *buf)`, its permission bits.
pub static STAT_MODE: Operation = Operation {
    name: "shmctl",
    params: &[Param::Number, Param::Command("shm_perm.mode")],
    gives: Gives::Mode,
    c: "(shmctl(id[%0], IPC_STAT, &ds), ds.%1)",
};

/// What programs can call here.
pub static OPERATIONS: &[&Operation] =
    &[&SHMGET, &SHMAT, &SHMDT, &REMOVE, &SET_MODE, &STAT_ATTACHES, &STAT_SIZE, &STAT_MODE];

/// The clauses, in the order of the page.
pub static CLAUSES: &[&[Clause]] =
    &[rules::GETTING, rules::ATTACHING, rules::DETACHING, rules::CONTROLLING];

/// How long segments last.
pub const LASTING: &[Lasting] = &[
    Lasting {
        kind: "segment",
        part: "key",
        ends: Ending::Unlink,
        place: Place::Memory,
        source: posix("shmctl()", "IPC_RMID"),
    },
    Lasting {
        kind: "segment",
        part: "bytes",
        ends: Ending::UnlinkAndLastDetach,
        place: Place::Memory,
        source: posix("shmctl()", "IPC_RMID"),
    },
];
