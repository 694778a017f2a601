//! The control channel, as it is shipped: what is counted is seen whole, and of a report and a
//! controller that goes to sleep one notices the other.

use std::collections::BTreeMap;

use crate::explore::{assert_each_site_is_needed, outcomes};
use crate::mail::{Bell, Mail};
use crate::sync::{AtomicU64, Ordering};
use loom::sync::Arc;
use loom::thread;

/// What the other side sees of a message and of its count, in this direction.
fn handed_over(count: fn(&Mail), counted: fn(&Mail) -> u32) -> BTreeMap<(u32, u64), usize> {
    outcomes(move || {
        let shared = Arc::new((Mail::new(), AtomicU64::new(0)));
        let sender = thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                let (mail, message) = &*shared;
                message.store(7, Ordering::Relaxed);
                count(mail);
            }
        });
        let (mail, message) = &*shared;
        let seen = (counted(mail), message.load(Ordering::Relaxed));
        sender.join().unwrap();
        seen
    })
}

fn is_torn((count, message): &(u32, u64)) -> bool {
    *count == 1 && *message != 7
}

/// Whether the agent knows that it must wake the controller, and whether that sees the report.
fn noticed() -> BTreeMap<(bool, bool), usize> {
    outcomes(|| {
        let shared = Arc::new((Mail::new(), Bell::new()));
        let agent = thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                shared.0.report();
                shared.1.ring()
            }
        });
        let (mail, bell) = &*shared;
        bell.listen();
        let seen = mail.reports() == 1;
        (agent.join().unwrap(), seen)
    })
}

#[test]
fn who_sees_a_message_counted_sees_all_of_it() {
    for seen in
        [handed_over(Mail::command, Mail::commands), handed_over(Mail::report, Mail::reports)]
    {
        assert!(seen.keys().any(|(count, _)| *count == 1), "{seen:?}");
        assert_eq!(seen.keys().find(|found| is_torn(found)), None);
    }
}

#[test]
fn a_report_is_seen_by_the_controller_or_wakes_it() {
    let seen = noticed();
    assert!(seen.len() > 1, "{seen:?}");
    assert!(!seen.contains_key(&(false, false)), "{seen:?}");
}

#[test]
fn each_ordering_of_a_count_is_needed_by_a_check_above() {
    let caught = || {
        handed_over(Mail::command, Mail::commands).keys().any(is_torn)
            || handed_over(Mail::report, Mail::reports).keys().any(is_torn)
    };
    assert_each_site_is_needed(caught);
}
