//! Processes on descriptors.

use ipc_impls::pidfd as sys;
use ipc_model::pidfd::{PIDFD_FLAGS, PIDFD_OPEN, PIDFD_SEND_SIGNAL, WAITID_PIDFD};
use nix::libc;

use super::signal::sent;
use super::{Driver, answer, flags};
use crate::real::wire::Answer;

/// No process has that number.
const NOBODY: libc::pid_t = libc::pid_t::MAX;

pub(super) static DRIVERS: &[Driver] = &[
    Driver::new(&PIDFD_OPEN, |_, step| match flags(PIDFD_FLAGS, step.bits(1)) {
        Ok(flags) => {
            let pid = if step.pid(0) <= 1 { NOBODY } else { step.pid(0) };
            answer(sys::pidfd_open(pid, flags as u32), Answer::Fd)
        }
        Err(name) => Answer::Absent(name),
    }),
    Driver::new(&PIDFD_SEND_SIGNAL, |_, step| {
        // The harness must know who may be about to end.
        let whom = sys::pid(step.fd(0)).unwrap_or(0);
        answer(sys::pidfd_send_signal(step.fd(0), sent(step.word(1))), |()| Answer::Reached(whom))
    }),
    Driver::new(&WAITID_PIDFD, |_, step| {
        answer(sys::waitid(step.fd(0)), |told| {
            told.map_or(Answer::Nothing, |(pid, status)| Answer::Collected(pid, status))
        })
    })
    .sleeps_at(libc::SYS_waitid),
];
