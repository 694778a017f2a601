//! What of the rules a run came near to. A fault in anything else would have made no difference to it.

use std::collections::BTreeSet;

use ipc_model::clause::Clause;
use ipc_model::operation::Actor;
use ipc_model::poll::READY;
use ipc_model::spec::{Spec, befalls};
use ipc_model::view::View;
use ipc_model::world::World;

use crate::faults::{Slip, Wrong};

/// The clauses that applied in some world of a run, and those that one guard alone kept from it.
#[derive(Debug, Default)]
pub struct Met {
    applied: BTreeSet<&'static str>,
    but_for: BTreeSet<(&'static str, usize)>,
}

impl Met {
    /// Everything that has to do with a call or a death in this world.
    pub(super) fn note(&mut self, spec: &Spec, world: &World) {
        for process in 0..world.processes.len() as u8 {
            for operation in befalls(world, process) {
                self.view(&View::unasked(spec, world, process), spec.clauses(operation));
            }
            let actor = Actor::first(process);
            if let Some(call) = world.in_call(actor) {
                self.view(&View::new(spec, world, actor), spec.clauses(call.operation()));
            }
        }
    }

    fn view(&mut self, view: &View<'_>, clauses: &[Clause]) {
        for clause in clauses {
            let guards = clause.guards.iter().enumerate();
            let mut failing = guards.filter(|(_, guard)| !view.holds(&guard.cond));
            match (failing.next(), failing.next()) {
                (None, _) => drop(self.applied.insert(clause.id)),
                (Some((at, _)), None) => drop(self.but_for.insert((clause.id, at))),
                _ => {}
            }
        }
    }

    /// Whether the run may have been another one with these slips. What is wrong with readiness or with
    /// closed descriptors is seen by calls of all kinds: it always may.
    pub fn may_differ(&self, slips: &[Slip]) -> bool {
        slips.iter().any(|slip| {
            let id = slip.clause.id;
            if slip.clause.on.contains(&&READY) || matches!(slip.wrong, Wrong::Stale) {
                return true;
            }
            let alone = slips.iter().filter(|other| other.clause.id == id).count() == 1;
            let kept = |at: usize| match alone {
                true => self.but_for.contains(&(id, at)),
                false => true,
            };
            let bent = match slip.wrong {
                Wrong::Unguarded(at) | Wrong::Off(at, ..) => kept(at),
                _ => false,
            };
            bent || self.applied.contains(id)
        })
    }
}
