use ipc_model::profile::{LINUX, Numbers, POSIX2024, Profile};
use ipc_model::spec::Spec;

use super::{Budget, Verdict, check};
use crate::generator::{Shape, generate};
use crate::history::History;
use crate::program::Program;
use crate::sim::Simulated;
use crate::stage::Pick;
use crate::system::System;
use crate::text::parse;

/// A small generator of numbers: the same ones for the same seed.
struct Seeded(u64);

impl Pick for Seeded {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (x ^ (x >> 31)) % bound
    }
}

fn simulate(profile: &'static Profile, program: &Program, seed: u64) -> History {
    let mut system = Simulated::new(profile, Numbers::EXAMPLE, Seeded(seed));
    system.run(program).expect("the simulated system runs every program")
}

fn lines(history: &History) -> String {
    use crate::history::EventKind::{Call, Ended, Quiescent, Return};
    let mut text = String::new();
    for (index, event) in history.events.iter().enumerate() {
        text += &match &event.kind {
            Call { actor, call, .. } => format!("{index} {} {call}\n", actor.process),
            Return { actor, outcome, .. } => format!("{index} {} = {outcome:?}\n", actor.process),
            Ended { process, status } => format!("{index} {process} ended {status:?}\n"),
            Quiescent { asleep, .. } => format!("{index} still {asleep:?}\n"),
        };
    }
    text
}

#[test]
fn what_the_model_does_is_accepted() {
    for seed in 0..3000 {
        let spec = Spec::new(&LINUX, Numbers::EXAMPLE);
        let mut program = generate(&spec, Shape::default(), &mut Seeded(seed));
        program.stepwise = seed % 2 == 0;
        let history = simulate(&LINUX, &program, seed);
        let judgement = check(&spec, &history, Budget::default());
        let shown = lines(&history);
        assert_eq!(judgement.verdict, Verdict::Conforms, "seed {seed}\n{program}\n{shown}");
    }
}

#[test]
fn what_linux_does_posix_allows() {
    let posix = Spec::new(&POSIX2024, Numbers::EXAMPLE);
    for seed in 0..300 {
        let linux = Spec::new(&LINUX, Numbers::EXAMPLE);
        let program = generate(&linux, Shape::default(), &mut Seeded(seed));
        let history = simulate(&LINUX, &program, seed);
        let judgement = check(&posix, &history, Budget::default());
        let refused = matches!(judgement.verdict, Verdict::Deviates(_));
        assert!(!refused, "seed {seed}\n{program}\n{:?}", judgement.verdict);
    }
}

#[test]
fn a_program_by_hand() {
    let text =
        "order stepwise\nA: pipe -> r w\nA: fork -> B\nA: close w\nA: read r 16\nB: close w\n";
    let program = parse("test", text).expect("it is well formed");
    let history = simulate(&LINUX, &program, 1);
    let judgement = check(&Spec::new(&LINUX, Numbers::EXAMPLE), &history, Budget::default());
    assert!(judgement.conforms());
    assert!(judgement.used.contains_key("pipe.read.blocks"), "{:?}", judgement.used);
    assert!(judgement.used.contains_key("pipe.read.eof"), "{:?}", judgement.used);
}
