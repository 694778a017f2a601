//! Descriptors that are closed, duplicated, marked and asked about, whatever they lead to.

use ipc_model::descriptor::{
    CLOSE, DUP, DUP2, DUP3, FIONREAD, FSTAT, FTRUNCATE, GETFD, GETFL, LSEEK, PREAD, PWRITE, SETFD,
    SETFL,
};

use super::walk::Walk;
use super::{Draft, Maker};
use crate::program::Operand;

pub(super) static MAKER: Maker = Maker {
    calls: &[
        Draft::new(20, |walk, actor| {
            if let Some(name) = walk.some_name(actor) {
                walk.add(actor, &CLOSE, vec![Operand::Name(name)]);
            }
        }),
        Draft::new(12, duplicate),
        Draft::new(12, flags),
        Draft::new(14, ask),
    ],
    ..Maker::NONE
};

fn duplicate(walk: &mut Walk<'_>, actor: u8) {
    let (Some(one), Some(other)) = (walk.some_name(actor), walk.some_name(actor)) else { return };
    let (one, other) = (Operand::Name(one), Operand::Name(other));
    match walk.pick.below(3) {
        0 => walk.add(actor, &DUP, vec![one]),
        1 => walk.add(actor, &DUP2, vec![one, other]),
        _ => {
            let flags = Operand::Flags(walk.pick.below(2) as u32);
            walk.add(actor, &DUP3, vec![one, other, flags]);
        }
    }
}

fn flags(walk: &mut Walk<'_>, actor: u8) {
    let Some(name) = walk.some_name(actor) else { return };
    let (operation, flags) = match walk.pick.below(3) {
        0 => (&SETFD, walk.pick.below(2) as u32),
        _ => (&SETFL, [0, 0, 1, 1, 2, 3][walk.pick.below(6) as usize]),
    };
    walk.add(actor, operation, vec![Operand::Name(name), Operand::Command, Operand::Flags(flags)]);
}

fn ask(walk: &mut Walk<'_>, actor: u8) {
    let Some(name) = walk.some_name(actor) else { return };
    let name = Operand::Name(name);
    match walk.pick.below(6) {
        0 => walk.add(actor, &GETFL, vec![name, Operand::Command]),
        1 => walk.add(actor, &GETFD, vec![name, Operand::Command]),
        2 => walk.add(actor, &FIONREAD, vec![name, Operand::Command]),
        3 => walk.add(actor, &FSTAT, vec![name]),
        4 => match walk.pick.below(3) {
            0 => walk.add(actor, &FTRUNCATE, vec![name, Operand::Number(0)]),
            1 => walk.add(actor, &PREAD, vec![name, Operand::Number(8), Operand::Number(0)]),
            _ => walk.add(actor, &PWRITE, vec![name, Operand::Number(8), Operand::Number(0)]),
        },
        _ => walk.add(actor, &LSEEK, vec![name, Operand::Number(0), Operand::Number(1)]),
    }
}
