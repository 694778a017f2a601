//! Segments: made and found by key, attached here and there, detached, asked about and removed.

use ipc_model::mapping::LOAD;
use ipc_model::segment::{
    REMOVE, SET_MODE, SHMAT, SHMDT, SHMGET, STAT_ATTACHES, STAT_MODE, STAT_SIZE,
};

use super::walk::Walk;
use super::{Draft, Maker};
use crate::program::Operand;

pub(super) static MAKER: Maker = Maker {
    // Where there are mappings to load from and store to.
    joins: |pick, cast| {
        let has_mappings = cast.iter().any(|maker| std::ptr::eq(*maker, &super::mapping::MAKER));
        has_mappings && pick.below(2) == 0
    },
    calls: &[
        Draft::new(20, get),
        Draft::new(30, attach),
        Draft::new(8, detach),
        Draft::new(5, |walk, actor| {
            let number = a_number(walk);
            walk.add(actor, &REMOVE, vec![number, Operand::Command]);
        }),
        Draft::new(3, |walk, actor| {
            let (number, mode) = (a_number(walk), super::name::a_mode(walk));
            walk.add(actor, &SET_MODE, vec![number, Operand::Command, mode]);
        }),
        Draft::new(8, |walk, actor| {
            let number = a_number(walk);
            let operation = [&STAT_ATTACHES, &STAT_SIZE, &STAT_MODE][walk.pick.below(3) as usize];
            walk.add(actor, operation, vec![number, Operand::Command]);
        }),
    ],
    ..Maker::NONE
};

/// A segment by its number, most often one that there was; seldom none.
fn a_number(walk: &mut Walk<'_>) -> Operand {
    let told = walk.stage.world.segments.iter().filter(|one| one.number.is_some()).count() as u64;
    let number = if walk.pick.below(30) == 0 { told } else { walk.pick.below(told.max(1)) };
    Operand::Number(number as i64)
}

fn page(walk: &Walk<'_>) -> i64 {
    walk.stage.spec.numbers.page_size as i64
}

fn get(walk: &mut Walk<'_>, actor: u8) {
    let key = [0, 1, 1, 1, 2][walk.pick.below(5) as usize];
    let page = page(walk);
    let size = [1, page, page, page + 1, 2 * page, 0, -1]
        [[0, 1, 1, 2, 3, 4, 1, 2, 4, 5, 6, 1][walk.pick.below(12) as usize]];
    // Created, created alone, and found.
    let flags = [1, 1, 1, 3, 0, 2][walk.pick.below(6) as usize];
    let mode = super::name::a_mode(walk);
    let args = vec![Operand::Number(key), Operand::Number(size), Operand::Flags(flags), mode];
    walk.add(actor, &SHMGET, args);
}

/// The address of one of the first pages; seldom within it.
fn place(walk: &mut Walk<'_>) -> i64 {
    let at = walk.pick.below(5) as i64 * page(walk);
    if walk.pick.below(15) == 0 { at + 5 } else { at }
}

fn attach(walk: &mut Walk<'_>, actor: u8) {
    let (number, at) = (a_number(walk), place(walk));
    // For both, for reading, rounded, in place of what is there.
    let flags = [0, 0, 0, 1, 2, 4][walk.pick.below(6) as usize];
    walk.add(actor, &SHMAT, vec![number, Operand::Number(at), Operand::Flags(flags)]);
    if walk.pick.below(4) == 0 {
        walk.add(actor, &LOAD, vec![Operand::Number(at), Operand::Number(4)]);
    }
}

fn detach(walk: &mut Walk<'_>, actor: u8) {
    let at = place(walk);
    walk.add(actor, &SHMDT, vec![Operand::Number(at)]);
}
