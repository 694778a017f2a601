//! Rings between processes (`ipc_impls::ring::SpscRing`): messages from a producer to a consumer, whole
//! and in order, and an answer when either of them is gone.
//!
//! They are no kernel's. A few lie in memory that all processes of a program can reach from the
//! beginning, and are numbered; nothing makes them and no descriptor leads to them. A process takes a
//! side of one, and has it until it closes it, ends, or becomes another program.

mod rules;
mod store;
mod terms;

pub use self::rules::LASTING;
pub use self::store::{Record, Ring, Rings, Side};
pub(crate) use self::terms::{HOLDS_NONE, INHERIT};
use crate::clause::Clause;
use crate::mechanism::Interrupted;
use crate::operation::{Call, Gives, Operation, Param};
use crate::payload::Data;
use crate::world::World;

/// How many there are.
pub const COUNT: usize = 2;
/// Bytes that each has.
pub const CAPACITY: u64 = 128;
/// Bytes before each message.
pub const HEADER: u64 = 8;
/// The most bytes that a message can have: it takes half of the ring, with what lies before it.
pub const LONGEST: u64 = CAPACITY / 2 - HEADER;

/// The sides of a ring.
pub const SIDES: &[&str] = &["producer", "consumer"];
/// The place of the producer in [`SIDES`].
pub const PRODUCER: usize = 0;
/// The place of the consumer in [`SIDES`].
pub const CONSUMER: usize = 1;

/// `SpscRing::producer` and `SpscRing::consumer`: takes a side.
pub static RING_OPEN: Operation = Operation {
    name: "ring_open",
    params: &[Param::Number, Param::Word(SIDES)],
    gives: Gives::Nothing,
    c: "ring_open(&ring[%0], %1)",
};

/// `Producer::close` and `Consumer::close`: gives a side back, for good.
pub static RING_CLOSE: Operation = Operation {
    name: "ring_close",
    params: &[Param::Number, Param::Word(SIDES)],
    gives: Gives::Nothing,
    c: "ring_close(&ring[%0], %1)",
};

/// `Producer::send`.
pub static RING_SEND: Operation = Operation {
    name: "ring_send",
    params: &[Param::Number, Param::Send],
    gives: Gives::Nothing,
    c: "ring_send(&ring[%0], buffer, %1)",
};

/// `Producer::try_send`.
pub static RING_TRYSEND: Operation = Operation {
    name: "ring_trysend",
    params: &[Param::Number, Param::Send],
    gives: Gives::Nothing,
    c: "ring_trysend(&ring[%0], buffer, %1)",
};

/// `Producer::send_timeout`; for ever, if the time is negative.
pub static RING_TIMEDSEND: Operation = Operation {
    name: "ring_timedsend",
    params: &[Param::Number, Param::Send, Param::Timeout],
    gives: Gives::Nothing,
    c: "ring_timedsend(&ring[%0], buffer, %1, %2 ms)",
};

/// `Consumer::recv`.
pub static RING_RECV: Operation = Operation {
    name: "ring_recv",
    params: &[Param::Number],
    gives: Gives::Message,
    c: "ring_recv(&ring[%0])",
};

/// `Consumer::try_recv`.
pub static RING_TRYRECV: Operation = Operation {
    name: "ring_tryrecv",
    params: &[Param::Number],
    gives: Gives::Message,
    c: "ring_tryrecv(&ring[%0])",
};

/// `Consumer::recv_timeout`; for ever, if the time is negative.
pub static RING_TIMEDRECV: Operation = Operation {
    name: "ring_timedrecv",
    params: &[Param::Number, Param::Timeout],
    gives: Gives::Message,
    c: "ring_timedrecv(&ring[%0], %1 ms)",
};

/// What becomes of these calls when a handler interrupts them: nothing, they wait on.
pub const INTERRUPTED: &[(&Operation, Interrupted)] = &[
    (&RING_SEND, Interrupted::Continues),
    (&RING_TIMEDSEND, Interrupted::Continues),
    (&RING_RECV, Interrupted::Continues),
    (&RING_TIMEDRECV, Interrupted::Continues),
];

/// What programs can call here.
pub static OPERATIONS: &[&Operation] = &[
    &RING_OPEN,
    &RING_CLOSE,
    &RING_SEND,
    &RING_TRYSEND,
    &RING_TIMEDSEND,
    &RING_RECV,
    &RING_TRYRECV,
    &RING_TIMEDRECV,
];

/// Those that put a message in.
pub const SENDS: &[&Operation] = &[&RING_SEND, &RING_TRYSEND, &RING_TIMEDSEND];
/// Those that take one out.
pub const RECEIVES: &[&Operation] = &[&RING_RECV, &RING_TRYRECV, &RING_TIMEDRECV];

/// The clauses, in the order of the page.
pub static CLAUSES: &[&[Clause]] = &[
    rules::SIDES_TAKEN,
    rules::SENDING,
    rules::NO_ROOM,
    rules::RECEIVING,
    rules::NO_MESSAGE,
    rules::ENDING,
    rules::ELSEWHERE,
];

/// The place of the ring that a call names, and of the side that it is about.
fn named(call: &Call) -> Option<(usize, usize)> {
    let place = usize::try_from(call.number(0)).ok().filter(|place| *place < COUNT)?;
    let side = match call.operation {
        operation if SENDS.contains(&operation) => PRODUCER,
        operation if RECEIVES.contains(&operation) => CONSUMER,
        operation if [&RING_OPEN, &RING_CLOSE].contains(&operation) => {
            usize::try_from(call.number(1)).ok().filter(|side| *side < SIDES.len())?
        }
        _ => return None,
    };
    Some((place, side))
}

/// What a call finds that receives from a ring: the bytes of its messages, the oldest first.
pub fn front<'a>(world: &'a World, call: &Call) -> Option<&'a Data> {
    let (place, side) = named(call)?;
    (side == CONSUMER).then(|| world.rings.at(place).map(|ring| &ring.data)).flatten()
}
