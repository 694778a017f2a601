//! The evaluator: what numbers, conditions and answers are worth in a world, for one call.

use crate::clause::{Cond, Num};
use crate::descriptor::is_for_names;
use crate::operation::{Actor, Arg, Param};
use crate::payload::Data;
use crate::pidfd::{self, PIDFD_SEND_SIGNAL};
use crate::ring;
use crate::signal::{RAISE, SENDS_TO_SEVERAL};
use crate::spec::Spec;
use crate::world::{Description, Entry, InCall, Object, Process, World};

/// What was chosen from an envelope.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Choice {
    /// The count, 0 where there is none to choose.
    pub count: u64,
    /// A number that the system itself told along with the answer.
    pub probed: Option<u64>,
}

/// A world as one call sees it.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The world.
    pub world: &'a World,
    /// The rules: profile and numbers of the system.
    pub spec: &'a Spec,
    /// Who calls, or dies.
    pub actor: Actor,
    /// The call, if it is one.
    pub call: Option<&'a InCall>,
    /// The description behind the call's descriptor, or behind one entry of it.
    pub subject: Option<u16>,
    /// What was chosen, once it is.
    pub chosen: Choice,
}

impl<'a> View<'a> {
    /// The world as the call that `actor` is in sees it, or as its death does.
    pub fn new(spec: &'a Spec, world: &'a World, actor: Actor) -> View<'a> {
        let call = world.in_call(actor);
        let fd = call.and_then(|call| call.call.fd());
        let view = View { world, spec, actor, call, subject: None, chosen: Choice::default() };
        View { subject: fd.and_then(|fd| view.behind(i64::from(fd))), ..view }
    }

    /// The description behind a descriptor; none where it stands for a name and the call wants more
    /// than that (Linux open(2), `O_PATH`: as if it were not open).
    fn behind(&self, fd: i64) -> Option<u16> {
        let description = self.world.entry(self.actor.process, fd)?.description;
        let path = self.world.descriptions.get(usize::from(description)).is_some_and(|d| d.path);
        let open = !path || self.call.is_some_and(|call| is_for_names(call.call.operation));
        open.then_some(description)
    }

    /// The world as the death of a process sees it, or a signal that comes to it.
    pub fn unasked(spec: &'a Spec, world: &'a World, process: u8) -> View<'a> {
        let actor = Actor::first(process);
        View { world, spec, actor, call: None, subject: None, chosen: Choice::default() }
    }

    /// The caller's process.
    pub fn process(&self) -> Option<&'a Process> {
        self.world.process(self.actor.process)
    }

    /// The subject, if the descriptor is open.
    pub fn description(&self) -> Option<&'a Description> {
        self.world.descriptions.get(usize::from(self.subject?))
    }

    /// The object that the subject leads to.
    pub fn object(&self) -> &'a Object {
        self.subject.map_or(&Object::None, |subject| self.world.object_of(subject))
    }

    /// What can be told of the descriptor without a look at what is in it: the kind of what it leads to,
    /// and how it was opened. It is below [`View::SORTS`]; 0 if it is not open.
    pub fn sort(&self) -> usize {
        let Some(description) = self.description() else { return 0 };
        let object = self.world.object_at(description.object);
        let special = object.kind().is_some_and(|kind| kind.is_special());
        let Description { reads, writes, nonblock, path, .. } = *description;
        let bits = [special, reads, writes, nonblock, path];
        let bits = bits.iter().rev().fold(0, |bits, bit| bits << 1 | usize::from(*bit));
        1 + (object.place() << 5 | bits)
    }

    /// How many sorts there are.
    pub const SORTS: usize = 1 + ((Object::KINDS.len() + 1) << 5);

    /// What stands ready where the call leads, the oldest bytes first.
    pub fn front(&self) -> Option<&'a Data> {
        match self.subject {
            Some(_) => self.object().front(),
            None => ring::front(self.world, &self.call?.call),
        }
    }

    /// The call's `index`-th argument, 0 without a call.
    pub fn arg(&self, index: usize) -> i64 {
        self.call.map_or(0, |call| call.call.number(index))
    }

    /// The process that the call names.
    pub fn target(&self) -> Option<u8> {
        self.call?.call.find(|param| matches!(param, Param::Process)).map(|number| number as u8)
    }

    /// The process that the call sends a signal to: the one that it names, by itself or by a descriptor,
    /// or else its own; of a group the one that it has come to.
    pub fn addressee(&self) -> Option<u8> {
        let call = self.call?;
        if call.call.operation == &PIDFD_SEND_SIGNAL {
            return pidfd::process(self);
        }
        if SENDS_TO_SEVERAL.contains(&call.call.operation) {
            return call.seen.last().map(|member| *member as u8);
        }
        self.target().or_else(|| (call.call.operation == &RAISE).then_some(self.actor.process))
    }

    /// Whether the call carries this flag.
    pub fn flag(&self, name: &str) -> bool {
        self.call.is_some_and(|call| call.call.has_flag(name))
    }

    /// The value of a number.
    #[inline]
    pub fn num(&self, num: &Num) -> u64 {
        match num {
            Num::N(n) => *n,
            Num::Of(number) => (number.read)(self),
            other => self.composed(other),
        }
    }

    fn composed(&self, num: &Num) -> u64 {
        match num {
            Num::N(_) | Num::Of(_) => self.num(num),
            Num::Chosen => self.chosen.count,
            Num::Min(a, b) => self.num(a).min(self.num(b)),
            Num::Max(a, b) => self.num(a).max(self.num(b)),
        }
    }

    /// Whether a condition holds.
    pub fn holds(&self, cond: &Cond) -> bool {
        match cond {
            Cond::Lt(a, b) => self.num(a) < self.num(b),
            Cond::Le(a, b) => self.num(a) <= self.num(b),
            Cond::Eq(a, b) => self.num(a) == self.num(b),
            Cond::Not(cond) => !self.holds(cond),
            Cond::All(conds) => conds.iter().all(|cond| self.holds(cond)),
            Cond::Any(conds) => conds.iter().any(|cond| self.holds(cond)),
        }
    }

    /// The same call as the descriptor sees it that it names `index`-th, counted from 0.
    pub fn other(&self, index: usize) -> View<'a> {
        let mut fds = self
            .call
            .into_iter()
            .flat_map(|call| &call.call.args)
            .filter_map(|arg| if let Arg::Fd(fd) = arg { Some(i64::from(*fd)) } else { None });
        View { subject: fds.nth(index).and_then(|fd| self.behind(fd)), ..*self }
    }

    /// The same call as that of the descriptors sees it about which it asks `index`-th, and what it
    /// asks of it.
    pub fn watch(&self, index: usize) -> Option<(View<'a>, i32, u32)> {
        let (fd, asked) = *self.call?.call.watches().get(index)?;
        let entry = self.world.entry(self.actor.process, i64::from(fd));
        Some((View { subject: entry.map(|entry| entry.description), ..*self }, fd, asked))
    }
}

/// A world that one call is about to change.
pub struct Change<'a> {
    /// The world.
    pub world: &'a mut World,
    /// The rules.
    pub spec: &'a Spec,
    /// Who calls, or dies.
    pub actor: Actor,
    /// The description behind the call's descriptor.
    pub subject: Option<u16>,
    /// What was chosen.
    pub chosen: Choice,
}

impl Change<'_> {
    /// The world as it is now.
    pub fn view(&self) -> View<'_> {
        let view = View::new(self.spec, self.world, self.actor);
        View { subject: self.subject, chosen: self.chosen, ..view }
    }

    /// The object that the subject leads to.
    pub fn object(&mut self) -> Option<&mut Object> {
        self.world.object_mut(self.subject?)
    }

    /// The caller's process.
    pub fn process(&mut self) -> Option<&mut Process> {
        self.world.process_mut(self.actor.process)
    }

    /// The caller's lowest free descriptor refers to the description. Where none is free nothing does
    /// that did not before: one that is new is gone, with what only it led to.
    pub fn give(&mut self, description: u16, cloexec: bool) {
        match self.lowest_free() {
            Some(fd) => {
                self.world.install(self.actor.process, fd, Entry { description, cloexec });
            }
            None => {
                self.world.share(description);
                self.world.release(description);
            }
        }
    }

    /// The caller's lowest free descriptor leads to a new object, which is open for both; there is no
    /// such object where none is free.
    pub fn open_new(&mut self, object: Object, nonblock: bool, cloexec: bool) {
        if self.lowest_free().is_none() {
            return;
        }
        let object = self.world.add_object(object);
        let both =
            Description { object, reads: true, writes: true, nonblock, ..Description::default() };
        let description = self.world.add_description(both);
        self.give(description, cloexec);
    }

    fn lowest_free(&self) -> Option<i64> {
        let limit = self.spec.numbers.nofile;
        self.world.lowest_free(self.actor.process, 1, limit).first().map(|fd| i64::from(*fd))
    }
}
