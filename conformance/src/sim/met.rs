//! What of the rules a run came near to. A fault in anything else would have made no difference to it.

use std::collections::BTreeSet;

use ipc_model::clause::Clause;
use ipc_model::operation::{Actor, Operation};
use ipc_model::poll::READY;
use ipc_model::process::{DEATH, NEWS, STOPPED};
use ipc_model::signal::DELIVERY;
use ipc_model::socket::garbage::COLLECTION;
use ipc_model::spec::{Spec, befalls};
use ipc_model::step::Step;
use ipc_model::timer::EXPIRY;
use ipc_model::view::View;
use ipc_model::world::World;

use crate::faults::{Slip, Wrong};

/// The clauses that applied in some world of a run, those that one guard alone kept from it, and those
/// that were used.
#[derive(Debug, Default)]
pub struct Met {
    applied: BTreeSet<&'static str>,
    but_for: BTreeSet<(&'static str, usize)>,
    used: BTreeSet<&'static str>,
    /// The operations that were called with a descriptor that was not open.
    closed: BTreeSet<&'static str>,
}

impl Met {
    /// Everything that has to do with a call or a death in this world.
    pub(super) fn note(&mut self, spec: &Spec, world: &World) {
        let mut note = |id, but_for| match but_for {
            None => drop(self.applied.insert(id)),
            Some(guard) => drop(self.but_for.insert((id, guard))),
        };
        for process in 0..world.processes.len() as u8 {
            for operation in befalls(world, process) {
                spec.near(operation, &View::unasked(spec, world, process), &mut note);
            }
            let actor = Actor::first(process);
            if let Some(call) = world.in_call(actor) {
                let fd = call.call.fd().map(i64::from);
                if fd.is_some_and(|fd| world.entry(process, fd).is_none()) {
                    self.closed.insert(call.call.operation.name);
                }
                let stopped: Option<&'static Operation> =
                    world.is_stopped(process).then_some(&STOPPED);
                for operation in [call.operation()].into_iter().chain(stopped) {
                    spec.near(operation, &View::new(spec, world, actor), &mut note);
                }
            }
        }
    }

    /// What is done. A slip that is only in the answer of a call, or in what comes of it, makes a
    /// difference there and not before.
    pub(super) fn note_step(&mut self, step: &Step<'_>) {
        self.used.insert(step.clause.id);
    }

    /// Whether the run may have been another one with these slips. What is wrong with readiness is seen
    /// by calls of all kinds: it always may.
    pub fn may_differ(&self, slips: &[Slip]) -> bool {
        slips.iter().any(|slip| {
            let id = slip.clause.id;
            if slip.clause.on.contains(&&READY) {
                return true;
            }
            let alone = slips.iter().filter(|other| other.clause.id == id).count() == 1;
            match slip.wrong {
                Wrong::Stale => slip.clause.on.iter().any(|on| self.closed.contains(on.name)),
                Wrong::Unguarded(_) | Wrong::Off(..) if !alone => true,
                Wrong::Unguarded(at) | Wrong::Off(at, ..) => {
                    self.but_for.contains(&(id, at)) || self.applied.contains(id)
                }
                Wrong::Never | Wrong::Unless(_) => self.applied.contains(id),
                _ if alone && is_answer(slip.clause) => self.used.contains(id),
                _ => self.applied.contains(id),
            }
        })
    }
}

/// Whether the clause is the answer of a call, and nothing that befalls a process.
fn is_answer(clause: &Clause) -> bool {
    let befalls =
        |on: &&'static Operation| [&DEATH, &NEWS, &DELIVERY, &EXPIRY, &COLLECTION].contains(on);
    clause.answers() && !clause.on.iter().any(befalls)
}
