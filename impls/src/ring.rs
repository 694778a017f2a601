//! Rings in shared memory: messages from one process to another without a system call for each.
//!
//! [`SpscRing`] has one producer and one consumer; [`MpscRing`] has a lane for each of several
//! producers, so that one that dies in the middle of a message leaves no hole in the others'. Both are
//! a sealed file of memory that is handed on as a descriptor, and mapped wherever there is room.
//!
//! ```
//! use ipc_impls::ring::SpscRing;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let ring = SpscRing::create(1 << 16)?;
//! let mut producer = ring.producer()?;
//! // In another process, with the descriptor that it was handed:
//! let other = SpscRing::attach(ring.fd())?;
//! let mut consumer = other.consumer()?;
//!
//! producer.send(b"hello")?;
//! producer.close();
//! let mut message = Vec::new();
//! while consumer.recv(&mut message)?.is_some() {
//!     println!("{}", String::from_utf8_lossy(&message));
//! }
//! # assert_eq!(message, b"hello");
//! # Ok(())
//! # }
//! ```
//!
//! # What is promised
//!
//! - Messages of one producer come out whole, once, and in order.
//! - A producer that closes is followed by the end; a consumer that closes, by a refusal.
//! - A side that dies is told to the other once all that it had done was seen. Its death is proven by
//!   the kernel, by a lock that it held, and never guessed from the time that has passed.
//! - Another process can take the place of one that died. Messages that the dead consumer had not
//!   released are delivered again; the message that the dead producer was at is lost.
//! - Whatever the other side stores, nothing is read or written outside of the ring, nobody panics, and
//!   what cannot be is told as `PeerCorrupt`.
//!
//! # What is not
//!
//! - A peer that lies is not found out while what it says could be true. It may keep messages back, or
//!   alter them until they are copied.
//! - While a side sleeps it looks every 16 milliseconds whether the other still lives.
//! - A process that is forked while it has a side counts as that side too, until it has ended or called
//!   `exec`. It must not use what it inherited.
//! - Both sides must run on Linux 4.16 or later, with `/proc`: see `membarrier(2)`.

mod consumer;
mod error;
pub mod flow;
pub mod gather;
mod lanes;
mod mpsc;
mod producer;
mod spsc;

pub use consumer::{Consumer, Message};
pub use error::{OpenError, RecvError, SendError};
pub use mpsc::{MpscConsumer, MpscRing};
pub use producer::{Grant, Producer};
pub use spsc::SpscRing;
