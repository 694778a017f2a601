//! The verb `litmus`.

use std::fs;
use std::sync::atomic::Ordering;
use std::time::Duration;

use ipc_model::profile::Numbers;

use super::args::{Kind, LitmusArgs, On};
use super::output::{Whole, print};
use super::run::fresh_seed;
use super::{Failure, interrupt, systems};
use crate::conclusion::Conclusion;
use crate::litmus::histogram::{Histogram, Question, Way};
use crate::litmus::plan::Reuse;
use crate::litmus::report::{self, Answer, ProgramObject, Report};
use crate::litmus::{self, Litmus};
use crate::program::Program;
use crate::real::RealOptions;
use crate::system::SystemError;

/// Iterations where nobody says how many: of a program that is run fast, of one whose processes are
/// made anew each time, and of one that is run line by line.
const FAST: u64 = 10_000;
const FORKING: u64 = 500;
const BY_LINE: u64 = 300;

/// A program to ask about.
struct Selected {
    name: String,
    question: String,
    program: Program,
}

pub(super) fn litmus(args: &LitmusArgs) -> Result<i32, Failure> {
    let selected = select(args.filter.as_deref())?;
    let json = args.json.as_deref().map(Whole::create).transpose()?;
    let stop = interrupt::listen();
    let seed = args.seed.unwrap_or_else(fresh_seed);
    // Not kept: it holds this thread, and what is started from it, to one processor.
    let system = systems::make(&args.on, seed, 0).map_err(cannot_run)?;
    let (name, numbers) = (system.name(), system.numbers());
    drop(system);
    let is_over = || stop.load(Ordering::Relaxed);
    let mut answers = Vec::new();
    for one in &selected {
        if is_over() {
            break;
        }
        let answer = ask(args, one, numbers, seed, &is_over).map_err(cannot_run)?;
        let replay = replay(args, &one.name, seed);
        print(&format!("{}\n", report::histogram(&answer, &replay)))?;
        answers.push(answer);
    }
    let profile = args.on.profile.name;
    let sums = report::summary(&answers);
    print(&format!("{sums}{name}, profile {profile}, seed {seed:#x}\n"))?;
    let statuses: Vec<_> = answers.iter().map(Answer::status).collect();
    let conclusion = match Conclusion::of(&statuses) {
        _ if is_over() => Conclusion::Interrupted,
        conclusion => conclusion,
    };
    if let Some(json) = json {
        let report = Report {
            schema: report::SCHEMA,
            system: name,
            profile,
            seed: format!("{seed:#x}"),
            conclusion: conclusion.word(),
            exit_status: conclusion.exit_status(),
            programs: answers.iter().map(ProgramObject::of).collect(),
        };
        let text = serde_json::to_string_pretty(&report).map_err(Failure::usage)?;
        json.finish(format!("{text}\n").as_bytes())?;
    }
    Ok(conclusion.exit_status())
}

fn cannot_run(error: SystemError) -> Failure {
    Failure {
        status: Conclusion::CannotRun.exit_status(),
        message: format!("this system cannot run programs: {error}"),
    }
}

/// The shipped programs whose name has this in it, or the one in the file of that name.
fn select(filter: Option<&str>) -> Result<Vec<Selected>, Failure> {
    let part = filter.unwrap_or("");
    let shipped: Vec<Litmus> = litmus::all().filter(|one| one.name.contains(part)).collect();
    if shipped.is_empty()
        && let Ok(text) = fs::read_to_string(part)
    {
        let program = crate::text::parse(part, &text).map_err(Failure::usage)?;
        let first = text.lines().next().unwrap_or("");
        let question = first.strip_prefix('#').unwrap_or("").trim().to_owned();
        return Ok(vec![Selected { name: part.to_owned(), question, program }]);
    }
    if shipped.is_empty() {
        return Err(Failure {
            status: Conclusion::NothingSelected.exit_status(),
            message: format!(
                "nothing to run: {} is in the name of no litmus program and names no file; \
                 `ipc-conformance list litmus` lists them",
                crate::text::quote(part)
            ),
        });
    }
    let selected = |one: Litmus| {
        let program = one.program().map_err(Failure::usage)?;
        Ok(Selected { name: one.name.to_owned(), question: one.question().to_owned(), program })
    };
    shipped.into_iter().map(selected).collect()
}

fn ask<'p>(
    args: &LitmusArgs,
    one: &'p Selected,
    numbers: Numbers,
    seed: u64,
    stop: &dyn Fn() -> bool,
) -> Result<Answer<'p>, SystemError> {
    let (name, question) = (one.name.clone(), one.question.clone());
    let asked = match Question::new(args.on.profile, numbers, &one.program) {
        Ok(asked) => asked,
        Err(why) => return Ok(Answer { name, question, told: Err(why) }),
    };
    let usual = match &asked.way {
        _ if matches!(args.on.system, Kind::Sim(_)) => BY_LINE,
        Way::Fast(plan) if matches!(plan.reuse, Reuse::All | Reuse::Processes) => FAST,
        Way::Fast(_) => FORKING,
        Way::ByLine(_) => BY_LINE,
    };
    let iterations = args.iterations.unwrap_or(usual);
    let make = || systems::make(&args.on, seed, 0);
    let histogram: Histogram = match args.on.system {
        Kind::Sim(_) => asked.ask(&mut *make()?, iterations, stop)?,
        Kind::Real => {
            let options = options(&args.on);
            asked.ask_real(&make, &options, numbers, (iterations, seed), stop)?
        }
    };
    Ok(Answer { name, question, told: Ok((asked, histogram)) })
}

fn options(on: &On) -> RealOptions {
    let deadline = Duration::from_secs(on.deadline);
    RealOptions { deadline, fault: on.fault, ..RealOptions::default() }
}

/// The command that asks again.
fn replay(args: &LitmusArgs, name: &str, seed: u64) -> String {
    let mut words = vec![format!("ipc-conformance litmus {name} --seed {seed:#x}")];
    words.extend(args.iterations.map(|n| format!("--iterations {n}")));
    words.extend(args.on.fault.map(|fault| format!("--fault {}", fault.name())));
    if let Kind::Sim(fault) = args.on.system {
        let fault = fault.map_or(String::new(), |fault| format!(":{}", fault.name));
        words.push(format!("--system sim{fault}"));
    }
    words.join(" ")
}
