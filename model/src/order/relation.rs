//! Relations between the events of one execution.

use std::ops::{BitAnd, BitOr};

/// The most events that an execution may have.
pub const MOST: usize = 32;

/// A set of pairs of events, as a row of bits for each event.
///
/// Invariant: no row has a bit at or above the number of rows, of which there are at most [`MOST`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Relation(Vec<u32>);

impl Relation {
    /// The pairs of `events` events of which this holds.
    pub fn of(events: usize, holds: impl Fn(usize, usize) -> bool) -> Relation {
        assert!(events <= MOST, "an execution has at most {MOST} events");
        let row = |from: usize| {
            (0..events).filter(|to| holds(from, *to)).fold(0, |row, to| row | 1 << to)
        };
        Relation((0..events).map(row).collect())
    }

    /// No pair.
    pub fn none(events: usize) -> Relation {
        Relation::of(events, |_, _| false)
    }

    fn events(&self) -> usize {
        self.0.len()
    }

    /// Whether the pair is in it.
    pub fn has(&self, from: usize, to: usize) -> bool {
        self.0[from] & 1 << to != 0
    }

    /// The pairs of which this holds as well.
    pub fn only(&self, holds: impl Fn(usize, usize) -> bool) -> Relation {
        Relation::of(self.events(), |from, to| self.has(from, to) && holds(from, to))
    }

    /// A step of this and then one of `next`: `self ; next`.
    pub fn then(&self, next: &Relation) -> Relation {
        let row = |row: &u32| {
            (0..self.events()).filter(|at| row & 1 << at != 0).fold(0, |to, at| to | next.0[at])
        };
        Relation(self.0.iter().map(row).collect())
    }

    /// The pairs the other way round.
    pub fn inverse(&self) -> Relation {
        Relation::of(self.events(), |from, to| self.has(to, from))
    }

    /// No step or one: `self?`.
    pub fn maybe(&self) -> Relation {
        Relation::of(self.events(), |from, to| from == to || self.has(from, to))
    }

    /// One step or more: `self+`.
    pub fn closure(&self) -> Relation {
        let mut all = self.clone();
        for over in 0..all.events() {
            let onward = all.0[over];
            for row in all.0.iter_mut().filter(|row| **row & 1 << over != 0) {
                *row |= onward;
            }
        }
        all
    }

    /// Whether there is no pair.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|row| *row == 0)
    }

    /// Whether no event is in a pair with itself.
    pub fn is_irreflexive(&self) -> bool {
        (0..self.events()).all(|event| !self.has(event, event))
    }

    /// Whether no number of steps leads back to where they began.
    pub fn is_acyclic(&self) -> bool {
        self.closure().is_irreflexive()
    }
}

impl BitOr for Relation {
    type Output = Relation;
    fn bitor(self, other: Relation) -> Relation {
        Relation(self.0.iter().zip(&other.0).map(|(one, two)| one | two).collect())
    }
}

impl BitAnd for Relation {
    type Output = Relation;
    fn bitand(self, other: Relation) -> Relation {
        Relation(self.0.iter().zip(&other.0).map(|(one, two)| one & two).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_is_found_and_a_line_is_none() {
        let line = Relation::of(5, |from, to| to == from + 1);
        assert!(line.is_acyclic() && line.closure().has(0, 4) && !line.has(0, 2));
        let circle = line | Relation::of(5, |from, to| (from, to) == (4, 1));
        assert!(circle.is_irreflexive() && !circle.is_acyclic());
        assert_eq!(circle.closure().only(|from, to| from == to), {
            Relation::of(5, |from, to| from == to && from > 0)
        });
    }

    #[test]
    fn steps_are_put_together_in_order() {
        let (one, two) =
            (Relation::of(4, |a, b| (a, b) == (0, 1)), Relation::of(4, |a, b| (a, b) == (1, 3)));
        assert_eq!(one.then(&two), Relation::of(4, |a, b| (a, b) == (0, 3)));
        assert!(two.then(&one).is_empty());
        assert_eq!(one.maybe().then(&two).maybe(), {
            Relation::of(4, |a, b| a == b || b == 3 && a < 2)
        });
        assert_eq!(one.inverse(), Relation::of(4, |a, b| (a, b) == (1, 0)));
        assert!((one & two).is_empty());
    }
}
