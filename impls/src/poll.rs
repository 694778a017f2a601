//! Readiness: the calls that ask for it and wait for it.

use std::time::Duration;

use nix::libc;

use crate::errno::{Result, int};
use crate::signal::set_of;

/// `int poll(struct pollfd fds[], nfds_t nfds, int timeout)`: how many have `revents`. The timeout is
/// in milliseconds; negative is for ever.
///
/// Errors and source: POSIX.1-2024 `poll()`.
pub fn poll(asked: &mut [libc::pollfd], timeout: i32) -> Result<i32> {
    // SAFETY: the list and its length are those of one exclusively borrowed slice.
    int(unsafe { libc::poll(asked.as_mut_ptr(), asked.len() as libc::nfds_t, timeout) })
}

/// `int ppoll(struct pollfd fds[], nfds_t nfds, const struct timespec *timeout, NULL)`: as [`poll`];
/// `None` is for ever.
///
/// Errors and source: POSIX.1-2024 `ppoll()`.
pub fn ppoll(asked: &mut [libc::pollfd], timeout: Option<Duration>) -> Result<i32> {
    let time = timeout.map(timespec);
    let time = time.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
    let len = asked.len() as libc::nfds_t;
    // SAFETY: the list and its length are those of one exclusively borrowed slice; the time is read
    // only, and no mask is given.
    int(unsafe { libc::ppoll(asked.as_mut_ptr(), len, time, std::ptr::null()) })
}

/// As [`ppoll`], with these signals as the mask while it waits.
pub fn ppoll_mask(
    asked: &mut [libc::pollfd],
    timeout: Option<Duration>,
    mask: &[i32],
) -> Result<i32> {
    let (time, mask) = (timeout.map(timespec), set_of(mask)?);
    let time = time.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
    let len = asked.len() as libc::nfds_t;
    // SAFETY: as for `ppoll`, with a whole set as the mask.
    int(unsafe { libc::ppoll(asked.as_mut_ptr(), len, time, &raw const mask) })
}

/// The sets that `select` takes and leaves: descriptors to be read, written, and with a condition.
pub struct Sets([libc::fd_set; 3]);

impl Sets {
    /// With these descriptors in each; those that no set can hold are left out.
    pub fn new(descriptors: impl Iterator<Item = (i32, [bool; 3])>) -> Sets {
        // SAFETY: all zeros is an empty set.
        let mut sets = Sets(unsafe { std::mem::zeroed() });
        for (fd, wanted) in descriptors.filter(|(fd, _)| holds(*fd)) {
            for (set, _) in sets.0.iter_mut().zip(wanted).filter(|(_, wanted)| *wanted) {
                // SAFETY: the number is one that a set holds.
                unsafe { libc::FD_SET(fd, set) };
            }
        }
        sets
    }

    /// In which sets a descriptor is.
    pub fn of(&self, fd: i32) -> [bool; 3] {
        // SAFETY: the number is one that a set holds.
        [0, 1, 2].map(|set| holds(fd) && unsafe { libc::FD_ISSET(fd, &raw const self.0[set]) })
    }
}

fn holds(fd: i32) -> bool {
    usize::try_from(fd).is_ok_and(|fd| fd < libc::FD_SETSIZE)
}

/// `int select(int nfds, fd_set *readfds, fd_set *writefds, fd_set *errorfds, struct timeval *timeout)`:
/// how many bits the sets are left with. `None` is for ever; microseconds count.
///
/// Errors and source: POSIX.1-2024 `select()`.
pub fn select(nfds: i32, sets: &mut Sets, timeout: Option<Duration>) -> Result<i32> {
    let mut time = timeout.map(|time| libc::timeval {
        tv_sec: time.as_secs() as libc::time_t,
        tv_usec: time.subsec_micros().into(),
    });
    let time = time.as_mut().map_or(std::ptr::null_mut(), std::ptr::from_mut);
    let [read, write, error] = sets.0.each_mut().map(std::ptr::from_mut);
    // SAFETY: three whole sets, and a time that the call may change.
    int(unsafe { libc::select(nfds, read, write, error, time) })
}

/// `int pselect(...)`: as [`select`], without a mask; nanoseconds count.
///
/// Errors and source: POSIX.1-2024 `pselect()`.
pub fn pselect(nfds: i32, sets: &mut Sets, timeout: Option<Duration>) -> Result<i32> {
    let time = timeout.map(timespec);
    let time = time.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
    let [read, write, error] = sets.0.each_mut().map(std::ptr::from_mut);
    // SAFETY: three whole sets; the time is read only, and no mask is given.
    int(unsafe { libc::pselect(nfds, read, write, error, time, std::ptr::null()) })
}

/// As [`pselect`], with these signals as the mask while it waits.
pub fn pselect_mask(
    nfds: i32,
    sets: &mut Sets,
    timeout: Option<Duration>,
    mask: &[i32],
) -> Result<i32> {
    let (time, mask) = (timeout.map(timespec), set_of(mask)?);
    let time = time.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
    let [read, write, error] = sets.0.each_mut().map(std::ptr::from_mut);
    // SAFETY: three whole sets, and a whole mask; the time is read only.
    int(unsafe { libc::pselect(nfds, read, write, error, time, &raw const mask) })
}

/// The time as the kernel takes it.
pub(crate) fn timespec(time: Duration) -> libc::timespec {
    libc::timespec { tv_sec: time.as_secs() as libc::time_t, tv_nsec: time.subsec_nanos().into() }
}
