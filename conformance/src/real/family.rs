//! Whoever a process has made, and whoever these have made: found by who is whose parent, in `/proc`.
//!
//! A process leaves its process group as it likes, and programs send signals to groups; who its parent is it
//! cannot choose. Zygote and anchor are subreapers: whoever loses its parent is theirs from then on, so
//! that they have no child once nobody is left.

use std::collections::BTreeMap;
use std::time::Instant;

use nix::libc;

use super::life::{Life, parent};

/// Ends all whom the calling process, a subreaper, has made, whoever made them, and collects them; false
/// if some have not ended by the deadline. What a process makes that is being ended is ended too.
pub fn end(deadline: Instant) -> bool {
    loop {
        let left = descendants(std::process::id() as i32);
        left.iter().for_each(Life::kill);
        left.iter().for_each(|life| {
            life.wait(deadline);
        });
        if !collect() {
            return true;
        }
        if Instant::now() > deadline {
            return false;
        }
        let _ = nix::sched::sched_yield();
    }
}

/// Collects children that have ended; whether there are others.
fn collect() -> bool {
    loop {
        // SAFETY: a null status is allowed.
        match unsafe { libc::waitpid(-1, std::ptr::null_mut(), libc::WNOHANG) } {
            0 => return true,
            -1 => return false,
            _ => {}
        }
    }
}

/// All processes that `/proc` tells of.
pub fn processes() -> impl Iterator<Item = i32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

fn descendants(of: i32) -> Vec<Life> {
    let parents: BTreeMap<i32, i32> =
        processes().filter_map(|pid| Some((pid, parent(pid)?))).collect();
    let up = |pid: &i32| parents.get(pid).copied();
    let descends =
        |pid: i32| std::iter::successors(up(&pid), up).take(parents.len()).any(|above| above == of);
    let below = parents.iter().filter(|(pid, _)| descends(**pid));
    // The number may have been given to another since: who is held now is looked at once more.
    let held = below.map(|(pid, above)| (Life::of(*pid), *above));
    held.filter(|(life, above)| parent(life.pid) == Some(*above)).map(|(life, _)| life).collect()
}
