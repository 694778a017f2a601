//! What programs mount: in a namespace that the agents have to themselves, so that nobody else sees it,
//! and which goes with the last process in it. Mounts on directories that are removed by somebody who
//! does not see them are gone with the directory.

use std::ffi::{CString, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;

use ipc_model::name::{MOUNT, REMOUNT, UNSHARE};
use nix::libc;

use crate::program::Program;
use crate::sync::{AtomicU32, Ordering};

/// What there is not where no namespace can be had: `unshare(CLONE_NEWNS)` takes `CAP_SYS_ADMIN`.
pub const NO_MOUNTS: &str = "a mount namespace for ourselves";

/// Whether a program mounts anything.
pub(super) fn are_made_by(program: &Program) -> bool {
    let mounts = [&MOUNT, &REMOUNT, &UNSHARE];
    program.lines.iter().any(|line| mounts.contains(&line.operation))
}

/// Whether the agents have such a namespace; zero is no.
#[repr(C)]
pub struct Mounts {
    ours: AtomicU32,
}

impl Mounts {
    /// This process and its children have a namespace to themselves from now on, if that can be, out of
    /// which nothing gets.
    pub fn take_namespace(&self) {
        // SAFETY: takes a number and no memory.
        let apart = unsafe { libc::unshare(libc::CLONE_NEWNS) } == 0;
        let how = libc::MS_REC | libc::MS_PRIVATE;
        let (none, nothing) = (std::ptr::null(), std::ptr::null());
        // SAFETY: the path ends with a zero byte and is only read; null is allowed for the others.
        let done = apart && unsafe { libc::mount(none, c"/".as_ptr(), none, how, nothing) } == 0;
        self.ours.store(u32::from(done), Ordering::Release);
    }

    /// Whether there is such a namespace.
    pub fn are_ours(&self) -> bool {
        self.ours.load(Ordering::Acquire) != 0
    }
}

/// Unmounts whatever this process sees mounted below a directory of programs.
pub(super) fn clear(scratch: &Path) {
    let Ok(told) = std::fs::read_to_string("/proc/self/mountinfo") else { return };
    let points = told.lines().filter_map(|line| line.split(' ').nth(4)).map(plain);
    let below = |point: &OsString| {
        let point = Path::new(point);
        point != scratch && point.starts_with(scratch)
    };
    // Those that were mounted last first.
    for point in points.filter(below).collect::<Vec<_>>().into_iter().rev() {
        let Ok(point) = CString::new(point.as_bytes()) else { continue };
        // SAFETY: the path ends with a zero byte and is only read.
        unsafe { libc::umount2(point.as_ptr(), libc::MNT_DETACH | libc::UMOUNT_NOFOLLOW) };
    }
}

/// A path as it is, of one in which some bytes are told in octal (`proc_pid_mountinfo(5)`).
fn plain(told: &str) -> OsString {
    let (mut bytes, mut rest) = (Vec::new(), told.as_bytes());
    while let Some((first, others)) = rest.split_first() {
        let digits = others.get(..3).filter(|_| *first == b'\\');
        let octal = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        match octal.and_then(|octal| u8::from_str_radix(octal, 8).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &others[3..];
            }
            None => {
                bytes.push(*first);
                rest = others;
            }
        }
    }
    OsString::from_vec(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_told_with_some_bytes_in_octal() {
        assert_eq!(plain("/a\\040b\\134c"), OsString::from("/a b\\c"));
        assert_eq!(plain("/plain"), OsString::from("/plain"));
    }
}
