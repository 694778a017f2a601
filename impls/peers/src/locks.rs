//! Locked and unlocked, alone and by two.

use std::sync::atomic::{AtomicU64, Ordering};

use ipc_impls::mutex::ShmMutex;

use crate::turns::shared;
use crate::{Entry, beside, nanoseconds_used};

const COUNT: u64 = 1_000_000;

pub fn compare() {
    let alone: Vec<Entry> = vec![
        ("shm mutex".into(), Box::new(|| ours(ShmMutex::create(0).expect("memory"), false))),
        (
            "shm mutex, portable".into(),
            Box::new(|| ours(ShmMutex::create_portable(0).expect("memory"), false)),
        ),
        ("pthread, robust".into(), Box::new(|| theirs(true, false))),
        ("pthread, process-shared".into(), Box::new(|| theirs(false, false))),
        ("compare-and-swap and a store".into(), Box::new(|| swap(false))),
        ("two compare-and-swaps".into(), Box::new(|| swap(true))),
    ];
    crate::compare("lock and unlock, alone", &alone);
    let two: Vec<Entry> = vec![
        ("shm mutex".into(), Box::new(|| ours(ShmMutex::create(0).expect("memory"), true))),
        (
            "shm mutex, portable".into(),
            Box::new(|| ours(ShmMutex::create_portable(0).expect("memory"), true)),
        ),
        ("pthread, robust".into(), Box::new(|| theirs(true, true))),
        ("pthread, process-shared".into(), Box::new(|| theirs(false, true))),
    ];
    crate::compare("lock and unlock, by two processes, for each of both", &two);
}

fn ours(mut mutex: ShmMutex<u64>, two: bool) -> f64 {
    let turns = |mutex: &mut ShmMutex<u64>| {
        for _ in 0..COUNT {
            drop(mutex.lock().expect("nobody dies"));
        }
    };
    if !two {
        return nanoseconds_used(COUNT, || turns(&mut mutex));
    }
    let other = std::os::fd::AsFd::as_fd(&mutex.fd()).try_clone_to_owned().expect("descriptors");
    let total = std::time::Instant::now();
    beside(
        || {
            let other = std::os::fd::AsFd::as_fd(&other);
            turns(&mut ShmMutex::attach(other).expect("it is a mutex"));
        },
        || {
            turns(&mut mutex);
            0.0
        },
    );
    total.elapsed().as_nanos() as f64 / (2 * COUNT) as f64
}

fn theirs(robust: bool, two: bool) -> f64 {
    let mutex: *mut libc::pthread_mutex_t = std::ptr::from_ref(shared()).cast_mut().cast();
    // SAFETY: all zeros are attributes to be set up.
    let mut attributes: libc::pthread_mutexattr_t = unsafe { std::mem::zeroed() };
    // SAFETY: they are there, and only ours.
    unsafe { libc::pthread_mutexattr_init(&mut attributes) };
    // SAFETY: as above.
    unsafe { libc::pthread_mutexattr_setpshared(&mut attributes, libc::PTHREAD_PROCESS_SHARED) };
    if robust {
        // SAFETY: as above.
        unsafe { libc::pthread_mutexattr_setrobust(&mut attributes, libc::PTHREAD_MUTEX_ROBUST) };
    }
    // SAFETY: the page is fresh, and larger than a mutex.
    unsafe { libc::pthread_mutex_init(mutex, &attributes) };
    let turns = || {
        for _ in 0..COUNT {
            // SAFETY: it was set up.
            unsafe { libc::pthread_mutex_lock(mutex) };
            // SAFETY: it is ours.
            unsafe { libc::pthread_mutex_unlock(mutex) };
        }
    };
    if !two {
        return nanoseconds_used(COUNT, turns);
    }
    let total = std::time::Instant::now();
    beside(turns, || {
        turns();
        0.0
    });
    total.elapsed().as_nanos() as f64 / (2 * COUNT) as f64
}

/// A mutex that nobody may die over can do with a store; one whose sleepers must not be lost cannot.
fn swap(twice: bool) -> f64 {
    let word: &AtomicU64 = shared();
    nanoseconds_used(COUNT, || {
        for _ in 0..COUNT {
            let _ = word.compare_exchange(0, 1, Ordering::Acquire, Ordering::Relaxed);
            if twice {
                let _ = word.compare_exchange(1, 0, Ordering::Release, Ordering::Relaxed);
            } else {
                word.store(0, Ordering::Release);
            }
        }
    })
}
