//! Readiness as a table: every state of every kind of object, each way of asking, and what the calls that
//! the law names answer there without waiting.

use std::fmt::Write as _;

use ipc_model::mechanism;
use ipc_model::operation::Param;
use ipc_model::outcome::Outcome;
use ipc_model::poll::{EVENTS, Law};
use ipc_model::print;
use ipc_model::profile::{LINUX, Numbers};
use ipc_model::spec::Spec;

use crate::history::{EventKind, History};
use crate::program::Program;
use crate::sim::Simulated;
use crate::stage::First;
use crate::system::System;
use crate::text::parse;

/// A state of an object of some kind.
pub struct State {
    /// The kind, as its file type.
    pub kind: &'static str,
    /// What it is.
    pub text: &'static str,
    /// The calls that lead there; the descriptor is `x`, and nobody waits.
    pub made: &'static [&'static str],
}

/// All of them.
pub static STATES: &[State] = &[
    State { kind: "S_IFIFO", text: "reading end, empty", made: &["A: pipe2 O_NONBLOCK -> x w"] },
    State {
        kind: "S_IFIFO",
        text: "reading end, something stored",
        made: &["A: pipe2 O_NONBLOCK -> x w", "A: write w 1"],
    },
    State {
        kind: "S_IFIFO",
        text: "reading end, empty, the writers gone",
        made: &["A: pipe2 O_NONBLOCK -> x w", "A: close w"],
    },
    State {
        kind: "S_IFIFO",
        text: "reading end, empty, the writer in a message",
        made: &[
            "A: pipe2 O_NONBLOCK -> x w",
            "A: socketpair SOCK_STREAM 0 -> s t",
            "A: sendmsg s 1 0 w",
            "A: close w",
        ],
    },
    State {
        kind: "S_IFIFO",
        text: "reading end, something stored, the writers gone",
        made: &["A: pipe2 O_NONBLOCK -> x w", "A: write w 1", "A: close w"],
    },
    State {
        kind: "S_IFIFO",
        text: "reading end of a FIFO, never a writer",
        made: &["A: mkfifo \"f\" 0600", "A: open \"f\" O_RDONLY O_NONBLOCK -> x"],
    },
    State {
        kind: "S_IFIFO",
        text: "reading end of a FIFO, opened when the writers were gone",
        made: &[
            "A: mkfifo \"f\" 0600",
            "A: open \"f\" O_RDONLY O_NONBLOCK -> r",
            "A: open \"f\" O_WRONLY 0 -> w",
            "A: close w",
            "A: open \"f\" O_RDONLY O_NONBLOCK -> x",
        ],
    },
    State {
        kind: "S_IFIFO",
        text: "reading end of a FIFO, a writer again",
        made: &[
            "A: mkfifo \"f\" 0600",
            "A: open \"f\" O_RDONLY O_NONBLOCK -> x",
            "A: open \"f\" O_WRONLY 0 -> w",
            "A: close w",
            "A: open \"f\" O_WRONLY 0 -> w",
        ],
    },
    State { kind: "S_IFIFO", text: "writing end, empty", made: &["A: pipe2 O_NONBLOCK -> r x"] },
    State {
        kind: "S_IFIFO",
        text: "writing end, one page free",
        made: &["A: pipe2 O_NONBLOCK -> r x", "A: write x 61440"],
    },
    State {
        kind: "S_IFIFO",
        text: "writing end, room in the last page only",
        made: &["A: pipe2 O_NONBLOCK -> r x", "A: write x 61440", "A: write x 96"],
    },
    State {
        kind: "S_IFIFO",
        text: "writing end, full",
        made: &["A: pipe2 O_NONBLOCK -> r x", "A: write x 65536"],
    },
    State {
        kind: "S_IFIFO",
        text: "writing end, full but for a byte that was read",
        made: &["A: pipe2 O_NONBLOCK -> r x", "A: write x 65536", "A: read r 1"],
    },
    State {
        kind: "S_IFIFO",
        text: "writing end, the readers gone",
        made: &["A: pipe2 O_NONBLOCK -> r x", "A: close r"],
    },
    State {
        kind: "S_IFIFO",
        text: "writing end, full, the readers gone",
        made: &["A: pipe2 O_NONBLOCK -> r x", "A: write x 65536", "A: close r"],
    },
    State {
        kind: "S_IFIFO",
        text: "both ends of a FIFO, empty",
        made: &["A: mkfifo \"f\" 0600", "A: open \"f\" O_RDWR O_NONBLOCK -> x"],
    },
    State {
        kind: "S_IFIFO",
        text: "both ends of a FIFO, something stored",
        made: &["A: mkfifo \"f\" 0600", "A: open \"f\" O_RDWR O_NONBLOCK -> x", "A: write x 1"],
    },
    State { kind: "eventfd", text: "a counter at 0", made: &["A: eventfd 0 EFD_NONBLOCK -> x"] },
    State { kind: "eventfd", text: "a counter at 1", made: &["A: eventfd 1 EFD_NONBLOCK -> x"] },
    State {
        kind: "eventfd",
        text: "a counter at its maximum",
        made: &["A: eventfd 0 EFD_NONBLOCK -> x", "A: eventfd_write x -2"],
    },
    State { kind: "epoll", text: "a list with nothing in it", made: &["A: epoll_create1 0 -> x"] },
    State {
        kind: "epoll",
        text: "a list with something unready",
        made: &[
            "A: epoll_create1 0 -> x",
            "A: eventfd 0 0 -> e",
            "A: epoll_ctl x EPOLL_CTL_ADD e EPOLLIN",
        ],
    },
    State {
        kind: "epoll",
        text: "a list with something ready",
        made: &[
            "A: epoll_create1 0 -> x",
            "A: eventfd 1 0 -> e",
            "A: epoll_ctl x EPOLL_CTL_ADD e EPOLLIN",
        ],
    },
    State {
        kind: "signalfd",
        text: "nothing of the set is pending for the caller",
        made: &[
            "A: signalfd SIGUSR1|SIGRTMIN SFD_NONBLOCK -> x",
            "A: sigprocmask SIG_BLOCK SIGUSR1|SIGUSR2",
            "A: raise SIGUSR2",
        ],
    },
    State {
        kind: "signalfd",
        text: "something of the set is pending for the caller",
        made: &[
            "A: signalfd SIGUSR1 SFD_NONBLOCK -> x",
            "A: sigprocmask SIG_BLOCK SIGUSR1",
            "A: raise SIGUSR1",
        ],
    },
    State {
        kind: "pidfd",
        text: "a process that has not ended",
        made: &["A: fork -> B", "A: pidfd_open B PIDFD_NONBLOCK -> x"],
    },
    State {
        kind: "pidfd",
        text: "a process that has ended",
        made: &["A: fork -> B", "A: pidfd_open B PIDFD_NONBLOCK -> x", "B: _exit 0"],
    },
    State {
        kind: "pidfd",
        text: "a process that was waited for",
        made: &[
            "A: fork -> B",
            "A: pidfd_open B PIDFD_NONBLOCK -> x",
            "B: _exit 0",
            "A: waitpid B",
        ],
    },
    State {
        kind: "S_IFSOCK",
        text: "stream, nothing there",
        made: &["A: socketpair SOCK_STREAM SOCK_NONBLOCK -> x t"],
    },
    State {
        kind: "S_IFSOCK",
        text: "datagrams, one without bytes that carries a descriptor",
        made: &["A: socketpair SOCK_DGRAM SOCK_NONBLOCK -> x t", "A: sendmsg t 0 0 x"],
    },
    State {
        kind: "S_IFSOCK",
        text: "stream, something there",
        made: &["A: socketpair SOCK_STREAM SOCK_NONBLOCK -> x t", "A: send t 1 0"],
    },
    State {
        kind: "S_IFSOCK",
        text: "stream, shut down at the other end for sending",
        made: &["A: socketpair SOCK_STREAM SOCK_NONBLOCK -> x t", "A: shutdown t SHUT_WR"],
    },
    State {
        kind: "S_IFSOCK",
        text: "stream, shut down for sending",
        made: &["A: socketpair SOCK_STREAM SOCK_NONBLOCK -> x t", "A: shutdown x SHUT_WR"],
    },
    State {
        kind: "S_IFSOCK",
        text: "stream, shut down at the other end for receiving",
        made: &["A: socketpair SOCK_STREAM SOCK_NONBLOCK -> x t", "A: shutdown t SHUT_RD"],
    },
    State {
        kind: "S_IFSOCK",
        text: "stream, the other end gone",
        made: &["A: socketpair SOCK_STREAM SOCK_NONBLOCK -> x t", "A: close t"],
    },
    State {
        kind: "S_IFSOCK",
        text: "stream, the other end gone, something there",
        made: &["A: socketpair SOCK_STREAM SOCK_NONBLOCK -> x t", "A: send t 1 0", "A: close t"],
    },
    State {
        kind: "S_IFSOCK",
        text: "stream, the other end gone with something unread",
        made: &["A: socketpair SOCK_STREAM SOCK_NONBLOCK -> x t", "A: send x 1 0", "A: close t"],
    },
    State {
        kind: "S_IFSOCK",
        text: "records, the other end gone with something unread",
        made: &["A: socketpair SOCK_SEQPACKET SOCK_NONBLOCK -> x t", "A: send x 1 0", "A: close t"],
    },
    State {
        kind: "S_IFSOCK",
        text: "records, one without bytes there",
        made: &["A: socketpair SOCK_SEQPACKET SOCK_NONBLOCK -> x t", "A: send t 0 0"],
    },
    State {
        kind: "S_IFSOCK",
        text: "datagrams, nothing there",
        made: &["A: socketpair SOCK_DGRAM SOCK_NONBLOCK -> x t"],
    },
    State {
        kind: "S_IFSOCK",
        text: "datagrams, one without bytes there",
        made: &["A: socketpair SOCK_DGRAM SOCK_NONBLOCK -> x t", "A: send t 0 0"],
    },
    State {
        kind: "S_IFSOCK",
        text: "datagrams, the other end gone",
        made: &["A: socketpair SOCK_DGRAM SOCK_NONBLOCK -> x t", "A: close t"],
    },
    State {
        kind: "S_IFSOCK",
        text: "stream, never connected",
        made: &["A: socket SOCK_STREAM SOCK_NONBLOCK -> x"],
    },
    State {
        kind: "S_IFSOCK",
        text: "stream, taking connections, none waits",
        made: &["A: socket SOCK_STREAM SOCK_NONBLOCK -> x", "A: bind x \"n\"", "A: listen x 1"],
    },
    State {
        kind: "S_IFSOCK",
        text: "stream, taking connections, one waits",
        made: &[
            "A: socket SOCK_STREAM SOCK_NONBLOCK -> x",
            "A: bind x \"n\"",
            "A: listen x 1",
            "A: socket SOCK_STREAM 0 -> s",
            "A: connect s \"n\"",
        ],
    },
    State {
        kind: "S_IFSOCK",
        text: "stream, connected, nobody has accepted it",
        made: &[
            "A: socket SOCK_STREAM 0 -> l",
            "A: bind l \"n\"",
            "A: listen l 1",
            "A: socket SOCK_STREAM SOCK_NONBLOCK -> x",
            "A: connect x \"n\"",
        ],
    },
    State {
        kind: "S_IFSOCK",
        text: "datagrams, connected to nobody",
        made: &["A: socket SOCK_DGRAM SOCK_NONBLOCK -> x"],
    },
    State { kind: "S_IFREG", text: "memory, empty", made: &["A: memfd_create \"x\" 0 -> x"] },
    State {
        kind: "S_IFREG",
        text: "memory with bytes, open for reading",
        made: &[
            "A: memfd_create \"x\" 0 -> m",
            "A: write m 9",
            "A: reopen m O_RDONLY O_NONBLOCK -> x",
        ],
    },
    State {
        kind: "S_IFREG",
        text: "memory with bytes, open for writing",
        made: &[
            "A: shm_open \"/x\" O_RDWR O_CREAT 0600 -> m",
            "A: write m 9",
            "A: reopen m O_WRONLY 0 -> x",
        ],
    },
];

/// The ways of asking, without waiting.
const WAYS: &[&str] = &[
    "poll x:POLLIN|POLLOUT|POLLPRI 0",
    "ppoll x:POLLIN|POLLOUT|POLLPRI 0",
    "select x:readfds|writefds|errorfds 0",
    "pselect x:readfds|writefds|errorfds 0",
];

/// The calls that the law names for a kind of object, each once.
fn calls(kind: &str) -> Vec<&'static Law> {
    let mut all: Vec<&Law> = Vec::new();
    for law in mechanism::law().filter(|law| law.kind == kind) {
        if !all.iter().any(|known| known.is_same_call(law)) {
            all.push(law);
        }
    }
    all
}

/// The call as a program has it, of `x`. It does not wait.
fn line(law: &Law, spec: &Spec) -> String {
    let call = law.call(spec, 0, 0);
    let mut text = String::from(call.operation.name);
    for (place, param) in call.operation.params.iter().enumerate() {
        let _ = match param {
            Param::Fd => write!(text, " x"),
            Param::Command(word) => write!(text, " {word}"),
            _ => write!(text, " {}", call.number(place)),
        };
    }
    text
}

/// One program for each state and each call that the law names: asked in every way, then called.
pub fn programs() -> impl Iterator<Item = (&'static State, Program)> {
    let spec = Spec::new(&LINUX, Numbers::EXAMPLE);
    STATES.iter().flat_map(move |state| {
        let program = |law: &Law| {
            let call = line(law, &spec);
            let mut text = String::from("order stepwise\nA: sigaction SIGPIPE SIG_IGN\n");
            text.extend(state.made.iter().flat_map(|line| [*line, "\n"]));
            let asked = WAYS.iter().copied().chain([call.as_str()]);
            text.extend(asked.flat_map(|line| ["A: ", line, "\n"]));
            parse(state.text, &text).unwrap_or_else(|error| panic!("{error}"))
        };
        calls(state.kind).into_iter().map(|law| (state, program(law))).collect::<Vec<_>>()
    })
}

/// What A was answered last, in the order of the calls: to each way of asking, and to the call.
fn answers(history: &History) -> Vec<&Outcome> {
    let outcomes = history.events.iter().filter_map(|event| match &event.kind {
        EventKind::Return { actor, outcome, .. } if actor.process == 0 => Some(outcome),
        _ => None,
    });
    let all: Vec<&Outcome> = outcomes.collect();
    all[all.len() - WAYS.len() - 1..].to_vec()
}

/// What the model says in each state: to each way of asking, and for each call that the law names.
pub fn rows() -> Vec<(&'static State, Vec<String>)> {
    let mut rows: Vec<(&'static State, Vec<String>)> = Vec::new();
    for (state, program) in programs() {
        let mut system = Simulated::new(&LINUX, Numbers::EXAMPLE, First);
        let history = system.run(&program).expect("the simulated system runs every program");
        let gives = program.lines.iter().rev().take(WAYS.len() + 1).rev();
        let gives = gives.map(|line| line.operation.gives);
        let told: Vec<String> = answers(&history)
            .iter()
            .zip(gives)
            .map(|(outcome, gives)| outcome.display(gives))
            .collect();
        match rows.last_mut().filter(|(last, _)| std::ptr::eq(*last, state)) {
            Some((_, row)) => row.extend(told.into_iter().last()),
            None => rows.push((state, told)),
        }
    }
    rows
}

/// A table for each kind, in Markdown.
pub fn table() -> String {
    let rows = rows();
    let mut text = String::new();
    for of_kind in rows.chunk_by(|(one, _), (other, _)| one.kind == other.kind) {
        let kind = of_kind[0].0.kind;
        let calls = calls(kind);
        let named = calls.iter().map(|law| format!(" `{}` |", print::promised(law, 0)));
        let named: String = named.collect();
        let _ = writeln!(text, "| `{kind}` | `poll`, `ppoll` | `select`, `pselect` |{named}");
        let _ = writeln!(text, "|---|---|---|{}", "---|".repeat(calls.len()));
        for (state, told) in of_kind {
            // Both of each pair tell the same.
            let shown = [&told[0], &told[2]].into_iter().chain(&told[WAYS.len()..]);
            let shown: String =
                shown.map(|told| format!(" {} |", told.replace('|', ", "))).collect();
            let _ = writeln!(text, "| {} |{shown}", state.text);
        }
        text.push('\n');
    }
    text
}

/// What each event of each kind of object promises, in Markdown.
pub fn law() -> String {
    let mut text = String::from("| kind | event | with nobody in between, this does not wait |\n");
    text.push_str("|---|---|---|\n");
    for law in mechanism::law() {
        let (event, call) = (EVENTS[law.event as usize], print::promised(law, -1));
        let _ = writeln!(text, "| `{}` | `{event}` | `{call}` |", law.kind);
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use ipc_model::object::Object;

    use super::*;

    /// Kinds of objects that no descriptor of a program leads to so that it could be asked about.
    const UNASKED: &[&str] = &["Directory", "Link", "Bound"];

    #[test]
    fn every_kind_of_object_has_its_states_and_its_law() {
        let kinds: BTreeSet<&str> = STATES.iter().map(|state| state.kind).collect();
        let asked = Object::KINDS.iter().filter(|kind| !UNASKED.contains(kind));
        assert_eq!(asked.count(), kinds.len(), "{:?} and {kinds:?}", Object::KINDS);
        let lawful: BTreeSet<&str> = mechanism::law().map(|law| law.kind).collect();
        assert_eq!(kinds, lawful);
    }

    /// Whatever is told of an object promises something, and whatever is promised is told somewhere.
    #[test]
    fn every_event_that_is_told_has_its_law() {
        let mut told = BTreeSet::new();
        for (state, row) in rows() {
            let events = row[0].split(['|', ',']).filter(|word| word.starts_with("POLL"));
            told.extend(events.map(|event| (state.kind, event.to_owned())));
        }
        let law = mechanism::law().map(|law| (law.kind, EVENTS[law.event as usize].to_owned()));
        assert_eq!(told, law.collect());
    }

    #[test]
    fn both_ways_of_poll_and_of_select_tell_the_same() {
        for (state, row) in rows() {
            assert_eq!((&row[0], &row[2]), (&row[1], &row[3]), "{}", state.text);
        }
    }

    /// The law, read off the table: ready, and not refused for having to wait.
    #[test]
    fn what_is_told_ready_is_not_refused() {
        for (state, row) in rows() {
            for law in mechanism::law().filter(|law| law.kind == state.kind) {
                let event = EVENTS[law.event as usize];
                let place = calls(state.kind).iter().position(|call| call.is_same_call(law));
                let place = place.expect("it is one of them");
                if row[0].contains(event) {
                    assert_ne!(row[WAYS.len() + place], "EAGAIN", "{}: {event}", state.text);
                    assert_ne!(row[WAYS.len() + place], "nothing", "{}: {event}", state.text);
                }
            }
        }
    }
}
