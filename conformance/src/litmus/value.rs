//! What a line gave: from the driver's answer to what is written down, and on to an outcome.

use ipc_impls::errno::Errno;
use ipc_impls::process::Status as Ended;
use ipc_model::outcome::{Outcome, Signal, Status, Value};
use ipc_model::payload::{Data, Run};

use super::arena::{ALIVE, Seen};
use crate::real::wire::Answer;

const NOTHING: u32 = 1;
const NUMBER: u32 = 2;
const DATA: u32 = 3;
const FAILED: u32 = 4;
const FLAGS: u32 = 5;
const WORD: u32 = 6;
const STATUS: u32 = 7;
/// What no litmus line is told.
const OTHER: u32 = 8;

/// What is written down of an answer; `area` has the bytes that were received, if any were.
/// Descriptors count as nothing but success, unless one is not the one that was `meant`.
pub(super) fn seen<'a>(answer: &Answer, area: &'a [u8], meant: Option<i32>) -> Seen<'a> {
    let (kind, number) = match answer {
        Answer::Nothing => (NOTHING, 0),
        Answer::Number(number) => (NUMBER, *number),
        Answer::Data(len) => return Seen { kind: DATA, number: 0, bytes: &area[..*len as usize] },
        Answer::Failed(errno) => (FAILED, errno.0.into()),
        Answer::Flags(flags) => (FLAGS, (*flags).into()),
        Answer::Word(word) => (WORD, (*word).into()),
        Answer::Status(status) => (STATUS, end(*status).into()),
        Answer::Fd(first) | Answer::Fds([first, _]) => match meant {
            Some(meant) if answer.fds() != [meant] => (NUMBER, (*first).into()),
            _ => (NOTHING, 0),
        },
        Answer::Ready(_)
        | Answer::Passed(..)
        | Answer::Events(_)
        | Answer::Info(_)
        | Answer::Infos(_)
        | Answer::Collected(..)
        | Answer::Reached(_)
        | Answer::Waited(..)
        | Answer::Group(_)
        | Answer::Absent(_)
        | Answer::Child(_)
        | Answer::Begun(_) => (OTHER, 0),
    };
    Seen { kind, number, bytes: &[] }
}

/// How a process ended, as a number.
pub(super) fn end(status: Ended) -> i32 {
    match status {
        Ended::Exited(code) => code.into(),
        Ended::Signaled(signal) => 0x100 | signal,
        // Litmus programs stop nobody.
        Ended::Stopped(signal) => 0x200 | signal,
        Ended::Continued => 0x300,
    }
}

/// The reverse of [`end`]; nothing for [`ALIVE`].
pub(super) fn status(end: i32) -> Option<Status> {
    match end {
        ALIVE => None,
        0..=0xff => Some(Status::Exited(end as u8)),
        _ => {
            let number = end & 0xff;
            let named = nix::sys::signal::Signal::try_from(number).ok();
            let signal = named.and_then(|signal| signal.as_str().parse().ok());
            Some(Status::Signaled(signal.unwrap_or(Signal::Other(number))))
        }
    }
}

/// What the line's caller was told. Bytes stay as they are.
pub(super) fn outcome(seen: Seen<'_>) -> Outcome {
    let value = match seen.kind {
        NOTHING => Value::Nothing,
        NUMBER => Value::Number(seen.number),
        DATA => Value::Data([Run::Raw(seen.bytes.to_vec())].into_iter().collect::<Data>()),
        FLAGS => Value::Flags(seen.number as u32),
        WORD => Value::Word(seen.number as u8),
        STATUS => status(seen.number as i32).map_or(Value::Nothing, Value::Status),
        FAILED => {
            let errno = Errno(seen.number as i32);
            let known = errno.name().and_then(|name| name.parse().ok());
            return Outcome::Failure(known.unwrap_or(ipc_model::errno::Errno::Other(errno.0)));
        }
        kind => return Outcome::Absent(format!("value of kind {kind}")),
    };
    Outcome::Success(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_down_is_what_was_told() {
        let told = |answer: Answer| outcome(seen(&answer, b"abcd", Some(4)));
        assert_eq!(told(Answer::Number(-3)), Outcome::Success(Value::Number(-3)));
        let broken = Outcome::Failure(ipc_model::errno::Errno::EPIPE);
        assert_eq!(told(Answer::Failed(Errno(nix::libc::EPIPE))), broken);
        let Outcome::Success(Value::Data(data)) = told(Answer::Data(3)) else { panic!("data") };
        assert_eq!(data.bytes(), b"abc");
        assert_eq!(told(Answer::Fd(4)), Outcome::NOTHING);
        assert_eq!(told(Answer::Fd(5)), Outcome::Success(Value::Number(5)));
        let killed = Ended::Signaled(nix::libc::SIGPIPE);
        let status = Status::Signaled(Signal::SIGPIPE);
        assert_eq!(told(Answer::Status(killed)), Outcome::Success(Value::Status(status)));
        assert_eq!(super::status(end(Ended::Exited(7))), Some(Status::Exited(7)));
        assert_eq!(super::status(ALIVE), None);
    }
}
