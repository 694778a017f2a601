//! What is wrong with signals of threads, in systems that are known.

use ipc_model::operation::{Actor, Param};
use ipc_model::thread::PTHREAD_KILL;
use ipc_model::world::{Pending, World};

use super::Wrong;
use super::named::{Deviation, Planting};

/// What was sent last, to whom the call of an actor names, is for the thread alone, or for them all.
fn is_for(world: &mut World, actor: Actor, thread: bool) {
    let Some(call) = world.in_call(actor) else { return };
    let to_a_thread = call.call.operation == &PTHREAD_KILL;
    let Some(target) = call.call.find(|param| matches!(param, Param::Process)) else { return };
    let target = target as u8;
    let others: Vec<u8> = world.members(target).filter(|one| *one != target).collect();
    if to_a_thread == thread || others.is_empty() {
        return;
    }
    let Some(last) = world.process_mut(target).and_then(|place| place.signals.queue.last_mut())
    else {
        return;
    };
    let sent = *last;
    last.thread = thread;
    for other in others {
        let Some(other) = world.process_mut(other) else { continue };
        let shared = other.signals.queue.iter().position(|one| *one == sent);
        match shared.filter(|_| thread) {
            Some(place) => drop(other.signals.take(place)),
            None if !thread => other.signals.pend(Pending { thread, ..sent }),
            None => {}
        }
    }
}

pub(super) static DEVIATIONS: &[Deviation] = &[
    Deviation {
        number: 107,
        name: "deviation-107-one-pending-set",
        text: "elfuse: a signal for one thread was pending for the process, and whichever came first took it; NuttX the same where the thread blocked it.",
        link: "https://github.com/sysprog21/elfuse/issues/152",
        planting: Planting::Own(
            "signal.send.pends",
            &[Wrong::Also(|world, actor| is_for(world, actor, false))],
        ),
    },
    Deviation {
        number: 108,
        name: "deviation-108-no-other-thread-takes-it",
        text: "DynamoRIO: a signal for the process that the first thread blocked was not given to another that would have taken it.",
        link: "https://github.com/DynamoRIO/dynamorio/pull/5472",
        planting: Planting::Own(
            "signal.send.pends",
            &[Wrong::Also(|world, actor| is_for(world, actor, true))],
        ),
    },
];
