//! Programs whose calls overlap: generated ones with most of their order taken away.

use crate::program::{Edge, Program};
use crate::stage::Pick;

/// The same calls without `order stepwise`. What is left of the order is drawn: a line waits for the
/// lines above it of some of the others, and begins together with what else may begin then.
pub fn overlapping(stepwise: Program, pick: &mut impl Pick) -> Program {
    let mut program = Program { stepwise: false, ..stepwise };
    let mut has_lines = vec![false; program.actors.len()];
    for index in 0..program.lines.len() {
        let actor = program.lines[index].actor;
        let others = (0u8..).zip(&has_lines).filter(|(other, has)| **has && *other != actor);
        let awaited = others.filter(|_| pick.below(2) == 0);
        program.lines[index].edges = awaited.map(|(other, _)| Edge::WhenBlocked(other)).collect();
        has_lines[usize::from(actor)] = true;
    }
    program
}

#[cfg(test)]
mod tests {
    use ipc_model::profile::{LINUX, Numbers};
    use ipc_model::spec::Spec;

    use super::*;
    use crate::campaign::Random;
    use crate::generator::Shape;
    use crate::seed::Seeded;
    use crate::sim::Simulated;
    use crate::system::System;
    use crate::tally::Mix;
    use crate::text::parse;

    fn programs(count: u64) -> impl Iterator<Item = Program> {
        let spec = Spec::new(&LINUX, Numbers::EXAMPLE);
        let random = Random { seed: 5, from: 0, count, shape: Shape::default(), until: None };
        (0..count).map(move |number| random.program(&spec, number))
    }

    #[test]
    fn one_in_four_overlaps_and_all_read_back_as_they_are() {
        let mut together = 0;
        for program in programs(200) {
            assert_eq!(parse("test", &program.to_string()), Ok(program.clone()));
            together += u64::from(!program.stepwise);
        }
        assert_eq!(together, 50);
    }

    #[test]
    fn calls_overlap_in_programs_that_are_not_stepwise() {
        let mut system = Simulated::new(&LINUX, Numbers::EXAMPLE, Seeded::new(3, 0));
        let (mut stepwise, mut together) = (Mix::default(), Mix::default());
        for program in programs(200) {
            let mix = if program.stepwise { &mut stepwise } else { &mut together };
            mix.add(&system.run(&program).expect("it runs"));
        }
        // Who is ended by a signal may be dying in its call when another calls.
        assert!(stepwise.overlapping < 5, "{stepwise:?}");
        assert!(together.overlapping > 25, "{together:?}");
    }
}
