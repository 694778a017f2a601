//! Litmus programs: tiny ones, whose whole set of endings the model enumerates once and which the
//! real system runs many times. Each run is then one look-up, and what comes of it all is a
//! histogram: allowed and seen, allowed and never seen, forbidden and seen (as herd7 and litmus7 do
//! for memory).
//!
//! Read in this order: [`ending`] says what is observed of a run, [`outcomes`] which of that is
//! allowed. [`memory`] does the same for loads and stores.

mod actor;
pub mod arena;
pub mod ending;
pub mod fast;
pub mod histogram;
pub mod memory;
pub mod outcomes;
pub mod plan;
pub mod report;
pub mod runner;
#[cfg(test)]
mod tests;
mod value;

use crate::program::Program;
use crate::text::{TextError, parse};

/// Every litmus program's name and text, by name.
static TEXTS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/litmus.rs"));

/// A litmus program that ships with the suite.
#[derive(Clone, Copy, Debug)]
pub struct Litmus {
    /// Its file: `short-writes`.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
}

/// All of them, by name.
pub fn all() -> impl Iterator<Item = Litmus> {
    TEXTS.iter().map(|(name, text)| Litmus { name, text })
}

impl Litmus {
    /// The program.
    pub fn program(&self) -> Result<Program, TextError> {
        parse(&format!("{}.ipc", self.name), self.text)
    }

    /// What it asks: its first line, which is a comment.
    pub fn question(&self) -> &'static str {
        let first = self.text.lines().next().unwrap_or("");
        first.strip_prefix('#').unwrap_or("").trim()
    }
}
