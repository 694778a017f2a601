//! The command line. Nothing in here knows a rule, or how to judge: it reads arguments, calls, and
//! prints what [`crate::render`] builds.

mod args;
mod explore;
mod files;
mod interrupt;
mod litmus;
mod output;
mod power;
mod probe;
mod progress;
mod run;
mod stress;
mod systems;
mod teeth;
mod tell;

use std::any::Any;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::Write as _;
use std::panic;
use std::path::Path;

use clap::{CommandFactory as _, Parser as _};

use args::{Cli, Verb};
use output::print;

use crate::conclusion::Conclusion;
use crate::{book, manual, render};

/// Usage, or malformed input, or an output that cannot be written.
const USAGE: i32 = 2;
/// A fault of this program.
const INTERNAL: i32 = 70;

/// Why a verb ends without having done what it should.
#[derive(Debug)]
struct Failure {
    status: i32,
    message: String,
}

impl Failure {
    /// The user's to set right.
    fn usage(message: impl ToString) -> Failure {
        Failure { status: USAGE, message: message.to_string() }
    }
}

/// Runs the program with these arguments, the first being its own name, and gives its exit status.
pub fn main(args: impl IntoIterator<Item = OsString>) -> i32 {
    let args: Vec<OsString> = args.into_iter().collect();
    guarded(|| dispatch(args))
}

/// The exit status that `verb` gives, or that of a fault of ours where it panics.
fn guarded(verb: impl FnOnce() -> i32 + panic::UnwindSafe) -> i32 {
    match panic::catch_unwind(verb) {
        Ok(status) => status,
        Err(panic) => {
            let what = message(&*panic);
            complain(&format!(
                "internal error: {what}\nThis is a bug of ipc-conformance and says nothing about \
                 the system: please report it with this text and the command."
            ));
            INTERNAL
        }
    }
}

/// What `--help` says of the program and of each verb, 80 characters wide, as Markdown.
pub fn help() -> String {
    let mut command = Cli::command().term_width(80);
    command.build();
    let mut text = format!("```text\n{}```\n", command.render_long_help());
    for verb in command.get_subcommands_mut().filter(|verb| !verb.is_hide_set()) {
        if verb.get_name() != "help" {
            let help = verb.clone().after_long_help("").term_width(80).render_long_help();
            let _ = write!(text, "\n## `{}`\n\n```text\n{help}```\n", verb.get_name());
        }
    }
    text
}

/// The book's preprocessor, from the top of the repository or, as mdBook calls it, from `docs`.
fn book(words: &[String]) -> Result<i32, Failure> {
    let here = Path::new(".");
    let root = if here.join("docs/book.toml").exists() { here } else { Path::new("..") };
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let expand = |name: &str, argument: &str| match name {
        "help" => Ok(help()),
        "deviation" => Ok(format!("```text\n{}```\n", render::example())),
        _ => manual::expand(root, name, argument),
    };
    let failed = |message| Failure { status: Conclusion::Deviates.exit_status(), message };
    book::command(&words, root, &expand).map(|()| 0).map_err(failed)
}

fn dispatch(args: Vec<OsString>) -> i32 {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return error.exit_code();
        }
    };
    let done = match cli.verb.unwrap_or_default() {
        Verb::Run(args) => run::run(args),
        Verb::Probe(args) => probe::run(&args),
        Verb::List(args) => print(&tell::list(&args)).map(|()| 0),
        Verb::Explain(args) => {
            tell::explain(&args.clause).and_then(|text| print(&text)).map(|()| 0)
        }
        Verb::Replay(args) => files::replay(&args),
        Verb::Check(args) => files::check(&args),
        Verb::Record(args) => files::record(&args),
        Verb::Explore(args) => explore::explore(&args),
        Verb::Stress(args) => stress::run(&args),
        Verb::Litmus(args) => litmus::litmus(&args),
        Verb::PowerCut(args) => power::run(&args),
        Verb::Teeth(args) => teeth::teeth(&args),
        Verb::Book { words } => book(&words),
    };
    done.unwrap_or_else(|failure| {
        complain(&failure.message);
        failure.status
    })
}

/// Says what is wrong. There is nobody left to tell if that fails.
fn complain(message: &str) {
    let message = message.trim_end();
    let head = if message.starts_with("error") { "" } else { "error: " };
    let _ = writeln!(std::io::stderr(), "{head}{message}");
}

fn message(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or(panic.downcast_ref::<&str>().copied())
        .unwrap_or("it does not say what")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_of_ours_has_an_exit_status_of_its_own() {
        assert_eq!(guarded(|| 4), 4);
        assert_eq!(guarded(|| panic!("on purpose")), INTERNAL);
        let panic = panic::catch_unwind(|| panic!("on {}", "purpose")).expect_err("it panics");
        assert_eq!(message(&*panic), "on purpose");
    }

    #[test]
    fn the_book_tells_the_help_of_every_verb() {
        let help = help();
        for verb in ["run", "list", "replay", "check", "record", "explain", "explore", "stress"] {
            assert!(help.contains(&format!("## `{verb}`")), "{verb}");
        }
        assert!(!help.contains("__book") && help.contains("Exit status:"), "{help}");
        assert!(help.lines().all(|line| line.chars().count() <= 80), "{help}");
    }
}
