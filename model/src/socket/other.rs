//! How sockets are made and shut down, and what they say to calls that are not about what they carry.

use super::act::{CREATE, ENDS, SHUT, UNRECEIVED};
use super::terms::{A_SOCKET, ANY_SOCKET, NO_PEER, NO_SOCKET, NOT_LISTENING};
use super::{
    ACCEPT4, BIND, CONNECT, GATHERING, LISTEN, RECV, RECVMSG, SEND, SENDMSG, SHUTDOWN, SOCKETPAIR,
};
use crate::clause::Aspect::{Eof, Error, Lifetime, Ordering, Readiness};
use crate::clause::Cond::{All, Any, Eq, Le, Lt};
use crate::clause::Duty::{Extension, Shall, Unspecified};
use crate::clause::Force::{Obliges, Permits};
use crate::clause::{
    Clause, Envelope, Guard, Num, Number, effect, extension, linux, number, posix,
};
use crate::descriptor::{
    A_FREE_ONE, FIONREAD, FOREIGN_STATUS, FREE_FDS, FTRUNCATE, IS_OPEN, LSEEK, NOT_OPEN, PREAD,
    PWRITE, SETFL,
};
use crate::errno::Errno::{EBADF, EINVAL, EMFILE, ENOTCONN, ENOTSOCK, ENXIO, ESPIPE};
use crate::fifo::{BY_PATH, PLAIN, REOPEN};
use crate::lasting::{Ending, Lasting, Place};
use crate::operation::Operation;
use crate::pipe::{ASKS, GETPIPE_SZ, SETPIPE_SZ, SPLICE, TEE};

const TWO_FREE: Guard =
    Guard { name: "two descriptors are free", cond: Le(Num::N(2), Num::Of(&FREE_FDS)) };
const NOT_TWO_FREE: Guard =
    Guard { name: "fewer than two descriptors are free", cond: Lt(Num::Of(&FREE_FDS), Num::N(2)) };

static OUT_SOCKET: Number =
    number("socket(out)", "1 if the second descriptor leads to a socket.", |v| {
        u64::from(super::is_socket(&v.other(1)))
    });
static BOTH_OPEN: Number =
    number("both open", "1 if the first can be read and the second written.", |v| {
        let of = |v: &crate::view::View<'_>, number: &Number| (number.read)(v) == 1;
        let out = v.other(1);
        u64::from(of(v, &crate::descriptor::READS) && of(&out, &crate::descriptor::WRITES))
    });
const ONE_SOCKET: Guard = Guard {
    name: "from or to a socket, the first open for reading and the second for writing",
    cond: All(&[
        Any(&[Eq(Num::Of(&super::IS_SOCKET), Num::N(1)), Eq(Num::Of(&OUT_SOCKET), Num::N(1))]),
        Eq(Num::Of(&BOTH_OPEN), Num::N(1)),
    ]),
};

const REFUSAL: Clause = Clause {
    id: "socket.socketpair.err.emfile",
    on: &[&SOCKETPAIR],
    force: Obliges,
    duty: Shall,
    aspect: Error,
    source: posix("socketpair()", "ERRORS"),
    text: "Without two free descriptors there is no pair.",
    guards: &[NOT_TWO_FREE],
    envelope: Envelope::Error(EMFILE),
    effects: &[],
};

/// Making.
pub(super) static CREATION: &[Clause] = &[
    Clause {
        id: "socket.socketpair.creates",
        aspect: Lifetime,
        source: posix("socketpair()", "DESCRIPTION"),
        text: "Two sockets come, each the other end of the other, on the two lowest free descriptors, open for both, their flags as asked.",
        guards: &[TWO_FREE],
        envelope: Envelope::Exactly(&ENDS),
        effects: &[effect(&CREATE)],
        ..REFUSAL
    },
    REFUSAL,
];

/// Shutting down.
pub(super) static SHUTTING: &[Clause] = &[
    Clause {
        id: "socket.shutdown.shuts",
        on: &[&SHUTDOWN],
        aspect: Eof,
        source: posix("shutdown()", "DESCRIPTION"),
        text: "It is shut down for receiving, sending or both, by whatever descriptor that leads there, and stays so.",
        guards: &[A_SOCKET],
        envelope: Envelope::Nothing,
        effects: &[effect(&SHUT)],
        ..REFUSAL
    },
    Clause {
        id: "socket.shutdown.err.enotconn",
        on: &[&SHUTDOWN],
        force: Permits,
        duty: Unspecified,
        source: posix("shutdown()", "ERRORS"),
        text: "Where nobody has the other end it may be refused.",
        guards: &[A_SOCKET, NO_PEER],
        envelope: Envelope::Error(ENOTCONN),
        ..REFUSAL
    },
];

const OWN: &[&Operation] =
    &[&SEND, &RECV, &SENDMSG, &GATHERING, &RECVMSG, &SHUTDOWN, &BIND, &LISTEN, &CONNECT];
const ALL: &[&Operation] =
    &[&SEND, &RECV, &SENDMSG, &GATHERING, &RECVMSG, &SHUTDOWN, &BIND, &LISTEN, &CONNECT, &ACCEPT4];

/// Everything else.
pub(super) static OTHERWISE: &[Clause] = &[
    Clause {
        id: "socket.call.err.ebadf",
        on: ALL,
        source: posix("send()", "ERRORS"),
        text: "A descriptor that is not open is refused.",
        guards: &[NOT_OPEN],
        envelope: Envelope::Error(EBADF),
        ..REFUSAL
    },
    Clause {
        id: "socket.call.err.enotsock",
        on: OWN,
        source: posix("send()", "ERRORS"),
        text: "What is no socket is refused.",
        guards: &[IS_OPEN, NO_SOCKET],
        envelope: Envelope::Error(ENOTSOCK),
        ..REFUSAL
    },
    Clause {
        id: "socket.lseek.err.espipe",
        on: &[&LSEEK, &PREAD, &PWRITE],
        aspect: Ordering,
        source: posix("lseek()", "ERRORS"),
        text: "It has no offset.",
        guards: &[ANY_SOCKET],
        envelope: Envelope::Error(ESPIPE),
        ..REFUSAL
    },
    Clause {
        id: "socket.ftruncate.err.einval",
        on: &[&FTRUNCATE],
        source: linux("ftruncate(2)", "ERRORS"),
        duty: Extension,
        text: "It has no length that could be set.",
        guards: &[ANY_SOCKET],
        envelope: Envelope::Error(EINVAL),
        ..REFUSAL
    },
    Clause {
        id: "socket.ftruncate.unspecified",
        on: &[&FTRUNCATE],
        force: Permits,
        duty: Unspecified,
        source: posix("ftruncate()", "DESCRIPTION"),
        text: "What setting its length does is not said.",
        guards: &[ANY_SOCKET],
        envelope: Envelope::Anything,
        ..REFUSAL
    },
    extension(
        "socket.fionread.tells",
        &[&FIONREAD],
        (
            Readiness,
            linux("unix(7)", "Ioctls"),
            "It tells how many bytes are there, of datagrams those of the oldest.",
        ),
        &[ANY_SOCKET, NOT_LISTENING],
        Envelope::Exactly(&UNRECEIVED),
        &[],
    ),
    extension(
        "socket.setfl.err.einval",
        &[&SETFL],
        (Error, linux("F_SETFL(2const)", "ERRORS"), "It does not have O_DIRECT."),
        &[ANY_SOCKET, FOREIGN_STATUS],
        Envelope::Error(EINVAL),
        &[],
    ),
    extension(
        "socket.pipe-size.err.ebadf",
        &[&GETPIPE_SZ, &SETPIPE_SZ],
        (Error, linux("fs/pipe.c", "6.18, pipe_fcntl"), "What is no pipe has no capacity."),
        &[ANY_SOCKET],
        Envelope::Error(EBADF),
        &[],
    ),
    extension(
        "socket.splice.unspecified",
        &[&SPLICE, &TEE],
        (
            Ordering,
            linux("splice(2)", "DESCRIPTION"),
            "What is moved from or to a socket without being read is not described here.",
        ),
        &[ONE_SOCKET, ASKS],
        Envelope::Anything,
        &[],
    ),
    extension(
        "socket.reopen.err.enxio",
        &[&REOPEN],
        (
            Lifetime,
            linux("net/socket.c", "6.18, sock_no_open"),
            "A socket cannot be opened once more.",
        ),
        &[ANY_SOCKET, PLAIN, A_FREE_ONE],
        Envelope::Error(ENXIO),
        &[],
    ),
    extension(
        "socket.reopen.unspecified.path",
        &[&REOPEN],
        (Ordering, linux("open(2)", "O_PATH"), "What its name is good for is not said here."),
        &[ANY_SOCKET, BY_PATH, A_FREE_ONE],
        Envelope::Anything,
        &[],
    ),
];

const fn last_close(part: &'static str, page: &'static str) -> Lasting {
    Lasting {
        kind: "socket",
        part,
        ends: Ending::LastClose,
        place: Place::Memory,
        source: posix(page, "DESCRIPTION"),
    }
}

/// How long what a socket keeps lasts.
pub const LASTING: &[Lasting] = &[
    last_close("messages", "close()"),
    last_close("what messages carry", "close()"),
    last_close("a connection", "close()"),
    last_close("`SHUT_WR`", "shutdown()"),
    last_close("a connection that waits", "accept()"),
    Lasting {
        kind: "name of a socket",
        part: "name",
        ends: Ending::Unlink,
        place: Place::Medium,
        source: posix("bind()", "DESCRIPTION"),
    },
    Lasting {
        kind: "socket",
        part: "name in no directory",
        ends: Ending::LastClose,
        place: Place::Memory,
        source: linux("unix(7)", "DESCRIPTION"),
    },
];
