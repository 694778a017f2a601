//! Birth by `fork`, and another program by `exec`.

use super::group::{INHERIT_GROUP, RUN_ANOTHER};
use super::pdeath::CHILD_ASKS_NOTHING;
use super::terms::{CLOEXEC_FDS, next_to_go};
use crate::clause::Aspect::{Eof, Lifetime};
use crate::clause::Cond::{Eq, Lt};
use crate::clause::Duty::{Shall, Unspecified};
use crate::clause::Force::{Obliges, Permits};
use crate::clause::{
    Action, Clause, Envelope, Guard, Num, Number, action, effect, effect_of, number, posix,
};
use crate::mapping::UNMAP_ALL;
use crate::mutex::{HAS_NONE, INHERIT_LOCKS};
use crate::operation::{Actor, Gives, Operation};
use crate::outcome::{Outcome, Value};
use crate::ring::{HOLDS_NONE, INHERIT};
use crate::signal::{SIGCHLD, bit};
use crate::timer::{FORGET, TAKE_BACK, TIMERS_HAVE_SENT};
use crate::view::Change;
use crate::world::{Activity, Entry, Life};

/// `pid_t fork(void)`: returns in the parent and, once more, in the child.
pub static FORK: Operation =
    Operation { name: "fork", params: &[], gives: Gives::Process, c: "fork()" };

/// `int execve(...)`: the process runs the same program anew; the program text goes on behind it.
pub static EXEC: Operation =
    Operation { name: "exec", params: &[], gives: Gives::Nothing, c: "execve(self)" };

static FIRST_MARKED: Number = number(
    "first marked",
    "Which of the marked ones may go next, counted from 0: the first.",
    |v| next_to_go(v, |entry| entry.cloexec).0,
);
static LAST_MARKED: Number =
    number("last marked", "The last of the marked ones that may go next.", |v| {
        next_to_go(v, |entry| entry.cloexec).1
    });
static SIGCHLD_IGNORED: Number =
    number("ignored(SIGCHLD)", "1 if the caller ignores SIGCHLD.", |v| {
        v.process().is_some_and(|own| own.signals.ignored & bit(SIGCHLD) != 0).into()
    });

const NONE_MARKED: Guard = Guard {
    name: "no descriptor is marked FD_CLOEXEC",
    cond: Eq(Num::Of(&CLOEXEC_FDS), Num::N(0)),
};
const SOME_MARKED: Guard =
    Guard { name: "a descriptor is marked FD_CLOEXEC", cond: Lt(Num::N(0), Num::Of(&CLOEXEC_FDS)) };
const CHILDREN_IGNORED: Guard =
    Guard { name: "SIGCHLD is ignored", cond: Eq(Num::Of(&SIGCHLD_IGNORED), Num::N(1)) };

static SPAWN: Action = action("the child shares every description, mask and dispositions", spawn);
static CLOSE_MARKED: Action =
    action("the marked descriptor at place % lets go of its description", |c, n| {
        let process = c.actor.process;
        let marked = |(_, entry): &(usize, Entry)| entry.cloexec;
        let chosen = c.world.open_fds(process).filter(marked).nth(n as usize);
        if let Some((fd, _)) = chosen {
            c.world.remove(process, fd as i64);
        }
    });
static CATCH_NOTHING: Action = action("no signal is caught", |c, _| {
    if let Some(process) = c.process() {
        process.signals.catch_nothing();
    }
});
static DEFAULT_SIGCHLD: Action = action("SIGCHLD has its default", |c, _| {
    if let Some(process) = c.process() {
        process.signals.dispose(SIGCHLD, false, None);
    }
});

fn spawn(c: &mut Change<'_>, child: u64) {
    let child = child as u8;
    let Some(parent) = c.world.process(c.actor.process).cloned() else { return };
    let maker = c.world.leader(c.actor.process);
    let Some(process) = c.world.process_mut(child) else { return };
    process.life = Life::Live;
    process.parent = Some(maker);
    process.user = parent.user;
    process.pdeath = parent.pdeath;
    (process.stopped, process.news, process.execed) = (false, None, false);
    process.signals = parent.signals.of_child();
    process.space = parent.space.clone();
    process.table.clone_from(&parent.table);
    for entry in parent.table.iter().flatten() {
        c.world.share(entry.description);
    }
    c.world.set_activity(Actor::first(child), Activity::Returning(Outcome::Success(Value::Begun)));
}

pub(super) static CLAUSES: &[Clause] = &[
    Clause {
        id: "process.fork.shares",
        on: &[&FORK],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("fork()", "DESCRIPTION"),
        text: "The child shares every description of its parent and is in its group, and both return.",
        guards: &[],
        envelope: Envelope::Newborn,
        effects: &[
            effect_of(&SPAWN, Num::Chosen),
            effect_of(&INHERIT, Num::Chosen),
            effect_of(&INHERIT_LOCKS, Num::Chosen),
            effect_of(&INHERIT_GROUP, Num::Chosen),
            effect_of(&CHILD_ASKS_NOTHING, Num::Chosen),
        ],
    },
    Clause {
        id: "process.exec.closes",
        on: &[&EXEC],
        force: Obliges,
        duty: Shall,
        aspect: Eof,
        source: posix("exec", "DESCRIPTION"),
        text: "Descriptors with FD_CLOEXEC are closed on the way.",
        guards: &[SOME_MARKED],
        envelope: Envelope::Step(Num::Of(&FIRST_MARKED), Num::Of(&LAST_MARKED)),
        effects: &[effect_of(&CLOSE_MARKED, Num::Chosen)],
    },
    Clause {
        id: "process.exec.keeps",
        on: &[&EXEC],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("exec", "DESCRIPTION"),
        text: "The other descriptors, the group, the mask, and what is ignored or pending stay; what was mapped does not, nor do timers that were made, and what was caught has its default.",
        guards: &[NONE_MARKED, HAS_NONE, HOLDS_NONE],
        envelope: Envelope::Nothing,
        effects: &[
            effect(&UNMAP_ALL),
            effect(&CATCH_NOTHING),
            effect(&RUN_ANOTHER),
            effect(&FORGET),
        ],
    },
    Clause {
        id: "process.exec.unspecified.sigchld",
        on: &[&EXEC],
        force: Permits,
        duty: Unspecified,
        aspect: Lifetime,
        source: posix("exec", "DESCRIPTION, SIGCHLD"),
        text: "Where SIGCHLD was ignored, it may have its default behind it.",
        guards: &[NONE_MARKED, HAS_NONE, HOLDS_NONE, CHILDREN_IGNORED],
        envelope: Envelope::Nothing,
        effects: &[
            effect(&UNMAP_ALL),
            effect(&CATCH_NOTHING),
            effect(&DEFAULT_SIGCHLD),
            effect(&RUN_ANOTHER),
            effect(&FORGET),
        ],
    },
    Clause {
        id: "process.exec.unspecified.timers",
        on: &[&EXEC],
        force: Permits,
        duty: Unspecified,
        aspect: Lifetime,
        source: posix("timer_delete()", "DESCRIPTION"),
        text: "What becomes of the signals of timers that it deletes is not said: they may be gone as well.",
        guards: &[NONE_MARKED, HAS_NONE, HOLDS_NONE, TIMERS_HAVE_SENT],
        envelope: Envelope::Nothing,
        effects: &[
            effect(&UNMAP_ALL),
            effect(&CATCH_NOTHING),
            effect(&RUN_ANOTHER),
            effect(&FORGET),
            effect(&TAKE_BACK),
        ],
    },
];
