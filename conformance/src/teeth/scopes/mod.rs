//! The small worlds in which a fault is compared with none: those of [`crate::worlds`] that are not
//! large, and these, which have what those leave out.

mod addresses;
mod children;
mod files;
mod groups;
mod lists;
mod locks;
mod mappings;
mod memory;
mod names;
mod passing;
mod pidfd;
mod pipes;
mod rings;
mod segments;
mod signalfd;
mod signals;
mod sockets;
mod threads;
mod timers;

use self::addresses::ADDRESSES;
use self::children::CHILDREN;
use self::files::FILES;
use self::groups::GROUPS;
use self::lists::LISTS;
use self::locks::LOCKS;
use self::mappings::MAPPINGS;
use self::memory::MEMORY;
use self::names::NAMES;
use self::passing::PASSED;
use self::pidfd::HELD;
use self::pipes::PIPES;
use self::rings::RINGS;
use self::segments::SEGMENTS;
use self::signalfd::SIGNALS_READ;
use self::signals::SIGNALS;
use self::sockets::SOCKETS;
use self::threads::THREADS;
use self::timers::TIMERS;
use crate::worlds::{SCOPES, Scope};

/// Worlds of one scope that are looked at, at most: those that take fewer steps first.
pub(super) const MOST: usize = 30_000;

/// Pairs of a world and those that the sound kernel may be in instead, at most, of one scope.
pub(super) const PAIRS: usize = 60_000;

/// All of them.
pub(super) fn scopes() -> impl Iterator<Item = &'static Scope> {
    let small = SCOPES.iter().filter(|scope| !scope.large && scope.profile.name == "linux");
    small
        .chain(PIPES)
        .chain(LISTS)
        .chain(NAMES)
        .chain(MEMORY)
        .chain(FILES)
        .chain(MAPPINGS)
        .chain(LOCKS)
        .chain(RINGS)
        .chain(SEGMENTS)
        .chain(SIGNALS)
        .chain(SIGNALS_READ)
        .chain(HELD)
        .chain(SOCKETS)
        .chain(ADDRESSES)
        .chain(PASSED)
        .chain(CHILDREN)
        .chain(GROUPS)
        .chain(THREADS)
        .chain(TIMERS)
}
