//! The verbs about one program or one history: `replay`, `record`, `check`.

use std::fs;
use std::path::PathBuf;

use ipc_model::profile::Profile;
use ipc_model::spec::Spec;

use super::{
    CONFORMS, DEVIATES, Failure, INCOMPLETE, STOP, SystemArguments, program, unreadable,
    unwritable, watch_for_interrupts,
};
use crate::checker::{Budget, check as judge};
use crate::program::Program;
use crate::record;
use crate::render;
use crate::report::Whole;
use crate::trial::{Status, Trial, attempt};

#[derive(clap::Args, Debug)]
pub(super) struct ReplayArguments {
    /// The program's file
    file: PathBuf,
    /// How often to run it
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    times: u64,
    #[command(flatten)]
    system: SystemArguments,
}

#[derive(clap::Args, Debug)]
pub(super) struct RecordArguments {
    /// The program's file
    file: PathBuf,
    /// Where the history goes
    #[arg(short, long, value_name = "HISTORY")]
    output: PathBuf,
    #[command(flatten)]
    system: SystemArguments,
}

#[derive(clap::Args, Debug)]
pub(super) struct CheckArguments {
    /// The histories' files
    #[arg(required = true)]
    histories: Vec<PathBuf>,
    /// What they are held to
    #[arg(long, default_value = "linux", value_parser = super::profile)]
    profile: &'static Profile,
}

pub(super) fn replay(arguments: &ReplayArguments) -> Result<i32, Failure> {
    let program = program(&arguments.file)?;
    watch_for_interrupts();
    let mut system = arguments.system.start(0)?;
    let mut worst: Option<(Trial, Status)> = None;
    let mut conforming = 0_u64;
    let mut runs = 0;
    while runs < arguments.times && !STOP.load(std::sync::atomic::Ordering::Relaxed) {
        let trial = attempt(system.as_mut(), &program, arguments.system.profile)?;
        let status = trial.status(&program, arguments.system.profile);
        runs += 1;
        conforming += u64::from(status == Status::Conforms);
        let worse = |(_, before): &(Trial, Status)| code(&status) == 1 && code(before) != 1;
        if worst.as_ref().is_none_or(worse) {
            worst = Some((trial, status));
        }
    }
    let Some((trial, status)) = worst else { return Ok(super::INTERRUPTED) };
    print!("{}", render::card(&trial, &program));
    println!("\n{}", told(&status));
    if arguments.times > 1 {
        println!("{conforming} of {runs} runs conform");
    }
    Ok(if conforming < runs && code(&status) == CONFORMS { INCOMPLETE } else { code(&status) })
}

pub(super) fn record(arguments: &RecordArguments) -> Result<i32, Failure> {
    let program = program(&arguments.file)?;
    let output =
        Whole::begin(&arguments.output).map_err(|error| unwritable(&arguments.output, &error))?;
    watch_for_interrupts();
    let history = arguments.system.start(0)?.run(&program)?;
    let mut lines = Vec::new();
    record::write(&history, &mut lines)
        .and_then(|()| output.finish(&lines))
        .map_err(|error| unwritable(&arguments.output, &error))?;
    Ok(CONFORMS)
}

pub(super) fn check(arguments: &CheckArguments) -> Result<i32, Failure> {
    let mut result = CONFORMS;
    for path in &arguments.histories {
        let text = fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
        let history = record::read(&path.display().to_string(), &text)
            .map_err(|error| Failure::usage(error.to_string().trim_start_matches("error: ")))?;
        let program = crate::text::parse("program", &history.head.program)
            .unwrap_or_else(|_| Program::default());
        let spec = Spec::new(arguments.profile, history.head.numbers);
        let judgement = judge(&spec, &history, Budget::default());
        let trial = Trial { history, judgement };
        // What a recorded program covers was for its recorder to see to: here, what it showed counts.
        let bare = Program { covers: Vec::new(), ..program.clone() };
        let status = trial.status(&bare, arguments.profile);
        println!("{}: {}", path.display(), told(&status));
        if status == Status::Deviates {
            println!("\n{}", render::card(&trial, &program));
        }
        result = match (result, code(&status)) {
            (DEVIATES, _) | (_, DEVIATES) => DEVIATES,
            (before, CONFORMS) => before,
            (_, other) => other,
        };
    }
    Ok(result)
}

fn told(status: &Status) -> String {
    match status.detail() {
        Some(detail) => format!("{}: {detail}", status.word()),
        None => status.word().to_owned(),
    }
}

/// The exit code that a status stands for.
pub(super) fn code(status: &Status) -> i32 {
    match status {
        Status::Conforms | Status::Contradiction(_) => CONFORMS,
        Status::Deviates | Status::NotExercised(_) => DEVIATES,
        Status::Unsupported | Status::Inconclusive(_) | Status::Broken(_) => INCOMPLETE,
    }
}
