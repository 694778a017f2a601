//! Answers that are wrong.

use ipc_model::operation::Gives;
use ipc_model::outcome::{Code, Info, Outcome, Stack, Status, Value};
use ipc_model::payload::{Data, Run};

use crate::faults::Spoilt;

/// Success that says nothing, for a call that gives this.
pub(super) fn nothing(gives: Option<Gives>) -> Value {
    match gives {
        Some(Gives::Data | Gives::Message | Gives::Passed(_)) => Value::Data(Data::new()),
        Some(Gives::Sent | Gives::Number | Gives::Mode) => Value::Number(0),
        Some(Gives::Ready(_)) => Value::Ready(Vec::new()),
        Some(Gives::Events(_)) => Value::Events(Vec::new()),
        Some(Gives::Fd | Gives::TargetFd) => Value::Fds(vec![0]),
        Some(Gives::Fds) => Value::Fds(vec![0, 1]),
        Some(Gives::Flags(_)) => Value::Flags(0),
        Some(Gives::Word(_)) => Value::Word(0),
        Some(Gives::Info(_)) => {
            let stack = Stack::Unsaid;
            Value::Info(Info { signal: 0, code: Code::SI_USER, value: 0, from: None, stack })
        }
        Some(Gives::Infos(_)) => Value::Infos(Vec::new()),
        Some(Gives::Waited) => Value::Waited(None, Status::Exited(0)),
        Some(Gives::Group) => Value::Group(None),
        Some(Gives::Status) => Value::Status(Status::Exited(0)),
        Some(Gives::Nothing | Gives::Process | Gives::Never) | None => Value::Nothing,
    }
}

/// The answer with a number that is so much more.
pub(super) fn count(answer: Outcome, by: i64) -> Outcome {
    match answer {
        Outcome::Success(Value::Number(n)) => Outcome::Success(Value::Number(n + by)),
        other => other,
    }
}

/// Another answer of the same kind.
pub(super) fn other(answer: Outcome) -> Outcome {
    let Outcome::Success(value) = answer else { return answer };
    Outcome::Success(match value {
        Value::Fds(fds) => Value::Fds(fds.into_iter().map(|fd| fd + 1).collect()),
        // As if something had been lost, or as if nothing had.
        Value::Passed(mut passed) => {
            passed.said ^= 1;
            Value::Passed(passed)
        }
        Value::Flags(flags) => Value::Flags(flags ^ 1),
        Value::Word(index) => Value::Word(index + 1),
        Value::Ready(found) => Value::Ready(found.into_iter().map(|bits| bits ^ 1).collect()),
        // One of them twice, or where there is none one that is none.
        Value::Events(found) => {
            let again = found.first().copied().unwrap_or((0, 1));
            Value::Events(found.into_iter().chain([again]).collect())
        }
        // Without the last of them.
        Value::Infos(mut infos) => {
            infos.pop();
            Value::Infos(infos)
        }
        Value::Number(bits) => Value::Number(bits ^ 1),
        Value::Data(data) => {
            let mut bytes = data.bytes();
            bytes.iter_mut().take(1).for_each(|byte| *byte ^= 0x55);
            Value::Data([Run::Raw(bytes)].into_iter().collect())
        }
        Value::Group(leader) => Value::Group(leader.map(|leader| leader + 1)),
        Value::Status(status) => Value::Status(another(status)),
        Value::Waited(child, status) => Value::Waited(child, another(status)),
        other => other,
    })
}

fn another(status: Status) -> Status {
    match status {
        Status::Exited(code) => Status::Exited(code ^ 1),
        _ => Status::Exited(0),
    }
}

/// The answer with its bytes spoilt; `more` has one byte more, if there is one.
pub(super) fn data(answer: Outcome, more: Option<Outcome>, how: Spoilt) -> Outcome {
    let Outcome::Success(Value::Data(data)) = &answer else { return answer };
    let mut bytes = data.bytes();
    let Some(last) = bytes.len().checked_sub(1) else { return answer };
    match (how, more) {
        (Spoilt::Reordered, _) => bytes.swap(0, last),
        (Spoilt::Altered, _) => bytes[0] ^= 0x55,
        (Spoilt::Elsewhere, Some(Outcome::Success(Value::Data(more)))) => {
            let more = more.bytes();
            bytes = more[more.len() - bytes.len()..].to_vec();
        }
        (Spoilt::Elsewhere, _) => {}
    }
    if bytes == data.bytes() {
        return answer;
    }
    Outcome::Success(Value::Data([Run::Raw(bytes)].into_iter().collect()))
}
