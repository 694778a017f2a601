//! Processes: birth by `fork`, another program by `exec`, end by `_exit` or a signal, and what the
//! parent learns of it.

use crate::clause::Aspect::{Blocking, Eof, Error, Lifetime};
use crate::clause::Cond::{All, Eq, Lt};
use crate::clause::Duty::Shall;
use crate::clause::Force::{Obliges, Permits};
use crate::clause::{
    Action, Answer, Clause, Envelope, Guard, Num, Number, action, effect, effect_of, number, posix,
};
use crate::errno::Errno::{ECHILD, ESRCH};
use crate::lasting::{Ending, Lasting, Place};
use crate::mapping::UNMAP_ALL;
use crate::mutex::HAS_NONE;
use crate::operation::{Actor, Gives, Operation, Param};
use crate::outcome::{Outcome, Signal, Status, Value};
use crate::pidfd::PIDFD_SEND_SIGNAL;
use crate::profile::Order;
use crate::ring::{HOLDS_NONE, INHERIT};
use crate::signal::{KILL_SIGNALS, RAISE, SIGNALS, SIGQUEUE};
use crate::view::{Change, View};
use crate::world::{Activity, Entry, Life};

/// `pid_t fork(void)`: returns in the parent and, once more, in the child.
pub static FORK: Operation =
    Operation { name: "fork", params: &[], gives: Gives::Process, c: "fork()" };

/// `int execve(...)`: the process runs the same program anew; the program text goes on behind it.
pub static EXEC: Operation =
    Operation { name: "exec", params: &[], gives: Gives::Nothing, c: "execve(self)" };

/// `void _exit(int status)`.
pub static EXIT: Operation =
    Operation { name: "_exit", params: &[Param::Number], gives: Gives::Never, c: "_exit(%0)" };

/// `pid_t waitpid(pid_t pid, int *stat_loc, 0)`.
pub static WAITPID: Operation = Operation {
    name: "waitpid",
    params: &[Param::Process],
    gives: Gives::Status,
    c: "waitpid(%0, &status, 0)",
};

/// `int kill(pid_t pid, int sig)`.
pub static KILL: Operation = Operation {
    name: "kill",
    params: &[Param::Process, Param::Word(KILL_SIGNALS)],
    gives: Gives::Nothing,
    c: "kill(%0, %1)",
};

/// What programs can call here.
pub static OPERATIONS: &[&Operation] = &[&FORK, &EXEC, &EXIT, &WAITPID, &KILL];

/// What happens to a process that is to end: no call of anybody's, a step of the system's own.
pub static DEATH: Operation =
    Operation { name: "death", params: &[], gives: Gives::Nothing, c: "(death)" };

fn open_fds(v: &View<'_>) -> u64 {
    v.world.open_fds(v.actor.process).count() as u64
}

fn cloexec_fds(v: &View<'_>) -> u64 {
    v.world.open_fds(v.actor.process).filter(|(_, entry)| entry.cloexec).count() as u64
}

/// Which of some open descriptors may go next, the first and the last of them by place.
///
/// Linux (`fs/file.c` `close_files`, `fs/file_table.c` `fput`, 6.18) goes through the table in ascending
/// order, but what no reference is left to is put on a list, and the list is gone through from its end.
fn next_to_go(v: &View<'_>, wanted: impl Fn(&Entry) -> bool) -> (u64, u64) {
    let references = |entry: Entry| {
        v.world.descriptions.get(usize::from(entry.description)).map_or(0, |d| d.references)
    };
    let entries = v.world.open_fds(v.actor.process).map(|(_, entry)| entry).filter(wanted);
    let last: Vec<bool> =
        entries.map(|entry| entry.description != 0 && references(entry) == 1).collect();
    let end = last.len().saturating_sub(1);
    let place = last.iter().position(|last| !last).unwrap_or(end);
    match v.spec.profile.death {
        Order::Any => (0, end as u64),
        Order::SharedFirst => (place as u64, place as u64),
    }
}

fn life(v: &View<'_>, process: Option<u8>) -> Life {
    process.and_then(|number| v.world.process(number)).map_or(Life::Reaped, |process| process.life)
}

static OPEN_FDS: Number = number("open", "Descriptors that the process still has.", open_fds);
static FIRST_CHOICE: Number =
    number("first", "Which of the open ones may go next, counted from 0: the first.", |v| {
        next_to_go(v, |_| true).0
    });
static LAST_CHOICE: Number =
    number("last", "The last of those that may go next.", |v| next_to_go(v, |_| true).1);
static FIRST_MARKED: Number = number(
    "first marked",
    "Which of the marked ones may go next, counted from 0: the first.",
    |v| next_to_go(v, |entry| entry.cloexec).0,
);
static LAST_MARKED: Number =
    number("last marked", "The last of the marked ones that may go next.", |v| {
        next_to_go(v, |entry| entry.cloexec).1
    });
static CLOEXEC_FDS: Number =
    number("marked", "Descriptors of the caller with FD_CLOEXEC.", cloexec_fds);
static MY_CHILD: Number = number("child", "1 if the target is a child of the caller.", |v| {
    let target = v.target().and_then(|number| v.world.process(number));
    let born = |life| !matches!(life, Life::Unborn | Life::Reaped);
    u64::from(target.is_some_and(|t| t.parent == Some(v.actor.process) && born(t.life)))
});
static ENDED: Number = number("ended", "1 if the target has ended.", |v| {
    u64::from(matches!(life(v, v.target()), Life::Zombie(_)))
});
static THERE: Number = number("there", "1 if the target is known to the system.", |v| {
    u64::from(!matches!(life(v, v.addressee()), Life::Unborn | Life::Reaped))
});
static MYSELF: Number = number("self", "1 if the target is the caller.", |v| {
    u64::from(v.addressee() == Some(v.actor.process))
});
static SIGNAL: Number = number("signal", "0 for SIGKILL, 1 for none, more for others.", |v| {
    v.call.and_then(|call| call.call.find(|param| matches!(param, Param::Word(_)))).unwrap_or(2)
        as u64
});
static STATUS_ASKED: Number =
    number("status", "The low eight bits of the argument.", |v| v.arg(0) as u64 & 0xff);

const NONE_MARKED: Guard = Guard {
    name: "no descriptor is marked FD_CLOEXEC",
    cond: Eq(Num::Of(&CLOEXEC_FDS), Num::N(0)),
};
const SOME_MARKED: Guard =
    Guard { name: "a descriptor is marked FD_CLOEXEC", cond: Lt(Num::N(0), Num::Of(&CLOEXEC_FDS)) };
const HAS_FDS: Guard =
    Guard { name: "it has descriptors", cond: Lt(Num::N(0), Num::Of(&OPEN_FDS)) };
const HAS_NO_FDS: Guard =
    Guard { name: "it has no descriptor", cond: Eq(Num::Of(&OPEN_FDS), Num::N(0)) };
const CHILD_ENDED: Guard = Guard {
    name: "a child of the caller that has ended",
    cond: All(&[Eq(Num::Of(&MY_CHILD), Num::N(1)), Eq(Num::Of(&ENDED), Num::N(1))]),
};
const CHILD_LIVES: Guard = Guard {
    name: "a child of the caller that has not ended",
    cond: All(&[Eq(Num::Of(&MY_CHILD), Num::N(1)), Eq(Num::Of(&ENDED), Num::N(0))]),
};
const NOT_MY_CHILD: Guard =
    Guard { name: "no child of the caller", cond: Eq(Num::Of(&MY_CHILD), Num::N(0)) };
const OTHER_THERE: Guard = Guard {
    name: "another process, known to the system",
    cond: All(&[Eq(Num::Of(&THERE), Num::N(1)), Eq(Num::Of(&MYSELF), Num::N(0))]),
};
const IT_IS_THERE: Guard =
    Guard { name: "known to the system", cond: Eq(Num::Of(&THERE), Num::N(1)) };
const BY_SIGKILL: Guard = Guard { name: "by SIGKILL", cond: Eq(Num::Of(&SIGNAL), Num::N(0)) };
const BY_NOTHING: Guard = Guard { name: "by no signal", cond: Eq(Num::Of(&SIGNAL), Num::N(1)) };
const IT_IS_ME: Guard = Guard { name: "the caller itself", cond: Eq(Num::Of(&MYSELF), Num::N(1)) };
const NOT_THERE: Guard =
    Guard { name: "not known to the system", cond: Eq(Num::Of(&THERE), Num::N(0)) };

static HOW_IT_ENDED: Answer = Answer {
    name: "how it ended",
    value: |v| match life(v, v.target()) {
        Life::Zombie(status) => Value::Status(status),
        _ => Value::Nothing,
    },
};

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
static CLOSE_ONE: Action =
    action("the descriptor at place % lets go of its description", |c, n| {
        let process = c.actor.process;
        let chosen = c.world.open_fds(process).nth(n as usize);
        if let Some((fd, _)) = chosen {
            c.world.remove(process, fd as i64);
        }
    });
static BURY: Action = action("it has ended, and its children have no parent", |c, _| bury(c));
static REAP: Action = action("nothing is left of it", |c, _| {
    if let Some(target) = c.view().target()
        && let Some(process) = c.world.process_mut(target)
    {
        process.life = Life::Reaped;
    }
});
static DIE_OF_EXIT: Action = action("it ends with status %", |c, status| {
    die(c.world.process_mut(c.actor.process), Status::Exited(status as u8));
});
static CATCH_NOTHING: Action = action("no signal is caught", |c, _| {
    let Some(process) = c.process() else { return };
    for signal in 0..SIGNALS.len() as u8 {
        if process.signals.handler(signal).is_some() {
            process.signals.forget_handler(signal);
        }
    }
});
/// The caller is to end by `SIGPIPE`.
pub static DIE_OF_SIGPIPE: Action = action("it ends by SIGPIPE", |c, _| {
    die(c.world.process_mut(c.actor.process), Status::Signaled(Signal::SIGPIPE));
});
static DIE_OF_SIGKILL: Action = action("it ends by SIGKILL", |c, _| {
    die(c.world.process_mut(c.actor.process), Status::Signaled(Signal::SIGKILL));
});
static KILL_TARGET: Action = action("the target ends by SIGKILL", |c, _| {
    if let Some(target) = c.view().addressee() {
        die(c.world.process_mut(target), Status::Signaled(Signal::SIGKILL));
    }
});

fn spawn(c: &mut Change<'_>, child: u64) {
    let child = child as u8;
    let Some(parent) = c.world.process(c.actor.process).cloned() else { return };
    let Some(process) = c.world.process_mut(child) else { return };
    process.life = Life::Live;
    process.parent = Some(c.actor.process);
    process.user = parent.user;
    process.signals = parent.signals.of_child();
    process.space = parent.space.clone();
    process.table.clone_from(&parent.table);
    for entry in parent.table.iter().flatten() {
        c.world.share(entry.description);
    }
    c.world.set_activity(Actor::first(child), Activity::Returning(Outcome::Success(Value::Begun)));
}

/// The process is to end so, if it has not begun to.
pub(crate) fn die(victim: Option<&mut crate::world::Process>, status: Status) {
    if let Some(process) = victim
        && process.life == Life::Live
    {
        process.life = Life::Dying(status);
    }
}

fn bury(c: &mut Change<'_>) {
    let dead = c.actor.process;
    (UNMAP_ALL.run)(c, 0);
    if let Some(process) = c.process()
        && let Life::Dying(status) = process.life
    {
        process.life = Life::Zombie(status);
    }
    for number in 0..c.world.processes.len() as u8 {
        let orphan = c.world.process(number).is_some_and(|p| p.parent == Some(dead));
        if orphan && let Some(process) = c.world.process_mut(number) {
            process.parent = None;
        }
    }
}

/// The clauses, in the order of the page.
pub static CLAUSES: &[&[Clause]] = &[RULES];

static RULES: &[Clause] = &[
    Clause {
        id: "process.fork.shares",
        on: &[&FORK],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("fork()", "DESCRIPTION"),
        text: "The child shares every description of its parent, and both return.",
        guards: &[],
        envelope: Envelope::Newborn,
        effects: &[effect_of(&SPAWN, Num::Chosen), effect_of(&INHERIT, Num::Chosen)],
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
        text: "The other descriptors, the mask, and what is ignored or pending stay; what was mapped does not, and what was caught has its default.",
        guards: &[NONE_MARKED, HAS_NONE, HOLDS_NONE],
        envelope: Envelope::Nothing,
        effects: &[effect(&UNMAP_ALL), effect(&CATCH_NOTHING)],
    },
    Clause {
        id: "process.exit.ends",
        on: &[&EXIT],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("_exit()", "DESCRIPTION"),
        text: "The process ends with this status.",
        guards: &[],
        envelope: Envelope::Never,
        effects: &[effect_of(&DIE_OF_EXIT, Num::Of(&STATUS_ASKED))],
    },
    Clause {
        id: "process.death.closes",
        on: &[&DEATH],
        force: Obliges,
        duty: Shall,
        aspect: Eof,
        source: posix("_exit()", "Consequences of Process Termination"),
        text: "A process that ends, in whatever way, closes its descriptors.",
        guards: &[HAS_FDS],
        envelope: Envelope::Step(Num::Of(&FIRST_CHOICE), Num::Of(&LAST_CHOICE)),
        effects: &[effect_of(&CLOSE_ONE, Num::Chosen)],
    },
    Clause {
        id: "process.death.ends",
        on: &[&DEATH],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("_exit()", "Consequences of Process Termination"),
        text: "Once they are closed it has ended, and its parent can learn how.",
        guards: &[HAS_NO_FDS, HAS_NONE, HOLDS_NONE],
        envelope: Envelope::Step(Num::N(0), Num::N(0)),
        effects: &[effect(&BURY)],
    },
    Clause {
        id: "process.waitpid.tells",
        on: &[&WAITPID],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("wait()", "DESCRIPTION"),
        text: "The parent is told how the child ended, once.",
        guards: &[CHILD_ENDED],
        envelope: Envelope::Exactly(&HOW_IT_ENDED),
        effects: &[effect(&REAP)],
    },
    Clause {
        id: "process.waitpid.blocks",
        on: &[&WAITPID],
        force: Permits,
        duty: Shall,
        aspect: Blocking,
        source: posix("wait()", "DESCRIPTION"),
        text: "The parent waits for a child that has not ended.",
        guards: &[CHILD_LIVES],
        envelope: Envelope::Sleep,
        effects: &[],
    },
    Clause {
        id: "process.waitpid.err.echild",
        on: &[&WAITPID],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("wait()", "ERRORS"),
        text: "Who is no child of the caller, or was waited for before, cannot be waited for.",
        guards: &[NOT_MY_CHILD],
        envelope: Envelope::Error(ECHILD),
        effects: &[],
    },
    Clause {
        id: "process.kill.kills",
        on: &[&KILL, &SIGQUEUE, &PIDFD_SEND_SIGNAL],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("kill()", "DESCRIPTION"),
        text: "SIGKILL ends the target, whatever it is doing; one that has ended already stays as it is.",
        guards: &[OTHER_THERE, BY_SIGKILL],
        envelope: Envelope::Nothing,
        effects: &[effect(&KILL_TARGET)],
    },
    Clause {
        id: "process.kill.self",
        on: &[&KILL, &RAISE, &SIGQUEUE, &PIDFD_SEND_SIGNAL],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("kill()", "DESCRIPTION"),
        text: "A process can end itself by SIGKILL, and does not return.",
        guards: &[IT_IS_ME, BY_SIGKILL],
        envelope: Envelope::Never,
        effects: &[effect(&DIE_OF_SIGKILL)],
    },
    Clause {
        id: "process.kill.asks",
        on: &[&KILL, &RAISE, &SIGQUEUE, &PIDFD_SEND_SIGNAL],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("kill()", "DESCRIPTION"),
        text: "Signal 0 does nothing, and tells that the target is there, ended or not.",
        guards: &[IT_IS_THERE, BY_NOTHING],
        envelope: Envelope::Nothing,
        effects: &[],
    },
    Clause {
        id: "process.kill.err.esrch",
        on: &[&KILL, &SIGQUEUE],
        force: Obliges,
        duty: Shall,
        aspect: Error,
        source: posix("kill()", "ERRORS"),
        text: "Who was waited for is not there any more.",
        guards: &[NOT_THERE],
        envelope: Envelope::Error(ESRCH),
        effects: &[],
    },
];

/// How long what a process has to itself lasts.
pub const LASTING: &[Lasting] = &[
    Lasting {
        kind: "process",
        part: "a descriptor",
        ends: Ending::LastClose,
        place: Place::Memory,
        source: posix("exec", "DESCRIPTION"),
    },
    Lasting {
        kind: "process",
        part: "umask",
        ends: Ending::Process,
        place: Place::Memory,
        source: posix("exec", "DESCRIPTION"),
    },
    Lasting {
        kind: "process",
        part: "mask, and a pending signal",
        ends: Ending::Process,
        place: Place::Memory,
        source: posix("exec", "DESCRIPTION"),
    },
    Lasting {
        kind: "process",
        part: "`SIG_IGN`",
        ends: Ending::Process,
        place: Place::Memory,
        source: posix("exec", "DESCRIPTION"),
    },
];
