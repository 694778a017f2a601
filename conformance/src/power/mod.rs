//! Power cuts, for real: a guest with its own kernel changes files on its own disk, is turned off at a
//! random moment, and is started again; what it finds then is judged by [`ipc_model::power`].
//!
//! Each start does two things: it tells what the last cut left, and goes on from there.

mod guest;
mod machine;
mod program;
#[cfg(test)]
mod simulated;
mod words;

use std::collections::BTreeMap;
use std::ffi::CStr;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use ipc_model::power::{Broken, Call, Medium, PROMISES, Seen};
use ipc_model::print;

use machine::{Disk, Machine};
use words::Said;

use crate::seed::Seeded;
use crate::stage::Pick;

/// How long a guest may take to come up, or for one step.
const PATIENCE: Duration = Duration::from_secs(60);
/// The power goes at most so long after the step behind which it is to go, in microseconds.
const LATE: u64 = 3000;

/// What a guest leaves out, though it says that it was done: to see it found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Skip {
    /// `fsync` of a file.
    Fsync,
    /// `fdatasync`.
    Fdatasync,
    /// `msync`.
    Msync,
    /// `O_DSYNC`.
    Dsync,
    /// `fsync` of the directory.
    Directory,
}

impl Skip {
    /// Each, by the word for it.
    pub const ALL: [(&str, Skip); 5] = [
        ("fsync", Skip::Fsync),
        ("fdatasync", Skip::Fdatasync),
        ("msync", Skip::Msync),
        ("o-dsync", Skip::Dsync),
        ("directory", Skip::Directory),
    ];

    /// By its word.
    pub fn parse(word: &str) -> Option<Skip> {
        Skip::ALL.into_iter().find(|(known, _)| *known == word).map(|(_, skip)| skip)
    }

    fn word(self) -> &'static str {
        Skip::ALL.into_iter().find(|(_, skip)| *skip == self).map_or("", |(word, _)| word)
    }
}

/// What is to be done.
pub struct Options<'a> {
    /// How often the power is cut.
    pub cuts: u32,
    /// Of the programs and the moments.
    pub seed: u64,
    /// What the guest leaves out.
    pub skip: Option<Skip>,
    /// Set when it is to end early.
    pub stop: &'a AtomicBool,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Report {
    /// Cuts whose outcome was judged.
    pub cuts: u32,
    /// Steps that had returned.
    pub returned: u64,
    /// Steps of which it is not known whether they had begun.
    pub unknown: u64,
    /// For each promise, by its place in [`PROMISES`], how often it was what something was judged by.
    pub used: BTreeMap<usize, u64>,
    /// What was broken, with the cut's number, and the steps that had led there.
    pub broken: Option<(u32, Broken, Vec<String>)>,
    /// It was ended from outside.
    pub interrupted: bool,
}

/// What the executable does whose words are these, if it is a guest's first process: it is on until
/// the power goes.
pub fn hidden(args: &[&CStr]) {
    let [_, word, words @ ..] = args else { return };
    if *word == machine::GUEST {
        let words: Vec<String> =
            words.iter().map(|word| word.to_string_lossy().into_owned()).collect();
        // The kernel adds a word of its own.
        if let [skip, first, program, ..] = &words[..] {
            guest::guest(skip, first.parse().unwrap_or(1), program);
        }
    }
}

/// Cuts the power again and again. `exe` is an executable that has [`hidden`] in its `main`.
///
/// # Errors
/// Why it cannot be done here, or what went wrong on the way: nothing is known then.
pub fn run(exe: &Path, options: &Options<'_>) -> Result<Report, String> {
    machine::adopt()?;
    let disk = Disk::new()?;
    let mut report = Report::default();
    let mut medium = Medium::default();
    let mut steps = Vec::new();
    let mut first = 1;
    for number in 0..=options.cuts {
        let mut pick = Seeded::new(options.seed, u64::from(number));
        let program = program::random(&mut pick);
        let skip = options.skip.map_or("-", Skip::word).to_owned();
        let words = [skip, first.to_string(), words::joined(&program)];
        let mut machine = Machine::start(&disk, exe, &words)?;
        let seen = found(&mut machine)?;
        match medium.judge(&seen) {
            Ok((left, used)) => {
                medium = left;
                report.note(number, &used);
            }
            Err(broken) => {
                report.broken = Some((number, broken, steps));
                return Ok(report);
            }
        }
        report.interrupted = options.stop.load(Ordering::Relaxed);
        if number == options.cuts || report.interrupted {
            machine.cut()?;
            break;
        }
        let returned = cut_somewhere(machine, &mut pick, &program, first)?;
        steps = follow(&mut medium, &program, first, &returned)?;
        report.returned += returned.len() as u64;
        report.unknown += (program.len() - returned.len()) as u64;
        first += program.len() as u32;
    }
    Ok(report)
}

impl Report {
    fn note(&mut self, cuts: u32, used: &[&'static ipc_model::power::Promise]) {
        self.cuts = cuts;
        if cuts > 0 {
            for promise in used {
                let place = PROMISES.iter().position(|known| known == promise);
                *self.used.entry(place.expect("it is one of them")).or_default() += 1;
            }
        }
    }
}

/// What the guest finds.
fn found(machine: &mut Machine) -> Result<Seen, String> {
    let deadline = Instant::now() + PATIENCE;
    let mut seen = Seen::default();
    loop {
        match machine.hear(deadline) {
            Ok(Said::Found(name, file)) => {
                seen.names.insert(name, file);
            }
            Ok(Said::Up) => return Ok(seen),
            Ok(other) => return Err(format!("the guest does not come up: {other:?}")),
            Err(_) => {
                let last: Vec<&str> =
                    machine.noise.iter().rev().take(5).rev().map(String::as_str).collect();
                return Err(format!(
                    "the guest does not come up; its kernel: {}",
                    last.join(" / ")
                ));
            }
        }
    }
}

/// What was heard of a step that had returned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Heard {
    /// It did what it does.
    Done,
    /// This errno.
    Refused(i32),
    /// Nothing: its line is lost among those of the guest's kernel, and one of a later step is not.
    Nothing,
}

/// Lets the guest go on, and cuts the power at a random moment; the steps that had returned, and what
/// was heard of each.
fn cut_somewhere(
    mut machine: Machine,
    pick: &mut dyn Pick,
    program: &[Call],
    first: u32,
) -> Result<Vec<Heard>, String> {
    let behind = pick.below(program.len() as u64 + 1) as usize;
    let late = Duration::from_micros(pick.below(LATE));
    let mut said = Vec::new();
    let is_behind = |said: &Said| match said {
        Said::Done(step, _) => *step >= first + behind as u32 - 1,
        _ => true,
    };
    while behind > 0 && !said.last().is_some_and(is_behind) {
        match machine.hear(Instant::now() + PATIENCE) {
            Ok(more) => said.push(more),
            Err(_) => return Err(format!("the guest does not go on behind {} steps", said.len())),
        }
    }
    let moment = Instant::now() + late;
    loop {
        match machine.hear(moment) {
            Ok(more) => said.push(more),
            Err(RecvTimeoutError::Timeout) => break,
            Err(RecvTimeoutError::Disconnected) => {
                return Err("the guest went by itself".to_owned());
            }
        }
    }
    said.extend(machine.cut()?);
    let mut returned = Vec::new();
    for said in said {
        match said {
            Said::Done(step, errno) if step >= first + returned.len() as u32 => {
                returned.resize((step - first) as usize, Heard::Nothing);
                returned.push(errno.map_or(Heard::Done, Heard::Refused));
            }
            Said::End => {}
            other => {
                return Err(format!("the guest says {other:?} behind {} steps", returned.len()));
            }
        }
    }
    if returned.len() > program.len() {
        return Err(format!("the guest has made {} steps of {}", returned.len(), program.len()));
    }
    Ok(returned)
}

/// Takes the medium through the program as far as it may have come; its steps, in words.
fn follow(
    medium: &mut Medium,
    program: &[Call],
    first: u32,
    returned: &[Heard],
) -> Result<Vec<String>, String> {
    let mut steps = Vec::new();
    for (place, (number, call)) in (first..).zip(program).enumerate() {
        let told = returned.get(place);
        let refused = medium.step(number, *call, told.is_some()).is_err();
        let word = match told {
            Some(Heard::Done) => "returned",
            Some(Heard::Refused(_)) => "refused",
            Some(Heard::Nothing) => "returned, by what came later",
            None => "may have been made",
        };
        steps.push(format!("{number:>6}  {call:<20}  {word}"));
        match told {
            Some(Heard::Done) if refused => {
                return Err(format!("step {number}, {call}, was not refused"));
            }
            Some(Heard::Refused(errno)) if !refused => {
                let errno = nix::errno::Errno::from_raw(*errno);
                return Err(format!("step {number}, {call}, was refused: {errno}"));
            }
            _ => {}
        }
    }
    Ok(steps)
}

/// The promises, in Markdown.
pub fn table() -> String {
    let mut text = String::from("| clause | says | source |\n|---|---|---|\n");
    for promise in PROMISES {
        let source = print::source(&promise.source);
        let _ = writeln!(
            text,
            "| <a id=\"{}\"></a>`{}` | {} | {source} |",
            promise.id, promise.id, promise.text
        );
    }
    text
}
