//! Rings: the code that is shipped, on rings that the controller has made.

use std::time::Duration;

use ipc_impls::errno::Errno;
use ipc_impls::ring::{RecvError, SendError};
use ipc_impls::sync::Deadline;
use ipc_model::ring::{
    COUNT, RING_CLOSE, RING_OPEN, RING_RECV, RING_SEND, RING_TIMEDRECV, RING_TIMEDSEND,
    RING_TRYRECV, RING_TRYSEND, SIDES,
};
use nix::libc;

use super::poll::now;
use super::{Driver, nothing};
use crate::real::agent::{Agent, limit_descriptors};
use crate::real::wire::{Answer, Step};

pub(super) static DRIVERS: &[Driver] = &[
    Driver::new(&RING_OPEN, open),
    Driver::new(&RING_CLOSE, close),
    Driver::new(&RING_SEND, |agent, step| send(agent, step, Some(Deadline::NEVER)))
        .sleeps_at(libc::SYS_futex)
        .looks_again(),
    Driver::new(&RING_TRYSEND, |agent, step| send(agent, step, None)),
    Driver::new(&RING_TIMEDSEND, |agent, step| in_time(step, 2, |wait| send(agent, step, wait)))
        .sleeps_at(libc::SYS_futex)
        .looks_again(),
    Driver::new(&RING_RECV, |agent, step| receive(agent, step, Some(Deadline::NEVER)))
        .sleeps_at(libc::SYS_futex)
        .looks_again(),
    Driver::new(&RING_TRYRECV, |agent, step| receive(agent, step, None)),
    Driver::new(&RING_TIMEDRECV, |agent, step| in_time(step, 1, |wait| receive(agent, step, wait)))
        .sleeps_at(libc::SYS_futex)
        .looks_again(),
];

/// What a process answers that is asked for a ring that nobody has made.
const NO_SUCH: Answer = Answer::Failed(Errno(libc::EINVAL));
/// What it answers that does not have the side that it would need.
const NOT_MINE: Answer = Answer::Failed(Errno(libc::EBADF));
/// What a process answers whose time was not over yet: no call of ours has this error.
const EARLY: Answer = Answer::Failed(Errno(libc::ETIME));

fn place(step: &Step) -> Option<usize> {
    usize::try_from(step.number(0)).ok().filter(|place| *place < COUNT)
}

fn side(step: &Step) -> Option<(usize, usize)> {
    Some((place(step)?, step.word(1))).filter(|(_, side)| *side < SIDES.len())
}

fn open(agent: &mut Agent, step: &Step) -> Answer {
    let Some((place, side)) = side(step) else { return NO_SUCH };
    // A program may have all numbers that it can have, and these are beyond them.
    limit_descriptors(u32::MAX);
    let opened = agent.sides().open(place, side);
    limit_descriptors(agent.nofile());
    nothing(opened)
}

fn close(agent: &mut Agent, step: &Step) -> Answer {
    match side(step) {
        Some((place, side)) if agent.sides().close(place, side) => Answer::Nothing,
        Some(_) => NOT_MINE,
        None => NO_SUCH,
    }
}

fn send(agent: &mut Agent, step: &Step, wait: Option<Deadline>) -> Answer {
    let Some(place) = place(step) else { return NO_SUCH };
    let message = agent.area(step.len(1)).to_vec();
    let Some(producer) = agent.sides().producer(place) else { return NOT_MINE };
    match producer.send_until(&message, wait) {
        Ok(()) => Answer::Nothing,
        Err(error) => Answer::Failed(Errno(match error {
            SendError::Full => libc::EAGAIN,
            SendError::TimedOut => libc::ETIMEDOUT,
            SendError::TooLong => libc::EMSGSIZE,
            SendError::Closed => libc::EPIPE,
            SendError::PeerDied => libc::ECONNRESET,
            _ => libc::EBADMSG,
        })),
    }
}

fn receive(agent: &mut Agent, step: &Step, wait: Option<Deadline>) -> Answer {
    let Some(place) = place(step) else { return NO_SUCH };
    let mut message = Vec::new();
    let Some(consumer) = agent.sides().consumer(place) else { return NOT_MINE };
    match consumer.recv_until(&mut message, wait) {
        Ok(Some(length)) => {
            agent.area(length).copy_from_slice(&message);
            Answer::Data(length as u32)
        }
        Ok(None) => Answer::Nothing,
        Err(error) => Answer::Failed(Errno(match error {
            RecvError::Empty => libc::EAGAIN,
            RecvError::TimedOut => libc::ETIMEDOUT,
            RecvError::PeerDied => libc::ECONNRESET,
            _ => libc::EBADMSG,
        })),
    }
}

/// Makes a call that has a time, which is the argument at `index`.
fn in_time(step: &Step, index: usize, call: impl FnOnce(Option<Deadline>) -> Answer) -> Answer {
    let Ok(time) = u64::try_from(step.number(index)).map(Duration::from_millis) else {
        return call(Some(Deadline::NEVER));
    };
    let began = now();
    match call(Some(Deadline::by(now, time))) {
        Answer::Failed(Errno(libc::ETIMEDOUT)) if now() - began < time => EARLY,
        answer => answer,
    }
}
