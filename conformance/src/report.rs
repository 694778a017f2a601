//! The report of a run as one JSON object, and files that are never seen half-written.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

/// The name and version of the format; fields are only ever added.
pub const SCHEMA: &str = "ipc-conformance-report/1";

/// What a run showed.
#[derive(Serialize, Debug)]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// The version of this program.
    pub tool: &'static str,
    /// The system under test.
    pub system: String,
    /// What it was held to.
    pub profile: &'static str,
    /// The seed of the random programs.
    pub seed: u64,
    /// Whether everything that was asked for was run.
    pub complete: bool,
    /// The scenarios, by status: never is anything but `conforms` a pass.
    pub scenarios: BTreeMap<String, ScenarioReport>,
    /// The random programs.
    pub random: RandomReport,
    /// Clauses of the profile, with how often each was used by what conforms.
    pub clauses: BTreeMap<&'static str, u64>,
    /// What was refused.
    pub deviations: Vec<DeviationReport>,
}

/// A scenario's status.
#[derive(Serialize, Debug)]
pub struct ScenarioReport {
    /// One word, see the book.
    pub status: &'static str,
    /// What there is to say beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// The random programs, counted.
#[derive(Serialize, Default, Debug)]
pub struct RandomReport {
    /// Run at all.
    pub programs: u64,
    /// Of these, conforming.
    pub conforming: u64,
    /// Of these, not decided, by reason.
    pub inconclusive: BTreeMap<String, u64>,
    /// Of these, not run to the end by the harness's own fault, by reason.
    pub broken: BTreeMap<String, u64>,
    /// Calls that they made.
    pub calls: u64,
}

/// A deviation, with everything needed to show it again.
#[derive(Serialize, Debug)]
pub struct DeviationReport {
    /// The scenario, or `seed N program M`.
    pub found_by: String,
    /// One line.
    pub headline: String,
    /// The clause it is about.
    pub clause: String,
    /// The program's text.
    pub program: String,
    /// The history file's lines.
    pub history: Vec<String>,
}

/// A file that appears whole under its name, or not at all.
pub struct Whole {
    name: PathBuf,
    partial: PathBuf,
    file: File,
}

impl Whole {
    /// Begins the file, so that what forbids it is known before any work is done.
    pub fn begin(name: &Path) -> io::Result<Whole> {
        let mut partial = name.as_os_str().to_owned();
        partial.push(format!(".{}.partial", std::process::id()));
        let partial = PathBuf::from(partial);
        if name.is_dir() {
            return Err(io::Error::from(io::ErrorKind::IsADirectory));
        }
        let file = File::create(&partial)?;
        Ok(Whole { name: name.to_owned(), partial, file })
    }

    /// Puts the bytes in and gives the file its name.
    pub fn finish(mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.file.sync_all()?;
        fs::rename(&self.partial, &self.name)
    }
}

impl Drop for Whole {
    /// What was begun and not finished is not left behind.
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.partial);
    }
}
