//! The numbers, answers and actions of segments.

use std::sync::Arc;

use super::table::{Segment, attaches, file};
use crate::clause::Cond::{All, Any, Eq, Lt};
use crate::clause::{Action, Answer, Cond, Guard, Num, Number, action, number};
use crate::mapping::WINDOW_PAGES;
use crate::memory::{File, Origin};
use crate::name::{Node, allows};
use crate::operation::Param;
use crate::outcome::Value;
use crate::view::{Change, View};
use crate::world::{Object, User};

/// Sizes up to here are no system's limit, and those that are negative as a number are every system's.
const LARGE: i64 = 1 << 40;
/// What the mode of a segment shows that is removed and still attached (Linux `SHM_DEST`).
const REMOVED_BIT: u16 = 0o1000;

fn page(v: &View<'_>) -> u64 {
    v.spec.numbers.page_size.max(1)
}

fn user(v: &View<'_>) -> User {
    v.process().map_or(User::default(), |process| process.user)
}

/// The place of the segment that has the key that is asked for.
fn by_key(v: &View<'_>) -> Option<usize> {
    let key = u8::try_from(v.arg(0)).ok().filter(|key| *key != 0)?;
    v.world.segments.place(|segment| segment.key == Some(key) && !segment.removed)
}

/// The place of the segment that goes by the number that is given.
fn by_number(v: &View<'_>) -> Option<usize> {
    let number = u8::try_from(v.arg(0)).ok()?;
    v.world.segments.place(|segment| segment.number == Some(number) && segment.object != 0)
}

fn segment<'a>(v: &View<'a>) -> Option<&'a Segment> {
    v.world.segments.at(by_number(v)?)
}

fn bytes<'a>(v: &View<'a>) -> Option<&'a File> {
    file(v.world, segment(v)?)
}

/// The place of the segment that this call has found or made.
fn found(v: &View<'_>) -> Option<usize> {
    v.call.and_then(|call| call.seen.first()).map(|place| *place as usize)
}

/// The bits that the call asks a segment for that is there.
fn asked(v: &View<'_>) -> u16 {
    let mode = v.call.and_then(|call| call.call.find(|param| *param == Param::Mode));
    mode.unwrap_or(0) as u16 & 0o777
}

fn allowed(v: &View<'_>, file: Option<&File>, wanted: u16) -> bool {
    file.is_none_or(|file| allows(&file.node, &v.spec.numbers, user(v), wanted))
}

/// In how many pieces it is attached, neighbours that differ in nothing being one.
fn pieces(v: &View<'_>) -> u64 {
    segment(v).map_or(0, |segment| attaches(v.world, segment.object))
}

/// Where a segment is to be attached, rounded as asked.
fn address(v: &View<'_>) -> u64 {
    let at = v.arg(1).max(0) as u64;
    if v.flag("SHM_RND") { at - at % page(v) } else { at }
}

/// The addresses that it would have, whole pages.
fn places(v: &View<'_>) -> (u64, u64) {
    let (from, size) = (address(v), bytes(v).map_or(0, |file| file.size));
    (from, from.saturating_add(size.div_ceil(page(v)).saturating_mul(page(v))))
}

static MADE: Number = number("found", "1 if the call has found or made its segment.", |v| {
    u64::from(found(v).is_some())
});
static THERE: Number =
    number("there(key)", "1 if a segment has the key.", |v| u64::from(by_key(v).is_some()));
static PRIVATE: Number = number("private", "1 if no key is given.", |v| u64::from(v.arg(0) == 0));
static CREATES: Number =
    number("creates", "1 if IPC_CREAT is asked for.", |v| u64::from(v.flag("IPC_CREAT")));
static ALONE: Number =
    number("exclusive", "1 if IPC_EXCL is asked for.", |v| u64::from(v.flag("IPC_EXCL")));
static SIZE: Number = number(
    "size",
    "What is said of the size of a new segment: 0 none has it, 1 it can be had, 2 a limit may be less.",
    |v| match v.arg(1) {
        ..=0 => 0,
        1..=LARGE => 1,
        _ => 2,
    },
);
static LACKS: Number = number("lacks", "1 if the segment of that key is smaller.", |v| {
    let size = by_key(v).and_then(|place| v.world.segments.at(place));
    let size = size.and_then(|segment| file(v.world, segment)).map_or(0, |file| file.size);
    u64::from(v.arg(1) as u64 > size)
});
static GRANTED: Number =
    number("granted", "1 if its permission bits let the caller do all that is asked for.", |v| {
        let segment = by_key(v).and_then(|place| v.world.segments.at(place));
        let wanted = asked(v);
        let wanted = (wanted >> 6 | wanted >> 3 | wanted) & 7;
        u64::from(allowed(v, segment.and_then(|segment| file(v.world, segment)), wanted))
    });
static KNOWN: Number = number(
    "known(id)",
    "0 if no segment has that number, 1 if one has, 2 if it was removed and is attached.",
    |v| segment(v).map_or(0, |segment| 1 + u64::from(segment.removed)),
);
static WITHIN_PAGE: Number = number(
    "within a page",
    "1 if the address is no multiple of the page size, and SHM_RND is not asked for.",
    |v| u64::from(!v.flag("SHM_RND") && v.arg(1).rem_euclid(page(v) as i64) != 0),
);
static OUTSIDE: Number = number("outside", "1 if an address is outside of the window.", |v| {
    let end = (WINDOW_PAGES * page(v)) as i64;
    u64::from(!(0..end).contains(&v.arg(1)) || places(v).1 > end as u64)
});
static TAKEN: Number = number("taken", "1 if something is mapped there.", |v| {
    let (from, to) = places(v);
    let taken = |space: &crate::mapping::Space| space.is_taken(from, to);
    u64::from(v.process().is_some_and(|process| taken(&process.space)))
});
static REPLACES: Number =
    number("replaces", "1 if SHM_REMAP is asked for.", |v| u64::from(v.flag("SHM_REMAP")));
static ATTACHABLE: Number =
    number("permitted", "1 if its permission bits let the caller attach it so.", |v| {
        let wanted = if v.flag("SHM_RDONLY") { 4 } else { 6 };
        u64::from(allowed(v, bytes(v), wanted))
    });
static READABLE: Number =
    number("readable", "1 if its permission bits let the caller read.", |v| {
        u64::from(allowed(v, bytes(v), 4))
    });
static OWNED: Number =
    number("owned", "1 if it is the caller's, or the caller is privileged.", |v| {
        let all = v.spec.numbers.privileged && !user(v).nobody;
        let own = bytes(v).is_none_or(|file| file.node.nobodys == user(v).nobody);
        u64::from(all || own)
    });
static TORN: Number = number(
    "torn",
    "1 if it is attached, and a part of it was unmapped or protected apart from the rest.",
    |v| u64::from(segment(v).is_some_and(|segment| segment.torn) && pieces(v) > 0),
);
static PIECES: Number = number("pieces", "In how many pieces it is attached, at least.", pieces);
static ATTACHED: Number =
    number("attached(addr)", "1 if a segment is attached at the address.", |v| {
        u64::from(attached(v).is_some())
    });
static DT_OUTSIDE: Number = number("outside", "1 if the address is outside of the window.", |v| {
    u64::from(!(0..(WINDOW_PAGES * page(v)) as i64).contains(&v.arg(0)))
});

static PAGES: Number = number("pages", "How many pages it is attached in.", |v| {
    let Some(segment) = segment(v) else { return 0 };
    let spaces = v.world.processes.iter().map(|process| &process.space);
    spaces.map(|space| space.reach(segment.object)).sum::<u64>() / page(v)
});

/// What is attached at the address of a `shmdt`, as far as it still is: the object.
fn attached(v: &View<'_>) -> Option<u16> {
    let at = u64::try_from(v.arg(0)).ok().filter(|at| at % page(v) == 0)?;
    let is_segment = |object| v.world.segments.has(object);
    v.process()?.space.begun_at(at).map(|(_, _, object)| object).find(|object| is_segment(*object))
}

const fn is(number: &'static Number, n: u64) -> Cond {
    Eq(Num::Of(number), Num::N(n))
}

const KEYLESS_OR_FREE: Cond = Any(&[is(&PRIVATE, 1), All(&[is(&THERE, 0), is(&CREATES, 1)])]);

pub(super) const NOT_YET: Guard = Guard { name: "it has not looked yet", cond: is(&MADE, 0) };
pub(super) const LOOKED: Guard = Guard { name: "it has its segment", cond: is(&MADE, 1) };
pub(super) const NEW: Guard =
    Guard { name: "without a key, or with IPC_CREAT and a free one", cond: KEYLESS_OR_FREE };
pub(super) const A_SIZE: Guard = Guard { name: "the size can be had", cond: is(&SIZE, 1) };
pub(super) const NO_SIZE: Guard = Guard { name: "no segment has the size", cond: is(&SIZE, 0) };
pub(super) const LARGE_SIZE: Guard =
    Guard { name: "a limit may be less than the size", cond: is(&SIZE, 2) };
pub(super) const OLD: Guard =
    Guard { name: "a segment has the key", cond: All(&[is(&PRIVATE, 0), is(&THERE, 1)]) };
pub(super) const FREE: Guard = Guard {
    name: "the key is free, and IPC_CREAT is not asked for",
    cond: All(&[is(&PRIVATE, 0), is(&THERE, 0), is(&CREATES, 0)]),
};
pub(super) const OLD_WILL_DO: Guard = Guard {
    name: "IPC_CREAT and IPC_EXCL are not both asked for",
    cond: Any(&[is(&CREATES, 0), is(&ALONE, 0)]),
};
pub(super) const ONLY_NEW: Guard = Guard {
    name: "IPC_CREAT and IPC_EXCL are asked for",
    cond: All(&[is(&CREATES, 1), is(&ALONE, 1)]),
};
pub(super) const LARGE_ENOUGH: Guard = Guard { name: "it is large enough", cond: is(&LACKS, 0) };
pub(super) const TOO_SMALL: Guard = Guard { name: "it is smaller", cond: is(&LACKS, 1) };
pub(super) const IS_GRANTED: Guard =
    Guard { name: "its permission bits grant what is asked for", cond: is(&GRANTED, 1) };
pub(super) const NOT_GRANTED: Guard =
    Guard { name: "its permission bits do not grant what is asked for", cond: is(&GRANTED, 0) };
pub(super) const VALID: Guard =
    Guard { name: "a segment has the identifier", cond: Lt(Num::N(0), Num::Of(&KNOWN)) };
pub(super) const INVALID: Guard =
    Guard { name: "no segment has the identifier", cond: is(&KNOWN, 0) };
pub(super) const REMOVED: Guard =
    Guard { name: "it was removed and is still attached", cond: is(&KNOWN, 2) };
pub(super) const ON_A_PAGE: Guard =
    Guard { name: "from the beginning of a page, or rounded", cond: is(&WITHIN_PAGE, 0) };
pub(super) const NOT_ON_A_PAGE: Guard =
    Guard { name: "from within a page, not rounded", cond: is(&WITHIN_PAGE, 1) };
pub(super) const INSIDE: Guard = Guard { name: "in the window", cond: is(&OUTSIDE, 0) };
pub(super) const NOT_INSIDE: Guard = Guard { name: "not in the window", cond: is(&OUTSIDE, 1) };
pub(super) const FREE_PLACE: Guard = Guard {
    name: "nothing is mapped there, or SHM_REMAP is asked for",
    cond: Any(&[is(&TAKEN, 0), is(&REPLACES, 1)]),
};
pub(super) const TAKEN_PLACE: Guard = Guard {
    name: "something is mapped there, and SHM_REMAP is not asked for",
    cond: All(&[is(&TAKEN, 1), is(&REPLACES, 0)]),
};
pub(super) const TO_REPLACE: Guard =
    Guard { name: "SHM_REMAP is asked for", cond: is(&REPLACES, 1) };
pub(super) const MAY_ATTACH: Guard =
    Guard { name: "its permission bits let the caller attach it", cond: is(&ATTACHABLE, 1) };
pub(super) const MAY_NOT_ATTACH: Guard =
    Guard { name: "its permission bits do not let the caller attach it", cond: is(&ATTACHABLE, 0) };
pub(super) const MAY_READ: Guard =
    Guard { name: "its permission bits let the caller read", cond: is(&READABLE, 1) };
pub(super) const MAY_NOT_READ: Guard =
    Guard { name: "its permission bits do not let the caller read", cond: is(&READABLE, 0) };
pub(super) const OWNER: Guard =
    Guard { name: "it is the caller's, or the caller is privileged", cond: is(&OWNED, 1) };
pub(super) const NOT_OWNER: Guard =
    Guard { name: "it is another's, and the caller is not privileged", cond: is(&OWNED, 0) };
pub(super) const WHOLE: Guard = Guard { name: "it is attached whole", cond: is(&TORN, 0) };
pub(super) const IN_PARTS: Guard = Guard { name: "it is attached in parts", cond: is(&TORN, 1) };
pub(super) const HERE: Guard =
    Guard { name: "a segment is attached at the address", cond: is(&ATTACHED, 1) };
pub(super) const NOT_HERE: Guard =
    Guard { name: "no segment is attached at the address", cond: is(&ATTACHED, 0) };
pub(super) const DT_INSIDE: Guard = Guard { name: "in the window", cond: is(&DT_OUTSIDE, 0) };
pub(super) const DT_NOT_INSIDE: Guard =
    Guard { name: "not in the window", cond: is(&DT_OUTSIDE, 1) };

pub(super) static IDENTIFIER: Answer = Answer {
    name: "its number",
    value: |v| {
        let segment = found(v).and_then(|place| v.world.segments.at(place));
        let number = segment.and_then(|segment| segment.number);
        Value::Number(number.unwrap_or_else(|| v.world.segments.next()).into())
    },
};
pub(super) static ADDRESS: Answer =
    Answer { name: "the address", value: |v| Value::Number(address(v) as i64) };
pub(super) static HOW_OFTEN: Answer =
    Answer { name: "how often it is attached", value: |v| Value::Number(pieces(v) as i64) };
pub(super) const SO_MANY: Num = Num::Of(&PIECES);
pub(super) const AT_MOST: Num = Num::Of(&PAGES);
pub(super) static ITS_SIZE: Answer = Answer {
    name: "its size",
    value: |v| Value::Number(bytes(v).map_or(0, |file| file.size as i64)),
};
pub(super) static ITS_MODE: Answer = Answer {
    name: "its permission bits",
    value: |v| {
        let removed = segment(v).is_some_and(|segment| segment.removed);
        let bit = if removed { REMOVED_BIT } else { 0 };
        Value::Number(i64::from(bytes(v).map_or(0, |file| file.node.mode) | bit))
    },
};

pub(super) static MAKE: Action = action("a segment of zeros, of that key or of none", |c, _| {
    let view = c.view();
    let node = Node { mode: asked(&view), nobodys: user(&view).nobody };
    let key = u8::try_from(view.arg(0)).ok().filter(|key| *key != 0);
    let size = view.arg(1).max(0) as u64;
    let file = File { node, size, content: Default::default(), origin: Origin::Nameless, seals: 0 };
    let object = c.world.add_object(Object::Memory(file));
    let segment = Segment { key, number: None, object, removed: false, torn: false };
    let place = Arc::make_mut(&mut c.world.segments).add(segment);
    remember(c, place);
});
pub(super) static FIND: Action = action("the segment of that key", |c, _| {
    if let Some(place) = by_key(&c.view()) {
        remember(c, place);
    }
});
pub(super) static TELL: Action = action("one without a number gets the next one", |c, _| {
    let Some(place) = found(&c.view()) else { return };
    let next = c.world.segments.next();
    let segments = Arc::make_mut(&mut c.world.segments);
    if let Some(segment) = segments.at_mut(place)
        && segment.number.is_none()
    {
        segment.number = Some(next);
    }
});
pub(super) static ATTACH: Action = action("it is mapped there, in place of what was", |c, _| {
    let view = c.view();
    let ((from, to), read_only) = (places(&view), view.flag("SHM_RDONLY"));
    let (Some(place), Some(segment)) = (by_number(&view), segment(&view).copied()) else { return };
    let size = bytes(&view).map_or(0, |file| file.size);
    let none = attaches(c.world, segment.object) == 0;
    if let Some(segment) = Arc::make_mut(&mut c.world.segments).at_mut(place).filter(|_| none) {
        segment.torn = false;
    }
    crate::mapping::attach(c, (from, to), (segment.object, size, !read_only));
});
pub(super) static DETACH: Action =
    action("what is left of what was attached there is not mapped any more", |c, _| {
        let view = c.view();
        let (Some(object), at) = (attached(&view), view.arg(0).max(0) as u64) else { return };
        let Some(process) = view.process() else { return };
        let parts: Vec<_> = process.space.begun_at(at).filter(|(.., of)| *of == object).collect();
        for (from, to, _) in parts {
            if let Some(process) = c.process() {
                process.space.remove(from, to);
            }
        }
        c.world.forget(object);
    });
pub(super) static REMOVE_IT: Action = action(
    "its key and identifier are gone, and it with the last that have it attached",
    |c, _| {
        let Some(place) = by_number(&c.view()) else { return };
        let Some(segment) = Arc::make_mut(&mut c.world.segments).at_mut(place) else { return };
        segment.removed = true;
        segment.key = None;
        let object = segment.object;
        c.world.forget(object);
    },
);
pub(super) static SET: Action = action("its permission bits are these", |c, _| {
    let view = c.view();
    let (mode, object) = (asked(&view), segment(&view).map_or(0, |segment| segment.object));
    if let Some(object) = c.world.objects.get_mut(usize::from(object))
        && let Object::Memory(file) = Arc::make_mut(object)
    {
        file.node.mode = mode;
    }
});

fn remember(c: &mut Change<'_>, place: usize) {
    if let Some(call) = c.world.in_call_mut(c.actor) {
        call.seen = vec![place as u32];
    }
}
