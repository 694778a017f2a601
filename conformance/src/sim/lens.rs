//! What is wrong with readiness: rules about no call, which only those see who ask.

use ipc_model::clause::{Clause, Envelope};
use ipc_model::poll::READY;
use ipc_model::spec::Spec;

use super::kernel::applies;
use crate::faults::{Slip, Wrong};

/// The rules as calls see them that ask what is ready, if something is wrong with that.
pub fn bent(rules: &Spec, slips: &'static [Slip]) -> Option<Spec> {
    let is_ready = |clause: &Clause| clause.on.contains(&&READY);
    if !slips.iter().any(|slip| is_ready(slip.clause)) {
        return None;
    }
    let bent = |clause: &Clause| {
        let mut clause = *clause;
        for slip in slips.iter().filter(|slip| slip.clause.id == clause.id) {
            if let Wrong::Event(event) = slip.wrong {
                clause.envelope = Envelope::Is(event);
            }
        }
        clause
    };
    let spec = rules.altered(is_ready, bent);
    Some(spec.seen_through(Box::new(move |view, clause| applies(slips, view, clause))))
}
