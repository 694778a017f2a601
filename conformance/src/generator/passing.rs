//! Descriptors that are passed over sockets: mostly ends of pipes, which whoever passed them then closes.

use ipc_model::descriptor::CLOSE;
use ipc_model::socket::{Peer, RECVMSG, SENDMSG, Socket};
use ipc_model::world::Object;

use super::socket::{make, size, some, wake};
use super::walk::Walk;
use super::{Draft, Maker};
use crate::program::Operand;

pub(super) static MAKER: Maker = Maker {
    joins: |pick, _| pick.below(8) == 0,
    sources: &[Draft::new(1, make)],
    calls: &[Draft::new(10, make), Draft::new(70, pass), Draft::new(70, receive)],
    waits: &[Draft::new(15, wait)],
    wake: |walk, actor, sleeper| wake(walk, actor, sleeper),
};

/// Descriptors that go along, at most.
const MOST: u64 = 3;

fn there(socket: &Socket) -> bool {
    matches!(socket.peer, Peer::There(_))
}

/// One of the ends of pipes that the actor has, or now and then anything.
fn one(walk: &mut Walk<'_>, actor: u8) -> Option<u16> {
    match walk.pick.below(8) {
        0 => walk.some_name(actor),
        _ => walk.some_fitting(actor, |_| true),
    }
}

fn pass(walk: &mut Walk<'_>, actor: u8) {
    let Some(name) = some(walk, actor, there) else { return make(walk, actor) };
    let count = [0, 1, 1, 1, 1, 2, 2, MOST][walk.pick.below(8) as usize];
    let along: Vec<u16> = (0..count).filter_map(|_| one(walk, actor)).collect();
    let flags = [0, 0, 1, 3][walk.pick.below(4) as usize];
    let bytes = size(walk).min(1000);
    let passed = Operand::Watches(along.iter().map(|name| (*name, 0)).collect());
    let args = vec![Operand::Name(name), Operand::Number(bytes), Operand::Flags(flags), passed];
    let before = walk.program.lines.len();
    walk.add(actor, &SENDMSG, args);
    // Whoever passes an end of a pipe on has mostly done with it.
    let Some(last) = along.last().filter(|_| walk.program.lines.len() > before) else { return };
    let end = walk.end(actor, walk.number(actor, *last)).is_some();
    if end && !walk.stage.is_asleep(actor) && walk.pick.below(3) > 0 {
        walk.add(actor, &CLOSE, vec![Operand::Name(*last)]);
    }
}

fn take(walk: &mut Walk<'_>, actor: u8, name: u16, flags: u32) {
    let room = [0, 1, 1, 2, 2, 3, 3, 3][walk.pick.below(8) as usize];
    let bytes = if walk.pick.below(2) == 0 { size(walk) } else { 4096 };
    let args = [Operand::Name(name), Operand::Number(bytes), Operand::Flags(flags)];
    walk.add(actor, &RECVMSG, [args.to_vec(), vec![Operand::Number(room)]].concat());
}

fn receive(walk: &mut Walk<'_>, actor: u8) {
    let filled = |socket: &Socket| !socket.messages.is_empty();
    let any = walk.pick.below(10) == 0;
    let name = if any { some(walk, actor, |_| true) } else { some(walk, actor, filled) };
    let Some(name) = name else { return pass(walk, actor) };
    // Who peeks and waits may be woken in place of who would take (docs/src/socket.md).
    let flags = [0, 0, 0, 1, 1, 3, 4, 5][walk.pick.below(8) as usize];
    take(walk, actor, name, flags);
}

/// A receive of what is empty.
fn wait(walk: &mut Walk<'_>, actor: u8) {
    let empty = |socket: &Socket| socket.messages.is_empty() && there(socket);
    let Some(name) = some(walk, actor, empty) else { return make(walk, actor) };
    let fd = walk.number(actor, name);
    if matches!(walk.object(actor, fd), Some(Object::Socket(_))) {
        take(walk, actor, name, 0);
    }
}
