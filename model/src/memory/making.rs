//! How files of memory are made, found by name, and lose it.

use std::sync::Arc;

use super::moving::rule;
use super::{File, MEMFD_CREATE, SHM_OPEN, SHM_UNLINK};
use crate::clause::Aspect::{Error, Exclusion, Lifetime, Persistence};
use crate::clause::Cond::{All, Any, Eq, Le, Lt};
use crate::clause::Duty::{Extension, Shall, Undefined};
use crate::clause::Force::{Obliges, Permits};
use crate::clause::{
    Action, Answer, Aspect, Clause, Effect, Envelope, Guard, Num, Number, Source, action, effect,
    linux, number, posix,
};
use crate::descriptor::{A_FREE_ONE, NONE_FREE};
use crate::errno::Errno::{EACCES, EEXIST, EINVAL, EMFILE, ENOENT};
use crate::fifo::REOPEN;
use crate::name::{Node, allows, new_node};
use crate::object::Kind;
use crate::operation::{Operation, Param};
use crate::outcome::Value;
use crate::view::{Change, View};
use crate::world::{Description, Entry, Object, User};

/// Bytes in the name of a file without one, at most (Linux `memfd_create(2)`, `EINVAL`).
const NAME_MOST: u64 = 249;

/// What is opened: what the name stands for, or what the descriptor leads to.
fn target(v: &View<'_>) -> Option<u16> {
    let call = v.call?;
    match call.call.operation {
        operation if *operation == REOPEN => v.description().map(|d| d.object),
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
fn access(v: &View<'_>) -> (bool, bool) {
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
    v.process().map_or(User { nobody: false, umask: 0 }, |process| process.user)
}

fn allowed(v: &View<'_>, wanted: u16) -> bool {
    file(v).is_none_or(|file| allows(&file.node, &v.spec.numbers, user(v), wanted))
}

static IS_THERE: Number =
    number("there(name)", "1 if the name stands for memory.", |v| u64::from(file(v).is_some()));
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

const KNOWN: Guard = Guard { name: "every flag is known", cond: Eq(Num::Of(&BAD_FLAG), Num::N(0)) };
const UNKNOWN: Guard = Guard { name: "a flag is unknown", cond: Eq(Num::Of(&BAD_FLAG), Num::N(1)) };
const SHORT_NAME: Guard =
    Guard { name: "the name is short enough", cond: Le(Num::Of(&NAME_LEN), Num::N(NAME_MOST)) };
const LONG_NAME: Guard =
    Guard { name: "the name is too long", cond: Lt(Num::N(NAME_MOST), Num::Of(&NAME_LEN)) };
const A_WORD: Guard =
    Guard { name: "a word is behind the slash", cond: Eq(Num::Of(&NO_WORD), Num::N(0)) };
const ONLY_A_SLASH: Guard =
    Guard { name: "nothing is behind the slash", cond: Eq(Num::Of(&NO_WORD), Num::N(1)) };
const THERE: Guard = Guard { name: "the name is there", cond: Eq(Num::Of(&IS_THERE), Num::N(1)) };
const NOT_THERE: Guard =
    Guard { name: "there is no such name", cond: Eq(Num::Of(&IS_THERE), Num::N(0)) };
const TO_CREATE: Guard =
    Guard { name: "O_CREAT is asked for", cond: Eq(Num::Of(&CREATES), Num::N(1)) };
const NOT_TO_CREATE: Guard =
    Guard { name: "O_CREAT is not asked for", cond: Eq(Num::Of(&CREATES), Num::N(0)) };
const TO_CREATE_ONLY: Guard = Guard {
    name: "O_CREAT and O_EXCL are asked for",
    cond: All(&[Eq(Num::Of(&CREATES), Num::N(1)), Eq(Num::Of(&ALONE), Num::N(1))]),
};
const TO_OPEN_TOO: Guard = Guard {
    name: "O_CREAT and O_EXCL are not both asked for",
    cond: Any(&[Eq(Num::Of(&CREATES), Num::N(0)), Eq(Num::Of(&ALONE), Num::N(0))]),
};
const EXCL_ONLY: Guard = Guard {
    name: "O_EXCL is asked for without O_CREAT",
    cond: All(&[Eq(Num::Of(&CREATES), Num::N(0)), Eq(Num::Of(&ALONE), Num::N(1))]),
};
const CUTS_UNWRITTEN: Guard = Guard {
    name: "O_TRUNC is asked for, and O_RDONLY",
    cond: All(&[Eq(Num::Of(&CUTS), Num::N(1)), Eq(Num::Of(&WRITES_TOO), Num::N(0))]),
};
const MAY: Guard =
    Guard { name: "its permission bits let the caller", cond: Eq(Num::Of(&PERMITTED), Num::N(1)) };
const MAY_NOT: Guard = Guard {
    name: "its permission bits do not let the caller",
    cond: Eq(Num::Of(&PERMITTED), Num::N(0)),
};
const OF_ANOTHER: Guard =
    Guard { name: "it is another user's", cond: Eq(Num::Of(&ANOTHERS), Num::N(1)) };
const MAY_REMOVE: Guard =
    Guard { name: "the caller may remove it", cond: Eq(Num::Of(&MAY_UNLINK), Num::N(1)) };
const MAY_NOT_REMOVE: Guard =
    Guard { name: "the caller may not remove it", cond: Eq(Num::Of(&MAY_UNLINK), Num::N(0)) };
const PLAIN: Guard =
    Guard { name: "O_PATH is not asked for", cond: Eq(Num::Of(&BY_PATH), Num::N(0)) };
const TO_NAME: Guard =
    Guard { name: "O_PATH is asked for", cond: Eq(Num::Of(&BY_PATH), Num::N(1)) };

static LOWEST: Answer = Answer {
    name: "the lowest free descriptor",
    value: |v| Value::Fds(v.world.lowest_free(v.actor.process, 1, v.spec.numbers.nofile)),
};

static MAKE: Action = action("an empty file without a name", |c, _| {
    let nobodys = user(&c.view()).nobody;
    let cloexec = c.view().flag("MFD_CLOEXEC");
    let node = Node { mode: 0o777, nobodys };
    let object = add(c, node, true);
    let both = Description { object, reads: true, writes: true, ..Description::default() };
    give(c, both, cloexec);
});
static MAKE_NAMED: Action = action("an empty file of that name, its bits less the mask", |c, _| {
    let view = c.view();
    let asked = view.call.and_then(|call| call.call.find(|param| *param == Param::Mode));
    let node = new_node(c, asked.unwrap_or(0) as u64);
    let view = c.view();
    let name = view.call.and_then(|call| call.call.path(0)).map(str::to_owned);
    let ((reads, writes), Some(name)) = (access(&view), name) else { return };
    let object = add(c, node, false);
    Arc::make_mut(&mut c.world.shared).set(&name, object);
    give(c, Description { object, reads, writes, serial: true, ..Default::default() }, true);
});
static OPEN_IT: Action =
    action("the lowest free descriptor leads to it; with O_TRUNC it is cut", |c, _| {
        let view = c.view();
        let Some(object) = target(&view) else { return };
        let (reads, writes) = access(&view);
        let shared = view.call.is_some_and(|call| call.call.operation == &SHM_OPEN);
        let (cloexec, nonblock) = (shared || view.flag("O_CLOEXEC"), view.flag("O_NONBLOCK"));
        let cuts = view.flag("O_TRUNC");
        let opened =
            Description { object, reads, writes, nonblock, serial: true, ..Default::default() };
        give(c, opened, cloexec);
        if let Some(place) = c.world.objects.get_mut(usize::from(object))
            && cuts
            && let Object::Memory(file) = Arc::make_mut(place)
        {
            file.resize(0);
        }
    });
static UNLINK: Action =
    action("the name is gone, and the file with its last descriptor", |c, _| {
        let view = c.view();
        let name = view.call.and_then(|call| call.call.path(0)).map(str::to_owned);
        if let (Some(name), Some(object)) = (name, target(&view)) {
            Arc::make_mut(&mut c.world.shared).remove(&name);
            c.world.forget(object);
        }
    });

fn add(c: &mut Change<'_>, node: Node, nameless: bool) -> u16 {
    let file = File { node, size: 0, content: Default::default(), nameless };
    debug_assert_eq!(file.file_type(), "S_IFREG");
    c.world.add_object(Object::Memory(file))
}

fn give(c: &mut Change<'_>, description: Description, cloexec: bool) {
    let fds = c.world.lowest_free(c.actor.process, 1, c.spec.numbers.nofile);
    let description = c.world.add_description(description);
    match fds.first() {
        Some(fd) => {
            c.world.install(c.actor.process, i64::from(*fd), Entry { description, cloexec });
        }
        None => {
            c.world.share(description);
            c.world.release(description);
        }
    }
}

const PAGE: Source = linux("memfd_create(2)", "DESCRIPTION");
const ERRORS: Source = linux("memfd_create(2)", "ERRORS");

pub(super) static NAMELESS: &[Clause] = &[
    rule(
        "memory.memfd.creates",
        &[&MEMFD_CREATE],
        (
            Lifetime,
            PAGE,
            "An empty file comes on the lowest free descriptor, open for both, and lives as long as something leads to it; two of one name are two.",
        ),
        &[KNOWN, SHORT_NAME, A_FREE_ONE],
        Envelope::Exactly(&LOWEST),
        &[effect(&MAKE)],
    ),
    rule(
        "memory.memfd.err.einval",
        &[&MEMFD_CREATE],
        (Error, ERRORS, "A flag that is not known is refused."),
        &[UNKNOWN],
        Envelope::Error(EINVAL),
        &[],
    ),
    rule(
        "memory.memfd.err.einval.name",
        &[&MEMFD_CREATE],
        (Error, ERRORS, "A name of more than 249 bytes is refused."),
        &[LONG_NAME],
        Envelope::Error(EINVAL),
        &[],
    ),
    rule(
        "memory.memfd.err.emfile",
        &[&MEMFD_CREATE],
        (Error, ERRORS, "Without a free descriptor there is no file."),
        &[KNOWN, SHORT_NAME, NONE_FREE],
        Envelope::Error(EMFILE),
        &[],
    ),
    rule(
        "memory.reopen.opens",
        &[&REOPEN],
        (
            Lifetime,
            linux("proc_pid_fd(5)", "DESCRIPTION"),
            "Memory can be opened once more by who its permission bits let: a description with an offset of its own.",
        ),
        &[THERE, PLAIN, MAY, A_FREE_ONE],
        Envelope::Exactly(&LOWEST),
        &[effect(&OPEN_IT)],
    ),
    rule(
        "memory.reopen.err.eacces",
        &[&REOPEN],
        (
            Error,
            linux("open(2)", "ERRORS"),
            "Memory whose permission bits do not let the caller is not opened.",
        ),
        &[THERE, PLAIN, MAY_NOT],
        Envelope::Error(EACCES),
        &[],
    ),
    rule(
        "memory.reopen.unspecified.path",
        &[&REOPEN],
        (
            Lifetime,
            linux("open(2)", "O_PATH"),
            "What a descriptor that stands for the name of memory is good for is not said here.",
        ),
        &[THERE, TO_NAME],
        Envelope::Anything,
        &[],
    ),
];

/// A rule of the base about names of shared memory.
const fn named(
    id: &'static str,
    on: &'static [&'static Operation],
    (aspect, section, text): (Aspect, &'static str, &'static str),
    guards: &'static [Guard],
    envelope: Envelope,
    effects: &'static [Effect],
) -> Clause {
    let source = posix("shm_open()", section);
    Clause { id, on, force: Obliges, duty: Shall, aspect, source, text, guards, envelope, effects }
}

pub(super) static NAMED: &[Clause] = &[
    named(
        "memory.shm-open.creates",
        &[&SHM_OPEN],
        (
            Persistence,
            "DESCRIPTION",
            "With O_CREAT a name that is free gets an empty object, its mode less the mask; whatever the mode, this open succeeds, and the descriptor has FD_CLOEXEC.",
        ),
        &[A_WORD, NOT_THERE, TO_CREATE, A_FREE_ONE],
        Envelope::Exactly(&LOWEST),
        &[effect(&MAKE_NAMED)],
    ),
    named(
        "memory.shm-open.opens",
        &[&SHM_OPEN],
        (
            Lifetime,
            "DESCRIPTION",
            "A name stands for the same object for everybody; each open is a description of its own, with FD_CLOEXEC, and O_TRUNC cuts the object to nothing.",
        ),
        &[THERE, TO_OPEN_TOO, MAY, A_FREE_ONE],
        Envelope::Exactly(&LOWEST),
        &[effect(&OPEN_IT)],
    ),
    named(
        "memory.shm-open.err.eexist",
        &[&SHM_OPEN],
        (
            Exclusion,
            "ERRORS",
            "With O_CREAT and O_EXCL one of all that try makes the object, and the others are refused.",
        ),
        &[THERE, TO_CREATE_ONLY],
        Envelope::Error(EEXIST),
        &[],
    ),
    named(
        "memory.shm-open.err.enoent",
        &[&SHM_OPEN],
        (Error, "ERRORS", "Without O_CREAT a name that is free is refused."),
        &[A_WORD, NOT_THERE, NOT_TO_CREATE],
        Envelope::Error(ENOENT),
        &[],
    ),
    named(
        "memory.shm-open.err.eacces",
        &[&SHM_OPEN],
        (Error, "ERRORS", "An object whose mode does not let the caller is not opened, nor cut."),
        &[THERE, TO_OPEN_TOO, MAY_NOT],
        Envelope::Error(EACCES),
        &[],
    ),
    named(
        "memory.shm-open.err.einval",
        &[&SHM_OPEN],
        (Error, "ERRORS", "A name that names nothing is not supported."),
        &[ONLY_A_SLASH],
        Envelope::Error(EINVAL),
        &[],
    ),
    named(
        "memory.shm-open.err.emfile",
        &[&SHM_OPEN],
        (Error, "ERRORS", "Without a free descriptor nothing is opened, nor made."),
        &[NONE_FREE],
        Envelope::Error(EMFILE),
        &[],
    ),
    Clause {
        id: "memory.shm-open.err.eacces.protected",
        on: &[&SHM_OPEN],
        force: Permits,
        duty: Extension,
        aspect: Error,
        source: linux("proc_sys_fs(5)", "protected_regular"),
        text: "With O_CREAT, an object of another user may be kept from being opened.",
        guards: &[THERE, TO_CREATE, OF_ANOTHER],
        envelope: Envelope::Error(EACCES),
        effects: &[],
    },
    Clause {
        duty: Undefined,
        force: Permits,
        ..named(
            "memory.shm-open.undefined.excl",
            &[&SHM_OPEN],
            (Exclusion, "DESCRIPTION", "What O_EXCL does without O_CREAT is undefined."),
            &[EXCL_ONLY],
            Envelope::Anything,
            &[],
        )
    },
    Clause {
        duty: Undefined,
        force: Permits,
        ..named(
            "memory.shm-open.undefined.trunc",
            &[&SHM_OPEN],
            (Lifetime, "DESCRIPTION", "What O_TRUNC does with O_RDONLY is undefined."),
            &[CUTS_UNWRITTEN],
            Envelope::Anything,
            &[],
        )
    },
    Clause {
        source: posix("shm_unlink()", "DESCRIPTION"),
        ..named(
            "memory.shm-unlink.removes",
            &[&SHM_UNLINK],
            (
                Persistence,
                "",
                "The name is gone at once; the object lives until nothing leads to it, and a new one may have the name.",
            ),
            &[THERE, MAY_REMOVE],
            Envelope::Nothing,
            &[effect(&UNLINK)],
        )
    },
    Clause {
        source: posix("shm_unlink()", "ERRORS"),
        ..named(
            "memory.shm-unlink.err.enoent",
            &[&SHM_UNLINK],
            (Error, "", "A name that is free cannot be removed."),
            &[NOT_THERE],
            Envelope::Error(ENOENT),
            &[],
        )
    },
    Clause {
        source: posix("shm_unlink()", "ERRORS"),
        ..named(
            "memory.shm-unlink.err.eacces",
            &[&SHM_UNLINK],
            (Error, "", "Who may not remove a name is refused."),
            &[THERE, MAY_NOT_REMOVE],
            Envelope::Error(EACCES),
            &[],
        )
    },
];
