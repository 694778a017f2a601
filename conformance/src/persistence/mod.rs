//! Persistence as a table: for each part of what a mechanism keeps, what each way of losing it leaves.
//!
//! A cell is a program, or several: something is made, something happens to who has it, and somebody
//! else asks. What the model answers is the cell's text; that a real system answers the same is shown
//! by running the programs. What the mechanisms say of themselves ([`ipc_model::lasting`]) is held
//! against both.

mod epoll;
mod eventfd;
mod fifo;
mod file;
mod mapping;
mod memory;
mod mutex;
mod name;
mod pidfd;
mod pipe;
mod process;
mod ring;
mod segment;
mod signalfd;
mod socket;

use std::fmt::Write as _;

use ipc_model::lasting::{Event, Lasting};
use ipc_model::mechanism;
use ipc_model::print;
use ipc_model::profile::{LINUX, Numbers};

use crate::history::{EventKind, History};
use crate::program::Program;
use crate::sim::Simulated;
use crate::stage::First;
use crate::system::System;
use crate::text::parse;

/// A part of something, in somebody's hands.
pub struct Row {
    /// Of which kind of object, or `process`.
    pub kind: &'static str,
    /// Which part, as the mechanism calls it.
    pub part: &'static str,
    /// In whose hands it is besides A's.
    pub hands: &'static str,
    /// Somebody else has a descriptor that leads to it.
    pub shared: bool,
    /// The calls that make it. A is who things happen to; K is its parent
    /// and has nothing of it.
    pub made: &'static [&'static str],
    /// A's descriptors of it.
    pub held: &'static [&'static str],
    /// Calls in which A sleeps, after which it is killed in the middle.
    pub asleep: &'static [&'static str],
    /// How its name is removed, if it has one.
    pub removed: Option<&'static str>,
    /// How it is asked whether it is still there; the last answer tells.
    pub asked: &'static [&'static str],
}

/// A process that ends loses what it has one after the other: all of it has gone when it is waited for.
const BURIED: &str = "K: waitpid A";

/// A row that says nothing.
const NONE: Row = Row {
    kind: "",
    part: "",
    hands: "nobody",
    shared: false,
    made: &[],
    held: &[],
    asleep: &[],
    removed: None,
    asked: &[],
};

/// All of them, by mechanism.
pub const ROWS: &[&[Row]] = &[
    process::ROWS,
    pipe::ROWS,
    name::ROWS,
    fifo::ROWS,
    memory::ROWS,
    file::ROWS,
    mapping::ROWS,
    mutex::ROWS,
    ring::ROWS,
    segment::ROWS,
    eventfd::ROWS,
    signalfd::ROWS,
    pidfd::ROWS,
    socket::ROWS,
    epoll::ROWS,
];

/// What a run of a program answers, in words.
pub struct Cell {
    /// The row.
    pub row: &'static Row,
    /// The event; none if nothing happens.
    pub event: Option<Event>,
    /// The programs that ask for it, which all answer the same.
    pub programs: Vec<Program>,
}

/// Everything that is asked: for each row first what is answered if nothing happens.
pub fn cells() -> impl Iterator<Item = Cell> {
    let events = || std::iter::once(None).chain(Event::ALL.map(Some));
    let rows = ROWS.iter().copied().flatten();
    rows.flat_map(move |row| events().filter_map(|event| row.cell(event)))
}

impl Row {
    /// The cell of that event, if it can happen to the row and somebody is left who can ask.
    fn cell(&'static self, event: Option<Event>) -> Option<Cell> {
        let programs: Vec<Program> =
            self.happens(event).iter().map(|lines| self.program(lines)).collect();
        (!programs.is_empty()).then_some(Cell { row: self, event, programs })
    }

    /// The lines that make the event happen, in each of the ways in which it can.
    fn happens(&self, event: Option<Event>) -> Vec<Vec<String>> {
        let asks_itself = self.asked.iter().any(|line| line.starts_with("A:"));
        let closed = || self.held.iter().map(|fd| format!("A: close {fd}"));
        let marked = || self.held.iter().map(|fd| format!("A: fcntl {fd} F_SETFD FD_CLOEXEC"));
        let removed = self.removed.map(|line| format!("K: {line}"));
        let exec = || std::iter::once("A: exec".to_owned());
        match event {
            None => vec![Vec::new()],
            Some(Event::Close | Event::ExecMarked | Event::UnlinkAndClose)
                if self.held.is_empty() =>
            {
                Vec::new()
            }
            Some(Event::Exit | Event::Kill) if asks_itself => Vec::new(),
            Some(Event::Close) => vec![closed().collect()],
            Some(Event::Exec) => vec![exec().collect()],
            Some(Event::ExecMarked) => vec![marked().chain(exec()).collect()],
            Some(Event::Exit) => vec![vec!["A: _exit 0".to_owned(), BURIED.to_owned()]],
            Some(Event::Kill) => self.killed(),
            Some(Event::Unlink) => removed.map(|line| vec![line]).into_iter().collect(),
            Some(Event::UnlinkAndClose) => removed
                .map(|line| std::iter::once(line).chain(closed()).collect())
                .into_iter()
                .collect(),
        }
    }

    /// Killed between two calls, and in the middle of each in which it sleeps.
    fn killed(&self) -> Vec<Vec<String>> {
        let idle = vec!["K: kill A SIGKILL".to_owned(), BURIED.to_owned()];
        let asleep = self.asleep.iter().map(|call| {
            let killed = "K: when A blocked kill A SIGKILL".to_owned();
            vec![format!("A: {call}"), killed, BURIED.to_owned()]
        });
        std::iter::once(idle).chain(asleep).collect()
    }

    fn program(&self, happens: &[String]) -> Program {
        let mut text = String::from("order stepwise\nK: fork -> A\n");
        let all = self.made.iter().copied();
        let all = all.chain(happens.iter().map(String::as_str)).chain(self.asked.iter().copied());
        text.extend(all.flat_map(|line| [line, "\n"]));
        let name = format!("{} {}", self.kind, self.part);
        parse(&name, &text).unwrap_or_else(|error| panic!("{error}\n{text}"))
    }
}

/// What was answered last.
pub fn answer(program: &Program, history: &History) -> String {
    let last = program.lines.len() - 1;
    let line = &program.lines[last];
    let asked = history.events.iter().position(
        |event| matches!(event.kind, EventKind::Call { line, .. } if usize::from(line) == last),
    );
    let asked = asked.expect("somebody asks");
    // Others may report behind that what they had done before.
    let answers = history.events[asked..].iter().find_map(|event| match &event.kind {
        EventKind::Return { actor, outcome, .. } if actor.process == line.actor => Some(outcome),
        _ => None,
    });
    answers.expect("somebody is answered").display(line.operation.gives)
}

/// What the model answers.
pub fn modelled(program: &Program) -> String {
    let mut system = Simulated::new(&LINUX, Numbers::EXAMPLE, First);
    let history = system.run(program).expect("the simulated system runs every program");
    answer(program, &history)
}

/// What the mechanism says of the row.
fn lasting(row: &Row) -> &'static Lasting {
    mechanism::lasting()
        .find(|lasting| (lasting.kind, lasting.part) == (row.kind, row.part))
        .unwrap_or_else(|| panic!("no mechanism speaks of {} {}", row.kind, row.part))
}

/// The table, in Markdown.
pub fn table() -> String {
    let mut text = String::from("| what | also in the hands of | ends with |");
    text.extend(Event::ALL.iter().map(|event| format!(" {} |", event.text())));
    let _ = writeln!(text, "\n|---|---|---|{}", "---|".repeat(Event::ALL.len()));
    for row in ROWS.iter().copied().flatten() {
        let ends = lasting(row).ends.text();
        let _ = write!(text, "| `{}`: {} | {} | {ends} |", row.kind, row.part, row.hands);
        let there = row.cell(None).map(|cell| modelled(&cell.programs[0]));
        for event in Event::ALL {
            let told = row.cell(Some(event)).map(|cell| modelled(&cell.programs[0]));
            let told = match told {
                None => "–".to_owned(),
                told if told == there => "stays".to_owned(),
                Some(told) => format!("**gone**: {}", told.replace('|', ", ")),
            };
            let _ = write!(text, " {told} |");
        }
        text.push('\n');
    }
    text
}

/// What each mechanism says of how long its parts last, in Markdown.
pub fn lifetimes() -> String {
    let mut text =
        String::from("| what | ends with | after a restart | source |\n|---|---|---|---|\n");
    for lasting in mechanism::lasting() {
        let ends = lasting.ends.text();
        let restart = lasting.place.text();
        let source = print::source(&lasting.source);
        let _ = writeln!(
            text,
            "| `{}`: {} | {ends} | {restart} | {source} |",
            lasting.kind, lasting.part
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use ipc_model::lasting::Ending;
    use ipc_model::object::Object;

    use super::*;

    /// Both ways: nothing is spoken of that is not asked for, and nothing asked for that is not spoken of.
    #[test]
    fn every_part_that_a_mechanism_speaks_of_has_its_row() {
        let rows: BTreeSet<_> =
            ROWS.iter().copied().flatten().map(|row| (row.kind, row.part)).collect();
        let spoken: BTreeSet<_> =
            mechanism::lasting().map(|lasting| (lasting.kind, lasting.part)).collect();
        assert_eq!(rows, spoken);
    }

    #[test]
    fn every_kind_of_object_has_a_part() {
        let kinds: BTreeSet<_> = mechanism::lasting().map(|lasting| lasting.kind).collect();
        let without: BTreeSet<_> = kinds.iter().filter(|kind| **kind != "process").collect();
        // A pipe without a name and one with a name are one kind of object, told of apart, and so are a
        // file of memory, a regular file and a segment.
        assert_eq!(without.len(), Object::KINDS.len() + 3, "{without:?} and {:?}", Object::KINDS);
    }

    /// What a mechanism says of itself is what its clauses do.
    #[test]
    fn each_cell_is_as_the_mechanism_says() {
        let mut count = 0;
        let mut there = String::new();
        for cell in cells() {
            for program in &cell.programs {
                let told = modelled(program);
                let Some(event) = cell.event else {
                    there = told;
                    continue;
                };
                let ends = lasting(cell.row).ends.by(event, cell.row.shared);
                assert_eq!(told != there, ends, "{event:?}: {told} and {there}\n{program:?}");
                count += 1;
            }
        }
        assert!(count > 100, "{count}");
    }

    /// Another ending would have been noticed: by some cell.
    #[test]
    fn the_cells_tell_one_ending_from_another() {
        for lasting in mechanism::lasting() {
            let others: &[Ending] = match lasting.ends {
                Ending::LastClose => &[Ending::Process],
                Ending::Unlink => &[Ending::LastClose, Ending::UnlinkAndLastClose],
                Ending::UnlinkAndLastClose | Ending::UnlinkAndLastDetach => {
                    &[Ending::LastClose, Ending::Unlink]
                }
                // All that could be told from it is asked of a process that has ended.
                Ending::Process => &[],
                Ending::Image => &[Ending::Process, Ending::LastClose],
            };
            let of = |cell: &Cell| (cell.row.kind, cell.row.part) == (lasting.kind, lasting.part);
            for other in others {
                let told =
                    cells().filter(of).filter_map(|cell| Some((cell.event?, cell.row.shared)));
                let differ =
                    |(event, shared)| other.by(event, shared) != lasting.ends.by(event, shared);
                assert!(told.into_iter().any(differ), "{lasting:?} and {other:?}");
            }
        }
    }
}
