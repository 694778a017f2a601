//! The histograms in words, and for machines.

use std::fmt::Write as _;

use serde::Serialize;

use super::ending::Ending;
use super::histogram::{Histogram, Question, Way};
use super::outcomes::Unbounded;
use crate::trial::Status;

/// The name and version of the format for machines.
pub const SCHEMA: &str = "ipc-conformance-litmus/1";

/// One program, and what came of asking.
#[derive(Debug)]
pub struct Answer<'p> {
    /// The program's name, or its file.
    pub name: String,
    /// What it asks.
    pub question: String,
    /// What it may come to and what it came to; or why that cannot be told.
    pub told: Result<(Question<'p>, Histogram), Unbounded>,
}

impl Answer<'_> {
    /// What became of it.
    pub fn status(&self) -> Status {
        match &self.told {
            Err(why) => Status::Unsupported(why.to_string()),
            Ok((_, histogram)) if !histogram.forbidden.is_empty() => Status::Deviates,
            Ok((_, Histogram { trouble: Some(why), .. })) => Status::Inconclusive(why.clone()),
            Ok((_, histogram)) if histogram.iterations() == 0 => Status::NotRun,
            Ok(_) => Status::Conforms,
        }
    }
}

/// The histogram of one program. `replay` is the command that asks again.
pub fn histogram(answer: &Answer<'_>, replay: &str) -> String {
    let mut text = format!("{}: {}\n", answer.name, answer.question);
    let (question, histogram) = match &answer.told {
        Ok(told) => told,
        Err(why) => {
            let _ = writeln!(text, "  not enumerated: {why}");
            return text;
        }
    };
    let (same, other) = split(question, histogram);
    let program = question.program;
    if let (Some((ending, _)), false) = (histogram.allowed.first(), same.is_empty()) {
        let bare = Ending { actors: Vec::new(), ..ending.clone() };
        let _ =
            writeln!(text, "  always               {:>11}  {}", "", bare.display(program, &same));
    }
    let row = |text: &mut String, what: &str, count: u64, ending: &Ending| {
        let words = ending.display(program, &other);
        let words = if words.is_empty() { "and nothing else" } else { &words };
        let _ = writeln!(text, "  {what:20} {:>11}  {words}", grouped(count));
    };
    for (ending, count) in &histogram.allowed {
        let what = if *count > 0 { "allowed, seen" } else { "allowed, never seen" };
        row(&mut text, what, *count, ending);
    }
    for (ending, count) in &histogram.forbidden {
        row(&mut text, "FORBIDDEN, seen", *count, ending);
        if let Some(near) = question.nearest(ending) {
            let words = near.display(program, &other);
            let _ = writeln!(text, "  nearest allowed      {:>11}  {words}", "");
        }
    }
    if let Some(why) = &histogram.trouble {
        let _ = writeln!(text, "  incomplete: {why}");
    }
    if !histogram.forbidden.is_empty() {
        let _ = writeln!(text, "\n{}\n  replay  {replay}", indented(&program.to_string()));
    }
    text
}

/// The lines that always come out the same, and the others.
fn split(question: &Question<'_>, histogram: &Histogram) -> (Vec<usize>, Vec<usize>) {
    let all = || histogram.allowed.iter().chain(&histogram.forbidden).map(|(ending, _)| ending);
    let Some(first) = all().next() else { return (Vec::new(), question.told()) };
    let mut differ: Vec<usize> = all().flat_map(|ending| first.differing(ending)).collect();
    differ.sort_unstable();
    differ.dedup();
    let same = question.told().into_iter().filter(|line| !differ.contains(line)).collect();
    (same, differ)
}

/// A line of the summary.
#[derive(Clone, PartialEq, Debug)]
pub struct Row {
    /// The program's name.
    pub name: String,
    /// What became of it.
    pub status: Status,
    /// What it came to, if it was asked.
    pub told: Option<Told>,
}

/// What a program came to, in numbers.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Told {
    /// How often it was run.
    pub runs: u64,
    /// Runs a second.
    pub rate: f64,
    /// How many endings are allowed.
    pub allowed: usize,
    /// How many of them were seen.
    pub seen: usize,
    /// How many were seen that are not allowed.
    pub forbidden: usize,
}

impl Answer<'_> {
    /// Its line of the summary.
    pub fn row(&self) -> Row {
        let told = self.told.as_ref().ok().map(|(_, told)| Told {
            runs: told.iterations(),
            rate: told.rate(),
            allowed: told.allowed.len(),
            seen: told.seen(),
            forbidden: told.forbidden.len(),
        });
        Row { name: self.name.clone(), status: self.status(), told }
    }
}

/// A line a program, and the sums; and why some were not asked, with how many.
pub fn summary(rows: &[Row]) -> String {
    let head = ["program", "runs", "a second", "allowed", "seen", "forbidden", ""];
    let mut lines = vec![head.map(str::to_owned).to_vec()];
    for row in rows {
        let mut line = vec![row.name.clone()];
        match &row.told {
            None => line.extend(["–"; 5].map(str::to_owned)),
            Some(told) => line.extend([
                grouped(told.runs),
                grouped(told.rate as u64),
                told.allowed.to_string(),
                told.seen.to_string(),
                told.forbidden.to_string(),
            ]),
        }
        line.push(match &row.status {
            Status::Conforms => String::new(),
            other => other.word().to_owned(),
        });
        lines.push(line);
    }
    let told = rows.iter().filter_map(|row| row.told);
    let (runs, allowed, seen, forbidden) = told.fold((0, 0, 0, 0), |sums, told| {
        let (runs, allowed, seen, forbidden) = sums;
        let forbidden = forbidden + told.forbidden;
        (runs + told.runs, allowed + told.allowed, seen + told.seen, forbidden)
    });
    format!(
        "{}\n{} programs, {} runs: {allowed} endings allowed, {seen} of them seen; {forbidden} \
         forbidden ones seen\n{}",
        table(&lines),
        rows.len(),
        grouped(runs),
        not_asked(rows),
    )
}

/// The reasons for which programs were not asked, with how many.
fn not_asked(rows: &[Row]) -> String {
    let mut reasons: Vec<(&str, usize)> = Vec::new();
    for row in rows {
        let Status::Unsupported(why) = &row.status else { continue };
        match reasons.iter_mut().find(|(known, _)| known == why) {
            Some((_, count)) => *count += 1,
            None => reasons.push((why, 1)),
        }
    }
    reasons.iter().map(|(why, count)| format!("unsupported: {count}, {why}\n")).collect()
}

/// Rows with their columns in line: words to the left, numbers to the right.
fn table(rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max()
    };
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let width = width(column).unwrap_or(0);
            let _ = match column {
                0 => write!(line, "{cell:<width$}"),
                6 => write!(line, "  {cell}"),
                _ => write!(line, "  {cell:>width$}"),
            };
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("      {line}\n")).collect()
}

/// `1,234,567`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The programs that ship with the suite, as a table of Markdown: what each asks, how many endings
/// are allowed under each profile, and how it is run on a system with these numbers.
pub fn catalogue(numbers: ipc_model::profile::Numbers) -> String {
    use ipc_model::profile::{LINUX, POSIX2024};
    let mut text = String::from(
        "| program | question | allowed, `linux` | allowed, `posix2024` | run |\n|---|---|---|---|---|\n",
    );
    for litmus in super::all() {
        let Ok(program) = litmus.program() else { continue };
        let linux = Question::new(&LINUX, numbers, &program);
        let count = |asked: &Result<Question<'_>, Unbounded>| match asked {
            Ok(question) => question.allowed.endings.len().to_string(),
            Err(Unbounded::TooLarge(..)) => "too many".to_owned(),
            Err(Unbounded::Unspoken(_)) => "not in it".to_owned(),
            Err(Unbounded::OpenEnded(_)) => "open".to_owned(),
        };
        let way = match &linux {
            Ok(Question { way: Way::Fast(plan), .. }) => match plan.reuse {
                super::plan::Reuse::All => "fast, everything used again",
                super::plan::Reuse::Processes => "fast, new pipes each time",
                super::plan::Reuse::Root | super::plan::Reuse::Nothing => {
                    "fast, new processes each time"
                }
            },
            _ => "line by line",
        };
        let base = Question::new(&POSIX2024, numbers, &program);
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {} | {way} |",
            litmus.name,
            litmus.question(),
            count(&linux),
            count(&base),
        );
    }
    text
}

/// Everything as one object. Fields are only ever added.
#[derive(Serialize, Debug)]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// What it was run on, in words.
    pub system: String,
    /// The profile's name.
    pub profile: &'static str,
    /// The seed of the timing: `0x…`.
    pub seed: String,
    /// What it came to, in one word.
    pub conclusion: &'static str,
    /// The exit status.
    pub exit_status: i32,
    /// The programs.
    pub programs: Vec<ProgramObject>,
}

/// One program.
#[derive(Serialize, Debug)]
pub struct ProgramObject {
    /// Its name.
    pub name: String,
    /// What it asks.
    pub question: String,
    /// What became of it, in one word.
    pub status: &'static str,
    /// Why, where the word does not say it.
    pub detail: String,
    /// How often it was run.
    pub iterations: u64,
    /// How long that took.
    pub seconds: f64,
    /// Whether it was run by actors that were told everything at once.
    pub fast: bool,
    /// What is allowed.
    pub allowed: Vec<EndingObject>,
    /// What was seen and is not.
    pub forbidden: Vec<EndingObject>,
}

/// One ending, and how often it was seen.
#[derive(Serialize, Debug)]
pub struct EndingObject {
    /// In words.
    pub ending: String,
    /// How often.
    pub count: u64,
}

impl ProgramObject {
    /// What there is to say of an answer.
    pub fn of(answer: &Answer<'_>) -> ProgramObject {
        let status = answer.status();
        let told = answer.told.as_ref().ok();
        let endings = |list: &[(Ending, u64)]| {
            let Some((question, _)) = told else { return Vec::new() };
            let words = |ending: &Ending| ending.display(question.program, &question.told());
            let one = |(ending, count): &(Ending, u64)| EndingObject {
                ending: words(ending),
                count: *count,
            };
            list.iter().map(one).collect()
        };
        ProgramObject {
            name: answer.name.clone(),
            question: answer.question.clone(),
            status: status.word(),
            detail: status.detail(),
            iterations: told.map_or(0, |(_, histogram)| histogram.iterations()),
            seconds: told.map_or(0.0, |(_, histogram)| histogram.took.as_secs_f64()),
            fast: told.is_some_and(|(_, histogram)| matches!(histogram.way, Way::Fast(_))),
            allowed: told.map_or_else(Vec::new, |(_, histogram)| endings(&histogram.allowed)),
            forbidden: told.map_or_else(Vec::new, |(_, histogram)| endings(&histogram.forbidden)),
        }
    }
}
