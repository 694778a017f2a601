//! The verb `explore`.

use std::io::{self, BufRead as _, IsTerminal as _};
use std::time::Instant;

use super::Failure;
use super::args::ExploreArgs;
use super::output::print;
use crate::conclusion::Conclusion;
use crate::worlds::{self, Reply, SCOPES, Scope, Space, Walk};

pub(super) fn explore(args: &ExploreArgs) -> Result<i32, Failure> {
    if args.walk {
        return walk(&args.scopes);
    }
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

/// Reads words until there are no more. Where they do not come from a terminal they are printed as
/// well, so that what is printed reads as it would there.
fn walk(scopes: &[String]) -> Result<i32, Failure> {
    let [name] = scopes else {
        return Err(Failure::usage("--walk goes through one world: name one scope"));
    };
    let scope = named(name)?;
    let spec = scope.spec();
    let space = Space::new(scope, &spec);
    let mut walk = Walk::new(&space);
    print(&walk.shown())?;
    let input = io::stdin();
    let echoes = !input.is_terminal();
    let mut lines = input.lock().lines();
    loop {
        print("> ")?;
        let word = match lines.next() {
            None => break,
            Some(Ok(word)) => word,
            Some(Err(error)) => {
                return Err(Failure::usage(format!("cannot read standard input: {error}")));
            }
        };
        if echoes {
            print(&format!("{}\n", word.trim()))?;
        }
        match walk.hear(&word) {
            Reply::Said(text) => print(&text)?,
            Reply::End => return Ok(0),
        }
    }
    print("\n")?;
    Ok(0)
}

fn named(name: &str) -> Result<&'static Scope, Failure> {
    Scope::named(name).ok_or_else(|| {
        let names: Vec<&str> = SCOPES.iter().map(|scope| scope.name).collect();
        let name = crate::text::quote(name);
        Failure::usage(format!("there is no scope {name}; there are {}", names.join(", ")))
    })
}
