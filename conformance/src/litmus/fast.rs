//! The fast way: the controller's side. It starts a runner, waits for its end, and counts what is
//! in the arena.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use ipc_model::outcome::{Outcome, Value};
use ipc_model::profile::Numbers;

use super::actor::Trouble;
use super::arena::{ALIVE, Arena, IN_CALL, NOT_BEGUN, Shape, Word};
use super::ending::{Ending, Fate};
use super::plan::Plan;
use super::runner::{LITMUS, Orders};
use super::value;
use crate::program::Program;
use crate::real::RealOptions;
use crate::real::decode::Decoder;
use crate::real::life::{Life, because};
use crate::system::SystemError;

/// Iterations of one runner, at most: what bounds the memory.
const CHUNK: u64 = 50_000;
/// How much longer than an actor the controller waits for the runner, in deadlines.
const PATIENT: u32 = 3;

/// How often to look whether it is enough.
const LOOK: Duration = Duration::from_millis(20);

/// What many iterations came to.
#[derive(Debug, Default)]
pub struct Ran {
    /// Each ending that was seen, and how often.
    pub endings: Vec<(Ending, u64)>,
    /// Why there are no more of them, if there should be.
    pub trouble: Option<String>,
}

/// Runs a program so many times by its plan, chunk by chunk, until `stop` says so.
pub fn run(
    plan: &Plan,
    program: &Program,
    options: &RealOptions,
    numbers: Numbers,
    (iterations, seed): (u64, u64),
    stop: &dyn Fn() -> bool,
) -> Result<Ran, SystemError> {
    let mut ran = Ran::default();
    let mut begun = 0;
    while begun < iterations && ran.trouble.is_none() && !stop() {
        let orders = Orders {
            plan: plan.clone(),
            iterations: CHUNK.min(iterations - begun) as usize,
            seed: seed.wrapping_add(begun),
            capacity: numbers.pipe_capacity,
            deadline: options.deadline,
            fault: options.fault,
            parent: std::process::id(),
        };
        chunk(&orders, program, options, stop, &mut ran)?;
        begun += orders.iterations as u64;
    }
    Ok(ran)
}

fn chunk(
    orders: &Orders,
    program: &Program,
    options: &RealOptions,
    stop: &dyn Fn() -> bool,
    ran: &mut Ran,
) -> Result<(), SystemError> {
    let doing = "running a litmus program";
    let failed = |error| because(doing, error);
    let (arena, memory) = Arena::create(Shape::of(program, orders.iterations)).map_err(failed)?;
    let mut command = Command::new(&options.program);
    command
        .arg(OsStr::from_bytes(LITMUS.to_bytes()))
        .arg(program.to_string())
        .args(orders.words())
        // A group of its own: what a terminal sends to ours does not reach it.
        .process_group(0)
        .stdin(Stdio::from(memory))
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut runner = command.spawn().map_err(failed)?;
    let life = Life::of(runner.id() as i32);
    let (mut done, mut since) = (0, Instant::now());
    while !life.wait(Instant::now() + LOOK) {
        if stop() {
            arena.set(Word::Enough, 1);
        }
        let now = arena.get(Word::Done);
        if now != done {
            // Any progress is a reason to wait on.
            (done, since) = (now, Instant::now());
        } else if since.elapsed() > options.deadline * PATIENT {
            life.kill();
        }
    }
    let status = runner.wait().map_err(failed)?;
    ran.trouble = match Trouble::of(arena.get(Word::Trouble)) {
        Some((trouble, line)) => Some(told(trouble, line, program, orders)),
        None if status.success() => None,
        None => Some(format!("the process that runs it ended: {status}")),
    };
    count(&arena, program, &mut ran.endings);
    Ok(())
}

fn told(trouble: Trouble, line: usize, program: &Program, orders: &Orders) -> String {
    let label = program.label(line);
    match trouble {
        Trouble::Fork => "a process could not be made".to_owned(),
        Trouble::Make => format!("{label} failed: is there a limit on descriptors or pipes?"),
        Trouble::Capacity => {
            format!("{label} makes a smaller pipe than before: does the user have too many?")
        }
        Trouble::Values => format!("{label} gives more different answers than there is room for"),
        Trouble::Late => {
            format!("nobody went on for {:.1} s", orders.deadline.as_secs_f64())
        }
    }
}

/// Counts the iterations that are over, by how they ended.
fn count(arena: &Arena, program: &Program, endings: &mut Vec<(Ending, u64)>) {
    let mut counts: BTreeMap<(Vec<u16>, Vec<i32>), u64> = BTreeMap::new();
    let result = |iteration, line| arena.result(iteration, line).load(Ordering::Relaxed);
    let end = |iteration, actor| arena.end(iteration, actor).load(Ordering::Relaxed);
    for iteration in 0..arena.get(Word::Done) as usize {
        let lines = (0..program.lines.len()).map(|line| result(iteration, line)).collect();
        let ends = (0..program.actors.len()).map(|actor| end(iteration, actor)).collect();
        *counts.entry((lines, ends)).or_default() += 1;
    }
    for ((lines, ends), count) in counts {
        let ending = ending(arena, program, &lines, &ends);
        match endings.iter_mut().find(|(known, _)| known.same(&ending)) {
            Some((_, known)) => *known += count,
            None => endings.push((ending, count)),
        }
    }
}

fn ending(arena: &Arena, program: &Program, lines: &[u16], ends: &[i32]) -> Ending {
    let mut decoder = Decoder::default();
    for (index, line) in program.lines.iter().enumerate() {
        decoder.expect(index as u32 + 1, line.sends());
    }
    let mut fate = |line: usize| match (lines[line], program.lines[line].child) {
        (NOT_BEGUN, _) => Fate::NotBegun,
        (IN_CALL, _) => Fate::InCall,
        (_, Some(child)) => Fate::Returned(Outcome::Success(Value::Child(child))),
        (number, None) => {
            let seen = arena.seen(line, number);
            Fate::Returned(match seen.map(value::outcome) {
                Some(Outcome::Success(Value::Data(data))) => {
                    Outcome::Success(Value::Data(decoder.decode(&data.bytes())))
                }
                Some(other) => other,
                None => Outcome::Absent("value".to_owned()),
            })
        }
    };
    let lines = (0..program.lines.len()).map(&mut fate).collect();
    let mut ending = Ending { lines, actors: vec![None; program.actors.len()] };
    for (actor, end) in ends.iter().enumerate().filter(|(_, end)| **end != ALIVE) {
        ending.end(program, actor as u8, value::status(*end));
    }
    ending
}
