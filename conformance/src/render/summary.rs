//! What a run has come to.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::Duration;

use ipc_model::profile::Profile;
use ipc_model::spec::Spec;

use super::{table, wrapped};
use crate::campaign::{Named, Results};
use crate::conclusion::Conclusion;
use crate::tally::{Mix, Tally};
use crate::trial::{Status, denial};

/// The end of a run, to be told.
pub struct Summary<'a> {
    /// What was to be run by name.
    pub named: &'a [Named],
    /// What it came to.
    pub results: &'a Results,
    /// What that is in one word.
    pub conclusion: Conclusion,
    /// By whose rules.
    pub profile: &'static Profile,
    /// Random programs that were asked for; none if as many as there was time for.
    pub asked: Option<u64>,
    /// The seed of the random programs.
    pub seed: u64,
    /// Whether nothing was left out by a filter, so that unexercised clauses mean something.
    pub all: bool,
    /// How long it took.
    pub took: Duration,
}

impl Summary<'_> {
    /// Whether everything that was to be run was run and decided.
    pub fn is_complete(&self) -> bool {
        let random = &self.results.random_tally;
        let open = |status: &Option<Status>| status.as_ref().is_none_or(Status::is_incomplete);
        !self.results.interrupted
            && self.results.system.is_some()
            && !self.results.named.iter().any(open)
            && random.inconclusive.is_empty()
            && random.broken.is_empty()
            && self.asked.is_none_or(|asked| random.programs() >= asked)
    }
}

/// The last lines of a run: what is not a pass by name, the counts, and the clauses exercised.
pub fn summary(summary: &Summary<'_>) -> String {
    let results = summary.results;
    let mut text = String::new();
    let noteworthy = noteworthy(summary);
    if results.system.is_some() && !noteworthy.is_empty() {
        let _ = writeln!(text, "{}", table(&noteworthy));
    }
    let system = results.system.as_ref().map_or("none", |(name, _)| name.as_str());
    let _ = writeln!(text, "system      {system}, profile {}", summary.profile.name);
    for (title, stored) in [("stored", true), ("scenarios", false)] {
        text.push_str(&counts(summary, title, stored));
    }
    text.push_str(&random(summary));
    text.push_str(&clauses(summary));
    for failure in results.failures.iter().collect::<BTreeSet<_>>() {
        let _ = writeln!(text, "failure     {failure}");
    }
    if results.system.is_none() && !results.failures.is_empty() {
        text.push_str("            `ipc-conformance probe` tells what is missing here\n");
    }
    let _ =
        writeln!(text, "result      {} in {}", summary.conclusion.word(), seconds(summary.took));
    text.push_str("A skip, unsupported or inconclusive is not a pass.\n");
    text
}

/// Each named program that is more than a pass: status, name, why.
fn noteworthy(summary: &Summary<'_>) -> Vec<Vec<String>> {
    let pairs = summary.named.iter().zip(&summary.results.named);
    let told = pairs.filter_map(|(named, status)| {
        let status = status.as_ref().unwrap_or(&Status::NotRun);
        let why = match status {
            Status::Conforms => return None,
            Status::NotExercised(missing) => format!("not exercised: {}", missing.join(" ")),
            Status::Contradiction(ids) => contradiction(summary.profile, ids),
            other => other.detail(),
        };
        Some(vec![status.word().to_owned(), named.name.clone(), why])
    });
    let mut rows: Vec<Vec<String>> = told.collect();
    let place = |row: &Vec<String>| Status::WORDS.iter().position(|word| *word == row[0]);
    rows.sort_by_key(place);
    rows
}

fn contradiction(profile: &Profile, ids: &[&'static str]) -> String {
    let one = |id: &&'static str| {
        let text = denial(profile.contradicts, id).map_or("", |denial| denial.text);
        format!("{id} is listed: {text}")
    };
    ids.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// How many of the named programs there are of each status.
fn counts(summary: &Summary<'_>, title: &str, stored: bool) -> String {
    let pairs = summary.named.iter().zip(&summary.results.named);
    let of_kind: Vec<&str> = pairs
        .filter(|(named, _)| named.stored == stored)
        .map(|(_, status)| status.as_ref().unwrap_or(&Status::NotRun).word())
        .collect();
    if of_kind.is_empty() {
        return String::new();
    }
    let count = |word: &&str| of_kind.iter().filter(|other| *other == word).count();
    let told = Status::WORDS.iter().filter(|word| **word == "conforms" || count(word) > 0);
    let told: Vec<String> = told.map(|word| format!("{word} {}", count(word))).collect();
    format!("{title:<10}  {}: {}\n", of_kind.len(), told.join(", "))
}

fn random(summary: &Summary<'_>) -> String {
    let tally = &summary.results.random_tally;
    if summary.asked == Some(0) {
        return String::new();
    }
    let mut text =
        format!("random      {} programs: conforms {}", tally.programs(), tally.conforming);
    let undecided = |reasons: &BTreeMap<String, u64>| reasons.values().sum::<u64>();
    let not_run = summary.asked.map_or(0, |asked| asked.saturating_sub(tally.programs()));
    for (word, count) in [
        ("deviates", tally.deviating),
        ("inconclusive", undecided(&tally.inconclusive)),
        ("unsupported", undecided(&tally.unsupported)),
        ("broken", undecided(&tally.broken)),
        ("not-run", not_run),
    ] {
        if count > 0 {
            let _ = write!(text, ", {word} {count}");
        }
    }
    let _ = writeln!(text, "; seed {:#x}", summary.seed);
    let reasons = tally.inconclusive.iter().chain(&tally.unsupported).chain(&tally.broken);
    for (why, count) in reasons {
        let first = tally.first.get(why).map(|name| format!("; first {name}")).unwrap_or_default();
        let _ = writeln!(text, "            {count} times: {why}{first}");
    }
    text + &mix(&tally.mix, tally.programs() - undecided(&tally.unsupported))
}

/// What the programs were made of.
fn mix(mix: &Mix, programs: u64) -> String {
    let each = |count: u64| count as f64 / programs.max(1) as f64;
    let percent = |part: u64, whole: u64| (100 * part).checked_div(whole).unwrap_or(0);
    let mut text = format!(
        "            a program: {:.1} processes, {:.1} calls; {} % of transfers moved bytes,\n",
        each(mix.processes),
        each(mix.calls),
        percent(mix.moved, mix.transfers)
    );
    let _ = writeln!(
        text,
        "            {} % of calls asleep at some time, {} % fork, dup or death",
        percent(mix.asleep, mix.calls),
        percent(mix.forks + mix.dups + mix.deaths, mix.calls)
    );
    if mix.fifo + mix.poll > 0 {
        let (fifo, poll) = (percent(mix.fifo, mix.calls), percent(mix.poll, mix.calls));
        let _ =
            writeln!(text, "            {fifo} % make or open FIFOs, {poll} % ask what is ready");
    }
    if mix.overlapping > 0 {
        let share = percent(mix.overlapping, mix.histories);
        let _ = writeln!(text, "            calls overlap in {share} % of programs");
    }
    if mix.unproven > 0 {
        let _ = writeln!(text, "            {} rests waited for, not proven", mix.unproven);
    }
    text
}

/// How many clauses were exercised on accepted runs, and which were not.
fn clauses(summary: &Summary<'_>) -> String {
    let Some((_, numbers)) = summary.results.system else { return String::new() };
    let spec = Spec::new(summary.profile, numbers);
    let used = |id: &str| uses(summary.results, id) > 0;
    let (exercised, missing): (Vec<&str>, Vec<&str>) =
        spec.all().iter().map(|clause| clause.id).partition(|id| used(id));
    let reachable = exercised.len() + missing.len();
    let mut text = format!("clauses     exercised {} of {reachable} reachable\n", exercised.len());
    if summary.all && !missing.is_empty() {
        text.push_str("            not exercised:\n");
        text.push_str(&wrapped(14, &missing.join(" ")));
    }
    text
}

/// How often a clause was used on accepted runs.
pub(crate) fn uses(results: &Results, id: &str) -> u64 {
    let of = |tally: &Tally| tally.used.get(id).copied().unwrap_or(0);
    of(&results.named_tally) + of(&results.random_tally)
}

fn seconds(took: Duration) -> String {
    format!("{:.2} s", took.as_secs_f64())
}
