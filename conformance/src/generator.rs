//! The generator: programs that are meaningful because they are made by walking the model.
//!
//! Each next call is drawn from what the world offers, and the model says what it leads to. The
//! text that comes out is an ordinary stepwise program: what a system really does may differ.

use std::sync::Arc;

use ipc_model::clause::{Clause, Envelope};
use ipc_model::operation::{Actor, Arg, Call, Gives, Operation};
use ipc_model::spec::Spec;
use ipc_model::world::{Object, World};
use ipc_model::{descriptor, pipe, process, signal};

use crate::program::{Line, Operand, Program};
use crate::stage::{Pick, Stage};

/// The shape of the programs to be made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shape {
    /// Processes, at most.
    pub actors: u8,
    /// Calls in all, before the pipes are drained.
    pub calls: u16,
}

impl Default for Shape {
    /// As the goals of speed are stated: 3 processes, 36 calls in all.
    fn default() -> Shape {
        Shape { actors: 3, calls: 36 }
    }
}

/// Sizes of transfers: small ones, and those around a page and around what a pipe holds.
const SIZES: &[u64] = &[
    1, 1, 2, 5, 8, 13, 16, 24, 32, 50, 64, 100, 128, 200, 512, 1000, 3995, 4095, 4096, 4097, 5000,
    8192, 12_288, 20_000, 61_440, 65_536, 66_000,
];
/// How many of them are small.
const SMALL: u64 = 16;

/// Capacities to be asked for: mostly small ones, for what is never full never keeps anybody waiting.
const CAPACITIES: &[i64] =
    &[0, 4096, 4096, 8192, 8192, 12_288, 16_384, 65_536, 131_072, 1 << 20, 1 << 21, -1];

/// Makes one program.
pub fn generate(spec: &Spec, shape: Shape, pick: &mut impl Pick) -> Program {
    let mut walk = Walk::new(spec, shape, pick);
    walk.add(0, &pipe::PIPE, vec![]);
    // A call that would leave nobody awake is not made before the end; tries are bounded.
    for _ in 0..usize::from(shape.calls) * 4 {
        if walk.program.lines.len() >= usize::from(shape.calls) || !walk.advance() {
            break;
        }
    }
    walk.drain();
    walk.program
}

struct Walk<'a, P> {
    stage: Stage<'a>,
    shape: Shape,
    pick: &'a mut P,
    program: Program,
    /// For each process, the descriptor that each name stands for.
    known: Vec<Vec<Option<i32>>>,
}

impl<'a, P: Pick> Walk<'a, P> {
    fn new(spec: &'a Spec, shape: Shape, pick: &'a mut P) -> Walk<'a, P> {
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
            known: vec![Vec::new(); actors],
        }
    }

    /// Adds one call that the world offers; false if nobody can make one.
    fn advance(&mut self) -> bool {
        let idle: Vec<u8> =
            (0..self.shape.actors).filter(|actor| self.stage.is_idle(*actor)).collect();
        if idle.is_empty() {
            return false;
        }
        let actor = idle[self.pick.below(idle.len() as u64) as usize];
        let others_wait = idle.len() > 1;
        // A program of one process shows little: most get company early.
        let alone = self.program.actors.len() < usize::from(self.shape.actors);
        if alone && self.pick.below(6) == 0 {
            self.fork(actor);
            return true;
        }
        if others_wait && self.pick.below(3) == 0 {
            self.wait_for_somebody(actor);
            return true;
        }
        if self.pick.below(3) == 0 && self.wake_somebody(actor) {
            return true;
        }
        match self.pick.below(100) {
            0..26 => self.transfer(actor, &descriptor::WRITE),
            26..54 => self.transfer(actor, &descriptor::READ),
            54..58 => self.over(actor),
            58..62 => self.transfer(actor, &descriptor::WRITEV),
            62..66 => self.transfer(actor, &descriptor::READV),
            66..69 => self.make_pipe(actor),
            69..75 => self.fork(actor),
            75..80 => self.with_fd(actor, &descriptor::CLOSE),
            80..83 => self.duplicate(actor),
            83..87 => self.flags(actor),
            87..91 => self.ask(actor),
            91..93 => self.signals(actor),
            93..95 => self.children(actor),
            95 if others_wait => {
                let status = self.pick.below(4) as i64;
                self.add(actor, &process::EXIT, vec![Operand::Number(status)]);
            }
            96 if self.pick.below(4) == 0 => self.add(actor, &process::EXEC, vec![]),
            97 if others_wait => self.kill(actor),
            _ => self.transfer(actor, &descriptor::READ),
        }
        true
    }

    /// Closes and reads until everything that was written has been seen.
    fn drain(&mut self) {
        for actor in 0..self.shape.actors {
            for name in self.names(actor, |_| true) {
                if !self.stage.is_idle(actor) {
                    break;
                }
                let fd = self.known[usize::from(actor)][usize::from(name)];
                let Some((_, true, object)) = fd.and_then(|fd| self.end(actor, fd)) else {
                    continue;
                };
                // Of packets a read takes one.
                for _ in 0..4 {
                    if self.stored(object) > 0 && self.stage.is_idle(actor) {
                        let args = vec![Operand::Name(name), Operand::Number(1 << 17)];
                        self.add(actor, &descriptor::READ, args);
                    }
                }
            }
        }
    }

    fn transfer(&mut self, actor: u8, operation: &'static Operation) {
        let writes = operation.sends();
        let Some(name) = self.some_end(actor, !writes) else { return self.make_pipe(actor) };
        let size = self.size();
        let vector = operation == &descriptor::READV || operation == &descriptor::WRITEV;
        let amount = if vector {
            let first = self.pick.below(size + 1);
            Operand::Vector(vec![first, size - first])
        } else {
            Operand::Number(size as i64)
        };
        self.add(actor, operation, vec![Operand::Name(name), amount]);
    }

    fn size(&mut self) -> u64 {
        let small = self.pick.below(10) < 8;
        let among = if small { SMALL } else { SIZES.len() as u64 };
        let size = SIZES[self.pick.below(among) as usize];
        if self.pick.below(60) == 0 { 0 } else { size }
    }

    /// From one pipe to another; now and then between what does not fit.
    fn over(&mut self, actor: u8) {
        let Some(from) = self.some_end(actor, true) else { return self.make_pipe(actor) };
        let object = |fd: i32| self.end(actor, fd).map(|(_, _, object)| object);
        let here = self.known[usize::from(actor)][usize::from(from)].and_then(object);
        let others = self.names(actor, |fd| {
            self.end(actor, fd).is_some_and(|(_, reads, object)| !reads && Some(object) != here)
        });
        let to = match self.pick.below(20) {
            0 => self.some_name(actor),
            _ => self.one_of(&others),
        };
        let Some(to) = to else { return self.make_pipe(actor) };
        let operation = if self.pick.below(3) == 0 { &pipe::TEE } else { &pipe::SPLICE };
        let size = Operand::Number(self.size() as i64);
        let flags = Operand::Flags(u32::from(self.pick.below(3) == 0));
        self.add(actor, operation, vec![Operand::Name(from), Operand::Name(to), size, flags]);
    }

    fn resize(&mut self, actor: u8, name: u16) {
        let size = CAPACITIES[self.pick.below(CAPACITIES.len() as u64) as usize];
        let args = vec![Operand::Name(name), Operand::Command, Operand::Number(size)];
        self.add(actor, &pipe::SETPIPE_SZ, args);
    }

    fn make_pipe(&mut self, actor: u8) {
        match self.pick.below(3) {
            0 => self.add(actor, &pipe::PIPE, vec![]),
            _ => {
                let flags = [0, 1, 2, 2, 2, 3, 8, 16, 18][self.pick.below(9) as usize];
                self.add(actor, &pipe::PIPE2, vec![Operand::Flags(flags)]);
            }
        }
    }

    fn fork(&mut self, actor: u8) {
        if self.program.actors.len() < usize::from(self.shape.actors) {
            self.add(actor, &process::FORK, vec![]);
        } else {
            self.transfer(actor, &descriptor::WRITE);
        }
    }

    /// A call that sleeps until another process does something: a read of what is empty, a write of
    /// more than there is room for, a wait for a child.
    fn wait_for_somebody(&mut self, actor: u8) {
        let empty = |walk: &Self, fd: i32| {
            let stored = walk.end(actor, fd).map(|(_, reads, object)| (reads, walk.stored(object)));
            let blocks = walk.stage.world.entry(actor, i64::from(fd)).is_some_and(|entry| {
                let description = walk.stage.world.descriptions.get(usize::from(entry.description));
                description.is_some_and(|description| !description.nonblock)
            });
            blocks && stored == Some((true, 0))
        };
        let names = self.names(actor, |fd| empty(self, fd));
        if self.pick.below(4) == 0 {
            self.children(actor);
        } else if self.pick.below(8) == 0 {
            self.over(actor);
        } else if let Some(name) = self.one_of(&names) {
            let size = SIZES[self.pick.below(SMALL) as usize];
            self.add(
                actor,
                &descriptor::READ,
                vec![Operand::Name(name), Operand::Number(size as i64)],
            );
        } else if let Some(name) = self.some_plain_end(actor) {
            let much = Operand::Number(66_000 + self.pick.below(4_000) as i64);
            self.add(actor, &descriptor::WRITE, vec![Operand::Name(name), much]);
        }
    }

    /// What somebody sleeps for: bytes for a reader, room for a writer. False if nobody does, or this
    /// actor has no end for it.
    fn wake_somebody(&mut self, actor: u8) -> bool {
        let asleep = (0..self.shape.actors).find_map(|other| self.lacks(other));
        let Some((object, writes)) = asleep else { return false };
        let fits = |fd: i32| {
            self.end(actor, fd).is_some_and(|(_, reads, o)| o == object && reads == writes)
        };
        let names = self.names(actor, fits);
        let Some(name) = self.one_of(&names) else { return false };
        if writes && self.pick.below(8) == 0 {
            self.resize(actor, name);
            return true;
        }
        let (operation, size) = match writes {
            true => (&descriptor::READ, 1 << 17),
            false => (&descriptor::WRITE, SIZES[self.pick.below(SMALL) as usize] as i64),
        };
        self.add(actor, operation, vec![Operand::Name(name), Operand::Number(size)]);
        true
    }

    /// What a sleeper lacks: room in a pipe, or (`false`) bytes in one.
    fn lacks(&self, sleeper: u8) -> Option<(u16, bool)> {
        let call = &self.stage.world.in_call(Actor::first(sleeper))?.call;
        let (_, _, object) = self.end(sleeper, call.fd()?)?;
        let mut fds = call.args.iter().filter_map(|arg| match arg {
            Arg::Fd(fd) => Some(*fd),
            _ => None,
        });
        match fds.nth(1).and_then(|fd| self.end(sleeper, fd)) {
            Some((_, _, second)) if self.stored(object) > 0 => Some((second, true)),
            _ => Some((object, call.operation.sends())),
        }
    }

    fn stored(&self, object: u16) -> u64 {
        match &*self.stage.world.objects[usize::from(object)] {
            Object::Pipe(pipe) => pipe.data.len(),
            _ => 0,
        }
    }

    fn with_fd(&mut self, actor: u8, operation: &'static Operation) {
        if let Some(name) = self.some_name(actor) {
            self.add(actor, operation, vec![Operand::Name(name)]);
        }
    }

    fn duplicate(&mut self, actor: u8) {
        let (Some(one), Some(other)) = (self.some_name(actor), self.some_name(actor)) else {
            return;
        };
        let (one, other) = (Operand::Name(one), Operand::Name(other));
        match self.pick.below(3) {
            0 => self.add(actor, &descriptor::DUP, vec![one]),
            1 => self.add(actor, &descriptor::DUP2, vec![one, other]),
            _ => {
                let flags = Operand::Flags(self.pick.below(2) as u32);
                self.add(actor, &descriptor::DUP3, vec![one, other, flags]);
            }
        }
    }

    fn flags(&mut self, actor: u8) {
        let Some(name) = self.some_name(actor) else { return };
        let (operation, flags) = match self.pick.below(4) {
            0 => (&descriptor::SETFD, self.pick.below(2) as u32),
            1 => return self.resize(actor, name),
            _ => (&descriptor::SETFL, [0, 0, 1, 1, 2, 3][self.pick.below(6) as usize]),
        };
        self.add(
            actor,
            operation,
            vec![Operand::Name(name), Operand::Command, Operand::Flags(flags)],
        );
    }

    fn ask(&mut self, actor: u8) {
        let Some(name) = self.some_name(actor) else { return };
        let name = Operand::Name(name);
        match self.pick.below(7) {
            0 => self.add(actor, &descriptor::GETFL, vec![name, Operand::Command]),
            1 => self.add(actor, &descriptor::GETFD, vec![name, Operand::Command]),
            2 => self.add(actor, &descriptor::FIONREAD, vec![name, Operand::Command]),
            3 => self.add(actor, &descriptor::FSTAT, vec![name]),
            4 => self.add(actor, &pipe::GETPIPE_SZ, vec![name, Operand::Command]),
            5 => match self.pick.below(3) {
                0 => self.add(actor, &descriptor::FTRUNCATE, vec![name]),
                1 => self.add(actor, &descriptor::PREAD, vec![name, Operand::Number(8)]),
                _ => self.add(actor, &descriptor::PWRITE, vec![name, Operand::Number(8)]),
            },
            _ => {
                let args = vec![name, Operand::Number(0), Operand::Number(1)];
                self.add(actor, &descriptor::LSEEK, args);
            }
        }
    }

    fn signals(&mut self, actor: u8) {
        let which = Operand::Number(self.pick.below(2) as i64);
        match self.pick.below(5) {
            0 => self.add(actor, &signal::SIGPENDING, vec![]),
            1 | 2 => self.add(actor, &signal::SIGACTION, vec![Operand::Number(0), which]),
            _ => self.add(actor, &signal::SIGPROCMASK, vec![which, Operand::Flags(1)]),
        }
    }

    fn children(&mut self, actor: u8) {
        let born = self.program.actors.len() as u8;
        if born > 1 {
            let child = 1 + self.pick.below(u64::from(born) - 1) as u8;
            if child != actor && self.is_child(actor, child) {
                self.add(actor, &process::WAITPID, vec![Operand::Process(child)]);
            }
        }
    }

    /// Only a child that nobody has waited for: its number cannot belong to anybody else.
    fn kill(&mut self, actor: u8) {
        let children = (0..self.shape.actors).find(|child| self.is_child(actor, *child));
        if let Some(child) = children {
            let args = vec![Operand::Process(child), Operand::Number(0)];
            self.add(actor, &process::KILL, args);
        }
    }

    fn is_child(&self, actor: u8, child: u8) -> bool {
        use ipc_model::world::Life::{Reaped, Unborn};
        let process = self.stage.world.process(child);
        process.is_some_and(|process| {
            process.parent == Some(actor) && !matches!(process.life, Reaped | Unborn)
        })
    }

    /// Any name that the actor has ever had a descriptor for, open or not.
    fn some_name(&mut self, actor: u8) -> Option<u16> {
        let open_only = self.pick.below(12) != 0;
        let world = &self.stage.world;
        let open = |fd: i32| !open_only || world.entry(actor, i64::from(fd)).is_some();
        let names = self.names(actor, open);
        self.one_of(&names)
    }

    /// An end that can be written and takes no packets: a long sleeper that is woken page by page can
    /// have gone on in more ways than a checker can try.
    fn some_plain_end(&mut self, actor: u8) -> Option<u16> {
        let plain = |fd: i32| {
            let description = self.end(actor, fd).filter(|(_, reads, _)| !reads);
            description.is_some_and(|(description, _, _)| {
                let all = &self.stage.world.descriptions;
                !all.get(usize::from(description)).is_some_and(|description| description.direct)
            })
        };
        let names = self.names(actor, plain);
        self.one_of(&names)
    }

    /// A name of an end that can be read, or written; now and then of a wrong one.
    fn some_end(&mut self, actor: u8, reads: bool) -> Option<u16> {
        if self.pick.below(40) == 0 {
            return self.some_name(actor);
        }
        let fits = |fd: i32| self.end(actor, fd).is_some_and(|(_, is_read, _)| is_read == reads);
        let names = self.names(actor, fits);
        self.one_of(&names)
    }

    fn one_of(&mut self, names: &[u16]) -> Option<u16> {
        match names.len() as u64 {
            0 => None,
            n => Some(names[self.pick.below(n) as usize]),
        }
    }

    fn names(&self, actor: u8, fits: impl Fn(i32) -> bool) -> Vec<u16> {
        let known = self.known[usize::from(actor)].iter().enumerate();
        let fitting = known.filter(|(_, fd)| fd.is_some_and(&fits));
        fitting.map(|(name, _)| name as u16).collect()
    }

    /// The description, whether it reads, and the object behind a descriptor.
    fn end(&self, actor: u8, fd: i32) -> Option<(u16, bool, u16)> {
        let entry = self.stage.world.entry(actor, i64::from(fd))?;
        let description = self.stage.world.descriptions.get(usize::from(entry.description))?;
        let is_end = description.reads || description.writes;
        is_end.then_some((entry.description, description.reads, description.object))
    }

    /// Adds a line, and lets the model say what it leads to; none of a call that the profile does not
    /// speak of.
    fn add(&mut self, actor: u8, operation: &'static Operation, args: Vec<Operand>) {
        if self.stage.spec.clauses(operation).is_empty() {
            return;
        }
        let tag = self.program.lines.len() as u32 + 1;
        let resolved = args.iter().map(|arg| self.resolve(actor, arg)).collect();
        let call = Call { operation, args: resolved, tag };
        let before = self.stage.world.clone();
        self.stage.spec.call(&mut self.stage.world, Actor::first(actor), Arc::new(call));
        if !self.is_judged(Actor::first(actor)) {
            self.stage.world = before;
            return;
        }
        self.stage.settle(self.pick);
        let near_the_end = usize::from(self.shape.calls) <= self.program.lines.len() + 2;
        if !near_the_end && !(0..self.shape.actors).any(|other| self.stage.is_idle(other)) {
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
            Gives::Fd | Gives::Fds => line.binds = self.bind(actor, operation.gives, &before),
            _ => {}
        }
        self.program.lines.push(line);
    }

    /// Whether the rules say what the call that the actor is in may answer: no rule, or one that leaves
    /// everything open with nothing owed beside it, would end the judging of the program.
    fn is_judged(&self, actor: Actor) -> bool {
        let (spec, world) = (self.stage.spec, &self.stage.world);
        let operation = world.in_call(actor).map(|call| call.call.operation);
        let spoken = operation.is_some_and(|operation| !spec.clauses(operation).is_empty());
        let open = |clause: &Clause| matches!(clause.envelope, Envelope::Anything);
        spoken && (spec.enabled_among(world, actor, open).is_empty() || spec.obliged(world, actor))
    }

    /// Names what the call gave: the descriptors that were not there before.
    fn bind(&mut self, actor: u8, gives: Gives, before: &World) -> Vec<u16> {
        let count = if gives == Gives::Fd { 1 } else { 2 };
        let new = |fd: &i32| before.entry(actor, i64::from(*fd)).is_none();
        let now = self.stage.world.open_fds(actor).map(|(fd, _)| fd as i32);
        let fds: Vec<i32> = now.filter(new).take(count).collect();
        let place = self.program.lines.len();
        let letters: &[&str] = if count == 1 { &["d"] } else { &["r", "w"] };
        letters
            .iter()
            .enumerate()
            .map(|(index, letter)| {
                let name = self.program.names.len() as u16;
                self.program.names.push(format!("{letter}{place}"));
                for known in &mut self.known {
                    known.resize(usize::from(name) + 1, None);
                }
                self.known[usize::from(actor)][usize::from(name)] = fds.get(index).copied();
                name
            })
            .collect()
    }

    fn resolve(&self, actor: u8, operand: &Operand) -> Arg {
        let known = &self.known[usize::from(actor)];
        match operand {
            Operand::Name(name) => {
                Arg::Fd(known.get(usize::from(*name)).copied().flatten().unwrap_or(-1))
            }
            Operand::Number(number) => Arg::Number(*number),
            Operand::Vector(parts) => Arg::Vector(parts.clone()),
            Operand::Flags(flags) => Arg::Flags(*flags),
            Operand::Process(process) => Arg::Process(*process),
            Operand::Path(path) => Arg::Path(path.clone()),
            Operand::Watches(watches) => {
                let number = |name: &u16| known.get(usize::from(*name)).copied().flatten();
                let one = |(name, asked): &(u16, u32)| (number(name).unwrap_or(-1), *asked);
                Arg::Watches(watches.iter().map(one).collect())
            }
            Operand::Command => Arg::Command,
        }
    }
}
