//! The worlds that the sound kernel can be in, by what has been seen.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::sync::Arc;

use ipc_model::operation::{Actor, Call};
use ipc_model::outcome::{Info, Outcome, Status};
use ipc_model::spec::Spec;
use ipc_model::view::Choice;
use ipc_model::world::{Activity, Life, Object, Process, Signals, World};

use super::sound::forget_the_free;
use crate::checker::{Marker, settled};
use crate::history::Proof;
use crate::sim::{Graves, Kernel};
use crate::worlds::used_tags;

/// More worlds than that beside one are not gone through.
const MOST: usize = 20_000;

/// What can be seen.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) enum Seen {
    /// Nothing.
    Nothing,
    Call(Actor, Arc<Call>),
    Return(Actor, Outcome),
    Handled(u8, Info),
    Ended(u8, Option<Status>),
    Quiescent(Vec<Actor>, Proof),
}

/// Some worlds, by number, in ascending order.
pub(super) type Set = Arc<[u32]>;

/// There are too many worlds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Many;

/// Every world that was met, and where the unseen steps of the sound kernel lead from it.
pub(super) struct Beside<'a> {
    spec: &'a Spec,
    numbers: HashMap<World, u32, BuildHasherDefault<Marker>>,
    worlds: Vec<World>,
    /// The tags that are used in each.
    tags: Vec<u64>,
    unseen: Vec<Option<Box<[u32]>>>,
    /// The number of everything that was seen.
    seen: HashMap<Seen, u32, BuildHasherDefault<Marker>>,
    /// Where it leads from each world, if it can be seen there: many sets have the same ones.
    follows: HashMap<(u32, u32), Option<u32>, BuildHasherDefault<Marker>>,
    /// Where it leads from some worlds: many kernels stand beside the same ones.
    after: HashMap<(Set, u32), Result<Set, Many>, BuildHasherDefault<Marker>>,
    /// In which closure each world was met last, and how many there were.
    met: Vec<u32>,
    closures: u32,
}

impl<'a> Beside<'a> {
    pub(super) fn new(spec: &'a Spec) -> Beside<'a> {
        Beside {
            spec,
            numbers: HashMap::default(),
            worlds: Vec::new(),
            tags: Vec::new(),
            unseen: Vec::new(),
            seen: HashMap::default(),
            follows: HashMap::default(),
            after: HashMap::default(),
            met: Vec::new(),
            closures: 0,
        }
    }

    /// The number of a world.
    pub(super) fn number(&mut self, mut world: World) -> u32 {
        tidy(&mut world);
        if let Some(number) = self.numbers.get(&world) {
            return *number;
        }
        let number = self.worlds.len() as u32;
        self.numbers.insert(world.clone(), number);
        self.tags.push(used_tags(&world));
        self.worlds.push(world);
        self.unseen.push(None);
        self.met.push(0);
        number
    }

    /// The world of that number.
    pub(super) fn world(&self, number: u32) -> &World {
        &self.worlds[number as usize]
    }

    /// The tags that are used in some of the worlds.
    pub(super) fn tags(&self, set: &[u32]) -> u64 {
        set.iter().fold(0, |used, number| used | self.tags[*number as usize])
    }

    /// The worlds after something was seen, with whatever may have happened unseen since.
    pub(super) fn after(&mut self, set: &Set, seen: &Seen) -> Result<Set, Many> {
        if let Seen::Nothing = seen {
            return Ok(Arc::clone(set));
        }
        let kinds = self.seen.len() as u32;
        let kind = match self.seen.get(seen) {
            Some(kind) => *kind,
            None => *self.seen.entry(seen.clone()).or_insert(kinds),
        };
        let key = (Arc::clone(set), kind);
        if let Some(known) = self.after.get(&key) {
            return known.clone();
        }
        let after = set.iter().filter_map(|number| self.follow(*number, (kind, seen))).collect();
        let after = self.closure(after);
        self.after.insert(key, after.clone());
        after
    }

    /// The world after something is seen, which has that number.
    fn follow(&mut self, number: u32, (kind, seen): (u32, &Seen)) -> Option<u32> {
        if let Some(known) = self.follows.get(&(number, kind)) {
            return *known;
        }
        let after = follow(self.spec, self.world(number), seen);
        let after = after.map(|world| self.number(world));
        self.follows.insert((number, kind), after);
        after
    }

    /// Every world that unseen steps lead to.
    pub(super) fn closure(&mut self, mut all: Vec<u32>) -> Result<Set, Many> {
        all.sort_unstable();
        all.dedup();
        self.closures += 1;
        let this = self.closures;
        all.iter().for_each(|number| self.met[*number as usize] = this);
        let mut place = 0;
        while place < all.len() {
            let here = all[place];
            place += 1;
            if self.unseen[here as usize].is_none() {
                let next = unseen(self.spec, self.world(here));
                let next = next.into_iter().map(|world| self.number(world)).collect();
                self.unseen[here as usize] = Some(next);
            }
            for next in self.unseen[here as usize].iter().flatten() {
                if std::mem::replace(&mut self.met[*next as usize], this) != this {
                    all.push(*next);
                }
            }
            if all.len() > MOST {
                return Err(Many);
            }
        }
        all.sort_unstable();
        Ok(all.into())
    }
}

/// The world after something is seen that can be seen in it.
fn follow(spec: &Spec, world: &World, seen: &Seen) -> Option<World> {
    let mut after = world.clone();
    match seen {
        Seen::Nothing => {}
        Seen::Call(actor, call) => {
            world.may_call(*actor).then_some(())?;
            spec.call(&mut after, *actor, Arc::clone(call));
        }
        Seen::Return(actor, outcome) => {
            world.may_return(*actor).then_some(())?;
            let Activity::Returning(answer) = world.activity(*actor) else { return None };
            answer.same(outcome).then_some(())?;
            after.set_activity(*actor, Activity::Running);
        }
        Seen::Handled(process, info) => after.handle(*process, info).then_some(())?,
        Seen::Ended(process, status) => match world.process(*process)?.life {
            Life::Zombie(how) => status.is_none_or(|status| status == how).then_some(())?,
            Life::Reaped => {}
            Life::Unborn | Life::Live | Life::Dying(_) => return None,
        },
        Seen::Quiescent(asleep, proof) => {
            if *proof == Proof::Expired {
                // However late timers are, they have expired by now.
                (!world.awaits_timers()).then_some(())?;
                after = settled(after, asleep, *proof);
            }
            for number in 0..world.processes.len() as u8 {
                let actor = Actor::first(number);
                let life = world.process(number)?.life;
                if moves(world, number) {
                    return None;
                }
                if world.is_stopped(number) {
                    // At rest, whatever it is about.
                    if let Some(call) = after.in_call_mut(actor) {
                        call.slept = true;
                    }
                } else if asleep.contains(&actor) {
                    spec.sleeps(&after, actor)?;
                    after.in_call_mut(actor)?.slept = true;
                } else if life == Life::Live {
                    (*world.activity(actor) == Activity::Running).then_some(())?;
                }
            }
        }
    }
    Some(after)
}

/// Whether something befalls the process, or a handler of it is to run; timers may always be late.
fn moves(world: &World, number: u8) -> bool {
    let is_astir = world.process(number).is_some_and(Process::is_astir);
    is_astir || world.next_handler(number).is_some()
}

/// The worlds that one unseen step leads to.
fn unseen(spec: &Spec, world: &World) -> Vec<World> {
    let mut next = Vec::new();
    for step in (Kernel { spec, slips: &[] }).steps(world, &Graves::default()) {
        let (lo, hi) = spec.counts(world, &step);
        for count in lo..=hi {
            let mut after = world.clone();
            spec.make(&mut after, &step, Choice { count, probed: None });
            next.push(after);
        }
    }
    for process in 0..world.processes.len() as u8 {
        let actor = Actor::first(process);
        let is_new = world.in_call(actor).is_some_and(|call| !call.slept);
        if is_new && spec.sleeps(world, actor).is_some() {
            let mut after = world.clone();
            after.in_call_mut(actor).expect("it is in a call").slept = true;
            next.push(after);
        }
    }
    next
}

/// Without what nobody can see: places at the ends that are free, and what the ended were about.
fn tidy(world: &mut World) {
    while world.descriptions.last().is_some_and(|last| last.references == 0) {
        world.descriptions.pop();
    }
    while world.objects.last().is_some_and(|last| **last == Object::None) {
        world.objects.pop();
    }
    forget_the_free(world);
    for process in 0..world.processes.len() as u8 {
        let is_over = |life| matches!(life, Life::Zombie(_) | Life::Reaped);
        if world.process(process).is_some_and(|process| is_over(process.life))
            && let Some(process) = world.process_mut(process)
        {
            process.activity = Activity::Gone;
            process.signals = Signals::default();
        }
    }
}
