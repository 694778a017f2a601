//! Other moments: the order that the bytes tell is kept, and when a stream was empty is tried otherwise.
//!
//! Bytes say in which order things went in and in which they came out, and not how the two lie in each
//! other. Mostly that does not matter. But what room there is, and who must sleep, can hang on when
//! nothing was stored last. So wherever a stream can run empty or not, the guide's way is tried first
//! and the other way where that leads nowhere.

use std::collections::VecDeque;

use super::stroll::Circle;
use super::{Search, Taken, Way};
use crate::checker::moves::Move;
use crate::checker::place::Place;
use ipc_model::operation::Actor;

/// How many places are kept to come back to: beyond that the earliest is given up.
const KEPT: usize = 2_000;

/// A place where something else than the guide's move may come first.
struct Fork {
    place: Place,
    other: Other,
    /// How many clauses had been used.
    used: usize,
}

/// What may come first.
#[derive(Clone, Copy)]
enum Other {
    /// A stream runs empty before this actor's move, or something goes in before it runs empty.
    Moment(Actor),
    /// This actor falls asleep for want of room.
    Asleep(Actor),
    /// This actor, who would fall asleep, has not looked for room yet.
    Awake(Actor),
}

impl<'a> Search<'a> {
    /// Strolls by the guide, and comes back to try other moments. False proves nothing.
    pub(super) fn stroll_at_other_moments(&mut self, start: &Place, moves: u64) -> bool {
        let used = self.used.len();
        self.limit = self.made + moves;
        self.dead.clear();
        let mut forks = VecDeque::new();
        let mut found = self.drift(start.clone(), &mut forks);
        while !found
            && !self.is_spent()
            && let Some(Fork { mut place, other, used }) = forks.pop_back()
        {
            self.used.truncate(used);
            found = self.otherwise(&mut place, other) && self.drift(place, &mut forks);
        }
        if !found {
            self.used.truncate(used);
        }
        found
    }

    /// Goes by the guide to the end, or to where it leads nowhere or has been before.
    fn drift(&mut self, mut place: Place, forks: &mut VecDeque<Fork>) -> bool {
        let mut circle = Circle::default();
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
                Some(Way::Unseen(step))
                    if !step.is_open_ended() && !self.is_spent() && !circle.closes(&place) =>
                {
                    if !self.fork(&mut place, &step, forks) {
                        return false;
                    }
                    self.step(&mut place, &step);
                }
                _ => return false,
            }
        }
        true
    }

    /// Notes what else may come first; false if the place has been met before.
    fn fork(&mut self, place: &mut Place, step: &Move<'a>, forks: &mut VecDeque<Fork>) -> bool {
        let Some(guide) = &self.guide else { return true };
        let actor = step.step.actor;
        let mut others = Vec::new();
        if guide.sleepy && step.is_sleep() && place.may_sleep(actor) {
            others.push(Other::Awake(actor));
        } else if guide.is_turn(&self.moves, place, actor) {
            others.push(Other::Moment(actor));
        }
        if guide.sleepy && !step.is_sleep() {
            let late = guide.late_sleepers(&self.moves, place, actor);
            others.extend(late.into_iter().map(Other::Asleep));
        }
        if others.is_empty() {
            return true;
        }
        if !self.dead.insert(place.mark()) {
            return false;
        }
        for other in others {
            forks.push_back(Fork { place: place.clone(), other, used: self.used.len() });
            if forks.len() > KEPT {
                forks.pop_front();
            }
        }
        true
    }

    fn otherwise(&mut self, place: &mut Place, other: Other) -> bool {
        match other {
            Other::Moment(told) => self.at_another_moment(place, told),
            Other::Awake(actor) => {
                place.stays_awake(actor);
                true
            }
            Other::Asleep(actor) => {
                let sleep = self.moves.fall_asleep(place, actor);
                sleep.map(|sleep| self.step(place, &sleep)).is_some()
            }
        }
    }

    /// Lets a stream run empty before the guide's move, or lets the next go in before it runs empty.
    fn at_another_moment(&mut self, place: &mut Place, told: Actor) -> bool {
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
