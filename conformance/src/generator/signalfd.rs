//! Signals that are read.

use ipc_model::operation::Operation;
use ipc_model::signalfd::{SIGNALFD, SIGNALFD_READ, SIGNALFD_SET};
use ipc_model::world::Object;

use super::walk::Walk;
use super::{Draft, Maker, signal};
use crate::program::Operand;

pub(super) static MAKER: Maker = Maker {
    // Where processes talk by signals.
    joins: |pick, cast| {
        let talks = cast.iter().any(|maker| std::ptr::eq(*maker, &signal::MORE));
        talks && pick.below(3) == 0
    },
    calls: &[Draft::new(10, make), Draft::new(6, change), Draft::new(24, read_at_once)],
    waits: &[Draft::new(10, wait)],
    wake,
    ..Maker::NONE
};

/// A name that leads to signals that are read, or now and then to anything else.
fn some(walk: &mut Walk<'_>, actor: u8) -> Option<u16> {
    if walk.pick.below(30) == 0 {
        return walk.some_name(actor);
    }
    let all = walk.names(actor, |fd| matches!(walk.object(actor, fd), Some(Object::Watched(_))));
    walk.one_of(&all)
}

/// Mostly what the actor blocks: what it does not goes elsewhere.
fn set(walk: &mut Walk<'_>, actor: u8) -> Operand {
    let blocked = signal::of(walk, actor).blocked;
    let some = signal::set(walk);
    Operand::Flags(match walk.pick.below(4) {
        0 => some,
        1 => blocked,
        _ => blocked | some,
    })
}

fn make(walk: &mut Walk<'_>, actor: u8) {
    let set = set(walk, actor);
    let flags = Operand::Flags([0, 2, 2, 2, 3, 1, 4][walk.pick.below(7) as usize]);
    walk.add(actor, &SIGNALFD, vec![set, flags]);
}

fn change(walk: &mut Walk<'_>, actor: u8) {
    let Some(name) = some(walk, actor) else { return make(walk, actor) };
    let flags = Operand::Flags(if walk.pick.below(20) == 0 { 4 } else { 0 });
    let args = vec![Operand::Name(name), Operand::Command, set(walk, actor), flags];
    walk.add(actor, &SIGNALFD_SET, args);
}

fn places(walk: &mut Walk<'_>) -> Operand {
    Operand::Number([1, 1, 1, 2, 3, 8, 0][walk.pick.below(7) as usize])
}

/// Takes what is there, if something is or nobody need wait.
fn read_at_once(walk: &mut Walk<'_>, actor: u8) {
    let Some(name) = some(walk, actor) else { return make(walk, actor) };
    let places = places(walk);
    walk.add(actor, &SIGNALFD_READ, vec![Operand::Name(name), places]);
}

/// Waits for a signal, if somebody else is there to send it.
fn wait(walk: &mut Walk<'_>, actor: u8) {
    if walk.others_idle {
        read_at_once(walk, actor);
    }
}

/// A signal gets whoever reads out of the call.
fn wake(walk: &mut Walk<'_>, actor: u8, sleeper: u8) -> bool {
    let reads: &'static Operation = &SIGNALFD_READ;
    let waits = walk.call_of(sleeper).is_some_and(|call| call.operation == reads);
    waits && signal::send_to(walk, actor, sleeper)
}
