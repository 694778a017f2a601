//! The matrix as people read it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ipc_model::profile::Numbers;
use ipc_model::spec::Spec;

use super::scopes::{MOST, scopes};
use super::{Caught, Equal, Grades, Matrix, Plan, Row, equal, grades};

/// Every fault that was caught: its clause, its name, by what, after how many calls, laid to what.
pub fn rows(matrix: &Matrix) -> String {
    let mut text = String::new();
    for row in &matrix.rows {
        let Some(caught) = &row.caught else { continue };
        let laid_to = caught.laid_to.join(" ");
        let _ = writeln!(
            text,
            "caught      {}: by {} after {} calls{}; laid to {laid_to}",
            row.fault,
            caught.by,
            caught.after,
            caught.calls.map_or(String::new(), |calls| format!(", shrunk to {calls}"))
        );
    }
    text
}

/// The short form: totals, every fault that nothing refused, and the grades that are not full, of the
/// clauses that the faults are in or, of the whole matrix, of all.
pub fn summary(plan: &Plan, matrix: &Matrix, whole: bool) -> String {
    let mut text = totals(plan, matrix);
    for row in matrix.rows.iter().filter(|row| row.caught.is_none()) {
        let _ = writeln!(text, "survives    {}: {}", row.fault, why(row));
    }
    for run in &matrix.control.refused {
        let _ = writeln!(text, "FALSE ALARM the sound kernel is refused: {run}");
    }
    let meant = |grade: &&Grades| whole || matrix.rows.iter().any(|row| row.clause == grade.clause);
    for grade in graded(plan, matrix).iter().filter(|grade| !is_full(grade)).filter(meant) {
        let _ = writeln!(text, "not full    {}: {}", grade.clause, lacks(matrix, grade));
    }
    text
}

fn graded(plan: &Plan, matrix: &Matrix) -> Vec<Grades> {
    grades(&Spec::new(plan.profile, Numbers::EXAMPLE), matrix)
}

fn is_full(grade: &Grades) -> bool {
    grade.cited && grade.exercised && grade.discriminating
}

/// Why sleep beside who is midway is never proven.
const MIDWAY: &str = "not exercised, nor discriminating: who is midway never sleeps, so nothing is at \
                      rest while another waits for it; without this permission the small worlds have \
                      calls that may neither sleep nor return";

/// Permissions to sleep of which no run can show that they were used, and why.
const UNPROVEN: &[(&str, &str)] = &[("memory.write.blocks", MIDWAY)];

/// What a clause is short of, and why.
fn lacks(matrix: &Matrix, grade: &Grades) -> String {
    let mut all = Vec::new();
    if !grade.cited {
        all.push("not cited: no scenario names it".to_owned());
    }
    if let Some((_, why)) = UNPROVEN.iter().find(|(clause, _)| *clause == grade.clause) {
        all.push((*why).to_owned());
        return all.join("; ");
    }
    if !grade.exercised {
        all.push("not exercised: no accepted run used it".to_owned());
    }
    if !grade.discriminating {
        let rows = matrix.rows.iter().filter(|row| row.clause == grade.clause);
        let caught = rows.clone().filter(|row| row.caught.is_some()).count();
        all.push(match (rows.count(), caught) {
            (0, _) => "not discriminating: it has no fault".to_owned(),
            (all, 0) => {
                format!("not discriminating: none of its {all} faults is refused, see below")
            }
            _ => "not discriminating: a permission without which no run is refused".to_owned(),
        });
    }
    all.join("; ")
}

/// Why a fault that survives does.
fn why(row: &Row) -> String {
    match &row.equal {
        Some(Equal::Shown { worlds, met }) => {
            format!("equal in {worlds} worlds, met in {met}")
        }
        Some(Equal::Alike { pairs, met }) => {
            format!("a step makes a difference in {met} of {pairs} pairs, and no history tells")
        }
        Some(Equal::Written(sentence)) => (*sentence).to_owned(),
        Some(Equal::Differs(how)) => format!("MISSED, for it makes a difference: {how}"),
        Some(Equal::NotMet) | None => "WITHOUT A REASON".to_owned(),
    }
}

fn totals(plan: &Plan, matrix: &Matrix) -> String {
    let named = |row: &&Row| !row.fault.contains(':');
    let systematic = |row: &&Row| row.fault.contains(':');
    let caught = |row: &&Row| row.caught.is_some();
    let count = |wanted: &dyn Fn(&&Row) -> bool| matrix.rows.iter().filter(wanted).count();
    let mut text = String::new();
    let _ = writeln!(
        text,
        "control     the sound kernel, profile {}: {} runs, {} refused, {} undecided",
        plan.profile.name,
        matrix.control.runs,
        matrix.control.refused.len(),
        matrix.control.undecided
    );
    let _ = writeln!(
        text,
        "named       {} of {} caught",
        count(&|row| named(row) && caught(row)),
        count(&named)
    );
    let equal: Vec<&Equal> = matrix.rows.iter().filter_map(|row| row.equal.as_ref()).collect();
    let reasons: Vec<String> = equal::reasons(equal.into_iter())
        .iter()
        .map(|(word, count)| format!(", {count} {word}"))
        .collect();
    let _ = writeln!(
        text,
        "systematic  {} of {} caught{}",
        count(&|row| systematic(row) && caught(row)),
        count(&systematic),
        reasons.concat()
    );
    let mut calls: Vec<usize> =
        matrix.rows.iter().filter_map(|row| row.caught.as_ref()?.calls).collect();
    calls.sort_unstable();
    let median = calls.get(calls.len() / 2).copied().unwrap_or(0);
    let most = calls.last().copied().unwrap_or(0);
    let of = calls.len();
    let _ = writeln!(text, "shrunk to   {median} calls in the median of {of}, {most} at most");
    let grades = graded(plan, matrix);
    let with = |has: fn(&Grades) -> bool| grades.iter().filter(|grade| has(grade)).count();
    let _ = writeln!(
        text,
        "clauses     {} reachable: {} cited, {} exercised, {} discriminating",
        grades.len(),
        with(|grade| grade.cited),
        with(|grade| grade.exercised),
        with(|grade| grade.discriminating)
    );
    text
}

/// The page of the book: totals, grades, matrix, survivors.
pub fn page(plan: &Plan, matrix: &Matrix) -> String {
    let random = plan.random;
    let mut text = format!(
        "`ipc-conformance teeth --random {random} --seed {:#x}`:\n\n```text\n{}```\n\n",
        plan.seed,
        totals(plan, matrix)
    );
    text.push_str("| known deviation | caught by | after | shrunk to |\n|---|---|--:|--:|\n");
    for row in matrix.rows.iter().filter(|row| !row.fault.contains(':')) {
        let cells = match &row.caught {
            Some(Caught { by, after, calls: Some(calls), .. }) => {
                format!("{by} | {after} | {calls}")
            }
            Some(caught) => format!("{} | {} |", caught.by, caught.after),
            None => format!("{} | |", why(row)),
        };
        let _ = writeln!(text, "| `{}` | {cells} |", row.fault);
    }
    text.push_str(&clauses(plan, matrix));
    text.push_str(&shortfalls(plan, matrix));
    text.push_str(&survivors(matrix));
    text
}

/// One row a clause: grades, and for each kind of fault how many of how many were caught, and by what.
fn clauses(plan: &Plan, matrix: &Matrix) -> String {
    let mut text =
        String::from("\n| clause | grades | faults: caught of all, by |\n|---|---|---|\n");
    for grade in graded(plan, matrix) {
        let mut kinds: BTreeMap<&str, (usize, usize, Vec<&str>)> = BTreeMap::new();
        let rows = matrix.rows.iter().filter(|row| row.clause == grade.clause);
        for row in rows.filter(|row| row.fault.contains(':')) {
            let kind = row.fault.split(':').next().unwrap_or("");
            let cell = kinds.entry(kind).or_default();
            cell.1 += 1;
            if let Some(caught) = &row.caught {
                cell.0 += 1;
                let by = caught.by.split('/').next_back().unwrap_or(&caught.by);
                if !cell.2.contains(&by) {
                    cell.2.push(by);
                }
            }
        }
        let cell = |(kind, (caught, all, by)): (&&str, &(usize, usize, Vec<&str>))| {
            let by = by.join(", ");
            let colon = if by.is_empty() { "" } else { ": " };
            match all {
                1 if *caught == 1 => format!("{kind}{colon}{by}"),
                _ => format!("{kind} {caught}/{all}{colon}{by}"),
            }
        };
        let cells: Vec<String> = kinds.iter().map(cell).collect();
        let _ =
            writeln!(text, "| `{}` | {} | {} |", grade.clause, grade.letters(), cells.join("; "));
    }
    text
}

/// The clauses that are short of a grade, and why.
fn shortfalls(plan: &Plan, matrix: &Matrix) -> String {
    let grades = graded(plan, matrix);
    let short: Vec<&Grades> = grades.iter().filter(|grade| !is_full(grade)).collect();
    if short.is_empty() {
        return String::new();
    }
    let mut text = String::from("\n| short of a grade | why |\n|---|---|\n");
    for grade in short {
        let _ = writeln!(text, "| `{}` | {} |", grade.clause, lacks(matrix, grade));
    }
    text
}

fn survivors(matrix: &Matrix) -> String {
    let mut text = format!(
        "\nThe small worlds, with pages of two bytes, of each at most the {MOST} that take fewest \
         steps:\n\n"
    );
    for scope in scopes() {
        let _ = writeln!(text, "- {}: {}", scope.name, scope.text);
    }
    text.push('\n');
    text.push_str(
        "| clause | not refused, and met in so many | why it is no fault |\n|---|---|---|\n",
    );
    // Most rows of a clause have one reason: it is said once.
    let mut told: Vec<(&str, String, Vec<String>)> = Vec::new();
    for row in matrix.rows.iter().filter(|row| row.caught.is_none()) {
        let (why, met) = in_short(row);
        let name = row.fault.replacen(&format!(":{}", row.clause), "", 1);
        let cell = format!("`{name}`{met}");
        match told
            .iter_mut()
            .find(|(clause, reason, _)| (*clause, reason.as_str()) == (row.clause, why.as_str()))
        {
            Some((_, _, faults)) => faults.push(cell),
            None => told.push((row.clause, why, vec![cell])),
        }
    }
    for (clause, why, faults) in told {
        let _ = writeln!(text, "| `{clause}` | {} | {why} |", faults.join(", "));
    }
    text
}

/// Why a fault that survives does, and in how many worlds it was met, where the first is the same of
/// most faults of a clause.
fn in_short(row: &Row) -> (String, String) {
    match &row.equal {
        Some(Equal::Shown { worlds, met }) => {
            (format!("equal in {worlds} worlds"), format!(" {met}"))
        }
        _ => (why(row), String::new()),
    }
}
