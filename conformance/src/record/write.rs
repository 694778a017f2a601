//! From history to file.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};

use ipc_model::operation::{Actor, Arg, Call, Gives, Param};
use ipc_model::outcome::{Info, Outcome, Stack, Value};
use ipc_model::signal::SIGNALS;
use serde::Serialize;
use serde_json::json;

use super::spelling::{actor_text, flags_text, process_text, word_text};
use super::wire::{
    CallLine, EndLine, EndWord, EndedLine, HandledLine, HeadLine, InfoObject, ProofWord,
    QuiescentLine, ResultObject, ReturnLine, StackWord,
};
use super::{FORMAT, VERSION};
use crate::history::{End, Event, EventKind, History, Proof};

/// Writes a history. A valid one reads back as it was.
pub fn write(history: &History, out: &mut impl Write) -> io::Result<()> {
    let mut writer =
        Writer { out: BufWriter::new(out), actors: &history.head.actors, calls: BTreeMap::new() };
    writer.head(history)?;
    history.events.iter().try_for_each(|event| writer.event(event))?;
    writer.end(&history.end)?;
    writer.out.flush()
}

struct Writer<'a, W: Write> {
    out: BufWriter<W>,
    actors: &'a [String],
    /// What the call gives that each actor made last.
    calls: BTreeMap<Actor, Gives>,
}

impl<W: Write> Writer<'_, W> {
    fn line(&mut self, line: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, line)?;
        self.out.write_all(b"\n")
    }

    fn head(&mut self, history: &History) -> io::Result<()> {
        let head = &history.head;
        self.line(&HeadLine {
            format: FORMAT.to_owned(),
            version: VERSION,
            system: head.system.clone(),
            numbers: head.numbers,
            actors: head.actors.clone(),
            roots: head.roots.iter().map(|root| process_text(self.actors, *root)).collect(),
            program: head.program.clone(),
        })
    }

    fn event(&mut self, event: &Event) -> io::Result<()> {
        let ticket = event.ticket;
        match &event.kind {
            EventKind::Call { actor, line, call } => {
                self.calls.insert(*actor, call.operation.gives);
                let line = u32::from(*line) + 1;
                self.line(&CallLine {
                    ticket,
                    actor: actor_text(self.actors, *actor).into(),
                    event: "call".into(),
                    line,
                    call: call.operation.key().into(),
                    args: self.args(call),
                    tag: (call.tag != line).then_some(call.tag),
                })
            }
            EventKind::Return { actor, outcome, probed } => self.line(&ReturnLine {
                ticket,
                actor: actor_text(self.actors, *actor).into(),
                event: "return".into(),
                result: self.result(outcome, self.calls.get(actor).copied()),
                probed: *probed,
            }),
            EventKind::Handled { actor, info } => self.line(&HandledLine {
                ticket,
                actor: actor_text(self.actors, *actor).into(),
                event: "handled".into(),
                info: self.info(info),
            }),
            EventKind::Ended { process, status } => self.line(&EndedLine {
                ticket,
                event: "ended".into(),
                actor: process_text(self.actors, *process).into(),
                status: status.map(|status| status.to_string()),
            }),
            EventKind::Quiescent { asleep, proof } => self.line(&QuiescentLine {
                ticket,
                event: "quiescent".into(),
                asleep: self.names(asleep),
                proof: match proof {
                    Proof::Proven => ProofWord::Proven,
                    Proof::Waited => ProofWord::Waited,
                    Proof::Expired => ProofWord::Expired,
                },
            }),
        }
    }

    fn end(&mut self, end: &End) -> io::Result<()> {
        let (end, busy, reason) = match end {
            End::Complete => (EndWord::Complete, None, None),
            End::Deadline { busy } => (EndWord::Deadline, Some(self.names(busy)), None),
            End::Broken { reason } => (EndWord::Broken, None, Some(reason.clone())),
        };
        self.line(&EndLine { event: "end".into(), end, busy, reason })
    }

    fn info(&self, info: &Info) -> InfoObject {
        InfoObject {
            signal: word_text(SIGNALS, info.signal.into()),
            code: info.code.to_string(),
            value: info.value,
            from: info.from.map(|process| process_text(self.actors, process)),
            stack: match info.stack {
                Stack::Unsaid => None,
                Stack::Usual => Some(StackWord::Usual),
                Stack::Alternate => Some(StackWord::Alternate),
            },
        }
    }

    fn names(&self, actors: &[Actor]) -> Vec<String> {
        actors.iter().map(|actor| actor_text(self.actors, *actor)).collect()
    }

    fn args(&self, call: &Call) -> Vec<serde_json::Value> {
        let pairs = call.operation.params.iter().zip(&call.args);
        let told = pairs.filter(|(param, _)| !matches!(param, Param::Command(_)));
        told.map(|(param, arg)| match (param, arg) {
            (Param::Word(words), Arg::Number(index)) => json!(word_text(words, *index)),
            (Param::Flags(words), Arg::Flags(flags)) => json!(flags_text(words, *flags)),
            (_, Arg::Flags(flags)) => json!(flags_text(&[], *flags)),
            (_, Arg::Fd(fd)) => json!(fd),
            (Param::Mode, Arg::Number(mode)) => json!(format!("{mode:04o}")),
            (Param::Watches([]), Arg::Watches(watches)) => {
                json!(watches.iter().map(|(fd, _)| fd).collect::<Vec<_>>())
            }
            (Param::Watches(words), Arg::Watches(watches)) => {
                let one = |(fd, asked): &(i32, u32)| json!([fd, flags_text(words, *asked)]);
                json!(watches.iter().map(one).collect::<Vec<_>>())
            }
            (_, Arg::Watches(watches)) => json!(watches),
            (_, Arg::Path(path)) => json!(**path),
            (_, Arg::Number(number)) => json!(number),
            (_, Arg::Vector(parts)) => json!(parts),
            (_, Arg::Process(process)) => json!(process_text(self.actors, *process)),
            (_, Arg::Command) => json!(null),
        })
        .collect()
    }

    fn result(&self, outcome: &Outcome, gives: Option<Gives>) -> ResultObject {
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
        match outcome {
            Outcome::Failure(errno) => ResultObject::Errno(errno.name()),
            Outcome::Absent(name) => ResultObject::Absent(name.clone()),
            Outcome::Success(value) => match value {
                Value::Nothing => ResultObject::Nothing,
                Value::Begun => ResultObject::Begun,
                Value::Number(number) => ResultObject::Number(*number),
                Value::Data(data) => {
                    ResultObject::Data(data.runs().map(ToString::to_string).collect())
                }
                Value::Passed(passed) => ResultObject::Passed(
                    passed.data.runs().map(ToString::to_string).collect(),
                    passed.fds.clone(),
                    flags_text(words, passed.said),
                ),
                Value::Fds(fds) => ResultObject::Fds(fds.clone()),
                Value::Flags(flags) => ResultObject::Flags(flags_text(words, *flags)),
                Value::Word(index) => ResultObject::Word(word_text(words, i64::from(*index))),
                Value::Child(child) => ResultObject::Child(process_text(self.actors, *child)),
                Value::Ready(found) => {
                    let one = |bits: &u32| flags_text(words, *bits);
                    ResultObject::Ready(found.iter().map(one).collect())
                }
                Value::Events(found) => {
                    let one = |(fd, bits): &(i32, u32)| (*fd, flags_text(words, *bits));
                    ResultObject::Events(found.iter().map(one).collect())
                }
                Value::Info(info) => ResultObject::Info(self.info(info)),
                Value::Infos(infos) => {
                    ResultObject::Infos(infos.iter().map(|info| self.info(info)).collect())
                }
                Value::Status(status) => ResultObject::Status(status.to_string()),
                Value::Group(leader) => {
                    ResultObject::Group(leader.map(|leader| process_text(self.actors, leader)))
                }
                Value::Waited(child, status) => {
                    let child = child.map(|child| process_text(self.actors, child));
                    ResultObject::Waited(child, status.to_string())
                }
            },
        }
    }
}
