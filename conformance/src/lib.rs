//! The trial: programs are run by real processes, and what they saw is judged by the model.

pub mod bindings;
pub mod book;
pub mod campaign;
pub mod checker;
pub mod cli;
pub mod generator;
pub mod history;
pub mod lines;
pub mod manual;
pub mod program;
pub mod real;
pub mod record;
pub mod render;
pub mod report;
pub mod scenario;
pub mod schedule;
pub mod seed;
pub mod shrink;
pub mod sim;
pub mod stage;
pub mod strategy;
pub mod sync;
pub mod system;
pub mod text;
pub mod trial;
