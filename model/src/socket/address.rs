//! Where a socket can be found: what it is called, and who answers to a name.
//!
//! A name in a directory is a file of its own, which leads to the socket for as long as that is there, and
//! stays when it is not. A name in no directory (Linux) is the socket's own, and each type has its own.

use std::hash::Hasher;
use std::sync::Arc;

use super::terms::{is_linux, socket};
use super::{BIND, CONNECT, Peer, Socket, Type};
use crate::clause::Cond::{All, Any, Eq};
use crate::clause::{Guard, Num, Number, number};
use crate::descriptor::NONBLOCK;
use crate::memory::opening::access;
use crate::name::{
    ALLOWED_SECOND, Node, REACHED, SECOND_FREE, SECOND_NOT_READONLY, SECOND_THERE, allows, spot,
    spot_of,
};
use crate::object::{Kind, Object, feed};
use crate::view::View;
use crate::world::World;

/// What a socket is called.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub enum Address {
    /// Nothing.
    #[default]
    None,
    /// It was given a name in a directory, whatever has become of that.
    Path,
    /// It has a name in no directory.
    Abstract(Arc<str>),
    /// As the one that it was accepted from; nobody finds it by that.
    Inherited,
}

/// A name of a socket in a directory.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Bound {
    /// Its permissions and owner.
    pub node: Node,
    /// The socket, as long as it is there.
    pub socket: Option<u16>,
}

impl Kind for Bound {
    fn file_type(&self) -> &'static str {
        "S_IFSOCK"
    }

    fn name(&self) -> &'static str {
        "name of a socket"
    }

    fn node(&self) -> Option<&Node> {
        Some(&self.node)
    }

    fn node_mut(&mut self) -> Option<&mut Node> {
        Some(&mut self.node)
    }

    fn objects(&self) -> Vec<u16> {
        self.socket.into_iter().collect()
    }

    fn outline(&self, mix: &mut dyn Hasher) {
        feed(&(self.node, self.socket.is_some()), mix);
    }
}

/// The sockets of a world, by number.
pub(super) fn sockets(world: &World) -> impl Iterator<Item = (u16, &Socket)> {
    (0_u16..).zip(&world.objects).filter_map(|(number, object)| match &**object {
        Object::Socket(socket) => Some((number, socket)),
        _ => None,
    })
}

/// A socket is gone: no name leads to it any more, and nobody waits at it.
pub(super) fn leave(world: &mut World, gone: u16) {
    for object in &mut world.objects {
        if matches!(&**object, Object::Bound(bound) if bound.socket == Some(gone))
            && let Object::Bound(bound) = Arc::make_mut(object)
        {
            bound.socket = None;
        }
    }
    let waits = |call: &crate::world::InCall| {
        call.call.operation == &CONNECT && call.seen.first() == Some(&u32::from(gone))
    };
    let waiting: Vec<_> =
        world.calls().filter(|(_, call)| waits(call)).map(|(actor, _)| actor).collect();
    for actor in waiting {
        if let Some(call) = world.in_call_mut(actor) {
            call.seen.clear();
        }
    }
}

/// The name in no directory that the call gives or looks for.
pub(super) fn nowhere<'a>(v: &View<'a>) -> Option<&'a str> {
    let call = v.call.filter(|call| [&BIND, &CONNECT].contains(&call.call.operation))?;
    call.call.path(1)?.strip_prefix('@')
}

/// Whether a call has no path that is followed, or has followed it.
pub(crate) fn is_beside_names(v: &View<'_>) -> bool {
    nowhere(v).is_some() || waits_at(v).is_some()
}

/// The socket at which a call that connects waits for room.
pub(super) fn waits_at(v: &View<'_>) -> Option<u16> {
    let call = v.call.filter(|call| call.call.operation == &CONNECT)?;
    call.seen.first().map(|number| *number as u16)
}

/// What the call's path stands for.
fn file<'a>(v: &View<'a>) -> Option<&'a Object> {
    let object = spot_of(v, 1, true).ok()?.object?;
    Some(v.world.object_at(object))
}

/// Who has a name in no directory, of that type.
fn holder(world: &World, name: &str, kind: Type) -> Option<u16> {
    let has = |socket: &Socket| matches!(&socket.address, Address::Abstract(own) if **own == *name);
    sockets(world).find(|(_, one)| one.kind == kind && has(one)).map(|(number, _)| number)
}

/// The socket that answers to the call's name, of whatever type.
pub(super) fn answering(v: &View<'_>) -> Option<u16> {
    match nowhere(v) {
        Some(name) => holder(v.world, name, socket(v)?.kind),
        None => match file(v)? {
            Object::Bound(bound) => bound.socket,
            _ => None,
        },
    }
}

fn at(world: &World, number: u16) -> Option<&Socket> {
    match world.object_at(number) {
        Object::Socket(socket) => Some(socket),
        _ => None,
    }
}

/// Whether no more connections may wait where a socket listens. Linux lets in one more than was asked for
/// (net/unix/af_unix.c, `unix_recvq_full`); POSIX promises room where none waits, and only to who may wait.
pub(super) fn is_full(v: &View<'_>, listener: &Socket) -> bool {
    let waiting = listener.pending.len() as u64;
    if is_linux(v) { waiting > listener.backlog } else { waiting > 0 || !may_wait(v) }
}

/// What a call that connects finds at the name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Found {
    /// Nothing that it could ask.
    Nothing,
    /// Nobody who takes connections, or datagrams.
    Nobody,
    /// A socket of another type.
    Another,
    /// One that takes datagrams from another only.
    Taken,
    /// No room for one more connection.
    Full,
    /// One that it can be connected to.
    Open,
}

fn found(v: &View<'_>) -> Found {
    let Some(own) = socket(v) else { return Found::Nothing };
    if nowhere(v).is_none() && file(v).is_none() {
        return Found::Nothing;
    }
    let Some(number) = answering(v) else { return Found::Nobody };
    let Some(other) = at(v.world, number) else { return Found::Nobody };
    if other.kind != own.kind {
        return Found::Another;
    }
    if own.kind == Type::Datagram {
        return if takes_from(v, other) { Found::Open } else { Found::Taken };
    }
    match other.stage {
        super::Stage::Listening if other.shut_read => Found::Nobody,
        super::Stage::Listening if is_full(v, other) => Found::Full,
        super::Stage::Listening => Found::Open,
        _ => Found::Nobody,
    }
}

/// Whether a socket takes datagrams from the call's own: it is not connected to another.
fn takes_from(v: &View<'_>, other: &Socket) -> bool {
    let own = v.description().map(|description| description.object);
    match other.peer {
        Peer::There(peer) => Some(peer) == own,
        Peer::Gone => false,
        Peer::Forgotten => true,
    }
}

/// Whether a call that connects may wait: the flag is looked at when it begins.
fn may_wait(v: &View<'_>) -> bool {
    waits_at(v).is_some() || v.num(&Num::Of(&NONBLOCK)) == 0
}

/// Whether the permission bits of what the path stands for let the caller connect.
fn may_ask(v: &View<'_>) -> bool {
    let node = if nowhere(v).is_some() { None } else { file(v).and_then(Object::node) };
    let user = v.process().map(|process| process.user);
    node.zip(user).is_none_or(|(node, user)| allows(node, &v.spec.numbers, user, 2))
}

static NOWHERE: Number = number("in no directory", "1 if the name is in no directory.", |v| {
    u64::from(nowhere(v).is_some())
});
static HELD: Number =
    number("held", "1 if a socket of its type has that name in no directory.", |v| {
        let own = nowhere(v).zip(socket(v));
        u64::from(own.is_some_and(|(name, own)| holder(v.world, name, own.kind).is_some()))
    });
static HAS: Number = number("name", "1 if it has been given a name.", |v| {
    u64::from(socket(v).is_some_and(|own| own.address != Address::None))
});
static FOUND: Number = number(
    "found",
    "What is at the name: 0 nothing, 1 nobody who takes anything, 2 a socket of another type, 3 one that takes from another only, 4 no room, 5 one to be connected to.",
    |v| found(v) as u64,
);
static MAY_ASK: Number =
    number("may ask", "1 if the permission bits of the name let the caller connect.", |v| {
        u64::from(may_ask(v))
    });
static A_FILE: Number =
    number("no socket", "1 if what the path stands for was never a socket's.", |v| {
        u64::from(nowhere(v).is_none() && file(v).is_some_and(|it| !matches!(it, Object::Bound(_))))
    });
static MAY_WAIT: Number =
    number("may wait", "1 if O_NONBLOCK was clear when it began to connect.", |v| {
        u64::from(may_wait(v))
    });
static DATA_LOST: Number = number(
    "would lose",
    "1 if it is, or was, connected to another, and something is unreceived.",
    |v| {
        let to = answering(v).map_or(Peer::Forgotten, Peer::There);
        let turns = |own: &Socket| own.peer != Peer::Forgotten && own.peer != to;
        u64::from(socket(v).is_some_and(|own| turns(own) && !own.messages.is_empty()))
    },
);
static WAITS: Number = number("waits at", "1 if it waits for room where it found none.", |v| {
    u64::from(waits_at(v).is_some())
});
static CROWDED: Number = number("crowded", "1 if there is no room where it waits.", |v| {
    let listener = waits_at(v).and_then(|number| at(v.world, number));
    u64::from(listener.is_some_and(|listener| is_full(v, listener)))
});

pub(super) const IN_DIRECTORY: Guard =
    Guard { name: "the name is in a directory", cond: Eq(Num::Of(&NOWHERE), Num::N(0)) };
pub(super) const IN_NONE: Guard =
    Guard { name: "the name is in no directory", cond: Eq(Num::Of(&NOWHERE), Num::N(1)) };
pub(super) const NOT_HELD: Guard =
    Guard { name: "no socket of its type has it", cond: Eq(Num::Of(&HELD), Num::N(0)) };
pub(super) const IS_HELD: Guard =
    Guard { name: "a socket of its type has it", cond: Eq(Num::Of(&HELD), Num::N(1)) };
pub(super) const NAMELESS: Guard =
    Guard { name: "it has no name", cond: Eq(Num::Of(&HAS), Num::N(0)) };
pub(super) const NAMED: Guard = Guard { name: "it has a name", cond: Eq(Num::Of(&HAS), Num::N(1)) };
/// The name can be given, in a directory or in none.
pub(super) const CAN_BE_GIVEN: Guard = Guard {
    name: "the name is in no directory, or can be made where it is to be",
    cond: Any(&[
        IN_NONE.cond,
        All(&[REACHED.cond, SECOND_FREE.cond, ALLOWED_SECOND.cond, SECOND_NOT_READONLY.cond]),
    ]),
};

/// Whether the call's first path is a name of a socket, which need be neither a directory nor new.
fn opens_a_name(v: &View<'_>) -> bool {
    let object = spot(v).and_then(|spot| spot.object).map(|number| v.world.object_at(number));
    let plain = !v.flag("O_DIRECTORY") && !v.flag("O_EXCL");
    plain
        && v.call.is_some_and(|call| call.holds.is_none())
        && matches!(object, Some(Object::Bound(_)))
}

fn may_open(v: &View<'_>) -> bool {
    let node = spot(v).and_then(|spot| v.world.object_at(spot.object?).node());
    let user = v.process().map(|process| process.user);
    let (reads, writes) = access(v);
    let wanted = u16::from(reads) << 2 | u16::from(writes || v.flag("O_TRUNC")) << 1;
    node.zip(user).is_none_or(|(node, user)| allows(node, &v.spec.numbers, user, wanted))
}

static OPENS: Number = number(
    "opens a socket",
    "1 if the first path is a name of a socket, which need be neither a directory nor new.",
    |v| u64::from(opens_a_name(v)),
);
static MAY_BE_OPENED: Number =
    number("may open", "1 if its permission bits let the caller.", |v| u64::from(may_open(v)));

macro_rules! guards {
    ($($name:ident = $text:literal, $number:expr, $value:literal;)*) => {
        $(pub(super) const $name: Guard =
            Guard { name: $text, cond: Eq(Num::Of(&$number), Num::N($value)) };)*
    };
}

guards! {
    FINDS_NOBODY = "nobody takes anything there", FOUND, 1;
    FINDS_ANOTHER = "a socket of another type is there", FOUND, 2;
    FINDS_TAKEN = "one is there that takes from another only", FOUND, 3;
    FINDS_NO_ROOM = "there is no room for one more connection", FOUND, 4;
    FINDS_ONE = "one is there that it can be connected to", FOUND, 5;
    MAY_CONNECT = "the permission bits of the name let the caller", MAY_ASK, 1;
    MAY_NOT_CONNECT = "the permission bits of the name do not let the caller", MAY_ASK, 0;
    NO_SOCKETS_NAME = "what the path stands for was never a socket's", A_FILE, 1;
    A_SOCKETS_NAME = "it is in no directory, or was a socket's", A_FILE, 0;
    CONNECT_MAY_WAIT = "it may wait", MAY_WAIT, 1;
    CONNECT_MAY_NOT_WAIT = "it may not wait", MAY_WAIT, 0;
    LOSES = "it was connected to another, and something is unreceived", DATA_LOST, 1;
    LOSES_NOT = "it was not connected to another, or nothing is unreceived", DATA_LOST, 0;
    WAITS_THERE = "it waits where it found no room", WAITS, 1;
    WAITS_NOT = "it does not wait yet", WAITS, 0;
    NO_ROOM_YET = "there is no room yet", CROWDED, 1;
    ROOM_AGAIN = "there is room again", CROWDED, 0;
    OPENS_A_NAME = "it is the name of a socket", OPENS, 1;
    MAY_OPEN = "its permission bits let the caller", MAY_BE_OPENED, 1;
    MAY_NOT_OPEN = "its permission bits do not let the caller", MAY_BE_OPENED, 0;
}
/// A file is there, of whatever kind.
pub(super) const IS_MISSING: Guard = Guard {
    name: "nothing has the path",
    cond: All(&[IN_DIRECTORY.cond, REACHED.cond, SECOND_FREE.cond, WAITS_NOT.cond]),
};
/// A name is taken.
pub(super) const IS_TAKEN: Guard = Guard {
    name: "something has the path",
    cond: All(&[IN_DIRECTORY.cond, REACHED.cond, SECOND_THERE.cond]),
};
