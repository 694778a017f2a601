//! The numbers and conditions that clauses about names speak of.

use super::tree::{Node, Spot, may, parent, resolve};
use super::{RENAME, RMDIR, SYMLINK, UNLINK};
use crate::clause::Cond::{All, Any, Eq, Lt, Not};
use crate::clause::{Guard, Num, Number, number};
use crate::errno::Errno;
use crate::view::View;
use crate::world::{Object, User};

/// What keeps a path from being followed to its last word, from 1.
const OBSTACLES: &[Errno] =
    &[Errno::ENOENT, Errno::ENOTDIR, Errno::EACCES, Errno::ELOOP, Errno::ENAMETOOLONG];

fn user(v: &View<'_>) -> User {
    v.process().map_or(User::default(), |process| process.user)
}

/// Where the `index`-th argument of a call, a path, leads.
pub fn spot_of(v: &View<'_>, index: usize, follow: bool) -> Result<Spot, Errno> {
    let path = v.call.and_then(|call| call.call.path(index)).ok_or(Errno::ENOENT)?;
    resolve(v.world, &v.spec.numbers, user(v), path, follow)
}

/// Whether the call follows a link at the end of its first path.
fn follows(v: &View<'_>) -> bool {
    let kept = [&UNLINK, &RMDIR, &RENAME, &super::LINK, &super::MKDIR, &crate::fifo::MKFIFO];
    v.call.is_some_and(|call| !kept.contains(&call.call.operation)) && !v.flag("O_EXCL")
}

/// Where the first path of a call leads, if it can be followed.
pub fn spot(v: &View<'_>) -> Option<Spot> {
    spot_of(v, 0, follows(v)).ok()
}

/// Whether the call follows a link at the end of its second path.
fn follows_second(v: &View<'_>) -> bool {
    let following = [&super::MOUNT, &crate::socket::CONNECT];
    v.call.is_some_and(|call| following.contains(&call.call.operation))
}

/// Where the second path of a call leads, if it can be followed.
pub(super) fn second(v: &View<'_>) -> Option<Spot> {
    spot_of(v, 1, follows_second(v)).ok()
}

fn obstacle(found: Result<Spot, Errno>) -> u64 {
    let code = |errno| OBSTACLES.iter().position(|known| *known == errno).map_or(0, |at| at + 1);
    found.err().map_or(0, code) as u64
}

fn has(v: &View<'_>, index: usize) -> bool {
    v.call.is_some_and(|call| call.call.path(index).is_some())
}

fn stands(v: &View<'_>, spot: Option<Spot>, is: impl Fn(&Object) -> bool) -> u64 {
    let object = spot.and_then(|spot| spot.object).map(|index| v.world.object_at(index));
    u64::from(object.is_some_and(is))
}

fn may_change(v: &View<'_>, spot: Option<Spot>) -> u64 {
    let allowed = |spot: Spot| may(v.world, &v.spec.numbers, user(v), parent(&spot.path), 3);
    u64::from(spot.is_none_or(allowed))
}

/// Whether the call is past its paths: it has found what it names, and does not look again.
fn is_past(v: &View<'_>) -> bool {
    v.call.is_some_and(|call| call.holds.is_some())
}

/// Whether the first path is only written down.
fn is_literal(v: &View<'_>) -> bool {
    v.call.is_some_and(|call| call.call.operation == &SYMLINK)
}

static LITERAL: Number =
    number("literal", "1 if the first path is not followed.", |v| u64::from(is_literal(v)));
static LOOKUP: Number = number(
    "lookup",
    "0 if the first path can be followed to its last word; else 1 ENOENT, 2 ENOTDIR, 3 EACCES, 4 ELOOP, 5 ENAMETOOLONG.",
    |v| {
        if is_literal(v) || !has(v, 0) || is_past(v) {
            0
        } else {
            obstacle(spot_of(v, 0, follows(v)))
        }
    },
);
static LOOKUP_SECOND: Number =
    number("lookup'", "The same for the second path; 0 if there is none.", |v| {
        let looks = has(v, 1) && !crate::socket::is_beside_names(v);
        if looks { obstacle(spot_of(v, 1, follows_second(v))) } else { 0 }
    });
static THERE: Number = number("there(path)", "1 if the first path stands for a file.", |v| {
    u64::from(is_past(v) || spot(v).is_some_and(|spot| spot.object.is_some()))
});
static THERE_SECOND: Number =
    number("there(path')", "1 if the second path stands for a file.", |v| {
        u64::from(second(v).is_some_and(|spot| spot.object.is_some()))
    });
pub(super) static DIRECTORY: Number =
    number("dir(path)", "1 if the first path is a directory.", |v| {
        stands(v, spot(v), |object| matches!(object, Object::Directory(_)))
    });
pub(super) static DIRECTORY_SECOND: Number =
    number("dir(path')", "1 if the second path is a directory.", |v| {
        stands(v, second(v), |object| matches!(object, Object::Directory(_)))
    });
static CHANGES: Number =
    number("may(dir)", "1 if the caller may change the directory of the first path.", |v| {
        may_change(v, spot(v))
    });
static CHANGES_SECOND: Number =
    number("may(dir')", "1 if the caller may change the directory of the second path.", |v| {
        may_change(v, second(v))
    });
static HOLDS: Number = number("holds(path)", "1 if something is in the first path.", |v| {
    u64::from(spot(v).is_some_and(|spot| v.world.names.has_below(&spot.path)))
});
static HOLDS_SECOND: Number =
    number("holds(path')", "1 if something is in the second path.", |v| {
        u64::from(second(v).is_some_and(|spot| v.world.names.has_below(&spot.path)))
    });
static SAME_FILE: Number = number("same", "1 if both paths stand for the same file.", |v| {
    let (one, other) = (spot(v).and_then(|s| s.object), second(v).and_then(|s| s.object));
    u64::from(one.is_some() && one == other)
});
static INSIDE: Number = number("inside", "1 if the second path lies below the first.", |v| {
    let (Some(one), Some(other)) = (spot(v), second(v)) else { return 0 };
    u64::from(other.path.strip_prefix(&one.path).is_some_and(|rest| rest.starts_with('/')))
});
static ABOVE: Number = number("above", "1 if the first path lies below the second.", |v| {
    let (Some(one), Some(other)) = (spot(v), second(v)) else { return 0 };
    u64::from(one.path.strip_prefix(&other.path).is_some_and(|rest| rest.starts_with('/')))
});
static PRIVILEGED: Number = number("privileged", "1 if the caller may become another user.", |v| {
    u64::from(v.spec.numbers.privileged && !user(v).nobody)
});
static ANOTHERS: Number =
    number("another's(path)", "1 if the first path is a file of another user.", |v| {
        let object = spot(v).and_then(|spot| spot.object).map(|index| v.world.object_at(index));
        let another = |node: &Node| node.nobodys != user(v).nobody;
        u64::from(object.and_then(Object::node).is_some_and(another))
    });
/// The mode that the call asks for.
pub static MODE_ASKED: Number = number("mode", "The permission bits that are asked for.", |v| {
    v.call.and_then(|c| c.call.find(|p| matches!(p, crate::operation::Param::Mode))).unwrap_or(0)
        as u64
});

/// Every path of the call can be followed to its last word.
pub const REACHED: Guard = Guard {
    name: "every directory on the way is there",
    cond: All(&[Eq(Num::Of(&LOOKUP), Num::N(0)), Eq(Num::Of(&LOOKUP_SECOND), Num::N(0))]),
};
/// Of a missing file and an obstacle on the way of the second path either may be told (POSIX.1-2024
/// System Interfaces, 2.3).
pub(super) const FIRST_REACHED: Guard = Guard {
    name: "every directory on the way of the first path is there",
    cond: Eq(Num::Of(&LOOKUP), Num::N(0)),
};
pub(super) const MISSING: Guard = Guard {
    name: "a directory on the way is missing",
    cond: Any(&[Eq(Num::Of(&LOOKUP), Num::N(1)), Eq(Num::Of(&LOOKUP_SECOND), Num::N(1))]),
};
pub(super) const NO_DIRECTORY: Guard = Guard {
    name: "something on the way is no directory",
    cond: Any(&[Eq(Num::Of(&LOOKUP), Num::N(2)), Eq(Num::Of(&LOOKUP_SECOND), Num::N(2))]),
};
pub(super) const CLOSED_DIRECTORY: Guard = Guard {
    name: "a directory on the way may not be searched",
    cond: Any(&[Eq(Num::Of(&LOOKUP), Num::N(3)), Eq(Num::Of(&LOOKUP_SECOND), Num::N(3))]),
};
pub(super) const LINKS_GO_ROUND: Guard = Guard {
    name: "links lead on for ever",
    cond: Any(&[Eq(Num::Of(&LOOKUP), Num::N(4)), Eq(Num::Of(&LOOKUP_SECOND), Num::N(4))]),
};
pub(super) const TOO_LONG: Guard = Guard {
    name: "a word or a path is too long",
    cond: Any(&[Eq(Num::Of(&LOOKUP), Num::N(5)), Eq(Num::Of(&LOOKUP_SECOND), Num::N(5))]),
};
/// The first path stands for a file.
pub const IS_THERE: Guard =
    Guard { name: "the name is there", cond: Eq(Num::Of(&THERE), Num::N(1)) };
/// The first path stands for nothing.
pub const NO_SUCH_NAME: Guard =
    Guard { name: "there is no such name", cond: Eq(Num::Of(&THERE), Num::N(0)) };
/// The second path stands for a file.
pub const SECOND_THERE: Guard =
    Guard { name: "the second name is there", cond: Eq(Num::Of(&THERE_SECOND), Num::N(1)) };
/// The second path stands for nothing.
pub const SECOND_FREE: Guard =
    Guard { name: "the second name is free", cond: Eq(Num::Of(&THERE_SECOND), Num::N(0)) };
/// The first path stands for a directory.
pub const A_DIRECTORY: Guard =
    Guard { name: "it is a directory", cond: Eq(Num::Of(&DIRECTORY), Num::N(1)) };
pub(super) const NOT_A_DIRECTORY: Guard =
    Guard { name: "it is no directory", cond: Eq(Num::Of(&DIRECTORY), Num::N(0)) };
pub(super) const SECOND_NO_DIRECTORY: Guard =
    Guard { name: "the second is no directory", cond: Eq(Num::Of(&DIRECTORY_SECOND), Num::N(0)) };
pub(super) const SECOND_A_DIRECTORY: Guard =
    Guard { name: "the second is a directory", cond: Eq(Num::Of(&DIRECTORY_SECOND), Num::N(1)) };
/// The caller may change the directory that the first path is in.
pub const ALLOWED_DIRECTORY: Guard =
    Guard { name: "the caller may change its directory", cond: Eq(Num::Of(&CHANGES), Num::N(1)) };
/// The caller may not change the directory that the first path is in.
pub const NOT_ALLOWED_DIRECTORY: Guard = Guard {
    name: "the caller may not change its directory",
    cond: Eq(Num::Of(&CHANGES), Num::N(0)),
};
/// The caller may change the directory that the second path is in.
pub const ALLOWED_SECOND: Guard = Guard {
    name: "the caller may change the second's directory",
    cond: Eq(Num::Of(&CHANGES_SECOND), Num::N(1)),
};
pub(super) const NOT_ALLOWED_ONE: Guard = Guard {
    name: "the caller may not change a directory of the two",
    cond: Any(&[Eq(Num::Of(&CHANGES), Num::N(0)), Eq(Num::Of(&CHANGES_SECOND), Num::N(0))]),
};
/// The caller may not.
pub const NOT_ALLOWED_SECOND: Guard = Guard {
    name: "the caller may not change the second's directory",
    cond: Eq(Num::Of(&CHANGES_SECOND), Num::N(0)),
};
pub(super) const EMPTY: Guard =
    Guard { name: "nothing is in it", cond: Eq(Num::Of(&HOLDS), Num::N(0)) };
pub(super) const NOT_EMPTY: Guard =
    Guard { name: "something is in it", cond: Eq(Num::Of(&HOLDS), Num::N(1)) };
pub(super) const SECOND_EMPTY: Guard =
    Guard { name: "nothing is in the second", cond: Eq(Num::Of(&HOLDS_SECOND), Num::N(0)) };
pub(super) const SECOND_NOT_EMPTY: Guard =
    Guard { name: "something is in the second", cond: Eq(Num::Of(&HOLDS_SECOND), Num::N(1)) };
pub(super) const ONE_FILE: Guard =
    Guard { name: "both stand for the same file", cond: Eq(Num::Of(&SAME_FILE), Num::N(1)) };
pub(super) const TWO_FILES: Guard =
    Guard { name: "they do not stand for the same file", cond: Eq(Num::Of(&SAME_FILE), Num::N(0)) };
pub(super) const NOT_INSIDE: Guard =
    Guard { name: "the second is not below the first", cond: Eq(Num::Of(&INSIDE), Num::N(0)) };
pub(super) const BELOW_ITSELF: Guard =
    Guard { name: "the second is below the first", cond: Eq(Num::Of(&INSIDE), Num::N(1)) };
pub(super) const ALLOWED_BOTH_OR_OVER: Guard = Guard {
    name: "the caller may change both directories, or the first is below the second",
    cond: Any(&[
        Eq(Num::Of(&ABOVE), Num::N(1)),
        All(&[Eq(Num::Of(&CHANGES), Num::N(1)), Eq(Num::Of(&CHANGES_SECOND), Num::N(1))]),
    ]),
};
pub(super) const NESTED: Guard = Guard {
    name: "one of the two is below the other",
    cond: Any(&[Eq(Num::Of(&INSIDE), Num::N(1)), Eq(Num::Of(&ABOVE), Num::N(1))]),
};
pub(super) const NOT_NESTED: Guard = Guard {
    name: "neither is below the other",
    cond: All(&[Eq(Num::Of(&INSIDE), Num::N(0)), Eq(Num::Of(&ABOVE), Num::N(0))]),
};
/// The caller has no privilege over files.
pub const UNPRIVILEGED: Guard =
    Guard { name: "the caller is not privileged", cond: Eq(Num::Of(&PRIVILEGED), Num::N(0)) };
pub(super) const OF_ANOTHER: Guard =
    Guard { name: "the file is another user's", cond: Eq(Num::Of(&ANOTHERS), Num::N(1)) };
/// A link wants its first path to be there, a symbolic link does not ask.
pub(super) const FOUND_IF_WANTED: Guard = Guard {
    name: "what is to be named is there",
    cond: Any(&[Eq(Num::Of(&LITERAL), Num::N(1)), Eq(Num::Of(&THERE), Num::N(1))]),
};
/// Both directories, or neither.
pub(super) const ALIKE: Guard = Guard {
    name: "what the second stands for may be replaced by it",
    cond: Any(&[
        Eq(Num::Of(&THERE_SECOND), Num::N(0)),
        Eq(Num::Of(&DIRECTORY), Num::Of(&DIRECTORY_SECOND)),
    ]),
};
/// The caller has every privilege over files, and may become another user.
pub const MAY_BECOME: Guard =
    Guard { name: "the caller may become another user", cond: Lt(Num::N(0), Num::Of(&PRIVILEGED)) };
pub(super) const MAY_NOT_BECOME: Guard = Guard {
    name: "the caller may not become another user",
    cond: Not(&Lt(Num::N(0), Num::Of(&PRIVILEGED))),
};
