//! Which programs can be run fast, with nobody asked between two lines; and what of one run can be
//! used by the next. Both are read off the model's whole set of runs.

use ipc_model::operation::Gives;
use ipc_model::process::{ABOUT_GROUPS, EXEC, KILL};
use ipc_model::signal::KILL_ALL;
use ipc_model::spec::Spec;
use ipc_model::world::World;

use super::outcomes::{Allowed, Limit, enumerate};
use crate::program::{Edge, Line, Operand, Program};

/// How a program is run fast.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    /// The actor that makes everything, and all others.
    pub root: usize,
    /// How many lines come before the first `fork`, and before what follows the last.
    pub makes: usize,
    /// See there.
    pub forks: usize,
    /// What is used again.
    pub reuse: Reuse,
}

/// What of an iteration the next one can use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reuse {
    /// Everything: each run leaves the world as it was after the forks.
    All,
    /// The processes, with what the root made anew: descriptors were used up.
    Processes,
    /// The root: others may have ended, or may have other signals.
    Root,
    /// Nothing.
    Nothing,
}

impl Reuse {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Reuse::All => "all",
            Reuse::Processes => "processes",
            Reuse::Root => "root",
            Reuse::Nothing => "nothing",
        }
    }

    /// The one with that word.
    pub fn parse(word: &str) -> Option<Reuse> {
        let mut all = [Reuse::All, Reuse::Processes, Reuse::Root, Reuse::Nothing].into_iter();
        all.find(|one| one.word() == word)
    }
}

impl Plan {
    /// How a program whose endings are known is run fast; or why it cannot be.
    pub fn of(spec: &Spec, program: &Program, allowed: &Allowed) -> Result<Plan, &'static str> {
        if allowed.sleeps {
            return Err("somebody may sleep until a later line");
        }
        let (root, makes, forks) = structure(program)?;
        if allowed.endings.iter().any(|ending| ending.actors[root].is_some()) {
            return Err("the actor that makes the others may end");
        }
        let above =
            Program { lines: program.lines[..forks].to_vec(), together: 0..0, ..program.clone() };
        let made = enumerate(spec, &above, Limit::default()).map(|above| above.finals);
        let Ok([made]) = made.as_deref() else { return Err("it may begin in several ways") };
        Ok(Plan { root, makes, forks, reuse: reuse(root, made, &allowed.finals) })
    }
}

/// The root, and where its forks begin and end.
fn structure(program: &Program) -> Result<(usize, usize, usize), &'static str> {
    let [root] = program.roots()[..] else { return Err("several actors are there from the start") };
    let is_fork = |line: &Line| line.child.is_some();
    let Some(makes) = program.lines.iter().position(is_fork) else {
        return Err("nobody is forked");
    };
    let forks = program.lines.iter().rposition(is_fork).map_or(0, |last| last + 1);
    if !program.lines[makes..forks].iter().all(is_fork)
        || program.lines[..forks].iter().any(|line| line.actor != root)
    {
        return Err("lines stand between the forks");
    }
    if program.together.is_empty() {
        return Err("no lines stand together");
    }
    let odd = |line: &Line| {
        ABOUT_GROUPS.contains(&line.operation)
            || [&EXEC, &KILL_ALL].contains(&line.operation)
            || line.edges.iter().any(|e| matches!(e, Edge::WhenBlocked(_)))
    };
    if program.nofile.is_some() || program.lines.iter().any(odd) {
        return Err(
            "it has a limit, an exec, a process group, a signal for everybody or an edge to a sleeper",
        );
    }
    if named_after_burial(program) {
        return Err("it sends signals to who may have been waited for");
    }
    Ok((usize::from(root), makes, forks))
}

/// Whether a signal may go to a process whose number may be another's by then.
fn named_after_burial(program: &Program) -> bool {
    let waits = program
        .lines
        .iter()
        .position(|line| matches!(line.operation.gives, Gives::Status | Gives::Waited));
    let kills = |line: &Line| {
        line.operation == &KILL && line.args.iter().any(|a| matches!(a, Operand::Process(_)))
    };
    waits.is_some_and(|first| {
        program.lines[first..].iter().any(kills)
            || program.together.contains(&(first as u16)) && program.lines.iter().any(kills)
    })
}

fn reuse(root: usize, made: &World, finals: &[World]) -> Reuse {
    let same = |process: usize| {
        let state = |world: &World| {
            let process = &world.processes[process];
            (process.life, process.signals.clone())
        };
        finals.iter().all(|after| state(after) == state(made))
    };
    if finals.iter().all(|after| after == made) {
        Reuse::All
    } else if (0..made.processes.len()).all(same) {
        Reuse::Processes
    } else if same(root) {
        Reuse::Root
    } else {
        Reuse::Nothing
    }
}
