//! Threads: each is an agent of its own, in the process of the one that made it.

use std::sync::atomic::{AtomicI32, AtomicU32, AtomicU64, Ordering};

use ipc_impls::errno::Errno;
use ipc_impls::thread as sys;
use ipc_model::signal::PTHREAD_SIGMASK;
use ipc_model::thread::{PTHREAD_CREATE, PTHREAD_EXIT, PTHREAD_JOIN, PTHREAD_KILL};
use nix::libc;

use super::signal::{hold_back, let_through, named, sent};
use super::{Driver, nothing};
use crate::program::Program;
use crate::real::agent::{self, Agent};
use crate::real::wire::Answer;
use crate::real::{futex, handled};

pub(super) static DRIVERS: &[Driver] = &[
    // The process has a stack more from now on.
    Driver::new(&PTHREAD_CREATE, |agent, step| create(agent, step.child.into())).lasting(),
    Driver::new(&PTHREAD_KILL, |_, step| match step.pid(0) {
        thread if thread <= 1 => Answer::Failed(Errno(libc::ESRCH)),
        number => {
            let signal = sent(step.word(1));
            nothing(match known(number) {
                // SAFETY: nobody has joined it, nor will while it is named.
                Some(thread) => unsafe { sys::kill(thread, signal) },
                // The process itself. The C library was not told of its number.
                None => sys::kill_by_number(number, signal),
            })
        }
    }),
    // Returning from what the thread runs is the same as calling it there.
    Driver::new(&PTHREAD_EXIT, |agent, _| {
        agent.leave();
        Answer::Nothing
    }),
    Driver::new(&PTHREAD_JOIN, |_, step| match take(step.pid(0)) {
        // SAFETY: this process has made it, and nobody else finds it here to join it.
        Some(thread) => nothing(unsafe { sys::join(thread) }),
        None => Answer::Failed(Errno(libc::ESRCH)),
    })
    .sleeps_at(libc::SYS_futex),
    Driver::new(&PTHREAD_SIGMASK, |_, step| {
        handled::touches();
        let how = [libc::SIG_BLOCK, libc::SIG_UNBLOCK, libc::SIG_SETMASK];
        nothing(sys::sigmask(how[step.word(0)], &named(step.bits(1))))
    }),
];

/// What a thread is told that begins, and its number once it has.
struct Birth {
    slot: usize,
    nofile: u32,
    mask: Option<libc::sigset_t>,
    number: AtomicU32,
}

fn create(agent: &Agent, slot: usize) -> Answer {
    // No handler runs in the thread before it has said that it is there.
    let mask = hold_back();
    let number = AtomicU32::new(0);
    // The process ends with its program, and nobody knows when the thread has done with it.
    let birth: &Birth = Box::leak(Box::new(Birth { slot, nofile: agent.nofile(), mask, number }));
    let told = std::ptr::from_ref(birth).cast_mut().cast();
    // SAFETY: the function takes it for what it is, and it is there for ever.
    let answer = match unsafe { sys::create(begin, told) } {
        Ok(thread) => {
            let mut number = 0;
            while number == 0 {
                futex::wait(&birth.number, 0, None);
                number = birth.number.load(Ordering::Acquire);
            }
            keep(number as i32, thread);
            Answer::Child(number as i32)
        }
        Err(errno) => Answer::Failed(errno),
    };
    let_through(mask);
    answer
}

extern "C" fn begin(told: *mut libc::c_void) -> *mut libc::c_void {
    // SAFETY: it is what `create` tells.
    let birth = unsafe { &*told.cast::<Birth>() };
    birth.number.store(sys::id() as u32, Ordering::Release);
    futex::wake(&birth.number);
    agent::thread_main(birth.slot, birth.nofile, birth.mask);
    std::ptr::null_mut()
}

/// A thread that nobody has joined: its number, 0 where the place is free, and what joins it.
struct Known {
    number: AtomicI32,
    thread: AtomicU64,
}

/// Without a lock, for another thread may fork meanwhile.
static KNOWN: [Known; Program::MAX_ACTORS] =
    [const { Known { number: AtomicI32::new(0), thread: AtomicU64::new(0) } }; Program::MAX_ACTORS];

/// Numbers that stand for no thread: a place that is being filled.
const TAKEN: i32 = -1;

fn keep(number: i32, thread: libc::pthread_t) {
    let is_free = |known: &&Known| {
        known.number.compare_exchange(0, TAKEN, Ordering::Acquire, Ordering::Relaxed).is_ok()
    };
    if let Some(known) = KNOWN.iter().find(is_free) {
        known.thread.store(thread, Ordering::Relaxed);
        known.number.store(number, Ordering::Release);
    }
}

/// In a child, which has none of its parent's threads.
pub fn forget() {
    KNOWN.iter().for_each(|known| known.number.store(0, Ordering::Relaxed));
}

fn known(number: i32) -> Option<libc::pthread_t> {
    let known = KNOWN.iter().find(|known| known.number.load(Ordering::Acquire) == number)?;
    Some(known.thread.load(Ordering::Relaxed))
}

fn take(number: i32) -> Option<libc::pthread_t> {
    let taken = |known: &Known| {
        let own = &known.number;
        own.compare_exchange(number, TAKEN, Ordering::Acquire, Ordering::Relaxed).ok()?;
        let thread = known.thread.load(Ordering::Relaxed);
        own.store(0, Ordering::Release);
        Some(thread)
    };
    if number > 1 { KNOWN.iter().find_map(taken) } else { None }
}
