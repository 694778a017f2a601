//! Two programs over a ring in shared memory. One is killed; the other reads to the end of what it had
//! sent, and is told.
//!
//! `cargo run -p ipc-impls --example ring`
//!
//! The ring is a file without a name. The other program gets it as its standard input, and maps it
//! wherever there is room.

use std::os::fd::AsFd as _;
use std::process::{Command, Stdio};

use ipc_impls::ring::{RecvError, SpscRing};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result<()> {
    if std::env::args().nth(1).as_deref() == Some("producer") { produce() } else { consume() }
}

/// Counts for ever.
fn produce() -> Result<()> {
    let mut producer = SpscRing::attach(std::io::stdin().as_fd())?.producer()?;
    for number in 0_u64.. {
        producer.send(format!("message {number}").as_bytes())?;
    }
    Ok(())
}

/// Reads a thousand messages, kills the other, and reads on.
fn consume() -> Result<()> {
    let ring = SpscRing::create(1 << 12)?;
    let mut consumer = ring.consumer()?;
    let mut producer = Command::new(std::env::current_exe()?)
        .arg("producer")
        .stdin(Stdio::from(ring.fd().try_clone_to_owned()?))
        .spawn()?;
    let (mut message, mut count) = (Vec::new(), 0);
    while count < 1000 {
        consumer.recv(&mut message)?;
        count += 1;
    }
    producer.kill()?;
    println!("killed it after {:?}", String::from_utf8_lossy(&message));
    let end = loop {
        match consumer.recv(&mut message) {
            Ok(Some(_)) => count += 1,
            Ok(None) => break "the producer has closed".to_owned(),
            Err(RecvError::PeerDied) => break RecvError::PeerDied.to_string(),
            Err(error) => return Err(error.into()),
        }
    };
    producer.wait()?;
    println!("read on to {:?}, message number {}", String::from_utf8_lossy(&message), count - 1);
    println!("and then: {end}");
    Ok(())
}
