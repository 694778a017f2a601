//! The command line. Nothing in here knows a rule, or how to judge: it reads arguments, calls, and
//! prints what [`crate::render`] builds.

mod args;
mod files;
mod interrupt;
mod output;
mod progress;
mod run;
mod systems;
mod tell;

use std::any::Any;
use std::ffi::OsString;
use std::io::Write as _;
use std::panic;

use clap::{CommandFactory as _, Parser as _};

use args::{Cli, Verb};
use output::print;

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
    match panic::catch_unwind(|| dispatch(args)) {
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

/// What `--help` says, `run --help` behind it, 100 characters wide.
pub fn help() -> String {
    let mut command = Cli::command().term_width(100);
    let top = command.render_long_help().to_string();
    let run = command.find_subcommand_mut("run").map(|run| {
        run.clone().bin_name("ipc-conformance run").term_width(100).render_long_help().to_string()
    });
    format!("{top}\n{}", run.unwrap_or_default())
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
        Verb::List(args) => print(&tell::list(&args)).map(|()| 0),
        Verb::Explain(args) => {
            tell::explain(&args.clause).and_then(|text| print(&text)).map(|()| 0)
        }
        Verb::Replay(args) => files::replay(&args),
        Verb::Check(args) => files::check(&args),
        Verb::Record(args) => files::record(&args),
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
