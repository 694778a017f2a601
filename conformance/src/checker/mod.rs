//! The checker: was this history allowed?
//!
//! A just-in-time search: events are taken in the order of their tickets; a call takes effect when
//! its return is met, and the calls and hidden steps of others are put before it only where that is
//! needed, the likelier first. A memo of worlds that led nowhere keeps the search from meeting one
//! twice. Nothing is left out: what is unlikely is tried last.

mod anomaly;
mod chains;
mod diagnose;
mod future;
mod guide;
mod moves;
#[cfg(test)]
mod naive;
mod order;
mod place;
#[cfg(test)]
mod preempted_tests;
mod refute;
#[cfg(test)]
mod refute_tests;
mod search;
mod sources;
#[cfg(test)]
mod stopped_tests;
#[cfg(test)]
mod tests;
mod witness;

pub(crate) use place::Marker;

pub use anomaly::{Anomaly, Name};

use std::collections::BTreeMap;

use ipc_model::clause::Envelope;
use ipc_model::operation::Actor;
use ipc_model::spec::Spec;

use ipc_model::world::World;

use crate::history::{Event, EventKind, History, Proof};
use search::Search;
use sources::told_anew;

/// What the model says of a history.
#[derive(Clone, PartialEq, Debug)]
pub struct Judgement {
    /// The word.
    pub verdict: Verdict,
    /// How often each clause was used on the accepted run, or up to the deviation.
    pub used: BTreeMap<&'static str, u64>,
    /// How many moves the search made.
    pub moves: u64,
}

/// The word of a judgement.
#[derive(Clone, PartialEq, Debug)]
pub enum Verdict {
    /// Some run of the model shows just this.
    Conforms,
    /// No run of the model does: the first deviation, and what came after it.
    Deviates(Vec<Deviation>),
    /// It could not be decided. Never a pass.
    Inconclusive(String),
}

/// One thing that no run of the model shows.
#[derive(Clone, PartialEq, Debug)]
pub struct Deviation {
    /// The event, by index into the history.
    pub event: usize,
    /// Who is concerned.
    pub actor: Actor,
    /// What happened, in words.
    pub got: String,
    /// What was allowed instead.
    pub allowed: Vec<Allowed>,
    /// The clauses that would have given just this answer in another world.
    pub refused: Vec<Refused>,
    /// What it says about the bytes, if it is about bytes.
    pub anomaly: Option<Anomaly>,
    /// It may only follow from a deviation before it.
    pub follows: bool,
    /// It rests on sleep that was waited for, not proven.
    pub suspect: bool,
}

/// One thing that was allowed.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Allowed {
    /// What, in words.
    pub answer: String,
    /// By which clause.
    pub clause: &'static str,
    /// After what unseen steps, by whose clauses: what others were doing when it happened.
    pub after: Vec<&'static str>,
}

/// A clause that gives the answer that was got, but not in this world.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Refused {
    /// The clause.
    pub clause: &'static str,
    /// Its guards that do not hold, in words.
    pub unmet: Vec<&'static str>,
}

/// How hard to try.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Budget {
    /// Moves, at most.
    pub moves: u64,
    /// Worlds kept for another try, at most.
    pub worlds: usize,
    /// Bytes that these worlds take, at most, roughly.
    pub bytes: usize,
}

impl Budget {
    /// Enough for whatever is not made to be hard.
    pub const USUAL: Budget = Budget { moves: 1_000_000, worlds: 100_000, bytes: 256 << 20 };
}

impl Default for Budget {
    fn default() -> Budget {
        Budget::USUAL
    }
}

/// Judges a history that [`crate::record::validate`] has accepted.
pub fn check(spec: &Spec, history: &History, budget: Budget) -> Judgement {
    let mut search = Search::new(spec, history, budget);
    // Names lead the search: where none is needed it does not matter whether they are right.
    let told = if search.is_plain() { None } else { told_anew(history, &search.moves.future) };
    let history = told.as_ref().unwrap_or(history);
    let mut judgement = match &told {
        Some(told) => Search::new(spec, told, budget).judge(),
        None => search.judge(),
    };
    if let Verdict::Deviates(all) = &mut judgement.verdict
        && let Some(first) = all.first_mut()
        && !first.suspect
    {
        first.suspect = rests_on_unproven_sleep(spec, history, budget);
    }
    judgement
}

/// Whether a history that deviates might not, if nobody had been said to sleep without proof.
fn rests_on_unproven_sleep(spec: &Spec, history: &History, budget: Budget) -> bool {
    let unproven = |event: &Event| match &event.kind {
        EventKind::Quiescent { proof, .. } => !proof.is_certain(),
        _ => false,
    };
    if !history.events.iter().any(unproven) {
        return false;
    }
    let mut proven = history.clone();
    proven.events.retain(|event| !unproven(event));
    let judgement = Search::new(spec, &proven, budget).judge();
    !matches!(judgement.verdict, Verdict::Deviates(_))
}

/// The world as it is once nothing moves any more, and once every timeout has passed where that is what
/// was waited for.
pub(crate) fn settled(mut world: World, asleep: &[Actor], proof: Proof) -> World {
    if proof == Proof::Expired {
        world.expire(asleep);
    }
    world
}

impl Deviation {
    /// The clauses that it is about: those that an answer was owed by; where none was owed, those
    /// that were used without right; else those that let the call sleep.
    pub fn about(&self) -> Vec<&'static str> {
        let sleeps = |id: &str| {
            let clause = ipc_model::mechanism::clause(id);
            clause.is_some_and(|clause| matches!(clause.envelope, Envelope::Sleep))
        };
        let mut about: Vec<&'static str> =
            self.allowed.iter().map(|allowed| allowed.clause).filter(|id| !sleeps(id)).collect();
        if about.is_empty() {
            about = self.refused.iter().map(|refused| refused.clause).collect();
        }
        if about.is_empty() {
            about = self.allowed.iter().map(|allowed| allowed.clause).collect();
        }
        about.sort_unstable();
        about.dedup();
        about
    }
}

impl Judgement {
    /// Whether some run of the model shows just this.
    pub fn conforms(&self) -> bool {
        self.verdict == Verdict::Conforms
    }

    /// The first deviation, if there is one.
    pub fn deviation(&self) -> Option<&Deviation> {
        match &self.verdict {
            Verdict::Deviates(all) => all.first(),
            _ => None,
        }
    }
}
