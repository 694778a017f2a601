//! What is wrong with segments in systems that are known.

use ipc_model::operation::Actor;
use ipc_model::world::World;

/// The caller has the segment attached that its call is about.
pub(super) fn has_it(world: &World, actor: Actor) -> bool {
    let number = world.in_call(actor).and_then(|call| u8::try_from(call.call.number(0)).ok());
    let asked = world.segments.iter().find(|one| number.is_some() && one.number == number);
    let space = world.process(actor.process).map(|process| &process.space);
    asked.zip(space).is_some_and(|(one, space)| space.objects().any(|seen| seen == one.object))
}

/// It has not.
pub(super) fn lacks_it(world: &World, actor: Actor) -> bool {
    !has_it(world, actor)
}
