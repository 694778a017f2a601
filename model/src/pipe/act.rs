//! What the clauses about pipes answer and do.

use super::stamps::{Stamp, mark};
use super::terms::{layout, pipe};
use crate::clause::{Action, Answer, action};
use crate::name::Node;
use crate::outcome::Value;
use crate::payload::Run;
use crate::pipe::{Layout, Pipe};
use crate::view::{Change, View};
use crate::world::{Description, Entry, Object};

pub(super) static ENDS: Answer = Answer { name: "the two lowest free descriptors", value: ends };
pub(super) static CAPACITY: Answer = Answer {
    name: "the capacity",
    value: |v| Value::Number(pipe(v).map_or(0, |pipe| pipe.capacity) as i64),
};
pub(super) static FILL: Answer = Answer {
    name: "the bytes stored",
    value: |v| Value::Number(pipe(v).map_or(0, |pipe| pipe.data.len()) as i64),
};

pub(super) fn ends(v: &View<'_>) -> Value {
    Value::Fds(v.world.lowest_free(v.actor.process, 2, v.spec.numbers.nofile))
}

pub(super) static CREATE: Action =
    action("a pipe, with a reading and a writing end", |c, _| create(c));
pub(super) static APPEND: Action = action(
    "the next % bytes of the call go in, behind the others, and mark the last write",
    |c, n| append(c, n, false),
);
pub(super) static APPEND_PACKETS: Action =
    action("the next % bytes of the call go in, every page that they take a packet", |c, n| {
        append(c, n, true);
    });
pub(super) static TAKE: Action =
    action("the oldest % bytes go out, and mark the last read", |c, n| {
        if let Some(Object::Pipe(pipe)) = c.object() {
            pipe.take(n);
        }
        if n > 0 {
            mark(c, Stamp::Access);
        }
    });
pub(super) static ADVANCE: Action = action("the call has moved % bytes more", |c, n| {
    if let Some(call) = c.world.in_call_mut(c.actor) {
        call.done += n;
    }
});

pub(super) fn create(c: &mut Change<'_>) {
    let view = c.view();
    let Value::Fds(fds) = ends(&view) else { return };
    let (cloexec, nonblock) = (view.flag("O_CLOEXEC"), view.flag("O_NONBLOCK"));
    let packets = view.flag("O_DIRECT");
    let capacity = c.chosen.probed.unwrap_or(c.spec.numbers.pipe_capacity);
    // Only its maker may open it once more (fs/pipe.c, get_pipe_inode).
    let nobodys = c.world.process(c.actor.process).is_some_and(|process| process.user.nobody);
    let node = Node { mode: 0o600, nobodys };
    let object = c.world.add_object(Object::Pipe(Pipe { capacity, node, ..Pipe::default() }));
    for (fd, reads) in fds.into_iter().zip([true, false]) {
        // Packets are the writing end's business alone (fs/pipe.c, create_pipe_files).
        let direct = packets && !reads;
        let modes =
            Description { reads, writes: !reads, nonblock, direct, ..Description::default() };
        let end = Description { object, ..modes };
        let description = c.world.add_description(end);
        c.world.install(c.actor.process, i64::from(fd), Entry { description, cloexec });
    }
}

fn append(c: &mut Change<'_>, n: u64, packets: bool) {
    let view = c.view();
    let Some(call) = view.call else { return };
    let run = Run::Of { tag: call.call.tag, from: call.done, len: n };
    let left = call.call.len().saturating_sub(call.done);
    let layout = layout(&view).map(|layout| Layout { packets, ..layout });
    if let Some(Object::Pipe(pipe)) = c.object() {
        pipe.append(run, left, layout);
    }
    if n > 0 {
        mark(c, Stamp::Modification);
    }
}
