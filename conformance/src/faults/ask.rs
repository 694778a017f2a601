//! What is wrong with asking for readiness in systems that are known.

use ipc_model::operation::Actor;
use ipc_model::outcome::{Outcome, Value};
use ipc_model::poll::{EVENTS, SELECT, SETS};
use ipc_model::world::{Object, World};

/// Nowhere: the clause is as it should be, but that it does not ask whether others oblige.
pub(super) fn never(_: &World, _: Actor) -> bool {
    false
}

/// What a caller asks of the descriptor that it looks at `index`-th, and what leads to it.
fn asked(world: &World, actor: Actor, index: usize) -> Option<(u32, &Object)> {
    let (fd, asked) = *world.in_call(actor)?.call.watches().get(index)?;
    let entry = world.entry(actor.process, i64::from(fd))?;
    Some((asked, world.object_of(entry.description)))
}

/// The caller asks for nothing of something that is hung up or in error.
pub(super) fn finds_what_is_masked(world: &World, actor: Actor) -> bool {
    let count = world.in_call(actor).map_or(0, |call| call.call.watches().len());
    let over = |index| match asked(world, actor, index) {
        Some((0, Object::Pipe(pipe))) => pipe.readers == 0 || pipe.writers == 0,
        _ => false,
    };
    (0..count).any(over)
}

/// Of the descriptor that was looked at last, nothing is found that was not asked for.
pub(super) fn mask(world: &mut World, actor: Actor) {
    let Some(call) = world.in_call_mut(actor) else { return };
    let asked = call.seen.len().checked_sub(1).and_then(|last| call.call.watches().get(last));
    if let (Some((_, 0)), Some(found)) = (asked.copied(), call.seen.last_mut()) {
        *found = 0;
    }
}

/// A `select` finds what it looked at last writable if one byte goes in.
pub(super) fn any_room_is_writable(world: &mut World, actor: Actor) {
    let Some(call) = world.in_call(actor).filter(|call| call.call.operation == &SELECT) else {
        return;
    };
    let writable = SETS.iter().position(|set| *set == "writefds").map_or(0, |bit| 1 << bit);
    let room = match call.seen.len().checked_sub(1).and_then(|last| asked(world, actor, last)) {
        Some((asked, Object::Pipe(pipe))) => {
            asked & writable != 0 && pipe.data.len() < pipe.capacity
        }
        _ => false,
    };
    if let Some(found) = world.in_call_mut(actor).and_then(|call| call.seen.last_mut())
        && room
    {
        *found |= writable;
    }
}

/// The answer of a `poll` that has written to what it was asked.
pub(super) fn with_events_written(answer: Outcome) -> Outcome {
    let Outcome::Success(Value::Ready(mut found)) = answer else { return answer };
    let mark = EVENTS.iter().position(|event| *event == "events!").map_or(0, |bit| 1 << bit);
    if let Some(first) = found.first_mut() {
        *first |= mark;
    }
    Outcome::Success(Value::Ready(found))
}
