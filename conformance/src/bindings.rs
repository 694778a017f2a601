//! Bindings: which descriptor number each of a program's names stands for, process by process.

use ipc_model::operation::{Arg, Call, Gives};
use ipc_model::outcome::Outcome;

use crate::program::{Operand, Program};

/// The names of a running program. A name without a number stands for -1, which no system opens.
#[derive(Clone)]
pub struct Bindings {
    numbers: Vec<Vec<i32>>,
    /// For each actor whose names it has: its own, or those of the process that it is a thread of.
    leaders: Vec<u8>,
}

impl Bindings {
    /// Nothing is bound.
    pub fn new(program: &Program) -> Bindings {
        let actors = program.actors.len();
        let leaders = (0..actors as u8).map(|actor| program.leader(actor)).collect();
        Bindings { numbers: vec![vec![-1; program.names.len()]; actors], leaders }
    }

    /// The call of a line, every name resolved.
    pub fn resolve(&self, program: &Program, line: u16) -> Call {
        let text = &program.lines[usize::from(line)];
        let numbers = &self.numbers[self.place(text.actor)];
        let arg = |operand: &Operand| match operand {
            Operand::Name(name) => Arg::Fd(numbers[usize::from(*name)]),
            Operand::Number(number) => Arg::Number(*number),
            Operand::Vector(parts) => Arg::Vector(parts.clone()),
            Operand::Flags(flags) => Arg::Flags(*flags),
            Operand::Process(process) => Arg::Process(*process),
            Operand::Path(path) => Arg::Path(path.clone()),
            Operand::Watches(watches) => {
                let number = |(name, asked): &(u16, u32)| (numbers[usize::from(*name)], *asked);
                Arg::Watches(watches.iter().map(number).collect())
            }
            Operand::Command => Arg::Command,
        };
        Call {
            operation: text.operation,
            args: text.args.iter().map(arg).collect(),
            tag: u32::from(line) + 1,
        }
    }

    /// A line has returned: its results get their names.
    pub fn bind(&mut self, program: &Program, line: u16, outcome: &Outcome) {
        let text = &program.lines[usize::from(line)];
        let place = self.place(text.actor);
        let numbers = &mut self.numbers[place];
        let fds = match outcome {
            Outcome::Success(value) => value.fds(),
            _ => &[],
        };
        if matches!(text.operation.gives, Gives::Fd | Gives::Fds | Gives::Passed(_)) {
            for (index, name) in text.binds.iter().enumerate() {
                numbers[usize::from(*name)] = fds.get(index).copied().unwrap_or(-1);
            }
        }
    }

    /// A process begins with the names of the one that made it.
    pub fn inherit(&mut self, child: u8, parent: u8) {
        let (child, parent) = (self.place(child), self.place(parent));
        if child != parent {
            self.numbers[child] = self.numbers[parent].clone();
        }
    }

    fn place(&self, actor: u8) -> usize {
        self.leaders[usize::from(actor)].into()
    }
}
