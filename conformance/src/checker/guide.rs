//! The guide: which unseen move leads to the next event, by what the received bytes tell.

use ipc_model::operation::Actor;
use ipc_model::outcome::{Outcome, Value};
use ipc_model::payload::Data;
use ipc_model::view::View;

use super::moves::{Move, Moves};
use super::order::{NONE, Order, Piece};
use super::place::{Place, bit};

/// What the guide goes by.
pub(super) struct Guide {
    order: Order,
    /// Who finds no room falls asleep, where what makes room for it began later.
    pub(super) sleepy: bool,
}

/// How many calls it looks through for one move: more than can be in each other's way.
const FAR: usize = 64;

impl Guide {
    pub(super) fn new(order: Order) -> Guide {
        Guide { order, sleepy: false }
    }

    /// Whether a call that returns this can be answered only while things are just so: an error, or
    /// no bytes.
    pub(super) fn is_picky(outcome: &Outcome) -> bool {
        match outcome {
            Outcome::Failure(_) => true,
            Outcome::Success(Value::Data(data)) => data.is_empty(),
            _ => false,
        }
    }

    /// The move that leads to an actor's return, if the bytes tell one.
    pub(super) fn toward<'a>(
        &self,
        moves: &mut Moves<'a>,
        place: &mut Place,
        wanted: Actor,
    ) -> Option<Move<'a>> {
        let mut actor = wanted;
        for _ in 0..FAR {
            let (in_call, number) = place.call(actor)?;
            let (done, data) = (in_call.done, moves.future.calls[number].data());
            let next = match data.filter(|data| !data.is_empty()) {
                Some(data) => self.receiving(moves, place, actor, data),
                None => self.other(moves, place, actor, number, done),
            };
            match next {
                Next::Move(step) => {
                    if self.sleepy
                        && let Some(sleep) = self.first_asleep(moves, place, &step)
                    {
                        return Some(sleep);
                    }
                    return Some(self.first_the_picky(moves, place, actor).unwrap_or(step));
                }
                Next::Of(other) if other != actor => actor = other,
                Next::Of(_) | Next::Nobody => return None,
            }
        }
        None
    }

    /// What a receiver needs: the bytes before its own taken out, and its own put in.
    fn receiving<'a>(
        &self,
        moves: &mut Moves<'a>,
        place: &Place,
        actor: Actor,
        data: &Data,
    ) -> Next<'a> {
        let view = View::new(moves.spec, &place.world, actor);
        let Some(front) = view.object().front() else { return Next::Nobody };
        // Few bytes may be equal by chance: what came from elsewhere is not what was received.
        let strange = match (front.source(0), data.source(0)) {
            (Some(ready), Some(taken)) => ready != taken,
            _ => false,
        };
        if strange {
            return self.taker(moves, place, front);
        }
        if front.starts_with(data) {
            return moves.answer(place, actor).map_or(Next::Nobody, Next::Move);
        }
        if data.len() > front.len() && data.starts_with(front) {
            return match data.source(front.len()) {
                Some((tag, _)) => sender(moves, place, tag),
                None => Next::Nobody,
            };
        }
        self.taker(moves, place, front)
    }

    /// Who takes what is in front.
    fn taker<'a>(&self, moves: &Moves<'a>, place: &Place, front: &Data) -> Next<'a> {
        let piece = front.source(0).and_then(|(tag, at)| {
            let sender = moves.future.sender(tag)?;
            self.order.piece(sender, at)
        });
        match piece {
            Some(piece) => in_call(moves, place, piece.receiver),
            None => Next::Nobody,
        }
    }

    /// What any other call needs: a sender must wait its turn and find room.
    fn other<'a>(
        &self,
        moves: &mut Moves<'a>,
        place: &mut Place,
        actor: Actor,
        number: usize,
        done: u64,
    ) -> Next<'a> {
        let sends = moves.future.calls[number].call.operation.sends();
        if !sends {
            return moves.answer(place, actor).map_or(Next::Nobody, Next::Move);
        }
        let turn = self.turn(moves, place, number);
        if let Some((_, piece)) = turn
            && piece.sender as usize != number
            && let Next::Of(other) = in_call(moves, place, piece.sender)
        {
            return Next::Of(other);
        }
        // Who found no more than it took did so before more came.
        if let Some((Some(last), piece)) = turn
            && last.receiver != piece.receiver
            && moves.future.calls[last.receiver as usize].is_short()
            && let Next::Of(other) = in_call(moves, place, last.receiver)
        {
            return Next::Of(other);
        }
        if let Some(answer) = moves.answer(place, actor) {
            return Next::Move(answer);
        }
        let target = self.stretch(moves, place, number, done);
        if let Some(step) = target.and_then(|count| moves.step_of(place, actor, count)) {
            return Next::Move(step);
        }
        let view = View::new(moves.spec, &place.world, actor);
        match view.object().front() {
            Some(front) => self.taker(moves, place, front),
            None => Next::Nobody,
        }
    }

    /// How many bytes of a payload go in before anybody else's.
    fn stretch(&self, moves: &Moves<'_>, place: &Place, number: usize, done: u64) -> Option<u64> {
        let all = moves.future.reaches(number)?;
        let stream = *self.order.stream.get(number)?;
        let gone = place.gone_in.get(stream as usize).copied().unwrap_or(0);
        let mut end = done;
        let pieces = self.order.streams.get(stream as usize)?.get(gone as usize..)?;
        for (index, piece) in pieces.iter().enumerate() {
            if piece.sender as usize != number || piece.from > end {
                break;
            }
            end = end.max(piece.from + piece.len);
            // Who found no more than this came before the rest.
            let is_last = pieces.get(index + 1).is_none_or(|next| next.receiver != piece.receiver);
            if is_last && moves.future.calls[piece.receiver as usize].is_short() {
                break;
            }
        }
        let end = if end == done { all } else { end };
        end.checked_sub(done).filter(|count| *count > 0)
    }

    /// The piece that must go in next where a call sends, if that call's own is seen to come out; and
    /// the piece before it.
    fn turn(
        &self,
        moves: &Moves<'_>,
        place: &mut Place,
        number: usize,
    ) -> Option<(Option<Piece>, Piece)> {
        // What nobody received may have gone in at any time.
        self.order.sent(number).first()?;
        self.next_piece(moves, place, number)
    }

    /// The piece that must go in next in the stream of a call, and the piece before it.
    fn next_piece(
        &self,
        moves: &Moves<'_>,
        place: &mut Place,
        number: usize,
    ) -> Option<(Option<Piece>, Piece)> {
        let stream = *self.order.stream.get(number).filter(|stream| **stream != NONE)? as usize;
        if place.gone_in.len() < self.order.streams.len() {
            place.gone_in.resize(self.order.streams.len(), 0);
        }
        let pieces = self.order.streams.get(stream)?;
        let mut next = place.gone_in[stream] as usize;
        while pieces.get(next).is_some_and(|piece| is_in(moves, place, piece)) {
            next += 1;
        }
        place.gone_in[stream] = next as u32;
        let last = next.checked_sub(1).map(|last| pieces[last]);
        Some((last, *pieces.get(next)?))
    }

    /// Before anything changes: the answer of somebody who may not find things so again.
    fn first_the_picky<'a>(
        &self,
        moves: &mut Moves<'a>,
        place: &Place,
        actor: Actor,
    ) -> Option<Move<'a>> {
        let mut left = place.picky & !bit(actor.process);
        while left != 0 {
            let other = Actor::first(left.trailing_zeros() as u8);
            left &= left - 1;
            // Who is only seen asleep later has no need of an early answer.
            let returned = place.call(other).and_then(|(_, n)| moves.future.calls[n].returned);
            let answer = match returned.is_some_and(|r| Guide::is_picky(r.outcome)) {
                true => moves.answer(place, other).or_else(|| moves.sleep(place, other)),
                false => moves.sleep(place, other),
            };
            if answer.is_some() {
                return answer;
            }
        }
        None
    }
}

impl Guide {
    /// Before something is taken out: who has waited for that since before it began, falls asleep.
    fn first_asleep<'a>(
        &self,
        moves: &Moves<'a>,
        place: &Place,
        step: &Move<'a>,
    ) -> Option<Move<'a>> {
        let waiting = self.waiting(moves, place, step.step.actor);
        let early = |(actor, early): (Actor, bool)| early.then_some(actor);
        waiting.into_iter().filter_map(early).find_map(|actor| moves.fall_asleep(place, actor))
    }

    /// Who could fall asleep before something is taken out, though it began no earlier than the taker.
    pub(super) fn late_sleepers(
        &self,
        moves: &Moves<'_>,
        place: &Place,
        taker: Actor,
    ) -> Vec<Actor> {
        let waiting = self.waiting(moves, place, taker).into_iter();
        let late = waiting.filter_map(|(actor, early)| (!early).then_some(actor));
        late.filter(|actor| moves.fall_asleep(place, *actor).is_some()).collect()
    }

    /// Who is in a call that sends where another's takes out, and whether it began earlier.
    fn waiting(&self, moves: &Moves<'_>, place: &Place, taker: Actor) -> Vec<(Actor, bool)> {
        let Some((_, taker)) = place.call(taker) else { return Vec::new() };
        let stream = self.order.stream[taker];
        if moves.future.calls[taker].call.operation.sends() || stream == NONE {
            return Vec::new();
        }
        let began = moves.future.calls[taker].called;
        let waits = |actor: Actor| {
            let (_, number) = place.call(actor)?;
            let known = &moves.future.calls[number];
            let sends = known.call.operation.sends() && self.order.stream[number] == stream;
            (sends && place.may_sleep(actor)).then_some((actor, known.called < began))
        };
        place.callers().into_iter().filter_map(waits).collect()
    }

    /// Whether the stream of a call is about to run empty, or could first, and the other is possible.
    pub(super) fn is_turn(&self, moves: &Moves<'_>, place: &mut Place, actor: Actor) -> bool {
        let Some((_, number)) = place.call(actor) else { return false };
        let Some(front) = stored(moves, place, actor).filter(|front| !front.is_empty()) else {
            return false;
        };
        let known = &moves.future.calls[number];
        if !known.call.operation.sends() {
            let takes_all = known.data().is_some_and(|data| data.len() == front.len());
            return takes_all && self.next_to_send(moves, place, number).is_some();
        }
        let taker = front.source(front.len() - 1).and_then(|(tag, at)| {
            let sender = moves.future.sender(tag)?;
            self.order.piece(sender, at).map(|piece| piece.receiver)
        });
        taker.is_some_and(|taker| matches!(in_call(moves, place, taker), Next::Of(_)))
    }

    /// At such a place, what comes before the call's own move: a taker's answer, or the next to send.
    pub(super) fn instead<'a>(
        &self,
        moves: &mut Moves<'a>,
        place: &mut Place,
        actor: Actor,
    ) -> Option<Move<'a>> {
        let (_, number) = place.call(actor)?;
        if moves.future.calls[number].call.operation.sends() {
            let front = stored(moves, place, actor)?;
            let Next::Of(taker) = self.taker(moves, place, front) else { return None };
            return moves.answer(place, taker);
        }
        let (sender, number) = self.next_to_send(moves, place, number)?;
        let answer = moves.answer(place, sender);
        answer.or_else(|| {
            let (in_call, _) = place.call(sender)?;
            let count = self.stretch(moves, place, number, in_call.done)?;
            moves.step_of(place, sender, count)
        })
    }

    /// Whether a call that sends would still find something stored.
    pub(super) fn finds_some(&self, moves: &Moves<'_>, place: &Place, actor: Actor) -> bool {
        place.call(actor).is_some_and(|(_, number)| {
            moves.future.calls[number].call.operation.sends()
                && stored(moves, place, actor).is_some_and(|front| !front.is_empty())
        })
    }

    /// Who sends next to the stream of a call, and the number of that call, if it has begun.
    fn next_to_send(
        &self,
        moves: &Moves<'_>,
        place: &mut Place,
        number: usize,
    ) -> Option<(Actor, usize)> {
        let (_, piece) = self.next_piece(moves, place, number)?;
        match in_call(moves, place, piece.sender) {
            Next::Of(sender) => Some((sender, piece.sender as usize)),
            _ => None,
        }
    }
}

/// What stands ready where this actor's call leads.
fn stored<'p>(moves: &'p Moves<'_>, place: &'p Place, actor: Actor) -> Option<&'p Data> {
    View::new(moves.spec, &place.world, actor).object().front()
}

/// What brings a call forward.
enum Next<'a> {
    /// It can be answered, or go on.
    Move(Move<'a>),
    /// Another must move first.
    Of(Actor),
    /// Nobody is known who could help.
    Nobody,
}

/// Who puts in the payload of that tag.
fn sender<'a>(moves: &Moves<'_>, place: &Place, tag: u32) -> Next<'a> {
    match moves.future.sender(tag) {
        Some(sender) => in_call(moves, place, sender as u32),
        None => Next::Nobody,
    }
}

/// The actor that is in this call now.
fn in_call<'a>(moves: &Moves<'_>, place: &Place, number: u32) -> Next<'a> {
    let actor = moves.future.calls[number as usize].actor;
    match place.call(actor) {
        Some((_, current)) if current == number as usize => Next::Of(actor),
        _ => Next::Nobody,
    }
}

/// Whether a piece has gone in: its sender is past it.
fn is_in(moves: &Moves<'_>, place: &Place, piece: &Piece) -> bool {
    let actor = moves.future.calls[piece.sender as usize].actor;
    let current = place.current.get(usize::from(actor.process)).copied().unwrap_or(NONE);
    match place.call(actor) {
        Some((call, _)) if current == piece.sender => call.done >= piece.from + piece.len,
        _ => current != NONE && current >= piece.sender,
    }
}
