//! The numbers, answers and actions of counters.

use super::{Counter, EVENTFD_READ, EVENTFD_WRITE, MOST};
use crate::clause::Cond::{All, Any, Eq, Le, Lt, Not};
use crate::clause::{Action, Answer, Guard, Num, Number, action, by_sort, number};
use crate::descriptor::{DONE, LEFT, LEN, NONBLOCK, SLEPT};
use crate::operation::{Arg, Gives};
use crate::outcome::Value;
use crate::payload::{Run, byte};
use crate::view::{Change, View};
use crate::world::Object;

/// The bytes of a number.
const EIGHT: u64 = 8;

fn counter<'a>(v: &View<'a>) -> Option<&'a Counter> {
    match v.object() {
        Object::Counter(counter) => Some(counter),
        _ => None,
    }
}

fn is(v: &View<'_>, operation: &'static crate::operation::Operation) -> bool {
    v.call.is_some_and(|call| call.call.operation == operation)
}

/// What the call adds next: the number that it names, or the next eight bytes of its payload, the
/// first of them the lowest.
fn addend(v: &View<'_>) -> u64 {
    let Some(call) = v.call else { return 0 };
    if is(v, &EVENTFD_WRITE) {
        return call.call.number(1) as u64;
    }
    let bytes: [u8; 8] = std::array::from_fn(|k| byte(call.call.tag, call.done + k as u64));
    u64::from_le_bytes(bytes)
}

/// How many bytes the call moves at once: those of the buffer that comes next, where it has several.
fn size(v: &View<'_>) -> u64 {
    let Some(call) = v.call else { return 0 };
    if is(v, &EVENTFD_READ) || is(v, &EVENTFD_WRITE) {
        return EIGHT;
    }
    let parts = call.call.args.iter().find_map(|arg| match arg {
        Arg::Vector(parts) => Some(parts),
        _ => None,
    });
    let Some(parts) = parts.filter(|_| call.call.operation.sends()) else {
        return call.call.len();
    };
    // Empty buffers behind one that was written are passed over; one at the very beginning is not.
    let mut start = 0;
    for part in parts {
        if start >= call.done && (*part > 0 || call.done == 0) {
            return *part;
        }
        start += part;
    }
    0
}

/// The counter of the call's descriptor, 0 where it has none.
pub static COUNT: Number =
    number("count", "What the counter has come to.", |v| counter(v).map_or(0, |c| c.count));
/// What the call adds next.
pub static ADDEND: Number = number("addend", "What the call adds.", addend);
static ROOM: Number = number("room", "How much more the counter can take.", |v| {
    counter(v).map_or(0, |counter| MOST.saturating_sub(counter.count))
});
static SIZE: Number = number("size", "The bytes that the call moves at once.", size);
/// Whether the descriptor leads there.
pub static IS_COUNTER: Number =
    by_sort("eventfd(fd)", "1 if the descriptor leads to a counter.", |v| {
        u64::from(counter(v).is_some())
    });
static SEMAPHORE: Number = number("semaphore", "1 if a read takes one.", |v| {
    counter(v).map_or(0, |counter| u64::from(counter.semaphore))
});
static BAD_FLAG: Number =
    number("bad flag", "1 if a flag is set that counters do not know.", |v| {
        u64::from(v.flag("O_APPEND"))
    });

pub(super) const A_COUNTER: Guard =
    Guard { name: "it is a counter", cond: Eq(Num::Of(&IS_COUNTER), Num::N(1)) };
pub(super) const NOT_A_COUNTER: Guard =
    Guard { name: "it is no counter", cond: Eq(Num::Of(&IS_COUNTER), Num::N(0)) };
pub(super) const KNOWN_FLAGS: Guard =
    Guard { name: "every flag is known", cond: Eq(Num::Of(&BAD_FLAG), Num::N(0)) };
pub(super) const UNKNOWN_FLAG: Guard =
    Guard { name: "a flag is unknown", cond: Eq(Num::Of(&BAD_FLAG), Num::N(1)) };
pub(super) const PLAIN: Guard =
    Guard { name: "EFD_SEMAPHORE is clear", cond: Eq(Num::Of(&SEMAPHORE), Num::N(0)) };
pub(super) const ONE_BY_ONE: Guard =
    Guard { name: "EFD_SEMAPHORE is set", cond: Eq(Num::Of(&SEMAPHORE), Num::N(1)) };
pub(super) const SOMETHING: Guard =
    Guard { name: "the counter is not 0", cond: Lt(Num::N(0), Num::Of(&COUNT)) };
pub(super) const NOTHING: Guard =
    Guard { name: "the counter is 0", cond: Eq(Num::Of(&COUNT), Num::N(0)) };
pub(super) const ONE_CAN_BE_ADDED: Guard =
    Guard { name: "1 can be added", cond: Lt(Num::N(0), Num::Of(&ROOM)) };
pub(super) const ENOUGH: Guard =
    Guard { name: "it asks for eight bytes", cond: Le(Num::N(EIGHT), Num::Of(&SIZE)) };
pub(super) const TOO_FEW: Guard =
    Guard { name: "it asks for fewer than eight bytes", cond: Lt(Num::Of(&SIZE), Num::N(EIGHT)) };
pub(super) const A_NUMBER: Guard = Guard {
    name: "it brings eight bytes, not all of them 0xff",
    cond: All(&[Eq(Num::Of(&SIZE), Num::N(EIGHT)), Not(&Eq(Num::Of(&ADDEND), Num::N(u64::MAX)))]),
};
pub(super) const TOO_SHORT: Guard =
    Guard { name: "it brings fewer than eight bytes", cond: Lt(Num::Of(&SIZE), Num::N(EIGHT)) };
pub(super) const TOO_LONG: Guard =
    Guard { name: "it brings more than eight bytes", cond: Lt(Num::N(EIGHT), Num::Of(&SIZE)) };
pub(super) const NO_NUMBER: Guard = Guard {
    name: "it brings eight bytes 0xff",
    cond: All(&[Eq(Num::Of(&SIZE), Num::N(EIGHT)), Eq(Num::Of(&ADDEND), Num::N(u64::MAX))]),
};
pub(super) const NO_NUMBER_AT_ALL: Guard = Guard {
    name: "it does not bring eight bytes, or eight bytes 0xff",
    cond: Any(&[Not(&Eq(Num::Of(&SIZE), Num::N(EIGHT))), Eq(Num::Of(&ADDEND), Num::N(u64::MAX))]),
};
pub(super) const FITS: Guard =
    Guard { name: "the counter can take it", cond: Le(Num::Of(&ADDEND), Num::Of(&ROOM)) };
pub(super) const FITS_NOT: Guard =
    Guard { name: "the counter cannot take it", cond: Lt(Num::Of(&ROOM), Num::Of(&ADDEND)) };
/// It may wait: that is looked at once, before it waits. Other files without a type have it so too.
pub const MAY_WAIT: Guard = Guard {
    name: "O_NONBLOCK is clear, or it waits already",
    cond: Any(&[Eq(Num::Of(&NONBLOCK), Num::N(0)), Eq(Num::Of(&SLEPT), Num::N(1))]),
};
/// It may not wait.
pub const MAY_NOT_WAIT: Guard = Guard {
    name: "O_NONBLOCK is set, and it does not wait already",
    cond: All(&[Eq(Num::Of(&NONBLOCK), Num::N(1)), Eq(Num::Of(&SLEPT), Num::N(0))]),
};
pub(super) const SOME_ASKED: Guard =
    Guard { name: "it brings bytes", cond: Lt(Num::N(0), Num::Of(&LEN)) };
pub(super) const NONE_ASKED: Guard =
    Guard { name: "it is about no bytes", cond: Eq(Num::Of(&LEN), Num::N(0)) };
pub(super) const SOME_LEFT: Guard =
    Guard { name: "a buffer is left", cond: Lt(Num::N(0), Num::Of(&LEFT)) };
pub(super) const NONE_LEFT: Guard =
    Guard { name: "all buffers are written", cond: Eq(Num::Of(&LEFT), Num::N(0)) };
pub(super) const NONE_DONE: Guard =
    Guard { name: "no buffer is written", cond: Eq(Num::Of(&DONE), Num::N(0)) };
pub(super) const SOME_DONE: Guard =
    Guard { name: "a buffer is written", cond: Lt(Num::N(0), Num::Of(&DONE)) };
/// The next buffer of several is refused.
pub(super) const WOULD_BE_REFUSED: Guard = Guard {
    name: "the next buffer is not eight bytes, is all 0xff, or would wait and may not",
    cond: Any(&[
        Not(&Eq(Num::Of(&SIZE), Num::N(EIGHT))),
        Eq(Num::Of(&ADDEND), Num::N(u64::MAX)),
        All(&[
            Lt(Num::Of(&ROOM), Num::Of(&ADDEND)),
            Eq(Num::Of(&NONBLOCK), Num::N(1)),
            Eq(Num::Of(&SLEPT), Num::N(0)),
        ]),
    ]),
};

pub(super) static ALL: Answer =
    Answer { name: "the counter", value: |v| told(v, counter(v).map_or(0, |c| c.count)) };
pub(super) static ONE: Answer = Answer { name: "1", value: |v| told(v, 1) };

/// A number as the call tells it: as such, or as its bytes, the lowest first.
fn told(v: &View<'_>, number: u64) -> Value {
    match v.call.map(|call| call.call.operation.gives) {
        Some(Gives::Data) => {
            Value::Data([Run::Raw(number.to_le_bytes().to_vec())].into_iter().collect())
        }
        _ => Value::Number(number as i64),
    }
}

pub(super) static CREATE: Action =
    action("a counter that has come to the first argument", |c, _| {
        let view = c.view();
        let count = u64::from(view.arg(0) as u32);
        let (cloexec, nonblock) = (view.flag("EFD_CLOEXEC"), view.flag("EFD_NONBLOCK"));
        let counter = Counter { count, semaphore: view.flag("EFD_SEMAPHORE") };
        c.open_new(Object::Counter(counter), nonblock, cloexec);
    });
pub(super) static TAKE_ALL: Action = action("the counter is 0", |c, _| set(c, |_| 0));
pub(super) static TAKE: Action =
    action("the counter is less by %", |c, n| set(c, |count| count.saturating_sub(n)));
pub(super) static ADD: Action =
    action("the counter is more by %", |c, n| set(c, |count| count.saturating_add(n).min(MOST)));
pub(super) static ADVANCE: Action = action("a buffer more is written", |c, _| {
    if let Some(call) = c.world.in_call_mut(c.actor) {
        (call.done, call.slept) = (call.done + EIGHT, false);
    }
});

fn set(c: &mut Change<'_>, to: impl Fn(u64) -> u64) {
    if let Some(Object::Counter(counter)) = c.object() {
        counter.count = to(counter.count);
    }
}
