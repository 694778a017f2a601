//! What is wrong with timers, in systems that are known.

use ipc_model::operation::Actor;
use ipc_model::outcome::{Code, Outcome, Value};
use ipc_model::timer::{Armed, Timer};
use ipc_model::world::{Activity, World};

use super::Wrong;
use super::named::{Deviation, Planting};

/// The newest child, if it is this one's.
fn newborn(world: &World, parent: Actor) -> Option<u8> {
    let begun = Activity::Returning(Outcome::Success(Value::Begun));
    let is = |child: &u8| {
        let own = world.process(*child).is_some_and(|p| p.parent == Some(parent.process));
        own && *world.activity(Actor::first(*child)) == begun
    };
    (0..world.processes.len() as u8).find(is)
}

/// A child has the timers that its parent has made.
fn are_inherited(world: &mut World, parent: Actor) {
    let made = world.process(parent.process).map(|process| process.timers.made.clone());
    if let Some(child) = newborn(world, parent)
        && let (Some(process), Some(made)) = (world.process_mut(child), made)
    {
        process.timers.made = made;
    }
}

/// A child has the alarm of its parent.
fn is_inherited(world: &mut World, parent: Actor) {
    let own: Option<Armed> = world.process(parent.process).map(|process| process.timers.own);
    if let Some(child) = newborn(world, parent)
        && let (Some(process), Some(own)) = (world.process_mut(child), own)
    {
        process.timers.own = own;
    }
}

/// What a timer has sent last is changed.
fn of_the_last(world: &mut World, actor: Actor, change: fn(&mut ipc_model::world::Pending)) {
    if let Some(process) = world.process_mut(actor.process)
        && let Some(last) = process.signals.queue.last_mut().filter(|one| one.timer.is_some())
    {
        change(last);
    }
}

fn has_no_value(world: &mut World, actor: Actor) {
    of_the_last(world, actor, |last| last.value = 0);
}

fn is_the_kernels(world: &mut World, actor: Actor) {
    of_the_last(world, actor, |last| {
        (last.code, last.value) = (Code::SI_KERNEL, 0);
    });
}

/// No timer sends anything.
fn are_dumb(world: &mut World, actor: Actor) {
    let dumb = |timer: &mut Timer| timer.notice = None;
    if let Some(process) = world.process_mut(actor.process) {
        process.timers.made.iter_mut().flatten().for_each(dumb);
    }
}

pub(super) static DEVIATIONS: &[Deviation] = &[
    Deviation {
        number: 101,
        name: "deviation-101-timers-inherited",
        text: "iSH: a child had the timers that its parent had made, and could delete them.",
        link: "https://github.com/ish-app/ish/pull/2773",
        planting: Planting::Own("process.fork.shares", &[Wrong::Also(are_inherited)]),
    },
    Deviation {
        number: 102,
        name: "deviation-102-alarm-inherited",
        text: "Phoenix-RTOS: an alarm was not cancelled in a child.",
        link: "https://github.com/phoenix-rtos/phoenix-rtos-project/issues/1455",
        planting: Planting::Own("process.fork.shares", &[Wrong::Also(is_inherited)]),
    },
    Deviation {
        number: 103,
        name: "deviation-103-timer-sends-nothing",
        text: "iSH for ARM: a timer with SIGEV_SIGNAL expired, and its signal was dropped.",
        link: "https://github.com/OpenMinis/ish-arm64/pull/41",
        planting: Planting::Own("timer.create.makes", &[Wrong::Also(are_dumb)]),
    },
    Deviation {
        number: 104,
        name: "deviation-104-timer-without-value",
        text: "CheriBSD: the signal of a timer came without its value.",
        link: "https://github.com/CTSRD-CHERI/cheribsd/issues/323",
        planting: Planting::Own("timer.expiry.sends", &[Wrong::Also(has_no_value)]),
    },
    Deviation {
        number: 105,
        name: "deviation-105-timer-as-kernel",
        text: "Asterinas: the signal of a timer was told as any of the kernel's, without SI_TIMER.",
        link: "https://github.com/asterinas/asterinas/issues/2913",
        planting: Planting::Own("timer.expiry.sends", &[Wrong::Also(is_the_kernels)]),
    },
];
