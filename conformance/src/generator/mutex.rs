//! Mutexes: taken, waited for, given back, left behind by the dead.

use ipc_model::mutex::{
    COUNT, MUTEX_CONSISTENT, MUTEX_LOCK, MUTEX_TIMEDLOCK, MUTEX_TRYLOCK, MUTEX_UNLOCK, Mutex, State,
};
use ipc_model::operation::Operation;

use super::walk::Walk;
use super::{Draft, Maker};
use crate::program::Operand;

pub(super) static MAKER: Maker = Maker {
    joins: |pick, _| pick.below(8) == 0,
    calls: &[
        Draft::new(24, take),
        Draft::new(40, go_on).when(|walk, actor| held(walk, actor).is_some()),
        Draft::new(3, wrongly),
    ],
    waits: &[Draft::new(30, wait).when(|walk, actor| held(walk, actor).is_none())],
    wake,
    ..Maker::NONE
};

/// Without an end.
const FOR_EVER: i64 = -1;

fn mutexes(walk: &Walk<'_>) -> [Mutex; COUNT] {
    walk.stage.world.mutexes
}

/// A mutex that the actor has.
fn held(walk: &Walk<'_>, actor: u8) -> Option<i64> {
    mutexes(walk).iter().position(|mutex| mutex.owner == Some(actor)).map(|place| place as i64)
}

/// Mostly the same two, one of each kind, for a mutex that nobody else asks for shows little.
fn some(walk: &mut Walk<'_>) -> i64 {
    [0, 0, 0, 4, 4, 1][walk.pick.below(6) as usize]
}

fn add(walk: &mut Walk<'_>, actor: u8, operation: &'static Operation, place: i64) {
    walk.add(actor, operation, vec![Operand::Number(place)]);
}

/// Takes one that nobody has, or only tries.
fn take(walk: &mut Walk<'_>, actor: u8) {
    let place = some(walk);
    let is_free = mutexes(walk)[place as usize].is_free();
    match walk.pick.below(10) {
        0 => timed(walk, actor, place, 0),
        1 => timed(walk, actor, place, 1),
        2..5 => add(walk, actor, &MUTEX_TRYLOCK, place),
        // Whoever does not look is asleep at once where nobody can wake it.
        _ if is_free || walk.others_idle => add(walk, actor, &MUTEX_LOCK, place),
        _ => add(walk, actor, &MUTEX_TRYLOCK, place),
    }
}

fn timed(walk: &mut Walk<'_>, actor: u8, place: i64, time: i64) {
    walk.add(actor, &MUTEX_TIMEDLOCK, vec![Operand::Number(place), Operand::Number(time)]);
}

/// Says that it is consistent, or gives it back.
fn go_on(walk: &mut Walk<'_>, actor: u8) {
    let Some(place) = held(walk, actor) else { return };
    let state = mutexes(walk)[place as usize].state;
    go_on_with(walk, actor, place, state);
}

fn go_on_with(walk: &mut Walk<'_>, actor: u8, place: i64, state: State) {
    match state == State::Told && walk.pick.below(4) != 0 {
        true => add(walk, actor, &MUTEX_CONSISTENT, place),
        false => add(walk, actor, &MUTEX_UNLOCK, place),
    }
}

/// Whatever may not be.
fn wrongly(walk: &mut Walk<'_>, actor: u8) {
    let place = some(walk);
    let operation = [&MUTEX_UNLOCK, &MUTEX_CONSISTENT][walk.pick.below(2) as usize];
    add(walk, actor, operation, place);
}

/// Waits for one that another has.
fn wait(walk: &mut Walk<'_>, actor: u8) {
    let taken = mutexes(walk).iter().position(|mutex| !mutex.is_free());
    let Some(place) = taken.map(|place| place as i64) else { return take(walk, actor) };
    match walk.pick.below(4) {
        0 => timed(walk, actor, place, FOR_EVER),
        _ => add(walk, actor, &MUTEX_LOCK, place),
    }
}

/// Who has what is waited for gives it back.
fn wake(walk: &mut Walk<'_>, actor: u8, sleeper: u8) -> bool {
    let locks: [&Operation; 2] = [&MUTEX_LOCK, &MUTEX_TIMEDLOCK];
    let awaited = walk.call_of(sleeper).filter(|call| locks.contains(&call.operation));
    let Some(awaited) = awaited.map(|call| call.number(0)) else { return false };
    let all = mutexes(walk);
    let own = all.get(awaited as usize).filter(|mutex| mutex.owner == Some(actor));
    let Some(Mutex { state, .. }) = own else { return false };
    go_on_with(walk, actor, awaited, *state);
    true
}
