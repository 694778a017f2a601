//! A try in a process of its own, so that what crashes or hangs there is an answer and no end.

use std::fmt;

use ipc_impls::errno::Errno;
use ipc_impls::process::{self, Status};
use ipc_impls::signal;
use ipc_impls::timer;
use nix::libc;

/// How long one try may take, in seconds.
const PATIENCE: u32 = 5;
/// The exit status of who got an answer that no system should give.
const WRONG: u8 = 255;

/// Why a try did not succeed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lack {
    /// A call failed with this number.
    Errno(i32),
    /// A call answered something else than it was called for.
    Wrong,
}

impl From<Errno> for Lack {
    fn from(errno: Errno) -> Lack {
        Lack::Errno(errno.0)
    }
}

impl From<nix::errno::Errno> for Lack {
    fn from(errno: nix::errno::Errno) -> Lack {
        Lack::Errno(errno as i32)
    }
}

impl From<std::io::Error> for Lack {
    fn from(error: std::io::Error) -> Lack {
        error.raw_os_error().map_or(Lack::Wrong, Lack::Errno)
    }
}

/// How a try ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ended {
    /// All of it can be done.
    Well,
    /// It cannot.
    Lacking(Lack),
    /// The process that tried was ended by this signal.
    Crashed(i32),
    /// It did not come back.
    Hung,
    /// There can be no process to try it: `fork` failed with this number.
    NoProcess(i32),
    /// The end of the process that tried was not told.
    NotTold,
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let errno = |number: &i32| nix::errno::Errno::from_raw(*number);
        match self {
            Ended::Well => write!(f, "yes"),
            Ended::Lacking(Lack::Errno(number)) => write!(f, "NO ({:?})", errno(number)),
            Ended::Lacking(Lack::Wrong) => write!(f, "NO (a wrong answer)"),
            Ended::Crashed(signal) => write!(f, "NO (ended by signal {signal})"),
            Ended::Hung => write!(f, "NO (hung for {PATIENCE} s)"),
            Ended::NoProcess(number) => write!(f, "not tried (fork: {:?})", errno(number)),
            Ended::NotTold => write!(f, "not told (waitpid)"),
        }
    }
}

/// Runs the try in a child, and tells how that ended. The caller should have one thread.
pub(super) fn in_a_child(attempt: fn() -> Result<(), Lack>) -> Ended {
    // SAFETY: the child calls nothing that needs another thread of this process, and ends by `_exit`.
    match unsafe { libc::fork() } {
        -1 => Ended::NoProcess(nix::errno::Errno::last_raw()),
        0 => process::exit(status_of(attempt)),
        child => told(process::waitpid(child)),
    }
}

/// In the child: tries, under an alarm that ends it.
fn status_of(attempt: fn() -> Result<(), Lack>) -> i32 {
    let _ = signal::sigaction(libc::SIGALRM, signal::Disposition::Default);
    let _ = signal::sigprocmask(libc::SIG_SETMASK, &[]);
    timer::alarm(PATIENCE);
    match attempt() {
        Ok(()) => 0,
        Err(Lack::Errno(number)) if (1..WRONG.into()).contains(&number) => number,
        Err(_) => WRONG.into(),
    }
}

fn told(answer: Result<Option<Status>, Errno>) -> Ended {
    match answer {
        Ok(Some(Status::Exited(0))) => Ended::Well,
        Ok(Some(Status::Exited(WRONG))) => Ended::Lacking(Lack::Wrong),
        Ok(Some(Status::Exited(number))) => Ended::Lacking(Lack::Errno(number.into())),
        Ok(Some(Status::Signaled(libc::SIGALRM))) => Ended::Hung,
        Ok(Some(Status::Signaled(signal))) => Ended::Crashed(signal),
        _ => Ended::NotTold,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_a_try_ends_is_told() {
        assert_eq!(in_a_child(|| Ok(())), Ended::Well);
        assert_eq!(in_a_child(|| Err(Lack::Errno(38))), Ended::Lacking(Lack::Errno(38)));
        assert_eq!(in_a_child(|| Err(Lack::Wrong)), Ended::Lacking(Lack::Wrong));
        let crash = || {
            process::kill(std::process::id() as i32, libc::SIGKILL)?;
            Ok(())
        };
        assert_eq!(in_a_child(crash), Ended::Crashed(libc::SIGKILL));
        let hang = || {
            process::kill(std::process::id() as i32, libc::SIGALRM)?;
            Ok(())
        };
        assert_eq!(in_a_child(hang), Ended::Hung);
    }

    #[test]
    fn an_end_is_said_with_the_name_of_its_errno() {
        assert_eq!(Ended::Lacking(Lack::Errno(38)).to_string(), "NO (ENOSYS)");
        assert_eq!(Ended::NoProcess(11).to_string(), "not tried (fork: EAGAIN)");
    }
}
