//! What is news, for every kind of object.
//!
//! After everything that is done, what each registration's object was ready for before is compared with
//! what it is ready for now. An event that is newly there is news; so is what the object itself calls
//! news ([`crate::object::Object::news`]), though it was ready before. Any other change may be news.

use std::collections::BTreeMap;

use super::terms::{ready, target};
use super::{EPOLL_WAIT, EXCLUSIVE, Interest, News, Place};
use crate::descriptor::{CLOSE, READ, READV, WRITE, WRITEV};
use crate::eventfd::EVENTFD_WRITE;
use crate::object::Object;
use crate::operation::{Actor, Arg, Operation};
use crate::pipe::{SETPIPE_SZ, SPLICE, TEE};
use crate::poll::IN;
use crate::socket::{CONNECT, RECV, RECVMSG, SEND, SENDMSG, SHUTDOWN};
use crate::spec::Spec;
use crate::view::View;
use crate::world::World;

/// Objects of which there is news besides what can be seen by looking at them.
pub type Stirred = BTreeMap<u16, News>;

/// How often news of a list may be news to another: more than lists can be nested.
const DEEP: usize = 6;

/// Calls after which Linux wakes who waits for the object, though they changed nothing.
static STIRRING: &[&Operation] = &[&WRITE, &WRITEV, &EVENTFD_WRITE, &SETPIPE_SZ, &SPLICE, &TEE];

/// The same of objects that are joined to others, and of those.
static STIRRING_JOINED: &[&Operation] =
    &[&READ, &READV, &WRITE, &WRITEV, &SEND, &SENDMSG, &RECV, &RECVMSG, &SHUTDOWN];

/// Calls by which something goes out of an object that others have put there.
static EMPTYING: &[&Operation] = &[&READ, &READV, &RECV, &RECVMSG, &CONNECT, &CLOSE];

/// Whether there is anybody to whom anything could be news.
pub fn watched(world: &World) -> bool {
    let watches =
        |object: &Object| matches!(object, Object::Interests(list) if !list.items.is_empty());
    world.objects.iter().any(|object| watches(object))
}

/// The objects that are stirred by the call that an actor is in, whatever comes of it.
pub fn stirs(world: &World, deed: Deed) -> Stirred {
    let Some(made) = world.in_call(deed.actor) else { return Stirred::new() };
    let call = &made.call;
    let is_one = |of: &[&Operation]| of.contains(&call.operation);
    let (stirs, joined, empties) = (is_one(STIRRING), is_one(STIRRING_JOINED), is_one(EMPTYING));
    if !stirs && !joined && !empties {
        return Stirred::new();
    }
    let fds = call.args.iter().filter_map(|arg| match arg {
        Arg::Fd(fd) => world.entry(deed.actor.process, i64::from(*fd)),
        _ => None,
    });
    let object = |entry: crate::world::Entry| {
        world.descriptions.get(usize::from(entry.description)).map_or(0, |d| d.object)
    };
    // That a long write is through is news of its bytes, those before the last among them.
    let through = |object: u16| {
        !deed.partial && made.done > 0 && matches!(world.object_at(object), Object::Pipe(_))
    };
    let news = |object: u16| if through(object) { News::Sure } else { News::Perhaps };
    let others = |object: u16| {
        let Some(kind) = world.object_at(object).kind() else { return Vec::new() };
        let mut all = if joined { kind.objects() } else { Vec::new() };
        all.extend(if empties { kind.crowd(world) } else { Vec::new() });
        all
    };
    let own = |object: u16| (stirs || !others(object).is_empty()).then_some(object);
    let all = fds.map(object).flat_map(|object| own(object).into_iter().chain(others(object)));
    all.map(|object| (object, news(object))).collect()
}

/// What has been done.
#[derive(Clone, Copy, Debug)]
pub struct Deed {
    /// By whom.
    pub actor: Actor,
    /// It is not the end of the call, which goes on: what it has brought so far may be no news yet.
    pub partial: bool,
}

/// Whatever has changed since `before` becomes news where it is. Who waits changes what it has been told
/// of; that is no news.
pub fn stir(spec: &Spec, before: &World, world: &mut World, deed: Deed, mut stirred: Stirred) {
    let asks = before.in_call(deed.actor).is_some_and(|call| call.call.operation == &EPOLL_WAIT);
    for _ in 0..DEEP {
        let (mut changes, known) = (Vec::new(), stirred.clone());
        for (place, object) in world.objects.iter().enumerate() {
            let Object::Interests(list) = &**object else { continue };
            for (index, item) in list.items.iter().enumerate() {
                let then = match before.object_at(place as u16) {
                    Object::Interests(list) => list.items.iter().any(|old| is_same(old, item)),
                    _ => false,
                };
                if !then {
                    continue;
                }
                let change = Change { spec, before, world, deed, stirred: &known, asks };
                let now = change.renewed(item);
                changes.extend((now.0 != *item).then_some((place, index, now.0)));
                // What is news to one in a list is news to who waits for the list.
                let news = stirred.entry(place as u16).or_insert(News::None);
                *news =
                    if now.1 == News::Owed { News::Perhaps.max(*news) } else { now.1.max(*news) };
            }
        }
        if changes.is_empty() && stirred == known {
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

/// Something that has been done to a world.
struct Change<'a> {
    spec: &'a Spec,
    before: &'a World,
    world: &'a World,
    deed: Deed,
    stirred: &'a Stirred,
    asks: bool,
}

impl Change<'_> {
    /// The registration as it is after it, and what news that is.
    fn renewed(&self, item: &Interest) -> (Interest, News) {
        let look = |world: &World| ready(&View::new(self.spec, world, self.deed.actor), item);
        let ((_, most), (sure, perhaps)) = (look(self.before), look(self.world));
        let mut now = *item;
        if now.place == Place::First && sure == 0 {
            now.place = Place::Left;
        }
        let news = if item.armed { self.news(item, most, sure) } else { News::None };
        if item.by_news() && perhaps != 0 {
            now.news = now.news.max(news);
        }
        (now, news)
    }

    fn news(&self, item: &Interest, most: u32, sure: u32) -> News {
        let object = target(self.world, item);
        let (old, new) = (self.before.object_at(object), self.world.object_at(object));
        let stirred = self.stirred.get(&object).copied().unwrap_or(News::None);
        let more = Object::news(old, new) & item.asked & sure != 0 && !self.deed.partial;
        let told = more || stirred == News::Sure && sure & item.asked & 1 << IN != 0;
        let changed = old != new && !self.asks || stirred != News::None;
        match (sure & !most != 0 || told, item.asked & EXCLUSIVE != 0) {
            (true, true) => News::Owed,
            (true, false) => News::Sure,
            (false, _) if changed => News::Perhaps,
            (false, _) => News::None,
        }
    }
}
