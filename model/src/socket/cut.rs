//! Sending where nothing more can be sent.

use super::act::{FORGET, TELL};
use super::send::{ALL, SENDMSG};
use super::terms::*;
use crate::clause::Aspect::Error;
use crate::clause::Duty::{Extension, May, Shall, Unspecified};
use crate::clause::Force::{Obliges, ObligesWhen, Permits};
use crate::clause::{Clause, Envelope, Num, effect, linux, posix};
use crate::descriptor::DONE;
use crate::errno::Errno::{ECONNREFUSED, ECONNRESET, ENOTCONN, EPERM, EPIPE};
use crate::pipe::{BLOCKED, DEADLY, IGNORED};
use crate::process::DIE_OF_SIGPIPE;
use crate::signal::PEND_SIGPIPE;

const KILLS: Clause = Clause {
    id: "socket.send.sigpipe.kills",
    on: ALL,
    force: Obliges,
    duty: Shall,
    aspect: Error,
    source: posix("send()", "ERRORS"),
    text: "Where nothing more can be sent SIGPIPE is raised in the caller, and ends it.",
    guards: &[
        A_SOCKET,
        CONNECTED,
        HAS_BYTES,
        FITS,
        CANNOT_SEND,
        NONE_DONE,
        NOT_TOLD,
        RAISES,
        DEADLY,
    ],
    envelope: Envelope::Never,
    effects: &[effect(&DIE_OF_SIGPIPE)],
};

/// Where there is a connection.
pub(super) static CUT: &[Clause] = &[
    KILLS,
    Clause {
        id: "socket.send.epipe.ignored",
        text: "A caller that ignores SIGPIPE is told EPIPE.",
        guards: &[
            A_SOCKET,
            CONNECTED,
            HAS_BYTES,
            FITS,
            CANNOT_SEND,
            NONE_DONE,
            NOT_TOLD,
            RAISES,
            IGNORED,
        ],
        envelope: Envelope::Error(EPIPE),
        effects: &[],
        ..KILLS
    },
    Clause {
        id: "socket.send.epipe.pending",
        text: "A caller that blocks SIGPIPE is told EPIPE, and the signal stays pending.",
        guards: &[
            A_SOCKET,
            CONNECTED,
            HAS_BYTES,
            FITS,
            CANNOT_SEND,
            NONE_DONE,
            NOT_TOLD,
            RAISES,
            BLOCKED,
        ],
        envelope: Envelope::Error(EPIPE),
        effects: &[effect(&PEND_SIGPIPE)],
        ..KILLS
    },
    Clause {
        id: "socket.send.epipe.nosignal",
        text: "With MSG_NOSIGNAL the caller is told EPIPE, and no signal is raised.",
        guards: &[
            A_SOCKET,
            CONNECTED,
            HAS_BYTES,
            FITS,
            CANNOT_SEND,
            NONE_DONE,
            NOT_TOLD,
            NO_SIGNAL,
        ],
        envelope: Envelope::Error(EPIPE),
        effects: &[],
        ..KILLS
    },
    Clause {
        id: "socket.send.epipe.quiet",
        force: Permits,
        duty: Extension,
        source: SENDMSG,
        text: "A stream's caller that was under way when it became so may be told EPIPE without a signal.",
        guards: &[
            A_SOCKET,
            STREAM,
            HAS_BYTES,
            CANNOT_SEND,
            NONE_DONE,
            NOT_TOLD,
            WAS_OVERTAKEN,
            NOT_QUIET,
        ],
        envelope: Envelope::Error(EPIPE),
        effects: &[],
        ..KILLS
    },
    Clause {
        id: "socket.send.epipe.records",
        source: posix("write()", "ERRORS"),
        text: "Who sends records where no signal is raised is told EPIPE.",
        guards: &[A_SOCKET, RECORDS, HAS_BYTES, FITS, CANNOT_SEND, NOT_TOLD, RAISES_NOT, NOT_QUIET],
        envelope: Envelope::Error(EPIPE),
        effects: &[],
        ..KILLS
    },
    Clause {
        id: "socket.send.err.econnreset",
        force: ObligesWhen(TOLD_NOTHING_ELSE),
        duty: May,
        text: "Who sends records is told of a reset first, once and without a signal; who was under way when it came may be.",
        guards: &[A_SOCKET, CONNECTED, HAS_BYTES, CANNOT_SEND, NONE_DONE, TOLD_RESET],
        envelope: Envelope::Error(ECONNRESET),
        effects: &[effect(&TELL)],
        ..KILLS
    },
    Clause {
        id: "socket.send.stream.cut",
        duty: Unspecified,
        source: posix("write()", "RETURN VALUE"),
        text: "A call that has sent a part when no more can be sent tells how much, raises no signal, and has been told of a reset.",
        guards: &[A_SOCKET, STREAM, IN_PIECES, SOME_DONE, SOME_LEFT, CANNOT_SEND],
        envelope: Envelope::Count(Num::Of(&DONE), Num::Of(&DONE)),
        effects: &[effect(&TELL)],
        ..KILLS
    },
    Clause {
        id: "socket.send.stream.cut.untold",
        force: Permits,
        duty: Extension,
        source: SENDMSG,
        text: "It may have seen that there is nobody before it was told of a reset.",
        guards: &[A_SOCKET, STREAM, IN_PIECES, SOME_DONE, SOME_LEFT, CANNOT_SEND, WAS_RESET],
        envelope: Envelope::Count(Num::Of(&DONE), Num::Of(&DONE)),
        effects: &[],
        ..KILLS
    },
    Clause {
        id: "socket.send.unspecified.cut",
        force: Permits,
        duty: Unspecified,
        text: "Whether a signal goes along for records, for a part, or where only one end was shut down, is not said of every call.",
        guards: &[A_SOCKET, CONNECTED, CANNOT_SEND],
        envelope: Envelope::Anything,
        effects: &[],
        ..KILLS
    },
];

/// Where there is none.
pub(super) static DATAGRAMS: &[Clause] = &[
    Clause {
        id: "socket.send.datagram.epipe",
        force: ObligesWhen(FOUND_CUT),
        text: "A datagram is refused where one end was shut down for it; no signal is raised.",
        guards: &[A_SOCKET, DATAGRAM, HAS_BYTES, FITS, CANNOT_SEND, NOT_RESET],
        envelope: Envelope::Error(EPIPE),
        effects: &[],
        ..KILLS
    },
    Clause {
        id: "socket.send.datagram.err.econnrefused",
        duty: Extension,
        source: linux("net/unix/af_unix.c", "6.18, unix_dgram_sendmsg"),
        text: "The first datagram that nobody can receive is refused, and what was sent the other way and not received is lost.",
        guards: &[A_SOCKET, DATAGRAM, HAS_BYTES, FITS, NO_PEER, IS_KNOWN, NOT_SHUT, NOT_RESET],
        envelope: Envelope::Error(ECONNREFUSED),
        effects: &[effect(&FORGET)],
        ..KILLS
    },
    Clause {
        id: "socket.send.datagram.err.enotconn",
        text: "From then on it is not connected.",
        guards: &[A_SOCKET, DATAGRAM, HAS_BYTES, FITS, IS_FORGOTTEN, NOT_SHUT],
        envelope: Envelope::Error(ENOTCONN),
        effects: &[],
        ..KILLS
    },
    Clause {
        id: "socket.send.datagram.err.econnreset",
        force: Permits,
        duty: Extension,
        source: linux("net/unix/af_unix.c", "6.18, unix_dgram_sendmsg"),
        text: "Who was under way when another was told so may be told ECONNRESET.",
        guards: &[A_SOCKET, DATAGRAM, HAS_BYTES, FITS, IS_FORGOTTEN, NOT_SHUT, WAS_OVERTAKEN],
        envelope: Envelope::Error(ECONNRESET),
        effects: &[],
        ..KILLS
    },
    Clause {
        id: "socket.send.datagram.err.econnreset.turned",
        duty: Extension,
        source: linux("net/unix/af_unix.c", "6.18, unix_dgram_disconnected"),
        text: "Who was connected to one that was connected to another, and lost what it had sent, is told so once.",
        guards: &[A_SOCKET, DATAGRAM, HAS_BYTES, FITS, IS_KNOWN, WAS_RESET],
        envelope: Envelope::Error(ECONNRESET),
        effects: &[effect(&TELL)],
        ..KILLS
    },
    Clause {
        id: "socket.send.datagram.err.eperm",
        force: ObligesWhen(SURE_ROOM),
        duty: Extension,
        source: linux("net/unix/af_unix.c", "6.18, unix_may_send"),
        text: "A datagram to one that takes from another alone is refused.",
        guards: &[A_SOCKET, DATAGRAM, HAS_BYTES, FITS, ANOTHERS_PEER, NOT_SHUT, NOT_RESET],
        envelope: Envelope::Error(EPERM),
        effects: &[],
        ..KILLS
    },
    Clause {
        id: "socket.send.datagram.unspecified.another",
        force: Permits,
        duty: Unspecified,
        source: posix("connect()", "DESCRIPTION"),
        text: "What becomes of a datagram to one that receives from another alone is not said.",
        guards: &[A_SOCKET, DATAGRAM, HAS_BYTES, ANOTHERS_PEER],
        envelope: Envelope::Anything,
        effects: &[],
        ..KILLS
    },
    Clause {
        id: "socket.send.datagram.unspecified.gone",
        force: Permits,
        duty: Unspecified,
        text: "What a datagram that nobody can receive is told is not said.",
        guards: &[A_SOCKET, DATAGRAM, HAS_BYTES, NO_PEER],
        envelope: Envelope::Anything,
        effects: &[],
        ..KILLS
    },
    Clause {
        id: "socket.send.datagram.unspecified.shut",
        force: Permits,
        duty: Unspecified,
        text: "What a datagram is told where the other end was shut down for receiving is not said.",
        guards: &[A_SOCKET, DATAGRAM, HAS_BYTES, A_PEER, NOT_SHUT, CANNOT_SEND],
        envelope: Envelope::Anything,
        effects: &[],
        ..KILLS
    },
];
