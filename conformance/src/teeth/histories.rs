//! Whether any history tells a kernel with slips from the sound one.
//!
//! Both run side by side: the one with slips does whatever it can, and beside it stand all the worlds
//! that the sound one can be in after the same calls, returns, ends and quiescences. Where none is
//! left, a program shows the fault. Where the world of the one with slips is among them, it may as well
//! have been sound until then, and whatever it does wrong from there on is looked at there.
//!
//! The fewer worlds stand beside it, the more is shown: where fewer have been looked at, more need not
//! be. A call that is answered returns at once, for who returns later shows no more.

use std::collections::HashMap;
use std::sync::Arc;

use ipc_model::operation::Actor;
use ipc_model::step::Step;
use ipc_model::view::Choice;
use ipc_model::world::{Activity, Life, World};

use super::asleep::woken;
use super::beside::{Beside, Many, Seen, Set};
use crate::faults::{Slip, Wrong};
use crate::history::Proof;
use crate::sim::{Graves, Kernel};
use crate::worlds::Space;

/// Pairs that a kernel with slips comes to in one scope, at most.
const FAR: usize = 50_000;

/// A kernel, as it stands.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Stand {
    pub(super) world: World,
    /// Bit *p* is set if process *p* has fallen asleep and has not been woken.
    pub(super) asleep: u32,
    /// Bit *p* is set if the end of process *p* has been told.
    pub(super) told: u32,
}

/// A kernel, the worlds beside it, and how it came to be.
#[derive(Clone)]
pub(super) struct Pair {
    mine: Stand,
    theirs: Set,
    how: How,
}

/// What happened, the last first.
#[derive(Clone, Default)]
struct How(Option<Arc<(How, String)>>);

impl How {
    fn concat(&self) -> String {
        let mut all = Vec::new();
        let mut how = self;
        while let Some(last) = &how.0 {
            all.push(last.1.as_str());
            how = &last.0;
        }
        all.reverse();
        all.join("; ")
    }
}

impl Pair {
    fn at(mine: Stand, theirs: Set) -> Pair {
        Pair { mine, theirs, how: How::default() }
    }

    fn and(&self, how: String) -> How {
        How(Some(Arc::new((self.how.clone(), how))))
    }

    /// The world that the kernel is in.
    pub(super) fn world(&self) -> &World {
        &self.mine.world
    }
}

fn is_subset(less: &[u32], more: &[u32]) -> bool {
    let mut more = more.iter();
    less.iter().all(|one| more.any(|other| other == one))
}

/// Shows each pair of the sound kernel in a scope, those that take fewer steps first, but no more than
/// `most`, for as long as `look` says so. Returns how many there were.
pub(super) fn each_pair(
    space: &Space<'_>,
    most: usize,
    look: &mut dyn FnMut(&mut Beside<'_>, &Pair) -> bool,
) -> usize {
    let spec = space.spec;
    let mut beside = Beside::new(spec);
    let number = beside.number(space.scope.begin(spec));
    let world = beside.world(number).clone();
    let theirs = beside.closure(vec![number]).unwrap_or_else(|Many| [].into());
    let mut side = Side::new(space, Kernel { spec, slips: &[] });
    side.add(number, Pair::at(Stand { world, asleep: 0, told: 0 }, theirs));
    while side.next < side.pairs.len().min(most) {
        let place = side.next;
        side.next += 1;
        if !look(&mut beside, &side.pairs[place]) {
            break;
        }
        for (how, seen, mine) in side.moves(&beside, &side.pairs[place], true) {
            let Ok(theirs) = beside.after(&side.pairs[place].theirs, &seen) else { continue };
            // It may be still only where that is allowed.
            let number = beside.number(mine.world.clone());
            if theirs.binary_search(&number).is_ok() {
                let how = side.pairs[place].and(how);
                side.add(number, Pair { mine, theirs, how });
            }
        }
    }
    side.next
}

/// A kernel in a scope, and what it has come to.
pub(super) struct Side<'s, 'a> {
    space: &'s Space<'a>,
    kernel: Kernel<'s>,
    pairs: Vec<Pair>,
    /// How many pairs have been looked at.
    next: usize,
    /// Beside each stand the smallest sets.
    known: HashMap<(u32, u32, u32), Vec<Set>>,
}

impl<'s, 'a> Side<'s, 'a> {
    /// It has come to nothing.
    pub(super) fn new(space: &'s Space<'a>, kernel: Kernel<'s>) -> Side<'s, 'a> {
        Side { space, kernel, pairs: Vec::new(), next: 0, known: HashMap::new() }
    }

    /// How the kernel with slips is told from the sound one from here on; or that this was not found
    /// out. What has been looked at is not looked at again.
    pub(super) fn told(&mut self, beside: &mut Beside<'_>, from: &Pair) -> Option<String> {
        if self.kernel.slips.iter().any(|slip: &Slip| matches!(slip.wrong, Wrong::Stale)) {
            return Some("what closed descriptors led to is not followed".to_owned());
        }
        let (spec, world) = (self.kernel.spec, from.world());
        let actors = (0..world.processes.len() as u8).map(Actor::first);
        let may_sleep = |actor: &Actor| {
            let slept = world.in_call(*actor).is_some_and(|call| call.slept);
            slept && spec.sleeps(world, *actor).is_some()
        };
        let most = actors.filter(may_sleep).fold(0_u32, |set, actor| set | 1 << actor.process);
        let number = beside.number(world.clone());
        for asleep in (0..=most).filter(|set| set & !most == 0) {
            self.add(number, Pair { mine: Stand { asleep, ..from.mine.clone() }, ..from.clone() });
        }
        while self.next < self.pairs.len() {
            let place = self.next;
            self.next += 1;
            for (how, seen, mine) in self.moves(beside, &self.pairs[place], false) {
                let Ok(theirs) = beside.after(&self.pairs[place].theirs, &seen) else {
                    return Some("too many worlds".to_owned());
                };
                let how = self.pairs[place].and(how);
                if theirs.is_empty() {
                    return Some(how.concat());
                }
                // Where time has passed for all of them a program is over.
                if matches!(seen, Seen::Quiescent(_, Proof::Expired)) {
                    continue;
                }
                let number = beside.number(mine.world.clone());
                if !self.is_sound(number, &mine, &theirs) {
                    self.add(number, Pair { mine, theirs, how });
                }
                if self.pairs.len() > FAR {
                    return Some("too many pairs".to_owned());
                }
            }
        }
        None
    }

    /// One more pair, whose world has that number, unless it shows nothing more than those that are
    /// there.
    fn add(&mut self, number: u32, pair: Pair) {
        let known = self.known.entry((number, pair.mine.asleep, pair.mine.told)).or_default();
        if known.iter().any(|less| is_subset(less, &pair.theirs)) {
            return;
        }
        known.retain(|more| !is_subset(&pair.theirs, more));
        known.push(Arc::clone(&pair.theirs));
        self.pairs.push(pair);
    }

    /// Whether the sound kernel may be just here.
    fn is_sound(&self, number: u32, mine: &Stand, theirs: &Set) -> bool {
        let world = &mine.world;
        let mut asleep = (0..world.processes.len() as u8).filter(|p| mine.asleep & 1 << p != 0);
        asleep.all(|process| self.kernel.spec.sleeps(world, Actor::first(process)).is_some())
            && theirs.binary_search(&number).is_ok()
    }

    /// What the kernel may do next, or those who call it. The sound one may also be still wherever it
    /// is allowed to.
    fn moves(&self, beside: &Beside<'_>, pair: &Pair, sound: bool) -> Vec<(String, Seen, Stand)> {
        let mine = &pair.mine;
        if let Some(told) = tells(mine) {
            return vec![told];
        }
        let (kernel, world) = (self.kernel, &mine.world);
        let mut next = Vec::new();
        let awake = |actor: Actor| mine.asleep & 1 << actor.process == 0;
        let steps = kernel.steps(world, &Graves::default());
        // Nobody judges what follows where anything may be.
        let open_ended = steps.iter().any(Step::is_open_ended);
        for step in steps.into_iter().filter(|step| !step.is_open_ended()) {
            if !step.unasked && !awake(step.actor) {
                continue;
            }
            let (lo, hi) = kernel.counts(world, &step);
            for count in lo..=hi {
                let how = format!("{} {} ({count})", step.actor.process, step.clause.id);
                let after = self.made(mine, &step, count);
                next.extend(after.into_iter().map(|after| (how.clone(), Seen::Nothing, after)));
            }
        }
        for process in 0..world.processes.len() as u8 {
            let actor = Actor::first(process);
            let sleep = if awake(actor) { kernel.sleep(world, actor) } else { None };
            if let Some(step) = sleep {
                let mut after = mine.clone();
                kernel.make(&mut after.world, &Graves::default(), &step, Choice::default());
                if !sound {
                    after.asleep |= 1 << process;
                } else if after == *mine {
                    continue;
                }
                next.push((format!("{process} falls asleep"), Seen::Nothing, after));
            }
        }
        let is_still = next.is_empty() && !open_ended;
        if is_still && !sound {
            next.extend(time_passes(&kernel, mine));
        }
        if is_still || sound {
            next.push(still(mine, Proof::Proven));
        }
        next.extend(self.calls(beside, mine, &pair.theirs));
        next
    }

    fn made(&self, mine: &Stand, step: &Step<'_>, count: u64) -> Vec<Stand> {
        let mut after = mine.clone();
        let choice = Choice { count, probed: None };
        self.kernel.make(&mut after.world, &Graves::default(), step, choice);
        let mut all = woken(&self.kernel, step.clause, after);
        for after in &mut all {
            let gone = |p: &u8| after.world.in_call(Actor::first(*p)).is_none();
            let gone = (0..after.world.processes.len() as u8).filter(gone);
            after.asleep &= !gone.fold(0, |set, process| set | 1 << process);
        }
        all
    }

    fn calls(&self, beside: &Beside<'_>, mine: &Stand, theirs: &Set) -> Vec<(String, Seen, Stand)> {
        let world = &mine.world;
        let used = beside.tags(theirs) | crate::worlds::used_tags(world);
        let mut calls = Vec::new();
        for process in 0..world.processes.len() as u8 {
            let actor = Actor::first(process);
            if !world.may_call(actor) {
                continue;
            }
            for call in self.space.calls_of(world, actor, (!used).trailing_zeros()) {
                let mut after = mine.clone();
                after.asleep &= !(1 << process);
                self.kernel.spec.call(&mut after.world, actor, Arc::clone(&call));
                calls.push((format!("{process} calls {call}"), Seen::Call(actor, call), after));
            }
        }
        calls
    }
}

/// Whoever has something to tell tells it before anything else happens.
fn tells(mine: &Stand) -> Option<(String, Seen, Stand)> {
    let world = &mine.world;
    for number in 0..world.processes.len() as u8 {
        let actor = Actor::first(number);
        let life = world.process(number)?.life;
        let mut after = mine.clone();
        if let (Some(info), Life::Live) = (world.next_handler(number), life) {
            after.world.handle(number, &info);
            // What begins anew looks anew.
            if world.in_call(actor).is_some_and(|call| !call.interrupted) {
                after.asleep &= !(1 << number);
            }
            return Some((format!("{number} handles {info}"), Seen::Handled(number, info), after));
        }
        if let (Activity::Returning(outcome), Life::Live, true) =
            (world.activity(actor), life, world.may_return(actor))
        {
            after.world.set_activity(actor, Activity::Running);
            let how = format!("{number} is told {outcome:?}");
            return Some((how, Seen::Return(actor, outcome.clone()), after));
        }
        if is_over(life) && mine.told & 1 << number == 0 {
            let status = if let Life::Zombie(status) = life { Some(status) } else { None };
            after.told |= 1 << number;
            return Some((format!("{number} has ended"), Seen::Ended(number, status), after));
        }
    }
    None
}

fn is_over(life: Life) -> bool {
    matches!(life, Life::Zombie(_) | Life::Reaped)
}

/// Nothing can happen: whoever is in a call is asleep.
fn still(mine: &Stand, proof: Proof) -> (String, Seen, Stand) {
    let mut after = mine.clone();
    let mut asleep = Vec::new();
    for process in 0..after.world.processes.len() as u8 {
        if let Some(call) = after.world.in_call_mut(Actor::first(process)) {
            call.slept = true;
            asleep.push(Actor::first(process));
        }
    }
    let how = if proof == Proof::Expired { "nothing moves, for long" } else { "nothing moves" };
    (how.to_owned(), Seen::Quiescent(asleep, proof), after)
}

/// A long time passes where nothing moves: who sleeps for so long and no longer looks again; where nobody
/// does who should, or a signal should have come, that is seen. With a timer that goes on and on nobody
/// can tell when that is.
fn time_passes(kernel: &Kernel<'_>, mine: &Stand) -> Option<(String, Seen, Stand)> {
    let world = &mine.world;
    let actors = (0..world.processes.len() as u8).map(Actor::first);
    let is_timed =
        |actor: &Actor| world.in_call(*actor).is_some_and(|call| call.call.timeout().is_some());
    let timed: Vec<Actor> = actors.filter(is_timed).collect();
    let able = kernel.steps(world, &Graves::default());
    let able = able.iter().filter(|step| timed.contains(&step.actor)).map(|step| step.actor);
    let woken = able.fold(0_u32, |set, actor| set | 1 << actor.process);
    if woken & mine.asleep != 0 {
        let after = Stand { asleep: mine.asleep & !woken, ..mine.clone() };
        return Some(("time passes".to_owned(), Seen::Nothing, after));
    }
    let lives = || world.processes.iter().filter(|process| process.life == Life::Live);
    let sends = lives().any(|process| process.timers.are_to_send(&process.signals));
    let goes_on = lives().any(|process| process.timers.go_on(&process.signals));
    (!goes_on && (sends || !timed.is_empty())).then(|| still(mine, Proof::Expired))
}
