//! Why a fault that nothing refused is the same as none: in every world of a small scope, the faulty
//! kernel can do nothing that the sound one could not have done, and is not stuck where that is obliged.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::Arc;

use ipc_model::clause::Envelope;
use ipc_model::mechanism;
use ipc_model::operation::{Actor, Arg, Call, Operation, Param};
use ipc_model::process::DEATH;
use ipc_model::profile::Numbers;
use ipc_model::spec::{Spec, obliges};
use ipc_model::step::Step;
use ipc_model::view::{Choice, View};
use ipc_model::world::{Activity, Life, World};
use serde::Serialize;

use crate::faults::{Fault, Slip, Wakes, Wrong};
use crate::sim::{Graves, Kernel};
use crate::stage::{First, Stage};

/// A small world to begin with, and what can be called in it.
pub struct Scope {
    /// In words.
    pub text: &'static str,
    /// How many processes there are; all but the first are made before, if there are more than two.
    processes: u8,
    /// Descriptors, at most, the three that are given among them.
    nofile: u64,
    /// Whether a pipe is there and every process, and only what moves or changes anything is called.
    begun: bool,
    /// Worlds that are looked at, at most: those that take fewer calls first.
    pub worlds: usize,
}

/// The scopes; each world has pipes of two pages of two bytes, and `PIPE_BUF` is two.
pub static SCOPES: &[Scope] = &[
    Scope {
        text: "a process that may have a child; three descriptors each; every call",
        processes: 2,
        nofile: 6,
        begun: false,
        worlds: 40_000,
    },
    Scope {
        text: "two processes at one pipe; two descriptors each; every call that changes anything",
        processes: 2,
        nofile: 5,
        begun: true,
        worlds: 80_000,
    },
    Scope {
        text: "three processes at one pipe; two descriptors each; every call that changes anything",
        processes: 3,
        nofile: 5,
        begun: true,
        worlds: 60_000,
    },
];

/// Why a fault is the same as none, or is not known to be.
#[derive(Clone, Debug, Serialize)]
pub enum Equal {
    /// In all of so many worlds it makes no difference; in so many of them it had to do with a call.
    Shown {
        /// Worlds.
        worlds: usize,
        /// Those in which the clause could have been used.
        met: usize,
    },
    /// Because of this.
    Written(&'static str),
    /// It makes one: there should be a program that shows it.
    Differs(String),
    /// The scope has no world in which the clause could be used.
    NotMet,
}

impl Equal {
    /// Whether it is a reason.
    pub fn is_reason(&self) -> bool {
        matches!(self, Equal::Shown { .. } | Equal::Written(_))
    }
}

/// For each fault whether it is the same as none.
pub fn same(rules: &Spec, faults: &[&Fault]) -> Vec<Equal> {
    let mut found: Vec<Found> = faults.iter().map(|_| Found::default()).collect();
    let open: Vec<usize> = (0..faults.len()).filter(|at| faults[*at].unseen.is_none()).collect();
    let mut worlds = 0;
    for scope in SCOPES.iter().filter(|_| !open.is_empty()) {
        let numbers = Numbers {
            page_size: 2,
            pipe_buf: 2,
            nofile: scope.nofile,
            pipe_capacity: 4,
            ..Numbers::EXAMPLE
        };
        let spec = Spec::new(rules.profile, numbers);
        worlds += explore(scope, &spec, &mut |world| {
            let sound = Sound::of(&spec, world);
            for at in &open {
                if found[*at].differs.is_none() {
                    compare(&sound, &faults[*at].slips, &mut found[*at]);
                }
            }
        });
    }
    let equal = |(fault, found): (&&Fault, Found)| match (fault.unseen, found) {
        (Some(sentence), _) => Equal::Written(sentence),
        (None, Found { differs: Some(how), .. }) => Equal::Differs(how),
        (None, Found { met: 0, .. }) => Equal::NotMet,
        (None, Found { met, .. }) => Equal::Shown { worlds, met },
    };
    faults.iter().zip(found).map(equal).collect()
}

#[derive(Default)]
struct Found {
    met: usize,
    differs: Option<String>,
}

/// Every world of the scope, those that take fewer calls first; returns how many.
fn explore(scope: &Scope, spec: &Spec, look: &mut dyn FnMut(&World)) -> usize {
    let mut seen: HashSet<World> = HashSet::new();
    let mut queue: VecDeque<World> = VecDeque::new();
    let calls = alphabet(scope, spec);
    let start = start(scope, spec);
    seen.insert(start.clone());
    queue.push_back(start);
    while let Some(world) = queue.pop_front() {
        look(&world);
        if seen.len() >= scope.worlds {
            continue;
        }
        let mut next = Vec::new();
        for process in 0..scope.processes {
            let actor = Actor::first(process);
            for step in steps_of(&Kernel { spec, slips: &[] }, &world, actor) {
                next.extend(outcomes(&Kernel { spec, slips: &[] }, &world, &step));
            }
            if world.in_call(actor).is_some_and(|call| !call.slept)
                && let Some(clause) = spec.sleeps(&world, actor)
            {
                let step = Step { actor, clause, death: false };
                next.extend(outcomes(&Kernel { spec, slips: &[] }, &world, &step));
            }
            let live = world.process(process).is_some_and(|p| p.life == Life::Live);
            if live && *world.activity(actor) == Activity::Running {
                for call in calls.iter().filter(|call| makes_sense(&world, process, call)) {
                    let mut after = world.clone();
                    spec.call(&mut after, actor, Arc::clone(call));
                    next.push(after);
                }
            }
        }
        for mut world in next {
            give_back(&mut world);
            if seen.len() < scope.worlds && seen.insert(world.clone()) {
                queue.push_back(world);
            }
        }
    }
    seen.len()
}

/// The world that a scope begins with.
fn start(scope: &Scope, spec: &Spec) -> World {
    let world = World::new(usize::from(scope.processes), &[0], 3);
    if !scope.begun {
        return world;
    }
    let mut stage = Stage { spec, world };
    let made = std::iter::once(&ipc_model::pipe::PIPE)
        .chain((1..scope.processes).map(|_| &ipc_model::process::FORK));
    for operation in made {
        let call = Call { operation, args: vec![], tag: 1 };
        stage.perform(Actor::first(0), call, &mut First);
    }
    stage.world
}

/// Who is about to return does: nothing else depends on when.
fn give_back(world: &mut World) {
    for process in 0..world.processes.len() as u8 {
        let actor = Actor::first(process);
        if matches!(world.activity(actor), Activity::Returning(_)) {
            world.set_activity(actor, Activity::Running);
        }
    }
}

/// Every call that the profile speaks of, with few values for each argument.
fn alphabet(scope: &Scope, spec: &Spec) -> Vec<Arc<Call>> {
    let mut calls = Vec::new();
    let changes = |operation: &'static Operation| {
        let vector = |param: &Param| matches!(param, Param::ReceiveVector | Param::SendVector);
        let does = spec.clauses(operation).iter().any(|clause| !clause.effects.is_empty());
        does && !operation.params.iter().any(vector)
    };
    let spoken = mechanism::operations().filter(|o| !spec.clauses(o).is_empty());
    for operation in spoken.filter(|operation| !scope.begun || changes(operation)) {
        let mut all: Vec<Vec<Arg>> = vec![Vec::new()];
        for param in operation.params {
            let values = values(scope, param);
            let longer = all.iter().flat_map(|args| {
                values
                    .iter()
                    .map(move |value| [args.as_slice(), std::slice::from_ref(value)].concat())
            });
            all = longer.collect();
        }
        // The same bytes whoever sends them: few worlds, and none the less of them in disorder.
        calls.extend(all.into_iter().map(|args| Arc::new(Call { operation, args, tag: 1 })));
    }
    calls
}

fn values(scope: &Scope, param: &Param) -> Vec<Arg> {
    match param {
        Param::Fd => (3..scope.nofile as i32).map(Arg::Fd).collect(),
        Param::TargetFd => vec![Arg::Number(3), Arg::Number(5), Arg::Number(6)],
        Param::Command(_) => vec![Arg::Command],
        Param::Receive => [0, 1, 2, 3].map(Arg::Number).to_vec(),
        Param::Send => [0, 1, 2, 3].map(Arg::Number).to_vec(),
        Param::ReceiveVector | Param::SendVector => vec![Arg::Vector(vec![1, 1])],
        Param::Number => vec![Arg::Number(0)],
        Param::Flags(words) => {
            (0..words.len()).map(|bit| Arg::Flags(1 << bit)).chain([Arg::Flags(0)]).collect()
        }
        Param::Word(words) => (0..words.len() as i64).map(Arg::Number).collect(),
        Param::Process => (0..scope.processes).map(Arg::Process).collect(),
    }
}

/// What differs only in a descriptor that is not open is tried with one such.
fn makes_sense(world: &World, process: u8, call: &Call) -> bool {
    let closed = |fd: i32| world.entry(process, i64::from(fd)).is_none();
    let born = world.processes.iter().all(|process| process.life != Life::Unborn);
    match call.fd() {
        Some(fd) => !closed(fd) || (3..fd).all(|lower| !closed(lower)),
        None => !(born && call.operation == &ipc_model::process::FORK),
    }
}

fn steps_of<'a>(kernel: &Kernel<'a>, world: &World, actor: Actor) -> Vec<Step<'a>> {
    let mut steps = kernel.steps(world, &Graves::default());
    steps.retain(|step| step.actor == actor);
    steps
}

/// The worlds that a step can lead to.
fn outcomes(kernel: &Kernel<'_>, world: &World, step: &Step<'_>) -> Vec<World> {
    let (lo, hi) = kernel.counts(world, step);
    let one = |count| {
        let mut after = world.clone();
        kernel.make(&mut after, &Graves::default(), step, Choice { count, probed: None });
        after
    };
    (lo..=hi).map(one).collect()
}

/// A world, and what the sound kernel may do in it.
struct Sound<'a> {
    spec: &'a Spec,
    world: &'a World,
    /// The steps of each process.
    steps: Vec<Vec<Step<'a>>>,
    /// Who may have been asleep for some time.
    asleep: Vec<Actor>,
}

impl<'a> Sound<'a> {
    fn of(spec: &'a Spec, world: &'a World) -> Sound<'a> {
        let actors = (0..world.processes.len() as u8).map(Actor::first);
        let kernel = Kernel { spec, slips: &[] };
        let asleep = actors.clone().filter(|actor| {
            let slept = world.in_call(*actor).is_some_and(|call| call.slept);
            slept && spec.sleeps(world, *actor).is_some()
        });
        let asleep = asleep.collect();
        let steps = actors.map(|actor| steps_of(&kernel, world, actor)).collect();
        Sound { spec, world, steps, asleep }
    }
}

/// Compares what the kernel with the slips may do in a world with what the sound one may.
fn compare(sound: &Sound<'_>, slips: &[Slip], found: &mut Found) {
    let (spec, world) = (sound.spec, sound.world);
    let kernel = Kernel { spec, slips };
    for process in 0..world.processes.len() as u8 {
        let actor = Actor::first(process);
        let speaks = |operation: &'static Operation| {
            slips.iter().any(|slip| slip.clause.on.contains(&operation))
        };
        let dies = world.process(process).is_some_and(|p| matches!(p.life, Life::Dying(_)));
        let call = world.in_call(actor).map(|call| call.call.operation);
        let concerned = call.is_some_and(speaks) || dies && speaks(&DEATH);
        if !concerned {
            continue;
        }
        if slips.iter().any(|slip| wakes(&slip.wrong)) {
            wakings(&kernel, sound, actor, found);
        } else {
            steps(&kernel, sound, actor, found);
        }
    }
}

fn wakes(wrong: &Wrong) -> bool {
    matches!(wrong, Wrong::Wakes(_) | Wrong::Startles(_))
}

fn steps(kernel: &Kernel<'_>, sound: &Sound<'_>, actor: Actor, found: &mut Found) {
    let (spec, world) = (sound.spec, sound.world);
    let mine = steps_of(kernel, world, actor);
    let theirs = &sound.steps[usize::from(actor.process)];
    let is_slipped = |step: &Step<'_>| kernel.slips_in(step.clause).next().is_some();
    let is_met = mine.iter().chain(theirs).any(is_slipped)
        || sleeps_by_slip(kernel, world, actor)
        || spec.sleeps(world, actor).is_some_and(|clause| kernel.slips_in(clause).next().is_some());
    found.met += usize::from(is_met);
    let how = |what: &str| {
        let call = world.in_call(actor).map(|call| call.call.to_string());
        format!("{what}: {}", call.unwrap_or("a death".to_owned()))
    };
    if sleeps_by_slip(kernel, world, actor) && spec.obliged(world, actor) {
        found.differs = Some(how("asleep though obliged"));
        return;
    }
    if mine.is_empty() && !theirs.is_empty() {
        let obliged = theirs.iter().any(|step| step.death) || spec.obliged(world, actor);
        if obliged {
            found.differs = Some(how("stuck"));
        }
        return;
    }
    if !mine.iter().any(is_slipped) {
        return;
    }
    let plain = Kernel { spec, slips: &[] };
    let lawful: Vec<World> = theirs.iter().flat_map(|step| outcomes(&plain, world, step)).collect();
    for step in mine.iter().filter(|step| is_slipped(step)) {
        if outcomes(kernel, world, step).iter().any(|after| !lawful.contains(after)) {
            found.differs = Some(how("another outcome"));
        }
    }
}

/// Whether a slip lets the call fall asleep.
fn sleeps_by_slip(kernel: &Kernel<'_>, world: &World, actor: Actor) -> bool {
    let step = kernel.sleep(world, actor);
    step.is_some_and(|step| {
        matches!(step.clause.envelope, Envelope::Sleep)
            && kernel.slips_in(step.clause).next().is_some()
    })
}

/// Whether it matters who is woken after the steps of the clauses with slips.
fn wakings(kernel: &Kernel<'_>, sound: &Sound<'_>, actor: Actor, found: &mut Found) {
    let asleep: Vec<Actor> = sound.asleep.iter().copied().filter(|other| *other != actor).collect();
    if asleep.is_empty() {
        return;
    }
    let plain = Kernel { spec: sound.spec, slips: &[] };
    for step in &sound.steps[usize::from(actor.process)] {
        for wrong in kernel.slips_in(step.clause).filter(wakes) {
            found.met += 1;
            for after in outcomes(&plain, sound.world, step) {
                if let Some(how) = matters(sound.spec, &after, &asleep, wrong) {
                    found.differs = Some(how);
                }
            }
        }
    }
}

/// Why it matters, after a step that led to this world, that the sleepers are not woken as they should.
fn matters(spec: &Spec, after: &World, asleep: &[Actor], wrong: Wrong) -> Option<String> {
    let sound = Kernel { spec, slips: &[] };
    let asleep: Vec<Actor> =
        asleep.iter().copied().filter(|actor| after.in_call(*actor).is_some()).collect();
    let able = asleep.iter().filter(|actor| !steps_of(&sound, after, **actor).is_empty()).count();
    let obliged = asleep.iter().find(|actor| must(spec, after, **actor));
    let says = |actor: &Actor| after.in_call(*actor).map(|call| call.call.to_string());
    match wrong {
        Wrong::Wakes(Wakes::Nobody) => obliged.and_then(says),
        Wrong::Wakes(Wakes::One) if able > 1 => obliged.and_then(says),
        Wrong::Startles(_) if able < asleep.len() => asleep.first().and_then(says),
        _ => None,
    }
}

fn must(spec: &Spec, world: &World, actor: Actor) -> bool {
    let view = View::new(spec, world, actor);
    spec.enabled(world, actor).into_iter().any(|clause| obliges(&view, clause))
}

/// How many faults of each reason.
pub(super) fn reasons<'a>(all: impl Iterator<Item = &'a Equal>) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for equal in all {
        let word = match equal {
            Equal::Shown { .. } => "shown equal",
            Equal::Written(_) => "explained",
            Equal::Differs(_) => "missed",
            Equal::NotMet => "not met",
        };
        *counts.entry(word).or_insert(0) += 1;
    }
    counts
}
