//! What must hold in every state and of everything that happens.
//!
//! None of it knows a clause. That bytes are conserved and when a pipe is at its end is said here
//! once more, on purpose, without the model's counters: by walking the tables and by comparing what
//! is in the pipes with what was told.

use ipc_model::clause::{Cond, Envelope, Force, Num, Number};
use ipc_model::mutex::ROBUST;
use ipc_model::operation::Gives;
use ipc_model::outcome::{Outcome, Value};
use ipc_model::profile::{POSIX2024, Room};
use ipc_model::view::View;

use ipc_model::world::{Activity, Description, InCall, Life, Object, World};

use super::bytes;
use super::here::{Here, Standing, Way};
use super::law;
use super::letters::name_of;
use super::rings;
use super::scope::Scope;
use super::space::{Edge, Space, contents};

/// Something that must always hold.
pub struct Always {
    /// One sentence.
    pub name: &'static str,
    pub(super) check: Check,
    /// It compares the profile with the base, and says nothing of the base itself.
    compares: bool,
}

impl Always {
    /// Whether it says anything in a scope.
    pub fn speaks_of(&self, scope: &Scope) -> bool {
        !(self.compares && std::ptr::eq(scope.profile, &raw const POSIX2024))
    }
}

/// The promise about bytes.
pub(super) const BYTES: &str = "bytes go in and out in order, and none is lost, doubled or made \
    up, but that a tee copies, and that a read drops the rest of its packet";

/// Why it does not hold.
pub(super) type Broken = Result<(), String>;

/// Of what it must hold.
pub(super) enum Check {
    /// Of every state.
    State(fn(&Space<'_>, &Here<'_, '_>) -> Broken),
    /// Of everything that happens.
    Edge(fn(&Space<'_>, &Edge<'_>) -> Broken),
}

/// All of them.
pub static ALWAYS: &[Always] = &[
    Always { name: BYTES, check: Check::Edge(bytes::conserved), compares: false },
    Always { name: "a call says how much it put in", check: Check::Edge(counted), compares: false },
    Always {
        name: "a write of at most PIPE_BUF bytes goes in whole or not at all",
        check: Check::Edge(atomic),
        compares: false,
    },
    Always {
        name: "a read is at end-of-file exactly when nothing is stored and no writer is left",
        check: Check::State(end_of_file),
        compares: false,
    },
    Always {
        name: "a description counts the descriptors that lead to it",
        check: Check::State(references),
        compares: false,
    },
    Always {
        name: "a pipe counts who can read it and who can write it, and is gone when nobody can",
        check: Check::State(ends),
        compares: false,
    },
    Always {
        name: "the pages of a pipe hold what the pipe holds",
        check: Check::State(pages),
        compares: false,
    },
    Always {
        name: "who has a mutex has not ended, and has no other of which the kernel is told",
        check: Check::State(owners),
        compares: false,
    },
    Always {
        name: "a mutex goes from one to the next only through nobody's hands",
        check: Check::Edge(handed_on),
        compares: false,
    },
    Always {
        name: "a ring holds what its records say, and who has a side of it has not ended",
        check: Check::State(rings::whole),
        compares: false,
    },
    Always {
        name: "messages come out of a ring whole, once and in order, and none is made up",
        check: Check::Edge(rings::conserved),
        compares: false,
    },
    Always {
        name: "what a call is obliged to do can be done",
        check: Check::State(possible),
        compares: false,
    },
    Always {
        name: "a call can go on, or may sleep",
        check: Check::State(no_hole),
        compares: false,
    },
    Always {
        name: "what surely goes in is no more than what may",
        check: Check::State(sure),
        compares: false,
    },
    Always {
        name: "what is surely ready, the promised call does without waiting",
        check: Check::State(super::ready::promised),
        compares: false,
    },
    Always { name: "at rest nobody is obliged", check: Check::State(rest), compares: false },
    Always {
        name: "a call that was woken, left alone, is answered or sleeps again",
        check: Check::State(woken),
        compares: false,
    },
    Always {
        name: "no two obligations contradict each other",
        check: Check::State(agreed),
        compares: false,
    },
    Always {
        name: "what the profile does, POSIX allows",
        check: Check::Edge(law::step),
        compares: true,
    },
    Always {
        name: "who may sleep under the profile may sleep under POSIX",
        check: Check::State(law::sleep),
        compares: true,
    },
];

fn counted(_: &Space<'_>, edge: &Edge<'_>) -> Broken {
    let Some((call, outcome)) = edge.answer() else { return Ok(()) };
    if call.call.operation.gives != Gives::Sent || is_about_memory(edge, call) {
        return Ok(());
    }
    let moved = edge.before.moved[usize::from(edge.action.actor().process)] + edge.went_in();
    let told = match outcome {
        Outcome::Success(Value::Number(n)) => u64::try_from(*n).unwrap_or(u64::MAX),
        _ => 0,
    };
    if moved == told { Ok(()) } else { Err(format!("{outcome:?} is told, and {moved} went in")) }
}

/// Bytes of memory do not go in and out as those of a pipe do.
pub(super) fn is_about_memory(edge: &Edge<'_>, call: &InCall) -> bool {
    let (world, process) = (&edge.before.world, edge.action.actor().process);
    let object = call.call.fd().and_then(|fd| object_of(world, process, fd));
    object.is_some_and(|index| matches!(&*world.objects[index], Object::Memory(_)))
}

fn atomic(space: &Space<'_>, edge: &Edge<'_>) -> Broken {
    let Some(call) = edge.call() else { return Ok(()) };
    let (asked, went_in) = (call.call.len(), edge.went_in());
    let short = asked <= space.scope.numbers.pipe_buf;
    if call.call.operation.sends() && short && went_in > 0 && went_in != asked {
        return Err(format!("{went_in} of {asked} bytes went in"));
    }
    Ok(())
}

fn end_of_file(space: &Space<'_>, here: &Here<'_, '_>) -> Broken {
    let world = &here.state.world;
    for standing in here.calls.iter().filter(|standing| !standing.call.call.is_empty()) {
        let process = standing.actor.process;
        let call = &standing.call.call;
        let Some(index) = call.fd().and_then(|fd| object_of(world, process, fd)) else { continue };
        let entry = call.fd().and_then(|fd| world.entry(process, i64::from(fd)));
        let readable = entry
            .and_then(|entry| world.descriptions.get(usize::from(entry.description)))
            .is_some_and(|description| description.reads);
        let is_pipe = matches!(&*world.objects[index], Object::Pipe(_));
        if call.operation.gives != Gives::Data || !readable || !is_pipe {
            continue;
        }
        let empty = contents(&world.objects[index]).is_none_or(|data| data.is_empty());
        let over = empty && leading_to(world, index, |description| description.writes) == 0;
        let told = |way: &&Way<'_>| tells_the_end(space, world, standing, way);
        let (ends, ways) = (standing.ways.iter().filter(told).count(), standing.ways.len());
        if over && (ends == 0 || ends < ways || standing.sleeps.is_some()) {
            return Err(format!("{}: it is over, and need not be told so", name_of(process)));
        }
        // Of a writer that is still in its open, POSIX does not say whether it is seen.
        let opening = held(world, index, |description| description.writes);
        if !over && ends > 0 && !opening {
            return Err(format!("{}: it can be told that it is over", name_of(process)));
        }
    }
    Ok(())
}

fn tells_the_end(
    space: &Space<'_>,
    world: &World,
    standing: &Standing<'_, '_>,
    way: &Way<'_>,
) -> bool {
    let is_end = |outcome: &Option<Outcome>| match outcome {
        Some(Outcome::Success(Value::Data(data))) => data.is_empty(),
        _ => false,
    };
    way.outcomes(space.spec, world, standing.actor).iter().any(is_end)
}

fn owners(_: &Space<'_>, here: &Here<'_, '_>) -> Broken {
    let world = &here.state.world;
    let owners: Vec<u8> = world.mutexes.iter().filter_map(|mutex| mutex.owner).collect();
    let of_kernel = || world.mutexes[..ROBUST].iter().filter_map(|mutex| mutex.owner);
    for mutex in world.mutexes[ROBUST..].iter().filter(|mutex| !mutex.is_free()) {
        let counts = |process: &u8| mutex.is_held_by(*process);
        if mutex.owner.is_some_and(|owner| !counts(&owner)) {
            return Err(format!("{mutex:?} is its owner's and not held by it"));
        }
        for process in (0..world.processes.len() as u8).filter(counts) {
            let life = world.process(process).map(|process| process.life);
            if !matches!(life, Some(Life::Live | Life::Dying(_))) {
                return Err(format!("{} counts as an owner, and is {life:?}", name_of(process)));
            }
        }
    }
    for owner in &owners {
        let life = world.process(*owner).map(|process| process.life);
        if !matches!(life, Some(Life::Live | Life::Dying(_))) {
            return Err(format!("{} has one, and is {life:?}", name_of(*owner)));
        }
        if of_kernel().filter(|other| other == owner).count() > 1 {
            return Err(format!("{} has two of the kernel's", name_of(*owner)));
        }
    }
    Ok(())
}

/// Whoever has it afterwards took it itself, and nobody had it before.
fn handed_on(_: &Space<'_>, edge: &Edge<'_>) -> Broken {
    let pairs = edge.before.world.mutexes.iter().zip(&edge.after.world.mutexes);
    let taken =
        pairs.filter(|(before, after)| after.owner.is_some() && before.owner != after.owner);
    for (before, after) in taken {
        let me = edge.action.actor().process;
        if !before.is_free() || after.owner != Some(me) {
            return Err(format!("{}: {before:?} became {after:?}", name_of(me)));
        }
    }
    Ok(())
}

fn references(_: &Space<'_>, here: &Here<'_, '_>) -> Broken {
    let world = &here.state.world;
    for (index, description) in world.descriptions.iter().enumerate().skip(1) {
        let counted = descriptors(world, index as u16);
        if usize::from(description.references) != counted {
            return Err(format!(
                "description {index} says {}, and {counted} descriptors lead to it",
                description.references
            ));
        }
    }
    Ok(())
}

fn ends(_: &Space<'_>, here: &Here<'_, '_>) -> Broken {
    let world = &here.state.world;
    for (index, object) in world.objects.iter().enumerate() {
        let Object::Pipe(pipe) = &**object else { continue };
        let readers = leading_to(world, index, |description| description.reads);
        let writers = leading_to(world, index, |description| description.writes);
        if (usize::from(pipe.readers), usize::from(pipe.writers)) != (readers, writers) {
            return Err(format!(
                "pipe {index} says {} and {}, and there are {readers} and {writers}",
                pipe.readers, pipe.writers
            ));
        }
        if readers + writers == 0 && !world.names.has(index as u16) {
            return Err(format!("pipe {index} is still there, and nothing leads to it"));
        }
    }
    Ok(())
}

fn pages(space: &Space<'_>, here: &Here<'_, '_>) -> Broken {
    for object in &here.state.world.objects {
        let Object::Pipe(pipe) = &**object else { continue };
        let held: u64 = pipe.slots.iter().map(|slot| u64::from(slot.end - slot.start)).sum();
        let most = pipe.capacity / space.scope.numbers.page_size.max(1);
        let exact = space.spec.profile.room == Room::PageSlots || !pipe.slots.is_empty();
        if exact && (held != pipe.data.len() || pipe.slots.len() as u64 > most) {
            return Err(format!("{:?} hold {held} of {} bytes", pipe.slots, pipe.data.len()));
        }
    }
    Ok(())
}

fn no_hole(_: &Space<'_>, here: &Here<'_, '_>) -> Broken {
    for standing in &here.calls {
        let goes_on = standing.ways.iter().any(|way| way.counts.0 <= way.counts.1);
        if !goes_on && standing.sleeps.is_none() {
            let name = name_of(standing.actor.process);
            return Err(format!("{name}: {} can do neither", standing.call.call));
        }
    }
    for (number, process) in here.state.world.processes.iter().enumerate() {
        let due = |(step, (lo, hi)): &(ipc_model::step::Step<'_>, (u64, u64))| {
            usize::from(step.actor.process) == number && lo <= hi
        };
        if matches!(process.life, Life::Dying(_)) && !here.deaths.iter().any(due) {
            return Err(format!("{} cannot end", name_of(number as u8)));
        }
    }
    Ok(())
}

fn possible(_: &Space<'_>, here: &Here<'_, '_>) -> Broken {
    for standing in &here.calls {
        let empty = |way: &&Way<'_>| way.obliges && way.counts.0 > way.counts.1;
        if let Some(way) = standing.ways.iter().find(empty) {
            let (lo, hi) = way.counts;
            return Err(format!("{} obliges, with from {lo} to {hi}", way.clause.id));
        }
    }
    Ok(())
}

/// Whatever clauses about a call say of `sure` and of `most`: what must be able to go in may not be
/// more than what may.
fn sure(space: &Space<'_>, here: &Here<'_, '_>) -> Broken {
    for standing in &here.calls {
        let view = View::new(space.spec, &here.state.world, standing.actor);
        let (mut sure, mut most) = (0, u64::MAX);
        for clause in space.spec.clauses(standing.call.call.operation) {
            let mut look = |number: &Number| match number.name {
                "sure" => sure = sure.max((number.read)(&view)),
                "most" => most = most.min((number.read)(&view)),
                _ => {}
            };
            match &clause.envelope {
                Envelope::Count(lo, hi) | Envelope::Step(lo, hi) => {
                    numbers(lo, &mut look);
                    numbers(hi, &mut look);
                }
                _ => {}
            }
            if let Force::ObligesWhen(guard) = &clause.force
                && let Cond::Lt(a, b) | Cond::Le(a, b) | Cond::Eq(a, b) = &guard.cond
            {
                numbers(a, &mut look);
                numbers(b, &mut look);
            }
        }
        if sure > most {
            let call = &standing.call.call;
            return Err(format!("{call}: {sure} bytes surely go in, and {most} may"));
        }
    }
    Ok(())
}

/// The named numbers that a number is made of.
pub(super) fn numbers(num: &Num, look: &mut dyn FnMut(&'static Number)) {
    match num {
        Num::Of(number) => look(number),
        Num::Min(a, b) | Num::Max(a, b) => {
            numbers(a, look);
            numbers(b, look);
        }
        Num::N(_) | Num::Chosen => {}
    }
}

fn rest(_: &Space<'_>, here: &Here<'_, '_>) -> Broken {
    if !here.is_at_rest() {
        return Ok(());
    }
    for standing in &here.calls {
        if let Some(way) = standing.ways.iter().find(|way| way.obliges) {
            let name = name_of(standing.actor.process);
            return Err(format!("{name} is obliged by {}", way.clause.id));
        }
    }
    Ok(())
}

/// Steps of one call until it must have been answered.
const PATIENCE: usize = 64;

fn woken(space: &Space<'_>, here: &Here<'_, '_>) -> Broken {
    let awake = |standing: &&Standing<'_, '_>| standing.call.slept && standing.sleeps.is_none();
    for standing in here.calls.iter().filter(awake) {
        let (actor, mut world) = (standing.actor, here.state.world.clone());
        for step in 0.. {
            let Some(call) = world.in_call(actor) else { break };
            let stands = Standing::of(space.spec, &world, actor, call);
            if stands.sleeps.is_some() {
                break;
            }
            let Some(action) = stands.steps().next().filter(|_| step < PATIENCE) else {
                return Err(format!("{} does not come to an end", name_of(actor.process)));
            };
            action.happen(space.spec, &mut world);
        }
    }
    Ok(())
}

/// Two obligations contradict each other if both answer the call and no answer is in both; two
/// errors do not: where several apply, any may be told (POSIX.1-2024, 2.3 Error Numbers).
fn agreed(space: &Space<'_>, here: &Here<'_, '_>) -> Broken {
    for standing in &here.calls {
        let answers = |way: &&Way<'_>| way.obliges && way.clause.answers();
        let all: Vec<&Way<'_>> = standing.ways.iter().filter(answers).collect();
        for (index, one) in all.iter().enumerate().skip(1) {
            for other in &all[..index] {
                let world = &here.state.world;
                let told = |way: &Way<'_>| way.outcomes(space.spec, world, standing.actor);
                let (a, b) = (told(one), told(other));
                let errors = a.iter().chain(&b).all(is_refusal);
                if !errors && !a.iter().any(|outcome| b.contains(outcome)) {
                    return Err(format!("{} and {}", other.clause.id, one.clause.id));
                }
            }
        }
    }
    Ok(())
}

/// Whether the caller is refused what it asks for, a system without such a call included.
fn is_refusal(outcome: &Option<Outcome>) -> bool {
    matches!(outcome, Some(Outcome::Failure(_) | Outcome::Absent(_)))
}

/// The object that a descriptor leads to.
pub(super) fn object_of(world: &World, process: u8, fd: i32) -> Option<usize> {
    let entry = world.entry(process, i64::from(fd))?;
    Some(usize::from(world.descriptions.get(usize::from(entry.description))?.object))
}

/// How many descriptors of anybody lead to a description, by going through all tables; a call that is
/// still about to open it counts as one, and so does whatever carries it.
fn descriptors(world: &World, description: u16) -> usize {
    // What threads have open they have together.
    let tables = world.processes.iter().filter(|process| process.thread_of.is_none());
    let entries = tables.flat_map(|process| process.table.iter().flatten());
    let open = entries.filter(|entry| entry.description == description).count();
    let kinds = world.objects.iter().filter_map(|object| object.kind());
    let lies = kinds.flat_map(|kind| kind.descriptions()).filter(|one| *one == description).count();
    let along = calls(world).flat_map(|call| &call.carries).filter(|one| **one == description);
    open + lies
        + along.count()
        + calls(world).filter(|call| call.holds == Some(description)).count()
}

fn calls(world: &World) -> impl Iterator<Item = &InCall> {
    let activities = world.processes.iter().map(|process| &process.activity);
    activities.filter_map(|activity| match activity {
        Activity::InCall(call) => Some(call),
        _ => None,
    })
}

/// Whether a call holds such a description of an object that it is still about to open.
fn held(world: &World, object: usize, such: impl Fn(&Description) -> bool) -> bool {
    let held = calls(world).filter_map(|call| world.descriptions.get(usize::from(call.holds?)));
    held.into_iter().any(|d| usize::from(d.object) == object && such(d))
}

/// How many such descriptions that some descriptor leads to lead to an object.
pub(super) fn leading_to(
    world: &World,
    object: usize,
    such: impl Fn(&Description) -> bool,
) -> usize {
    let leads = |(index, description): &(usize, &Description)| {
        usize::from(description.object) == object
            && such(description)
            && descriptors(world, *index as u16) > 0
    };
    world.descriptions.iter().enumerate().filter(leads).count()
}
