//! What is wrong with sockets, in systems that are known.

use std::sync::Arc;

use ipc_model::epoll::forget_news;
use ipc_model::errno::Errno;
use ipc_model::operation::Actor;
use ipc_model::socket::{ACCEPT4, Address, Peer, Socket, Type};
use ipc_model::world::{Object, World};

use super::Wrong;
use super::named::{Deviation, Planting, object_of};

fn take(world: &mut World, object: u16, how: impl FnOnce(&mut Socket) -> Vec<u16>) {
    let place = world.objects.get_mut(usize::from(object)).map(Arc::make_mut);
    if let Some(Object::Socket(socket)) = place {
        how(socket).into_iter().for_each(|carried| world.release(carried));
    }
}

/// The call takes what it looks at.
fn takes(world: &mut World, actor: Actor) {
    let len = world.in_call(actor).map_or(0, |call| call.call.len());
    if let Some(own) = object_of(world, actor) {
        take(world, own, |socket| socket.take(len.min(socket.data.len())));
    }
}

fn takes_message(world: &mut World, actor: Actor) {
    if let Some(own) = object_of(world, actor) {
        take(world, own, Socket::take_message);
    }
}

/// The call asks for no bytes.
fn asks_nothing(world: &World, actor: Actor) -> bool {
    world.in_call(actor).is_some_and(|call| call.call.is_empty())
}

/// What was sent is no news to who waits for it.
fn no_news(world: &mut World, actor: Actor) {
    let Some(own) = object_of(world, actor) else { return };
    if let Object::Socket(Socket { peer: Peer::There(peer), .. }) = world.object_at(own) {
        let peer = *peer;
        forget_news(world, Some(peer));
    }
}

/// The socket that a name leads to, if somebody has it.
fn listener(world: &World, actor: Actor) -> Option<&Socket> {
    let name = world.in_call(actor)?.call.path(1)?;
    let at = |number: u16| match world.object_at(number) {
        Object::Socket(socket) => Some(socket),
        _ => None,
    };
    match (name.strip_prefix('@'), world.object_at(world.names.get(name).unwrap_or(0))) {
        (None, Object::Bound(bound)) => at(bound.socket?),
        _ => (0..world.objects.len() as u16).filter_map(at).find(|one| {
            let own =
                format!("@{}", if let Address::Abstract(own) = &one.address { own } else { "" });
            own == name
        }),
    }
}

/// Nobody is in a call that accepts.
fn nobody_accepts(world: &World, _: Actor) -> bool {
    !world.calls().any(|(_, call)| call.call.operation == &ACCEPT4)
}

/// Where it connects none is to wait.
fn none_is_to_wait(world: &World, actor: Actor) -> bool {
    listener(world, actor).is_some_and(|listener| listener.backlog == 0)
}

/// A datagram that comes where another's lies is received before that.
fn to_the_front(world: &mut World, actor: Actor) {
    let Some(own) = object_of(world, actor) else { return };
    let Object::Socket(Socket { peer: Peer::There(to), kind: Type::Datagram, .. }) =
        world.object_at(own)
    else {
        return;
    };
    let to = *to;
    let mutual =
        matches!(world.object_at(to), Object::Socket(socket) if socket.peer == Peer::There(own));
    if mutual {
        return;
    }
    take(world, to, |socket| {
        let Some(last) = socket.messages.pop_back() else { return Vec::new() };
        let first = socket.data.take(socket.data.len() - last.left);
        let mut data = std::mem::take(&mut socket.data);
        first.runs().for_each(|run| data.push(run.clone()));
        socket.data = data;
        socket.messages.push_front(last);
        Vec::new()
    });
}

const GVISOR: &str = "https://github.com/google/gvisor/commit/9242c6772";
const STARRY: &str = "https://github.com/rcore-os/tgoskits/commit/657664de3";

pub(super) static DEVIATIONS: &[Deviation] = &[
    Deviation {
        number: 38,
        name: "deviation-38-no-edge-of-a-socket",
        text: "OSv: EPOLLET missed wake-ups of sockets.",
        link: "https://github.com/cloudius-systems/osv/commit/a6b37298",
        planting: Planting::All(&[
            ("socket.send.stream", &[Wrong::Also(no_news)]),
            ("socket.send.message", &[Wrong::Also(no_news)]),
        ]),
    },
    Deviation {
        number: 49,
        name: "deviation-49-peek-takes",
        text: "StarryOS: MSG_PEEK took the bytes.",
        link: "https://github.com/rcore-os/tgoskits",
        planting: Planting::All(&[
            ("socket.recv.stream.peek", &[Wrong::Also(takes)]),
            ("socket.recv.message.peek", &[Wrong::Also(takes_message)]),
        ]),
    },
    Deviation {
        number: 49,
        name: "deviation-49-no-end",
        text: "StarryOS: there was no end-of-file when the other end was gone.",
        link: STARRY,
        planting: Planting::Made(&["never-fires:socket.recv.eof"]),
    },
    Deviation {
        number: 50,
        name: "deviation-50-nothing-is-taken",
        text: "gVisor: a recv of no bytes left the message where it was.",
        link: GVISOR,
        planting: Planting::All(&[
            ("socket.recv.message", &[Wrong::Unless(asks_nothing)]),
            ("socket.recv.message.cut", &[Wrong::Missing(0)]),
        ]),
    },
    Deviation {
        number: 50,
        name: "deviation-50-length-of-what-was-cut",
        text: "gVisor: MSG_TRUNC told a wrong length.",
        link: "https://github.com/google/gvisor/commit/fbb2c008e",
        planting: Planting::Waits("MSG_TRUNC, by which more is told than is received"),
    },
    Deviation {
        number: 50,
        name: "deviation-50-datagrams-never-wake",
        text: "gVisor: a recv that waited for a datagram was not woken; here, of a pair.",
        link: "https://github.com/google/gvisor/commit/12c7430a0",
        planting: Planting::Made(&["wakes-nobody:socket.send.message"]),
    },
    Deviation {
        number: 50,
        name: "deviation-50-abstract-names-are-cut",
        text: "gVisor: abstract names ended at their second zero byte.",
        link: "https://github.com/google/gvisor/commit/47d5a12ce",
        planting: Planting::Waits("names of sockets with zero bytes"),
    },
    Deviation {
        number: 50,
        name: "deviation-50-nobody-is-epipe",
        text: "gVisor: a datagram to nobody was told EPIPE.",
        link: GVISOR,
        planting: Planting::Own(
            "socket.send.datagram.err.econnrefused",
            &[Wrong::Error(Errno::EPIPE)],
        ),
    },
    Deviation {
        number: 50,
        name: "deviation-50-nobody-is-the-end",
        text: "gVisor: a datagram socket whose other end was gone was told the end.",
        link: GVISOR,
        planting: Planting::Own("socket.recv.err.eagain", &[Wrong::Success]),
    },
    Deviation {
        number: 52,
        name: "deviation-52-senders-are-reordered",
        text: "FreeBSD 14: datagrams of several senders came in another order.",
        link: "https://github.com/freebsd/freebsd-src/blob/main/tests/sys/kern/unix_dgram.c",
        planting: Planting::All(&[("socket.send.message", &[Wrong::Also(to_the_front)])]),
    },
    Deviation {
        number: 53,
        name: "deviation-53-a-full-queue-is-no-wait",
        text: "FreeBSD, macOS: a datagram that did not fit was told ENOBUFS, whoever might wait.",
        link: "https://github.com/joshtriplett/io-mux/issues/7",
        planting: Planting::Own("socket.send.message.err.eagain", &[Wrong::Error(Errno::ENOBUFS)]),
    },
    Deviation {
        number: 55,
        name: "deviation-55-a-full-backlog-refuses",
        text: "macOS: a connection to a full backlog was refused.",
        link: "https://github.com/tokio-rs/mio/issues/1560",
        planting: Planting::Own("socket.connect.err.eagain", &[Wrong::Error(Errno::ECONNREFUSED)]),
    },
    Deviation {
        number: 55,
        name: "deviation-55-connected-when-accepted",
        text: "Nanos: a connection was not made before somebody accepted it.",
        link: "https://github.com/nanovms/nanos/pull/1593",
        planting: Planting::Own("socket.connect.connects", &[Wrong::Unless(nobody_accepts)]),
    },
    Deviation {
        number: 55,
        name: "deviation-55-no-room-for-one",
        text: "gVisor: a socket that was to let none wait let none connect.",
        link: "https://github.com/google/gvisor/commit/2739cf462",
        planting: Planting::Own("socket.connect.connects", &[Wrong::Unless(none_is_to_wait)]),
    },
    Deviation {
        number: 56,
        name: "deviation-56-datagrams-are-reset",
        text: "macOS: a datagram socket whose other end was gone was told ECONNRESET.",
        link: "https://github.com/sysprog21/elfuse/pull/262",
        planting: Planting::Own("socket.recv.err.eagain", &[Wrong::Error(Errno::ECONNRESET)]),
    },
    Deviation {
        number: 58,
        name: "deviation-58-urgent-bytes",
        text: "Linux 5.15 to 6.10: a byte sent with MSG_OOB was lost when another came.",
        link: "https://github.com/torvalds/linux/blob/master/tools/testing/selftests/net/af_unix/msg_oob.c",
        planting: Planting::Waits("MSG_OOB"),
    },
    Deviation {
        number: 59,
        name: "deviation-59-no-sigpipe-of-a-socket",
        text: "Phoenix-RTOS: a send that nobody could receive told EPIPE without SIGPIPE.",
        link: "https://github.com/phoenix-rtos/phoenix-rtos-kernel/pull/514",
        planting: Planting::Own(
            "socket.send.sigpipe.kills",
            &[Wrong::Missing(0), Wrong::Error(Errno::EPIPE)],
        ),
    },
    Deviation {
        number: 65,
        name: "deviation-65-a-shutdown-is-not-told",
        text: "StarryOS: a shutdown was not told to the other end; here, of a pair.",
        link: "https://github.com/rcore-os/tgoskits/pull/1639",
        planting: Planting::Made(&["wakes-nobody:socket.shutdown.shuts"]),
    },
];
