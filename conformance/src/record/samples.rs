//! Histories for property tests: what a harness could have seen of a sample program, with results
//! drawn at random and no thought of what they mean.

use ipc_model::errno::Errno;
use ipc_model::operation::{Actor, Arg, Call, Gives, Param};
use ipc_model::outcome::{Code, Info, Outcome, Passed, Signal, Stack, Status, Value};
use ipc_model::payload::Run;
use ipc_model::signal::SIGNALS;
use proptest::prelude::*;

use crate::history::{End, Event, EventKind, Head, History, Numbers, Proof};
use crate::program::{Line, Operand, Program};
use crate::text::samples::{Choices, programs};

/// A history as a file.
pub(crate) const RECORDED: &str = include_str!("recorded.jsonl");

/// Valid histories.
pub(crate) fn histories() -> impl Strategy<Value = History> {
    (programs(), prop::collection::vec(any::<u32>(), 0..300))
        .prop_map(|(program, numbers)| history(&program, &mut Choices::new(numbers)))
}

/// A history of the program, as the choices have it.
fn history(program: &Program, choices: &mut Choices) -> History {
    let roots = program.roots();
    let process = |index| Process {
        alive: roots.contains(&index),
        expected: false,
        calling: None,
        left: (0..program.lines.len()).filter(|i| program.lines[*i].actor == index).collect(),
    };
    let mut maker = Maker {
        program,
        processes: (0..program.actors.len() as u8).map(process).collect(),
        events: Vec::new(),
        ticket: 0,
    };
    while !choices.is_empty() {
        maker.step(choices);
    }
    let end = match maker.events.len() % 3 {
        1 => End::Deadline { busy: maker.sleepers() },
        2 => End::Broken { reason: "a \"reason\"\n".to_owned() },
        _ => {
            maker.rest(Proof::Proven, choices);
            End::Complete
        }
    };
    let head = Head {
        system: "Sample 1.0 \"x\"".to_owned(),
        numbers: Numbers {
            page_size: 4096,
            pipe_buf: 512,
            nofile: 16,
            pipe_capacity: u64::MAX,
            pipe_max: 1 << 16,
            beyond_pipe_max: true,
            beyond_pipe_pages: true,
            privileged: false,
            name_max: 255,
            path_max: 4096,
            noatime: false,
            stream_piece: 0,
        },
        program: program.to_string(),
        actors: program.actors.clone(),
        roots,
    };
    History { head, events: maker.events, end }
}

struct Process {
    alive: bool,
    expected: bool,
    calling: Option<usize>,
    left: std::collections::VecDeque<usize>,
}

struct Maker<'a> {
    program: &'a Program,
    processes: Vec<Process>,
    events: Vec<Event>,
    ticket: u64,
}

impl Maker<'_> {
    fn step(&mut self, choices: &mut Choices) {
        let index = choices.below(self.processes.len());
        let actor = Actor::first(index as u8);
        let process = &mut self.processes[index];
        if process.expected && !process.alive {
            process.alive = true;
            process.expected = false;
            let outcome = Outcome::Success(Value::Begun);
            self.push(EventKind::Return { actor, outcome, probed: None }, choices);
        } else if process.alive && choices.chance(40) {
            process.alive = false;
            process.calling = None;
            let signal = *choices.of(&[Signal::SIGKILL, Signal::Other(33)]);
            let status = [None, Some(Status::Exited(3)), Some(Status::Signaled(signal))];
            let status = *choices.of(&status);
            self.push(EventKind::Ended { process: index as u8, status }, choices);
        } else if process.alive && choices.chance(20) {
            let code = *choices.of(&[Code::SI_USER, Code::SI_TKILL, Code::Other(-60)]);
            let from = choices.chance(2).then_some(index as u8);
            let stack = *choices.of(&[Stack::Unsaid, Stack::Usual, Stack::Alternate]);
            let signal = choices.below(SIGNALS.len()) as u8;
            let info = Info { signal, code, value: 7, from, stack };
            self.push(EventKind::Handled { actor, info }, choices);
        } else if let Some(line) = process.calling.filter(|_| process.alive && choices.chance(2)) {
            process.calling = None;
            let outcome = outcome(&self.program.lines[line], choices);
            let probed = choices.chance(5).then_some(65_536);
            self.push(EventKind::Return { actor, outcome, probed }, choices);
        } else if process.alive && process.calling.is_none() {
            let Some(line) = process.left.pop_front() else { return };
            process.calling = Some(line);
            let stated = &self.program.lines[line];
            if let Some(child) = stated.child {
                self.processes[usize::from(child)].expected = true;
            }
            let args = stated.operation.params.iter().zip(&stated.args);
            let args = args.map(|(param, operand)| arg(param, operand, choices)).collect();
            let call = Call { operation: stated.operation, args, tag: line as u32 + 1 };
            self.push(EventKind::Call { actor, line: line as u16, call }, choices);
        } else if choices.chance(10) {
            let proof = *choices.of(&[Proof::Waited, Proof::Expired]);
            self.rest(proof, choices);
        }
    }

    fn push(&mut self, kind: EventKind, choices: &mut Choices) {
        self.ticket += 1 + choices.below(3) as u64;
        self.events.push(Event { ticket: self.ticket, kind });
    }

    fn rest(&mut self, proof: Proof, choices: &mut Choices) {
        let asleep = self.sleepers();
        self.push(EventKind::Quiescent { asleep, proof }, choices);
    }

    fn sleepers(&self) -> Vec<Actor> {
        let calling = |index: &usize| self.processes[*index].calling.is_some();
        let actor = |index| Actor::first(index as u8);
        (0..self.processes.len()).filter(calling).map(actor).collect()
    }
}

fn arg(param: &Param, operand: &Operand, choices: &mut Choices) -> Arg {
    match operand {
        Operand::Name(_) => Arg::Fd(choices.below(10) as i32 - 1),
        Operand::Number(number) => Arg::Number(*number),
        Operand::Vector(parts) => Arg::Vector(parts.clone()),
        Operand::Flags(flags) => Arg::Flags(*flags),
        Operand::Process(process) => Arg::Process(*process),
        Operand::Path(path) => Arg::Path(path.clone()),
        Operand::Watches(watches) => {
            let mut one = |(_, asked): &(u16, u32)| (choices.below(10) as i32 - 1, *asked);
            Arg::Watches(watches.iter().map(&mut one).collect())
        }
        Operand::Command => {
            assert!(matches!(param, Param::Command(_)));
            Arg::Command
        }
    }
}

fn outcome(line: &Line, choices: &mut Choices) -> Outcome {
    let failures = [
        Outcome::Failure(Errno::EAGAIN),
        Outcome::Failure(Errno::Other(4711)),
        Outcome::Absent("O_CLOFORK".to_owned()),
    ];
    if line.operation.gives == Gives::Never || choices.chance(4) {
        return choices.of(&failures).clone();
    }
    let fd = choices.below(9) as i32;
    Outcome::Success(match line.operation.gives {
        Gives::Nothing | Gives::Never => Value::Nothing,
        Gives::Fd | Gives::TargetFd => Value::Fds(vec![fd]),
        Gives::Fds => Value::Fds(vec![fd, fd + 1]),
        Gives::Sent | Gives::Number | Gives::Mode => Value::Number(i64::from(fd) - 4),
        Gives::Ready(words) => {
            let all = choices.below(3);
            Value::Ready((0..all).map(|_| choices.below(1 << words.len()) as u32).collect())
        }
        Gives::Events(words) => {
            let mut one = |_| (fd, choices.below(1 << words.len()) as u32);
            Value::Events((0..fd % 3).map(&mut one).collect())
        }
        Gives::Message if choices.chance(4) => Value::Nothing,
        Gives::Passed(words) if choices.chance(2) => Value::Passed(Box::new(Passed {
            data: (0..choices.below(4)).map(|_| run(choices)).collect(),
            fds: (0..fd % 3).collect(),
            said: 1 + choices.below((1 << words.len()) - 1) as u32,
        })),
        Gives::Data | Gives::Message | Gives::Passed(_) => {
            Value::Data((0..choices.below(4)).map(|_| run(choices)).collect())
        }
        Gives::Flags(words) => Value::Flags(choices.below(1 << (words.len() + 1)) as u32),
        Gives::Word(words) => Value::Word(choices.below(words.len() + 1) as u8),
        Gives::Process => Value::Child(line.child.expect("a fork names its child")),
        Gives::Info(words) => Value::Info(info(fd, words, choices)),
        Gives::Infos(words) => {
            Value::Infos((0..fd % 3).map(|_| info(fd, words, choices)).collect())
        }
        Gives::Waited if fd == 4 => Value::Nothing,
        Gives::Waited => Value::Waited((fd > 5).then_some(0), Status::Exited(fd as u8)),
        Gives::Group => Value::Group((fd > 4).then_some(0)),
        Gives::Status => Value::Status(Status::Exited(fd as u8)),
    })
}

fn info(value: i32, words: &[&str], choices: &mut Choices) -> Info {
    Info {
        signal: choices.below(words.len()) as u8,
        code: if value % 2 == 0 { Code::SI_QUEUE } else { Code::SI_USER },
        value,
        from: (value > 4).then_some(0),
        stack: Stack::Unsaid,
    }
}

fn run(choices: &mut Choices) -> Run {
    if choices.chance(3) {
        return Run::Raw((0..=choices.below(20)).map(|k| (k * 37) as u8).collect());
    }
    let (tag, from) = (choices.below(9) as u32, choices.below(5000) as u64);
    Run::Of { tag, from, len: 1 + choices.below(5000) as u64 }
}
