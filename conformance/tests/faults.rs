//! Faults planted in the agents' system-call layer: each is refused, made small, and laid to the
//! right clause.

use ipc_conformance::checker::Deviation;
use ipc_conformance::generator::{Shape, generate};
use ipc_conformance::program::Program;
use ipc_conformance::real::{AgentFault, Real, RealOptions};
use ipc_conformance::scenario;
use ipc_conformance::seed::Seeded;
use ipc_conformance::shrink::shrink;
use ipc_conformance::system::System;
use ipc_conformance::trial::{Rules, Trial, attempt};
use ipc_model::profile::LINUX;
use ipc_model::spec::Spec;

const SEED: u64 = 5;
/// Random programs that are tried for each fault.
const PROGRAMS: u64 = 100;

fn real(fault: Option<AgentFault>) -> Real {
    let program = env!("CARGO_BIN_EXE_ipc-conformance").into();
    Real::start(RealOptions { program, fault, ..RealOptions::default() }).expect("it starts")
}

fn tried(system: &mut Real, program: &Program) -> Trial {
    attempt(system, program, &Rules::of(&LINUX)).expect("the harness holds")
}

/// Every clause that a deviation can be laid to: what was allowed, and what led up to it.
fn involved(deviation: &Deviation) -> Vec<&'static str> {
    let each = deviation.allowed.iter();
    each.flat_map(|allowed| allowed.after.iter().copied().chain([allowed.clause])).collect()
}

/// Finds a random program, or else a scenario, that shows the fault, makes it small, and requires that
/// a clause of `blamed` is among those it is laid to.
fn is_caught(fault: AgentFault, blamed: &[&str]) {
    let mut system = real(Some(fault));
    let spec = Spec::new(&LINUX, system.numbers());
    let lays = |trial: &Trial| {
        let deviation = trial.judgement.deviation();
        deviation.is_some_and(|found| involved(found).iter().any(|id| blamed.contains(id)))
    };
    let every = || {
        let random = (0..PROGRAMS)
            .map(|number| generate(&spec, Shape::default(), &mut Seeded::new(SEED, number)));
        random.chain(scenario::all().filter_map(|scenario| scenario.program().ok()))
    };
    // What shows it each time is better to make small than what does by chance, which is given some.
    let mut each_time = |program: &Program| (0..3).all(|_| lays(&tried(&mut system, program)));
    let steady = every().find(|program| each_time(program));
    let steady = steady.map(|found| shrink(&found, &mut each_time));
    let mut now_and_then = |program: &Program| (0..3).any(|_| lays(&tried(&mut system, program)));
    // Three of three may have been chance as well: what is smaller need not show it as often.
    let found = steady.or_else(|| every().find(&mut now_and_then));
    let found = found.unwrap_or_else(|| panic!("nothing shows {}", fault.name()));
    let small = shrink(&found, &mut now_and_then);
    assert!(small.lines.len() <= 6, "{}\n{small}", fault.name());
    let sound = tried(&mut real(None), &small);
    assert!(sound.judgement.conforms(), "without the fault it conforms\n{small}");
}

#[test]
fn a_close_that_keeps_a_duplicate_is_a_late_end_of_file() {
    is_caught(AgentFault::CloseKeepsDuplicate, &["pipe.read.eof"]);
}

#[test]
fn an_end_of_file_while_there_is_a_writer_is_refused() {
    is_caught(AgentFault::ReadEarlyEof, &["pipe.read.blocks"]);
}

#[test]
fn a_write_made_in_two_is_not_atomic() {
    is_caught(AgentFault::WriteSplit, &["pipe.write.atomic", "pipe.write.atomic.err.eagain"]);
}

#[test]
fn a_swallowed_sigpipe_is_missed() {
    is_caught(AgentFault::SigpipeSwallowed, &["pipe.write.sigpipe.kills"]);
}

#[test]
fn one_changed_byte_is_seen() {
    is_caught(AgentFault::ByteChanged, &["pipe.read.full", "pipe.read.short"]);
}

#[test]
fn swapped_reads_are_seen() {
    is_caught(AgentFault::ReadsSwapped, &["pipe.read.full", "pipe.read.short"]);
}

#[test]
fn a_reader_that_sleeps_at_the_end_of_file_is_seen() {
    is_caught(AgentFault::EofSleeps, &["pipe.read.eof"]);
}

#[test]
fn another_errno_is_seen() {
    is_caught(
        AgentFault::ErrnoOther,
        &["pipe.read.err.ebadf", "pipe.write.err.ebadf", "descriptor.close.err.ebadf"],
    );
}

#[test]
fn a_count_that_is_one_short_is_seen() {
    is_caught(AgentFault::CountShort, &["pipe.write.atomic", "pipe.write.long.done"]);
}

#[test]
fn a_close_that_does_nothing_is_seen() {
    is_caught(
        AgentFault::CloseDoesNothing,
        &["descriptor.close.err.ebadf", "pipe.read.eof", "pipe.write.sigpipe.kills"],
    );
}

#[test]
fn bytes_that_go_in_twice_are_seen() {
    is_caught(
        AgentFault::WriteTwice,
        &["pipe.read.full", "pipe.read.short", "pipe.fionread.tells"],
    );
}

#[test]
fn bytes_that_nobody_wrote_are_seen() {
    is_caught(AgentFault::DataElsewhere, &["pipe.read.full", "pipe.read.short"]);
}

#[test]
fn a_closed_descriptor_that_can_be_read_is_seen() {
    is_caught(AgentFault::StaleDescriptor, &["descriptor.read.err.ebadf"]);
}

#[test]
fn a_reader_that_is_not_woken_is_seen() {
    is_caught(AgentFault::GoesOnSleeping, &["pipe.read.full", "pipe.read.short"]);
}

#[test]
fn a_reader_that_is_woken_for_nothing_is_seen() {
    is_caught(AgentFault::WokenForNothing, &["pipe.read.blocks"]);
}

/// Whoever sleeps looks again by itself a quarter of a second later: that it slept on a mutex that
/// nobody had is seen all the same.
#[test]
fn a_waiter_that_is_not_woken_is_seen() {
    is_caught(AgentFault::WaitersForgotten, &["mutex.lock.takes"]);
}

#[test]
fn an_owner_death_that_nobody_is_told_of_is_seen() {
    is_caught(AgentFault::OwnerDeathUntold, &["mutex.lock.owner-died"]);
}

#[test]
fn an_owner_that_gives_up_its_lock_is_seen() {
    is_caught(
        AgentFault::LockGivenUp,
        &["mutex.unlock.releases", "mutex.trylock.err.ebusy", "mutex.lock.blocks"],
    );
}

#[test]
fn a_producer_death_that_is_told_as_the_end_is_seen() {
    is_caught(
        AgentFault::ProducerDeathUntold,
        &["ring.recv.err.econnreset", "ring.recv.err.econnreset.before"],
    );
}

#[test]
fn a_message_that_comes_out_twice_is_seen() {
    is_caught(
        AgentFault::MessageTwice,
        &["ring.recv.takes", "ring.recv.blocks", "ring.recv.end", "ring.tryrecv.err.eagain"],
    );
}

#[test]
fn every_fault_is_tried_here() {
    // Two are faults of litmus tests of the memory, and tried there.
    assert_eq!(AgentFault::ALL.len(), 20 + 3, "a fault without a test above");
}
