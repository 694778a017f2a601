//! Interest lists.

use std::time::Duration;

use ipc_impls::epoll as sys;
use ipc_impls::errno::Result;
use ipc_model::epoll::{
    ASKED, EPOLL_ADD, EPOLL_CREATE1, EPOLL_DEL, EPOLL_FLAGS, EPOLL_MOD, EPOLL_PWAIT,
    EPOLL_PWAIT_MASK, EPOLL_PWAIT2, EPOLL_WAIT, EVENTS,
};
use nix::libc;

use super::poll::now;
use super::signal::named;
use super::{Driver, answer, flags, nothing};
use crate::real::wire::{Answer, Step};
use crate::text::MAX_WATCHES;

pub(super) static DRIVERS: &[Driver] = &[
    Driver::new(&EPOLL_CREATE1, |_, step| match flags(EPOLL_FLAGS, step.bits(0)) {
        Ok(flags) => answer(sys::epoll_create1(flags), Answer::Fd),
        Err(name) => Answer::Absent(name),
    }),
    Driver::new(&EPOLL_ADD, |_, step| change(step, libc::EPOLL_CTL_ADD, bits(step.bits(3)))),
    Driver::new(&EPOLL_MOD, |_, step| change(step, libc::EPOLL_CTL_MOD, bits(step.bits(3)))),
    Driver::new(&EPOLL_DEL, |_, step| change(step, libc::EPOLL_CTL_DEL, 0)),
    Driver::new(&EPOLL_WAIT, |_, step| {
        wait(step, |fd, told, most| sys::epoll_wait(fd, told, most, step.number(2) as i32))
    })
    .sleeps_in(SLEEPS_IN),
    Driver::new(&EPOLL_PWAIT, |_, step| {
        wait(step, |fd, told, most| sys::epoll_pwait(fd, told, most, step.number(2) as i32))
    })
    .sleeps_in(libc::SYS_epoll_pwait),
    Driver::new(&EPOLL_PWAIT_MASK, |_, step| {
        let (time, mask) = (step.number(2) as i32, named(step.bits(4)));
        wait(step, |fd, told, most| sys::epoll_pwait_mask(fd, told, most, time, &mask))
    })
    .sleeps_in(libc::SYS_epoll_pwait),
    Driver::new(&EPOLL_PWAIT2, |_, step| {
        wait(step, |fd, told, most| sys::epoll_pwait2(fd, told, most, time(step)))
    })
    .sleeps_in(libc::SYS_epoll_pwait2),
];

/// What the C library makes of `epoll_wait`.
#[cfg(target_arch = "x86_64")]
const SLEEPS_IN: libc::c_long = libc::SYS_epoll_wait;
/// What the C library makes of `epoll_wait` where the system has none.
#[cfg(not(target_arch = "x86_64"))]
const SLEEPS_IN: libc::c_long = libc::SYS_epoll_pwait;

/// The bits of the events and flags, in the order of [`ASKED`].
const BITS: [i32; ASKED.len()] = [
    libc::EPOLLIN,
    libc::EPOLLOUT,
    libc::EPOLLPRI,
    libc::EPOLLERR,
    libc::EPOLLHUP,
    libc::EPOLLEXCLUSIVE,
    libc::EPOLLONESHOT,
    libc::EPOLLET,
    libc::EPOLLRDHUP,
    libc::EPOLLWAKEUP,
];

fn bits(asked: u32) -> u32 {
    let set = BITS.iter().enumerate().filter(|(index, _)| asked & 1 << index != 0);
    set.fold(0, |all, (_, bit)| all | *bit as u32)
}

fn change(step: &Step, op: i32, events: u32) -> Answer {
    nothing(sys::epoll_ctl(step.fd(0), op, step.fd(2), events))
}

/// How long it waits, if not for ever.
fn time(step: &Step) -> Option<Duration> {
    u64::try_from(step.number(2)).ok().map(Duration::from_millis)
}

/// The descriptors that were told, each with its events; and a mark where nothing was told too early.
fn wait(step: &Step, call: impl Fn(i32, &mut [libc::epoll_event], i32) -> Result<usize>) -> Answer {
    let mut events = [libc::epoll_event { events: 0, u64: 0 }; MAX_WATCHES];
    let began = now();
    let count = match call(step.fd(0), &mut events, step.number(1) as i32) {
        Ok(count) => count,
        Err(errno) => return Answer::Failed(errno),
    };
    if count == 0 && time(step).is_none_or(|time| now() - began < time) {
        let early = EVENTS.iter().position(|word| *word == "early!").unwrap_or(EVENTS.len());
        return Answer::Events(vec![(-1, 1 << early)]);
    }
    let told = |event: &libc::epoll_event| {
        let (events, fd) = (event.events, event.u64);
        let set = BITS.iter().enumerate().filter(|(_, bit)| events & **bit as u32 != 0);
        (fd as i32, set.fold(0, |all, (index, _)| all | 1 << index))
    };
    Answer::Events(events[..count].iter().map(told).collect())
}
