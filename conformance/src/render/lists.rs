//! The lists of what there is.

use ipc_model::clause::Clause;
use ipc_model::mechanism;
use ipc_model::operation::Operation;
use ipc_model::print;

use super::table;
use crate::manual::{in_c, usage};
use crate::scenario::Scenario;

/// Scenarios: name, and the first line of what they say about themselves.
pub fn scenarios(all: impl IntoIterator<Item = Scenario>) -> String {
    let row = |scenario: Scenario| {
        let first = scenario.text.lines().next().unwrap_or("");
        let remark = first.strip_prefix('#').unwrap_or("").trim();
        vec![scenario.name.to_owned(), remark.to_owned()]
    };
    table(&all.into_iter().map(row).collect::<Vec<_>>())
}

/// Litmus programs: name and question.
pub fn litmus() -> String {
    let row = |one: crate::litmus::Litmus| vec![one.name.to_owned(), one.question().to_owned()];
    table(&crate::litmus::all().map(row).collect::<Vec<_>>())
}

/// Clauses: id, duty, aspect, source.
pub fn clauses<'a>(all: impl IntoIterator<Item = &'a Clause>) -> String {
    let row = |clause: &Clause| {
        let aspect = format!("{:?}", clause.aspect).to_lowercase();
        let duty = print::duty(clause.duty).to_owned();
        vec![clause.id.to_owned(), duty, aspect, print::source(&clause.source)]
    };
    table(&all.into_iter().map(row).collect::<Vec<_>>())
}

/// Operations: how they are written in programs, and in C.
pub fn operations() -> String {
    let row = |operation: &Operation| vec![usage(operation), in_c(operation)];
    table(&mechanism::operations().map(row).collect::<Vec<_>>())
}
