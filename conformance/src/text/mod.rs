//! Programs as text.
//!
//! One line, one call; `#` starts a comment, and blank lines are free.
//!
//! ```text
//! covers pipe.read.blocks pipe.read.eof    # a run must exercise these clauses
//! may-cover pipe.write.long.step           # ... and may exercise these
//! order stepwise             # each line waits until all above it have returned or are asleep
//! limit nofile 16            # descriptors that an actor may have
//! together                   # stepwise no more: the lines up to `then` wait for nobody's return
//! A: pipe -> r w             # what a call gives gets names
//! A: fork -> B               # ... and a process is an actor
//! A: close w
//! A: read r 16
//! B: when A blocked  close w       # A's last line above is asleep, or has returned
//! B: after A.3  write w 100        # A's third line has returned
//! ```
//!
//! **Head.** `covers` and `may-cover` name clauses and may be repeated; `order` and `limit` stand
//! at most once; all of them stand above the first call.
//!
//! **Actors** are spelled `[A-Z][A-Za-z0-9_]*`. Those that no `fork` brings to life are there from
//! the start. An actor's lines run in text order; lines of different actors are concurrent unless
//! `order` or an edge says otherwise. Edges stand before the call, as many as are wanted, and point
//! to lines above, so that no program can wait for itself. The lines of an actor that is born by
//! `fork` stand below its birth and need no edge.
//!
//! **Descriptors** are spelled `[a-z][a-z0-9_]*`. A name is known to the actor whose line binds it,
//! from the next line on, and to those it forks later. Binding a name again hides what it was.
//!
//! **Calls** have the C name first and what they are given behind it: descriptors and actors by
//! name, counts in bytes (`10,20,30` for one count a buffer), flags with `|` between them or `0`,
//! words and commands in their C spelling. Which call takes what is the model's list of operations;
//! nothing in here names one.

mod error;
mod head;
mod operand;
mod parse;
mod print;
mod thread;

#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod tests;

pub use error::TextError;
pub(crate) use error::{Fault, nearest, quote, shown};
pub use parse::parse;

use std::ops::RangeInclusive;

/// The most bytes that one call of a program may move.
pub const MAX_BYTES: u64 = 16 << 20;
/// The most buffers that one call of a program may name: `IOV_MAX` where it is known to be least.
pub const MAX_BUFFERS: usize = 1024;
/// The most letters in the name of shared memory, behind the slash.
pub const MAX_SHARED_NAME: usize = 64;
/// The most descriptors that one call of a program may ask about, or be told of: what a report holds.
pub const MAX_WATCHES: usize = 16;
/// The most descriptors that one call of a program may have room for: each gets a name.
pub const MAX_PASSED: usize = 3;
/// The most signals that one call of a program may take: what a report holds.
pub const MAX_INFOS: usize = 8;
/// What `limit nofile` may say: room for the standard streams, and no more than the harness leaves.
pub const NOFILE: RangeInclusive<u32> = 4..=512;
