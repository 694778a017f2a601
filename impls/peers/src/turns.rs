//! There and back again.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicU64, Ordering};

use ipc_impls::ring::{Consumer, Producer, SpscRing};

use crate::{Entry, beside, nanoseconds};

const COUNT: u64 = 30_000;

pub fn compare() {
    for size in [8_usize, 64] {
        let entries: Vec<Entry> = vec![
            ("spsc ring, sleeping".into(), Box::new(move || rings(size, false))),
            ("spsc ring, never sleeping".into(), Box::new(move || rings(size, true))),
            ("pipe".into(), Box::new(move || pipes(size))),
            ("unix stream".into(), Box::new(move || sockets(size))),
            ("a line of the cache".into(), Box::new(line)),
        ];
        crate::compare(&format!("there and back, {size} bytes"), &entries);
    }
}

fn receive(from: &mut Consumer, bytes: &mut Vec<u8>, spin: bool) {
    if spin {
        while from.try_recv(bytes).is_err() {
            std::hint::spin_loop();
        }
    } else {
        from.recv(bytes).expect("the other lives");
    }
}

fn rings(size: usize, spin: bool) -> f64 {
    let rings = [(); 2].map(|()| SpscRing::create(1 << 16).expect("there is memory"));
    let sides = |to: usize, from: usize| -> (Producer, Consumer) {
        let producer = rings[to].producer().expect("nobody has that side");
        (producer, rings[from].consumer().expect("nobody has that side"))
    };
    let (mut to, mut from) = sides(0, 1);
    let message = vec![7; size];
    beside(
        || {
            let (mut back, mut there) = sides(1, 0);
            let mut bytes = Vec::new();
            for _ in 0..COUNT + 1 {
                receive(&mut there, &mut bytes, spin);
                back.send(&bytes).expect("the other lives");
            }
        },
        || {
            let mut bytes = Vec::new();
            let mut turn = || {
                to.send(&message).expect("the other lives");
                receive(&mut from, &mut bytes, spin);
            };
            turn();
            nanoseconds(COUNT, || (0..COUNT).for_each(|_| turn()))
        },
    )
}

fn kernel(size: usize, here: (impl Read, impl Write), there: (impl Read, impl Write)) -> f64 {
    let count = COUNT / 3;
    let ((mut from, mut to), (mut there, mut back)) = (here, there);
    let message = vec![7; size];
    beside(
        || {
            let mut bytes = vec![0; size];
            for _ in 0..count + 1 {
                there.read_exact(&mut bytes).expect("the other lives");
                back.write_all(&bytes).expect("the other lives");
            }
        },
        || {
            let mut bytes = vec![0; size];
            let mut turn = || {
                to.write_all(&message).expect("the other lives");
                from.read_exact(&mut bytes).expect("the other lives");
            };
            turn();
            nanoseconds(count, || (0..count).for_each(|_| turn()))
        },
    )
}

fn pipes(size: usize) -> f64 {
    let (there, to) = std::io::pipe().expect("there are pipes");
    let (from, back) = std::io::pipe().expect("there are pipes");
    kernel(size, (from, to), (there, back))
}

fn sockets(size: usize) -> f64 {
    let (here, there) = UnixStream::pair().expect("there are sockets");
    kernel(size, (&here, &here), (&there, &there))
}

/// One word that two processes count up by turns: nothing is faster on this machine.
fn line() -> f64 {
    let word = shared();
    beside(
        || {
            for turn in (0..2 * COUNT).step_by(2) {
                while word.load(Ordering::Acquire) != turn + 1 {
                    std::hint::spin_loop();
                }
                word.store(turn + 2, Ordering::Release);
            }
        },
        || {
            nanoseconds(COUNT, || {
                for turn in (0..2 * COUNT).step_by(2) {
                    word.store(turn + 1, Ordering::Release);
                    while word.load(Ordering::Acquire) != turn + 2 {
                        std::hint::spin_loop();
                    }
                }
            })
        },
    )
}

/// A fresh page that children share. It is never given back.
pub fn shared() -> &'static AtomicU64 {
    let protection = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_SHARED | libc::MAP_ANONYMOUS;
    // SAFETY: it takes no address of ours.
    let page = unsafe { libc::mmap(std::ptr::null_mut(), 4096, protection, flags, -1, 0) };
    assert_ne!(page, libc::MAP_FAILED);
    // SAFETY: it is a page of zeros that stays.
    unsafe { &*page.cast() }
}
