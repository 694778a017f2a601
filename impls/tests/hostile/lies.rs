//! What a lying peer does, and what the other side makes of it.

use std::fs::File;
use std::os::fd::BorrowedFd;
use std::os::unix::fs::FileExt as _;
use std::time::{Duration, Instant};

use ipc_impls::mutex::ShmMutex;
use ipc_impls::ring::{Consumer, MpscRing, Producer, RecvError, SendError, SpscRing};
use ipc_impls::shm::{Kind, WORDS, parse};

/// The file itself, in which the liar stores.
fn liar(fd: BorrowedFd<'_>) -> File {
    File::from(fd.try_clone_to_owned().expect("there are descriptors"))
}

/// Where a lane keeps its positions, in bytes from the beginning of the file, and its payload.
pub(crate) const TAIL: u64 = 4096;
pub(crate) const HEAD: u64 = TAIL + 128;
pub(crate) const BELLS: u64 = HEAD + 128;
pub(crate) const PAYLOAD: u64 = 8192;

/// What happens next.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Lie(u64, u64),
    /// A record where the consumer is: its kind and length, and how far the tail is behind.
    Forge(u64, u64, u64),
    Send(usize),
    Grant(usize),
    Receive,
    Peek,
    Reopen,
}

const SOON: Duration = Duration::from_micros(20);
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

pub(crate) fn lied_to(steps: Vec<Step>) {
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

pub(crate) fn lied_to_over_lanes(lies: Vec<(u64, u64)>) {
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

pub(crate) fn lied_to_over_a_mutex(lies: Vec<(u64, u32)>) {
    for mutex in [ShmMutex::create(0_u64), ShmMutex::create_portable(0_u64)] {
        let mut mutex = mutex.expect("there is memory");
        let memory = liar(mutex.fd());
        let lie = |(at, word): &(u64, u32)| {
            memory.write_all_at(&word.to_le_bytes(), 4096 + at * 4).expect("it is that long");
        };
        // One before it is taken, and one while it is held.
        for lies in lies.chunks(2) {
            lie(&lies[0]);
            let begun = Instant::now();
            if let Ok(mut guard) = mutex.lock_timeout(SOON) {
                let value = guard.get();
                guard.set(value.wrapping_add(1));
                guard.make_consistent();
                lies[1..].iter().for_each(lie);
            }
            assert!(begun.elapsed() < Duration::from_secs(10), "hung over {lies:x?}");
        }
    }
}

pub(crate) fn lied_to_on_the_first_page(words: &[(usize, u64)], kind: usize) {
    let kind = [Kind::RobustMutex, Kind::PortableMutex, Kind::Spsc, Kind::Mpsc][kind];
    let ring = MpscRing::create(3, CAPACITY).expect("there is memory");
    let memory = liar(ring.fd());
    for (at, word) in words {
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
    assert!(!accepted || kind == Kind::Mpsc || page[2] != 4);
}
