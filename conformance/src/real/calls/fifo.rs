//! FIFOs.

use std::ffi::{CStr, CString};

use ipc_impls::fifo as sys;
use ipc_impls::name::truncate;
use ipc_model::fifo::{ACCESS, MKFIFO, OPEN, OPEN_FLAGS, REOPEN, TRUNCATE};
use nix::libc;

use super::{Driver, answer, flag, flags, nothing};
use crate::real::wire::{Answer, Step};

pub(super) static DRIVERS: &[Driver] = &[
    Driver::new(&MKFIFO, |_, step| nothing(sys::mkfifo(&step.text(0), step.number(1) as u32))),
    Driver::new(&OPEN, |_, step| open(step, &step.text(0))).sleeps_at(libc::SYS_openat),
    Driver::new(&REOPEN, |_, step| {
        let path = CString::new(format!("/proc/self/fd/{}", step.fd(0)));
        open(step, &path.unwrap_or_default())
    })
    .sleeps_at(libc::SYS_openat),
    Driver::new(&TRUNCATE, |_, step| nothing(truncate(&step.text(0), 0))),
];

fn open(step: &Step, path: &CStr) -> Answer {
    // `O_RDONLY` has no bit.
    let access = ACCESS.get(step.word(1)).and_then(|word| flag(word)).unwrap_or(libc::O_RDONLY);
    match flags(OPEN_FLAGS, step.bits(2)) {
        Ok(flags) => answer(sys::open(path, access | flags), Answer::Fd),
        Err(name) => Answer::Absent(name),
    }
}
