//! Stress: few pipes, many processes, thousands of calls each, all at once.
//!
//! The program is an ordinary one without edges, so each process is given its whole list of calls and
//! makes them as fast as it can. It ends with every pipe drained and closed.

use ipc_model::operation::Operation;
use ipc_model::{descriptor, pipe, process};

use crate::program::{Line, Operand, Program};
use crate::stage::Pick;

/// The shape of a stress program.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Load {
    /// Processes, at least one for each end of each pipe.
    pub processes: u8,
    /// Transfers of each process.
    pub calls: u16,
    /// Pipes.
    pub pipes: u8,
}

/// The most bytes of one write.
const WRITE_MAX: u64 = 600;
/// The bytes of one read: as many as any write has, so that no more reads than writes are needed.
const READ: u64 = WRITE_MAX;

/// Why there is no program of that load.
pub fn refusal(load: Load) -> Option<String> {
    let ends = 2 * u32::from(load.pipes);
    let lines = u32::from(load.processes) * (u32::from(load.calls) + 2 + ends) + ends;
    if load.pipes == 0 || u32::from(load.processes) < ends {
        Some(format!("{} pipes need {} processes, one for each end", load.pipes, ends.max(2)))
    } else if usize::from(load.processes) > Program::MAX_ACTORS {
        Some(format!("a program has at most {} processes", Program::MAX_ACTORS))
    } else if lines as usize > Program::MAX_LINES {
        Some(format!("a program has at most {} lines, this one has {lines}", Program::MAX_LINES))
    } else {
        None
    }
}

/// Makes a program of that load, if [`refusal`] has nothing against it.
pub fn stress(load: Load, pick: &mut impl Pick) -> Program {
    let mut program = Program::default();
    program.actors.push("P0".to_owned());
    let add = |program: &mut Program, actor, operation: &'static Operation, args| {
        let (edges, binds) = (Vec::new(), Vec::new());
        program.lines.push(Line { actor, edges, operation, args, binds, child: None });
    };
    for number in 0..load.pipes {
        add(&mut program, 0, &pipe::PIPE, vec![]);
        program.lines[usize::from(number)].binds =
            vec![2 * u16::from(number), 2 * u16::from(number) + 1];
        program.names.extend([format!("r{number}"), format!("w{number}")]);
    }
    for child in 1..load.processes {
        add(&mut program, 0, &process::FORK, vec![]);
        program.actors.push(format!("P{child}"));
        program.lines.last_mut().expect("one was just added").child = Some(child);
    }
    for actor in 0..load.processes {
        let own = u16::from(actor) % (2 * u16::from(load.pipes));
        let others = (0..program.names.len() as u16).filter(|name| *name != own);
        for name in others.collect::<Vec<_>>() {
            add(&mut program, actor, &descriptor::CLOSE, vec![Operand::Name(name)]);
        }
        for _ in 0..load.calls {
            let (operation, bytes) = match own % 2 {
                0 => (&descriptor::READ, READ),
                _ => (&descriptor::WRITE, 1 + pick.below(WRITE_MAX)),
            };
            let args = vec![Operand::Name(own), Operand::Number(bytes as i64)];
            add(&mut program, actor, operation, args);
        }
        add(&mut program, actor, &descriptor::CLOSE, vec![Operand::Name(own)]);
    }
    program
}

#[cfg(test)]
mod tests {
    use ipc_model::profile::{LINUX, Numbers};

    use super::*;
    use crate::history::EventKind;
    use crate::seed::Seeded;
    use crate::sim::Simulated;
    use crate::system::System;
    use crate::text::parse;

    #[test]
    fn a_stress_program_ends_drained_and_closed_with_nobody_asleep() {
        for (processes, pipes) in [(2, 1), (5, 1), (7, 2)] {
            let program = stress(Load { processes, calls: 20, pipes }, &mut Seeded::new(1, 0));
            assert_eq!(parse("test", &program.to_string()), Ok(program.clone()));
            let mut system = Simulated::new(&LINUX, Numbers::EXAMPLE, Seeded::new(2, 0));
            let history = system.run(&program).expect("it runs");
            let calls =
                history.events.iter().filter(|event| matches!(event.kind, EventKind::Call { .. }));
            assert_eq!(calls.count(), program.lines.len());
            let last = history.events.last().map(|event| &event.kind);
            assert!(
                matches!(last, Some(EventKind::Quiescent { asleep, .. }) if asleep.is_empty()),
                "{last:?}"
            );
        }
    }

    #[test]
    fn a_load_that_cannot_be_is_refused_with_the_reason() {
        let why = |processes, calls, pipes| refusal(Load { processes, calls, pipes });
        assert_eq!(why(12, 1000, 1), None);
        assert_eq!(why(32, 600, 4), None);
        assert_eq!(why(3, 10, 2).as_deref(), Some("2 pipes need 4 processes, one for each end"));
        assert!(why(33, 1, 1).is_some_and(|why| why.contains("at most 32 processes")));
        assert!(why(32, 2000, 1).is_some_and(|why| why.contains("lines")));
        assert!(why(0, 1, 0).is_some());
    }
}
