//! The numbers, answers and actions of waiting for what is in a list.

use super::ends::paid;
use super::{EDGE, EXCLUSIVE, HAPPENS, Interest, Interests, News, ONESHOT, Place};
use crate::clause::Cond::{All, Any, Eq, Le, Lt};
use crate::clause::{Action, Answer, Guard, Num, Number, action, by_sort, number};
use crate::outcome::Value;
use crate::poll::{ERR, HUP, bits};
use crate::view::View;
use crate::world::{Object, World};

/// The list that the call's descriptor leads to.
pub(super) fn list<'a>(v: &View<'a>) -> Option<&'a Interests> {
    match v.object() {
        Object::Interests(list) => Some(list),
        _ => None,
    }
}

/// How many lists lie below one another in a list, itself not counted; no more than `most`.
pub(super) fn depth(world: &World, object: u16, most: u64) -> u64 {
    let Object::Interests(list) = world.object_at(object) else { return 0 };
    if most == 0 {
        return 0;
    }
    let below = list
        .items
        .iter()
        .map(|item| target(world, item))
        .filter(|target| matches!(world.object_at(*target), Object::Interests(_)));
    below.map(|target| 1 + depth(world, target, most - 1)).max().unwrap_or(0)
}

/// The object of a registration.
pub(super) fn target(world: &World, item: &Interest) -> u16 {
    world.descriptions.get(usize::from(item.description)).map_or(0, |d| d.object)
}

/// How deep lists can lie in one another, and two more.
const TOO_DEEP: u64 = 6;

/// The events that a registration surely has, and those that it may have, whether there is news or not.
pub(super) fn ready(v: &View<'_>, item: &Interest) -> (u32, u32) {
    if !item.armed || depth(v.world, target(v.world, item), TOO_DEEP) >= TOO_DEEP {
        return (0, 0);
    }
    let asked = (item.asked | 1 << ERR | 1 << HUP) & HAPPENS;
    let (sure, most) = bits(&View { subject: Some(item.description), ..*v });
    (sure & asked, most & asked)
}

/// What a look at a registration may find: nothing, or events.
fn finds(v: &View<'_>, item: &Interest) -> Vec<u32> {
    let (sure, most) = ready(v, item);
    if item.by_news() && item.news == News::None || most == 0 {
        return vec![0];
    }
    let mut all = Vec::new();
    let may_miss = match item.news {
        News::Sure => false,
        News::Owed => others_are_owed(v.world, item),
        News::Perhaps | News::None => true,
    };
    if item.by_news() && may_miss {
        all.push(0);
    }
    // Every subset of what is left open, on top of what is sure.
    let open = most & !sure;
    let mut part = open;
    loop {
        let found = sure | part;
        if !all.contains(&found) {
            all.push(found);
        }
        if part == 0 {
            return all;
        }
        part = (part - 1) & open;
    }
}

/// Whether what is owed to a registration is owed to another as well.
fn others_are_owed(world: &World, item: &Interest) -> bool {
    let object = target(world, item);
    let all = world.objects.iter().filter_map(|place| match &**place {
        Object::Interests(list) => Some(&list.items),
        _ => None,
    });
    all.flatten().filter(|one| one.news == News::Owed && target(world, one) == object).count() > 1
}

/// What the call has looked at: the registration's number, and its descriptor with what was found.
fn seen<'a>(v: &View<'a>) -> impl Iterator<Item = (u32, u32, u32)> + use<'a> {
    let seen = v.call.map_or(&[][..], |call| &call.seen);
    seen.chunks_exact(2).map(|two| (two[0], two[1] >> 16, two[1] & 0xffff))
}

fn unseen<'a>(v: &View<'a>) -> Vec<&'a Interest> {
    let looked: Vec<u32> = seen(v).map(|(id, ..)| id).collect();
    let items = list(v).map_or(&[][..], |list| &list.items);
    items.iter().filter(|item| !looked.contains(&u32::from(item.id))).collect()
}

/// The registrations that the next look may be at: those that were left out before the others.
fn next<'a>(v: &View<'a>) -> Vec<&'a Interest> {
    let all = unseen(v);
    if !all.iter().any(|item| item.place == Place::First && surely(v, item)) {
        return all;
    }
    all.into_iter().filter(|item| item.place != Place::Behind && perhaps(v, item)).collect()
}

/// Every look that can be the next, and what it finds.
fn looks<'a>(v: &View<'a>) -> Vec<(&'a Interest, u32)> {
    let each = |item: &'a Interest| finds(v, item).into_iter().map(move |found| (item, found));
    next(v).into_iter().flat_map(each).collect()
}

/// Whether it would surely be reported.
fn surely(v: &View<'_>, item: &Interest) -> bool {
    ready(v, item).0 != 0 && (!item.by_news() || item.news == News::Sure)
}

/// Whether who waits for it must be told: it is owed to one, and none of them has it.
fn owed(v: &View<'_>, item: &Interest) -> bool {
    ready(v, item).0 != 0 && (!item.by_news() || item.news >= News::Owed)
}

fn perhaps(v: &View<'_>, item: &Interest) -> bool {
    ready(v, item).1 != 0 && (!item.by_news() || item.news != News::None)
}

fn count(v: &View<'_>, is: impl Fn(&View<'_>, &Interest) -> bool) -> u64 {
    list(v).map_or(0, |list| list.items.iter().filter(|item| is(v, item)).count() as u64)
}

fn found(v: &View<'_>) -> u64 {
    seen(v).filter(|(.., found)| *found != 0).count() as u64
}

/// Whether the descriptor leads there.
pub static IS_LIST: Number =
    by_sort("epoll(fd)", "1 if the descriptor leads to an interest list.", |v| {
        u64::from(list(v).is_some())
    });
static WAYS: Number = number("ways", "One less than the looks that can be next.", |v| {
    (looks(v).len() as u64).saturating_sub(1)
});
static UNSEEN: Number =
    number("unseen", "The registrations that have not been looked at.", |v| unseen(v).len() as u64);
static FINDS: Number = number("found", "The registrations that were found ready.", found);
static READY_SURE: Number =
    number("ready", "The registrations that would surely be reported.", |v| count(v, surely));
static READY_OWED: Number = number(
    "owed",
    "The registrations of which whoever waits must be told, if nobody has been.",
    |v| count(v, owed),
);
static READY_PERHAPS: Number =
    number("perhaps ready", "The registrations that may be reported.", |v| count(v, perhaps));
static TRIED: Number = number("tried", "1 if it has looked again without need.", |v| {
    v.call.map_or(0, |call| u64::from(call.found))
});
static MAX: Number = number("maxevents", "How many may be told at most; 0 if negative.", |v| {
    u64::try_from(v.arg(1)).unwrap_or(0)
});

pub(crate) const A_LIST: Guard =
    Guard { name: "it is an interest list", cond: Eq(Num::Of(&IS_LIST), Num::N(1)) };
pub(super) const NO_LIST: Guard =
    Guard { name: "it is no interest list", cond: Eq(Num::Of(&IS_LIST), Num::N(0)) };
pub(crate) const PLACE: Guard =
    Guard { name: "it has place for one event", cond: Lt(Num::N(0), Num::Of(&MAX)) };
pub(super) const NO_PLACE: Guard =
    Guard { name: "it has no place for events", cond: Eq(Num::Of(&MAX), Num::N(0)) };
pub(super) const SOME_UNSEEN: Guard = Guard {
    name: "not all have been looked at, and there is place",
    cond: All(&[Lt(Num::N(0), Num::Of(&UNSEEN)), Lt(Num::Of(&FINDS), Num::Of(&MAX))]),
};
pub(crate) const ALL_SEEN: Guard =
    Guard { name: "all have been looked at", cond: Eq(Num::Of(&UNSEEN), Num::N(0)) };
pub(super) const ROOM_LEFT: Guard =
    Guard { name: "there is place for more", cond: Lt(Num::Of(&FINDS), Num::Of(&MAX)) };
pub(super) const NO_ROOM_LEFT: Guard = Guard {
    name: "as many were found as it has place for",
    cond: Le(Num::Of(&MAX), Num::Of(&FINDS)),
};
pub(super) const SOME_FOUND: Guard =
    Guard { name: "one was found ready", cond: Lt(Num::N(0), Num::Of(&FINDS)) };
pub(crate) const NONE_FOUND: Guard =
    Guard { name: "none was found ready", cond: Eq(Num::Of(&FINDS), Num::N(0)) };
pub(super) const READY_NOW: Guard =
    Guard { name: "one is to be reported now", cond: Lt(Num::N(0), Num::Of(&READY_OWED)) };
pub(super) const MAY_BE_READY: Guard = Guard {
    name: "one may be reported now, and none must be",
    cond: All(&[Lt(Num::N(0), Num::Of(&READY_PERHAPS)), Eq(Num::Of(&READY_OWED), Num::N(0))]),
};
pub(super) const NOT_TRIED: Guard =
    Guard { name: "it has not looked again without need", cond: Eq(Num::Of(&TRIED), Num::N(0)) };
pub(super) const SURELY_READY: Guard =
    Guard { name: "one would surely be reported", cond: Lt(Num::N(0), Num::Of(&READY_SURE)) };
pub(super) const PERHAPS_READY: Guard = Guard {
    name: "one may be reported, and none surely",
    cond: All(&[Lt(Num::N(0), Num::Of(&READY_PERHAPS)), Eq(Num::Of(&READY_SURE), Num::N(0))]),
};
pub(super) const ONE_WAY: Num = Num::Of(&WAYS);
pub(super) const WRONG: Guard = Guard {
    name: "it is no interest list, or has no place for events",
    cond: Any(&[Eq(Num::Of(&IS_LIST), Num::N(0)), Eq(Num::Of(&MAX), Num::N(0))]),
};

pub(super) static FOUND: Answer = Answer {
    name: "each registration that was found ready, by its descriptor, with its events",
    value: |v| {
        let ready = seen(v).filter(|(.., found)| *found != 0);
        Value::Events(ready.map(|(_, fd, found)| (fd as i32, found)).collect())
    },
};

pub(super) static LOOK: Action =
    action("the %th of the looks that can be next is made", |c, way| {
        let view = c.view();
        let Some((item, found)) = looks(&view).get(way as usize).copied() else { return };
        let (item, object) = (*item, target(view.world, item));
        if let Some(call) = c.world.in_call_mut(c.actor) {
            let mut all: Vec<[u32; 2]> = call.seen.chunks_exact(2).map(|s| [s[0], s[1]]).collect();
            all.push([u32::from(item.id), (item.fd as u32) << 16 | found]);
            all.sort_unstable();
            call.seen = all.into_iter().flatten().collect();
        }
        if let Some(Object::Interests(list)) = c.object()
            && let Some(own) = list.items.iter_mut().find(|own| own.id == item.id)
        {
            own.place = Place::Behind;
            if found != 0 {
                own.armed &= own.asked & ONESHOT == 0;
                // What is level stays in line until it is seen not to be ready.
                own.news =
                    if own.asked & EDGE != 0 || !own.by_news() { News::None } else { News::Sure };
            } else {
                own.news = News::None;
            }
        }
        if found != 0 && item.asked & EXCLUSIVE != 0 {
            paid(c.world, object);
        }
    });

pub(super) static TRY_AGAIN: Action =
    action("nothing has been looked at, and that only once without need", |c, _| {
        if let Some(call) = c.world.in_call_mut(c.actor) {
            call.seen.clear();
            call.found = 1;
        }
    });

pub(super) static PASS: Action =
    action("those that are ready and were left out come first next time", |c, _| {
        let view = c.view();
        let place = |item: &Interest| if surely(&view, item) { Place::First } else { Place::Left };
        let left: Vec<(u8, Place)> =
            unseen(&view).into_iter().map(|item| (item.id, place(item))).collect();
        let Some(Object::Interests(list)) = c.object() else { return };
        for item in &mut list.items {
            if let Some((_, place)) = left.iter().find(|(id, _)| *id == item.id) {
                item.place = item.place.max(*place);
            }
        }
    });

/// What is news to nobody any more, in every list: for planted faults.
pub fn forget_news(world: &mut World, object: Option<u16>) {
    let descriptions = world.descriptions.clone();
    for place in &mut world.objects {
        if let Object::Interests(_) = &**place
            && let Object::Interests(list) = std::sync::Arc::make_mut(place)
        {
            let of = |item: &&mut Interest| {
                let target = descriptions.get(usize::from(item.description)).map(|d| d.object);
                object.is_none() || target == object
            };
            list.items.iter_mut().filter(of).for_each(|item| item.news = News::None);
        }
    }
}
