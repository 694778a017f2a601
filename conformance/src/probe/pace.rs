//! How fast this system is at what the harness does all the time: so that a slow one, an emulator or a
//! loaded machine, is given the time it needs.

use std::time::{Duration, Instant};

use ipc_impls::process::{exit, waitpid};
use nix::libc;

/// How long making, ending and collecting a process may take before time limits are stretched.
const USUAL: Duration = Duration::from_millis(2);
/// How often it is tried; the median counts.
const TIMES: usize = 9;
/// Time limits are stretched as many times, at most.
const MOST: u32 = 60;

/// What was measured.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pace {
    /// How long it takes to make, end and collect a process.
    pub process: Duration,
}

impl Pace {
    /// Measures it; `None` if there can be no process.
    pub fn measure() -> Option<Pace> {
        let mut each = [Duration::ZERO; TIMES];
        for took in &mut each {
            let began = Instant::now();
            // SAFETY: the child calls nothing but `_exit`.
            match unsafe { libc::fork() } {
                -1 => return None,
                0 => exit(0),
                child => drop(waitpid(child).ok()?),
            }
            *took = began.elapsed();
        }
        each.sort_unstable();
        Some(Pace { process: each[TIMES / 2] })
    }

    /// How many times as long as usual everything may take.
    pub fn factor(&self) -> u32 {
        let times = self.process.as_nanos() / USUAL.as_nanos();
        u32::try_from(times).unwrap_or(MOST).clamp(1, MOST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_system_has_more_time_and_none_has_less() {
        let factor = |process| Pace { process }.factor();
        assert_eq!(factor(Duration::from_micros(100)), 1);
        assert_eq!(factor(Duration::from_millis(3)), 1);
        assert_eq!(factor(Duration::from_millis(20)), 10);
        assert_eq!(factor(Duration::from_secs(3600)), MOST);
    }

    #[test]
    fn a_process_takes_some_time() {
        assert!(Pace::measure().expect("a pace").process > Duration::ZERO);
    }
}
