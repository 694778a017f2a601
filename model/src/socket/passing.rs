//! Descriptors that are passed: `sendmsg` and `recvmsg` with `SCM_RIGHTS`.

use super::act::{TAKE, TAKE_MESSAGE};
use super::along::{
    ALL_FIT, ALL_OPEN, ALONG, FEW_FREE, FROM_ELSEWHERE, GATHER, GIVE, IS_CUT, LEAST_MET,
    LITTLE_ROOM, MORE, MOST_MET, NONE_ALONG, NOT_ALL_FIT, NOT_ALL_OPEN,
};
use super::terms::{
    A_SOCKET, ANY_SOCKET, IS_APART, LOOKING, NO_RECORDS_APART, NOT_RESET_BEFORE, OF_MESSAGES,
    PEEKING, RECORDS, SOMETHING, STREAM, TAKING,
};
use super::{RECV, SEND_FLAGS};
use crate::clause::Aspect::{Atomicity, Error, Lifetime};
use crate::clause::Duty::{Extension, Shall, Unspecified};
use crate::clause::Force::{Obliges, Permits};
use crate::clause::{Clause, Envelope, Num, effect, effect_of, linux, posix};
use crate::descriptor::{READ, READV};
use crate::errno::Errno::{EBADF, ENOTCONN};
use crate::operation::{Gives, Operation, Param};

/// The flags of `recvmsg`.
pub const RECVMSG_FLAGS: &[&str] = &["MSG_DONTWAIT", "MSG_PEEK", "MSG_CMSG_CLOEXEC"];
/// What `recvmsg` says of a message (`msg_flags`).
pub const PASSED: &[&str] = &["MSG_CTRUNC", "MSG_TRUNC"];

/// `ssize_t sendmsg(int socket, const struct msghdr *message, int flags)`: one buffer, and with
/// `SCM_RIGHTS` these descriptors.
pub static SENDMSG: Operation = Operation {
    name: "sendmsg",
    params: &[Param::Fd, Param::Send, Param::Flags(SEND_FLAGS), Param::Watches(&[])],
    gives: Gives::Sent,
    c: "sendmsg(%0, {buf, %1, SCM_RIGHTS %3}, %2)",
};

/// `ssize_t recvmsg(int socket, struct msghdr *message, int flags)`: one buffer, and room for so many
/// descriptors.
pub static RECVMSG: Operation = Operation {
    name: "recvmsg",
    params: &[Param::Fd, Param::Receive, Param::Flags(RECVMSG_FLAGS), Param::Number],
    gives: Gives::Passed(PASSED),
    c: "recvmsg(%0, {buf, %1, SCM_RIGHTS %3}, %2)",
};

/// The first part of a `sendmsg` with descriptors: what these refer to is found before anything else, and is
/// kept until it is sent, or the call is over.
pub static GATHERING: Operation = Operation {
    name: "sendmsg, what it sends along",
    params: SENDMSG.params,
    gives: Gives::Sent,
    c: SENDMSG.c,
};

const BASE: Clause = Clause {
    id: "socket.sendmsg.gathers",
    on: &[&GATHERING],
    force: Obliges,
    duty: Shall,
    aspect: Lifetime,
    source: posix("sendmsg()", "DESCRIPTION"),
    text: "What descriptors refer to that are to be sent along is kept from the beginning of the call, goes with its first bytes, and lasts as long as it is under way.",
    guards: &[ANY_SOCKET, ALL_OPEN],
    envelope: Envelope::Step(Num::N(0), Num::N(0)),
    effects: &[effect(&GATHER)],
};

/// What is sent along.
pub(super) static SENDING: &[Clause] = &[
    BASE,
    Clause {
        id: "socket.sendmsg.err.ebadf",
        duty: Unspecified,
        aspect: Error,
        source: posix("sendmsg()", "ERRORS"),
        text: "Where one of them is not open the call is refused, whatever else is wrong, and nothing is sent.",
        guards: &[ANY_SOCKET, NO_RECORDS_APART, NOT_ALL_OPEN],
        envelope: Envelope::Error(EBADF),
        effects: &[],
        ..BASE
    },
    Clause {
        id: "socket.sendmsg.err.enotconn",
        duty: Unspecified,
        aspect: Error,
        source: posix("sendmsg()", "ERRORS"),
        text: "Whether who sends records has a connection is looked at before what is to be sent along.",
        guards: &[ANY_SOCKET, IS_APART, RECORDS, NOT_ALL_OPEN],
        envelope: Envelope::Error(ENOTCONN),
        effects: &[],
        ..BASE
    },
    Clause {
        id: "socket.sendmsg.unspecified.closed",
        force: Permits,
        duty: Unspecified,
        aspect: Error,
        source: posix("sendmsg()", "ERRORS"),
        text: "What a call is told of one that is not open is not said, nor what is sent then.",
        guards: &[ANY_SOCKET, NOT_ALL_OPEN],
        envelope: Envelope::Anything,
        effects: &[],
        ..BASE
    },
];

const PASSES: Clause = Clause {
    id: "socket.recvmsg.stream",
    on: &[&RECVMSG],
    force: Obliges,
    duty: Shall,
    aspect: Lifetime,
    source: posix("recvmsg()", "DESCRIPTION"),
    text: "Descriptors come along with the first byte of a stream that they were sent with, the lowest free ones in order, for the same descriptions; what comes behind these bytes is another call's.",
    guards: &[A_SOCKET, STREAM, LOOKING, TAKING, SOMETHING, ALONG, ALL_FIT],
    envelope: MESSAGE,
    effects: &[effect(&GIVE), effect_of(&TAKE, Num::Chosen)],
};

const MESSAGE: Envelope = Envelope::Passed(Num::Of(&LEAST_MET), Num::Of(&MOST_MET), &MORE);

const DETACH: crate::clause::Source = linux("net/core/scm.c", "6.18, scm_detach_fds");

/// What comes along.
pub(super) static RECEIVING: &[Clause] = &[
    PASSES,
    Clause {
        id: "socket.recvmsg.message",
        text: "Descriptors come along with the datagram or the record that they were sent with, one of no bytes too.",
        guards: &[
            A_SOCKET,
            OF_MESSAGES,
            LOOKING,
            TAKING,
            SOMETHING,
            NOT_RESET_BEFORE,
            ALONG,
            ALL_FIT,
        ],
        effects: &[effect(&GIVE), effect(&TAKE_MESSAGE)],
        ..PASSES
    },
    Clause {
        id: "socket.recvmsg.peek",
        duty: Extension,
        source: linux("net/unix/af_unix.c", "6.18, unix_peek_fds"),
        text: "With MSG_PEEK they come as well, and come again; of a stream the first that there are, however few bytes are asked for.",
        guards: &[A_SOCKET, LOOKING, PEEKING, SOMETHING, NOT_RESET_BEFORE, ALONG, ALL_FIT],
        effects: &[effect(&GIVE)],
        ..PASSES
    },
    Clause {
        id: "socket.recvmsg.ctrunc.stream",
        aspect: Error,
        duty: Extension,
        source: DETACH,
        text: "Where a call has room for fewer, as many come, the others are closed, and MSG_CTRUNC says so.",
        guards: &[A_SOCKET, STREAM, LOOKING, TAKING, SOMETHING, ALONG, LITTLE_ROOM],
        ..PASSES
    },
    Clause {
        id: "socket.recvmsg.ctrunc.message",
        aspect: Error,
        duty: Extension,
        source: DETACH,
        text: "So it is with those of a datagram or a record.",
        guards: &[
            A_SOCKET,
            OF_MESSAGES,
            LOOKING,
            TAKING,
            SOMETHING,
            NOT_RESET_BEFORE,
            ALONG,
            LITTLE_ROOM,
        ],
        effects: &[effect(&GIVE), effect(&TAKE_MESSAGE)],
        ..PASSES
    },
    Clause {
        id: "socket.recvmsg.ctrunc.stream.emfile",
        aspect: Error,
        duty: Extension,
        source: DETACH,
        text: "Where fewer descriptors are free, it is the same.",
        guards: &[A_SOCKET, STREAM, LOOKING, TAKING, SOMETHING, ALONG, FEW_FREE],
        ..PASSES
    },
    Clause {
        id: "socket.recvmsg.ctrunc.message.emfile",
        aspect: Error,
        duty: Extension,
        source: DETACH,
        text: "So it is with those of a datagram or a record.",
        guards: &[
            A_SOCKET,
            OF_MESSAGES,
            LOOKING,
            TAKING,
            SOMETHING,
            NOT_RESET_BEFORE,
            ALONG,
            FEW_FREE,
        ],
        effects: &[effect(&GIVE), effect(&TAKE_MESSAGE)],
        ..PASSES
    },
    Clause {
        id: "socket.recvmsg.ctrunc.peek",
        aspect: Error,
        duty: Extension,
        source: DETACH,
        text: "With MSG_PEEK as many come, and all of them can come again.",
        guards: &[A_SOCKET, LOOKING, PEEKING, SOMETHING, NOT_RESET_BEFORE, ALONG, NOT_ALL_FIT],
        effects: &[effect(&GIVE)],
        ..PASSES
    },
    Clause {
        id: "socket.recvmsg.trunc",
        aspect: Atomicity,
        source: posix("recvmsg()", "MSG_TRUNC"),
        text: "That a datagram or a record did not fit is said with MSG_TRUNC.",
        guards: &[
            A_SOCKET,
            OF_MESSAGES,
            LOOKING,
            TAKING,
            SOMETHING,
            NOT_RESET_BEFORE,
            NONE_ALONG,
            IS_CUT,
        ],
        effects: &[effect(&TAKE_MESSAGE)],
        ..PASSES
    },
    Clause {
        id: "socket.recvmsg.trunc.peek",
        aspect: Atomicity,
        source: posix("recvmsg()", "MSG_TRUNC"),
        text: "So it is with MSG_PEEK.",
        guards: &[
            A_SOCKET,
            OF_MESSAGES,
            LOOKING,
            PEEKING,
            SOMETHING,
            NOT_RESET_BEFORE,
            NONE_ALONG,
            IS_CUT,
        ],
        effects: &[],
        ..PASSES
    },
];

const NOT_SAID: Clause = Clause {
    id: "socket.recv.unspecified.along",
    on: &[&READ, &READV, &RECV],
    force: Permits,
    duty: Unspecified,
    aspect: Lifetime,
    source: posix("recvmsg()", "DESCRIPTION"),
    text: "What becomes of descriptors that come to a call which has no room for any is not said.",
    guards: &[A_SOCKET, LOOKING, SOMETHING, ALONG],
    envelope: Envelope::Anything,
    effects: &[],
};

/// What POSIX leaves open.
pub(super) static OPEN: &[Clause] = &[
    NOT_SAID,
    Clause {
        id: "socket.recvmsg.unspecified.behind",
        on: &[&RECVMSG],
        text: "Whether those come along that bytes further behind brought, or with no bytes of a stream, is not said.",
        guards: &[A_SOCKET, STREAM, LOOKING, SOMETHING, ALONG, FROM_ELSEWHERE],
        ..NOT_SAID
    },
    Clause {
        id: "socket.recvmsg.unspecified.peek",
        on: &[&RECVMSG],
        text: "Whether they come to who only looks is not said.",
        guards: &[A_SOCKET, LOOKING, SOMETHING, ALONG, PEEKING],
        ..NOT_SAID
    },
    Clause {
        id: "socket.recvmsg.unspecified.lost",
        on: &[&RECVMSG],
        text: "Which of them come where not all can is not said.",
        guards: &[A_SOCKET, LOOKING, SOMETHING, ALONG, NOT_ALL_FIT],
        ..NOT_SAID
    },
];
