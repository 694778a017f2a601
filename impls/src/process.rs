//! Processes: birth, another program, end, and what the parent learns of it.

use std::convert::Infallible;
use std::ffi::CStr;

use nix::libc;

use crate::errno::{Errno, Result, int};

/// What `fork` answers, once in each of the two processes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Forked {
    /// In the parent: the process id of the child.
    Parent(libc::pid_t),
    /// In the child.
    Child,
}

/// How a process ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Status {
    /// By `_exit()`, with the low eight bits of its argument.
    Exited(u8),
    /// By the signal of that number.
    Signaled(i32),
    /// It has not: the signal of that number has stopped it.
    Stopped(i32),
    /// It has not: it was stopped, and goes on.
    Continued,
}

impl Status {
    /// Reads what `waitpid()` stores (POSIX.1-2024 `<sys/wait.h>`); `None` if it tells of nothing known.
    pub fn from_raw(stored: i32) -> Option<Status> {
        if libc::WIFEXITED(stored) {
            Some(Status::Exited(libc::WEXITSTATUS(stored) as u8))
        } else if libc::WIFSIGNALED(stored) {
            Some(Status::Signaled(libc::WTERMSIG(stored)))
        } else if libc::WIFSTOPPED(stored) {
            Some(Status::Stopped(libc::WSTOPSIG(stored)))
        } else if libc::WIFCONTINUED(stored) {
            Some(Status::Continued)
        } else {
            None
        }
    }

    /// Reads what `SIGCHLD` and `waitid()` tell by `si_code` and `si_status` (POSIX.1-2024
    /// `<signal.h>`); `None` if it tells of no child.
    pub fn of_child(code: i32, status: i32) -> Option<Status> {
        match code {
            libc::CLD_EXITED => Some(Status::Exited(status as u8)),
            libc::CLD_KILLED | libc::CLD_DUMPED => Some(Status::Signaled(status)),
            libc::CLD_STOPPED => Some(Status::Stopped(status)),
            libc::CLD_CONTINUED => Some(Status::Continued),
            _ => None,
        }
    }
}

/// `pid_t fork(void)`.
///
/// Errors and source: POSIX.1-2024 `fork()`.
///
/// # Safety
///
/// In the child of a process with several threads only async-signal-safe functions may be called
/// until it execs: call it from a process with one thread, or keep to that.
pub unsafe fn fork() -> Result<Forked> {
    // SAFETY: the caller keeps to what this function's documentation asks.
    match int(unsafe { libc::fork() })? {
        0 => Ok(Forked::Child),
        pid => Ok(Forked::Parent(pid)),
    }
}

/// `int execv(const char *path, char *const argv[])`: returns only if it fails.
///
/// Errors and source: POSIX.1-2024 `exec`.
#[doc(alias = "execve")]
pub fn exec(path: &CStr, args: &[&CStr]) -> Result<Infallible> {
    let mut argv: Vec<_> = args.iter().map(|arg| arg.as_ptr()).collect();
    argv.push(std::ptr::null());
    // SAFETY: all strings end in a zero byte and live as long as the call, the list ends in a null.
    unsafe { libc::execv(path.as_ptr(), argv.as_ptr()) };
    Err(Errno::last())
}

/// `void _exit(int status)`: no handlers, no flushing.
///
/// Source: POSIX.1-2024 `_Exit()`.
#[doc(alias = "_exit")]
pub fn exit(status: i32) -> ! {
    // SAFETY: it ends the process and runs nothing of it.
    unsafe { libc::_exit(status) }
}

/// `pid_t waitpid(pid_t pid, int *stat_loc, 0)`: how the child ended, which is forgotten by this.
///
/// Errors and source: POSIX.1-2024 `waitpid()`. Without `WUNTRACED` only an end is told, so `None`
/// is what no system should answer.
pub fn waitpid(pid: libc::pid_t) -> Result<Option<Status>> {
    let mut stored = 0;
    // SAFETY: `waitpid` writes one `int`.
    int(unsafe { libc::waitpid(pid, &raw mut stored, 0) })?;
    Ok(Status::from_raw(stored))
}

/// `pid_t waitpid(pid_t pid, int *stat_loc, int options)`: which child it was, and how it ended; nothing
/// where there was nothing to tell and `WNOHANG` is among the options.
///
/// Errors and source: POSIX.1-2024 `waitpid()`.
pub fn waitpid_with(pid: libc::pid_t, options: i32) -> Result<Option<(libc::pid_t, Status)>> {
    let mut stored = 0;
    // SAFETY: `waitpid` writes one `int`.
    let child = int(unsafe { libc::waitpid(pid, &raw mut stored, options) })?;
    Ok(Status::from_raw(stored).filter(|_| child != 0).map(|status| (child, status)))
}

/// `pid_t wait(int *stat_loc)`: which child it was, and how it ended.
///
/// Errors and source: POSIX.1-2024 `wait()`.
pub fn wait() -> Result<Option<(libc::pid_t, Status)>> {
    let mut stored = 0;
    // SAFETY: `wait` writes one `int`.
    let child = int(unsafe { libc::wait(&raw mut stored) })?;
    Ok(Status::from_raw(stored).map(|status| (child, status)))
}

/// `int waitid(idtype_t idtype, id_t id, siginfo_t *infop, int options)`: which child it was, and what
/// became of it; nothing where there was nothing to tell and `WNOHANG` is among the options.
///
/// Errors and source: POSIX.1-2024 `waitid()`.
pub fn waitid(
    kind: libc::idtype_t,
    id: libc::pid_t,
    options: i32,
) -> Result<Option<(libc::pid_t, Status)>> {
    let mut info = std::mem::MaybeUninit::<libc::siginfo_t>::zeroed();
    // SAFETY: the call fills the structure, or leaves it as it is.
    int(unsafe { libc::waitid(kind, id as libc::id_t, info.as_mut_ptr(), options) })?;
    // SAFETY: all zeros is a valid `siginfo_t`, and so is what the call makes of it.
    let info = unsafe { info.assume_init() };
    // SAFETY: zero, or filled for a child.
    let child = unsafe { info.si_pid() };
    // SAFETY: as above.
    let status = Status::of_child(info.si_code, unsafe { info.si_status() });
    Ok(status.filter(|_| child != 0).map(|status| (child, status)))
}

/// `int kill(pid_t pid, int sig)`: 0 as the pid is the caller's process group, -1 is everybody.
///
/// Errors and source: POSIX.1-2024 `kill()`.
pub fn kill(pid: libc::pid_t, signal: i32) -> Result<()> {
    // SAFETY: takes numbers and no memory.
    int(unsafe { libc::kill(pid, signal) }).map(drop)
}

/// `int setpgid(pid_t pid, pid_t pgid)`: 0 as the pid is the caller, 0 as the group is that of the pid.
///
/// Errors and source: POSIX.1-2024 `setpgid()`.
pub fn setpgid(pid: libc::pid_t, pgid: libc::pid_t) -> Result<()> {
    // SAFETY: takes numbers and no memory.
    int(unsafe { libc::setpgid(pid, pgid) }).map(drop)
}

/// `pid_t getpgid(pid_t pid)`: 0 as the pid is the caller.
///
/// Errors and source: POSIX.1-2024 `getpgid()`.
pub fn getpgid(pid: libc::pid_t) -> Result<libc::pid_t> {
    // SAFETY: takes a number and no memory.
    int(unsafe { libc::getpgid(pid) })
}

/// `pid_t getpgrp(void)`, which cannot fail.
///
/// Source: POSIX.1-2024 `getpgrp()`.
pub fn getpgrp() -> libc::pid_t {
    // SAFETY: takes nothing.
    unsafe { libc::getpgrp() }
}

/// `int prctl(PR_SET_PDEATHSIG, unsigned long sig)`: sent to the caller when its parent ends; 0 for nothing.
///
/// Errors and source: `PR_SET_PDEATHSIG(2const)` of Linux man-pages 6.10; not in POSIX.
pub fn set_pdeathsig(signal: i32) -> Result<()> {
    // SAFETY: takes numbers and no memory.
    int(unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, signal as libc::c_ulong, 0, 0, 0) }).map(drop)
}

/// `int prctl(PR_GET_PDEATHSIG, int *sig)`.
///
/// Errors and source: `PR_GET_PDEATHSIG(2const)` of Linux man-pages 6.10; not in POSIX.
pub fn pdeathsig() -> Result<i32> {
    let mut signal = 0;
    // SAFETY: the pointer is to an integer of ours.
    int(unsafe { libc::prctl(libc::PR_GET_PDEATHSIG, &raw mut signal, 0, 0, 0) })?;
    Ok(signal)
}
