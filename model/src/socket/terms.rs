//! The numbers and conditions that the clauses about sockets speak of.

use super::act::callers;
use super::address::{Address, sockets};
use super::along::reach;
use super::{Peer, RECV, RECVMSG, SEND, SENDMSG, Socket, Stage, Type};
use crate::clause::Cond::{All, Any, Eq, Le, Lt};
use crate::clause::{Guard, Num, Number, Standard, by_sort, number};
use crate::descriptor::{DONE, LEFT, LEN, NONBLOCK, SLEPT, WRITEV};
use crate::operation::Operation;
use crate::view::View;
use crate::world::{Object, World};

fn at(world: &World, object: u16) -> Option<&Socket> {
    match world.object_at(object) {
        Object::Socket(socket) => Some(socket),
        _ => None,
    }
}

pub(super) fn socket<'a>(v: &View<'a>) -> Option<&'a Socket> {
    match v.object() {
        Object::Socket(socket) => Some(socket),
        _ => None,
    }
}

pub(super) fn peer<'a>(v: &View<'a>) -> Option<&'a Socket> {
    match socket(v)?.peer {
        Peer::There(peer) => at(v.world, peer),
        Peer::Gone | Peer::Forgotten => None,
    }
}

/// Whether the call's descriptor leads to a socket.
pub fn is_socket(v: &View<'_>) -> bool {
    socket(v).is_some()
}

fn is(v: &View<'_>, operation: &'static Operation) -> bool {
    v.call.is_some_and(|call| call.call.operation == operation)
}

pub(super) fn is_linux(v: &View<'_>) -> bool {
    v.spec.profile.standards.contains(&Standard::Linux)
}

/// Nothing more will come: shut down here, or at the other end, or that is gone.
fn hears_no_more(v: &View<'_>) -> bool {
    let Some(own) = socket(v) else { return false };
    own.shut_read || own.is_connected() && peer(v).is_none_or(tells_the_end)
}

/// Whether a socket was shut down for sending, and the other end was told: not where it had none then
/// (net/unix/af_unix.c, `unix_shutdown`).
fn tells_the_end(peer: &Socket) -> bool {
    peer.shut_write && !peer.early_write
}

/// Nothing more can be sent: shut down here, or at the other end, or (where there is a connection) that
/// is gone.
fn sends_no_more(v: &View<'_>) -> bool {
    let Some(own) = socket(v) else { return false };
    own.shut_write || peer(v).map_or(own.is_connected(), |peer| peer.shut_read && takes(v, peer))
}

/// Whether the other end takes what this one sends: datagrams are taken from one alone where one is
/// connected (net/unix/af_unix.c, `unix_may_send`).
fn takes(v: &View<'_>, peer: &Socket) -> bool {
    let own = v.description().map(|description| description.object);
    peer.is_connected()
        || match peer.peer {
            Peer::There(other) => Some(other) == own,
            Peer::Gone => false,
            Peer::Forgotten => true,
        }
}

/// Whether others can have sent to the other end, or this one to others: then no account is kept here of
/// whose bytes lie where.
fn is_mixed(own: &Socket, peer: &Socket) -> bool {
    let found = |socket: &Socket| socket.address != Address::None;
    own.kind == Type::Datagram && (own.turned || found(own) || found(peer))
}

/// Whether nothing that a datagram socket may have sent is unreceived.
fn nothing_lies(v: &View<'_>, own: &Socket, peer: &Socket) -> bool {
    let all = |socket: &Socket| socket.kind != Type::Datagram || socket.messages.is_empty();
    peer.messages.is_empty() && (!own.turned || sockets(v.world).all(|(_, one)| all(one)))
}

/// Whether the call may not wait: the flags are looked at once, before it has moved anything or slept.
fn may_not_wait(v: &View<'_>) -> bool {
    if !is_socket(v) {
        return false;
    }
    let now = v.num(&Num::Of(&NONBLOCK)) == 1 || v.flag("MSG_DONTWAIT");
    match v.call {
        Some(call) if !call.seen.is_empty() => call.seen[0] == 1,
        Some(call) if call.slept => v.flag("MSG_DONTWAIT"),
        _ => now,
    }
}

/// What the unreceived messages of a socket may come to in the account of who sent them, at most: twice
/// their bytes, and a page for each and for every 16 KiB (net/core/skbuff.c, `__alloc_skb`).
fn charge(socket: &Socket) -> u64 {
    let each = |sent: u64| 2 * sent + 4096 * (1 + sent / 16_384);
    socket.messages.iter().map(|message| each(message.sent)).sum()
}

/// What they come to at least: their bytes, and for each what a message must leave of the buffer.
fn least(socket: &Socket) -> u64 {
    socket.messages.iter().map(|message| message.left + RESERVED).sum()
}

/// Whether something surely goes in now. Linux lets who sleeps go on when a quarter is charged
/// (net/unix/af_unix.c, `unix_writable`).
fn surely(v: &View<'_>) -> bool {
    let (Some(own), Some(peer)) = (socket(v), peer(v)) else { return false };
    if is_mixed(own, peer) {
        return nothing_lies(v, own, peer);
    }
    peer.messages.is_empty() || is_linux(v) && 4 * charge(peer) <= own.buffer
}

/// Whether something may go in now.
fn perhaps(v: &View<'_>) -> bool {
    let (Some(own), Some(peer)) = (socket(v), peer(v)) else { return false };
    !is_linux(v)
        || is_mixed(own, peer)
        || peer.messages.is_empty()
        || least(peer) < own.buffer
        || is_being_received(v)
}

/// Whether somebody is receiving at the other end of a stream: what comes meanwhile he may receive as well (net/unix/
/// af_unix.c, `unix_stream_read_generic`, takes message for message, and frees each before the next).
fn is_being_received(v: &View<'_>) -> bool {
    let stream = socket(v).filter(|own| own.kind == Type::Stream);
    let Some(Peer::There(peer)) = stream.map(|own| own.peer) else { return false };
    callers(v.world, &[peer]).any(|(actor, call)| actor != v.actor && !call.call.operation.sends())
}

/// Whether it is hung up: nothing more comes, and it can send nothing more.
fn hung_up(v: &View<'_>) -> bool {
    let Some(own) = socket(v) else { return false };
    let told = |peer: &Socket| peer.shut_read && !peer.early_read;
    let mute = own.shut_write || own.is_connected() && peer(v).is_none_or(told);
    hears_no_more(v) && mute
}

/// Whether it is surely writable. POSIX has none that is hung up as well.
fn surely_writable(v: &View<'_>) -> bool {
    let gone = is_socket(v) && peer(v).is_none();
    (is_linux(v) || !hung_up(v)) && (gone && is_linux(v) || surely(v))
}

/// Whether it may be writable.
fn perhaps_writable(v: &View<'_>) -> bool {
    match (socket(v), peer(v)) {
        (Some(own), Some(peer)) if is_linux(v) => {
            is_mixed(own, peer) || peer.messages.is_empty() || 4 * least(peer) <= own.buffer
        }
        (own, _) => own.is_some(),
    }
}

/// What one message can be at most: Linux keeps 32 bytes of the buffer to itself.
fn longest(v: &View<'_>) -> u64 {
    socket(v).map_or(0, |own| own.buffer.saturating_sub(RESERVED))
}

/// What a message must leave of the buffer (net/unix/af_unix.c, `unix_dgram_sendmsg`).
pub(super) const RESERVED: u64 = 32;

/// Whether another ended what the call works on while it was under way.
fn overtaken(v: &View<'_>) -> bool {
    v.call.is_some_and(|call| call.overtaken)
}

/// Whether a signal goes along with the error where nothing more can be sent. On Linux one that was
/// overtaken may go without: it has looked, and then waits for memory, or finds that it need not.
fn signals(v: &View<'_>) -> bool {
    let Some(own) = socket(v) else { return false };
    let kind = match is_linux(v) {
        true => own.kind == Type::Stream,
        false => {
            own.kind == Type::Stream || {
                own.kind == Type::Records && (is(v, &SEND) || is(v, &SENDMSG))
            }
        }
    };
    kind && !v.flag("MSG_NOSIGNAL")
}

/// Whether the call is told that the connection was reset.
fn resets(v: &View<'_>) -> bool {
    let Some(own) = socket(v) else { return false };
    let seen = !is_linux(v) || own.kind == Type::Records || overtaken(v);
    own.reset && seen
}

fn flag(it: bool) -> u64 {
    u64::from(it)
}

/// Whether the descriptor leads to a socket.
pub static IS_SOCKET: Number =
    by_sort("socket(fd)", "1 if the descriptor leads to a socket.", |v| flag(is_socket(v)));
/// Whether it is of a stream or of records and has no connection.
static APART: Number =
    by_sort("apart", "1 if it is of a stream or of records and was never connected.", |v| {
        flag(socket(v).is_some_and(|own| own.stage != Stage::Joined))
    });
static STAGE: Number = number(
    "stage",
    "1 if it was never connected, 2 if it takes connections, 0 if it has one, or needs none.",
    |v| socket(v).map_or(0, |own| own.stage as u64),
);
static PENDING: Number = number("pending", "The connections that wait to be accepted.", |v| {
    socket(v).map_or(0, |own| own.pending.len() as u64)
});
static OWN_DEAF: Number = number("deafened", "1 if it was shut down for receiving itself.", |v| {
    socket(v).map_or(0, |own| flag(own.shut_read))
});
static KIND: Number = number("type", "0 of a stream, 1 of datagrams, 2 of records.", |v| {
    socket(v).map_or(0, |own| own.kind as u64)
});
static WAITING: Number = number("messages", "The messages that have not been received.", |v| {
    socket(v).map_or(0, |own| own.messages.len() as u64)
});
pub(super) static FIRST: Number = number("first", "The bytes of the oldest of them.", |v| {
    socket(v).and_then(|own| own.messages.front()).map_or(0, |message| message.left)
});
pub(super) static REACH: Number = number(
    "reach",
    "The bytes of a stream that one call can receive: descriptors come along with the last.",
    |v| socket(v).map_or(0, reach),
);
pub(super) static LEAST: Number =
    number("least", "The least that a read of a stream takes.", |v| {
        let all = v.num(&Num::Of(&LEN)).min(v.num(&Num::Of(&REACH)));
        if is_linux(v) { all } else { all.min(1) }
    });
static LOOKS: Number =
    number("looks", "1 if the call looks at what there is: not read for no bytes.", |v| {
        flag(is(v, &RECV) || is(v, &RECVMSG) || v.num(&Num::Of(&LEN)) > 0)
    });
static PEEKS: Number = number("peeks", "1 if MSG_PEEK is given.", |v| flag(v.flag("MSG_PEEK")));
static NO_WAIT: Number = number(
    "no waiting",
    "1 if O_NONBLOCK was set or MSG_DONTWAIT is given, when the call began to look.",
    |v| flag(may_not_wait(v)),
);
static DEAF: Number = number("deaf", "1 if nothing more will come.", |v| flag(hears_no_more(v)));
static MUTE: Number = number("mute", "1 if nothing more can be sent.", |v| flag(sends_no_more(v)));
static BARRED: Number =
    number("barred", "1 if a message is refused before room is looked for.", |v| {
        let own = socket(v).is_some_and(|own| own.shut_write);
        flag(own || socket(v).is_some_and(Socket::is_connected) && sends_no_more(v))
    });
static OWN_MUTE: Number = number("shut", "1 if it was shut down for sending itself.", |v| {
    socket(v).map_or(0, |own| flag(own.shut_write))
});
static PEER: Number =
    number("peer", "1 if somebody has the other end, 2 if that takes from another alone.", |v| {
        peer(v).map_or(0, |peer| if takes(v, peer) { 1 } else { 2 })
    });
static KNOWN: Number =
    number("known", "1 if the other end is there, or nobody was told that it is not.", |v| {
        socket(v).map_or(0, |own| flag(own.peer != Peer::Forgotten))
    });
static RESET: Number = number("reset", "1 if it was reset and nobody was told.", |v| {
    socket(v).map_or(0, |own| flag(own.reset))
});
static RESETS: Number =
    number("resets", "1 if a call that sends is told that it was reset.", |v| flag(resets(v)));
static SPARED: Number = number("spared", "1 if a call that sends may be told otherwise.", |v| {
    flag(!is_linux(v) || !resets(v) || overtaken(v))
});
static OVERTAKEN: Number = number(
    "overtaken",
    "1 if a call of another ended what this one works on while it was under way.",
    |v| flag(overtaken(v)),
);
static SIGNALS: Number =
    number("signals", "1 if a call that cannot send raises SIGPIPE.", |v| flag(signals(v)));
static QUIET: Number =
    number("quiet", "1 if MSG_NOSIGNAL is given.", |v| flag(v.flag("MSG_NOSIGNAL")));
static SURE: Number = number("room", "1 if something surely goes in now.", |v| flag(surely(v)));
static MOST: Number = number("perhaps room", "1 if something may go in now.", |v| flag(perhaps(v)));
static HUNG: Number =
    number("hung up", "1 if nothing comes and nothing can be sent.", |v| flag(hung_up(v)));
static SURE_OUT: Number =
    number("surely writable", "1 if it is surely writable.", |v| flag(surely_writable(v)));
static MOST_OUT: Number =
    number("perhaps writable", "1 if it may be writable.", |v| flag(perhaps_writable(v)));
static LONGEST: Number = number("longest", "The bytes of a message at most.", longest);
static SHORT: Number = number(
    "short",
    "The bytes that go in whole: those of a page, if half of the buffer is more.",
    |v| {
        let page = v.spec.numbers.page_size;
        if is_linux(v) { page.min(half(v)) } else { page }
    },
);
/// What goes in at once where something does, if that is always the same.
fn piece(v: &View<'_>) -> Option<u64> {
    let piece = v.spec.numbers.stream_piece;
    (is_linux(v) && piece > 0).then(|| v.num(&Num::Of(&LEFT)).min(piece).min(half(v)))
}

/// What no piece is longer than: half of the buffer, less 64 bytes (net/unix/af_unix.c,
/// `unix_stream_sendmsg`). No buffer is less than 4,608 bytes (include/net/sock.h, `SOCK_MIN_SNDBUF`).
fn half(v: &View<'_>) -> u64 {
    let buffer = socket(v).map_or(0, |own| own.buffer);
    (buffer.max(4608) / 2).saturating_sub(64)
}

pub(super) static GRAIN: Number =
    number("grain", "The least that goes in where something does.", |v| {
        piece(v).unwrap_or(if is_linux(v) { least_piece(v) } else { 1 })
    });
pub(super) static PIECE: Number =
    number("piece", "The most that goes in before it must wait for a reader.", |v| {
        piece(v).unwrap_or_else(|| largest_piece(v))
    });

fn least_piece(v: &View<'_>) -> u64 {
    v.num(&Num::Of(&LEFT)).min(v.spec.numbers.page_size).min(half(v))
}

/// Each piece needs room to begin with, and takes no more than half of the buffer.
fn largest_piece(v: &View<'_>) -> u64 {
    let left = v.num(&Num::Of(&LEFT));
    let (Some(own), Some(peer)) = (socket(v), peer(v)) else { return 0 };
    let room = (own.buffer + own.buffer / 2).saturating_sub(peer.data.len());
    if is_linux(v) { left.min(room.max(v.spec.numbers.page_size)) } else { left }
}

static EMPTY_VECTOR: Number =
    number("empty vector", "1 if the call is writev for no bytes.", |v| {
        flag(is(v, &WRITEV) && v.num(&Num::Of(&LEN)) == 0)
    });

macro_rules! guards {
    ($($name:ident = $text:literal, $number:expr, $value:literal;)*) => {
        $(pub(super) const $name: Guard =
            Guard { name: $text, cond: Eq(Num::Of(&$number), Num::N($value)) };)*
    };
}

guards! {
    ANY_SOCKET = "it is a socket", IS_SOCKET, 1;
    IS_APART = "it has no connection", APART, 1;
    IS_JOINED = "it has a connection, or had one", APART, 0;
    IS_FRESH = "it was never connected", STAGE, 1;
    IS_LISTENING = "it takes connections", STAGE, 2;
    SHUT_READ = "it was shut down for receiving itself", OWN_DEAF, 1;
    NOT_SHUT_READ = "it was not shut down for receiving itself", OWN_DEAF, 0;
    SHUT_WRITE = "it was shut down for sending itself", OWN_MUTE, 1;
    NOBODY_WAITS = "no connection waits", PENDING, 0;
    NO_SOCKET = "it is no socket", IS_SOCKET, 0;
    EMPTY = "nothing is there", WAITING, 0;
    LOOKING = "the call looks at what is there", LOOKS, 1;
    NOT_LOOKING = "the call reads no bytes", LOOKS, 0;
    TAKING = "MSG_PEEK is not given", PEEKS, 0;
    PEEKING = "MSG_PEEK is given", PEEKS, 1;
    MAY_WAIT = "it may wait", NO_WAIT, 0;
    MAY_NOT_WAIT = "it may not wait", NO_WAIT, 1;
    MORE_MAY_COME = "more may come", DEAF, 0;
    NO_MORE_COMES = "nothing more will come", DEAF, 1;
    CAN_SEND = "it can send", MUTE, 0;
    LOOKS_FOR_ROOM = "it can send, or sends datagrams and was not shut down itself", BARRED, 0;
    CANNOT_SEND = "nothing more can be sent", MUTE, 1;
    NOT_SHUT = "it was not shut down for sending itself", OWN_MUTE, 0;
    A_PEER = "somebody has the other end, and takes from this one", PEER, 1;
    ANOTHERS_PEER = "the other end takes from another alone", PEER, 2;
    NO_PEER = "nobody has the other end", PEER, 0;
    IS_KNOWN = "the other end is there, or nobody was told that it is not", KNOWN, 1;
    IS_FORGOTTEN = "that nobody has the other end was told", KNOWN, 0;
    WAS_RESET = "it was reset, and nobody was told", RESET, 1;
    NOT_RESET = "it was not reset, or that was told", RESET, 0;
    TOLD_RESET = "who sends is told that it was reset", RESETS, 1;
    NOT_TOLD = "who sends may be told otherwise", SPARED, 1;
    TOLD_NOTHING_ELSE = "who sends is told nothing else", SPARED, 0;
    RAISES = "a signal goes along with it", SIGNALS, 1;
    RAISES_NOT = "no signal goes along with it", SIGNALS, 0;
    NO_SIGNAL = "MSG_NOSIGNAL is given", QUIET, 1;
    NOT_QUIET = "MSG_NOSIGNAL is not given", QUIET, 0;
    SURE_ROOM = "something surely goes in", SURE, 1;
    NO_SURE_ROOM = "perhaps nothing goes in", SURE, 0;
    ROOM = "something may go in", MOST, 1;
    HUNG_UP = "nothing more comes, and nothing more can be sent", HUNG, 1;
    SURELY_WRITABLE = "something surely goes in, or nothing can any more", SURE_OUT, 1;
    WRITABLE = "something may go in, or nothing can any more", MOST_OUT, 1;
    NONE_DONE = "nothing has moved", DONE, 0;
    ALL_DONE = "all of it has moved", LEFT, 0;
    HAS_BYTES = "it is no writev of nothing", EMPTY_VECTOR, 0;
    NO_BYTES = "it is a writev of nothing", EMPTY_VECTOR, 1;
    STREAM = "of a stream", KIND, 0;
    DATAGRAM = "of datagrams", KIND, 1;
    RECORDS = "of records", KIND, 2;
    WAS_OVERTAKEN = "another ended what it works on while it was under way", OVERTAKEN, 1;
    SENDS_NOTHING = "it sends no bytes", LEN, 0;
}

/// It is of datagrams, or has a connection, or had one.
pub(super) const A_SOCKET: Guard = Guard {
    name: "it is a socket of datagrams, or one with a connection",
    cond: All(&[Eq(Num::Of(&IS_SOCKET), Num::N(1)), Eq(Num::Of(&APART), Num::N(0))]),
};
pub(super) const SOME_PEER: Guard =
    Guard { name: "somebody has the other end", cond: Lt(Num::N(0), Num::Of(&PEER)) };
pub(super) const NOT_LISTENING: Guard =
    Guard { name: "it takes no connections", cond: Lt(Num::Of(&STAGE), Num::N(2)) };
pub(super) const SOMEBODY_WAITS: Guard =
    Guard { name: "a connection waits", cond: Lt(Num::N(0), Num::Of(&PENDING)) };
pub(super) const SHUT_SOMEHOW: Guard = Guard {
    name: "it was shut down itself",
    cond: Any(&[Eq(Num::Of(&OWN_DEAF), Num::N(1)), Eq(Num::Of(&OWN_MUTE), Num::N(1))]),
};
pub(super) const OF_MESSAGES: Guard =
    Guard { name: "of messages", cond: Lt(Num::N(0), Num::Of(&KIND)) };
pub(super) const CONNECTED: Guard = Guard {
    name: "of a stream or of records",
    cond: Any(&[Eq(Num::Of(&KIND), Num::N(0)), Eq(Num::Of(&KIND), Num::N(2))]),
};
pub(super) const SOMETHING: Guard =
    Guard { name: "something is there", cond: Lt(Num::N(0), Num::Of(&WAITING)) };
pub(super) const WHOLE: Guard =
    Guard { name: "the oldest message fits", cond: Le(Num::Of(&FIRST), Num::Of(&LEN)) };
pub(super) const CUT_OFF: Guard =
    Guard { name: "the oldest message is longer", cond: Lt(Num::Of(&LEN), Num::Of(&FIRST)) };
pub(super) const SENDS: Guard =
    Guard { name: "it sends bytes", cond: Lt(Num::N(0), Num::Of(&LEN)) };
pub(super) const IN_ONE: Guard = Guard {
    name: "no more than a page",
    cond: All(&[Lt(Num::N(0), Num::Of(&LEN)), Le(Num::Of(&LEN), Num::Of(&SHORT))]),
};
pub(super) const IN_PIECES: Guard =
    Guard { name: "more than a page", cond: Lt(Num::Of(&SHORT), Num::Of(&LEN)) };
pub(super) const SOME_LEFT: Guard =
    Guard { name: "something is left to move", cond: Lt(Num::N(0), Num::Of(&LEFT)) };
pub(super) const SOME_DONE: Guard =
    Guard { name: "something has moved", cond: Lt(Num::N(0), Num::Of(&DONE)) };
pub(super) const TOO_LONG: Guard =
    Guard { name: "longer than the buffer allows", cond: Lt(Num::Of(&LONGEST), Num::Of(&LEN)) };
pub(super) const NOT_TOO_LONG: Guard =
    Guard { name: "no longer than the buffer allows", cond: Le(Num::Of(&LEN), Num::Of(&LONGEST)) };
pub(super) const FOUND_CUT: Guard = Guard {
    name: "it was shut down for sending itself, or something surely goes in",
    cond: Any(&[Eq(Num::Of(&OWN_MUTE), Num::N(1)), Eq(Num::Of(&SURE), Num::N(1))]),
};
pub(super) const LATE: Guard = Guard {
    name: "O_NONBLOCK was set when the call had slept",
    cond: All(&[Eq(Num::Of(&NONBLOCK), Num::N(1)), Eq(Num::Of(&SLEPT), Num::N(1))]),
};

/// Whether the call may not wait.
pub(super) const fn no_wait() -> Num {
    Num::Of(&NO_WAIT)
}
/// It is a stream, or no longer than the buffer allows.
pub(super) const FITS: Guard = Guard {
    name: "of a stream, or no longer than the buffer allows",
    cond: Any(&[Eq(Num::Of(&KIND), Num::N(0)), Le(Num::Of(&LEN), Num::Of(&LONGEST))]),
};
/// No reset is told before what is there.
pub(super) const NOT_RESET_BEFORE: Guard = Guard {
    name: "of no records, or they were not reset or that was told",
    cond: Any(&[
        Eq(Num::Of(&KIND), Num::N(0)),
        Eq(Num::Of(&KIND), Num::N(1)),
        Eq(Num::Of(&RESET), Num::N(0)),
    ]),
};
/// Records that are sent where there is no connection are refused before anything else is looked at.
pub(super) const NO_RECORDS_APART: Guard = Guard {
    name: "of no records, or it has a connection",
    cond: Any(&[
        Eq(Num::Of(&KIND), Num::N(0)),
        Eq(Num::Of(&KIND), Num::N(1)),
        Eq(Num::Of(&APART), Num::N(0)),
    ]),
};
