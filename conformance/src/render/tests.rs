//! What is rendered, as reviewed; and what must be in it, whatever it looks like.

use std::time::Duration;

use ipc_model::mechanism;
use ipc_model::profile::{LINUX, Numbers};

use super::*;
use crate::campaign::{Named, Results};
use crate::conclusion::Conclusion;
use crate::scenario;
use crate::trial::Status;

#[test]
fn a_card_has_all_that_is_needed() {
    let card = example();
    insta::assert_snapshot!("card", card);
    let first = card.lines().next().expect("it has a first line");
    for word in ["pipe.read.eof", "A.4", "read r=3 16", "0 bytes", "stay asleep"] {
        assert!(first.contains(word), "{first}");
    }
    assert_eq!(card.lines().filter(|line| line.contains("<-- refused")).count(), 1);
    let blocks = mechanism::clause("pipe.read.blocks").expect("it is a clause");
    assert!(card.contains(blocks.text), "{card}");
    assert!(card.contains("ipc-conformance replay example.ipc"), "{card}");
}

#[test]
fn a_clause_is_told_in_full() {
    let clause = mechanism::clause("pipe.pipe2.clofork").expect("it is a clause");
    insta::assert_snapshot!("explain", explain(clause));
    let read = |scenario: scenario::Scenario| {
        (scenario.name, scenario.program().unwrap_or_else(|error| panic!("{error}")))
    };
    let programs: Vec<_> = scenario::all().map(read).collect();
    for clause in mechanism::clauses() {
        let text = explain(clause);
        assert!(text.starts_with(clause.id), "{text}");
        for guard in clause.guards {
            assert!(text.contains(guard.name), "{}: no guard {}", clause.id, guard.name);
        }
        for (name, program) in &programs {
            let cites = program.covers.iter().any(|mention| mention.clause == clause.id);
            assert!(!cites || text.contains(name), "{}: {name}", clause.id);
        }
    }
}

#[test]
fn lists_have_one_line_for_each() {
    let all = scenarios(scenario::all());
    assert_eq!(all.lines().count(), scenario::all().count());
    assert!(all.lines().all(|line| line.split_once("  ").is_some()), "{all}");
    let all = clauses(mechanism::clauses());
    assert_eq!(all.lines().count(), mechanism::clauses().count());
    let of_signals = mechanism::clauses().filter(|clause| clause.mechanism() == "signal");
    insta::assert_snapshot!("list-clauses", clauses(of_signals));
    insta::assert_snapshot!("list-operations", operations());
    assert_eq!(operations().lines().count(), mechanism::operations().count());
}

fn named(name: &str, stored: bool) -> Named {
    let program = scenario::program(name, "A: pipe -> r w\n").expect("a program");
    Named { name: name.to_owned(), stored, program }
}

#[test]
fn a_summary_names_whatever_is_not_a_pass() {
    let statuses = [
        Status::Conforms,
        Status::Deviates,
        Status::NotExercised(vec!["pipe.read.eof".to_owned()]),
        Status::Contradiction(vec!["pipe.pipe2.clofork"]),
        Status::Inconclusive("the deadline came before the end".to_owned()),
        Status::Unsupported("profile posix2024 does not speak of it".to_owned()),
        Status::Broken("starting the zygote: no memory".to_owned()),
    ];
    let all: Vec<Named> =
        (0..=statuses.len()).map(|n| named(&format!("test/{n}"), n == 0)).collect();
    let mut results = Results {
        system: Some(("Test 1.0".to_owned(), Numbers::EXAMPLE)),
        named: statuses.iter().cloned().map(Some).chain([None]).collect(),
        failures: vec!["cannot store a program in out: no room".to_owned()],
        ..Results::default()
    };
    results.random_tally.conforming = 90;
    results.random_tally.deviating = 2;
    results.random_tally.inconclusive.insert("it is too long".to_owned(), 3);
    results.random_tally.mix.calls = 1000;
    results.random_tally.mix.asleep = 125;
    for clause in mechanism::clauses().filter(|clause| clause.mechanism() != "signal") {
        results.named_tally.used.insert(clause.id, 1);
    }
    let text = summary(&Summary {
        named: &all,
        results: &results,
        conclusion: Conclusion::of_campaign(&results, Some(100)),
        profile: &LINUX,
        asked: Some(100),
        seed: 0x5eed,
        all: true,
        took: Duration::from_millis(1_520),
    });
    insta::assert_snapshot!("summary", text);
    for status in &statuses[1..] {
        assert!(text.contains(status.word()) && text.contains(&status.detail()), "{status:?}");
    }
    assert!(text.contains("not-run 5"), "{text}");
    assert!(text.contains("signal.sigpending.tells"), "{text}");
}

#[test]
fn long_lines_are_broken_at_spaces() {
    let text = wrapped(4, &"word ".repeat(60));
    assert!(text.lines().all(|line| line.starts_with("    word") && line.len() <= WIDTH));
    assert_eq!(text.split_whitespace().count(), 60);
    assert_eq!(wrapped(2, "short"), "  short\n");
    assert_eq!(cut("änderung", 2), "än…");
}
