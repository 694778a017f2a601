//! Descriptors that are passed over sockets.

use ipc_impls::socket as sys;
use ipc_model::socket::{PASSED, RECVMSG, RECVMSG_FLAGS, SEND_FLAGS, SENDMSG};
use nix::libc;

use super::{Driver, answer, flags};
use crate::real::wire::Answer;
use crate::text::MAX_PASSED;

const SAID: [i32; PASSED.len()] = [libc::MSG_CTRUNC, libc::MSG_TRUNC];

pub(super) static DRIVERS: &[Driver] = &[
    Driver::new(&SENDMSG, |agent, step| {
        let flags = match flags(SEND_FLAGS, step.bits(2)) {
            Ok(flags) => flags,
            Err(name) => return Answer::Absent(name),
        };
        let (mut fds, mut count) = ([-1; sys::PASSED_MAX], 0);
        for (place, (fd, _)) in fds.iter_mut().zip(step.watches(3)) {
            (*place, count) = (fd, count + 1);
        }
        let sent = sys::sendmsg(step.fd(0), agent.area(step.len(1)), &fds[..count], flags);
        answer(sent, |n| Answer::Number(n as i64))
    })
    .sleeps_in(libc::SYS_sendmsg),
    Driver::new(&RECVMSG, |agent, step| {
        let flags = match flags(RECVMSG_FLAGS, step.bits(2)) {
            Ok(flags) => flags,
            Err(name) => return Answer::Absent(name),
        };
        let mut fds = [-1; MAX_PASSED];
        let room = (step.number(3) as usize).min(MAX_PASSED);
        let message = sys::recvmsg(step.fd(0), agent.area(step.len(1)), &mut fds[..room], flags);
        answer(message, |told| {
            let told_of = |(place, flag): (usize, &i32)| u32::from(told.flags & flag != 0) << place;
            let said = SAID.iter().enumerate().map(told_of).sum();
            Answer::Passed(told.len as u32, fds[..told.passed].to_vec(), said)
        })
    })
    .sleeps_in(libc::SYS_recvmsg),
];
