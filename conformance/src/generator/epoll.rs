//! Interest lists. Never with `EPOLLEXCLUSIVE`: who waits so and who reads the same object can leave a
//! byte that neither looks for (see the findings).

use ipc_model::epoll::{EDGE, EPOLL_ADD, EPOLL_CREATE1, EPOLL_DEL, EPOLL_MOD, ONESHOT, WAITS};
use ipc_model::operation::Operation;
use ipc_model::world::Object;

use super::walk::Walk;
use super::{Draft, Maker};
use crate::program::Operand;

pub(super) static MAKER: Maker = Maker {
    joins: |pick, _| pick.below(8) == 0,
    calls: &[Draft::new(8, make), Draft::new(24, change), Draft::new(40, wait)],
    ..Maker::NONE
};

/// What is asked for by most: whether a read would wait, and whether a write would.
const READING: u32 = 1;
const WRITING: u32 = 2;

fn make(walk: &mut Walk<'_>, actor: u8) {
    let flags = u32::from(walk.pick.below(4) == 0);
    walk.add(actor, &EPOLL_CREATE1, vec![Operand::Flags(flags)]);
}

/// A name of a list, or now and then of anything else.
fn list(walk: &mut Walk<'_>, actor: u8) -> Option<u16> {
    if walk.pick.below(40) == 0 {
        return walk.some_name(actor);
    }
    let lists =
        walk.names(actor, |fd| matches!(walk.object(actor, fd), Some(Object::Interests(_))));
    walk.one_of(&lists)
}

/// Registers, changes or forgets an interest in any descriptor, lists among them.
fn change(walk: &mut Walk<'_>, actor: u8) {
    let Some(list) = list(walk, actor) else { return make(walk, actor) };
    let Some(name) = walk.some_name(actor) else { return };
    let asked = [READING, READING, WRITING, READING | WRITING, 0][walk.pick.below(5) as usize];
    let how = [0, 0, EDGE, EDGE, ONESHOT, EDGE | ONESHOT][walk.pick.below(6) as usize];
    let operation: &'static Operation =
        [&EPOLL_ADD, &EPOLL_ADD, &EPOLL_ADD, &EPOLL_MOD, &EPOLL_MOD, &EPOLL_DEL]
            [walk.pick.below(6) as usize];
    let mut args = vec![Operand::Name(list), Operand::Command, Operand::Name(name)];
    if operation != &EPOLL_DEL {
        args.push(Operand::Flags(asked | how));
    }
    walk.add(actor, operation, args);
}

/// Asks a list, or waits for it if another can wake the actor.
fn wait(walk: &mut Walk<'_>, actor: u8) {
    let Some(list) = list(walk, actor) else { return change(walk, actor) };
    let most = Operand::Number(1 + walk.pick.below(4) as i64);
    let time = match walk.pick.below(60) {
        0 => 1 + walk.pick.below(3) as i64,
        1..8 if walk.others_idle => -1,
        _ => 0,
    };
    let operation = WAITS[[0, 0, 1, 2, 3][walk.pick.below(5) as usize]];
    let mut args = vec![Operand::Name(list), most, Operand::Number(time)];
    if operation.command().is_some() {
        args.extend([Operand::Command, Operand::Flags(0)]);
    }
    walk.add(actor, operation, args);
}
