//! Files of memory: made, found by name, written and read here and there, cut and extended.

use ipc_model::descriptor::{
    FSTAT_SIZE, FTRUNCATE, LSEEK, PREAD, PWRITE, READ, READV, WRITE, WRITEV,
};
use ipc_model::memory::{ADD_SEALS, GET_SEALS, MEMFD_CREATE, SHM_OPEN, SHM_UNLINK};
use ipc_model::name::FCHMOD;
use ipc_model::world::Object;

use super::walk::Walk;
use super::{Draft, Maker};
use crate::program::Operand;

pub(super) static MAKER: Maker = Maker {
    joins: |pick, _| pick.below(8) == 0,
    calls: &[
        Draft::new(14, make),
        Draft::new(70, transfer),
        Draft::new(10, resize),
        Draft::new(8, seek),
        Draft::new(5, |walk, actor| {
            if let Some(name) = some(walk, actor) {
                walk.add(actor, &FSTAT_SIZE, vec![Operand::Name(name), Operand::Command]);
            }
        }),
        Draft::new(5, |walk, actor| {
            let name = a_name(walk);
            walk.add(actor, &SHM_UNLINK, vec![name]);
        }),
        Draft::new(5, seal),
        Draft::new(2, |walk, actor| {
            if let Some(name) = some(walk, actor) {
                let mode = [0o600, 0o666, 0o777, 0o400, 0o755][walk.pick.below(5) as usize];
                walk.add(actor, &FCHMOD, vec![Operand::Name(name), Operand::Number(mode)]);
            }
        }),
    ],
    ..Maker::NONE
};

/// Bits of how shared memory is opened.
const CREAT: u32 = 1;
const EXCL: u32 = 2;
const TRUNC: u32 = 4;

/// Names of shared memory, the last of which names nothing.
const NAMES: &[&str] = &["/x", "/x", "/y", "/x", "/y", "/"];

fn a_name(walk: &mut Walk<'_>) -> Operand {
    // A slash alone is seldom of use.
    let among = if walk.pick.below(6) == 0 { NAMES.len() } else { 3 };
    Operand::Path(NAMES[walk.pick.below(among as u64) as usize].into())
}

/// A name of memory, or now and then of anything else.
fn some(walk: &mut Walk<'_>, actor: u8) -> Option<u16> {
    if walk.pick.below(30) == 0 {
        return walk.some_name(actor);
    }
    let files = walk.names(actor, |fd| matches!(walk.object(actor, fd), Some(Object::Memory(_))));
    walk.one_of(&files)
}

fn make(walk: &mut Walk<'_>, actor: u8) {
    if walk.pick.below(2) == 0 {
        let flags = [0, 0, 1, 2, 2, 8, 10, 18][walk.pick.below(8) as usize];
        let name = Operand::Path("m".into());
        return walk.add(actor, &MEMFD_CREATE, vec![name, Operand::Flags(flags)]);
    }
    let (name, mode) = (a_name(walk), super::name::a_mode(walk));
    let to_write = i64::from(walk.pick.below(4) != 0);
    let mut flags = [CREAT, CREAT, CREAT, CREAT | EXCL, 0][walk.pick.below(5) as usize];
    if to_write == 1 && walk.pick.below(8) == 0 {
        flags |= TRUNC;
    }
    walk.add(actor, &SHM_OPEN, vec![name, Operand::Number(to_write), Operand::Flags(flags), mode]);
}

/// Few bytes, now and then none or a page.
fn a_length(walk: &mut Walk<'_>) -> i64 {
    [1, 4, 8, 8, 13, 24, 40, 0, 100, 4096][walk.pick.below(10) as usize]
}

/// An offset near the beginning, or around the end of a page; seldom one that there is not.
fn an_offset(walk: &mut Walk<'_>) -> i64 {
    let page = walk.stage.spec.numbers.page_size as i64;
    match walk.pick.below(40) {
        0 => -1,
        1 => i64::MAX - 4,
        2..6 => page - 4,
        6..9 => page,
        9..12 => 2 * page + 1,
        other => [0, 0, 0, 1, 4, 8, 16, 20][other as usize % 8],
    }
}

/// From or to memory; where the actor has none, it gets some first.
fn transfer(walk: &mut Walk<'_>, actor: u8) {
    let Some(name) = some(walk, actor) else { return make(walk, actor) };
    transfer_by(walk, actor, name);
}

/// From or to where that name leads.
pub(super) fn transfer_by(walk: &mut Walk<'_>, actor: u8, name: u16) {
    let (name, len) = (Operand::Name(name), a_length(walk));
    let all = Operand::Number(len);
    let parts = Operand::Vector(vec![len as u64 / 3, len as u64 - len as u64 / 3]);
    match walk.pick.below(10) {
        0 | 1 => walk.add(actor, &WRITE, vec![name, all]),
        2 => walk.add(actor, &WRITEV, vec![name, parts]),
        3 | 4 => {
            let at = Operand::Number(an_offset(walk));
            walk.add(actor, &PWRITE, vec![name, all, at]);
        }
        5 => walk.add(actor, &READV, vec![name, parts]),
        6 | 7 => walk.add(actor, &READ, vec![name, all]),
        _ => {
            let at = Operand::Number(an_offset(walk));
            walk.add(actor, &PREAD, vec![name, all, at]);
        }
    }
}

fn resize(walk: &mut Walk<'_>, actor: u8) {
    let Some(name) = some(walk, actor) else { return };
    resize_by(walk, actor, name);
}

/// Another length for where that name leads.
pub(super) fn resize_by(walk: &mut Walk<'_>, actor: u8, name: u16) {
    let len = an_offset(walk);
    walk.add(actor, &FTRUNCATE, vec![Operand::Name(name), Operand::Number(len)]);
}

/// One seal, seldom the one that is the last; or a question about all.
fn seal(walk: &mut Walk<'_>, actor: u8) {
    let Some(name) = some(walk, actor) else { return };
    let seals = [2, 4, 8, 16, 2, 4, 8, 16, 0, 1, 12, 32][walk.pick.below(12) as usize];
    match walk.pick.below(4) {
        0 => walk.add(actor, &GET_SEALS, vec![Operand::Name(name), Operand::Command]),
        _ => {
            let args = vec![Operand::Name(name), Operand::Command, Operand::Flags(seals)];
            walk.add(actor, &ADD_SEALS, args);
        }
    }
}

fn seek(walk: &mut Walk<'_>, actor: u8) {
    let Some(name) = some(walk, actor) else { return };
    let whence = walk.pick.below(3) as i64;
    let by = if whence == 0 { an_offset(walk) } else { -(walk.pick.below(12) as i64) };
    walk.add(
        actor,
        &LSEEK,
        vec![Operand::Name(name), Operand::Number(by), Operand::Number(whence)],
    );
}
