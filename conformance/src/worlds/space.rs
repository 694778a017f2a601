//! The space of a scope: its states, and what can happen in each.

use std::sync::Arc;

use ipc_model::operation::{Actor, Call, Gives, Operation};
use ipc_model::outcome::Outcome;
use ipc_model::payload::{Data, Run};
use ipc_model::pidfd::PIDFD_SEND_SIGNAL;
use ipc_model::pipe::SPLICE;
use ipc_model::process::{ABOUT_GROUPS, KILL};
use ipc_model::profile::POSIX2024;
use ipc_model::signal::{RAISE, SENDS_TO_SEVERAL, SIGQUEUE};
use ipc_model::spec::Spec;
use ipc_model::step::Step;
use ipc_model::thread::PTHREAD_KILL;
use ipc_model::timer::TIMER_CREATE;
use ipc_model::view::Choice;
use ipc_model::world::{Activity, InCall, Life, Object, Process, World};

use super::always::leading_to;
use super::bytes::{self, Packets};
use super::here::Here;
use super::letters::Letter;
use super::scope::Scope;

/// Signals that are pending at a time, at most.
const PENDING: usize = 2;
/// Timers that were made, at most.
const TIMERS: usize = 2;
/// What sends a signal to one process.
static SENDS: &[&Operation] = &[&KILL, &RAISE, &SIGQUEUE, &PIDFD_SEND_SIGNAL, &PTHREAD_KILL];

/// A world, and what was seen of it that it does not say itself.
#[derive(Clone)]
pub(super) struct State {
    /// The world.
    pub(super) world: World,
    /// For each process the bytes that its call has put in somewhere, by the pipes' contents.
    pub(super) moved: Vec<u64>,
    /// Where packets lie, by what went in and out.
    pub(super) packets: Packets,
}

/// What can happen.
#[derive(Clone)]
pub(super) enum Action<'a> {
    /// A process makes a call.
    Call(Actor, Arc<Call>),
    /// A call falls asleep.
    Sleep(Actor),
    /// A step that can be made, and how far it goes. A call that is answered by it returns at once:
    /// nobody else can tell when.
    Step {
        /// The step.
        step: Step<'a>,
        /// The count that was chosen.
        count: u64,
    },
}

/// What became of the contents of one object.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Moved {
    /// These went in behind the others.
    In(Data),
    /// These went out, the oldest.
    Out(Data),
    /// Nobody can reach it any more.
    Lost,
    /// Something else.
    Otherwise,
}

/// What was seen of something that happened.
pub(super) struct Seen {
    /// What each process was told that was told something: a `fork` tells two.
    pub(super) answers: Vec<(Actor, Outcome)>,
    /// For each object whose contents are not what they were: what became of them.
    pub(super) moves: Vec<(usize, Moved)>,
}

/// One thing that happened.
pub(super) struct Edge<'a> {
    /// The state before.
    pub(super) before: &'a State,
    /// What happened.
    pub(super) action: &'a Action<'a>,
    /// The state after.
    pub(super) after: &'a State,
    /// What was seen of it.
    pub(super) seen: Seen,
}

/// The states of a scope and what leads from one to the next.
pub struct Space<'a> {
    /// The scope.
    pub scope: &'a Scope,
    /// The rules.
    pub spec: &'a Spec,
    pub(super) letters: Vec<Letter>,
    /// Every order of the processes that changes nothing: who may make the same calls is alike.
    pub(super) orders: Vec<Vec<u8>>,
    /// The places that such an order can give to either, the lower first.
    pub(super) alike: Vec<(usize, usize)>,
    /// Whether anybody can see which process group who is in.
    pub(super) groups: bool,
    /// The base, where the scope's profile is another: it must allow all that happens.
    pub(super) base: Option<Spec>,
}

impl<'a> Space<'a> {
    /// The space of a scope by these rules.
    pub fn new(scope: &'a Scope, spec: &'a Spec) -> Space<'a> {
        let letters = scope.letters();
        let alike = alike(&letters, scope.processes);
        let orders = orders(&alike, scope.processes);
        let is_base = std::ptr::eq(scope.profile, &raw const POSIX2024);
        let base = (!is_base).then(|| Spec::new(&POSIX2024, scope.numbers));
        let groups = letters.iter().any(|letter| ABOUT_GROUPS.contains(&letter.operation));
        Space { scope, spec, letters, orders, alike, groups, base }
    }

    /// The state that everything begins with.
    pub(super) fn first(&self) -> State {
        let world = self.scope.begin(self.spec);
        State { world, moved: vec![0; usize::from(self.scope.processes)], packets: Packets::new() }
    }

    /// Everything that can happen in a state, what was seen of it being known.
    pub(super) fn actions(&self, here: &Here<'_, 'a>) -> Vec<Action<'a>> {
        let world = &here.state.world;
        let mut actions: Vec<Action<'a>> = Vec::new();
        for standing in &here.calls {
            actions.extend(standing.steps());
            if standing.sleeps.is_some() && !standing.call.slept {
                actions.push(Action::Sleep(standing.actor));
            }
        }
        for (step, (lo, hi)) in &here.deaths {
            actions.extend((*lo..=*hi).map(|count| Action::Step { step: *step, count }));
        }
        for process in 0..world.processes.len() as u8 {
            let actor = Actor::first(process);
            if world.may_call(actor) {
                self.add_calls(world, actor, &mut actions);
            }
        }
        actions
    }

    /// Whether somebody can make such a call in the scope.
    pub fn calls(&self, operation: &Operation) -> bool {
        self.letters.iter().any(|letter| letter.operation == operation)
    }

    fn add_calls(&self, world: &World, actor: Actor, actions: &mut Vec<Action<'a>>) {
        let calls = self.calls_of(world, actor, free_tag(world)).into_iter();
        actions.extend(calls.map(|call| Action::Call(actor, call)));
    }

    /// The calls that a process that runs can make, with this tag.
    pub fn calls_of(&self, world: &World, actor: Actor, tag: u32) -> Vec<Arc<Call>> {
        let mine = |letter: &&Letter| letter.who & 1 << actor.process != 0;
        let all = self.letters.iter().filter(mine);
        let all = all.flat_map(|letter| letter.calls(world, actor));
        let all = all.filter(|call| self.has_room(world, call));
        all.map(|call| Arc::new(Call { tag, ..call })).collect()
    }

    /// Whether the call leaves the world as small as the scope says.
    fn has_room(&self, world: &World, call: &Call) -> bool {
        let signals: usize = world.processes.iter().map(|p| p.signals.queue.len()).sum();
        let sends = SENDS.contains(&call.operation) || SENDS_TO_SEVERAL.contains(&call.operation);
        if sends && signals >= PENDING {
            return false;
        }
        let timers = world.processes.iter().map(|p| p.timers.made.len());
        if call.operation == &TIMER_CREATE && timers.sum::<usize>() >= TIMERS {
            return false;
        }
        match call.operation.gives {
            Gives::Process => world.processes.iter().any(|p| p.life == Life::Unborn),
            Gives::Fds => {
                let there = world.objects.iter().filter(|object| ***object != Object::None);
                there.count() < self.scope.pipes
            }
            Gives::Sent if call.operation != &SPLICE => {
                let stored: u64 = world.objects.iter().map(|object| stored(object)).sum();
                let activities = world.processes.iter().map(|process| &process.activity);
                let coming: u64 = activities.map(coming).sum();
                // An offset can lie behind whatever is stored.
                let offset = world.descriptions.iter().map(|d| d.offset).max().unwrap_or(0);
                // What ends behind the greatest offset is refused.
                let refused = offset > i64::MAX as u64 - call.len();
                refused || stored.max(offset) + coming + call.len() <= self.scope.bytes
            }
            _ => true,
        }
    }

    /// The state after something has happened, and what was seen of it.
    pub(super) fn follow(&self, before: &State, action: &Action<'a>) -> (State, Seen) {
        let mut after = before.clone();
        let answers = action.happen(self.spec, &mut after.world);
        let moves = moves(&before.world, &after.world);
        if let Action::Step { step, .. } = action
            && !step.unasked
        {
            let process = usize::from(step.actor.process);
            after.moved[process] += went_in(&moves);
        }
        bytes::note(before, &mut after, action, &moves);
        bytes::rename_copies(before, &mut after, action, &moves);
        for (process, moved) in after.moved.iter_mut().enumerate() {
            if after.world.in_call(Actor::first(process as u8)).is_none() {
                *moved = 0;
            }
        }
        (after, Seen { answers, moves })
    }
}

impl Action<'_> {
    /// It happens, and whoever is answered by it returns: what they were told.
    pub(super) fn happen(&self, spec: &Spec, world: &mut World) -> Vec<(Actor, Outcome)> {
        match self {
            Action::Call(actor, call) => spec.call(world, *actor, Arc::clone(call)),
            Action::Sleep(actor) => {
                if let Some(call) = world.in_call_mut(*actor) {
                    call.slept = true;
                }
            }
            Action::Step { step, count } => {
                spec.make(world, step, Choice { count: *count, probed: None });
            }
        }
        let mut answers = Vec::new();
        for process in 0..world.processes.len() as u8 {
            let actor = Actor::first(process);
            // Handlers run as soon as they are called.
            while world.process(process).is_some_and(is_live)
                && let Some(info) = world.next_handler(process)
                && world.handle(process, &info)
            {}
            if world.may_return(actor)
                && let Activity::Returning(outcome) = world.activity(actor)
            {
                answers.push((actor, outcome.clone()));
                world.set_activity(actor, Activity::Running);
            }
        }
        answers
    }

    /// Whose it is.
    pub(super) fn actor(&self) -> Actor {
        match self {
            Action::Call(actor, _) | Action::Sleep(actor) => *actor,
            Action::Step { step, .. } => step.actor,
        }
    }
}

impl Edge<'_> {
    /// The call that was taken further, as it was before.
    pub(super) fn call(&self) -> Option<&InCall> {
        match self.action {
            Action::Step { step, .. } if !step.unasked => self.before.world.in_call(step.actor),
            _ => None,
        }
    }

    /// The bytes that it put in somewhere.
    pub(super) fn went_in(&self) -> u64 {
        went_in(&self.seen.moves)
    }

    /// The call that was answered, and the answer.
    pub(super) fn answer(&self) -> Option<(&InCall, &Outcome)> {
        let mine = |(actor, _): &&(Actor, Outcome)| *actor == self.action.actor();
        Some((self.call()?, &self.seen.answers.iter().find(mine)?.1))
    }
}

fn went_in(moves: &[(usize, Moved)]) -> u64 {
    let bytes = |(_, moved): &(usize, Moved)| match moved {
        Moved::In(data) => data.len(),
        _ => 0,
    };
    moves.iter().map(bytes).sum()
}

fn is_live(process: &Process) -> bool {
    process.life == Life::Live
}

/// The contents of an object.
pub(super) fn contents(object: &Object) -> Option<&Data> {
    object.front()
}

/// How many bytes it has: of a file of memory, how far it reaches.
fn stored(object: &Object) -> u64 {
    match object {
        Object::Memory(file) => file.size,
        other => contents(other).map_or(0, Data::len),
    }
}

/// The bytes that a call may still bring.
fn coming(activity: &Activity) -> u64 {
    match activity {
        Activity::InCall(InCall { call, done, .. })
            if call.operation.gives == Gives::Sent && call.operation != &SPLICE =>
        {
            call.len().saturating_sub(*done)
        }
        _ => 0,
    }
}

/// The lowest tag that no byte and no call has.
fn free_tag(world: &World) -> u32 {
    (!used_tags(world)).trailing_zeros()
}

/// The tags that bytes and calls have: a bit each.
pub fn used_tags(world: &World) -> u64 {
    let mut used = 0_u64;
    let mut mark = |tag: u32| used |= 1_u64.checked_shl(tag).unwrap_or(0);
    let sent = world.rings.iter().map(|ring| &ring.data);
    for data in world.objects.iter().filter_map(|object| contents(object)).chain(sent) {
        for run in data.runs() {
            if let Run::Of { tag, .. } = run {
                mark(*tag);
            }
        }
    }
    for process in &world.processes {
        if let Activity::InCall(call) = &process.activity {
            mark(call.call.tag);
        }
    }
    used
}

/// What became of each object's contents, where they are not what they were.
fn moves(before: &World, after: &World) -> Vec<(usize, Moved)> {
    let mut moves = Vec::new();
    for (index, new) in after.objects.iter().enumerate() {
        let old = before.objects.get(index);
        if old.is_some_and(|old| Arc::ptr_eq(old, new)) {
            continue;
        }
        let old = old.and_then(|old| contents(old));
        match (old, contents(new)) {
            (Some(_), None) => moves.push((index, Moved::Lost)),
            // It has a name and nobody has it open: its bytes are gone.
            (Some(old), Some(new))
                if old != new && new.is_empty() && leading_to(after, index, |_| true) == 0 =>
            {
                moves.push((index, Moved::Lost));
            }
            (old, Some(new)) => {
                let none = Data::new();
                let old = old.unwrap_or(&none);
                if old != new {
                    moves.push((index, between(old, new)));
                }
            }
            (None, None) => {}
        }
    }
    moves
}

fn between(old: &Data, new: &Data) -> Moved {
    let mut rest = new.clone();
    if rest.take(old.len()) == *old && new.len() > old.len() {
        return Moved::In(rest);
    }
    let mut rest = old.clone();
    let front = rest.take(old.len().saturating_sub(new.len()));
    if rest == *new { Moved::Out(front) } else { Moved::Otherwise }
}

/// The pairs of processes that can make the same calls, unless a call names one of them.
fn alike(letters: &[Letter], processes: u8) -> Vec<(usize, usize)> {
    if letters.iter().any(Letter::names_a_process) {
        return Vec::new();
    }
    let same = |a: u8, b: u8| letters.iter().all(|l| l.who >> a & 1 == l.who >> b & 1);
    let pairs = (0..processes).flat_map(|a| (a + 1..processes).map(move |b| (a, b)));
    let pairs = pairs.filter(|(a, b)| same(*a, *b));
    pairs.map(|(a, b)| (usize::from(a), usize::from(b))).collect()
}

/// Every order of so many processes in which only those trade places that are alike.
fn orders(alike: &[(usize, usize)], processes: u8) -> Vec<Vec<u8>> {
    let fits = |place: u8, process: u8| {
        let (a, b) = (usize::from(place.min(process)), usize::from(place.max(process)));
        a == b || alike.contains(&(a, b))
    };
    let mut all: Vec<Vec<u8>> = vec![Vec::new()];
    for place in 0..processes {
        let extended = all.iter().flat_map(|order| {
            let free = (0..processes).filter(|p| !order.contains(p) && fits(place, *p));
            free.map(|p| [order.as_slice(), &[p]].concat())
        });
        all = extended.collect();
    }
    all
}
