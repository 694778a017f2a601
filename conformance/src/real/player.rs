//! The actors of a program under way.

use std::collections::VecDeque;

use ipc_model::operation::{Arg, Call, Operation};
use ipc_model::outcome::Status;
use ipc_model::pidfd::PIDFD_SEND_SIGNAL;
use ipc_model::process::KILL;
use ipc_model::signal::{
    KILL_SIGNALS, SA_NOCLDWAIT, SENDS_TO_SEVERAL, SIGACTION, SIGACTION_HANDLER, SIGCHLD, SIGQUEUE,
    names_a_stop,
};
use ipc_model::thread::PTHREAD_KILL;

use super::fleet::Hand;
use super::layout::NOBODY;
use crate::program::{Line, Operand};

/// An actor of the program, and the agent that plays it.
#[derive(Debug)]
pub(super) struct Player {
    pub(super) stage: Stage,
    pub(super) hand: Option<Hand>,
    /// The place on the board; a child has one from when its `fork` is issued.
    pub(super) slot: usize,
    /// The call that was issued and has not returned, by line.
    pub(super) call: Option<(u16, Call)>,
    /// The calls that it makes behind that one without being told to.
    pub(super) queue: VecDeque<(u16, Call)>,
    /// The first argument of that call, as the kernel sees it.
    pub(super) first: i32,
    /// It was proven to sleep in the call of that line, having been given a processor so often. As
    /// long as it is found in that call with the same number, it has slept ever since.
    pub(super) slept: Option<(u16, u64)>,
    /// It was stopped when it was last looked at.
    pub(super) halted: bool,
    /// The ticket of the last call whose return was reported.
    pub(super) seen: u64,
    /// It has been sent `SIGKILL`: its end is awaited.
    pub(super) doomed: bool,
    /// It may have been sent `SIGKILL` by somebody who did not live to tell.
    pub(super) suspect: bool,
    /// It is not what it was, and cannot be again.
    pub(super) marked: bool,
    /// How it ended, if its parent was told.
    pub(super) status: Option<Status>,
    /// Whether somebody has waited for it, so that its process id may be used anew.
    pub(super) collected: bool,
}

/// How far an actor's process is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Stage {
    /// Nobody has made it yet.
    Unborn,
    /// The `fork` that makes it is issued.
    Forking,
    /// It is there and has not said so itself.
    Coming,
    /// It takes calls.
    Live,
    /// It has ended, or will never be.
    Gone,
}

impl Player {
    pub(super) fn unborn() -> Player {
        Player {
            stage: Stage::Unborn,
            hand: None,
            slot: usize::MAX,
            call: None,
            queue: VecDeque::new(),
            first: -1,
            slept: None,
            halted: false,
            seen: 0,
            doomed: false,
            suspect: false,
            marked: false,
            status: None,
            collected: false,
        }
    }

    pub(super) fn played_by(hand: Hand) -> Player {
        Player { stage: Stage::Live, slot: hand.slot, hand: Some(hand), ..Player::unborn() }
    }

    /// Whether a report may come from it.
    pub(super) fn may_report(&self) -> bool {
        match self.stage {
            Stage::Forking | Stage::Coming => true,
            Stage::Live => self.call.is_some(),
            Stage::Unborn | Stage::Gone => false,
        }
    }

    /// It is in that call, or about to be.
    pub(super) fn enter(&mut self, line: u16, call: Call) {
        self.first = match call.args.first() {
            Some(Arg::Fd(fd)) => *fd,
            Some(Arg::Number(number)) => *number as i32,
            _ => -1,
        };
        self.call = Some((line, call));
    }

    pub(super) fn pid(&self) -> i32 {
        self.hand.as_ref().map_or(NOBODY, |hand| hand.life.pid)
    }
}

/// Whether the call sends a signal that ends its target, whatever that does about it.
pub(super) fn ends_another(call: &Call) -> bool {
    sends(call.operation) && call.number(1) == 0
}

/// Whether the call sends such a signal to a group.
pub(super) fn ends_a_group(call: &Call) -> bool {
    SENDS_TO_SEVERAL.contains(&call.operation) && ends_another(call)
}

/// Whether the call sends a signal, and does not only ask for its target.
pub(super) fn signals_another(call: &Call) -> bool {
    sends(call.operation) && KILL_SIGNALS.get(call.number(1) as usize) != Some(&"0")
}

/// Whether the operation sends signals to other processes.
pub(super) fn sends(operation: &'static Operation) -> bool {
    let one = [&KILL, &SIGQUEUE, &PIDFD_SEND_SIGNAL, &PTHREAD_KILL].contains(&operation);
    one || SENDS_TO_SEVERAL.contains(&operation)
}

/// Whether the line sets a handler for that signal.
pub(super) fn catches(line: &Line, signal: u8) -> bool {
    line.operation == &SIGACTION_HANDLER && names(line, signal)
}

fn names(line: &Line, signal: u8) -> bool {
    line.args.first() == Some(&Operand::Number(signal.into()))
}

/// Whether behind that line nothing may be left of a child that ends, so that its process id may be used
/// anew although nobody has waited for it.
pub(super) fn drops_children(line: &Line) -> bool {
    let ignores = line.operation == &SIGACTION && line.args.get(1) == Some(&Operand::Number(1));
    let says_so = |arg: &Operand| matches!(arg, Operand::Flags(flags) if flags & SA_NOCLDWAIT != 0);
    let drops = ignores || line.args.get(2).is_some_and(says_so);
    drops && names(line, SIGCHLD)
}

/// Whether the line sends a signal that may stop its target, or makes a timer that does.
pub(super) fn stops(line: &Line) -> bool {
    let mut words = line.operation.params.iter().zip(&line.args);
    words.any(|(param, word)| matches!(word, Operand::Number(word) if names_a_stop(param, *word)))
}
