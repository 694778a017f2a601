//! The naive enumerator, for tests alone: every world that the model could be in, event by event.
//!
//! No order of likelihood, no tags, no budget: what it says of a tiny history is what the model says.

use std::collections::HashSet;
use std::hash::BuildHasherDefault;
use std::sync::Arc;

use ipc_model::clause::Envelope;
use ipc_model::errno::Errno;
use ipc_model::operation::Actor;
use ipc_model::outcome::{Outcome, Value};
use ipc_model::payload::Run;
use ipc_model::profile::{LINUX, Numbers, POSIX2024, Profile};
use ipc_model::spec::Spec;
use ipc_model::view::Choice;
use ipc_model::world::{Activity, Life, World};
use proptest::prelude::*;

use super::{Budget, Marker, Verdict, check};
use crate::history::{EventKind, History};
use crate::program::Program;
use crate::record::validate;
use crate::seed::Seeded;
use crate::sim::Simulated;
use crate::stage::Pick;
use crate::system::System;
use crate::text::parse;
use crate::text::samples::fixed;

/// What the enumerator finds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Found {
    Run,
    NoRun,
    /// There is no run, but something happened that nobody judges; or there are too many worlds.
    Unknown,
}

type Worlds = HashSet<World, BuildHasherDefault<Marker>>;

/// More worlds than that at once are not tiny any more.
const TINY: usize = 20_000;

pub(super) fn enumerate(spec: &Spec, history: &History) -> Found {
    let head = &history.head;
    let first = World::new(head.actors.len(), &head.roots, 3);
    let mut worlds = Worlds::from_iter([first]);
    let mut open = false;
    for event in &history.events {
        let Some(closed) = closure(spec, worlds, &mut open) else { return Found::Unknown };
        worlds = closed.into_iter().filter_map(|world| after(spec, world, &event.kind)).collect();
    }
    match (worlds.is_empty(), open) {
        (false, _) => Found::Run,
        (true, false) => Found::NoRun,
        (true, true) => Found::Unknown,
    }
}

/// Every world that unseen steps lead to.
fn closure(spec: &Spec, worlds: Worlds, open: &mut bool) -> Option<Worlds> {
    let mut left: Vec<World> = worlds.iter().cloned().collect();
    let mut all = worlds;
    while let Some(world) = left.pop() {
        for next in successors(spec, &world, open) {
            if all.insert(next.clone()) {
                left.push(next);
            }
        }
        if all.len() > TINY {
            return None;
        }
    }
    Some(all)
}

fn successors(spec: &Spec, world: &World, open: &mut bool) -> Vec<World> {
    let mut next = Vec::new();
    for step in spec.steps(world) {
        if step.is_open_ended() {
            *open = true;
            continue;
        }
        let (lo, hi) = spec.counts(world, &step);
        let newborn = matches!(step.clause.envelope, Envelope::Newborn);
        let unborn = |n: &u64| world.process(*n as u8).is_some_and(|p| p.life == Life::Unborn);
        let all = 0..world.processes.len() as u64;
        let counts: Vec<u64> =
            if newborn { all.filter(unborn).collect() } else { (lo..=hi).collect() };
        for count in counts {
            let mut made = world.clone();
            spec.make(&mut made, &step, Choice { count, probed: None });
            next.push(made);
        }
    }
    for process in 0..world.processes.len() as u8 {
        let actor = Actor::first(process);
        if spec.sleeps(world, actor).is_some() {
            let mut made = world.clone();
            made.in_call_mut(actor).expect("who may sleep is in a call").slept = true;
            next.push(made);
        }
    }
    next
}

/// The world behind an event, if it can be seen in this one.
fn after(spec: &Spec, mut world: World, kind: &EventKind) -> Option<World> {
    match kind {
        EventKind::Call { actor, call, .. } => {
            (*world.activity(*actor) == Activity::Running).then_some(())?;
            spec.call(&mut world, *actor, Arc::new(call.clone()));
        }
        EventKind::Handled { actor, info } => world.handle(actor.process, info).then_some(())?,
        EventKind::Return { actor, outcome, .. } => {
            world.may_return(*actor).then_some(())?;
            let Activity::Returning(answer) = world.activity(*actor) else { return None };
            answer.same(outcome).then_some(())?;
            world.set_activity(*actor, Activity::Running);
        }
        EventKind::Ended { process, status } => match world.process(*process)?.life {
            Life::Zombie(how) => status.is_none_or(|status| status == how).then_some(())?,
            Life::Reaped => {}
            Life::Unborn | Life::Live | Life::Dying(_) => return None,
        },
        EventKind::Quiescent { asleep, proof } => {
            world = super::settled(world, asleep, *proof);
            for actor in asleep {
                spec.sleeps(&world, *actor)?;
            }
            for actor in asleep {
                world.in_call_mut(*actor)?.slept = true;
            }
        }
    }
    Some(world)
}

/// Pages of four bytes, of which a pipe has two: little is much here.
const FEW: Numbers =
    Numbers { page_size: 4, pipe_buf: 4, nofile: 8, pipe_capacity: 8, ..Numbers::EXAMPLE };

/// The rules of a system on which little is much.
pub(super) fn spec(profile: &'static Profile) -> Spec {
    Spec::new(profile, FEW)
}

/// A tiny program of up to three processes, whose calls overlap.
fn tiny(pick: &mut Seeded) -> Program {
    let flags = ["0", "O_NONBLOCK"][usize::from(pick.below(4) == 0)];
    let mut text = format!("A: pipe2 {flags} -> r w\nA: fork -> B\n");
    let mut actors = vec!["A", "B"];
    if pick.below(3) == 0 {
        text.push_str("A: fork -> C\n");
        actors.push("C");
    }
    for _ in 0..3 + pick.below(5) {
        let who = actors[pick.below(actors.len() as u64) as usize];
        let n = 1 + pick.below(6);
        let call = match pick.below(12) {
            0..4 => format!("read r {n}"),
            4..8 => format!("write w {n}"),
            8 => "close w".to_owned(),
            9 => "close r".to_owned(),
            10 if who != "A" => format!("_exit {n}"),
            10 => "kill B SIGKILL".to_owned(),
            _ if who == "A" => "waitpid B".to_owned(),
            _ => "fcntl w F_SETFL O_NONBLOCK".to_owned(),
        };
        text.push_str(&format!("{who}: {call}\n"));
    }
    parse("tiny", &text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// One change at random; whether there was anything to change.
fn change(history: &mut History, pick: &mut Seeded) -> bool {
    let at = pick.below(history.events.len() as u64) as usize;
    match pick.below(4) {
        0 if at + 1 < history.events.len() => {
            let (one, other) = (history.events[at].ticket, history.events[at + 1].ticket);
            history.events.swap(at, at + 1);
            (history.events[at].ticket, history.events[at + 1].ticket) = (one, other);
            true
        }
        1 => {
            history.events.remove(at);
            true
        }
        _ => match &mut history.events[at].kind {
            EventKind::Return { outcome, .. } => other(outcome, pick),
            _ => false,
        },
    }
}

fn other(outcome: &mut Outcome, pick: &mut Seeded) -> bool {
    let changed = match outcome {
        Outcome::Success(Value::Data(data)) if !data.is_empty() && pick.below(2) == 0 => {
            let mut bytes = data.bytes();
            let place = pick.below(data.len()) as usize;
            bytes[place] ^= 1;
            Outcome::Success(Value::Data([Run::Raw(bytes)].into_iter().collect()))
        }
        Outcome::Success(Value::Data(data)) => {
            let mut less = data.clone();
            less.take(1);
            Outcome::Success(Value::Data(less))
        }
        Outcome::Success(Value::Number(n)) => Outcome::Success(Value::Number(*n - 1)),
        Outcome::Success(Value::Begun | Value::Child(_)) => return false,
        Outcome::Success(_) => Outcome::Failure(Errno::EAGAIN),
        Outcome::Failure(Errno::EAGAIN) => Outcome::Failure(Errno::EPIPE),
        Outcome::Failure(_) => Outcome::Failure(Errno::EAGAIN),
        Outcome::Absent(_) => return false,
    };
    let differs = *outcome != changed;
    *outcome = changed;
    differs
}

/// A tiny history, sound or changed, or nothing if it could not have been recorded.
pub(super) fn history(profile: &'static Profile, seed: u64, changes: u64) -> Option<History> {
    let mut pick = Seeded::new(seed, 0);
    let program = tiny(&mut pick);
    let mut system = Simulated::new(profile, FEW, Seeded::new(seed, 1));
    let mut history = system.run(&program).expect("the simulated system runs every program");
    for _ in 0..changes {
        // Not every event can be changed in every way.
        (0..16).any(|_| change(&mut history, &mut pick));
    }
    validate(&history).is_ok().then_some(history)
}

/// Whether both say the same; none where one of them does not know.
fn agree(profile: &'static Profile, history: &History) -> Option<Found> {
    let spec = spec(profile);
    let found = enumerate(&spec, history);
    let judgement = check(&spec, history, Budget::default());
    let told = match &judgement.verdict {
        Verdict::Conforms => Found::Run,
        Verdict::Deviates(_) => Found::NoRun,
        Verdict::Inconclusive(_) => Found::Unknown,
    };
    let unknown = found == Found::Unknown || told == Found::Unknown;
    let shown = crate::lines::transcript(history);
    assert!(unknown || found == told, "found {found:?}, told {told:?}\n{shown}");
    (!unknown).then_some(told)
}

proptest! {
    #![proptest_config(fixed(1000))]

    #[test]
    fn the_checker_and_the_enumerator_agree_on_tiny_histories(
        seed in any::<u64>(),
        changes in 0_u64..3,
    ) {
        for profile in [&LINUX, &POSIX2024] {
            if let Some(history) = history(profile, seed, changes) {
                agree(profile, &history);
            }
        }
    }
}

/// The agreement is about something: many are accepted, many refused, and few are unknown.
#[test]
fn tiny_histories_are_of_every_kind() {
    let (mut accepted, mut refused, mut unknown) = (0, 0, 0);
    for seed in 0..300 {
        let Some(history) = history(&LINUX, seed, seed % 3) else { continue };
        match agree(&LINUX, &history) {
            Some(Found::Run) => accepted += 1,
            Some(_) => refused += 1,
            None => unknown += 1,
        }
    }
    assert!(accepted >= 80 && refused >= 30, "{accepted} accepted, {refused} refused");
    assert!(unknown * 10 <= accepted + refused, "{unknown} unknown");
}
