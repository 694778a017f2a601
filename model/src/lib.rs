//! The specification: what pipes, descriptors and processes may do, as clauses over a small world.
//!
//! Pure: no I/O, no clock, no randomness, no order of a hash table, no `unsafe`. The same definition
//! is read by the checker (*was this allowed?*), the generator (*what may come next?*) and the book
//! (*what does it say?*).

#![forbid(unsafe_code)]

pub mod clause;
pub mod errno;
pub mod object;
pub mod operation;
pub mod order;
pub mod outcome;
pub mod payload;
pub mod print;
pub mod profile;
pub mod spec;
pub mod step;
pub mod view;
pub mod world;

pub mod anonymous;
pub mod descriptor;
pub mod epoll;
pub mod eventfd;
pub mod fifo;
pub mod file;
pub mod lasting;
pub mod mapping;
pub mod mechanism;
pub mod memory;
pub mod mutex;
pub mod name;
pub mod pidfd;
pub mod pipe;
pub mod poll;
pub mod power;
pub mod process;
pub mod ring;
pub mod segment;
pub mod signal;
pub mod signalfd;
pub mod socket;
pub mod thread;
pub mod timer;
