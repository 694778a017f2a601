//! The verb `explore`.

use std::time::Instant;

use super::Failure;
use super::args::ExploreArgs;
use super::output::print;
use crate::conclusion::Conclusion;
use crate::worlds::{self, SCOPES, Scope, Space};

pub(super) fn explore(args: &ExploreArgs) -> Result<i32, Failure> {
    if args.scopes.is_empty() {
        print(&worlds::list())?;
        return Ok(0);
    }
    let scopes = args.scopes.iter().map(|name| named(name)).collect::<Result<Vec<_>, _>>()?;
    let (mut wrong, mut cut_off) = (false, false);
    for scope in scopes {
        let began = Instant::now();
        let spec = scope.spec();
        let found = worlds::explore(&Space::new(scope, &spec), args.most as usize);
        let pinned = (found.states, found.transitions) == (scope.states, scope.transitions);
        print(&worlds::outcome(scope, &found, began.elapsed()))?;
        // What a search that was cut off has not seen is not known to be missing.
        wrong |= found.failure.is_some() || found.complete && !(found.is_good() && pinned);
        cut_off |= !found.complete;
    }
    let conclusion = match (wrong, cut_off) {
        (true, _) => Conclusion::Deviates,
        (false, true) => Conclusion::Incomplete,
        (false, false) => Conclusion::Conforms,
    };
    Ok(conclusion.exit_status())
}

fn named(name: &str) -> Result<&'static Scope, Failure> {
    Scope::named(name).ok_or_else(|| {
        let names: Vec<&str> = SCOPES.iter().map(|scope| scope.name).collect();
        let name = crate::text::quote(name);
        Failure::usage(format!("there is no scope {name}; there are {}", names.join(", ")))
    })
}
