//! What `probe` found, on a screen.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ipc_model::profile::Numbers;
use serde_json::{Value, json};

use crate::probe::{Ended, Found, Level, Pace, Rung};
use crate::record;

/// All that is known of a system before anything was judged.
pub struct Probed<'a> {
    /// The system in words.
    pub system: &'a str,
    /// What became of each try.
    pub found: &'a Found,
    /// How fast it is, if there can be processes.
    pub pace: Option<Pace>,
    /// Why the agents did not start; nothing if they did, and ended again.
    pub agents: Result<(), String>,
    /// Its numbers, if the agents start.
    pub numbers: Option<Numbers>,
    /// The profile that fits it.
    pub profile: &'a str,
    /// How many scenarios there are.
    pub scenarios: usize,
    /// Scenarios that cannot be run here, by reason; if the agents start.
    pub unsupported: Option<BTreeMap<String, u64>>,
    /// What the system does where the standard leaves it open, by clause, if that was asked for.
    pub choices: Option<Vec<(&'static str, &'static str)>>,
}

impl Probed<'_> {
    /// Whether programs can be run.
    pub fn is_fit(&self) -> bool {
        self.found.level() == 5 && self.agents.is_ok()
    }
}

/// The screen.
pub fn probe(probed: &Probed<'_>) -> String {
    let mut text = format!("platform    {}\n", probed.system);
    text.push_str(&ladder(probed));
    text.push_str(&optional(probed.found));
    if let Some(pace) = probed.pace {
        let (process, factor) = (pace.process.as_micros(), pace.factor());
        let _ = writeln!(
            text,
            "pace        {process} us to make, end and collect a process; time limits x{factor}"
        );
    }
    if let Some(numbers) = &probed.numbers {
        let told: Vec<String> = record::numbers(numbers)
            .into_iter()
            .map(|(name, value)| format!("{name} {value}"))
            .collect();
        for (line, part) in told.chunks(4).enumerate() {
            let title = if line == 0 { "numbers" } else { "" };
            let _ = writeln!(text, "{title:<10}  {}", part.join(", "));
        }
    }
    let _ = writeln!(text, "profile     {}", probed.profile);
    if let Some(reasons) = &probed.unsupported {
        let unsupported: u64 = reasons.values().sum();
        let _ = writeln!(
            text,
            "will run    {} of {} scenarios; unsupported {unsupported}",
            probed.scenarios as u64 - unsupported,
            probed.scenarios
        );
        for (why, count) in reasons {
            let _ = writeln!(text, "            {count}: {why}");
        }
    }
    text + &choices(probed)
}

fn ladder(probed: &Probed<'_>) -> String {
    let level = probed.found.level();
    let fit = if probed.is_fit() { "the agents run" } else { "the agents do not run" };
    let mut text = format!("ladder      level {level} of 5: {fit}\n");
    for of in Level::ALL.into_iter().filter(|of| *of != Level::Optional) {
        let missing: Vec<_> = probed.found.missing(of).collect();
        let word = if missing.is_empty() { "yes" } else { "NO" };
        let _ = writeln!(text, "            {} {:<10} {word}", of as u8, of.name());
        for (rung, ended) in missing {
            let _ = writeln!(text, "              {}: {ended}; {}", rung.name, rung.hint);
        }
    }
    if let Err(why) = &probed.agents {
        let _ = writeln!(text, "              {why}");
    }
    text
}

fn optional(found: &Found) -> String {
    let mut text = String::new();
    let of = found.tried.iter().filter(|(rung, _)| rung.level == Level::Optional);
    let (there, missing): (Vec<_>, Vec<_>) = of.partition(|(_, ended)| *ended == Ended::Well);
    let names: Vec<&str> = there.iter().map(|(rung, _)| rung.name).collect();
    for (line, part) in names.chunks(3).enumerate() {
        let title = if line == 0 { "there is" } else { "" };
        let _ = writeln!(text, "{title:<10}  {}", part.join(", "));
    }
    for (line, (rung, ended)) in missing.into_iter().enumerate() {
        let title = if line == 0 { "missing" } else { "" };
        let _ = writeln!(text, "{title:<10}  {}: {ended}; {}", rung.name, rung.hint);
    }
    text
}

fn choices(probed: &Probed<'_>) -> String {
    let Some(choices) = &probed.choices else { return String::new() };
    let mut text = format!("choices     {}, of what POSIX.1-2024 leaves open\n", choices.len());
    for (id, what) in choices {
        let _ = writeln!(text, "            {id}\n              {what}");
    }
    text
}

/// The same for machines: schema `ipc-conformance-platform/1`.
pub fn platform(probed: &Probed<'_>) -> Value {
    let tried = |(rung, ended): &(&'static Rung, Ended)| {
        json!({
            "level": rung.level.name(),
            "name": rung.name,
            "there": *ended == Ended::Well,
            "answer": ended.to_string(),
        })
    };
    let numbers = probed.numbers.as_ref().map(|numbers| {
        let told = record::numbers(numbers).into_iter();
        Value::Object(told.collect())
    });
    let choices = probed
        .choices
        .as_ref()
        .map(|choices| choices.iter().map(|(id, _)| *id).collect::<Vec<_>>());
    json!({
        "schema": "ipc-conformance-platform/1",
        "tool": { "name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION") },
        "system": probed.system,
        "level": probed.found.level(),
        "fit": probed.is_fit(),
        "agents": probed.agents.as_ref().err(),
        "tried": probed.found.tried.iter().map(tried).collect::<Vec<_>>(),
        "process_us": probed.pace.map(|pace| pace.process.as_micros() as u64),
        "factor": probed.pace.map(|pace| pace.factor()),
        "numbers": numbers,
        "profile": probed.profile,
        "scenarios": probed.scenarios,
        "unsupported": probed.unsupported,
        "choices": choices,
    })
}
