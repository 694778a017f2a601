//! The numbers and actions of mutexes.

use super::{Mutex, State, named};
use crate::clause::Cond::{All, Any, Eq, Lt, Not};
use crate::clause::{Action, Guard, Num, Number, action, number};
use crate::descriptor::SLEPT;
use crate::view::{Change, View};

fn mutex(v: &View<'_>) -> Option<Mutex> {
    v.call.and_then(named).and_then(|place| v.world.mutexes.get(place)).copied()
}

static OWNER: Number = number(
    "owner",
    "Who has the mutex: 0 nobody, 1 the caller, 2 another; 3 if there is no such mutex.",
    |v| match mutex(v).map(|mutex| mutex.owner) {
        Some(None) => 0,
        Some(Some(owner)) if owner == v.actor.process => 1,
        Some(Some(_)) => 2,
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
static HAS: Number = number("has", "How many mutexes the process has.", |v| {
    let mine = |mutex: &&Mutex| mutex.owner == Some(v.actor.process);
    v.world.mutexes.iter().filter(mine).count() as u64
});
static LATE: Number = number("overdue", "1 if the timeout passed long ago.", |v| {
    v.call.map_or(0, |call| call.overdue.into())
});

/// The process has no mutex.
pub(crate) const HAS_NONE: Guard =
    Guard { name: "it has no mutex", cond: Eq(Num::Of(&HAS), Num::N(0)) };
pub(super) const HAS_ONE: Guard =
    Guard { name: "it has a mutex", cond: Lt(Num::N(0), Num::Of(&HAS)) };
pub(super) const HAS_ANOTHER: Guard = Guard {
    name: "it has a mutex, and not this",
    cond: All(&[
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
    change(c, |mutex| {
        let state = if mutex.state == State::Died { State::Told } else { mutex.state };
        *mutex = Mutex { owner: Some(me), state, missed: false };
    });
});
pub(super) static RELEASE: Action =
    action("nobody has it", |c, _| change(c, |mutex| mutex.owner = None));
pub(super) static LOSE: Action =
    action("it is lost", |c, _| change(c, |mutex| mutex.state = State::Lost));
pub(super) static MEND: Action =
    action("nothing is wrong with it", |c, _| change(c, |mutex| mutex.state = State::Sound));
pub(super) static ORPHAN: Action =
    action("nobody has what the process had, and its owner has died", |c, _| {
        let me = Some(c.actor.process);
        for mutex in c.world.mutexes.iter_mut().filter(|mutex| mutex.owner == me) {
            *mutex = Mutex { owner: None, state: State::Died, missed: false };
        }
    });

fn change(c: &mut Change<'_>, to: impl Fn(&mut Mutex)) {
    let place = c.view().call.and_then(named);
    if let Some(mutex) = place.and_then(|place| c.world.mutexes.get_mut(place)) {
        to(mutex);
    }
}
