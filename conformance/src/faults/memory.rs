//! What is wrong with files of memory in systems that are known.

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
