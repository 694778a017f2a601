//! Timers: long ones that never expire, and short ones that expire once.

use ipc_model::signal::{SIGALRM, SIGNALS};
use ipc_model::timer::{
    ALARM, GETITIMER, GETITIMER_INTERVAL, SETITIMER, TIMER_CREATE, TIMER_DELETE, TIMER_GETOVERRUN,
    TIMER_GETTIME, TIMER_INTERVAL, TIMER_SETTIME,
};

use super::walk::Walk;
use super::{Draft, Maker, signal};
use crate::program::Operand;

pub(super) static MAKER: Maker = Maker {
    // Where processes talk by signals.
    joins: |pick, cast| {
        let talks = cast.iter().any(|maker| std::ptr::eq(*maker, &signal::MORE));
        talks && pick.below(3) == 0
    },
    calls: &[
        Draft::new(5, alarm),
        Draft::new(12, set),
        Draft::new(5, ask),
        Draft::new(5, make),
        Draft::new(14, set_one),
        Draft::new(6, ask_one),
        Draft::new(2, delete),
    ],
    waits: &[Draft::new(5, set), Draft::new(5, set_one)],
    ..Maker::NONE
};

/// Longer than any program runs, in milliseconds.
const LONG: i64 = 3_600_000;

/// Whether a signal that comes later leaves the actor alive, as it looks now.
fn is_harmless(walk: &Walk<'_>, actor: u8, signal: u8) -> bool {
    let signals = signal::of(walk, actor);
    let idle = !signals.is_deadly(signal) && !signals.stops(signal);
    idle || signals.blocked & 1 << signal != 0
}

/// A time and an interval: short ones where the signal does no harm, or now and then anyhow.
fn times(walk: &mut Walk<'_>, harmless: bool) -> [Operand; 2] {
    let short = harmless || walk.pick.below(12) == 0;
    let time = match walk.pick.below(12) {
        0 => -1,
        1 | 2 => 0,
        3..=5 => LONG,
        _ if short => 1 + walk.pick.below(2) as i64,
        _ => LONG,
    };
    let interval = if walk.pick.below(4) == 0 { 2 * LONG } else { 0 };
    [Operand::Number(time), Operand::Number(interval)]
}

fn alarm(walk: &mut Walk<'_>, actor: u8) {
    let seconds = [0, 3600, 7200][walk.pick.below(3) as usize];
    walk.add(actor, &ALARM, vec![Operand::Number(seconds)]);
}

fn set(walk: &mut Walk<'_>, actor: u8) {
    let harmless = is_harmless(walk, actor, SIGALRM);
    let [time, interval] = times(walk, harmless);
    walk.add(actor, &SETITIMER, vec![Operand::Command, time, interval]);
}

fn ask(walk: &mut Walk<'_>, actor: u8) {
    match walk.pick.below(3) {
        0 => walk.add(actor, &GETITIMER_INTERVAL, vec![Operand::Command]),
        _ => walk.add(actor, &GETITIMER, vec![Operand::Command]),
    }
}

fn make(walk: &mut Walk<'_>, actor: u8) {
    if known(walk, actor).len() >= 4 {
        return ask_one(walk, actor);
    }
    let all = SIGNALS.len() as u64;
    let signal = match walk.pick.below(4) {
        0 => walk.pick.below(all + 2) as i64,
        _ => {
            let harmless = |signal: &u8| is_harmless(walk, actor, *signal);
            let some: Vec<u8> = (1..all as u8).filter(harmless).collect();
            walk.one_of(&some).map_or(0, |signal| i64::from(signal) + 1)
        }
    };
    let value = Operand::Number(walk.pick.below(100) as i64 - 5);
    walk.add(actor, &TIMER_CREATE, vec![Operand::Command, Operand::Number(signal), value]);
}

/// The timers of an actor, by number.
fn known(walk: &Walk<'_>, actor: u8) -> Vec<u8> {
    let timers = walk.stage.world.process(actor).map(|process| process.timers.clone());
    let timers = timers.unwrap_or_default();
    (0..timers.made.len() as u8).filter(|number| timers.get((*number).into()).is_some()).collect()
}

/// The number of one of them, or now and then of none.
fn some(walk: &mut Walk<'_>, actor: u8) -> Option<i64> {
    if walk.pick.below(20) == 0 {
        return Some(walk.pick.below(4) as i64);
    }
    let known = known(walk, actor);
    walk.one_of(&known).map(i64::from)
}

fn set_one(walk: &mut Walk<'_>, actor: u8) {
    let Some(number) = some(walk, actor) else { return make(walk, actor) };
    let timers = walk.stage.world.process(actor).map(|process| process.timers.clone());
    let notice = timers.and_then(|timers| timers.get(number).and_then(|timer| timer.notice));
    let harmless = notice.is_none_or(|notice| is_harmless(walk, actor, notice.signal));
    let [time, interval] = times(walk, harmless);
    walk.add(actor, &TIMER_SETTIME, vec![Operand::Number(number), time, interval]);
}

fn ask_one(walk: &mut Walk<'_>, actor: u8) {
    let Some(number) = some(walk, actor).map(Operand::Number) else { return };
    match walk.pick.below(4) {
        0 => walk.add(actor, &TIMER_GETOVERRUN, vec![number]),
        1 => walk.add(actor, &TIMER_INTERVAL, vec![number, Operand::Command]),
        _ => walk.add(actor, &TIMER_GETTIME, vec![number, Operand::Command]),
    }
}

fn delete(walk: &mut Walk<'_>, actor: u8) {
    let Some(number) = some(walk, actor).map(Operand::Number) else { return };
    walk.add(actor, &TIMER_DELETE, vec![number]);
}
