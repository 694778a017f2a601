//! Thin typed drivers for every kernel mechanism: one system call an operation, nothing checked,
//! nothing retried. What the kernel said is the observation.
//!
//! Descriptors are plain numbers here, not owned handles: a program may well name one that is closed,
//! and what the kernel answers to that is part of what is observed.

pub mod descriptor;
pub mod epoll;
pub mod errno;
pub mod eventfd;
pub mod fifo;
pub mod file;
pub mod mapping;
pub mod memory;
pub mod mutex;
pub mod name;
pub mod pidfd;
pub mod pipe;
pub mod poll;
pub mod process;
pub mod ring;
pub mod segment;
pub mod shm;
pub mod signal;
pub mod signalfd;
pub mod socket;
pub mod sync;
pub mod thread;
pub mod timer;
mod wait;
