//! Sources: which payload the received bytes came from, told anew where what is told cannot be.
//!
//! Eight bytes name their payload; fewer are named while a program runs by what had not been received
//! until then, and one byte in 256 is another's by chance. A reader may also have the front of a
//! payload whose rest was reported before it. Once the history is whole more is known: what is left of
//! every payload, who received what lies beside it, and when. The bytes stay what they are, and they
//! alone are judged: only the search is led by their names.

mod fill;

use std::cell::Cell;

use ipc_model::operation::Actor;
use ipc_model::outcome::{Outcome, Value};
use ipc_model::payload::{Data, Run, Tag};

use super::future::{Future, Known};
use crate::history::{EventKind, History};

/// As many bytes as name their payload.
const NAMED: u64 = 8;
/// Stretches of bytes of no certain source beyond which nothing is told anew.
const GAPS: usize = 2_000;
/// How often a hole may be looked at for a gap: beyond that nothing is told anew either.
const LOOKS: u64 = 500_000;

/// The same history with other names for received bytes, if those that it has cannot all be right.
pub(super) fn told_anew(history: &History, future: &Future<'_>) -> Option<History> {
    if is_possible(future) {
        return None;
    }
    let mut sources = Sources::of(future);
    if sources.gaps.len() > GAPS || sources.holes.is_empty() {
        return None;
    }
    sources.fill();
    if sources.is_spent() {
        return None;
    }
    let mut told = history.clone();
    for (receiver, data) in sources.told() {
        let returned = future.calls[receiver].returned?;
        if let EventKind::Return { outcome, .. } = &mut told.events[returned.event].kind
            && let Outcome::Success(value) = outcome
            && let Some(place) = value.data_mut()
        {
            *place = data;
        }
    }
    Some(told)
}

/// Whether all received bytes have a name, and no payload is received before it is sent or has more
/// received of it than there is.
fn is_possible(future: &Future<'_>) -> bool {
    let mut taken = vec![0; future.calls.len()];
    future.calls.iter().all(|receiver| {
        receiver.data().into_iter().flat_map(|data| data.runs()).all(|run| {
            let Run::Of { tag, len, .. } = run else { return false };
            let Some(sender) = future.sender(*tag) else { return true };
            taken[sender] += len;
            fits(future, sender, receiver, run) && taken[sender] <= most(future, sender)
        })
    })
}

/// Whether a call can have received this of that payload.
fn fits(future: &Future<'_>, sender: usize, receiver: &Known<'_>, run: &Run) -> bool {
    let Run::Of { from, len, .. } = run else { return false };
    future.calls[sender].called < receiver.due() && from + len <= most(future, sender)
}

/// How many bytes a call may have sent.
fn most(future: &Future<'_>, sender: usize) -> u64 {
    let known = &future.calls[sender];
    match known.returned.map(|returned| returned.outcome) {
        Some(Outcome::Success(Value::Number(n))) => u64::try_from(*n).unwrap_or(0),
        Some(Outcome::Failure(_)) => 0,
        _ => known.call.len(),
    }
}

/// Bytes of a payload that were received by a call.
#[derive(Clone, Copy)]
struct Claim {
    sender: u32,
    from: u64,
    to: u64,
    receiver: u32,
}

/// Bytes of a payload of which nobody is known to have received them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Hole {
    sender: u32,
    from: u64,
    to: u64,
}

/// Received bytes of no certain source.
struct Gap {
    receiver: u32,
    bytes: Vec<u8>,
    /// What they were said to be: the sources of the bytes one by one.
    said: Vec<Option<(Tag, u64)>>,
    /// Nothing lies before them in the same call, or behind them.
    is_first: bool,
    is_last: bool,
    filled: Option<Vec<Hole>>,
}

/// What a call received, in order.
enum Part {
    Certain(Run),
    Gap(usize),
}

struct Sources<'f, 'h> {
    future: &'f Future<'h>,
    /// In the order of their keys.
    claims: Vec<Claim>,
    holes: Vec<Hole>,
    gaps: Vec<Gap>,
    parts: Vec<(usize, Vec<Part>)>,
    /// How often a hole may still be looked at.
    left: Cell<u64>,
}

impl<'f, 'h> Sources<'f, 'h> {
    fn of(future: &'f Future<'h>) -> Sources<'f, 'h> {
        let mut sources = Sources {
            future,
            claims: vec![],
            holes: vec![],
            gaps: vec![],
            parts: vec![],
            left: Cell::new(LOOKS),
        };
        for receiver in 0..future.calls.len() {
            if let Some(data) = future.calls[receiver].data() {
                sources.part(receiver, data);
            }
        }
        sources.claims.sort_by_key(|claim| claim.key(future));
        sources.find_holes();
        sources
    }

    /// Takes apart what one call received.
    fn part(&mut self, receiver: usize, data: &Data) {
        let (mut parts, first) = (Vec::new(), self.gaps.len());
        for run in data.runs() {
            let open = matches!(parts.last(), Some(Part::Gap(_)));
            if let Some(claim) = self.certain(receiver, run) {
                if open && let Some(gap) = self.gaps.last_mut() {
                    gap.is_last = false;
                }
                self.claims.push(claim);
                parts.push(Part::Certain(run.clone()));
                continue;
            }
            if !open {
                parts.push(Part::Gap(self.gaps.len()));
                self.gaps.push(Gap::new(receiver, parts.len() == 1));
            }
            if let Some(gap) = self.gaps.last_mut() {
                gap.add(run);
            }
        }
        if self.gaps.len() > first {
            self.parts.push((receiver, parts));
        }
    }

    /// What a run says, if it is long enough to be certain.
    fn certain(&self, receiver: usize, run: &Run) -> Option<Claim> {
        let Run::Of { tag, from, len } = *run else { return None };
        let sender = self.future.sender(tag).filter(|_| len >= NAMED)?;
        let (sent, received) = (sender as u32, receiver as u32);
        fits(self.future, sender, &self.future.calls[receiver], run).then_some(Claim {
            sender: sent,
            from,
            to: from + len,
            receiver: received,
        })
    }

    fn find_holes(&mut self) {
        let mut claimed: Vec<(u32, u64, u64)> =
            self.claims.iter().map(|claim| (claim.sender, claim.from, claim.to)).collect();
        claimed.sort_unstable();
        let mut next = claimed.into_iter().peekable();
        for sender in 0..self.future.calls.len() {
            if !self.future.calls[sender].call.operation.sends() {
                continue;
            }
            let (sender, mut at) = (sender as u32, 0);
            while let Some((_, from, to)) = next.next_if(|(of, ..)| *of <= sender) {
                if at < from {
                    self.holes.push(Hole { sender, from: at, to: from });
                }
                at = at.max(to);
            }
            let end = most(self.future, sender as usize);
            if at < end {
                self.holes.push(Hole { sender, from: at, to: end });
            }
        }
    }

    /// What each call received whose bytes have other names now.
    fn told(&self) -> Vec<(usize, Data)> {
        let each = self.parts.iter().map(|(receiver, parts)| {
            let mut data = Data::new();
            for part in parts {
                match part {
                    Part::Certain(run) => data.push(run.clone()),
                    Part::Gap(gap) => self.gaps[*gap].tell(self.future, &mut data),
                }
            }
            (*receiver, data)
        });
        each.collect()
    }
}

impl Claim {
    fn key(&self, future: &Future<'_>) -> Key {
        key(future, self.sender, self.from)
    }
}

impl Gap {
    fn new(receiver: usize, is_first: bool) -> Gap {
        let receiver = receiver as u32;
        Gap { receiver, bytes: vec![], said: vec![], is_first, is_last: true, filled: None }
    }

    fn add(&mut self, run: &Run) {
        let mut data = Data::new();
        data.push(run.clone());
        self.bytes.extend(data.bytes());
        self.said.extend((0..run.len()).map(|at| data.source(at)));
    }

    fn tell(&self, future: &Future<'_>, data: &mut Data) {
        let Some(pieces) = &self.filled else {
            for (said, byte) in self.said.iter().zip(&self.bytes) {
                data.push(match *said {
                    Some((tag, from)) => Run::Of { tag, from, len: 1 },
                    None => Run::Raw(vec![*byte]),
                });
            }
            return;
        };
        for piece in pieces {
            let tag = future.calls[piece.sender as usize].call.tag;
            data.push(Run::Of { tag, from: piece.from, len: piece.to - piece.from });
        }
    }
}

/// Calls that send one after the other: those of one actor to one descriptor.
fn lane(future: &Future<'_>, call: u32) -> (Actor, Option<i32>) {
    let known = &future.calls[call as usize];
    (known.actor, known.call.fd())
}

/// By what claims are sorted: what one lane sends, as it is sent.
type Key = ((Actor, Option<i32>), u32, u64);

fn key(future: &Future<'_>, sender: u32, from: u64) -> Key {
    (lane(future, sender), sender, from)
}
