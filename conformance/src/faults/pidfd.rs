//! What is wrong with processes on descriptors, in systems that are known.

use ipc_model::operation::Actor;
use ipc_model::pidfd::PIDFD_SEND_SIGNAL;
use ipc_model::signal::KILL_SIGNALS;
use ipc_model::world::World;

use super::Wrong;
use super::named::{Deviation, Planting};

/// The call sends nothing, to a process that it has on a descriptor.
fn only_asks(world: &World, actor: Actor) -> bool {
    world
        .in_call(actor)
        .is_some_and(|call| call.call.operation == &PIDFD_SEND_SIGNAL && call.call.number(1) == 1)
}

/// It does not, and sends what there is.
fn sends_a_signal(world: &World, actor: Actor) -> bool {
    let last = KILL_SIGNALS.len() as i64 - 1;
    let word =
        |param: &ipc_model::operation::Param| matches!(param, ipc_model::operation::Param::Word(_));
    let sent = world.in_call(actor).and_then(|call| call.call.find(word));
    !only_asks(world, actor) && sent != Some(last)
}

pub(super) static DEVIATIONS: &[Deviation] = &[Deviation {
    number: 74,
    name: "deviation-74-pidfd-refuses-0",
    text: "Asterinas: pidfd_send_signal refused 0, which only asks.",
    link: "https://github.com/asterinas/asterinas/commit/497b617c4",
    planting: Planting::All(&[
        ("process.kill.asks", &[Wrong::Unless(only_asks)]),
        ("signal.send.err.einval", &[Wrong::Unguarded(0), Wrong::Unless(sends_a_signal)]),
    ]),
}];
