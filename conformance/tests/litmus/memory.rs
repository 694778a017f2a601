//! Litmus tests of the memory on this machine: nothing that is forbidden is seen, planted faults are,
//! and nobody is left behind. That something weak is *seen* is not asked for here, for on a busy
//! machine it may not be; `.ci/run litmus` asks for it.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use ipc_conformance::litmus::memory::run::obstacle;
use ipc_conformance::litmus::memory::{Counted, Question};
use ipc_conformance::real::AgentFault;
use ipc_conformance::real::life::Life;
use ipc_model::order::shapes::{Classic, classic, classics};
use ipc_model::order::test::Outcome;
use nix::libc;

use super::{DEADLINE, all_end, command, descendants, options, said};

/// A test that goes on for minutes.
const LONG: &str = "litmus SB+machine --memory --iterations 1000000000 --deadline 1";

fn test(name: &str) -> Classic {
    classic(name).expect("there is that test")
}

/// Why two processes cannot be run at once here, if so.
pub(super) fn too_few() -> Option<String> {
    obstacle(test("SB+machine"))
}

/// Asks so many times, or as often as there is time for.
fn asked(one: Classic, fault: Option<AgentFault>, iterations: u64, most: Duration) -> Counted {
    let question = Question::new(one).expect("there is a model of this machine");
    let until = Instant::now() + most;
    let stop = |_: &[_]| Instant::now() > until;
    question.ask(&options(fault), (iterations, 7), &stop).expect("it runs")
}

pub(super) fn nothing_that_is_forbidden_is_seen() {
    let mut not_run = 0;
    for one in classics() {
        if let Some(why) = obstacle(one) {
            assert!(why.starts_with("needs "), "{why}");
            not_run += 1;
            continue;
        }
        let counted = asked(one, None, 5_000, Duration::from_millis(500));
        assert_eq!(counted.trouble, None, "{}", one.name());
        assert_eq!(counted.forbidden, [], "{}", one.name());
        assert!(counted.seen() > 0 && counted.iterations() <= 5_000, "{}", one.name());
    }
    let alone = classics().filter(|one| one.shape.threads.len() == 1).count();
    assert!(not_run <= classics().count() - alone, "what needs one processor is always run");
}

/// Whose own store comes first reads it, or what came later, and never what was there before.
pub(super) fn a_load_that_is_made_before_the_store_in_front_of_it_is_seen() {
    let one = test("CoWR+machine");
    let counted = asked(one, Some(AgentFault::LoadFirst), 200_000, DEADLINE);
    assert!(!counted.forbidden.is_empty(), "{counted:?}");
    let (status, text) =
        said("litmus CoWR+machine --memory --seed 3 --iterations 200000 --fault load-first");
    assert_eq!(status, Some(1), "{text}");
    let replay = "ipc-conformance litmus CoWR+machine --seed 0x3 --memory --iterations 200000 \
                  --fault load-first";
    for words in ["FORBIDDEN, seen", "forbidden by", "P0: write x 1; read x", replay] {
        assert!(text.contains(words), "no {words:?} in {text}");
    }
}

/// How often two processes are raced, at most, until they have met at the wrong moment.
const ROUNDS: u32 = 100;

/// Whatever the message goes through: a load that is made before it is received misses what was stored
/// before it was sent.
pub(super) fn a_load_that_is_made_before_the_message_is_received_is_seen() {
    for name in ["MP+pipe", "MP+eventfd", "MP+futex", "MP+ofd"] {
        let one = test(name);
        // On a busy machine the two seldom meet: they are given time until they have.
        let is_seen = (0..ROUNDS).any(|_| {
            let counted = asked(one, Some(AgentFault::LoadFirst), 4_000, DEADLINE);
            assert_eq!(counted.trouble, None, "{name}");
            counted.count(&one.asked()) > 0
        });
        assert!(is_seen, "{name}: the planted fault was not seen");
        let is_received = (0..ROUNDS).any(|_| {
            let sound = asked(one, None, 2_000, DEADLINE);
            assert_eq!((sound.trouble, sound.forbidden), (None, vec![]), "{name}");
            let received = |(outcome, count): &(Outcome, u64)| outcome.0 == [1, 1] && *count > 0;
            sound.allowed.iter().any(received)
        });
        assert!(is_received, "{name}: no message was there in time");
    }
}

pub(super) fn a_word_that_is_stored_in_halves_is_seen() {
    let one = test("Whole+aligned");
    let counted = asked(one, Some(AgentFault::StoreSplit), 8_000_000, DEADLINE);
    assert!(counted.count(&one.asked()) > 0, "{counted:?}");
}

pub(super) fn a_fault_of_calls_changes_nothing_here() {
    let (status, text) = said("litmus CoRW1+machine --iterations 5000 --fault byte-changed");
    assert_eq!(status, Some(0), "{text}");
    assert!(text.contains("asked for, not seen"), "{text}");
}

pub(super) fn the_page_has_a_line_for_every_test_and_says_what_was_not_run() {
    let page = std::env::temp_dir().join(format!("ipc-memory-{}.md", std::process::id()));
    let line = format!("litmus +relaxed --iterations 2048 --seed 1 --page {}", page.display());
    let (status, text) = said(&line);
    assert_eq!(status, Some(0), "{text}");
    let page_says = std::fs::read_to_string(&page).expect("the page is there");
    std::fs::remove_file(&page).expect("it can go");
    for one in classics().filter(|one| one.name().contains("+relaxed")) {
        let row = page_says.contains(&format!("| `{}` | 2,048 |", one.name()));
        assert_eq!(row, obstacle(one).is_none(), "{}: {page_says}", one.name());
        assert!(obstacle(one).is_none_or(|why| page_says.contains(&why)), "{page_says}");
    }
    assert!(!page_says.contains("**forbidden"), "{page_says}");
}

pub(super) fn only_what_is_selected_is_run() {
    let (status, text) = said("litmus 2+2W --memory --system sim --iterations 50 --seed 1");
    assert_eq!(status, Some(0), "{text}");
    assert!(text.contains("2+2W+machine:") && !text.contains("2+2W+pipes:"), "{text}");
    let (status, text) = said("litmus SB+machine --system sim --iterations 50 --seed 1");
    assert_eq!(status, Some(0), "{text}");
    assert!(!text.contains("SB+machine-fence"), "a whole name is that test: {text}");
    let (status, text) = said("litmus short-writes --memory");
    assert_eq!(status, Some(4), "{text}");
    let (status, text) = said("litmus MP+sc --memory --system sim:exit.close.effects[0].lost");
    assert!(matches!(status, Some(2 | 5)), "{text}");
}

/// A controller in the middle of a test: itself, one of the test's processes, and with the runner all
/// of them.
fn running() -> (Child, Life, Vec<Life>) {
    let controller = command(LONG).stdout(Stdio::piped()).spawn().expect("it starts");
    let deadline = Instant::now() + DEADLINE;
    // Before them the controller has had other processes, to see what system this is.
    let is_ours = |pid: &i32| {
        let line = std::fs::read_to_string(format!("/proc/{pid}/cmdline"));
        line.is_ok_and(|line| line.contains("\0__memory\0"))
    };
    let ours: Vec<i32> = loop {
        let found = descendants(controller.id() as i32);
        let ours: Vec<i32> = found.into_iter().filter(is_ours).collect();
        if ours.len() == 3 {
            break ours;
        }
        assert!(Instant::now() < deadline, "the processes do not come");
        std::thread::yield_now();
    };
    let actor = ours.iter().copied().find(|pid| descendants(*pid).len() == 1);
    let actor = Life::of(actor.expect("the runner alone has children"));
    (controller, actor, ours.into_iter().map(Life::of).collect())
}

pub(super) fn who_is_killed_is_missed_and_the_others_are_ended() {
    let (controller, actor, lives) = running();
    actor.kill();
    let output = controller.wait_with_output().expect("it ends");
    let text = String::from_utf8(output.stdout).expect("it speaks UTF-8");
    assert_eq!(output.status.code(), Some(5), "{text}");
    assert!(text.contains("a process ended before its time"), "{text}");
    all_end(&lives);
}

pub(super) fn who_does_not_go_on_is_ended_at_the_deadline() {
    let (controller, actor, lives) = running();
    actor.signal(libc::SIGSTOP);
    let output = controller.wait_with_output().expect("it ends");
    let text = String::from_utf8(output.stdout).expect("it speaks UTF-8");
    assert_eq!(output.status.code(), Some(5), "{text}");
    assert!(text.contains("nobody went on for 1.0 s"), "{text}");
    all_end(&lives);
}

pub(super) fn an_interrupted_run_says_so_and_leaves_nobody_behind() {
    let (controller, _, lives) = running();
    Life::of(controller.id() as i32).signal(libc::SIGINT);
    let output = controller.wait_with_output().expect("it ends");
    let text = String::from_utf8(output.stdout).expect("it speaks UTF-8");
    assert_eq!(output.status.code(), Some(130), "{text}");
    assert!(text.contains("SB+machine") && !text.contains("FORBIDDEN"), "{text}");
    all_end(&lives);
}

pub(super) fn a_killed_controller_leaves_no_process_of_a_test_behind() {
    let (mut controller, _, lives) = running();
    controller.kill().expect("it can be killed");
    controller.wait().expect("it has ended");
    all_end(&lives);
}
