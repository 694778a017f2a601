//! Histories as plain text, for other checkers: one event a line, words between single spaces.
//!
//! Nothing is abbreviated and nothing needs the program: a line has everything about its event.

use std::fmt::Write as _;

use ipc_model::operation::{Actor, Arg, Param};
use ipc_model::outcome::{Info, Outcome, Stack, Value};
use ipc_model::payload::Data;
use ipc_model::signal::SIGNALS;

use super::spelling::{actor_text, flags_text, process_text, word_text};
use crate::history::{End, EventKind, History, Numbers, Proof};

/// The first line, of this version.
pub const PLAIN: &str = "ipc-history-text 1";

/// The history as text.
pub fn plain(history: &History) -> String {
    let head = &history.head;
    let names =
        |actors: &[u8]| words(actors.iter().map(|actor| process_text(&head.actors, *actor)));
    let Numbers {
        page_size,
        pipe_buf,
        nofile,
        pipe_capacity,
        pipe_max,
        beyond_pipe_max,
        beyond_pipe_pages,
        privileged,
        name_max,
        path_max,
        noatime,
        stream_piece,
    } = head.numbers;
    let mut text = format!("{PLAIN}\n");
    let _ = writeln!(text, "system {}", head.system.replace('\n', " "));
    let _ = write!(text, "numbers page_size={page_size} pipe_buf={pipe_buf} nofile={nofile}");
    let _ = write!(text, " pipe_capacity={pipe_capacity} pipe_max={pipe_max}");
    let _ = write!(
        text,
        " beyond_pipe_max={} beyond_pipe_pages={}",
        u8::from(beyond_pipe_max),
        u8::from(beyond_pipe_pages)
    );
    let _ = write!(text, " privileged={} name_max={name_max}", u8::from(privileged));
    let _ = write!(text, " path_max={path_max} noatime={}", u8::from(noatime));
    let _ = writeln!(text, " stream_piece={stream_piece}");
    let _ = writeln!(text, "actors{}", words(head.actors.iter().cloned()));
    let _ = writeln!(text, "roots{}", names(&head.roots));
    let teller = Teller { actors: &head.actors };
    // What each actor's last call gives says how its result is spelled.
    let mut calls = std::collections::BTreeMap::new();
    for event in &history.events {
        let _ = write!(text, "{} ", event.ticket);
        match &event.kind {
            EventKind::Call { actor, line, call } => {
                calls.insert(*actor, call.operation);
                let key = call.operation.key().replace(' ', ":");
                let args = call.operation.params.iter().zip(&call.args);
                let args = args.filter_map(|(param, arg)| teller.arg(param, arg));
                let (who, tag) = (teller.actor(*actor), call.tag);
                let line = u32::from(*line) + 1;
                let _ = writeln!(text, "{who} call {key} line={line} tag={tag}{}", words(args));
            }
            EventKind::Return { actor, outcome, probed } => {
                let gives = calls.get(actor).map(|operation| operation.gives);
                let result = teller.result(outcome, gives);
                let probed = probed.map_or(String::new(), |number| format!(" probed={number}"));
                let _ = writeln!(text, "{} return {result}{probed}", teller.actor(*actor));
            }
            EventKind::Handled { actor, info } => {
                let _ = writeln!(text, "{} handled {}", teller.actor(*actor), teller.info(info));
            }
            EventKind::Ended { process, status } => {
                let status = status.map_or("unknown".to_owned(), |status| status.to_string());
                let who = process_text(&head.actors, *process);
                let _ = writeln!(text, "{who} ended {}", status.replace(' ', ":"));
            }
            EventKind::Quiescent { asleep, proof } => {
                let proof = match proof {
                    Proof::Proven => "proven",
                    Proof::Waited => "waited",
                    Proof::Expired => "expired",
                };
                let asleep = words(asleep.iter().map(|actor| teller.actor(*actor)));
                let _ = writeln!(text, "- still {proof}{asleep}");
            }
        }
    }
    let end = match &history.end {
        End::Complete => "complete".to_owned(),
        End::Deadline { busy } => {
            format!("deadline{}", words(busy.iter().map(|actor| teller.actor(*actor))))
        }
        End::Broken { reason } => format!("broken {}", reason.replace('\n', " ")),
    };
    let _ = writeln!(text, "end {end}");
    text
}

/// Each with a space before it.
fn words(all: impl Iterator<Item = String>) -> String {
    all.map(|word| format!(" {word}")).collect()
}

struct Teller<'a> {
    actors: &'a [String],
}

impl Teller<'_> {
    fn actor(&self, actor: Actor) -> String {
        actor_text(self.actors, actor)
    }

    /// `fd=3`; a command is told with the call.
    fn arg(&self, param: &Param, arg: &Arg) -> Option<String> {
        Some(match (param, arg) {
            (Param::Command(_), _) | (_, Arg::Command) => return None,
            (Param::TargetFd, Arg::Fd(fd)) => format!("target={fd}"),
            (_, Arg::Fd(fd)) => format!("fd={fd}"),
            (Param::Receive | Param::Send, Arg::Number(n)) => format!("bytes={n}"),
            (Param::Word(words), Arg::Number(index)) => {
                format!("word={}", word_text(words, *index))
            }
            (Param::Mode, Arg::Number(mode)) => format!("mode={mode:04o}"),
            (Param::Watches([]), Arg::Watches(watches)) => {
                let fds: Vec<String> = watches.iter().map(|(fd, _)| fd.to_string()).collect();
                format!("fds={}", fds.join(","))
            }
            (Param::Watches(words), Arg::Watches(watches)) => {
                let one = |(fd, asked): &(i32, u32)| format!("{fd}:{}", flags_text(words, *asked));
                format!("watches={}", watches.iter().map(one).collect::<Vec<_>>().join(","))
            }
            (_, Arg::Watches(watches)) => format!("watches={watches:?}"),
            (_, Arg::Path(path)) => format!("path={path}"),
            (Param::Timeout, Arg::Number(time)) => format!("timeout={time}"),
            (_, Arg::Number(number)) => format!("number={number}"),
            (_, Arg::Vector(parts)) => {
                let parts: Vec<String> = parts.iter().map(u64::to_string).collect();
                format!("bytes={}", parts.join(","))
            }
            (Param::Flags(words), Arg::Flags(flags)) => {
                format!("flags={}", flags_text(words, *flags))
            }
            (_, Arg::Flags(flags)) => format!("flags={}", flags_text(&[], *flags)),
            (_, Arg::Process(process)) => {
                format!("process={}", process_text(self.actors, *process))
            }
        })
    }

    /// `SIGUSR1 SI_QUEUE 7 A`.
    fn info(&self, info: &Info) -> String {
        let from = info.from.map_or("-".to_owned(), |from| process_text(self.actors, from));
        let signal = word_text(SIGNALS, info.signal.into());
        let stack = match info.stack {
            Stack::Alternate => " alternate",
            Stack::Usual => " usual",
            Stack::Unsaid => "",
        };
        format!("{signal} {} {} {from}{stack}", info.code, info.value)
    }

    fn result(&self, outcome: &Outcome, gives: Option<ipc_model::operation::Gives>) -> String {
        use ipc_model::operation::Gives;
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
            Outcome::Failure(errno) => format!("error {}", errno.name()),
            Outcome::Absent(name) => format!("absent {name}"),
            Outcome::Success(value) => match value {
                Value::Nothing => "nothing".to_owned(),
                Value::Begun => "begun".to_owned(),
                Value::Number(number) => format!("number {number}"),
                Value::Data(data) => format!("data {}{}", data.len(), runs(data)),
                Value::Passed(passed) => {
                    let (fds, data) = (passed.fds.iter().map(i32::to_string), &passed.data);
                    let (fds, said) = (self::words(fds), flags_text(words, passed.said));
                    format!("passed {}{} fds{fds} said {said}", data.len(), runs(data))
                }
                Value::Fds(fds) => format!("fds{}", self::words(fds.iter().map(i32::to_string))),
                Value::Flags(flags) => format!("flags {}", flags_text(words, *flags)),
                Value::Word(index) => format!("word {}", word_text(words, i64::from(*index))),
                Value::Ready(found) => {
                    let found = found.iter().map(|bits| flags_text(words, *bits));
                    format!("ready{}", self::words(found))
                }
                Value::Events(found) => {
                    let one =
                        |(fd, bits): &(i32, u32)| format!("{fd}:{}", flags_text(words, *bits));
                    format!("events{}", self::words(found.iter().map(one)))
                }
                Value::Child(child) => format!("child {}", process_text(self.actors, *child)),
                Value::Info(info) => format!("info {}", self.info(info)),
                Value::Infos(infos) => {
                    let infos: Vec<String> = infos.iter().map(|info| self.info(info)).collect();
                    format!("infos {}", infos.join(" "))
                }
                Value::Status(status) => format!("status {}", status.to_string().replace(' ', ":")),
                Value::Group(leader) => {
                    let leader = leader.map(|leader| process_text(self.actors, leader));
                    format!("group {}", leader.unwrap_or_else(|| "-".to_owned()))
                }
                Value::Waited(child, status) => {
                    let child = child.map(|child| process_text(self.actors, child));
                    let child = child.unwrap_or_else(|| "-".to_owned());
                    format!("waited {child} {}", status.to_string().replace(' ', ":"))
                }
            },
        }
    }
}

fn runs(data: &Data) -> String {
    words(data.runs().map(ToString::to_string))
}

#[cfg(test)]
mod tests {
    use super::super::samples::{RECORDED, histories};
    use super::*;
    use crate::record::read;
    use crate::text::samples::fixed;
    use proptest::prelude::*;

    #[test]
    fn every_event_is_one_line_of_plain_words() {
        let history = read("recorded", RECORDED).unwrap_or_else(|error| panic!("{error}"));
        insta::assert_snapshot!("plain", plain(&history));
    }

    proptest! {
        #![proptest_config(fixed(64))]

        /// Whatever differs in a history that judging looks at differs in its text.
        #[test]
        fn two_histories_with_one_text_are_judged_alike(
            history in histories(),
            at in any::<prop::sample::Index>(),
        ) {
            let text = plain(&history);
            prop_assert_eq!(text.lines().count(), history.events.len() + 6);
            if !history.events.is_empty() {
                let mut other = history.clone();
                let kind = &mut other.events[at.index(history.events.len())].kind;
                change(kind);
                prop_assert_ne!(&plain(&other), &text);
            }
            let mut other = history;
            other.head.numbers.pipe_buf += 1;
            prop_assert_ne!(&plain(&other), &text);
        }
    }

    /// Another event of the same kind.
    fn change(kind: &mut EventKind) {
        match kind {
            EventKind::Call { call, .. } => match call.args.last_mut() {
                Some(Arg::Fd(n)) => *n += 1,
                Some(Arg::Number(n)) => *n += 1,
                Some(Arg::Vector(parts)) => parts.push(1),
                Some(Arg::Flags(flags)) => *flags ^= 1,
                Some(Arg::Process(process)) => *process ^= 1,
                Some(Arg::Path(path)) => *path = format!("{path}x").into(),
                Some(Arg::Watches(watches)) => watches.push((1, 1)),
                Some(Arg::Command) | None => call.tag += 1,
            },
            EventKind::Return { outcome, probed, .. } => match outcome {
                Outcome::Success(Value::Data(data)) => {
                    data.push(ipc_model::payload::Run::Raw(vec![7]));
                }
                Outcome::Success(Value::Number(n)) => *n += 1,
                _ => *probed = Some(probed.map_or(0, |number| number + 1)),
            },
            EventKind::Handled { info, .. } => info.value ^= 1,
            EventKind::Ended { status, .. } => {
                let other = ipc_model::outcome::Status::Exited(77);
                *status = Some(other);
            }
            EventKind::Quiescent { asleep, proof } => match proof {
                Proof::Proven => *proof = Proof::Waited,
                Proof::Waited => *proof = Proof::Expired,
                Proof::Expired => asleep.push(Actor { process: 0, thread: 9 }),
            },
        }
    }
}
