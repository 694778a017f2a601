//! Signals that are sent, held back, waited for, caught and asked about.
//!
//! Those of programs with more than `SIGPIPE` go to processes that nobody has waited for, and to
//! nobody of another user.

use ipc_model::operation::Operation;
use ipc_model::poll::{PPOLL_MASK, PSELECT_MASK};
use ipc_model::process::KILL;
use ipc_model::signal::{
    PAUSE, RAISE, SA_ONSTACK, SENT, SETRLIMIT, SIGACTION, SIGACTION_HANDLER, SIGALTSTACK,
    SIGALTSTACK_ASK, SIGCHLD, SIGCONT, SIGNALS, SIGPENDING, SIGPROCMASK, SIGQUEUE, SIGSUSPEND,
    SIGTIMEDWAIT, SIGWAIT, SIGWAITINFO, Signals,
};
use ipc_model::world::Life::{Reaped, Unborn};

use super::walk::Walk;
use super::{Draft, Maker};
use crate::program::Operand;

pub(super) static MAKER: Maker = Maker { calls: &[Draft::new(8, sigpipe)], ..Maker::NONE };

/// What programs have besides in which processes talk by signals.
pub(super) static MORE: Maker = Maker {
    joins: |pick, _| pick.below(4) == 0,
    calls: &[
        Draft::new(16, dispose),
        Draft::new(14, mask),
        Draft::new(26, send),
        Draft::new(6, ask),
        Draft::new(4, take_at_once),
        Draft::new(3, stack),
        Draft::new(1, |walk, actor| {
            walk.add(actor, &SETRLIMIT, vec![Operand::Command, Operand::Number(0)]);
        }),
    ],
    waits: &[Draft::new(10, wait)],
    wake,
    ..Maker::NONE
};

/// All but `SIGPIPE`, which is not sent.
const FIRST: u64 = 1;
/// The same, as a set.
const ALL: u32 = (1 << SIGNALS.len()) - 2;

fn sigpipe(walk: &mut Walk<'_>, actor: u8) {
    let which = Operand::Number(walk.pick.below(2) as i64);
    match walk.pick.below(5) {
        0 => walk.add(actor, &SIGPENDING, vec![]),
        1 | 2 => walk.add(actor, &SIGACTION, vec![Operand::Number(0), which]),
        _ => walk.add(actor, &SIGPROCMASK, vec![which, Operand::Flags(1)]),
    }
}

fn some(walk: &mut Walk<'_>) -> u8 {
    (FIRST + walk.pick.below(SIGNALS.len() as u64 - FIRST)) as u8
}

/// A set of one or two, now and then of more.
pub(super) fn set(walk: &mut Walk<'_>) -> u32 {
    let more = walk.pick.below(4);
    (0..=more).fold(0, |set, _| set | 1 << some(walk))
}

pub(super) fn of(walk: &Walk<'_>, process: u8) -> Signals {
    let process = walk.stage.world.process(process);
    process.map_or_else(Signals::default, |process| process.signals.clone())
}

/// Mostly a handler: what has none ends its process soon.
fn dispose(walk: &mut Walk<'_>, actor: u8) {
    let signal = if walk.pick.below(8) == 0 { 0 } else { some(walk) };
    let name = Operand::Number(signal.into());
    if walk.pick.below(5) == 0 {
        let which = Operand::Number(walk.pick.below(2) as i64);
        return walk.add(actor, &SIGACTION, vec![name, which]);
    }
    let all = if signal == SIGCHLD { 32 } else { 8 };
    let flags = if walk.pick.below(2) == 0 { 0 } else { walk.pick.below(all) as u32 };
    let flags = if walk.pick.below(4) == 0 { flags | SA_ONSTACK } else { flags };
    let mask = if walk.pick.below(3) == 0 { set(walk) } else { 0 };
    let args = vec![name, Operand::Command, Operand::Flags(flags), Operand::Flags(mask)];
    walk.add(actor, &SIGACTION_HANDLER, args);
}

/// Sets an alternate stack, mostly, or asks whether there is one.
fn stack(walk: &mut Walk<'_>, actor: u8) {
    match walk.pick.below(3) {
        0 => walk.add(actor, &SIGALTSTACK_ASK, vec![Operand::Command]),
        _ => {
            let word = [1, 1, 1, 1, 1, 0, 2, 3, 4][walk.pick.below(9) as usize];
            walk.add(actor, &SIGALTSTACK, vec![Operand::Number(word)]);
        }
    }
}

fn mask(walk: &mut Walk<'_>, actor: u8) {
    let how = Operand::Number([0, 0, 0, 1, 2][walk.pick.below(5) as usize]);
    let set = Operand::Flags(set(walk));
    walk.add(actor, &SIGPROCMASK, vec![how, set]);
}

/// Whether a signal may be sent to that process: it is known to be who it was.
pub(super) fn may_be_sent_to(walk: &Walk<'_>, actor: u8, target: u8) -> bool {
    let nobody = |process| walk.user(process).is_some_and(|user| user.nobody);
    let there = |life| !matches!(life, Reaped | Unborn);
    walk.stage.world.process(target).is_some_and(|process| there(process.life))
        && (!nobody(actor) || nobody(target))
}

/// A signal that does not end the target, or now and then one that may.
fn send(walk: &mut Walk<'_>, actor: u8) {
    let target = walk.pick.below(walk.shape.actors.into()) as u8;
    send_to(walk, actor, target);
}

/// A signal that does not end the target.
pub(super) fn harmless_to(walk: &mut Walk<'_>, target: u8) -> Option<u8> {
    let signals = of(walk, target);
    let bold = walk.pick.below(4) == 0;
    let harmless = |signal: &u8| {
        let idle = !signals.is_deadly(*signal) && (bold || !signals.stops(*signal));
        idle || signals.blocked & 1 << *signal != 0
    };
    let all: Vec<u8> = (FIRST as u8..SIGNALS.len() as u8).filter(harmless).collect();
    walk.one_of(&all)
}

pub(super) fn send_to(walk: &mut Walk<'_>, actor: u8, target: u8) -> bool {
    if !may_be_sent_to(walk, actor, target) {
        return false;
    }
    let reckless = walk.pick.below(10) == 0;
    let signal = if reckless { Some(some(walk)) } else { harmless_to(walk, target) };
    let Some(signal) = signal else { return false };
    let word = match walk.pick.below(40) {
        0 => 1,
        1 => SENT as i64 + SIGNALS.len() as i64,
        _ => SENT as i64 + i64::from(signal),
    };
    let (whom, word) = (Operand::Process(target), Operand::Number(word));
    if target == actor && walk.pick.below(2) == 0 {
        walk.add(actor, &RAISE, vec![word]);
    } else if walk.pick.below(2) == 0 {
        walk.add(actor, &KILL, vec![whom, word]);
    } else {
        let value = Operand::Number(walk.pick.below(100) as i64 - 5);
        walk.add(actor, &SIGQUEUE, vec![whom, word, value]);
    }
    true
}

fn ask(walk: &mut Walk<'_>, actor: u8) {
    walk.add(actor, &SIGPENDING, vec![]);
}

/// Signals that the actor blocks: only for those may be waited.
fn waited_for(walk: &mut Walk<'_>, actor: u8) -> u32 {
    let set = set(walk);
    set & of(walk, actor).blocked
}

fn take_at_once(walk: &mut Walk<'_>, actor: u8) {
    let set = of(walk, actor).blocked & !1;
    if set != 0 {
        let time = Operand::Number(if walk.pick.below(20) == 0 { 2 } else { 0 });
        walk.add(actor, &SIGTIMEDWAIT, vec![Operand::Flags(set), time]);
    }
}

/// Waits for a signal, if somebody else is there to send it.
fn wait(walk: &mut Walk<'_>, actor: u8) {
    if !walk.others_idle {
        return;
    }
    let caught = of(walk, actor).caught;
    let set = waited_for(walk, actor);
    let waits: [&'static Operation; 3] = [&SIGWAIT, &SIGWAITINFO, &SIGWAITINFO];
    match walk.pick.below(5) {
        4 if caught != 0 => poll_with_a_mask(walk, actor, caught),
        0 if caught != 0 => walk.add(actor, &PAUSE, vec![]),
        1 if caught != 0 => {
            let mask = if walk.pick.below(2) == 0 { 0 } else { !caught & ALL };
            walk.add(actor, &SIGSUSPEND, vec![Operand::Flags(mask)]);
        }
        _ if set != 0 => {
            let operation = waits[walk.pick.below(3) as usize];
            walk.add(actor, operation, vec![Operand::Flags(set)]);
        }
        _ => {}
    }
}

/// As `sigsuspend`, with a descriptor besides.
fn poll_with_a_mask(walk: &mut Walk<'_>, actor: u8, caught: u32) {
    let Some(name) = walk.some_name(actor) else { return };
    let mask = if walk.pick.below(2) == 0 { 0 } else { !caught & ALL };
    let time = Operand::Number(if walk.pick.below(3) == 0 { 0 } else { -1 });
    let both: [&'static Operation; 2] = [&PPOLL_MASK, &PSELECT_MASK];
    let operation = both[walk.pick.below(2) as usize];
    let watches = Operand::Watches(vec![(name, 1)]);
    walk.add(actor, operation, vec![watches, time, Operand::Command, Operand::Flags(mask)]);
}

/// A signal gets many out of their calls.
fn wake(walk: &mut Walk<'_>, actor: u8, sleeper: u8) -> bool {
    if walk.stage.world.is_stopped(sleeper) {
        let there = may_be_sent_to(walk, actor, sleeper);
        if there {
            let word = Operand::Number(SENT as i64 + i64::from(SIGCONT));
            walk.add(actor, &KILL, vec![Operand::Process(sleeper), word]);
        }
        return there;
    }
    let signals = of(walk, sleeper);
    let waits = walk.call_of(sleeper).is_some_and(|call| {
        let sets: [&'static Operation; 7] = [
            &SIGWAIT,
            &SIGWAITINFO,
            &SIGTIMEDWAIT,
            &SIGSUSPEND,
            &PAUSE,
            &PPOLL_MASK,
            &PSELECT_MASK,
        ];
        sets.contains(&call.operation)
    });
    (waits || signals.caught != 0 && walk.pick.below(3) == 0) && send_to(walk, actor, sleeper)
}
