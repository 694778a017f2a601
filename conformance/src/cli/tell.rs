//! The verbs that only tell: `list` and `explain`.

use ipc_model::mechanism;

use super::Failure;
use super::args::{ListArgs, What};
use crate::text::nearest;
use crate::{render, scenario, worlds};

pub(super) fn list(args: &ListArgs) -> String {
    match args.what {
        What::Scenarios => render::scenarios(scenario::all()),
        What::Clauses => render::clauses(mechanism::clauses()),
        What::Operations => render::operations(),
        What::Litmus => render::litmus(),
        What::Scopes => worlds::list(),
        What::Faults => render::faults(args.all),
    }
}

pub(super) fn explain(id: &str) -> Result<String, Failure> {
    if let Some(clause) = mechanism::clause(id) {
        return Ok(render::explain(clause));
    }
    let help = match nearest(id, mechanism::clauses().map(|clause| clause.id)) {
        Some(near) => format!("did you mean {near}?"),
        None => "`ipc-conformance list clauses` lists them".to_owned(),
    };
    Err(Failure::usage(format!("there is no clause {}; {help}", crate::text::quote(id))))
}
