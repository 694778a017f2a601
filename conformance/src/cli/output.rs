//! Where results go: standard output, and files that are written whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::Failure;

/// Prints text. A full disk behind standard output is an error, and no panic.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    written.map_err(|error| Failure::usage(format!("cannot write to standard output: {error}")))
}

/// A file that nobody sees before it is complete.
pub(super) struct Whole {
    target: PathBuf,
    way: Way,
}

/// How a file comes to be.
enum Way {
    /// A device or a pipe is written straight into.
    Straight(File),
    /// Written under this name beside the target, and then renamed.
    Beside(PathBuf),
}

impl Whole {
    /// Makes sure that `target` can be written, without touching it. Nothing is left beside it: whoever
    /// is ended on the way to [`Whole::finish`] could not clean up.
    pub(super) fn create(target: &Path) -> Result<Whole, Failure> {
        let failed = |error: io::Error| cannot(target, &error);
        // Through links, so that it is the file that is replaced, and not the link.
        let target = fs::canonicalize(target).unwrap_or_else(|_| target.to_owned());
        match fs::metadata(&target) {
            Ok(known) if known.is_dir() => {
                return Err(failed(io::Error::from(io::ErrorKind::IsADirectory)));
            }
            Ok(known) if !known.is_file() => {
                let file = OpenOptions::new().write(true).open(&target).map_err(failed)?;
                return Ok(Whole { target, way: Way::Straight(file) });
            }
            _ => {}
        }
        let Some(name) = target.file_name() else {
            return Err(failed(io::Error::from(io::ErrorKind::InvalidFilename)));
        };
        let mut name = name.to_owned();
        name.push(format!(".{}.tmp", std::process::id()));
        let beside = target.with_file_name(name);
        File::create_new(&beside).and_then(|_| fs::remove_file(&beside)).map_err(failed)?;
        Ok(Whole { target, way: Way::Beside(beside) })
    }

    /// Writes all of it and puts it in its place.
    pub(super) fn finish(self, bytes: &[u8]) -> Result<(), Failure> {
        let written = match self.way {
            Way::Straight(mut file) => file.write_all(bytes),
            Way::Beside(beside) => replace(&self.target, &beside, bytes),
        };
        written.map_err(|error| cannot(&self.target, &error))
    }
}

/// Puts a new file in the place of `target`; what could not be written whole is not left beside it.
fn replace(target: &Path, beside: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create_new(beside)?;
    let placed = file
        .write_all(bytes)
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(beside, target));
    if placed.is_err() {
        let _ = fs::remove_file(beside);
    }
    placed
}

fn cannot(target: &Path, error: &io::Error) -> Failure {
    Failure::usage(format!("cannot write {}: {error}", target.display()))
}
