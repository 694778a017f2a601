//! What must hold in every state and of everything that happens.
//!
//! None of it knows a clause. That bytes are conserved and when a pipe is at its end is said here
//! once more, on purpose, without the model's counters: by walking the tables and by comparing what
//! is in the pipes with what was told.

use ipc_model::operation::Gives;
use ipc_model::outcome::{Outcome, Value};
use ipc_model::payload::Run;
use ipc_model::profile::Room;
use ipc_model::world::{Description, Life, Object, World};

use super::here::{Here, Standing, Way};
use super::law;
use super::letters::name_of;
use super::space::{Edge, Moved, Space, contents};

/// Something that must always hold.
pub struct Always {
    /// One sentence.
    pub name: &'static str,
    pub(super) check: Check,
}

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
    Always {
        name: "bytes go in and out in order, and none is lost or made up",
        check: Check::Edge(conserved),
    },
    Always { name: "a write says how much went in", check: Check::Edge(counted) },
    Always {
        name: "a write of at most PIPE_BUF bytes goes in whole or not at all",
        check: Check::Edge(atomic),
    },
    Always {
        name: "a read is at end-of-file exactly when nothing is stored and no writer is left",
        check: Check::State(end_of_file),
    },
    Always {
        name: "a description counts the descriptors that lead to it",
        check: Check::State(references),
    },
    Always {
        name: "a pipe counts who can read it and who can write it, and is gone when nobody can",
        check: Check::State(ends),
    },
    Always { name: "the pages of a pipe hold what the pipe holds", check: Check::State(pages) },
    Always { name: "what a call is obliged to do can be done", check: Check::State(possible) },
    Always { name: "a call can go on, or may sleep", check: Check::State(no_hole) },
    Always { name: "at rest nobody is obliged", check: Check::State(rest) },
    Always {
        name: "a call that was woken, left alone, is answered or sleeps again",
        check: Check::State(woken),
    },
    Always { name: "no two obligations contradict each other", check: Check::State(agreed) },
    Always { name: "what the profile does, POSIX allows", check: Check::Edge(law::step) },
    Always {
        name: "who may sleep under the profile may sleep under POSIX",
        check: Check::State(law::sleep),
    },
];

fn conserved(_: &Space<'_>, edge: &Edge<'_>) -> Broken {
    let world = &edge.before.world;
    let actor = edge.action.actor();
    let own = edge.call().and_then(|call| object_of(world, actor.process, call.call.fd()?));
    let told = match edge.answer() {
        Some((_, Outcome::Success(Value::Data(data)))) if !data.is_empty() => Some(data),
        _ => None,
    };
    let mut taken = false;
    for (index, moved) in &edge.seen.moves {
        let is_own = own == Some(*index);
        let good = match moved {
            Moved::In(data) => edge.call().is_some_and(|call| {
                let from = edge.before.moved[usize::from(actor.process)];
                let next = Run::Of { tag: call.call.tag, from, len: data.len() };
                is_own && call.call.operation.sends() && data.runs().eq([&next])
            }),
            Moved::Out(data) => {
                taken = true;
                is_own && told == Some(data)
            }
            Moved::Lost => leading_to(&edge.after.world, *index, |_| true) == 0,
            Moved::Otherwise => false,
        };
        if !good {
            let told =
                told.map_or("nobody was told of any".to_owned(), |data| format!("{data} was told"));
            return Err(format!("object {index}: {moved:?}, and {told}"));
        }
    }
    match told {
        Some(data) if !taken => Err(format!("{data} was told, and is still there")),
        _ => Ok(()),
    }
}

fn counted(_: &Space<'_>, edge: &Edge<'_>) -> Broken {
    let Some((call, outcome)) = edge.answer() else { return Ok(()) };
    if call.call.operation.gives != Gives::Sent {
        return Ok(());
    }
    let moved = edge.before.moved[usize::from(edge.action.actor().process)] + edge.went_in();
    let told = match outcome {
        Outcome::Success(Value::Number(n)) => u64::try_from(*n).unwrap_or(u64::MAX),
        _ => 0,
    };
    if moved == told { Ok(()) } else { Err(format!("{outcome:?} is told, and {moved} went in")) }
}

fn atomic(space: &Space<'_>, edge: &Edge<'_>) -> Broken {
    let Some(call) = edge.call() else { return Ok(()) };
    let (asked, went_in) = (call.call.len(), edge.went_in());
    let short = asked <= space.scope.numbers.pipe_buf;
    if short && went_in > 0 && went_in != asked {
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
        if call.operation.gives != Gives::Data || !readable {
            continue;
        }
        let empty = contents(&world.objects[index]).is_none_or(|data| data.is_empty());
        let over = empty && leading_to(world, index, |description| description.writes) == 0;
        let told = |way: &&Way<'_>| tells_the_end(space, world, standing, way);
        let (ends, ways) = (standing.ways.iter().filter(told).count(), standing.ways.len());
        if over && (ends == 0 || ends < ways || standing.sleeps.is_some()) {
            return Err(format!("{}: it is over, and need not be told so", name_of(process)));
        }
        if !over && ends > 0 {
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
        if readers + writers == 0 {
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
fn object_of(world: &World, process: u8, fd: i32) -> Option<usize> {
    let entry = world.entry(process, i64::from(fd))?;
    Some(usize::from(world.descriptions.get(usize::from(entry.description))?.object))
}

/// How many descriptors of anybody lead to a description, by going through all tables.
fn descriptors(world: &World, description: u16) -> usize {
    let entries = world.processes.iter().flat_map(|process| process.table.iter().flatten());
    entries.filter(|entry| entry.description == description).count()
}

/// How many such descriptions that some descriptor leads to lead to an object.
fn leading_to(world: &World, object: usize, such: impl Fn(&Description) -> bool) -> usize {
    let leads = |(index, description): &(usize, &Description)| {
        usize::from(description.object) == object
            && such(description)
            && descriptors(world, *index as u16) > 0
    };
    world.descriptions.iter().enumerate().filter(leads).count()
}
