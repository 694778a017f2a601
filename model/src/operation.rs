//! Operations and calls: the alphabet of programs. An operation is data: its name, what it is given
//! and what it gives back; text, wire format, generator and printers are all read off it.

use std::fmt;
use std::sync::Arc;

use crate::payload::Tag;

/// A process of a program, by its place in the program's list of actors, and a thread in it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Actor {
    /// The process: an index into the program's list of actor names.
    pub process: u8,
    /// The thread, 0 for the first.
    pub thread: u8,
}

impl Actor {
    /// The first thread of a process.
    pub const fn first(process: u8) -> Actor {
        Actor { process, thread: 0 }
    }
}

/// A system call, or one command of one (`fcntl(F_SETFL)`), as programs can make it.
#[derive(Debug)]
pub struct Operation {
    /// The call's C name.
    pub name: &'static str,
    /// What it is given, in the order of the program text.
    pub params: &'static [Param],
    /// What it gives back, in the order of the program text.
    pub gives: Gives,
    /// What it says for people, as in C: `%0` is the first parameter.
    pub c: &'static str,
}

impl PartialEq for Operation {
    /// Every operation is one `static`: the same place is the same operation.
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for Operation {}

impl Operation {
    /// The name with the command behind it, unique among operations: `fcntl F_SETFL`.
    pub fn key(&self) -> String {
        match self.command() {
            Some(command) => format!("{} {command}", self.name),
            None => self.name.to_owned(),
        }
    }

    /// The command word, for calls that have one.
    pub fn command(&self) -> Option<&'static str> {
        self.params.iter().find_map(|param| match param {
            Param::Command(word) => Some(*word),
            _ => None,
        })
    }

    /// Whether the call brings payload of its own.
    pub fn sends(&self) -> bool {
        self.params.iter().any(|param| matches!(param, Param::Send | Param::SendVector))
    }
}

/// What a call can be given. Every kind has one spelling in programs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Param {
    /// A descriptor, by name in programs.
    Fd,
    /// Another descriptor, named where a number is given without being looked at (`dup2`'s second).
    TargetFd,
    /// A word that is part of the operation: `F_SETFL`.
    Command(&'static str),
    /// A number of bytes to be received, or moved from one descriptor to the other, at most.
    Receive,
    /// Numbers of bytes to be received, one a buffer.
    ReceiveVector,
    /// A number of bytes to be sent; the payload is the call's own.
    Send,
    /// Numbers of bytes to be sent, one a buffer; the payload runs through them.
    SendVector,
    /// A number without a unit.
    Number,
    /// How long to wait at most, in milliseconds; negative is for ever.
    Timeout,
    /// Flags, any of the named ones or `0`; bit *i* of the argument is word *i*.
    Flags(&'static [&'static str]),
    /// One of the words; the argument is its index.
    Word(&'static [&'static str]),
    /// Another process, by actor name.
    Process,
    /// A path, below the directory that the program has to itself.
    Path,
    /// A name of shared memory, which begins with a slash.
    SharedName,
    /// A name of a socket: a path, as above, or behind `@` one that is in no directory.
    Address,
    /// The permission bits of a file, in octal.
    Mode,
    /// Descriptors, each with what is asked of it: any of the named flags. Where no flag has a name they
    /// are descriptors and no more, and there may be none.
    Watches(&'static [&'static str]),
}

/// What a call gives back when it succeeds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Gives {
    /// Nothing but success.
    Nothing,
    /// One descriptor, with a name in programs.
    Fd,
    /// The descriptor given second, under its old name (`dup2`).
    TargetFd,
    /// Two descriptors, each with a name in programs.
    Fds,
    /// A number of bytes sent, or moved.
    Sent,
    /// Bytes.
    Data,
    /// Bytes, and what came along: descriptors, each with a name in programs as far as there is room, and
    /// what is said of the message.
    Passed(&'static [&'static str]),
    /// A message, which may have no bytes; or nothing, and that is the end.
    Message,
    /// A number.
    Number,
    /// Flags, as in [`Param::Flags`].
    Flags(&'static [&'static str]),
    /// One of the words.
    Word(&'static [&'static str]),
    /// A new process, with an actor's name in programs; it starts by returning from the same call.
    Process,
    /// How a process ended.
    Status,
    /// Which child, and how it ended; or nothing, where the call need not wait.
    Waited,
    /// A process group, by the process that it is named after.
    Group,
    /// Permission bits.
    Mode,
    /// One of the signals, and where it came from.
    Info(&'static [&'static str]),
    /// Signals, in the order in which they were taken, and where each came from.
    Infos(&'static [&'static str]),
    /// For each of the descriptors asked about, in their order, what was found.
    Ready(&'static [&'static str]),
    /// Descriptors, as they were registered, and for each what it is ready for; in any order.
    Events(&'static [&'static str]),
    /// Nothing, for the call never returns.
    Never,
}

impl Gives {
    /// Whether it is bytes that were received.
    pub fn is_data(self) -> bool {
        matches!(self, Gives::Data | Gives::Passed(_))
    }
}

/// One argument, resolved: descriptors are numbers, processes are actors.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Arg {
    /// A descriptor's number; -1 where the program's name has none.
    Fd(i32),
    /// A number, a number of bytes, or a word's index.
    Number(i64),
    /// Numbers of bytes, one a buffer.
    Vector(Vec<u64>),
    /// Flags, by index in the parameter's list.
    Flags(u32),
    /// A process.
    Process(u8),
    /// A path.
    Path(Arc<str>),
    /// Descriptors, and what is asked of each: flags by index in the parameter's list.
    Watches(Vec<(i32, u32)>),
    /// A word of the operation itself: carries nothing.
    Command,
}

/// A call as an actor makes it: one argument for each parameter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Call {
    /// What is called.
    pub operation: &'static Operation,
    /// With what, in the order of the parameters.
    pub args: Vec<Arg>,
    /// Marks the payload that the call sends: the number of its line in the program.
    pub tag: Tag,
}

impl std::hash::Hash for Call {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (std::ptr::from_ref(self.operation) as usize, &self.args, self.tag).hash(state);
    }
}

impl Call {
    /// The `index`-th argument as a number: a count, a word's index, flags, a process, a descriptor.
    /// The buffers of a vector are added up. 0 if there is no such argument.
    pub fn number(&self, index: usize) -> i64 {
        match self.args.get(index) {
            Some(Arg::Fd(fd)) => i64::from(*fd),
            Some(Arg::Number(number)) => *number,
            Some(Arg::Vector(parts)) => parts.iter().sum::<u64>() as i64,
            Some(Arg::Flags(flags)) => i64::from(*flags),
            Some(Arg::Process(process)) => i64::from(*process),
            Some(Arg::Path(_) | Arg::Watches(_) | Arg::Command) | None => 0,
        }
    }

    /// The first argument whose parameter satisfies `wanted`, as a number.
    pub fn find(&self, wanted: impl Fn(&Param) -> bool) -> Option<i64> {
        self.operation.params.iter().position(wanted).map(|index| self.number(index))
    }

    /// The path that the call names at place `index`, if there is one.
    pub fn path(&self, index: usize) -> Option<&str> {
        match self.args.get(index) {
            Some(Arg::Path(path)) => Some(path),
            _ => None,
        }
    }

    /// The descriptors that the call asks about, and what of each.
    pub fn watches(&self) -> &[(i32, u32)] {
        let watches = self.args.iter().find_map(|arg| match arg {
            Arg::Watches(watches) => Some(watches.as_slice()),
            _ => None,
        });
        watches.unwrap_or_default()
    }

    /// The descriptor that the call is about, if it names one.
    pub fn fd(&self) -> Option<i32> {
        self.find(|param| matches!(param, Param::Fd)).map(|fd| fd as i32)
    }

    /// How many bytes it asks to move, 0 if it moves none.
    pub fn len(&self) -> u64 {
        let moves = |param: &Param| {
            matches!(param, Param::Receive | Param::ReceiveVector | Param::Send | Param::SendVector)
        };
        self.find(moves).unwrap_or(0) as u64
    }

    /// After how many milliseconds it returns at the latest, whatever happens; `None` if it names no
    /// time, or waits for ever.
    pub fn timeout(&self) -> Option<u64> {
        let timeout = self.find(|param| matches!(param, Param::Timeout))?;
        u64::try_from(timeout).ok()
    }

    /// Whether it asks to move no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether a flag, by its C name, is among the call's flags.
    pub fn has_flag(&self, name: &str) -> bool {
        self.operation.params.iter().zip(&self.args).any(|(param, arg)| match (param, arg) {
            (Param::Flags(words), Arg::Flags(flags)) => words
                .iter()
                .position(|word| *word == name)
                .is_some_and(|bit| flags & (1 << bit) != 0),
            _ => false,
        })
    }
}

impl fmt::Display for Call {
    /// The C call with numbers for descriptors and `#n` for processes: `read(3, buf, 16)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.operation.c;
        while let Some(at) = rest.find('%') {
            f.write_str(&rest[..at])?;
            let index = usize::from(rest.as_bytes()[at + 1] - b'0');
            match (self.operation.params.get(index), self.args.get(index)) {
                (Some(param), Some(arg)) => write_arg(f, param, arg)?,
                _ => f.write_str("?")?,
            }
            rest = &rest[at + 2..];
        }
        f.write_str(rest)
    }
}

fn write_arg(f: &mut fmt::Formatter<'_>, param: &Param, arg: &Arg) -> fmt::Result {
    match (param, arg) {
        (Param::Command(word), _) => f.write_str(word),
        (Param::Flags(words), Arg::Flags(flags)) => f.write_str(&flag_text(words, *flags)),
        (Param::Word(words), Arg::Number(index)) => {
            f.write_str(words.get(*index as usize).copied().unwrap_or("?"))
        }
        (_, Arg::Vector(parts)) => {
            let parts: Vec<String> = parts.iter().map(u64::to_string).collect();
            write!(f, "{{{}}}", parts.join(","))
        }
        (Param::Mode, Arg::Number(n)) => write!(f, "{n:04o}"),
        (Param::Watches([]), Arg::Watches(watches)) => {
            let fds: Vec<String> = watches.iter().map(|(fd, _)| fd.to_string()).collect();
            write!(f, "{{{}}}", fds.join(", "))
        }
        (Param::Watches(words), Arg::Watches(watches)) => {
            let one = |(fd, asked): &(i32, u32)| format!("{fd}:{}", flag_text(words, *asked));
            write!(f, "{{{}}}", watches.iter().map(one).collect::<Vec<_>>().join(", "))
        }
        (_, Arg::Watches(watches)) => write!(f, "{watches:?}"),
        (_, Arg::Path(path)) => write!(f, "{path:?}"),
        (_, Arg::Fd(n)) => write!(f, "{n}"),
        (_, Arg::Number(n)) => write!(f, "{n}"),
        (_, Arg::Flags(n)) => write!(f, "{n:#x}"),
        (_, Arg::Process(n)) => write!(f, "#{n}"),
        (_, Arg::Command) => Ok(()),
    }
}

/// Flags by name, `|` between them, `0` if there is none.
pub fn flag_text(words: &[&str], flags: u32) -> String {
    let set: Vec<&str> = words
        .iter()
        .enumerate()
        .filter(|(bit, _)| flags & (1 << bit) != 0)
        .map(|(_, word)| *word)
        .collect();
    if set.is_empty() { "0".to_owned() } else { set.join("|") }
}
