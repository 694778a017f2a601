//! The verb `power-cut`.

use std::fmt::Write as _;

use ipc_model::power::PROMISES;

use super::args::PowerArgs;
use super::output::print;
use super::run::fresh_seed;
use super::{Failure, interrupt};
use crate::conclusion::Conclusion;
use crate::power::{self, Options, Report};

pub(super) fn run(args: &PowerArgs) -> Result<i32, Failure> {
    let stop = interrupt::listen();
    let seed = args.seed.unwrap_or_else(fresh_seed);
    let exe = std::env::current_exe()
        .map_err(|error| Failure::usage(format!("this executable cannot be found: {error}")))?;
    let options = Options { cuts: args.cuts, seed, skip: args.skip, stop };
    let report = power::run(&exe, &options).map_err(|error| Failure {
        status: Conclusion::CannotRun.exit_status(),
        message: format!("the power was not cut to the end (seed {seed:#x}): {error}"),
    })?;
    let conclusion = match report {
        Report { broken: Some(_), .. } => Conclusion::Deviates,
        Report { interrupted: true, .. } => Conclusion::Interrupted,
        _ => Conclusion::Conforms,
    };
    print(&told(&report, &options, conclusion))?;
    Ok(conclusion.exit_status())
}

fn told(report: &Report, options: &Options<'_>, conclusion: Conclusion) -> String {
    let mut text = String::new();
    if let Some((number, broken, steps)) = &report.broken {
        let promise = broken.promise;
        let _ = writeln!(text, "cut {number} broke a promise: {}\n", broken.text);
        for step in steps {
            let _ = writeln!(text, "  {step}");
        }
        let source = ipc_model::print::source(&promise.source);
        let _ = writeln!(text, "\n  {}: {} ({source})\n", promise.id, promise.text);
    }
    let Report { cuts, returned, unknown, used, .. } = report;
    let _ = writeln!(text, "power       cut {} times; seed {:#x}", cuts, options.seed);
    let _ =
        writeln!(text, "            {returned} calls had returned, {unknown} may have been made");
    let _ = writeln!(text, "promises    what was found was judged so often by");
    for (place, promise) in PROMISES.iter().enumerate() {
        let count = used.get(&place).copied().unwrap_or_default();
        let _ = writeln!(text, "            {count:>7}  {}", promise.id);
    }
    let _ = writeln!(text, "result      {}", conclusion.word());
    text
}
