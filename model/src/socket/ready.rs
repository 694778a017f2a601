//! When a socket is ready.

use super::terms::{
    A_SOCKET, CONNECTED, DATAGRAM, EMPTY, HUNG_UP, NO_MORE_COMES, SOMETHING, SURELY_WRITABLE,
    WAS_RESET, WRITABLE,
};
use crate::clause::Aspect::{Eof, Error, Readiness};
use crate::clause::Duty::{Extension, May, Shall, Unspecified};
use crate::clause::Force::{Obliges, ObligesWhen, Permits};
use crate::clause::{Clause, Envelope, Num, linux, posix};
use crate::descriptor::{MAY_WAIT, READ, WRITE};
use crate::poll::{ERR, HUP, IN, Law, OUT, READY};

const BASE: Clause = Clause {
    id: "socket.ready.in",
    on: &[&READY],
    force: Obliges,
    duty: Shall,
    aspect: Readiness,
    source: posix("poll()", "DESCRIPTION"),
    text: "It is readable when something is there.",
    guards: &[A_SOCKET, SOMETHING],
    envelope: Envelope::Is(IN),
    effects: &[],
};

/// The clauses.
pub(super) static READINESS: &[Clause] = &[
    BASE,
    Clause {
        id: "socket.ready.in.eof",
        aspect: Eof,
        text: "It is readable at end-of-file.",
        guards: &[A_SOCKET, CONNECTED, EMPTY, NO_MORE_COMES],
        ..BASE
    },
    Clause {
        id: "socket.ready.in.shut",
        duty: Extension,
        source: linux("net/unix/af_unix.c", "6.18, unix_dgram_poll"),
        text: "It is readable where datagrams were shut out, and a read that may wait is told the end.",
        guards: &[A_SOCKET, DATAGRAM, EMPTY, NO_MORE_COMES, MAY_WAIT],
        ..BASE
    },
    Clause {
        id: "socket.ready.in.shut.perhaps",
        force: Permits,
        duty: Unspecified,
        text: "It may be readable there, though a read that may not wait is refused.",
        guards: &[A_SOCKET, DATAGRAM, EMPTY, NO_MORE_COMES],
        ..BASE
    },
    Clause {
        id: "socket.ready.out",
        force: ObligesWhen(SURELY_WRITABLE),
        text: "It is writable when something goes in, or nothing can any more.",
        guards: &[A_SOCKET, WRITABLE],
        envelope: Envelope::Is(OUT),
        ..BASE
    },
    Clause {
        id: "socket.ready.hup",
        force: Permits,
        duty: May,
        aspect: Eof,
        text: "It may be hung up where nothing more comes and nothing more can be sent.",
        guards: &[A_SOCKET, HUNG_UP],
        envelope: Envelope::Is(HUP),
        ..BASE
    },
    Clause {
        id: "socket.ready.hup.sure",
        duty: Extension,
        aspect: Eof,
        source: linux("net/unix/af_unix.c", "6.18, unix_poll"),
        text: "It is hung up where nothing more comes and nothing more can be sent.",
        guards: &[A_SOCKET, HUNG_UP],
        envelope: Envelope::Is(HUP),
        ..BASE
    },
    Clause {
        id: "socket.ready.err",
        force: Permits,
        duty: May,
        aspect: Error,
        text: "It may be in error while nobody was told of a reset.",
        guards: &[A_SOCKET, WAS_RESET],
        envelope: Envelope::Is(ERR),
        ..BASE
    },
    Clause {
        id: "socket.ready.err.sure",
        duty: Extension,
        aspect: Error,
        source: linux("net/unix/af_unix.c", "6.18, unix_poll"),
        text: "It is in error while nobody was told of a reset.",
        guards: &[A_SOCKET, WAS_RESET],
        envelope: Envelope::Is(ERR),
        ..BASE
    },
];

/// What a socket promises when it is ready.
pub static LAW: &[Law] = &[
    Law { kind: "S_IFSOCK", event: IN, operation: &READ, with: &[Num::N(1)] },
    Law { kind: "S_IFSOCK", event: OUT, operation: &WRITE, with: &[Num::N(1)] },
    Law { kind: "S_IFSOCK", event: HUP, operation: &WRITE, with: &[Num::N(1)] },
    Law { kind: "S_IFSOCK", event: ERR, operation: &READ, with: &[Num::N(1)] },
];
