//! The trial: programs are run by real processes, and what they saw is judged by the model.

pub mod history;
pub mod lines;
pub mod program;
pub mod record;
pub mod system;
pub mod text;
