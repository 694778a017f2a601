//! The numbers, answers and actions of processes on descriptors.

use super::{Pidfd, process};
use crate::clause::Cond::{All, Eq};
use crate::clause::{Action, Answer, Guard, Num, Number, action, by_sort, number};
use crate::descriptor::OPEN;
use crate::outcome::Value;
use crate::view::View;
use crate::world::{Life, Object};

/// Where the process is that the descriptor stands for.
fn life(v: &View<'_>) -> Option<Life> {
    v.world.process(process(v)?).map(|process| process.life)
}

/// Whether the descriptor leads there.
pub static IS_PIDFD: Number =
    by_sort("pidfd(fd)", "1 if the descriptor stands for a process.", |v| {
        u64::from(process(v).is_some())
    });
static BAD_FLAG: Number =
    number("bad flag", "1 if a flag is set that is not known.", |v| u64::from(v.flag("O_APPEND")));
static NAMED_IS_THERE: Number =
    number("there", "1 if the process that is named is known to the system.", |v| {
        let life = v.target().and_then(|number| v.world.process(number)).map(|p| p.life);
        u64::from(!matches!(life, None | Some(Life::Unborn | Life::Reaped)))
    });
static GONE: Number = number("gone", "1 if it has ended and was waited for.", |v| {
    u64::from(matches!(life(v), Some(Life::Reaped)))
});
static ENDED: Number = number("ended", "1 if it has ended, waited for or not.", |v| {
    u64::from(matches!(life(v), Some(Life::Zombie(_) | Life::Reaped)))
});
static MY_CHILD: Number =
    number("child", "1 if it is a child of the caller that was not waited for.", |v| {
        let found = process(v).and_then(|number| v.world.process(number));
        let mine = found.is_some_and(|found| found.parent == Some(v.actor.process));
        u64::from(mine && (GONE.read)(v) == 0)
    });
static NEGATIVE: Number =
    number("negative", "1 if the descriptor is a negative number.", |v| u64::from(v.arg(0) < 0));
static LENGTH_ASKED: Number =
    number("length", "0 if the length is negative, 2 if it is 2^31 bytes or more, else 1.", |v| {
        match v.arg(1) {
            ..0 => 0,
            0..=0x7fff_ffff => 1,
            _ => 2,
        }
    });

pub(super) const LENGTH: Guard = Guard {
    name: "the length is one below 2^31 bytes",
    cond: Eq(Num::Of(&LENGTH_ASKED), Num::N(1)),
};
pub(super) const LARGE_LENGTH: Guard =
    Guard { name: "the length is 2^31 bytes or more", cond: Eq(Num::Of(&LENGTH_ASKED), Num::N(2)) };
pub(super) const A_PIDFD: Guard =
    Guard { name: "it stands for a process", cond: Eq(Num::Of(&IS_PIDFD), Num::N(1)) };
pub(super) const NO_PIDFD: Guard = Guard {
    name: "it is closed, or does not stand for a process",
    cond: Eq(Num::Of(&IS_PIDFD), Num::N(0)),
};
pub(super) const KNOWN_FLAGS: Guard =
    Guard { name: "every flag is known", cond: Eq(Num::Of(&BAD_FLAG), Num::N(0)) };
pub(super) const UNKNOWN_FLAG: Guard =
    Guard { name: "a flag is unknown", cond: Eq(Num::Of(&BAD_FLAG), Num::N(1)) };
pub(super) const IT_IS_THERE: Guard = Guard {
    name: "the process is known to the system",
    cond: Eq(Num::Of(&NAMED_IS_THERE), Num::N(1)),
};
pub(super) const NOT_THERE: Guard = Guard {
    name: "the process is not known to the system",
    cond: Eq(Num::Of(&NAMED_IS_THERE), Num::N(0)),
};
pub(super) const WAS_WAITED_FOR: Guard =
    Guard { name: "its process was waited for", cond: Eq(Num::Of(&GONE), Num::N(1)) };
pub(super) const HAS_ENDED: Guard =
    Guard { name: "its process has ended", cond: Eq(Num::Of(&ENDED), Num::N(1)) };
pub(super) const CHILD_ENDED: Guard = Guard {
    name: "its process is a child of the caller that has ended",
    cond: All(&[Eq(Num::Of(&MY_CHILD), Num::N(1)), Eq(Num::Of(&ENDED), Num::N(1))]),
};
pub(super) const CHILD_LIVES: Guard = Guard {
    name: "its process is a child of the caller that has not ended",
    cond: All(&[Eq(Num::Of(&MY_CHILD), Num::N(1)), Eq(Num::Of(&ENDED), Num::N(0))]),
};
pub(super) const NOT_MY_CHILD: Guard = Guard {
    name: "its process is no child of the caller, or was waited for",
    cond: Eq(Num::Of(&MY_CHILD), Num::N(0)),
};
pub(super) const NOT_NEGATIVE: Guard =
    Guard { name: "its number is not negative", cond: Eq(Num::Of(&NEGATIVE), Num::N(0)) };
pub(super) const A_NEGATIVE_ONE: Guard = Guard {
    name: "it is closed, and its number is negative",
    cond: All(&[Eq(Num::Of(&OPEN), Num::N(0)), Eq(Num::Of(&NEGATIVE), Num::N(1))]),
};

pub(super) static HOW_IT_ENDED: Answer = Answer {
    name: "how it ended",
    value: |v| match life(v) {
        Some(Life::Zombie(status)) => Value::Status(status),
        _ => Value::Nothing,
    },
};

pub(super) static OPEN_IT: Action =
    action("the process has a descriptor, marked FD_CLOEXEC", |c, _| {
        let view = c.view();
        let (target, nonblock) = (view.target(), view.flag("PIDFD_NONBLOCK"));
        if let Some(process) = target {
            c.open_new(Object::Pidfd(Pidfd { process }), nonblock, true);
        }
    });
pub(super) static REAP: Action = action("nothing is left of it", |c, _| {
    if let Some(process) = process(&c.view()).and_then(|number| c.world.process_mut(number)) {
        process.life = Life::Reaped;
    }
});
