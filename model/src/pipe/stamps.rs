//! When a pipe or FIFO was last read and written.
//!
//! There is no clock: somebody sets the stamps of a file to a moment long gone, and whoever asks later
//! is told whether a stamp is still that one or another. Of a file whose stamps nobody has set nothing
//! is kept, and they are later ones.
//!
//! A call marks a stamp when it succeeds (POSIX.1-2024, File Times Update): at some time between the
//! move of its bytes and its return, which is why who looks meanwhile may be told either.

use std::sync::Arc;

use super::terms::{A_PIPE, IS_PIPE};
use crate::clause::Aspect::{Error, Persistence};
use crate::clause::Cond::{All, Any, Eq, Le, Lt};
use crate::clause::Duty::{ImplDefined, Shall, Unspecified};
use crate::clause::Force::{Obliges, Permits};
use crate::clause::{
    Action, Answer, Clause, Envelope, Guard, Num, Number, action, effect, extension, linux, number,
    posix,
};
use crate::descriptor::{OPEN, not_open};
use crate::errno::Errno::EPERM;
use crate::name::{ANOTHERS, ITS, SOMETHING_MOUNTED};
use crate::operation::{Actor, Gives, Operation, Param};
use crate::outcome::Value;
use crate::view::{Change, View};
use crate::world::{Object, World};

/// What is told of a stamp: that it is what [`FUTIMENS`] sets, or another.
pub const MOMENTS: &[&str] = &["old", "later"];

/// `int futimens(int fildes, const struct timespec times[2])`, both times a moment long gone.
pub static FUTIMENS: Operation = Operation {
    name: "futimens",
    params: &[Param::Fd],
    gives: Gives::Nothing,
    c: "futimens(%0, {old, old})",
};

/// `int fstat(int fildes, struct stat *buf)`, of which it is told when the file was last read.
pub static FSTAT_ATIME: Operation = Operation {
    name: "fstat",
    params: &[Param::Fd, Param::Command("st_atim")],
    gives: Gives::Word(MOMENTS),
    c: "fstat(%0, &st), st.st_atim",
};

/// `int fstat(int fildes, struct stat *buf)`, of which it is told when the file was last written.
pub static FSTAT_MTIME: Operation = Operation {
    name: "fstat",
    params: &[Param::Fd, Param::Command("st_mtim")],
    gives: Gives::Word(MOMENTS),
    c: "fstat(%0, &st), st.st_mtim",
};

const ON_FSTAT: &[&Operation] = &[&FSTAT_ATIME, &FSTAT_MTIME];
const ON_FUTIMENS: &[&Operation] = &[&FUTIMENS];

/// One of the stamps of a file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Stamp {
    /// `st_atim`: when it was last read.
    Access,
    /// `st_mtim`: when it was last written.
    Modification,
}

/// Whether a stamp is still the old one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
enum Moment {
    Old,
    Either,
    Later,
}

/// The stamps that somebody has set.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Stamps {
    files: Vec<Stamped>,
}

/// A file whose stamps somebody has set.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Stamped {
    object: u16,
    /// By [`Stamp`].
    moments: [Moment; 2],
    /// The calls that mark a stamp, and have not returned.
    marking: Vec<Marking>,
}

/// A call that marks a stamp.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Marking {
    actor: Actor,
    stamp: Stamp,
    /// The stamp may have been set since: nobody knows which was first.
    overtaken: bool,
}

impl Stamps {
    /// Whether nobody has set any.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// What is known of an object's stamps, if somebody has set them.
    pub fn of(&self, object: u16) -> Option<&Stamped> {
        self.files.iter().find(|file| file.object == object)
    }

    /// The object is gone.
    pub(crate) fn forget(&mut self, object: u16) {
        self.files.retain(|file| file.object != object);
    }

    /// Somebody sets them; a mark may have come behind.
    fn set(&mut self, object: u16, moment: Moment) {
        let marking = self.of(object).map(|file| file.marking.clone()).unwrap_or_default();
        let marking = marking.into_iter().map(|mark| Marking { overtaken: true, ..mark });
        let file = Stamped { object, moments: [moment; 2], marking: marking.collect() };
        self.forget(object);
        self.files.push(file);
        self.files.sort_by_key(|file| file.object);
    }

    /// A call has moved bytes, and marks a stamp before it returns.
    fn mark(&mut self, object: u16, actor: Actor, stamp: Stamp) {
        let Some(file) = self.files.iter_mut().find(|file| file.object == object) else { return };
        file.marking.retain(|mark| (mark.actor, mark.stamp) != (actor, stamp));
        file.marking.push(Marking { actor, stamp, overtaken: false });
    }

    fn is_marking(&self, actor: Actor) -> bool {
        self.files.iter().any(|file| file.marking.iter().any(|mark| mark.actor == actor))
    }

    /// A call that may have marked stamps is over: surely, if it has returned.
    fn settle(&mut self, actor: Actor, returned: bool) {
        for file in &mut self.files {
            for mark in file.marking.iter().filter(|mark| mark.actor == actor) {
                let sure = returned && !mark.overtaken;
                let moment = if sure { Moment::Later } else { Moment::Either };
                let known = &mut file.moments[mark.stamp as usize];
                *known = moment.max(*known);
            }
            file.marking.retain(|mark| mark.actor != actor);
        }
    }
}

impl Stamped {
    fn moment(&self, stamp: Stamp) -> Moment {
        let marking = self.marking.iter().any(|mark| mark.stamp == stamp);
        let least = if marking { Moment::Either } else { Moment::Old };
        self.moments[stamp as usize].max(least)
    }

    /// The processes that are about to mark one.
    pub fn processes(&self) -> impl Iterator<Item = u8> + '_ {
        self.marking.iter().map(|mark| mark.actor.process)
    }

    /// Everything of it but which object and which processes.
    pub fn outline(&self) -> impl std::hash::Hash + '_ {
        let marking = self.marking.iter().map(|mark| (mark.stamp, mark.overtaken));
        (self.moments, marking.collect::<Vec<_>>())
    }
}

/// A thread's call is over, for it has returned or never will. Who looks at a stamp or sets it meanwhile
/// may have been first.
pub(crate) fn over(world: &mut World, actor: Actor, returned: bool) {
    if !world.stamps.is_marking(actor) {
        return;
    }
    Arc::make_mut(&mut world.stamps).settle(actor, returned);
    let processes = 0..world.processes.len() as u8;
    for other in processes.map(Actor::first) {
        if let Some(call) = world.in_call_mut(other)
            && (ON_FSTAT.contains(&call.call.operation) || call.call.operation == &FUTIMENS)
        {
            call.found = 1;
        }
    }
}

/// A call marks nothing after all: for planted faults.
pub fn forget_marks(world: &mut World, actor: Actor) {
    if world.stamps.is_marking(actor) {
        for file in &mut Arc::make_mut(&mut world.stamps).files {
            file.marking.retain(|mark| mark.actor != actor);
        }
    }
}

/// A call marks the stamps of an object whatever it does: for planted faults.
pub fn mark_all(world: &mut World, actor: Actor, object: u16) {
    if world.stamps.of(object).is_some() {
        let stamps = Arc::make_mut(&mut world.stamps);
        for stamp in [Stamp::Access, Stamp::Modification] {
            stamps.mark(object, actor, stamp);
        }
    }
}

/// The caller has moved bytes from or to the pipe, and marks this stamp.
pub(super) fn mark(c: &mut Change<'_>, stamp: Stamp) {
    let unread = stamp == Stamp::Access && c.spec.numbers.noatime;
    if c.world.stamps.is_empty() || unread {
        return;
    }
    if let (Some(object), actor) = (object(&c.view()), c.actor) {
        Arc::make_mut(&mut c.world.stamps).mark(object, actor, stamp);
    }
}

fn object(v: &View<'_>) -> Option<u16> {
    v.description().map(|description| description.object)
}

fn stamped<'a>(v: &View<'a>) -> Option<&'a Stamped> {
    v.world.stamps.of(object(v)?)
}

/// Whether a call has returned meanwhile that marks a stamp.
fn overlaps(v: &View<'_>) -> bool {
    v.call.is_some_and(|call| call.found > 0)
}

static SET_BEFORE: Number =
    number("set(fd)", "1 if somebody has set the stamps of the file.", |v| {
        u64::from(stamped(v).is_some())
    });
static MARKED: Number = number(
    "marked(fd)",
    "Of the stamp that is asked for: 0 if it is the old one, 2 if it is a later one, 1 if it may be either.",
    |v| {
        let access = v.call.is_some_and(|call| call.call.operation == &FSTAT_ATIME);
        let stamp = if access { Stamp::Access } else { Stamp::Modification };
        let moment = stamped(v).map_or(Moment::Later, |file| file.moment(stamp));
        match stamped(v) {
            Some(_) if overlaps(v) => moment.min(Moment::Either) as u64,
            _ => moment as u64,
        }
    },
);
static NAMELESS: Number = number("nameless(fd)", "1 if it is a pipe that never had a name.", |v| {
    u64::from(matches!(v.object(), Object::Pipe(pipe) if !pipe.named))
});

const MAY_BE_OLD: Guard = Guard {
    name: "nothing has surely marked the stamp since it was set",
    cond: Le(Num::Of(&MARKED), Num::N(1)),
};
const MAY_BE_LATER: Guard = Guard {
    name: "something may have marked the stamp, or nobody has set it",
    cond: Lt(Num::N(0), Num::Of(&MARKED)),
};
const IS_OLD: Guard = Guard {
    name: "nothing has marked the stamp since it was set",
    cond: Eq(Num::Of(&MARKED), Num::N(0)),
};
const NAMED_OR_NEW: Guard = Guard {
    name: "it is a FIFO, or nobody has set its stamps",
    cond: Any(&[Eq(Num::Of(&NAMELESS), Num::N(0)), Eq(Num::Of(&SET_BEFORE), Num::N(0))]),
};
const NAMELESS_AND_SET: Guard = Guard {
    name: "it never had a name, and somebody has set its stamps",
    cond: All(&[Eq(Num::Of(&NAMELESS), Num::N(1)), Eq(Num::Of(&SET_BEFORE), Num::N(1))]),
};
const NO_PIPE: Guard = Guard {
    name: "it is open, and no pipe",
    cond: All(&[Eq(Num::Of(&OPEN), Num::N(1)), Eq(Num::Of(&IS_PIPE), Num::N(0))]),
};

static THE_OLD: Answer = Answer { name: "the moment that was set", value: |_| Value::Word(0) };
static A_LATER: Answer = Answer { name: "a later moment", value: |_| Value::Word(1) };
static EITHER: Answer = Answer {
    name: "the moment that was set, or a later one",
    value: |v| Value::Word(v.chosen.count as u8),
};

static SET: Action = action("its stamps are of a moment long gone", |c, _| {
    let view = c.view();
    let moment = if overlaps(&view) { Moment::Either } else { Moment::Old };
    if let Some(object) = object(&view) {
        Arc::make_mut(&mut c.world.stamps).set(object, moment);
    }
});

/// The clauses.
pub(super) static CLAUSES: &[Clause] = &[
    Clause {
        id: "pipe.futimens.sets",
        on: ON_FUTIMENS,
        force: Obliges,
        duty: Shall,
        aspect: Persistence,
        source: posix("futimens()", "DESCRIPTION"),
        text: "The owner of a pipe or FIFO sets when it was last read and written.",
        guards: &[A_PIPE, ITS],
        envelope: Envelope::Nothing,
        effects: &[effect(&SET)],
    },
    Clause {
        id: "pipe.futimens.err.eperm",
        on: ON_FUTIMENS,
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("futimens()", "ERRORS"),
        text: "Nobody else sets them, unless to the present.",
        guards: &[A_PIPE, ANOTHERS],
        envelope: Envelope::Error(EPERM),
        effects: &[],
    },
    not_open("pipe.futimens.err.ebadf", ON_FUTIMENS, "futimens()"),
    Clause {
        id: "pipe.fstat.stamp.kept",
        on: ON_FSTAT,
        force: Obliges,
        duty: Shall,
        aspect: Persistence,
        source: posix("File Times Update", "XBD 4"),
        text: "A stamp stays as it was set until it is marked: not by an open, and not by a call that is refused or moves no bytes.",
        guards: &[A_PIPE, MAY_BE_OLD],
        envelope: Envelope::Exactly(&THE_OLD),
        effects: &[],
    },
    Clause {
        id: "pipe.fstat.stamp.marked",
        on: ON_FSTAT,
        force: Obliges,
        duty: Shall,
        aspect: Persistence,
        source: posix("read() and write()", "DESCRIPTION"),
        text: "A read that takes bytes marks when a FIFO was last read, a write that puts some in when it was last written, before either returns.",
        guards: &[A_PIPE, NAMED_OR_NEW, MAY_BE_LATER],
        envelope: Envelope::Exactly(&A_LATER),
        effects: &[],
    },
    Clause {
        id: "pipe.fstat.stamp.marked.nameless",
        on: ON_FSTAT,
        force: Obliges,
        duty: Shall,
        aspect: Persistence,
        source: posix("read() and write()", "DESCRIPTION"),
        text: "They mark the stamps of a pipe without a name as those of a FIFO.",
        guards: &[NAMELESS_AND_SET, MAY_BE_LATER],
        envelope: Envelope::Exactly(&A_LATER),
        effects: &[],
    },
    extension(
        "pipe.fstat.stamp.nameless",
        ON_FSTAT,
        (
            Persistence,
            linux("fs/pipe.c", "6.15, pipeanon_fops"),
            "They mark the stamps of a pipe without a name on older systems only.",
        ),
        &[NAMELESS_AND_SET, MAY_BE_LATER],
        Envelope::Among(Num::N(0), Num::N(1), &EITHER),
        &[],
    ),
    Clause {
        id: "pipe.fstat.stamp.elsewhere",
        on: ON_FSTAT,
        force: Permits,
        duty: ImplDefined,
        aspect: Persistence,
        source: posix("File Times Update", "XBD 4"),
        text: "A system may mark stamps where nothing says so, and documents that; by the letter a read that finds the end marks one.",
        guards: &[A_PIPE, IS_OLD],
        envelope: Envelope::Exactly(&A_LATER),
        effects: &[],
    },
    Clause {
        id: "pipe.stamps.unspecified",
        on: &[&FSTAT_ATIME, &FSTAT_MTIME, &FUTIMENS],
        force: Permits,
        duty: Unspecified,
        aspect: Persistence,
        source: posix("futimens()", "DESCRIPTION"),
        text: "Of the stamps of what is no pipe nothing is said here.",
        guards: &[NO_PIPE],
        envelope: Envelope::Anything,
        effects: &[],
    },
    extension(
        "pipe.stamps.unspecified.mounted",
        &[&FSTAT_ATIME, &FSTAT_MTIME, &FUTIMENS],
        (
            Persistence,
            linux("utimensat(2)", "ERRORS"),
            "Whether a FIFO was seen by a mount for reading only, by which no stamp changes, is not said here.",
        ),
        &[A_PIPE, SOMETHING_MOUNTED],
        Envelope::Anything,
        &[],
    ),
];
