//! Sockets: Unix-domain sockets of streams, datagrams and records, pairs (`socketpair`) and others.
//!
//! Each is an object of its own, in which lies what the other has sent and nobody has received.

mod accept;
mod act;
mod address;
mod along;
mod apart;
mod bind;
mod connect;
mod cut;
pub mod garbage;
mod other;
mod passing;
mod ready;
mod recv;
mod send;
mod terms;

use std::collections::VecDeque;
use std::hash::Hasher;

pub(crate) use self::address::is_beside_names;
pub use self::address::{Address, Bound};
pub use self::other::LASTING;
pub use self::passing::{GATHERING, PASSED, RECVMSG, RECVMSG_FLAGS, SENDMSG};
pub use self::ready::LAW;
pub use self::terms::{IS_SOCKET, is_socket};
use crate::clause::Clause;
use crate::mechanism::Ends;
use crate::object::{Kind, Object, feed};
use crate::operation::{Gives, Operation, Param};
use crate::payload::{Data, Run};
use crate::poll::IN;
use crate::world::{Description, InCall, World};

/// The types of sockets.
pub const TYPES: &[&str] = &["SOCK_STREAM", "SOCK_DGRAM", "SOCK_SEQPACKET"];
/// The flags of `socketpair`, which are given together with the type.
pub const SOCKET_FLAGS: &[&str] = &["SOCK_CLOEXEC", "SOCK_NONBLOCK"];
/// The flags of `send`.
pub const SEND_FLAGS: &[&str] = &["MSG_DONTWAIT", "MSG_NOSIGNAL"];
/// The flags of `recv`.
pub const RECV_FLAGS: &[&str] = &["MSG_DONTWAIT", "MSG_PEEK"];
/// What `shutdown` ends.
pub const HOW: &[&str] = &["SHUT_RD", "SHUT_WR", "SHUT_RDWR"];

/// What a socket sends.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Type {
    /// Bytes without boundaries.
    #[default]
    Stream,
    /// Datagrams, and no connection.
    Datagram,
    /// Records, and a connection.
    Records,
}

/// Who is at the other end.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Peer {
    /// The object with this number.
    There(u16),
    /// Nobody any more.
    Gone,
    /// Nobody any more, and a send has been told.
    #[default]
    Forgotten,
}

/// How far it is on its way to a connection.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Stage {
    /// It has one, or had one, or needs none.
    #[default]
    Joined,
    /// It was never connected.
    Fresh,
    /// It takes connections.
    Listening,
}

/// A message, or what one call has sent of a stream.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Message {
    /// The bytes that have not been received.
    pub left: u64,
    /// The bytes that were sent, as long as some have not been received.
    pub sent: u64,
    /// The descriptions that came along, until a byte is received.
    pub carries: Vec<u16>,
}

/// A socket.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Socket {
    /// What it sends and receives.
    pub kind: Type,
    /// Who is at the other end.
    pub peer: Peer,
    /// What was sent to it and has not been received, the oldest bytes first.
    pub data: Data,
    /// How these bytes lie in messages.
    pub messages: VecDeque<Message>,
    /// How much of what it has sent may be unreceived, if the system told (`SO_SNDBUF`).
    pub buffer: u64,
    /// It was shut down for receiving, by a call of its own.
    pub shut_read: bool,
    /// It was shut down for sending, by a call of its own.
    pub shut_write: bool,
    /// The other end was closed with something in it that was not received, and nobody was told.
    pub reset: bool,
    /// How far it is on its way to a connection.
    pub stage: Stage,
    /// What it is called.
    pub address: Address,
    /// The sockets that are connected and that nobody has accepted, the oldest first.
    pub pending: VecDeque<u16>,
    /// How many of them it was asked to let wait.
    pub backlog: u64,
    /// It was shut down for receiving before it was connected, and not since: the other end was not told.
    pub early_read: bool,
    /// It was shut down for sending before it was connected, and not since.
    pub early_write: bool,
    /// It was connected to another before: what it has sent may lie elsewhere.
    pub turned: bool,
}

impl Kind for Socket {
    fn file_type(&self) -> &'static str {
        "S_IFSOCK"
    }

    fn is_special(&self) -> bool {
        self.stage != Stage::Joined
    }

    fn front(&self) -> Option<&Data> {
        Some(&self.data)
    }

    fn news(&self, before: &Socket) -> u32 {
        let more = before.messages.len() < self.messages.len()
            || before.data.len() < self.data.len()
            || before.pending.len() < self.pending.len();
        u32::from(more) << IN
    }

    fn objects(&self) -> Vec<u16> {
        let peer = match self.peer {
            Peer::There(peer) => Some(peer),
            Peer::Gone | Peer::Forgotten => None,
        };
        peer.into_iter().chain(self.pending.iter().copied()).collect()
    }

    /// Whoever has sent a datagram has room again when that is gone, whomever it sends to by now.
    fn crowd(&self, world: &World) -> Vec<u16> {
        let datagrams = |(number, other): (u16, &Socket)| (!other.is_connected()).then_some(number);
        if self.is_connected() {
            vec![]
        } else {
            address::sockets(world).filter_map(datagrams).collect()
        }
    }

    fn descriptions(&self) -> Vec<u16> {
        self.messages.iter().flat_map(|message| &message.carries).copied().collect()
    }

    fn outline(&self, mix: &mut dyn Hasher) {
        let alive = matches!(self.peer, Peer::There(_));
        let peer = if alive { Peer::There(0) } else { self.peer };
        feed(&self.data.len(), mix);
        let pending = self.pending.iter().map(|_| 0).collect();
        let mut own = Socket { data: Data::new(), peer, pending, ..self.clone() };
        let carried = own.messages.iter_mut().flat_map(|message| &mut message.carries);
        carried.for_each(|description| *description = 0);
        feed(&own, mix);
    }
}

impl Socket {
    /// Whether it has a connection, which can be lost.
    pub fn is_connected(&self) -> bool {
        self.kind != Type::Datagram
    }

    /// Puts a message, or a piece of a stream, behind the others, and what it carries.
    pub fn accept(&mut self, run: Run, carries: Vec<u16>) {
        let len = run.len();
        let last = self.data.last();
        let goes_on = match (last, &run) {
            (Some(Run::Of { tag, .. }), Run::Of { tag: next, from: 1.., .. }) => tag == next,
            _ => false,
        };
        self.data.push(run);
        match self.messages.back_mut() {
            Some(message) if goes_on && self.kind == Type::Stream && message.carries.is_empty() => {
                message.left += len;
                message.sent += len;
            }
            _ => self.messages.push_back(Message { left: len, sent: len, carries }),
        }
    }

    /// Takes the oldest `n` bytes of a stream out, and what came along with any of them; with no bytes
    /// what came with the next.
    pub fn take(&mut self, n: u64) -> Vec<u16> {
        self.data.take(n);
        let (mut left, mut along) = (n, Vec::new());
        while let Some(first) = self.messages.front_mut() {
            let here = left.min(first.left);
            first.left -= here;
            left -= here;
            along.append(&mut first.carries);
            if first.left > 0 {
                break;
            }
            self.messages.pop_front();
            if left == 0 {
                break;
            }
        }
        along
    }

    /// Takes the oldest message out, and what came along with it.
    pub fn take_message(&mut self) -> Vec<u16> {
        let message = self.messages.pop_front().unwrap_or_default();
        self.data.take(message.left);
        message.carries
    }

    /// Nothing is in it any more, nor what came along.
    pub fn clear(&mut self) -> Vec<u16> {
        let carried = self.descriptions();
        (self.data, self.messages) = (Data::new(), VecDeque::new());
        carried
    }
}

/// An end that is closed is missed by the other.
pub static ENDS: Ends =
    Ends { with_description: closed, with_call: |_: &mut World, _: &InCall| {} };

fn closed(world: &mut World, _: u16, closed: &Description) {
    let Object::Socket(own) = world.object_at(closed.object) else { return };
    // One that is alone and has no bytes is overlooked (net/unix/af_unix.c, unix_release_sock: it is
    // taken for what is left of an urgent byte).
    let unread = own.messages.len() > 1 || !own.data.is_empty();
    let connected = own.is_connected();
    let pending: Vec<u16> = own.pending.iter().copied().collect();
    act::overtake(world, closed.object, None);
    lose(world, closed.object, connected && unread);
    // Nobody will accept them.
    for one in pending {
        act::overtake(world, one, None);
        lose(world, one, true);
        along::take_out(world, one, Socket::clear);
        world.forget(one);
    }
    along::take_out(world, closed.object, Socket::clear);
    address::leave(world, closed.object);
}

/// Whoever is connected to it is not any more, and may be told that it was reset.
fn lose(world: &mut World, gone: u16, reset: bool) {
    let to_it = address::sockets(world).filter(|(_, one)| one.peer == Peer::There(gone));
    let all: Vec<u16> = to_it.map(|(number, _)| number).collect();
    for number in all {
        act::change_at(world, number, |other| {
            other.peer = Peer::Gone;
            other.reset |= reset;
        });
    }
}

/// The type that the word of that place stands for.
fn kind_of(word: i64) -> Type {
    match word {
        0 => Type::Stream,
        1 => Type::Datagram,
        _ => Type::Records,
    }
}

/// `int socketpair(AF_UNIX, int type, 0, int socket_vector[2])`.
pub static SOCKETPAIR: Operation = Operation {
    name: "socketpair",
    params: &[Param::Word(TYPES), Param::Flags(SOCKET_FLAGS)],
    gives: Gives::Fds,
    c: "socketpair(AF_UNIX, %0 | %1, 0, fds)",
};

/// `int socket(AF_UNIX, int type, 0)`.
pub static SOCKET: Operation = Operation {
    name: "socket",
    params: &[Param::Word(TYPES), Param::Flags(SOCKET_FLAGS)],
    gives: Gives::Fd,
    c: "socket(AF_UNIX, %0 | %1, 0)",
};

/// `int bind(int socket, const struct sockaddr *address, socklen_t address_len)`.
pub static BIND: Operation = Operation {
    name: "bind",
    params: &[Param::Fd, Param::Address],
    gives: Gives::Nothing,
    c: "bind(%0, %1)",
};

/// `int listen(int socket, int backlog)`.
pub static LISTEN: Operation = Operation {
    name: "listen",
    params: &[Param::Fd, Param::Number],
    gives: Gives::Nothing,
    c: "listen(%0, %1)",
};

/// `int connect(int socket, const struct sockaddr *address, socklen_t address_len)`.
pub static CONNECT: Operation = Operation {
    name: "connect",
    params: &[Param::Fd, Param::Address],
    gives: Gives::Nothing,
    c: "connect(%0, %1)",
};

/// `int accept4(int socket, NULL, NULL, int flag)`.
pub static ACCEPT4: Operation = Operation {
    name: "accept4",
    params: &[Param::Fd, Param::Flags(SOCKET_FLAGS)],
    gives: Gives::Fd,
    c: "accept4(%0, NULL, NULL, %1)",
};

/// `ssize_t send(int socket, const void *buffer, size_t length, int flags)`.
pub static SEND: Operation = Operation {
    name: "send",
    params: &[Param::Fd, Param::Send, Param::Flags(SEND_FLAGS)],
    gives: Gives::Sent,
    c: "send(%0, buf, %1, %2)",
};

/// `ssize_t recv(int socket, void *buffer, size_t length, int flags)`.
pub static RECV: Operation = Operation {
    name: "recv",
    params: &[Param::Fd, Param::Receive, Param::Flags(RECV_FLAGS)],
    gives: Gives::Data,
    c: "recv(%0, buf, %1, %2)",
};

/// `int shutdown(int socket, int how)`.
pub static SHUTDOWN: Operation = Operation {
    name: "shutdown",
    params: &[Param::Fd, Param::Word(HOW)],
    gives: Gives::Nothing,
    c: "shutdown(%0, %1)",
};

/// What programs can call here.
pub static OPERATIONS: &[&Operation] = &[
    &SOCKETPAIR,
    &SOCKET,
    &BIND,
    &LISTEN,
    &CONNECT,
    &ACCEPT4,
    &SEND,
    &RECV,
    &SENDMSG,
    &RECVMSG,
    &SHUTDOWN,
];

/// The clauses, in the order of the page.
pub static CLAUSES: &[&[Clause]] = &[
    other::CREATION,
    bind::CREATION,
    bind::BINDING,
    bind::LISTENING,
    connect::CLAUSES,
    accept::CLAUSES,
    recv::STREAMS,
    recv::MESSAGES,
    recv::NOTHING,
    send::STREAMS,
    send::MESSAGES,
    send::WAITING,
    cut::CUT,
    cut::DATAGRAMS,
    passing::SENDING,
    passing::RECEIVING,
    passing::OPEN,
    garbage::CLAUSES,
    other::SHUTTING,
    ready::READINESS,
    apart::CALLS,
    apart::READINESS,
    bind::AS_A_FILE,
    other::OTHERWISE,
];
