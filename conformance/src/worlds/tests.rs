//! Small worlds: they are as large as they are said to be, and what is broken in them is found.

use std::collections::{BTreeMap, BTreeSet};

use ipc_model::clause::{
    Action, Clause, Cond, Effect, Envelope, Force, Guard, Num, Number, action, effect, effect_of,
    number,
};
use ipc_model::errno::Errno;
use ipc_model::operation::Actor;
use ipc_model::spec::Spec;
use ipc_model::view::View;
use ipc_model::world::Object;

use super::always::{BYTES, numbers};
use super::commute::disjoint_pairs;
use super::*;

const MOST: usize = 200_000;

fn sound(scope: &Scope) -> Explored {
    let spec = scope.spec();
    explore(&Space::new(scope, &spec), MOST)
}

/// What is wrong with what was found in a scope, if anything.
fn complaint(scope: &Scope, found: &Explored) -> Option<String> {
    let name = scope.name;
    if let Some(failure) = &found.failure {
        let Counterexample { property, reason, trace } = failure;
        return Some(format!("{name}: {property}: {reason}\n{trace}"));
    }
    if !found.complete {
        return Some(format!("{name}: cut off at {}", found.states));
    }
    if let Some((sometimes, _)) = found.sometimes.iter().find(|(_, seen)| !seen) {
        return Some(format!("{name}: never seen: {}", sometimes.name));
    }
    let (now, pinned) = ((found.states, found.transitions), (scope.states, scope.transitions));
    (now != pinned).then(|| format!("{name}: {now:?} states and transitions, pinned {pinned:?}"))
}

#[test]
fn every_scope_holds_what_it_must_and_shows_what_it_should() {
    let small: Vec<&Scope> = SCOPES.iter().filter(|scope| !scope.large).collect();
    let found: Vec<Explored> = std::thread::scope(|threads| {
        let all: Vec<_> = small.iter().map(|scope| threads.spawn(|| sound(scope))).collect();
        all.into_iter().map(|thread| thread.join().expect("it does not panic")).collect()
    });
    let complaints = small.iter().zip(&found).filter_map(|(scope, found)| complaint(scope, found));
    let complaints: Vec<String> = complaints.collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    let states: usize = small.iter().map(|scope| scope.states).sum();
    assert!(states <= 1_150_000, "{states} states are too many for every day");

    let used: BTreeSet<&str> = found.iter().flat_map(|found| &found.used).copied().collect();
    let unused = found.iter().flat_map(|found| &found.unused);
    let nowhere: BTreeMap<&str, &str> =
        unused.filter(|(id, _)| !used.contains(id)).map(|(id, why)| (*id, why.as_str())).collect();
    let idle = nowhere.iter().find(|(_, why)| why.starts_with("it is enabled"));
    assert_eq!(idle, None, "a clause gives nothing where it can be used");
    assert!(nowhere.len() * 4 <= used.len(), "too little is used, {}: {nowhere:#?}", used.len());
}

/// What is found in a scope by rules that are those of its profile but for one change.
fn broken(name: &str, change: impl Fn(&mut Vec<Clause>)) -> Counterexample {
    let scope = Scope::named(name).expect("the scope is there");
    let mut clauses: Vec<Clause> = scope.spec().all().into_iter().copied().collect();
    change(&mut clauses);
    let spec = Spec::with_clauses(scope.profile, scope.numbers, clauses);
    let found = explore(&Space::new(scope, &spec), MOST);
    found.failure.unwrap_or_else(|| panic!("{name} does not notice"))
}

/// The clause of that id, to be changed.
fn the<'a>(clauses: &'a mut [Clause], id: &str) -> &'a mut Clause {
    clauses.iter_mut().find(|clause| clause.id == id).expect("the clause is there")
}

fn without(clauses: &mut Vec<Clause>, id: &str) {
    the(clauses, id);
    clauses.retain(|clause| clause.id != id);
}

fn unguarded(clause: &mut Clause, guard: &str) {
    let before = clause.guards.len();
    let rest: Vec<_> = clause.guards.iter().copied().filter(|g| g.name != guard).collect();
    assert_eq!(rest.len() + 1, before, "{} has the guard {guard:?}", clause.id);
    clause.guards = rest.leak();
}

fn and(clause: &mut Clause, more: Effect) {
    clause.effects = [clause.effects, &[more]].concat().leak();
}

static LEAK: Action = action("a reference is counted that is none", |c, _| {
    if let Some(description) = c.world.descriptions.last_mut() {
        description.references += 1;
    }
});
static MISCOUNT: Action = action("a writer is counted that is none", |c, _| {
    if let Some(Object::Pipe(pipe)) = c.object() {
        pipe.writers += 1;
    }
});
static LOSE_A_PAGE: Action = action("the last page is forgotten", |c, _| {
    if let Some(Object::Pipe(pipe)) = c.object() {
        pipe.slots.pop_back();
    }
});

static TAKE_ANOTHER: Action = action("the caller has another mutex as well", |c, _| {
    c.world.mutexes[2].owner = Some(c.actor.process);
});
static HAND_ON: Action = action("the next process has the caller's mutex", |c, _| {
    let next = (c.actor.process + 1) % c.world.processes.len() as u8;
    c.world.mutexes[0].owner = Some(next);
});

static KEEP_A_SIDE: Action = action("the caller counts as a side that it has closed", |c, _| {
    let rings = std::sync::Arc::make_mut(&mut c.world.rings);
    if let Some(ring) = rings.at_mut(0) {
        ring.sides[0].holders = 1 << c.actor.process;
    }
});

static TOO_SURE: Number = number("sure", "One more than the call asks for.", |v| {
    v.call.map_or(0, |call| call.call.len() + 1)
});

static LOOK_ASIDE: Action = action("O_NONBLOCK is set if another process is in a call", |c, _| {
    let others = (0..c.world.processes.len() as u8).filter(|other| *other != c.actor.process);
    let busy = others.map(Actor::first).any(|other| c.world.in_call(other).is_some());
    if let Some(subject) = c.subject {
        c.world.descriptions[usize::from(subject)].nonblock |= busy;
    }
});

/// A rule that is broken on purpose: the scope, what should be found broken there, and the change.
type Planted = (&'static str, &'static str, fn(&mut Vec<Clause>));

static PLANTED: &[Planted] = &[
    ("one-pipe", BYTES, |all| {
        the(all, "pipe.read.full").effects = &[];
    }),
    ("one-pipe", BYTES, |all| {
        let take = the(all, "pipe.read.full").effects[0];
        the(all, "pipe.read.full").effects = vec![take, take].leak();
    }),
    ("one-pipe", BYTES, |all| {
        let take = effect_of(the(all, "pipe.read.full").effects[0].action, Num::N(1));
        let append = the(all, "pipe.write.atomic");
        append.effects = vec![take, append.effects[0]].leak();
    }),
    ("long-writes-posix", BYTES, |all| {
        let effects = the(all, "pipe.write.long.step").effects;
        the(all, "pipe.write.long.step").effects = &effects[..1];
    }),
    ("packets", BYTES, |all| {
        let take = the(all, "pipe.read.full").effects[0];
        the(all, "pipe.read.packet.cut").effects = vec![take].leak();
    }),
    ("packets", BYTES, |all| {
        let gone = the(all, "pipe.read.packet.cut").effects;
        the(all, "pipe.read.full").effects = vec![effect_of(gone[0].action, Num::N(2))].leak();
    }),
    ("packets", BYTES, |all| {
        let short = *the(all, "pipe.read.short");
        let packet = the(all, "pipe.read.packet");
        (packet.envelope, packet.effects) = (short.envelope, short.effects);
    }),
    ("splices", BYTES, |all| {
        the(all, "pipe.splice.moves").effects = the(all, "pipe.tee.copies").effects;
    }),
    ("splices", BYTES, |all| {
        let take = the(all, "pipe.read.full").effects[0];
        the(all, "pipe.splice.moves").effects = vec![take].leak();
    }),
    ("tees", BYTES, |all| {
        the(all, "pipe.tee.copies").effects = the(all, "pipe.splice.moves").effects;
    }),
    ("tees", BYTES, |all| the(all, "pipe.tee.copies").effects = &[]),
    ("capacities", "the pages of a pipe hold what the pipe holds", |all| {
        without(all, "pipe.setpipe-sz.err.ebusy");
        unguarded(the(all, "pipe.setpipe-sz.keeps"), "what is stored has its pages");
    }),
    ("one-pipe", "a call says how much it put in", |all| {
        the(all, "pipe.write.atomic").effects = &[];
    }),
    ("nonblock-posix", "a call says how much it put in", |all| {
        let append = the(all, "pipe.write.long.nonblock").effects[0].action;
        and(the(all, "pipe.write.atomic.err.eagain"), effect_of(append, Num::N(1)));
    }),
    ("one-pipe", "a write of at most PIPE_BUF bytes goes in whole or not at all", |all| {
        let atomic = the(all, "pipe.write.atomic");
        atomic.envelope = Envelope::Count(Num::N(1), Num::N(1));
        atomic.effects = vec![effect_of(atomic.effects[0].action, Num::N(1))].leak();
    }),
    (
        "one-pipe",
        "a read is at end-of-file exactly when nothing is stored and no writer is left",
        |all| without(all, "pipe.read.eof"),
    ),
    (
        "one-pipe-posix",
        "a read is at end-of-file exactly when nothing is stored and no writer is left",
        |all| unguarded(the(all, "pipe.read.eof"), "nobody can write"),
    ),
    ("one-pipe-posix", "a description counts the descriptors that lead to it", |all| {
        and(the(all, "descriptor.dup.shares"), effect(&LEAK));
    }),
    (
        "one-pipe-posix",
        "a pipe counts who can read it and who can write it, and is gone when nobody can",
        |all| and(the(all, "pipe.write.atomic"), effect(&MISCOUNT)),
    ),
    ("one-pipe", "the pages of a pipe hold what the pipe holds", |all| {
        and(the(all, "pipe.write.atomic"), effect(&LOSE_A_PAGE));
    }),
    ("one-pipe", "what a call is obliged to do can be done", |all| {
        the(all, "pipe.write.atomic").envelope = Envelope::Count(Num::N(3), Num::N(2));
    }),
    ("one-pipe", "a call can go on, or may sleep", |all| without(all, "pipe.read.blocks")),
    ("asks", "what is surely ready, the promised call does without waiting", |all| {
        unguarded(the(all, "poll.ready.pipe.in"), "something is stored");
    }),
    ("asks-posix", "what is surely ready, the promised call does without waiting", |all| {
        let out = the(all, "poll.ready.pipe.out");
        out.force = Force::Obliges;
        unguarded(out, "PIPE_BUF bytes may go in");
    }),
    ("waits", "a call can go on, or may sleep", |all| without(all, "process.death.ends")),
    ("long-writes", "what surely goes in is no more than what may", |all| {
        let cond = Cond::Lt(Num::N(0), Num::Of(&TOO_SURE));
        let guard = Guard { name: "something surely fits", cond };
        the(all, "pipe.write.long.step").force = Force::ObligesWhen(guard);
    }),
    ("long-writes-posix", "what surely goes in is no more than what may", |all| {
        let cond = Cond::Lt(Num::N(0), Num::Of(&TOO_SURE));
        let guard = Guard { name: "something surely fits", cond };
        the(all, "pipe.write.long.step").force = Force::ObligesWhen(guard);
    }),
    ("descriptors", "at rest nobody is obliged", |all| {
        the(all, "descriptor.dup.shares").envelope = Envelope::Anything;
    }),
    (
        "long-writes-posix",
        "a call that was woken, left alone, is answered or sleeps again",
        |all| {
            the(all, "pipe.write.long.step").envelope = Envelope::Step(Num::N(0), Num::N(0));
        },
    ),
    ("one-pipe", "no two obligations contradict each other", |all| {
        let full = *the(all, "pipe.read.full");
        let refused = Envelope::Error(Errno::EAGAIN);
        all.push(Clause { id: "pipe.read.planted", envelope: refused, effects: &[], ..full });
    }),
    ("memory", "a call can go on, or may sleep", |all| without(all, "memory.offset.blocks")),
    ("memory", "a call can go on, or may sleep", |all| without(all, "memory.write.blocks")),
    (
        "timed-locks",
        "who has a mutex has not ended, and has no other of which the kernel is told",
        |all| {
            and(the(all, "mutex.lock.err.enolck"), effect(&TAKE_ANOTHER));
        },
    ),
    ("locks", "a mutex goes from one to the next only through nobody's hands", |all| {
        and(the(all, "mutex.trylock.err.edeadlk"), effect(&HAND_ON));
    }),
    ("rings", "a ring holds what its records say, and who has a side of it has not ended", |all| {
        and(the(all, "ring.close.ends"), effect(&KEEP_A_SIDE));
    }),
    ("rings", "messages come out of a ring whole, once and in order, and none is made up", |all| {
        the(all, "ring.recv.takes").effects = &[];
    }),
    ("signals", "what the profile does, POSIX allows", |all| {
        the(all, "pipe.write.epipe.pending").effects = &[];
    }),
    ("waits", "who may sleep under the profile may sleep under POSIX", |all| {
        without(all, "process.waitpid.err.echild");
        unguarded(
            the(all, "process.waitpid.blocks"),
            "there is nothing to tell of the children that it asks about",
        );
        unguarded(
            the(all, "process.waitpid.tells"),
            "of a child that it asks about there is something to tell",
        );
        without(all, "process.waitpid.tells");
    }),
];

#[test]
fn each_promise_is_found_broken_where_a_rule_is() {
    for (scope, promise, change) in PLANTED {
        let found = broken(scope, change);
        assert_eq!(found.property, *promise, "{scope}: {}\n{}", found.reason, found.trace);
        assert!(found.trace.lines().count() <= 20, "{}", found.trace);
    }
    for always in ALWAYS {
        let planted = PLANTED.iter().any(|(_, promise, _)| *promise == always.name);
        assert!(planted, "nothing shows that this can be broken: {}", always.name);
    }
}

#[test]
fn what_is_broken_is_shown_by_a_shortest_way() {
    let found = broken("one-pipe", |all| {
        unguarded(the(all, "pipe.read.eof"), "nothing is stored");
    });
    insta::assert_snapshot!(format!("{}\n{}\n{}", found.property, found.reason, found.trace), @r"
    a read is at end-of-file exactly when nothing is stored and no writer is left
    B: it can be told that it is over
        A  calls write(1, buf, 1), w0
        A  pipe.write.atomic, in goes w0[0..1], A is told 1
        A  calls close(1)
        A  descriptor.close.releases, A is told 0
        B  calls read(0, buf, 1)
      then
        A  runs
        B  in read(0, buf, 1), 0 moved; 0 → description 1
        description 1: reads object 1, 1 references
        object 1: a pipe with w0[0..1], 1 readers, 0 writers
    ");
}

#[test]
fn a_scope_in_which_something_never_happens_is_not_good() {
    let scope = Scope::named("two-pipes").expect("it is there");
    let silent = Scope { calls: &["*: close fd"], ..*scope };
    let found = sound(&silent);
    assert!(found.failure.is_none() && found.complete && !found.is_good());
    assert_eq!(found.sometimes.iter().filter(|(_, seen)| *seen).count(), 0);
}

#[test]
fn a_search_that_is_cut_off_is_not_good() {
    let scope = Scope::named("waits").expect("it is there");
    let spec = scope.spec();
    let found = explore(&Space::new(scope, &spec), 100);
    assert!(found.failure.is_none() && !found.complete && !found.is_good());
}

#[test]
fn who_is_alike_trades_places_and_nobody_else() {
    let waits = Scope::named("waits").expect("it is there");
    let spec = waits.spec();
    let mut space = Space::new(waits, &spec);
    assert_eq!(space.orders.len(), 6);
    (space.orders, space.alike) = (vec![vec![0, 1, 2]], Vec::new());
    let found = explore(&space, MOST);
    assert!(found.is_good());
    let fewest = found.states.div_ceil(6);
    assert!((fewest..found.states).contains(&waits.states), "{}", found.states);
    let pipes = Scope::named("one-pipe").expect("it is there");
    assert_eq!(Space::new(pipes, &spec).orders, [[0, 1]]);
}

#[test]
fn a_clause_that_is_not_used_is_told_why() {
    let found = sound(Scope::named("nonblock-posix").expect("it is there"));
    let why = |id: &str| found.unused.iter().find(|(unused, _)| *unused == id).map(|(_, why)| why);
    assert_eq!(why("pipe.read.eof").map(String::as_str), Some("never: nobody can write"));
    assert_eq!(why("pipe.read.err.eagain"), None);
    assert!(found.used.contains("pipe.read.err.eagain.late"));
}

#[test]
fn a_walk_goes_where_it_is_told_and_back() {
    insta::assert_snapshot!(walk_example());
    let scope = Scope::named("two-pipes").expect("it is there");
    let spec = scope.spec();
    let space = Space::new(scope, &spec);
    let start = walk_through(&space, &[]);
    for words in
        [&["1", "1", "r"][..], &["2", "u"], &["1", "1", "u", "u"], &["0"], &["1", "u", "u"]]
    {
        let walked = walk_through(&space, words);
        let last = walked.rsplit("> ").next().expect("it has a last").split_once('\n');
        let last = last.expect("the word has a line").1;
        let refused = last.lines().count() == 1;
        assert!(last == start || refused, "{words:?}: {walked}");
    }
    let mut walk = Walk::new(&space);
    for wrong in ["", "0", "99", "-1", "x", "1 2", "99999999999999999999"] {
        let Reply::Said(text) = walk.hear(wrong) else { panic!("{wrong:?} ends it") };
        assert_eq!(text.lines().count(), 1, "{wrong:?}: {text}");
    }
    assert_eq!(walk.shown(), start);
    assert!(matches!(walk.hear("q"), Reply::End));
}

#[test]
fn a_promise_that_compares_with_the_base_says_nothing_of_the_base() {
    let said = |name: &str| {
        let scope = Scope::named(name).expect("it is there");
        let found = explore(&Space::new(scope, &scope.spec()), 10);
        outcome(scope, &found, std::time::Duration::ZERO).matches("says nothing here").count()
    };
    assert_eq!((said("signals"), said("signals-posix")), (0, 2));
}

#[test]
fn steps_that_have_nothing_in_common_commute() {
    let scope = Scope::named("splices").expect("it is there");
    let pairs = disjoint_pairs(scope, &scope.spec()).unwrap_or_else(|which| panic!("{which}"));
    assert!(pairs > 1000, "{pairs} pairs show little");
    let mut clauses: Vec<Clause> = scope.spec().all().into_iter().copied().collect();
    and(the(&mut clauses, "pipe.write.atomic"), effect(&LOOK_ASIDE));
    let spec = Spec::with_clauses(scope.profile, scope.numbers, clauses);
    let found = disjoint_pairs(scope, &spec).expect_err("it looks aside");
    assert!(found.contains("pipe.write.atomic"), "{found}");
}

/// The values that a number has for each sort of descriptor, in all calls of all worlds that are small.
fn values_by_sort(is_meant: fn(&Number) -> bool) -> BTreeMap<(&'static str, usize), BTreeSet<u64>> {
    let mut values: BTreeMap<(&str, usize), BTreeSet<u64>> = BTreeMap::new();
    for scope in SCOPES.iter().filter(|scope| scope.states < 10_000) {
        let spec = scope.spec();
        let mut meant = Vec::new();
        for guard in spec.all().iter().flat_map(|clause| clause.guards) {
            numbers_of(&guard.cond, &mut meant);
        }
        meant.retain(|number| is_meant(number));
        meant.sort_by_key(|number| std::ptr::from_ref(*number));
        meant.dedup();
        each(&Space::new(scope, &spec), MOST, &mut |world| {
            let processes = 0..world.processes.len() as u8;
            let actors = processes.map(Actor::first);
            for actor in actors.filter(|actor| world.in_call(*actor).is_some()) {
                let view = View::new(&spec, world, actor);
                let sort = view.sort();
                assert!(sort < View::SORTS);
                for number in &meant {
                    values.entry((number.name, sort)).or_default().insert((number.read)(&view));
                }
            }
        });
    }
    values
}

fn numbers_of(cond: &'static Cond, all: &mut Vec<&'static Number>) {
    match cond {
        Cond::Lt(a, b) | Cond::Le(a, b) | Cond::Eq(a, b) => {
            [a, b].iter().for_each(|num| numbers(num, &mut |number| all.push(number)));
        }
        Cond::Not(cond) => numbers_of(cond, all),
        Cond::All(conds) | Cond::Any(conds) => {
            conds.iter().for_each(|cond| numbers_of(cond, all));
        }
    }
}

/// Rules are not looked at that the sort of a descriptor rules out: so it must say all that is said to
/// be said by it.
#[test]
fn what_is_said_by_the_sort_is_the_same_for_all_of_it() {
    let values = values_by_sort(|number| number.by_sort);
    let several = values.iter().filter(|(_, values)| values.len() > 1);
    assert_eq!(several.map(|(name, _)| name).collect::<Vec<_>>(), [&("", 0); 0]);
    let told: BTreeSet<&str> = values.keys().map(|(name, _)| *name).collect();
    assert!(told.len() >= 12, "{told:?}");
    // What is in a pipe is not said by its sort, and that is seen.
    let others = values_by_sort(|number| number.name == "|data|");
    assert!(others.values().any(|values| values.len() > 1), "{others:?}");
}
