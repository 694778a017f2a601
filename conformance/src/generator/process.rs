//! Processes that are made, waited for and ended.

use ipc_model::process::{EXEC, EXIT, FORK, KILL, WAITPID};
use ipc_model::world::Life::{Reaped, Unborn, Zombie};

use super::walk::Walk;
use super::{Draft, Maker, pipe};
use crate::program::Operand;

pub(super) static MAKER: Maker = Maker {
    calls: &[
        Draft::new(24, fork),
        Draft::new(8, children),
        Draft::new(4, |walk, actor| {
            let status = walk.pick.below(4) as i64;
            walk.add(actor, &EXIT, vec![Operand::Number(status)]);
        })
        .when(|walk, _| walk.others_idle),
        // Whoever has become nobody may not be let to the file that the process is made from.
        Draft::new(1, |walk, actor| walk.add(actor, &EXEC, vec![]))
            .when(|walk, actor| walk.user(actor).is_some_and(|user| !user.nobody)),
        Draft::new(4, kill).when(|walk, _| walk.others_idle),
    ],
    waits: &[Draft::new(8, children)],
    ..Maker::NONE
};

pub(super) fn fork(walk: &mut Walk<'_>, actor: u8) {
    if walk.is_full() { pipe::write(walk, actor) } else { walk.add(actor, &FORK, vec![]) }
}

fn children(walk: &mut Walk<'_>, actor: u8) {
    let born = walk.program.actors.len() as u8;
    if born > 1 {
        let child = 1 + walk.pick.below(u64::from(born) - 1) as u8;
        if child != actor && is_child(walk, actor, child) {
            walk.add(actor, &WAITPID, vec![Operand::Process(child)]);
        }
    }
}

/// Only a child that nobody has waited for: its number cannot belong to anybody else. And none that
/// belongs to another user.
fn kill(walk: &mut Walk<'_>, actor: u8) {
    let mut all = 0..walk.shape.actors;
    let child = all.find(|child| {
        let nobody = |process| walk.user(process).is_some_and(|user| user.nobody);
        is_child(walk, actor, *child) && (!nobody(actor) || nobody(*child))
    });
    if let Some(child) = child {
        walk.add(actor, &KILL, vec![Operand::Process(child), Operand::Number(0)]);
    }
}

/// Whether the process is there, ended or not, and was not waited for.
pub(super) fn is_there(walk: &Walk<'_>, process: u8) -> bool {
    let process = walk.stage.world.process(process);
    process.is_some_and(|process| !matches!(process.life, Reaped | Unborn))
}

/// Whether the process has ended, waited for or not.
pub(super) fn has_ended(walk: &Walk<'_>, process: u8) -> bool {
    let process = walk.stage.world.process(process);
    process.is_some_and(|process| matches!(process.life, Zombie(_) | Reaped))
}

fn is_child(walk: &Walk<'_>, actor: u8, child: u8) -> bool {
    walk.stage.world.process(child).is_some_and(|process| {
        process.parent == Some(actor) && !matches!(process.life, Reaped | Unborn)
    })
}
