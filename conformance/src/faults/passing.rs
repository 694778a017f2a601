//! What is wrong with descriptors that are passed over sockets, in systems that are known.

use std::sync::Arc;

use ipc_model::operation::Actor;
use ipc_model::socket::{Peer, Socket, Type};
use ipc_model::world::{Object, World};

use super::Wrong;
use super::named::{Deviation, Planting, object_of};

fn socket_at(world: &mut World, object: u16) -> Option<&mut Socket> {
    match world.objects.get_mut(usize::from(object)).map(Arc::make_mut) {
        Some(Object::Socket(socket)) => Some(socket),
        _ => None,
    }
}

/// The socket to which the call sends.
fn receiver(world: &mut World, actor: Actor) -> Option<&mut Socket> {
    let own = object_of(world, actor)?;
    let Peer::There(peer) = socket_at(world, own)?.peer else { return None };
    socket_at(world, peer)
}

/// What was sent along is not counted among what refers to it, as long as something else does.
fn uncounted(world: &mut World, actor: Actor) {
    let sent = receiver(world, actor).and_then(|peer| peer.messages.back());
    for description in sent.map_or_else(Vec::new, |message| message.carries.clone()) {
        let place = world.descriptions.get_mut(usize::from(description));
        if let Some(place) = place.filter(|place| place.references > 1) {
            place.references -= 1;
        }
    }
}

/// What was sent along goes with the bytes before, where there are some.
fn goes_before(world: &mut World, actor: Actor) {
    let Some(peer) = receiver(world, actor).filter(|peer| peer.kind == Type::Stream) else {
        return;
    };
    let last = peer.messages.len().saturating_sub(1);
    if last > 0 {
        let mut carries = std::mem::take(&mut peer.messages[last].carries);
        peer.messages[last - 1].carries.append(&mut carries);
    }
}

/// What came along does so no more.
fn loses(world: &mut World, actor: Actor) {
    let Some(own) = object_of(world, actor).and_then(|own| socket_at(world, own)) else { return };
    let carries = own.messages.iter_mut().map(|message| &mut message.carries);
    let first = carries.filter(|carries| !carries.is_empty()).map(std::mem::take).next();
    first.into_iter().flatten().for_each(|description| world.release(description));
}

/// One more descriptor refers to what the last of the caller's does, and nobody tells of it.
fn leaks(world: &mut World, actor: Actor) {
    let last = world.open_fds(actor.process).last();
    let free = world.lowest_free(actor.process, 1, 1024);
    if let (Some((_, entry)), Some(fd)) = (last, free.first()) {
        world.install(actor.process, i64::from(*fd), entry);
    }
}

const STARRY: &str = "https://github.com/rcore-os/tgoskits/commit/ef44e1bb3";

pub(super) static DEVIATIONS: &[Deviation] = &[
    Deviation {
        number: 44,
        name: "deviation-44-received-many-times",
        text: "WSL 1: one descriptor that was sent could be received many times.",
        link: "https://github.com/microsoft/WSL/issues/6490",
        planting: Planting::All(&[
            ("socket.recvmsg.stream", &[Wrong::Missing(1)]),
            ("socket.recvmsg.message", &[Wrong::Missing(1)]),
        ]),
    },
    Deviation {
        number: 46,
        name: "deviation-46-closed-under-way",
        text: "macOS: a descriptor that its sender had closed before it was received was lost, and a pipe was at its end.",
        link: "https://github.com/libuv/libuv/issues/2476",
        planting: Planting::All(&[
            ("socket.send.stream", &[Wrong::Also(uncounted)]),
            ("socket.send.message", &[Wrong::Also(uncounted)]),
        ]),
    },
    Deviation {
        number: 47,
        name: "deviation-47-cut-off-and-leaked",
        text: "macOS: descriptors for which there was no room came to the receiver all the same.",
        link: "https://github.com/python/cpython/issues/80931",
        planting: Planting::All(&[
            ("socket.recvmsg.ctrunc.stream", &[Wrong::Also(leaks)]),
            ("socket.recvmsg.ctrunc.message", &[Wrong::Also(leaks)]),
        ]),
    },
    Deviation {
        number: 49,
        name: "deviation-49-with-other-bytes",
        text: "StarryOS: descriptors came along with other bytes than those that they were sent with.",
        link: STARRY,
        planting: Planting::Own("socket.send.stream", &[Wrong::Also(goes_before)]),
    },
    Deviation {
        number: 59,
        name: "deviation-59-peek-takes-what-came-along",
        text: "Phoenix-RTOS: MSG_PEEK took the descriptors.",
        link: "https://github.com/phoenix-rtos/phoenix-rtos-kernel/pull/572",
        planting: Planting::All(&[
            ("socket.recvmsg.peek", &[Wrong::Also(loses)]),
            ("socket.recv.stream.peek", &[Wrong::Also(loses)]),
        ]),
    },
];
