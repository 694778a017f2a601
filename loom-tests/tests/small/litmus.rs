//! The orderings that the shipped code leans on, under their names in the literature. Each that must
//! hold stands beside a weaker one in which loom finds the outcome that it forbids: a check that
//! cannot find the weak outcome shows nothing by not finding it.

use std::collections::BTreeMap;

use crate::explore::{assert_explored, outcomes};
use crate::sync::{AtomicU64, Ordering, fence};
use loom::sync::Arc;
use loom::thread;

use Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};

/// Two words that begin at 0.
fn two_words() -> Arc<[AtomicU64; 2]> {
    Arc::new([AtomicU64::new(0), AtomicU64::new(0)])
}

/// MP: one thread writes the data and then the flag, another reads the flag and then the data.
fn message_passing(store: Ordering, load: Ordering) -> BTreeMap<(u64, u64), usize> {
    outcomes(move || {
        let words = two_words();
        let writer = thread::spawn({
            let words = Arc::clone(&words);
            move || {
                words[0].store(1, Relaxed);
                words[1].store(1, store);
            }
        });
        let flag = words[1].load(load);
        let data = words[0].load(Relaxed);
        writer.join().unwrap();
        (flag, data)
    })
}

#[test]
fn message_passing_by_release_and_acquire_never_shows_the_flag_without_the_data() {
    let seen = message_passing(Release, Acquire);
    assert_explored(&seen, 3);
    assert_eq!(seen.into_keys().collect::<Vec<_>>(), [(0, 0), (0, 1), (1, 1)]);
}

#[test]
fn message_passing_is_lost_when_the_store_or_the_load_is_relaxed() {
    for (store, load) in [(Relaxed, Relaxed), (Relaxed, Acquire), (Release, Relaxed)] {
        let seen = message_passing(store, load);
        assert_explored(&seen, 4);
        assert!(seen.contains_key(&(1, 0)), "{store:?}, {load:?} gave only {seen:?}");
    }
}

/// SB: each of two threads writes its own word, does `between`, and reads the other's word.
fn store_buffering(between: fn(&AtomicU64)) -> BTreeMap<(u64, u64), usize> {
    outcomes(move || {
        let words = two_words();
        let ticket = Arc::new(AtomicU64::new(0));
        let side = |mine: usize| {
            let (words, ticket) = (Arc::clone(&words), Arc::clone(&ticket));
            move || {
                words[mine].store(1, Relaxed);
                between(&ticket);
                words[1 - mine].load(Relaxed)
            }
        };
        let (there, here) = (thread::spawn(side(1)), side(0));
        let here = here();
        (here, there.join().unwrap())
    })
}

#[test]
fn store_buffering_with_nothing_between_shows_both_stores_late() {
    let seen = store_buffering(|_| {});
    assert_explored(&seen, 4);
    assert!(seen.contains_key(&(0, 0)), "only {seen:?}");
}

#[test]
fn store_buffering_is_forbidden_by_sequentially_consistent_fences() {
    let seen = store_buffering(|_| fence(SeqCst));
    assert_explored(&seen, 3);
    assert!(!seen.contains_key(&(0, 0)), "{seen:?}");
}

#[test]
fn store_buffering_is_forbidden_by_drawing_from_one_counter() {
    let seen = store_buffering(|ticket| {
        ticket.fetch_add(1, AcqRel);
    });
    assert_explored(&seen, 3);
    assert!(!seen.contains_key(&(0, 0)), "{seen:?}");
}

#[test]
fn store_buffering_is_not_forbidden_by_drawing_from_one_counter_relaxed() {
    let seen = store_buffering(|ticket| {
        ticket.fetch_add(1, Relaxed);
    });
    assert_explored(&seen, 4);
    assert!(seen.contains_key(&(0, 0)), "only {seen:?}");
}

/// CoRR: of two reads of one word by one thread, the second never sees the older value.
#[test]
fn a_word_read_twice_never_runs_back() {
    let seen = outcomes(|| {
        let words = two_words();
        let writer = thread::spawn({
            let words = Arc::clone(&words);
            move || {
                words[0].store(1, Relaxed);
                words[0].store(2, Relaxed);
            }
        });
        let reads = (words[0].load(Relaxed), words[0].load(Relaxed));
        writer.join().unwrap();
        reads
    });
    assert_explored(&seen, 6);
    assert!(seen.keys().all(|(first, second)| first <= second), "{seen:?}");
    assert!(seen.contains_key(&(0, 2)) && seen.contains_key(&(1, 2)), "only {seen:?}");
}

/// Draws from one counter are never equal, and every order of the drawers comes up.
#[test]
fn two_draws_from_one_counter_are_unequal() {
    let seen = outcomes(|| {
        let words = two_words();
        let other = thread::spawn({
            let words = Arc::clone(&words);
            move || words[0].fetch_add(1, Relaxed)
        });
        let here = words[0].fetch_add(1, Relaxed);
        (here, other.join().unwrap())
    });
    assert_explored(&seen, 2);
    assert_eq!(seen.into_keys().collect::<Vec<_>>(), [(0, 1), (1, 0)]);
}
