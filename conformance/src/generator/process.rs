//! Processes that are made, waited for and ended.

use ipc_model::process::{
    EXEC, EXIT, FORK, GET_PDEATHSIG, KILL, PDEATH_SIGNALS, SET_PDEATHSIG, WAIT, WAITID_ALL,
    WAITID_PID, WAITPID, WAITPID_ANY, WAITPID_OPTIONS,
};
use ipc_model::signal::SIGNALS;
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
        Draft::new(3, inherit),
        Draft::new(4, kill).when(|walk, _| walk.others_idle),
    ],
    waits: &[Draft::new(8, children)],
    ..Maker::NONE
};

pub(super) fn fork(walk: &mut Walk<'_>, actor: u8) {
    if walk.is_full() { pipe::write(walk, actor) } else { walk.add(actor, &FORK, vec![]) }
}

/// Asks for a signal when the parent ends, or what was asked for. A child alone: nobody else's parent is known.
fn inherit(walk: &mut Walk<'_>, actor: u8) {
    if walk.stage.world.process(actor).is_none_or(|process| process.pdeath.is_none()) {
        return;
    }
    let args = vec![Operand::Command];
    if walk.pick.below(3) == 0 {
        return walk.add(actor, &GET_PDEATHSIG, args);
    }
    let harmless =
        super::signal::harmless_to(walk, actor).map(|signal| SIGNALS[usize::from(signal)]);
    let asked = PDEATH_SIGNALS.iter().position(|word| Some(*word) == harmless);
    let word = match walk.pick.below(16) {
        0 => 1,
        1 => PDEATH_SIGNALS.len() - 1,
        _ => asked.unwrap_or(0),
    };
    let args = vec![Operand::Command, Operand::Number(word as i64)];
    walk.add(actor, &SET_PDEATHSIG, args);
}

/// Waits for a child by name, mostly; now and then for any, or without waiting.
fn children(walk: &mut Walk<'_>, actor: u8) {
    let born = walk.program.actors.len() as u8;
    if born < 2 {
        return;
    }
    let child = 1 + walk.pick.below(u64::from(born) - 1) as u8;
    let of_mine = |walk: &Walk<'_>, child| child != actor && is_child(walk, actor, child);
    let way = walk.pick.below(16);
    if way < 8 {
        if of_mine(walk, child) {
            walk.add(actor, &WAITPID, vec![Operand::Process(child)]);
        }
        return;
    }
    // For any only where there is one: everybody else is told so.
    let has_some = (1..born).any(|child| of_mine(walk, child));
    if !has_some && walk.pick.below(8) != 0 {
        return;
    }
    let stops = if walk.pick.below(4) == 0 { 6 } else { 0 };
    let hurried = u32::from(walk.pick.below(2) == 0) | stops;
    let args = |options| vec![Operand::Command, Operand::Flags(options)];
    match way {
        8 | 9 => walk.add(actor, &WAIT, vec![]),
        10 | 11 => walk.add(actor, &WAITPID_ANY, args(hurried)),
        12 if child != actor => {
            let whom = Operand::Process(child);
            let odd = if walk.pick.below(8) == 0 { 8 } else { 0 };
            let options = Operand::Flags(hurried | odd);
            walk.add(actor, &WAITPID_OPTIONS, vec![whom, Operand::Command, options]);
        }
        13 if child != actor => {
            let options = Operand::Flags(waitid_options(walk, hurried));
            walk.add(actor, &WAITID_PID, vec![Operand::Command, Operand::Process(child), options]);
        }
        _ => {
            let options = waitid_options(walk, hurried);
            walk.add(actor, &WAITID_ALL, args(options));
        }
    }
}

/// `WEXITED`, mostly, and now and then `WNOWAIT`; without waiting where it is in a hurry.
fn waitid_options(walk: &mut Walk<'_>, hurried: u32) -> u32 {
    let ended = u32::from(hurried & 6 != 0 || walk.pick.below(12) != 0);
    let leaves = u32::from(walk.pick.below(3) == 0);
    ended | hurried & 6 | (hurried & 1) << 3 | leaves << 4
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
