//! Readiness.

use std::time::Duration;

use ipc_impls::errno::Result;
use ipc_impls::poll as sys;
use ipc_model::poll::{EVENTS, POLL, PPOLL, PPOLL_MASK, PSELECT, PSELECT_MASK, SELECT, SETS};
use nix::libc;

use super::Driver;
use super::signal::named;
use crate::real::wire::{Answer, Step};

pub(super) static DRIVERS: &[Driver] = &[
    Driver::new(&POLL, |_, step| polled(step, |asked| sys::poll(asked, step.number(1) as i32)))
        .sleeps_at(libc::SYS_poll),
    Driver::new(&PPOLL, |_, step| polled(step, |asked| sys::ppoll(asked, timeout(step))))
        .sleeps_at(libc::SYS_ppoll),
    Driver::new(&PPOLL_MASK, |_, step| {
        let mask = named(step.bits(3));
        polled(step, |asked| sys::ppoll_mask(asked, timeout(step), &mask))
    })
    .sleeps_at(libc::SYS_ppoll),
    Driver::new(&SELECT, |_, step| selected(step, sys::select)).sleeps_at(SELECTS_IN),
    Driver::new(&PSELECT, |_, step| selected(step, sys::pselect)).sleeps_at(libc::SYS_pselect6),
    Driver::new(&PSELECT_MASK, |_, step| {
        let mask = named(step.bits(3));
        selected(step, |nfds, sets, time| sys::pselect_mask(nfds, sets, time, &mask))
    })
    .sleeps_at(libc::SYS_pselect6),
];

/// What the C library makes of `select`: the GNU one does without the call of that name (glibc 2.36).
#[cfg(all(target_arch = "x86_64", not(target_env = "gnu")))]
const SELECTS_IN: libc::c_long = libc::SYS_select;
/// What the C library makes of `select`.
#[cfg(not(all(target_arch = "x86_64", not(target_env = "gnu"))))]
const SELECTS_IN: libc::c_long = libc::SYS_pselect6;

fn timeout(step: &Step) -> Option<Duration> {
    u64::try_from(step.number(1)).ok().map(Duration::from_millis)
}

/// The bits of the events, in the order of [`EVENTS`].
const BITS: [libc::c_short; 6] =
    [libc::POLLIN, libc::POLLOUT, libc::POLLPRI, libc::POLLERR, libc::POLLHUP, libc::POLLNVAL];

fn place(words: &[&str], word: &str) -> u32 {
    words.iter().position(|known| *known == word).map_or(0, |bit| 1 << bit)
}

/// That nothing was ready before that time had passed by the monotonic clock.
fn early(step: &Step, began: Duration) -> bool {
    timeout(step).is_none_or(|time| now() - began < time)
}

/// `CLOCK_MONOTONIC`, asked of the kernel itself: where an agent has become another program, the C
/// library looks for the clock in the wrong place.
pub(super) fn now() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    let place = &raw mut time;
    // SAFETY: the call fills one whole `timespec`.
    unsafe { libc::syscall(libc::SYS_clock_gettime, libc::CLOCK_MONOTONIC, place) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

fn polled(step: &Step, call: impl Fn(&mut [libc::pollfd]) -> Result<i32>) -> Answer {
    let events = |bits: u32| {
        let set = BITS.iter().enumerate().filter(|(index, _)| bits & 1 << index != 0);
        set.fold(0, |all, (_, bit)| all | bit)
    };
    let asked: Vec<libc::pollfd> = step
        .watches(0)
        .map(|(fd, bits)| libc::pollfd { fd, events: events(bits), revents: 0 })
        .collect();
    let mut left = asked.clone();
    let began = now();
    let count = match call(&mut left) {
        Ok(count) => count,
        Err(errno) => return Answer::Failed(errno),
    };
    let early = count == 0 && early(step, began);
    let found = |(before, after): (&libc::pollfd, &libc::pollfd)| {
        let told = BITS.iter().enumerate().filter(|(_, bit)| after.revents & **bit != 0);
        let spoilt = if before.events == after.events { 0 } else { place(EVENTS, "events!") };
        told.fold(spoilt, |all, (index, _)| all | 1 << index)
    };
    let found: Vec<u32> = asked.iter().zip(&left).map(found).collect();
    let ready = found.iter().filter(|bits| **bits != 0).count();
    counted(found, (ready, count), early, EVENTS)
}

fn selected(
    step: &Step,
    call: impl Fn(i32, &mut sys::Sets, Option<Duration>) -> Result<i32>,
) -> Answer {
    let wanted = |bits: u32| [0, 1, 2].map(|set| bits & 1 << set != 0);
    let mut sets = sys::Sets::new(step.watches(0).map(|(fd, bits)| (fd, wanted(bits))));
    let nfds = step.watches(0).map(|(fd, _)| fd + 1).max().unwrap_or(0);
    let began = now();
    let count = match call(nfds, &mut sets, timeout(step)) {
        Ok(count) => count,
        Err(errno) => return Answer::Failed(errno),
    };
    let early = count == 0 && early(step, began);
    let found = step.watches(0).map(|(fd, bits)| {
        let left = sets.of(fd);
        let told = (0..3).filter(|set| left[*set] && bits & 1 << set != 0);
        told.fold(0, |all, set| all | 1 << set)
    });
    let found: Vec<u32> = found.collect();
    // A set has a descriptor once, however often it was put in.
    let mut left: Vec<(i32, usize)> = step
        .watches(0)
        .zip(&found)
        .flat_map(|((fd, _), bits)| {
            (0..3).filter(move |set| bits & 1 << set != 0).map(move |set| (fd, set))
        })
        .collect();
    left.sort_unstable();
    left.dedup();
    counted(found, (left.len(), count), early, SETS)
}

/// What was found; with its marks where the number that was told is not that of what is marked, or
/// came too early.
fn counted(
    mut found: Vec<u32>,
    (marked, told): (usize, i32),
    early: bool,
    words: &[&str],
) -> Answer {
    if let Some(first) = found.first_mut() {
        *first |= if early { place(words, "early!") } else { 0 };
        *first |= if usize::try_from(told) == Ok(marked) { 0 } else { place(words, "count!") };
    }
    Answer::Ready(found)
}
