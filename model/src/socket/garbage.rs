//! Sockets that only lead to themselves: each lies in another, or in itself, and nobody can receive any.

use std::collections::BTreeMap;

use super::Socket;
use super::along::take_out;
use crate::clause::Aspect::Lifetime;
use crate::clause::Cond::Lt;
use crate::clause::Duty::Unspecified;
use crate::clause::Force::Permits;
use crate::clause::{Action, Clause, Envelope, Guard, Num, Number, action, effect, number, posix};
use crate::object::{Kind, Object};
use crate::operation::{Gives, Operation};
use crate::world::World;

/// What happens to sockets that nobody can come to any more: no call of anybody's.
pub static COLLECTION: Operation =
    Operation { name: "collection", params: &[], gives: Gives::Nothing, c: "(collection)" };

/// Whether some socket is under way in a message: only then there may be any.
pub fn may_be(world: &World) -> bool {
    let carries = |socket: &Socket| {
        let all = socket.messages.iter().flat_map(|message| &message.carries);
        all.into_iter().any(|one| matches!(world.object_of(*one), Object::Socket(_)))
    };
    world.objects.iter().any(|object| match &**object {
        Object::Socket(socket) => carries(socket),
        _ => false,
    })
}

/// The sockets to which nothing leads but what lies in them: those with something in them.
fn unreachable(world: &World) -> Vec<u16> {
    let inside = |object: u16| world.object_at(object).kind().map_or(vec![], Kind::descriptions);
    let places = 0..world.objects.len() as u16;
    let full: Vec<u16> = places.filter(|object| !inside(*object).is_empty()).collect();
    let mut lie: BTreeMap<u16, u16> = BTreeMap::new();
    for description in full.iter().flat_map(|object| inside(*object)) {
        *lie.entry(description).or_default() += 1;
    }
    let object = |description: u16| {
        world.descriptions.get(usize::from(description)).map_or(0, |description| description.object)
    };
    // Whatever a table or a call leads to, and what lies in that.
    let held = (0_u16..).zip(&world.descriptions).filter(|(place, description)| {
        description.references > lie.get(place).copied().unwrap_or(0)
    });
    let mut todo: Vec<u16> = held.map(|(_, description)| description.object).collect();
    let mut reached = Vec::new();
    while let Some(next) = todo.pop() {
        if !reached.contains(&next) {
            reached.push(next);
            todo.extend(inside(next).into_iter().map(object));
            // Who waits to be accepted can still be.
            if let Object::Socket(socket) = world.object_at(next) {
                todo.extend(&socket.pending);
            }
        }
    }
    full.into_iter().filter(|object| !reached.contains(object)).collect()
}

static LOST: Number =
    number("lost", "Sockets with something in them that nobody can come to.", |v| {
        if may_be(v.world) { unreachable(v.world).len() as u64 } else { 0 }
    });

const SOME_LOST: Guard = Guard {
    name: "nobody can come to a socket but by what lies in it",
    cond: Lt(Num::N(0), Num::Of(&LOST)),
};

static COLLECT: Action = action("what lies in such sockets is carried no more", |c, _| {
    for object in unreachable(c.world) {
        take_out(c.world, object, Socket::clear);
    }
});

/// What becomes of them.
pub(super) static CLAUSES: &[Clause] = &[Clause {
    id: "socket.garbage.collected",
    on: &[&COLLECTION],
    force: Permits,
    duty: Unspecified,
    aspect: Lifetime,
    source: posix("close()", "DESCRIPTION"),
    text: "A socket to which only such sockets lead as are under way themselves may be closed at any time, and what lies in it with it.",
    guards: &[SOME_LOST],
    envelope: Envelope::Step(Num::N(0), Num::N(0)),
    effects: &[effect(&COLLECT)],
}];
