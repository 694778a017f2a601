//! Planted faults: bugs in the agents' system-call layer that the suite must find. They stand between
//! the agent and its drivers, in this one place.

use std::os::fd::RawFd;

use ipc_impls::descriptor;
use ipc_impls::errno::Errno;
use ipc_impls::signal::{Disposition, sigaction};
use ipc_model::descriptor::{CLOSE, READ, READV, WRITE, WRITEV};
use ipc_model::mutex::{LOCKS, MUTEX_UNLOCK};
use ipc_model::payload;
use ipc_model::ring::RECEIVES;
use nix::libc;

use super::agent::{Agent, limit_descriptors};
use super::calls::{Driver, mutex};
use super::layout::HARNESS_FD_END;
use super::wire::{Answer, Step};

/// A bug that an agent can be given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AgentFault {
    /// A `close` of a pipe's write end secretly keeps a duplicate of it: readers miss the end of file.
    CloseKeepsDuplicate,
    /// A `read` that would sleep on an empty pipe answers end of file while there is a writer.
    ReadEarlyEof,
    /// A `write` of 4,096 bytes is made in two halves, and others may come between them.
    WriteSplit,
    /// A `write` without a reader fails with `EPIPE` and no `SIGPIPE` is sent.
    SigpipeSwallowed,
    /// One byte of each transfer is altered on its way to the reader.
    ByteChanged,
    /// Two reads in a row get each other's data.
    ReadsSwapped,
    /// A `read` at the end of file sleeps for ever.
    EofSleeps,
    /// What fails with `EBADF` fails with `EINVAL`.
    ErrnoOther,
    /// A `write` tells one byte less than it wrote.
    CountShort,
    /// A `close` succeeds and closes nothing.
    CloseDoesNothing,
    /// A short `write` puts its bytes in twice.
    WriteTwice,
    /// A `read` gives bytes that nobody wrote.
    DataElsewhere,
    /// A closed end for reading can still be read.
    StaleDescriptor,
    /// A `read` that was asleep is not woken by data.
    GoesOnSleeping,
    /// A `read` that would sleep is interrupted by nothing.
    WokenForNothing,
    /// Who unlocks a mutex does not know that others wait, and wakes nobody.
    WaitersForgotten,
    /// Who takes a dead owner's mutex is not told.
    OwnerDeathUntold,
    /// Who takes a portable mutex gives up the lock that proves it alive.
    LockGivenUp,
    /// Who waits for a dead producer's message is told that it had closed.
    ProducerDeathUntold,
    /// A message comes out of a ring twice.
    MessageTwice,
    /// The processes of a litmus test of the memory leave out their fences.
    FenceMissing,
    /// The processes of a litmus test of the memory make their last load first.
    LoadFirst,
    /// The processes of a litmus test of the memory store a word in two halves.
    StoreSplit,
}

impl AgentFault {
    /// All of them.
    pub const ALL: &'static [AgentFault] = &[
        AgentFault::CloseKeepsDuplicate,
        AgentFault::ReadEarlyEof,
        AgentFault::WriteSplit,
        AgentFault::SigpipeSwallowed,
        AgentFault::ByteChanged,
        AgentFault::ReadsSwapped,
        AgentFault::EofSleeps,
        AgentFault::ErrnoOther,
        AgentFault::CountShort,
        AgentFault::CloseDoesNothing,
        AgentFault::WriteTwice,
        AgentFault::DataElsewhere,
        AgentFault::StaleDescriptor,
        AgentFault::GoesOnSleeping,
        AgentFault::WokenForNothing,
        AgentFault::WaitersForgotten,
        AgentFault::OwnerDeathUntold,
        AgentFault::LockGivenUp,
        AgentFault::ProducerDeathUntold,
        AgentFault::MessageTwice,
        AgentFault::FenceMissing,
        AgentFault::LoadFirst,
        AgentFault::StoreSplit,
    ];

    /// Its name, as on command lines.
    pub fn name(self) -> &'static str {
        match self {
            AgentFault::CloseKeepsDuplicate => "close-keeps-duplicate",
            AgentFault::ReadEarlyEof => "read-early-eof",
            AgentFault::WriteSplit => "write-split",
            AgentFault::SigpipeSwallowed => "sigpipe-swallowed",
            AgentFault::ByteChanged => "byte-changed",
            AgentFault::ReadsSwapped => "reads-swapped",
            AgentFault::EofSleeps => "eof-sleeps",
            AgentFault::ErrnoOther => "errno-other",
            AgentFault::CountShort => "count-short",
            AgentFault::CloseDoesNothing => "close-does-nothing",
            AgentFault::WriteTwice => "write-twice",
            AgentFault::DataElsewhere => "data-elsewhere",
            AgentFault::StaleDescriptor => "stale-descriptor",
            AgentFault::GoesOnSleeping => "goes-on-sleeping",
            AgentFault::WokenForNothing => "woken-for-nothing",
            AgentFault::WaitersForgotten => "waiters-forgotten",
            AgentFault::OwnerDeathUntold => "owner-death-untold",
            AgentFault::LockGivenUp => "lock-given-up",
            AgentFault::ProducerDeathUntold => "producer-death-untold",
            AgentFault::MessageTwice => "message-twice",
            AgentFault::FenceMissing => "fence-missing",
            AgentFault::LoadFirst => "load-first",
            AgentFault::StoreSplit => "store-split",
        }
    }

    /// The fault of that name.
    pub fn parse(name: &str) -> Option<AgentFault> {
        AgentFault::ALL.iter().copied().find(|fault| fault.name() == name)
    }
}

/// The fault of an agent, and what it remembers from one call to the next.
#[derive(Default)]
pub struct Faults {
    planted: Option<AgentFault>,
    /// Bytes that were read before their time, and from which descriptor.
    held: Option<(RawFd, Vec<u8>)>,
    /// A descriptor that was closed, and a duplicate of what it led to.
    stale: Option<(RawFd, RawFd)>,
}

impl Faults {
    /// With that fault planted, or none.
    pub fn new(planted: Option<AgentFault>) -> Faults {
        Faults { planted, held: None, stale: None }
    }

    /// The name of the planted fault, or a word that names none.
    pub fn name(&self) -> &'static str {
        self.planted.map_or("none", AgentFault::name)
    }

    /// Forgets what was remembered.
    pub fn forget(&mut self) {
        self.held = None;
        self.stale = None;
    }
}

/// Makes the call, or what the planted fault makes of it.
pub fn perform(agent: &mut Agent, driver: &Driver, step: &Step) -> Answer {
    let Some(fault) = agent.faults().planted else { return (driver.call)(agent, step) };
    let is = |operations: &[&'static _]| operations.contains(&driver.operation);
    match fault {
        AgentFault::CloseKeepsDuplicate if is(&[&CLOSE]) => keep_duplicate(step.fd(0)),
        AgentFault::ReadEarlyEof if is(&[&READ, &READV]) && would_sleep(step.fd(0)) => {
            return Answer::Data(0);
        }
        AgentFault::WriteSplit if is(&[&WRITE]) && step.len(1) == 4096 => {
            return write_halves(agent, driver, step);
        }
        AgentFault::SigpipeSwallowed if is(&[&WRITE, &WRITEV]) => {
            return without_sigpipe(|| (driver.call)(agent, step));
        }
        AgentFault::ByteChanged if is(&[&READ, &READV]) => {
            let answer = (driver.call)(agent, step);
            if let Answer::Data(n @ 1..) = answer {
                agent.area(n as usize)[n as usize / 2] ^= 0x55;
            }
            return answer;
        }
        AgentFault::ReadsSwapped if is(&[&READ]) => return read_swapped(agent, driver, step),
        AgentFault::MessageTwice if is(RECEIVES) => return receive_twice(agent, driver, step),
        AgentFault::EofSleeps if is(&[&READ, &READV]) && at_end(step.fd(0)) => {
            never_ends(step.fd(0));
        }
        AgentFault::CloseDoesNothing if is(&[&CLOSE]) => return Answer::Nothing,
        AgentFault::StaleDescriptor if is(&[&CLOSE]) => keep_stale(agent, step.fd(0)),
        AgentFault::WaitersForgotten if is(&[&MUTEX_UNLOCK]) => mutex::forget_waiters(agent, step),
        AgentFault::WokenForNothing if is(&[&READ, &READV]) && would_sleep(step.fd(0)) => {
            return Answer::Failed(Errno(libc::EINTR));
        }
        AgentFault::GoesOnSleeping if is(&[&READ]) && would_sleep(step.fd(0)) => {
            let answer = (driver.call)(agent, step);
            if !matches!(answer, Answer::Data(1..)) {
                return answer;
            }
            never_ends(step.fd(0));
        }
        _ => return spoilt(fault, agent, driver, step),
    }
    (driver.call)(agent, step)
}

/// Makes the call, and something of its answer that is wrong.
fn spoilt(fault: AgentFault, agent: &mut Agent, driver: &Driver, step: &Step) -> Answer {
    let is = |operations: &[&'static _]| operations.contains(&driver.operation);
    let answer = (driver.call)(agent, step);
    match (fault, answer) {
        (AgentFault::ErrnoOther, Answer::Failed(Errno(libc::EBADF))) => {
            Answer::Failed(Errno(libc::EINVAL))
        }
        (AgentFault::LockGivenUp, Answer::Nothing) if is(LOCKS) => {
            mutex::give_up_lock(agent, step);
            Answer::Nothing
        }
        (AgentFault::OwnerDeathUntold, Answer::Failed(Errno(libc::EOWNERDEAD))) => Answer::Nothing,
        (AgentFault::ProducerDeathUntold, Answer::Failed(Errno(libc::ECONNRESET)))
            if is(RECEIVES) =>
        {
            Answer::Nothing
        }
        (AgentFault::CountShort, Answer::Number(n @ 1..)) if is(&[&WRITE, &WRITEV]) => {
            Answer::Number(n - 1)
        }
        (AgentFault::WriteTwice, Answer::Number(n @ 1..=64)) if is(&[&WRITE]) => {
            if descriptor::fionread(step.fd(0)).is_ok_and(|stored| stored < 4096) {
                let _ = descriptor::write(step.fd(0), agent.area(n as usize));
            }
            Answer::Number(n)
        }
        (AgentFault::DataElsewhere, Answer::Data(n @ 1..)) => {
            payload::fill(u32::MAX, 0, agent.area(n as usize));
            Answer::Data(n)
        }
        (AgentFault::StaleDescriptor, Answer::Failed(Errno(libc::EBADF))) if is(&[&READ]) => {
            match agent.faults().stale {
                Some((fd, kept)) if fd == step.fd(0) => {
                    let _ = descriptor::setfl(kept, libc::O_NONBLOCK);
                    let read = descriptor::read(kept, agent.area(step.len(1)));
                    read.map_or_else(Answer::Failed, |n| Answer::Data(n as u32))
                }
                _ => Answer::Failed(Errno(libc::EBADF)),
            }
        }
        (_, answer) => answer,
    }
}

/// Keeps what an end for reading led to.
fn keep_stale(agent: &mut Agent, fd: RawFd) {
    if descriptor::getfl(fd).is_ok_and(|flags| flags & libc::O_ACCMODE == libc::O_RDONLY) {
        agent.faults().stale = Some((fd, move_out_of_reach(fd)));
    }
}

fn keep_duplicate(fd: RawFd) {
    if descriptor::getfl(fd).is_ok_and(|flags| flags & libc::O_ACCMODE == libc::O_WRONLY) {
        move_out_of_reach(fd);
    }
}

/// A duplicate above every number that a program can have.
fn move_out_of_reach(fd: RawFd) -> RawFd {
    use nix::sys::resource::{Resource, getrlimit};
    let soft = getrlimit(Resource::RLIMIT_NOFILE).map_or(64, |(soft, _)| soft as u32);
    limit_descriptors(u32::MAX);
    // SAFETY: takes numbers and no memory.
    let duplicate = unsafe { libc::fcntl(fd, libc::F_DUPFD, HARNESS_FD_END) };
    limit_descriptors(soft);
    duplicate
}

fn would_sleep(fd: RawFd) -> bool {
    let blocking = descriptor::getfl(fd).is_ok_and(|flags| flags & libc::O_NONBLOCK == 0);
    blocking && events(fd) == Some(0)
}

fn at_end(fd: RawFd) -> bool {
    events(fd) == Some(libc::POLLHUP)
}

/// What a `poll` for input tells at once.
fn events(fd: RawFd) -> Option<i16> {
    let mut asked = libc::pollfd { fd, events: libc::POLLIN, revents: 0 };
    // SAFETY: one `pollfd`, and no time to wait.
    let told = unsafe { libc::poll(&raw mut asked, 1, 0) };
    (told >= 0).then_some(asked.revents)
}

fn write_halves(agent: &mut Agent, driver: &Driver, step: &Step) -> Answer {
    let half = step.len(1) / 2;
    let bytes = agent.area(2 * half);
    match descriptor::write(step.fd(0), &bytes[..half]) {
        Ok(first) if first == half => {
            let second = descriptor::write(step.fd(0), &bytes[half..]).unwrap_or(0);
            Answer::Number((first + second) as i64)
        }
        Ok(first) => Answer::Number(first as i64),
        Err(_) => (driver.call)(agent, step),
    }
}

fn without_sigpipe(call: impl FnOnce() -> Answer) -> Answer {
    let _ = sigaction(libc::SIGPIPE, Disposition::Ignore);
    let answer = call();
    let _ = sigaction(libc::SIGPIPE, Disposition::Default);
    answer
}

/// Gives the next data instead, where there is as much of it, and holds this back for the next call.
fn read_swapped(agent: &mut Agent, driver: &Driver, step: &Step) -> Answer {
    let fd = step.fd(0);
    if let Some((_, held)) =
        agent.faults().held.take_if(|(of, held)| *of == fd && held.len() <= step.len(1))
    {
        agent.area(held.len()).copy_from_slice(&held);
        return Answer::Data(held.len() as u32);
    }
    let answer = (driver.call)(agent, step);
    let Answer::Data(n) = answer else { return answer };
    let n = n as usize;
    if n > 0 && descriptor::fionread(fd).is_ok_and(|stored| stored as usize >= n) {
        let first = agent.area(n).to_vec();
        if descriptor::read(fd, agent.area(n)) == Ok(n) {
            agent.faults().held = Some((fd, first));
        }
    }
    answer
}

/// Gives a message, and the next time the same.
fn receive_twice(agent: &mut Agent, driver: &Driver, step: &Step) -> Answer {
    let ring = step.fd(0);
    if let Some((_, held)) = agent.faults().held.take_if(|(of, _)| *of == ring) {
        agent.area(held.len()).copy_from_slice(&held);
        return Answer::Data(held.len() as u32);
    }
    let answer = (driver.call)(agent, step);
    if let Answer::Data(n) = answer {
        let message = agent.area(n as usize).to_vec();
        agent.faults().held = Some((ring, message));
    }
    answer
}

/// Puts a pipe that nobody ever writes to in the place of one that has ended.
fn never_ends(fd: RawFd) {
    if let Ok([reader, writer]) = ipc_impls::pipe::pipe() {
        let _ = descriptor::dup2(reader, fd);
        move_out_of_reach(writer);
        let _ = descriptor::close(reader);
        let _ = descriptor::close(writer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_has_a_name_of_its_own() {
        for fault in AgentFault::ALL {
            assert_eq!(AgentFault::parse(fault.name()), Some(*fault));
        }
        assert_eq!(AgentFault::parse("none"), None);
    }
}
