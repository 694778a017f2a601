//! What the book says runs: its programs are programs, its directives and links lead somewhere.

use std::path::Path;

use ipc_conformance::book::{broken_links, expand_page, pages};
use ipc_conformance::interruption;
use ipc_conformance::manual;
use ipc_conformance::persistence;
use ipc_conformance::readiness;
use ipc_conformance::real::{Real, RealOptions};
use ipc_conformance::scenario;
use ipc_conformance::system::System as _;
use ipc_conformance::trial::{Rules, attempt};
use ipc_model::profile::LINUX;

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The fenced blocks of a page that are marked as programs.
fn programs(text: &str) -> Vec<String> {
    let after = text.split("```ipc\n").skip(1);
    after.filter_map(|rest| Some(rest.split_once("```")?.0.to_owned())).collect()
}

#[test]
fn every_program_in_the_book_runs_and_conforms() {
    let exe = env!("CARGO_BIN_EXE_ipc-conformance").into();
    let mut real = Real::start(RealOptions { program: exe, ..RealOptions::default() })
        .expect("the real system starts");
    let (mut count, mut lacking) = (0, 0);
    for (name, text) in pages(&root().join("docs/src")).expect("the pages can be read") {
        for text in programs(&text) {
            let program = scenario::program(&name, &text).unwrap_or_else(|error| panic!("{error}"));
            if let Some(why) = real.lacks(&program) {
                lacking += 1;
                println!("a program of {name} is not run: {why}");
                continue;
            }
            let trial = attempt(&mut real, &program, &Rules::of(&LINUX)).expect("it runs");
            assert!(trial.judgement.conforms(), "{name}\n{text}{:?}", trial.judgement.verdict);
            count += 1;
        }
    }
    assert!(count > 10 * lacking, "{lacking} programs are out of reach, and {count} were run");
}

#[test]
fn every_directive_and_link_leads_somewhere() {
    let expand = |name: &str, argument: &str| match name {
        // The command line's own, shown by its tests.
        "help" | "deviation" => Ok(String::new()),
        _ => manual::expand(root(), name, argument),
    };
    let mut pages = pages(&root().join("docs/src")).expect("the pages can be read");
    for (name, text) in &mut pages {
        *text = expand_page(text, &expand).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    let broken = broken_links(&pages);
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_row_of_the_table_of_readiness_conforms() {
    let exe = env!("CARGO_BIN_EXE_ipc-conformance").into();
    let mut real = Real::start(RealOptions { program: exe, ..RealOptions::default() })
        .expect("the real system starts");
    for (state, program) in readiness::programs() {
        let trial = attempt(&mut real, &program, &Rules::of(&LINUX)).expect("it runs");
        assert!(trial.judgement.conforms(), "{}: {:?}", state.text, trial.judgement.verdict);
    }
}

/// Run for real, each cell of the interruption matrix is what the matrix says.
#[test]
fn every_cell_of_the_interruption_matrix_conforms() {
    let exe = env!("CARGO_BIN_EXE_ipc-conformance").into();
    let mut real = Real::start(RealOptions { program: exe, ..RealOptions::default() })
        .expect("the real system starts");
    for waiter in interruption::WAITERS {
        for meeting in interruption::MEETINGS {
            let program = interruption::program(waiter, meeting);
            let trial = attempt(&mut real, &program, &Rules::of(&LINUX)).expect("it runs");
            let what = format!("{}, {}", waiter.call, meeting.name);
            assert!(trial.judgement.conforms(), "{what}: {:?}", trial.judgement.verdict);
            let seen = interruption::answer(&program, &trial.history);
            assert_eq!(seen, interruption::modelled(&program), "{what}");
        }
    }
}

/// Run for real, each cell of the table is what the table says.
#[test]
fn every_cell_of_the_table_of_persistence_conforms() {
    let exe = env!("CARGO_BIN_EXE_ipc-conformance").into();
    let mut real = Real::start(RealOptions { program: exe, ..RealOptions::default() })
        .expect("the real system starts");
    for cell in persistence::cells() {
        for program in &cell.programs {
            if let Some(why) = real.lacks(program) {
                println!("not run: {} {}: {why}", cell.row.kind, cell.row.part);
                continue;
            }
            let trial = attempt(&mut real, program, &Rules::of(&LINUX)).expect("it runs");
            let what = format!("{} {}: {:?}", cell.row.kind, cell.row.part, cell.event);
            assert!(trial.judgement.conforms(), "{what}: {:?}", trial.judgement.verdict);
            let seen = persistence::answer(program, &trial.history);
            assert_eq!(seen, persistence::modelled(program), "{what}");
        }
    }
}
