//! The numbers, answers and actions of asking.

use super::ready::{ERR, HUP, IN, NVAL, OUT, PRI};
use super::{PSELECT, PSELECT_MASK, SELECT};
use crate::clause::Cond::{All, Eq, Lt, Not};
use crate::clause::{
    Action, Answer, Clause, Envelope, Guard, Num, Number, action, by_sort, number,
};
use crate::outcome::Value;
use crate::pipe::PIPE_ROOM;
use crate::spec::{Spec, obliges};
use crate::view::{Change, View};
use crate::world::Object;

const fn bit(event: u32) -> u32 {
    1 << event
}

/// What `select` takes an event for: bit *i* stands for set *i*. An invalid descriptor that is open all
/// the same is in all three (Linux 6.18 `fs/select.c`, `POLLIN_SET` and the others).
const SELECTED: [u32; 3] = [
    bit(IN) | bit(HUP) | bit(ERR) | bit(NVAL),
    bit(OUT) | bit(ERR) | bit(NVAL),
    bit(PRI) | bit(NVAL),
];
/// What `poll` tells although it was not asked.
const UNASKED: u32 = bit(ERR) | bit(HUP) | bit(NVAL);

/// The events that a descriptor surely has, and those that it may have, by the rules for its object.
pub fn bits(v: &View<'_>) -> (u32, u32) {
    let mut all = (0, 0);
    for clause in v.spec.ready(v) {
        if let Envelope::Is(event) = clause.envelope {
            all.1 |= bit(event);
            all.0 |= if obliges(v, clause) { bit(event) } else { 0 };
        }
    }
    all
}

fn selects(v: &View<'_>) -> bool {
    v.call.is_some_and(|call| [&SELECT, &PSELECT, &PSELECT_MASK].contains(&call.call.operation))
}

/// What the call tells of a descriptor that has these events.
fn told(v: &View<'_>, asked: u32, events: u32) -> u32 {
    if !selects(v) {
        return events & (asked | UNASKED);
    }
    let sets = SELECTED.iter().enumerate().filter(|(_, of)| events & **of != 0);
    sets.fold(0, |all, (set, _)| all | 1 << set) & asked
}

/// What the call would surely tell, and what it may tell, of the `index`-th descriptor.
fn looked_at(v: &View<'_>, index: usize) -> (u32, u32) {
    let Some((entry, fd, asked)) = v.watch(index) else { return (0, 0) };
    if fd < 0 {
        return (0, 0);
    }
    let (sure, most) = bits(&entry);
    (told(v, asked, sure), told(v, asked, most))
}

fn seen<'a>(v: &View<'a>) -> &'a [u32] {
    v.call.map_or(&[], |call| &call.seen)
}

fn len(v: &View<'_>) -> usize {
    v.call.map_or(0, |call| call.call.watches().len())
}

/// The clauses of [`READY`] by which a look at the next descriptor finds what it finds, `way` being one
/// of the ways that are left open.
pub fn looked<'s>(spec: &'s Spec, v: &View<'_>, way: u64) -> Vec<&'s Clause> {
    let Some((entry, fd, asked)) = v.watch(seen(v).len()) else { return Vec::new() };
    let found = finds(v, way);
    let told_of = |clause: &&Clause| match clause.envelope {
        Envelope::Is(event) => told(v, asked, bit(event)) & found != 0,
        _ => false,
    };
    if fd < 0 { Vec::new() } else { spec.ready(&entry).filter(told_of).collect() }
}

/// Whether the clause is the look at a descriptor.
pub fn looks_at(clause: &Clause) -> bool {
    clause.effects.iter().any(|effect| std::ptr::eq(effect.action, &LOOK))
}

/// What a look at the next descriptor finds, `way` being one of the ways that are left open.
pub fn finds(v: &View<'_>, way: u64) -> u32 {
    let (sure, most) = looked_at(v, seen(v).len());
    let mut open = most & !sure;
    let mut found = sure;
    let mut place = 0;
    while open != 0 {
        let lowest = open & open.wrapping_neg();
        // The first way is to find all of it, so that who always takes the first does not look for ever.
        found |= if way >> place & 1 == 0 { lowest } else { 0 };
        open &= !lowest;
        place += 1;
    }
    found
}

static UNSEEN: Number = number("unseen", "The descriptors that have not been looked at.", |v| {
    len(v).saturating_sub(seen(v).len()) as u64
});
pub(super) static WAYS: Number =
    number("ways", "One less than the answers that the next look can have.", |v| {
        let (sure, most) = looked_at(v, seen(v).len());
        (1 << (most & !sure).count_ones()) - 1
    });
static FINDS: Number = number("found", "The descriptors that were found ready.", |v| {
    seen(v).iter().filter(|bits| **bits != 0).count() as u64
});
static SURELY: Number = number("ready", "The descriptors that are surely ready now.", |v| {
    (0..len(v)).filter(|index| looked_at(v, *index).0 != 0).count() as u64
});
static PERHAPS: Number = number("perhaps ready", "The descriptors that may be ready now.", |v| {
    (0..len(v)).filter(|index| looked_at(v, *index).1 != 0).count() as u64
});
static CLOSED: Number = number(
    "closed",
    "The descriptors asked about that are not open, where that is refused.",
    |v| {
        let is_closed = |index: &usize| {
            v.watch(*index)
                .is_some_and(|(entry, fd, asked)| fd >= 0 && asked != 0 && entry.subject.is_none())
        };
        if selects(v) { (0..len(v)).filter(is_closed).count() as u64 } else { 0 }
    },
);
static TIME: Number = number("timeout", "0, 1 if it is finite, 2 if there is none.", |v| {
    match v.call.map(|call| call.call.timeout()) {
        Some(Some(0)) => 0,
        Some(Some(_)) => 1,
        _ => 2,
    }
});
static LATE: Number = number("overdue", "1 if the timeout passed long ago.", |v| {
    v.call.map_or(0, |c| c.overdue.into())
});
static MET_A_WRITER: Number =
    number("met", "0 if it was opened without waiting, and no writer has been there since.", |v| {
        v.description().map_or(0, |description| u64::from(!description.alone))
    });
static NAME_ONLY: Number = by_sort("path(fd)", "1 if the descriptor stands for a name.", |v| {
    v.description().map_or(0, |description| u64::from(description.path))
});
static SURE: Number =
    number("sure room", "1 if PIPE_BUF bytes surely go in at once.", |v| match v.object() {
        Object::Pipe(pipe) => PIPE_ROOM.sure(v, pipe),
        _ => 0,
    });
static PERHAPS_ROOM: Number =
    number("room", "1 if PIPE_BUF bytes may go in at once.", |v| match v.object() {
        Object::Pipe(pipe) => PIPE_ROOM.most(v, pipe),
        _ => 0,
    });

pub(super) const SOME_UNSEEN: Guard =
    Guard { name: "not all have been looked at", cond: Lt(Num::N(0), Num::Of(&UNSEEN)) };
pub(super) const ALL_SEEN: Guard =
    Guard { name: "all have been looked at", cond: Eq(Num::Of(&UNSEEN), Num::N(0)) };
pub(super) const SOME_FOUND: Guard =
    Guard { name: "one was found ready", cond: Lt(Num::N(0), Num::Of(&FINDS)) };
pub(super) const NONE_FOUND: Guard =
    Guard { name: "none was found ready", cond: Eq(Num::Of(&FINDS), Num::N(0)) };
pub(super) const READY_NOW: Guard =
    Guard { name: "one is ready now", cond: Lt(Num::N(0), Num::Of(&SURELY)) };
pub(super) const MAY_BE_READY: Guard = Guard {
    name: "one may be ready now, and none surely is",
    cond: All(&[Lt(Num::N(0), Num::Of(&PERHAPS)), Eq(Num::Of(&SURELY), Num::N(0))]),
};
pub(super) const ALL_OPEN: Guard =
    Guard { name: "all are open, where it matters", cond: Eq(Num::Of(&CLOSED), Num::N(0)) };
pub(super) const NOT_ALL_OPEN: Guard =
    Guard { name: "one is not open", cond: Lt(Num::N(0), Num::Of(&CLOSED)) };
/// It does not wait.
pub const NO_TIME: Guard = Guard { name: "the timeout is 0", cond: Eq(Num::Of(&TIME), Num::N(0)) };
/// It waits for so long at most.
pub const SOME_TIME: Guard =
    Guard { name: "the timeout is finite", cond: Eq(Num::Of(&TIME), Num::N(1)) };
/// It may still wait.
pub const TIME_LEFT: Guard = Guard {
    name: "the timeout is not 0, nor passed long ago",
    cond: All(&[Not(&Eq(Num::Of(&TIME), Num::N(0))), Eq(Num::Of(&LATE), Num::N(0))]),
};
/// It should have returned long ago, whatever came.
pub const OVERDUE: Guard =
    Guard { name: "the timeout passed long ago", cond: Eq(Num::Of(&LATE), Num::N(1)) };
pub(super) const A_WRITER_SINCE: Guard = Guard {
    name: "a writer was there since it was opened",
    cond: Eq(Num::Of(&MET_A_WRITER), Num::N(1)),
};
pub(super) const NEVER_A_WRITER: Guard = Guard {
    name: "no writer was there since it was opened",
    cond: Eq(Num::Of(&MET_A_WRITER), Num::N(0)),
};
pub(super) const BY_NAME_ONLY: Guard =
    Guard { name: "it stands for a name", cond: Eq(Num::Of(&NAME_ONLY), Num::N(1)) };
pub(super) const ROOM: Guard =
    Guard { name: "PIPE_BUF bytes may go in", cond: Lt(Num::N(0), Num::Of(&PERHAPS_ROOM)) };
pub(super) const SURE_ROOM: Guard =
    Guard { name: "PIPE_BUF bytes surely go in", cond: Lt(Num::N(0), Num::Of(&SURE)) };

pub(super) static FOUND: Answer = Answer {
    name: "for each descriptor, what it was found ready for",
    value: |v| Value::Ready(seen(v).to_vec()),
};

pub(super) static LOOK: Action =
    action("what the next descriptor is ready for is kept", |c, way| {
        let found = finds(&c.view(), way);
        if let Some(call) = c.world.in_call_mut(c.actor) {
            call.seen.push(found);
        }
    });
/// Whatever was looked at is to be looked at once more.
pub static LOOK_AGAIN: Action = action("nothing has been looked at", |c: &mut Change<'_>, _| {
    if let Some(call) = c.world.in_call_mut(c.actor) {
        call.seen.clear();
    }
});
