//! The numbers, answers and actions of making files of memory, finding them by name, and removing that.

use std::sync::Arc;

use super::seals::EXEC;
use super::terms::resize;
use super::{File, Origin, SHM_OPEN};
use crate::clause::Cond::{All, Any, Eq, Le, Lt};
use crate::clause::{Action, Answer, Guard, Num, Number, action, number};
use crate::fifo::{OPEN, REOPEN};
use crate::file::CREATE;
use crate::name::{Node, allows, new_node, spot};
use crate::object::Kind;
use crate::operation::Param;
use crate::outcome::Value;
use crate::view::{Change, View};
use crate::world::{Description, Object, User};

/// Bytes in the name of a file without one, at most (Linux `memfd_create(2)`, `EINVAL`).
const NAME_MOST: u64 = 249;

/// What is opened: what the name stands for, or what the descriptor leads to.
fn target(v: &View<'_>) -> Option<u16> {
    let call = v.call?;
    match call.call.operation {
        operation if *operation == REOPEN => v.description().map(|d| d.object),
        // Who has entered a FIFO is at that, whatever has come to its name.
        operation if [&OPEN, &CREATE].contains(&operation) => {
            spot(v).filter(|_| call.holds.is_none())?.object
        }
        _ => v.world.shared.get(call.call.path(0)?),
    }
}

fn file<'a>(v: &View<'a>) -> Option<&'a File> {
    match v.world.object_at(target(v)?) {
        Object::Memory(file) => Some(file),
        _ => None,
    }
}

/// Whether the call opens for reading, and for writing.
pub(crate) fn access(v: &View<'_>) -> (bool, bool) {
    let asked = v.call.and_then(|call| {
        let params = call.call.operation.params.iter().enumerate();
        params.into_iter().find_map(|(place, param)| match param {
            Param::Word(words) => words.get(call.call.number(place) as usize).copied(),
            _ => None,
        })
    });
    (asked != Some("O_WRONLY"), asked != Some("O_RDONLY"))
}

fn user(v: &View<'_>) -> User {
    v.process().map_or(User::default(), |process| process.user)
}

fn allowed(v: &View<'_>, wanted: u16) -> bool {
    file(v).is_none_or(|file| allows(&file.node, &v.spec.numbers, user(v), wanted))
}

static IS_THERE: Number =
    number("there(name)", "1 if the name stands for memory, and need be no directory.", |v| {
        u64::from(file(v).is_some() && !v.flag("O_DIRECTORY"))
    });
static CREATES: Number =
    number("creates", "1 if O_CREAT is asked for.", |v| u64::from(v.flag("O_CREAT")));
static ALONE: Number =
    number("exclusive", "1 if O_EXCL is asked for.", |v| u64::from(v.flag("O_EXCL")));
static CUTS: Number =
    number("cuts", "1 if O_TRUNC is asked for.", |v| u64::from(v.flag("O_TRUNC")));
static BY_PATH: Number =
    number("path", "1 if O_PATH is asked for.", |v| u64::from(v.flag("O_PATH")));
static WRITES_TOO: Number =
    number("writes", "1 if it is to be open for writing.", |v| u64::from(access(v).1));
static PERMITTED: Number = number("permitted", "1 if its permission bits let the caller.", |v| {
    let (reads, writes) = access(v);
    let wanted = u16::from(reads) << 2 | u16::from(writes || v.flag("O_TRUNC")) << 1;
    u64::from(allowed(v, wanted))
});
static ANOTHERS: Number = number("another's(name)", "1 if it is another user's.", |v| {
    u64::from(file(v).is_some_and(|file| file.node.nobodys != user(v).nobody))
});
static MAY_UNLINK: Number =
    number("may unlink", "1 if it is the caller's, or the caller is privileged.", |v| {
        let all = v.spec.numbers.privileged && !user(v).nobody;
        let own = file(v).is_none_or(|file| file.node.nobodys == user(v).nobody);
        // Who made the directory of all names may remove any.
        u64::from(all || own || !user(v).nobody)
    });
static NAME_LEN: Number = number("len(name)", "The bytes of the name.", |v| {
    v.call.and_then(|call| call.call.path(0)).map_or(0, |name| name.len() as u64)
});
static NO_WORD: Number =
    number("no word(name)", "1 if the name is a slash and nothing behind it.", |v| {
        u64::from(v.call.and_then(|call| call.call.path(0)) == Some("/"))
    });
static BAD_FLAG: Number =
    number("bad flag", "1 if a flag is set that is not known.", |v| u64::from(v.flag("O_APPEND")));
static BOTH_EXEC: Number = number("both", "1 if it is to be executable, and never to be.", |v| {
    u64::from(v.flag("MFD_EXEC") && v.flag("MFD_NOEXEC_SEAL"))
});

pub(super) const KNOWN: Guard =
    Guard { name: "every flag is known", cond: Eq(Num::Of(&BAD_FLAG), Num::N(0)) };
pub(super) const UNKNOWN: Guard =
    Guard { name: "a flag is unknown", cond: Eq(Num::Of(&BAD_FLAG), Num::N(1)) };
pub(super) const AT_ODDS: Guard = Guard {
    name: "it is to be executable, and never to be",
    cond: Eq(Num::Of(&BOTH_EXEC), Num::N(1)),
};
pub(super) const NOT_AT_ODDS: Guard =
    Guard { name: "it is to be executable, or not", cond: Eq(Num::Of(&BOTH_EXEC), Num::N(0)) };
pub(super) const SHORT_NAME: Guard =
    Guard { name: "the name is short enough", cond: Le(Num::Of(&NAME_LEN), Num::N(NAME_MOST)) };
pub(super) const LONG_NAME: Guard =
    Guard { name: "the name is too long", cond: Lt(Num::N(NAME_MOST), Num::Of(&NAME_LEN)) };
pub(super) const A_WORD: Guard =
    Guard { name: "a word is behind the slash", cond: Eq(Num::Of(&NO_WORD), Num::N(0)) };
pub(super) const ONLY_A_SLASH: Guard =
    Guard { name: "nothing is behind the slash", cond: Eq(Num::Of(&NO_WORD), Num::N(1)) };
pub(super) const THERE: Guard =
    Guard { name: "the name is there", cond: Eq(Num::Of(&IS_THERE), Num::N(1)) };
pub(super) const NOT_THERE: Guard =
    Guard { name: "there is no such name", cond: Eq(Num::Of(&IS_THERE), Num::N(0)) };
pub(super) const TO_CREATE: Guard =
    Guard { name: "O_CREAT is asked for", cond: Eq(Num::Of(&CREATES), Num::N(1)) };
pub(super) const NOT_TO_CREATE: Guard =
    Guard { name: "O_CREAT is not asked for", cond: Eq(Num::Of(&CREATES), Num::N(0)) };
pub(super) const TO_CREATE_ONLY: Guard = Guard {
    name: "O_CREAT and O_EXCL are asked for",
    cond: All(&[Eq(Num::Of(&CREATES), Num::N(1)), Eq(Num::Of(&ALONE), Num::N(1))]),
};
pub(super) const TO_OPEN_TOO: Guard = Guard {
    name: "O_CREAT and O_EXCL are not both asked for",
    cond: Any(&[Eq(Num::Of(&CREATES), Num::N(0)), Eq(Num::Of(&ALONE), Num::N(0))]),
};
pub(super) const EXCL_ONLY: Guard = Guard {
    name: "O_EXCL is asked for without O_CREAT",
    cond: All(&[Eq(Num::Of(&CREATES), Num::N(0)), Eq(Num::Of(&ALONE), Num::N(1))]),
};
pub(crate) const CUTS_UNWRITTEN: Guard = Guard {
    name: "O_TRUNC is asked for, and O_RDONLY",
    cond: All(&[Eq(Num::Of(&CUTS), Num::N(1)), Eq(Num::Of(&WRITES_TOO), Num::N(0))]),
};
pub(crate) const MAY: Guard =
    Guard { name: "its permission bits let the caller", cond: Eq(Num::Of(&PERMITTED), Num::N(1)) };
pub(crate) const MAY_NOT: Guard = Guard {
    name: "its permission bits do not let the caller",
    cond: Eq(Num::Of(&PERMITTED), Num::N(0)),
};
pub(super) const OF_ANOTHER: Guard =
    Guard { name: "it is another user's", cond: Eq(Num::Of(&ANOTHERS), Num::N(1)) };
pub(super) const MAY_REMOVE: Guard =
    Guard { name: "the caller may remove it", cond: Eq(Num::Of(&MAY_UNLINK), Num::N(1)) };
pub(super) const MAY_NOT_REMOVE: Guard =
    Guard { name: "the caller may not remove it", cond: Eq(Num::Of(&MAY_UNLINK), Num::N(0)) };
pub(crate) const PLAIN: Guard =
    Guard { name: "O_PATH is not asked for", cond: Eq(Num::Of(&BY_PATH), Num::N(0)) };
pub(crate) const TO_NAME: Guard =
    Guard { name: "O_PATH is asked for", cond: Eq(Num::Of(&BY_PATH), Num::N(1)) };

pub(super) static LOWEST: Answer = Answer {
    name: "the lowest free descriptor",
    value: |v| Value::Fds(v.world.lowest_free(v.actor.process, 1, v.spec.numbers.nofile)),
};

pub(super) static MAKE: Action = action("an empty file without a name", |c, _| {
    let nobodys = user(&c.view()).nobody;
    let cloexec = c.view().flag("MFD_CLOEXEC");
    let sealed = c.view().flag("MFD_NOEXEC_SEAL");
    let node = Node { mode: if sealed { 0o666 } else { 0o777 }, nobodys };
    let sealable = sealed || c.view().flag("MFD_ALLOW_SEALING");
    let object = add(c, node, Origin::Nameless);
    if let Some(place) = c.world.objects.get_mut(usize::from(object)).filter(|_| sealable)
        && let Object::Memory(file) = Arc::make_mut(place)
    {
        file.seals = if sealed { EXEC } else { 0 };
    }
    let both = Description { object, reads: true, writes: true, ..Description::default() };
    give(c, both, cloexec);
});
pub(super) static MAKE_NAMED: Action =
    action("an empty file of that name, its bits less the mask", |c, _| {
        let view = c.view();
        let asked = view.call.and_then(|call| call.call.find(|param| *param == Param::Mode));
        let node = new_node(c, asked.unwrap_or(0) as u64);
        let view = c.view();
        let name = view.call.and_then(|call| call.call.path(0)).map(str::to_owned);
        let ((reads, writes), Some(name)) = (access(&view), name) else { return };
        let object = add(c, node, Origin::Shared);
        Arc::make_mut(&mut c.world.shared).set(&name, object);
        give(c, Description { object, reads, writes, serial: true, ..Default::default() }, true);
    });
pub(crate) static OPEN_IT: Action = action("the lowest free descriptor leads to it", |c, _| {
    let view = c.view();
    let Some(object) = target(&view) else { return };
    let (reads, writes) = access(&view);
    let shared = view.call.is_some_and(|call| call.call.operation == &SHM_OPEN);
    let (cloexec, nonblock) = (shared || view.flag("O_CLOEXEC"), view.flag("O_NONBLOCK"));
    let opened =
        Description { object, reads, writes, nonblock, serial: true, ..Default::default() };
    give(c, opened, cloexec);
});
pub(crate) static CUT: Action = action("with O_TRUNC nothing is left in it", |c, _| {
    let view = c.view();
    let Some(object) = target(&view).filter(|_| view.flag("O_TRUNC")) else { return };
    resize(c, object, 0);
});
pub(super) static UNLINK: Action =
    action("the name is gone, and the file with its last descriptor", |c, _| {
        let view = c.view();
        let name = view.call.and_then(|call| call.call.path(0)).map(str::to_owned);
        if let (Some(name), Some(object)) = (name, target(&view)) {
            Arc::make_mut(&mut c.world.shared).remove(&name);
            c.world.forget(object);
        }
    });

fn add(c: &mut Change<'_>, node: Node, origin: Origin) -> u16 {
    let file = File::new(node, origin);
    debug_assert_eq!(file.file_type(), "S_IFREG");
    c.world.add_object(Object::Memory(file))
}

fn give(c: &mut Change<'_>, description: Description, cloexec: bool) {
    let description = c.world.add_description(description);
    c.give(description, cloexec);
}
