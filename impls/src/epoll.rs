//! Interest lists; not in POSIX.

use std::os::fd::RawFd;
use std::time::Duration;

use nix::libc;

use crate::errno::{Result, int};
use crate::poll::timespec;
use crate::signal::set_of;

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
/// `events` were filled, `maxevents` at most; the timeout is in milliseconds; negative is for ever.
///
/// # Panics
///
/// If `maxevents` is more than there are `events`: the call would fill what is not there.
///
/// Errors and source: `epoll_wait(2)` of Linux man-pages 6.9; not in POSIX.
pub fn epoll_wait(
    epfd: RawFd,
    events: &mut [libc::epoll_event],
    maxevents: i32,
    timeout: i32,
) -> Result<usize> {
    let place = place(events, maxevents);
    // SAFETY: there are at least as many events as the call may fill.
    int(unsafe { libc::epoll_wait(epfd, place, maxevents, timeout) }).map(|n| n as usize)
}

/// `int epoll_pwait(...)`: as [`epoll_wait`], without a mask.
///
/// # Panics
///
/// As [`epoll_wait`] does.
///
/// Errors and source: `epoll_wait(2)` of Linux man-pages 6.9; not in POSIX.
pub fn epoll_pwait(
    epfd: RawFd,
    events: &mut [libc::epoll_event],
    maxevents: i32,
    timeout: i32,
) -> Result<usize> {
    let (place, mask) = (place(events, maxevents), std::ptr::null());
    // SAFETY: there are at least as many events as the call may fill, and no mask is given.
    int(unsafe { libc::epoll_pwait(epfd, place, maxevents, timeout, mask) }).map(|n| n as usize)
}

/// As [`epoll_pwait`], with these signals as the mask while it waits.
///
/// # Panics
///
/// As [`epoll_wait`] does.
pub fn epoll_pwait_mask(
    epfd: RawFd,
    events: &mut [libc::epoll_event],
    maxevents: i32,
    timeout: i32,
    mask: &[i32],
) -> Result<usize> {
    let (place, mask) = (place(events, maxevents), set_of(mask)?);
    // SAFETY: there are at least as many events as the call may fill, and the mask is a whole set.
    let told = unsafe { libc::epoll_pwait(epfd, place, maxevents, timeout, &raw const mask) };
    int(told).map(|n| n as usize)
}

/// `int epoll_pwait2(..., const struct timespec *timeout, const sigset_t *sigmask)`: as [`epoll_wait`],
/// without a mask; nanoseconds count, and `None` is for ever. Asked of the kernel itself: not every C
/// library has it.
///
/// # Panics
///
/// As [`epoll_wait`] does.
///
/// Errors and source: `epoll_wait(2)` of Linux man-pages 6.9; not in POSIX.
pub fn epoll_pwait2(
    epfd: RawFd,
    events: &mut [libc::epoll_event],
    maxevents: i32,
    timeout: Option<Duration>,
) -> Result<usize> {
    let time = timeout.map(timespec);
    let time = time.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
    let (place, number) = (place(events, maxevents), libc::SYS_epoll_pwait2);
    let (mask, size) = (std::ptr::null::<libc::sigset_t>(), 0_usize);
    // SAFETY: as many events as the call may fill; the time is only read, and no mask is given.
    let told = unsafe { libc::syscall(number, epfd, place, maxevents, time, mask, size) };
    int(told as i32).map(|n| n as usize)
}

/// Where the events are told.
fn place(events: &mut [libc::epoll_event], maxevents: i32) -> *mut libc::epoll_event {
    let fits = usize::try_from(maxevents).is_ok_and(|most| most <= events.len());
    assert!(fits || maxevents < 0, "room for {}, not for {maxevents} events", events.len());
    events.as_mut_ptr()
}
