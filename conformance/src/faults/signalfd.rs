//! What is wrong with signals that are read, in systems that are known.

use std::sync::Arc;

use ipc_model::operation::Actor;
use ipc_model::world::{Object, World};

use super::Wrong;
use super::named::{Deviation, Planting};

/// All sets are of the signals that they should not have.
fn are_turned_round(world: &mut World, _: Actor) {
    for object in &mut world.objects {
        if matches!(**object, Object::Watched(_))
            && let Object::Watched(watched) = Arc::make_mut(object)
        {
            watched.set = !watched.set;
        }
    }
}

pub(super) static DEVIATIONS: &[Deviation] = &[Deviation {
    number: 74,
    name: "deviation-74-signalfd-mask",
    text: "Asterinas: what was read were the signals that are not in the set.",
    link: "https://github.com/asterinas/asterinas/pull/2245",
    planting: Planting::Own("signalfd.signalfd.creates", &[Wrong::Also(are_turned_round)]),
}];
