//! What is known of every call before the search begins: read off the history once.

use ipc_model::operation::{Actor, Arg, Call};
use ipc_model::outcome::{Outcome, Value};
use ipc_model::payload::{Data, Run, Tag};
use ipc_model::signal::names_a_stop;

use crate::history::{EventKind, History};

/// A call of the history, from its beginning to its end.
pub(super) struct Known<'a> {
    pub(super) actor: Actor,
    pub(super) call: &'a Call,
    /// The event of the call.
    pub(super) called: usize,
    /// The event of the return, and what was returned; none if it never did.
    pub(super) returned: Option<Returned<'a>>,
    /// The last event at which it is known to have been asleep: no answer came before.
    pub(super) asleep_at: Option<usize>,
    /// How much of its payload is seen to come out somewhere.
    seen: u64,
}

/// What a call returned.
#[derive(Clone, Copy)]
pub(super) struct Returned<'a> {
    pub(super) event: usize,
    pub(super) outcome: &'a Outcome,
    pub(super) probed: Option<u64>,
}

/// What is known of the calls in a history, by number: in the order in which they begin.
pub(super) struct Future<'a> {
    pub(super) calls: Vec<Known<'a>>,
    /// Which call has the payload of that tag: one more than its number, 0 if there is none.
    by_tag: Vec<u32>,
    /// Which processes end in the course of the history.
    ends: Vec<bool>,
    /// Which processes begin.
    begins: Vec<bool>,
    /// Somebody may be stopped: who is, is at rest as well, and may have its answer.
    pub(super) stops: bool,
}

/// The greatest tag that is looked up: programs have fewer lines.
const TAGS: usize = 1 << 17;

impl<'a> Future<'a> {
    pub(super) fn of(history: &'a History) -> Future<'a> {
        let actors = history.head.actors.len();
        let mut future = Future {
            calls: Vec::with_capacity(history.events.len() / 2),
            by_tag: Vec::with_capacity(history.events.len() / 2),
            ends: vec![false; actors],
            begins: vec![false; actors],
            stops: false,
        };
        // For each process the call that it is in; one thread each.
        let mut current: Vec<Option<usize>> = vec![None; actors];
        for (index, event) in history.events.iter().enumerate() {
            match &event.kind {
                EventKind::Call { actor, call, .. } => {
                    if let Some(slot) = current.get_mut(usize::from(actor.process)) {
                        *slot = Some(future.calls.len());
                    }
                    future.begin(*actor, call, index);
                    future.stops |= may_stop(call);
                }
                EventKind::Return { actor, outcome, probed } => {
                    let process = usize::from(actor.process);
                    if *outcome == Outcome::Success(Value::Begun)
                        && let Some(begins) = future.begins.get_mut(process)
                    {
                        *begins = true;
                    }
                    if let Some(call) = current.get_mut(process).and_then(Option::take) {
                        let returned = Returned { event: index, outcome, probed: *probed };
                        future.calls[call].returned = Some(returned);
                    }
                }
                EventKind::Handled { .. } => {}
                EventKind::Ended { process, .. } => {
                    if let Some(ends) = future.ends.get_mut(usize::from(*process)) {
                        *ends = true;
                    }
                }
                EventKind::Quiescent { asleep, .. } => {
                    let known = !future.stops;
                    for actor in asleep.iter().filter(|_| known) {
                        if let Some(Some(call)) = current.get(usize::from(actor.process)) {
                            future.calls[*call].asleep_at = Some(index);
                        }
                    }
                }
            }
        }
        future.look();
        future
    }

    fn begin(&mut self, actor: Actor, call: &'a Call, called: usize) {
        let tag = call.tag as usize;
        if call.operation.sends() && tag < TAGS {
            if self.by_tag.len() <= tag {
                self.by_tag.resize(tag + 1, 0);
            }
            self.by_tag[tag] = self.calls.len() as u32 + 1;
        }
        self.calls.push(Known { actor, call, called, returned: None, asleep_at: None, seen: 0 });
    }

    /// Notes how far each payload is seen to come.
    fn look(&mut self) {
        for reader in 0..self.calls.len() {
            let Some(data) = self.calls[reader].data() else { continue };
            for run in data.runs() {
                if let Run::Of { tag, from, len } = run
                    && let Some(writer) = self.sender(*tag)
                {
                    let seen = &mut self.calls[writer].seen;
                    *seen = (*seen).max(from + len);
                }
            }
        }
    }

    /// The call whose payload has that tag.
    pub(super) fn sender(&self, tag: Tag) -> Option<usize> {
        (*self.by_tag.get(tag as usize)? as usize).checked_sub(1)
    }

    /// The number of a call of this history: the place in [`Future::calls`].
    pub(super) fn number(&self, known: &Known<'_>) -> usize {
        self.calls.partition_point(|call| call.called < known.called)
    }

    /// How far a call is known to come: by what it returns, or by what others receive of it.
    pub(super) fn reaches(&self, call: usize) -> Option<u64> {
        let known = self.calls.get(call)?;
        match known.returned.map(|returned| returned.outcome) {
            Some(Outcome::Success(Value::Number(n))) => u64::try_from(*n).ok(),
            Some(Outcome::Success(value)) if value.data().is_some() => value.data().map(Data::len),
            _ => Some(known.seen),
        }
    }

    pub(super) fn ends(&self, actor: Actor) -> bool {
        self.ends.get(usize::from(actor.process)).copied().unwrap_or(false)
    }

    pub(super) fn begins(&self, process: u64) -> bool {
        self.begins.get(process as usize).copied().unwrap_or(false)
    }
}

/// Whether a call sends a signal that stops by default, or makes a timer that does.
fn may_stop(call: &Call) -> bool {
    let mut words = call.operation.params.iter().zip(&call.args);
    words.any(|(param, arg)| matches!(arg, Arg::Number(word) if names_a_stop(param, *word)))
}

impl<'a> Known<'a> {
    /// The bytes that it received.
    pub(super) fn data(&self) -> Option<&'a Data> {
        match self.returned?.outcome {
            Outcome::Success(value) => value.data(),
            _ => None,
        }
    }

    /// Whether it received fewer bytes than it asked for.
    pub(super) fn is_short(&self) -> bool {
        self.data().is_some_and(|data| data.len() < self.call.len())
    }

    /// The event of its return; behind all others if there is none.
    pub(super) fn due(&self) -> usize {
        self.returned.map_or(usize::MAX, |returned| returned.event)
    }
}
