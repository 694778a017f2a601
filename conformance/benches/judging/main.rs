//! How fast programs are generated, run on the model, and judged: no system call is made.
//!
//! `cargo bench -p ipc-conformance --bench judging [-- random|crowds|preempted|long|hard|altered]`

mod histories;
mod memory;

use std::time::Duration;

use ipc_conformance::checker::{Budget, Verdict, check};
use ipc_conformance::crowd::Crowd;
use ipc_conformance::generator::{Shape, generate};
use ipc_conformance::history::History;
use ipc_conformance::program::Program;
use ipc_conformance::real::decode::named_by_reader;
use ipc_conformance::seed::Seeded;
use ipc_conformance::sim::Simulated;
use ipc_conformance::system::System;
use ipc_model::profile::{LINUX, Numbers};
use ipc_model::spec::Spec;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

use histories::{equal_bytes, of_crowd};

const PROGRAMS: u64 = 3_000;
/// Histories a row.
const HISTORIES: u64 = 20;
/// How often each is judged, to be timed.
const TIMES: u32 = 5;

const SMALL: (u64, u64) = (1, 8);
const LARGER: (u64, u64) = (8, 64);
const PAGE: u64 = 4096;
const USUAL: u64 = 65_536;

fn main() {
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let parts: [(&str, fn()); 6] = [
        ("random", random),
        ("crowds", crowds),
        ("preempted", preempted),
        ("long", long),
        ("hard", hard),
        ("altered", altered),
    ];
    for (name, part) in parts {
        if wanted.is_empty() || wanted.iter().any(|word| word == name) {
            part();
            println!();
        }
    }
}

fn random() {
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

/// Many processes on one pipe, half of them writing and half of them reading, all at once.
fn crowds() {
    println!(
        "| one pipe: processes × calls in all | bytes a call | capacity | conform | ms a history | \
         events a second |"
    );
    println!("|---|---|---|---|---|---|");
    for (processes, calls) in [(4, 1_000), (8, 1_000), (12, 1_000), (32, 1_000), (12, 12_000)] {
        for capacity in [USUAL, PAGE] {
            for bytes in [SMALL, LARGER] {
                let shape = Crowd { processes, calls, bytes, capacity, nonblock: false };
                let count = if calls > 1_000 { 4 } else { HISTORIES };
                row(shape, count);
            }
        }
    }
}

fn row(shape: Crowd, count: u64) {
    let spec = Spec::new(&LINUX, histories::numbers(shape));
    let histories: Vec<History> = (0..count).map(|seed| of_crowd(shape, seed)).collect();
    let conforming = histories.iter().filter(|history| {
        let judgement = check(&spec, history, Budget::default());
        judgement.conforms()
    });
    let conforming = conforming.count();
    let (_, judged) = timed(|| {
        for history in (0..TIMES).flat_map(|_| &histories) {
            std::hint::black_box(check(&spec, history, Budget::default()));
        }
    });
    let events: usize = histories.iter().map(|history| history.events.len()).sum();
    let seconds = judged.as_secs_f64() / f64::from(TIMES);
    println!(
        "| {} × {} | {}–{} | {} | {conforming} of {count} | {:.2} | {:.2} M |",
        shape.processes,
        shape.calls,
        shape.bytes.0,
        shape.bytes.1,
        shape.capacity,
        seconds * 1e3 / count as f64,
        events as f64 / seconds / 1e6,
    );
}

/// Crowds as real processes make them: in bursts, and with bytes that are named wrong.
fn preempted() {
    println!("| preempted: processes × calls of each | names | conform | ms a history | at most |");
    println!("|---|---|---|---|---|");
    let spec = Spec::new(&LINUX, Numbers::EXAMPLE);
    for (processes, calls) in [(4, 1_000), (12, 300), (12, 1_000), (32, 300)] {
        let right: Vec<History> =
            (0..HISTORIES).map(|seed| histories::of_preempted(processes, calls, seed)).collect();
        let wrong: Vec<History> =
            right.iter().map(|history| named_by_reader(history.clone())).collect();
        for (names, histories) in [("right", right), ("wrong", wrong)] {
            let judged = |history| timed(|| check(&spec, history, Budget::default()).conforms());
            let judged: Vec<(bool, Duration)> = histories.iter().map(judged).collect();
            let conforming = judged.iter().filter(|(conforms, _)| *conforms).count();
            let took: Duration = judged.iter().map(|(_, took)| *took).sum();
            let most = judged.iter().map(|(_, took)| *took).max().unwrap_or_default();
            println!(
                "| {processes} × {calls} | {names} | {conforming} of {HISTORIES} | {:.1} | {:.1} |",
                took.as_secs_f64() * 1e3 / HISTORIES as f64,
                most.as_secs_f64() * 1e3,
            );
        }
    }
}

/// Long histories: time and memory grow as they do.
fn long() {
    println!(
        "| 32 processes: calls in all | bytes a call | capacity | conform | ms | events a second | \
         MiB at most | bytes an event |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for (bytes, capacity) in [(SMALL, USUAL), (SMALL, PAGE), (LARGER, USUAL), (LARGER, PAGE)] {
        for calls in [5_000, 10_000, 20_000] {
            let shape = Crowd { processes: 32, calls, bytes, capacity, nonblock: false };
            let spec = Spec::new(&LINUX, histories::numbers(shape));
            let history = of_crowd(shape, 0);
            let ((judgement, peak), took) =
                timed(|| memory::growth(|| check(&spec, &history, Budget::default())));
            let events = history.events.len();
            println!(
                "| {calls} | {}–{} | {capacity} | {} | {:.1} | {:.2} M | {:.1} | {} |",
                bytes.0,
                bytes.1,
                histories::word(&judgement.verdict),
                took.as_secs_f64() * 1e3,
                events as f64 / took.as_secs_f64() / 1e6,
                peak as f64 / f64::from(1 << 20),
                peak / events,
            );
        }
    }
}

/// What cannot be decided ends where the budget does.
fn hard() {
    println!("| 12 processes × 240 calls, all at once | verdict | moves | ms | MiB at most |");
    println!("|---|---|---|---|---|");
    let shape = Crowd { processes: 12, calls: 240, bytes: (1, 1), capacity: PAGE, nonblock: false };
    let spec = Spec::new(&LINUX, histories::numbers(shape));
    let honest = equal_bytes(of_crowd(shape, 0));
    let one_less = histories::lossy(honest.clone());
    let torn = histories::lossy(of_crowd(Crowd { bytes: SMALL, ..shape }, 0));
    let rows = [
        ("equal bytes", honest),
        ("equal bytes, one lost", one_less),
        ("tagged bytes, one lost", torn),
    ];
    for (name, history) in rows {
        let ((judgement, peak), took) =
            timed(|| memory::growth(|| check(&spec, &history, Budget::default())));
        println!(
            "| {name} | {} | {} | {:.0} | {:.0} |",
            histories::word(&judgement.verdict),
            judgement.moves,
            took.as_secs_f64() * 1e3,
            peak as f64 / f64::from(1 << 20),
        );
        if let Verdict::Inconclusive(reason) = &judgement.verdict {
            println!("| … {reason} | | | | |");
        }
    }
}

/// Crowds in whose histories something was altered: each is refused, and the anomaly has a name.
fn altered() {
    println!("| processes × calls | bytes a call | altered | refused | named | ms a history |");
    println!("|---|---|---|---|---|---|");
    for (processes, calls) in [(12, 1_000), (32, 20_000)] {
        for bytes in [SMALL, LARGER] {
            let shape = Crowd { processes, calls, bytes, capacity: USUAL, nonblock: false };
            let spec = Spec::new(&LINUX, histories::numbers(shape));
            let sound: Vec<History> = (0..HISTORIES).map(|seed| of_crowd(shape, seed)).collect();
            for (what, change) in histories::ALTERATIONS {
                let (mut refused, mut named) = (0, 0);
                let histories =
                    sound.iter().map(|history| histories::changed(history.clone(), change));
                let histories: Vec<History> = histories.collect();
                let (_, took) = timed(|| {
                    for history in &histories {
                        let judgement = check(&spec, history, Budget::default());
                        refused += u64::from(judgement.deviation().is_some());
                        let anomaly = judgement.deviation().and_then(|d| d.anomaly.as_ref());
                        named += u64::from(anomaly.is_some());
                    }
                });
                println!(
                    "| {processes} × {calls} | {}–{} | {what} | {refused} of {HISTORIES} | {named} | \
                     {:.1} |",
                    bytes.0,
                    bytes.1,
                    took.as_secs_f64() * 1e3 / HISTORIES as f64
                );
            }
        }
    }
}

/// What some work gives, and the time on a processor that it took: whoever else runs does not count.
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let spent = || {
        let usage = getrusage(UsageWho::RUSAGE_THREAD).expect("a thread can ask what it used");
        let (user, system) = (usage.user_time(), usage.system_time());
        Duration::from_micros((user.num_microseconds() + system.num_microseconds()) as u64)
    };
    let start = spent();
    let done = work();
    (done, spent().saturating_sub(start))
}
