//! The shrinker: smaller programs that still show the same. It works on programs, never on seeds.

use std::collections::BTreeSet;

use ipc_model::operation::Param;

use crate::program::{Edge, Line, Operand, Program};
use crate::text::parse;

/// The smallest program that can be found for which `shows` still holds.
pub fn shrink(program: &Program, shows: &mut dyn FnMut(&Program) -> bool) -> Program {
    let mut best = program.clone();
    while let Some(smaller) = candidates(&best).into_iter().find(|candidate| shows(candidate)) {
        best = smaller;
    }
    best
}

/// Well-formed programs that are smaller than this one, the smallest steps last.
pub fn candidates(program: &Program) -> Vec<Program> {
    let mut found = Vec::new();
    for actor in (0..program.actors.len() as u8).rev() {
        found.extend(without(program, |_, line| line.actor == actor));
    }
    let lines = program.lines.len();
    let mut chunk = lines / 2;
    while chunk > 0 {
        for start in (0..lines).step_by(chunk).rev() {
            found.extend(without(program, |index, _| (start..start + chunk).contains(&index)));
        }
        chunk /= 2;
    }
    for child in 0..program.actors.len() as u8 {
        found.extend(merged(program, child));
    }
    found.extend(aliases(program));
    for line in 0..lines {
        for edge in 0..program.lines[line].edges.len() {
            let mut fewer = program.clone();
            fewer.lines[line].edges.remove(edge);
            found.extend(repaired(fewer));
        }
        found.extend(sizes(program, line));
    }
    found
}

/// The program without the lines that are meant, and without what then makes no sense.
fn without(program: &Program, drop: impl Fn(usize, &Line) -> bool) -> Option<Program> {
    let keep: Vec<bool> =
        program.lines.iter().enumerate().map(|(index, line)| !drop(index, line)).collect();
    kept(program, &keep)
}

/// The program with these lines only; edges to the others are left out.
fn kept(program: &Program, keep: &[bool]) -> Option<Program> {
    let mut place = Vec::with_capacity(keep.len());
    let mut count = 0;
    for kept in keep {
        place.push(count);
        count += u16::from(*kept);
    }
    let edge = |edge: &Edge| match edge {
        Edge::After(line) => {
            keep[usize::from(*line)].then(|| Edge::After(place[usize::from(*line)]))
        }
        other => Some(*other),
    };
    let lines = program.lines.iter().zip(keep).filter(|(_, keep)| **keep).map(|(line, _)| Line {
        edges: line.edges.iter().filter_map(edge).collect(),
        ..line.clone()
    });
    let moved = |line: u16| place.get(usize::from(line)).copied().unwrap_or(count);
    let together = moved(program.together.start)..moved(program.together.end);
    let fewer = Program { lines: lines.collect(), together, ..program.clone() };
    if fewer.lines.len() == program.lines.len() { None } else { sensible(program, fewer) }
}

/// Leaves out, until nothing more has to be, the lines that speak of what is not there.
fn sensible(original: &Program, program: Program) -> Option<Program> {
    let roots: BTreeSet<u8> = original.roots().into_iter().collect();
    let mut there: Vec<Option<BTreeSet<u16>>> = (0..program.actors.len() as u8)
        .map(|actor| roots.contains(&actor).then(BTreeSet::new))
        .collect();
    let mut keep = Vec::new();
    for line in &program.lines {
        let named = |operand: &Operand| match operand {
            Operand::Name(_) | Operand::Watches(_) => {
                let known = there[usize::from(line.actor)].as_ref();
                let known = |name: &u16| known.is_some_and(|names| names.contains(name));
                operand.names().iter().all(known)
            }
            Operand::Process(process) => there[usize::from(*process)].is_some(),
            _ => true,
        };
        let good = there[usize::from(line.actor)].is_some() && line.args.iter().all(named);
        keep.push(good);
        if !good {
            continue;
        }
        if let Some(names) = there[usize::from(line.actor)].as_mut() {
            names.extend(&line.binds);
        }
        if let Some(child) = line.child {
            there[usize::from(child)] = there[usize::from(line.actor)].clone();
        }
    }
    if keep.iter().all(|keep| *keep) { repaired(program) } else { kept(&program, &keep) }
}

/// The program as its own text says it: actors and names that are not used are gone.
fn repaired(program: Program) -> Option<Program> {
    parse("shrunk", &program.to_string()).ok()
}

/// The program in which a child's part is played by its parent.
fn merged(program: &Program, child: u8) -> Option<Program> {
    let birth = program.lines.iter().position(|line| line.child == Some(child))?;
    let parent = program.lines[birth].actor;
    let mut fewer = program.clone();
    for line in &mut fewer.lines {
        if line.actor == child {
            line.actor = parent;
        }
        line.edges.retain(|edge| !matches!(edge, Edge::WhenBlocked(_)));
    }
    without(&fewer, |index, line| index == birth || line.args.contains(&Operand::Process(child)))
}

/// Programs in which an earlier name stands for a later one of the same actor, so that what made the
/// later one may not be needed. Of a name that is bound again only the first time counts: each of two
/// names could stand for the other for ever.
fn aliases(program: &Program) -> Vec<Program> {
    let mut bound: Vec<(u8, u16)> = Vec::new();
    for line in &program.lines {
        for name in &line.binds {
            if bound.iter().all(|(_, known)| known != name) {
                bound.push((line.actor, *name));
            }
        }
    }
    let mut found = Vec::new();
    for (place, (actor, later)) in bound.iter().enumerate() {
        for (_, earlier) in bound[..place].iter().filter(|(other, _)| other == actor) {
            let mut other = program.clone();
            let renamed = |name: &mut u16| {
                if *name == *later {
                    *name = *earlier;
                }
            };
            for operand in other.lines.iter_mut().flat_map(|line| &mut line.args) {
                match operand {
                    Operand::Name(name) => renamed(name),
                    Operand::Watches(watches) => {
                        watches.iter_mut().for_each(|(name, _)| renamed(name));
                    }
                    _ => {}
                }
            }
            if other != *program {
                found.push(other);
            }
        }
    }
    found
}

/// The program with less to move in one line.
fn sizes(program: &Program, line: usize) -> Vec<Program> {
    let text = &program.lines[line];
    let mut found = Vec::new();
    for (place, (param, arg)) in text.operation.params.iter().zip(&text.args).enumerate() {
        let smaller: Vec<Operand> = match (param, arg) {
            (Param::Send | Param::Receive, Operand::Number(n)) => {
                // Ever smaller steps: a size in between is found without a walk by ones.
                let steps = (1..i64::BITS).map(|half| n - (n >> half));
                let among = [1, 16, 4096, 4097].into_iter().chain(steps);
                let less: BTreeSet<i64> = among.filter(|less| (1..*n).contains(less)).collect();
                less.into_iter().map(Operand::Number).collect()
            }
            (Param::SendVector | Param::ReceiveVector, Operand::Vector(parts)) => {
                let sum: u64 = parts.iter().sum();
                let whole = (parts.len() > 1).then(|| vec![sum]);
                let half = (sum > 1).then(|| vec![sum / 2]);
                whole.into_iter().chain(half).map(Operand::Vector).collect()
            }
            (Param::Watches(words), Operand::Watches(watches))
                if watches.len() > usize::from(!words.is_empty()) =>
            {
                let without = |index| {
                    let mut fewer = watches.clone();
                    fewer.remove(index);
                    Operand::Watches(fewer)
                };
                (0..watches.len()).map(without).collect()
            }
            _ => Vec::new(),
        };
        found.extend(smaller.into_iter().map(|operand| {
            let mut changed = program.clone();
            changed.lines[line].args[place] = operand;
            changed
        }));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_bound_twice_do_not_stand_for_each_other_in_turn() {
        let programs = [
            "A: pipe -> w r\nA: dup r -> w\nA: read r 1\nA: read w 1\n",
            "A: pipe -> w x\nA: fork -> B\nB: pipe -> r y\nB: dup r -> w\nA: dup w -> r\n\
             A: read r 1\nA: read w 1\nB: read r 1\nB: read w 1\n",
        ];
        for text in programs {
            let program = parse("test", text).expect("a program");
            for other in aliases(&program) {
                assert!(!aliases(&other).contains(&program), "there and back:\n{program}\n{other}");
            }
        }
    }

    #[test]
    fn a_program_whose_name_is_bound_twice_is_shrunk_in_the_end() {
        let text = "A: pipe -> w r\nA: dup r -> w\nA: read r 1\nA: read w 1\n";
        let program = parse("test", text).expect("a program");
        assert!(!aliases(&program).is_empty());
        let mut asked = 0;
        let smallest = shrink(&program, &mut |candidate| {
            asked += 1;
            assert!(asked < 1_000, "it goes round in circles");
            candidate.lines.len() == program.lines.len()
        });
        assert_eq!(smallest.lines.len(), 4);
    }
}
