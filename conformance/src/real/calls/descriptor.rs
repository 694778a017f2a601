//! Descriptors.

use std::io::{IoSlice, IoSliceMut};

use ipc_impls::descriptor as sys;
use ipc_model::descriptor::{
    CLOSE, DUP, DUP2, DUP3, FD_FLAGS, FILE_TYPES, FIONREAD, FSTAT, FSTAT_SIZE, FTRUNCATE, GETFD,
    GETFL, LSEEK, PREAD, PWRITE, READ, READV, SETFD, SETFL, SETTABLE_FLAGS, STATUS_FLAGS, WRITE,
    WRITEV,
};
use nix::libc;

use super::{Driver, answer, flag_names, flags, nothing};
use crate::real::agent::Agent;
use crate::real::wire::{Answer, Step};

pub(super) static DRIVERS: &[Driver] = &[
    Driver::new(&READ, |agent, step| received(sys::read(step.fd(0), agent.area(step.len(1)))))
        .sleeps_in(libc::SYS_read),
    Driver::new(&READV, readv).sleeps_in(libc::SYS_readv),
    Driver::new(&WRITE, |agent, step| sent(sys::write(step.fd(0), agent.area(step.len(1)))))
        .sleeps_in(libc::SYS_write),
    Driver::new(&WRITEV, writev).sleeps_in(libc::SYS_writev),
    Driver::new(&CLOSE, |_, step| nothing(sys::close(step.fd(0)))),
    Driver::new(&DUP, |_, step| descriptor(sys::dup(step.fd(0)))),
    Driver::new(&DUP2, |_, step| descriptor(sys::dup2(step.fd(0), step.fd(1)))),
    Driver::new(&DUP3, |_, step| match flags(&["O_CLOEXEC"], step.bits(2)) {
        Ok(flags) => descriptor(sys::dup3(step.fd(0), step.fd(1), flags)),
        Err(name) => Answer::Absent(name),
    }),
    Driver::new(&GETFL, |_, step| {
        answer(sys::getfl(step.fd(0)), |value| Answer::Flags(flag_names(STATUS_FLAGS, value)))
    }),
    Driver::new(&SETFL, |_, step| match flags(SETTABLE_FLAGS, step.bits(2)) {
        Ok(flags) => nothing(sys::setfl(step.fd(0), flags)),
        Err(name) => Answer::Absent(name),
    }),
    Driver::new(&GETFD, |_, step| {
        answer(sys::getfd(step.fd(0)), |value| Answer::Flags(flag_names(FD_FLAGS, value)))
    }),
    Driver::new(&SETFD, |_, step| match flags(FD_FLAGS, step.bits(2)) {
        Ok(flags) => nothing(sys::setfd(step.fd(0), flags)),
        Err(name) => Answer::Absent(name),
    }),
    Driver::new(&FSTAT_SIZE, |_, step| answer(sys::file_size(step.fd(0)), Answer::Number)),
    Driver::new(&FSTAT, |_, step| {
        answer(sys::file_type(step.fd(0)), |mode| Answer::Word(file_type(mode)))
    }),
    Driver::new(&LSEEK, |_, step| {
        let whence = [libc::SEEK_SET, libc::SEEK_CUR, libc::SEEK_END];
        answer(sys::lseek(step.fd(0), step.number(1), whence[step.word(2)]), Answer::Number)
    }),
    Driver::new(&PREAD, |agent, step| {
        received(sys::pread(step.fd(0), agent.area(step.len(1)), step.number(2)))
    }),
    Driver::new(&PWRITE, |agent, step| {
        sent(sys::pwrite(step.fd(0), agent.area(step.len(1)), step.number(2)))
    }),
    Driver::new(&FTRUNCATE, |_, step| nothing(sys::ftruncate(step.fd(0), step.number(1)))),
    Driver::new(&FIONREAD, |_, step| {
        answer(sys::fionread(step.fd(0)), |stored| Answer::Number(stored.into()))
    }),
];

fn received(result: ipc_impls::errno::Result<usize>) -> Answer {
    answer(result, |n| Answer::Data(n as u32))
}

fn sent(result: ipc_impls::errno::Result<usize>) -> Answer {
    answer(result, |n| Answer::Number(n as i64))
}

fn descriptor(result: ipc_impls::errno::Result<i32>) -> Answer {
    answer(result, Answer::Fd)
}

fn readv(agent: &mut Agent, step: &Step) -> Answer {
    let mut rest = agent.area(step.len(1));
    let cut = |len: &i64| {
        let (buffer, behind) = std::mem::take(&mut rest).split_at_mut(*len as usize);
        rest = behind;
        IoSliceMut::new(buffer)
    };
    received(all_parts(step, cut, |buffers| sys::readv(step.fd(0), buffers)))
}

fn writev(agent: &mut Agent, step: &Step) -> Answer {
    let mut rest: &[u8] = agent.area(step.len(1));
    let cut = |len: &i64| {
        let (buffer, behind) = rest.split_at(*len as usize);
        rest = behind;
        IoSlice::new(buffer)
    };
    sent(all_parts(step, cut, |buffers| sys::writev(step.fd(0), buffers)))
}

/// Makes a call with the parts of a vector; without memory of its own where they are two, as most are.
fn all_parts<P, T>(
    step: &Step,
    part: impl FnMut(&i64) -> P,
    call: impl FnOnce(&mut [P]) -> T,
) -> T {
    match &step.args[1] {
        [first, second] => call(&mut [first, second].map(part)),
        all => call(&mut all.iter().map(part).collect::<Vec<P>>()),
    }
}

/// The index in [`FILE_TYPES`]; one beyond it for a type without a name there.
fn file_type(mode: libc::mode_t) -> u8 {
    let word = match mode {
        libc::S_IFIFO => "S_IFIFO",
        libc::S_IFREG => "S_IFREG",
        libc::S_IFDIR => "S_IFDIR",
        libc::S_IFCHR => "S_IFCHR",
        libc::S_IFBLK => "S_IFBLK",
        libc::S_IFSOCK => "S_IFSOCK",
        0 => "0",
        _ => "",
    };
    FILE_TYPES.iter().position(|known| *known == word).unwrap_or(FILE_TYPES.len()) as u8
}
