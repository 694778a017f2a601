//! Other moments: the order that the bytes tell is kept, and when a stream was empty is tried otherwise.
//!
//! Bytes say in which order things went in and in which they came out, and not how the two lie in each
//! other. Mostly that does not matter. But what room there is, and who must sleep, can hang on when
//! nothing was stored last. So wherever a stream can run empty or not, the guide's way is tried first
//! and the other way where that leads nowhere.

use std::collections::VecDeque;

use super::{Search, Taken, Way};
use crate::checker::place::Place;
use ipc_model::operation::Actor;

/// How many places are kept to come back to: beyond that the earliest is given up.
const KEPT: usize = 2_000;

/// A place where a stream could run empty or not.
struct Fork {
    place: Place,
    /// Who moves there by the guide.
    told: Actor,
    /// How many clauses had been used.
    used: usize,
}

impl Search<'_> {
    /// Strolls by the guide, and comes back to try other moments. False proves nothing.
    pub(super) fn stroll_at_other_moments(&mut self, start: &Place) -> bool {
        let used = self.used.len();
        self.limit = self.made + self.budget.moves / 2;
        self.dead.clear();
        let mut forks = VecDeque::new();
        let mut found = self.drift(start.clone(), &mut forks);
        while !found
            && !self.is_spent()
            && let Some(Fork { mut place, told, used }) = forks.pop_back()
        {
            self.used.truncate(used);
            found = self.otherwise(&mut place, told) && self.drift(place, &mut forks);
        }
        if !found {
            self.used.truncate(used);
        }
        found
    }

    /// Goes by the guide to the end, or to where it leads nowhere or has been before.
    fn drift(&mut self, mut place: Place, forks: &mut VecDeque<Fork>) -> bool {
        while let Some(happened) = self.history.events.get(place.event) {
            match self.take(&mut place, happened) {
                Taken::Yes => {
                    place.event += 1;
                    continue;
                }
                Taken::No => return false,
                Taken::NotYet => {}
            }
            match self.likeliest(&mut place, happened, true) {
                Some(Way::Still) => {
                    self.settle(&mut place.world, happened);
                    place.event += 1;
                }
                Some(Way::Unseen(step)) if !step.is_open_ended() && !self.is_spent() => {
                    if !self.fork(&mut place, step.step.actor, forks) {
                        return false;
                    }
                    self.step(&mut place, &step);
                }
                _ => return false,
            }
        }
        true
    }

    /// Notes a place where a stream can run empty or not; false if it has been met before.
    fn fork(&mut self, place: &mut Place, told: Actor, forks: &mut VecDeque<Fork>) -> bool {
        let guide = self.guide.as_ref();
        if !guide.is_some_and(|guide| guide.is_turn(&self.moves, place, told)) {
            return true;
        }
        if !self.dead.insert(place.mark()) {
            return false;
        }
        forks.push_back(Fork { place: place.clone(), told, used: self.used.len() });
        if forks.len() > KEPT {
            forks.pop_front();
        }
        true
    }

    /// Lets a stream run empty before the guide's move, or lets the next go in before it runs empty.
    fn otherwise(&mut self, place: &mut Place, told: Actor) -> bool {
        let Some(guide) = self.guide.take() else { return false };
        let mut done = false;
        while !done && let Some(step) = guide.instead(&mut self.moves, place, told) {
            self.step(place, &step);
            done = !guide.finds_some(&self.moves, place, told);
        }
        self.guide = Some(guide);
        done
    }
}
