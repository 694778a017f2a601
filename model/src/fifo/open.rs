//! How a FIFO is opened: who waits for whom, and who is seen waiting.
//!
//! An open comes in two steps. It *enters*: from then on it counts as an end, and whoever waits for
//! such an end has met it, though it may be gone the next moment (Linux `fs/pipe.c`, `fifo_open`). And
//! it *returns*, with a descriptor.

use super::{ACCESS, REOPEN};
use crate::clause::Cond::{All, Any, Eq, Lt};
use crate::clause::{Action, Guard, Num, Number, action, number};
use crate::name::{allows, spot};
use crate::operation::{Actor, Param};
use crate::pipe::Pipe;
use crate::view::{Change, View};
use crate::world::{Activity, Description, InCall, Object, World};

/// The object that the call opens: behind its path, or behind its descriptor.
fn target(v: &View<'_>) -> Option<u16> {
    let call = v.call?;
    // Who has entered is at the object, whatever becomes of its names.
    if let Some(held) = call.holds {
        return v.world.descriptions.get(usize::from(held)).map(|description| description.object);
    }
    match call.call.operation {
        operation if *operation == REOPEN => v.description().map(|description| description.object),
        _ => spot(v)?.object,
    }
}

fn opened<'a>(v: &View<'a>) -> Option<&'a Pipe> {
    match v.world.object_at(target(v)?) {
        Object::Pipe(pipe) => Some(pipe),
        _ => None,
    }
}

/// Whether the call opens for reading, and for writing.
fn access(v: &View<'_>) -> (bool, bool) {
    let word = v.call.and_then(|call| call.call.find(|param| *param == Param::Word(ACCESS)));
    let word = word.and_then(|word| ACCESS.get(word as usize));
    (word != Some(&"O_WRONLY"), word != Some(&"O_RDONLY"))
}

/// A file's permission bits let the caller open it so.
fn permitted(v: &View<'_>) -> bool {
    let (reads, writes) = access(v);
    allowed(v, u16::from(reads) << 2 | u16::from(writes || v.flag("O_TRUNC")) << 1)
}

fn allowed(v: &View<'_>, wanted: u16) -> bool {
    let user = v.process().map(|process| process.user);
    let node = target(v).and_then(|object| v.world.object_at(object).node());
    match (node, user) {
        (Some(node), Some(user)) => allows(node, &v.spec.numbers, user, wanted),
        _ => true,
    }
}

/// The processes whose opens of an object have entered and not returned.
fn entering(world: &World, object: u16) -> impl Iterator<Item = (u8, &InCall, &Description)> {
    let calls =
        (0_u8..).zip(&world.processes).filter_map(|(number, process)| match &process.activity {
            Activity::InCall(call) => Some((number, call)),
            _ => None,
        });
    calls.filter_map(move |(number, call)| {
        let description = world.descriptions.get(usize::from(call.holds?))?;
        (description.object == object).then_some((number, call, description))
    })
}

/// How many ends of the subject's object belong to opens that have not returned.
fn waiting(v: &View<'_>, object: Option<u16>, is: impl Fn(&Description) -> bool) -> u64 {
    let Some(object) = object else { return 0 };
    entering(v.world, object).filter(|(_, _, description)| is(description)).count() as u64
}

static IS_FIFO: Number = number(
    "fifo",
    "1 if what is opened is a FIFO, or a pipe, and need be neither a directory nor new.",
    |v| u64::from(opened(v).is_some() && !v.flag("O_DIRECTORY") && !v.flag("O_EXCL")),
);
static READS_TOO: Number =
    number("reads", "1 if it is to be open for reading.", |v| u64::from(access(v).0));
static WRITES_TOO: Number =
    number("writes", "1 if it is to be open for writing.", |v| u64::from(access(v).1));
static ONLY_PATH: Number =
    number("path", "1 if O_PATH is asked for.", |v| u64::from(v.flag("O_PATH")));
static AT_ONCE: Number =
    number("at once", "1 if O_NONBLOCK is asked for.", |v| u64::from(v.flag("O_NONBLOCK")));
static PERMITTED: Number =
    number("permitted", "1 if its permission bits let the caller.", |v| u64::from(permitted(v)));
static READERS: Number = number("readers", "Descriptions open for reading it.", |v| {
    opened(v).map_or(0, |pipe| pipe.readers.into())
});
static NAMED: Number = number("named", "1 if it was made by mkfifo, 0 if by pipe.", |v| {
    u64::from(opened(v).is_some_and(|pipe| pipe.named))
});
static FULL_READERS: Number =
    number("readers past open", "Those of them that no open is still about.", |v| {
        let all = opened(v).map_or(0, |pipe| pipe.readers.into());
        all - waiting(v, target(v), |d| d.reads).min(all)
    });
static FOUND: Number = number(
    "found",
    "0 before it has entered, 1 from then on, 2 once it has met the other end.",
    |v| v.call.map_or(0, |call| call.found.into()),
);

static WRITERS: Number =
    number("writers", "Descriptions open for writing it.", |v| match v.object() {
        Object::Pipe(pipe) => pipe.writers.into(),
        _ => 0,
    });
static FULL_WRITERS: Number =
    number("writers past open", "Those of them that no open is still about.", |v| {
        let all = v.num(&Num::Of(&WRITERS));
        let object = v.description().map(|description| description.object);
        all - waiting(v, object, |d| d.writes).min(all)
    });
static CUT: Number = number("cuts", "1 if O_TRUNC is asked for.", |v| u64::from(v.flag("O_TRUNC")));
static WRITABLE: Number =
    number("writable", "1 if its permission bits let the caller write.", |v| {
        u64::from(allowed(v, 2))
    });

pub(super) const A_FIFO: Guard =
    Guard { name: "it is a FIFO", cond: Eq(Num::Of(&IS_FIFO), Num::N(1)) };
pub(super) const MAY: Guard =
    Guard { name: "its permission bits let the caller", cond: Eq(Num::Of(&PERMITTED), Num::N(1)) };
pub(super) const MAY_NOT: Guard = Guard {
    name: "its permission bits do not let the caller",
    cond: Eq(Num::Of(&PERMITTED), Num::N(0)),
};
pub(super) const FRESH: Guard =
    Guard { name: "it has not entered", cond: Eq(Num::Of(&FOUND), Num::N(0)) };
pub(super) const ALONE: Guard =
    Guard { name: "it has entered and met nobody", cond: Eq(Num::Of(&FOUND), Num::N(1)) };
pub(super) const MET: Guard =
    Guard { name: "it has met the other end", cond: Eq(Num::Of(&FOUND), Num::N(2)) };
pub(super) const WAITS: Guard =
    Guard { name: "O_NONBLOCK is not asked for", cond: Eq(Num::Of(&AT_ONCE), Num::N(0)) };
pub(super) const WAITS_NOT: Guard =
    Guard { name: "O_NONBLOCK is asked for", cond: Eq(Num::Of(&AT_ONCE), Num::N(1)) };
/// It is opened, and not only named.
pub const PLAIN: Guard =
    Guard { name: "O_PATH is not asked for", cond: Eq(Num::Of(&ONLY_PATH), Num::N(0)) };
/// It is only named.
pub const BY_PATH: Guard =
    Guard { name: "O_PATH is asked for", cond: Eq(Num::Of(&ONLY_PATH), Num::N(1)) };
/// It is to be open for writing, and not only named.
pub const TO_BE_WRITTEN: Guard = Guard {
    name: "for writing, alone or too",
    cond: All(&[Eq(Num::Of(&WRITES_TOO), Num::N(1)), Eq(Num::Of(&ONLY_PATH), Num::N(0))]),
};
pub(super) const TO_READ: Guard = Guard {
    name: "for reading only",
    cond: All(&[Eq(Num::Of(&READS_TOO), Num::N(1)), Eq(Num::Of(&WRITES_TOO), Num::N(0))]),
};
pub(super) const TO_WRITE: Guard = Guard {
    name: "for writing only",
    cond: All(&[Eq(Num::Of(&READS_TOO), Num::N(0)), Eq(Num::Of(&WRITES_TOO), Num::N(1))]),
};
pub(super) const BOTH_WAYS: Guard = Guard {
    name: "for both",
    cond: All(&[Eq(Num::Of(&READS_TOO), Num::N(1)), Eq(Num::Of(&WRITES_TOO), Num::N(1))]),
};
/// A pipe without a name takes everybody at once (Linux `fs/pipe.c`, `fifo_open`).
pub(super) const A_READER: Guard = Guard {
    name: "somebody can read, or it has never had a name",
    cond: Any(&[Lt(Num::N(0), Num::Of(&READERS)), Eq(Num::Of(&NAMED), Num::N(0))]),
};
pub(super) const NO_READER: Guard = Guard {
    name: "nobody can read, and it was made with a name",
    cond: All(&[Eq(Num::Of(&READERS), Num::N(0)), Eq(Num::Of(&NAMED), Num::N(1))]),
};
pub(super) const ONLY_OPENING: Guard = Guard {
    name: "who can read is still in its open",
    cond: All(&[
        Eq(Num::Of(&NAMED), Num::N(1)),
        Lt(Num::N(0), Num::Of(&READERS)),
        Eq(Num::Of(&FULL_READERS), Num::N(0)),
    ]),
};
pub(super) const CUTS: Guard =
    Guard { name: "O_TRUNC is asked for", cond: Eq(Num::Of(&CUT), Num::N(1)) };
/// Who may write to what it names.
pub const WRITE_ALLOWED: Guard = Guard {
    name: "its permission bits let the caller write",
    cond: Eq(Num::Of(&WRITABLE), Num::N(1)),
};
/// Who may not write to what it names.
pub const WRITE_FORBIDDEN: Guard = Guard {
    name: "its permission bits keep the caller from writing",
    cond: Eq(Num::Of(&WRITABLE), Num::N(0)),
};
pub(super) const ONLY_WRITERS_OPENING: Guard = Guard {
    name: "who can write is still in its open",
    cond: All(&[Lt(Num::N(0), Num::Of(&WRITERS)), Eq(Num::Of(&FULL_WRITERS), Num::N(0))]),
};

pub(super) static ENTER: Action =
    action("it counts as an end, and whoever waits for such an end has met it", |c, _| enter(c));
pub(super) static INSTALL: Action =
    action("the lowest free descriptor leads to it", |c, _| install(c));
pub(super) static STAND_FOR: Action =
    action("the lowest free descriptor stands for the name", |c, _| {
        let view = c.view();
        let Some(object) = target(&view) else { return };
        let path = Description { object, path: true, ..Description::default() };
        let cloexec = view.flag("O_CLOEXEC");
        let description = c.world.add_description(path);
        c.give(description, cloexec);
    });

fn enter(c: &mut Change<'_>) {
    let view = c.view();
    let (Some(object), Some(pipe)) = (target(&view), opened(&view)) else { return };
    let ((reads, writes), nonblock) = (access(&view), view.flag("O_NONBLOCK"));
    let others = (reads && pipe.writers > 0) || (writes && pipe.readers > 0);
    let at_once = !pipe.named || (reads && writes);
    // What was set of a FIFO goes with the last who has it open (Linux 6.18 `fs/pipe.c`,
    // `put_pipe_info`).
    let is_first = pipe.readers == 0 && pipe.writers == 0;
    let alone = pipe.named && reads && !writes && nonblock && pipe.writers == 0;
    let end = Description { object, reads, writes, nonblock, alone, ..Description::default() };
    let waited_for = |d: &Description| (reads && d.writes) || (writes && d.reads);
    let met: Vec<u8> = entering(c.world, object)
        .filter(|(_, _, d)| waited_for(d))
        .map(|(number, ..)| number)
        .collect();
    for process in met {
        if let Some(call) = c.world.in_call_mut(Actor::first(process))
            && call.holds.is_some()
        {
            call.found = 2;
        }
    }
    let capacity = c.spec.numbers.pipe_capacity;
    let description = c.world.add_description(end);
    if is_first && let Some(Object::Pipe(pipe)) = c.world.object_mut(description) {
        pipe.capacity = capacity;
    }
    c.world.share(description);
    if let Some(call) = c.world.in_call_mut(c.actor) {
        call.holds = Some(description);
        call.found = if others || at_once { 2 } else { 1 };
    }
}

fn install(c: &mut Change<'_>) {
    let cloexec = c.view().flag("O_CLOEXEC");
    let held = c.world.in_call_mut(c.actor).and_then(|call| call.holds.take());
    if let Some(description) = held {
        c.give(description, cloexec);
        c.world.release(description);
    }
}
