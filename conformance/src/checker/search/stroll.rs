//! Strolls: the likeliest way at every event, with nothing kept to come back to.

use super::{Search, Taken, Way};
use crate::checker::place::Place;
use crate::history::{Event, EventKind};
use ipc_model::operation::Actor;

/// Whether the likeliest way leads round and round: who waits may be one who looks again and again.
#[derive(Default)]
pub(super) struct Circle {
    /// The event before which it goes.
    event: usize,
    /// The moves before that event.
    moves: u32,
    /// Where it was at some move before, of which it is the number that is a power of two.
    met: u128,
}

impl Circle {
    /// So many moves before one event are not suspected of it.
    const ROUTINE: u32 = 32;

    /// Notes the place; true if it has been there before (Brent 1980: it is told within three rounds).
    pub(super) fn closes(&mut self, place: &Place) -> bool {
        if self.event != place.event {
            *self = Circle { event: place.event, ..Circle::default() };
        }
        self.moves += 1;
        if self.moves < Circle::ROUTINE {
            return false;
        }
        let here = place.mark();
        let closed = here == self.met;
        if self.moves.is_power_of_two() {
            self.met = here;
        }
        closed
    }
}

impl<'a> Search<'a> {
    /// Takes the likeliest way at every event, and keeps nothing to come back to: most histories that
    /// conform are through with that. False proves nothing.
    pub(super) fn stroll(&mut self, mut place: Place, guided: bool) -> bool {
        let used = self.used.len();
        self.limit = self.made + self.budget.moves;
        let mut circle = Circle::default();
        while let Some(happened) = self.history.events.get(place.event) {
            let way = match self.take(&mut place, happened) {
                Taken::Yes => {
                    place.event += 1;
                    continue;
                }
                Taken::No => None,
                Taken::NotYet => self.likeliest(&mut place, happened, guided),
            };
            match way {
                Some(Way::Still) => {
                    self.settle(&mut place.world, happened);
                    place.event += 1;
                }
                Some(Way::Unseen(step))
                    if !step.is_open_ended() && !self.is_spent() && !circle.closes(&place) =>
                {
                    self.step(&mut place, &step);
                }
                _ => {
                    self.used.truncate(used);
                    return false;
                }
            }
        }
        true
    }

    /// The first of [`Search::ways`], found without the others where it answers the caller.
    pub(super) fn likeliest(
        &mut self,
        place: &mut Place,
        happened: &Event,
        guided: bool,
    ) -> Option<Way<'a>> {
        match &happened.kind {
            EventKind::Return { actor, .. } if guided => {
                self.guided(place, *actor).or_else(|| self.first(place, happened))
            }
            EventKind::Return { actor, .. } => {
                let answer = self.moves.answer(place, *actor);
                answer.map(Way::Unseen).or_else(|| self.first(place, happened))
            }
            EventKind::Quiescent { asleep, proof }
                if self.is_still(&place.world, asleep, *proof) =>
            {
                Some(Way::Still)
            }
            _ => self.first(place, happened),
        }
    }

    pub(super) fn guided(&mut self, place: &mut Place, wanted: Actor) -> Option<Way<'a>> {
        let guide = self.guide.as_ref()?;
        guide.toward(&mut self.moves, place, wanted).map(Way::Unseen)
    }

    fn first(&mut self, place: &Place, happened: &Event) -> Option<Way<'a>> {
        self.ways(place, happened).into_iter().next()
    }
}
