//! The mutex between handles of one process, each with a mapping of its own.

use std::thread;
use std::time::Duration;

use ipc_impls::mutex::raw::{Holder, Locked, RawMutex};
use ipc_impls::mutex::{LockError, ShmMutex};
use ipc_impls::shm::AttachError;
use nix::libc;

type Create = fn(u64) -> Result<ShmMutex<u64>, AttachError>;
const KINDS: [Create; 2] = [ShmMutex::create, ShmMutex::create_portable];

fn attach(mutex: &ShmMutex<u64>) -> ShmMutex<u64> {
    ShmMutex::attach(mutex.fd()).expect("it is a mutex")
}

#[test]
fn no_increment_is_lost() {
    for create in KINDS {
        let mut mutex = create(0).expect("there is memory");
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let mut mutex = attach(&mutex);
                thread::spawn(move || {
                    for _ in 0..5000 {
                        let mut guard = mutex.lock().expect("nobody dies");
                        let value = guard.get();
                        guard.set(value + 1);
                    }
                })
            })
            .collect();
        for thread in threads {
            thread.join().expect("it ends");
        }
        assert_eq!(mutex.lock().expect("nobody died").get(), 20_000);
    }
}

#[test]
fn who_may_not_wait_is_told_what_is() {
    for create in KINDS {
        let mut mutex = create(7).expect("there is memory");
        let mut other = attach(&mutex);
        let guard = mutex.lock().expect("it is free");
        let soon = Duration::from_millis(5);
        let told = thread::spawn(move || (other.try_lock().err(), other.lock_timeout(soon).err()));
        let told = told.join().expect("it ends");
        assert_eq!(told, (Some(LockError::Busy), Some(LockError::TimedOut)));
        assert_eq!(guard.get(), 7);
        drop(guard);
        assert!(mutex.try_lock().is_ok());
    }
}

#[test]
fn the_kernel_is_told_of_one_mutex_of_a_thread() {
    let mut one = ShmMutex::create(0_u64).expect("there is memory");
    let mut same = attach(&one);
    let mut other = ShmMutex::create(0_u64).expect("there is memory");
    let mut portable = ShmMutex::create_portable(0_u64).expect("there is memory");
    let guard = one.lock().expect("it is free");
    assert_eq!(same.lock().err(), Some(LockError::Deadlock));
    assert_eq!(other.lock().err(), Some(LockError::NotRobust));
    assert!(portable.lock().is_ok(), "of this the kernel is not told");
    drop(guard);
    assert!(other.lock().is_ok());
}

#[test]
fn a_thread_that_ends_with_the_mutex_is_dead() {
    let mut mutex = ShmMutex::create(1_u64).expect("there is memory");
    let mut other = attach(&mutex);
    let thread = thread::spawn(move || {
        let mut guard = other.lock().expect("it is free");
        guard.set(2);
        std::mem::forget(guard);
    });
    thread.join().expect("it ends");
    let mut guard = mutex.lock().expect("it is taken over");
    assert!(guard.owner_died());
    assert_eq!(guard.get(), 2);
    guard.make_consistent();
    drop(guard);
    assert!(!mutex.lock().expect("it is free").owner_died(), "it is told once");
}

#[test]
fn what_was_not_made_consistent_is_lost_for_all() {
    let mut mutex = ShmMutex::create(1_u64).expect("there is memory");
    let mut other = attach(&mutex);
    thread::spawn(move || std::mem::forget(other.lock())).join().expect("it ends");
    let mut third = attach(&mutex);
    let guard = mutex.lock().expect("it is taken over");
    let waiter = thread::spawn(move || third.lock().err());
    drop(guard);
    assert_eq!(waiter.join().expect("it ends"), Some(LockError::Lost));
    assert_eq!(mutex.lock().err(), Some(LockError::Lost));
    assert_eq!(attach(&mutex).try_lock().err(), Some(LockError::Lost));
}

#[test]
fn data_of_another_size_is_refused() {
    let mutex = ShmMutex::create(0_u64).expect("there is memory");
    let other = ShmMutex::<[u64; 2]>::attach(mutex.fd());
    assert!(matches!(other, Err(AttachError::Malformed(_))));
    let mut odd = ShmMutex::create([1_u8; 13]).expect("there is memory");
    assert_eq!(odd.lock().expect("it is free").get(), [1; 13]);
    let mut guard = odd.lock().expect("it is free");
    // SAFETY: nobody else has it.
    let data = unsafe { guard.as_mut() };
    data[12] = 5;
    drop(guard);
    assert_eq!(odd.lock().expect("it is free").get()[11..], [1, 5]);
}

#[test]
fn without_a_guard_the_owner_alone_unlocks_and_its_end_is_told() {
    let mutex: &'static RawMutex = Box::leak(Box::default());
    // SAFETY: the mutex stays for ever.
    let lock = |holder: &mut Holder| unsafe { holder.try_lock(mutex) };
    let mut holder = Holder::default();
    let owner = thread::spawn(move || {
        let mut owner = Holder::default();
        assert_eq!(lock(&mut owner), Ok(Locked::Clean));
        assert!(Holder::has(mutex) && !owner.make_consistent(mutex));
        assert!(owner.unlock(mutex) && !owner.unlock(mutex));
        assert_eq!(lock(&mut owner), Ok(Locked::Clean));
    });
    owner.join().expect("it ends");
    assert!(!Holder::has(mutex) && !holder.unlock(mutex));
    assert_eq!(lock(&mut holder), Ok(Locked::OwnerDied));
    assert!(holder.make_consistent(mutex) && !holder.make_consistent(mutex));
    assert!(holder.unlock(mutex));
    assert_eq!(lock(&mut holder), Ok(Locked::Clean));
    assert!(holder.unlock(mutex));
    let dies = thread::spawn(move || lock(&mut Holder::default()).is_ok());
    assert!(dies.join().expect("it ends"));
    assert_eq!(lock(&mut holder), Ok(Locked::OwnerDied));
    assert!(holder.unlock(mutex), "it was not made consistent");
    assert_eq!(lock(&mut holder), Err(LockError::Lost));
    mutex.renew();
    assert_eq!(lock(&mut holder), Ok(Locked::Clean));
}

#[test]
fn a_guard_that_was_kept_is_there_again_for_its_owner() {
    for create in KINDS {
        let mut mutex = create(1).expect("there is memory");
        let mut other = attach(&mutex);
        assert!(mutex.kept().is_none());
        mutex.lock().expect("it is free").keep();
        let told = thread::spawn(move || other.try_lock().err()).join().expect("it ends");
        assert_eq!(told, Some(LockError::Busy));
        assert_eq!(mutex.try_lock().err(), Some(LockError::Deadlock));
        assert_eq!(mutex.renew(), Err(LockError::Deadlock));
        drop(mutex.kept().expect("it has it"));
        assert!(mutex.kept().is_none());
        mutex.lock().expect("it is free").lose();
        assert_eq!(mutex.try_lock().err(), Some(LockError::Lost));
        assert_eq!(mutex.renew(), Ok(()));
        assert!(mutex.try_lock().is_ok());
    }
}

/// Whether a child that is forked to find something out has found it so.
fn in_a_child(run: impl FnOnce() -> bool) -> bool {
    // SAFETY: the child calls nothing that needs another thread of its parent's.
    let child = unsafe { libc::fork() };
    if child == 0 {
        let said = run();
        // SAFETY: it ends the child.
        unsafe { libc::_exit(i32::from(!said)) };
    }
    let mut status = 0;
    // SAFETY: the status is there to be written.
    unsafe { libc::waitpid(child, &raw mut status, 0) };
    libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0
}

#[test]
fn who_only_tries_is_told_of_a_dead_owner() {
    let mut mutex = ShmMutex::create_portable(1_u64).expect("there is memory");
    for waits in [false, true] {
        assert!(in_a_child(|| mutex.lock().map(std::mem::forget).is_ok()));
        let guard = if waits { mutex.lock_timeout(Duration::ZERO) } else { mutex.try_lock() };
        let mut guard = guard.expect("nobody lives who has it");
        assert!(guard.owner_died());
        guard.make_consistent();
    }
}

#[test]
fn a_child_is_not_its_parent_though_it_has_the_handle() {
    let mut mutex = ShmMutex::create_portable(1_u64).expect("there is memory");
    let mut other = attach(&mutex);
    mutex.lock().expect("it is free").keep();
    let refused = || mutex.kept().is_none() && mutex.try_lock().err() == Some(LockError::Busy);
    assert!(in_a_child(refused));
    assert_eq!(other.try_lock().err(), Some(LockError::Busy));
    drop(mutex.kept().expect("it is the parent's still"));
    assert!(in_a_child(|| mutex.lock().map(std::mem::forget).is_ok()));
    let mut guard = other.lock().expect("the child is dead, whoever lives of its parents");
    assert!(guard.owner_died());
    guard.make_consistent();
}
