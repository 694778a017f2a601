//! The lower rungs: what POSIX.1-2024 has.

use std::os::fd::RawFd;

use ipc_impls::descriptor::{close, dup2, getfd, read, setfd, write};
use ipc_impls::process::{Status, exit, kill, waitpid};
use ipc_impls::{mapping, name, pipe, poll, signal, socket, timer};
use nix::libc;

use super::child::Lack;
use super::{Level, Rung};

const fn rung(
    level: Level,
    name: &'static str,
    hint: &'static str,
    attempt: fn() -> Result<(), Lack>,
) -> Rung {
    Rung { level, name, hint, attempt }
}

const NOTHING: &str = "nothing can be run without it";

pub(super) static RUNGS: &[Rung] = &[
    rung(Level::Processes, "fork, waitpid, _exit", NOTHING, || {
        child_that(|| exit(7), Status::Exited(7))
    }),
    rung(Level::Processes, "waitpid of one who is killed", NOTHING, || {
        child_that(|| suicide(libc::SIGKILL), Status::Signaled(libc::SIGKILL))
    }),
    rung(Level::Pipes, "pipe, write, read", NOTHING, || moves(pipe::pipe()?)),
    rung(Level::Pipes, "close, end-of-file", NOTHING, end_of_file),
    rung(Level::Pipes, "dup2, fcntl (F_GETFD, F_SETFD)", NOTHING, duplicates),
    rung(Level::Pipes, "a pipe over fork", NOTHING, over_fork),
    rung(Level::Signals, "sigaction, sigprocmask, sigpending, kill", NOTHING, is_pending),
    rung(Level::Signals, "sigwait", "programs with signals", waits),
    rung(Level::Signals, "alarm", "a deadline for what hangs", || {
        timer::alarm(1);
        signal::sigprocmask(libc::SIG_BLOCK, &[libc::SIGALRM])?;
        right(signal::sigwait(&[libc::SIGALRM])? == libc::SIGALRM)
    }),
    rung(Level::Signals, "clock_gettime (CLOCK_MONOTONIC)", "time limits of calls", || {
        let began = timer::monotonic();
        right((0..1_000_000).any(|_| timer::monotonic() > began))
    }),
    rung(Level::Signals, "poll", "the controller waits by it", asks),
    rung(Level::Memory, "socketpair (AF_UNIX, SOCK_STREAM)", "programs with sockets", || {
        moves(socket::socketpair(libc::SOCK_STREAM)?)
    }),
    rung(Level::Memory, "mmap (MAP_SHARED | MAP_ANONYMOUS) over fork", NOTHING, shares),
    rung(Level::Memory, "a directory for temporary files", "TMPDIR names another", makes_a_file),
];

pub(super) fn right(is: bool) -> Result<(), Lack> {
    if is { Ok(()) } else { Err(Lack::Wrong) }
}

/// A child that does this ends so.
pub(super) fn child_that(does: fn(), ends: Status) -> Result<(), Lack> {
    // SAFETY: this process has one thread.
    match unsafe { libc::fork() } {
        -1 => Err(ipc_impls::errno::Errno::last().into()),
        0 => {
            does();
            exit(0)
        }
        child => right(waitpid(child)? == Some(ends)),
    }
}

fn suicide(signal: i32) {
    let _ = kill(std::process::id() as i32, signal);
}

/// What goes in at one end, comes out at the other.
pub(super) fn moves([from, to]: [RawFd; 2]) -> Result<(), Lack> {
    right(write(to, b"told")? == 4)?;
    let mut buffer = [0; 8];
    right(read(from, &mut buffer)? == 4 && &buffer[..4] == b"told")
}

fn end_of_file() -> Result<(), Lack> {
    let [from, to] = pipe::pipe()?;
    close(to)?;
    right(read(from, &mut [0])? == 0)
}

fn duplicates() -> Result<(), Lack> {
    let [from, to] = pipe::pipe()?;
    let copy = dup2(to, 40)?;
    setfd(copy, libc::FD_CLOEXEC)?;
    right(copy == 40 && getfd(copy)? == libc::FD_CLOEXEC && getfd(to)? == 0)?;
    moves([from, copy])
}

fn over_fork() -> Result<(), Lack> {
    let [from, to] = pipe::pipe()?;
    // SAFETY: this process has one thread.
    match unsafe { libc::fork() } {
        -1 => Err(ipc_impls::errno::Errno::last().into()),
        0 => exit(i32::from(write(to, b"!") != Ok(1))),
        child => {
            close(to)?;
            let mut byte = [0];
            // It sleeps until the child has written, or is gone.
            right(read(from, &mut byte)? == 1 && byte == *b"!")?;
            right(read(from, &mut byte)? == 0)?;
            right(waitpid(child)? == Some(Status::Exited(0)))
        }
    }
}

fn is_pending() -> Result<(), Lack> {
    signal::sigprocmask(libc::SIG_BLOCK, &[libc::SIGUSR1])?;
    kill(std::process::id() as i32, libc::SIGUSR1)?;
    right(signal::sigpending(&[libc::SIGUSR1, libc::SIGUSR2])? == [libc::SIGUSR1])?;
    signal::sigaction(libc::SIGUSR1, signal::Disposition::Ignore)?;
    right(signal::sigpending(&[libc::SIGUSR1])?.is_empty())
}

fn waits() -> Result<(), Lack> {
    signal::sigprocmask(libc::SIG_BLOCK, &[libc::SIGUSR1])?;
    kill(std::process::id() as i32, libc::SIGUSR1)?;
    right(signal::sigwait(&[libc::SIGUSR1])? == libc::SIGUSR1)
}

fn asks() -> Result<(), Lack> {
    let [from, to] = pipe::pipe()?;
    let mut asked = [libc::pollfd { fd: from, events: libc::POLLIN, revents: 0 }];
    right(poll::poll(&mut asked, 0)? == 0)?;
    write(to, b"!")?;
    right(poll::poll(&mut asked, -1)? == 1 && asked[0].revents & libc::POLLIN != 0)
}

fn shares() -> Result<(), Lack> {
    let (prot, flags) =
        (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED | libc::MAP_ANONYMOUS);
    let at = mapping::mmap_anywhere(4096, prot, flags, -1, 0)?;
    let word = std::ptr::with_exposed_provenance_mut::<u32>(at);
    // SAFETY: this process has one thread.
    match unsafe { libc::fork() } {
        -1 => Err(ipc_impls::errno::Errno::last().into()),
        0 => {
            // SAFETY: the page is mapped, aligned, and nobody else uses it meanwhile.
            unsafe { word.write_volatile(1) };
            exit(0)
        }
        child => {
            right(waitpid(child)? == Some(Status::Exited(0)))?;
            // SAFETY: as above; the child has ended.
            right(unsafe { word.read_volatile() } == 1)
        }
    }
}

fn makes_a_file() -> Result<(), Lack> {
    let path = std::env::temp_dir().join(format!("ipc-conformance-probe-{}", std::process::id()));
    let path = std::ffi::CString::new(path.into_os_string().into_encoded_bytes());
    let path = path.map_err(|_| Lack::Wrong)?;
    name::mkdir(&path, 0o700)?;
    name::rmdir(&path)?;
    Ok(())
}
