//! Regular files.

use ipc_impls::file as sys;
use ipc_model::fifo::ACCESS;
use ipc_model::file::{CREATE, CREATE_FLAGS};
use nix::libc;

use super::{Driver, answer, flag, flags};
use crate::real::wire::{Answer, Step};

pub(super) static DRIVERS: &[Driver] =
    &[Driver::new(&CREATE, |_, step| create(step)).sleeps_at(libc::SYS_openat)];

fn create(step: &Step) -> Answer {
    // `O_RDONLY` has no bit.
    let access = ACCESS.get(step.word(1)).and_then(|word| flag(word)).unwrap_or(libc::O_RDONLY);
    match flags(CREATE_FLAGS, step.bits(3)) {
        Ok(flags) => {
            let opened = sys::create(&step.text(0), access | flags, step.number(4) as u32);
            answer(opened, Answer::Fd)
        }
        Err(name) => Answer::Absent(name),
    }
}
