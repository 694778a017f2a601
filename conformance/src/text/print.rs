//! From program to text, in the one spelling that every program has.

use std::fmt;

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
            writeln!(f, "{}", self.call_text(line))?;
        }
        Ok(())
    }
}

impl Program {
    /// The call of line `index`, without actor and edges: `read r 16`.
    pub fn line_text(&self, index: usize) -> String {
        self.call_text(&self.lines[index])
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

    fn call_text(&self, line: &Line) -> String {
        let mut text = line.operation.name.to_owned();
        for (param, operand) in line.operation.params.iter().zip(&line.args) {
            text.push(' ');
            text.push_str(&self.operand_text(param, operand));
        }
        let child = line.child.map(|child| self.actor_name(child));
        let names = line.binds.iter().map(|name| self.names[usize::from(*name)].as_str());
        let results: Vec<&str> = names.chain(child).collect();
        if results.is_empty() { text } else { format!("{text} -> {}", results.join(" ")) }
    }

    fn operand_text(&self, param: &Param, operand: &Operand) -> String {
        match (param, operand) {
            (Param::Command(word), _) => (*word).to_owned(),
            (Param::Flags(words), Operand::Flags(flags)) => flag_text(words, *flags),
            (Param::Word(words), Operand::Number(index)) => words[*index as usize].to_owned(),
            (_, Operand::Name(name)) => self.names[usize::from(*name)].clone(),
            (Param::Mode, Operand::Number(mode)) => format!("{mode:04o}"),
            (Param::Watches(words), Operand::Watches(watches)) => {
                let one = |(name, asked): &(u16, u32)| {
                    format!("{}:{}", self.names[usize::from(*name)], flag_text(words, *asked))
                };
                watches.iter().map(one).collect::<Vec<_>>().join(",")
            }
            (_, Operand::Watches(_)) => String::new(),
            (_, Operand::Path(path)) => format!("\"{path}\""),
            (_, Operand::Number(number)) => number.to_string(),
            (_, Operand::Vector(parts)) => {
                parts.iter().map(u64::to_string).collect::<Vec<_>>().join(",")
            }
            (_, Operand::Flags(flags)) => flags.to_string(),
            (_, Operand::Process(process)) => self.actor_name(*process).to_owned(),
            (_, Operand::Command) => String::new(),
        }
    }

    fn actor_name(&self, actor: u8) -> &str {
        &self.actors[usize::from(actor)]
    }
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
