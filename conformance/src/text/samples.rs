//! Programs for property tests: any choice of numbers makes a valid one.

use std::collections::BTreeSet;

use ipc_model::mechanism::operations;
use ipc_model::operation::{Gives, Operation, Param};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::program::{Edge, Line, Mention, Operand, Program};
use crate::text::{MAX_INFOS, MAX_PASSED, MAX_WATCHES};

/// The same cases on every run, and no file left behind.
pub(crate) fn fixed(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(0x1bc),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Valid programs.
pub(crate) fn programs() -> impl Strategy<Value = Program> {
    prop::collection::vec(any::<u32>(), 1..400).prop_map(|numbers| {
        let mut choices = Choices::new(numbers);
        Maker::default().make(&mut choices)
    })
}

/// Numbers to choose by; 0 when they have run out.
pub(crate) struct Choices {
    numbers: std::vec::IntoIter<u32>,
}

impl Choices {
    pub(crate) fn new(numbers: Vec<u32>) -> Choices {
        Choices { numbers: numbers.into_iter() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.numbers.len() == 0
    }

    /// A number below `bound`, which is not 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.numbers.next().unwrap_or(0) as usize % bound
    }

    pub(crate) fn chance(&mut self, one_in: usize) -> bool {
        self.below(one_in) == one_in - 1
    }

    pub(crate) fn of<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
}

#[derive(Default)]
struct Maker {
    program: Program,
    /// The names each actor knows.
    known: Vec<BTreeSet<u16>>,
}

impl Maker {
    fn make(mut self, choices: &mut Choices) -> Program {
        let mention = |n: usize| Mention { clause: format!("pipe.case_{n}.x-y"), at: 0 };
        self.program.covers = (0..choices.below(12)).map(mention).collect();
        self.program.may_cover = (50..50 + choices.below(3)).map(mention).collect();
        self.program.stepwise = choices.chance(2);
        self.program.nofile = [None, Some(4), Some(512)][choices.below(3)];
        // Of threads a text may not say everything.
        let any = |one: &&Operation| !ipc_model::thread::OPERATIONS.contains(one);
        let all: Vec<_> = operations().filter(any).collect();
        while self.program.lines.is_empty() || !choices.is_empty() {
            let actor = self.caller(choices);
            let operation = *choices.of(&all);
            self.line(actor, operation, choices);
        }
        // The numbers have run out by now: the size decides.
        if self.program.stepwise && self.program.lines.len() % 2 == 1 {
            let lines = self.program.lines.len() as u16;
            self.program.together = lines / 3..lines / 3 + (lines / 2).max(1);
        }
        self.program
    }

    fn caller(&mut self, choices: &mut Choices) -> u8 {
        if self.program.actors.is_empty() || (self.room() && choices.chance(8)) {
            return self.appear(BTreeSet::new());
        }
        choices.below(self.program.actors.len()) as u8
    }

    fn room(&self) -> bool {
        self.program.actors.len() < Program::MAX_ACTORS
    }

    fn appear(&mut self, names: BTreeSet<u16>) -> u8 {
        let index = self.program.actors.len();
        self.program.actors.push(format!("P{index}_x"));
        self.known.push(names);
        index as u8
    }

    /// Adds a line, or makes a pipe where the operation wants what is not there.
    fn line(&mut self, actor: u8, wanted: &'static Operation, choices: &mut Choices) {
        let names: Vec<u16> = self.known[usize::from(actor)].iter().copied().collect();
        let needs = |param: &Param| matches!(param, Param::Fd | Param::Watches(_));
        let lacks = names.is_empty() && wanted.params.iter().any(needs)
            || wanted.gives == Gives::Process && !self.room();
        let pipe = || operations().find(|one| one.gives == Gives::Fds && one.params.is_empty());
        let operation = if lacks { pipe().expect("there is `pipe`") } else { wanted };
        let edges = self.edges(actor, choices);
        let actors = self.program.actors.len();
        let arg = |param: &Param| match (param, operation.gives) {
            (Param::Number, Gives::Events(_)) => {
                Operand::Number(choices.below(MAX_WATCHES + 2) as i64 - 1)
            }
            (Param::Number, Gives::Passed(_)) => {
                Operand::Number(choices.below(MAX_PASSED + 1) as i64)
            }
            (Param::Number, Gives::Infos(_)) => {
                Operand::Number(choices.below(MAX_INFOS + 1) as i64)
            }
            _ => operand(param, &names, actors, choices),
        };
        let args: Vec<Operand> = operation.params.iter().map(arg).collect();
        let (binds, child) = match operation.gives {
            Gives::Fd => (self.bind(actor, 1, choices), None),
            Gives::Fds => (self.bind(actor, 2, choices), None),
            Gives::Passed(_) => {
                let Some(Operand::Number(room)) = args.last() else {
                    panic!("it says for how many")
                };
                (self.bind(actor, *room as usize, choices), None)
            }
            Gives::Process => {
                let names = self.known[usize::from(actor)].clone();
                (Vec::new(), Some(self.appear(names)))
            }
            _ => (Vec::new(), None),
        };
        self.program.lines.push(Line { actor, edges, operation, args, binds, child });
    }

    fn edges(&self, actor: u8, choices: &mut Choices) -> Vec<Edge> {
        let lines = &self.program.lines;
        let others: Vec<usize> = (0..lines.len()).filter(|i| lines[*i].actor != actor).collect();
        let count = if others.is_empty() { 0 } else { choices.below(3) };
        let mut edge = |_| {
            let line = *choices.of(&others);
            match choices.chance(2) {
                true => Edge::After(line as u16),
                false => Edge::WhenBlocked(lines[line].actor),
            }
        };
        (0..count).map(&mut edge).collect()
    }

    fn bind(&mut self, actor: u8, count: usize, choices: &mut Choices) -> Vec<u16> {
        let mut binds = Vec::new();
        while binds.len() < count {
            let old = choices.below(self.program.names.len() + 4);
            let name = if old < self.program.names.len() && !binds.contains(&(old as u16)) {
                old as u16
            } else {
                self.program.names.push(format!("fd_{}", self.program.names.len()));
                self.program.names.len() as u16 - 1
            };
            binds.push(name);
        }
        self.known[usize::from(actor)].extend(&binds);
        binds
    }
}

fn operand(param: &Param, names: &[u16], actors: usize, choices: &mut Choices) -> Operand {
    let mut bytes = || [0, 1, 16, 4096, 65_537, 1 << 20][choices.below(6)];
    match param {
        Param::Fd | Param::TargetFd => Operand::Name(*choices.of(names)),
        Param::Command(_) => Operand::Command,
        Param::Receive | Param::Send => Operand::Number(bytes()),
        Param::ReceiveVector | Param::SendVector => {
            let first = bytes() as u64;
            let more = choices.below(5);
            Operand::Vector((0..=more).map(|_| first / (1 + choices.below(3) as u64)).collect())
        }
        Param::Number => Operand::Number(i64::from(choices.below(1 << 20) as i32 - (1 << 19))),
        Param::Flags(words) => Operand::Flags(choices.below(1 << words.len()) as u32),
        Param::Word(words) => Operand::Number(choices.below(words.len()) as i64),
        Param::Process => Operand::Process(choices.below(actors) as u8),
        Param::Timeout => Operand::Number(choices.below(9) as i64 - 1),
        Param::Path => Operand::Path((*choices.of(&["f", "d/f", "a-b.c", ""])).into()),
        Param::SharedName => Operand::Path((*choices.of(&["/x", "/", "/a-b_C9"])).into()),
        Param::Address => Operand::Path((*choices.of(&["s", "d/s", "@s", "@a-b.c"])).into()),
        Param::Mode => Operand::Number(choices.below(0o1000) as i64),
        Param::Watches(words) => {
            let mut one = |_| (*choices.of(names), choices.below(1 << words.len()) as u32);
            Operand::Watches((0..=names.len() % 3).map(&mut one).collect())
        }
    }
}
