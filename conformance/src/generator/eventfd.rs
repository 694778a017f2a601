//! Event counters.

use ipc_model::eventfd::{EVENTFD, EVENTFD_READ, EVENTFD_WRITE};
use ipc_model::world::Object;

use super::walk::Walk;
use super::{Draft, Maker};
use crate::program::Operand;

pub(super) static MAKER: Maker = Maker {
    joins: |pick, _| pick.below(8) == 0,
    calls: &[Draft::new(12, make), Draft::new(40, change)],
    ..Maker::NONE
};

/// A name of a counter, or now and then of anything else.
pub(super) fn some(walk: &mut Walk<'_>, actor: u8) -> Option<u16> {
    if walk.pick.below(30) == 0 {
        return walk.some_name(actor);
    }
    let counters =
        walk.names(actor, |fd| matches!(walk.object(actor, fd), Some(Object::Counter(_))));
    walk.one_of(&counters)
}

fn make(walk: &mut Walk<'_>, actor: u8) {
    let count = [0, 0, 0, 1, 3][walk.pick.below(5) as usize];
    let flags = [0, 1, 2, 2, 4, 6][walk.pick.below(6) as usize];
    walk.add(actor, &EVENTFD, vec![Operand::Number(count), Operand::Flags(flags)]);
}

/// Adds to a counter, up to where it is full, or takes from it.
fn change(walk: &mut Walk<'_>, actor: u8) {
    let Some(name) = some(walk, actor) else { return make(walk, actor) };
    if walk.pick.below(2) == 0 {
        return walk.add(actor, &EVENTFD_READ, vec![Operand::Name(name)]);
    }
    let more = [0, 1, 1, 1, 5, -2, -1][walk.pick.below(7) as usize];
    walk.add(actor, &EVENTFD_WRITE, vec![Operand::Name(name), Operand::Number(more)]);
}
