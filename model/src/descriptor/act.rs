//! What calls on descriptors tell, and what they do to the table.

use super::FILE_TYPES;
use crate::clause::{Action, Answer, action};
use crate::object::Kind;
use crate::outcome::Value;
use crate::view::View;
use crate::world::Entry;

/// What a call tells that opens one descriptor.
pub static LOWEST: Answer = Answer {
    name: "the lowest free descriptor",
    value: |v| Value::Fds(v.world.lowest_free(v.actor.process, 1, v.spec.numbers.nofile)),
};
pub(super) static THE_TARGET: Answer =
    Answer { name: "the target", value: |v| Value::Fds(vec![v.arg(1) as i32]) };
pub(super) static STATUS: Answer =
    Answer { name: "access mode and status flags", value: status_flags };
pub(super) static CLOEXEC: Answer = Answer { name: "FD_CLOEXEC or 0", value: fd_flags };
pub(super) static TYPE: Answer = Answer { name: "the object's type", value: file_type };

fn status_flags(v: &View<'_>) -> Value {
    let description = v.description().copied().unwrap_or_default();
    let mode = match (description.reads, description.writes) {
        (true, true) => 2,
        (false, true) => 1,
        _ => 0,
    };
    let set = u32::from(description.nonblock) << 2
        | u32::from(description.direct) << 3
        | u32::from(description.path) << 4;
    Value::Flags(mode | set)
}

fn fd_flags(v: &View<'_>) -> Value {
    let entry = v.world.entry(v.actor.process, v.arg(0));
    Value::Flags(u32::from(entry.is_some_and(|entry| entry.cloexec)))
}

fn file_type(v: &View<'_>) -> Value {
    let index = |name| FILE_TYPES.iter().position(|known| *known == name).unwrap_or(0) as u8;
    Value::Word(index(v.object().kind().map_or("S_IFCHR", Kind::file_type)))
}

pub(super) static RELEASE: Action = action("the descriptor lets go of its description", |c, _| {
    let fd = c.view().arg(0);
    c.world.remove(c.actor.process, fd);
});
pub(super) static SHARE_LOWEST: Action =
    action("the lowest free descriptor shares the description", |c, _| {
        if let Some(description) = c.subject {
            c.give(description, false);
        }
    });
pub(super) static SHARE_TARGET: Action =
    action("the target lets go of what it had and shares the description", |c, cloexec| {
        let target = c.view().arg(1);
        c.world.remove(c.actor.process, target);
        if let Some(description) = c.subject {
            let entry = Entry { description, cloexec: cloexec != 0 };
            c.world.install(c.actor.process, target, entry);
        }
    });
pub(super) static SET_STATUS: Action = action("the description's flags are as asked", |c, _| {
    let (nonblock, direct) = (c.view().flag("O_NONBLOCK"), c.view().flag("O_DIRECT"));
    if let Some(subject) = c.subject
        && let Some(description) = c.world.descriptions.get_mut(usize::from(subject))
    {
        (description.nonblock, description.direct) = (nonblock, direct);
    }
});
pub(super) static SET_CLOEXEC: Action =
    action("the descriptor's FD_CLOEXEC is as asked", |c, _| {
        let (fd, cloexec) = (c.view().arg(0) as usize, c.view().flag("FD_CLOEXEC"));
        if let Some(Some(entry)) = c.process().and_then(|process| process.table.get_mut(fd)) {
            entry.cloexec = cloexec;
        }
    });
