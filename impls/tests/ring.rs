//! Both sides of a ring, each with a mapping of its own.

use std::io::{Read as _, Write as _};
use std::thread;
use std::time::Duration;

use ipc_impls::ring::{Consumer, MpscRing, OpenError, Producer, RecvError, SendError, SpscRing};
use ipc_impls::shm::AttachError;
use nix::libc;

fn ring(capacity: usize) -> (Producer, Consumer) {
    let ring = SpscRing::create(capacity).expect("there is memory");
    let producer = ring.producer().expect("nobody has that side");
    (producer, ring.consumer().expect("nobody has that side"))
}

/// A message of `length` bytes that tells its number.
fn message(number: usize, length: usize) -> Vec<u8> {
    (0..length).map(|at| (number.wrapping_mul(31) + at) as u8).collect()
}

fn received(consumer: &mut Consumer) -> Result<Option<Vec<u8>>, RecvError> {
    let mut message = Vec::new();
    Ok(consumer.recv(&mut message)?.map(|length| {
        assert_eq!(length, message.len());
        message
    }))
}

#[test]
fn messages_of_every_length_come_out_in_order_and_then_the_end() {
    for capacity in [32, 64, 256, 4096] {
        let (mut producer, mut consumer) = ring(capacity);
        let lengths = producer.longest() + 1;
        let sender = thread::spawn(move || {
            for number in 0..2000 {
                producer.send(&message(number, number % lengths)).expect("the consumer is there");
            }
        });
        for number in 0..2000 {
            assert_eq!(received(&mut consumer), Ok(Some(message(number, number % lengths))));
        }
        assert_eq!(received(&mut consumer), Ok(None));
        assert_eq!(received(&mut consumer), Ok(None), "the end stays");
        sender.join().expect("it ends");
    }
}

#[test]
fn a_full_ring_refuses_and_an_empty_one_has_nothing() {
    let (mut producer, mut consumer) = ring(64);
    let mut message = Vec::new();
    assert_eq!(consumer.try_recv(&mut message), Err(RecvError::Empty));
    let soon = Duration::from_millis(5);
    assert_eq!(consumer.recv_timeout(&mut message, soon), Err(RecvError::TimedOut));
    for _ in 0..4 {
        producer.try_send(&[1; 8]).expect("there is room for four");
    }
    assert_eq!(producer.try_send(&[]), Err(SendError::Full));
    assert_eq!(producer.send_timeout(&[], soon), Err(SendError::TimedOut));
    assert_eq!(producer.send(&[0; 25]), Err(SendError::TooLong));
    assert_eq!(consumer.try_recv(&mut message), Ok(Some(8)));
    producer.try_send(&[]).expect("there is room again");
}

#[test]
fn a_consumer_that_closes_refuses_at_once() {
    let (mut producer, consumer) = ring(64);
    producer.try_send(b"kept").expect("there is room");
    consumer.close();
    assert_eq!(producer.send(b"refused"), Err(SendError::Closed));
}

#[test]
fn a_producer_that_sleeps_is_woken_by_room_and_by_the_close() {
    let (mut producer, mut consumer) = ring(32);
    let sender = thread::spawn(move || {
        let mut sent = 0;
        while producer.send(&[7; 8]).is_ok() {
            sent += 1;
        }
        sent
    });
    for _ in 0..1000 {
        assert_eq!(received(&mut consumer), Ok(Some(vec![7; 8])));
    }
    consumer.close();
    let sent: i32 = sender.join().expect("it ends");
    assert!((1000..=1002).contains(&sent), "{sent}");
}

#[test]
fn what_is_staged_is_seen_when_it_is_flushed() {
    let (mut producer, mut consumer) = ring(256);
    let mut message = Vec::new();
    producer.stage(b"one").expect("there is room");
    producer.stage(b"two").expect("there is room");
    assert_eq!(consumer.try_recv(&mut message), Err(RecvError::Empty));
    producer.flush();
    let mut seen = Vec::new();
    assert_eq!(consumer.recv_batch(9, |message| seen.push(message.to_vec())), Ok(2));
    assert_eq!(seen, [b"one", b"two"]);
    producer.close();
    assert_eq!(consumer.recv_batch(9, |_| ()), Ok(0));
}

#[test]
fn a_grant_is_written_in_place_and_a_message_is_read_in_place() {
    let (mut producer, mut consumer) = ring(256);
    let mut grant = producer.try_grant(100).expect("there is room");
    assert_eq!(grant.len(), 100);
    grant.write(b"in place");
    grant.commit(8);
    let mut grant = producer.try_grant(3).expect("there is room");
    // SAFETY: the consumer is in this thread, and has not looked yet.
    unsafe { grant.as_mut_slice() }.copy_from_slice(b"raw");
    grant.commit(3);
    assert!(producer.try_grant(50).is_ok(), "there is room, and it is given back");

    let mut copy = [0; 100];
    let message = consumer.try_peek().expect("it is there").expect("not the end");
    assert_eq!(message.copy_to(&mut copy), 8);
    assert_eq!(&copy[..8], b"in place");
    let message = consumer.try_peek().expect("it is still there").expect("not the end");
    message.consume();
    let message = consumer.try_peek().expect("it is there").expect("not the end");
    // SAFETY: the producer is in this thread, and stores nothing now.
    assert_eq!(unsafe { message.as_slice() }, b"raw");
    message.consume();
    assert_eq!(consumer.try_peek().err(), Some(RecvError::Empty));
}

#[test]
fn a_stream_of_bytes_goes_through_whole() {
    let (mut producer, mut consumer) = ring(256);
    let text: Vec<u8> = (0..100_000_u32).map(|at| (at * 7) as u8).collect();
    let sender = thread::spawn({
        let text = text.clone();
        move || producer.write_all(&text).expect("the consumer is there")
    });
    let mut copy = Vec::new();
    consumer.read_to_end(&mut copy).expect("the producer is there");
    sender.join().expect("it ends");
    assert_eq!(copy, text);
}

#[test]
fn each_side_is_taken_once_and_closed_for_good() {
    let ring = SpscRing::create(64).expect("there is memory");
    let producer = ring.producer().expect("nobody has that side");
    assert_eq!(ring.producer().err(), Some(OpenError::Taken));
    producer.close();
    assert_eq!(ring.producer().err(), Some(OpenError::Closed));
    let other = SpscRing::attach(ring.fd()).expect("it is a ring");
    assert_eq!(other.generation(), ring.generation());
    let consumer = other.consumer().expect("nobody has that side");
    assert_eq!(ring.consumer().err(), Some(OpenError::Taken));
    drop(consumer);
    assert_eq!(ring.consumer().err(), Some(OpenError::Closed));
    let another = SpscRing::create(64).expect("there is memory");
    assert_ne!(another.generation(), ring.generation());
}

#[test]
fn a_ring_that_nobody_has_a_side_of_is_made_as_new() {
    let ring = SpscRing::create(64).expect("there is memory");
    let mut producer = ring.producer().expect("nobody has that side");
    producer.send(b"old").expect("there is room");
    assert_eq!(ring.renew(), Err(OpenError::Taken));
    producer.close();
    ring.renew().expect("nobody has a side");
    let mut producer = ring.producer().expect("it is open again");
    let mut consumer = ring.consumer().expect("nobody has that side");
    let mut message = Vec::new();
    assert_eq!(consumer.try_recv(&mut message), Err(RecvError::Empty));
    producer.send(b"new").expect("there is room");
    assert_eq!(consumer.try_recv(&mut message), Ok(Some(3)));
    assert_eq!(message, b"new");
}

/// A process that takes the producer's side, sends, and dies.
fn dead_producer(ring: &SpscRing, messages: &[&[u8]]) {
    dead(|| {
        let mut producer = ring.producer().expect("nobody has that side");
        let mut each = messages.iter();
        let sent = each.all(|message| producer.send(message).is_ok());
        std::mem::forget(producer);
        sent
    });
}

/// A process that does that, which is to be so, and dies.
fn dead(life: impl FnOnce() -> bool) {
    // SAFETY: the child uses what it has made itself, and ends without running anything of ours.
    let child = unsafe { libc::fork() };
    if child == 0 {
        let is_so = life();
        // SAFETY: it ends the child.
        unsafe { libc::_exit(i32::from(!is_so)) };
    }
    let mut status = 0;
    // SAFETY: the status is there to be written.
    unsafe { libc::waitpid(child, &raw mut status, 0) };
    assert!(libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0, "{status:#x}");
}

#[test]
fn a_death_is_told_once_before_what_the_successor_sends_of_batches_as_well() {
    for in_batches in [false, true] {
        let ring = SpscRing::create(256).expect("there is memory");
        let mut consumer = ring.consumer().expect("nobody has that side");
        dead_producer(&ring, &[b"first", b"second"]);
        let mut successor = ring.producer().expect("it has died");
        successor.send(b"third").expect("there is room");
        successor.close();
        let mut told = Vec::new();
        let mut message = Vec::new();
        while told.len() < 9 {
            let received = match in_batches {
                false => consumer.recv(&mut message).map(|length| usize::from(length.is_some())),
                true => consumer.recv_batch(9, |one| told.push(Ok(one.to_vec()))),
            };
            match received {
                Ok(0) => break,
                Ok(_) if in_batches => {}
                Ok(_) => told.push(Ok(message.clone())),
                Err(error) => told.push(Err(error)),
            }
        }
        let message = |text: &[u8]| Ok(text.to_vec());
        let died = Err(RecvError::PeerDied);
        assert_eq!(told, [message(b"first"), message(b"second"), died, message(b"third")]);
    }
}

#[test]
fn a_mark_goes_in_though_its_message_does_not_fit() {
    let ring = SpscRing::create(64).expect("there is memory");
    let mut consumer = ring.consumer().expect("nobody has that side");
    dead_producer(&ring, &[&[1; 24], &[2; 16]]);
    let mut successor = ring.producer().expect("it has died");
    assert_eq!(successor.try_send(&[3; 25]), Err(SendError::TooLong));
    assert_eq!(successor.try_send(&[3; 24]), Err(SendError::Full));
    drop(successor);
    let mut message = Vec::new();
    let mut told = || consumer.try_recv(&mut message);
    assert_eq!([told(), told(), told()], [Ok(Some(24)), Ok(Some(16)), Err(RecvError::PeerDied)]);
    assert_eq!(told(), Ok(None));
}

/// What `producer` says of a message of 8 bytes, which it has not closed then.
fn tried(producer: Result<Producer, OpenError>) -> Result<(), SendError> {
    let mut producer = producer.expect("nobody lives who has that lane");
    let sent = producer.try_send(&[3; 8]);
    std::mem::forget(producer);
    sent
}

#[test]
fn deaths_that_were_told_of_a_lane_take_no_room() {
    let ring = MpscRing::create(1, 32).expect("there is memory");
    let mut consumer = ring.consumer().expect("nobody has that side");
    let mut message = Vec::new();
    let mut told = || consumer.try_recv(&mut message).map(|found| found.map(|found| found.length));
    dead(|| {
        let mut producer = ring.producer().expect("nobody has that lane");
        let sent = producer.send(&[1; 8]).and_then(|()| producer.send(&[2; 8]));
        std::mem::forget(producer);
        sent.is_ok()
    });
    assert_eq!(told(), Ok(Some(8)));
    // Each marks that the one before has died, and has no room for more.
    for _ in 0..2 {
        dead(|| tried(ring.producer()) == Err(SendError::Full));
    }
    assert_eq!(told(), Ok(Some(8)));
    let mut last = ring.producer().expect("nobody lives who has that lane");
    assert_eq!(last.try_send(&[4; 8]), Err(SendError::Full));
    assert_eq!([told(), told(), told()], [Err(RecvError::PeerDied); 3]);
    assert_eq!(last.try_send(&[4; 8]), Ok(()), "there is nothing in the lane");
    assert_eq!(told(), Ok(Some(8)));
}

#[test]
fn a_death_that_was_told_of_a_lane_is_not_told_the_next_consumer() {
    let ring = MpscRing::create(2, 64).expect("there is memory");
    dead(|| tried(ring.producer()).is_ok());
    let mut successor = ring.producer().expect("nobody lives who has that lane");
    successor.send(b"next").expect("there is room");
    let mut message = Vec::new();
    dead(|| {
        let mut consumer = ring.consumer().expect("nobody has that side");
        let first = consumer.try_recv(&mut message).map(|found| found.is_some());
        let then = consumer.try_recv(&mut message).map(|found| found.is_some());
        std::mem::forget(consumer);
        (first, then) == (Ok(true), Err(RecvError::PeerDied))
    });
    let mut consumer = ring.consumer().expect("nobody lives who has that side");
    assert!(consumer.try_recv(&mut message).is_ok_and(|found| found.is_some()));
    assert_eq!(message, b"next");
}

#[test]
fn what_is_no_ring_is_refused() {
    let file = std::fs::File::open("/dev/null").expect("there is one");
    let refused = SpscRing::attach(std::os::fd::AsFd::as_fd(&file)).err();
    assert_eq!(refused, Some(AttachError::Unsealed));
    let lanes = MpscRing::create(2, 64).expect("there is memory");
    assert_eq!(SpscRing::attach(lanes.fd()).err(), Some(AttachError::OtherKind(4)));
    assert_eq!(MpscRing::create(65, 64).err(), Some(AttachError::BadSize));
    assert_eq!(SpscRing::create(usize::MAX).err(), Some(AttachError::BadSize));
}

#[test]
fn the_messages_of_each_of_several_producers_are_in_order() {
    const PRODUCERS: usize = 3;
    const EACH: usize = 2000;
    let ring = MpscRing::create(PRODUCERS, 128).expect("there is memory");
    let mut consumer = ring.consumer().expect("nobody has that side");
    let producers: Vec<Producer> =
        (0..PRODUCERS).map(|_| ring.producer().expect("there are lanes")).collect();
    assert_eq!(ring.producer().err(), Some(OpenError::Taken));
    let senders: Vec<_> = producers
        .into_iter()
        .map(|mut producer| {
            thread::spawn(move || {
                for number in 0..EACH {
                    producer.send(&number.to_le_bytes()).expect("the consumer is there");
                }
            })
        })
        .collect();
    let (mut next, mut message) = ([0_usize; PRODUCERS], Vec::new());
    while let Some(received) = consumer.recv(&mut message).expect("all keep to the protocol") {
        assert_eq!(message, next[received.lane].to_le_bytes());
        next[received.lane] += 1;
    }
    assert_eq!(next, [EACH; PRODUCERS]);
    for sender in senders {
        sender.join().expect("it ends");
    }
    let mut late = ring.producer().expect("a lane is free again");
    late.send(b"late").expect("the consumer is there");
    assert_eq!(
        consumer.recv(&mut message).map(|found| found.map(|found| found.length)),
        Ok(Some(4))
    );
}
