//! Processes: birth by `fork`, another program by `exec`, end by `_exit` or a signal, and what the
//! parent learns of it.

mod birth;
mod end;
mod group;
mod kill;
mod parent;
mod pdeath;
mod stop;
mod terms;
mod wait;

pub use self::birth::{EXEC, FORK};
pub(crate) use self::end::die;
pub use self::end::{DEATH, DIE_OF_SIGPIPE, EXIT};
pub(crate) use self::group::members_of_named;
pub use self::group::{
    ABOUT_GROUPS, GETPGID, GETPGRP, PGIDS, SETPGID, SETPGID_OWN, WAITID_PGID, WAITPID_GROUP,
    WAITPID_OWN_GROUP,
};
pub use self::kill::KILL;
pub use self::pdeath::{ASKS_NOTHING, GET_PDEATHSIG, PDEATH_SIGNALS, SET_PDEATHSIG};
pub use self::stop::{NEWS, STOPPED};
pub(crate) use self::stop::{resume, stop};
pub use self::wait::{
    WAIT, WAIT_OPTIONS, WAITID_ALL, WAITID_OPTIONS, WAITID_PID, WAITPID, WAITPID_ANY,
    WAITPID_OPTIONS,
};
use crate::clause::{Clause, posix};
use crate::lasting::{Ending, Lasting, Place};
use crate::operation::Operation;

/// What programs can call here.
pub static OPERATIONS: &[&Operation] = &[
    &FORK,
    &EXEC,
    &EXIT,
    &WAITPID,
    &WAITPID_OPTIONS,
    &WAITPID_ANY,
    &WAIT,
    &WAITID_PID,
    &WAITID_ALL,
    &WAITPID_OWN_GROUP,
    &WAITPID_GROUP,
    &WAITID_PGID,
    &KILL,
    &SETPGID,
    &SETPGID_OWN,
    &GETPGID,
    &GETPGRP,
    &SET_PDEATHSIG,
    &GET_PDEATHSIG,
];

/// The clauses, in the order of the page.
pub static CLAUSES: &[&[Clause]] = &[
    birth::CLAUSES,
    end::CLAUSES,
    stop::CLAUSES,
    wait::CLAUSES,
    kill::CLAUSES,
    group::CLAUSES,
    pdeath::CLAUSES,
];

/// How long what a process has to itself lasts.
pub const LASTING: &[Lasting] = &[
    Lasting {
        kind: "process",
        part: "a descriptor",
        ends: Ending::LastClose,
        place: Place::Memory,
        source: posix("exec", "DESCRIPTION"),
    },
    Lasting {
        kind: "process",
        part: "umask",
        ends: Ending::Process,
        place: Place::Memory,
        source: posix("exec", "DESCRIPTION"),
    },
    Lasting {
        kind: "process",
        part: "mask, and a pending signal",
        ends: Ending::Process,
        place: Place::Memory,
        source: posix("exec", "DESCRIPTION"),
    },
    Lasting {
        kind: "process",
        part: "`SIG_IGN`",
        ends: Ending::Process,
        place: Place::Memory,
        source: posix("exec", "DESCRIPTION"),
    },
];
