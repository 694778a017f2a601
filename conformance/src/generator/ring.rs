//! Rings: sides taken and closed, messages sent and received, and whoever is gone.

use ipc_model::operation::{Call, Operation};
use ipc_model::ring::{
    CONSUMER, COUNT, LONGEST, PRODUCER, RECEIVES, RING_CLOSE, RING_OPEN, RING_RECV, RING_SEND,
    RING_TIMEDRECV, RING_TIMEDSEND, RING_TRYRECV, RING_TRYSEND, Ring, SENDS,
};

use super::walk::Walk;
use super::{Draft, Maker};
use crate::program::Operand;

pub(super) static MAKER: Maker = Maker {
    joins: |pick, _| pick.below(16) == 0,
    calls: &[
        Draft::new(24, take),
        Draft::new(60, send).when(|walk, actor| held(walk, actor, PRODUCER).is_some()),
        Draft::new(60, receive).when(|walk, actor| held(walk, actor, CONSUMER).is_some()),
        Draft::new(4, close),
        Draft::new(3, wrongly),
    ],
    waits: &[Draft::new(30, wait)],
    wake,
    ..Maker::NONE
};

/// Without an end.
const FOR_EVER: i64 = -1;

fn ring<'w>(walk: &'w Walk<'_>, place: usize) -> Option<&'w Ring> {
    walk.stage.world.rings.at(place)
}

/// A ring of which the actor has that side.
fn held(walk: &Walk<'_>, actor: u8, side: usize) -> Option<usize> {
    let has = |ring: &Ring| ring.sides[side].owner == Some(actor);
    (0..COUNT).find(|place| ring(walk, *place).is_some_and(has))
}

/// Mostly the same, for a ring with one side shows little.
fn some(walk: &mut Walk<'_>) -> usize {
    usize::from(walk.pick.below(6) == 0)
}

fn length(walk: &mut Walk<'_>) -> i64 {
    let longest = LONGEST as i64;
    [0, 1, 8, 13, 32, 40, 40, longest, longest, longest + 1][walk.pick.below(10) as usize]
}

fn about(walk: &mut Walk<'_>, actor: u8, operation: &'static Operation, args: &[i64]) {
    walk.add(actor, operation, args.iter().map(|arg| Operand::Number(*arg)).collect());
}

/// Takes a side, mostly one that nobody has.
fn take(walk: &mut Walk<'_>, actor: u8) {
    let place = some(walk);
    let side = walk.pick.below(2) as usize;
    let sides = ring(walk, place).map(|ring| ring.sides).unwrap_or_default();
    let free = |side: usize| sides[side].holders == 0 && !sides[side].closed;
    let side = if free(side) || !free(1 - side) { side } else { 1 - side };
    if free(side) || walk.pick.below(8) == 0 {
        about(walk, actor, &RING_OPEN, &[place as i64, side as i64]);
    }
}

fn send(walk: &mut Walk<'_>, actor: u8) {
    let Some(place) = held(walk, actor, PRODUCER) else { return };
    let length = length(walk);
    let fits = ring(walk, place).is_some_and(|ring| ring.takes(length as u64));
    let place = place as i64;
    match walk.pick.below(10) {
        0 => about(walk, actor, &RING_TIMEDSEND, &[place, length, 0]),
        1 => about(walk, actor, &RING_TIMEDSEND, &[place, length, 1]),
        2..5 => about(walk, actor, &RING_TRYSEND, &[place, length]),
        _ if fits => about(walk, actor, &RING_SEND, &[place, length]),
        _ => about(walk, actor, &RING_TRYSEND, &[place, length]),
    }
}

fn receive(walk: &mut Walk<'_>, actor: u8) {
    let Some(place) = held(walk, actor, CONSUMER) else { return };
    let has_some = ring(walk, place).is_some_and(|ring| !ring.records.is_empty());
    let place = place as i64;
    match walk.pick.below(10) {
        0 => about(walk, actor, &RING_TIMEDRECV, &[place, 0]),
        1 => about(walk, actor, &RING_TIMEDRECV, &[place, 1]),
        2..5 => about(walk, actor, &RING_TRYRECV, &[place]),
        _ if has_some => about(walk, actor, &RING_RECV, &[place]),
        _ => about(walk, actor, &RING_TRYRECV, &[place]),
    }
}

fn close(walk: &mut Walk<'_>, actor: u8) {
    let side = walk.pick.below(2) as usize;
    if let Some(place) = held(walk, actor, side) {
        about(walk, actor, &RING_CLOSE, &[place as i64, side as i64]);
    }
}

/// Whatever may not be, unless by chance it may.
fn wrongly(walk: &mut Walk<'_>, actor: u8) {
    let place = some(walk) as i64;
    match walk.pick.below(4) {
        0 => about(walk, actor, &RING_TRYSEND, &[place, 8]),
        1 => about(walk, actor, &RING_TRYRECV, &[place]),
        2 => about(walk, actor, &RING_CLOSE, &[place, PRODUCER as i64]),
        _ => about(walk, actor, &RING_CLOSE, &[place, CONSUMER as i64]),
    }
}

/// Waits for a message, or for room.
fn wait(walk: &mut Walk<'_>, actor: u8) {
    let for_ever = walk.pick.below(4) == 0;
    if let Some(place) = held(walk, actor, CONSUMER) {
        match for_ever {
            true => about(walk, actor, &RING_TIMEDRECV, &[place as i64, FOR_EVER]),
            false => about(walk, actor, &RING_RECV, &[place as i64]),
        }
    } else if let Some(place) = held(walk, actor, PRODUCER) {
        let length = length(walk);
        match for_ever {
            true => about(walk, actor, &RING_TIMEDSEND, &[place as i64, length, FOR_EVER]),
            false => about(walk, actor, &RING_SEND, &[place as i64, length]),
        }
    } else {
        take(walk, actor);
    }
}

/// The other side does something, or somebody takes it.
fn wake(walk: &mut Walk<'_>, actor: u8, sleeper: u8) -> bool {
    let about_ring =
        |call: &&Call| SENDS.contains(&call.operation) || RECEIVES.contains(&call.operation);
    let Some(call) = walk.call_of(sleeper).filter(about_ring) else { return false };
    let other = if SENDS.contains(&call.operation) { CONSUMER } else { PRODUCER };
    let place = call.number(0) as usize;
    let Some(side) = ring(walk, place).map(|ring| ring.sides[other]) else { return false };
    if side.owner.is_none() && side.holders == 0 && !side.closed {
        about(walk, actor, &RING_OPEN, &[place as i64, other as i64]);
        return true;
    }
    if side.owner != Some(actor) {
        return false;
    }
    match (walk.pick.below(8), other) {
        (0, _) => about(walk, actor, &RING_CLOSE, &[place as i64, other as i64]),
        (_, CONSUMER) => about(walk, actor, &RING_TRYRECV, &[place as i64]),
        _ => {
            let length = length(walk);
            about(walk, actor, &RING_TRYSEND, &[place as i64, length]);
        }
    }
    true
}
