//! Mutexes: the code that is shipped, on words that the harness lays out.
//!
//! The kernel finds a dead owner by a list that the C library registers for each thread. Agents are made
//! without the C library, so before its first call here a process registers one itself; those who never
//! come here pay nothing.

use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use ipc_impls::errno::Errno;
use ipc_impls::mutex::LockError;
use ipc_impls::mutex::raw::{Holder, Locked, RawMutex, forked};
use ipc_impls::mutex::word::WAITERS;
use ipc_impls::sync::Deadline;
use ipc_model::mutex::{
    COUNT, MUTEX_CONSISTENT, MUTEX_LOCK, MUTEX_TIMEDLOCK, MUTEX_TRYLOCK, MUTEX_UNLOCK, ROBUST,
};
use ipc_model::operation::Call;
use nix::libc;

use super::poll::now;
use super::{Driver, nothing, portable};
use crate::real::agent::Agent;
use crate::real::wire::{Answer, Step};

pub(super) static DRIVERS: &[Driver] = &[
    Driver::new(&MUTEX_LOCK, |agent, step| lock(agent, step, Some(Deadline::NEVER)))
        .sleeps_at(libc::SYS_futex)
        .looks_again_where(is_portable),
    Driver::new(&MUTEX_TRYLOCK, |agent, step| lock(agent, step, None)),
    Driver::new(&MUTEX_TIMEDLOCK, timed).sleeps_at(libc::SYS_futex).looks_again_where(is_portable),
    Driver::new(&MUTEX_UNLOCK, |agent, step| match place(step) {
        Some(place) if place >= ROBUST => nothing(portable::unlock(agent, place - ROBUST)),
        _ => own(agent, step, |holder, mutex| match holder.unlock(mutex) {
            true => Ok(()),
            false => Err(Errno(libc::EPERM)),
        }),
    }),
    Driver::new(&MUTEX_CONSISTENT, |agent, step| match place(step) {
        Some(place) if place >= ROBUST => nothing(portable::make_consistent(agent, place - ROBUST)),
        _ => own(agent, step, |holder, mutex| match holder.make_consistent(mutex) {
            true => Ok(()),
            false if Holder::has(mutex) => Err(Errno(libc::EINVAL)),
            false => Err(Errno(libc::EPERM)),
        }),
    }),
];

/// Whether who sleeps in that call looks by itself whether the owner lives.
fn is_portable(call: &Call) -> bool {
    call.number(0) >= ROBUST as i64
}

/// What a process answers that is asked for a mutex that nobody has laid out.
const NO_SUCH: Answer = Answer::Failed(Errno(libc::EINVAL));
/// What a process answers whose time was not over yet: no call of ours has this error.
const EARLY: Answer = Answer::Failed(Errno(libc::ETIME));

fn place(step: &Step) -> Option<usize> {
    usize::try_from(step.number(0)).ok().filter(|place| *place < COUNT)
}

fn lock(agent: &mut Agent, step: &Step, wait: Option<Deadline>) -> Answer {
    let Some(place) = place(step) else { return NO_SUCH };
    if place >= ROBUST {
        return portable::lock(agent, place - ROBUST, wait);
    }
    be_known();
    let (holder, mutex) = agent.mutex(place);
    // SAFETY: the memory of the mutexes is mapped as long as the process lives.
    match unsafe { holder.lock_until(mutex, wait) } {
        Ok(Locked::Clean) => Answer::Nothing,
        Ok(Locked::OwnerDied) => Answer::Failed(Errno(libc::EOWNERDEAD)),
        Err(error) => Answer::Failed(Errno(errno(error))),
    }
}

fn timed(agent: &mut Agent, step: &Step) -> Answer {
    let Ok(time) = u64::try_from(step.number(1)).map(Duration::from_millis) else {
        return lock(agent, step, Some(Deadline::NEVER));
    };
    let began = now();
    match lock(agent, step, Some(Deadline::by(now, time))) {
        Answer::Failed(Errno(libc::ETIMEDOUT)) if now() - began < time => EARLY,
        answer => answer,
    }
}

fn own(
    agent: &mut Agent,
    step: &Step,
    call: impl FnOnce(&mut Holder, &RawMutex) -> Result<(), Errno>,
) -> Answer {
    let Some(place) = place(step) else { return NO_SUCH };
    be_known();
    let (holder, mutex) = agent.mutex(place);
    nothing(call(holder, mutex))
}

/// As `pthread_mutex_lock()` would have it.
pub(super) fn errno(error: LockError) -> i32 {
    match error {
        LockError::Busy => libc::EBUSY,
        LockError::TimedOut => libc::ETIMEDOUT,
        LockError::Deadlock => libc::EDEADLK,
        LockError::Lost => libc::ENOTRECOVERABLE,
        _ => libc::ENOLCK,
    }
}

/// As `struct robust_list_head` of `<linux/futex.h>`.
#[repr(C)]
struct Head {
    list: *mut libc::c_void,
    futex_offset: libc::c_long,
    list_op_pending: *mut libc::c_void,
}

struct List(UnsafeCell<Head>);

// SAFETY: agents have one thread.
unsafe impl Sync for List {}

/// The list of this process, which is always empty; beside it the kernel is told of one word.
static LIST: List = List(UnsafeCell::new(Head {
    list: std::ptr::null_mut(),
    futex_offset: 0,
    list_op_pending: std::ptr::null_mut(),
}));

/// The kernel knows where the list of this process is.
static KNOWN: AtomicBool = AtomicBool::new(false);

/// This process is a child that was just made.
pub fn begin() {
    KNOWN.store(false, Ordering::Relaxed);
    forked();
}

fn be_known() {
    if KNOWN.swap(true, Ordering::Relaxed) {
        return;
    }
    let (mut head, mut size) = (std::ptr::null_mut::<Head>(), 0_usize);
    // SAFETY: both are there to be written; 0 is this thread.
    let asked =
        unsafe { libc::syscall(libc::SYS_get_robust_list, 0, &raw mut head, &raw mut size) };
    // Where the C library has started the program, there is one.
    if asked != 0 || !head.is_null() {
        return;
    }
    let head = LIST.0.get();
    let list = head.cast();
    let fresh = Head { list, futex_offset: 0, list_op_pending: std::ptr::null_mut() };
    // SAFETY: nobody uses it yet: the kernel was not told of it in this process.
    unsafe { head.write(fresh) };
    // SAFETY: the head stays where it is as long as the process does.
    unsafe { libc::syscall(libc::SYS_set_robust_list, head, size_of::<Head>()) };
}

/// For a planted fault: whoever sleeps for the mutex is not known to any more.
pub fn forget_waiters(agent: &mut Agent, step: &Step) {
    if let Some(place) = place(step).filter(|place| *place < ROBUST) {
        let (_, mutex) = agent.mutex(place);
        // SAFETY: it is a word, which is only ever used by atomics.
        let word = unsafe { &*std::ptr::from_ref(mutex).cast::<AtomicU32>() };
        word.fetch_and(!WAITERS, Ordering::Relaxed);
    }
}

/// For a planted fault: whoever has a portable mutex has no lock any more.
pub fn give_up_lock(agent: &mut Agent, step: &Step) {
    if let Some(place) = place(step).filter(|place| *place >= ROBUST) {
        agent.handles().close(place - ROBUST);
    }
}

/// Whatever this process has it gives back, and remembers nothing of it.
pub fn clear(holder: &mut Holder, mutexes: &[RawMutex]) {
    if KNOWN.load(Ordering::Relaxed) {
        for mutex in mutexes {
            holder.unlock(mutex);
        }
        *holder = Holder::default();
    }
}
