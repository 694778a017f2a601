//! Signals.

use ipc_impls::signal::{self as sys, Disposition};
use ipc_model::signal::{SIGACTION, SIGPENDING, SIGPROCMASK};
use nix::libc;

use super::{Driver, answer, nothing};
use crate::real::wire::Answer;

/// The numbers of `ipc_model::signal::SIGNALS`.
const NUMBERS: &[i32] = &[libc::SIGPIPE];
const _: () = assert!(NUMBERS.len() == ipc_model::signal::SIGNALS.len());

pub(super) static DRIVERS: &[Driver] = &[
    Driver::new(&SIGACTION, |_, step| {
        let dispositions = [Disposition::Default, Disposition::Ignore];
        nothing(sys::sigaction(NUMBERS[step.word(0)], dispositions[step.word(1)]))
    }),
    Driver::new(&SIGPROCMASK, |_, step| {
        let how = [libc::SIG_BLOCK, libc::SIG_UNBLOCK];
        nothing(sys::sigprocmask(how[step.word(0)], &named(step.bits(1))))
    }),
    Driver::new(&SIGPENDING, |_, _| {
        answer(sys::sigpending(NUMBERS), |pending| {
            let is = |(bit, number)| u32::from(pending.contains(number)) << bit;
            Answer::Flags(NUMBERS.iter().enumerate().map(is).sum())
        })
    }),
];

fn named(set: u32) -> Vec<i32> {
    let chosen = |(bit, number): (usize, &i32)| (set & (1 << bit) != 0).then_some(*number);
    NUMBERS.iter().enumerate().filter_map(chosen).collect()
}
