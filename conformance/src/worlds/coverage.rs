//! Which clauses a scope uses, and why it does not use the others: computed, not kept.

use std::collections::BTreeSet;

use ipc_model::clause::{Clause, Envelope};
use ipc_model::mechanism;
use ipc_model::process::DEATH;
use ipc_model::view::{Choice, View};

use super::here::Here;
use super::space::{Action, Space, State};

/// What was used so far of what could be.
pub(super) struct Coverage<'a> {
    used: BTreeSet<&'static str>,
    missing: Vec<Missing<'a>>,
}

/// A clause that was not used yet.
struct Missing<'a> {
    clause: &'a Clause,
    /// For each guard whether it held at some time.
    held: Vec<bool>,
    at_once: bool,
}

impl<'a> Coverage<'a> {
    /// Nothing was used yet.
    pub(super) fn new(space: &Space<'a>) -> Coverage<'a> {
        let called = |operation| space.operations().any(|called| called == operation);
        let mut missing: Vec<Missing<'a>> = Vec::new();
        for clause in space.spec.all() {
            if clause.on.iter().any(|operation| called(*operation) || **operation == DEATH) {
                missing.push(Missing {
                    clause,
                    held: vec![false; clause.guards.len()],
                    at_once: false,
                });
            }
        }
        Coverage { used: BTreeSet::new(), missing }
    }

    /// Looks at the calls of a state.
    pub(super) fn look(&mut self, space: &Space<'a>, here: &Here<'_, 'a>) {
        for standing in &here.calls {
            let view = View::new(space.spec, &here.state.world, standing.actor);
            for missing in &mut self.missing {
                if !missing.clause.on.contains(&standing.call.call.operation) {
                    continue;
                }
                let mut all = true;
                for (held, guard) in missing.held.iter_mut().zip(missing.clause.guards) {
                    let holds = view.holds(&guard.cond);
                    *held |= holds;
                    all &= holds;
                }
                missing.at_once |= all;
            }
        }
    }

    /// Something happens by a clause.
    pub(super) fn use_of(&mut self, space: &Space<'a>, before: &State, action: &Action<'a>) {
        let clause = match action {
            Action::Call(..) => return,
            Action::Sleep(actor) => space.spec.sleeps(&before.world, *actor),
            Action::Step { step, .. } => Some(step.clause),
        };
        let consulted = match action {
            Action::Step { step, count } => {
                let choice = Choice { count: *count, probed: None };
                space.spec.consulted(&before.world, step, choice)
            }
            _ => Vec::new(),
        };
        for clause in clause.into_iter().chain(consulted) {
            if self.used.insert(clause.id) {
                self.missing.retain(|missing| missing.clause.id != clause.id);
            }
        }
    }

    /// What was used, and of what was not: why.
    pub(super) fn told(self) -> (BTreeSet<&'static str>, Vec<(&'static str, String)>) {
        let unused = self.missing.iter().map(|missing| (missing.clause.id, missing.why()));
        (self.used, unused.collect())
    }
}

impl Missing<'_> {
    fn why(&self) -> String {
        let of = |wanted: bool| {
            let pairs = self.clause.guards.iter().zip(&self.held);
            let names = pairs.filter(|(_, held)| **held == wanted).map(|(guard, _)| guard.name);
            names.collect::<Vec<_>>().join("; ")
        };
        match (&self.clause.envelope, self.held.iter().all(|held| *held), self.at_once) {
            (Envelope::Anything, _, true) => "what comes of it is not judged".to_owned(),
            (Envelope::Sleep, _, true) => "whoever could sleep by it sleeps already".to_owned(),
            (_, true, false) => format!("never at once: {}", of(true)),
            (_, false, _) => format!("never: {}", of(false)),
            (_, true, true) => "it is enabled, and gives nothing".to_owned(),
        }
    }
}

impl<'a> Space<'a> {
    /// Everything that can be called.
    fn operations(&self) -> impl Iterator<Item = &'static ipc_model::operation::Operation> {
        let called = |operation: &&'static ipc_model::operation::Operation| {
            self.letters.iter().any(|letter| letter.operation == *operation)
        };
        mechanism::operations().filter(called)
    }
}
