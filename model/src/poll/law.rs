//! What *ready* promises: for every kind of object that can be waited for, and for every event, a call.
//! The rows are kept where the mechanism of the object is.

use crate::clause::Num;
use crate::operation::{Arg, Call, Operation, Param};
use crate::spec::Spec;
use crate::view::View;
use crate::world::World;

/// With nobody in between, this call does not wait, nor is it refused because it would have to.
#[derive(Clone, Copy, Debug)]
pub struct Law {
    /// The kind of object, by name.
    pub kind: &'static str,
    /// The event, by index in [`super::EVENTS`].
    pub event: u32,
    /// What is called, on the descriptor alone.
    pub operation: &'static Operation,
    /// The numbers behind the descriptor; a timeout is none of them.
    pub with: &'static [Num],
}

impl Law {
    /// The call on a descriptor; where it has a timeout, that is `timeout` milliseconds.
    pub fn call(&self, spec: &Spec, fd: i32, timeout: i64) -> Call {
        let nowhere = World::default();
        let view = View::unasked(spec, &nowhere, 0);
        let mut with = self.with.iter();
        let mut arg = |param: &Param| match param {
            Param::Fd => Arg::Fd(fd),
            Param::Command(_) => Arg::Command,
            Param::Timeout => Arg::Number(timeout),
            _ => Arg::Number(with.next().map_or(0, |num| view.num(num) as i64)),
        };
        let args = self.operation.params.iter().map(&mut arg).collect();
        Call { operation: self.operation, args, tag: u32::MAX }
    }

    /// Whether the other names the same call.
    pub fn is_same_call(&self, other: &Law) -> bool {
        (self.operation, self.with) == (other.operation, other.with)
    }
}
