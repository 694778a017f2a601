//! The numbers, answers and actions of files of memory.

use std::sync::Arc;

use super::File;
use crate::clause::Cond::{All, Eq, Le, Lt};
use crate::clause::{Action, Answer, Guard, Num, Number, action, by_sort, number};
use crate::descriptor::{
    FIONREAD, FSTAT_SIZE, FTRUNCATE, LEFT, LEN, LSEEK, PREAD, PWRITE, READ, READV, WRITE, WRITEV,
};
use crate::fifo::TRUNCATE;
use crate::mapping;
use crate::operation::Operation;
use crate::outcome::Value;
use crate::view::{Change, View};
use crate::world::{Entry, InCall, Life, Moving, Object, World};

/// The greatest offset that there is.
pub(super) const MOST: u64 = i64::MAX as u64;

/// Calls that put bytes into a file.
const PUTTERS: &[&Operation] = &[&WRITE, &WRITEV, &PWRITE];
/// Calls that go by the offset of the description.
const BY_OFFSET: &[&Operation] = &[&READ, &READV, &WRITE, &WRITEV, &LSEEK];
/// Calls that see bytes or the size of a file, or change them.
pub(crate) const TOUCHES: &[&Operation] =
    &[&READ, &READV, &PREAD, &WRITE, &WRITEV, &PWRITE, &FTRUNCATE, &LSEEK, &FSTAT_SIZE, &FIONREAD];

/// The file that a view's descriptor leads to.
pub(super) fn file<'a>(v: &View<'a>) -> Option<&'a File> {
    match v.object() {
        Object::Memory(file) => Some(file),
        _ => None,
    }
}

fn is_one_of(v: &View<'_>, operations: &[&'static Operation]) -> bool {
    v.call.is_some_and(|call| operations.contains(&call.call.operation))
}

/// The calls that others are in, each with the description behind its descriptor.
fn others<'a>(v: &View<'a>) -> impl Iterator<Item = (&'a InCall, u16)> + use<'a> {
    let (world, me) = (v.world, v.actor);
    world.calls().filter(move |(actor, _)| *actor != me).filter_map(move |(actor, call)| {
        let entry = world.entry(actor.process, i64::from(call.call.fd()?))?;
        Some((call, entry.description))
    })
}

/// Whether another call cuts what has a name, whatever that is.
fn is_cut_by_name(v: &View<'_>) -> bool {
    let cuts = |call: &InCall| call.call.operation == &TRUNCATE || call.call.has_flag("O_TRUNC");
    v.world.calls().any(|(actor, call)| actor != v.actor && cuts(call))
}

/// The same, of those on the same file.
fn others_here<'a>(v: &View<'a>) -> impl Iterator<Item = &'a InCall> + use<'a> {
    let (world, object) = (v.world, v.description().map(|description| description.object));
    let leads = move |description: u16| {
        world.descriptions.get(usize::from(description)).map(|description| description.object)
    };
    let here = move |(_, description): &(&InCall, u16)| leads(*description) == object;
    others(v).filter(here).map(|(call, _)| call)
}

/// Where the call begins: where it has looked, or would look now.
fn start(v: &View<'_>) -> i64 {
    match v.call.and_then(|call| call.moving.as_deref()) {
        Some(moving) => moving.at as i64,
        None if is_one_of(v, &[&PREAD, &PWRITE]) => v.arg(2),
        None => v.description().map_or(0, |description| description.offset as i64),
    }
}

/// Where the next byte lies.
fn next(v: &View<'_>) -> u64 {
    (start(v).max(0) as u64).saturating_add(v.call.map_or(0, |call| call.done))
}

/// Where `lseek` leads to, if that is an offset.
fn sought(v: &View<'_>) -> Option<u64> {
    seeks_from(v).checked_add_signed(v.arg(1)).filter(|offset| *offset <= MOST)
}

fn seeks_from(v: &View<'_>) -> u64 {
    match v.arg(2) {
        0 => 0,
        1 => v.description().map_or(0, |description| description.offset),
        _ => file(v).map_or(0, |file| file.size),
    }
}

/// Whether a write has put a part of its bytes into that file.
pub(crate) fn is_written_midway(world: &World, object: u16) -> bool {
    let midway = |process: u8, call: &InCall| {
        let entry = call.call.fd().and_then(|fd| world.entry(process, i64::from(fd)));
        let leads = |entry: Entry| {
            let description = world.descriptions.get(usize::from(entry.description));
            description.is_some_and(|description| description.object == object)
        };
        is_midway(call) && entry.is_some_and(leads)
    };
    world.calls().any(|(actor, call)| midway(actor.process, call))
}

fn is_midway(call: &InCall) -> bool {
    PUTTERS.contains(&call.call.operation) && 0 < call.done && call.done < call.call.len()
}

/// Behind which byte lies all that the call asks for or leads to.
pub(crate) fn reaches(v: &View<'_>) -> i128 {
    match v.call.map(|call| call.call.operation) {
        Some(operation) if *operation == FTRUNCATE => v.arg(1).into(),
        Some(operation) if *operation == LSEEK => seeks_from(v) as i128 + i128::from(v.arg(1)),
        _ => i128::from(start(v)) + v.call.map_or(0, |call| call.call.len() as i128),
    }
}

/// Whether the descriptor leads there.
pub static IS_MEMORY: Number = by_sort("memory(fd)", "1 if the descriptor leads to memory.", |v| {
    u64::from(file(v).is_some() && v.description().is_some_and(|d| !d.path))
});
static BEGUN: Number = number("looked", "1 if the call has looked where to begin.", |v| {
    v.call.map_or(0, |call| u64::from(call.moving.is_some()))
});
static NEGATIVE: Number =
    number("negative", "1 if it begins before the first byte.", |v| u64::from(start(v) < 0));
static BEYOND: Number =
    number("beyond", "1 if what it asks for ends behind the greatest offset.", |v| {
        let len = v.call.map_or(0, |call| call.call.len());
        u64::from(start(v) >= 0 && (start(v) as u64).saturating_add(len) > MOST)
    });
/// How many bytes a read has still to receive.
pub(crate) static TO_COME: Number =
    number("to come", "The bytes that the call has still to receive.", |v| {
        let whole = |call: &InCall| call.moving.as_ref().is_some_and(|moving| moving.whole);
        let call = v.call.filter(|call| !whole(call));
        let left = call.map_or(0, |call| call.call.len().saturating_sub(call.done));
        left.min(file(v).map_or(0, |file| file.size).saturating_sub(next(v)))
    });
static AMONG: Number = number(
    "among others",
    "1 if somebody else is in a call on the same file, or cuts one by its name, or the caller is dying.",
    |v| {
        let touches = |call: &InCall| TOUCHES.contains(&call.call.operation);
        let dying = v.process().is_some_and(|process| matches!(process.life, Life::Dying(_)));
        let beside = others_here(v).any(touches) || is_cut_by_name(v);
        u64::from(dying || beside || mapping::touches(v.world, v.actor))
    },
);
static MIDWAY: Number =
    number("midway", "1 if another write has put a part of its bytes into the file.", |v| {
        u64::from(others_here(v).any(is_midway))
    });
static TAKEN: Number = number(
    "offset taken",
    "1 if another call has looked at the offset and has not returned, and such calls take turns.",
    |v| {
        let serial = v.description().is_some_and(|description| description.serial);
        let looked = |(call, description): (&InCall, u16)| {
            Some(description) == v.subject
                && call.moving.is_some()
                && BY_OFFSET.contains(&call.call.operation)
        };
        u64::from(serial && is_one_of(v, BY_OFFSET) && others(v).any(looked))
    },
);
static NOWHERE: Number =
    number("nowhere", "1 if lseek leads to no offset.", |v| u64::from(sought(v).is_none()));
static SHORTER_THAN_NONE: Number =
    number("length", "1 if a negative length is asked for.", |v| u64::from(v.arg(1) < 0));
/// The fewest bytes that a read moves at once.
pub(crate) static LEAST_TO_COME: Number =
    number("least to come", "To come, or 1 among others.", |v| {
        let all = v.num(&Num::Of(&TO_COME));
        if v.num(&Num::Of(&AMONG)) == 1 { all.min(1) } else { all }
    });
/// The fewest bytes that a write moves at once.
pub(crate) static LEAST_LEFT: Number = number("least left", "Left, or 1 among others.", |v| {
    let all = v.num(&Num::Of(&LEFT));
    if v.num(&Num::Of(&AMONG)) == 1 { all.min(1) } else { all }
});

/// What a seal makes of a write that has not begun.
static SEALED_WRITE: Number = number(
    "sealed(write)",
    "What a seal makes of a write that has put nothing yet: 0 nothing, 1 it is refused, 2 it is cut short.",
    |v| {
        let (Some(file), Some(call)) = (file(v), v.call.filter(|call| call.done == 0)) else {
            return 0;
        };
        let (page, at) = (v.spec.numbers.page_size.max(1), next(v));
        let end = at.saturating_add(call.call.len());
        let grows = file.seals & super::seals::GROW != 0 && end > file.size;
        let first = end.min((at / page + 1).saturating_mul(page));
        match (file.is_write_sealed(), grows) {
            (true, _) => 1,
            (false, true) if first > file.size => 1,
            (false, true) => 2,
            (false, false) => 0,
        }
    },
);
pub(super) const UNSEALED: Guard =
    Guard { name: "no seal is in its way", cond: Eq(Num::Of(&SEALED_WRITE), Num::N(0)) };
pub(super) const SEALED_OFF: Guard =
    Guard { name: "a seal is in its way", cond: Eq(Num::Of(&SEALED_WRITE), Num::N(1)) };
pub(super) const CUT_SHORT: Guard = Guard {
    name: "a seal is in the way of what lies behind the end",
    cond: Eq(Num::Of(&SEALED_WRITE), Num::N(2)),
};
pub(crate) const A_MEMORY: Guard =
    Guard { name: "it is memory", cond: Eq(Num::Of(&IS_MEMORY), Num::N(1)) };
pub(crate) const NOT_LOOKED: Guard =
    Guard { name: "it has not looked", cond: Eq(Num::Of(&BEGUN), Num::N(0)) };
pub(crate) const LOOKED: Guard =
    Guard { name: "it has looked", cond: Eq(Num::Of(&BEGUN), Num::N(1)) };
pub(crate) const FROM_THE_FIRST: Guard =
    Guard { name: "not before the first byte", cond: Eq(Num::Of(&NEGATIVE), Num::N(0)) };
pub(super) const BEFORE_THE_FIRST: Guard =
    Guard { name: "before the first byte", cond: Eq(Num::Of(&NEGATIVE), Num::N(1)) };
pub(super) const WITHIN: Guard =
    Guard { name: "not behind the greatest offset", cond: Eq(Num::Of(&BEYOND), Num::N(0)) };
pub(super) const TOO_FAR: Guard =
    Guard { name: "behind the greatest offset", cond: Eq(Num::Of(&BEYOND), Num::N(1)) };
pub(crate) const SOME_TO_COME: Guard =
    Guard { name: "a byte is to come", cond: Lt(Num::N(0), Num::Of(&TO_COME)) };
pub(crate) const NONE_TO_COME: Guard =
    Guard { name: "no byte is to come", cond: Eq(Num::Of(&TO_COME), Num::N(0)) };
pub(crate) const SOME_LEFT: Guard =
    Guard { name: "a byte is left", cond: Lt(Num::N(0), Num::Of(&LEFT)) };
pub(crate) const NONE_LEFT: Guard =
    Guard { name: "no byte is left", cond: Eq(Num::Of(&LEFT), Num::N(0)) };
pub(crate) const NOBODY_MIDWAY: Guard =
    Guard { name: "no other write is midway", cond: Eq(Num::Of(&MIDWAY), Num::N(0)) };
pub(crate) const SOMEBODY_MIDWAY: Guard =
    Guard { name: "another write is midway", cond: Eq(Num::Of(&MIDWAY), Num::N(1)) };
pub(crate) const ITS_TURN: Guard =
    Guard { name: "nobody else has taken the offset", cond: Eq(Num::Of(&TAKEN), Num::N(0)) };
pub(crate) const NOT_ITS_TURN: Guard =
    Guard { name: "another has taken the offset", cond: Eq(Num::Of(&TAKEN), Num::N(1)) };
pub(crate) const SOMEWHERE: Guard =
    Guard { name: "it leads to an offset", cond: Eq(Num::Of(&NOWHERE), Num::N(0)) };
pub(crate) const LEADS_NOWHERE: Guard =
    Guard { name: "it leads to no offset", cond: Eq(Num::Of(&NOWHERE), Num::N(1)) };
pub(super) const A_LENGTH: Guard =
    Guard { name: "the length is none below 0", cond: Eq(Num::Of(&SHORTER_THAN_NONE), Num::N(0)) };
pub(super) const NO_LENGTH: Guard =
    Guard { name: "the length is below 0", cond: Eq(Num::Of(&SHORTER_THAN_NONE), Num::N(1)) };
pub(crate) const READABLE: Guard =
    Guard { name: "open for reading", cond: Eq(Num::Of(&crate::descriptor::READS), Num::N(1)) };
pub(crate) const NOT_READABLE: Guard =
    Guard { name: "not open for reading", cond: Eq(Num::Of(&crate::descriptor::READS), Num::N(0)) };
pub(crate) const WRITABLE: Guard =
    Guard { name: "open for writing", cond: Eq(Num::Of(&crate::descriptor::WRITES), Num::N(1)) };
pub(crate) const NOT_WRITABLE: Guard = Guard {
    name: "not open for writing",
    cond: Eq(Num::Of(&crate::descriptor::WRITES), Num::N(0)),
};
/// Memory at the one or the other end of a transfer.
pub(super) const ONE_MEMORY: Guard = Guard {
    name: "from or to memory, the first open for reading and the second for writing",
    cond: All(&[
        Eq(Num::Of(&EITHER), Num::N(1)),
        Lt(Num::N(0), Num::Of(&LEN)),
        Le(Num::N(3), Num::Of(&OPEN_ENDS)),
    ]),
};
static EITHER: Number = number("memory(in|out)", "1 if one of the two leads to memory.", |v| {
    u64::from(file(v).is_some() || file(&v.other(1)).is_some())
});
static OPEN_ENDS: Number = number(
    "open ends",
    "1 if the first is open for reading, and 2 if the second is for writing.",
    |v| {
        let reads = v.description().is_some_and(|d| d.reads && !d.path);
        let writes = v.other(1).description().is_some_and(|d| d.writes && !d.path);
        u64::from(reads) | u64::from(writes) << 1
    },
);

pub(crate) static RECEIVED: Answer = Answer {
    name: "what it has received",
    value: |v| {
        let moving = v.call.and_then(|call| call.moving.as_deref());
        Value::Data(moving.map_or_else(Default::default, |moving| moving.got.clone()))
    },
};
pub(crate) static OFFSET: Answer =
    Answer { name: "the offset", value: |v| Value::Number(sought(v).unwrap_or(0) as i64) };
pub(super) static THE_SIZE: Answer =
    Answer { name: "the size", value: |v| Value::Number(file(v).map_or(0, |f| f.size as i64)) };
/// As many as fit into an `int`, and less than none where the offset is behind the end.
pub(super) static AHEAD: Answer = Answer {
    name: "the size less the offset",
    value: |v| {
        let offset = v.description().map_or(0, |description| description.offset as i64);
        let size = file(v).map_or(0, |file| file.size as i64);
        Value::Number(i64::from(size.wrapping_sub(offset) as i32))
    },
};

pub(crate) static LOOK: Action = action("it begins where it is to, or at the offset", |c, _| {
    let at = start(&c.view()).max(0) as u64;
    let is_there = file(&c.view()).is_some();
    if let Some(call) = c.world.in_call_mut(c.actor).filter(|_| is_there) {
        call.moving = Some(Box::new(Moving { at, ..Moving::default() }));
    }
});
pub(crate) static RECEIVE: Action = action("the next % bytes are received", |c, n| {
    let view = c.view();
    let n = n.min(view.num(&Num::Of(&TO_COME)));
    let got = file(&view).map(|file| file.content.read(next(&view), n));
    let (Some(got), Some(call)) = (got, c.world.in_call_mut(c.actor)) else { return };
    call.done += n;
    if let Some(moving) = &mut call.moving {
        got.runs().for_each(|run| moving.got.push(run.clone()));
    }
});
pub(crate) static RECEIVE_WHOLE: Action =
    action("these % bytes are received, and no more", |c, n| {
        (RECEIVE.run)(c, n);
        let call = c.world.in_call_mut(c.actor);
        if let Some(moving) = call.and_then(|call| call.moving.as_mut()) {
            moving.whole = true;
        }
    });
pub(crate) static PUT: Action = action("the next % bytes are put where they belong", |c, n| {
    let view = c.view();
    let (at, Some(call)) = (next(&view), view.call) else { return };
    let (tag, done) = (call.call.tag, call.done);
    let n = n.min(MOST.saturating_sub(at));
    if let Some(Object::Memory(file)) = c.object() {
        file.content.write(at, tag, done, n);
        file.size = file.size.max(at + n);
    }
    if let Some(call) = c.world.in_call_mut(c.actor) {
        call.done += n;
    }
});
pub(crate) static GO_ON: Action =
    action("where it goes by the offset, that is behind the last of the bytes", |c, _| {
        let view = c.view();
        let behind = next(&view);
        if is_one_of(&view, BY_OFFSET) {
            set_offset(c, behind);
        }
    });
pub(crate) static SEEK: Action = action("the offset is that", |c, _| {
    if let Some(offset) = sought(&c.view()) {
        set_offset(c, offset);
    }
});
pub(super) static RESIZE: Action =
    action("the size is as asked: bytes behind it are lost, and new ones are zeros", |c, _| {
        let size = c.view().arg(1).max(0) as u64;
        let object = c.view().description().map(|description| description.object);
        if let Some(object) = object {
            resize(c, object, size);
        }
    });

/// The file has that size from now on, for who has it mapped too.
pub(crate) fn resize(c: &mut Change<'_>, object: u16, size: u64) {
    if let Some(place) = c.world.objects.get_mut(usize::from(object))
        && let Object::Memory(file) = Arc::make_mut(place)
    {
        file.resize(size);
    }
    mapping::cut_off(c.world, object, size, c.spec.numbers.page_size);
}

fn set_offset(c: &mut Change<'_>, offset: u64) {
    if let Some(subject) = c.subject
        && let Some(description) = c.world.descriptions.get_mut(usize::from(subject))
    {
        description.offset = offset;
    }
}
