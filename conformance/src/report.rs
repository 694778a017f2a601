//! The report for machines: `report.json`, schema `ipc-conformance-report/1`.
//!
//! Fields are only ever added. Numbers that may need all of 64 bits are text.

use std::collections::BTreeMap;

use ipc_model::clause::Clause;
use ipc_model::print;
use ipc_model::spec::Spec;
use serde::Serialize;
use serde_json::Value;

use crate::campaign::{Finding, Named};
use crate::checker::Anomaly;
use crate::history::History;
use crate::record;
use crate::render::{Summary, headline, uses};
use crate::tally::{Mix, Tally};
use crate::trial::{Status, denial};

/// The name and version of the format.
pub const SCHEMA: &str = "ipc-conformance-report/1";

/// A run as one object.
#[derive(Serialize, Debug)]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// The program that wrote it.
    pub tool: Tool,
    /// What was run on.
    pub system: Option<SystemObject>,
    /// The profile's name.
    pub profile: &'static str,
    /// The seed of the random programs: `0x…`.
    pub seed: String,
    /// How long it took.
    pub seconds: f64,
    /// What it came to, in one word.
    pub conclusion: &'static str,
    /// The exit status.
    pub exit_status: i32,
    /// Whether everything that was to be run was run and decided.
    pub complete: bool,
    /// The count of each status over the named programs.
    pub summary: BTreeMap<&'static str, u64>,
    /// Stored programs and scenarios.
    pub scenarios: Vec<ScenarioObject>,
    /// The random programs.
    pub random: RandomObject,
    /// Every clause of the profile, and the contradictions that it lists.
    pub clauses: Vec<ClauseObject>,
    /// What deviates.
    pub deviations: Vec<DeviationObject>,
    /// What the harness could not do.
    pub failures: Vec<String>,
}

/// The program that wrote a report.
#[derive(Serialize, Debug)]
pub struct Tool {
    /// Its name.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
}

/// A system and its numbers.
#[derive(Serialize, Debug)]
pub struct SystemObject {
    /// The system in words.
    pub name: String,
    /// Bytes in a page.
    pub page_size: u64,
    /// `PIPE_BUF`.
    pub pipe_buf: u64,
    /// Bytes of a new pipe.
    pub pipe_capacity: u64,
}

/// A stored program or a scenario.
#[derive(Serialize, Debug)]
pub struct ScenarioObject {
    /// Its name.
    pub name: String,
    /// Whether it was stored by an earlier run.
    pub stored: bool,
    /// The word of its status.
    pub status: &'static str,
    /// What else there is to say.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// The clauses that it covers.
    pub covers: Vec<String>,
}

/// The random programs of a run.
#[derive(Serialize, Debug)]
pub struct RandomObject {
    /// How many were asked for; none if as many as there was time for.
    pub asked: Option<u64>,
    /// How many were run.
    pub programs: u64,
    /// How many conform.
    pub conforms: u64,
    /// How many deviate.
    pub deviates: u64,
    /// How many could not be decided, by reason.
    pub inconclusive: BTreeMap<String, u64>,
    /// How many need what cannot be had here, by reason.
    pub unsupported: BTreeMap<String, u64>,
    /// How many the harness could not run, by reason.
    pub broken: BTreeMap<String, u64>,
    /// For each of these reasons the first program that met it, by the name to replay it.
    pub first: BTreeMap<String, String>,
    /// The calls that were made: its fields stand among these.
    #[serde(flatten)]
    pub mix: Mix,
}

/// A clause and how often it was used.
#[derive(Serialize, Debug)]
pub struct ClauseObject {
    /// Its id.
    pub id: &'static str,
    /// How binding its source is.
    pub duty: &'static str,
    /// `exercised`, `not-exercised`, or `contradiction`.
    pub status: &'static str,
    /// How often it was used on accepted runs.
    pub used: u64,
}

/// A program that deviates.
#[derive(Serialize, Debug)]
pub struct DeviationObject {
    /// The scenario's name, or which random program it was.
    pub name: String,
    /// The clauses that it is about.
    pub clauses: Vec<&'static str>,
    /// One line that says it all.
    pub headline: String,
    /// What it says about the bytes, if it is about bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anomaly: Option<AnomalyObject>,
    /// What was run, as text.
    pub program: String,
    /// What happened: the lines of a history file, one object each.
    pub history: Vec<Value>,
    /// What `replay` takes to run it again.
    pub replay: Option<String>,
}

/// What a deviation says about the bytes.
#[derive(Serialize, Debug)]
pub struct AnomalyObject {
    /// `lost`, `duplicated`, `corrupt`, `torn`, `reordered`, `invented`, `early end-of-file` or
    /// `late end-of-file`.
    pub name: String,
    /// Two events that contradict each other.
    pub events: Vec<ContradictionObject>,
}

/// One side of a contradiction.
#[derive(Serialize, Debug)]
pub struct ContradictionObject {
    /// The event's ticket.
    pub ticket: u64,
    /// What happened, in words.
    pub what: String,
}

/// The report of a run.
pub fn report(summary: &Summary<'_>) -> Report {
    let results = summary.results;
    let mut counts: BTreeMap<&'static str, u64> = BTreeMap::new();
    let scenarios: Vec<ScenarioObject> = summary
        .named
        .iter()
        .zip(&results.named)
        .map(|(named, status)| scenario(named, status.as_ref().unwrap_or(&Status::NotRun)))
        .collect();
    for scenario in &scenarios {
        *counts.entry(scenario.status).or_default() += 1;
    }
    let system = results.system.as_ref().map(|(name, numbers)| SystemObject {
        name: name.clone(),
        page_size: numbers.page_size,
        pipe_buf: numbers.pipe_buf,
        pipe_capacity: numbers.pipe_capacity,
    });
    Report {
        schema: SCHEMA,
        tool: Tool { name: "ipc-conformance", version: env!("CARGO_PKG_VERSION") },
        system,
        profile: summary.profile.name,
        seed: format!("{:#x}", summary.seed),
        seconds: (summary.took.as_secs_f64() * 1000.0).round() / 1000.0,
        conclusion: summary.conclusion.word(),
        exit_status: summary.conclusion.exit_status(),
        complete: summary.is_complete(),
        summary: counts,
        scenarios,
        random: random(summary.asked, &results.random_tally),
        clauses: clauses(summary),
        deviations: results.findings.iter().map(deviation).collect(),
        failures: results.failures.clone(),
    }
}

fn scenario(named: &Named, status: &Status) -> ScenarioObject {
    ScenarioObject {
        name: named.name.clone(),
        stored: named.stored,
        status: status.word(),
        detail: status.detail(),
        covers: named.program.covers.iter().map(|mention| mention.clause.clone()).collect(),
    }
}

fn random(asked: Option<u64>, tally: &Tally) -> RandomObject {
    RandomObject {
        asked,
        programs: tally.programs(),
        conforms: tally.conforming,
        deviates: tally.deviating,
        inconclusive: tally.inconclusive.clone(),
        unsupported: tally.unsupported.clone(),
        broken: tally.broken.clone(),
        first: tally.first.clone(),
        mix: tally.mix,
    }
}

fn clauses(summary: &Summary<'_>) -> Vec<ClauseObject> {
    let Some((_, numbers)) = summary.results.system else { return Vec::new() };
    let spec = Spec::new(summary.profile, numbers);
    let had = spec.all();
    let object = |clause: &Clause, status| ClauseObject {
        id: clause.id,
        duty: print::duty(clause.duty),
        status,
        used: uses(summary.results, clause.id),
    };
    let told = |clause: &'static Clause| {
        if denial(summary.profile.contradicts, clause.id).is_some() {
            return Some(object(clause, "contradiction"));
        }
        let used = uses(summary.results, clause.id) > 0;
        let status = if used { "exercised" } else { "not-exercised" };
        had.iter().any(|known| known.id == clause.id).then(|| object(clause, status))
    };
    ipc_model::mechanism::clauses().filter_map(told).collect()
}

fn anomaly(history: &History, anomaly: &Anomaly) -> AnomalyObject {
    let side = |(event, what): &(usize, String)| ContradictionObject {
        ticket: history.events.get(*event).map_or(0, |event| event.ticket),
        what: what.clone(),
    };
    AnomalyObject {
        name: anomaly.name.to_string(),
        events: anomaly.events.iter().map(side).collect(),
    }
}

fn deviation(finding: &Finding) -> DeviationObject {
    let history = &finding.trial.history;
    let mut lines = Vec::new();
    record::write(history, &mut lines).expect("memory takes all that is written");
    let lines = String::from_utf8_lossy(&lines);
    let deviation = finding.trial.judgement.deviation();
    DeviationObject {
        name: finding.name.clone(),
        clauses: deviation.map(|deviation| deviation.about()).unwrap_or_default(),
        headline: deviation.map(|deviation| headline(history, deviation)).unwrap_or_default(),
        anomaly: deviation
            .and_then(|deviation| deviation.anomaly.as_ref())
            .map(|found| anomaly(history, found)),
        program: history.head.program.clone(),
        history: lines.lines().filter_map(|line| serde_json::from_str(line).ok()).collect(),
        replay: finding.replay.clone(),
    }
}
