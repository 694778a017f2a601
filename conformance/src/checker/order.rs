//! The order of what went in, recovered from what came out: linear in the history, and no search.
//!
//! Received bytes name the call that sent them, so every piece that was received ties a receiver to a
//! sender. What was received together lies side by side, and what was sent together should: this makes
//! chains of pieces, which the times of calls and returns put into an order ([`super::chains`]). It is
//! a guess that the search tries first, and proves nothing by itself.

use ipc_model::outcome::{Outcome, Value};
use ipc_model::payload::Run;

use super::chains::{self, Follows};
use super::future::Future;
use crate::history::{EventKind, History};

/// Bytes of one payload that were received together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    pub(super) from: u64,
    pub(super) len: u64,
    /// The call that sent it, by number.
    pub(super) sender: u32,
    /// The call that received it, by number.
    pub(super) receiver: u32,
}

/// Pieces in the order in which they went in and came out, as far as it can be told.
pub(super) struct Order {
    /// Every stream's pieces, first to last.
    pub(super) streams: Vec<Vec<Piece>>,
    /// For each call the stream that it sends to or receives from; [`NONE`] if it is in none.
    pub(super) stream: Vec<u32>,
    /// The pieces of each call that sends, in ascending order: a range of `by_sender`.
    ranges: Vec<(u32, u32)>,
    by_sender: Vec<Piece>,
}

/// No stream, no call.
pub(super) const NONE: u32 = u32::MAX;

impl Order {
    /// Recovers the order of a history.
    pub(super) fn of(history: &History, future: &Future<'_>) -> Order {
        let mut streams = Streams::of(history, future);
        let pieces = pieces(history, future, &mut streams);
        let mut stream: Vec<u32> =
            (0..future.calls.len()).map(|call| streams.of_call(call)).collect();
        let (by_sender, ranges) = by_sender(&pieces, future.calls.len());
        // Streams are numbered anew, in the order in which something is first received from them.
        let mut number = vec![NONE; future.calls.len() + 1];
        let mut groups: Vec<Vec<u32>> = Vec::new();
        for (index, piece) in pieces.iter().enumerate() {
            let slot = &mut number[stream[piece.receiver as usize] as usize];
            if *slot == NONE {
                *slot = groups.len() as u32;
                groups.push(Vec::new());
            }
            groups[*slot as usize].push(index as u32);
        }
        for stream in stream.iter_mut().filter(|stream| **stream != NONE) {
            *stream = number[*stream as usize];
        }
        let follows = follows(&pieces, &by_sender);
        let sorted = groups.into_iter().map(|group| {
            let whole = chains::sorted(future, &pieces, &group, &follows, true);
            whole.or_else(|| chains::sorted(future, &pieces, &group, &follows, false))
        });
        let streams = sorted
            .map(|group| {
                group.unwrap_or_default().into_iter().map(|i| pieces[i as usize]).collect()
            })
            .collect();
        let by_sender = by_sender.iter().map(|piece| pieces[*piece as usize]).collect();
        Order { streams, stream, ranges, by_sender }
    }

    /// The piece that byte `at` of a call's payload was received in.
    pub(super) fn piece(&self, sender: usize, at: u64) -> Option<&Piece> {
        let pieces = self.sent(sender);
        let next = pieces.partition_point(|piece| piece.from <= at);
        let piece = &pieces[next.checked_sub(1)?];
        (at < piece.from + piece.len).then_some(piece)
    }

    /// The pieces of a call's payload, in ascending order.
    pub(super) fn sent(&self, sender: usize) -> &[Piece] {
        let Some((from, to)) = self.ranges.get(sender) else { return &[] };
        &self.by_sender[*from as usize..*to as usize]
    }
}

/// Which calls send to and receive from the same: a descriptor's number in a process stands for one
/// stream until a call gives that number again, and bytes join the two ends.
struct Streams {
    /// For each call the key of its process and descriptor.
    keys: Vec<u32>,
    /// Each key's parent in its tree.
    parents: Vec<u32>,
}

/// The greatest descriptor that is followed.
const FDS: usize = 1024;

impl Streams {
    fn of(history: &History, future: &Future<'_>) -> Streams {
        let mut streams = Streams { keys: vec![NONE; future.calls.len()], parents: Vec::new() };
        let mut known: Vec<Vec<u32>> = vec![Vec::new(); history.head.actors.len()];
        let mut number = 0;
        for event in &history.events {
            match &event.kind {
                EventKind::Call { actor, call, .. } => {
                    // What goes in and what comes out by one descriptor may be two streams.
                    let fd = call.fd().and_then(|fd| usize::try_from(fd).ok());
                    let fd = fd.filter(|fd| *fd < FDS);
                    let fd = fd.map(|fd| 2 * fd + usize::from(call.operation.sends()));
                    let keys = known.get_mut(usize::from(actor.process));
                    if let (Some(fd), Some(keys)) = (fd, keys) {
                        if keys.len() <= fd {
                            keys.resize(fd + 1, NONE);
                        }
                        if keys[fd] == NONE {
                            keys[fd] = streams.parents.len() as u32;
                            streams.parents.push(keys[fd]);
                        }
                        streams.keys[number] = keys[fd];
                    }
                    number += 1;
                }
                EventKind::Return { actor, outcome: Outcome::Success(value), .. } => {
                    let Some(keys) = known.get_mut(usize::from(actor.process)) else { continue };
                    match value {
                        Value::Begun => keys.clear(),
                        Value::Fds(_) | Value::Passed(_) => {
                            for fd in value.fds() {
                                for key in keys.iter_mut().skip(2 * *fd as usize).take(2) {
                                    *key = NONE;
                                }
                            }
                        }
                        _ => {}
                    }
                }
                _ => {}
            }
        }
        streams
    }

    fn root(&mut self, mut key: u32) -> u32 {
        while self.parents[key as usize] != key {
            let parent = self.parents[key as usize];
            self.parents[key as usize] = self.parents[parent as usize];
            key = parent;
        }
        key
    }

    fn join(&mut self, a: usize, b: usize) -> bool {
        let (a, b) = (self.keys[a], self.keys[b]);
        if a == NONE || b == NONE {
            return false;
        }
        let (a, b) = (self.root(a), self.root(b));
        self.parents[a.max(b) as usize] = a.min(b);
        true
    }

    fn of_call(&mut self, call: usize) -> u32 {
        if self.keys[call] == NONE { NONE } else { self.root(self.keys[call]) }
    }
}

/// Everything that was received and is known by its tag, in the order of the returns.
fn pieces(history: &History, future: &Future<'_>, streams: &mut Streams) -> Vec<Piece> {
    let mut receivers: Vec<usize> =
        (0..future.calls.len()).filter(|call| future.calls[*call].data().is_some()).collect();
    receivers.sort_by_key(|call| future.calls[*call].due());
    let mut pieces = Vec::with_capacity(history.events.len() / 2);
    for receiver in receivers {
        for run in future.calls[receiver].data().into_iter().flat_map(|data| data.runs()) {
            if let Run::Of { tag, from, len } = *run
                && let Some(sender) = future.sender(tag)
                && streams.join(sender, receiver)
            {
                let (sender, receiver) = (sender as u32, receiver as u32);
                pieces.push(Piece { from, len, sender, receiver });
            }
        }
    }
    pieces
}

/// Pieces by the call that sent them, each call's in ascending order, and the range of each call.
fn by_sender(pieces: &[Piece], calls: usize) -> (Vec<u32>, Vec<(u32, u32)>) {
    let mut all: Vec<u32> = (0..pieces.len() as u32).collect();
    all.sort_by_key(|piece| {
        let piece = &pieces[*piece as usize];
        (piece.sender, piece.from)
    });
    let mut ranges = vec![(0, 0); calls];
    for (place, piece) in all.iter().enumerate() {
        let range = &mut ranges[pieces[*piece as usize].sender as usize];
        if range.1 == 0 {
            range.0 = place as u32;
        }
        range.1 = place as u32 + 1;
    }
    (all, ranges)
}

/// Which piece comes next on either side.
fn follows(pieces: &[Piece], by_sender: &[u32]) -> Vec<Follows> {
    let mut follows = vec![Follows::default(); pieces.len()];
    for (index, pair) in pieces.windows(2).enumerate() {
        if pair[0].receiver == pair[1].receiver {
            follows[index].received = index as u32 + 1;
            follows[index + 1].is_first = false;
        }
    }
    for pair in by_sender.windows(2) {
        if pieces[pair[0] as usize].sender == pieces[pair[1] as usize].sender {
            follows[pair[0] as usize].sent = pair[1];
        }
    }
    follows
}
