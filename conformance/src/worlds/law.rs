//! The law of profiles: whatever one allows, POSIX allows, save for what is listed.
//!
//! It is checked step by step. What happens under the profile must be something that the base can
//! do in the same world, with the same answer and the same world after it, but for where in its
//! pages a pipe keeps its bytes: the base does not say. Not asked for are clauses from beyond the
//! base, listed contradictions among them, calls from beyond it, and those whose result it does not say.

use ipc_model::clause::{Envelope, Standard};
use ipc_model::mechanism::is_extension;
use ipc_model::operation::Actor;
use ipc_model::outcome::{Code, Outcome};
use ipc_model::spec::Spec;
use ipc_model::step::Step;
use ipc_model::world::{Object, Pending, Process, World};

use super::always::Broken;
use super::here::Here;
use super::letters::name_of;
use super::space::{Action, Edge, Space};

/// What happens, the base can do as well.
pub(super) fn step(space: &Space<'_>, edge: &Edge<'_>) -> Broken {
    let (Some(base), Action::Step { step, count }) = (&space.base, edge.action) else {
        return Ok(());
    };
    let world = &edge.before.world;
    // What the base says of its own calls may hold for others as well, of which it says nothing.
    let beyond = world.in_call(step.actor).is_some_and(|call| is_extension(call.call.operation));
    if step.clause.source.standard != Standard::Posix2024 || beyond {
        return Ok(());
    }
    let mut candidates: Vec<Step<'_>> = if step.unasked {
        base.unasked(world, step.actor.process).collect()
    } else {
        let acts = |clause: &ipc_model::clause::Clause| !matches!(clause.envelope, Envelope::Sleep);
        let all = base.enabled_among(world, step.actor, acts).into_iter();
        all.map(|clause| Step { actor: step.actor, clause, unasked: false }).collect()
    };
    if candidates.iter().any(Step::is_open_ended) {
        return Ok(());
    }
    candidates.sort_by_key(|candidate| candidate.clause.id != step.clause.id);
    let does = |candidate: &Step<'_>| {
        let (lo, hi) = base.counts(world, candidate);
        let likely = (lo..=hi).contains(count).then_some(*count);
        let rest = (lo..=hi).filter(|other| other != count);
        likely.into_iter().chain(rest).any(|count| comes_to(base, candidate, count, edge))
    };
    if candidates.iter().any(does) {
        return Ok(());
    }
    Err(format!("{} does what the base has no clause for", step.clause.id))
}

/// Whether the step of the base comes to what happened.
fn comes_to(base: &Spec, step: &Step<'_>, count: u64, edge: &Edge<'_>) -> bool {
    let mut world = edge.before.world.clone();
    let answers = Action::Step { step: *step, count }.happen(base, &mut world);
    let alike = |(a, b): (&(Actor, Outcome), &(Actor, Outcome))| a.0 == b.0 && a.1.same(&b.1);
    answers.len() == edge.seen.answers.len()
        && answers.iter().zip(&edge.seen.answers).all(alike)
        && same(&world, &edge.after.world)
}

/// A world without how signals were sent, which the base does not say of all.
fn without_codes(world: &World) -> Vec<Process> {
    let mut processes: Vec<Process> = world.processes.iter().map(|p| (**p).clone()).collect();
    let queues = processes.iter_mut().flat_map(|process| &mut process.signals.queue);
    let open = |pending: &&mut Pending| pending.thread || pending.code == Code::SI_KERNEL;
    queues.filter(open).for_each(|pending| pending.code = Code::Unsaid);
    processes
}

/// Whether two worlds differ at most in where pipes keep their bytes, and in how signals were sent.
fn same(a: &World, b: &World) -> bool {
    let alike = |(a, b): (&std::sync::Arc<Object>, &std::sync::Arc<Object>)| match (&**a, &**b) {
        (Object::Pipe(a), Object::Pipe(b)) => {
            a.data == b.data && a.readers == b.readers && a.writers == b.writers
        }
        (a, b) => a == b,
    };
    (a.processes == b.processes || without_codes(a) == without_codes(b))
        && a.names == b.names
        && a.mounts == b.mounts
        && a.shared == b.shared
        && a.mutexes == b.mutexes
        && a.rings == b.rings
        && a.segments == b.segments
        && a.descriptions == b.descriptions
        && a.objects.len() == b.objects.len()
        && a.objects.iter().zip(&b.objects).all(alike)
}

/// Who may sleep, may sleep by the base.
pub(super) fn sleep(space: &Space<'_>, here: &Here<'_, '_>) -> Broken {
    let Some(base) = &space.base else { return Ok(()) };
    for standing in &here.calls {
        let Some(clause) = standing.sleeps else { continue };
        if clause.source.standard != Standard::Posix2024 {
            continue;
        }
        let (world, actor) = (&here.state.world, standing.actor);
        let open =
            |clause: &ipc_model::clause::Clause| matches!(clause.envelope, Envelope::Anything);
        if base.sleeps(world, actor).is_none() && base.enabled_among(world, actor, open).is_empty()
        {
            return Err(format!("{} by {}", name_of(actor.process), clause.id));
        }
    }
    Ok(())
}
