//! From text to program, or to one error.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use ipc_model::operation::{Gives, Operation, Param};
use ipc_model::thread::PTHREAD_CREATE;

use super::head::Together;
use super::operand::{Refusal, bound, find_operation, fits, literal, usage, watches};
use super::{Fault, TextError, nearest, quote};
use crate::program::{Edge, Line, Operand, Program};

/// Reads a program. `source_name` is what errors call the text.
pub fn parse(source_name: &str, text: &str) -> Result<Program, TextError> {
    let mut parser = Parser::default();
    for (index, line) in text.lines().enumerate() {
        let read = parser.read(index as u32 + 1, line);
        read.map_err(|fault| fault.located(source_name, index + 1, line))?;
    }
    parser.finish().map_err(|(at, fault)| {
        let line = text.lines().nth(at.saturating_sub(1)).unwrap_or("");
        fault.located(source_name, at.max(1), line)
    })
}

/// A word of a line, and where it stands.
#[derive(Clone, Copy)]
pub(super) struct Word<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
}

impl Word<'_> {
    pub(super) fn span(&self) -> Range<usize> {
        self.at..self.at + self.text.len()
    }

    pub(super) fn fault(&self, message: String, help: impl Into<String>) -> Fault {
        Fault { at: self.span(), message, help: help.into() }
    }
}

/// The words of `code`, whose first byte is byte `from` of the line.
fn words(code: &str, from: usize) -> Vec<Word<'_>> {
    let start = code.as_ptr() as usize;
    code.split_whitespace()
        .map(|text| Word { text, at: from + (text.as_ptr() as usize - start) })
        .collect()
}

/// What is known of an actor above the line that is being read.
#[derive(Default)]
pub(super) struct Known {
    /// Its lines, by index.
    lines: Vec<u16>,
    /// The descriptors that it has names for.
    names: BTreeSet<u16>,
    /// Whether a line has brought it to life.
    born: bool,
    /// The actor whose process it is a thread of, if it is one more.
    thread_of: Option<u8>,
    /// Whether its process has more threads than it.
    pub(super) several: bool,
    /// Where it was first named as somebody else's operand: the line and the bytes in it.
    named: Option<(usize, Range<usize>)>,
}

#[derive(Default)]
pub(super) struct Parser {
    pub(super) program: Program,
    pub(super) known: Vec<Known>,
    names: BTreeMap<String, u16>,
    pub(super) clauses: BTreeSet<String>,
    pub(super) together: Option<Together>,
    /// The line of the text that is being read.
    pub(super) at: u32,
    /// Where the name of each call stands: the line of the text, and the bytes in it.
    pub(super) calls: Vec<(u32, Range<usize>)>,
}

impl Parser {
    fn read(&mut self, at: u32, line: &str) -> Result<(), Fault> {
        self.at = at;
        let code = line.split('#').next().unwrap_or("");
        let all = words(code, 0);
        let Some(first) = all.first() else { return Ok(()) };
        let Some((name, _)) = first.text.split_once(':') else {
            return self.head(*first, &all[1..]);
        };
        let behind = first.at + name.len() + 1;
        let actor = self.caller(Word { text: name, at: first.at })?;
        self.call(actor, &words(&code[behind..], behind), *first)
    }

    fn finish(mut self) -> Result<Program, (usize, Fault)> {
        for (name, known) in self.program.actors.iter().zip(&self.known) {
            if let (true, false, Some((line, at))) =
                (known.lines.is_empty(), known.born, known.named.clone())
            {
                let message = format!("unknown actor {}", quote(name));
                let with_lines =
                    self.program.actors.iter().zip(&self.known).filter(|(_, k)| k.named.is_none());
                let help = match nearest(name, with_lines.map(|(other, _)| other.as_str())) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => "no line is its own, and nobody forks it".to_owned(),
                };
                return Err((line, Fault { at, message, help }));
            }
        }
        if self.program.lines.is_empty() {
            let help = "write at least one line such as `A: pipe -> r w`".to_owned();
            let message = "there is no call in this program".to_owned();
            return Err((self.at as usize, Fault { at: 0..0, message, help }));
        }
        if let Some(together) = self.together {
            self.program.together = together.of(self.program.lines.len())?;
        }
        self.hold_together()?;
        Ok(self.program)
    }

    /// The actor whose process that one is a thread of: itself, unless it is one more.
    pub(super) fn leader(&self, actor: u8) -> u8 {
        self.known[usize::from(actor)].thread_of.unwrap_or(actor)
    }

    /// The actor whose line this is.
    fn caller(&mut self, name: Word) -> Result<u8, Fault> {
        if self.program.lines.len() == Program::MAX_LINES {
            let message = format!("there are more than {} calls", Program::MAX_LINES);
            return Err(name.fault(message, "make several programs of it"));
        }
        self.actor(name)
    }

    /// The index of the actor of that name, which need not have been named before.
    fn actor(&mut self, name: Word) -> Result<u8, Fault> {
        let mut letters = name.text.chars();
        let spelled = letters.next().is_some_and(|c| c.is_ascii_uppercase())
            && letters.all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !spelled {
            let message = format!("{} is not an actor's name", quote(name.text));
            return Err(name.fault(message, "a capital letter, then letters, digits and `_`"));
        }
        if let Some(index) = self.program.actors.iter().position(|known| known == name.text) {
            return Ok(index as u8);
        }
        if self.program.actors.len() == Program::MAX_ACTORS {
            let message = format!("there are more than {} actors", Program::MAX_ACTORS);
            return Err(name.fault(message, "use fewer"));
        }
        self.program.actors.push(name.text.to_owned());
        self.known.push(Known::default());
        Ok(self.program.actors.len() as u8 - 1)
    }

    /// An actor that has lines above.
    fn actor_above(&self, name: Word) -> Result<u8, Fault> {
        let actors = || self.program.actors.iter().map(String::as_str);
        let found = actors().position(|known| known == name.text);
        match found.filter(|index| !self.known[*index].lines.is_empty()) {
            Some(index) => Ok(index as u8),
            None => {
                let help = match nearest(name.text, actors().filter(|actor| *actor != name.text)) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => "an edge points to a line above it".to_owned(),
                };
                Err(name.fault(format!("{} has no line above this one", quote(name.text)), help))
            }
        }
    }

    fn call(&mut self, actor: u8, words: &[Word], first: Word) -> Result<(), Fault> {
        let (edges, words) = self.edges(actor, words)?;
        let arrow = words.iter().position(|word| word.text == "->");
        let (call, results) = words.split_at(arrow.unwrap_or(words.len()));
        let Some((name, given)) = call.split_first() else {
            let last = words.first().copied().unwrap_or(first);
            return Err(last.fault(
                "there is no call in this line".to_owned(),
                "write one, as in `A: read r 16`",
            ));
        };
        let operation = find_operation(*name, given)?;
        let args = self.args(actor, operation, *name, given)?;
        self.hold_to_threads(actor, operation, &args, *name)?;
        let line = self.program.lines.len() as u16;
        self.known[usize::from(actor)].lines.push(line);
        let (binds, child) =
            self.results(actor, operation, &args, call[call.len() - 1], results)?;
        self.calls.push((self.at, name.span()));
        self.program.lines.push(Line { actor, edges, operation, args, binds, child });
        Ok(())
    }

    /// The edges that stand before the call, and the words behind them.
    fn edges<'w, 'a>(
        &self,
        actor: u8,
        words: &'w [Word<'a>],
    ) -> Result<(Vec<Edge>, &'w [Word<'a>]), Fault> {
        let mut edges = Vec::new();
        let mut rest = words;
        loop {
            let texts: Vec<&str> = rest.iter().take(3).map(|word| word.text).collect();
            let (edge, length, of) = match texts.as_slice() {
                ["after", ..] => {
                    let (edge, of) = self.after(rest)?;
                    (edge, 2, of)
                }
                ["when", _, "blocked"] => {
                    let of = self.actor_above(rest[1])?;
                    (Edge::WhenBlocked(of), 3, of)
                }
                ["when", ..] => {
                    let message = "this edge is not complete".to_owned();
                    return Err(rest[0].fault(message, "write `when A blocked`"));
                }
                _ => return Ok((edges, rest)),
            };
            if of == actor {
                let message = "an actor cannot wait for itself".to_owned();
                return Err(rest[1].fault(message, "its lines are in order: leave the edge out"));
            }
            edges.push(edge);
            rest = &rest[length..];
        }
    }

    /// `after A.3`: the edge, and the actor it is about.
    fn after(&self, words: &[Word]) -> Result<(Edge, u8), Fault> {
        let Some(target) = words.get(1) else {
            return Err(words[0].fault("this edge is not complete".to_owned(), "write `after A.3`"));
        };
        let split = target.text.split_once('.');
        let parts = split.and_then(|(name, place)| Some((name, place.parse::<usize>().ok()?)));
        let Some((name, place)) = parts else {
            let message = format!("{} is not a line of an actor", quote(target.text));
            return Err(target.fault(message, "write `after A.3` for A's third line"));
        };
        let of = self.actor_above(Word { text: name, at: target.at })?;
        let lines = &self.known[usize::from(of)].lines;
        match place.checked_sub(1).and_then(|index| lines.get(index)) {
            Some(line) => Ok((Edge::After(*line), of)),
            None => Err(target.fault(
                format!("{} is not above this line", quote(target.text)),
                format!("the last line of {name} above it is {name}.{}", lines.len()),
            )),
        }
    }

    fn args(
        &mut self,
        actor: u8,
        operation: &Operation,
        name: Word,
        given: &[Word],
    ) -> Result<Vec<Operand>, Fault> {
        let mut args = Vec::with_capacity(operation.params.len());
        for (index, param) in operation.params.iter().enumerate() {
            let Some(word) = given.get(index) else {
                let last = given.last().unwrap_or(&name);
                let message = format!("something is missing behind {}", quote(last.text));
                return Err(last.fault(message, format!("write `{}`", usage(operation))));
            };
            let refused = |(what, help): Refusal| word.fault(what, help);
            let arg = match param {
                Param::Fd | Param::TargetFd => self.descriptor(actor, *word)?,
                Param::Process => self.process(*word)?,
                Param::Watches(words) => self.watches(actor, words, *word)?,
                _ => literal(param, word.text).map_err(refused)?,
            };
            if matches!(param, Param::Number) {
                fits(operation, &arg).map_err(refused)?;
            }
            args.push(arg);
        }
        match given.get(operation.params.len()) {
            None => Ok(args),
            Some(extra) => Err(extra.fault(
                format!("{} is more than {} takes", quote(extra.text), quote(&operation.key())),
                format!("write `{}`", usage(operation)),
            )),
        }
    }

    fn descriptor(&self, actor: u8, word: Word) -> Result<Operand, Fault> {
        let known = &self.known[usize::from(self.leader(actor))].names;
        if let Some(name) = self.names.get(word.text).filter(|name| known.contains(name)) {
            return Ok(Operand::Name(*name));
        }
        let names = || known.iter().map(|name| self.program.names[usize::from(*name)].as_str());
        let help = match (nearest(word.text, names()), names().next()) {
            (Some(meant), _) => format!("did you mean `{meant}`?"),
            (None, None) => "a line above must bind it, as in `A: pipe -> r w`".to_owned(),
            (None, Some(_)) => {
                let some: Vec<&str> = names().take(8).collect();
                format!("known here: {}", some.join(", "))
            }
        };
        Err(word.fault(format!("unknown descriptor {}", quote(word.text)), help))
    }

    fn watches(
        &self,
        actor: u8,
        words: &'static [&'static str],
        word: Word,
    ) -> Result<Operand, Fault> {
        let all = watches(words, word.text).map_err(|(what, help)| word.fault(what, help))?;
        let start = word.text.as_ptr() as usize;
        let one = |(text, asked): (&str, u32)| {
            let at = word.at + (text.as_ptr() as usize - start);
            match self.descriptor(actor, Word { text, at })? {
                Operand::Name(name) => Ok((name, asked)),
                _ => Err(word.fault("no descriptor".to_owned(), "name one")),
            }
        };
        all.into_iter().map(one).collect::<Result<_, Fault>>().map(Operand::Watches)
    }

    fn process(&mut self, word: Word) -> Result<Operand, Fault> {
        let index = self.actor(word)?;
        let known = &mut self.known[usize::from(index)];
        if known.lines.is_empty() && !known.born && known.named.is_none() {
            known.named = Some((self.at as usize, word.span()));
        }
        Ok(Operand::Process(index))
    }

    /// Binds what the call gives to the names behind the arrow.
    fn results(
        &mut self,
        actor: u8,
        operation: &'static Operation,
        args: &[Operand],
        last: Word,
        results: &[Word],
    ) -> Result<(Vec<u16>, Option<u8>), Fault> {
        let (wanted, named) = (bound(operation, args), results.len().saturating_sub(1));
        if wanted != named || (wanted == 0 && !results.is_empty()) {
            let place = results.last().unwrap_or(&last);
            let message = format!("{} gives {}", quote(&operation.key()), counted(wanted));
            return Err(place.fault(message, format!("write `{}`", usage(operation))));
        }
        if operation.gives == Gives::Process {
            return Ok((Vec::new(), Some(self.birth(actor, operation, results[1])?)));
        }
        let mut binds = Vec::with_capacity(wanted);
        for word in results.iter().skip(1) {
            let name = self.name(*word)?;
            if binds.contains(&name) {
                let message = format!("{} is bound twice", quote(word.text));
                return Err(word.fault(message, "give each descriptor a name of its own"));
            }
            binds.push(name);
        }
        let leader = self.leader(actor);
        self.known[usize::from(leader)].names.extend(&binds);
        Ok((binds, None))
    }

    fn name(&mut self, word: Word) -> Result<u16, Fault> {
        let mut letters = word.text.chars();
        let spelled = letters.next().is_some_and(|c| c.is_ascii_lowercase())
            && letters.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if !spelled {
            let message = format!("{} is not a descriptor's name", quote(word.text));
            return Err(word.fault(message, "a small letter, then small letters, digits and `_`"));
        }
        if let Some(index) = self.names.get(word.text) {
            return Ok(*index);
        }
        let Ok(index) = u16::try_from(self.names.len()) else {
            let message = "there are too many names".to_owned();
            return Err(word.fault(message, "use names again that are no longer needed"));
        };
        self.names.insert(word.text.to_owned(), index);
        self.program.names.push(word.text.to_owned());
        Ok(index)
    }

    fn birth(
        &mut self,
        parent: u8,
        operation: &'static Operation,
        word: Word,
    ) -> Result<u8, Fault> {
        let child = self.actor(word)?;
        let known = &self.known[usize::from(child)];
        let name = quote(word.text);
        let refusal = if child == parent {
            (format!("{name} cannot bring itself to life"), "name an actor that is not there yet")
        } else if known.born {
            (format!("{name} is born twice"), "give the second one another name")
        } else if !known.lines.is_empty() {
            (format!("{name} has lines above its birth"), "move them below, or name another actor")
        } else if known.named.is_some() {
            (format!("{name} is named above its birth"), "move that line below this one")
        } else {
            let leader = self.leader(parent);
            let names = self.known[usize::from(leader)].names.clone();
            let thread_of = (operation == &PTHREAD_CREATE).then_some(leader);
            self.known[usize::from(leader)].several |= thread_of.is_some();
            self.known[usize::from(child)] =
                Known { names, born: true, thread_of, ..Known::default() };
            return Ok(child);
        };
        Err(word.fault(refusal.0, refusal.1))
    }
}

fn counted(names: usize) -> &'static str {
    match names {
        0 => "nothing that gets a name",
        1 => "one thing that gets a name",
        2 => "two things that get names",
        _ => "three things that get names",
    }
}
