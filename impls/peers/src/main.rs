//! The rings and the mutex beside their peers, in the same run and by turns.
//!
//! `cargo run --release` in this folder; `-- streams`, `turns` or `locks` for a part. Each figure is the median of several rounds, with the lowest
//! and the highest; two processes (two threads, where a peer has no other way) on two processors,
//! if there are two. Every message is copied in and out.

mod iceoryx;
mod locks;
mod streams;
mod turns;

use std::time::Instant;

/// Rounds of each measurement, by turns with all others.
const ROUNDS: usize = 9;

/// Nanoseconds for each of `count` runs of `body`.
pub fn nanoseconds(count: u64, body: impl FnOnce()) -> f64 {
    let begun = Instant::now();
    body();
    begun.elapsed().as_nanos() as f64 / count as f64
}

/// As [`nanoseconds`], of the processor that this thread used: of what one thread does alone, others
/// on the machine change little in it.
pub fn nanoseconds_used(count: u64, body: impl FnOnce()) -> f64 {
    let used = || {
        let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: the time is there to be written.
        unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
        time.tv_sec as f64 * 1e9 + time.tv_nsec as f64
    };
    let begun = used();
    body();
    (used() - begun) / count as f64
}

/// Something that is measured: its name, and one round of it in nanoseconds.
pub type Entry = (String, Box<dyn Fn() -> f64>);

/// Measures all by turns and prints each beside the first.
pub fn compare(title: &str, entries: &[Entry]) {
    println!("\n{title}");
    let mut rounds = vec![Vec::new(); entries.len()];
    for _ in 0..ROUNDS {
        for ((_, measure), rounds) in entries.iter().zip(&mut rounds) {
            rounds.push(measure());
        }
    }
    for rounds in &mut rounds {
        rounds.sort_by(f64::total_cmp);
    }
    let ours = rounds[0][ROUNDS / 2];
    for ((name, _), rounds) in entries.iter().zip(&rounds) {
        let (low, middle, high) = (rounds[0], rounds[ROUNDS / 2], rounds[ROUNDS - 1]);
        let ratio = middle / ours;
        println!("  {name:<32} {middle:>10.1} ns  ({low:.1} to {high:.1})  {ratio:>7.2}x");
    }
}

/// Binds this process, or thread, to a processor, counted round.
pub fn pin(processor: usize) {
    // SAFETY: a set of processors may be all zeros.
    let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    // SAFETY: this asks for a number.
    let count = unsafe { libc::sysconf(libc::_SC_NPROCESSORS_ONLN) } as usize;
    // SAFETY: the number is within the set.
    unsafe { libc::CPU_SET(processor % count, &mut set) };
    // SAFETY: the set is there to be read.
    unsafe { libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &set) };
}

/// A child on the second processor, which ends behind `body`.
pub fn forked(body: impl FnOnce()) -> libc::pid_t {
    // SAFETY: this process has one thread now.
    let child = unsafe { libc::fork() };
    if child == 0 {
        pin(1);
        // What unwinds does so on a stack that is the parent's as well.
        let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(body));
        // SAFETY: it ends this process, and leaves what is the parent's as it is.
        unsafe { libc::_exit(i32::from(done.is_err())) };
    }
    child
}

/// Runs `there` in a child on the second processor, and `here` on the first.
pub fn beside(there: impl FnOnce(), here: impl FnOnce() -> f64) -> f64 {
    let child = forked(there);
    pin(0);
    let result = here();
    let mut status = 0;
    // SAFETY: the status is there to be written.
    unsafe { libc::waitpid(child, &mut status, 0) };
    assert_eq!(status, 0, "the child failed");
    result
}

fn main() {
    let part = std::env::args().nth(1);
    let wanted = |name: &str| part.as_deref().is_none_or(|part| part == name);
    if wanted("locks") {
        locks::compare();
    }
    if wanted("streams") {
        for size in [8, 64, 1024, 65536] {
            streams::compare(size);
        }
    }
    if wanted("turns") {
        turns::compare();
    }
}
