//! The names of shared memory that programs have to themselves: each begins with the name of the
//! programs' own directory, by which they are found again and removed with it.

use std::ffi::{CStr, CString};
use std::fs;
use std::io;
use std::mem::MaybeUninit;
use std::path::Path;

use ipc_model::memory::SHM_OPEN;
use nix::libc;

use crate::program::Program;
use crate::system::SystemError;

/// Where they are files (Linux `shm_overview(7)`).
const PLACE: &str = "/dev/shm";

/// What the real names begin with, in a process whose working directory is the programs' own.
pub(super) fn prefix() -> String {
    let here = std::env::current_dir().unwrap_or_default();
    here.file_name().map_or_else(String::new, |name| format!("{}.", name.to_string_lossy()))
}

/// The real name of what a program calls so; one without a word behind the slash stays as it is.
pub(super) fn real(prefix: &str, name: &CStr) -> CString {
    let bytes = name.to_bytes();
    match bytes.split_first() {
        Some((b'/', word)) if !word.is_empty() => {
            CString::new([b"/", prefix.as_bytes(), word].concat()).unwrap_or_default()
        }
        _ => name.to_owned(),
    }
}

/// Bytes that are free at least, and names, or there is no room for programs.
const BYTES: u64 = 1 << 20;
const NAMES: u64 = 16;

/// Whether there is room for what a program makes there, if it makes anything: full memory says
/// nothing of the system's rules, and no rule here speaks of it.
pub(super) fn has_room_for(program: &Program) -> Result<(), SystemError> {
    if !program.lines.iter().any(|line| *line.operation == SHM_OPEN) {
        return Ok(());
    }
    let mut told = MaybeUninit::<libc::statvfs>::uninit();
    // SAFETY: a path that ends in a zero byte, and a place for one whole answer.
    if unsafe { libc::statvfs(c"/dev/shm".as_ptr(), told.as_mut_ptr()) } != 0 {
        return Ok(());
    }
    // SAFETY: the call has succeeded, and so filled it.
    let told = unsafe { told.assume_init() };
    let bytes = told.f_bavail * told.f_frsize;
    // Without a limit none are counted.
    let names = if told.f_files == 0 { NAMES } else { told.f_favail };
    if bytes >= BYTES && names >= NAMES {
        return Ok(());
    }
    let cause = format!(
        "{PLACE} is full: {bytes} bytes and {names} names are free; remove something there, or \
         mount a larger one"
    );
    Err(SystemError { doing: "running a program with names of shared memory".to_owned(), cause })
}

/// Removes every name of the programs whose own directory that is.
pub(super) fn clear(directory: &Path) -> io::Result<()> {
    for name in left(directory)? {
        let path = Path::new(PLACE).join(name);
        fs::remove_file(&path).map_err(|error| {
            io::Error::new(error.kind(), format!("{}: {error}", path.display()))
        })?;
    }
    Ok(())
}

/// The names that are there of the programs whose own directory that is.
pub fn left(directory: &Path) -> io::Result<Vec<String>> {
    let Some(own) = directory.file_name() else { return Ok(Vec::new()) };
    let prefix = format!("{}.", own.to_string_lossy());
    let entries = match fs::read_dir(PLACE) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut names = Vec::new();
    for entry in entries {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.starts_with(&prefix) {
            names.push(name);
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_like_the_directory_is_removed_and_nothing_else() {
        let own = format!("shared-{}", std::process::id());
        let others = Path::new(PLACE).join(format!("{own}0.x"));
        fs::write(&others, "").expect("there is room in shared memory");
        fs::write(Path::new(PLACE).join(format!("{own}.x")), "").expect("as above");
        let directory = Path::new("/nowhere").join(&own);
        assert_eq!(left(&directory).unwrap(), [format!("{own}.x")]);
        clear(&directory).unwrap();
        let there = (left(&directory).unwrap().len(), others.exists());
        fs::remove_file(&others).unwrap();
        assert_eq!(there, (0, true));
    }

    #[test]
    fn a_slash_alone_names_nothing() {
        assert_eq!(real("a.", c"/x").as_c_str(), c"/a.x");
        assert_eq!(real("a.", c"/").as_c_str(), c"/");
    }
}
