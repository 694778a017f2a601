//! How connections are accepted, in the order in which they were made.

use super::act::change;
use super::terms::*;
use super::{ACCEPT4, Socket};
use crate::clause::Aspect::{Blocking, Error, Ordering};
use crate::clause::Duty::{Extension, Shall, Unspecified};
use crate::clause::Force::{Obliges, Permits};
use crate::clause::{Action, Clause, Envelope, action, effect, linux, posix};
use crate::descriptor::{A_FREE_ONE, IS_OPEN, LOWEST, NONE_FREE};
use crate::errno::Errno::{EAGAIN, EINVAL, EMFILE, ENOTSOCK, EOPNOTSUPP};
use crate::world::Description;

static ACCEPT: Action = action(
    "the lowest free descriptor leads to the oldest of the connections that wait, its flags as asked",
    |c, _| {
        let view = c.view();
        let first = socket(&view).and_then(|own| own.pending.front().copied());
        let (nonblock, cloexec) = (view.flag("SOCK_NONBLOCK"), view.flag("SOCK_CLOEXEC"));
        let Some(object) = first else { return };
        change(c, |own: &mut Socket| {
            own.pending.pop_front();
        });
        let both =
            Description { object, reads: true, writes: true, nonblock, ..Description::default() };
        let description = c.world.add_description(both);
        c.give(description, cloexec);
    },
);

const ACCEPTS: Clause = Clause {
    id: "socket.accept.accepts",
    on: &[&ACCEPT4],
    force: Obliges,
    duty: Shall,
    aspect: Ordering,
    source: posix("accept()", "DESCRIPTION"),
    text: "The oldest of the connections that wait comes, with what was sent by it, also if nobody has its other end any more.",
    guards: &[ANY_SOCKET, IS_LISTENING, SOMEBODY_WAITS, A_FREE_ONE],
    envelope: Envelope::Exactly(&LOWEST),
    effects: &[effect(&ACCEPT)],
};

const REFUSAL: Clause = Clause {
    id: "socket.accept.err.eagain",
    aspect: Error,
    source: posix("accept()", "ERRORS"),
    text: "With O_NONBLOCK it is refused then.",
    guards: &[ANY_SOCKET, IS_LISTENING, NOBODY_WAITS, MAY_NOT_WAIT, A_FREE_ONE],
    envelope: Envelope::Error(EAGAIN),
    effects: &[],
    ..ACCEPTS
};

/// The clauses.
pub(super) static CLAUSES: &[Clause] = &[
    ACCEPTS,
    Clause {
        id: "socket.accept.blocks",
        force: Permits,
        aspect: Blocking,
        text: "It waits while no connection does.",
        guards: &[ANY_SOCKET, IS_LISTENING, NOBODY_WAITS, NOT_SHUT_READ, MAY_WAIT, A_FREE_ONE],
        envelope: Envelope::Sleep,
        effects: &[],
        ..ACCEPTS
    },
    REFUSAL,
    Clause {
        id: "socket.accept.err.einval",
        text: "A socket of a stream or of records that does not listen takes no connections.",
        guards: &[ANY_SOCKET, CONNECTED, NOT_LISTENING, A_FREE_ONE],
        envelope: Envelope::Error(EINVAL),
        ..REFUSAL
    },
    Clause {
        id: "socket.accept.err.einval.shut",
        duty: Extension,
        source: linux("net/unix/af_unix.c", "6.18, unix_accept"),
        text: "Who waits where it was shut down for receiving is told that no more will come.",
        guards: &[ANY_SOCKET, IS_LISTENING, NOBODY_WAITS, SHUT_READ, MAY_WAIT, A_FREE_ONE],
        envelope: Envelope::Error(EINVAL),
        ..REFUSAL
    },
    Clause {
        id: "socket.accept.err.eopnotsupp",
        text: "A socket of datagrams takes no connections.",
        guards: &[ANY_SOCKET, DATAGRAM, A_FREE_ONE],
        envelope: Envelope::Error(EOPNOTSUPP),
        ..REFUSAL
    },
    Clause {
        id: "socket.accept.err.emfile",
        text: "Without a free descriptor nothing is accepted.",
        guards: &[IS_OPEN, NONE_FREE],
        envelope: Envelope::Error(EMFILE),
        ..REFUSAL
    },
    Clause {
        id: "socket.accept.err.enotsock",
        text: "What is no socket takes no connections.",
        guards: &[IS_OPEN, NO_SOCKET, A_FREE_ONE],
        envelope: Envelope::Error(ENOTSOCK),
        ..REFUSAL
    },
    Clause {
        id: "socket.accept.err.eagain.late",
        force: Permits,
        duty: Unspecified,
        source: posix("fcntl()", "DESCRIPTION"),
        text: "A call that is asleep when O_NONBLOCK is set may be refused when it wakes.",
        guards: &[ANY_SOCKET, IS_LISTENING, NOBODY_WAITS, LATE, A_FREE_ONE],
        ..REFUSAL
    },
];
