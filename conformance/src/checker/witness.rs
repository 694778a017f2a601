//! Witnesses: what a refutation shows to people, an anomaly and two events that cannot both be.
//!
//! Where bytes were counted by value alone, the tags say which were most likely meant.

use ipc_model::payload::Run;

use super::future::{Future, Known};
use super::{Anomaly, Deviation, Name};
use crate::history::History;
use crate::record::actor_text;

/// What contradicts itself; calls by number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Contradiction {
    /// It was received before its sender began.
    Invented { receiver: usize, tag: u32, at: u64 },
    /// It is missing between two pieces of a payload that were received side by side.
    Missing { tag: u32, at: u64, receiver: usize },
    /// It was received twice.
    Twice { tag: u32, at: u64, receivers: [usize; 2] },
    /// The first was sent before the second and received after it.
    Reordered { tags: [u32; 2], at: [u64; 2], receivers: [usize; 2] },
    /// More bytes of this value were received than anybody had begun to send.
    Excess { receiver: usize, byte: u8 },
    /// Bytes of this value had been sent and not been asked for when this call found nothing.
    Lack { receiver: usize, byte: u8 },
}

pub(super) struct Witness<'s, 'a> {
    pub(super) history: &'a History,
    pub(super) future: &'s Future<'a>,
}

impl Witness<'_, '_> {
    /// The deviation that a contradiction is.
    pub(super) fn deviation(&self, contradiction: Contradiction) -> Deviation {
        let (anomaly, receiver) = self.tell(contradiction);
        let known = &self.future.calls[receiver];
        let gives = known.call.operation.gives;
        let got = known.returned.map(|returned| returned.outcome.display(gives));
        Deviation {
            event: known.due().min(self.history.events.len().saturating_sub(1)),
            actor: known.actor,
            got: got.unwrap_or_default(),
            allowed: Vec::new(),
            refused: Vec::new(),
            anomaly: Some(anomaly),
            follows: false,
            suspect: false,
        }
    }

    /// The anomaly, and the call whose answer it is laid to.
    fn tell(&self, contradiction: Contradiction) -> (Anomaly, usize) {
        match contradiction {
            Contradiction::Invented { receiver, tag, at } => {
                let got = self.returned(receiver, &format!("received w{tag}[{at}]"));
                let sent = self.called(tag, &format!("sends w{tag}, and not before"));
                (Anomaly { name: Name::Invented, events: [got, sent] }, receiver)
            }
            Contradiction::Missing { tag, at, receiver } => {
                let sent = self.called(tag, &format!("sends w{tag}[{at}]"));
                let got = self.returned(receiver, "received what lies around it, and not it");
                (Anomaly { name: Name::Lost, events: [sent, got] }, receiver)
            }
            Contradiction::Twice { tag, at, receivers: [first, second] } => {
                let one = self.returned(first, &format!("received w{tag}[{at}]"));
                let other = self.returned(second, "received it as well");
                (Anomaly { name: Name::Duplicated, events: [one, other] }, second)
            }
            Contradiction::Reordered { tags, at, receivers: [first, second] } => {
                let [before, behind] = [0, 1].map(|i| format!("w{}[{}]", tags[i], at[i]));
                let early = format!("received {behind}, which was sent behind {before}");
                let one = self.returned(second, &early);
                let other = self.returned(first, &format!("received {before}, and later"));
                (Anomaly { name: Name::Reordered, events: [one, other] }, first)
            }
            Contradiction::Excess { receiver, byte } => self.excess(receiver, byte),
            Contradiction::Lack { receiver, byte } => self.lack(receiver, byte),
        }
    }

    fn excess(&self, receiver: usize, byte: u8) -> (Anomaly, usize) {
        let seen = self.strange().or_else(|| self.repeated());
        seen.unwrap_or_else(|| {
            let what = format!("received {byte:#04x} more often than it had been sent");
            let got = self.returned(receiver, &what);
            (Anomaly { name: Name::Corrupt, events: [self.last_sent(&got), got] }, receiver)
        })
    }

    fn lack(&self, receiver: usize, byte: u8) -> (Anomaly, usize) {
        let seen = self.strange().or_else(|| self.repeated()).or_else(|| self.gap(receiver));
        seen.unwrap_or_else(|| {
            let what = format!("found nothing, and {byte:#04x} was sent more often than received");
            let got = self.returned(receiver, &what);
            (Anomaly { name: Name::Lost, events: [self.last_sent(&got), got] }, receiver)
        })
    }

    /// Received bytes that no call sent.
    fn strange(&self) -> Option<(Anomaly, usize)> {
        let raw = |known: &Known<'_>| {
            let mut runs = known.data().into_iter().flat_map(|data| data.runs());
            runs.any(|run| matches!(run, Run::Raw(_)))
        };
        let receiver = self.future.calls.iter().position(raw)?;
        let got = self.returned(receiver, "received bytes that nobody sent");
        let sent = match self.gaps().next() {
            Some((tag, at, _)) => self.called(tag, &format!("sends w{tag}[{at}]")),
            None => self.last_sent(&got),
        };
        Some((Anomaly { name: Name::Corrupt, events: [sent, got] }, receiver))
    }

    /// The same bytes received by two calls.
    fn repeated(&self) -> Option<(Anomaly, usize)> {
        let pieces = self.pieces();
        let over =
            |pair: &&[(u32, u64, u64, usize)]| pair[0].0 == pair[1].0 && pair[1].1 < pair[0].2;
        let pair = pieces.windows(2).find(over)?;
        let mut receivers = [pair[0].3, pair[1].3];
        receivers.sort_by_key(|number| self.future.calls[*number].due());
        let (tag, at) = (pair[1].0, pair[1].1);
        Some(self.tell(Contradiction::Twice { tag, at, receivers }))
    }

    /// What was sent and nobody received.
    fn gap(&self, empty: usize) -> Option<(Anomaly, usize)> {
        let began = self.future.calls[empty].called;
        let due = |tag| self.future.sender(tag).map(|sender| self.future.calls[sender].due());
        let (tag, at, next) =
            self.gaps().find(|(tag, ..)| due(*tag).is_some_and(|due| due < began))?;
        let sent = self.called(tag, &format!("sends w{tag}[{at}]"));
        let (what, receiver) = match next {
            Some(next) => ("received what comes behind it, and nobody received it", next),
            None => ("found nothing more, and nobody received it", empty),
        };
        let got = self.returned(receiver, what);
        Some((Anomaly { name: Name::Lost, events: [sent, got] }, receiver))
    }

    /// Bytes that were sent and not received, by tag and place, and who received what comes behind.
    fn gaps(&self) -> impl Iterator<Item = (u32, u64, Option<usize>)> {
        let pieces = self.pieces();
        let calls = self.future.calls.iter().filter(|known| known.call.operation.sends());
        let numbers = calls.filter_map(|known| self.future.sender(known.call.tag));
        numbers.filter_map(move |number| {
            let tag = self.future.calls[number].call.tag;
            let all = self.future.reaches(number)?;
            let first = pieces.partition_point(|piece| piece.0 < tag);
            let mut end = 0;
            for (_, from, to, receiver) in pieces[first..].iter().take_while(|p| p.0 == tag) {
                if *from > end {
                    return Some((tag, end, Some(*receiver)));
                }
                end = end.max(*to);
            }
            (end < all).then_some((tag, end, None))
        })
    }

    /// Everything that was received, by tag and place: from, to, and who received it.
    fn pieces(&self) -> Vec<(u32, u64, u64, usize)> {
        let mut pieces = Vec::new();
        for (number, known) in self.future.calls.iter().enumerate() {
            for run in known.data().into_iter().flat_map(|data| data.runs()) {
                if let Run::Of { tag, from, len } = run {
                    pieces.push((*tag, *from, from + len, number));
                }
            }
        }
        pieces.sort_unstable();
        pieces
    }

    /// The last call that had sent something when this happened.
    fn last_sent(&self, (event, _): &(usize, String)) -> (usize, String) {
        let mut calls = self.future.calls.iter().rev();
        let known = calls.find(|known| known.call.operation.sends() && known.called < *event);
        known.map_or((0, "nobody has sent anything".to_owned()), |known| {
            (known.called, format!("{} is the last to send", self.call(known)))
        })
    }

    fn called(&self, tag: u32, what: &str) -> (usize, String) {
        let sender = self.future.sender(tag).map(|sender| &self.future.calls[sender]);
        sender.map_or((0, "nobody".to_owned()), |known| {
            (known.called, format!("{} {what}", self.call(known)))
        })
    }

    fn returned(&self, number: usize, what: &str) -> (usize, String) {
        let known = &self.future.calls[number];
        (known.due(), format!("{} {what}", self.call(known)))
    }

    fn call(&self, known: &Known<'_>) -> String {
        format!("{} {}", actor_text(&self.history.head.actors, known.actor), known.call)
    }
}
