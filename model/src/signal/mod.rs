//! Signals: how they are sent, held back, waited for, and delivered; and what a delivery does to the
//! call that it meets.
//!
//! A signal that is sent is *pending* until it is *delivered* or *taken* by who waits for it. Delivery is
//! a step of the system's own ([`DELIVERY`]), as the death of a process is. A call that is *interrupted*
//! goes on by the rules of [`INTERRUPTION`], whichever call it was.

mod delivery;
mod group;
mod limit;
mod mask;
mod send;
mod stack;
mod state;
mod stop;
mod terms;
mod wait;

pub use self::delivery::{DELIVERY, INTERRUPTION};
pub(crate) use self::group::sent_by;
pub use self::group::{KILL_ALL, KILL_GROUP, KILL_OWN_GROUP, SENDS_TO_SEVERAL};
pub use self::limit::SETRLIMIT;
pub use self::mask::{
    PAUSE, PTHREAD_SIGMASK, SIGACTION, SIGACTION_HANDLER, SIGPENDING, SIGPROCMASK, SIGSUSPEND,
};
pub use self::send::{PEND_SIGPIPE, RAISE, SIGQUEUE};
pub use self::stack::{SIGALTSTACK, SIGALTSTACK_ASK, STACKS};
pub(crate) use self::state::NOBODY;
pub use self::state::{Frame, Handler, Pending, Signals, bit, is_realtime};
pub use self::stop::{CUT_BY_STOPS, names_a_stop};
pub use self::terms::{SIGPIPE_BLOCKED, SIGPIPE_IGNORED};
pub(crate) use self::wait::waits_for;
pub use self::wait::{SIGTIMEDWAIT, SIGWAIT, SIGWAITINFO};
use crate::clause::Clause;
use crate::mechanism::Interrupted;
use crate::operation::Operation;

/// The signals that programs speak of, as flags of a set and as words.
pub const SIGNALS: &[&str] = &[
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
];
/// The place of `SIGPIPE` in [`SIGNALS`].
pub const SIGPIPE: u8 = 0;
/// The place of `SIGWINCH`, which does nothing by default.
pub const SIGWINCH: u8 = 4;
/// The place of `SIGCHLD`, which does nothing by default, and which the end of a child sends.
pub const SIGCHLD: u8 = 5;
/// The place of `SIGCONT`, which makes who is stopped go on, whatever else is done about it.
pub const SIGCONT: u8 = 6;
/// The place of `SIGTSTP`, which stops by default.
pub const SIGTSTP: u8 = 7;
/// The place of `SIGSTOP`, about which nothing can be done.
pub const SIGSTOP: u8 = 8;
/// The place of `SIGALRM`, which the timer that every process has sends.
pub const SIGALRM: u8 = 9;
/// The place of the first that queues.
pub const SIGRTMIN: u8 = 10;
/// What `kill`, `raise` and `sigqueue` are given: those of [`SIGNALS`] behind the first [`SENT`] words,
/// and a number that is no signal's. `0` only asks.
pub const KILL_SIGNALS: &[&str] = &[
    "SIGKILL",
    "0",
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
/// How many words stand in [`KILL_SIGNALS`] before those of [`SIGNALS`].
pub const SENT: usize = 2;
/// The dispositions that `sigaction` sets without a handler.
pub const DISPOSITIONS: &[&str] = &["SIG_DFL", "SIG_IGN"];
/// What `sigprocmask` does with the set.
pub const HOW: &[&str] = &["SIG_BLOCK", "SIG_UNBLOCK", "SIG_SETMASK"];
/// What `sigaction` is told about a handler.
pub const SA_FLAGS: &[&str] =
    &["SA_RESTART", "SA_RESETHAND", "SA_NODEFER", "SA_NOCLDWAIT", "SA_NOCLDSTOP", "SA_ONSTACK"];
/// The calls that the handler interrupts begin anew.
pub const SA_RESTART: u32 = 1;
/// The handler runs once.
pub const SA_RESETHAND: u32 = 2;
/// Its own signal is not blocked while it runs.
pub const SA_NODEFER: u32 = 4;
/// Of `SIGCHLD`: of children that end nothing is left.
pub const SA_NOCLDWAIT: u32 = 8;
/// Of `SIGCHLD`: it is not sent of children that are stopped or go on.
pub const SA_NOCLDSTOP: u32 = 16;
/// The handler runs on the alternate stack, if there is one.
pub const SA_ONSTACK: u32 = 32;

/// What programs can call here.
pub static OPERATIONS: &[&Operation] = &[
    &SIGACTION,
    &SIGACTION_HANDLER,
    &SIGPROCMASK,
    &PTHREAD_SIGMASK,
    &SIGPENDING,
    &RAISE,
    &SIGQUEUE,
    &KILL_GROUP,
    &KILL_OWN_GROUP,
    &KILL_ALL,
    &SIGWAIT,
    &SIGWAITINFO,
    &SIGTIMEDWAIT,
    &SIGSUSPEND,
    &PAUSE,
    &SETRLIMIT,
    &SIGALTSTACK,
    &SIGALTSTACK_ASK,
];

/// How those of them go on that are interrupted, where they do not begin anew on request.
pub const INTERRUPTED: &[(&Operation, Interrupted)] = &[
    (&SIGWAIT, Interrupted::Continues),
    (&SIGWAITINFO, Interrupted::Open),
    (&SIGTIMEDWAIT, Interrupted::Open),
    (&SIGSUSPEND, Interrupted::Never),
    (&PAUSE, Interrupted::Never),
];

/// The clauses, in the order of the page.
pub static CLAUSES: &[&[Clause]] = &[
    mask::CLAUSES,
    send::CLAUSES,
    group::CLAUSES,
    limit::CLAUSES,
    stop::CLAUSES,
    wait::CLAUSES,
    stack::CLAUSES,
    delivery::CLAUSES,
];
