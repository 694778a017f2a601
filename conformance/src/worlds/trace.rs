//! A way through a space, for people.

use std::fmt::Write as _;

use ipc_model::outcome::Outcome;
use ipc_model::world::{Activity, Life, Object};

use super::letters::name_of;
use super::space::{Action, Moved, Seen, State};

/// One thing that happens, and what is seen of it.
pub(super) fn line(before: &State, action: &Action<'_>, seen: &Seen) -> String {
    let name = name_of(action.actor().process);
    let mut text = match action {
        Action::Call(_, call) if call.operation.sends() => {
            format!("{name}  calls {call}, w{}", call.tag)
        }
        Action::Call(_, call) => format!("{name}  calls {call}"),
        Action::Sleep(_) => format!("{name}  falls asleep"),
        Action::Step { step, .. } => format!("{name}  {}", step.clause.id),
    };
    for (_, moved) in &seen.moves {
        let _ = match moved {
            Moved::In(data) => write!(text, ", in goes {data}"),
            Moved::Out(data) => write!(text, ", out comes {data}"),
            Moved::Lost => write!(text, ", the pipe is gone"),
            Moved::Otherwise => write!(text, ", the contents are not what they were"),
        };
    }
    for (actor, outcome) in &seen.answers {
        let told = match (before.world.in_call(*actor), outcome) {
            (Some(call), outcome) => outcome.display(call.call.operation.gives),
            (None, Outcome::Success(value)) => value.to_string(),
            (None, outcome) => format!("{outcome:?}"),
        };
        let _ = write!(text, ", {} is told {told}", name_of(actor.process));
    }
    format!("    {text}\n")
}

/// The world, one process and one object a line.
pub(super) fn world(state: &State) -> String {
    let world = &state.world;
    let mut text = String::from("  then\n");
    for number in 0..world.processes.len() as u8 {
        let Some(process) = world.process(number) else { continue };
        if process.life == Life::Unborn {
            continue;
        }
        let _ = write!(text, "    {}  ", name_of(number));
        match (&process.life, &process.activity) {
            (Life::Live, Activity::InCall(call)) => {
                let sleeps = if call.slept { ", has slept" } else { "" };
                let _ = write!(text, "in {}, {} moved{sleeps}", call.call, call.done);
            }
            (Life::Live, _) => text.push_str("runs"),
            (life, _) => {
                let _ = write!(text, "{life:?}");
            }
        }
        for (fd, entry) in world.open_fds(number) {
            let _ = write!(text, "; {fd} → description {}", entry.description);
        }
        text.push('\n');
    }
    for (index, description) in world.descriptions.iter().enumerate().skip(1) {
        if description.references > 0 {
            let way = if description.writes { "writes" } else { "reads" };
            let wait = if description.nonblock { ", O_NONBLOCK" } else { "" };
            let _ = writeln!(
                text,
                "    description {index}: {way} object {}{wait}, {} references",
                description.object, description.references
            );
        }
    }
    for (index, object) in world.objects.iter().enumerate() {
        if let Object::Pipe(pipe) = &**object {
            let _ = writeln!(
                text,
                "    object {index}: a pipe with {}, {} readers, {} writers",
                pipe.data, pipe.readers, pipe.writers
            );
        }
    }
    text
}
