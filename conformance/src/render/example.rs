//! A deviation as an example, the same everywhere: a system that gives up on a read too early.

use ipc_model::outcome::{Outcome, Value};
use ipc_model::payload::Data;
use ipc_model::profile::{LINUX, Numbers};

use super::card;
use crate::history::{Event, EventKind, Head, History};
use crate::program::Program;
use crate::scenario;
use crate::sim::Simulated;
use crate::stage::First;
use crate::system::System;
use crate::trial::{Rules, Trial};

const TEXT: &str = "A: pipe -> r w\nA: fork -> B\nA: close w\nA: read r 16\n";

/// The card of a read that was told the end of a file that somebody could still write to.
pub fn example() -> String {
    let program = scenario::program("example.ipc", TEXT).expect("the example is well formed");
    let history = give_up(simulated(&program));
    let judgement = Rules::of(&LINUX).judge(&history);
    let replay = ("replay", "ipc-conformance replay example.ipc".to_owned());
    let explain = ("explain", "ipc-conformance explain pipe.read.eof".to_owned());
    card("example.ipc", &Trial { history, judgement }, &[replay, explain])
}

fn simulated(program: &Program) -> History {
    let mut system = Simulated::new(&LINUX, Numbers::EXAMPLE, First);
    system.run(program).expect("the simulated system runs every program")
}

/// The sleeper at the end returns nothing instead, and then all are at rest.
fn give_up(mut history: History) -> History {
    let Some(Event { ticket, kind: EventKind::Quiescent { asleep, proof } }) = history.events.pop()
    else {
        return history;
    };
    for (ticket, actor) in (ticket..).zip(&asleep) {
        let outcome = Outcome::Success(Value::Data(Data::new()));
        let kind = EventKind::Return { actor: *actor, outcome, probed: None };
        history.events.push(Event { ticket, kind });
    }
    let ticket = ticket + asleep.len() as u64;
    let kind = EventKind::Quiescent { asleep: Vec::new(), proof };
    history.events.push(Event { ticket, kind });
    let head = Head { system: "an example".to_owned(), ..history.head };
    History { head, ..history }
}
