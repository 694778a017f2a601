//! The command line.

mod check;
mod run;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::{fs, io};

use clap::{Parser, Subcommand, ValueEnum};
use ipc_model::mechanism;
use ipc_model::profile::{Numbers, PROFILES, Profile};

use crate::program::Program;
use crate::real::{AgentFault, Real, RealOptions};
use crate::seed::Seeded;
use crate::sim::Simulated;
use crate::system::{System, SystemError};
use crate::{book, manual, render, scenario};

/// Everything as it should be, and complete.
pub const CONFORMS: i32 = 0;
/// Something deviates, or does not exercise what it claims.
pub const DEVIATES: i32 = 1;
/// The command line or a file it names is malformed.
pub const USAGE: i32 = 2;
/// Nothing was selected.
pub const NOTHING: i32 = 4;
/// Something could not be decided, or was not run.
pub const INCOMPLETE: i32 = 5;
/// This platform cannot run the agents.
pub const NO_AGENTS: i32 = 6;
/// This program failed.
pub const INTERNAL: i32 = 70;
/// Interrupted by the user.
pub const INTERRUPTED: i32 = 130;

const EXIT_CODES: &str = "Exit codes:
  0    everything run conforms, or is a listed contradiction
  1    something deviates, or does not exercise what it claims to
  2    the command line, or a file that it names, is malformed or cannot be written
  4    nothing was selected
  5    something could not be decided or was not run: never a pass
  6    this platform cannot run the agents
  70   this program failed
  130  interrupted";

/// Holds a system's pipes, descriptors and processes to an executable specification.
#[derive(Parser, Debug)]
#[command(name = "ipc-conformance", version, after_help = EXIT_CODES, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Subcommand, Debug)]
enum Verb {
    /// Run scenarios and random programs, and judge what is seen (the default)
    Run(run::RunArguments),
    /// List scenarios, clauses, operations, or the faults that can be planted
    List {
        /// What to list
        #[arg(value_enum)]
        what: What,
    },
    /// Run one program from a file, and show what happened
    Replay(check::ReplayArguments),
    /// Run one program from a file, and write its history
    Record(check::RecordArguments),
    /// Judge histories that were recorded before, here or elsewhere
    Check(check::CheckArguments),
    /// Tell all about a clause
    Explain {
        /// Its id, such as pipe.read.eof
        clause: String,
    },
    #[command(name = "__book", hide = true)]
    Book { words: Vec<String> },
}

#[derive(ValueEnum, Clone, Copy, Debug)]
enum What {
    Scenarios,
    Clauses,
    Operations,
    Faults,
}

/// What programs are run on, and what it is held to.
#[derive(clap::Args, Clone, Debug)]
struct SystemArguments {
    /// What the system is held to
    #[arg(long, default_value = "linux", value_parser = profile)]
    profile: &'static Profile,
    /// What to run on: this machine, or the model itself
    #[arg(long, value_enum, default_value_t = Kind::Real)]
    system: Kind,
    /// Plant a fault in the agents (see `list faults`), to see it caught
    #[arg(long, value_name = "NAME", value_parser = fault)]
    fault: Option<AgentFault>,
    /// Take silence for sleep, as on systems that do not tell who sleeps
    #[arg(long)]
    no_proof: bool,
    /// Seconds that one program may take
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3600))]
    deadline: u64,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Real,
    Sim,
}

fn profile(name: &str) -> Result<&'static Profile, String> {
    let names: Vec<&str> = PROFILES.iter().map(|profile| profile.name).collect();
    Profile::named(name).ok_or_else(|| format!("there are {}", names.join(" and ")))
}

fn fault(name: &str) -> Result<AgentFault, String> {
    AgentFault::parse(name).ok_or_else(|| "`list faults` lists them".to_owned())
}

impl SystemArguments {
    /// The system of worker `worker`, kept to one processor.
    fn start(&self, worker: usize) -> Result<Box<dyn System>, SystemError> {
        if self.system == Kind::Sim {
            let pick = Seeded::new(0x51b, worker as u64);
            return Ok(Box::new(Simulated::new(self.profile, Numbers::EXAMPLE, pick)));
        }
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Box::new(Real::start(RealOptions {
            cpu: nth_processor(worker % processors),
            deadline: std::time::Duration::from_secs(self.deadline),
            proof: !self.no_proof,
            fault: self.fault,
            ..RealOptions::default()
        })?))
    }
}

/// The `n`-th processor that this process may use.
fn nth_processor(n: usize) -> Option<usize> {
    use nix::sched::{CpuSet, sched_getaffinity};
    let allowed = sched_getaffinity(nix::unistd::Pid::from_raw(0)).ok()?;
    (0..CpuSet::count()).filter(|cpu| allowed.is_set(*cpu).unwrap_or(false)).nth(n)
}

/// An end with a message and an exit code.
#[derive(Debug)]
struct Failure {
    code: i32,
    message: String,
}

impl Failure {
    fn usage(message: impl Into<String>) -> Failure {
        Failure { code: USAGE, message: message.into() }
    }
}

impl From<SystemError> for Failure {
    fn from(error: SystemError) -> Failure {
        Failure { code: NO_AGENTS, message: error.to_string() }
    }
}

/// Set by the first interrupt; a second one ends the process at once.
static STOP: AtomicBool = AtomicBool::new(false);

extern "C" fn interrupted(_: i32) {
    STOP.store(true, Ordering::Relaxed);
}

fn watch_for_interrupts() {
    use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
    let action = SigAction::new(
        SigHandler::Handler(interrupted),
        SaFlags::SA_RESETHAND | SaFlags::SA_RESTART,
        SigSet::empty(),
    );
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        // SAFETY: the handler stores to an atomic and does nothing else.
        let _ = unsafe { sigaction(signal, &action) };
    }
}

/// Does what the words ask for, the program's own name first; the exit code.
pub fn main(words: impl Iterator<Item = OsString>) -> i32 {
    let arguments = match Arguments::try_parse_from(words) {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return error.exit_code();
        }
    };
    let verb = arguments.verb.unwrap_or_else(|| Verb::Run(run::RunArguments::default()));
    let done = std::panic::catch_unwind(|| perform(verb));
    match done {
        Ok(Ok(code)) => code,
        Ok(Err(failure)) => {
            eprintln!("error: {}", failure.message.trim_end());
            failure.code
        }
        Err(_) => {
            eprintln!(
                "error: this is a fault of ipc-conformance itself; please report it with the text above"
            );
            INTERNAL
        }
    }
}

fn perform(verb: Verb) -> Result<i32, Failure> {
    match verb {
        Verb::Run(arguments) => run::run(&arguments),
        Verb::List { what } => {
            print!("{}", list(what));
            Ok(CONFORMS)
        }
        Verb::Replay(arguments) => check::replay(&arguments),
        Verb::Record(arguments) => check::record(&arguments),
        Verb::Check(arguments) => check::check(&arguments),
        Verb::Explain { clause } => explain(&clause),
        Verb::Book { words } => {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let root = root();
            let expand = |name: &str, argument: &str| match name {
                "help" => Ok(help()),
                _ => manual::expand(&root, name, argument),
            };
            book::command(&words, &root, &expand)
                .map_err(|message| Failure { code: DEVIATES, message })?;
            Ok(CONFORMS)
        }
    }
}

/// The top of the repository: mdBook calls from `docs`.
fn root() -> PathBuf {
    let here = PathBuf::from(".");
    if here.join("docs/book.toml").exists() { here } else { PathBuf::from("..") }
}

fn list(what: What) -> String {
    match what {
        What::Scenarios => render::list_scenarios(),
        What::Clauses => render::list_clauses(),
        What::Operations => render::list_operations(),
        What::Faults => AgentFault::ALL.iter().map(|fault| format!("{}\n", fault.name())).collect(),
    }
}

fn explain(id: &str) -> Result<i32, Failure> {
    match mechanism::clause(id) {
        Some(clause) => {
            print!("{}", render::explain(clause));
            Ok(CONFORMS)
        }
        None => {
            let near = crate::text::nearest(id, mechanism::clauses().map(|clause| clause.id));
            let help = near.map_or("`list clauses` lists them".to_owned(), |near| {
                format!("did you mean {near}?")
            });
            Err(Failure::usage(format!("there is no clause {id:?}: {help}")))
        }
    }
}

/// The help of every verb, as the book shows it.
pub fn help() -> String {
    use clap::CommandFactory;
    let mut command = Arguments::command().term_width(80);
    command.build();
    let mut text = format!("```text\n{}```\n", command.render_help());
    for verb in command.get_subcommands_mut().filter(|verb| !verb.is_hide_set()) {
        if verb.get_name() != "help" {
            let help = verb.clone().term_width(80).render_long_help().to_string();
            text += &format!("\n## `{}`\n\n```text\n{help}```\n", verb.get_name());
        }
    }
    text
}

/// Reads a program from a file.
fn program(path: &PathBuf) -> Result<Program, Failure> {
    let text = fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
    scenario::program(&path.display().to_string(), &text)
        .map_err(|error| Failure::usage(error.to_string().trim_start_matches("error: ")))
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::usage(format!("{}: {error}: name a file that can be read", path.display()))
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::usage(format!("{}: {error}: name a file that can be written", path.display()))
}
