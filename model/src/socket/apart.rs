//! What a socket of a stream or of records says that has no connection: it was never connected, or takes
//! connections.

use super::act::SHUT;
use super::terms::*;
use super::{SHUTDOWN, recv, send};
use crate::clause::Aspect::{Eof, Error, Readiness};
use crate::clause::Duty::{Extension, Shall, Unspecified};
use crate::clause::Force::{Obliges, Permits};
use crate::clause::{Clause, Envelope, effect, linux, posix};
use crate::descriptor::FIONREAD;
use crate::errno::Errno::{EINVAL, ENOTCONN};
use crate::poll::{ERR, HUP, IN, OUT, READY};

const SENDS: Clause = Clause {
    id: "socket.send.err.enotconn",
    on: send::ALL,
    force: Obliges,
    duty: Shall,
    aspect: Error,
    source: posix("send()", "ERRORS"),
    text: "Who has no connection can send nothing.",
    guards: &[ANY_SOCKET, IS_APART, HAS_BYTES],
    envelope: Envelope::Error(ENOTCONN),
    effects: &[],
};

/// Calls.
pub(super) static CALLS: &[Clause] = &[
    SENDS,
    Clause {
        id: "socket.recv.err.enotconn",
        on: recv::ALL,
        source: posix("recv()", "ERRORS"),
        text: "Who has no connection receives no records.",
        guards: &[ANY_SOCKET, IS_APART, RECORDS, LOOKING],
        ..SENDS
    },
    Clause {
        id: "socket.recv.err.enotconn.stream",
        on: recv::ALL,
        source: posix("recv()", "ERRORS"),
        text: "Who has no connection receives nothing of a stream.",
        guards: &[ANY_SOCKET, IS_APART, STREAM, LOOKING],
        ..SENDS
    },
    Clause {
        id: "socket.recv.err.einval.stream",
        on: recv::ALL,
        duty: Extension,
        source: linux("net/unix/af_unix.c", "6.18, unix_stream_read_generic"),
        text: "Who would receive of a stream without a connection is refused with EINVAL.",
        guards: &[ANY_SOCKET, IS_APART, STREAM, LOOKING],
        envelope: Envelope::Error(EINVAL),
        ..SENDS
    },
    Clause {
        id: "socket.shutdown.err.enotconn.apart",
        on: &[&SHUTDOWN],
        source: posix("shutdown()", "ERRORS"),
        text: "What has no connection is not shut down.",
        guards: &[ANY_SOCKET, IS_APART],
        ..SENDS
    },
    Clause {
        id: "socket.shutdown.shuts.apart",
        on: &[&SHUTDOWN],
        duty: Extension,
        aspect: Eof,
        source: linux("net/unix/af_unix.c", "6.18, unix_shutdown"),
        text: "What has no connection is shut down all the same, and stays so when it has one; where it takes connections no more of them come.",
        guards: &[ANY_SOCKET, IS_APART],
        envelope: Envelope::Nothing,
        effects: &[effect(&SHUT)],
        ..SENDS
    },
    Clause {
        id: "socket.fionread.err.einval",
        on: &[&FIONREAD],
        duty: Extension,
        source: linux("net/unix/af_unix.c", "6.18, unix_inq_len"),
        text: "What takes connections has no bytes to be counted.",
        guards: &[ANY_SOCKET, IS_LISTENING],
        envelope: Envelope::Error(EINVAL),
        ..SENDS
    },
];

const IS_READY: Clause = Clause {
    id: "socket.ready.in.connection",
    on: &[&READY],
    aspect: Readiness,
    source: posix("poll()", "DESCRIPTION"),
    text: "What takes connections is readable when one waits.",
    guards: &[ANY_SOCKET, IS_LISTENING, SOMEBODY_WAITS],
    envelope: Envelope::Is(IN),
    effects: &[],
    ..SENDS
};

const ON_LINUX: Clause = Clause {
    id: "socket.ready.in.apart",
    duty: Extension,
    source: linux("net/unix/af_unix.c", "6.18, unix_poll"),
    text: "What has no connection is readable once it was shut down for receiving.",
    guards: &[ANY_SOCKET, IS_APART, SHUT_READ],
    ..IS_READY
};

const PERHAPS: Clause = Clause {
    id: "socket.ready.in.perhaps",
    force: Permits,
    duty: Unspecified,
    text: "What has no connection may be readable.",
    guards: &[ANY_SOCKET, IS_APART],
    ..IS_READY
};

/// Readiness.
pub(super) static READINESS: &[Clause] = &[
    IS_READY,
    ON_LINUX,
    Clause {
        id: "socket.ready.out.apart",
        text: "What was never connected is writable.",
        guards: &[ANY_SOCKET, IS_FRESH],
        envelope: Envelope::Is(OUT),
        ..ON_LINUX
    },
    Clause {
        id: "socket.ready.hup.apart",
        aspect: Eof,
        text: "What was never connected is hung up.",
        guards: &[ANY_SOCKET, IS_FRESH],
        envelope: Envelope::Is(HUP),
        ..ON_LINUX
    },
    Clause {
        id: "socket.ready.hup.listener",
        aspect: Eof,
        text: "What takes connections is hung up once it was shut down both ways.",
        guards: &[ANY_SOCKET, IS_LISTENING, SHUT_READ, SHUT_WRITE],
        envelope: Envelope::Is(HUP),
        ..ON_LINUX
    },
    PERHAPS,
    Clause {
        id: "socket.ready.out.perhaps",
        text: "What has no connection may be writable.",
        envelope: Envelope::Is(OUT),
        ..PERHAPS
    },
    Clause {
        id: "socket.ready.hup.perhaps",
        aspect: Eof,
        text: "What has no connection may be hung up.",
        envelope: Envelope::Is(HUP),
        ..PERHAPS
    },
    Clause {
        id: "socket.ready.err.perhaps",
        aspect: Error,
        text: "What has no connection may be in error.",
        envelope: Envelope::Is(ERR),
        ..PERHAPS
    },
];
