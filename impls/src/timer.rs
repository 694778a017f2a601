//! Timers that send signals, and the monotonic clock. Signals are plain numbers, times are nanoseconds.

use std::mem::MaybeUninit;

use nix::libc;

use crate::errno::{Result, int};

/// A time as these calls take it: -1 stands for what is no time.
fn seconds(time: i64) -> (libc::time_t, i64) {
    match time {
        ..0 => (0, -1),
        time => (time / 1_000_000_000, time % 1_000_000_000),
    }
}

fn timeval(time: i64) -> libc::timeval {
    let (tv_sec, nanoseconds) = seconds(time);
    libc::timeval { tv_sec, tv_usec: if nanoseconds < 0 { -1 } else { nanoseconds / 1_000 } }
}

fn timespec(time: i64) -> libc::timespec {
    let (tv_sec, tv_nsec) = seconds(time);
    libc::timespec { tv_sec, tv_nsec }
}

/// A time until a timer expires, and the interval behind that, in nanoseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Times {
    /// `it_value`.
    pub value: i64,
    /// `it_interval`.
    pub interval: i64,
}

impl Times {
    fn of_itimer(told: &libc::itimerval) -> Times {
        let time = |time: libc::timeval| time.tv_sec * 1_000_000_000 + time.tv_usec * 1_000;
        Times { value: time(told.it_value), interval: time(told.it_interval) }
    }

    fn of_timer(told: &libc::itimerspec) -> Times {
        let time = |time: libc::timespec| time.tv_sec * 1_000_000_000 + time.tv_nsec;
        Times { value: time(told.it_value), interval: time(told.it_interval) }
    }
}

/// `unsigned alarm(unsigned seconds)`: the seconds that were left.
///
/// Errors: none. Source: POSIX.1-2024 `alarm()`.
pub fn alarm(seconds: u32) -> u32 {
    // SAFETY: takes a number and no memory.
    unsafe { libc::alarm(seconds) }
}

/// `int setitimer(ITIMER_REAL, const struct itimerval *new, struct itimerval *old)`: what was left.
///
/// Errors and source: `getitimer(2)` of Linux man-pages 6.9; POSIX.1-2024 does not have it any more.
pub fn setitimer(times: Times) -> Result<Times> {
    let new =
        libc::itimerval { it_value: timeval(times.value), it_interval: timeval(times.interval) };
    let mut old = MaybeUninit::<libc::itimerval>::uninit();
    // SAFETY: both are whole structures, of which the call fills the second.
    int(unsafe { libc::setitimer(libc::ITIMER_REAL, &raw const new, old.as_mut_ptr()) })?;
    // SAFETY: the call succeeded, and so has filled it.
    Ok(Times::of_itimer(&unsafe { old.assume_init() }))
}

/// `int getitimer(ITIMER_REAL, struct itimerval *now)`.
///
/// Errors and source: `getitimer(2)` of Linux man-pages 6.9; POSIX.1-2024 does not have it any more.
pub fn getitimer() -> Result<Times> {
    let mut now = MaybeUninit::<libc::itimerval>::uninit();
    // SAFETY: the call fills the structure that it is given.
    int(unsafe { libc::getitimer(libc::ITIMER_REAL, now.as_mut_ptr()) })?;
    // SAFETY: the call succeeded, and so has filled it.
    Ok(Times::of_itimer(&unsafe { now.assume_init() }))
}

/// A timer as the system names it.
pub type Id = libc::timer_t;

/// `int timer_create(CLOCK_MONOTONIC, struct sigevent *evp, timer_t *timerid)`, with `SIGEV_SIGNAL` and a
/// value, or `SIGEV_NONE`.
///
/// Errors and source: POSIX.1-2024 `timer_create()`.
pub fn timer_create(signal: Option<i32>, value: i32) -> Result<Id> {
    // SAFETY: all zeros is a valid `sigevent`.
    let mut event: libc::sigevent = unsafe { std::mem::zeroed() };
    event.sigev_notify = if signal.is_some() { libc::SIGEV_SIGNAL } else { libc::SIGEV_NONE };
    event.sigev_signo = signal.unwrap_or(0);
    // The integer lies where the pointer begins.
    let mut bytes = [0; size_of::<usize>()];
    bytes[..size_of::<i32>()].copy_from_slice(&value.to_ne_bytes());
    let sival_ptr = std::ptr::without_provenance_mut(usize::from_ne_bytes(bytes));
    event.sigev_value = libc::sigval { sival_ptr };
    let mut id = MaybeUninit::<libc::timer_t>::uninit();
    // SAFETY: the event is a whole one, and the call fills the other.
    int(unsafe { libc::timer_create(libc::CLOCK_MONOTONIC, &raw mut event, id.as_mut_ptr()) })?;
    // SAFETY: the call succeeded, and so has filled it.
    Ok(unsafe { id.assume_init() })
}

/// `int timer_settime(timer_t timerid, 0, const struct itimerspec *new, struct itimerspec *old)`: what was
/// left.
///
/// Errors and source: POSIX.1-2024 `timer_settime()`.
///
/// # Safety
///
/// The C library takes `id` for what it gave, or for a number that no timer has.
pub unsafe fn timer_settime(id: Id, times: Times) -> Result<Times> {
    let new =
        libc::itimerspec { it_value: timespec(times.value), it_interval: timespec(times.interval) };
    let mut old = MaybeUninit::<libc::itimerspec>::uninit();
    // SAFETY: both are whole structures, of which the call fills the second; the caller answers for `id`.
    int(unsafe { libc::timer_settime(id, 0, &raw const new, old.as_mut_ptr()) })?;
    // SAFETY: the call succeeded, and so has filled it.
    Ok(Times::of_timer(&unsafe { old.assume_init() }))
}

/// `int timer_gettime(timer_t timerid, struct itimerspec *now)`.
///
/// Errors and source: POSIX.1-2024 `timer_gettime()`.
///
/// # Safety
///
/// As [`timer_settime`].
pub unsafe fn timer_gettime(id: Id) -> Result<Times> {
    let mut now = MaybeUninit::<libc::itimerspec>::uninit();
    // SAFETY: the call fills the structure that it is given; the caller answers for `id`.
    int(unsafe { libc::timer_gettime(id, now.as_mut_ptr()) })?;
    // SAFETY: the call succeeded, and so has filled it.
    Ok(Times::of_timer(&unsafe { now.assume_init() }))
}

/// `int timer_getoverrun(timer_t timerid)`.
///
/// Errors and source: POSIX.1-2024 `timer_getoverrun()`.
///
/// # Safety
///
/// As [`timer_settime`].
pub unsafe fn timer_getoverrun(id: Id) -> Result<i32> {
    // SAFETY: the caller answers for `id`.
    int(unsafe { libc::timer_getoverrun(id) })
}

/// `int timer_delete(timer_t timerid)`.
///
/// Errors and source: POSIX.1-2024 `timer_delete()`.
///
/// # Safety
///
/// As [`timer_settime`].
pub unsafe fn timer_delete(id: Id) -> Result<()> {
    // SAFETY: the caller answers for `id`.
    int(unsafe { libc::timer_delete(id) }).map(drop)
}

/// `int clock_gettime(CLOCK_MONOTONIC, struct timespec *tp)`, in nanoseconds.
///
/// Errors: none for this clock. Source: POSIX.1-2024 `clock_gettime()`.
pub fn monotonic() -> u64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a whole `timespec`, of ours.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut now) };
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}
