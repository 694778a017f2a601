//! Sending.

use super::act::{ADVANCE, DELIVER};
use super::terms::*;
use super::{SEND, SENDMSG as BY_SENDMSG};
use crate::clause::Aspect::{Atomicity, Blocking, Error, Ordering};
use crate::clause::Duty::{ImplDefined, Shall, Unspecified};
use crate::clause::Force::{Obliges, ObligesWhen, Permits};
use crate::clause::{Clause, Envelope, Num, effect_of, linux, posix};
use crate::descriptor::{DONE, LEN, WRITE, WRITEV};
use crate::errno::Errno::{EAGAIN, EMSGSIZE};
use crate::operation::Operation;

pub(super) const ALL: &[&Operation] = &[&WRITE, &WRITEV, &SEND, &BY_SENDMSG];

const WHOLE_ONE: Clause = Clause {
    id: "socket.send.stream",
    on: ALL,
    force: ObligesWhen(SURE_ROOM),
    duty: Shall,
    aspect: Ordering,
    source: posix("send()", "DESCRIPTION"),
    text: "As many bytes as a page has, or fewer, go in whole where there is room, behind all that were sent before.",
    guards: &[A_SOCKET, STREAM, IN_ONE, CAN_SEND, ROOM],
    envelope: Envelope::Count(Num::Of(&LEN), Num::Of(&LEN)),
    effects: &[effect_of(&DELIVER, Num::Of(&LEN))],
};

/// Bytes of a stream.
pub(super) static STREAMS: &[Clause] = &[
    WHOLE_ONE,
    Clause {
        id: "socket.send.stream.step",
        aspect: Atomicity,
        text: "More go in piece by piece, between which others may come.",
        guards: &[A_SOCKET, STREAM, IN_PIECES, SOME_LEFT, CAN_SEND, ROOM],
        envelope: Envelope::Step(Num::Of(&GRAIN), Num::Of(&PIECE)),
        effects: &[effect_of(&DELIVER, Num::Chosen), effect_of(&ADVANCE, Num::Chosen)],
        ..WHOLE_ONE
    },
    Clause {
        id: "socket.send.stream.done",
        force: Obliges,
        aspect: Atomicity,
        source: posix("send()", "RETURN VALUE"),
        text: "When all of it has gone in, that is said, and not before.",
        guards: &[A_SOCKET, STREAM, IN_PIECES, ALL_DONE],
        envelope: Envelope::Count(Num::Of(&LEN), Num::Of(&LEN)),
        effects: &[],
        ..WHOLE_ONE
    },
    Clause {
        id: "socket.send.stream.partial",
        force: Obliges,
        aspect: Atomicity,
        source: posix("write()", "DESCRIPTION"),
        text: "Who may not wait for room for the rest is told how much has gone in.",
        guards: &[
            A_SOCKET,
            STREAM,
            IN_PIECES,
            SOME_DONE,
            SOME_LEFT,
            CAN_SEND,
            NO_SURE_ROOM,
            MAY_NOT_WAIT,
        ],
        envelope: Envelope::Count(Num::Of(&DONE), Num::Of(&DONE)),
        effects: &[],
        ..WHOLE_ONE
    },
    Clause {
        id: "socket.send.stream.zero",
        force: Obliges,
        duty: Unspecified,
        text: "No bytes are nothing in a stream.",
        guards: &[A_SOCKET, STREAM, SENDS_NOTHING, HAS_BYTES, CAN_SEND],
        envelope: Envelope::Count(Num::N(0), Num::N(0)),
        effects: &[],
        ..WHOLE_ONE
    },
    Clause {
        id: "socket.writev.zero",
        on: &[&WRITEV],
        force: Obliges,
        duty: ImplDefined,
        source: posix("writev()", "DESCRIPTION"),
        text: "A writev of no bytes returns 0 and does nothing, whatever the socket is.",
        guards: &[ANY_SOCKET, NO_BYTES],
        envelope: Envelope::Count(Num::N(0), Num::N(0)),
        effects: &[],
        ..WHOLE_ONE
    },
    Clause {
        id: "socket.write.unspecified.zero",
        on: &[&WRITE, &WRITEV],
        force: Permits,
        duty: Unspecified,
        source: posix("write()", "DESCRIPTION"),
        text: "What a write of no bytes does is said of regular files only.",
        guards: &[ANY_SOCKET, SENDS_NOTHING],
        envelope: Envelope::Anything,
        effects: &[],
        ..WHOLE_ONE
    },
];

/// Datagrams and records.
pub(super) static MESSAGES: &[Clause] = &[
    Clause {
        id: "socket.send.message",
        aspect: Atomicity,
        text: "A datagram or a record goes in whole, one of no bytes too, behind all that were sent before.",
        guards: &[
            A_SOCKET,
            OF_MESSAGES,
            HAS_BYTES,
            NOT_TOO_LONG,
            CAN_SEND,
            A_PEER,
            ROOM,
            NOT_RESET,
        ],
        ..WHOLE_ONE
    },
    Clause {
        id: "socket.send.err.emsgsize",
        force: Obliges,
        aspect: Error,
        source: posix("send()", "ERRORS"),
        text: "A datagram or a record that is longer than the buffer allows is refused, whatever else is wrong but that it was reset.",
        guards: &[A_SOCKET, OF_MESSAGES, TOO_LONG, NOT_TOLD],
        envelope: Envelope::Error(EMSGSIZE),
        effects: &[],
        ..WHOLE_ONE
    },
];

const WAITS: Clause = Clause {
    id: "socket.send.blocks",
    force: Permits,
    aspect: Blocking,
    text: "A call that sends waits while perhaps nothing goes in.",
    guards: &[A_SOCKET, STREAM, SENDS, SOME_LEFT, CAN_SEND, NO_SURE_ROOM, MAY_WAIT],
    envelope: Envelope::Sleep,
    effects: &[],
    ..WHOLE_ONE
};

const REFUSED: Clause = Clause {
    id: "socket.send.err.eagain",
    force: Obliges,
    aspect: Error,
    source: posix("send()", "ERRORS"),
    text: "With O_NONBLOCK or MSG_DONTWAIT it is refused then, if nothing of it has gone in.",
    guards: &[A_SOCKET, STREAM, SENDS, NONE_DONE, CAN_SEND, NO_SURE_ROOM, MAY_NOT_WAIT],
    envelope: Envelope::Error(EAGAIN),
    effects: &[],
    ..WHOLE_ONE
};

/// Where there is perhaps no room.
pub(super) static WAITING: &[Clause] = &[
    WAITS,
    Clause {
        id: "socket.send.message.blocks",
        text: "A datagram or a record waits while perhaps nothing goes in, a datagram also where the other end was shut down for it.",
        guards: &[
            A_SOCKET,
            OF_MESSAGES,
            HAS_BYTES,
            NOT_TOO_LONG,
            LOOKS_FOR_ROOM,
            SOME_PEER,
            NO_SURE_ROOM,
            NOT_RESET,
            MAY_WAIT,
        ],
        ..WAITS
    },
    REFUSED,
    Clause {
        id: "socket.send.message.err.eagain",
        text: "With O_NONBLOCK or MSG_DONTWAIT a datagram or a record is refused then.",
        guards: &[
            A_SOCKET,
            OF_MESSAGES,
            HAS_BYTES,
            NOT_TOO_LONG,
            LOOKS_FOR_ROOM,
            SOME_PEER,
            NO_SURE_ROOM,
            NOT_RESET,
            MAY_NOT_WAIT,
        ],
        ..REFUSED
    },
    Clause {
        id: "socket.send.err.eagain.late",
        force: Permits,
        duty: Unspecified,
        source: posix("fcntl()", "DESCRIPTION"),
        text: "A call that is asleep when O_NONBLOCK is set may be refused when it wakes.",
        guards: &[A_SOCKET, NONE_DONE, CAN_SEND, A_PEER, NO_SURE_ROOM, LATE],
        ..REFUSED
    },
];

/// Where the model is of Linux: named once, for the clauses of [`super::cut`].
pub(super) const SENDMSG: crate::clause::Source =
    linux("net/unix/af_unix.c", "6.18, unix_stream_sendmsg");
