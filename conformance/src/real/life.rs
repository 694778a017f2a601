//! Whether a process of ours lives, and its end by our hand. By pidfd, which means that process and
//! no later one of the same number; without pidfds by the state in `/proc`.
//!
//! When a process has ended in this sense, it has none of its descriptors any more: `do_exit` of Linux
//! runs `exit_files` and `exit_task_work` (the last `fput`s) before `exit_notify`, which makes it a
//! zombie and its pidfd readable (`kernel/exit.c`, Linux 5.3 to 6.18).

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::time::{Duration, Instant};

use ipc_impls::process::Status;
use nix::libc;

/// A process that we made, or that one of ours made.
#[derive(Debug)]
pub struct Life {
    /// Its process id; of one more thread of a process its own number.
    pub pid: i32,
    pidfd: Option<OwnedFd>,
    /// Of which process it is one more thread, if it is: no signal is for it alone, and it ends with that
    /// process at the latest.
    thread_of: Option<i32>,
}

impl Life {
    /// Takes hold of a process that has not been collected yet.
    pub fn of(pid: i32) -> Life {
        // SAFETY: takes numbers and no memory.
        let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) };
        // SAFETY: the kernel has just made this descriptor for us; it is close-on-exec.
        let pidfd = (fd >= 0).then(|| unsafe { OwnedFd::from_raw_fd(fd as RawFd) });
        Life { pid, pidfd, thread_of: None }
    }

    /// Takes hold of one more thread of a process, by its number.
    pub fn of_thread(number: i32, process: i32) -> Life {
        Life { pid: number, pidfd: None, thread_of: Some(process) }
    }

    /// Where the system tells of it.
    pub fn place(&self) -> String {
        match self.thread_of {
            Some(process) => format!("/proc/{process}/task/{}", self.pid),
            None => format!("/proc/{}", self.pid),
        }
    }

    /// What becomes readable when the process has ended, if there is such a thing here.
    pub fn pollable(&self) -> Option<RawFd> {
        self.pidfd.as_ref().map(AsRawFd::as_raw_fd)
    }

    /// Whether it has ended.
    pub fn ended(&self) -> bool {
        match self.pollable() {
            Some(fd) => readable(&mut [readable_asked(fd)], Duration::ZERO),
            None => {
                let over = |stat: Stat| stat.state == 'Z' || stat.state == 'X';
                // The first thread may have ended before the others.
                stat(&self.place()).is_none_or(over) && self.is_last()
            }
        }
    }

    /// Whether no other thread of the process is left, should it have had some.
    fn is_last(&self) -> bool {
        let others = std::fs::read_dir(format!("{}/task", self.place()));
        self.thread_of.is_some() || others.map_or(true, |others| others.count() <= 1)
    }

    /// Waits until it has ended; whether it has.
    pub fn wait(&self, deadline: Instant) -> bool {
        // On the processor of the dying one, letting it run is all it takes.
        for _ in 0..8 {
            if self.ended() {
                return true;
            }
            let _ = nix::sched::sched_yield();
        }
        while !self.ended() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            match self.pollable() {
                Some(fd) => readable(&mut [readable_asked(fd)], left),
                None => readable(&mut [], left.min(Duration::from_millis(1))),
            };
        }
        true
    }

    /// Sends `SIGKILL`, unless it has ended.
    pub fn kill(&self) {
        self.signal(libc::SIGKILL);
    }

    /// Sends a signal, unless it has ended.
    pub fn signal(&self, signal: libc::c_int) {
        match self.pollable() {
            Some(fd) => {
                let no_info = std::ptr::null::<libc::siginfo_t>();
                // SAFETY: takes numbers; a null `siginfo` is allowed.
                unsafe { libc::syscall(libc::SYS_pidfd_send_signal, fd, signal, no_info, 0) };
            }
            None if self.thread_of.is_none() && !self.ended() => {
                let _ = ipc_impls::process::kill(self.pid, signal);
            }
            None => {}
        }
    }

    /// How it ended, as long as nobody has collected it: field 52 of `/proc/PID/stat`.
    pub fn status(&self) -> Option<Status> {
        let stat = self.stat().filter(|stat| stat.state == 'Z')?;
        Status::from_raw(stat.exit_code)
    }

    /// The process group that it is in, as long as nobody has collected it.
    pub fn group(&self) -> Option<i32> {
        self.stat().map(|stat| stat.group)
    }

    /// What is told of it, and of no later process of the same number.
    fn stat(&self) -> Option<Stat> {
        let stat = stat(&self.place())?;
        let no_info = std::ptr::null::<libc::siginfo_t>();
        let is_there = |fd: RawFd| {
            // SAFETY: takes numbers; no signal is sent, and a null `siginfo` is allowed.
            let asked = unsafe { libc::syscall(libc::SYS_pidfd_send_signal, fd, 0, no_info, 0) };
            asked == 0 || io::Error::last_os_error().raw_os_error() != Some(libc::ESRCH)
        };
        self.pollable().is_none_or(is_there).then_some(stat)
    }
}

/// What `poll` is asked about one descriptor that may become readable.
pub fn readable_asked(fd: RawFd) -> libc::pollfd {
    libc::pollfd { fd, events: libc::POLLIN, revents: 0 }
}

/// `ppoll`: whether anything became readable, or ended, in that time.
pub fn readable(asked: &mut [libc::pollfd], time: Duration) -> bool {
    let time = libc::timespec {
        tv_sec: time.as_secs() as libc::time_t,
        tv_nsec: time.subsec_nanos().into(),
    };
    let (list, len) = (asked.as_mut_ptr(), asked.len() as libc::nfds_t);
    // SAFETY: the list and its length are those of one exclusive slice; no signal mask is given.
    unsafe { libc::ppoll(list, len, &raw const time, std::ptr::null()) > 0 }
}

struct Stat {
    state: char,
    parent: i32,
    group: i32,
    exit_code: i32,
}

/// The parent of a process.
pub fn parent(pid: i32) -> Option<i32> {
    stat(&format!("/proc/{pid}")).map(|stat| stat.parent)
}

/// The fields that we need of `/proc/PID/stat` (`proc_pid_stat(5)` of Linux man-pages 6.9).
fn stat(place: &str) -> Option<Stat> {
    let text = std::fs::read_to_string(format!("{place}/stat")).ok()?;
    // The command's name may hold anything, so count from the last parenthesis; state is field 3.
    let (_, fields) = text.rsplit_once(") ")?;
    let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
    let number = |field: usize| fields.get(field - 3)?.parse().ok();
    Some(Stat {
        state: fields.first()?.chars().next()?,
        parent: number(4)?,
        group: number(5)?,
        exit_code: number(52)?,
    })
}

/// An error with what was being done.
pub fn because(doing: &str, cause: impl Into<io::Error>) -> crate::system::SystemError {
    crate::system::SystemError { doing: doing.to_owned(), cause: cause.into().to_string() }
}
