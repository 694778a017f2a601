//! What a pipe has not: an offset, and a length to be set.

use super::terms::{A_PIPE, READABLE, READS_NOT, WRITABLE, WRITES_NOT};
use crate::clause::Aspect::Error;
use crate::clause::Duty::{Shall, Unspecified};
use crate::clause::Force::{Obliges, Permits};
use crate::clause::{Clause, Envelope, Guard, posix};
use crate::descriptor::{FTRUNCATE, LSEEK, PREAD, PWRITE};
use crate::errno::Errno::{EBADF, EINVAL, ESPIPE};
use crate::operation::Operation;

const fn no_offset(
    id: &'static str,
    on: &'static [&'static Operation],
    page: &'static str,
    guards: &'static [Guard],
) -> Clause {
    Clause {
        id,
        on,
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix(page, "ERRORS"),
        text: "A pipe has no offset.",
        guards,
        envelope: Envelope::Error(ESPIPE),
        effects: &[],
    }
}

/// At the wrong end two errors apply, and POSIX does not say which comes first.
const fn either(clause: Clause) -> Clause {
    Clause {
        force: Permits,
        duty: Unspecified,
        text: "The wrong end may be refused as such.",
        envelope: Envelope::Error(EBADF),
        ..clause
    }
}

/// The clauses.
pub(super) static CLAUSES: &[Clause] = &[
    no_offset("pipe.lseek.err.espipe", &[&LSEEK], "lseek()", &[A_PIPE]),
    no_offset("pipe.pread.err.espipe", &[&PREAD], "pread()", &[READABLE]),
    no_offset("pipe.pread.err.espipe.end", &[&PREAD], "pread()", &[READS_NOT]),
    either(no_offset("pipe.pread.err.ebadf", &[&PREAD], "pread()", &[READS_NOT])),
    no_offset("pipe.pwrite.err.espipe", &[&PWRITE], "pwrite()", &[WRITABLE]),
    no_offset("pipe.pwrite.err.espipe.end", &[&PWRITE], "pwrite()", &[WRITES_NOT]),
    either(no_offset("pipe.pwrite.err.ebadf", &[&PWRITE], "pwrite()", &[WRITES_NOT])),
    Clause {
        id: "pipe.ftruncate.err.einval",
        on: &[&FTRUNCATE],
        force: Permits,
        duty: Unspecified,
        aspect: Error,
        source: posix("ftruncate()", "DESCRIPTION"),
        text: "It may be refused, at either end.",
        guards: &[A_PIPE],
        envelope: Envelope::Error(EINVAL),
        effects: &[],
    },
    Clause {
        id: "pipe.ftruncate.unspecified",
        on: &[&FTRUNCATE],
        force: Permits,
        duty: Unspecified,
        aspect: Error,
        source: posix("ftruncate()", "DESCRIPTION"),
        text: "What it does to a pipe, where it is not refused, is not said.",
        guards: &[A_PIPE],
        envelope: Envelope::Anything,
        effects: &[],
    },
];
