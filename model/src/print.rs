//! The printer: a clause as a rule, from its data alone.

use std::fmt::Write as _;

use crate::clause::{Clause, Cond, Duty, Effect, Envelope, Force, Num, Source, Standard};
use crate::operation::Param;
use crate::poll::{EVENTS, Law};

/// The clause as an inference rule with its head and sentence, ending with a newline.
pub fn rule(clause: &Clause) -> String {
    let operations: Vec<String> = clause.on.iter().map(|operation| operation.key()).collect();
    let guards: Vec<String> = clause.guards.iter().map(|guard| condition(&guard.cond)).collect();
    let above = if guards.is_empty() { "always".to_owned() } else { guards.join("   ") };
    let below = format!("⟨{}⟩ ──▶ {}", operations.join(", "), conclusion(clause));
    let width = above.chars().count().max(below.chars().count());
    let mut text = String::new();
    let _ = writeln!(text, "{}  ({})", clause.id, head(clause));
    let _ = writeln!(text, "  {}", clause.text);
    let _ = writeln!(text, "  {above}\n  {}\n  {below}", "─".repeat(width));
    text
}

/// Force, duty, aspect and source in one line.
pub fn head(clause: &Clause) -> String {
    let force = match &clause.force {
        Force::Obliges => "obliges".to_owned(),
        Force::Permits => "permits".to_owned(),
        Force::ObligesWhen(guard) => format!("obliges when {}", guard.name),
    };
    format!("{force}; {}, {:?}; {}", duty(clause.duty), clause.aspect, source(&clause.source))
}

/// A duty as people write it.
pub fn duty(duty: Duty) -> &'static str {
    match duty {
        Duty::Shall => "shall",
        Duty::May => "may",
        Duty::Unspecified => "unspecified",
        Duty::ImplDefined => "implementation-defined",
        Duty::Extension => "extension",
        Duty::Undefined => "undefined",
    }
}

/// A source as a citation.
pub fn source(source: &Source) -> String {
    let document = match source.standard {
        Standard::Posix2024 => "POSIX.1-2024",
        Standard::Linux => "Linux",
        Standard::Own => "ipc-impls",
    };
    format!("{document} {}, {}", source.page, source.part)
}

/// The guards in words, one a line.
pub fn guards(clause: &Clause) -> Vec<&'static str> {
    clause.guards.iter().map(|guard| guard.name).collect()
}

/// A condition as a formula.
pub fn condition(cond: &Cond) -> String {
    let list = |conds: &[Cond], between: &str| {
        let parts: Vec<String> = conds.iter().map(condition).collect();
        format!("({})", parts.join(between))
    };
    match cond {
        Cond::Lt(a, b) => format!("{} < {}", term(a), term(b)),
        Cond::Le(a, b) => format!("{} ≤ {}", term(a), term(b)),
        Cond::Eq(a, b) => format!("{} = {}", term(a), term(b)),
        Cond::Not(inner) => format!("¬({})", condition(inner)),
        Cond::All(conds) => list(conds, " ∧ "),
        Cond::Any(conds) => list(conds, " ∨ "),
    }
}

/// A number as a term.
pub fn term(num: &Num) -> String {
    match num {
        Num::N(n) => n.to_string(),
        Num::Of(named) => named.name.to_owned(),
        Num::Chosen => "n".to_owned(),
        Num::Min(a, b) => format!("min({}, {})", term(a), term(b)),
        Num::Max(a, b) => format!("max({}, {})", term(a), term(b)),
    }
}

/// What the clause answers and does, as the lower line of a rule.
pub fn conclusion(clause: &Clause) -> String {
    let answer = envelope(&clause.envelope);
    let effects: Vec<String> = clause.effects.iter().map(effect).collect();
    if effects.is_empty() { answer } else { format!("{answer}; {}", effects.join("; ")) }
}

/// What may be answered, in words.
pub fn envelope(envelope: &Envelope) -> String {
    match envelope {
        Envelope::Nothing => "returns 0".to_owned(),
        Envelope::Count(lo, hi) => format!("returns {}", range(lo, hi)),
        Envelope::Data(Num::N(0), Num::N(0)) => "returns 0 bytes".to_owned(),
        Envelope::Data(lo, hi) => format!("returns the oldest n bytes, {}", range(lo, hi)),
        Envelope::Passed(lo, hi, answer) => {
            format!("returns the oldest n bytes, {}, and {}", range(lo, hi), answer.name)
        }
        Envelope::Error(errno) => format!("fails with {errno}"),
        Envelope::Exactly(answer) => format!("returns {}", answer.name),
        Envelope::Among(lo, hi, answer) => {
            format!("returns {}, of number n, {}", answer.name, range(lo, hi))
        }
        Envelope::Newborn => "returns a process that was not there before".to_owned(),
        Envelope::Is(event) => {
            format!("is ready: {}", EVENTS.get(*event as usize).unwrap_or(&"?"))
        }
        Envelope::Step(Num::N(0), Num::N(0)) => "goes on".to_owned(),
        Envelope::Step(lo, hi) => format!("goes on, {}", range(lo, hi)),
        Envelope::Sleep => "sleeps".to_owned(),
        Envelope::Never => "does not return".to_owned(),
        Envelope::Absent(name) => format!("there is no {name}"),
        Envelope::Anything => "anything, not judged".to_owned(),
    }
}

/// The call that is promised not to wait, as in C; where it has a timeout, that is `timeout`.
pub fn promised(law: &Law, timeout: i64) -> String {
    let mut text = law.operation.c.to_owned();
    let mut with = law.with.iter();
    for (place, param) in law.operation.params.iter().enumerate() {
        let arg = match param {
            Param::Fd => "fd".to_owned(),
            Param::Command(word) => (*word).to_owned(),
            Param::Timeout => timeout.to_string(),
            _ => with.next().map_or_else(|| "0".to_owned(), term),
        };
        text = text.replace(&format!("%{place}"), &arg);
    }
    text
}

fn effect(effect: &Effect) -> String {
    effect.action.name.replace('%', &term(&effect.amount))
}

fn range(lo: &Num, hi: &Num) -> String {
    let (lo, hi) = (term(lo), term(hi));
    if lo == hi { format!("n = {lo}") } else { format!("{lo} ≤ n ≤ {hi}") }
}
