//! The verb `teeth`.

use super::args::TeethArgs;
use super::output::{Whole, print};
use super::run::matches;
use super::{Failure, systems};
use crate::conclusion::Conclusion;
use crate::teeth::{self, Plan};

pub(super) fn teeth(args: &TeethArgs) -> Result<i32, Failure> {
    let json = args.json.as_deref().map(Whole::create).transpose()?;
    let page = args.page.as_deref().map(Whole::create).transpose()?;
    let plan = Plan {
        control: true,
        profile: args.profile,
        random: args.random,
        seed: args.seed,
        jobs: args.jobs.map_or(systems::processors().len().max(1), usize::from),
        explain: true,
    };
    let filter = args.faults.as_deref().unwrap_or("");
    let matrix = teeth::run(&plan, |fault| matches(filter, &fault.name));
    if matrix.rows.is_empty() {
        return Err(Failure {
            status: Conclusion::NothingSelected.exit_status(),
            message: format!(
                "no fault under {} has {} in its name; `ipc-conformance list faults --all` lists them",
                args.profile.name,
                crate::text::quote(filter)
            ),
        });
    }
    print(&teeth::rows(&matrix))?;
    print(&teeth::summary(&plan, &matrix, filter.is_empty()))?;
    if let Some(json) = json {
        let mut text = serde_json::to_string_pretty(&matrix).map_err(Failure::usage)?;
        text.push('\n');
        json.finish(text.as_bytes())?;
    }
    if let Some(page) = page {
        page.finish(teeth::page(&plan, &matrix).as_bytes())?;
    }
    Ok(if matrix.is_good() { 0 } else { Conclusion::Deviates.exit_status() })
}
