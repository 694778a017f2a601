//! Processes on descriptors.

use std::sync::OnceLock;

use ipc_impls::errno::Errno;
use ipc_impls::pidfd as sys;
use ipc_model::pidfd::{
    GETFD_FLAGS, PIDFD_FLAGS, PIDFD_GETFD, PIDFD_OPEN, PIDFD_SEND_SIGNAL, WAITID_PIDFD,
};
use nix::libc;

use super::signal::sent;
use super::{Driver, answer, flags};
use crate::real::wire::Answer;

/// No process has that number.
const NOBODY: libc::pid_t = libc::pid_t::MAX;

/// Who may look into whom is not for users alone to say: a security module does, or root has not every
/// right here.
static IS_RULED: OnceLock<bool> = OnceLock::new();

/// Learns that, in a process that may open files, for all that it makes and that have its memory.
pub fn look_for_rules() {
    IS_RULED.get_or_init(others_rule);
}

fn others_rule() -> bool {
    const CAP_SYS_PTRACE: u32 = 19;
    let yama = std::fs::read_to_string("/proc/sys/kernel/yama/ptrace_scope");
    let restricts = yama.is_ok_and(|scope| scope.trim() != "0");
    // SAFETY: takes nothing and cannot fail.
    let root = unsafe { libc::geteuid() } == 0;
    let powerless = root && !crate::real::is_privileged(&[CAP_SYS_PTRACE]);
    restricts || powerless
}

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
    Driver::new(&PIDFD_GETFD, |_, step| match flags(GETFD_FLAGS, step.bits(2)) {
        Ok(flags) => match sys::pidfd_getfd(step.fd(0), step.fd(1), flags as u32) {
            Err(Errno(libc::EPERM)) if IS_RULED.get() == Some(&true) => {
                Answer::Absent("pidfd_getfd by users alone")
            }
            other => answer(other, Answer::Fd),
        },
        Err(name) => Answer::Absent(name),
    }),
];
