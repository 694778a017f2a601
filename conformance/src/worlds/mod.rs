//! Small worlds in full: every state of named scopes, and what holds in each.
//!
//! A scope is a world of a few processes and one or two pipes of a few bytes, with an alphabet of
//! calls that anybody may make at any time. All of its states are gone through, and in each it is
//! asked whether what must always hold does.

mod always;
mod bytes;
mod coverage;
mod each;
mod fingerprint;
mod here;
mod law;
mod letters;
mod ready;
mod rings;
mod scope;
mod scopes;
mod search;
mod sometimes;
mod space;
mod tell;
mod trace;
mod walk;

#[cfg(test)]
mod commute;
#[cfg(test)]
mod tests;

pub use always::{ALWAYS, Always};
pub use each::each;
pub use scope::Scope;
pub use scopes::{PLAIN, SCOPES, TINY, WRITER_AND_READER};
pub use search::{Counterexample, Explored, explore};
pub use sometimes::Sometimes;
pub use space::{Space, used_tags};
pub use tell::{list, outcome, table};
pub use walk::{Reply, Walk, walk_example, walk_through};
