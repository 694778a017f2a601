//! What can be asked for.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ColorChoice, Parser, Subcommand, ValueEnum};
use ipc_model::profile::{LINUX, PROFILES, Profile};

use crate::faults::{self, FAULTS, Fault, Planting};
use crate::power::Skip;
use crate::real::AgentFault;
use crate::store::FOLDER;
use crate::text::nearest;

const EXIT: &str = "\
Exit status:
  0    everything conforms, and everything that was to be run was run
  1    something deviates, or a scenario did not exercise what it covers
  2    usage, malformed input, or an output that cannot be written
  4    nothing was selected
  5    incomplete or inconclusive: not known to be wrong, and not a pass
  6    this system cannot run the agents
  70   an internal error
  130  interrupted

A skip, unsupported or inconclusive is not a pass.";

/// Holds this system's interprocess communication to its specification.
///
/// Without a command it runs every scenario and some random programs on the machine that it runs on:
/// real processes make real calls, and a model of POSIX.1-2024 and of Linux judges what they saw.
#[derive(Parser, Debug)]
#[command(
    name = "ipc-conformance",
    version,
    color = ColorChoice::Never,
    max_term_width = 100,
    after_long_help = EXIT
)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) verb: Option<Verb>,
}

#[derive(Subcommand, Debug)]
pub(super) enum Verb {
    /// Run scenarios and random programs, and judge what happens
    Run(Box<RunArgs>),
    /// Tell what this system can do, what is missing, and what could be run on it
    ///
    /// Each thing is tried in a process of its own. The exit status is 0 if the agents run here, and 6
    /// if they do not.
    Probe(ProbeArgs),
    /// List what there is
    List(ListArgs),
    /// Run a program, and show what happened and what is to be said of it
    Replay(ReplayArgs),
    /// Judge histories that were recorded elsewhere; nothing is run
    Check(CheckArgs),
    /// Run a program and write its history, to be judged elsewhere
    Record(RecordArgs),
    /// Tell all about a clause: sentence, source, rule, and the scenarios that cover it
    Explain(ExplainArgs),
    /// Go through every state of a small world, and tell what holds in all of them
    ///
    /// The exit status is 1 if something does not hold, if something that should happen never does,
    /// or if there are more or fewer states than are written down; it is 5 if a search is cut off.
    Explore(ExploreArgs),
    /// Many processes, thousands of calls each, all at once on a pipe or a few
    Stress(StressArgs),
    /// Run tiny programs many times, and count which of their allowed endings are seen
    ///
    /// Tests of the memory itself are among them, under their names in the literature: `SB+machine` is
    /// store buffering with the machine's own accesses. Each of their processes is on a processor of
    /// its own; where there are too few, they are unsupported, and the reason is counted.
    Litmus(LitmusArgs),
    /// Plant every fault in the simulated kernel, and show what catches it
    Teeth(TeethArgs),
    /// Cut the power of a guest again and again, and judge what is on its disk then
    ///
    /// Needs User-mode Linux (Debian: user-mode-linux) and mkfs.ext4; nothing of it is done as root.
    /// Without them the exit status is 6.
    PowerCut(PowerArgs),
    /// The book's preprocessor
    #[command(name = "__book", hide = true)]
    Book { words: Vec<String> },
}

impl Default for Verb {
    /// As if `run` had been said.
    fn default() -> Verb {
        let parsed = Cli::try_parse_from(["ipc-conformance", "run"]);
        parsed.ok().and_then(|cli| cli.verb).expect("`run` needs no arguments")
    }
}

#[derive(Args, Debug)]
#[command(after_long_help = EXIT)]
pub(super) struct RunArgs {
    /// Only scenarios and stored programs whose name, or a clause that they cover, has this in it;
    /// `*` stands for anything
    ///
    /// With a filter, random programs are run only if `--random` asks for them.
    pub(super) filter: Option<String>,
    /// Random programs [default: 2000; 0 with FILTER; as many as there is time for with --budget]
    #[arg(long, value_name = "N")]
    pub(super) random: Option<u64>,
    /// The seed of random programs, decimal or 0x… [default: a fresh one, which is printed]
    #[arg(long, value_name = "S", value_parser = seed)]
    pub(super) seed: Option<u64>,
    /// The number of the first random program: `--random 1 --from N` is program N alone
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) from: u64,
    /// Begin no random program after this time: 90s, 5m, 1h
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(super) budget: Option<Duration>,
    /// Workers, each with its own processes on a processor of its own [default: one a processor]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(super) jobs: Option<u16>,
    /// Write a report as JSON; all of it or nothing
    #[arg(long, value_name = "FILE")]
    pub(super) json: Option<PathBuf>,
    /// The folder of failing random programs: those in it are run first, new ones are added
    #[arg(long, value_name = "DIR", default_value = FOLDER)]
    pub(super) out: PathBuf,
    #[command(flatten)]
    pub(super) on: On,
}

#[derive(Args, Debug)]
#[command(after_long_help = EXIT)]
pub(super) struct ProbeArgs {
    /// Run all scenarios by the rules of posix2024 as well, and list what this system does where the
    /// standard leaves it open
    #[arg(long)]
    pub(super) choices: bool,
    /// Write what was found as JSON; all of it or nothing
    #[arg(long, value_name = "FILE")]
    pub(super) json: Option<PathBuf>,
}

/// On what, and by which rules.
#[derive(Args, Debug)]
pub(super) struct On {
    /// By whose rules: posix2024 or linux
    #[arg(long, default_value = LINUX.name, value_parser = profile)]
    pub(super) profile: &'static Profile,
    /// What runs the programs: real, this machine; sim, the model itself under a random scheduler;
    /// or sim:FAULT, the same with a fault planted in it, of which `list faults` has the names
    #[arg(long, value_name = "SYSTEM", default_value = "real", value_parser = system)]
    pub(super) system: Kind,
    /// How long one program may take; stretched where `probe` finds the system to be slow
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(super) deadline: u64,
    /// Plant a bug in the agents, to see it found; `list faults` has their names
    #[arg(long, value_name = "NAME", value_parser = fault)]
    pub(super) fault: Option<AgentFault>,
    /// Take silence for sleep, as on systems that do not tell who sleeps
    #[arg(long)]
    pub(super) no_proof: bool,
}

/// What runs the programs.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// This machine.
    Real,
    /// The model, run forward under a random scheduler, with a fault perhaps.
    Sim(Option<&'static Fault>),
}

#[derive(Args, Debug)]
pub(super) struct ListArgs {
    /// Of what
    #[arg(value_enum)]
    pub(super) what: What,
    /// Of the systematic faults every name, and not only how many of each kind
    #[arg(long)]
    pub(super) all: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum What {
    /// The programs that ship with the suite
    Scenarios,
    /// The rules of the specification
    Clauses,
    /// The calls that programs can make
    Operations,
    /// The bugs that can be planted
    Faults,
    /// The small worlds that can be explored
    Scopes,
    /// The tiny programs, and tests of the memory, that `litmus` runs
    Litmus,
}

#[derive(Args, Debug)]
#[command(after_long_help = EXIT)]
pub(super) struct ReplayArgs {
    /// A file with a program, a scenario's name, or a random program: `random:SEED:NUMBER`
    pub(super) program: String,
    /// How often
    #[arg(long, value_name = "N", default_value_t = 1)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) times: u64,
    /// The seed of the simulated system, decimal or 0x…
    #[arg(long, value_name = "S", value_parser = seed, default_value = "0")]
    pub(super) seed: u64,
    #[command(flatten)]
    pub(super) on: On,
}

#[derive(Args, Debug)]
#[command(after_long_help = EXIT)]
pub(super) struct CheckArgs {
    /// Files with histories
    #[arg(required = true, value_name = "HISTORY")]
    pub(super) histories: Vec<PathBuf>,
    /// Judge nothing: print the history as plain text, for other checkers
    #[arg(long)]
    pub(super) text: bool,
    /// By whose rules: posix2024 or linux
    #[arg(long, default_value = LINUX.name, value_parser = profile)]
    pub(super) profile: &'static Profile,
}

#[derive(Args, Debug)]
pub(super) struct RecordArgs {
    /// A file with a program, a scenario's name, or a random program: `random:SEED:NUMBER`
    pub(super) program: String,
    /// Where the history goes; all of it or nothing
    #[arg(long, short, value_name = "HISTORY")]
    pub(super) output: PathBuf,
    /// The seed of the simulated system, decimal or 0x…
    #[arg(long, value_name = "S", value_parser = seed, default_value = "0")]
    pub(super) seed: u64,
    #[command(flatten)]
    pub(super) on: On,
}

#[derive(Args, Debug)]
#[command(after_long_help = EXIT)]
pub(super) struct StressArgs {
    /// Processes, at most 32; half of them write and half of them read
    #[arg(long, value_name = "N", default_value_t = 12)]
    pub(super) processes: u8,
    /// Calls of each that move bytes
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub(super) calls: u16,
    /// Pipes, dealt to the processes in turn
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(super) pipes: u8,
    /// Programs, each another one
    #[arg(long, value_name = "N", default_value_t = 1)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) times: u64,
    /// The seed, decimal or 0x… [default: a fresh one, which is printed]
    #[arg(long, value_name = "S", value_parser = seed)]
    pub(super) seed: Option<u64>,
    /// Write every history that does not conform into this folder, for `check`
    #[arg(long, value_name = "DIR")]
    pub(super) keep: Option<PathBuf>,
    #[command(flatten)]
    pub(super) on: On,
}

#[derive(Args, Debug)]
pub(super) struct ExplainArgs {
    /// The clause's id: `list clauses` has them
    pub(super) clause: String,
}

#[derive(Args, Debug)]
#[command(after_long_help = EXIT)]
pub(super) struct ExploreArgs {
    /// Which worlds: `list scopes` has them, and so has this without any
    #[arg(value_name = "SCOPE")]
    pub(super) scopes: Vec<String>,
    /// States after which a search is cut off
    #[arg(long, value_name = "N", default_value_t = 50_000_000)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1_000_000_000))]
    pub(super) most: u32,
    /// Walk through one world a step at a time, by words from standard input: the number of a step,
    /// u for back, r for the start, p for the path, q to end
    #[arg(long, conflicts_with = "most")]
    pub(super) walk: bool,
}

#[derive(Args, Debug)]
#[command(after_long_help = EXIT)]
pub(super) struct LitmusArgs {
    /// Only programs and tests of the memory whose name has this in it, the one test of the memory
    /// whose name this is, or the program in this file
    pub(super) filter: Option<String>,
    /// How often each is run [default: 1000000 for tests of the memory, 20000 of those that make
    /// calls, 1000 if it is simulated; for programs 10000; 500 where processes are made anew each time, 300 where somebody may have to be
    /// found asleep]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) iterations: Option<u64>,
    /// The seed of the timing, decimal or 0x… [default: a fresh one, which is printed]
    #[arg(long, value_name = "S", value_parser = seed)]
    pub(super) seed: Option<u64>,
    /// Write a report as JSON; all of it or nothing
    #[arg(long, value_name = "FILE")]
    pub(super) json: Option<PathBuf>,
    /// Only tests of the memory
    #[arg(long)]
    pub(super) memory: bool,
    /// Ask a test of the memory no more often once it has ended as it asks for
    #[arg(long)]
    pub(super) until_seen: bool,
    /// Write what was seen of the memory as the book has it; all of it or nothing
    #[arg(long, value_name = "FILE")]
    pub(super) page: Option<PathBuf>,
    #[command(flatten)]
    pub(super) on: On,
}

#[derive(Args, Debug)]
#[command(after_long_help = EXIT)]
pub(super) struct TeethArgs {
    /// Only faults whose name has this in it; `*` stands for anything
    #[arg(long, value_name = "FILTER")]
    pub(super) faults: Option<String>,
    /// Random programs that are tried where no scenario shows the fault
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(super) random: u64,
    /// The seed of the random programs and of the scheduler, decimal or 0x…
    #[arg(long, value_name = "S", value_parser = seed, default_value = "0")]
    pub(super) seed: u64,
    /// Workers [default: one a processor]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(super) jobs: Option<u16>,
    /// Write the matrix as JSON; all of it or nothing
    #[arg(long, value_name = "FILE")]
    pub(super) json: Option<PathBuf>,
    /// Write the matrix and the grades as the book has them; all of it or nothing
    #[arg(long, value_name = "FILE")]
    pub(super) page: Option<PathBuf>,
    /// By whose rules: posix2024 or linux
    #[arg(long, default_value = LINUX.name, value_parser = profile)]
    pub(super) profile: &'static Profile,
}

#[derive(Args, Debug)]
#[command(after_long_help = EXIT)]
pub(super) struct PowerArgs {
    /// How often; each takes a second or two
    #[arg(long, value_name = "N", default_value_t = 20)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(super) cuts: u32,
    /// The seed of programs and moments, decimal or 0x… [default: a fresh one, which is printed]
    #[arg(long, value_name = "S", value_parser = seed)]
    pub(super) seed: Option<u64>,
    /// What the guest leaves out though it says that it was done, to see it found: fsync, fdatasync,
    /// msync, o-dsync or directory
    #[arg(long, value_name = "CALL", value_parser = skip)]
    pub(super) skip: Option<Skip>,
}

fn skip(word: &str) -> Result<Skip, String> {
    Skip::parse(word).ok_or_else(|| {
        let words: Vec<&str> = Skip::ALL.iter().map(|(word, _)| *word).collect();
        format!("there are {}", words.join(", "))
    })
}

fn profile(name: &str) -> Result<&'static Profile, String> {
    Profile::named(name).ok_or_else(|| {
        let names: Vec<&str> = PROFILES.iter().map(|profile| profile.name).collect();
        format!("there are {}", names.join(" and "))
    })
}

fn fault(name: &str) -> Result<AgentFault, String> {
    AgentFault::parse(name).ok_or_else(|| "`list faults` has their names".to_owned())
}

fn system(name: &str) -> Result<Kind, String> {
    match name.split_once(':') {
        None if name == "real" => Ok(Kind::Real),
        None if name == "sim" => Ok(Kind::Sim(None)),
        Some(("sim", name)) => match faults::fault(name) {
            Some(fault) => Ok(Kind::Sim(Some(fault))),
            None => Err(no_fault(name)),
        },
        _ => Err("there are real, sim and sim:FAULT".to_owned()),
    }
}

fn no_fault(name: &str) -> String {
    let waits = faults::deviations().find(|deviation| deviation.name == name);
    match waits.map(|deviation| &deviation.planting) {
        Some(Planting::Waits(what)) => format!("it waits for {what}"),
        _ => match nearest(name, FAULTS.iter().map(|fault| fault.name.as_str())) {
            Some(near) => format!("did you mean sim:{near}?"),
            None => "`list faults --all` has the names".to_owned(),
        },
    }
}

fn seed(text: &str) -> Result<u64, String> {
    crate::seed::read(text).ok_or_else(|| "a number of 64 bits, decimal or 0x…".to_owned())
}

fn duration(text: &str) -> Result<Duration, String> {
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let factor = match unit {
        "" | "s" => Some(1),
        "m" => Some(60),
        "h" => Some(3600),
        _ => None,
    };
    let seconds =
        number.parse::<u64>().ok().zip(factor).and_then(|(n, factor)| n.checked_mul(factor));
    let in_range = seconds.filter(|seconds| (1..=100 * 86_400).contains(seconds));
    in_range.map(Duration::from_secs).ok_or_else(|| "a time such as 90s, 5m or 1h".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_arguments_do_not_contradict_each_other() {
        Cli::command().debug_assert();
        assert!(matches!(Verb::default(), Verb::Run(_)));
    }

    #[test]
    fn seeds_and_times_are_read_as_they_are_written() {
        assert_eq!(seed("17"), Ok(17));
        assert_eq!(seed("0xff"), Ok(255));
        assert!(seed("-1").is_err() && seed("0x").is_err() && seed("ff").is_err());
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("2m"), Ok(Duration::from_secs(120)));
        assert_eq!(duration("7"), Ok(Duration::from_secs(7)));
        for bad in ["", "s", "0s", "5d", "99999999999999999999s", "9999999h", "-1s"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }
}
