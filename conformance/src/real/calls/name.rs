//! Names.

use ipc_impls::name as sys;
use ipc_model::name::{
    FCHMOD, LINK, MKDIR, MOUNT, REMOUNT, RENAME, RMDIR, SETUID, STAT, SYMLINK, UMASK, UNLINK,
    UNSHARE,
};
use nix::libc;

use super::{Driver, answer, nothing};
use crate::real::agent::Agent;
use crate::real::mounts::NO_MOUNTS;
use crate::real::wire::Answer;

/// Who owns nothing (`nobody`, by the number that Linux gives to users who have none).
const NOBODY: u32 = 65_534;

pub(super) static DRIVERS: &[Driver] = &[
    Driver::new(&MKDIR, |_, step| nothing(sys::mkdir(&step.text(0), step.number(1) as u32))),
    Driver::new(&RMDIR, |_, step| nothing(sys::rmdir(&step.text(0)))),
    Driver::new(&UNLINK, |_, step| nothing(sys::unlink(&step.text(0)))),
    Driver::new(&LINK, |_, step| nothing(sys::link(&step.text(0), &step.text(1)))),
    Driver::new(&SYMLINK, |_, step| nothing(sys::symlink(&step.text(0), &step.text(1)))),
    Driver::new(&RENAME, |_, step| nothing(sys::rename(&step.text(0), &step.text(1)))),
    Driver::new(&STAT, |_, step| {
        answer(sys::mode(&step.text(0)), |mode| Answer::Number(mode.into()))
    }),
    Driver::new(&UMASK, |_, step| Answer::Number(sys::umask(step.number(0) as u32).into())),
    Driver::new(&SETUID, |_, _| nothing(sys::become_user(NOBODY))).lasting(),
    Driver::new(&FCHMOD, |_, step| nothing(sys::fchmod(step.fd(0), step.number(1) as u32))),
    Driver::new(&MOUNT, |agent, step| {
        apart(agent, || nothing(sys::bind(&step.text(0), &step.text(1))))
    }),
    Driver::new(&REMOUNT, |agent, step| {
        let flags = if step.bits(2) & 1 != 0 { libc::MS_RDONLY } else { 0 };
        apart(agent, || nothing(sys::remount(&step.text(0), flags)))
    }),
    Driver::new(&UNSHARE, |agent, _| apart(agent, || nothing(sys::unshare_mounts()))).lasting(),
];

/// What is mounted is nobody else's, or nothing is mounted.
fn apart(agent: &Agent, call: impl FnOnce() -> Answer) -> Answer {
    if agent.mounts().are_ours() { call() } else { Answer::Absent(NO_MOUNTS) }
}
