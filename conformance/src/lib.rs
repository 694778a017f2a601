//! The trial: programs are run by real processes, and what they saw is judged by the model.

pub mod book;
pub mod history;
pub mod program;
pub mod system;
