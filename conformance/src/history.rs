//! Histories: the evidence. What was called and what was returned, in the order of the tickets.

use ipc_model::operation::{Actor, Call};
use ipc_model::outcome::{Info, Outcome, Status};
pub use ipc_model::profile::Numbers;

/// What a run of a program showed.
#[derive(Clone, PartialEq, Debug)]
pub struct History {
    /// What was run, where, and the numbers of that system.
    pub head: Head,
    /// What happened, in ascending order of tickets.
    pub events: Vec<Event>,
    /// How the run ended.
    pub end: End,
}

/// What must be known to judge the events on another machine.
#[derive(Clone, PartialEq, Debug)]
pub struct Head {
    /// The system, in words: `uname -srm` or the name of a simulated one.
    pub system: String,
    /// Numbers that differ from machine to machine.
    pub numbers: Numbers,
    /// The program's text.
    pub program: String,
    /// The actors' names.
    pub actors: Vec<String>,
    /// The actors that are there from the start.
    pub roots: Vec<u8>,
}

/// One thing that happened.
#[derive(Clone, PartialEq, Hash, Debug)]
pub struct Event {
    /// Its place in the order of all events: drawn from one counter, never used twice.
    pub ticket: u64,
    /// What.
    pub kind: EventKind,
}

/// What can happen.
#[derive(Clone, PartialEq, Hash, Debug)]
pub enum EventKind {
    /// An actor is about to call. The effect is not before this.
    Call {
        /// Who.
        actor: Actor,
        /// The line of the program, by index.
        line: u16,
        /// What, with every name resolved.
        call: Call,
    },
    /// A call has returned, or a new process has begun. The effect is not after this.
    Return {
        /// Who.
        actor: Actor,
        /// With what.
        outcome: Outcome,
        /// A number that was asked for right behind the call: the capacity of a new pipe.
        probed: Option<u64>,
    },
    /// A handler has run. It was called before this, and returned before anything else of its thread.
    Handled {
        /// In which thread.
        actor: Actor,
        /// What it was told.
        info: Info,
    },
    /// A process is gone, with every descriptor it had.
    Ended {
        /// Which.
        process: u8,
        /// How, if that could be learnt.
        status: Option<Status>,
    },
    /// Nothing can move any more: these are asleep in their calls, and nobody else is in one.
    Quiescent {
        /// Who sleeps.
        asleep: Vec<Actor>,
        /// Whether that was proven.
        proof: Proof,
    },
}

/// How it is known that an actor sleeps.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Proof {
    /// By the system's own account of every actor.
    Proven,
    /// By having waited long enough for most purposes: a verdict that rests on it is suspect.
    Waited,
    /// As [`Proof::Waited`], and every timeout of those who sleep passed long ago.
    Expired,
}

impl Proof {
    /// Whether somebody has said so who knows.
    pub fn is_certain(self) -> bool {
        self == Proof::Proven
    }
}

/// How a run ended.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum End {
    /// Every line that could be run was run, and the last event is a `Quiescent`.
    Complete,
    /// An actor was neither asleep nor returning when the deadline came.
    Deadline {
        /// Who was still in a call, or busy.
        busy: Vec<Actor>,
    },
    /// The harness failed; what there is of the history may still be judged.
    Broken {
        /// How.
        reason: String,
    },
}
