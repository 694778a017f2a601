//! The numbers and actions of mutexes.

use super::{Mutex, ROBUST, State, bit, named};
use crate::clause::Cond::{All, Any, Eq, Lt, Not};
use crate::clause::{Action, Guard, Num, Number, action, number};
use crate::descriptor::SLEPT;
use crate::view::{Change, View};

fn mutex(v: &View<'_>) -> Option<Mutex> {
    v.call.and_then(named).and_then(|place| v.world.mutexes.get(place)).copied()
}

static OWNER: Number = number(
    "owner",
    "Who has the mutex, or counts as who had it: 0 nobody, 1 the caller, 2 another; 3 if there is no such mutex.",
    |v| match mutex(v) {
        Some(mutex) if mutex.is_free() => 0,
        Some(mutex) if mutex.owner == Some(v.actor.process) => 1,
        Some(_) => 2,
        None => 3,
    },
);
static STATE: Number = number(
    "state",
    "0 sound, 1 its owner has died, 2 its owner was told so and has not made it consistent, 3 lost.",
    |v| match mutex(v).unwrap_or_default().state {
        State::Sound => 0,
        State::Died => 1,
        State::Told => 2,
        State::Lost => 3,
    },
);
static MISSED: Number = number(
    "missed",
    "1 if the owner has died, and so has somebody who may have been woken for that.",
    |v| u64::from(mutex(v).unwrap_or_default().missed),
);
static HAS: Number =
    number("has", "How many mutexes the process has of which the kernel is told.", |v| {
        let mine = |mutex: &&Mutex| mutex.owner == Some(v.actor.process);
        v.world.mutexes[..ROBUST].iter().filter(mine).count() as u64
    });
static PORTABLE: Number =
    number("portable", "1 if the mutex is one whose owner is proven dead by its lock.", |v| {
        v.call.and_then(named).is_some_and(|place| place >= ROBUST).into()
    });
static COUNTS: Number =
    number("counts", "As the owner of how many portable mutexes the process counts.", |v| {
        let counts = |mutex: &&Mutex| mutex.is_held_by(v.actor.process);
        v.world.mutexes.iter().filter(counts).count() as u64
    });
pub(super) static LAST_COUNTED: Number =
    number("last counted", "The last of these, counted from 0.", |v| {
        (COUNTS.read)(v).saturating_sub(1)
    });
static LATE: Number = number("overdue", "1 if the timeout passed long ago.", |v| {
    v.call.map_or(0, |call| call.overdue.into())
});

/// The process has no mutex, and counts as the owner of none.
pub(crate) const HAS_NONE: Guard = Guard {
    name: "it has no mutex",
    cond: All(&[Eq(Num::Of(&HAS), Num::N(0)), Eq(Num::Of(&COUNTS), Num::N(0))]),
};
pub(super) const HAS_ONE: Guard =
    Guard { name: "it has a mutex of the kernel's", cond: Lt(Num::N(0), Num::Of(&HAS)) };
pub(super) const COUNTS_AS_ONE: Guard = Guard {
    name: "it counts as the owner of a portable mutex",
    cond: Lt(Num::N(0), Num::Of(&COUNTS)),
};
/// The kernel is told of one word a thread.
pub(super) const CAN_HAVE: Guard = Guard {
    name: "the mutex is portable, or it has none of the kernel's",
    cond: Any(&[Eq(Num::Of(&PORTABLE), Num::N(1)), Eq(Num::Of(&HAS), Num::N(0))]),
};
pub(super) const HAS_ANOTHER: Guard = Guard {
    name: "it has a mutex of the kernel's, and not this, which is one too",
    cond: All(&[
        Eq(Num::Of(&PORTABLE), Num::N(0)),
        Lt(Num::N(0), Num::Of(&HAS)),
        Not(&Eq(Num::Of(&OWNER), Num::N(1))),
        Not(&Eq(Num::Of(&OWNER), Num::N(3))),
    ]),
};
pub(super) const NOBODYS: Guard =
    Guard { name: "nobody has it", cond: Eq(Num::Of(&OWNER), Num::N(0)) };
pub(super) const MINE: Guard =
    Guard { name: "the caller has it", cond: Eq(Num::Of(&OWNER), Num::N(1)) };
pub(super) const ANOTHERS: Guard =
    Guard { name: "another has it", cond: Eq(Num::Of(&OWNER), Num::N(2)) };
pub(super) const NOT_MINE: Guard = Guard {
    name: "the caller does not have it",
    cond: All(&[Not(&Eq(Num::Of(&OWNER), Num::N(1))), Not(&Eq(Num::Of(&OWNER), Num::N(3)))]),
};
pub(super) const NO_SUCH: Guard =
    Guard { name: "there is no such mutex", cond: Eq(Num::Of(&OWNER), Num::N(3)) };
pub(super) const SOUND: Guard =
    Guard { name: "nothing is wrong with it", cond: Eq(Num::Of(&STATE), Num::N(0)) };
pub(super) const OWNER_DIED: Guard =
    Guard { name: "its owner has died", cond: Eq(Num::Of(&STATE), Num::N(1)) };
pub(super) const TOLD: Guard = Guard {
    name: "its owner was told of a death, and has not made it consistent",
    cond: Eq(Num::Of(&STATE), Num::N(2)),
};
pub(super) const CONSISTENT: Guard = Guard {
    name: "it is consistent, as far as its owner knows",
    cond: Not(&Eq(Num::Of(&STATE), Num::N(2))),
};
pub(super) const LOST: Guard = Guard { name: "it is lost", cond: Eq(Num::Of(&STATE), Num::N(3)) };
/// Who has not slept looks; who has is woken, unless somebody else was and has died.
pub(super) const IS_WOKEN: Guard = Guard {
    name: "it has not slept, or nobody died who may have been woken, or its timeout passed long ago",
    cond: Any(&[
        Eq(Num::Of(&SLEPT), Num::N(0)),
        Eq(Num::Of(&MISSED), Num::N(0)),
        Eq(Num::Of(&LATE), Num::N(1)),
    ]),
};
pub(super) const MAY_MISS_IT: Guard = Guard {
    name: "it has slept, and somebody died who may have been woken",
    cond: All(&[Eq(Num::Of(&SLEPT), Num::N(1)), Eq(Num::Of(&MISSED), Num::N(1))]),
};

pub(super) static TAKE: Action = action("the caller has it", |c, _| {
    let me = c.actor.process;
    let portable = (PORTABLE.read)(&c.view()) == 1;
    change(c, |mutex| {
        let state = if mutex.state == State::Died { State::Told } else { mutex.state };
        let holders = if portable { bit(me) } else { 0 };
        *mutex = Mutex { owner: Some(me), holders, state, missed: false };
    });
});
pub(super) static RELEASE: Action = action("nobody has it", |c, _| {
    change(c, |mutex| (mutex.owner, mutex.holders) = (None, 0));
});
pub(super) static LOSE: Action =
    action("it is lost", |c, _| change(c, |mutex| mutex.state = State::Lost));
pub(super) static MEND: Action =
    action("nothing is wrong with it", |c, _| change(c, |mutex| mutex.state = State::Sound));
pub(super) static ORPHAN: Action =
    action("nobody has what the kernel knows the process had, and its owner has died", |c, _| {
        let me = Some(c.actor.process);
        for mutex in c.world.mutexes[..ROBUST].iter_mut().filter(|mutex| mutex.owner == me) {
            *mutex = Mutex { state: State::Died, ..Mutex::default() };
        }
    });
pub(super) static LET_GO: Action =
    action("the process does not count any more as the owner at place %", |c, n| {
        let me = c.actor.process;
        let mut counted = c.world.mutexes.iter_mut().filter(|mutex| mutex.is_held_by(me));
        if let Some(mutex) = counted.nth(n as usize) {
            mutex.let_go(me);
        }
    });
/// A child has the locks of its parent.
pub(crate) static INHERIT_LOCKS: Action =
    action("process % counts as the owner of portable mutexes as its parent does", |c, child| {
        let me = c.actor.process;
        for mutex in c.world.mutexes.iter_mut().filter(|mutex| mutex.is_held_by(me)) {
            mutex.holders |= bit(child as u8);
        }
    });

fn change(c: &mut Change<'_>, to: impl Fn(&mut Mutex)) {
    let place = c.view().call.and_then(named);
    if let Some(mutex) = place.and_then(|place| c.world.mutexes.get_mut(place)) {
        to(mutex);
    }
}
