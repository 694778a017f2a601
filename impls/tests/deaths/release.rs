//! An owner that is killed after every instruction of its release, while two sleep over the mutex and
//! a third is quick to take it. Nobody may sleep on over a mutex that is free.
//!
//! The same is done to a robust `pthread_mutex_t`, for comparison: what becomes of it is printed.

use std::fs::{self, File};
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::os::unix::fs::FileExt as _;
use std::time::{Duration, Instant};

use ipc_impls::mutex::{Guard, LockError, ShmMutex};
use memmap2::{MmapOptions, MmapRaw};
use nix::libc;
use nix::sys::memfd::{MFdFlags, memfd_create};

use crate::every_instruction::{MOST, Stepped, stop, stride};
use crate::{FORGOTTEN, Process, process};

/// Where both kinds have their word, in bytes from the beginning of the file.
const WORD_AT: u64 = 4096;
const WAITERS: u32 = 1 << 31;
/// The name of the owner; the bits above say other things.
const OWNER: u32 = (1 << 29) - 1;
/// What a waiter ends with that was told of a death.
const TOLD: i32 = 77;

pub(crate) fn kernel() {
    nobody_is_lost(&|| Box::new(ShmMutex::create(0_u64).expect("there is memory")));
}

pub(crate) fn portable() {
    nobody_is_lost(&|| Box::new(ShmMutex::create_portable(0_u64).expect("there is memory")));
}

pub(crate) fn pthread() {
    let (points, lost) = at_every_instruction(&|| Box::new(Pthread::create()));
    println!("pthread: a waiter is lost at {lost} of {points} instructions");
    assert!(points > 20, "{points} instructions");
}

fn nobody_is_lost(create: &dyn Fn() -> Box<dyn Mutex>) {
    let (points, lost) = at_every_instruction(create);
    assert!(points > 20, "{points} instructions");
    assert_eq!(lost, 0, "instructions of {points} at which a death leaves a sleeper behind");
}

pub(crate) fn play(role: &str, memory: BorrowedFd<'_>) {
    let pthread = role.starts_with("pthread");
    let mut mutex: Box<dyn Mutex> = match pthread {
        true => Box::new(Pthread::attach(memory)),
        false => Box::new(ShmMutex::<u64>::attach(memory).expect("it is a mutex")),
    };
    if role.ends_with("waiter") {
        let mut told = false;
        mutex.held(&mut |died| told = died);
        std::process::exit(if told { TOLD } else { 0 });
    }
    // Once before, so that nothing is done for the first time.
    mutex.held(&mut |_| ());
    mutex.held(&mut |_| stop());
    stop();
}

/// A mutex over a file: ours, or the C library's.
trait Mutex {
    fn memory(&self) -> BorrowedFd<'_>;
    /// The role of a process that has one of these.
    fn role(&self, role: &str) -> String;
    /// Takes it, sleeping if need be, says whether its owner had died, and releases it after `within`.
    fn held(&mut self, within: &mut dyn FnMut(bool));
    /// The same if nobody has it; says whether.
    fn held_at_once(&mut self, within: &mut dyn FnMut()) -> bool;
}

impl Mutex for ShmMutex<u64> {
    fn memory(&self) -> BorrowedFd<'_> {
        self.fd()
    }

    fn role(&self, role: &str) -> String {
        role.to_owned()
    }

    fn held(&mut self, within: &mut dyn FnMut(bool)) {
        let mut guard = self.lock_timeout(FORGOTTEN).expect("it is not forgotten");
        within(guard.owner_died());
        guard.make_consistent();
    }

    fn held_at_once(&mut self, within: &mut dyn FnMut()) -> bool {
        let guard: Result<Guard<'_, u64>, LockError> = self.try_lock();
        guard.is_ok_and(|guard| {
            within();
            assert!(!guard.owner_died(), "it was released");
            true
        })
    }
}

/// A robust process-shared `pthread_mutex_t`.
struct Pthread {
    file: File,
    memory: MmapRaw,
}

impl Pthread {
    fn create() -> Pthread {
        let fd = memfd_create("pthread", MFdFlags::MFD_CLOEXEC).expect("there is memory");
        let file = File::from(fd);
        file.set_len(2 * WORD_AT).expect("there is memory");
        let mutex = Pthread::attach(file.as_fd());
        // SAFETY: all zeros are attributes to be set up.
        let mut attributes: libc::pthread_mutexattr_t = unsafe { std::mem::zeroed() };
        let kind = (libc::PTHREAD_PROCESS_SHARED, libc::PTHREAD_MUTEX_ROBUST);
        // SAFETY: they are there, and only ours.
        unsafe { libc::pthread_mutexattr_init(&raw mut attributes) };
        // SAFETY: as above.
        unsafe { libc::pthread_mutexattr_setpshared(&raw mut attributes, kind.0) };
        // SAFETY: as above.
        unsafe { libc::pthread_mutexattr_setrobust(&raw mut attributes, kind.1) };
        // SAFETY: nobody else has the memory yet.
        unsafe { libc::pthread_mutex_init(mutex.mutex(), &raw const attributes) };
        mutex
    }

    fn attach(memory: BorrowedFd<'_>) -> Pthread {
        let file = File::from(memory.try_clone_to_owned().expect("there are descriptors"));
        let memory = MmapOptions::new().map_raw(&file).expect("there is memory");
        Pthread { file, memory }
    }

    fn mutex(&self) -> *mut libc::pthread_mutex_t {
        self.memory.as_mut_ptr().wrapping_add(WORD_AT as usize).cast()
    }

    fn release(&self, died: bool) {
        if died {
            // SAFETY: it is ours, and its owner had died.
            unsafe { libc::pthread_mutex_consistent(self.mutex()) };
        }
        // SAFETY: it is ours.
        unsafe { libc::pthread_mutex_unlock(self.mutex()) };
    }
}

impl Mutex for Pthread {
    fn memory(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }

    fn role(&self, role: &str) -> String {
        format!("pthread {role}")
    }

    fn held(&mut self, within: &mut dyn FnMut(bool)) {
        // SAFETY: it was set up.
        let locked = unsafe { libc::pthread_mutex_lock(self.mutex()) };
        let died = locked == libc::EOWNERDEAD;
        assert!(locked == 0 || died, "{locked}");
        within(died);
        self.release(died);
    }

    fn held_at_once(&mut self, within: &mut dyn FnMut()) -> bool {
        // SAFETY: it was set up.
        let locked = unsafe { libc::pthread_mutex_trylock(self.mutex()) };
        if locked == libc::EBUSY {
            return false;
        }
        assert_eq!(locked, 0, "it was released");
        within();
        self.release(false);
        true
    }
}

/// Instructions of the release, and those of them at which a death leaves somebody asleep.
fn at_every_instruction(create: &dyn Fn() -> Box<dyn Mutex>) -> (usize, usize) {
    let mut lost = 0;
    for steps in (0..MOST).step_by(stride()) {
        let mut mutex = create();
        let (done, left) = killed_after(&mut *mutex, steps);
        lost += usize::from(left > 0);
        if done < steps {
            println!("{}: {done} instructions", mutex.role("release"));
            return (done / stride(), lost);
        }
    }
    panic!("a release does not end within {MOST} instructions");
}

/// How many instructions there were of the release, up to `steps`, and how many were left asleep.
fn killed_after(mutex: &mut dyn Mutex, steps: usize) -> (usize, usize) {
    let memory = mutex.memory().try_clone_to_owned().expect("there are descriptors");
    let owner = Stepped::new(&mutex.role("stepped releaser"), memory.as_fd());
    let mut waiters: Vec<Process> =
        (0..2).map(|_| process(&mutex.role("release waiter"), memory.as_fd())).collect();
    let asleep = |looks: &[Look]| looks.iter().all(|look| matches!(look, Look::Asleep(_)));
    until(|| word(&memory) & WAITERS != 0 && looks(&mut waiters).is_some_and(|all| asleep(&all)));
    let mut done = 0;
    while done < steps && owner.step() {
        done += 1;
    }
    let mut owner = Some(owner);
    let is_held = word(&memory) & OWNER != 0;
    // It is killed while the third has the mutex, if that can have it.
    mutex.held_at_once(&mut || drop(owner.take()));
    drop(owner.take());
    // All have ended, or some sleep though nobody has the mutex: nobody is left who could wake them.
    let over = |looks: &[Look]| looks.iter().all(|look| *look == Look::Ended);
    until(|| {
        let is_free = word(&memory) & OWNER == 0;
        looks(&mut waiters).is_some_and(|all| over(&all) || is_free && word(&memory) & OWNER == 0)
    });
    let ends: Vec<Option<i32>> = waiters.iter_mut().map(Process::code).collect();
    let told = ends.iter().filter(|end| **end == Some(TOLD)).count();
    let left = ends.iter().filter(|end| end.is_none()).count();
    assert!(ends.iter().flatten().all(|code| [0, TOLD].contains(code)), "after {steps}: {ends:?}");
    assert!(told <= usize::from(is_held), "after {steps}: {told} were told of a death");
    (done, left)
}

fn word(memory: &OwnedFd) -> u32 {
    let file = File::from(memory.try_clone().expect("there are descriptors"));
    let mut word = [0; 4];
    file.read_exact_at(&mut word, WORD_AT).expect("it is that long");
    u32::from_le_bytes(word)
}

/// What a waiter is seen to be at.
#[derive(PartialEq)]
enum Look {
    Ended,
    /// It sleeps over a word, and has had the processor so often.
    Asleep(String),
}

/// What the waiters are at, if each has ended or sleeps, and none did anything between two looks.
fn looks(waiters: &mut [Process]) -> Option<Vec<Look>> {
    let mut all = || waiters.iter_mut().map(look).collect::<Option<Vec<Look>>>();
    let before = all()?;
    (before == all()?).then_some(before)
}

fn look(waiter: &mut Process) -> Option<Look> {
    if waiter.has_ended() {
        return Some(Look::Ended);
    }
    let line = |what| fs::read_to_string(format!("/proc/{}/{what}", waiter.id())).ok();
    let calls = line("syscall")?.starts_with(&format!("{} ", libc::SYS_futex));
    line("schedstat").filter(|_| calls).map(Look::Asleep)
}

/// Waits until that is so.
fn until(mut so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !so() {
        assert!(begun.elapsed() < FORGOTTEN + Duration::from_secs(5), "it never comes to rest");
        std::thread::yield_now();
    }
}
