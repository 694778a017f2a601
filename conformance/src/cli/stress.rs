//! The verb `stress`.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use super::args::StressArgs;
use super::output::{Whole, print};
use super::run::{commands, fresh_seed};
use super::{Failure, interrupt, systems};
use crate::conclusion::Conclusion;
use crate::history::History;
use crate::seed::Seeded;
use crate::stress::{Load, refusal, stress};
use crate::trial::{Rules, Status, attempt};
use crate::{record, render};

pub(super) fn run(args: &StressArgs) -> Result<i32, Failure> {
    let load = Load { processes: args.processes, calls: args.calls, pipes: args.pipes };
    if let Some(why) = refusal(load) {
        return Err(Failure::usage(why));
    }
    let stop = interrupt::listen();
    let seed = args.seed.unwrap_or_else(fresh_seed);
    let rules = Rules::of(args.on.profile);
    let mut system = systems::unpinned(&args.on, seed).map_err(|error| Failure {
        status: Conclusion::CannotRun.exit_status(),
        message: format!("this system cannot run programs: {error}"),
    })?;
    if let Some(folder) = &args.keep {
        let failed = |error| Failure::usage(format!("cannot make {}: {error}", folder.display()));
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut seen = Vec::new();
    for number in 0..args.times {
        let program = stress(load, &mut Seeded::new(seed, number));
        let began = Instant::now();
        let trial = attempt(&mut *system, &program, &rules);
        let took = began.elapsed();
        if stop.load(std::sync::atomic::Ordering::Relaxed) {
            return Ok(Conclusion::Interrupted.exit_status());
        }
        let name = format!("stress program {number} of seed {seed:#x}");
        let status = match trial {
            Ok(trial) => {
                let status = trial.bare_status();
                print(&told(&name, &status, trial.history.events.len(), took))?;
                if status == Status::Deviates {
                    print(&render::card(&name, &trial, &commands(None, &trial, &args.on, seed)))?;
                }
                if let Some(folder) = args.keep.as_deref().filter(|_| status != Status::Conforms) {
                    keep(&folder.join(format!("{seed:x}-{number}.jsonl")), &trial.history)?;
                }
                status
            }
            Err(error) => {
                let status = Status::Broken(error.to_string());
                print(&told(&name, &status, 0, took))?;
                status
            }
        };
        seen.push(status);
    }
    Ok(Conclusion::of(&seen).exit_status())
}

fn keep(path: &Path, history: &History) -> Result<(), Failure> {
    let output = Whole::create(path)?;
    let mut lines = Vec::new();
    record::write(history, &mut lines).map_err(Failure::usage)?;
    output.finish(&lines)
}

fn told(name: &str, status: &Status, events: usize, took: Duration) -> String {
    let detail = status.detail();
    let why = if detail.is_empty() { detail } else { format!(": {detail}") };
    let took = took.as_secs_f64();
    format!("{name}: {}{why}; {events} events, run and judged in {took:.2} s\n", status.word())
}
