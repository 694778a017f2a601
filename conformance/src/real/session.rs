//! The session of a fleet: whoever a zygote has made, and whoever these have made.
//!
//! A process leaves its session by `setsid` alone, which programs cannot call; its process group it leaves
//! as it likes. So who is to be ended is found by its session, in `/proc`.

use std::time::Instant;

use super::life::{Life, runs_in};

/// Ends everybody in that session but the caller, and waits until they have ended; false if some have not
/// by the deadline. What a process makes that is being ended is ended too.
pub fn end(session: i32, deadline: Instant) -> bool {
    loop {
        let left = members(session);
        if left.is_empty() {
            return true;
        }
        left.iter().for_each(Life::kill);
        if !left.iter().all(|life| life.wait(deadline)) {
            return false;
        }
    }
}

/// Who is in that session and has not ended, the caller aside.
fn members(session: i32) -> Vec<Life> {
    let own = std::process::id() as i32;
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let there = numbers.filter(|pid| *pid != own && runs_in(*pid, session));
    // The number may have been given to another since: who is held now is looked at once more.
    there.map(Life::of).filter(|life| runs_in(life.pid, session)).collect()
}
