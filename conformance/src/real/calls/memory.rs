//! Files of memory.

use ipc_impls::memory as sys;
use ipc_model::memory::{
    ADD_SEALS, GET_SEALS, MEMFD_CREATE, MEMFD_FLAGS, SEALS, SHM_ACCESS, SHM_FLAGS, SHM_OPEN,
    SHM_UNLINK,
};
use nix::libc;

use super::{Driver, answer, flag, flag_names, flags, nothing};
use crate::real::agent::Agent;
use crate::real::wire::{Answer, Step};

pub(super) static DRIVERS: &[Driver] = &[
    Driver::new(&MEMFD_CREATE, |_, step| match flags(MEMFD_FLAGS, step.bits(1)) {
        Ok(flags) => answer(sys::memfd_create(&step.text(0), flags as u32), Answer::Fd),
        Err(name) => Answer::Absent(name),
    }),
    Driver::new(&SHM_OPEN, shm_open),
    Driver::new(&SHM_UNLINK, |agent, step| {
        nothing(sys::shm_unlink(&agent.shared_name(&step.text(0))))
    }),
    Driver::new(&ADD_SEALS, |_, step| match flags(SEALS, step.bits(2)) {
        Ok(seals) => nothing(sys::add_seals(step.fd(0), seals)),
        Err(name) => Answer::Absent(name),
    }),
    Driver::new(&GET_SEALS, |_, step| {
        answer(sys::seals(step.fd(0)), |seals| Answer::Flags(flag_names(SEALS, seals)))
    }),
];

fn shm_open(agent: &mut Agent, step: &Step) -> Answer {
    // `O_RDONLY` has no bit.
    let access = SHM_ACCESS.get(step.word(1)).and_then(|word| flag(word)).unwrap_or(libc::O_RDONLY);
    let name = agent.shared_name(&step.text(0));
    match flags(SHM_FLAGS, step.bits(2)) {
        Ok(flags) => {
            let opened = sys::shm_open(&name, access | flags, step.number(3) as u32);
            answer(opened, Answer::Fd)
        }
        Err(name) => Answer::Absent(name),
    }
}
