//! Names: what stands in directories, how it comes and goes, and who may do that.
//!
//! Everything lies below one directory that a program has to itself and that every process starts in.

mod terms;
mod tree;

use std::sync::Arc;

use self::terms::*;
pub use self::terms::{
    ALLOWED_DIRECTORY, IS_THERE, MAY_BECOME, MODE_ASKED, NO_SUCH_NAME, NOT_ALLOWED_DIRECTORY,
    REACHED, UNPRIVILEGED, spot, spot_of,
};
pub use self::tree::{Directory, Link, Names, Node, Spot, allows, may, parent, resolve};
use crate::clause::Aspect::{Atomicity, Error, Lifetime, Persistence};
use crate::clause::Duty::{Extension, May, Shall};
use crate::clause::Force::{Obliges, Permits};
use crate::clause::{
    Action, Answer, Clause, Envelope, Num, action, effect, effect_of, linux, posix,
};
use crate::errno::Errno::{
    EACCES, EEXIST, EINVAL, EISDIR, ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR, ENOTEMPTY, EPERM,
};
use crate::fifo::{MKFIFO, OPEN, TRUNCATE};
use crate::operation::{Gives, Operation, Param};
use crate::outcome::Value;
use crate::view::Change;
use crate::world::Object;

/// `int mkdir(const char *path, mode_t mode)`.
pub static MKDIR: Operation = Operation {
    name: "mkdir",
    params: &[Param::Path, Param::Mode],
    gives: Gives::Nothing,
    c: "mkdir(%0, %1)",
};

/// `int rmdir(const char *path)`.
pub static RMDIR: Operation =
    Operation { name: "rmdir", params: &[Param::Path], gives: Gives::Nothing, c: "rmdir(%0)" };

/// `int unlink(const char *path)`.
pub static UNLINK: Operation =
    Operation { name: "unlink", params: &[Param::Path], gives: Gives::Nothing, c: "unlink(%0)" };

/// `int link(const char *path1, const char *path2)`.
pub static LINK: Operation = Operation {
    name: "link",
    params: &[Param::Path, Param::Path],
    gives: Gives::Nothing,
    c: "link(%0, %1)",
};

/// `int symlink(const char *path1, const char *path2)`.
pub static SYMLINK: Operation = Operation {
    name: "symlink",
    params: &[Param::Path, Param::Path],
    gives: Gives::Nothing,
    c: "symlink(%0, %1)",
};

/// `int rename(const char *old, const char *new)`.
pub static RENAME: Operation = Operation {
    name: "rename",
    params: &[Param::Path, Param::Path],
    gives: Gives::Nothing,
    c: "rename(%0, %1)",
};

/// `int stat(const char *path, struct stat *buf)`, of which the permission bits are told.
pub static STAT: Operation =
    Operation { name: "stat", params: &[Param::Path], gives: Gives::Mode, c: "stat(%0, &st)" };

/// `mode_t umask(mode_t cmask)`.
pub static UMASK: Operation =
    Operation { name: "umask", params: &[Param::Mode], gives: Gives::Mode, c: "umask(%0)" };

/// `int setuid(uid_t uid)` and its companions: the process becomes the user nobody, for good.
pub static SETUID: Operation = Operation {
    name: "setuid",
    params: &[Param::Word(&["nobody"])],
    gives: Gives::Nothing,
    c: "setuid(%0)",
};

/// What programs can call here.
pub static OPERATIONS: &[&Operation] =
    &[&MKDIR, &RMDIR, &UNLINK, &LINK, &SYMLINK, &RENAME, &STAT, &UMASK, &SETUID];

/// Calls that follow paths.
static FOLLOWERS: &[&Operation] =
    &[&MKFIFO, &OPEN, &TRUNCATE, &MKDIR, &RMDIR, &UNLINK, &LINK, &SYMLINK, &RENAME, &STAT];
/// Calls that want their first path to stand for something.
static FINDERS: &[&Operation] = &[&OPEN, &TRUNCATE, &RMDIR, &UNLINK, &LINK, &RENAME, &STAT];

static MODE: Answer = Answer {
    name: "the permission bits",
    value: |v| {
        let node = spot(v).and_then(|spot| v.world.object_at(spot.object?).node().copied());
        Value::Number(node.map_or(0, |node| node.mode.into()))
    },
};
static OLD_MASK: Answer = Answer {
    name: "the mask until now",
    value: |v| Value::Number(v.process().map_or(0, |process| process.user.umask.into())),
};

/// A node as the caller makes it, with these permission bits less its mask.
pub fn new_node(c: &Change<'_>, mode: u64) -> Node {
    let user = c.world.process(c.actor.process).map(|process| process.user);
    let umask = user.map_or(0, |user| user.umask);
    let nobodys = user.is_some_and(|user| user.nobody);
    Node { mode: mode as u16 & 0o777 & !umask, nobodys }
}

/// Gives an object the name that the call's last path is.
pub fn give_name(c: &mut Change<'_>, object: Object) {
    let view = c.view();
    let last = view.call.map_or(0, |call| call.call.args.len().saturating_sub(1));
    let place =
        (0..=last).rev().find(|index| view.call.is_some_and(|c| c.call.path(*index).is_some()));
    let spot = place.and_then(|index| spot_of(&view, index, false).ok());
    if let Some(Spot { path, object: None }) = spot {
        let index = c.world.add_object(object);
        Arc::make_mut(&mut c.world.names).set(&path, index);
    }
}

static MAKE_DIRECTORY: Action = action("a directory with the bits % less the mask", |c, mode| {
    let node = new_node(c, mode);
    give_name(c, Object::Directory(Directory { node }));
});
static MAKE_LINK: Action = action("a symbolic link to the first path", |c, _| {
    let target = c.view().call.and_then(|call| call.call.path(0)).map(Arc::from);
    if let Some(target) = target {
        let node = Node { mode: 0o777, ..new_node(c, 0) };
        give_name(c, Object::Link(Link { node, target }));
    }
});
static REMOVE: Action = action("the name is gone, and the file with its last", |c, _| {
    if let Some(Spot { path, object: Some(object) }) = spot(&c.view()) {
        Arc::make_mut(&mut c.world.names).remove(&path);
        c.world.forget(object);
    }
});
static NAME_TOO: Action = action("the second path is a name of the same file", |c, _| {
    let view = c.view();
    if let (Some(Spot { object: Some(object), .. }), Ok(to)) =
        (spot(&view), spot_of(&view, 1, false))
    {
        Arc::make_mut(&mut c.world.names).set(&to.path, object);
    }
});
static MOVE: Action = action("the second path is its name, and no other file's", |c, _| {
    let view = c.view();
    if let (Some(from), Ok(to)) = (spot(&view), spot_of(&view, 1, false)) {
        let names = Arc::make_mut(&mut c.world.names);
        names.remove(&to.path);
        names.rename(&from.path, &to.path);
        if let Some(object) = to.object {
            c.world.forget(object);
        }
    }
});
static SET_MASK: Action = action("the mask is %", |c, mask| {
    if let Some(process) = c.process() {
        process.user.umask = mask as u16 & 0o777;
    }
});
static BE_NOBODY: Action = action("the process is nobody's", |c, _| {
    if let Some(process) = c.process() {
        process.user.nobody = true;
    }
});

/// The clauses, in the order of the page.
pub static CLAUSES: &[&[Clause]] = &[FOLLOWING, MAKING, REMOVING, RENAMING, ASKING];

static FOLLOWING: &[Clause] = &[
    Clause {
        id: "name.path.err.enoent",
        on: FOLLOWERS,
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("Base Definitions 4.16", "Pathname Resolution"),
        text: "A path leads nowhere when a directory on the way is missing, or it is empty.",
        guards: &[MISSING],
        envelope: Envelope::Error(ENOENT),
        effects: &[],
    },
    Clause {
        id: "name.path.err.enotdir",
        on: FOLLOWERS,
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("Base Definitions 4.16", "Pathname Resolution"),
        text: "A path does not lead through what is no directory.",
        guards: &[NO_DIRECTORY],
        envelope: Envelope::Error(ENOTDIR),
        effects: &[],
    },
    Clause {
        id: "name.path.err.eacces",
        on: FOLLOWERS,
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("Base Definitions 4.16", "Pathname Resolution"),
        text: "A path does not lead through a directory that the caller may not search.",
        guards: &[CLOSED_DIRECTORY],
        envelope: Envelope::Error(EACCES),
        effects: &[],
    },
    Clause {
        id: "name.path.err.eloop",
        on: FOLLOWERS,
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("Base Definitions 4.16", "Pathname Resolution"),
        text: "A path does not lead through links for ever.",
        guards: &[LINKS_GO_ROUND],
        envelope: Envelope::Error(ELOOP),
        effects: &[],
    },
    Clause {
        id: "name.path.err.enametoolong",
        on: FOLLOWERS,
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("Base Definitions 4.16", "Pathname Resolution"),
        text: "A word longer than NAME_MAX, or a path longer than PATH_MAX, is refused.",
        guards: &[TOO_LONG],
        envelope: Envelope::Error(ENAMETOOLONG),
        effects: &[],
    },
    Clause {
        id: "name.missing.err.enoent",
        on: FINDERS,
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("Base Definitions 4.16", "Pathname Resolution"),
        text: "Who needs a file is refused where there is none.",
        guards: &[FIRST_REACHED, NO_SUCH_NAME],
        envelope: Envelope::Error(ENOENT),
        effects: &[],
    },
];

static MAKING: &[Clause] = &[
    Clause {
        id: "name.mkdir.makes",
        on: &[&MKDIR],
        force: Obliges,
        duty: Shall,
        aspect: Persistence,
        source: posix("mkdir()", "DESCRIPTION"),
        text: "A directory stays until it is removed; the mask takes bits from its mode.",
        guards: &[REACHED, NO_SUCH_NAME, ALLOWED_DIRECTORY],
        envelope: Envelope::Nothing,
        effects: &[effect_of(&MAKE_DIRECTORY, Num::Of(&MODE_ASKED))],
    },
    Clause {
        id: "name.link.makes",
        on: &[&LINK],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("link()", "DESCRIPTION"),
        text: "A file can have several names, and all are equal.",
        guards: &[REACHED, IS_THERE, NOT_A_DIRECTORY, SECOND_FREE, ALLOWED_SECOND],
        envelope: Envelope::Nothing,
        effects: &[effect(&NAME_TOO)],
    },
    Clause {
        id: "name.link.err.eperm",
        on: &[&LINK],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("link()", "ERRORS"),
        text: "A directory has one name.",
        guards: &[REACHED, IS_THERE, A_DIRECTORY, SECOND_FREE, ALLOWED_SECOND],
        envelope: Envelope::Error(EPERM),
        effects: &[],
    },
    Clause {
        id: "name.link.err.eperm.protected",
        on: &[&LINK],
        force: Permits,
        duty: Extension,
        aspect: Error,
        source: linux("proc_sys_fs(5)", "protected_hardlinks"),
        text: "A file of another user that is no regular one may be kept from getting a second name.",
        guards: &[REACHED, IS_THERE, OF_ANOTHER, UNPRIVILEGED],
        envelope: Envelope::Error(EPERM),
        effects: &[],
    },
    Clause {
        id: "name.symlink.makes",
        on: &[&SYMLINK],
        force: Obliges,
        duty: Shall,
        aspect: Persistence,
        source: posix("symlink()", "DESCRIPTION"),
        text: "A symbolic link may name what is not there.",
        guards: &[REACHED, SECOND_FREE, ALLOWED_SECOND],
        envelope: Envelope::Nothing,
        effects: &[effect(&MAKE_LINK)],
    },
    Clause {
        id: "name.taken.err.eexist",
        on: &[&MKFIFO, &MKDIR],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("mkdir()", "ERRORS"),
        text: "A name that is taken is refused, whatever it stands for.",
        guards: &[REACHED, IS_THERE],
        envelope: Envelope::Error(EEXIST),
        effects: &[],
    },
    Clause {
        id: "name.taken.err.eexist.second",
        on: &[&LINK, &SYMLINK],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("link()", "ERRORS"),
        text: "A second name that is taken is refused, whatever it stands for.",
        guards: &[REACHED, SECOND_THERE, FOUND_IF_WANTED],
        envelope: Envelope::Error(EEXIST),
        effects: &[],
    },
    Clause {
        id: "name.directory.err.eacces.new",
        on: &[&MKFIFO, &MKDIR],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("mkdir()", "ERRORS"),
        text: "Who may not write to the directory can make no name in it.",
        guards: &[REACHED, NO_SUCH_NAME, NOT_ALLOWED_DIRECTORY],
        envelope: Envelope::Error(EACCES),
        effects: &[],
    },
    Clause {
        id: "name.directory.err.eacces.second",
        on: &[&LINK, &SYMLINK],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("link()", "ERRORS"),
        text: "Who may not write to the directory can make no second name in it.",
        guards: &[REACHED, SECOND_FREE, FOUND_IF_WANTED, NOT_ALLOWED_SECOND],
        envelope: Envelope::Error(EACCES),
        effects: &[],
    },
];

static REMOVING: &[Clause] = &[
    Clause {
        id: "name.unlink.removes",
        on: &[&UNLINK],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("unlink()", "DESCRIPTION"),
        text: "The name goes at once; the file goes when no name and no descriptor is left.",
        guards: &[REACHED, IS_THERE, NOT_A_DIRECTORY, ALLOWED_DIRECTORY],
        envelope: Envelope::Nothing,
        effects: &[effect(&REMOVE)],
    },
    Clause {
        id: "name.unlink.err.eperm",
        on: &[&UNLINK],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("unlink()", "ERRORS"),
        text: "A directory is not removed so.",
        guards: &[REACHED, IS_THERE, A_DIRECTORY, ALLOWED_DIRECTORY],
        envelope: Envelope::Error(EPERM),
        effects: &[],
    },
    Clause {
        id: "name.unlink.err.eisdir",
        on: &[&UNLINK],
        force: Obliges,
        duty: Extension,
        aspect: Error,
        source: linux("unlink(2)", "ERRORS"),
        text: "A directory is refused with EISDIR.",
        guards: &[REACHED, IS_THERE, A_DIRECTORY, ALLOWED_DIRECTORY],
        envelope: Envelope::Error(EISDIR),
        effects: &[],
    },
    Clause {
        id: "name.rmdir.removes",
        on: &[&RMDIR],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("rmdir()", "DESCRIPTION"),
        text: "A directory is removed when nothing is in it.",
        guards: &[REACHED, IS_THERE, A_DIRECTORY, EMPTY, ALLOWED_DIRECTORY],
        envelope: Envelope::Nothing,
        effects: &[effect(&REMOVE)],
    },
    Clause {
        id: "name.rmdir.err.enotempty",
        on: &[&RMDIR],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("rmdir()", "ERRORS"),
        text: "A directory in which something is stays.",
        guards: &[REACHED, IS_THERE, A_DIRECTORY, NOT_EMPTY, ALLOWED_DIRECTORY],
        envelope: Envelope::Error(ENOTEMPTY),
        effects: &[],
    },
    Clause {
        id: "name.rmdir.err.eexist",
        on: &[&RMDIR],
        force: Permits,
        duty: May,
        aspect: Error,
        source: posix("rmdir()", "ERRORS"),
        text: "A directory in which something is may be refused with EEXIST.",
        guards: &[REACHED, IS_THERE, A_DIRECTORY, NOT_EMPTY, ALLOWED_DIRECTORY],
        envelope: Envelope::Error(EEXIST),
        effects: &[],
    },
    Clause {
        id: "name.rmdir.err.enotdir",
        on: &[&RMDIR],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("rmdir()", "ERRORS"),
        text: "What is no directory is not removed so.",
        guards: &[REACHED, IS_THERE, NOT_A_DIRECTORY, ALLOWED_DIRECTORY],
        envelope: Envelope::Error(ENOTDIR),
        effects: &[],
    },
    Clause {
        id: "name.directory.err.eacces.old",
        on: &[&UNLINK, &RMDIR],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("unlink()", "ERRORS"),
        text: "Who may not write to the directory can remove no name from it.",
        guards: &[REACHED, IS_THERE, NOT_ALLOWED_DIRECTORY],
        envelope: Envelope::Error(EACCES),
        effects: &[],
    },
];

static RENAMING: &[Clause] = &[
    Clause {
        id: "name.rename.moves",
        on: &[&RENAME],
        force: Obliges,
        duty: Shall,
        aspect: Atomicity,
        source: posix("rename()", "DESCRIPTION"),
        text: "The new name stands for the file in one step, and what it stood for loses it.",
        guards: &[
            REACHED,
            IS_THERE,
            TWO_FILES,
            ALIKE,
            SECOND_EMPTY,
            NOT_INSIDE,
            ALLOWED_DIRECTORY,
            ALLOWED_SECOND,
        ],
        envelope: Envelope::Nothing,
        effects: &[effect(&MOVE)],
    },
    Clause {
        id: "name.rename.same",
        on: &[&RENAME],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("rename()", "DESCRIPTION"),
        text: "A file that has both names keeps both.",
        guards: &[REACHED, ONE_FILE],
        envelope: Envelope::Nothing,
        effects: &[],
    },
    Clause {
        id: "name.rename.err.einval",
        on: &[&RENAME],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("rename()", "ERRORS"),
        text: "A directory does not go into itself.",
        guards: &[REACHED, IS_THERE, BELOW_ITSELF, ALLOWED_DIRECTORY, ALLOWED_SECOND],
        envelope: Envelope::Error(EINVAL),
        effects: &[],
    },
    Clause {
        id: "name.rename.err.eisdir",
        on: &[&RENAME],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("rename()", "ERRORS"),
        text: "What is no directory does not replace one.",
        guards: &[
            REACHED,
            IS_THERE,
            NOT_A_DIRECTORY,
            SECOND_A_DIRECTORY,
            ALLOWED_DIRECTORY,
            ALLOWED_SECOND,
        ],
        envelope: Envelope::Error(EISDIR),
        effects: &[],
    },
    Clause {
        id: "name.rename.err.enotdir",
        on: &[&RENAME],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("rename()", "ERRORS"),
        text: "A directory does not replace what is none.",
        guards: &[
            REACHED,
            IS_THERE,
            A_DIRECTORY,
            SECOND_THERE,
            SECOND_NO_DIRECTORY,
            ALLOWED_DIRECTORY,
            ALLOWED_SECOND,
        ],
        envelope: Envelope::Error(ENOTDIR),
        effects: &[],
    },
    Clause {
        id: "name.rename.err.enotempty",
        on: &[&RENAME],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("rename()", "ERRORS"),
        text: "A directory in which something is is not replaced.",
        guards: &[
            REACHED,
            IS_THERE,
            TWO_FILES,
            SECOND_NOT_EMPTY,
            NOT_INSIDE,
            ALLOWED_DIRECTORY,
            ALLOWED_SECOND,
        ],
        envelope: Envelope::Error(ENOTEMPTY),
        effects: &[],
    },
    Clause {
        id: "name.rename.err.eexist",
        on: &[&RENAME],
        force: Permits,
        duty: May,
        aspect: Error,
        source: posix("rename()", "ERRORS"),
        text: "A directory in which something is may be kept with EEXIST.",
        guards: &[
            REACHED,
            IS_THERE,
            TWO_FILES,
            SECOND_NOT_EMPTY,
            NOT_INSIDE,
            ALLOWED_DIRECTORY,
            ALLOWED_SECOND,
        ],
        envelope: Envelope::Error(EEXIST),
        effects: &[],
    },
    Clause {
        id: "name.rename.err.eacces",
        on: &[&RENAME],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("rename()", "ERRORS"),
        text: "Who may not write to both directories moves nothing.",
        guards: &[REACHED, IS_THERE, TWO_FILES, NOT_ALLOWED_ONE],
        envelope: Envelope::Error(EACCES),
        effects: &[],
    },
];

static ASKING: &[Clause] = &[
    Clause {
        id: "name.stat.tells",
        on: &[&STAT],
        force: Obliges,
        duty: Shall,
        aspect: Persistence,
        source: posix("stat()", "DESCRIPTION"),
        text: "It tells the permission bits of the file that the path stands for.",
        guards: &[REACHED, IS_THERE],
        envelope: Envelope::Exactly(&MODE),
        effects: &[],
    },
    Clause {
        id: "name.umask.sets",
        on: &[&UMASK],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("umask()", "DESCRIPTION"),
        text: "The mask of the process is another from now on, and the old one is told.",
        guards: &[],
        envelope: Envelope::Exactly(&OLD_MASK),
        effects: &[effect_of(&SET_MASK, Num::Of(&MODE_ASKED))],
    },
    Clause {
        id: "name.setuid.becomes",
        on: &[&SETUID],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("setuid()", "DESCRIPTION"),
        text: "A privileged process can become another user, and then is no more than that.",
        guards: &[MAY_BECOME],
        envelope: Envelope::Nothing,
        effects: &[effect(&BE_NOBODY)],
    },
    Clause {
        id: "name.setuid.err.eperm",
        on: &[&SETUID],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("setuid()", "ERRORS"),
        text: "Others cannot.",
        guards: &[MAY_NOT_BECOME],
        envelope: Envelope::Error(EPERM),
        effects: &[],
    },
];
