//! One clause, told in full.

use std::fmt::Write as _;
use std::sync::LazyLock;

use ipc_model::clause::Clause;
use ipc_model::print;
use ipc_model::profile::PROFILES;

use super::wrapped;
use crate::program::Program;
use crate::scenario;
use crate::trial::denial;

/// The clause for people: head, sentence, rule, guards and envelope in words, profiles, scenarios.
pub fn explain(clause: &Clause) -> String {
    let mut text = format!("{}\n{}\n", clause.id, wrapped(2, &print::head(clause)).trim_end());
    let _ = writeln!(text, "\n{}", wrapped(2, clause.text).trim_end());
    text.push_str("\n  rule\n");
    for line in print::rule(clause).lines().skip(2) {
        let _ = writeln!(text, "    {}", line.trim_start());
    }
    text.push_str("\n  when\n");
    match print::guards(clause).as_slice() {
        [] => text.push_str("    always\n"),
        guards => guards.iter().for_each(|guard| text.push_str(&wrapped(4, guard))),
    }
    let _ = writeln!(text, "\n  then\n{}", wrapped(4, &print::conclusion(clause)).trim_end());
    text.push_str("\n  profiles\n");
    text.push_str(&profiles(clause));
    for (must, title) in [(true, "covered by"), (false, "may be covered by")] {
        let names = citing(clause.id, must);
        if !names.is_empty() {
            let _ = writeln!(text, "\n  {title}");
            names.iter().for_each(|name| text.push_str(&wrapped(4, name)));
        }
    }
    text
}

fn profiles(clause: &Clause) -> String {
    let mut text = String::new();
    for profile in PROFILES {
        let not = denial(profile.contradicts, clause.id)
            .map(|denial| ("contradicted", denial))
            .or(denial(profile.denies, clause.id).map(|denial| ("not used", denial)));
        let line = match not {
            Some((how, denial)) => {
                let source = print::source(&denial.source);
                format!("{}: {how}: {} ({source})", profile.name, denial.text)
            }
            None if profile.standards.contains(&clause.source.standard) => profile.name.to_owned(),
            None => format!("{}: not part of it", profile.name),
        };
        text.push_str(&wrapped(4, &line));
    }
    text
}

/// The scenarios that must exercise a clause, or those that may.
fn citing(id: &str, must: bool) -> Vec<&'static str> {
    /// Who asks of one clause often asks of the next, and reading the programs takes time.
    static PROGRAMS: LazyLock<Vec<(&str, Program)>> = LazyLock::new(|| {
        let read = |scenario: scenario::Scenario| Some((scenario.name, scenario.program().ok()?));
        scenario::all().filter_map(read).collect()
    });
    let cites = |program: &Program| {
        let list = if must { &program.covers } else { &program.may_cover };
        list.iter().any(|mention| mention.clause == id)
    };
    let those = PROGRAMS.iter().filter(|(_, program)| cites(program));
    those.map(|(name, _)| *name).collect()
}
