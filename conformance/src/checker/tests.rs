use ipc_model::profile::{LINUX, Numbers, POSIX2024, Profile};
use ipc_model::spec::Spec;

use ipc_model::errno::Errno;
use ipc_model::operation::{Actor, Arg};
use ipc_model::outcome::{Outcome, Status, Value};
use ipc_model::payload::{Data, Run};

use super::{Budget, Name, Verdict, check};
use crate::crowd::{Crowd, crowd};
use crate::generator::{Shape, generate};
use crate::history::{Event, EventKind, History, Proof};
use crate::program::Program;
use crate::seed::Seeded;
use crate::sim::Simulated;
use crate::system::System;
use crate::text::parse;

pub(super) fn simulate(profile: &'static Profile, program: &Program, seed: u64) -> History {
    let mut system = Simulated::new(profile, Numbers::EXAMPLE, Seeded::new(seed, 0));
    system.run(program).expect("the simulated system runs every program")
}

pub(super) fn lines(history: &History) -> String {
    use EventKind::{Call, Ended, Handled, Quiescent, Return};
    let mut text = String::new();
    for (index, event) in history.events.iter().enumerate() {
        text += &match &event.kind {
            Call { actor, call, .. } => format!("{index} {} {call}\n", actor.process),
            Return { actor, outcome, .. } => format!("{index} {} = {outcome:?}\n", actor.process),
            Handled { actor, info } => format!("{index} {} handles {info}\n", actor.process),
            Ended { process, status } => format!("{index} {process} ended {status:?}\n"),
            Quiescent { asleep, .. } => format!("{index} still {asleep:?}\n"),
        };
    }
    text
}

#[test]
fn what_the_model_does_is_accepted() {
    let mut open = 0;
    for seed in 0..3000 {
        let spec = Spec::new(&LINUX, Numbers::EXAMPLE);
        let mut program = generate(&spec, Shape::default(), &mut Seeded::new(seed, 0));
        program.stepwise = seed % 2 == 0;
        let history = simulate(&LINUX, &program, seed);
        let judgement = check(&spec, &history, Budget::default());
        let shown = lines(&history);
        let is_open =
            matches!(&judgement.verdict, Verdict::Inconclusive(why) if why.contains("leaves open"));
        // Calls that are not made in the order that they were made for may meet what nobody judges.
        if is_open && !program.stepwise {
            open += 1;
            continue;
        }
        assert_eq!(judgement.verdict, Verdict::Conforms, "seed {seed}\n{program}\n{shown}");
    }
    assert!(open < 30, "{open} programs end where the standard leaves all open");
}

const SMALL: Budget = Budget { moves: 5_000, worlds: 5_000, ..Budget::USUAL };

/// What POSIX leaves open is more than can always be tried in full: but never is it refused.
#[test]
fn what_the_base_does_is_not_refused() {
    let (mut conforming, count) = (0, 300);
    let spec = Spec::new(&POSIX2024, Numbers::EXAMPLE);
    for seed in 0..count {
        let program = generate(&spec, Shape::default(), &mut Seeded::new(seed, 0));
        let history = simulate(&POSIX2024, &program, seed);
        let judgement = check(&spec, &history, SMALL);
        let refused = matches!(judgement.verdict, Verdict::Deviates(_));
        let shown = lines(&history);
        assert!(!refused, "seed {seed}\n{program}\n{shown}\n{:?}", judgement.verdict);
        conforming += u64::from(judgement.conforms());
    }
    println!("{conforming} of {count}");
    assert!(conforming * 10 >= count * 5, "{conforming} of {count}");
}

/// What Linux does instead of what it contradicts, and what is seen of that only later.
const INSTEAD: &[&str] =
    &["process.waitpid.keeps", "process.waitid.err.echild.ended", "signal.delivery.stops.cuts"];

/// With the calls of the base: of what is beyond it, the base says nothing.
#[test]
fn what_linux_does_posix_allows() {
    let posix = Spec::new(&POSIX2024, Numbers::EXAMPLE);
    let linux = Spec::new(&LINUX, Numbers::EXAMPLE);
    let (mut conforming, count) = (0, 300);
    for seed in 0..count {
        let program = generate(&posix, Shape::default(), &mut Seeded::new(seed, 0));
        let history = simulate(&LINUX, &program, seed);
        let own = check(&linux, &history, SMALL);
        if own.used.keys().any(|id| INSTEAD.contains(id)) {
            continue;
        }
        let judgement = check(&posix, &history, SMALL);
        // What contradicts POSIX knowingly is told as such.
        let listed = |deviation: &super::Deviation| {
            let contradicts = |id: &str| LINUX.contradicts.iter().any(|denial| denial.clause == id);
            deviation.allowed.iter().any(|allowed| contradicts(allowed.clause))
        };
        let refused = judgement.deviation().is_some_and(|deviation| !listed(deviation));
        assert!(!refused, "seed {seed}\n{program}\n{:?}", judgement.verdict);
        conforming += u64::from(judgement.conforms());
    }
    println!("{conforming} of {count}");
    assert!(conforming * 10 >= count * 8, "{conforming} of {count}");
}

/// Of an open for both POSIX says nothing: it may wait for ever, and that ends the judging.
#[test]
fn a_call_of_which_nothing_is_said_may_sleep() {
    let text = "A: mkfifo \"f\" 0644\nA: open \"f\" O_RDONLY 0 -> r\n";
    let program = parse("test", text).expect("it is well formed");
    let mut history = simulate(&LINUX, &program, 1);
    for event in &mut history.events {
        if let EventKind::Call { call, .. } = &mut event.kind
            && let Some(Arg::Number(access)) = call.args.get_mut(1)
            && *access == 0
        {
            *access = 2;
        }
    }
    let asleep = |event: &Event| matches!(&event.kind, EventKind::Quiescent { asleep, .. } if asleep.len() == 1);
    assert!(history.events.iter().any(asleep), "{}", lines(&history));
    let verdict =
        |profile| check(&Spec::new(profile, Numbers::EXAMPLE), &history, Budget::default()).verdict;
    assert!(matches!(verdict(&POSIX2024), Verdict::Inconclusive(_)), "{:?}", verdict(&POSIX2024));
    assert!(matches!(verdict(&LINUX), Verdict::Deviates(_)), "{:?}", verdict(&LINUX));
}

#[test]
fn a_program_by_hand() {
    let text =
        "order stepwise\nA: pipe -> r w\nA: fork -> B\nA: close w\nA: read r 16\nB: close w\n";
    let program = parse("test", text).expect("it is well formed");
    let history = simulate(&LINUX, &program, 1);
    let judgement = check(&Spec::new(&LINUX, Numbers::EXAMPLE), &history, Budget::default());
    assert!(judgement.conforms());
    assert!(judgement.used.contains_key("pipe.read.blocks"), "{:?}", judgement.used);
    assert!(judgement.used.contains_key("pipe.read.eof"), "{:?}", judgement.used);
}

const STORY: &str = "order stepwise
A: pipe -> r w
A: fork -> B
A: close w
A: read r 16
B: write w 10
A: read r 16
B: write w 9000
A: read r 4096
B: _exit 3
A: read r 65536
A: read r 1
A: waitpid B
";

fn story() -> History {
    let program = parse("story", STORY).expect("it is well formed");
    simulate(&LINUX, &program, 7)
}

fn refused(history: &History) -> bool {
    let spec = Spec::new(&LINUX, Numbers::EXAMPLE);
    match check(&spec, history, Budget::default()).verdict {
        Verdict::Deviates(found) => !found.is_empty() && !found[0].follows,
        Verdict::Conforms | Verdict::Inconclusive(_) => false,
    }
}

/// Every change of the story by one function, one place at a time.
fn changed(change: impl Fn(&mut EventKind) -> bool) -> Vec<History> {
    changed_in(&story(), change)
}

fn changed_in(base: &History, change: impl Fn(&mut EventKind) -> bool) -> Vec<History> {
    let mut all = Vec::new();
    for index in 0..base.events.len() {
        let mut history = base.clone();
        if change(&mut history.events[index].kind) {
            all.push(history);
        }
    }
    all
}

fn outcome_of(kind: &mut EventKind) -> Option<&mut Outcome> {
    match kind {
        EventKind::Return { outcome, .. } => Some(outcome),
        _ => None,
    }
}

#[test]
fn the_story_as_it_was_is_accepted() {
    assert!(!refused(&story()), "{}", lines(&story()));
}

#[test]
fn one_byte_of_any_read_changed_is_refused() {
    let histories = changed(|kind| match outcome_of(kind) {
        Some(Outcome::Success(Value::Data(data))) if !data.is_empty() => {
            let mut bytes = data.bytes();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            *data = [Run::Raw(bytes)].into_iter().collect();
            true
        }
        _ => false,
    });
    assert_eq!(histories.len(), 4);
    assert!(histories.iter().all(refused));
}

#[test]
fn any_count_changed_by_one_is_refused() {
    let histories = changed(|kind| match outcome_of(kind) {
        Some(Outcome::Success(Value::Number(n))) => {
            *n -= 1;
            true
        }
        _ => false,
    });
    assert_eq!(histories.len(), 2);
    assert!(histories.iter().all(refused));
}

/// How many bytes move between pipes, how many are stored then, and how large a pipe is.
#[test]
fn any_number_about_pages_changed_by_one_is_refused() {
    let mut numbers = 0;
    for name in ["splice-moves", "splice-takes-pages", "tee-copies", "capacity-is-rounded-up"] {
        let text = format!("pipe/{name}");
        let scenario = crate::scenario::all().find(|scenario| scenario.name == text);
        let program = scenario.expect("it ships").program().expect("it is well formed");
        let histories = changed_in(&simulate(&LINUX, &program, 7), |kind| {
            match outcome_of(kind) {
                Some(Outcome::Success(Value::Number(n))) if *n > 0 => *n -= 1,
                _ => return false,
            }
            true
        });
        numbers += histories.len();
        let missed = histories.iter().find(|history| !refused(history));
        assert!(missed.is_none(), "{}", lines(missed.expect("shown to be there")));
    }
    assert!(numbers >= 25, "{numbers}");
}

/// A packet that runs into the next one, and one whose rest is still there.
#[test]
fn packets_that_are_bytes_are_refused() {
    let text = "order stepwise\nA: pipe2 O_DIRECT -> r w\nA: write w 8\nA: write w 8\n\
                A: read r 4\nA: read r 8\n";
    let program = parse("packets", text).expect("it is well formed");
    let history = simulate(&LINUX, &program, 1);
    assert!(!refused(&history), "{}", lines(&history));
    let rest = Run::Of { tag: 2, from: 4, len: 4 };
    let next = Run::Of { tag: 3, from: 0, len: 4 };
    for other in [vec![rest.clone()], vec![rest, next.clone()], vec![next]] {
        let other: Data = other.into_iter().collect();
        let histories = changed_in(&history, |kind| match outcome_of(kind) {
            Some(Outcome::Success(Value::Data(data))) if data.len() == 8 => {
                *data = other.clone();
                true
            }
            _ => false,
        });
        assert!(histories.len() == 1 && refused(&histories[0]), "{other}");
    }
}

#[test]
fn a_read_that_returns_before_the_write_is_refused() {
    let mut history = story();
    let events = &mut history.events;
    let returned = |event: &Event| match &event.kind {
        EventKind::Return { outcome: Outcome::Success(Value::Data(data)), .. } => data.len() == 10,
        _ => false,
    };
    let called = |event: &Event| match &event.kind {
        EventKind::Call { call, .. } => call.len() == 10,
        _ => false,
    };
    let call = events.iter().position(called).expect("it is in the story");
    let back = events.iter().position(returned).expect("it is in the story");
    let early = events.remove(back);
    events.insert(call, early);
    for (index, event) in events.iter_mut().enumerate() {
        event.ticket = index as u64 + 1;
    }
    assert!(refused(&history), "{}", lines(&history));
}

#[test]
fn another_status_is_refused() {
    let histories = changed(|kind| match outcome_of(kind) {
        Some(Outcome::Success(Value::Status(status))) => {
            *status = Status::Exited(4);
            true
        }
        _ => false,
    });
    assert_eq!(histories.len(), 1);
    assert!(histories.iter().all(refused));
}

#[test]
fn an_error_in_place_of_success_is_refused() {
    let histories = changed(|kind| match outcome_of(kind) {
        Some(outcome @ Outcome::Success(Value::Data(_) | Value::Number(_) | Value::Nothing)) => {
            *outcome = Outcome::Failure(Errno::EAGAIN);
            true
        }
        _ => false,
    });
    assert!(histories.len() >= 6);
    assert!(histories.iter().all(refused));
}

/// Who sleeps though something obliges it to return is refused at the stillness, and named.
#[test]
fn a_sleeper_that_should_have_woken_is_refused() {
    let program =
        "order stepwise\nA: pipe -> r w\nA: fork -> B\nA: close w\nA: read r 16\nB: close w\n";
    let program = parse("late", program).expect("it is well formed");
    let mut history = simulate(&LINUX, &program, 1);
    let woken = history.events.iter().position(|event| {
        matches!(&event.kind, EventKind::Return { outcome: Outcome::Success(Value::Data(_)), .. })
    });
    history.events.remove(woken.expect("the reader wakes"));
    for event in history.events.iter_mut().rev().take(1) {
        let asleep = vec![Actor::first(0)];
        event.kind = EventKind::Quiescent { asleep, proof: Proof::Proven };
    }
    let spec = Spec::new(&LINUX, Numbers::EXAMPLE);
    let judgement = check(&spec, &history, Budget::default());
    let deviation = judgement.deviation().expect("it sleeps at the end of file");
    assert_eq!(deviation.got, "asleep");
    assert_eq!(deviation.anomaly.as_ref().map(|anomaly| anomaly.name), Some(Name::LateEof));
    assert!(deviation.allowed.iter().any(|allowed| allowed.clause == "pipe.read.eof"));
}

#[test]
fn what_the_standard_leaves_open_is_never_a_pass() {
    let program = "order stepwise\nA: pipe -> r w\nA: write w 0\n";
    let program = parse("open", program).expect("it is well formed");
    let mut history = simulate(&LINUX, &program, 1);
    for event in &mut history.events {
        if let Some(outcome @ Outcome::Success(Value::Number(0))) = outcome_of(&mut event.kind) {
            *outcome = Outcome::Failure(Errno::EIO);
        }
    }
    let posix = Spec::new(&POSIX2024, Numbers::EXAMPLE);
    let verdict = check(&posix, &history, Budget::default()).verdict;
    assert!(matches!(verdict, Verdict::Inconclusive(_)), "{verdict:?}");
    assert!(refused(&history), "on Linux it returns 0");
}

#[test]
fn a_spent_budget_is_never_a_pass() {
    let spec = Spec::new(&LINUX, Numbers::EXAMPLE);
    let judgement = check(&spec, &story(), Budget { moves: 3, ..Budget::USUAL });
    assert!(matches!(judgement.verdict, Verdict::Inconclusive(_)), "{:?}", judgement.verdict);
}

pub(super) fn of_crowd(shape: Crowd, seed: u64) -> (Spec, History) {
    let numbers = Numbers { pipe_capacity: shape.capacity, ..Numbers::EXAMPLE };
    let program = crowd(shape, &mut Seeded::new(seed, 0));
    let mut system = Simulated::new(&LINUX, numbers, Seeded::new(seed, 1));
    let history = system.run(&program).expect("the simulated system runs every program");
    (Spec::new(&LINUX, numbers), history)
}

/// What is received tells what went in when: crowds need no search.
#[test]
fn a_crowd_is_followed_without_a_dead_end() {
    for (processes, capacity, nonblock) in [
        (4, 65_536, false),
        (12, 65_536, false),
        (32, 65_536, false),
        (12, 4096, false),
        (6, 4096, true),
    ] {
        for seed in 0..3 {
            let shape = Crowd { processes, calls: 400, bytes: (1, 8), capacity, nonblock };
            let (spec, history) = of_crowd(shape, seed);
            let judgement = check(&spec, &history, Budget::default());
            assert_eq!(judgement.verdict, Verdict::Conforms, "{shape:?}, seed {seed}");
            // One try without the order that was recovered, and one with it.
            let most = history.events.len() as u64;
            assert!(judgement.moves <= most, "{shape:?}: {} moves", judgement.moves);
        }
    }
}

/// A page that is filled is free again only when nothing was stored for a moment; who has slept needs a
/// free one; and who found nothing more did so at such a moment. All that is told by the times alone.
#[test]
fn a_crowd_on_one_page_is_followed() {
    for (processes, bytes, capacity) in
        [(4, (8, 64), 4096), (12, (8, 64), 4096), (32, (8, 64), 4096), (32, (1, 8), 65_536)]
    {
        for seed in 0..12 {
            let shape = Crowd { processes, calls: 1000, bytes, capacity, nonblock: false };
            let (spec, history) = of_crowd(shape, seed);
            let judgement = check(&spec, &history, Budget::default());
            assert_eq!(judgement.verdict, Verdict::Conforms, "{shape:?}, seed {seed}");
            let most = 8 * history.events.len() as u64;
            assert!(judgement.moves <= most, "{shape:?}: {} moves", judgement.moves);
        }
    }
}

/// How much of a long write had gone in is open under the base, and told by who found no more.
#[test]
fn long_writers_are_followed_by_who_found_no_more() {
    let mut text =
        "A: pipe -> r w\nA: fork -> B\nA: fork -> C\nA: close w\nB: close r\nC: close r\n"
            .to_owned();
    for n in 0..60 {
        let (first, second) = (100 + n * 1741 % 4900, 100 + n * 2903 % 4900);
        text += &format!("B: write w {first}\nC: write w {second}\n");
    }
    text += &"A: read r 5000\n".repeat(150);
    text += "B: close w\nC: close w\n";
    let program = parse("test", &text).expect("a program");
    for seed in 0..8 {
        let history = simulate(&POSIX2024, &program, seed);
        let spec = Spec::new(&POSIX2024, history.head.numbers);
        let judgement = check(&spec, &history, Budget::default());
        assert_eq!(judgement.verdict, Verdict::Conforms, "seed {seed}");
    }
}

/// In none of them can a byte be missing.
#[test]
fn a_byte_lost_in_a_crowd_is_refused() {
    for seed in 0..3 {
        let shape =
            Crowd { processes: 4, calls: 100, bytes: (8, 64), capacity: 65_536, nonblock: false };
        let (spec, mut history) = of_crowd(shape, seed);
        let mut full =
            history.events.iter_mut().filter_map(|event| match outcome_of(&mut event.kind) {
                Some(Outcome::Success(Value::Data(data))) if data.len() > 8 => Some(data),
                _ => None,
            });
        full.nth(20).expect("much is received").take(1);
        let judgement = check(&spec, &history, Budget::default());
        assert!(matches!(judgement.verdict, Verdict::Deviates(_)), "{:?}", judgement.verdict);
    }
}

/// Nothing tells equal bytes apart: what cannot be searched through ends where the budget does.
#[test]
fn a_crowd_that_sends_equal_bytes_ends_with_the_budget() {
    let shape = Crowd { processes: 12, calls: 120, bytes: (1, 1), capacity: 4096, nonblock: false };
    let (spec, mut history) = of_crowd(shape, 1);
    let mut lost = false;
    for event in &mut history.events {
        match &mut event.kind {
            EventKind::Call { call, .. } => call.tag = 1,
            EventKind::Return { outcome: Outcome::Success(Value::Data(data)), .. } => {
                *data = (0..data.len()).map(|_| Run::Of { tag: 1, from: 0, len: 1 }).collect();
                if !lost && event.ticket > 150 && !data.is_empty() {
                    lost = true;
                    *data = [Run::Raw(vec![!ipc_model::payload::byte(1, 0)])].into_iter().collect();
                }
            }
            _ => {}
        }
    }
    let budget = Budget { moves: 20_000, worlds: 2_000, bytes: 8 << 20 };
    let judgement = check(&spec, &history, budget);
    let (verdict, moves) = (&judgement.verdict, judgement.moves);
    assert!(matches!(verdict, Verdict::Inconclusive(_) | Verdict::Deviates(_)), "{verdict:?}");
    assert!(moves <= 4 * budget.moves, "{moves} moves");
}

/// The story with one change, and the name of what is wrong with it.
fn anomaly(change: impl Fn(usize, &mut Data)) -> Option<(Name, [usize; 2])> {
    let mut history = story();
    let reads = history.events.iter_mut().filter_map(|event| match outcome_of(&mut event.kind) {
        Some(Outcome::Success(Value::Data(data))) => Some(data),
        _ => None,
    });
    reads.enumerate().for_each(|(read, data)| change(read, data));
    let judgement = check(&Spec::new(&LINUX, Numbers::EXAMPLE), &history, Budget::default());
    let anomaly = judgement.deviation()?.anomaly.clone()?;
    let events = anomaly.events.map(|(event, _)| event);
    Some((anomaly.name, events))
}

/// The reads of the story get `w5[0..10]`, `w7[0..16]`, `w7[16..4112]`, the rest of `w7`, and nothing.
#[test]
fn what_is_wrong_with_the_bytes_has_a_name() {
    let of = |tag, from, len| -> Data { [Run::Of { tag, from, len }].into_iter().collect() };
    let changed = |read: usize, to: Data| {
        let found = anomaly(move |at, data| {
            if at == read {
                *data = to.clone();
            }
        });
        found.map(|(name, _)| name)
    };
    assert_eq!(anomaly(|_, _| {}), None);
    assert_eq!(changed(0, [Run::Raw(vec![1; 10])].into_iter().collect()), Some(Name::Corrupt));
    assert_eq!(changed(0, of(7, 0, 10)), Some(Name::Invented));
    assert_eq!(changed(1, of(5, 0, 10)), Some(Name::Duplicated));
    assert_eq!(changed(2, of(7, 17, 4096)), Some(Name::Lost));
    assert_eq!(changed(1, Data::new()), Some(Name::EarlyEof));
    let swapped = anomaly(|read, data| match read {
        1 => *data = of(7, 16, 16),
        2 => *data = [of(7, 0, 16), of(7, 32, 4080)].iter().flat_map(Data::runs).cloned().collect(),
        _ => {}
    });
    let (name, events) = swapped.expect("it is refused");
    assert_eq!(name, Name::Reordered);
    assert!(events[0] < events[1], "{events:?}");
}

/// A write that goes in whole is received with bytes of another between its own.
#[test]
fn a_torn_write_has_a_name() {
    let text =
        "order stepwise\nA: pipe -> r w\nA: write w 8\nA: write w 8\nA: read r 8\nA: read r 8\n";
    let program = parse("torn", text).expect("it is well formed");
    let mut history = simulate(&LINUX, &program, 1);
    let half = |tag, from| Run::Of { tag, from, len: 4 };
    let mut torn = [[half(2, 0), half(3, 0)], [half(2, 4), half(3, 4)]].into_iter();
    for event in &mut history.events {
        if let Some(Outcome::Success(Value::Data(data))) = outcome_of(&mut event.kind) {
            *data = torn.next().expect("there are two reads").into_iter().collect();
        }
    }
    let judgement = check(&Spec::new(&LINUX, Numbers::EXAMPLE), &history, Budget::default());
    let deviation = judgement.deviation().expect("it is refused");
    assert_eq!(deviation.anomaly.as_ref().map(|anomaly| anomaly.name), Some(Name::Torn));
}

/// Two long writes are asleep, somebody reads, and one of them returns. If both were asleep in between,
/// only the other can have gone on: what is wrong then is the sleep, if nobody has proven it.
#[test]
fn what_only_contradicts_a_sleep_without_proof_is_suspect() {
    let text = "order stepwise\nA: pipe -> r w\nA: fork -> B\nA: fork -> C\n\
                A: write w 68003\nB: write w 67451\nC: read r 131072\n";
    let program = parse("sleepers", text).expect("it is well formed");
    let returns = |event: &Event| match &event.kind {
        EventKind::Return { outcome: Outcome::Success(Value::Number(n)), .. } => *n == 68_003,
        _ => false,
    };
    let mut found = 0;
    for seed in 0..32 {
        let history = simulate(&LINUX, &program, seed);
        let Some(at) = history.events.iter().position(returns) else { continue };
        // Whoever reads has returned: its effect is not behind this.
        let received = |event: &Event| {
            matches!(
                &event.kind,
                EventKind::Return { outcome: Outcome::Success(Value::Data(_)), .. }
            )
        };
        if !history.events[..at].iter().any(received) {
            continue;
        }
        let verdict = |proof| {
            let asleep = vec![Actor::first(0), Actor::first(1)];
            let mut told = history.clone();
            told.events
                .insert(at, Event { ticket: 0, kind: EventKind::Quiescent { asleep, proof } });
            let spec = Spec::new(&LINUX, Numbers::EXAMPLE);
            check(&spec, &told, Budget::default()).deviation().map(|deviation| deviation.suspect)
        };
        assert_eq!(verdict(Proof::Waited), Some(true));
        assert_eq!(verdict(Proof::Proven), Some(false));
        found += 1;
    }
    assert!(found > 0, "the first sleeper goes on in some run");
}

#[test]
fn who_looks_again_and_again_is_not_followed_for_ever() {
    let named = |scenario: &crate::scenario::Scenario| scenario.name == "epoll/some-of-it-is-read";
    let scenario = crate::scenario::all().find(named).expect("a scenario");
    let program = scenario.program().expect("a program");
    let name = "guard-ignored:epoll.wait.again:one-is-to-be-reported-now";
    let fault = crate::faults::fault(name).expect("a fault");
    let spec = Spec::new(&LINUX, Numbers::EXAMPLE);
    let most = (0..60).map(|seed| {
        let system = Simulated::new(&LINUX, Numbers::EXAMPLE, Seeded::new(seed, 0));
        let history = system.with(fault).run(&program).expect("it runs");
        check(&spec, &history, Budget::default()).moves
    });
    let most = most.max().unwrap_or(0);
    assert!((30..5_000).contains(&most), "{most} moves");
}
