//! The atomics of everything that several processes share. `loom-tests` includes the files that use
//! them with a `sync` of its own, and finds every interleaving.

pub use std::sync::atomic::{AtomicU32, AtomicU64, Ordering, fence};
