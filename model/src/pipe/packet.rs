//! Packets: writing with `O_DIRECT`, and reading what was written so.

use super::act::{ADVANCE, APPEND, APPEND_PACKETS, TAKE};
use super::terms::*;
use crate::clause::Aspect::{Atomicity, Ordering};
use crate::clause::Cond::{Eq, Lt};
use crate::clause::Duty::Extension;
use crate::clause::Force::{Obliges, ObligesWhen};
use crate::clause::{Clause, Envelope, Guard, Num, Number, effect_of, linux, number};
use crate::descriptor::{LEN, READ, READV, WRITE, WRITEV};

static TOLD: Number = number("told", "The bytes up to the end of the first packet.", |v| {
    pipe(v).map_or(0, |pipe| pipe.reach(v.num(&Num::Of(&LEN))).0)
});
static GONE: Number = number("gone", "Those, and what the read leaves of the packet.", |v| {
    pipe(v).map_or(0, |pipe| pipe.reach(v.num(&Num::Of(&LEN))).1)
});
static MERGED: Number = number("merged", "The bytes that go into the last page.", |v| {
    let Some(layout) = layout(v) else { return 0 };
    pipe(v).map_or(0, |pipe| pipe.merged(v.num(&Num::Of(&LEN)), layout))
});

const WHOLE: Guard = Guard { name: "the packet fits", cond: Eq(Num::Of(&TOLD), Num::Of(&GONE)) };
const CUT: Guard = Guard { name: "the packet is longer", cond: Lt(Num::Of(&TOLD), Num::Of(&GONE)) };
const LAST_IS_FULL: Guard =
    Guard { name: "the last page takes nothing", cond: Eq(Num::Of(&MERGED), Num::N(0)) };
const LAST_IS_OPEN: Guard =
    Guard { name: "the last page takes it", cond: Lt(Num::N(0), Num::Of(&MERGED)) };

/// Reading.
pub(super) static READS: &[Clause] = &[
    Clause {
        id: "pipe.read.packet",
        on: &[&READ, &READV],
        force: Obliges,
        duty: Extension,
        aspect: Ordering,
        source: linux("pipe(2)", "O_DIRECT"),
        text: "A read goes up to the end of the first packet that it comes to, and no further.",
        guards: &[READABLE, ASKS, A_PACKET, WHOLE],
        envelope: Envelope::Data(Num::Of(&TOLD), Num::Of(&TOLD)),
        effects: &[effect_of(&TAKE, Num::Of(&GONE))],
    },
    Clause {
        id: "pipe.read.packet.cut",
        on: &[&READ, &READV],
        force: Obliges,
        duty: Extension,
        aspect: Ordering,
        source: linux("pipe(2)", "O_DIRECT"),
        text: "What a read leaves of a packet is lost.",
        guards: &[READABLE, ASKS, A_PACKET, CUT],
        envelope: Envelope::Data(Num::Of(&TOLD), Num::Of(&TOLD)),
        effects: &[effect_of(&TAKE, Num::Of(&GONE))],
    },
];

/// Writing.
pub(super) static WRITES: &[Clause] = &[
    Clause {
        id: "pipe.write.packet",
        on: &[&WRITE, &WRITEV],
        force: ObligesWhen(ALL_SURELY_FITS),
        duty: Extension,
        aspect: Atomicity,
        source: linux("pipe(2)", "O_DIRECT"),
        text: "With O_DIRECT, a write of at most PIPE_BUF bytes is one packet.",
        guards: &[WRITABLE, ASKS, A_READER, SHORT, ALL_MAY_FIT, IN_PACKETS, LAST_IS_FULL],
        envelope: Envelope::Count(Num::Of(&LEN), Num::Of(&LEN)),
        effects: &[effect_of(&APPEND_PACKETS, Num::Of(&LEN))],
    },
    Clause {
        id: "pipe.write.packet.merges",
        on: &[&WRITE, &WRITEV],
        force: ObligesWhen(ALL_SURELY_FITS),
        duty: Extension,
        aspect: Atomicity,
        source: linux("fs/pipe.c", "6.18, pipe_write"),
        text: "With O_DIRECT, a write that fits behind bytes that are no packet joins them and is none.",
        guards: &[WRITABLE, ASKS, A_READER, SHORT, ALL_MAY_FIT, IN_PACKETS, LAST_IS_OPEN],
        envelope: Envelope::Count(Num::Of(&LEN), Num::Of(&LEN)),
        effects: &[effect_of(&APPEND, Num::Of(&LEN))],
    },
    Clause {
        id: "pipe.write.packets.step",
        on: &[&WRITE, &WRITEV],
        force: ObligesWhen(SOME_SURELY_FITS),
        duty: Extension,
        aspect: Atomicity,
        source: linux("pipe(2)", "O_DIRECT"),
        text: "With O_DIRECT, a longer write moves in packets of a page.",
        guards: &[WRITABLE, A_READER, LONG, SOME_LEFT, SOME_MAY_FIT, MAY_WAIT, IN_PACKETS],
        envelope: Envelope::Step(Num::Of(&MOST), Num::Of(&MOST)),
        effects: &[effect_of(&APPEND_PACKETS, Num::Chosen), effect_of(&ADVANCE, Num::Chosen)],
    },
    Clause {
        id: "pipe.write.packets.step.late-nonblock",
        on: &[&WRITE, &WRITEV],
        force: ObligesWhen(SOME_SURELY_FITS),
        duty: Extension,
        aspect: Atomicity,
        source: linux("fs/pipe.c", "6.18, pipe_write"),
        text: "With O_DIRECT, a longer write that is asleep when O_NONBLOCK is set still moves what fits when it wakes.",
        guards: &[WRITABLE, A_READER, LONG, SOME_LEFT, SOME_MAY_FIT, SLEEPS_ON, IN_PACKETS],
        envelope: Envelope::Step(Num::Of(&MOST), Num::Of(&MOST)),
        effects: &[effect_of(&APPEND_PACKETS, Num::Chosen), effect_of(&ADVANCE, Num::Chosen)],
    },
    Clause {
        id: "pipe.write.packets.nonblock",
        on: &[&WRITE, &WRITEV],
        force: ObligesWhen(SOME_SURELY_FITS),
        duty: Extension,
        aspect: Atomicity,
        source: linux("pipe(2)", "O_DIRECT"),
        text: "With O_DIRECT and O_NONBLOCK, a longer write puts in the packets that fit, and says how much.",
        guards: &[
            WRITABLE,
            A_READER,
            LONG,
            NONE_MOVED,
            SOME_MAY_FIT,
            MAY_NOT_WAIT,
            WAS_AWAKE,
            IN_PACKETS,
        ],
        envelope: Envelope::Count(Num::Of(&MOST), Num::Of(&MOST)),
        effects: &[effect_of(&APPEND_PACKETS, Num::Chosen)],
    },
];
