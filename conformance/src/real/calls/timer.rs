//! Timers. Around each call that tells of time the monotonic clock is looked at.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};

use ipc_impls::errno::Errno;
use ipc_impls::timer::{self as sys, Id, Times};
use ipc_model::signal::SIGNALS;
use ipc_model::timer::{
    ALARM, EVENTS, GETITIMER, GETITIMER_INTERVAL, MS, Moment, SETITIMER, TIMER_CREATE,
    TIMER_DELETE, TIMER_GETOVERRUN, TIMER_GETTIME, TIMER_INTERVAL, TIMER_SETTIME,
};
use nix::libc;

use super::signal::numbers;
use super::{Driver, answer, nothing};
use crate::real::wire::{Answer, Step};

/// How many timers a process may have at a time.
const TIMERS: usize = 16;
/// Stands for a number that no timer has had.
const NONE: usize = i32::MAX as usize;
/// In a place: the timer is there no more, or was another program's or the parent's.
const GONE: usize = 1 << 32;

/// What the system calls the timers that the program numbers.
static NAMES: [AtomicUsize; TIMERS] = [const { AtomicUsize::new(NONE | GONE) }; TIMERS];
/// When the last call was made, see [`Moment::probe`].
static WHEN: AtomicU64 = AtomicU64::new(0);

/// Makes a call between two looks at the clock.
fn looked(call: impl FnOnce() -> Answer) -> Answer {
    let first = sys::monotonic();
    let answer = call();
    WHEN.store(Moment::probe(first, sys::monotonic()), Relaxed);
    answer
}

fn when(_: &Answer) -> Option<u64> {
    Some(WHEN.load(Relaxed))
}

fn value(times: Times) -> Answer {
    Answer::Number(times.value)
}

fn interval(times: Times) -> Answer {
    Answer::Number(times.interval)
}

/// What a call is given in milliseconds.
fn times(step: &Step) -> Times {
    let time = |index| match step.number(index) {
        ..0 => -1,
        ms => ms.saturating_mul(MS as i64),
    };
    Times { value: time(1), interval: time(2) }
}

/// The system's name for the timer that a call names.
fn id(step: &Step) -> Id {
    let name = NAMES.get(step.number(0) as usize).map_or(NONE, |name| name.load(Relaxed) & !GONE);
    std::ptr::without_provenance_mut(name)
}

fn create(step: &Step) -> Answer {
    const _: () = assert!(EVENTS.len() == SIGNALS.len() + 2);
    let signal = step.word(1).checked_sub(1).map(|at| numbers().get(at).copied().unwrap_or(-1));
    let free = |name: &&AtomicUsize| name.load(Relaxed) & GONE != 0;
    let Some(place) = NAMES.iter().position(|name| free(&name)) else {
        return Answer::Failed(Errno(libc::ENOMEM));
    };
    answer(sys::timer_create(signal, step.number(2) as i32), |id| {
        NAMES[place].store(id.addr(), Relaxed);
        Answer::Number(place as i64)
    })
}

fn delete(step: &Step) -> Answer {
    // SAFETY: it is what the C library gave, or a number that no timer has.
    let deleted = unsafe { sys::timer_delete(id(step)) };
    if deleted.is_ok()
        && let Some(name) = NAMES.get(step.number(0) as usize)
    {
        name.fetch_or(GONE, Relaxed);
    }
    nothing(deleted)
}

pub(super) static DRIVERS: &[Driver] = &[
    Driver::new(&ALARM, |_, step| {
        looked(|| Answer::Number(sys::alarm(step.number(0) as u32).into()))
    })
    .probe(when),
    Driver::new(&SETITIMER, |_, step| looked(|| answer(sys::setitimer(times(step)), value)))
        .probe(when),
    Driver::new(&GETITIMER, |_, _| looked(|| answer(sys::getitimer(), value))).probe(when),
    Driver::new(&GETITIMER_INTERVAL, |_, _| answer(sys::getitimer(), interval)),
    Driver::new(&TIMER_CREATE, |_, step| create(step)),
    Driver::new(&TIMER_SETTIME, |_, step| {
        // SAFETY: it is what the C library gave, or a number that no timer has.
        looked(|| answer(unsafe { sys::timer_settime(id(step), times(step)) }, value))
    })
    .probe(when),
    Driver::new(&TIMER_GETTIME, |_, step| {
        // SAFETY: as above.
        looked(|| answer(unsafe { sys::timer_gettime(id(step)) }, value))
    })
    .probe(when),
    Driver::new(&TIMER_INTERVAL, |_, step| {
        // SAFETY: as above.
        answer(unsafe { sys::timer_gettime(id(step)) }, interval)
    }),
    Driver::new(&TIMER_GETOVERRUN, |_, step| {
        // SAFETY: as above.
        let told = || unsafe { sys::timer_getoverrun(id(step)) };
        looked(|| answer(told(), |overrun| Answer::Number(overrun.into())))
    })
    .probe(when),
    Driver::new(&TIMER_DELETE, |_, step| delete(step)),
];

/// In a child, or behind `exec`: the system's names are still known, and the timers are not there.
pub fn leave_behind() {
    for name in &NAMES {
        name.fetch_or(GONE, Relaxed);
    }
}

/// What the system calls the timers, for who comes behind `exec`.
pub fn names() -> String {
    let names = NAMES.iter().map(|name| name.load(Relaxed) & !GONE);
    let known: Vec<String> = names.map(|name| name.to_string()).collect();
    known.join(",")
}

/// Takes over what the program before it knew.
pub fn inherit(names: &str) {
    for (place, name) in NAMES.iter().zip(names.split(',')) {
        place.store(name.parse().unwrap_or(NONE), Relaxed);
    }
    leave_behind();
    // Of what was armed nothing is known here.
    WHEN.store(1, Relaxed);
}

/// No timer is left, nor anything known of one.
pub fn clear() {
    if WHEN.swap(0, Relaxed) != 0 {
        sys::alarm(0);
    }
    for name in &NAMES {
        let last = name.swap(NONE | GONE, Relaxed);
        if last & GONE == 0 {
            // SAFETY: it is what the C library gave.
            let _ = unsafe { sys::timer_delete(std::ptr::without_provenance_mut(last)) };
        }
    }
}
