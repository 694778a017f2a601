//! From file to history, or to one error.

use std::collections::BTreeMap;

use ipc_model::mechanism::operations;
use ipc_model::operation::{Actor, Arg, Call, Gives, Operation, Param};
use ipc_model::outcome::{Info, Outcome, Passed, Stack, Value};
use ipc_model::signal::SIGNALS;
use serde::Deserialize;

use super::wire::{
    CallLine, EndLine, EndWord, EndedLine, HandledLine, HeadLine, InfoObject, Kind, ProofWord,
    QuiescentLine, ResultObject, ReturnLine, StackWord, Stamp,
};
use super::{FORMAT, VERSION, spelling, validate};
use crate::history::{End, Event, EventKind, Head, History, Proof};
use crate::program::Program;
use crate::text::{Fault, TextError, quote, shown};

const AGAIN: &str = "the file was changed after it was written, or cut off: record it again";

/// Reads a history and makes sure that it can have happened ([`validate`]). `source_name` is what
/// errors call the text.
pub fn read(source_name: &str, text: &str) -> Result<History, TextError> {
    let mut lines = text.lines().enumerate();
    let first = lines.next().map_or("", |(_, line)| line);
    let head = read_head(first).map_err(|fault| fault.located(source_name, 1, first))?;
    let mut reader = Reader { actors: &head.actors, calls: BTreeMap::new() };
    let mut events = Vec::new();
    let mut end = None;
    for (index, line) in lines {
        let located = |fault: Fault| fault.located(source_name, index + 1, line);
        if end.is_some() {
            return Err(located(whole(line, "there is something behind the end of the history")));
        }
        match reader.line(line).map_err(located)? {
            Entry::Event(event) => events.push(event),
            Entry::End(how) => end = Some(how),
        }
    }
    let Some(end) = end else {
        let last = text.lines().last().unwrap_or("");
        let fault = whole(last, "the history is cut off: it does not say how the run ended");
        return Err(fault.located(source_name, text.lines().count().max(1), last));
    };
    let history = History { head, events, end };
    validate(&history).map_err(|invalid| {
        let index = invalid.event.map_or(0, |event| event + 1);
        let line = text.lines().nth(index).unwrap_or("");
        let fault = Fault { at: 0..line.len(), message: invalid.message, help: invalid.help };
        fault.located(source_name, index + 1, line)
    })?;
    Ok(history)
}

/// One line below the head.
enum Entry {
    Event(Event),
    End(End),
}

fn read_head(line: &str) -> Result<Head, Fault> {
    let foreign = || Fault {
        at: 0..line.len(),
        message: "this is not a recorded history".to_owned(),
        help: format!("its first line would be an object with \"format\":\"{FORMAT}\""),
    };
    let stamp: Stamp = serde_json::from_str(line).map_err(|_| foreign())?;
    if stamp.format.as_ref().and_then(serde_json::Value::as_str) != Some(FORMAT) {
        return Err(foreign());
    }
    if stamp.version != Some(VERSION) {
        let written = stamp.version.map_or("none".to_owned(), |version| version.to_string());
        return Err(Fault {
            at: field(line, "version"),
            message: format!(
                "the history's version is {written}, and this program reads {VERSION}"
            ),
            help: "check it with a program of the version that recorded it, or newer".to_owned(),
        });
    }
    let head: HeadLine = object(line)?;
    if head.actors.len() > Program::MAX_ACTORS {
        return Err(wrong(line, "actors", "there are too many actors"));
    }
    let root = |name: &String| spelling::process(&head.actors, name);
    let roots = head.roots.iter().map(root).collect::<Option<_>>();
    Ok(Head {
        roots: roots.ok_or_else(|| wrong(line, "roots", "a root is not among the actors"))?,
        system: head.system,
        numbers: head.numbers,
        program: head.program,
        actors: head.actors,
    })
}

struct Reader<'a> {
    actors: &'a [String],
    /// What each actor called last.
    calls: BTreeMap<Actor, &'static Operation>,
}

impl Reader<'_> {
    fn line(&mut self, line: &str) -> Result<Entry, Fault> {
        let (ticket, kind) = match &*object::<Kind>(line)?.event {
            "call" => self.call(line)?,
            "return" => self.returned(line)?,
            "ended" => self.ended(line)?,
            "handled" => {
                let entry: HandledLine = object(line)?;
                let actor = self.actor(line, "actor", &entry.actor)?;
                let info = self
                    .info(&entry.info)
                    .ok_or_else(|| wrong(line, "info", "no handler is told this"))?;
                (entry.ticket, EventKind::Handled { actor, info })
            }
            "quiescent" => {
                let entry: QuiescentLine = object(line)?;
                let asleep = self.actors(line, "asleep", &entry.asleep)?;
                let proof = match entry.proof {
                    ProofWord::Proven => Proof::Proven,
                    ProofWord::Waited => Proof::Waited,
                    ProofWord::Expired => Proof::Expired,
                };
                (entry.ticket, EventKind::Quiescent { asleep, proof })
            }
            "end" => return self.end(line).map(Entry::End),
            other => {
                let message = format!("{} is no kind of event", quote(other));
                return Err(wrong(line, "event", &message));
            }
        };
        Ok(Entry::Event(Event { ticket, kind }))
    }

    fn call(&mut self, line: &str) -> Result<(u64, EventKind), Fault> {
        let entry: CallLine = object(line)?;
        let actor = self.actor(line, "actor", &entry.actor)?;
        let operation = operation(&entry.call).ok_or_else(|| {
            let message = format!("{} is no call that is known here", quote(&entry.call));
            wrong(line, "call", &message)
        })?;
        let index = entry.line.checked_sub(1).and_then(|index| u16::try_from(index).ok());
        let index = index.ok_or_else(|| wrong(line, "line", "no program has such a line"))?;
        let args = self.args(operation, &entry.args).ok_or_else(|| {
            let message = format!("{} cannot be called with this", quote(&entry.call));
            wrong(line, "args", &message)
        })?;
        self.calls.insert(actor, operation);
        let call = Call { operation, args, tag: entry.tag.unwrap_or(entry.line) };
        Ok((entry.ticket, EventKind::Call { actor, line: index, call }))
    }

    fn info(&self, object: &InfoObject) -> Option<Info> {
        let signal = spelling::word(SIGNALS, &object.signal)?.try_into().ok()?;
        let from = match &object.from {
            Some(name) => Some(spelling::process(self.actors, name)?),
            None => None,
        };
        let stack = match object.stack {
            None => Stack::Unsaid,
            Some(StackWord::Usual) => Stack::Usual,
            Some(StackWord::Alternate) => Stack::Alternate,
        };
        Some(Info { signal, code: object.code.parse().ok()?, value: object.value, from, stack })
    }

    fn args(&self, operation: &Operation, values: &[serde_json::Value]) -> Option<Vec<Arg>> {
        let mut values = values.iter();
        let mut args = Vec::with_capacity(operation.params.len());
        for param in operation.params {
            args.push(match param {
                Param::Command(_) => Arg::Command,
                _ => self.arg(param, values.next()?)?,
            });
        }
        values.next().is_none().then_some(args)
    }

    fn arg(&self, param: &Param, value: &serde_json::Value) -> Option<Arg> {
        match param {
            Param::Command(_) => Some(Arg::Command),
            Param::Fd | Param::TargetFd => Some(Arg::Fd(value.as_i64()?.try_into().ok()?)),
            Param::Receive | Param::Send | Param::Number | Param::Timeout => {
                value.as_i64().map(Arg::Number)
            }
            Param::ReceiveVector | Param::SendVector => {
                let parts = value.as_array()?.iter().map(serde_json::Value::as_u64);
                parts.collect::<Option<_>>().map(Arg::Vector)
            }
            Param::Flags(words) => spelling::flags(words, value.as_str()?).map(Arg::Flags),
            Param::Word(words) => spelling::word(words, value.as_str()?).map(Arg::Number),
            Param::Process => spelling::process(self.actors, value.as_str()?).map(Arg::Process),
            Param::Path | Param::SharedName | Param::Address => {
                value.as_str().map(|path| Arg::Path(path.into()))
            }
            Param::Mode => i64::from_str_radix(value.as_str()?, 8).ok().map(Arg::Number),
            Param::Watches([]) => {
                let one = |fd: &serde_json::Value| Some((fd.as_i64()?.try_into().ok()?, 0));
                value.as_array()?.iter().map(one).collect::<Option<_>>().map(Arg::Watches)
            }
            Param::Watches(words) => {
                let one = |pair: &serde_json::Value| {
                    let fd = pair.get(0)?.as_i64()?.try_into().ok()?;
                    Some((fd, spelling::flags(words, pair.get(1)?.as_str()?)?))
                };
                value.as_array()?.iter().map(one).collect::<Option<_>>().map(Arg::Watches)
            }
        }
    }

    fn returned(&mut self, line: &str) -> Result<(u64, EventKind), Fault> {
        let entry: ReturnLine = object(line)?;
        let actor = self.actor(line, "actor", &entry.actor)?;
        let gives = self.calls.get(&actor).map(|operation| operation.gives);
        let outcome = self
            .outcome(entry.result, gives)
            .ok_or_else(|| wrong(line, "result", "this call has no such result"))?;
        Ok((entry.ticket, EventKind::Return { actor, outcome, probed: entry.probed }))
    }

    fn outcome(&self, result: ResultObject, gives: Option<Gives>) -> Option<Outcome> {
        let words = match gives {
            Some(
                Gives::Flags(words)
                | Gives::Word(words)
                | Gives::Ready(words)
                | Gives::Events(words)
                | Gives::Passed(words),
            ) => words,
            _ => &[],
        };
        Some(Outcome::Success(match result {
            ResultObject::Errno(name) => return name.parse().ok().map(Outcome::Failure),
            ResultObject::Absent(name) => return Some(Outcome::Absent(name)),
            ResultObject::Nothing => Value::Nothing,
            ResultObject::Begun => Value::Begun,
            ResultObject::Number(number) => Value::Number(number),
            ResultObject::Data(runs) => Value::Data(spelling::data(&runs)?),
            ResultObject::Passed(runs, fds, said) => {
                let data = spelling::data(&runs)?;
                let said = spelling::flags(words, &said)?;
                Value::Passed(Box::new(Passed { data, fds, said }))
            }
            ResultObject::Fds(fds) => Value::Fds(fds),
            ResultObject::Flags(text) => Value::Flags(spelling::flags(words, &text)?),
            ResultObject::Word(text) => Value::Word(spelling::word(words, &text)?.try_into().ok()?),
            ResultObject::Child(name) => Value::Child(spelling::process(self.actors, &name)?),
            ResultObject::Ready(found) => {
                let found = found.iter().map(|text| spelling::flags(words, text));
                Value::Ready(found.collect::<Option<_>>()?)
            }
            ResultObject::Events(found) => {
                let one = |(fd, text): &(i32, String)| Some((*fd, spelling::flags(words, text)?));
                Value::Events(found.iter().map(one).collect::<Option<_>>()?)
            }
            ResultObject::Info(info) => Value::Info(self.info(&info)?),
            ResultObject::Infos(infos) => {
                Value::Infos(infos.iter().map(|info| self.info(info)).collect::<Option<_>>()?)
            }
            ResultObject::Status(text) => Value::Status(spelling::status(&text)?),
            ResultObject::Group(leader) => {
                let leader = leader.map(|name| spelling::process(self.actors, &name).ok_or(()));
                Value::Group(leader.transpose().ok()?)
            }
            ResultObject::Waited(child, text) => {
                let child = child.map(|name| spelling::process(self.actors, &name).ok_or(()));
                Value::Waited(child.transpose().ok()?, spelling::status(&text)?)
            }
        }))
    }

    fn ended(&self, line: &str) -> Result<(u64, EventKind), Fault> {
        let entry: EndedLine = object(line)?;
        let process = self.actor(line, "actor", &entry.actor)?.process;
        let status = entry.status.map(|text| {
            spelling::status(&text)
                .ok_or_else(|| wrong(line, "status", &format!("{} is no way to end", quote(&text))))
        });
        Ok((entry.ticket, EventKind::Ended { process, status: status.transpose()? }))
    }

    fn end(&self, line: &str) -> Result<End, Fault> {
        let entry: EndLine = object(line)?;
        match (entry.end, entry.busy, entry.reason) {
            (EndWord::Complete, None, None) => Ok(End::Complete),
            (EndWord::Deadline, Some(busy), None) => {
                Ok(End::Deadline { busy: self.actors(line, "busy", &busy)? })
            }
            (EndWord::Broken, None, Some(reason)) => Ok(End::Broken { reason }),
            _ => {
                Err(wrong(line, "end", "`deadline` has `busy`, `broken` a `reason`, no other any"))
            }
        }
    }

    fn actor(&self, line: &str, key: &str, text: &str) -> Result<Actor, Fault> {
        spelling::actor(self.actors, text)
            .ok_or_else(|| wrong(line, key, &format!("{} is not among the actors", quote(text))))
    }

    fn actors(&self, line: &str, key: &str, texts: &[String]) -> Result<Vec<Actor>, Fault> {
        texts.iter().map(|text| self.actor(line, key, text)).collect()
    }
}

fn operation(key: &str) -> Option<&'static Operation> {
    let (name, command) = match key.split_once(' ') {
        Some((name, command)) => (name, Some(command)),
        None => (key, None),
    };
    operations().find(|operation| operation.name == name && operation.command() == command)
}

fn object<'a, T: Deserialize<'a>>(line: &'a str) -> Result<T, Fault> {
    serde_json::from_str(line).map_err(|error| {
        let told = error.to_string();
        let what = told.rsplit_once(" at line ").map_or(&*told, |(what, _)| what);
        let message = match error.is_eof() {
            true => "the line is cut off".to_owned(),
            false => format!("the line cannot be read: {}", shown(what, 200)),
        };
        let column = error.column().saturating_sub(1);
        Fault { at: column..column + 1, message, help: AGAIN.to_owned() }
    })
}

fn wrong(line: &str, key: &str, message: &str) -> Fault {
    Fault { at: field(line, key), message: message.to_owned(), help: AGAIN.to_owned() }
}

fn whole(line: &str, message: &str) -> Fault {
    Fault { at: 0..line.len(), message: message.to_owned(), help: AGAIN.to_owned() }
}

/// Where the key of that name stands in the line: near enough for people.
fn field(line: &str, key: &str) -> std::ops::Range<usize> {
    let quoted = format!("\"{key}\"");
    line.find(&quoted).map_or(0..line.len(), |at| at..at + quoted.len())
}
