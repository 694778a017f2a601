//! Process groups that are made, joined, asked about, sent to and waited for.

use ipc_model::operation::Operation;
use ipc_model::process::{
    GETPGID, GETPGRP, SETPGID, SETPGID_OWN, WAITID_PGID, WAITPID_GROUP, WAITPID_OWN_GROUP,
};
use ipc_model::signal::{KILL_GROUP, KILL_OWN_GROUP, SENT, SIGNALS};
use ipc_model::world::Life::{Reaped, Unborn};

use super::walk::Walk;
use super::{Draft, Maker, process, signal};
use crate::program::Operand;

pub(super) static MAKER: Maker = Maker {
    joins: |pick, _| pick.below(6) == 0,
    calls: &[
        Draft::new(14, set),
        Draft::new(4, ask),
        Draft::new(14, send),
        Draft::new(6, children),
    ],
    waits: &[Draft::new(8, children)],
    ..Maker::NONE
};

fn group_of(walk: &Walk<'_>, process: u8) -> u8 {
    walk.stage.world.process(process).map_or(process, |process| process.group)
}

/// Who is in a group and was not waited for.
fn members(walk: &Walk<'_>, group: u8) -> Vec<u8> {
    let inside = |number: &u8| {
        walk.stage.world.process(*number).is_some_and(|process| {
            process.group == group && !matches!(process.life, Unborn | Reaped)
        })
    };
    (0..walk.shape.actors).filter(inside).collect()
}

/// Somebody who is there, the actor itself every second time.
fn somebody(walk: &mut Walk<'_>, actor: u8) -> u8 {
    let other = walk.pick.below(walk.shape.actors.into()) as u8;
    let takes = walk.pick.below(2) == 0 && process::is_there(walk, other);
    if takes { other } else { actor }
}

/// Whether it sleeps for its own group: which that was when it began, the rules do not keep.
fn waits_for_its_own(walk: &Walk<'_>, process: u8) -> bool {
    walk.call_of(process).is_some_and(|call| call.operation == &WAITPID_OWN_GROUP)
}

fn set(walk: &mut Walk<'_>, actor: u8) {
    let mover = somebody(walk, actor);
    if waits_for_its_own(walk, mover) {
        return;
    }
    if mover == actor && walk.pick.below(3) == 0 {
        let word = i64::from(walk.pick.below(12) == 0);
        return walk.add(actor, &SETPGID_OWN, vec![Operand::Command, Operand::Number(word)]);
    }
    let group = match walk.pick.below(3) {
        0 => mover,
        1 => group_of(walk, actor),
        _ => somebody(walk, actor),
    };
    walk.add(actor, &SETPGID, vec![Operand::Process(mover), Operand::Process(group)]);
}

fn ask(walk: &mut Walk<'_>, actor: u8) {
    if walk.pick.below(3) == 0 {
        return walk.add(actor, &GETPGRP, vec![]);
    }
    let whom = somebody(walk, actor);
    walk.add(actor, &GETPGID, vec![Operand::Process(whom)]);
}

/// The actor's own group, or that of somebody who is there.
fn some(walk: &mut Walk<'_>, actor: u8) -> u8 {
    let whom = somebody(walk, actor);
    group_of(walk, whom)
}

/// A signal that ends nobody there, or now and then SIGKILL or none at all.
fn send(walk: &mut Walk<'_>, actor: u8) {
    let group = some(walk, actor);
    let members = members(walk, group);
    let apart = !members.contains(&actor) && walk.others_idle;
    let word = match walk.pick.below(12) {
        0 => 1,
        1 => SENT as i64 + SIGNALS.len() as i64,
        2 if apart => 0,
        _ => {
            let Some(signal) = harmless(walk, &members) else { return };
            SENT as i64 + i64::from(signal)
        }
    };
    let word = Operand::Number(word);
    if group == group_of(walk, actor) && walk.pick.below(2) == 0 {
        walk.add(actor, &KILL_OWN_GROUP, vec![Operand::Command, word]);
    } else {
        walk.add(actor, &KILL_GROUP, vec![Operand::Process(group), word]);
    }
}

fn harmless(walk: &mut Walk<'_>, members: &[u8]) -> Option<u8> {
    let first = *members.first()?;
    let signal = signal::harmless_to(walk, first)?;
    let deadly = |member: &u8| {
        let own = signal::of(walk, *member);
        own.blocked & 1 << signal == 0 && (own.is_deadly(signal) || own.stops(signal))
    };
    (!members.iter().any(deadly)).then_some(signal)
}

/// Waits for a child of a group, if there is any child; mostly of one that has a child in it.
fn children(walk: &mut Walk<'_>, actor: u8) {
    let mine = |walk: &Walk<'_>, number: &u8| {
        walk.stage.world.process(*number).is_some_and(|process| {
            process.parent == Some(actor) && !matches!(process.life, Reaped | Unborn)
        })
    };
    let mine: Vec<u8> = (0..walk.shape.actors).filter(|number| mine(walk, number)).collect();
    let Some(child) = walk.one_of(&mine) else { return };
    let group = if walk.pick.below(8) == 0 { some(walk, actor) } else { group_of(walk, child) };
    let hurried = u32::from(walk.pick.below(2) == 0);
    let way: &'static Operation = match walk.pick.below(3) {
        0 if group == group_of(walk, actor) => &WAITPID_OWN_GROUP,
        1 => &WAITID_PGID,
        _ => &WAITPID_GROUP,
    };
    if way == &WAITPID_OWN_GROUP {
        return walk.add(actor, way, vec![Operand::Command, Operand::Flags(hurried)]);
    }
    let options = if way == &WAITID_PGID {
        let leaves = u32::from(walk.pick.below(3) == 0);
        1 | hurried << 3 | leaves << 4
    } else {
        hurried
    };
    let args = vec![Operand::Command, Operand::Process(group), Operand::Flags(options)];
    walk.add(actor, way, args);
}
