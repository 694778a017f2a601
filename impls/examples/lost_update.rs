//! Shared memory excludes nobody: two processes add to one number, a million times each.
//!
//! `cargo run -p ipc-impls --example lost_update`
//!
//! First each loads the number, adds 1 and stores the sum: whenever both have loaded the same number,
//! one addition is lost. Then each adds in one step that nobody else comes into (`lock xadd` on
//! x86-64), and none is lost.

use std::fs::File;
use std::io;
use std::os::fd::FromRawFd as _;
use std::sync::atomic::{AtomicU32, Ordering};

use ipc_impls::memory::memfd_create;
use ipc_impls::process::{Forked, exit, fork, waitpid};
use memmap2::MmapOptions;

const TIMES: u32 = 1_000_000;
const PROCESSES: u32 = 2;
/// How often it is tried until an addition is lost.
const ROUNDS: u32 = 100;

fn main() -> io::Result<()> {
    let all = PROCESSES * TIMES;
    let in_two_steps = |number: &AtomicU32| {
        let seen = number.load(Ordering::SeqCst);
        number.store(seen + 1, Ordering::SeqCst);
    };
    let mut apart = count(in_two_steps)?;
    // On a busy machine the two may not have run at once.
    for _ in 1..ROUNDS {
        if apart < all {
            break;
        }
        apart = count(in_two_steps)?;
    }
    println!("loaded, added and stored: {apart} of {all}");
    let locked = count(|number| {
        number.fetch_add(1, Ordering::SeqCst);
    })?;
    println!("added in one step: {locked} of {all}");
    Ok(())
}

/// What two processes come to that add so often.
fn count(add: fn(&AtomicU32)) -> io::Result<u32> {
    let file = memfd_create(c"numbers", 0).map_err(io::Error::other)?;
    // SAFETY: the call has just made it for us.
    let file = unsafe { File::from_raw_fd(file) };
    file.set_len(4096)?;
    let shared = MmapOptions::new().map_raw(&file)?;
    let words = shared.as_ptr().cast_mut().cast::<AtomicU32>();
    // SAFETY: the first word of a page that nobody uses but as atomics; it is there until the end.
    let number = unsafe { &*words };
    // SAFETY: the word a line of the cache further on, of the same page.
    let there = unsafe { &*words.wrapping_add(16) };
    let mut children = Vec::new();
    for _ in 0..PROCESSES {
        // SAFETY: this process has one thread.
        match unsafe { fork() }.map_err(io::Error::other)? {
            Forked::Child => {
                there.fetch_add(1, Ordering::SeqCst);
                // Both begin at once, if both have a processor.
                while there.load(Ordering::SeqCst) < PROCESSES {
                    std::thread::yield_now();
                }
                (0..TIMES).for_each(|_| add(number));
                exit(0)
            }
            Forked::Parent(pid) => children.push(pid),
        }
    }
    for pid in children {
        waitpid(pid).map_err(io::Error::other)?;
    }
    Ok(number.load(Ordering::SeqCst))
}
