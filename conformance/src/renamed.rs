//! The same program with FIFOs for its pipes: what holds of the one holds of the other.

use std::sync::Arc;

use ipc_model::clause::Clause;
use ipc_model::descriptor::SETFL;
use ipc_model::fifo::{MKFIFO, OPEN, REOPEN};
use ipc_model::mechanism;
use ipc_model::name::UNLINK;
use ipc_model::operation::Operation;
use ipc_model::pipe::{PIPE, PIPE2};
use ipc_model::thread::PTHREAD_CREATE;

use crate::program::{Edge, Line, Mention, Operand, Program};

/// Bits of the flags of `pipe2`, of `open`, and of `fcntl F_SETFL`.
const PIPE_CLOEXEC: u32 = 1;
const PIPE_NONBLOCK: u32 = 2;
const PIPE_DIRECT: u32 = 16;
const OPEN_NONBLOCK: u32 = 1;
const OPEN_CLOEXEC: u32 = 2;
const SET_NONBLOCK: u32 = 1;
const SET_DIRECT: u32 = 2;
/// How to open.
const RDONLY: i64 = 0;
const WRONLY: i64 = 1;

/// The program with a FIFO in place of each pipe: made, opened at both ends, and every other one
/// unlinked at once. What it covers besides the making of pipes, it still covers.
///
/// None where that is another program: one that makes no pipe, or makes some with flags that files are
/// not opened with, names files itself, counts its descriptors, has threads, or covers nothing but the
/// making.
pub fn over_fifos(program: &Program) -> Option<Program> {
    let makes = |line: &Line| line.operation == &PIPE || line.operation == &PIPE2;
    let by_name = |line: &Line| {
        line.operation == &REOPEN || line.args.iter().any(|arg| matches!(arg, Operand::Path(_)))
    };
    let usual = PIPE_CLOEXEC | PIPE_NONBLOCK | PIPE_DIRECT;
    let is_usual = |line: &Line| flags(line) & !usual == 0 && line.binds.len() == 2;
    let made: Vec<usize> = (0..program.lines.len()).filter(|i| makes(&program.lines[*i])).collect();
    let together = |index: &usize| program.together.contains(&(*index as u16));
    let threads = |line: &Line| line.operation == &PTHREAD_CREATE;
    let other = made.is_empty()
        || program.lines.iter().any(threads)
        || program.nofile.is_some()
        || program.lines.iter().any(by_name)
        || made.iter().any(|index| together(index) || !is_usual(&program.lines[*index]));
    let covers = kept(&program.covers);
    if other || covers.is_empty() {
        return None;
    }
    // For each line the place of what is in its stead: of the last, if that is several.
    let (mut lines, mut places) = (Vec::new(), Vec::new());
    for (index, line) in program.lines.iter().enumerate() {
        match made.iter().position(|place| *place == index) {
            Some(number) => lines.extend(opened(line, number)),
            None => lines.push(line.clone()),
        }
        places.push(lines.len() as u16 - 1);
    }
    let starts = |line: u16| if line == 0 { 0 } else { places[usize::from(line) - 1] + 1 };
    for line in &mut lines {
        for edge in &mut line.edges {
            if let Edge::After(before) = edge {
                *before = places[usize::from(*before)];
            }
        }
    }
    let together = starts(program.together.start)..starts(program.together.end);
    let may_cover = kept(&program.may_cover);
    Some(Program { covers, may_cover, lines, together, ..program.clone() })
}

/// What is claimed besides the making of pipes.
fn kept(mentions: &[Mention]) -> Vec<Mention> {
    let of_making = |clause: &Clause| clause.on.iter().all(|on| *on == &PIPE || *on == &PIPE2);
    let other = |mention: &&Mention| !mechanism::clause(&mention.clause).is_some_and(of_making);
    mentions.iter().filter(other).cloned().collect()
}

fn flags(line: &Line) -> u32 {
    let flags = line.args.iter().find_map(|arg| match arg {
        Operand::Flags(flags) => Some(*flags),
        _ => None,
    });
    flags.unwrap_or(0)
}

/// The calls that leave an actor with the same two descriptors as this making of a pipe: the reading
/// end is opened first, without waiting, so it has the lower number and nobody waits for anybody.
fn opened(line: &Line, number: usize) -> Vec<Line> {
    let path = || Operand::Path(Arc::from(format!("pipe{number}")));
    let call = |operation: &'static Operation, args: Vec<Operand>, binds: &[u16]| Line {
        edges: Vec::new(),
        operation,
        args,
        binds: binds.to_vec(),
        ..line.clone()
    };
    let given = flags(line);
    let bit = |from: u32, to: u32| if given & from != 0 { to } else { 0 };
    let (reads, writes) = (line.binds[0], line.binds[1]);
    let open = |access, flags, name: u16| {
        call(&OPEN, vec![path(), Operand::Number(access), Operand::Flags(flags)], &[name])
    };
    let set = |name, flags| {
        call(&SETFL, vec![Operand::Name(name), Operand::Command, Operand::Flags(flags)], &[])
    };
    let cloexec = bit(PIPE_CLOEXEC, OPEN_CLOEXEC);
    let mut lines = vec![
        Line {
            edges: line.edges.clone(),
            ..call(&MKFIFO, vec![path(), Operand::Number(0o600)], &[])
        },
        open(RDONLY, cloexec | OPEN_NONBLOCK, reads),
        open(WRONLY, cloexec | bit(PIPE_NONBLOCK, OPEN_NONBLOCK), writes),
    ];
    if given & PIPE_NONBLOCK == 0 {
        lines.push(set(reads, 0));
    }
    if given & PIPE_DIRECT != 0 {
        lines.push(set(writes, SET_DIRECT | bit(PIPE_NONBLOCK, SET_NONBLOCK)));
    }
    if number % 2 == 1 {
        lines.push(call(&UNLINK, vec![path()], &[]));
    }
    lines
}

#[cfg(test)]
mod tests {
    use ipc_model::profile::{LINUX, Numbers};

    use super::*;
    use crate::scenario;
    use crate::sim::Simulated;
    use crate::stage::First;
    use crate::text::parse;
    use crate::trial::{Rules, Status, attempt};

    const TEXT: &str = "covers pipe.pipe2.creates pipe.read.short\nA: pipe2 O_CLOEXEC -> r w\nA: fork -> B\n\
                        A: pipe2 O_NONBLOCK|O_DIRECT -> x y\nB: after A.3 write w 4\nA: read r 9\n";

    #[test]
    fn ends_have_the_same_numbers_and_flags_and_edges_lead_behind_the_last_call() {
        let program = parse("test", TEXT).expect("a program");
        let renamed = over_fifos(&program).expect("it makes pipes");
        let text = "covers pipe.read.short\n\
                    A: mkfifo \"pipe0\" 0600\n\
                    A: open \"pipe0\" O_RDONLY O_NONBLOCK|O_CLOEXEC -> r\n\
                    A: open \"pipe0\" O_WRONLY O_CLOEXEC -> w\n\
                    A: fcntl r F_SETFL 0\n\
                    A: fork -> B\n\
                    A: mkfifo \"pipe1\" 0600\n\
                    A: open \"pipe1\" O_RDONLY O_NONBLOCK -> x\n\
                    A: open \"pipe1\" O_WRONLY O_NONBLOCK -> y\n\
                    A: fcntl y F_SETFL O_NONBLOCK|O_DIRECT\n\
                    A: unlink \"pipe1\"\n\
                    B: after A.10  write w 4\n\
                    A: read r 9\n";
        assert_eq!(renamed.to_string(), text);
    }

    #[test]
    fn what_is_about_numbers_flags_or_names_is_left_alone() {
        for text in [
            "covers pipe.pipe.creates\nA: pipe -> r w\n",
            "covers pipe.read.short\nA: pipe2 O_CLOFORK -> r w\n",
            "limit nofile 5\ncovers pipe.read.short\nA: pipe -> r w\n",
            "covers pipe.read.short\nA: pipe -> r w\nA: reopen r O_RDONLY 0 -> s\n",
            "covers name.mkdir.makes\nA: mkdir \"d\" 0755\n",
        ] {
            let program = parse("test", text).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(over_fifos(&program), None, "{text}");
        }
    }

    #[test]
    fn every_scenario_does_over_fifos_what_it_does_over_pipes() {
        let mut count = 0;
        for scenario in scenario::all() {
            let Some(program) = over_fifos(&scenario.program().expect("well formed")) else {
                continue;
            };
            let text = program.to_string();
            let again = parse("test", &text).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(again.lines, program.lines, "{}", scenario.name);
            let rules = Rules::of(&LINUX);
            let mut system = Simulated::new(&LINUX, Numbers::EXAMPLE, First);
            let trial = attempt(&mut system, &program, &rules).expect("the simulated system runs");
            let status = trial.status(&program, &rules);
            assert_eq!(status, Status::Conforms, "{}\n{text}", scenario.name);
            count += 1;
        }
        assert!(count > 120, "{count}");
    }
}
