//! Refutations: histories that no run of the model can explain, told by counting bytes and comparing
//! times, without a search and in about linear time.
//!
//! Each holds whatever the order of the calls was; `docs/src/checking.md` says why. What it takes for
//! granted is read off the clauses and the calls ([`Scope`]); where that is not given, nothing is said.

use ipc_model::clause::{Clause, Cond, Envelope, Num, Number};
use ipc_model::mechanism::{self, MECHANISMS, Mechanism, is_extension};
use ipc_model::memory::{is_of_memory, lasts};
use ipc_model::operation::{Arg, Gives, Operation, Param};
use ipc_model::outcome::{Outcome, Value};
use ipc_model::payload::{Run, fill};
use ipc_model::spec::Spec;

use super::Deviation;
use super::future::{Future, Known};
use super::witness::{Contradiction, Witness};
use crate::history::{EventKind, History};

/// A piece this long is what it seems to be: so many bytes are not equal by chance, no more than two
/// places with the same mark are different.
const CERTAIN: u64 = 12;

/// Refutes a history, if that can be done without a search.
pub(super) fn refute(spec: &Spec, history: &History, future: &Future<'_>) -> Option<Deviation> {
    let contradiction = contradiction(spec, history, future, CERTAIN)?;
    Some(Witness { history, future }.deviation(contradiction))
}

/// What contradicts what; pieces of at least `certain` bytes are taken for what they seem to be.
pub(super) fn contradiction(
    spec: &Spec,
    history: &History,
    future: &Future<'_>,
    certain: u64,
) -> Option<Contradiction> {
    let scope = Scope::of(spec, future);
    if !scope.bytes_are_told {
        return None;
    }
    let pieces = if scope.tags_are_unique { pieces(future, certain) } else { Vec::new() };
    let told = by_itself(&pieces, future).or_else(|| twice(&pieces, future, certain));
    let ordered = || scope.one_object.then(|| out_of_order(&pieces, future)).flatten();
    told.or_else(ordered).or_else(|| balance(history, future, &scope))
}

/// What may be taken for granted.
struct Scope {
    /// Bytes go in by calls whose own they are, and out to calls that are told them; no call has what
    /// nobody judges.
    bytes_are_told: bool,
    /// There is one object at most that could hold bytes.
    one_object: bool,
    /// No call takes more than it is told, and those that are told nothing found nothing.
    all_is_told: bool,
    /// No two calls send the same payload.
    tags_are_unique: bool,
}

impl Scope {
    fn of(spec: &Spec, future: &Future<'_>) -> Scope {
        let mut operations: Vec<&'static Operation> = Vec::new();
        for known in &future.calls {
            if !operations.contains(&known.call.operation) {
                operations.push(known.call.operation);
            }
        }
        let all = |good: &dyn Fn(&'static Operation) -> bool| operations.iter().all(|op| good(op));
        // What an extension makes may answer with other bytes than those that were written.
        let is_plain = |operation: &'static Operation| {
            operation.gives != Gives::Fd || !is_extension(operation) && !lasts(operation)
        };
        // Where no memory is made, no rule about it applies.
        let memory = operations.iter().any(|operation| lasts(operation));
        let clauses = |operation: &'static Operation| {
            let all = spec.clauses(operation).iter();
            all.filter(move |clause| memory || !is_of_memory(clause))
                .filter(|clause| !is_about_what_nobody_makes(clause, &operations))
        };
        let is_judged = |operation| {
            clauses(operation).all(|clause| !matches!(clause.envelope, Envelope::Anything))
        };
        let makes = |known: &&Known<'_>| {
            let failed = known.returned.is_some_and(|r| matches!(r.outcome, Outcome::Failure(_)));
            matches!(known.call.operation.gives, Gives::Fd | Gives::Fds) && !failed
        };
        let made = |known: &Known<'_>| mechanism::makes(known.call.operation);
        let own = |(number, known): (usize, &Known<'_>)| {
            !known.call.operation.sends() || future.sender(known.call.tag) == Some(number)
        };
        // A flag may change what becomes of bytes.
        let plain =
            |known: &Known<'_>| known.call.args.iter().all(|arg| !matches!(arg, Arg::Flags(1..)));
        Scope {
            bytes_are_told: all(&|operation| {
                !carries(operation)
                    && is_judged(operation)
                    && is_plain(operation)
                    && !clauses(operation).any(copies)
            }),
            one_object: future.calls.iter().filter(makes).map(made).sum::<usize>() <= 1,
            all_is_told: all(&|operation| {
                !operation.gives.is_data() || tells_all(clauses(operation))
            }) && future.calls.iter().all(plain),
            tags_are_unique: future.calls.iter().enumerate().all(own),
        }
    }
}

/// Whether the clause is about objects of a kind that only calls of its mechanism make, of which there is
/// none.
fn is_about_what_nobody_makes(clause: &Clause, operations: &[&'static Operation]) -> bool {
    let of = |mechanism: &&Mechanism| mechanism.name == clause.mechanism();
    MECHANISMS.iter().find(of).is_some_and(|mechanism| {
        let own = mechanism.operations;
        mechanism.kinds.iter().any(|kind| clause.demands(kind))
            && (mechanism.makes_its_own
                || own.iter().all(|operation| mechanism.extensions.contains(operation)))
            && !own.iter().any(|operation| operations.contains(operation))
    })
}

/// Whether what a call is told by it stays where it was.
fn copies(clause: &Clause) -> bool {
    let told = matches!(&clause.envelope,
        Envelope::Data(_, hi) | Envelope::Passed(_, hi, _) if *hi != Num::N(0));
    told && clause.effects.is_empty()
}

/// Whether an operation moves bytes that its caller neither brings nor is told.
pub(super) fn carries(operation: &Operation) -> bool {
    let moves = |param: &Param| matches!(param, Param::Receive | Param::ReceiveVector);
    operation.params.iter().any(moves) && !operation.gives.is_data()
}

/// Whether a call that asks for bytes and is told none found none, by any of these clauses that takes
/// just what it tells.
fn tells_all<'c>(clauses: impl Iterator<Item = &'c Clause> + Clone) -> bool {
    let exact = |clause: &Clause| match &clause.envelope {
        Envelope::Data(Num::Of(lo), Num::Of(hi)) if lo == hi => Some(*lo),
        _ => None,
    };
    let takes_as_told =
        |clause: &&Clause| clause.effects.iter().all(|effect| effect.amount == Num::Chosen);
    let bounds: Vec<&Number> = clauses.clone().filter(takes_as_told).filter_map(exact).collect();
    let requires_none = |clause: &Clause| {
        clause.guards.iter().any(|guard| match guard.cond {
            Cond::Eq(Num::Of(number), Num::N(0)) => bounds.contains(&number),
            _ => false,
        })
    };
    clauses.filter(takes_as_told).all(|clause| match &clause.envelope {
        Envelope::Data(_, Num::N(0)) => requires_none(clause),
        Envelope::Data(..) => exact(clause).is_some(),
        Envelope::Passed(..) => false,
        _ => clause.effects.is_empty(),
    })
}

/// Bytes of one payload that were received together. Those at its ends may be another's that are equal
/// by chance; of as many as are certain, one at least is what it seems to be.
#[derive(Clone, Copy)]
struct Piece<'f> {
    sender: &'f Known<'f>,
    receiver: &'f Known<'f>,
    tag: u32,
    from: u64,
    len: u64,
    /// The piece before it was received by the same call, right before it.
    adjoins: bool,
}

fn pieces<'f>(future: &'f Future<'f>, certain: u64) -> Vec<Piece<'f>> {
    let mut pieces = Vec::new();
    for receiver in &future.calls {
        let mut adjoins = false;
        for run in receiver.data().into_iter().flat_map(|data| data.runs()) {
            let sender = match run {
                Run::Of { tag, from, len } if *len >= certain => {
                    let sender = future.sender(*tag).map(|sender| &future.calls[sender]);
                    sender.map(|sender| (sender, *tag, *from, *len))
                }
                _ => None,
            };
            if let Some((sender, tag, from, len)) = sender {
                pieces.push(Piece { sender, receiver, tag, from, len, adjoins });
            }
            adjoins = sender.is_some();
        }
    }
    pieces
}

/// What one call received: it was sent before, and what lies side by side was sent so.
fn by_itself(pieces: &[Piece<'_>], future: &Future<'_>) -> Option<Contradiction> {
    let early = pieces.iter().find(|piece| piece.receiver.due() < piece.sender.called);
    if let Some(piece) = early {
        return Some(Contradiction::Invented {
            receiver: future.number(piece.receiver),
            tag: piece.tag,
            at: piece.from,
        });
    }
    let pairs = pieces.windows(2).filter(|pair| pair[1].adjoins && pair[0].tag == pair[1].tag);
    let apart = |pair: &&[Piece<'_>]| pair[0].end() < pair[1].from;
    pairs.into_iter().find(apart).map(|pair| Contradiction::Missing {
        tag: pair[0].tag,
        at: pair[0].end(),
        receiver: future.number(pair[1].receiver),
    })
}

impl Piece<'_> {
    fn end(&self) -> u64 {
        self.from + self.len
    }

    /// Whether all of it lies before the other in the same payload.
    fn is_ahead_of(&self, other: &Piece<'_>) -> bool {
        self.tag == other.tag && self.end() <= other.from
    }
}

/// Nothing is received twice.
fn twice(pieces: &[Piece<'_>], future: &Future<'_>, certain: u64) -> Option<Contradiction> {
    let mut sorted: Vec<&Piece<'_>> = pieces.iter().collect();
    sorted.sort_by_key(|piece| (piece.tag, piece.from));
    let over = |pair: &&[&Piece<'_>]| {
        let end = pair[0].end().min(pair[1].end());
        pair[0].tag == pair[1].tag && pair[1].from + certain <= end
    };
    sorted.windows(2).find(over).map(|pair| {
        let mut both = [pair[0].receiver, pair[1].receiver];
        both.sort_by_key(|known| known.due());
        Contradiction::Twice {
            tag: pair[1].tag,
            at: pair[1].from,
            receivers: both.map(|known| future.number(known)),
        }
    })
}

/// What was sent before is not received behind, where the times of the calls settle both.
fn out_of_order(pieces: &[Piece<'_>], future: &Future<'_>) -> Option<Contradiction> {
    let told = |before: &Piece<'_>, behind: &Piece<'_>| Contradiction::Reordered {
        tags: [before.tag, behind.tag],
        at: [before.from, behind.from],
        receivers: [before, behind].map(|piece| future.number(piece.receiver)),
    };
    // One call: later bytes in front of earlier ones.
    for same in pieces.chunk_by(|one, other| std::ptr::eq(one.receiver, other.receiver)) {
        let mut last = same.first()?;
        for piece in &same[1..] {
            if piece.is_ahead_of(last) || piece.sender.due() < last.sender.called {
                return Some(told(piece, last));
            }
            last = if piece.sender.called > last.sender.called { piece } else { last };
        }
    }
    // One payload: its bytes go in as they come.
    let mut by_sender: Vec<&Piece<'_>> = pieces.iter().collect();
    by_sender.sort_by_key(|piece| (piece.tag, piece.from));
    for same in by_sender.chunk_by(|one, other| one.tag == other.tag) {
        let mut last = *same.first()?;
        for piece in &same[1..] {
            if last.is_ahead_of(piece) && piece.receiver.due() < last.receiver.called {
                return Some(told(last, piece));
            }
            last = if piece.receiver.called > last.receiver.called { piece } else { last };
        }
    }
    // Two payloads: one was sent whole before the other began.
    let (mut sent, mut begun) = (by_sender.clone(), by_sender);
    sent.sort_by_key(|piece| piece.sender.due());
    begun.sort_by_key(|piece| piece.sender.called);
    let mut sent = sent.into_iter().peekable();
    let mut last: Option<&Piece<'_>> = None;
    for piece in begun {
        while let Some(before) = sent.next_if(|b| b.sender.due() < piece.sender.called) {
            let later = last.is_none_or(|last| before.receiver.called > last.receiver.called);
            last = if later { Some(before) } else { last };
        }
        if let Some(before) = last.filter(|last| piece.receiver.due() < last.receiver.called) {
            return Some(told(before, piece));
        }
    }
    None
}

/// How often each byte there is.
type Count = [u64; 256];

/// What was received was sent; and what had been sent when nothing was found had been received.
/// Bytes are counted by value, so it matters to nobody where they are thought to come from.
fn balance(history: &History, future: &Future<'_>, scope: &Scope) -> Option<Contradiction> {
    let closed = scope.one_object && scope.all_is_told;
    let (mut begun, mut sent): (Count, Count) = ([0; 256], [0; 256]);
    let (mut received, mut asked): (Count, Count) = ([0; 256], [0; 256]);
    // A call that is never answered may have taken anything.
    let mut untold = false;
    // For each process the call it is in, and what had been sent when that began, if it finds nothing.
    let mut current: Vec<Option<(usize, Option<Box<Count>>)>> =
        vec![None; history.head.actors.len()];
    let mut number = 0;
    for event in &history.events {
        match &event.kind {
            EventKind::Call { actor, .. } => {
                let known = future.calls.get(number)?;
                add_sent(&mut begun, known, most(known));
                known.data().iter().for_each(|data| add(&mut asked, &data.bytes()));
                untold |= known.call.operation.gives.is_data() && known.returned.is_none();
                let finds_nothing = closed && finds_nothing(known);
                let before = finds_nothing.then(|| Box::new(sent));
                *current.get_mut(usize::from(actor.process))? = Some((number, before));
                number += 1;
            }
            EventKind::Return { actor, .. } => {
                let slot = current.get_mut(usize::from(actor.process))?;
                let Some((call, before)) = slot.take() else { continue };
                let known = &future.calls[call];
                if let Some(data) = known.data() {
                    add(&mut received, &data.bytes());
                    if let Some(byte) = exceeds(&received, &begun) {
                        return Some(Contradiction::Excess { receiver: call, byte });
                    }
                }
                add_sent(&mut sent, known, least(known));
                let missing = before.filter(|_| !untold).and_then(|b| exceeds(&b, &asked));
                if let Some(byte) = missing {
                    return Some(Contradiction::Lack { receiver: call, byte });
                }
            }
            EventKind::Handled { .. } | EventKind::Ended { .. } | EventKind::Quiescent { .. } => {}
        }
    }
    None
}

fn finds_nothing(known: &Known<'_>) -> bool {
    !known.call.is_empty() && known.data().is_some_and(|data| data.is_empty())
}

/// How much a call has sent at most and at least.
fn most(known: &Known<'_>) -> u64 {
    sent(known).unwrap_or_else(|| known.call.len())
}

fn least(known: &Known<'_>) -> u64 {
    sent(known).unwrap_or(0)
}

fn sent(known: &Known<'_>) -> Option<u64> {
    match known.returned?.outcome {
        Outcome::Success(Value::Number(n)) => u64::try_from(*n).ok(),
        _ => None,
    }
}

fn add_sent(count: &mut Count, known: &Known<'_>, len: u64) {
    if known.call.operation.sends() {
        let mut buffer = [0; 4096];
        let mut from = 0;
        while from < len {
            let part = (len - from).min(buffer.len() as u64);
            fill(known.call.tag, from, &mut buffer[..part as usize]);
            add(count, &buffer[..part as usize]);
            from += part;
        }
    }
}

fn add(count: &mut Count, bytes: &[u8]) {
    bytes.iter().for_each(|byte| count[usize::from(*byte)] += 1);
}

/// A byte of which there are more here than there.
fn exceeds(here: &Count, there: &Count) -> Option<u8> {
    let more = here.iter().zip(there).position(|(here, there)| here > there);
    more.map(|byte| byte as u8)
}
