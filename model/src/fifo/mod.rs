//! FIFOs: pipes with a name. What is written and read, [`crate::pipe`] says; here is what the name adds.

mod open;

use self::open::*;
pub use self::open::{BY_PATH, PLAIN, TO_BE_WRITTEN, WRITE_ALLOWED, WRITE_FORBIDDEN};
use crate::clause::Aspect::{Blocking, Eof, Error, Lifetime, Persistence};
use crate::clause::Duty::{Extension, Shall, Undefined, Unspecified};
use crate::clause::Force::{Obliges, Permits};
use crate::clause::{Action, Clause, Envelope, Num, action, effect, effect_of, linux, posix};
use crate::descriptor::{A_FREE_ONE, LOWEST, NONE_FREE, NOT_OPEN, READ, READV};
use crate::errno::Errno::{EACCES, EINVAL, EMFILE, ENOENT, ENXIO};
use crate::file::CREATE;
use crate::lasting::{Ending, Lasting, Place};
use crate::name::{
    ALLOWED_DIRECTORY, IS_THERE, MODE_ASKED, NO_SUCH_NAME, NOT_READONLY, REACHED, give_name,
    new_node,
};
use crate::operation::{Gives, Operation, Param};
use crate::pipe::{ASKS, EMPTY, Pipe, READABLE as A_READING_END};
use crate::world::Object;

/// How a file can be opened.
pub const ACCESS: &[&str] = &["O_RDONLY", "O_WRONLY", "O_RDWR"];
/// The flags of `open`.
pub const OPEN_FLAGS: &[&str] = &["O_NONBLOCK", "O_CLOEXEC", "O_TRUNC", "O_PATH", "O_DIRECTORY"];

/// `int mkfifo(const char *path, mode_t mode)`.
pub static MKFIFO: Operation = Operation {
    name: "mkfifo",
    params: &[Param::Path, Param::Mode],
    gives: Gives::Nothing,
    c: "mkfifo(%0, %1)",
};

/// `int open(const char *path, int oflag)`.
pub static OPEN: Operation = Operation {
    name: "open",
    params: &[Param::Path, Param::Word(ACCESS), Param::Flags(OPEN_FLAGS)],
    gives: Gives::Fd,
    c: "open(%0, %1|%2)",
};

/// `int open("/proc/self/fd/N", int oflag)`: what the descriptor leads to is opened once more.
pub static REOPEN: Operation = Operation {
    name: "reopen",
    params: &[Param::Fd, Param::Word(ACCESS), Param::Flags(OPEN_FLAGS)],
    gives: Gives::Fd,
    c: "open(\"/proc/self/fd/%0\", %1|%2)",
};

/// `int truncate(const char *path, 0)`: to nothing.
pub static TRUNCATE: Operation = Operation {
    name: "truncate",
    params: &[Param::Path],
    gives: Gives::Nothing,
    c: "truncate(%0, 0)",
};

/// What programs can call here.
pub static OPERATIONS: &[&Operation] = &[&MKFIFO, &OPEN, &REOPEN, &TRUNCATE];

static MAKE: Action = action("an empty FIFO with the bits % less the mask", |c, mode| {
    let node = new_node(c, mode);
    let capacity = c.spec.numbers.pipe_capacity;
    give_name(c, Object::Pipe(Pipe { capacity, node, named: true, ..Pipe::default() }));
});

/// The clauses, in the order of the page.
pub static CLAUSES: &[&[Clause]] = &[CREATION, OPENING, OPENING_OTHERWISE, SEEN];

static CREATION: &[Clause] = &[
    Clause {
        id: "fifo.mkfifo.makes",
        on: &[&MKFIFO],
        force: Obliges,
        duty: Shall,
        aspect: Persistence,
        source: posix("mkfifo()", "DESCRIPTION"),
        text: "A FIFO stays until its names are removed, whoever is there; the mask takes bits from its mode.",
        guards: &[REACHED, NO_SUCH_NAME, ALLOWED_DIRECTORY, NOT_READONLY],
        envelope: Envelope::Nothing,
        effects: &[effect_of(&MAKE, Num::Of(&MODE_ASKED))],
    },
    Clause {
        id: "fifo.truncate.err.einval",
        on: &[&TRUNCATE],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("truncate()", "ERRORS"),
        text: "A FIFO has no length that could be set.",
        guards: &[REACHED, IS_THERE, A_FIFO],
        envelope: Envelope::Error(EINVAL),
        effects: &[],
    },
    Clause {
        id: "fifo.truncate.err.eacces",
        on: &[&TRUNCATE],
        force: Permits,
        duty: Unspecified,
        aspect: Error,
        source: posix("truncate()", "ERRORS"),
        text: "Who may not write to a file may be refused for that first.",
        guards: &[REACHED, IS_THERE, A_FIFO, WRITE_FORBIDDEN],
        envelope: Envelope::Error(EACCES),
        effects: &[],
    },
];

static OPENING: &[Clause] = &[
    Clause {
        id: "fifo.open.enters.read",
        on: &[&OPEN, &CREATE, &REOPEN],
        force: Obliges,
        duty: Shall,
        aspect: Blocking,
        source: posix("open()", "DESCRIPTION"),
        text: "Whoever waits for somebody to read goes on, also if the reader is gone by then.",
        guards: &[A_FIFO, PLAIN, TO_READ, FRESH, MAY, A_FREE_ONE],
        envelope: Envelope::Step(Num::N(0), Num::N(0)),
        effects: &[effect(&ENTER)],
    },
    Clause {
        id: "fifo.open.enters.write",
        on: &[&OPEN, &CREATE, &REOPEN],
        force: Obliges,
        duty: Shall,
        aspect: Blocking,
        source: posix("open()", "DESCRIPTION"),
        text: "Whoever waits for somebody to write goes on, also if the writer is gone by then.",
        guards: &[A_FIFO, PLAIN, TO_WRITE, FRESH, MAY, A_FREE_ONE, WAITS],
        envelope: Envelope::Step(Num::N(0), Num::N(0)),
        effects: &[effect(&ENTER)],
    },
    Clause {
        id: "fifo.open.enters.write.nonblock",
        on: &[&OPEN, &CREATE, &REOPEN],
        force: Obliges,
        duty: Shall,
        aspect: Blocking,
        source: posix("open()", "DESCRIPTION"),
        text: "With O_NONBLOCK, an open for writing succeeds while somebody can read.",
        guards: &[A_FIFO, PLAIN, TO_WRITE, FRESH, MAY, A_FREE_ONE, WAITS_NOT, A_READER],
        envelope: Envelope::Step(Num::N(0), Num::N(0)),
        effects: &[effect(&ENTER)],
    },
    Clause {
        id: "fifo.open.returns",
        on: &[&OPEN, &CREATE, &REOPEN],
        force: Obliges,
        duty: Shall,
        aspect: Blocking,
        source: posix("open()", "DESCRIPTION"),
        text: "An open returns once the FIFO is open at the other end, or was since.",
        guards: &[A_FIFO, PLAIN, MET, A_FREE_ONE],
        envelope: Envelope::Exactly(&LOWEST),
        effects: &[effect(&INSTALL)],
    },
    Clause {
        id: "fifo.open.read.blocks",
        on: &[&OPEN, &CREATE, &REOPEN],
        force: Permits,
        duty: Shall,
        aspect: Blocking,
        source: posix("open()", "DESCRIPTION"),
        text: "An open for reading waits for somebody to write.",
        guards: &[A_FIFO, PLAIN, TO_READ, ALONE, WAITS],
        envelope: Envelope::Sleep,
        effects: &[],
    },
    Clause {
        id: "fifo.open.write.blocks",
        on: &[&OPEN, &CREATE, &REOPEN],
        force: Permits,
        duty: Shall,
        aspect: Blocking,
        source: posix("open()", "DESCRIPTION"),
        text: "An open for writing waits for somebody to read.",
        guards: &[A_FIFO, PLAIN, TO_WRITE, ALONE, WAITS],
        envelope: Envelope::Sleep,
        effects: &[],
    },
    Clause {
        id: "fifo.open.read.nonblock",
        on: &[&OPEN, &CREATE, &REOPEN],
        force: Obliges,
        duty: Shall,
        aspect: Blocking,
        source: posix("open()", "DESCRIPTION"),
        text: "With O_NONBLOCK, an open for reading waits for nobody.",
        guards: &[A_FIFO, PLAIN, TO_READ, ALONE, WAITS_NOT, A_FREE_ONE],
        envelope: Envelope::Exactly(&LOWEST),
        effects: &[effect(&INSTALL)],
    },
    Clause {
        id: "fifo.open.err.enxio",
        on: &[&OPEN, &CREATE, &REOPEN],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("open()", "ERRORS"),
        text: "With O_NONBLOCK, an open for writing is refused exactly when nobody can read.",
        guards: &[A_FIFO, PLAIN, TO_WRITE, FRESH, MAY, WAITS_NOT, NO_READER],
        envelope: Envelope::Error(ENXIO),
        effects: &[],
    },
    Clause {
        id: "fifo.open.err.enxio.waiting",
        on: &[&OPEN, &CREATE, &REOPEN],
        force: Permits,
        duty: Unspecified,
        aspect: Error,
        source: posix("open()", "ERRORS"),
        text: "Whether a reader that is still in its open is seen is not said.",
        guards: &[A_FIFO, PLAIN, TO_WRITE, FRESH, MAY, A_FREE_ONE, WAITS_NOT, ONLY_OPENING],
        envelope: Envelope::Error(ENXIO),
        effects: &[],
    },
    Clause {
        id: "fifo.open.err.eacces",
        on: &[&OPEN, &CREATE, &REOPEN],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("open()", "ERRORS"),
        text: "A FIFO whose permission bits do not let the caller is not opened.",
        guards: &[A_FIFO, PLAIN, FRESH, MAY_NOT],
        envelope: Envelope::Error(EACCES),
        effects: &[],
    },
    Clause {
        id: "fifo.open.err.emfile",
        on: &[&OPEN, &CREATE, &REOPEN],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("open()", "ERRORS"),
        text: "Without a free descriptor nothing is opened, whatever the path.",
        guards: &[NONE_FREE],
        envelope: Envelope::Error(EMFILE),
        effects: &[],
    },
];

static OPENING_OTHERWISE: &[Clause] = &[
    Clause {
        id: "fifo.open.undefined.rdwr",
        on: &[&OPEN, &CREATE, &REOPEN],
        force: Permits,
        duty: Undefined,
        aspect: Blocking,
        source: posix("open()", "DESCRIPTION"),
        text: "What happens to a FIFO that is opened for both is undefined.",
        guards: &[A_FIFO, PLAIN, BOTH_WAYS, FRESH],
        envelope: Envelope::Anything,
        effects: &[],
    },
    Clause {
        id: "fifo.open.enters.rdwr",
        on: &[&OPEN, &CREATE, &REOPEN],
        force: Obliges,
        duty: Extension,
        aspect: Blocking,
        source: linux("fifo(7)", "NOTES"),
        text: "An open for both waits for nobody, and counts at both ends.",
        guards: &[A_FIFO, PLAIN, BOTH_WAYS, FRESH, MAY, A_FREE_ONE],
        envelope: Envelope::Step(Num::N(0), Num::N(0)),
        effects: &[effect(&ENTER)],
    },
    Clause {
        id: "fifo.open.path",
        on: &[&OPEN, &REOPEN],
        force: Obliges,
        duty: Extension,
        aspect: Lifetime,
        source: linux("open(2)", "O_PATH"),
        text: "With O_PATH nothing is opened: the descriptor stands for the name, nobody is asked and nobody waits.",
        guards: &[A_FIFO, BY_PATH, A_FREE_ONE],
        envelope: Envelope::Exactly(&LOWEST),
        effects: &[effect(&STAND_FOR)],
    },
    Clause {
        id: "fifo.open.unspecified.path",
        on: &[&OPEN, &REOPEN],
        force: Permits,
        duty: Unspecified,
        aspect: Lifetime,
        source: posix("open()", "DESCRIPTION"),
        text: "What a flag does that POSIX does not have is not said.",
        guards: &[A_FIFO, BY_PATH],
        envelope: Envelope::Anything,
        effects: &[],
    },
    Clause {
        id: "fifo.open.undefined.trunc",
        on: &[&OPEN, &CREATE, &REOPEN],
        force: Permits,
        duty: Undefined,
        aspect: Lifetime,
        source: posix("open()", "DESCRIPTION"),
        text: "What O_TRUNC does to a file that is opened for reading only is undefined.",
        guards: &[A_FIFO, PLAIN, TO_READ, CUTS],
        envelope: Envelope::Anything,
        effects: &[],
    },
    Clause {
        id: "fifo.reopen.err.enoent",
        on: &[&REOPEN],
        force: Obliges,
        duty: Extension,
        aspect: Error,
        source: linux("proc_pid_fd(5)", "DESCRIPTION"),
        text: "A descriptor that is not open has no name there.",
        guards: &[NOT_OPEN],
        envelope: Envelope::Error(ENOENT),
        effects: &[],
    },
];

static SEEN: &[Clause] = &[Clause {
    id: "fifo.read.eof.opening",
    on: &[&READ, &READV],
    force: Permits,
    duty: Unspecified,
    aspect: Eof,
    source: posix("open()", "DESCRIPTION"),
    text: "Whether a writer that is still in its open is seen by a read is not said.",
    guards: &[A_READING_END, ASKS, EMPTY, ONLY_WRITERS_OPENING],
    envelope: Envelope::Data(Num::N(0), Num::N(0)),
    effects: &[],
}];

/// How long what a FIFO keeps lasts.
pub const LASTING: &[Lasting] = &[
    Lasting {
        kind: "FIFO",
        part: "name",
        ends: Ending::Unlink,
        place: Place::Medium,
        source: posix("unlink", "DESCRIPTION"),
    },
    Lasting {
        kind: "FIFO",
        part: "bytes",
        ends: Ending::LastClose,
        place: Place::Memory,
        source: posix("close", "DESCRIPTION"),
    },
];
