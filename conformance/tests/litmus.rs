//! Litmus programs on the real system: what is allowed is pinned, nothing else is seen, planted
//! faults are, and nothing is left behind.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use ipc_conformance::litmus;
use ipc_conformance::litmus::histogram::{Histogram, Question, Way};
use ipc_conformance::litmus::plan::Reuse;
use ipc_conformance::program::Program;
use ipc_conformance::real::life::Life;
use ipc_conformance::real::{AgentFault, Real, RealOptions};
use ipc_conformance::system::{System, SystemError};
use ipc_model::order::shapes::classics;
use ipc_model::profile::{LINUX, Numbers};
use libtest_mimic::{Arguments, Trial};

#[path = "litmus/memory.rs"]
mod memory;

/// Tests under their names.
macro_rules! tests {
    ($($test:path),* $(,)?) => {
        vec![$(Trial::test(stringify!($test), || { $test(); Ok(()) })),*]
    };
}

/// Those that race two processes are ignored where only one can run, and counted as that.
fn main() {
    let mut tests = tests![
        the_endings_of_every_program_are_these,
        nothing_that_is_forbidden_is_seen,
        half_of_a_write_is_seen,
        a_swallowed_sigpipe_is_missed,
        an_end_of_file_while_there_is_a_writer_is_seen,
        an_end_that_somebody_secretly_holds_is_missed,
        one_changed_byte_is_seen,
        who_never_returns_is_found_asleep_with_proof,
        the_verb_prints_histograms_and_a_report,
        what_is_forbidden_and_seen_fails_with_the_way_to_see_it_again,
        what_cannot_be_asked_is_no_pass,
        a_killed_controller_leaves_no_actor_behind,
        memory::nothing_that_is_forbidden_is_seen,
        memory::a_fault_of_calls_changes_nothing_here,
        memory::the_page_has_a_line_for_every_test_and_says_what_was_not_run,
        memory::only_what_is_selected_is_run,
    ];
    let racing = tests![
        memory::a_load_that_is_made_before_the_store_in_front_of_it_is_seen,
        memory::a_load_that_is_made_before_the_message_is_received_is_seen,
        memory::a_word_that_is_stored_in_halves_is_seen,
        memory::who_is_killed_is_missed_and_the_others_are_ended,
        memory::who_does_not_go_on_is_ended_at_the_deadline,
        memory::an_interrupted_run_says_so_and_leaves_nobody_behind,
        memory::a_killed_controller_leaves_no_process_of_a_test_behind,
    ];
    tests.extend(racing.into_iter().map(|test| match memory::too_few() {
        Some(why) => test.with_kind(why).with_ignored_flag(true),
        None => test,
    }));
    libtest_mimic::run(&Arguments::from_args(), tests).exit();
}

const EXE: &str = env!("CARGO_BIN_EXE_ipc-conformance");
/// How long one program is asked at most: on a busy machine every change of turns takes its time.
const ENOUGH: Duration = Duration::from_millis(500);
const DEADLINE: Duration = Duration::from_secs(30);

fn options(fault: Option<AgentFault>) -> RealOptions {
    RealOptions { program: EXE.into(), fault, ..RealOptions::default() }
}

fn program(name: &str) -> Program {
    let found = litmus::all().find(|litmus| litmus.name == name);
    let program = found.expect("there is that program").program();
    program.unwrap_or_else(|error| panic!("{error}"))
}

/// Asks a program so many times, or as often as there is time for.
fn asked(options: &RealOptions, program: &Program, iterations: u64, most: Duration) -> Histogram {
    let make =
        || -> Result<Box<dyn System>, SystemError> { Ok(Box::new(Real::start(options.clone())?)) };
    let numbers = make().expect("the real system starts").numbers();
    let question = Question::new(&LINUX, numbers, program).expect("it has an end");
    let until = Instant::now() + most;
    let stop = || Instant::now() > until;
    question.ask_real(&make, options, numbers, (iterations, 7), &stop).expect("it runs")
}

fn the_endings_of_every_program_are_these() {
    let mut text = String::new();
    for litmus in litmus::all() {
        let program = litmus.program().unwrap_or_else(|error| panic!("{error}"));
        let asked = Question::new(&LINUX, Numbers::EXAMPLE, &program).expect("it has an end");
        let way = match &asked.way {
            Way::Fast(plan) => format!("fast, uses {} again", plan.reuse.word()),
            Way::ByLine(why) => format!("line by line: {why}"),
        };
        let _ = writeln!(text, "{}: {way}", litmus.name);
        for ending in &asked.allowed.endings {
            let _ = writeln!(text, "    {}", ending.display(&program, &asked.told()));
        }
    }
    insta::assert_snapshot!("endings", text);
}

fn nothing_that_is_forbidden_is_seen() {
    for litmus in litmus::all() {
        let program = litmus.program().unwrap_or_else(|error| panic!("{error}"));
        let question = Question::new(&LINUX, Numbers::EXAMPLE, &program).expect("it has an end");
        let iterations = match &question.way {
            Way::Fast(plan) if plan.reuse == Reuse::All => 2_000,
            Way::Fast(plan) if plan.reuse == Reuse::Processes => 1_000,
            Way::Fast(_) => 100,
            Way::ByLine(_) => 50,
        };
        let histogram = asked(&options(None), &program, iterations, ENOUGH);
        assert_eq!(histogram.trouble, None, "{}", litmus.name);
        assert_eq!(histogram.forbidden, [], "{}", litmus.name);
        assert!(histogram.seen() > 0, "{}", litmus.name);
        assert!(histogram.iterations() <= iterations, "{}", litmus.name);
    }
}

/// With the fault something is seen that is not allowed.
#[track_caller]
fn is_caught(fault: AgentFault, name: &str, iterations: u64) {
    let program = program(name);
    let histogram = asked(&options(Some(fault)), &program, iterations, DEADLINE);
    assert!(!histogram.forbidden.is_empty(), "{}: {histogram:?}", fault.name());
}

fn half_of_a_write_is_seen() {
    is_caught(AgentFault::WriteSplit, "nonblocking-write+part", 100);
}

fn a_swallowed_sigpipe_is_missed() {
    is_caught(AgentFault::SigpipeSwallowed, "sigpipe+close", 100);
}

fn an_end_of_file_while_there_is_a_writer_is_seen() {
    is_caught(AgentFault::ReadEarlyEof, "read+close", 2_000);
}

fn an_end_that_somebody_secretly_holds_is_missed() {
    is_caught(AgentFault::CloseKeepsDuplicate, "read+close+idle", 100);
}

fn one_changed_byte_is_seen() {
    is_caught(AgentFault::ByteChanged, "short-writes", 100);
}

fn who_never_returns_is_found_asleep_with_proof() {
    let program = program("read+close+idle");
    let fault = Some(AgentFault::EofSleeps);
    let options = RealOptions { deadline: Duration::from_secs(2), ..options(fault) };
    let histogram = asked(&options, &program, 100, DEADLINE);
    assert!(histogram.trouble.is_some(), "{histogram:?}");
    assert!(!histogram.forbidden.is_empty(), "{histogram:?}");
    assert!(histogram.forbidden.iter().all(|(ending, _)| ending.sleeps()), "{histogram:?}");
}

fn command(line: &str) -> Command {
    let mut command = Command::new(EXE);
    command.args(line.split_whitespace()).stdin(Stdio::null());
    command
}

fn said(line: &str) -> (Option<i32>, String) {
    let output = command(line).output().expect("the program runs");
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).expect("it speaks UTF-8"))
}

fn the_verb_prints_histograms_and_a_report() {
    let json = std::env::temp_dir().join(format!("ipc-litmus-{}.json", std::process::id()));
    let line = format!("litmus short-writes --iterations 300 --seed 0x1 --json {}", json.display());
    let (status, text) = said(&line);
    assert_eq!(status, Some(0), "{text}");
    for words in ["short-writes: Are two", "allowed, seen", "A.4={w3[0..16] w4[0..24]}", "seed 0x1"]
    {
        assert!(text.contains(words), "no {words:?} in {text}");
    }
    let report = std::fs::read_to_string(&json).expect("the report is there");
    std::fs::remove_file(&json).expect("it can go");
    let report: serde_json::Value = serde_json::from_str(&report).expect("it is JSON");
    assert_eq!(report["schema"], "ipc-conformance-litmus/1");
    assert_eq!(report["conclusion"], "conforms");
    let programs = report["programs"].as_array().expect("a list");
    assert_eq!(programs.len(), 3);
    assert!(programs.iter().all(|program| program["iterations"] == 300 && program["fast"] == true));
}

fn what_is_forbidden_and_seen_fails_with_the_way_to_see_it_again() {
    let (status, text) =
        said("litmus sigpipe+close --iterations 50 --seed 3 --fault sigpipe-swallowed");
    assert_eq!(status, Some(1), "{text}");
    let replay = "ipc-conformance litmus sigpipe+close --seed 0x3 --iterations 50 --fault \
                  sigpipe-swallowed";
    for words in ["FORBIDDEN, seen", "nearest allowed", replay] {
        assert!(text.contains(words), "no {words:?} in {text}");
    }
}

fn what_cannot_be_asked_is_no_pass() {
    let (status, text) = said("litmus nonsense");
    assert_eq!(status, Some(4), "{text}");
    assert!(text.contains("list litmus"), "{text}");
    let (status, text) = said("litmus CoRR+pipe --profile posix2024");
    assert_eq!(status, Some(5), "{text}");
    assert!(text.contains("does not speak of ioctl FIONREAD"), "{text}");
    assert_eq!(said("litmus SB --iterations 0").0, Some(2));
    let (status, text) = said("litmus MP+ --system sim --iterations 20 --seed 1");
    assert_eq!(status, Some(0), "{text}");
    assert!(text.contains("simulated linux"), "{text}");
    let (status, text) = said("list litmus");
    let all = litmus::all().count() + classics().count();
    assert_eq!((status, text.lines().count()), (Some(0), all), "{text}");
}

/// The processes that came from this one, by their parents.
fn descendants(of: i32) -> BTreeSet<i32> {
    let mut parents = Vec::new();
    for entry in std::fs::read_dir("/proc").expect("there is /proc").flatten() {
        let Ok(pid) = entry.file_name().to_string_lossy().parse::<i32>() else { continue };
        let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else { continue };
        let behind = stat.rsplit_once(") ").map_or("", |(_, fields)| fields);
        let parent = behind.split_ascii_whitespace().nth(1).and_then(|field| field.parse().ok());
        parents.extend(parent.map(|parent: i32| (pid, parent)));
    }
    let mut found = BTreeSet::from([of]);
    loop {
        let more = parents.iter().filter(|(_, parent)| found.contains(parent)).map(|(pid, _)| *pid);
        let all: BTreeSet<i32> = found.iter().copied().chain(more).collect();
        if all.len() == found.len() {
            return found;
        }
        found = all;
    }
}

#[track_caller]
fn all_end(lives: &[Life]) {
    let deadline = Instant::now() + DEADLINE;
    assert!(lives.iter().all(|life| life.wait(deadline)), "somebody is left: {lives:?}");
}

fn a_killed_controller_leaves_no_actor_behind() {
    let mut controller = command("litmus IRIW+pipes --iterations 1000000000")
        .stdout(Stdio::null())
        .spawn()
        .expect("it starts");
    let deadline = Instant::now() + DEADLINE;
    // The controller, the runner, the root and three others.
    let lives: Vec<Life> = loop {
        let found = descendants(controller.id() as i32);
        if found.len() >= 6 {
            break found.into_iter().map(Life::of).collect();
        }
        assert!(Instant::now() < deadline, "the actors do not come");
        std::thread::yield_now();
    };
    controller.kill().expect("it can be killed");
    controller.wait().expect("it has ended");
    all_end(&lives);
}
