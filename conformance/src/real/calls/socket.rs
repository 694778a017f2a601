//! Sockets.

use ipc_impls::socket as sys;
use ipc_model::socket::{
    ACCEPT4, BIND, CONNECT, HOW, LISTEN, RECV, RECV_FLAGS, SEND, SEND_FLAGS, SHUTDOWN, SOCKET,
    SOCKET_FLAGS, SOCKETPAIR, TYPES,
};
use nix::libc;

use super::{Driver, answer, flags, nothing};
use crate::real::agent::Agent;
use crate::real::wire::{Answer, Step};

const KINDS: [i32; TYPES.len()] = [libc::SOCK_STREAM, libc::SOCK_DGRAM, libc::SOCK_SEQPACKET];
const HOWS: [i32; HOW.len()] = [libc::SHUT_RD, libc::SHUT_WR, libc::SHUT_RDWR];

pub(super) static DRIVERS: &[Driver] = &[
    Driver::new(&SOCKETPAIR, |_, step| match flags(SOCKET_FLAGS, step.bits(1)) {
        Ok(flags) => answer(sys::socketpair(KINDS[step.word(0)] | flags), Answer::Fds),
        Err(name) => Answer::Absent(name),
    })
    .probe(buffer),
    Driver::new(&SOCKET, |_, step| match flags(SOCKET_FLAGS, step.bits(1)) {
        Ok(flags) => answer(sys::socket(KINDS[step.word(0)] | flags), Answer::Fd),
        Err(name) => Answer::Absent(name),
    })
    .probe(buffer),
    Driver::new(&BIND, |agent, step| nothing(sys::bind(step.fd(0), &name(agent, step)))),
    Driver::new(&LISTEN, |_, step| nothing(sys::listen(step.fd(0), step.number(1) as i32))),
    Driver::new(&CONNECT, |agent, step| nothing(sys::connect(step.fd(0), &name(agent, step))))
        .sleeps_in(libc::SYS_connect),
    Driver::new(&ACCEPT4, |_, step| match flags(SOCKET_FLAGS, step.bits(1)) {
        Ok(flags) => answer(sys::accept4(step.fd(0), flags), Answer::Fd),
        Err(name) => Answer::Absent(name),
    })
    .sleeps_in(libc::SYS_accept4),
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
        Answer::Fds([fd, _]) | Answer::Fd(fd) => {
            sys::send_buffer(*fd).ok().map(|bytes| bytes as u64)
        }
        _ => None,
    }
}

/// What a program calls so: a path, or behind `@` a name in no directory, which begins with that of the
/// programs' own, so that no other program has it.
fn name(agent: &Agent, step: &Step) -> sys::Name {
    let told = step.text(1);
    let name = match told.to_bytes().split_first() {
        Some((b'@', rest)) => sys::Name::nowhere(&agent.own_name(rest)),
        _ => sys::Name::path(&told),
    };
    name.expect("names of sockets are short, or are no programs")
}
