//! Anomalies: what a refused answer says about the bytes, in one word and two events.
//!
//! An anomaly is never found by itself: it names a refusal that the search has made, by comparing what
//! was received with what stood ready in the world that refused it. So it is as sound as the search.

use std::fmt;

use ipc_model::clause::Aspect;
use ipc_model::mechanism;
use ipc_model::outcome::{Outcome, Value};
use ipc_model::payload::{Data, Run};
use ipc_model::view::View;

use super::Deviation;
use super::future::{Future, Known};
use super::place::Place;
use super::search::Search;
use crate::history::{EventKind, History};
use crate::record::actor_text;

/// What a refusal says about the bytes: two things that cannot both be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Anomaly {
    /// Its name.
    pub name: Name,
    /// What came first and what contradicts it, each an event by index and in words.
    pub events: [(usize, String); 2],
}

/// The name of an anomaly.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Name {
    /// What was sent is never received, though what came behind it is.
    Lost,
    /// The same was received before.
    Duplicated,
    /// Nobody sent it.
    Corrupt,
    /// What goes in whole was received with something between.
    Torn,
    /// It was received before what was sent before it.
    Reordered,
    /// It was received before it was sent.
    Invented,
    /// Nothing was received as if nothing could come any more, though something could.
    EarlyEof,
    /// Nothing could come any more, and this was not told.
    LateEof,
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Name::Lost => "lost",
            Name::Duplicated => "duplicated",
            Name::Corrupt => "corrupt",
            Name::Torn => "torn",
            Name::Reordered => "reordered",
            Name::Invented => "invented",
            Name::EarlyEof => "early end-of-file",
            Name::LateEof => "late end-of-file",
        })
    }
}

/// Names a refusal, if it is about bytes; `place` is one that refused it.
pub(super) fn name(search: &Search<'_>, place: &Place, deviation: &Deviation) -> Option<Anomaly> {
    let teller = Teller { history: search.history, future: &search.moves.future };
    let view = View::new(search.spec, &place.world, deviation.actor);
    let ready = view.front();
    let event = &search.history.events.get(deviation.event)?.kind;
    match event {
        EventKind::Return { outcome: Outcome::Success(value), .. } if value.data().is_some() => {
            let data = value.data()?;
            if !data.is_empty() {
                return teller.received(deviation, data, ready?);
            }
            let ends = deviation.refused.iter().any(|refused| is_eof(refused.clause));
            ends.then(|| teller.early(deviation, ready)).flatten()
        }
        EventKind::Return { .. } | EventKind::Quiescent { .. } => {
            let ends = deviation.allowed.iter().any(|allowed| is_eof(allowed.clause));
            ends.then(|| teller.late(deviation)).flatten()
        }
        EventKind::Call { .. } | EventKind::Handled { .. } | EventKind::Ended { .. } => None,
    }
}

fn is_eof(clause: &str) -> bool {
    mechanism::clause(clause).is_some_and(|c| c.aspect == Aspect::Eof && c.answers())
}

struct Teller<'s, 'a> {
    history: &'a History,
    future: &'s Future<'a>,
}

impl Teller<'_, '_> {
    /// What is wrong with some bytes, where those of `ready` were next.
    fn received(&self, deviation: &Deviation, data: &Data, ready: &Data) -> Option<Anomaly> {
        let at = first_difference(data, ready);
        let got = data.source(at).or_else(|| data.source(at.checked_sub(1)?));
        let next = ready.source(at);
        let here = |words: String| (deviation.event, words);
        let what = self.words(deviation);
        // Bytes that no call sent.
        let Some((tag, byte)) = data.source(at) else {
            let of = next.or(got)?;
            let sender = self.sender(of.0)?;
            let sent = (sender.called, format!("{} sends w{}", self.call(sender), of.0));
            let name = if at < data.len() { Name::Corrupt } else { return None };
            return Some(Anomaly {
                name,
                events: [sent, here(format!("{what} received something else at byte {at}"))],
            });
        };
        let sender = self.sender(tag)?;
        let piece = format!("w{tag}[{byte}]");
        if sender.called > deviation.event {
            let sent =
                (sender.called, format!("{} sends w{tag}, and not before", self.call(sender)));
            let events = [here(format!("{what} received {piece}")), sent];
            return Some(Anomaly { name: Name::Invented, events });
        }
        if let Some((event, before)) = self.before(deviation.event, tag, byte) {
            let events = [
                (event, format!("{} received {piece}", self.call(before))),
                here(format!("{what} received it as well")),
            ];
            return Some(Anomaly { name: Name::Duplicated, events });
        }
        let (tag, byte) = next?;
        let sender = self.sender(tag)?;
        let missing = format!("w{tag}[{byte}]");
        let sent =
            (sender.called, format!("{} sends {missing}, which was next", self.call(sender)));
        let name = match (self.ever(tag, byte), at > 0 && byte > 0) {
            (false, _) => Name::Lost,
            (true, true) => Name::Torn,
            (true, false) => Name::Reordered,
        };
        Some(Anomaly {
            name,
            events: [sent, here(format!("{what} received {piece} in its place"))],
        })
    }

    fn early(&self, deviation: &Deviation, ready: Option<&Data>) -> Option<Anomaly> {
        let what = format!("{} is told that nothing will come", self.words(deviation));
        let next = ready.and_then(|ready| ready.source(0)).and_then(|(tag, byte)| {
            let sender = self.sender(tag)?;
            Some((sender.called, format!("{} sends w{tag}[{byte}]", self.call(sender))))
        });
        // Who could still send, and does so later.
        let later = || {
            let sends =
                |known: &&Known<'_>| known.call.operation.sends() && known.due() > deviation.event;
            let known = self.future.calls.iter().filter(sends).find(|known| {
                matches!(
                    known.returned.map(|returned| returned.outcome),
                    Some(Outcome::Success(Value::Number(1..)))
                )
            })?;
            Some((known.due(), format!("{} sends more", self.call(known))))
        };
        let mut events = [next.or_else(later)?, (deviation.event, what)];
        events.sort_by_key(|(event, _)| *event);
        Some(Anomaly { name: Name::EarlyEof, events })
    }

    fn late(&self, deviation: &Deviation) -> Option<Anomaly> {
        // The last thing that anybody else did: from there on nobody could send.
        let before = self.history.events[..deviation.event].iter().enumerate().rev();
        let mut others = before.filter_map(|(event, happened)| match &happened.kind {
            EventKind::Ended { process, .. } if *process != deviation.actor.process => {
                let actor = ipc_model::operation::Actor::first(*process);
                Some((event, format!("{} has ended", actor_text(&self.history.head.actors, actor))))
            }
            EventKind::Return { actor, .. } if *actor != deviation.actor => {
                let known = self.future.calls.iter().find(|known| known.due() == event)?;
                Some((event, format!("{} has returned", self.call(known))))
            }
            _ => None,
        });
        let what = match deviation.got.as_str() {
            "asleep" => format!("{} still waits", self.words(deviation)),
            got => format!("{} is told {got}", self.words(deviation)),
        };
        let events = [others.next()?, (deviation.event, what)];
        Some(Anomaly { name: Name::LateEof, events })
    }

    fn sender(&self, tag: u32) -> Option<&Known<'_>> {
        self.future.calls.get(self.future.sender(tag)?)
    }

    /// An earlier return that had this byte.
    fn before(&self, event: usize, tag: u32, byte: u64) -> Option<(usize, &Known<'_>)> {
        let had = |known: &&Known<'_>| {
            known.due() < event && known.data().is_some_and(|data| has(data, tag, byte))
        };
        self.future.calls.iter().find(had).map(|known| (known.due(), known))
    }

    fn ever(&self, tag: u32, byte: u64) -> bool {
        let has = |known: &Known<'_>| known.data().is_some_and(|data| has(data, tag, byte));
        self.future.calls.iter().any(has)
    }

    fn call(&self, known: &Known<'_>) -> String {
        format!("{} {}", actor_text(&self.history.head.actors, known.actor), known.call)
    }

    /// The call that was refused.
    fn words(&self, deviation: &Deviation) -> String {
        let mine =
            |known: &&Known<'_>| known.actor == deviation.actor && known.called <= deviation.event;
        let known = self.future.calls.iter().rfind(mine);
        known.map_or_else(
            || actor_text(&self.history.head.actors, deviation.actor),
            |known| self.call(known),
        )
    }
}

fn has(data: &Data, tag: u32, byte: u64) -> bool {
    data.runs().any(|run| match run {
        Run::Of { tag: of, from, len } => *of == tag && (*from..from + len).contains(&byte),
        Run::Raw(_) => false,
    })
}

/// The first byte in which they differ, or how many the shorter has.
fn first_difference(data: &Data, ready: &Data) -> u64 {
    let both = data.bytes().into_iter().zip(ready.prefix(data.len()).bytes());
    both.take_while(|(got, next)| got == next).count() as u64
}
