//! The verbs about one program or history: `replay`, `record`, `check`.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use ipc_model::spec::Spec;

use super::args::{CheckArgs, On, RecordArgs, ReplayArgs};
use super::output::{Whole, print};
use super::run::commands;
use super::{Failure, interrupt, systems};
use crate::campaign::Random;
use crate::conclusion::Conclusion;
use crate::history::End;
use crate::lines::transcript;
use crate::program::Program;
use crate::system::System;
use crate::trial::{Rules, Status, Trial, attempt};
use crate::{record, render, scenario};

/// A program that was asked for by its name.
enum Asked {
    /// It is this one.
    Known(Program),
    /// The program of this number; what it is depends on the numbers of the system that runs it.
    Random(Random, u64),
}

impl Asked {
    /// The text of a file, or of the scenario of that name where there is no such file, or the random
    /// program that is called so.
    fn of(name: &str) -> Result<Asked, Failure> {
        let scenario = || scenario::all().find(|scenario| scenario.name == name);
        let known = match fs::read_to_string(name) {
            Ok(text) => scenario::program(name, &text),
            Err(error) => match (scenario(), Random::named(name)) {
                (Some(scenario), _) => scenario.program(),
                (None, Some((random, number))) => return Ok(Asked::Random(random, number)),
                (None, None) => return Err(Failure::usage(format!("cannot read {name}: {error}"))),
            },
        };
        known.map(Asked::Known).map_err(Failure::usage)
    }

    fn program(self, on: &On, system: &dyn System) -> Program {
        match self {
            Asked::Known(program) => program,
            Asked::Random(random, number) => {
                random.program(&Spec::new(on.profile, system.numbers()), number)
            }
        }
    }
}

fn start(on: &On, seed: u64) -> Result<Box<dyn System>, Failure> {
    systems::make(on, seed, 0, 1).map_err(|error| Failure {
        status: Conclusion::CannotRun.exit_status(),
        message: format!("this system cannot run programs: {error}"),
    })
}

/// Runs a program, again and again, until it deviates or was run often enough.
pub(super) fn replay(args: &ReplayArgs) -> Result<i32, Failure> {
    let asked = Asked::of(&args.program)?;
    let rules = Rules::of(args.on.profile);
    let stop = interrupt::listen();
    let mut system = start(&args.on, args.seed)?;
    let program = asked.program(&args.on, &*system);
    let mut seen: Vec<(Status, u64)> = Vec::new();
    let mut shown: Option<(Trial, Status)> = None;
    let lacks = system.lacks(&program);
    if let Some(why) = &lacks {
        count(&mut seen, Status::Unsupported(why.clone()));
    }
    let times = if lacks.is_some() { 0 } else { args.times };
    for _ in 0..times {
        let trial = attempt(&mut *system, &program, &rules);
        if is_set(stop) {
            break;
        }
        let trial = match trial {
            Ok(trial) => trial,
            Err(error) => {
                count(&mut seen, Status::Broken(error.to_string()));
                continue;
            }
        };
        let status = trial.status(&program, &rules);
        count(&mut seen, status.clone());
        let worse = |(_, old): &(Trial, Status)| Conclusion::of([&status]) > Conclusion::of([old]);
        if shown.as_ref().is_none_or(worse) {
            shown = Some((trial, status));
        }
    }
    drop(system);
    print(&replayed(args, shown.as_ref(), &seen))?;
    if is_set(stop) {
        return Ok(Conclusion::Interrupted.exit_status());
    }
    Ok(conclude(&seen).exit_status())
}

fn is_set(stop: &AtomicBool) -> bool {
    stop.load(Ordering::Relaxed)
}

fn count(seen: &mut Vec<(Status, u64)>, status: Status) {
    match seen.iter_mut().find(|(known, _)| *known == status) {
        Some((_, count)) => *count += 1,
        None => seen.push((status, 1)),
    }
}

fn conclude(seen: &[(Status, u64)]) -> Conclusion {
    Conclusion::of(seen.iter().map(|(status, _)| status))
}

/// The worst run in full, then how often each thing came of it.
fn replayed(args: &ReplayArgs, shown: Option<&(Trial, Status)>, seen: &[(Status, u64)]) -> String {
    let mut text = String::new();
    if let Some((trial, status)) = shown {
        text = match status {
            Status::Deviates => {
                render::card(&args.program, trial, &commands(None, trial, &args.on, args.seed))
            }
            _ => transcript(&trial.history),
        };
        text.push('\n');
    }
    for (status, count) in seen {
        text.push_str(&verdict(&args.program, status, *count, args.times));
    }
    text
}

/// `pipe/capacity: conforms`, with how often, and why.
fn verdict(name: &str, status: &Status, count: u64, times: u64) -> String {
    let often = if times > 1 { format!(", {count} of {times} times") } else { String::new() };
    let why = match status.detail() {
        none if none.is_empty() => none,
        why => format!(": {why}"),
    };
    format!("{name}: {}{often}{why}\n", status.word())
}

/// Runs a program once and writes what happened.
pub(super) fn record(args: &RecordArgs) -> Result<i32, Failure> {
    let asked = Asked::of(&args.program)?;
    let output = Whole::create(&args.output)?;
    let stop = interrupt::listen();
    let mut system = start(&args.on, args.seed)?;
    let program = asked.program(&args.on, &*system);
    let history = system.run(&program).map_err(|error| Failure {
        status: Conclusion::Incomplete.exit_status(),
        message: format!("the program could not be run: {error}"),
    })?;
    drop(system);
    if is_set(stop) {
        return Ok(Conclusion::Interrupted.exit_status());
    }
    let mut lines = Vec::new();
    record::write(&history, &mut lines).map_err(Failure::usage)?;
    output.finish(&lines)?;
    print(&format!("{}: {} events\n", args.output.display(), history.events.len()))?;
    match history.end {
        End::Complete => Ok(0),
        _ => Ok(Conclusion::Incomplete.exit_status()),
    }
}

/// Judges recorded histories; all of them are read before the first is judged.
pub(super) fn check(args: &CheckArgs) -> Result<i32, Failure> {
    let read = |path: &std::path::PathBuf| {
        let name = path.display().to_string();
        let text = fs::read_to_string(path)
            .map_err(|error| Failure::usage(format!("cannot read {name}: {error}")))?;
        record::read(&name, &text).map_err(Failure::usage)
    };
    let histories = args.histories.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    if args.text {
        histories.iter().try_for_each(|history| print(&record::plain(history)))?;
        return Ok(0);
    }
    let rules = Rules::of(args.profile);
    let mut seen = Vec::new();
    for (path, history) in args.histories.iter().zip(histories) {
        let judgement = rules.judge(&history);
        let trial = Trial { history, judgement };
        // What it covers was for its recorder to see to: here it counts what it shows.
        let status = trial.bare_status();
        let name = path.display().to_string();
        if status == Status::Deviates {
            print(&format!("{}\n", render::card(&name, &trial, &checked(path, &trial, &rules))))?;
        }
        print(&verdict(&name, &status, 1, 1))?;
        count(&mut seen, status);
    }
    Ok(conclude(&seen).exit_status())
}

fn checked(path: &Path, trial: &Trial, rules: &Rules) -> Vec<(&'static str, String)> {
    let check =
        format!("ipc-conformance check --profile {} {}", rules.profile.name, path.display());
    let about = trial.judgement.deviation().map(|deviation| deviation.about());
    let about = about.and_then(|about| about.first().copied());
    let explain = about.map(|id| ("explain", format!("ipc-conformance explain {id}")));
    [("check", check)].into_iter().chain(explain).collect()
}
