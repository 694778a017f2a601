//! Shared memory as processors and languages see it: which endings tiny programs of loads and stores
//! may have, by the models of the literature.
//!
//! Elsewhere in this crate the world has one state, and every step is seen by all at once. That is
//! not so for plain loads and stores of memory that several processes have mapped: a store may be
//! late, and each processor may see another order. So these programs are judged by *axioms on
//! candidate executions* (Alglave, Maranget, Tautschnig, "Herding cats", TOPLAS 36(2), 2014): all
//! ways in which reads may take their values from writes, and writes to one place may follow each
//! other, are listed, and a model forbids those in which something goes round in a circle.
//!
//! Read in this order: [`test`] says what a test is, [`shapes`] has those of the literature,
//! [`execution`] lists candidates, [`axioms`] has the models, [`compile`] what the orderings of a
//! language become on a machine, [`verdict`] what all that comes to. [`machine`] says what
//! interleaving and store buffers are a second time, by running them.

pub mod axioms;
pub mod compile;
pub mod execution;
mod language;
pub mod machine;
pub mod relation;
pub mod shapes;
pub mod test;
pub mod verdict;
