//! Pipes.

use ipc_impls::descriptor::{file_times, set_file_times};
use ipc_impls::pipe as sys;
use ipc_model::pipe::{
    FSTAT_ATIME, FSTAT_MTIME, FUTIMENS, GETPIPE_SZ, PIPE, PIPE_FLAGS, PIPE2, SETPIPE_SZ, SPLICE,
    SPLICE_FLAGS, TEE,
};
use nix::libc;

use super::{Driver, answer, flags, nothing};
use crate::real::wire::{Answer, Step};

pub(super) static DRIVERS: &[Driver] = &[
    Driver::new(&PIPE, |_, _| both(sys::pipe())).probe(capacity),
    Driver::new(&PIPE2, |_, step| match flags(PIPE_FLAGS, step.bits(0)) {
        Ok(flags) => both(sys::pipe2(flags)),
        Err(name) => Answer::Absent(name),
    })
    .probe(capacity),
    Driver::new(&GETPIPE_SZ, |_, step| {
        answer(sys::capacity(step.fd(0)), |bytes| Answer::Number(bytes.into()))
    }),
    Driver::new(&SETPIPE_SZ, |_, step| {
        let set = sys::set_capacity(step.fd(0), step.number(2) as i32);
        answer(set, |bytes| Answer::Number(bytes.into()))
    }),
    Driver::new(&SPLICE, |_, step| over(step, sys::splice)).sleeps_in(libc::SYS_splice),
    Driver::new(&TEE, |_, step| over(step, sys::tee)).sleeps_in(libc::SYS_tee),
    Driver::new(&FUTIMENS, |_, step| nothing(set_file_times(step.fd(0), [LONG_GONE; 2]))),
    Driver::new(&FSTAT_ATIME, |_, step| moment(step, 0)),
    Driver::new(&FSTAT_MTIME, |_, step| moment(step, 1)),
];

/// The moment that stamps are set to, in seconds: in 2001, so that a mount that updates only stamps of
/// more than a day ago (Linux `mount(2)`, `MS_RELATIME`) does.
const LONG_GONE: i64 = 1_000_000_000;

/// Which of [`ipc_model::pipe::MOMENTS`] a stamp is.
fn moment(step: &Step, stamp: usize) -> Answer {
    answer(file_times(step.fd(0)), |times| Answer::Word(u8::from(times[stamp] != LONG_GONE)))
}

/// From the first descriptor to the second.
fn over(step: &Step, call: fn(i32, i32, usize, u32) -> ipc_impls::errno::Result<usize>) -> Answer {
    match flags(SPLICE_FLAGS, step.bits(3)) {
        Ok(flags) => answer(call(step.fd(0), step.fd(1), step.len(2), flags as u32), |bytes| {
            Answer::Number(bytes as i64)
        }),
        Err(name) => Answer::Absent(name),
    }
}

fn both(result: ipc_impls::errno::Result<[i32; 2]>) -> Answer {
    answer(result, Answer::Fds)
}

fn capacity(made: &Answer) -> Option<u64> {
    match made {
        Answer::Fds(fds) => sys::capacity(fds[0]).ok().map(|bytes| bytes as u64),
        _ => None,
    }
}
