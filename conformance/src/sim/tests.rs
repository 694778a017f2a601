use ipc_model::profile::{LINUX, POSIX2024};

use super::*;
use crate::checker::{Budget, check};
use crate::faults::fault;
use crate::seed::Seeded;
use crate::text::parse;

/// Every run that there is of a program, under the sound kernel or a faulty one.
fn every(text: &str, profile: &'static Profile, fault: Option<&'static Fault>) -> Vec<History> {
    let program = parse("test", text).expect("it is well formed");
    let mut every = Every::default();
    let mut found = Vec::new();
    loop {
        let sound = Simulated::new(profile, Numbers::EXAMPLE, &mut every);
        let history = match fault {
            Some(fault) => sound.with(fault).run(&program),
            None => { sound }.run(&program),
        };
        found.push(history.expect("the simulated system runs every program"));
        if !every.turn() {
            return found;
        }
    }
}

const TWO_READERS: &str = "A: pipe -> r w
A: fork -> B
A: close w
A: read r 1
B: when A blocked close w
";

fn sleeps_to_the_end(history: &History) -> bool {
    let last = history.events.iter().rev().find_map(|event| match &event.kind {
        EventKind::Quiescent { asleep, .. } => Some(!asleep.is_empty()),
        _ => None,
    });
    last == Some(true)
}

#[test]
fn a_sound_kernel_wakes_whoever_can_go_on() {
    let histories = every(TWO_READERS, &LINUX, None);
    assert!(!histories.is_empty());
    assert!(!histories.iter().any(sleeps_to_the_end));
}

#[test]
fn who_is_not_woken_sleeps_to_the_end() {
    let planted = fault("wakes-nobody:descriptor.close.releases");
    let histories = every(TWO_READERS, &LINUX, planted);
    assert!(planted.is_some() && histories.iter().any(sleeps_to_the_end));
}

/// What is only permitted is sometimes not done: the whole width of what the base leaves open.
#[test]
fn a_permission_is_used_in_some_runs_and_not_in_others() {
    let text = "A: pipe -> r w\nA: write w 4000\nA: write w 4000\n";
    let histories = every(text, &POSIX2024, None);
    assert!(histories.iter().any(sleeps_to_the_end));
    assert!(!histories.iter().all(sleeps_to_the_end));
}

#[test]
fn a_closed_descriptor_works_only_where_that_is_planted() {
    let text = "order stepwise\nA: pipe -> r w\nA: write w 8\nA: dup r -> s\nA: close r\n\
        A: read r 8\n";
    let reads = |history: &History| {
        history.events.iter().any(|event| {
            matches!(
                &event.kind,
                EventKind::Return { outcome: Outcome::Success(Value::Data(_)), .. }
            )
        })
    };
    assert!(!every(text, &LINUX, None).iter().any(reads));
    let planted = fault("stale-descriptor:pipe.read.full");
    assert!(planted.is_some() && every(text, &LINUX, planted).iter().any(reads));
}

/// A timer is lost: who waited for a time sleeps when it is long over, and is refused for that alone.
#[test]
fn who_sleeps_on_when_its_time_is_over_is_refused() {
    let spec = Spec::new(&LINUX, Numbers::EXAMPLE);
    let asks = "A: pipe -> r w\nA: poll r:POLLIN 3\n";
    let waits = "A: epoll_create1 0 -> p\nA: epoll_wait p 1 3\n";
    for (text, clause) in [(asks, "poll.ask.expires"), (waits, "epoll.wait.expires")] {
        let program = parse("test", text).expect("it is well formed");
        let planted = fault(&format!("never-fires:{clause}"));
        assert!(planted.is_some(), "{clause} obliges nobody");
        for seed in 0..20 {
            let judged = |fault: Option<&'static Fault>| {
                let sound = Simulated::new(&LINUX, Numbers::EXAMPLE, Seeded::new(seed, 0));
                let mut system = Simulated { fault, ..sound };
                let history = system.run(&program).expect("the simulated system runs it");
                check(&spec, &history, Budget::default())
            };
            assert!(judged(None).conforms(), "{clause}");
            let judgement = judged(planted);
            let deviation = judgement.deviation().expect("it sleeps though its time is over");
            assert_eq!((deviation.got.as_str(), deviation.about()), ("asleep", vec![clause]));
        }
    }
}
