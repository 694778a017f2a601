//! Programs on real processes: what the kernel said comes back as a history.

use std::time::Duration;

use ipc_conformance::history::{End, EventKind, History};
use ipc_conformance::program::Program;
use ipc_conformance::real::{AgentFault, Real, RealOptions};
use ipc_conformance::record::validate;
use ipc_conformance::seed::Seeded;
use ipc_conformance::stress::{Load, stress};
use ipc_conformance::system::System;
use ipc_conformance::tally::Mix;
use ipc_conformance::text::parse;
use ipc_model::outcome::{Outcome, Value};
use ipc_model::payload::Run;
use nix::sched::{CpuSet, sched_getaffinity};
use nix::unistd::Pid;

fn options() -> RealOptions {
    RealOptions { program: env!("CARGO_BIN_EXE_ipc-conformance").into(), ..RealOptions::default() }
}

fn real() -> Real {
    Real::start(options()).expect("the real system starts")
}

fn program(text: &str) -> Program {
    parse("test", text).unwrap_or_else(|error| panic!("{error}"))
}

fn run(real: &mut Real, text: &str) -> History {
    let history = real.run(&program(text)).expect("the program runs");
    assert_eq!(history.end, End::Complete, "{}", told(&history).join("\n"));
    assert!(history.events.is_sorted_by(|a, b| a.ticket < b.ticket), "{history:#?}");
    assert!(matches!(history.events.last().unwrap().kind, EventKind::Quiescent { .. }));
    history
}

/// The events in words: what returned what, who ended how, who slept.
fn told(history: &History) -> Vec<String> {
    let name = |process: u8| &history.head.actors[usize::from(process)];
    let mut open = vec![None; history.head.actors.len()];
    let mut lines = Vec::new();
    for event in &history.events {
        match &event.kind {
            EventKind::Call { actor, call, .. } => {
                open[usize::from(actor.process)] = Some(call.clone());
            }
            EventKind::Return { actor, outcome: Outcome::Success(Value::Begun), .. } => {
                lines.push(format!("{} begun", name(actor.process)));
            }
            EventKind::Return { actor, outcome, .. } => {
                let call = open[usize::from(actor.process)].take().expect("a call before a return");
                let outcome = outcome.display(call.operation.gives);
                lines.push(format!("{}: {call} = {outcome}", name(actor.process)));
            }
            EventKind::Handled { actor, info } => {
                lines.push(format!("{} handles {info}", name(actor.process)));
            }
            EventKind::Ended { process, status } => {
                let status = status.map_or("?".to_owned(), |status| status.to_string());
                lines.push(format!("{} {status}", name(*process)));
            }
            EventKind::Quiescent { asleep, proof } => {
                let asleep = asleep.iter().map(|actor| name(actor.process).as_str());
                lines.push(format!("{proof:?}: {}", asleep.collect::<Vec<_>>().join(" ")));
            }
        }
    }
    lines
}

fn has(history: &History, line: &str) {
    let told = told(history);
    assert!(told.iter().any(|said| said == line), "no {line:?} in\n{}", told.join("\n"));
}

#[test]
fn what_was_written_is_read() {
    let history =
        run(&mut real(), "A: pipe -> r w\nA: write w 100\nA: read r 60\nA: read r 4096\n");
    assert_eq!(
        told(&history),
        [
            "A: pipe(fds) = 3 4",
            "A: write(4, buf, 100) = 100",
            "A: read(3, buf, 60) = 60 bytes: w2[0..60]",
            "A: read(3, buf, 4096) = 40 bytes: w2[60..100]",
            "Proven: ",
        ]
    );
    let probed = history.events.iter().find_map(|event| match event.kind {
        EventKind::Return { probed, .. } => probed,
        _ => None,
    });
    assert_eq!(probed, Some(history.head.numbers.pipe_capacity));
}

#[test]
fn a_reader_asleep_is_proven_asleep_and_woken_by_the_last_close() {
    let text = "A: pipe -> r w\nA: fork -> B\nA: close w\nA: read r 16\n\
                B: when A blocked  close w\n";
    let history = run(&mut real(), text);
    // The close may return before or after the read that it wakes.
    let told = told(&history);
    let at = |wanted: &str| told.iter().position(|line| line == wanted);
    assert_eq!(at("Proven: A"), Some(4), "{}", told.join("\n"));
    assert!(at("A: read(3, buf, 16) = 0 bytes") > at("Proven: A"), "{}", told.join("\n"));
    assert_eq!(told.last().unwrap(), "Proven: ");
}

#[test]
fn a_killed_sleeper_ends_and_its_parent_learns_how() {
    let text = "A: pipe -> r w\nA: fork -> B\nB: read r 1\nA: when B blocked  kill B SIGKILL\n\
                A: waitpid B\nA: kill B 0\nA: kill B SIGKILL\nA: fork -> C\nC: _exit 258\nA: waitpid C\nA: waitpid C\n";
    let history = run(&mut real(), text);
    has(&history, "B killed by SIGKILL");
    has(&history, "A: waitpid(#1, &status, 0) = killed by SIGKILL");
    has(&history, "A: kill(#1, 0) = ESRCH");
    // The number may be anybody's by then: such a line is not run.
    let killed = told(&history).iter().filter(|line| line.contains("SIGKILL) =")).count();
    assert_eq!(killed, 1);
    has(&history, "C exited 2");
    has(&history, "A: waitpid(#2, &status, 0) = exited 2");
    has(&history, "A: waitpid(#2, &status, 0) = ECHILD");
}

#[test]
fn exec_keeps_descriptors_and_drops_those_that_are_to_be_closed() {
    let text = "A: pipe -> r w\nA: pipe2 O_CLOEXEC -> s t\nA: sigaction SIGPIPE SIG_IGN\nA: exec\n\
                A: write w 10\nA: read r 20\nA: fcntl s F_GETFD\nA: close r\nA: write w 1\nA: pipe -> x y\n";
    let history = run(&mut real(), text);
    has(&history, "A: execve(self) = 0");
    has(&history, "A: read(3, buf, 20) = 10 bytes: w5[0..10]");
    has(&history, "A: fcntl(5, F_GETFD) = EBADF");
    has(&history, "A: write(4, buf, 1) = EPIPE");
    assert!(told(&history).contains(&"A: pipe(fds) = 3 5".to_owned()));
}

#[test]
fn a_blocked_signal_survives_exec_and_an_ignored_one_stays_ignored() {
    let text = "A: pipe -> r w\nA: close r\nA: sigprocmask SIG_BLOCK SIGPIPE\nA: write w 1\nA: exec\n\
                A: sigpending\nA: exec\nA: sigprocmask SIG_UNBLOCK SIGPIPE\n";
    let history = run(&mut real(), text);
    has(&history, "A: sigpending(&set) = SIGPIPE");
    has(&history, "A killed by SIGPIPE");
}

#[test]
fn exec_works_when_every_descriptor_is_used() {
    let text = "limit nofile 5\nA: pipe -> r w\nA: pipe -> x y\nA: exec\nA: pipe -> x y\nA: write w 3\n\
                A: read r 3\n";
    let history = run(&mut real(), text);
    assert_eq!(told(&history).iter().filter(|line| *line == "A: pipe(fds) = EMFILE").count(), 2);
    has(&history, "A: read(3, buf, 3) = 3 bytes: w5[0..3]");
    assert_eq!(history.head.numbers.nofile, 5);
}

#[test]
fn nothing_of_a_program_is_left_for_the_next() {
    let mut real = real();
    let dirty = "limit nofile 20\nA: pipe -> r w\nA: sigaction SIGPIPE SIG_IGN\n\
                 A: sigprocmask SIG_BLOCK SIGPIPE\nA: fork -> B\nB: read r 9\nA: when B blocked  dup w -> d\n\
                 A: close r\nB: _exit 1\n";
    let clean = "A: pipe -> r w\nA: close r\nA: write w 1\nB: pipe -> r w\n";
    for _ in 0..20 {
        has(&run(&mut real, dirty), "A: pipe(fds) = 3 4");
        let history = run(&mut real, clean);
        has(&history, "A: pipe(fds) = 3 4");
        has(&history, "B: pipe(fds) = 3 4");
        has(&history, "A killed by SIGPIPE");
    }
}

#[test]
fn a_pending_signal_does_not_reach_the_next_program() {
    let mut real = real();
    for _ in 0..3 {
        let text = "A: pipe -> r w\nA: close r\nA: sigprocmask SIG_BLOCK SIGPIPE\nA: write w 1\n\
                    A: sigpending\n";
        has(&run(&mut real, text), "A: sigpending(&set) = SIGPIPE");
        has(&run(&mut real, "A: sigpending\n"), "A: sigpending(&set) = 0");
    }
}

#[test]
fn a_name_in_no_directory_is_another_one_in_the_next_program() {
    let mut real = real();
    // A socket that leads to itself keeps its name until the system collects it.
    let text = "order stepwise
        A: socketpair SOCK_STREAM 0 -> a b
        A: socket SOCK_STREAM 0 -> d
        A: bind d \"@t\"
        A: sendmsg a 1 0 d
        A: sendmsg a 1 0 b
        A: sendmsg b 1 0 a
        A: close a
        A: close b
        A: close d";
    for _ in 0..3 {
        let history = run(&mut real, text);
        let bound = told(&history).into_iter().find(|line| line.contains("bind"));
        assert!(bound.is_some_and(|line| line.ends_with("= 0")), "{}", told(&history).join("\n"));
    }
}

#[test]
fn vectors_and_long_transfers_come_through() {
    let text = "A: pipe -> r w\nA: fork -> B\nA: writev w 1,2,70000,0,5\nB: close w\nB: readv r 10,20\n\
                B: read r 1000000\nB: read r 1000000\n";
    let history = run(&mut real(), text);
    let read: u64 = history
        .events
        .iter()
        .filter_map(|event| match &event.kind {
            EventKind::Return { outcome: Outcome::Success(Value::Data(data)), .. } => {
                Some(data.len())
            }
            _ => None,
        })
        .sum();
    assert!(read > 30, "{}", told(&history).join("\n"));
    has(&history, "B: readv(3, {10,20}) = 30 bytes: w3[0..30]");
}

#[test]
fn everybody_who_sleeps_is_named_at_the_end() {
    let text =
        "A: pipe -> r w\nA: fork -> B\nA: fork -> C\nB: read r 1\nC: read r 2\nA: waitpid B\n";
    let history = run(&mut real(), text);
    assert_eq!(told(&history).last().unwrap(), "Proven: A B C");
}

#[test]
fn stepwise_lines_wait_for_those_above() {
    let text = "order stepwise\nA: pipe -> r w\nA: fork -> B\nB: read r 4\nA: write w 9\nB: close r\n\
                A: close r\nA: write w 9\n";
    let told = told(&run(&mut real(), text));
    let of = |wanted: &str| told.iter().position(|line| line.starts_with(wanted)).unwrap();
    assert!(of("Proven: B") < of("A: write(4, buf, 9) = 9"));
    assert!(of("B: close") < of("A: close"));
    assert!(told.contains(&"A killed by SIGPIPE".to_owned()), "{}", told.join("\n"));
}

#[test]
fn without_proof_sleep_is_waited_for() {
    let options = RealOptions { proof: false, patience: Duration::from_millis(30), ..options() };
    let mut real = Real::start(options).expect("the real system starts");
    let text = "A: pipe -> r w\nA: fork -> B\nB: read r 4\nA: when B blocked  write w 2\n";
    let history = run(&mut real, text);
    has(&history, "Waited: B");
    has(&history, "B: read(3, buf, 4) = 2 bytes: w4[0..2]");
}

#[test]
fn a_name_without_a_number_is_no_descriptor_and_a_flag_may_be_absent() {
    let text = "A: pipe2 O_CLOFORK -> r w\nA: read r 1\nA: pipe2 O_APPEND -> r w\n";
    let history = run(&mut real(), text);
    has(&history, "A: pipe2(fds, O_CLOFORK) = absent here: O_CLOFORK");
    has(&history, "A: read(-1, buf, 1) = EBADF");
    has(&history, "A: pipe2(fds, O_APPEND) = EINVAL");
}

#[test]
fn flags_types_and_numbers_are_told() {
    let text = "A: pipe2 O_NONBLOCK|O_CLOEXEC -> r w\nA: fcntl w F_GETFL\nA: fcntl r F_GETFD\nA: fstat r\n\
                A: lseek r 0 SEEK_CUR\nA: write w 5\nA: ioctl r FIONREAD\nA: fcntl r F_SETFL 0\n\
                A: fcntl r F_GETFL\nA: dup2 r w\nA: dup3 r r 0\nA: read r 5\nA: fcntl r F_GETPIPE_SZ\n";
    let history = run(&mut real(), text);
    has(&history, "A: fcntl(4, F_GETFL) = O_WRONLY|O_NONBLOCK");
    has(&history, "A: fcntl(3, F_GETFD) = FD_CLOEXEC");
    has(&history, "A: fstat(3, &st) = S_IFIFO");
    has(&history, "A: lseek(3, 0, SEEK_CUR) = ESPIPE");
    has(&history, "A: ioctl(3, FIONREAD, &n) = 5");
    has(&history, "A: fcntl(3, F_GETFL) = 0");
    has(&history, "A: dup2(3, 4) = 4");
    has(&history, "A: dup3(3, 3, 0) = EINVAL");
}

#[test]
fn a_planted_fault_shows_in_the_history() {
    let faulty = |fault, text: &str| {
        let options = RealOptions { fault: Some(fault), ..options() };
        run(&mut Real::start(options).expect("the real system starts"), text)
    };
    let eof = "A: pipe -> r w\nA: close w\nA: read r 1\n";
    let kept = faulty(AgentFault::CloseKeepsDuplicate, eof);
    assert_eq!(told(&kept).last().unwrap(), "Proven: A");
    let sleeps = faulty(AgentFault::EofSleeps, eof);
    assert_eq!(told(&sleeps).last().unwrap(), "Proven: A");
    let early = faulty(AgentFault::ReadEarlyEof, "A: pipe -> r w\nA: read r 1\n");
    has(&early, "A: read(3, buf, 1) = 0 bytes");
    let swallowed =
        faulty(AgentFault::SigpipeSwallowed, "A: pipe -> r w\nA: close r\nA: write w 1\n");
    has(&swallowed, "A: write(4, buf, 1) = EPIPE");
    let twice = "A: pipe -> r w\nA: write w 8\nA: write w 8\nA: read r 8\nA: read r 8\n";
    let swapped = faulty(AgentFault::ReadsSwapped, twice);
    has(&swapped, "A: read(3, buf, 8) = 8 bytes: w3[0..8]");
    has(&swapped, "A: read(3, buf, 8) = 8 bytes: w2[0..8]");
    let changed = told(&faulty(AgentFault::ByteChanged, twice)).join("\n");
    assert!(changed.contains("x\""), "{changed}");
    let split = faulty(AgentFault::WriteSplit, "A: pipe -> r w\nA: write w 4096\nA: read r 4096\n");
    has(&split, "A: read(3, buf, 4096) = 4096 bytes: w2[0..4096]");
}

#[test]
fn sleep_in_the_middle_of_a_list_of_calls_is_proven() {
    let text = "A: pipe -> r w\nA: fork -> B\nA: read r 10\nA: readv r 3,7\nA: read r 10\n\
                B: when A blocked  write w 4\nB: when A blocked  write w 5\n";
    let history = run(&mut real(), text);
    has(&history, "A: read(3, buf, 10) = 4 bytes: w6[0..4]");
    has(&history, "A: readv(3, {3,7}) = 5 bytes: w7[0..5]");
    let told = told(&history);
    assert_eq!(told.iter().filter(|line| *line == "Proven: A").count(), 3, "{}", told.join("\n"));
}

#[test]
fn thousands_of_calls_are_made_at_once_and_none_is_lost() {
    let load = Load { processes: 6, calls: 400, pipes: 1 };
    let program = stress(load, &mut Seeded::new(1, 0));
    let history = real().run(&program).expect("the program runs");
    assert_eq!(history.end, End::Complete);
    validate(&history).expect("it can have happened");
    let calls = history.events.iter().filter(|event| matches!(event.kind, EventKind::Call { .. }));
    assert_eq!(calls.count(), program.lines.len());
    let last = history.events.last().map(|event| &event.kind);
    assert!(matches!(last, Some(EventKind::Quiescent { asleep, .. }) if asleep.is_empty()));
    let sent: u64 = program.lines.iter().map(|line| line.sends()).sum();
    let received = history.events.iter().filter_map(|event| match &event.kind {
        EventKind::Return { outcome: Outcome::Success(Value::Data(data)), .. } => Some(data),
        _ => None,
    });
    assert_eq!(received.clone().map(|data| data.len()).sum::<u64>(), sent);
    // A few bytes behind the rest of their write, told of before it, may be anybody's.
    let unknown = received.flat_map(|data| data.runs()).filter(|run| matches!(run, Run::Raw(_)));
    assert!(unknown.map(Run::len).sum::<u64>() < sent / 100);
}

#[test]
fn calls_that_may_begin_together_overlap() {
    let text = "A: pipe -> r w\nA: fork -> B\nA: fork -> C\n\
                A: write w 8\nB: after A.3  write w 8\nC: after A.3  write w 8\n";
    // On one processor nothing overlaps by chance.
    let may = sched_getaffinity(Pid::from_raw(0)).expect("it can be asked");
    let cpu = (0..CpuSet::count()).find(|cpu| may.is_set(*cpu) == Ok(true));
    let mut real = Real::start(RealOptions { cpu, ..options() }).expect("it starts");
    let mut mix = Mix::default();
    for _ in 0..20 {
        mix.add(&run(&mut real, text));
    }
    assert!(mix.overlapping >= 10, "{mix:?}");
}

#[test]
fn a_line_is_not_made_ahead_of_the_return_of_a_woken_sleeper() {
    let text = "order stepwise\nA: pipe -> r w\nA: fork -> B\nB: read r 8\n\
                A: write w 8\nA: lseek r 0 SEEK_CUR\nA: lseek r 0 SEEK_CUR\n";
    let may = sched_getaffinity(Pid::from_raw(0)).expect("it can be asked");
    let cpu = (0..CpuSet::count()).find(|cpu| may.is_set(*cpu) == Ok(true));
    let mut real = Real::start(RealOptions { cpu, ..options() }).expect("it starts");
    for _ in 0..20 {
        let history = run(&mut real, text);
        let told = told(&history);
        let place = |part: &str| told.iter().position(|line| line.contains(part));
        let (read, asked) = (place("B: read"), place("A: lseek"));
        assert!(read.is_some() && read < asked, "{}", told.join("\n"));
    }
}

/// All there is to see of it is what the zygote runs.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[test]
fn the_zygote_goes_on_from_its_frozen_memory() {
    let mut real = real();
    run(&mut real, "A: pipe -> r w\nA: exec\nA: exec\nA: write w 3\nA: read r 3\n");
    let zygote = real.zygote().expect("it is there");
    let runs = std::fs::read_link(format!("/proc/{zygote}/exe")).expect("it can be asked");
    assert!(runs.to_string_lossy().starts_with("/memfd:ipc-conformance"), "{runs:?}");
}
