//! Every interleaving of the shipped shared-memory code, explored by loom.
//!
//! All of it is in the tests, so that nobody builds loom who tests nothing: `tests/shared` has the lane
//! and the mutex, `tests/small` the rest, and the files beside this one are what both stand on.
//!
//! The shipped files are included there by `#[path]`, as they are. They name atomics and waiting
//! through `crate::sync`, which alone differs: in the other crates it is the machine's, here it is
//! loom's. No Cargo feature and no compiler flag tells the two apart, so nothing that ships can
//! depend on loom.
//!
//! Loom explores the C11 memory model with two limits that matter to a reader of these tests: it
//! takes a `SeqCst` access for an `AcqRel` one (a `SeqCst` fence is taken at its word), so it may
//! find an outcome that the language forbids, and it does not let a load be answered by a store
//! that comes later in the program.
