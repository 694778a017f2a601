//! A process that is single-stepped, and killed after every instruction of what it does; after every
//! fifth, if `IPC_DEATHS_EVERY` does not say otherwise.

use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

use ipc_impls::mutex::ShmMutex;
use ipc_impls::ring::{RecvError, SendError, SpscRing};
use nix::libc;

use crate::{FORGOTTEN, Process, process, release};

pub(crate) const TESTS: &[(&str, fn())] = &[
    ("an_owner_dies_at_every_instruction", owner),
    ("a_producer_dies_at_every_instruction", producer),
    ("a_consumer_dies_at_every_instruction", consumer),
    ("an_owner_dies_at_every_instruction_of_its_release", release::kernel),
    ("a_portable_owner_dies_at_every_instruction_of_its_release", release::portable),
    ("a_pthread_owner_dies_at_every_instruction_of_its_release", release::pthread),
];

/// More instructions than any of these takes: then something is wrong.
pub(crate) const MOST: usize = 5_000;

/// Stops, to be stepped from here on.
pub(crate) fn stop() {
    // SAFETY: it asks to be traced by its parent, which is there.
    unsafe { libc::ptrace(libc::PTRACE_TRACEME, 0, 0, 0) };
    // SAFETY: it stops this process.
    unsafe { libc::raise(libc::SIGSTOP) };
}

pub(crate) fn play(role: &str, memory: BorrowedFd<'_>) {
    match role {
        "stepped owner" => {
            let mut mutex = ShmMutex::<u64>::attach(memory).expect("it is a mutex");
            // Once before, so that nothing is done for the first time.
            drop(mutex.lock());
            stop();
            let mut guard = mutex.lock().expect("it is free");
            guard.set(1);
            drop(guard);
        }
        "stepped producer" => {
            let ring = SpscRing::attach(memory).expect("it is a ring");
            let mut producer = ring.producer().expect("nobody has that side");
            producer.send(&0_u64.to_le_bytes()).expect("there is room");
            stop();
            producer.send(&1_u64.to_le_bytes()).expect("there is room");
            producer.close();
        }
        "stepped consumer" => {
            let ring = SpscRing::attach(memory).expect("it is a ring");
            let mut consumer = ring.consumer().expect("nobody has that side");
            let mut bytes = Vec::new();
            consumer.recv(&mut bytes).expect("there is one");
            stop();
            consumer.recv(&mut bytes).expect("there is one");
            consumer.close();
        }
        role if role.contains("release") => release::play(role, memory),
        _ => stop(),
    }
    // So far it is stepped.
    stop();
}

/// A process that is stopped between two instructions.
pub(crate) struct Stepped(Process);

impl Stepped {
    /// Stopped where it asks for it.
    pub(crate) fn new(role: &str, memory: BorrowedFd<'_>) -> Stepped {
        let process = Stepped(process(role, memory));
        assert_eq!(process.stopped(), Some(libc::SIGSTOP), "it stops by itself");
        process
    }

    /// The signal by which it has stopped.
    fn stopped(&self) -> Option<i32> {
        let mut status = 0;
        // SAFETY: the status is there to be written.
        let waited = unsafe { libc::waitpid(self.0.id(), &raw mut status, 0) };
        (waited == self.0.id() && libc::WIFSTOPPED(status)).then(|| libc::WSTOPSIG(status))
    }

    /// One instruction on; says whether there was one.
    pub(crate) fn step(&self) -> bool {
        // SAFETY: it is stopped, and ours to trace.
        unsafe { libc::ptrace(libc::PTRACE_SINGLESTEP, self.0.id(), 0, 0) };
        match self.stopped() {
            Some(libc::SIGTRAP) => true,
            other => {
                assert_eq!(other, Some(libc::SIGSTOP), "it is through");
                false
            }
        }
    }
}

/// Whether this system lets a process trace its child.
pub(crate) fn is_permitted() -> bool {
    let Ok(memory) = SpscRing::create(32) else { return false };
    let process = Stepped(process("stepped", memory.fd()));
    if process.stopped() != Some(libc::SIGSTOP) {
        return false;
    }
    // SAFETY: it is stopped.
    let stepped = unsafe { libc::ptrace(libc::PTRACE_SINGLESTEP, process.0.id(), 0, 0) };
    stepped == 0 && process.stopped().is_some()
}

/// A process is killed after each number of steps that is so much apart: all of them are tried where
/// there is time (`IPC_DEATHS_EVERY=1`).
pub(crate) fn stride() -> usize {
    std::env::var("IPC_DEATHS_EVERY").map_or(5, |every| every.parse().expect("it is a number"))
}

/// Calls `judge` with a process that is stopped after these numbers of steps; says how many there were.
/// `judge` ends the process, and may step it further before.
fn at_every_instruction(role: &str, mut memory: impl FnMut() -> Case) -> usize {
    for steps in (0..MOST).step_by(stride()) {
        let case = memory();
        let process = Stepped::new(role, case.memory());
        let mut done = 0;
        while done < steps && process.step() {
            done += 1;
        }
        case.judge(process, steps);
        if done < steps {
            println!("{role}: {done} instructions");
            return done;
        }
    }
    panic!("{role} does not end within {MOST} instructions");
}

/// What is shared with the process, and what must hold when it has died.
enum Case {
    Owner(ShmMutex<u64>),
    Producer(SpscRing, ipc_impls::ring::Consumer),
    Consumer(SpscRing, ipc_impls::ring::Producer),
}

impl Case {
    fn memory(&self) -> BorrowedFd<'_> {
        match self {
            Case::Owner(mutex) => mutex.fd(),
            Case::Producer(ring, _) | Case::Consumer(ring, _) => ring.fd(),
        }
    }

    fn judge(self, process: Stepped, steps: usize) {
        match self {
            Case::Owner(mutex) => judge_owner(mutex, process, steps),
            Case::Producer(_, consumer) => judge_producer(consumer, process, steps),
            Case::Consumer(ring, producer) => judge_consumer(&ring, producer, process, steps),
        }
    }
}

fn owner() {
    let points = at_every_instruction("stepped owner", || {
        Case::Owner(ShmMutex::create(0).expect("there is memory"))
    });
    assert!(points > 20, "{points} instructions");
}

/// Two wait when it dies. Both get the mutex, and well before the time after which they would look by
/// themselves; if it had it when it died, one is told.
fn judge_owner(mutex: ShmMutex<u64>, process: Stepped, steps: usize) {
    let waiters: Vec<_> = (0..2)
        .map(|_| {
            let mut mutex = ShmMutex::<u64>::attach(mutex.fd()).expect("it is a mutex");
            std::thread::spawn(move || {
                let mut guard = mutex.lock_timeout(FORGOTTEN).expect("it is not forgotten");
                let died = guard.owner_died();
                guard.make_consistent();
                assert!(guard.get() <= 1, "torn");
                died
            })
        })
        .collect();
    let word = || word_of(mutex.fd());
    // If it has the mutex, they come to sleep over it, and the rest of it is with them asleep.
    let held = word() & ((1 << 29) - 1) == process.0.id() as u32;
    if held {
        let begun = Instant::now();
        while word() >> 31 == 0 {
            assert!(begun.elapsed() < FORGOTTEN, "nobody waits");
            std::thread::yield_now();
        }
    }
    let begun = Instant::now();
    process.0.kill();
    let deaths = waiters.into_iter().map(|waiter| waiter.join().expect("it is not forgotten"));
    let deaths = deaths.filter(|died| *died).count();
    assert!(begun.elapsed() < FORGOTTEN);
    assert_eq!(deaths, usize::from(held), "killed after {steps} instructions");
}

/// The word of a mutex, as the file has it.
fn word_of(memory: BorrowedFd<'_>) -> u32 {
    use std::os::unix::fs::FileExt as _;
    let file = std::fs::File::from(memory.try_clone_to_owned().expect("there are descriptors"));
    let mut word = [0; 4];
    file.read_exact_at(&mut word, 4096).expect("it is that long");
    u32::from_le_bytes(word)
}

fn producer() {
    let points = at_every_instruction("stepped producer", || {
        let ring = SpscRing::create(64).expect("there is memory");
        let consumer = ring.consumer().expect("nobody has that side");
        Case::Producer(ring, consumer)
    });
    assert!(points > 20, "{points} instructions");
}

/// The consumer sleeps when it dies. It gets all that was sent, whole, and is told how it ended.
fn judge_producer(mut consumer: ipc_impls::ring::Consumer, process: Stepped, steps: usize) {
    let waiter = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let mut numbers = Vec::new();
        loop {
            match consumer.recv_timeout(&mut bytes, FORGOTTEN) {
                Ok(Some(_)) => numbers.push(bytes.clone()),
                Ok(None) => break (numbers, None),
                Err(error) => break (numbers, Some(error)),
            }
        }
    });
    process.0.kill();
    let (numbers, error) = waiter.join().expect("it is not forgotten");
    let sent = [0_u64.to_le_bytes().to_vec(), 1_u64.to_le_bytes().to_vec()];
    assert!(sent.starts_with(&numbers) && !numbers.is_empty(), "after {steps}: {numbers:?}");
    assert!(error.is_none() || error == Some(RecvError::PeerDied), "after {steps}: {error:?}");
    assert!(
        error.is_some() || numbers.len() == 2,
        "after {steps}: the end before the last message"
    );
}

fn consumer() {
    let points = at_every_instruction("stepped consumer", || {
        let ring = SpscRing::create(32).expect("there is memory");
        let mut producer = ring.producer().expect("nobody has that side");
        for number in 0..2_u64 {
            producer.send(&number.to_le_bytes()).expect("there is room");
        }
        Case::Consumer(ring, producer)
    });
    assert!(points > 20, "{points} instructions");
}

/// The producer sleeps over a full ring when it dies. It is told, and a successor gets the rest.
fn judge_consumer(
    ring: &SpscRing,
    mut producer: ipc_impls::ring::Producer,
    process: Stepped,
    steps: usize,
) {
    let waiter = std::thread::spawn(move || {
        let mut next = 2_u64;
        loop {
            match producer.send_timeout(&next.to_le_bytes(), FORGOTTEN) {
                Ok(()) => next += 1,
                Err(error) => break (next, error),
            }
        }
    });
    process.0.kill();
    let (next, error) = waiter.join().expect("it is not forgotten");
    match error {
        SendError::Closed => return,
        error => assert_eq!(error, SendError::PeerDied, "after {steps}"),
    }
    let mut successor = ring.consumer().expect("the last one is dead");
    let mut bytes = Vec::new();
    for number in next - 2..next {
        let soon = Duration::from_secs(1);
        assert_eq!(successor.recv_timeout(&mut bytes, soon), Ok(Some(8)), "after {steps}");
        assert_eq!(bytes, number.to_le_bytes(), "after {steps}");
    }
}
