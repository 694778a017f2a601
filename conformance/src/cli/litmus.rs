//! The verb `litmus`.

use std::fs;
use std::sync::atomic::Ordering;
use std::time::Duration;

use ipc_model::order::shapes::{Classic, classic, classics};
use ipc_model::profile::Numbers;

use super::args::{Kind, LitmusArgs, On};
use super::output::{Whole, print};
use super::run::fresh_seed;
use super::{Failure, interrupt, systems};
use crate::conclusion::Conclusion;
use crate::litmus::histogram::{Histogram, Question, Way};
use crate::litmus::memory;
use crate::litmus::plan::Reuse;
use crate::litmus::report::{self, Answer, ProgramObject, Report, Row};
use crate::litmus::{self, Litmus};
use crate::program::Program;
use crate::real::RealOptions;
use crate::seed::Seeded;
use crate::store::hash;
use crate::system::SystemError;

/// Iterations where nobody says how many: of a program that is run fast, of one whose processes are
/// made anew each time, and of one that is run line by line.
const FAST: u64 = 10_000;
const FORKING: u64 = 500;
const BY_LINE: u64 = 300;
/// Of a test of the memory, of one that makes calls, and of one on the simulated machine.
const MEMORY: u64 = 1_000_000;
const CALLS: u64 = 20_000;
const SIMULATED: u64 = 1_000;

/// A program to ask about.
struct Selected {
    name: String,
    question: String,
    program: Program,
}

pub(super) fn litmus(args: &LitmusArgs) -> Result<i32, Failure> {
    let (programs, tests) = select(args.filter.as_deref(), args.memory)?;
    refuse_until_seen(args, &programs)?;
    let json = args.json.as_deref().map(Whole::create).transpose()?;
    let page = args.page.as_deref().map(Whole::create).transpose()?;
    let stop = interrupt::listen();
    let seed = args.seed.unwrap_or_else(fresh_seed);
    // Not kept: it holds this thread, and what is started from it, to one processor.
    let system = systems::make(&args.on, seed, 0, 1).map_err(cannot_run)?;
    let (name, numbers) = (system.name(), system.numbers());
    drop(system);
    let is_over = || stop.load(Ordering::Relaxed);
    let mut answers = Vec::new();
    for one in &programs {
        if is_over() {
            break;
        }
        let answer = ask(args, one, numbers, seed, &is_over).map_err(cannot_run)?;
        let replay = replay(args, &one.name, seed);
        print(&format!("{}\n", report::histogram(&answer, &replay)))?;
        answers.push(answer);
    }
    let mut of_memory = Vec::new();
    for one in tests {
        if is_over() {
            break;
        }
        let answer = ask_memory(args, one, seed, &is_over).map_err(cannot_run)?;
        let replay = replay(args, &one.name(), seed);
        print(&format!("{}\n", memory::report::histogram(&answer, &replay)))?;
        of_memory.push(answer);
    }
    let rows = answers.iter().map(Answer::row).chain(of_memory.iter().map(memory::Answer::row));
    let rows: Vec<Row> = rows.collect();
    let profile = args.on.profile.name;
    let sums = report::summary(&rows);
    print(&format!("{sums}{name}, profile {profile}, seed {seed:#x}\n"))?;
    let conclusion = match Conclusion::of(rows.iter().map(|row| &row.status)) {
        _ if is_over() => Conclusion::Interrupted,
        conclusion => conclusion,
    };
    if let Some(page) = page {
        page.finish(memory::report::figures(&of_memory, &name).as_bytes())?;
    }
    if let Some(json) = json {
        let real = matches!(args.on.system, Kind::Real);
        let objects = of_memory.iter().map(|answer| answer.object(real));
        let report = Report {
            schema: report::SCHEMA,
            system: name,
            profile,
            seed: format!("{seed:#x}"),
            conclusion: conclusion.word(),
            exit_status: conclusion.exit_status(),
            programs: answers.iter().map(ProgramObject::of).chain(objects).collect(),
        };
        let text = serde_json::to_string_pretty(&report).map_err(Failure::usage)?;
        json.finish(format!("{text}\n").as_bytes())?;
    }
    Ok(conclusion.exit_status())
}

/// What is to be asked until it is seen must be a test of the memory, on this machine.
fn refuse_until_seen(args: &LitmusArgs, programs: &[Selected]) -> Result<(), Failure> {
    let why = match programs.first() {
        _ if !args.until_seen => return Ok(()),
        Some(program) => format!("{} is a program: --memory leaves those out", program.name),
        None if !matches!(args.on.system, Kind::Real) => {
            "and --system says another: leave one of the two out".to_owned()
        }
        None => return Ok(()),
    };
    Err(Failure::usage(format!("--until-seen is for tests of the memory on this machine; {why}")))
}

/// Asks a test of the memory: this machine, or one of the model's.
fn ask_memory(
    args: &LitmusArgs,
    classic: Classic,
    seed: u64,
    stop: &dyn Fn() -> bool,
) -> Result<memory::Answer, SystemError> {
    let told = match args.on.system {
        Kind::Sim(Some(_)) => Err("the planted fault is one of calls, not of memory".to_owned()),
        Kind::Sim(None) => {
            let iterations = args.iterations.unwrap_or(SIMULATED);
            let mut pick = Seeded::new(seed, hash(&classic.name()));
            Ok(memory::Question::simulate(classic, iterations, &mut pick, stop))
        }
        Kind::Real => match (memory::run::obstacle(classic), memory::Question::new(classic)) {
            (Some(why), _) | (None, Err(why)) => Err(why),
            (None, Ok(question)) => {
                let usual = if classic.flavour.makes_calls() { CALLS } else { MEMORY };
                let iterations = args.iterations.unwrap_or(usual);
                let asked = classic.asked();
                let seen = |one: &(_, u64)| one.0 == asked && one.1 > 0;
                let enough =
                    |counted: &[(_, u64)]| stop() || (args.until_seen && counted.iter().any(seen));
                let counted = question.ask(&options(&args.on), (iterations, seed), &enough)?;
                Ok((question, counted))
            }
        },
    };
    Ok(memory::Answer { classic, told })
}

fn cannot_run(error: SystemError) -> Failure {
    Failure {
        status: Conclusion::CannotRun.exit_status(),
        message: format!("this system cannot run programs: {error}"),
    }
}

/// The shipped programs and tests of the memory whose name has this in it, or the program in the file
/// of that name; or only tests of the memory.
fn select(
    filter: Option<&str>,
    only_memory: bool,
) -> Result<(Vec<Selected>, Vec<Classic>), Failure> {
    let part = filter.unwrap_or("");
    // A whole name of a test of the memory is no part of a program's.
    let fits = |one: &Litmus| {
        let named =
            if classic(part).is_some() { one.name == part } else { one.name.contains(part) };
        !only_memory && named
    };
    let shipped: Vec<Litmus> = litmus::all().filter(fits).collect();
    // A whole name is that test, and not those as well whose name begins like it.
    let tests: Vec<Classic> = match classic(part) {
        Some(one) => vec![one],
        None => classics().filter(|one| one.name().contains(part)).collect(),
    };
    if shipped.is_empty() && tests.is_empty() {
        if only_memory {
            return Err(nothing_selected(part));
        }
        let Ok(text) = fs::read_to_string(part) else { return Err(nothing_selected(part)) };
        let program = crate::text::parse(part, &text).map_err(Failure::usage)?;
        let first = text.lines().next().unwrap_or("");
        let question = first.strip_prefix('#').unwrap_or("").trim().to_owned();
        return Ok((vec![Selected { name: part.to_owned(), question, program }], tests));
    }
    let selected = |one: Litmus| {
        let program = one.program().map_err(Failure::usage)?;
        Ok(Selected { name: one.name.to_owned(), question: one.question().to_owned(), program })
    };
    let programs: Result<Vec<Selected>, Failure> = shipped.into_iter().map(selected).collect();
    Ok((programs?, tests))
}

fn nothing_selected(part: &str) -> Failure {
    Failure {
        status: Conclusion::NothingSelected.exit_status(),
        message: format!(
            "nothing to run: {} is in the name of no such litmus test and names no file; \
             `ipc-conformance list litmus` lists them",
            crate::text::quote(part)
        ),
    }
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
    let make = || systems::make(&args.on, seed, 0, 1);
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
    words.extend(args.memory.then(|| "--memory".to_owned()));
    words.extend(args.iterations.map(|n| format!("--iterations {n}")));
    words.extend(args.until_seen.then(|| "--until-seen".to_owned()));
    words.extend(args.on.fault.map(|fault| format!("--fault {}", fault.name())));
    if let Kind::Sim(fault) = args.on.system {
        let fault = fault.map_or(String::new(), |fault| format!(":{}", fault.name));
        words.push(format!("--system sim{fault}"));
    }
    words.join(" ")
}
