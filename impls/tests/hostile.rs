//! A peer that stores whatever it likes: to any word of the memory, before and between the steps of
//! the other side. Nothing panics, nobody is hung, and nothing is touched outside of the ring; what
//! comes out is a message or an error.

use std::fs::File;
use std::os::fd::BorrowedFd;
use std::os::unix::fs::FileExt as _;
use std::time::{Duration, Instant};

use ipc_impls::mutex::ShmMutex;
use ipc_impls::ring::{Consumer, MpscRing, Producer, RecvError, SendError, SpscRing};
use ipc_impls::shm::{Kind, WORDS, parse};
use proptest::collection::vec;
use proptest::prelude::*;

/// The file itself, in which the liar stores.
fn liar(fd: BorrowedFd<'_>) -> File {
    File::from(fd.try_clone_to_owned().expect("there are descriptors"))
}

/// Where a lane keeps its positions, in bytes from the beginning of the file, and its payload.
const TAIL: u64 = 4096;
const HEAD: u64 = TAIL + 128;
const BELLS: u64 = HEAD + 128;
const PAYLOAD: u64 = 8192;

/// A word of what is shared beside the payload, of the payload, or of the first page.
fn place() -> impl Strategy<Value = u64> {
    prop_oneof![
        3 => Just(TAIL),
        3 => Just(HEAD),
        2 => (0..3_u64).prop_map(|word| BELLS + word * 8),
        3 => (0..16_u64).prop_map(|word| PAYLOAD + word * 8),
        1 => (0..16_u64).prop_map(|word| word * 8),
    ]
}

/// Numbers that are near to what could be, and any others.
fn lie() -> impl Strategy<Value = u64> {
    prop_oneof![
        0..200_u64,
        (0..40_u64).prop_map(|words| words * 8),
        (0..64_u32).prop_map(|bit| 1 << bit),
        (0..200_u64).prop_map(|less| u64::MAX - less),
        any::<u64>(),
    ]
}

#[derive(Clone, Debug)]
enum Step {
    Lie(u64, u64),
    /// A record where the consumer is: its kind and length, and how far the tail is behind.
    Forge(u64, u64, u64),
    Send(usize),
    Grant(usize),
    Receive,
    Peek,
    Reopen,
}

fn kind() -> impl Strategy<Value = u64> {
    prop_oneof![4 => Just(1_u64), 2 => Just(2_u64), 1 => Just(3_u64), 1 => 0..16_u64]
}

fn length() -> impl Strategy<Value = u64> {
    prop_oneof![4 => (0..20_u64).prop_map(|words| words * 8), 1 => 0..200_u64, 1 => any::<u32>().prop_map(u64::from)]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        1 => (place(), lie()).prop_map(|(at, word)| Step::Lie(at, word)),
        4 => (kind(), length(), 0..20_u64)
            .prop_map(|(kind, length, tail)| Step::Forge(kind, length, tail * 8)),
        3 => (0..60_usize).prop_map(Step::Send),
        1 => (0..60_usize).prop_map(Step::Grant),
        6 => Just(Step::Receive),
        1 => Just(Step::Peek),
        1 => Just(Step::Reopen),
    ]
}

const SOON: Duration = Duration::from_millis(1);
const CAPACITY: usize = 128;

/// What the consumer would take for a record, were it not for its length.
fn forge(memory: &File, kind: u64, length: u64, tail: u64) {
    let mut word = [0; 8];
    memory.read_exact_at(&mut word, HEAD).expect("it is that long");
    let head = u64::from_le_bytes(word);
    let record = (head / 8 % (1 << 28)) << 36 | kind << 32 | length;
    let at = PAYLOAD + head % CAPACITY as u64 / 8 * 8;
    memory.write_all_at(&record.to_le_bytes(), at).expect("it is that long");
    let tail = head.wrapping_add(tail).to_le_bytes();
    memory.write_all_at(&tail, TAIL).expect("it is that long");
}

fn send(producer: &mut Option<Producer>, length: usize) {
    let Some(side) = producer else { return };
    match side.try_send(&vec![7; length]) {
        Ok(()) | Err(SendError::Full | SendError::TooLong | SendError::Closed) => {}
        Err(error) => assert_eq!(error, SendError::PeerCorrupt),
    }
}

fn receive(consumer: &mut Option<Consumer>) {
    let Some(side) = consumer else { return };
    let mut bytes = Vec::new();
    match side.try_recv(&mut bytes) {
        Ok(length) => assert!(length.unwrap_or(0) < CAPACITY),
        Err(error) => {
            let known = [RecvError::Empty, RecvError::PeerDied, RecvError::PeerCorrupt];
            assert!(known.contains(&error), "{error:?}");
        }
    }
}

fn lied_to(steps: Vec<Step>) {
    let ring = SpscRing::create(CAPACITY).expect("there is memory");
    let memory = liar(ring.fd());
    let (mut producer, mut consumer) = (ring.producer().ok(), ring.consumer().ok());
    for step in steps {
        match step {
            Step::Lie(at, word) => {
                memory.write_all_at(&word.to_le_bytes(), at).expect("it is that long");
            }
            Step::Forge(kind, length, tail) => forge(&memory, kind, length, tail),
            Step::Send(length) => send(&mut producer, length),
            Step::Grant(length) => {
                if let Some(Ok(mut grant)) = producer.as_mut().map(|side| side.try_grant(length)) {
                    grant.write(&vec![9; length / 2]);
                    grant.commit(length / 2);
                }
            }
            Step::Receive => receive(&mut consumer),
            Step::Peek => {
                if let Some(Ok(Some(message))) = consumer.as_mut().map(Consumer::try_peek) {
                    let mut bytes = [0; CAPACITY];
                    assert_eq!(message.copy_to(&mut bytes), message.len());
                    message.consume();
                }
            }
            Step::Reopen => {
                drop((producer.take(), consumer.take()));
                (producer, consumer) = (ring.producer().ok(), ring.consumer().ok());
            }
        }
    }
}

fn lied_to_over_lanes(lies: Vec<(u64, u64)>) {
    let ring = MpscRing::create(2, CAPACITY).expect("there is memory");
    let memory = liar(ring.fd());
    let mut consumer = ring.consumer().expect("nobody has that side");
    let mut producers = [ring.producer().ok(), ring.producer().ok()];
    let mut bytes = Vec::new();
    for (at, word) in lies {
        for producer in &mut producers {
            send(producer, 8);
        }
        memory.write_all_at(&word.to_le_bytes(), at).expect("it is that long");
        for _ in 0..3 {
            let _ = consumer.recv_timeout(&mut bytes, SOON);
        }
    }
}

fn lied_to_over_a_mutex(lies: Vec<(u64, u32)>) {
    for mutex in [ShmMutex::create(0_u64), ShmMutex::create_portable(0_u64)] {
        let mut mutex = mutex.expect("there is memory");
        let memory = liar(mutex.fd());
        for (at, word) in &lies {
            memory.write_all_at(&word.to_le_bytes(), 4096 + at * 4).expect("it is that long");
            let begun = Instant::now();
            if let Ok(mut guard) = mutex.lock_timeout(SOON) {
                let value = guard.get();
                guard.set(value.wrapping_add(1));
                guard.make_consistent();
            }
            assert!(begun.elapsed() < Duration::from_secs(10), "hung over {word:#x}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_lie_leads_out_of_a_ring(steps in vec(step(), 1..60)) {
        lied_to(steps);
    }

    #[test]
    fn no_lie_leads_out_of_a_lane(lies in vec((place(), lie()), 1..6)) {
        lied_to_over_lanes(lies);
    }

    #[test]
    fn no_lie_hangs_a_mutex(
        lies in vec((prop_oneof![Just(0_u64), 32..40_u64], any::<u32>()), 1..6)
    ) {
        lied_to_over_a_mutex(lies);
    }

    #[test]
    fn no_first_page_is_attached_to_that_says_what_cannot_be(
        words in vec((0..WORDS, lie()), 1..4), kind in 0..4_usize,
    ) {
        let kind = [Kind::RobustMutex, Kind::PortableMutex, Kind::Spsc, Kind::Mpsc][kind];
        let ring = MpscRing::create(3, CAPACITY).expect("there is memory");
        let memory = liar(ring.fd());
        for (at, word) in &words {
            memory.write_all_at(&word.to_le_bytes(), *at as u64 * 8).expect("it is that long");
        }
        // What is still accepted is whole: all of its lanes can be used.
        if let Ok(attached) = MpscRing::attach(ring.fd()) {
            let mut producers = Vec::new();
            while let Ok(producer) = attached.producer() {
                producers.push(Some(producer));
            }
            producers.iter_mut().for_each(|producer| send(producer, 8));
            drop(attached.consumer());
        }
        let mut page = [0; WORDS];
        for (word, at) in page.iter_mut().zip((0..).step_by(8)) {
            let mut bytes = [0; 8];
            memory.read_exact_at(&mut bytes, at).expect("it is that long");
            *word = u64::from_le_bytes(bytes);
        }
        let length = memory.metadata().expect("it is ours").len();
        let accepted = parse(&page, kind, length).is_ok();
        prop_assert!(!accepted || kind == Kind::Mpsc || page[2] != 4);
    }
}
