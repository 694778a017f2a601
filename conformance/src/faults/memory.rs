//! What is wrong with files of memory in systems that are known.

use ipc_model::memory::File;
use ipc_model::operation::Actor;
use ipc_model::outcome::{Outcome, Value};
use ipc_model::world::{Object, World};

/// The size of the memory behind the descriptor of the call that an actor is in.
fn size(world: &World, actor: Actor) -> u64 {
    let object = super::named::object_of(world, actor);
    match object.map(|object| world.object_at(object)) {
        Some(Object::Memory(file)) => file.size,
        _ => 0,
    }
}

/// The memory has a size already.
pub(super) fn has_a_size(world: &World, actor: Actor) -> bool {
    size(world, actor) > 0
}

/// The memory has no size yet.
pub(super) fn has_no_size(world: &World, actor: Actor) -> bool {
    !has_a_size(world, actor)
}

/// The memory behind the descriptor of the call that an actor is in, to be changed.
fn file_of(world: &mut World, actor: Actor) -> Option<&mut File> {
    let object = super::named::object_of(world, actor)?;
    match std::sync::Arc::make_mut(world.objects.get_mut(usize::from(object))?) {
        Object::Memory(file) => Some(file),
        _ => None,
    }
}

/// Zeros are put where a write is about to put its bytes.
pub(super) fn clears_the_way(world: &mut World, actor: Actor) {
    let Some(call) = world.in_call(actor) else { return };
    let (len, at) = (call.call.len(), call.moving.as_deref().map(|moving| moving.at));
    if let (Some(at), Some(file)) = (at, file_of(world, actor)) {
        file.content.clear(at, at.saturating_add(len));
    }
}

/// The size is as asked, and the bytes of the page that the end is in are as before.
pub(super) fn cuts_and_keeps_the_page(world: &mut World, actor: Actor) {
    let asked = world.in_call(actor).map_or(0, |call| call.call.number(1).max(0) as u64);
    if let Some(file) = file_of(world, actor) {
        file.content.clear(asked.next_multiple_of(4096), u64::MAX);
        file.size = asked;
    }
}

/// A size in whole pages.
pub(super) fn in_pages(answer: Outcome) -> Outcome {
    match answer {
        Outcome::Success(Value::Number(size)) => {
            let pages = (size.max(0) as u64).div_ceil(4096);
            Outcome::Success(Value::Number((pages * 4096) as i64))
        }
        other => other,
    }
}
