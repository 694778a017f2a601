//! How fast programs are generated, run on the model, and judged: no system call is made.
//!
//! `cargo bench -p ipc-conformance --bench judging`

use std::time::{Duration, Instant};

use ipc_conformance::checker::{Budget, check};
use ipc_conformance::generator::{Shape, generate};
use ipc_conformance::history::History;
use ipc_conformance::program::Program;
use ipc_conformance::seed::Seeded;
use ipc_conformance::sim::Simulated;
use ipc_conformance::system::System;
use ipc_model::profile::{LINUX, Numbers};
use ipc_model::spec::Spec;

const PROGRAMS: u64 = 3_000;

fn main() {
    let spec = Spec::new(&LINUX, Numbers::EXAMPLE);
    let (programs, generated) = timed(|| -> Vec<Program> {
        let one = |seed| generate(&spec, Shape::default(), &mut Seeded::new(1, seed));
        (0..PROGRAMS).map(one).collect()
    });
    let (histories, run) = timed(|| -> Vec<History> {
        let mut system = Simulated::new(&LINUX, Numbers::EXAMPLE, Seeded::new(2, 0));
        programs.iter().map(|program| system.run(program).expect("it runs")).collect()
    });
    let (conforming, judged) = timed(|| {
        let conforms = |history: &&History| check(&spec, history, Budget::default()).conforms();
        histories.iter().filter(conforms).count()
    });
    assert_eq!(conforming as u64, PROGRAMS, "the model conforms to itself");
    let events: usize = histories.iter().map(|history| history.events.len()).sum();
    let each = |time: Duration| time.as_secs_f64() * 1e6 / PROGRAMS as f64;
    println!("| of {PROGRAMS} random programs, one thread | µs a program | events a second |");
    println!("|---|---|---|");
    println!("| generated | {:.1} | |", each(generated));
    println!("| run on the model | {:.1} | |", each(run));
    let rate = events as f64 / judged.as_secs_f64();
    println!("| judged | {:.1} | {:.2} M |", each(judged), rate / 1e6);
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let done = work();
    (done, start.elapsed())
}
