//! What ends with a description that was registered, and with a call that waited.

use std::sync::Arc;

use super::{EPOLL_WAIT, Interest, News};
use crate::mechanism::Ends;
use crate::world::{Description, InCall, Object, World};

/// A description is registered as long as it is there, and whoever waits may be gone.
pub static ENDS: Ends = Ends { with_description: unregister, with_call: abandoned };

fn unregister(world: &mut World, description: u16, closed: &Description) {
    // A list that is closed, and a registration that goes, may have been what was told of the news.
    let mut owed = matches!(world.object_at(closed.object), Object::Interests(_));
    for place in &mut world.objects {
        let gone = |item: &Interest| item.description == description;
        let has = matches!(&**place, Object::Interests(list) if list.items.iter().any(gone));
        if has && let Object::Interests(list) = Arc::make_mut(place) {
            list.items.retain(|item| !gone(item));
            owed = true;
        }
    }
    if owed {
        owe_nothing(world, |_| true);
    }
}

fn abandoned(world: &mut World, call: &InCall) {
    if call.call.operation == &EPOLL_WAIT {
        owe_nothing(world, |_| true);
    }
}

/// One that waited for an object with `EPOLLEXCLUSIVE` has been told: nothing is owed to the others.
pub(super) fn paid(world: &mut World, object: u16) {
    let descriptions = world.descriptions.clone();
    let leads = |item: &Interest| {
        descriptions.get(usize::from(item.description)).is_some_and(|d| d.object == object)
    };
    owe_nothing(world, leads);
}

/// Who has been woken may be gone before it could be told, and what was owed with it.
fn owe_nothing(world: &mut World, of: impl Fn(&Interest) -> bool) {
    let leads = |item: &Interest| item.news == News::Owed && of(item);
    for place in &mut world.objects {
        let owes = matches!(&**place, Object::Interests(list) if list.items.iter().any(leads));
        if owes && let Object::Interests(list) = Arc::make_mut(place) {
            list.items.iter_mut().filter(|item| leads(item)).for_each(|i| i.news = News::Perhaps);
        }
    }
}
