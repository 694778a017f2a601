//! The verb `run`: programs that failed before, scenarios, random programs; then what it all comes to.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant, SystemTime};
use std::{fs, thread};

use indicatif::{ProgressBar, ProgressStyle};
use ipc_model::profile::Profile;
use ipc_model::spec::Spec;

use super::check::code;
use super::{
    CONFORMS, DEVIATES, Failure, INCOMPLETE, INTERRUPTED, NOTHING, STOP, SystemArguments,
    unwritable, watch_for_interrupts,
};
use crate::campaign::{Means, Plan, Tally, smallest};
use crate::generator::Shape;
use crate::program::Program;
use crate::render;
use crate::report::{DeviationReport, RandomReport, Report, SCHEMA, ScenarioReport, Whole};
use crate::scenario;
use crate::system::System;
use crate::trial::{Status, Trial, attempt};

#[derive(clap::Args, Debug)]
pub(super) struct RunArguments {
    /// Only scenarios whose name has this in it, or that cover a clause that has; no random programs
    /// then, unless asked for
    filter: Option<String>,
    /// How many random programs to run [default: 2000, or 0 with a filter]
    #[arg(long, value_name = "N")]
    random: Option<u64>,
    /// The seed of the random programs [default: a fresh one, printed]
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
    /// The first random program's number
    #[arg(long, value_name = "N", default_value_t = 0)]
    from: u64,
    /// Workers, each on a processor of its own [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=256))]
    jobs: Option<u64>,
    /// Write a report as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Where programs that fail are kept, and replayed first by later runs
    #[arg(long, value_name = "DIR", default_value = "target/ipc-conformance")]
    out: PathBuf,
    #[command(flatten)]
    system: SystemArguments,
}

impl Default for RunArguments {
    fn default() -> RunArguments {
        #[derive(clap::Parser)]
        struct Alone {
            #[command(flatten)]
            run: RunArguments,
        }
        let alone: Alone = clap::Parser::parse_from(["run"]);
        alone.run
    }
}

const RANDOM: u64 = 2_000;
/// How often something is said where there is no terminal.
const WORD: Duration = Duration::from_secs(5);

/// Everything that was found out.
struct Findings {
    system: String,
    profile: &'static Profile,
    statuses: BTreeMap<String, Status>,
    used: BTreeMap<&'static str, u64>,
    deviations: Vec<(String, Program, Trial)>,
    tally: Tally,
    seed: u64,
}

pub(super) fn run(arguments: &RunArguments) -> Result<i32, Failure> {
    let chosen = selected(arguments)?;
    let random = arguments.random.unwrap_or(if arguments.filter.is_some() { 0 } else { RANDOM });
    if chosen.is_empty() && random == 0 {
        eprintln!("nothing is selected: `list scenarios` lists what there is");
        return Ok(NOTHING);
    }
    let json = match &arguments.json {
        Some(path) => Some((path, Whole::begin(path).map_err(|error| unwritable(path, &error))?)),
        None => None,
    };
    watch_for_interrupts();
    let seed = arguments.seed.unwrap_or_else(fresh_seed);
    let mut system = arguments.system.start(0)?;
    let mut findings = Findings {
        system: system.name(),
        profile: arguments.system.profile,
        statuses: BTreeMap::new(),
        used: BTreeMap::new(),
        deviations: Vec::new(),
        tally: Tally::default(),
        seed,
    };
    println!("system {}, profile {}, seed {seed}", findings.system, findings.profile.name);
    for (name, program) in chosen {
        if STOP.load(Ordering::Relaxed) {
            break;
        }
        findings.scenario(system.as_mut(), name, program);
    }
    drop(system);
    if random > 0 && !STOP.load(Ordering::Relaxed) {
        findings.tally = campaign(arguments, seed, random)?;
    }
    findings.finish(arguments)?;
    if let Some((path, file)) = json {
        let text = serde_json::to_string_pretty(&findings.report(random))
            .map_err(|error| Failure::usage(error.to_string()))?;
        file.finish(text.as_bytes()).map_err(|error| unwritable(path, &error))?;
    }
    print!("{}", findings.summary());
    Ok(findings.code(random))
}

/// What failed before, and then the scenarios that the filter lets through.
fn selected(arguments: &RunArguments) -> Result<Vec<(String, Program)>, Failure> {
    let mut chosen = Vec::new();
    for path in kept(&arguments.out) {
        if arguments.filter.is_none() {
            chosen.push((path.display().to_string(), super::program(&path)?));
        }
    }
    for scenario in scenario::all() {
        let program = scenario.program().map_err(|error| Failure::usage(error.to_string()))?;
        let wanted = arguments.filter.as_ref().is_none_or(|word| {
            let covers =
                program.covers.iter().any(|mention| mention.clause.contains(word.as_str()));
            scenario.name.contains(word.as_str()) || covers
        });
        if wanted {
            chosen.push((scenario.name.to_owned(), program));
        }
    }
    Ok(chosen)
}

/// The programs that failed in earlier runs.
fn kept(out: &Path) -> Vec<PathBuf> {
    let Ok(folder) = fs::read_dir(out.join("regressions")) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = folder.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "ipc"));
    paths.sort();
    paths
}

fn fresh_seed() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let mut hasher = DefaultHasher::new();
    (now.as_nanos(), std::process::id()).hash(&mut hasher);
    hasher.finish() >> 16
}

fn campaign(arguments: &RunArguments, seed: u64, count: u64) -> Result<Tally, Failure> {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let plan = Plan {
        profile: arguments.system.profile,
        shape: Shape::default(),
        seed,
        from: arguments.from,
        count,
        jobs: arguments.jobs.map_or(processors, |jobs| jobs as usize),
    };
    let bar = std::io::stderr().is_terminal().then(|| {
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} programs, {eta} left");
        let style = style.expect("the template is well formed");
        ProgressBar::new(count).with_style(style)
    });
    let said = Mutex::new(Instant::now());
    let progress = |done: u64| match &bar {
        Some(bar) => bar.set_position(done),
        None => {
            if let Ok(mut said) = said.try_lock()
                && said.elapsed() >= WORD
            {
                *said = Instant::now();
                eprintln!("{done} of {count} random programs");
            }
        }
    };
    let system = |worker: usize| arguments.system.start(worker);
    let tally = plan.run(&Means { system: &system, stop: &STOP, progress: &progress })?;
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    Ok(tally)
}

impl Findings {
    fn scenario(&mut self, system: &mut dyn System, name: String, program: Program) {
        let status = match attempt(system, &program, self.profile) {
            Err(error) => Status::Broken(error.to_string()),
            Ok(trial) => {
                let status = trial.status(&program, self.profile);
                if matches!(status, Status::Conforms | Status::Contradiction(_)) {
                    for (clause, times) in &trial.judgement.used {
                        *self.used.entry(clause).or_insert(0) += times;
                    }
                }
                if status == Status::Deviates {
                    self.deviations.push((name.clone(), program, trial));
                }
                status
            }
        };
        self.statuses.insert(name, status);
    }

    /// Makes the first random deviation small, keeps it, and shows every deviation.
    fn finish(&mut self, arguments: &RunArguments) -> Result<(), Failure> {
        for (clause, times) in &self.tally.used {
            *self.used.entry(clause).or_insert(0) += times;
        }
        let found = std::mem::take(&mut self.tally.deviations);
        for (index, found) in found.into_iter().enumerate() {
            let name = format!("seed {} program {}", self.seed, found.number);
            let (program, trial) = if index == 0 {
                let mut system = arguments.system.start(0)?;
                smallest(system.as_mut(), &found.program, &found.trial, self.profile)
            } else {
                (found.program, found.trial)
            };
            self.deviations.push((name, program, trial));
        }
        for (name, program, trial) in &self.deviations {
            println!("\n{}", render::card(trial, program));
            let seen = name.starts_with("seed ");
            let file =
                if seen { keep(&arguments.out, program, trial)? } else { PathBuf::from(name) };
            match seen {
                true => println!("  replay   ipc-conformance replay {}", file.display()),
                false => println!("  replay   ipc-conformance run {name}"),
            }
        }
        Ok(())
    }

    fn count(&self, word: &str) -> usize {
        self.statuses.values().filter(|status| status.word() == word).count()
    }

    /// The clauses of the profile that nothing exercised.
    fn unexercised(&self, spec: &Spec) -> Vec<&'static str> {
        let ids = spec.all().into_iter().map(|clause| clause.id);
        ids.filter(|id| !self.used.contains_key(id)).collect()
    }

    fn spec(&self) -> Spec {
        Spec::new(self.profile, ipc_model::profile::Numbers::EXAMPLE)
    }

    fn summary(&self) -> String {
        let mut text = String::from("\n");
        for (name, status) in &self.statuses {
            if *status != Status::Conforms {
                let detail = status.detail().unwrap_or_default();
                let _ = writeln!(text, "  {:<13} {name}  {detail}", status.word());
            }
        }
        for denial in self.profile.contradicts {
            let _ = writeln!(text, "  listed contradiction: {}: {}", denial.clause, denial.text);
        }
        let counted = ["conforms", "deviates", "not-exercised", "inconclusive", "unsupported"];
        let counted = counted.iter().chain(&["contradiction", "broken"]);
        let counts: Vec<String> =
            counted.map(|word| format!("{word} {}", self.count(word))).collect();
        let _ = writeln!(text, "scenarios  {}: {}", self.statuses.len(), counts.join(", "));
        let spec = self.spec();
        let (all, missing) = (spec.all().len(), self.unexercised(&spec));
        let _ = writeln!(text, "clauses    {all}: exercised {}", all - missing.len());
        for id in missing {
            let _ = writeln!(text, "           not exercised: {id}");
        }
        text += &self.random_summary();
        text.push_str("A skip, an unsupported or an inconclusive one is not a pass.\n");
        text
    }

    fn random_summary(&self) -> String {
        let tally = &self.tally;
        let programs = tally.programs() + self.random_deviations();
        if programs == 0 {
            return String::new();
        }
        let rate = programs as f64 / tally.time.as_secs_f64().max(1e-9);
        let mut text = format!(
            "random     {programs}: conforms {}, deviates {}, inconclusive {}, broken {}; {rate:.0} a second\n",
            tally.conforming,
            self.random_deviations(),
            tally.inconclusive.values().sum::<u64>(),
            tally.broken.values().sum::<u64>(),
        );
        let mix = tally.mix;
        let percent = |part: u64, whole: u64| part as f64 * 100.0 / (whole.max(1)) as f64;
        let _ = writeln!(
            text,
            "           a program: {:.1} processes, {:.1} calls; {:.0} % of calls slept, {:.0} % fork, dup or end;\n           {:.0} % of transfers moved bytes; {} rests not proven",
            mix.processes as f64 / programs as f64,
            mix.calls as f64 / programs as f64,
            percent(mix.slept, mix.calls),
            percent(mix.shared, mix.calls),
            percent(mix.moved, mix.transfers),
            mix.unproven,
        );
        for (reason, count) in tally.inconclusive.iter().chain(&tally.broken) {
            let _ = writeln!(text, "           {count} × {reason}");
        }
        text
    }

    fn random_deviations(&self) -> u64 {
        self.deviations.iter().filter(|(name, ..)| name.starts_with("seed ")).count() as u64
    }

    fn complete(&self, random: u64) -> bool {
        let programs = self.tally.programs() + self.random_deviations();
        !STOP.load(Ordering::Relaxed) && (programs >= random || self.random_deviations() > 0)
    }

    fn code(&self, random: u64) -> i32 {
        let worst = self.statuses.values().map(code);
        let codes: Vec<i32> = worst.collect();
        let undecided = self.tally.inconclusive.len() + self.tally.broken.len() > 0;
        if !self.deviations.is_empty() || codes.contains(&DEVIATES) {
            DEVIATES
        } else if STOP.load(Ordering::Relaxed) {
            INTERRUPTED
        } else if undecided || codes.contains(&INCOMPLETE) || !self.complete(random) {
            INCOMPLETE
        } else {
            CONFORMS
        }
    }

    fn report(&self, random: u64) -> Report {
        let spec = self.spec();
        let ids = spec.all().into_iter().map(|clause| clause.id);
        let status = |(name, status): (&String, &Status)| {
            (name.clone(), ScenarioReport { status: status.word(), detail: status.detail() })
        };
        let deviation = |(name, program, trial): &(String, Program, Trial)| {
            let deviation = trial.deviation().expect("it deviates");
            let mut lines = Vec::new();
            let _ = crate::record::write(&trial.history, &mut lines);
            DeviationReport {
                found_by: name.clone(),
                headline: render::headline(trial, program, deviation),
                clause: render::about(deviation).to_owned(),
                program: program.to_string(),
                history: String::from_utf8_lossy(&lines).lines().map(str::to_owned).collect(),
            }
        };
        Report {
            schema: SCHEMA,
            tool: env!("CARGO_PKG_VERSION"),
            system: self.system.clone(),
            profile: self.profile.name,
            seed: self.seed,
            complete: self.complete(random),
            scenarios: self.statuses.iter().map(status).collect(),
            random: RandomReport {
                programs: self.tally.programs() + self.random_deviations(),
                conforming: self.tally.conforming,
                inconclusive: self.tally.inconclusive.clone(),
                broken: self.tally.broken.clone(),
                calls: self.tally.mix.calls,
            },
            clauses: ids.map(|id| (id, self.used.get(id).copied().unwrap_or(0))).collect(),
            deviations: self.deviations.iter().map(deviation).collect(),
        }
    }
}

/// Keeps a program that deviates, named after the clause and its own text.
fn keep(out: &Path, program: &Program, trial: &Trial) -> Result<PathBuf, Failure> {
    let text = program.to_string();
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    let clause = trial.deviation().map_or("unknown", render::about);
    let folder = out.join("regressions");
    let path = folder.join(format!("{clause}-{:08x}.ipc", hasher.finish() >> 32));
    fs::create_dir_all(&folder)
        .and_then(|()| Whole::begin(&path)?.finish(text.as_bytes()))
        .map_err(|error| unwritable(&path, &error))?;
    Ok(path)
}
