//! The rules of one profile on one system, and the steps that they allow.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::clause::{Clause, Cond, Effect, Envelope, Force};
use crate::epoll::{self, Deed};
use crate::mechanism;
use crate::operation::{Actor, Operation};
use crate::outcome::{Outcome, Value};
use crate::poll::READY;
use crate::process::{DEATH, NEWS, STOPPED};
use crate::profile::{Numbers, Profile};
use crate::signal::DELIVERY;
use crate::socket::garbage::{self, COLLECTION};
use crate::thread;
use crate::timer::EXPIRY;
use crate::view::{Change, Choice, View};
use crate::world::{Activity, InCall, Life, World};

/// The clauses of a profile, with the numbers of a system.
pub struct Spec {
    /// The profile.
    pub profile: &'static Profile,
    /// The numbers.
    pub numbers: Numbers,
    /// Invariant: for every operation that a clause speaks of, its rules; sorted by the place of the
    /// operation. Specs that differ in their numbers, or in a few clauses, share the others.
    by_operation: ByOperation,
    /// When a rule of readiness holds, if it is not when its guards do.
    lens: Option<Lens>,
}

type ByOperation = Arc<[(&'static Operation, Arc<Rules>)]>;

/// The rules of each profile, once they were asked for: all systems of it share them.
static KNOWN: Mutex<Vec<(&'static Profile, ByOperation)>> = Mutex::new(Vec::new());

/// Whether a clause applies in a view, as somebody else sees it.
pub type Lens = Box<dyn Fn(&View<'_>, &Clause) -> bool + Send + Sync>;

/// The clauses about one operation, in the order of the pages, and their conditions, each once: many
/// clauses share them.
#[derive(Default)]
struct Rules {
    clauses: Vec<Clause>,
    /// For each clause the places of its guards in `conds`.
    guards: Vec<Vec<u8>>,
    conds: Vec<Cond>,
    /// For each condition the clauses, as bits, that have it as a guard.
    users: Vec<Set>,
    /// For each clause the guards that the sort of the descriptor does not decide.
    open: Vec<Vec<u8>>,
    /// For each sort of descriptor the clauses that it leaves, once it was asked.
    left: OnceLock<Box<[OnceLock<Set>]>>,
}

/// Clauses of one operation, as bits by their places.
type Set = u128;

impl Rules {
    fn add(&mut self, clause: Clause) {
        let bit = 1 << self.clauses.len();
        assert!(self.clauses.len() < Set::BITS as usize, "{} is one too many", clause.id);
        let mut guards = Vec::with_capacity(clause.guards.len());
        for guard in clause.guards {
            let known = self.conds.iter().position(|cond| *cond == guard.cond);
            let place = known.unwrap_or(self.conds.len());
            if known.is_none() {
                self.conds.push(guard.cond);
                self.users.push(0);
            }
            self.users[place] |= bit;
            guards.push(place as u8);
        }
        let open = |place: &u8| !self.conds[usize::from(*place)].is_by_sort();
        self.open.push(guards.iter().copied().filter(open).collect());
        self.guards.push(guards);
        self.clauses.push(clause);
    }

    /// The clauses of which the sort of the descriptor keeps nothing from being used.
    fn left(&self, view: &View<'_>) -> Set {
        let left = self.left.get_or_init(|| (0..View::SORTS).map(|_| OnceLock::new()).collect());
        *left[view.sort()].get_or_init(|| {
            let all = Set::MAX.checked_shr(Set::BITS - self.clauses.len() as u32).unwrap_or(0);
            let conds = self.conds.iter().zip(&self.users);
            let fails = |(cond, _): &(&Cond, &Set)| cond.is_by_sort() && !view.holds(cond);
            conds.filter(fails).fold(all, |left, (_, users)| left & !users)
        })
    }

    /// Those of the wanted clauses whose guards hold. Every condition is looked at once at most: if it
    /// does not hold, none of the clauses that share it is looked at any more.
    fn enabled<'s>(
        &'s self,
        view: View<'_>,
        wanted: impl Fn(&Clause) -> bool,
    ) -> impl Iterator<Item = &'s Clause> {
        let mut left = self.left(&view);
        // Conditions that hold, those below 128 as bits.
        let mut held = 0_u128;
        std::iter::from_fn(move || {
            while left != 0 {
                let place = left.trailing_zeros() as usize;
                left &= left - 1;
                let clause = &self.clauses[place];
                let hold = |cond: &u8| {
                    let bit = 1_u128.checked_shl((*cond).into()).unwrap_or(0);
                    let holds = held & bit != 0 || view.holds(&self.conds[usize::from(*cond)]);
                    match holds {
                        true => held |= bit,
                        false => left &= !self.users[usize::from(*cond)],
                    }
                    holds
                };
                if wanted(clause) && self.open[place].iter().all(hold) {
                    return Some(clause);
                }
            }
            None
        })
    }
}

impl Rules {
    /// Tells `note` each clause whose guards hold, and each that one guard alone keeps from it, with the
    /// place of that guard. Every condition is looked at once at most.
    fn near(&self, view: &View<'_>, note: &mut dyn FnMut(&'static str, Option<usize>)) {
        let mut known: Vec<Option<bool>> = vec![None; self.conds.len()];
        for (clause, guards) in self.clauses.iter().zip(&self.guards) {
            let mut fails = |(_, cond): &(usize, &u8)| {
                let cond = usize::from(**cond);
                !*known[cond].get_or_insert_with(|| view.holds(&self.conds[cond]))
            };
            let mut failing = guards.iter().enumerate().filter(|guard| fails(guard));
            let first = failing.next();
            if failing.next().is_none() {
                note(clause.id, first.map(|(place, _)| place));
            }
        }
    }
}

impl Spec {
    /// The clauses that `profile` has.
    pub fn new(profile: &'static Profile, numbers: Numbers) -> Spec {
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        let of = known.iter().find(|(of, _)| std::ptr::eq(*of, profile));
        let by_operation = of.map(|(_, by_operation)| Arc::clone(by_operation));
        let by_operation = by_operation.unwrap_or_else(|| {
            let clauses = mechanism::clauses().filter(|clause| profile.has(clause));
            let all = Spec::with_clauses(profile, numbers, clauses.copied());
            known.push((profile, Arc::clone(&all.by_operation)));
            all.by_operation
        });
        Spec { profile, numbers, by_operation, lens: None }
    }

    /// These clauses, whatever the profile says: for planted faults and for sketches.
    pub fn with_clauses(
        profile: &'static Profile,
        numbers: Numbers,
        clauses: impl IntoIterator<Item = Clause>,
    ) -> Spec {
        let mut by_operation: Vec<(&'static Operation, Rules)> = Vec::new();
        for clause in clauses {
            for operation in clause.on {
                if !profile.may_speak_of(operation) {
                    continue;
                }
                if !by_operation.iter().any(|(known, _)| known == operation) {
                    by_operation.push((operation, Rules::default()));
                }
                let rules = by_operation.iter_mut().find(|(known, _)| known == operation);
                if let Some((_, rules)) = rules {
                    rules.add(clause);
                }
            }
        }
        by_operation.sort_by_key(|(operation, _)| std::ptr::from_ref(*operation) as usize);
        let shared =
            by_operation.into_iter().map(|(operation, rules)| (operation, Arc::new(rules)));
        Spec { profile, numbers, by_operation: shared.collect(), lens: None }
    }

    /// The same clauses on a system with other numbers.
    pub fn with_numbers(&self, numbers: Numbers) -> Spec {
        let by_operation = Arc::clone(&self.by_operation);
        Spec { profile: self.profile, numbers, by_operation, lens: None }
    }

    /// All clauses but one.
    pub fn without(&self, id: &str) -> Spec {
        self.changed(|clause| clause.id == id, |_| None)
    }

    /// The same clauses, of which some are as `change` makes them; none is about other operations then.
    pub fn altered(
        &self,
        concerned: impl Fn(&Clause) -> bool,
        change: impl Fn(&Clause) -> Clause,
    ) -> Spec {
        self.changed(concerned, |clause| Some(change(clause)))
    }

    fn changed(
        &self,
        concerned: impl Fn(&Clause) -> bool,
        change: impl Fn(&Clause) -> Option<Clause>,
    ) -> Spec {
        let one = |rules: &Arc<Rules>| {
            if !rules.clauses.iter().any(&concerned) {
                return Arc::clone(rules);
            }
            let mut changed = Rules::default();
            for clause in &rules.clauses {
                let clause = if concerned(clause) { change(clause) } else { Some(*clause) };
                clause.into_iter().for_each(|clause| changed.add(clause));
            }
            Arc::new(changed)
        };
        let by_operation =
            self.by_operation.iter().map(|(operation, rules)| (*operation, one(rules)));
        Spec {
            profile: self.profile,
            numbers: self.numbers,
            by_operation: by_operation.collect(),
            lens: None,
        }
    }

    /// The same rules; those of readiness hold when the lens says so. For planted faults: a call that is
    /// made of such rules cannot be bent from outside.
    pub fn seen_through(self, lens: Lens) -> Spec {
        Spec { lens: Some(lens), ..self }
    }

    /// The clauses about an operation.
    pub fn clauses(&self, operation: &'static Operation) -> &[Clause] {
        self.rules(operation).map_or(&[], |rules| &rules.clauses)
    }

    /// Tells `note` each clause about an operation that can be used in a view, and each that one guard
    /// alone keeps from it, with the place of that guard.
    pub fn near(
        &self,
        operation: &'static Operation,
        view: &View<'_>,
        note: &mut dyn FnMut(&'static str, Option<usize>),
    ) {
        if let Some(rules) = self.rules(operation) {
            rules.near(view, note);
        }
    }

    fn rules(&self, operation: &'static Operation) -> Option<&Rules> {
        let place = std::ptr::from_ref(operation) as usize;
        let key =
            |(known, _): &(&'static Operation, Arc<Rules>)| std::ptr::from_ref(*known) as usize;
        let index = self.by_operation.binary_search_by_key(&place, key).ok()?;
        Some(&self.by_operation[index].1)
    }

    /// A clause by its id, if it is among these.
    pub fn find(&self, id: &str) -> Option<&Clause> {
        let mut all = self.by_operation.iter().flat_map(|(_, rules)| &rules.clauses);
        all.find(|clause| clause.id == id)
    }

    /// Every clause once, in the order of the pages.
    pub fn all(&self) -> Vec<&Clause> {
        let places: BTreeMap<&str, usize> =
            mechanism::clauses().enumerate().map(|(place, clause)| (clause.id, place)).collect();
        let order = |id: &str| places.get(id).copied().unwrap_or(usize::MAX);
        let mut all: Vec<&Clause> =
            self.by_operation.iter().flat_map(|(_, rules)| &rules.clauses).collect();
        all.sort_by_cached_key(|clause| (order(clause.id), clause.id));
        all.dedup_by_key(|clause| clause.id);
        all
    }

    /// The clauses that a thread's call can use now.
    pub fn enabled(&self, world: &World, actor: Actor) -> Vec<&Clause> {
        self.enabled_among(world, actor, |_| true)
    }

    /// Those of the wanted clauses that a thread's call can use now.
    pub fn enabled_among(
        &self,
        world: &World,
        actor: Actor,
        wanted: impl Fn(&Clause) -> bool,
    ) -> Vec<&Clause> {
        self.all_enabled(world, actor, wanted).collect()
    }

    /// As [`Spec::enabled_among`], one after the other.
    pub(crate) fn all_enabled<'s: 'w, 'w>(
        &'s self,
        world: &'w World,
        actor: Actor,
        wanted: impl Fn(&Clause) -> bool,
    ) -> impl Iterator<Item = &'s Clause> {
        let enabled = |rules: &'s Rules| rules.enabled(View::new(self, world, actor), wanted);
        self.rules_of(world, actor).map(enabled).into_iter().flatten()
    }

    /// What `fit` makes of the first of the wanted clauses that a thread's call can use now and that fits:
    /// of those behind it no guard is looked at.
    pub fn first_enabled<'s, T>(
        &'s self,
        world: &World,
        actor: Actor,
        wanted: impl Fn(&Clause) -> bool,
        fit: impl FnMut(&'s Clause) -> Option<T>,
    ) -> Option<T> {
        let rules = self.rules_of(world, actor)?;
        rules.enabled(View::new(self, world, actor), wanted).find_map(fit)
    }

    /// The rules of the call that a thread is in.
    ///
    /// A handler that is to run does so before the call goes on, unless the call is to return behind it.
    fn rules_of(&self, world: &World, actor: Actor) -> Option<&Rules> {
        let call = world.in_call(actor)?;
        if world.is_stopped(actor.process) {
            return self.rules(&STOPPED);
        }
        let handler = || world.process(actor.process).is_some_and(|p| !p.signals.frames.is_empty());
        if !call.interrupted && handler() {
            return None;
        }
        self.rules(call.operation())
    }

    /// The rules of readiness that hold for the subject of a view.
    pub fn ready<'s>(&'s self, view: &View<'_>) -> impl Iterator<Item = &'s Clause> + use<'s> {
        let rules = self.rules(&READY);
        let held: Vec<&Clause> = match (rules, &self.lens) {
            (None, _) => Vec::new(),
            (Some(rules), None) => rules.enabled(*view, |_| true).collect(),
            (Some(rules), Some(lens)) => {
                rules.clauses.iter().filter(|clause| lens(view, clause)).collect()
            }
        };
        held.into_iter()
    }

    /// Whether the call may not stay asleep: some clause that obliges is enabled.
    pub fn obliged(&self, world: &World, actor: Actor) -> bool {
        let Some(rules) = self.rules_of(world, actor) else { return false };
        let view = View::new(self, world, actor);
        let mut enabled = rules.enabled(view, |clause| !matches!(clause.force, Force::Permits));
        enabled.any(|clause| obliges(&view, clause))
    }

    /// The clause that lets the call sleep, if it may.
    pub fn sleeps(&self, world: &World, actor: Actor) -> Option<&Clause> {
        let rules = self.rules_of(world, actor)?;
        let view = View::new(self, world, actor);
        let mut sleep = None;
        for clause in rules.enabled(view, |_| true) {
            match clause.envelope {
                Envelope::Sleep => sleep = sleep.or(Some(clause)),
                _ if obliges(&view, clause) => return None,
                _ => {}
            }
        }
        sleep
    }

    /// The clauses by which a dying process goes on, or a signal comes to one that lives.
    pub(crate) fn due(&self, world: &World, process: u8) -> Vec<&Clause> {
        let view = View::unasked(self, world, process);
        let rules = befalls(world, process).filter_map(|operation| self.rules(operation));
        rules.flat_map(|rules| rules.enabled(view, |_| true)).collect()
    }

    /// Whether the clause's envelope has this outcome, and by which choice; the number that the system
    /// told along with it is known.
    pub fn admits(
        &self,
        world: &World,
        actor: Actor,
        clause: &Clause,
        outcome: &Outcome,
        probed: Option<u64>,
    ) -> Option<Choice> {
        let chosen = Choice { count: 0, probed };
        let view = View { chosen, ..View::new(self, world, actor) };
        let count = |n: u64| Choice { count: n, probed };
        let within = |n: u64, lo, hi| view.num(lo) <= n && n <= view.num(hi);
        match (&clause.envelope, outcome) {
            (Envelope::Anything, _) => Some(count(0)),
            (Envelope::Nothing, Outcome::Success(Value::Nothing)) => Some(count(0)),
            (Envelope::Count(lo, hi), Outcome::Success(Value::Number(n))) => {
                let n = u64::try_from(*n).ok()?;
                within(n, lo, hi).then(|| count(n))
            }
            (Envelope::Data(lo, hi), Outcome::Success(Value::Data(data))) => {
                let same =
                    view.front().is_some_and(|front| front.starts_with(data)) || data.is_empty();
                (same && within(data.len(), lo, hi)).then(|| count(data.len()))
            }
            (Envelope::Passed(lo, hi, answer), Outcome::Success(Value::Passed(got))) => {
                let n = got.data.len();
                let same = |told: Value| {
                    matches!(told, Value::Passed(told)
                    if (&told.fds, told.said) == (&got.fds, got.said)
                        && told.data.same_bytes(&got.data))
                };
                let chosen = View { chosen: count(n), ..view };
                (within(n, lo, hi) && same((answer.value)(&chosen))).then(|| count(n))
            }
            (Envelope::Error(errno), Outcome::Failure(got)) => (errno == got).then(|| count(0)),
            (Envelope::Exactly(answer), Outcome::Success(got)) => {
                (answer.value)(&view).same(got).then(|| count(0))
            }
            (Envelope::Among(lo, hi, answer), Outcome::Success(got)) => {
                let told = |n: &u64| (answer.value)(&View { chosen: count(*n), ..view }).same(got);
                (view.num(lo)..=view.num(hi)).find(told).map(count)
            }
            (Envelope::Newborn, Outcome::Success(Value::Child(child))) => {
                let unborn = world.process(*child).is_some_and(|p| p.life == Life::Unborn);
                unborn.then(|| count(u64::from(*child)))
            }
            (Envelope::Absent(name), Outcome::Absent(got)) => (name == got).then(|| count(0)),
            _ => None,
        }
    }

    /// The counts that can be chosen from the clause's envelope, `0..=0` where there is no choice.
    pub fn range(&self, world: &World, actor: Actor, clause: &Clause) -> (u64, u64) {
        let view = View::new(self, world, actor);
        match &clause.envelope {
            Envelope::Count(lo, hi)
            | Envelope::Data(lo, hi)
            | Envelope::Passed(lo, hi, _)
            | Envelope::Among(lo, hi, _)
            | Envelope::Step(lo, hi) => (view.num(lo), view.num(hi)),
            Envelope::Newborn => {
                let unborn = |p: &Arc<crate::world::Process>| p.life == Life::Unborn;
                let first = world.processes.iter().position(unborn).unwrap_or(usize::MAX) as u64;
                (first, first)
            }
            _ => (0, 0),
        }
    }

    /// What the caller is told if this is chosen; `None` for a clause that gives no answer.
    pub fn outcome(
        &self,
        world: &World,
        actor: Actor,
        clause: &Clause,
        choice: Choice,
    ) -> Option<Outcome> {
        let view = View { chosen: choice, ..View::new(self, world, actor) };
        Some(match &clause.envelope {
            Envelope::Nothing => Outcome::NOTHING,
            Envelope::Count(..) => Outcome::Success(Value::Number(choice.count as i64)),
            Envelope::Data(..) => {
                let front = view.front().map(|front| front.prefix(choice.count));
                Outcome::Success(Value::Data(front.unwrap_or_default()))
            }
            Envelope::Error(errno) => Outcome::Failure(*errno),
            Envelope::Exactly(answer)
            | Envelope::Among(_, _, answer)
            | Envelope::Passed(_, _, answer) => Outcome::Success((answer.value)(&view)),
            Envelope::Newborn => Outcome::Success(Value::Child(choice.count as u8)),
            Envelope::Absent(name) => Outcome::Absent((*name).to_owned()),
            Envelope::Step(..)
            | Envelope::Is(_)
            | Envelope::Sleep
            | Envelope::Never
            | Envelope::Anything => {
                return None;
            }
        })
    }

    /// A thread makes a call.
    pub fn call(&self, world: &mut World, actor: Actor, call: Arc<crate::operation::Call>) {
        world.set_activity(actor, Activity::InCall(InCall::new(call)));
    }

    /// The thread's call takes an enabled clause: a step, an answer or an end.
    pub fn take(&self, world: &mut World, actor: Actor, clause: &Clause, choice: Choice) {
        // Falling asleep does nothing, and need not have been seen.
        if matches!(clause.envelope, Envelope::Sleep) {
            return self.act(world, actor, clause, choice);
        }
        let partial = matches!(clause.envelope, Envelope::Step(..));
        self.stirring(world, Deed { actor, partial }, |world| {
            self.act(world, actor, clause, choice);
        });
    }

    /// Does something for an actor, and then makes news of it to whom it is news.
    pub fn stirring(&self, world: &mut World, deed: Deed, act: impl FnOnce(&mut World)) {
        let several = thread::are_there(world);
        if !several && !epoll::watched(world) {
            return act(world);
        }
        let (before, stirred) = (world.clone(), epoll::stirs(world, deed));
        act(world);
        if several {
            thread::share(&before, world);
        }
        epoll::stir(self, &before, world, deed, stirred);
    }

    fn act(&self, world: &mut World, actor: Actor, clause: &Clause, choice: Choice) {
        let answer = self.outcome(world, actor, clause, choice);
        match clause.envelope {
            Envelope::Sleep => {
                if let Some(call) = world.in_call_mut(actor) {
                    call.slept = true;
                }
            }
            _ => self.apply(world, actor, clause.effects, choice),
        }
        match (&clause.envelope, answer) {
            (_, Some(answer)) => world.answer(actor, answer),
            (Envelope::Never | Envelope::Anything, None) => world.abandon(actor),
            _ => {}
        }
    }

    /// A step that is due befalls a process.
    pub(crate) fn befall(&self, world: &mut World, process: u8, clause: &Clause, choice: Choice) {
        let actor = Actor::first(process);
        self.stirring(world, Deed { actor, partial: false }, |world| {
            if world.process(process).is_some_and(|p| matches!(p.life, Life::Dying(_))) {
                thread::end_with(world, process);
                world.abandon(actor);
            }
            self.apply(world, actor, clause.effects, choice);
        });
    }

    pub(crate) fn apply(
        &self,
        world: &mut World,
        actor: Actor,
        effects: &[Effect],
        choice: Choice,
    ) {
        let view = View { chosen: choice, ..View::new(self, world, actor) };
        let subject = view.subject;
        match effects {
            [] => {}
            [only] => {
                let amount = view.num(&only.amount);
                let mut change = Change { world, spec: self, actor, subject, chosen: choice };
                (only.action.run)(&mut change, amount);
            }
            several => {
                let amounts: Vec<u64> =
                    several.iter().map(|effect| view.num(&effect.amount)).collect();
                let mut change = Change { world, spec: self, actor, subject, chosen: choice };
                for (effect, amount) in several.iter().zip(amounts) {
                    (effect.action.run)(&mut change, amount);
                }
            }
        }
    }
}

/// What befalls a process unasked: its death, if it is dying; the delivery of a signal, if it lives and
/// one is pending that it does not block; and besides that a timer of it may expire. What befalls nobody is
/// told of the first process.
pub fn befalls(world: &World, process: u8) -> impl Iterator<Item = &'static Operation> + use<> {
    let is_first = process == 0;
    let Some(process) = world.process(process) else { return [None; 3].into_iter().flatten() };
    let first: Option<&'static Operation> = match process.life {
        Life::Dying(_) => Some(&DEATH),
        Life::Live if !process.untold.is_empty() => Some(&NEWS),
        Life::Live if process.signals.deliverable() != 0 && !process.stopped => Some(&DELIVERY),
        _ => None,
    };
    let expires = process.life == Life::Live && process.timers.may_act(&process.signals);
    let dies = matches!(process.life, Life::Dying(_));
    let collects = is_first && !dies && garbage::may_be(world);
    [first, expires.then_some(&EXPIRY), collects.then_some(&COLLECTION)].into_iter().flatten()
}

/// Whether a clause can be used in this view.
pub fn enabled(view: &View<'_>, clause: &Clause) -> bool {
    clause.guards.iter().all(|guard| view.holds(&guard.cond))
}

/// Whether a clause that is enabled obliges.
pub fn obliges(view: &View<'_>, clause: &Clause) -> bool {
    match &clause.force {
        Force::Obliges => !matches!(clause.envelope, Envelope::Sleep),
        Force::Permits => false,
        Force::ObligesWhen(guard) => view.holds(&guard.cond),
    }
}
