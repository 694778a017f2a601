//! Interest lists (`epoll`): descriptors that are asked about again and again.
//!
//! Not in POSIX. A registration belongs to a descriptor's number and to the description behind it, and
//! ends with the description. What is reported, and when once only, is said by [`rules`]; what is news
//! to a registration that is told of news only, by [`stir`](edge::stir), for every kind of object.

mod ctl;
mod edge;
mod ends;
mod rules;
mod terms;

use std::hash::Hasher;

pub use self::edge::{Deed, Stirred, stir, stirs, watched};
pub use self::ends::ENDS;
pub use self::rules::{LASTING, LAW};
pub(crate) use self::terms::{A_LIST, ALL_SEEN, NONE_FOUND, PLACE};
pub use self::terms::{IS_LIST, forget_news};
use crate::clause::Clause;
use crate::mechanism::Interrupted;
use crate::object::{Kind, feed};
use crate::operation::{Gives, Operation, Param};
use crate::signal::SIGNALS;

/// What can be asked of a descriptor, and how it is told. `EPOLLRDHUP` is an event of connections, which
/// nothing here is; `EPOLLWAKEUP` keeps a machine awake, which no program sees. `early!` is no event: it says that a system
/// told that the time was up and it was not.
pub const EVENTS: &[&str] = &[
    "EPOLLIN",
    "EPOLLOUT",
    "EPOLLPRI",
    "EPOLLERR",
    "EPOLLHUP",
    "EPOLLEXCLUSIVE",
    "EPOLLONESHOT",
    "EPOLLET",
    "EPOLLRDHUP",
    "EPOLLWAKEUP",
    "early!",
];
/// Those that a call can ask for.
pub const ASKED: &[&str] = EVENTS.split_at(EVENTS.len() - 1).0;
/// The flags of `epoll_create1`; `O_APPEND` stands for one that it does not take.
pub const EPOLL_FLAGS: &[&str] = &["EPOLL_CLOEXEC", "O_APPEND"];

/// `EPOLLEXCLUSIVE`, as a bit of what is asked.
pub const EXCLUSIVE: u32 = 1 << 5;
/// `EPOLLONESHOT`.
pub const ONESHOT: u32 = 1 << 6;
/// `EPOLLET`.
pub const EDGE: u32 = 1 << 7;
/// `EPOLLWAKEUP`.
pub const WAKEUP: u32 = 1 << 9;
/// The events themselves: the same bits as those of [`crate::poll::EVENTS`].
pub const HAPPENS: u32 = 0b1_1111;

/// An interest list.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Interests {
    /// The registrations, in the order in which they were made.
    pub items: Vec<Interest>,
}

/// A registration.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Interest {
    /// Names it among those of its list: the lowest number that was free.
    pub id: u8,
    /// The descriptor's number when it was made.
    pub fd: i32,
    /// The description behind it then.
    pub description: u16,
    /// Events and flags, by index in [`EVENTS`].
    pub asked: u32,
    /// Not, once `EPOLLONESHOT` has been used up.
    pub armed: bool,
    /// Whether there is news, where that matters.
    pub news: News,
    /// Whether it was left out of an answer for want of place.
    pub place: Place,
}

/// Where a registration stands in line.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Place {
    /// It was looked at for the last answer, or is new.
    Behind,
    /// It was not looked at for want of place.
    Left,
    /// Nor was it then, and it has been ready ever since.
    First,
}

/// Whether there is news since the last report.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum News {
    /// No.
    None,
    /// Some systems would say so.
    Perhaps,
    /// Yes, for one at least of those that are registered with `EPOLLEXCLUSIVE`.
    Owed,
    /// Yes.
    Sure,
}

impl Interest {
    /// Whether it is told of news only.
    pub fn by_news(&self) -> bool {
        self.asked & (EDGE | EXCLUSIVE) != 0
    }
}

impl Kind for Interests {
    fn file_type(&self) -> &'static str {
        "0"
    }

    fn name(&self) -> &'static str {
        "epoll"
    }

    fn outline(&self, mix: &mut dyn Hasher) {
        feed(self, mix);
    }
}

/// `int epoll_create1(int flags)`.
pub static EPOLL_CREATE1: Operation = Operation {
    name: "epoll_create1",
    params: &[Param::Flags(EPOLL_FLAGS)],
    gives: Gives::Fd,
    c: "epoll_create1(%0)",
};

/// `int epoll_ctl(int epfd, EPOLL_CTL_ADD, int fd, struct epoll_event *event)`.
pub static EPOLL_ADD: Operation = Operation {
    name: "epoll_ctl",
    params: &[Param::Fd, Param::Command("EPOLL_CTL_ADD"), Param::Fd, Param::Flags(ASKED)],
    gives: Gives::Nothing,
    c: "epoll_ctl(%0, EPOLL_CTL_ADD, %2, {%3})",
};

/// `int epoll_ctl(int epfd, EPOLL_CTL_MOD, int fd, struct epoll_event *event)`.
pub static EPOLL_MOD: Operation = Operation {
    name: "epoll_ctl",
    params: &[Param::Fd, Param::Command("EPOLL_CTL_MOD"), Param::Fd, Param::Flags(ASKED)],
    gives: Gives::Nothing,
    c: "epoll_ctl(%0, EPOLL_CTL_MOD, %2, {%3})",
};

/// `int epoll_ctl(int epfd, EPOLL_CTL_DEL, int fd, NULL)`.
pub static EPOLL_DEL: Operation = Operation {
    name: "epoll_ctl",
    params: &[Param::Fd, Param::Command("EPOLL_CTL_DEL"), Param::Fd],
    gives: Gives::Nothing,
    c: "epoll_ctl(%0, EPOLL_CTL_DEL, %2, NULL)",
};

/// `int epoll_wait(int epfd, struct epoll_event events[], int maxevents, int timeout)`: the registered
/// descriptors that are ready, each with its events, in any order. -1 waits for ever.
pub static EPOLL_WAIT: Operation = Operation {
    name: "epoll_wait",
    params: &[Param::Fd, Param::Number, Param::Timeout],
    gives: Gives::Events(EVENTS),
    c: "epoll_wait(%0, events, %1, %2)",
};

/// `int epoll_pwait(...)`, as `epoll_wait`, with no mask.
pub static EPOLL_PWAIT: Operation =
    Operation { name: "epoll_pwait", c: "epoll_pwait(%0, events, %1, %2, NULL)", ..EPOLL_WAIT };

/// `int epoll_pwait2(..., const struct timespec *timeout, const sigset_t *sigmask)`, as `epoll_wait`,
/// with the timeout in milliseconds and no mask.
pub static EPOLL_PWAIT2: Operation = Operation {
    name: "epoll_pwait2",
    c: "epoll_pwait2(%0, events, %1, %2 ms, NULL)",
    ..EPOLL_WAIT
};

/// `epoll_pwait` with a mask.
pub static EPOLL_PWAIT_MASK: Operation = Operation {
    name: "epoll_pwait",
    params: &[
        Param::Fd,
        Param::Number,
        Param::Timeout,
        Param::Command("mask"),
        Param::Flags(SIGNALS),
    ],
    c: "epoll_pwait(%0, events, %1, %2, {%4})",
    ..EPOLL_WAIT
};

/// The calls that wait.
pub const WAITS: &[&Operation] = &[&EPOLL_WAIT, &EPOLL_PWAIT, &EPOLL_PWAIT2, &EPOLL_PWAIT_MASK];

/// What becomes of these calls when a handler interrupts them.
pub const INTERRUPTED: &[(&Operation, Interrupted)] = &[
    (&EPOLL_WAIT, Interrupted::Never),
    (&EPOLL_PWAIT, Interrupted::Never),
    (&EPOLL_PWAIT_MASK, Interrupted::Never),
    (&EPOLL_PWAIT2, Interrupted::Never),
];

/// What programs can call here.
pub static OPERATIONS: &[&Operation] = &[
    &EPOLL_CREATE1,
    &EPOLL_ADD,
    &EPOLL_MOD,
    &EPOLL_DEL,
    &EPOLL_WAIT,
    &EPOLL_PWAIT,
    &EPOLL_PWAIT_MASK,
    &EPOLL_PWAIT2,
];

/// The clauses, in the order of the page.
pub static CLAUSES: &[&[Clause]] =
    &[ctl::CREATION, ctl::CHANGES, ctl::REFUSALS, rules::WAITING, rules::OTHERWISE];
