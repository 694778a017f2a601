//! Which endings of a test are allowed.

use std::collections::BTreeSet;

use super::axioms::{LeftOut, Model, RC11};
use super::compile::Machine;
use super::execution::candidates;
use super::test::{Order, Outcome, Test};

/// The endings that a model allows; more of them with something left out.
pub fn endings(model: &Model, test: &Test, left_out: Option<LeftOut>) -> BTreeSet<Outcome> {
    let mut all = BTreeSet::new();
    candidates(test, |execution, outcome| {
        if !all.contains(&outcome) && model.allows(execution, left_out) {
            all.insert(outcome);
        }
    });
    all
}

/// Who allows which endings of a test on a machine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verdict {
    /// What the machine allows of the test as it is compiled.
    pub machine: BTreeSet<Outcome>,
    /// What the language allows, if the test is in one. What the machine does not even promise to
    /// keep of it is left out.
    pub language: Option<BTreeSet<Outcome>>,
}

impl Verdict {
    /// What may be seen on such a machine.
    pub fn of(machine: &Machine, test: &Test) -> Verdict {
        let compiled = machine.compile(test);
        let given_up = machine.gives_up.map(|axiom| LeftOut { axiom, part: None });
        Verdict {
            machine: endings(machine.model, &compiled, None),
            language: is_of_language(test).then(|| endings(&RC11, test, given_up)),
        }
    }

    /// What both allow.
    pub fn allowed(&self) -> BTreeSet<Outcome> {
        match &self.language {
            Some(language) => self.machine.intersection(language).cloned().collect(),
            None => self.machine.clone(),
        }
    }
}

/// Whether the test is written in a language's atomics, and not in a machine's own accesses.
pub fn is_of_language(test: &Test) -> bool {
    test.steps().any(|step| step.order() != Order::Plain)
}
