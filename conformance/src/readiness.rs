//! Readiness as a table: every state of every kind of object, each way of asking, and what the calls that
//! the law names answer there without waiting.

use std::fmt::Write as _;

use ipc_model::outcome::Outcome;
use ipc_model::poll::{EVENTS, LAW, Law, Twin};
use ipc_model::profile::{LINUX, Numbers};

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

/// The calls that the law names, as programs have them.
const TWINS: &[(&str, Twin)] = &[
    ("read x 1", Twin::Read(1)),
    ("write x 4096", Twin::WriteAtomic),
    ("read x 8", Twin::Read(8)),
    ("eventfd_write x 1", Twin::AddOne),
    ("epoll_wait x 1 0", Twin::Wait),
];

/// Those of them that the law names for a kind of object.
fn twins(kind: &'static str) -> impl Iterator<Item = &'static (&'static str, Twin)> {
    let of = move |twin: Twin| LAW.iter().any(|law| law.kind == kind && law.twin == twin);
    TWINS.iter().filter(move |(_, twin)| of(*twin))
}

/// One program for each state and each call that the law names: asked in every way, then called.
pub fn programs() -> impl Iterator<Item = (&'static State, Twin, Program)> {
    let of = |state: &'static State| {
        twins(state.kind).map(move |(call, twin)| {
            let mut text = String::from("order stepwise\nA: sigaction SIGPIPE SIG_IGN\n");
            text.extend(state.made.iter().flat_map(|line| [*line, "\n"]));
            text.extend(WAYS.iter().chain([call]).flat_map(|line| ["A: ", *line, "\n"]));
            let program = parse(state.text, &text).unwrap_or_else(|error| panic!("{error}"));
            (state, *twin, program)
        })
    };
    STATES.iter().flat_map(of)
}

/// What was answered last, in the order of the calls: to each way of asking, and to the call.
fn answers(history: &History) -> Vec<&Outcome> {
    let outcomes = history.events.iter().filter_map(|event| match &event.kind {
        EventKind::Return { outcome, .. } => Some(outcome),
        _ => None,
    });
    let all: Vec<&Outcome> = outcomes.collect();
    all[all.len() - WAYS.len() - 1..].to_vec()
}

/// What the model says in each state: to each way of asking, and for each call that the law names.
pub fn rows() -> Vec<(&'static State, Vec<String>)> {
    let mut rows: Vec<(&'static State, Vec<String>)> = Vec::new();
    for (state, _, program) in programs() {
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

/// The table, in Markdown.
pub fn table() -> String {
    let mut text = String::from(
        "| kind | state | `poll`, `ppoll` | `select`, `pselect` | `read` of 1, of a counter 8; `epoll_wait` | `write` of `PIPE_BUF`, to a counter 1 |\n\
         |---|---|---|---|---|---|\n",
    );
    for (state, told) in rows() {
        let cell =
            |index: usize| told.get(index).map_or(String::new(), |told| told.replace('|', ", "));
        let (poll, select, read, write) = (cell(0), cell(2), cell(4), cell(5));
        let _ = writeln!(
            text,
            "| `{}` | {} | {poll} | {select} | {read} | {write} |",
            state.kind, state.text
        );
    }
    text
}

/// What each event of each kind of object promises, in Markdown.
pub fn law() -> String {
    let mut text = String::from("| kind | event | with nobody in between, this does not wait |\n");
    text.push_str("|---|---|---|\n");
    for Law { kind, event, twin } in LAW {
        let call = match twin {
            Twin::Read(len) => format!("`read` of {len} byte"),
            Twin::WriteAtomic => "`write` of `PIPE_BUF` bytes".to_owned(),
            Twin::AddOne => "`eventfd_write` of 1".to_owned(),
            Twin::Wait => "`epoll_wait` for one event".to_owned(),
        };
        let event = EVENTS[*event as usize];
        let _ = writeln!(text, "| `{kind}` | `{event}` | {call} |");
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use ipc_model::object::Object;

    use super::*;

    /// Kinds of objects that no descriptor of a program leads to so that it could be asked about.
    const UNASKED: &[&str] = &["Directory", "Link"];

    #[test]
    fn every_kind_of_object_has_its_states_and_its_law() {
        let kinds: BTreeSet<&str> = STATES.iter().map(|state| state.kind).collect();
        let asked = Object::KINDS.iter().filter(|kind| !UNASKED.contains(kind));
        assert_eq!(asked.count(), kinds.len(), "{:?} and {kinds:?}", Object::KINDS);
        let lawful: BTreeSet<&str> = LAW.iter().map(|law| law.kind).collect();
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
        let law = LAW.iter().map(|law| (law.kind, EVENTS[law.event as usize].to_owned()));
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
            for law in LAW.iter().filter(|law| law.kind == state.kind) {
                let event = EVENTS[law.event as usize];
                let place = twins(state.kind).position(|(_, twin)| *twin == law.twin).unwrap();
                if row[0].contains(event) {
                    assert_ne!(row[WAYS.len() + place], "EAGAIN", "{}: {event}", state.text);
                    assert_ne!(row[WAYS.len() + place], "nothing", "{}: {event}", state.text);
                }
            }
        }
    }
}
