//! The lane and the mutex that ship, in every interleaving and with a death at every step; and bugs,
//! one at a time, each of which a model must notice.
//!
//! Every model runs in a process of its own: where loom finds that all sleep, the process may abort.
//! `IPC_LOOM_CASE` names the model for such a process.

#![allow(dead_code, unreachable_pub)] // Shipped files, of which not all is called here.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::{Arc, Mutex};
use std::{env, process};

use libtest_mimic::{Arguments, Failed, Trial};

use crate::explore::explore_within;

#[path = "../../src/death.rs"]
mod death;
#[path = "../../src/explore.rs"]
mod explore;
#[path = "../../../impls/src/ring/flow.rs"]
mod flow;
#[path = "../../../impls/src/ring/gather.rs"]
mod gather;
#[path = "../../src/sync.rs"]
mod sync;
#[path = "../../../impls/src/mutex/word.rs"]
mod word;

/// One promise, in every interleaving.
pub struct Model {
    /// What it shows.
    pub name: &'static str,
    /// How often a thread may be preempted, and if `IPC_LOOM_FULL` is set.
    pub preemptions: [usize; 2],
    /// How many steps its mortal may have at most.
    pub steps: usize,
    /// Fewer executions than this, over all steps, are not believed.
    pub floor: usize,
    /// The model itself, whose mortal dies at that step.
    pub run: fn(usize),
}

/// The models of one file.
pub type Models = &'static [Model];

mod ring {
    pub(crate) use crate::flow;

    pub(crate) mod models;

    pub(crate) mod planted {
        use crate::Models;
        include!(concat!(env!("OUT_DIR"), "/ring.rs"));
    }
}

mod lanes {
    pub(crate) use crate::gather;

    pub(crate) mod models;

    pub(crate) mod planted {
        use crate::Models;
        include!(concat!(env!("OUT_DIR"), "/lanes.rs"));
    }
}

mod mutex {
    pub(crate) use crate::word;

    pub(crate) mod models;

    pub(crate) mod planted {
        use crate::Models;
        include!(concat!(env!("OUT_DIR"), "/mutex.rs"));
    }
}

/// What is run in a process of its own: the models as shipped or with a bug, or with a place weakened.
#[derive(Clone, Copy)]
struct Case<'a> {
    part: &'a str,
    bug: &'a str,
    model: usize,
}

/// A bug: its name, the number of the model that shall notice, and the models with it.
type Bug = (&'static str, usize, Models);

/// A shipped file: its name, its models, and the bugs that are planted in it.
const PARTS: &[(&str, Models, &[Bug])] = &[
    ("ring", ring::models::MODELS, ring::planted::BUGS),
    ("lanes", lanes::models::MODELS, lanes::planted::BUGS),
    ("mutex", mutex::models::MODELS, mutex::planted::BUGS),
];

fn main() -> ExitCode {
    if let Ok(case) = env::var("IPC_LOOM_CASE") {
        run_case(&case);
        return ExitCode::SUCCESS;
    }
    let mut arguments = Arguments::from_args();
    // Each trial has a process that keeps a processor busy.
    arguments.test_threads = arguments.test_threads.or(Some(2));
    let mut trials = Vec::new();
    for (part, models, bugs) in PARTS {
        for model in 0..models.len() {
            trials.push(Trial::test(format!("{part}: {}", models[model].name), move || {
                holds(Case { part, bug: "", model })
            }));
        }
        for (bug, model, _) in *bugs {
            trials.push(Trial::test(format!("{part}: caught: {bug}"), move || {
                is_caught(part, bug, &[*model])
            }));
        }
        // What gathers lanes names no ordering: those of the lane are asked of the ring.
        if *part != "lanes" {
            let name = format!("{part}: each ordering and waking is needed");
            trials.push(Trial::test(name, move || each_site_is_needed(part, models.len())));
        }
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// What a process said that ran a case.
struct Said {
    passed: bool,
    executions: usize,
    sites: BTreeSet<String>,
    text: String,
}

/// How many processes go through a model's deaths: within the larger bound that takes long.
fn shares(case: Case<'_>) -> usize {
    let several = models(case.part, case.bug)[case.model].steps > 1;
    if several && case.bug.is_empty() && env::var_os("IPC_LOOM_FULL").is_some() { 2 } else { 1 }
}

fn ask(case: Case<'_>) -> Result<Said, Failed> {
    let shares = shares(case);
    let begun: Vec<Child> =
        (0..shares).map(|share| begin(case, share, shares)).collect::<Result<_, _>>()?;
    let mut all = Said { passed: true, executions: 0, sites: BTreeSet::new(), text: String::new() };
    for child in begun {
        let said = heard(child)?;
        all.passed &= said.passed;
        all.executions += said.executions;
        all.sites.extend(said.sites);
        all.text += &said.text;
    }
    Ok(all)
}

/// A process that goes through one of so many shares of a model's deaths.
fn begin(case: Case<'_>, share: usize, shares: usize) -> std::io::Result<Child> {
    let Case { part, bug, model } = case;
    let mut command = Command::new(env::current_exe()?);
    command.env("IPC_LOOM_CASE", format!("{part}\n{bug}\n{model}\n{share}\n{shares}"));
    command.env("RUST_BACKTRACE", "0");
    // A bug is noticed within the usual bound; what is shipped must hold within the larger one.
    if !bug.is_empty() {
        command.env_remove("IPC_LOOM_FULL");
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()
}

fn heard(child: Child) -> Result<Said, Failed> {
    let output = child.wait_with_output()?;
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines = |name: &str| {
        let name = format!("{name} ");
        let lines = told.lines().filter_map(|line| line.strip_prefix(&name));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    Ok(Said {
        passed: output.status.success(),
        executions: lines("executions")
            .iter()
            .filter_map(|count| count.parse::<usize>().ok())
            .sum(),
        sites: lines("site").into_iter().filter(|site| site.contains("impls/src")).collect(),
        text: told + &String::from_utf8_lossy(&output.stderr),
    })
}

/// What is said of the shipped file is asked once.
fn shipped(part: &'static str, model: usize) -> Result<Arc<Said>, Failed> {
    type Once = Arc<Mutex<Option<Arc<Said>>>>;
    static SAID: Mutex<BTreeMap<(&str, usize), Once>> = Mutex::new(BTreeMap::new());
    let place =
        Arc::clone(SAID.lock().expect("nobody panics in here").entry((part, model)).or_default());
    let mut place = place.lock().expect("nobody panics in here");
    if let Some(said) = &*place {
        return Ok(Arc::clone(said));
    }
    let said = Arc::new(ask(Case { part, bug: "", model })?);
    Ok(Arc::clone(place.insert(said)))
}

fn holds(case: Case<'static>) -> Result<(), Failed> {
    let said = shipped(case.part, case.model)?;
    let Model { name, floor, .. } = &models(case.part, "")[case.model];
    println!("{}: {name}: {} executions", case.part, said.executions);
    if !said.passed {
        return Err(said.text.clone().into());
    }
    if said.executions < *floor {
        return Err(format!("only {} executions, expected {floor}", said.executions).into());
    }
    Ok(())
}

/// Loom's and the models' own words for what is wrong. Any other end of the process is none.
const REASONS: &[&str] =
    &["deadlock", "Causality violation", "Concurrent", "maximum number of branches", "models.rs:"];

/// Some model fails, and for a reason.
fn is_caught(part: &str, bug: &str, models: &[usize]) -> Result<(), Failed> {
    for &model in models {
        let said = ask(Case { part, bug, model })?;
        if said.passed {
            continue;
        }
        let reason = REASONS.iter().find(|reason| said.text.contains(**reason));
        return match reason {
            Some(reason) => {
                println!("{part}: {bug}: caught by model {model}: {reason}");
                Ok(())
            }
            None => Err(format!("model {model} ended otherwise: {}", said.text).into()),
        };
    }
    Err("no model notices".into())
}

fn each_site_is_needed(part: &'static str, models: usize) -> Result<(), Failed> {
    let mut sites: BTreeMap<String, Vec<(usize, usize)>> = BTreeMap::new();
    for model in 0..models {
        let said = shipped(part, model)?;
        for site in &said.sites {
            sites.entry(site.clone()).or_default().push((said.executions, model));
        }
    }
    println!("{part}: {} orderings, fences and wakings", sites.len());
    if sites.len() < 4 {
        return Err("the places were not found".into());
    }
    let mut unneeded = Vec::new();
    for (site, by) in &mut sites {
        // Those that are soon through come first.
        by.sort_unstable();
        let models: Vec<usize> = by.iter().map(|(_, model)| *model).collect();
        if is_caught(part, site, &models).is_err() {
            unneeded.push(site.as_str());
        }
    }
    if unneeded.is_empty() {
        Ok(())
    } else {
        Err(format!("weakened here, and nothing notices: {}", unneeded.join(", ")).into())
    }
}

fn models(part: &str, bug: &str) -> Models {
    let (_, shipped, bugs) = PARTS.iter().find(|(name, ..)| *name == part).expect("it is a part");
    bugs.iter().find(|(name, ..)| *name == bug).map_or(shipped, |(.., models)| models)
}

/// Runs one model, for a death at each step of a share, and tells what it came by.
fn run_case(case: &str) {
    let fields: Vec<&str> = case.split('\n').collect();
    let [part, bug, model, share, shares] = fields[..] else { process::exit(2) };
    let numbers = [model, share, shares].map(str::parse::<usize>);
    let [Ok(model), Ok(share), Ok(shares)] = numbers else { process::exit(2) };
    let &Model { steps, run, preemptions, .. } = &models(part, bug)[model];
    let explore = || {
        for step in (share..steps).step_by(shares) {
            println!("executions {}", explore_within(preemptions, move || run(step)));
            // Beyond its last step it dies no more.
            if death::deaths() == 0 {
                break;
            }
        }
    };
    let sites = if bug.contains(".rs:") {
        sync::weakened_at(bug, explore);
        BTreeSet::new()
    } else {
        sync::sites(explore)
    };
    for site in sites {
        println!("site {site}");
    }
}
