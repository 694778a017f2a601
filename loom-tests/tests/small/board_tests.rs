//! The ticket board, as it is shipped: tickets order what they bracket, and an announced call is
//! seen whole or not at all.

use std::collections::BTreeMap;

use crate::board::Board;
use crate::explore::{assert_each_site_is_needed, assert_explored, outcomes};
use crate::sync::{AtomicU64, Ordering};
use loom::sync::Arc;
use loom::thread;

const FIRST: u16 = 5;
const SECOND: u16 = 6;

/// What two calls that overlap in every way saw: each draws a ticket, acts on one word, and draws
/// another. The first writes the word, the second reads it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Bracketed {
    write: (u64, u64),
    read: (u64, u64),
    seen: u64,
}

fn bracketed_calls() -> BTreeMap<Bracketed, usize> {
    outcomes(|| {
        let shared = Arc::new((Board::new(), AtomicU64::new(0)));
        let writer = thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                let (board, word) = &*shared;
                let call = board.announce(0, FIRST);
                word.store(1, Ordering::Relaxed);
                (call, board.draw())
            }
        });
        let (board, word) = &*shared;
        let call = board.announce(1, SECOND);
        let seen = word.load(Ordering::Relaxed);
        let read = (call, board.draw());
        Bracketed { write: writer.join().unwrap(), read, seen }
    })
}

/// The history would be wrong: what was over before the other began was not seen by it, or what had
/// not begun was.
fn contradicts(run: &Bracketed) -> bool {
    (run.write.1 < run.read.0 && run.seen == 0) || (run.read.1 < run.write.0 && run.seen == 1)
}

/// What a reader finds of a slot in which two calls are announced, one after the other: the line and
/// whether the ticket is the first or the second of that agent.
fn announcements() -> BTreeMap<Option<(u16, u64)>, usize> {
    outcomes(|| {
        let board = Arc::new(Board::new());
        let agent = thread::spawn({
            let board = Arc::clone(&board);
            move || {
                board.announce(0, FIRST);
                board.announce(0, SECOND);
            }
        });
        let found = board.announced(0).map(|found| (found.line, found.ticket));
        agent.join().unwrap();
        found
    })
}

fn torn(found: &Option<(u16, u64)>) -> bool {
    !matches!(found, None | Some((FIRST, 1)) | Some((SECOND, 2)))
}

#[test]
fn the_tickets_of_two_calls_are_unequal_and_in_order() {
    let seen = bracketed_calls();
    assert_explored(&seen, 20);
    for Bracketed { write, read, .. } in seen.keys() {
        let mut tickets = [write.0, write.1, read.0, read.1];
        assert!(write.0 < write.1 && read.0 < read.1, "{tickets:?}");
        tickets.sort_unstable();
        assert_eq!(tickets, [1, 2, 3, 4]);
    }
    let orders: std::collections::BTreeSet<_> =
        seen.keys().map(|run| (run.write, run.read)).collect();
    assert_eq!(orders.len(), 6, "not every order of two brackets came up: {orders:?}");
}

#[test]
fn a_call_sees_what_was_over_before_it_began_and_nothing_that_began_after_it() {
    let seen = bracketed_calls();
    assert_explored(&seen, 20);
    assert_eq!(seen.keys().find(|run| contradicts(run)), None);
}

#[test]
fn an_announced_call_is_seen_whole_or_not_at_all() {
    let seen = announcements();
    assert_explored(&seen, 20);
    assert_eq!(seen.keys().find(|found| torn(found)), None);
    let found: Vec<_> = seen.into_keys().collect();
    assert_eq!(found, [None, Some((FIRST, 1)), Some((SECOND, 2))]);
}

#[test]
fn an_announced_call_outlives_its_agent() {
    let seen = outcomes(|| {
        let board = Arc::new(Board::new());
        let agent = thread::spawn({
            let board = Arc::clone(&board);
            move || board.announce(0, FIRST)
        });
        let ticket = agent.join().unwrap();
        board.announced(0).is_some_and(|found| (found.line, found.ticket) == (FIRST, ticket))
    });
    assert_eq!(seen.into_keys().collect::<Vec<_>>(), [true]);
}

#[test]
fn each_ordering_of_the_board_is_needed_by_a_check_above() {
    let caught = || bracketed_calls().keys().any(contradicts) || announcements().keys().any(torn);
    assert_each_site_is_needed(caught);
}
