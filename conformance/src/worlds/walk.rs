//! A walk through a scope, a step at a time, for people: where things stand, what can happen next,
//! and on to that.

use std::fmt::Write as _;

use ipc_model::outcome::Status;
use ipc_model::payload::Data;
use ipc_model::pipe::{Pipe, Slot};
use ipc_model::signal::SIGNALS;
use ipc_model::world::{Activity, Description, Life, Object, Process, Signals, World};

use super::here::Here;
use super::letters::name_of;
use super::space::{Action, Space, State};
use super::trace;

const HELP: &str = "a number takes that step; u: back; r: to the start; p: the path; q: end\n";

/// Somebody who walks through a space.
pub struct Walk<'s, 'a> {
    space: &'s Space<'a>,
    start: State,
    /// What happened, and what came of it.
    gone: Vec<(String, State)>,
}

/// What comes of a word.
#[derive(Debug)]
pub enum Reply {
    /// This is to be said.
    Said(String),
    /// The walk is over.
    End,
}

impl<'s, 'a> Walk<'s, 'a> {
    /// At the start.
    pub fn new(space: &'s Space<'a>) -> Walk<'s, 'a> {
        Walk { space, start: space.first(), gone: Vec::new() }
    }

    /// Where things stand, and what can happen next.
    pub fn shown(&self) -> String {
        let state = self.state();
        let here = Here::look(self.space, state);
        let mut text = format!("step {}\n{}", self.gone.len(), world(&state.world));
        let actions = self.space.actions(&here);
        if actions.is_empty() {
            text.push_str("  nothing can happen any more\n");
        }
        let width = actions.len().to_string().len();
        for (number, action) in actions.iter().enumerate() {
            let _ = writeln!(text, "  {:>width$}  {}", number + 1, self.line(state, action));
        }
        text
    }

    /// Does what the word says.
    pub fn hear(&mut self, word: &str) -> Reply {
        match word.trim() {
            "q" => return Reply::End,
            "p" => return Reply::Said(self.path()),
            "r" => self.gone.clear(),
            "u" => {
                if self.gone.pop().is_none() {
                    return Reply::Said("this is the start\n".to_owned());
                }
            }
            number => {
                let number = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
                if !number.is_some_and(|number| self.step(number)) {
                    return Reply::Said(HELP.to_owned());
                }
            }
        }
        Reply::Said(self.shown())
    }

    fn state(&self) -> &State {
        self.gone.last().map_or(&self.start, |(_, state)| state)
    }

    fn step(&mut self, number: usize) -> bool {
        let state = self.state();
        let actions = self.space.actions(&Here::look(self.space, state));
        let Some(action) = actions.get(number) else { return false };
        let line = self.line(state, action);
        let (after, _) = self.space.follow(state, action);
        self.gone.push((line, after));
        true
    }

    /// What happens, and what is seen of it.
    fn line(&self, before: &State, action: &Action<'a>) -> String {
        let (_, seen) = self.space.follow(before, action);
        let mut line = trace::line(before, action, &seen).trim().to_owned();
        if let Action::Step { step, count } = action {
            let (lo, hi) = self.space.spec.counts(&before.world, step);
            if lo < hi {
                let _ = write!(line, " ({count} of {lo} to {hi})");
            }
        }
        line
    }

    fn path(&self) -> String {
        let mut text = String::new();
        for (number, (line, _)) in self.gone.iter().enumerate() {
            let _ = writeln!(text, "  {:>3}  {line}", number + 1);
        }
        if text.is_empty() { "this is the start\n".to_owned() } else { text }
    }
}

/// A whole walk by these words, as it looks in a terminal.
pub fn walk_through(space: &Space<'_>, words: &[&str]) -> String {
    let mut walk = Walk::new(space);
    let mut text = walk.shown();
    for word in words {
        let _ = writeln!(text, "> {word}");
        match walk.hear(word) {
            Reply::Said(said) => text.push_str(&said),
            Reply::End => break,
        }
    }
    text
}

/// The walk that the book shows: a read that sleeps, and is woken by a write.
pub fn walk_example() -> String {
    let scope = &super::SCOPES[0];
    let spec = scope.spec();
    let space = Space::new(scope, &spec);
    walk_through(&space, &["6", "1", "2", "1", "1", "p", "back", "q"])
}

fn world(world: &World) -> String {
    let mut text = String::new();
    for number in 0..world.processes.len() as u8 {
        let Some(process) = world.process(number) else { continue };
        let _ = writeln!(text, "  {}  {}", name_of(number), doing(process));
        for (fd, entry) in world.open_fds(number) {
            let index = usize::from(entry.description);
            let Some(description) = world.descriptions.get(index) else { continue };
            let cloexec = if entry.cloexec { ", FD_CLOEXEC" } else { "" };
            let _ = writeln!(text, "       {fd}  {}{cloexec}", end(index, description));
        }
    }
    for (index, object) in world.objects.iter().enumerate() {
        if let Object::Pipe(pipe) = &**object {
            let _ = writeln!(text, "  pipe {index}  {}", contents(pipe));
        }
    }
    text
}

fn doing(process: &Process) -> String {
    let mut text = match (&process.life, &process.activity) {
        (Life::Unborn, _) => "is not born yet".to_owned(),
        (Life::Live, Activity::InCall(call)) => {
            let sleeps = if call.slept { ", sleeps or has slept" } else { "" };
            let moved =
                if call.done > 0 { format!(", {} moved", call.done) } else { String::new() };
            format!("in {}{moved}{sleeps}", call.call)
        }
        (Life::Live, _) => "runs".to_owned(),
        (Life::Dying(status), _) => format!("is dying: {}", ended(*status)),
        (Life::Zombie(status), _) => format!("has ended: {}", ended(*status)),
        (Life::Reaped, _) => "has ended, and was waited for".to_owned(),
    };
    text.push_str(&signals(&process.signals));
    text
}

fn ended(status: Status) -> String {
    status.to_string()
}

fn signals(signals: &Signals) -> String {
    let mut text = String::new();
    for (bit, name) in SIGNALS.iter().enumerate() {
        let sets = [
            (signals.ignored, "ignored"),
            (signals.caught, "caught"),
            (signals.blocked, "blocked"),
            (signals.pending, "pending"),
        ];
        let held = sets.iter().filter(|(set, _)| set & 1 << bit != 0);
        let words: Vec<&str> = held.map(|(_, word)| *word).collect();
        if !words.is_empty() {
            let _ = write!(text, "; {name} {}", words.join(", "));
        }
    }
    text
}

/// Of a descriptor: what it leads to, and by which description.
fn end(index: usize, description: &Description) -> String {
    let Description { object, references, .. } = description;
    let way = if description.writes { "writes" } else { "reads" };
    let mut text = format!("{way} pipe {object}");
    if *references > 1 {
        let _ = write!(text, ", description {index} with {references} descriptors");
    }
    for (set, flag) in [(description.nonblock, "O_NONBLOCK"), (description.direct, "O_DIRECT")] {
        if set {
            let _ = write!(text, ", {flag}");
        }
    }
    text
}

fn contents(pipe: &Pipe) -> String {
    let Pipe { data, slots, capacity, readers, writers, named, node } = pipe;
    let mut text = if data.is_empty() { "empty".to_owned() } else { format!("holds {data}") };
    if !slots.is_empty() {
        let mut rest: Data = data.clone();
        let mut page = |slot: &Slot| {
            let packet = if slot.packet { " (a packet)" } else { "" };
            format!("{}{packet}", rest.take(u64::from(slot.end - slot.start)))
        };
        let pages: Vec<String> = slots.iter().map(&mut page).collect();
        let _ = write!(text, ", in pages {}", pages.join(" | "));
    }
    let _ = write!(text, "; capacity {capacity}; readers {readers}, writers {writers}");
    if *named {
        let _ = write!(text, "; a FIFO, mode {:04o}", node.mode);
    }
    text
}
