//! Mappings: made of memory and of nothing, loaded from, stored to, and removed.

use ipc_model::mapping::{
    LOAD, MMAP, MMAP_ANONYMOUS, MMAP_ANYWHERE, MPROTECT, MREMAP, MSYNC, MUNMAP, STORE, WINDOW_PAGES,
};
use ipc_model::world::Object;

use super::walk::Walk;
use super::{Draft, Maker};
use crate::program::Operand;

pub(super) static MAKER: Maker = Maker {
    // Where there is memory to be mapped.
    joins: |pick, cast| {
        let has_memory = cast.iter().any(|maker| std::ptr::eq(*maker, &super::memory::MAKER));
        has_memory && pick.below(3) != 0
    },
    calls: &[
        Draft::new(25, map),
        Draft::new(5, anonymous),
        Draft::new(30, load),
        Draft::new(30, store),
        Draft::new(5, unmap),
        Draft::new(6, remap),
        Draft::new(5, protect),
        Draft::new(2, sync),
    ],
    ..Maker::NONE
};

/// The first pages of the window are enough.
const PAGES: u64 = 4;

fn page(walk: &Walk<'_>) -> i64 {
    walk.stage.spec.numbers.page_size as i64
}

/// The address of a page; seldom within one.
fn place(walk: &mut Walk<'_>) -> i64 {
    let at = walk.pick.below(PAGES) as i64 * page(walk);
    if walk.pick.below(30) == 0 { at + 1 } else { at }
}

fn length(walk: &mut Walk<'_>) -> i64 {
    let page = page(walk);
    [page, page, 2 * page, 1, page + 1, 0][walk.pick.below(12).min(5) as usize]
}

fn protection(walk: &mut Walk<'_>) -> Operand {
    Operand::Flags([3, 3, 3, 1, 0][walk.pick.below(10).saturating_sub(5) as usize])
}

/// Shared, private, and now and then neither.
fn a_type(walk: &mut Walk<'_>) -> Operand {
    Operand::Number([0, 0, 1, 0, 1, 0, 1, 0, 0, 2][walk.pick.below(30).min(29) as usize % 10])
}

fn map(walk: &mut Walk<'_>, actor: u8) {
    let all = walk.names(actor, |fd| matches!(walk.object(actor, fd), Some(Object::Memory(_))));
    let name = match walk.pick.below(25) {
        0 => walk.some_name(actor),
        _ => walk.one_of(&all),
    };
    let Some(name) = name else { return };
    let (at, len) = (Operand::Number(place(walk)), Operand::Number(length(walk)));
    let (prot, kind) = (protection(walk), a_type(walk));
    let page = page(walk);
    let offset = match walk.pick.below(40) {
        0 => 1,
        1 => -page,
        2..8 => page,
        _ => 0,
    };
    let offset = Operand::Number(offset);
    if walk.pick.below(12) == 0 {
        let args = vec![Operand::Command, len, prot, kind, Operand::Name(name), offset];
        return walk.add(actor, &MMAP_ANYWHERE, args);
    }
    walk.add(actor, &MMAP, vec![at, len, prot, kind, Operand::Name(name), offset]);
}

fn anonymous(walk: &mut Walk<'_>, actor: u8) {
    let (at, len) = (Operand::Number(place(walk)), Operand::Number(length(walk)));
    let (prot, kind) = (protection(walk), a_type(walk));
    walk.add(actor, &MMAP_ANONYMOUS, vec![at, len, prot, kind, Operand::Command]);
}

/// The last place that the system has chosen for an actor, from where to where.
fn chosen(walk: &Walk<'_>, actor: u8) -> Option<(i64, i64)> {
    let (begin, end) = walk.stage.world.process(actor)?.space.last_place()?;
    Some((begin as i64, end as i64))
}

/// To another length or another place, mostly such as there are.
fn remap(walk: &mut Walk<'_>, actor: u8) {
    let page = page(walk);
    let (mut from, mut old) = (place(walk), length(walk));
    if let Some((begin, end)) = chosen(walk, actor).filter(|_| walk.pick.below(3) == 0) {
        (from, old) = (begin, end - begin);
    }
    let new = [page, 2 * page, old, old, 3 * page, 0][walk.pick.below(12).min(5) as usize];
    // Both, one, none of the flags.
    let flags = [3, 3, 3, 1, 0, 2][walk.pick.below(12).min(5) as usize];
    let to = place(walk) + 4 * page * walk.pick.below(2) as i64;
    let numbers = [from, old, new].map(Operand::Number);
    let args = numbers.into_iter().chain([Operand::Flags(flags), Operand::Number(to)]);
    walk.add(actor, &MREMAP, args.collect());
}

/// Near the beginning or the end of a page, or where the system has chosen.
fn address(walk: &mut Walk<'_>, actor: u8) -> i64 {
    if let Some((begin, _)) = chosen(walk, actor).filter(|_| walk.pick.below(4) == 0) {
        return begin + 20 * walk.pick.below(2) as i64;
    }
    let at = walk.pick.below(PAGES) as i64 * page(walk);
    let within = [0, 0, 0, 4, 8, 20, 40, page(walk) - 4];
    (at + within[walk.pick.below(8) as usize]).min((WINDOW_PAGES as i64 - 1) * page(walk))
}

fn few(walk: &mut Walk<'_>) -> Operand {
    Operand::Number([1, 2, 4, 8, 8, 13, 0, 4][walk.pick.below(8) as usize])
}

fn load(walk: &mut Walk<'_>, actor: u8) {
    let (at, len) = (Operand::Number(address(walk, actor)), few(walk));
    walk.add(actor, &LOAD, vec![at, len]);
}

fn store(walk: &mut Walk<'_>, actor: u8) {
    let (at, len) = (Operand::Number(address(walk, actor)), few(walk));
    walk.add(actor, &STORE, vec![at, len]);
}

fn unmap(walk: &mut Walk<'_>, actor: u8) {
    if let Some((begin, end)) = chosen(walk, actor).filter(|_| walk.pick.below(4) == 0) {
        let args = [begin, end - begin].map(Operand::Number);
        return walk.add(actor, &MUNMAP, args.into());
    }
    let (at, len) = (Operand::Number(place(walk)), Operand::Number(length(walk)));
    walk.add(actor, &MUNMAP, vec![at, len]);
}

fn protect(walk: &mut Walk<'_>, actor: u8) {
    let (at, len) = (Operand::Number(place(walk)), Operand::Number(length(walk)));
    let prot = protection(walk);
    walk.add(actor, &MPROTECT, vec![at, len, prot]);
}

fn sync(walk: &mut Walk<'_>, actor: u8) {
    let (at, len) = (Operand::Number(place(walk)), Operand::Number(length(walk)));
    let flags = Operand::Flags(walk.pick.below(8) as u32);
    walk.add(actor, &MSYNC, vec![at, len, flags]);
}
