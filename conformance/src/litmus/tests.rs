use ipc_model::descriptor::SETFL;
use ipc_model::profile::{LINUX, Numbers, POSIX2024, Profile};
use ipc_model::spec::Spec;

use super::ending::Ending;
use super::histogram::{Question, Way};
use super::outcomes::{Limit, Unbounded, enumerate};
use super::*;
use crate::generator::{Shape, generate};
use crate::seed::Seeded;
use crate::sim::Simulated;
use crate::system::System;

fn read(text: &str) -> Program {
    parse("test", text).unwrap_or_else(|error| panic!("{error}"))
}

fn words(text: &str, profile: &'static Profile) -> Vec<String> {
    let program = read(text);
    let question = Question::new(profile, Numbers::EXAMPLE, &program).expect("it has an end");
    let told = question.told();
    question.allowed.endings.iter().map(|ending| ending.display(&program, &told)).collect()
}

fn once(profile: &'static Profile, program: &Program, number: u64) -> Ending {
    let mut system = Simulated::new(profile, Numbers::EXAMPLE, Seeded::new(3, number));
    Ending::of(program, &system.run(program).expect("the model runs every program"))
}

#[test]
fn every_litmus_program_asks_something_in_its_first_line() {
    for litmus in all() {
        litmus.program().unwrap_or_else(|error| panic!("{error}"));
        assert!(litmus.question().ends_with('?'), "{}", litmus.name);
    }
    assert!(all().count() >= 12);
}

#[test]
fn the_simulated_system_comes_to_all_that_is_enumerated_and_to_nothing_else() {
    for litmus in all() {
        let program = litmus.program().unwrap_or_else(|error| panic!("{error}"));
        let question = Question::new(&LINUX, Numbers::EXAMPLE, &program).expect("it has an end");
        let mut unseen = question.allowed.endings.clone();
        for number in 0..5_000 {
            let ending = once(&LINUX, &program, number);
            let known = question.allowed.endings.iter().any(|known| known.same(&ending));
            assert!(known, "{}: {ending:?}", litmus.name);
            unseen.retain(|known| !known.same(&ending));
            if unseen.is_empty() && number > 50 {
                break;
            }
        }
        // The simulated system falls asleep when all is still, and so never just before the mode
        // changes.
        let mut called =
            program.together.clone().map(|line| program.lines[usize::from(line)].operation);
        let changes_mode = called.any(|operation| operation == &SETFL);
        assert!(unseen.is_empty() || changes_mode, "{}: {unseen:?}", litmus.name);
    }
}

#[test]
fn where_more_is_left_open_the_simulated_system_ends_as_enumerated() {
    let mut enumerated = 0;
    for litmus in all() {
        let program = litmus.program().unwrap_or_else(|error| panic!("{error}"));
        let asked = Question::new(&POSIX2024, Numbers::EXAMPLE, &program);
        let Ok(question) = asked else { continue };
        enumerated += 1;
        for number in 0..100 {
            let ending = once(&POSIX2024, &program, number);
            let known = question.allowed.endings.iter().any(|known| known.same(&ending));
            assert!(known, "{}: {ending:?}", litmus.name);
        }
    }
    assert!(enumerated >= 12, "{enumerated}");
}

/// Random programs whose second half stands together.
#[test]
fn random_programs_end_as_enumerated() {
    let spec = Spec::new(&LINUX, Numbers::EXAMPLE);
    let mut enumerated = 0;
    for seed in 0..150 {
        let shape = Shape { actors: 3, calls: 6 };
        let mut program = generate(&spec, shape, &mut Seeded::new(11, seed));
        let lines = program.lines.len() as u16;
        program.together = lines / 2..lines;
        let limit = Limit { worlds: 5_000, ..Limit::default() };
        let Ok(allowed) = enumerate(&spec, &program, limit) else { continue };
        enumerated += 1;
        for number in 0..10 {
            let ending = once(&LINUX, &program, number);
            let known = allowed.endings.iter().any(|known| known.same(&ending));
            assert!(known, "{program}\n{ending:?}");
        }
    }
    assert!(enumerated >= 75, "{enumerated}");
}

#[test]
fn whoever_sleeps_at_the_end_or_on_the_way_is_known() {
    let asleep = "order stepwise\nA: pipe -> r w\nA: fork -> B\ntogether\nA: write w 8\nB: read r 8\n\
                  B: read r 8\n";
    assert_eq!(words(asleep, &LINUX), ["A.3=8  B.1={w3[0..8]}  B.2=asleep"]);
    let program = read(asleep);
    let question = Question::new(&LINUX, Numbers::EXAMPLE, &program).expect("it has an end");
    assert!(question.allowed.sleeps && matches!(question.way, Way::ByLine(_)));
    let woken = format!("{asleep}then\nA: write w 4\n");
    assert_eq!(words(&woken, &LINUX), ["A.3=8  B.1={w3[0..8]}  B.2={w6[0..4]}  A.4=4"]);
}

#[test]
fn what_the_base_leaves_open_is_a_longer_list() {
    let litmus = all().find(|litmus| litmus.name == "short-writes").expect("it is there");
    let (linux, base) = (words(litmus.text, &LINUX), words(litmus.text, &POSIX2024));
    assert_eq!((linux.len(), base.len()), (2, 4));
    assert!(linux.iter().all(|ending| base.contains(ending)), "{base:?}");
}

#[test]
fn what_cannot_be_listed_is_refused_with_a_reason() {
    let asked = |text: &str, profile: &'static Profile, limit: Limit| {
        enumerate(&Spec::new(profile, Numbers::EXAMPLE), &read(text), limit)
            .expect_err("there is no end to it")
    };
    let usual = Limit::default();
    let long = "A: pipe -> r w\nA: write w 5000\n";
    assert_eq!(asked(long, &POSIX2024, usual), Unbounded::TooLarge("counts for one step", 64));
    let few = Limit { worlds: 3, ..usual };
    assert_eq!(asked(long, &LINUX, few), Unbounded::TooLarge("worlds", 3));
    let one = Limit { endings: 1, ..usual };
    let race = "A: pipe -> r w\nA: fork -> B\nA: write w 1\nB: write w 1\nA: read r 1\n";
    assert_eq!(asked(race, &LINUX, one), Unbounded::TooLarge("endings", 1));
    let unspoken = asked("A: pipe -> r w\nA: ioctl r FIONREAD\n", &POSIX2024, usual);
    assert_eq!(unspoken, Unbounded::Unspoken("ioctl FIONREAD".to_owned()));
    let open = asked("A: pipe2 O_APPEND -> r w\n", &POSIX2024, usual);
    assert_eq!(open, Unbounded::OpenEnded("pipe.pipe2.unspecified.flag"));
    assert!(open.to_string().contains("leaves open"), "{open}");
}

#[test]
fn a_program_that_cannot_be_run_fast_says_why() {
    let why = |text: &str| {
        let program = read(text);
        let question = Question::new(&LINUX, Numbers::EXAMPLE, &program).expect("it has an end");
        match question.way {
            Way::ByLine(why) => why,
            Way::Fast(plan) => panic!("{plan:?}"),
        }
    };
    let pipe = "order stepwise\nA: pipe -> r w\n";
    assert!(why(&format!("{pipe}B: pipe -> r w\ntogether\nA: close r\n")).contains("several"));
    assert!(why(&format!("{pipe}together\nA: close r\n")).contains("forked"));
    assert!(
        why(&format!("{pipe}A: fork -> B\nA: close r\nA: fork -> C\ntogether\nC: close w\n"))
            .contains("between the forks")
    );
    assert!(why(&format!("{pipe}A: fork -> B\nA: close r\n")).contains("together"));
    assert!(why(&format!("{pipe}A: fork -> B\ntogether\nB: exec\n")).contains("exec"));
    assert!(why(&format!("{pipe}A: fork -> B\ntogether\nA: _exit 1\n")).contains("may end"));
}
