//! What people read: the card of a deviation, a clause explained, lists.

use std::fmt::Write as _;

use ipc_model::clause::Clause;
use ipc_model::mechanism;
use ipc_model::print;

use crate::checker::{Allowed, Deviation};
use crate::history::EventKind;
use crate::lines;
use crate::manual;
use crate::program::Program;
use crate::scenario;
use crate::trial::Trial;

/// One line that says it all: what was done, what came of it, what was allowed.
pub fn headline(trial: &Trial, program: &Program, deviation: &Deviation) -> String {
    let allowed: Vec<&str> =
        deviation.allowed.iter().map(|allowed| allowed.answer.as_str()).collect();
    format!(
        "{}: {} got {}, allowed {{{}}}",
        about(deviation),
        place(trial, program, deviation),
        deviation.got,
        allowed.join("; ")
    )
}

/// The clause that a deviation is about: the first that was allowed.
pub fn about(deviation: &Deviation) -> &'static str {
    deviation.allowed.first().map_or("nothing-allowed", |allowed| allowed.clause)
}

/// Every clause that the deviation can be laid to: what was allowed, and what led up to it.
pub fn involved(deviation: &Deviation) -> Vec<&'static str> {
    let mut all: Vec<&'static str> = Vec::new();
    for allowed in &deviation.allowed {
        all.push(allowed.clause);
        all.extend(&allowed.after);
    }
    all.sort_unstable();
    all.dedup();
    all
}

/// The line of the program that the deviating actor was in: `B.2 read r 16`.
fn place(trial: &Trial, program: &Program, deviation: &Deviation) -> String {
    let before = trial.history.events[..=deviation.event].iter().rev();
    let line = before.clone().find_map(|event| match &event.kind {
        EventKind::Call { actor, line, .. } if *actor == deviation.actor => Some(*line),
        _ => None,
    });
    match line {
        Some(line) => {
            let line = usize::from(line);
            format!("{} {}", program.label(line), program.line_text(line))
        }
        None => program.actors[usize::from(deviation.actor.process)].clone(),
    }
}

/// Everything one needs: the program, the events with the refused one marked, what was allowed and
/// by which clause. For a trial that does not deviate, the program and the events.
pub fn card(trial: &Trial, program: &Program) -> String {
    let mut text = String::new();
    let deviation = trial.deviation();
    if let Some(deviation) = deviation {
        let _ = writeln!(text, "DEVIATES  {}\n", headline(trial, program, deviation));
    }
    let _ = writeln!(text, "  program ({} calls, {} processes)\n", program.lines.len(), {
        program.actors.len()
    });
    for line in program.to_string().lines() {
        let _ = writeln!(text, "      {line}");
    }
    let _ = writeln!(text, "\n  what happened on {}\n", trial.history.head.system);
    for row in lines::rows(&trial.history, program) {
        let here = deviation.is_some_and(|deviation| row.events.contains(&deviation.event));
        let _ = writeln!(text, "  {} {}", if here { "-->" } else { "   " }, row.text);
    }
    if let Some(deviation) = deviation {
        let _ = write!(text, "\n{}", verdict(trial, deviation));
    }
    text
}

fn verdict(trial: &Trial, deviation: &Deviation) -> String {
    let mut text = format!("  got      {}\n", deviation.got);
    for (index, allowed) in deviation.allowed.iter().enumerate() {
        let head = if index == 0 { "allowed" } else { "or" };
        let _ = writeln!(text, "  {head:<8} {}", allowed.answer);
        let _ = write!(text, "{}", because(allowed));
    }
    if deviation.allowed.is_empty() {
        text.push_str("  allowed  nothing: no clause speaks of it\n");
    }
    if deviation.suspect {
        text.push_str("  note     that it sleeps was concluded from silence, not proven\n");
    }
    let following = match &trial.judgement.verdict {
        crate::checker::Verdict::Deviates(all) => all.iter().filter(|d| d.follows).count(),
        _ => 0,
    };
    if following > 0 {
        let _ = writeln!(text, "  note     {following} more may follow from this one");
    }
    let _ = writeln!(text, "  explain  ipc-conformance explain {}", about(deviation));
    text
}

fn because(allowed: &Allowed) -> String {
    let mut text = sentence(allowed.clause, "");
    for id in &allowed.after {
        text += &sentence(id, "after ");
    }
    text
}

fn sentence(id: &str, how: &str) -> String {
    match mechanism::clause(id) {
        Some(clause) => format!(
            "           {how}{id}: {}\n           {}\n",
            clause.text,
            print::source(&clause.source)
        ),
        None => format!("           {how}{id}\n"),
    }
}

/// A clause with all that is known of it.
pub fn explain(clause: &Clause) -> String {
    let mut text = print::rule(clause);
    for guard in print::guards(clause) {
        let _ = writeln!(text, "  when     {guard}");
    }
    for (profile, sentence, source) in manual::restrictions(clause.id) {
        let source = print::source(source);
        let _ = writeln!(text, "  not in   {}: {sentence} ({source})", profile.name);
    }
    for scenario in scenario::all() {
        let Ok(program) = scenario.program() else { continue };
        let named = |mentions: &[crate::program::Mention]| {
            mentions.iter().any(|mention| mention.clause == clause.id)
        };
        if named(&program.covers) {
            let _ = writeln!(text, "  covered  {}", scenario.name);
        } else if named(&program.may_cover) {
            let _ = writeln!(text, "  perhaps  {}", scenario.name);
        }
    }
    text
}

/// The clauses, one a line.
pub fn list_clauses() -> String {
    let width = mechanism::clauses().map(|clause| clause.id.len()).max().unwrap_or(0);
    mechanism::clauses()
        .map(|clause| {
            format!("{:<width$}  {:<11}  {}\n", clause.id, print::duty(clause.duty), clause.text)
        })
        .collect()
}

/// The scenarios, one a line, each with its first comment.
pub fn list_scenarios() -> String {
    let width = scenario::all().map(|scenario| scenario.name.len()).max().unwrap_or(0);
    scenario::all()
        .map(|scenario| {
            let first = scenario.text.lines().next().unwrap_or("");
            format!("{:<width$}  {}\n", scenario.name, first.trim_start_matches(['#', ' ']))
        })
        .collect()
}

/// The operations, one a line, as programs write them.
pub fn list_operations() -> String {
    mechanism::operations().map(|operation| manual::usage(operation) + "\n").collect()
}
