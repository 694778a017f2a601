//! Chains of pieces that lie side by side in one stream, put into an order by the times of the calls.
//!
//! Of two chains one must come first where a call of it had returned when a call of the other began, on
//! either side; where a call of it had been received from when a call that sends the other began; and
//! where it had been sent when a call of the other began that found nothing more behind what it took.
//! So each chain is described by two moments when it begins and two when it ends, and the order is
//! found by walking four sorted lists.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::future::Future;
use super::order::{NONE, Piece};

/// Which piece comes behind one on either side; [`NONE`] if none does.
#[derive(Clone, Copy)]
pub(super) struct Follows {
    /// Received together with it.
    pub(super) received: u32,
    /// Of the same payload.
    pub(super) sent: u32,
    /// Nothing was received before it by the same call.
    pub(super) is_first: bool,
}

impl Default for Follows {
    fn default() -> Follows {
        Follows { received: NONE, sent: NONE, is_first: true }
    }
}

/// Pieces that lie side by side.
#[derive(Default)]
struct Chain {
    pieces: Vec<u32>,
    /// The first return of a call that received from it, and of one that sent it whole.
    received: usize,
    sent: usize,
    /// What must have been received when it begins, and what must have been sent: whatever returned
    /// before this.
    after_received: usize,
    after_sent: usize,
    /// The last call that receives from it.
    called: usize,
    /// A call found nothing more behind what it took.
    is_short: bool,
    /// Chains that must come before it for another reason, and those that it is the reason for.
    waits: u32,
    awaited: Vec<u32>,
    placed: bool,
}

/// The pieces of one stream in an order that the times allow. `whole`: whatever was sent together
/// lies side by side, as far as it was received so; then there may be no order, and none is given.
pub(super) fn sorted(
    future: &Future<'_>,
    pieces: &[Piece],
    group: &[u32],
    follows: &[Follows],
    whole: bool,
) -> Option<Vec<u32>> {
    let chains = link(future, pieces, group, follows, whole)?;
    Sorting::of(chains).run(!whole)
}

/// Makes the chains; none if what lies side by side goes in a circle.
fn link(
    future: &Future<'_>,
    pieces: &[Piece],
    group: &[u32],
    follows: &[Follows],
    whole: bool,
) -> Option<Vec<Chain>> {
    let next = |piece: u32| {
        let Follows { received, sent, .. } = follows[piece as usize];
        if received != NONE {
            return Some(received);
        }
        let joined = whole && sent != NONE && follows[sent as usize].is_first;
        joined.then_some(sent)
    };
    let mut chain_of = vec![NONE; pieces.len()];
    let mut led = vec![false; pieces.len()];
    group.iter().filter_map(|piece| next(*piece)).for_each(|piece| led[piece as usize] = true);
    let mut chains: Vec<Chain> = Vec::new();
    let mut linked = 0;
    for first in group.iter().filter(|piece| !led[**piece as usize]) {
        let mut chain = Chain { received: usize::MAX, sent: usize::MAX, ..Chain::default() };
        let mut at = Some(*first);
        while let Some(piece) = at {
            chain.add(future, &pieces[piece as usize], piece, follows[piece as usize]);
            chain_of[piece as usize] = chains.len() as u32;
            at = next(piece);
        }
        linked += chain.pieces.len();
        chains.push(chain);
    }
    for piece in group {
        let sent = follows[*piece as usize].sent;
        if sent == NONE {
            continue;
        }
        let (before, behind) = (chain_of[*piece as usize], chain_of[sent as usize]);
        if before != behind && before != NONE && behind != NONE {
            chains[before as usize].awaited.push(behind);
            chains[behind as usize].waits += 1;
        }
    }
    (linked == group.len()).then_some(chains)
}

impl Chain {
    fn add(&mut self, future: &Future<'_>, piece: &Piece, index: u32, follows: Follows) {
        let receiver = &future.calls[piece.receiver as usize];
        let sender = &future.calls[piece.sender as usize];
        self.pieces.push(index);
        self.received = self.received.min(receiver.due());
        if follows.sent == NONE {
            self.sent = self.sent.min(sender.due());
        }
        self.after_received = self.after_received.max(receiver.called).max(sender.called);
        self.after_sent = self.after_sent.max(sender.called);
        self.called = self.called.max(receiver.called);
        if receiver.is_short() {
            self.is_short = true;
            self.after_sent = self.after_sent.max(self.called);
        }
    }

    fn key(&self) -> usize {
        self.due().min(self.after_received.max(self.after_sent))
    }

    /// When something of it must be over.
    fn due(&self) -> usize {
        self.received.min(self.sent)
    }
}

struct Sorting {
    chains: Vec<Chain>,
    /// Chains by when they end and by when they begin, on both sides, and how far each list is used.
    ends: [Line; 2],
    begins: [Line; 2],
    /// For each chain how many of its two beginnings have come.
    begun: Vec<u8>,
    /// Those whose beginnings have come, the most urgent first.
    free: BinaryHeap<Reverse<(usize, u32)>>,
    /// The last call that receives from what is placed.
    called: usize,
    /// Those that would find something behind what they take, if they came now.
    deferred: Vec<Reverse<(usize, u32)>>,
}

#[derive(Default)]
struct Line {
    chains: Vec<u32>,
    next: usize,
}

const SIDES: [usize; 2] = [0, 1];

impl Sorting {
    fn of(chains: Vec<Chain>) -> Sorting {
        let by = |key: &dyn Fn(&Chain) -> usize| {
            let mut line: Vec<u32> = (0..chains.len() as u32).collect();
            line.sort_by_key(|chain| key(&chains[*chain as usize]));
            Line { chains: line, next: 0 }
        };
        let ends = [by(&|chain| chain.received), by(&|chain| chain.sent)];
        let begins = [by(&|chain| chain.after_received), by(&|chain| chain.after_sent)];
        let begun = vec![0; chains.len()];
        Sorting {
            ends,
            begins,
            begun,
            free: BinaryHeap::new(),
            called: 0,
            deferred: vec![],
            chains,
        }
    }

    /// The order; none if there is none, unless it is `forced`.
    fn run(mut self, forced: bool) -> Option<Vec<u32>> {
        let mut order = Vec::new();
        for _ in 0..self.chains.len() {
            let chain = self.next().or_else(|| if forced { self.urgent() } else { None })?;
            self.chains[chain as usize].placed = true;
            self.called = self.called.max(self.chains[chain as usize].called);
            self.free.extend(self.deferred.drain(..));
            for behind in std::mem::take(&mut self.chains[chain as usize].awaited) {
                let chain = &mut self.chains[behind as usize];
                chain.waits -= 1;
                if chain.waits == 0 && self.begun[behind as usize] == 2 {
                    self.free.push(Reverse((chain.key(), behind)));
                }
            }
            order.append(&mut self.chains[chain as usize].pieces);
        }
        Some(order)
    }

    /// The most urgent chain that nothing must come before.
    fn next(&mut self) -> Option<u32> {
        let firsts = SIDES.map(|side| self.first_end(side));
        for side in SIDES {
            let end = firsts[side].map_or(usize::MAX, |chain| self.end(side, chain));
            let Line { chains, next } = &mut self.begins[side];
            while let Some(chain) = chains.get(*next).copied()
                && self.chains[chain as usize].after(side) <= end
            {
                *next += 1;
                self.begun[chain as usize] += 1;
                let all = &self.chains[chain as usize];
                if self.begun[chain as usize] == 2 && all.waits == 0 {
                    self.free.push(Reverse((all.key(), chain)));
                }
            }
        }
        // Who would only have to wait for itself need not.
        let may = |chain: &u32| self.waits_for_itself(*chain) && !self.finds_more(*chain);
        let itself = firsts.into_iter().flatten().filter(may);
        let itself = itself.min_by_key(|chain| self.chains[*chain as usize].key());
        while let Some(Reverse((due, chain))) = self.free.peek().copied() {
            if self.chains[chain as usize].placed {
                self.free.pop();
            } else if itself.is_some_and(|own| self.chains[own as usize].key() < due) {
                break;
            } else if self.finds_more(chain) {
                self.deferred.extend(self.free.pop());
            } else {
                self.free.pop();
                return Some(chain);
            }
        }
        let found_more = || self.deferred.iter().max().map(|Reverse((_, chain))| *chain);
        itself.or_else(found_more)
    }

    /// Whether something that was sent early has yet to come, though a call found nothing more.
    fn finds_more(&self, chain: u32) -> bool {
        let all = &self.chains[chain as usize];
        let called = self.called.max(all.called);
        let Line { chains, next } = &self.ends[1];
        let mut others =
            chains[*next..].iter().filter(|c| !self.chains[**c as usize].placed && **c != chain);
        all.is_short && others.next().is_some_and(|other| self.end(1, *other) < called)
    }

    fn waits_for_itself(&self, chain: u32) -> bool {
        let all = &self.chains[chain as usize];
        all.waits == 0
            && SIDES.iter().all(|side| {
                let other = self.ends[*side].chains[self.ends[*side].next..].iter();
                let mut other =
                    other.filter(|other| !self.chains[**other as usize].placed && **other != chain);
                other.next().is_none_or(|other| all.after(*side) <= self.end(*side, *other))
            })
    }

    fn first_end(&mut self, side: usize) -> Option<u32> {
        let Line { chains, next } = &mut self.ends[side];
        while chains.get(*next).is_some_and(|chain| self.chains[*chain as usize].placed) {
            *next += 1;
        }
        chains.get(*next).copied()
    }

    fn end(&self, side: usize, chain: u32) -> usize {
        let chain = &self.chains[chain as usize];
        if side == 0 { chain.received } else { chain.sent }
    }

    /// The most urgent of all that are left.
    fn urgent(&self) -> Option<u32> {
        let left = (0..self.chains.len()).filter(|chain| !self.chains[*chain].placed);
        left.min_by_key(|chain| self.chains[*chain].due()).map(|chain| chain as u32)
    }
}

impl Chain {
    fn after(&self, side: usize) -> usize {
        if side == 0 { self.after_received } else { self.after_sent }
    }
}
