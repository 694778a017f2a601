//! Two processes that talk by signals, with values: one asks, the other answers with the square.
//!
//! `cargo run -p ipc-impls --example signal [NUMBER…]`
//!
//! Both block the two signals before there are two of them, so that none is lost and no handler runs:
//! each waits for what the other sends. Real-time signals queue, so the questions can all be asked
//! before the first is answered.

use std::io;

use ipc_impls::errno::Errno;
use ipc_impls::process::{Forked, exit, fork, waitpid};
use ipc_impls::signal::{sigprocmask, sigqueue, sigwaitinfo};
use nix::libc;

/// What stands for the end of the questions.
const ENOUGH: i32 = -1;

fn main() -> io::Result<()> {
    let told: Result<Vec<i32>, _> = std::env::args().skip(1).map(|word| word.parse()).collect();
    let numbers = match told.map_err(io::Error::other)? {
        none if none.is_empty() => vec![2, 3, 12],
        some => some,
    };
    talk(&numbers).map_err(|errno| io::Error::from_raw_os_error(errno.0))
}

fn talk(numbers: &[i32]) -> Result<(), Errno> {
    let (question, answer) = (libc::SIGRTMIN(), libc::SIGRTMIN() + 1);
    sigprocmask(libc::SIG_BLOCK, &[question, answer])?;
    // SAFETY: this process has one thread.
    match unsafe { fork() }? {
        Forked::Child => exit(i32::from(square(question, answer).is_err())),
        Forked::Parent(child) => {
            for number in numbers.iter().chain([&ENOUGH]) {
                sigqueue(child, question, *number)?;
            }
            for number in numbers {
                let square = sigwaitinfo(&[answer])?;
                println!("{number:>6} squared is {}", square.value);
            }
            println!("the other ended: {:?}", waitpid(child)?);
            Ok(())
        }
    }
}

/// In the child: answers whoever asks, until there are no more questions.
fn square(question: i32, answer: i32) -> Result<(), Errno> {
    loop {
        let asked = sigwaitinfo(&[question])?;
        match asked.value {
            ENOUGH => return Ok(()),
            number => sigqueue(asked.pid, answer, number.wrapping_mul(number))?,
        }
    }
}
