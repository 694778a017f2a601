//! What is wrong with opening FIFOs in systems that are known.

use ipc_model::operation::Actor;
use ipc_model::world::{InCall, Object, World};

/// The call of an open that has entered, and its ends of the FIFO: whether it reads, and who is there to
/// be met.
fn entered(world: &World, actor: Actor) -> Option<(&InCall, bool)> {
    let call = world.in_call(actor)?;
    let description = world.descriptions.get(usize::from(call.holds?))?;
    let Object::Pipe(pipe) = world.object_at(description.object) else { return None };
    let peers = if description.reads { pipe.writers } else { pipe.readers };
    Some((call, peers > 0))
}

/// Whether somebody waits in its open.
pub(super) fn waits(world: &World, actor: Actor) -> bool {
    entered(world, actor).is_some_and(|(call, _)| call.found == 1)
}

/// It has met the other end, whoever is there.
pub(super) fn has_met(world: &mut World, actor: Actor) {
    if let Some(call) = world.in_call_mut(actor) {
        call.found = 2;
    }
}

/// Who has met somebody that is gone has met nobody.
pub(super) fn forget_who_went(world: &mut World, _: Actor) {
    for actor in (0..world.processes.len() as u8).map(Actor::first) {
        let alone = entered(world, actor).is_some_and(|(_, peers)| !peers);
        if let Some(call) = world.in_call_mut(actor).filter(|_| alone) {
            call.found = 1;
        }
    }
}
