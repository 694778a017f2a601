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
    file: File,
    target: PathBuf,
    /// The file beside the target, to be renamed; none for a device or a pipe, which is written
    /// straight into.
    beside: Option<PathBuf>,
}

impl Whole {
    /// Makes sure that `target` can be written, without touching it.
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
                return Ok(Whole { file, target, beside: None });
            }
            _ => {}
        }
        let Some(name) = target.file_name() else {
            return Err(failed(io::Error::from(io::ErrorKind::InvalidFilename)));
        };
        let mut name = name.to_owned();
        name.push(format!(".{}.tmp", std::process::id()));
        let beside = target.with_file_name(name);
        let file = File::create_new(&beside).map_err(failed)?;
        Ok(Whole { file, target, beside: Some(beside) })
    }

    /// Writes all of it and puts it in its place.
    pub(super) fn finish(mut self, bytes: &[u8]) -> Result<(), Failure> {
        let failed = |error: io::Error| cannot(&self.target, &error);
        self.file.write_all(bytes).map_err(failed)?;
        if let Some(beside) = &self.beside {
            self.file.sync_all().map_err(failed)?;
            fs::rename(beside, &self.target).map_err(failed)?;
            self.beside = None;
        }
        Ok(())
    }
}

impl Drop for Whole {
    fn drop(&mut self) {
        if let Some(beside) = &self.beside {
            let _ = fs::remove_file(beside);
        }
    }
}

fn cannot(target: &Path, error: &io::Error) -> Failure {
    Failure::usage(format!("cannot write {}: {error}", target.display()))
}
