//! Outcomes: what a call told its caller.

use std::fmt;

use crate::errno::Errno;
use crate::operation::flag_text;
use crate::payload::Data;
use crate::signal::SIGNALS;

/// How a call ended, as its caller saw it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Outcome {
    /// It succeeded and gave this.
    Success(Value),
    /// It failed.
    Failure(Errno),
    /// This system has no such call, command or flag: the name says which.
    Absent(String),
}

/// What a successful call gave.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Value {
    /// Nothing but success.
    Nothing,
    /// A number: a count of bytes sent, an offset, a size.
    Number(i64),
    /// Bytes received.
    Data(Data),
    /// Bytes received, and what came along with them, where something did.
    Passed(Box<Passed>),
    /// Descriptors, in the order the call gives them.
    Fds(Vec<i32>),
    /// Flags, by index in the operation's list.
    Flags(u32),
    /// A word, by index in the operation's list.
    Word(u8),
    /// For each descriptor that the call asks about, what was found: flags by index in the
    /// operation's list.
    Ready(Vec<u32>),
    /// Descriptors, as they were registered, and for each what it is ready for: flags by index in the
    /// operation's list. In any order.
    Events(Vec<(i32, u32)>),
    /// To a parent: the process that it made.
    Child(u8),
    /// To a new process: it has begun.
    Begun,
    /// How a process ended.
    Status(Status),
    /// Which child it was, if it is one of the program's, and how it ended.
    Waited(Option<u8>, Status),
    /// The process that a group is named after, if it is one of the program's.
    Group(Option<u8>),
    /// A signal, and where it came from.
    Info(Info),
    /// Signals in the order in which they were taken, and where each came from.
    Infos(Vec<Info>),
}

/// A message with more to it than its bytes.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Passed {
    /// The bytes.
    pub data: Data,
    /// The descriptors that came along, in their order.
    pub fds: Vec<i32>,
    /// What is said of it: flags by index in the operation's list.
    pub said: u32,
}

/// What is told along with a signal (POSIX.1-2024 `siginfo_t`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Info {
    /// Which, by index in [`SIGNALS`].
    pub signal: u8,
    /// How it was sent (`si_code`).
    pub code: Code,
    /// What was sent along with it (`si_value`), 0 where nothing was.
    pub value: i32,
    /// Which process sent it (`si_pid`), if it is one of the program's.
    pub from: Option<u8>,
    /// Of a handler: where it ran.
    pub stack: Stack,
}

/// The stack that a handler ran on (POSIX.1-2024 2.4.3, `SA_ONSTACK`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Stack {
    /// Nobody has looked, or no handler was called.
    #[default]
    Unsaid,
    /// The one that the program runs on.
    Usual,
    /// The one that `sigaltstack` has set.
    Alternate,
}

impl Stack {
    /// What is said of it behind the rest.
    pub fn words(self) -> &'static str {
        match self {
            Stack::Alternate => ", on the alternate stack",
            Stack::Usual | Stack::Unsaid => "",
        }
    }
}

/// How a signal was sent (POSIX.1-2024 2.4.3, `si_code`).
#[allow(missing_docs)]
#[allow(non_camel_case_types)]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Code {
    SI_USER,
    SI_QUEUE,
    SI_TKILL,
    /// A timer has expired.
    SI_TIMER,
    /// Linux: the system sent it of itself.
    SI_KERNEL,
    /// Of `SIGCHLD`: what became of the child (`CLD_EXITED` and its kin, with `si_status`).
    Child(Status),
    /// The standard does not say: any, and whatever comes with it.
    Unsaid,
    /// A code that this list has no name for.
    Other(i32),
}

impl Info {
    /// Whether a process may be told one where the other is right.
    pub fn same(&self, other: &Info) -> bool {
        let unsaid = self.code == Code::Unsaid || other.code == Code::Unsaid;
        let said = [self.stack, other.stack].iter().all(|stack| *stack != Stack::Unsaid);
        let apart = said && self.stack != other.stack;
        let alike = Info { stack: self.stack, ..*other } == *self;
        !apart && (alike || unsaid && self.signal == other.signal)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Code::Unsaid => f.write_str("unsaid"),
            Code::Child(Status::Exited(code)) => write!(f, "CLD_EXITED:{code}"),
            Code::Child(Status::Signaled(signal)) => write!(f, "CLD_KILLED:{signal}"),
            Code::Child(Status::Stopped(signal)) => write!(f, "CLD_STOPPED:{signal}"),
            Code::Child(Status::Continued) => f.write_str("CLD_CONTINUED"),
            Code::Other(number) => write!(f, "SI#{number}"),
            named => write!(f, "{named:?}"),
        }
    }
}

impl std::str::FromStr for Code {
    type Err = ();

    fn from_str(text: &str) -> Result<Code, ()> {
        let continued = Code::Child(Status::Continued);
        let sent = [Code::SI_USER, Code::SI_QUEUE, Code::SI_TKILL];
        let others = [Code::SI_TIMER, Code::SI_KERNEL, Code::Unsaid, continued];
        let mut named = sent.into_iter().chain(others);
        if let Some(code) = named.find(|code| code.to_string() == text) {
            return Ok(code);
        }
        if let Some(code) = text.strip_prefix("CLD_EXITED:") {
            return code.parse().map(|code| Code::Child(Status::Exited(code))).map_err(|_| ());
        }
        if let Some(signal) = text.strip_prefix("CLD_KILLED:") {
            return signal.parse().map(|signal| Code::Child(Status::Signaled(signal)));
        }
        if let Some(signal) = text.strip_prefix("CLD_STOPPED:") {
            return signal.parse().map(|signal| Code::Child(Status::Stopped(signal)));
        }
        let number = text.strip_prefix("SI#").and_then(|n| n.parse().ok()).ok_or(())?;
        Ok(Code::Other(number))
    }
}

impl fmt::Display for Info {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = SIGNALS.get(usize::from(self.signal)).copied().unwrap_or("?");
        write!(f, "{name} {}", self.code)?;
        if matches!(self.code, Code::SI_QUEUE | Code::SI_TIMER) {
            write!(f, " {}", self.value)?;
        }
        match self.from {
            None if matches!(self.code, Code::SI_TIMER | Code::SI_KERNEL) => {}
            Some(process) => write!(f, " from #{process}")?,
            None => f.write_str(" from a stranger")?,
        }
        f.write_str(self.stack.words())
    }
}

/// How a process ended (POSIX.1-2024 `waitpid()`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Status {
    /// By `_exit()`, with the low eight bits of the argument.
    Exited(u8),
    /// By a signal.
    Signaled(Signal),
    /// It has not: a signal has stopped it.
    Stopped(Signal),
    /// It has not: it was stopped, and goes on.
    Continued,
}

/// A signal that the model speaks of, by name (POSIX.1-2024 `<signal.h>`).
#[allow(missing_docs)]
#[allow(clippy::upper_case_acronyms)]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Signal {
    SIGKILL,
    SIGPIPE,
    SIGUSR1,
    SIGUSR2,
    SIGTERM,
    SIGWINCH,
    SIGCHLD,
    SIGCONT,
    SIGTSTP,
    SIGSTOP,
    SIGALRM,
    SIGRTMIN,
    /// The second of the real-time signals.
    SIGRTMIN1,
    /// A signal that this list has no name for.
    Other(i32),
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Signal::Other(number) => write!(f, "SIG#{number}"),
            Signal::SIGRTMIN1 => f.write_str("SIGRTMIN+1"),
            named => write!(f, "{named:?}"),
        }
    }
}

impl std::str::FromStr for Signal {
    type Err = ();

    fn from_str(text: &str) -> Result<Signal, ()> {
        if text == "SIGKILL" {
            return Ok(Signal::SIGKILL);
        }
        if let Some(place) = SIGNALS.iter().position(|name| *name == text) {
            return Ok(Signal::named(place as u8));
        }
        let number = text.strip_prefix("SIG#").and_then(|n| n.parse().ok()).ok_or(())?;
        Ok(Signal::Other(number))
    }
}

impl Signal {
    /// The signal at that place in [`SIGNALS`].
    pub fn named(place: u8) -> Signal {
        match place {
            0 => Signal::SIGPIPE,
            1 => Signal::SIGUSR1,
            2 => Signal::SIGUSR2,
            3 => Signal::SIGTERM,
            4 => Signal::SIGWINCH,
            5 => Signal::SIGCHLD,
            6 => Signal::SIGCONT,
            7 => Signal::SIGTSTP,
            8 => Signal::SIGSTOP,
            9 => Signal::SIGALRM,
            10 => Signal::SIGRTMIN,
            11 => Signal::SIGRTMIN1,
            other => Signal::Other(other.into()),
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Status::Exited(code) => write!(f, "exited {code}"),
            Status::Signaled(signal) => write!(f, "killed by {signal}"),
            Status::Stopped(signal) => write!(f, "stopped by {signal}"),
            Status::Continued => f.write_str("continued"),
        }
    }
}

impl Outcome {
    /// Success with nothing to tell.
    pub const NOTHING: Outcome = Outcome::Success(Value::Nothing);

    /// Whether a caller could not tell the two apart: data are compared by their bytes.
    pub fn same(&self, other: &Outcome) -> bool {
        match (self, other) {
            (Outcome::Success(a), Outcome::Success(b)) => a.same(b),
            _ => self == other,
        }
    }

    /// The outcome in words, read with what the operation gives.
    pub fn display(&self, gives: crate::operation::Gives) -> String {
        use crate::operation::Gives;
        match (self, gives) {
            (Outcome::Failure(errno), _) => errno.name(),
            (Outcome::Absent(name), _) => format!("absent here: {name}"),
            (Outcome::Success(Value::Flags(flags)), Gives::Flags(words)) => {
                flag_text(words, *flags)
            }
            (Outcome::Success(Value::Nothing), Gives::Message) => "end".to_owned(),
            (Outcome::Success(Value::Passed(passed)), Gives::Passed(words)) => {
                let fds: Vec<String> = passed.fds.iter().map(i32::to_string).collect();
                passed.text(&fds, words)
            }
            (Outcome::Success(Value::Number(mode)), Gives::Mode) => format!("{mode:04o}"),
            (Outcome::Success(Value::Ready(found)), Gives::Ready(words)) => {
                let found: Vec<String> = found.iter().map(|bits| flag_text(words, *bits)).collect();
                found.join(",")
            }
            (Outcome::Success(Value::Events(found)), Gives::Events(words)) => {
                let one = |(fd, bits): &(i32, u32)| format!("{fd}:{}", flag_text(words, *bits));
                let found: Vec<String> = found.iter().map(one).collect();
                if found.is_empty() { "nothing".to_owned() } else { found.join(",") }
            }
            (Outcome::Success(Value::Word(index)), Gives::Word(words)) => {
                words.get(usize::from(*index)).copied().unwrap_or("?").to_owned()
            }
            (Outcome::Success(value), _) => value.to_string(),
        }
    }
}

impl Passed {
    /// It in words, its descriptors as they are to be spelled.
    pub fn text(&self, fds: &[String], words: &[&str]) -> String {
        let mut text = Value::Data(self.data.clone()).to_string();
        if !fds.is_empty() {
            text += &format!(", with {}", fds.join(" "));
        }
        if self.said != 0 {
            text += &format!(", {}", flag_text(words, self.said));
        }
        text
    }
}

impl Value {
    /// The bytes that were received, if it is such.
    pub fn data(&self) -> Option<&Data> {
        match self {
            Value::Data(data) => Some(data),
            Value::Passed(passed) => Some(&passed.data),
            _ => None,
        }
    }

    /// The same, to be changed.
    pub fn data_mut(&mut self) -> Option<&mut Data> {
        match self {
            Value::Data(data) => Some(data),
            Value::Passed(passed) => Some(&mut passed.data),
            _ => None,
        }
    }

    /// The descriptors that are new to the caller.
    pub fn fds(&self) -> &[i32] {
        match self {
            Value::Fds(fds) => fds,
            Value::Passed(passed) => &passed.fds,
            _ => &[],
        }
    }

    /// Whether a caller is told the same: data are compared by their bytes, and events come in any
    /// order.
    pub fn same(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Data(a), Value::Data(b)) => a.same_bytes(b),
            (Value::Passed(a), Value::Passed(b)) => {
                a.data.same_bytes(&b.data) && (&a.fds, a.said) == (&b.fds, b.said)
            }
            (Value::Info(a), Value::Info(b)) => a.same(b),
            (Value::Infos(a), Value::Infos(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same(b))
            }
            (Value::Events(a), Value::Events(b)) => {
                let sorted = |events: &[(i32, u32)]| {
                    let mut events = events.to_vec();
                    events.sort_unstable();
                    events
                };
                sorted(a) == sorted(b)
            }
            _ => self == other,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Nothing => f.write_str("0"),
            Value::Number(number) => write!(f, "{number}"),
            Value::Data(data) if data.is_empty() => f.write_str("0 bytes"),
            Value::Data(data) if data.len() == 1 => write!(f, "1 byte: {data}"),
            Value::Data(data) => write!(f, "{} bytes: {data}", data.len()),
            Value::Passed(passed) => {
                let fds: Vec<String> = passed.fds.iter().map(i32::to_string).collect();
                f.write_str(&passed.text(&fds, &[]))
            }
            Value::Fds(fds) => {
                let fds: Vec<String> = fds.iter().map(i32::to_string).collect();
                f.write_str(&fds.join(" "))
            }
            Value::Flags(flags) => write!(f, "{flags:#x}"),
            Value::Word(index) => write!(f, "word {index}"),
            Value::Ready(found) => {
                let found: Vec<String> = found.iter().map(|bits| format!("{bits:#x}")).collect();
                f.write_str(&found.join(" "))
            }
            Value::Events(found) => {
                let one = |(fd, bits): &(i32, u32)| format!("{fd}:{bits:#x}");
                f.write_str(&found.iter().map(one).collect::<Vec<_>>().join(" "))
            }
            Value::Child(process) => write!(f, "process #{process}"),
            Value::Begun => f.write_str("begun"),
            Value::Status(status) => write!(f, "{status}"),
            Value::Waited(Some(child), status) => write!(f, "#{child} {status}"),
            Value::Waited(None, status) => write!(f, "a stranger {status}"),
            Value::Group(Some(process)) => write!(f, "group #{process}"),
            Value::Group(None) => f.write_str("a stranger's group"),
            Value::Info(info) => write!(f, "{info}"),
            Value::Infos(infos) => {
                let infos: Vec<String> = infos.iter().map(Info::to_string).collect();
                f.write_str(&infos.join(", "))
            }
        }
    }
}
