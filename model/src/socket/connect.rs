//! How a socket is connected to the one that a name leads to.

use super::act::{change, change_at, overtake};
use super::address::*;
use super::along::take_from;
use super::terms::{ANY_SOCKET, CONNECTED, DATAGRAM, IS_FRESH, IS_JOINED, IS_LISTENING, socket};
use super::{CONNECT, Peer, Socket, Stage};
use crate::clause::Aspect::{Blocking, Error, Lifetime, Ordering};
use crate::clause::Duty::{Extension, Shall, Unspecified};
use crate::clause::Force::{Obliges, Permits};
use crate::clause::{Action, Clause, Envelope, Num, Source, action, effect, linux, posix};
use crate::errno::Errno::{
    EACCES, EAGAIN, ECONNREFUSED, EINVAL, EISCONN, ENOENT, EOPNOTSUPP, EPERM, EPROTOTYPE,
};
use crate::object::Object;
use crate::view::Change;

static JOIN: Action = action(
    "it is connected to a new socket, which waits behind the others to be accepted",
    |c, _| join(c),
);
static TURN: Action = action(
    "it sends to that one and receives from no other; what it had not received from another is lost",
    |c, _| turn(c),
);
static STAY: Action = action("it waits there", |c, _| {
    let at = answering(&c.view());
    if let (Some(at), Some(call)) = (at, c.world.in_call_mut(c.actor)) {
        call.seen = vec![at.into()];
    }
});
static LOOK: Action = action("it looks for the name anew", |c, _| {
    if let Some(call) = c.world.in_call_mut(c.actor) {
        call.seen.clear();
    }
});

fn join(c: &mut Change<'_>) {
    let view = c.view();
    let own = view.description().map(|description| description.object);
    let (Some(own), Some(listener), Some(socket)) = (own, answering(&view), socket(&view)) else {
        return;
    };
    let new = Socket {
        kind: socket.kind,
        buffer: socket.buffer,
        peer: Peer::There(own),
        address: Address::Inherited,
        ..Socket::default()
    };
    let new = c.world.add_object(Object::Socket(new));
    change(c, |own| {
        (own.stage, own.peer) = (Stage::Joined, Peer::There(new));
        (own.early_read, own.early_write) = (own.shut_read, own.shut_write);
    });
    change_at(c.world, listener, |listener| listener.pending.push_back(new));
}

fn turn(c: &mut Change<'_>) {
    let view = c.view();
    let own = view.description().map(|description| description.object);
    let (Some(own), Some(other), Some(socket)) = (own, answering(&view), socket(&view)) else {
        return;
    };
    let (before, unread) = (socket.peer, !socket.messages.is_empty());
    if before == Peer::There(other) {
        return;
    }
    overtake(c.world, own, Some(c.actor));
    change(c, |own| {
        own.peer = Peer::There(other);
        own.turned |= before != Peer::Forgotten;
    });
    if before != Peer::Forgotten {
        take_from(c, Socket::clear);
    }
    // Linux 6.18 net/unix/af_unix.c, `unix_dgram_disconnected`.
    if let Peer::There(left) = before
        && unread
    {
        change_at(c.world, left, |left| left.reset |= left.peer == Peer::There(own));
    }
}

const CONNECTS: Source = linux("net/unix/af_unix.c", "6.18, unix_stream_connect");

const JOINS: Clause = Clause {
    id: "socket.connect.connects",
    on: &[&CONNECT],
    force: Obliges,
    duty: Shall,
    aspect: Lifetime,
    source: posix("connect()", "DESCRIPTION"),
    text: "A socket of a stream or of records is connected at once where one listens that has room, before anybody accepts it, and can send.",
    guards: &[ANY_SOCKET, CONNECTED, IS_FRESH, WAITS_NOT, FINDS_ONE, MAY_CONNECT],
    envelope: Envelope::Nothing,
    effects: &[effect(&JOIN)],
};

const REFUSAL: Clause = Clause {
    id: "socket.connect.err.econnrefused",
    aspect: Error,
    source: posix("connect()", "ERRORS"),
    text: "Where a name is and nobody takes connections, or datagrams, it is refused: the socket is gone, or does not listen, or was shut down.",
    guards: &[ANY_SOCKET, IN_DIRECTORY, A_SOCKETS_NAME, WAITS_NOT, FINDS_NOBODY, MAY_CONNECT],
    envelope: Envelope::Error(ECONNREFUSED),
    effects: &[],
    ..JOINS
};

/// The clauses.
pub(super) static CLAUSES: &[Clause] = &[
    JOINS,
    Clause {
        id: "socket.connect.turns",
        text: "A datagram socket sends to the other from now on, as often as it is connected, and receives from it alone.",
        guards: &[ANY_SOCKET, DATAGRAM, FINDS_ONE, MAY_CONNECT, LOSES_NOT],
        effects: &[effect(&TURN)],
        ..JOINS
    },
    Clause {
        id: "socket.connect.turns.loses",
        duty: Extension,
        source: linux("net/unix/af_unix.c", "6.18, unix_dgram_disconnected"),
        text: "What it had not received when it was connected to another is lost, and that one is told if it is connected to this.",
        guards: &[ANY_SOCKET, DATAGRAM, FINDS_ONE, MAY_CONNECT, LOSES],
        effects: &[effect(&TURN)],
        ..JOINS
    },
    Clause {
        id: "socket.connect.unspecified.turns",
        force: Permits,
        duty: Unspecified,
        text: "What becomes of what a datagram socket has not received when it is connected to another is not said.",
        guards: &[ANY_SOCKET, DATAGRAM, FINDS_ONE, MAY_CONNECT, LOSES],
        envelope: Envelope::Anything,
        effects: &[],
        ..JOINS
    },
    Clause {
        id: "socket.connect.waits",
        duty: Extension,
        aspect: Blocking,
        source: CONNECTS,
        text: "Where there is no room it stays with the socket that it has found, whatever becomes of the name.",
        guards: &[ANY_SOCKET, WAITS_NOT, FINDS_NO_ROOM, MAY_CONNECT, CONNECT_MAY_WAIT],
        envelope: Envelope::Step(Num::N(0), Num::N(0)),
        effects: &[effect(&STAY)],
        ..JOINS
    },
    Clause {
        id: "socket.connect.blocks",
        force: Permits,
        duty: Extension,
        aspect: Blocking,
        source: CONNECTS,
        text: "It waits while there is no room, also where that one was shut down meanwhile.",
        guards: &[ANY_SOCKET, WAITS_THERE, NO_ROOM_YET],
        envelope: Envelope::Sleep,
        effects: &[],
        ..JOINS
    },
    Clause {
        id: "socket.connect.looks-again",
        duty: Extension,
        aspect: Ordering,
        source: CONNECTS,
        text: "When there is room it looks for the name anew.",
        guards: &[ANY_SOCKET, WAITS_THERE, ROOM_AGAIN],
        envelope: Envelope::Step(Num::N(0), Num::N(0)),
        effects: &[effect(&LOOK)],
        ..JOINS
    },
    Clause {
        id: "socket.connect.err.eagain",
        duty: Extension,
        source: linux("connect(2)", "ERRORS"),
        text: "With O_NONBLOCK it is refused where there is no room.",
        guards: &[ANY_SOCKET, WAITS_NOT, FINDS_NO_ROOM, MAY_CONNECT, CONNECT_MAY_NOT_WAIT],
        envelope: Envelope::Error(EAGAIN),
        ..REFUSAL
    },
    REFUSAL,
    Clause {
        id: "socket.connect.err.econnrefused.nowhere",
        duty: Extension,
        source: linux("net/unix/af_unix.c", "6.18, unix_find_abstract"),
        text: "Where a name is in no directory and nobody of its type takes connections, or datagrams, it is refused so too.",
        guards: &[ANY_SOCKET, IN_NONE, WAITS_NOT, FINDS_NOBODY],
        ..REFUSAL
    },
    Clause {
        id: "socket.connect.err.econnrefused.file",
        duty: Extension,
        source: linux("net/unix/af_unix.c", "6.18, unix_find_bsd"),
        text: "What was never the name of a socket is refused so too.",
        guards: &[ANY_SOCKET, NO_SOCKETS_NAME, FINDS_NOBODY, MAY_CONNECT],
        ..REFUSAL
    },
    Clause {
        id: "socket.connect.err.enoent",
        text: "Where there is no such name, there is nobody.",
        guards: &[ANY_SOCKET, IS_MISSING],
        envelope: Envelope::Error(ENOENT),
        ..REFUSAL
    },
    Clause {
        id: "socket.connect.err.eacces",
        text: "Who may not write to the name is not connected.",
        guards: &[ANY_SOCKET, WAITS_NOT, MAY_NOT_CONNECT],
        envelope: Envelope::Error(EACCES),
        ..REFUSAL
    },
    Clause {
        id: "socket.connect.err.eprototype",
        text: "A socket is not connected to one of another type.",
        guards: &[ANY_SOCKET, WAITS_NOT, FINDS_ANOTHER, MAY_CONNECT],
        envelope: Envelope::Error(EPROTOTYPE),
        ..REFUSAL
    },
    Clause {
        id: "socket.connect.err.eisconn",
        text: "A socket of a stream or of records is connected once.",
        guards: &[ANY_SOCKET, CONNECTED, IS_JOINED, WAITS_NOT, FINDS_ONE, MAY_CONNECT],
        envelope: Envelope::Error(EISCONN),
        ..REFUSAL
    },
    Clause {
        id: "socket.connect.err.eisconn.first",
        force: Permits,
        duty: Unspecified,
        text: "That it is connected may be seen before the name is looked at.",
        guards: &[ANY_SOCKET, CONNECTED, IS_JOINED],
        envelope: Envelope::Error(EISCONN),
        ..REFUSAL
    },
    Clause {
        id: "socket.connect.err.eopnotsupp",
        text: "One that listens is connected to nobody.",
        guards: &[ANY_SOCKET, CONNECTED, IS_LISTENING, WAITS_NOT, FINDS_ONE, MAY_CONNECT],
        envelope: Envelope::Error(EOPNOTSUPP),
        ..REFUSAL
    },
    Clause {
        id: "socket.connect.err.eopnotsupp.first",
        force: Permits,
        duty: Unspecified,
        text: "That it listens may be seen before the name is looked at.",
        guards: &[ANY_SOCKET, CONNECTED, IS_LISTENING],
        envelope: Envelope::Error(EOPNOTSUPP),
        ..REFUSAL
    },
    Clause {
        id: "socket.connect.err.einval",
        duty: Extension,
        source: CONNECTS,
        text: "One that listens is refused with EINVAL.",
        guards: &[ANY_SOCKET, CONNECTED, IS_LISTENING, WAITS_NOT, FINDS_ONE, MAY_CONNECT],
        envelope: Envelope::Error(EINVAL),
        ..REFUSAL
    },
    Clause {
        id: "socket.connect.err.eperm",
        duty: Extension,
        source: linux("net/unix/af_unix.c", "6.18, unix_dgram_connect"),
        text: "A datagram socket is not connected to one that receives from another alone.",
        guards: &[ANY_SOCKET, DATAGRAM, FINDS_TAKEN, MAY_CONNECT],
        envelope: Envelope::Error(EPERM),
        ..REFUSAL
    },
    Clause {
        id: "socket.connect.unspecified.taken",
        force: Permits,
        duty: Unspecified,
        source: posix("connect()", "DESCRIPTION"),
        text: "Whether a datagram socket can be connected to one that receives from another alone is not said.",
        guards: &[ANY_SOCKET, DATAGRAM, FINDS_TAKEN],
        envelope: Envelope::Anything,
        ..REFUSAL
    },
    Clause {
        id: "socket.connect.unspecified.file",
        force: Permits,
        duty: Unspecified,
        text: "What becomes of a connection to what was never the name of a socket is not said.",
        guards: &[ANY_SOCKET, NO_SOCKETS_NAME, MAY_CONNECT],
        envelope: Envelope::Anything,
        ..REFUSAL
    },
    Clause {
        id: "socket.connect.unspecified.room",
        force: Permits,
        duty: Unspecified,
        source: posix("listen()", "DESCRIPTION"),
        text: "Whether there is room where a connection waits, and what comes of one that may not wait, is not said.",
        guards: &[ANY_SOCKET, CONNECTED, FINDS_NO_ROOM, MAY_CONNECT],
        envelope: Envelope::Anything,
        ..REFUSAL
    },
    Clause {
        id: "socket.connect.unspecified.nowhere",
        force: Permits,
        duty: Unspecified,
        source: posix("connect()", "DESCRIPTION"),
        text: "What a name is that begins with a zero byte is not said.",
        guards: &[ANY_SOCKET, IN_NONE],
        envelope: Envelope::Anything,
        ..REFUSAL
    },
];
