//! The numbers, answers and actions of mappings.

use super::space::{Piece, Touch, file, touch};
use super::{LOAD, MMAP, MMAP_ANONYMOUS, MMAP_ANYWHERE, MUNMAP, STORE, WINDOW_PAGES};
use crate::clause::Cond::{All, Any, Eq, Lt};
use crate::clause::{Action, Answer, Guard, Num, Number, action, by_sort, number};
use crate::memory::{File, Origin, TOUCHES};
use crate::name::Node;
use crate::operation::Actor;
use crate::outcome::Value;
use crate::socket::IS_SOCKET;
use crate::view::{Change, View};
use crate::world::{InCall, Life, Object, World};

/// The greatest offset that there is.
const MOST: i64 = i64::MAX;
/// How far the places that the system chooses are apart, as programs call their addresses: the first begins
/// there, the second at twice that. What they are really told is the system's own.
pub const PLACE: u64 = 1 << 32;

pub(super) fn page(v: &View<'_>) -> u64 {
    v.spec.numbers.page_size.max(1)
}

/// How many bytes the call is about: to map, unmap, load or store.
fn length(v: &View<'_>) -> i64 {
    v.arg(1)
}

/// The addresses that the call is about, whole pages.
fn places(v: &View<'_>) -> (u64, u64) {
    let from = match v.call.map(|call| call.call.operation) {
        Some(operation) if operation == &MMAP_ANYWHERE => {
            v.process().map_or(PLACE, |process| process.space.next_place())
        }
        _ => v.arg(0).max(0) as u64,
    };
    let len = length(v).max(0) as u64;
    (from, from.saturating_add(len.div_ceil(page(v)).saturating_mul(page(v))))
}

fn protection(v: &View<'_>) -> (bool, bool) {
    (v.flag("PROT_READ"), v.flag("PROT_WRITE"))
}

fn is_shared(v: &View<'_>) -> bool {
    v.arg(3) == 0
}

fn stores(v: &View<'_>) -> bool {
    v.call.is_some_and(|call| call.call.operation == &STORE)
}

/// The address of the next byte to be loaded or stored.
fn next(v: &View<'_>) -> i64 {
    v.arg(0).saturating_add_unsigned(v.call.map_or(0, |call| call.done))
}

/// What comes of touching the byte so many behind the next one.
fn come(v: &View<'_>, ahead: u64) -> Touch {
    touch(v.world, v.actor.process, next(v).saturating_add_unsigned(ahead), page(v), stores(v))
}

/// The piece that the next byte is in.
fn here<'a>(v: &View<'a>) -> Option<&'a Piece> {
    v.process()?.space.at(u64::try_from(next(v)).ok()?)
}

/// How many of the bytes that are left can be touched, one after the other.
fn reach(v: &View<'_>) -> u64 {
    let left = v.call.map_or(0, |call| call.call.len().saturating_sub(call.done));
    let mut fine = 0;
    while fine < left && come(v, fine) == Touch::Fine {
        // To the end of the page.
        let at = next(v).saturating_add_unsigned(fine);
        let rest = page(v) - at.rem_euclid(page(v) as i64) as u64;
        let room = before_tail(v, at).unwrap_or(rest);
        fine += room.min(rest);
        if room < rest {
            break;
        }
    }
    fine.min(left)
}

/// How many bytes from there on lie before the end of a regular file, if they are stored to it.
fn before_tail(v: &View<'_>, at: i64) -> Option<u64> {
    let at = u64::try_from(at).ok()?;
    let piece = v.process()?.space.at(at).filter(|piece| stores(v) && !piece.private)?;
    let file = file(v.world, piece.object?).filter(|file| file.is_regular())?;
    Some(file.size.saturating_sub(piece.position(at)))
}

/// Whether another than the actor is in a load or a store.
pub(crate) fn touches(world: &World, actor: Actor) -> bool {
    others(world, actor).any(|call| [&LOAD, &STORE].contains(&call.call.operation))
}

fn others(world: &World, actor: Actor) -> impl Iterator<Item = &InCall> {
    world.calls().filter(move |(other, _)| *other != actor).map(|(_, call)| call)
}

/// Something is not said of what the next byte is.
fn unsaid(v: &View<'_>) -> bool {
    let (Some(piece), Some(process)) = (here(v), v.process()) else { return false };
    let at = next(v).max(0) as u64;
    let only_to_write = piece.write && !piece.read;
    let Some(file) = piece.object.and_then(|object| file(v.world, object)) else {
        return only_to_write;
    };
    let seen = piece.private && !process.space.is_own(piece, at - at % page(v));
    only_to_write || seen || file.size != piece.size || piece.position(at) >= file.size
}

/// Whether the range lies outside of every place that was chosen, or is only a part of one where all of it
/// is asked for.
pub(super) fn is_outside_of_all(v: &View<'_>, at: u64, len: u64, all: bool) -> bool {
    let Some(space) = v.process().map(|process| &process.space) else { return true };
    let (begin, end) = (at - at % PLACE, space.end_of_place(at));
    let last = at.saturating_add(len);
    end == begin || at >= end || last > end || all && (at, last) != (begin, end)
}

/// Whether an address that the call names is not the program's.
fn is_outside(v: &View<'_>) -> bool {
    let Some(operation) = v.call.map(|call| call.call.operation) else { return true };
    let (Ok(at), Ok(len)) = (u64::try_from(v.arg(0)), u64::try_from(length(v))) else {
        return true;
    };
    if at >= PLACE {
        let makes = [&MMAP, &MMAP_ANONYMOUS].contains(&operation);
        let all = operation == &MUNMAP;
        let (_, to) = places(v);
        return makes || is_outside_of_all(v, at, if all { to - at } else { len }, all);
    }
    at.saturating_add(len) > WINDOW_PAGES * page(v)
}

static OUTSIDE: Number = number(
    "outside",
    "1 if an address is neither in the window nor in a place that was chosen, or a part of such a place is to \
     be unmapped.",
    |v| u64::from(is_outside(v)),
);
static WITHIN_PAGE: Number =
    number("within a page", "1 if the address is no multiple of the page size.", |v| {
        u64::from(v.arg(0).rem_euclid(page(v) as i64) != 0)
    });
static OBSTACLE: Number = number(
    "obstacle",
    "What comes first from the address on: 1 a page that is not mapped, 2 one of which what is asked for \
     cannot be had, 0 neither.",
    |v| {
        let (from, to) = places(v);
        let Some(space) = v.process().map(|process| &process.space) else { return 0 };
        let denied = if protection(v).1 { space.read_only(from, to) } else { None };
        match (space.gap(from, to), denied) {
            (Some(gap), Some(denied)) if denied < gap => 2,
            (Some(_), _) => 1,
            (None, Some(_)) => 2,
            (None, None) => 0,
        }
    },
);
static OVER: Number = number("over", "1 if something is mapped in the range.", |v| {
    let (from, to) = places(v);
    u64::from(v.process().is_some_and(|process| process.space.is_taken(from, to)))
});
static WAYS: Number = number("ways", "How many of MS_SYNC and MS_ASYNC are asked for.", |v| {
    u64::from(v.flag("MS_SYNC")) + u64::from(v.flag("MS_ASYNC"))
});
static LENGTH: Number = number("length", "The bytes to map or unmap.", |v| {
    u64::try_from(length(v)).unwrap_or(u64::MAX)
});
static TYPE: Number =
    number("type", "0 for MAP_SHARED, 1 for MAP_PRIVATE, 2 for neither.", |v| v.arg(3) as u64);
static OFF_WITHIN: Number =
    number("off within a page", "1 if the offset is no multiple of the page size.", |v| {
        u64::from(v.arg(5).rem_euclid(page(v) as i64) != 0)
    });
static OFF_FAR: Number =
    number("off far", "1 if the offset is negative, or the last byte would be too far.", |v| {
        let end = v.arg(5).checked_add(length(v).max(0));
        u64::from(v.arg(5) < 0 || end.is_none_or(|end| end > MOST - page(v) as i64))
    });
static MAPPABLE: Number = by_sort("memory(fd)", "1 if the descriptor leads to memory.", |v| {
    u64::from(matches!(v.object(), Object::Memory(_)))
});
static OPENED: Number =
    by_sort("open(fd)", "1 if the descriptor is open.", |v| u64::from(v.description().is_some()));
static PERMITTED: Number = number(
    "permitted",
    "1 if it is open for reading, and for writing if it is to be written and shared.",
    |v| {
        let write = protection(v).1 && is_shared(v);
        u64::from(v.description().is_some_and(|d| d.reads && (d.writes || !write)))
    },
);
/// Whether a seal of the file lets nothing new write to it.
fn is_write_sealed(v: &View<'_>) -> bool {
    matches!(v.object(), Object::Memory(file) if file.is_write_sealed())
}
static SEALED: Number =
    number("sealed", "1 if it is to be written and shared, and sealed against writing.", |v| {
        u64::from(protection(v).1 && is_shared(v) && is_write_sealed(v))
    });
static REACH: Number = number("reach", "The bytes from the next on that can be touched.", reach);
static LEAST: Number = number("least reach", "Reach, or 1 among others.", |v| {
    let touch = |call: &InCall| {
        TOUCHES.contains(&call.call.operation) || [&LOAD, &STORE].contains(&call.call.operation)
    };
    let dying = v.process().is_some_and(|process| matches!(process.life, Life::Dying(_)));
    let among = dying || others(v.world, v.actor).any(touch);
    if among { reach(v).min(1) } else { reach(v) }
});
static LEFT: Number = number("left", "The bytes that are still to be loaded or stored.", |v| {
    v.call.map_or(0, |call| call.call.len().saturating_sub(call.done))
});
static COMES: Number = number(
    "comes",
    "What comes of touching the next byte: 0 it goes, 1 it is not mapped, 2 not allowed, 3 behind.",
    |v| match come(v, 0) {
        Touch::Fine => 0,
        Touch::Unmapped => 1,
        Touch::Forbidden => 2,
        Touch::Behind => 3,
    },
);
static UNSAID: Number = number(
    "unsaid",
    "1 if the next byte is of a private page that is as in the file, of a file whose size has changed, \
     behind its end, or in what can only be written.",
    |v| u64::from(unsaid(v)),
);
static IN_TAIL: Number = number(
    "in the tail",
    "1 if the next byte is to be stored behind the end of a regular file, in the page of the end.",
    |v| u64::from(come(v, 0) == Touch::Fine && before_tail(v, next(v)) == Some(0)),
);

pub(super) const INSIDE: Guard =
    Guard { name: "in the window", cond: Eq(Num::Of(&OUTSIDE), Num::N(0)) };
pub(super) const NOT_INSIDE: Guard =
    Guard { name: "not in the window", cond: Eq(Num::Of(&OUTSIDE), Num::N(1)) };
pub(super) const ON_A_PAGE: Guard =
    Guard { name: "from the beginning of a page", cond: Eq(Num::Of(&WITHIN_PAGE), Num::N(0)) };
pub(super) const NOT_ON_A_PAGE: Guard =
    Guard { name: "from within a page", cond: Eq(Num::Of(&WITHIN_PAGE), Num::N(1)) };
pub(super) const SOME_LENGTH: Guard =
    Guard { name: "of some length", cond: Lt(Num::N(0), Num::Of(&LENGTH)) };
pub(super) const NO_LENGTH: Guard =
    Guard { name: "of no length", cond: Eq(Num::Of(&LENGTH), Num::N(0)) };
pub(super) const NO_OBSTACLE: Guard =
    Guard { name: "all of it is mapped and can be had", cond: Eq(Num::Of(&OBSTACLE), Num::N(0)) };
pub(super) const AN_OBSTACLE: Guard = Guard {
    name: "some of it is not mapped or cannot be had",
    cond: Lt(Num::N(0), Num::Of(&OBSTACLE)),
};
pub(super) const A_GAP: Guard =
    Guard { name: "a page is not mapped", cond: Eq(Num::Of(&OBSTACLE), Num::N(1)) };
pub(super) const A_DENIAL: Guard = Guard {
    name: "a page comes first that cannot be written",
    cond: Eq(Num::Of(&OBSTACLE), Num::N(2)),
};
pub(super) const ONE_WAY: Guard =
    Guard { name: "not both now and later", cond: Lt(Num::Of(&WAYS), Num::N(2)) };
pub(super) const BOTH_WAYS: Guard =
    Guard { name: "both now and later", cond: Eq(Num::Of(&WAYS), Num::N(2)) };
pub(super) const NO_WAY: Guard =
    Guard { name: "neither now nor later", cond: Eq(Num::Of(&WAYS), Num::N(0)) };
pub(super) const A_TYPE: Guard =
    Guard { name: "shared or private", cond: Lt(Num::Of(&TYPE), Num::N(2)) };
pub(super) const NO_TYPE: Guard =
    Guard { name: "neither shared nor private", cond: Eq(Num::Of(&TYPE), Num::N(2)) };
pub(super) const OFF_FITS: Guard = Guard {
    name: "the offset is that of a page, and near enough",
    cond: All(&[Eq(Num::Of(&OFF_WITHIN), Num::N(0)), Eq(Num::Of(&OFF_FAR), Num::N(0))]),
};
pub(super) const OFF_WITHIN_PAGE: Guard =
    Guard { name: "the offset is within a page", cond: Eq(Num::Of(&OFF_WITHIN), Num::N(1)) };
pub(super) const OFF_TOO_FAR: Guard = Guard {
    name: "the offset is that of a page before the first or too far",
    cond: All(&[Eq(Num::Of(&OFF_WITHIN), Num::N(0)), Eq(Num::Of(&OFF_FAR), Num::N(1))]),
};
pub(super) const A_FILE: Guard =
    Guard { name: "it is memory", cond: Eq(Num::Of(&MAPPABLE), Num::N(1)) };
pub(super) const NO_FILE: Guard = Guard {
    name: "it is open, and no memory",
    cond: All(&[Eq(Num::Of(&OPENED), Num::N(1)), Eq(Num::Of(&MAPPABLE), Num::N(0))]),
};
pub(super) const MAY_MAP: Guard =
    Guard { name: "open for what is asked", cond: Eq(Num::Of(&PERMITTED), Num::N(1)) };
pub(super) const MAY_NOT_MAP: Guard = Guard {
    name: "open, and not for what is asked",
    cond: All(&[Eq(Num::Of(&OPENED), Num::N(1)), Eq(Num::Of(&PERMITTED), Num::N(0))]),
};
pub(super) const NOTHING_THERE: Guard =
    Guard { name: "nothing is mapped there", cond: Eq(Num::Of(&OVER), Num::N(0)) };
pub(super) const SOMETHING_THERE: Guard =
    Guard { name: "something is mapped there", cond: Eq(Num::Of(&OVER), Num::N(1)) };
pub(super) const NO_SUCH_FILE: Guard = Guard {
    name: "it is no memory, or not open for what is asked",
    cond: Any(&[NO_FILE.cond, MAY_NOT_MAP.cond]),
};
pub(super) const NO_SOCKET: Guard =
    Guard { name: "it is no socket", cond: Eq(Num::Of(&IS_SOCKET), Num::N(0)) };
pub(super) const A_SOCKET: Guard =
    Guard { name: "it is a socket", cond: Eq(Num::Of(&IS_SOCKET), Num::N(1)) };
pub(super) const NOT_SEALED: Guard =
    Guard { name: "no seal is in the way", cond: Eq(Num::Of(&SEALED), Num::N(0)) };
pub(super) const IS_SEALED: Guard =
    Guard { name: "a seal is in the way", cond: Eq(Num::Of(&SEALED), Num::N(1)) };
pub(super) const SOME_REACH: Guard =
    Guard { name: "the next byte can be touched", cond: Lt(Num::N(0), Num::Of(&REACH)) };
pub(super) const SOME_LEFT: Guard =
    Guard { name: "a byte is left", cond: Lt(Num::N(0), Num::Of(&LEFT)) };
pub(super) const NONE_LEFT: Guard =
    Guard { name: "no byte is left", cond: Eq(Num::Of(&LEFT), Num::N(0)) };
pub(super) const UNMAPPED: Guard =
    Guard { name: "the next is not mapped", cond: Eq(Num::Of(&COMES), Num::N(1)) };
pub(super) const FORBIDDEN: Guard =
    Guard { name: "the next is mapped and not allowed", cond: Eq(Num::Of(&COMES), Num::N(2)) };
pub(super) const BEHIND: Guard = Guard {
    name: "the page of the next lies behind the end of the file",
    cond: Eq(Num::Of(&COMES), Num::N(3)),
};
pub(super) const NOT_SAID: Guard =
    Guard { name: "what the next byte is is not said", cond: Eq(Num::Of(&UNSAID), Num::N(1)) };
pub(super) const IN_THE_TAIL: Guard = Guard {
    name: "the next byte lies behind the end of a regular file, in its last page",
    cond: Eq(Num::Of(&IN_TAIL), Num::N(1)),
};
pub(super) const LEAST_REACH: Num = Num::Of(&LEAST);
pub(super) const ALL_REACH: Num = Num::Of(&REACH);

pub(super) static LOADED: Answer = Answer {
    name: "what it has loaded",
    value: |v| {
        let moving = v.call.and_then(|call| call.moving.as_deref());
        Value::Data(moving.map_or_else(Default::default, |moving| moving.got.clone()))
    },
};

pub(super) static MAP: Action =
    action("what was mapped there is not any more, and this is", |c, _| {
        let view = c.view();
        let ((from, to), (read, write)) = (places(&view), protection(&view));
        if from >= to {
            return;
        }
        let anonymous = view.call.is_some_and(|call| call.call.operation == &MMAP_ANONYMOUS);
        let private = !is_shared(&view);
        let offset = if anonymous { 0 } else { view.arg(5).max(0) as u64 };
        let writable = anonymous
            || private
            || view.description().is_some_and(|description| description.writes)
                && !is_write_sealed(&view);
        let object = match (anonymous, private) {
            (false, _) => view.description().map(|description| description.object),
            (true, true) => None,
            (true, false) => {
                let node = Node { mode: 0, nobodys: false };
                let (size, content) = (to - from, Default::default());
                let file = File { node, size, content, origin: Origin::Nameless, seals: 0 };
                Some(c.world.add_object(Object::Memory(file)))
            }
        };
        let size = object.and_then(|object| file(c.world, object)).map_or(0, |file| file.size);
        let piece = Piece { from, to, read, write, writable, private, object, offset, size };
        // What was there may be all that leads to what is mapped now.
        let old = removed(c, from, to);
        if let Some(process) = c.process() {
            process.space.add(piece);
            if from >= PLACE {
                process.space.choose();
            }
        }
        old.into_iter().for_each(|object| c.world.forget(object));
    });
pub(super) static NEXT_PLACE: Answer = Answer {
    name: "the next place that the system chooses",
    value: |v| Value::Number(places(v).0 as i64),
};
/// An object of that size is mapped whole and shared, for reading, and perhaps for writing.
pub(crate) fn attach(
    c: &mut Change<'_>,
    (from, to): (u64, u64),
    (object, size, write): (u16, u64, bool),
) {
    let old = removed(c, from, to);
    let piece = Piece {
        from,
        to,
        read: true,
        write,
        writable: write,
        private: false,
        object: Some(object),
        offset: 0,
        size,
    };
    if let Some(process) = c.process() {
        process.space.add(piece);
    }
    old.into_iter().for_each(|object| c.world.forget(object));
}
pub(super) static UNMAP: Action = action("what was mapped there is not any more", |c, _| {
    let (from, to) = places(&c.view());
    let old = removed(c, from, to);
    old.into_iter().for_each(|object| c.world.forget(object));
});
/// Nothing is mapped any more.
pub(crate) static UNMAP_ALL: Action = action("nothing is mapped any more", |c, _| {
    let old = removed(c, 0, u64::MAX);
    if c.view().process().is_some_and(|process| process.space != Default::default())
        && let Some(process) = c.process()
    {
        process.space.begin_anew();
    }
    old.into_iter().for_each(|object| c.world.forget(object));
});
pub(super) static PROTECT: Action =
    action("what is mapped there, up to what cannot be, allows what is asked for", |c, _| {
        let view = c.view();
        let ((from, to), (read, write)) = (places(&view), protection(&view));
        crate::segment::tear(c.world, c.actor.process, (from, to));
        if let Some(process) = c.process() {
            process.space.protect(from, to, read, write);
        }
    });
pub(super) static LOAD_SOME: Action = action("the next % bytes are loaded", |c, n| {
    let view = c.view();
    let n = n.min(reach(&view));
    let Some(process) = view.process() else { return };
    let mut parts = Vec::new();
    for (at, len) in pages(&view, n) {
        let Some(piece) = process.space.at(at) else { return };
        let seen = piece.object.and_then(|object| file(view.world, object));
        parts.push(match seen {
            Some(file) if !process.space.is_own(piece, at - at % page(&view)) => {
                file.content.read(piece.position(at), len)
            }
            _ => process.space.load(at, len),
        });
    }
    let Some(call) = c.world.in_call_mut(c.actor) else { return };
    call.done += n;
    let moving = call.moving.get_or_insert_default();
    parts.iter().flat_map(|part| part.runs()).for_each(|run| moving.got.push(run.clone()));
});
pub(super) static STORE_SOME: Action = action("the next % bytes are stored", |c, n| {
    let view = c.view();
    let n = n.min(reach(&view));
    let (parts, size) = (pages(&view, n), page(&view));
    let Some((tag, mut from)) = view.call.map(|call| (call.call.tag, call.done)) else { return };
    for (at, len) in parts {
        store(c, at, size, (tag, from, len));
        from += len;
    }
    if let Some(call) = c.world.in_call_mut(c.actor) {
        call.done += n;
    }
});

/// The next `n` bytes of a call, by pages: address and length of each part.
fn pages(v: &View<'_>, n: u64) -> Vec<(u64, u64)> {
    let (mut at, size) = (next(v).max(0) as u64, page(v));
    let end = at + n;
    let mut parts = Vec::new();
    while at < end {
        let len = (size - at % size).min(end - at);
        parts.push((at, len));
        at += len;
    }
    parts
}

/// Bytes of a payload are stored within one page.
fn store(c: &mut Change<'_>, at: u64, page: u64, (tag, from, len): (u32, u64, u64)) {
    let piece = c.process().and_then(|process| process.space.at(at).copied());
    let Some(piece) = piece else { return };
    if !piece.private {
        let object = piece.object.and_then(|object| c.world.objects.get_mut(usize::from(object)));
        if let Some(object) = object
            && let Object::Memory(file) = std::sync::Arc::make_mut(object)
        {
            file.content.write(piece.position(at), tag, from, len);
        }
        return;
    }
    let copied = piece.object.and_then(|object| file(c.world, object)).cloned();
    let Some(process) = c.process() else { return };
    if let Some(file) = copied {
        process.space.copy(&piece, at - at % page, page, &file);
    }
    process.space.store(at, tag, from, len);
}

/// Takes what is mapped there out; returns what was seen.
pub(super) fn removed(c: &mut Change<'_>, from: u64, to: u64) -> Vec<u16> {
    crate::segment::tear(c.world, c.actor.process, (from, to));
    match c.process() {
        Some(process) if !process.space.is_empty() => {
            let seen = process.space.objects().collect();
            process.space.remove(from, to);
            seen
        }
        _ => Vec::new(),
    }
}
