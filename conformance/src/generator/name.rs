//! Names that come and go while the files behind them are in use.

use std::sync::Arc;

use ipc_model::fifo::{OPEN, TRUNCATE};
use ipc_model::name::{LINK, MKDIR, RENAME, RMDIR, SETUID, STAT, SYMLINK, UMASK, UNLINK};

use super::walk::Walk;
use super::{Draft, Maker, fifo};
use crate::program::Operand;

pub(super) static MAKER: Maker = Maker {
    joins: |pick, above| {
        let with_files = above.iter().any(|maker| std::ptr::eq(*maker, &fifo::MAKER));
        pick.below(if with_files { 2 } else { 16 }) == 0
    },
    calls: &[
        Draft::new(8, |walk, actor| {
            let path = some_file(walk, 8);
            walk.add(actor, &UNLINK, vec![path]);
        }),
        Draft::new(6, rename),
        Draft::new(4, |walk, actor| {
            let (from, to) = (some_file(walk, 8), some_path(walk));
            walk.add(actor, &LINK, vec![from, to]);
        }),
        // A link leads to files alone, so that what is opened by it is none of the directories.
        Draft::new(2, |walk, actor| {
            let (to, path) = (one(walk, FILES), one(walk, FILES));
            walk.add(actor, &SYMLINK, vec![to, path]);
        }),
        Draft::new(5, |walk, actor| {
            let args = vec![one(walk, DIRECTORIES), a_mode(walk)];
            walk.add(actor, &MKDIR, args);
        }),
        Draft::new(3, |walk, actor| {
            let path = one(walk, DIRECTORIES);
            walk.add(actor, &RMDIR, vec![path]);
        }),
        Draft::new(4, |walk, actor| {
            let path = some_path(walk);
            walk.add(actor, &STAT, vec![path]);
        }),
        Draft::new(3, |walk, actor| {
            let mask = [0, 0o022, 0o022, 0o077, 0o777][walk.pick.below(5) as usize];
            walk.add(actor, &UMASK, vec![Operand::Number(mask)]);
        }),
        Draft::new(1, write_to_a_directory),
        Draft::new(1, |walk, actor| walk.add(actor, &SETUID, vec![Operand::Number(0)]))
            .when(|walk, _| walk.stage.spec.numbers.privileged),
    ],
    ..Maker::NONE
};

/// Where files are, if they are; never directories.
pub(super) const FILES: &[&str] = &["f", "g", "d/f", "e/g"];
/// Where directories are, if they are.
const DIRECTORIES: &[&str] = &["d", "d", "e", "d/e"];

/// Permission bits, mostly enough for everybody.
pub(super) fn a_mode(walk: &mut Walk<'_>) -> Operand {
    let narrow = [0o600, 0o755, 0o444, 0o222, 0o000][walk.pick.below(5) as usize];
    let usual = [0o644, 0o666, 0o777][walk.pick.below(3) as usize];
    Operand::Number(if walk.pick.below(5) == 0 { narrow } else { usual })
}

fn one(walk: &mut Walk<'_>, of: &[&str]) -> Operand {
    Operand::Path(of[walk.pick.below(of.len() as u64) as usize].into())
}

/// The path of what is there, where files are; one in so many times any. What lies where directories
/// are may be one by then, where calls overlap, and must not come to where files are.
fn some_file(walk: &mut Walk<'_>, rarely: u64) -> Operand {
    let there = walk.stage.world.names.iter().filter(|(path, _)| FILES.contains(path));
    let paths: Vec<Arc<str>> = there.map(|(path, _)| path.into()).collect();
    if paths.is_empty() || walk.pick.below(rarely) == 0 {
        return some_path(walk);
    }
    Operand::Path(Arc::clone(&paths[walk.pick.below(paths.len() as u64) as usize]))
}

fn some_path(walk: &mut Walk<'_>) -> Operand {
    let of = if walk.pick.below(4) == 0 { DIRECTORIES } else { FILES };
    one(walk, of)
}

/// Should a FIFO be there instead, whoever opens it waits for nobody.
fn write_to_a_directory(walk: &mut Walk<'_>, actor: u8) {
    let path = one(walk, DIRECTORIES);
    match walk.pick.below(3) {
        0 => walk.add(actor, &TRUNCATE, vec![path]),
        _ => walk.add(actor, &OPEN, vec![path, fifo::TO_WRITE, fifo::AT_ONCE]),
    }
}

/// Of a file to anywhere; of a directory to where directories are.
fn rename(walk: &mut Walk<'_>, actor: u8) {
    let (from, to) = match walk.pick.below(4) {
        0 => (one(walk, DIRECTORIES), one(walk, DIRECTORIES)),
        _ => (some_file(walk, 1 << 32), some_path(walk)),
    };
    walk.add(actor, &RENAME, vec![from, to]);
}
