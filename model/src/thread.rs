//! Threads: one process in several places.
//!
//! A thread has a place of its own among the processes, as it has in Linux: its own mask, its own pending
//! signals, its own call. What the threads of a process share is the same in the places of all of them,
//! and is made so behind every step. Threads are for what the standard says of signals; there are calls
//! that a process of several threads does not make here, see [`keeps_out`] and [`keeps_apart`].

use crate::clause::Aspect::{Blocking, Lifetime};
use crate::clause::Cond::Eq;
use crate::clause::Duty::Shall;
use crate::clause::Force::{Obliges, Permits};
use crate::clause::{
    Action, Clause, Envelope, Guard, Num, Number, action, effect, effect_of, number, posix,
};
use crate::descriptor::{self, CLOSE, DUP2, DUP3};
use crate::eventfd;
use crate::mechanism::Interrupted;
use crate::operation::{Actor, Gives, Operation, Param};
use crate::outcome::{Outcome, Value};
use crate::pipe;
use crate::process::{EXIT, FORK, KILL, WAITPID, WAITPID_OPTIONS};
use crate::signal::{self, KILL_SIGNALS, Pending, SETRLIMIT, SIGPROCMASK, Signals};
use crate::view::Change;
use crate::world::{Activity, Life, Process, World};

/// `int pthread_create(pthread_t *thread, ...)`: the thread makes the calls of an actor of its own.
pub static PTHREAD_CREATE: Operation = Operation {
    name: "pthread_create",
    params: &[],
    gives: Gives::Process,
    c: "pthread_create(&thread, NULL, start, NULL)",
};

/// `int pthread_kill(pthread_t thread, int sig)`.
pub static PTHREAD_KILL: Operation = Operation {
    name: "pthread_kill",
    params: &[Param::Process, Param::Word(KILL_SIGNALS)],
    gives: Gives::Nothing,
    c: "pthread_kill(%0, %1)",
};

/// `void pthread_exit(void *value)`.
pub static PTHREAD_EXIT: Operation =
    Operation { name: "pthread_exit", params: &[], gives: Gives::Never, c: "pthread_exit(NULL)" };

/// `int pthread_join(pthread_t thread, void **value)`.
pub static PTHREAD_JOIN: Operation = Operation {
    name: "pthread_join",
    params: &[Param::Process],
    gives: Gives::Nothing,
    c: "pthread_join(%0, NULL)",
};

/// What programs can call here.
pub static OPERATIONS: &[&Operation] =
    &[&PTHREAD_CREATE, &PTHREAD_KILL, &PTHREAD_EXIT, &PTHREAD_JOIN];

/// Who waits for a thread goes on waiting.
pub const INTERRUPTED: &[(&Operation, Interrupted)] = &[(&PTHREAD_JOIN, Interrupted::Continues)];

/// Why a program with threads does not make that call, whoever makes it, if it does not: what is said of
/// threads is said of signals, and of what they interrupt.
pub fn keeps_out(operation: &'static Operation) -> Option<&'static str> {
    let own: [&[&Operation]; 5] = [
        descriptor::OPERATIONS,
        pipe::OPERATIONS,
        eventfd::OPERATIONS,
        signal::OPERATIONS,
        OPERATIONS,
    ];
    let others = [&EXIT, &FORK, &KILL, &WAITPID, &WAITPID_OPTIONS];
    let is_known = own.iter().any(|all| all.contains(&operation)) || others.contains(&operation);
    let several = signal::SENDS_TO_SEVERAL.contains(&operation) || operation == &SETRLIMIT;
    (!is_known || several).then_some("the model does not say what that does to threads")
}

/// Why a process does not make that call that has several threads, if it does not.
pub fn keeps_apart(operation: &'static Operation) -> Option<&'static str> {
    match operation {
        _ if operation == &SIGPROCMASK => {
            Some("the standard leaves it unspecified there: write `pthread_sigmask`")
        }
        _ if [&CLOSE, &DUP2, &DUP3].contains(&operation) => {
            Some("another thread may be in a call on that descriptor, and goes on with what it was")
        }
        _ => None,
    }
}

static LIVES: Number = number("lives", "1 if the thread has not ended.", |v| {
    let thread = v.target().and_then(|number| v.world.process(number));
    u64::from(thread.is_some_and(|thread| thread.life == Life::Live))
});

const STILL_LIVES: Guard =
    Guard { name: "the thread has not ended", cond: Eq(Num::Of(&LIVES), Num::N(1)) };
const HAS_ENDED: Guard =
    Guard { name: "the thread has ended", cond: Eq(Num::Of(&LIVES), Num::N(0)) };

static BEGIN: Action = action("another thread of the process begins", begin);
static INHERIT_MASK: Action = action("it has the mask of the caller", |c, thread| {
    let mask = c.process().map_or(0, |own| own.signals.blocked);
    if let Some(thread) = c.world.process_mut(thread as u8) {
        thread.signals.blocked = mask;
    }
});
static LEAVE: Action = action("the thread has ended, and the process goes on", |c, _| {
    let own = c.actor.process;
    c.world.abandon(Actor::first(own));
    leave(c.world, own);
});

fn begin(c: &mut Change<'_>, thread: u64) {
    let leader = c.world.leader(c.actor.process);
    let Some(process) = c.world.process(leader).cloned() else { return };
    // What is pending for the process is pending here too, whatever the mask will be.
    let alike = process.signals.of_child();
    let mut signals = Signals { blocked: u32::MAX, stack: false, ..alike };
    signals.replace_shared(sent_to_all(&process).copied());
    signals.blocked = 0;
    let Some(place) = c.world.process_mut(thread as u8) else { return };
    *place = Process {
        thread_of: Some(leader),
        parent: None,
        news: None,
        untold: Vec::new(),
        signals,
        activity: Activity::Returning(Outcome::Success(Value::Begun)),
        ..process
    };
}

/// Nothing is left of a thread but what its process has.
fn leave(world: &mut World, thread: u8) {
    if let Some(place) = world.process_mut(thread) {
        place.life = Life::Reaped;
        place.table = Vec::new();
        place.space = Default::default();
        place.timers = Default::default();
        place.signals = Signals::default();
    }
}

/// A process that ends takes its other threads with it.
pub(crate) fn end_with(world: &mut World, process: u8) {
    let others: Vec<u8> = world.members(process).filter(|one| *one != process).collect();
    for thread in others {
        world.abandon(Actor::first(thread));
        leave(world, thread);
    }
}

/// Whether some process has several threads.
pub(crate) fn are_there(world: &World) -> bool {
    world.processes.iter().any(|one| one.thread_of.is_some() && one.life == Life::Live)
}

/// What threads share is the same in the places of all: what a step has made of it in one of them.
pub(crate) fn share(before: &World, world: &mut World) {
    let leads =
        |number: &u8| world.leader(*number) == *number && world.members(*number).count() > 1;
    let leaders: Vec<u8> = (0..world.processes.len() as u8).filter(leads).collect();
    for leader in leaders {
        // One that is dying has its descriptors yet, and its threads may not know.
        let there = |life| matches!(life, Life::Live | Life::Dying(_));
        let is_there = |number: &u8| world.process(*number).is_some_and(|p| there(p.life));
        let members: Vec<u8> = world.members(leader).filter(is_there).collect();
        for from in &members {
            for part in PARTS {
                let (Some(old), Some(new)) = (before.process(*from), world.process(*from)) else {
                    continue;
                };
                // Who has just begun has it from the others.
                if old.life == Life::Unborn || (part.same)(old, new) {
                    continue;
                }
                let new = new.clone();
                for to in members.iter().filter(|to| *to != from) {
                    if let Some(to) = world.process_mut(*to) {
                        (part.copy)(&new, to);
                    }
                }
            }
        }
        tell_of_stops(world, leader, &members);
        let dropped: Vec<u8> = drops(world, &members);
        for number in &members {
            let Some(place) = world.process_mut(*number) else { continue };
            let signals = &mut place.signals;
            dropped.iter().for_each(|signal| signals.discard_shared(*signal));
        }
    }
}

/// What is pending for the process and does nothing: whichever thread does not block it takes it, and
/// nothing is left.
fn drops(world: &World, members: &[u8]) -> Vec<u8> {
    let places = || members.iter().filter_map(|number| world.process(*number));
    let pending = places().flat_map(|place| sent_to_all(place).map(|one| one.signal));
    let mut pending: Vec<u8> = pending.collect();
    pending.sort_unstable();
    pending.dedup();
    pending.retain(|signal| {
        places().any(|place| place.life == Life::Live && place.signals.drops(*signal))
    });
    pending
}

/// What is told of a process is told of the place that is the process.
fn tell_of_stops(world: &mut World, leader: u8, members: &[u8]) {
    for thread in members.iter().filter(|thread| **thread != leader) {
        let Some(place) = world.process_mut(*thread) else { continue };
        let (news, untold) = (place.news.take(), std::mem::take(&mut place.untold));
        if let Some(process) = world.process_mut(leader) {
            process.news = news.or(process.news);
            process.untold.extend(untold);
        }
    }
}

/// Something that threads share.
struct Part {
    same: fn(&Process, &Process) -> bool,
    copy: fn(&Process, &mut Process),
}

macro_rules! parts {
    ($($($field:ident).+;)*) => {
        &[$(Part {
            same: |old, new| old.$($field).+ == new.$($field).+,
            copy: |from, to| to.$($field).+.clone_from(&from.$($field).+),
        },)* Part {
            same: |old, new| sent_to_all(old).eq(sent_to_all(new)),
            copy: |from, to| to.signals.replace_shared(sent_to_all(from).copied()),
        }]
    };
}

static PARTS: &[Part] = parts! {
    table;
    user;
    group;
    stopped;
    space;
    timers;
    signals.ignored;
    signals.caught;
    signals.leaves_children;
    signals.stops_untold;
    signals.handlers;
    signals.limited;
    signals.alarm_rests;
};

/// What is pending for the process, whichever thread takes it.
fn sent_to_all(process: &Process) -> impl Iterator<Item = &Pending> {
    process.signals.queue.iter().filter(|one| !one.thread)
}

/// Whether another thread than that one would take a signal that is sent to their process: it does not
/// block it, or waits for it.
pub(crate) fn another_takes(world: &World, actor: u8, signal: u8) -> bool {
    let waits = |number: u8| {
        let call = world.in_call(Actor::first(number));
        call.is_some_and(|call| signal::waits_for(&call.call, signal))
    };
    let others = world.members(actor).filter(|number| *number != actor);
    let mut others = others.filter_map(|number| Some((number, world.process(number)?)));
    others.any(|(number, one)| {
        let open = one.signals.blocked & signal::bit(signal) == 0;
        one.life == Life::Live && (open || waits(number))
    })
}

/// The clauses, in the order of the page.
pub static CLAUSES: &[&[Clause]] = &[&[
    Clause {
        id: "thread.create.begins",
        on: &[&PTHREAD_CREATE],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("pthread_create()", "DESCRIPTION"),
        text: "Another thread of the process begins, with the mask of its creator; no signal is pending for it alone, and it has no alternate stack.",
        guards: &[],
        envelope: Envelope::Newborn,
        effects: &[effect_of(&BEGIN, Num::Chosen), effect_of(&INHERIT_MASK, Num::Chosen)],
    },
    Clause {
        id: "thread.exit.ends",
        on: &[&PTHREAD_EXIT],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("pthread_exit()", "DESCRIPTION"),
        text: "The thread ends, with what is pending for it alone; the process goes on with the others.",
        guards: &[],
        envelope: Envelope::Never,
        effects: &[effect(&LEAVE)],
    },
    Clause {
        id: "thread.join.returns",
        on: &[&PTHREAD_JOIN],
        force: Obliges,
        duty: Shall,
        aspect: Lifetime,
        source: posix("pthread_join()", "DESCRIPTION"),
        text: "Who waits for a thread goes on once it has ended.",
        guards: &[HAS_ENDED],
        envelope: Envelope::Nothing,
        effects: &[],
    },
    Clause {
        id: "thread.join.blocks",
        on: &[&PTHREAD_JOIN],
        force: Permits,
        duty: Shall,
        aspect: Blocking,
        source: posix("pthread_join()", "DESCRIPTION"),
        text: "Until then it sleeps, and no handler ends its sleep.",
        guards: &[STILL_LIVES],
        envelope: Envelope::Sleep,
        effects: &[],
    },
]];
