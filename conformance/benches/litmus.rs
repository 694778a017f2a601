//! How many iterations of litmus programs are run a second, against a bare loop of the same calls
//! that records nothing, and of litmus tests of the memory: `cargo bench -p ipc-conformance --bench litmus`.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use ipc_conformance::litmus;
use ipc_conformance::litmus::arena::{Arena, Shape, Word};
use ipc_conformance::litmus::histogram::{Question, Way};
use ipc_conformance::litmus::memory;
use ipc_conformance::litmus::plan::Reuse;
use ipc_conformance::real::{Real, RealOptions};
use ipc_conformance::system::System;
use ipc_impls::process::{Forked, exit, fork, waitpid};
use ipc_impls::{descriptor, pipe};
use ipc_model::order::shapes::classic;
use ipc_model::profile::LINUX;

/// The program that is also written by hand, here.
const PEER: &str = "short-writes";
const ROUNDS: u32 = 50_000;
const RUNS: usize = 5;

fn main() {
    let options = RealOptions {
        program: env!("CARGO_BIN_EXE_ipc-conformance").into(),
        ..RealOptions::default()
    };
    let real = Real::start(options.clone()).expect("the real system starts");
    let numbers = real.numbers();
    println!("| program | iterations a second, median (lowest to highest) |");
    println!("|---|---|");
    // In turns, so that both meet the same machine.
    let peer = program(PEER, &options, numbers, ROUNDS.into());
    let (mut bare, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        bare.push(f64::from(ROUNDS) / by_hand().as_secs_f64());
        ours.push(peer());
    }
    let (bare, ours) = (row("by hand, nothing recorded: `short-writes`", bare), row(PEER, ours));
    for litmus in litmus::all().filter(|litmus| litmus.name != PEER) {
        let parsed = litmus.program().expect("it is a program");
        let question = Question::new(&LINUX, numbers, &parsed).expect("it has an end");
        let iterations = match &question.way {
            Way::Fast(plan) if plan.reuse == Reuse::All => 20_000,
            Way::Fast(plan) if plan.reuse == Reuse::Processes => 10_000,
            Way::Fast(_) => 500,
            Way::ByLine(_) => continue,
        };
        let run = program(litmus.name, &options, numbers, iterations);
        row(litmus.name, (0..RUNS).map(|_| run()).collect());
    }
    for name in ["SB+machine", "MP+machine", "SB+machine-fence", "SB+release-acquire", "SB+sc"] {
        row(name, (0..RUNS).map(|_| memory(name, &options)).collect());
    }
    println!("\n`{PEER}` runs at {:.2} of the bare loop's pace.", ours / bare);
}

fn memory(name: &str, options: &RealOptions) -> f64 {
    const ITERATIONS: u64 = 5_000_000;
    let question = memory::Question::new(classic(name).expect("it is there")).expect("a model");
    let counted = question.ask(options, (ITERATIONS, 1), &|_| false).expect("it runs");
    assert!(counted.forbidden.is_empty() && counted.trouble.is_none(), "{counted:?}");
    assert_eq!(counted.iterations(), ITERATIONS);
    counted.rate()
}

fn row(name: &str, mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    let median = rates[rates.len() / 2];
    println!("| {name} | {median:.0} ({:.0} to {:.0}) |", rates[0], rates[rates.len() - 1]);
    median
}

fn program<'a>(
    name: &str,
    options: &'a RealOptions,
    numbers: ipc_model::profile::Numbers,
    iterations: u64,
) -> impl Fn() -> f64 + use<'a> {
    let litmus = litmus::all().find(|litmus| litmus.name == name).expect("it is there");
    move || {
        let program = litmus.program().expect("it is a program");
        let question = Question::new(&LINUX, numbers, &program).expect("it has an end");
        let Way::Fast(plan) = &question.way else { panic!("{} is not fast", litmus.name) };
        let histogram =
            question.ask_fast(plan, options, numbers, (iterations, 1), &|| false).expect("it runs");
        assert!(histogram.forbidden.is_empty() && histogram.trouble.is_none(), "{histogram:?}");
        assert_eq!(histogram.iterations(), iterations);
        histogram.rate()
    }
}

/// Two processes write at the same time, then the first reads both: as a person would write it.
fn by_hand() -> Duration {
    let [r, w] = pipe::pipe().expect("a pipe");
    let litmus = litmus::all().find(|litmus| litmus.name == PEER).expect("it is there");
    let shape = Shape::of(&litmus.program().expect("it is a program"), 1);
    let (shared, _memory) = Arena::create(shape).expect("memory");
    let (mine, theirs) = (shared.word(Word::Go), shared.word(Word::Done));
    let wait = |word: &AtomicU32, round: u32| {
        let mut looks = 0_u32;
        while word.load(Ordering::Acquire) < round {
            looks += 1;
            if looks.is_multiple_of(64) {
                let _ = nix::sched::sched_yield();
            }
            std::hint::spin_loop();
        }
    };
    // SAFETY: this process has one thread, and the child only makes system calls.
    match unsafe { fork() }.expect("a child") {
        Forked::Child => {
            for round in 1..=ROUNDS {
                wait(mine, round);
                let _ = descriptor::write(w, &[2; 24]);
                theirs.store(round, Ordering::Release);
            }
            exit(0)
        }
        Forked::Parent(child) => {
            let began = Instant::now();
            for round in 1..=ROUNDS {
                mine.store(round, Ordering::Release);
                descriptor::write(w, &[1; 16]).expect("written");
                wait(theirs, round);
                let read = descriptor::read(r, &mut [0; 64]);
                assert_eq!(read, Ok(40));
            }
            let took = began.elapsed();
            let _ = waitpid(child);
            for fd in [r, w] {
                let _ = descriptor::close(fd);
            }
            took
        }
    }
}
