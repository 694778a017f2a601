//! The walk: the program so far, the world that it leads to, and the names that actors know.

use std::sync::Arc;

use ipc_model::clause::{Clause, Envelope};
use ipc_model::operation::{Actor, Arg, Call, Gives, Operation};
use ipc_model::spec::Spec;
use ipc_model::world::{Activity, Description, Object, User, World};

use super::{Maker, Shape};
use crate::program::{Line, Operand, Program};
use crate::stage::{Pick, Stage};

pub(super) struct Walk<'a> {
    pub(super) stage: Stage<'a>,
    pub(super) shape: Shape,
    pub(super) pick: &'a mut dyn Pick,
    pub(super) program: Program,
    /// The makers of this program.
    pub(super) cast: Vec<&'static Maker>,
    /// Somebody is between two calls besides the actor whose turn it is.
    pub(super) others_idle: bool,
    /// For each process, the descriptor that each name stands for.
    known: Vec<Vec<Option<i32>>>,
    /// For each process that sleeps in a call that gives a descriptor, the name that this will have,
    /// and its number.
    awaited: Vec<Option<(u16, i32)>>,
}

/// An end of a pipe or a FIFO.
#[derive(Clone, Copy)]
pub(super) struct End {
    /// The description.
    pub(super) description: Description,
    /// What is stored.
    pub(super) stored: u64,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        spec: &'a Spec,
        shape: Shape,
        cast: Vec<&'static Maker>,
        pick: &'a mut dyn Pick,
    ) -> Walk<'a> {
        let actors = usize::from(shape.actors);
        let nofile = spec.numbers.nofile as u32;
        let program = Program {
            stepwise: true,
            nofile: (nofile != Program::NOFILE).then_some(nofile),
            actors: vec!["A".to_owned()],
            ..Program::default()
        };
        Walk {
            stage: Stage { spec, world: World::new(actors, &[0], 3) },
            shape,
            pick,
            program,
            cast,
            others_idle: false,
            known: vec![Vec::new(); actors],
            awaited: vec![None; actors],
        }
    }

    /// Whether every process is there that may be.
    pub(super) fn is_full(&self) -> bool {
        self.program.actors.len() >= usize::from(self.shape.actors)
    }

    /// The call that the first thread of a process is in.
    pub(super) fn call_of(&self, process: u8) -> Option<&Call> {
        self.stage.world.in_call(Actor::first(process)).map(|call| &*call.call)
    }

    /// Who a process is.
    pub(super) fn user(&self, process: u8) -> Option<User> {
        self.stage.world.process(process).map(|process| process.user)
    }

    /// Any name that the actor has ever had a descriptor for, open or not.
    pub(super) fn some_name(&mut self, actor: u8) -> Option<u16> {
        let open_only = self.pick.below(12) != 0;
        let world = &self.stage.world;
        let open = |fd: i32| !open_only || world.entry(actor, i64::from(fd)).is_some();
        let names = self.names(actor, open);
        self.one_of(&names)
    }

    /// A name of an end that can be read, or written; now and then of a wrong one.
    pub(super) fn some_end(&mut self, actor: u8, reads: bool) -> Option<u16> {
        if self.pick.below(40) == 0 {
            return self.some_name(actor);
        }
        self.some_fitting(actor, |end| end.serves(reads))
    }

    /// A name of an end that fits.
    pub(super) fn some_fitting(&mut self, actor: u8, fits: impl Fn(&End) -> bool) -> Option<u16> {
        let names = self.names(actor, |fd| self.end(actor, fd).is_some_and(|end| fits(&end)));
        self.one_of(&names)
    }

    pub(super) fn one_of<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        match all.len() as u64 {
            0 => None,
            n => Some(all[self.pick.below(n) as usize]),
        }
    }

    /// The names that the actor knows of descriptors that fit.
    pub(super) fn names(&self, actor: u8, fits: impl Fn(i32) -> bool) -> Vec<u16> {
        let known = self.known[usize::from(actor)].iter().enumerate();
        let fitting = known.filter(|(_, fd)| fd.is_some_and(&fits));
        fitting.map(|(name, _)| name as u16).collect()
    }

    /// The number that the actor knows a name for; -1 if it knows none.
    pub(super) fn number(&self, actor: u8, name: u16) -> i32 {
        let known = self.known[usize::from(actor)].get(usize::from(name));
        known.copied().flatten().unwrap_or(-1)
    }

    /// The object that a descriptor leads to, if it is open.
    pub(super) fn object(&self, actor: u8, fd: i32) -> Option<&Object> {
        let entry = self.stage.world.entry(actor, i64::from(fd))?;
        Some(self.stage.world.object_of(entry.description))
    }

    /// The end that a descriptor is, if it is one.
    pub(super) fn end(&self, actor: u8, fd: i32) -> Option<End> {
        let world = &self.stage.world;
        let entry = world.entry(actor, i64::from(fd))?;
        let description = *world.descriptions.get(usize::from(entry.description))?;
        let is_end = description.reads || description.writes;
        match world.object_at(description.object) {
            Object::Pipe(pipe) if is_end => Some(End { description, stored: pipe.data.len() }),
            _ => None,
        }
    }

    /// Adds a line, and lets the model say what it leads to; none of a call that the profile does not
    /// speak of.
    pub(super) fn add(&mut self, actor: u8, operation: &'static Operation, args: Vec<Operand>) {
        if self.stage.spec.clauses(operation).is_empty() {
            return;
        }
        let tag = self.program.lines.len() as u32 + 1;
        let resolved = args.iter().map(|arg| self.resolve(actor, arg)).collect();
        let call = Call { operation, args: resolved, tag };
        let near_the_end = usize::from(self.shape.calls) <= self.program.lines.len() + 2;
        // A call puts nobody to sleep but its caller, and most calls not even that one.
        let may_stop = !near_the_end && !self.others_idle && self.may_stop(operation);
        let before = may_stop.then(|| self.stage.world.clone());
        let had: Vec<usize> = match operation.gives {
            Gives::Fd | Gives::Fds | Gives::Passed(_) => {
                self.stage.world.open_fds(actor).map(|(fd, _)| fd).collect()
            }
            _ => Vec::new(),
        };
        self.stage.spec.call(&mut self.stage.world, Actor::first(actor), Arc::new(call));
        if !self.is_judged(Actor::first(actor)) {
            self.stage.world.set_activity(Actor::first(actor), Activity::Running);
            return;
        }
        self.stage.settle(actor, self.pick);
        // No rule speaks of what it meets: nothing has happened.
        let (first, world) = (Actor::first(actor), &self.stage.world);
        if world.in_call(first).is_some() && self.stage.spec.sleeps(world, first).is_none() {
            self.stage.world.set_activity(first, Activity::Running);
            return;
        }
        if let Some(before) = before
            && !(0..self.shape.actors).any(|other| self.stage.is_idle(other))
        {
            self.stage.world = before;
            return;
        }
        let mut line = Line { actor, edges: vec![], operation, args, binds: vec![], child: None };
        match operation.gives {
            Gives::Process => {
                let child = self.program.actors.len() as u8;
                self.program.actors.push(char::from(b'A' + child).to_string());
                self.known[usize::from(child)] = self.known[usize::from(actor)].clone();
                line.child = Some(child);
            }
            Gives::Fd => line.binds = self.bind(actor, &["d"], &had),
            Gives::Fds => line.binds = self.bind(actor, &["r", "w"], &had),
            Gives::Passed(_) => {
                let Some(Operand::Number(room)) = line.args.last() else { return };
                let letters = &["p", "q", "z"][..(*room).clamp(0, 3) as usize];
                line.binds = self.bind(actor, letters, &had);
            }
            _ => {}
        }
        self.program.lines.push(line);
        self.meet();
    }

    /// Whether a call may sleep, or its caller end.
    fn may_stop(&self, operation: &'static Operation) -> bool {
        let stops = |clause: &Clause| matches!(clause.envelope, Envelope::Sleep | Envelope::Never);
        self.stage.spec.clauses(operation).iter().any(stops)
    }

    /// Whether the rules say what the call that the actor is in may answer: one that leaves everything
    /// open with nothing owed beside it would end the judging of the program.
    fn is_judged(&self, actor: Actor) -> bool {
        let (spec, world) = (self.stage.spec, &self.stage.world);
        let open = |clause: &Clause| matches!(clause.envelope, Envelope::Anything);
        spec.enabled_among(world, actor, open).is_empty() || spec.obliged(world, actor)
    }

    /// Names what the call gave: the descriptors that were not there before.
    fn bind(&mut self, actor: u8, letters: &[&str], before: &[usize]) -> Vec<u16> {
        let count = letters.len();
        let now = self.stage.world.open_fds(actor).map(|(fd, _)| fd);
        let new = now.filter(|fd| before.binary_search(fd).is_err());
        let fds: Vec<i32> = new.take(count).map(|fd| fd as i32).collect();
        let place = self.program.lines.len();
        let first = self.program.names.len() as u16;
        for (index, letter) in letters.iter().enumerate() {
            let name = self.program.names.len() as u16;
            self.program.names.push(format!("{letter}{place}"));
            for known in &mut self.known {
                known.resize(usize::from(name) + 1, None);
            }
            self.learn(actor, name, fds.get(index).copied());
        }
        if count == 1 && self.stage.is_asleep(actor) {
            let nofile = self.stage.spec.numbers.nofile;
            let lowest = self.stage.world.lowest_free(actor, 1, nofile).first().copied();
            self.awaited[usize::from(actor)] = lowest.map(|fd| (first, fd));
        }
        (first..self.program.names.len() as u16).collect()
    }

    /// Whoever slept in a call that gives a descriptor, and does not any more, knows its number: in the
    /// meantime nothing of its own has become free or taken.
    fn meet(&mut self) {
        for actor in 0..self.awaited.len() {
            if let Some((name, fd)) = self.awaited[actor]
                && !self.stage.is_asleep(actor as u8)
            {
                let there = self.stage.world.entry(actor as u8, fd.into()).is_some();
                self.learn(actor as u8, name, there.then_some(fd));
                self.awaited[actor] = None;
            }
        }
    }

    /// A name stands for this number from now on. What stood for the number before, and was closed, is
    /// used no more: where calls overlap, the number may have come to something else.
    fn learn(&mut self, actor: u8, name: u16, fd: Option<i32>) {
        let known = &mut self.known[usize::from(actor)];
        for stale in known.iter_mut().filter(|old| fd.is_some() && **old == fd) {
            *stale = None;
        }
        known[usize::from(name)] = fd;
    }

    fn resolve(&self, actor: u8, operand: &Operand) -> Arg {
        match operand {
            Operand::Name(name) => Arg::Fd(self.number(actor, *name)),
            Operand::Number(number) => Arg::Number(*number),
            Operand::Vector(parts) => Arg::Vector(parts.clone()),
            Operand::Flags(flags) => Arg::Flags(*flags),
            Operand::Process(process) => Arg::Process(*process),
            Operand::Path(path) => Arg::Path(path.clone()),
            Operand::Watches(watches) => {
                let one = |(name, asked): &(u16, u32)| (self.number(actor, *name), *asked);
                Arg::Watches(watches.iter().map(one).collect())
            }
            Operand::Command => Arg::Command,
        }
    }
}

impl End {
    /// Whether it can be read, or (`false`) written.
    pub(super) fn serves(&self, reads: bool) -> bool {
        if reads { self.description.reads } else { self.description.writes }
    }

    /// Whether it is one of that object's.
    pub(super) fn is_of(&self, object: u16) -> bool {
        self.description.object == object
    }
}
