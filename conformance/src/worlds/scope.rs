//! The named scopes: how small the world is, and what can be called in it.

use ipc_model::operation::Actor;
use ipc_model::profile::{Numbers, Profile};
use ipc_model::spec::Spec;
use ipc_model::world::World;

use super::letters::Letter;
use super::scopes::SCOPES;
use super::sometimes::Sometimes;
use super::space::Action;

/// A world that is small enough to be looked at in full.
pub struct Scope {
    /// As on the command line.
    pub name: &'static str,
    /// One sentence.
    pub text: &'static str,
    /// By whose rules.
    pub profile: &'static Profile,
    /// The numbers of the system, the least that show what there is to see.
    pub numbers: Numbers,
    /// Processes, born and unborn.
    pub processes: u8,
    /// The calls that are made before, one after the other.
    pub start: &'static [&'static str],
    /// The calls that can then be made, at any time and over and over.
    pub calls: &'static [&'static str],
    /// No pipe is made while there are as many.
    pub pipes: usize,
    /// No write begins that could bring more bytes on their way.
    pub bytes: u64,
    /// What must be seen somewhere.
    pub sometimes: &'static [&'static Sometimes],
    /// Too large for the tests: for campaigns.
    pub large: bool,
    /// How many states it has, those that differ in names only being one.
    pub states: usize,
    /// And how many transitions.
    pub transitions: u64,
}

impl Scope {
    /// The scope of that name.
    pub fn named(name: &str) -> Option<&'static Scope> {
        SCOPES.iter().find(|scope| scope.name == name)
    }

    /// The rules of the scope's profile.
    pub fn spec(&self) -> Spec {
        Spec::new(self.profile, self.numbers)
    }

    /// What can be called.
    pub(super) fn letters(&self) -> Vec<Letter> {
        self.read(self.calls)
    }

    /// The world after the calls of the start, each of which is answered before the next.
    pub fn begin(&self, spec: &Spec) -> World {
        let mut world = World::new(usize::from(self.processes), &[0], 0);
        for letter in self.read(self.start) {
            let actor = Actor::first(letter.who.trailing_zeros() as u8);
            let call = letter.calls(&world, actor).swap_remove(0);
            spec.call(&mut world, actor, call.into());
            while world.in_call(actor).is_some() {
                let steps = spec.steps(&world);
                let step = *steps.first().expect("a call of the start goes through");
                let (count, _) = spec.counts(&world, &step);
                Action::Step { step, count }.happen(spec, &mut world);
            }
        }
        world
    }

    fn read(&self, letters: &[&str]) -> Vec<Letter> {
        let parse = |text: &&str| Letter::parse(text, self.processes);
        let all: Result<Vec<Letter>, String> = letters.iter().map(parse).collect();
        all.unwrap_or_else(|wrong| panic!("the scope {} cannot be read: {wrong}", self.name))
    }
}
