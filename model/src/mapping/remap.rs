//! How a mapping gets another length, and another place: Linux `mremap(2)`. It is not in POSIX.

use super::MREMAP;
use super::space::Piece;
use super::terms::{PLACE, is_outside_of_all, page, removed};
use crate::clause::Aspect::{Error, Lifetime};
use crate::clause::Cond::{All, Eq, Lt};
use crate::clause::{
    Action, Answer, Clause, Envelope, Guard, Num, Number, Source, action, effect, extension, linux,
    number,
};
use crate::errno::Errno::{EFAULT, EINVAL, ENOMEM};
use crate::outcome::Value;
use crate::view::{Change, View};

/// What the call names, lengths in whole pages.
struct Asked {
    from: u64,
    old: u64,
    new: u64,
    /// `MREMAP_FIXED`, and to where.
    to: Option<u64>,
    /// `MREMAP_MAYMOVE`.
    may_move: bool,
}

fn asked(v: &View<'_>) -> Asked {
    let number = |index| v.arg(index).max(0) as u64;
    let whole = |index| number(index).div_ceil(page(v)).saturating_mul(page(v));
    let to = v.flag("MREMAP_FIXED").then(|| number(4));
    let may_move = v.flag("MREMAP_MAYMOVE");
    Asked { from: number(0), old: whole(1), new: whole(2), to, may_move }
}

/// What comes of the call, if nothing is wrong with what it names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Plan {
    /// Nothing is mapped at the first address.
    Nothing,
    /// It stays where it is, and is no longer than before.
    Keeps,
    /// It stays where it is, and is longer.
    Grows,
    /// There is no room for what is longer.
    NoRoom,
    /// It goes to where it is asked to, or to where the system likes.
    Moves,
    /// It is seen there too.
    Doubles,
    /// What is private cannot be seen twice.
    Private,
    /// It is several mappings, or a segment.
    Unsaid,
}

fn first<'a>(v: &View<'a>, asked: &Asked) -> Option<&'a Piece> {
    v.process()?.space.at(asked.from)
}

fn plan(v: &View<'_>) -> Plan {
    let asked = asked(v);
    let Some(piece) = first(v, &asked) else { return Plan::Nothing };
    let room = v.process().is_some_and(|process| {
        asked.old > 0
            && !process.space.is_taken(asked.from + asked.old, asked.from.saturating_add(asked.new))
    });
    if piece.object.is_some_and(|object| v.world.segments.has(object)) {
        return Plan::Unsaid;
    }
    let over_itself = |to: u64| to <= asked.from && asked.from < to.saturating_add(asked.new);
    match asked.to {
        Some(to) if asked.old == 0 && over_itself(to) => Plan::Unsaid,
        None if asked.old > 0 && asked.new <= asked.old => Plan::Keeps,
        _ if asked.old == 0 && piece.private => Plan::Private,
        _ if asked.from + asked.old > piece.to => Plan::Unsaid,
        None if room => Plan::Grows,
        None if !asked.may_move => Plan::NoRoom,
        _ if asked.old == 0 => Plan::Doubles,
        _ => Plan::Moves,
    }
}

/// To where it goes, or is seen too.
fn goal(v: &View<'_>) -> u64 {
    let next = v.process().map_or(PLACE, |process| process.space.next_place());
    asked(v).to.unwrap_or(next)
}

/// Whether what is asked for lies where nobody else has anything, and is not the system's to choose.
fn is_outside(v: &View<'_>) -> bool {
    let some = [0, 1, 2, 4].iter().all(|index| (0..PLACE as i64 * 256).contains(&v.arg(*index)));
    if !some {
        return true;
    }
    let asked = asked(v);
    let in_window = |at: u64, len: u64| at + len <= super::WINDOW_PAGES * page(v);
    let placed = asked.from >= PLACE;
    let old = match placed {
        false => {
            let stays = if asked.to.is_some() { 0 } else { asked.new };
            !in_window(asked.from, asked.old.max(stays))
        }
        true => is_outside_of_all(v, asked.from, asked.old, asked.old > 0),
    };
    // Whether there is room behind a place that the system chose is not known.
    let grows = placed && asked.to.is_none() && asked.old > 0 && asked.new > asked.old;
    let far = !in_window(0, asked.new) || asked.to.is_some_and(|to| !in_window(to, asked.new));
    old || grows || far
}

static OUTSIDE: Number = number(
    "outside",
    "1 if an address is neither in the window nor in a place that was chosen.",
    |v| u64::from(is_outside(v)),
);
static WRONG: Number = number(
    "wrong",
    "1 if an address is within a page, the new length is none, MREMAP_FIXED comes without MREMAP_MAYMOVE, or \
     the old and the new place overlap.",
    |v| {
        let asked = asked(v);
        let within = |at: u64| !at.is_multiple_of(page(v));
        let over = |to: u64| asked.from + asked.old > to && to + asked.new > asked.from;
        let fixed = asked.to.is_some_and(|to| !asked.may_move || within(to) || over(to));
        u64::from(within(asked.from) || asked.new == 0 || fixed)
    },
);
static PLAN: Number = number(
    "plan",
    "What comes of it: 0 nothing is mapped there, 1 it stays and is no longer than before, 2 it stays and is \
     longer, 3 there is no room, 4 it goes elsewhere, 5 it is seen elsewhere too, 6 it would be and is \
     private, 7 it is several mappings, a segment, or to be seen over itself.",
    |v| plan(v) as u64,
);
static PAGES: Number = number(
    "private pages",
    "The pages that go elsewhere or get more, where they are private.",
    |v| {
        let asked = asked(v);
        let private = first(v, &asked).is_some_and(|piece| piece.private);
        if private { asked.old / page(v) } else { 0 }
    },
);

const INSIDE: Guard = Guard {
    name: "in the window, or in a place that was chosen",
    cond: Eq(Num::Of(&OUTSIDE), Num::N(0)),
};
const NOT_INSIDE: Guard = Guard {
    name: "neither in the window nor in a place that was chosen",
    cond: Eq(Num::Of(&OUTSIDE), Num::N(1)),
};
const SOUND: Guard =
    Guard { name: "nothing is wrong with what is asked for", cond: Eq(Num::Of(&WRONG), Num::N(0)) };
const UNSOUND: Guard = Guard {
    name: "something is wrong with what is asked for",
    cond: Eq(Num::Of(&WRONG), Num::N(1)),
};
const UNMAPPED: Guard =
    Guard { name: "nothing is mapped at the address", cond: Eq(Num::Of(&PLAN), Num::N(0)) };
const SHORTER: Guard =
    Guard { name: "it is to stay, and to be no longer", cond: Eq(Num::Of(&PLAN), Num::N(1)) };
const LONGER: Guard = Guard {
    name: "it is to be longer, may stay, and nothing is behind it",
    cond: Eq(Num::Of(&PLAN), Num::N(2)),
};
const NO_ROOM: Guard = Guard {
    name: "it is to be longer, may not move, and something is behind it",
    cond: Eq(Num::Of(&PLAN), Num::N(3)),
};
const ELSEWHERE: Guard =
    Guard { name: "it is to move, or has to, and may", cond: Eq(Num::Of(&PLAN), Num::N(4)) };
const TWICE: Guard =
    Guard { name: "it has no old length, and is shared", cond: Eq(Num::Of(&PLAN), Num::N(5)) };
const PRIVATELY: Guard =
    Guard { name: "it has no old length, and is private", cond: Eq(Num::Of(&PLAN), Num::N(6)) };
const NOT_ONE: Guard = Guard {
    name: "it is several mappings, a segment, or to be seen over itself",
    cond: Eq(Num::Of(&PLAN), Num::N(7)),
};
const PERHAPS_SEVERAL: Guard = Guard {
    name: "it is of several private pages, and is to grow or to move",
    cond: All(&[
        Lt(Num::N(1), Num::Of(&PAGES)),
        Lt(Num::N(1), Num::Of(&PLAN)),
        Lt(Num::Of(&PLAN), Num::N(5)),
    ]),
};

static STAYS: Answer =
    Answer { name: "the address", value: |v| Value::Number(asked(v).from as i64) };
static GOAL: Answer = Answer {
    name: "the new address: the one that was asked for, or the next place that the system chooses",
    value: |v| Value::Number(goal(v) as i64),
};

static CUT: Action = action("what is behind the new end is not mapped any more", |c, _| {
    let asked = asked(&c.view());
    let old =
        removed(c, asked.from.saturating_add(asked.new), asked.from.saturating_add(asked.old));
    old.into_iter().for_each(|object| c.world.forget(object));
});
static GROW: Action = action("what follows in the file is mapped behind it", |c, _| {
    let asked = asked(&c.view());
    if let Some(process) = c.process() {
        process.space.grow(asked.from, asked.old, asked.new);
    }
});
static MOVE: Action = action("it is mapped there, and not here any more", |c, _| go(c, false));
static DOUBLE: Action = action("it is mapped there too", |c, _| go(c, true));

fn go(c: &mut Change<'_>, stays: bool) {
    let view = c.view();
    let (asked, to) = (asked(&view), goal(&view));
    let Some(process) = view.process() else { return };
    let taken = process.space.taken(asked.from, asked.old, asked.new);
    let mut old = removed(c, to, to.saturating_add(asked.new));
    if !stays {
        old.extend(removed(c, asked.from, asked.from.saturating_add(asked.old)));
    }
    if let Some(process) = c.process() {
        process.space.put(taken, asked.from, to);
        if asked.to.is_none() {
            process.space.choose();
        }
    }
    old.into_iter().for_each(|object| c.world.forget(object));
}

const PAGE: Source = linux("mremap(2)", "DESCRIPTION");
const ERRORS: Source = linux("mremap(2)", "ERRORS");

pub(super) static CLAUSES: &[Clause] = &[
    extension(
        "mapping.mremap.keeps",
        &[&MREMAP],
        (Lifetime, PAGE, "What is to be shorter stays where it is, and ends earlier."),
        &[INSIDE, SOUND, SHORTER],
        Envelope::Exactly(&STAYS),
        &[effect(&CUT)],
    ),
    extension(
        "mapping.mremap.grows",
        &[&MREMAP],
        (Lifetime, PAGE, "What is to be longer stays where it is, if nothing is behind it."),
        &[INSIDE, SOUND, LONGER],
        Envelope::Exactly(&STAYS),
        &[effect(&GROW)],
    ),
    extension(
        "mapping.mremap.moves",
        &[&MREMAP],
        (
            Lifetime,
            PAGE,
            "With MREMAP_FIXED it goes to that address, in place of what was there; else, where there is no room and it may, to where the system likes and nothing is; what is seen by it is the same.",
        ),
        &[INSIDE, SOUND, ELSEWHERE],
        Envelope::Exactly(&GOAL),
        &[effect(&MOVE)],
    ),
    extension(
        "mapping.mremap.doubles",
        &[&MREMAP],
        (
            Lifetime,
            PAGE,
            "What is shared and has no old length stays, and is seen at the new place as well.",
        ),
        &[INSIDE, SOUND, TWICE],
        Envelope::Exactly(&GOAL),
        &[effect(&DOUBLE)],
    ),
    extension(
        "mapping.mremap.err.einval",
        &[&MREMAP],
        (
            Error,
            ERRORS,
            "Nothing is mapped from within a page on, of no length, over itself, or at a fixed place without being allowed to move.",
        ),
        &[INSIDE, UNSOUND],
        Envelope::Error(EINVAL),
        &[],
    ),
    extension(
        "mapping.mremap.err.einval.private",
        &[&MREMAP],
        (Error, ERRORS, "What is private is not seen twice."),
        &[INSIDE, SOUND, PRIVATELY],
        Envelope::Error(EINVAL),
        &[],
    ),
    extension(
        "mapping.mremap.err.efault",
        &[&MREMAP],
        (Error, ERRORS, "What is not mapped gets no other length and no other place."),
        &[INSIDE, SOUND, UNMAPPED],
        Envelope::Error(EFAULT),
        &[],
    ),
    extension(
        "mapping.mremap.err.enomem",
        &[&MREMAP],
        (Error, ERRORS, "What cannot be longer where it is, and may not move, stays as it is."),
        &[INSIDE, SOUND, NO_ROOM],
        Envelope::Error(ENOMEM),
        &[],
    ),
    extension(
        "mapping.mremap.unspecified.several",
        &[&MREMAP],
        (
            Error,
            ERRORS,
            "What becomes of several mappings that are to move or grow differs between releases; of segments, and of what is to be seen in its own place too, it is not said here.",
        ),
        &[INSIDE, SOUND, NOT_ONE],
        Envelope::Anything,
        &[],
    ),
    Clause {
        force: crate::clause::Force::Permits,
        ..extension(
            "mapping.mremap.err.efault.several",
            &[&MREMAP],
            (
                Error,
                linux("mm/vma.c", "6.18, is_mergeable_anon_vma"),
                "Private pages that were mapped one after the other may be several mappings, and those do not go together.",
            ),
            &[INSIDE, SOUND, PERHAPS_SEVERAL],
            Envelope::Error(EFAULT),
            &[],
        )
    },
    extension(
        "mapping.mremap.undefined.outside",
        &[&MREMAP],
        (Lifetime, PAGE, "What lies outside of what programs have is not the program's."),
        &[NOT_INSIDE],
        Envelope::Anything,
        &[],
    ),
];
