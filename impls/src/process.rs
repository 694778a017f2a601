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
}

impl Status {
    /// Reads what `waitpid()` stores (POSIX.1-2024 `<sys/wait.h>`); `None` if it tells of no end.
    pub fn from_raw(stored: i32) -> Option<Status> {
        if libc::WIFEXITED(stored) {
            Some(Status::Exited(libc::WEXITSTATUS(stored) as u8))
        } else if libc::WIFSIGNALED(stored) {
            Some(Status::Signaled(libc::WTERMSIG(stored)))
        } else {
            None
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

/// `int kill(pid_t pid, int sig)`: 0 as the pid is the caller's process group, -1 is everybody.
///
/// Errors and source: POSIX.1-2024 `kill()`.
pub fn kill(pid: libc::pid_t, signal: i32) -> Result<()> {
    // SAFETY: takes numbers and no memory.
    int(unsafe { libc::kill(pid, signal) }).map(drop)
}
