//! The zygote: a process with one thread that forks agents, is the parent of all that lose theirs, and
//! is the janitor. It does nothing unasked; in particular it collects no child until it is asked for
//! something, so that no process id is used anew while a program runs.
//!
//! ```text
//! controller ──forks──► anchor ──► zygote            all three in no process group of a program
//!      ├─────────link─────────────────┘└──► agents (roots), their children …
//!      └────shared memory───────────────────────┘   in groups that roots lead, or others
//! ```
//! - The controller goes away: the link ends, the zygote ends all that it has made, collects them, and exits.
//! - The zygote goes away: what it has made is the anchor's, which ends it, and then itself.
//! - Both go away: as before. The anchor too: the system ends the roots with the zygote.

use std::ffi::CStr;
use std::os::fd::{AsRawFd, RawFd};
use std::time::{Duration, Instant};

use ipc_impls::errno::Errno;
use ipc_impls::process::{Forked, exit};
use ipc_impls::signal::{self, Disposition};
use nix::libc;

use super::agent::{Agent, begin_as_root, close_range, limit_descriptors};
use super::birth::fork;
use super::everybody;
use super::family;
use super::fault::AgentFault;
use super::frozen;
use super::layout::{BOARD_FD, DEFAULT_NOFILE, FIRST_FD, LINK_FD, RING_FD};
use super::socket::{self, Received};
use super::wire::{Reply, Request};

/// The hidden subcommand that is the zygote. Its standard input is the link; the fault may follow.
pub const ZYGOTE: &CStr = c"__zygote";

/// The hidden subcommand that a zygote execs to go on, with everything in its place.
pub const RESUMED: &CStr = c"__resumed";

/// How long the end of those that were killed may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Runs a zygote; the exit status.
pub fn zygote_main(args: &[&CStr]) -> i32 {
    be_plain();
    super::calls::pidfd::look_for_rules();
    if take_places().is_none() {
        // The controller went away before it had said anything.
        remove_scratch();
        return 1;
    }
    if frozen::freeze() {
        let words: Vec<&CStr> = [c"ipc-conformance", RESUMED].iter().chain(args).copied().collect();
        let _ = keep_on_exec(LINK_FD, true);
        let Err(_) = ipc_impls::process::exec(frozen::IMAGE, &words);
    }
    resume(args)
}

/// What a zygote does that has its descriptors in their places; the exit status.
pub fn resume(args: &[&CStr]) -> i32 {
    let fault = args.first().and_then(|arg| arg.to_str().ok()).and_then(AgentFault::parse);
    // Not before, for the image is tried with SIGALRM as its guard.
    if everybody::is_below_the_first() {
        let _ = signal::sigprocmask(libc::SIG_SETMASK, &super::calls::signal::numbers());
    }
    if keep_on_exec(LINK_FD, false).is_none() || go_on_below_an_anchor().is_none() {
        remove_scratch();
        return 1;
    }
    // Made once, and handed down by `fork`.
    let Some(mut agent) = Agent::new(0, DEFAULT_NOFILE, fault) else { return 1 };
    agent.segments().take_namespace();
    agent.mounts().take_namespace();
    let mut message = [0; 16];
    let mut reply = Reply::Ready { zygote: std::process::id() as i32 };
    loop {
        if socket::put(LINK_FD, &reply.encode()).is_err() {
            break;
        }
        let Ok(Received::Message(n)) = socket::get(LINK_FD, &mut message) else { break };
        reply = match Request::decode(&message[..n]) {
            Some(Request::Spawn { slot }) => {
                reap(libc::WNOHANG);
                Reply::Spawned(spawn(&mut agent, slot.into()))
            }
            Some(Request::Reap) => Reply::Reaped(reap(libc::WNOHANG)),
            Some(Request::Segments) => Reply::Removed(agent.segments().clear()),
            None => break,
        };
    }
    clean_up()
}

/// Leaves nothing of what the controller's surroundings may have set.
fn be_plain() {
    close_range(FIRST_FD, i32::MAX);
    for signal in 1..=libc::SIGRTMAX() {
        let _ = signal::sigaction(signal, Disposition::Default);
    }
    let _ = signal::sigprocmask(libc::SIG_SETMASK, &[]);
    // SAFETY: takes a number and cannot fail.
    unsafe { libc::umask(0o022) };
    adopt();
}

/// From now on whoever loses its parent below this process is its child. Children do not inherit that.
fn adopt() {
    // SAFETY: takes numbers and no memory.
    unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) };
}

/// Puts the harness's descriptors where they belong, and `/dev/null` where they came in.
fn take_places() -> Option<()> {
    limit_descriptors(u32::MAX);
    place(0, LINK_FD, libc::O_CLOEXEC)?;
    let null = std::fs::File::options().read(true).write(true).open("/dev/null").ok()?;
    for standard in 0..FIRST_FD {
        place(null.as_raw_fd(), standard, 0)?;
    }
    drop(null);
    let received = socket::get_fds(LINK_FD).ok()?;
    let [board, shared @ ..] = &received[..] else { return None };
    place(board.as_raw_fd(), BOARD_FD, 0)?;
    // Rings, and behind them portable mutexes; where this system has no rings it has none of these.
    for (number, shared) in (RING_FD..).zip(shared) {
        place(shared.as_raw_fd(), number, 0)?;
    }
    frozen::reserve()
}

fn place(fd: RawFd, number: RawFd, flags: i32) -> Option<()> {
    ipc_impls::descriptor::dup3(fd, number, flags).ok().map(drop)
}

fn keep_on_exec(fd: RawFd, keep: bool) -> Option<()> {
    let flags = if keep { 0 } else { libc::FD_CLOEXEC };
    // SAFETY: takes numbers and no memory.
    (unsafe { libc::fcntl(fd, libc::F_SETFD, flags) } == 0).then_some(())
}

/// Goes on in a child; this process is the anchor from now on, which ends what the zygote leaves.
fn go_on_below_an_anchor() -> Option<()> {
    // SAFETY: this process has one thread.
    match unsafe { fork() }.ok()? {
        Forked::Child => {
            adopt();
            Some(())
        }
        Forked::Parent(zygote) => be_anchor(zygote),
    }
}

fn be_anchor(zygote: libc::pid_t) -> ! {
    close_range(FIRST_FD, i32::MAX);
    // SAFETY: a null status is allowed.
    unsafe { libc::waitpid(zygote, std::ptr::null_mut(), 0) };
    exit(clean_up())
}

fn spawn(agent: &mut Agent, slot: usize) -> Result<i32, Errno> {
    // Before it is known that there is an agent, for commands may come as soon as it is.
    agent.take_slot(slot);
    let zygote = std::process::id();
    // SAFETY: this process has one thread.
    match unsafe { fork() }? {
        Forked::Child => {
            let _ = signal::sigprocmask(libc::SIG_SETMASK, &[]);
            begin_as_root(zygote, DEFAULT_NOFILE);
            agent.serve()
        }
        Forked::Parent(pid) => Ok(pid),
    }
}

/// Collects children, and says how many.
fn reap(flags: i32) -> u32 {
    let mut count = 0;
    // SAFETY: a null status is allowed.
    while unsafe { libc::waitpid(-1, std::ptr::null_mut(), flags) } > 0 {
        count += 1;
    }
    count
}

fn clean_up() -> i32 {
    family::end(Instant::now() + PATIENCE);
    remove_scratch();
    0
}

/// Removes the directory of the programs, which is everybody's working directory.
fn remove_scratch() {
    if let Ok(path) = std::env::current_dir() {
        super::scratch::remove(&path);
    }
}
