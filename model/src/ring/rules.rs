//! The rules of rings: who has a side, what goes in and comes out, and what is told when a side is gone.

use super::terms::*;
use super::{
    OPERATIONS, RECEIVES, RING_CLOSE, RING_OPEN, RING_RECV, RING_SEND, RING_TIMEDRECV,
    RING_TIMEDSEND, RING_TRYRECV, RING_TRYSEND, SENDS,
};
use crate::clause::Aspect::{Atomicity, Blocking, Eof, Error, Exclusion, Lifetime, Ordering};
use crate::clause::Force::ObligesWhen;
use crate::clause::{Clause, Envelope, Num, Source, effect, effect_of, extension, own};
use crate::errno::Errno::{EAGAIN, EBADF, EBUSY, ECONNRESET, EMSGSIZE, EPIPE, ETIMEDOUT};
use crate::lasting::{Ending, Lasting, Place};
use crate::operation::Operation;
use crate::poll::{NO_TIME, OVERDUE, SOME_TIME, TIME_LEFT};
use crate::process::{DEATH, EXEC};

const PROMISED: Source = own("ring", "What is promised");
const LIMITS: Source = own("ring", "What is not");
const SENDERS_THAT_WAIT: &[&Operation] = &[&RING_SEND, &RING_TIMEDSEND];
const RECEIVERS_THAT_WAIT: &[&Operation] = &[&RING_RECV, &RING_TIMEDRECV];

pub(super) static SIDES_TAKEN: &[Clause] = &[
    extension(
        "ring.open.takes",
        &[&RING_OPEN],
        (
            Exclusion,
            PROMISED,
            "Who takes a side that nobody counts as has it, and nobody else does.",
        ),
        &[NOBODYS, NEVER_CLOSED],
        Envelope::Nothing,
        &[effect(&JOIN)],
    ),
    extension(
        "ring.open.err.ebusy",
        &[&RING_OPEN],
        (Exclusion, PROMISED, "While somebody counts as a side, nobody else can take it."),
        &[SOMEBODYS],
        Envelope::Error(EBUSY),
        &[],
    ),
    extension(
        "ring.open.err.epipe",
        &[&RING_OPEN],
        (Lifetime, PROMISED, "A side that was closed nobody can take any more."),
        &[WAS_CLOSED],
        Envelope::Error(EPIPE),
        &[],
    ),
    extension(
        "ring.close.ends",
        &[&RING_CLOSE],
        (
            Lifetime,
            PROMISED,
            "Who closes its side has it no more, and whoever waits on the other goes on.",
        ),
        &[MINE],
        Envelope::Nothing,
        &[effect(&LEAVE)],
    ),
    extension(
        "ring.close.err.ebadf",
        &[&RING_CLOSE],
        (
            Error,
            LIMITS,
            "Who does not have a side cannot close it, a child of who has it included.",
        ),
        &[NOT_MINE],
        Envelope::Error(EBADF),
        &[],
    ),
];

pub(super) static SENDING: &[Clause] = &[
    extension(
        "ring.send.puts",
        SENDS,
        (Ordering, PROMISED, "A message goes in as a whole, behind those that were sent before."),
        &[MINE, OTHER_OPEN, SHORT, FITS, NO_MARK_IS_DUE],
        Envelope::Nothing,
        &[effect_of(&PUT, Num::Of(&LEN))],
    ),
    extension(
        "ring.send.marks",
        SENDS,
        (
            Lifetime,
            PROMISED,
            "Who has taken over from a producer that died marks that before its first message.",
        ),
        &[MINE, OTHER_OPEN, SHORT, FITS, MARK_IS_DUE],
        Envelope::Step(Num::N(0), Num::N(0)),
        &[effect(&MARK)],
    ),
    extension(
        "ring.send.err.emsgsize",
        SENDS,
        (
            Atomicity,
            PROMISED,
            "A message that takes more than half of the ring is refused, and nothing of it goes in.",
        ),
        &[MINE, OTHER_OPEN, LONG],
        Envelope::Error(EMSGSIZE),
        &[],
    ),
    extension(
        "ring.send.err.epipe",
        SENDS,
        (
            Error,
            PROMISED,
            "When the consumer has closed, whoever sends is refused, whether there is room or not.",
        ),
        &[MINE, OTHER_ENDED],
        Envelope::Error(EPIPE),
        &[],
    ),
    extension(
        "ring.send.err.ebadf",
        SENDS,
        (Error, LIMITS, "Who is not the producer cannot send, a child of the producer included."),
        &[NOT_MINE],
        Envelope::Error(EBADF),
        &[],
    ),
];

pub(super) static NO_ROOM: &[Clause] = &[
    extension(
        "ring.send.blocks",
        SENDERS_THAT_WAIT,
        (Blocking, PROMISED, "While there is no room, and no consumer has died, who sends waits."),
        &[MINE, OTHER_OPEN, SHORT, FULL, OTHER_MAY_COME, TIME_LEFT],
        Envelope::Sleep,
        &[],
    ),
    extension(
        "ring.send.err.econnreset",
        SENDERS_THAT_WAIT,
        (Lifetime, PROMISED, "Who would wait for a consumer that has died is told so."),
        &[MINE, OTHER_OPEN, SHORT, FULL, OTHER_DIED, TIME_LEFT],
        Envelope::Error(ECONNRESET),
        &[],
    ),
    extension(
        "ring.trysend.err.eagain",
        &[&RING_TRYSEND],
        (
            Error,
            PROMISED,
            "Who only tries is refused while there is no room, and is told of no death.",
        ),
        &[MINE, OTHER_OPEN, SHORT, FULL],
        Envelope::Error(EAGAIN),
        &[],
    ),
    extension(
        "ring.timedsend.err.etimedout.now",
        &[&RING_TIMEDSEND],
        (Error, PROMISED, "Without any time, who sends is refused at once where there is no room."),
        &[MINE, OTHER_OPEN, SHORT, FULL, NO_TIME],
        Envelope::Error(ETIMEDOUT),
        &[],
    ),
    Clause {
        force: ObligesWhen(OVERDUE),
        ..extension(
            "ring.timedsend.err.etimedout",
            &[&RING_TIMEDSEND],
            (
                Error,
                PROMISED,
                "When its time has passed and there is no room still, who sends is refused, and not before.",
            ),
            &[MINE, OTHER_OPEN, SHORT, FULL, SOME_TIME],
            Envelope::Error(ETIMEDOUT),
            &[],
        )
    },
];

pub(super) static RECEIVING: &[Clause] = &[
    extension(
        "ring.recv.takes",
        RECEIVES,
        (
            Ordering,
            PROMISED,
            "The oldest message comes out, whole, once; one without bytes is a message too.",
        ),
        &[MINE, A_MESSAGE],
        Envelope::Data(Num::Of(&NEXT), Num::Of(&NEXT)),
        &[effect(&PASS)],
    ),
    extension(
        "ring.recv.err.econnreset.before",
        RECEIVES,
        (
            Lifetime,
            PROMISED,
            "Who receives is told once that a producer died, before what its successor has sent.",
        ),
        &[MINE, A_MARK, UNTOLD],
        Envelope::Error(ECONNRESET),
        &[effect(&PASS)],
    ),
    extension(
        "ring.recv.passes",
        RECEIVES,
        (Lifetime, PROMISED, "Who was told of a death while it waited is not told again."),
        &[MINE, A_MARK, WAS_TOLD],
        Envelope::Step(Num::N(0), Num::N(0)),
        &[effect(&PASS), effect(&FORGET)],
    ),
    extension(
        "ring.recv.end",
        RECEIVES,
        (
            Eof,
            PROMISED,
            "When the producer has closed and all was received, that is the end, and it is told as such.",
        ),
        &[MINE, EMPTY, OTHER_ENDED],
        Envelope::Nothing,
        &[],
    ),
    extension(
        "ring.recv.err.ebadf",
        RECEIVES,
        (
            Error,
            LIMITS,
            "Who is not the consumer cannot receive, a child of the consumer included.",
        ),
        &[NOT_MINE],
        Envelope::Error(EBADF),
        &[],
    ),
];

pub(super) static NO_MESSAGE: &[Clause] = &[
    extension(
        "ring.recv.blocks",
        RECEIVERS_THAT_WAIT,
        (
            Blocking,
            PROMISED,
            "While there is no message, and no producer has died, who receives waits.",
        ),
        &[MINE, EMPTY, OTHER_OPEN, OTHER_MAY_COME, TIME_LEFT],
        Envelope::Sleep,
        &[],
    ),
    extension(
        "ring.recv.err.econnreset",
        RECEIVERS_THAT_WAIT,
        (
            Lifetime,
            PROMISED,
            "Who would wait for a producer that has died is told so, once all was received.",
        ),
        &[MINE, EMPTY, OTHER_DIED, TIME_LEFT],
        Envelope::Error(ECONNRESET),
        &[effect(&TELL)],
    ),
    extension(
        "ring.tryrecv.err.eagain",
        &[&RING_TRYRECV],
        (
            Error,
            PROMISED,
            "Who only tries is refused while there is no message, and is told of no death.",
        ),
        &[MINE, EMPTY, OTHER_OPEN],
        Envelope::Error(EAGAIN),
        &[],
    ),
    extension(
        "ring.timedrecv.err.etimedout.now",
        &[&RING_TIMEDRECV],
        (
            Error,
            PROMISED,
            "Without any time, who receives is refused at once where there is no message.",
        ),
        &[MINE, EMPTY, OTHER_OPEN, NO_TIME],
        Envelope::Error(ETIMEDOUT),
        &[],
    ),
    Clause {
        force: ObligesWhen(OVERDUE),
        ..extension(
            "ring.timedrecv.err.etimedout",
            &[&RING_TIMEDRECV],
            (
                Error,
                PROMISED,
                "When its time has passed and there is no message still, who receives is refused, and not before.",
            ),
            &[MINE, EMPTY, OTHER_OPEN, SOME_TIME],
            Envelope::Error(ETIMEDOUT),
            &[],
        )
    },
];

pub(super) static ENDING: &[Clause] = &[
    extension(
        "ring.death.lets-go",
        &[&DEATH],
        (
            Lifetime,
            PROMISED,
            "A process that ends, in whatever way, counts as no side any more; with the last that counts as it a side has died.",
        ),
        &[HOLDS_ONE],
        Envelope::Step(Num::N(0), Num::Of(&LAST_HELD)),
        &[effect_of(&LET_GO, Num::Chosen)],
    ),
    extension(
        "ring.exec.lets-go",
        &[&EXEC],
        (
            Lifetime,
            LIMITS,
            "A process that becomes another program counts as no side any more, as if it had ended.",
        ),
        &[HOLDS_ONE],
        Envelope::Step(Num::N(0), Num::Of(&LAST_HELD)),
        &[effect_of(&LET_GO, Num::Chosen)],
    ),
];

pub(super) static ELSEWHERE: &[Clause] = &[extension(
    "ring.call.undefined.outside",
    OPERATIONS,
    (Lifetime, PROMISED, "There are no other rings than those that are there from the beginning."),
    &[NO_SUCH],
    Envelope::Anything,
    &[],
)];

/// How long what a process has lasts.
pub const LASTING: &[Lasting] = &[Lasting {
    kind: "process",
    part: "a side of a ring",
    ends: Ending::Image,
    place: Place::Memory,
    source: LIMITS,
}];
