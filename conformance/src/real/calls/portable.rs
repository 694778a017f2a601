//! Portable mutexes: the code that is shipped, on mutexes that the controller has made.

use ipc_impls::errno::{Errno, Result};
use ipc_impls::mutex::LockError;
use ipc_impls::shm::AttachError;
use ipc_impls::sync::Deadline;
use nix::libc;

use super::mutex::errno;
use crate::real::agent::{Agent, limit_descriptors};
use crate::real::wire::Answer;

/// Takes one, or waits until the deadline for it; without one it only tries.
pub(super) fn lock(agent: &mut Agent, place: usize, wait: Option<Deadline>) -> Answer {
    // A program may have all numbers that it can have, and these are beyond them.
    limit_descriptors(u32::MAX);
    let opened = agent.handles().open(place).map(drop);
    limit_descriptors(agent.nofile());
    let handle = match opened {
        Ok(()) => agent.handles().of(place),
        Err(AttachError::System(errno)) => return Answer::Failed(errno),
        Err(_) => None,
    };
    let Some(handle) = handle else { return Answer::Failed(Errno(libc::EBADMSG)) };
    let locked = handle.lock_until(wait).map(|guard| {
        let died = guard.owner_died();
        guard.keep();
        died
    });
    match locked {
        Ok(false) => Answer::Nothing,
        Ok(true) => Answer::Failed(Errno(libc::EOWNERDEAD)),
        // It has it already, and goes on having it.
        Err(error @ LockError::Deadlock) => Answer::Failed(Errno(errno(error))),
        Err(error) => {
            agent.handles().close(place);
            Answer::Failed(Errno(errno(error)))
        }
    }
}

/// Gives one back.
pub(super) fn unlock(agent: &mut Agent, place: usize) -> Result<()> {
    let guard = agent.handles().of(place).and_then(|handle| handle.kept());
    drop(guard.ok_or(Errno(libc::EPERM))?);
    agent.handles().close(place);
    Ok(())
}

/// Says that it is consistent.
pub(super) fn make_consistent(agent: &mut Agent, place: usize) -> Result<()> {
    let guard = agent.handles().of(place).and_then(|handle| handle.kept());
    let mut guard = guard.ok_or(Errno(libc::EPERM))?;
    let died = guard.owner_died();
    guard.make_consistent();
    guard.keep();
    if died { Ok(()) } else { Err(Errno(libc::EINVAL)) }
}
