//! What travels on the channels, and how it is spelled: numbers in the machine's own byte order, one
//! behind the other without padding; a list is its length (`u16`) and its elements. Both ends are the
//! same binary on the same machine, so there is no version. Payload lies beside, in the slot's area.
//!
//! | in | from | to | messages |
//! |---|---|---|---|
//! | a slot's memory | controller | agent | [`Command`] |
//! | a slot's memory | agent | controller | [`Report`] |
//! | the link | controller | zygote | [`Request`] |
//! | the link | zygote | controller | [`Reply`] |

mod args;
mod bytes;

use ipc_impls::errno::Errno;
use ipc_impls::process::Status;
use ipc_impls::signal::Info;

pub use self::args::{ARGS_MAX, Args, List};
use self::bytes::{Cursor, Out, put_list};

/// The longest command: a call with 1,024 buffers (`IOV_MAX`) and one too many.
pub const COMMAND_MAX: usize = 16 * 1024;
/// The longest report: a call's, with [`crate::text::MAX_WATCHES`] descriptors and their events.
pub const REPORT_MAX: usize = 256;
/// Calls in one list, at most.
pub const BATCH_MAX: usize = 4096;
/// The memory of a list, more than enough for as many calls as most are.
pub const LIST_MAX: usize = 512 * 1024;

/// What an agent shall do.
#[allow(clippy::large_enum_variant)] // there is one at a time, and a box would be memory of its own
#[derive(Clone, PartialEq, Debug)]
pub enum Command {
    /// Make a call and report it.
    Step(Step),
    /// Make the calls that lie in the slot's list, one behind the other, and report each.
    Batch {
        /// How many.
        count: u32,
        /// They lie in the memory for long lists.
        far: bool,
    },
    /// Forget everything that a program did, and take this limit of descriptors.
    Reset {
        /// The soft `RLIMIT_NOFILE` from now on.
        nofile: u32,
    },
}

/// A call, fully resolved.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Step {
    /// The line, by index.
    pub line: u16,
    /// The operation, by its place in `ipc_model::mechanism::operations()`.
    pub operation: u16,
    /// Marks the payload that is sent.
    pub tag: u32,
    /// The slot that a child takes over.
    pub child: u16,
    /// The gate that must be open before the call is made, 0 for none.
    pub gate: u32,
    /// The arguments; each is a list of numbers, of one unless it is a vector. Process arguments are
    /// process ids.
    pub args: Args,
}

/// What an agent tells.
#[derive(Clone, PartialEq, Debug)]
pub enum Report {
    /// A call has returned.
    Returned(Returned),
    /// The agent is as new.
    Fresh {
        /// Its lowest free descriptor: anything but 3 is a leak.
        lowest: i32,
    },
}

/// How a call returned.
#[derive(Clone, PartialEq, Debug)]
pub struct Returned {
    /// The line, by index.
    pub line: u16,
    /// The ticket before the call.
    pub call: u64,
    /// The ticket behind it.
    pub back: u64,
    /// What was asked for right behind the call, if anything.
    pub probed: Option<u64>,
    /// What it gave.
    pub answer: Answer,
}

/// What a call gave, as the driver saw it.
#[derive(Clone, PartialEq, Debug)]
pub enum Answer {
    /// It failed.
    Failed(Errno),
    /// This system does not know that name.
    Absent(&'static str),
    /// Nothing but success.
    Nothing,
    /// A number.
    Number(i64),
    /// So many bytes, which are in the slot's area.
    Data(u32),
    /// So many bytes, which are in the slot's area, the descriptors that came along, and what is said of
    /// it: flags by index in the operation's list.
    Passed(u32, Vec<i32>, u32),
    /// A descriptor.
    Fd(i32),
    /// Two descriptors.
    Fds([i32; 2]),
    /// Flags, by index in the operation's list.
    Flags(u32),
    /// A word, by index in the operation's list.
    Word(u8),
    /// To a parent: the child's process id.
    Child(i32),
    /// To a child: its own process id.
    Begun(i32),
    /// How a child ended.
    Status(Status),
    /// How the child of that number ended, which the call did not name by it.
    Collected(i32, Status),
    /// Nothing but success, and to whom it did what it did; 0 if that is not known.
    Reached(i32),
    /// A child's process id, and how it ended.
    Waited(i32, Status),
    /// A process group's id.
    Group(i32),
    /// A signal that was taken.
    Info(Info),
    /// Signals that were taken.
    Infos(Vec<Info>),
    /// What each descriptor was found ready for, flags by index.
    Ready(Vec<u32>),
    /// Descriptors, and what each was found ready for, flags by index.
    Events(Vec<(i32, u32)>),
}

/// What the zygote shall do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Request {
    /// Fork an agent for a slot.
    Spawn {
        /// Which.
        slot: u16,
    },
    /// Collect every child that has ended.
    Reap,
    /// Remove every segment of System V shared memory.
    Segments,
}

/// What the zygote answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reply {
    /// It is there.
    Ready {
        /// The zygote's process id.
        zygote: i32,
    },
    /// The agent's process id, or the `errno` of `fork`.
    Spawned(Result<i32, Errno>),
    /// How many were collected.
    Reaped(u32),
    /// How many segments were removed.
    Removed(u32),
}

/// Names that an [`Answer::Absent`] can carry: it travels as an index.
pub const ABSENT: &[&str] = &[
    "O_CLOFORK",
    "F_GETPIPE_SZ",
    "accesses that survive a signal",
    super::segments::NO_NAMESPACE,
    super::mounts::NO_MOUNTS,
];

impl Step {
    /// Puts the step into `out`, and says how long it is; `None` if there is too little room.
    pub fn encode(&self, out: &mut [u8]) -> Option<usize> {
        Out::message(out, |out| self.put(out))
    }

    fn put(&self, out: &mut Out<'_>) {
        out.extend(self.line.to_ne_bytes());
        out.extend(self.operation.to_ne_bytes());
        out.extend(self.tag.to_ne_bytes());
        out.extend(self.child.to_ne_bytes());
        out.extend(self.gate.to_ne_bytes());
        self.args.put(out);
    }

    /// Reads the step that the bytes begin with, and says how long it is.
    pub fn decode(message: &[u8]) -> Option<(Step, usize)> {
        let mut from = Cursor(message);
        let step = Step::get(&mut from)?;
        Some((step, message.len() - from.0.len()))
    }

    fn get(from: &mut Cursor<'_>) -> Option<Step> {
        Some(Step {
            line: from.u16()?,
            operation: from.u16()?,
            tag: from.u32()?,
            child: from.u16()?,
            gate: from.u32()?,
            args: Args::read(from)?,
        })
    }
}

impl Command {
    /// Puts the message into `out`; `None` if there is too little room.
    pub fn encode(&self, out: &mut [u8]) -> Option<usize> {
        Out::message(out, |out| match self {
            Command::Step(step) => {
                out.push(0);
                step.put(out);
            }
            Command::Reset { nofile } => {
                out.push(1);
                out.extend(nofile.to_ne_bytes());
            }
            Command::Batch { count, far } => {
                out.push(if *far { 3 } else { 2 });
                out.extend(count.to_ne_bytes());
            }
        })
    }

    /// Reads the message that the bytes begin with; `None` if they do not.
    pub fn decode(message: &[u8]) -> Option<Command> {
        let mut from = Cursor(message);
        Some(match from.u8()? {
            0 => Command::Step(Step::get(&mut from)?),
            1 => Command::Reset { nofile: from.u32()? },
            kind @ (2 | 3) => Command::Batch { count: from.u32()?, far: kind == 3 },
            _ => return None,
        })
    }
}

impl Report {
    /// Puts the message into `out`; `None` if there is too little room.
    pub fn encode(&self, out: &mut [u8]) -> Option<usize> {
        Out::message(out, |out| match self {
            Report::Returned(returned) => {
                out.push(0);
                out.extend(returned.line.to_ne_bytes());
                out.extend(returned.call.to_ne_bytes());
                out.extend(returned.back.to_ne_bytes());
                out.extend(returned.probed.map_or(-1, |n| n as i64).to_ne_bytes());
                returned.answer.encode(out);
            }
            Report::Fresh { lowest } => {
                out.push(1);
                out.extend(lowest.to_ne_bytes());
            }
        })
    }

    /// Reads the message that the bytes begin with; `None` if they do not.
    pub fn decode(message: &[u8]) -> Option<Report> {
        let mut from = Cursor(message);
        Some(match from.u8()? {
            0 => Report::Returned(Returned {
                line: from.u16()?,
                call: from.u64()?,
                back: from.u64()?,
                probed: u64::try_from(from.i64()?).ok(),
                answer: Answer::decode(&mut from)?,
            }),
            1 => Report::Fresh { lowest: from.i32()? },
            _ => return None,
        })
    }
}

fn put_info(out: &mut Out<'_>, info: &Info) {
    [info.signal, info.code, info.pid, info.value]
        .iter()
        .for_each(|number| out.extend(number.to_ne_bytes()));
}

fn info(from: &mut Cursor<'_>) -> Option<Info> {
    let (signal, code) = (from.i32()?, from.i32()?);
    Some(Info { signal, code, pid: from.i32()?, value: from.i32()? })
}

impl Answer {
    /// How many bytes it tells of, which are in the slot's area.
    pub fn received(&self) -> usize {
        match self {
            Answer::Data(len) | Answer::Passed(len, ..) => *len as usize,
            _ => 0,
        }
    }

    /// The descriptors that it tells of.
    pub fn fds(&self) -> &[i32] {
        match self {
            Answer::Fd(fd) => std::slice::from_ref(fd),
            Answer::Fds(fds) => fds,
            Answer::Passed(_, fds, _) => fds,
            _ => &[],
        }
    }

    fn encode(&self, out: &mut Out<'_>) {
        let mut tagged = |kind: u8, number: i64| {
            out.push(kind);
            out.extend(number.to_ne_bytes());
        };
        match self {
            Answer::Failed(errno) => tagged(0, errno.0.into()),
            Answer::Absent(name) => {
                let index = ABSENT.iter().position(|known| known == name);
                tagged(1, index.expect("every absent name is in ABSENT") as i64);
            }
            Answer::Nothing => tagged(2, 0),
            Answer::Number(number) => tagged(3, *number),
            Answer::Data(len) => tagged(4, (*len).into()),
            Answer::Fds([first, second]) => {
                tagged(5, (*first).into());
                out.extend(second.to_ne_bytes());
            }
            Answer::Passed(len, fds, said) => {
                tagged(21, (*len).into());
                put_list(out, fds, |out, fd| out.extend(fd.to_ne_bytes()));
                out.extend(said.to_ne_bytes());
            }
            Answer::Flags(flags) => tagged(6, (*flags).into()),
            Answer::Word(index) => tagged(7, (*index).into()),
            Answer::Ready(found) => {
                tagged(13, 0);
                put_list(out, found, |out, bits| out.extend(bits.to_ne_bytes()));
            }
            Answer::Events(found) => {
                tagged(14, 0);
                put_list(out, found, |out, (fd, bits)| {
                    out.extend(fd.to_ne_bytes());
                    out.extend(bits.to_ne_bytes());
                });
            }
            Answer::Child(pid) => tagged(8, (*pid).into()),
            Answer::Begun(pid) => tagged(9, (*pid).into()),
            Answer::Status(status) => tagged(10, put_status(*status).into()),
            Answer::Waited(pid, status) => {
                tagged(18, (*pid).into());
                out.extend(put_status(*status).to_ne_bytes());
            }
            Answer::Info(info) => {
                tagged(15, 0);
                put_info(out, info);
            }
            Answer::Infos(infos) => {
                tagged(16, 0);
                put_list(out, infos, put_info);
            }
            Answer::Fd(fd) => tagged(12, (*fd).into()),
            Answer::Collected(pid, status) => {
                tagged(17, (*pid).into());
                out.extend(put_status(*status).to_ne_bytes());
            }
            Answer::Reached(pid) => tagged(19, (*pid).into()),
            Answer::Group(pgid) => tagged(20, (*pgid).into()),
        }
    }

    fn decode(from: &mut Cursor<'_>) -> Option<Answer> {
        let (kind, number) = (from.u8()?, from.i64()?);
        Some(match kind {
            0 => Answer::Failed(Errno(number as i32)),
            1 => Answer::Absent(ABSENT.get(number as usize)?),
            2 => Answer::Nothing,
            3 => Answer::Number(number),
            4 => Answer::Data(number as u32),
            5 => Answer::Fds([number as i32, from.i32()?]),
            6 => Answer::Flags(number as u32),
            7 => Answer::Word(number as u8),
            8 => Answer::Child(number as i32),
            9 => Answer::Begun(number as i32),
            13 => Answer::Ready(from.list(Cursor::u32)?),
            14 => Answer::Events(from.list(|from| Some((from.i32()?, from.u32()?)))?),
            10 => Answer::Status(status(number as i32)?),
            12 => Answer::Fd(number as i32),
            15 => Answer::Info(info(from)?),
            16 => Answer::Infos(from.list(info)?),
            17 => Answer::Collected(number as i32, status(from.i32()?)?),
            18 => Answer::Waited(number as i32, status(from.i32()?)?),
            19 => Answer::Reached(number as i32),
            20 => Answer::Group(number as i32),
            21 => Answer::Passed(number as u32, from.list(Cursor::i32)?, from.u32()?),
            _ => return None,
        })
    }
}

/// A status as a number: the kind above the lowest byte.
fn put_status(status: Status) -> i32 {
    match status {
        Status::Exited(code) => code.into(),
        Status::Signaled(signal) => 1 << 8 | signal,
        Status::Stopped(signal) => 2 << 8 | signal,
        Status::Continued => 3 << 8,
    }
}

/// The reverse of [`put_status`].
fn status(number: i32) -> Option<Status> {
    match number >> 8 {
        0 => Some(Status::Exited(number as u8)),
        1 => Some(Status::Signaled(number & 0xff)),
        2 => Some(Status::Stopped(number & 0xff)),
        3 => Some(Status::Continued),
        _ => None,
    }
}

impl Request {
    /// The message: the kind and a slot.
    pub fn encode(self) -> [u8; 3] {
        let (kind, slot) = match self {
            Request::Spawn { slot } => (0, slot),
            Request::Reap => (1, 0),
            Request::Segments => (2, 0),
        };
        let [a, b] = slot.to_ne_bytes();
        [kind, a, b]
    }

    /// Reads a message; `None` if it is none.
    pub fn decode(message: &[u8]) -> Option<Request> {
        let mut from = Cursor(message);
        match (from.u8()?, from.u16()?) {
            (0, slot) => Some(Request::Spawn { slot }),
            (1, _) => Some(Request::Reap),
            (2, _) => Some(Request::Segments),
            _ => None,
        }
    }
}

impl Reply {
    /// The message: the kind and a number.
    pub fn encode(self) -> [u8; 5] {
        let (kind, number) = match self {
            Reply::Ready { zygote } => (0, zygote),
            Reply::Spawned(Ok(pid)) => (1, pid),
            Reply::Spawned(Err(errno)) => (2, errno.0),
            Reply::Reaped(n) => (3, n as i32),
            Reply::Removed(n) => (4, n as i32),
        };
        let [a, b, c, d] = number.to_ne_bytes();
        [kind, a, b, c, d]
    }

    /// Reads a message; `None` if it is none.
    pub fn decode(message: &[u8]) -> Option<Reply> {
        let mut from = Cursor(message);
        match (from.u8()?, from.i32()?) {
            (0, zygote) => Some(Reply::Ready { zygote }),
            (1, pid) => Some(Reply::Spawned(Ok(pid))),
            (2, errno) => Some(Reply::Spawned(Err(Errno(errno)))),
            (3, n) => Some(Reply::Reaped(n as u32)),
            (4, n) => Some(Reply::Removed(n as u32)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{MAX_INFOS, MAX_WATCHES};

    #[test]
    fn commands_read_back_and_torn_ones_do_not() {
        let args = [List::one(-1), [1, 2].into_iter().collect(), (0..9).collect(), List::default()]
            .into_iter()
            .collect();
        let step = Step { line: 7, operation: 3, tag: 8, child: 2, gate: 9, args };
        let batch = |far| Command::Batch { count: 70_000, far };
        let others = [Command::Reset { nofile: 64 }, batch(false), batch(true)];
        for command in others.into_iter().chain([Command::Step(step)]) {
            let mut bytes = [0; COMMAND_MAX];
            command.encode(&mut bytes).expect("there is room");
            assert_eq!(Command::decode(&bytes), Some(command.clone()));
            let len = (0..).find(|len| Command::decode(&bytes[..*len]).is_some()).unwrap();
            assert!(command.encode(&mut bytes[..len - 1]).is_none());
        }
    }

    #[test]
    fn the_longest_vector_is_a_command() {
        let args =
            [List::one(4), std::iter::repeat_n(i64::MAX, 1025).collect()].into_iter().collect();
        let command = Command::Step(Step { args, ..Step::default() });
        let mut bytes = [0; COMMAND_MAX];
        command.encode(&mut bytes).expect("there is room");
        assert_eq!(Command::decode(&bytes), Some(command));
    }

    #[test]
    fn reports_read_back_and_torn_ones_do_not() {
        let answers = [
            Answer::Failed(Errno(32)),
            Answer::Absent("O_CLOFORK"),
            Answer::Fds([3, 4]),
            Answer::Fd(5),
            Answer::Status(Status::Signaled(9)),
            Answer::Waited(4711, Status::Exited(3)),
            Answer::Ready(vec![0, 5]),
            Answer::Events(vec![(3, 1), (-1, 256)]),
            Answer::Ready(vec![u32::MAX; MAX_WATCHES]),
            Answer::Events(vec![(i32::MAX, u32::MAX); MAX_WATCHES]),
            Answer::Number(-1),
            Answer::Collected(77, Status::Signaled(9)),
            Answer::Collected(77, Status::Exited(3)),
            Answer::Reached(77),
            Answer::Group(77),
            Answer::Info(Info { signal: 34, code: -1, pid: 77, value: -5 }),
            Answer::Infos(vec![Info { signal: 34, code: -1, pid: 77, value: -5 }; MAX_INFOS]),
        ];
        for answer in answers {
            let returned = Returned { line: 1, call: 5, back: 6, probed: Some(65_536), answer };
            let report = Report::Returned(returned);
            let mut bytes = [0; REPORT_MAX];
            report.encode(&mut bytes).expect("there is room");
            assert_eq!(Report::decode(&bytes), Some(report.clone()));
            let len = (0..).find(|len| Report::decode(&bytes[..*len]).is_some()).unwrap();
            assert!(report.encode(&mut bytes[..len - 1]).is_none());
        }
    }
}
