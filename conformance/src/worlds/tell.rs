//! Scopes and what was found in them, for people.

use std::fmt::Write as _;
use std::time::Duration;

use super::scopes::SCOPES;
use super::{ALWAYS, Explored, Scope};

/// Every scope, its profile and its size, and under each its sentence.
pub fn list() -> String {
    let entry = |scope: &Scope| {
        let Scope { name, profile, states, text, .. } = scope;
        format!("{name:<22} {:<10} {states:>8} states\n    {text}\n", profile.name)
    };
    SCOPES.iter().map(entry).collect()
}

/// What was found in a scope.
pub fn outcome(scope: &Scope, found: &Explored, took: Duration) -> String {
    let mut text = format!("{}: {}\n", scope.name, scope.text);
    let mut row = |name: &str, value: &str| {
        let _ = writeln!(text, "  {name:<11} {value}");
    };
    row("profile", scope.profile.name);
    row("numbers", &numbers(scope));
    row("start", &or_nothing(scope.start));
    for (index, call) in scope.calls.iter().enumerate() {
        row(if index == 0 { "calls" } else { "" }, call);
    }
    row("states", &format!("{}{}", found.states, pinned(found, found.states == scope.states)));
    let same = found.transitions == scope.transitions;
    row("transitions", &format!("{}{}", found.transitions, pinned(found, same)));
    row("at rest", &found.at_rest.to_string());
    row("depth", &found.depth.to_string());
    row("took", &format!("{:.1} s", took.as_secs_f64()));
    for always in ALWAYS {
        if always.speaks_of(scope) {
            row("always", &format!("{:<6} {}", held(found, always.name), always.name));
        } else {
            row("always", &format!("says nothing here: {}", always.name));
        }
    }
    for (sometimes, seen) in &found.sometimes {
        let seen = if *seen { "seen" } else { "NEVER" };
        row("sometimes", &format!("{seen:<6} {}", sometimes.name));
    }
    row("clauses", &format!("{} used, {} not", found.used.len(), found.unused.len()));
    for (id, why) in &found.unused {
        row("not used", &format!("{id}: {why}"));
    }
    if let Some(failure) = &found.failure {
        let _ = write!(text, "\nbroken: {}\n  {}\n", failure.property, failure.reason);
        let _ = write!(text, "  a shortest way there\n{}", failure.trace);
    }
    text
}

fn or_nothing(calls: &[&str]) -> String {
    if calls.is_empty() { "nothing".to_owned() } else { calls.join("; ") }
}

fn numbers(scope: &Scope) -> String {
    let n = scope.numbers;
    format!(
        "{} processes; {} pipes of {} bytes, pages of {}; PIPE_BUF {}; {} descriptors; {} bytes on \
         their way",
        scope.processes,
        scope.pipes,
        n.pipe_capacity,
        n.page_size,
        n.pipe_buf,
        n.nofile,
        scope.bytes
    )
}

/// Whether a number is the one that it was.
fn pinned(found: &Explored, same: bool) -> &'static str {
    match (found.complete, same) {
        (false, _) => ", cut off",
        (true, true) => ", as pinned",
        (true, false) => ", NOT AS PINNED",
    }
}

fn held(found: &Explored, name: &str) -> &'static str {
    match &found.failure {
        Some(failure) if failure.property == name => "BROKEN",
        _ if found.complete => "holds",
        _ => "so far",
    }
}

/// The scopes as a table of the book, with the numbers that are pinned.
pub fn table() -> String {
    let mut text = String::from("| scope | profile | calls | states | transitions |\n");
    text.push_str("|---|---|---|---:|---:|\n");
    for scope in SCOPES {
        let calls: Vec<String> =
            scope.calls.iter().map(|call| format!("`{}`", call.replace('|', "\\|"))).collect();
        let _ = writeln!(
            text,
            "| `{}` | `{}` | {} | {} | {} |",
            scope.name,
            scope.profile.name,
            calls.join(", "),
            scope.states,
            scope.transitions
        );
    }
    let small: usize = SCOPES.iter().filter(|scope| !scope.large).map(|scope| scope.states).sum();
    let _ = write!(text, "\nIn each of them always:\n\n");
    for always in ALWAYS {
        let _ = writeln!(text, "- {};", always.name);
    }
    let _ = writeln!(text, "\nThose that every `cargo test` goes through have {small} states.");
    text
}
