//! The numbers and conditions that clauses here and elsewhere are made of.

use crate::clause::Cond::{Eq, Le, Lt, Not};
use crate::clause::{Guard, Num, Number, Standard, by_sort, number};

/// Whether the call's descriptor is open.
pub static OPEN: Number =
    by_sort("open(fd)", "1 if the descriptor is open.", |v| u64::from(v.subject.is_some()));
/// Whether the call's descriptor is open for reading.
pub static READS: Number = by_sort("reads(fd)", "1 if it is open for reading.", |v| {
    v.description().map_or(0, |description| u64::from(description.reads))
});
/// Whether the call's descriptor is open for writing.
pub static WRITES: Number = by_sort("writes(fd)", "1 if it is open for writing.", |v| {
    v.description().map_or(0, |description| u64::from(description.writes))
});
/// Whether the call's description is non-blocking.
pub static NONBLOCK: Number = by_sort("nonblock", "1 if O_NONBLOCK is set.", |v| {
    v.description().map_or(0, |description| u64::from(description.nonblock))
});
/// How many bytes the call asks to move.
pub static LEN: Number =
    number("len", "The bytes that the call asks for.", |v| v.call.map_or(0, |c| c.call.len()));
/// How many bytes the call has moved.
pub static DONE: Number =
    number("done", "The bytes that the call has moved.", |v| v.call.map_or(0, |c| c.done));
/// How many bytes the call has still to move.
pub static LEFT: Number = number("left", "The bytes that the call has still to move.", |v| {
    v.call.map_or(0, |call| call.call.len().saturating_sub(call.done))
});
/// Whether the call has been asleep.
pub static SLEPT: Number =
    number("slept", "1 if the call has been asleep.", |v| v.call.map_or(0, |c| u64::from(c.slept)));
/// How many descriptors the caller could still get.
pub static FREE_FDS: Number = number("free", "Descriptors that the caller may still open.", |v| {
    let limit = v.spec.numbers.nofile;
    v.world.lowest_free(v.actor.process, 2, limit).len() as u64
});
/// The descriptor that is named second.
pub(super) static TARGET: Number =
    number("target", "The descriptor named second; huge if negative.", |v| v.arg(1) as u64);
/// The descriptor that is named first.
pub(super) static FIRST: Number =
    number("fd", "The descriptor named first; huge if negative.", |v| v.arg(0) as u64);
/// The limit on descriptors.
pub(super) static NOFILE: Number =
    number("OPEN_MAX", "One more than the greatest descriptor.", |v| v.spec.numbers.nofile);

static FOREIGN: Number =
    number("foreign", "1 if a flag is asked for that is no status flag here.", |v| {
        let known = v.spec.profile.standards.contains(&Standard::Linux);
        let refuses = crate::anonymous::is(v)
            || crate::memory::was_never_opened(v)
            || crate::file::is_regular(v.object())
            || crate::socket::is_socket(v);
        u64::from((!known || refuses) && v.flag("O_DIRECT"))
    });

pub(super) static ASKED_CLOEXEC: Number =
    number("cloexec", "1 if O_CLOEXEC was asked for.", |v| u64::from(v.flag("O_CLOEXEC")));

/// The descriptor is open.
pub const IS_OPEN: Guard =
    Guard { name: "the descriptor is open", cond: Eq(Num::Of(&OPEN), Num::N(1)) };
/// The descriptor is not open.
pub const NOT_OPEN: Guard =
    Guard { name: "the descriptor is not open", cond: Eq(Num::Of(&OPEN), Num::N(0)) };
/// A call on it may wait.
pub const MAY_WAIT: Guard =
    Guard { name: "O_NONBLOCK is clear", cond: Eq(Num::Of(&NONBLOCK), Num::N(0)) };
/// A call on it may not wait.
pub const MAY_NOT_WAIT: Guard =
    Guard { name: "O_NONBLOCK is set", cond: Eq(Num::Of(&NONBLOCK), Num::N(1)) };
/// There is room in the descriptor table.
pub const A_FREE_ONE: Guard =
    Guard { name: "a descriptor is free", cond: Lt(Num::N(0), Num::Of(&FREE_FDS)) };
/// There is no room in the descriptor table.
pub const NONE_FREE: Guard =
    Guard { name: "no descriptor is free", cond: Eq(Num::Of(&FREE_FDS), Num::N(0)) };
pub(super) const IN_RANGE: Guard =
    Guard { name: "the target is a possible one", cond: Lt(Num::Of(&TARGET), Num::Of(&NOFILE)) };
pub(super) const OUT_OF_RANGE: Guard = Guard {
    name: "the target is not a possible one",
    cond: Le(Num::Of(&NOFILE), Num::Of(&TARGET)),
};
pub(super) const SAME: Guard =
    Guard { name: "both are the same", cond: Eq(Num::Of(&FIRST), Num::Of(&TARGET)) };
pub(super) const DIFFERENT: Guard =
    Guard { name: "they differ", cond: Not(&Eq(Num::Of(&FIRST), Num::Of(&TARGET))) };
pub(super) const KNOWN_STATUS: Guard =
    Guard { name: "every flag is a status flag", cond: Eq(Num::Of(&FOREIGN), Num::N(0)) };
/// A flag is asked for that the object does not have.
pub const FOREIGN_STATUS: Guard =
    Guard { name: "a flag is no status flag", cond: Eq(Num::Of(&FOREIGN), Num::N(1)) };
