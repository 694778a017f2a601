//! Locked and unlocked, alone and by two.

use std::sync::atomic::{AtomicU64, Ordering};

use ipc_impls::mutex::ShmMutex;

use crate::turns::shared;
use crate::{Entry, beside, forked, nanoseconds_used};

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
    let deaths: Vec<Entry> = vec![
        ("shm mutex".into(), Box::new(|| our_deaths(ShmMutex::create(0).expect("memory")))),
        (
            "shm mutex, portable".into(),
            Box::new(|| our_deaths(ShmMutex::create_portable(0).expect("memory"))),
        ),
        ("pthread, robust".into(), Box::new(their_deaths)),
    ];
    crate::compare("from SIGKILL for the owner until who waits has the mutex", &deaths);
}

/// Deaths in a round, of which the median counts.
const DEATHS: usize = 31;

fn our_deaths(mut mutex: ShmMutex<u64>) -> f64 {
    let fd = std::os::fd::AsFd::as_fd(&mutex.fd()).try_clone_to_owned().expect("descriptors");
    let hold = |held: &dyn Fn()| {
        let fd = std::os::fd::AsFd::as_fd(&fd);
        let mut mutex: ShmMutex<u64> = ShmMutex::attach(fd).expect("it is a mutex");
        let _guard = mutex.lock().expect("it is free");
        held();
    };
    deaths(&hold, &mut || {
        let mut guard = mutex.lock().expect("it is recovered");
        let now = now();
        assert!(guard.owner_died(), "somebody has died over it");
        guard.make_consistent();
        now
    })
}

fn their_deaths() -> f64 {
    let mutex = pthread(true);
    // SAFETY: it was set up.
    let lock = || unsafe { libc::pthread_mutex_lock(mutex) };
    let hold = |held: &dyn Fn()| {
        assert_eq!(lock(), 0, "it is free");
        held();
    };
    deaths(&hold, &mut || {
        let told = lock();
        let now = now();
        assert_eq!(told, libc::EOWNERDEAD, "somebody has died over it");
        // SAFETY: it is ours.
        unsafe { libc::pthread_mutex_consistent(mutex) };
        // SAFETY: as above.
        unsafe { libc::pthread_mutex_unlock(mutex) };
        now
    })
}

/// The median of some deaths: `hold` takes the mutex in a child, says so and never returns; `wait` takes
/// it behind that one's death and says when.
fn deaths(hold: &dyn Fn(&dyn Fn()), wait: &mut dyn FnMut() -> u64) -> f64 {
    let (held, killed): (&AtomicU64, &AtomicU64) = (shared(), shared());
    let mut all: Vec<u64> = (0..DEATHS).map(|_| death(hold, wait, held, killed)).collect();
    all.sort_unstable();
    all[DEATHS / 2] as f64
}

fn death(
    hold: &dyn Fn(&dyn Fn()),
    wait: &mut dyn FnMut() -> u64,
    held: &AtomicU64,
    killed: &AtomicU64,
) -> u64 {
    held.store(0, Ordering::SeqCst);
    let owner = forked(|| {
        hold(&|| {
            held.store(1, Ordering::SeqCst);
            loop {
                // SAFETY: takes nothing.
                unsafe { libc::pause() };
            }
        });
    });
    while held.load(Ordering::SeqCst) == 0 {
        // SAFETY: a null status is allowed.
        let ended = unsafe { libc::waitpid(owner, std::ptr::null_mut(), libc::WNOHANG) };
        assert_eq!(ended, 0, "the owner has failed");
        std::thread::yield_now();
    }
    let killer = forked(|| {
        while !parent_sleeps() {
            std::thread::yield_now();
        }
        killed.store(now(), Ordering::SeqCst);
        // SAFETY: it is this process's sibling, and nobody has waited for it.
        unsafe { libc::kill(owner, libc::SIGKILL) };
    });
    crate::pin(0);
    let took = wait() - killed.load(Ordering::SeqCst);
    for child in [owner, killer] {
        // SAFETY: a null status is allowed.
        unsafe { libc::waitpid(child, std::ptr::null_mut(), 0) };
    }
    took
}

/// Whether this process's parent has fallen asleep over the mutex: it waits for nothing else meanwhile.
fn parent_sleeps() -> bool {
    let parent = std::os::unix::process::parent_id();
    let stat = std::fs::read_to_string(format!("/proc/{parent}/stat")).expect("it lives");
    stat.rsplit_once(") ").is_some_and(|(_, state)| state.starts_with('S'))
}

/// Nanoseconds of a clock that all processes share.
fn now() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the time is there to be written.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut time) };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
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

fn pthread(robust: bool) -> *mut libc::pthread_mutex_t {
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
    mutex
}

fn theirs(robust: bool, two: bool) -> f64 {
    let mutex = pthread(robust);
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
