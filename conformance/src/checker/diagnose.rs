//! The diagnosis: what was allowed where no run goes on, and a world to go on from.

use std::collections::BTreeSet;

use ipc_model::clause::{Clause, Envelope, Num};
use ipc_model::operation::{Actor, Gives};
use ipc_model::outcome::{Outcome, Value};
use ipc_model::spec::{Spec, enabled, obliges};
use ipc_model::view::{Choice, View};
use ipc_model::world::{Activity, Life, World};

use super::anomaly;
use super::place::Place;
use super::search::Search;
use super::{Allowed, Deviation, Refused};
use crate::history::EventKind;

/// Says what was allowed at `event` in the worlds that could not take it, and adopts one of them.
pub(super) fn diagnose(
    search: &Search<'_>,
    event: usize,
    stuck: &[(Place, Vec<&'static str>)],
) -> (Deviation, Place) {
    let happened = &search.history.events[event];
    let spec = search.spec;
    let place =
        stuck.first().map_or_else(|| Place::new(World::default()), |(place, _)| place.clone());
    let settled = |world: &World| match &happened.kind {
        EventKind::Quiescent { asleep, proof } => super::settled(world.clone(), asleep, *proof),
        _ => world.clone(),
    };
    let first = settled(&place.world);
    let before = stuck.first().map_or(0, |(_, used)| used.len());
    let every = |actor: Actor| -> BTreeSet<Allowed> {
        let one = |(place, used): &(Place, Vec<&'static str>)| {
            let after = used.get(before..).unwrap_or_default().to_vec();
            let all = allowed(spec, &settled(&place.world), actor);
            all.into_iter().map(move |allowed| Allowed { after: after.clone(), ..allowed })
        };
        let mut all: BTreeSet<Allowed> = stuck.iter().flat_map(one).collect();
        // The same by a longer way says nothing more.
        let shorter = all.clone();
        all.retain(|long| {
            !shorter.iter().any(|short| {
                (&short.answer, short.clause) == (&long.answer, long.clause)
                    && short.after.len() < long.after.len()
            })
        });
        all
    };
    let deviation = |actor, got, allowed: BTreeSet<Allowed>, suspect| Deviation {
        event,
        actor,
        got,
        allowed: allowed.into_iter().collect(),
        refused: Vec::new(),
        anomaly: None,
        follows: false,
        suspect,
    };
    let (deviation, world) = match &happened.kind {
        EventKind::Return { actor, outcome, .. } => {
            let allowed = every(*actor);
            let gives = gives(&first, *actor);
            let refused = refused(spec, &first, *actor, outcome);
            let world = adopt(spec, first, *actor);
            let got = outcome.display(gives);
            (Deviation { refused, ..deviation(*actor, got, allowed, false) }, world)
        }
        EventKind::Quiescent { asleep, proof } => {
            let bad = |actor: &&Actor| {
                !search.excused.contains(actor) && spec.sleeps(&first, **actor).is_none()
            };
            // Who may not sleep wherever the search stood still is to blame before all others.
            let wherever = |actor: &&Actor| {
                bad(actor)
                    && stuck
                        .iter()
                        .all(|(place, _)| spec.sleeps(&settled(&place.world), **actor).is_none())
            };
            let actor = asleep.iter().find(wherever).or(asleep.iter().find(bad));
            let actor = actor.or(asleep.first()).copied();
            let actor = actor.unwrap_or(Actor::first(0));
            let allowed = every(actor);
            let got = "asleep".to_owned();
            (deviation(actor, got, allowed, !proof.is_certain()), first)
        }
        EventKind::Ended { process, status } => {
            let actor = Actor::first(*process);
            let got = status.map_or("ended".to_owned(), |status| status.to_string());
            let allowed = every(actor);
            let mut world = first;
            end(spec, &mut world, *process);
            (deviation(actor, got, allowed, false), world)
        }
        EventKind::Handled { actor, info } => {
            let got = format!("a handler for {info}");
            (deviation(*actor, got, every(*actor), false), first)
        }
        EventKind::Call { actor, .. } => {
            let mut world = first;
            world.set_activity(*actor, Activity::Running);
            (deviation(*actor, "a call".to_owned(), BTreeSet::new(), false), world)
        }
    };
    // The world in which most had happened has what stood ready.
    let latest = stuck.iter().max_by_key(|(_, used)| used.len()).map_or(&place, |(place, _)| place);
    let anomaly = anomaly::name(search, latest, &deviation);
    (Deviation { anomaly, ..deviation }, Place { world, ..place })
}

fn gives(world: &World, actor: Actor) -> Gives {
    world.in_call(actor).map_or(Gives::Nothing, |call| call.call.operation.gives)
}

/// Everything that the call of `actor` could have been answered in this world, sleep included.
fn allowed(spec: &Spec, world: &World, actor: Actor) -> Vec<Allowed> {
    let Some(call) = world.in_call(actor) else {
        return dying(spec, world, actor);
    };
    let view = View::new(spec, world, actor);
    let gives = call.call.operation.gives;
    let mut found = Vec::new();
    for clause in spec.clauses(call.call.operation) {
        if !enabled(&view, clause) {
            continue;
        }
        let (lo, hi) = spec.range(world, actor, clause);
        let answer = |count| {
            let outcome = spec.outcome(world, actor, clause, Choice { count, probed: None });
            outcome.map(|outcome: Outcome| outcome.display(gives))
        };
        let text = match (&clause.envelope, answer(lo), answer(hi)) {
            (Envelope::Sleep, ..) if spec.obliged(world, actor) => continue,
            (Envelope::Sleep, ..) => "stay asleep".to_owned(),
            (Envelope::Never, ..) => "not return".to_owned(),
            (Envelope::Step(..), ..) if obliges(&view, clause) => {
                format!("go on: {}", clause.text)
            }
            (Envelope::Step(..), ..) => continue,
            (Envelope::Anything, ..) => "anything".to_owned(),
            (_, Some(low), Some(high)) if low != high => format!("{low} to {high}"),
            (_, Some(only), _) => only,
            (_, None, _) => continue,
        };
        found.push(Allowed { answer: text, clause: clause.id, after: Vec::new() });
    }
    found
}

/// The clauses that give this outcome when their guards hold: those that lack the fewest of them.
fn refused(spec: &Spec, world: &World, actor: Actor, outcome: &Outcome) -> Vec<Refused> {
    let Some(call) = world.in_call(actor) else { return Vec::new() };
    let view = View::new(spec, world, actor);
    // No bytes are in every range that begins at none, and mean the end only where nothing else fits.
    let is_empty = matches!(outcome, Outcome::Success(Value::Data(data)) if data.is_empty());
    let gives_it = |clause: &&Clause| {
        clause.answers()
            && !matches!(clause.envelope, Envelope::Anything)
            && (!is_empty || matches!(clause.envelope, Envelope::Data(_, Num::N(0))))
            && !enabled(&view, clause)
            && spec.admits(world, actor, clause, outcome, None).is_some()
    };
    let unmet = |clause: &Clause| {
        let unmet = clause.guards.iter().filter(|guard| !view.holds(&guard.cond));
        Refused { clause: clause.id, unmet: unmet.map(|guard| guard.name).collect() }
    };
    let clauses = spec.clauses(call.call.operation);
    let all: Vec<Refused> = clauses.iter().filter(gives_it).map(unmet).collect();
    let least = all.iter().map(|refused| refused.unmet.len()).min();
    all.into_iter().filter(|refused| Some(refused.unmet.len()) == least).collect()
}

/// What a process that is in no call could do about its end.
fn dying(spec: &Spec, world: &World, actor: Actor) -> Vec<Allowed> {
    let life = world.process(actor.process).map(|process| process.life);
    let (Some(Life::Dying(status)) | Some(Life::Zombie(status))) = life else { return Vec::new() };
    let first = spec.unasked(world, actor.process).next();
    let clause = first.map_or("process.death.ends", |step| step.clause.id);
    vec![Allowed { answer: format!("end: {status}"), clause, after: Vec::new() }]
}

/// The world after the call has taken the first answer that it may, or has just gone away.
fn adopt(spec: &Spec, mut world: World, actor: Actor) -> World {
    let answers = |envelope: &Envelope| {
        !matches!(
            envelope,
            Envelope::Step(..) | Envelope::Sleep | Envelope::Never | Envelope::Anything
        )
    };
    let clause = spec
        .enabled_among(&world, actor, |clause| answers(&clause.envelope))
        .first()
        .map(|clause| **clause);
    if let Some(clause) = clause {
        let (_, count) = spec.range(&world, actor, &clause);
        spec.take(&mut world, actor, &clause, Choice { count, probed: None });
    }
    world.set_activity(actor, Activity::Running);
    world
}

/// Lets a process end, whatever it was doing.
fn end(spec: &Spec, world: &mut World, process: u8) {
    if let Some(victim) = world.process_mut(process)
        && victim.life == Life::Live
    {
        let status = ipc_model::outcome::Status::Signaled(ipc_model::outcome::Signal::SIGKILL);
        victim.life = Life::Dying(status);
    }
    while let Some(step) = spec.unasked(world, process).next() {
        spec.make(world, &step, Choice::default());
    }
}
