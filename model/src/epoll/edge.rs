//! What is news, for every kind of object.
//!
//! After everything that is done, what each registration's object was ready for before is compared with
//! what it is ready for now. An event that is newly there is news; so is what the object itself calls
//! news ([`crate::object::Object::news`]), though it was ready before. Any other change may be news.

use super::terms::ready;
use super::{EXCLUSIVE, Interest, News, OPERATIONS};
use crate::descriptor::{WRITE, WRITEV};
use crate::eventfd::EVENTFD_WRITE;
use crate::object::Object;
use crate::operation::{Actor, Arg, Operation};
use crate::pipe::{SETPIPE_SZ, SPLICE, TEE};
use crate::spec::Spec;
use crate::view::View;
use crate::world::World;

/// How often news of a list may be news to another: more than lists can be nested.
const DEEP: usize = 6;

/// Calls after which Linux wakes who waits for the object, though they changed nothing.
static STIRRING: &[&Operation] = &[&WRITE, &WRITEV, &EVENTFD_WRITE, &SETPIPE_SZ, &SPLICE, &TEE];

/// Whether there is anybody to whom anything could be news.
pub fn watched(world: &World) -> bool {
    let watches =
        |object: &Object| matches!(object, Object::Interests(list) if !list.items.is_empty());
    world.objects.iter().any(|object| watches(object))
}

/// The objects that are stirred by the call that an actor is in, whatever comes of it.
pub fn stirs(world: &World, actor: Actor) -> Vec<u16> {
    let Some(call) = world.in_call(actor).map(|call| &call.call) else { return Vec::new() };
    if !STIRRING.contains(&call.operation) {
        return Vec::new();
    }
    let fds = call.args.iter().filter_map(|arg| match arg {
        Arg::Fd(fd) => world.entry(actor.process, i64::from(*fd)),
        _ => None,
    });
    fds.map(|entry| world.descriptions[usize::from(entry.description)].object).collect()
}

/// Whatever has changed since `before` becomes news where it is.
pub fn stir(spec: &Spec, before: &World, world: &mut World, actor: Actor, stirred: &[u16]) {
    // Who waits changes what it has been told of; that is no news to itself.
    let asks = before.in_call(actor).is_some_and(|call| OPERATIONS.contains(&call.call.operation));
    for _ in 0..DEEP {
        let mut changes = Vec::new();
        for (place, object) in world.objects.iter().enumerate() {
            let Object::Interests(list) = &**object else { continue };
            for (index, item) in list.items.iter().enumerate() {
                let then = match before.object_at(place as u16) {
                    Object::Interests(list) => list.items.iter().any(|old| is_same(old, item)),
                    _ => false,
                };
                if then {
                    let now = renewed(spec, before, world, actor, item, stirred, asks);
                    changes.extend((now != *item).then_some((place, index, now)));
                }
            }
        }
        if changes.is_empty() {
            return;
        }
        for (place, index, now) in changes {
            if let Object::Interests(list) = std::sync::Arc::make_mut(&mut world.objects[place]) {
                list.items[index] = now;
            }
        }
    }
}

fn is_same(old: &Interest, new: &Interest) -> bool {
    (old.id, old.fd, old.description) == (new.id, new.fd, new.description)
}

/// The registration as it is after what has happened.
fn renewed(
    spec: &Spec,
    before: &World,
    world: &World,
    actor: Actor,
    item: &Interest,
    stirred: &[u16],
    asks: bool,
) -> Interest {
    let look = |world: &World| ready(&View::new(spec, world, actor), item);
    let ((_, most), (sure, perhaps)) = (look(before), look(world));
    let mut now = *item;
    now.passed &= sure != 0;
    if !item.by_news() || !item.armed {
        return now;
    }
    let Some(description) = world.descriptions.get(usize::from(item.description)) else {
        return now;
    };
    let (old, new) = (before.object_at(description.object), world.object_at(description.object));
    let told = Object::news(old, new) & item.asked & sure;
    let news = if sure & !most != 0 || told != 0 {
        if item.asked & EXCLUSIVE != 0 { News::Owed } else { News::Sure }
    } else if (old != new && !asks || stirred.contains(&description.object)) && perhaps != 0 {
        News::Perhaps
    } else {
        News::None
    };
    now.news = now.news.max(news);
    now
}
