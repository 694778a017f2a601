//! Calls that have not been answered.

use std::sync::Arc;

use crate::operation::{Call, Operation};
use crate::payload::Data;
use crate::signal::{INTERRUPTION, Pending};
use crate::socket::{GATHERING, SENDMSG};

/// A call that has not been answered.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct InCall {
    /// The call.
    pub call: Arc<Call>,
    /// Bytes moved so far.
    pub done: u64,
    /// It has been asleep.
    pub slept: bool,
    /// The time that it was to wait at most is over, and has been for long.
    pub overdue: bool,
    /// How many of the things that it looks for one after the other it has found.
    pub found: u8,
    /// What it has found at those that it looks at one after the other.
    pub seen: Vec<u32>,
    /// A description that has no descriptor yet.
    pub holds: Option<u16>,
    /// The descriptions that it is to send along, once it has looked which these are.
    pub carries: Vec<u16>,
    /// Where it moves bytes from or to, once it has looked, where that is no pipe.
    pub moving: Option<Box<Moving>>,
    /// The signals that it waited for, and has taken.
    pub taken: Vec<Pending>,
    /// A handler has run in it, or will, and it is to return.
    pub interrupted: bool,
    /// While it was under way another ended what it works on: it may have looked before that.
    pub overtaken: bool,
}

/// Bytes on their way from or to a place that they have in an object.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Moving {
    /// The offset of the first of them.
    pub at: u64,
    /// What has been received of them.
    pub got: Data,
    /// All of it was received in one instant: no more is, whatever comes there.
    pub whole: bool,
}

impl InCall {
    /// A call that has just been made.
    pub fn new(call: Arc<Call>) -> InCall {
        InCall {
            call,
            done: 0,
            slept: false,
            overdue: false,
            found: 0,
            seen: Vec::new(),
            holds: None,
            carries: Vec::new(),
            moving: None,
            taken: Vec::new(),
            interrupted: false,
            overtaken: false,
        }
    }

    /// By whose rules it goes on: those of its operation, or those of whatever is interrupted or has still to
    /// find what it sends along.
    pub fn operation(&self) -> &'static Operation {
        match self.interrupted {
            true => &INTERRUPTION,
            false if self.gathers() => &GATHERING,
            false => self.call.operation,
        }
    }

    /// Whether it names descriptors that it is to send along, and has not looked at them. They go with the
    /// first bytes.
    fn gathers(&self) -> bool {
        self.call.operation == &SENDMSG
            && self.carries.is_empty()
            && self.done == 0
            && !self.call.watches().is_empty()
    }

    /// Whether it has done anything that another call might have seen, or slept.
    pub fn has_begun(&self) -> bool {
        let untouched = self.done == 0 && self.found == 0 && self.seen.is_empty();
        self.slept || !untouched || self.holds.is_some() || self.moving.is_some()
    }
}
