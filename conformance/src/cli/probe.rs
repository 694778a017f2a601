//! The verb `probe`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use ipc_model::clause::Duty;
use ipc_model::mechanism;
use ipc_model::profile::{LINUX, POSIX2024, Profile};

use super::args::ProbeArgs;
use super::output::{Whole, print};
use super::{Failure, interrupt};
use crate::campaign::{self, Named, Plan, Random};
use crate::conclusion::Conclusion;
use crate::generator::Shape;
use crate::probe::{Found, Pace};
use crate::program::Program;
use crate::real::{self, Real, RealOptions};
use crate::render::{self, Probed};
use crate::scenario;
use crate::system::{System, SystemError};
use crate::trial::{Claims, Rules};

/// How long a program may take, before that is stretched.
const DEADLINE: Duration = Duration::from_secs(10);

pub(super) fn run(args: &ProbeArgs) -> Result<i32, Failure> {
    let json = args.json.as_deref().map(Whole::create).transpose()?;
    // Before there is a second thread, for the tries are children.
    let (found, pace) = (Found::ask(), Pace::measure());
    let stop = interrupt::listen();
    let programs = programs()?;
    let profile = fitting();
    let mut probed = Probed {
        system: &real::name(),
        found: &found,
        pace,
        agents: Ok(()),
        numbers: None,
        profile: profile.name,
        scenarios: programs.len(),
        unsupported: None,
        choices: None,
    };
    match start(pace) {
        Err(error) => probed.agents = Err(error.to_string()),
        Ok(system) => {
            probed.numbers = Some(system.numbers());
            probed.unsupported = Some(unsupported(&system, &programs, profile));
            drop(system);
            if args.choices {
                probed.choices = Some(choices(&programs, pace, stop));
            }
        }
    }
    print(&render::probe(&probed))?;
    if let Some(json) = json {
        let mut text =
            serde_json::to_string_pretty(&render::platform(&probed)).map_err(Failure::usage)?;
        text.push('\n');
        json.finish(text.as_bytes())?;
    }
    let conclusion = if probed.is_fit() { Conclusion::Conforms } else { Conclusion::CannotRun };
    Ok(conclusion.exit_status())
}

/// The profile that this system should be held to.
fn fitting() -> &'static Profile {
    if real::name().starts_with("Linux ") { &LINUX } else { &POSIX2024 }
}

fn start(pace: Option<Pace>) -> Result<Real, SystemError> {
    let factor = pace.map_or(1, |pace| pace.factor());
    let options = RealOptions { deadline: DEADLINE * factor, only: true, ..RealOptions::default() };
    Real::start(options)
}

fn programs() -> Result<Vec<(&'static str, Program)>, Failure> {
    let read = |scenario: scenario::Scenario| {
        scenario.program().map(|program| (scenario.name, program)).map_err(Failure::usage)
    };
    scenario::all().map(read).collect()
}

/// Scenarios that cannot be run here, by reason.
fn unsupported(
    system: &dyn System,
    programs: &[(&'static str, Program)],
    profile: &'static Profile,
) -> BTreeMap<String, u64> {
    let mut reasons = BTreeMap::new();
    for (_, program) in programs {
        let why = Claims::of(program, profile).unsupported.or_else(|| system.lacks(program));
        if let Some(why) = why {
            *reasons.entry(why).or_default() += 1;
        }
    }
    reasons
}

/// Runs all scenarios once, and tells which clauses were used that say what the standard leaves open.
fn choices(
    programs: &[(&'static str, Program)],
    pace: Option<Pace>,
    stop: &AtomicBool,
) -> Vec<(&'static str, &'static str)> {
    let name = |(name, program): &(&str, Program)| Named {
        name: (*name).to_owned(),
        stored: false,
        program: program.clone(),
    };
    let named: Vec<Named> = programs.iter().map(name).collect();
    let random = Random { seed: 0, from: 0, count: 0, shape: Shape::default(), until: None };
    let plan = Plan {
        rules: Rules::of(&POSIX2024),
        named: &named,
        random,
        jobs: 1,
        folder: Path::new(""),
    };
    let make = |_| start(pace).map(|system| Box::new(system) as Box<dyn System>);
    let results = campaign::run(&plan, &make, stop, &mut |_| {});
    let used = results.named_tally.used.keys().filter_map(|id| mechanism::clause(id));
    used.filter(|clause| matches!(clause.duty, Duty::ImplDefined | Duty::Unspecified))
        .map(|clause| (clause.id, clause.text))
        .collect()
}
