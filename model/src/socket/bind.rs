//! How one socket is made, named, and made to listen.

use std::sync::Arc;

use super::act::change;
use super::address::*;
use super::terms::{ANY_SOCKET, CONNECTED, DATAGRAM, IS_APART, IS_JOINED, RESERVED, SHUT_SOMEHOW};
use super::{BIND, LISTEN, SOCKET, Socket, Stage, Type, kind_of};
use crate::clause::Aspect::{Error, Exclusion, Lifetime, Persistence};
use crate::clause::Duty::{Extension, May, Shall, Unspecified};
use crate::clause::Force::{Obliges, Permits};
use crate::clause::{Action, Clause, Envelope, action, effect, linux, posix};
use crate::descriptor::{A_FREE_ONE, LOWEST, NONE_FREE};
use crate::errno::Errno::{
    EACCES, EADDRINUSE, EDESTADDRREQ, EINVAL, EISCONN, EMFILE, EOPNOTSUPP, EROFS,
};
use crate::fifo::{BY_PATH, OPEN, PLAIN, TRUNCATE};
use crate::file::CREATE;
use crate::name::{
    ALLOWED_SECOND, NOT_ALLOWED_SECOND, REACHED, SECOND_FREE, SECOND_NOT_READONLY, SECOND_READONLY,
    give_name, new_node,
};
use crate::object::Object;

/// As many connections as may wait at one socket, whatever is asked for (Linux `listen(2)`,
/// `/proc/sys/net/core/somaxconn`).
const SOMAXCONN: u64 = 4096;

static MAKE: Action = action("a socket without a name or a connection", |c, _| {
    let view = c.view();
    let kind = kind_of(view.arg(0));
    let (nonblock, cloexec) = (view.flag("SOCK_NONBLOCK"), view.flag("SOCK_CLOEXEC"));
    let buffer = c.chosen.probed.unwrap_or(c.spec.numbers.pipe_capacity + RESERVED);
    let stage = if kind == Type::Datagram { Stage::Joined } else { Stage::Fresh };
    c.open_new(
        Object::Socket(Socket { kind, buffer, stage, ..Socket::default() }),
        nonblock,
        cloexec,
    );
});
static NAME: Action = action("it has the name, a file with all bits less the mask", |c, _| {
    let node = new_node(c, 0o777);
    let own = c.view().description().map(|description| description.object);
    give_name(c, Object::Bound(Bound { node, socket: own }));
    change(c, |own| own.address = Address::Path);
});
static NAME_NOWHERE: Action = action("it has the name, which is in no directory", |c, _| {
    let Some(name) = nowhere(&c.view()).map(Arc::from) else { return };
    change(c, |own| own.address = Address::Abstract(name));
});
static HEAR: Action = action("it takes so many connections", |c, _| {
    let asked = c.view().arg(1) as u32;
    change(c, |own| {
        own.stage = Stage::Listening;
        own.backlog = u64::from(asked).min(SOMAXCONN);
    });
});

const REFUSAL: Clause = Clause {
    id: "socket.socket.err.emfile",
    on: &[&SOCKET],
    force: Obliges,
    duty: Shall,
    aspect: Error,
    source: posix("socket()", "ERRORS"),
    text: "Without a free descriptor there is no socket.",
    guards: &[NONE_FREE],
    envelope: Envelope::Error(EMFILE),
    effects: &[],
};

/// Making.
pub(super) static CREATION: &[Clause] = &[
    Clause {
        id: "socket.socket.creates",
        aspect: Lifetime,
        source: posix("socket()", "DESCRIPTION"),
        text: "A socket without a name or a connection comes, on the lowest free descriptor, open for both, its flags as asked.",
        guards: &[A_FREE_ONE],
        envelope: Envelope::Exactly(&LOWEST),
        effects: &[effect(&MAKE)],
        ..REFUSAL
    },
    REFUSAL,
];

const NAMING: Clause = Clause {
    id: "socket.bind.names",
    on: &[&BIND],
    aspect: Persistence,
    source: posix("bind()", "DESCRIPTION"),
    text: "A socket is given a name, which is a file that stays until it is unlinked; the mask takes bits from its mode.",
    guards: &[
        ANY_SOCKET,
        NAMELESS,
        IN_DIRECTORY,
        REACHED,
        SECOND_FREE,
        ALLOWED_SECOND,
        SECOND_NOT_READONLY,
    ],
    envelope: Envelope::Nothing,
    effects: &[effect(&NAME)],
    ..REFUSAL
};

const UNNAMED: Clause = Clause {
    id: "socket.bind.err.eaddrinuse",
    aspect: Exclusion,
    source: posix("bind()", "ERRORS"),
    text: "A path that something has is refused, also if it is the name of a socket that is gone.",
    guards: &[ANY_SOCKET, IS_TAKEN],
    envelope: Envelope::Error(EADDRINUSE),
    effects: &[],
    ..NAMING
};

/// Naming.
pub(super) static BINDING: &[Clause] = &[
    NAMING,
    Clause {
        id: "socket.bind.names.nowhere",
        duty: Extension,
        aspect: Lifetime,
        source: linux("unix(7)", "DESCRIPTION"),
        text: "A name in no directory is the socket's, and gone with it; each type has its own.",
        guards: &[ANY_SOCKET, NAMELESS, IN_NONE, NOT_HELD],
        effects: &[effect(&NAME_NOWHERE)],
        ..NAMING
    },
    UNNAMED,
    Clause {
        id: "socket.bind.err.eaddrinuse.nowhere",
        duty: Extension,
        source: linux("unix(7)", "ERRORS"),
        text: "A name in no directory that a socket of its type has is refused.",
        guards: &[ANY_SOCKET, NAMELESS, IN_NONE, IS_HELD],
        ..UNNAMED
    },
    Clause {
        id: "socket.bind.err.einval",
        aspect: Error,
        text: "A socket is given one name.",
        guards: &[ANY_SOCKET, NAMED, CAN_BE_GIVEN],
        envelope: Envelope::Error(EINVAL),
        ..UNNAMED
    },
    Clause {
        id: "socket.bind.err.einval.first",
        force: Permits,
        duty: Unspecified,
        aspect: Error,
        text: "That it has one may be seen before the other name is looked at.",
        guards: &[ANY_SOCKET, NAMED],
        envelope: Envelope::Error(EINVAL),
        ..UNNAMED
    },
    Clause {
        id: "socket.bind.err.eisconn",
        force: Permits,
        duty: May,
        aspect: Error,
        text: "A socket that is connected may be given none.",
        guards: &[ANY_SOCKET, IS_JOINED],
        envelope: Envelope::Error(EISCONN),
        ..UNNAMED
    },
    Clause {
        id: "socket.bind.err.eacces",
        aspect: Error,
        text: "Who may not write to the directory can name no socket in it.",
        guards: &[ANY_SOCKET, IN_DIRECTORY, REACHED, SECOND_FREE, NOT_ALLOWED_SECOND],
        envelope: Envelope::Error(EACCES),
        ..UNNAMED
    },
    Clause {
        id: "socket.bind.err.erofs",
        aspect: Error,
        text: "No socket is named where nothing can be written.",
        guards: &[ANY_SOCKET, IN_DIRECTORY, REACHED, SECOND_FREE, SECOND_READONLY],
        envelope: Envelope::Error(EROFS),
        ..UNNAMED
    },
    Clause {
        id: "socket.bind.unspecified.nowhere",
        force: Permits,
        duty: Unspecified,
        aspect: Error,
        source: posix("bind()", "DESCRIPTION"),
        text: "What a name is that begins with a zero byte is not said.",
        guards: &[ANY_SOCKET, IN_NONE],
        envelope: Envelope::Anything,
        ..UNNAMED
    },
];

const LISTENS: Clause = Clause {
    id: "socket.listen.listens",
    on: &[&LISTEN],
    aspect: Lifetime,
    source: posix("listen()", "DESCRIPTION"),
    text: "A socket of a stream or of records that has a name and no connection takes connections from now on, and where it does so many of them as is asked for now.",
    guards: &[ANY_SOCKET, CONNECTED, NAMED, IS_APART],
    envelope: Envelope::Nothing,
    effects: &[effect(&HEAR)],
    ..REFUSAL
};

const DEAF: Clause = Clause {
    id: "socket.listen.err.einval",
    aspect: Error,
    source: posix("listen()", "ERRORS"),
    text: "One that is connected, or was, does not.",
    guards: &[ANY_SOCKET, CONNECTED, IS_JOINED],
    envelope: Envelope::Error(EINVAL),
    effects: &[],
    ..LISTENS
};

/// Listening.
pub(super) static LISTENING: &[Clause] = &[
    LISTENS,
    DEAF,
    Clause {
        id: "socket.listen.err.edestaddrreq",
        text: "One that has no name does not.",
        guards: &[ANY_SOCKET, CONNECTED, NAMELESS, IS_APART],
        envelope: Envelope::Error(EDESTADDRREQ),
        ..DEAF
    },
    Clause {
        id: "socket.listen.err.einval.nameless",
        duty: Extension,
        source: linux("net/unix/af_unix.c", "6.18, unix_listen"),
        text: "One that has no name is refused with EINVAL.",
        guards: &[ANY_SOCKET, CONNECTED, NAMELESS, IS_APART],
        ..DEAF
    },
    Clause {
        id: "socket.listen.err.einval.shut",
        force: Permits,
        duty: May,
        text: "One that was shut down may be refused.",
        guards: &[ANY_SOCKET, CONNECTED, SHUT_SOMEHOW],
        ..DEAF
    },
    Clause {
        id: "socket.listen.err.eopnotsupp",
        text: "One of datagrams takes no connections.",
        guards: &[ANY_SOCKET, DATAGRAM],
        envelope: Envelope::Error(EOPNOTSUPP),
        ..DEAF
    },
];

const OPENING: Clause = Clause {
    id: "socket.open.err.enxio",
    on: &[&OPEN, &CREATE],
    duty: Extension,
    source: linux("open(2)", "ERRORS"),
    text: "The name of a socket cannot be opened, whoever listens.",
    guards: &[OPENS_A_NAME, PLAIN, MAY_OPEN, A_FREE_ONE],
    envelope: Envelope::Error(crate::errno::Errno::ENXIO),
    ..REFUSAL
};

/// The name as a file.
pub(super) static AS_A_FILE: &[Clause] = &[
    OPENING,
    Clause {
        id: "socket.open.err.eacces",
        duty: Shall,
        source: posix("open()", "ERRORS"),
        text: "Who may not by its permission bits is told so.",
        guards: &[OPENS_A_NAME, PLAIN, MAY_NOT_OPEN, A_FREE_ONE],
        envelope: Envelope::Error(EACCES),
        ..OPENING
    },
    Clause {
        id: "socket.open.unspecified",
        force: Permits,
        duty: Unspecified,
        source: posix("open()", "ERRORS"),
        text: "What becomes of a socket whose name is opened is not said.",
        guards: &[OPENS_A_NAME, MAY_OPEN],
        envelope: Envelope::Anything,
        ..OPENING
    },
    Clause {
        id: "socket.open.unspecified.path",
        on: &[&OPEN],
        force: Permits,
        source: linux("open(2)", "O_PATH"),
        text: "What a descriptor is good for that stands for the name is not said here.",
        guards: &[OPENS_A_NAME, BY_PATH, A_FREE_ONE],
        envelope: Envelope::Anything,
        ..OPENING
    },
    Clause {
        id: "socket.truncate.err.einval",
        on: &[&TRUNCATE],
        duty: Extension,
        source: linux("truncate(2)", "ERRORS"),
        text: "It has no length that could be set.",
        guards: &[OPENS_A_NAME],
        envelope: Envelope::Error(EINVAL),
        ..OPENING
    },
    Clause {
        id: "socket.truncate.unspecified",
        on: &[&TRUNCATE],
        force: Permits,
        duty: Unspecified,
        source: posix("truncate()", "DESCRIPTION"),
        text: "What setting its length does is not said.",
        guards: &[OPENS_A_NAME],
        envelope: Envelope::Anything,
        ..OPENING
    },
];
