//! Every ending that the model allows a program: all interleavings, each world met once.
//!
//! What happens next is one of: a step of [`Spec::steps`] with any of its counts, a call that falls
//! asleep, a return, the beginning of a line, the news that a process has ended, and stillness,
//! where everybody in a call may sleep and nothing else is under way.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use ipc_model::clause::Envelope;
use ipc_model::operation::{Actor, Param};
use ipc_model::outcome::{Outcome, Value};
use ipc_model::process::SET_PDEATHSIG;
use ipc_model::signal::KILL_SIGNALS;
use ipc_model::spec::Spec;
use ipc_model::step::Step;
use ipc_model::timer;
use ipc_model::view::Choice;
use ipc_model::world::{Activity, Life, World};

use super::ending::{Ending, Fate, plain};
use crate::bindings::Bindings;
use crate::program::{Edge, Line, Program};
use crate::schedule::Schedule;

/// How much is enumerated before it is given up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limit {
    /// Worlds that are met, at most.
    pub worlds: usize,
    /// Endings, at most.
    pub endings: usize,
    /// Counts that one step may have, at most.
    pub counts: u64,
}

impl Default for Limit {
    fn default() -> Limit {
        Limit { worlds: 400_000, endings: 256, counts: 64 }
    }
}

/// Everything that the model allows a program.
#[derive(Clone, PartialEq, Debug)]
pub struct Allowed {
    /// Every ending once, in the order of their words.
    pub endings: Vec<Ending>,
    /// Whether somebody may be asleep while nothing else is under way, be it only until a later
    /// line.
    pub sleeps: bool,
    /// Every world that a run can leave behind.
    pub finals: Vec<World>,
    /// How many worlds were met on the way.
    pub worlds: usize,
}

/// Why the endings of a program cannot be told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unbounded {
    /// There are more worlds, endings or counts than that.
    TooLarge(&'static str, u64),
    /// The profile has no clause about this operation.
    Unspoken(String),
    /// A run comes to what the standard leaves open without a list, by this clause.
    OpenEnded(&'static str),
}

impl fmt::Display for Unbounded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unbounded::TooLarge(what, most) => {
                write!(f, "more than {most} {what}: use fewer lines, or fewer bytes")
            }
            Unbounded::Unspoken(operation) => {
                write!(f, "the profile does not speak of {operation}")
            }
            Unbounded::OpenEnded(clause) => {
                write!(f, "{clause} leaves open without a list what happens")
            }
        }
    }
}

/// A run of the program, up to somewhere.
#[derive(Clone)]
struct State<'a> {
    world: World,
    schedule: Schedule<'a>,
    bindings: Bindings,
    ending: Ending,
    /// Whose end the schedule knows of.
    ended: Vec<bool>,
}

/// One thing that can happen next.
#[derive(Clone, Copy)]
enum Next<'s> {
    Ended(u8),
    Return(Actor),
    /// The handler runs that is to run next there.
    Handle(u8),
    Begin(u16),
    Step(Step<'s>, u64),
    FallAsleep(Actor),
    Still,
}

/// Every ending of `program`.
pub fn enumerate(spec: &Spec, program: &Program, limit: Limit) -> Result<Allowed, Unbounded> {
    let unspoken = |line: &&Line| spec.clauses(line.operation).is_empty();
    if let Some(line) = program.lines.iter().find(unspoken) {
        return Err(Unbounded::Unspoken(line.operation.key()));
    }
    let mut search = Search {
        spec,
        program,
        limit,
        hasty: !program.lines.iter().any(is_seen_between),
        met: HashSet::new(),
        endings: BTreeMap::new(),
        finals: Vec::new(),
        sleeps: false,
    };
    search.explore()?;
    Ok(Allowed {
        endings: search.endings.into_values().collect(),
        sleeps: search.sleeps,
        finals: search.finals,
        worlds: search.met.len(),
    })
}

/// Whether it matters to the line what comes between a call and a return of others: it sends a signal,
/// now or later, or it begins only while somebody sleeps.
fn is_seen_between(line: &Line) -> bool {
    let sends = |param: &Param| matches!(param, Param::Word(words) if *words == KILL_SIGNALS);
    let later = timer::OPERATIONS.contains(&line.operation) || line.operation == &SET_PDEATHSIG;
    let waits = line.edges.iter().any(|edge| matches!(edge, Edge::WhenBlocked(_)));
    line.operation.params.iter().any(sends) || later || waits
}

struct Search<'a> {
    spec: &'a Spec,
    program: &'a Program,
    limit: Limit,
    /// Whether a return or a beginning, which nobody else sees, need not be delayed.
    hasty: bool,
    met: HashSet<u128>,
    endings: BTreeMap<String, Ending>,
    finals: Vec<World>,
    sleeps: bool,
}

impl<'a> Search<'a> {
    fn explore(&mut self) -> Result<(), Unbounded> {
        let mut open = vec![State {
            world: World::new(self.program.actors.len(), &self.program.roots(), 3),
            schedule: Schedule::new(self.program),
            bindings: Bindings::new(self.program),
            ending: Ending::unbegun(self.program),
            ended: vec![false; self.program.actors.len()],
        }];
        while let Some(state) = open.pop() {
            if !self.met.insert(state.digest()) {
                continue;
            }
            if self.met.len() > self.limit.worlds {
                return Err(Unbounded::TooLarge("worlds", self.limit.worlds as u64));
            }
            for next in self.possible(&state)? {
                let mut after = state.clone();
                after.happen(self.spec, self.program, next);
                open.push(after);
                if let Next::Still = next {
                    self.still(&state, open.pop().expect("just pushed"), &mut open)?;
                }
            }
        }
        Ok(())
    }

    /// Nothing moves: somebody's line may begin now, or this is the end.
    fn still(
        &mut self,
        before: &State<'a>,
        state: State<'a>,
        open: &mut Vec<State<'a>>,
    ) -> Result<(), Unbounded> {
        self.sleeps |= before.ending.sleeps();
        if !state.beginnings().is_empty() {
            open.push(state);
            return Ok(());
        }
        let all: Vec<usize> = (0..self.program.lines.len()).collect();
        let words = state.ending.display(self.program, &all);
        self.endings.entry(words).or_insert(state.ending);
        if self.endings.len() > self.limit.endings {
            return Err(Unbounded::TooLarge("endings", self.limit.endings as u64));
        }
        if !self.finals.contains(&state.world) {
            self.finals.push(state.world);
        }
        Ok(())
    }

    fn possible(&self, state: &State<'a>) -> Result<Vec<Next<'a>>, Unbounded> {
        let world = &state.world;
        let actors = (0..world.processes.len() as u8).map(Actor::first);
        let life = |actor: Actor| world.process(actor.process).map(|process| process.life);
        for actor in actors.clone() {
            let over = matches!(life(actor), Some(Life::Zombie(_) | Life::Reaped));
            if over && !state.ended[usize::from(actor.process)] {
                return Ok(vec![Next::Ended(actor.process)]);
            }
        }
        let returns = actors.clone().filter(|actor| world.may_return(*actor)).map(Next::Return);
        let begins = state.beginnings().into_iter().map(Next::Begin);
        let mut next: Vec<Next<'a>> = returns.chain(begins).collect();
        if self.hasty && !next.is_empty() {
            next.truncate(1);
            return Ok(next);
        }
        let handles = |process: &u8| world.next_handler(*process).is_some();
        let handlers = actors.clone().map(|actor| actor.process).filter(handles);
        next.extend(handlers.map(Next::Handle));
        let quiet = next.is_empty();
        for step in self.spec.steps(world) {
            self.counts(state, step, &mut next)?;
        }
        let astir = world.processes.iter().any(|process| process.is_astir());
        let in_call = || actors.clone().filter(|actor| world.in_call(*actor).is_some());
        let may_sleep = |actor: &Actor| self.spec.sleeps(world, *actor).is_some();
        let awake = |actor: &Actor| world.in_call(*actor).is_some_and(|call| !call.slept);
        if quiet && !astir && in_call().all(|actor| may_sleep(&actor)) {
            next.push(Next::Still);
        }
        next.extend(in_call().filter(awake).filter(may_sleep).map(Next::FallAsleep));
        Ok(next)
    }

    /// The step with each of its counts.
    fn counts(
        &self,
        state: &State<'a>,
        step: Step<'a>,
        next: &mut Vec<Next<'a>>,
    ) -> Result<(), Unbounded> {
        if step.is_open_ended() {
            return Err(Unbounded::OpenEnded(step.clause.id));
        }
        let (lo, hi) = self.spec.counts(&state.world, &step);
        if matches!(step.clause.envelope, Envelope::Newborn) {
            let line = state.schedule.current(step.actor.process).map(usize::from);
            let child = line.and_then(|line| self.program.lines[line].child);
            next.push(Next::Step(step, child.map_or(lo, u64::from)));
            return Ok(());
        }
        if hi.saturating_sub(lo) >= self.limit.counts {
            return Err(Unbounded::TooLarge("counts for one step", self.limit.counts));
        }
        next.extend((lo..=hi).map(|count| Next::Step(step, count)));
        Ok(())
    }
}

impl State<'_> {
    /// Two states of one digest go on alike: names follow from what was returned.
    fn digest(&self) -> u128 {
        let hash = |salt: u64| {
            let mut hasher = DefaultHasher::new();
            (salt, &self.world, self.schedule.progress(), &self.ending, &self.ended)
                .hash(&mut hasher);
            u128::from(hasher.finish())
        };
        hash(1) << 64 | hash(2)
    }

    /// The lines that can begin.
    fn beginnings(&self) -> Vec<u16> {
        let idle = |process: &u8| self.world.may_call(Actor::first(*process));
        let processes = (0..self.world.processes.len() as u8).filter(idle);
        processes.filter_map(|process| self.schedule.next(process)).collect()
    }

    fn happen(&mut self, spec: &Spec, program: &Program, next: Next<'_>) {
        match next {
            Next::Ended(process) => {
                let status = match self.world.process(process).map(|process| process.life) {
                    Some(Life::Zombie(status)) => Some(status),
                    _ => None,
                };
                self.ended[usize::from(process)] = true;
                self.schedule.ended(process);
                self.ending.end(program, process, status);
            }
            Next::Return(actor) => self.give_back(program, actor),
            Next::Handle(process) => {
                if let Some(info) = self.world.next_handler(process) {
                    self.world.handle(process, &info);
                }
            }
            Next::Begin(line) => {
                let actor = Actor::first(program.lines[usize::from(line)].actor);
                let call = self.bindings.resolve(program, line);
                self.schedule.stir();
                self.schedule.began(line);
                self.ending.lines[usize::from(line)] = Fate::InCall;
                spec.call(&mut self.world, actor, Arc::new(call));
            }
            Next::Step(step, count) => {
                spec.make(&mut self.world, &step, Choice { count, probed: None });
            }
            Next::FallAsleep(actor) => self.sleep(actor),
            Next::Still => {
                for process in 0..self.world.processes.len() as u8 {
                    self.sleep(Actor::first(process));
                    if self.world.in_call(Actor::first(process)).is_some()
                        && let Some(line) = self.schedule.current(process)
                    {
                        self.schedule.asleep(line);
                    }
                }
            }
        }
    }

    fn sleep(&mut self, actor: Actor) {
        if let Some(call) = self.world.in_call_mut(actor) {
            call.slept = true;
        }
    }

    fn give_back(&mut self, program: &Program, actor: Actor) {
        let Activity::Returning(outcome) = self.world.activity(actor).clone() else { return };
        self.world.set_activity(actor, Activity::Running);
        if outcome == Outcome::Success(Value::Begun) {
            let makes = |line: &&Line| line.child == Some(actor.process);
            if let Some(line) = program.lines.iter().find(makes) {
                self.bindings.inherit(actor.process, line.actor);
            }
        } else if let Some(line) = self.schedule.current(actor.process) {
            self.bindings.bind(program, line, &outcome);
            self.schedule.returned(line);
            self.ending.lines[usize::from(line)] = Fate::Returned(plain(&outcome));
        }
    }
}
