//! How an interest list is made, and what is put into it, changed and taken out.

use super::ends::paid;
use super::terms::{A_LIST, NO_LIST, depth, list, ready, target};
use super::{
    ASKED, EDGE, EPOLL_ADD, EPOLL_CREATE1, EPOLL_DEL, EPOLL_MOD, EXCLUSIVE, HAPPENS, Interest,
    Interests, News, Place, WAKEUP,
};
use crate::clause::Aspect::{Error, Exclusion, Lifetime, Readiness};
use crate::clause::Cond::{All, Any, Eq, Lt};
use crate::clause::{
    Action, Clause, Envelope, Guard, Num, Number, Source, action, effect, extension, linux, number,
};
use crate::descriptor::{A_FREE_ONE, LOWEST, NONE_FREE};
use crate::errno::Errno::{EBADF, EEXIST, EINVAL, ELOOP, EMFILE, ENOENT};
use crate::operation::{Arg, Operation, Param};
use crate::poll::PRI;
use crate::view::View;
use crate::world::{Object, World};

/// How many lists can lie in one another.
const NESTS: u64 = 4;

/// What the call asks for.
fn asked(v: &View<'_>) -> u32 {
    let Some(call) = v.call else { return 0 };
    let all = call.call.operation.params.iter().zip(&call.call.args);
    all.filter_map(|two| match two {
        (Param::Flags(ASKED), Arg::Flags(flags)) => Some(*flags),
        _ => None,
    })
    .next()
    .unwrap_or(0)
}

/// The descriptor that the call names second.
fn second(v: &View<'_>) -> i32 {
    v.arg(2) as i32
}

/// The registration that the call speaks of.
fn item<'a>(v: &View<'a>) -> Option<&'a Interest> {
    let (fd, description) = (second(v), v.other(1).subject?);
    list(v)?.items.iter().find(|item| item.fd == fd && item.description == description)
}

/// How many lists lie above one another over an object, itself not counted; no more than `most`.
fn height(world: &World, object: u16, most: u64) -> u64 {
    if most == 0 {
        return 0;
    }
    let holds = |place: &Object| match place {
        Object::Interests(list) => list.items.iter().any(|item| target(world, item) == object),
        _ => false,
    };
    let above = world.objects.iter().enumerate().filter(|(_, place)| holds(place));
    above.map(|(place, _)| 1 + height(world, place as u16, most - 1)).max().unwrap_or(0)
}

fn reaches(world: &World, from: u16, to: u16, most: u64) -> bool {
    let Object::Interests(list) = world.object_at(from) else { return false };
    let below = |item: &Interest| {
        let target = target(world, item);
        target == to || most > 0 && reaches(world, target, to, most - 1)
    };
    list.items.iter().any(below)
}

fn closed(v: &View<'_>) -> bool {
    v.description().is_none_or(|description| description.path)
}

static NOT_OPEN: Number =
    number("closed", "1 if one of the two is not open, or stands for a name.", |v| {
        u64::from(closed(v) || closed(&v.other(1)))
    });
static SAME: Number = number("same", "1 if both lead to the same description.", |v| {
    u64::from(v.subject == v.other(1).subject)
});
static THERE: Number =
    number("registered", "1 if the descriptor is registered with its description.", |v| {
        u64::from(item(v).is_some())
    });
static LOOPS: Number =
    number("loops", "1 if lists would lie in themselves, or more than five deep.", |v| {
        let (Some(own), Some(other)) = (v.description(), v.other(1).description()) else {
            return 0;
        };
        if !matches!(v.world.object_at(other.object), Object::Interests(_)) {
            return 0;
        }
        let deep = depth(v.world, other.object, NESTS + 1);
        let high = height(v.world, own.object, NESTS + 1);
        let round = other.object == own.object || reaches(v.world, other.object, own.object, NESTS);
        u64::from(round || deep + 1 + high > NESTS)
    });
static ASKS_ALONE: Number = number("exclusive", "1 if EPOLLEXCLUSIVE is asked for.", |v| {
    u64::from(asked(v) & EXCLUSIVE != 0)
});
static ASKS_MORE: Number = number(
    "more",
    "1 if something is asked for that does not go with EPOLLEXCLUSIVE, or of an interest list.",
    |v| {
        let fit = HAPPENS & !(1 << PRI) | EDGE | EXCLUSIVE | WAKEUP;
        u64::from(asked(v) & !fit != 0 || list(&v.other(1)).is_some())
    },
);
static IS_ALONE: Number =
    number("is exclusive", "1 if it is registered with EPOLLEXCLUSIVE.", |v| {
        u64::from(item(v).is_some_and(|item| item.asked & EXCLUSIVE != 0))
    });
static ALWAYS_READY: Number = number(
    "file(fd')",
    "1 if the second descriptor leads to a file of bytes, or a directory.",
    |v| u64::from(matches!(v.other(1).object(), Object::Memory(_) | Object::Directory(_))),
);
static BAD_FLAG: Number =
    number("bad flag", "1 if a flag is set that is not known.", |v| u64::from(v.flag("O_APPEND")));

const KNOWN_FLAGS: Guard =
    Guard { name: "every flag is known", cond: Eq(Num::Of(&BAD_FLAG), Num::N(0)) };
const UNKNOWN_FLAG: Guard =
    Guard { name: "a flag is unknown", cond: Eq(Num::Of(&BAD_FLAG), Num::N(1)) };
const BOTH_OPEN: Guard =
    Guard { name: "both descriptors are open", cond: Eq(Num::Of(&NOT_OPEN), Num::N(0)) };
const NOT_BOTH_OPEN: Guard =
    Guard { name: "a descriptor is not open", cond: Eq(Num::Of(&NOT_OPEN), Num::N(1)) };
const TWO: Guard =
    Guard { name: "they lead to two descriptions", cond: Eq(Num::Of(&SAME), Num::N(0)) };
const ONE: Guard =
    Guard { name: "both lead to one description", cond: Eq(Num::Of(&SAME), Num::N(1)) };
const IS_THERE: Guard = Guard { name: "it is registered", cond: Eq(Num::Of(&THERE), Num::N(1)) };
const NOT_THERE: Guard =
    Guard { name: "it is not registered", cond: Eq(Num::Of(&THERE), Num::N(0)) };
const NO_LOOP: Guard =
    Guard { name: "lists do not lie too deep", cond: Eq(Num::Of(&LOOPS), Num::N(0)) };
const A_LOOP: Guard = Guard {
    name: "lists would lie in themselves or too deep",
    cond: Eq(Num::Of(&LOOPS), Num::N(1)),
};
const FITS_ADD: Guard = Guard {
    name: "EPOLLEXCLUSIVE is not asked for, or nothing that does not go with it",
    cond: Any(&[Eq(Num::Of(&ASKS_ALONE), Num::N(0)), Eq(Num::Of(&ASKS_MORE), Num::N(0))]),
};
const FITS_NOT_ADD: Guard = Guard {
    name: "EPOLLEXCLUSIVE is asked for with what does not go with it",
    cond: All(&[Lt(Num::N(0), Num::Of(&ASKS_ALONE)), Lt(Num::N(0), Num::Of(&ASKS_MORE))]),
};
const CAN_WAIT: Guard = Guard {
    name: "the second is no file of bytes, nor a directory",
    cond: Eq(Num::Of(&ALWAYS_READY), Num::N(0)),
};
const SHARED: Guard = Guard {
    name: "EPOLLEXCLUSIVE is neither asked for nor set",
    cond: All(&[Eq(Num::Of(&ASKS_ALONE), Num::N(0)), Eq(Num::Of(&IS_ALONE), Num::N(0))]),
};
const ASKED_ALONE: Guard =
    Guard { name: "EPOLLEXCLUSIVE is asked for", cond: Eq(Num::Of(&ASKS_ALONE), Num::N(1)) };
const SET_ALONE: Guard =
    Guard { name: "EPOLLEXCLUSIVE is set", cond: Eq(Num::Of(&IS_ALONE), Num::N(1)) };

static CREATE: Action = action("an empty interest list", |c, _| {
    let cloexec = c.view().flag("EPOLL_CLOEXEC");
    c.open_new(Object::Interests(Interests::default()), false, cloexec);
});
static REGISTER: Action = action("the descriptor is registered with its description", |c, _| {
    let view = c.view();
    let Some(description) = view.other(1).subject else { return };
    let (fd, asked) = (second(&view), asked(&view));
    let taken: Vec<u8> =
        list(&view).map_or_else(Vec::new, |list| list.items.iter().map(|i| i.id).collect());
    let id = (0..=u8::MAX).find(|id| !taken.contains(id)).unwrap_or(u8::MAX);
    let new = Interest {
        id,
        fd,
        description,
        asked,
        armed: true,
        news: News::None,
        place: Place::Behind,
    };
    let news = if new.by_news() && ready(&view, &new).1 != 0 { News::Sure } else { News::None };
    if let Some(Object::Interests(list)) = c.object() {
        list.items.push(Interest { news, ..new });
    }
});
static CHANGE: Action =
    action("it is armed anew for what is asked, and what is ready is news", |c, _| {
        let view = c.view();
        let Some(old) = item(&view).copied() else { return };
        let new = Interest { asked: asked(&view), armed: true, ..old };
        let is_ready = new.by_news() && ready(&view, &new).1 != 0;
        let news = match (is_ready, new.by_news()) {
            (true, _) => News::Sure,
            (false, true) => old.news,
            (false, false) => News::None,
        };
        if let Some(Object::Interests(list)) = c.object()
            && let Some(own) = list.items.iter_mut().find(|own| own.id == old.id)
        {
            *own = Interest { news, ..new };
        }
    });
static FORGET: Action = action("it is not registered", |c, _| {
    let Some(old) = item(&c.view()).copied() else { return };
    if let Some(Object::Interests(list)) = c.object() {
        list.items.retain(|own| own.id != old.id);
    }
    if old.news == News::Owed {
        let object = target(c.world, &old);
        paid(c.world, object);
    }
});

/// A refusal, as `epoll_ctl(2)` has it.
const fn refusal(
    id: &'static str,
    on: &'static [&'static Operation],
    text: &'static str,
    guards: &'static [Guard],
    errno: crate::errno::Errno,
) -> Clause {
    extension(
        id,
        on,
        (Error, linux("epoll_ctl(2)", "ERRORS"), text),
        guards,
        Envelope::Error(errno),
        &[],
    )
}

const CTL: Source = linux("epoll_ctl(2)", "DESCRIPTION");
const ADD: &[&Operation] = &[&EPOLL_ADD];
const MOD: &[&Operation] = &[&EPOLL_MOD];
const DEL: &[&Operation] = &[&EPOLL_DEL];
const ALL_THREE: &[&Operation] = &[&EPOLL_ADD, &EPOLL_MOD, &EPOLL_DEL];

pub(super) static CREATION: &[Clause] = &[
    extension(
        "epoll.create.creates",
        &[&EPOLL_CREATE1],
        (
            Lifetime,
            linux("epoll_create(2)", "epoll_create1()"),
            "An empty interest list comes on the lowest free descriptor.",
        ),
        &[KNOWN_FLAGS, A_FREE_ONE],
        Envelope::Exactly(&LOWEST),
        &[effect(&CREATE)],
    ),
    extension(
        "epoll.create.err.einval",
        &[&EPOLL_CREATE1],
        (Error, linux("epoll_create(2)", "ERRORS"), "A flag that is not known is refused."),
        &[UNKNOWN_FLAG],
        Envelope::Error(EINVAL),
        &[],
    ),
    extension(
        "epoll.create.err.emfile",
        &[&EPOLL_CREATE1],
        (
            Error,
            linux("epoll_create(2)", "ERRORS"),
            "Without a free descriptor there is no interest list.",
        ),
        &[KNOWN_FLAGS, NONE_FREE],
        Envelope::Error(EMFILE),
        &[],
    ),
];

pub(super) static CHANGES: &[Clause] = &[
    extension(
        "epoll.ctl.add.registers",
        ADD,
        (
            Lifetime,
            CTL,
            "The descriptor is registered with the description behind it, and ends with that.",
        ),
        &[BOTH_OPEN, CAN_WAIT, A_LIST, TWO, FITS_ADD, NO_LOOP, NOT_THERE],
        Envelope::Nothing,
        &[effect(&REGISTER)],
    ),
    extension(
        "epoll.ctl.mod.changes",
        MOD,
        (
            Readiness,
            CTL,
            "What is asked is changed and armed anew, and what is ready then is news.",
        ),
        &[BOTH_OPEN, A_LIST, TWO, SHARED, IS_THERE],
        Envelope::Nothing,
        &[effect(&CHANGE)],
    ),
    extension(
        "epoll.ctl.del.forgets",
        DEL,
        (Lifetime, CTL, "The registration is taken out."),
        &[BOTH_OPEN, A_LIST, TWO, IS_THERE],
        Envelope::Nothing,
        &[effect(&FORGET)],
    ),
];

pub(super) static REFUSALS: &[Clause] = &[
    refusal(
        "epoll.ctl.err.ebadf",
        ALL_THREE,
        "A descriptor that is not open is refused.",
        &[NOT_BOTH_OPEN],
        EBADF,
    ),
    refusal(
        "epoll.ctl.err.einval.no-list",
        ALL_THREE,
        "Nothing is registered with what is no interest list.",
        &[BOTH_OPEN, NO_LIST, TWO],
        EINVAL,
    ),
    refusal(
        "epoll.ctl.err.einval.itself",
        ALL_THREE,
        "An interest list is not registered with itself.",
        &[BOTH_OPEN, ONE],
        EINVAL,
    ),
    Clause {
        aspect: Exclusion,
        ..refusal(
            "epoll.ctl.add.err.einval.exclusive",
            ADD,
            "EPOLLEXCLUSIVE goes with few events, and with no interest list.",
            &[BOTH_OPEN, A_LIST, TWO, FITS_NOT_ADD],
            EINVAL,
        )
    },
    Clause {
        aspect: Exclusion,
        ..refusal(
            "epoll.ctl.mod.err.einval.exclusive",
            MOD,
            "EPOLLEXCLUSIVE cannot be asked for later.",
            &[BOTH_OPEN, A_LIST, TWO, ASKED_ALONE],
            EINVAL,
        )
    },
    Clause {
        aspect: Exclusion,
        ..refusal(
            "epoll.ctl.mod.err.einval.registered",
            MOD,
            "What is registered with EPOLLEXCLUSIVE cannot be changed.",
            &[BOTH_OPEN, A_LIST, TWO, IS_THERE, SET_ALONE],
            EINVAL,
        )
    },
    refusal(
        "epoll.ctl.add.err.eloop",
        ADD,
        "Interest lists lie neither in themselves nor more than five deep.",
        &[BOTH_OPEN, A_LIST, TWO, FITS_ADD, A_LOOP],
        ELOOP,
    ),
    refusal(
        "epoll.ctl.add.err.eexist",
        ADD,
        "What is registered is not registered again.",
        &[BOTH_OPEN, A_LIST, TWO, FITS_ADD, NO_LOOP, IS_THERE],
        EEXIST,
    ),
    refusal(
        "epoll.ctl.mod.err.enoent",
        MOD,
        "What is not registered cannot be changed.",
        &[BOTH_OPEN, A_LIST, TWO, NOT_THERE, NOT_ASKED_ALONE],
        ENOENT,
    ),
    refusal(
        "epoll.ctl.del.err.enoent",
        DEL,
        "What is not registered cannot be taken out.",
        &[BOTH_OPEN, A_LIST, TWO, NOT_THERE],
        ENOENT,
    ),
];

const NOT_ASKED_ALONE: Guard =
    Guard { name: "EPOLLEXCLUSIVE is not asked for", cond: Eq(Num::Of(&ASKS_ALONE), Num::N(0)) };
