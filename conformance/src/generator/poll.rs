//! Questions whether descriptors are ready, and waits until one is.

use ipc_model::operation::Operation;
use ipc_model::poll::{POLL, PPOLL, PSELECT, SELECT};

use super::walk::{End, Walk};
use super::{Draft, Maker, pipe};
use crate::program::Operand;

pub(super) static MAKER: Maker = Maker {
    joins: |pick, _| pick.below(2) == 0,
    calls: &[Draft::new(44, ask)],
    waits: &[Draft::new(10, sleep)],
    wake,
    ..Maker::NONE
};

/// What is asked for: bit 0 whether a read would wait, bit 1 whether a write would, in every one of
/// the calls; bit 2 what nobody here has.
const READING: u32 = 1;
const WRITING: u32 = 2;
const OTHER: u32 = 4;
/// Without an end.
const FOR_EVER: i64 = -1;

/// Asks, or waits if another can wake the actor.
fn ask(walk: &mut Walk<'_>, actor: u8) {
    let mut watches = Vec::new();
    for _ in 0..=walk.pick.below(3) {
        let Some(name) = walk.some_name(actor) else { return };
        let writes = walk.end(actor, walk.number(actor, name)).is_some_and(|end| end.serves(false));
        let asked = match walk.pick.below(12) {
            0 => 0,
            1 => READING | WRITING,
            2 => OTHER | READING,
            3 | 4 => 1 << walk.pick.below(2),
            _ if writes => WRITING,
            _ => READING,
        };
        watches.push((name, asked));
    }
    let time = match walk.pick.below(60) {
        0 => 1 + walk.pick.below(3) as i64,
        1..22 if walk.others_idle => FOR_EVER,
        _ => 0,
    };
    add(walk, actor, watches, time);
}

/// Waits for what is not there: bytes, or room.
fn sleep(walk: &mut Walk<'_>, actor: u8) {
    let mut watches = Vec::new();
    for _ in 0..=walk.pick.below(3) {
        let empty = |end: &End| end.serves(true) && end.stored == 0;
        let full = |end: &End| end.serves(false) && end.stored > 60_000;
        if let Some(name) = walk.some_fitting(actor, empty) {
            watches.push((name, READING));
        }
        if let Some(name) = walk.some_fitting(actor, full) {
            watches.push((name, WRITING));
        }
    }
    if !watches.is_empty() {
        add(walk, actor, watches, FOR_EVER);
    }
}

/// Each descriptor once: a set has one place for it.
fn add(walk: &mut Walk<'_>, actor: u8, watches: Vec<(u16, u32)>, time: i64) {
    let operation: &'static Operation =
        [&POLL, &POLL, &POLL, &PPOLL, &SELECT, &SELECT, &PSELECT][walk.pick.below(7) as usize];
    let mut distinct: Vec<(u16, u32)> = Vec::with_capacity(watches.len());
    for (name, asked) in watches {
        let number = walk.number(actor, name);
        if !distinct.iter().any(|(other, _)| walk.number(actor, *other) == number) {
            distinct.push((name, asked));
        }
    }
    walk.add(actor, operation, vec![Operand::Watches(distinct), Operand::Number(time)]);
}

/// What one of the descriptors is waited for.
fn wake(walk: &mut Walk<'_>, actor: u8, sleeper: u8) -> bool {
    let watches = walk.call_of(sleeper).map(|call| call.watches().to_vec()).unwrap_or_default();
    let Some((fd, asked)) = walk.one_of(&watches) else { return false };
    let Some(end) = walk.end(sleeper, fd) else { return false };
    let object = end.description.object;
    let room = asked & WRITING != 0 && end.serves(false);
    if !room && !(asked & READING != 0 && end.serves(true)) {
        return false;
    }
    pipe::bring(walk, actor, object, room)
}
