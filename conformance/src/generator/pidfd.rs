//! Processes on descriptors.

use ipc_model::operation::Operation;
use ipc_model::pidfd::{PIDFD_GETFD, PIDFD_OPEN, PIDFD_SEND_SIGNAL, WAITID_PIDFD};
use ipc_model::signal::SENT;
use ipc_model::world::Object;

use super::walk::Walk;
use super::{Draft, Maker, process, signal};
use crate::program::Operand;

pub(super) static MAKER: Maker = Maker {
    joins: |pick, _| pick.below(6) == 0,
    calls: &[
        Draft::new(10, open),
        Draft::new(16, send),
        Draft::new(8, collect),
        Draft::new(8, take),
    ],
    waits: &[Draft::new(8, collect)],
    ..Maker::NONE
};

/// A name that stands for a process, or now and then for anything else; and the process, if one is meant.
fn some(walk: &mut Walk<'_>, actor: u8) -> Option<(u16, Option<u8>)> {
    if walk.pick.below(30) == 0 {
        return walk.some_name(actor).map(|name| (name, None));
    }
    let process = |walk: &Walk<'_>, fd| match walk.object(actor, fd) {
        Some(Object::Pidfd(pidfd)) => Some(pidfd.process),
        _ => None,
    };
    let all = walk.names(actor, |fd| process(walk, fd).is_some());
    let name = walk.one_of(&all)?;
    let fd = walk.number(actor, name);
    Some((name, process(walk, fd)))
}

/// Somebody who is there: a number that was given up may be anybody's.
fn open(walk: &mut Walk<'_>, actor: u8) {
    let target = walk.pick.below(walk.shape.actors.into()) as u8;
    if !process::is_there(walk, target) {
        return;
    }
    let flags = Operand::Flags([0, 0, 0, 1, 1, 2][walk.pick.below(6) as usize]);
    walk.add(actor, &PIDFD_OPEN, vec![Operand::Process(target), flags]);
}

/// A signal to who may be sent one, most often harmless, now and then SIGKILL or none at all.
fn send(walk: &mut Walk<'_>, actor: u8) {
    let Some((name, target)) = some(walk, actor) else { return open(walk, actor) };
    let Some(target) = target else { return };
    let known = process::is_there(walk, target);
    if known && !signal::may_be_sent_to(walk, actor, target) {
        return;
    }
    let word = match walk.pick.below(8) {
        0 => Some(1),
        1 if walk.others_idle => Some(0),
        _ => signal::harmless_to(walk, target).map(|signal| SENT as i64 + i64::from(signal)),
    };
    if let Some(word) = word {
        walk.add(actor, &PIDFD_SEND_SIGNAL, vec![Operand::Name(name), Operand::Number(word)]);
    }
}

/// Waits for the process, if somebody else is there who may end it, or it has ended.
fn collect(walk: &mut Walk<'_>, actor: u8) {
    let Some((name, target)) = some(walk, actor) else { return open(walk, actor) };
    let alone = target.is_some_and(|target| !process::has_ended(walk, target));
    if !alone || walk.others_idle {
        let operation: &'static Operation = &WAITID_PIDFD;
        walk.add(actor, operation, vec![Operand::Name(name)]);
    }
}

/// A descriptor of the process, by a number that means something to the caller too, mostly.
fn take(walk: &mut Walk<'_>, actor: u8) {
    let Some((name, _)) = some(walk, actor) else { return open(walk, actor) };
    let Some(wanted) = walk.some_name(actor) else { return };
    let flags = Operand::Flags(u32::from(walk.pick.below(16) == 0));
    walk.add(actor, &PIDFD_GETFD, vec![Operand::Name(name), Operand::Name(wanted), flags]);
}
