//! Programs: what each actor shall call, and in which order.

use std::ops::Range;
use std::sync::Arc;

use ipc_model::operation::{Operation, Param};
use ipc_model::thread::PTHREAD_CREATE;

/// A program: lines in text order, one call a line.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Program {
    /// The clauses that a run of it must exercise (`covers`), with the line of the text they stand in.
    pub covers: Vec<Mention>,
    /// The clauses that a run of it may exercise (`may-cover`).
    pub may_cover: Vec<Mention>,
    /// Every line waits until all lines above it have returned or are asleep (`order stepwise`).
    pub stepwise: bool,
    /// Lines that do not wait for each other although the order is stepwise, by index: those between
    /// `together` and `then`. Empty where there are none.
    pub together: Range<u16>,
    /// The most descriptors that an actor may have (`limit nofile N`).
    pub nofile: Option<u32>,
    /// The actors' names, in order of first appearance; at most [`Program::MAX_ACTORS`].
    pub actors: Vec<String>,
    /// The names of descriptors; arguments refer to them by index.
    pub names: Vec<String>,
    /// The calls, in text order. Line *n* of the program is `lines[n - 1]`.
    pub lines: Vec<Line>,
}

/// A clause named in the head of a program.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mention {
    /// The clause's id.
    pub clause: String,
    /// The line of the text, from 1; 0 if the program was not read from text.
    pub at: u32,
}

/// One call by one actor.
#[derive(Clone, PartialEq, Debug)]
pub struct Line {
    /// Who calls: an index into [`Program::actors`].
    pub actor: u8,
    /// What must have happened before.
    pub edges: Vec<Edge>,
    /// What is called.
    pub operation: &'static Operation,
    /// With what: one for each parameter.
    pub args: Vec<Operand>,
    /// The names that the results get: descriptors by index into [`Program::names`].
    pub binds: Vec<u16>,
    /// The actor that the call brings to life (`fork -> B`).
    pub child: Option<u8>,
}

/// An argument as the program states it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Operand {
    /// A descriptor, by index into [`Program::names`].
    Name(u16),
    /// A number, a number of bytes, or a word's index.
    Number(i64),
    /// Numbers of bytes, one a buffer.
    Vector(Vec<u64>),
    /// Flags, by index in the parameter's list.
    Flags(u32),
    /// A process, by index into [`Program::actors`].
    Process(u8),
    /// A path, below the program's own directory.
    Path(Arc<str>),
    /// Descriptors, by index into [`Program::names`], each with the flags that are asked about.
    Watches(Vec<(u16, u32)>),
    /// A word of the operation itself.
    Command,
}

impl Operand {
    /// The names of descriptors that it speaks of.
    pub fn names(&self) -> Vec<u16> {
        match self {
            Operand::Name(name) => vec![*name],
            Operand::Watches(watches) => watches.iter().map(|(name, _)| *name).collect(),
            _ => Vec::new(),
        }
    }
}

/// An order between lines of different actors.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Edge {
    /// That line has returned, or its actor has ended: an index into [`Program::lines`].
    After(u16),
    /// The actor's last line above this one is asleep, or has returned and so cannot be asleep.
    WhenBlocked(u8),
}

impl Program {
    /// The most actors in a program.
    pub const MAX_ACTORS: usize = 32;
    /// The most descriptors that an actor may have where the program does not say.
    pub const NOFILE: u32 = 64;
    /// The most lines in a program.
    pub const MAX_LINES: usize = 60_000;

    /// Which actors are there from the start: those that no line brings to life.
    pub fn roots(&self) -> Vec<u8> {
        let born = |actor: &u8| !self.lines.iter().any(|line| line.child == Some(*actor));
        (0..self.actors.len() as u8).filter(born).collect()
    }

    /// The actor whose process that actor is a thread of, which is itself unless a line makes it one more
    /// thread.
    pub fn leader(&self, actor: u8) -> u8 {
        let makes = |line: &&Line| {
            line.operation == &PTHREAD_CREATE && line.child == Some(actor) && line.actor != actor
        };
        self.lines.iter().find(makes).map_or(actor, |line| self.leader(line.actor))
    }

    /// The place of line `index` in its actor's own lines, from 1: the 3 of `A.3`.
    pub fn place(&self, index: usize) -> usize {
        let actor = self.lines[index].actor;
        self.lines[..=index].iter().filter(|line| line.actor == actor).count()
    }

    /// Line `index` as people call it: `A.3`.
    pub fn label(&self, index: usize) -> String {
        let actor = &self.actors[usize::from(self.lines[index].actor)];
        format!("{actor}.{}", self.place(index))
    }
}

impl Line {
    /// How many bytes the line's call sends, 0 if it sends none.
    pub fn sends(&self) -> u64 {
        let pairs = self.operation.params.iter().zip(&self.args);
        pairs
            .map(|(param, arg)| match (param, arg) {
                (Param::Send, Operand::Number(n)) => *n as u64,
                (Param::SendVector, Operand::Vector(parts)) => parts.iter().sum(),
                _ => 0,
            })
            .sum()
    }
}
