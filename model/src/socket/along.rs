//! What comes along with a message: descriptions, which its receiver gets descriptors for.

use super::act::change_at;
use super::terms::{FIRST, LEAST, REACH, socket};
use super::{RECVMSG, SENDMSG, Socket, Type};
use crate::clause::Cond::{All, Any, Eq, Lt};
use crate::clause::{Action, Answer, Guard, Num, Number, action, number};
use crate::descriptor::LEN;
use crate::outcome::{Passed, Value};
use crate::view::{Change, View};
use crate::world::{Description, Entry, World};

/// The message that carries descriptions and that the call comes to, if there is one; and the bytes before
/// it. A call that asks for bytes of a stream comes to those that it gets a byte of, one that asks for none to
/// the first, and one that only looks to any (net/unix/af_unix.c, `unix_stream_read_generic`, goes on to the
/// next without asking whether it wants more).
fn met<'a>(v: &View<'a>) -> Option<(&'a [u16], u64)> {
    let own = socket(v)?;
    if own.kind != Type::Stream {
        let first = own.messages.front().filter(|first| !first.carries.is_empty())?;
        return Some((&first.carries, 0));
    }
    let place = own.messages.iter().position(|message| !message.carries.is_empty())?;
    let before = own.messages.iter().take(place).map(|message| message.left).sum();
    let comes = before == 0 || before < v.num(&Num::Of(&LEN)) || v.flag("MSG_PEEK");
    comes.then_some((&own.messages[place].carries, before))
}

/// The bytes of a stream that one call can receive: they end with a message that carries something.
pub(super) fn reach(own: &Socket) -> u64 {
    let mut bytes = 0;
    for message in &own.messages {
        bytes += message.left;
        if !message.carries.is_empty() {
            break;
        }
    }
    bytes
}

fn carried(v: &View<'_>) -> u64 {
    met(v).map_or(0, |(carries, _)| carries.len() as u64)
}

fn room(v: &View<'_>) -> u64 {
    let receives = v.call.is_some_and(|call| call.call.operation == &RECVMSG);
    if receives { u64::try_from(v.arg(3)).unwrap_or(0) } else { 0 }
}

/// The descriptors that the call gives.
fn given(v: &View<'_>) -> Vec<i32> {
    let most = carried(v).min(room(v)) as usize;
    v.world.lowest_free(v.actor.process, most, v.spec.numbers.nofile)
}

fn is_cut(v: &View<'_>) -> bool {
    let receives = v.call.is_some_and(|call| call.call.operation == &RECVMSG);
    let messages = socket(v).is_some_and(|own| own.kind != Type::Stream);
    receives && messages && v.num(&Num::Of(&LEN)) < v.num(&Num::Of(&FIRST))
}

/// The descriptions that the call names, as many as are open.
fn named(v: &View<'_>) -> Vec<u16> {
    let entry = |fd: i32| v.world.entry(v.actor.process, i64::from(fd));
    let watches = v.call.map_or(&[][..], |call| call.call.watches());
    watches.iter().filter_map(|(fd, _)| Some(entry(*fd)?.description)).collect()
}

static ALL_THERE: Number = number(
    "all open",
    "1 if all descriptors are open that the call names to be sent along.",
    |v| {
        let all = v.call.map_or(0, |call| call.call.watches().len());
        u64::from(named(v).len() == all)
    },
);
static CARRIED: Number =
    number("along", "The descriptors that come along with what is received.", carried);
static BEFORE: Number =
    number("before", "The bytes of the stream before those that they came with.", |v| {
        met(v).map_or(0, |(_, before)| before)
    });
static ROOM: Number = number("room for", "The descriptors that the call has room for.", room);
static GIVEN: Number =
    number("given", "The descriptors that the call gives.", |v| given(v).len() as u64);
static CUT: Number = number("cut", "1 if recvmsg has no room for all bytes of the message.", |v| {
    u64::from(is_cut(v))
});
static PLAIN: Number = number(
    "plain",
    "1 if there is nothing to tell but bytes: with recvmsg there may be more.",
    |v| {
        let receives = v.call.is_some_and(|call| call.call.operation == &RECVMSG);
        u64::from(!receives || carried(v) == 0 && !is_cut(v))
    },
);
pub(super) static LEAST_MET: Number =
    number("least", "The least that a call receives.", |v| match socket(v) {
        Some(own) if own.kind == Type::Stream => v.num(&Num::Of(&LEAST)),
        _ => v.num(&Num::Of(&MOST_MET)),
    });
pub(super) static MOST_MET: Number = number("most", "The most that a call receives.", |v| {
    let stream = socket(v).is_some_and(|own| own.kind == Type::Stream);
    let there = if stream { &REACH } else { &FIRST };
    v.num(&Num::Of(&LEN)).min(v.num(&Num::Of(there)))
});

pub(super) const ALL_OPEN: Guard =
    Guard { name: "all that it sends along is open", cond: Eq(Num::Of(&ALL_THERE), Num::N(1)) };
pub(super) const NOT_ALL_OPEN: Guard =
    Guard { name: "not all that it sends along is open", cond: Eq(Num::Of(&ALL_THERE), Num::N(0)) };
pub(super) const ONLY_BYTES: Guard =
    Guard { name: "there is nothing to tell but bytes", cond: Eq(Num::Of(&PLAIN), Num::N(1)) };
pub(super) const ALONG: Guard =
    Guard { name: "descriptors come along", cond: Lt(Num::N(0), Num::Of(&CARRIED)) };
pub(super) const NONE_ALONG: Guard =
    Guard { name: "no descriptors come along", cond: Eq(Num::Of(&CARRIED), Num::N(0)) };
pub(super) const ALL_FIT: Guard =
    Guard { name: "all can be given", cond: Eq(Num::Of(&GIVEN), Num::Of(&CARRIED)) };
pub(super) const NOT_ALL_FIT: Guard =
    Guard { name: "not all can be given", cond: Lt(Num::Of(&GIVEN), Num::Of(&CARRIED)) };
pub(super) const LITTLE_ROOM: Guard = Guard {
    name: "there is room for fewer",
    cond: All(&[Lt(Num::Of(&ROOM), Num::Of(&CARRIED)), Eq(Num::Of(&GIVEN), Num::Of(&ROOM))]),
};
pub(super) const FEW_FREE: Guard = Guard {
    name: "fewer descriptors are free",
    cond: All(&[Lt(Num::Of(&GIVEN), Num::Of(&CARRIED)), Lt(Num::Of(&GIVEN), Num::Of(&ROOM))]),
};
pub(super) const IS_CUT: Guard =
    Guard { name: "there is no room for all bytes", cond: Eq(Num::Of(&CUT), Num::N(1)) };
/// Whether these bytes are the ones that the descriptors came with.
pub(super) const FROM_ELSEWHERE: Guard = Guard {
    name: "other bytes come before, or none is asked for",
    cond: Any(&[Lt(Num::N(0), Num::Of(&BEFORE)), Eq(Num::Of(&LEN), Num::N(0))]),
};

pub(super) static MORE: Answer = Answer {
    name: "with the lowest free descriptors for what came along, and whether something was lost",
    value: |v| {
        let data = v.front().map(|front| front.prefix(v.chosen.count)).unwrap_or_default();
        let fds = given(v);
        let lost = (fds.len() as u64) < carried(v);
        let said = u32::from(lost) | u32::from(is_cut(v)) << 1;
        Value::Passed(Box::new(Passed { data, fds, said }))
    },
};

/// References are shared before the table is looked at by anybody else.
pub(super) static GATHER: Action =
    action("the call refers to what the descriptors do that it names", |c, _| {
        let all = named(&c.view());
        all.iter().for_each(|description| c.world.share(*description));
        if let Some(call) = c.world.in_call_mut(c.actor) {
            call.carries = all;
        }
    });

pub(super) static GIVE: Action = action(
    "the descriptors refer to what came along, close-on-exec as MSG_CMSG_CLOEXEC says",
    |c, _| {
        let view = c.view();
        let (fds, cloexec) = (given(&view), view.flag("MSG_CMSG_CLOEXEC"));
        let all = met(&view).map_or_else(Vec::new, |(carries, _)| carries.to_vec());
        for (fd, description) in fds.into_iter().zip(all) {
            let entry = Entry { description, cloexec };
            c.world.install(c.actor.process, i64::from(fd), entry);
        }
    },
);

/// What the call carries goes with its first bytes.
pub(super) fn hand_over(c: &mut Change<'_>) -> Vec<u16> {
    let call = c.world.in_call_mut(c.actor).filter(|call| call.call.operation == &SENDMSG);
    call.map_or_else(Vec::new, |call| std::mem::take(&mut call.carries))
}

/// Takes something out of a socket; what came along with it is carried no more.
pub(super) fn take_out(world: &mut World, number: u16, how: impl FnOnce(&mut Socket) -> Vec<u16>) {
    let mut along = Vec::new();
    change_at(world, number, |own| along = how(own));
    along.into_iter().for_each(|description| world.release(description));
}

/// The same, of the socket of the call.
pub(super) fn take_from(c: &mut Change<'_>, how: impl FnOnce(&mut Socket) -> Vec<u16>) {
    let own = c.view().description().map(|Description { object, .. }| *object);
    if let Some(own) = own {
        take_out(c.world, own, how);
    }
}
