//! Sources: which payload the received bytes came from, told anew where what is told cannot be.
//!
//! Eight bytes name their payload; fewer are named while a program runs by what had not been received
//! until then, and one byte in 256 is another's by chance. A reader may also have the front of a
//! payload whose rest was reported before it. Once the history is whole more is known: what is left of
//! every payload, who received what lies beside it, and when. The bytes stay what they are, and they
//! alone are judged: only the search is led by their names.

use ipc_model::operation::Actor;
use ipc_model::outcome::{Outcome, Value};
use ipc_model::payload::{Data, Run, Tag, byte};

use super::future::{Future, Known};
use crate::history::{EventKind, History};

/// As many bytes as name their payload.
const NAMED: u64 = 8;
/// Stretches of bytes of no certain source beyond which nothing is told anew.
const GAPS: usize = 2_000;
/// Ways to fill one gap that are looked at.
const FILLS: usize = 64;

/// The same history with other names for received bytes, if those that it has cannot all be right.
pub(super) fn told_anew(history: &History) -> Option<History> {
    let future = Future::of(history);
    if is_possible(&future) {
        return None;
    }
    let mut sources = Sources::of(&future);
    if sources.gaps.len() > GAPS || sources.holes.is_empty() {
        return None;
    }
    sources.fill();
    let mut told = history.clone();
    for (receiver, data) in sources.told() {
        let returned = future.calls[receiver].returned?;
        if let EventKind::Return { outcome, .. } = &mut told.events[returned.event].kind {
            *outcome = Outcome::Success(Value::Data(data));
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
    /// What lies right before them and behind them in the same call.
    before: Option<Claim>,
    behind: Option<Claim>,
    filled: Option<Vec<Hole>>,
}

/// What a call received, in order.
enum Part {
    Certain(Run),
    Gap(usize),
}

struct Sources<'f, 'h> {
    future: &'f Future<'h>,
    /// In the order of [`Sources::lane`].
    claims: Vec<Claim>,
    holes: Vec<Hole>,
    gaps: Vec<Gap>,
    parts: Vec<(usize, Vec<Part>)>,
}

/// One way to fill a gap: how unlikely it is, and with what.
#[derive(Clone)]
struct Fill {
    cost: u64,
    pieces: Vec<Hole>,
}

impl<'f, 'h> Sources<'f, 'h> {
    fn of(future: &'f Future<'h>) -> Sources<'f, 'h> {
        let mut sources =
            Sources { future, claims: vec![], holes: vec![], gaps: vec![], parts: vec![] };
        for receiver in 0..future.calls.len() {
            if let Some(data) = future.calls[receiver].data() {
                sources.part(receiver, data);
            }
        }
        sources.claims.sort_by_key(|claim| sources_key(future, claim.sender, claim.from));
        sources.find_holes();
        sources
    }

    /// Takes apart what one call received.
    fn part(&mut self, receiver: usize, data: &Data) {
        let (mut parts, first) = (Vec::new(), self.gaps.len());
        let mut last: Option<Claim> = None;
        for run in data.runs() {
            let certain = match run {
                Run::Of { tag, from, len } if *len >= NAMED => self
                    .future
                    .sender(*tag)
                    .filter(|sender| fits(self.future, *sender, &self.future.calls[receiver], run))
                    .map(|sender| Claim {
                        sender: sender as u32,
                        from: *from,
                        to: from + len,
                        receiver: receiver as u32,
                    }),
                _ => None,
            };
            let open = matches!(parts.last(), Some(Part::Gap(_)));
            if let Some(claim) = certain {
                if open && let Some(gap) = self.gaps.last_mut() {
                    gap.behind = Some(claim);
                }
                self.claims.push(claim);
                last = Some(claim);
                parts.push(Part::Certain(run.clone()));
                continue;
            }
            if !open {
                parts.push(Part::Gap(self.gaps.len()));
                self.gaps.push(Gap {
                    receiver: receiver as u32,
                    bytes: vec![],
                    said: vec![],
                    before: last,
                    behind: None,
                    filled: None,
                });
            }
            if let Some(gap) = self.gaps.last_mut() {
                gap.add(run);
            }
        }
        if self.gaps.len() > first {
            self.parts.push((receiver, parts));
        }
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

    /// Fills the gaps: first those that can be filled in one way only, then the likeliest.
    fn fill(&mut self) {
        loop {
            let mut found: Vec<(usize, usize, Fill)> = Vec::new();
            for gap in 0..self.gaps.len() {
                if self.gaps[gap].filled.is_none() {
                    let fills = self.fills(gap);
                    let count = fills.len();
                    let best = fills.into_iter().min_by_key(|fill| fill.cost);
                    found.extend(best.map(|fill| (gap, count, fill)));
                }
            }
            found.sort_by_key(|(_, count, fill)| (*count > 1, fill.cost));
            let certain = found.iter().filter(|(_, count, _)| *count == 1).count();
            // Of those that are not certain half at a time: each that is filled makes the others
            // more so.
            let some = if certain > 0 { certain } else { found.len().div_ceil(2) };
            if found.is_empty() {
                return;
            }
            for (gap, _, fill) in found.into_iter().take(some) {
                self.take(gap, fill.pieces);
            }
        }
    }

    /// Fills a gap, if all of that is still there.
    fn take(&mut self, gap: usize, pieces: Vec<Hole>) {
        let is_there = |piece: &Hole| self.holes.iter().any(|hole| hole.has(piece));
        if !pieces.iter().all(is_there) {
            return;
        }
        for piece in &pieces {
            let Some(at) = self.holes.iter().position(|hole| hole.has(piece)) else { continue };
            let hole = self.holes.swap_remove(at);
            let rest = [Hole { to: piece.from, ..hole }, Hole { from: piece.to, ..hole }];
            self.holes.extend(rest.into_iter().filter(|hole| hole.from < hole.to));
            let Hole { sender, from, to } = *piece;
            let claim = Claim { sender, from, to, receiver: self.gaps[gap].receiver };
            let key = sources_key(self.future, sender, from);
            let place = self
                .claims
                .partition_point(|claim| sources_key(self.future, claim.sender, claim.from) < key);
            self.claims.insert(place, claim);
        }
        self.gaps[gap].filled = Some(pieces);
    }

    /// The ways to fill a gap.
    fn fills(&self, gap: usize) -> Vec<Fill> {
        let mut found = Vec::new();
        let mut so_far = Fill { cost: 0, pieces: vec![] };
        self.fill_on(&self.gaps[gap], 0, &mut so_far, &mut found);
        found
    }

    fn fill_on(&self, gap: &Gap, at: usize, so_far: &mut Fill, found: &mut Vec<Fill>) {
        if at == gap.bytes.len() {
            found.push(so_far.clone());
            return;
        }
        for hole in &self.holes {
            if found.len() >= FILLS {
                return;
            }
            if so_far.pieces.iter().any(|piece| hole.has(piece)) {
                continue;
            }
            self.each_piece(gap, at, *hole, &mut |piece, cost| {
                so_far.pieces.push(piece);
                so_far.cost += cost;
                self.fill_on(gap, at + piece.len(), so_far, found);
                so_far.cost -= cost;
                so_far.pieces.pop();
            });
        }
    }

    /// What of a hole can lie at that place of a gap: to its end or to the end of the call's bytes;
    /// and from its beginning, or from anywhere if the call's bytes begin there.
    fn each_piece(&self, gap: &Gap, at: usize, hole: Hole, then: &mut dyn FnMut(Hole, u64)) {
        let rest = &gap.bytes[at..];
        let tag = self.future.calls[hole.sender as usize].call.tag;
        let is_first = at == 0 && gap.before.is_none();
        let last = if is_first { hole.to } else { hole.from + 1 };
        // A tail that is longer than the gap may only be its middle.
        for from in hole.from..last {
            let len = (hole.to - from).min(rest.len() as u64);
            let whole = len == hole.to - from || gap.behind.is_none();
            let agrees = |len: u64| (0..len).all(|i| byte(tag, from + i) == rest[i as usize]);
            if whole && agrees(len) {
                let piece = Hole { sender: hole.sender, from, to: from + len };
                if let Some(cost) = self.cost(gap, at, &piece) {
                    then(piece, cost);
                }
            }
        }
    }

    /// How unlikely it is that a piece lies at that place of a gap; none if it cannot.
    fn cost(&self, gap: &Gap, at: usize, piece: &Hole) -> Option<u64> {
        let future = self.future;
        let receiver = &future.calls[gap.receiver as usize];
        let sender = &future.calls[piece.sender as usize];
        if sender.called > receiver.due() {
            return None;
        }
        let key = sources_key(future, piece.sender, piece.from);
        let place = self
            .claims
            .partition_point(|claim| sources_key(future, claim.sender, claim.from) < key);
        let same_lane = |claim: &&Claim| {
            let lane = lane(future, claim.sender);
            lane == lane_of(sender)
        };
        let before = place.checked_sub(1).map(|place| &self.claims[place]).filter(same_lane);
        let behind = self.claims.get(place).filter(same_lane);
        // Between what was sent before and what was sent behind it.
        let apart = |first: &Known<'_>, second: &Known<'_>| {
            (first.called < second.due()).then(|| second.called.saturating_sub(first.due()) as u64)
        };
        let mut cost = 0;
        let part = |claim: &&Claim| claim.sender == piece.sender;
        let is_part = before.filter(part).is_some() || behind.filter(part).is_some();
        for (claim, is_before) in before.map(|c| (c, true)).into_iter().chain(behind.map(|c| (c, false))) {
            let other = &future.calls[claim.receiver as usize];
            let away = if is_before { apart(other, receiver)? } else { apart(receiver, other)? };
            if claim.sender == piece.sender || !is_part {
                cost += away;
            }
            // What one call received of one payload lies side by side.
            if claim.sender == piece.sender && claim.receiver == gap.receiver {
                let adjoins = if is_before {
                    at == 0 && claim.to == piece.from
                } else {
                    at + piece.len() == gap.bytes.len() && claim.from == piece.to
                };
                cost += if adjoins { 0 } else { 1_000 };
            }
        }
        let said = gap.said[at] == Some((sender.call.tag, piece.from));
        Some(2 * cost + u64::from(!said))
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

impl Hole {
    fn len(&self) -> usize {
        (self.to - self.from) as usize
    }

    fn has(&self, piece: &Hole) -> bool {
        self.sender == piece.sender && self.from <= piece.from && piece.to <= self.to
    }
}

impl Gap {
    fn add(&mut self, run: &Run) {
        let mut data = Data::new();
        data.push(run.clone());
        self.bytes.extend(data.bytes());
        self.said.extend((0..run.len()).map(|at| data.source(at)));
    }

    fn tell(&self, future: &Future<'_>, data: &mut Data) {
        let Some(pieces) = &self.filled else {
            data.push(Run::Raw(self.bytes.clone()));
            return;
        };
        for piece in pieces {
            let tag = future.calls[piece.sender as usize].call.tag;
            data.push(Run::Of { tag, from: piece.from, len: piece.to - piece.from });
        }
    }
}

/// Calls that send one after the other: those of one actor to one descriptor.
fn lane_of(known: &Known<'_>) -> (Actor, Option<i32>) {
    (known.actor, known.call.fd())
}

fn lane(future: &Future<'_>, call: u32) -> (Actor, Option<i32>) {
    lane_of(&future.calls[call as usize])
}

fn sources_key(future: &Future<'_>, sender: u32, from: u64) -> ((Actor, Option<i32>), u32, u64) {
    (lane(future, sender), sender, from)
}
