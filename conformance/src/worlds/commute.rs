//! Steps of different processes that touch nothing in common commute.
//!
//! What a step changes is seen by comparing the world before and after. What it may read is taken
//! to be its own process and what the call's descriptors lead to; of a call or a death that names no
//! descriptor, all there is.

use std::collections::HashSet;

use ipc_model::operation::{Arg, Call};
use ipc_model::spec::Spec;
use ipc_model::world::World;

use super::fingerprint::Fingerprint;
use super::here::Here;
use super::scope::Scope;
use super::space::{Action, Space, State};

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Part {
    Process(usize),
    Description(usize),
    Object(usize),
    /// Which places are free.
    Places,
    /// The mutexes.
    Mutexes,
    /// The rings.
    Rings,
}

struct Footprint {
    reads: HashSet<Part>,
    writes: HashSet<Part>,
}

/// Goes through a scope by these rules, and gives how many pairs of steps had nothing in common, or
/// the first two of them whose order makes a difference.
pub(super) fn disjoint_pairs(scope: &Scope, spec: &Spec) -> Result<u64, String> {
    let space = Space::new(scope, spec);
    let first = space.first();
    let mut known: HashSet<Fingerprint> = HashSet::from([space.fingerprint(&first)]);
    let (mut todo, mut pairs) = (vec![first], 0);
    while let Some(state) = todo.pop() {
        let actions = space.actions(&Here::look(&space, &state));
        let after: Vec<State> = actions.iter().map(|a| space.follow(&state, a).0).collect();
        let print = |(action, after): (&Action<'_>, &State)| footprint(&state, action, after);
        let prints: Vec<Footprint> = actions.iter().zip(&after).map(print).collect();
        for (i, one) in actions.iter().enumerate() {
            for (j, other) in actions.iter().enumerate().skip(i + 1) {
                if one.actor() == other.actor() || !apart(&prints[i], &prints[j]) {
                    continue;
                }
                pairs += 1;
                let ends = [then(&space, &after[i], other), then(&space, &after[j], one)];
                if ends[0].is_none() || ends[0] != ends[1] {
                    let name = |action| {
                        super::trace::line(&state, action, &space.follow(&state, action).1)
                    };
                    return Err(format!("{}{}", name(one), name(other)));
                }
            }
        }
        todo.extend(after.into_iter().filter(|after| known.insert(space.fingerprint(after))));
    }
    Ok(pairs)
}

/// The world after an action, if it can still happen just so.
fn then(space: &Space<'_>, state: &State, action: &Action<'_>) -> Option<World> {
    let possible = match action {
        Action::Call(..) => true,
        Action::Sleep(actor) => space.spec.sleeps(&state.world, *actor).is_some(),
        Action::Step { step, count } => {
            let steps = space.spec.steps(&state.world);
            let same = steps.iter().find(|other| {
                (other.actor, other.clause.id, other.unasked)
                    == (step.actor, step.clause.id, step.unasked)
            });
            same.is_some_and(|same| {
                let (lo, hi) = space.spec.counts(&state.world, same);
                (lo..=hi).contains(count)
            })
        }
    };
    possible.then(|| space.follow(state, action).0.world)
}

fn apart(one: &Footprint, other: &Footprint) -> bool {
    let free = |a: &Footprint, b: &Footprint| {
        a.writes.is_disjoint(&b.writes) && a.writes.is_disjoint(&b.reads)
    };
    free(one, other) && free(other, one)
}

fn footprint(before: &State, action: &Action<'_>, after: &State) -> Footprint {
    let (old, new) = (&before.world, &after.world);
    let process = usize::from(action.actor().process);
    let call = match action {
        Action::Call(_, call) => Some(&**call),
        Action::Step { step, .. } if step.unasked => None,
        _ => old.in_call(action.actor()).map(|call| &*call.call),
    };
    let mut reads = HashSet::from([Part::Process(process)]);
    // What a name leads to may be anything.
    let by_fd = |call: &&Call| {
        let mut args = call.args.iter();
        args.any(|arg| matches!(arg, Arg::Fd(_)))
            && !call.args.iter().any(|arg| matches!(arg, Arg::Path(_)))
    };
    match call.filter(by_fd) {
        Some(call) => reads.extend(led_to(old, process as u8, call)),
        None => reads.extend(everything(old)),
    }
    let mut writes = HashSet::new();
    writes.extend(
        (0..new.processes.len())
            .filter(|i| old.processes.get(*i) != new.processes.get(*i))
            .map(Part::Process),
    );
    if old.mutexes != new.mutexes {
        writes.insert(Part::Mutexes);
    }
    if old.rings != new.rings {
        writes.insert(Part::Rings);
    }
    let most = old.descriptions.len().max(new.descriptions.len());
    for index in 0..most {
        let (was, is) = (old.descriptions.get(index), new.descriptions.get(index));
        if was != is {
            writes.insert(Part::Description(index));
            if was.map_or(0, |was| was.references).min(is.map_or(0, |is| is.references)) == 0 {
                writes.insert(Part::Places);
            }
        }
    }
    let most = old.objects.len().max(new.objects.len());
    writes
        .extend((0..most).filter(|i| old.objects.get(*i) != new.objects.get(*i)).map(Part::Object));
    Footprint { reads, writes }
}

/// What the descriptors of a call lead to.
fn led_to(world: &World, process: u8, call: &Call) -> Vec<Part> {
    let mut parts = Vec::new();
    let fds = call.args.iter().flat_map(|arg| match arg {
        Arg::Fd(fd) => vec![*fd],
        Arg::Watches(watches) => watches.iter().map(|(fd, _)| *fd).collect(),
        _ => Vec::new(),
    });
    for fd in fds {
        let Some(entry) = world.entry(process, i64::from(fd)) else { continue };
        let index = usize::from(entry.description);
        parts.push(Part::Description(index));
        let object = world.descriptions[index].object;
        parts.push(Part::Object(usize::from(object)));
        let joined = world.object_at(object).kind().map_or_else(Vec::new, |kind| kind.objects());
        parts.extend(joined.into_iter().map(|joined| Part::Object(usize::from(joined))));
        let carried = world.object_at(object).kind().map_or_else(Vec::new, |k| k.descriptions());
        for description in carried {
            let object = world.descriptions[usize::from(description)].object;
            parts.push(Part::Description(usize::from(description)));
            parts.push(Part::Object(usize::from(object)));
        }
    }
    parts
}

fn everything(world: &World) -> impl Iterator<Item = Part> {
    let processes = (0..world.processes.len()).map(Part::Process);
    let descriptions = (0..world.descriptions.len()).map(Part::Description);
    let objects = (0..world.objects.len()).map(Part::Object);
    processes.chain(descriptions).chain(objects).chain([Part::Places, Part::Mutexes, Part::Rings])
}
