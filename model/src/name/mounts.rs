//! What is mounted: a directory is seen at the place of another, by all processes of a namespace or by
//! some, and perhaps for reading only.
//!
//! Not in POSIX, which only says what comes of file systems that are read-only (`EROFS`), of names in two
//! of them (`EXDEV`) and of directories that something is mounted on (`EBUSY`). Programs mount the
//! directories that they have made (Linux `mount(2)`, `MS_BIND`), where the agents have a namespace to
//! themselves.

use std::sync::Arc;

use super::rules::rule;
use super::terms::*;
use super::{LINK, MKDIR, RENAME, RMDIR, SYMLINK, UNLINK};
use crate::clause::Aspect::{Error, Lifetime};
use crate::clause::Cond::{All, Eq, Not};
use crate::clause::{
    Action, Clause, Envelope, Guard, Num, Number, action, effect, extension, linux, number,
};
use crate::errno::Errno::{EBUSY, EINVAL, ENOENT, ENOTDIR, EPERM, EROFS, EXDEV};
use crate::fifo::MKFIFO;
use crate::file::CREATE;
use crate::name::Spot;
use crate::operation::{Gives, Operation, Param};
use crate::view::{Change, View};
use crate::world::World;

/// A directory that is seen at the place of another.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Mount {
    /// By which mount the other is seen, as in [`Spot::mount`].
    pub parent: u8,
    /// The path of the other, which cannot be seen so any more; empty where that is gone.
    pub at: Arc<str>,
    /// The path of what is seen instead.
    pub of: Arc<str>,
    /// `MS_RDONLY`.
    pub readonly: bool,
}

/// `int mount(const char *source, const char *target, NULL, MS_BIND, NULL)`.
pub static MOUNT: Operation = Operation {
    name: "mount",
    params: &[Param::Path, Param::Path, Param::Command("MS_BIND")],
    gives: Gives::Nothing,
    c: "mount(%0, %1, NULL, MS_BIND, NULL)",
};

/// `int mount(NULL, const char *target, NULL, MS_BIND|MS_REMOUNT|flags, NULL)`.
pub static REMOUNT: Operation = Operation {
    name: "mount",
    params: &[Param::Path, Param::Command("MS_REMOUNT"), Param::Flags(&["MS_RDONLY"])],
    gives: Gives::Nothing,
    c: "mount(NULL, %0, NULL, MS_BIND|MS_REMOUNT|%2, NULL)",
};

/// `int unshare(CLONE_NEWNS)`.
pub static UNSHARE: Operation = Operation {
    name: "unshare",
    params: &[Param::Command("CLONE_NEWNS")],
    gives: Gives::Nothing,
    c: "unshare(CLONE_NEWNS)",
};

/// What is seen by a path that is seen by a mount: by which mount, and as what.
pub(super) fn covering(mounts: &[Mount], mount: u8, path: String) -> (u8, String) {
    let covers = |one: &Mount| one.parent == mount && *one.at == *path;
    match mounts.iter().rposition(covers) {
        Some(place) => covering(mounts, place as u8 + 1, mounts[place].of.to_string()),
        None => (mount, path),
    }
}

/// The names at and below one path are at and below the other from now on.
pub(super) fn renamed(world: &mut World, from: &str, to: &str) {
    let moved = |path: &Arc<str>| match path.strip_prefix(from) {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("{to}{rest}").into(),
        _ => Arc::clone(path),
    };
    if !world.mounts.is_empty() {
        for one in Arc::make_mut(&mut world.mounts).iter_mut().flatten() {
            (one.at, one.of) = (moved(&one.at), moved(&one.of));
        }
    }
}

/// A directory is gone: what was mounted on it is seen nowhere.
pub(super) fn removed(world: &mut World, path: &str) {
    if !world.mounts.is_empty() {
        let all = Arc::make_mut(&mut world.mounts).iter_mut().flatten();
        all.filter(|one| *one.at == *path).for_each(|one| one.at = "".into());
    }
}

fn mounts<'a>(v: &View<'a>) -> &'a [Mount] {
    v.world.mounts_of(v.process().map_or(0, |process| process.user.namespace))
}

fn by<'a>(v: &View<'a>, spot: Option<&Spot>) -> Option<&'a Mount> {
    mounts(v).get(usize::from(spot?.mount).checked_sub(1)?)
}

fn is_readonly(v: &View<'_>, spot: Option<Spot>) -> u64 {
    u64::from(by(v, spot.as_ref()).is_some_and(|mount| mount.readonly))
}

/// Whether something is mounted on it, as the caller sees it.
fn is_mounted_on(v: &View<'_>, spot: Option<Spot>) -> bool {
    spot.is_some_and(|spot| mounts(v).iter().any(|mount| *mount.at == spot.path))
}

/// Whether it is seen elsewhere, by anybody.
fn is_seen_elsewhere(v: &View<'_>, spot: Option<Spot>) -> bool {
    let seen = |spot: &Spot| v.world.mounts.iter().flatten().any(|one| *one.of == spot.path);
    spot.is_some_and(|spot| seen(&spot))
}

static READONLY: Number =
    number("read-only(path)", "1 if the first path is seen by a mount for reading only.", |v| {
        is_readonly(v, spot(v))
    });
static READONLY_SECOND: Number =
    number("read-only(path')", "1 if the second path is seen so.", |v| is_readonly(v, second(v)));
static MOUNTED_ON: Number = number(
    "mounted on",
    "1 if the caller sees something mounted on one of the directories that are named.",
    |v| u64::from(is_mounted_on(v, spot(v)) || is_mounted_on(v, second(v))),
);
static APART: Number = number("apart", "1 if both paths are seen by different mounts.", |v| {
    let first = spot_of(v, 0, v.call.is_some_and(|call| call.call.operation == &LINK)).ok();
    u64::from(first.zip(second(v)).is_some_and(|(one, other)| one.mount != other.mount))
});
static MOUNT_ROOT: Number =
    number("mounted(path)", "1 if the first path is what something was mounted as.", |v| {
        let spot = spot(v);
        let root = |mount: &Mount| spot.as_ref().is_some_and(|spot| *mount.of == spot.path);
        u64::from(by(v, spot.as_ref()).is_some_and(root))
    });
static SOURCE_GOES: Number = number(
    "source goes",
    "1 if a directory would go that is seen elsewhere too, by somebody.",
    |v| {
        let gone = match v.call.map(|call| call.call.operation) {
            Some(operation) if operation == &RENAME => second(v),
            _ => spot(v),
        };
        u64::from(is_seen_elsewhere(v, gone))
    },
);

/// What the first path is in can be written to.
pub const NOT_READONLY: Guard = Guard {
    name: "what it is seen by is not mounted for reading only",
    cond: Eq(Num::Of(&READONLY), Num::N(0)),
};
/// The first path is seen by a mount for reading only.
pub const IS_READONLY: Guard = Guard {
    name: "what it is seen by is mounted for reading only",
    cond: Eq(Num::Of(&READONLY), Num::N(1)),
};
/// The second path does not lead through a mount for reading only.
pub const SECOND_NOT_READONLY: Guard = Guard {
    name: "what the second is seen by is not mounted for reading only",
    cond: Eq(Num::Of(&READONLY_SECOND), Num::N(0)),
};
/// The second path leads through a mount for reading only.
pub const SECOND_READONLY: Guard = Guard {
    name: "what the second is seen by is mounted for reading only",
    cond: Eq(Num::Of(&READONLY_SECOND), Num::N(1)),
};
pub(super) const NOTHING_ON_IT: Guard =
    Guard { name: "nothing is mounted on it", cond: Eq(Num::Of(&MOUNTED_ON), Num::N(0)) };
const SOMETHING_ON_IT: Guard =
    Guard { name: "something is mounted on it", cond: Eq(Num::Of(&MOUNTED_ON), Num::N(1)) };
pub(super) const TOGETHER: Guard =
    Guard { name: "both are seen by one mount", cond: Eq(Num::Of(&APART), Num::N(0)) };
const ARE_APART: Guard =
    Guard { name: "they are seen by two mounts", cond: Eq(Num::Of(&APART), Num::N(1)) };
const WAS_MOUNTED: Guard =
    Guard { name: "it is what was mounted", cond: Eq(Num::Of(&MOUNT_ROOT), Num::N(1)) };
const WAS_NOT_MOUNTED: Guard =
    Guard { name: "it is not what was mounted", cond: Eq(Num::Of(&MOUNT_ROOT), Num::N(0)) };
const SEEN_ELSEWHERE: Guard = Guard {
    name: "what would go is seen elsewhere too",
    cond: Eq(Num::Of(&SOURCE_GOES), Num::N(1)),
};
const ONE_DIRECTORY: Guard = Guard {
    name: "one of the two is a directory",
    cond: Not(&Eq(Num::Of(&DIRECTORY), Num::Of(&DIRECTORY_SECOND))),
};
const NO_DIRECTORIES: Guard = Guard {
    name: "neither is a directory",
    cond: All(&[Eq(Num::Of(&DIRECTORY), Num::N(0)), Eq(Num::Of(&DIRECTORY_SECOND), Num::N(0))]),
};

/// What is mounted in the caller's namespace.
fn of_caller<'a>(c: &'a mut Change<'_>) -> &'a mut Vec<Mount> {
    let namespace = c.view().process().map_or(0, |process| process.user.namespace);
    let all = Arc::make_mut(&mut c.world.mounts);
    if all.len() <= usize::from(namespace) {
        all.resize(usize::from(namespace) + 1, Vec::new());
    }
    &mut all[usize::from(namespace)]
}

static BIND: Action = action("the second path shows what the first is", |c, _| {
    let view = c.view();
    let (Some(of), Some(at)) = (spot(&view), second(&view)) else { return };
    // A mount of a mount is for reading only as that is (Linux 6.18 `fs/namespace.c`, `clone_mnt`).
    let readonly = by(&view, Some(&of)).is_some_and(|mount| mount.readonly);
    let one = Mount { parent: at.mount, at: at.path.into(), of: of.path.into(), readonly };
    of_caller(c).push(one);
});
static SET_READONLY: Action = action("it is for reading only, or not, as asked", |c, _| {
    let view = c.view();
    let readonly = view.flag("MS_RDONLY");
    let place = spot(&view).and_then(|spot| usize::from(spot.mount).checked_sub(1));
    if let Some(mount) = place.and_then(|place| of_caller(c).get_mut(place)) {
        mount.readonly = readonly;
    }
});
static PART: Action = action("the caller has what is mounted to itself", |c, _| {
    let own = of_caller(c).clone();
    let all = Arc::make_mut(&mut c.world.mounts);
    all.push(own);
    let namespace = (all.len() - 1) as u8;
    if let Some(process) = c.process() {
        process.user.namespace = namespace;
    }
});

pub(super) static CLAUSES: &[Clause] = &[
    extension(
        "name.mount.binds",
        &[&MOUNT],
        (
            Lifetime,
            linux("mount(2)", "Creating a bind mount"),
            "At the second path the directory is seen that the first is, by everybody who has the same mounts.",
        ),
        &[REACHED, IS_THERE, A_DIRECTORY, SECOND_THERE, SECOND_A_DIRECTORY, MAY_BECOME],
        Envelope::Nothing,
        &[effect(&BIND)],
    ),
    extension(
        "name.mount.err.eperm",
        &[&MOUNT, &REMOUNT, &UNSHARE],
        (Error, linux("mount(2)", "ERRORS"), "Who is not privileged mounts nothing."),
        &[UNPRIVILEGED],
        Envelope::Error(EPERM),
        &[],
    ),
    extension(
        "name.mount.err.enoent",
        &[&MOUNT],
        (Error, linux("mount(2)", "ERRORS"), "Nothing is mounted where there is no file."),
        &[REACHED, SECOND_FREE],
        Envelope::Error(ENOENT),
        &[],
    ),
    extension(
        "name.mount.err.enotdir",
        &[&MOUNT],
        (
            Error,
            linux("mount(2)", "ERRORS"),
            "A directory is mounted on a directory, and nothing else is.",
        ),
        &[REACHED, IS_THERE, SECOND_THERE, ONE_DIRECTORY, MAY_BECOME],
        Envelope::Error(ENOTDIR),
        &[],
    ),
    extension(
        "name.mount.unspecified.file",
        &[&MOUNT],
        (
            Lifetime,
            linux("mount(2)", "Creating a bind mount"),
            "What comes of mounting a file that is no directory is not said here.",
        ),
        &[REACHED, IS_THERE, SECOND_THERE, NO_DIRECTORIES, MAY_BECOME],
        Envelope::Anything,
        &[],
    ),
    extension(
        "name.remount.sets",
        &[&REMOUNT],
        (
            Lifetime,
            linux("mount(2)", "Remounting an existing mount"),
            "What is seen by that mount is for reading only from now on, or not any more; by others it is as it was.",
        ),
        &[REACHED, IS_THERE, WAS_MOUNTED, MAY_BECOME],
        Envelope::Nothing,
        &[effect(&SET_READONLY)],
    ),
    extension(
        "name.remount.err.einval",
        &[&REMOUNT],
        (Error, linux("mount(2)", "ERRORS"), "What was not mounted is not mounted in another way."),
        &[REACHED, IS_THERE, WAS_NOT_MOUNTED, MAY_BECOME],
        Envelope::Error(EINVAL),
        &[],
    ),
    extension(
        "name.unshare.parts",
        &[&UNSHARE],
        (
            Lifetime,
            linux("mount_namespaces(7)", "DESCRIPTION"),
            "What is mounted from now on is seen by the caller and its children, or by the others; what was is seen by both.",
        ),
        &[MAY_BECOME],
        Envelope::Nothing,
        &[effect(&PART)],
    ),
    rule(
        "name.readonly.err.erofs.new",
        &[&MKFIFO, &MKDIR, &CREATE],
        (Error, "mkdir()", "ERRORS", "No name is made where nothing can be written."),
        &[REACHED, NO_SUCH_NAME, IS_READONLY],
        Envelope::Error(EROFS),
    ),
    rule(
        "name.readonly.err.erofs.second",
        &[&LINK, &SYMLINK],
        (Error, "link()", "ERRORS", "No second name is made where nothing can be written."),
        &[REACHED, SECOND_FREE, FOUND_IF_WANTED, SECOND_READONLY],
        Envelope::Error(EROFS),
    ),
    rule(
        "name.readonly.err.erofs.old",
        &[&UNLINK, &RMDIR],
        (
            Error,
            "unlink()",
            "ERRORS",
            "No name is removed where nothing can be written, whether it is there or not.",
        ),
        &[REACHED, IS_READONLY],
        Envelope::Error(EROFS),
    ),
    rule(
        "name.readonly.err.erofs.rename",
        &[&RENAME],
        (Error, "rename()", "ERRORS", "Nothing is renamed where nothing can be written."),
        &[REACHED, TOGETHER, IS_READONLY],
        Envelope::Error(EROFS),
    ),
    rule(
        "name.apart.err.exdev",
        &[&RENAME],
        (
            Error,
            "rename()",
            "ERRORS",
            "A name does not go from one file system to another, whether it is there or not; what is seen by two mounts is as if in two.",
        ),
        &[REACHED, ARE_APART],
        Envelope::Error(EXDEV),
    ),
    rule(
        "name.apart.err.exdev.link",
        &[&LINK],
        (Error, "link()", "ERRORS", "A file has no names in two file systems."),
        &[REACHED, IS_THERE, ARE_APART],
        Envelope::Error(EXDEV),
    ),
    rule(
        "name.mounted.err.ebusy",
        &[&RMDIR, &RENAME],
        (
            Error,
            "rmdir()",
            "ERRORS",
            "What something is mounted on is neither removed nor renamed, nor replaced.",
        ),
        &[REACHED, IS_THERE, SOMETHING_ON_IT],
        Envelope::Error(EBUSY),
    ),
    extension(
        "name.mount.unspecified.gone",
        &[&RMDIR, &RENAME],
        (
            Lifetime,
            linux("mount(2)", "Creating a bind mount"),
            "What is seen of a directory that is removed and mounted elsewhere is not said here.",
        ),
        &[REACHED, IS_THERE, SEEN_ELSEWHERE],
        Envelope::Anything,
        &[],
    ),
];
