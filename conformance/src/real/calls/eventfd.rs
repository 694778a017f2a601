//! Event counters.

use ipc_impls::eventfd as sys;
use ipc_model::eventfd::{EVENTFD, EVENTFD_FLAGS, EVENTFD_READ, EVENTFD_WRITE};
use nix::libc;

use super::{Driver, answer, flags, nothing};
use crate::real::wire::Answer;

pub(super) static DRIVERS: &[Driver] = &[
    Driver::new(&EVENTFD, |_, step| match flags(EVENTFD_FLAGS, step.bits(1)) {
        Ok(flags) => answer(sys::eventfd(step.number(0) as u32, flags), Answer::Fd),
        Err(name) => Answer::Absent(name),
    }),
    Driver::new(&EVENTFD_READ, |_, step| {
        answer(sys::eventfd_read(step.fd(0)), |value| Answer::Number(value as i64))
    })
    .sleeps_in(libc::SYS_read),
    Driver::new(&EVENTFD_WRITE, |_, step| {
        nothing(sys::eventfd_write(step.fd(0), step.number(1) as u64))
    })
    .sleeps_in(libc::SYS_write),
];
