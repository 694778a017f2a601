//! Faults: what can be wrong with a simulated kernel, read off the clauses' data or known from real
//! systems. None of them is in the model: [`crate::sim`] carries them out.

mod ask;
mod memory;
mod mutex;
mod named;
mod open;
mod passing;
mod pidfd;
mod segment;
mod signal;
mod signalfd;
mod socket;
mod stamps;
mod systematic;
#[cfg(test)]
mod tests;
mod thread;
mod timer;

use std::sync::LazyLock;

use ipc_model::clause::Clause;
use ipc_model::errno::Errno;
use ipc_model::operation::Actor;
use ipc_model::outcome::Outcome;
use ipc_model::spec::Spec;
use ipc_model::world::World;

pub use named::{Deviation, Planting, deviations};
pub use systematic::systematic;

/// A fault that can be planted: what is wrong with each of some clauses.
#[derive(Clone, Debug)]
pub struct Fault {
    /// `kind:clause[:detail]`, or the name of a known deviation. Never changes its meaning.
    pub name: String,
    /// What is wrong.
    pub slips: Vec<Slip>,
    /// Why it cannot be seen, where no check can show that.
    pub unseen: Option<&'static str>,
}

/// One thing that is wrong with one clause.
#[derive(Clone, Copy, Debug)]
pub struct Slip {
    /// The clause.
    pub clause: &'static Clause,
    /// What is wrong with it.
    pub wrong: Wrong,
}

/// What can be wrong with a clause.
#[derive(Clone, Copy, Debug)]
pub enum Wrong {
    /// The guard at this place is not looked at.
    Unguarded(usize),
    /// In the guard at this place, the comparison at this place has so much added to its left side.
    Off(usize, usize, i64),
    /// It never applies.
    Never,
    /// It does not apply where this holds.
    Unless(fn(&World, Actor) -> bool),
    /// It applies to descriptors that are closed as it did before.
    Stale,
    /// The caller is told this error instead.
    Error(Errno),
    /// The caller is told success, and nothing of it.
    Success,
    /// The number or the number of bytes that the caller is told is so much more.
    Told(i64),
    /// The caller is told something else of the same kind.
    ToldOther,
    /// The caller is told what this makes of the answer.
    Tells(fn(Outcome) -> Outcome),
    /// What is told ready is this event instead.
    Event(u32),
    /// So much more than the envelope has, both done and told.
    Count(i64),
    /// The effect at this place goes so much further.
    Moved(usize, i64),
    /// The effect at this place is not made.
    Missing(usize),
    /// The effect at this place is made twice.
    Twice(usize),
    /// It also has the effects of this clause, where that is about the same call.
    Borrowed(&'static Clause),
    /// It also has this effect.
    Also(fn(&mut World, Actor)),
    /// What the caller receives is spoilt.
    Data(Spoilt),
    /// Who sleeps and could go on after its effects is not woken as it should be.
    Wakes(Wakes),
    /// After its effects somebody who sleeps and cannot go on is woken, and answers so.
    Startles(Startled),
}

impl Wrong {
    /// Whether it makes a clause apply at other times.
    pub(crate) fn bends(&self) -> bool {
        matches!(self, Wrong::Unguarded(_) | Wrong::Off(..) | Wrong::Never | Wrong::Unless(_))
    }
}

/// What can become of bytes on their way to who receives them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Spoilt {
    /// The first and the last are exchanged.
    Reordered,
    /// The first is another.
    Altered,
    /// They are not the oldest ones, but those one further.
    Elsewhere,
}

/// Who is woken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wakes {
    /// Nobody.
    Nobody,
    /// Only one of those who could go on.
    One,
}

/// What somebody answers who was woken for nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Startled {
    /// Success, with nothing.
    Nothing,
    /// This error.
    Error(Errno),
}

/// Every fault there is, the named ones first.
pub static FAULTS: LazyLock<Vec<Fault>> = LazyLock::new(|| {
    let named = deviations().filter_map(Deviation::fault);
    named.chain(systematic()).collect()
});

/// The fault of that name.
pub fn fault(name: &str) -> Option<&'static Fault> {
    FAULTS.iter().find(|fault| fault.name == name)
}

impl Fault {
    /// The first word of its name; `named` for a known deviation.
    pub fn kind(&self) -> &str {
        self.name.split_once(':').map_or("named", |(kind, _)| kind)
    }

    /// Whether every clause that it is in is one of these rules.
    pub fn is_in(&self, spec: &Spec) -> bool {
        let has = |slip: &Slip| {
            let operation = slip.clause.on.first();
            operation.is_some_and(|on| spec.clauses(on).iter().any(|c| c.id == slip.clause.id))
        };
        self.slips.iter().all(has)
    }
}
