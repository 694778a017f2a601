//! The head of a program's text: what a run shall exercise, and under which conditions.

use std::ops::Range;

use super::parse::{Parser, Word};
use super::{Fault, NOFILE, nearest, quote};
use crate::program::Mention;

/// Where the lines are that stand together, as far as that has been read.
#[derive(Clone, Copy)]
pub(super) struct Together {
    start: u16,
    end: Option<u16>,
    /// The line of the text in which they begin.
    at: u32,
}

impl Together {
    /// The lines, of a program that has so many; or where none is.
    pub(super) fn of(self, lines: usize) -> Result<Range<u16>, (usize, Fault)> {
        let range = self.start..self.end.unwrap_or(lines as u16);
        if range.is_empty() {
            let message = "no line stands together here".to_owned();
            let help = "put lines below `together`".to_owned();
            return Err((self.at as usize, Fault { at: 0..0, message, help }));
        }
        Ok(range)
    }
}

impl Parser {
    /// Reads a line that is no call: one of the head, `together` or `then`.
    pub(super) fn head(&mut self, key: Word, values: &[Word]) -> Result<(), Fault> {
        const KEYS: [&str; 6] = ["covers", "may-cover", "order", "limit", "together", "then"];
        if let ("together" | "then", []) = (key.text, values) {
            return self.mark(key);
        }
        if !KEYS.contains(&key.text) {
            let help = match nearest(key.text, KEYS) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => {
                    format!("a call is written `A: read r 16`, the rest is {}", KEYS.join(", "))
                }
            };
            return Err(key.fault(format!("{} begins no line", quote(key.text)), help));
        }
        if !self.program.lines.is_empty() {
            let message = format!("`{}` stands below a call", key.text);
            return Err(key.fault(message, "move it above the first call"));
        }
        let texts: Vec<&str> = values.iter().map(|word| word.text).collect();
        match (key.text, texts.as_slice()) {
            ("covers" | "may-cover", []) => {
                Err(key
                    .fault(format!("`{}` names no clause", key.text), "put clause ids behind it"))
            }
            ("covers" | "may-cover", _) => {
                values.iter().try_for_each(|id| self.mention(key.text == "covers", *id))
            }
            ("order", ["stepwise"]) if !self.program.stepwise => {
                self.program.stepwise = true;
                Ok(())
            }
            ("limit", ["nofile", number]) if self.program.nofile.is_none() => {
                let number = number.parse().ok().filter(|number| NOFILE.contains(number));
                self.program.nofile = Some(number.ok_or_else(|| {
                    let message = format!("{} is no such limit", quote(values[1].text));
                    let (least, most) = NOFILE.into_inner();
                    values[1].fault(message, format!("write a number from {least} to {most}"))
                })?);
                Ok(())
            }
            ("order", ["stepwise"]) | ("limit", ["nofile", _]) => {
                Err(key.fault(format!("`{}` stands here twice", key.text), "leave one out"))
            }
            ("order", _) => Err(key.fault("unknown order".to_owned(), "write `order stepwise`")),
            _ => Err(key.fault("unknown limit".to_owned(), "write `limit nofile 16`")),
        }
    }

    /// Lines stand together from here on, or do not any more.
    fn mark(&mut self, key: Word) -> Result<(), Fault> {
        let here = self.program.lines.len() as u16;
        let begins = key.text == "together";
        match &self.together {
            None if begins && self.program.stepwise => {
                self.together = Some(Together { start: here, end: None, at: self.at });
            }
            None if begins => {
                let message = "`together` is an exception from an order".to_owned();
                return Err(key.fault(message, "write `order stepwise` in the head"));
            }
            None => {
                let message = "`then` ends nothing".to_owned();
                return Err(key.fault(message, "write `together` above the lines that are meant"));
            }
            Some(_) if begins => {
                let message = "`together` stands here twice".to_owned();
                return Err(key.fault(message, "leave one out, or make two programs of it"));
            }
            Some(together) if together.end.is_some() || together.start == here => {
                let message = "no line stands together here".to_owned();
                return Err(key.fault(message, "put `then` below lines that stand together"));
            }
            Some(together) => self.together = Some(Together { end: Some(here), ..*together }),
        }
        Ok(())
    }

    fn mention(&mut self, must: bool, id: Word) -> Result<(), Fault> {
        let letters = |part: &str| {
            !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c))
        };
        if !id.text.contains('.') || !id.text.split('.').all(letters) {
            let message = format!("{} is not the id of a clause", quote(id.text));
            return Err(id.fault(message, "ids are words with dots between them: `pipe.read.eof`"));
        }
        if !self.clauses.insert(id.text.to_owned()) {
            return Err(id.fault(format!("{} is named twice", quote(id.text)), "leave one out"));
        }
        let mention = Mention { clause: id.text.to_owned(), at: self.at };
        let list = if must { &mut self.program.covers } else { &mut self.program.may_cover };
        list.push(mention);
        Ok(())
    }
}
