//! Receiving.

use super::act::{TAKE, TAKE_MESSAGE, TELL};
use super::along::ONLY_BYTES;
use super::terms::*;
use super::{RECV, RECVMSG};
use crate::clause::Aspect::{Atomicity, Blocking, Eof, Error, Ordering};
use crate::clause::Duty::{Extension, May, Shall, Unspecified};
use crate::clause::Force::{Obliges, Permits};
use crate::clause::{Clause, Envelope, Num, effect, effect_of, linux, posix};
use crate::descriptor::{LEN, READ, READV};
use crate::errno::Errno::{EAGAIN, ECONNRESET};
use crate::operation::Operation;

pub(super) const ALL: &[&Operation] = &[&READ, &READV, &RECV, &RECVMSG];

/// Bytes of a stream.
pub(super) static STREAMS: &[Clause] = &[
    Clause {
        id: "socket.recv.stream",
        on: ALL,
        force: Obliges,
        duty: Shall,
        aspect: Ordering,
        source: posix("recv()", "DESCRIPTION"),
        text: "A stream gives what is there, the oldest bytes first and no more than asked for, whatever it was sent in.",
        guards: &[A_SOCKET, STREAM, LOOKING, TAKING, SOMETHING, ONLY_BYTES],
        envelope: Envelope::Data(Num::Of(&LEAST), Num::Min(&Num::Of(&LEN), &Num::Of(&REACH))),
        effects: &[effect_of(&TAKE, Num::Chosen)],
    },
    Clause {
        id: "socket.recv.stream.peek",
        on: &[&RECV, &RECVMSG],
        force: Obliges,
        duty: Shall,
        aspect: Ordering,
        source: posix("recv()", "MSG_PEEK"),
        text: "With MSG_PEEK the same is told, and stays.",
        guards: &[A_SOCKET, STREAM, LOOKING, PEEKING, SOMETHING, ONLY_BYTES],
        envelope: Envelope::Data(Num::Of(&LEAST), Num::Min(&Num::Of(&LEN), &Num::Of(&REACH))),
        effects: &[],
    },
];

const BEFORE_MESSAGE: Clause = Clause {
    id: "socket.recv.message",
    on: ALL,
    force: Obliges,
    duty: Shall,
    aspect: Atomicity,
    source: posix("recv()", "DESCRIPTION"),
    text: "A datagram or a record is received whole and by itself, one of no bytes too.",
    guards: &[A_SOCKET, OF_MESSAGES, LOOKING, TAKING, SOMETHING, NOT_RESET, WHOLE, ONLY_BYTES],
    envelope: Envelope::Data(Num::Of(&FIRST), Num::Of(&FIRST)),
    effects: &[effect(&TAKE_MESSAGE)],
};

/// Datagrams and records.
pub(super) static MESSAGES: &[Clause] = &[
    BEFORE_MESSAGE,
    Clause {
        id: "socket.recv.message.cut",
        text: "What does not fit of a datagram or a record is lost.",
        guards: &[
            A_SOCKET,
            OF_MESSAGES,
            LOOKING,
            TAKING,
            SOMETHING,
            NOT_RESET,
            CUT_OFF,
            ONLY_BYTES,
        ],
        envelope: Envelope::Data(Num::Of(&LEN), Num::Of(&LEN)),
        ..BEFORE_MESSAGE
    },
    Clause {
        id: "socket.recv.message.peek",
        on: &[&RECV, &RECVMSG],
        aspect: Ordering,
        source: posix("recv()", "MSG_PEEK"),
        text: "With MSG_PEEK as much of it is told as fits, and all of it stays.",
        guards: &[A_SOCKET, OF_MESSAGES, LOOKING, PEEKING, SOMETHING, NOT_RESET, ONLY_BYTES],
        envelope: Envelope::Data(
            Num::Min(&Num::Of(&LEN), &Num::Of(&FIRST)),
            Num::Min(&Num::Of(&LEN), &Num::Of(&FIRST)),
        ),
        effects: &[],
        ..BEFORE_MESSAGE
    },
    Clause {
        id: "socket.recv.message.unspecified.reset",
        force: Permits,
        duty: Unspecified,
        text: "Whether records that came before a reset are still received is not said.",
        guards: &[A_SOCKET, RECORDS, LOOKING, SOMETHING, WAS_RESET],
        envelope: Envelope::Anything,
        effects: &[],
        ..BEFORE_MESSAGE
    },
];

const NOTHING_THERE: Clause = Clause {
    id: "socket.recv.eof",
    on: ALL,
    force: Obliges,
    duty: Shall,
    aspect: Eof,
    source: posix("recv()", "RETURN VALUE"),
    text: "Where nothing is there and nothing more will come, it is at end-of-file.",
    guards: &[A_SOCKET, CONNECTED, LOOKING, EMPTY, NOT_RESET, NO_MORE_COMES],
    envelope: Envelope::Data(Num::N(0), Num::N(0)),
    effects: &[],
};

/// What is told where there is nothing.
pub(super) static NOTHING: &[Clause] = &[
    NOTHING_THERE,
    Clause {
        id: "socket.recv.eof.overtaken",
        force: Permits,
        duty: Extension,
        source: linux("net/unix/af_unix.c", "6.18, __unix_dgram_recvmsg"),
        text: "Who receives records, may not wait, and was under way when the end came may be told the end though one is there.",
        guards: &[A_SOCKET, RECORDS, LOOKING, MAY_NOT_WAIT, NO_MORE_COMES, WAS_OVERTAKEN],
        ..NOTHING_THERE
    },
    Clause {
        id: "socket.recv.err.econnreset",
        duty: May,
        aspect: Error,
        source: posix("recv()", "ERRORS"),
        text: "A stream whose other end was closed with something unread is told so once, when it has been read.",
        guards: &[A_SOCKET, STREAM, LOOKING, EMPTY, WAS_RESET],
        envelope: Envelope::Error(ECONNRESET),
        effects: &[effect(&TELL)],
        ..NOTHING_THERE
    },
    Clause {
        id: "socket.recv.err.econnreset.records",
        duty: May,
        aspect: Error,
        source: posix("recv()", "ERRORS"),
        text: "Records whose other end was closed with something unread are told so once, before they are read.",
        guards: &[A_SOCKET, RECORDS, LOOKING, WAS_RESET],
        envelope: Envelope::Error(ECONNRESET),
        effects: &[effect(&TELL)],
        ..NOTHING_THERE
    },
    Clause {
        id: "socket.recv.err.econnreset.turned",
        duty: Extension,
        aspect: Error,
        source: linux("net/unix/af_unix.c", "6.18, unix_dgram_disconnected"),
        text: "A datagram socket whose other end was connected to another, and lost what this one had sent, is told so once, before it receives.",
        guards: &[A_SOCKET, DATAGRAM, LOOKING, WAS_RESET],
        envelope: Envelope::Error(ECONNRESET),
        effects: &[effect(&TELL)],
        ..NOTHING_THERE
    },
    Clause {
        id: "socket.recv.unspecified.reset",
        force: Permits,
        duty: Unspecified,
        aspect: Error,
        source: posix("recv()", "ERRORS"),
        text: "Whether what was closed with something unread is told from what was read is not said.",
        guards: &[A_SOCKET, CONNECTED, LOOKING, EMPTY, WAS_RESET],
        envelope: Envelope::Anything,
        ..NOTHING_THERE
    },
    Clause {
        id: "socket.recv.blocks",
        force: Permits,
        aspect: Blocking,
        source: posix("recv()", "DESCRIPTION"),
        text: "It waits while nothing is there and more may come.",
        guards: &[A_SOCKET, LOOKING, EMPTY, NOT_RESET, MORE_MAY_COME, MAY_WAIT],
        envelope: Envelope::Sleep,
        ..NOTHING_THERE
    },
    Clause {
        id: "socket.recv.err.eagain",
        aspect: Error,
        source: posix("recv()", "ERRORS"),
        text: "With O_NONBLOCK or MSG_DONTWAIT it is refused then.",
        guards: &[A_SOCKET, LOOKING, EMPTY, NOT_RESET, MORE_MAY_COME, MAY_NOT_WAIT],
        envelope: Envelope::Error(EAGAIN),
        ..NOTHING_THERE
    },
    Clause {
        id: "socket.recv.err.eagain.late",
        force: Permits,
        duty: Unspecified,
        aspect: Error,
        source: posix("fcntl()", "DESCRIPTION"),
        text: "A call that is asleep when O_NONBLOCK is set may be refused when it wakes.",
        guards: &[A_SOCKET, LOOKING, EMPTY, NOT_RESET, MORE_MAY_COME, LATE],
        envelope: Envelope::Error(EAGAIN),
        ..NOTHING_THERE
    },
    Clause {
        id: "socket.recv.datagram.shut",
        duty: Extension,
        source: linux("net/core/datagram.c", "6.18, __skb_wait_for_more_packets"),
        text: "Who may wait for datagrams where it was shut down for receiving is told the end.",
        guards: &[A_SOCKET, DATAGRAM, LOOKING, EMPTY, NOT_RESET, NO_MORE_COMES, MAY_WAIT],
        ..NOTHING_THERE
    },
    Clause {
        id: "socket.recv.datagram.shut.err.eagain",
        duty: Extension,
        aspect: Error,
        source: linux("net/unix/af_unix.c", "6.18, __unix_dgram_recvmsg"),
        text: "Who may not wait for them there is told that it would have to.",
        guards: &[A_SOCKET, DATAGRAM, LOOKING, EMPTY, NOT_RESET, NO_MORE_COMES, MAY_NOT_WAIT],
        envelope: Envelope::Error(EAGAIN),
        ..NOTHING_THERE
    },
    Clause {
        id: "socket.recv.datagram.unspecified.shut",
        force: Permits,
        duty: Unspecified,
        source: posix("shutdown()", "DESCRIPTION"),
        text: "What a datagram socket is told that was shut down for receiving is not said.",
        guards: &[A_SOCKET, DATAGRAM, LOOKING, EMPTY, NO_MORE_COMES],
        envelope: Envelope::Anything,
        ..NOTHING_THERE
    },
    Clause {
        id: "socket.recv.datagram.unspecified.gone",
        force: Permits,
        duty: Unspecified,
        aspect: Error,
        source: posix("recv()", "ERRORS"),
        text: "What a datagram socket is told of that the other end is gone is not said.",
        guards: &[A_SOCKET, DATAGRAM, LOOKING, NO_PEER],
        envelope: Envelope::Anything,
        ..NOTHING_THERE
    },
    Clause {
        id: "socket.read.zero",
        on: &[&READ, &READV],
        aspect: Blocking,
        duty: Unspecified,
        source: posix("read()", "DESCRIPTION"),
        text: "A read of no bytes returns 0 at once and does nothing; recv looks.",
        guards: &[ANY_SOCKET, NOT_LOOKING],
        ..NOTHING_THERE
    },
    Clause {
        id: "socket.read.unspecified.zero",
        on: &[&READ, &READV],
        force: Permits,
        aspect: Blocking,
        duty: Unspecified,
        source: posix("read()", "DESCRIPTION"),
        text: "Whether a read of no bytes looks as recv does is not said.",
        guards: &[ANY_SOCKET, NOT_LOOKING],
        envelope: Envelope::Anything,
        ..NOTHING_THERE
    },
];
