//! Segments of System V shared memory, in the namespace that the agents have to themselves, and in the
//! window of mappings.

use ipc_impls::errno::{Errno, Result};
use ipc_impls::segment as sys;
use ipc_model::segment::{
    REMOVE, SET_MODE, SHMAT, SHMAT_FLAGS, SHMDT, SHMGET, SHMGET_FLAGS, STAT_ATTACHES, STAT_MODE,
    STAT_SIZE,
};
use nix::libc;

use super::{Driver, answer, flags, mapping, nothing};
use crate::real::agent::Agent;
use crate::real::segments::NO_NAMESPACE;
use crate::real::wire::{Answer, Step};

/// The keys that programs have; in their namespace nobody else has any.
const KEYS: [i32; 3] = [libc::IPC_PRIVATE, 0x0061, 0x0062];

pub(super) static DRIVERS: &[Driver] = &[
    Driver::new(&SHMGET, shmget),
    Driver::new(&SHMAT, shmat),
    Driver::new(&SHMDT, |_, step| match mapping::place(step.number(0), 0) {
        // SAFETY: nothing but what programs map lies in the window.
        Some(at) => nothing(unsafe { sys::shmdt(at) }),
        None => mapping::OUTSIDE,
    }),
    Driver::new(&REMOVE, |agent, step| nothing(sys::remove(id(agent, step)))),
    Driver::new(&SET_MODE, |agent, step| {
        nothing(sys::set_mode(id(agent, step), step.number(2) as u32))
    }),
    Driver::new(&STAT_ATTACHES, |agent, step| told(status(agent, step), |s| s.attaches)),
    Driver::new(&STAT_SIZE, |agent, step| told(status(agent, step), |s| s.size)),
    Driver::new(&STAT_MODE, |agent, step| told(status(agent, step), |s| u64::from(s.mode))),
];

/// The identifier that a program calls by its number; one that no segment has where it calls none.
fn id(agent: &Agent, step: &Step) -> i32 {
    usize::try_from(step.number(0)).ok().and_then(|n| agent.segments().id(n)).unwrap_or(-1)
}

fn status(agent: &Agent, step: &Step) -> Result<sys::Status> {
    sys::status(id(agent, step))
}

fn told(status: Result<sys::Status>, what: impl FnOnce(sys::Status) -> u64) -> Answer {
    answer(status, |status| Answer::Number(what(status) as i64))
}

fn shmget(agent: &mut Agent, step: &Step) -> Answer {
    if !agent.segments().are_ours() {
        return Answer::Absent(NO_NAMESPACE);
    }
    let key = KEYS.get(step.word(0)).copied().unwrap_or(libc::IPC_PRIVATE);
    match flags(SHMGET_FLAGS, step.bits(2)) {
        Ok(flags) => {
            let got = sys::shmget(key, step.number(1) as usize, flags | step.number(3) as i32);
            answer(got, |id| match agent.segments().number(id) {
                Some(number) => Answer::Number(number as i64),
                None => Answer::Failed(Errno(libc::ENOSPC)),
            })
        }
        Err(name) => Answer::Absent(name),
    }
}

fn shmat(agent: &mut Agent, step: &Step) -> Answer {
    let id = id(agent, step);
    // Who may not ask may not attach it either.
    let size = sys::status(id).map_or(0, |status| status.size as usize);
    let Some(at) = mapping::place(step.number(1), size) else { return mapping::OUTSIDE };
    match flags(SHMAT_FLAGS, step.bits(2)) {
        Ok(flags) => {
            mapping::use_it();
            // SAFETY: nothing but what programs map lies in the window.
            answer(unsafe { sys::shmat(id, at, flags) }, mapping::told)
        }
        Err(name) => Answer::Absent(name),
    }
}
