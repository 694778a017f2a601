//! What several lanes with one consumer promise, in small: two lanes of four words, each producer in a
//! thread of its own.

use crate::death;
use crate::flow::{Flow, Lane, Peer, Refused, Sender, Woken};
use crate::sync::{AtomicU32, Deadline, Ordering, Spin, Word};
use loom::sync::Arc;
use loom::thread;

use super::gather::{Gatherer, Missing, Origin};
use crate::Model;

// With three threads a preemption more costs some fifty times as much; with two, as elsewhere.
pub(crate) const MODELS: &[Model] = &[
    Model {
        name: "messages of two producers come, each in order, and then the end",
        preemptions: [1, 2],
        steps: 1,
        floor: 1000,
        run: |_| both(),
    },
    Model {
        name: "one producer dies, and the other is heard to the end",
        preemptions: [1, 1],
        steps: 60,
        floor: 1000,
        run: one_dies,
    },
    Model {
        name: "nobody's turn is missed",
        preemptions: [1, 2],
        steps: 1,
        floor: 1,
        run: |_| turns(),
    },
    Model {
        name: "a lane whose producer died is taken over",
        preemptions: [1, 2],
        steps: 60,
        floor: 100,
        run: succession,
    },
    Model {
        name: "one lane is found over, and another has a last message",
        preemptions: [2, 3],
        steps: 1,
        floor: 500,
        run: |_| last_words(),
    },
];

struct Shared {
    flows: [Flow; 2],
    words: [Vec<Word>; 2],
    /// As the lock of each producer: 0 while it has it.
    dead: [AtomicU32; 2],
}

impl Shared {
    fn new() -> Arc<Shared> {
        let words = || (0..4).map(|_| Word::new(0)).collect();
        Arc::new(Shared {
            flows: [Flow::new(), Flow::new()],
            words: [words(), words()],
            dead: [AtomicU32::new(0), AtomicU32::new(0)],
        })
    }

    /// All lanes have the bell of the first.
    fn lane(&self, number: usize) -> Lane<'_> {
        let (flow, words) = (&self.flows[number], &self.words[number]);
        Lane { flow, words, data: &self.flows[0].data }
    }

    /// What the kernel does: the lock is dropped. Then time passes.
    fn bury(&self, number: usize) {
        self.dead[number].store(1, Ordering::Release);
        self.flows[0].data.expire(4);
    }
}

struct Mapped {
    shared: Arc<Shared>,
    number: usize,
}

impl Origin for Mapped {
    fn lane(&self) -> Lane<'_> {
        self.shared.lane(self.number)
    }

    fn producer_is_dead(&self) -> bool {
        self.shared.dead[self.number].load(Ordering::Acquire) != 0
    }
}

fn gatherer(shared: &Arc<Shared>) -> Gatherer<Mapped> {
    let mapped = |number| Mapped { shared: Arc::clone(shared), number };
    Gatherer::join((0..2).map(mapped), Spin).expect("nobody lies")
}

/// The consumer lives in all of these.
struct Alive;

impl Peer for Alive {
    fn is_dead(&self) -> bool {
        false
    }
}

fn send(lane: Lane<'_>, sender: &mut Sender, number: u64) {
    loop {
        match sender.reserve(lane, 8) {
            Ok(place) => {
                place.payload(lane.words)[0].write(number);
                sender.stage(lane, place);
                return sender.publish(lane);
            }
            Err(Refused::Full) => {
                let woken = sender.wait(lane, 8, &Alive, &mut Spin, Deadline::NEVER);
                assert_eq!(woken, Woken::Ready);
            }
            Err(other) => panic!("{other:?}"),
        }
    }
}

/// The next message: its lane, and its word.
fn receive(from: &mut Gatherer<Mapped>) -> Result<Option<(usize, u64)>, Missing> {
    let Some((number, place)) = from.peek(Some(Deadline::NEVER))? else { return Ok(None) };
    let word = place.payload(from.lane(number).words)[0].read();
    from.consume(number, place);
    Ok(Some((number, word)))
}

fn both() {
    let shared = Shared::new();
    let producers = [1_u64, 2].into_iter().enumerate().map(|(number, count)| {
        let shared = Arc::clone(&shared);
        let mut sender = Sender::join(shared.lane(number)).expect("nobody lies");
        thread::spawn(move || {
            (0..count).for_each(|word| send(shared.lane(number), &mut sender, word));
            sender.close(shared.lane(number));
        })
    });
    let producers: Vec<_> = producers.collect();
    let mut from = gatherer(&shared);
    let mut received = [0, 0];
    while let Some((number, word)) = receive(&mut from).expect("nobody dies") {
        assert_eq!(word, received[number], "in order and once");
        received[number] += 1;
    }
    assert_eq!(received, [1, 2], "the end before the last message");
    producers.into_iter().for_each(|producer| producer.join().expect("it ends"));
}

fn last_words() {
    let shared = Shared::new();
    let mut senders = [0, 1].map(|number| Sender::join(shared.lane(number)).expect("nobody lies"));
    let producers = thread::spawn({
        let shared = Arc::clone(&shared);
        move || {
            senders[1].close(shared.lane(1));
            send(shared.lane(0), &mut senders[0], 0);
            senders[0].close(shared.lane(0));
        }
    });
    let mut from = gatherer(&shared);
    assert_eq!(receive(&mut from), Ok(Some((0, 0))));
    assert_eq!(receive(&mut from), Ok(None));
    producers.join().expect("it ends");
}

fn one_dies(step: usize) {
    let shared = Shared::new();
    // Time may pass once while it lives.
    shared.flows[0].data.expire(1);
    let told = Arc::new(AtomicU32::new(0));
    let mortal = thread::spawn({
        let (shared, told) = (Arc::clone(&shared), Arc::clone(&told));
        let mut sender = Sender::join(shared.lane(0)).expect("nobody lies");
        move || {
            let lived = death::mortal(step, || {
                send(shared.lane(0), &mut sender, 0);
                told.store(1, Ordering::Relaxed);
                sender.close(shared.lane(0));
            });
            shared.bury(0);
            lived
        }
    });
    let other = thread::spawn({
        let shared = Arc::clone(&shared);
        let mut sender = Sender::join(shared.lane(1)).expect("nobody lies");
        move || {
            send(shared.lane(1), &mut sender, 0);
            sender.close(shared.lane(1));
        }
    });
    let mut from = gatherer(&shared);
    let (mut received, mut deaths) = ([0, 0], 0);
    loop {
        match receive(&mut from) {
            Ok(Some((0, _))) if deaths > 0 => panic!("its death was told before its message"),
            Ok(Some((number, _))) => received[number] += 1,
            Ok(None) => break,
            Err(missing) => {
                assert_eq!(missing, Missing::Died);
                deaths += 1;
            }
        }
    }
    let lived = mortal.join().expect("it ends");
    let told = told.load(Ordering::Relaxed);
    assert_eq!(received[1], 1, "the living one is heard");
    assert!((told..=1).contains(&received[0]), "{received:?}, {told} sent");
    assert!(deaths <= u32::from(!lived), "{deaths} deaths");
    other.join().expect("it ends");
}

fn turns() {
    let shared = Shared::new();
    let mut senders = [0, 1].map(|number| Sender::join(shared.lane(number)).expect("nobody lies"));
    // Two fit into each.
    for word in 0..2 {
        for (number, sender) in senders.iter_mut().enumerate() {
            send(shared.lane(number), sender, word);
        }
    }
    let mut from = gatherer(&shared);
    let order: Vec<_> = (0..4).map(|_| receive(&mut from).expect("nobody dies")).collect();
    assert_eq!(order, [(0, 0), (1, 0), (0, 1), (1, 1)].map(Some));
    assert_eq!(from.peek(None), Err(Missing::Empty));
    for (number, sender) in senders.iter_mut().enumerate() {
        sender.close(shared.lane(number));
    }
    assert_eq!(receive(&mut from), Ok(None));
    from.close();
    assert_eq!(senders[1].reserve(shared.lane(1), 8), Err(Refused::Closed));
}

fn succession(step: usize) {
    let shared = Shared::new();
    let producers = thread::spawn({
        let shared = Arc::clone(&shared);
        let mut sender = Sender::join(shared.lane(1)).expect("nobody lies");
        move || {
            death::mortal(step, || send(shared.lane(1), &mut sender, 0));
            // Its lock goes to the other at once, so nobody finds it free.
            shared.flows[0].data.expire(1);
            let mut sender = Sender::join(shared.lane(1)).expect("nobody lies");
            send(shared.lane(1), &mut sender, 1);
            sender.close(shared.lane(1));
        }
    });
    let mut from = gatherer(&shared);
    let (mut seen, mut deaths) = (Vec::new(), 0);
    loop {
        match receive(&mut from) {
            Ok(Some((number, word))) => seen.push((number, word)),
            Ok(None) => break,
            Err(missing) => {
                assert_eq!((missing, seen.contains(&(1, 1))), (Missing::Died, false));
                deaths += 1;
            }
        }
    }
    producers.join().expect("it ends");
    assert_eq!(deaths, 1, "another producer had the lane");
    assert_eq!(seen.last(), Some(&(1, 1)));
    assert!(seen.len() == 1 || seen[..1] == [(1, 0)], "{seen:?}");
}
