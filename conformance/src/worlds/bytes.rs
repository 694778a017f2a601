//! Bytes are conserved: what goes in, goes out, is copied or is dropped, said without the model.
//!
//! Of everything that happens it is said from the outside what may become of the contents of each
//! pipe; nothing else may. The only bytes that are dropped are the rest of a packet that a read was
//! told the front of, so of every packet it is kept where it lies, by what was seen to go in and
//! out.

use ipc_model::errno::Errno;
use ipc_model::operation::{Arg, Gives, Param};
use ipc_model::outcome::{Outcome, Value};
use ipc_model::payload::{Data, Run};
use ipc_model::pipe::{Pipe, TEE};
use ipc_model::socket::{CONNECT, Type};
use ipc_model::world::{InCall, Object, World};

use super::always::{Broken, is_about_memory, leading_to, object_of};
use super::space::{Action, Edge, Moved, Space, State, contents};

/// From which to which byte of an object each of its packets lies, the oldest first.
type Stretches = Vec<(u64, u64)>;

/// Where the packets lie, by object. An object without packets may have no place.
pub(super) type Packets = Vec<Stretches>;

/// What becomes of the contents of pipes is what should, save for pipes that nobody can reach.
pub(super) fn conserved(_: &Space<'_>, edge: &Edge<'_>) -> Broken {
    let mut seen: Vec<&(usize, Moved)> = Vec::new();
    for moved in &edge.seen.moves {
        if moved.1 != Moved::Lost {
            seen.push(moved);
        } else if leading_to(&edge.after.world, moved.0, |_| true) > 0 {
            return Err(format!("object {} is lost, and can be reached", moved.0));
        }
    }
    let mut due = match edge.call() {
        Some(call) if !is_about_memory(edge, call) => due(edge, call)?,
        _ => Vec::new(),
    };
    due.sort_by_key(|(index, _)| *index);
    if seen.iter().copied().eq(&due) {
        return Ok(());
    }
    Err(format!("{}, where it should be {}", told(seen.into_iter()), told(due.iter())))
}

fn told<'m>(moves: impl Iterator<Item = &'m (usize, Moved)>) -> String {
    let each = moves.map(|(index, moved)| match moved {
        Moved::In(data) => format!("{data} goes into object {index}"),
        Moved::Out(data) => format!("{data} goes out of object {index}"),
        other => format!("object {index} is {other:?}"),
    });
    let all: Vec<String> = each.collect();
    if all.is_empty() { "nothing moves".to_owned() } else { all.join(" and ") }
}

/// What should become of the contents of pipes where a call is taken further. How much a write puts
/// in is its own affair as long as it tells; where bytes go out, the answer says how many.
fn due(edge: &Edge<'_>, call: &InCall) -> Result<Vec<(usize, Moved)>, String> {
    let (from, to) = ends(&edge.before.world, edge.action.actor().process, call);
    let answer = edge.answer().map(|(_, outcome)| outcome);
    let mut due = Vec::new();
    if call.call.operation.sends() {
        let begun = edge.before.moved[usize::from(edge.action.actor().process)];
        let next = Run::Of { tag: call.call.tag, from: begun, len: edge.went_in() };
        let into = from.map(|own| joined(&edge.before.world, own).unwrap_or(own));
        if let (Some(into), false) = (into, next.is_empty()) {
            due.push((into, Moved::In([next].into_iter().collect())));
        }
        // Who is told that nobody can receive it loses what had come from there.
        let refused = Outcome::Failure(Errno::ECONNREFUSED);
        if let (Some(own), true) = (from, answer == Some(&refused)) {
            let stored = contents(&edge.before.world.objects[own]).cloned().unwrap_or_default();
            due.extend((!stored.is_empty()).then_some((own, Moved::Out(stored))));
        }
        return Ok(due);
    }
    // What came along is no matter of bytes.
    let bytes = answer.and_then(|answer| match answer {
        Outcome::Success(value) => value.data(),
        _ => None,
    });
    let told = bytes.map(|bytes| Outcome::Success(Value::Data(bytes.clone())));
    match (told.as_ref().or(answer), from) {
        // Who is connected to another loses what had come, or nothing.
        (Some(Outcome::Success(Value::Nothing)), Some(own)) if call.call.operation == &CONNECT => {
            let stored = contents(&edge.before.world.objects[own]).cloned().unwrap_or_default();
            let left = contents(&edge.after.world.objects[own]).is_some_and(|it| !it.is_empty());
            due.extend((!stored.is_empty() && !left).then_some((own, Moved::Out(stored))));
        }
        (Some(Outcome::Success(Value::Data(data))), Some(own)) if !data.is_empty() => {
            let stored = contents(&edge.before.world.objects[own]).cloned().unwrap_or_default();
            if !stored.starts_with(data) {
                return Err(format!("{data} is told, and {stored} is stored"));
            }
            if call.call.has_flag("MSG_PEEK") {
                return Ok(due);
            }
            let gone = lawfully_gone(packets_of(edge.before, own), data.len())?;
            due.push((own, Moved::Out(stored.prefix(gone))));
        }
        // Of a message that is received into no room all is lost.
        (Some(Outcome::Success(Value::Data(_))), Some(own)) if call.call.is_empty() => {
            let packets = packets_of(edge.before, own);
            let lost = |moved: &&(usize, Moved)| match moved {
                (index, Moved::Out(data)) => {
                    *index == own && packets.first() == Some(&(0, data.len()))
                }
                _ => false,
            };
            due.extend(edge.seen.moves.iter().find(lost).cloned());
        }
        (Some(Outcome::Success(Value::Number(n))), Some(from)) if relays(call) && *n > 0 => {
            let stored = contents(&edge.before.world.objects[from]).cloned().unwrap_or_default();
            let data = stored.prefix(*n as u64);
            if call.call.operation != &TEE {
                due.push((from, Moved::Out(data.clone())));
            }
            due.extend(to.map(|to| (to, Moved::In(data))));
        }
        _ => {}
    }
    Ok(due)
}

/// How many bytes go out for a read that is told so many: those, and the rest of the packet in
/// which the last of them lies. A read is told nothing of what is behind the first packet that it meets.
fn lawfully_gone(packets: &[(u64, u64)], told: u64) -> Result<u64, String> {
    match packets.first() {
        Some((_, end)) if *end < told => Err(format!("{told} bytes are told, past a packet")),
        Some((start, end)) if *start < told => Ok(*end),
        _ => Ok(told),
    }
}

/// Whether a call takes bytes from one pipe to another.
pub(super) fn relays(call: &InCall) -> bool {
    call.call.operation.gives == Gives::Sent && !call.call.operation.sends()
}

/// The objects that the call's first and second descriptor lead to.
fn ends(world: &World, process: u8, call: &InCall) -> (Option<usize>, Option<usize>) {
    let given = call.call.operation.params.iter().zip(&call.call.args);
    let mut objects = given.filter_map(|(param, arg)| match (param, arg) {
        (Param::Fd, Arg::Fd(fd)) => Some(object_of(world, process, *fd)),
        _ => None,
    });
    (objects.next().flatten(), objects.next().flatten())
}

/// The object that is joined to another, and receives what is sent by that.
fn joined(world: &World, object: usize) -> Option<usize> {
    let kind = world.objects.get(object)?.kind()?;
    kind.objects().first().map(|joined| usize::from(*joined))
}

/// Where the packets of an object lie.
pub(super) fn packets_of(state: &State, object: usize) -> &[(u64, u64)] {
    state.packets.get(object).map_or(&[], Vec::as_slice)
}

/// Keeps where packets lie: a page that a write with `O_DIRECT` begins is one, and it stays one, or
/// a part of one, where its bytes go.
pub(super) fn note(
    before: &State,
    after: &mut State,
    action: &Action<'_>,
    moves: &[(usize, Moved)],
) {
    let call = match action {
        Action::Step { step, .. } if !step.unasked => before.world.in_call(step.actor),
        _ => None,
    };
    let process = action.actor().process;
    let direct = call.is_some_and(|call| writes_packets(&before.world, process, call));
    let whole = call.is_some_and(|call| sends_messages(&before.world, process, call));
    if before.packets.is_empty() && !direct && !whole {
        return;
    }
    let source = call.filter(|call| relays(call));
    let source = source.and_then(|call| ends(&before.world, process, call).0);
    for (index, moved) in moves {
        if after.packets.len() <= *index {
            after.packets.resize(index + 1, Vec::new());
        }
        let at = before.world.objects.get(*index).and_then(|object| contents(object));
        let at = at.map_or(0, Data::len);
        match (moved, source) {
            (Moved::In(data), Some(source)) => {
                let (_, over) = split(packets_of(before, source), data.len());
                let over = over.iter().map(|(start, end)| (start + at, end + at));
                after.packets[*index].extend(over);
            }
            (Moved::In(_), None) if direct => {
                let begun = begun(&before.world, &after.world, *index, at);
                after.packets[*index].extend(begun);
            }
            (Moved::In(data), None) if whole => {
                after.packets[*index].push((at, at + data.len()));
            }
            (Moved::In(_), None) => {}
            (Moved::Out(data), _) => {
                after.packets[*index] = split(packets_of(before, *index), data.len()).0;
            }
            (Moved::Lost | Moved::Otherwise, _) => after.packets[*index].clear(),
        }
    }
    while after.packets.last().is_some_and(Vec::is_empty) {
        after.packets.pop();
    }
}

/// What is left of packets when `n` bytes are gone, and what goes with those.
fn split(packets: &[(u64, u64)], n: u64) -> (Stretches, Stretches) {
    let left = packets.iter().filter(|(_, end)| *end > n);
    let left = left.map(|(start, end)| (start.saturating_sub(n), end - n));
    let over = packets.iter().filter(|(start, _)| *start < n);
    (left.collect(), over.map(|(start, end)| (*start, *end.min(&n))).collect())
}

fn writes_packets(world: &World, process: u8, call: &InCall) -> bool {
    let entry = call.call.fd().and_then(|fd| world.entry(process, i64::from(fd)));
    let description = entry.and_then(|e| world.descriptions.get(usize::from(e.description)));
    call.call.operation.sends() && description.is_some_and(|description| description.direct)
}

fn sends_messages(world: &World, process: u8, call: &InCall) -> bool {
    let own = call.call.fd().and_then(|fd| object_of(world, process, fd));
    let own = own.and_then(|own| world.objects.get(own)).map(|object| &**object);
    call.call.operation.sends()
        && matches!(own, Some(Object::Socket(socket)) if socket.kind != Type::Stream)
}

/// The pages that were begun, `at` bytes having been there.
fn begun(before: &World, after: &World, index: usize, at: u64) -> Stretches {
    let (Some(old), Some(new)) = (pipe(before, index), pipe(after, index)) else { return vec![] };
    let len = |slot: &ipc_model::pipe::Slot| u64::from(slot.end - slot.start);
    let known = old.slots.len().min(new.slots.len());
    let mut from: u64 = new.slots.iter().take(known).map(len).sum();
    from = from.max(at);
    let each = new.slots.iter().skip(known).map(|slot| {
        let start = from;
        from += len(slot);
        (start, from)
    });
    each.collect()
}

fn pipe(world: &World, index: usize) -> Option<&Pipe> {
    match world.objects.get(index).map(|object| &**object) {
        Some(Object::Pipe(pipe)) => Some(pipe),
        _ => None,
    }
}

/// What a call has copied is called after the call from now on: no two bytes of a state are alike.
pub(super) fn rename_copies(
    before: &State,
    after: &mut State,
    action: &Action<'_>,
    moves: &[(usize, Moved)],
) {
    let call = before.world.in_call(action.actor());
    let Some(call) = call.filter(|call| call.call.operation == &TEE) else { return };
    for (index, moved) in moves {
        let Moved::In(data) = moved else { continue };
        let object = std::sync::Arc::make_mut(&mut after.world.objects[*index]);
        if let Object::Pipe(pipe) = object {
            let mut renamed = pipe.data.prefix(pipe.data.len() - data.len());
            renamed.push(Run::Of { tag: call.call.tag, from: 0, len: data.len() });
            pipe.data = renamed;
        }
    }
}
