//! Timers that send signals: the one that every process has (`alarm`, `setitimer`), and those that it
//! makes (`timer_create`).
//!
//! The model has no clock. A timer is armed for a *short* time or for a *long* one: a short one may
//! expire at any moment, by a step of the system's own ([`EXPIRY`]), and must have expired once it was
//! waited for until its time had long passed; a long one never expires while a program runs. What is
//! told of the time that is left is held to the monotonic clock, whose time is probed with every call
//! (see [`Moment`]).

mod expiry;
mod made;
mod own;
mod state;
mod terms;

pub use self::expiry::EXPIRY;
pub(crate) use self::expiry::{FORGET, TAKE_BACK, TIMERS_HAVE_SENT};
pub use self::made::{
    TIMER_CREATE, TIMER_DELETE, TIMER_GETOVERRUN, TIMER_GETTIME, TIMER_INTERVAL, TIMER_SETTIME,
};
pub use self::own::{ALARM, GETITIMER, GETITIMER_INTERVAL, SETITIMER};
pub use self::state::{Armed, LONG, Moment, Notice, Timer, Timers};
use crate::clause::Clause;
use crate::operation::Operation;

/// Nanoseconds in a millisecond.
pub const MS: u64 = 1_000_000;
/// Nanoseconds in a second.
pub const SECOND: u64 = 1_000_000_000;

/// What `timer_create` is told to do when the timer expires: nothing, or to send that signal, of
/// [`crate::signal::SIGNALS`]; or a number that is no signal's.
pub const EVENTS: &[&str] = &[
    "SIGEV_NONE",
    "SIGPIPE",
    "SIGUSR1",
    "SIGUSR2",
    "SIGTERM",
    "SIGWINCH",
    "SIGCHLD",
    "SIGCONT",
    "SIGTSTP",
    "SIGSTOP",
    "SIGALRM",
    "SIGRTMIN",
    "SIGRTMIN+1",
    "-1",
];
/// How many words stand in [`EVENTS`] before those of [`crate::signal::SIGNALS`].
pub const SIGNALLED: usize = 1;

/// What programs can call here.
pub static OPERATIONS: &[&Operation] = &[
    &ALARM,
    &SETITIMER,
    &GETITIMER,
    &GETITIMER_INTERVAL,
    &TIMER_CREATE,
    &TIMER_SETTIME,
    &TIMER_GETTIME,
    &TIMER_INTERVAL,
    &TIMER_GETOVERRUN,
    &TIMER_DELETE,
];

/// The clauses, in the order of the page.
pub static CLAUSES: &[&[Clause]] = &[own::CLAUSES, made::CLAUSES, expiry::CLAUSES];
