//! Crowds: programs of many processes that write to one pipe and read from it, all at once.
//!
//! The calls overlap as the system pleases: there is no order between the lines of two actors. At the
//! end one actor reads whatever is left, as often as everybody else is stuck or done.

use ipc_model::{descriptor, pipe, process};

use crate::program::{Edge, Line, Operand, Program};
use crate::stage::Pick;

/// How many, how much.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Crowd {
    /// Processes, at least 2 and at most [`Program::MAX_ACTORS`]: the first half reads.
    pub processes: u8,
    /// Reads and writes in all, beside those that set the scene and those that drain the pipe.
    pub calls: u32,
    /// The fewest and the most bytes that a call asks to move.
    pub bytes: (u64, u64),
    /// What the pipe holds: it says how often the pipe must be drained at the end.
    pub capacity: u64,
    /// Calls that cannot be done at once fail, where they would sleep otherwise.
    pub nonblock: bool,
}

/// The names of descriptors, by index.
const R: u16 = 0;
const W: u16 = 1;

/// Makes one program.
pub fn crowd(shape: Crowd, pick: &mut impl Pick) -> Program {
    let actors = usize::from(shape.processes).clamp(2, Program::MAX_ACTORS) as u8;
    let mut program = Program {
        actors: (0..actors).map(name).collect(),
        names: vec!["r".to_owned(), "w".to_owned()],
        ..Program::default()
    };
    let readers = actors / 2;
    scene(&mut program, actors, readers, shape.nonblock);
    let mut sent = 0;
    for call in 0..shape.calls {
        let actor = (call % u32::from(actors)) as u8;
        let bytes = pick.within(shape.bytes);
        let (operation, fd) =
            if actor < readers { (&descriptor::READ, R) } else { (&descriptor::WRITE, W) };
        sent += if actor < readers { 0 } else { bytes };
        program.lines.push(line(actor, operation, vec![Operand::Name(fd), number(bytes)]));
    }
    for writer in readers..actors {
        program.lines.push(line(writer, &descriptor::CLOSE, vec![Operand::Name(W)]));
    }
    // Each of these finds the pipe as full as it can be, or nobody left who could fill it.
    let all = |fd| vec![Operand::Name(fd), number(shape.capacity)];
    for _ in 0..sent / shape.capacity.max(1) + 2 {
        let edges = (readers..actors).map(Edge::WhenBlocked).collect();
        program.lines.push(Line { edges, ..line(0, &descriptor::READ, all(R)) });
    }
    program
}

/// One makes the pipe and everybody else; who reads cannot write, and who writes cannot read.
fn scene(program: &mut Program, actors: u8, readers: u8, nonblock: bool) {
    let flags = u32::from(nonblock) << 1;
    let pipe = line(0, &pipe::PIPE2, vec![Operand::Flags(flags)]);
    program.lines.push(Line { binds: vec![R, W], ..pipe });
    for child in 1..actors {
        program.lines.push(Line { child: Some(child), ..line(0, &process::FORK, vec![]) });
    }
    for actor in 0..actors {
        let unused = if actor < readers { W } else { R };
        program.lines.push(line(actor, &descriptor::CLOSE, vec![Operand::Name(unused)]));
    }
}

fn line(
    actor: u8,
    operation: &'static ipc_model::operation::Operation,
    args: Vec<Operand>,
) -> Line {
    Line { actor, edges: vec![], operation, args, binds: vec![], child: None }
}

fn number(bytes: u64) -> Operand {
    Operand::Number(bytes as i64)
}

/// A to Z, and on from there: `A1` is behind `Z`.
fn name(index: u8) -> String {
    let letter = char::from(b'A' + index % 26);
    if index < 26 { letter.to_string() } else { format!("{letter}{}", index / 26) }
}

#[cfg(test)]
mod tests {
    use ipc_model::outcome::{Outcome, Value};
    use ipc_model::profile::{LINUX, Numbers};

    use super::*;
    use crate::history::EventKind;
    use crate::record::validate;
    use crate::seed::Seeded;
    use crate::sim::Simulated;
    use crate::system::System;

    fn tiny() -> Crowd {
        Crowd { processes: 6, calls: 60, bytes: (64, 4096), capacity: 4096, nonblock: false }
    }

    #[test]
    fn a_crowd_overlaps_and_leaves_nothing_behind() {
        let numbers = Numbers { pipe_capacity: 4096, ..Numbers::EXAMPLE };
        let program = crowd(tiny(), &mut Seeded::new(5, 0));
        let text = program.to_string();
        let again = crate::text::parse("crowd", &text).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(again.to_string(), text);
        let mut system = Simulated::new(&LINUX, numbers, Seeded::new(6, 0));
        let history = system.run(&program).expect("it runs");
        validate(&history).unwrap_or_else(|invalid| panic!("{invalid}"));
        let (mut in_call, mut most) = (0, 0);
        for event in &history.events {
            match &event.kind {
                EventKind::Call { .. } => in_call += 1,
                EventKind::Return { outcome, .. } => {
                    in_call -= i32::from(*outcome != Outcome::Success(Value::Begun));
                }
                EventKind::Handled { .. }
                | EventKind::Ended { .. }
                | EventKind::Quiescent { .. } => {}
            }
            most = most.max(in_call);
        }
        assert!(most >= 6, "{most} at once");
        let last = history.events.last().map(|event| &event.kind);
        assert!(matches!(last, Some(EventKind::Quiescent { asleep, .. }) if asleep.is_empty()));
    }
}
