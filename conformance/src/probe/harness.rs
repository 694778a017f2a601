//! The upper rungs: what the agents need, and what some programs need. Most of it is Linux's.

use std::os::fd::{AsFd, AsRawFd};

use ipc_impls::{epoll, eventfd, memory, pidfd, pipe, segment, signalfd, socket, timer};
use nix::libc;

use super::child::Lack;
use super::posix::{moves, right};
use super::{Level, Rung};
use crate::real;

const NEEDED: &str = "the agents cannot be started without it";
const PROC: &str = "`mount -t proc proc /proc` gives it";
const FEWER: &str = "programs with it are not supported";

const fn agents(name: &'static str, hint: &'static str, attempt: fn() -> Result<(), Lack>) -> Rung {
    Rung { level: Level::Agents, name, hint, attempt }
}

const fn optional(
    name: &'static str,
    hint: &'static str,
    attempt: fn() -> Result<(), Lack>,
) -> Rung {
    Rung { level: Level::Optional, name, hint, attempt }
}

pub(super) static RUNGS: &[Rung] = &[
    agents("/dev/null", "`mknod -m 666 /dev/null c 1 3` makes it", || {
        Ok(std::fs::File::options().read(true).write(true).open("/dev/null").map(drop)?)
    }),
    agents("/proc/self/exe", PROC, || Ok(std::fs::metadata("/proc/self/exe").map(drop)?)),
    agents("/proc/PID/stat", PROC, || {
        right(std::fs::read_to_string(format!("/proc/{}/stat", std::process::id()))?.contains(')'))
    }),
    agents("socketpair (AF_UNIX, SOCK_SEQPACKET)", NEEDED, || {
        moves(socket::socketpair(libc::SOCK_SEQPACKET)?)
    }),
    agents("SCM_RIGHTS", NEEDED, passes),
    agents("memfd_create", NEEDED, || Ok(memory::memfd_create(c"probe", 0).map(drop)?)),
    agents("prctl (PR_SET_CHILD_SUBREAPER)", NEEDED, || {
        // SAFETY: takes numbers and no memory.
        is_done(unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) }.into())
    }),
    agents("futex", NEEDED, || {
        let word = 0u32;
        // SAFETY: the word is there; nobody waits for it, so that nobody is woken.
        is_done(unsafe {
            libc::syscall(libc::SYS_futex, &raw const word, libc::FUTEX_WAKE, 1, 0, 0, 0)
        })
    }),
    optional(
        "proof of sleep (/proc/PID/syscall)",
        "silence is taken for sleep, and is slower",
        || {
            let path = format!("/proc/{}/syscall", std::process::id());
            right(!std::fs::read_to_string(path)?.is_empty())
        },
    ),
    optional("pidfd_open", "deaths are seen by /proc; programs with pidfds are refused", || {
        Ok(pidfd::pidfd_open(std::process::id() as i32, 0).map(drop)?)
    }),
    optional("eventfd", FEWER, || Ok(eventfd::eventfd(0, 0).map(drop)?)),
    optional("epoll_create1", FEWER, || Ok(epoll::epoll_create1(0).map(drop)?)),
    optional("signalfd", FEWER, || Ok(signalfd::signalfd(-1, &[libc::SIGUSR1], 0).map(drop)?)),
    optional("timer_create", FEWER, || Ok(timer::timer_create(Some(libc::SIGUSR1), 0).map(drop)?)),
    optional("pipe2 (O_DIRECT)", FEWER, || Ok(pipe::pipe2(libc::O_DIRECT).map(drop)?)),
    optional("shm_open (/dev/shm)", FEWER, opens_memory),
    optional("shmget (System V)", FEWER, || {
        let id = segment::shmget(libc::IPC_PRIVATE, 1, libc::IPC_CREAT | 0o600)?;
        Ok(segment::remove(id)?)
    }),
    optional("membarrier (rings)", FEWER, || {
        let ready = libc::MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED;
        // SAFETY: takes numbers and no memory.
        is_done(unsafe { libc::syscall(libc::SYS_membarrier, ready, 0, 0) })
    }),
    optional("unshare (CLONE_NEWIPC)", "System V segments: as root", || apart(libc::CLONE_NEWIPC)),
    optional("unshare (CLONE_NEWNS)", "programs that mount: as root", || apart(libc::CLONE_NEWNS)),
];

fn is_done(answer: libc::c_long) -> Result<(), Lack> {
    if answer < 0 { Err(ipc_impls::errno::Errno::last().into()) } else { Ok(()) }
}

fn passes() -> Result<(), Lack> {
    let (here, there) = real::socket::pair()?;
    let [from, to] = pipe::pipe()?;
    real::socket::put_fds(here.as_fd(), &[from])?;
    let got = real::socket::get_fds(there.as_raw_fd())?;
    right(got.len() == 1)?;
    moves([got[0].as_raw_fd(), to])
}

fn opens_memory() -> Result<(), Lack> {
    let name = std::ffi::CString::new(format!("/ipc-conformance-probe-{}", std::process::id()));
    let name = name.map_err(|_| Lack::Wrong)?;
    memory::shm_open(&name, libc::O_RDWR | libc::O_CREAT | libc::O_EXCL, 0o600)?;
    Ok(memory::shm_unlink(&name)?)
}

/// In a process of its own, which takes it away with itself.
fn apart(flags: i32) -> Result<(), Lack> {
    // SAFETY: takes numbers and no memory; this process has one thread.
    is_done(unsafe { libc::unshare(flags) }.into())
}
