//! Sockets.

use ipc_impls::socket as sys;
use ipc_model::socket::{
    HOW, RECV, RECV_FLAGS, SEND, SEND_FLAGS, SHUTDOWN, SOCKET_FLAGS, SOCKETPAIR, TYPES,
};
use nix::libc;

use super::{Driver, answer, flags, nothing};
use crate::real::wire::Answer;

const KINDS: [i32; TYPES.len()] = [libc::SOCK_STREAM, libc::SOCK_DGRAM, libc::SOCK_SEQPACKET];
const HOWS: [i32; HOW.len()] = [libc::SHUT_RD, libc::SHUT_WR, libc::SHUT_RDWR];

pub(super) static DRIVERS: &[Driver] = &[
    Driver::new(&SOCKETPAIR, |_, step| match flags(SOCKET_FLAGS, step.bits(1)) {
        Ok(flags) => answer(sys::socketpair(KINDS[step.word(0)] | flags), Answer::Fds),
        Err(name) => Answer::Absent(name),
    })
    .probe(buffer),
    Driver::new(&SEND, |agent, step| match flags(SEND_FLAGS, step.bits(2)) {
        Ok(flags) => answer(sys::send(step.fd(0), agent.area(step.len(1)), flags), |n| {
            Answer::Number(n as i64)
        }),
        Err(name) => Answer::Absent(name),
    })
    .sleeps_in(libc::SYS_sendto),
    Driver::new(&RECV, |agent, step| match flags(RECV_FLAGS, step.bits(2)) {
        Ok(flags) => answer(sys::recv(step.fd(0), agent.area(step.len(1)), flags), |n| {
            Answer::Data(n as u32)
        }),
        Err(name) => Answer::Absent(name),
    })
    .sleeps_in(libc::SYS_recvfrom),
    Driver::new(&SHUTDOWN, |_, step| nothing(sys::shutdown(step.fd(0), HOWS[step.word(1)]))),
];

fn buffer(made: &Answer) -> Option<u64> {
    match made {
        Answer::Fds(fds) => sys::send_buffer(fds[0]).ok().map(|bytes| bytes as u64),
        _ => None,
    }
}
