//! Names: what stands in directories, how it comes and goes, and who may do that.
//!
//! Everything lies below one directory that a program has to itself and that every process starts in.

mod act;
mod directory;
mod mode;
mod mounts;
mod rename;
mod rules;
mod terms;
mod tree;

pub use self::act::{give_name, new_node};
pub use self::directory::IS_DIRECTORY;
pub use self::mode::{ANOTHERS, ITS, SOMETHING_MOUNTED};
pub use self::mounts::{
    IS_READONLY, MOUNT, Mount, NOT_READONLY, REMOUNT, SECOND_NOT_READONLY, SECOND_READONLY, UNSHARE,
};
pub use self::terms::{
    A_DIRECTORY, ALLOWED_DIRECTORY, ALLOWED_SECOND, IS_THERE, MAY_BECOME, MODE_ASKED, NO_SUCH_NAME,
    NOT_ALLOWED_DIRECTORY, NOT_ALLOWED_SECOND, REACHED, SECOND_FREE, SECOND_THERE, UNPRIVILEGED,
    spot, spot_of,
};
pub use self::tree::{Directory, Link, Names, Node, Spot, allows, may, parent, resolve};
use crate::clause::{Clause, posix};
use crate::lasting::{Ending, Lasting, Place};
use crate::operation::{Gives, Operation, Param};

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

/// `int fchmod(int fildes, mode_t mode)`.
pub static FCHMOD: Operation = Operation {
    name: "fchmod",
    params: &[Param::Fd, Param::Mode],
    gives: Gives::Nothing,
    c: "fchmod(%0, %1)",
};

/// What programs can call here.
pub static OPERATIONS: &[&Operation] = &[
    &MKDIR, &RMDIR, &UNLINK, &LINK, &SYMLINK, &RENAME, &STAT, &UMASK, &SETUID, &MOUNT, &REMOUNT,
    &UNSHARE, &FCHMOD,
];
/// Those of them that the base does not have.
pub static EXTENSIONS: &[&Operation] = &[&MOUNT, &REMOUNT, &UNSHARE];

/// The clauses, in the order of the page.
pub static CLAUSES: &[&[Clause]] = &[
    rules::FOLLOWING,
    rules::MAKING,
    rules::REMOVING,
    rename::CLAUSES,
    rules::ASKING,
    mode::CLAUSES,
    directory::OPENING,
    directory::OPENED_ONES,
    mounts::CLAUSES,
];

/// How long names last.
pub const LASTING: &[Lasting] = &[
    Lasting {
        kind: "S_IFDIR",
        part: "name",
        ends: Ending::Unlink,
        place: Place::Medium,
        source: posix("rmdir", "DESCRIPTION"),
    },
    Lasting {
        kind: "S_IFLNK",
        part: "name",
        ends: Ending::Unlink,
        place: Place::Medium,
        source: posix("unlink", "DESCRIPTION"),
    },
];
