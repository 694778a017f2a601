//! What each kind of object is ready for, and when: clauses about an operation that nobody calls.

use super::EVENTS;
use super::terms::{A_WRITER_SINCE, BY_NAME_ONLY, NEVER_A_WRITER, ROOM, SURE_ROOM};
use crate::clause::Aspect::{Eof, Error, Readiness};
use crate::clause::Duty::{Extension, May, Shall, Unspecified};
use crate::clause::Force::{Obliges, ObligesWhen, Permits};
use crate::clause::{Clause, Envelope, linux, posix};
use crate::descriptor::NOT_OPEN;
use crate::operation::{Gives, Operation};
use crate::pipe::{EMPTY, NO_READER, NO_WRITER, READABLE, SOMETHING, WRITABLE};

/// The question whether a descriptor is ready: no call, but what the calls that ask are made of.
pub static READY: Operation =
    Operation { name: "ready", params: &[], gives: Gives::Nothing, c: "ready(fd)" };

/// `POLLIN`.
pub const IN: u32 = event("POLLIN");
/// `POLLOUT`.
pub const OUT: u32 = event("POLLOUT");
/// `POLLPRI`.
pub const PRI: u32 = event("POLLPRI");
/// `POLLERR`.
pub const ERR: u32 = event("POLLERR");
/// `POLLHUP`.
pub const HUP: u32 = event("POLLHUP");
/// `POLLNVAL`.
pub const NVAL: u32 = event("POLLNVAL");

/// The place of an event in [`EVENTS`].
const fn event(name: &str) -> u32 {
    let mut index = 0;
    while index < EVENTS.len() {
        let (one, wanted) = (EVENTS[index].as_bytes(), name.as_bytes());
        let mut same = one.len() == wanted.len();
        let mut at = 0;
        while same && at < one.len() {
            same = one[at] == wanted[at];
            at += 1;
        }
        if same {
            return index as u32;
        }
        index += 1;
    }
    panic!("there is no such event")
}

pub(super) static CLAUSES: &[Clause] = &[
    Clause {
        id: "poll.ready.pipe.in",
        on: &[&READY],
        force: Obliges,
        duty: Shall,
        aspect: Readiness,
        source: posix("poll()", "DESCRIPTION"),
        text: "A reading end is readable when something is stored.",
        guards: &[READABLE, SOMETHING],
        envelope: Envelope::Is(IN),
        effects: &[],
    },
    Clause {
        id: "poll.ready.pipe.in.eof",
        on: &[&READY],
        force: Permits,
        duty: Unspecified,
        aspect: Eof,
        source: posix("poll()", "DESCRIPTION"),
        text: "At end-of-file a reading end may be readable as well.",
        guards: &[READABLE, EMPTY, NO_WRITER],
        envelope: Envelope::Is(IN),
        effects: &[],
    },
    Clause {
        id: "poll.ready.pipe.hup",
        on: &[&READY],
        force: Obliges,
        duty: Shall,
        aspect: Eof,
        source: posix("poll()", "DESCRIPTION"),
        text: "A reading end is hung up once the last writer is gone, until somebody can write again.",
        guards: &[READABLE, NO_WRITER, A_WRITER_SINCE],
        envelope: Envelope::Is(HUP),
        effects: &[],
    },
    Clause {
        id: "poll.ready.fifo.hup.never",
        on: &[&READY],
        force: Permits,
        duty: Unspecified,
        aspect: Eof,
        source: posix("poll()", "DESCRIPTION"),
        text: "Whether a reading end is hung up that has never had a writer is not said.",
        guards: &[READABLE, NO_WRITER, NEVER_A_WRITER],
        envelope: Envelope::Is(HUP),
        effects: &[],
    },
    Clause {
        id: "poll.ready.pipe.out",
        on: &[&READY],
        force: ObligesWhen(SURE_ROOM),
        duty: Shall,
        aspect: Readiness,
        source: posix("poll()", "DESCRIPTION"),
        text: "A writing end is writable when PIPE_BUF bytes go in at once.",
        guards: &[WRITABLE, ROOM],
        envelope: Envelope::Is(OUT),
        effects: &[],
    },
    Clause {
        id: "poll.ready.pipe.err",
        on: &[&READY],
        force: Permits,
        duty: May,
        aspect: Error,
        source: posix("poll()", "DESCRIPTION"),
        text: "A writing end that nobody can read from may be in error.",
        guards: &[WRITABLE, NO_READER],
        envelope: Envelope::Is(ERR),
        effects: &[],
    },
    Clause {
        id: "poll.ready.pipe.err.sure",
        on: &[&READY],
        force: Obliges,
        duty: Extension,
        aspect: Error,
        source: linux("poll(2)", "POLLERR"),
        text: "A writing end that nobody can read from is in error.",
        guards: &[WRITABLE, NO_READER],
        envelope: Envelope::Is(ERR),
        effects: &[],
    },
    Clause {
        id: "poll.ready.pipe.hup.write",
        on: &[&READY],
        force: Permits,
        duty: May,
        aspect: Error,
        source: posix("poll()", "DESCRIPTION"),
        text: "A writing end that nobody can read from may be hung up.",
        guards: &[WRITABLE, NO_READER],
        envelope: Envelope::Is(HUP),
        effects: &[],
    },
    Clause {
        id: "poll.ready.closed",
        on: &[&READY],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("poll()", "DESCRIPTION"),
        text: "A descriptor that is not open is told to be none.",
        guards: &[NOT_OPEN],
        envelope: Envelope::Is(NVAL),
        effects: &[],
    },
    Clause {
        id: "poll.ready.path",
        on: &[&READY],
        force: Obliges,
        duty: Extension,
        aspect: Error,
        source: linux("open(2)", "O_PATH"),
        text: "A descriptor that stands for a name is told to be none.",
        guards: &[BY_NAME_ONLY],
        envelope: Envelope::Is(NVAL),
        effects: &[],
    },
];
