//! The generator and the shrinker as a `proptest` strategy.

use ipc_model::profile::{Numbers, Profile};
use ipc_model::spec::Spec;
use proptest::prelude::Rng as _;
use proptest::strategy::{NewTree, Strategy, ValueTree};
use proptest::test_runner::{TestRng, TestRunner};

use crate::generator::{Shape, generate};
use crate::program::Program;
use crate::shrink::candidates;
use crate::stage::Pick;

/// Programs that walk the model, shrunk as programs.
#[derive(Clone, Copy, Debug)]
pub struct Programs {
    /// How large.
    pub shape: Shape,
    /// By whose rules.
    pub profile: &'static Profile,
    /// On which system.
    pub numbers: Numbers,
}

impl Strategy for Programs {
    type Tree = Tree;
    type Value = Program;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Programs> {
        let spec = Spec::new(self.profile, self.numbers);
        let program = generate(&spec, self.shape, &mut Drawn(runner.rng()));
        Ok(Tree { smallest: program.clone(), current: program, left: None })
    }
}

struct Drawn<'a>(&'a mut TestRng);

impl Pick for Drawn<'_> {
    fn below(&mut self, bound: u64) -> u64 {
        self.0.next_u64() % bound.max(1)
    }
}

/// A program and the smaller ones that have not been tried.
#[derive(Debug)]
pub struct Tree {
    smallest: Program,
    current: Program,
    /// Invariant: smaller than `smallest`, the next one last; `None` before they are made.
    left: Option<Vec<Program>>,
}

impl Tree {
    fn next(&mut self) -> bool {
        match self.left.as_mut().and_then(Vec::pop) {
            Some(candidate) => {
                self.current = candidate;
                true
            }
            None => {
                self.current = self.smallest.clone();
                false
            }
        }
    }
}

impl ValueTree for Tree {
    type Value = Program;

    fn current(&self) -> Program {
        self.current.clone()
    }

    /// The current program shows it: from here on, smaller ones than that.
    fn simplify(&mut self) -> bool {
        self.smallest = self.current.clone();
        let mut left = candidates(&self.smallest);
        left.reverse();
        self.left = Some(left);
        self.next()
    }

    /// The current program does not show it: another one as small.
    fn complicate(&mut self) -> bool {
        self.next()
    }
}

#[cfg(test)]
mod tests {
    use ipc_model::profile::LINUX;
    use proptest::test_runner::{Config, RngSeed, TestCaseError, TestError};

    use super::*;
    use crate::shrink::shrink;
    use crate::text::parse;

    fn programs() -> Programs {
        Programs { shape: Shape::default(), profile: &LINUX, numbers: Numbers::EXAMPLE }
    }

    fn runner() -> TestRunner {
        let config = Config {
            cases: 24,
            rng_seed: RngSeed::Fixed(1),
            failure_persistence: None,
            ..Config::default()
        };
        TestRunner::new(config)
    }

    #[test]
    fn what_is_generated_is_well_formed_and_so_is_what_is_smaller() {
        let tested = runner().run(&programs(), |program| {
            for program in candidates(&program).into_iter().chain([program]) {
                let text = program.to_string();
                let again = parse("generated", &text);
                if again.as_ref() != Ok(&program) {
                    return Err(TestCaseError::fail(format!("{text}\n{again:?}")));
                }
            }
            Ok(())
        });
        assert_eq!(tested, Ok(()));
    }

    /// A property that fails on any program in which somebody closes what a child wrote to.
    fn is_bad(program: &Program) -> bool {
        let forked = program.lines.iter().any(|line| line.child.is_some());
        let closes = program.lines.iter().any(|line| line.operation.name == "close");
        forked && closes
    }

    #[test]
    fn what_is_found_is_small() {
        let found = runner().run(&programs(), |program| match is_bad(&program) {
            true => Err(TestCaseError::fail("it forks and closes")),
            false => Ok(()),
        });
        let Err(TestError::Fail(_, program)) = found else { panic!("none of 24: {found:?}") };
        assert!(is_bad(&program) && program.lines.len() <= 3, "{program}");
        let again = shrink(&program, &mut |program| is_bad(program));
        assert_eq!(again.lines.len(), program.lines.len());
    }
}
