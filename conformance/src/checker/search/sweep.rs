//! Sweeps: all ways at every event, the likelier first, and back to the last place where one is left.

use super::{Search, Taken, Way};
use crate::checker::Budget;
use crate::checker::place::Place;
use crate::history::{Event, EventKind};

/// Worlds that are kept to say what was allowed where the search got no further.
const STUCK: usize = 64;
/// A place to go on from.
pub(super) struct Branch {
    place: Place,
    /// Which of its moves comes next.
    next: usize,
    /// How many bytes it takes, roughly.
    weight: usize,
    /// How many clauses had been used.
    used: usize,
}

impl<'a> Search<'a> {
    /// Looks everywhere for a run from here to the end, within so many moves.
    pub(super) fn sweep(
        &mut self,
        start: Place,
        remember: bool,
        moves: u64,
    ) -> Result<(), Option<String>> {
        self.branches.clear();
        self.weight = 0;
        self.dead.clear();
        self.stuck.clear();
        self.remember = remember;
        self.moves.sampled = false;
        self.open_ended = None;
        let used = self.used.len();
        self.limit = self.made + moves;
        self.branches.push(Branch { place: start, next: 0, weight: 0, used });
        while let Some(branch) = self.branches.pop() {
            self.weight -= branch.weight;
            if self.follow(branch) {
                return Ok(());
            }
            if self.is_spent() {
                let Budget { moves, worlds, bytes } = self.budget;
                let (at, all) = (self.furthest + 1, self.history.events.len());
                return Err(Some(format!(
                    "{moves} moves, {worlds} worlds or {bytes} bytes of them were not enough to pass \
                     event {at} of {all}"
                )));
            }
        }
        self.used.truncate(used);
        if let Some(clause) = self.open_ended {
            return Err(Some(format!("it does what {clause} leaves open without a list")));
        }
        if self.moves.sampled {
            return Err(Some("a hidden step may go in too many ways to try them all".to_owned()));
        }
        Err(None)
    }

    /// Goes on from a branch until the end, or until nothing fits.
    fn follow(&mut self, branch: Branch) -> bool {
        let Branch { mut place, mut next, used, .. } = branch;
        self.used.truncate(used);
        while let Some(happened) = self.history.events.get(place.event) {
            if next == 0 {
                match self.take(&mut place, happened) {
                    Taken::Yes => {
                        place.event += 1;
                        continue;
                    }
                    Taken::No => {
                        self.arrived(&place);
                        return false;
                    }
                    Taken::NotYet => self.arrived(&place),
                }
            }
            let mut ways = self.ordered_ways(&mut place, happened);
            if next >= ways.len() {
                return false;
            }
            if ways.len() > next + 1 {
                if next == 0 && !self.dead.insert(place.mark()) {
                    return false;
                }
                self.keep(&place, next + 1);
            }
            match ways.swap_remove(next) {
                Way::Unseen(step) if step.is_open_ended() => {
                    // It may be what happened: whatever else is found, this is no deviation.
                    self.open_ended.get_or_insert(step.step.clause.id);
                    return false;
                }
                Way::Unseen(_) if self.is_spent() => return false,
                Way::Unseen(step) => self.step(&mut place, &step),
                Way::Still => {
                    self.settle(&mut place.world, happened);
                    place.event += 1;
                }
            }
            next = 0;
        }
        true
    }

    /// All ways, the one that the bytes tell before the others.
    pub(super) fn ordered_ways(&mut self, place: &mut Place, happened: &Event) -> Vec<Way<'a>> {
        let mut ways = self.ways(place, happened);
        let EventKind::Return { actor, .. } = &happened.kind else { return ways };
        let Some(Way::Unseen(told)) = self.guided(place, *actor) else { return ways };
        let same = |way: &Way<'a>| matches!(way, Way::Unseen(step) if step.is_same(&told));
        match ways.iter().position(same) {
            Some(at) => ways[..=at].rotate_right(1),
            None => ways.insert(0, Way::Unseen(told)),
        }
        ways
    }

    fn keep(&mut self, place: &Place, next: usize) {
        let (used, weight) = (self.used.len(), place.weight());
        self.weight += weight;
        self.branches.push(Branch { place: place.clone(), next, weight, used });
    }

    /// The search is at an event in a world that cannot take it as it is.
    fn arrived(&mut self, place: &Place) {
        self.furthest = self.furthest.max(place.event);
        if self.remember && place.event == self.furthest && self.stuck.len() < STUCK {
            self.stuck.push((place.clone(), self.used.clone()));
        }
    }
}
