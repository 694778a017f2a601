//! Messages in one direction, as many as go through.

use std::io::{PipeReader, PipeWriter, Read, Write};
use std::os::unix::net::UnixStream;

use ipc_impls::ring::SpscRing;

use crate::iceoryx::stream;
use crate::{Entry, beside, nanoseconds, pin};

const CAPACITY: usize = 1 << 20;

fn count(size: usize) -> u64 {
    (200_000_000 / (size as u64 + 1000)).max(2_000)
}

pub fn compare(size: usize) {
    let entries: Vec<Entry> = vec![
        ("spsc ring".into(), Box::new(move || ring(size, 1))),
        ("spsc ring, batches of 16".into(), Box::new(move || ring(size, 16))),
        ("pipe".into(), Box::new(move || pipe(size))),
        ("unix stream".into(), Box::new(move || socket(size))),
        ("rtrb, threads".into(), Box::new(move || rtrb(size))),
        ("iceoryx2".into(), Box::new(move || iceoryx(size))),
        ("memcpy in and out, alone".into(), Box::new(move || memcpy(size))),
    ];
    crate::compare(&format!("one way, {size} bytes, for each message"), &entries);
}

fn ring(size: usize, batch: usize) -> f64 {
    let ring = SpscRing::create(CAPACITY).expect("there is memory");
    let count = count(size);
    let mut consumer = ring.consumer().expect("nobody has that side");
    beside(
        || {
            let mut producer = ring.producer().expect("nobody has that side");
            let message = vec![7; size];
            for number in 0..count {
                if batch == 1 {
                    producer.send(&message).expect("the consumer is there");
                } else {
                    let mut grant = producer.grant(size).expect("the consumer is there");
                    grant.write(&message);
                    grant.stage(size);
                    if number % batch as u64 == 0 {
                        producer.flush();
                    }
                }
            }
            producer.close();
        },
        || {
            let mut message = Vec::new();
            consumer.recv(&mut message).expect("the producer is there");
            nanoseconds(count, || {
                if batch == 1 {
                    while consumer.recv(&mut message).expect("it lives").is_some() {}
                } else {
                    while consumer.recv_batch(batch, |_| ()).expect("it lives") > 0 {}
                }
            })
        },
    )
}

fn kernel(size: usize, mut from: impl Read, mut to: impl Write) -> f64 {
    let count = count(size).min(100_000);
    let mut bytes = vec![7; size];
    beside(
        || {
            let message = vec![7; size];
            for _ in 0..count {
                to.write_all(&message).expect("the reader is there");
            }
        },
        || {
            from.read_exact(&mut bytes).expect("the writer is there");
            nanoseconds(count - 1, || {
                for _ in 1..count {
                    from.read_exact(&mut bytes).expect("the writer is there");
                }
            })
        },
    )
}

fn pipe(size: usize) -> f64 {
    let (from, to): (PipeReader, PipeWriter) = std::io::pipe().expect("there are pipes");
    kernel(size, from, to)
}

fn socket(size: usize) -> f64 {
    let (from, to) = UnixStream::pair().expect("there are sockets");
    kernel(size, from, to)
}

/// Elements of one byte by chunks, but for small messages elements of that size: as it is best used.
fn rtrb(size: usize) -> f64 {
    match size {
        8 => elements::<8>(),
        64 => elements::<64>(),
        1024 => elements::<1024>(),
        _ => elements::<65536>(),
    }
}

fn iceoryx(size: usize) -> f64 {
    let count = count(size).min(100_000);
    match size {
        8 => stream::<8>(count),
        64 => stream::<64>(count),
        1024 => stream::<1024>(count),
        _ => stream::<65536>(count),
    }
}

fn elements<const SIZE: usize>() -> f64 {
    let count = count(SIZE);
    let (mut to, mut from) = rtrb::RingBuffer::<[u8; SIZE]>::new(CAPACITY / SIZE);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            pin(1);
            let message = std::hint::black_box([7; SIZE]);
            for _ in 0..count {
                while to.push(message).is_err() {
                    std::hint::spin_loop();
                }
            }
        });
        pin(0);
        while from.pop().is_err() {}
        nanoseconds(count - 1, || {
            for _ in 1..count {
                loop {
                    match from.pop() {
                        Ok(message) => {
                            std::hint::black_box(message);
                            break;
                        }
                        Err(_) => std::hint::spin_loop(),
                    }
                }
            }
        })
    })
}

fn memcpy(size: usize) -> f64 {
    let (from, mut middle, mut to) = (vec![7_u8; size], vec![0_u8; size], vec![0_u8; size]);
    let count = count(size);
    nanoseconds(count, || {
        for _ in 0..count {
            middle.copy_from_slice(std::hint::black_box(&from));
            to.copy_from_slice(std::hint::black_box(&middle));
            std::hint::black_box(&mut to);
        }
    })
}
