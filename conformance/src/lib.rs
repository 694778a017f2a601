//! The trial: programs are run by real processes, and what they saw is judged by the model.

pub mod bindings;
pub mod checker;
pub mod generator;
pub mod history;
pub mod program;
pub mod real;
pub mod scenario;
pub mod schedule;
pub mod sim;
pub mod stage;
pub mod sync;
pub mod system;
pub mod text;
