//! The agents' hands: for every operation of the model, the driver that makes the call.

mod descriptor;
mod epoll;
mod eventfd;
mod fifo;
mod file;
pub mod mapping;
mod memory;
pub mod mutex;
mod name;
mod passing;
pub mod pidfd;
mod pipe;
mod places;
mod poll;
mod portable;
mod process;
mod ring;
mod segment;
pub mod signal;
mod signalfd;
mod socket;
pub mod thread;
pub mod timer;

use std::sync::OnceLock;

use ipc_impls::errno::Result;
use ipc_model::mechanism::operations;
use ipc_model::operation::{Call, Operation};
use nix::libc;

use super::agent::Agent;
use super::wire::{Answer, Step};

/// How an operation is made here.
pub struct Driver {
    /// Which operation.
    pub operation: &'static Operation,
    /// Makes the one system call.
    pub call: fn(&mut Agent, &Step) -> Answer,
    /// The system call that a process sleeps in, if it may: its number, as `/proc` tells it.
    pub sleeps_in: Option<libc::c_long>,
    /// The first argument of that system call is the operation's first: a descriptor or a process.
    pub first_is_told: bool,
    /// Who has made the call with success is not used for another program.
    pub lasting: bool,
    /// Who sleeps in it is not got out by a nudge: it goes back to sleep.
    pub stubborn: bool,
    /// In which calls who sleeps looks again by itself now and then, or when it is nudged, and may go on
    /// though nobody else has moved.
    pub looks_again: fn(&Call) -> bool,
    /// What is asked right behind the call.
    pub probe: Option<fn(&Answer) -> Option<u64>>,
}

static DRIVERS: &[&[Driver]] = &[
    descriptor::DRIVERS,
    pipe::DRIVERS,
    name::DRIVERS,
    fifo::DRIVERS,
    poll::DRIVERS,
    eventfd::DRIVERS,
    epoll::DRIVERS,
    memory::DRIVERS,
    file::DRIVERS,
    mapping::DRIVERS,
    mutex::DRIVERS,
    ring::DRIVERS,
    segment::DRIVERS,
    process::DRIVERS,
    signal::DRIVERS,
    thread::DRIVERS,
    timer::DRIVERS,
    signalfd::DRIVERS,
    pidfd::DRIVERS,
    socket::DRIVERS,
    passing::DRIVERS,
];

impl Driver {
    const fn new(operation: &'static Operation, call: fn(&mut Agent, &Step) -> Answer) -> Driver {
        Driver {
            operation,
            call,
            sleeps_in: None,
            first_is_told: true,
            lasting: false,
            stubborn: false,
            looks_again: |_| false,
            probe: None,
        }
    }

    const fn sleeps_in(self, number: libc::c_long) -> Driver {
        Driver { sleeps_in: Some(number), ..self }
    }

    /// As [`Driver::sleeps_in`], the first argument being an address or a constant.
    const fn sleeps_at(self, number: libc::c_long) -> Driver {
        Driver { sleeps_in: Some(number), first_is_told: false, ..self }
    }

    const fn lasting(self) -> Driver {
        Driver { lasting: true, ..self }
    }

    const fn stubborn(self) -> Driver {
        Driver { stubborn: true, ..self }
    }

    const fn looks_again(self) -> Driver {
        self.looks_again_where(|_| true)
    }

    /// As [`Driver::looks_again`], but only in some calls.
    const fn looks_again_where(self, is: fn(&Call) -> bool) -> Driver {
        Driver { looks_again: is, ..self.stubborn() }
    }

    const fn probe(self, probe: fn(&Answer) -> Option<u64>) -> Driver {
        Driver { probe: Some(probe), ..self }
    }
}

/// The drivers, in the order of `ipc_model::mechanism::operations()`.
pub fn drivers() -> Vec<&'static Driver> {
    let find = |operation: &Operation| {
        DRIVERS.iter().copied().flatten().find(|d| d.operation == operation)
    };
    operations()
        .map(|op| find(op).unwrap_or_else(|| panic!("{} has no driver", op.key())))
        .collect()
}

/// The place of an operation in `ipc_model::mechanism::operations()`, and its driver.
pub fn driver_of(operation: &'static Operation) -> Option<(u16, &'static Driver)> {
    /// By where the operation lies.
    static ALL: OnceLock<Vec<(usize, u16, &Driver)>> = OnceLock::new();
    let place = |operation: &'static Operation| std::ptr::from_ref(operation) as usize;
    let all = ALL.get_or_init(|| {
        let numbered = (0..).zip(drivers());
        let placed = numbered.map(|(number, driver)| (place(driver.operation), number, driver));
        let mut all: Vec<_> = placed.collect();
        all.sort_unstable_by_key(|(place, ..)| *place);
        all
    });
    let index = all.binary_search_by_key(&place(operation), |(place, ..)| *place).ok()?;
    let (_, number, driver) = all[index];
    Some((number, driver))
}

fn answer<T>(result: Result<T>, success: impl FnOnce(T) -> Answer) -> Answer {
    result.map_or_else(Answer::Failed, success)
}

fn nothing(result: Result<()>) -> Answer {
    answer(result, |()| Answer::Nothing)
}

/// The value of flags by name, or the first name that this system does not have.
fn flags(words: &[&'static str], set: u32) -> std::result::Result<i32, &'static str> {
    let named = words.iter().enumerate().filter(|(bit, _)| set & (1 << bit) != 0);
    named.map(|(_, word)| flag(word).ok_or(*word)).try_fold(0, |all, one| Ok(all | one?))
}

/// The names among `words` whose flags are in `value`.
fn flag_names(words: &[&str], value: i32) -> u32 {
    let set = |word: &str| flag(word).is_some_and(|bit| value & bit != 0);
    words.iter().enumerate().filter(|(_, word)| set(word)).fold(0, |all, (i, _)| all | 1 << i)
}

fn flag(word: &str) -> Option<i32> {
    Some(match word {
        "O_APPEND" => libc::O_APPEND,
        "MFD_CLOEXEC" => libc::MFD_CLOEXEC as i32,
        "MFD_ALLOW_SEALING" => libc::MFD_ALLOW_SEALING as i32,
        "MFD_NOEXEC_SEAL" => libc::MFD_NOEXEC_SEAL as i32,
        "MFD_EXEC" => libc::MFD_EXEC as i32,
        "F_SEAL_EXEC" => libc::F_SEAL_EXEC,
        "F_SEAL_SEAL" => libc::F_SEAL_SEAL,
        "F_SEAL_SHRINK" => libc::F_SEAL_SHRINK,
        "F_SEAL_GROW" => libc::F_SEAL_GROW,
        "F_SEAL_WRITE" => libc::F_SEAL_WRITE,
        "F_SEAL_FUTURE_WRITE" => libc::F_SEAL_FUTURE_WRITE,
        "IPC_CREAT" => libc::IPC_CREAT,
        "IPC_EXCL" => libc::IPC_EXCL,
        "SHM_RDONLY" => libc::SHM_RDONLY,
        "SHM_RND" => libc::SHM_RND,
        "SHM_REMAP" => libc::SHM_REMAP,
        "O_DIRECTORY" => libc::O_DIRECTORY,
        "O_CREAT" => libc::O_CREAT,
        "O_EXCL" => libc::O_EXCL,
        "O_CLOEXEC" => libc::O_CLOEXEC,
        "O_DIRECT" => libc::O_DIRECT,
        "O_NONBLOCK" => libc::O_NONBLOCK,
        "O_PATH" => libc::O_PATH,
        "O_TRUNC" => libc::O_TRUNC,
        "O_WRONLY" => libc::O_WRONLY,
        "O_RDWR" => libc::O_RDWR,
        "FD_CLOEXEC" => libc::FD_CLOEXEC,
        "EPOLL_CLOEXEC" => libc::EPOLL_CLOEXEC,
        "EFD_CLOEXEC" => libc::EFD_CLOEXEC,
        "EFD_NONBLOCK" => libc::EFD_NONBLOCK,
        "EFD_SEMAPHORE" => libc::EFD_SEMAPHORE,
        "SFD_CLOEXEC" => libc::SFD_CLOEXEC,
        "SOCK_CLOEXEC" => libc::SOCK_CLOEXEC,
        "SOCK_NONBLOCK" => libc::SOCK_NONBLOCK,
        "MSG_DONTWAIT" => libc::MSG_DONTWAIT,
        "MSG_NOSIGNAL" => libc::MSG_NOSIGNAL,
        "MSG_CMSG_CLOEXEC" => libc::MSG_CMSG_CLOEXEC,
        "MSG_PEEK" => libc::MSG_PEEK,
        "SFD_NONBLOCK" => libc::SFD_NONBLOCK,
        "PIDFD_NONBLOCK" => libc::PIDFD_NONBLOCK as i32,
        "SPLICE_F_NONBLOCK" => libc::SPLICE_F_NONBLOCK as i32,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_has_a_driver() {
        assert!(drivers().iter().map(|driver| driver.operation).eq(operations()));
    }

    #[test]
    fn flags_are_told_by_name_and_unknown_ones_named() {
        assert_eq!(flags(&["O_CLOEXEC", "O_NONBLOCK"], 2), Ok(libc::O_NONBLOCK));
        assert_eq!(flags(&["O_CLOEXEC", "O_CLOFORK"], 3), Err("O_CLOFORK"));
        assert_eq!(flag_names(&["O_WRONLY", "O_NONBLOCK"], libc::O_NONBLOCK), 2);
    }
}
