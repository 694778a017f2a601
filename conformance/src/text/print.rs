//! From program to text, in the one spelling that every program has.

use std::fmt::{self, Write};

use ipc_model::operation::{Param, flag_text};

use crate::program::{Edge, Line, Mention, Operand, Program};

/// Where the lists of clauses are broken.
const WIDTH: usize = 100;

impl fmt::Display for Program {
    /// The canonical text: the head, then one call a line. It reads back as the same program.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_clauses(f, "covers", &self.covers)?;
        write_clauses(f, "may-cover", &self.may_cover)?;
        if self.stepwise {
            writeln!(f, "order stepwise")?;
        }
        if let Some(nofile) = self.nofile {
            writeln!(f, "limit nofile {nofile}")?;
        }
        let places = self.places();
        for (index, line) in (0..).zip(&self.lines) {
            if !self.together.is_empty() && index == self.together.start {
                writeln!(f, "together")?;
            }
            if !self.together.is_empty() && index == self.together.end {
                writeln!(f, "then")?;
            }
            write!(f, "{}: ", self.actor_name(line.actor))?;
            for edge in &line.edges {
                match *edge {
                    Edge::After(above) => {
                        let actor = self.lines[usize::from(above)].actor;
                        let place = places[usize::from(above)];
                        write!(f, "after {}.{place}  ", self.actor_name(actor))?;
                    }
                    Edge::WhenBlocked(actor) => {
                        write!(f, "when {} blocked  ", self.actor_name(actor))?;
                    }
                }
            }
            self.write_call(f, line)?;
            f.write_str("\n")?;
        }
        Ok(())
    }
}

impl Program {
    /// The call of line `index`, without actor and edges: `read r 16`.
    pub fn line_text(&self, index: usize) -> String {
        let mut text = String::new();
        self.write_call(&mut text, &self.lines[index])
            .expect("a text takes all that is written to it");
        text
    }

    /// The place of each line in its actor's own lines, from 1.
    fn places(&self) -> Vec<usize> {
        let mut counts = vec![0; self.actors.len()];
        let mut count = |line: &Line| {
            let count = &mut counts[usize::from(line.actor)];
            *count += 1;
            *count
        };
        self.lines.iter().map(&mut count).collect()
    }

    fn write_call(&self, to: &mut impl Write, line: &Line) -> fmt::Result {
        to.write_str(line.operation.name)?;
        for (param, operand) in line.operation.params.iter().zip(&line.args) {
            to.write_str(" ")?;
            self.write_operand(to, param, operand)?;
        }
        let names = line.binds.iter().map(|name| self.names[usize::from(*name)].as_str());
        let mut sign = " -> ";
        for result in names.chain(line.child.map(|child| self.actor_name(child))) {
            to.write_str(std::mem::replace(&mut sign, " "))?;
            to.write_str(result)?;
        }
        Ok(())
    }

    fn write_operand(&self, to: &mut impl Write, param: &Param, operand: &Operand) -> fmt::Result {
        match (param, operand) {
            (Param::Command(word), _) => to.write_str(word),
            (Param::Flags(words), Operand::Flags(flags)) => to.write_str(&flag_text(words, *flags)),
            (Param::Word(words), Operand::Number(index)) => to.write_str(words[*index as usize]),
            (_, Operand::Name(name)) => to.write_str(&self.names[usize::from(*name)]),
            (Param::Mode, Operand::Number(mode)) => write!(to, "{mode:04o}"),
            (Param::Watches([]), Operand::Watches(watches)) if watches.is_empty() => {
                to.write_str("0")
            }
            (Param::Watches([]), Operand::Watches(watches)) => {
                each(to, watches, |to, (name, _)| to.write_str(&self.names[usize::from(*name)]))
            }
            (Param::Watches(words), Operand::Watches(watches)) => {
                each(to, watches, |to, (name, asked)| {
                    let name = &self.names[usize::from(*name)];
                    write!(to, "{name}:{}", flag_text(words, *asked))
                })
            }
            (_, Operand::Watches(_) | Operand::Command) => Ok(()),
            (_, Operand::Path(path)) => write!(to, "\"{path}\""),
            (_, Operand::Number(number)) => write!(to, "{number}"),
            (_, Operand::Vector(parts)) => each(to, parts, |to, part| write!(to, "{part}")),
            (_, Operand::Flags(flags)) => write!(to, "{flags}"),
            (_, Operand::Process(process)) => to.write_str(self.actor_name(*process)),
        }
    }

    fn actor_name(&self, actor: u8) -> &str {
        &self.actors[usize::from(actor)]
    }
}

/// All of them, with commas between.
fn each<W: Write, T>(
    to: &mut W,
    all: &[T],
    one: impl Fn(&mut W, &T) -> fmt::Result,
) -> fmt::Result {
    for (index, item) in all.iter().enumerate() {
        if index > 0 {
            to.write_str(",")?;
        }
        one(to, item)?;
    }
    Ok(())
}

fn write_clauses(f: &mut fmt::Formatter<'_>, key: &str, mentions: &[Mention]) -> fmt::Result {
    let mut column = 0;
    for mention in mentions {
        let length = mention.clause.chars().count() + 1;
        if column > 0 && column + length <= WIDTH {
            write!(f, " {}", mention.clause)?;
            column += length;
        } else {
            write!(f, "{}{key} {}", if column > 0 { "\n" } else { "" }, mention.clause)?;
            column = key.len() + length;
        }
    }
    if column > 0 { writeln!(f) } else { Ok(()) }
}
