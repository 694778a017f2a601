//! The generator: programs that are meaningful because they are made by walking the model.
//!
//! Each next call is drawn from what the world offers, and the model says what it leads to. The
//! text that comes out is an ordinary stepwise program: what a system really does may differ.
//!
//! Each mechanism has a file here with the calls that it brings, and one entry in [`MAKERS`].

mod address;
mod descriptor;
mod epoll;
mod eventfd;
mod fifo;
mod file;
mod group;
mod mapping;
mod memory;
mod mutex;
mod name;
mod passing;
mod pidfd;
mod pipe;
mod poll;
mod process;
mod ring;
mod segment;
mod signal;
mod signalfd;
mod socket;
#[cfg(test)]
mod tests;
mod timer;
mod walk;

use ipc_model::spec::Spec;

use self::walk::Walk;
use crate::program::Program;
use crate::stage::Pick;

/// The shape of the programs to be made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shape {
    /// Processes, at most.
    pub actors: u8,
    /// Calls in all, before what was written is drained.
    pub calls: u16,
}

impl Default for Shape {
    /// As the goals of speed are stated: 3 processes, 36 calls in all.
    fn default() -> Shape {
        Shape { actors: 3, calls: 36 }
    }
}

/// A way to add calls to a program.
struct Draft {
    /// How often it is drawn, among all that are there.
    weight: u16,
    /// Whether that actor can do it.
    when: fn(&Walk<'_>, u8) -> bool,
    /// Adds one call by that actor, or none where nothing fits.
    add: fn(&mut Walk<'_>, u8),
}

impl Draft {
    const fn new(weight: u16, add: fn(&mut Walk<'_>, u8)) -> Draft {
        Draft { weight, when: |_, _| true, add }
    }

    const fn when(self, when: fn(&Walk<'_>, u8) -> bool) -> Draft {
        Draft { when, ..self }
    }
}

/// What a mechanism brings to programs.
struct Maker {
    /// Whether a program has it, its turn being drawn, and the makers above it being these.
    joins: fn(&mut dyn Pick, &[&Maker]) -> bool,
    /// How descriptors to transfer by are made.
    sources: &'static [Draft],
    /// Its calls.
    calls: &'static [Draft],
    /// Calls that sleep until another process does something.
    waits: &'static [Draft],
    /// Adds what wakes a sleeper: a call by the first actor, for the second; false if it is not the
    /// mechanism's to do that, or the actor cannot.
    wake: fn(&mut Walk<'_>, u8, u8) -> bool,
}

impl Maker {
    /// One that has nothing yet, and is in every program.
    const NONE: Maker =
        Maker { joins: |_, _| true, sources: &[], calls: &[], waits: &[], wake: |_, _, _| false };
}

/// The registration.
static MAKERS: &[&Maker] = &[
    &pipe::MAKER,
    &descriptor::MAKER,
    &process::MAKER,
    &signal::MAKER,
    &fifo::MAKER,
    &name::MAKER,
    &poll::MAKER,
    &eventfd::MAKER,
    &epoll::MAKER,
    &memory::MAKER,
    &mapping::MAKER,
    &mutex::MAKER,
    &ring::MAKER,
    &segment::MAKER,
    &signal::MORE,
    &timer::MAKER,
    &signalfd::MAKER,
    &pidfd::MAKER,
    &socket::MAKER,
    &address::MAKER,
    &group::MAKER,
    &file::MAKER,
    &passing::MAKER,
];

/// Makes one program.
pub fn generate(spec: &Spec, shape: Shape, pick: &mut dyn Pick) -> Program {
    let cast = cast(pick);
    made(spec, shape, cast, pick)
}

/// The makers of one program.
fn cast(pick: &mut dyn Pick) -> Vec<&'static Maker> {
    let mut cast: Vec<&'static Maker> = Vec::with_capacity(MAKERS.len());
    for maker in MAKERS {
        if (maker.joins)(pick, &cast) {
            cast.push(maker);
        }
    }
    cast
}

/// Makes one program by these makers.
fn made(spec: &Spec, shape: Shape, cast: Vec<&'static Maker>, pick: &mut dyn Pick) -> Program {
    let mut walk = Walk::new(spec, shape, cast, pick);
    walk.source(0);
    // A call that would leave nobody awake is not made before the end; tries are bounded.
    for _ in 0..usize::from(shape.calls) * 4 {
        if walk.program.lines.len() >= usize::from(shape.calls) || !walk.advance() {
            break;
        }
    }
    pipe::drain(&mut walk);
    walk.program
}

impl Walk<'_> {
    /// Adds one call that the world offers; false if nobody can make one.
    fn advance(&mut self) -> bool {
        let idle: Vec<u8> =
            (0..self.shape.actors).filter(|actor| self.stage.is_idle(*actor)).collect();
        if idle.is_empty() {
            return false;
        }
        let actor = idle[self.pick.below(idle.len() as u64) as usize];
        self.others_idle = idle.len() > 1;
        // A program of one process shows little: most get company early.
        if !self.is_full() && self.pick.below(6) == 0 {
            process::fork(self, actor);
        } else if self.others_idle && self.pick.below(3) == 0 {
            self.draw(actor, |maker| maker.waits);
        } else if self.pick.below(3) != 0 || !self.wake_somebody(actor) {
            self.draw(actor, |maker| maker.calls);
        }
        true
    }

    /// Makes descriptors to transfer by.
    fn source(&mut self, actor: u8) {
        self.draw(actor, |maker| maker.sources);
    }

    /// Draws one of the drafts; it is not replaced if nothing fits.
    fn draw(&mut self, actor: u8, of: fn(&Maker) -> &'static [Draft]) {
        let weight = |maker: &&Maker| of(maker).iter().map(|draft| u64::from(draft.weight));
        let all: u64 = self.cast.iter().flat_map(weight).sum();
        if all == 0 {
            return;
        }
        let mut left = self.pick.below(all);
        let mut drafts = self.cast.iter().flat_map(|maker| of(maker));
        let drawn = drafts.find(|draft| {
            let here = left < u64::from(draft.weight);
            left = left.saturating_sub(draft.weight.into());
            here
        });
        if let Some(draft) = drawn.filter(|draft| (draft.when)(self, actor)) {
            (draft.add)(self, actor);
        }
    }

    /// What somebody sleeps for. False if nobody does, or this actor cannot help.
    fn wake_somebody(&mut self, actor: u8) -> bool {
        let rests =
            |other: &u8| self.stage.is_asleep(*other) || self.stage.world.is_stopped(*other);
        let sleepers = (0..self.shape.actors).filter(rests);
        for sleeper in sleepers.collect::<Vec<_>>() {
            for maker in 0..self.cast.len() {
                if (self.cast[maker].wake)(self, actor, sleeper) {
                    return true;
                }
            }
        }
        false
    }
}
