//! Interest lists; not in POSIX.

use std::os::fd::RawFd;

use nix::libc;

use crate::errno::{Result, int};

/// `int epoll_create1(int flags)`: `flags` are `EPOLL_*` bits.
///
/// Errors and source: `epoll_create(2)` of Linux man-pages 6.9; not in POSIX.
pub fn epoll_create1(flags: i32) -> Result<RawFd> {
    // SAFETY: takes a number and no memory.
    int(unsafe { libc::epoll_create1(flags) })
}

/// `int epoll_ctl(int epfd, int op, int fd, struct epoll_event *event)`: `op` is `EPOLL_CTL_*`, `events`
/// are `EPOLL*` bits, and `fd` is also what is told with them.
///
/// Errors and source: `epoll_ctl(2)` of Linux man-pages 6.9; not in POSIX.
pub fn epoll_ctl(epfd: RawFd, op: i32, fd: RawFd, events: u32) -> Result<()> {
    let mut event = libc::epoll_event { events, u64: u64::from(fd as u32) };
    // SAFETY: the pointer is to one event, which is only read.
    int(unsafe { libc::epoll_ctl(epfd, op, fd, &raw mut event) }).map(drop)
}

/// `int epoll_wait(int epfd, struct epoll_event events[], int maxevents, int timeout)`: how many of
/// `events` were filled. At most `maxevents` are, and no more than there are; the timeout is in
/// milliseconds; negative is for ever.
///
/// Errors and source: `epoll_wait(2)` of Linux man-pages 6.9; not in POSIX.
pub fn epoll_wait(
    epfd: RawFd,
    events: &mut [libc::epoll_event],
    maxevents: i32,
    timeout: i32,
) -> Result<usize> {
    let most = maxevents.min(events.len() as i32);
    // SAFETY: there are at least as many events as the call may fill.
    int(unsafe { libc::epoll_wait(epfd, events.as_mut_ptr(), most, timeout) }).map(|n| n as usize)
}
