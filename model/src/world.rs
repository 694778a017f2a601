//! The world: processes, open file descriptions, objects.
//!
//! Descriptors point at descriptions, descriptions at objects; `dup`, `fork` and `exec` share
//! descriptions, and end-of-file follows from counting them.

mod call;

use std::sync::Arc;

pub use self::call::{InCall, Moving};

use crate::mapping::Space;
use crate::mechanism;
use crate::mutex::Mutexes;
use crate::name::{Mount, Names};
pub use crate::object::Object;
use crate::operation::Actor;
use crate::outcome::{Info, Outcome, Status};
use crate::pipe::{self, Stamps};
use crate::ring::Rings;
use crate::segment::Segments;
pub use crate::signal::{Pending, Signals};
use crate::thread;
use crate::timer::Timers;

/// Everything there is.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct World {
    /// By number; a process that is not born yet has its place already.
    pub processes: Vec<Arc<Process>>,
    /// A description without references is a free place.
    pub descriptions: Vec<Description>,
    /// An object that no description and no name leads to is a free place.
    pub objects: Vec<Arc<Object>>,
    /// The names of files.
    pub names: Arc<Names>,
    /// What is mounted, in every namespace that was made.
    pub mounts: Arc<Vec<Vec<Mount>>>,
    /// The names of shared memory, which are a space of their own.
    pub shared: Arc<Names>,
    /// The mutexes that all processes share from the beginning.
    pub mutexes: Mutexes,
    /// The rings that all processes share from the beginning.
    pub rings: Arc<Rings>,
    /// The segments of System V shared memory.
    pub segments: Arc<Segments>,
    /// The time stamps of files that somebody has set.
    pub stamps: Arc<Stamps>,
}

/// A process.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Process {
    /// Where it is between birth and burial.
    pub life: Life,
    /// The process of which this is one more thread, as Linux keeps it: a place of its own, in which what
    /// threads share is the same as in that of the process (see [`crate::thread`]).
    pub thread_of: Option<u8>,
    /// Who may wait for it.
    pub parent: Option<u8>,
    /// The process group that it is in: the process that this is named after.
    pub group: u8,
    /// It has called `exec` since its birth; not told of who has no parent here.
    pub execed: bool,
    /// What it is to be sent when its parent ends, by index in [`crate::process::PDEATH_SIGNALS`]; not known
    /// of who was there from the start and has not asked.
    pub pdeath: Option<u8>,
    /// Its descriptors, by number.
    pub table: Vec<Option<Entry>>,
    /// Who it is to the files, and what it takes from the modes of those that it makes.
    pub user: User,
    /// What becomes of signals sent to it.
    pub signals: Signals,
    /// A signal has stopped it.
    pub stopped: bool,
    /// That it was stopped, or goes on, if no wait has told it.
    pub news: Option<Status>,
    /// The same, where its parent is to be sent `SIGCHLD` yet; the oldest first.
    pub untold: Vec<Status>,
    /// The timers that it has.
    pub timers: Timers,
    /// What it has mapped.
    pub space: Space,
    /// What it is doing. Its other threads, if it has some, have places of their own.
    pub activity: Activity,
}

/// Where a process is between birth and burial.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Life {
    /// No call has made it yet.
    Unborn,
    /// It runs, or is in a call.
    Live,
    /// It will end so; its descriptors go one by one.
    Dying(Status),
    /// It has ended so, and nobody has waited for it yet.
    Zombie(Status),
    /// Nothing is left of it.
    Reaped,
}

/// A place in a descriptor table.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Entry {
    /// An index into [`World::descriptions`].
    pub description: u16,
    /// `FD_CLOEXEC`.
    pub cloexec: bool,
}

/// What a process may do to files, how it makes them, and by which mounts it sees them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct User {
    /// It has given up what it was, and is the user called nobody.
    pub nobody: bool,
    /// It has become another user since it ran its program anew, and only who is privileged may look into
    /// it (Linux `PR_SET_DUMPABLE(2const)`).
    pub undumpable: bool,
    /// The file mode creation mask.
    pub umask: u16,
    /// The namespace of what is mounted, by number.
    pub namespace: u8,
}

/// What a thread is doing.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Activity {
    /// Running its program.
    Running,
    /// In a call that has not been answered.
    InCall(InCall),
    /// About to return: the call has taken its whole effect.
    Returning(Outcome),
    /// It will not run again.
    Gone,
}

/// An open file description.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Description {
    /// An index into [`World::objects`].
    pub object: u16,
    /// Open for reading.
    pub reads: bool,
    /// Open for writing.
    pub writes: bool,
    /// `O_NONBLOCK`.
    pub nonblock: bool,
    /// `O_DIRECT`: what is written to a pipe is packets.
    pub direct: bool,
    /// Nobody could write when it was opened for reading without waiting, and nobody could since.
    pub alone: bool,
    /// `O_PATH`: it stands for the name only.
    pub path: bool,
    /// The offset.
    pub offset: u64,
    /// Calls that go by the offset come one after the other.
    pub serial: bool,
    /// Descriptors that refer to it, messages that carry it, and calls that have taken it along.
    pub references: u16,
}

impl Process {
    /// Whether something is on its way to it, or from it to its parent, that nobody has called for.
    pub fn is_astir(&self) -> bool {
        let comes = self.signals.deliverable() != 0 || self.signals.holds_up();
        match self.life {
            Life::Dying(_) => true,
            Life::Live => !self.untold.is_empty() || comes && !self.stopped,
            _ => false,
        }
    }
}

impl World {
    /// A world of `processes` processes, of which `roots` are there from the start, with the first
    /// `taken` descriptors of each leading nowhere that matters.
    pub fn new(processes: usize, roots: &[u8], taken: usize) -> World {
        let one = |number: usize| {
            let live = roots.contains(&(number as u8));
            let life = if live { Life::Live } else { Life::Unborn };
            Arc::new(Process {
                life,
                thread_of: None,
                parent: None,
                group: number as u8,
                execed: false,
                pdeath: None,
                table: vec![Some(Entry { description: 0, cloexec: false }); taken],
                user: User { umask: 0o022, ..User::default() },
                signals: Signals::default(),
                stopped: false,
                news: None,
                untold: Vec::new(),
                timers: Timers::default(),
                space: Space::default(),
                activity: Activity::Running,
            })
        };
        // Description 0 stands for what the harness gave every process; it is never released.
        let given = Description { references: u16::MAX, ..Description::default() };
        World {
            processes: (0..processes).map(one).collect(),
            descriptions: vec![given],
            objects: vec![Arc::new(Object::None)],
            names: Arc::default(),
            mounts: Arc::default(),
            shared: Arc::default(),
            mutexes: Mutexes::default(),
            rings: Arc::default(),
            segments: Arc::default(),
            stamps: Arc::default(),
        }
    }

    /// What is mounted in a namespace, in the order in which it was.
    pub fn mounts_of(&self, namespace: u8) -> &[Mount] {
        self.mounts.get(usize::from(namespace)).map_or(&[], Vec::as_slice)
    }

    /// A process by number.
    pub fn process(&self, number: u8) -> Option<&Process> {
        self.processes.get(usize::from(number)).map(Arc::as_ref)
    }

    /// A process by number, to be changed.
    pub fn process_mut(&mut self, number: u8) -> Option<&mut Process> {
        self.processes.get_mut(usize::from(number)).map(Arc::make_mut)
    }

    /// The process that one of that number belongs to: itself, unless it is one more thread.
    pub fn leader(&self, number: u8) -> u8 {
        self.process(number).and_then(|process| process.thread_of).unwrap_or(number)
    }

    /// A process that lives and its other threads, by the number of any of them; the process first.
    pub fn members(&self, number: u8) -> impl Iterator<Item = u8> + use<'_> {
        let leader = self.leader(number);
        let all = (0_u8..).zip(&self.processes);
        let others = all.filter(move |(_, one)| one.thread_of == Some(leader));
        std::iter::once(leader).chain(others.map(|(number, _)| number))
    }

    /// Whether the system knows somebody of that number: a process that has not been waited for, or a
    /// thread, of which it is known as long as nobody has waited for it that it has been.
    pub fn is_known(&self, number: u8) -> bool {
        self.process(number).is_some_and(|one| {
            let gone = matches!(one.life, Life::Unborn | Life::Reaped);
            !gone || one.thread_of.is_some()
        })
    }

    /// What a thread is doing; a thread that is not there is gone.
    pub fn activity(&self, actor: Actor) -> &Activity {
        let there = self.process(actor.process).filter(|_| actor.thread == 0);
        there.map_or(&Activity::Gone, |process| &process.activity)
    }

    /// Sets what a thread is doing.
    pub fn set_activity(&mut self, actor: Actor, activity: Activity) {
        if !self.stamps.is_empty() && matches!(activity, Activity::Running | Activity::Gone) {
            pipe::over(self, actor, activity == Activity::Running);
        }
        if let Some(process) = self.process_mut(actor.process).filter(|_| actor.thread == 0) {
            process.activity = activity;
        }
    }

    /// A thread's call is to return this: what it lent itself of the mask is given back.
    pub fn answer(&mut self, actor: Actor, outcome: Outcome) {
        let lent = |process: &Process| process.signals.saved.is_some();
        if self.process(actor.process).is_some_and(lent)
            && let Some(process) = self.process_mut(actor.process)
        {
            process.signals.give_back();
        }
        let along = self.in_call_mut(actor).map(|call| std::mem::take(&mut call.carries));
        self.set_activity(actor, Activity::Returning(outcome));
        along.into_iter().flatten().for_each(|description| self.release(description));
    }

    /// The call that a thread is in.
    pub fn in_call(&self, actor: Actor) -> Option<&InCall> {
        match self.activity(actor) {
            Activity::InCall(call) => Some(call),
            _ => None,
        }
    }

    /// The calls that there are, and who is in each.
    pub fn calls(&self) -> impl Iterator<Item = (Actor, &InCall)> {
        let all = (0_u8..).zip(&self.processes);
        all.filter_map(|(number, process)| match &process.activity {
            Activity::InCall(call) => Some((Actor::first(number), call)),
            _ => None,
        })
    }

    /// The call that a thread is in, to be changed.
    pub fn in_call_mut(&mut self, actor: Actor) -> Option<&mut InCall> {
        match &mut self.process_mut(actor.process).filter(|_| actor.thread == 0)?.activity {
            Activity::InCall(call) => Some(call),
            _ => None,
        }
    }

    /// What a descriptor of a process refers to.
    pub fn entry(&self, process: u8, fd: i64) -> Option<Entry> {
        let index = usize::try_from(fd).ok()?;
        *self.process(process)?.table.get(index)?
    }

    /// An object by number.
    pub fn object_at(&self, object: u16) -> &Object {
        self.objects.get(usize::from(object)).map_or(&Object::None, Arc::as_ref)
    }

    /// The object that a description leads to.
    pub fn object_of(&self, description: u16) -> &Object {
        let object = self.descriptions.get(usize::from(description)).map_or(0, |d| d.object);
        self.object_at(object)
    }

    /// The object that a description leads to, to be changed.
    pub fn object_mut(&mut self, description: u16) -> Option<&mut Object> {
        let object = self.descriptions.get(usize::from(description))?.object;
        self.objects.get_mut(usize::from(object)).map(Arc::make_mut)
    }

    /// The `n` lowest descriptors that a process has free below `limit`, fewer if there are fewer.
    pub fn lowest_free(&self, process: u8, n: usize, limit: u64) -> Vec<i32> {
        let free = |fd: &u64| self.entry(process, *fd as i64).is_none();
        (0..limit).filter(free).take(n).map(|fd| fd as i32).collect()
    }

    /// Adds an object.
    pub fn add_object(&mut self, object: Object) -> u16 {
        let object = Arc::new(object);
        let free = self.objects.iter().skip(1).position(|old| **old == Object::None);
        match free.map(|index| index + 1) {
            Some(index) => {
                self.objects[index] = object;
                index as u16
            }
            None => {
                self.objects.push(object);
                (self.objects.len() - 1) as u16
            }
        }
    }

    /// Adds a description without references.
    pub fn add_description(&mut self, description: Description) -> u16 {
        match self.descriptions.iter().position(|old| old.references == 0) {
            Some(index) => {
                self.descriptions[index] = description;
                index as u16
            }
            None => {
                self.descriptions.push(description);
                (self.descriptions.len() - 1) as u16
            }
        }
    }

    /// Lets a descriptor refer to a description, one more reference.
    pub fn install(&mut self, process: u8, fd: i64, entry: Entry) {
        let Some(owner) = self.process_mut(process) else { return };
        let Ok(index) = usize::try_from(fd) else { return };
        if owner.table.len() <= index {
            owner.table.resize(index + 1, None);
        }
        owner.table[index] = Some(entry);
        self.share(entry.description);
    }

    /// Takes a descriptor out of a process's table, one reference less.
    pub fn remove(&mut self, process: u8, fd: i64) {
        let Some(entry) = self.entry(process, fd) else { return };
        if let Some(owner) = self.process_mut(process) {
            owner.table[fd as usize] = None;
            while owner.table.last() == Some(&None) {
                owner.table.pop();
            }
        }
        self.release(entry.description);
    }

    /// One more reference to a description; the first one opens the object.
    pub fn share(&mut self, description: u16) {
        let Some(place) = self.descriptions.get_mut(usize::from(description)) else { return };
        place.references = place.references.saturating_add(1);
        let opened = *place;
        if opened.references > 1 {
            return;
        }
        if opened.writes {
            self.met(opened.object);
        }
        if let Some(kind) = self.object_mut(description).and_then(Object::kind_mut) {
            kind.opened(&opened);
        }
    }

    /// Somebody can write to an object: who has it open for reading is not alone any more.
    fn met(&mut self, object: u16) {
        let alone = |d: &&mut Description| d.alone && d.object == object && d.references > 0;
        self.descriptions.iter_mut().filter(alone).for_each(|d| d.alone = false);
    }

    /// One reference to a description less; the last one closes the object, and the last
    /// description takes the object with it.
    pub fn release(&mut self, description: u16) {
        let Some(place) = self.descriptions.get_mut(usize::from(description)) else { return };
        if description == 0 || place.references == 0 {
            return;
        }
        place.references -= 1;
        if place.references > 0 {
            return;
        }
        let closed = *place;
        *place = Description::default();
        if let Some(object) = self.objects.get_mut(usize::from(closed.object))
            && let Some(kind) = Arc::make_mut(object).kind_mut()
        {
            kind.closed(&closed);
        }
        for ends in mechanism::ends() {
            (ends.with_description)(self, description, &closed);
        }
        self.forget(closed.object);
    }

    /// An object to which nothing leads any more is gone.
    pub fn forget(&mut self, object: u16) {
        let leads = |d: &Description| d.references > 0 && d.object == object;
        let named = self.names.has(object) || self.shared.has(object) || self.segments.keep(object);
        let seen = || self.processes.iter().any(|p| p.space.objects().any(|seen| seen == object));
        if object == 0 || self.descriptions.iter().any(leads) || named || seen() {
            return;
        }
        if let Some(place) = self.objects.get_mut(usize::from(object)) {
            *place = Arc::new(Object::None);
        }
        if self.segments.has(object) {
            Arc::make_mut(&mut self.segments).lose(object);
        }
        if self.stamps.of(object).is_some() {
            Arc::make_mut(&mut self.stamps).forget(object);
        }
    }

    /// Time has passed, and long ago: of these, whoever was to wait for so long and no longer is overdue.
    pub fn expire(&mut self, actors: &[Actor]) {
        for actor in actors {
            if let Some(call) = self.in_call_mut(*actor) {
                call.overdue = call.call.timeout().is_some();
            }
        }
    }

    /// Whether a timer of somebody who lives is to expire by itself, and soon.
    pub fn awaits_timers(&self) -> bool {
        let lives = |process: &&Arc<Process>| process.life == Life::Live;
        self.processes
            .iter()
            .filter(lives)
            .any(|process| process.timers.await_expiry(&process.signals))
    }

    /// A thread's call, if it is in one, will not be answered: it lets go of what it holds.
    pub fn abandon(&mut self, actor: Actor) {
        self.let_go(actor);
        self.set_activity(actor, Activity::Gone);
    }

    /// A thread's call, if it is in one, lets go of what it holds.
    pub fn let_go(&mut self, actor: Actor) {
        let Some(slot) = self.in_call_mut(actor) else { return };
        let call = slot.clone();
        (slot.holds, slot.carries) = (None, Vec::new());
        for ends in mechanism::ends() {
            (ends.with_call)(self, &call);
        }
        call.holds.into_iter().chain(call.carries).for_each(|one| self.release(one));
    }

    /// Whether a call that has taken its effect can return: no handler is to run first.
    pub fn may_return(&self, actor: Actor) -> bool {
        let returning = matches!(self.activity(actor), Activity::Returning(_));
        let goes_on = |process: &Process| !process.stopped && !process.signals.holds_up();
        returning && self.process(actor.process).is_some_and(goes_on)
    }

    /// Whether a thread is between two calls, and not stopped there.
    pub fn may_call(&self, actor: Actor) -> bool {
        let goes_on = |process: &Process| process.life == Life::Live && !process.stopped;
        let running = *self.activity(actor) == Activity::Running;
        running && self.process(actor.process).is_some_and(goes_on)
    }

    /// Whether a process is stopped.
    pub fn is_stopped(&self, process: u8) -> bool {
        self.process(process).is_some_and(|process| process.stopped)
    }

    /// What the handler of a process is told that is to run next, if one is.
    pub fn next_handler(&self, process: u8) -> Option<Info> {
        let process_of = self.process(process).filter(|process| !process.stopped)?;
        let frame = process_of.signals.next_handler()?;
        Some(Info { stack: frame.stack, ..frame.what.told(self.leader(process)) })
    }

    /// A handler runs, and returns at once: that of the signal that was delivered last. False if there
    /// is none, or another was delivered.
    pub fn handle(&mut self, process: u8, ran: &Info) -> bool {
        if !self.next_handler(process).is_some_and(|told| told.same(ran)) {
            return false;
        }
        let before = thread::are_there(self).then(|| self.clone());
        let returns =
            self.process_mut(process).is_some_and(|process| process.signals.handler_returns());
        if let Some(before) = before {
            thread::share(&before, self);
        }
        returns
    }

    /// The descriptors that a process has open, in ascending order.
    pub fn open_fds(&self, process: u8) -> impl Iterator<Item = (usize, Entry)> + '_ {
        let table = self.process(process).map_or(&[][..], |process| &process.table);
        table.iter().enumerate().filter_map(|(fd, entry)| entry.map(|entry| (fd, entry)))
    }
}
