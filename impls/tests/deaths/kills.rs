//! Processes that are killed while they work, at any time.

use std::collections::BTreeMap;
use std::os::fd::BorrowedFd;

use ipc_impls::mutex::ShmMutex;
use ipc_impls::ring::{MpscRing, RecvError, SendError, SpscRing};

use crate::{FORGOTTEN, process};

fn kills() -> u64 {
    std::env::var("IPC_DEATHS_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(30)
}

/// How much the `round`th victim does before it is killed: seldom the same.
fn work(round: u64) -> u64 {
    round.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 53
}

/// Message `number`: its number as often as its length allows.
fn message(number: u64) -> Vec<u8> {
    number.to_le_bytes().repeat(1 + (number % 5) as usize)
}

fn number(message: &[u8]) -> u64 {
    let number = u64::from_le_bytes(message[..8].try_into().expect("it has eight bytes"));
    assert_eq!(message, self::message(number), "torn");
    number
}

/// Sends numbers from 0 on, for ever.
pub(crate) fn produce(memory: BorrowedFd<'_>) {
    let ring = SpscRing::attach(memory).expect("it is a ring");
    let mut producer = ring.producer().expect("the last one is dead");
    for number in 0.. {
        producer.send(&message(number)).expect("the consumer is there");
    }
}

pub(crate) fn a_ring_outlives_its_producers() {
    let ring = SpscRing::create(512).expect("there is memory");
    let mut consumer = ring.consumer().expect("nobody has that side");
    let mut bytes = Vec::new();
    for round in 0..kills() {
        let victim = process("producer", ring.fd());
        let mut next = 0;
        // Before the first one has come there is nobody to be dead.
        while next < work(round).max(u64::from(round == 0)) {
            match consumer.recv_timeout(&mut bytes, FORGOTTEN) {
                Ok(Some(_)) => {
                    assert_eq!(number(&bytes), next, "of victim {round}");
                    next += 1;
                }
                Ok(None) => panic!("victim {round} has closed"),
                // It has not come yet, and the last one is dead.
                Err(error) => assert_eq!((error, next), (RecvError::PeerDied, 0)),
            }
        }
        victim.kill();
        loop {
            match consumer.recv_timeout(&mut bytes, FORGOTTEN) {
                Ok(Some(_)) => assert_eq!(number(&bytes), next, "of victim {round}"),
                Ok(None) => panic!("victim {round} has closed"),
                Err(error) => break assert_eq!(error, RecvError::PeerDied),
            }
            next += 1;
        }
    }
}

/// Receives numbers in order, from whichever on, for ever.
pub(crate) fn consume(memory: BorrowedFd<'_>) {
    let ring = SpscRing::attach(memory).expect("it is a ring");
    let mut consumer = ring.consumer().expect("the last one is dead");
    let (mut next, mut bytes) = (None, Vec::new());
    while consumer.recv(&mut bytes).expect("the producer is there").is_some() {
        let number = number(&bytes);
        assert!(next.is_none_or(|next| next == number), "{number} after {next:?}");
        next = Some(number + 1);
    }
}

pub(crate) fn a_ring_outlives_its_consumers() {
    let ring = SpscRing::create(512).expect("there is memory");
    let mut producer = ring.producer().expect("nobody has that side");
    let mut next = 0;
    for round in 0..kills() {
        let victim = process("consumer", ring.fd());
        let until = next + work(round) + 50;
        while next < until {
            match producer.send_timeout(&message(next), FORGOTTEN) {
                Ok(()) => next += 1,
                // It has not come yet, and the last one is dead.
                Err(error) => assert_eq!((error, round > 0), (SendError::PeerDied, true)),
            }
        }
        victim.kill();
        let refused = loop {
            match producer.send_timeout(&message(next), FORGOTTEN) {
                Ok(()) => next += 1,
                Err(refused) => break refused,
            }
        };
        assert_eq!(refused, SendError::PeerDied);
    }
    // What the last one had not released is delivered again, and nothing is missing.
    drop(producer);
    let mut consumer = ring.consumer().expect("the last one is dead");
    let mut bytes = Vec::new();
    let mut got = Vec::new();
    while consumer.recv(&mut bytes).expect("the producer has closed").is_some() {
        got.push(number(&bytes));
    }
    assert_eq!(got.last(), Some(&(next - 1)));
    assert!(got.windows(2).all(|pair| pair[0] + 1 == pair[1]), "{got:?}");
}

/// Sends numbers from 0 on, behind its process number, for ever.
pub(crate) fn produce_in_a_lane(memory: BorrowedFd<'_>) {
    let ring = MpscRing::attach(memory).expect("it is a ring");
    let mut producer = ring.producer().expect("there is a lane");
    for number in 0_u64.. {
        let message = [u64::from(std::process::id()).to_le_bytes(), number.to_le_bytes()];
        producer.send(message.as_flattened()).expect("the consumer is there");
    }
}

pub(crate) fn lanes_outlive_their_producers() {
    let ring = MpscRing::create(4, 256).expect("there is memory");
    let mut consumer = ring.consumer().expect("nobody has that side");
    let mut victims: Vec<_> = (0..3).map(|_| process("lane", ring.fd())).collect();
    let mut next: BTreeMap<u64, u64> = BTreeMap::new();
    let (mut bytes, mut deaths) = (Vec::new(), 0);
    for round in 0..kills() {
        let (begun, mut told) = (std::time::Instant::now(), 0);
        while told < work(round) {
            told += 1;
            match consumer.recv_timeout(&mut bytes, FORGOTTEN) {
                Ok(Some(_)) => {
                    let word = |at: usize| {
                        u64::from_le_bytes(bytes[at..at + 8].try_into().expect("it has 16 bytes"))
                    };
                    let next = next.entry(word(0)).or_default();
                    assert_eq!(word(8), *next, "of process {}", word(0));
                    *next += 1;
                }
                // All that have joined are dead, and those that were started have not joined yet.
                Ok(None) => {
                    assert!(begun.elapsed() < FORGOTTEN, "nobody joins in round {round}");
                    told -= 1;
                }
                Err(error) => {
                    assert_eq!(error, RecvError::PeerDied);
                    deaths += 1;
                }
            }
        }
        victims.remove(round as usize % victims.len()).kill();
        victims.push(process("lane", ring.fd()));
    }
    assert!(deaths <= kills(), "{deaths} deaths told of {}", kills());
    assert!(next.len() > 3, "no process came after those that were killed");
}

/// Takes the mutex and counts, for ever: while it has it, the two numbers are unequal.
pub(crate) fn own(memory: BorrowedFd<'_>) {
    let mut mutex = ShmMutex::<[u64; 2]>::attach(memory).expect("it is a mutex");
    loop {
        let mut guard = mutex.lock().expect("nobody loses it");
        let [mut one, two] = guard.get();
        if guard.owner_died() {
            // It died before the first store, between the two, or after the second.
            assert!(one == two || one == two + 1, "{one} and {two}");
            one = two;
            guard.make_consistent();
        }
        assert_eq!(one, two, "somebody else has it");
        guard.set([one + 1, two]);
        std::hint::spin_loop();
        guard.set([one + 1, two + 1]);
    }
}

pub(crate) fn a_mutex_outlives_its_owners() {
    owners_are_killed(ShmMutex::create([0; 2]).expect("there is memory"));
}

pub(crate) fn a_portable_mutex_outlives_its_owners() {
    owners_are_killed(ShmMutex::create_portable([0; 2]).expect("there is memory"));
}

fn owners_are_killed(mut mutex: ShmMutex<[u64; 2]>) {
    let mut victims: Vec<_> = (0..3).map(|_| process("owner", mutex.fd())).collect();
    let mut last = 0;
    for round in 0..kills() {
        let until = last + work(round);
        while last < until {
            let mut guard = mutex.lock_timeout(FORGOTTEN).expect("the others let go");
            let [one, two] = guard.get();
            if guard.owner_died() {
                assert!(one == two || one == two + 1, "{one} and {two}");
                guard.set([two, two]);
                guard.make_consistent();
            } else {
                assert_eq!(one, two, "somebody else has it");
            }
            assert!(two >= last, "{two} after {last}");
            last = two;
        }
        victims.remove(round as usize % victims.len()).kill();
        victims.push(process("owner", mutex.fd()));
    }
    assert!(last > 0);
}

/// Takes the mutex, hands it on to another process, and is killed.
pub(crate) fn hand_on(memory: BorrowedFd<'_>) {
    let mut mutex = ShmMutex::<[u64; 2]>::attach(memory).expect("it is a mutex");
    std::mem::forget(process("heir", mutex.fd()));
    std::mem::forget(mutex.lock());
    std::process::abort();
}

/// Takes over from who is dead.
pub(crate) fn inherit(memory: BorrowedFd<'_>) {
    let mut mutex = ShmMutex::<[u64; 2]>::attach(memory).expect("it is a mutex");
    let begun = std::time::Instant::now();
    while begun.elapsed() < FORGOTTEN {
        let mut guard = mutex.lock_timeout(FORGOTTEN).expect("the other is dead");
        if guard.owner_died() {
            guard.set([77, 77]);
            guard.make_consistent();
            return;
        }
    }
}

pub(crate) fn an_owner_is_dead_though_it_has_handed_the_memory_on() {
    let mutex = ShmMutex::create_portable([0_u64; 2]).expect("there is memory");
    let mut victim = process("hander", mutex.fd());
    victim.wait();
    let file = std::fs::File::from(mutex.fd().try_clone_to_owned().expect("descriptors"));
    let begun = std::time::Instant::now();
    let mut data = [0; 8];
    while u64::from_le_bytes(data) != 77 {
        assert!(begun.elapsed() < FORGOTTEN, "the heir takes it for living");
        std::os::unix::fs::FileExt::read_exact_at(&file, &mut data, 8192).expect("it is that long");
        std::thread::yield_now();
    }
}
