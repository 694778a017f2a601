//! Sockets.

use ipc_model::descriptor::{READ, WRITE};
use ipc_model::operation::Operation;
use ipc_model::socket::{Peer, RECV, SEND, SHUTDOWN, SOCKETPAIR, Socket, Type};
use ipc_model::world::Object;

use super::walk::Walk;
use super::{Draft, Maker};
use crate::program::Operand;

pub(super) static MAKER: Maker = Maker {
    joins: |pick, _| pick.below(6) == 0,
    sources: &[Draft::new(1, make)],
    calls: &[
        Draft::new(14, make),
        Draft::new(70, send),
        Draft::new(80, receive),
        Draft::new(8, shut),
    ],
    waits: &[Draft::new(20, wait)],
    wake,
};

/// Sizes of transfers: mostly small ones, and those around a page.
const SIZES: &[i64] = &[
    1, 1, 2, 5, 8, 13, 16, 24, 32, 50, 64, 100, 128, 200, 0, 1000, 4095, 4096, 4097, 20_000,
    40_000, 90_000,
];
/// How many of them are small.
const SMALL: u64 = 15;
/// As much as there can be.
const ALL: i64 = 1 << 17;

fn socket_of<'w>(walk: &'w Walk<'_>, actor: u8, fd: i32) -> Option<&'w Socket> {
    match walk.object(actor, fd) {
        Some(Object::Socket(socket)) => Some(socket),
        _ => None,
    }
}

/// A name of a socket that fits, or now and then of anything else.
pub(super) fn some(walk: &mut Walk<'_>, actor: u8, fits: fn(&Socket) -> bool) -> Option<u16> {
    if walk.pick.below(40) == 0 {
        return walk.some_name(actor);
    }
    let all = walk.names(actor, |fd| socket_of(walk, actor, fd).is_some_and(fits));
    walk.one_of(&all)
}

pub(super) fn size(walk: &mut Walk<'_>) -> i64 {
    let among = if walk.pick.below(10) < 8 { SMALL } else { SIZES.len() as u64 };
    SIZES[walk.pick.below(among) as usize]
}

pub(super) fn make(walk: &mut Walk<'_>, actor: u8) {
    let kind = [0, 0, 1, 2][walk.pick.below(4) as usize];
    let flags = [0, 0, 0, 1, 2, 2][walk.pick.below(6) as usize];
    walk.add(actor, &SOCKETPAIR, vec![Operand::Number(kind), Operand::Flags(flags)]);
}

/// By the call of sockets with some flags, or by that of all descriptors.
fn transfer(
    walk: &mut Walk<'_>,
    actor: u8,
    calls: [&'static Operation; 2],
    name: u16,
    amount: i64,
) {
    let args = vec![Operand::Name(name), Operand::Number(amount)];
    if walk.pick.below(2) == 0 {
        return walk.add(actor, calls[0], args);
    }
    // Who peeks and waits may be woken in place of who would take (docs/src/socket.md).
    let flags = [0, 0, 0, 1, 3, 3][walk.pick.below(6) as usize];
    walk.add(actor, calls[1], [args, vec![Operand::Flags(flags)]].concat());
}

fn send(walk: &mut Walk<'_>, actor: u8) {
    let there = |socket: &Socket| matches!(socket.peer, Peer::There(_));
    let any = walk.pick.below(12) == 0;
    let name = if any { some(walk, actor, |_| true) } else { some(walk, actor, there) };
    let Some(name) = name else { return make(walk, actor) };
    let amount = size(walk);
    transfer(walk, actor, [&WRITE, &SEND], name, amount);
}

fn receive(walk: &mut Walk<'_>, actor: u8) {
    let filled = |socket: &Socket| !socket.messages.is_empty();
    let any = walk.pick.below(8) == 0;
    let name = if any { some(walk, actor, |_| true) } else { some(walk, actor, filled) };
    let Some(name) = name else { return send(walk, actor) };
    let amount = if walk.pick.below(3) == 0 { ALL } else { size(walk) };
    transfer(walk, actor, [&READ, &RECV], name, amount);
}

fn shut(walk: &mut Walk<'_>, actor: u8) {
    let Some(name) = some(walk, actor, |_| true) else { return };
    let how = walk.pick.below(3) as i64;
    walk.add(actor, &SHUTDOWN, vec![Operand::Name(name), Operand::Number(how)]);
}

/// A read of what is empty, or messages of which few fit. A stream of more than there is room for could
/// have gone in by more pieces than a checker can try.
fn wait(walk: &mut Walk<'_>, actor: u8) {
    let empty =
        |socket: &Socket| socket.messages.is_empty() && matches!(socket.peer, Peer::There(_));
    let Some(name) = some(walk, actor, empty) else { return make(walk, actor) };
    let stream = socket_of(walk, actor, walk.number(actor, name))
        .is_some_and(|socket| socket.kind == Type::Stream);
    if !stream && walk.pick.below(3) == 0 {
        return transfer(walk, actor, [&WRITE, &SEND], name, 60_000);
    }
    let amount = size(walk);
    transfer(walk, actor, [&READ, &RECV], name, amount);
}

/// Something to receive, or room.
pub(super) fn wake(walk: &mut Walk<'_>, actor: u8, sleeper: u8) -> bool {
    let world = &walk.stage.world;
    let Some((fd, sends)) =
        walk.call_of(sleeper).and_then(|call| Some((call.fd()?, call.operation.sends())))
    else {
        return false;
    };
    let Some(entry) = world.entry(sleeper, i64::from(fd)) else { return false };
    let own = world.descriptions.get(usize::from(entry.description)).map_or(0, |d| d.object);
    let Object::Socket(Socket { peer: Peer::There(peer), .. }) = world.object_at(own) else {
        return false;
    };
    let peer = *peer;
    let leads = |fd: i32| {
        let entry = walk.stage.world.entry(actor, i64::from(fd));
        let place =
            entry.and_then(|e| walk.stage.world.descriptions.get(usize::from(e.description)));
        place.is_some_and(|description| description.object == peer)
    };
    let names = walk.names(actor, leads);
    let Some(name) = walk.one_of(&names) else { return false };
    if sends {
        transfer(walk, actor, [&READ, &RECV], name, ALL);
    } else {
        let amount = size(walk);
        transfer(walk, actor, [&WRITE, &SEND], name, amount);
    }
    true
}
