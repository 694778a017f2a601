//! What a system can do, asked before anything is judged: a ladder of small tries, each in a process
//! of its own, from `fork` up to the agents themselves. Nothing in here says what a call must do:
//! a try only tells whether what the harness, or a mechanism, rests on is there at all.

mod child;
mod harness;
mod pace;
mod posix;

pub use child::{Ended, Lack};
pub use pace::Pace;

use child::in_a_child;

/// A step of bringing up a system: what is tried of it, and what rests on it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Level {
    /// Processes are made, end, and are waited for.
    Processes = 1,
    /// Bytes go through a pipe.
    Pipes = 2,
    /// Signals, clocks, and asking what is ready.
    Signals = 3,
    /// Sockets, and memory that processes share.
    Memory = 4,
    /// What the agents need beyond that, and the agents.
    Agents = 5,
    /// What only some programs need: who lacks it has fewer programs, which are counted.
    Optional = 6,
}

impl Level {
    /// All of them, from the bottom.
    pub const ALL: [Level; 6] = [
        Level::Processes,
        Level::Pipes,
        Level::Signals,
        Level::Memory,
        Level::Agents,
        Level::Optional,
    ];

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Level::Processes => "processes",
            Level::Pipes => "pipes",
            Level::Signals => "signals",
            Level::Memory => "memory",
            Level::Agents => "agents",
            Level::Optional => "optional",
        }
    }
}

/// One thing that is tried.
pub struct Rung {
    /// Where on the ladder it is.
    pub level: Level,
    /// The calls, files or options that it needs, by their C names.
    pub name: &'static str,
    /// What cannot be done where it is missing, or what to do then.
    pub hint: &'static str,
    attempt: fn() -> Result<(), Lack>,
}

impl Rung {
    /// Tries it in a process of its own, which ends within seconds.
    pub fn attempt(&self) -> Ended {
        in_a_child(self.attempt)
    }
}

/// All that is tried, in the order of the ladder.
pub fn rungs() -> impl Iterator<Item = &'static Rung> {
    posix::RUNGS.iter().chain(harness::RUNGS)
}

/// What was found out.
pub struct Found {
    /// What became of each try.
    pub tried: Vec<(&'static Rung, Ended)>,
}

impl Found {
    /// Goes up the ladder. What stands above a level that is not whole is tried as well: a porter wants
    /// to know all that is missing.
    pub fn ask() -> Found {
        Found { tried: rungs().map(|rung| (rung, rung.attempt())).collect() }
    }

    /// What is missing of a level.
    pub fn missing(&self, level: Level) -> impl Iterator<Item = &(&'static Rung, Ended)> {
        self.tried.iter().filter(move |(rung, ended)| rung.level == level && *ended != Ended::Well)
    }

    /// How many levels are whole, from the bottom: all five, and the agents can be started.
    pub fn level(&self) -> usize {
        let below = Level::ALL.iter().filter(|level| **level != Level::Optional);
        below.take_while(|level| self.missing(**level).next().is_none()).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ladder_is_in_order_and_says_each_thing_once() {
        let levels: Vec<Level> = rungs().map(|rung| rung.level).collect();
        assert!(levels.is_sorted(), "{levels:?}");
        assert!(Level::ALL.iter().all(|level| levels.contains(level)));
        let mut names: Vec<&str> = rungs().map(|rung| rung.name).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
    }

    #[test]
    fn what_is_missing_bounds_the_level() {
        let mut found = Found { tried: rungs().map(|rung| (rung, Ended::Well)).collect() };
        assert_eq!(found.level(), 5);
        let lost = |found: &mut Found, level| {
            let at = found.tried.iter().position(|(rung, _)| rung.level == level).expect("a rung");
            found.tried[at].1 = Ended::Lacking(Lack::Errno(38));
        };
        lost(&mut found, Level::Optional);
        assert_eq!(found.level(), 5, "what is optional is no part of the ladder");
        lost(&mut found, Level::Signals);
        assert_eq!(found.level(), 2);
        assert_eq!(found.missing(Level::Signals).count(), 1);
    }
}
