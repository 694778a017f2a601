//! The verb `run`.

use std::time::{Instant, SystemTime};

use super::args::{Kind, On, RunArgs};
use super::output::{Whole, print};
use super::progress::Shown;
use super::{Failure, interrupt, systems};
use crate::campaign::{self, Finding, Named, Plan, Random};
use crate::conclusion::Conclusion;
use crate::generator::Shape;
use crate::program::Program;
use crate::render::{self, Summary};
use crate::report::report;
use crate::trial::{Rules, Trial};
use crate::{scenario, store};

/// Random programs where nobody says how many.
const RANDOM: u64 = 2_000;
/// Scenarios that deviate and are shown in full, at most.
const CARDS: usize = 5;

pub(super) fn run(args: Box<RunArgs>) -> Result<i32, Failure> {
    let named = select(&args)?;
    let asked = match (args.random, args.budget, &args.filter) {
        (Some(count), ..) => Some(count),
        (None, Some(_), _) => None,
        (None, None, Some(_)) => Some(0),
        (None, None, None) => Some(RANDOM),
    };
    if named.is_empty() && asked == Some(0) {
        let filter = args.filter.as_deref().unwrap_or("");
        return Err(Failure {
            status: Conclusion::NothingSelected.exit_status(),
            message: format!(
                "nothing to run: {} is in the name of no scenario and of no clause that one \
                 covers; `ipc-conformance list scenarios` lists them",
                crate::text::quote(filter)
            ),
        });
    }
    let json = args.json.as_deref().map(Whole::create).transpose()?;
    let stop = interrupt::listen();
    let began = Instant::now();
    let seed = args.seed.unwrap_or_else(fresh_seed);
    let plan = Plan {
        rules: Rules::of(args.on.profile),
        named: &named,
        random: Random {
            seed,
            from: args.from,
            count: asked.unwrap_or(u64::MAX - named.len() as u64),
            shape: Shape::default(),
            until: args.budget.map(|budget| began + budget),
        },
        jobs: args.jobs.map_or(systems::processors().len().max(1), usize::from),
        folder: &args.out,
    };
    let mut shown = Shown::new();
    let make = |worker| systems::make(&args.on, seed, worker, plan.jobs);
    let results = campaign::run(&plan, &make, stop, &mut |progress| shown.tell(progress));
    shown.end();

    let conclusion = Conclusion::of_campaign(&results, asked);
    print(&cards(&results.findings, &args.on, seed))?;
    let summary = Summary {
        named: &named,
        results: &results,
        conclusion,
        profile: args.on.profile,
        asked,
        seed,
        all: args.filter.is_none(),
        took: began.elapsed(),
    };
    print(&render::summary(&summary))?;
    if let Some(json) = json {
        let mut text = serde_json::to_string_pretty(&report(&summary)).map_err(Failure::usage)?;
        text.push('\n');
        json.finish(text.as_bytes())?;
    }
    Ok(conclusion.exit_status())
}

/// What deviates, the random programs first, for they are the shortest; too many are only named.
fn cards(findings: &[Finding], on: &On, seed: u64) -> String {
    let (named, random): (Vec<&Finding>, Vec<&Finding>) =
        findings.iter().partition(|finding| finding.is_named);
    let mut text = String::new();
    for finding in random.iter().chain(named.iter().take(CARDS)) {
        let name = match finding.shrunk_from {
            Some(lines) => format!("{}, shrunk from {lines} calls", finding.name),
            None => finding.name.clone(),
        };
        let commands = commands(finding.replay.as_deref(), &finding.trial, on, seed);
        text.push_str(&render::card(&name, &finding.trial, &commands));
        text.push('\n');
    }
    for finding in named.iter().skip(CARDS) {
        let deviation = finding.trial.judgement.deviation();
        let headline = deviation.map(|one| render::headline(&finding.trial.history, one));
        text.push_str(&format!("{}\n  in {}\n\n", headline.unwrap_or_default(), finding.name));
    }
    text
}

/// The stored programs and the scenarios that the filter lets through, in this order.
fn select(args: &RunArgs) -> Result<Vec<Named>, Failure> {
    let mut named = Vec::new();
    for stored in store::load(&args.out).map_err(Failure::usage)? {
        let name = stored.path.display().to_string();
        named.push(Named { name, stored: true, program: stored.program });
    }
    for scenario in scenario::all() {
        let program = scenario.program().map_err(Failure::usage)?;
        named.push(Named { name: scenario.name.to_owned(), stored: false, program });
    }
    if let Some(filter) = &args.filter {
        named.retain(|named| is_meant(filter, &named.name, &named.program));
    }
    Ok(named)
}

fn is_meant(filter: &str, name: &str, program: &Program) -> bool {
    let mut words = program.covers.iter().map(|mention| mention.clause.as_str()).chain([name]);
    words.any(|word| matches(filter, word))
}

/// Whether the parts of the filter between its `*` are in the word, one behind the other.
pub(super) fn matches(filter: &str, word: &str) -> bool {
    let mut rest = word;
    filter.split('*').all(|part| match rest.find(part) {
        Some(at) => {
            rest = &rest[at + part.len()..];
            true
        }
        None => false,
    })
}

/// Something that was not used before, short enough to be typed.
pub(super) fn fresh_seed() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let mut mixer = crate::seed::Seeded::new(now.as_nanos() as u64, std::process::id().into());
    mixer.draw() >> 32
}

/// The commands that stand under a deviation: how to see it again, and what to read.
pub(super) fn commands(
    replay: Option<&str>,
    trial: &Trial,
    on: &On,
    seed: u64,
) -> Vec<(&'static str, String)> {
    let mut options = String::new();
    if on.profile.name != ipc_model::profile::LINUX.name {
        options.push_str(&format!(" --profile {}", on.profile.name));
    }
    if let Kind::Sim(fault) = on.system {
        let fault = fault.map_or(String::new(), |fault| format!(":{}", fault.name));
        options.push_str(&format!(" --system sim{fault} --seed {seed:#x}"));
    }
    if on.no_proof {
        options.push_str(" --no-proof");
    }
    if let Some(fault) = on.fault {
        options.push_str(&format!(" --fault {}", fault.name()));
    }
    let replay = replay.map(|name| ("replay", format!("ipc-conformance replay {name}{options}")));
    let about = trial.judgement.deviation().map(|deviation| deviation.about());
    let about = about.and_then(|about| about.first().copied());
    let explain = about.map(|id| ("explain", format!("ipc-conformance explain {id}")));
    replay.into_iter().chain(explain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_a_part_of_a_name_and_a_star_is_anything() {
        assert!(matches("eof", "pipe.read.eof"));
        assert!(matches("pipe*eof", "pipe.read.eof"));
        assert!(matches("pipe.*.eof", "pipe.read.eof"));
        assert!(matches("*", "anything") && matches("", "anything"));
        assert!(!matches("eof*pipe", "pipe.read.eof"));
        assert!(!matches("write", "pipe.read.eof"));
    }

    #[test]
    fn a_program_is_meant_by_its_name_or_by_what_it_covers() {
        let text = "covers pipe.read.eof\nmay-cover pipe.write.atomic\nA: pipe -> r w\n";
        let program = scenario::program("test", text).expect("a program");
        assert!(is_meant("pipe.read", "a/b", &program));
        assert!(is_meant("a/b", "a/b", &program));
        assert!(!is_meant("atomic", "a/b", &program));
    }
}
