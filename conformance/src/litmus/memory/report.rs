//! The histograms of the memory in words, and for machines.

use std::fmt::Write as _;

use ipc_model::order::test::Outcome;

use super::{Answer, Question};
use crate::litmus::report::{EndingObject, ProgramObject, Row, Told, grouped};

/// The histogram of one test. `replay` is the command that asks again.
pub fn histogram(answer: &Answer, replay: &str) -> String {
    let test = answer.classic.test();
    let mut text = format!("{}: {}\n", answer.classic.name(), answer.classic.shape.question);
    let (question, counted) = match &answer.told {
        Ok(told) => told,
        Err(why) => {
            let _ = writeln!(text, "  not asked: {why}");
            return text;
        }
    };
    let asked = answer.classic.asked();
    let mark = |outcome: &Outcome| if *outcome == asked { "    <-- asked for" } else { "" };
    for (outcome, count) in &counted.allowed {
        let what = if *count > 0 { "allowed, seen" } else { "allowed, never seen" };
        let (count, words) = (grouped(*count), test.words(outcome));
        let _ = writeln!(text, "  {what:20} {count:>11}  {words}{}", mark(outcome));
    }
    for (outcome, count) in &counted.forbidden {
        let (count, words) = (grouped(*count), test.words(outcome));
        let _ = writeln!(text, "  FORBIDDEN, seen      {count:>11}  {words}{}", mark(outcome));
        let _ =
            writeln!(text, "  forbidden by         {:>11}  {}", "", question.forbidden_by(outcome));
    }
    if !question.allowed.contains(&asked) && counted.count(&asked) == 0 {
        let (words, by) = (test.words(&asked), question.forbidden_by(&asked));
        let _ = writeln!(text, "  asked for, not seen  {:>11}  {words}, forbidden by {by}", "");
    }
    if let Some(why) = &counted.trouble {
        let _ = writeln!(text, "  incomplete: {why}");
    }
    if !counted.forbidden.is_empty() {
        let lines: String =
            test.to_string().lines().map(|line| format!("      {line}\n")).collect();
        let _ = writeln!(text, "\n{lines}\n  replay  {replay}");
    }
    text
}

impl Answer {
    /// Its line of the summary.
    pub fn row(&self) -> Row {
        let told = self.told.as_ref().ok().map(|(_, counted)| Told {
            runs: counted.iterations(),
            rate: counted.rate(),
            allowed: counted.allowed.len(),
            seen: counted.seen(),
            forbidden: counted.forbidden.len(),
        });
        Row { name: self.classic.name(), status: self.status(), told }
    }

    /// What there is to say of it, for machines. `fast` is whether the machine itself was asked.
    pub fn object(&self, fast: bool) -> ProgramObject {
        let status = self.status();
        let told = self.told.as_ref().ok();
        let test = self.classic.test();
        let one = |(outcome, count): &(Outcome, u64)| EndingObject {
            ending: test.words(outcome),
            count: *count,
        };
        let all = |of: &[(Outcome, u64)]| of.iter().map(one).collect();
        ProgramObject {
            name: self.classic.name(),
            question: self.classic.shape.question.to_owned(),
            status: status.word(),
            detail: status.detail(),
            iterations: told.map_or(0, |(_, counted)| counted.iterations()),
            seconds: told.map_or(0.0, |(_, counted)| counted.took.as_secs_f64()),
            fast: fast && told.is_some(),
            allowed: told.map_or_else(Vec::new, |(_, counted)| all(&counted.allowed)),
            forbidden: told.map_or_else(Vec::new, |(_, counted)| all(&counted.forbidden)),
        }
    }
}

/// What `--page` writes: what was seen of each test, as a table of Markdown, and the histograms of
/// those with the machine's own accesses.
pub fn figures(answers: &[Answer], system: &str) -> String {
    let mut text = format!(
        "{system}; {} processors.\n\n| test | runs | millions a second | allowed | seen | forbidden, \
         seen | the ending asked for |\n|---|--:|--:|--:|--:|--:|---|\n",
        crate::litmus::runner::processors().len()
    );
    let mut skipped: Vec<(String, usize)> = Vec::new();
    for answer in answers {
        let name = answer.classic.name();
        match &answer.told {
            Ok((question, counted)) => {
                let _ = writeln!(
                    text,
                    "| `{name}` | {} | {:.1} | {} | {} | {} | {} |",
                    grouped(counted.iterations()),
                    counted.rate() / 1e6,
                    counted.allowed.len(),
                    counted.seen(),
                    counted.forbidden.len(),
                    fate(question, counted),
                );
            }
            Err(why) => match skipped.iter_mut().find(|(known, _)| known == why) {
                Some((_, count)) => *count += 1,
                None => skipped.push((why.clone(), 1)),
            },
        }
    }
    if !skipped.is_empty() {
        let _ = writeln!(text, "\nNot run:\n");
    }
    for (why, count) in skipped {
        let _ = writeln!(text, "- {count} tests: {why}");
    }
    let own = |answer: &&Answer| answer.told.is_ok() && answer.classic.flavour.is_machines_own();
    let own: Vec<String> = answers.iter().filter(own).map(|one| histogram(one, "")).collect();
    if !own.is_empty() {
        let _ = writeln!(text, "\n```text\n{}```", own.join("\n"));
    }
    text
}

/// What became of the ending that is asked for.
fn fate(question: &Question, counted: &super::Counted) -> String {
    let asked = question.classic.asked();
    match (question.allowed.contains(&asked), counted.count(&asked)) {
        (true, 0) => "allowed, never seen".to_owned(),
        (true, count) => format!("allowed, seen {} times", grouped(count)),
        (false, 0) => "forbidden, not seen".to_owned(),
        (false, count) => format!("**forbidden, seen {} times**", grouped(count)),
    }
}
