//! Signals that are read.

use ipc_impls::signalfd as sys;
use ipc_model::signalfd::{SIGNALFD, SIGNALFD_FLAGS, SIGNALFD_READ, SIGNALFD_SET};
use nix::libc;

use super::signal::named;
use super::{Driver, answer, flags};
use crate::real::wire::Answer;

/// No descriptor's number; -1 would ask for a new descriptor.
const NO_FD: i32 = -2;

pub(super) static DRIVERS: &[Driver] = &[
    Driver::new(&SIGNALFD, |_, step| match flags(SIGNALFD_FLAGS, step.bits(1)) {
        Ok(flags) => answer(sys::signalfd(-1, &named(step.bits(0)), flags), Answer::Fd),
        Err(name) => Answer::Absent(name),
    }),
    Driver::new(&SIGNALFD_SET, |_, step| match flags(SIGNALFD_FLAGS, step.bits(3)) {
        Ok(flags) => {
            let fd = if step.fd(0) < 0 { NO_FD } else { step.fd(0) };
            let set = named(step.bits(2));
            answer(sys::signalfd(fd, &set, flags), |fd| Answer::Number(fd.into()))
        }
        Err(name) => Answer::Absent(name),
    }),
    Driver::new(&SIGNALFD_READ, |_, step| {
        answer(sys::signalfd_read(step.fd(0), step.number(1) as usize), Answer::Infos)
    })
    .sleeps_in(libc::SYS_read),
];
