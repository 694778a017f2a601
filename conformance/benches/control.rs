//! What control costs: `cargo bench -p ipc-conformance --bench control`.
//!
//! The round trip of one command is set against its floor, a bare ping-pong between two processes
//! over the same kind of socket on the same processor.

use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use ipc_conformance::campaign::Random;
use ipc_conformance::checker::Judgement;
use ipc_conformance::generator::Shape;
use ipc_conformance::history::{End, EventKind, History};
use ipc_conformance::program::Program;
use ipc_conformance::real::{Real, RealOptions, socket};
use ipc_conformance::record::validate_run;
use ipc_conformance::seed::Seeded;
use ipc_conformance::stress::{Load, stress};
use ipc_conformance::system::System;
use ipc_conformance::tally::Tally;
use ipc_conformance::text::parse;
use ipc_conformance::trial::{Rules, Trial};
use ipc_impls::process::{Forked, exit, fork};
use ipc_model::profile::LINUX;
use ipc_model::spec::Spec;

const CPU: usize = 0;
const ROUNDS: u32 = 20_000;
const PROGRAMS: u64 = 3_000;

fn main() {
    let options = RealOptions {
        program: env!("CARGO_BIN_EXE_ipc-conformance").into(),
        cpu: Some(CPU),
        ..RealOptions::default()
    };
    let mut real = Real::start(options).expect("the real system starts");
    let bare = ping_pong();
    println!("bare socketpair round trip   {}", micros(bare));

    let one = timed(&mut real, &calls(1), 2000);
    let many = timed(&mut real, &calls(1001), 40);
    let round = (many - one) / 1000;
    let ratio = round.as_secs_f64() / bare.as_secs_f64();
    println!("control round trip, lseek    {}, {ratio:.2} × bare", micros(round));

    let sleeper = "A: pipe -> r w\nA: fork -> B\nB: read r 1\nC: pipe -> s t\n";
    let calls =
        |edge: &str| format!("{sleeper}{}", format!("A: {edge}lseek r 0 SEEK_CUR\n").repeat(200));
    // An edge that is always met, for lines without any are made without a word from us.
    let without = timed(&mut real, &calls("after C.1  "), 100);
    let with = timed(&mut real, &calls("when B blocked  "), 100);
    println!("one sleeper proven again     {}", micros((with.saturating_sub(without)) / 200));

    let three = "A: pipe -> r w\nA: fork -> B\nA: fork -> C\nB: write w 100\nC: write w 200\nA: close w\n\
                 B: close w\nC: close w\nA: read r 250\nA: read r 250\nB: _exit 0\nC: _exit 0\nA: waitpid B\n";
    rate(&mut real, "3 processes, 2 forked", three);
    let roots = "A: pipe -> r w\nA: write w 10\nA: read r 9\nB: pipe -> r w\nB: write w 10\nB: read r 9\n\
                 C: pipe -> r w\nC: write w 10\nC: read r 11\n";
    rate(&mut real, "3 processes, none forked", roots);
    let bulk = "A: pipe -> r w\nA: write w 65536\nA: read r 65536\n";
    rate(&mut real, "64 KiB written and read", bulk);
    phases(&mut real);
    stressed(&mut real);
}

/// Thousands of calls at once: what is recorded a second.
fn stressed(real: &mut Real) {
    let load = Load { processes: 12, calls: 1000, pipes: 1 };
    let program = stress(load, &mut Seeded::new(1, 0));
    let start = Instant::now();
    let history = real.run(&program).expect("it runs");
    let took = start.elapsed();
    assert_eq!(history.end, End::Complete);
    let rate = history.events.len() as f64 / took.as_secs_f64();
    println!("\n12 processes × 1,000 calls     {}, {rate:.0} events/s", micros(took));
}

/// Random programs, one phase after the other: what each costs a program.
fn phases(real: &mut Real) {
    let rules = Rules::of(&LINUX);
    let spec = Spec::new(rules.profile, real.numbers());
    let random = Random { seed: 1, from: 0, count: PROGRAMS, shape: Shape::default(), until: None };
    let mut marks = vec![Instant::now()];
    let mut mark = || marks.push(Instant::now());
    let programs: Vec<Program> = (0..PROGRAMS).map(|n| random.program(&spec, n)).collect();
    mark();
    let run = |program: &Program| real.run(program).expect("it runs");
    let histories: Vec<History> = programs.iter().map(run).collect();
    mark();
    for (history, program) in histories.iter().zip(&programs) {
        validate_run(history, program).expect("it can have happened");
    }
    mark();
    let judged: Vec<Judgement> = histories.iter().map(|history| rules.judge(history)).collect();
    mark();
    let trials = histories.into_iter().zip(judged);
    let mut tally = Tally::default();
    trials.for_each(|(history, judgement)| tally.add(&Trial { history, judgement }));
    mark();
    println!("\nof {PROGRAMS} random programs, {} conform:", tally.conforming);
    for (name, pair) in
        ["generated", "executed", "validated", "judged", "counted"].iter().zip(marks.windows(2))
    {
        println!("{name:28} {}", micros((pair[1] - pair[0]) / PROGRAMS as u32));
    }
    let all = marks[marks.len() - 1] - marks[0];
    println!(
        "{:28} {:.0} programs/s",
        "together, on one processor",
        PROGRAMS as f64 / all.as_secs_f64()
    );
}

fn calls(count: usize) -> String {
    // An edge that is always met, for lines without any are made without a word from us.
    let calls = "A: after C.1  lseek r 0 SEEK_CUR\n".repeat(count);
    format!("order stepwise\nC: pipe -> s t\nA: pipe -> r w\n{calls}")
}

fn rate(real: &mut Real, name: &str, text: &str) {
    let each = timed(real, text, 3000);
    println!("{name:28} {}, {:.0} programs/s", micros(each), 1.0 / each.as_secs_f64());
}

fn timed(real: &mut Real, text: &str, runs: u32) -> Duration {
    let program: Program = parse("bench", text).expect("a program");
    let run = |real: &mut Real| {
        let history = real.run(&program).expect("it runs");
        let last = history.events.last().map(|event| &event.kind);
        assert!(matches!(last, Some(EventKind::Quiescent { .. })), "{history:?}");
    };
    run(real);
    let start = Instant::now();
    (0..runs).for_each(|_| run(real));
    start.elapsed() / runs
}

fn ping_pong() -> Duration {
    let (ours, theirs) = socket::pair().expect("a socket pair");
    let (ours, theirs) = (ours.as_raw_fd(), theirs.as_raw_fd());
    let mut byte = [0; 64];
    // SAFETY: this process has one thread, and the child only makes system calls.
    match unsafe { fork() }.expect("a child") {
        Forked::Child => {
            for _ in 0..ROUNDS {
                let _ = socket::get(theirs, &mut byte);
                let _ = socket::put(theirs, &byte);
            }
            exit(0)
        }
        Forked::Parent(child) => {
            let start = Instant::now();
            for _ in 0..ROUNDS {
                socket::put(ours, &byte).expect("sent");
                socket::get(ours, &mut byte).expect("received");
            }
            let each = start.elapsed() / ROUNDS;
            let _ = ipc_impls::process::waitpid(child);
            each
        }
    }
}

fn micros(time: Duration) -> String {
    format!("{:7.1} µs", time.as_secs_f64() * 1e6)
}
