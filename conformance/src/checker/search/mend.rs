//! Mending: where the guide is wrong, what it said shortly before is tried otherwise.
//!
//! The search comes back to the last place first and tries everything there, so it does not get far
//! back. Here only few moves on the way are other than the guide's, but they may lie further back.

use std::collections::VecDeque;

use super::{Search, Taken, Way};
use crate::checker::place::Place;

/// How many places are kept to begin again at, and how many events lie between them.
const KEPT: usize = 6;
const APART: usize = 64;
/// How many moves in a row may be other than the guide's, without getting further.
const STRAYS: u8 = 2;
/// Which part of the budget one attempt may take.
const SHARE: u64 = 16;

/// A place to begin again at, or one where another way can be taken.
#[derive(Clone)]
struct Fork {
    place: Place,
    /// Which of its ways comes next.
    next: usize,
    /// How many moves on the way there were not the guide's.
    strayed: u8,
    /// How many clauses had been used.
    used: usize,
}

impl Search<'_> {
    /// Goes by the guide, and mends the way where it ends. False proves nothing.
    pub(super) fn mend(&mut self, start: &Place) -> bool {
        let used = self.used.len();
        let last = self.made + self.budget.moves / 2;
        let mut fork = Fork { place: start.clone(), next: 0, strayed: 0, used };
        let mut kept = VecDeque::from([fork.clone()]);
        loop {
            self.limit = last;
            if self.glide(&mut fork, &mut kept) {
                return true;
            }
            let stuck = fork.place.event;
            let Some(mended) = self.around(stuck, &kept, last) else {
                self.used.truncate(used);
                return false;
            };
            fork = mended;
        }
    }

    /// Goes by the guide to the end, or to where it leads nowhere.
    fn glide(&mut self, fork: &mut Fork, kept: &mut VecDeque<Fork>) -> bool {
        let mut next = fork.place.event + APART;
        let place = &mut fork.place;
        while let Some(happened) = self.history.events.get(place.event) {
            if place.event >= next {
                next = place.event + APART;
                let used = self.used.len();
                kept.push_back(Fork { place: place.clone(), next: 0, strayed: 0, used });
                if kept.len() > KEPT {
                    kept.pop_front();
                }
            }
            let way = match self.take(place, happened) {
                Taken::Yes => {
                    place.event += 1;
                    continue;
                }
                Taken::No => None,
                Taken::NotYet => self.likeliest(place, happened, true),
            };
            if !way.is_some_and(|way| self.go(place, way)) {
                return false;
            }
        }
        true
    }

    /// A way past an event from one of the places that were kept, the last first.
    fn around(&mut self, stuck: usize, kept: &VecDeque<Fork>, last: u64) -> Option<Fork> {
        for strays in 1..=STRAYS {
            for fork in kept.iter().rev().filter(|fork| fork.place.event <= stuck) {
                if self.made >= last {
                    return None;
                }
                self.limit = last.min(self.made + self.budget.moves / SHARE);
                let passed = self.past(stuck, fork.clone(), strays);
                if passed.is_some() {
                    return passed;
                }
            }
        }
        None
    }

    fn past(&mut self, stuck: usize, start: Fork, strays: u8) -> Option<Fork> {
        self.dead.clear();
        let mut furthest = start.place.event;
        let mut forks = vec![start];
        while let Some(fork) = forks.pop() {
            if self.made >= self.limit || forks.len() > self.budget.worlds {
                return None;
            }
            let passed = self.pursue(stuck, fork, strays, &mut forks, &mut furthest);
            if passed.is_some() {
                return passed;
            }
        }
        None
    }

    /// Takes the fork's way and then the guide's, and notes where else it could go.
    fn pursue(
        &mut self,
        stuck: usize,
        fork: Fork,
        strays: u8,
        forks: &mut Vec<Fork>,
        furthest: &mut usize,
    ) -> Option<Fork> {
        let Fork { mut place, mut next, mut strayed, used } = fork;
        self.used.truncate(used);
        while let Some(happened) = self.history.events.get(place.event)
            && place.event <= stuck
        {
            if next == 0 {
                match self.take(&mut place, happened) {
                    Taken::Yes => {
                        place.event += 1;
                        continue;
                    }
                    Taken::No => return None,
                    Taken::NotYet => {}
                }
                if place.event > *furthest {
                    (*furthest, strayed) = (place.event, 0);
                }
                if strayed > 0 && !self.dead.insert(place.mark()) {
                    return None;
                }
            }
            let way = match next {
                0 => self.likeliest(&mut place, happened, true),
                _ => self.ordered_ways(&mut place, happened).into_iter().nth(next),
            };
            if strayed < strays && (way.is_some() || next == 0) {
                let (place, used) = (place.clone(), self.used.len());
                forks.push(Fork { place, next: next + 1, strayed, used });
            }
            strayed += u8::from(next > 0);
            if !way.is_some_and(|way| self.go(&mut place, way)) {
                return None;
            }
            next = 0;
        }
        Some(Fork { place, next: 0, strayed: 0, used: self.used.len() })
    }

    /// Goes one way; not where nobody judges, or beyond the budget.
    fn go(&mut self, place: &mut Place, way: Way<'_>) -> bool {
        match way {
            Way::Unseen(step) if step.is_open_ended() || self.made >= self.limit => return false,
            Way::Unseen(step) => self.step(place, &step),
            Way::Still => {
                let happened = &self.history.events[place.event];
                self.settle(&mut place.world, happened);
                place.event += 1;
            }
        }
        true
    }
}
