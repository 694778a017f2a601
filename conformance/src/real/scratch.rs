//! The directory that programs have to themselves: made before there is an agent, the working directory
//! of all of them, empty at the start of every program, and gone when its fleet is.
//!
//! Whoever sees the fleet's end removes it: the controller; else the zygote; else the anchor. If
//! none of them was left to do it, the next run does.

use std::ffi::{CString, OsStr};
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};

use nix::libc;

use super::life::because;
use super::{mounts, shared};
use crate::system::SystemError;

/// What the directories' names begin with; the process that made one and a number follow.
const PREFIX: &str = "ipc-conformance-";

/// A directory for programs.
#[derive(Debug)]
pub struct Scratch {
    path: PathBuf,
    /// It has been made, and is ours.
    made: bool,
}

impl Scratch {
    /// Chooses one where temporary files go (`TMPDIR`, else `/tmp`). It is made by whoever removes it
    /// should the controller be killed; if both are, the next run does.
    pub fn choose() -> Result<Scratch, SystemError> {
        static SWEPT: Once = Once::new();
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let parent = std::env::temp_dir();
        SWEPT.call_once(|| sweep(&parent));
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = parent.join(format!("{PREFIX}{}-{number}", std::process::id()));
        if path.symlink_metadata().is_ok() {
            let taken = io::Error::from_raw_os_error(libc::EEXIST);
            return Err(because(&unmade(&path), taken));
        }
        let scratch = Scratch { path, made: false };
        // Whoever had this process's number before may have left names, or somebody else uses them.
        let names = "removing what somebody has left in /dev/shm under the names of this process";
        shared::clear(scratch.path()).map_err(|error| because(names, error))?;
        Ok(scratch)
    }

    /// What the child of a process with more than one thread does before it calls `exec`: it makes the
    /// directory and enters it, by system calls alone.
    pub fn maker(&self) -> impl Fn() -> io::Result<()> + Send + Sync + 'static {
        let path = CString::new(self.path.as_os_str().as_bytes()).unwrap_or_default();
        move || {
            let done = |returned: i32| match returned {
                0 => Ok(()),
                _ => Err(io::Error::last_os_error()),
            };
            // SAFETY: the path ends in a zero byte, and is there for as long as this closure.
            done(unsafe { libc::mkdir(path.as_ptr(), 0o755) })?;
            // SAFETY: as above; the mask may have taken something.
            done(unsafe { libc::chmod(path.as_ptr(), 0o755) })?;
            // SAFETY: as above.
            done(unsafe { libc::chdir(path.as_ptr()) })
        }
    }

    /// Whoever makes it has been started.
    pub fn is_made(&mut self) {
        self.made = true;
    }

    /// What there is to be said where nobody could be started who makes it: that it cannot be made, if
    /// that is so. Nothing is left of it.
    pub fn blame(&self, doing: &str, error: io::Error) -> SystemError {
        if error.kind() == io::ErrorKind::AlreadyExists {
            return because(&unmade(&self.path), error);
        }
        // It may have been made before the start failed.
        let own = fs::remove_dir(&self.path).is_ok() || fs::create_dir(&self.path).is_ok();
        let _ = fs::remove_dir(&self.path);
        because(&if own { doing.to_owned() } else { unmade(&self.path) }, error)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Removes everything in it.
    pub fn clear(&self) -> io::Result<()> {
        empty(&self.path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if self.made {
            remove(&self.path);
        }
    }
}

fn unmade(path: &Path) -> String {
    format!("making the directory {} for programs (set TMPDIR)", path.display())
}

/// Removes a directory of programs and all that is in it, if it is one of ours.
pub fn remove(path: &Path) {
    let numbers = |rest: &str| {
        let number = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
        rest.split_once('-').is_some_and(|(maker, own)| number(maker) && number(own))
    };
    let ours =
        |name: &OsStr| name.to_str().and_then(|it| it.strip_prefix(PREFIX)).is_some_and(numbers);
    if path.file_name().is_some_and(ours) {
        mounts::clear(path);
        let _ = shared::clear(path);
        let _ = empty(path).and_then(|()| fs::remove_dir(path));
    }
}

/// Removes what is in a directory; directories that may not be entered are made so that they may.
fn empty(path: &Path) -> io::Result<()> {
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            fs::set_permissions(entry.path(), fs::Permissions::from_mode(0o700))?;
            empty(&entry.path())?;
            fs::remove_dir(entry.path())?;
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Removes what processes have left that are not there any more.
fn sweep(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let maker = name
            .to_str()
            .and_then(|name| name.strip_prefix(PREFIX)?.split('-').next()?.parse().ok());
        let gone = |pid: i32| {
            let asked = ipc_impls::process::kill(pid, 0);
            asked.is_err_and(|errno| errno.0 == libc::ESRCH)
        };
        if maker.is_some_and(gone) {
            remove(&entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made() -> Scratch {
        let mut scratch = Scratch::choose().expect("there is room for temporary files");
        scratch.is_made();
        fs::create_dir(scratch.path()).expect("there is room for temporary files");
        scratch
    }

    #[test]
    fn what_is_closed_is_removed_too() {
        let scratch = made();
        let inner = scratch.path().join("d");
        fs::create_dir(&inner).unwrap();
        fs::write(inner.join("f"), "x").unwrap();
        fs::set_permissions(&inner, fs::Permissions::from_mode(0o000)).unwrap();
        scratch.clear().unwrap();
        assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 0);
        let path = scratch.path().to_owned();
        drop(scratch);
        assert!(!path.exists());
    }

    #[test]
    fn only_what_the_dead_left_is_swept() {
        let scratch = made();
        let parent = std::env::temp_dir().join(format!("sweep-{}", std::process::id()));
        let (dead, live) =
            (parent.join(format!("{PREFIX}{}-0", i32::MAX)), parent.join("other-1-0"));
        for path in [&dead, &live] {
            fs::create_dir_all(path).unwrap();
        }
        sweep(&parent);
        let left = (dead.exists(), live.exists(), scratch.path().exists());
        fs::remove_dir_all(&parent).unwrap();
        assert_eq!(left, (false, true, true));
    }
}
