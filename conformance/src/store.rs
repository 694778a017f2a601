//! Failing programs as files: stored as text when they are found, and replayed first on every run.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::program::Program;
use crate::scenario;
use crate::text::TextError;

/// The folder that programs are stored in where nobody says otherwise.
pub const FOLDER: &str = "ipc-regressions";

/// A program that was stored.
#[derive(Clone, PartialEq, Debug)]
pub struct Stored {
    /// Where.
    pub path: PathBuf,
    /// What.
    pub program: Program,
}

/// Why stored programs cannot be had.
#[derive(Debug)]
pub enum StoreError {
    /// The system does not give them.
    Io(PathBuf, io::Error),
    /// One of them is no program.
    Text(TextError),
}

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            StoreError::Io(path, error) => write!(f, "cannot read {}: {error}", path.display()),
            StoreError::Text(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for StoreError {}

/// The programs that are stored in a folder, by name; none if there is no such folder.
pub fn load(folder: &Path) -> Result<Vec<Stored>, StoreError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |error| StoreError::Io(path, error)
    };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(folder)(error)),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(failed(folder))?.path();
        if path.extension().is_some_and(|extension| extension == "ipc") {
            paths.push(path);
        }
    }
    paths.sort();
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).map_err(failed(&path))?;
        let program =
            scenario::program(&path.to_string_lossy(), &text).map_err(StoreError::Text)?;
        Ok(Stored { path, program })
    };
    paths.into_iter().map(read).collect()
}

/// Stores a program that failed a clause, under a name that is its own, with a line of remark.
pub fn save(folder: &Path, clause: &str, program: &Program, remark: &str) -> io::Result<PathBuf> {
    let text = program.to_string();
    let path = folder.join(format!("{clause}-{:016x}.ipc", hash(&text)));
    fs::create_dir_all(folder)?;
    let beside = path.with_extension(format!("{}.tmp", std::process::id()));
    let written =
        fs::write(&beside, format!("# {remark}\n{text}")).and_then(|()| fs::rename(&beside, &path));
    match written {
        Ok(()) => Ok(path),
        Err(error) => {
            let _ = fs::remove_file(&beside);
            Err(error)
        }
    }
}

/// FNV-1a, 64 bits: the same on every machine, and in every version.
pub fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder that is gone when the test is over.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Folder {
            let name = format!("ipc-store-{name}-{}", std::process::id());
            Folder(std::env::temp_dir().join(name))
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn program() -> Program {
        scenario::program("test", "A: pipe -> r w\nA: close w\nA: read r 1\n").expect("a program")
    }

    #[test]
    fn what_is_stored_is_read_again() {
        let folder = Folder::new("round-trip");
        assert_eq!(load(&folder.0).expect("no folder is no error"), []);
        let path = save(&folder.0, "pipe.read.eof", &program(), "found by a test").expect("stored");
        let again = save(&folder.0, "pipe.read.eof", &program(), "found again").expect("stored");
        assert_eq!(path, again);
        let name = path.file_name().expect("it has a name").to_string_lossy();
        assert_eq!(name, "pipe.read.eof-96c8f0f416e42376.ipc");
        let stored = load(&folder.0).expect("it is there");
        assert_eq!(stored, [Stored { path, program: program() }]);
        assert_eq!(fs::read_dir(&folder.0).expect("it is there").count(), 1);
    }

    #[test]
    fn a_file_that_is_no_program_is_named() {
        let folder = Folder::new("malformed");
        fs::create_dir_all(&folder.0).expect("a folder");
        fs::write(folder.0.join("note.txt"), "not looked at").expect("written");
        fs::write(folder.0.join("bad.ipc"), "covers pipe.read.nonsense\n").expect("written");
        let error = load(&folder.0).expect_err("this is no program").to_string();
        assert!(error.contains("bad.ipc:1"), "{error}");
    }
}
