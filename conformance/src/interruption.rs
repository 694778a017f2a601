//! The interruption matrix: every call that may wait, and every way in which a signal can meet it.
//!
//! Nothing is decided here: each cell is a program, and what it shows is what the model answers. A test
//! runs all of them for real.

use std::fmt::Write as _;

use ipc_model::outcome::Status;
use ipc_model::profile::{LINUX, Numbers};

use crate::history::{EventKind, History};
use crate::program::Program;
use crate::sim::Simulated;
use crate::stage::First;
use crate::system::System;
use crate::text::parse;

/// A call that waits, and what makes it wait.
pub struct Waiter {
    /// What it waits for, in words.
    pub text: &'static str,
    /// What A does before B is there.
    made: &'static [&'static str],
    /// What B does before it.
    held: &'static [&'static str],
    /// B's call.
    pub call: &'static str,
}

const PLAIN: Waiter = Waiter { text: "", made: &["pipe -> r w"], held: &[], call: "" };
const FULL: Waiter = Waiter { made: &["pipe -> r w", "write w 65536"], text: "room", ..PLAIN };
const COUNTER: Waiter = Waiter { made: &["eventfd 0 0 -> e"], text: "a number", ..PLAIN };
const GREATEST: Waiter = Waiter {
    made: &["eventfd 0 0 -> e", "eventfd_write e -2"],
    text: "room for a number",
    ..PLAIN
};
const TWO_PIPES: Waiter =
    Waiter { made: &["pipe -> r w", "pipe -> p q"], text: "something to move", ..PLAIN };
const TWO_FULL: Waiter = Waiter {
    made: &["pipe -> r w", "pipe -> p q", "write w 1", "write q 65536"],
    text: "room to move it to",
    ..PLAIN
};
const LISTED: Waiter = Waiter {
    made: &["pipe -> r w", "epoll_create1 0 -> e", "epoll_ctl e EPOLL_CTL_ADD r EPOLLIN"],
    text: "an event",
    ..PLAIN
};
const FIFO: Waiter = Waiter { made: &["mkfifo \"f\" 0600"], ..PLAIN };
const PATH: Waiter =
    Waiter { made: &["mkfifo \"f\" 0600", "open \"f\" O_RDONLY O_PATH -> p"], ..PLAIN };
const SIGNAL: Waiter = Waiter {
    made: &["pipe -> r w"],
    held: &["sigprocmask SIG_BLOCK SIGRTMIN"],
    text: "a signal",
    ..PLAIN
};

const RECEIVER: Waiter = Waiter { held: &["ring_open 0 consumer"], text: "a message", ..PLAIN };
const SENDER: Waiter = Waiter {
    held: &["ring_open 0 producer", "ring_send 0 56", "ring_send 0 56"],
    text: "room for a message",
    ..PLAIN
};
const PAIR: Waiter = Waiter { made: &["socketpair SOCK_STREAM 0 -> s t"], text: "bytes", ..PLAIN };
/// Whatever a system takes at a time, nothing more goes in.
const FILLED: Waiter = Waiter {
    made: &[
        "socketpair SOCK_SEQPACKET 0 -> s t",
        "send s 65000 MSG_DONTWAIT",
        "send s 65000 MSG_DONTWAIT",
        "send s 65000 MSG_DONTWAIT",
        "send s 65000 MSG_DONTWAIT",
        "send s 65000 MSG_DONTWAIT",
    ],
    text: "room",
    ..PLAIN
};
const LISTENER: Waiter = Waiter {
    made: &["socket SOCK_STREAM 0 -> l", "bind l \"n\"", "listen l 0"],
    text: "a connection",
    ..PLAIN
};
const CROWDED: Waiter = Waiter {
    made: &[
        "socket SOCK_STREAM 0 -> l",
        "bind l \"n\"",
        "listen l 0",
        "socket SOCK_STREAM 0 -> s",
        "connect s \"n\"",
        "socket SOCK_STREAM 0 -> t",
    ],
    text: "room for a connection",
    ..PLAIN
};
const CHILD: Waiter = Waiter { held: &["fork -> C"], text: "the end of a child", ..PLAIN };
const LOCKED: Waiter = Waiter { made: &["mutex_lock 0"], text: "its owner", ..PLAIN };
const LOCKED_PORTABLE: Waiter =
    Waiter { made: &["mutex_lock 4"], text: "the owner of a portable one", ..PLAIN };

/// All of them. Every operation that may wait has a row, see the tests.
pub const WAITERS: &[Waiter] = &[
    Waiter { call: "read r 10", text: "bytes", ..PLAIN },
    Waiter { call: "readv r 5,5", text: "bytes", ..PLAIN },
    Waiter { call: "write w 10", ..FULL },
    Waiter { call: "write w 70000", text: "room for the rest", ..PLAIN },
    Waiter { call: "writev w 5,5", ..FULL },
    Waiter { call: "writev w 40000,40000", text: "room for the rest", ..PLAIN },
    Waiter { call: "splice r q 10 0", ..TWO_PIPES },
    Waiter { call: "splice r q 10 0", ..TWO_FULL },
    Waiter { call: "tee r q 10 0", ..TWO_PIPES },
    Waiter { call: "tee r q 10 0", ..TWO_FULL },
    Waiter { call: "open \"f\" O_RDONLY 0 -> x", text: "a writer", ..FIFO },
    Waiter { call: "open \"f\" O_WRONLY 0 -> x", text: "a reader", ..FIFO },
    Waiter { call: "open \"f\" O_WRONLY O_CREAT 0 0600 -> x", text: "a reader", ..FIFO },
    Waiter { call: "reopen p O_RDONLY 0 -> x", text: "a writer", ..PATH },
    Waiter { call: "poll r:POLLIN -1", text: "something to be ready", ..PLAIN },
    Waiter { call: "ppoll r:POLLIN -1", text: "something to be ready", ..PLAIN },
    Waiter { call: "ppoll r:POLLIN -1 mask SIGUSR2", text: "the same, with a mask", ..PLAIN },
    Waiter { call: "select r:readfds -1", text: "something to be ready", ..PLAIN },
    Waiter { call: "pselect r:readfds -1", text: "something to be ready", ..PLAIN },
    Waiter { call: "pselect r:readfds -1 mask SIGUSR2", text: "the same, with a mask", ..PLAIN },
    Waiter { call: "eventfd_read e", ..COUNTER },
    Waiter { call: "read e 8", ..COUNTER },
    Waiter { call: "eventfd_write e 1", ..GREATEST },
    Waiter { call: "epoll_wait e 1 -1", ..LISTED },
    Waiter { call: "epoll_pwait e 1 -1", ..LISTED },
    Waiter { call: "epoll_pwait e 1 -1 mask SIGUSR2", text: "an event, with a mask", ..LISTED },
    Waiter { call: "epoll_pwait2 e 1 -1", ..LISTED },
    Waiter { call: "waitpid C", ..CHILD },
    Waiter { call: "waitpid C options 0", ..CHILD },
    Waiter { call: "waitpid -1 0", ..CHILD },
    Waiter { call: "wait", ..CHILD },
    Waiter { call: "waitid P_PID C WEXITED", ..CHILD },
    Waiter { call: "waitid P_ALL WEXITED", ..CHILD },
    Waiter { call: "waitpid 0 0", ..CHILD },
    Waiter { call: "waitpid group A 0", ..CHILD },
    Waiter { call: "waitid P_PGID A WEXITED", ..CHILD },
    Waiter {
        call: "waitid_pidfd p",
        held: &["fork -> C", "pidfd_open C 0 -> p"],
        text: "the end of a child",
        ..PLAIN
    },
    Waiter { call: "recv s 10 0", ..PAIR },
    Waiter { call: "recv s 10 MSG_PEEK", ..PAIR },
    Waiter { call: "send s 10 0", ..FILLED },
    Waiter { call: "accept4 l 0 -> c", ..LISTENER },
    Waiter { call: "connect t \"n\"", ..CROWDED },
    Waiter { call: "recvmsg s 10 0 1 -> x", ..PAIR },
    Waiter { call: "sendmsg s 10 0 0", ..FILLED },
    Waiter { call: "sendmsg s 10 0 t", text: "room, with a descriptor", ..FILLED },
    Waiter { call: "sigwait SIGRTMIN", ..SIGNAL },
    Waiter { call: "sigwaitinfo SIGRTMIN", ..SIGNAL },
    Waiter { call: "sigtimedwait SIGRTMIN -1", ..SIGNAL },
    Waiter { call: "signalfd_read s 1", made: &["signalfd SIGRTMIN 0 -> s"], ..SIGNAL },
    Waiter { call: "sigsuspend SIGUSR2", text: "a handler", ..PLAIN },
    Waiter { call: "mutex_lock 0", ..LOCKED },
    Waiter { call: "mutex_timedlock 0 -1", ..LOCKED },
    Waiter { call: "mutex_lock 4", ..LOCKED_PORTABLE },
    Waiter { call: "ring_send 0 1", ..SENDER },
    Waiter { call: "ring_timedsend 0 1 -1", ..SENDER },
    Waiter { call: "ring_recv 0", ..RECEIVER },
    Waiter { call: "ring_timedrecv 0 -1", ..RECEIVER },
    Waiter { call: "pause", text: "a handler", ..PLAIN },
    Waiter {
        call: "pthread_join T",
        // The thread takes nothing that its process is sent.
        held: &[
            "pthread_sigmask SIG_BLOCK SIGUSR1",
            "pthread_create -> T",
            "pthread_sigmask SIG_UNBLOCK SIGUSR1",
        ],
        text: "the end of a thread",
        ..PLAIN
    },
];

/// A way in which a signal meets the call: its name, what B does before the call, and whether the signal
/// comes before the call or while it waits.
pub struct Meeting {
    /// At the head of the column.
    pub name: &'static str,
    disposed: &'static [&'static str],
    early: bool,
}

/// All of them.
pub const MEETINGS: &[Meeting] = &[
    Meeting { name: "handler", disposed: &["sigaction SIGUSR1 handler 0 0"], early: false },
    Meeting {
        name: "handler, `SA_RESTART`",
        disposed: &["sigaction SIGUSR1 handler SA_RESTART 0"],
        early: false,
    },
    Meeting {
        name: "handler, blocked",
        disposed: &["sigaction SIGUSR1 handler 0 0", "pthread_sigmask SIG_BLOCK SIGUSR1"],
        early: false,
    },
    Meeting { name: "ignored", disposed: &["sigaction SIGUSR1 SIG_IGN"], early: false },
    Meeting { name: "default", disposed: &[], early: false },
    Meeting {
        name: "handler, sent before",
        disposed: &["sigaction SIGUSR1 handler 0 0"],
        early: true,
    },
    Meeting {
        name: "blocked, sent before",
        disposed: &["sigaction SIGUSR1 handler 0 0", "pthread_sigmask SIG_BLOCK SIGUSR1"],
        early: true,
    },
];

/// The program of a cell.
pub fn program(waiter: &Waiter, meeting: &Meeting) -> Program {
    let mut text = String::from("order stepwise\n");
    let mut add = |who: &str, line: &str| {
        let _ = writeln!(text, "{who}: {line}");
    };
    waiter.made.iter().for_each(|line| add("A", line));
    add("A", "fork -> B");
    waiter.held.iter().chain(meeting.disposed).for_each(|line| add("B", line));
    if meeting.early {
        // To oneself: that is delivered before anything else.
        add("B", "raise SIGUSR1");
    }
    add("B", waiter.call);
    if !meeting.early {
        add("A", "kill B SIGUSR1");
    }
    parse(waiter.call, &text).unwrap_or_else(|error| panic!("{error}"))
}

/// What became of B's last call.
pub fn answer(program: &Program, history: &History) -> String {
    let mut told = "waits on".to_owned();
    let place = program.lines.iter().rposition(|line| line.actor == 1).expect("B has lines");
    let (mut begun, mut handled) = (false, false);
    for event in &history.events {
        match &event.kind {
            EventKind::Call { line, .. } if usize::from(*line) == place => begun = true,
            EventKind::Handled { .. } => handled |= begun,
            EventKind::Return { actor, outcome, .. } if begun && actor.process == 1 => {
                told = outcome.display(program.lines[place].operation.gives);
            }
            EventKind::Ended { process: 1, status } => {
                told = match status {
                    Some(Status::Signaled(_)) => "ends".to_owned(),
                    _ => "is gone".to_owned(),
                };
            }
            _ => {}
        }
    }
    if handled && told == "waits on" { "begins anew".to_owned() } else { told }
}

/// What the model answers.
pub fn modelled(program: &Program) -> String {
    let mut system = Simulated::new(&LINUX, Numbers::EXAMPLE, First);
    let history = system.run(program).expect("the simulated system runs every program");
    answer(program, &history)
}

/// The matrix, in Markdown.
pub fn table() -> String {
    let heads: String = MEETINGS.iter().map(|meeting| format!(" {} |", meeting.name)).collect();
    let mut text =
        format!("| call | waits for |{heads}\n|---|---|{}\n", "---|".repeat(MEETINGS.len()));
    for waiter in WAITERS {
        let cells = MEETINGS.iter().map(|meeting| {
            format!(" {} |", modelled(&program(waiter, meeting)).replace('|', ", "))
        });
        let cells: String = cells.collect();
        let _ = writeln!(text, "| `{}` | {} |{cells}", waiter.call.replace('|', ", "), waiter.text);
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use ipc_model::clause::Envelope;
    use ipc_model::mechanism;
    use ipc_model::signal::INTERRUPTED;

    use super::*;

    #[test]
    fn every_call_that_may_wait_has_a_row() {
        let rows = WAITERS.iter().map(|waiter| {
            let program = program(waiter, &MEETINGS[0]);
            let line = program.lines.iter().rfind(|line| line.actor == 1).expect("B has lines");
            line.operation.key()
        });
        let rows: BTreeSet<String> = rows.collect();
        for clause in mechanism::clauses().filter(|c| matches!(c.envelope, Envelope::Sleep)) {
            // Who waits for another's call on the same memory does so for no longer than that takes.
            if ipc_model::memory::is_of_memory(clause) {
                continue;
            }
            // What befalls a call is none that programs make.
            let made =
                clause.on.iter().filter(|one| mechanism::operations().any(|own| own == **one));
            let missing: Vec<String> = made.map(|one| one.key()).collect();
            let missing: Vec<_> = missing.iter().filter(|key| !rows.contains(*key)).collect();
            assert!(missing.is_empty(), "{}: {missing:?}", clause.id);
        }
        assert!(INTERRUPTED.iter().all(|(operation, _)| rows.contains(&operation.key())));
    }

    #[test]
    fn what_is_blocked_or_ignored_disturbs_nobody() {
        for waiter in WAITERS {
            for meeting in MEETINGS {
                let told = modelled(&program(waiter, meeting));
                match meeting.name {
                    "ignored" | "handler, sent before" => {
                        assert_eq!(told, "waits on", "{}", waiter.call);
                    }
                    "default" => assert_eq!(told, "ends", "{}", waiter.call),
                    _ => {}
                }
            }
        }
    }
}
