//! The lists of what there is.

use ipc_model::clause::Clause;
use ipc_model::mechanism;
use ipc_model::operation::Operation;
use ipc_model::order::shapes::{Classic, classics};
use ipc_model::print;

use super::table;
use crate::faults::{FAULTS, Fault, Planting, deviations};
use crate::manual::{in_c, usage};
use crate::real::AgentFault;
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

/// Litmus programs, and litmus tests of the memory: name and question.
pub fn litmus() -> String {
    let program = |one: crate::litmus::Litmus| vec![one.name.to_owned(), one.question().to_owned()];
    let test = |one: Classic| vec![one.name(), one.shape.question.to_owned()];
    table(&crate::litmus::all().map(program).chain(classics().map(test)).collect::<Vec<_>>())
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

/// Faults: those of the agents, the known deviations, and of the systematic ones how many of each kind
/// there are, or every name.
pub fn faults(all: bool) -> String {
    let mut text = "In the agents, planted by --fault:\n".to_owned();
    text.extend(AgentFault::ALL.iter().map(|fault| format!("  {}\n", fault.name())));
    text.push_str("\nKnown of real systems, planted by --system sim:NAME:\n");
    let known = |deviation: &crate::faults::Deviation| {
        let not_yet = match deviation.planting {
            Planting::Waits(what) => format!(" Not yet: waits for {what}."),
            _ => String::new(),
        };
        vec![format!("  {}", deviation.name), format!("{}{not_yet}", deviation.text)]
    };
    text.push_str(&table(&deviations().map(known).collect::<Vec<_>>()));
    text.push_str("\nRead off the clauses, planted by --system sim:NAME:\n");
    let systematic: Vec<&Fault> = FAULTS.iter().filter(|fault| fault.kind() != "named").collect();
    if all {
        text.extend(systematic.iter().map(|fault| format!("  {}\n", fault.name)));
        return text;
    }
    let mut kinds: Vec<(&str, usize)> = Vec::new();
    for fault in &systematic {
        match kinds.iter_mut().find(|(kind, _)| *kind == fault.kind()) {
            Some((_, count)) => *count += 1,
            None => kinds.push((fault.kind(), 1)),
        }
    }
    let row = |(kind, count): &(&str, usize)| vec![format!("  {kind}:CLAUSE"), count.to_string()];
    text.push_str(&table(&kinds.iter().map(row).collect::<Vec<_>>()));
    text.push_str("`list faults --all` has every name.\n");
    text
}
