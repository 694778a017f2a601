//! Sockets that are named and connected by name: in these programs each has a way to go.

use ipc_model::operation::Operation;
use ipc_model::socket::{
    ACCEPT4, Address, BIND, CONNECT, LISTEN, Peer, SOCKET, Socket, Stage, Type,
};
use ipc_model::world::Object;

use super::walk::Walk;
use super::{Draft, Maker, socket};
use crate::program::Operand;

pub(super) static MAKER: Maker = Maker {
    joins: |pick, above| {
        let with_sockets = above.iter().any(|maker| std::ptr::eq(*maker, &socket::MAKER));
        with_sockets && pick.below(2) == 0
    },
    calls: &[
        Draft::new(60, go_on),
        Draft::new(6, make),
        Draft::new(4, name),
        Draft::new(3, listen),
        Draft::new(10, connect),
        Draft::new(6, accept),
    ],
    waits: &[Draft::new(10, wait)],
    wake,
    ..Maker::NONE
};

/// What sockets are called: few names, so that they meet. Some are those of files.
const NAMES: &[&str] = &["s", "s", "s", "t", "@s", "@t", "f", "d/f"];

fn some_name(walk: &mut Walk<'_>) -> Operand {
    Operand::Path(NAMES[walk.pick.below(NAMES.len() as u64) as usize].into())
}

/// A name of a socket that fits.
fn some(walk: &mut Walk<'_>, actor: u8, fits: impl Fn(&Socket) -> bool) -> Option<u16> {
    let is = |fd| matches!(walk.object(actor, fd), Some(Object::Socket(socket)) if fits(socket));
    let all = walk.names(actor, is);
    walk.one_of(&all)
}

/// A socket that fits, or now and then anything.
fn mostly(walk: &mut Walk<'_>, actor: u8, fits: impl Fn(&Socket) -> bool) -> Option<u16> {
    if walk.pick.below(20) == 0 { walk.some_name(actor) } else { some(walk, actor, fits) }
}

fn is_nameless(socket: &Socket) -> bool {
    socket.address == Address::None
}

fn is_to_listen(socket: &Socket) -> bool {
    socket.stage == Stage::Fresh && !is_nameless(socket)
}

/// One that can be connected, and is not; a datagram socket is now and then connected anew.
fn is_to_connect(socket: &Socket) -> bool {
    match socket.kind {
        Type::Datagram => socket.peer == Peer::Forgotten || socket.turned,
        _ => socket.stage == Stage::Fresh && is_nameless(socket),
    }
}

fn is_waited_at(socket: &Socket) -> bool {
    socket.stage == Stage::Listening && !socket.pending.is_empty()
}

fn is_waiting(socket: &Socket) -> bool {
    socket.stage == Stage::Listening && socket.pending.is_empty()
}

/// What brings a connection nearer: it is accepted, if one waits; made, if somebody listens; else
/// somebody comes to listen.
fn go_on(walk: &mut Walk<'_>, actor: u8) {
    if some(walk, actor, is_waited_at).is_some() && walk.pick.below(3) != 0 {
        return accept(walk, actor);
    }
    let mut all = walk.stage.world.objects.iter();
    let listens =
        all.any(|one| matches!(&**one, Object::Socket(own) if own.stage == Stage::Listening));
    if some(walk, actor, is_to_listen).is_some() {
        listen(walk, actor);
    } else if some(walk, actor, is_to_connect).is_none() {
        make(walk, actor);
    } else if listens {
        connect(walk, actor);
    } else {
        name(walk, actor);
    }
}

fn make(walk: &mut Walk<'_>, actor: u8) {
    let kind = [0, 0, 0, 1, 2][walk.pick.below(5) as usize];
    let flags = [0, 0, 0, 1, 2, 2][walk.pick.below(6) as usize];
    walk.add(actor, &SOCKET, vec![Operand::Number(kind), Operand::Flags(flags)]);
}

fn call(walk: &mut Walk<'_>, actor: u8, operation: &'static Operation, name: u16, with: Operand) {
    walk.add(actor, operation, vec![Operand::Name(name), with]);
}

fn name(walk: &mut Walk<'_>, actor: u8) {
    let Some(own) = mostly(walk, actor, is_nameless) else { return make(walk, actor) };
    let path = some_name(walk);
    call(walk, actor, &BIND, own, path);
}

fn listen(walk: &mut Walk<'_>, actor: u8) {
    let listening = |own: &Socket| is_to_listen(own) || own.stage == Stage::Listening;
    let Some(own) = mostly(walk, actor, listening) else { return name(walk, actor) };
    let backlog = [0, 0, 1, 2, -1][walk.pick.below(5) as usize];
    call(walk, actor, &LISTEN, own, Operand::Number(backlog));
}

/// The name of somebody who takes connections, or datagrams, of that type.
fn name_of(walk: &mut Walk<'_>, kind: Type, fits: impl Fn(&Socket) -> bool) -> Option<Operand> {
    let world = &walk.stage.world;
    let good = |socket: &Socket| socket.kind == kind && fits(socket);
    let mut all: Vec<Operand> = Vec::new();
    for object in &world.objects {
        if let Object::Socket(socket) = &**object
            && let Address::Abstract(name) = &socket.address
            && good(socket)
        {
            all.push(Operand::Path(format!("@{name}").into()));
        }
    }
    for (path, object) in world.names.iter() {
        if let Object::Bound(bound) = world.object_at(object)
            && let Some(Object::Socket(socket)) = bound.socket.map(|own| world.object_at(own))
            && good(socket)
        {
            all.push(Operand::Path(path.into()));
        }
    }
    let place = walk.pick.below(all.len().max(1) as u64) as usize;
    all.into_iter().nth(place)
}

fn takes(own: &Socket) -> bool {
    own.kind == Type::Datagram || own.stage == Stage::Listening
}

fn connect(walk: &mut Walk<'_>, actor: u8) {
    let Some(own) = mostly(walk, actor, is_to_connect) else { return make(walk, actor) };
    let kind = match walk.object(actor, walk.number(actor, own)) {
        Some(Object::Socket(socket)) => socket.kind,
        _ => Type::Stream,
    };
    let known = if walk.pick.below(10) == 0 { None } else { name_of(walk, kind, takes) };
    let to = known.unwrap_or_else(|| some_name(walk));
    call(walk, actor, &CONNECT, own, to);
}

fn accept(walk: &mut Walk<'_>, actor: u8) {
    let Some(own) = mostly(walk, actor, is_waited_at) else { return };
    let flags = [0, 0, 0, 1, 2][walk.pick.below(5) as usize];
    call(walk, actor, &ACCEPT4, own, Operand::Flags(flags));
}

/// For a connection, or for room.
fn wait(walk: &mut Walk<'_>, actor: u8) {
    let fresh = |own: &Socket| own.stage == Stage::Fresh;
    let full =
        |own: &Socket| own.stage == Stage::Listening && own.pending.len() as u64 > own.backlog;
    if let Some(own) = some(walk, actor, fresh)
        && let Some(Object::Socket(socket)) = walk.object(actor, walk.number(actor, own))
    {
        let kind = socket.kind;
        if let Some(to) = name_of(walk, kind, full) {
            return call(walk, actor, &CONNECT, own, to);
        }
    }
    let Some(own) = some(walk, actor, is_waiting) else { return go_on(walk, actor) };
    call(walk, actor, &ACCEPT4, own, Operand::Flags(0));
}

/// A connection, or one less that waits.
fn wake(walk: &mut Walk<'_>, actor: u8, sleeper: u8) -> bool {
    let Some(operation) = walk.call_of(sleeper).map(|call| call.operation) else { return false };
    if operation == &CONNECT {
        let Some(own) = some(walk, actor, is_waited_at) else { return false };
        call(walk, actor, &ACCEPT4, own, Operand::Flags(0));
        return true;
    }
    let Some(kind) = walk.call_of(sleeper).and_then(|call| {
        let fd = call.fd().filter(|_| operation == &ACCEPT4)?;
        match walk.object(sleeper, fd) {
            Some(Object::Socket(socket)) => Some(socket.kind),
            _ => None,
        }
    }) else {
        return false;
    };
    let fits = |own: &Socket| own.kind == kind && own.stage == Stage::Fresh && is_nameless(own);
    let to = name_of(walk, kind, |own| own.stage == Stage::Listening);
    match (some(walk, actor, fits), to) {
        (Some(own), Some(to)) => call(walk, actor, &CONNECT, own, to),
        (None, Some(_)) => {
            let word = i64::from(kind == Type::Records) * 2;
            walk.add(actor, &SOCKET, vec![Operand::Number(word), Operand::Flags(0)]);
        }
        _ => return false,
    }
    true
}
