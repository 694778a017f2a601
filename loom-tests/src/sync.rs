//! What the shipped files call `crate::sync`, here in loom's hands. This file alone knows loom's
//! atomics; the shipped crates have one of the same names over the machine's.

pub use loom::sync::atomic::{
    AtomicU8, AtomicU16, AtomicU32, AtomicU64, AtomicUsize, Ordering, fence,
};
