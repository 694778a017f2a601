//! The numbers, conditions and actions of regular files.

use std::sync::Arc;

use crate::clause::Cond::{All, Any, Eq, Not};
use crate::clause::{Action, Guard, Num, Number, action, by_sort, number};
use crate::memory::bytes::A_MEMORY;
use crate::memory::opening::access;
use crate::memory::{File, Origin, is_written_midway, reaches, resize};
use crate::name::{IS_READONLY, MODE_ASKED, NOT_READONLY, SOMETHING_MOUNTED, new_node, spot};
use crate::view::View;
use crate::world::{Description, Object};

/// The last offset of which it is said what becomes of it: a file system that holds no file so long is free
/// to refuse.
const FAR: i128 = 1 << 32;

/// Whether it is one.
pub(crate) fn is_regular(object: &Object) -> bool {
    matches!(object, Object::Memory(file) if file.is_regular())
}

/// The regular file that the call's path stands for.
fn target(v: &View<'_>) -> Option<u16> {
    // Who has entered a FIFO is at that, whatever has come to its name.
    v.call.filter(|call| call.holds.is_none())?;
    spot(v)?.object.filter(|object| is_regular(v.world.object_at(*object)))
}

/// The descriptor leads to one.
static IS_REGULAR: Number =
    by_sort("regular(fd)", "1 if the descriptor leads to a regular file.", |v| {
        u64::from(is_regular(v.object()) && v.description().is_some_and(|d| !d.path))
    });
static NAMED: Number = number(
    "regular(path)",
    "1 if the path stands for a regular file, which need be neither a directory nor new.",
    |v| u64::from(target(v).is_some() && !v.flag("O_DIRECTORY") && !v.flag("O_EXCL")),
);
static ALONE: Number =
    number("exclusive", "1 if O_EXCL is asked for.", |v| u64::from(v.flag("O_EXCL")));
static CHANGES: Number =
    number("changes", "1 if it is to be open for writing, or to be cut.", |v| {
        u64::from(access(v).1 || v.flag("O_TRUNC"))
    });
static MIDWAY: Number =
    number("midway(path)", "1 if a write has put a part of its bytes into the file.", |v| {
        u64::from(target(v).is_some_and(|object| is_written_midway(v.world, object)))
    });
static ASKS_DIRECT: Number =
    number("direct", "1 if O_DIRECT is asked for.", |v| u64::from(v.flag("O_DIRECT")));
static FAR_OFF: Number = number(
    "far",
    "1 if it is about what lies behind the first 2³² bytes of a regular file.",
    |v| u64::from(is_regular(v.object()) && reaches(v) > FAR),
);

/// The call's descriptor leads to a regular file.
pub(crate) const REGULAR: Guard = Guard {
    name: "it is a regular file",
    cond: All(&[A_MEMORY.cond, Eq(Num::Of(&IS_REGULAR), Num::N(1))]),
};
/// It does not.
pub(crate) const NOT_REGULAR: Guard =
    Guard { name: "it is no regular file", cond: Eq(Num::Of(&IS_REGULAR), Num::N(0)) };
pub(super) const TO_A_FILE: Guard =
    Guard { name: "it is a regular file", cond: Eq(Num::Of(&NAMED), Num::N(1)) };
pub(super) const TO_MAKE_ONLY: Guard =
    Guard { name: "O_EXCL is asked for", cond: Eq(Num::Of(&ALONE), Num::N(1)) };
pub(super) const TO_OPEN_TOO: Guard =
    Guard { name: "O_EXCL is not asked for", cond: Eq(Num::Of(&ALONE), Num::N(0)) };
pub(super) const CAN_BE_WRITTEN: Guard = Guard {
    name: "not to be changed, or not seen by a mount for reading only",
    cond: Any(&[Eq(Num::Of(&CHANGES), Num::N(0)), NOT_READONLY.cond]),
};
pub(super) const CANNOT_BE_WRITTEN: Guard = Guard {
    name: "to be changed, and seen by a mount for reading only",
    cond: All(&[Eq(Num::Of(&CHANGES), Num::N(1)), IS_READONLY.cond]),
};
pub(super) const NOBODY_MIDWAY: Guard =
    Guard { name: "no write is midway", cond: Eq(Num::Of(&MIDWAY), Num::N(0)) };
pub(super) const SOMEBODY_MIDWAY: Guard =
    Guard { name: "a write is midway", cond: Eq(Num::Of(&MIDWAY), Num::N(1)) };
pub(super) const DIRECT: Guard =
    Guard { name: "O_DIRECT is asked for", cond: Eq(Num::Of(&ASKS_DIRECT), Num::N(1)) };
pub(super) const FAR_AWAY: Guard = Guard {
    name: "about what lies behind the first 2³² bytes",
    cond: Eq(Num::Of(&FAR_OFF), Num::N(1)),
};
/// What it is about is said, if it is about a regular file.
pub(crate) const NEAR: Guard = Guard {
    name: "about no regular file, or the first 2³² bytes of one",
    cond: Eq(Num::Of(&FAR_OFF), Num::N(0)),
};
/// It is known by what mount it was opened, if that may matter.
pub(crate) const NOT_REGULAR_OR_UNMOUNTED: Guard = Guard {
    name: "it is no regular file, or nothing is mounted",
    cond: Any(&[NOT_REGULAR.cond, Not(&SOMETHING_MOUNTED.cond)]),
};

pub(super) static MAKE: Action =
    action("an empty file of that name, its bits less the mask", |c, _| {
        let view = c.view();
        let mode = view.num(&Num::Of(&MODE_ASKED));
        let Some(place) = spot(&view) else { return };
        let (reads, writes) = access(&view);
        let (nonblock, cloexec) = (view.flag("O_NONBLOCK"), view.flag("O_CLOEXEC"));
        let node = new_node(c, mode);
        let file = File::new(node, Origin::Directory);
        let object = c.world.add_object(Object::Memory(file));
        Arc::make_mut(&mut c.world.names).set(&place.path, object);
        let opened =
            Description { object, reads, writes, nonblock, serial: true, ..Description::default() };
        let description = c.world.add_description(opened);
        c.give(description, cloexec);
    });
pub(super) static CUT_WHOLE: Action = action("nothing is left in it", |c, _| {
    if let Some(object) = target(&c.view()) {
        resize(c, object, 0);
    }
});
