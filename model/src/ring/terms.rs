//! The numbers and actions of rings.

use std::sync::Arc;

use super::{CONSUMER, LONGEST, PRODUCER, Ring, Side, named};
use crate::clause::Cond::{All, Eq, Le, Lt, Not};
use crate::clause::{Action, Guard, Num, Number, action, number};
use crate::view::{Change, View};

fn ring<'a>(v: &View<'a>) -> Option<&'a Ring> {
    v.world.rings.at(place(v)?.0)
}

fn place(v: &View<'_>) -> Option<(usize, usize)> {
    named(&v.call?.call)
}

fn side(v: &View<'_>) -> Side {
    let own = place(v).and_then(|(_, side)| Some(ring(v)?.sides[side]));
    own.unwrap_or_default()
}

fn other_side(v: &View<'_>) -> Side {
    let other = place(v).and_then(|(_, side)| Some(ring(v)?.sides[1 - side]));
    other.unwrap_or_default()
}

fn length(v: &View<'_>) -> u64 {
    v.call.map_or(0, |call| call.call.len())
}

fn first_message(v: &View<'_>) -> u64 {
    ring(v).and_then(|ring| ring.records.front()?.message).unwrap_or(0)
}

static WHOSE: Number = number(
    "whose",
    "Who has the side: 0 nobody, 1 the caller, 2 another; 3 if there is no such ring.",
    |v| match (place(v), side(v)) {
        (None, _) => 3,
        (_, side) if side.owner == Some(v.actor.process) => 1,
        (_, side) => {
            if side.holders == 0 {
                0
            } else {
                2
            }
        }
    },
);
static CLOSED: Number = number("closed", "1 if the side was closed.", |v| side(v).closed.into());
static OTHER_CLOSED: Number =
    number("other closed", "1 if the other side was closed.", |v| other_side(v).closed.into());
static OTHER_DEAD: Number = number(
    "other dead",
    "1 if all are gone who counted as the other side, and it was not closed.",
    |v| other_side(v).is_dead().into(),
);
pub(super) static LEN: Number = number("len", "The bytes of the message.", length);
static ROOM: Number = number(
    "room",
    "1 if there is room for what comes next: the message, or the mark that is owed before it.",
    |v| {
        let next = ring(v).is_none_or(|ring| ring.takes(if ring.owes { 0 } else { length(v) }));
        next.into()
    },
);
static OWES: Number =
    number("owes", "1 if the producer has to mark first that one died before it.", |v| {
        ring(v).is_some_and(|ring| ring.owes).into()
    });
static FRONT: Number = number("front", "What comes next: 0 nothing, 1 a message, 2 a mark.", |v| {
    match ring(v).and_then(|ring| ring.records.front()) {
        None => 0,
        Some(record) => {
            if record.message.is_some() {
                1
            } else {
                2
            }
        }
    }
});
pub(super) static NEXT: Number =
    number("next", "The bytes of the message that is next.", first_message);
static TOLD: Number = number(
    "told",
    "1 if the consumer was told that a producer died, and has met no mark since.",
    |v| ring(v).is_some_and(|ring| ring.told).into(),
);
static HELD: Number = number("held", "How many sides the process counts as.", |v| {
    v.world.rings.held_by(v.actor.process).count() as u64
});
pub(super) static LAST_HELD: Number =
    number("last held", "The last of them, counted from 0.", |v| (HELD.read)(v).saturating_sub(1));

/// The process counts as no side of a ring.
pub(crate) const HOLDS_NONE: Guard =
    Guard { name: "it counts as no side of a ring", cond: Eq(Num::Of(&HELD), Num::N(0)) };
pub(super) const HOLDS_ONE: Guard =
    Guard { name: "it counts as a side of a ring", cond: Lt(Num::N(0), Num::Of(&HELD)) };
pub(super) const NOBODYS: Guard =
    Guard { name: "nobody counts as that side", cond: Eq(Num::Of(&WHOSE), Num::N(0)) };
pub(super) const SOMEBODYS: Guard = Guard {
    name: "somebody counts as that side",
    cond: All(&[Lt(Num::N(0), Num::Of(&WHOSE)), Lt(Num::Of(&WHOSE), Num::N(3))]),
};
pub(super) const MINE: Guard =
    Guard { name: "the caller has that side", cond: Eq(Num::Of(&WHOSE), Num::N(1)) };
pub(super) const NOT_MINE: Guard = Guard {
    name: "the caller does not have that side",
    cond: All(&[Not(&Eq(Num::Of(&WHOSE), Num::N(1))), Not(&Eq(Num::Of(&WHOSE), Num::N(3)))]),
};
pub(super) const NO_SUCH: Guard =
    Guard { name: "there is no such ring", cond: Eq(Num::Of(&WHOSE), Num::N(3)) };
pub(super) const NEVER_CLOSED: Guard =
    Guard { name: "that side was never closed", cond: Eq(Num::Of(&CLOSED), Num::N(0)) };
pub(super) const WAS_CLOSED: Guard =
    Guard { name: "that side was closed", cond: Eq(Num::Of(&CLOSED), Num::N(1)) };
pub(super) const OTHER_OPEN: Guard =
    Guard { name: "the other side was not closed", cond: Eq(Num::Of(&OTHER_CLOSED), Num::N(0)) };
pub(super) const OTHER_ENDED: Guard =
    Guard { name: "the other side was closed", cond: Eq(Num::Of(&OTHER_CLOSED), Num::N(1)) };
pub(super) const OTHER_DIED: Guard =
    Guard { name: "the other side has died", cond: Eq(Num::Of(&OTHER_DEAD), Num::N(1)) };
pub(super) const OTHER_MAY_COME: Guard =
    Guard { name: "the other side has not died", cond: Eq(Num::Of(&OTHER_DEAD), Num::N(0)) };
pub(super) const SHORT: Guard =
    Guard { name: "it takes half of the ring at most", cond: Le(Num::Of(&LEN), Num::N(LONGEST)) };
pub(super) const LONG: Guard =
    Guard { name: "it takes more than half of the ring", cond: Lt(Num::N(LONGEST), Num::Of(&LEN)) };
pub(super) const FITS: Guard =
    Guard { name: "there is room for it", cond: Eq(Num::Of(&ROOM), Num::N(1)) };
pub(super) const FULL: Guard =
    Guard { name: "there is no room for it", cond: Eq(Num::Of(&ROOM), Num::N(0)) };
pub(super) const MARK_IS_DUE: Guard =
    Guard { name: "a death is to be marked first", cond: Eq(Num::Of(&OWES), Num::N(1)) };
pub(super) const NO_MARK_IS_DUE: Guard =
    Guard { name: "no death is to be marked", cond: Eq(Num::Of(&OWES), Num::N(0)) };
pub(super) const A_MESSAGE: Guard =
    Guard { name: "a message is next", cond: Eq(Num::Of(&FRONT), Num::N(1)) };
pub(super) const A_MARK: Guard =
    Guard { name: "the mark of a death is next", cond: Eq(Num::Of(&FRONT), Num::N(2)) };
pub(super) const EMPTY: Guard =
    Guard { name: "nothing is next", cond: Eq(Num::Of(&FRONT), Num::N(0)) };
pub(super) const WAS_TOLD: Guard =
    Guard { name: "it was told of that death", cond: Eq(Num::Of(&TOLD), Num::N(1)) };
pub(super) const UNTOLD: Guard =
    Guard { name: "it was not told of that death", cond: Eq(Num::Of(&TOLD), Num::N(0)) };

pub(super) static JOIN: Action = action("the caller has that side", |c, _| {
    let me = c.actor.process;
    change(c, |ring, side| ring.join(side, me));
});
pub(super) static LEAVE: Action =
    action("that side is closed", |c, _| change(c, |ring, side| ring.sides[side].close()));
pub(super) static PUT: Action = action("a message of % bytes is behind the others", |c, length| {
    let tag = c.view().call.map_or(0, |call| call.call.tag);
    change(c, |ring, _| ring.send(tag, length));
});
pub(super) static MARK: Action =
    action("a mark is behind all messages", |c, _| change(c, |ring, _| ring.mark()));
pub(super) static PASS: Action =
    action("what is next is taken out", |c, _| change(c, |ring, _| ring.pass()));
pub(super) static TELL: Action =
    action("the consumer was told", |c, _| change(c, |ring, _| ring.told = true));
pub(super) static FORGET: Action =
    action("whom the consumer was told of is past", |c, _| change(c, |ring, _| ring.told = false));
pub(super) static LET_GO: Action =
    action("the process does not count any more as the side at place %", |c, n| {
        let me = c.actor.process;
        let held = c.world.rings.held_by(me).nth(n as usize);
        let Some((place, side)) = held else { return };
        if let Some(ring) = Arc::make_mut(&mut c.world.rings).at_mut(place) {
            ring.sides[side].let_go(me);
        }
    });
/// A child counts as the sides of its parent.
pub(crate) static INHERIT: Action =
    action("process % counts as the sides of rings that its parent counts as", |c, child| {
        let parent = c.actor.process;
        if c.world.rings.held_by(parent).next().is_some() {
            Arc::make_mut(&mut c.world.rings).inherit(parent, child as u8);
        }
    });

fn change(c: &mut Change<'_>, to: impl FnOnce(&mut Ring, usize)) {
    let Some((place, side)) = place(&c.view()) else { return };
    if let Some(ring) = Arc::make_mut(&mut c.world.rings).at_mut(place) {
        to(ring, side);
    }
}

const _: () = assert!(PRODUCER + CONSUMER == 1);
