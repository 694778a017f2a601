//! The deviation card: all that one needs to understand a refusal, and to see it again.

use std::fmt::Write as _;

use ipc_model::operation::Actor;
use ipc_model::{mechanism, print};

use super::{cut, table, wrapped};
use crate::checker::{Anomaly, Deviation, Verdict};
use crate::history::{EventKind, History};
use crate::lines::{call_text, rows};
use crate::program::Program;
use crate::text::parse;
use crate::trial::Trial;

/// The rows of a history that are shown before the refused event, and behind it.
const BEFORE: usize = 40;
const BEHIND: usize = 8;
/// The most characters of an answer in the first line.
const ANSWER: usize = 60;
/// The most characters of one side of a contradiction.
const WORDS: usize = 84;

/// One line that says it all: `pipe.read.eof: B.2 read r=3 16 returned 0 bytes, allowed {stay asleep}`.
pub fn headline(history: &History, deviation: &Deviation) -> String {
    let program = program(history);
    let allowed: Vec<&str> =
        deviation.allowed.iter().map(|allowed| allowed.answer.as_str()).collect();
    let mut answers = allowed.clone();
    answers.dedup();
    let answers: Vec<String> = answers.iter().map(|answer| cut(answer, ANSWER)).collect();
    let about = match deviation.about() {
        none if none.is_empty() => "no clause".to_owned(),
        about => about.join(", "),
    };
    let what = happened(history, &program, deviation);
    format!("{about}: {what}, allowed {{{}}}", answers.join(" | "))
}

/// The card: what was refused, the program, the history, what was allowed, and what to do next.
/// `commands` are lines for the end, each a word and a command. Empty if nothing deviates.
pub fn card(name: &str, trial: &Trial, commands: &[(&str, String)]) -> String {
    let Verdict::Deviates(all) = &trial.judgement.verdict else { return String::new() };
    let Some(first) = all.first() else { return String::new() };
    let history = &trial.history;
    let mut text = headline(history, first) + "\n";
    let _ = writeln!(text, "\n  program   {name}");
    for line in history.head.program.lines() {
        let _ = writeln!(text, "      {line}");
    }
    let _ = writeln!(text, "\n  history   on {}", history.head.system);
    text.push_str(&marked(history, all));
    text.push_str(&anomaly(history, first));
    text.push_str(&allowed(first));
    text.push_str(&refused(first));
    if first.suspect {
        text.push_str(
            "\n  It rests on sleep that was waited for, not proven, in more than one run.\n",
        );
    }
    if all.len() > 1 {
        let _ = writeln!(text, "\n  {} more may only follow from it:", all.len() - 1);
        for later in &all[1..] {
            let _ = writeln!(text, "      {}", headline(history, later));
        }
    }
    text.push('\n');
    for (word, command) in commands {
        let _ = writeln!(text, "  {word:<8}  {command}");
    }
    text
}

fn program(history: &History) -> Program {
    parse("program", &history.head.program).unwrap_or_default()
}

/// `B.2 read r=3 16 returned 0 bytes`.
fn happened(history: &History, program: &Program, deviation: &Deviation) -> String {
    let events = &history.events;
    let got = cut(&deviation.got, ANSWER);
    let call = call_of(history, deviation.event, deviation.actor).map(|(index, line)| {
        let label = match program.lines.get(usize::from(line)) {
            Some(_) => program.label(usize::from(line)),
            None => actor_name(history, deviation.actor),
        };
        format!("{label} {}", call_text(history, program, index))
    });
    let call = call.unwrap_or_else(|| actor_name(history, deviation.actor));
    match events.get(deviation.event).map(|event| &event.kind) {
        Some(EventKind::Return { outcome: ipc_model::outcome::Outcome::Failure(_), .. }) => {
            format!("{call} failed with {got}")
        }
        Some(EventKind::Quiescent { .. }) => format!("{call} is asleep"),
        Some(EventKind::Ended { .. }) => {
            format!("{} ended ({got})", actor_name(history, deviation.actor))
        }
        Some(EventKind::Handled { .. }) => {
            format!("{} ran {got}", actor_name(history, deviation.actor))
        }
        Some(EventKind::Call { .. }) => format!("{call} was called"),
        Some(EventKind::Return { .. }) | None => format!("{call} returned {got}"),
    }
}

/// The call that an actor is in at an event: its own event, and its line.
fn call_of(history: &History, event: usize, of: Actor) -> Option<(usize, u16)> {
    let until = history.events.iter().enumerate().take(event + 1);
    until.rev().find_map(|(index, event)| match &event.kind {
        EventKind::Call { actor, line, .. } if *actor == of => Some((index, *line)),
        _ => None,
    })
}

fn actor_name(history: &History, actor: Actor) -> String {
    let name = history.head.actors.get(usize::from(actor.process));
    name.cloned().unwrap_or_else(|| format!("#{}", actor.process))
}

/// The history, one event a line, the refused ones marked.
fn marked(history: &History, deviations: &[Deviation]) -> String {
    let rows = rows(history, &program(history));
    let is_refused = |row: &crate::lines::Row| {
        deviations.iter().position(|deviation| row.events.contains(&deviation.event))
    };
    let first = rows.iter().position(|row| is_refused(row) == Some(0)).unwrap_or(0);
    let (from, to) = (first.saturating_sub(BEFORE), (first + BEHIND + 1).min(rows.len()));
    let mut text = String::new();
    if from > 0 {
        let _ = writeln!(text, "      … {from} lines before");
    }
    for row in &rows[from..to] {
        let _ = match is_refused(row) {
            Some(0) => writeln!(text, "    > {}    <-- refused", row.text),
            Some(_) => writeln!(text, "    ! {}", row.text),
            None => writeln!(text, "      {}", row.text),
        };
    }
    if to < rows.len() {
        let _ = writeln!(text, "      … {} lines behind", rows.len() - to);
    }
    text
}

/// What it says about the bytes: two events that contradict each other.
fn anomaly(history: &History, deviation: &Deviation) -> String {
    let Some(Anomaly { name, events }) = &deviation.anomaly else { return String::new() };
    let row = |(event, words): &(usize, String)| {
        let ticket = history.events.get(*event).map_or(0, |event| event.ticket);
        format!("      {ticket:>4}  {}\n", cut(words, WORDS))
    };
    format!("\n  {name}\n") + &events.iter().map(row).collect::<String>()
}

/// What was allowed, and by which clause.
fn allowed(deviation: &Deviation) -> String {
    let mut text = "\n  allowed\n".to_owned();
    if deviation.allowed.is_empty() {
        text.push_str("      nothing: no clause speaks of this\n");
    }
    for allowed in &deviation.allowed {
        let _ = writeln!(text, "      {}    by {}", cut(&allowed.answer, ANSWER), allowed.clause);
        text.push_str(&sentence(allowed.clause));
        for id in &allowed.after {
            let _ = writeln!(text, "      ... after {id}");
            text.push_str(&sentence(id));
        }
    }
    text
}

fn sentence(id: &str) -> String {
    mechanism::clause(id).map_or(String::new(), |clause| {
        wrapped(10, clause.text) + &wrapped(10, &print::source(&clause.source))
    })
}

/// Who else gives the answer that was got, and what that takes.
fn refused(deviation: &Deviation) -> String {
    if deviation.refused.is_empty() {
        return String::new();
    }
    let row = |refused: &crate::checker::Refused| {
        vec![
            format!("      {}", refused.clause),
            format!("only if {}", refused.unmet.join(", and ")),
        ]
    };
    let rows: Vec<Vec<String>> = deviation.refused.iter().map(row).collect();
    format!("\n  what was got is what these give, which do not apply here\n{}", table(&rows))
}
