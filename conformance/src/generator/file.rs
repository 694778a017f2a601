//! Regular files: made, opened, moved to and from, cut, and known by other names.

use ipc_model::fifo::{OPEN, TRUNCATE};
use ipc_model::file::CREATE;
use ipc_model::name::{LINK, RENAME, STAT, UNLINK};
use ipc_model::world::Object;

use super::walk::Walk;
use super::{Draft, Maker, fifo, memory};
use crate::program::Operand;

pub(super) static MAKER: Maker = Maker {
    joins: |pick, _| pick.below(10) == 0,
    calls: &[
        Draft::new(14, create),
        Draft::new(8, |walk, actor| {
            let (path, access) = (a_path(walk), an_access(walk));
            let flags =
                [0, 0, fifo::NONBLOCK, fifo::CLOEXEC, fifo::TRUNC][walk.pick.below(5) as usize];
            // What a cut does for who only reads is not said everywhere.
            let flags = if access == Operand::Number(0) { flags & !fifo::TRUNC } else { flags };
            walk.add(actor, &OPEN, vec![path, access, Operand::Flags(flags)]);
        }),
        Draft::new(50, |walk, actor| match some(walk, actor) {
            Some(name) => memory::transfer_by(walk, actor, name),
            None => create(walk, actor),
        }),
        Draft::new(4, |walk, actor| {
            if let Some(name) = some(walk, actor) {
                memory::resize_by(walk, actor, name);
            }
        }),
        Draft::new(3, |walk, actor| {
            let path = a_path(walk);
            walk.add(actor, &TRUNCATE, vec![path]);
        }),
        Draft::new(5, |walk, actor| {
            let path = a_path(walk);
            walk.add(actor, &UNLINK, vec![path]);
        }),
        Draft::new(3, |walk, actor| {
            let (from, to) = (a_path(walk), a_path(walk));
            walk.add(actor, &RENAME, vec![from, to]);
        }),
        Draft::new(3, |walk, actor| {
            let (from, to) = (a_path(walk), a_path(walk));
            walk.add(actor, &LINK, vec![from, to]);
        }),
        Draft::new(2, |walk, actor| {
            let path = a_path(walk);
            walk.add(actor, &STAT, vec![path]);
        }),
    ],
    ..Maker::NONE
};

/// Where regular files are, if they are, and never anything else.
const PATHS: &[&str] = &["r", "r", "r", "s", "d/r"];

/// Bits of how they are made.
const EXCL: u32 = 1;
const TRUNC: u32 = 2;
const CLOEXEC: u32 = 8;

fn a_path(walk: &mut Walk<'_>) -> Operand {
    Operand::Path(PATHS[walk.pick.below(PATHS.len() as u64) as usize].into())
}

/// Mostly both ways.
fn an_access(walk: &mut Walk<'_>) -> Operand {
    Operand::Number([2, 2, 2, 0, 1][walk.pick.below(5) as usize])
}

/// A descriptor that leads to one.
fn some(walk: &mut Walk<'_>, actor: u8) -> Option<u16> {
    let is =
        |object: Option<&Object>| matches!(object, Some(Object::Memory(file)) if file.is_regular());
    let all = walk.names(actor, |fd| is(walk.object(actor, fd)));
    walk.one_of(&all)
}

fn create(walk: &mut Walk<'_>, actor: u8) {
    let (path, access, mode) = (a_path(walk), an_access(walk), super::name::a_mode(walk));
    let flags = [0, 0, 0, EXCL, TRUNC, CLOEXEC][walk.pick.below(6) as usize];
    let flags = if access == Operand::Number(0) { flags & !TRUNC } else { flags };
    walk.add(actor, &CREATE, vec![path, access, Operand::Command, Operand::Flags(flags), mode]);
}
