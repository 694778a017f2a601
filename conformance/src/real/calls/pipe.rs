//! Pipes.

use ipc_impls::pipe as sys;
use ipc_model::pipe::{GETPIPE_SZ, PIPE, PIPE_FLAGS, PIPE2};

use super::{Driver, answer, flags};
use crate::real::wire::Answer;

pub(super) static DRIVERS: &[Driver] = &[
    Driver::new(&PIPE, |_, _| both(sys::pipe())).probe(capacity),
    Driver::new(&PIPE2, |_, step| match flags(PIPE_FLAGS, step.bits(0)) {
        Ok(flags) => both(sys::pipe2(flags)),
        Err(name) => Answer::Absent(name),
    })
    .probe(capacity),
    Driver::new(&GETPIPE_SZ, |_, step| {
        answer(sys::capacity(step.fd(0)), |bytes| Answer::Number(bytes.into()))
    }),
];

fn both(result: ipc_impls::errno::Result<[i32; 2]>) -> Answer {
    answer(result, |fds| Answer::Fds(fds.to_vec()))
}

fn capacity(made: &Answer) -> Option<u64> {
    match made {
        Answer::Fds(fds) => sys::capacity(fds[0]).ok().map(|bytes| bytes as u64),
        _ => None,
    }
}
