//! What the clauses about sockets answer and do.

use std::sync::Arc;

use super::address::sockets;
use super::along::{hand_over, take_from};
use super::terms::{RESERVED, socket};
use super::{Peer, Socket, Type, kind_of};
use crate::clause::{Action, Answer, action};
use crate::object::Kind;
use crate::operation::Actor;
use crate::outcome::Value;
use crate::payload::Run;
use crate::view::{Change, View};
use crate::world::{Description, Entry, InCall, Object, World};

pub(super) static ENDS: Answer = Answer { name: "the two lowest free descriptors", value: ends };
pub(super) static UNRECEIVED: Answer = Answer {
    name: "the bytes that have not been received, of datagrams those of the oldest",
    value: |v| {
        let all = |own: &Socket| match own.kind {
            Type::Datagram => own.messages.front().map_or(0, |message| message.left),
            Type::Stream | Type::Records => own.data.len(),
        };
        Value::Number(socket(v).map_or(0, all) as i64)
    },
};

fn ends(v: &View<'_>) -> Value {
    Value::Fds(v.world.lowest_free(v.actor.process, 2, v.spec.numbers.nofile))
}

pub(super) static CREATE: Action =
    action("two sockets, each the other end of the other", |c, _| create(c));
pub(super) static DELIVER: Action =
    action("the next % bytes of the call lie behind the others at the other end", deliver);
pub(super) static TAKE: Action = action("the oldest % bytes are taken out", |c, n| {
    take_from(c, |own| own.take(n));
});
pub(super) static TAKE_MESSAGE: Action = action("the oldest message is taken out", |c, _| {
    take_from(c, Socket::take_message);
});
pub(super) static TELL: Action = action("that it was reset was told", |c, _| {
    change(c, |own| own.reset = false);
});
pub(super) static FORGET: Action =
    action("that nobody has the other end was told, and what it had sent is lost", |c, _| {
        overtake_others(c);
        take_from(c, |own| {
            own.peer = Peer::Forgotten;
            own.clear()
        });
    });
pub(super) static SHUT: Action = action("it is shut down as asked", |c, _| {
    let how = c.view().arg(1);
    overtake_others(c);
    change(c, |own| {
        own.shut_read |= how != 1;
        own.shut_write |= how != 0;
        own.early_read &= how == 1;
        own.early_write &= how == 0;
    });
});
/// Whether it may wait is kept with the first step: the flags are looked at once.
pub(super) static ADVANCE: Action = action("the call has moved % bytes more", |c, n| {
    let no_waiting = c.view().num(&super::terms::no_wait());
    if let Some(call) = c.world.in_call_mut(c.actor) {
        call.done += n;
        if call.seen.is_empty() {
            call.seen.push(no_waiting as u32);
        }
    }
});

/// Who is in a call by a descriptor that leads to one of these sockets.
pub(super) fn callers<'w>(
    world: &'w World,
    sockets: &'w [u16],
) -> impl Iterator<Item = (Actor, &'w InCall)> {
    world.calls().filter(|(actor, call)| {
        let entry = call.call.fd().and_then(|fd| world.entry(actor.process, i64::from(fd)));
        let object = entry.and_then(|one| world.descriptions.get(usize::from(one.description)));
        object.is_some_and(|one| sockets.contains(&one.object))
    })
}

/// The calls of others on this socket and on the other end may have looked at them before.
pub(super) fn overtake(world: &mut World, own: u16, by: Option<Actor>) {
    let peers = world.object_at(own).kind().map_or_else(Vec::new, Kind::objects);
    // Datagrams may be sent to it by many.
    let to_it = sockets(world).filter(|(_, one)| one.peer == Peer::There(own));
    let both: Vec<u16> = [own].into_iter().chain(peers).chain(to_it.map(|(at, _)| at)).collect();
    let others = callers(world, &both).map(|(actor, _)| actor).filter(|actor| Some(*actor) != by);
    for actor in others.collect::<Vec<_>>() {
        if let Some(call) = world.in_call_mut(actor) {
            call.overtaken = true;
        }
    }
}

/// The same, by a call on the socket.
fn overtake_others(c: &mut Change<'_>) {
    let (own, me) = (c.view().description().map(|description| description.object), c.actor);
    own.into_iter().for_each(|own| overtake(c.world, own, Some(me)));
}

/// Changes the socket of that number.
pub(super) fn change_at(world: &mut World, number: u16, how: impl FnOnce(&mut Socket)) {
    if let Some(place) = world.objects.get_mut(usize::from(number))
        && let Object::Socket(socket) = Arc::make_mut(place)
    {
        how(socket);
    }
}

pub(super) fn change(c: &mut Change<'_>, how: impl FnOnce(&mut Socket)) {
    if let Some(Object::Socket(own)) = c.object() {
        how(own);
    }
}

fn create(c: &mut Change<'_>) {
    let view = c.view();
    let Value::Fds(fds) = ends(&view) else { return };
    let (cloexec, nonblock) = (view.flag("SOCK_CLOEXEC"), view.flag("SOCK_NONBLOCK"));
    let kind = kind_of(view.arg(0));
    // Where no system tells, as much as a pipe holds.
    let buffer = c.chosen.probed.unwrap_or(c.spec.numbers.pipe_capacity + RESERVED);
    let new = Socket { kind, buffer, ..Socket::default() };
    let ends = [0; 2].map(|_| c.world.add_object(Object::Socket(new.clone())));
    for (own, other) in [(ends[0], ends[1]), (ends[1], ends[0])] {
        change_at(c.world, own, |socket| socket.peer = Peer::There(other));
    }
    for (fd, object) in fds.into_iter().zip(ends) {
        let both =
            Description { object, reads: true, writes: true, nonblock, ..Description::default() };
        let description = c.world.add_description(both);
        c.world.install(c.actor.process, i64::from(fd), Entry { description, cloexec });
    }
}

fn deliver(c: &mut Change<'_>, n: u64) {
    let view = c.view();
    let (Some(call), Some(own)) = (view.call, socket(&view)) else { return };
    let run = Run::Of { tag: call.call.tag, from: call.done, len: n };
    let Peer::There(peer) = own.peer else { return };
    let carries = hand_over(c);
    change_at(c.world, peer, |other| other.accept(run, carries));
}
