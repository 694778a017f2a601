//! Filling gaps: what of all that nobody is known to have received was received there.

use super::{Claim, Gap, Hole, Sources, key, lane};
use crate::checker::future::Known;
use ipc_model::payload::byte;

/// What it costs that a payload's bytes do not lie side by side where one call received them.
const TORN: u64 = 1_000;
/// Ways to fill one gap that are looked at.
const FILLS: usize = 64;

/// One way to fill a gap: how unlikely it is, and with what.
#[derive(Clone)]
struct Fill {
    cost: u64,
    pieces: Vec<Hole>,
}

impl Sources<'_, '_> {
    /// Fills the gaps: first those that can be filled in one way only, then the likeliest.
    pub(super) fn fill(&mut self) {
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
            if found.is_empty() || self.is_spent() {
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
            self.claims.insert(self.place(sender, from), claim);
        }
        self.gaps[gap].filled = Some(pieces);
    }

    /// Whether too much has been looked at to go on.
    pub(super) fn is_spent(&self) -> bool {
        self.left.get() == 0
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
            let left = self.left.get();
            if found.len() >= FILLS || left == 0 {
                return;
            }
            self.left.set(left - 1);
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
        let is_first = at == 0 && gap.is_first;
        let last = if is_first { hole.to } else { hole.from + 1 };
        // A tail that is longer than the gap may only be its middle.
        for from in hole.from..last {
            let len = (hole.to - from).min(rest.len() as u64);
            let whole = len == hole.to - from || gap.is_last;
            let agrees = |len: u64| (0..len).all(|i| byte(tag, from + i) == rest[i as usize]);
            if whole && agrees(len) {
                let piece = Hole { sender: hole.sender, from, to: from + len };
                if let Some(cost) = self.cost(gap, at, &piece) {
                    then(piece, cost);
                }
            }
        }
    }

    /// How unlikely it is that a piece lies at that place of a gap; none if it cannot. It lies between
    /// what the same actor sent before and behind it: the longer the time from one to the next, the
    /// less likely.
    fn cost(&self, gap: &Gap, at: usize, piece: &Hole) -> Option<u64> {
        let future = self.future;
        let receiver = &future.calls[gap.receiver as usize];
        let sender = &future.calls[piece.sender as usize];
        if sender.called > receiver.due() {
            return None;
        }
        let place = self.place(piece.sender, piece.from);
        let near = |claim: &&Claim| lane(future, claim.sender) == lane(future, piece.sender);
        let before = place.checked_sub(1).and_then(|last| self.claims.get(last)).filter(near);
        let behind = self.claims.get(place).filter(near);
        let is_part = |claim: &Claim| claim.sender == piece.sender;
        let in_part = before.is_some_and(is_part) || behind.is_some_and(is_part);
        let end = at + piece.len();
        let sides = [
            before.map(|claim| (claim, at == 0 && claim.to == piece.from)),
            behind.map(|claim| (claim, end == gap.bytes.len() && claim.from == piece.to)),
        ];
        let mut cost = 0;
        for (side, (claim, adjoins)) in
            sides.into_iter().enumerate().filter_map(|(i, s)| Some((i, s?)))
        {
            let other = &future.calls[claim.receiver as usize];
            let away = if side == 0 { apart(other, receiver)? } else { apart(receiver, other)? };
            // Where it is torn from the rest of its payload, only that counts.
            cost += if is_part(claim) || !in_part { away } else { 0 };
            let torn = is_part(claim) && claim.receiver == gap.receiver && !adjoins;
            cost += if torn { TORN } else { 0 };
        }
        let said = gap.said[at] == Some((sender.call.tag, piece.from));
        Some(2 * cost + u64::from(!said))
    }

    /// Where among the claims that byte of a payload belongs.
    fn place(&self, sender: u32, from: u64) -> usize {
        let key = key(self.future, sender, from);
        self.claims.partition_point(|claim| claim.key(self.future) < key)
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

/// How long it was from one call to the next; none if the second was over before the first began.
fn apart(first: &Known<'_>, second: &Known<'_>) -> Option<u64> {
    (first.called < second.due()).then(|| second.called.saturating_sub(first.due()) as u64)
}
