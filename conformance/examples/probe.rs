//! Temporary.
use ipc_conformance::{
    checker::{Budget, Verdict, check},
    generator::{Shape, generate},
    lines,
    seed::Seeded,
    sim::Simulated,
    system::System,
};
use ipc_model::{
    profile::{LINUX, Numbers, POSIX2024},
    spec::Spec,
};
fn main() {
    for (name, by, on, stepwise) in [
        ("linux step", &LINUX, &LINUX, true),
        ("linux conc", &LINUX, &LINUX, false),
        ("linux by posix", &POSIX2024, &LINUX, true),
        ("posix", &POSIX2024, &POSIX2024, true),
    ] {
        let spec = Spec::new(by, Numbers::EXAMPLE);
        let mut moves = vec![];
        let mut incon = 0;
        let t = std::time::Instant::now();
        let mut shown = 0;
        for seed in 0..300 {
            let on_spec = Spec::new(on, Numbers::EXAMPLE);
            let mut program = generate(&on_spec, Shape::default(), &mut Seeded::new(seed, 0));
            program.stepwise = stepwise;
            let history =
                Simulated::new(on, Numbers::EXAMPLE, Seeded::new(seed, 1)).run(&program).unwrap();
            let j = check(&spec, &history, Budget::default());
            moves.push(j.moves);
            if let Verdict::Inconclusive(w) = &j.verdict {
                if w.contains("budget") {
                    incon += 1;
                    if shown < 1 {
                        shown += 1;
                        println!("{name} {seed} {w}\n{program}\n{}", lines::transcript(&history));
                    }
                }
            }
            if let Verdict::Deviates(w) = &j.verdict {
                println!("DEV {w:?}")
            }
        }
        moves.sort();
        println!(
            "{name}: {:?} median {} p90 {} p99 {} max {} budget {incon}",
            t.elapsed(),
            moves[150],
            moves[270],
            moves[297],
            moves[299]
        );
    }
}
